"""`LogView`: what the library logs, as lines of a `Screen`: who came and went, what is wrong, each message.

The log has escaped what peers say and left secrets out; here it is only cut. Nothing is logged here.
"""

import logging
import re
from typing import Final, Self

from ocpp_sansio.cli.peers.screen import Screen
from ocpp_sansio.core import LIMIT, plain

__all__ = ["LogView"]

_CALL = re.compile(r'\[2,"[^"]*","(\w+)",(.*)\]$', re.DOTALL)
_ANSWER = re.compile(r'\[(3|4),"[^"]*",(.*)\]$', re.DOTALL)
_NAME: Final = "ocpp_sansio"


class LogView(logging.Handler):
    """Shows the log as long as its block lasts, and keeps it from going elsewhere meanwhile."""

    def __init__(self, screen: Screen, *, frames: bool, names_peers: bool = False) -> None:
        """Show each message, too, if `frames` are wanted; `names_peers` puts the station before each."""
        super().__init__()
        self._screen = screen
        self._frames = frames
        self._names_peers = names_peers
        self._before: list[tuple[logging.Logger, int, bool]] = []
        self.is_dark = False
        """Whether nothing is shown: while the power is off, there is nobody to log."""

    def __enter__(self) -> Self:
        """Begin."""
        levels = {_NAME: logging.INFO, f"{_NAME}.wire": logging.WARNING}
        if self._frames:
            levels[f"{_NAME}.wire"] = logging.DEBUG
        for name, level in levels.items():
            logger = logging.getLogger(name)
            self._before.append((logger, logger.level, logger.propagate))
            logger.setLevel(level)
        top = logging.getLogger(_NAME)
        top.addHandler(self)
        top.propagate = False
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the log as it was."""
        logging.getLogger(_NAME).removeHandler(self)
        while self._before:
            logger, level, propagates = self._before.pop()
            logger.setLevel(level)
            logger.propagate = propagates

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        if self.is_dark:
            return
        whose = str(record.args[0]) if isinstance(record.args, tuple) and record.args else ""
        text = record.getMessage().removeprefix(whose)
        identity = plain(str(getattr(record, "identity", None) or "-"), 20)
        direction = getattr(record, "direction", None)
        if direction is None:
            self._show_note(record, identity, text)
            return
        arrow = "-->" if direction == "out" else "<--"
        shown = f"{_frame_in_short(text)}{_latency_of(record)}"
        if self._names_peers:
            self._screen.row(identity, f"{arrow} {shown}")
        else:
            self._screen.row(arrow, shown)

    def _show_note(self, record: logging.LogRecord, identity: str, text: str) -> None:
        mark = "! " if record.levelno >= logging.WARNING else ""
        self._screen.row(identity, f"{mark}{text}")
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            self._screen.row("", f"  {type(error).__name__}: {plain(str(error))}")


def _frame_in_short(text: str) -> str:
    """Return a frame without its id, as the log spells it: escaped, without secrets."""
    frame = text.partition(" ")[2]  # after "sent" or "received"
    frame = frame.rpartition(" after ")[0] or frame
    if call := _CALL.match(frame):
        return f"{call[1]} {_cut(call[2])}"
    if answer := _ANSWER.match(frame):
        return f"{'answer' if answer[1] == '3' else 'refusal'} {_cut(answer[2])}"
    return _cut(frame)


def _latency_of(record: logging.LogRecord) -> str:
    latency: float | None = getattr(record, "latency", None)
    if latency is None:
        return ""
    action = getattr(record, "action", None)
    return f"  to {action}, {latency * 1000:.0f} ms" if action else f"  {latency * 1000:.0f} ms"


def _cut(text: str) -> str:
    return text if len(text) <= LIMIT else f"{text[: LIMIT - 1]}…"
