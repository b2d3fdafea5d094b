"""What a `Connection` makes of the messages that come in, and the state it keeps for that.

The good ones take the short way, `Reception._receivers`. The bad ones are read again, loosely, so that
what there is of them still counts: a call gets its CALLERROR, an answer ends its call.
"""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any, ClassVar, TypeAlias

from msgspec import Struct

from ocpp_sansio.core.calls import InboundLedger, OutboundLedger, Pending
from ocpp_sansio.core.codec import (
    CALL,
    ERROR,
    LENGTHS,
    RESPONSE_TYPES,
    RESULT,
    RESULT_ERROR,
    UNREADABLE,
    Codec,
    InCall,
    InError,
    InFrame,
    InResult,
    InResultError,
    InSend,
    LooseFrame,
    error_fields,
    read_flawed,
    read_head,
    read_loosely,
    write_json,
)
from ocpp_sansio.core.config import Config, Role, Validation
from ocpp_sansio.core.errors import ErrorCode, RemoteProtocolError, Rule, Violation
from ocpp_sansio.core.events import (
    CallErrorReceived,
    CallReceived,
    CallResultErrorReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Event,
    FramingErrorReceived,
    LateResponseReceived,
    MendingFailed,
    ProtocolViolated,
    SendReceived,
)
from ocpp_sansio.core.frames import Call, CallError, CallResultError, Frame
from ocpp_sansio.core.incoming import (
    FRAME,
    Reading,
    fault_of_call,
    fault_of_error,
    fault_of_type,
    judge_action,
    read_again,
    read_payload,
)
from ocpp_sansio.core.json_faults import fault_of_message, mend_strings
from ocpp_sansio.core.messages import Kind, Payload
from ocpp_sansio.core.outgoing import make_error, write_error
from ocpp_sansio.core.state import LinkState
from ocpp_sansio.core.versions import UnknownTypeReply, Version

__all__ = ["Bar", "Reception", "TakesObject"]

TakesObject: TypeAlias = Callable[[Version, str], bool]
"""Says whether a request may be delivered as a JSON object, where nothing typed can be made of it."""

OVERSIZE_SNIPPET = 1024
"""Bytes of a message over `Config.max_message_size` that its event keeps."""


class Bar(Struct, frozen=True):
    """Which of the peer's actions are served for now, and what becomes of the others."""

    admitted: frozenset[str]
    is_silent: bool
    """Whether the others are not even answered."""


