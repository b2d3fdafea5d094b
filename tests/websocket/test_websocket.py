"""The WebSocket layer, rule by rule, on two real links and a virtual clock (C-2 to C-10, P-2 to P-4)."""

import base64
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from websocket_pair import Pair, closings, csms, station

from ocpp_sansio import (
    CallAborted,
    CallReceived,
    CallResultReceived,
    CallTimedOut,
    Config,
    Connection,
    LocalProtocolError,
    ProtocolViolated,
    Role,
    Rule,
    Version,
    v16,
)
from ocpp_sansio.station import Amend, CountTimeouts, Station, StationSettings, StoreFailed
from ocpp_sansio.websocket import (
    Closed,
    CsmsWebSocket,
    HandshakeReceived,
    HandshakeRejected,
    MessagePipe,
    MessageReceived,
    NoCommonVersion,
    Opened,
    Phase,
    StationWebSocket,
    WebSocketConfig,
    passwords_match,
)

QUIET = WebSocketConfig(ping_interval=0)
HEARTBEAT = b'[2,"1","Heartbeat",{}]'


def request_of(link: StationWebSocket) -> bytes:
    link.start(now=0.0)
    return b"".join(link.data_to_send())


def asked(request: bytes, **options: object) -> CsmsWebSocket:
    """A CSMS that has received a request."""
    link = csms(**options)
    link.start(now=0.0)
    link.receive_data(request, now=0.0)
    return link


def handshake_of(link: CsmsWebSocket) -> HandshakeReceived:
    [event] = link.events()
    assert isinstance(event, HandshakeReceived)
    return event


def written(link: StationWebSocket | CsmsWebSocket) -> bytes:
    return b"".join(link.data_to_send())


def refusal_of(link: CsmsWebSocket) -> HandshakeRejected:
    """What becomes of a request whose fault nobody has seen to, when the CSMS would let everybody in."""
    [asking] = link.events()
    assert isinstance(asking, HandshakeReceived)
    link.accept(now=0.0)
    [event] = link.events()
    assert isinstance(event, HandshakeRejected)
    assert (event.status, event.reason) == (asking.faults[0].status, asking.faults[0].reason)
    return event


def status_of(link: CsmsWebSocket) -> int:
    if link.phase is Phase.DECISION:
        refusal_of(link)
    return int(written(link).split(b" ")[1])


def raw_request(path: str = "/ocpp/CP001", protocols: str = "ocpp1.6", **headers: str) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: csms.example",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version: 13",
        *([f"Sec-WebSocket-Protocol: {protocols}"] if protocols else []),
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def basic(credentials: bytes) -> str:
    return "Basic " + base64.b64encode(credentials).decode()


def frame(data: bytes, *, opcode: int = 1, fin: bool = True, mask: bool = False) -> bytes:
    """A WebSocket frame as a stranger would write it; the mask, if any, is zero."""
    size = len(data)
    head = bytes([(0x80 if fin else 0) | opcode])
    flag = 0x80 if mask else 0
    if size < 126:
        head += bytes([flag | size])
    elif size < 65536:
        head += bytes([flag | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([flag | 127]) + size.to_bytes(8, "big")
    return head + (bytes(4) if mask else b"") + data


# --- the life of a link ---------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [None, 1, 7])
def test_a_call_travels_both_ways_and_the_close_is_seen_by_both(chunk: int | None) -> None:
    pair = Pair(station(), csms(), chunk=chunk)
    pair.run()
    assert pair.take("station") == [Opened(Version.OCPP16)]
    assert pair.take("csms", Opened) == [Opened(Version.OCPP16)]
    there = pair.station.connection.send_call(v16.HeartbeatRequest(), now=pair.now)
    back = pair.csms.connection.send_call(
        v16.TriggerMessageRequest(requested_message=v16.MessageTrigger.HEARTBEAT), now=pair.now
    )
    pair.run()
    assert [e.call for e in pair.take("station", CallResultReceived)] == [there]
    assert [e.call for e in pair.take("csms", CallResultReceived)] == [back]
    pair.station.close(now=pair.now, code=1001, reason="reboot")
    pair.run()
    assert pair.take("station") == pair.take("csms") == [Closed(1001, "reboot")]
    assert pair.station.phase is pair.csms.phase is Phase.CLOSED
    assert pair.station.next_timeout() is None
    assert pair.csms.next_timeout() is None


def test_frames_leave_as_text_without_a_further_call() -> None:
    pair = Pair.open(websocket=QUIET)
    pair.csms.connection.send_call("Reset", {"type": "Soft"}, now=pair.now, message_id="m")
    assert written(pair.csms) == frame(b'[2,"m","Reset",{"type":"Soft"}]')  # opcode 1: F-1


def test_what_was_sent_before_a_close_leaves_before_it() -> None:
    pair = Pair.open()
    call = pair.station.connection.send_call(v16.HeartbeatRequest(), now=pair.now)
    pair.station.close(now=pair.now)
    pair.run()
    assert pair.take("csms", CallReceived)[0].message_id == call.message_id
    assert pair.take("station", CallAborted) == [CallAborted(call, was_sent=True)]


def test_many_messages_in_one_chunk_are_one_pass_in_order() -> None:
    pair = Pair.open(config=Config(max_undrained=8, max_unanswered_calls=1000))
    calls = b"".join(frame(b'[2,"%d","Heartbeat",{}]' % i, mask=True) for i in range(500))
    pair.csms.receive_data(calls, now=pair.now)
    received = [e for e in pair.csms.events() if isinstance(e, CallReceived)]
    assert [e.message_id for e in received] == [str(i) for i in range(500)]


def test_undrained_events_stop_the_input_before_anything_changes() -> None:
    pair = Pair.open(config=Config(max_undrained=4))
    link = pair.csms
    for _ in range(4):
        link.receive_data(frame(b"{}", mask=True), now=pair.now)
    with pytest.raises(LocalProtocolError, match="events"):
        link.receive_data(frame(b"{}", mask=True), now=pair.now)
    assert len(link.events()) == 4
    link.receive_data(frame(b"{}", mask=True), now=pair.now)
    assert [type(event) for event in link.events()] == [ProtocolViolated]


def test_a_connection_outlives_its_links_and_takes_nothing_along() -> None:
    connection = Connection(Role.STATION)
    first = Pair(station(connection=connection), csms())
    first.run()
    lost = connection.send_call(v16.HeartbeatRequest(), now=first.now)
    first.station.receive_eof(now=first.now)
    assert first.station.events()[-2:] == [
        CallAborted(lost, was_sent=False),  # nobody had taken its bytes
        Closed(1006, "the connection was lost"),
    ]
    second = Pair(station(connection=connection), csms())
    second.run()
    call = connection.send_call(v16.HeartbeatRequest(), now=second.now)
    assert first.station.data_to_send() == [b""]
    assert first.station.events() == []
    second.run()
    assert [e.call for e in second.take("station", CallResultReceived)] == [call]
    assert [e.message_id for e in second.take("csms", CallReceived)] == [call.message_id]


def test_a_link_is_for_one_transport_and_a_connection_for_one_link() -> None:
    pair = Pair.open()
    with pytest.raises(LocalProtocolError, match="another"):
        pair.station.start(now=1.0)
    with pytest.raises(LocalProtocolError, match="belongs"):
        station(connection=pair.station.connection).start(now=1.0)
    with pytest.raises(ValueError, match="csms"):
        station(connection=Connection(Role.CSMS))


def test_an_input_of_no_bytes_starts_a_link_too() -> None:
    link = station()
    link.receive_data(b"", now=0.0)
    (request,) = link.data_to_send()
    assert request.startswith(b"GET /ocpp/CP001 ")


def test_time_never_runs_backwards_inside() -> None:
    pair = Pair.open()
    call = pair.station.connection.send_call(v16.HeartbeatRequest(), now=pair.now, timeout=5)
    pair.station.handle_timeout(now=pair.now + 4)
    pair.station.handle_timeout(now=0.0)
    pair.station.handle_timeout(now=pair.now + 5)
    assert pair.station.events() == [CallTimedOut(call)]


# --- identity: C-2, C-3, C-7 ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "identity", "target"),
    [
        ("ws://h/ocpp", "RDAM 123", b"/ocpp/RDAM%20123"),
        ("ws://h/ocpp", "RDAM|123", b"/ocpp/RDAM%7C123"),
        ("ws://h/ocpp/", "CP001", b"/ocpp/CP001"),
        ("ws://h", "CP001", b"/CP001"),
        ("ws://h/a%2Fb?tenant=3", "a/b?c#d%e", b"/a%2Fb/a%2Fb%3Fc%23d%25e?tenant=3"),
        ("wss://[::1]:8443/x", "é", b"/x/%C3%A9"),
    ],
)
def test_c2_the_identity_is_one_percent_coded_segment(
    url: str, identity: str, target: bytes
) -> None:
    request = request_of(station(identity, url=url))
    assert request.startswith(b"GET " + target + b" HTTP/1.1\r\n")
    assert handshake_of(asked(request)).identity == identity


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=255)
    .filter(str.isprintable)
    .filter(lambda identity: {".", ".."}.isdisjoint(re.split(r"[/\\\\]", identity)))
)
def test_c2_what_is_coded_once_is_decoded_once(identity: str) -> None:
    assert handshake_of(asked(request_of(station(identity)))).identity == identity


