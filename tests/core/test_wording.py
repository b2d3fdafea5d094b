"""What reports and refusals say: people act on these texts, so each is told once here, word for word."""

from datetime import UTC, datetime
from typing import Any

import pytest
from core_pair import (
    V16,
    V21,
    V201,
    call_text,
    hear,
    in_flight,
    only,
    opened,
    own_call,
    received_call,
)

from ocpp_sansio import (
    CallResultReceived,
    Connection,
    ErrorCode,
    Event,
    LocalProtocolError,
    ProtocolViolated,
    Role,
    Version,
    v16,
    v201,
)

NOON = "2024-05-06T12:00:00Z"
CSMS, STATION = Role.CSMS, Role.STATION


def listed(event: Event) -> list[str]:
    """Return what a report demands, and assert that its own text is the first of it and what came."""
    assert isinstance(event, ProtocolViolated)
    violations = event.error.violations
    assert str(event.error) == str(violations[0])
    return [violation.demand for violation in violations]


def reports(version: Version, role: Role, message: Any, **settings: Any) -> list[str]:
    return listed(only(hear(opened(version, role, **settings), message).events))


# --- the frame, F-1 to F-12 ---------------------------------------------------------------------------

LONG_ID = "x" * 37
NAME = "a name in double quotes or '}'"
FRAMES = [
    (V16, "{", "$: expected a name in double quotes or '}' at byte 1, not the end (not_json)"),
    (V16, "[]", "$: expected a JSON array, not an empty one (not_json)"),
    (V201, [9, "7", {}], "$[0]: expected a message type out of 2, 3, 4 (message_type)"),
    (V21, [9, "7", {}], "$[0]: expected a message type out of 2, 3, 4, 5, 6 (message_type)"),
    (V201, [2, 7, "Heartbeat", {}], "$[1]: expected a message id, a string (unreadable_id)"),
    (V201, [2, LONG_ID, "Heartbeat", {}], "$[1]: expected at most 36 characters (id_too_long)"),
    (V201, [2, LONG_ID[1:], "Heartbeat"], "$: expected the elements of its message type (frame)"),
    (V201, [2, "7", "Heartbeat"], "$: expected the elements of its message type (frame)"),
    (V21, [6, "7", "Heartbeat"], "$: expected the elements of its message type (frame)"),
    (V201, [3, 7, {}], "$: expected the elements of its message type (frame)"),
    (V201, [4, 7, "InternalError"], "$: expected the elements of its message type (frame)"),
    (V201, [3, "7", {}], "$[1]: expected the id of a call that waits for it (stray_response)"),
    (V201, '[2,"7","Heartbeat",{]', f"$: expected {NAME} at byte 20, not ']' (not_json)"),
    (V201, '[4,7,"InternalError",{]', f"$: expected {NAME} at byte 22, not ']' (not_json)"),
    (
        V21,
        '[6,"7","NotifyPeriodicEventStream",{]',
        f"$: expected {NAME} at byte 36, not ']' (not_json)",
    ),
]


@pytest.mark.parametrize(("version", "message", "expected"), FRAMES)
def test_a_report_about_a_frame_says_what_would_be_right(
    version: Version, message: Any, expected: str
) -> None:
    assert reports(version, CSMS, message) == [expected]


def test_a_report_about_the_caps_on_calls_and_bytes_names_them() -> None:
    small = call_text("7", "DataTransfer", {"vendorId": "x" * 100})
    assert reports(V16, CSMS, small, max_message_size=100) == [
        "$: expected at most 100 bytes (message_size)"
    ]
    csms = opened(V16, max_unanswered_calls=2)
    received_call(csms, "1")
    overlap, _ = hear(csms, call_text("2", "Heartbeat")).events
    assert listed(overlap) == ["$: expected one unanswered call at a time (overlapping_call)"]
    duplicate = only(hear(csms, call_text("2", "Heartbeat")).events)
    assert listed(duplicate) == ["$[1]: expected an id that no unanswered call has (duplicate_id)"]
    third = only(hear(csms, call_text("3", "Heartbeat")).events)
    assert listed(third) == ["$: expected at most 2 unanswered calls (too_many_calls)"]