class Reception:
    """The receiving half of a `Connection`."""

    __slots__ = (
        "_bar",
        "_codec",
        "_config",
        "_events",
        "_frames",
        "_inbound",
        "_known_calls",
        "_link",
        "_now",
        "_outbound",
        "_role",
        "takes_object",
    )

    def __init__(self, role: Role, config: Config) -> None:
        self._role = role
        self._config = config
        self.takes_object: TakesObject | None = None
        """Whether you take a request, by version and action, as a JSON object if it cannot be typed.

        None, to begin with: yes. Where it says no, the request is refused as if validation were strict; and
        so is, whatever it says, an answer to a typed request of yours.
        """
        self._link = LinkState.CLOSED
        self._codec: Codec | None = None
        self._bar: Bar | None = None
        self._known_calls: dict[str, Callable[[Any], Any]] = {}
        self._now = -inf
        self._outbound = OutboundLedger(config.max_late_calls)
        self._inbound = InboundLedger(config.max_answered_ids, config.max_refusable_results)
        self._events: list[Event] = []
        self._frames: list[Frame] = []

    def _take(self, codec: Codec, data: bytes) -> None:
        """Take one message, whatever it is."""
        config = self._config
        if len(data) > config.max_message_size:
            self._receive_oversize(codec, data)
            return
        if config.mend is not None:
            data = self._mend(config.mend, data)
            if len(data) > config.max_message_size:
                self._receive_oversize(codec, data)
                return
        try:
            frame = codec.read_frame(data)
        except UNREADABLE as error:
            self._receive_misread(codec, data, error)
            return
        self._receivers[frame.__class__](self, codec, frame, data)

    def _mend(self, mend: Callable[[bytes], bytes], data: bytes) -> bytes:
        try:
            mended: object = mend(data)
            if isinstance(mended, bytes):
                return mended
            raise TypeError(f"Config.mend returned {type(mended).__name__}, not bytes")  # noqa: TRY301 - told alike
        except Exception as error:  # noqa: BLE001 - the application's code, which is to harm no message
            self._events.append(MendingFailed(error, data))
        return data

    # --- time ------------------------------------------------------------------------------------------

    def _pass_time(self, now: float) -> None:
        if now > self._now:  # noqa: PLR1730 - max() is a call, and this runs for every message
            self._now = now
        if self._outbound.deadline <= self._now:
            self._expire()

    def _expire(self) -> None:
        while call := self._outbound.expire(self._now):
            self._events.append(CallTimedOut(call))
            self._release()

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
        said = error.violations[0].demand
        refusal = make_error(CallError, message_id, error.code, said, None)
        self._frames.append(Frame(write_error(ERROR, refusal, codec.version), refusal))

    # --- frames in -------------------------------------------------------------------------------------

    def _receive_call(self, codec: Codec, frame: InCall, data: bytes) -> None:
        unanswered = self._inbound.unanswered
        reading = self._overload(frame) if unanswered else None
        payload, violations = reading or self._read_call(codec, frame)
        if payload is None:
            error = self._report(codec, data, violations, frame.message_id)
            if not (self._bar and self._bar.is_silent and frame.action not in self._bar.admitted):
                self._refuse(codec, frame.message_id, error)
            return
        if unanswered:  # S-5: the peer's mistake, and served all the same
            self._report(codec, data, (_OVERLAP,), frame.message_id)
        is_duplicate = frame.message_id in self._inbound.answered  # I-7
        event = CallReceived(
            frame.action, payload, frame.message_id, violations, is_duplicate, data
        )
        unanswered[frame.message_id] = event
        self._events.append(event)

    def _receive_send(self, codec: Codec, frame: InSend, data: bytes) -> None:
        barred = self._read_barred(frame.action)
        payload, violations = barred or self._read_request(codec, frame, Kind.SEND)
        if payload is None:  # E-8: never answered, not even to refuse it
            self._report(codec, data, violations, frame.message_id)
            return
        self._events.append(SendReceived(frame.action, payload, frame.message_id, violations, data))

    def _overload(self, frame: InCall) -> Reading | None:
        """Return why a call is refused before it is read, if it is."""
        unanswered = self._inbound.unanswered
        if frame.message_id in unanswered:  # I-7
            return None, (_DUPLICATE,)
        limit = self._config.max_unanswered_calls
        if len(unanswered) >= limit:
            return None, (Violation("$", Rule.TOO_MANY_CALLS, f"at most {limit} unanswered calls"),)
        return None

    def _read_call(self, codec: Codec, frame: InCall) -> Reading:
        read = self._known_calls.get(frame.action)
        if read is not None:  # the short way, for every CALL that is as it should be
            try:
                return read(frame.payload), ()
            except UNREADABLE:
                name = frame.action
                request_type = codec.actions[name].request
                reading = read_again(codec, self._config, name, request_type, frame.payload)
                return self._overlook(codec, name, reading) if reading[1] else reading
        return self._read_barred(frame.action) or self._read_request(codec, frame, Kind.CALL)

    def _read_barred(self, action: str) -> Reading | None:
        """Return why a request is refused before it is read, whatever it is, if it is."""
        if self._bar is None or action in self._bar.admitted:
            return None
        return None, (_NOT_REGISTERED,)

    def _read_request(self, codec: Codec, frame: InCall | InSend, kind: Kind) -> Reading:
        name = frame.action
        action, objection = judge_action(codec, self._role, self._config, name, kind)
        mode = self._config.validation_of(name)
        if objection and mode is Validation.STRICT:
            return None, (objection,)
        if action and not objection and kind is Kind.CALL:
            self._known_calls[name] = codec.readers[action.request]
        request_type = action.request if action else None
        reading = read_payload(codec, self._config, name, request_type, frame.payload)
        if reading[1]:
            reading = self._overlook(codec, name, reading)
        payload, violations = reading
        if objection and (mode is Validation.LENIENT or payload is None):
            violations = (objection, *violations)
        return payload, violations

    def _overlook(
        self, codec: Codec, name: str, reading: Reading, call: Call | None = None
    ) -> Reading:
        """Return a reading of a request, or of the answer to a call, as the application is to get it."""
        payload, violations = reading
        if payload.__class__ is dict and not self._allows_object(codec, name, call):
            return None, violations  # as strict validation refuses it
        is_off = self._config.validation_of(name) is Validation.OFF
        if is_off and payload is not None and violations[0].rule is not Rule.NULL_PAYLOAD:
            return payload, ()
        return payload, violations

    def _allows_object(self, codec: Codec, name: str, call: Call | None) -> bool:
        if self.takes_object is None:
            return True
        if call is not None:
            return not isinstance(call.payload, Payload)
        return self.takes_object(codec.version, name)

    def _receive_result(self, codec: Codec, frame: InResult, data: bytes) -> None:
        pending = self._outbound.match(frame.message_id)
        if pending is None:
            self._receive_stray(codec, frame.message_id, data)
            return
        call = pending.call
        reading = read_payload(
            codec, self._config, call.action, pending.response_type, frame.payload
        )
        if reading[1]:
            reading = self._overlook(codec, call.action, reading, call)
        payload, violations = reading
        if payload is None:
            self._reject_result(codec, pending, data, violations)
            return
        event = CallResultReceived(call, payload, violations, data)
        if RESULT_ERROR in codec.rules.message_types:
            self._inbound.keep_refusable(event)
        self._complete(pending, event)

    def _reject_result(
        self, codec: Codec, pending: Pending, data: bytes, violations: tuple[Violation, ...]
    ) -> None:
        if RESULT_ERROR in codec.rules.message_types:  # E-12
            code = self._config.error_code(codec.version, violations[0].rule)
            message_id = pending.call.message_id
            error = make_error(CallResultError, message_id, code, violations[0].demand, None)
            frame_data = write_error(RESULT_ERROR, error, codec.version)
            self._frames.append(Frame(frame_data, error))
        self._complete(pending, CallResultRejected(pending.call, violations, data))

    def _receive_error(self, codec: Codec, frame: InError, data: bytes) -> None:
        code = ErrorCode.parse(frame.code)
        fields = (code, frame.description, frame.details, frame.code)
        pending = self._outbound.match(frame.message_id)
        if pending:
            self._complete(pending, CallErrorReceived(pending.call, *fields))
        elif frame.message_id == codec.rules.unreadable_id:  # I-5
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

    def _complete(self, pending: Pending, outcome: Event) -> None:
        self._outbound.complete(pending)
        self._events.append(outcome)
        self._release()

    # --- frames in that are not what they should be -----------------------------------------------------

    def _receive_oversize(self, codec: Codec, data: bytes) -> None:
        limit = self._config.max_message_size
        fault = Violation("$", Rule.MESSAGE_SIZE, f"at most {limit} bytes")
        snippet = bytes(data[:OVERSIZE_SNIPPET])
        self._receive_bad(codec, read_head(snippet), snippet, fault)

    def _receive_misread(self, codec: Codec, data: bytes, error: Exception) -> None:
        frame = self._flawed_frame(codec, data)
        if frame:
            self._receivers[frame.__class__](self, codec, frame, data)
            return
        loose = read_loosely(data)
        fault = FRAME
        if not loose.elements:
            fault = Violation("$", Rule.NOT_JSON, fault_of_message(data, error))
        self._receive_bad(codec, loose, data, fault)

    def _flawed_frame(self, codec: Codec, data: bytes) -> InFrame | None:
        """Return what can be read but for the characters in its payload, where its action is not STRICT."""
        if self._config.validation is Validation.STRICT:
            return None
        frame = read_flawed(codec, data)
        if isinstance(frame, InResult):
            pending = self._outbound.match(frame.message_id)
            action = pending.call.action if pending else None
        else:
            action = frame.action if frame else None
        is_strict = action is None or self._config.validation_of(action) is Validation.STRICT
        return None if is_strict else frame

    def _receive_bad(self, codec: Codec, loose: LooseFrame, data: bytes, fault: Violation) -> None:
        """Take a message that is no frame: `fault` says why where there is no array to look into."""
        frame = self._without_extra_elements(codec, loose)
        if frame:
            self._receivers[frame.__class__](self, codec, frame, data)
        elif loose.message_type is None and not loose.elements:
            self._refuse_unreadable(codec, loose, data, fault)
        elif loose.message_type not in codec.rules.message_types:
            self._receive_unknown_type(codec, loose, data)
        elif loose.message_type == CALL:
            self._refuse_unreadable(codec, loose, data, fault_of_call(loose) or fault)
        elif loose.message_type == RESULT:
            self._receive_bad_result(codec, loose, data, fault)
        elif loose.message_type in RESPONSE_TYPES:
            self._receive_bad_error(codec, loose, data, fault)
        else:  # E-8: a SEND is never answered
            self._report(codec, data, (fault_of_call(loose) or fault,), loose.message_id)

    def _without_extra_elements(self, codec: Codec, loose: LooseFrame) -> InFrame | None:
        length = LENGTHS.get(loose.message_type or 0)
        if not self._config.allow_extra_elements or not loose.elements or length is None:
            return None  # F-12: strict by default
        try:
            return codec.read_frame(write_json(loose.elements[:length]))
        except UNREADABLE:
            return None

    def _refuse_unreadable(
        self, codec: Codec, loose: LooseFrame, data: bytes, fault: Violation
    ) -> None:
        error = self._report(codec, data, (fault,), loose.message_id)
        if self._bar and self._bar.is_silent:
            return
        reply_to = loose.message_id
        if reply_to is None:  # an empty id is one, too (I-8)
            reply_to = codec.rules.unreadable_id  # I-5
        if reply_to is not None:
            self._refuse(codec, reply_to, error)

    def _receive_unknown_type(self, codec: Codec, loose: LooseFrame, data: bytes) -> None:
        fault = fault_of_type(codec, loose)
        if codec.rules.unknown_type_reply is UnknownTypeReply.IGNORE:  # F-9
            self._report(codec, data, (fault,), loose.message_id)
        else:
            self._refuse_unreadable(codec, loose, data, fault)

    def _receive_bad_result(
        self, codec: Codec, loose: LooseFrame, data: bytes, fault: Violation
    ) -> None:
        fault = FRAME if loose.elements else fault
        if loose.message_id is None:
            self._report(codec, data, (fault,), None)
            return
        pending = self._outbound.match(loose.message_id)
        if pending:  # it is the answer, if a broken one: the call must not hang until its timeout
            self._reject_result(codec, pending, data, (fault,))
        else:
            self._receive_stray(codec, loose.message_id, data)

    def _receive_bad_error(
        self, codec: Codec, loose: LooseFrame, data: bytes, fault: Violation
    ) -> None:
        fault = fault_of_error(loose, codec) if loose.elements else fault
        self._report(codec, data, (fault,), loose.message_id)
        if loose.message_id is None:
            return
        # What there is of it counts: a short CALLERROR still ends its call.
        elements = loose.elements or read_loosely(mend_strings(data)[0]).elements
        code, description, details = error_fields(elements or [], codec.max_depth)
        if loose.message_type == ERROR:
            frame = InError(loose.message_id, code, description, details)
            self._receive_error(codec, frame, data)
        else:
            refusal = InResultError(loose.message_id, code, description, details)
            self._receive_result_error(codec, refusal, data)

    _receivers: ClassVar[Mapping[type[InFrame], Callable[[Any, Codec, Any, bytes], None]]] = {
        InCall: _receive_call,
        InResult: _receive_result,
        InError: _receive_error,
        InResultError: _receive_result_error,
        InSend: _receive_send,
    }


_OVERLAP = Violation("$", Rule.OVERLAPPING_CALL, "one unanswered call at a time")
_NOT_REGISTERED = Violation("$", Rule.NOT_REGISTERED, "an accepted BootNotification first")
_DUPLICATE = Violation("$[1]", Rule.DUPLICATE_ID, "an id that no unanswered call has")
_STRAY = Violation("$[1]", Rule.STRAY_RESPONSE, "the id of a call that waits for it")
