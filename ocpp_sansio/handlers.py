"""`Handlers`: which function serves which action, and what a handler gets and may return.

    handlers = Handlers()

    @handlers.on(v16.HeartbeatRequest)
    async def heartbeat(request: v16.HeartbeatRequest, call: IncomingCall) -> v16.HeartbeatResponse:
        return v16.HeartbeatResponse(current_time=datetime.now(UTC))

A handler is a function or a coroutine function of the payload, or of the payload and its `IncomingCall`. Its
payload is typed where the action is in the catalogue and the payload valid enough, else a JSON object. It

- returns a typed response or a JSON object, which becomes the CALLRESULT,
- raises `CallRejected`, which becomes that CALLERROR,
- or returns `DEFERRED`, and `call.reply` or `call.reply_error` follow at any later time.

Any other exception, and any other or invalid return value, becomes the CALLERROR InternalError with no text
of yours; what was wrong is logged as "ocpp_sansio". A handler of a SEND (2.1) returns nothing.

Handlers run as tasks of the session if they are coroutine functions, and at once if they are plain ones,
which must therefore not block. Both may call the peer. All of them are cancelled when the connection goes:
what must outlive it belongs into a task of your own.
"""

from ocpp_sansio.session.handlers import (
    FALLBACK,
    After,
    AfterName,
    Handler,
    Handlers,
    OnName,
    OnRequest,
    OnSend,
)
from ocpp_sansio.session.incoming_call import (
    DEFERRED,
    Answer,
    CallRejected,
    Deferred,
    IncomingCall,
    Peer,
)
from ocpp_sansio.session.signatures import is_coroutine_function, positional_parameters

__all__ = [
    "DEFERRED",
    "FALLBACK",
    "After",
    "AfterName",
    "Answer",
    "CallRejected",
    "Deferred",
    "Handler",
    "Handlers",
    "IncomingCall",
    "OnName",
    "OnRequest",
    "OnSend",
    "Peer",
    "is_coroutine_function",
    "positional_parameters",
]
