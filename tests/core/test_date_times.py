"""Date-times that no calendar in UTC has a place for, and the leap seconds that there were."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from core_pair import V16, V21, V201, hear, in_every_version, only, opened, received_call

from ocpp_sansio import (
    CallReceived,
    LocalProtocolError,
    ProtocolViolated,
    Role,
    Rule,
    Validation,
    Version,
)
from ocpp_sansio.core import to_object
from ocpp_sansio.messages import catalog
from ocpp_sansio.testing import corners

OFF_THE_CALENDAR = [
    "9999-12-31T23:59:59-01:00",
    "9999-12-31T00:01:00-23:59",
    "9999-12-31t23:59:59.999-0001",
    "0001-01-01T00:00:00+01:00",
    "0001-01-01 00:00:00+00:01",
    "\\u0039999-12-31T23:59:59-01:00",
    "0000-12-31T23:59:59Z",
    "9999-12-31T23:59:60-01:00",
]
ON_THE_CALENDAR = [
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59.999999+01:00",
    "9999-12-30T23:59:59-01:00",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00-01:00",
    "0001-01-02T00:00:00+01:00",
]

DAYS = [
    *(
        f"{year}-06-30"
        for year in (1972, 1981, 1982, 1983, 1985, 1992, 1993, 1994, 1997, 2012, 2015)
    ),
    *(
        f"{year}-12-31"
        for year in (
            1972,
            1973,
            1974,
            1975,
            1976,
            1977,
            1978,
            1979,
            1987,
            1989,
            1990,
            1995,
            1998,
            2005,
            2008,
            2016,
        )
    ),
]


def meter_values(version: Version, *timestamps: str) -> str:
    value = '"1"' if version is V16 else "1"
    names = "connectorId" if version is V16 else "evseId"
    taken = ",".join(
        f'{{"timestamp":"{t}","sampledValue":[{{"value":{value}}}]}}' for t in timestamps
    )
    return f'[2,"1","MeterValues",{{"{names}":1,"meterValue":[{taken}]}}]'


@in_every_version
@pytest.mark.parametrize("mode", [Validation.STRICT, Validation.LENIENT])
@pytest.mark.parametrize("text", OFF_THE_CALENDAR)
def test_a_date_time_that_cannot_be_in_utc_is_malformed(
    version: Version, mode: Validation, text: str
) -> None:
    noon = "2024-05-06T12:00:00Z"
    event = only(hear(opened(version, validation=mode), meter_values(version, noon, text)).events)
    violations = event.violations if isinstance(event, CallReceived) else event.error.violations
    violation = only(violations)
    assert (violation.path, violation.rule) == ("$.meterValue[1].timestamp", Rule.FORMAT)
    if mode is Validation.LENIENT:
        assert isinstance(event.payload, dict)  # no typed one can be made


@in_every_version
@pytest.mark.parametrize("text", ON_THE_CALENDAR)
def test_the_ends_of_the_calendar_are_on_it(version: Version, text: str) -> None:
    event = only(hear(opened(version), meter_values(version, text)).events)
    assert isinstance(event, CallReceived)
    taken: Any = event.payload
    assert taken.meter_value[0].timestamp.astimezone(UTC).year in {1, 9999}


@in_every_version
def test_no_date_time_of_any_message_arrives_that_cannot_be_in_utc(version: Version) -> None:
    """For each date-time of each request, however deep, one at a time, on the fast path as on the slow."""
    tried = 0
    for action in catalog(version).values():
        role = Role.CSMS if action.direction in Role.CSMS.receives else Role.STATION
        for payload in corners(action.request):
            text = json.dumps(to_object(payload), default=float)
            for at in places_of_date_times(text):
                bad = f"{text[:at]}9999-12-31T23:59:59-01:00{text[text.index('Z', at) + 1 :]}"
                connection = opened(version, role)
                kind = 2 if action.kind == "CALL" else 6
                connection.received(f'[{kind},"1","{action.name}",{bad}]', now=1.0)
                event = only(connection.events())
                assert isinstance(event, ProtocolViolated), (action.name, bad)
                assert event.error.rule is Rule.FORMAT
                tried += 1
    assert tried > (30 if version is V16 else 100)


def places_of_date_times(text: str) -> list[int]:
    ends = [at for at, _ in enumerate(text) if text[at : at + 6] in {'"2025-', '"2024-', '"2074-'}]
    return [at + 1 for at in ends if text[at + 11] == "T"]


@in_every_version
def test_we_do_not_send_what_the_other_side_must_refuse(version: Version) -> None:
    connection = opened(version)
    call = received_call(connection)
    with pytest.raises(LocalProtocolError) as refusal:
        connection.send_call_result(call, {"currentTime": OFF_THE_CALENDAR[0]}, now=1.0)
    assert only(refusal.value.violations).rule is Rule.FORMAT
    connection.send_call_result(call, {"currentTime": "2016-12-31T23:59:60Z"}, now=1.0)


@in_every_version
@pytest.mark.parametrize("day", DAYS)
def test_each_leap_second_that_there_was_is_the_last_microsecond_of_its_day(
    version: Version, day: str
) -> None:
    last = datetime.fromisoformat(f"{day}T23:59:59.999999+00:00")
    for hours, minutes in ((0, 0), (1, 0), (-5, 0), (5, 45), (-11, 30), (14, 0)):
        offset = timedelta(hours=hours, minutes=minutes if hours >= 0 else -minutes)
        local = last.astimezone(timezone(offset))
        sign, size = "+-"[hours < 0], abs(hours)
        for spelt in (f"{sign}{size:02}:{minutes:02}", f"{sign}{size:02}{minutes:02}"):
            for fraction in ("", ".5", ".000000"):
                text = f"{local:%Y-%m-%dT%H:%M}:60{fraction}{spelt}"
                event = only(hear(opened(version), meter_values(version, text)).events)
                assert isinstance(event, CallReceived), text
                taken: Any = event.payload
                assert taken.meter_value[0].timestamp == last
                assert event.violations == ()


@in_every_version
@pytest.mark.parametrize(
    "text",
    [
        "2016-12-31T23:58:60Z",
        "2016-12-31T22:59:60Z",
        "2016-12-30T23:59:60Z",
        "2017-12-31T23:59:60Z",
        "2016-06-30T23:59:60Z",
        "2016-12-31T23:59:60+01:00",
        "2016-12-31T23:59:61Z",
        "2016-12-31T23:59:60",
        "2016-12-31T23:59:60+24:00",
        "2016-13-31T23:59:60Z",
        "2016-12-31T23:59:60.Z",
        "2016-12-31T23:59:60Z\\n",
        "\uff12016-12-31T23:59:60Z",
        "0001-01-01T00:00:60+01:00",
        "1971-12-31T23:59:60Z",
    ],
)
def test_a_leap_second_that_never_was_is_malformed(version: Version, text: str) -> None:
    event = only(hear(opened(version), meter_values(version, text)).events)
    assert isinstance(event, ProtocolViolated)
    assert event.error.rule is Rule.FORMAT


def test_leap_seconds_are_taken_beside_bad_members_and_in_every_nested_place() -> None:
    noon, leap = "2024-05-06T12:00:00Z", "2016-12-31T23:59:60Z"
    for version in (V16, V201, V21):
        connection = opened(version, validation="lenient")
        message = meter_values(version, noon, leap, noon, leap).replace('"evseId":1', '"evseId":-1')
        event = only(hear(connection, message).events)
        assert isinstance(event, CallReceived)
        taken: Any = event.payload
        years = [meter.timestamp.year for meter in taken.meter_value]
        assert years == [2024, 2016, 2024, 2016]
