"""The messages that end the loops of other libraries: each gets what the rules say, and service goes on."""

from decimal import Decimal

import pytest
from core_pair import (
    ANSWER,
    EMPTY_CALL,
    V16,
    V21,
    V201,
    assert_refused,
    assert_reported,
    assert_serving,
    assert_unanswered,
    call_text,
    hear,
    in_2x,
    in_both_roles,
    in_every_version,
    in_flight,
    only,
    opened,
    sent,
)

from ocpp_sansio import (
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    Connection,
    ErrorCode,
    ProtocolViolated,
    Role,
    Rule,
    Version,
)


def bad_frame_code(version: Version) -> str:
    return "FormationViolation" if version is V16 else "RpcFrameworkError"


def bad_payload_code(version: Version) -> str:
    return "FormationViolation" if version is V16 else "FormatViolation"


@in_every_version
@in_both_roles
def test_a_list_in_the_place_of_the_action(version: Version, role: Role) -> None:
    code = bad_frame_code(version)
    assert_refused(opened(version, role), '[2,"1",["x"],{}]', code=code, message_id="1")


@in_every_version
@in_both_roles
@pytest.mark.parametrize("bracket", ["[", '{"a":', "[[2,"])
def test_20_000_brackets(version: Version, role: Role, bracket: str) -> None:
    connection = opened(version, role)
    message = bracket * 20_000
    if version is V16:
        assert_unanswered(connection, message, Rule.NOT_JSON)
    else:
        assert_refused(connection, message, code="RpcFrameworkError", message_id="-1")


@in_every_version
@in_both_roles
@pytest.mark.parametrize("depth", [100, 1000, 20_000, 200_000])
def test_a_payload_of_nothing_but_brackets(version: Version, role: Role, depth: int) -> None:
    connection = opened(version, role, validation="off", vendor_actions={"*"})
    for action in (EMPTY_CALL[role], "DataTransfer", "Vendor"):
        inner = "[" * depth + "]" * depth
        message = f'[2,"1","{action}",{{"vendorId":"v","data":{inner},"customData":{inner}}}]'
        events, frames = hear(connection, message)
        assert isinstance(only(events), ProtocolViolated)
        assert only(frames)[:2] == [4, "1"]
    assert_serving(connection)


@in_every_version
@in_both_roles
def test_2_000_unsolicited_results(version: Version, role: Role) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    for number in range(2000):
        connection.received(f'[3,"{number}",{{"status":"Accepted"}}]', now=1.0)
    events = connection.events()
    assert len(events) == 2000
    for event in events:
        assert_reported([event], Rule.STRAY_RESPONSE)
    assert sent(connection) == []
    assert connection.outstanding_call is call
    event = only(hear(connection, [3, call.message_id, ANSWER[call.action]]).events)
    assert isinstance(event, CallResultReceived)
    assert_serving(connection)


@in_every_version
@in_both_roles
@pytest.mark.parametrize(
    "name", ["toString", "__class__", "constructor", "__proto__", "hasOwnProperty", "*", "keys"]
)
def test_an_action_named_like_something_every_object_has(
    version: Version, role: Role, name: str
) -> None:
    connection = opened(version, role)
    assert_refused(connection, call_text("1", name), code="NotImplemented", message_id="1")


@in_every_version
@in_both_roles
@pytest.mark.parametrize("name", ["__class__", "__init__", "action", "version", "payload_type"])
def test_a_member_named_like_something_every_object_has(
    version: Version, role: Role, name: str
) -> None:
    code = "FormationViolation" if version is V16 else "ProtocolError"
    message = call_text("1", EMPTY_CALL[role], {name: 1})
    assert_refused(opened(version, role), message, code=code, message_id="1")


@in_every_version
@in_both_roles
@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e", "--1", "undefined"])
def test_what_python_takes_for_a_number_and_json_does_not(
    version: Version, role: Role, token: str
) -> None:
    for message in (
        f'[2,"1","DataTransfer",{{"vendorId":"v","data":{token}}}]',
        f'[2,"1","DataTransfer",{token}]',
    ):
        report = assert_refused(
            opened(version, role), message, code=bad_frame_code(version), message_id="1"
        )
        assert report.error.rule is Rule.NOT_JSON


