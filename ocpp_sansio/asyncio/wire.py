"""The byte pump of the asyncio world: one transport, one link, and the session at its end.

What comes waits for the turn of its connection, which comes with that of the others that are ready. Until
then no more is read from its socket than `READ_AHEAD`. After every input follows the same: events, bytes to
the transport, timer.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from functools import partial
from inspect import isawaitable
from math import inf
from typing import Any, cast

from ocpp_sansio.asyncio.session import Session
from ocpp_sansio.asyncio.turn import Turn
from ocpp_sansio.core import ProtocolViolated, Version
from ocpp_sansio.net import BATCH, COMPRESSED_READ_SIZE, READ_SIZE, SHARE, Limits, NetSessionBase
from ocpp_sansio.session import ConnectionLost, NotConnected, PeerLog
from ocpp_sansio.websocket import (
    INTERNAL_ERROR,
    NORMAL,
    Closed,
    CsmsWebSocket,
    HandshakeReceived,
    HandshakeRejected,
    Inlet,
    Opened,
    Phase,
    StationWebSocket,
)

__all__ = ["NetSession", "OnStation", "StreamWire", "drain", "run_guest", "stop"]


class NetSession(NetSessionBase, Session):
    """The session of `connect` and `serve`."""

    _patience: asyncio.Future[None] | None = None
    """Done when cancelled tasks are not waited for any longer."""
    _giving_up: asyncio.TimerHandle | None = None

    def end_tasks_by(self, deadline: float) -> None:
        """Wait no longer than that for tasks that have been cancelled."""
        if self._giving_up is None:
            give_up = partial(_resolve, self._end_of_patience())
            self._giving_up = self._loop.call_at(deadline, give_up)

    async def see_to_end(self, tasks: set[asyncio.Task[None]]) -> None:
        """Cancel tasks, and wait for their ends; those that take too long are left to themselves."""
        for task in tasks:
            task.cancel()
        patience = self._end_of_patience() if tasks else None
        while tasks and patience and not patience.done():
            await asyncio.wait({*tasks, patience}, return_when=asyncio.FIRST_COMPLETED)
            tasks = {task for task in tasks if not task.done()}
        if not tasks:
            return
        if self._tasks:
            self._tasks -= tasks
        text = "%s tasks go on although they were cancelled: they are left to themselves"
        self.peer_log.error(self._now(), text, len(tasks))

    def _end_of_patience(self) -> asyncio.Future[None]:
        if self._patience is None:
            self._patience = self._loop.create_future()
        return self._patience

    async def _exit(self) -> None:
        await super()._exit()
        if self._giving_up:
            self._giving_up.cancel()


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


_ENDING = frozenset({Phase.CLOSING, Phase.CLOSED})
_FROM_LINE = bytearray()
"""An object of its own: stands in a turn for the next of the messages that wait in line."""
_POSTPONEMENT = 0.05
"""Seconds that a timer waits for what has come before it to have its turn."""
_OPEN = Phase.OPEN

OnStation = Callable[[NetSession], Awaitable[object] | object]
"""The application's own function for a connection, sync or async: `on_station`, `on_connected`."""


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


