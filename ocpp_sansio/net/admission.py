"""What both worlds' `Server` shares: who may come in, who is there. No loop is imported here."""

import ssl as tls
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Generic, Protocol, TypeVar, cast

from ocpp_sansio.core import Role
from ocpp_sansio.net.arrivals import Arrivals
from ocpp_sansio.net.budget import Budget
from ocpp_sansio.net.limits import Authenticate, ConnectionRequest, Duplicates, Limits, Proxies
from ocpp_sansio.net.proxies import Address, client_address, is_trusted, wants_proxy_header
from ocpp_sansio.net.wired import GRACE, LinkSettings, Roster, WiredSession, status_of
from ocpp_sansio.session import Handlers, Hooks, PeerLog
from ocpp_sansio.websocket import (
    GOING_AWAY,
    CsmsWebSocket,
    HandshakeReceived,
    HandshakeRejected,
    Inlet,
    Phase,
)

__all__ = ["CsmsWire", "ReceptionDesk"]


class CsmsWire(Protocol):
    """One connection of a server."""

    @property
    def csms(self) -> CsmsWebSocket:
        """Its link."""
        ...

    @property
    def rejection(self) -> HandshakeRejected | None:
        """Why its handshake came to nothing, if it did without the application's saying so."""
        ...

    @property
    def is_silent(self) -> bool:
        """Whether its request has not come yet, not as a whole."""
        ...

    def close(self, code: int = ..., reason: str = ...) -> None:
        """Begin to close."""
        ...

    def abort(self) -> None:
        """Drop the transport, and what was to be written with it."""
        ...


WireT = TypeVar("WireT", bound=CsmsWire)
SessionT = TypeVar("SessionT", bound=WiredSession)


