"""What goes out on one connection: messages to the transport, in few writes, as fast as the peer takes them.

Answers that a session gives within a turn are written together. While the transport holds more than
`Limits.max_unsent`, senders wait; a peer that takes nothing for `Limits.write_timeout` is cut off.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable
from contextlib import suppress

from ocpp_sansio.asyncio.turn import Turn
from ocpp_sansio.net import BATCH, Limits
from ocpp_sansio.session import ConnectionLost
from ocpp_sansio.websocket import CsmsWebSocket, Inlet, StationWebSocket

__all__ = ["Outgoing"]


class _NoTransport(asyncio.Transport):
    """Stands for the transport until there is one."""

    def abort(self) -> None:
        """Do nothing: there is nothing to drop."""

    close = abort

    def is_closing(self) -> bool:
        """Return True: nothing can be written."""
        return True

    def get_write_buffer_size(self) -> int:
        """Return 0: nothing waits."""
        return 0


_NO_TRANSPORT = _NoTransport()


class Outgoing(ABC):
    """The writing half of a connection; `StreamWire` adds the other."""

    suspends = False
    """What `send` returns may be given up: the transport has the data already."""

    __slots__ = (
        "_batched",
        "_inlet",
        "_is_paused",
        "_limits",
        "_loop",
        "_room",
        "_stall",
        "_turn",
        "_written",
        "link",
        "transport",
    )

    def __init__(
        self, link: StationWebSocket | CsmsWebSocket, inlet: Inlet, limits: Limits
    ) -> None:
        self.link: StationWebSocket | CsmsWebSocket = link
        self.transport: asyncio.Transport = _NO_TRANSPORT
        self._inlet = inlet
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._turn = Turn.of(self._loop)
        # Bytes of answers that wait for one another, to leave in one write; None when we have no turn.
        self._batched: int | None = None
        self._is_paused = False  # whether the peer has to take what waits before we read on
        self._written = 0
        self._room: asyncio.Future[None] | None = None  # done when senders may go on
        self._stall: asyncio.TimerHandle | None = None

    def send(self, data: bytes) -> Awaitable[None] | None:
        """Send a whole message; what is returned, if anything, is to be awaited before the next."""
        if self._inlet.version is None:
            raise ConnectionLost("the connection went before this was sent", was_sent=False)
        turn = self._turn
        if not turn.is_taking:
            self.link.send_message(data)
            self._write()
        else:
            if self._batched is None:
                self._batched = 0
                turn.joined.append(self)
            turn.answers.append((self, data))
            self._batched += len(data)
            if self._batched > BATCH:
                self._batched = 0
                turn.answer()
                self._write()
        if not self._is_paused:
            return None
        if self._room is None:
            self._room = self._loop.create_future()
        return asyncio.shield(self._room)

    def leave_turn(self) -> None:
        """Write what was sent in the turn of others."""
        self._batched = None
        self._write()

    def abort(self) -> None:
        """Drop the transport, if there is one, and what was to be written with it."""
        self.transport.abort()

    @abstractmethod
    def fail(self, error: BaseException) -> None:
        """End the connection because of an exception that should not be."""

    def pause_writing(self) -> None:
        """Have senders wait, and the peer be looked at: it does not take what it gets."""
        self._is_paused = True
        self._await_progress()

    def resume_writing(self) -> None:
        """Let senders go on."""
        self._is_paused = False
        if self._stall:
            self._stall.cancel()
        self._make_room()

    def _await_progress(self) -> None:
        taken = self._written - self.transport.get_write_buffer_size()
        self._stall = self._loop.call_later(self._limits.write_timeout, self._check_progress, taken)

    def _check_progress(self, taken_before: int) -> None:
        """Cut the peer off if it has taken nothing for as long as it may."""
        if self._written - self.transport.get_write_buffer_size() > taken_before:
            self._await_progress()
        else:
            self.link.cut_off(f"cut off: it took nothing for {self._limits.write_timeout:g} s")
            self.abort()

    def _write(self) -> None:
        pieces = self.link.data_to_send()
        if not pieces or self.transport.is_closing():
            return
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._written += len(data)
        self.transport.write(data)
        if pieces[-1]:
            return
        if self.transport.can_write_eof():
            with suppress(OSError):  # the peer has reset the connection
                self.transport.write_eof()
        else:
            self.transport.close()  # TLS knows no half-close

    def _make_room(self) -> None:
        if self._room:
            self._room.set_result(None)
        self._room = None
