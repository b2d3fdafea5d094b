"""Nothing grows without a named cap: each cap of `Config` is reached, and held."""

import sys
import tracemalloc
from typing import Any

import pytest
from core_pair import (
    ANSWER,
    EMPTY_CALL,
    IN_2X,
    V16,
    V21,
    V201,
    assert_refused,
    assert_reported,
    assert_serving,
    call_text,
    hear,
    in_2x,
    in_both_roles,
    in_every_version,
    in_flight,
    only,
    opened,
    own_action,
    own_call,
    received_call,
    sent,
)

from ocpp_sansio import (
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    Config,
    Connection,
    ErrorCode,
    LateResponseReceived,
    LocalProtocolError,
    ProtocolViolated,
    Role,
    Rule,
    Version,
)

STREAM: dict[str, Any] = {
    "id": 1,
    "pending": 0,
    "basetime": "2024-05-06T07:08:09Z",
    "data": [{"t": 0.5, "v": "16.0"}],
}

# --- Config itself --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("max_message_size", 64),
        ("max_depth", 1),
        ("max_queued_calls", 0),
        ("max_unanswered_calls", 1),
        ("max_running_handlers", 1),
        ("max_late_calls", 0),
        ("max_answered_ids", 0),
        ("max_refusable_results", 0),
        ("max_undrained", 1),
    ],
)
def test_a_cap_is_an_integer_with_a_least_value(name: str, least: int) -> None:
    settings: dict[str, Any] = {name: least}
    assert getattr(Config(**settings), name) == least
    for wrong in (least - 1, -1, 1.5, "5", True, None, float("inf")):
        settings = {name: wrong}
        with pytest.raises(ValueError, match=name):
            Config(**settings)


@pytest.mark.parametrize("wrong", [0, -1, 0.0, float("nan"), 10**400, True, "30", None])
def test_the_call_timeout_is_a_number_above_zero(wrong: Any) -> None:
    with pytest.raises(ValueError, match="call_timeout"):
        Config(call_timeout=wrong)


def test_vendor_actions_are_a_set_of_names_and_not_one_string() -> None:
    with pytest.raises(TypeError, match="vendor_actions"):
        Config(vendor_actions="Action")
    assert Config(vendor_actions=["A", "B", "A"]).vendor_actions == frozenset({"A", "B"})


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Config().max_depth = 5  # type: ignore[misc]  # that it is refused is the point


# --- max_message_size -----------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_a_message_of_exactly_the_size_is_read_and_one_byte_more_is_not(
    version: Version, role: Role
) -> None:
    message = call_text("7", EMPTY_CALL[role]).encode().ljust(100)
    connection = opened(version, role, max_message_size=100)
    call = only(hear(connection, message).events)
    assert isinstance(call, CallReceived)
    connection.send_call_error(call, ErrorCode.NOT_SUPPORTED, now=1.0)
    connection.frames_to_send()
    code = "FormationViolation" if version is V16 else "FormatViolation"
    report = assert_refused(connection, message + b" ", code=code, message_id="7")
    assert report.error.rule is Rule.MESSAGE_SIZE


@in_every_version
def test_the_size_is_counted_in_bytes_of_utf8_also_for_text(version: Version) -> None:
    connection = opened(version, max_message_size=100)
    message = call_text("é" * 20, "Heartbeat").encode().decode("unicode_escape")
    padded = message + " " * (100 - len(message.encode()))
    assert isinstance(only(hear(connection, padded).events), CallReceived)
    report = only(hear(connection, padded + " ").events)
    assert isinstance(report, ProtocolViolated)
    assert report.error.rule is Rule.MESSAGE_SIZE


@in_every_version
@in_both_roles
def test_a_message_that_is_too_large_is_not_parsed(version: Version, role: Role) -> None:
    connection = opened(version, role, max_message_size=1000)
    message = b'[2,"7","Heartbeat",' + b"[" * 1_000_000
    events, frames = hear(connection, message)
    report = assert_reported(events, Rule.MESSAGE_SIZE)
    assert only(frames)[:2] == [4, "7"]
    assert len(report.data) <= 1024
    assert message.startswith(report.data)