class StreamWire(asyncio.Protocol, asyncio.BufferedProtocol):
    """One connection, from `connection_made` to `connection_lost`.

    It is both kinds of protocol. asyncio then takes the second, and its bytes come in by way of one buffer
    for all, since a buffer for each read costs it a third of a message; uvloop takes the first, since the
    second costs it 7 % more.
    """

    suspends = False
    """What `send` returns may be given up: the transport has the data already."""

    __slots__ = (
        "_batched",
        "_gone",
        "_has_ended",
        "_has_failed",
        "_has_hung_up",
        "_held",
        "_inlet",
        "_is_calm",
        "_is_gone",
        "_is_paused",
        "_is_queued",
        "_limits",
        "_line",
        "_log",
        "_loop",
        "_pump",
        "_read_to",
        "_rings_at",
        "_room",
        "_session",
        "_slice",
        "_stall",
        "_timer",
        "_turn",
        "_unread",
        "_written",
        "debt",
        "link",
        "over",
        "rejection",
        "transport",
    )

    def __init__(
        self, link: StationWebSocket | CsmsWebSocket, inlet: Inlet, limits: Limits
    ) -> None:
        self.link = link
        self.transport: asyncio.Transport = _NO_TRANSPORT
        self.rejection: HandshakeRejected | None = None
        """Why nothing was."""
        self.debt = 0
        """Bytes that it has had beyond its share."""
        self._inlet = inlet
        inlet.deliver = self._receive
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._turn = Turn.of(self._loop)
        self._session: NetSession | None = None
        self._log: PeerLog | None = None  # of the time before there is a session
        self._pump: asyncio.Task[None] | None = None
        # Bytes of answers that wait for one another, to leave in one write; None when we have no turn.
        self._batched: int | None = None
        self._is_paused = False
        self._has_hung_up = False
        self._has_failed = False
        self._line: deque[bytes | bytearray] | None = None
        """Messages that have to wait; None if none has, since an idle deque has a buffer."""
        self._unread = b""
        self._read_to = 0  # how much of that has been read
        self._slice = READ_SIZE
        self._is_calm = True  # whether what comes may be read without looking at anything else
        self._is_queued = False  # whether we wait for our turn
        self._has_ended = False  # whether the peer will send no more
        self._held = 0  # bytes, as last told to the server
        self._written = 0
        self._room: asyncio.Future[None] | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = inf
        self.over: asyncio.Future[None] = self._loop.create_future()
        """Done when no message will travel any more."""
        self._is_gone = False  # whether the transport is closed
        self._gone: asyncio.Future[None] | None = None  # for who waits for that

    # --- what the world does ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=self._limits.max_unsent)
        self.link.start(now=self._loop.time())
        self._follow()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - as much as we have room for
        """Return where the next bytes are to be put."""
        return self._turn.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take bytes from the peer that have been put there."""
        self.data_received(bytes(self._turn.buffer[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Take bytes from the peer, and no more of them before these have had their turn."""
        if self._unread or len(data) > READ_SIZE:
            self._is_calm = False
            self._unread += data
            self.transport.pause_reading()
        else:
            self._unread = data
        if not self._is_queued:
            self._is_queued = True
            self._turn.add(self, self._loop)

    def eof_received(self) -> bool:
        """Take note that the peer will send no more; what it has sent has its turn before that."""
        self._has_ended = True
        self._is_calm = False
        if self._pump or self._is_paused:  # for nobody knows how long
            self.link.receive_eof(now=self._loop.time())
            self._follow()
        else:
            self._queue()
        return True  # not for the transport to close: answers may be on their way

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - it is lost, why ever
        """Take note that the transport is gone."""
        self._unread, self._read_to, self._line = b"", 0, None
        self.link.receive_eof(now=self._loop.time())
        self._follow()
        for timer in (self._timer, self._stall):
            if timer:
                timer.cancel()
        self._make_room()
        if self._log:
            self._log.close()
        self._is_gone = True
        self._held = 0
        if self._gone:
            self._gone.set_result(None)

    def pause_writing(self) -> None:
        """Stop reading: whoever does not take our answers gets to ask for no more."""
        self._is_paused = True
        self._is_calm = False
        self.transport.pause_reading()
        self._await_progress()
        self._note_held()

    def resume_writing(self) -> None:
        """Go on."""
        self._is_paused = False
        if self._stall:
            self._stall.cancel()
        self._make_room()
        self._note_held()
        self._go_on()

    def _await_progress(self) -> None:
        taken = self._written - self.transport.get_write_buffer_size()
        self._stall = self._loop.call_later(self._limits.write_timeout, self._check_progress, taken)

    def _check_progress(self, taken_before: int) -> None:
        """Cut the peer off if it has taken nothing for as long as it may."""
        if self._written - self.transport.get_write_buffer_size() > taken_before:
            self._await_progress()
        else:
            self.abort()

    # --- what we do ------------------------------------------------------------------------------------

    def send(self, data: bytes) -> Awaitable[None] | None:
        """Send a whole message; what is returned, if anything, is to be awaited before the next."""
        if self._inlet.version is None:
            raise ConnectionLost("the connection went before this was sent", was_sent=False)
        if self._batched is None or not self._turn.is_taking:
            self.link.send_message(data)
            self._write()
        else:
            self._turn.answers.append((self, data))
            self._batched += len(data)
            if self._batched > BATCH:
                self._batched = 0
                self._turn.answer()
                self._write()
        if not self._is_paused:
            return None
        if self._room is None:
            self._room = self._loop.create_future()
        return asyncio.shield(self._room)

    def decide(self, act: Callable[[], None]) -> None:
        """Let the CSMS's side accept or reject, and see to what follows."""
        act()
        self._follow()

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Begin to close; `over` is done at once."""
        self._turn.answer()  # what was said before leaves before
        self._has_hung_up = True
        self.link.close(now=self._loop.time(), code=code, reason=reason)
        self._follow()

    def abort(self) -> None:
        """Drop the transport, if there is one, and what was to be written with it."""
        self.transport.abort()

    def deliver_to(self, session: NetSession) -> None:
        """Let messages pass; the session must be connected."""
        self._session = session
        if self._log:
            session.continue_log(self._log)
        if self.link.is_compressed:
            self._slice = COMPRESSED_READ_SIZE
            self._is_calm = False
        self._go_on()

    async def finish(self, grace: float) -> None:
        """Return when the transport is closed; make it so after `grace` seconds."""
        if not self._is_gone:
            if self._gone is None:
                self._gone = self._loop.create_future()
            try:
                await asyncio.wait([self._gone], timeout=grace)
            finally:
                if not self._is_gone:
                    self.abort()
            await self._gone
        if self._pump:  # a hook may wait for ever
            _, waiting = await asyncio.wait([self._pump], timeout=grace)
            for pump in waiting:
                pump.cancel()

    @property
    def peer_log(self) -> PeerLog:
        """Where the records about the peer go: to the session's, once there is one."""
        if self._session:
            return self._session.peer_log
        if self._log is None:
            self._log = PeerLog(self.link.identity, limit=self._limits.max_log_records)
        return self._log

    # --- our turn --------------------------------------------------------------------------------------

    def _queue(self) -> None:
        if not self._is_queued:
            self._is_queued = True
            self._turn.add(self, self._loop)

    def read(self, now: float) -> bool:
        """Take a slice of what has come, unless something has to wait; return whether there is more."""
        if not self._is_calm:
            return self._read_with_care(now)
        data, self._unread = self._unread, b""
        self._is_queued = False
        self._batched = 0
        turn = self._turn
        count = len(turn.messages)
        turn.size += len(data)
        self.link.receive_data(data, now=now)
        # As nearly always, one message, and all of it.
        return len(turn.messages) != count + 1 and self._look_closer(count)

    def _read_with_care(self, now: float) -> bool:
        """Do the same where something has to wait, or has waited."""
        if self._pump or self._is_paused or (self._line and self._session is None):
            self._is_queued = False  # whoever lets us go on asks for another turn
            return False
        self._batched = 0
        turn = self._turn
        size, count = turn.size, len(turn.messages)
        if self._line:
            self._take_from_line(self._line)
        elif self._unread:
            self._read_slice(now)
        self.debt = max(self.debt + turn.size - size - READ_SIZE, 0)
        has_more = self._look_closer(count, has_inflated=turn.size - size > BATCH)
        if not has_more:
            self._read_on(now)
        self._is_calm = not (
            has_more or self.debt or self._held or self._has_ended or self._slice < READ_SIZE
        )
        return has_more

    def _look_closer(self, first: int, *, has_inflated: bool = False) -> bool:
        """Bound what this read has brought, from that message of the turn on; return if there is more."""
        count = len(self._turn.messages) - first
        if not self._line and (count > SHARE or (has_inflated and count > 1)):
            self._keep_surplus(first)
        has_more = self._is_queued = bool(self._unread or self._line)
        if has_more or self._held or not count:
            self._note_held()
            self._is_calm = False
        return has_more

    def _read_slice(self, now: float) -> None:
        start, end = self._read_to, self._read_to + self._slice
        data = self._unread[start:end]
        if end < len(self._unread):
            self._read_to = end
        else:
            self._unread, self._read_to = b"", 0
        self._turn.size += len(data)
        self.link.receive_data(data, now=now)

    def _read_on(self, now: float) -> None:
        """See to what comes behind all that has been read: more of it, or the end."""
        if self._has_ended:
            self.link.receive_eof(now=now)
        elif not self.transport.is_closing():
            self.transport.resume_reading()

    def _keep_surplus(self, first: int) -> None:
        """Have the messages of this read wait, since they are more than our share; take that from them."""
        messages = self._turn.messages
        self._line = deque(message for _, message in messages[first:])
        del messages[first:]
        self._take_from_line(self._line)

    def _take_from_line(self, line: deque[bytes | bytearray]) -> None:
        """Announce as many of the messages that wait as make our share; `take` takes them out."""
        turn = self._turn
        for index, message in enumerate(line):
            if index == SHARE or (index and turn.size > BATCH):
                break
            turn.size += len(message)
            turn.messages.append((self, _FROM_LINE))

    def take(self, message: bytes | bytearray) -> None:
        """Give the session a message, unless something has to wait."""
        if self._session is None or self._line or self._pump or self._is_paused:
            self._take_in_order(message)
        else:
            self._pass_on(message, self._session)

    def _take_in_order(self, message: bytes | bytearray) -> None:
        if message is not _FROM_LINE:
            self._hold(message)
        elif self._line and self._session and not self._pump and not self._is_paused:
            message = self._line.popleft()
            self._line = self._line or None
            self._pass_on(message, self._session)

    def follow(self) -> None:
        """See to what follows from what we have read and answered."""
        self._batched = None
        self._follow()
        if self._line and not self._is_queued:
            self._go_on()

    def fail(self, error: BaseException) -> None:
        """End the connection because of an exception that should not be: a bug, of which the peer is told."""
        has_failed_before, self._has_failed = self._has_failed, True
        if has_failed_before:
            self.abort()
            return
        self.peer_log.error(self._loop.time(), "a connection failed", exc_info=error)
        self._has_hung_up = True
        try:
            self.link.close(now=self._loop.time(), code=INTERNAL_ERROR)
            self._follow()
        except Exception:  # noqa: BLE001 - it has been told already what there is to tell
            self.abort()

    def _receive(self, message: bytes | bytearray) -> None:
        """Take a message from the link."""
        if self._session is None:
            self._hold(message)
        else:
            self._turn.messages.append((self, message))
            self._turn.size += len(message)

    def _hold(self, message: bytes | bytearray) -> None:
        if self._line is None:
            self._line = deque()
            self._is_calm = False
        self._line.append(message)

    def _go_on(self) -> None:
        """Have our turn if anything waits for it, else read on; for who has kept us from it."""
        if self._unread or self._line or self._has_ended:
            self._queue()
        elif not self._pump and not self._is_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def _note_held(self) -> None:
        """Tell how many bytes we hold, if that has changed."""
        waiting = sum(map(len, self._line)) if self._line else 0
        held = len(self._unread) + waiting + self.link.held + self.transport.get_write_buffer_size()
        if held != self._held and not self._is_gone:
            self._held = held
            self.hold(held)

    # --- events, messages, bytes, time -----------------------------------------------------------------

    def request_received(self, request: HandshakeReceived) -> None:
        """Decide, now or later; for the CSMS's side to fill in."""

    def opened(self, version: Version) -> None:
        """See to the session; for each side to fill in."""

    def rejected(self) -> None:
        """Take note that the handshake has come to nothing; for the CSMS's side to fill in."""

    def hold(self, size: int) -> None:
        """Take note of how many bytes are held for the peer; for the CSMS's side to fill in."""

    def _follow(self) -> None:
        link = self.link
        while events := link.events():
            for event in events:
                self._take_note(event)
        self._write()
        deadline = link.next_timeout()
        if deadline is not None and deadline < self._rings_at:
            self._arm(deadline)
        phase = link.phase
        if phase is not _OPEN and phase in _ENDING and not self.over.done():
            self.over.set_result(None)

    def _take_note(self, event: object) -> None:
        match event:
            case HandshakeReceived():
                self.request_received(event)
            case Opened(version):
                self.opened(version)
            case HandshakeRejected():
                self.rejection = event
                self.rejected()
            case ProtocolViolated(error):
                self.peer_log.violation(self._loop.time(), error)
            case Closed():
                self._write()
                self.transport.close()

    def _pass_on(self, message: bytes | bytearray, session: NetSession) -> None:
        """Give the session a message; without a task, as long as nothing waits."""
        if session.connection.is_connected and not self._has_hung_up:
            rest = session.receive_now(message)
            if rest:
                self._wait_for(rest)

    def _wait_for(self, rest: Coroutine[Any, Any, None]) -> None:
        """Let a task do what waits; until it is done, the peer has to wait too."""
        self._is_calm = False
        self._pump = self._loop.create_task(rest)
        self._pump.add_done_callback(self._pumped)
        self.transport.pause_reading()

    def _pumped(self, pump: asyncio.Task[None]) -> None:
        self._pump = None
        if not pump.cancelled() and (error := pump.exception()):
            self.fail(error)
            return
        self._write()
        self._go_on()

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

    def _arm(self, deadline: float) -> None:
        """Have the timer ring earlier; too early is harmless, and it is then set anew."""
        if self._timer:
            self._timer.cancel()
        self._rings_at = deadline
        self._timer = self._loop.call_at(deadline, self._on_timer, deadline)

    def _on_timer(self, deadline: float) -> None:
        self._timer = None
        self._rings_at = inf
        now = max(deadline, self._loop.time())
        self._note_held()  # what the peer does not take is looked at nowhere else
        if self._is_queued and self.link.phase is _OPEN:
            self._arm(now + _POSTPONEMENT)  # a sign of life may be in what waits for its turn
            return
        try:
            self.link.handle_timeout(now=now)
            self._follow()
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends this connection alone
            self.fail(error)


