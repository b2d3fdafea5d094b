"""`Hooks`: functions of yours that run before and after eight steps of each message through a session.

    hooks = Hooks()

    @hooks.before("message_received")
    def log(info: HookInfo) -> None: ...

    @hooks.after("send_ws_msg")
    async def sent(info: HookInfo, result: object) -> None: ...

Sync or async; run one after the other, in the order of registration. The steps nest like this, where ">step"
stands for its before hooks and "<step" for its after hooks:

    in   >message_received >execute_call_handler <execute_call_handler
             >send_call_respond >send_ws_msg <send_ws_msg <send_call_respond <message_received
         >message_received >execute_call_result_handler <execute_call_result_handler <message_received
    out  >send_call >send_ws_msg <send_ws_msg <send_call

message_received
    One message, from its arrival until all that it led to is done: handler run, answer sent.
    Result: the tuple of core events it became. Veto: it is dropped as if it had never come; a CALL stays
    unanswered, a call of yours times out.
execute_call_handler
    The handler of a CALL or a SEND.
    Result: what it returned or raised. Veto: it does not run; a CALL gets the CALLERROR that the `Veto`
    carries, a SEND nothing.
execute_call_result_handler, execute_call_error_handler
    Handing a CALLRESULT, or a CALLERROR, to whoever awaits it.
    Result: None. Veto: the one who awaits it gets `CallVetoed`.
send_call
    A CALL whose turn has come (it may have queued before that, S-1).
    Result: what the sender returned or raised. Veto: it is not sent; the caller gets `CallVetoed` at
    once, and the next call has its turn.
send_call_respond
    A CALLRESULT.
    Result: as before. Veto: it is not sent, so the peer gets no answer; `reply` raises `CallVetoed`, no
    `after` handler runs.
send_call_error
    A CALLERROR, the core's own included, or a CALLRESULTERROR (2.1).
    Result and veto: as with send_call_respond.
send_ws_msg
    Handing any frame to your sender: inside one of the three above, and alone for a SEND (2.1).
    Result: as before. Veto: as with the step around it; `send_unconfirmed` raises `CallVetoed`.

An after hook runs if its step was begun: `result` is then what the step returned, or the exception that
ended it, such as the `Veto` of a step inside. A hook that raises anything else than `Veto`, and an after hook
that raises at all, is logged and the message goes its way as if that hook were not there.

Beside the steps there is `hooks.reports`, for counting: a plain function that gets a `Report` of whatever a
peer did that is no part of a conversation: broken rules, answers that are late, useless or missing.

    @hooks.reports
    def count(report: Report) -> None:
        if isinstance(report.event, ProtocolViolated):
            violations[report.session.identity, report.event.error.rule] += 1

Messages pass message_received, and frames the four sends, strictly one at a time and in order: while a hook
waits there, so does everything behind it. Such a hook must not await an answer of the peer's, which could
not reach it; it may start a task of its own that does. The hooks of execute_call_handler wait for themselves
alone.
"""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, Literal, Protocol, TypeAlias, TypeVar, get_args

from msgspec import Struct

from ocpp_sansio.core import (
    Call,
    CallError,
    CallErrorReceived,
    CallReceived,
    CallResultError,
    CallResultErrorReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    ErrorCode,
    Event,
    Frame,
    FramingErrorReceived,
    JsonObject,
    LateResponseReceived,
    MendingFailed,
    Message,
    Payload,
    ProtocolViolated,
    Send,
    SendReceived,
    Version,
)
from ocpp_sansio.session.heads import action_in
from ocpp_sansio.session.incoming_call import Peer
from ocpp_sansio.session.signatures import is_coroutine_function

__all__ = [
    "Complain",
    "HookInfo",
    "HookName",
    "Hooks",
    "RawMessage",
    "Report",
    "ReportedEvent",
    "Veto",
]

RawMessage: TypeAlias = bytes | bytearray | memoryview | str
"""One whole message, as it came from the WebSocket."""

HookName: TypeAlias = Literal[
    "message_received",
    "execute_call_handler",
    "execute_call_result_handler",
    "execute_call_error_handler",
    "send_call",
    "send_call_respond",
    "send_call_error",
    "send_ws_msg",
]
"""The eight steps."""

