"""What the text around a message tells: when it was, of which station, and which way it went.

Every logger writes that differently, and none says how; so each clue has a pattern of its own, and what has
no clue stays unknown. Nothing here is ever a fault of the log.
"""

import re
from datetime import UTC, datetime
from enum import Enum

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
    r"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?"
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
    moment = moment_of(before)
    if moment[0] is None:
        moment = moment_of(behind)
    sender = _sender_of(before)
    way = None if sender else _way_of(before)
    return Clues(*moment, _station_of(before) or _station_of_named(behind), way, sender)


def moment_of(text: str) -> tuple[float | None, bool, bool]:
    """Return the seconds of the first time in a text, whether it has a date, and whether a zone."""
    found = _DATE_TIME.search(text)
    if found:
        return _seconds_of(found), True, found[8] is not None
    found = _UNIX.search(text)
    if found:
        fraction = found[2] or found[3] or "0"
        return int(found[1]) + int(fraction) / 10 ** len(fraction), True, True
    found = _TIME.search(text)
    if found is None:
        return None, True, False
    hours, minutes, seconds, fraction = found.groups()
    return (
        int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction or 0}"),
        False,
        False,
    )


def _seconds_of(found: re.Match[str]) -> float | None:
    year, month, day, hours, minutes, seconds, fraction, zone = found.groups()
    text = f"{year}-{month}-{day}T{hours}:{minutes}:{seconds}.{(fraction or '0')[:6]}"
    if zone and zone != "Z":
        text += f"{zone[:3]}:{zone[-2:]}"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:  # a 30th of February
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


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
