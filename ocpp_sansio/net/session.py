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
from ocpp_sansio.session import (
    RECORDS_PER_SECOND,
    ConnectionLost,
    ContextT,
    Handlers,
    Hooks,
    NewConnection,
    NotConnected,
    SessionBase,
    Waiter,
    notify_all,
)
from ocpp_sansio.websocket import NORMAL

__all__ = ["NetSessionBase", "Wire"]


class Wire(Protocol):
    """One transport with its link, as a session sees it."""

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

    # --- what of SessionBase is different here -----------------------------------------------------------

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


def _no_wire(data: bytes) -> None:  # noqa: ARG001 - a sender's
    """Refuse to send; a session has a wire before it has a connection."""
    raise ConnectionLost("there is no connection", was_sent=False)