@in_every_version
@in_both_roles
def test_a_message_of_20_megabytes_is_refused_in_passing(version: Version, role: Role) -> None:
    connection = opened(version, role)
    for message in (
        b"x" * 20_000_000,
        b'[2,"7","DataTransfer",{"vendorId":"' + b"x" * 20_000_000 + b'"}]',
        '[2,"7","DataTransfer",{"vendorId":"' + "x" * 20_000_000 + '"}]',
    ):
        tracemalloc.start()
        events, frames = hear(connection, message)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        report = assert_reported(events, Rule.MESSAGE_SIZE)
        assert sys.getsizeof(report.data) < 2000
        assert peak < 45_000_000  # at most one copy, for text
        assert all(len(str(frame)) < 500 for frame in frames)
    assert_serving(connection)


@in_every_version
def test_an_answer_that_is_too_large_ends_its_call(version: Version) -> None:
    connection = opened(version, max_message_size=200)
    call = in_flight(connection)
    events, frames = hear(connection, [3, call.message_id, {"status": "x" * 500}])
    outcome = only(events)
    assert isinstance(outcome, CallResultRejected)
    assert outcome.call is call
    assert only(outcome.violations).rule is Rule.MESSAGE_SIZE
    assert [frame[0] for frame in frames] == ([5] if version is V21 else [])
    assert_serving(connection)

    call = in_flight(connection, now=1.0)
    events, frames = hear(connection, [4, call.message_id, "InternalError", "x" * 500, {}])
    assert isinstance(events[-1], CallErrorReceived)
    assert events[-1].call is call
    assert frames == []


@in_2x
def test_a_large_message_without_a_readable_head_is_answered_with_minus_1_in_2x(
    version: Version,
) -> None:
    connection = opened(version, max_message_size=200)
    code = "FormatViolation"
    assert_refused(connection, b" " * 201, code=code, message_id="-1")
    assert_refused(connection, b'[2,"' + b"x" * 5000, code=code, message_id="-1")


def test_in_16_it_is_only_reported() -> None:
    events, frames = hear(opened(V16, max_message_size=200), b" " * 201)
    assert_reported(events, Rule.MESSAGE_SIZE)
    assert frames == []


# --- max_depth ------------------------------------------------------------------------------------


def nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


@in_2x
@in_both_roles
@pytest.mark.parametrize("limit", [1, 5, 32])
def test_free_json_is_nested_up_to_the_depth_and_no_deeper(
    version: Version, role: Role, limit: int
) -> None:
    for member in ("data", "customData"):
        connection = opened(version, role, max_depth=limit)
        for depth in (limit, limit + 1):
            value = nested(depth)
            if member == "customData":
                value = {"vendorId": "v", "a": nested(depth - 1)}
            message = call_text("7", "DataTransfer", {"vendorId": "v", member: value})
            events, frames = hear(connection, message)
            if depth == limit:
                assert isinstance(only(events), CallReceived)
                call = connection.unanswered_calls[0]
                connection.send_call_error(call, ErrorCode.NOT_SUPPORTED, now=1.0)
                connection.frames_to_send()
            else:
                assert_reported(events, Rule.DEPTH)
                assert only(frames)[:3] == [4, "7", "FormatViolation"]


@in_every_version
@in_both_roles
def test_the_depth_holds_for_vendor_actions_and_in_every_mode(version: Version, role: Role) -> None:
    for mode in ("strict", "lenient", "off"):
        connection = opened(version, role, max_depth=4, vendor_actions={"*"}, validation=mode)
        call = only(hear(connection, call_text("7", "Vendor", {"a": nested(3)})).events)
        assert isinstance(call, CallReceived)
        events, frames = hear(connection, call_text("8", "Vendor", {"a": nested(4)}))
        assert_reported(events, Rule.DEPTH)
        assert only(frames)[:2] == [4, "8"]


@in_every_version
@pytest.mark.parametrize("mode", ["strict", "lenient", "off"])
def test_unknown_members_do_not_carry_any_depth_past_the_cap(version: Version, mode: str) -> None:
    connection = opened(version, max_depth=4, validation=mode)
    events, frames = hear(connection, call_text("7", "Heartbeat", {"extra": nested(200)}))
    assert isinstance(only(events), ProtocolViolated)
    assert only(frames)[:2] == [4, "7"]


@in_every_version
@pytest.mark.parametrize("mode", ["lenient", "off"])
def test_a_payload_has_16_levels_of_its_own_around_its_free_json(
    version: Version, mode: str
) -> None:
    connection = opened(version, max_depth=4, validation=mode)
    call = only(hear(connection, call_text("7", "Heartbeat", {"extra": nested(4 + 15)})).events)
    assert isinstance(call, CallReceived)
    event = only(hear(connection, call_text("8", "Heartbeat", {"extra": nested(4 + 16)})).events)
    assert isinstance(event, ProtocolViolated)