@pytest.mark.parametrize(
    "path",
    [
        *("/", "//", "/ocpp/%", "/ocpp/%zz", "/ocpp/%FF", "/ocpp/a%0Ab", "/?id=CP001", "?id=CP001"),
        *("/ocpp/.", "/ocpp/..", "/ocpp/%2e%2E", "/ocpp/..%2f..%2fetc%2fpasswd", "/ocpp/a%2F.%2Fb"),
        *("/ocpp/..%5C..%5Cboot.ini", "/ocpp/a%2F.."),
    ],
)
def test_c2_a_path_without_a_readable_identity_is_not_found(path: str) -> None:
    assert status_of(asked(raw_request(path))) == 404


@pytest.mark.parametrize("path", ["/ocpp/CP001/", "/ocpp/CP001//", "/CP001/?tenant=3"])
def test_c2_a_slash_at_the_end_of_a_path_is_no_part_of_the_identity(path: str) -> None:
    assert handshake_of(asked(raw_request(path))).identity == "CP001"


def test_c2_the_path_is_split_before_it_is_decoded_and_only_once() -> None:
    assert handshake_of(asked(raw_request("/a/b%2Fc%2541"))).identity == "b/c%41"


@pytest.mark.parametrize("identity", ["", ".", "..", "a\nb", "../x", "a\\.."])
def test_c2_what_no_segment_can_carry_is_refused_locally(identity: str) -> None:
    with pytest.raises(ValueError, match="identity"):
        station(identity)


