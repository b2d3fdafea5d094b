"""What both worlds' `Session` share: events to handlers and waiters, hooks, and frames to your sender.

No loop is imported here. A world adds a clock, tasks, one timer, a waiter and a lock by filling in the
methods at the end of `SessionBase`; that is all there is to an adapter.

After every input and every action comes the same sequence, `_settle` and then `_flush`: events are handed
out, frames join the outbox, the timer is armed if it must ring earlier, and the outbox goes to the sender.
One flush runs at a time, so frames never interleave and leave in the order of the actions. Whoever comes
while it runs leaves its frames to it.
"""

import inspect
import logging
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, Protocol, TypeAlias, cast, overload

import attrs

from ocpp_sansio import _codec
from ocpp_sansio.config import Config, Role
from ocpp_sansio.connection import Connection
from ocpp_sansio.errors import ErrorCode, LocalProtocolError
from ocpp_sansio.events import (
    CallAborted,
    CallErrorReceived,
    CallReceived,
    CallResultErrorReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Event,
    FramingErrorReceived,
    LateResponseReceived,
    ProtocolViolated,
    SendReceived,
)
from ocpp_sansio.frames import (
    Call,
    CallError,
    CallResult,
    CallResultError,
    Frame,
    JsonObject,
    Message,
    Send,
)
from ocpp_sansio.handlers import (
    DEFERRED,
    CallRejected,
    Handler,
    Handlers,
    IncomingCall,
    ResponseT,
    is_coroutine_function,
    positional_parameters,
)
from ocpp_sansio.hooks import HookInfo, HookName, Hooks, Veto
from ocpp_sansio.messages import Payload, Request, Response, Unconfirmed
from ocpp_sansio.outcomes import (
    CallFailed,
    CallVetoed,
    ConnectionLost,
    Ending,
    InvalidResult,
    NotConnected,
    Outcome,
    raise_unless_answered,
)
from ocpp_sansio.versions import Version

__all__ = [
    "MAX_UNSENT",
    "Machine",
    "RawMessage",
    "Sender",
    "SessionBase",
    "Waiter",
    "serving",
    "to_json",
]

logger = logging.getLogger("ocpp_sansio")

MAX_UNSENT = 64
"""Frames that wait for a slow sender before `received` waits too. Were there no limit, a peer that calls and
never reads would fill our memory with answers; a peer that keeps to S-1 never has more than a few."""

RawMessage: TypeAlias = bytes | bytearray | memoryview | str
"""One whole message, as it came from the WebSocket."""

Sender: TypeAlias = (
    Callable[[bytes], Awaitable[object] | object]
    | Callable[[bytes, Version], Awaitable[object] | object]
)
"""Your function that writes one message, as one WebSocket text message; sync or async."""


class Machine(Protocol):
    """What a session drives: a `Connection`, or a layer around one that has the same outputs."""

    def events(self) -> Sequence[object]:
        """Return what has happened, each event once."""
        ...

    def next_timeout(self) -> float | None:
        """Return when `handle_timeout` wants to be called."""
        ...

    def handle_timeout(self, *, now: float) -> None:
        """Time has passed."""
        ...


class Waiter(Protocol):
    """One task waits here for one value; what each world makes of it is its own business."""

    def resolve(self, value: object, /) -> None:
        """Give the value; the first one counts, also when nobody waits any more."""

    async def wait(self) -> Any:
        """Return the value as soon as there is one."""


