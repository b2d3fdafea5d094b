"""What is not JSON is told with where it breaks and on what; two flaws are delivered in lenient."""

from typing import Any

import pytest
from core_pair import V16, V21, V201, hear, in_flight, only, opened

from ocpp_sansio import (
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    Config,
    ErrorCode,
    ProtocolViolated,
    Role,
    Rule,
    Validation,
    v16,
)

BOOT = '[2,"1","BootNotification",{"chargePointVendor":"%s","chargePointModel":"m"}]'

FAULTS = [
    # what six vendors send
    (b'[2,"1","A",{"a":"x",}]', "a name in double quotes at byte 20, not '}' after a comma"),
    (b'[2,"1","A",{"a":[1,]}]', "a value at byte 19, not ']' after a comma"),
    (b'[2,"1","A",{"a":[,{"b":1}]}]', "a value or ']' at byte 17, not ','"),
    (b'[2,"1","A",{"a":,"b":1}]', "a value at byte 16, not ','"),
    (b'[2,"1","A",{"a":"x\x01y"}]', "an escaped character at byte 18, not a raw '\\x01'"),
    (b'[2,"1","A",{"a":"x\ty"}]', "an escaped character at byte 18, not a raw '\\t'"),
    (b'[2,"1","A",{"a":"x\x00"}]', "an escaped character at byte 18, not a raw '\\x00'"),
    (b'[2,"1","A",{"a":"x\ny"}]', "an escaped character at byte 18, not a raw '\\n'"),
    (b'[2,"1","A\xfc",{}]', "UTF-8 at byte 9, not b'\\xfc'"),
    (b'[2,"1","A","\xc3', "UTF-8 at byte 12, not b'\\xc3'"),
    (b'[2,"1","A",{}]\x00', "the end at byte 14, not '\\x00'"),
    (b'[2,"1","A",{}][', "the end at byte 14, not '['"),
    (b'\xef\xbb\xbf[2,"1","A",{}]', "a value at byte 0, not a byte order mark"),
    (b"[2,'1','A',{}]", "a value at byte 3, not a single quote"),
    (b"{'a':1}", "a name in double quotes or '}' at byte 1, not a single quote"),
    (b'[2,"1","A",{"a":NaN}]', "a value at byte 16, not 'NaN', which JSON does not have"),
    (b"[-Infinity]", "a value or ']' at byte 1, not '-Infinity', which JSON does not have"),
    (b'[2,"1","A",{"a":1', "',' or '}' at byte 17, not the end"),
    (b'[2,"1","A', "a closing quote at byte 9, not the end"),
    (b'[2,"1",', "a value at byte 7, not the end"),
    (b"", "a JSON array, not an empty message"),
    (b" \n ", "a JSON array, not an empty message"),
    # others of the kind
    (b"[1,,2]", "a value at byte 3, not ','"),
    (b'[2,"1" "A"]', "',' or ']' at byte 7, not '\"'"),
    (b'[2,"1"}', "',' or ']' at byte 6, not '}'"),
    (b'[{"a" 1}]', "':' at byte 6, not '1'"),
    (b'[{"a":1 2}]', "',' or '}' at byte 8, not '2'"),
    (b"[{a:1}]", "a name in double quotes or '}' at byte 2, not 'a'"),
    (b"[{,}]", "a name in double quotes or '}' at byte 2, not ','"),
    (b'[{"a":1,2}]', "a name in double quotes at byte 8, not '2'"),
    (b'[{"a":}]', "a value at byte 6, not '}'"),
    (b"[True]", "a value or ']' at byte 1, not 'True'"),
    (b"[1,-]", "a value at byte 3, not '-'"),
    (b"[01]", "a number that JSON has at byte 1, not '01'"),
    (b"[-.5]", "a value or ']' at byte 1, not '-.5'"),
    (b"[.5]", "a number that JSON has at byte 1, not '.5'"),
    (b"[1e]", "a number that JSON has at byte 1, not '1e'"),
    (b'["\\x41"]', "an escape that JSON has at byte 2, not '\\\\x'"),
    (b'["\\u12"]', "an escape that JSON has at byte 2, not '\\\\u12\"]'"),
    (b'["\\ud83d\\ude00", "\\ud83d"]', "a whole surrogate pair at byte 18, not '\\\\ud83d'"),
    (b"[\xa01]", "a value or ']' at byte 1, not b'\\xa0'"),
    (b"[\xc3\xbc]", "a value or ']' at byte 1, not 'ü'"),
    ("[\u202e]".encode(), "a value or ']' at byte 1, not '\\u202e'"),
    (b"[secret-of-twenty-letters]", "a value or ']' at byte 1, not 'secret-of-twe'…"),
    (b'[2,\r\n "\xc3\xbc", oops]', "a value at line 2, column 7, not 'oops'"),
    (b"[" * 100_000, "JSON with less nesting"),
    (b"[1" + b",1" * 5000 + b",]", "JSON beyond byte 4096, too"),
    # JSON, and no array with a message in it
    (b"{}", "a JSON array, not an object"),
    (b"[]", "a JSON array, not an empty one"),
    (b'"x"', "a JSON array, not a string"),
    (b"true", "a JSON array, not a boolean"),
    (b" null", "a JSON array, not null"),
    (b"-1.5e3", "a JSON array, not a number"),
]