# --- the action and its payload ---------------------------------------------------------------------

METER = {"evseId": 1, "meterValue": [{"timestamp": NOON, "sampledValue": [{"value": 1}]}]}
PERIOD = {"startPeriod": 0, "limit": 1.0}
STATUS = {"evseId": 1, "connectorId": 1, "connectorStatus": "Occupied", "timestamp": NOON}
NEEDS = {"evMaxCurrent": 10, "evMaxVoltage": 400}


def composite(**period: Any) -> dict[str, Any]:
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [PERIOD | period]}
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": schedule,
    }
    return {"connectorId": 1, "csChargingProfiles": profile}


def charging_needs(**dc: Any) -> dict[str, Any]:
    needs = {"requestedEnergyTransfer": "DC", "dcChargingParameters": NEEDS | dc}
    return {"evseId": 1, "chargingNeeds": needs}


def get_profiles(*sources: str) -> dict[str, Any]:
    return {"requestId": 1, "chargingProfile": {"chargingLimitSource": list(sources)}}


PERIOD_PATH = "$.csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0]"
DC_PATH = "$.chargingNeeds.dcChargingParameters"
PAYLOADS: list[tuple[Version, Role, str, Any, str]] = [
    (V16, CSMS, "Nonsense", {}, "$: expected an action of ocpp1.6 (unknown_action)"),
    (
        V201,
        CSMS,
        "Reset",
        {},
        "$: expected an action that a csms receives (wrong_direction)",
    ),
    (
        V21,
        CSMS,
        "NotifyPeriodicEventStream",
        {},
        "$: expected NotifyPeriodicEventStream as SEND (wrong_kind)",
    ),
    (V201, CSMS, "Heartbeat", 5, "$: expected a JSON object (payload_not_object)"),
    (V201, CSMS, "BootNotification", None, "$: expected a JSON object (payload_not_object)"),
    (
        V201,
        CSMS,
        "BootNotification",
        {"reason": "PowerUp", "chargingStation": 5},
        "$.chargingStation: expected an object (type)",
    ),
    (
        V201,
        CSMS,
        "BootNotification",
        {"reason": "PowerUp"},
        "$.chargingStation: expected this member (required)",
    ),
    (V201, CSMS, "Heartbeat", {"x": 5}, "$.x: expected no such member (unknown_member)"),
    (
        V201,
        CSMS,
        "MeterValues",
        METER | {"meterValue": {}},
        "$.meterValue: expected an array (type)",
    ),
    (
        V201,
        STATION,
        "GetChargingProfiles",
        get_profiles(),
        "$.chargingProfile.chargingLimitSource: expected at least 1 items (min_items)",
    ),
    (
        V201,
        STATION,
        "GetChargingProfiles",
        get_profiles(*["EMS"] * 5),
        "$.chargingProfile.chargingLimitSource: expected at most 4 items (max_items)",
    ),
    (V16, CSMS, "Authorize", {"idTag": 5}, "$.idTag: expected a string (type)"),
    (
        V16,
        CSMS,
        "Authorize",
        {"idTag": "x" * 21},
        "$.idTag: expected at most 20 characters (max_length)",
    ),
    (V16, STATION, "Reset", {"type": 5}, "$.type: expected a string (type)"),
    (V16, STATION, "Reset", {"type": "Cold"}, "$.type: expected one of Hard, Soft (enum)"),
    (
        V16,
        STATION,
        "TriggerMessage",
        {"requestedMessage": "Banana"},
        (
            "$.requestedMessage: expected one of BootNotification, DiagnosticsStatusNotification, "
            "FirmwareStatusNotification, Heartbeat, MeterValues, StatusNotification (enum)"
        ),
    ),
    (
        V16,
        CSMS,
        "FirmwareStatusNotification",
        {"status": "Banana"},
        (
            "$.status: expected one of Downloaded, DownloadFailed, Downloading, Idle, "
            "InstallationFailed, Installing or 1 more (enum)"
        ),
    ),
    (
        V16,
        CSMS,
        "StatusNotification",
        {"connectorId": 1, "errorCode": "NoError", "status": "Banana"},
        (
            "$.status: expected one of Available, Preparing, Charging, SuspendedEVSE, SuspendedEV, "
            "Finishing or 3 more (enum)"
        ),
    ),
    (
        V201,
        CSMS,
        "StatusNotification",
        STATUS | {"evseId": "1"},
        "$.evseId: expected an integer (type)",
    ),
    (
        V201,
        CSMS,
        "StatusNotification",
        STATUS | {"timestamp": 5},
        "$.timestamp: expected a date-time in a string (type)",
    ),
    (
        V201,
        CSMS,
        "StatusNotification",
        STATUS | {"timestamp": "noon"},
        "$.timestamp: expected an RFC 3339 date-time (format)",
    ),
    (
        V201,
        CSMS,
        "StatusNotification",
        STATUS | {"timestamp": NOON[:-1]},
        "$.timestamp: expected a date-time with a UTC offset (format)",
    ),
    (
        V201,
        CSMS,
        "NotifyEVChargingNeeds",
        charging_needs(stateOfCharge=-1),
        f"{DC_PATH}.stateOfCharge: expected at least 0 (minimum)",
    ),
    (
        V201,
        CSMS,
        "NotifyEVChargingNeeds",
        charging_needs(stateOfCharge=101),
        f"{DC_PATH}.stateOfCharge: expected at most 100 (maximum)",
    ),
    (
        V201,
        STATION,
        "Reset",
        {"type": "Immediate", "customData": 5},
        "$.customData: expected an object (type)",
    ),
    (
        V16,
        STATION,
        "SetChargingProfile",
        composite(limit="1"),
        f"{PERIOD_PATH}.limit: expected a number (type)",
    ),
    (
        V16,
        STATION,
        "SetChargingProfile",
        composite(limit=0.15),
        f"{PERIOD_PATH}.limit: expected a multiple of 0.1 (multiple_of)",
    ),
    (
        V201,
        CSMS,
        "Heartbeat",
        {"customData": {}},
        "$.customData.vendorId: expected a vendorId (required)",
    ),
    (
        V201,
        CSMS,
        "Heartbeat",
        {"customData": {"vendorId": None}},
        "$.customData.vendorId: expected a string as vendorId (null)",
    ),
    (
        V201,
        CSMS,
        "Heartbeat",
        {"customData": {"vendorId": 5}},
        "$.customData.vendorId: expected a string as vendorId (type)",
    ),
    (
        V201,
        CSMS,
        "Heartbeat",
        {"customData": {"vendorId": "x" * 256}},
        "$.customData.vendorId: expected at most 255 characters in vendorId (max_length)",
    ),
]


