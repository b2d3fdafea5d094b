"""What the text around a message tells: when it was, of which station, and which way it went.

Every logger writes that differently, and none says how; so each clue has a pattern of its own, and what has
no clue stays unknown. Nothing here is ever a fault of the log.
"""

import re
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache

from msgspec import Struct

from ocpp_sansio.core import Role

__all__ = ["NO_CLUES", "Clues", "Way", "clues_of", "moment_of", "way_of_word"]


class Way(Enum):
    """Which way a message went, as the one sees it who wrote the log."""

    IN = "in"
    OUT = "out"


class Clues(Struct, frozen=True):
    """What the text around a message tells."""

    when: float | None = None
    """Seconds since 1970, or of the day where there is no date."""
    has_date: bool = True
    """Whether `when` counts from 1970."""
    has_zone: bool = False
    """Whether it is sure to do so in UTC."""
    station: str | None = None
    way: Way | None = None
    sender: Role | None = None
    """Where the log says it outright, such as "station->csms"."""


NO_CLUES = Clues()
"""Nothing is told."""

_DATE_TIME = re.compile(
    r"(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?"
)
_TIME = re.compile(r"(?<![\d:])(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?![\d:])")
_UNIX = re.compile(r"(?:^|[\[( ])(1\d{9})(?:(\d{3})|[.](\d{1,9}))?(?=[\]) ]|$)")

_IN_WORDS = frozenset(
    {"in", "inbound", "incoming", "receive", "received", "receiving", "recv", "rx", "read"}
)
_OUT_WORDS = frozenset(
    {"out", "outbound", "outgoing", "send", "sent", "sending", "tx", "transmit", "write", "wrote"}
)
_WORD = re.compile(r"(?<![\w.])([A-Za-z]+)(?![\w.])")
_IN_ARROW = re.compile(r"(?:^|[\s|:\])])(?:<+-*|<=+|←|⬅|⇐|◀|«)(?:\s|$)")
_OUT_ARROW = re.compile(r"(?:^|[\s|:\])])(?:-*>+|=+>|→|➡|⇒|▶|»)(?:\s|$)")

_STATION_SIDE = r"(?:cp|cs|station|charge ?-?point|charging ?-?station|charger|evse|client)"
_CSMS_SIDE = r"(?:csms|csys|central ?-?system|backend|server|cloud)"
_TO_CSMS = re.compile(
    rf"\b{_STATION_SIDE}\s*(?:->|-->|=>|→|to|-to-)\s*{_CSMS_SIDE}\b", re.IGNORECASE
)
_TO_STATION = re.compile(
    rf"\b{_CSMS_SIDE}\s*(?:->|-->|=>|→|to|-to-)\s*{_STATION_SIDE}\b", re.IGNORECASE
)

_NAMED_STATION = re.compile(
    r"\b(?:charge_?box_?id|charge_?point(?:_?id)?|charging_?station(?:_?id)?|station(?:_?id)?|charger(?:_?id)?"
    r"|identity|cp_?id|cs_?id|cp|client_?id)\s*[=:]\s*[\"']?([^\s\"',;\])}]{1,255})",
    re.IGNORECASE,
)
_BEFORE_VERB = re.compile(
    r"(?:^|[\s\]:])([^\s:\]\[]{1,255}):? (?:received?|recv|send|sent|sending)(?: message| msg)?:?\s*[\"']?$",
    re.IGNORECASE,
)
_BEHIND_VERB = re.compile(
    r"\b(?:recv|received?|send|sent|sending)(?: message)?(?: from| to)? ([^\s:\]\[]{1,255}):\s*[\"']?$",
    re.IGNORECASE,
)
_BEFORE_ARROW = re.compile(r"(?:^|[\s|\]])([\w.*@=+-]{1,255})[: ] ?(?:<+-*|-*>+|←|→)\s*[\"']?$")
_NO_STATION = _IN_WORDS | _OUT_WORDS | {
    "debug", "info", "warning", "warn", "error", "trace", "ocpp", "message", "msg", "text", "mainthread",
}  # fmt: skip


