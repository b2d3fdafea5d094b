"""`InboundCalls`: the half of a session that serves the peer's calls, from the event to the answer.

A handler is looked up, run at once or as a task, and what it returns or raises becomes the answer.
"""

from collections.abc import Awaitable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from ocpp_sansio.core import (
    CallError,
    CallReceived,
    CallResult,
    Config,
    Connection,
    ErrorCode,
    JsonObject,
    LocalProtocolError,
    Response,
    Rule,
    SendReceived,
    Version,
    plain,
    quote,
)
from ocpp_sansio.session.handlers import Handler, Handlers, serving
from ocpp_sansio.session.hooks import HookInfo, RawMessage, Veto
from ocpp_sansio.session.incoming_call import DEFERRED, CallRejected, IncomingCall, answerable
from ocpp_sansio.session.outbound import OutboundCalls
from ocpp_sansio.session.outcomes import ConnectionLost, NotConnected
from ocpp_sansio.session.waiting import notify_all

if TYPE_CHECKING:
    from ocpp_sansio.registration import CsmsGate

__all__ = ["InboundCalls"]

_ANSWERS = (Response, dict)
_BOOT = "BootNotification"


class InboundCalls(OutboundCalls):
    """Calls of the peer's and their answers. It knows the other half, since a handler may call the peer."""

    handlers: Handlers
    """Who serves which action."""
    _running: int
    """Tasks that run; each loop's `_spawn` counts them up."""
    _max_running: int

    def configure(self, config: Config | None = None, *, websocket: Any = None) -> None:
        """Go by other settings from now on; a handler may say so, when it knows who the peer is.

        `config` is told to `Connection.configure`, which says what counts at once; the actions that have a
        handler by name are added. Begin with `session.config`, since all of it counts.
        `websocket`, a `WebSocketConfig`, is for the sessions of `connect` and `serve`.

        Raises LocalProtocolError for what cannot change while connected, and for `websocket` where the
        WebSocket is yours; TypeError for what are no settings, RuntimeError outside the session's
        `async with`.
        """
        self._require_entered()
        if websocket is not None:
            raise LocalProtocolError(
                "the WebSocket of this session is yours: it has no settings here"
            )
        if not isinstance(config, Config):
            raise TypeError(f"config is a Config, not {quote(type(config).__name__)}")
        settings = serving(self.handlers, config, self.connection.role)
        self.connection.configure(settings, now=self._now())
        self._max_running = settings.max_running_handlers
        self._settle()
        self._frame_queue.flush_soon()

    async def send_call_result(self, call: IncomingCall, payload: Response | JsonObject, /) -> None:
        """Answer a call of the peer's; `IncomingCall.reply` says how."""
        self._note_answer(call, self._send_result(answerable(call), payload))
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

    def forward_answer(self, call: IncomingCall, frame: bytes, /) -> None:
        """Answer a call of the peer's with somebody else's answer; `IncomingCall.forward_answer` says how."""
        event, now = answerable(call), self._now()
        gate = self._make_gate() if event.action == _BOOT else None
        core: Connection | CsmsGate = gate or self.connection
        answer = core.forward_answer(event, frame, now=now)
        if gate and isinstance(answer, CallResult):
            self._keep_registration(gate.registration)
        self._note_answer(call, answer)
        self._settle()
        self._frame_queue.hand_over_soon()

    def _note_task_end(self) -> None:
        """Count a task less; for `_spawn`, which has counted it."""
        self._running -= 1
        if self._waiting_slot:
            notify_all(self._waiting_slot)

    # --- from the event to its handler -----------------------------------------------------------

    def _receive_request(self, event: CallReceived | SendReceived) -> None:
        """Run the handler of a call, at once or as a task; or refuse the call."""
        handler = self.handlers.find(self.connection.version, event.action)
        if handler is None:
            self._refuse_unserved(event)
            return
        if self._running >= self._max_running:
            self._refuse_overload(event)
            return
        if handler.is_async:
            self._spawn(self._run_handler, event, handler, None)
            return
        call = IncomingCall(event, self)
        try:
            result = handler.run(call)
        except Exception as error:  # noqa: BLE001 - whatever it is, it harms only its own call
            result = error
        if isinstance(result, _ANSWERS) or not isinstance(result, Awaitable):
            self._conclude(call, handler, result)
        else:  # a plain function made a coroutine
            self._spawn(self._await_handler, call, handler, result)

    async def _run_handler(
        self, event: CallReceived | SendReceived, handler: Handler, data: RawMessage | None
    ) -> None:
        """Run a handler, with its hooks if the raw message is given, and answer with what it comes to."""
        call = IncomingCall(event, self)
        run = partial(_run, handler, call)
        if data is not None and "execute_call_handler" in self.hooks.active:
            info = HookInfo.incoming("execute_call_handler", data, self, event)
            run = partial(self.hooks.around, info, run, self._complain)
        await self._await_handler(call, handler, run())

    async def _await_handler(
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
            if self._ends_task(error):
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
            if self.hooks.active:
                self._frame_queue.put(self.connection.frames_to_send())
                self._frame_queue.describe_newest(event.action)

    def _refuse_overload(self, event: CallReceived | SendReceived) -> None:
        """Refuse what came although too many handlers still run; a SEND, which has no answer, is dropped."""
        text, about = "%s is not served: %s handlers still run", _facts_of(event)
        action = quote(event.action)
        self._log.warning(self._now(), text, action, self._running, **about)
        if isinstance(event, CallReceived):
            core = self.connection
            code = core.config.error_code(cast("Version", core.version), Rule.TOO_MANY_CALLS)
            core.send_call_error(event, code, "too many calls at once", now=self._now())

    # --- from what the handler came to, to the answer --------------------------------------------

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
        if isinstance(result, _ANSWERS):
            return self._send_result(event, result)
        now = self._now()
        if isinstance(result, CallRejected):
            code, description, details = result.code, result.description, result.details
            return self.connection.send_call_error(event, code, description, details, now=now)
        if isinstance(result, BaseException):
            raise LocalProtocolError(f"it raised {type(result).__name__}") from result
        raise LocalProtocolError(f"{type(result).__name__} is no answer")

    def _send_result(self, event: CallReceived, payload: Response | JsonObject) -> CallResult:
        now = self._now()
        gate = self._make_gate() if event.action == _BOOT else None
        if gate is None:
            return self.connection.send_call_result(event, payload, now=now)
        answer = gate.send_call_result(event, payload, now=now)
        self._keep_registration(gate.registration)
        return answer

    def _answer_failure(
        self, call: IncomingCall, event: CallReceived, error: LocalProtocolError
    ) -> None:
        if not any(event is waiting for waiting in self.connection.unanswered_calls):
            text, about = "the handler of %s came too late to answer", _facts_of(call)
            self._log.warning(self._now(), text, quote(call.action), exc_info=error, **about)
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
                self._frame_queue.call_when_newest_sent(
                    partial(self._spawn, self._run_afters, call, afters)
                )

    async def _run_afters(self, call: IncomingCall, afters: tuple[Handler, ...]) -> None:
        is_object = isinstance(call.payload, dict)
        for after in afters:
            if is_object and not after.takes_object:
                continue
            try:
                await _run(after, call)
            except Exception as error:  # noqa: BLE001 - likewise
                if isinstance(error, ConnectionLost | NotConnected) and not self.is_connected:
                    return  # the usual end
                self._complain_of(call, "what runs after %s failed", error)

    def _complain_of(self, call: IncomingCall, text: str, error: BaseException) -> None:
        # Quoted: "*" handlers serve whatever a peer makes up.
        about = _facts_of(call)
        self._log.error(self._now(), text, quote(call.action), exc_info=error, **about)


def _facts_of(call: IncomingCall | CallReceived | SendReceived) -> dict[str, str]:
    return {"action": call.action, "message_id": call.message_id}


async def _run(handler: Handler, call: IncomingCall) -> object:
    result = handler.run(call)
    if isinstance(result, Awaitable):
        result = await result
    return result
