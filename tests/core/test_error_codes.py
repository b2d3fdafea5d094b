"""RULES §4: the codes, what each answers, and who is never answered: E-1 to E-12, §4.1 row by row."""

from collections.abc import Mapping
from typing import Any

import pytest
from core_pair import (
    ANSWER,
    CODES_2X,
    CODES_16,
    EMPTY_CALL,
    IN_2X,
    V16,
    V21,
    V201,
    answer_to,
    assert_refused,
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
    received_call,
    sent,
)

from ocpp_sansio import (
    DEFAULT_ERROR_CODES,
    CallErrorReceived,
    CallResultErrorReceived,
    CallResultReceived,
    CallResultRejected,
    Config,
    ErrorCode,
    LocalProtocolError,
    ProtocolViolated,
    Role,
    Rule,
    SendReceived,
    Version,
)

SPELLINGS = {
    # RULES §4, the first table: member → (1.6, 2.x); None: the version has no such code.
    ErrorCode.NOT_IMPLEMENTED: ("NotImplemented", "NotImplemented"),
    ErrorCode.NOT_SUPPORTED: ("NotSupported", "NotSupported"),
    ErrorCode.INTERNAL_ERROR: ("InternalError", "InternalError"),
    ErrorCode.PROTOCOL_ERROR: ("ProtocolError", "ProtocolError"),
    ErrorCode.SECURITY_ERROR: ("SecurityError", "SecurityError"),
    ErrorCode.FORMAT_VIOLATION: ("FormationViolation", "FormatViolation"),
    ErrorCode.PROPERTY_CONSTRAINT_VIOLATION: (
        "PropertyConstraintViolation",
        "PropertyConstraintViolation",
    ),
    ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION: (
        "OccurenceConstraintViolation",
        "OccurrenceConstraintViolation",
    ),
    ErrorCode.TYPE_CONSTRAINT_VIOLATION: ("TypeConstraintViolation", "TypeConstraintViolation"),
    ErrorCode.GENERIC_ERROR: ("GenericError", "GenericError"),
    ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED: (None, "MessageTypeNotSupported"),
    ErrorCode.RPC_FRAMEWORK_ERROR: (None, "RpcFrameworkError"),
}

NOON = "2024-05-06T12:00:00Z"

BOOT: Mapping[Version, dict[str, Any]] = {
    V16: {"chargePointVendor": "v", "chargePointModel": "m"},
    V201: {"reason": "PowerUp", "chargingStation": {"vendorName": "v", "model": "m"}},
    V21: {"reason": "PowerUp", "chargingStation": {"vendorName": "v", "model": "m"}},
}
RESERVE: Mapping[Version, dict[str, Any]] = {
    V16: {"connectorId": 1, "expiryDate": NOON, "idTag": "t", "reservationId": 1},
    V201: {"id": 1, "expiryDateTime": NOON, "idToken": {"idToken": "t", "type": "Central"}},
    V21: {"id": 1, "expiryDateTime": NOON, "idToken": {"idToken": "t", "type": "Central"}},
}
RESET: Mapping[Version, dict[str, Any]] = {
    V16: {"type": "Soft"},
    V201: {"type": "Immediate"},
    V21: {"type": "Immediate"},
}


# --- the table of §4.1, one test a row -----------------------------------------------------------------


@in_2x
@in_both_roles
@pytest.mark.parametrize("data", [b"nonsense", b"[2,", b"\xff", b"{}", b"5"])
def test_41_not_json_not_utf8_or_no_array_2x(version: Version, role: Role, data: bytes) -> None:
    assert_refused(opened(version, role), data, code="RpcFrameworkError", message_id="-1")


@in_both_roles
@pytest.mark.parametrize("data", [b"nonsense", b"[2,", b"\xff", b"{}", b"5"])
def test_41_not_json_not_utf8_or_no_array_16(role: Role, data: bytes) -> None:
    assert_unanswered(opened(V16, role), data, Rule.NOT_JSON)