@pytest.mark.parametrize(
    "url", ["http://h/ocpp", "ws://h/o cpp", "ws:///x", "ws://h/#x", "ws://u:p@h/ocpp", "ws://h:x/"]
)
def test_an_address_that_is_none_is_refused_locally(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|URI|hostname|scheme|port|Port|fragment"):
        station(url=url)


@pytest.mark.parametrize("identity", ["a:b", "x" * 49, "a/b", "é", "a%b", "a'b", "a\\b", "a#b"])
@pytest.mark.parametrize("version", ["ocpp2.0.1", "ocpp2.1"])
def test_c3_length_and_character_rules_are_those_of_2x(identity: str, version: str) -> None:
    with pytest.raises(ValueError, match="identity"):
        station(identity, versions=[version])
    request = request_of(station(identity)).replace(b"ocpp1.6", version.encode())
    assert status_of(asked(request, versions=[version])) == 404


def test_c3_every_character_of_identifier_string_but_the_colon_is_one_of_2x() -> None:
    for identity in ("abcxyz-ABCXYZ_0123456789*=+|@.", "..."):
        for version in ("ocpp2.0.1", "ocpp2.1"):
            request = request_of(station(identity, versions=[version]))
            assert handshake_of(asked(request, versions=[version])).identity == identity


def test_c3_the_space_of_the_example_in_the_text_of_201_is_none_in_21() -> None:
    request = raw_request("/ocpp/RDAM%20123", "ocpp2.1, ocpp2.0.1")
    both = ["ocpp2.1", "ocpp2.0.1"]
    assert handshake_of(asked(request, versions=both)).versions == (Version.OCPP201,)


@pytest.mark.parametrize("version", ["ocpp2.0.1", "ocpp2.1"])
def test_c3_other_characters_are_let_in_by_choice_the_colon_never(version: str) -> None:
    lax = WebSocketConfig(strict_identities=False)
    request = request_of(station("Säule/1", versions=[version], websocket=lax))
    assert handshake_of(asked(request, versions=[version], websocket=lax)).identity == "Säule/1"
    for path in ("/ocpp/a%3Ab", "/ocpp/..", "/ocpp/" + "x" * 49):
        assert (
            status_of(asked(raw_request(path, version), versions=[version], websocket=lax)) == 404
        )


@pytest.mark.parametrize("identity", ["a:b", "x" * 255, "a/b"])
def test_c3_16_has_no_rule_for_identities(identity: str) -> None:
    request = request_of(station(identity))
    assert handshake_of(asked(request)).identity == identity


def test_c3_an_identity_of_16_has_a_length_that_can_be_set() -> None:
    assert status_of(asked(raw_request("/ocpp/" + "x" * 256))) == 404
    with pytest.raises(ValueError, match="at most 255 characters"):
        station("x" * 256)
    settings = WebSocketConfig(max_identity_length=20)
    assert status_of(asked(raw_request("/ocpp/" + "x" * 21), websocket=settings)) == 404
    longest = asked(raw_request("/ocpp/" + "x" * 20), websocket=settings)
    assert handshake_of(longest).identity == "x" * 20
    with pytest.raises(ValueError, match="max_identity_length"):
        WebSocketConfig(max_identity_length=0)


def test_c3_a_station_whose_identity_is_illegal_in_2x_may_still_speak_16() -> None:
    request = raw_request("/ocpp/a%3Ab", "ocpp2.0.1, ocpp1.6")
    assert handshake_of(asked(request, versions=["ocpp2.0.1", "ocpp1.6"])).versions == (
        Version.OCPP16,
    )


def test_c3_a_user_name_that_is_not_the_identity_is_unauthorized() -> None:
    request = raw_request(Authorization=basic(b"CP002:secret"))
    link = asked(request)
    assert refusal_of(link).status == 401
    response = written(link)
    assert response.startswith(b"HTTP/1.1 401 ")
    assert b'WWW-Authenticate: Basic realm="OCPP"\r\n' in response
    assert handshake_of(asked(request, check_username=False)).username == "CP002"


def test_c7_an_unknown_station_gets_404_and_learns_it() -> None:
    pair = Pair(station(), csms())
    pair.csms.receive_data(written(pair.station), now=pair.now)
    pair.csms.reject(404, now=pair.now, reason="unknown station")
    pair.run()
    assert [type(event) for event in pair.take("csms")] == [HandshakeReceived, Closed]
    rejected, closed = pair.take("station")
    assert rejected.status == 404
    assert closed.code == 1006


# --- subprotocols: C-4, C-5, C-6 ------------------------------------------------------------------


def test_c4_the_stations_preference_decides() -> None:
    both = ["ocpp1.6", "ocpp2.0.1"]
    for offered in (both, both[::-1]):
        pair = Pair(station(versions=offered), csms(versions=both))
        pair.run()
        assert pair.station.connection.version is Version(offered[0])
        assert pair.csms.connection.version is Version(offered[0])


def test_c4_the_application_may_choose_another_common_version_but_no_other() -> None:
    pair = Pair(
        station(versions=["ocpp2.1", "ocpp2.0.1", "ocpp1.6"]),
        csms(versions=["ocpp1.6", "ocpp2.0.1"]),
    )
    pair.csms.receive_data(written(pair.station), now=pair.now)
    assert handshake_of(pair.csms).versions == (Version.OCPP201, Version.OCPP16)
    with pytest.raises(LocalProtocolError, match="common"):
        pair.csms.accept("ocpp2.1", now=pair.now)
    pair.csms.accept(Version.OCPP16, now=pair.now)
    pair.run()
    assert pair.station.connection.version is Version.OCPP16


@pytest.mark.parametrize("token", ["ocpp1.6j", "OCPP1.6", "ocpp1.5", "", ",;="])
def test_c5_no_common_version_is_refused(token: str) -> None:
    link = asked(raw_request(protocols=token))
    assert refusal_of(link) == HandshakeRejected(400, "no OCPP version in common")
    assert written(link).startswith(b"HTTP/1.1 400 ")


def test_c5_an_alias_is_taken_and_confirmed_as_it_was_sent() -> None:
    link = asked(raw_request(protocols="OCPP1.6J"), aliases={"OCPP1.6J": Version.OCPP16})
    assert handshake_of(link).versions == (Version.OCPP16,)
    link.accept(now=0.0)
    assert b"Sec-WebSocket-Protocol: OCPP1.6J\r\n" in written(link)
    assert link.connection.version is Version.OCPP16


def test_c4_an_alias_for_a_version_that_we_do_not_speak_counts_for_nothing() -> None:
    link = asked(raw_request(protocols="two"), aliases={"two": Version.OCPP21})
    assert status_of(link) == 400


def test_c5_the_letter_of_the_specification_accepts_and_closes() -> None:
    pair = Pair(
        station(versions=["ocpp2.1"]), csms(no_common_version=NoCommonVersion.ACCEPT_AND_CLOSE)
    )
    pair.run()
    assert pair.wrote["csms"].startswith(b"HTTP/1.1 101 ")
    assert b"Sec-WebSocket-Protocol" not in pair.wrote["csms"]
    assert pair.take("csms", HandshakeRejected)[0].status == 101
    assert pair.take("csms", Closed) == []
    assert [type(e) for e in pair.take("station")] == [HandshakeRejected, Closed]


def _answer(request: bytes, protocol: str | None) -> bytes:
    link = asked(request, versions=["ocpp1.6"])
    link.accept(now=0.0)
    mine = b"Sec-WebSocket-Protocol: ocpp1.6\r\n"
    theirs = f"Sec-WebSocket-Protocol: {protocol}\r\n".encode() if protocol else b""
    return written(link).replace(mine, theirs)


@pytest.mark.parametrize("protocol", [None, "ocpp2.1", "ocpp1.6j", "ocpp1.6, ocpp2.0.1"])
def test_c5_a_station_that_is_given_no_or_another_version_closes(protocol: str | None) -> None:
    link = station()
    link.receive_data(_answer(request_of(link), protocol) + frame(HEARTBEAT), now=0.0)
    [event] = link.events()
    assert isinstance(event, HandshakeRejected)
    assert event.status == 101
    assert not link.connection.is_connected
    assert link.phase is Phase.CLOSING
    written(link)
    link.receive_eof(now=1.0)
    assert [type(e) for e in link.events()] == [Closed]


def test_c6_the_version_is_never_taken_from_the_path() -> None:
    link = asked(raw_request("/ocpp2.0.1/CP001"), versions=["ocpp2.0.1", "ocpp1.6"])
    assert handshake_of(link).versions == (Version.OCPP16,)


# --- Basic authentication: P-2, P-3, P-4 ----------------------------------------------------------


@given(st.binary(max_size=64))
def test_p3_a_password_of_any_bytes_arrives_as_it_was_sent(password: bytes) -> None:
    event = handshake_of(asked(request_of(station(password=password))))
    assert (event.username, event.password) == ("CP001", password)


def test_p3_the_example_of_the_specification_is_spelled_alike() -> None:
    key = bytes.fromhex("0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF")
    request = request_of(station("AL1000", password=key))
    assert b"Authorization: Basic QUwxMDAwOgABAgMEBQYH////////////////\r\n" in request


def test_p4_a_password_of_text_is_sent_as_utf8() -> None:
    event = handshake_of(asked(request_of(station(password="pässwörd-16-chars"))))
    assert event.password == "pässwörd-16-chars".encode()


def test_p2_without_a_password_there_is_no_header_and_no_user() -> None:
    request = request_of(station())
    assert b"authorization" not in request.lower()
    event = handshake_of(asked(request))
    assert (event.username, event.password) == (None, None)


@pytest.mark.parametrize(
    "header",
    ["Bearer abc", "Basic", "Basic !!!", basic(b"no colon"), basic(b"\xff:secret"), "Basic \xe9"],
)
def test_p2_malformed_credentials_are_none(header: str) -> None:
    event = handshake_of(asked(raw_request(Authorization=header)))
    assert (event.username, event.password) == (None, None)


def test_p2_two_authorizations_are_none() -> None:
    header = basic(b"CP001:a")
    event = handshake_of(asked(raw_request(Authorization=header, authorization=header)))
    assert (event.username, event.password) == (None, None)


def test_p2_a_401_comes_before_the_upgrade_and_says_what_is_wanted() -> None:
    link = asked(request_of(station(password=b"wrong")))
    event = handshake_of(link)
    assert not passwords_match(event.password, b"right")
    link.reject(401, now=0.0)
    response = written(link)
    assert response.startswith(b"HTTP/1.1 401 ")
    assert b'WWW-Authenticate: Basic realm="OCPP"\r\n' in response
    assert b"101" not in response


def test_passwords_match_only_where_both_are_there_and_equal() -> None:
    assert passwords_match(b"k", b"k")
    assert not any(passwords_match(a, b) for a, b in [(b"k", b"K"), (None, None), (b"", None)])


def test_a_password_needs_a_colonless_identity_and_never_shows() -> None:
    with pytest.raises(ValueError, match="colon"):
        station("a:b", password=b"x")
    event = handshake_of(asked(request_of(station(password=b"topsecret"))))
    secret = base64.b64encode(b"CP001:topsecret").decode()
    assert "topsecret" not in repr(event)
    assert secret not in repr(event)
    assert event.headers["authorization"] == f"Basic {secret}"


def test_further_headers_go_along_and_bad_ones_are_refused() -> None:
    request = request_of(station(headers={"X-Tenant": "blue"}))
    assert handshake_of(asked(request)).headers["x-tenant"] == "blue"
    for name, value in (("X\r\nY", "z"), ("X", "a\r\nb: c"), ("", "x")):
        with pytest.raises(ValueError, match="header"):
            station(headers={name: value})


# --- decisions ------------------------------------------------------------------------------------


def test_a_decision_is_taken_once_and_only_while_it_is_waited_for() -> None:
    link = csms()
    with pytest.raises(LocalProtocolError, match="not started"):
        link.accept(now=0.0)
    link = asked(raw_request())
    link.accept(now=0.0)
    with pytest.raises(LocalProtocolError, match="open"):
        link.accept(now=0.0)
    with pytest.raises(LocalProtocolError, match="open"):
        link.reject(404, now=0.0)


def test_a_station_that_leaves_before_the_decision_is_gone() -> None:
    link = asked(raw_request())
    link.receive_eof(now=1.0)
    assert [type(e) for e in link.events()] == [HandshakeReceived, HandshakeRejected, Closed]
    with pytest.raises(LocalProtocolError, match="closed"):
        link.accept(now=1.0)


@pytest.mark.parametrize("status", [101, 200, 99, 1000])
def test_a_rejection_needs_the_status_of_one(status: int) -> None:
    link = asked(raw_request())
    with pytest.raises(ValueError, match=str(status)):
        link.reject(status, now=0.0)
    link.reject(503, now=0.0, headers={"Retry-After": "30"})
    assert b"Retry-After: 30\r\n" in written(link)


def test_what_comes_before_the_decision_waits_for_it() -> None:
    link = asked(raw_request() + frame(HEARTBEAT, mask=True)[:9])
    handshake_of(link)
    link.receive_data(frame(HEARTBEAT, mask=True)[9:], now=0.0)
    assert link.events() == []
    assert written(link) == b""
    link.accept(now=0.0)
    assert [type(e) for e in link.events()] == [Opened, CallReceived]


def test_a_close_or_garbage_before_the_decision_does_no_harm() -> None:
    for early in (frame(b"\x03\xe8", opcode=8, mask=True), b"\xff" * 40):
        link = asked(raw_request() + early)
        handshake_of(link)
        link.accept(now=0.0)
        assert isinstance(link.events()[0], Opened)
        link.receive_eof(now=0.0)
        assert [type(e) for e in link.events()] == [Closed]


@pytest.mark.parametrize("close_early", ["csms", "station"])
def test_closing_before_it_is_open_ends_it(close_early: str) -> None:
    pair = Pair(station(), csms())
    link = pair.station if close_early == "station" else pair.csms
    link.close(now=pair.now)
    assert link.events() == [Closed(1006, "closed before it was open")]
    pair.run()
    other = "csms" if close_early == "station" else "station"
    assert [type(e) for e in pair.take(other)][-2:] == [HandshakeRejected, Closed]


@pytest.mark.parametrize(
    ("code", "reason"), [(1006, ""), (999, ""), (1000, "x" * 124), (1000, "\ud800")]
)
def test_a_close_that_may_not_be_said_is_refused_and_changes_nothing(
    code: int, reason: str
) -> None:
    pair = Pair.open()
    with pytest.raises(LocalProtocolError):
        pair.station.close(now=pair.now, code=code, reason=reason)
    assert pair.station.phase is Phase.OPEN
    assert pair.station.data_to_send() == []


# --- compression: C-9 -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("station_asks", "csms_offers", "agreed"),
    [(None, None, False), (True, None, True), (True, False, False), (False, True, False)],
)
def test_c9_compression_is_the_csmss_duty_and_the_stations_choice(
    *, station_asks: bool | None, csms_offers: bool | None, agreed: bool
) -> None:
    pair = Pair(
        station(websocket=WebSocketConfig(compression=station_asks)),
        csms(websocket=WebSocketConfig(compression=csms_offers)),
    )
    pair.run()
    assert (b"permessage-deflate" in pair.wrote["csms"]) is agreed
    pair.wrote["station"].clear()
    data = {"vendorId": "v", "data": "x" * 5000}
    pair.station.connection.send_call("DataTransfer", data, now=pair.now)
    pair.run()
    assert [e.payload.data for e in pair.take("csms", CallReceived)] == ["x" * 5000]
    assert (len(pair.wrote["station"]) < 500) is agreed