@in_every_version
@in_both_roles
@pytest.mark.parametrize("half", ["\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud800x", "\\uD83D"])
def test_an_escaped_half_of_a_surrogate_pair(version: Version, role: Role, half: str) -> None:
    connection = opened(version, role)
    for message in (
        f'[2,"1","DataTransfer",{{"vendorId":"{half}"}}]',
        f'[2,"1","{half}",{{}}]',
        f'[2,"1","{EMPTY_CALL[role]}",{{"{half}":1}}]',
    ):
        events, frames = hear(connection, message)
        assert isinstance(only(events), ProtocolViolated)
        assert only(frames)[:3] == [4, "1", bad_frame_code(version)]
    assert_serving(connection)


@in_every_version
@in_both_roles
@pytest.mark.parametrize("half", [chr(0xD800), chr(0xDC00), f"a{chr(0xDFFF)}b"])
def test_a_raw_half_of_a_surrogate_pair_as_text_and_as_bytes(
    version: Version, role: Role, half: str
) -> None:
    connection = opened(version, role)
    for message in (
        f'[2,"1","DataTransfer",{{"vendorId":"{half}"}}]',
        f'[2,"1","{half}",{{}}]',
        f'[2,"1","{EMPTY_CALL[role]}",{{"{half}":1}}]',
    ):
        for data in (message, message.encode("utf-8", "surrogatepass")):
            connection.received(data, now=1.0)
            assert isinstance(only(connection.events()), ProtocolViolated)
            frame = only(sent(connection))
            assert frame[:2] == [4, "1"]
            assert frame[2] in {bad_frame_code(version), bad_payload_code(version)}
    assert_serving(connection)


@in_every_version
@in_both_roles
def test_a_whole_surrogate_pair_is_a_character(version: Version, role: Role) -> None:
    message = '[2,"1","DataTransfer",{"vendorId":"\\ud83d\\ude97"}]'
    event = only(hear(opened(version, role), message).events)
    assert event.payload.vendor_id == "🚗"


@in_every_version
@in_both_roles
@pytest.mark.parametrize(
    "broken", [b"\xff", b"\xc0\x80", b"\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\x80"]
)
def test_bytes_that_are_no_utf8_wherever_they_stand(
    version: Version, role: Role, broken: bytes
) -> None:
    connection = opened(version, role)
    for template in (
        b'[2,"1","DataTransfer",{"vendorId":"%b"}]',
        b'[2,"1","DataTransfer",{"vendorId":"v","data":"%b"}]',
        b'[2,"1","DataTransfer",{"vendorId":"v","%b":1}]',
        b'[2,"1","%b",{}]',
        b'[2,"1","DataTransfer",{%b}]',
    ):
        events, frames = hear(connection, template % broken)
        assert isinstance(only(events), ProtocolViolated)
        frame = only(frames)
        assert frame[:2] == [4, "1"]
        assert frame[2] in {bad_frame_code(version), bad_payload_code(version)}
    assert_serving(connection)


@in_every_version
@in_both_roles
def test_an_id_that_is_no_utf8_cannot_be_read(version: Version, role: Role) -> None:
    connection = opened(version, role)
    events, frames = hear(connection, b'[2,"\xff","%b",{}]' % EMPTY_CALL[role].encode())
    assert isinstance(only(events), ProtocolViolated)
    if version is V16:
        assert frames == []
    else:
        assert only(frames)[:3] == [4, "-1", "RpcFrameworkError"]
    assert_serving(connection)


@in_every_version
@in_both_roles
def test_of_a_duplicate_member_the_last_one_counts(version: Version, role: Role) -> None:
    message = '[2,"1","DataTransfer",{"vendorId":5,"vendorId":"a","vendorId":"b"}]'
    event = only(hear(opened(version, role), message).events)
    assert isinstance(event, CallReceived)
    assert event.payload.vendor_id == "b"  # type: ignore[union-attr]  # typed in every version
    message = '[2,"1","DataTransfer",{"vendorId":"a","vendorId":5}]'
    report = assert_refused(
        opened(version, role), message, code="TypeConstraintViolation", message_id="1"
    )
    assert report.error.rule is Rule.TYPE


