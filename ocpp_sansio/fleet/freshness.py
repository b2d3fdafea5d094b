"""`Freshness`: how long a call was on its way, without clocks that agree. Pure.

A broker that was stopped, or a caller's connection that hung, hands a call over long after its caller was
told that it has failed; neither is felt at the gateway. So each call says when it left, by its caller's own
clock, and the gateway remembers the least difference that it has seen to its own: what is above that is the
time on the way. A caller begins with a greeting, which it repeats unless it is answered at once, so that the
difference is not far off to begin with; and again when the gateway has not heard of it for a while.
"""

from msgspec import Struct

__all__ = ["Freshness"]

WINDOW = 600.0
"""Seconds after which a difference is measured anew: clocks drift apart, by a tenth of that in a day."""


class _Differences(Struct):
    began: float
    least: float
    least_before: float


class Freshness:
    """What a gateway knows of its callers' clocks."""

    def __init__(self, max_callers: int = 10_000) -> None:
        """Make one; of more than `max_callers` callers it forgets the one it has measured longest ago."""
        self._max_callers = max_callers
        self._callers: dict[str, _Differences] = {}

    def greeted(self, caller: str, made_at: float, *, now: float) -> None:
        """Learn of a caller from its greeting."""
        if self.delay(caller, made_at, now=now) is None:
            self._callers.pop(caller, None)
            self._callers[caller] = _Differences(now, now - made_at, now - made_at)
            if len(self._callers) > self._max_callers:
                del self._callers[next(iter(self._callers))]

    def delay(self, caller: str, made_at: float, *, now: float) -> float | None:
        """Return the seconds that a message was on its way, and learn of it; None if that cannot be told."""
        difference = now - made_at
        known = self._callers.get(caller)
        if known is None or now - known.began > 2 * WINDOW:
            return None
        if now - known.began > WINDOW:
            del self._callers[caller]  # it is the newest again
            known = self._callers[caller] = _Differences(now, difference, known.least)
        elif difference < known.least:
            known.least = difference
        return difference - min(known.least, known.least_before)
