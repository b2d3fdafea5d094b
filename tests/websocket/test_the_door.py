"""What a CSMS may let in, and what it is told first: the table of faults; and HTTP for no WebSocket."""

from typing import Any, NamedTuple

import pytest
from test_websocket import asked, basic, handshake_of, raw_request, written
from websocket_pair import Pair, csms, station

from ocpp_sansio import Config, Connection, LocalProtocolError, Role, Version
from ocpp_sansio.websocket import (
    Closed,
    CsmsWebSocket,
    HandshakeReceived,
    HandshakeRejected,
    HttpRequestReceived,
    HttpResponse,
    MessagePipe,
    NoCommonVersion,
    Opened,
    Phase,
    WebSocketConfig,
)

NO_VERSION = (400, "no OCPP version in common")
NO_IDENTITY = (404, "the path does not end in an identity")
WRONG_NAME = (401, "the user name is not the identity")
WRONG = basic(b"admin:secret")
RIGHT = basic(b"CP001:secret")
LAX = WebSocketConfig(strict_identities=False)


class Row(NamedTuple):
    """One station at the door."""

    request: dict[str, Any]
    faults: list[tuple[int, str]]
    """What its request is at fault with."""
    terms: dict[str, Any]
    """What `accept` is told."""
    outcome: Any
    """What it is refused with all the same; or as whom it is let in, to speak what, and what is confirmed."""


DOORS = {
    "nothing offered": Row({"protocols": ""}, [NO_VERSION], {}, NO_VERSION),
    "nothing offered, 1.6 assumed": Row(
        {"protocols": ""}, [NO_VERSION], {"version": "ocpp1.6"}, ("CP001", "ocpp1.6", None)
    ),
    "an empty offer, 2.0.1 assumed": Row(
        {"protocols": " , ,"},
        [NO_VERSION],
        {"version": Version.OCPP201},
        ("CP001", "ocpp2.0.1", None),
    ),
    "another spelling": Row(
        {"protocols": "OCPP1.6J"},
        [NO_VERSION],
        {"version": "ocpp1.6"},
        ("CP001", "ocpp1.6", "OCPP1.6J"),
    ),
    "an offer that cannot be confirmed": Row(
        {"protocols": "ocpp 1.6, x"},
        [NO_VERSION],
        {"version": "ocpp1.6"},
        ("CP001", "ocpp1.6", "x"),
    ),
    "empty tokens beside a good one": Row(
        {"protocols": ",ocpp1.6,,"}, [], {}, ("CP001", "ocpp1.6", "ocpp1.6")
    ),
    "no identity": Row({"path": "/"}, [NO_IDENTITY], {}, NO_IDENTITY),
    "no identity, one from elsewhere": Row(
        {"path": "/", "X_Station": "CP9"},
        [NO_IDENTITY],
        {"identity": "CP9"},
        ("CP9", "ocpp1.6", "ocpp1.6"),
    ),
    "an identity earlier in the path": Row(
        {"path": "/CP9/ws"}, [], {"identity": "CP9"}, ("CP9", "ocpp1.6", "ocpp1.6")
    ),
    "a tenant's name before the identity": Row(
        {"path": "/a/CP001", "Authorization": RIGHT},
        [],
        {"identity": "a:CP001"},
        ("a:CP001", "ocpp1.6", "ocpp1.6"),
    ),
    "a user name that is not the identity": Row(
        {"Authorization": WRONG}, [WRONG_NAME], {}, WRONG_NAME
    ),
    "the same, and the identity repeated, which is no permission": Row(
        {"Authorization": WRONG}, [WRONG_NAME], {"identity": "CP001"}, WRONG_NAME
    ),
    "the same, with permission": Row(
        {"Authorization": WRONG},
        [WRONG_NAME],
        {"check_username": False},
        ("CP001", "ocpp1.6", "ocpp1.6"),
    ),
    "a user name that is the identity from elsewhere": Row(
        {"path": "/x", "Authorization": RIGHT},
        [WRONG_NAME],
        {"identity": "CP001"},
        ("CP001", "ocpp1.6", "ocpp1.6"),
    ),
    "an identity that is none in 2.x": Row(
        {"path": "/a%2Fb", "protocols": "ocpp2.1"},
        [(404, "an identity is made of")],
        {},
        (404, "an identity is made of"),
    ),
    "the same, by other settings": Row(
        {"path": "/a%2Fb", "protocols": "ocpp2.1"},
        [(404, "an identity is made of")],
        {"websocket": LAX},
        ("a/b", "ocpp2.1", "ocpp2.1"),
    ),
    "the same, where other settings change what is preferred": Row(
        {"path": "/a%2Fb", "protocols": "ocpp2.1, ocpp1.6"},
        [],
        {"websocket": LAX},
        ("a/b", "ocpp2.1", "ocpp2.1"),
    ),
    "the same, with one of our own": Row(
        {"path": "/a%2Fb", "protocols": "ocpp2.1"},
        [(404, "an identity is made of")],
        {"identity": "a:b"},
        ("a:b", "ocpp2.1", "ocpp2.1"),
    ),
    "an assumed version in which the identity is none": Row(
        {"path": "/a%2Fb", "protocols": ""},
        [NO_VERSION],
        {"version": "ocpp2.1"},
        (404, "an identity is made of"),
    ),
    "everything wrong": Row(
        {"path": "/", "protocols": "x", "Authorization": WRONG},
        [NO_VERSION, NO_IDENTITY, WRONG_NAME],
        {},
        NO_VERSION,
    ),
    "everything wrong, a version assumed": Row(
        {"path": "/", "protocols": "x", "Authorization": WRONG},
        [NO_VERSION, NO_IDENTITY, WRONG_NAME],
        {"version": "ocpp1.6"},
        NO_IDENTITY,
    ),
    "everything wrong, and all of it seen to": Row(
        {"path": "/", "protocols": "x", "Authorization": WRONG},
        [NO_VERSION, NO_IDENTITY, WRONG_NAME],
        {"version": "ocpp1.6", "identity": "CP9", "check_username": False},
        ("CP9", "ocpp1.6", "x"),
    ),
}