class ReceptionDesk(Generic[WireT, SessionT]):
    """Lets connections in, and keeps the list of those present."""

    def __init__(
        self,
        settings: LinkSettings,
        *,
        on_station: Callable[[SessionT], Awaitable[object] | object] | None,
        handlers: Handlers | Mapping[Any, Callable[..., Any]] | None,
        hooks: Hooks | None,
        authenticate: Authenticate | None,
        duplicates: Duplicates,
        limits: Limits,
        proxies: Proxies | None,
        ssl: tls.SSLContext | None,
    ) -> None:
        self.sessions: Roster[SessionT] = Roster()
        """The sessions that are connected, by identity."""
        self.addresses: tuple[tuple[str, int], ...] = ()
        """Host and port of every socket that was listened on."""
        self._handlers = handlers if isinstance(handlers, Handlers) else Handlers(handlers)
        self._settings = settings.serving(self._handlers)
        self._settings.new_link()  # so that what cannot be is told at once
        self._on_station = on_station
        self._hooks = hooks or Hooks()
        self._authenticate = authenticate
        self._duplicates = Duplicates(duplicates)
        self._limits = limits
        self.door_log = PeerLog(limit=limits.max_log_records)
        """Where the records go about those who are not, or not yet, let in."""
        self._proxies = proxies
        self._ssl = ssl
        self._is_closing = False
        self._arrivals = Arrivals(limits)
        self._budget = Budget[WireT](limits.max_buffered, self._note_cut)
        self._wires: set[WireT] = set()  # those in their handshake included
        self._present: dict[str, WireT] = {}

    @property
    def port(self) -> int:
        """The port of the first of `addresses`."""
        return self.addresses[0][1]

    # The rest is not for the application.

    @property
    def close_timeout(self) -> float:
        """Seconds that a connection may take to close, the transport included."""
        return self._settings.websocket.close_timeout + GRACE

    @property
    def handshake_timeout(self) -> float:
        """Seconds that TLS may take, and then the WebSocket's handshake."""
        return self._settings.websocket.handshake_timeout

    def new_link(self) -> tuple[CsmsWebSocket, Inlet, Limits]:
        """Return what a wire is made of."""
        return *self._settings.new_link(), self._limits

    def session_settings(self, wire: WireT) -> dict[str, Any]:
        """Return what a session is made of, for a station that has been let in."""
        return {
            "role": Role.CSMS,
            "identity": cast("str", wire.csms.identity),
            "handlers": self._handlers,
            "hooks": self._hooks,
            "config": self._settings.config,
            "max_log_records": self._limits.max_log_records,
        }

    def now(self) -> float:
        """Return the time of the world's clock, in seconds."""
        raise NotImplementedError

    def admit(self, wire: WireT, address: str | None, now: float) -> bool:
        """Let one more connection begin its handshake, if there is room for it.

        `address` is the host that it comes from, None if that is not to count.
        """
        if self._is_closing:
            return False
        if len(self._wires) >= self._limits.max_connections:
            self.door_log.warning(now, "too many connections: one was refused")
            return False
        if not self._arrivals.enter(wire, address, now):
            return False
        self._wires.add(wire)
        return True

    def host_of(self, address: Address) -> str | None:
        """Return the host that a new connection counts for; None for that of a trusted proxy."""
        return None if is_trusted(self._proxies, address) else address[0]

    def wants_proxy_header(self, address: Address) -> bool:
        """Whether a new connection has to begin with a PROXY header."""
        return wants_proxy_header(self._proxies, address)

    def locate(self, wire: WireT, source: Address | None, address: Address) -> Address:
        """Return where a connection comes from, by its PROXY header if that says so, and count it there."""
        if source is None:
            return address
        self._arrivals.locate(wire, source[0])
        return source

    def request_of(
        self,
        handshake: HandshakeReceived,
        certificate: Mapping[str, Any] | None,
        address: Address | None,
    ) -> ConnectionRequest:
        """Return who wants to come in."""
        client = client_address(self._proxies, address, handshake.headers)
        return ConnectionRequest.of(handshake, certificate, client)

    def expects(self, wire: WireT) -> bool:
        """Whether a connection that was let in may still begin: it has not had to make room, or to go."""
        return wire in self._arrivals and not self._is_closing

    def dismiss(self, wire: WireT) -> None:
        """Take note that a handshake is over, for better or worse. Idempotent."""
        self._arrivals.leave(wire)

    def hold(self, wire: WireT, size: int) -> None:
        """Take note of how many bytes are held for a connection, read or unsent."""
        self._budget.hold(wire, size)

    def _note_cut(self, wire: WireT, size: int) -> None:
        text, identity = (
            "cut off: %s bytes were held for it, and too many for all",
            wire.csms.identity,
        )
        self.door_log.warning(self.now(), text, size, identity=identity)

    def leave(self, wire: WireT) -> None:
        """Take note that a connection is closed. Idempotent."""
        self._arrivals.leave(wire)
        self._budget.hold(wire, 0)
        self._wires.discard(wire)
        identity = wire.csms.identity
        if wire.rejection:
            text, reason = "a handshake failed: %s", wire.rejection.reason
            self.door_log.info(self.now(), text, reason, identity=identity)
        if identity and self._present.get(identity) is wire:
            del self._present[identity]

    def note_connected(self, session: SessionT) -> None:
        """Put a session on the list."""
        identity = cast("str", session.identity)
        self.sessions.enter(identity, session)
        version = session.version.value if session.version else ""
        # Not `session.peer_log`: as long as nothing else happens, it need not exist.
        PeerLog(identity).info(self.now(), "connected, %s", version, version=version)

    def note_disconnected(self, session: SessionT) -> None:
        """Take a session from the list."""
        identity = cast("str", session.identity)
        self.sessions.leave(identity, session)
        PeerLog(identity).info(self.now(), "disconnected")

    def judge(self, request: ConnectionRequest) -> object:
        """Ask the application; what it returns may have to be awaited, by `wait_for`."""
        if self._authenticate is None:
            return True
        try:
            return self._authenticate(request)
        except Exception as error:  # noqa: BLE001 - whatever it is, it harms only this station
            return self._refuse_for(error, request.identity)

    async def wait_for(self, verdict: Awaitable[object], wire: WireT) -> object:
        """Return what the application has come to."""
        try:
            return await verdict
        except Exception as error:  # noqa: BLE001 - likewise
            return self._refuse_for(error, wire.csms.identity)

    def _refuse_for(self, error: Exception, identity: str | None) -> HTTPStatus:
        self.door_log.error(self.now(), "authenticate failed", exc_info=error, identity=identity)
        return HTTPStatus.INTERNAL_SERVER_ERROR

    def conclude(self, wire: WireT, verdict: object, now: float) -> None:
        """Let a station in, or not; harmless if it has not waited."""
        self._arrivals.leave(wire)  # whoever is refused need not have hung up for that
        if wire.csms.phase is not Phase.DECISION or self._is_closing:
            return
        identity = cast("str", wire.csms.identity)
        try:
            status = status_of(verdict)
        except TypeError as error:
            self.door_log.error(now, "authenticate returned %s", error, identity=identity)
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        if status is None and not self._make_way(identity, wire):
            status = HTTPStatus.CONFLICT
        if status is None:
            wire.csms.accept(now=now)
        else:
            self.door_log.info(now, "refused with %s", int(status), identity=identity)
            wire.csms.reject(status, now=now)

    def _make_way(self, identity: str, wire: WireT) -> bool:
        """Put a wire in the place of any other of this identity; False if it is not to have it (C-11)."""
        present = self._present.get(identity)
        if present and self._duplicates is Duplicates.REFUSE:
            return False
        self._present[identity] = wire
        if present:
            text = "connected again: its older connection is closed"
            self.door_log.warning(self.now(), text, identity=identity)
            present.close(GOING_AWAY, "replaced by a newer connection")
        return True
