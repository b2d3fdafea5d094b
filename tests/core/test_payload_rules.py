"""RULES §3, A-1 to A-15: actions, payloads, and the scalar types inside them."""

import time
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from core_pair import (
    EMPTY_CALL,
    IN_2X,
    V16,
    V21,
    V201,
    Pair,
    answer_to,
    assert_refused,
    assert_reported,
    call_text,
    hear,
    in_2x,
    in_both_roles,
    in_every_version,
    only,
    opened,
    own_action,
    received_call,
    sent,
    strict_json,
)

from ocpp_sansio import (
    CallReceived,
    CallResultReceived,
    Direction,
    Kind,
    LocalProtocolError,
    ProtocolViolated,
    Request,
    Role,
    Rule,
    SendReceived,
    Version,
    v16,
    v21,
    v201,
)
from ocpp_sansio.messages import catalog

NOON = "2024-05-06T12:00:00Z"


def status_notification(version: Version, timestamp: str) -> dict[str, Any]:
    if version is V16:
        return {
            "connectorId": 1,
            "errorCode": "NoError",
            "status": "Available",
            "timestamp": timestamp,
        }
    return {"timestamp": timestamp, "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1}


def served(version: Version, role: Role, action: str, payload: Any) -> Any:
    """Return the typed payload of a call that is to be accepted without a word."""
    events, frames = hear(opened(version, role), call_text("7", action, payload))
    event = only(events)
    assert isinstance(event, CallReceived)
    assert event.violations == ()
    assert frames == []
    return event.payload


def refused_rule(version: Version, role: Role, message: str) -> Rule:
    events, frames = hear(opened(version, role), message)
    assert only(frames)[0] == 4
    report = only(events)
    assert isinstance(report, ProtocolViolated)
    return report.error.rule


# --- A-1 ----------------------------------------------------------------------------------------------


@in_every_version
@pytest.mark.parametrize("suffix", ["", ".req", "Request", "Response", "-Signed", " ", "\x00"])
@pytest.mark.parametrize("case", [str, str.lower, str.upper, str.swapcase])
def test_a1_an_action_is_the_exact_name_of_its_message_without_suffix(
    version: Version, suffix: str, case: Any
) -> None:
    name = case("Heartbeat") + suffix
    if name == "Heartbeat":
        served(version, Role.CSMS, name, {})
    else:
        message = call_text("7", name)
        assert_refused(opened(version), message, code="NotImplemented", message_id="7")


def test_a1_a_send_goes_by_its_full_name() -> None:
    stream = {"id": 1, "pending": 0, "basetime": NOON, "data": [{"t": 1, "v": "1"}]}
    event = only(hear(opened(V21), [6, "s", "NotifyPeriodicEventStream", stream]).events)
    assert isinstance(event, SendReceived)
    event = only(hear(opened(V21), [6, "s", "NotifyPeriodicEvent", stream]).events)
    assert event.error.rule is Rule.UNKNOWN_ACTION


# --- A-2 ----------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_a2_a_message_without_members_leaves_as_an_empty_object(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    call = connection.send_call(own_action(role), now=0.0)
    assert sent(connection) == [[2, call.message_id, own_action(role), {}]]


@in_every_version
@in_both_roles
@pytest.mark.parametrize("mode", ["strict", "lenient", "off"])
def test_a2_null_is_accepted_as_an_empty_object_in_every_mode_and_flagged(
    version: Version, role: Role, mode: str
) -> None:
    connection = opened(version, role, validation=mode)
    events, frames = hear(connection, f'[2,"7","{EMPTY_CALL[role]}",null]')
    event = only(events)
    assert isinstance(event, CallReceived)
    assert event.payload == type(served(version, role, EMPTY_CALL[role], {}))()
    assert [violation.rule for violation in event.violations] == [Rule.NULL_PAYLOAD]
    assert frames == []


@in_every_version
def test_a2_null_is_accepted_as_an_empty_answer_too(version: Version) -> None:
    station = opened(version, Role.STATION)
    call = station.send_call("StatusNotification", status_notification(version, NOON), now=0.0)
    event = only(hear(station, [3, call.message_id, None]).events)
    assert isinstance(event, CallResultReceived)
    assert [violation.rule for violation in event.violations] == [Rule.NULL_PAYLOAD]


@in_every_version
@pytest.mark.parametrize("mode", ["strict", "lenient", "off"])
def test_a2_null_does_not_stand_for_a_message_with_required_members(
    version: Version, mode: str
) -> None:
    code = "FormationViolation" if version is V16 else "FormatViolation"
    message = '[2,"7","BootNotification",null]'
    assert_refused(opened(version, validation=mode), message, code=code, message_id="7")


def test_a2_null_is_an_empty_object_for_a_vendor_action_as_well() -> None:
    events, _ = hear(opened(V16, vendor_actions={"Vendor"}), '[2,"7","Vendor",null]')
    event = only(events)
    assert isinstance(event, CallReceived)
    assert event.payload == {}


# --- A-3 ----------------------------------------------------------------------------------------------


@in_every_version
def test_a3_an_absent_member_is_left_out_of_what_we_send(version: Version) -> None:
    station = opened(version, Role.STATION)
    requests: dict[Version, Request[Any]] = {
        V16: v16.StatusNotificationRequest(
            connector_id=1,
            error_code=v16.ChargePointErrorCode.NO_ERROR,
            status=v16.ChargePointStatus.AVAILABLE,
        ),
        V201: v201.HeartbeatRequest(),
        V21: v21.HeartbeatRequest(),
    }
    station.send_call(requests[version], now=0.0)
    body = only(sent(station))[3]
    assert body == (
        {"connectorId": 1, "errorCode": "NoError", "status": "Available"} if version is V16 else {}
    )


STAND_INS = [
    ("null", Rule.NULL, "TypeConstraintViolation"),
    ("{}", Rule.TYPE, "TypeConstraintViolation"),
    ("[]", Rule.MIN_ITEMS, "OccurrenceConstraintViolation"),
]


@in_2x
@pytest.mark.parametrize(("stand_in", "rule", "code"), STAND_INS)
def test_a3_null_empty_object_and_empty_list_do_not_stand_for_an_absent_list_in_2x(
    version: Version, stand_in: str, rule: Rule, code: str
) -> None:
    station = opened(version, Role.STATION)
    members = f'"versionNumber":1,"updateType":"Full","localAuthorizationList":{stand_in}'
    message = f'[2,"7","SendLocalList",{{{members}}}]'
    report = assert_refused(station, message, code=code, message_id="7")
    assert report.error.rule is rule


@in_2x
def test_a3_an_empty_object_does_not_stand_for_an_absent_object_in_2x(version: Version) -> None:
    message = '[2,"7","Heartbeat",{"customData":{}}]'
    assert refused_rule(version, Role.CSMS, message) is Rule.REQUIRED


@in_every_version
@pytest.mark.parametrize("position", ["optional", "required"])
def test_a3_null_is_no_value_of_any_member(version: Version, position: str) -> None:
    payload = status_notification(version, NOON)
    if position == "required":
        payload["connectorId"] = None
    elif version is V16:
        payload["timestamp"] = None
    else:
        payload["customData"] = None
    assert_refused(
        opened(version),
        call_text("7", "StatusNotification", payload),
        code="TypeConstraintViolation",
        message_id="7",
    )


def test_a3_16_allows_an_empty_list() -> None:
    payload = {"listVersion": 1, "updateType": "Full", "localAuthorizationList": []}
    request = served(V16, Role.STATION, "SendLocalList", payload)
    assert request.local_authorization_list == []


@in_2x
def test_a3_a_list_of_one_stays_a_list_and_no_bare_item_is_one(version: Version) -> None:
    item = {"component": {"name": "c"}, "variable": {"name": "v"}}
    request = served(version, Role.STATION, "GetVariables", {"getVariableData": [item]})
    assert len(request.get_variable_data) == 1

    csms = opened(version)
    csms.send_call(request, now=0.0)
    assert only(sent(csms))[3] == {"getVariableData": [item]}

    bare = call_text("7", "GetVariables", {"getVariableData": item})
    assert refused_rule(version, Role.STATION, bare) is Rule.TYPE


@in_2x
def test_a3_an_empty_list_of_ours_is_refused_locally_in_2x(version: Version) -> None:
    csms = opened(version)
    with pytest.raises(LocalProtocolError) as refusal:
        csms.send_call("GetVariables", {"getVariableData": []}, now=0.0)
    assert only(refusal.value.violations).rule is Rule.MIN_ITEMS
    assert csms.outstanding_call is None


# --- A-4, A-5 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "calls", "sends", "from_station", "from_csms", "both"),
    [(V16, 39, 0, 13, 25, 1), (V201, 64, 0, 24, 39, 1), (V21, 90, 1, 36, 54, 1)],
)
def test_a4_each_version_has_its_actions_with_their_directions(  # noqa: PLR0917 - a row of A-4
    version: Version, calls: int, sends: int, from_station: int, from_csms: int, both: int
) -> None:
    actions = catalog(version).values()
    assert sum(action.kind is Kind.CALL for action in actions) == calls
    assert sum(action.kind is Kind.SEND for action in actions) == sends
    directions = [action.direction for action in actions]
    assert directions.count(Direction.STATION_TO_CSMS) == from_station
    assert directions.count(Direction.CSMS_TO_STATION) == from_csms
    assert directions.count(Direction.BOTH) == both
    assert catalog(version)["DataTransfer"].direction is Direction.BOTH


