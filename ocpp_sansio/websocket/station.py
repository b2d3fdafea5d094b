"""The station's end of a WebSocket connection: the handshake's request goes out, the answer comes in."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from websockets.client import ClientProtocol
from websockets.http11 import Response
from websockets.protocol import State

from ocpp_sansio.core import Config, Connection, Role, Version, plain, quote
from ocpp_sansio.websocket.closing import PROTOCOL_ERROR
from ocpp_sansio.websocket.handshake import (
    NO_HEADERS,
    basic_authorization,
    check_header,
    fault_of_identity,
    flaw_of,
    looks_like_tls,
    parse_versions,
    station_uri,
)
from ocpp_sansio.websocket.link import WebSocketLink
from ocpp_sansio.websocket.pipe import Inlet, MessagePipe
from ocpp_sansio.websocket.protocols import client_protocol
from ocpp_sansio.websocket.types import Phase, WebSocketConfig

__all__ = ["StationWebSocket"]

_DEFAULT_CONFIG = Config()
_DEFAULT_WEBSOCKET_CONFIG = WebSocketConfig()


class StationWebSocket(WebSocketLink):
    """The station's end of one WebSocket connection: it connects, and opens with the handshake.

    `url` is the CSMS's endpoint, "ws://host/ocpp" or "wss://..."; the identity is put behind it (C-2). A URL
    that ends in the identity is refused, unless `append_identity` says whether to append it all the same
    (True), or to dial the URL as it is (False).
    `versions` are `Version`s or their names, in order of preference (C-4). `password` is sent as Basic
    authentication; text as UTF-8 (P-4), the key of 1.6 as its bytes (`bytes.fromhex`, P-3). A `connection`
    outlives its links: give the same one to the next. `headers` go into the request as they are.

    Raises ValueError for what can never connect.
    """

    __slots__ = ("_request", "identity", "uri")

    def __init__(
        self,
        url: str,
        *,
        identity: str,
        versions: Iterable[Version | str],
        password: bytes | str | None = None,
        config: Config = _DEFAULT_CONFIG,
        websocket: WebSocketConfig = _DEFAULT_WEBSOCKET_CONFIG,
        connection: Connection | MessagePipe | Inlet | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
        append_identity: bool | None = None,
    ) -> None:
        max_size = (connection.config if connection else config).max_message_size
        offered = parse_versions(versions)
        for version in offered:
            if fault := fault_of_identity(identity, version, websocket):
                raise ValueError(f"{fault}: {quote(identity)}")
        self.identity = identity
        """Who we say we are."""
        self.uri = station_uri(url, identity, append_identity=append_identity)
        """Where to open the transport: `.host`, `.port`, and `.secure` for TLS."""
        protocol = client_protocol(self.uri, offered, websocket, max_size=max_size)
        super().__init__(protocol, Role.STATION, config, websocket, connection)
        request = protocol.connect()
        for name, value in headers.items():
            check_header(name, value)
            request.headers[name] = value
        if password is not None:
            secret = password.encode() if isinstance(password, str) else password
            request.headers["Authorization"] = basic_authorization(identity, secret)
        self._request = request

    @property
    def _client(self) -> ClientProtocol:
        assert isinstance(self._protocol, ClientProtocol)  # noqa: S101  # as constructed
        return self._protocol

    def start(self, *, now: float) -> None:
        """Begin, now that the transport is open: queue the handshake.

        Raises LocalProtocolError if started before, or if the connection is in use.
        """
        super().start(now=now)
        self._client.send_request(self._request)
        self._request.headers.clear()  # they hold the password

    def _receive_handshake(self, data: bytes | bytearray) -> None:
        if not self._handshake_size and looks_like_tls(data):
            self._hang_up("the CSMS speaks TLS on this port: the URL should be one of wss")
            return
        self._handshake_size += len(data)
        self._feed(data)
        if self._phase is not Phase.HANDSHAKE:
            return
        if self._client.handshake_exc:
            self._reject(None, flaw_of(self._client.handshake_exc))
        elif self._handshake_size > self._settings.max_handshake_size:
            self._hang_up("the answer to the handshake is too large")

    def _handle_head(self, head: Response) -> None:
        if self._client.handshake_exc:
            agreed = head.status_code == HTTPStatus.SWITCHING_PROTOCOLS
            reason = flaw_of(self._client.handshake_exc) if agreed else plain(head.reason_phrase)
            self._reject(head.status_code, reason)
        elif self._client.subprotocol is None:  # C-5, RFC 6455: no agreement, no OCPP
            if self._client.state is State.OPEN:
                self._client.send_close(PROTOCOL_ERROR, "no OCPP version was agreed on")
            self._reject(head.status_code, "the CSMS agreed on no OCPP version")
        else:  # the protocol has checked that we offered it
            self._open(Version(self._client.subprotocol))
