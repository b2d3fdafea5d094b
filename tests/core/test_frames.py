"""RULES §1, F-1 to F-13: what an OCPP-J message looks like, and what becomes of one that does not."""

import json
from typing import Any

import pytest
from core_pair import (
    ANSWER,
    EMPTY_CALL,
    V16,
    V21,
    V201,
    Pair,
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
    received_call,
    sent,
)

from ocpp_sansio import (
    CallErrorReceived,
    CallReceived,
    CallResult,
    CallResultErrorReceived,
    CallResultReceived,
    CallResultRejected,
    Connection,
    ErrorCode,
    LocalProtocolError,
    ProtocolViolated,
    Request,
    Response,
    Role,
    Rule,
    SendReceived,
    Version,
    v16,
    v21,
    v201,
)

STREAM: dict[str, Any] = {
    "id": 1,
    "pending": 0,
    "basetime": "2024-05-06T07:08:09Z",
    "data": [{"t": 0.5, "v": "16.0"}],
}

HEARTBEATS: dict[Version, tuple[Request[Any], type[Response]]] = {
    V16: (v16.HeartbeatRequest(), v16.HeartbeatResponse),
    V201: (v201.HeartbeatRequest(), v201.HeartbeatResponse),
    V21: (v21.HeartbeatRequest(), v21.HeartbeatResponse),
}


def stream_message() -> v21.NotifyPeriodicEventStream:
    station, csms = opened(V21, Role.STATION), opened(V21, Role.CSMS)
    station.send_unconfirmed("NotifyPeriodicEventStream", STREAM, now=0.0)
    csms.received(only(station.frames_to_send()).data, now=0.0)
    payload = only(csms.events()).payload
    assert isinstance(payload, v21.NotifyPeriodicEventStream)
    return payload


# --- F-1 --------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, str])
def test_f1_a_message_is_the_same_as_bytes_bytearray_memoryview_and_str(
    version: Version, role: Role, kind: Any
) -> None:
    connection = opened(version, role)
    text = call_text("é", EMPTY_CALL[role]).encode()
    connection.received(text.decode() if kind is str else kind(text), now=1.0)
    event = only(connection.events())
    assert isinstance(event, CallReceived)
    assert event.message_id == "é"


@in_every_version
def test_f1_text_beyond_ascii_leaves_as_valid_utf8_and_arrives_unharmed(version: Version) -> None:
    pair = Pair(version)
    pair.station.send_call("DataTransfer", {"vendorId": "Grüße 充電 🚗"}, now=0.0)
    frame = only(pair.carry(pair.station))
    assert json.loads(frame.data.decode("utf-8"))[3] == {"vendorId": "Grüße 充電 🚗"}
    assert only(pair.csms.events()).payload.vendor_id == "Grüße 充電 🚗"


NOT_FRAMES = [
    b"",
    b" ",
    b"hello",
    b"{}",
    b'{"2":"1"}',
    b'"text"',
    b"17",
    b"null",
    b"true",
    b"[]",
    b"[",
    b"]",
    b"\xff\xfe[\x002\x00",
    b'\xef\xbb\xbf[2,"1","Heartbeat",{}]',
    "[2]".encode("utf-16"),
    b"[NaN]",
    b"[Infinity,1]",
    b"\x00",
    b"'single'",
]


@in_both_roles
@pytest.mark.parametrize("data", NOT_FRAMES)
def test_f1_what_is_no_json_array_gets_no_reply_in_16(role: Role, data: bytes) -> None:
    report = assert_unanswered(opened(V16, role), data, Rule.NOT_JSON)
    assert report.data == data
    assert report.error.code is ErrorCode.FORMAT_VIOLATION
    assert report.error.message_id is None


@in_2x
@in_both_roles
@pytest.mark.parametrize("data", NOT_FRAMES)
def test_f1_what_is_no_json_array_gets_rpc_framework_error_in_2x(
    version: Version, role: Role, data: bytes
) -> None:
    connection = opened(version, role)
    report = assert_refused(connection, data, code="RpcFrameworkError", message_id="-1")
    assert report.error.rule is Rule.NOT_JSON