@in_every_version
def test_details_of_an_error_beyond_the_depth_are_dropped_and_the_call_still_ends(
    version: Version,
) -> None:
    connection = opened(version, max_depth=4)
    for depth in (4, 5):
        call = in_flight(connection)
        details = {"a": nested(depth - 1)}
        events, _ = hear(connection, [4, call.message_id, "InternalError", "", details])
        outcome = events[-1]
        assert isinstance(outcome, CallErrorReceived)
        assert outcome.details == (details if depth == 4 else {})
        assert len(events) == (1 if depth == 4 else 2)


# --- max_queued_calls -----------------------------------------------------------------------------


@in_every_version
@in_both_roles
@pytest.mark.parametrize("limit", [0, 1, 3])
def test_the_queue_is_full_at_its_cap_and_has_room_again_later(
    version: Version, role: Role, limit: int
) -> None:
    connection = opened(version, role, max_queued_calls=limit)
    first = in_flight(connection)
    queued = [own_call(connection) for _ in range(limit)]
    for _ in range(2):
        with pytest.raises(LocalProtocolError):
            own_call(connection)
    assert connection.queued_calls == tuple(queued)
    hear(connection, [4, first.message_id, "InternalError", "", {}])
    own_call(connection)
    assert len(connection.queued_calls) == limit


# --- max_unanswered_calls -------------------------------------------------------------------------


@in_every_version
@in_both_roles
@pytest.mark.parametrize("limit", [1, 2, 16])
def test_unanswered_calls_are_refused_beyond_the_cap_and_served_again_below_it(
    version: Version, role: Role, limit: int
) -> None:
    connection = opened(version, role, max_unanswered_calls=limit)
    calls = [received_call(connection, f"c{number}") for number in range(limit)]
    for number in range(3):
        events, frames = hear(connection, call_text(f"x{number}", EMPTY_CALL[role]))
        assert_reported(events, Rule.TOO_MANY_CALLS)
        assert only(frames)[:3] == [4, f"x{number}", "GenericError"]
    assert connection.unanswered_calls == tuple(calls)
    connection.send_call_result(calls[0], ANSWER[calls[0].action], now=1.0)
    connection.frames_to_send()
    assert received_call(connection, "again") in connection.unanswered_calls


def test_the_default_cap_of_unanswered_calls_is_16() -> None:
    connection = opened(V16)
    for number in range(16):
        received_call(connection, str(number))
    assert_reported(hear(connection, call_text("x", "Heartbeat")).events, Rule.TOO_MANY_CALLS)


# --- max_late_calls -------------------------------------------------------------------------------


@in_every_version
@pytest.mark.parametrize("limit", [0, 1, 3])
def test_the_last_late_calls_are_remembered_up_to_the_cap(version: Version, limit: int) -> None:
    connection = opened(version, max_late_calls=limit)
    calls = []
    for number in range(6):
        calls.append(in_flight(connection, now=number * 100.0))
        connection.handle_timeout(now=number * 100.0 + 30)
    connection.events()
    remembered = []
    for call in calls:
        event = only(hear(connection, [3, call.message_id, {}], now=1000.0).events)
        remembered.append(isinstance(event, LateResponseReceived))
    assert remembered == [False] * (6 - limit) + [True] * limit


# --- max_refusable_results ------------------------------------------------------------------------


@in_both_roles
@pytest.mark.parametrize("limit", [0, 1, 4])
def test_the_last_results_can_be_refused_up_to_the_cap(role: Role, limit: int) -> None:
    connection = opened(V21, role, max_refusable_results=limit)
    results = []
    for _ in range(6):
        call = in_flight(connection)
        event = only(hear(connection, [3, call.message_id, ANSWER[call.action]]).events)
        assert isinstance(event, CallResultReceived)
        results.append(event)
    for number, result in enumerate(results):
        if number < 6 - limit:
            with pytest.raises(LocalProtocolError):
                connection.send_call_result_error(result, ErrorCode.INTERNAL_ERROR, now=2.0)
        else:
            connection.send_call_result_error(result, ErrorCode.INTERNAL_ERROR, now=2.0)
    assert len(sent(connection)) == limit


