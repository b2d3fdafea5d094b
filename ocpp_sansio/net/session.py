"""The session of `connect` and `serve`, without an event loop: one that outlives its connections.

`SessionBase` knows one sender. This one is given a wire, a transport with its WebSocket, for each connection;
it can be closed, and its calls may wait for the next connection where `connect` makes another.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, Protocol, cast

from ocpp_sansio.core import (
    CallErrorReceived,
    CallResultReceived,
    Config,
    Connection,
    Request,
    Role,
    Version,
)
from ocpp_sansio.net.door import ConnectionRequest
from ocpp_sansio.net.logs import PeerLogs
from ocpp_sansio.session import (
    RECORDS_PER_SECOND,
    ConnectionLost,
    ContextT,
    Handlers,
    Hooks,
    NewConnection,
    NotConnected,
    PeerLog,
    SessionBase,
    Waiter,
    notify_all,
)
from ocpp_sansio.websocket import ABNORMAL, NORMAL, EndedBy, Ending, WebSocketLink

__all__ = ["NetSessionBase", "Wire"]


class Wire(Protocol):
    """One transport with its link, as a session sees it."""

    @property
    def link(self) -> WebSocketLink:
        """The WebSocket on it."""
        ...

    @property
    def where(self) -> str:
        """The peer's host and port, for the log."""
        ...

    suspends: bool
    """Whether giving up what `send` returns leaves a message half sent."""

    def send(self, data: bytes) -> Awaitable[None] | None:
        """Send a whole message; what is returned, if anything, is to be awaited before the next."""
        ...

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Begin to close."""
        ...


class NetSessionBase(SessionBase, Generic[ContextT]):
    """A session whose connections are made by `connect` or `serve`."""

    context: ContextT = cast("ContextT", None)
    """A value of your own: what the `Admission` has, or you have put here. Handlers see `call.context`."""
    request: ConnectionRequest | None = None
    """What the station asked for when it came in, without what may be a secret; None for `connect`."""

    def __init__(
        self,
        role: Role,
        *,
        identity: str,
        handlers: Handlers | Mapping[Any, Callable[..., Any]] | None,
        hooks: Hooks | None,
        config: Config,
        context: object = None,
        request: ConnectionRequest | None = None,
        new_connection: NewConnection = Connection,
        waits_while_offline: bool = False,
        max_log_records: int = RECORDS_PER_SECOND,
        logs: PeerLogs | None = None,
    ) -> None:
        super().__init__(
            role,
            sender=_no_wire,
            handlers=handlers,
            hooks=hooks,
            config=config,
            identity=identity,
            context=context,
            new_connection=new_connection,
            max_log_records=max_log_records,
        )
        self._logs = logs  # a server's, which outlive the session
        self._opened_at = 0.0
        self._sent_before = 0
        if request is not None:
            self.request = request
        self._wire: Wire | None = None
        self._is_over = False
        self._waits_while_offline = waits_while_offline
        self._waiting_online: list[Waiter] = []
        self._waiting_over: list[Waiter] = []

    # --- what you want -----------------------------------------------------------------------------------

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Close the connection, and make no other. Idempotent.

        Calls without an answer raise `ConnectionLost`.

        `code` and `reason` are those of the WebSocket's close frame. Raises LocalProtocolError for a code
        that may not be sent, and for a reason of more than 123 bytes.
        """
        if self._wire:
            self._wire.close(code, reason)
        self.end()

    async def wait_closed(self) -> None:
        """Wait until there is no connection and there will be none: closed, lost, or given up."""
        if not self._is_over:
            await self._wait_on(self._waiting_over)

    @property
    def address(self) -> str | None:
        """Where the peer is, or was last: host and port, such as "10.1.2.3:41234"; its own behind proxies."""
        return self._wire.where if self._wire else None

    # --- for the wire --------------------------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        """Whether there will be no other connection."""
        return self._is_over

    def attach(self, wire: Wire) -> None:
        """Take the wire that the next connection is on."""
        self._wire = wire
        self._frame_queue.use_sender(wire.send, suspends=wire.suspends)

    def end(self) -> None:
        """Take note that there will be no other connection: nobody needs to wait for one."""
        self._is_over = True
        notify_all(self._waiting_over)
        notify_all(self._waiting_online)

    async def connected(self, version: Version | str) -> None:
        """Note that a connection is open: see `SessionBase.connected`."""
        await super().connected(version)
        notify_all(self._waiting_online)

    def log_opened(self, text: str = "connected", *args: object) -> None:
        """Log that the connection is there."""
        self._opened_at = self._now()
        self._sent_before = self._frame_queue.sent
        self._visit_log().visit(self._opened_at, text, *args)

    def log_ended(self, text: str = "disconnected", *args: object) -> None:
        """Log that the connection is gone: who began with that, how, and after how long."""
        now = self._now()
        ending = (self._wire.link.ending if self._wire else None) or _LOST
        duration = round(now - self._opened_at, 3)
        sent = self._frame_queue.sent - self._sent_before
        said = f"{ending.code}, {ending.reason}" if ending.reason else f"{ending.code}"
        told = ending.reason if ending.code == ABNORMAL else f"{_BEGINNINGS[ending.by]} ({said})"
        self._visit_log().visit(
            now,
            f"{text}: %s, after %s s and %s messages of ours",
            *args,
            told,
            f"{duration:.1f}",
            sent,
            is_wrong=ending.is_fault,
            by=ending.by.value,
            code=ending.code,
            reason=ending.reason,
            duration=duration,
            sent=sent,
        )

    # --- what of SessionBase is different here -----------------------------------------------------------

    def _new_log(self) -> PeerLog:
        if self._logs is None:
            return super()._new_log()
        return self._logs.of(self.identity, (self.address or "").rpartition(":")[0])

    def _visit_log(self) -> PeerLog:
        """Return where its comings and goings are told; a server's session keeps no log for that alone."""
        if self._logs is None or self._peer_log:
            return self.peer_log
        log = self.peer_log
        self._peer_log = None
        return log

    def _close_log(self) -> None:
        if self._logs is None:
            super()._close_log()

    async def _complete(
        self, request: Request[Any] | str, payload: Any, timeout: float | None
    ) -> CallResultReceived | CallErrorReceived:
        while True:
            await self._wait_online()
            try:
                return await super()._complete(request, payload, timeout)
            except ConnectionLost as error:
                if error.was_sent or not self._waits_while_offline or self._is_over:
                    raise  # whether the peer acted on it is unknown: not ours to repeat (S-11)
            except NotConnected:
                if not self._waits_while_offline or self._is_over:
                    raise

    async def _wait_online(self) -> None:
        while self._waits_while_offline and not self.is_connected and not self._is_over:
            await self._wait_on(self._waiting_online)


_BEGINNINGS = {
    EndedBy.US: "we closed it",
    EndedBy.PEER: "the peer closed it",
    EndedBy.LINE: "the line was lost",
    EndedBy.TIMEOUT: "the peer was silent for too long",
}
_LOST = Ending(EndedBy.LINE, ABNORMAL, "the connection was lost")


def _no_wire(data: bytes) -> None:  # noqa: ARG001 - a sender's
    """Refuse to send; a session has a wire before it has a connection."""
    raise ConnectionLost("there is no connection", was_sent=False)
