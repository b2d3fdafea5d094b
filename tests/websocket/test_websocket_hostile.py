"""What a peer can make a link say, answer and hold: little, printable, and nothing for long."""

import gc
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from test_websocket import asked, basic, frame, handshake_of, raw_request, request_of, written
from websocket_pair import Pair, csms, station

from ocpp_sansio import CallErrorReceived, Config, ProtocolViolated, Role, Version
from ocpp_sansio.net import ConnectionRequest, HandshakeFailed
from ocpp_sansio.websocket import (
    Closed,
    CsmsWebSocket,
    HandshakeReceived,
    HandshakeRejected,
    MessagePipe,
    MessageReceived,
    Phase,
    StationWebSocket,
    WebSocketConfig,
)

UGLY = {
    "escape": b"\x1b[2J\x1b]0;owned\x07",
    "C1 control": b"No\x9b31m",
    "carriage return": b"a\rINFO ocpp_sansio 'CP1' has connected",
    "right-to-left override": "\u202egpj.exe".encode(),
    "line separator": "a\u2028b".encode(),
    "lone surrogate": b"\xed\xa0\x80",
    "NUL": b"a\x00b",
    "long": b"x" * 4000,
    "long and ugly": b"\x1b" * 4000,
}
OUR_WORDS = 80
"""Characters: what our own part of a reason has at most."""


def is_safe(text: str) -> bool:
    return text.isprintable() and len(text) <= OUR_WORDS + 100


def rejected(link: CsmsWebSocket | StationWebSocket) -> HandshakeRejected:
    [event] = [event for event in link.events() if isinstance(event, HandshakeRejected)]
    return event


PLACES: dict[str, Callable[[bytes], bytes]] = {
    "request line": lambda ugly: b"GET /" + ugly + b" x\r\n\r\n",
    "no request at all": lambda ugly: ugly + b"\r\n\r\n",
    "method": lambda ugly: raw_request().replace(b"GET", ugly),
    "path": lambda ugly: raw_request().replace(b"CP001", b"CP001" + ugly),
    "HTTP version": lambda ugly: raw_request().replace(b"HTTP/1.1", ugly),
    "a header's name": lambda ugly: raw_request().replace(b"Host", ugly),
    "a header's value": lambda ugly: raw_request().replace(b"csms.example", ugly),
    "a line that is no header": lambda ugly: raw_request().replace(b"Host: ", ugly),
    "Upgrade": lambda ugly: raw_request().replace(b"e: websocket", b"e: " + ugly),
    "Connection": lambda ugly: raw_request().replace(b"n: Upgrade", b"n: " + ugly),
    "key": lambda ugly: raw_request().replace(b"AAAA", ugly),
    "WebSocket version": lambda ugly: raw_request().replace(b"Version: 13", b"Version: " + ugly),
    "subprotocols": lambda ugly: raw_request().replace(b"ocpp1.6", ugly),
    "Sec-WebSocket-Extensions": lambda ugly: raw_request(Sec_WebSocket_Extensions="UGLY").replace(
        b"UGLY", ugly
    ),
    "Content-Length": lambda ugly: raw_request(Content_Length="UGLY").replace(b"UGLY", ugly),
}


@pytest.mark.parametrize("ugly", UGLY.values(), ids=UGLY)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_what_a_station_says_in_its_request_comes_out_printable_and_short(
    place: Callable[[bytes], bytes], ugly: bytes
) -> None:
    link = asked(place(ugly))
    events: list[Any] = link.events()
    if link.phase is Phase.DECISION and events[0].faults:
        link.accept(now=0.0)
        events += link.events()
    for event in events:
        if isinstance(event, HandshakeReceived):
            assert repr(event).isprintable()
            assert len(repr(event)) <= 2 * OUR_WORDS + 300  # identity, user name and path
        else:
            assert is_safe(event.reason)
    head, _, body = written(link).removesuffix(b"\n").partition(b"\r\n\r\n")
    assert is_safe(body.decode())
    assert all(is_safe(line) for line in head.decode().split("\r\n"))
    link.receive_eof(now=1.0)
    assert all(is_safe(event.reason) for event in link.events() if isinstance(event, Closed))


ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "reason phrase": lambda ugly: b"HTTP/1.1 401 " + ugly + b"\r\nContent-Length: 0\r\n\r\n",
    "status": lambda ugly: b"HTTP/1.1 " + ugly + b" x\r\n\r\n",
    "protocol": lambda ugly: ugly + b" 401 x\r\n\r\n",
    "no answer at all": lambda ugly: ugly + b"\n",
    "header": lambda ugly: b"HTTP/1.1 101 x\r\n" + ugly + b"\r\n\r\n",
    "Upgrade": lambda ugly: (
        b"HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: " + ugly + b"\r\n\r\n"
    ),
    "body": lambda ugly: b"HTTP/1.1 401 x\r\nContent-Length: " + ugly + b"\r\n\r\n",
}