@pytest.mark.parametrize("excess", [0, 1])
def test_c9_the_inflated_size_is_what_is_bounded(excess: int) -> None:
    config = Config(max_message_size=10_000)
    websocket = WebSocketConfig(compression=True, ping_interval=0)
    pair = Pair(station(websocket=websocket), csms(websocket=websocket, config=config))
    pair.run()
    head = '[2,"i","DataTransfer",{"vendorId":"v","data":""}]'
    data = "x" * (10_000 - len(head) + excess)
    pair.station.connection.send_call(
        "DataTransfer", {"vendorId": "v", "data": data}, now=pair.now, message_id="i"
    )
    pair.run()
    assert len(pair.take("csms", CallReceived)) == 1 - excess
    assert [e.code for e in closings(pair, "station")] == [1009] * excess


# --- time: C-10, pong deadline, handshake, closing, idling ----------------------------------------


def test_c10_pings_go_out_at_the_interval_and_are_answered() -> None:
    pair = Pair(station(websocket=WebSocketConfig(ping_interval=20)), csms(websocket=QUIET))
    pair.run()
    pair.wrote["station"].clear()
    pair.pass_time(101)
    assert pair.wrote["station"].count(b"\x89\x80") == 5  # a masked ping without a payload
    assert pair.csms.phase is pair.station.phase is Phase.OPEN