@pytest.mark.parametrize(("version", "role", "action", "payload", "expected"), PAYLOADS)
def test_a_report_about_a_payload_says_where_and_what_would_be_right(
    version: Version, role: Role, action: str, payload: Any, expected: str
) -> None:
    assert reports(version, role, [2, "7", action, payload]) == [expected]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (
            '"value":1e400',
            "value: expected a number within the range of a double and of at most 400 digits (number_range)",
        ),
        (
            '"value":1,"customData":{"vendorId":"v","n":1e400}',
            (
                "customData: expected numbers within the range of a double and of at most 400 digits "
                "(number_range)"
            ),
        ),
    ],
)
def test_a_report_about_a_number_that_no_double_holds_says_so(members: str, expected: str) -> None:
    values = f'{{"timestamp":"{NOON}","sampledValue":[{{{members}}}]}}'
    message = f'[2,"7","MeterValues",{{"evseId":1,"meterValue":[{values}]}}]'
    assert reports(V201, CSMS, message) == [f"$.meterValue[0].sampledValue[0].{expected}"]


@pytest.mark.parametrize(("length", "shown"), [(40, "m" * 40), (41, "m" * 39 + "…")])
def test_a_report_repeats_up_to_40_characters_of_a_members_name(length: int, shown: str) -> None:
    message = call_text("7", "Heartbeat", {"m" * length: 1})
    assert reports(V16, CSMS, message) == [f"$.{shown}: expected no such member (unknown_member)"]