@pytest.mark.parametrize("row", DOORS.values(), ids=DOORS)
def test_strict_refuses_what_accept_does_not_see_to(row: Row) -> None:
    request, faults, terms, outcome = row
    link = asked(raw_request(**request), versions=list(Version))
    event = handshake_of(link)
    assert [fault.status for fault in event.faults] == [status for status, _ in faults]
    told = zip(event.faults, faults, strict=True)
    assert all(fault.reason.startswith(reason) for fault, (_, reason) in told)
    fault = link.find_fault(**terms)
    link.accept(**terms, now=0.0)
    answer = written(link).decode()
    if len(outcome) == 2:
        status, reason = outcome
        [rejected] = link.events()
        assert isinstance(rejected, HandshakeRejected)
        assert (rejected.status, rejected.reason.startswith(reason)) == (status, True)
        assert fault
        assert (fault.status, fault.reason) == (rejected.status, rejected.reason)
        assert answer.startswith(f"HTTP/1.1 {status} ")
        assert answer.endswith(f"\r\n\r\n{rejected.reason}\n")
        assert ("WWW-Authenticate" in answer) is (status == 401)
    else:
        identity, version, confirmed = outcome
        assert fault is None
        assert link.events() == [Opened(Version(version))]
        assert link.identity == identity
        assert answer.startswith("HTTP/1.1 101 ")
        said = [line for line in answer.split("\r\n") if "Protocol:" in line]
        assert said == ([f"Sec-WebSocket-Protocol: {confirmed}"] if confirmed else [])


def test_what_cannot_be_is_refused_locally_and_the_station_still_waits() -> None:
    link = asked(raw_request(protocols=""), versions=["ocpp1.6"])
    for identity in ("", "..", "a\nb", "a/../b"):
        with pytest.raises(ValueError, match="identity"):
            link.accept("ocpp1.6", identity=identity, now=0.0)
    with pytest.raises(LocalProtocolError, match="common"):
        link.accept("ocpp2.1", now=0.0)  # which this side does not speak
    with pytest.raises(ValueError, match="version"):
        link.accept("ocpp3", now=0.0)
    assert link.data_to_send() == []
    link.accept("ocpp1.6", now=0.0)
    assert link.connection.version is Version.OCPP16
    with pytest.raises(LocalProtocolError, match="no handshake"):
        link.find_fault()