def test_c10_an_interval_of_0_means_no_pings_and_no_wake_ups() -> None:
    pair = Pair.open(websocket=QUIET)
    assert pair.station.next_timeout() is None
    pair.csms.change_ping_interval(10, now=pair.now)
    assert pair.csms.next_timeout() == pair.now + 10
    pair.csms.change_ping_interval(0, now=pair.now)
    assert pair.csms.next_timeout() is None


def test_c10_pings_stop_at_0_though_one_is_not_answered_yet() -> None:
    link, now = _silent("csms", WebSocketConfig(ping_interval=20, pong_timeout=7))
    link.handle_timeout(now=now + 20)
    link.change_ping_interval(0, now=now + 21)
    assert link.next_timeout() is None
    link.handle_timeout(now=now + 1000)
    assert link.phase is Phase.OPEN


@pytest.mark.parametrize("role", ["station", "csms"])
@pytest.mark.parametrize(
    ("before", "after", "deadline"),
    [
        ({"ping_interval": 20}, {"ping_interval": 60}, 70),  # so long from the change on
        ({"ping_interval": 20}, {"ping_interval": 20}, 20),  # the same one moves nothing
        ({"ping_interval": 0}, {"ping_interval": 60}, 70),
        ({"ping_interval": 20}, {"ping_interval": 0}, None),
        ({"ping_interval": 0, "idle_timeout": 90}, {"ping_interval": 0, "idle_timeout": 30}, 30),
        ({"ping_interval": 0, "idle_timeout": 90}, {"ping_interval": 0}, None),
        ({"ping_interval": 5}, {"ping_interval": 60, "pong_timeout": 12}, 18),  # one is under way
        ({"ping_interval": 5}, {"ping_interval": 0}, None),
    ],
)
def test_c10_settings_change_on_an_open_link(
    role: str, before: dict[str, Any], after: dict[str, Any], deadline: float | None
) -> None:
    link, now = _silent(role, WebSocketConfig(**before))
    link.handle_timeout(now=now + 6)
    link.configure(WebSocketConfig(**after), now=now + 10)
    assert link.settings == WebSocketConfig(**after)
    assert link.next_timeout() == (None if deadline is None else now + deadline)


def test_c9_compression_does_not_change_once_it_was_agreed_on() -> None:
    pair = Pair.open(websocket=QUIET)
    settings = pair.csms.settings
    with pytest.raises(LocalProtocolError, match="compression stays None on a link"):
        pair.csms.configure(WebSocketConfig(compression=True, ping_interval=5), now=pair.now)
    assert pair.csms.settings is settings
    assert pair.csms.next_timeout() is None


def test_settings_change_in_the_handshake_and_after_the_end_too() -> None:
    link = csms()
    link.configure(WebSocketConfig(ping_interval=7), now=0)
    pair = Pair(station(websocket=QUIET), link)
    pair.run()
    assert link.next_timeout() == pair.now + 7
    link.close(now=pair.now)
    pair.run()
    link.configure(WebSocketConfig(), now=pair.now)
    assert link.phase is Phase.CLOSED
    assert link.next_timeout() is None


