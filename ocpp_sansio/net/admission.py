"""Admission: which connections a server takes, whom it lets in as which station, and who is connected.

`EngineBase` is what works behind a `Server`, without its event loop. A connection goes through these steps:

1. `admit`: there is room for one more that is in its handshake (`PendingHandshakes`), and in all.
2. `start_authentication` asks the application about the request that the handshake was; its verdict is
   awaited, if need be, by `await_verdict`, and `apply_verdict` accepts or rejects the station. HTTP that
   asks for no WebSocket goes the same way: `start_http`, `await_http`, `apply_http`.
3. `note_connected` and `note_disconnected`: its session is in the registry in between.
4. `connection_closed`, whatever came before.

What is held for all connections together is counted by a `Budget`, which cuts off who holds most.
"""

import ssl as tls
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from ocpp_sansio.core import LocalProtocolError, Role, plain
from ocpp_sansio.net.budget import Budget
from ocpp_sansio.net.door import (
    Admission,
    AnswerHttp,
    Authenticate,
    ConnectionRequest,
    Duplicates,
    DuplicatesOf,
    HttpRequest,
    admission_of,
)
from ocpp_sansio.net.handshakes import PendingHandshakes
from ocpp_sansio.net.limits import Limits, Proxies
from ocpp_sansio.net.logs import PeerLogs, spelled
from ocpp_sansio.net.pacing import GRACE
from ocpp_sansio.net.proxies import Address, client_address, is_trusted, wants_proxy_header
from ocpp_sansio.net.registry import ByIdentity, Registry, SharedRegistrations
from ocpp_sansio.net.session import NetSessionBase
from ocpp_sansio.net.settings import ServerSettings, ServingConfigs
from ocpp_sansio.registration import NewestRegistrations, Registration, Unknown
from ocpp_sansio.session import Handlers, Hooks, PeerLog
from ocpp_sansio.websocket import (
    GOING_AWAY,
    CsmsWebSocket,
    HandshakeReceived,
    HandshakeRejected,
    HttpRequestReceived,
    HttpResponse,
    Inlet,
    Phase,
)

if TYPE_CHECKING:
    from ocpp_sansio.recording import Record, Recordings

__all__ = ["CsmsWire", "EngineBase"]


class CsmsWire(Protocol):
    """One connection of a server."""

    request: ConnectionRequest | None
    """What the application decides on, until the session has it."""
    admission: Admission[Any] | None
    """How the station was let in, until there is a session that is so."""

    @property
    def csms(self) -> CsmsWebSocket:
        """Its link."""
        ...

    @property
    def rejection(self) -> HandshakeRejected | None:
        """Why its handshake came to nothing, if it did without the application's saying so."""
        ...

    @property
    def address(self) -> Address:
        """Where it comes from, as far as is known."""
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
SessionT = TypeVar("SessionT", bound=NetSessionBase)

_AS_ASKED: Admission[Any] = Admission()