@in_every_version
def test_f1_white_space_around_and_inside_a_frame_is_json_and_means_nothing(
    version: Version,
) -> None:
    events, _ = hear(opened(version), b'\r\n\t [ 2 , "1" ,\n"Heartbeat" , { } ] \n')
    assert isinstance(only(events), CallReceived)


# --- F-2 to F-4: the three old types -----------------------------------------------------------------


@in_every_version
@in_both_roles
def test_f2_a_call_leaves_as_type_id_action_payload(version: Version, role: Role) -> None:
    connection = opened(version, role)
    call = connection.send_call(own_action(role), {}, now=0.0)
    assert sent(connection) == [[2, call.message_id, own_action(role), {}]]


@in_every_version
@in_both_roles
@pytest.mark.parametrize("tail", [[], ["{action}"], ["{action}", {}, {}], ["{action}", {}, None]])
def test_f2_a_call_of_another_length_is_refused(
    version: Version, role: Role, tail: list[Any]
) -> None:
    frame = [2, "7", *(EMPTY_CALL[role] if part == "{action}" else part for part in tail)]
    code = "FormationViolation" if version is V16 else "RpcFrameworkError"
    report = assert_refused(opened(version, role), frame, code=code, message_id="7")
    assert report.error.rule is Rule.FRAME


@in_every_version
@in_both_roles
@pytest.mark.parametrize("action", [None, 5, ["x"], {}, True])
def test_f2_a_call_whose_action_is_no_string_is_refused(
    version: Version, role: Role, action: Any
) -> None:
    code = "FormationViolation" if version is V16 else "RpcFrameworkError"
    assert_refused(opened(version, role), [2, "7", action, {}], code=code, message_id="7")


@in_every_version
@in_both_roles
def test_f3_a_result_leaves_as_type_id_payload(version: Version, role: Role) -> None:
    connection = opened(version, role)
    call = received_call(connection, "7")
    connection.send_call_result(call, ANSWER[call.action], now=1.0)
    assert sent(connection) == [[3, "7", ANSWER[call.action]]]


@in_every_version
def test_f3_a_result_is_typed_by_the_call_it_answers(version: Version) -> None:
    station = opened(version, Role.STATION)
    request, response_type = HEARTBEATS[version]
    call = station.send_call(request, now=0.0)
    events, frames = hear(station, [3, call.message_id, ANSWER["Heartbeat"]])
    event = only(events)
    assert isinstance(event, CallResultReceived)
    assert event.call is call
    assert type(event.payload) is response_type
    assert frames[1:] == []


@in_every_version
@in_both_roles
@pytest.mark.parametrize("tail", [[], [{}, {}], [{}, None, 1]])
def test_f3_a_result_of_another_length_ends_its_call_as_rejected(
    version: Version, role: Role, tail: list[Any]
) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    events, _ = hear(connection, [3, call.message_id, *tail])
    event = only(events)
    assert isinstance(event, CallResultRejected)
    assert event.call is call
    assert only(event.violations).rule is Rule.FRAME
    assert_serving(connection)


