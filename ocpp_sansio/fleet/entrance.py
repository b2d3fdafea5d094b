"""`Entrance`: stations that are claimed before they are let in."""

import asyncio
from collections.abc import Callable, Hashable

from ocpp_sansio.core import Version

__all__ = ["Applicant", "Entrance"]

ENTRY = 10.0
"""Seconds that a station has to be connected, once it was claimed and let in."""


class Applicant:
    """Stands for a connection that there is not yet."""

    def __init__(self, token: str, version: Version, loop: asyncio.AbstractEventLoop) -> None:
        self.token = token
        self.version = version
        self.claimed: asyncio.Future[bool] = loop.create_future()
        """Whether the station was claimed for it."""
        self.leaving: asyncio.TimerHandle | None = None

    def settle(self, *, is_claimed: bool) -> None:
        """Say what came of it; the first word counts."""
        if not self.claimed.done():
            self.claimed.set_result(is_claimed)


class Entrance:
    """The applicants of a gateway, one for each station at most, and `max_applicants` in all."""

    def __init__(
        self,
        max_applicants: int,
        *,
        apply: Callable[[Applicant], None],
        withdraw: Callable[[Applicant], None],
    ) -> None:
        """Make one; `apply` has a station claimed for an applicant, `withdraw` has that claim let go."""
        self._max_applicants = max_applicants
        self._apply = apply
        self._withdraw = withdraw
        self._applicants: dict[str, Applicant] = {}

    def __contains__(self, token: str) -> bool:
        return token in self._applicants

    async def claim(self, token: str, version: Version, *, timeout: float) -> bool:
        """Return whether a station was claimed, within so many seconds.

        It has to be connected soon after, or the claim is let go; likewise if this is cancelled.
        """
        loop = asyncio.get_running_loop()
        applicant = self._applicants.get(token)
        if applicant is None:
            if len(self._applicants) >= self._max_applicants:
                return False
            applicant = self._applicants[token] = Applicant(token, version, loop)
            self._apply(applicant)
        try:
            await asyncio.wait([applicant.claimed], timeout=timeout)
            applicant.settle(is_claimed=False)  # its time is over, if nothing was said so far
        finally:
            if applicant.leaving is None:
                applicant.leaving = loop.call_later(ENTRY, self.leave, applicant)
        if not applicant.claimed.result():
            self.leave(applicant)
        return applicant.claimed.result()

    def enter(self, token: str) -> Applicant | None:
        """Return who stands for a station that is connected now, and stands for it no more."""
        applicant = self._applicants.pop(token, None)
        if applicant:
            self._end(applicant)
        return applicant

    def claimed(self, connection: Hashable) -> None:
        """Note that a station is ours, if it is for an applicant."""
        if isinstance(connection, Applicant):
            connection.settle(is_claimed=True)

    def refused(self, connection: Hashable) -> None:
        """Note that a station is another gateway's, if it was for an applicant that we had claimed it."""
        if (
            isinstance(connection, Applicant)
            and self._applicants.get(connection.token) is connection
        ):
            del self._applicants[connection.token]
            self._end(connection)

    def leave(self, applicant: Applicant) -> None:
        """Let go of a station that was not connected. Idempotent."""
        if self._applicants.get(applicant.token) is applicant:
            del self._applicants[applicant.token]
            self._end(applicant)
            self._withdraw(applicant)

    def close(self) -> None:
        """Let go of all."""
        for applicant in tuple(self._applicants.values()):
            self.leave(applicant)

    def _end(self, applicant: Applicant) -> None:
        applicant.settle(is_claimed=False)
        if applicant.leaving:
            applicant.leaving.cancel()
