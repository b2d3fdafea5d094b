"""Every report tells which message it is about: as it came, with its id; and an answer says why."""

from typing import Any

import pytest
from core_pair import (
    EMPTY_CALL,
    V16,
    V21,
    V201,
    call_text,
    hear,
    in_both_roles,
    in_every_version,
    in_flight,
    only,
    opened,
    received_call,
)

from ocpp_sansio import (
    CallError,
    CallErrorReceived,
    CallReceived,
    CallResultError,
    CallResultErrorReceived,
    CallResultReceived,
    CallResultRejected,
    ErrorCode,
    LateResponseReceived,
    ProtocolViolated,
    Role,
    Rule,
    SendReceived,
    Version,
)

NOON = "2024-05-06T12:00:00Z"
STREAM = f'{{"id":1,"pending":0,"basetime":"{NOON}","data":[{{"t":1,"v":"1"}}]}}'
LONG_ID = "x" * 37
FRESH = [
    (V16, "{", None, Rule.NOT_JSON),
    (V201, '["2","7","Heartbeat",{}]', "7", Rule.MESSAGE_TYPE),
    (V16, '[9,"7",{}]', "7", Rule.MESSAGE_TYPE),
    (V201, '[9,"7",{}]', "7", Rule.MESSAGE_TYPE),
    (V21, '[9,"7",{', "7", Rule.MESSAGE_TYPE),
    (V16, '[2,"7","Heartbeat"]', "7", Rule.FRAME),
    (V16, '[2,7,"Heartbeat",{}]', None, Rule.UNREADABLE_ID),
    (V201, f'[2,"{LONG_ID}","Heartbeat",{{}}]', LONG_ID, Rule.ID_TOO_LONG),
    (V201, '[2,"7","Heartbeat",{', "7", Rule.NOT_JSON),
    (V16, '[2,"7","Nonsense",{}]', "7", Rule.UNKNOWN_ACTION),
    (V201, '[2,"7","Heartbeat",{ "x" : 1 }]', "7", Rule.UNKNOWN_MEMBER),
    (V16, '[3, "7", {}]', "7", Rule.STRAY_RESPONSE),
    (V16, '[3,"7"]', "7", Rule.STRAY_RESPONSE),
    (V16, "[3,7,{}]", None, Rule.FRAME),
    (V201, '[4,"7","InternalError","",{ }]', "7", Rule.STRAY_RESPONSE),
    (V201, "[4,7]", None, Rule.FRAME),
    (V21, '[5,null,"InternalError","",{}]', None, Rule.FRAME),
    (V21, '[6,"7","NotifyPeriodicEventStream",{ }]', "7", Rule.REQUIRED),
    (V21, '[6,"7","Nonsense",{}]', "7", Rule.UNKNOWN_ACTION),
    (V21, '[6,"7"]', "7", Rule.FRAME),
    (V21, "[6,7]", None, Rule.UNREADABLE_ID),
    (V21, '[6,"7","NotifyPeriodicEventStream",{', "7", Rule.NOT_JSON),
]


@pytest.mark.parametrize(("version", "message", "message_id", "rule"), FRESH)
def test_a_report_has_the_message_as_it_came_and_its_id(
    version: Version, message: str, message_id: str | None, rule: Rule
) -> None:
    event = only(hear(opened(version), message).events)
    assert isinstance(event, ProtocolViolated)
    assert (event.data, event.error.message_id) == (message.encode(), message_id)
    assert event.error.rule is event.error.violations[0].rule is rule


