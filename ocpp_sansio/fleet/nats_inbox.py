"""Who waits for which reply: a number for each, of one subscription, or one of his own."""

from collections.abc import Callable
from itertools import count
from typing import TypeAlias

from ocpp_sansio.fleet.alarm import Alarm
from ocpp_sansio.fleet.asked import Asked, Failure
from ocpp_sansio.fleet.bus import BusError, NobodyThere
from ocpp_sansio.fleet.nats_wire import NO_RESPONDERS, Reply

__all__ = ["Inbox", "Take"]

Take: TypeAlias = Callable[[Reply | BusError], None]
"""Takes a reply, or why there will be none."""


class Inbox:
    """The subjects below one that nobody else knows."""

    def __init__(self, root: str) -> None:
        """Make one below a subject, which is to be unique."""
        self.number = 1
        """Of its subscription."""
        self.pattern = f"{root}.*"
        """What its subscription is to."""
        self._root = root
        self._numbers = count(1)
        self._waiting: dict[str, Asked[Reply]] = {}
        self._apart: dict[int, tuple[str, Take]] = {}

    def open(
        self, asked: str, take: Callable[[Reply | Failure], None], timeout: float | Alarm | None
    ) -> tuple[str, Asked[Reply]]:
        """Have a function called with the reply to what is asked at a subject; return where to reply to."""
        reply_to = f"{self._root}.{next(self._numbers)}"
        return reply_to, Asked(asked, take, self._waiting, reply_to, timeout=timeout)

    def read(self, reply: Reply) -> None:
        """Give a reply to whoever waits for it, if he still does."""
        asked = self._waiting.get(reply.subject)
        if asked is None:
            return
        if reply.headers and reply.status == NO_RESPONDERS:
            asked.settle(NobodyThere(f"nobody has subscribed to {asked.subject}"))
        else:
            asked.settle(reply)

    def open_apart(self, number: int, asked: str, take: Take) -> str:
        """Return the same for replies that have a subscription of their own, which has this number."""
        self._apart[number] = (asked, take)
        return f"{self._root}.apart.{number}"

    def close_apart(self, number: int) -> bool:
        """Wait no more; return whether anybody has waited."""
        return self._apart.pop(number, None) is not None

    def read_apart(self, number: int, reply: Reply) -> None:
        """Give a reply to whoever has that subscription, if he still does."""
        waiting = self._apart.get(number)
        if waiting:
            waiting[1](reply)

    def refuse(self, asked: str, error: BusError) -> bool:
        """End the wait of all who have asked at a subject; return whether anybody has."""
        refused = [take for subject, take in self._all() if subject == asked]
        for take in refused:
            take(error)
        return bool(refused)

    def fail(self, error: BusError) -> None:
        """End every wait (FL-10)."""
        waiting = self._all()
        self._apart = {}
        for _, take in waiting:
            take(error)

    def _all(self) -> list[tuple[str, Take]]:
        """Return who waits, and for what he has asked."""
        asked = [(each.subject, each.settle) for each in self._waiting.values()]
        return [*asked, *self._apart.values()]
