"""What comes for all connections of a loop, taken step by step, not one connection after the other.

First all bytes become messages, then all messages answers, then all answers bytes. It is the same work, and
with fifty stations it takes half the time: the code of one step fits into what a processor remembers of
instructions and jumps, the code of the whole way does not (benchmarks/README.md).
"""

import asyncio
from collections import deque
from typing import Protocol
from weakref import WeakValueDictionary

from ocpp_sansio._websocket_link import WebSocketLink
from ocpp_sansio._wired import BATCH

__all__ = ["Turn", "TurningWire"]

TURN = 64
"""Connections that are taken together: more would gain little, and hold more."""


class TurningWire(Protocol):
    """One connection, as a turn sees it."""

    @property
    def link(self) -> WebSocketLink:
        """Its link, which gets the answers."""
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

    def fail(self, error: BaseException) -> None:
        """Drop the connection: one of these has raised."""
        ...


class Turn:
    """The connections of one loop that have something to be read."""

    def __init__(self) -> None:
        self.messages: list[tuple[TurningWire, bytes | bytearray]] = []
        """What has been read, and no session has yet."""
        self.size = 0
        """Bytes in `messages`."""
        self.is_taking = False
        """Whether sessions take messages at this moment."""
        self.answers: list[tuple[TurningWire, bytes]] = []
        """What sessions have answered to that, and no link has yet."""
        self._wires: deque[TurningWire] = deque()

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> "Turn":
        """Return the one of a loop; it lasts as long as somebody holds it."""
        turn = _turns.get(loop)
        if turn is None:
            turn = _turns[loop] = cls()
        return turn

    def add(self, wire: TurningWire, loop: asyncio.AbstractEventLoop) -> None:
        """Have a connection read, once the loop has been told of all others that are ready too."""
        if not self._wires:
            loop.call_soon(self.run, loop)
        self._wires.append(wire)

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take turns until there is nothing to be read that need not wait."""
        while self._wires:
            batch, again = self._read(loop.time())
            self._take()
            self.answer()
            self._follow(batch)
            self._wires += again

    def answer(self) -> None:
        """Give the links what the sessions have answered so far."""
        answers, self.answers = self.answers, []
        for wire, data in answers:
            try:
                wire.link.send_message(data)
            except BaseException as error:  # noqa: BLE001 - see `_drop`
                _drop(wire, error)

    def _read(self, now: float) -> tuple[list[TurningWire], list[TurningWire]]:
        """Read from as many as make a turn; return them, and those of them that have more."""
        wires = self._wires
        batch: list[TurningWire] = []
        again: list[TurningWire] = []
        # Their messages may be a thousand times as large as what was read, if it was compressed (C-9).
        while wires and len(batch) < TURN and self.size < BATCH:
            wire = wires.popleft()
            batch.append(wire)
            try:
                if wire.read(now):
                    again.append(wire)
            except BaseException as error:  # noqa: BLE001 - see `_drop`
                _drop(wire, error)
        return batch, again

    def _take(self) -> None:
        messages, self.messages, self.size = self.messages, [], 0
        self.is_taking = True
        try:
            for wire, message in messages:
                try:
                    wire.take(message)
                except BaseException as error:  # noqa: BLE001 - see `_drop`
                    _drop(wire, error)
        finally:
            self.is_taking = False

    def _follow(self, batch: list[TurningWire]) -> None:
        for wire in batch:
            try:
                wire.follow()
            except BaseException as error:  # noqa: BLE001 - see `_drop`
                _drop(wire, error)


_turns: WeakValueDictionary[asyncio.AbstractEventLoop, Turn] = WeakValueDictionary()


def _drop(wire: TurningWire, error: BaseException) -> None:
    """Drop one connection for an exception, and no other with it, as a loop would."""
    if isinstance(error, KeyboardInterrupt | SystemExit):
        raise error
    wire.fail(error)
