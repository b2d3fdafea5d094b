"""`Reel`: the lines of one file or function, gathered, and written without secrets, many at a time."""

from math import inf
from typing import Any, Final, Protocol

from msgspec.json import Encoder

from ocpp_sansio.core import plain, quote
from ocpp_sansio.recording.files import Outlet
from ocpp_sansio.recording.stand_ins import StandIns, may_hold_secrets
from ocpp_sansio.recording.tape import Tape, lines_of, text_of, veiled, with_text

__all__ = ["Keeper", "Reel"]

GATHERED: Final = 64 * 1024
"""Bytes of messages, about, that lines may take up before they are written."""


_CUSTOM: Final = b'"customData"'
"""Where secrets may stand in messages that have no other place for one."""


class Keeper(Protocol):
    """Who knows of all reels: `Recordings`."""

    def note_waiting(self, reel: "Reel") -> None:
        """Take note that a reel has lines to write."""

    def note_written(self, reel: "Reel", now: float) -> None:
        """Take note that it has none any more, at this time."""

    def note_end(self, reel: "Reel") -> None:
        """Take note that no connection is open that a reel is of."""


class Reel:
    """The lines of one file or function. Nothing that fails there is noticed by a session."""

    def __init__(
        self,
        key: str,
        outlet: Outlet,
        keeper: Keeper,
        *,
        write_after: float,
        stand_ins: StandIns | None,
        problem: str = "",
    ) -> None:
        """Make one, that takes nothing if there is a `problem` with that already."""
        self.key = key
        self.exchanges: list[Any] = []
        self.room = GATHERED
        self.due = -inf  # nothing waits: the first line tells when it is to be written
        self.last: Tape | None = None
        self.is_on = not problem
        self.is_odd = False
        self._lines: list[Any] = []  # of what came before the exchanges
        self._outlet = outlet
        self._keeper = keeper
        self._write_after = write_after
        self._stand_ins = stand_ins
        self._problem = problem  # that nobody has been told of
        self._tapes: dict[Tape, None] = {}  # whose connection is open, or not yet

    def begin(self, tape: Tape) -> None:
        """See `tape.Reel.begin`."""
        if not self._tapes:
            self._try(self._outlet.make_room)
        self._tapes[tape] = None
        self.last = tape  # its first line says whose it is

    def connected(self, tape: Tape) -> None:
        """See `tape.Reel.connected`."""
        self._tapes[tape] = None
        self._tell_problem(tape)

    def turn_to(self, tape: Tape) -> None:
        """See `tape.Reel.turn_to`."""
        self.last = tape
        self.add({"what": "session"} | tape.head())

    def add(self, line: Any) -> None:
        """See `tape.Reel.add`."""
        self._take_exchanges()
        self._lines.append(line)

    def _take_exchanges(self) -> None:
        exchanges, self.exchanges = self.exchanges, []
        if exchanges:
            self._lines += lines_of(exchanges)

    def write(self, now: float) -> None:
        """See `tape.Reel.write`."""
        clock = self.last and self.last.tell_clock(now)
        if clock:
            self._take_exchanges()
            self._lines.insert(-1, clock)
        if self.due == -inf and self.room >= 0 and self._write_after:
            self.due = now + self._write_after
            self._keeper.note_waiting(self)
            return
        self.write_now()
        self._keeper.note_written(self, now)

    def end(self, tape: Tape) -> None:
        """See `tape.Reel.end`."""
        self.write_now()
        self._tell_problem(tape)
        self._tapes.pop(tape, None)
        if not self._tapes:
            self._keeper.note_end(self)

    def write_all(self) -> None:
        """Write what there is, and what its sessions have not put here yet. Never raises."""
        for tape in tuple(self._tapes):
            tape.spill()
        self.write_now()

    def write_now(self) -> None:
        """Write what there is. Never raises."""
        lines, self._lines = self._lines, []
        exchanges, self.exchanges = self.exchanges, []
        self.room, self.due = GATHERED, -inf
        if lines or exchanges:
            self._try(self._put, lines, exchanges)

    def _put(self, lines: list[Any], exchanges: list[Any]) -> None:
        text = text_of(exchanges)
        if text is None:
            text = _encode_lines(lines_of(exchanges))
        if lines:
            text = _encode_lines(lines) + text
        stand_ins, is_odd, self.is_odd = self._stand_ins, self.is_odd, False
        is_odd = is_odd or (any(tape.may_be_custom for tape in self._tapes) and _CUSTOM in text)
        if stand_ins and (is_odd or stand_ins.names) and may_hold_secrets(text, stand_ins):
            lines, exchanges = [*lines, *lines_of(exchanges)], []
            text = _encode_lines([veiled(line, stand_ins) for line in lines])
        if not _is_text(text):
            lines += lines_of(exchanges)
            text = _encode_lines([with_text(line) for line in lines])
        if self._outlet.put(text):
            self.last = None  # whoever reads the next file alone has to know whose lines they are

    def _try(self, step: Any, *arguments: object) -> None:
        if not self.is_on:
            return
        try:
            step(*arguments)
        except Exception as error:  # noqa: BLE001 - the disk's, or a function's
            self.is_on = False
            said = error.strerror if isinstance(error, OSError) else type(error).__name__
            self._problem = (
                f"not recorded any more, to {quote(self._outlet.name)}: {plain(str(said))}"
            )
            for tape in tuple(self._tapes):
                if tape.is_connected:
                    self._tell_problem(tape)

    def _tell_problem(self, tape: Tape) -> None:
        problem, self._problem = self._problem, ""
        if problem:
            tape.complain(problem)


def _is_text(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


_encode_lines = Encoder(decimal_format="number").encode_lines