def test_a_report_escapes_what_cannot_be_printed_in_a_members_name() -> None:
    assert reports(V16, CSMS, call_text("7", "Heartbeat", {"a\n\u202eb": 1})) == [
        "$.a\\n\\u202eb: expected no such member (unknown_member)"
    ]


def test_a_report_about_depth_names_the_cap() -> None:
    deep = {"vendorId": "v", "data": [[[[]]]]}
    assert reports(V201, CSMS, call_text("7", "DataTransfer", deep), max_depth=2) == [
        "$.data: expected at most 2 levels of nesting (depth)"
    ]


def test_a_report_about_a_payload_that_is_not_utf_8_says_so() -> None:
    message = b'[2,"7","Heartbeat",{"a":"\xff"}]'
    assert reports(V201, CSMS, message) == [
        "$: expected UTF-8 at byte 6 of the payload, not b'\\xff' (payload_not_object)"
    ]


def test_null_for_an_empty_payload_is_served_and_the_empty_object_named_as_right() -> None:
    event = only(hear(opened(V16), '[2,"7","Heartbeat",null]').events)
    assert [str(violation) for violation in event.violations] == [
        "$: null instead of {} (null_payload)"
    ]


def test_a_boolean_that_is_none_is_reported_with_what_would_be_right() -> None:
    event = {
        "eventType": "Started",
        "timestamp": NOON,
        "triggerReason": "CablePluggedIn",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "t"},
        "offline": 1,
    }
    assert reports(V201, CSMS, call_text("7", "TransactionEvent", event)) == [
        "$.offline: expected a boolean (type)"
    ]


# --- what we are refused ourselves ------------------------------------------------------------------------


def refusal(connection: Connection, method: str, *arguments: Any, **options: Any) -> str:
    """Return the text with which an action is refused, and assert that nothing came of it."""
    with pytest.raises(LocalProtocolError) as caught:
        getattr(connection, method)(*arguments, now=1.0, **options)
    assert connection.frames_to_send() == []
    return str(caught.value)


@pytest.mark.parametrize(
    ("version", "role", "request_", "payload", "expected"),
    [
        (
            V201,
            STATION,
            v201.HeartbeatRequest(),
            {},
            "HeartbeatRequest is its own payload; give no other",
        ),
        (V201, STATION, "", None, "an action's name is printable text, not ''"),
        (V201, STATION, "a\n", None, "an action's name is printable text, not 'a\\n'"),
        (V201, STATION, 5, None, "a request is a typed one or an action's name, not int"),
        (
            V16,
            STATION,
            v201.NotifyReportRequest(
                request_id=1, generated_at=datetime(2024, 1, 1, tzinfo=UTC), seq_no=0
            ),
            None,
            "ocpp1.6 has no action NotifyReport",
        ),
        (
            V21,
            STATION,
            "NotifyPeriodicEventStream",
            {},
            "NotifyPeriodicEventStream is a SEND, not a CALL",
        ),
        (V201, STATION, "Reset", {}, "Reset is not for a station to send"),
        (
            V16,
            STATION,
            v201.HeartbeatRequest(),
            None,
            (
                "Heartbeat of ocpp1.6 is ocpp_sansio.v16.messages.HeartbeatRequest, "
                "not ocpp_sansio.v201.messages.HeartbeatRequest"
            ),
        ),
        (V201, STATION, "Heartbeat", 5, "a payload is a message or a dict, not int"),
        (
            V201,
            STATION,
            "Heartbeat",
            {"customData": {"vendorId": "v", "n": float("nan")}},
            "Heartbeat: not possible in JSON: JSON has no nan",
        ),
        (
            V16,
            STATION,
            "Authorize",
            {"idTag": "x" * 21, "y": 1},
            (
                "invalid AuthorizeRequest: $.idTag: 'xxxxxxxxxxxxxxxxxxxxx' instead of at most 20 "
                "characters (max_length); $.y: 1 instead of no such member (unknown_member)"
            ),
        ),
    ],
)
def test_a_call_of_ours_is_refused_with_the_reason(
    version: Version, role: Role, request_: Any, payload: Any, expected: str
) -> None:
    assert refusal(opened(version, role), "send_call", request_, payload) == expected