@in_every_version
@in_both_roles
@pytest.mark.parametrize("frame", [[2], [2, 5], [2, None, "Heartbeat", {}], [2, ["7"], {}]])
def test_41_id_unreadable(version: Version, role: Role, frame: Any) -> None:
    if version is V16:
        assert_unanswered(opened(version, role), frame, Rule.UNREADABLE_ID)
    else:
        assert_refused(opened(version, role), frame, code="RpcFrameworkError", message_id="-1")


@in_every_version
@in_both_roles
def test_41_id_too_long(version: Version, role: Role) -> None:
    code = "FormationViolation" if version is V16 else "RpcFrameworkError"
    message = call_text("x" * 37, EMPTY_CALL[role])
    assert_refused(opened(version, role), message, code=code, message_id="x" * 37)


@in_every_version
@in_both_roles
@pytest.mark.parametrize("frame", [[2, "7"], [2, "7", "A"], [2, "7", 5, {}], [2, "7", "A", {}, 1]])
def test_41_wrong_element_count_or_action_no_string(
    version: Version, role: Role, frame: Any
) -> None:
    code = "FormationViolation" if version is V16 else "RpcFrameworkError"
    assert_refused(opened(version, role), frame, code=code, message_id="7")


@in_every_version
@in_both_roles
@pytest.mark.parametrize("payload", ["[]", '"{}"', "5", "true", "[{}]", "2.5"])
def test_41_payload_no_object(version: Version, role: Role, payload: str) -> None:
    code = "FormationViolation" if version is V16 else "FormatViolation"
    message = f'[2,"7","{EMPTY_CALL[role]}",{payload}]'
    report = assert_refused(opened(version, role), message, code=code, message_id="7")
    assert report.error.rule is Rule.PAYLOAD_NOT_OBJECT


@in_every_version
@in_both_roles
@pytest.mark.parametrize("action", ["NoSuchAction", "", "heartbeat", "HeartbeatRequest", "x" * 300])
def test_41_unknown_action(version: Version, role: Role, action: str) -> None:
    message = call_text("7", action)
    assert_refused(opened(version, role), message, code="NotImplemented", message_id="7")


@pytest.mark.parametrize(
    ("version", "action"),
    [
        (V16, "TransactionEvent"),
        (V16, "GetVariables"),
        (V201, "StartTransaction"),
        (V201, "NotifyWebPaymentStarted"),
        (V21, "RemoteStartTransaction"),
    ],
)
@in_both_roles
def test_41_an_action_of_another_version_is_unknown(
    version: Version, action: str, role: Role
) -> None:
    message = call_text("7", action)
    assert_refused(opened(version, role), message, code="NotImplemented", message_id="7")


@in_every_version
@in_both_roles
def test_41_wrong_direction(version: Version, role: Role) -> None:
    action = EMPTY_CALL[Role.STATION if role is Role.CSMS else Role.CSMS]
    message = call_text("7", action)
    assert_refused(opened(version, role), message, code="NotSupported", message_id="7")


@in_every_version
@in_both_roles
def test_41_no_handler_is_answered_by_the_application(version: Version, role: Role) -> None:
    connection = opened(version, role)
    connection.send_call_error(received_call(connection, "7"), ErrorCode.NOT_SUPPORTED, now=1.0)
    assert only(sent(connection))[:3] == [4, "7", "NotSupported"]


@in_every_version
@in_both_roles
def test_41_missing_required_member(version: Version, role: Role) -> None:
    action = "BootNotification" if role is Role.CSMS else "Reset"
    code = "ProtocolError" if version is V16 else "OccurrenceConstraintViolation"
    message = call_text("7", action)
    report = assert_refused(opened(version, role), message, code=code, message_id="7")
    assert {violation.rule for violation in report.error.violations} == {Rule.REQUIRED}


@in_every_version
@in_both_roles
@pytest.mark.parametrize("value", [5, True, ["Soft"], {"type": "Soft"}, 1.5])
def test_41_wrong_json_type(version: Version, role: Role, value: Any) -> None:
    if role is Role.CSMS:
        action, payload = "BootNotification", dict(BOOT[version])
        payload["reason" if version in IN_2X else "chargePointVendor"] = value
    else:
        action, payload = "Reset", {"type": value}
    message = call_text("7", action, payload)
    report = assert_refused(
        opened(version, role), message, code="TypeConstraintViolation", message_id="7"
    )
    assert report.error.rule is Rule.TYPE