_NAMES: tuple[HookName, ...] = get_args(HookName)


class Veto(Exception):  # noqa: N818 - a decision, not a mishap
    """Raise it in a before hook to skip that one step; the module's table says what follows."""

    def __init__(
        self,
        description: str = "",
        *,
        code: ErrorCode = ErrorCode.GENERIC_ERROR,
        details: JsonObject | None = None,
    ) -> None:
        """Make one; before execute_call_handler it is the CALLERROR that the peer gets."""
        super().__init__(description)
        self.code = code
        self.description = description
        self.details = details


class HookInfo(Struct, frozen=True, kw_only=True):
    """What a hook is told about its step. A field that is not known at that step is None."""

    hook: HookName
    """Which step."""
    direction: Literal["in", "out"]
    """Whether the message came from the peer or goes to it."""
    data: bytes | str
    """The raw message: text if you gave `received` text, else UTF-8, as your sender gets it."""
    session: Peer
    """The session that it travels through, and with it the station: `info.session.identity`."""
    version: Version | None
    """The version of the connection."""
    action: str | None = None
    """The action; None before a message was read, and in the core's own CALLERRORs."""
    message_id: str | None = None
    """The message's id; None before a message was read."""
    payload: Payload | JsonObject | None = None
    """What it carries; the errorDetails of an error."""
    event: Event | None = None
    """What the core made of an incoming message; None in message_received, which gets them as `result`."""
    message: Message | None = None
    """The outgoing message as a value."""

    @classmethod
    def incoming(
        cls,
        hook: HookName,
        data: RawMessage,
        session: Peer,
        event: Event | None = None,
    ) -> "HookInfo":
        """Return what there is to say of an incoming message, or of the event it became."""
        action, message_id, payload = _describe(event)
        return cls(
            hook=hook,
            direction="in",
            data=data if isinstance(data, str) else bytes(data),
            session=session,
            version=session.version,
            action=action,
            message_id=message_id,
            payload=payload,
            event=event,
        )

    @classmethod
    def outgoing(
        cls, hook: HookName, frame: Frame, session: Peer, action: str | None
    ) -> "HookInfo":
        """Return what there is to say of an outgoing frame; `action` is that of an answer, if known."""
        message = frame.message
        if isinstance(message, Call | Send):
            action = message.action
        if isinstance(message, CallError | CallResultError):
            payload: Payload | JsonObject = message.details
        else:
            payload = message.payload
        return cls(
            hook=hook,
            direction="out",
            data=frame.data,
            session=session,
            version=session.version,
            action=action,
            message_id=message.message_id,
            payload=payload,
            message=message,
        )


ReportedEvent: TypeAlias = (
    ProtocolViolated
    | LateResponseReceived
    | CallResultRejected
    | CallTimedOut
    | CallResultErrorReceived
    | FramingErrorReceived
    | MendingFailed
)
"""What a `Report` can be about: see `ocpp_sansio.events`. A stray answer is a `ProtocolViolated`."""


class Report(Struct, frozen=True):
    """What a peer did that is no part of a conversation."""

    session: Peer
    """The session that it came over, and with it the station: `report.session.identity`."""
    event: ReportedEvent
    """What happened."""

    @property
    def action(self) -> str | None:
        """The action of the call that it is about, as it was spelled; None if it is not known."""
        match self.event:
            case CallTimedOut(call) | CallResultRejected(call) | LateResponseReceived(call):
                return call.action
            case ProtocolViolated(_, data):
                return action_in(data)
            case _:
                return None


Before: TypeAlias = Callable[[HookInfo], Awaitable[object] | object]
After: TypeAlias = Callable[[HookInfo, Any], Awaitable[object] | object]
BeforeT = TypeVar("BeforeT", bound=Before)
AfterT = TypeVar("AfterT", bound=After)
Reporter: TypeAlias = Callable[[Report], object]
ReporterT = TypeVar("ReporterT", bound=Reporter)
ResultT = TypeVar("ResultT")


