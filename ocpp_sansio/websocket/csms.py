"""The CSMS's end of a WebSocket connection: the handshake's request comes in, and is judged."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import MappingProxyType

from websockets.exceptions import InvalidHeader, RequestLineTooLong, SecurityError
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from ocpp_sansio.core import Config, Connection, LocalProtocolError, Role, Version
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
    looks_like_http,
    looks_like_tls,
    parse_versions,
    plain_headers,
    tokens_of,
)
from ocpp_sansio.websocket.link import WebSocketLink
from ocpp_sansio.websocket.pipe import Inlet, MessagePipe
from ocpp_sansio.websocket.protocols import server_protocol
from ocpp_sansio.websocket.types import (
    Asked,
    HandshakeReceived,
    NoCommonVersion,
    Phase,
    WebSocketConfig,
)

__all__ = ["CsmsWebSocket"]

_DEFAULT_CONFIG = Config()
_DEFAULT_WEBSOCKET_CONFIG = WebSocketConfig()
_NO_ALIASES: Mapping[str, Version] = MappingProxyType({})
_NO_COMMON: Mapping[Version, str] = MappingProxyType({})

_END_OF_HEAD = b"\r\n\r\n"
_REALM = {"WWW-Authenticate": 'Basic realm="OCPP"'}
_URI_TOO_LONG = 414
_ERRORS_FROM = 300  # an HTTP status below says that all is well
_FORWARDED = ("x-forwarded-for", "forwarded")
_SPEAK = {"Sec-WebSocket-Version": "13"}


class CsmsWebSocket(WebSocketLink):
    """The CSMS's end of one WebSocket connection: it lets the station in, or not.

    `versions` are `Version`s or their names; the station's order of preference decides (C-4). `aliases` are
    further tokens to take for a version, such as {"ocpp1.6j": Version.OCPP16}. `no_common_version` says
    what becomes of the others (C-5). `check_username` answers 401 to a station whose user name is not its
    identity (C-3). A `connection` outlives its links: give the same one to the next.
    """

    __slots__ = (
        "_aliases",
        "_asked",
        "_beginning",
        "_check_username",
        "_common",
        "_held",
        "_no_common_version",
        "_response",
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
    ) -> None:
        max_size = (connection.config if connection else config).max_message_size
        protocol = server_protocol(websocket, max_size=max_size)
        super().__init__(protocol, Role.CSMS, config, websocket, connection)
        self._versions = parse_versions(versions)
        self._aliases = aliases
        self._no_common_version = NoCommonVersion(no_common_version)
        self._check_username = check_username
        self.identity: str | None = None
        """Who the station says it is, from `HandshakeReceived` on."""
        # The rest is for the time of the handshake only.
        self._asked: Asked | None = None
        self._beginning = b""  # the first bytes of the request
        self._held = b""  # the last bytes of the request's head, later what came too early
        self._response: Response | None = None
        self._common = _NO_COMMON

    @property
    def _server(self) -> ServerProtocol:
        assert isinstance(self._protocol, ServerProtocol)  # noqa: S101  # as constructed
        return self._protocol

    # --- actions: what you want ------------------------------------------------------------------------

    def accept(self, version: Version | str | None = None, *, now: float) -> None:
        """Let the station in, to speak `version`: by default the one it prefers of those we speak.

        Raises LocalProtocolError unless the link waits for a decision (the station may have gone), and for
        a version that is not one of `HandshakeReceived.versions`.
        """
        response = self._require_decision()
        chosen = next(iter(self._common)) if version is None else Version.parse(version)
        if chosen not in self._common:
            raise LocalProtocolError(f"{chosen.value} is not common to the station and us")  # C-4
        self._pass_time(now)
        response.headers["Sec-WebSocket-Protocol"] = self._common[chosen]
        self._server.send_response(response)
        early = self._end_handshake()
        self._asked = None
        self._open(chosen)
        if early:
            self._feed(early)

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

    @property
    def asked(self) -> Asked | None:
        """What the request was about; None before it has been read, and once the link is open."""
        return self._asked

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
        if not self._handshake_size and looks_like_tls(data):
            self._end_handshake()
            self._hang_up("the station speaks TLS, and this port does not")
            return
        self._handshake_size += len(data)
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
        forwarded = (item for item in head.headers.raw_items() if item[0].lower() in _FORWARDED)
        self._asked = Asked(
            head.path.partition("?")[0],
            tokens_of(head.headers.get_all("Sec-WebSocket-Protocol")),
            plain_headers(forwarded),
        )
        response = self._server.accept(head)
        if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            self._judge(head, response)
        else:
            failure = self._server.handshake_exc
            assert failure  # noqa: S101  # nothing else makes the protocol refuse
            names = ("Allow", "Upgrade")  # what 405 and 426 have to come with
            extra = {name: response.headers[name] for name in names if name in response.headers}
            if isinstance(failure, InvalidHeader) and failure.name in _SPEAK:
                extra = _SPEAK  # RFC 6455, 4.4
            reason = f"this is no WebSocket handshake: {flaw_of_handshake(failure)}"
            self._refuse(response.status_code, reason, extra)
        # The protocol keeps the request for as long as it lives, and an open link needs none of it.
        head.headers.clear()

    def _judge(self, request: Request, response: Response) -> None:
        """Refuse what OCPP-J lets nobody in with; leave the rest to the application."""
        offered = tokens_of(request.headers.get_all("Sec-WebSocket-Protocol"))
        common = common_versions(offered, self._versions, self._aliases)
        if not common:
            self._disagree(response)
            return
        identity = self.identity = identity_of(request.path)
        if identity is None:
            self._refuse(HTTPStatus.NOT_FOUND, "the path does not end in an identity")  # C-2
            return
        faults = {v: fault_of_identity(identity, v, self._settings) for v in common}
        legal = {version: token for version, token in common.items() if not faults[version]}
        if not legal:
            self._refuse(HTTPStatus.NOT_FOUND, "; ".join(filter(None, faults.values())))
            return
        username, password = credentials_of(request.headers.get_all("Authorization"))
        if self._check_username and username is not None and username != identity:
            self._refuse(HTTPStatus.UNAUTHORIZED, "the user name is not the identity")  # C-3
            return
        self._response, self._common = response, legal
        self._phase = Phase.DECISION
        headers = plain_headers(request.headers.raw_items())
        self._emit(
            HandshakeReceived(
                identity, username, password, offered, request.path, headers, tuple(legal)
            )
        )

    def _disagree(self, response: Response) -> None:
        reason = "no OCPP version in common"
        if self._no_common_version is NoCommonVersion.REFUSE:
            self._refuse(HTTPStatus.BAD_REQUEST, reason)
            return
        self._server.send_response(response)
        self._server.send_close(PROTOCOL_ERROR, reason)
        self._end_handshake()
        self._reject(response.status_code, reason)

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
        response = self._server.reject(status, f"{reason}\n" if reason else "")
        extra = _REALM if status == HTTPStatus.UNAUTHORIZED else NO_HEADERS
        for name, value in {**extra, **headers}.items():
            response.headers[name] = value
        self._server.send_response(response)
        self._end_handshake()

    def _require_decision(self) -> Response:
        if self._phase is not Phase.DECISION or self._response is None:
            raise LocalProtocolError(
                f"there is no handshake to decide on: the link is {self._phase.value}"
            )
        return self._response

    def _end_handshake(self) -> bytes:
        """Let go of what only the handshake needed; return what the station sent too early."""
        early, self._held, self._beginning = self._held, b"", b""
        self._response, self._common, self._versions = None, _NO_COMMON, ()
        return early if self._phase is Phase.DECISION else b""