class SessionBase(ABC):
    """One peer: its connection, your handlers and hooks, and your calls. `Session` of a world is to be used.

    An async context manager. Handlers and the one timer run in it, and are gone when it is left. A session
    outlives its connections: `connected` may follow `disconnected` any number of times.
    """

    def __init__(
        self,
        role: Role,
        *,
        sender: Sender,
        handlers: Handlers | Mapping[Any, Callable[..., Any]] | None = None,
        hooks: Hooks | None = None,
        config: Config | None = None,
        identity: str | None = None,
        machine: tuple[Machine, Connection] | None = None,
    ) -> None:
        """Make a session for our side, `role`.

        `sender(data)` or `sender(data, version)` writes one message: `data` is bytes in UTF-8 that belong
        into a *text* message. It gets the version if it requires two arguments, or calls the second
        one `version`. `identity` is for you: the station's name, say. `machine` is for layers that wrap a
        connection: the layer, and the connection in it, made with the config that `serving` returns.
        """
        self.handlers = handlers if isinstance(handlers, Handlers) else Handlers(handlers)
        self.hooks = hooks or Hooks()
        self.identity = identity
        if machine is None:
            connection = Connection(role, config=serving(self.handlers, config or Config()))
            machine = connection, connection
        self._machine, self.connection = machine
        self._send, self._sender_suspends = _unary(sender, self.connection)
        self._is_open = False
        self._waiters: dict[Call, Waiter] = {}
        self._outbox: deque[Frame] = deque()
        # Frames are counted: `_queued` have joined the outbox since the session was made, `_taken` have
        # left it. What has to happen when a certain frame is sent is filed under its number.
        self._queued = 0
        self._taken = 0
        self._is_flushing = False
        self._tickets: dict[int, Waiter] = {}
        self._afters: dict[int, tuple[IncomingCall, tuple[Handler, ...]]] = {}
        self._actions: dict[int, str] = {}
        self._room: list[Waiter] = []
        self._connection_count = 0
        self._inbox_lock = self._new_lock()

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

    # --- what the world did ------------------------------------------------------------------------------

    async def connected(self, version: Version | str) -> None:
        """Note that a connection is open, and `version` (or its subprotocol name) was agreed on it.

        Raises LocalProtocolError when already connected, ValueError for an unknown version, RuntimeError
        outside the session's `async with`.
        """
        self._require_entered()
        self.connection.connected(version, now=self._now())
        self._connection_count += 1
        self._settle()
        await self._flush()

    async def received(self, message: RawMessage) -> None:
        """Take one whole message from the peer. Await it before you pass on the next one.

        Returns when the message has been taken in, plain handlers have run and their answers been sent;
        handlers that are coroutine functions go on by themselves. Never raises for what the peer sent, nor
        for what a handler or the sender does. Raises LocalProtocolError when not connected.
        """
        active = self.hooks.active
        if active and not active.isdisjoint(_INBOUND_HOOKS):
            await self._receive_hooked(message)
        else:
            self.connection.received(message, now=self._now())
            self._settle()
        if self._outbox:
            await self._flush()
            await self._wait_for_room()

    async def disconnected(self) -> None:
        """Note that the connection is gone. Idempotent.

        Every call that waits raises `ConnectionLost`. The handlers that still run are cancelled, and have
        ended when this returns; one that calls it is spared.
        """
        self._lose()
        await self._cancel_tasks()

    # --- what you want -----------------------------------------------------------------------------------

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
        await self._until_sent()

    async def send_call_result(self, call: IncomingCall, payload: Response | JsonObject, /) -> None:
        """Answer a call of the peer's; `IncomingCall.reply` says how."""
        self.connection.send_call_result(_event_of(call), payload, now=self._now())
        self._note_answer(call)
        await self._until_sent()

    async def send_call_error(
        self,
        call: IncomingCall,
        code: ErrorCode,
        description: str = "",
        details: JsonObject | None = None,
        /,
    ) -> None:
        """Refuse a call of the peer's; `IncomingCall.reply_error` says how."""
        now = self._now()
        self.connection.send_call_error(_event_of(call), code, description, details, now=now)
        self._note_answer(call)
        await self._until_sent()

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
            raise LocalProtocolError("a CALLERROR is never answered (E-8)")
        now = self._now()
        self.connection.send_call_result_error(outcome.event, code, description, details, now=now)
        await self._until_sent()

    # --- a call of ours ----------------------------------------------------------------------------------

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
            await self._hand_over()
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

    # --- events ------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Hand out events, collect frames, arm the timer: due after every input and action."""
        for event in self._machine.events():
            self._dispatch(event)
        self._collect()
        deadline = self._machine.next_timeout()
        if deadline is not None:
            self._arm(deadline)

    def _collect(self) -> None:
        frames = self.connection.frames_to_send()
        if frames:
            self._outbox.extend(frames)
            self._queued += len(frames)

    def _dispatch(self, event: object) -> None:
        kind = type(event)
        if kind is CallReceived or kind is SendReceived:
            self._receive_request(event)  # type: ignore[arg-type]  # `kind` has told
        else:
            self._dispatch_rest(event)

    def _dispatch_rest(self, event: object) -> None:
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
                logger.info("a response to %s came after its timeout", call.action)
            case ProtocolViolated(error):
                logger.warning("the peer broke a rule: %s", error)
            case CallResultErrorReceived(message_id, code):
                logger.warning("the peer cannot use our answer to %s: %s", message_id, code)
            case FramingErrorReceived(code):
                logger.warning("the peer could not read a message of ours: %s", code)
            case _:
                self._receive_other(event)

    def _receive_other(self, event: object) -> None:
        """Take an event that only a layer around the connection has, or one that needs nothing done."""
        logger.info("%s", event)

    # --- a call of the peer's ------------------------------------------------------------------------------

    def _receive_request(self, event: CallReceived | SendReceived) -> None:
        handler = self.handlers.find(self.connection.version, event.action)
        if handler is None:
            self._refuse_unserved(event)
            return
        if handler.is_async:
            self._spawn(self._serve, event, handler, None)
            return
        call = IncomingCall(event, self)
        try:
            result = handler(call)
        except Exception as error:  # noqa: BLE001 - whatever it is, it harms only its own call
            result = error
        if isinstance(result, Awaitable):  # a plain function that has made a coroutine
            self._spawn(self._serve_rest, call, handler, result)
        else:
            self._conclude(call, handler, result)

    async def _serve(
        self, event: CallReceived | SendReceived, handler: Handler, data: RawMessage | None
    ) -> None:
        """Run a handler, with its hooks if the raw message is given, and answer with what it comes to."""
        call = IncomingCall(event, self)
        run = partial(_run, handler, call)
        if data is not None and "execute_call_handler" in self.hooks.active:
            run = partial(
                self.hooks.around, self._info_in("execute_call_handler", data, event), run
            )
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
        await self._flush()

    def _refuse_unserved(self, event: CallReceived | SendReceived) -> None:
        if isinstance(event, CallReceived):
            description = f"{event.action} is not served here"
            code = ErrorCode.NOT_SUPPORTED  # the core has answered for actions that nobody knows
            self.connection.send_call_error(event, code, description, now=self._now())

    def _conclude(self, call: IncomingCall, handler: Handler, result: object) -> None:
        """Make the answer of what a handler came to: the one boundary between exceptions and the wire."""
        event = call.event
        if isinstance(event, SendReceived):  # E-8
            if isinstance(result, BaseException) and not isinstance(result, CallRejected):
                logger.error("the handler of %s failed", call.action, exc_info=result)
            return
        if call.answer and (result is None or result is DEFERRED):
            return  # it has replied by itself
        if result is DEFERRED and handler.takes_call:
            return
        try:
            self._answer(event, result)
        except LocalProtocolError as error:
            self._answer_failure(call, event, error)
        else:
            self._note_answer(call)

    def _answer(self, event: CallReceived, result: object) -> None:
        now = self._now()
        if isinstance(result, Response | dict):
            self.connection.send_call_result(event, result, now=now)
        elif isinstance(result, CallRejected):
            code, description, details = result.code, result.description, result.details
            self.connection.send_call_error(event, code, description, details, now=now)
        elif isinstance(result, BaseException):
            raise LocalProtocolError(f"it raised {type(result).__name__}") from result
        else:
            raise LocalProtocolError(f"{type(result).__name__} is no answer")

    def _answer_failure(
        self, call: IncomingCall, event: CallReceived, error: LocalProtocolError
    ) -> None:
        if not any(event is waiting for waiting in self.connection.unanswered_calls):
            logger.warning("the handler of %s came too late to answer", call.action, exc_info=error)
            return
        logger.error("the handler of %s failed", call.action, exc_info=error.__cause__ or error)
        self.connection.send_call_error(event, ErrorCode.INTERNAL_ERROR, now=self._now())
        self._note_answer(call)

    def _note_answer(self, call: IncomingCall) -> None:
        """Note that the frame made last is a call's answer, and what is to run once it has been sent."""
        self._collect()
        call.answer = cast("CallResult | CallError", self._outbox[-1].message)
        afters = self.handlers.find_after(self.connection.version, call.action)
        if afters:
            self._afters[self._queued] = call, afters
        if self.hooks.active:
            self._actions[self._queued] = call.action

    async def _run_afters(self, call: IncomingCall, afters: tuple[Handler, ...]) -> None:
        for after in afters:
            try:
                await _run(after, call)
            except Exception:
                logger.exception("what runs after %s failed", call.action)

    # --- frames out --------------------------------------------------------------------------------------

    async def _until_sent(self) -> None:
        """Wait until the frame made last has been handed to the sender; raise what it raised."""
        self._settle()
        ticket = self._tickets[self._queued] = self._new_waiter()
        await self._hand_over()
        error: Exception | None = await ticket.wait()
        if error:
            raise error

    async def _hand_over(self) -> None:
        """Have the outbox flushed for somebody who may be cancelled.

        Whoever cancels a call means the call, not the write that is under way and may be another's: a frame
        cut in two ends the connection. So the write gets a task of its own, unless it cannot suspend.
        """
        if self._sender_suspends or self.hooks.active:
            self._flush_soon()
        else:
            await self._flush()

    def _flush_soon(self) -> None:
        if self._outbox and not self._is_flushing:
            self._spawn(self._flush)

    async def _flush(self) -> None:
        if self._is_flushing:
            return
        self._is_flushing = True
        try:
            while self._outbox:
                await self._transmit_next()
        finally:
            self._is_flushing = False
            self._make_room()
            if self._is_open:
                self._flush_soon()  # we were cancelled: the rest is not ours alone

    async def _transmit_next(self) -> None:
        frame = self._outbox.popleft()
        self._taken += 1
        number = self._taken
        try:
            if self.hooks.active:
                await self._transmit_hooked(frame, self._actions.pop(number, None))
            else:
                await self._write(frame)
        except Exception as error:  # noqa: BLE001 - the caller gets it, or the log
            self._report_unsent(number, frame.message, error)
        except BaseException:
            self._report_unsent(number, frame.message, _lost(was_sent=True))
            raise
        else:
            self._report_sent(number)

    async def _write(self, frame: Frame) -> object:
        result = self._send(frame.data)
        if result is not None and inspect.isawaitable(result):
            self._sender_suspends = True
            result = await result
        return result

    def _report_sent(self, number: int) -> None:
        if self._afters and number in self._afters:
            self._spawn(self._run_afters, *self._afters.pop(number))
        if self._tickets and number in self._tickets:
            self._tickets.pop(number).resolve(None)

    def _report_unsent(self, number: int, message: Message, error: Exception) -> None:
        """Tell who waits for this frame that it was not sent, or the log if nobody does."""
        self._afters.pop(number, None)
        is_vetoed = isinstance(error, Veto)
        if is_vetoed:
            error = CallVetoed(f"a hook forbade it: {error}" if str(error) else "a hook forbade it")
        ticket = self._tickets.pop(number, None)
        if ticket:
            ticket.resolve(error)
        elif isinstance(message, Call):
            self._end(message, error)
            if is_vetoed:
                self._free_slot(message)
        elif not isinstance(error, CallVetoed | ConnectionLost):
            logger.error("a %s could not be sent", type(message).__name__, exc_info=error)

    def _free_slot(self, call: Call) -> None:
        """Let the next call have its turn: this one's frame has left the core, but will never be sent.

        The core is told in the only terms it has: that the call was refused.
        """
        if self.connection.outstanding_call is call:
            code = ErrorCode.GENERIC_ERROR.value
            refusal = _codec.write_error(_codec.ERROR, call.message_id, code, "", b"{}")
            self.connection.received(refusal, now=self._now())
            self._settle()

    async def _wait_for_room(self) -> None:
        while len(self._outbox) > MAX_UNSENT and self._is_flushing:
            waiter = self._new_waiter()
            self._room.append(waiter)
            await waiter.wait()

    def _make_room(self) -> None:
        room, self._room = self._room, []
        for waiter in room:
            waiter.resolve(None)

    # --- hooks -------------------------------------------------------------------------------------------

    async def _receive_hooked(self, message: RawMessage) -> None:
        info = self._info_in("message_received", message, None)
        connection_count = self._connection_count
        async with self._inbox_lock:  # a slow hook must not let the next message overtake
            try:
                await self.hooks.run_before(info)
            except Veto:
                return
            if self._connection_count != connection_count:
                return  # its connection went while the hook ran
            self.connection.received(message, now=self._now())
            events = tuple(self._machine.events())
            requests: list[CallReceived | SendReceived] = []
            for event in events:
                if isinstance(event, CallReceived | SendReceived):
                    requests.append(event)
                else:
                    await self._dispatch_hooked(event, message)
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
            await self.hooks.around(self._info_in(name, data, event), step)
        except Veto:
            self._end(event.call, CallVetoed(f"a hook kept the answer to {event.call.action}"))

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
        await self._flush()
        await self.hooks.run_after(info, events)

    async def _transmit_hooked(self, frame: Frame, action: str | None) -> None:
        write = partial(self._write, frame)
        inner = self._info_out("send_ws_msg", frame, action)
        step = partial(self.hooks.around, inner, write)
        name = _SEND_HOOKS.get(type(frame.message))
        if name:
            await self.hooks.around(self._info_out(name, frame, action), step)
        else:
            await step()

    def _info_in(self, hook: HookName, data: RawMessage, event: Event | None) -> HookInfo:
        about: dict[str, Any] = {}
        if isinstance(event, CallReceived | SendReceived):
            about = {"action": event.action, "message_id": event.message_id}
            about["payload"] = event.payload
        elif isinstance(event, CallResultReceived):
            about = {"action": event.call.action, "message_id": event.call.message_id}
            about["payload"] = event.payload
        elif isinstance(event, CallErrorReceived):
            about = {"action": event.call.action, "message_id": event.call.message_id}
            about["payload"] = event.details
        return HookInfo(
            hook=hook, direction="in", data=data, version=self.version, event=event, **about
        )

    def _info_out(self, hook: HookName, frame: Frame, action: str | None) -> HookInfo:
        message = frame.message
        if isinstance(message, Call | Send):
            action = message.action
        payload = (
            message.details if isinstance(message, CallError | CallResultError) else message.payload
        )
        return HookInfo(
            hook=hook,
            direction="out",
            data=frame.data,
            version=self.version,
            action=action,
            message_id=message.message_id,
            payload=payload,
            message=message,
        )

    # --- the end of a connection, and of the session ----------------------------------------------------

    def _lose(self) -> None:
        self.connection.disconnected(now=self._now())
        self._connection_count += 1
        self._taken += len(self._outbox)
        self._outbox.clear()  # no frame of this connection may leave on the next one
        self._afters.clear()
        self._actions.clear()
        tickets, self._tickets = self._tickets, {}
        for ticket in tickets.values():
            ticket.resolve(_lost(was_sent=False))
        self._make_room()
        self._settle()
        self._disarm()

    def _leave(self) -> None:
        """End the session; what it still runs is then to be cancelled."""
        self._lose()
        self._is_open = False

    def _ring(self, now: float) -> None:
        """Take what the timer brings; ringing early or late is harmless."""
        self._machine.handle_timeout(now=now)
        self._settle()
        self._flush_soon()

    def _require_entered(self) -> None:
        if not self._is_open:
            raise RuntimeError('a session works inside its "async with" block')

    def _require_connected(self) -> None:
        if not self.connection.is_connected:
            raise NotConnected("there is no connection")

    # --- what a world fills in -----------------------------------------------------------------------------

    @abstractmethod
    def _now(self) -> float:
        """Return the world's monotonic clock, in seconds."""

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
_SEND_HOOKS: dict[type, HookName] = {
    Call: "send_call",
    CallResult: "send_call_respond",
    CallError: "send_call_error",
    CallResultError: "send_call_error",
}