# --- what goes on beside the pump -----------------------------------------------------------------------


def run_guest(
    function: OnStation | None, session: NetSession, wire: StreamWire
) -> asyncio.Task[None] | None:
    """Start the application's own task for a connection, if it has one."""
    if function is None:
        return None
    return asyncio.get_running_loop().create_task(_host(function, session, wire))


async def _host(function: OnStation, session: NetSession, wire: StreamWire) -> None:
    try:
        result = function(session)
        if isawaitable(result):
            await result
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends only this connection
        if wire.over.done() and isinstance(error, ConnectionLost | NotConnected):
            return  # the usual end
        text = "what runs for it failed: its connection is closed"
        now = asyncio.get_running_loop().time()
        session.peer_log.error(now, text, exc_info=error)
        wire.close(INTERNAL_ERROR)


async def stop(task: asyncio.Task[None] | None, session: NetSession) -> None:
    """Cancel a task, and wait for its end, as long as the session waits for those of its own."""
    if task:
        await asyncio.sleep(
            0
        )  # the outcome of its call, if that came just now, is to reach it first
        await session.see_to_end({task})


async def drain(
    sessions: Iterable[NetSession], seconds: float, close: Callable[[NetSession], object]
) -> None:
    """Close each session as soon as it has no call without an answer, but wait only so long."""

    async def see_off(session: NetSession) -> None:
        await session.wait_idle()
        close(session)

    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(see_off(session) for session in sessions))
    except TimeoutError:
        text = "calls were still unanswered after %s s: their connections are closed"
        PeerLog().warning(asyncio.get_running_loop().time(), text, seconds)