@in_every_version
@in_both_roles
def test_41_bad_enum(version: Version, role: Role) -> None:
    payload: dict[str, Any]
    if role is Role.STATION:
        action, payload = "Reset", {"type": "Banana"}
    elif version is V16:
        action = "StatusNotification"
        payload = {"connectorId": 1, "errorCode": "Banana", "status": "Available"}
    else:
        action, payload = "BootNotification", BOOT[version] | {"reason": "Banana"}
    report = assert_refused(
        opened(version, role),
        call_text("7", action, payload),
        code="PropertyConstraintViolation",
        message_id="7",
    )
    assert only(report.error.violations).rule is Rule.ENUM


@in_2x
@pytest.mark.parametrize(("value", "rule"), [(-1, Rule.MINIMUM), (101, Rule.MAXIMUM)])
def test_41_out_of_range(version: Version, value: int, rule: Rule) -> None:
    dc = {"evMaxCurrent": 10, "evMaxVoltage": 400, "stateOfCharge": value}
    needs = {"requestedEnergyTransfer": "DC", "dcChargingParameters": dc}
    message = call_text("7", "NotifyEVChargingNeeds", {"evseId": 1, "chargingNeeds": needs})
    report = assert_refused(
        opened(version), message, code="PropertyConstraintViolation", message_id="7"
    )
    assert only(report.error.violations).rule is rule


@in_every_version
@in_both_roles
def test_41_bad_format(version: Version, role: Role) -> None:
    if role is Role.STATION:
        action, payload = "ReserveNow", dict(RESERVE[version])
        payload["expiryDate" if version is V16 else "expiryDateTime"] = "tomorrow"
    else:
        action = "StatusNotification"
        payload = {"timestamp": "tomorrow", "connectorId": 1}
        if version is V16:
            payload |= {"errorCode": "NoError", "status": "Available"}
        else:
            payload |= {"connectorStatus": "Occupied", "evseId": 1}
    report = assert_refused(
        opened(version, role),
        call_text("7", action, payload),
        code="PropertyConstraintViolation",
        message_id="7",
    )
    assert only(report.error.violations).rule is Rule.FORMAT


def test_41_multiple_of() -> None:
    period = {"startPeriod": 0, "limit": 0.05}
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [period]},
    }
    payload = {"connectorId": 1, "csChargingProfiles": profile}
    message = call_text("7", "SetChargingProfile", payload)
    report = assert_refused(
        opened(V16, Role.STATION), message, code="PropertyConstraintViolation", message_id="7"
    )
    assert only(report.error.violations).rule is Rule.MULTIPLE_OF


@in_every_version
@in_both_roles
def test_41_string_too_long(version: Version, role: Role) -> None:
    message = call_text("7", "DataTransfer", {"vendorId": "x" * 256})
    report = assert_refused(
        opened(version, role), message, code="PropertyConstraintViolation", message_id="7"
    )
    violation = only(report.error.violations)
    assert (violation.path, violation.rule) == ("$.vendorId", Rule.MAX_LENGTH)


@in_2x
@pytest.mark.parametrize(("count", "rule"), [(0, Rule.MIN_ITEMS), (5, Rule.MAX_ITEMS)])
def test_41_array_too_short_or_too_long_2x(version: Version, count: int, rule: Rule) -> None:
    payload = {"requestId": 1, "chargingProfile": {"chargingLimitSource": ["EMS"] * count}}
    message = call_text("7", "GetChargingProfiles", payload)
    report = assert_refused(
        opened(version, Role.STATION),
        message,
        code="OccurrenceConstraintViolation",
        message_id="7",
    )
    assert only(report.error.violations).rule is rule


def test_41_array_too_short_16_where_only_an_answer_can_have_one() -> None:
    csms = opened(V16)
    call = csms.send_call(
        "GetInstalledCertificateIds", {"certificateType": "CentralSystemRootCertificate"}, now=0.0
    )
    csms.frames_to_send()
    answer = {"status": "Accepted", "certificateHashData": []}
    events, frames = hear(csms, [3, call.message_id, answer])
    outcome = only(events)
    assert isinstance(outcome, CallResultRejected)
    assert only(outcome.violations).rule is Rule.MIN_ITEMS
    assert frames == []
    code = DEFAULT_ERROR_CODES[V16][Rule.MIN_ITEMS]
    assert code.as_wire(V16) == "OccurenceConstraintViolation"
    assert DEFAULT_ERROR_CODES[V16][Rule.MAX_ITEMS] is code