@pytest.mark.parametrize("role", ["station", "csms"])
def test_the_latency_is_that_of_the_pong_whatever_else_comes(role: str) -> None:
    link, now = _silent(role, WebSocketConfig(ping_interval=20, pong_timeout=50))
    pong = frame(b"", opcode=10, mask=role == "csms")
    link.receive_data(pong, now=now + 1)  # nobody has asked for this one
    assert link.latency is None
    link.handle_timeout(now=now + 20)
    link.receive_data(frame(HEARTBEAT, mask=role == "csms"), now=now + 22)
    assert link.latency is None
    link.receive_data(pong, now=now + 23)
    link.receive_data(pong, now=now + 24)
    assert link.latency == 3.0
    link.handle_timeout(now=now + 44)
    assert link.latency == 3.0  # as long as there is no other
    link.receive_data(frame(HEARTBEAT, mask=role == "csms"), now=now + 45)
    link.handle_timeout(now=now + 65)  # the next ping, though the last has had no pong
    link.receive_data(pong, now=now + 66)
    assert link.latency == 22.0


def test_it_is_known_when_the_peer_was_heard_last() -> None:
    link = csms()
    assert link.heard_at is None
    pair = Pair(station(websocket=QUIET), link)
    assert link.heard_at is None
    pair.run()
    assert link.heard_at == pair.now
    for chunk, now in ((b"\x81", 110.0), (b"", 111.0), (b"\x80", 112.5)):
        link.receive_data(chunk, now=now)
    link.handle_timeout(now=120.0)
    assert link.heard_at == 112.5
    link.receive_eof(now=130.0)
    assert link.heard_at == 112.5


@pytest.mark.parametrize(
    "seconds",
    [-1, float("nan"), True, 10**400, 10**5000, -(10**5000)],
    ids=["negative", "nan", "bool", "beyond a float", "beyond spelling", "far below 0"],
)
def test_c10_an_interval_that_is_no_time_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="ping_interval"):
        WebSocketConfig(ping_interval=seconds)
    pair = Pair.open()
    with pytest.raises(ValueError, match="ping_interval"):
        pair.station.change_ping_interval(seconds, now=pair.now)


@pytest.mark.parametrize("name", ["pong_timeout", "handshake_timeout", "close_timeout"])
def test_a_timeout_is_above_0(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        replace(WebSocketConfig(), **{name: 0})
    with pytest.raises(ValueError, match="max_handshake_size"):
        WebSocketConfig(max_handshake_size=1)


def _silent(
    role: str, websocket: WebSocketConfig
) -> tuple[StationWebSocket | CsmsWebSocket, float]:
    """A link whose peer has fallen silent."""
    pair = Pair(station(websocket=websocket), csms(websocket=websocket))
    pair.run()
    link = pair.station if role == "station" else pair.csms
    return link, pair.now


@pytest.mark.parametrize("role", ["station", "csms"])
def test_a_peer_that_says_nothing_after_a_ping_is_gone(role: str) -> None:
    link, now = _silent(role, WebSocketConfig(ping_interval=20, pong_timeout=7))
    call = link.connection.send_call(
        "Heartbeat" if role == "station" else "ClearCache", now=now, timeout=100
    )
    assert link.next_timeout() == now + 20
    link.handle_timeout(now=now + 20)
    assert link.next_timeout() == now + 27
    link.handle_timeout(now=now + 26.9)
    assert link.events() == []
    link.handle_timeout(now=now + 27)
    assert link.events() == [
        CallAborted(call, was_sent=True),
        Closed(1011, "no answer to a ping in 7 s"),
    ]
    assert link.data_to_send()[-1] == b""
    assert link.next_timeout() is None


def test_any_byte_after_a_ping_is_a_sign_of_life() -> None:
    link, now = _silent("csms", WebSocketConfig(ping_interval=20, pong_timeout=7))
    link.handle_timeout(now=now + 20)
    link.receive_data(frame(HEARTBEAT, mask=True)[:1], now=now + 25)
    assert link.next_timeout() == now + 40
    link.handle_timeout(now=now + 27)
    assert link.phase is Phase.OPEN


@pytest.mark.parametrize("role", ["station", "csms"])
def test_a_link_that_nothing_comes_on_is_idle(role: str) -> None:
    link, now = _silent(role, WebSocketConfig(ping_interval=0, idle_timeout=50))
    link.receive_data(frame(b"", opcode=10, mask=role == "csms"), now=now + 30)
    assert link.next_timeout() == now + 50  # not moved by every byte: checked when it is due
    link.handle_timeout(now=now + 50)
    assert link.next_timeout() == now + 80
    link.handle_timeout(now=now + 80)
    assert link.events()[-1] == Closed(1001, "nothing came for 50 s")


@pytest.mark.parametrize("request_bytes", [b"", b"GET /ocpp/CP001 HTTP/1.1\r\nHost:"])
def test_a_slow_handshake_ends_in_time_on_the_csms(request_bytes: bytes) -> None:
    link = csms(websocket=WebSocketConfig(handshake_timeout=9))
    link.start(now=1.0)
    for i, byte in enumerate(request_bytes):
        link.receive_data(bytes([byte]), now=1.0 + i / 10)
    assert link.next_timeout() == 10.0
    link.handle_timeout(now=10.0)
    assert [type(e) for e in link.events()] == [HandshakeRejected, Closed]
    assert link.data_to_send() == [b""]


def test_a_slow_handshake_ends_in_time_on_the_station() -> None:
    link = station(websocket=WebSocketConfig(handshake_timeout=9))
    link.start(now=1.0)
    link.data_to_send()
    link.handle_timeout(now=10.0)
    assert link.events() == [
        HandshakeRejected(None, "the handshake took too long"),
        Closed(1006, "the handshake took too long"),
    ]


def test_a_decision_that_takes_too_long_is_a_503() -> None:
    link = asked(raw_request())
    link.handle_timeout(now=15.0)
    assert status_of(link) == 503
    assert [type(e) for e in link.events()] == [HandshakeReceived, HandshakeRejected]
    link.handle_timeout(now=20.0)
    assert link.events() == [Closed(1006, "the handshake took too long")]


@pytest.mark.parametrize("role", ["station", "csms"])
def test_a_peer_that_does_not_answer_a_close_is_left(role: str) -> None:
    link, now = _silent(role, WebSocketConfig(close_timeout=3))
    link.close(now=now)
    assert link.next_timeout() == now + 3
    link.close(now=now + 1)  # idempotent
    link.handle_timeout(now=now + 3)
    assert link.events() == [Closed(1006, "the peer did not hang up")]
    assert link.data_to_send()[-1] == b""


# --- messages as they should not be: F-1, fragments, size -----------------------------------------


@pytest.mark.parametrize("opcode", [1, 2])
def test_f1_a_binary_message_is_read_and_reported(opcode: int) -> None:
    pair = Pair.open()
    pair.csms.receive_data(frame(HEARTBEAT, opcode=opcode, mask=True), now=pair.now)
    events = pair.csms.events()
    assert [type(e) for e in events] == (
        [ProtocolViolated, CallReceived] if opcode == 2 else [CallReceived]
    )
    if isinstance(events[0], ProtocolViolated):
        assert events[0].error.rule is Rule.FRAME
        assert events[0].data == HEARTBEAT


@pytest.mark.parametrize("opcode", [1, 2])
def test_a_message_in_fragments_is_one_message(opcode: int) -> None:
    pair = Pair.open()
    parts = [frame(HEARTBEAT[:5], opcode=opcode, fin=False, mask=True)]
    parts += [frame(b"", opcode=9, mask=True), frame(b"", opcode=0, fin=False, mask=True)]
    parts += [frame(HEARTBEAT[5:], opcode=0, mask=True)]
    for part in parts:
        pair.csms.receive_data(part, now=pair.now)
    assert [e for e in pair.csms.events() if isinstance(e, CallReceived)]
    assert written(pair.csms) == frame(b"", opcode=10)


@pytest.mark.parametrize("fragment", [1001, 400])
def test_an_oversize_message_is_closed_with_1009_before_it_is_held(fragment: int) -> None:
    pair = Pair.open(config=Config(max_message_size=1000))
    opcode = 1
    for _ in range(3):
        head = frame(b"x" * fragment, opcode=opcode, fin=False, mask=True)[:8]
        pair.csms.receive_data(head, now=pair.now)
        if pair.csms.phase is not Phase.OPEN:
            break
        pair.csms.receive_data(b"x" * fragment, now=pair.now)
        opcode = 0
    written(pair.csms)
    pair.csms.receive_eof(now=pair.now)
    closed = pair.csms.events()[-1]
    assert isinstance(closed, Closed)
    assert closed.code == 1009


def test_fragments_without_end_are_closed_with_1009() -> None:
    pair = Pair.open(config=Config(max_message_size=1000))
    pair.csms.receive_data(frame(b"[", fin=False, mask=True), now=pair.now)
    sent = 0
    while pair.csms.phase is Phase.OPEN and sent < 1000:
        pair.csms.receive_data(frame(b"", opcode=0, fin=False, mask=True), now=pair.now)
        sent += 1
    assert 100 < sent < 1000
    assert pair.csms.events() == [Closed(1009, "a message in too many fragments")]


def test_an_oversize_message_of_ours_leaves_the_peers_verdict() -> None:
    pair = Pair(station(), csms(config=Config(max_message_size=100)))
    pair.run()
    call = pair.station.connection.send_call(
        "DataTransfer", {"vendorId": "v" * 200}, now=pair.now, timeout=5
    )
    pair.run()
    aborted, closed = pair.take("station")[1:]
    assert aborted == CallAborted(call, was_sent=True)
    assert closed.code == 1009
    assert closings(pair, "csms")[0].code == 1009


# --- garbage --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (raw_request().replace(b"GET", b"POST"), 405),
        (raw_request().replace(b"Upgrade: websocket\r\n", b""), 426),
        (raw_request().replace(b"Connection: Upgrade\r\n", b""), 426),
        (raw_request().replace(b"Version: 13", b"Version: 8"), 400),
        (raw_request().replace(b"AAAAAAAAAAAAAAAAAAAAAA==", b"AA=="), 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 5000, 431),
    ],
)
def test_a_request_that_is_no_handshake_gets_the_status_that_says_so(
    request_bytes: bytes, status: int
) -> None:
    link = asked(request_bytes)
    assert status_of(link) == status
    [event] = link.events()
    assert isinstance(event, HandshakeRejected)
    assert event.status == status
    link.receive_eof(now=1.0)
    assert [type(e) for e in link.events()] == [Closed]


