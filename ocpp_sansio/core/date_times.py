"""Date-times at the ends of the calendar, and in leap seconds: what msgspec takes, and what it does not.

msgspec takes `9999-12-31T23:59:59-01:00`, which no `datetime` can hold once it is in UTC. It does not take
`2016-12-31T23:59:60Z`, which there was.
"""

import re
from collections.abc import Callable, Iterator
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime
from typing import Any, NoReturn, TypeAlias

import msgspec
from msgspec import inspect

__all__ = [
    "LEAP_SECOND_DAYS",
    "Reader",
    "checking_reader",
    "is_in_calendar",
    "is_iso_8601",
    "read_date_time",
    "read_odd_date_time",
]

Reader: TypeAlias = Callable[[Any], Any]
"""Makes a payload out of JSON text; raises one of `_codec.UNREADABLE`."""

_JUNES = (1972, 1981, 1982, 1983, 1985, 1992, 1993, 1994, 1997, 2012, 2015)
_DECEMBERS = (
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
LEAP_SECOND_DAYS = frozenset(
    {date(year, 6, 30) for year in _JUNES} | {date(year, 12, 31) for year in _DECEMBERS}
)
"""The days that ended in 23:59:60 UTC (IERS Bulletin C). None is planned: in 2035 at the latest they end."""

_LEAP_SECOND = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:)60(?:\.[0-9]{1,20})?([Zz]|[+-][0-9]{2}:?[0-9]{2})"
)

LAST_MICROSECOND = 999_999


def read_date_time(text: str) -> datetime:
    """Return an RFC 3339 date-time, naive if it has no UTC offset; raises ValueError for any other text.

    Python has no second 60: one that there was is its day's last microsecond, 23:59:59.999999 UTC, so that
    it stays on its day and after all that came before it.
    """
    try:
        moment = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        moment = _read_leap_second(text)
    if not is_in_calendar(moment):
        raise ValueError
    return moment


def _read_leap_second(text: str) -> datetime:
    found = _LEAP_SECOND.fullmatch(text)
    if found is None:
        raise ValueError
    moment = msgspec.convert(f"{found[1]}59{found[2]}", datetime)
    if not is_in_calendar(moment):
        raise ValueError
    in_utc = moment.astimezone(UTC)
    if (in_utc.hour, in_utc.minute) != (23, 59) or in_utc.date() not in LEAP_SECOND_DAYS:
        raise ValueError
    return moment.replace(microsecond=LAST_MICROSECOND)


def is_in_calendar(moment: datetime) -> bool:
    """Whether a date-time can be converted to UTC."""
    if MINYEAR < moment.year < MAXYEAR:
        return True
    try:
        moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        return False
    return True


# --- what is no RFC 3339 ------------------------------------------------------------------------------

MAX_LENGTH = 64
"""Characters of a text that is still looked at as a date-time."""

_ZONE = r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
_ISO_8601 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)?"
    rf"{_ZONE}|[0-9]{{8}}T[0-9]{{2}}(?:[0-9]{{2}}(?:[0-9]{{2}}(?:[.,][0-9]+)?)?)?{_ZONE}"
)
_ODD = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})|(?P<month_>[0-9]{2})(?P<day_>[0-9]{2}))"
    r"(?:(?:\s*[Tt]\s*|\s+)"
    r"(?:(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2}))?)?"
    r"|(?P<hour_>[0-9]{2})(?P<minute_>[0-9]{2})(?P<second_>[0-9]{2})?)"
    r"(?:[.,](?P<fraction>[0-9]+))?)?"
    r"\s*(?:(?P<utc>[Zz]|UTC|GMT)|(?P<sign>[+-])(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-9]{2}))?)?",
    re.ASCII,
)


def is_iso_8601(text: str) -> bool:
    """Whether a text is a date and a time of ISO 8601 with its offset: all that 1.6 asks for (A-6)."""
    return len(text) <= MAX_LENGTH and _ISO_8601.fullmatch(text) is not None


def read_odd_date_time(text: str) -> datetime:
    """Return a date-time that is no RFC 3339 but can mean one thing only; ValueError for any other text.

    Seconds, minutes or the whole time may be missing, and so may a digit or the signs between them; a space
    may be too many. Naive if it has no UTC offset.
    """
    found = _ODD.fullmatch(text.strip()) if len(text) <= MAX_LENGTH else None
    if found is None:
        raise ValueError
    part = {name.rstrip("_"): value for name, value in found.groupdict().items() if value}
    second = part.get("second", "0").zfill(2)
    if "fraction" in part:
        if "second" not in part:
            raise ValueError  # of an hour or of a minute
        second += f".{part['fraction']}"
    zone = "Z" if "utc" in part else ""
    if "sign" in part:
        zone = f"{part['sign']}{part['hours']:0>2}:{part.get('minutes', '00')}"
    return read_date_time(
        f"{part['year']}-{part['month']:0>2}-{part['day']:0>2}"
        f"T{part.get('hour', '0'):0>2}:{part.get('minute', '0'):0>2}:{second}{zone}"
    )


# --- the fast path ----------------------------------------------------------------------------------


def checking_reader(decode: Reader, payload_type: type[msgspec.Struct]) -> Reader:
    """Return `decode`, which makes payloads of a class, made to refuse years at the ends of the calendar.

    What it refuses, with msgspec.ValidationError, may yet be right: `read_date_time` knows.
    """
    checks = [*_checks_of(payload_type, "payload", "    ")]
    if not checks:
        return decode
    source = ["def read(data):", "    payload = decode(data)", *checks, "    return payload"]
    # As attrs and dataclasses do: it runs for every message, and a walk by description would cost three times
    # as much. The names in it are those of our own classes.
    names: dict[str, Any] = {"decode": decode, "refuse": _refuse_year}
    exec("\n".join(source), names)  # noqa: S102
    reader: Reader = names["read"]
    return reader


def _refuse_year() -> NoReturn:
    raise msgspec.ValidationError("a date-time at the end of the calendar")


def _checks_of(payload_type: type[Any], owner: str, indent: str) -> Iterator[str]:
    """Yield the lines that check an object's date-times, if it can have any."""
    info = inspect.type_info(payload_type)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - a fact about Payload, not a check of input
    for field in info.fields:
        value = f"{owner}_{field.name}"
        deeper = indent if field.required else f"{indent}    "
        checks = [*_checks_of_value(field.type, value, deeper)]
        if checks:
            yield f"{indent}{value} = {owner}.{field.name}"
            if not field.required:
                yield f"{indent}if {value} is not None:"
            yield from checks


def _checks_of_value(kind: inspect.Type, value: str, indent: str) -> Iterator[str]:
    if isinstance(kind, inspect.DateTimeType):
        yield f"{indent}if not {MINYEAR} < {value}.year < {MAXYEAR}: refuse()"
    elif isinstance(kind, inspect.StructType):
        yield from _checks_of(kind.cls, value, indent)
    elif isinstance(kind, inspect.ListType):
        checks = [*_checks_of_value(kind.item_type, f"{value}_item", f"{indent}    ")]
        if checks:
            yield f"{indent}for {value}_item in {value}:"
            yield from checks