@in_every_version
@in_both_roles
def test_a4_a_call_of_the_wrong_direction_is_not_supported_whatever_its_action(
    version: Version, role: Role
) -> None:
    for action in catalog(version).values():
        frames = hear(opened(version, role), call_text("7", action.name)).frames
        ours_to_receive = action.kind is Kind.CALL and action.direction in role.receives
        not_supported = bool(frames) and frames[0][2] == "NotSupported"
        assert not_supported is not ours_to_receive, action.name


@in_every_version
@in_both_roles
def test_a4_a_call_of_the_wrong_direction_is_not_ours_to_send(version: Version, role: Role) -> None:
    connection = opened(version, role)
    for action in catalog(version).values():
        if action.direction in role.sends:
            continue
        with pytest.raises(LocalProtocolError):
            connection.send_call(action.name, {}, now=0.0)
    assert connection.frames_to_send() == []


@pytest.mark.parametrize("name", ["NotifyAllowedEnergyTransfer", "NotifyWebPaymentStarted"])
def test_a5_two_notifications_of_21_go_from_csms_to_station(name: str) -> None:
    assert v21.CATALOG[name].direction is Direction.CSMS_TO_STATION
    message = call_text("7", name)
    assert_refused(opened(V21, Role.CSMS), message, code="NotSupported", message_id="7")


