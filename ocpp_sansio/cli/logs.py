"""The logs that `check` and `show` read: their options, their files, how far the reading is."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO, Final

from ocpp_sansio.cli.values import version
from ocpp_sansio.core import Role, plain
from ocpp_sansio.traces import Mark, Record, Skipped, TraceReader, lines_of

__all__ = [
    "CHUNK",
    "LogFile",
    "Progress",
    "StatusLine",
    "add_log_arguments",
    "complain",
    "notes_on",
]

CHUNK: Final = 1024 * 1024
"""Bytes that are read of a log at a time."""

_PROGRESS_AFTER: Final = 2.0  # seconds
_PROGRESS_EVERY: Final = 0.5


def add_log_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what says of a log what it does not tell itself."""
    parser.add_argument(
        "--ocpp",
        metavar="VERSION",
        type=version,
        help="1.6, 2.0.1 or 2.1, where the log does not say; otherwise the best guess",
    )
    parser.add_argument(
        "--from",
        "--direction",
        dest="sender",
        type=Role,
        choices=list(Role),
        metavar="ROLE",
        help="who sent the messages of which the log does not say it: station or csms",
    )
    parser.add_argument(
        "--station",
        metavar="IDENTITY",
        help="whose the messages are of which the log does not say it",
    )
    parser.add_argument(
        "--vendor-action",
        action="append",
        default=[],
        metavar="NAME",
        help='an action outside the catalogue that is all right; "*" for any; repeatable',
    )


class LogFile:
    """One log, read once from its beginning to its end; "-" is standard input."""

    def __init__(self, path: str, options: argparse.Namespace) -> None:
        self.name = "<stdin>" if path == "-" else path
        """What people know it by."""
        self._path = path
        self._reader = TraceReader(
            station=options.station, sender=options.sender, version=options.ocpp
        )
        self._progress = Progress(self.name)

    @property
    def skipped(self) -> Skipped:
        """What held no message."""
        return self._reader.skipped

    def entries(self) -> Iterator[Record | Mark]:
        """Yield what is in the log; raises OSError if it cannot be read."""
        if self._path == "-":
            yield from self._reader.read_all(lines_of(self._progress.chunks(sys.stdin.buffer)))
            return
        with Path(self._path).open("rb") as file:
            self._progress.size = Path(self._path).stat().st_size
            yield from self._reader.read_all(lines_of(self._progress.chunks(file)))


class StatusLine:
    """How far something is, on the last line of a terminal, if that takes its time."""

    def __init__(self) -> None:
        self._show_at = monotonic() + _PROGRESS_AFTER
        self._is_shown = False

    def say(self, text: str) -> None:
        """Say how far it is, unless it was said just now."""
        now = monotonic()
        if now < self._show_at or not sys.stderr.isatty():
            return
        self._show_at = now + _PROGRESS_EVERY
        self._is_shown = True
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()

    def end(self) -> None:
        """Take the line away again."""
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class Progress:
    """How far the reading of a file is."""

    def __init__(self, name: str) -> None:
        self.size = 0
        """The bytes of the file; 0 if nobody knows."""
        self._name = plain(name, 60)
        self._read = 0
        self._line = StatusLine()

    def chunks(self, file: BinaryIO | Any) -> Iterator[bytes]:
        """Yield what is in the file, and say how far that is."""
        while chunk := file.read(CHUNK):
            self._read += len(chunk)
            share = f" ({self._read * 100 // self.size} %)" if self.size else ""
            self._line.say(f"{self._name}: {self._read >> 20:,} MiB{share}")
            yield chunk
        self._line.end()


def notes_on(skipped: Skipped) -> list[str]:
    """Return, in words, what of a log was passed over."""
    notes = []
    if skipped.without_message:
        notes.append(f"{_count(skipped.without_message, 'line')} held no message")
    if skipped.cut:
        told = f"{_count(skipped.cut, 'message')} cut by the logger, so not judged"
        notes.append(f"{told} (the first in line {skipped.first_cut:,})")
    if skipped.too_long:
        notes.append(f"{_count(skipped.too_long, 'line')} too long to be a message")
    return notes


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def complain(command: str, complaint: str) -> int:
    """Say on standard error why nothing can be done; return the exit code for that."""
    sys.stderr.write(f"{command}: {complaint}\n")
    return 2
