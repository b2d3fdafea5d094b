"""The byte pump of the asyncio world: one transport, one link, and the session at its end.

What comes waits for the turn of its connection, which comes with that of the others that are ready. After
every input follows the same: events, bytes to the transport, timer.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from inspect import isawaitable
from math import inf
from typing import Any, cast

from ocpp_sansio._asyncio_turn import Turn
from ocpp_sansio._message_pipe import Inlet
from ocpp_sansio._websocket_link import INTERNAL_ERROR, NORMAL
from ocpp_sansio._wired import BATCH, READ_SIZE, WiredSession
from ocpp_sansio.asyncio import Session
from ocpp_sansio.events import ProtocolViolated
from ocpp_sansio.net import Limits
from ocpp_sansio.outcomes import ConnectionLost, NotConnected
from ocpp_sansio.session import log_violation
from ocpp_sansio.versions import Version
from ocpp_sansio.websocket import (
    Closed,
    CsmsWebSocket,
    HandshakeReceived,
    HandshakeRejected,
    Opened,
    Phase,
    StationWebSocket,
)

__all__ = ["NetSession", "OnStation", "StreamWire", "drain", "run_guest", "stop"]

logger = logging.getLogger("ocpp_sansio")


class NetSession(WiredSession, Session):
    """The session of `connect` and `serve`."""


_ENDING = frozenset({Phase.CLOSING, Phase.CLOSED})
_OPEN = Phase.OPEN

OnStation = Callable[[NetSession], Awaitable[object] | object]


class StreamWire(asyncio.Protocol):
    """One connection, from `connection_made` to `connection_lost`."""

    suspends = False
    """What `send` returns may be given up: the transport has the data already."""

    __slots__ = (
        "_batched",
        "_gone",
        "_has_hung_up",
        "_inlet",
        "_is_gone",
        "_is_paused",
        "_limits",
        "_line",
        "_loop",
        "_pump",
        "_read_to",
        "_rings_at",
        "_room",
        "_session",
        "_stall",
        "_timer",
        "_turn",
        "_unread",
        "link",
        "over",
        "rejection",
        "transport",
    )

    def __init__(
        self, link: StationWebSocket | CsmsWebSocket, inlet: Inlet, limits: Limits
    ) -> None:
        self.link = link
        self.transport: asyncio.Transport
        self.rejection: HandshakeRejected | None = None
        """Why nothing was."""
        self._inlet = inlet
        inlet.deliver = self._receive
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._turn = Turn.of(self._loop)
        self._session: NetSession | None = None
        self._pump: asyncio.Task[None] | None = None
        # Bytes of answers that wait for one another, to leave in one write; None when we have no turn.
        self._batched: int | None = None
        self._is_paused = False
        self._has_hung_up = False
        self._line: deque[bytes | bytearray] | None = None
        """Messages that have to wait; None if none has, since an idle deque has a buffer."""
        self._unread = b""
        self._read_to = 0  # how much of that has been read
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

    def data_received(self, data: bytes) -> None:
        """Take bytes from the peer."""
        if not self._unread:
            self._turn.add(self, self._loop)
        self._unread += data

    def eof_received(self) -> None:
        """Take note that the peer will send no more; asyncio closes the transport then."""
        self._catch_up()
        self.link.receive_eof(now=self._loop.time())
        self._follow()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - it is lost, why ever
        """Take note that the transport is gone."""
        self.link.receive_eof(now=self._loop.time())
        self._follow()
        for timer in (self._timer, self._stall):
            if timer:
                timer.cancel()
        self._make_room()
        self._is_gone = True
        if self._gone:
            self._gone.set_result(None)

    def pause_writing(self) -> None:
        """Stop reading: whoever does not take our answers gets to ask for no more."""
        self._is_paused = True
        self.transport.pause_reading()
        self._stall = self._loop.call_later(self._limits.write_timeout, self.abort)

    def resume_writing(self) -> None:
        """Go on."""
        self._is_paused = False
        if self._stall:
            self._stall.cancel()
        self._make_room()
        self._deliver()
        self._read_on()

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
        if self.link.phase is not Phase.NEW:
            self.transport.abort()

    def deliver_to(self, session: NetSession) -> None:
        """Let messages pass; the session must be connected."""
        self._session = session
        self._deliver()

    async def finish(self, grace: float) -> None:
        """Return when the transport is closed; make it so after `grace` seconds."""
        if self._is_gone:
            return
        if self._gone is None:
            self._gone = self._loop.create_future()
        try:
            await asyncio.wait([self._gone], timeout=grace)
        finally:
            if not self._is_gone:
                self.abort()
        await self._gone

    # --- our turn --------------------------------------------------------------------------------------

    def read(self, now: float) -> bool:
        """Take a slice of what has come, unless something has to wait; return whether there is more."""
        if self._pump or self._is_paused:
            return False
        self._batched = 0
        start, end = self._read_to, self._read_to + READ_SIZE
        data = self._unread[start:end]
        has_more = end < len(self._unread)
        if has_more:
            self._read_to = end
        else:
            self._unread, self._read_to = b"", 0
        self.link.receive_data(data, now=now)
        return has_more

    def take(self, message: bytes | bytearray) -> None:
        """Give the session a message, unless something has to wait."""
        if self._session is None or self._line or self._pump or self._is_paused:
            self._hold(message)
        else:
            self._pass_on(message, self._session)

    def follow(self) -> None:
        """See to what follows from what we have read and answered."""
        self._batched = None
        self._follow()

    def fail(self, error: BaseException) -> None:
        """Drop the connection because of an exception that should not be."""
        logger.error("a connection failed", exc_info=error)
        self._has_hung_up = True
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
        self._line.append(message)

    def _catch_up(self) -> None:
        """Have what has come before what comes now."""
        if self._unread:
            self._turn.run(self._loop)

    # --- events, messages, bytes, time -----------------------------------------------------------------

    def request_received(self, request: HandshakeReceived) -> None:
        """Decide, now or later; for the CSMS's side to fill in."""

    def opened(self, version: Version) -> None:
        """See to the session; for each side to fill in."""

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
            case ProtocolViolated(error):
                log_violation(error)
            case Closed():
                self._write()
                self.transport.close()

    def _pass_on(self, message: bytes | bytearray, session: NetSession) -> None:
        """Give the session a message; without a task, as long as nothing waits."""
        if session.connection.is_connected and not self._has_hung_up:
            rest = session.receive_now(message)
            if rest:
                self._wait_for(rest)

    def _deliver(self) -> None:
        """Give the session the messages that had to wait, one after the other."""
        if self._session is None:
            return
        while self._line and not self._pump and not self._is_paused:
            self._pass_on(self._line.popleft(), self._session)
        if not self._line:
            self._line = None

    def _wait_for(self, rest: Coroutine[Any, Any, None]) -> None:
        """Let a task do what waits; until it is done, the peer has to wait too."""
        self._pump = self._loop.create_task(rest)
        self._pump.add_done_callback(self._pumped)
        self.transport.pause_reading()

    def _pumped(self, pump: asyncio.Task[None]) -> None:
        self._pump = None
        if not pump.cancelled():
            pump.result()  # it never raises: if it does, that is a bug to be seen
        self._deliver()
        self._write()
        self._read_on()

    def _read_on(self) -> None:
        if self._unread:
            self._turn.add(self, self._loop)
        if not self._pump and not self._is_paused:
            self.transport.resume_reading()

    def _write(self) -> None:
        pieces = self.link.data_to_send()
        if not pieces or self.transport.is_closing():
            return
        self.transport.write(pieces[0] if len(pieces) == 1 else b"".join(pieces))
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
        self._catch_up()  # a sign of life may be in it
        self.link.handle_timeout(now=max(deadline, self._loop.time()))
        self._follow()


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
    except Exception as error:
        if wire.over.done() and isinstance(error, ConnectionLost | NotConnected):
            return  # the usual end
        logger.exception("what runs for %r failed: its connection is closed", session.identity)
        wire.close(INTERNAL_ERROR)


async def stop(task: asyncio.Task[None] | None) -> None:
    """Cancel a task, and wait for its end."""
    if task:
        await asyncio.sleep(
            0
        )  # the outcome of its call, if that came just now, is to reach it first
        task.cancel()
        await asyncio.wait([task])


async def drain(sessions: Iterable[NetSession], seconds: float) -> None:
    """Wait until no session has a call without an answer, but only so long."""
    try:
        async with asyncio.timeout(seconds):
            for session in sessions:
                await session.wait_idle()
    except TimeoutError:
        logger.warning(
            "calls were still unanswered after %g s: their connections are closed", seconds
        )