# --- date-times ------------------------------------------------------------------------------

MOMENTS = {
    "2024-05-06T12:00:00Z": datetime(2024, 5, 6, 12, tzinfo=UTC),
    "2024-05-06T12:00:00.5Z": datetime(2024, 5, 6, 12, 0, 0, 500000, tzinfo=UTC),
    "2024-05-06T12:00:00.123Z": datetime(2024, 5, 6, 12, 0, 0, 123000, tzinfo=UTC),
    "2024-05-06T12:00:00.123456Z": datetime(2024, 5, 6, 12, 0, 0, 123456, tzinfo=UTC),
    "2024-05-06T14:00:00+02:00": datetime(2024, 5, 6, 12, tzinfo=UTC),
    "2024-05-06T06:30:00.000-05:30": datetime(2024, 5, 6, 12, tzinfo=UTC),
    "2024-05-06T12:00:00+00:00": datetime(2024, 5, 6, 12, tzinfo=UTC),
    "2024-02-29T23:59:59Z": datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC),
}


@in_every_version
@pytest.mark.parametrize("text", MOMENTS)
def test_a6_fractions_and_offsets_are_understood(version: Version, text: str) -> None:
    payload = status_notification(version, text)
    request = served(version, Role.CSMS, "StatusNotification", payload)
    assert request.timestamp == MOMENTS[text]
    assert request.timestamp.tzinfo is not None


@in_every_version
@pytest.mark.parametrize(
    "text",
    [
        "banana",
        "",
        "2024-05-06",
        "12:00:00Z",
        "2024-05-06T12:00:00",
        "2024-05-06T1:00:00Z",
        "2024-13-06T12:00:00Z",
        "2024-02-30T12:00:00Z",
        "2024-05-06T25:00:00Z",
        "2024-05-06T12:00:00 CEST",
        "2024-05-06T12:00",
        "20240506T120000",
        "1714996800",
    ],
)
def test_a6_a_date_time_that_is_malformed_or_has_no_offset_is_refused(
    version: Version, text: str
) -> None:
    report = assert_refused(
        opened(version),
        call_text("7", "StatusNotification", status_notification(version, text)),
        code="PropertyConstraintViolation",
        message_id="7",
    )
    violation = only(report.error.violations)
    assert (violation.path, violation.rule) == ("$.timestamp", Rule.FORMAT)


@in_every_version
@pytest.mark.parametrize(
    "text",
    [
        "2024-05-06T12:00Z",
        "2024-05-06T12Z",
        "2024-05-06T14:00:00+02",
        "2024-05-06T14:00+02:00",
        "2024-05-06T12:00:00,0Z",
        "20240506T120000Z",
        "20240506T1200Z",
        "20240506T140000.000+0200",
    ],
)
def test_a6_in_16_a_date_time_may_be_any_of_iso_8601_and_in_2x_of_rfc_3339_alone(
    version: Version, text: str
) -> None:
    payload = status_notification(version, text)
    if version is V16:
        request = served(version, Role.CSMS, "StatusNotification", payload)
        assert request.timestamp == datetime(2024, 5, 6, 12, tzinfo=UTC)
        return
    message = call_text("7", "StatusNotification", payload)
    report = assert_reported(hear(opened(version), message).events, Rule.FORMAT)
    assert only(report.error.violations).path == "$.timestamp"


