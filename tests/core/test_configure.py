"""Settings that change on a connection that is open, or between two: `Connection.configure`."""

from typing import Any

import pytest
from core_pair import (
    ANSWER,
    V16,
    V21,
    call_text,
    hear,
    in_both_roles,
    in_every_version,
    in_flight,
    only,
    opened,
    own_call,
)
from msgspec.structs import replace

from ocpp_sansio import (
    CallReceived,
    CallResultReceived,
    CallTimedOut,
    Config,
    Connection,
    ErrorCode,
    LateResponseReceived,
    LocalProtocolError,
    ProtocolViolated,
    Role,
    Version,
)

TRANSFER = {"vendorId": "v", "data": "x" * 10}


def change(connection: Connection, now: float = 1.0, **changes: Any) -> None:
    connection.configure(replace(connection.config, **changes), now=now)


def is_taken(connection: Connection, action: str, payload: Any, message_id: str = "7") -> bool:
    """Whether a call is delivered; it is answered then, so that the next one is the first again."""
    event = hear(connection, call_text(message_id, action, payload)).events[-1]
    if not isinstance(event, CallReceived):
        return False
    connection.send_call_error(event, ErrorCode.INTERNAL_ERROR, now=1.0)
    connection.frames_to_send()
    return True


@in_every_version
@in_both_roles
def test_validation_vendor_actions_and_depth_count_from_the_next_message_on(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    deep = {"vendorId": "v", "customData": {"vendorId": "v", "a": {"b": {"c": 1}}}}
    rows: list[tuple[dict[str, Any], str, Any, bool]] = [
        ({}, "DataTransfer", {"vendorId": 7}, False),
        ({"validation": "off"}, "DataTransfer", {"vendorId": 7}, True),
        ({"validation": "strict"}, "DataTransfer", {"vendorId": 7}, False),
        ({}, "Vendor", {}, False),
        ({"vendor_actions": {"Vendor"}}, "Vendor", {}, True),
        ({"vendor_actions": set()}, "Vendor", {}, False),
    ]
    if version is not V16:
        rows += [
            ({}, "DataTransfer", deep, True),
            ({"max_depth": 2}, "DataTransfer", deep, False),
            ({"max_depth": 9}, "DataTransfer", deep, True),
        ]
    for number, (changes, action, payload, expected) in enumerate(rows):
        change(connection, **changes)
        assert is_taken(connection, action, payload, str(number)) is expected, rows[number]


@in_every_version
def test_calls_that_were_made_keep_their_timeout(version: Version) -> None:
    connection = opened(version)
    first = in_flight(connection)
    change(connection, call_timeout=5.0)
    assert connection.next_timeout() == 30.0
    connection.handle_timeout(now=30.0)
    assert connection.events() == [CallTimedOut(first)]
    in_flight(connection, now=31.0)
    assert connection.next_timeout() == 36.0


@in_every_version
def test_a_lower_cap_turns_nobody_out_and_a_higher_one_counts_at_once(version: Version) -> None:
    connection = opened(version, max_queued_calls=2, max_unanswered_calls=2)
    in_flight(connection)
    queued = [own_call(connection) for _ in range(2)]
    for message_id in "ab":
        hear(connection, call_text(message_id, "Heartbeat"))
    change(connection, max_queued_calls=1, max_unanswered_calls=1)
    assert connection.queued_calls == tuple(queued)
    assert len(connection.unanswered_calls) == 2
    with pytest.raises(LocalProtocolError, match="queued"):
        own_call(connection)
    assert isinstance(hear(connection, call_text("c", "Heartbeat")).events[-1], ProtocolViolated)
    change(connection, max_queued_calls=3, max_unanswered_calls=3)
    own_call(connection)
    assert isinstance(hear(connection, call_text("d", "Heartbeat")).events[-1], CallReceived)


@in_every_version
@pytest.mark.parametrize("limit", [0, 1, 3])
def test_late_calls_beyond_a_lower_cap_are_forgotten_the_oldest_first(
    version: Version, limit: int
) -> None:
    connection = opened(version)
    calls = []
    for number in range(5):
        calls.append(in_flight(connection, now=number * 100.0))
        connection.handle_timeout(now=number * 100.0 + 30)
    connection.events()
    change(connection, now=500.0, max_late_calls=limit)
    remembered = [
        isinstance(only(hear(connection, [3, c.message_id, {}]).events), LateResponseReceived)
        for c in calls
    ]
    assert remembered == [False] * (5 - limit) + [True] * limit


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_so_are_ids_that_were_answered(limit: int) -> None:
    connection = opened(V21)
    for number in range(4):
        assert is_taken(connection, "Heartbeat", {}, str(number))
    change(connection, max_answered_ids=limit, max_unanswered_calls=9)
    events = [hear(connection, call_text(str(n), "Heartbeat")).events[-1] for n in range(4)]
    duplicates = [event.is_duplicate for event in events if isinstance(event, CallReceived)]
    assert duplicates == [False] * (4 - limit) + [True] * limit


def test_results_beyond_a_lower_cap_cannot_be_refused_any_more() -> None:
    connection = opened(V21)
    results = []
    for _ in range(4):
        call = in_flight(connection)
        event = only(hear(connection, [3, call.message_id, ANSWER[call.action]]).events)
        assert isinstance(event, CallResultReceived)
        results.append(event)
    change(connection, max_refusable_results=1)
    for result in results[:3]:
        with pytest.raises(LocalProtocolError, match="too long ago"):
            connection.send_call_result_error(result, ErrorCode.INTERNAL_ERROR, now=2.0)
    connection.send_call_result_error(results[3], ErrorCode.INTERNAL_ERROR, now=2.0)


@in_every_version
@pytest.mark.parametrize("name", ["max_message_size", "max_undrained"])
def test_what_the_transport_was_made_for_changes_only_between_connections(
    version: Version, name: str
) -> None:
    connection = opened(version)
    before = connection.config
    with pytest.raises(LocalProtocolError, match=f"{name} stays [0-9]+ .* cannot become 100"):
        change(connection, call_timeout=5.0, **{name: 100})
    assert connection.config is before
    connection.disconnected(now=1.0)
    change(connection, **{name: 100})
    connection.connected(version, now=2.0)
    assert getattr(connection.config, name) == 100


def test_configuring_lets_time_pass() -> None:
    connection = opened(V16)
    call = in_flight(connection)
    connection.configure(Config(), now=30.0)
    assert connection.events() == [CallTimedOut(call)]