class Complain(Protocol):
    """Logs that something of the application's failed: `text` has a "%s" for each of `args`."""

    def __call__(self, text: str, /, *args: object, exc_info: Exception) -> None:
        """Log it."""


class Hooks:
    """Functions to run before and after eight steps. One can serve any number of sessions."""

    def __init__(self) -> None:
        self.active: set[HookName] = set()
        """The steps that have a hook. As long as it is empty, hooks cost nothing."""
        self._before: dict[HookName, list[Before]] = {name: [] for name in _NAMES}
        self._after: dict[HookName, list[After]] = {name: [] for name in _NAMES}
        self._reporters: list[Reporter] = []

    def before(self, name: HookName) -> Callable[[BeforeT], BeforeT]:
        """Return a decorator for a function of a `HookInfo`, to run before the step `name`.

        Raises ValueError for a name that is none of the eight.
        """
        hooks = self._before[_known(name)]

        def register(function: BeforeT) -> BeforeT:
            hooks.append(function)
            self.active.add(name)
            return function

        return register

    def after(self, name: HookName) -> Callable[[AfterT], AfterT]:
        """Return a decorator for a function of a `HookInfo` and the step's result, to run after it.

        Raises ValueError for a name that is none of the eight.
        """
        hooks = self._after[_known(name)]

        def register(function: AfterT) -> AfterT:
            hooks.append(function)
            self.active.add(name)
            return function

        return register

    def reports(self, function: ReporterT) -> ReporterT:
        """Decorate a plain function of a `Report`, to be called for each, at once and in order.

        None is left out, however many there are: the log folds floods, this does not. What it raises is
        logged, and harms nothing. Raises TypeError for a coroutine function, since nobody would await it.
        """
        if is_coroutine_function(function):
            raise TypeError(f"what gets reports is a plain function; {function!r} is none")
        self._reporters.append(function)
        return function

    def report(self, session: Peer, event: ReportedEvent, complain: Complain) -> None:
        """Tell those who want reports; never raises what they raise."""
        for reporter in self._reporters:
            try:
                reporter(Report(session, event))
            except Exception as error:  # noqa: BLE001 - the session goes on all the same
                complain("what gets reports failed", exc_info=error)

    async def around(
        self, info: HookInfo, step: Callable[[], Awaitable[ResultT]], complain: Complain
    ) -> ResultT:
        """Run a step with its hooks; raises `Veto` if one forbade it, else whatever the step raises."""
        await self.run_before(info, complain)
        try:
            result = await step()
        except Exception as error:
            await self.run_after(info, error, complain)
            raise
        await self.run_after(info, result, complain)
        return result

    async def run_before(self, info: HookInfo, complain: Complain) -> None:
        """Run the before hooks of a step; raises `Veto` if one did, which skips those behind it."""
        for hook in self._before[info.hook]:
            try:
                await _run(hook, info)
            except Veto:
                raise
            except Exception as error:  # noqa: BLE001 - the message goes its way all the same
                complain("a hook before %s failed; the step goes on", info.hook, exc_info=error)

    async def run_after(self, info: HookInfo, result: object, complain: Complain) -> None:
        """Run the after hooks of a step; never raises what they raise."""
        for hook in self._after[info.hook]:
            try:
                await _run(hook, info, result)
            except Exception as error:  # noqa: BLE001 - likewise
                complain("a hook after %s failed; the step stands", info.hook, exc_info=error)


async def _run(hook: Callable[..., object], *arguments: object) -> None:
    result = hook(*arguments)
    if result is not None and isawaitable(result):
        await result


def _known(name: HookName) -> HookName:
    if name not in _NAMES:
        raise ValueError(f"no hook is called {name!r}; {', '.join(_NAMES)} are")
    return name


def _describe(
    event: Event | None,
) -> tuple[str | None, str | None, Payload | JsonObject | None]:
    match event:
        case CallReceived() | SendReceived():
            return event.action, event.message_id, event.payload
        case CallResultReceived():
            return event.call.action, event.call.message_id, event.payload
        case CallErrorReceived():
            return event.call.action, event.call.message_id, event.details
        case _:
            return None, None, None
