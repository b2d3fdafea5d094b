"""Any bytes, in any state, any version, either role: no exception, legal frames, linear work, caps held."""

import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_sansio import (
    CallReceived,
    CallTimedOut,
    Config,
    Connection,
    LocalProtocolError,
    ProtocolViolated,
    Role,
    Rule,
    Validation,
    Version,
)
from ocpp_sansio.testing import frames, raw_messages
from ocpp_sansio.testing.model import fault_of_frame
from ocpp_sansio.testing.shapes import write_json

MANY = settings(max_examples=max(1000, settings().max_examples))
OTHER = {Role.STATION: Role.CSMS, Role.CSMS: Role.STATION}
EVERYWHERE = [(version, role) for version in Version for role in Role]
VENDOR = {"vendorId": "org.example"}


def idle(_: Connection) -> None:
    """Nothing has happened yet."""


def calling(connection: Connection) -> None:
    """One call is in flight, two wait."""
    for number in range(3):
        connection.send_call("DataTransfer", VENDOR, now=0, message_id=str(number))
    connection.frames_to_send()


def too_late(connection: Connection) -> None:
    """Two calls have timed out, the third is in flight."""
    calling(connection)
    connection.handle_timeout(now=70)


def being_called(connection: Connection) -> None:
    """As many calls of the peer's wait as may."""
    for number in range(connection.config.max_unanswered_calls):
        connection.received(write_json([2, str(number), "DataTransfer", VENDOR]), now=0)


def reconnected(connection: Connection) -> None:
    """The line was gone, and is back."""
    version = connection.version
    assert version
    too_late(connection)
    being_called(connection)
    connection.disconnected(now=71)
    connection.connected(version, now=72)


STATES = [idle, calling, too_late, being_called, reconnected]
MESSAGES = {  # made once: a strategy costs more than what it draws
    (version, role): st.lists(
        raw_messages() | frames(version, OTHER[role]).map(lambda frame: frame.data),
        min_size=1,
        max_size=4,
    )
    for version, role in EVERYWHERE
}


@MANY
@given(
    st.sampled_from(EVERYWHERE),
    st.sampled_from(STATES),
    st.sampled_from(Validation),
    st.booleans(),
    st.data(),
)
def test_whatever_comes_in_whatever_state_nothing_raises_and_what_leaves_is_legal(
    where: tuple[Version, Role],
    state: Callable[[Connection], None],
    validation: Validation,
    tolerant: bool,  # noqa: FBT001 - drawn
    data: st.DataObject,
) -> None:
    version, role = where
    messages = data.draw(MESSAGES[where], label="messages")
    config = Config(
        validation=validation,
        allow_extra_elements=tolerant,
        vendor_actions={"*"} if tolerant else (),
        max_unanswered_calls=2,
    )
    connection = Connection(role, config=config)
    connection.connected(version, now=0)
    state(connection)
    for message in messages:
        connection.received(message, now=80)
    events, sent = connection.events(), connection.frames_to_send()

    for frame in sent:
        assert fault_of_frame(frame.data, version, role) is None
    assert len(connection.unanswered_calls) <= 2
    assert all(repr(event) for event in events)  # what cannot be shown cannot be logged

    connection.disconnected(now=90)
    assert connection.outstanding_call is None
    assert connection.next_timeout() is None
    assert not connection.queued_calls
    assert not connection.unanswered_calls
    assert not connection.frames_to_send()


# --- work and memory are linear in the input -----------------------------------------------------------


def nested(size: int) -> bytes:
    return b'[2,"1","DataTransfer",{"vendorId":"x","data":' + b"[" * size + b"]" * size + b"}]"


def listed(size: int) -> bytes:
    return write_json([2, "1", "DataTransfer", {"vendorId": "x", "data": [{"a": 1}] * size}])


def members(size: int) -> bytes:
    return write_json([2, "1", "Heartbeat", {f"m{number}": 1 for number in range(size)}])


def wrong_items(size: int) -> bytes:
    sample = {"timestamp": "yesterday", "sampledValue": [{"value": 7, "unit": "no"}]}
    return write_json([2, "1", "MeterValues", {"meterValue": [sample] * size}])


def long_text(size: int) -> bytes:
    return write_json([2, "1", "DataTransfer", {"vendorId": "x" * size}])


def long_id(size: int) -> bytes:
    return write_json([2, "x" * size, "Heartbeat", {}])


def long_action(size: int) -> bytes:
    return write_json([2, "1", "x" * size, {}])


def long_name(size: int) -> bytes:
    return write_json([2, "1", "Heartbeat", {"x" * size: 1}])


def extra_elements(size: int) -> bytes:
    return write_json([2, "1", "Heartbeat", {}, *range(size)])


def open_brackets(size: int) -> bytes:
    return b"[" * size


def blanks(size: int) -> bytes:
    return b" " * size


def long_number(size: int) -> bytes:
    return b'[2,"1","DataTransfer",{"vendorId":"x","data":' + b"9" * size + b".5}]"


def details(size: int) -> bytes:
    return write_json([4, "1", "GenericError", "", {f"m{number}": [1] for number in range(size)}])


def backslashes(size: int) -> bytes:
    return b'[2,"' + b"\\" * size


