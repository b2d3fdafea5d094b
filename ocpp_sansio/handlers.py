"""`Handlers`: which of your functions answers which action of the peer; what they get, may return and raise.

    handlers = Handlers()

    @handlers.on(v16.HeartbeatRequest)
    async def heartbeat(request: v16.HeartbeatRequest, call: IncomingCall) -> v16.HeartbeatResponse:
        return v16.HeartbeatResponse(current_time=datetime.now(UTC))

A handler is a function or a coroutine function; it returns a response, raises `CallRejected`, or returns
`DEFERRED` and answers later. Give your handlers to `Session`, `connect` or `serve`. The whole contract is in
the docstring of `ocpp_sansio.session.handlers`.
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
