"""`Folding`: so many records a second pass, and the rest is counted.

No loop and no clock: whoever logs says what time it is, in seconds of any clock that does not go back.
"""

from math import ceil

from ocpp_sansio.core import plain

__all__ = ["RECORDS_PER_SECOND", "Folding"]

RECORDS_PER_SECOND = 10
"""Records about one peer in any second, unless told otherwise; what is more is counted."""

_MAX_KINDS = 3  # kinds that a count is broken down into
_KIND_LIMIT = 40  # characters of each


class Folding:
    """A limit to the records of one kind of source, and the count of those that it kept back."""

    __slots__ = ("_first_folded", "_kinds", "_last_folded", "_times", "above", "level", "limit")

    def __init__(self, limit: int, *, above: "Folding | None" = None) -> None:
        """Make one that lets `limit` records a second pass, and no more than `above` does for several."""
        self.limit = limit
        self.above = above
        """The limit that this one shares with others."""
        self.level = 0
        """The highest level of what was folded."""
        self._times: list[float] = []  # of the last `limit` records
        self._kinds: dict[str, int] | None = None  # how many were folded of each
        self._first_folded = self._last_folded = 0.0

    def admits(self, level: int, now: float, kind: str) -> bool:
        """Whether a record may pass; if not, it is counted as one of its kind."""
        if not self._has_room(now) or not (self.above is None or self.above.passes(now)):
            self._fold(level, now, kind)
            return False
        self._times.append(now)
        return True

    def passes(self, now: float) -> bool:
        """Whether a record may pass, which is counted elsewhere if not."""
        if self._has_room(now):
            self._times.append(now)
            return True
        return False

    @property
    def folded(self) -> int:
        """How many records were folded since the count was taken."""
        return sum(self._kinds.values()) if self._kinds else 0

    def take_count(self) -> tuple[str, int]:
        """Return what was folded, in words and as a number, and begin anew; in no words if nothing was."""
        if not self._kinds:
            return "", 0
        kinds, self._kinds, self.level = self._kinds, None, 0
        most = sorted(kinds.items(), key=lambda item: -item[1])
        shown = [f"{count:,} {plain(kind, _KIND_LIMIT)}" for kind, count in most[:_MAX_KINDS]]
        rest = sum(count for _, count in most[_MAX_KINDS:])
        if rest:
            shown.append(f"{rest:,} others")
        total = sum(kinds.values())
        seconds = max(ceil(self._last_folded - self._first_folded), 1)
        return f" … and {total:,} more in {seconds:,} s ({', '.join(shown)})", total

    def _has_room(self, now: float) -> bool:
        """Whether the last second has had fewer records than may pass in one."""
        times = self._times
        if len(times) < self.limit:
            return True
        if now - times[0] < 1.0:
            return False
        del times[0]
        return True

    def _fold(self, level: int, now: float, kind: str) -> None:
        if self._kinds is None:
            self._kinds = {}
            self._first_folded = now
        self._last_folded = now
        self.level = max(level, self.level)
        self._kinds[kind] = self._kinds.get(kind, 0) + 1
