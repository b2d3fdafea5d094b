"""A wire is one network connection on trio: the stream, its link, and the session that gets the messages.

One task reads and hands messages on, one keeps the time; whoever has bytes to write takes the lock.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from math import inf
from typing import cast

import trio

from ocpp_sansio.core import ProtocolViolated, Version
from ocpp_sansio.net import BATCH, GRACE, READ_SIZE, SHARE, Limits, spelled
from ocpp_sansio.session import ConnectionLost, PeerLog
from ocpp_sansio.trio.tasks import Background, NetSession, OnStation, run_application_task
from ocpp_sansio.websocket import (
    INTERNAL_ERROR,
    NORMAL,
    CsmsWebSocket,
    HandshakeReceived,
    HandshakeRejected,
    HttpRequestReceived,
    Inlet,
    Opened,
    Phase,
    StationWebSocket,
    WebSocketConfig,
    WebSocketEvent,
)

__all__ = ["Stream", "StreamWire"]

_SLICE = 8192
"""Bytes to write at once: the peer has `Limits.write_timeout` for each, however slow its line."""

_SMALL_READ = READ_SIZE // 16
"""Bytes to read at once from a peer whose bytes stand for much more, and from one that is new."""

# Fairness: a connection has an allowance of `BATCH` bytes of work, which time fills up again. Whoever has
# spent it acquires the fair lock, first come first served, before it goes on: one each time that all
# tasks have run.

_MESSAGE_COST = BATCH // SHARE
"""What a message counts for beside its own bytes."""

_BYTE_COST = 8
"""What a byte that is read counts for, since it may be a whole fragment, or a good part of a ping."""

_SPENT_PER_SECOND = 8 * BATCH
"""What is forgiven: about 200 small messages a second."""

Stream = trio.SocketStream | trio.SSLStream[trio.SocketStream]
"""A transport: TCP, or TLS over it."""

_ENDING = frozenset({Phase.CLOSING, Phase.CLOSED})

_BROKEN = (trio.BrokenResourceError, trio.ClosedResourceError, OSError)


class StreamWire:
    """One connection, from its transport's opening to its end."""

    suspends = True
    """Giving up what `send` returns leaves a message half sent."""

    parting = NORMAL
    """What the close frame says when nobody has said anything else."""

    def __init__(
        self,
        stream: Stream,
        link: StationWebSocket | CsmsWebSocket,
        inlet: Inlet,
        limits: Limits,
        *,
        close_timeout: float,
        fair_lock: trio.Lock,
    ) -> None:
        """Make one; `close_timeout` is how many seconds the peer has to hang up when the link is closed.

        `fair_lock` is what those of its connections acquire in turn that have used up their allowance.
        """
        self.link = link
        self.stream = stream
        self.rejection: HandshakeRejected | None = None
        """Why no version was agreed on."""
        self.gone = trio.Event()
        """Set when the transport is closed."""
        self._inlet = inlet
        self._backlog: deque[bytes | bytearray] = deque()  # messages for the session
        inlet.deliver = self._backlog.append
        self._is_answering = False  # whether a message is with the session, which returns at once
        self._batched = 0  # bytes of answers that wait for one another
        self._batch = min(BATCH, limits.max_unsent)
        self._unsent = 0  # bytes that are being written
        self._noted = 0  # bytes held, as far as `hold` has been told
        self._write_timeout = limits.write_timeout
        self._close_timeout = close_timeout
        self._events: deque[WebSocketEvent] = deque()
        self._lock = trio.Lock()
        self._reading = trio.CancelScope()
        self._is_reading = False
        self._read_size = _SMALL_READ
        self._writing = trio.CancelScope()
        self._timer = trio.CancelScope()
        self._fair_lock = fair_lock
        self._spent = 0  # of the allowance
        self._spent_at = -inf
        self._has_failed = False
        self._session: NetSession | None = None
        self._is_finishing = False

    def hold(self, size: int) -> None:
        """Take note of how many bytes are held for the peer, read or unsent; few count as none."""

    async def keep_time(self) -> None:
        """Let the link know when its time has come, and write when the reader cannot; a task of its own."""
        try:
            while True:
                with self._timer:
                    await trio.sleep_forever()
                deadline = self._timer.deadline
                self._timer = trio.CancelScope()
                self.link.handle_timeout(now=max(deadline, trio.current_time()))
                if self._session:
                    self._session.watch_wire()
                self._end_reading()
                await self._flush()
                self._arm()
        except Exception as error:  # noqa: BLE001 - see `fail`
            self.fail(error)

    async def shake_hands(
        self, decide: Callable[[HandshakeReceived | HttpRequestReceived], object] | None = None
    ) -> Version | None:
        """Return the version that was agreed on; None if the link has come to nothing."""
        try:
            self.link.start(now=trio.current_time())
            while event := await self._next_event():
                match event:
                    case HandshakeReceived() | HttpRequestReceived() if decide:
                        decide(event)
                    case HandshakeRejected():
                        self.rejection = event
                        return None
                    case Opened(version):
                        return version
                    case _:
                        pass  # `Closed`: nothing comes behind it
        except Exception as error:  # noqa: BLE001 - see `fail`
            self.fail(error)
        return None

    async def converse(
        self,
        session: NetSession,
        function: OnStation | None,
        nursery: trio.Nursery,
        *,
        is_last: bool,
        delivered: Callable[[], None] | None = None,
    ) -> None:
        """Serve a session, and run the application's own task, until the link is not open any more.

        The transport is closed in the nursery meanwhile: handlers may take their time to end. `is_last`
        tells the session that there will be no other connection; `delivered` is told of the first message.
        """
        async with Background() as tasks:
            if function:
                tasks.start_soon(run_application_task, function, session, self)
            await self.serve_messages(session, delivered)
            nursery.start_soon(self.finish)
            if is_last:
                session._end()
            await session.disconnected()

    async def serve_messages(
        self, session: NetSession, delivered: Callable[[], None] | None = None
    ) -> None:
        """Give the session its messages, until the link is not open any more.

        If that is cancelled, the transport is closed first, and what is to be written has `GRACE` seconds.
        """
        try:
            await self._serve_messages(session, delivered)
        except Exception as error:  # noqa: BLE001 - see `fail`
            self.fail(error)
        except BaseException:  # cancelled: the peer is to know it before handlers end
            with trio.move_on_after(GRACE, shield=True):
                await self.finish()
            raise

    async def _serve_messages(
        self, session: NetSession, delivered: Callable[[], None] | None
    ) -> None:
        backlog, self._session = self._backlog, session
        _take_note(self._events, session)  # of what came together with the handshake
        while True:
            # For many reads, since a scope for each is 7 % of what a message costs.
            self._reading = trio.CancelScope()
            with self._reading:
                while not self._reading.cancel_called:
                    if backlog:
                        cost = _MESSAGE_COST + len(backlog[0])
                        if self._spent + cost > BATCH:
                            await self._take_turn(cost)
                        self._spent += cost
                        if delivered:
                            delivered()
                            delivered = None
                        await self._deliver(session)
                        continue
                    await self._settle()
                    if self.link.phase is not Phase.OPEN:
                        return
                    await self._read()
                    _take_note(self.link.events(), session)

    async def _deliver(self, session: NetSession) -> None:
        if not self._backlog:  # dropped, while we waited for our turn
            return
        message = self._backlog.popleft()
        if not session.is_connected:
            return
        self._is_answering = True
        try:
            rest = session._receive_now(message)
        finally:
            self._is_answering = False
        if rest:
            await rest
        elif self._lock.locked():  # a peer that does not take what another task writes has to wait
            await self._flush()

    async def _take_turn(self, cost: int) -> None:
        """Make room for a piece of work: time has done that, or we have to wait for our turn.

        One connection passes each time that all tasks have run, so what is heavy does not add up.
        """
        now = trio.current_time()
        self._spent = int(max(self._spent - (now - self._spent_at) * _SPENT_PER_SECOND, 0))
        self._spent_at = now
        if self._spent + cost > BATCH:
            await self._flush()  # what has been answered need not wait
            async with self._fair_lock:  # a checkpoint, too
                self._spent = 0

    async def finish(self) -> None:
        """Close the transport, after the link if the peer hangs up in time. Idempotent."""
        if self._is_finishing:
            await self.gone.wait()
            return
        self._is_finishing = True
        self._inlet.deliver = _drop
        try:
            if self.link.phase not in _ENDING:
                self.close(self.parting)
            with trio.move_on_after(self._close_timeout):
                while await self._next_event():
                    pass
        except Exception as error:  # noqa: BLE001 - see `fail`
            self.fail(error)
        finally:
            self.abort()

    def send(self, data: bytes) -> Awaitable[None] | None:
        """Send a whole message; what is returned, if anything, is to be awaited: then it is written."""
        if self._inlet.version is None:
            raise ConnectionLost("the connection went before this was sent", was_sent=False)
        self.link.send_message(data)
        if self._is_answering:  # it is written with the answers to the next messages
            self._batched += len(data)
            if self._batched <= self._batch:
                return None
        return self._flush()

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Begin to close."""
        self.link.close(now=trio.current_time(), code=code, reason=reason)
        self.wake()

    def configure(self, websocket: WebSocketConfig) -> None:
        """Go by other settings."""
        self.link.configure(websocket, now=trio.current_time())
        self._close_timeout = websocket.close_timeout + GRACE
        self._arm()

    def abort(self) -> None:
        """Drop the transport at once, and what was to be read or written with it. Idempotent."""
        _socket_of(self.stream).close()  # whoever reads or writes is told
        self._backlog.clear()
        self.gone.set()
        self.link.close(now=trio.current_time())

    @property
    def is_open(self) -> bool:
        """Whether messages can travel."""
        return self.link.phase is Phase.OPEN

    @property
    def peer_log(self) -> PeerLog:
        """Where what befalls this connection is told: with its station's name, once it has a session."""
        if self._session:
            return self._session._log
        log = PeerLog(self.link.identity)
        log.address = self.where
        return log

    @property
    def where(self) -> str:
        """The peer's host and port, for the log."""
        uri = cast("StationWebSocket", self.link).uri
        return spelled((uri.host, uri.port))

    def fail(self, error: Exception) -> None:
        """Close the connection for a bug of ours; it is logged, and harms no other connection."""
        if not self._has_failed:
            self.peer_log.error(
                trio.current_time(), "a connection failed", exc_info=error, to="net"
            )
        self._has_failed = True
        try:
            self.close(INTERNAL_ERROR)
        except Exception:  # noqa: BLE001 - the link is what fails
            _socket_of(self.stream).close()

    def wake(self) -> None:
        """Have somebody look at the link again, which has been changed: the reader, if it only waits."""
        if self.link.phase is Phase.CLOSED:
            self._writing.cancel()
        if self._is_reading:
            self._reading.cancel()
        else:
            self._timer.deadline = -inf

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
        """Take what comes next, inside of `_reading`; nothing, if there was no room for it."""
        if self._noted:
            self._note_held()
        if self._spent > BATCH:
            await self._take_turn(0)
            return  # the link may have been changed meanwhile
        self._is_reading = True
        try:
            data = await self.stream.receive_some(self._read_size)
        except _BROKEN:
            data = b""
        finally:
            self._is_reading = False
        if not data:
            self.link.receive_eof(now=trio.current_time())
            return
        self._spent += _BYTE_COST * len(data)
        self.link.receive_data(data, now=trio.current_time())
        self._weigh(len(data))

    def _weigh(self, size: int) -> None:
        """Read less at a time if what was read stands for much more, and more if it came in plenty."""
        backlog = self._backlog
        inflated = len(backlog[0]) if len(backlog) == 1 else sum(map(len, backlog))
        if inflated > 4 * size:
            self._read_size = _SMALL_READ
        elif size == self._read_size < READ_SIZE:
            self._read_size *= 4
        held = inflated + self.link.held
        if held > READ_SIZE or self._noted:
            self._note_held()

    def _note_held(self) -> None:
        held = sum(map(len, self._backlog)) + self._unsent + self.link.held
        if held <= READ_SIZE:
            held = 0
        if held != self._noted:
            self._noted = held
            self.hold(held)

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
        try:
            for start in range(0, len(data), _SLICE):
                self._unsent = len(data) - start
                if self._unsent > _SLICE:
                    self._note_held()
                if not await self._write(data[start : start + _SLICE]):
                    self._break()
                    return
        finally:
            self._unsent = 0
        if not pieces[-1]:
            await self._hang_up()

    async def _write(self, data: bytes) -> bool:
        is_written = False
        self._writing = trio.CancelScope(deadline=trio.current_time() + self._write_timeout)
        try:
            with self._writing:
                await self.stream.send_all(data)
                is_written = True
        except _BROKEN:
            return False
        except trio.Cancelled:
            self._break()  # a frame may be cut in two: nothing can follow it
            raise
        if not is_written:
            self.link.cut_off(f"cut off: it took nothing for {self._write_timeout:g} s")
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
        if deadline is not None:  # if it expires early, that is harmless, and it is then set anew
            self._timer.deadline = min(self._timer.deadline, deadline)


def _socket_of(stream: Stream) -> trio.socket.SocketType:
    """Return the socket at the bottom of a stream."""
    tcp = stream.transport_stream if isinstance(stream, trio.SSLStream) else stream
    return tcp.socket


def _take_note(events: Iterable[WebSocketEvent], session: NetSession) -> None:
    """Log what the session is not told of; that the link is closed, it sees by itself."""
    for event in events:
        if isinstance(event, ProtocolViolated):
            session._report(event)


def _drop(message: bytes | bytearray) -> None:
    """Take a message that nobody waits for any more."""