@in_every_version
@in_both_roles
def test_41_unknown_extra_member(version: Version, role: Role) -> None:
    code = "FormationViolation" if version is V16 else "ProtocolError"
    message = call_text("7", EMPTY_CALL[role], {"extra": 1})
    report = assert_refused(opened(version, role), message, code=code, message_id="7")
    assert only(report.error.violations).path == "$.extra"


def test_41_a_call_for_a_send_action() -> None:
    message = call_text("7", "NotifyPeriodicEventStream", {})
    report = assert_refused(opened(V21), message, code="NotSupported", message_id="7")
    assert report.error.rule is Rule.WRONG_KIND


@in_every_version
@in_both_roles
def test_41_duplicate_id_in_flight(version: Version, role: Role) -> None:
    connection = opened(version, role)
    received_call(connection, "7")
    frames = hear(connection, call_text("7", EMPTY_CALL[role])).frames
    code = "GenericError" if version is V16 else "RpcFrameworkError"
    assert only(frames)[:3] == [4, "7", code]


@in_every_version
@in_both_roles
def test_41_handler_crashed(version: Version, role: Role) -> None:
    connection = opened(version, role)
    connection.send_call_error(received_call(connection, "7"), ErrorCode.INTERNAL_ERROR, now=1.0)
    assert sent(connection) == [[4, "7", "InternalError", "", {}]]


@in_every_version
@in_both_roles
def test_41_before_boot_accepted(version: Version, role: Role) -> None:
    connection = opened(version, role)
    connection.send_call_error(
        received_call(connection, "7"), ErrorCode.SECURITY_ERROR, "boot first", now=1.0
    )
    assert sent(connection) == [[4, "7", "SecurityError", "boot first", {}]]


@in_every_version
@in_both_roles
def test_41_the_table_is_yours_to_override_by_version_and_rule(
    version: Version, role: Role
) -> None:
    rows = {
        Rule.UNKNOWN_MEMBER: ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
        Rule.UNKNOWN_ACTION: ErrorCode.NOT_SUPPORTED,
    }
    connection = opened(version, role, error_codes={version: rows})
    message = call_text("7", EMPTY_CALL[role], {"extra": 1})
    assert_refused(connection, message, code="PropertyConstraintViolation", message_id="7")
    assert_refused(connection, call_text("7", "No"), code="NotSupported", message_id="7")
    # The rows that were not named stay as they were.
    wrong = call_text("7", EMPTY_CALL[Role.STATION if role is Role.CSMS else Role.CSMS])
    assert_refused(connection, wrong, code="NotSupported", message_id="7")
    other = next(v for v in Version if v is not version)
    code = "FormationViolation" if other is V16 else "ProtocolError"
    unaffected = opened(other, role, error_codes={version: rows})
    assert_refused(unaffected, message, code=code, message_id="7")


def test_41_an_overridden_code_is_spelt_for_its_version() -> None:
    rows = {Rule.UNKNOWN_ACTION: ErrorCode.FORMAT_VIOLATION}
    for version, code in ((V16, "FormationViolation"), (V201, "FormatViolation")):
        connection = opened(version, error_codes={version: rows})
        assert_refused(connection, call_text("7", "No"), code=code, message_id="7")


@in_every_version
def test_41_every_rule_has_a_row_for_every_version(version: Version) -> None:
    assert set(DEFAULT_ERROR_CODES[version]) == set(Rule)
    for rule in Rule:
        assert Config().error_code(version, rule) is DEFAULT_ERROR_CODES[version][rule]


