"""`SessionCommon`: what both halves of a session stand on, and the methods that an event loop fills in.

The connection, the frame queue, hooks and the log are shared by the calls of ours (outbound.py) and those of
the peer's (inbound.py). `SessionBase` (base.py) puts the halves together and sets all attributes.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from contextlib import AbstractAsyncContextManager
from inspect import isawaitable
from typing import Any, TypeAlias

from ocpp_sansio.core import (
    CallResultErrorReceived,
    Config,
    Connection,
    FramingErrorReceived,
    LateResponseReceived,
    LocalProtocolError,
    MendingFailed,
    ProtocolViolated,
    Role,
    Version,
    quote,
)
from ocpp_sansio.registration import CsmsGate, Registration, Unknown
from ocpp_sansio.session.frame_queue import FrameQueue
from ocpp_sansio.session.heads import action_in
from ocpp_sansio.session.hooks import Hooks, ReportedEvent
from ocpp_sansio.session.incoming_call import Peer
from ocpp_sansio.session.outcomes import NotConnected
from ocpp_sansio.session.peer_log import PeerLog
from ocpp_sansio.session.waiting import Waiter

__all__ = ["Closer", "SessionCommon"]

Closer: TypeAlias = Callable[[int, str], Awaitable[object] | object]
"""Your function that closes the WebSocket, with a code and a reason; sync or async."""


class SessionCommon(ABC):
    """State that both halves share, the log, and one abstract method for each thing a loop has to do."""

    identity: str | None
    """Who the peer is, for you and for the log."""
    _address: str | None
    context: Any = None
    """A value of your own, for handlers to find as `IncomingCall.context`."""
    request: Any = None
    """What a server was asked when the peer came in; None elsewhere."""
    hooks: Hooks
    connection: Connection
    """The protocol machine."""
    _now: Callable[[], float]
    """The loop's monotonic clock, in seconds; `_enter` sets it."""
    _frame_queue: FrameQueue
    _closer: Closer | None = None
    _is_closing = False
    _is_open: bool
    """Whether we are inside of `async with`."""
    _registrations: MutableMapping[str, Registration] | None = None
    """The states of the stations, on the CSMS's side, where somebody keeps them."""
    _unknown: Unknown | None = None
    """What becomes of a station that is not known, on the CSMS's side; None: there is no gate."""
    _known: Registration = Registration.UNKNOWN
    """What the station was as long as there is no gate."""
    _gate: CsmsGate | None = None
    """What a station may say and be told, on the CSMS's side."""
    _max_log_records: int
    _kept_log: PeerLog | None

    @property
    def role(self) -> Role:
        """Which side we are."""
        return self.connection.role

    @property
    def version(self) -> Version | None:
        """The version of the connection; None when not connected."""
        return self.connection.version

    @property
    def address(self) -> str | None:
        """Where the peer is, for you and for the log: host and port, such as "10.1.2.3:41234"."""
        return self._address

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection."""
        return self.connection.is_connected

    @property
    def config(self) -> Config:
        """The settings that it goes by: those it was made with, or of the last `configure`."""
        return self.connection.config

    @property
    def registration(self) -> Registration | None:
        """How far the station has come, on the CSMS's side: as we have answered its BootNotification (B-40).

        None if there is no gate.
        """
        if self._gate:
            return self._gate.registration
        return self._known if self._unknown else None

    @property
    def websocket(self) -> Any:
        """The settings of the WebSocket; None where that is yours."""
        return None

    @property
    def last_heard(self) -> float | None:
        """When anything came from the peer last, on the loop's clock; None where the WebSocket is yours."""
        return None

    @property
    def latency(self) -> float | None:
        """Seconds from a ping to its pong, as last measured; None where the WebSocket is yours."""
        return None

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection, with the code and the reason of the WebSocket's close frame. Idempotent.

        Calls without an answer raise `ConnectionLost`, once you have told `disconnected`.

        Raises LocalProtocolError if the session was made without `close=`.
        """
        if self._closer is None:
            raise LocalProtocolError(
                "this session was not told how to close: Session(..., close=...)"
            )
        if self.is_connected and not self._is_closing:
            self._is_closing = True
            self._spawn(self._run_closer, self._closer, code, reason)

    async def _run_closer(self, closer: Closer, code: int, reason: str) -> None:
        try:
            result = closer(code, reason)
            if isawaitable(result):
                await result
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the application's
            self._complain("closing the connection failed", exc_info=error)

    def _require_entered(self) -> None:
        if not self._is_open:
            raise RuntimeError('a session works inside its "async with" block')

    def _require_connected(self) -> None:
        if not self.connection.is_connected:
            raise NotConnected("there is no connection")

    def _recall_registration(self) -> None:
        """Look up what is known of the station, and bar it if that is to be; a mapping of yours may fail."""
        try:
            if self._registrations is not None and self.identity is not None:
                known = self._registrations.get(self.identity, Registration.UNKNOWN)
                if known != Registration.UNKNOWN:
                    self._known = Registration(known)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the application's
            self._complain("what is known of its registration could not be read", exc_info=error)
        self._bar_if_wanted()

    def _follow_registration(self, registration: Registration) -> None:
        """Go by what the same station was answered on another connection (B-40)."""
        if self._gate:
            self._gate.follow(registration)
        elif self._unknown:
            self._known = registration
            self._bar_if_wanted()

    def _bar_if_wanted(self) -> None:
        is_served = self._known is Registration.ACCEPTED or (
            self._known is Registration.UNKNOWN and self._unknown is Unknown.SERVE
        )
        if not is_served:
            self._make_gate()

    def _make_gate(self) -> CsmsGate | None:
        """Return the gate, if there is to be one; most stations have none until they boot or are called."""
        if self._gate is None and self._unknown:
            self._gate = CsmsGate(self.connection, registration=self._known, unknown=self._unknown)
        return self._gate

    def _keep_registration(self, registration: Registration) -> None:
        if self._registrations is None or self.identity is None:
            return
        try:
            self._registrations[self.identity] = registration
        except Exception as error:  # noqa: BLE001 - likewise
            self._complain("its registration could not be kept", exc_info=error)

    @abstractmethod
    def _receive_other(self, event: object) -> None:
        """Take an event that only a `Station` has: see `SessionBase`."""

    def _change_ping_interval(self, seconds: float) -> None:  # noqa: B027 - nothing, if it is yours
        """Follow a new WebSocketPingInterval; where the WebSocket is yours, `Handlers.when` tells you."""

    def _hang_up(self) -> None:
        """Close this connection, and let another be made later."""
        if self._closer:
            self.close()

    @abstractmethod
    def _settle(self) -> None:
        """Do what follows from an input or an action: to be called after each, see `SessionBase`."""

    async def _wait_on(self, waiters: list[Waiter]) -> None:
        """Wait in this list until `notify_all` is called on it."""
        waiter = self._new_waiter()
        waiters.append(waiter)
        try:
            await waiter.wait()
        finally:
            if waiter in waiters:
                waiters.remove(waiter)

    # --- the log ---------------------------------------------------------------------------------

    @property
    def _log(self) -> PeerLog:
        """Where the records about this peer go, the transport's as well."""
        log = self._kept_log
        if log is None:
            log = self._kept_log = self._new_log()
        log.identity, log.address = self.identity, self.address
        if self.connection.version:  # the last one stands for what comes after it
            log.version = self.connection.version.value
        return log

    def _new_log(self) -> PeerLog:
        return PeerLog(limit=self._max_log_records)

    def _continue_log(self, log: PeerLog) -> None:
        """Go on with the records that the transport has begun, before it knew of us."""
        if self._kept_log is None:
            self._kept_log = log
        else:
            log.close()

    def _report(self, event: ReportedEvent) -> None:
        """Log what the peer did that is no part of a conversation, and tell those who want reports.

        Not what somebody awaits: that is raised to him, and no matter for the log.
        """
        match event:
            case LateResponseReceived(call):
                text = "a response to %s came after its timeout"
                about = {"action": call.action, "message_id": call.message_id}
                self._log.info(self._now(), text, quote(call.action), **about)
            case ProtocolViolated(error, data):
                self._log.violation(self._now(), error, action_in(data))
            case MendingFailed(failure):
                text = "Config.mend failed; the message counts as it came"
                self._log.error(self._now(), text, exc_info=failure)
            case CallResultErrorReceived(message_id, code):
                text = "the peer cannot use our answer to %s: %s"
                about = {"message_id": message_id}
                self._log.warning(self._now(), text, quote(message_id), code, **about)
            case FramingErrorReceived(code):
                text = "the peer could not read a message of ours: %s"
                self._log.warning(self._now(), text, code)
        self.hooks.report(self._as_peer(), event, self._complain)

    def _complain(self, text: str, /, *args: object, exc_info: Exception) -> None:
        """Log what of the application's failed; for hooks and the frame queue."""
        self._log.error(self._now(), text, *args, exc_info=exc_info)

    def _close_log(self) -> None:
        if self._kept_log:
            self._kept_log.close()

    @abstractmethod
    def _as_peer(self) -> Peer:
        """Return ourselves, both halves."""

    # --- what an event loop fills in -------------------------------------------------------------

    @abstractmethod
    async def _enter(self) -> None:
        """Get ready for tasks and the timer."""

    @abstractmethod
    async def _exit(self) -> None:
        """Cancel all tasks, and wait for their ends."""

    @abstractmethod
    def _arm(self, deadline: float) -> None:
        """Have `_timer_fired` called at `deadline`, unless it will be before that anyway."""

    @abstractmethod
    def _disarm(self) -> None:
        """Have `_timer_fired` not called any more."""

    @abstractmethod
    def _spawn(
        self, function: Callable[..., Coroutine[Any, Any, None]], /, *arguments: object
    ) -> None:
        """Start a task of the session."""

    @abstractmethod
    def _start_for_life(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Start a task that goes on without a connection, until `_exit` cancels it."""

    @abstractmethod
    def _start_worker(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Start a task that is never cancelled: `_exit` waits until it has ended by itself."""

    @abstractmethod
    async def _in_thread(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Run a function that blocks in a thread, one at a time; for the worker."""

    @abstractmethod
    async def _cancel_tasks(self) -> None:
        """Cancel all tasks of the session but the one that asks for it, and wait for their ends."""

    @abstractmethod
    def _ends_task(self, error: BaseException) -> bool:
        """Whether something that is no `Exception` means the task that runs, and is to be passed on."""

    @abstractmethod
    def _new_waiter(self) -> Waiter:
        """Return a fresh waiter."""

    @abstractmethod
    def _new_lock(self) -> AbstractAsyncContextManager[Any]:
        """Return a lock that is given out in the order of asking."""
