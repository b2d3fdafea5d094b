"""`to_json` and `from_json`: what is written is read again as the same, and both check."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from core_pair import V16, V21, V201, in_every_version

from ocpp_sansio import (
    Call,
    CallError,
    CallResult,
    CallResultError,
    Config,
    ErrorCode,
    LocalProtocolError,
    Request,
    Role,
    Rule,
    Send,
    Validation,
    Version,
    from_json,
    to_json,
    v16,
    v21,
    v201,
)
from ocpp_sansio.core import catalog, to_object, write_request
from ocpp_sansio.testing import corners

MOMENT = datetime(2024, 5, 6, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))


@in_every_version
def test_every_message_comes_back_as_it_went(version: Version) -> None:
    for action in catalog(version).values():
        for kind in filter(None, (action.request, action.response)):
            for payload in list(corners(kind))[:3]:
                text = to_json(payload)
                assert from_json(type(payload), text) == from_json(type(payload), text.decode())
                again = from_json(kind, text)
                assert to_json(again) == text
                assert type(again) is kind


def test_a_data_type_has_exact_numbers_and_comes_back() -> None:
    period = v16.ChargingSchedulePeriod(start_period=0, limit=Decimal("16.1"))
    assert to_json(period) == b'{"startPeriod":0,"limit":16.1}'
    assert from_json(v16.ChargingSchedulePeriod, to_json(period)) == period
    reading = v201.SampledValueType(value=Decimal("0.10"))
    assert to_json(reading) == b'{"value":0.10}'
    values = v201.MeterValueType(timestamp=MOMENT, sampled_value=[reading])
    assert json.loads(to_json(values))["timestamp"] == "2024-05-06T12:00:00.123Z"
    back = from_json(v201.MeterValueType, to_json(values))
    assert back.timestamp == datetime(2024, 5, 6, 12, 0, 0, 123000, tzinfo=UTC)
    assert back.sampled_value == [reading]


def test_a_json_object_is_written_with_every_digit() -> None:
    assert (
        to_json({"a": Decimal("1.50"), "at": MOMENT})
        == b'{"a":1.50,"at":"2024-05-06T12:00:00.123Z"}'
    )


BAD_TEXTS: list[tuple[Any, Any, str]] = [
    (v16.ResetRequest, '{"type":"Medium"}', "$.type: expected one of Hard, Soft (enum)"),
    (v16.ResetRequest, "{}", "$.type: expected this member (required)"),
    (v16.ResetRequest, "[]", "$: expected a JSON object (payload_not_object)"),
    (
        v16.ResetRequest,
        b'{"type":}',
        "$: expected a value at byte 8 of the payload, not '}' (payload_not_object)",
    ),
    (
        v16.ChargingSchedulePeriod,
        bytearray(b'{"startPeriod":0,"limit":"16.1"}'),
        "$.limit: expected a number (type)",
    ),
    (V16, "[2,]", "$: expected a value at byte 3, not ']' after a comma (not_json)"),
    (V16, '[9,"1",{}]', "$[0]: expected a message type out of 2, 3, 4 (message_type)"),
    (V16, '[2,"1","Reset"]', "$: expected the elements of its message type (frame)"),
    (V16, '[2,1,"Reset",{}]', "$[1]: expected a message id, a string (unreadable_id)"),
    (V16, '[3,"1"]', "$: expected the elements of its message type (frame)"),
    (V16, '[4,"1"]', "$: expected the elements of its message type (frame)"),
    (V16, '[2,"1","Reset",{"type":1}]', "$.type: expected a string (type)"),
    (V16, '[2,"1","Nope",{}]', "$: expected an action of ocpp1.6 (unknown_action)"),
    (V16, '[3,"1",[]]', "$: expected a JSON object (payload_not_object)"),
    (
        V21,
        '[2,"1","NotifyPeriodicEventStream",{}]',
        "$: expected NotifyPeriodicEventStream as SEND (wrong_kind)",
    ),
]


@pytest.mark.parametrize(("kind", "data", "expected"), BAD_TEXTS, ids=range(len(BAD_TEXTS)))
def test_text_that_is_no_such_thing_is_refused_with_the_violations(
    kind: Any, data: Any, expected: str
) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        from_json(kind, data)
    assert [violation.demand for violation in caught.value.violations] == [expected]
    assert str(caught.value.violations[0]) in str(caught.value)


def test_what_is_invalid_is_not_written() -> None:
    period = v16.ChargingSchedulePeriod(start_period=0, limit=Decimal("16.15"))
    with pytest.raises(LocalProtocolError, match=r"^invalid ChargingSchedulePeriod: \$\.limit"):
        to_json(period)
    off = Config(validation=Validation.OFF)
    assert to_json(period, config=off) == b'{"startPeriod":0,"limit":16.15}'
    with pytest.raises(LocalProtocolError, match="not possible in JSON"):
        to_json({"a": float("nan")})
    with pytest.raises(LocalProtocolError, match=r"^not a payload, a dict or a message: 'text'$"):
        to_json("text")  # type: ignore[call-overload]


def test_the_config_says_how_strict() -> None:
    text = '{"idTag":"more than twenty characters"}'
    with pytest.raises(LocalProtocolError):
        from_json(v16.AuthorizeRequest, text)
    lenient = Config(validation={"Authorize": Validation.LENIENT})
    assert from_json(v16.AuthorizeRequest, text, config=lenient).id_tag.startswith("more")
    longer = Config(field_lengths={"AuthorizeRequest.idTag": 50})
    assert from_json(v16.AuthorizeRequest, text, config=longer).id_tag.startswith("more")
    with pytest.raises(LocalProtocolError) as caught:  # no class can be made of it
        from_json(v16.AuthorizeRequest, "{}", config=Config(validation=Validation.LENIENT))
    assert caught.value.violations[0].rule is Rule.REQUIRED
    frame = b'[2,"1","Authorize",{"idTag":"\xfc"}]'
    for config in (lenient, Config(validation=Validation.LENIENT)):
        message = from_json(V16, frame, config=config)
        assert isinstance(message, Call)
        assert message.payload == v16.AuthorizeRequest(id_tag="ü")
    with pytest.raises(LocalProtocolError):
        from_json(V16, frame)
    vendors = Config(vendor_actions={"Nope"})
    message = from_json(V16, '[2,"1","Nope",{"a":1}]', config=vendors)
    assert isinstance(message, Call)
    assert message.payload == {"a": 1}


STREAM = v21.NotifyPeriodicEventStream(
    id=1,
    pending=0,
    basetime=datetime(2024, 5, 6, tzinfo=UTC),
    data=[v21.StreamDataElementType(t=Decimal("0.5"), v="1")],
)
MESSAGES: list[tuple[Version, Any]] = [
    (V16, CallResult("1", v16.ResetResponse(status=v16.ResetStatus.ACCEPTED))),
    (V16, CallResult("1", {"any": [1]})),
    (V16, CallError("1", ErrorCode.FORMAT_VIOLATION, "d", {"a": 1})),
    (V201, CallError("1", ErrorCode.FORMAT_VIOLATION, "", {})),
    (V21, CallResultError("1", ErrorCode.GENERIC_ERROR, "", {})),
    (V21, Send("1", "NotifyPeriodicEventStream", STREAM)),
]


@pytest.mark.parametrize(("version", "message"), MESSAGES, ids=range(len(MESSAGES)))
def test_a_message_comes_back_as_it_went(version: Version, message: Any) -> None:
    action = getattr(getattr(message, "payload", None), "action", None)
    assert from_json(version, to_json(message, version), action=action) == message


def test_a_call_comes_back_with_its_payload_typed_in_either_direction() -> None:
    for request in (v16.ResetRequest(type=v16.ResetType.SOFT), v16.HeartbeatRequest()):
        for payload in (request, json.loads(to_json(request))):
            call = Call("7", request.action, payload)
            back = from_json(V16, to_json(call, V16))
            assert isinstance(back, Call)
            assert (back.message_id, back.action, back.payload) == ("7", request.action, request)
    vendor = Call("7", "VendorAction", {"a": 1})
    assert to_json(vendor, V16) == b'[2,"7","VendorAction",{"a":1}]'


def test_an_error_is_spelled_for_its_version() -> None:
    error = CallError("1", ErrorCode.FORMAT_VIOLATION, "", {})
    assert b"FormationViolation" in to_json(error, V16)
    assert b"FormatViolation" in to_json(error, V201)


BAD_MESSAGES: list[tuple[Any, Any, str]] = [
    (V16, Call("7", "Reset", {"type": 1}), r"^invalid ResetRequest: \$\.type"),
    (V16, Call("7", "Reset", v201.ClearCacheRequest()), "^invalid ResetRequest"),
    (V16, Call("", "Reset", {}), "^a message id has 1 to 36 characters"),
    (V16, Send("7", "Any", {}), r"^ocpp1\.6 has no Send$"),
    (V201, CallResultError("7", ErrorCode.GENERIC_ERROR, "", {}), "no CallResultError$"),
    (V21, Call("7", "NotifyPeriodicEventStream", {}), r"^invalid Call: .*as SEND"),
    (V16, CallError("7", "Nope", "", {}), "^an error code is an ErrorCode"),  # type: ignore[arg-type]
    (None, CallResult("7", {}), r"^CallResult needs a version"),
]


@pytest.mark.parametrize(("version", "message", "text"), BAD_MESSAGES, ids=range(len(BAD_MESSAGES)))
def test_a_message_that_could_not_be_sent_is_not_written(
    version: Any, message: Any, text: str
) -> None:
    with pytest.raises(LocalProtocolError, match=text):
        to_json(message, version)


def test_an_action_that_a_result_cannot_answer_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match=r"^ocpp1\.6 has no action 'Rest'$"):
        from_json(V16, '[3,"1",{}]', action="Rest")
    vendors = Config(vendor_actions={"Rest"})
    assert from_json(V16, '[3,"1",{}]', action="Rest", config=vendors) == CallResult("1", {})


@pytest.mark.parametrize("kind", [Request, dict, "Reset", None])
def test_what_is_no_class_of_a_version_is_refused(kind: Any) -> None:
    with pytest.raises(LocalProtocolError, match=r"^not a class of v16, v201 or v21"):
        from_json(kind, "{}")


def test_what_is_no_text_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="bytes or str"):
        from_json(v16.ResetRequest, None)  # type: ignore[call-overload]


def test_no_error_of_the_decoder_stands_in_front_of_ours() -> None:
    attempts: list[Any] = [
        lambda: from_json(v16.ResetRequest, "{]"),
        lambda: from_json(V16, "{]"),
        lambda: to_json(v16.ResetRequest(type=1)),  # type: ignore[arg-type]
        lambda: to_json({"a": object()}),
        lambda: to_json(CallError("1", ErrorCode.GENERIC_ERROR, "", {"a": object()}), V16),
    ]
    for attempt in attempts:
        with pytest.raises(LocalProtocolError) as caught:
            attempt()
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_message_with_flawed_bytes_is_read_in_lenient_alone() -> None:
    text = b'[2,"1","DataTransfer",{"vendorId":"caf\xe9"}]'
    with pytest.raises(LocalProtocolError, match="byte"):
        from_json(V16, text)
    call = from_json(V16, text, config=Config(validation=Validation.LENIENT))
    assert isinstance(call, Call)
    assert call.payload == v16.DataTransferRequest(vendor_id="caf\u00e9")
    controlled = b'[2,"1","DataTransfer",{"vendorId":"a\x01b"}]'
    call = from_json(V16, controlled, config=Config(validation=Validation.LENIENT))
    assert isinstance(call, Call)
    assert call.payload == v16.DataTransferRequest(vendor_id="a\x01b")


def test_a_request_is_written_as_it_would_be_sent_and_checked_like_that() -> None:
    typed = write_request(V16, Role.STATION, Config(), v16.HeartbeatRequest())
    assert (
        typed == write_request(V16, Role.STATION, Config(), "Heartbeat", {}) == ("Heartbeat", b"{}")
    )
    vendors = write_request(V16, Role.STATION, Config(vendor_actions={"X"}), "X", {"a": 1})
    assert vendors == ("X", b'{"a":1}')
    with pytest.raises(LocalProtocolError, match="not for a station to send"):
        write_request(V16, Role.STATION, Config(), "Reset", {"type": "Soft"})


def test_an_object_is_its_own_object() -> None:
    told = {"type": "Soft"}
    assert to_object(told) is told
    assert to_object(v16.ResetRequest(type=v16.ResetType.SOFT)) == told