def test_c5_by_the_letter_a_station_without_a_version_is_let_in_and_closed_unless_one_is_assumed() -> (
    None
):
    choice = NoCommonVersion.ACCEPT_AND_CLOSE
    link = asked(raw_request(protocols=""), no_common_version=choice)
    link.accept(now=0.0)
    assert written(link).startswith(b"HTTP/1.1 101 ")
    assert [type(event) for event in link.events()] == [HandshakeReceived, HandshakeRejected]
    link = asked(raw_request(protocols=""), no_common_version=choice)
    link.accept("ocpp1.6", now=0.0)
    assert [type(event) for event in link.events()] == [HandshakeReceived, Opened]


# --- the settings of one link, at the decision ---------------------------------------------------------


def opened(link: CsmsWebSocket, **options: Any) -> Pair:
    pair = Pair(station(websocket=WebSocketConfig(ping_interval=0, compression=True)), link)
    pair.csms.receive_data(written(pair.station), now=pair.now)
    pair.csms.accept(now=pair.now, **options)
    pair.run()
    return pair


def test_a_csms_pings_every_20_s_and_a_station_every_60_unless_told_otherwise() -> None:
    pair = Pair.open()
    assert pair.csms.next_timeout() == pair.now + 20
    assert pair.station.next_timeout() == pair.now + 60
    told = WebSocketConfig(ping_interval=35)
    pair = Pair.open(websocket=told)
    assert pair.csms.next_timeout() == pair.station.next_timeout() == pair.now + 35


def test_the_settings_of_the_websocket_can_be_those_of_one_station() -> None:
    quiet = WebSocketConfig(ping_interval=0, compression=False, idle_timeout=50)
    pair = opened(csms(), websocket=quiet)
    assert pair.csms.next_timeout() == pair.now + 50
    assert not pair.csms.is_compressed
    assert not pair.station.is_compressed
    pair = opened(csms(websocket=quiet), websocket=WebSocketConfig(ping_interval=7))
    assert pair.csms.next_timeout() == pair.now + 7
    assert pair.csms.is_compressed
    assert pair.station.is_compressed


def test_one_that_hangs_up_after_30_s_of_silence_and_one_that_answers_no_ping_both_stay() -> None:
    pair = opened(csms())
    pair.csms.handle_timeout(now=pair.now + 29)
    assert pair.csms.data_to_send() == [b"\x89\x00"]  # a ping, before it loses patience
    link = asked(raw_request())
    link.accept(now=0.0, websocket=WebSocketConfig(ping_interval=0))
    written(link)
    link.handle_timeout(now=3600.0)
    assert link.data_to_send() == []
    assert link.phase is Phase.OPEN
    assert link.next_timeout() is None


@pytest.mark.parametrize("kind", ["its own connection", "a pipe"])
def test_the_settings_of_messages_can_be_those_of_one_station(kind: str) -> None:
    small = Config(max_message_size=64)
    pipe = MessagePipe(Role.CSMS, config=Config())
    link = csms(connection=pipe) if kind == "a pipe" else csms()
    pair = opened(link, config=small)
    assert pair.csms.connection.config is small
    long = {"vendorId": "v" * 100}
    pair.station.connection.send_call("DataTransfer", long, now=pair.now)
    pair.run()
    [closed] = pair.take("csms", Closed)
    assert closed.code == 1009


def test_a_connection_that_was_given_keeps_its_own_settings() -> None:
    link = csms(connection=Connection(Role.CSMS))
    link.start(now=0.0)
    link.receive_data(raw_request(), now=0.0)
    with pytest.raises(LocalProtocolError, match="settings of its own"):
        link.accept(now=0.0, config=Config())
    assert link.phase is Phase.DECISION


# --- HTTP that wants no WebSocket ----------------------------------------------------------------------

HEALTH = b"GET /health?deep=1 HTTP/1.1\r\nHost: x\r\nX-Probe: y\r\n\r\n"


