"""RULES §5, S-1 to S-11: one call at a time each way, what ends it, and what comes too late."""

from typing import Any

import pytest
from core_pair import (
    ANSWER,
    EMPTY_CALL,
    V21,
    Pair,
    answer_to,
    assert_reported,
    assert_serving,
    before_21,
    call_text,
    hear,
    in_both_roles,
    in_every_version,
    in_flight,
    only,
    opened,
    own_call,
    received_call,
    sent,
)

from ocpp_sansio import (
    Call,
    CallAborted,
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Connection,
    ErrorCode,
    LateResponseReceived,
    LocalProtocolError,
    ProtocolViolated,
    Role,
    Rule,
    SendReceived,
    Version,
)

STREAM: dict[str, Any] = {
    "id": 1,
    "pending": 0,
    "basetime": "2024-05-06T07:08:09Z",
    "data": [{"t": 0.5, "v": "16.0"}],
}


def result_for(call: Call) -> list[Any]:
    return [3, call.message_id, ANSWER[call.action]]


def error_for(call: Call) -> list[Any]:
    return [4, call.message_id, "InternalError", "", {}]


# --- S-1 ------------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_s1_one_call_is_in_flight_and_the_rest_follow_in_order(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    calls = [own_call(connection) for _ in range(5)]
    assert connection.outstanding_call is calls[0]
    assert connection.queued_calls == tuple(calls[1:])
    on_the_wire = sent(connection)
    for number, call in enumerate(calls):
        assert [frame[1] for frame in on_the_wire] == [call.message_id]
        answer = result_for(call) if number % 2 else error_for(call)
        events, on_the_wire = hear(connection, answer)
        assert only(events).call is call
    assert on_the_wire == []
    assert connection.outstanding_call is None
    assert connection.queued_calls == ()


@in_every_version
def test_s1_each_connection_has_its_own_slot(version: Version) -> None:
    first, second = opened(version), opened(version)
    in_flight(first)
    in_flight(second)


# --- S-2 ------------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
@pytest.mark.parametrize("kind", ["result", "error"])
def test_s2_a_call_is_answered_while_a_call_of_ours_is_in_flight(
    version: Version, role: Role, kind: str
) -> None:
    connection = opened(version, role)
    own = in_flight(connection)
    call = received_call(connection, "7")
    if kind == "result":
        connection.send_call_result(call, answer_to(call), now=1.0)
    else:
        connection.send_call_error(call, ErrorCode.NOT_SUPPORTED, now=1.0)
    assert only(sent(connection))[1] == "7"
    assert connection.outstanding_call is own


@in_every_version
def test_s2_two_calls_that_cross_do_not_deadlock(version: Version) -> None:
    pair = Pair(version)
    calls = {conn: own_call(conn) for conn in (pair.station, pair.csms)}
    pair.carry(pair.station)
    pair.carry(pair.csms)
    for conn in calls:
        received = only(conn.events())
        assert isinstance(received, CallReceived)
        conn.send_call_result(received, answer_to(received), now=1.0)
    pair.carry(pair.station)
    pair.carry(pair.csms)
    for conn, call in calls.items():
        outcome = only(conn.events())
        assert isinstance(outcome, CallResultReceived)
        assert outcome.call is call


# --- S-3 ------------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
@pytest.mark.parametrize("answer", [result_for, error_for])
def test_s3_a_result_or_an_error_with_its_id_ends_a_call(
    version: Version, role: Role, answer: Any
) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    event = only(hear(connection, answer(call)).events)
    assert isinstance(event, CallResultReceived | CallErrorReceived)
    assert event.call is call
    assert connection.outstanding_call is None
    assert connection.next_timeout() is None
    connection.handle_timeout(now=1000.0)
    connection.disconnected(now=1000.0)
    assert connection.events() == []


