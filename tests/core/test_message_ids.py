"""RULES §2, I-1 to I-8: message ids, whose they are and what they may be."""

import json
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from core_pair import (
    ANSWER,
    EMPTY_CALL,
    V16,
    V21,
    V201,
    Pair,
    answer_to,
    assert_refused,
    assert_reported,
    assert_serving,
    assert_unanswered,
    before_21,
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
    CallTimedOut,
    ErrorCode,
    FramingErrorReceived,
    LateResponseReceived,
    LocalProtocolError,
    ProtocolViolated,
    Role,
    Rule,
    Version,
)


def unreadable_code(version: Version) -> str:
    return "FormationViolation" if version is V16 else "RpcFrameworkError"


# --- I-1 ----------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_i1_an_id_of_36_characters_is_legal_both_ways(version: Version, role: Role) -> None:
    connection = opened(version, role)
    longest = "é" * 36
    call = received_call(connection, longest)
    connection.send_call_result(call, answer_to(call), now=1.0)
    assert only(sent(connection))[1] == longest
    assert own_call(connection, message_id=longest).message_id == longest


@in_every_version
@pytest.mark.parametrize("wanted", ["x" * 37, 17, None, 1.5, ["x"], b"x", "a\nb", "\ud800", "\x00"])
def test_i1_an_unfit_id_of_ours_is_refused_before_anything_changes(
    version: Version, wanted: Any
) -> None:
    connection = opened(version, new_message_id=lambda: wanted)
    with pytest.raises(LocalProtocolError):
        own_call(connection)
    if wanted is not None:
        with pytest.raises(LocalProtocolError):
            own_call(connection, message_id=wanted)
    assert connection.frames_to_send() == []
    assert connection.outstanding_call is None
    assert connection.queued_calls == ()
    assert connection.next_timeout() is None


@in_every_version
@in_both_roles
@pytest.mark.parametrize("length", [37, 255, 1024])
def test_i1_an_over_long_id_is_refused_and_echoed_as_received(
    version: Version, role: Role, length: int
) -> None:
    connection = opened(version, role)
    message = call_text("x" * length, EMPTY_CALL[role])
    report = assert_refused(
        connection, message, code=unreadable_code(version), message_id="x" * length
    )
    assert report.error.rule is Rule.ID_TOO_LONG


@in_every_version
@in_both_roles
def test_i1_an_id_too_long_to_be_echoed_counts_as_unreadable(version: Version, role: Role) -> None:
    connection = opened(version, role)
    message = call_text("x" * 1025, EMPTY_CALL[role])
    if version is V16:
        events, frames = hear(connection, message)
        assert frames == []
        assert isinstance(only(events), ProtocolViolated)
    else:
        assert_refused(connection, message, code="RpcFrameworkError", message_id="-1")


NO_STRINGS = [17, 1.5, None, True, ["x"], {"id": "x"}]


@in_both_roles
@pytest.mark.parametrize("message_id", NO_STRINGS)
def test_i1_an_id_that_is_no_string_gets_no_reply_in_16(role: Role, message_id: Any) -> None:
    frame = [2, message_id, EMPTY_CALL[role], {}]
    assert_unanswered(opened(V16, role), frame, Rule.UNREADABLE_ID)


# --- I-2 ----------------------------------------------------------------------------------------------


@in_every_version
def test_i2_ids_are_random_uuids_that_differ_across_connections_and_objects(
    version: Version,
) -> None:
    ids = []
    for _ in range(20):
        connection = opened(version, Role.STATION)
        for _ in range(5):
            ids += [own_call(connection).message_id for _ in range(5)]
            connection.disconnected(now=0.0)
            connection.connected(version, now=0.0)
    assert len(set(ids)) == len(ids) == 500
    assert all(UUID(message_id).version == 4 and len(message_id) == 36 for message_id in ids)


@in_every_version
def test_i2_the_id_factory_is_yours_to_choose(version: Version) -> None:
    numbers = count(1)
    connection = opened(version, new_message_id=lambda: f"CS1-{next(numbers)}")
    assert [own_call(connection).message_id for _ in range(3)] == ["CS1-1", "CS1-2", "CS1-3"]


@in_every_version
def test_i2_an_id_in_flight_or_queued_is_not_given_to_another_call(version: Version) -> None:
    connection = opened(version)
    own_call(connection, message_id="flying")
    own_call(connection, message_id="queued")
    for taken in ("flying", "queued"):
        with pytest.raises(LocalProtocolError):
            own_call(connection, message_id=taken)
    connection.handle_timeout(now=30.0)
    with pytest.raises(LocalProtocolError):  # it has left the queue, and is in flight now
        own_call(connection, now=30.0, message_id="queued")
    assert connection.queued_calls == ()


