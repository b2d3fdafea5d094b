"""A sans-IO protocol state machine for OCPP-J 1.6, 2.0.1 and 2.1, for the station and for the CSMS.

The run loop, in six steps, whatever moves your bytes:

1. Make `conn = Connection(Role.CSMS)` (or `Role.STATION`), one for each peer.
2. Tell it what happened: `conn.connected("ocpp1.6", now=t)`, `conn.received(message, now=t)`,
   `conn.disconnected(now=t)`. `t` is any clock that never runs backwards, in seconds.
3. Take what it made of that: `for event in conn.events(): ...`.
4. Say what you want: `conn.send_call(...)`, `conn.send_call_result(...)`, `conn.send_call_error(...)`.
5. Send what it wants sent: `for frame in conn.frames_to_send(): write(frame.data)`.
6. Wake up at `conn.next_timeout()` at the latest and call `conn.handle_timeout(now=t)`. Go to 2.

The messages of a version are in `ocpp_sansio.v16`, `v201` and `v21`, which load on first use.
"""

from ocpp_sansio.core import (
    DEFAULT_ERROR_CODES,
    Call,
    CallAborted,
    CallError,
    CallErrorReceived,
    CallOutcome,
    CallReceived,
    CallResult,
    CallResultError,
    CallResultErrorReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Config,
    Connection,
    Direction,
    ErrorCode,
    Event,
    Frame,
    FramingErrorReceived,
    JsonObject,
    Kind,
    LateResponseReceived,
    LocalProtocolError,
    MendingFailed,
    OcppError,
    ProtocolViolated,
    RemoteProtocolError,
    Request,
    Response,
    Role,
    Rule,
    Send,
    SendReceived,
    Unconfirmed,
    Validation,
    Version,
    Violation,
    __version__,
)

__all__ = [
    "DEFAULT_ERROR_CODES",
    "Call",
    "CallAborted",
    "CallError",
    "CallErrorReceived",
    "CallOutcome",
    "CallReceived",
    "CallResult",
    "CallResultError",
    "CallResultErrorReceived",
    "CallResultReceived",
    "CallResultRejected",
    "CallTimedOut",
    "Config",
    "Connection",
    "Direction",
    "ErrorCode",
    "Event",
    "Frame",
    "FramingErrorReceived",
    "JsonObject",
    "Kind",
    "LateResponseReceived",
    "LocalProtocolError",
    "MendingFailed",
    "OcppError",
    "ProtocolViolated",
    "RemoteProtocolError",
    "Request",
    "Response",
    "Role",
    "Rule",
    "Send",
    "SendReceived",
    "Unconfirmed",
    "Validation",
    "Version",
    "Violation",
    "__version__",
]
