"""`Connection`: one peer's OCPP-J, as a machine without I/O, clock or randomness of its own.

Inputs tell it what the world did, actions what you want; events and frames are what it makes of both. An
input never raises for anything that the peer sent. An action raises LocalProtocolError before anything
has changed, and is then forgotten. Any other exception is a bug.
"""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any, overload

from ocpp_sansio import _codec
from ocpp_sansio._calls import InboundLedger, OutboundLedger, Pending
from ocpp_sansio._codec import (
    UNREADABLE,
    Codec,
    InCall,
    InError,
    InFrame,
    InResult,
    InResultError,
    InSend,
    LooseFrame,
    codec_for,
)
from ocpp_sansio._incoming import Reading, judge_action, read_payload
from ocpp_sansio._outgoing import (
    UNREADABLE_ID,
    check_id,
    identify,
    make_error,
    write_checked,
    write_error,
)
from ocpp_sansio._state import LINK, LinkInput, LinkState, advance
from ocpp_sansio.config import Config, Role, Validation
from ocpp_sansio.errors import (
    ErrorCode,
    LocalProtocolError,
    RemoteProtocolError,
    Rule,
    Violation,
)
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
from ocpp_sansio.frames import Call, CallError, CallResult, CallResultError, Frame, JsonObject, Send
from ocpp_sansio.messages import Kind, Payload, Request, Response, Unconfirmed
from ocpp_sansio.versions import MESSAGE_ID_MAX_LENGTH, UnknownTypeReply, Version

__all__ = ["Connection"]

OVERSIZE_SNIPPET = 1024
"""Bytes of a message over `Config.max_message_size` that its event keeps."""

_DEFAULT_CONFIG = Config()