@in_every_version
def test_41_the_first_violation_decides_and_all_are_listed(version: Version) -> None:
    payload = {"vendorId": 5, "messageId": "x" * 51, "extra": 1}
    report = assert_refused(
        opened(version),
        call_text("7", "DataTransfer", payload),
        code="TypeConstraintViolation",
        message_id="7",
    )
    rules = [violation.rule for violation in report.error.violations]
    assert rules == [Rule.TYPE, Rule.MAX_LENGTH, Rule.UNKNOWN_MEMBER]
    assert report.error.code is ErrorCode.TYPE_CONSTRAINT_VIOLATION


# --- E-1 to E-5: codes and descriptions ------------------------------------------------------------------


def test_e1_16_has_10_codes_and_2x_has_12() -> None:
    assert {code.as_wire(V16) for code in ErrorCode} == CODES_16
    assert len(CODES_16) == 10
    for version in IN_2X:
        assert {code.as_wire(version) for code in ErrorCode} == CODES_2X
    assert len(CODES_2X) == len(ErrorCode) == 12


@in_every_version
@pytest.mark.parametrize("code", list(ErrorCode))
def test_e1_e2_every_code_leaves_as_its_version_spells_it(
    version: Version, code: ErrorCode
) -> None:
    in_16, in_2x_ = SPELLINGS[code]
    expected = (in_16 or "GenericError") if version is V16 else in_2x_
    assert code.as_wire(version) == expected
    connection = opened(version)
    connection.send_call_error(received_call(connection), code, now=1.0)
    assert only(sent(connection))[2] == expected


@pytest.mark.parametrize("code", list(ErrorCode))
def test_e4_a_call_result_error_has_the_same_table(code: ErrorCode) -> None:
    connection = opened(V21)
    call = in_flight(connection)
    result = only(hear(connection, [3, call.message_id, ANSWER[call.action]]).events)
    connection.send_call_result_error(result, code, now=1.0)
    assert only(sent(connection))[2] == SPELLINGS[code][1]
    event = only(hear(connection, [5, "7", SPELLINGS[code][1], "", {}]).events)
    assert isinstance(event, CallResultErrorReceived)
    assert event.code is code


def test_e2_the_misspellings_of_16_are_written_in_16_only() -> None:
    for wrong in ("FormationViolation", "OccurenceConstraintViolation"):
        assert wrong in CODES_16
        assert all(code.as_wire(version) != wrong for code in ErrorCode for version in IN_2X)


@in_every_version
@in_both_roles
@pytest.mark.parametrize(
    ("wire", "code"),
    [(text, code) for code, texts in SPELLINGS.items() for text in texts if text],
)
def test_e3_every_spelling_is_understood_in_every_version(
    version: Version, role: Role, wire: str, code: ErrorCode
) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    event = only(hear(connection, [4, call.message_id, wire, "", {}]).events)
    assert isinstance(event, CallErrorReceived)
    assert (event.call, event.code, event.raw_code) == (call, code, wire)


@in_every_version
@in_both_roles
@pytest.mark.parametrize("wire", ["Nonsense", "", "notsupported", "NotSupported ", "é", "x" * 999])
def test_e3_an_unknown_code_still_ends_its_call(version: Version, role: Role, wire: str) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    event = only(hear(connection, [4, call.message_id, wire, "", {}]).events)
    assert isinstance(event, CallErrorReceived)
    assert (event.call, event.code, event.raw_code) == (call, ErrorCode.GENERIC_ERROR, wire)


@in_every_version
@pytest.mark.parametrize("length", [0, 254, 255, 256, 10_000])
def test_e5_a_description_is_cut_at_255_characters(version: Version, length: int) -> None:
    connection = opened(version)
    call = received_call(connection)
    connection.send_call_error(call, ErrorCode.INTERNAL_ERROR, "é" * length, now=1.0)
    assert only(sent(connection))[3] == "é" * min(length, 255)


def test_e5_so_is_that_of_a_call_result_error() -> None:
    connection = opened(V21)
    call = in_flight(connection)
    result = only(hear(connection, [3, call.message_id, ANSWER[call.action]]).events)
    connection.send_call_result_error(result, ErrorCode.INTERNAL_ERROR, "x" * 256, now=1.0)
    assert only(sent(connection))[3] == "x" * 255


@in_every_version
def test_e5_a_longer_description_of_the_peer_is_delivered(version: Version) -> None:
    connection = opened(version)
    call = in_flight(connection)
    event = only(hear(connection, [4, call.message_id, "InternalError", "x" * 999, {}]).events)
    assert event.description == "x" * 999


