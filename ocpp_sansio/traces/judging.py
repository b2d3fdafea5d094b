"""`TraceJudge`: a whole trace, of any number of stations, each message and each story of them.

A station's version is taken from the log where it says so, and else from what fits its first messages best;
these wait for it.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ocpp_sansio.core import Config, Version
from ocpp_sansio.traces.findings import Finding
from ocpp_sansio.traces.message_rules import MessageJudge
from ocpp_sansio.traces.records import Mark, Record, decoded
from ocpp_sansio.traces.stories import StoryJudge

__all__ = ["MAX_STATIONS", "Judged", "TraceJudge"]

MAX_STATIONS: Final = 20_000
"""Stations that are judged; the messages of more are passed over, and counted."""

_FIRST_MESSAGES: Final = 40
"""Messages of a station by which its version is guessed where the log does not tell it."""


class Judged(Struct, frozen=True):
    """An entry of a trace, and what is wrong with it."""

    entry: Record | Mark
    findings: tuple[Finding, ...]


class TraceJudge:
    """Judges the entries of a trace in their order; its memory does not grow with the trace's length."""

    def __init__(
        self,
        *,
        version: Version | None = None,
        config: Config | None = None,
        timeout: float = 30.0,
    ) -> None:
        """Make one; `version` holds where the log does not say, `timeout` is in seconds (S-9)."""
        self.guessed: dict[str | None, Version] = {}
        """The versions that nobody said, by station."""
        self.passed_over = 0
        """Messages of stations beyond `MAX_STATIONS`."""
        self._version = version
        self._config = config or Config()
        self._timeout = timeout
        self._stations: dict[str | None, _StationJudge] = {}

    def judge(self, entry: Record | Mark) -> list[Judged]:
        """Return what can be judged now: this entry, others that have waited, or none."""
        station = self._stations.get(entry.station)
        if station is None:
            if len(self._stations) >= MAX_STATIONS:
                self.passed_over += 1
                return []
            station = _StationJudge(self._version, self._config, self._timeout)
            self._stations[entry.station] = station
        return self._noted(entry.station, station, station.judge(entry))

    def flush(self) -> Iterator[Judged]:
        """Yield the entries that still wait for their station's version: the trace is at its end."""
        for name, station in self._stations.items():
            yield from self._noted(name, station, station.flush())

    def finish(self) -> Iterator[Finding]:
        """Yield what the end of the trace shows, of messages further up; `flush` comes before it."""
        for station in self._stations.values():
            yield from station.finish()

    def _noted(
        self, name: str | None, station: "_StationJudge", judged: list[Judged]
    ) -> list[Judged]:
        if station.guess:
            self.guessed[name] = station.guess
        return judged


class _StationJudge:
    def __init__(self, version: Version | None, config: Config, timeout: float) -> None:
        self.guess: Version | None = None
        self._default = version
        self._config = config
        self._timeout = timeout
        self._waiting: list[Record | Mark] = []
        self._version: Version | None = None

    def judge(self, entry: Record | Mark) -> list[Judged]:
        if entry.version and entry.version is not self._version:
            return [*self._begin(entry.version), self._judge(entry)]
        if self._version:
            return [self._judge(entry)]
        self._waiting.append(entry)
        if self._default:
            return self._begin(self._default)
        if len(self._waiting) < _FIRST_MESSAGES:
            return []
        return self._guess()

    def flush(self) -> list[Judged]:
        return self._guess() if self._version is None else []

    def finish(self) -> list[Finding]:
        return self._stories.finish()

    def _guess(self) -> list[Judged]:
        self.guess = min(Version, key=self._misfits)
        return self._begin(self.guess)

    def _misfits(self, version: Version) -> int:
        """Return how much of what waits is wrong in a version."""
        judge = MessageJudge(version, config=self._config)
        records = (entry for entry in self._waiting if isinstance(entry, Record))
        return sum(len(judge.judge(record)) for record in records if record.is_whole)

    def _begin(self, version: Version) -> list[Judged]:
        self._version = version
        self._messages = MessageJudge(version, config=self._config)
        self._stories = StoryJudge(version, timeout=self._timeout)
        waiting, self._waiting = self._waiting, []
        return [self._judge(entry) for entry in waiting]

    def _judge(self, entry: Record | Mark) -> Judged:
        if isinstance(entry, Mark):
            self._messages.disconnect()
            return Judged(entry, tuple(self._stories.judge(entry)))
        if not entry.is_whole:
            return Judged(entry, ())
        value = decoded(entry.data)
        found = (*self._messages.judge(entry, value), *self._stories.judge(entry, value))
        return Judged(entry, found)