@pytest.mark.parametrize("ugly", UGLY.values(), ids=UGLY)
@pytest.mark.parametrize("place", ANSWERS.values(), ids=ANSWERS)
def test_what_a_csms_answers_comes_out_printable_and_short(
    place: Callable[[bytes], bytes], ugly: bytes
) -> None:
    link = station()
    request_of(link)
    link.receive_data(place(ugly), now=0.0)
    event = rejected(link)
    assert is_safe(event.reason)
    failure = HandshakeFailed.of(event)
    assert is_safe(str(failure))


@pytest.mark.parametrize("ugly", UGLY.values(), ids=UGLY)
@pytest.mark.parametrize("side", ["station", "csms"])
def test_the_reason_of_a_close_comes_out_printable_and_short(side: str, ugly: bytes) -> None:
    pair = Pair.open()
    link = pair.station if side == "station" else pair.csms
    said = ugly[:123].decode(errors="replace").encode()[:123]
    link.receive_data(frame(b"\x03\xe8" + said, opcode=8, mask=side == "csms"), now=pair.now)
    link.receive_eof(now=pair.now)
    closed = link.events()[-1]
    assert isinstance(closed, Closed)
    assert closed.reason.isprintable()
    assert len(closed.reason) <= 100


def test_no_header_and_no_query_comes_out_with_a_rejection() -> None:
    secret = "Q1AwMDE6dG9wc2VjcmV0"
    for request in (
        raw_request().replace(b"Host:", b"Authorization Basic " + secret.encode()),
        raw_request(Authorization="X").replace(b": X", b": Basic " + secret.encode() + b"\0"),
        f"GET /ocpp/CP001?token={secret} x HTTP/1.1\r\n\r\n".encode(),
        f"GET /ocpp/CP001?token={secret}\r\n\r\n".encode(),
    ):
        link = asked(request)
        assert secret not in rejected(link).reason
        assert secret.encode() not in written(link)


def test_the_query_is_in_the_path_and_not_in_what_is_printed() -> None:
    event = handshake_of(asked(raw_request("/ocpp/CP001?token=topsecret")))
    request = ConnectionRequest.of(event, None, ("192.0.2.1", 1))
    for shown in (event, request):
        assert shown.path == "/ocpp/CP001?token=topsecret"
        assert "path='/ocpp/CP001'" in repr(shown)
        assert "topsecret" not in repr(shown)


def test_a_request_is_printed_cut() -> None:
    link = asked(
        raw_request(f"/ocpp/{'y' * 4000}/x", Authorization=basic(b"\x1b" * 300 + b":x")),
        check_username=False,
    )
    event = handshake_of(link)
    for shown in (repr(event), repr(ConnectionRequest.of(event, None, None))):
        assert shown.isprintable()
        assert len(shown) < 500


@pytest.mark.parametrize(
    ("url", "hidden"),
    [
        ("http://h/ocpp?token=topsecret", "topsecret"),
        ("http://user:topsecret@h/ocpp", "topsecret"),
        ("ws://user:topsecret/x@h/ocpp", "topsecret"),
        ("ws://user:topsecret@h/ocpp", "topsecret"),
        ("ws://h/o cpp?token=topsecret", "topsecret"),
        ("ws://h:x\x1b[2J/", "\x1b"),
        ("ws://[::1/\x1b", "\x1b"),
        ("\x1b[2J\n", "\x1b"),
        ("x" * 4000, "\n"),
    ],
)
def test_an_address_that_is_none_is_quoted_without_its_secrets(url: str, hidden: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the text is what is tested
        station(url=url)
    assert hidden not in str(raised.value)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 300


# --- answers to what is no handshake ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_bytes", "said"),
    [
        (raw_request().replace(b"\r\n", b"\n"), "line without CRLF"),
        (raw_request().replace(b"Upgrade: w", b" folded: w"), "invalid HTTP header name"),
        (raw_request().replace(b"csms.example", b"a\0b"), "invalid HTTP header value"),
        (raw_request().replace(b"Host: ", b"Host "), "invalid HTTP header line"),
        (raw_request(Content_Length="5") + b"hello", "unsupported request body"),
        (raw_request(Transfer_Encoding="chunked"), "transfer codings aren't supported"),
        (b"GET /ocpp/CP001\r\n", "invalid HTTP request line: 'GET /ocpp/CP001'"),
        (b"GET /ocpp/CP001 HTTP/2.0\r\n\r\n", "unsupported protocol"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "unsupported protocol"),
        (b"OPTIONS *\r\n\r\n", "invalid HTTP request line"),
    ],
)
@pytest.mark.parametrize("chunk", [1, 10_000])
def test_a_malformed_request_gets_one_400_and_then_the_end(
    request_bytes: bytes, said: str, chunk: int
) -> None:
    link = csms()
    link.start(now=0.0)
    for start in range(0, len(request_bytes), chunk):
        link.receive_data(request_bytes[start : start + chunk], now=0.0)
    *answer, end = link.data_to_send()
    assert end == b""
    head, _, body = b"".join(answer).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"\r\nConnection: close" in head
    assert f"Content-Length: {len(body)}".encode() in head
    event = rejected(link)
    assert event.status == 400
    assert said in event.reason
    assert body.decode() == f"{event.reason}\n"
    link.receive_data(b"GET / HTTP/1.1\r\n\r\n", now=0.0)
    assert link.data_to_send() == []
    link.handle_timeout(now=5.0)
    assert [type(event) for event in link.events()] == [Closed]