def test_i2_call_and_send_share_one_id_space_in_21() -> None:
    station = opened(V21, Role.STATION)
    own_call(station, message_id="taken")
    station.frames_to_send()
    stream = {"id": 1, "pending": 0, "basetime": "2024-05-06T07:08:09Z", "data": []}
    stream["data"] = [{"t": 1, "v": "1"}]
    with pytest.raises(LocalProtocolError):
        station.send_unconfirmed("NotifyPeriodicEventStream", stream, now=0.0, message_id="taken")
    assert station.frames_to_send() == []


@in_every_version
@in_both_roles
def test_i2_the_ids_of_the_peer_are_another_space_than_ours(version: Version, role: Role) -> None:
    connection = opened(version, role)
    own = in_flight(connection, message_id="same")
    call = received_call(connection, "same")
    connection.send_call_result(call, answer_to(call), now=1.0)
    assert sent(connection) == [[3, "same", answer_to(call)]]
    assert connection.outstanding_call is own


# --- I-3 ----------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_i3_a_retry_may_have_a_fresh_id_and_a_late_answer_to_the_first_is_not_its(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    first = in_flight(connection, now=0.0)
    connection.handle_timeout(now=30.0)
    second = in_flight(connection, now=30.0)
    assert first.message_id != second.message_id
    events, frames = hear(connection, [3, first.message_id, ANSWER[first.action]], now=31.0)
    timed_out, late = events
    assert isinstance(timed_out, CallTimedOut)
    assert isinstance(late, LateResponseReceived)
    assert late.call is first
    assert connection.outstanding_call is second
    assert frames == []


