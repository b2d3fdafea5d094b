"""A CALL of somebody else's is passed on as it is, under an id of ours."""

import json
from typing import Any

import pytest

from ocpp_sansio import (
    CallErrorReceived,
    CallResultReceived,
    Connection,
    LocalProtocolError,
    Role,
)
from ocpp_sansio.core import message_id_of, with_message_id

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
    ("data", "found", "changed"),
    [
        (b'[3,"a",{}]', "a", b'[3,"b",{}]'),
        (b' [ 4 , "\\u0061" , "a"', "a", b' [ 4 , "b" , "a"'),
        (b"[3]", None, b"[3]"),
        (b"", None, b""),
    ],
)
def test_an_id_is_exchanged_and_nothing_else(
    data: bytes, found: str | None, changed: bytes
) -> None:
    assert message_id_of(data) == found
    assert with_message_id(data, "b") == changed