@in_every_version
@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2024, 5, 6, 12, tzinfo=UTC), "2024-05-06T12:00:00Z"),
        (datetime(2024, 5, 6, 12, 0, 0, 1, tzinfo=UTC), "2024-05-06T12:00:00.000Z"),
        (datetime(2024, 5, 6, 12, 0, 0, 999, tzinfo=UTC), "2024-05-06T12:00:00.000Z"),
        (datetime(2024, 5, 6, 12, 0, 0, 1000, tzinfo=UTC), "2024-05-06T12:00:00.001Z"),
        (datetime(2024, 5, 6, 12, 0, 0, 123456, tzinfo=UTC), "2024-05-06T12:00:00.123Z"),
        (datetime(2024, 5, 6, 12, 0, 0, 999999, tzinfo=UTC), "2024-05-06T12:00:00.999Z"),
        (
            datetime(2024, 5, 6, 14, tzinfo=timezone(timedelta(hours=2))),
            "2024-05-06T12:00:00Z",
        ),
        (
            datetime(2024, 1, 1, 0, 15, tzinfo=timezone(timedelta(hours=5, minutes=30))),
            "2023-12-31T18:45:00Z",
        ),
    ],
)
def test_a7_date_times_leave_in_utc_with_z_and_at_most_three_fractional_digits(
    version: Version, moment: datetime, text: str
) -> None:
    connection = opened(version)
    call = received_call(connection)
    response = {
        V16: v16.HeartbeatResponse,
        V201: v201.HeartbeatResponse,
        V21: v21.HeartbeatResponse,
    }[version](current_time=moment)
    connection.send_call_result(call, response, now=1.0)
    assert only(sent(connection))[2] == {"currentTime": text}


@in_2x
def test_a7_the_rule_holds_at_every_depth_and_in_free_json_too(version: Version) -> None:
    moment = datetime(2024, 5, 6, 12, 0, 0, 123456, tzinfo=UTC)
    station = opened(version, Role.STATION)
    package: Any = v21 if version is V21 else v201
    sampled = package.SampledValueType(value=Decimal(1))
    request = package.MeterValuesRequest(
        evse_id=1,
        meter_value=[package.MeterValueType(timestamp=moment, sampled_value=[sampled])],
        custom_data={"vendorId": "v", "at": [moment]},
    )
    station.send_call(request, now=0.0)
    body = only(sent(station))[3]
    assert body["meterValue"][0]["timestamp"] == "2024-05-06T12:00:00.123Z"
    assert body["customData"]["at"] == ["2024-05-06T12:00:00.123Z"]


def test_a7_a_member_that_is_absent_hides_no_later_one() -> None:
    moment = datetime(2024, 5, 6, 12, 0, 0, 123456, tzinfo=UTC)
    csms = opened(V16)
    csms.send_call(v16.GetDiagnosticsRequest(location="ftp://host/", stop_time=moment), now=0.0)
    assert only(sent(csms))[3] == {
        "location": "ftp://host/",
        "stopTime": "2024-05-06T12:00:00.123Z",
    }


@in_2x
def test_a7_an_object_in_a_typed_request_may_be_a_plain_one(version: Version) -> None:
    moment = datetime(2024, 5, 6, 12, 0, 0, 123456, tzinfo=UTC)
    station = opened(version, Role.STATION)
    package: Any = v21 if version is V21 else v201
    values: Any = {"timestamp": moment, "sampledValue": [{"value": 1}]}
    station.send_call(package.MeterValuesRequest(evse_id=1, meter_value=[values]), now=0.0)
    assert only(sent(station))[3]["meterValue"] == [
        {"timestamp": "2024-05-06T12:00:00.123Z", "sampledValue": [{"value": 1}]}
    ]


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has one local time for all")
def test_a7_the_local_time_zone_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    csms = opened(V16)
    call = received_call(csms)
    moment = datetime(2024, 5, 6, 14, 0, 0, 5000, tzinfo=timezone(timedelta(hours=2)))
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "XYZ-5")
        time.tzset()
        csms.send_call_result(call, v16.HeartbeatResponse(current_time=moment), now=1.0)
    time.tzset()
    assert only(sent(csms))[2] == {"currentTime": "2024-05-06T12:00:00.005Z"}


