"""A CALL of somebody else's is passed on as it is, under an id of ours, and an answer under its call's."""

import json
from typing import Any

import pytest

from ocpp_sansio import (
    CallError,
    CallErrorReceived,
    CallReceived,
    CallResult,
    CallResultReceived,
    Config,
    Connection,
    LocalProtocolError,
    Role,
    Validation,
    v16,
)
from ocpp_sansio.core import ForeignCall, with_message_id

FRAME = b'[2, "theirs", "Reset", {"type": "Soonish", "x": 1.50, "y": {"z": []}}]'


def connected() -> Connection:
    conn = Connection(Role.CSMS)
    conn.connected("ocpp1.6", now=0.0)
    return conn


def test_a_call_is_passed_on_with_its_payload_as_it_came() -> None:
    conn = connected()
    call = conn.forward_call(FRAME, now=0.0)
    (frame,) = conn.frames_to_send()
    assert frame.data == FRAME.replace(b'"theirs"', json.dumps(call.message_id).encode()).replace(
        b", ", b",", 3
    )
    assert call.message_id != "theirs"
    assert (call.action, call.payload["type"]) == ("Reset", "Soonish")  # type: ignore[index]


def test_a_call_that_was_read_is_not_read_again() -> None:
    asked = ForeignCall.of(bytearray(FRAME))
    assert (asked.message_id, asked.action, asked.data) == ("theirs", "Reset", FRAME)
    assert ForeignCall.of(asked) is asked
    assert connected().forward_call(asked, now=0.0).payload is asked.payload


def test_its_answer_is_delivered_as_it_came_whatever_is_in_it() -> None:
    conn = connected()
    call = conn.forward_call(FRAME, now=0.0)
    answer = json.dumps([3, call.message_id, {"status": "NoSuchStatus"}])
    conn.received(answer, now=0.0)
    (event,) = conn.events()
    assert isinstance(event, CallResultReceived)
    assert (event.data, event.violations) == (answer.encode(), ())


def test_one_call_is_in_flight_and_its_time_runs_from_its_leaving() -> None:
    conn = connected()
    first = conn.send_call("ClearCache", {}, now=0.0, timeout=5)
    second = conn.forward_call(FRAME, now=0.0, timeout=2)
    assert len(conn.frames_to_send()) == 1
    conn.received(json.dumps([4, first.message_id, "GenericError", "", {}]), now=4.0)
    (event,) = conn.events()
    assert isinstance(event, CallErrorReceived)
    (frame,) = conn.frames_to_send()
    assert (frame.message, conn.next_timeout()) == (second, 6.0)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{}",
        b"\xff",
        b'[2,"a","Reset"]',
        b'[2,"a","Reset",[]]',
        b'[2,"a","Reset",null]',
        b'[3,"a",{}]',
        b'[2,"a","Reset",{"x":}]',
        '[2,"a","Reset","\ud800"]',
    ],
)
def test_what_is_no_call_is_refused_before_anything_changes(frame: Any) -> None:
    conn = connected()
    with pytest.raises(LocalProtocolError, match="no CALL to send on"):
        conn.forward_call(frame, now=0.0)
    assert (conn.frames_to_send(), conn.next_timeout()) == ([], None)


def test_a_timeout_that_cannot_be_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match="above 0"):
        connected().forward_call(FRAME, now=0.0, timeout=0)


@pytest.mark.parametrize(
    ("data", "changed"),
    [
        (b'[3,"a",{}]', b'[3,"b",{}]'),
        (b' [ 4 , "\\u0061" , "a"', b' [ 4 , "b" , "a"'),
        (b"[3]", b"[3]"),
        (b"", b""),
    ],
)
def test_an_id_is_exchanged_and_nothing_else(data: bytes, changed: bytes) -> None:
    assert with_message_id(data, "b") == changed


# --- answers ----------------------------------------------------------------------------------------


def asked(
    action: str = "DataTransfer", version: str = "ocpp1.6", **options: Any
) -> tuple[Connection, CallReceived]:
    """Return a connection whose peer waits for an answer."""
    conn = Connection(Role.CSMS, config=Config(vendor_actions={"Vendor"}, **options))
    conn.connected(version, now=0.0)
    payload = {"DataTransfer": '{"vendorId":"x"}'}.get(action, "{}")
    conn.received(f'[2,"7","{action}",{payload}]', now=0.0)
    (call,) = conn.events()
    assert isinstance(call, CallReceived)
    return conn, call


BEAT = b'{"currentTime" : "2026-01-01T00:00:00+01:00"}'
MISSPELLED = b'{"status":"Okay"}'