@pytest.mark.parametrize(
    ("message_id", "expected"),
    [
        ("", "a message id has 1 to 36 characters, not ''"),
        (LONG_ID, f"a message id has 1 to 36 characters, not {LONG_ID!r}"),
        (5, "a message id has 1 to 36 characters, not 5"),
        ("-1", '"-1" stands for an id that could not be read'),
        ("a\n", "a message id is printable text, not 'a\\n'"),
        ("taken", "the message id 'taken' is in use"),
    ],
)
def test_an_id_of_ours_is_refused_with_the_reason(message_id: Any, expected: str) -> None:
    station = opened(V201, STATION)
    in_flight(station, message_id="taken")
    assert refusal(station, "send_call", "Heartbeat", {}, message_id=message_id) == expected


def test_a_timeout_of_ours_is_refused_with_the_reason() -> None:
    station = opened(V201, STATION)
    said = refusal(station, "send_call", "Heartbeat", {}, timeout=0)
    assert said == "timeout must be above 0 seconds, not 0"


def test_a_full_queue_and_undrained_outputs_name_their_caps() -> None:
    station = opened(V201, STATION, max_queued_calls=1)
    in_flight(station)
    own_call(station)
    said = refusal(station, "send_call", "Heartbeat", {})
    assert said == "1 calls are queued already (Config.max_queued_calls)"
    station = opened(V201, STATION, max_undrained=1)
    station.received('[3,"stray",{}]', now=1.0)
    said = refusal(station, "send_call", "Heartbeat", {})
    assert (
        said == "1 events or frames wait: take events() and frames_to_send() (Config.max_undrained)"
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("InternalError",), "an error code is an ErrorCode, not 'InternalError'"),
        ((ErrorCode.INTERNAL_ERROR, 5), "a description is a string, not int"),
        ((ErrorCode.INTERNAL_ERROR, "", 5), "details are a dict, not int"),
        (
            (ErrorCode.INTERNAL_ERROR, "", {"n": float("inf")}),
            "not possible in JSON: JSON has no inf",
        ),
    ],
)
def test_an_error_of_ours_is_refused_with_the_reason(
    arguments: tuple[Any, ...], expected: str
) -> None:
    csms = opened(V201)
    call = received_call(csms)
    assert refusal(csms, "send_call_error", call, *arguments) == expected


def test_an_answer_of_ours_is_refused_with_the_reason() -> None:
    csms = opened(V16)
    call = received_call(csms)
    wrong = v16.ClearCacheResponse(status=v16.ClearCacheStatus.ACCEPTED)
    assert refusal(csms, "send_call_result", call, wrong) == (
        "Heartbeat is answered with HeartbeatResponse, not with ClearCacheResponse"
    )
    assert refusal(csms, "send_call_result", call, {"currentTime": float("nan")}) == (
        "Heartbeat: not possible in JSON: JSON has no nan"
    )
    csms.disconnected(now=1.0)
    csms.connected(V16, now=1.0)
    assert refusal(csms, "send_call_result", call, {}) == (
        "this Heartbeat call is not waiting for an answer: it was answered, or its "
        "connection is gone"
    )


