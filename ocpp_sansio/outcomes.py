"""What becomes of a call that you await: an `Outcome`, a typed response, or one of these exceptions."""

from ocpp_sansio.session.outcomes import (
    CallException,
    CallFailed,
    CallTimeout,
    CallVetoed,
    ConnectionLost,
    Ending,
    InvalidResult,
    NotConnected,
    Outcome,
    raise_unless_answered,
)

__all__ = [
    "CallException",
    "CallFailed",
    "CallTimeout",
    "CallVetoed",
    "ConnectionLost",
    "Ending",
    "InvalidResult",
    "NotConnected",
    "Outcome",
    "raise_unless_answered",
]