class Connection:
    """The protocol machine for one peer. Not thread-safe; one can serve many connections in turn.

    `now`, wherever it is asked for, is any monotonic clock in seconds; an earlier value than before counts
    as the same moment.
    """

    __slots__ = (
        "_codec",
        "_config",
        "_events",
        "_frames",
        "_inbound",
        "_link",
        "_now",
        "_outbound",
        "_role",
    )

    def __init__(self, role: Role, *, config: Config = _DEFAULT_CONFIG) -> None:
        """Make a machine for our side, `role`; raises ValueError unless that is a `Role` or its value."""
        self._role = Role(role)
        self._config = config
        self._link = LinkState.CLOSED
        self._codec: Codec | None = None
        self._now = -inf
        self._outbound = OutboundLedger(config.max_late_calls)
        self._inbound = InboundLedger(config.max_answered_ids, config.max_refusable_results)
        self._events: list[Event] = []
        self._frames: list[Frame] = []

    # --- inputs: what the world did -------------------------------------------------------------------

    def connected(self, version: Version | str, *, now: float) -> None:
        """A connection is open, and `version` (or its subprotocol name) was agreed on it.

        Raises LocalProtocolError when already connected, ValueError for an unknown version.
        """
        agreed = Version.parse(version)
        link = advance(LINK, self._link, LinkInput.CONNECTED)
        self._pass_time(now)
        self._codec = codec_for(agreed, self._config.max_depth)
        self._link = link
        self._frames = []  # what had not been taken belongs to the connection that is gone

    def received(self, data: bytes | bytearray | memoryview | str, *, now: float) -> None:
        """One whole message came from the peer; bytes are UTF-8 (F-1).

        Never raises for what is in it. Raises LocalProtocolError when not connected, and when
        `Config.max_undrained` events or frames wait to be taken.
        """
        codec = self._require_open(LinkInput.MESSAGE)
        self._require_room()
        self._pass_time(now)
        text = data if data.__class__ is bytes else _to_bytes(data)
        if len(text) > self._config.max_message_size:
            self._receive_oversize(codec, text)
            return
        try:
            frame = codec.read_frame(text)
        except UNREADABLE:
            self._receive_bad(codec, _codec.read_loosely(text), text, _NOT_JSON)
            return
        _RECEIVERS[frame.__class__](self, codec, frame, text)

    def handle_timeout(self, *, now: float) -> None:
        """Time has passed. Early, late or repeated: harmless. May add events and frames."""
        self._pass_time(now)

    def disconnected(self, *, now: float) -> None:
        """The connection is gone: every unfinished call gets its outcome now (S-11). Idempotent."""
        self._pass_time(now)
        self._link = advance(LINK, self._link, LinkInput.DISCONNECTED)
        for call, was_sent in self._outbound.abandon():
            self._events.append(CallAborted(call, was_sent))
        self._inbound.clear()
        self._codec = None
        self._frames = []  # a frame of this connection must not leave on the next one

    # --- actions: what you want ------------------------------------------------------------------------

    @overload
    def send_call(
        self,
        request: Request[Any],
        payload: None = None,
        *,
        now: float,
        timeout: float | None = None,
        message_id: str | None = None,
    ) -> Call: ...

    @overload
    def send_call(
        self,
        request: str,
        payload: Request[Any] | JsonObject | None = None,
        *,
        now: float,
        timeout: float | None = None,
        message_id: str | None = None,
    ) -> Call: ...

    def send_call(
        self,
        request: Request[Any] | str,
        payload: Request[Any] | JsonObject | None = None,
        *,
        now: float,
        timeout: float | None = None,
        message_id: str | None = None,
    ) -> Call:
        """Call the peer: at once if no call of ours is in flight, else in turn (S-1).

        `request` is a typed request, or an action's name with its payload as a JSON object, vendor actions
        included. `timeout` is in seconds from its leaving (default `Config.call_timeout`). The outcome is
        exactly one event that carries the returned `Call`.

        Raises LocalProtocolError if not connected, if the request is invalid or not ours to send, if the
        id is unfit or in use, if the timeout is not above 0, if the queue is full.
        """
        codec = self._require_open(LinkInput.ACTION)
        self._require_queue_room()
        name, body, action = identify(codec, self._role, self._config, request, payload, Kind.CALL)
        seconds = self._config.call_timeout if timeout is None else timeout
        if not seconds > 0:
            raise LocalProtocolError(f"timeout must be above 0 seconds, not {timeout!r}")
        text = write_checked(codec, self._config, name, body, action.request if action else None)
        call = Call(self._new_id(message_id), name, body)
        data = _codec.write_call(_codec.CALL, call.message_id, name, text)
        pending = Pending(call, data, seconds, action.response if action else None)
        self._pass_time(now)
        self._outbound.add(pending)
        self._release()
        return call

    def withdraw(self, call: Call, *, now: float) -> bool:
        """Take back a call that has not left yet. True: it never will, and has no other outcome.

        False: it is in flight, and keeps its slot until its outcome, or it is over.
        """
        self._pass_time(now)
        return self._outbound.withdraw(call)

    def send_call_result(
        self, call: CallReceived, payload: Response | JsonObject, *, now: float
    ) -> None:
        """Answer a call of the peer's; allowed while a call of ours is in flight (S-2).

        Raises LocalProtocolError if that call is not waiting for an answer, or the payload is not one.
        """
        codec = self._require_unanswered(call)
        action = codec.actions.get(call.action)
        response_type = action.response if action else None
        if isinstance(payload, Payload) and response_type and type(payload) is not response_type:
            raise LocalProtocolError(
                f"{call.action} is answered with {response_type.__name__}, "
                f"not with {type(payload).__name__}"
            )
        text = write_checked(codec, self._config, call.action, payload, response_type)
        self._pass_time(now)
        self._inbound.answer(call)
        answer = CallResult(call.message_id, payload)
        self._frames.append(Frame(_codec.write_result(call.message_id, text), answer))

    def send_call_error(
        self,
        call: CallReceived,
        code: ErrorCode,
        description: str = "",
        details: JsonObject | None = None,
        *,
        now: float,
    ) -> None:
        """Refuse a call of the peer's. `description` is cut at 255 characters (E-5).

        Raises LocalProtocolError if that call is not waiting for an answer, or the details are not JSON.
        """
        codec = self._require_unanswered(call)
        error = make_error(CallError, call.message_id, code, description, details)
        data = write_error(_codec.ERROR, error, codec.version)
        self._pass_time(now)
        self._inbound.answer(call)
        self._frames.append(Frame(data, error))

    def send_unconfirmed(
        self,
        message: Unconfirmed | str,
        payload: JsonObject | None = None,
        *,
        now: float,
        message_id: str | None = None,
    ) -> None:
        """Send a message that is never answered (2.1 only, F-6): no slot, no timer, no outcome (S-4).

        Raises LocalProtocolError if not connected, not 2.1, or if the message is invalid or not ours to send.
        """
        codec = self._require_open(LinkInput.ACTION)
        self._require_type(codec, _codec.SEND, "SEND")
        name, body, action = identify(codec, self._role, self._config, message, payload, Kind.SEND)
        text = write_checked(codec, self._config, name, body, action.request if action else None)
        send = Send(self._new_id(message_id), name, body)
        self._pass_time(now)
        data = _codec.write_call(_codec.SEND, send.message_id, name, text)
        self._frames.append(Frame(data, send))

    def send_call_result_error(
        self,
        result: CallResultReceived,
        code: ErrorCode,
        description: str = "",
        details: JsonObject | None = None,
        *,
        now: float,
    ) -> None:
        """Tell the peer that its answer is of no use (2.1 only, F-5), though it was valid (E-4).

        Raises LocalProtocolError if not 2.1, if the result was refused already, or if it is not one of
        the last `Config.max_refusable_results` of this connection.
        """
        codec = self._require_open(LinkInput.ACTION)
        self._require_type(codec, _codec.RESULT_ERROR, "CALLRESULTERROR")
        error = make_error(CallResultError, result.call.message_id, code, description, details)
        data = write_error(_codec.RESULT_ERROR, error, codec.version)
        if not self._inbound.take_refusable(result):
            raise LocalProtocolError("this result was refused already, or came too long ago")
        self._pass_time(now)
        self._frames.append(Frame(data, error))

    # --- outputs ---------------------------------------------------------------------------------------

    def events(self) -> list[Event]:
        """Return what has happened since the last call, in order, each event once.

        Any input, and any action (through the time it brings along), may add some.
        """
        events, self._events = self._events, []
        return events

    def frames_to_send(self) -> list[Frame]:
        """Return what is to be sent since the last call, in order, each frame once.

        Any input or action may add some. Frames of a lost connection are dropped.
        """
        frames, self._frames = self._frames, []
        return frames

    def next_timeout(self) -> float | None:
        """Return the moment by which `handle_timeout` wants to be called, on the caller's clock, or None.

        Any input or action may change it.
        """
        return None if self._outbound.deadline == inf else self._outbound.deadline

    @property
    def role(self) -> Role:
        """Which side we are."""
        return self._role

    @property
    def config(self) -> Config:
        """The settings this connection was made with."""
        return self._config

    @property
    def version(self) -> Version | None:
        """The version of the connection; None when not connected."""
        return self._codec.version if self._codec else None

    @property
    def is_connected(self) -> bool:
        """Whether messages can be received and sent."""
        return self._link is LinkState.OPEN

    @property
    def outstanding_call(self) -> Call | None:
        """Our call in flight: sent, neither answered nor timed out."""
        return self._outbound.in_flight.call if self._outbound.in_flight else None

    @property
    def queued_calls(self) -> tuple[Call, ...]:
        """Our calls that wait for the slot, in order."""
        return tuple(self._outbound.queued)

    @property
    def unanswered_calls(self) -> tuple[CallReceived, ...]:
        """The peer's calls that wait for our answer, in order of arrival."""
        return tuple(self._inbound.unanswered.values())

    # --- time --------------------------------------------------------------------------------------------

    def _pass_time(self, now: float) -> None:
        if now > self._now:
            self._now = now
        while self._outbound.deadline <= self._now:
            call = self._outbound.expire()
            if call:
                self._events.append(CallTimedOut(call))
            self._release()

    # --- what has to be so before anything changes ---------------------------------------------------------

    def _require_open(self, what: LinkInput) -> Codec:
        if self._codec is None:
            advance(LINK, self._link, what)
        return self._codec  # type: ignore[return-value]  # open: there is one

    def _require_room(self) -> None:
        limit = self._config.max_undrained
        if len(self._events) >= limit or len(self._frames) >= limit:
            raise LocalProtocolError(
                f"{limit} events or frames wait: call events() and frames_to_send()"
            )

    def _require_queue_room(self) -> None:
        limit = self._config.max_queued_calls
        if self._outbound.in_flight and len(self._outbound) >= limit:
            raise LocalProtocolError(f"{limit} calls are queued already (Config.max_queued_calls)")

    def _require_unanswered(self, call: CallReceived) -> Codec:
        codec = self._require_open(LinkInput.ACTION)
        if self._inbound.unanswered.get(call.message_id) is not call:
            raise LocalProtocolError(
                f"this {call.action} call is not waiting for an answer: it was answered, or its "
                "connection is gone"
            )
        return codec

    def _require_type(self, codec: Codec, message_type: int, name: str) -> None:
        if message_type not in codec.version.rules.message_types:
            raise LocalProtocolError(f"{codec.version.value} has no {name} (F-7)")

    def _new_id(self, wanted: str | None) -> str:
        message_id = check_id(self._config.new_message_id() if wanted is None else wanted)
        if message_id in self._outbound:
            raise LocalProtocolError(f"the message id {message_id!r} is in use (I-2)")
        return message_id

    # --- frames out ------------------------------------------------------------------------------------

    def _release(self) -> None:
        pending = self._outbound.release(self._now)
        if pending:
            self._frames.append(Frame(pending.data, pending.call))

    def _report(
        self, codec: Codec, data: bytes, violations: tuple[Violation, ...], message_id: str | None
    ) -> RemoteProtocolError:
        first = violations[0]  # it decides the code
        error = RemoteProtocolError(
            str(first),
            rule=first.rule,
            code=self._config.error_code(codec.version, first.rule),
            message_id=message_id,
            violations=violations,
        )
        self._events.append(ProtocolViolated(error, data))
        return error

    def _refuse(self, codec: Codec, message_id: str, error: RemoteProtocolError) -> None:
        refusal = make_error(CallError, message_id, error.code, str(error), None)
        self._frames.append(Frame(write_error(_codec.ERROR, refusal, codec.version), refusal))

    # --- frames in -------------------------------------------------------------------------------------

    def _receive_call(self, codec: Codec, frame: InCall, data: bytes) -> None:
        payload, violations = self._overload(frame) or self._read_request(codec, frame, Kind.CALL)
        if payload is None:
            error = self._report(codec, data, violations, frame.message_id)
            self._refuse(codec, frame.message_id, error)
            return
        if self._inbound.unanswered:  # S-5: the peer's mistake, and served all the same
            self._report(codec, data, (_OVERLAP,), frame.message_id)
        is_duplicate = self._inbound.is_answered(frame.message_id)  # I-7
        event = CallReceived(frame.action, payload, frame.message_id, violations, is_duplicate)
        self._inbound.unanswered[frame.message_id] = event
        self._events.append(event)

    def _receive_send(self, codec: Codec, frame: InSend, data: bytes) -> None:
        payload, violations = self._read_request(codec, frame, Kind.SEND)
        if payload is None:  # E-8: never answered, not even to refuse it
            self._report(codec, data, violations, frame.message_id)
            return
        self._events.append(SendReceived(frame.action, payload, frame.message_id, violations))

    def _overload(self, frame: InCall) -> Reading | None:
        """Return why a call is refused before it is read, if it is."""
        unanswered = self._inbound.unanswered
        if frame.message_id in unanswered:  # I-7
            return None, (_DUPLICATE,)
        limit = self._config.max_unanswered_calls
        if len(unanswered) >= limit:
            return None, (Violation("$", Rule.TOO_MANY_CALLS, f"at most {limit} unanswered calls"),)
        return None

    def _read_request(self, codec: Codec, frame: InCall | InSend, kind: Kind) -> Reading:
        name = frame.action
        action, objection = judge_action(codec, self._role, self._config, name, kind)
        if objection and self._config.validation_of(name) is Validation.STRICT:
            return None, (objection,)
        request_type = action.request if action else None
        payload, violations = read_payload(codec, self._config, name, request_type, frame.payload)
        if objection and self._config.validation_of(name) is Validation.LENIENT:
            violations = (objection, *violations)
        return payload, violations

    def _receive_result(self, codec: Codec, frame: InResult, data: bytes) -> None:
        pending = self._outbound.match(frame.message_id)
        if pending is None:
            self._receive_stray(codec, frame.message_id, data)
            return
        payload, violations = read_payload(
            codec, self._config, pending.call.action, pending.response_type, frame.payload
        )
        if payload is None:
            self._reject_result(codec, pending, data, violations)
            return
        event = CallResultReceived(pending.call, payload, violations)
        if _codec.RESULT_ERROR in codec.version.rules.message_types:
            self._inbound.keep_refusable(event)
        self._complete(event)

    def _reject_result(
        self, codec: Codec, pending: Pending, data: bytes, violations: tuple[Violation, ...]
    ) -> None:
        if _codec.RESULT_ERROR in codec.version.rules.message_types:  # E-12
            code = self._config.error_code(codec.version, violations[0].rule)
            message_id = pending.call.message_id
            error = make_error(CallResultError, message_id, code, str(violations[0]), None)
            frame_data = write_error(_codec.RESULT_ERROR, error, codec.version)
            self._frames.append(Frame(frame_data, error))
        self._complete(CallResultRejected(pending.call, violations, data))

    def _receive_error(self, codec: Codec, frame: InError, data: bytes) -> None:
        code = ErrorCode.parse(frame.code)
        fields = (code, frame.description, frame.details, frame.code)
        pending = self._outbound.match(frame.message_id)
        if pending:
            self._complete(CallErrorReceived(pending.call, *fields))
        elif frame.message_id == codec.version.rules.unreadable_id:  # I-5
            self._events.append(FramingErrorReceived(*fields))
        else:
            self._receive_stray(codec, frame.message_id, data)

    def _receive_result_error(self, _: Codec, frame: InResultError, __: bytes) -> None:
        code = ErrorCode.parse(frame.code)
        fields = (code, frame.description, frame.details, frame.code)
        self._events.append(CallResultErrorReceived(frame.message_id, *fields))

    def _receive_stray(self, codec: Codec, message_id: str, data: bytes) -> None:
        """Report a response that answers nothing; it frees nothing either (S-7, S-8)."""
        late = self._outbound.take_late(message_id)
        if late:
            self._events.append(LateResponseReceived(late, data))
        else:
            self._report(codec, data, (_STRAY,), message_id)

    def _complete(self, outcome: Event) -> None:
        self._outbound.complete()
        self._events.append(outcome)
        self._release()

    # --- frames in that are not what they should be -----------------------------------------------------

    def _receive_oversize(self, codec: Codec, data: bytes) -> None:
        limit = self._config.max_message_size
        fault = Violation("$", Rule.MESSAGE_SIZE, f"at most {limit} bytes")
        snippet = bytes(data[:OVERSIZE_SNIPPET])
        self._receive_bad(codec, _codec.read_head(snippet), snippet, fault)

    def _receive_bad(self, codec: Codec, loose: LooseFrame, data: bytes, fault: Violation) -> None:
        """Take a message that is no frame: `fault` says why where there is no array to look into."""
        frame = self._without_extra_elements(codec, loose)
        if frame:
            _RECEIVERS[frame.__class__](self, codec, frame, data)
        elif loose.message_type is None and not loose.elements:
            self._refuse_unreadable(codec, loose, data, fault)
        elif loose.message_type not in codec.version.rules.message_types:
            self._receive_unknown_type(codec, loose, data)
        elif loose.message_type == _codec.CALL:
            self._refuse_unreadable(codec, loose, data, _fault_of_call(loose) or fault)
        elif loose.message_type == _codec.RESULT:
            self._receive_bad_result(codec, loose, data, fault)
        elif loose.message_type in _codec.RESPONSE_TYPES:
            self._receive_bad_error(codec, loose, data, fault)
        else:  # E-8: a SEND is never answered
            self._report(codec, data, (_fault_of_call(loose) or fault,), loose.message_id)

    def _without_extra_elements(self, codec: Codec, loose: LooseFrame) -> InFrame | None:
        length = _codec.LENGTHS.get(loose.message_type or 0)
        if not self._config.allow_extra_elements or not loose.elements or length is None:
            return None  # F-12: strict by default
        try:
            return codec.read_frame(_codec.write_json(loose.elements[:length]))
        except UNREADABLE:
            return None

    def _refuse_unreadable(
        self, codec: Codec, loose: LooseFrame, data: bytes, fault: Violation
    ) -> None:
        error = self._report(codec, data, (fault,), loose.message_id)
        reply_to = loose.message_id or codec.version.rules.unreadable_id  # I-5
        if reply_to is not None:
            self._refuse(codec, reply_to, error)

    def _receive_unknown_type(self, codec: Codec, loose: LooseFrame, data: bytes) -> None:
        types = ", ".join(map(str, sorted(codec.version.rules.message_types)))
        fault = Violation("$[0]", Rule.MESSAGE_TYPE, f"a message type out of {types}")
        if codec.version.rules.unknown_type_reply is UnknownTypeReply.IGNORE:  # F-9
            self._report(codec, data, (fault,), loose.message_id)
        else:
            self._refuse_unreadable(codec, loose, data, fault)

    def _receive_bad_result(
        self, codec: Codec, loose: LooseFrame, data: bytes, fault: Violation
    ) -> None:
        fault = _FRAME if loose.elements else fault
        pending = self._outbound.match(loose.message_id) if loose.message_id else None
        if pending:  # it is the answer, if a broken one: the call must not hang until its timeout
            self._reject_result(codec, pending, data, (fault,))
        elif loose.message_id:
            self._receive_stray(codec, loose.message_id, data)
        else:
            self._report(codec, data, (fault,), None)

    def _receive_bad_error(
        self, codec: Codec, loose: LooseFrame, data: bytes, fault: Violation
    ) -> None:
        self._report(codec, data, (_FRAME if loose.elements else fault,), loose.message_id)
        if loose.message_id is None:
            return
        # What there is of it counts: a short CALLERROR still ends its call.
        code, description, details = _codec.error_fields(loose.elements or [], codec.max_depth)
        if loose.message_type == _codec.ERROR:
            frame = InError(loose.message_id, code, description, details)
            self._receive_error(codec, frame, data)
        else:
            refusal = InResultError(loose.message_id, code, description, details)
            self._receive_result_error(codec, refusal, data)