@in_every_version
def test_a7_a_naive_date_time_of_ours_is_refused_locally(version: Version) -> None:
    connection = opened(version)
    call = received_call(connection)
    naive = datetime(2024, 5, 6, 12)  # noqa: DTZ001 - naive on purpose
    with pytest.raises(LocalProtocolError) as refusal:
        connection.send_call_result(call, {"currentTime": naive}, now=1.0)
    assert only(refusal.value.violations).rule is Rule.FORMAT
    assert connection.unanswered_calls == (call,)


@in_every_version
@pytest.mark.parametrize(
    "edge",
    [
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone(-timedelta(hours=12))),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=12))),
    ],
)
def test_a7_a_date_time_that_utc_has_no_place_for_is_refused_locally(
    version: Version, edge: datetime
) -> None:
    connection = opened(version)
    call = received_call(connection)
    with pytest.raises(LocalProtocolError, match="date value out of range"):
        connection.send_call_result(call, {"currentTime": edge}, now=1.0)
    assert connection.unanswered_calls == (call,)


@in_every_version
def test_a7_a_date_time_that_you_spell_yourself_leaves_as_you_spelt_it(version: Version) -> None:
    connection = opened(version)
    call = received_call(connection)
    connection.send_call_result(call, {"currentTime": "2024-05-06T14:00:00.5+02:00"}, now=1.0)
    assert only(sent(connection))[2] == {"currentTime": "2024-05-06T14:00:00.5+02:00"}


# --- numbers ------------------------------------------------------------------------------


@in_every_version
@pytest.mark.parametrize("token", ["01", "+1", "0x1", "1_000", "1.", ".5", "1,5"])
def test_a8_leading_zeros_plus_signs_and_the_like_are_no_numbers(
    version: Version, token: str
) -> None:
    body = f'"errorCode":"NoError","status":"Available","connectorId":{token}'
    events, frames = hear(opened(version), f'[2,"7","StatusNotification",{{{body}}}]')
    assert only(frames)[:2] == [4, "7"]
    assert only(events).error.message_id == "7"


@in_every_version
@pytest.mark.parametrize("token", ['"1"', "true", "null", "1.5", "[1]", "{}"])
def test_a8_an_integer_is_neither_text_nor_boolean_nor_a_fraction(
    version: Version, token: str
) -> None:
    payload = status_notification(version, NOON) | {"connectorId": "@"}
    message = call_text("7", "StatusNotification", payload).replace('"@"', token)
    assert_refused(opened(version), message, code="TypeConstraintViolation", message_id="7")


@in_every_version
@pytest.mark.parametrize("token", ["300.0", "300.00", "3e2", "3.0E+2"])
def test_a8_an_integer_may_have_a_zero_fraction_in_2x_and_not_in_16(
    version: Version, token: str
) -> None:
    payload = status_notification(version, NOON) | {"connectorId": "@"}
    message = call_text("7", "StatusNotification", payload).replace('"@"', token)
    if version is V16:
        assert_refused(opened(version), message, code="TypeConstraintViolation", message_id="7")
        return
    event = only(hear(opened(version), message).events)
    assert event.violations == ()
    assert event.payload.connector_id == 300
    assert type(event.payload.connector_id) is int


@in_2x
@pytest.mark.parametrize(
    "token", ["2935.600", "0.1", "-12.50", "1E+5", "0", "16", "3.141592653589793238462643"]
)
def test_a9_a_decimal_keeps_its_token_both_ways(version: Version, token: str) -> None:
    sampled = f'{{"timestamp":"{NOON}","sampledValue":[{{"value":{token}}}]}}'
    message = f'[2,"7","MeterValues",{{"evseId":1,"meterValue":[{sampled}]}}]'
    request = only(hear(opened(version), message).events).payload
    assert str(request.meter_value[0].sampled_value[0].value) == token

    station = opened(version, Role.STATION)
    station.send_call(request, now=0.0)
    assert f'"value":{token}}}'.encode() in only(station.frames_to_send()).data


@in_2x
@pytest.mark.parametrize(
    ("token", "fits"),
    [
        ("1e308", True),
        ("1.7976931348623157e308", True),
        ("1.7976931348623159e308", False),
        ("1e309", False),
        ("1e-324", True),
        ("9e-325", False),
    ],
)
def test_a9_a_number_has_a_value_that_a_double_has(
    version: Version, token: str, *, fits: bool
) -> None:
    for value in (f'"value":{token}', f'"value":1,"customData":{{"vendorId":"v","n":{token}}}'):
        sampled = f'{{"timestamp":"{NOON}","sampledValue":[{{{value}}}]}}'
        message = f'[2,"7","MeterValues",{{"evseId":1,"meterValue":[{sampled}]}}]'
        event = only(hear(opened(version), message).events)
        if fits:
            assert isinstance(event, CallReceived)
        else:
            assert isinstance(event, ProtocolViolated)
            assert only(event.error.violations).rule is Rule.NUMBER_RANGE


