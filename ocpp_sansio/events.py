"""What happened, one frozen class per fact.

`Connection.events()` returns them; match on the class:

    match event:
        case CallReceived(action="Heartbeat"):
            ...

There is no event for what you did yourself: you know.

msgspec would make each `__match_args__` by itself; they are spelled out for the type checkers.
"""

from ocpp_sansio.core.events import (
    CallAborted,
    CallErrorReceived,
    CallOutcome,
    CallReceived,
    CallResultErrorReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Event,
    FramingErrorReceived,
    LateResponseReceived,
    ProtocolViolated,
    SendReceived,
)

__all__ = [
    "CallAborted",
    "CallErrorReceived",
    "CallOutcome",
    "CallReceived",
    "CallResultErrorReceived",
    "CallResultReceived",
    "CallResultRejected",
    "CallTimedOut",
    "Event",
    "FramingErrorReceived",
    "LateResponseReceived",
    "ProtocolViolated",
    "SendReceived",
]
