"""`Alarm`: rings for many who wait equally long, with one timer of the loop's."""

import asyncio
from collections import OrderedDict
from typing import Protocol

__all__ = ["Alarm", "Sleeper"]


class Sleeper(Protocol):
    """Who waits."""

    def wake(self) -> None:
        """Hear that the time has come. Raises nothing."""
        ...


class Alarm:
    """Wakes each who was added `delay` seconds after that, unless he was removed before.

    Nearly all are: a timer for each would be set and cancelled for nothing. Since who comes later is woken
    later, the first is always the next, and the one timer is his, or of one who was before him.
    """

    def __init__(self, delay: float) -> None:
        """Make one, which is no loop's until somebody is added."""
        self._delay = delay
        self._due: OrderedDict[Sleeper, float] = OrderedDict()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_set = False

    def add(self, sleeper: Sleeper, loop: asyncio.AbstractEventLoop) -> None:
        """Have somebody woken in this loop, the running one."""
        if loop is not self._loop:  # the one before is no more, and its timer with it
            self._due.clear()
            self._loop, self._is_set = loop, False
        due = self._due[sleeper] = loop.time() + self._delay
        if not self._is_set:
            self._set(loop, due)

    def remove(self, sleeper: Sleeper) -> None:
        """Wake him no more. Idempotent."""
        self._due.pop(sleeper, None)

    def _set(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._is_set = True
        loop.call_at(due, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        if loop is not self._loop:
            return
        self._is_set = False
        now = loop.time()
        while self._due:
            sleeper, due = next(iter(self._due.items()))
            if due > now:
                self._set(loop, due)
                return
            del self._due[sleeper]
            sleeper.wake()