def serving(handlers: Handlers, config: Config) -> Config:
    """Return the config with the actions that have a handler by name added to its vendor actions."""
    served: frozenset[str] = config.vendor_actions | handlers.names
    if not handlers.names:
        return config
    # mypy takes the type of the converter, `frozenset`, for that of the parameter
    return attrs.evolve(config, vendor_actions=served)  # type: ignore[arg-type]


def to_json(payload: Payload | JsonObject) -> JsonObject:
    """Return a payload as the JSON object that it travels as: wire names, date-times as text."""
    if isinstance(payload, dict):
        return payload
    value: JsonObject = _codec.read_json(_codec.write_payload(payload))
    return value


async def _run(handler: Handler, call: IncomingCall) -> object:
    result = handler(call)
    if isinstance(result, Awaitable):
        result = await result
    return result


def _event_of(call: IncomingCall) -> CallReceived:
    if not isinstance(call.event, CallReceived):
        raise LocalProtocolError(f"{call.action} came as a SEND, which is never answered (E-8)")
    return call.event


def _lost(*, was_sent: bool) -> ConnectionLost:
    when = "while the message was being sent" if was_sent else "before the message was sent"
    return ConnectionLost(f"the connection went {when}", was_sent=was_sent)


def _unary(
    sender: Callable[..., Any], connection: Connection
) -> tuple[Callable[[bytes], object], bool]:
    """Return the sender as a function of the data alone, and whether it is known to suspend."""
    if not callable(sender):
        raise TypeError(f"a sender is a function, not {sender!r}")
    required, accepted = positional_parameters(sender)
    if required > 2 or accepted < 1:  # noqa: PLR2004 - the data and the version
        raise TypeError(
            f"a sender takes the data, or the data and the version; {sender!r} does not"
        )
    if required == 2 or _names_version(sender):  # noqa: PLR2004 - likewise
        return lambda data: sender(data, connection.version), is_coroutine_function(sender)
    return sender, is_coroutine_function(sender)


def _names_version(sender: Callable[..., Any]) -> bool:
    """Whether the second parameter is called `version`.

    An optional one of another name is not meant for it: `WebSocket.send(message, text=None)` has one.
    """
    try:
        names = list(inspect.signature(sender).parameters)
    except ValueError:
        return False
    return names[1:2] == ["version"]