@in_2x
def test_a9_a_number_in_a_string_is_no_number(version: Version) -> None:
    sampled = {"timestamp": NOON, "sampledValue": [{"value": "16.0"}]}
    message = call_text("7", "MeterValues", {"evseId": 1, "meterValue": [sampled]})
    report = assert_refused(
        opened(version), message, code="TypeConstraintViolation", message_id="7"
    )
    assert only(report.error.violations).path == "$.meterValue[0].sampledValue[0].value"


@in_2x
@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("Infinity"), float("nan"), -float("inf")]
)
def test_a9_what_json_cannot_say_is_refused_locally(version: Version, value: Any) -> None:
    station = opened(version, Role.STATION)
    sampled = {"timestamp": NOON, "sampledValue": [{"value": value}]}
    with pytest.raises(LocalProtocolError):
        station.send_call("MeterValues", {"evseId": 1, "meterValue": [sampled]}, now=0.0)
    package: Any = v21 if version is V21 else v201
    typed = package.MeterValuesRequest(
        evse_id=1,
        meter_value=[
            package.MeterValueType(
                timestamp=datetime(2024, 5, 6, tzinfo=UTC),
                sampled_value=[package.SampledValueType(value=value)],
            )
        ],
    )
    with pytest.raises(LocalProtocolError):
        station.send_call(typed, now=0.0)
    assert station.frames_to_send() == []


def charging_profile_16(limit: str) -> str:
    """A SetChargingProfile call of 1.6, its one limit a JSON token."""
    period = f'{{"startPeriod":0,"limit":{limit}}}'
    schedule = f'{{"chargingRateUnit":"A","chargingSchedulePeriod":[{period}]}}'
    profile = (
        '{"chargingProfileId":1,"stackLevel":0,"chargingProfilePurpose":"TxProfile",'
        f'"chargingProfileKind":"Absolute","chargingSchedule":{schedule}}}'
    )
    return f'[2,"7","SetChargingProfile",{{"connectorId":1,"csChargingProfiles":{profile}}}]'


def test_a10_every_multiple_of_a_tenth_is_one_in_16() -> None:
    for tenths in range(401):
        token = f"{tenths // 10}.{tenths % 10}"
        event = only(hear(opened(V16, Role.STATION), charging_profile_16(token)).events)
        assert isinstance(event, CallReceived), token


@pytest.mark.parametrize(
    "token", ["21", "21.40", "21.400000", "2.14e1", "0", "0.000", "-3.5", "214e-1"]
)
def test_a10_the_spelling_of_a_multiple_does_not_matter(token: str) -> None:
    event = only(hear(opened(V16, Role.STATION), charging_profile_16(token)).events)
    assert isinstance(event, CallReceived)


@pytest.mark.parametrize(
    "token", ["21.41", "0.05", "0.10000000000000001", "1e-2", "100000000000000000000000000000.01"]
)
def test_a10_what_is_no_multiple_of_a_tenth_is_refused_exactly_in_16(token: str) -> None:
    report = assert_refused(
        opened(V16, Role.STATION),
        charging_profile_16(token),
        code="PropertyConstraintViolation",
        message_id="7",
    )
    assert only(report.error.violations).rule is Rule.MULTIPLE_OF


@in_2x
def test_a10_2x_has_no_such_step(version: Version) -> None:
    schedule = {
        "id": 1,
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 21.4123}],
    }
    profile = {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule],
    }
    request = served(
        version, Role.STATION, "SetChargingProfile", {"evseId": 1, "chargingProfile": profile}
    )
    period = request.charging_profile.charging_schedule[0].charging_schedule_period[0]
    assert period.limit == Decimal("21.4123")


def test_a10_a_meter_value_is_text_in_16_and_so_it_is_in_a_stream_of_21() -> None:
    payload = {
        "connectorId": 1,
        "meterValue": [{"timestamp": NOON, "sampledValue": [{"value": "16.0"}]}],
    }
    request = served(V16, Role.CSMS, "MeterValues", payload)
    assert request.meter_value[0].sampled_value[0].value == "16.0"
    payload["meterValue"][0]["sampledValue"][0]["value"] = 16.0  # type: ignore[index]
    message = call_text("7", "MeterValues", payload)
    assert refused_rule(V16, Role.CSMS, message) is Rule.TYPE

    stream = {"id": 1, "pending": 0, "basetime": NOON, "data": [{"t": 1, "v": 16}]}
    event = only(hear(opened(V21), [6, "s", "NotifyPeriodicEventStream", stream]).events)
    assert event.error.rule is Rule.TYPE


