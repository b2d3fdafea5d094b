"""A turn handles what has come on many connections of a loop, step by step, not connection by connection.

First all bytes become messages, then all messages answers, then all answers bytes. It is the same work, and
with fifty stations it takes half the time: the code of one step fits into what a processor remembers of
instructions and jumps, the code of the whole way does not (benchmarks/README.md).

A turn is a bounded piece of work: so many connections, messages and bytes, inflated ones included. After
each, the loop has its own turn, and connections that have had their share stand behind those that had
none: whatever one peer sends, and however much of it, another's message waits for one turn or two.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol
from weakref import WeakValueDictionary

from ocpp_sansio.net import BATCH
from ocpp_sansio.websocket import WebSocketLink

__all__ = ["READ_AHEAD", "AnsweringWire", "Turn", "TurningWire", "corked"]

TURN = 64
"""Connections that are taken together: more would gain little, and hold more."""

MESSAGES = 128
"""Messages after which no further connection is read in the same turn."""

READ_AHEAD = 16384
"""Bytes that are taken from a socket at once, and so that a connection holds while it waits for its turn."""


class AnsweringWire(Protocol):
    """One connection, as a turn sees it when there is something to be written."""

    @property
    def link(self) -> WebSocketLink:
        """Its link, which gets the answers."""
        ...

    def leave_turn(self) -> None:
        """Write what was sent meanwhile: for one that did not read."""
        ...

    def fail(self, error: BaseException) -> None:
        """End the connection: what the turn did for it has raised."""
        ...


class TurningWire(AnsweringWire, Protocol):
    """One connection, as a turn sees it when it reads."""

    @property
    def debt(self) -> int:
        """Bytes that it has had beyond its share: above 0, it stands behind those that had no more."""
        ...

    def read(self, now: float) -> bool:
        """Give the link some of the bytes that have come, and the turn the messages in them.

        Return whether there are more, and the next turn is to ask again.
        """
        ...

    def take(self, message: bytes | bytearray) -> None:
        """Give the session a message, and the turn what the session answers at once."""
        ...

    def follow(self) -> None:
        """Write what is to be written, and see to all else that follows."""
        ...


class Turn:
    """The connections of one loop that have something to be read."""

    def __init__(self) -> None:
        self.messages: list[tuple[TurningWire, bytes | bytearray]] = []
        """What has been read, and no session has yet."""
        self.size = 0
        """Bytes that have been read in this turn, or came of them, whichever were more."""
        self.is_taking = False
        """Whether sessions take messages at this moment."""
        self.answers: list[tuple[AnsweringWire, bytes]] = []
        """What sessions have answered to that, and no link has yet."""
        self.joined: list[AnsweringWire] = []
        """Connections that did not read, and whose sessions have something to send nevertheless."""
        self.buffer = memoryview(bytearray(READ_AHEAD))
        """Where bytes from any socket of the loop come in; whoever is told of them copies them at once."""
        self._is_due = False
        self._light: deque[TurningWire] = deque()
        self._heavy: deque[TurningWire] = deque()  # those that have had their share, and have more

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> "Turn":
        """Return the one of a loop; it lasts as long as somebody holds it."""
        turn = _turns.get(loop)
        if turn is None:
            turn = _turns[loop] = cls()
        return turn

    def add(self, wire: TurningWire, loop: asyncio.AbstractEventLoop) -> None:
        """Have a connection read, once the loop has been told of all others that are ready too."""
        if wire.debt:
            self._heavy.append(wire)
        else:
            self._light.append(wire)
        if not self._is_due:
            self._is_due = True
            loop.call_soon(self.run, loop)

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take one turn, and have another after the loop's own if there is more to be read."""
        try:
            batch = self._read(loop.time())
            self._take()
            self.answer()
            self._follow(batch)
            self._leave()
        finally:
            self._is_due = bool(self._light or self._heavy)
            if self._is_due:
                loop.call_soon(self.run, loop)

    @contextmanager
    def corked(self) -> Iterator[None]:
        """Do the same for what is sent within: see the function `corked`."""
        if self.is_taking:
            yield
            return
        self.is_taking = True
        try:
            yield
        finally:
            self.is_taking = False
            self.answer()
            self._leave()

    def answer(self) -> None:
        """Give the links what the sessions have answered so far."""
        answers, self.answers = self.answers, []
        for wire, data in answers:
            try:
                wire.link.send_message(data)
            except BaseException as error:  # noqa: BLE001 - see `_fail`
                _fail(wire, error)

    def _read(self, now: float) -> list[TurningWire]:
        """Read from as many as make a turn, and put those that have more behind the others."""
        batch: list[TurningWire] = []
        again: list[TurningWire] = []
        for wires in (self._light, self._heavy):
            while wires:
                wire = wires.popleft()
                batch.append(wire)
                try:
                    if wire.read(now):
                        again.append(wire)
                except BaseException as error:  # noqa: BLE001 - see `_fail`
                    _fail(wire, error)
                # After the first of them, so that one of the heavy has its turn in any case. Messages may be
                # a thousand times as large as what was read, if that was compressed (C-9).
                if len(batch) >= TURN or self.size >= BATCH or len(self.messages) >= MESSAGES:
                    break
        self._heavy += again
        return batch

    def _take(self) -> None:
        messages, self.messages, self.size = self.messages, [], 0
        self.is_taking = True
        try:
            for wire, message in messages:
                try:
                    wire.take(message)
                except BaseException as error:  # noqa: BLE001 - see `_fail`
                    _fail(wire, error)
        finally:
            self.is_taking = False

    def _leave(self) -> None:
        joined, self.joined = self.joined, []
        for wire in joined:
            try:
                wire.leave_turn()
            except BaseException as error:  # noqa: BLE001 - see `_fail`
                _fail(wire, error)

    def _follow(self, batch: list[TurningWire]) -> None:
        for wire in batch:
            try:
                wire.follow()
            except BaseException as error:  # noqa: BLE001 - see `_fail`
                _fail(wire, error)


def corked() -> AbstractContextManager[None]:
    """Have what sessions send within leave at its end: a step for all, then the next, not one by one.

        with corked():
            for session in server.sessions.values():
                session.begin_forward(frame, take)

    For plain functions: nothing is to be awaited within. Many frames take a tenth less of a processor's time
    so. Counts for the connections of the loop that runs.
    """
    return Turn.of(asyncio.get_running_loop()).corked()


_turns: WeakValueDictionary[asyncio.AbstractEventLoop, Turn] = WeakValueDictionary()


def _fail(wire: AnsweringWire, error: BaseException) -> None:
    """End one connection for an exception, and no other with it, as a loop would."""
    if isinstance(error, KeyboardInterrupt | SystemExit):
        raise error
    wire.fail(error)
