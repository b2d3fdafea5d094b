"""`StationClock`: what time it is, from the answers of the CSMS and from better sources (K-1 to K-7).

Timers run on `now`; UTC is `now` and an offset. So a step of the clock moves no timer and no order (K-1).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ocpp_sansio.station.events import ClockIgnored, ClockSet

__all__ = ["StationClock"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)
"""Nothing of this library ran before: an earlier time is nonsense (K-5)."""
LATEST = datetime(2100, 12, 31, tzinfo=UTC)
HEARTBEAT = "Heartbeat"
"""The source that is the CSMS, as TimeSource names it."""


class StationClock:
    """The clock of one station. Until it is set, its time is too early, but never goes back (K-6)."""

    __slots__ = (
        "_floor",
        "_heard_at",
        "_max_round_trip",
        "_offset",
        "_patience",
        "_rank",
        "_sources",
        "_started_at",
    )

    def __init__(
        self,
        *,
        floor: float | None = None,
        sources: Sequence[str] = (HEARTBEAT,),
        max_round_trip: float = 10.0,
        patience: float = 86400.0,
    ) -> None:
        """Begin with a time that has certainly been, in seconds of UTC since 1970.

        `sources` are the best first. One is not listened to as long as a better one has set the clock within
        the last `patience` seconds.
        """
        earliest = (EARLIEST - EPOCH).total_seconds()
        self._floor = earliest if floor is None else max(floor, earliest)
        self._started_at: float | None = None
        self._offset: float | None = None
        self._rank = 0
        self._heard_at = 0.0
        self.configure(sources=sources, max_round_trip=max_round_trip, patience=patience)

    def configure(self, *, sources: Sequence[str], max_round_trip: float, patience: float) -> None:
        """Go on with other settings."""
        self._sources = tuple(sources)
        self._max_round_trip = max_round_trip
        self._patience = patience

    def start(self, *, now: float) -> None:
        """Note the time, from which the provisional one runs; only the first note counts."""
        if self._started_at is None:
            self._started_at = now

    @property
    def is_set(self) -> bool:
        """Whether UTC is known; before, `utc` is provisional (K-6)."""
        return self._offset is not None

    def utc(self, *, now: float) -> datetime:
        """Return the time: the real one, or a provisional one that is marked by `is_set` (K-6)."""
        self.start(now=now)
        offset = self._provisional_offset if self._offset is None else self._offset
        return EPOCH + timedelta(seconds=now + offset)

    def seconds(self, *, now: float) -> float | None:
        """Return the time in seconds of UTC since 1970; None: it is not known."""
        return None if self._offset is None else now + self._offset

    def listens_to(self, source: str, *, now: float) -> bool:
        """Whether a sample of this source would count now (K-2)."""
        is_stale = now - self._heard_at > self._patience
        return self._offset is None or is_stale or self._rank_of(source) <= self._rank

    def sample(
        self, utc: object, source: str, *, now: float, sent_at: float | None = None
    ) -> ClockSet | ClockIgnored | None:
        """Take a sample of UTC; `sent_at` is when it was asked for (K-3). None: it is not needed.

        `utc` that cannot be is ignored, and said so (K-5).
        """
        if not isinstance(utc, datetime) or utc.tzinfo is None or not EARLIEST <= utc <= LATEST:
            return ClockIgnored(source)
        round_trip = 0.0 if sent_at is None else max(0.0, now - sent_at)
        if not self.listens_to(source, now=now):
            return None
        if self._offset is not None and round_trip > self._max_round_trip:
            return None
        self.start(now=now)
        before = self._offset
        offset = (utc - EPOCH).total_seconds() + round_trip / 2 - now
        self._offset = offset
        self._rank = self._rank_of(source)
        self._heard_at = now
        was_provisional = before is None
        step = offset - (self._provisional_offset if before is None else before)
        return ClockSet(self.utc(now=now), step, source, was_provisional)

    @property
    def _provisional_offset(self) -> float:
        return self._floor - (self._started_at or 0.0)

    def _rank_of(self, source: str) -> int:
        return self._sources.index(source) if source in self._sources else len(self._sources)
