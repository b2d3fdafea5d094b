"""What `connect` and `serve` share in both worlds, without importing a loop: links, sessions, their list."""

import ssl as tls
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ocpp_sansio.core import (
    CallErrorReceived,
    CallResultReceived,
    Config,
    Request,
    Role,
    Version,
    quote,
)
from ocpp_sansio.session import (
    RECORDS_PER_SECOND,
    ConnectionLost,
    Handlers,
    Hooks,
    NotConnected,
    SessionBase,
    Waiter,
    notify_all,
    serving,
)
from ocpp_sansio.websocket import (
    NORMAL,
    CsmsWebSocket,
    Inlet,
    NoCommonVersion,
    StationWebSocket,
    WebSocketConfig,
)

__all__ = [
    "ACCEPT_PAUSE",
    "BACKLOG",
    "BATCH",
    "COMPRESSED_READ_SIZE",
    "GRACE",
    "READ_SIZE",
    "SHARE",
    "Dial",
    "LinkSettings",
    "Roster",
    "Wire",
    "WiredSession",
    "status_of",
]

READ_SIZE = 4096
"""Bytes of input that a link gets at a time."""

COMPRESSED_READ_SIZE = 512
"""The same where they are compressed: they may stand for a thousand times as many, all of which are held
until they have been delivered (C-9)."""

BATCH = 65536
"""Bytes of answers that may wait for one another before they are written: one write for many small ones."""

SHARE = 32
"""Messages of one connection that are served before others that wait have their turn."""

BACKLOG = 4096
"""Connections that the kernel may hold for us until we accept them, if it is set to hold as many."""

ACCEPT_PAUSE = 0.2
"""Seconds without accepting after the machine has refused us a socket, for want of descriptors or memory."""

GRACE = 1.0
"""Seconds beyond a link's own close timeout for its transport to be closed too."""


def status_of(verdict: object) -> int | None:
    """Return the HTTP status that a verdict of `authenticate` stands for; None if it lets the station in.

    Raises TypeError if it stands for none.
    """
    if verdict is True:
        return None
    if verdict is False:
        return HTTPStatus.UNAUTHORIZED
    if isinstance(verdict, int) and HTTPStatus.MULTIPLE_CHOICES <= verdict <= max(HTTPStatus):
        return HTTPStatus(verdict)
    raise TypeError(f"{quote(repr(verdict))} is neither a bool nor the status of an error")


class LinkSettings(Struct, frozen=True, kw_only=True):
    """What `serve` makes the links of its connections from."""

    versions: Iterable[Version | str]
    config: Config
    websocket: WebSocketConfig
    aliases: Mapping[str, Version]
    no_common_version: NoCommonVersion
    check_username: bool

    def serving(self, handlers: Handlers) -> "LinkSettings":
        """Return the settings with the vendor actions of the handlers, for all sessions to share."""
        return replace(self, config=serving(handlers, self.config))

    def new_link(self) -> tuple[CsmsWebSocket, Inlet]:
        """Return a link for one more connection, and the inlet that its messages come out of.

        Raises ValueError or TypeError if the settings cannot be.
        """
        inlet = Inlet(Role.CSMS, config=self.config)
        link = CsmsWebSocket(
            versions=self.versions,
            config=self.config,
            websocket=self.websocket,
            connection=inlet,
            aliases=self.aliases,
            no_common_version=self.no_common_version,
            check_username=self.check_username,
        )
        return link, inlet


class Dial(Struct, frozen=True, kw_only=True):
    """What `connect` makes the link of each connection from."""

    url: str
    identity: str
    versions: Iterable[Version | str]
    password: bytes | str | None
    config: Config
    websocket: WebSocketConfig
    headers: Mapping[str, str]
    ssl: tls.SSLContext | None

    def __repr__(self) -> str:
        # Password, headers and query stay out: a traceback may end up in a log.
        return f"Dial(endpoint={self.endpoint!r}, identity={self.identity!r})"

    def new_link(self) -> tuple[StationWebSocket, Inlet]:
        """Return a link for one more connection, and the inlet that its messages come out of.

        Raises ValueError or TypeError if the settings cannot be.
        """
        inlet = Inlet(Role.STATION, config=self.config)
        link = StationWebSocket(
            self.url,
            identity=self.identity,
            versions=self.versions,
            password=self.password,
            config=self.config,
            websocket=self.websocket,
            connection=inlet,
            headers=self.headers,
        )
        if self.ssl and not link.uri.secure:
            raise ValueError(f"ssl= is for wss:// addresses, not for {self.url!r}")
        return link, inlet

    @property
    def endpoint(self) -> str:
        """The address for logs: without its query, which may hold a secret."""
        return self.url.partition("?")[0]

    def context_for(self, link: StationWebSocket) -> tls.SSLContext | None:
        """Return what the transport of this link is secured with; None for ws:// addresses."""
        if not link.uri.secure:
            return None
        return self.ssl or tls.create_default_context()


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


class WiredSession(SessionBase):
    """A session whose connections are made by `connect` or `serve`."""

    def __init__(
        self,
        role: Role,
        *,
        identity: str,
        handlers: Handlers | Mapping[Any, Callable[..., Any]] | None,
        hooks: Hooks | None,
        config: Config,
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
            max_log_records=max_log_records,
        )
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


SessionT = TypeVar("SessionT", bound=WiredSession)


class Roster(Mapping[str, SessionT], Generic[SessionT]):
    """The sessions of a server by identity: those that are connected now. A live, read-only view."""

    def __init__(self) -> None:
        self._sessions: dict[str, SessionT] = {}

    def __getitem__(self, identity: str) -> SessionT:
        return self._sessions[identity]

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._sessions))  # it may change while somebody walks through it

    def __len__(self) -> int:
        return len(self._sessions)

    def enter(self, identity: str, session: SessionT) -> None:
        """Put a session in the place of any other of this identity."""
        self._sessions[identity] = session

    def leave(self, identity: str, session: SessionT) -> None:
        """Take a session out, unless a newer one has taken its place."""
        if self._sessions.get(identity) is session:
            del self._sessions[identity]
