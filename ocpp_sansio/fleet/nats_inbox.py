"""Who waits for which reply: a number for each, of one subscription, or one of his own."""

from collections.abc import Callable
from itertools import count
from typing import TypeAlias

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
        self._waiting: dict[str, tuple[str, Take]] = {}
        self._apart: dict[int, tuple[str, Take]] = {}

    def new_subject(self) -> str:
        """Return a subject to reply to that is nobody's yet."""
        return f"{self._root}.{next(self._numbers)}"

    def open(self, subject: str, asked: str, take: Take) -> None:
        """Have a function called with the reply to a subject, for what is asked at another, `asked`."""
        self._waiting[subject] = (asked, take)

    def close(self, subject: str) -> None:
        """Wait no more. Idempotent."""
        self._waiting.pop(subject, None)

    def read(self, reply: Reply) -> None:
        """Give a reply to whoever waits for it, if he still does."""
        waiting = self._waiting.get(reply.subject)
        if waiting is None:
            return
        asked, take = waiting
        if reply.headers and reply.status == NO_RESPONDERS:
            take(NobodyThere(f"nobody has subscribed to {asked}"))
        else:
            take(reply)

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
        waiting = (*self._waiting.values(), *self._apart.values())
        refused = [take for each, take in waiting if each == asked]
        for take in refused:
            take(error)
        return bool(refused)

    def fail(self, error: BusError) -> None:
        """End every wait (FL-10)."""
        waiting = (*self._waiting.values(), *self._apart.values())
        self._waiting, self._apart = {}, {}
        for _, take in waiting:
            take(error)