@in_every_version
def test_e5_the_descriptions_that_the_core_writes_are_cut_too(version: Version) -> None:
    nested: Any = {"x" * 40: 1}
    names = {f"{'n' * 39}{number}": nested for number in range(50)}
    frames = hear(opened(version), call_text("7", "Heartbeat", names)).frames
    assert len(only(frames)[3]) <= 255


# --- E-6, E-7 ---------------------------------------------------------------------------------------------


@in_every_version
def test_e6_a_rejection_that_the_answer_can_express_is_a_result(version: Version) -> None:
    station = opened(version, Role.STATION)
    call = only(hear(station, call_text("7", "Reset", RESET[version])).events)
    station.send_call_result(call, {"status": "Rejected"}, now=1.0)
    assert sent(station) == [[3, "7", {"status": "Rejected"}]]

    csms = opened(version)
    call = csms.send_call("Reset", RESET[version], now=0.0)
    event = only(hear(csms, [3, call.message_id, {"status": "Rejected"}]).events)
    assert isinstance(event, CallResultReceived)


@in_every_version
@in_both_roles
def test_e7_a_call_that_cannot_be_processed_gets_exactly_one_error(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    call = received_call(connection, "7")
    connection.send_call_error(call, ErrorCode.INTERNAL_ERROR, now=1.0)
    assert [frame[:2] for frame in sent(connection)] == [[4, "7"]]
    with pytest.raises(LocalProtocolError):
        connection.send_call_error(call, ErrorCode.INTERNAL_ERROR, now=1.0)
    with pytest.raises(LocalProtocolError):
        connection.send_call_result(call, answer_to(call), now=1.0)
    assert sent(connection) == []


# --- E-8: who is never answered ---------------------------------------------------------------------------

INVALID_RESULTS: list[Any] = [{"nonsense": 1}, [], "text", 5, {"currentTime": 5}]


@before_21
@in_both_roles
@pytest.mark.parametrize("payload", INVALID_RESULTS)
def test_e8_a_result_is_never_answered_before_21(
    version: Version, role: Role, payload: Any
) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    events, frames = hear(connection, [3, call.message_id, payload])
    assert isinstance(only(events), CallResultRejected)
    assert frames == []
    events, frames = hear(connection, [3, call.message_id, payload])
    assert isinstance(only(events), ProtocolViolated)
    assert frames == []
    assert_serving(connection)


NEVER_ANSWERED = [
    [3, "nobody", {}],
    [3, "nobody"],
    [3, 5, {}],
    [3],
    [4, "nobody", "InternalError", "", {}],
    [4, "nobody"],
    [4, 5, "InternalError", "", {}],
    [4],
]


@in_every_version
@in_both_roles
@pytest.mark.parametrize("frame", NEVER_ANSWERED)
def test_e8_a_response_is_never_answered_however_bad_it_is(
    version: Version, role: Role, frame: Any
) -> None:
    connection = opened(version, role)
    events, frames = hear(connection, frame)
    assert events
    assert frames == []
    assert_serving(connection)


@in_both_roles
@pytest.mark.parametrize(
    "frame",
    [
        [5, "nobody", "InternalError", "", {}],
        [5, "nobody"],
        [5, 5, "InternalError", "", {}],
        [5],
        [6, "s", "NotifyPeriodicEventStream", {}],
        [6, "s", "Heartbeat", {}],
        [6, "s", "ClearCache", {}],
        [6, "s", "NoSuchAction", {}],
        [6, "s", "NotifyPeriodicEventStream", []],
        [6, "s"],
        [6, 5, "NotifyPeriodicEventStream", {}],
        [6],
    ],
)
def test_e8_neither_is_a_call_result_error_nor_a_send_in_21(role: Role, frame: Any) -> None:
    connection = opened(V21, role)
    events, frames = hear(connection, frame)
    assert events
    assert not any(isinstance(event, SendReceived) for event in events)
    assert frames == []
    assert_serving(connection)


# --- E-9 to E-12 --------------------------------------------------------------------------------------------


@in_every_version
@pytest.mark.parametrize("code", [ErrorCode.NOT_SUPPORTED, ErrorCode.NOT_IMPLEMENTED])
def test_e9_an_unsupported_block_is_refused_by_the_application_with_either_code(
    version: Version, code: ErrorCode
) -> None:
    station = opened(version, Role.STATION)
    call = only(hear(station, call_text("7", "ReserveNow", RESERVE[version])).events)
    station.send_call_error(call, code, now=1.0)
    assert only(sent(station))[2] == code.value


@in_every_version
def test_e9_clearing_no_cache_is_a_rejected_result(version: Version) -> None:
    station = opened(version, Role.STATION)
    call = received_call(station, "7")
    station.send_call_result(call, {"status": "Rejected"}, now=1.0)
    assert sent(station) == [[3, "7", {"status": "Rejected"}]]


@in_2x
def test_e10_too_many_items_may_be_refused_by_the_application(version: Version) -> None:
    station = opened(version, Role.STATION)
    item = {"component": {"name": "c"}, "variable": {"name": "v"}}
    message = call_text("7", "GetVariables", {"getVariableData": [item] * 100})
    call = only(hear(station, message).events)
    station.send_call_error(call, ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, now=1.0)
    assert only(sent(station))[2] == "OccurrenceConstraintViolation"


@in_every_version
@in_both_roles
def test_e10_too_many_bytes_are_refused_with_format_violation(version: Version, role: Role) -> None:
    connection = opened(version, role, max_message_size=2000)
    message = call_text("7", "DataTransfer", {"vendorId": "v", "data": "x" * 2000})
    code = "FormationViolation" if version is V16 else "FormatViolation"
    report = assert_refused(connection, message, code=code, message_id="7")
    assert report.error.rule is Rule.MESSAGE_SIZE


@in_2x
@in_both_roles
@pytest.mark.parametrize(
    "message",
    [
        '[2,"7","NoSuchAction",{}]',
        '[2,"7","DataTransfer",{"vendorId":]',
        '[2,"7","DataTransfer",{}]',
        '[2,"7","DataTransfer",{"vendorId":5}]',
        '[2,"7","DataTransfer",{"vendorId":"v","extra":5}]',
        '[2,"7","DataTransfer",5]',
    ],
)
def test_e11_an_invalid_call_is_answered_with_an_error_in_2x(
    version: Version, role: Role, message: str
) -> None:
    events, frames = hear(opened(version, role), message)
    assert only(frames)[:2] == [4, "7"]
    assert isinstance(only(events), ProtocolViolated)


@in_both_roles
@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({}, "OccurrenceConstraintViolation"),
        ([], "FormatViolation"),
        (None, "FormatViolation"),
        ({"extra": 1}, None),
    ],
)
def test_e12_an_invalid_answer_is_answered_with_a_call_result_error_in_21(
    role: Role, payload: Any, code: str | None
) -> None:
    connection = opened(V21, role)
    call = in_flight(connection)
    events, frames = hear(connection, [3, call.message_id, payload])
    outcome = only(events)
    assert isinstance(outcome, CallResultRejected)
    assert outcome.call is call
    frame = only(frames)
    assert frame[:2] == [5, call.message_id]
    assert code is None or frame[2] == code
    assert_serving(connection)


@in_both_roles
@pytest.mark.parametrize("tail", ["", ",{},{}]", ",{", ",NaN]"])
def test_e12_so_is_an_answer_that_is_no_frame_or_no_json(role: Role, tail: str) -> None:
    connection = opened(V21, role)
    call = in_flight(connection)
    message = f'[3,"{call.message_id}"{tail or "]"}'
    events, frames = hear(connection, message)
    assert isinstance(only(events), CallResultRejected)
    assert only(frames)[:2] == [5, call.message_id]
    assert_serving(connection)


def test_e12_the_code_of_a_call_result_error_is_overridable_as_any_other() -> None:
    rows = {Rule.REQUIRED: ErrorCode.INTERNAL_ERROR}
    connection = opened(V21, error_codes={V21: rows})
    call = in_flight(connection)
    frames = hear(connection, [3, call.message_id, {}]).frames
    assert only(frames)[2] == "InternalError"