HUGE = ["9" * 40, "9" * 4000, "-" + "9" * 400]
UNREADABLY_HUGE = ["9" * 5000, "1" + "0" * 20_000]


@in_2x
@in_both_roles
@pytest.mark.parametrize("token", HUGE)
def test_a_huge_integer_in_free_json_is_kept_exactly(
    version: Version, role: Role, token: str
) -> None:
    message = f'[2,"1","DataTransfer",{{"vendorId":"v","data":{token}}}]'
    events, frames = hear(opened(version, role), message)
    event = only(events)
    if isinstance(event, CallReceived):
        assert event.payload.data == int(token)  # type: ignore[union-attr]
        assert frames == []
    else:  # more digits than a double can hold may be refused, but not silently changed
        assert len(token) > 309
        assert only(frames)[:2] == [4, "1"]


@in_every_version
@in_both_roles
@pytest.mark.parametrize("token", [*HUGE, *UNREADABLY_HUGE, "1e400", "-1e400", "1e99999999999"])
def test_a_huge_number_stops_nothing_wherever_it_stands(
    version: Version, role: Role, token: str
) -> None:
    connection = opened(version, role, max_unanswered_calls=100)
    templates = (
        '[2,"%d","DataTransfer",{"vendorId":@}]',
        '[2,"%d","DataTransfer",{"vendorId":"v","data":@}]',
        '[2,"%d","DataTransfer",{"vendorId":"v","customData":{"vendorId":"v","n":@}}]',
        '[2,"%d","StatusNotification",{"connectorId":@}]',
        '[2,"%d","ReserveNow",{"id":@,"reservationId":@}]',
        '[2,"%d",@,{}]',
        '[2,"%d","DataTransfer",@]',
        '[2,"%d","DataTransfer",{},@]',
    )
    for number, template in enumerate(templates):
        message = (template % number).replace("@", token)
        connection.received(message, now=1.0)
        frames = sent(connection)
        assert connection.events()
        assert all(frame[:2] == [4, str(number)] for frame in frames)
    for message in (f"[{token}]", f'[{token},"1"]', f'[2,{token},"Heartbeat",{{}}]', token):
        connection.received(message, now=1.0)
        assert all(isinstance(event, ProtocolViolated) for event in connection.events())
        connection.frames_to_send()
    for call in connection.unanswered_calls:
        connection.send_call_error(call, ErrorCode.NOT_SUPPORTED, now=1.0)
    connection.frames_to_send()
    assert_serving(connection)


@in_2x
@pytest.mark.parametrize("token", ["1e400", "-1e400", "1e-400", "1e99999999999"])
def test_a_number_that_no_double_can_hold_is_out_of_range(version: Version, token: str) -> None:
    sampled = f'{{"timestamp":"2024-05-06T12:00:00Z","sampledValue":[{{"value":{token}}}]}}'
    message = f'[2,"1","MeterValues",{{"evseId":1,"meterValue":[{sampled}]}}]'
    events, frames = hear(opened(version), message)
    assert isinstance(only(events), ProtocolViolated)
    frame = only(frames)
    assert frame[:2] == [4, "1"]
    assert frame[2] in {"PropertyConstraintViolation", "RpcFrameworkError", "FormatViolation"}


@in_2x
@in_both_roles
def test_the_numbers_of_free_json_stay_what_they_are(version: Version, role: Role) -> None:
    message = '[2,"1","DataTransfer",{"vendorId":"v","data":[1e308,-1.5E-300,0.10,-0.0,-0]}]'
    event = only(hear(opened(version, role), message).events)
    data = event.payload.data
    assert data[:3] == [Decimal("1e308"), Decimal("-1.5E-300"), Decimal("0.10")]
    assert str(data[2]) == "0.10"


