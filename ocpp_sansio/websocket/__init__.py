"""Raw bytes <-> `Connection`: the WebSocket under OCPP-J as one more machine without I/O.

The run loop is that of `Connection`, with bytes in the place of messages:

1. Make `link = StationWebSocket(url, identity=..., versions=[...])`, or `CsmsWebSocket(versions=[...])`,
   one for each TCP or TLS connection, and call `link.start(now=t)` when that is open.
2. Tell it what happened: `link.receive_data(data, now=t)`, `link.receive_eof(now=t)`.
3. Take what it made of that: `for event in link.events(): ...`. On the CSMS, `HandshakeReceived` waits for
   `link.accept(now=t)` or `link.reject(404, now=t)`.
4. Say what you want, through `link.connection.send_call(...)` and its like, or `link.close(now=t)`.
5. Write what it wants written: `for data in link.data_to_send(): ...`; `b""` means half-close.
6. Wake up at `link.next_timeout()` at the latest and call `link.handle_timeout(now=t)`. Go to 2.

Messages are handed on as they came, at once and without a look at their text. Text that is no UTF-8 therefore
does not end the link with 1007, as RFC 6455 (8.1) has it: the connection answers it as any message that it
cannot read, by the rules of its version, and lives, since one garbled message is no reason to lose a station.

A link says `Opened`, or `HandshakeRejected`, or neither if you refused or closed it yourself. Its last event
is always `Closed`, exactly one: drop the socket then, once what is left of `data_to_send` is written.

HTTP, frames, masking, compression and the rules of closing are those of the `websockets` package.
"""

from typing import TYPE_CHECKING

from ocpp_sansio.core import on_first_use
from ocpp_sansio.websocket.closing import ABNORMAL, GOING_AWAY, INTERNAL_ERROR, NORMAL
from ocpp_sansio.websocket.handshake import passwords_match
from ocpp_sansio.websocket.link import WebSocketLink
from ocpp_sansio.websocket.pipe import Inlet, MessagePipe, MessageReceived
from ocpp_sansio.websocket.plain_http import HttpResponse
from ocpp_sansio.websocket.station import StationWebSocket
from ocpp_sansio.websocket.types import (
    Asked,
    Closed,
    EndedBy,
    Ending,
    Fault,
    HandshakeReceived,
    HandshakeRejected,
    HttpRequestReceived,
    NoCommonVersion,
    Opened,
    Phase,
    WebSocketConfig,
    WebSocketEvent,
)

if TYPE_CHECKING:
    from ocpp_sansio.websocket.csms import CsmsWebSocket

__all__ = [
    "ABNORMAL",
    "GOING_AWAY",
    "INTERNAL_ERROR",
    "NORMAL",
    "Asked",
    "Closed",
    "CsmsWebSocket",
    "EndedBy",
    "Ending",
    "Fault",
    "HandshakeReceived",
    "HandshakeRejected",
    "HttpRequestReceived",
    "HttpResponse",
    "Inlet",
    "MessagePipe",
    "MessageReceived",
    "NoCommonVersion",
    "Opened",
    "Phase",
    "StationWebSocket",
    "WebSocketConfig",
    "WebSocketEvent",
    "WebSocketLink",
    "passwords_match",
]

# A station on a small computer has no use for it, and it takes an eighth of a MiB.
__getattr__ = on_first_use(__name__, {"CsmsWebSocket": "csms"})
