"""What `connect` and `serve` share in both worlds, without importing a loop: settings, requests, sessions."""

import logging
import ssl as tls
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import attrs

from ocpp_sansio.config import Config, Role
from ocpp_sansio.errors import OcppError
from ocpp_sansio.events import CallErrorReceived, CallResultReceived
from ocpp_sansio.handlers import Handlers
from ocpp_sansio.hooks import Hooks
from ocpp_sansio.messages import Request
from ocpp_sansio.outcomes import ConnectionLost, NotConnected
from ocpp_sansio.session import SessionBase, Waiter
from ocpp_sansio.versions import Version
from ocpp_sansio.websocket import (
    CsmsWebSocket,
    HandshakeReceived,
    HandshakeRejected,
    MessagePipe,
    NoCommonVersion,
    StationWebSocket,
    WebSocketConfig,
)

__all__ = [
    "GOING_AWAY",
    "GRACE",
    "INTERNAL_ERROR",
    "NORMAL",
    "Authenticate",
    "ConnectionRequest",
    "Dial",
    "Duplicates",
    "HandshakeFailed",
    "Limits",
    "LinkSettings",
    "Roster",
    "Wire",
    "WiredSession",
    "status_of",
]

logger = logging.getLogger("ocpp_sansio")

NORMAL = 1000
GOING_AWAY = 1001
INTERNAL_ERROR = 1011

GRACE = 1.0
"""Seconds beyond a link's own close timeout for its transport to be closed too."""


class Duplicates(StrEnum):
    """What becomes of a station that connects while its identity is connected already (C-11)."""

    REPLACE = "replace"
    """The newer connection replaces the older, which is usually a dead one that nobody has noticed."""
    REFUSE = "refuse"
    """The newer one is answered 409: where stations have no password, nobody can push another out."""