# --- max_undrained --------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_a_caller_who_does_not_drain_is_told_and_nothing_is_lost(
    version: Version, role: Role
) -> None:
    connection = opened(version, role, max_undrained=3)
    for _ in range(3):
        connection.received('[3,"nobody",{}]', now=1.0)
    for _ in range(2):
        with pytest.raises(LocalProtocolError):
            connection.received('[3,"nobody",{}]', now=1.0)
    assert len(connection.events()) == 3
    connection.received('[3,"nobody",{}]', now=1.0)
    assert len(connection.events()) == 1


@pytest.mark.parametrize("version", IN_2X, ids=lambda v: v.value)
def test_undrained_frames_are_capped_as_well_as_events(version: Version) -> None:
    connection = opened(version, max_undrained=3)
    for _ in range(3):
        connection.received("nonsense", now=1.0)
        connection.events()
    with pytest.raises(LocalProtocolError):
        connection.received("nonsense", now=1.0)
    assert len(connection.frames_to_send()) == 3
    connection.received("nonsense", now=1.0)


def test_what_we_send_ourselves_is_capped_too() -> None:
    station = opened(V21, Role.STATION, max_undrained=3)
    for _ in range(3):
        station.send_unconfirmed("NotifyPeriodicEventStream", STREAM, now=0.0)
    with pytest.raises(LocalProtocolError):
        station.send_unconfirmed("NotifyPeriodicEventStream", STREAM, now=0.0)
    with pytest.raises(LocalProtocolError):
        station.send_call("Heartbeat", {}, now=0.0)
    assert len(station.frames_to_send()) == 3
    station.send_unconfirmed("NotifyPeriodicEventStream", STREAM, now=0.0)

    caller = opened(V201, Role.STATION, max_undrained=3, call_timeout=1.0)
    for number in range(4):
        if number < 3:
            own_call(caller, now=number * 2.0)
        else:
            with pytest.raises(LocalProtocolError):
                own_call(caller, now=number * 2.0)


@in_every_version
def test_answers_are_never_held_up_by_the_cap(version: Version) -> None:
    connection = opened(version, max_undrained=2, max_unanswered_calls=5)
    calls = [received_call(connection, str(number)) for number in range(4)]
    for call in calls:
        connection.send_call_result(call, ANSWER[call.action], now=1.0)
    assert len(connection.frames_to_send()) == 4


# --- memory ---------------------------------------------------------------------------------------


def memory_held_after(connection: Connection, messages: Any) -> int:
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for message in messages:
        connection.received(message, now=1.0)
        connection.events()
        connection.frames_to_send()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return after - before


@in_every_version
def test_100_000_unsolicited_results_leave_no_memory_behind(version: Version) -> None:
    connection = opened(version)
    call = in_flight(connection)
    hear(connection, '[3,"warm-up",{}]')
    results = (b'[3,"%d",{"status":"Accepted"}]' % number for number in range(100_000))
    assert memory_held_after(connection, results) < 20_000
    hear(connection, [4, call.message_id, "X", "", {}])
    assert_serving(connection)


@in_every_version
def test_thousands_of_exchanges_leave_no_memory_behind(version: Version) -> None:
    connection = opened(version)

    def exchanges(count: int) -> None:
        for number in range(count):
            call = received_call(connection, f"id-{number}")
            connection.send_call_result(call, ANSWER[call.action], now=1.0)
            own = connection.send_call(own_action(Role.CSMS), {}, now=1.0)
            connection.frames_to_send()
            connection.received(f'[3,"{own.message_id}",{{"status":"Accepted"}}]', now=1.0)
            connection.events()

    exchanges(200)
    tracemalloc.start()
    exchanges(200)
    before, _ = tracemalloc.get_traced_memory()
    exchanges(1000)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 20_000


@in_every_version
def test_bad_messages_of_every_kind_leave_no_memory_behind(version: Version) -> None:
    connection = opened(version)
    kinds = (
        b'[2,"%d","NoSuch%d",{}]',
        b'[2,"%d","Heartbeat",{"m%d":1}]',
        b'[%d,"x%d"]',
        b'[4,"%d","Code%d","",{}]',
        b"nonsense %d %d",
    )
    for kind in kinds:
        hear(connection, kind % (8, 8))
    messages = (kind % (number, number) for number in range(1, 400) for kind in kinds)
    assert memory_held_after(connection, messages) < 50_000
    assert_serving(connection)
