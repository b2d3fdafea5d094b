"""A number can have any exponent and any count of digits: it is refused where it stands, nothing raises."""

import decimal
from collections.abc import Iterator
from decimal import Context, Decimal
from time import process_time
from typing import Any

import pytest
from core_pair import V16, V21, V201, assert_serving, hear, in_every_version, only, opened

from ocpp_sansio import (
    CallErrorReceived,
    CallReceived,
    Connection,
    ProtocolViolated,
    Role,
    Rule,
    Validation,
    Version,
)

BEYOND = [
    "1e1000000000000000000",
    "-1e1000000000000000000",
    "1e-9999999999999999999",
    "-1E+99999999999999999999999999",
    "1e400",
    "1e-400",
    "9e308",
    "1" + "0" * 309,
    "-" + "9" * 4300,
    "9" * 4301,
    "9" * 100_000,
    "0." + "3" * 401,
    "0." + "3" * 100_000,
    "1." + "0" * 1000,
    "9" * 5000 + ".5",
]
"""Numbers that no double can hold, or whose digits have no bound."""

ZEROS = ["0e1000000000000000000", "-0e-1000000000000000000", "0." + "0" * 1000, "0e400", "-0.0"]


def short(token: str) -> str:
    return token if len(token) < 40 else f"{token[:5]}({len(token)})"


in_every_mode = pytest.mark.parametrize("mode", Validation)
beyond = pytest.mark.parametrize("token", BEYOND, ids=short)

STRICT_CONTEXT = Context(prec=1, Emin=0, Emax=0, traps=[*decimal.DefaultContext.flags])
CONTEXTS = {
    "default": decimal.DefaultContext,
    "basic": decimal.BasicContext,
    "extended, which traps nothing": decimal.ExtendedContext,
    "one digit": Context(prec=1, Emin=-1, Emax=1, traps=[]),
    "all trapped": Context(traps=[*decimal.DefaultContext.flags]),
    "one digit, no exponent, all trapped": STRICT_CONTEXT,
    "lower case, clamped": Context(capitals=0, clamp=1, Emax=99, Emin=-99, prec=2, traps=[]),
}


@pytest.fixture(params=CONTEXTS)
def any_context(request: pytest.FixtureRequest) -> Iterator[None]:
    with decimal.localcontext(CONTEXTS[request.param]):
        yield


def places(version: Version) -> dict[str, tuple[Role, str, str, str]]:
    """Return calls with "@" for a number: who hears them, the action, the payload, the path of the number."""
    custom = '"customData":{"vendorId":"v","n":[@]}'
    found = {
        "an unknown member": (Role.CSMS, "Heartbeat", '{"x":@}', "$.x"),
        "deep in an unknown member": (Role.CSMS, "Heartbeat", '{"x":{"y":[@]}}', "$.x"),
        "a string": (Role.CSMS, "DataTransfer", '{"vendorId":@}', "$.vendorId"),
        "in an object for a string": (
            Role.CSMS,
            "DataTransfer",
            '{"vendorId":{"a":@}}',
            "$.vendorId",
        ),
    }
    if version is V16:
        return found | {
            "an integer": (
                Role.STATION,
                "CancelReservation",
                '{"reservationId":@}',
                "$.reservationId",
            ),
            "a boolean": (
                Role.STATION,
                "ChangeAvailability",
                '{"connectorId":1,"type":@}',
                "$.type",
            ),
            "a date-time": (Role.CSMS, "MeterValues", METER_16, "$.meterValue[0].timestamp"),
            "a number": (Role.STATION, "SetChargingProfile", PROFILE, f"{PERIOD}.limit"),
        }
    return found | {
        "an integer": (Role.STATION, "CancelReservation", '{"reservationId":@}', "$.reservationId"),
        "a bounded integer": (Role.STATION, "GetBaseReport", '{"requestId":@}', "$.reportBase"),
        "a number": (Role.CSMS, "MeterValues", METER_2X, "$.meterValue[0].sampledValue[0].value"),
        "free JSON": (Role.CSMS, "DataTransfer", '{"vendorId":"v","data":[{"a":@}]}', "$.data"),
        "custom data": (Role.CSMS, "Heartbeat", f"{{{custom}}}", "$.customData"),
        "a list": (Role.CSMS, "MeterValues", '{"evseId":1,"meterValue":@}', "$.meterValue"),
    }


NOON = "2024-05-06T12:00:00Z"
METER_16 = '{"connectorId":1,"meterValue":[{"timestamp":@,"sampledValue":[{"value":"1"}]}]}'
METER_2X = f'{{"evseId":1,"meterValue":[{{"timestamp":"{NOON}","sampledValue":[{{"value":@}}]}}]}}'
PERIOD = "$.csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0]"
PROFILE = (
    '{"connectorId":1,"csChargingProfiles":{"chargingProfileId":1,"stackLevel":0,'
    '"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Absolute","chargingSchedule":{'
    '"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":@}]}}}'
)


def report_of(connection: Connection, message: str | bytes) -> ProtocolViolated:
    event = only(hear(connection, message).events)
    assert isinstance(event, ProtocolViolated)
    return event


@beyond
@in_every_mode
@in_every_version
def test_a_number_beyond_a_double_is_refused_where_it_stands(
    version: Version, mode: Validation, token: str
) -> None:
    for place, (role, action, payload, path) in places(version).items():
        connection = opened(version, role, validation=mode)
        message = f'[2,"1","{action}",{payload.replace("@", token)}]'
        connection.received(message, now=1.0)
        event = only(connection.events())
        assert isinstance(event, ProtocolViolated), place
        found = {(violation.path, violation.rule) for violation in event.error.violations}
        if place == "a bounded integer":
            assert Rule.NUMBER_RANGE in {rule for _, rule in found}
        else:
            assert (path, Rule.NUMBER_RANGE) in found, place
        assert b'[4,"1","' in only(connection.frames_to_send()).data
        assert_serving(connection)


