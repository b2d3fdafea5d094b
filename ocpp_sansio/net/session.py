"""The session of `connect` and `serve`, without an event loop: one that outlives its connections.

`SessionBase` knows one sender. This one is given a wire, a transport with its WebSocket, for each connection;
it can be closed, and its calls may wait for the next connection where `connect` makes another.
"""

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Generic, Protocol, cast

from msgspec.structs import replace

from ocpp_sansio.core import (
    CallErrorReceived,
    CallResultReceived,
    Config,
    Connection,
    ForeignCall,
    JsonObject,
    LocalProtocolError,
    Request,
    Role,
    Unconfirmed,
    Version,
    quote,
)
from ocpp_sansio.net.door import ConnectionRequest
from ocpp_sansio.net.logs import PeerLogs
from ocpp_sansio.registration import Registration, Unknown
from ocpp_sansio.session import (
    RECORDS_PER_SECOND,
    ConnectionLost,
    ContextT,
    Handlers,
    Hooks,
    NewConnection,
    NotConnected,
    PeerLog,
    SessionBase,
    Storing,
    Waiter,
    no_sender,
    notify_all,
)
from ocpp_sansio.websocket import ABNORMAL, NORMAL, EndedBy, Ending, WebSocketConfig, WebSocketLink

if TYPE_CHECKING:
    from ocpp_sansio.recording import Record

__all__ = ["Greeting", "NetSessionBase", "Wire"]

_GREETING: ContextVar["Greeting | None"] = ContextVar("ocpp_sansio_greeting", default=None)
"""In `on_connected` and what it starts, and in handlers: the connection on which they need not wait."""

_LONG_GREETING = 60.0
"""Seconds after which it is said, once, that a call waits for an `on_connected` that goes on."""


