"""What real stations send that strict validation refuses: lenient and off make the typed class of it.

Each row is a kind of fault as it was seen, with the value that must stand in its place, and what is wrong.
Its neighbours stay as they came.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from core_pair import (
    V16,
    V21,
    V201,
    call_text,
    hear,
    in_2x,
    in_every_version,
    only,
    opened,
    sent,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_sansio import (
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    Config,
    Connection,
    ProtocolViolated,
    Role,
    Rule,
    SendReceived,
    Validation,
    Version,
    v16,
    v21,
    v201,
)
from ocpp_sansio.core import to_object, write_json
from ocpp_sansio.messages import Payload, catalog
from ocpp_sansio.testing import every_near_miss, minimal

NOON = "2026-01-01T12:00:00Z"
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
AT_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
STATUS: dict[str, Any] = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
STOP = {"meterStop": 20, "timestamp": NOON, "transactionId": 7}
START = {"connectorId": 1, "idTag": "card", "meterStart": 10, "timestamp": NOON}
SAMPLES = [{"value": "1", "unit": "Wh"}, {"value": "2", "unit": "kWh", "context": "Sample.Clock"}]

Row = tuple[str, str, str, dict[str, Any], list[tuple[str, Rule, str]]]
"""Action, member, what stands there as JSON, the attributes that must come of it, and what is wrong."""


def status(member: str, token: str, value: Any, *faults: tuple[str, Rule, str]) -> Row:
    attribute = {"connectorId": "connector_id", "errorCode": "error_code", "vendorId": "vendor_id"}
    name = attribute.get(member, member)
    return "StatusNotification", member, token, {name: value}, [*faults]


def moment(token: str, value: Any, *, is_iso: bool = False) -> Row:
    faults = [] if is_iso else [("$.timestamp", Rule.FORMAT, f"'{token}'")]
    return status("timestamp", f'"{token}"', value, *faults)


ROWS: list[Row] = [
    # a text that no enum has
    status("errorCode", '""', "", ("$.errorCode", Rule.ENUM, "''")),
    status("status", '"available"', "available", ("$.status", Rule.ENUM, "'available'")),
    status("status", "5", "5", ("$.status", Rule.TYPE, "5")),
    status("status", "1.50", "1.50", ("$.status", Rule.TYPE, "1.50")),
    status("status", "true", "true", ("$.status", Rule.TYPE, "true")),
    (
        "StopTransaction",
        "reason",
        '"local"',
        {"reason": "local", "meter_stop": 20},
        [("$.reason", Rule.ENUM, "'local'")],
    ),
    ("StopTransaction", "reason", '""', {"reason": None}, [("$.reason", Rule.ENUM, "''")]),
    # numbers and booleans for text, as they were written
    status("info", "12345678", "12345678", ("$.info", Rule.TYPE, "12345678")),
    status("info", "1.5", "1.5", ("$.info", Rule.TYPE, "1.5")),
    status("info", "1.50e1", "1.50e1", ("$.info", Rule.TYPE, "15.0")),
    status("info", "-0.10", "-0.10", ("$.info", Rule.TYPE, "-0.10")),
    status("info", "false", "false", ("$.info", Rule.TYPE, "false")),
    (
        "StartTransaction",
        "idTag",
        "12345678",
        {"id_tag": "12345678", "meter_start": 10},
        [("$.idTag", Rule.TYPE, "12345678")],
    ),
    # text for numbers, and fractions that are none
    status("connectorId", '"1"', 1, ("$.connectorId", Rule.TYPE, "'1'")),
    status("connectorId", '" 1 "', 1, ("$.connectorId", Rule.TYPE, "' 1 '")),
    status("connectorId", '"1.0"', 1, ("$.connectorId", Rule.TYPE, "'1.0'")),
    status("connectorId", "1.0", 1, ("$.connectorId", Rule.TYPE, "1.0")),
    status("connectorId", "1e2", 100, ("$.connectorId", Rule.TYPE, "1E+2")),
    (
        "StartTransaction",
        "meterStart",
        "0.0",
        {"meter_start": 0, "id_tag": "card"},
        [("$.meterStart", Rule.TYPE, "0.0")],
    ),
    (
        "StartTransaction",
        "reservationId",
        '""',
        {"reservation_id": None},
        [("$.reservationId", Rule.TYPE, "''")],
    ),
    (
        "StartTransaction",
        "reservationId",
        "1.5",
        {"reservation_id": None},
        [("$.reservationId", Rule.TYPE, "1.5")],
    ),
    # date-times: of ISO 8601, which is all that 1.6 asks for, or of no standard
    moment("2026-01-01T00:00Z", MIDNIGHT, is_iso=True),
    moment("20260101T000000Z", MIDNIGHT, is_iso=True),
    moment("2026-01-01T00:00:00+0000", MIDNIGHT, is_iso=True),
    moment("2026-01-01T01:00:00+01", MIDNIGHT, is_iso=True),
    moment("2026-01-01T00:00:00,000Z", MIDNIGHT, is_iso=True),
    moment("2026-01-01T0:00:00Z", MIDNIGHT),
    moment("2026-1-1T00:00:00Z", MIDNIGHT),
    moment("2026-01-01", MIDNIGHT),
    moment("20260101", MIDNIGHT),
    moment("2026-01-01T00:00", MIDNIGHT),
    moment("2026-01-01T00:00:00", MIDNIGHT),
    moment("2026-01-01 00:00:00 +0000", MIDNIGHT),
    moment("2026/01/01 00:00:00", MIDNIGHT),
    moment("2026-01-01T00:00:00 UTC", MIDNIGHT),
    moment(" 2026-01-01T00:00:00Z", MIDNIGHT),
    moment("", None),
    moment("yesterday", None),
    moment("2026-13-01", None),
    moment("2026-01-01T00:00.5Z", None),
    moment("12:00", None),
    status("timestamp", "1735689600", None, ("$.timestamp", Rule.TYPE, "1735689600")),
    # too much, too little, too deep
    status("info", json.dumps("x" * 51), "x" * 51, ("$.info", Rule.MAX_LENGTH, f"'{'x' * 37}'…")),
    status("vendorId", "null", None, ("$.vendorId", Rule.NULL, "null")),
    status("info", "{}", None, ("$.info", Rule.TYPE, "{}")),
    status("info", '["odd"]', "odd", ("$.info", Rule.TYPE, "an array of 1")),
    status("info", '["a","b"]', None, ("$.info", Rule.TYPE, "an array of 2")),
    status("Status", '"Faulted"', None, ("$.Status", Rule.UNKNOWN_MEMBER, "'Faulted'")),
    status("extra", '{"a":1}', None, ("$.extra", Rule.UNKNOWN_MEMBER, "an object")),
]
BASES = {"StatusNotification": STATUS, "StopTransaction": STOP, "StartTransaction": START}


@pytest.mark.parametrize(("action", "member", "token", "attributes", "faults"), ROWS)
def test_a_fault_seen_in_the_field_leaves_the_payload_typed_and_its_neighbours_untouched(
    action: str,
    member: str,
    token: str,
    attributes: dict[str, Any],
    faults: list[tuple[str, Rule, str]],
) -> None:
    base = BASES[action]
    members = {name: json.dumps(value) for name, value in base.items()} | {member: token}
    body = ",".join(f'"{name}":{value}' for name, value in members.items())
    message = f'[2,"1","{action}",{{{body}}}]'
    good = only(hear(opened(V16), call_text("1", action, base)).events).payload
    for mode in (Validation.LENIENT, Validation.OFF):
        event = only(hear(opened(V16, validation=mode), message).events)
        assert isinstance(event, CallReceived)
        expected = {name: getattr(good, name) for name in good.__struct_fields__}
        expected |= {name: value for name, value in attributes.items() if name in expected}
        assert {name: getattr(event.payload, name) for name in expected} == expected
        for name in expected:
            assert type(getattr(event.payload, name)) is type(expected[name])
        found = [(fault.path, fault.rule, fault.got) for fault in event.violations]
        assert found == (faults if mode is Validation.LENIENT else [])
        assert event.data == message.encode()
        assert event.raw == json.loads(message, parse_float=Decimal)[3]
    strict = only(hear(opened(V16), message).events)
    assert isinstance(strict, ProtocolViolated if faults else CallReceived)


SAMPLE_ROWS: list[tuple[str, str, Any, Rule]] = [
    ('"unit"', '"Kwh"', "Kwh", Rule.ENUM),
    ('"unit"', '"Hz"', "Hz", Rule.ENUM),
    ('"unit"', "7", "7", Rule.TYPE),
    ('"measurand"', '"Voltage.L1"', "Voltage.L1", Rule.ENUM),
    ('"context"', '"CurrentMax"', "CurrentMax", Rule.ENUM),
    ('"phase"', '""', None, Rule.ENUM),
    ('"location"', "null", None, Rule.NULL),
    ('"value"', "1.5", "1.5", Rule.TYPE),
    ('"value"', "0", "0", Rule.TYPE),
    ('"value"', "1E3", "1E3", Rule.TYPE),
]


@pytest.mark.parametrize(("member", "token", "value", "rule"), SAMPLE_ROWS)
def test_a_fault_in_one_sample_leaves_the_other_samples_as_they_are(
    member: str, token: str, value: Any, rule: Rule
) -> None:
    good = ",".join(map(json.dumps, SAMPLES))
    bad = json.dumps(SAMPLES[0])[:-1] + f",{member}:{token}}}"
    taken = f'{{"timestamp":"{NOON}","sampledValue":[{good},{bad},{good}]}}'
    message = f'[2,"1","MeterValues",{{"connectorId":1,"meterValue":[{taken},{taken}]}}]'
    event = only(hear(opened(V16, validation="lenient"), message).events)
    assert isinstance(event.payload, v16.MeterValuesRequest)
    for moments in event.payload.meter_value:
        first, second, odd, *others = moments.sampled_value
        assert [first, second] == others
        assert first == v16.SampledValue(value="1", unit=v16.UnitOfMeasure.WH)
        assert getattr(odd, member.strip('"')) == value
        assert moments.timestamp == AT_NOON
    name = member.strip('"')
    paths = [f"$.meterValue[{i}].sampledValue[2].{name}" for i in range(2)]
    assert [(fault.path, fault.rule) for fault in event.violations] == [(p, rule) for p in paths]


def test_one_object_for_a_list_of_one_is_a_list_of_one() -> None:
    taken = {"timestamp": NOON, "sampledValue": {"value": "1", "unit": "wH"}}
    message = call_text("1", "MeterValues", {"connectorId": 1, "meterValue": taken})
    event = only(hear(opened(V16, validation="lenient"), message).events)
    sample = v16.SampledValue(value="1", unit="wH")  # type: ignore[arg-type]  # as lenient fills it
    values = [v16.MeterValue(timestamp=AT_NOON, sampled_value=[sample])]
    assert event.payload == v16.MeterValuesRequest(connector_id=1, meter_value=values)
    assert [(fault.path, fault.rule) for fault in event.violations] == [
        ("$.meterValue", Rule.TYPE),
        ("$.meterValue.sampledValue", Rule.TYPE),
        ("$.meterValue.sampledValue.unit", Rule.ENUM),
    ]
    keys = only(
        hear(
            opened(V16, Role.STATION, validation="lenient"),
            call_text("1", "GetConfiguration", {"key": "HeartbeatInterval"}),
        ).events
    )
    assert keys.payload == v16.GetConfigurationRequest(key=["HeartbeatInterval"])


def test_a_list_of_one_for_one_object_is_that_object() -> None:
    station = opened(V16, Role.STATION, validation="lenient")
    call = station.send_call(v16.AuthorizeRequest(id_tag="card"), now=0.0)
    answer = {"idTagInfo": [{"status": "Accepted"}]}
    event = only(hear(station, [3, call.message_id, answer]).events)
    accepted = v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED)
    assert event.payload == v16.AuthorizeResponse(id_tag_info=accepted)
    assert [(fault.path, fault.got) for fault in event.violations] == [
        ("$.idTagInfo", "an array of 1")
    ]


@pytest.mark.parametrize(
    ("token", "value"),
    [
        ("0", False),
        ("1", True),
        ("1.0", True),
        ('"true"', True),
        ('"False"', False),
        ('"0"', False),
        ('"1"', True),
    ],
)
def test_an_answer_is_typed_likewise(token: str, value: object) -> None:
    csms = opened(V16, validation="lenient")
    call = csms.send_call(v16.GetConfigurationRequest(), now=0.0)
    sent(csms)
    keys = f'[{{"key":"a","readonly":{token}}},{{"key":"b","readonly":true,"value":"c"}}]'
    message = f'[3,"{call.message_id}",{{"configurationKey":{keys}}}]'
    event = only(hear(csms, message).events)
    assert isinstance(event, CallResultReceived)
    assert event.payload == v16.GetConfigurationResponse(
        configuration_key=[
            v16.KeyValue(key="a", readonly=value),  # type: ignore[arg-type]
            v16.KeyValue(key="b", readonly=True, value="c"),
        ]
    )
    assert [fault.path for fault in event.violations] == ["$.configurationKey[0].readonly"]
    assert event.data == message.encode()
    assert event.raw == json.loads(message, parse_float=Decimal)[2]


@pytest.mark.parametrize("token", ["2", '"yes"', '""', "null", "{}", "[]", "0.5"])
def test_a_required_boolean_that_is_none_leaves_nothing_typed(token: str) -> None:
    csms = opened(V16, validation="lenient")
    call = csms.send_call(v16.GetConfigurationRequest(), now=0.0)
    sent(csms)
    message = f'[3,"{call.message_id}",{{"configurationKey":[{{"key":"a","readonly":{token}}}]}}]'
    event = only(hear(csms, message).events)
    # The list is optional, and cannot be read: it is taken as absent.
    assert event.payload == v16.GetConfigurationResponse()
    assert event.raw["configurationKey"][0]["key"] == "a"


@pytest.mark.parametrize("mode", [Validation.LENIENT, Validation.OFF])
@pytest.mark.parametrize(
    "broken", [{"status": None}, {"status": []}, {"status": {}}, {"connectorId": "x"}]
)
def test_without_a_required_member_it_is_a_json_object(
    mode: Validation, broken: dict[str, Any]
) -> None:
    payload = STATUS | broken
    event = only(
        hear(opened(V16, validation=mode), call_text("1", "StatusNotification", payload)).events
    )
    assert event.payload == event.raw == payload
    del payload["status"]
    event = only(
        hear(opened(V16, validation=mode), call_text("1", "StatusNotification", payload)).events
    )
    assert event.payload == event.raw == payload


@in_2x
def test_in_2x_numbers_in_texts_and_odd_date_times_are_typed_and_free_parts_stay(
    version: Version,
) -> None:
    custom = {"vendorId": "v", "price": 0.10}
    sample = '{"value":"1.50","customData":{"vendorId":"v","price":0.10}}'
    taken = f'{{"timestamp":"20260101T120000Z","sampledValue":[{sample}]}}'
    message = f'[2,"1","MeterValues",{{"evseId":"1","meterValue":{taken}}}]'
    event = only(hear(opened(version, validation="lenient"), message).events)
    request: Any = event.payload
    assert (request.evse_id, request.meter_value[0].timestamp) == (1, AT_NOON)
    value = request.meter_value[0].sampled_value[0]
    assert (str(value.value), value.custom_data["vendorId"]) == ("1.50", custom["vendorId"])
    assert str(value.custom_data["price"]) == "0.10"
    assert [(fault.path, fault.rule) for fault in event.violations] == [
        ("$.evseId", Rule.TYPE),
        ("$.meterValue", Rule.TYPE),
        ("$.meterValue.sampledValue[0].value", Rule.TYPE),
        ("$.meterValue.timestamp", Rule.FORMAT),
    ]


def test_a_send_is_typed_likewise() -> None:
    stream = {"id": "1", "pending": 0, "basetime": NOON, "data": [{"t": 0, "v": 1.50}]}
    text = json.dumps([6, "1", "NotifyPeriodicEventStream", stream])
    event = only(hear(opened(V21, validation="lenient"), text).events)
    assert isinstance(event, SendReceived)
    assert isinstance(event.payload, v21.NotifyPeriodicEventStream)
    assert (event.payload.id, event.payload.data[0].v) == (1, "1.5")
    assert event.raw == json.loads(text, parse_float=Decimal)[3]
    assert event.data == text.encode()


def test_what_came_can_be_read_where_a_text_in_it_is_no_json() -> None:
    message = b'[2,"1","DataTransfer",{"vendorId":"a\x01b","data":1.50}]'
    event = only(hear(opened(V16, validation="lenient"), message).events)
    assert event.payload == v16.DataTransferRequest(vendor_id="a\x01b", data="1.50")
    assert event.data == message
    assert event.raw == {"vendorId": "a\x01b", "data": Decimal("1.50")}


def test_f11_hertz_is_the_unit_of_frequency_in_strict() -> None:
    sample = {"value": "50.0", "measurand": "Frequency", "unit": "Hertz"}
    taken = [{"timestamp": NOON, "sampledValue": [sample]}]
    event = only(
        hear(
            opened(V16), call_text("1", "MeterValues", {"connectorId": 1, "meterValue": taken})
        ).events
    )
    assert event.payload.meter_value[0].sampled_value[0].unit is v16.UnitOfMeasure.HERTZ


# --- who takes no JSON objects ----------------------------------------------------------------------------


@in_every_version
@pytest.mark.parametrize("mode", list(Validation))
def test_who_takes_no_objects_is_spared_them_and_the_call_is_refused_as_strict_refuses_it(
    version: Version, mode: Validation
) -> None:
    asked: list[tuple[Version, str]] = []

    def takes_object(version: Version, action: str) -> bool:
        asked.append((version, action))
        return False

    message = call_text("1", "BootNotification", {"reason": "PowerUp"})
    csms = opened_by(version, Role.CSMS, mode, takes_object)
    events, frames = hear(csms, message)
    strict = hear(opened(version), message)
    assert frames == strict.frames
    assert isinstance(events[0], ProtocolViolated)
    assert isinstance(strict.events[0], ProtocolViolated)
    assert events[0].data == strict.events[0].data
    assert events[0].error.violations == strict.events[0].error.violations
    assert (events[0].error.code, len(events)) == (strict.events[0].error.code, 1)
    assert asked == ([] if mode is Validation.STRICT else [(version, "BootNotification")])


@in_every_version
@pytest.mark.parametrize("mode", [Validation.LENIENT, Validation.OFF])
def test_an_answer_to_a_typed_request_is_refused_where_none_can_be_made(
    version: Version, mode: Validation
) -> None:
    package: Any = {V16: v16, V201: v201, V21: v21}[version]
    for request, is_typed in ((package.HeartbeatRequest(), True), ("Heartbeat", False)):
        station = opened_by(version, Role.STATION, mode, lambda *_: False)
        call = station.send_call(request, now=0.0)
        sent(station)
        events, frames = hear(station, [3, call.message_id, {"now": NOON}])
        assert isinstance(only(events), CallResultRejected if is_typed else CallResultReceived)
        assert [frame[0] for frame in frames] == ([5] if is_typed and version is V21 else [])


def opened_by(version: Version, role: Role, mode: Validation, takes_object: Any) -> Connection:
    connection = Connection(role, config=Config(validation=mode))
    connection.takes_object = takes_object
    connection.connected(version, now=0.0)
    return connection


# --- what came --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "action", "payload", "got"),
    [
        (Role.CSMS, "Heartbeat", {"password": "hunter2"}, "(secret)"),
        (Role.CSMS, "Heartbeat", {"basic_auth-Password": "hunter2"}, "(secret)"),
        (Role.CSMS, "Heartbeat", {"Pass_Phrase": "hunter2"}, "(secret)"),
        (Role.CSMS, "Heartbeat", {"api-key": "hunter2"}, "(secret)"),
        (Role.CSMS, "Heartbeat", {"pin": "hunter2"}, "(secret)"),
        (Role.CSMS, "Heartbeat", {"pinned": "to the wall"}, "'to the wall'"),
        (
            Role.CSMS,
            "Authorize",
            {"idTag": "a card whose number is too long"},
            "'a card whose number is too long'",
        ),
        (Role.STATION, "ChangeConfiguration", {"key": "AuthorizationKey", "value": 5}, "(secret)"),
        (
            Role.STATION,
            "ChangeConfiguration",
            {"key": "authorization key", "value": "x" * 501},
            "(secret)",
        ),
        (Role.STATION, "ChangeConfiguration", {"key": "HeartbeatInterval", "value": 5}, "5"),
        (
            Role.STATION,
            "ChangeConfiguration",
            {"key": "AuthorizationKey" * 4, "value": "5"},
            "'AuthorizationKeyAuthorizationKeyAutho'…",
        ),
        (Role.STATION, "Reset", {"type": "ftp://user:pass@host"}, "(secret)"),
        (Role.STATION, "Reset", {"type": "So\u202eft\n"}, "'So\\u202eft\\n'"),
        (Role.STATION, "Reset", {"type": "x" * 100_000}, f"'{'x' * 37}'…"),
    ],
)
def test_a_violation_shows_what_came_but_no_secret(
    role: Role, action: str, payload: dict[str, Any], got: str
) -> None:
    report = only(hear(opened(V16, role), call_text("1", action, payload)).events)
    violation = report.error.violations[0]
    assert violation.got == got
    assert len(got) <= 40
    assert (
        str(violation)
        == f"{violation.path}: {got} instead of {violation.expected} ({violation.rule})"
    )
    assert "hunter2" not in str(report.error)


@in_2x
def test_the_value_of_a_secret_variable_is_not_shown(version: Version) -> None:
    data = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    payload = {"setVariableData": [data | {"attributeValue": 12345678}]}
    report = only(
        hear(opened(version, Role.STATION), call_text("1", "SetVariables", payload)).events
    )
    assert report.error.violations[0].got == "(secret)"
    assert "12345678" not in str(report.error)


def test_what_is_not_there_is_not_shown() -> None:
    report = only(hear(opened(V16), call_text("1", "Authorize", {})).events)
    assert report.error.violations[0].got == ""
    assert str(report.error) == "$.idTag: expected this member (required)"


def test_the_peer_is_told_what_is_expected_and_not_what_it_sent() -> None:
    frame = only(hear(opened(V16, Role.STATION), call_text("1", "Reset", {"type": "Cold"})).frames)
    assert frame[3] == "$.type: expected one of Hard, Soft (enum)"


# --- any single breakage, and back ------------------------------------------------------------------------

UNREADABLE = {Rule.REQUIRED, Rule.NUMBER_RANGE, Rule.DEPTH, Rule.PAYLOAD_NOT_OBJECT}


def requests() -> list[type[Payload]]:
    return [action.request for version in Version for action in catalog(version).values()]


@settings(max_examples=60)
@given(st.sampled_from(requests()), st.data())
def test_a_payload_broken_in_one_way_stays_typed_wherever_its_required_members_can_be_read(
    request: Any, data: st.DataObject
) -> None:
    good = minimal(request)
    misses = [miss for miss in every_near_miss(request) if isinstance(miss.payload, dict)]
    if not misses:
        return
    miss = data.draw(st.sampled_from(misses))
    role = Role.CSMS if request.direction in Role.CSMS.receives else Role.STATION
    connection = opened(request.version, role, validation="lenient")
    kind = 2 if request.kind == "CALL" else 6
    text = written([kind, "1", request.action, miss.payload])
    event = only(hear(connection, text).events)
    if miss.rule in {Rule.NUMBER_RANGE, Rule.DEPTH}:
        assert isinstance(event, ProtocolViolated | CallReceived)
        return
    violation = event.violations[0]
    assert (violation.path, violation.rule) == (miss.path, miss.rule)
    assert event.raw == miss.payload
    if isinstance(event.payload, dict):
        assert miss.rule in UNREADABLE | {Rule.NULL, Rule.TYPE, Rule.FORMAT}
        return
    assert type(event.payload) is request
    broken = miss.path.split(".")[1].partition("[")[0]
    rest = {name: value for name, value in miss.payload.items() if name != broken}
    again = to_object(event.payload)
    assert {name: again.get(name) for name in rest} == rest
    assert good is not event.payload


def written(value: Any) -> bytes:
    return write_json(value)