def clues_of(before: str, behind: str = "") -> Clues:
    """Return what is told by the text before a message, and by the text behind it."""
    moment, rest = _moment_and_rest(before)
    if moment[0] is None and behind:
        moment = moment_of(behind)
    station, way, sender = _parties_of(rest)
    if station is None and behind:
        station = _station_of_named(behind)
    return Clues(*moment, station, way, sender)


def moment_of(text: str) -> tuple[float | None, bool, bool]:
    """Return the seconds of the first time in a text, whether it has a date, and whether a zone."""
    return _moment_and_rest(text)[0]


def _moment_and_rest(text: str) -> tuple[tuple[float | None, bool, bool], str]:
    """Return the first time in a text, and the text with the same time as all others have in its place."""
    found = _DATE_TIME.search(text)
    if found:
        second, fraction, zone = found.groups()
        when = _second_of(second, zone)
        if when is not None and fraction:
            when += float(f"0.{fraction[:6]}")
        return (when, True, zone is not None), _with_other_time(found, "2000-01-01T00:00:00Z")
    found = _UNIX.search(text)
    if found:
        fraction = found[2] or found[3] or "0"
        when = int(found[1]) + int(fraction) / 10 ** len(fraction)
        return (when, True, True), _with_other_time(
            found, f"{found[0][: found.start(1) - found.start()]}0"
        )
    found = _TIME.search(text)
    if found is None:
        return (None, True, False), text
    hours, minutes, seconds, fraction = found.groups()
    when = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction or 0}")
    return (when, False, False), _with_other_time(found, "00:00:00")


def _with_other_time(found: re.Match[str], time: str) -> str:
    space = " " if found[0][-1].isspace() else ""
    return found.string[: found.start()] + time + space + found.string[found.end() :]


@lru_cache(maxsize=1024)
def _second_of(digits: str, zone: str | None) -> float | None:
    text = digits.replace("/", "-")
    if zone and zone != "Z":
        text += f"{zone[:3]}:{zone[-2:]}"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:  # a 30th of February
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


@lru_cache(maxsize=4096)
def _parties_of(text: str) -> tuple[str | None, Way | None, Role | None]:
    """Return station, way and sender: but for its time, a log writes the same before most messages."""
    sender = _sender_of(text)
    return _station_of(text), None if sender else _way_of(text), sender


def way_of_word(word: str) -> Way | None:
    """Return the way that a word stands for, such as "in", "Sent" or "receive"."""
    lower = word.lower()
    if lower in _IN_WORDS:
        return Way.IN
    return Way.OUT if lower in _OUT_WORDS else None


def _sender_of(text: str) -> Role | None:
    if _TO_CSMS.search(text):
        return Role.STATION
    return Role.CSMS if _TO_STATION.search(text) else None


def _way_of(text: str) -> Way | None:
    """Return the way that the last word or arrow before the message tells: it stands next to it."""
    ways = [
        (found.start(), way)
        for found in _WORD.finditer(text)
        if (way := way_of_word(found[1])) is not None
    ]
    ways += [(found.start(), Way.IN) for found in _IN_ARROW.finditer(text)]
    ways += [(found.start(), Way.OUT) for found in _OUT_ARROW.finditer(text)]
    return max(ways, key=lambda each: each[0])[1] if ways else None


def _station_of(text: str) -> str | None:
    named = _station_of_named(text)
    if named:
        return named
    for pattern in (_BEHIND_VERB, _BEFORE_VERB, _BEFORE_ARROW):
        found = pattern.search(text)
        if found and found[1].lower() not in _NO_STATION and not _is_time(found[1]):
            return found[1]
    return None


def _station_of_named(text: str) -> str | None:
    found = _NAMED_STATION.search(text)
    return found[1] if found else None


def _is_time(text: str) -> bool:
    return _TIME.search(text) is not None or text.replace(".", "").replace(",", "").isdigit()