class Wire(Protocol):
    """One transport with its link, as a session sees it."""

    @property
    def where(self) -> str:
        """The peer's host and port, for the log."""
        ...

    suspends: bool
    """Whether giving up what `send` returns leaves a message half sent."""

    def send(self, data: bytes) -> Awaitable[None] | None:
        """Send a whole message; what is returned, if anything, is to be awaited before the next."""
        ...

    @property
    def link(self) -> WebSocketLink:
        """Its WebSocket."""
        ...

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Begin to close."""
        ...

    def configure(self, websocket: WebSocketConfig) -> None:
        """Go by other settings; they have been checked."""
        ...


class Greeting:
    """A connection whose `on_connected` has not returned yet."""

    __slots__ = ("is_long", "since")

    def __init__(self, now: float) -> None:
        self.since = now
        self.is_long = False
        """Whether it was said that it takes long."""


class NetSessionBase(SessionBase, Generic[ContextT]):
    """A session whose connections are made by `connect` or `serve`."""

    context: ContextT = cast("ContextT", None)
    """A value of your own: what the `Admission` has, or you have put here. Handlers see `call.context`."""
    request: ConnectionRequest | None = None
    """What the station asked for when it came in, without what may be a secret; None for `connect`."""
    # Most sessions, those of a CSMS, never have one of their own.
    _websocket: WebSocketConfig | None = None
    _url: str | None = None
    _line: list[Waiter] | None = None
    """Calls that may not leave yet, the first of them first."""
    _waiting_over: list[Waiter] | None = None
    _over_callbacks: tuple[Callable[[Any], object], ...] = ()
    _greeting: Greeting | None = None
    """None if no call has to wait for `on_connected`."""

    def __init__(
        self,
        role: Role,
        *,
        identity: str,
        handlers: Handlers | Mapping[Any, Callable[..., Any]] | None,
        hooks: Hooks | None,
        config: Config | None,
        context: object = None,
        request: ConnectionRequest | None = None,
        new_connection: NewConnection = Connection,
        record: "Record | None" = None,
        waits_while_offline: bool = False,
        max_log_records: int = RECORDS_PER_SECOND,
        logs: PeerLogs | None = None,
        websocket: WebSocketConfig | None = None,
        registrations: MutableMapping[str, Registration] | None = None,
        unknown: Unknown | str = Unknown.SERVE,
        gate: bool = True,
        connection: Connection | None = None,
        store: Storing | None = None,
    ) -> None:
        super().__init__(
            role,
            sender=no_sender,  # it has a wire before it has a connection
            handlers=handlers,
            hooks=hooks,
            config=config,
            identity=identity,
            context=context,
            new_connection=new_connection,
            record=record,
            max_log_records=max_log_records,
            registrations=registrations,
            unknown=unknown,
            gate=gate,
            connection=connection,
            store=store,
        )
        self._logs = logs  # a server's, which outlive the session
        self._opened_at = 0.0
        self._sent_before = 0
        if request is not None:
            self.request = request
        self._wire: Wire | None = None
        self._is_over = False
        self._waits_while_offline = waits_while_offline
        if websocket:
            self._websocket = websocket

    # --- what you want -----------------------------------------------------------------------------------

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Close the connection, and make no other. Idempotent.

        Calls without an answer raise `ConnectionLost`.

        `code` and `reason` are those of the WebSocket's close frame. Raises LocalProtocolError for a code
        that may not be sent, and for a reason of more than 123 bytes.
        """
        if self._wire:
            self._wire.close(code, reason)
        self._end()

    @property
    def url(self) -> str | None:
        """The address of the CSMS that we are connected to, as `connect` was given it; None if we are not.

        It is None on the CSMS's side, too.
        """
        return self._url if self.is_connected else None

    @property
    def websocket(self) -> WebSocketConfig | None:
        """The settings of the connection's WebSocket, or those that the next one begins with."""
        return self._wire.link.settings if self._wire else self._websocket

    @property
    def last_heard(self) -> float | None:
        """When anything came from the peer last, a pong included (K-13); None if nothing has.

        In seconds of the loop's clock: `loop.time() - session.last_heard`, or `trio.current_time()` in the
        place of that, is how long ago it was. It stays after the connection.
        """
        return self._wire.link.heard_at if self._wire else None

    @property
    def latency(self) -> float | None:
        """Seconds from the last ping of ours that was answered to its pong; None as long as none was.

        It is measured at each ping, thus every `WebSocketConfig.ping_interval`, anew on each connection.
        """
        return self._wire.link.latency if self._wire else None

    def configure(
        self, config: Config | None = None, *, websocket: WebSocketConfig | None = None
    ) -> None:
        """Go by other settings from now on, on this connection and those that follow it.

        `config` is told to `Connection.configure`, `websocket` to `WebSocketLink.configure`, which say what
        counts at once. Begin with what there is, since all of it counts: `msgspec.structs.replace` makes
        such a copy of `session.config` and of `session.websocket`.

        Raises LocalProtocolError, and nothing has changed, for what cannot change while connected:
        `max_message_size`, `max_undrained` and `compression`; TypeError for what are no settings.
        """
        if websocket is not None:
            self._check_websocket(websocket)
        if config is not None:
            super().configure(config)
        if websocket is None:
            return
        if self._wire:
            self._wire.configure(websocket)
        self._websocket = websocket

    def _check_websocket(self, websocket: WebSocketConfig) -> None:
        if not isinstance(websocket, WebSocketConfig):
            raise TypeError(
                f"websocket= is a WebSocketConfig, not {quote(type(websocket).__name__)}"
            )
        if self._wire and self.is_connected:
            self._wire.link.check_settings(websocket)

    def release_calls(self) -> None:
        """Let all calls leave before `on_connected` has returned: for one that goes on and on. Idempotent."""
        self._greeting = None
        self._call_next()

    async def send_unconfirmed(
        self, message: Unconfirmed | str, payload: JsonObject | None = None
    ) -> None:
        """See `SessionBase.send_unconfirmed`; it waits for `on_connected`, as calls do."""
        if self.is_connected:
            await self._wait_in_line()
        await super().send_unconfirmed(message, payload)

    async def wait_closed(self) -> None:
        """Wait until there is no connection and there will be none: closed, lost, or given up."""
        if not self._is_over:
            self._waiting_over = self._waiting_over or []
            await self._wait_on(self._waiting_over)

    @property
    def address(self) -> str | None:
        """Where the peer is, or was last: host and port, such as "10.1.2.3:41234"; its own behind proxies."""
        return self._wire.where if self._wire else None

    def call_when_over(self, function: Callable[[Any], object]) -> None:
        """Have a plain function called with the session once there is no connection and will be none.

        Once, at that moment, and whatever is cancelled then; at once, if it is so already. What it raises is
        logged.
        """
        if self._is_over:
            self._tell_over(function)
        else:
            self._over_callbacks = (*self._over_callbacks, function)

    def _tell_over(self, function: Callable[[Any], object]) -> None:
        try:
            function(self)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the application's
            self._complain("what was to be called at the end of a session failed", exc_info=error)

    # --- for the wire --------------------------------------------------------------------------------------

    @property
    def _settings(self) -> tuple[Config, WebSocketConfig]:
        """What the next connection is made with, on the station's side."""
        return self.connection.config, cast("WebSocketConfig", self._websocket)

    def _attach(self, wire: Wire, url: str | None = None) -> None:
        """Take the wire that the next connection is on, and the address of the CSMS if that is the peer."""
        self._wire = wire
        if url:
            self._url = url
        self._frame_queue.use_sender(wire.send, suspends=wire.suspends)

    def _greeter(
        self, function: Callable[[Any], Awaitable[object] | object]
    ) -> Callable[[Any], Coroutine[Any, Any, None]]:
        """Have calls wait, on the next connection, until a function has run; return that, to be run.

        Calls of its own, and of all tasks that it starts, do not wait.
        """
        greeting = self._greeting = Greeting(self._now())

        async def greet(session: Any) -> None:
            _GREETING.set(greeting)
            result = function(session)
            if isawaitable(result):
                await result
            if self._greeting is greeting:
                self.release_calls()

        return greet

    @contextmanager
    def _ahead_of_others(self) -> Iterator[None]:
        """Let calls leave that are made in here, or in a task that is started here: those of handlers.

        The CSMS has asked for them, and may wait for them before it lets `on_connected` go on.
        """
        token = _GREETING.set(self._greeting)
        try:
            yield
        finally:
            _GREETING.reset(token)

    def _end(self) -> None:
        """Take note that there will be no other connection: nobody needs to wait for one."""
        if not self._is_over:
            self._is_over = True
            for function in self._over_callbacks:
                self._tell_over(function)
        if self._waiting_over:
            notify_all(self._waiting_over)
        if self._station_side:
            self._station_side.end()
        self._call_next()

    async def connected(self, version: Version | str) -> None:
        """Note that a connection is open: see `SessionBase.connected`."""
        await super().connected(version)
        self._call_next()

    def _log_opened(self, text: str = "connected", *args: object) -> None:
        """Log that the connection is there."""
        self._opened_at = self._now()
        self._sent_before = self._frame_queue.sent
        if PeerLog.wants_visits():
            self._visit_log().visit(self._opened_at, text, *args)

    def _log_ended(self, text: str = "disconnected", *args: object) -> None:
        """Log that the connection is gone: who began with that, how, and after how long."""
        now = self._now()
        ending = (self._wire.link.ending if self._wire else None) or _LOST
        duration = round(now - self._opened_at, 3)
        sent = self._frame_queue.sent - self._sent_before
        said = f"{ending.code}, {ending.reason}" if ending.reason else f"{ending.code}"
        told = ending.reason if ending.code == ABNORMAL else f"{_BEGINNINGS[ending.by]} ({said})"
        self._visit_log().visit(
            now,
            f"{text}: %s, after %s s and %s messages of ours",
            *args,
            told,
            f"{duration:.1f}",
            sent,
            is_wrong=ending.is_fault,
            by=ending.by.value,
            code=ending.code,
            reason=ending.reason,
            duration=duration,
            sent=sent,
        )

    # --- what of SessionBase is different here -----------------------------------------------------------

    def _new_log(self) -> PeerLog:
        if self._logs is None:
            return super()._new_log()
        return self._logs.of(self.identity, (self.address or "").rpartition(":")[0], self._now())

    def _visit_log(self) -> PeerLog:
        """Return where its comings and goings are told; a server's session keeps no log for that alone."""
        if self._logs is None or self._kept_log:
            return self._log
        log = self._log
        self._kept_log = None
        return log

    def _close_log(self) -> None:
        if self._logs is None:
            super()._close_log()

    async def _complete(
        self, request: Request[Any] | str | ForeignCall, payload: Any, timeout: float | None
    ) -> CallResultReceived | CallErrorReceived:
        while True:
            await self._wait_in_line()
            try:
                return await super()._complete(request, payload, timeout)
            except ConnectionLost as error:
                if error.was_sent or not self._waits_while_offline or self._is_over:
                    raise  # whether the peer acted on it is unknown: not ours to repeat (S-11)
            except NotConnected:
                if not self._waits_while_offline or self._is_over:
                    raise

    def _change_ping_interval(self, seconds: float) -> None:
        settings = self.websocket
        if settings:
            self.configure(websocket=replace(settings, ping_interval=seconds))

    def _hang_up(self) -> None:
        if self._wire:
            self._wire.close()

    def _pause_before(self, seconds: float) -> float:
        """Return how long to wait before dialling: a rejected station may have to keep away (B-33)."""
        silent_until = getattr(self.connection, "silent_until", None)
        return seconds if silent_until is None else max(seconds, silent_until - self._now())

    def _note_disconnected(self) -> None:
        super()._note_disconnected()
        self._call_next()  # where calls do not wait for another connection

    # --- calls that wait ---------------------------------------------------------------------------------

    async def _wait_in_line(self) -> None:
        """Return when a call may be made: at once, or in its turn, behind those that have waited longer.

        As many wait here as the core can take once they may: one in flight, and its queue.
        """
        if not (self._line or self._is_shut()) or self._goes_first():
            return
        limit = self.config.max_queued_calls
        line = self._line = self._line or []
        if len(line) > limit:
            raise LocalProtocolError(
                f"{limit} calls and one more wait already (Config.max_queued_calls)"
            )
        self._wonder_why()
        waiter = self._new_waiter()
        line.append(waiter)
        try:
            await waiter.wait()
            while self._is_shut():  # again, since we were called
                place = line.index(waiter)
                waiter = line[place] = self._new_waiter()
                await waiter.wait()
        finally:
            line.remove(waiter)
            self._call_next()

    def _is_shut(self) -> bool:
        """Whether a call that is nothing special has to wait."""
        if self._is_over:
            return False
        if not self.is_connected:
            return self._waits_while_offline
        return self._greeting is not None

    def _goes_first(self) -> bool:
        """Whether calls of the task that runs do not wait for `on_connected`."""
        return (
            self._greeting is not None and self.is_connected and _GREETING.get() is self._greeting
        )

    def _wonder_why(self) -> None:
        """Tell of an `on_connected` that may never return, since a call waits for that."""
        greeting, now = self._greeting, self._now()
        if not greeting or not self.is_connected or greeting.is_long:
            return
        if now - greeting.since >= _LONG_GREETING:
            greeting.is_long = True
            text = "calls wait for on_connected, which has run for %.0f s: release_calls() lets them go"
            self._log.warning(now, text, now - greeting.since)

    def _call_next(self) -> None:
        """Let the first in line make its call; it calls the next one, once it has left the line."""
        if self._line and not self._is_shut():
            self._line[0].resolve(None)


_BEGINNINGS = {
    EndedBy.US: "we closed it",
    EndedBy.PEER: "the peer closed it",
    EndedBy.LINE: "the line was lost",
    EndedBy.TIMEOUT: "the peer was silent for too long",
}
_LOST = Ending(EndedBy.LINE, ABNORMAL, "the connection was lost")