@pytest.mark.parametrize("mode", [Validation.STRICT, Validation.LENIENT])
@pytest.mark.parametrize(("data", "expected"), FAULTS, ids=range(len(FAULTS)))
def test_what_is_not_json_is_told_with_the_place_and_what_stands_there(
    data: bytes, expected: str, mode: Validation
) -> None:
    report = only(hear(opened(V21, validation=mode), data).events)
    if isinstance(report, CallReceived):
        assert mode is Validation.LENIENT
        assert " a raw " in expected  # see below
        return
    assert isinstance(report, ProtocolViolated)
    assert str(report.error) == f"$: expected {expected} (not_json)"
    assert str(report.error).isprintable()


def test_a_byte_of_a_payload_that_is_no_utf_8_is_told_with_its_place_in_the_payload() -> None:
    data = (BOOT % "M\u00fcller").encode("latin-1")
    report = only(hear(opened(V16), data).events)
    assert isinstance(report, ProtocolViolated)
    expected = "$: expected UTF-8 at byte 23 of the payload, not b'\\xfc' (payload_not_object)"
    assert str(report.error) == expected


# --- what lenient delivers ------------------------------------------------------------------------

FLAWED = [
    ("Müller".encode("latin-1"), "Müller", "UTF-8 at byte 23 of the payload, not b'\\xfc'"),
    (b"a\tb", "a\tb", "an escaped character at byte 23 of the payload, not a raw '\\t'"),
    (b"a\x00", "a\x00", "an escaped character at byte 23 of the payload, not a raw '\\x00'"),
]


@pytest.mark.parametrize(("vendor", "read", "expected"), FLAWED)
@pytest.mark.parametrize("by_action", [False, True])
def test_lenient_delivers_control_characters_and_latin_1_typed_with_a_violation(
    vendor: bytes, read: str, expected: str, *, by_action: bool
) -> None:
    mode = {"BootNotification": Validation.LENIENT} if by_action else Validation.LENIENT
    data = BOOT.encode().replace(b"%s", vendor)
    event = only(hear(opened(V16, validation=mode), data).events)
    assert isinstance(event, CallReceived)
    assert event.payload == v16.BootNotificationRequest(
        charge_point_vendor=read, charge_point_model="m"
    )
    violation = only(event.violations)
    assert (violation.path, violation.rule, violation.expected) == ("$", Rule.NOT_JSON, expected)


@pytest.mark.parametrize("vendor", [row[0] for row in FLAWED])
@pytest.mark.parametrize("mode", [Validation.STRICT, {"Heartbeat": Validation.LENIENT}])
def test_strict_refuses_them(vendor: bytes, mode: Any) -> None:
    data = BOOT.encode().replace(b"%s", vendor)
    outcome = hear(opened(V16, validation=mode), data)
    assert isinstance(only(outcome.events), ProtocolViolated)
    assert only(outcome.frames)[0] == 4


def test_off_delivers_them_without_a_word() -> None:
    data = BOOT.encode().replace(b"%s", b"a\x01\xfc")
    event = only(hear(opened(V16, validation=Validation.OFF), data).events)
    assert isinstance(event, CallReceived)
    assert event.violations == ()
    assert isinstance(event.payload, v16.BootNotificationRequest)


def test_each_flaw_is_a_violation_and_those_of_the_message_follow() -> None:
    data = b'[2,"1","Heartbeat",{"a\x01":"\xfc\xc3\xbc\xe4"}]'
    event = only(hear(opened(V16, validation=Validation.LENIENT), data).events)
    assert isinstance(event, CallReceived)
    assert [violation.demand for violation in event.violations] == [
        "$: expected an escaped character at byte 3 of the payload, not a raw '\\x01' (not_json)",
        "$: expected UTF-8 at byte 7 of the payload, not b'\\xfc' (not_json)",
        "$: expected UTF-8 at byte 10 of the payload, not b'\\xe4' (not_json)",
        "$.a\\x01: expected no such member (unknown_member)",
    ]