@pytest.mark.parametrize(
    ("old", "new", "status", "said"),
    [
        (
            b"Sec-WebSocket-Key: ",
            b"X: ",
            400,
            "missing Sec-WebSocket-Key header (right: 16 bytes in base64)",
        ),
        *(
            (
                b"AAAAAAAAAAAAAAAAAAAAAA==",
                key.encode(),
                400,
                f"invalid Sec-WebSocket-Key header: {key} (right: 16 bytes in base64)",
            )
            for key in ("AA==", "A*==")
        ),
        (
            b"Connection: ",
            b"X: ",
            426,
            "missing Connection header (right: Upgrade; do proxies drop it?)",
        ),
        (
            b"Upgrade: websocket",
            b"X: y",
            426,
            "missing Upgrade header (right: websocket; do proxies drop it?)",
        ),
        (
            b"Upgrade: websocket",
            b"Upgrade: h2c",
            426,
            "invalid Upgrade header: h2c (right: websocket; do proxies drop it?)",
        ),
        (
            b"HTTP/1.1",
            b"HTTP/1.0",
            505,
            "unsupported HTTP version: HTTP/1.0 (right: HTTP/1.1; do proxies change it?)",
        ),
        (b"GET ", b"POST ", 405, "unsupported HTTP method: POST (right: GET)"),
    ],
)
def test_a_request_that_is_no_handshake_is_told_what_is_wrong_with_it(
    old: bytes, new: bytes, status: int, said: str
) -> None:
    link = asked(raw_request().replace(old, new, 1))
    expected = f"this is no WebSocket handshake: {said}"
    assert rejected(link) == HandshakeRejected(status, expected)
    answer = written(link)
    assert answer.endswith(f"\r\n\r\n{expected}\n".encode())
    assert b"Sec-WebSocket-Version" not in answer


@pytest.mark.parametrize("version", ["12", "8", "", "13, 8", None])
def test_a_wrong_websocket_version_is_answered_with_the_right_one(version: str | None) -> None:
    line = b"Sec-WebSocket-Version: 13\r\n"
    theirs = b"" if version is None else f"Sec-WebSocket-Version: {version}\r\n".encode()
    answer = written(asked(raw_request().replace(line, theirs)))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(line) == 1