@pytest.mark.parametrize(
    ("token", "rule"),
    [
        ("0", None),
        ("100", None),
        ("55.500", None),
        ("100.0", None),
        ("-0.001", Rule.MINIMUM),
        ("100.0000000000000000001", Rule.MAXIMUM),
    ],
)
def test_a9_a_bounded_decimal_is_compared_exactly_in_21(token: str, rule: Rule | None) -> None:
    battery = f'{{"evseId":1,"serialNumber":"s","soC":{token},"soH":50}}'
    message = (
        '[2,"7","BatterySwap",{"eventType":"BatteryIn","requestId":1,'
        f'"idToken":{{"idToken":"t","type":"Central"}},"batteryData":[{battery}]}}]'
    )
    if rule is None:
        event = only(hear(opened(V21), message).events)
        assert isinstance(event, CallReceived)
        payload: Any = event.payload
        assert str(payload.battery_data[0].so_c) == token
        return
    report = assert_refused(
        opened(V21), message, code="PropertyConstraintViolation", message_id="7"
    )
    violation = only(report.error.violations)
    assert (violation.path, violation.rule) == ("$.batteryData[0].soC", rule)


# --- identifiers and lengths ----------------------------------------------------------------


def test_a12_a_ci_string_has_a_greatest_length_and_no_least_one() -> None:
    for id_tag in ("", "x", "X" * 20):
        assert served(V16, Role.CSMS, "Authorize", {"idTag": id_tag}).id_tag == id_tag
    message = call_text("7", "Authorize", {"idTag": "x" * 21})
    assert refused_rule(V16, Role.CSMS, message) is Rule.MAX_LENGTH


@in_every_version
def test_a11_a12_length_is_counted_in_characters_not_in_bytes(version: Version) -> None:
    for vendor_id in ("é" * 255, "🚗" * 255):
        payload = {"vendorId": vendor_id}
        assert served(version, Role.CSMS, "DataTransfer", payload).vendor_id == vendor_id
    message = call_text("7", "DataTransfer", {"vendorId": "🚗" * 256})
    assert refused_rule(version, Role.CSMS, message) is Rule.MAX_LENGTH


@in_2x
def test_a11_the_case_of_an_identifier_is_kept(version: Version) -> None:
    payload = {"idToken": {"idToken": "aBcD", "type": "Central"}}
    assert served(version, Role.CSMS, "Authorize", payload).id_token.id_token == "aBcD"


# --- custom data ----------------------------------------------------------------------------------


@in_2x
@in_both_roles
def test_a13_custom_data_is_open_and_kept_verbatim(version: Version, role: Role) -> None:
    custom = {"vendorId": "com.example", "any": {"thing": [1, 2.50, None, True, "é"]}, "": {}}
    payload = served(version, role, EMPTY_CALL[role], {"customData": custom})
    assert payload.custom_data == custom | {"any": {"thing": [1, Decimal("2.50"), None, True, "é"]}}


@in_2x
@pytest.mark.parametrize(
    ("custom", "rule"),
    [
        ({}, Rule.REQUIRED),
        ({"any": 1}, Rule.REQUIRED),
        ({"vendorId": 5}, Rule.TYPE),
        ({"vendorId": None}, Rule.NULL),
        ({"vendorId": "x" * 256}, Rule.MAX_LENGTH),
        ("text", Rule.TYPE),
        ([], Rule.TYPE),
    ],
)
def test_a13_custom_data_has_a_vendor_id_of_at_most_255_characters(
    version: Version, custom: Any, rule: Rule
) -> None:
    message = call_text("7", "Heartbeat", {"customData": custom})
    assert refused_rule(version, Role.CSMS, message) is rule
    with pytest.raises(LocalProtocolError):
        opened(version, Role.STATION).send_call("Heartbeat", {"customData": custom}, now=0.0)


@in_2x
def test_a13_a_vendor_id_of_255_characters_is_fine(version: Version) -> None:
    served(version, Role.CSMS, "Heartbeat", {"customData": {"vendorId": "é" * 255}})


@in_every_version
def test_a13_every_other_object_is_closed(version: Version) -> None:
    code = "FormationViolation" if version is V16 else "ProtocolError"
    message = call_text("7", "Heartbeat", {"extra": 1})
    assert_refused(opened(version), message, code=code, message_id="7")


def test_a13_16_has_no_custom_data() -> None:
    message = call_text("7", "Heartbeat", {"customData": {"vendorId": "v"}})
    assert refused_rule(V16, Role.CSMS, message) is Rule.UNKNOWN_MEMBER