@in_every_version
@in_both_roles
def test_a_report_about_an_overlap_has_the_call_that_came_too_soon(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    received_call(connection, "1")
    for message_id, rule in (("2", Rule.OVERLAPPING_CALL), ("1", Rule.DUPLICATE_ID)):
        message = call_text(message_id, EMPTY_CALL[role])
        event = hear(connection, message).events[0]
        assert isinstance(event, ProtocolViolated)
        assert event.error.rule is rule
        assert (event.data, event.error.message_id) == (message.encode(), message_id)


@in_every_version
def test_a_report_about_too_many_bytes_has_the_first_1024_of_them(version: Version) -> None:
    message = call_text("7", "DataTransfer", {"vendorId": "x" * 3000})
    event = only(hear(opened(version, max_message_size=2000), message).events)
    assert isinstance(event, ProtocolViolated)
    assert (event.data, event.error.message_id) == (message.encode()[:1024], "7")


@in_every_version
@pytest.mark.parametrize("tail", [",{}]", ',{"nonsense":1}]', "]", ",{},{}]", ",{"])
def test_a_rejected_result_has_the_message_as_it_came(version: Version, tail: str) -> None:
    csms = opened(version)
    message = f'[3,"{in_flight(csms).message_id}"{tail}'
    event = only(hear(csms, message).events)
    assert isinstance(event, CallResultRejected)
    assert event.data == message.encode()


@in_every_version
def test_a_malformed_error_is_reported_as_it_came(version: Version) -> None:
    csms = opened(version)
    call = in_flight(csms)
    message = f'[4,"{call.message_id}", "InternalError"]'
    report, outcome = hear(csms, message).events
    assert isinstance(report, ProtocolViolated)
    assert (report.data, report.error.message_id) == (message.encode(), call.message_id)
    assert isinstance(outcome, CallErrorReceived)
    report, stray = hear(csms, message).events
    assert isinstance(report, ProtocolViolated)
    assert isinstance(stray, ProtocolViolated)
    assert (stray.error.rule, stray.data) == (Rule.STRAY_RESPONSE, message.encode())


def test_a_malformed_call_result_error_is_reported_as_it_came() -> None:
    message = '[5,"7", 1]'
    report, refusal = hear(opened(V21), message).events
    assert isinstance(report, ProtocolViolated)
    assert (report.data, report.error.message_id) == (message.encode(), "7")
    assert refusal == CallResultErrorReceived("7", ErrorCode.GENERIC_ERROR, "", {}, "")


@in_every_version
def test_a_late_or_stray_frame_with_elements_too_many_is_reported_as_it_came(
    version: Version,
) -> None:
    csms = opened(version, allow_extra_elements=True)
    message = '[3,"7",{},"more"]'
    event = only(hear(csms, message).events)
    assert isinstance(event, ProtocolViolated)
    assert (event.error.rule, event.data) == (Rule.STRAY_RESPONSE, message.encode())
    call = in_flight(csms, timeout=1.0)
    message = f'[3,"{call.message_id}",{{}},"more"]'
    _, late = hear(csms, message, now=9.0).events
    assert isinstance(late, LateResponseReceived)
    assert late.data == message.encode()


# --- what the peer is told ------------------------------------------------------------------------------


@in_every_version
def test_a_refusal_says_what_the_report_says_and_carries_it_as_a_value(version: Version) -> None:
    csms = opened(version)
    csms.received('[2,"7","Heartbeat",{"x":1}]', now=1.0)
    event = only(csms.events())
    frame = only(csms.frames_to_send())
    assert isinstance(event, ProtocolViolated)
    assert str(event.error) == "$.x: 1 instead of no such member (unknown_member)"
    told = event.error.violations[0].demand
    assert told == "$.x: expected no such member (unknown_member)"
    assert frame.message == CallError("7", event.error.code, told, {})


def test_a_call_result_error_says_what_is_wrong_with_the_result() -> None:
    csms = opened(V21)
    call = in_flight(csms)
    csms.received(f'[3,"{call.message_id}",{{}}]', now=1.0)
    frame = only(csms.frames_to_send())
    text = "$.status: expected this member (required)"
    code = ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION
    assert frame.message == CallResultError(call.message_id, code, text, {})


# --- what was said once is said every time -----------------------------------------------------------------


@in_every_version
@in_both_roles
def test_a_call_of_the_wrong_direction_is_objected_to_every_time(
    version: Version, role: Role
) -> None:
    wrong = EMPTY_CALL[Role.CSMS if role is Role.STATION else Role.STATION]
    connection = opened(version, role, validation={wrong: "lenient"})
    for message_id in "123":
        event = hear(connection, call_text(message_id, wrong)).events[-1]
        assert isinstance(event, CallReceived)
        assert only(event.violations).rule is Rule.WRONG_DIRECTION
    strict = opened(version, role)
    event = only(hear(strict, call_text("1", wrong)).events)
    assert isinstance(event, ProtocolViolated)


def test_a_send_action_is_no_call_even_after_it_was_sent() -> None:
    csms = opened(V21)
    event = only(hear(csms, f'[6,"s","NotifyPeriodicEventStream",{STREAM}]').events)
    assert isinstance(event, SendReceived)
    event = only(hear(csms, f'[2,"7","NotifyPeriodicEventStream",{STREAM}]').events)
    assert isinstance(event, ProtocolViolated)
    assert event.error.rule is Rule.WRONG_KIND


@in_every_version
@in_both_roles
def test_an_answer_goes_by_the_mode_of_its_own_action(version: Version, role: Role) -> None:
    own = EMPTY_CALL[Role.CSMS if role is Role.STATION else Role.STATION]
    answer: Any = {"nonsense": 1}
    lenient = opened(version, role, validation={own: "lenient"})
    event = only(hear(lenient, [3, in_flight(lenient).message_id, answer]).events)
    assert isinstance(event, CallResultReceived)
    strict = opened(version, role, validation={"DataTransfer": "lenient"})
    event = only(hear(strict, [3, in_flight(strict).message_id, answer]).events)
    assert isinstance(event, CallResultRejected)