def _whole(_: Any, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{attribute.name} must be 1 or more, not {value!r}")


def _positive(_: Any, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError(f"{attribute.name} must be above 0 seconds, not {value!r}")


@attrs.frozen(kw_only=True)
class Limits:
    """How much of us the peers can take up. Raises ValueError for a limit that cannot be."""

    max_connections: int = attrs.field(default=100_000, validator=_whole)
    """Connections in all, those in their handshake included; beyond it, new ones are hung up on."""
    max_handshakes: int = attrs.field(default=1_000, validator=_whole)
    """Connections in their TLS or WebSocket handshake; a whole fleet that comes back at once has to queue."""
    max_unsent: int = attrs.field(default=256 * 1024, validator=_whole)
    """Bytes for one peer that it does not take; then we stop reading from it, and senders wait."""
    write_timeout: float = attrs.field(default=30.0, validator=_positive)
    """Seconds that a peer may take nothing while `max_unsent` bytes wait for it; then it is cut off."""


@attrs.frozen
class ConnectionRequest:
    """Who wants to come in: what `authenticate` decides on."""

    identity: str
    """From the path, decoded (C-2)."""
    username: str | None
    """From Basic authentication; equal to `identity` if there is one (C-3)."""
    password: bytes | None = attrs.field(repr=False)
    """From Basic authentication, as bytes (P-3); compare with `ocpp_sansio.websocket.passwords_match`."""
    subprotocols: tuple[str, ...]
    """What the station offers, in its order (C-4)."""
    path: str
    """The request target as sent."""
    headers: Mapping[str, str] = attrs.field(repr=False)
    """All headers, names in lower case."""
    peer_certificate: Mapping[str, Any] | None
    """The station's verified TLS certificate, as `ssl.SSLSocket.getpeercertificate` gives it (profile 3)."""
    address: tuple[str, int] | None
    """Where the connection comes from: host and port."""

    @classmethod
    def of(
        cls,
        handshake: HandshakeReceived,
        certificate: Mapping[str, Any] | None,
        address: Any,
    ) -> "ConnectionRequest":
        """Return the request of a handshake, with what the transport knows."""
        return cls(
            handshake.identity,
            handshake.username,
            handshake.password,
            handshake.subprotocols,
            handshake.path,
            handshake.headers,
            certificate or None,
            tuple(address[:2]) if isinstance(address, tuple) else None,
        )


Verdict: TypeAlias = bool | int
Authenticate: TypeAlias = Callable[[ConnectionRequest], Verdict | Awaitable[Verdict]]
"""Your function that lets a station in: True; False for 401; or the HTTP status to refuse it with, such as
404 for a station that you do not know (C-7). Sync or async; an exception is logged and becomes 500."""


def status_of(verdict: object) -> int | None:
    """Return the HTTP status that a verdict of `authenticate` stands for; None if it lets the station in."""
    if verdict is True:
        return None
    if verdict is False:
        return HTTPStatus.UNAUTHORIZED
    if isinstance(verdict, int) and HTTPStatus.MULTIPLE_CHOICES <= verdict <= max(HTTPStatus):
        return HTTPStatus(verdict)
    logger.error("authenticate returned %r, which is neither a bool nor a status", verdict)
    return HTTPStatus.INTERNAL_SERVER_ERROR


class HandshakeFailed(OcppError):  # noqa: N818 - what happened
    """`connect` reached something, but there will be no OCPP with it."""

    def __init__(self, reason: str, status: int | None) -> None:
        super().__init__(reason if status is None else f"HTTP {status}: {reason}")
        self.reason = reason
        self.status = status
        """The HTTP status, such as 401 or 404 (C-7); None if the answer was not HTTP, or none came."""

    @classmethod
    def of(cls, rejection: HandshakeRejected | None) -> "HandshakeFailed":
        """Return the exception for what a link said; None if it said nothing because we closed it."""
        if rejection is None:
            return cls("closed before it was open", None)
        return cls(rejection.reason, rejection.status)


@attrs.frozen(kw_only=True)
class LinkSettings:
    """What `serve` makes the links of its connections from."""

    versions: Iterable[Version | str]
    config: Config
    websocket: WebSocketConfig
    aliases: Mapping[str, Version]
    no_common_version: NoCommonVersion
    check_username: bool

    def serving(self, handlers: Handlers) -> "LinkSettings":
        """Return the settings with the vendor actions of the handlers, for all sessions to share."""
        actions: Any = self.config.vendor_actions | handlers.names
        return attrs.evolve(self, config=attrs.evolve(self.config, vendor_actions=actions))

    def new_link(self) -> tuple[CsmsWebSocket, MessagePipe]:
        """Return a link for one more connection, and the pipe that its messages come out of.

        Raises ValueError or TypeError if the settings cannot be.
        """
        pipe = MessagePipe(Role.CSMS, config=self.config)
        link = CsmsWebSocket(
            versions=self.versions,
            config=self.config,
            websocket=self.websocket,
            connection=pipe,
            aliases=self.aliases,
            no_common_version=self.no_common_version,
            check_username=self.check_username,
        )
        return link, pipe


@attrs.frozen(kw_only=True)
class Dial:
    """What `connect` makes the link of each connection from."""

    url: str
    identity: str
    versions: Iterable[Version | str]
    password: bytes | str | None = attrs.field(repr=False)
    config: Config
    websocket: WebSocketConfig
    headers: Mapping[str, str] = attrs.field(repr=False)
    ssl: tls.SSLContext | None

    def new_link(self) -> tuple[StationWebSocket, MessagePipe]:
        """Return a link for one more connection, and the pipe that its messages come out of.

        Raises ValueError or TypeError if the settings cannot be.
        """
        pipe = MessagePipe(Role.STATION, config=self.config)
        link = StationWebSocket(
            self.url,
            identity=self.identity,
            versions=self.versions,
            password=self.password,
            config=self.config,
            websocket=self.websocket,
            connection=pipe,
            headers=self.headers,
        )
        if self.ssl and not link.uri.secure:
            raise ValueError(f"ssl= is for wss:// addresses, not for {self.url!r}")
        return link, pipe

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
    ) -> None:
        super().__init__(
            role,
            sender=self._transmit,
            handlers=handlers,
            hooks=hooks,
            config=config,
            identity=identity,
        )
        self._wire: Wire | None = None
        self._is_over = False
        self._waits_while_offline = waits_while_offline
        self._waiting_online: list[Waiter] = []
        self._waiting_idle: list[Waiter] = []
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
            await self._join(self._waiting_over)

    async def wait_idle(self) -> None:
        """Wait until no call is unanswered, neither of ours nor of the peer's."""
        if not self._is_idle():
            await self._join(self._waiting_idle)

    # --- for the wire --------------------------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        """Whether there will be no other connection."""
        return self._is_over

    def attach(self, wire: Wire) -> None:
        """Take the wire that the next connection is on."""
        self._wire = wire

    def end(self) -> None:
        """Take note that there will be no other connection: nobody needs to wait for one."""
        self._is_over = True
        _release(self._waiting_over)
        _release(self._waiting_online)

    async def connected(self, version: Version | str) -> None:
        """Note that a connection is open: see `SessionBase.connected`."""
        await super().connected(version)
        _release(self._waiting_online)

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
            await self._join(self._waiting_online)

    def _settle(self) -> None:
        super()._settle()
        if self._waiting_idle and self._is_idle():
            _release(self._waiting_idle)

    def _is_idle(self) -> bool:
        core = self.connection
        return not (core.outstanding_call or core.queued_calls or core.unanswered_calls)

    async def _join(self, crowd: list[Waiter]) -> None:
        waiter = self._new_waiter()
        crowd.append(waiter)
        try:
            await waiter.wait()
        finally:
            if waiter in crowd:
                crowd.remove(waiter)

    def _transmit(self, data: bytes) -> Any:
        raise NotImplementedError


def _release(crowd: list[Waiter]) -> None:
    released, crowd[:] = crowd[:], []
    for waiter in released:
        waiter.resolve(None)


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
