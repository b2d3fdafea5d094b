"""Strict, lenient, off, and per action; longer fields where a station allows them (C-13)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from core_pair import (
    EMPTY_CALL,
    V16,
    V21,
    V201,
    assert_refused,
    call_text,
    hear,
    in_2x,
    in_both_roles,
    in_every_version,
    in_flight,
    only,
    opened,
    received_call,
    sent,
)

from ocpp_sansio import (
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    Config,
    LocalProtocolError,
    ProtocolViolated,
    Role,
    Rule,
    SendReceived,
    Validation,
    Version,
    Violation,
    v16,
    v21,
    v201,
)

NOON = "2024-05-06T12:00:00Z"
STATUS_16 = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": NOON}


def delivered(version: Version, role: Role, message: str, **settings: Any) -> CallReceived:
    """Return the event of a call that must be delivered without an answer or a report."""
    events, frames = hear(opened(version, role, **settings), message)
    event = only(events)
    assert isinstance(event, CallReceived)
    assert frames == []
    return event


def rules(violations: tuple[Violation, ...]) -> list[tuple[str, Rule]]:
    return [(violation.path, violation.rule) for violation in violations]


# --- what strict refuses, lenient lists and off overlooks -----------------------------------------

FAULTS: list[tuple[Version, Role, str, dict[str, Any], list[tuple[str, Rule]]]] = [
    (V16, Role.CSMS, "BootNotification", {}, [("$.chargePointModel", Rule.REQUIRED)]),
    (V201, Role.CSMS, "BootNotification", {}, [("$.reason", Rule.REQUIRED)]),
    (V21, Role.CSMS, "BootNotification", {}, [("$.reason", Rule.REQUIRED)]),
    (V16, Role.STATION, "Reset", {"type": "Banana"}, [("$.type", Rule.ENUM)]),
    (V201, Role.STATION, "Reset", {"type": ["Immediate"]}, [("$.type", Rule.TYPE)]),
    (V21, Role.STATION, "Reset", {"type": None}, [("$.type", Rule.NULL)]),
    (V16, Role.STATION, "Reset", {"type": "Soft", "x": 1}, [("$.x", Rule.UNKNOWN_MEMBER)]),
    (V201, Role.CSMS, "Heartbeat", {"customData": {}}, [("$.customData.vendorId", Rule.REQUIRED)]),
]


@pytest.mark.parametrize(("version", "role", "action", "payload", "expected"), FAULTS)
def test_strict_refuses_lenient_lists_off_overlooks(
    version: Version,
    role: Role,
    action: str,
    payload: dict[str, Any],
    expected: list[tuple[str, Rule]],
) -> None:
    message = call_text("7", action, payload)

    events, frames = hear(opened(version, role), message)
    report = only(events)
    assert isinstance(report, ProtocolViolated)
    assert set(expected) <= set(rules(report.error.violations))
    assert only(frames)[:2] == [4, "7"]

    lenient = delivered(version, role, message, validation=Validation.LENIENT)
    assert lenient.violations == report.error.violations

    off = delivered(version, role, message, validation=Validation.OFF)
    assert off.violations == ()
    assert off.payload == lenient.payload
    assert off.raw == lenient.raw == payload


@in_every_version
@in_both_roles
@pytest.mark.parametrize("mode", list(Validation))
def test_a_valid_payload_is_typed_in_every_mode(
    version: Version, role: Role, mode: Validation
) -> None:
    event = delivered(version, role, call_text("7", EMPTY_CALL[role]), validation=mode)
    assert not isinstance(event.payload, dict)
    assert event.payload.version is version
    assert event.violations == ()


@in_every_version
@in_both_roles
def test_the_mode_is_set_per_action_and_the_rest_stays_strict(version: Version, role: Role) -> None:
    settings: dict[str, Any] = {"validation": {EMPTY_CALL[role]: "lenient", "DataTransfer": "off"}}
    lenient = delivered(version, role, call_text("7", EMPTY_CALL[role], {"extra": 1}), **settings)
    assert rules(lenient.violations) == [("$.extra", Rule.UNKNOWN_MEMBER)]
    off = delivered(
        version, role, call_text("7", "DataTransfer", {"extra": 1}), **settings
    )  # no vendorId
    assert (off.payload, off.violations) == ({"extra": 1}, ())
    strict = "BootNotification" if role is Role.CSMS else "Reset"
    frames = hear(opened(version, role, **settings), call_text("7", strict)).frames
    assert only(frames)[0] == 4


def test_modes_may_be_given_by_name_and_nonsense_is_refused() -> None:
    off: Any = "off"
    assert Config(validation=off).validation is Validation.OFF
    assert Config().validation is Validation.STRICT
    assert Config(validation={"Reset": Validation.OFF}).validation_of("B") is Validation.STRICT
    sloppy: Any = "sloppy"
    with pytest.raises(ValueError, match="sloppy"):
        Config(validation=sloppy)
    with pytest.raises(ValueError, match="sloppy"):
        Config(validation={"A": sloppy})


# --- what lenient still types ---------------------------------------------------------------------


def test_lenient_types_a_null_as_an_absent_member() -> None:
    payload = STATUS_16 | {"info": None, "vendorId": None}
    event = delivered(
        V16, Role.CSMS, call_text("7", "StatusNotification", payload), validation="lenient"
    )
    assert isinstance(event.payload, v16.StatusNotificationRequest)
    assert event.payload.info is None
    assert rules(event.violations) == [("$.info", Rule.NULL), ("$.vendorId", Rule.NULL)]


@in_2x
def test_lenient_types_a_null_object_and_a_null_list_as_absent(version: Version) -> None:
    answer = {"currentTime": NOON, "interval": 5, "status": "Accepted", "statusInfo": None}
    station = opened(version, Role.STATION, validation="lenient")
    boot = {"reason": "PowerUp", "chargingStation": {"vendorName": "v", "model": "m"}}
    call = station.send_call("BootNotification", boot, now=0.0)
    event = only(hear(station, [3, call.message_id, answer]).events)
    assert isinstance(event, CallResultReceived)
    assert rules(event.violations) == [("$.statusInfo", Rule.NULL)]
    payload: Any = event.payload
    assert payload.status_info is None
    assert payload.interval == 5

    update = {"versionNumber": 1, "updateType": "Full", "localAuthorizationList": None}
    message = call_text("7", "SendLocalList", update)
    request: Any = delivered(version, Role.STATION, message, validation="lenient").payload
    assert request.local_authorization_list is None
    assert request.version_number == 1


@in_every_version
def test_lenient_types_a_payload_with_unknown_members(version: Version) -> None:
    message = call_text("7", "Heartbeat", {"extra": {"deep": [1]}, "more": None})
    event = delivered(version, Role.CSMS, message, validation="lenient")
    assert not isinstance(event.payload, dict)
    assert rules(event.violations) == [
        ("$.extra", Rule.UNKNOWN_MEMBER),
        ("$.more", Rule.UNKNOWN_MEMBER),
    ]


@in_every_version
def test_lenient_types_an_over_long_string_in_full(version: Version) -> None:
    message = call_text("7", "DataTransfer", {"vendorId": "x" * 300})
    event = delivered(version, Role.CSMS, message, validation="lenient")
    payload: Any = event.payload
    assert payload.vendor_id == "x" * 300
    assert rules(event.violations) == [("$.vendorId", Rule.MAX_LENGTH)]


@in_every_version
def test_lenient_types_a_naive_date_time_as_utc(version: Version) -> None:
    naive = "2024-05-06T12:00:00.5"
    payload = (
        STATUS_16 | {"timestamp": naive}
        if version is V16
        else {"timestamp": naive, "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1}
    )
    message = call_text("7", "StatusNotification", payload)
    event = delivered(version, Role.CSMS, message, validation="lenient")
    request: Any = event.payload
    assert request.timestamp == datetime(2024, 5, 6, 12, 0, 0, 500000, tzinfo=UTC)
    assert rules(event.violations) == [("$.timestamp", Rule.FORMAT)]


@in_2x
def test_lenient_types_numbers_in_strings(version: Version) -> None:
    sampled = {"timestamp": NOON, "sampledValue": [{"value": "16.50"}, {"value": 1}]}
    message = call_text("7", "MeterValues", {"evseId": "1", "meterValue": [sampled]})
    event = delivered(version, Role.CSMS, message, validation="lenient")
    request: Any = event.payload
    assert request.evse_id == 1
    assert type(request.evse_id) is int
    value = request.meter_value[0].sampled_value[0].value
    assert (str(value), type(value)) == ("16.50", Decimal)
    assert rules(event.violations) == [
        ("$.evseId", Rule.TYPE),
        ("$.meterValue[0].sampledValue[0].value", Rule.TYPE),
    ]


def test_lenient_types_an_integer_with_a_zero_fraction_in_16() -> None:
    body = '"connectorId":1.0,"errorCode":"NoError","status":"Available"'
    message = f'[2,"7","StatusNotification",{{{body}}}]'
    event = delivered(V16, Role.CSMS, message, validation="lenient")
    assert isinstance(event.payload, v16.StatusNotificationRequest)
    assert (event.payload.connector_id, type(event.payload.connector_id)) == (1, int)
    assert rules(event.violations) == [("$.connectorId", Rule.TYPE)]


@in_2x
def test_lenient_types_numbers_out_of_range_and_lists_too_long_or_short(version: Version) -> None:
    dc = {"evMaxCurrent": 10, "evMaxVoltage": 400, "stateOfCharge": 101, "fullSoC": -1}
    needs = {"requestedEnergyTransfer": "DC", "dcChargingParameters": dc}
    message = call_text("7", "NotifyEVChargingNeeds", {"evseId": 1, "chargingNeeds": needs})
    event = delivered(version, Role.CSMS, message, validation="lenient")
    request: Any = event.payload
    assert request.charging_needs.dc_charging_parameters.state_of_charge == 101
    assert {rule for _, rule in rules(event.violations)} == {Rule.MAXIMUM, Rule.MINIMUM}

    for sources, rule in (([], Rule.MIN_ITEMS), (["EMS"] * 5, Rule.MAX_ITEMS)):
        criteria = {"requestId": 1, "chargingProfile": {"chargingLimitSource": sources}}
        message = call_text("7", "GetChargingProfiles", criteria)
        event = delivered(version, Role.STATION, message, validation="lenient")
        request = event.payload
        assert len(request.charging_profile.charging_limit_source) == len(sources)
        assert [rule_ for _, rule_ in rules(event.violations)] == [rule]


@pytest.mark.parametrize(
    ("payload", "rule"),
    [
        ({}, Rule.REQUIRED),
        ({"type": None}, Rule.NULL),
        ({"type": []}, Rule.TYPE),
        ({"type": {"a": 1}}, Rule.TYPE),
    ],
)
@in_every_version
def test_lenient_delivers_a_json_object_where_no_typed_one_can_be_made(
    version: Version, payload: dict[str, Any], rule: Rule
) -> None:
    message = call_text("7", "Reset", payload)
    event = delivered(version, Role.STATION, message, validation="lenient")
    assert event.payload == payload
    assert rules(event.violations) == [("$.type", rule)]


@in_2x
def test_lenient_reads_a_number_of_64_characters_in_a_string(version: Version) -> None:
    sampled = {"timestamp": NOON, "sampledValue": [{"value": "1" * 64}]}
    message = call_text("7", "MeterValues", {"evseId": 1, "meterValue": [sampled]})
    request: Any = delivered(version, Role.CSMS, message, validation="lenient").payload
    assert request.meter_value[0].sampled_value[0].value == Decimal("1" * 64)


UNTYPABLE: list[tuple[str, str, Rule]] = [
    ('"value":"abc"', "$.meterValue[0].sampledValue[0].value", Rule.TYPE),
    ('"value":"NaN"', "$.meterValue[0].sampledValue[0].value", Rule.TYPE),
    ('"value":"Infinity"', "$.meterValue[0].sampledValue[0].value", Rule.TYPE),
    ('"value":"%s"' % ("1" * 65), "$.meterValue[0].sampledValue[0].value", Rule.TYPE),
    ('"value":"1e999"', "$.meterValue[0].sampledValue[0].value", Rule.TYPE),
    ('"value":true', "$.meterValue[0].sampledValue[0].value", Rule.TYPE),
    ('"value":[]', "$.meterValue[0].sampledValue[0].value", Rule.TYPE),
    ('"value":[1,2]', "$.meterValue[0].sampledValue[0].value", Rule.TYPE),
    ('"value":["x"]', "$.meterValue[0].sampledValue[0].value", Rule.TYPE),
    ('"value":null', "$.meterValue[0].sampledValue[0].value", Rule.NULL),
]


@in_2x
@pytest.mark.parametrize(("members", "path", "rule"), UNTYPABLE)
def test_lenient_names_the_path_of_what_cannot_be_typed(
    version: Version, members: str, path: str, rule: Rule
) -> None:
    sampled = f'{{"timestamp":"{NOON}","sampledValue":[{{{members}}}]}}'
    message = f'[2,"7","MeterValues",{{"evseId":1,"meterValue":[{sampled}]}}]'
    event = delivered(version, Role.CSMS, message, validation="lenient")
    assert isinstance(event.payload, dict)
    assert rules(event.violations) == [(path, rule)]


@in_2x
@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ('"7"', 7),
        ('"-7"', -7),
        ('" 7"', 7),
        ('"7.0"', 7),
        ('"%s"' % ("9" * 20), int("9" * 20)),
        ('"7.5"', None),
        ('"7 A"', None),
        ('""', None),
        ('"%s"' % ("9" * 65), None),
        ("7.5", None),
        ("true", None),
    ],
)
def test_lenient_reads_an_integer_in_a_string_if_it_is_nothing_else(
    version: Version, token: str, expected: int | None
) -> None:
    body = f'"timestamp":"{NOON}","connectorStatus":"Occupied","evseId":{token},"connectorId":1'
    message = f'[2,"7","StatusNotification",{{{body}}}]'
    event = delivered(version, Role.CSMS, message, validation="lenient")
    assert rules(event.violations)[0] == ("$.evseId", Rule.TYPE)
    payload: Any = event.payload
    if expected is None:
        assert isinstance(payload, dict)
    else:
        assert payload.evse_id == expected


@in_2x
@pytest.mark.parametrize("value", ["true", "false", '"true"', "1", "0", '""', "[]"])
def test_a_boolean_is_true_or_false_and_nothing_else(version: Version, value: str) -> None:
    body = (
        f'"eventType":"Started","timestamp":"{NOON}","triggerReason":"CablePluggedIn","seqNo":0,'
        f'"transactionInfo":{{"transactionId":"t"}},"offline":{value}'
    )
    message = f'[2,"7","TransactionEvent",{{{body}}}]'
    event = delivered(version, Role.CSMS, message, validation="lenient")
    is_boolean = value in {"true", "false"}
    assert rules(event.violations) == ([] if is_boolean else [("$.offline", Rule.TYPE)])


AT_THE_LIMITS: list[tuple[Version, Role, str, dict[str, Any]]] = [
    (V16, Role.CSMS, "Authorize", {"idTag": "x" * 20}),
    (V16, Role.CSMS, "DataTransfer", {"vendorId": "x" * 255, "data": "x" * 1000}),
    (V16, Role.CSMS, "StatusNotification", STATUS_16 | {"info": "x" * 50}),
    (
        V16,
        Role.STATION,
        "SetChargingProfile",
        {
            "connectorId": 1,
            "csChargingProfiles": {
                "chargingProfileId": 1,
                "stackLevel": 0,
                "chargingProfilePurpose": "TxProfile",
                "chargingProfileKind": "Absolute",
                "validFrom": NOON,
                "chargingSchedule": {
                    "chargingRateUnit": "A",
                    "chargingSchedulePeriod": [
                        {"startPeriod": 0, "limit": 16.1},
                        {"startPeriod": 60, "limit": 0},
                    ],
                },
            },
        },
    ),
    (
        V201,
        Role.CSMS,
        "NotifyEVChargingNeeds",
        {
            "evseId": 1,
            "chargingNeeds": {
                "requestedEnergyTransfer": "DC",
                "dcChargingParameters": {
                    "evMaxCurrent": 10,
                    "evMaxVoltage": 400,
                    "stateOfCharge": 0,
                    "fullSoC": 100,
                },
            },
        },
    ),
    (
        V201,
        Role.STATION,
        "GetChargingProfiles",
        {
            "requestId": 1,
            "chargingProfile": {
                "chargingProfileId": [1],
                "chargingLimitSource": ["EMS", "Other", "SO", "CSO"],
            },
        },
    ),
    (
        V21,
        Role.CSMS,
        "TransactionEvent",
        {
            "eventType": "Started",
            "timestamp": NOON,
            "triggerReason": "CablePluggedIn",
            "seqNo": 0,
            "offline": False,
            "transactionInfo": {"transactionId": "x" * 36},
            "customData": {"vendorId": "v" * 255, "free": [1, 2.5, {"deep": None}]},
            "meterValue": [{"timestamp": NOON, "sampledValue": [{"value": 1}, {"value": -2.5}]}],
        },
    ),
    (V201, Role.CSMS, "DataTransfer", {"vendorId": "v", "data": [1, 0.5, True, None, {"a": "b"}]}),
]


def with_an_extra_member(value: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    """Yield the JSON value with an unknown member in each of its closed objects in turn, and where."""
    if isinstance(value, dict):
        yield f"{path}.extra", value | {"extra": 1}
        for name, item in value.items():
            if name not in {"customData", "data"}:
                for where, changed in with_an_extra_member(item, f"{path}.{name}"):
                    yield where, value | {name: changed}
    if isinstance(value, list):
        for index, item in enumerate(value):
            for where, changed in with_an_extra_member(item, f"{path}[{index}]"):
                yield where, [*value[:index], changed, *value[index + 1 :]]


@pytest.mark.parametrize(("version", "role", "action", "payload"), AT_THE_LIMITS)
def test_lenient_finds_no_fault_with_the_rest_and_types_it_as_if_nothing_were_wrong(
    version: Version, role: Role, action: str, payload: dict[str, Any]
) -> None:
    flawless = delivered(version, role, call_text("7", action, payload))
    for where, changed in with_an_extra_member(payload):
        message = call_text("7", action, changed)
        event = delivered(version, role, message, validation="lenient")
        assert rules(event.violations) == [(where, Rule.UNKNOWN_MEMBER)]
        assert event.payload == flawless.payload


# --- actions outside what may come ----------------------------------------------------------------


@in_every_version
@in_both_roles
def test_lenient_delivers_an_action_that_strict_refuses_with_its_objection_first(
    version: Version, role: Role
) -> None:
    wrong = EMPTY_CALL[Role.CSMS if role is Role.STATION else Role.STATION]
    for action, rule in (("NoSuchAction", Rule.UNKNOWN_ACTION), (wrong, Rule.WRONG_DIRECTION)):
        event = delivered(version, role, call_text("7", action), validation="lenient")
        assert event.action == action
        assert rules(event.violations) == [("$", rule)]
        off = delivered(version, role, call_text("7", action), validation="off")
        assert off.violations == ()


def test_lenient_delivers_a_call_for_a_send_action_typed_with_its_objection() -> None:
    stream = {"id": 1, "pending": 0, "basetime": NOON, "data": [{"t": 1, "v": "1"}]}
    message = call_text("7", "NotifyPeriodicEventStream", stream)
    event = delivered(V21, Role.CSMS, message, validation="lenient")
    assert isinstance(event.payload, v21.NotifyPeriodicEventStream)
    assert rules(event.violations) == [("$", Rule.WRONG_KIND)]


def test_a_send_is_judged_by_the_same_modes() -> None:
    frame = [6, "s", "NotifyPeriodicEventStream", {"id": 1}]
    report = only(hear(opened(V21), frame).events)
    assert isinstance(report, ProtocolViolated)
    event = only(hear(opened(V21, validation="lenient"), frame).events)
    assert isinstance(event, SendReceived)
    assert event.violations == report.error.violations
    assert event.payload == {"id": 1}
    event = only(hear(opened(V21, validation="off"), frame).events)
    assert isinstance(event, SendReceived)
    assert event.violations == ()


# --- answers to us --------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_an_answer_is_judged_by_the_mode_of_its_action(version: Version, role: Role) -> None:
    for mode, kind in (
        ("strict", CallResultRejected),
        ("lenient", CallResultReceived),
        ("off", CallResultReceived),
    ):
        connection = opened(version, role, validation=mode)
        call = in_flight(connection)
        event = only(hear(connection, [3, call.message_id, {"nonsense": 1}]).events)
        assert isinstance(event, kind)
        assert event.call is call
        assert bool(event.violations) is (mode != "off")


@in_every_version
@pytest.mark.parametrize("mode", list(Validation))
@pytest.mark.parametrize("payload", ["[]", '"text"', "5", "true"])
def test_what_is_no_object_is_refused_in_every_mode(
    version: Version, mode: Validation, payload: str
) -> None:
    code = "FormationViolation" if version is V16 else "FormatViolation"
    message = f'[2,"7","Heartbeat",{payload}]'
    assert_refused(opened(version, validation=mode), message, code=code, message_id="7")


# --- what we send ---------------------------------------------------------------------------------


@in_every_version
@pytest.mark.parametrize("mode", [Validation.STRICT, Validation.LENIENT])
def test_our_own_mistake_is_refused_locally_in_strict_and_lenient(
    version: Version, mode: Validation
) -> None:
    csms = opened(version, validation=mode)
    with pytest.raises(LocalProtocolError) as refusal:
        csms.send_call("Reset", {"type": "Banana", "extra": None}, now=0.0)
    assert rules(refusal.value.violations) == [
        ("$.type", Rule.ENUM),
        ("$.extra", Rule.UNKNOWN_MEMBER),
    ]
    call = received_call(csms)
    with pytest.raises(LocalProtocolError) as refusal:
        csms.send_call_result(call, {"currentTime": "never"}, now=1.0)
    assert rules(refusal.value.violations) == [("$.currentTime", Rule.FORMAT)]


@in_every_version
def test_with_validation_off_anything_that_is_json_is_sent(version: Version) -> None:
    csms = opened(version, validation="off")
    csms.send_call("Reset", {"type": "Banana"}, now=0.0)
    assert only(sent(csms))[3] == {"type": "Banana"}
    call = received_call(csms)
    csms.send_call_result(call, {"free": 1}, now=1.0)
    assert only(sent(csms))[2] == {"free": 1}
    wrong_way = opened(version, validation="off")
    wrong_way.send_call("Heartbeat", {}, now=0.0)
    assert only(sent(wrong_way))[2] == "Heartbeat"
    with pytest.raises(LocalProtocolError):
        wrong_way.send_call("Reset", {"a": float("nan")}, now=0.0)
    with pytest.raises(LocalProtocolError):
        wrong_way.send_call("Reset", [], now=0.0)  # type: ignore[call-overload]


@in_every_version
def test_a_typed_payload_with_a_wrong_value_is_refused_like_any_other(version: Version) -> None:
    package: Any = {V16: v16, V201: v201, V21: v21}[version]
    csms = opened(version)
    for wrong in (
        package.ResetRequest(type="Banana"),
        package.ResetRequest(type=5),
        package.ResetRequest(type=None),
        package.DataTransferRequest(vendor_id="x" * 256),
        package.DataTransferRequest(vendor_id=["x"]),
    ):
        with pytest.raises(LocalProtocolError):
            csms.send_call(wrong, now=0.0)
    assert csms.outstanding_call is None
    csms.send_call(package.DataTransferRequest(vendor_id="x"), now=0.0)


@in_every_version
def test_the_mode_of_an_action_counts_for_what_we_send_and_the_rest_stays_strict(
    version: Version,
) -> None:
    csms = opened(version, validation={"Reset": "off", "Heartbeat": "off"})
    csms.send_call("Reset", {"type": "Banana"}, now=0.0)
    assert only(sent(csms))[2:] == ["Reset", {"type": "Banana"}]
    csms.send_call("Heartbeat", {}, now=0.0)  # which is the station's to send
    for action, payload in (("DataTransfer", {"vendorId": 5}), ("BootNotification", {})):
        with pytest.raises(LocalProtocolError):
            csms.send_call(action, payload, now=0.0)
    assert [call.action for call in csms.queued_calls] == ["Heartbeat"]
    csms.send_call_result(received_call(csms), {"free": 1}, now=1.0)
    assert only(sent(csms))[2] == {"free": 1}
    station = opened(V21, Role.STATION, validation={"NotifyPeriodicEventStream": "off"})
    station.send_unconfirmed("NotifyPeriodicEventStream", {"id": "x"}, now=0.0)
    assert only(sent(station))[2:] == ["NotifyPeriodicEventStream", {"id": "x"}]


# --- C-13 -----------------------------------------------------------------------------------------

ISO_ANSWER = {"status": "Accepted", "exiResponse": "x" * 5601}


def exi_call(station: Any) -> Any:
    request = {
        "iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef",
        "action": "Install",
        "exiRequest": "x",
    }
    return station.send_call("Get15118EVCertificate", request, now=0.0)


@pytest.mark.parametrize("length", [5600, 7500, 7501])
def test_c13_a_field_is_as_long_as_the_configuration_allows(length: int) -> None:
    lengths = {"Get15118EVCertificateResponse.exiResponse": 7500}
    station = opened(V201, Role.STATION, field_lengths=lengths)
    call = exi_call(station)
    answer = ISO_ANSWER | {"exiResponse": "x" * length}
    event = only(hear(station, [3, call.message_id, answer]).events)
    if length <= 7500:
        assert isinstance(event, CallResultReceived)
        assert event.violations == ()
        payload: Any = event.payload
        assert len(payload.exi_response) == length
    else:
        assert isinstance(event, CallResultRejected)
        violation = only(event.violations)
        assert (violation.path, violation.rule) == ("$.exiResponse", Rule.MAX_LENGTH)
        assert "7500" in violation.expected


def test_c13_without_it_the_schema_is_the_limit() -> None:
    station = opened(V201, Role.STATION)
    call = exi_call(station)
    event = only(hear(station, [3, call.message_id, ISO_ANSWER]).events)
    assert isinstance(event, CallResultRejected)


@in_every_version
def test_c13_it_holds_for_what_we_send_and_in_nested_lists_and_for_that_field_only(
    version: Version,
) -> None:
    lengths = {"DataTransferRequest.vendorId": 300}
    csms = opened(version, field_lengths=lengths)
    csms.send_call("DataTransfer", {"vendorId": "x" * 300}, now=0.0)
    with pytest.raises(LocalProtocolError):
        csms.send_call("DataTransfer", {"vendorId": "x" * 301}, now=0.0)
    with pytest.raises(LocalProtocolError):
        csms.send_call("DataTransfer", {"vendorId": "x", "messageId": "x" * 51}, now=0.0)
    event = delivered(
        version,
        Role.CSMS,
        call_text("7", "DataTransfer", {"vendorId": "x" * 300}),
        field_lengths=lengths,
    )
    assert event.violations == ()


@in_2x
def test_c13_a_nested_field_goes_by_its_path_without_indexes(version: Version) -> None:
    lengths = {"SetVariablesRequest.setVariableData.component.name": 80}
    data = [{"attributeValue": "v", "component": {"name": "x" * 80}, "variable": {"name": "v"}}]
    message = call_text("7", "SetVariables", {"setVariableData": data})
    delivered(version, Role.STATION, message, field_lengths=lengths)
    events, _ = hear(opened(version, Role.STATION), message)
    assert isinstance(only(events), ProtocolViolated)


@in_every_version
def test_c13_a_shorter_length_than_the_schemas_changes_nothing(version: Version) -> None:
    lengths = {"DataTransferRequest.vendorId": 5}
    message = call_text("7", "DataTransfer", {"vendorId": "x" * 255})
    delivered(version, Role.CSMS, message, field_lengths=lengths)


# --- the list of violations -----------------------------------------------------------------------


@in_every_version
def test_violations_are_listed_up_to_a_limit_and_say_what_would_be_right(version: Version) -> None:
    payload = {f"member{number}": number for number in range(1000)}
    event = delivered(
        version, Role.CSMS, call_text("7", "Heartbeat", payload), validation="lenient"
    )
    assert 10 <= len(event.violations) <= 100
    assert all(violation.expected and violation.path for violation in event.violations)
    assert str(event.violations[0]) == "$.member0: 0 instead of no such member (unknown_member)"


@in_every_version
def test_lenient_types_a_payload_however_many_violations_it_has(version: Version) -> None:
    payload = {"vendorId": "v"} | {f"member{number}": number for number in range(1000)}
    message = call_text("7", "DataTransfer", payload)
    event = delivered(version, Role.CSMS, message, validation="lenient")
    request: Any = event.payload
    assert request.vendor_id == "v"
    report = only(hear(opened(version), message).events)
    assert isinstance(report, ProtocolViolated)
    assert report.error.violations == event.violations
    assert len(event.violations) == 16


@in_2x
def test_the_nesting_of_a_messages_own_members_is_no_matter_of_the_depth_of_free_json(
    version: Version,
) -> None:
    sampled = {"timestamp": NOON, "sampledValue": [{"value": 1}]}
    message = call_text("7", "MeterValues", {"evseId": "1", "meterValue": [sampled]})
    event = delivered(version, Role.CSMS, message, validation="lenient", max_depth=1)
    assert rules(event.violations) == [("$.evseId", Rule.TYPE)]


@in_2x
def test_an_enum_violation_lists_what_is_allowed_but_not_hundreds(version: Version) -> None:
    event = delivered(
        version, Role.STATION, call_text("7", "Reset", {"type": "x"}), validation="lenient"
    )
    assert "Immediate" in only(event.violations).expected
    sampled = {"timestamp": NOON, "sampledValue": [{"value": 1, "measurand": "x"}]}
    message = call_text("7", "MeterValues", {"evseId": 1, "meterValue": [sampled]})
    event = delivered(version, Role.CSMS, message, validation="lenient")
    if event.violations:  # 2.1 has an open list of measurands, 2.0.1 a closed one
        assert len(only(event.violations).expected) < 300
