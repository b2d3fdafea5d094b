"""The CSMS's end of a WebSocket connection: the handshake's request comes in, and is judged."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import TypeAlias

from websockets.exceptions import InvalidHeader, RequestLineTooLong, SecurityError
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from ocpp_sansio.core import Config, Connection, LocalProtocolError, Role, Version, quote
from ocpp_sansio.websocket.closing import PROTOCOL_ERROR
from ocpp_sansio.websocket.handshake import (
    BEGINNING,
    NO_HEADERS,
    check_header,
    common_versions,
    credentials_of,
    fault_of_identity,
    flaw_of,
    flaw_of_handshake,
    identity_of,
    is_readable,
    is_token,
    looks_like_http,
    looks_like_tls,
    parse_versions,
    plain_headers,
    tokens_of,
)
from ocpp_sansio.websocket.link import WebSocketLink
from ocpp_sansio.websocket.pipe import Inlet, MessagePipe
from ocpp_sansio.websocket.plain_http import HttpResponse
from ocpp_sansio.websocket.protocols import server_protocol
from ocpp_sansio.websocket.types import (
    Asked,
    Fault,
    HandshakeReceived,
    HttpRequestReceived,
    NoCommonVersion,
    Phase,
    WebSocketConfig,
)

__all__ = ["CsmsWebSocket"]

_DEFAULT_CONFIG = Config()
_DEFAULT_WEBSOCKET_CONFIG = WebSocketConfig()
_NO_ALIASES: Mapping[str, Version] = MappingProxyType({})
_NO_COMMON: Mapping[Version, str] = MappingProxyType({})
# C-5
_NO_VERSION = Fault("version", HTTPStatus.BAD_REQUEST, "no OCPP version in common")
# C-2
_NO_IDENTITY = Fault("identity", HTTPStatus.NOT_FOUND, "the path does not end in an identity")
# C-3
_WRONG_USERNAME = Fault("username", HTTPStatus.UNAUTHORIZED, "the user name is not the identity")

_END_OF_HEAD = b"\r\n\r\n"
_REALM = {"WWW-Authenticate": 'Basic realm="OCPP"'}
_URI_TOO_LONG = 414
_ERRORS_FROM = 300  # an HTTP status below says that all is well
_FORWARDED = ("x-forwarded-for", "forwarded")
_SPEAK = {"Sec-WebSocket-Version": "13"}
_SUBPROTOCOLS = "Sec-WebSocket-Protocol"
_OURS_TO_SAY = frozenset({"Content-Length", "Content-Type"})
"""Headers of an answer that the protocol has its own idea of."""
_NO_WEBSOCKET = frozenset({"upgrade", "sec-websocket-key"})
"""Headers without which a request does not even mean to open a WebSocket."""

Refusal: TypeAlias = tuple[int, str, Mapping[str, str]]
"""Status, reason and headers of an HTTP error."""


class CsmsWebSocket(WebSocketLink):
    """The CSMS's end of one WebSocket connection: it lets the station in, or not.

    `versions` are `Version`s or their names; the station's order of preference decides (C-4). `aliases` are
    further tokens to take for a version, such as {"ocpp1.6j": Version.OCPP16}. `no_common_version` says
    what becomes of the others (C-5). `check_username` answers 401 to a station whose user name is not its
    identity (C-3). A `connection` outlives its links: give the same one to the next. With `answers_http`, a
    request for no WebSocket becomes an `HttpRequestReceived`, for you to `answer`; else it is refused.
    """

    __slots__ = (
        "_aliases",
        "_answers_http",
        "_asked",
        "_beginning",
        "_check_username",
        "_common",
        "_held",
        "_http",
        "_makes_connection",
        "_no_common_version",
        "_response",
        "_summary",
        "_versions",
        "identity",
    )

    def __init__(
        self,
        *,
        versions: Iterable[Version | str],
        config: Config = _DEFAULT_CONFIG,
        websocket: WebSocketConfig = _DEFAULT_WEBSOCKET_CONFIG,
        connection: Connection | MessagePipe | Inlet | None = None,
        aliases: Mapping[str, Version] = _NO_ALIASES,
        no_common_version: NoCommonVersion = NoCommonVersion.REFUSE,
        check_username: bool = True,
        answers_http: bool = False,
    ) -> None:
        max_size = (connection.config if connection else config).max_message_size
        protocol = server_protocol(max_size=max_size)
        super().__init__(protocol, Role.CSMS, config, websocket, connection)
        self._makes_connection = connection is None
        self._versions = parse_versions(versions)
        self._aliases = aliases
        self._no_common_version = NoCommonVersion(no_common_version)
        self._check_username = check_username
        self._answers_http = answers_http
        self.identity: str | None = None
        """Who the station says it is, from `HandshakeReceived` on; once accepted, who you say it is."""
        # The rest is for the time of the handshake only.
        self._summary: Asked | None = None
        self._beginning = b""  # the first bytes of the request
        self._held = b""  # the last bytes of the request's head, later what came too early
        self._asked: HandshakeReceived | None = None
        self._http: tuple[str, Refusal] | None = None  # the method, and what to say by default
        self._response: Response | None = None
        self._common = _NO_COMMON

    @property
    def _server(self) -> ServerProtocol:
        assert isinstance(self._protocol, ServerProtocol)  # noqa: S101  # as constructed
        return self._protocol

    # --- actions: what you want ------------------------------------------------------------------------

    def accept(
        self,
        version: Version | str | None = None,
        *,
        now: float,
        identity: str | None = None,
        check_username: bool | None = None,
        config: Config | None = None,
        websocket: WebSocketConfig | None = None,
    ) -> None:
        """Let the station in, to speak `version`: by default the one it prefers of those we speak.

        What OCPP-J lets nobody in with is refused all the same (`find_fault` tells beforehand), unless you
        say what to put in its place:

        - `version`, of those we speak, for a station that offers none of them, or nothing. What it has
          offered is confirmed then: the first of it, if it has offered anything.
        - `identity` is who it is, where its path does not tell, or tells it in your eyes wrongly. Any
          printable text without "." or ".." as a part: it is yours, and held to no rule of a version.
        - `check_username`, False, for a user name that is not the identity. One that is either the path's
          identity or yours needs no permission (C-3).

        `config` and `websocket` replace the settings that the link was made with, those of compression and of
        identities included; handshakes are over by then. With another `config`, `connection` is another one.

        Raises, with nothing changed, LocalProtocolError unless the link waits for a decision (the station may
        have gone), for a version that the station and we do not share, and for a `config` if the link was
        given a `Connection`, which has its own; ValueError for an identity that cannot be one.
        """
        fault = self.find_fault(
            version, identity=identity, check_username=check_username, websocket=websocket
        )
        response, asked = self._require_decision()
        settings = websocket or self._settings
        chosen = self._choose(version, identity, settings)
        if config and not self._makes_connection and isinstance(self.connection, Connection):
            raise LocalProtocolError(
                "the connection that this link was given has settings of its own"
            )
        self._pass_time(now)
        if fault or chosen is None:
            self._refuse_for(fault or _NO_VERSION, response)
            return
        self.identity = identity or asked.identity
        token = self._common.get(chosen) or next(filter(is_token, asked.subprotocols), None)
        if token:
            response.headers["Sec-WebSocket-Protocol"] = token
        self._settings = settings
        if config:
            self._use_config(config)
        self._confirm(response)
        early = self._end_handshake()
        self._summary = None
        self._open(chosen)
        if early:
            self._feed(early)

    def find_fault(
        self,
        version: Version | str | None = None,
        *,
        identity: str | None = None,
        check_username: bool | None = None,
        websocket: WebSocketConfig | None = None,
    ) -> Fault | None:
        """Return what `accept` would refuse the station for, if it were told the same; None if nothing.

        Raises LocalProtocolError and ValueError as `accept` does.
        """
        _, asked = self._require_decision()
        settings = websocket or self._settings
        if identity is not None and not is_readable(identity):
            raise ValueError(
                f"an identity is printable text without . or .., not {quote(identity)}"
            )
        chosen = self._choose(version, identity, settings)
        if chosen is None:
            return _NO_VERSION
        if identity is None and (fault := _fault_of(asked.identity, [chosen], settings)):
            return fault
        if check_username is None:
            check_username = self._check_username
        if check_username and asked.username not in {None, asked.identity, identity}:
            return _WRONG_USERNAME
        return None

    def reject(
        self,
        status: int,
        *,
        now: float,
        reason: str = "",
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> None:
        """Answer with an HTTP error: 404 for an unknown station (C-7), 401 for a wrong password.

        With 401, WWW-Authenticate is added. `reason` is sent as the body. Raises LocalProtocolError unless
        the link waits for a decision, ValueError for a status that is no error or a header that is none.
        """
        self._require_decision()
        if HTTPStatus(status) < _ERRORS_FROM:
            raise ValueError(f"{status} does not reject")
        for name, value in headers.items():
            check_header(name, value)
        self._pass_time(now)
        self._send_error(status, reason, headers)
        self._begin_closing()

    def answer(self, response: HttpResponse | None, *, now: float) -> None:
        """Answer an `HttpRequestReceived`; None refuses it, as it would have been without asking you.

        Raises LocalProtocolError unless the link waits for an answer (who asks may have gone).
        """
        if self._phase is not Phase.DECISION or self._http is None:
            raise LocalProtocolError(
                f"there is no HTTP request to answer: the link is {self._phase.value}"
            )
        method, refusal = self._http
        self._pass_time(now)
        if response is None:
            self._refuse(*refusal)
            return
        body = response.body
        data = body.encode() if isinstance(body, str) else body
        headers = {"Content-Type": response.content_type, **response.headers}
        self._respond(response.status, data, headers, is_head=method == "HEAD")
        self._begin_closing()

    @property
    def asked(self) -> Asked | None:
        """What the request was about; None before it has been read, and once the link is open."""
        return self._summary

    @property
    def has_spoken(self) -> bool:
        """Whether anything has come: who connects and goes without a word looks whether somebody is there."""
        return self._handshake_size > 0

    @property
    def held(self) -> int:
        """As with every link, and what came before you had decided."""
        return super().held + (len(self._held) if self._phase is Phase.DECISION else 0)

    # --- the handshake -----------------------------------------------------------------------------------

    def _receive_handshake(self, data: bytes | bytearray) -> None:
        """Give the protocol the request's head and no more: what follows must wait until it is answered."""
        is_first = not self._handshake_size
        self._handshake_size += len(data)
        if is_first and looks_like_tls(data):
            self._end_handshake()
            self._hang_up("the station speaks TLS, and this port does not")
            return
        if len(self._beginning) < BEGINNING:
            self._beginning += data[: BEGINNING - len(self._beginning)]
        if self._handshake_size > self._settings.max_handshake_size:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the request is too large")
        elif self._phase is Phase.DECISION:
            self._held += data
        else:
            seen = self._held + data
            end = seen.find(_END_OF_HEAD)
            cut = len(data) if end < 0 else end + len(_END_OF_HEAD) - len(self._held)
            self._held = bytes(seen[1 - len(_END_OF_HEAD) :] if end < 0 else data[cut:])
            self._feed(data[:cut])
            self._notice_failure()

    def _notice_failure(self) -> None:
        """Take the consequences of what the protocol could not read as a request."""
        failure = self._server.handshake_exc
        if failure is None or self._phase is not Phase.HANDSHAKE:
            return
        status: int | None = None
        reason = flaw_of(failure)
        if isinstance(failure, SecurityError):  # which the protocol has answered
            is_line = isinstance(failure, RequestLineTooLong)
            status = _URI_TOO_LONG if is_line else HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        elif looks_like_http(self._beginning):
            status = HTTPStatus.BAD_REQUEST
            answer = self._server.reject(status, f"{reason}\n")
            self._server.writes.insert(-1, answer.serialize())  # before the end, which is queued
        self._end_handshake()
        self._reject(status, reason)

    def _handle_head(self, head: Request) -> None:
        # The protocol is not to look at these: what is odd about them is for `_judge` to say.
        offered = tokens_of(head.headers.get_all(_SUBPROTOCOLS))
        headers = plain_headers(head.headers.raw_items())
        forwarded = {name: headers[name] for name in _FORWARDED if name in headers}
        self._summary = Asked(head.path.partition("?")[0], offered, forwarded)
        if offered or _SUBPROTOCOLS in head.headers:
            del head.headers[_SUBPROTOCOLS]
        response = self._server.accept(head)
        if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            self._judge(head, response, offered, headers)
        else:
            failure = self._server.handshake_exc
            assert failure  # noqa: S101  # nothing else makes the protocol refuse
            names = ("Allow", "Upgrade")  # what 405 and 426 have to come with
            extra: Mapping[str, str] = {
                name: response.headers[name] for name in names if name in response.headers
            }
            if isinstance(failure, InvalidHeader) and failure.name in _SPEAK:
                extra = _SPEAK  # RFC 6455, 4.4
            reason = f"this is no WebSocket handshake: {flaw_of_handshake(failure)}"
            refusal = response.status_code, reason, extra
            if self._answers_http and _NO_WEBSOCKET.isdisjoint(headers):
                self._http = head.method, refusal
                self._phase = Phase.DECISION
                self._emit(HttpRequestReceived(head.method, head.path, headers))
            else:
                self._refuse(*refusal)
        # The protocol keeps the request for as long as it lives, and an open link needs none of it.
        head.headers.clear()

    def _judge(
        self,
        request: Request,
        response: Response,
        offered: tuple[str, ...],
        headers: Mapping[str, str],
    ) -> None:
        """Find the faults that OCPP-J lets nobody in with, and leave it to the application what follows."""
        common = common_versions(offered, self._versions, self._aliases)
        self.identity = identity_of(request.path)
        identity = self.identity or ""
        username, password = credentials_of(request.headers.get_all("Authorization"))
        faults = (
            None if common else _NO_VERSION,
            _fault_of(identity, common, self._settings),
            _WRONG_USERNAME if self._check_username and username not in {None, identity} else None,
        )
        self._response, self._common = response, common
        self._phase = Phase.DECISION
        self._asked = HandshakeReceived(
            identity,
            username,
            password,
            offered,
            request.path,
            headers,
            tuple(self._legal(identity, self._settings) or common),
            tuple(filter(None, faults)),
        )
        self._emit(self._asked)

    def _legal(self, identity: str, settings: WebSocketConfig) -> list[Version]:
        """Return the versions in common in which an identity can be one."""
        return [v for v in self._common if not fault_of_identity(identity, v, settings)]

    def _choose(
        self, version: Version | str | None, identity: str | None, settings: WebSocketConfig
    ) -> Version | None:
        """Return the version to speak; None if there is none. Raises LocalProtocolError."""
        asked, common = self._require_decision()[1], self._common
        if version is None:
            legal = common if identity else self._legal(asked.identity, settings)
            return next(iter(legal or common), None)
        chosen = Version.parse(version)
        if chosen not in (common or self._versions):
            raise LocalProtocolError(f"{chosen.value} is not common to the station and us")  # C-4
        return chosen

    def _use_config(self, config: Config) -> None:
        connection: Connection | MessagePipe | Inlet = self.connection
        if isinstance(connection, Connection):
            self.connection = self._source = Connection(Role.CSMS, config=config)
        else:
            connection.config = config

    def _refuse_for(self, fault: Fault, response: Response) -> None:
        """Refuse a station for a fault that nobody has seen to."""
        if fault is not _NO_VERSION or self._no_common_version is NoCommonVersion.REFUSE:
            self._refuse(fault.status, fault.reason)
            return
        self._confirm(response)
        self._server.send_close(PROTOCOL_ERROR, fault.reason)
        self._end_handshake()
        self._reject(response.status_code, fault.reason)

    def _confirm(self, response: Response) -> None:
        """Send the answer that lets a station in, with compression if the settings are for it."""
        if self._settings.compression is False and self._server.extensions:
            del response.headers["Sec-WebSocket-Extensions"]
            self._server.extensions = []
        self._server.send_response(response)

    def _run_out_of_handshake(self) -> None:
        if self._phase is Phase.DECISION:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "the handshake took too long")
        else:
            self._end_handshake()
            super()._run_out_of_handshake()

    def _refuse(self, status: int, reason: str, headers: Mapping[str, str] = NO_HEADERS) -> None:
        self._send_error(status, reason, headers)
        self._reject(status, reason)

    def _send_error(self, status: int, reason: str, headers: Mapping[str, str]) -> None:
        extra = _REALM if status == HTTPStatus.UNAUTHORIZED else NO_HEADERS
        body = f"{reason}\n" if reason else ""
        self._respond(status, body.encode(), {**extra, **headers})

    def _respond(
        self, status: int, body: bytes, headers: Mapping[str, str], *, is_head: bool = False
    ) -> None:
        """Answer in HTTP, behind which the connection ends."""
        response = self._server.reject(status, "")
        response.body = b"" if is_head else body
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            if name in _OURS_TO_SAY:
                del response.headers[name]
            response.headers[name] = value
        self._server.send_response(response)
        self._end_handshake()

    def _require_decision(self) -> tuple[Response, HandshakeReceived]:
        if self._phase is not Phase.DECISION or self._response is None or self._asked is None:
            raise LocalProtocolError(
                f"there is no handshake to decide on: the link is {self._phase.value}"
            )
        return self._response, self._asked

    def _end_handshake(self) -> bytes:
        """Let go of what only the handshake needed; return what the station sent too early."""
        early, self._held, self._beginning = self._held, b"", b""
        self._response = self._asked = self._http = None
        self._common, self._versions = _NO_COMMON, ()
        return early if self._phase is Phase.DECISION else b""


def _fault_of(
    identity: str, versions: Iterable[Version], settings: WebSocketConfig
) -> Fault | None:
    """Return what keeps an identity from being one in any of some versions."""
    if not identity:
        return _NO_IDENTITY
    faults = [fault_of_identity(identity, version, settings) for version in versions]
    if not faults or None in faults:
        return None
    return Fault("identity", HTTPStatus.NOT_FOUND, "; ".join(filter(None, faults)))
