"""What `Connection.events()` returns: one frozen class for each thing that can happen.

Match on the class:

    match event:
        case CallReceived(action="Heartbeat"):
            ...

There is none for what you did yourself.
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
    MendingFailed,
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
    "MendingFailed",
    "ProtocolViolated",
    "SendReceived",
]