@in_every_version
@in_both_roles
@pytest.mark.parametrize(
    "text", ["\x00", "\x1b[31m", "\u202e", "\ufeff", "\u2028", "💥" * 50, "' OR 1=1 --", "%s%n{0}"]
)
def test_strange_text_is_text(version: Version, role: Role, text: str) -> None:
    connection = opened(version, role)
    message = call_text(text[:36], "DataTransfer", {"vendorId": text[:255], "messageId": text[:50]})
    call = only(hear(connection, message).events)
    assert isinstance(call, CallReceived)
    assert call.payload.vendor_id == text[:255]  # type: ignore[union-attr]
    connection.send_call_result(call, {"status": "Accepted"}, now=1.0)
    assert sent(connection) == [[3, text[:36], {"status": "Accepted"}]]
    refused = call_text("1", text)
    assert_refused(connection, refused, code="NotImplemented", message_id="1")


@in_every_version
@in_both_roles
def test_raw_control_characters_inside_a_string_are_no_json(version: Version, role: Role) -> None:
    message = '[2,"1","DataTransfer",{"vendorId":"a\nb"}]'
    events, frames = hear(opened(version, role), message)
    assert isinstance(only(events), ProtocolViolated)
    assert only(frames)[:2] == [4, "1"]


HOSTILE_ANSWERS = [
    "[]",
    "NaN",
    '"text"',
    "null",
    '{"a":1e400}',
    '{"a":' + "[" * 5000 + "]" * 5000 + "}",
    '{"status":"\\ud800"}',
    '{"status":"' + "x" * 100_000 + '"}',
    "{}",
    '{"status":5,"status":[]}',
]


@in_every_version
@in_both_roles
@pytest.mark.parametrize("answer", HOSTILE_ANSWERS)
def test_a_hostile_answer_ends_its_call_exactly_once(
    version: Version, role: Role, answer: str
) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    events, frames = hear(connection, f'[3,"{call.message_id}",{answer}]')
    event = only(events)
    assert isinstance(event, CallResultRejected)
    assert event.call is call
    assert [frame[0] for frame in frames] == ([5] if version is V21 else [])
    assert connection.outstanding_call is None
    assert_serving(connection)


HOSTILE_ERRORS = [
    '"InternalError","",{"a":1e400}',
    '"InternalError","",{"a":' + "[" * 5000 + "]" * 5000 + "}",
    '"InternalError","\\ud800",{}',
    '"InternalError","' + "x" * 100_000 + '",{}',
    '"InternalError","",NaN',
    '{"code":1},[],"x"',
    "null,null,null",
]


@in_every_version
@in_both_roles
@pytest.mark.parametrize("rest", HOSTILE_ERRORS)
def test_a_hostile_error_ends_its_call_exactly_once_and_is_not_answered(
    version: Version, role: Role, rest: str
) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    events, frames = hear(connection, f'[4,"{call.message_id}",{rest}]')
    outcomes = [event for event in events if isinstance(event, CallErrorReceived)]
    assert only(outcomes).call is call
    assert frames == []
    assert_serving(connection)


@in_every_version
@in_both_roles
def test_a_storm_of_calls_is_answered_call_by_call_and_nothing_piles_up(
    version: Version, role: Role
) -> None:
    connection: Connection = opened(version, role)
    refusals = 0
    for number in range(2000):
        connection.received(call_text(f"c{number}", EMPTY_CALL[role]), now=1.0)
        refusals += len(connection.frames_to_send())
        connection.events()
    assert len(connection.unanswered_calls) == 16
    assert refusals == 2000 - 16


def test_the_tolerant_reading_is_no_less_safe() -> None:
    for version in (V16, V201, V21):
        connection = opened(version, allow_extra_elements=True)
        for tail in ("9" * 5000, "9" * 400, "1e400", "[" * 900 + "]" * 900, '"\\ud800"', "NaN"):
            connection.received(f'[2,"1","NoSuchAction",{{}},{tail}]', now=1.0)
            connection.received(f'[2,"1","NoSuchAction",{{"a":{tail}}},1]', now=1.0)
            assert len(connection.events()) == 2
            assert all(frame[:2] == [4, "1"] for frame in sent(connection))
        assert_serving(connection)
