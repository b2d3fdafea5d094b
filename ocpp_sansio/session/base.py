"""`SessionBase`: one peer's session without its event loop. What comes in, and what follows from it.

`SessionBase` adds to the two halves, calls of ours (outbound.py) and calls of the peer's (inbound.py), what
joins them: connecting, receiving, the timer, the end. After every input and every action comes the same
sequence, `_settle`: the core's events go to the half that each concerns, its frames to the frame queue, and
the timer is set. The frame queue is then flushed to the sender.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from ocpp_sansio.core import (
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    Config,
    Connection,
    JsonObject,
    LocalProtocolError,
    Request,
    Role,
    SendReceived,
    Version,
    require_whole,
)
from ocpp_sansio.registration import Registration, Unknown
from ocpp_sansio.session.common import Closer
from ocpp_sansio.session.folding import RECORDS_PER_SECOND
from ocpp_sansio.session.frame_queue import FrameQueue, Sender
from ocpp_sansio.session.handlers import Handlers, serving
from ocpp_sansio.session.hooks import HookInfo, HookName, Hooks, RawMessage, Veto
from ocpp_sansio.session.inbound import InboundCalls
from ocpp_sansio.session.outcomes import CallVetoed
from ocpp_sansio.session.peer_log import PeerLog
from ocpp_sansio.session.waiting import Waiter, notify_all

if TYPE_CHECKING:
    from ocpp_sansio.recording import Record
    from ocpp_sansio.session.station_side import StationSide
    from ocpp_sansio.session.storing import Storing
    from ocpp_sansio.session.wire_log import WireLog
    from ocpp_sansio.station import Record as PostedRecord

__all__ = ["NewConnection", "SessionBase"]

ResultT = TypeVar("ResultT")


class NewConnection(Protocol):
    """What makes the `Connection` of a session: that class, or `partial(Recorder, write=file.write)`."""

    def __call__(self, role: Role, /, *, config: Config) -> Connection:
        """Return a fresh one for our side, `role`."""
        ...


class SessionBase(InboundCalls):
    """One peer: its connection, your handlers and hooks, and your calls. Use the `Session` of your loop.

    An async context manager. Handlers and the one timer run in it, and are gone when it is left. A session
    outlives its connections: `connected` may follow `disconnected` any number of times.
    """

    _station_side: "StationSide | None" = None
    """What there is to do for a `Station`."""
    _waiting_idle: list[Waiter] | None = None
    """Tasks that wait until all calls are answered."""
    _takes_at_once: bool
    """Whether a message needs no second look before it is taken: the block is entered, no log wants it."""
    _wire_log: "WireLog | None"
    """Logs frames; None as long as nobody wants to see them."""
    _inbox_lock: AbstractAsyncContextManager[Any] | None
    """Keeps messages in order while hooks of theirs run; made with the first of them."""

    def __init__(
        self,
        role: Role,
        *,
        sender: Sender,
        handlers: Handlers | Mapping[Any, Callable[..., Any]] | None = None,
        hooks: Hooks | None = None,
        config: Config | None = None,
        identity: str | None = None,
        address: str | None = None,
        context: object = None,
        new_connection: NewConnection = Connection,
        record: "Record | None" = None,
        max_log_records: int = RECORDS_PER_SECOND,
        close: Closer | None = None,
        registrations: MutableMapping[str, Registration] | None = None,
        unknown: Unknown | str = Unknown.SERVE,
        gate: bool = True,
        connection: Connection | None = None,
        store: "Storing | None" = None,
    ) -> None:
        """Make a session for our side, `role`.

        `sender(data)` or `sender(data, version)` writes one message: `data` is bytes in UTF-8 that belong
        into a *text* message. It gets the version if it requires two arguments, or calls the second
        one `version`. `close(code, reason)`, sync or async, closes the WebSocket; it is for `close` of this
        session, which handlers may call. `identity` and `address` are for you and for the log: the
        station's name, and where it is. `context` is a value of yours, which handlers find as
        `IncomingCall.context`.
        `new_connection(role, config=…)` makes the protocol machine: `partial(Recorder, write=file.write)`
        records it; `record` does so for long: into a folder, a file, a function or `Recordings`, with bounds
        and without secrets. Of more than `max_log_records` records a second the log, "ocpp_sansio", gets the
        count.

        A CSMS has a `CsmsGate` between: what a station may say, and be told, goes by our answer to its
        BootNotification (B-40 to B-46); `gate=False` does without. `registrations` keeps the states by
        identity; `unknown` says what becomes of a station that has not booted since, "serve" or "bar" (B-42).

        `connection` is one that you have made: a `Station`, whose queue `store` keeps, and whose `Config` is
        its own. `post` and `registered` are for it, `Handlers.delivered` and `Handlers.when` are told of it.

        Raises TypeError for a sender or a handler that cannot be called so, ValueError for a limit that
        cannot be, and for more than one of `record`, `new_connection`, `connection`.
        """
        require_whole("max_log_records", max_log_records, 1)
        if connection is not None and record is not None:
            raise ValueError(
                "record= makes the connection that it writes down: it goes without one of yours, be it "
                "station= or connection=. Record a Station with the record= of its CSMS, or log "
                "ocpp_sansio.wire at DEBUG"
            )
        if connection is not None and (new_connection is not Connection or config is not None):
            raise ValueError("connection= is made: it goes without config=, new_connection=")
        if store is not None and not hasattr(connection, "store_requests"):
            raise ValueError("store= keeps the queue of a Station, which there is none of")
        if record is not None:
            if new_connection is not Connection:
                raise ValueError("record= makes the connection: it goes without new_connection=")
            from ocpp_sansio.recording import recordings_of  # noqa: PLC0415 - most record nothing

            recordings = recordings_of(record)
            new_connection = recordings.taped(identity, complain=self._tell_not_recorded)
        self.handlers = handlers if isinstance(handlers, Handlers) else Handlers(handlers)
        self.hooks = hooks or Hooks()
        self.identity = identity
        self._address = address
        if context is not None:  # the class says None, which takes up nothing
            self.context = context
        if connection is None:
            self.connection = new_connection(
                role, config=serving(self.handlers, config or Config(), role)
            )
        else:
            self.connection = self._adopt(connection, role)
        self.connection.takes_object = self.handlers._takes_object
        self._frame_queue = FrameQueue(sender, self.connection, self.hooks, self)
        self._is_open = False
        self._takes_at_once = False
        self._connection_count = 0
        self._running = 0
        self._max_running = self.connection.config.max_running_handlers
        self._inbox_lock = None
        self._max_log_records = max_log_records
        self._kept_log = None
        self._wire_log = None
        if close is not None:
            self._closer = close
        if registrations is not None:
            self._registrations = registrations
        if connection is not None and hasattr(connection, "store_requests"):
            self._station_side = self._new_station_side(connection, store)
        if role is Role.CSMS and gate:
            self._unknown = Unknown(unknown)

    async def __aenter__(self) -> Self:
        await self._enter()
        self._open()
        if self._station_side:
            self._station_side.start()
            self._settle()  # it may have something to tell, such as that its store was damaged
        return self

    def _open(self) -> None:
        self._is_open = True
        if self._unknown:
            self._recall_registration()
        self.watch_wire()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_open = self._takes_at_once = False
        self._note_disconnected()
        if self._station_side:
            self._station_side.leave()
        await self._exit()
        self._close_log()  # handlers may have failed over their end

    # --- inputs ----------------------------------------------------------------------------------

    async def connected(self, version: Version | str) -> None:
        """Note that a connection is open, and `version` (or its subprotocol name) was agreed on it.

        Raises LocalProtocolError when already connected, ValueError for an unknown version, RuntimeError
        outside the session's `async with`.
        """
        self._require_entered()
        self._note_connected(version)
        await self._frame_queue.flush()

    def _note_connected(self, version: Version | str) -> None:
        self.watch_wire()
        try:
            self.connection.connected(version, now=self._now())
        except Exception as error:
            if not (self._station_side and self.is_connected):
                raise
            self._complain("the station could not boot, and tries again later", exc_info=error)
        if self._is_closing:
            self._is_closing = False
        self._connection_count += 1
        self._settle()

    async def received(self, message: RawMessage) -> None:
        """Take one whole message from the peer. Await it before you pass on the next one.

        Returns when the message has been taken in, plain handlers have run and their answers been sent;
        handlers that are coroutine functions go on by themselves. Never raises for what the peer sent, nor
        for what a handler or the sender does. Raises LocalProtocolError when not connected.
        """
        rest = self._receive_now(message)
        if rest:
            await rest

    def _receive_now(self, message: RawMessage) -> Coroutine[Any, Any, None] | None:
        """Take one whole message like `received`; return what is left to await, at once, if anything is.

        For a transport that calls back: as long as handlers and sender are plain functions, a message
        costs no coroutine.
        """
        if not self._takes_at_once:
            self._require_entered()
            if self._wire_log:
                self._wire_log.received(self._now(), message)
        active = self.hooks.active
        if active and not active.isdisjoint(_INBOUND_HOOKS):
            return self._wait_for_room(self._receive_hooked(message))
        self.connection.received(message, now=self._now())
        self._settle()
        rest = self._frame_queue.flush_now()
        if rest or self._frame_queue.is_full or self._running >= self._max_running:
            return self._wait_for_room(rest)
        return None

    async def _wait_for_room(self, step: Awaitable[None] | None) -> None:
        """Let the peer wait while too much of what it has asked for is on its way, or still being done."""
        if step:
            await step
        await self._frame_queue.flush()
        await self._frame_queue.wait_for_room()
        core = self.connection
        while (
            self._running >= self._max_running and core.is_connected and not core.outstanding_call
        ):
            self._waiting_slot = self._waiting_slot or []
            await self._wait_on(self._waiting_slot)

    async def disconnected(self) -> None:
        """Note that the connection is gone. Idempotent.

        Every call that waits raises `ConnectionLost`. The handlers that still run are cancelled, and have
        ended when this returns; one that calls it is spared.
        """
        if self._is_open:
            self._note_disconnected()
            await self._cancel_tasks()

    async def wait_idle(self) -> None:
        """Wait until no call is unanswered, neither of ours nor of the peer's."""
        while not self._is_idle():  # again, for another call may have left before we were woken
            self._waiting_idle = self._waiting_idle or []
            await self._wait_on(self._waiting_idle)

    def _is_idle(self) -> bool:
        core = self.connection
        return not (core.outstanding_call or core.queued_calls or core.unanswered_calls)

    def watch_wire(self) -> None:
        """Log frames from now on, or no more, as the log's level has it.

        That is looked at when a connection opens, so that it costs nothing otherwise; call it when the level
        has changed meanwhile. `connect` and `serve` do so with each ping.
        """
        wants = self._is_open and PeerLog.wants_frames()
        self._takes_at_once = self._is_open and not wants
        if wants and self._wire_log is None:
            from ocpp_sansio.session.wire_log import WireLog  # noqa: PLC0415 - nor log frames

            self._wire_log = WireLog(lambda: self._log)
        elif not wants:
            self._wire_log = None
        self._frame_queue.watch(self._log_sent if wants else None)

    def _tell_not_recorded(self, problem: str) -> None:
        self._log.error(self._now(), "%s", problem)

    def _receive_other(self, event: object) -> None:
        if self._station_side:
            self._station_side.take(event)

    def _as_peer(self) -> Self:
        return self

    def _log_sent(self, data: bytes) -> None:
        if self._wire_log:
            self._wire_log.sent(self._now(), data)

    # --- what follows from an input or an action -------------------------------------------------

    def _settle(self) -> None:
        """Hand out the events, queue the frames, set the timer."""
        self._hand_out()
        while self._station_side and self._station_side.settle():
            self._hand_out()
        deadline = self.connection.next_timeout()
        if deadline is not None and self._is_open:
            self._arm(deadline)
        if self._waiting_idle and self._is_idle():
            notify_all(self._waiting_idle)
        if self._waiting_slot:  # a call of ours may be in flight now, or the connection gone
            notify_all(self._waiting_slot)

    def _hand_out(self) -> None:
        for event in self.connection.events():
            if isinstance(event, _REQUESTS):
                self._receive_request(event)
            else:
                self._receive_response(event)
        frames = self.connection.frames_to_send()
        if frames:
            self._frame_queue.put(frames)

    # --- the same for a message that hooks watch -------------------------------------------------

    async def _receive_hooked(self, message: RawMessage) -> None:
        info = HookInfo.incoming("message_received", message, self)
        if self._inbox_lock is None:
            self._inbox_lock = self._new_lock()
        connection_count = self._connection_count
        async with self._inbox_lock:  # a slow hook must not let the next message overtake
            try:
                await self.hooks.run_before(info, self._complain)
            except Veto:
                return
            if self._connection_count != connection_count:
                return  # its connection went while the hook ran
            self.connection.received(message, now=self._now())
            events = tuple(self.connection.events())
            requests: list[CallReceived | SendReceived] = []
            for event in events:
                if not isinstance(event, _REQUESTS):
                    await self._receive_response_hooked(event, message)
                elif self._running >= self._max_running:
                    self._refuse_overload(event)
                else:
                    requests.append(event)
            self._settle()
        if requests:
            self._spawn(self._finish_hooked, info, events, requests)
        else:
            await self._finish_hooked(info, events, requests)

    async def _receive_response_hooked(self, event: object, data: RawMessage) -> None:
        name = _RESULT_HOOKS.get(type(event))
        if name is None or not isinstance(event, CallResultReceived | CallErrorReceived):
            self._receive_response(event)
            return

        if self._gate:
            self._gate.observe(event)

        async def step() -> None:
            self._end_call(event.call, event)

        try:
            await self.hooks.around(
                HookInfo.incoming(name, data, self, event), step, self._complain
            )
        except Veto:
            self._end_call(event.call, CallVetoed(f"a hook kept the answer to {event.call.action}"))
        finally:
            # If a hook was cancelled: the core has ended the call, so its waiter must learn it here.
            self._end_call(event.call, event)

    async def _finish_hooked(
        self,
        info: HookInfo,
        events: tuple[object, ...],
        requests: list[CallReceived | SendReceived],
    ) -> None:
        """Do what a message led to, and then run the hooks after it."""
        for event in requests:
            handler = self.handlers.find(info.version, event.action)
            if handler is None:
                self._refuse_unserved(event)
                self._settle()
            else:
                await self._run_handler(event, handler, info.data)
        await self._frame_queue.flush()
        await self.hooks.run_after(info, events, self._complain)

    # --- the timer, and the end of a connection --------------------------------------------------

    def _note_disconnected(self) -> None:
        self.connection.disconnected(now=self._now())
        self._connection_count += 1
        self._frame_queue.clear()  # no frame of this connection may leave on the next one
        self._disarm()
        self._settle()  # a station's boot is due though there is no connection
        self._close_log()

    def _timer_fired(self, now: float) -> None:
        """Note that the timer has fired; early or late is harmless."""
        if self._station_side:
            self._station_side.tell_heard()
        try:
            self.connection.handle_timeout(now=now)
        except Exception as error:
            if not self._station_side:
                raise
            self._complain("the station could not boot, and tries again later", exc_info=error)
        self._settle()
        self._frame_queue.flush_soon()

    # --- for a station that loses nothing --------------------------------------------------------

    async def registered(self) -> None:
        """Wait until the CSMS has accepted the boot of our `Station`.

        Raises NotConnected if there will be no connection for that any more, LocalProtocolError if our
        connection is no `Station`.
        """
        await self._require_station().registered()

    async def post(
        self,
        request: Request[Any] | str,
        payload: JsonObject | None = None,
        *,
        transaction: str | None = None,
        version: Version | None = None,
        is_provisional: bool = False,
    ) -> "PostedRecord":
        """Have our `Station` deliver a message at least once; return its record when that is stored.

        See `Station.post`, which says what the arguments are and what is raised. When the store fails, it
        returns nevertheless: the message goes out, and waits in memory meanwhile (D-9). If it is cancelled,
        the message stays posted.
        """
        side = self._require_station()
        self._require_entered()
        options = {"version": version, "is_provisional": is_provisional}
        return await side.post(request, payload, transaction=transaction, **options)

    def act(self, action: Callable[..., ResultT], /, *arguments: Any, **options: Any) -> ResultT:
        """Have our `Station` do something, see to what follows, and return what it returns, at once.

            session.act(station.keep, "tariff", "0.31")
            await session.stored()

        `action` is a method of the station's that takes `now`, such as `keep`, `configure`, `reregister`,
        `wall_clock` or `close_transaction`; it gets the loop's clock. Calls go by `call`, not by this.

        Raises what the method raises, RuntimeError outside the session's `async with`, LocalProtocolError if
        our connection is no `Station`.
        """
        side = self._require_station()
        self._require_entered()
        return side.act(action, *arguments, **options)

    async def delivered(self) -> None:
        """Wait until all that was posted, before or meanwhile, is delivered or given up.

        Raises NotConnected if there will be no connection for that any more, LocalProtocolError if our
        connection is no `Station`.
        """
        await self._require_station().delivered()

    async def stored(self) -> None:
        """Wait until all that our `Station` has asked of its store so far is on the medium.

        It returns, too, when the store has failed: what it could not write is asked for again (D-9).
        """
        await self._require_station().stored()

    def _require_station(self) -> "StationSide":
        if self._station_side is None:
            raise LocalProtocolError("the connection of this session is no Station")
        return self._station_side

    def _adopt(self, connection: Connection, role: Role) -> Connection:
        if connection.role is not role:
            raise ValueError(f"the connection is one of a {connection.role}, not of a {role}")
        settings = serving(self.handlers, connection.config, role)
        if settings is not connection.config:
            connection.configure(settings, now=0.0)  # before any clock's time: none passes
        return connection

    def _new_station_side(self, station: Any, store: "Storing | None") -> "StationSide":
        from ocpp_sansio.session.station_side import StationSide  # noqa: PLC0415 - a CSMS needs none

        return StationSide(self, station, store)


_REQUESTS = (CallReceived, SendReceived)
_INBOUND_HOOKS: frozenset[HookName] = frozenset(
    {
        "message_received",
        "execute_call_handler",
        "execute_call_result_handler",
        "execute_call_error_handler",
    }
)
_RESULT_HOOKS: dict[type, HookName] = {
    CallResultReceived: "execute_call_result_handler",
    CallErrorReceived: "execute_call_error_handler",
}
