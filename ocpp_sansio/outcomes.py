"""What a call of yours comes to: the exceptions that `Session.call` raises, or an `Outcome` without any."""

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