@pytest.mark.parametrize("first", [b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"])
def test_tls_on_a_port_without_it_is_told_and_closed_at_the_first_byte(first: bytes) -> None:
    link = asked(first)
    reason = "the station speaks TLS, and this port does not"
    assert link.events() == [HandshakeRejected(None, reason), Closed(1006, reason)]
    assert link.data_to_send() == [b""]
    assert link.next_timeout() is None


def test_an_alert_of_tls_in_the_place_of_an_answer_is_told_and_closed_at_once() -> None:
    link = station()
    request_of(link)
    link.receive_data(b"\x15", now=0.0)
    assert [type(event) for event in link.events()] == [HandshakeRejected, Closed]
    assert link.data_to_send() == [b""]


def test_text_that_is_no_utf_8_is_answered_and_the_link_lives() -> None:
    pair = Pair.open("ocpp2.1")
    pair.csms.receive_data(frame(b'[2,"1","Heart\xffbeat",{}]', mask=True), now=pair.now)
    [event] = pair.csms.events()
    assert isinstance(event, ProtocolViolated)
    assert pair.csms.phase is Phase.OPEN
    [answer] = pair.csms.data_to_send()
    assert json.loads(answer[2:])[:3] == [4, "1", "RpcFrameworkError"]
    pair.station.connection.send_call("Heartbeat", {}, now=pair.now)
    pair.run()
    assert not pair.take("station", CallErrorReceived)


def test_text_that_is_no_utf_8_passes_a_pipe_as_it_came() -> None:
    pair = Pair(station(), csms(connection=MessagePipe(Role.CSMS, config=Config())))
    pair.run()
    pair.csms.receive_data(frame(b"\xff", mask=True), now=pair.now)
    assert pair.csms.events()[-1] == MessageReceived(b"\xff")


# --- what is held -----------------------------------------------------------------------------------------

SIZE = 200_000
COUNT = 100
COMPRESSED = WebSocketConfig(compression=True)


def open_pipes(websocket: WebSocketConfig) -> tuple[list[Any], bytes]:
    """Return links that are open, and the bytes of one large message to each."""
    links = []
    pipe = MessagePipe(Role.STATION, config=Config())
    sender = Pair(
        station(connection=pipe, websocket=websocket),
        csms(connection=MessagePipe(Role.CSMS, config=Config()), websocket=websocket),
    )
    sender.run()
    pipe.send(json.dumps(list(range(SIZE // 7))).encode())
    message = written(sender.station)
    for _ in range(COUNT):
        connection = MessagePipe(Role.CSMS, config=Config())
        pair = Pair(station(websocket=websocket), csms(connection=connection, websocket=websocket))
        pair.run()
        links.append(pair.csms)
    return links, message


def growth(links: list[Any], feed: Callable[[Any], None]) -> float:
    """Return the bytes that each link holds more once it was fed."""
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for link in links:
            feed(link)
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before) / len(links)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("chunk", [1_000_000, 65536, 1000])
@pytest.mark.parametrize("websocket", [WebSocketConfig(), COMPRESSED], ids=["plain", "deflated"])
def test_nothing_of_a_message_is_kept_once_it_is_taken(
    websocket: WebSocketConfig, chunk: int
) -> None:
    links, message = open_pipes(websocket)

    def feed(link: Any) -> None:
        for start in range(0, len(message), chunk):
            link.receive_data(message[start : start + chunk], now=0.0)
        assert [len(event.data) > SIZE // 2 for event in link.events()] == [True]
        assert link.held == 0

    assert growth(links, feed) < 1024


@pytest.mark.parametrize("end", ["too big", "lost", "closed", "garbage"])
@pytest.mark.parametrize("websocket", [WebSocketConfig(), COMPRESSED], ids=["plain", "deflated"])
def test_nothing_of_an_unfinished_message_is_kept_after_the_end(
    websocket: WebSocketConfig, end: str
) -> None:
    links, message = open_pipes(websocket)
    start = bytes([message[0] & 0x7F]) + message[1:]  # without FIN

    def feed(link: Any) -> None:
        link.receive_data(start, now=0.0)
        assert link.held > SIZE // 2
        if end == "too big":
            for _ in range(10):
                link.receive_data(frame(b"x" * SIZE, opcode=0, fin=False, mask=True), now=0.0)
        elif end == "garbage":
            link.receive_data(frame(b"x", opcode=1, mask=True), now=0.0)
        elif end == "closed":
            link.receive_data(frame(b"\x03\xe8", opcode=8, mask=True), now=0.0)
        link.receive_eof(now=0.0)
        assert [type(event) for event in link.events()] == [Closed]
        written(link)
        assert link.held == 0

    assert growth(links, feed) < 1024


def test_held_is_what_has_come_of_a_frame_of_a_message_and_of_a_handshake() -> None:
    link = csms()
    link.start(now=0.0)
    assert link.held == 0
    request = raw_request()
    link.receive_data(request[:100], now=0.0)
    assert 0 < link.held <= 100
    link.receive_data(request[100:] + frame(b"[]", mask=True), now=0.0)
    assert link.held == 8
    link.accept(now=0.0)
    assert link.held == 0
    link.events()

    whole = frame(b"x" * 1000, fin=False, mask=True)
    link.receive_data(whole[:500], now=0.0)
    assert 480 < link.held <= 500
    link.receive_data(whole[500:], now=0.0)
    one = link.held
    assert 1000 <= one < 1200
    link.receive_data(frame(b"y" * 50, opcode=0, fin=False, mask=True), now=0.0)
    assert one + 50 <= link.held < one + 250
    link.receive_data(frame(b"", opcode=9, mask=True), now=0.0)
    link.receive_data(frame(b"z", opcode=0, mask=True), now=0.0)
    assert link.held == 0


def test_held_counts_the_window_of_a_compressed_message() -> None:
    [link, *_], message = open_pipes(COMPRESSED)
    link.receive_data(bytes([message[0] & 0x7F]) + message[1:], now=0.0)
    [plain, *_], message = open_pipes(WebSocketConfig())
    plain.receive_data(bytes([message[0] & 0x7F]) + message[1:], now=0.0)
    assert link.held > plain.held + 32768
    assert link.connection.version is Version.OCPP16