# --- DataTransfer ----------------------------------------------------------------------------------

ANY_JSON = ["text", 5, 2.5, True, None, [], {}, [1, [2, {"a": [None]}]], {"deep": {"er": 1}}]


@in_2x
@in_both_roles
@pytest.mark.parametrize("data", ANY_JSON)
def test_a14_data_is_any_json_in_2x(version: Version, role: Role, data: Any) -> None:
    payload = served(version, role, "DataTransfer", {"vendorId": "v", "data": data})
    assert payload.data == data


@pytest.mark.parametrize("data", ANY_JSON)
def test_a14_data_is_text_in_16(data: Any) -> None:
    message = call_text("7", "DataTransfer", {"vendorId": "v", "data": data})
    if isinstance(data, str):
        event = only(hear(opened(V16), message).events)
        assert event.payload.data == data
    else:
        rule = Rule.NULL if data is None else Rule.TYPE
        assert refused_rule(V16, Role.CSMS, message) is rule


def test_a14_text_in_16_has_no_greatest_length() -> None:
    text = "x" * 100_000
    payload = served(V16, Role.CSMS, "DataTransfer", {"vendorId": "v", "data": text})
    assert payload.data == text


@in_2x
def test_a14_a_typed_value_inside_free_json_is_written_like_any_other(version: Version) -> None:
    package: Any = v21 if version is V21 else v201
    moment = datetime(2024, 5, 6, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    station = opened(version, Role.STATION)
    value = package.MeterValueType(
        timestamp=moment, sampled_value=[package.SampledValueType(value=Decimal("1.50"))]
    )
    station.send_call("DataTransfer", {"vendorId": "v", "data": (value, moment)}, now=0.0)
    frame = only(station.frames_to_send())
    assert b'"value":1.50' in frame.data
    typed, plain = strict_json(frame.data)[3]["data"]
    assert typed["timestamp"] == plain == "2024-05-06T12:00:00.123Z"


@pytest.mark.parametrize("version", IN_2X, ids=lambda v: v.value)
def test_a14_data_travels_verbatim_from_peer_to_peer(version: Version) -> None:
    pair = Pair(version)
    data = {"b": [Decimal("1.50"), None], "a": "é", "n": 10**30}
    pair.station.send_call("DataTransfer", {"vendorId": "v", "data": data}, now=0.0)
    frame = only(pair.carry(pair.station))
    assert b'"b":[1.50,null]' in frame.data
    assert strict_json(frame.data)[3]["data"]["n"] == 10**30
    assert only(pair.csms.events()).payload.data == data


# --- the answer before what follows it ---------------------------------------------------------------


@in_every_version
def test_a15_an_answer_leaves_before_the_call_that_follows_it(version: Version) -> None:
    station = opened(version, Role.STATION)
    trigger = {"requestedMessage": "Heartbeat"}
    events, _ = hear(station, call_text("7", "TriggerMessage", trigger))
    station.send_call_result(only(events), {"status": "Accepted"}, now=1.0)
    follow_up = station.send_call("Heartbeat", {}, now=1.0)
    assert sent(station) == [
        [3, "7", {"status": "Accepted"}],
        [2, follow_up.message_id, "Heartbeat", {}],
    ]


@in_2x
def test_a15_reports_follow_the_answer_that_announced_them_one_by_one(version: Version) -> None:
    station = opened(version, Role.STATION)
    request = {"requestId": 9, "reportBase": "FullInventory"}
    events, _ = hear(station, call_text("7", "GetBaseReport", request))
    station.send_call_result(only(events), {"status": "Accepted"}, now=1.0)
    parts = [
        station.send_call(
            "NotifyReport",
            {"requestId": 9, "generatedAt": NOON, "seqNo": number, "tbc": number < 2},
            now=1.0,
        )
        for number in range(3)
    ]
    assert [frame[1] for frame in sent(station)] == ["7", parts[0].message_id]
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        _, frames = hear(station, [3, part.message_id, {}])
        assert [frame[1] for frame in frames] == ([following.message_id] if following else [])


@in_every_version
@in_both_roles
def test_a15_everything_leaves_in_the_order_of_the_actions(version: Version, role: Role) -> None:
    connection = opened(version, role)
    first, second = received_call(connection, "a"), received_call(connection, "b")
    call = connection.send_call(own_action(role), {}, now=1.0)
    connection.send_call_result(second, answer_to(second), now=1.0)
    connection.send_call_result(first, answer_to(first), now=1.0)
    assert [frame[1] for frame in sent(connection)] == [call.message_id, "b", "a"]
