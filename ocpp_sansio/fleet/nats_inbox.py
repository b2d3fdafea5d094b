"""Who waits for which reply: a number for each, of one subscription, or one of his own."""

from collections.abc import Callable
from itertools import count
from typing import TypeAlias

from ocpp_sansio.fleet.alarm import Alarm
from ocpp_sansio.fleet.asked import Asked, Failure
from ocpp_sansio.fleet.bus import BusError, NobodyThere
from ocpp_sansio.fleet.nats_wire import NO_RESPONDERS, Reply

__all__ = ["Inbox", "Request", "Take"]

Take: TypeAlias = Callable[[Reply | BusError], None]
"""Takes a reply, or why there will be none."""


class Request(Asked[Reply]):
    """Waits for its reply in an inbox."""

    __slots__ = ("_inbox", "reply_to", "subject")

    def __init__(
        self,
        subject: str,
        take: Callable[[Reply | Failure], None],
        inbox: "Inbox",
        timeout: float | Alarm | None,
    ) -> None:
        """Make one at a subject; its place in the inbox is taken at once."""
        super().__init__(take, timeout=timeout)
        self.subject = subject
        self.reply_to = inbox.open(self)
        self._inbox = inbox

    def _forget(self) -> None:
        self._inbox.close(self)


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
        self._waiting: dict[str, Request] = {}
        self._apart: dict[int, tuple[str, Take]] = {}

    def open(self, request: Request) -> str:
        """Have a request wait here; return the subject to reply to."""
        reply_to = f"{self._root}.{next(self._numbers)}"
        self._waiting[reply_to] = request
        return reply_to

    def close(self, request: Request) -> None:
        """Have it wait no more. Idempotent."""
        self._waiting.pop(request.reply_to, None)

    def read(self, reply: Reply) -> None:
        """Give a reply to whoever waits for it, if he still does."""
        request = self._waiting.get(reply.subject)
        if request is None:
            return
        if reply.headers and reply.status == NO_RESPONDERS:
            request.settle(NobodyThere(f"nobody has subscribed to {request.subject}"))
        else:
            request.settle(reply)

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
        self._waiting, self._apart = {}, {}
        for _, take in waiting:
            take(error)

    def _all(self) -> list[tuple[str, Take]]:
        """Return who waits, with what he has asked at."""
        requests = self._waiting.values()
        return [*((each.subject, each.settle) for each in requests), *self._apart.values()]