SHAPES = [
    *(nested, listed, members, wrong_items, long_text, long_id, long_action, long_name),
    *(extra_elements, open_brackets, blanks, long_number, details, backslashes),
]


@contextmanager
def counting_operations() -> Iterator[list[int]]:
    """Count calls of Python and C functions: work, told without a clock."""
    count = [0]

    def note(_: Any, event: str, __: Any) -> None:
        count[0] += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        yield count
    finally:
        sys.setprofile(None)


def operations(version: Version, message: bytes) -> int:
    connection = Connection(Role.CSMS, config=Config(validation=Validation.LENIENT))
    connection.connected(version, now=0)
    with counting_operations() as count:
        connection.received(message, now=0)
        connection.events()
        connection.frames_to_send()
    return count[0]


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("shape", SHAPES)
def test_work_is_linear_in_the_size_of_a_message(
    version: Version, shape: Callable[[int], bytes]
) -> None:
    operations(version, shape(10))  # what is only made once is made now

    small, large = operations(version, shape(400)), operations(version, shape(4000))

    # Ten times the input: ten times the work, and a quarter for luck; never a hundred times.
    assert large <= 12.5 * small + 1000


@pytest.mark.parametrize("shape", SHAPES)
def test_memory_is_linear_in_the_size_of_a_message(shape: Callable[[int], bytes]) -> None:
    message = shape(4000)
    connection = Connection(Role.CSMS)
    connection.connected("ocpp2.0.1", now=0)
    connection.received(shape(1), now=0)
    gc.collect()

    tracemalloc.start()
    try:
        connection.received(message, now=0)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak <= 150 * len(message) + 100_000
    assert kept <= 40 * len(message) + 50_000
    assert sum(len(frame.data) for frame in connection.frames_to_send()) <= 2500


# --- every named cap is reached, and held ---------------------------------------------------------------


def connect(**caps: Any) -> Connection:
    connection = Connection(Role.CSMS, config=Config(**caps))
    connection.connected("ocpp2.1", now=0)
    return connection


@given(st.integers(0, 5))
def test_no_more_calls_are_queued_than_the_cap(limit: int) -> None:
    connection = connect(max_queued_calls=limit)
    for _ in range(limit + 1):  # one is in flight
        connection.send_call("DataTransfer", VENDOR, now=0)

    with pytest.raises(LocalProtocolError, match="max_queued_calls"):
        connection.send_call("DataTransfer", VENDOR, now=0)

    assert len(connection.queued_calls) == limit


@given(st.integers(1, 5), st.integers(1, 5))
def test_no_more_calls_wait_for_us_than_the_cap(limit: int, more: int) -> None:
    connection = connect(max_unanswered_calls=limit)
    for number in range(limit + more):
        connection.received(write_json([2, str(number), "Heartbeat", {}]), now=0)

    assert len(connection.unanswered_calls) == limit
    assert len(connection.frames_to_send()) == more
    rules = [e.error.rule for e in connection.events() if isinstance(e, ProtocolViolated)]
    assert rules.count(Rule.TOO_MANY_CALLS) == more


@given(st.integers(64, 300), st.integers(1, 50))
def test_a_message_beyond_the_cap_is_not_parsed_nor_kept_whole(limit: int, more: int) -> None:
    connection = connect(max_message_size=limit)
    frame = write_json([2, "1", "Heartbeat", {}])

    connection.received(frame + b" " * (limit - len(frame)), now=0)
    connection.received(frame + b" " * (limit - len(frame) + more), now=0)

    served, refused = connection.events()
    assert isinstance(served, CallReceived)
    assert isinstance(refused, ProtocolViolated)
    assert refused.error.rule is Rule.MESSAGE_SIZE
    assert len(refused.data) <= 1024


@given(st.integers(0, 4), st.integers(1, 6))
def test_no_more_late_calls_are_remembered_than_the_cap(limit: int, calls: int) -> None:
    connection = connect(max_late_calls=limit, call_timeout=1)
    for number in range(calls):
        connection.send_call("DataTransfer", VENDOR, now=0, message_id=str(number))
    for second in range(calls + 1):
        connection.handle_timeout(now=second)
    assert sum(isinstance(event, CallTimedOut) for event in connection.events()) == calls

    for number in range(calls):
        connection.received(write_json([3, str(number), {"status": "Accepted"}]), now=calls + 1)

    late = [type(event).__name__ for event in connection.events()]
    assert late.count("LateResponseReceived") == min(limit, calls)


@given(st.integers(1, 10))
def test_events_and_frames_that_nobody_takes_are_no_more_than_the_cap(limit: int) -> None:
    connection = connect(max_undrained=limit)

    for _ in range(limit):
        connection.received(b"[]", now=0)

    with pytest.raises(LocalProtocolError, match="events"):
        connection.received(b"[]", now=0)

    assert len(connection.events()) == limit
    assert len(connection.frames_to_send()) == limit
    connection.received(b"[]", now=0)  # and on it goes


def test_a_hundred_thousand_unsolicited_results_leave_nothing_behind() -> None:
    connection = connect()

    def flood(count: int) -> None:
        for number in range(count):
            connection.received(b'[3,"%d",{}]' % number, now=0)
            connection.events()

    flood(100)
    gc.collect()
    tracemalloc.start()
    try:
        flood(100_000)
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < 20_000
    assert connection.frames_to_send() == []