@pytest.mark.parametrize(
    "garbage",
    [b"SSH-2.0-OpenSSH_9.6\r\n", b"\x00" * 99 + b"\r\n", b"\r\n\r\n", b"a\n", b"\n"],
)
def test_garbage_in_the_place_of_a_request_is_hung_up_on(garbage: bytes) -> None:
    link = asked(garbage)
    [event] = link.events()
    assert isinstance(event, HandshakeRejected)
    assert event.status is None
    assert link.data_to_send() == [b""]


@pytest.mark.parametrize(
    ("response", "status"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", 404),
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", 302),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", 101),
        (b"HTTP/1.0 101 x\r\n\r\n", None),
        (b"SSH-2.0-OpenSSH\r\n", None),
        (b"\x15\x03\x01\x00\x02\x02\x16\n", None),
        (b"HTTP/1.1 400 x\r\n" + b"X: a\r\n" * 5000, None),
        (b"HTTP/1.1 500 x\r\nContent-Length: 100000\r\n\r\n" + b"x" * 20000, None),
    ],
)
def test_an_answer_that_is_no_upgrade_is_a_rejection(response: bytes, status: int | None) -> None:
    link = station()
    request_of(link)
    link.receive_data(response, now=0.0)
    rejected = link.events()[0]
    assert isinstance(rejected, HandshakeRejected)
    assert rejected.status == status
    assert link.data_to_send()[-1] == b""
    link.receive_eof(now=0.0)
    link.receive_data(b"more", now=0.0)
    assert link.phase is Phase.CLOSED


@pytest.mark.parametrize("role", ["station", "csms"])
@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff" * 100,
        frame(b"", opcode=3),
        frame(b"\x03", opcode=8),
        frame(b"\x03\xec", opcode=8),
        frame(b"x" * 126, opcode=9),
        frame(b"x", opcode=0),
        b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xc1\x01x",
    ],
)
def test_garbage_on_an_open_link_ends_it_once(role: str, garbage: bytes) -> None:
    link, now = _silent(role, QUIET)
    call = link.connection.send_call("DataTransfer", {"vendorId": "v"}, now=now)
    link.receive_data(garbage, now=now)
    link.receive_eof(now=now)
    events = link.events()
    assert events[0] == CallAborted(call, was_sent=True)
    assert [type(e) for e in events[1:]] == [Closed]
    assert isinstance(events[1], Closed)
    assert events[1].code in {1002, 1009}


