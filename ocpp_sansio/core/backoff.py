"""When to dial again, and where: the reconnect rules of OCPP 2.x as arithmetic (R-1 to R-6).

1.6 leaves the back-off to the implementation (R-1), so the same serves all versions. Nothing here sleeps or
rolls dice: `Redials` is given its randomness, and returns seconds.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import force_setattr

from ocpp_sansio.core.settings import require_seconds, require_whole

__all__ = ["Backoff", "EndpointRota", "Redials", "ResetOn"]


class ResetOn(StrEnum):
    """What lets the waits begin from the smallest again (R-6)."""

    OPENED = "opened"
    """A connection was opened: the letter of the specification."""
    MESSAGE = "message"
    """The CSMS sent a message over it: one that opens connections to close them at once is not stormed."""


class Backoff(Struct, frozen=True):
    """The policy, as the three variables of 2.x describe it; one serves any number of stations.

    Raises ValueError for a setting that cannot be.
    """

    wait_minimum: float = 10.0
    """RetryBackOffWaitMinimum: the first wait, in seconds, without its random part."""
    random_range: float = 10.0
    """RetryBackOffRandomRange: each wait has up to so many seconds more, drawn anew each time (R-2)."""
    repeat_times: int = 5
    """RetryBackOffRepeatTimes: how often the wait is doubled before it stays as it is (R-2)."""
    reset_on: ResetOn = ResetOn.OPENED
    """What counts as success (R-6)."""

    def __post_init__(self) -> None:
        require_seconds("wait_minimum", self.wait_minimum, finite=True)
        require_seconds("random_range", self.random_range, finite=True)
        require_whole("repeat_times", self.repeat_times, 0)
        force_setattr(self, "reset_on", ResetOn(self.reset_on))

    def wait(self, failures: int, fraction: float) -> float:
        """Return the seconds to wait after so many failed attempts since the last success.

        `fraction`, from 0 to below 1, is the random part. It is added after the doubling, never doubled
        itself (R-3). 0 failures is the wait after the loss of a good connection, which waits too (R-4).
        """
        doublings: int = min(failures, self.repeat_times)
        return float(self.wait_minimum * 2**doublings + self.random_range * fraction)


class Redials:
    """One station's way through a `Backoff`."""

    __slots__ = ("_failures", "_policy", "_random")

    def __init__(self, policy: Backoff, random: Callable[[], float]) -> None:
        """Begin with no failures; `random` returns a number from 0 to below 1, like `random.random`."""
        self._policy = policy
        self._random = random
        self._failures = 0

    def next_wait(self) -> float:
        """Return the seconds to wait before the next attempt. Ask once for each attempt."""
        wait = self._policy.wait(self._failures, self._random())
        self._failures += 1
        return wait

    def note(self, what: ResetOn) -> None:
        """Take note that a connection was opened, or that a message came over it."""
        if what is self._policy.reset_on:
            self._failures = 0


EndpointT = TypeVar("EndpointT")


class EndpointRota(Generic[EndpointT]):
    """Which CSMS to dial: a list in order of priority, so many attempts at each, round and round (R-5).

    An endpoint that has worked is the one to begin with after a loss, and stays so until its attempts are
    used up; then the list is gone through from its beginning. It never gives up.
    """

    __slots__ = ("_attempts", "_endpoints", "_failures", "_index")

    def __init__(
        self, endpoints: Sequence[EndpointT], *, attempts: int | Sequence[int] = 3
    ) -> None:
        """Begin at the head; `attempts` is NetworkProfileConnectionAttempts, one for all or one for each.

        Raises ValueError for an empty list, for less than one attempt, and for numbers of them that are not
        as many as the endpoints.
        """
        for_each = (attempts,) * len(endpoints) if isinstance(attempts, int) else tuple(attempts)
        if not endpoints or len(for_each) != len(endpoints) or min(for_each) < 1:
            raise ValueError("a rota needs an endpoint, and an attempt at each")
        self._endpoints = tuple(endpoints)
        self._attempts = for_each
        self._index = 0
        self._failures = 0

    @property
    def current(self) -> EndpointT:
        """The endpoint to dial next."""
        return self._endpoints[self._index]

    def failed(self) -> None:
        """Take note that an attempt at `current` has failed."""
        self._failures += 1
        if self._failures < self._attempts[self._index]:
            return
        self._failures = 0
        self._index = (self._index + 1) % len(self._endpoints)

    def worked(self) -> None:
        """Take note that `current` has let us in."""
        self._failures = 0