_NOT_JSON = Violation("$", Rule.NOT_JSON, "a JSON array in UTF-8 (F-1)")
_FRAME = Violation("$", Rule.FRAME, "the elements of its message type (F-2 to F-6)")
_OVERLAP = Violation("$", Rule.OVERLAPPING_CALL, "one unanswered call at a time (S-1)")
_DUPLICATE = Violation("$[1]", Rule.DUPLICATE_ID, "an id that no unanswered call has (I-7)")
_STRAY = Violation("$[1]", Rule.STRAY_RESPONSE, "the id of a call that waits for it (S-8)")

_RECEIVERS: Mapping[type[InFrame], Callable[[Connection, Codec, Any, bytes], None]] = {
    InCall: Connection._receive_call,
    InResult: Connection._receive_result,
    InError: Connection._receive_error,
    InResultError: Connection._receive_result_error,
    InSend: Connection._receive_send,
}


def _fault_of_call(loose: LooseFrame) -> Violation | None:
    if loose.elements is None:
        return None
    if loose.message_id is None:
        return Violation("$[1]", Rule.UNREADABLE_ID, "a message id, a string (I-1)")
    if len(loose.message_id) > MESSAGE_ID_MAX_LENGTH:
        return Violation(
            "$[1]", Rule.ID_TOO_LONG, f"at most {MESSAGE_ID_MAX_LENGTH} characters (I-1)"
        )
    return _FRAME


def _to_bytes(data: bytes | bytearray | memoryview | str) -> bytes:
    if isinstance(data, str):
        return data.encode(
            "utf-8", "surrogatepass"
        )  # a lone surrogate is then refused as bad UTF-8
    if isinstance(data, bytes | bytearray | memoryview):
        return bytes(data)
    raise TypeError(f"a message is bytes or str, not {type(data).__name__}")