def test_different_bytes_stay_different() -> None:
    tags = set()
    for byte in range(0x80, 0x100):
        data = b'[2,"1","Authorize",{"idTag":"%b"}]' % bytes([byte])
        event = only(hear(opened(V16, validation=Validation.LENIENT), data).events)
        assert isinstance(event, CallReceived)
        assert isinstance(event.payload, v16.AuthorizeRequest)
        tags.add(event.payload.id_tag)
    assert len(tags) == 128


@pytest.mark.parametrize(
    "data",
    [
        b'[2,"1\x01","Heartbeat",{"a":"\x01"}]',  # its id could not be echoed
        b'[2,"1","Heart\xfcbeat",{}]',
        b'[2,"1","Heartbeat",{"a":"\x01",}]',
        b'[2,"1","Heartbeat",{"a":"\x01"},"more"]',
        b'[2,"1","Heartbeat",{"a":"\x01"}',
        b'[2,"1",{"a":"\x01"}]',
        b'[2,"1234567890123456789012345678901234567","Heartbeat",{"a":"\x01"}]',
        b'[7,"1","Heartbeat",{"a":"\x01"}]',
        b'[2,"1","Heartbeat",' + b'"\x01"' * 300 + b"]",
    ],
)
def test_other_flaws_beside_are_not_lenients_to_forgive(data: bytes) -> None:
    csms = opened(V201, validation=Validation.LENIENT)
    assert isinstance(only(hear(csms, data).events), ProtocolViolated)


def test_more_flawed_strings_than_are_mended_are_refused() -> None:
    def delivered(count: int) -> bool:
        strings = b",".join([b'"\x01"'] * count)
        data = b'[2,"1","DataTransfer",{"vendorId":"v","data":[' + strings + b"]}]"
        (event,) = hear(opened(V201, validation=Validation.LENIENT), data).events
        if isinstance(event, CallReceived):
            assert len(event.violations) == 16
        return isinstance(event, CallReceived)

    assert delivered(256)
    assert not delivered(257)


def test_an_answer_with_such_a_flaw_ends_its_call_as_its_mode_says() -> None:
    answer = '[3,"%s",{"configurationKey":[{"key":"k","readonly":true,"value":"\x01"}]}]'
    for mode, outcome in (
        (Validation.STRICT, CallResultRejected),
        (Validation.LENIENT, CallResultReceived),
        ({"GetConfiguration": Validation.LENIENT}, CallResultReceived),
        ({"Reset": Validation.LENIENT}, CallResultRejected),
    ):
        csms = opened(V16, validation=mode)
        call = csms.send_call(v16.GetConfigurationRequest(), now=0.0)
        event = only(hear(csms, answer % call.message_id).events)
        assert isinstance(event, outcome)
        assert len(event.violations) == 1
        stray = only(hear(csms, answer % call.message_id).events)
        assert isinstance(stray, ProtocolViolated)
        assert stray.error.rule is Rule.STRAY_RESPONSE


def test_a_callerror_with_such_a_flaw_keeps_its_code() -> None:
    csms = opened(V16)
    call = in_flight(csms)
    data = f'[4,"{call.message_id}","NotSupported","n\u00f6",{{"a":1}}]'.encode("latin-1")
    report, event = hear(csms, data).events
    assert isinstance(report, ProtocolViolated)
    assert isinstance(event, CallErrorReceived)
    assert (event.code, event.description) == (ErrorCode.NOT_SUPPORTED, "nö")
    assert event.details == {"a": 1}


def test_a_send_with_such_a_flaw_is_delivered_too() -> None:
    stream = '{"id":1,"pending":0,"basetime":"2024-05-06T12:00:00Z","data":[{"t":0.5,"v":"\x01"}]}'
    data = f'[6,"s","NotifyPeriodicEventStream",{stream}]'
    event: Any = only(hear(opened(V21, validation=Validation.LENIENT), data).events)
    assert event.payload.data[0].v == "\x01"
    assert len(event.violations) == 1


def test_a_text_with_a_lone_surrogate_is_bytes_that_are_no_utf_8() -> None:
    event: Any = only(hear(opened(V16, validation=Validation.LENIENT), BOOT % "\ud800").events)
    assert event.payload.charge_point_vendor == "\u00ed\u00a0\u0080"
    assert len(event.violations) == 3


def test_the_role_and_the_version_make_no_difference_to_a_fault() -> None:
    for version in (V16, V201, V21):
        for role in Role:
            report: Any = only(hear(opened(version, role), "[2,]").events)
            assert report.error.violations[0].expected == "a value at byte 3, not ']' after a comma"
    assert Config().validation is Validation.STRICT