@in_every_version
@in_both_roles
def test_s3_the_time_of_a_call_runs_from_its_leaving_not_from_its_queueing(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    first = in_flight(connection, now=0.0)
    second = own_call(connection, now=0.0)
    assert connection.next_timeout() == 30.0
    hear(connection, result_for(first), now=29.0)
    assert connection.outstanding_call is second
    assert connection.next_timeout() == 59.0
    connection.handle_timeout(now=58.9)
    assert connection.events() == []
    connection.handle_timeout(now=59.0)
    assert connection.events() == [CallTimedOut(second)]


@in_every_version
@in_both_roles
def test_s3_an_invalid_result_counts_as_the_response(version: Version, role: Role) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    waiting = own_call(connection)
    events, frames = hear(connection, [3, call.message_id, {"nonsense": 1}])
    assert isinstance(only(events), CallResultRejected)
    assert connection.outstanding_call is waiting
    types = [frame[:2] for frame in frames]
    follow_up = [2, waiting.message_id]
    assert types == ([[5, call.message_id], follow_up] if version is V21 else [follow_up])


def test_s3_a_call_result_error_of_ours_occupies_no_slot() -> None:
    connection = opened(V21)
    call = in_flight(connection)
    hear(connection, [3, call.message_id, {"nonsense": 1}])
    assert connection.outstanding_call is None
    result = only(hear(connection, result_for(in_flight(connection))).events)
    busy = in_flight(connection)
    connection.send_call_result_error(result, ErrorCode.FORMAT_VIOLATION, now=1.0)
    assert only(sent(connection))[0] == 5
    assert connection.outstanding_call is busy


# --- S-4 ------------------------------------------------------------------------------------------------


def test_s4_a_send_leaves_at_any_time_and_occupies_no_slot() -> None:
    station = opened(V21, Role.STATION)
    station.send_unconfirmed("NotifyPeriodicEventStream", STREAM, now=0.0)
    assert station.outstanding_call is None
    assert station.next_timeout() is None
    call = own_call(station)
    station.send_unconfirmed("NotifyPeriodicEventStream", STREAM, now=0.0)
    assert [frame[0] for frame in sent(station)] == [6, 2, 6]
    assert station.outstanding_call is call
    assert station.queued_calls == ()


def test_s4_a_send_of_the_peer_is_no_overlap_and_waits_for_no_answer() -> None:
    csms = opened(V21)
    received_call(csms, "7")
    for number in range(50):
        frame = [6, f"s{number}", "NotifyPeriodicEventStream", STREAM]
        assert isinstance(only(hear(csms, frame).events), SendReceived)
    assert len(csms.unanswered_calls) == 1


# --- S-5 ------------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_s5_an_overlapping_call_is_served_and_reported(version: Version, role: Role) -> None:
    connection = opened(version, role)
    first = received_call(connection, "a")
    events, frames = hear(connection, call_text("b", EMPTY_CALL[role]))
    report, second = events
    assert_reported([report], Rule.OVERLAPPING_CALL)
    assert isinstance(second, CallReceived)
    assert frames == []
    assert connection.unanswered_calls == (first, second)
    connection.send_call_result(second, answer_to(second), now=1.0)
    connection.send_call_result(first, answer_to(first), now=1.0)
    assert [frame[1] for frame in sent(connection)] == ["b", "a"]


@in_every_version
@in_both_roles
def test_s5_overlap_is_refused_where_one_unanswered_call_is_the_limit(
    version: Version, role: Role
) -> None:
    connection = opened(version, role, max_unanswered_calls=1)
    first = received_call(connection, "a")
    events, frames = hear(connection, call_text("b", EMPTY_CALL[role]))
    assert_reported(events, Rule.TOO_MANY_CALLS)
    assert only(frames)[:3] == [4, "b", "GenericError"]
    assert connection.unanswered_calls == (first,)
    connection.send_call_result(first, answer_to(first), now=1.0)
    connection.frames_to_send()
    assert_serving(connection)


# --- S-6 ------------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_s6_a_response_is_matched_by_id_alone_whatever_came_before_it(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    received_call(connection, "7")
    hear(connection, [3, "7", ANSWER[call.action]])
    hear(connection, [4, "somebody", "InternalError", "", {}])
    assert connection.outstanding_call is call
    event = only(hear(connection, result_for(call)).events)
    assert isinstance(event, CallResultReceived)
    assert event.call is call


@in_every_version
@in_both_roles
def test_s6_an_answer_is_keyed_by_its_event_so_that_no_slow_handler_answers_a_successor(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    slow = received_call(connection, "7")
    connection.disconnected(now=2.0)
    connection.connected(version, now=3.0)
    successor = received_call(connection, "7", now=4.0)
    assert successor == slow  # equal in every field, yet not the same call
    with pytest.raises(LocalProtocolError):
        connection.send_call_result(slow, answer_to(slow), now=5.0)
    with pytest.raises(LocalProtocolError):
        connection.send_call_error(slow, ErrorCode.INTERNAL_ERROR, now=5.0)
    assert connection.unanswered_calls == (successor,)
    assert connection.unanswered_calls[0] is successor
    connection.send_call_result(successor, answer_to(successor), now=6.0)
    assert len(sent(connection)) == 1


# --- S-7 ------------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
@pytest.mark.parametrize("answer", [result_for, error_for])
def test_s7_a_late_response_is_reported_as_such_and_changes_nothing(
    version: Version, role: Role, answer: Any
) -> None:
    connection = opened(version, role)
    late = in_flight(connection, now=0.0)
    current = own_call(connection, now=0.0)
    connection.handle_timeout(now=30.0)
    assert connection.events() == [CallTimedOut(late)]
    connection.frames_to_send()
    events, frames = hear(connection, answer(late), now=31.0)
    event = only(events)
    assert isinstance(event, LateResponseReceived)
    assert event.call is late
    assert str(late.message_id).encode() in event.data
    assert frames == []
    assert connection.outstanding_call is current
    assert connection.next_timeout() == 60.0


@in_every_version
@in_both_roles
def test_s7_a_response_at_the_very_deadline_or_after_it_is_late_even_without_a_timer(
    version: Version, role: Role
) -> None:
    for moment in (30.0, 31.0, 1e9):
        connection = opened(version, role)
        call = in_flight(connection, now=0.0)
        timed_out, late = hear(connection, result_for(call), now=moment).events
        assert timed_out == CallTimedOut(call)
        assert isinstance(late, LateResponseReceived)


@in_every_version
def test_s7_a_late_response_is_late_once_and_then_a_stray(version: Version) -> None:
    connection = opened(version)
    call = in_flight(connection)
    connection.handle_timeout(now=30.0)
    connection.events()
    hear(connection, result_for(call), now=31.0)
    assert_reported(hear(connection, result_for(call), now=32.0).events, Rule.STRAY_RESPONSE)


# --- S-8 ------------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
@pytest.mark.parametrize(
    "frame", [[3, "nobody", {}], [4, "nobody", "InternalError", "", {}], [3, "nobody"]]
)
def test_s8_a_response_with_an_unknown_id_is_an_event_and_nothing_else(
    version: Version, role: Role, frame: Any
) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    waiting = own_call(connection)
    events, frames = hear(connection, frame)
    report = assert_reported(events, Rule.STRAY_RESPONSE)
    assert report.error.message_id == "nobody"
    assert frames == []
    assert connection.outstanding_call is call
    assert connection.queued_calls == (waiting,)


@in_every_version
def test_s8_a_malformed_error_with_an_unknown_id_is_reported_and_frees_nothing(
    version: Version,
) -> None:
    connection = opened(version)
    call = in_flight(connection)
    events, frames = hear(connection, [4, "nobody"])
    assert events
    assert all(isinstance(event, ProtocolViolated) for event in events)
    assert frames == []
    assert connection.outstanding_call is call


@in_every_version
@in_both_roles
def test_s8_a_second_response_to_one_call_is_a_stray(version: Version, role: Role) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    hear(connection, result_for(call))
    assert_reported(hear(connection, error_for(call)).events, Rule.STRAY_RESPONSE)


@in_every_version
def test_s8_a_response_to_a_call_that_has_not_left_yet_is_a_stray(version: Version) -> None:
    connection = opened(version)
    in_flight(connection)
    queued = own_call(connection)
    assert_reported(hear(connection, result_for(queued)).events, Rule.STRAY_RESPONSE)
    assert connection.queued_calls == (queued,)


# --- S-9 ------------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_s9_a_call_has_30_seconds_unless_told_otherwise(version: Version, role: Role) -> None:
    connection = opened(version, role)
    in_flight(connection, now=100.0)
    assert connection.next_timeout() == 130.0


@in_every_version
def test_s9_the_time_is_set_for_all_calls_or_for_one(version: Version) -> None:
    connection = opened(version, call_timeout=7.5)
    first = in_flight(connection, now=100.0)
    assert connection.next_timeout() == 107.5
    second = own_call(connection, now=100.0, timeout=1.5)
    hear(connection, error_for(first), now=101.0)
    assert connection.outstanding_call is second
    assert connection.next_timeout() == 102.5


@in_every_version
def test_s9_an_endless_timeout_is_no_timeout(version: Version) -> None:
    connection = opened(version)
    call = in_flight(connection, now=0.0, timeout=float("inf"))
    assert connection.next_timeout() is None
    connection.handle_timeout(now=1e18)
    assert connection.outstanding_call is call


@in_every_version
@pytest.mark.parametrize("timeout", [0, 0.0, -1, -1e9, float("nan"), -float("inf")])
def test_s9_a_timeout_that_is_none_is_refused_before_anything_changes(
    version: Version, timeout: float
) -> None:
    connection = opened(version)
    with pytest.raises(LocalProtocolError):
        own_call(connection, timeout=timeout)
    assert connection.outstanding_call is None
    assert connection.frames_to_send() == []


# --- S-10 -----------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_s10_a_timeout_frees_the_slot_for_the_next_call(version: Version, role: Role) -> None:
    connection = opened(version, role)
    first, second, third = (own_call(connection, now=0.0) for _ in range(3))
    connection.frames_to_send()
    connection.handle_timeout(now=29.999)
    assert connection.events() == []
    connection.handle_timeout(now=30.0)
    assert connection.events() == [CallTimedOut(first)]
    assert only(sent(connection))[1] == second.message_id
    assert connection.outstanding_call is second
    assert connection.queued_calls == (third,)
    assert connection.next_timeout() == 60.0


@in_every_version
def test_s10_a_wake_up_that_comes_very_late_times_out_one_call_not_the_queue(
    version: Version,
) -> None:
    connection = opened(version)
    calls = [own_call(connection, now=0.0) for _ in range(3)]
    connection.handle_timeout(now=10_000.0)
    assert connection.events() == [CallTimedOut(calls[0])]
    assert connection.next_timeout() == 10_030.0


@in_every_version
@in_both_roles
def test_s10_any_input_or_action_notices_that_the_time_is_up(version: Version, role: Role) -> None:
    def let_time_pass(connection: Connection, how: str, call: Call) -> None:
        if how == "received":
            connection.received("[]", now=31.0)
        elif how == "send_call":
            own_call(connection, now=31.0)
        elif how == "withdraw":
            assert not connection.withdraw(call, now=31.0)
        elif how == "disconnected":
            connection.disconnected(now=31.0)
        else:
            connection.send_call_error(
                connection.unanswered_calls[0], ErrorCode.NOT_SUPPORTED, now=31.0
            )

    for how in ("received", "send_call", "withdraw", "disconnected", "send_call_error"):
        connection = opened(version, role)
        received_call(connection, "7", now=0.0)
        call = in_flight(connection, now=0.0)
        let_time_pass(connection, how, call)
        assert connection.events()[0] == CallTimedOut(call)


# --- S-11 -----------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_s11_a_lost_connection_ends_every_call_and_tells_which_had_left(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    in_the_air = in_flight(connection)
    queued = [own_call(connection) for _ in range(3)]
    connection.disconnected(now=1.0)
    assert connection.events() == [
        CallAborted(in_the_air, was_sent=True),
        *(CallAborted(call, was_sent=False) for call in queued),
    ]
    assert connection.outstanding_call is None
    assert connection.queued_calls == ()
    assert connection.next_timeout() is None
    assert connection.frames_to_send() == []


@in_every_version
@in_both_roles
def test_s11_a_call_whose_frame_nobody_took_has_not_been_sent(version: Version, role: Role) -> None:
    connection = opened(version, role)
    call = own_call(connection)
    connection.disconnected(now=1.0)
    assert connection.events() == [CallAborted(call, was_sent=False)]
    assert connection.frames_to_send() == []


@in_every_version
def test_s11_a_call_that_timed_out_before_the_loss_has_one_outcome(version: Version) -> None:
    connection = opened(version)
    call = in_flight(connection, now=0.0)
    connection.disconnected(now=30.0)
    assert connection.events() == [CallTimedOut(call)]


@before_21
@in_both_roles
def test_s11_a_response_to_a_call_of_the_lost_connection_is_a_stray_on_the_next(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    connection.disconnected(now=1.0)
    connection.connected(version, now=2.0)
    connection.events()
    assert_reported(hear(connection, result_for(call), now=3.0).events, Rule.STRAY_RESPONSE)
