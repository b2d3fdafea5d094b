"""The byte pump of the trio world: one stream, one link, and the session at its end.

One task reads and hands messages on, one keeps the time; whoever has bytes to write takes the lock.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from inspect import isawaitable
from types import TracebackType

import trio

from ocpp_sansio._message_pipe import Inlet
from ocpp_sansio._peer_log import PeerLog
from ocpp_sansio._websocket_link import INTERNAL_ERROR, NORMAL
from ocpp_sansio._wired import BATCH, GRACE, READ_SIZE, WiredSession
from ocpp_sansio.events import ProtocolViolated
from ocpp_sansio.net import Limits
from ocpp_sansio.outcomes import ConnectionLost, NotConnected
from ocpp_sansio.trio import Session
from ocpp_sansio.versions import Version
from ocpp_sansio.websocket import (
    CsmsWebSocket,
    HandshakeReceived,
    HandshakeRejected,
    Opened,
    Phase,
    StationWebSocket,
    WebSocketEvent,
)

__all__ = ["Background", "NetSession", "OnStation", "Stream", "StreamWire", "drain", "run_guest"]

_SLICE = 65536  # bytes to write at once: the peer has `Limits.write_timeout` for each

Stream = trio.SocketStream | trio.SSLStream[trio.SocketStream]

_BROKEN = (trio.BrokenResourceError, trio.ClosedResourceError, OSError)


class NetSession(WiredSession, Session):
    """The session of `connect` and `serve`."""


OnStation = Callable[[NetSession], Awaitable[object] | object]


class StreamWire:
    """One connection, from its transport's opening to its end."""

    suspends = True
    """Giving up what `send` returns leaves a message half sent."""

    def __init__(
        self,
        stream: Stream,
        link: StationWebSocket | CsmsWebSocket,
        inlet: Inlet,
        limits: Limits,
    ) -> None:
        self.link = link
        self.stream = stream
        self.rejection: HandshakeRejected | None = None
        """Why no version was agreed on."""
        self.gone = trio.Event()
        """Set when the transport is closed."""
        self._inlet = inlet
        self._line: deque[bytes | bytearray] = deque()  # messages for the session
        inlet.deliver = self._line.append
        self._is_answering = False  # whether a message is with the session, which returns at once
        self._batched = 0  # bytes of answers that wait for one another
        self._limits = limits
        self._events: deque[WebSocketEvent] = deque()
        self._lock = trio.Lock()
        self._reading = trio.CancelScope()
        self._is_reading = False
        self._writing = trio.CancelScope()
        self._timer = trio.CancelScope()
        link.start(now=trio.current_time())

    async def keep_time(self) -> None:
        """Let the link know when its time has come; a task of its own."""
        while True:
            with self._timer:
                await trio.sleep_forever()
            deadline = self._timer.deadline
            self._timer = trio.CancelScope()
            self.link.handle_timeout(now=max(deadline, trio.current_time()))
            self.wake()
            await self._flush()
            self._arm()

    async def shake_hands(
        self, decide: Callable[[HandshakeReceived], object] | None = None
    ) -> Version | None:
        """Return the version that was agreed on; None if the link has come to nothing."""
        while event := await self._next_event():
            match event:
                case HandshakeReceived() if decide:
                    decide(event)
                case HandshakeRejected():
                    self.rejection = event
                case Opened(version):
                    return version
                case _:
                    pass  # `Closed`: nothing comes behind it
        return None

    async def pump(self, session: NetSession, delivered: Callable[[], None] | None = None) -> None:
        """Give the session its messages, until the link is not open any more."""
        _take_note(self._events, session)  # of what came together with the handshake
        while True:
            # For many reads, since a scope for each is 7 % of what a message costs.
            self._reading = trio.CancelScope()
            with self._reading:
                while not self._reading.cancel_called:
                    if self._line:
                        if delivered:
                            delivered()
                        await self._deliver(self._line.popleft(), session)
                        continue
                    await self._settle()
                    if self.link.phase is not Phase.OPEN:
                        return
                    await self._read()
                    _take_note(self.link.events(), session)

    async def _deliver(self, message: bytes | bytearray, session: NetSession) -> None:
        if not session.is_connected:
            return
        self._is_answering = True
        try:
            rest = session.receive_now(message)
        finally:
            self._is_answering = False
        if rest:
            await rest

    async def finish(self, grace: float) -> None:
        """Close the transport, after the link if that takes no more than `grace` seconds."""
        self._inlet.deliver = _drop
        try:
            with trio.move_on_after(grace):
                while await self._next_event():
                    pass
        finally:
            if self.link.phase is not Phase.CLOSED:
                self.close()
            with trio.move_on_after(GRACE, shield=True):
                await self._flush()
                await self.stream.aclose()
            self.gone.set()

    def send(self, data: bytes) -> Awaitable[None] | None:
        """Send a whole message; what is returned, if anything, is to be awaited: then it is written."""
        if self._inlet.version is None:
            raise ConnectionLost("the connection went before this was sent", was_sent=False)
        self.link.send_message(data)
        if self._is_answering:  # the pump writes it, with the answers to the next messages
            self._batched += len(data)
            if self._batched <= BATCH:
                return None
        return self._flush()

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Begin to close."""
        self.link.close(now=trio.current_time(), code=code, reason=reason)
        self.wake()

    def wake(self) -> None:
        """Have the reader look at the link again, which somebody else has changed."""
        self._end_reading()
        if self.link.phase is Phase.CLOSED:
            self._writing.cancel()

    # --- reading, writing, time ----------------------------------------------------------------------------

    async def _next_event(self) -> WebSocketEvent | None:
        """Return what happens next; None when nothing will any more."""
        while True:
            await self._settle()
            self._events.extend(self.link.events())
            if self._events:
                return self._events.popleft()
            if self.link.phase is Phase.CLOSED:
                return None
            self._reading = trio.CancelScope()
            with self._reading:
                await self._read()

    async def _settle(self) -> None:
        """Write what is to be written, and set the timer: due before the next read."""
        await self._flush()
        self._arm()

    async def _read(self) -> None:
        """Take what comes next, inside of `_reading`."""
        self._is_reading = True
        try:
            data = await self.stream.receive_some(READ_SIZE)
        except _BROKEN:
            data = b""
        finally:
            self._is_reading = False
        if data:
            self.link.receive_data(data, now=trio.current_time())
        else:
            self.link.receive_eof(now=trio.current_time())

    def _end_reading(self) -> None:
        if self._is_reading:  # nothing else in that scope is ever to be cut short
            self._reading.cancel()

    async def _flush(self) -> None:
        """Write all there is to be written; what another task has begun to write is written then, too."""
        if self._lock.locked():
            await self._lock.acquire()
        else:
            self._lock.acquire_nowait()  # acquire() lets all other tasks have their turn
        try:
            while pieces := self.link.data_to_send():  # more may come while we write
                self._batched = 0
                await self._write_all(pieces)
        finally:
            self._lock.release()

    async def _write_all(self, pieces: list[bytes]) -> None:
        data = b"".join(pieces)
        for start in range(0, len(data), _SLICE):
            if not await self._write(data[start : start + _SLICE]):
                self._break()
                return
        if not pieces[-1]:
            await self._hang_up()

    async def _write(self, data: bytes) -> bool:
        is_written = False
        self._writing = trio.CancelScope(deadline=trio.current_time() + self._limits.write_timeout)
        try:
            with self._writing:
                await self.stream.send_all(data)
                is_written = True
        except _BROKEN:
            return False
        except trio.Cancelled:
            self._break()  # a frame may be cut in two: nothing can follow it
            raise
        return is_written

    def _break(self) -> None:
        self.link.receive_eof(now=trio.current_time())
        self.link.data_to_send()
        self._end_reading()

    async def _hang_up(self) -> None:
        try:
            if isinstance(self.stream, trio.SocketStream):
                await self.stream.send_eof()
            else:
                await self.stream.aclose()  # TLS knows no half-close
        except _BROKEN:
            return

    def _arm(self) -> None:
        deadline = self.link.next_timeout()
        if deadline is not None:  # if it rings early, that is harmless, and it is then set anew
            self._timer.deadline = min(self._timer.deadline, deadline)


def _take_note(events: Iterable[WebSocketEvent], session: NetSession) -> None:
    """Log what the session is not told of; that the link is closed, it sees by itself."""
    for event in events:
        if isinstance(event, ProtocolViolated):
            session.peer_log.violation(trio.current_time(), event.error)


def _drop(message: bytes | bytearray) -> None:
    """Take a message that nobody waits for any more."""


class Background:
    """A nursery for the time of a block: cancelled at its end, and no group around the block's exceptions."""

    _manager: AbstractAsyncContextManager[trio.Nursery]

    async def __aenter__(self) -> trio.Nursery:
        self._manager = trio.open_nursery()
        self._nursery = await self._manager.__aenter__()
        return self._nursery

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._nursery.cancel_scope.cancel()
        await self._manager.__aexit__(None, None, None)


# --- what goes on beside the pump --------------------------------------------------------------------


async def run_guest(function: OnStation, session: NetSession, wire: StreamWire) -> None:
    """Run the application's own task for a connection."""
    try:
        result = function(session)
        if isawaitable(result):
            await result
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends only this connection
        if wire.link.phase is not Phase.OPEN and isinstance(error, ConnectionLost | NotConnected):
            return  # the usual end
        text, now = "what runs for it failed: its connection is closed", trio.current_time()
        session.peer_log.error(now, text, exc_info=error)
        wire.close(INTERNAL_ERROR)


async def drain(sessions: Iterable[NetSession], seconds: float) -> None:
    """Wait until no session has a call without an answer, but only so long."""
    with trio.move_on_after(seconds) as scope:
        for session in sessions:
            await session.wait_idle()
    if scope.cancelled_caught:
        text = "calls were still unanswered after %s s: their connections are closed"
        PeerLog().warning(trio.current_time(), text, seconds)