@in_every_version
@in_both_roles
def test_i3_a_retry_may_reuse_the_id_once_the_first_attempt_cannot_be_answered_any_more(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    first = in_flight(connection, message_id="again")
    hear(connection, [4, "again", "InternalError", "", {}])
    second = in_flight(connection, now=2.0, message_id="again")
    connection.disconnected(now=3.0)
    connection.connected(version, now=4.0)
    connection.events()
    third = in_flight(connection, now=5.0, message_id="again")
    events, _ = hear(connection, [3, "again", ANSWER[third.action]], now=6.0)
    assert only(events).call is third
    assert third is not second is not first


@in_every_version
@in_both_roles
def test_i3_a_retry_of_a_timed_out_call_may_reuse_its_id_and_then_a_response_is_the_retrys(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    in_flight(connection, message_id="again")
    connection.handle_timeout(now=30.0)
    connection.events()
    retry = in_flight(connection, now=30.0, message_id="again")
    events, _ = hear(connection, [3, "again", ANSWER[retry.action]], now=31.0)
    event = only(events)
    assert isinstance(event, CallResultReceived)
    assert event.call is retry
    events, _ = hear(connection, [3, "again", ANSWER[retry.action]], now=32.0)
    assert_reported(events, Rule.STRAY_RESPONSE)


# --- I-4 ----------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
@pytest.mark.parametrize("message_id", ["a", "", " ", "Ab", "é🚗", '"\\/', "a\tb", "\x00", "-2"])
def test_i4_an_answer_has_exactly_the_id_of_its_call(
    version: Version, role: Role, message_id: str
) -> None:
    connection = opened(version, role)
    result = received_call(connection, message_id)
    connection.send_call_result(result, answer_to(result), now=1.0)
    assert only(sent(connection))[:2] == [3, message_id]
    error = received_call(connection, message_id)
    connection.send_call_error(error, ErrorCode.NOT_SUPPORTED, now=1.0)
    assert only(sent(connection))[:2] == [4, message_id]


@in_every_version
@in_both_roles
@pytest.mark.parametrize("change", [str.upper, lambda i: i + " ", lambda i: i[:-1], lambda _: ""])
def test_i4_a_response_with_almost_the_right_id_answers_nothing(
    version: Version, role: Role, change: Any
) -> None:
    connection = opened(version, role)
    call = in_flight(connection, message_id="abc-def")
    for frame in ([3, change("abc-def"), ANSWER[call.action]], [4, change("abc-def"), "X", "", {}]):
        events, frames = hear(connection, frame)
        assert_reported(events, Rule.STRAY_RESPONSE)
        assert frames == []
    assert connection.outstanding_call is call


@in_both_roles
def test_i4_a_call_result_error_has_the_id_of_the_offending_result(role: Role) -> None:
    connection = opened(V21, role)
    call = in_flight(connection)
    events, frames = hear(connection, [3, call.message_id, {"nonsense": True}])
    assert isinstance(only(events), CallResultRejected)
    assert only(frames)[:2] == [5, call.message_id]


# --- I-5 ----------------------------------------------------------------------------------------------


@in_2x
@in_both_roles
@pytest.mark.parametrize("message_id", NO_STRINGS)
def test_i5_an_unreadable_id_is_answered_with_minus_1_in_2x(
    version: Version, role: Role, message_id: Any
) -> None:
    connection = opened(version, role)
    frame = [2, message_id, EMPTY_CALL[role], {}]
    report = assert_refused(connection, frame, code="RpcFrameworkError", message_id="-1")
    assert report.error.rule is Rule.UNREADABLE_ID
    assert report.error.message_id is None


@in_every_version
@in_both_roles
def test_i5_minus_1_is_never_the_id_of_a_call_of_ours(version: Version, role: Role) -> None:
    connection = opened(version, role, new_message_id=lambda: "-1")
    for wanted in (None, "-1"):
        with pytest.raises(LocalProtocolError):
            own_call(connection, message_id=wanted)
    assert connection.frames_to_send() == []


@in_2x
@in_both_roles
def test_i5_an_error_with_minus_1_is_a_framing_error_and_ends_no_call(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    events, frames = hear(connection, [4, "-1", "RpcFrameworkError", "what?", {"a": 1}])
    assert events == [
        FramingErrorReceived(ErrorCode.RPC_FRAMEWORK_ERROR, "what?", {"a": 1}, "RpcFrameworkError")
    ]
    assert frames == []
    assert connection.outstanding_call is call
    events, _ = hear(connection, [3, call.message_id, ANSWER[call.action]])
    assert isinstance(only(events), CallResultReceived)


@in_both_roles
def test_i5_minus_1_means_nothing_in_16(role: Role) -> None:
    connection = opened(V16, role)
    frame = [4, "-1", "GenericError", "", {}]
    assert_unanswered(connection, frame, Rule.STRAY_RESPONSE)


@in_every_version
def test_i5_only_an_error_with_minus_1_is_a_framing_error(version: Version) -> None:
    events, frames = hear(opened(version), [3, "-1", {}])
    assert_reported(events, Rule.STRAY_RESPONSE)
    assert frames == []


@in_every_version
def test_i5_a_call_of_the_peer_may_be_called_minus_1(version: Version) -> None:
    connection = opened(version)
    call = received_call(connection, "-1")
    connection.send_call_result(call, answer_to(call), now=1.0)
    assert sent(connection) == [[3, "-1", answer_to(call)]]


# --- I-6 ----------------------------------------------------------------------------------------------

SECRET = "SECRET-TEXT-OF-THE-PEER"
CORRUPT = [
    '[2,"7","Heartbeat",{"%s":NaN}]',
    '[2,"7","%s"',
    '[2,17,"%s",{}]',
    '[2,"7","%s",{}]',
    '[2,"7","Heartbeat",{"a":"%s"}]',
    '[2,"7","Heartbeat","%s"]',
    '[2,"7","Heartbeat",{},"%s"]',
    '[77,"7","%s"]',
    '{"%s":1}',
    "%s",
    '[2,"7","DataTransfer",{"vendorId":"%s' + "x" * 300 + '"}]',
    '[2,"7","DataTransfer",{"vendorId":5,"messageId":"%s"}]',
]


@in_every_version
@in_both_roles
@pytest.mark.parametrize("message", CORRUPT)
def test_i6_an_error_about_a_corrupt_message_does_not_embed_it(
    version: Version, role: Role, message: str
) -> None:
    connection = opened(version, role)
    events, frames = hear(connection, message % SECRET)
    assert isinstance(events[0], ProtocolViolated)
    assert SECRET not in json.dumps(frames)
    assert SECRET.encode() in events[0].data
    assert_serving(connection)


@in_every_version
def test_i6_the_name_of_an_unknown_member_is_repeated_as_a_snippet_only(version: Version) -> None:
    name = "n" * 5000
    frames = hear(opened(version), call_text("7", "Heartbeat", {name: 1})).frames
    description = only(frames)[3]
    assert "n" * 20 in description
    assert "n" * 60 not in description


@in_every_version
@pytest.mark.parametrize("name", ["a\nb", "\x1b[31mred", "\u202eevil", "\x00"])
def test_i6_control_characters_of_the_peer_do_not_reach_a_log_through_a_description(
    version: Version, name: str
) -> None:
    events, frames = hear(opened(version), call_text("7", "Heartbeat", {name: 1}))
    for text in (only(frames)[3], str(only(events).error)):
        assert text.isprintable()


# --- I-7 ----------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_i7_an_id_of_a_call_being_handled_is_refused_and_the_first_stays_answerable(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    first = received_call(connection, "7")
    events, frames = hear(connection, call_text("7", "DataTransfer", {"vendorId": "v"}))
    report = assert_reported(events, Rule.DUPLICATE_ID)
    code = "GenericError" if version is V16 else "RpcFrameworkError"
    assert only(frames)[:3] == [4, "7", code]
    assert report.error.message_id == "7"
    assert connection.unanswered_calls == (first,)
    connection.send_call_result(first, answer_to(first), now=2.0)
    assert sent(connection) == [[3, "7", answer_to(first)]]


@in_every_version
@in_both_roles
def test_i7_an_id_answered_before_is_served_and_marked_as_perhaps_a_retry(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    first = received_call(connection, "7")
    assert not first.is_duplicate
    connection.send_call_result(first, answer_to(first), now=1.0)
    connection.frames_to_send()
    retry = received_call(connection, "7")
    assert retry.is_duplicate
    connection.send_call_error(retry, ErrorCode.GENERIC_ERROR, now=1.0)
    connection.frames_to_send()
    assert received_call(connection, "7").is_duplicate


@in_every_version
def test_i7_a_retry_is_recognised_across_a_reconnection(version: Version) -> None:
    connection = opened(version)
    call = received_call(connection, "7")
    connection.send_call_result(call, answer_to(call), now=1.0)
    connection.disconnected(now=2.0)
    connection.connected(version, now=3.0)
    assert received_call(connection, "7").is_duplicate


@in_every_version
def test_i7_a_call_never_answered_is_no_duplicate_on_the_next_connection(version: Version) -> None:
    connection = opened(version)
    received_call(connection, "7")
    connection.disconnected(now=2.0)
    connection.connected(version, now=3.0)
    assert not received_call(connection, "7").is_duplicate


def answered(connection: Any, message_id: str) -> bool:
    """Let a call come and answer it; return whether it was a duplicate."""
    call = received_call(connection, message_id)
    connection.send_call_result(call, answer_to(call), now=1.0)
    connection.frames_to_send()
    return call.is_duplicate


@pytest.mark.parametrize("limit", [0, 1, 4])
def test_i7_the_last_answered_ids_are_remembered_up_to_the_cap(limit: int) -> None:
    connection = opened(V16, max_answered_ids=limit)
    for message_id in "abcdefgh":
        assert not answered(connection, message_id)
    remembered = [i for i in "abcdefgh" if received_call(connection, i).is_duplicate]
    assert remembered == list("abcdefgh"[8 - limit :])


def test_i7_a_retry_counts_as_answered_when_it_was_answered_again() -> None:
    connection = opened(V16, max_answered_ids=2)
    assert [answered(connection, i) for i in "abac"] == [False, False, True, False]
    assert answered(connection, "a")


# --- I-8 ----------------------------------------------------------------------------------------------


@in_every_version
def test_i8_an_empty_id_is_never_sent(version: Version) -> None:
    connection = opened(version, new_message_id=str)
    for wanted in (None, ""):
        with pytest.raises(LocalProtocolError):
            own_call(connection, message_id=wanted)


@in_every_version
@in_both_roles
def test_i8_an_empty_id_is_accepted_and_answered_with_an_empty_id(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    call = received_call(connection, "")
    assert isinstance(call, CallReceived)
    connection.send_call_result(call, answer_to(call), now=1.0)
    assert sent(connection) == [[3, "", answer_to(call)]]


@in_every_version
@in_both_roles
@pytest.mark.parametrize("message", ['[2,"","Heartbeat"]', '[2,"",5,{}]', '[2,"","Heartbeat",{'])
def test_i8_a_bad_call_with_an_empty_id_is_refused_under_the_empty_id(
    version: Version, role: Role, message: str
) -> None:
    code = unreadable_code(version)
    assert_refused(opened(version, role), message, code=code, message_id="")


def test_i8_an_unknown_type_with_an_empty_id_is_refused_under_the_empty_id_in_201() -> None:
    assert_refused(opened(V201), '[9,""]', code="MessageTypeNotSupported", message_id="")


@in_every_version
def test_i8_a_response_with_an_empty_id_answers_nothing(version: Version) -> None:
    connection = opened(version)
    for frame in ([3, "", {}], [3, ""], [4, "", "InternalError", "", {}], '[3,"",'):
        events, frames = hear(connection, frame)
        assert_reported(events, Rule.STRAY_RESPONSE)
        assert frames == []


@before_21
def test_both_peers_agree_on_the_id_of_every_exchange(version: Version) -> None:
    pair = Pair(version)
    call = pair.station.send_call(own_action(Role.STATION), {}, now=0.0)
    pair.carry(pair.station)
    received = only(pair.csms.events())
    assert received.message_id == call.message_id
    pair.csms.send_call_error(received, ErrorCode.SECURITY_ERROR, "no", now=0.0)
    pair.carry(pair.csms)
    outcome = only(pair.station.events())
    assert isinstance(outcome, CallErrorReceived)
    assert outcome.call is call