@pytest.mark.parametrize("role", ["station", "csms"])
def test_every_input_is_harmless_after_the_end(role: str) -> None:
    link, now = _silent(role, QUIET)
    link.receive_eof(now=now)
    assert [type(e) for e in link.events()] == [Closed]
    link.data_to_send()
    link.receive_eof(now=now)
    link.receive_data(b"x", now=now)
    link.handle_timeout(now=now + 1e9)
    link.close(now=now)
    assert link.events() == []
    assert link.data_to_send() == []
    assert link.next_timeout() is None


@pytest.mark.parametrize("role", ["station", "csms"])
def test_inputs_may_come_before_start(role: str) -> None:
    link = station() if role == "station" else csms()
    link.receive_data(b"", now=0.0)
    link.receive_eof(now=0.0)
    assert [type(e) for e in link.events()] == [HandshakeRejected, Closed]


def test_versions_have_to_be_a_list_of_versions() -> None:
    for versions, error in (([], ValueError), (["ocpp3"], ValueError), ("ocpp1.6", TypeError)):
        with pytest.raises(error):
            csms(versions=versions)


# --- whole messages, unread (X-3) ---------------------------------------------------------------------


def test_x3_a_pipe_passes_messages_unread_in_both_directions() -> None:
    pipe = MessagePipe(Role.CSMS, config=Config())
    pair = Pair(station(), csms(connection=pipe))
    pair.run()
    call = pair.station.connection.send_call(v16.HeartbeatRequest(), now=pair.now)
    pair.run()
    assert pair.take("csms")[-1] == MessageReceived(
        b'[2,"%s","Heartbeat",{}]' % call.message_id.encode()
    )
    answer = {"currentTime": "2026-01-01T00:00:00Z"}
    pipe.send(b'[3,"%s",%s]' % (call.message_id.encode(), json.dumps(answer).encode()))
    pair.run()
    assert [event.call for event in pair.take("station", CallResultReceived)] == [call]
    pair.station.close(now=pair.now)
    pair.run()
    assert pair.csms.next_timeout() is None
    with pytest.raises(LocalProtocolError, match="not open"):
        pipe.send(b"[]")


def test_an_answer_that_the_peers_close_overtook_is_dropped() -> None:
    pair = Pair.open()
    both = frame(b"[2,1]", mask=True) + frame(b"\x03\xe8", opcode=8, mask=True)
    pair.csms.receive_data(both * 2, now=pair.now)  # what follows a close does not count
    assert [type(event) for event in pair.csms.events()] == [ProtocolViolated]
    assert written(pair.csms) == frame(b"\x03\xe8", opcode=8)


# --- the connection's own time ----------------------------------------------------------------------


class Waiting(Connection):
    """A connection that waits for something of its own, such as the next boot of a station (B-32)."""

    due: float | None = 7.0
    woken: tuple[float, ...] = ()

    def next_timeout(self) -> float | None:
        return self.due

    def handle_timeout(self, *, now: float) -> None:
        super().handle_timeout(now=now)
        self.woken += (now,)
        self.due = None


@pytest.mark.parametrize(
    "phase",
    [phase for phase in Phase if phase is not Phase.DECISION],  # which a station never has to take
    ids=lambda phase: phase.value,
)
def test_a_link_gives_its_connection_the_time_in_every_phase(phase: Phase) -> None:
    waiting = Waiting(Role.STATION)
    own = station(connection=waiting, websocket=QUIET)
    pair = Pair(own, csms(websocket=QUIET)) if phase is not Phase.NEW else None
    if pair and phase is not Phase.HANDSHAKE:
        pair.run()
    if phase in {Phase.CLOSING, Phase.CLOSED}:
        own.close(now=100.0)
    if phase is Phase.CLOSED:
        own.receive_eof(now=100.0)
    assert own.phase is phase
    assert own.next_timeout() == 7.0
    own.handle_timeout(now=105.0)
    assert waiting.woken == (105.0,)
    assert own.next_timeout() != 7.0


def test_what_a_station_notices_without_a_connection_is_taken_from_its_link() -> None:
    offline = Station(lambda *_: {}, random=lambda: 0.0)
    own = station(connection=offline, websocket=QUIET)
    offline.keep("colour", "blue", now=1.0)
    (request,) = offline.store_requests()
    offline.store_failed(request.token, "the disk is full", now=2.0)
    noticed: list[object] = [*own.events(), *own.events()]
    assert noticed == [StoreFailed("the disk is full")]


def test_a_link_that_is_over_leaves_the_next_one_its_events() -> None:
    shared = Connection(Role.STATION)
    before = station(connection=shared, websocket=QUIET)
    pair = Pair(before, csms(websocket=QUIET))
    pair.run()
    before.close(now=100.0)
    before.events()
    after = Pair(station(connection=shared, websocket=QUIET), csms(websocket=QUIET))
    after.run()
    after.csms.connection.send_call(v16.ClearCacheRequest(), now=100.0)
    after.station.receive_data(b"".join(after.csms.data_to_send()), now=100.0)
    assert before.events() == []
    assert [type(event) for event in after.station.events()] == [CallReceived]


@pytest.mark.parametrize("ping_interval", [0.0, 20.0])
def test_a_station_is_told_by_its_link_of_pongs_that_come_while_no_message_does(
    ping_interval: float,
) -> None:
    boot = v16.BootNotificationRequest(charge_point_vendor="V", charge_point_model="M")
    start = v16.StartTransactionRequest(
        connector_id=1, id_tag="TAG", meter_start=0, timestamp=datetime(2026, 11, 26, tzinfo=UTC)
    )
    settings = StationSettings(count_timeouts=CountTimeouts.IF_HEARD)
    machine = Station(lambda *_: boot, random=lambda: 0.0, settings=settings)
    machine.post(start, transaction="key", now=0.0)
    pair = SilentAboutStarts(
        station(connection=machine, websocket=WebSocketConfig(ping_interval=ping_interval)),
        csms(websocket=QUIET),
    )
    pair.run()
    machine.stored(machine.last_token, now=pair.now)
    pair.pass_time(35)  # a call is unanswered after 30 s
    amended = [each for each in machine.store_requests() if isinstance(each, Amend)]
    assert len(amended) == bool(ping_interval)  # T-14


class SilentAboutStarts(Pair):
    def take_call(self, call: CallReceived, connection: Connection) -> None:
        if call.action != "StartTransaction":
            super().take_call(call, connection)
