"""What both worlds' `Session` share: events to handlers and waiters, hooks, and frames to your sender.

No loop is imported here. A world adds a clock, tasks, one timer, a waiter and a lock by filling in the
methods at the end of `SessionBase`; that is all there is to an adapter.

After every input and every action comes the same sequence: events are handed out, frames join the queue,
the timer is armed if it must ring earlier (all that is `_settle`), and the frame queue goes to the sender.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeAlias, cast, overload

from msgspec.structs import replace

from ocpp_sansio.core import (
    Call,
    CallAborted,
    CallError,
    CallErrorReceived,
    CallReceived,
    CallResult,
    CallResultErrorReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Config,
    Connection,
    ErrorCode,
    Event,
    FramingErrorReceived,
    JsonObject,
    LateResponseReceived,
    LocalProtocolError,
    Payload,
    ProtocolViolated,
    Request,
    Response,
    Role,
    Rule,
    SendReceived,
    Unconfirmed,
    Version,
    plain,
    quote,
    read_json,
    require_whole,
    write_payload,
)
from ocpp_sansio.session.frame_queue import MAX_UNSENT, FrameQueue, Sender, Waiter
from ocpp_sansio.session.handlers import Handler, Handlers
from ocpp_sansio.session.hooks import HookInfo, HookName, Hooks, Veto
from ocpp_sansio.session.incoming_call import (
    DEFERRED,
    CallRejected,
    IncomingCall,
    ResponseT,
    answerable,
)
from ocpp_sansio.session.outcomes import (
    CallFailed,
    CallVetoed,
    ConnectionLost,
    Ending,
    InvalidResult,
    NotConnected,
    Outcome,
    raise_unless_answered,
)
from ocpp_sansio.session.peer_log import RECORDS_PER_SECOND, PeerLog

__all__ = [
    "MAX_UNSENT",
    "RawMessage",
    "Sender",
    "SessionBase",
    "Waiter",
    "release",
    "serving",
    "to_json",
]

RawMessage: TypeAlias = bytes | bytearray | memoryview | str
"""One whole message, as it came from the WebSocket."""


class SessionBase(ABC):
    """One peer: its connection, your handlers and hooks, and your calls. `Session` of a world is to be used.

    An async context manager. Handlers and the one timer run in it, and are gone when it is left. A session
    outlives its connections: `connected` may follow `disconnected` any number of times.
    """

    _now: Callable[[], float]
    """The world's monotonic clock, in seconds; `_enter` sets it."""

    def __init__(
        self,
        role: Role,
        *,
        sender: Sender,
        handlers: Handlers | Mapping[Any, Callable[..., Any]] | None = None,
        hooks: Hooks | None = None,
        config: Config | None = None,
        identity: str | None = None,
        max_log_records: int = RECORDS_PER_SECOND,
    ) -> None:
        """Make a session for our side, `role`.

        `sender(data)` or `sender(data, version)` writes one message: `data` is bytes in UTF-8 that belong
        into a *text* message. It gets the version if it requires two arguments, or calls the second
        one `version`. `identity` is for you and for the log: the station's name, say. Of more than
        `max_log_records` records a second the log, "ocpp_sansio", gets the count.

        Raises TypeError for a sender or a handler that cannot be called so, ValueError for a limit that
        cannot be.
        """
        require_whole("max_log_records", max_log_records, 1)
        self.handlers = handlers if isinstance(handlers, Handlers) else Handlers(handlers)
        self.hooks = hooks or Hooks()
        self.identity = identity
        self.connection = Connection(role, config=serving(self.handlers, config or Config()))
        self._frame_queue = FrameQueue(
            sender,
            self.connection,
            self.hooks,
            spawn=self._spawn,
            new_waiter=self._new_waiter,
            end_call=self._end_unsent,
            owner=self,
        )
        self._is_open = False
        self._connection_count = 0
        self._waiters: dict[Call, Waiter] = {}
        self._waiting_idle: list[Waiter] = []
        self._running = 0  # tasks; each world counts its own
        self._max_running = self.connection.config.max_running_handlers
        self._waiting_turn: list[Waiter] = []
        self._inbox_lock: AbstractAsyncContextManager[Any] | None = None
        self._max_log_records = max_log_records
        self._peer_log: PeerLog | None = None

    async def __aenter__(self) -> Self:
        await self._enter()
        self._is_open = True
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lose()
        self._is_open = False
        await self._exit()
        self._close_log()  # handlers may have failed over their end

    @property
    def role(self) -> Role:
        """Which side we are."""
        return self.connection.role

    @property
    def version(self) -> Version | None:
        """The version of the connection; None when not connected."""
        return self.connection.version

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection."""
        return self.connection.is_connected

    # --- what the world did ----------------------------------------------------------------------

    async def connected(self, version: Version | str) -> None:
        """Note that a connection is open, and `version` (or its subprotocol name) was agreed on it.

        Raises LocalProtocolError when already connected, ValueError for an unknown version, RuntimeError
        outside the session's `async with`.
        """
        self._require_entered()
        self.connection.connected(version, now=self._now())
        self._connection_count += 1
        self._settle()
        await self._frame_queue.flush()

    async def received(self, message: RawMessage) -> None:
        """Take one whole message from the peer. Await it before you pass on the next one.

        Returns when the message has been taken in, plain handlers have run and their answers been sent;
        handlers that are coroutine functions go on by themselves. Never raises for what the peer sent, nor
        for what a handler or the sender does. Raises LocalProtocolError when not connected.
        """
        rest = self.receive_now(message)
        if rest:
            await rest

    def receive_now(self, message: RawMessage) -> Coroutine[Any, Any, None] | None:
        """Take one whole message like `received`; return what is left to await, at once, if anything is.

        For a transport that calls back: as long as handlers and sender are plain functions, a message
        costs no coroutine.
        """
        if not self._is_open:
            self._require_entered()
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
            await self._join(self._waiting_turn)

    def _note_task_end(self) -> None:
        """Count a task less; for the world, which has counted it."""
        self._running -= 1
        if self._waiting_turn:
            release(self._waiting_turn)

    async def disconnected(self) -> None:
        """Note that the connection is gone. Idempotent.

        Every call that waits raises `ConnectionLost`. The handlers that still run are cancelled, and have
        ended when this returns; one that calls it is spared.
        """
        if self._is_open:
            self._lose()
            await self._cancel_tasks()

    # --- what you want ---------------------------------------------------------------------------

    @overload
    async def call(
        self, request: Request[ResponseT], /, *, timeout: float | None = None
    ) -> ResponseT: ...

    @overload
    async def call(
        self,
        request: str,
        payload: Request[Any] | JsonObject | None = None,
        /,
        *,
        timeout: float | None = None,
    ) -> JsonObject: ...

    async def call(
        self,
        request: Request[Any] | str,
        payload: Request[Any] | JsonObject | None = None,
        /,
        *,
        timeout: float | None = None,
    ) -> Response | JsonObject:
        """Call the peer, and return the payload of its CALLRESULT.

        A typed request gives its typed response; an action's name and a JSON object give a JSON object.
        `timeout` is in seconds from the call's leaving; before that it may queue, since one call is in
        flight at a time (S-1). To limit both, use your world's own timeout around it: a call that
        is cancelled before it left will never leave.

        Raises CallFailed for a CALLERROR, CallTimeout, NotConnected, ConnectionLost, InvalidResult for an
        answer that is none, CallVetoed if a hook forbade it, LocalProtocolError if the request is invalid
        or the queue full, and what the sender raises; the call's slot is then taken until its timeout,
        since nobody knows whether the frame left.
        """
        event = await self._complete(request, payload, timeout)
        if isinstance(event, CallErrorReceived):
            raise CallFailed(event)
        if isinstance(request, str):
            return to_json(event.payload)
        if not isinstance(
            event.payload, Response
        ):  # validation let it through, the caller cannot use it
            raise InvalidResult(event.call.action, event.violations, event.payload)
        return event.payload

    async def send_call(
        self,
        request: Request[Any] | str,
        payload: Request[Any] | JsonObject | None = None,
        *,
        timeout: float | None = None,
    ) -> Outcome:
        """Call the peer, and return what it answered, CALLERROR included; otherwise like `call`."""
        event = await self._complete(request, payload, timeout)
        if isinstance(event, CallErrorReceived):
            return Outcome.refused(event)
        answer = to_json(event.payload) if isinstance(request, str) else event.payload
        return Outcome(ok=True, payload=answer, event=event)

    async def send_unconfirmed(
        self, message: Unconfirmed | str, payload: JsonObject | None = None
    ) -> None:
        """Send a message that is never answered (2.1 only, F-6); returns when the sender has it.

        Raises NotConnected, ConnectionLost, CallVetoed, LocalProtocolError if it is invalid, and
        what the sender raises.
        """
        self._require_connected()
        self.connection.send_unconfirmed(message, payload, now=self._now())
        self._settle()
        await self._frame_queue.newest_sent()

    async def send_call_result(self, call: IncomingCall, payload: Response | JsonObject, /) -> None:
        """Answer a call of the peer's; `IncomingCall.reply` says how."""
        answer = self.connection.send_call_result(answerable(call), payload, now=self._now())
        self._note_answer(call, answer)
        self._settle()
        await self._frame_queue.newest_sent()

    async def send_call_error(
        self,
        call: IncomingCall,
        code: ErrorCode,
        description: str = "",
        details: JsonObject | None = None,
        /,
    ) -> None:
        """Refuse a call of the peer's; `IncomingCall.reply_error` says how."""
        event, now = answerable(call), self._now()
        answer = self.connection.send_call_error(event, code, description, details, now=now)
        self._note_answer(call, answer)
        self._settle()
        await self._frame_queue.newest_sent()

    async def send_call_result_error(
        self,
        outcome: Outcome,
        code: ErrorCode,
        description: str = "",
        details: JsonObject | None = None,
    ) -> None:
        """Tell the peer that its answer is of no use though it was valid (2.1 only, F-5, E-4).

        `outcome` is that of `send_call`. Raises LocalProtocolError as the core does, and otherwise what
        `send_unconfirmed` raises.
        """
        if not isinstance(outcome.event, CallResultReceived):
            raise LocalProtocolError("a CALLERROR is never answered")
        now = self._now()
        self.connection.send_call_result_error(outcome.event, code, description, details, now=now)
        self._settle()
        await self._frame_queue.newest_sent()

    async def wait_idle(self) -> None:
        """Wait until no call is unanswered, neither of ours nor of the peer's."""
        if not self._is_idle():
            await self._join(self._waiting_idle)

    def _is_idle(self) -> bool:
        core = self.connection
        return not (core.outstanding_call or core.queued_calls or core.unanswered_calls)

    async def _join(self, crowd: list[Waiter]) -> None:
        waiter = self._new_waiter()
        crowd.append(waiter)
        try:
            await waiter.wait()
        finally:
            if waiter in crowd:
                crowd.remove(waiter)

    # --- a call of ours --------------------------------------------------------------------------

    async def _complete(
        self,
        request: Request[Any] | str,
        payload: Request[Any] | JsonObject | None,
        timeout: float | None,
    ) -> CallResultReceived | CallErrorReceived:
        self._require_connected()
        # `identify` in the core refuses what is neither: the overloads only cover what is right
        call = self.connection.send_call(request, payload, now=self._now(), timeout=timeout)  # type: ignore[arg-type]
        waiter = self._waiters[call] = self._new_waiter()
        self._settle()
        try:
            await self._frame_queue.hand_over()
            ending: Ending = await waiter.wait()
        finally:
            if self._waiters.pop(call, None):  # we were cancelled: nobody has given it an ending
                self.connection.withdraw(call, now=self._now())
                self._settle()
        return raise_unless_answered(ending)

    def _end(self, call: Call, ending: Ending) -> None:
        waiter = self._waiters.pop(call, None)
        if waiter:
            waiter.resolve(ending)

    def _end_unsent(self, call: Call, error: Exception) -> None:
        self._end(call, error)
        # Only of a vetoed frame do we know that it never left; any other keeps its slot until its timeout.
        if isinstance(error, CallVetoed) and self.connection.send_failed(call, now=self._now()):
            self._settle()

    # --- events ----------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Hand out events, collect frames, arm the timer: due after every input and action."""
        for event in self.connection.events():
            if isinstance(event, _REQUESTS):
                self._receive_request(event)
            else:
                self._dispatch(event)
        frames = self.connection.frames_to_send()
        if frames:
            self._frame_queue.put(frames)
        deadline = self.connection.next_timeout()
        if deadline is not None:
            self._arm(deadline)
        if self._waiting_idle and self._is_idle():
            release(self._waiting_idle)
        if self._waiting_turn:  # a call of ours may be in flight now, or the connection gone
            release(self._waiting_turn)

    def _dispatch(self, event: object) -> None:
        match event:
            case (
                CallResultReceived(call)
                | CallErrorReceived(call)
                | CallResultRejected(call)
                | CallTimedOut(call)
                | CallAborted(call)
            ):
                self._end(call, event)
            case LateResponseReceived(call):
                text, action = "a response to %s came after its timeout", call.action
                self.peer_log.info(self._now(), text, quote(action), action=action)
            case ProtocolViolated(error):
                self.peer_log.violation(self._now(), error)
            case CallResultErrorReceived(message_id, code):
                text = "the peer cannot use our answer to %s: %s"
                about = {"message_id": message_id}
                self.peer_log.warning(self._now(), text, quote(message_id), code, **about)
            case FramingErrorReceived(code):
                text = "the peer could not read a message of ours: %s"
                self.peer_log.warning(self._now(), text, code)

    # --- a call of the peer's --------------------------------------------------------------------

    def _receive_request(self, event: CallReceived | SendReceived) -> None:
        handler = self.handlers.find(self.connection.version, event.action)
        if handler is None:
            self._refuse_unserved(event)
            return
        if self._running >= self._max_running:
            self._turn_away(event)
            return
        if handler.is_async:
            self._spawn(self._serve, event, handler, None)
            return
        call = IncomingCall(event, self)
        try:
            result = handler.run(call)
        except Exception as error:  # noqa: BLE001 - whatever it is, it harms only its own call
            result = error
        if isinstance(result, _ANSWERS) or not isinstance(result, Awaitable):
            self._conclude(call, handler, result)
        else:  # a plain function made a coroutine
            self._spawn(self._serve_rest, call, handler, result)

    async def _serve(
        self, event: CallReceived | SendReceived, handler: Handler, data: RawMessage | None
    ) -> None:
        """Run a handler, with its hooks if the raw message is given, and answer with what it comes to."""
        call = IncomingCall(event, self)
        run = partial(_run, handler, call)
        if data is not None and "execute_call_handler" in self.hooks.active:
            info = self._about("execute_call_handler", data, event)
            run = partial(self.hooks.around, info, run, self.complain)
        await self._serve_rest(call, handler, run())

    async def _serve_rest(
        self, call: IncomingCall, handler: Handler, run: Awaitable[object]
    ) -> None:
        result: object
        try:
            result = await run
        except Veto as veto:
            result = CallRejected(veto.code, veto.description, veto.details)
        except Exception as error:  # noqa: BLE001 - whatever it is, it harms only its own call
            result = error
        except BaseException as error:
            if self._ends_us(error):
                raise
            result = error
        self._conclude(call, handler, result)
        self._settle()
        await self._frame_queue.flush()

    def _refuse_unserved(self, event: CallReceived | SendReceived) -> None:
        if isinstance(event, CallReceived):
            description = f"{plain(event.action)} is not served here"
            code = ErrorCode.NOT_SUPPORTED  # the core has answered for actions that nobody knows
            self.connection.send_call_error(event, code, description, now=self._now())

    def _turn_away(self, event: CallReceived | SendReceived) -> None:
        """Refuse what came although too many handlers still run; a SEND, which has no answer, is dropped."""
        text, about = "%s is not served: %s handlers still run", _facts_of(event)
        action = quote(event.action)
        self.peer_log.warning(self._now(), text, action, self._running, **about)
        if isinstance(event, CallReceived):
            core = self.connection
            code = core.config.error_code(cast("Version", core.version), Rule.TOO_MANY_CALLS)
            core.send_call_error(event, code, "too many calls at once", now=self._now())

    def _conclude(self, call: IncomingCall, handler: Handler, result: object) -> None:
        """Make the answer of what a handler came to: the one boundary between exceptions and the wire."""
        event = call.event
        if isinstance(event, SendReceived):  # E-8
            if isinstance(result, BaseException) and not isinstance(result, CallRejected):
                self._complain_of(call, "the handler of %s failed", result)
            return
        if call.answer and (result is None or result is DEFERRED):
            return  # it has replied by itself
        if result is DEFERRED and handler.takes_call:
            return
        try:
            answer = self._answer(event, result)
        except LocalProtocolError as error:
            self._answer_failure(call, event, error)
        else:
            self._note_answer(call, answer)

    def _answer(self, event: CallReceived, result: object) -> CallResult | CallError:
        """Answer with what a handler returned or raised; raises LocalProtocolError if that is no answer."""
        now = self._now()
        if isinstance(result, _ANSWERS):
            return self.connection.send_call_result(event, result, now=now)
        if isinstance(result, CallRejected):
            code, description, details = result.code, result.description, result.details
            return self.connection.send_call_error(event, code, description, details, now=now)
        if isinstance(result, BaseException):
            raise LocalProtocolError(f"it raised {type(result).__name__}") from result
        raise LocalProtocolError(f"{type(result).__name__} is no answer")

    def _answer_failure(
        self, call: IncomingCall, event: CallReceived, error: LocalProtocolError
    ) -> None:
        if not any(event is waiting for waiting in self.connection.unanswered_calls):
            text, about = "the handler of %s came too late to answer", _facts_of(call)
            self.peer_log.warning(self._now(), text, quote(call.action), exc_info=error, **about)
            return
        self._complain_of(call, "the handler of %s failed", error.__cause__ or error)
        now = self._now()
        answer = self.connection.send_call_error(event, ErrorCode.INTERNAL_ERROR, now=now)
        self._note_answer(call, answer)

    def _note_answer(self, call: IncomingCall, answer: CallResult | CallError) -> None:
        """Note a call's answer, which is in the newest frame, and what is to run once that has been sent."""
        call.answer = answer
        if not (self.hooks.active or self.handlers.has_afters):
            return
        self._frame_queue.put(self.connection.frames_to_send())
        if self.hooks.active:
            self._frame_queue.describe_newest(call.action)
        if self.handlers.has_afters:
            afters = self.handlers.find_after(self.connection.version, call.action)
            if afters:
                self._frame_queue.follow_newest(
                    partial(self._spawn, self._run_afters, call, afters)
                )

    async def _run_afters(self, call: IncomingCall, afters: tuple[Handler, ...]) -> None:
        for after in afters:
            try:
                await _run(after, call)
            except Exception as error:  # noqa: BLE001 - likewise
                if isinstance(error, ConnectionLost | NotConnected) and not self.is_connected:
                    return  # the usual end
                self._complain_of(call, "what runs after %s failed", error)

    # --- hooks -----------------------------------------------------------------------------------

    async def _receive_hooked(self, message: RawMessage) -> None:
        info = self._about("message_received", message)
        if self._inbox_lock is None:
            self._inbox_lock = self._new_lock()
        connection_count = self._connection_count
        async with self._inbox_lock:  # a slow hook must not let the next message overtake
            try:
                await self.hooks.run_before(info, self.complain)
            except Veto:
                return
            if self._connection_count != connection_count:
                return  # its connection went while the hook ran
            self.connection.received(message, now=self._now())
            events = tuple(self.connection.events())
            requests: list[CallReceived | SendReceived] = []
            for event in events:
                if not isinstance(event, _REQUESTS):
                    await self._dispatch_hooked(event, message)
                elif self._running >= self._max_running:
                    self._turn_away(event)
                else:
                    requests.append(event)
            self._settle()
        if requests:
            self._spawn(self._finish, info, events, requests)
        else:
            await self._finish(info, events, requests)

    async def _dispatch_hooked(self, event: object, data: RawMessage) -> None:
        name = _RESULT_HOOKS.get(type(event))
        if name is None or not isinstance(event, CallResultReceived | CallErrorReceived):
            self._dispatch(event)
            return

        async def step() -> None:
            self._end(event.call, event)

        try:
            await self.hooks.around(self._about(name, data, event), step, self.complain)
        except Veto:
            self._end(event.call, CallVetoed(f"a hook kept the answer to {event.call.action}"))
        finally:
            # If a hook was cancelled: the core has ended the call, so its waiter must learn it here.
            self._end(event.call, event)

    async def _finish(
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
                await self._serve(event, handler, info.data)
        await self._frame_queue.flush()
        await self.hooks.run_after(info, events, self.complain)

    def _about(self, hook: HookName, data: RawMessage, event: Event | None = None) -> HookInfo:
        return HookInfo.incoming(hook, data, self.version, event)

    # --- the log ---------------------------------------------------------------------------------

    @property
    def peer_log(self) -> PeerLog:
        """Where the records about this peer go, the transport's as well."""
        if self._peer_log is None:
            self._peer_log = PeerLog(limit=self._max_log_records)
        self._peer_log.identity = self.identity
        return self._peer_log

    def continue_log(self, log: PeerLog) -> None:
        """Go on with the records that the transport has begun, before it knew of us."""
        if self._peer_log is None:
            self._peer_log = log
        else:
            log.close()

    def complain(self, text: str, /, *args: object, exc_info: Exception) -> None:
        """Log what of the application's failed; for hooks and the frame queue."""
        self.peer_log.error(self._now(), text, *args, exc_info=exc_info)

    def _complain_of(self, call: IncomingCall, text: str, error: BaseException) -> None:
        # Quoted: "*" handlers serve whatever a peer makes up.
        about = _facts_of(call)
        self.peer_log.error(self._now(), text, quote(call.action), exc_info=error, **about)

    def _close_log(self) -> None:
        if self._peer_log:
            self._peer_log.close()

    # --- the end of a connection, and of the session ---------------------------------------------

    def _lose(self) -> None:
        self.connection.disconnected(now=self._now())
        self._connection_count += 1
        self._frame_queue.clear()  # no frame of this connection may leave on the next one
        self._settle()
        self._disarm()
        self._close_log()

    def _ring(self, now: float) -> None:
        """Take what the timer brings; ringing early or late is harmless."""
        self.connection.handle_timeout(now=now)
        self._settle()
        self._frame_queue.flush_soon()

    def _require_entered(self) -> None:
        if not self._is_open:
            raise RuntimeError('a session works inside its "async with" block')

    def _require_connected(self) -> None:
        if not self.connection.is_connected:
            raise NotConnected("there is no connection")

    # --- what a world fills in -------------------------------------------------------------------

    @abstractmethod
    async def _enter(self) -> None:
        """Get ready for tasks and the timer."""

    @abstractmethod
    async def _exit(self) -> None:
        """Cancel all tasks, and wait for their ends."""

    @abstractmethod
    def _arm(self, deadline: float) -> None:
        """Have `_ring` called at `deadline`, unless it will be before that anyway."""

    @abstractmethod
    def _disarm(self) -> None:
        """Have `_ring` not called any more."""

    @abstractmethod
    def _spawn(
        self, function: Callable[..., Coroutine[Any, Any, None]], /, *arguments: object
    ) -> None:
        """Start a task of the session."""

    @abstractmethod
    async def _cancel_tasks(self) -> None:
        """Cancel all tasks of the session but the one that asks for it, and wait for their ends."""

    @abstractmethod
    def _ends_us(self, error: BaseException) -> bool:
        """Whether something that is no `Exception` means the task that runs, and is to be passed on."""

    @abstractmethod
    def _new_waiter(self) -> Waiter:
        """Return a fresh waiter."""

    @abstractmethod
    def _new_lock(self) -> AbstractAsyncContextManager[Any]:
        """Return a lock that is given out in the order of asking."""


_REQUESTS = (CallReceived, SendReceived)
_ANSWERS = (Response, dict)
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


def serving(handlers: Handlers, config: Config) -> Config:
    """Return the config with the actions that have a handler by name added to its vendor actions."""
    if handlers.names.issubset(config.vendor_actions):
        return config  # as it is, so that the sessions of a server share one
    return replace(config, vendor_actions=handlers.names.union(config.vendor_actions))


def release(crowd: list[Waiter]) -> None:
    """Let everybody go on who has joined a crowd."""
    released, crowd[:] = crowd[:], []
    for waiter in released:
        waiter.resolve(None)


def _facts_of(call: IncomingCall | CallReceived | SendReceived) -> dict[str, str]:
    return {"action": call.action, "message_id": call.message_id}


def to_json(payload: Payload | JsonObject) -> JsonObject:
    """Return a payload as the JSON object that it travels as: wire names, date-times as text."""
    if isinstance(payload, dict):
        return payload
    value: JsonObject = read_json(write_payload(payload))
    return value


async def _run(handler: Handler, call: IncomingCall) -> object:
    result = handler.run(call)
    if isinstance(result, Awaitable):
        result = await result
    return result