class EngineBase(Generic[WireT, SessionT]):
    """What works behind the `Server` of both loops: admission, and the sessions that are connected."""

    def __init__(
        self,
        settings: ServerSettings,
        *,
        on_station: Callable[[SessionT], Awaitable[object] | object] | None,
        handlers: Handlers | Mapping[Any, Callable[..., Any]] | None,
        hooks: Hooks | None,
        authenticate: Authenticate | None,
        http: AnswerHttp | None,
        duplicates: DuplicatesOf | Duplicates,
        limits: Limits,
        proxies: Proxies | None,
        ssl: tls.SSLContext | None,
        registrations: MutableMapping[str, Registration] | None,
        unknown: Unknown | str,
        gate: bool,
        record: "Record | None",
    ) -> None:
        self.sessions: Registry[SessionT] = Registry()
        """Those that are connected."""
        self.addresses: tuple[tuple[str, int], ...] = ()
        """Host and port of every socket that was listened on."""
        self._handlers = handlers if isinstance(handlers, Handlers) else Handlers(handlers)
        self._settings = settings.serving(self._handlers)
        self._settings.new_link()  # so that what cannot be is told at once
        self._on_station = on_station
        self._hooks = hooks or Hooks()
        self._authenticate = authenticate
        self._http = http
        self._duplicates = duplicates if callable(duplicates) else Duplicates(duplicates)
        self._configs = ServingConfigs()
        self._limits = limits
        self._logs = PeerLogs(limits.max_log_records)
        self.admission_log = PeerLog(limit=limits.max_log_records)
        """Where the records go about connections that are not, or not yet, admitted."""
        if registrations is None:
            registrations = NewestRegistrations(limits.max_connections)
        self._gate: dict[str, Any] = {
            "registrations": SharedRegistrations(registrations, self.sessions),
            "unknown": Unknown(unknown),
            "gate": gate,
        }
        """What a session is told of registrations."""
        self._proxies = proxies
        self._ssl = ssl
        self._recordings: Recordings | None = None
        if record is not None:
            from ocpp_sansio.recording import recordings_of  # noqa: PLC0415 - most record nothing

            self._recordings = recordings_of(record)
        self._is_closing = False
        self._handshakes = PendingHandshakes(limits)
        self._budget = Budget[WireT](limits.max_buffered, self._note_cut_off)
        self._wires: set[WireT] = set()  # those in their handshake included
        self._admitted = ByIdentity[WireT]()  # unless replaced

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
        admission, request = wire.admission or _AS_ASKED, wire.request
        wire.admission = wire.request = None
        handlers = admission.handlers or self._handlers
        config = admission.config or self._settings.config
        settings = {
            "role": Role.CSMS,
            "identity": cast("str", wire.csms.identity),
            "handlers": handlers,
            "hooks": admission.hooks or self._hooks,
            "config": self._configs.of(handlers, config),
            "context": admission.context,
            "request": request and request.without_secrets(),
            "max_log_records": self._limits.max_log_records,
            "logs": self._logs,
        } | self._gate
        if admission.new_connection:
            settings["new_connection"] = admission.new_connection
        elif self._recordings:
            settings["record"] = self._recordings
        return settings

    def now(self) -> float:
        """Return the time of the loop's clock, in seconds."""
        raise NotImplementedError

    def admit(self, wire: WireT, host: str | None, now: float) -> bool:
        """Let one more connection begin its handshake, if there is room for it.

        `host` is the address that it comes from, None if that is not to count.
        """
        if self._is_closing:
            return False
        if len(self._wires) >= self._limits.max_connections:
            self.admission_log.warning(now, "too many connections: one was refused", to="net")
            return False
        if not self._handshakes.add(wire, host, now):
            return False
        self._wires.add(wire)
        return True

    def counted_host(self, address: Address) -> str | None:
        """Return the host that a new connection is counted for; None for a trusted proxy's."""
        return None if is_trusted(self._proxies, address) else address[0]

    def wants_proxy_header(self, address: Address) -> bool:
        """Whether a new connection has to begin with a PROXY header."""
        return wants_proxy_header(self._proxies, address)

    def apply_source(self, wire: WireT, source: Address | None, address: Address) -> Address:
        """Return where a connection comes from, and count it for that host.

        `source` is what its PROXY header says, if anything, `address` what the socket does.
        """
        if source is None:
            return address
        self._handshakes.set_host(wire, source[0])
        return source

    def request_of(
        self,
        handshake: HandshakeReceived,
        certificate: Mapping[str, Any] | None,
        address: Address | None,
    ) -> ConnectionRequest:
        """Return what the application decides on."""
        client = client_address(self._proxies, address, handshake.headers)
        return ConnectionRequest.of(handshake, certificate, client)

    def may_start(self, wire: WireT) -> bool:
        """Whether a connection that was admitted may still begin: it has not had to make room, or to go."""
        return wire in self._handshakes and not self._is_closing

    def handshake_ended(self, wire: WireT) -> None:
        """Take note that a handshake is over, for better or worse; to be called once."""
        self._handshakes.remove(wire)
        if wire.rejection:
            self._log_refusal(
                wire, "a handshake failed", wire.rejection.status, wire.rejection.reason
            )

    def tls_failed(self, wire: WireT, error: BaseException) -> None:
        """Take note that there will be no TLS with a connection, and so nothing else."""
        reason = str(error)
        if "HTTP_REQUEST" in reason:
            reason = "it speaks plain HTTP, and this port wants TLS: its URL should be one of wss"
        about = {"address": spelled(wire.address), "to": "net"}
        if isinstance(error, tls.SSLError) and not isinstance(error, tls.SSLEOFError):
            self.admission_log.warning(self.now(), "no TLS: %s", reason, **about)
        else:  # who hangs up on us, or says nothing, has not done wrong
            self.admission_log.info(
                self.now(), "no TLS: %s", reason or type(error).__name__, **about
            )

    def proxy_failed(self, wire: WireT, reason: object) -> None:
        """Take note that nothing came of a connection before it could begin."""
        text, address = "nothing came of a connection: %s", spelled(wire.address)
        self.admission_log.warning(self.now(), text, reason, address=address, to="net")

    def _log_refusal(self, wire: WireT, text: str, status: int | None, *args: object) -> None:
        """Log that somebody was not let in: who, from where, and what he asked for."""
        asked, address = wire.csms.asked, wire.address
        about: dict[str, Any] = {**_about(wire), "status": status, "kind": text}
        text = f"{text}: %s" if args else text
        if status is not None:
            text, args = f"{text} (HTTP %s)", (*args, int(status))
        if asked:
            offered = ", ".join(asked.subprotocols)
            text, args = f"{text}; path %s, offered %s", (*args, asked.path, offered or "nothing")
            about |= {"path": asked.path, "subprotocols": offered}
            address = client_address(self._proxies, address, asked.forwarded) or address
        about["address"] = spelled(address)
        if wire.csms.has_spoken:
            self.admission_log.warning(self.now(), text, *args, **about)
        else:  # as load balancers do, to see whether we are there
            self.admission_log.info(self.now(), text, *args, **about)

    def close_logs(self) -> None:
        """Log what was folded, write what was recorded; nothing will happen any more."""
        self._logs.close()
        self.admission_log.close()
        if self._recordings:
            self._recordings.write()

    def hold(self, wire: WireT, size: int) -> None:
        """Take note of how many bytes are held for a connection, read or unsent."""
        self._budget.hold(wire, size)

    def _note_cut_off(self, wire: WireT, size: int) -> None:
        text = "cut off: %s bytes were held for it, and too many for all"
        self.admission_log.warning(self.now(), text, size, **_about(wire))
        wire.csms.cut_off("cut off: too much was held for it")

    def connection_closed(self, wire: WireT) -> None:
        """Take note that a connection is closed. Idempotent."""
        self._handshakes.remove(wire)
        self._budget.hold(wire, 0)
        self._wires.discard(wire)
        identity = wire.csms.identity
        if identity:
            self._admitted.remove(identity, wire)

    def note_connected(self, session: SessionT) -> None:
        """Add a session to the registry."""
        identity = cast("str", session.identity)
        self.sessions._add(identity, session)
        session._log_opened()

    def note_disconnected(self, session: SessionT) -> None:
        """Remove a session from the registry."""
        identity = cast("str", session.identity)
        self.sessions._remove(identity, session)
        session._log_ended()

    def start_authentication(self, request: ConnectionRequest) -> object:
        """Ask the application; what it returns may have to be awaited, by `await_verdict`."""
        if self._authenticate is None:
            return True
        try:
            return self._authenticate(request)
        except Exception as error:  # noqa: BLE001 - whatever it is, it harms only this station
            about = {"identity": request.identity}
            if request.address:
                about["address"] = spelled(request.address)
            return self._authentication_failed(error, about)

    async def await_verdict(self, verdict: Awaitable[object], wire: WireT) -> object:
        """Return what the application's coroutine has come to."""
        try:
            return await verdict
        except Exception as error:  # noqa: BLE001 - likewise
            return self._authentication_failed(error, _about(wire))

    def _authentication_failed(self, error: Exception, about: dict[str, Any]) -> HTTPStatus:
        about["to"] = "net"
        self.admission_log.error(self.now(), "authenticate failed", exc_info=error, **about)
        return HTTPStatus.INTERNAL_SERVER_ERROR

    # --- HTTP that asks for no WebSocket -----------------------------------------------------------------

    def start_http(self, asked: HttpRequestReceived, address: Address | None) -> object:
        """Ask the application; what it returns may have to be awaited, by `await_http`."""
        assert self._http  # noqa: S101 - or the link would not have let it through
        client = client_address(self._proxies, address, asked.headers)
        try:
            return self._http(HttpRequest(asked.method, asked.path, asked.headers, client))
        except Exception as error:  # noqa: BLE001 - whatever it is, it harms only this connection
            return self._http_failed(error)

    async def await_http(self, answer: Awaitable[object]) -> object:
        """Return what the application's coroutine has come to."""
        try:
            return await answer
        except Exception as error:  # noqa: BLE001 - likewise
            return self._http_failed(error)

    def _http_failed(self, error: Exception) -> HttpResponse:
        self.admission_log.error(self.now(), "http failed", exc_info=error, to="net")
        return HttpResponse(status=HTTPStatus.INTERNAL_SERVER_ERROR)

    def apply_http(self, wire: WireT, answer: object, now: float) -> None:
        """Send an answer, behind which the connection ends; harmless if who asked has not waited."""
        self._handshakes.remove(wire)
        if wire.csms.phase is not Phase.DECISION or self._is_closing:
            return
        if answer is not None and not isinstance(answer, HttpResponse):
            answer = self._http_failed(TypeError(f"{plain(repr(answer))} is no HttpResponse"))
        wire.csms.answer(answer, now=now)

    # --- the decision --------------------------------------------------------------------------------------

    def apply_verdict(self, wire: WireT, verdict: object, now: float) -> None:
        """Accept a station, or reject it; harmless if it has not waited."""
        self._handshakes.remove(wire)  # whoever is refused need not have hung up for that
        if wire.csms.phase is not Phase.DECISION or self._is_closing:
            return
        try:
            status = self._decide(wire, admission_of(verdict), now)
        except (LocalProtocolError, TypeError, ValueError) as error:
            text = "authenticate returned what cannot be: %s"
            self.admission_log.error(now, text, error, **_about(wire))
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        if status is not None:
            self._log_refusal(wire, "refused", status)
            wire.csms.reject(status, now=now)
        if wire.admission is None:
            wire.request = None  # it holds a password

    def _decide(self, wire: WireT, verdict: Admission[Any] | int, now: float) -> int | None:
        """Let a station in, or return the HTTP status to refuse it with; None: that is done, too.

        Raises what `CsmsWebSocket.accept` raises for an admission that cannot be.
        """
        link = wire.csms
        admission = verdict if isinstance(verdict, Admission) else _AS_ASKED
        terms: dict[str, Any] = {
            "version": admission.version,
            "identity": admission.identity,
            "check_username": admission.check_username,
            "websocket": admission.websocket,
        }
        # No word of the application's has seen to such a fault: it is told why.
        if link.find_fault(**terms):
            link.accept(now=now, **terms)
            return None
        if not isinstance(verdict, Admission):
            return verdict
        identity = admission.identity or cast("str", link.identity)
        duplicates = self._duplicates if admission.duplicates is None else admission.duplicates
        try:
            is_free = self._claim_identity(identity, wire, duplicates)
        except Exception as error:  # noqa: BLE001 - whatever it is, it harms only this station
            about = _about(wire) | {"identity": identity}
            self.admission_log.error(now, "duplicates failed", exc_info=error, **about)
            return HTTPStatus.INTERNAL_SERVER_ERROR
        if not is_free:
            return HTTPStatus.CONFLICT
        wire.admission = admission
        link.accept(now=now, config=admission.config, **terms)
        return None

    def _claim_identity(
        self, identity: str, wire: WireT, duplicates: DuplicatesOf | Duplicates
    ) -> bool:
        """Put a wire in the place of any other of this identity, or beside it; False: neither (C-11)."""
        older = self._admitted.of(identity)
        if older and not isinstance(duplicates, Duplicates):
            request = cast("ConnectionRequest", wire.request)
            duplicates = Duplicates(duplicates(identity, self.sessions.of(identity), request))
        if older and duplicates is Duplicates.REFUSE:
            return False
        keeps = duplicates is Duplicates.KEEP
        for each in older[self._limits.max_per_identity - 1 :] if keeps else older:
            text = "connected again: its older connection is closed"
            self.admission_log.warning(self.now(), text, **_about(wire) | {"identity": identity})
            self._admitted.remove(identity, each)
            each.close(GOING_AWAY, "replaced by a newer connection")
        self._admitted.add(identity, wire)
        return True


def _about(wire: CsmsWire) -> dict[str, Any]:
    """Return whom a record is about, before there is a session."""
    return {"identity": wire.csms.identity, "address": spelled(wire.address), "to": "net"}
