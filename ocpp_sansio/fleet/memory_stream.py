"""What is durable on a `MemoryBus`: a stream whose messages stay until every group has done with them."""

import asyncio
from collections import deque

from ocpp_sansio.fleet.bus import BusUnavailable, DurableMessage, ReceiveDurable
from ocpp_sansio.session import PeerLog

__all__ = ["MemoryStream", "matches"]

DUPLICATE_WINDOW = 120.0
"""Seconds in which a message of the same id is the same message (FL-15)."""

RETRY_DELAY = 1.0
"""Seconds before a message comes again whose consumer has raised."""


def matches(pattern: str, subject: str) -> bool:
    """Return whether a subject is one of a pattern, whose `*` stands for any one token."""
    wanted, tokens = pattern.split("."), subject.split(".")
    return len(wanted) == len(tokens) and all(
        each in {"*", token} for each, token in zip(wanted, tokens, strict=True)
    )


class _Stored:
    """A message, and which groups have done with it."""

    __slots__ = ("data", "done", "subject")

    def __init__(self, subject: str, data: bytes) -> None:
        self.subject = subject
        self.data = data
        self.done: set[str] = set()


class MemoryStream:
    """The messages, in order, and the groups that consume them."""

    def __init__(self, max_stored: int) -> None:
        self._max_stored = max_stored
        self._messages: dict[int, _Stored] = {}
        self._last = 0
        self._ids: dict[str, float] = {}  # when each was stored, the oldest first
        self._groups: dict[str, _Group] = {}
        self.is_paused = False

    def add(self, subject: str, data: bytes, message_id: str, *, now: float) -> None:
        """Store a message, unless its id was stored lately; raises BusUnavailable when it is full."""
        while self._ids and now - next(iter(self._ids.values())) > DUPLICATE_WINDOW:
            del self._ids[next(iter(self._ids))]
        if message_id in self._ids:
            return
        if len(self._messages) >= self._max_stored:
            text = f"{self._max_stored} durable messages are stored, and nobody has done with them"
            raise BusUnavailable(text, was_sent=False)
        if len(self._ids) >= self._max_stored:
            del self._ids[next(iter(self._ids))]
        self._ids[message_id] = now
        self._last += 1
        self._messages[self._last] = _Stored(subject, data)
        for group in self._groups.values():
            group.offer(self._last, subject)

    def consume(
        self, pattern: str, receive: ReceiveDurable, group: str, max_in_flight: int
    ) -> "_Consumer":
        """Add a consumer to a group, which is made if it is new: it has all that is stored before it."""
        members = self._groups.get(group)
        if members is None:
            members = self._groups[group] = _Group(self, group, pattern)
            for number, stored in self._messages.items():
                members.offer(number, stored.subject)
        else:
            members.widen(pattern, self._messages)
        return members.add(receive, max_in_flight)

    def get(self, number: int) -> _Stored | None:
        """Return a message that is stored."""
        return self._messages.get(number)

    def note_done(self, number: int, group: str) -> None:
        """Forget a message once each group that wants it has done with it."""
        stored = self._messages.get(number)
        if stored is None:
            return
        stored.done.add(group)
        wanted = {each.name for each in self._groups.values() if each.wants(stored.subject)}
        if wanted <= stored.done:
            del self._messages[number]

    def pause(self) -> None:
        """Give nobody anything, as a broker does that is away."""
        self.is_paused = True

    def resume(self) -> None:
        """Go on."""
        self.is_paused = False
        for group in self._groups.values():
            group.start()

    async def close(self) -> None:
        """End all consumers, and wait for what they are doing."""
        running = [task for group in self._groups.values() for task in group.close()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._groups.clear()


class _Group:
    def __init__(self, stream: MemoryStream, name: str, pattern: str) -> None:
        self.name = name
        self._patterns = {pattern}
        self._stream = stream
        self._waiting: deque[tuple[int, bool]] = deque()  # and whether it was given before
        self._consumers: list[_Consumer] = []
        self._turn = 0

    def wants(self, subject: str) -> bool:
        return any(matches(pattern, subject) for pattern in self._patterns)

    def widen(self, pattern: str, messages: dict[int, _Stored]) -> None:
        """Want the messages of another pattern, too."""
        if pattern in self._patterns:
            return
        news = [
            number
            for number, each in messages.items()
            if matches(pattern, each.subject) and not self.wants(each.subject)
        ]
        self._patterns.add(pattern)
        self._waiting.extend((number, False) for number in news)

    def add(self, receive: ReceiveDurable, max_in_flight: int) -> "_Consumer":
        consumer = _Consumer(self, receive, max_in_flight)
        self._consumers.append(consumer)
        self.start()
        return consumer

    def remove(self, consumer: "_Consumer") -> None:
        if consumer in self._consumers:
            self._consumers.remove(consumer)

    def offer(self, number: int, subject: str) -> None:
        if self.wants(subject):
            self._waiting.append((number, False))
            self.start()

    def start(self) -> None:
        """Give what waits to consumers that have room, in turn."""
        while self._waiting and not self._stream.is_paused:
            free = [each for each in self._consumers if each.has_room]
            if not free:
                return
            self._turn += 1
            number, is_redelivered = self._waiting.popleft()
            free[self._turn % len(free)].take(number, is_redelivered=is_redelivered)

    def give_back(self, number: int) -> None:
        self._waiting.appendleft((number, True))
        self.start()

    def give(self, number: int) -> _Stored | None:
        return self._stream.get(number)

    def note_done(self, number: int) -> None:
        self._stream.note_done(number, self.name)

    def close(self) -> list["asyncio.Task[None]"]:
        return [task for each in tuple(self._consumers) for task in each.stop()]


class _Consumer:
    def __init__(self, group: _Group, receive: ReceiveDurable, max_in_flight: int) -> None:
        self._group = group
        self._receive = receive
        self._max_in_flight = max_in_flight
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    @property
    def has_room(self) -> bool:
        return len(self._tasks) < self._max_in_flight

    def take(self, number: int, *, is_redelivered: bool) -> None:
        task = asyncio.get_running_loop().create_task(
            self._run(number, is_redelivered=is_redelivered)
        )
        self._tasks.add(task)
        task.add_done_callback(self._note_end)

    def close(self) -> None:
        """Take nothing more; what is being received goes on."""
        self._is_closed = True
        self._group.remove(self)

    def stop(self) -> list["asyncio.Task[None]"]:
        self.close()
        return list(self._tasks)

    def _note_end(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._group.start()

    async def _run(self, number: int, *, is_redelivered: bool) -> None:
        stored = self._group.give(number)
        if stored is None:
            return
        message = DurableMessage(stored.subject, stored.data, is_redelivered)
        try:
            await self._receive(message)
        except asyncio.CancelledError:
            self._group.give_back(number)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the message comes again
            text, now = "what consumes durable messages failed; they come again", _now()
            PeerLog().warning(now, text, exc_info=error)
            await asyncio.sleep(0 if self._is_closed else RETRY_DELAY)
            self._group.give_back(number)
        else:
            self._group.note_done(number)


def _now() -> float:
    return asyncio.get_running_loop().time()
