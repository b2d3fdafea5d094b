"""What happened on a `Link`, in order, and how it looks as a sequence diagram."""

from collections import deque
from collections.abc import Iterator
from typing import Final

import attrs

from ocpp_sansio.core import Role, write_json

__all__ = ["Entry", "Transcript", "summary"]

WIDTH: Final = 76
"""Characters between the two lifelines: with the times, a diagram fits a terminal of 100."""

MAX_ENTRIES: Final = 10_000
"""Entries kept; of a longer run, the last ones."""


@attrs.frozen
class Entry:
    """One line of the diagram."""

    at: float
    """Virtual seconds."""
    source: Role | None
    """Whose doing it was; None for what befell both."""
    text: str
    is_message: bool = False
    """Whether it is a message on its way, drawn as an arrow, or something noticed at one end."""
    fate: str = ""
    """What the line did to the message: "lost", "truncated"; empty if nothing."""


class Transcript:
    """A growing list of entries; `str()` draws it."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=MAX_ENTRIES)
        self._dropped = 0

    def add(self, entry: Entry) -> None:
        """Put an entry last."""
        self._dropped += len(self._entries) == MAX_ENTRIES
        self._entries.append(entry)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def as_log(self) -> list[str]:
        """Return its messages as lines of JSON, which `python -m ocpp_sansio check` and `show` read.

        What the line did to a message stands beside it, as its `fate`. Times are those of the virtual clock.
        """
        return [_log_line(entry) for entry in self if entry.is_message and entry.source]

    def __str__(self) -> str:
        lines = [f"{'':>9}  {Role.STATION:<{WIDTH - 2}}{Role.CSMS:>4}"]
        if self._dropped:
            lines.append(f"{'':>9}  ({self._dropped} earlier lines left out)")
        lines += [f"{entry.at:>9.3f}  {_draw(entry)}" for entry in self._entries]
        return "\n".join(lines)


def _log_line(entry: Entry) -> str:
    is_up = entry.source is Role.STATION
    line = {
        "time": entry.at,
        "direction": "station->csms" if is_up else "csms->station",
        "message": entry.text,
        "fate": entry.fate,
    }
    return write_json(line).decode()


def _draw(entry: Entry) -> str:
    if entry.source is None:
        return "├" + f" {_clip(entry.text, WIDTH - 4)} ".center(WIDTH, "═") + "┤"
    if entry.is_message:
        return _draw_message(entry)
    text = f" {_clip(entry.text, WIDTH - 2)} "
    return "│" + (text.ljust(WIDTH) if entry.source is Role.STATION else text.rjust(WIDTH)) + "│"


def _draw_message(entry: Entry) -> str:
    fate = f" {entry.fate} " if entry.fate else ""
    text = f" {_clip(entry.text, WIDTH - 6 - len(fate))} "
    arrives = entry.fate != "lost"
    if entry.source is Role.STATION:
        head = "▶" if arrives else "✗"
        return "├─" + text + fate.rjust(WIDTH - 2 - len(text), "─") + head + "│"
    head = "◀" if arrives else "✗"
    return "│" + head + fate.ljust(WIDTH - 2 - len(text), "─") + text + "─┤"


def _clip(text: str, width: int) -> str:
    text = "".join(char if char.isprintable() else "�" for char in text)
    return text if len(text) <= width else text[: width - 1] + "…"


def summary(event: object) -> str:
    """Return an event in one line for people: its class, and the action, rule or code that it is about."""
    about = [
        str(value)
        for value in (
            getattr(event, "action", None),
            getattr(getattr(event, "call", None), "action", None),
            getattr(event, "message_id", None),
            getattr(getattr(event, "call", None), "message_id", None),
            getattr(event, "code", None),
            getattr(event, "error", None),
        )
        if value is not None
    ]
    return " ".join([type(event).__name__, *about])