@in_every_version
@in_both_roles
def test_f4_an_error_leaves_with_five_elements_even_when_there_is_nothing_to_say(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    connection.send_call_error(received_call(connection, "7"), ErrorCode.GENERIC_ERROR, now=1.0)
    assert sent(connection) == [[4, "7", "GenericError", "", {}]]


@in_every_version
def test_f4_an_error_leaves_with_its_description_and_details(version: Version) -> None:
    connection = opened(version)
    connection.send_call_error(
        received_call(connection, "7"), ErrorCode.INTERNAL_ERROR, "why", {"at": [1, "ü"]}, now=1.0
    )
    assert sent(connection) == [[4, "7", "InternalError", "why", {"at": [1, "ü"]}]]


@in_every_version
@in_both_roles
def test_f4_an_error_arrives_with_code_description_and_details(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    events, frames = hear(connection, [4, call.message_id, "NotSupported", "why", {"a": 1}])
    assert events == [
        CallErrorReceived(call, ErrorCode.NOT_SUPPORTED, "why", {"a": 1}, "NotSupported")
    ]
    assert frames == []


@in_every_version
@in_both_roles
@pytest.mark.parametrize(
    ("tail", "code", "description", "details"),
    [
        ([], ErrorCode.GENERIC_ERROR, "", {}),
        (["InternalError"], ErrorCode.INTERNAL_ERROR, "", {}),
        (["InternalError", "why"], ErrorCode.INTERNAL_ERROR, "why", {}),
        (["InternalError", "why", None], ErrorCode.INTERNAL_ERROR, "why", {}),
        (["InternalError", "why", "text"], ErrorCode.INTERNAL_ERROR, "why", {}),
        (["InternalError", "why", ["a"]], ErrorCode.INTERNAL_ERROR, "why", {}),
        (["InternalError", "why", 5], ErrorCode.INTERNAL_ERROR, "why", {}),
        (["InternalError", None, {"a": 1}], ErrorCode.INTERNAL_ERROR, "", {"a": 1}),
        ([17, "why", {}], ErrorCode.GENERIC_ERROR, "why", {}),
        (["InternalError", "why", {"a": 1}, "more"], ErrorCode.INTERNAL_ERROR, "why", {"a": 1}),
    ],
)
def test_f4_a_malformed_error_is_reported_and_ends_its_call_all_the_same(  # noqa: PLR0917 - a row
    version: Version, role: Role, tail: list[Any], code: ErrorCode, description: str, details: Any
) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    events, frames = hear(connection, [4, call.message_id, *tail])
    report, outcome = events
    assert isinstance(report, ProtocolViolated)
    assert report.error.rule is Rule.FRAME
    assert isinstance(outcome, CallErrorReceived)
    assert outcome.call is call
    assert (outcome.code, outcome.description, outcome.details) == (code, description, details)
    assert outcome.raw_code == (tail[0] if tail and isinstance(tail[0], str) else "")
    assert frames == []  # E-8
    assert_serving(connection)


@in_every_version
@pytest.mark.parametrize("head", [b"[4,5", b'[4,null,"InternalError","",{}', b"[4"])
def test_f4_an_error_without_a_readable_id_is_only_reported(version: Version, head: bytes) -> None:
    connection = opened(version)
    call = in_flight(connection)
    events, frames = hear(connection, head + b"]")
    assert_reported(events, Rule.FRAME)
    assert frames == []
    assert connection.outstanding_call is call


# --- F-5, F-6: the two types of 2.1 ------------------------------------------------------------------


@in_both_roles
def test_f5_the_caller_refuses_an_answer_with_a_call_result_error(role: Role) -> None:
    connection = opened(V21, role)
    call = in_flight(connection)
    events, _ = hear(connection, [3, call.message_id, ANSWER[call.action]])
    connection.send_call_result_error(
        only(events), ErrorCode.FORMAT_VIOLATION, "why", {"a": 1}, now=2.0
    )
    assert sent(connection) == [[5, call.message_id, "FormatViolation", "why", {"a": 1}]]


@in_both_roles
def test_f5_a_call_result_error_leaves_with_five_elements_when_there_is_nothing_to_say(
    role: Role,
) -> None:
    connection = opened(V21, role)
    call = in_flight(connection)
    result = only(hear(connection, [3, call.message_id, ANSWER[call.action]]).events)
    connection.send_call_result_error(result, ErrorCode.INTERNAL_ERROR, now=2.0)
    assert sent(connection) == [[5, call.message_id, "InternalError", "", {}]]


def test_f5_an_answer_is_refused_once_at_most_and_only_on_its_own_connection() -> None:
    connection = opened(V21)
    call = in_flight(connection)
    result = only(hear(connection, [3, call.message_id, ANSWER[call.action]]).events)
    connection.send_call_result_error(result, ErrorCode.INTERNAL_ERROR, now=2.0)
    connection.frames_to_send()
    with pytest.raises(LocalProtocolError):
        connection.send_call_result_error(result, ErrorCode.INTERNAL_ERROR, now=2.0)

    other = in_flight(connection, now=2.0)
    second = only(hear(connection, [3, other.message_id, ANSWER[other.action]], now=3.0).events)
    connection.disconnected(now=4.0)
    connection.connected(V21, now=5.0)
    with pytest.raises(LocalProtocolError):
        connection.send_call_result_error(second, ErrorCode.INTERNAL_ERROR, now=6.0)
    assert connection.frames_to_send() == []


@before_21
def test_f5_there_is_no_call_result_error_to_send_before_21(version: Version) -> None:
    connection = opened(version)
    call = in_flight(connection)
    result = only(hear(connection, [3, call.message_id, ANSWER[call.action]]).events)
    with pytest.raises(LocalProtocolError):
        connection.send_call_result_error(result, ErrorCode.INTERNAL_ERROR, now=2.0)
    assert connection.frames_to_send() == []


@in_both_roles
def test_f5_a_call_result_error_arrives_as_an_event_and_is_not_answered(role: Role) -> None:
    connection = opened(V21, role)
    call = received_call(connection, "7")
    connection.send_call_result(call, ANSWER[call.action], now=1.0)
    connection.frames_to_send()
    events, frames = hear(connection, [5, "7", "FormatViolation", "why", {"a": 1}])
    assert events == [
        CallResultErrorReceived("7", ErrorCode.FORMAT_VIOLATION, "why", {"a": 1}, "FormatViolation")
    ]
    assert frames == []
    assert_serving(connection)


@pytest.mark.parametrize(
    "tail", [[], ["FormatViolation"], ["X", None, None], ["X", "d", "s"], ["X", "d", {}, 1]]
)
def test_f5_a_malformed_call_result_error_is_reported_and_still_tells_what_it_can(
    tail: list[Any],
) -> None:
    connection = opened(V21)
    events, frames = hear(connection, [5, "7", *tail])
    report, refusal = events
    assert_reported([report], Rule.FRAME)
    assert isinstance(refusal, CallResultErrorReceived)
    assert refusal.message_id == "7"
    assert isinstance(refusal.details, dict)
    assert frames == []


def test_f5_a_call_result_error_does_not_end_the_call_in_flight() -> None:
    connection = opened(V21)
    call = in_flight(connection)
    hear(connection, [5, call.message_id, "InternalError", "", {}])
    assert connection.outstanding_call is call


def test_f6_a_send_leaves_as_type_id_action_payload() -> None:
    station = opened(V21, Role.STATION)
    station.send_unconfirmed(stream_message(), now=0.0, message_id="s-1")
    frame = only(sent(station))
    assert frame[:3] == [6, "s-1", "NotifyPeriodicEventStream"]
    assert frame[3] == STREAM


def test_f6_a_vendors_send_leaves_untyped() -> None:
    connection = opened(V21)
    connection.send_unconfirmed("VendorStream", {"any": 1}, now=0.0, message_id="s")
    assert sent(connection) == [[6, "s", "VendorStream", {"any": 1}]]


def test_f6_a_send_arrives_typed_and_is_not_answered() -> None:
    csms = opened(V21, Role.CSMS)
    events, frames = hear(csms, [6, "s-1", "NotifyPeriodicEventStream", STREAM])
    event = only(events)
    assert isinstance(event, SendReceived)
    assert isinstance(event.payload, v21.NotifyPeriodicEventStream)
    assert (event.action, event.message_id) == ("NotifyPeriodicEventStream", "s-1")
    assert frames == []
    assert_serving(csms)


@before_21
def test_f6_there_is_no_send_before_21(version: Version) -> None:
    station = opened(version, Role.STATION)
    for message in (stream_message(), "NotifyPeriodicEventStream"):
        with pytest.raises(LocalProtocolError):
            station.send_unconfirmed(message, now=0.0)
    assert station.frames_to_send() == []


def test_f6_an_action_is_sent_as_the_kind_it_is_and_by_the_side_it_is_for() -> None:
    station, csms = opened(V21, Role.STATION), opened(V21, Role.CSMS)
    with pytest.raises(LocalProtocolError):
        station.send_call("NotifyPeriodicEventStream", STREAM, now=0.0)
    with pytest.raises(LocalProtocolError):
        station.send_unconfirmed("Heartbeat", {}, now=0.0)
    with pytest.raises(LocalProtocolError):
        csms.send_unconfirmed(stream_message(), now=0.0)
    assert station.frames_to_send() == csms.frames_to_send() == []
    assert station.outstanding_call is None


@in_both_roles
@pytest.mark.parametrize(
    ("frame", "rule"),
    [
        ([6, "s", "NoSuchAction", {}], Rule.UNKNOWN_ACTION),
        ([6, "s", "NotifyPeriodicEventStream"], Rule.FRAME),
        ([6, "s", 7, {}], Rule.FRAME),
        ([6, 7, "NotifyPeriodicEventStream", {}], Rule.UNREADABLE_ID),
        ([6], Rule.UNREADABLE_ID),
        ([6, "s" * 37, "NotifyPeriodicEventStream", {}], Rule.ID_TOO_LONG),
    ],
)
def test_f6_a_bad_send_is_reported_and_never_answered(role: Role, frame: Any, rule: Rule) -> None:
    assert_unanswered(opened(V21, role), frame, rule)


# --- F-7 to F-11: message types ------------------------------------------------------------------------


@in_every_version
@pytest.mark.parametrize("message_type", range(-2, 10))
def test_f7_the_legal_types_are_2_to_4_and_in_21_also_5_and_6(
    version: Version, message_type: int
) -> None:
    events, _ = hear(opened(version), [message_type, "1", "Heartbeat", {}])
    unknown = [
        event
        for event in events
        if isinstance(event, ProtocolViolated) and event.error.rule is Rule.MESSAGE_TYPE
    ]
    legal = {2, 3, 4, 5, 6} if version is V21 else {2, 3, 4}
    assert bool(unknown) is (message_type not in legal)


@in_every_version
def test_f8_both_parties_originate_calls_results_and_errors(version: Version) -> None:
    pair = Pair(version)
    for sender, receiver in ((pair.station, pair.csms), (pair.csms, pair.station)):
        for answer in ("result", "error"):
            call = sender.send_call(own_action(sender.role), {}, now=0.0)
            assert only(pair.carry(sender)).message is call
            received = only(receiver.events())
            assert isinstance(received, CallReceived)
            if answer == "result":
                receiver.send_call_result(received, ANSWER[received.action], now=0.0)
            else:
                receiver.send_call_error(received, ErrorCode.NOT_SUPPORTED, now=0.0)
            pair.carry(receiver)
            outcome = only(sender.events())
            kind = CallResultReceived if answer == "result" else CallErrorReceived
            assert isinstance(outcome, kind)
            assert outcome.call is call


UNKNOWN_TYPES = [0, 1, 7, 99, -2, 10**30]


@pytest.mark.parametrize("version", [V16, V21], ids=lambda v: v.value)
@in_both_roles
@pytest.mark.parametrize("message_type", UNKNOWN_TYPES)
def test_f9_an_unknown_type_is_ignored_and_reported_in_16_and_21(
    version: Version, role: Role, message_type: int
) -> None:
    frame = [message_type, "7", EMPTY_CALL[role], {}]
    assert_unanswered(opened(version, role), frame, Rule.MESSAGE_TYPE)


@in_both_roles
@pytest.mark.parametrize("message_type", UNKNOWN_TYPES)
@pytest.mark.parametrize(
    ("rest", "reply_to"),
    [
        (["7", "Heartbeat", {}], "7"),
        (["7"], "7"),
        ([7, "Heartbeat", {}], "-1"),
        ([], "-1"),
        ([None], "-1"),
    ],
)
def test_f9_an_unknown_type_gets_message_type_not_supported_in_201(
    role: Role, message_type: int, rest: list[Any], reply_to: str
) -> None:
    report = assert_refused(
        opened(V201, role),
        [message_type, *rest],
        code="MessageTypeNotSupported",
        message_id=reply_to,
    )
    assert report.error.rule is Rule.MESSAGE_TYPE


@pytest.mark.parametrize("message_type", [5, 6])
def test_f10_the_types_of_21_are_unknown_in_16_and_201(message_type: int) -> None:
    frame = [message_type, "7", "NotifyPeriodicEventStream", STREAM]
    assert_unanswered(opened(V16), frame, Rule.MESSAGE_TYPE)
    assert_refused(opened(V201), frame, code="MessageTypeNotSupported", message_id="7")


@in_every_version
@in_both_roles
@pytest.mark.parametrize("token", ["2.0", '"2"', "true", "null", "2e0", "[2]", "{}"])
def test_f11_only_an_integer_token_is_a_message_type(
    version: Version, role: Role, token: str
) -> None:
    connection = opened(version, role)
    message = f'[{token},"7","{EMPTY_CALL[role]}",{{}}]'
    if version is V201:
        assert_refused(connection, message, code="MessageTypeNotSupported", message_id="7")
    else:
        assert_unanswered(connection, message, Rule.MESSAGE_TYPE)


# --- F-12, F-13 ----------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_f12_extra_elements_are_tolerated_where_the_configuration_says_so(
    version: Version, role: Role
) -> None:
    connection = opened(version, role, allow_extra_elements=True)
    events, frames = hear(connection, [2, "7", EMPTY_CALL[role], {}, "extra", {"more": [1]}])
    assert isinstance(only(events), CallReceived)
    assert frames == []

    call = in_flight(connection)
    events, frames = hear(connection, [3, call.message_id, ANSWER[call.action], None])
    assert isinstance(only(events), CallResultReceived)

    call = in_flight(connection)
    events, frames = hear(connection, [4, call.message_id, "InternalError", "d", {"a": 1}, 6])
    outcome = only(events)
    assert isinstance(outcome, CallErrorReceived)
    assert outcome.details == {"a": 1}


@pytest.mark.parametrize(
    "frame",
    [
        [2, "7", EMPTY_CALL[Role.CSMS], {}, "extra"],
        [6, "7", "NotifyPeriodicEventStream", STREAM, "extra"],
    ],
)
def test_f12_a_request_with_extra_elements_is_not_served_otherwise(frame: list[Any]) -> None:
    event = only(hear(opened(V21), frame).events)
    assert isinstance(event, ProtocolViolated)
    assert event.error.rule is Rule.FRAME


def test_f12_the_tolerance_covers_both_types_of_21_too() -> None:
    connection = opened(V21, allow_extra_elements=True)
    events, _ = hear(connection, [6, "s", "NotifyPeriodicEventStream", STREAM, "extra"])
    assert isinstance(only(events), SendReceived)
    events, _ = hear(connection, [5, "7", "InternalError", "", {}, "extra"])
    assert isinstance(only(events), CallResultErrorReceived)


@in_every_version
@pytest.mark.parametrize("frame", [[2, "7", "Heartbeat"], [2, "7", 5, {}, "extra"], [2, "7"]])
def test_f12_the_tolerance_is_for_extra_elements_only(version: Version, frame: Any) -> None:
    code = "FormationViolation" if version is V16 else "RpcFrameworkError"
    connection = opened(version, allow_extra_elements=True)
    assert_refused(connection, frame, code=code, message_id="7")


def test_f12_a_tolerated_frame_keeps_its_numbers() -> None:
    connection = opened(V201, allow_extra_elements=True)
    text = '[2,"7","DataTransfer",{"vendorId":"v","data":[2935.600,1e2,%s]},"extra"]' % ("9" * 40)
    event = only(hear(connection, text).events)
    assert [str(number) for number in event.payload.data] == ["2935.600", "1E+2", "9" * 40]


@in_every_version
@in_both_roles
def test_f13_a_batch_of_frames_is_not_served(version: Version, role: Role) -> None:
    connection = opened(version, role)
    one = [2, "1", EMPTY_CALL[role], {}]
    if version is V201:
        assert_refused(connection, [one, one], code="MessageTypeNotSupported", message_id="-1")
    else:
        assert_unanswered(connection, [one, one], Rule.MESSAGE_TYPE)


@in_every_version
def test_f13_a_json_rpc_envelope_is_no_frame(version: Version) -> None:
    envelope = {"jsonrpc": "2.0", "id": "1", "method": "Heartbeat", "params": {}}
    if version is V16:
        assert_unanswered(opened(version), envelope, Rule.NOT_JSON)
    else:
        assert_refused(opened(version), envelope, code="RpcFrameworkError", message_id="-1")


# --- a message that is not JSON, whose head can be read -------------------------------------------------


@in_every_version
@in_both_roles
@pytest.mark.parametrize("rest", ['{"a":NaN}]', '{"a":', "", '"\\ud800"]'])
def test_a_call_that_is_no_json_is_refused_under_its_own_id(
    version: Version, role: Role, rest: str
) -> None:
    code = "FormationViolation" if version is V16 else "RpcFrameworkError"
    message = f'[2,"7","{EMPTY_CALL[role]}",{rest}'
    report = assert_refused(opened(version, role), message, code=code, message_id="7")
    assert report.error.message_id == "7"


@in_every_version
@in_both_roles
def test_a_result_that_is_no_json_ends_its_call(version: Version, role: Role) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    events, _ = hear(connection, f'[3,"{call.message_id}",{{"status":')
    outcome = only(events)
    assert isinstance(outcome, CallResultRejected)
    assert outcome.call is call
    assert only(outcome.violations).rule is Rule.NOT_JSON
    assert_serving(connection)


@in_every_version
def test_an_error_that_is_no_json_ends_its_call(version: Version) -> None:
    connection = opened(version)
    call = in_flight(connection)
    events, frames = hear(connection, f'[4,"{call.message_id}","InternalError",')
    report, outcome = events
    assert_reported([report], Rule.NOT_JSON)
    assert isinstance(outcome, CallErrorReceived)
    assert outcome.call is call
    assert frames == []


@in_every_version
def test_a_response_that_is_no_json_and_answers_nothing_is_only_reported(version: Version) -> None:
    assert_unanswered(opened(version), '[3,"nobody",{', Rule.STRAY_RESPONSE)
    assert_unanswered(opened(version), "[3,17,{}]", Rule.FRAME)


def test_a_send_that_is_no_json_is_only_reported() -> None:
    assert_unanswered(opened(V21), '[6,"s","NotifyPeriodicEventStream",{', Rule.NOT_JSON)


def test_an_unknown_type_that_is_no_json_is_treated_by_its_type() -> None:
    message = '[9,"7",{'
    assert_unanswered(opened(V16), message, Rule.MESSAGE_TYPE)
    assert_refused(opened(V201), message, code="MessageTypeNotSupported", message_id="7")
    assert_unanswered(opened(V21), message, Rule.MESSAGE_TYPE)


@in_every_version
def test_an_escaped_id_at_the_head_is_echoed_as_the_text_it_is(version: Version) -> None:
    code = "FormationViolation" if version is V16 else "RpcFrameworkError"
    message = '[2,"a\\"b\\u00e9","Heartbeat",{'
    assert_refused(opened(version), message, code=code, message_id='a"bé')


@in_every_version
def test_an_id_that_is_no_text_at_the_head_counts_as_unreadable(version: Version) -> None:
    message = '[2,"\\ud800","Heartbeat",{}]'
    connection = opened(version)
    if version is V16:
        events, frames = hear(connection, message)
        assert isinstance(only(events), ProtocolViolated)
        assert frames == []
    else:
        assert_refused(connection, message, code="RpcFrameworkError", message_id="-1")


@pytest.mark.parametrize("message", ['[3,"\\ud800",{', '[4,"\\ud800","X",', '[6,"\\ud800","X",{'])
def test_the_type_at_the_head_counts_though_the_id_there_is_no_text(message: str) -> None:
    assert_unanswered(opened(V21), message, Rule.NOT_JSON)  # E-8


def test_a_frame_has_its_message_as_a_value_beside_its_bytes() -> None:
    connection: Connection = opened(V16)
    call = received_call(connection, "7")
    connection.send_call_result(call, ANSWER[call.action], now=1.0)
    frame = only(connection.frames_to_send())
    assert frame.message == CallResult("7", ANSWER[call.action])
    assert json.loads(frame.data) == [3, "7", ANSWER[call.action]]