def test_what_a_version_lacks_is_refused_with_the_reason() -> None:
    station = opened(V201, STATION)
    call = in_flight(station)
    result = only(hear(station, [3, call.message_id, {"currentTime": NOON}]).events)
    assert isinstance(result, CallResultReceived)
    assert refusal(station, "send_call_result_error", result, ErrorCode.GENERIC_ERROR) == (
        "ocpp2.0.1 has no CALLRESULTERROR"
    )
    said = refusal(station, "send_unconfirmed", "NotifyPeriodicEventStream", {})
    assert said == "ocpp2.0.1 has no SEND"


def test_a_result_refused_twice_is_refused_with_the_reason() -> None:
    station = opened(V21, STATION)
    call = in_flight(station)
    result = only(hear(station, [3, call.message_id, {"currentTime": NOON}]).events)
    station.send_call_result_error(result, ErrorCode.GENERIC_ERROR, now=1.0)
    station.frames_to_send()
    assert refusal(station, "send_call_result_error", result, ErrorCode.GENERIC_ERROR) == (
        "this result was refused already, or came too long ago"
    )


def test_a_call_is_no_send_and_the_reason_says_so() -> None:
    said = refusal(opened(V21, STATION), "send_unconfirmed", "Heartbeat", {})
    assert said == "Heartbeat is a CALL, not a SEND"


def test_a_send_of_ours_is_refused_with_the_reason() -> None:
    station = opened(V21, STATION)
    stream = {"id": 1, "pending": 0, "basetime": NOON, "data": []}
    assert refusal(station, "send_unconfirmed", "NotifyPeriodicEventStream", stream) == (
        "invalid NotifyPeriodicEventStream: $.data: [] instead of at least 1 items (min_items)"
    )
    number = stream | {"id": float("inf")}
    assert refusal(station, "send_unconfirmed", "NotifyPeriodicEventStream", number) == (
        "NotifyPeriodicEventStream: not possible in JSON: JSON has no inf"
    )


def test_a_label_that_is_no_version_is_refused_with_all_that_are() -> None:
    with pytest.raises(ValueError, match="version") as caught:
        Version.parse("ocpp1.5")
    assert str(caught.value) == (
        "not an OCPP version: 'ocpp1.5'; one of ocpp1.6, ocpp2.0.1, ocpp2.1, ocpp1.6j, "
        "ocpp2.0.1j, ocpp2.1j is"
    )


def test_a_message_that_is_neither_bytes_nor_text_is_refused_with_its_class() -> None:
    connection = opened(V16)
    message: Any = [2]
    with pytest.raises(TypeError) as caught:
        connection.received(message, now=1.0)
    assert str(caught.value) == "a message is bytes or str, not list"


def test_without_a_connection_nothing_is_sent_or_received_and_the_reason_says_which() -> None:
    station = opened(V21, STATION)
    call = in_flight(station)
    result = only(hear(station, [3, call.message_id, {"currentTime": NOON}]).events)
    received = received_call(station)
    station.disconnected(now=1.0)
    for method, *arguments in (
        ("send_call", "Heartbeat"),
        ("send_unconfirmed", "NotifyPeriodicEventStream", {}),
        ("send_call_result", received, {}),
        ("send_call_error", received, ErrorCode.GENERIC_ERROR),
        ("send_call_result_error", result, ErrorCode.GENERIC_ERROR),
    ):
        said = refusal(station, method, *arguments)
        assert said == "sending is not possible: not connected", method
    assert refusal(station, "received", "[]") == "received() is not possible: not connected"
