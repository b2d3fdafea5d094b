"""`OutboundCalls`: the half of a session that calls the peer and brings each answer to who awaits it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from ocpp_sansio.core import (
    ERROR,
    Call,
    CallAborted,
    CallErrorReceived,
    CallResultErrorReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Connection,
    ErrorCode,
    ForeignCall,
    FramingErrorReceived,
    JsonObject,
    LateResponseReceived,
    LocalProtocolError,
    MendingFailed,
    ProtocolViolated,
    Request,
    Response,
    Unconfirmed,
    with_message_id,
    write_error,
    write_json,
)
from ocpp_sansio.session.common import SessionCommon
from ocpp_sansio.session.hooks import Complain
from ocpp_sansio.session.incoming_call import ResponseT
from ocpp_sansio.session.outcomes import (
    CallVetoed,
    Ending,
    InvalidResult,
    Outcome,
    raise_unless_answered,
    result_of,
)
from ocpp_sansio.session.waiting import Waiter

if TYPE_CHECKING:
    from ocpp_sansio.registration import CsmsGate

__all__ = ["OutboundCalls", "TakeAnswer"]

TakeAnswer: TypeAlias = Callable[[bytes | Exception], object]
"""A plain function that takes what `forward` would return or raise."""


class OutboundCalls(SessionCommon):
    """Calls of ours: made, queued by the core, and awaited until the core reports how each has ended."""

    _waiters: "dict[Call, Waiter | _Taking] | None" = None
    """Who awaits an answer."""
    _waiting_slot: list[Waiter] | None = None
    """Tasks that wait until fewer handlers run, or fewer calls of ours."""

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

        A typed request gives its typed response, whatever the validation; an action's name and a JSON
        object give the JSON object that came, unlike `Connection.send_call`, whose answer is typed either
        way. It holds `Decimal` for numbers with a fraction: `json.dumps(answer, default=float)`, or
        `ocpp_sansio.to_json(answer)` with each digit.
        `timeout` is in seconds from the call's leaving; before that it may queue, since one call is in
        flight at a time (S-1). To limit both, use your event loop's own timeout around it: a call that
        is cancelled before it left will never leave.

        Raises CallFailed for a CALLERROR, CallTimeout, NotConnected, ConnectionLost, InvalidResult for an
        answer that is none, CallVetoed if a hook forbade it, LocalProtocolError if the request is invalid
        or the queue full (as NotAllowedYet: if the station is not accepted, B-43), and what the sender
        raises; the call's slot is then taken until its timeout, since nobody knows whether the frame left.
        """
        event = await self._complete(request, payload, timeout)
        return result_of(request, event)

    async def send_call(
        self,
        request: Request[Any] | str,
        payload: Request[Any] | JsonObject | None = None,
        *,
        timeout: float | None = None,
    ) -> Outcome:
        """Call the peer, and return what it answered, CALLERROR included; otherwise like `call`."""
        event = await self._complete(request, payload, timeout)
        return Outcome.of(request, event)

    async def forward(self, frame: bytes, *, timeout: float | None = None) -> bytes:
        """Pass on somebody else's CALL, and return the CALLRESULT or CALLERROR, under that call's id.

        For gateways between a peer and who calls it: nothing in the payloads is checked or changed. What
        `call` promises of timeouts and of one call in flight holds here as well.

        Raises LocalProtocolError for what is no CALL, and otherwise what `send_call` does; the data of an
        InvalidResult is under that call's id, too.
        """
        asked = ForeignCall.of(frame)
        try:
            event = await self._complete(asked, None, timeout)
        except InvalidResult as error:
            error.data = with_message_id(error.data, asked.message_id)
            raise
        return _answer_to(asked, event)

    def begin_forward(
        self, frame: bytes, take: TakeAnswer, *, timeout: float | None = None
    ) -> None:
        """Pass on somebody else's CALL, and have a plain function called with what `forward` would return.

        Or with what that would raise; once, and maybe before this has returned. For who passes on much, and
        wants no task for each. What `take` raises is logged.

        Raises NotConnected and LocalProtocolError as `forward` does, and nothing follows; it does not wait
        for a connection, nor for `on_connected`.
        """
        self._require_connected()
        asked = ForeignCall.of(frame)
        self._begin_call(asked, None, timeout, _Taking(asked, take, self._complain))
        self._frame_queue.hand_over_soon()

    async def wait_free(self) -> None:
        """Wait until no call of ours is in flight or queued: one that is made now leaves now."""
        core = self.connection
        while core.outstanding_call or core.queued_calls:
            self._waiting_slot = self._waiting_slot or []
            await self._wait_on(self._waiting_slot)

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

    # --- how a call ends -------------------------------------------------------------------------

    async def _complete(
        self,
        request: Request[Any] | str | ForeignCall,
        payload: Request[Any] | JsonObject | None,
        timeout: float | None,
    ) -> CallResultReceived | CallErrorReceived:
        self._require_connected()
        waiter = self._new_waiter()
        call = self._begin_call(request, payload, timeout, waiter)
        try:
            await self._frame_queue.hand_over()
            ending: Ending = await waiter.wait()
        finally:
            if self._waiters and self._waiters.pop(call, None):
                # We were cancelled: nobody has given it an ending.
                self.connection.withdraw(call, now=self._now())
                self._settle()
        return raise_unless_answered(ending)

    def _begin_call(
        self,
        request: Request[Any] | str | ForeignCall,
        payload: Request[Any] | JsonObject | None,
        timeout: float | None,
        waiting: "Waiter | _Taking",
    ) -> Call:
        """Make a call, whose ending somebody waits for; its frame is yet to be handed over."""
        gate = self._make_gate()
        core: Connection | CsmsGate = gate or self.connection
        if isinstance(request, ForeignCall):
            call = core.forward_call(request, now=self._now(), timeout=timeout)
        else:
            # `identify` in the core refuses what is neither: the overloads only cover what is right
            call = core.send_call(request, payload, now=self._now(), timeout=timeout)  # type: ignore[arg-type]
        if self._waiters is None:  # many a station is never called
            self._waiters = {}
        self._waiters[call] = waiting
        for remark in gate.remarks() if gate else ():
            self._log.warning(self._now(), remark, action=call.action)
        self._settle()
        return call

    def _end_call(self, call: Call, ending: Ending) -> None:
        waiter = self._waiters.pop(call, None) if self._waiters else None
        if waiter:
            waiter.resolve(ending)

    def _end_unsent_call(self, call: Call, error: Exception) -> None:
        self._end_call(call, error)
        # Only of a vetoed frame do we know that it never left; any other keeps its slot until its timeout.
        if isinstance(error, CallVetoed) and self.connection.send_failed(call, now=self._now()):
            self._settle()

    def _receive_response(self, event: object) -> None:
        """Take an event that is no request: it ends a call of ours, or it is one for the log."""
        if self._gate:
            self._gate.observe(event)
        match event:
            case CallResultReceived(call) | CallErrorReceived(call) | CallAborted(call):
                self._end_call(call, event)
            case CallResultRejected(call) | CallTimedOut(call):
                self._end_call(call, event)
                self._report(event)
            case (
                LateResponseReceived()
                | ProtocolViolated()
                | MendingFailed()
                | CallResultErrorReceived()
                | FramingErrorReceived()
            ):
                self._report(event)
            case _:
                self._receive_other(event)


class _Taking:
    """Stands in the place of a waiter for somebody who has no task that waits."""

    __slots__ = ("_asked", "_complain", "_take")

    def __init__(self, asked: ForeignCall, take: TakeAnswer, complain: Complain) -> None:
        self._asked = asked
        self._take = take
        self._complain = complain

    def resolve(self, ending: Ending, /) -> None:
        outcome: bytes | Exception
        try:
            outcome = _answer_to(self._asked, raise_unless_answered(ending))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is for who has asked
            if isinstance(error, InvalidResult):
                error.data = with_message_id(error.data, self._asked.message_id)
            outcome = error
        try:
            self._take(outcome)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no matter of this session
            self._complain("what takes the answer to a call failed", exc_info=error)


def _answer_to(asked: ForeignCall, event: CallResultReceived | CallErrorReceived) -> bytes:
    """Return what the peer has answered, under the id of who has asked."""
    message_id = asked.message_id
    if isinstance(event, CallErrorReceived):
        code = event.raw_code or event.code.value
        return write_error(ERROR, message_id, code, event.description, write_json(event.details))
    return with_message_id(event.data, message_id)