@pytest.mark.parametrize(
    ("action", "payload", "options", "typed"),
    [
        ("Heartbeat", BEAT, {}, v16.HeartbeatResponse),
        ("Heartbeat", BEAT, {"validation": Validation.LENIENT}, v16.HeartbeatResponse),
        ("DataTransfer", MISSPELLED, {"validation": Validation.OFF}, dict),
        ("DataTransfer", MISSPELLED, {"validation": {"DataTransfer": Validation.OFF}}, dict),
        ("Vendor", b'{"n": 1.50, "n": 2}', {}, dict),
    ],
)
def test_an_answer_is_passed_on_with_its_payload_as_it_came(
    action: str, payload: bytes, options: dict[str, Any], typed: type
) -> None:
    conn, call = asked(action, **options)
    answer = conn.forward_answer(call, b'[3, "theirs", %b ]' % payload, now=0.0)
    (frame,) = conn.frames_to_send()
    assert (frame.data, frame.message) == (b'[3,"7",%b]' % payload, answer)
    assert isinstance(answer, CallResult)
    assert type(answer.payload) is typed
    assert conn.unanswered_calls == ()


def test_an_answer_may_be_as_long_as_the_settings_allow() -> None:
    """C-13: the class allows less."""
    long = {"idTagInfo": {"status": "Accepted", "parentIdTag": "x" * 30}}
    lengths = {"AuthorizeResponse.idTagInfo.parentIdTag": 30}
    conn = Connection(Role.CSMS, config=Config(field_lengths=lengths))
    conn.connected("ocpp1.6", now=0.0)
    conn.received('[2,"7","Authorize",{"idTag":"A"}]', now=0.0)
    (call,) = conn.events()
    assert isinstance(call, CallReceived)
    answer = conn.forward_answer(call, json.dumps([3, "", long]), now=0.0)
    assert isinstance(answer, CallResult)
    assert answer.payload == long


@pytest.mark.parametrize(
    ("version", "came", "went"),
    [
        ("ocpp1.6", "OccurrenceConstraintViolation", "OccurenceConstraintViolation"),
        ("ocpp2.0.1", "FormationViolation", "FormatViolation"),
        ("ocpp2.1", "Unheard", "GenericError"),
    ],
)
def test_an_error_is_passed_on_with_its_code_as_the_version_spells_it(
    version: str, came: str, went: str
) -> None:
    conn, call = asked("Heartbeat", version)
    given = [4, "theirs", came, "no" * 200, {"x": 1}]
    error = conn.forward_answer(call, json.dumps(given), now=0.0)
    (frame,) = conn.frames_to_send()
    assert isinstance(error, CallError)
    assert json.loads(frame.data) == [4, "7", went, ("no" * 200)[:255], {"x": 1}]  # E-5
    assert conn.unanswered_calls == ()


@pytest.mark.parametrize("mode", [Validation.STRICT, Validation.LENIENT])
@pytest.mark.parametrize(
    ("action", "frame", "why"),
    [
        ("DataTransfer", b"", "no answer to send on"),
        ("DataTransfer", b"{}", "no answer to send on"),
        ("DataTransfer", b"\xff", "no answer to send on"),
        ("DataTransfer", b'[3,"a"]', "no answer to send on"),
        ("DataTransfer", b'[2,"a","Reset",{}]', "no answer to send on"),
        ("DataTransfer", b'[4,"a","GenericError","",[]]', "no answer to send on"),
        ("DataTransfer", b'[3,"a",[]]', r"no object: b'\[\]'"),
        ("Vendor", b'[3,"a",null]', "no object: b'null'"),
        ("Vendor", '[3,"a",{"x":"\ud800"}]', "no answer to send on"),
        ("Vendor", b'[3,"a",{"x":"\xff"}]', "no answer to send on"),
        ("DataTransfer", b'[3,"a",{}]', r"invalid DataTransferResponse: \$.status"),
        ("DataTransfer", b'[3,"a",%b]' % MISSPELLED, "'Okay' instead of one of Accepted"),
    ],
)
def test_what_is_no_answer_to_the_call_is_refused_before_anything_changes(
    mode: Validation, action: str, frame: Any, why: str
) -> None:
    conn, call = asked(action, validation=mode)
    with pytest.raises(LocalProtocolError, match=why):
        conn.forward_answer(call, frame, now=0.0)
    assert (conn.frames_to_send(), conn.unanswered_calls) == ([], (call,))


def test_a_call_is_answered_once_and_only_while_its_connection_is_there() -> None:
    conn, call = asked("Heartbeat")
    conn.forward_answer(call, b'[3,"",%b]' % BEAT, now=0.0)
    with pytest.raises(LocalProtocolError, match="not waiting for an answer"):
        conn.forward_answer(call, b'[3,"",%b]' % BEAT, now=0.0)
    conn, call = asked("Heartbeat")
    conn.disconnected(now=0.0)
    with pytest.raises(LocalProtocolError, match="not connected"):
        conn.forward_answer(call, b'[3,"",%b]' % BEAT, now=0.0)
