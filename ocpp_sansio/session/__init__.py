"""One peer's session without an event loop: your handlers and hooks around a `Connection`, and your calls.

`ocpp_sansio.asyncio.Session` and `ocpp_sansio.trio.Session` fill in what a loop has to do. Applications use
the modules `ocpp_sansio.handlers`, `.hooks` and `.outcomes`; who writes an adapter for another loop starts
from `SessionBase`.
"""

from ocpp_sansio.session.base import NewConnection, SessionBase
from ocpp_sansio.session.context import ContextT, ContextT_co
from ocpp_sansio.session.folding import RECORDS_PER_SECOND, Folding
from ocpp_sansio.session.frame_queue import MAX_UNSENT, Sender, no_sender
from ocpp_sansio.session.handlers import Handlers, serving
from ocpp_sansio.session.hooks import HookInfo, Hooks, RawMessage
from ocpp_sansio.session.incoming_call import (
    DEFERRED,
    CallRejected,
    Deferred,
    IncomingCall,
    ResponseT,
)
from ocpp_sansio.session.outcomes import (
    CallTimeout,
    CallVetoed,
    ConnectionLost,
    InvalidResult,
    NotConnected,
    Outcome,
    raise_unless_answered,
    result_of,
)
from ocpp_sansio.session.peer_log import PeerLog
from ocpp_sansio.session.storing import Storing
from ocpp_sansio.session.waiting import Waiter, notify_all

__all__ = [
    "DEFERRED",
    "MAX_UNSENT",
    "RECORDS_PER_SECOND",
    "CallRejected",
    "CallTimeout",
    "CallVetoed",
    "ConnectionLost",
    "ContextT",
    "ContextT_co",
    "Deferred",
    "Folding",
    "Handlers",
    "HookInfo",
    "Hooks",
    "IncomingCall",
    "InvalidResult",
    "NewConnection",
    "NotConnected",
    "Outcome",
    "PeerLog",
    "RawMessage",
    "ResponseT",
    "Sender",
    "SessionBase",
    "Storing",
    "Waiter",
    "no_sender",
    "notify_all",
    "raise_unless_answered",
    "result_of",
    "serving",
]