@beyond
@in_every_version
def test_of_a_frame_only_the_number_is_unreadable(version: Version, token: str) -> None:
    """So what stands around it is answered, or not, as with any other wrong element (E-8, F-9, I-5)."""
    messages = {
        f'[{token},"1","Heartbeat",{{}}]': Rule.MESSAGE_TYPE,
        f'[2,{token},"Heartbeat",{{}}]': Rule.UNREADABLE_ID,
        f'[2,"1",{token},{{}}]': Rule.FRAME,
        f'[3,0,{{"x":{token}}}]': Rule.FRAME,
        f'[3,"1",{{"x":{token}}}]': Rule.STRAY_RESPONSE,
        f'[4,"1","InternalError",{token},{{}}]': Rule.FRAME,
        f'[99,"1",{{"x":{token}}}]': Rule.MESSAGE_TYPE,
        token: Rule.NOT_JSON,
        f'{{"a":{token}}}': Rule.NOT_JSON,
    }
    for message, rule in messages.items():
        connection = opened(version)
        connection.received(message, now=1.0)
        first = connection.events()[0]
        assert isinstance(first, ProtocolViolated)
        assert first.error.rule is rule, message[:60]
        answered = [frame.data[:6] for frame in connection.frames_to_send()]
        if rule is Rule.STRAY_RESPONSE or message.startswith(("[3", "[4")):
            assert answered == []  # a response is never answered (E-8)
        assert_serving(connection)


@beyond
@in_every_version
def test_in_the_details_of_an_error_it_is_told_and_the_call_ends(
    version: Version, token: str
) -> None:
    connection = opened(version)
    call = connection.send_call(
        "Reset", {"type": "Hard" if version is V16 else "Immediate"}, now=0.0
    )
    connection.frames_to_send()
    connection.received(f'[4,"{call.message_id}","InternalError","",{{"a":[{token}]}}]', now=1.0)
    reported, ended = connection.events()
    assert isinstance(reported, ProtocolViolated)
    violation = only(reported.error.violations)
    assert (violation.path, violation.rule) == ("$[4]", Rule.NUMBER_RANGE)
    assert isinstance(ended, CallErrorReceived)
    assert ended.details == {}
    assert connection.frames_to_send() == []


@in_every_mode
@pytest.mark.parametrize("version", [V201, V21])
@pytest.mark.parametrize("token", ZEROS, ids=short)
@pytest.mark.usefixtures("any_context")
def test_a_zero_is_a_zero_whatever_its_exponent(
    version: Version, mode: Validation, token: str
) -> None:
    connection = opened(version, validation=mode)
    message = f'[2,"1","DataTransfer",{{"vendorId":"v","data":{token}}}]'
    data = only(hear(connection, message).events).payload.data
    assert (int(data), data.is_zero(), len(str(data)) < 410) == (0, True, True)


@pytest.mark.usefixtures("any_context")
@pytest.mark.parametrize("token", [*BEYOND, "1e", "NaN", "sNaN", "Infinity"], ids=short)
@in_every_mode
def test_nan_and_infinity_never_arrive_whatever_the_decimal_context(
    mode: Validation, token: str
) -> None:
    for version in (V16, V201, V21):
        for role, action, payload, _ in places(version).values():
            connection = opened(version, role, validation=mode)
            for value in (token, f'"{token}"'):
                message = f'[2,"1","{action}",{payload.replace("@", value)}]'
                connection.received(message, now=1.0)
                for event in connection.events():
                    assert all(map(is_sane, numbers_in(getattr(event, "payload", None))))
                connection.frames_to_send()


@pytest.mark.usefixtures("any_context")
def test_good_numbers_are_exact_and_bad_ones_told_alike_whatever_the_decimal_context() -> None:
    for token in ("0.10", "-1.5E-300", "1234567890.123456789012345678901234567890", "2935.600"):
        message = f'[2,"1","MeterValues",{METER_2X.replace("@", token)}]'
        event = only(hear(opened(V201), message).events)
        assert isinstance(event, CallReceived)
        reading: Any = event.payload
        assert str(reading.meter_value[0].sampled_value[0].value).upper() == token
    profile = f'[2,"1","SetChargingProfile",{PROFILE.replace("@", "21.45")}]'
    report = report_of(opened(V16, Role.STATION), profile)
    assert str(report.error) == f"{PERIOD}.limit: 21.45 instead of a multiple of 0.1 (multiple_of)"


def numbers_in(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from numbers_in(item)
    elif hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            yield from numbers_in(getattr(value, name))
    elif isinstance(value, int | Decimal):
        yield value


def is_sane(number: int | Decimal) -> bool:
    return abs(float(number)) < float("inf") and -400 < Decimal(number).adjusted() < 400


@pytest.mark.parametrize("filler", ["9", "0.3", "1e99999999999999999999", "-"])
def test_a_message_full_of_digits_costs_little(filler: str) -> None:
    connection = opened(V201)
    size = connection.config.max_message_size - 100
    token = filler + filler[-1] * (size - len(filler))
    numbers = ",".join([filler] * (size // (len(filler) + 1)))
    started = process_time()
    for value in (token, f"[{numbers}]", f"{'9' * 5000},{token}"):
        connection.received(f'[2,"1","DataTransfer",{{"vendorId":"v","data":{value}}}]', now=1.0)
        connection.events()
        connection.frames_to_send()
    assert process_time() - started < 5.0
