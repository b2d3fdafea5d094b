"""A wire is one network connection on asyncio: transport and link, and the session they serve.

Bytes come in from the transport and wait for the connection's turn (`turn.py`), in which the link makes
messages of them and the session answers; until then no more is read from the socket than `READ_AHEAD`. After
every input follows the same: events are taken, bytes are written (`outgoing.py`), the timer is set.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine
from math import inf
from typing import Any, cast

from ocpp_sansio.asyncio.outgoing import Outgoing
from ocpp_sansio.asyncio.tasks import NetSession
from ocpp_sansio.core import ProtocolViolated, Version
from ocpp_sansio.net import BATCH, COMPRESSED_READ_SIZE, READ_SIZE, SHARE, Limits, spelled
from ocpp_sansio.session import PeerLog
from ocpp_sansio.websocket import (
    INTERNAL_ERROR,
    NORMAL,
    Closed,
    CsmsWebSocket,
    HandshakeReceived,
    HandshakeRejected,
    HttpRequestReceived,
    Inlet,
    Opened,
    Phase,
    StationWebSocket,
    WebSocketConfig,
)

__all__ = ["StreamWire"]

_ENDING = frozenset({Phase.CLOSING, Phase.CLOSED})
_NEXT_IN_BACKLOG = bytearray()
"""An object of its own: stands in a turn for the next message of the backlog."""
_POSTPONEMENT = 0.05
"""Seconds that a timer waits for what has come before it to have its turn."""
_MAX_EARLY = 16
"""Broken rules that are kept for the session, of messages that came right behind the handshake."""
_OPEN = Phase.OPEN


class StreamWire(Outgoing, asyncio.Protocol, asyncio.BufferedProtocol):
    """One connection, from `connection_made` to `connection_lost`.

    It is both kinds of protocol. asyncio then takes the second, and its bytes come in by way of one buffer
    for all, since a buffer for each read costs it a third of a message; uvloop takes the first, since the
    second costs it 7 % more.
    """

    __slots__ = (
        "_backlog",
        "_early",
        "_gone",
        "_handling",
        "_has_ended",
        "_has_failed",
        "_has_fast_path",
        "_has_hung_up",
        "_held",
        "_is_gone",
        "_is_queued",
        "_log",
        "_read_to",
        "_session",
        "_slice",
        "_timer",
        "_timer_at",
        "_unread",
        "debt",
        "over",
        "rejection",
    )

    def __init__(
        self, link: StationWebSocket | CsmsWebSocket, inlet: Inlet, limits: Limits
    ) -> None:
        super().__init__(link, inlet, limits)
        self.rejection: HandshakeRejected | None = None
        """Why nothing was."""
        self.debt = 0
        """Bytes that it has had beyond its share."""
        inlet.deliver = self._receive
        self._session: NetSession | None = None
        # Of the time before there is a session.
        self._log: PeerLog | None = None
        self._early: tuple[ProtocolViolated, ...] = ()
        # Carries on with a message that could not be handled at once.
        self._handling: asyncio.Task[None] | None = None
        self._has_hung_up = False
        self._has_failed = False
        self._backlog: deque[bytes | bytearray] | None = None
        """Messages that have to wait; None if none has, since an idle deque has a buffer."""
        self._unread = b""
        self._read_to = 0  # how much of that has been read
        self._slice = READ_SIZE
        self._has_fast_path = True  # whether nothing has to be looked at before what comes is read
        self._is_queued = False  # whether we wait for our turn
        self._has_ended = False  # whether the peer will send no more
        self._held = 0  # bytes, as last told to the server
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = inf
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
            self._has_fast_path = False
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
        self._has_fast_path = False
        if self._handling or self._is_paused:  # for nobody knows how long
            self.link.receive_eof(now=self._loop.time())
            self._follow()
        else:
            self._queue()
        return True  # not for the transport to close: answers may be on their way

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - it is lost, why ever
        """Take note that the transport is gone."""
        self._unread, self._read_to, self._backlog = b"", 0, None
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
        super().pause_writing()
        self._has_fast_path = False
        self.transport.pause_reading()
        self._note_held()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self._note_held()
        self._go_on()

    # --- what we do ------------------------------------------------------------------------------------

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Begin to close; `over` is done at once."""
        self._turn.answer()  # what was said before leaves before
        self._has_hung_up = True
        self.link.close(now=self._loop.time(), code=code, reason=reason)
        self._follow()

    def configure(self, websocket: WebSocketConfig) -> None:
        """Go by other settings."""
        self.link.configure(websocket, now=self._loop.time())
        self._follow()

    def deliver_to(self, session: NetSession) -> None:
        """Let messages pass; the session must be connected."""
        self._session = session
        if self._log:
            session._continue_log(self._log)
        for event in self._early:
            session._report(event)
        self._early = ()
        if self.link.is_compressed:
            self._slice = COMPRESSED_READ_SIZE
            self._has_fast_path = False
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
        if self._handling:  # a hook may wait for ever
            _, waiting = await asyncio.wait([self._handling], timeout=grace)
            for task in waiting:
                task.cancel()

    @property
    def peer_log(self) -> PeerLog:
        """Where the records about the peer go: to the session's, once there is one."""
        if self._session:
            return self._session._log
        if self._log is None:
            self._log = PeerLog(self.link.identity, limit=self._limits.max_log_records)
            self._log.address = self.where
        return self._log

    @property
    def where(self) -> str:
        """The peer's host and port, for the log."""
        uri = cast("StationWebSocket", self.link).uri
        return spelled((uri.host, uri.port))

    # --- our turn --------------------------------------------------------------------------------------

    def _queue(self) -> None:
        if not self._is_queued:
            self._is_queued = True
            self._turn.add(self, self._loop)

    def read(self, now: float) -> bool:
        """Take a slice of what has come, unless something has to wait; return whether there is more."""
        if not self._has_fast_path:
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
        if self._handling or self._is_paused or (self._backlog and self._session is None):
            self._is_queued = False  # whoever lets us go on asks for another turn
            return False
        self._batched = 0
        turn = self._turn
        size, count = turn.size, len(turn.messages)
        if self._backlog:
            self._announce_backlog(self._backlog)
        elif self._unread:
            self._read_slice(now)
        self.debt = max(self.debt + turn.size - size - READ_SIZE, 0)
        has_more = self._look_closer(count, has_inflated=turn.size - size > BATCH)
        if not has_more:
            self._read_on(now)
        self._has_fast_path = not (
            has_more or self.debt or self._held or self._has_ended or self._slice < READ_SIZE
        )
        return has_more

    def _look_closer(self, first: int, *, has_inflated: bool = False) -> bool:
        """Bound what this read has brought, from that message of the turn on; return if there is more."""
        count = len(self._turn.messages) - first
        if not self._backlog and (count > SHARE or (has_inflated and count > 1)):
            self._keep_surplus(first)
        has_more = self._is_queued = bool(self._unread or self._backlog)
        if has_more or self._held or not count:
            self._note_held()
            self._has_fast_path = False
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
        self._backlog = deque(message for _, message in messages[first:])
        del messages[first:]
        self._announce_backlog(self._backlog)

    def _announce_backlog(self, backlog: deque[bytes | bytearray]) -> None:
        """Announce as many of the messages that wait as make our share; `take` takes them out."""
        turn = self._turn
        for index, message in enumerate(backlog):
            if index == SHARE or (index and turn.size > BATCH):
                break
            turn.size += len(message)
            turn.messages.append((self, _NEXT_IN_BACKLOG))

    def take(self, message: bytes | bytearray) -> None:
        """Give the session a message, unless something has to wait."""
        if self._session is None or self._backlog or self._handling or self._is_paused:
            self._take_in_order(message)
        else:
            self._pass_on(message, self._session)

    def _take_in_order(self, message: bytes | bytearray) -> None:
        if message is not _NEXT_IN_BACKLOG:
            self._hold(message)
        elif self._backlog and self._session and not self._handling and not self._is_paused:
            message = self._backlog.popleft()
            self._backlog = self._backlog or None
            self._pass_on(message, self._session)

    def follow(self) -> None:
        """See to what follows from what we have read and answered."""
        self._batched = None
        self._follow()
        if self._backlog and not self._is_queued:
            self._go_on()

    def fail(self, error: BaseException) -> None:
        """End the connection because of an exception that should not be: a bug, of which the peer is told."""
        has_failed_before, self._has_failed = self._has_failed, True
        if has_failed_before:
            self.abort()
            return
        self.peer_log.error(self._loop.time(), "a connection failed", exc_info=error, to="net")
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
        if self._backlog is None:
            self._backlog = deque()
            self._has_fast_path = False
        self._backlog.append(message)

    def _go_on(self) -> None:
        """Have our turn if anything waits for it, else read on; for who has kept us from it."""
        if self._unread or self._backlog or self._has_ended:
            self._queue()
        elif not self._handling and not self._is_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def _note_held(self) -> None:
        """Tell how many bytes we hold, if that has changed."""
        waiting = sum(map(len, self._backlog)) if self._backlog else 0
        held = len(self._unread) + waiting + self.link.held + self.transport.get_write_buffer_size()
        if held != self._held and not self._is_gone:
            self._held = held
            self.hold(held)

    # --- events, messages, bytes, time -----------------------------------------------------------------

    def request_received(self, request: HandshakeReceived) -> None:
        """Decide, now or later; for the CSMS's side to fill in."""

    def http_received(self, request: HttpRequestReceived) -> None:
        """Answer, now or later; for the CSMS's side to fill in."""

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
        if deadline is not None and deadline < self._timer_at:
            self._arm(deadline)
        phase = link.phase
        if phase is not _OPEN and phase in _ENDING and not self.over.done():
            self.over.set_result(None)

    def _take_note(self, event: object) -> None:
        match event:
            case HandshakeReceived():
                self.request_received(event)
            case HttpRequestReceived():
                self.http_received(event)
            case Opened(version):
                self.opened(version)
            case HandshakeRejected():
                self.rejection = event
                self.rejected()
            case ProtocolViolated():
                if self._session:
                    self._session._report(event)
                elif len(self._early) < _MAX_EARLY:
                    self._early = (*self._early, event)
            case Closed():
                self._write()
                self.transport.close()

    def _pass_on(self, message: bytes | bytearray, session: NetSession) -> None:
        """Give the session a message; without a task, as long as nothing waits."""
        if session.connection.is_connected and not self._has_hung_up:
            rest = session._receive_now(message)
            if rest:
                self._wait_for(rest)

    def _wait_for(self, rest: Coroutine[Any, Any, None]) -> None:
        """Let a task do what waits; until it is done, the peer has to wait too."""
        self._has_fast_path = False
        self._handling = self._loop.create_task(rest)
        self._handling.add_done_callback(self._note_handled)
        self.transport.pause_reading()

    def _note_handled(self, task: asyncio.Task[None]) -> None:
        self._handling = None
        if not task.cancelled() and (error := task.exception()):
            self.fail(error)
            return
        self._write()
        self._go_on()

    def _arm(self, deadline: float) -> None:
        """Have the timer expire earlier; too early is harmless, and it is then set anew."""
        if self._timer:
            self._timer.cancel()
        self._timer_at = deadline
        self._timer = self._loop.call_at(deadline, self._on_timer, deadline)

    def _on_timer(self, deadline: float) -> None:
        self._timer = None
        self._timer_at = inf
        now = max(deadline, self._loop.time())
        self._note_held()  # what the peer does not take is looked at nowhere else
        if self._is_queued and self.link.phase is _OPEN:
            self._arm(now + _POSTPONEMENT)  # a sign of life may be in what waits for its turn
            return
        try:
            self.link.handle_timeout(now=now)
            if self._session:
                self._session.watch_wire()
            self._follow()
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends this connection alone
            self.fail(error)