def test_a_request_for_no_websocket_is_answered_and_that_is_the_end() -> None:
    link = asked(HEALTH, answers_http=True)
    [event] = link.events()
    assert isinstance(event, HttpRequestReceived)
    assert (event.method, event.path) == ("GET", "/health?deep=1")
    assert event.headers["x-probe"] == "y"
    assert repr(event) == "HttpRequestReceived(method='GET', path='/health')"
    link.receive_data(HEALTH, now=0.0)  # another one behind it, which has no answer
    body = HttpResponse('{"ok":true}', content_type="application/json", headers={"X-A": "b"})
    link.answer(body, now=0.0)
    answer, end = link.data_to_send()
    assert end == b""
    head, _, body_sent = answer.decode().partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 OK\r\n")
    for line in (
        "Connection: close",
        "Content-Length: 11",
        "Content-Type: application/json",
        "X-A: b",
    ):
        assert f"\r\n{line}" in head
    assert body_sent == '{"ok":true}'
    assert link.events() == []
    link.receive_eof(now=1.0)
    assert [type(event) for event in link.events()] == [Closed]


@pytest.mark.parametrize(
    ("method", "protocol", "status"),
    [("GET", "1.1", 426), ("HEAD", "1.1", 405), ("OPTIONS", "1.0", 405), ("GET", "1.0", 505)],
)
def test_every_method_is_answered_or_refused_as_without_asking(
    method: str, protocol: str, status: int
) -> None:
    request = f"{method} /metrics HTTP/{protocol}\r\n\r\n".encode()
    links = [asked(request, answers_http=True), asked(request)]
    links[0].answer(None, now=0.0)
    refusals = [[e for e in link.events() if isinstance(e, HandshakeRejected)] for link in links]
    assert refusals[0] == refusals[1]
    assert refusals[0][0].status == status
    heads = [written(link).split(b"\r\n\r\n") for link in links]
    assert heads[0][1] == heads[1][1]
    link = asked(request, answers_http=True)
    link.answer(HttpResponse("four"), now=0.0)
    answer = written(link)
    assert b"Content-Length: 4\r\n" in answer
    assert answer.endswith(b"\r\n\r\n" if method == "HEAD" else b"\r\n\r\nfour")


@pytest.mark.parametrize(
    "request_bytes",
    [
        raw_request().replace(b"Upgrade: websocket\r\n", b""),  # as a proxy does that knows none
        raw_request().replace(b"Version: 13", b"Version: 8"),
        b"POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
        b"\x16\x03\x01",
        b"x\r\n\r\n",
    ],
)
def test_a_bad_handshake_and_what_is_no_http_are_refused_without_asking(
    request_bytes: bytes,
) -> None:
    link = asked(request_bytes, answers_http=True)
    assert not [e for e in link.events() if isinstance(e, HttpRequestReceived)]
    with pytest.raises(LocalProtocolError, match="no HTTP request"):
        link.answer(None, now=0.0)


def test_who_is_not_answered_in_time_gets_503_and_a_websocket_is_nothing_to_answer() -> None:
    link = asked(HEALTH, answers_http=True)
    with pytest.raises(LocalProtocolError, match="no handshake"):
        link.accept(now=0.0)
    with pytest.raises(LocalProtocolError, match="no handshake"):
        link.reject(404, now=0.0)
    link.handle_timeout(now=15.0)
    assert written(link).startswith(b"HTTP/1.1 503 ")
    with pytest.raises(LocalProtocolError, match="closing"):
        link.answer(HttpResponse(), now=15.0)
    link = asked(raw_request(), answers_http=True)
    with pytest.raises(LocalProtocolError, match="no HTTP request"):
        link.answer(HttpResponse(), now=0.0)


@pytest.mark.parametrize(
    "options",
    [
        *({"status": status} for status in (101, 299, 600, 0)),
        *({"headers": {name: "x"}} for name in ("Content-Length", "connection", "a b", "")),
        *({"headers": {"X": "a\r\nB: c"}}, {"content_type": "a\nb"}),
    ],
)
def test_an_answer_that_cannot_be_is_refused_locally(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"status|HTTPStatus|header|answer"):
        HttpResponse("x", **options)
