"""What a trace consists of: messages, and what else is known of their connections."""

from typing import Any

from msgspec import Struct

from ocpp_sansio.core import UNREADABLE, Role, Version, read_json

__all__ = ["UNREAD", "Mark", "Record", "Skipped", "decoded", "value_of"]

UNREAD: Any = object()
"""Stands for the value of a message that nobody has decoded yet: it is done once for all who look at it."""


def decoded(text: bytes) -> Any:
    """Return the JSON value that a text is, numbers with a fraction as Decimal; None if it is none."""
    try:
        return read_json(text)
    except UNREADABLE:
        return None


class Record(Struct, frozen=True):
    """One message that crossed."""

    line: int
    """Where it stands, counted from 1."""
    data: bytes
    """The message as it stands there."""
    when: float | None = None
    """Seconds: since 1970 where the log has dates (taken for UTC if it does not say), else of any clock."""
    station: str | None = None
    """Whose connection it was; None where the log does not say."""
    sender: Role | None = None
    """Who sent it; None where the log does not say, and its action does not tell."""
    version: Version | None = None
    """The version that was spoken; None where the log does not say."""
    is_whole: bool = True
    """Whether it stands there to its end: many loggers cut what is long."""
    has_zone: bool = False
    """Whether `when` is sure to count from 1970 in UTC: the log says its zone, or counts like that."""


def value_of(record: Record, value: Any) -> Any:
    """Return the JSON value of a message, decoding it if that is `UNREAD`."""
    return decoded(record.data) if value is UNREAD else value


class Mark(Struct, frozen=True):
    """What the log tells beside the messages: a connection that began or ended."""

    line: int
    is_connected: bool
    """Whether it began; else it ended."""
    when: float | None = None
    """As in `Record`."""
    station: str | None = None
    """As in `Record`."""
    version: Version | None = None
    """What was agreed on, where the log says so."""
    has_zone: bool = False
    """As in `Record`."""


class Skipped(Struct):
    """How many lines held no message, and why."""

    without_message: int = 0
    """Lines with anything else, or nothing, in them."""
    too_long: int = 0
    """Lines longer than `MAX_LINE`."""
    cut: int = 0
    """Messages that the log has only in part: they are not judged."""
    first_cut: int | None = None
    """The line of the first of them."""
