"""`Connection`: one peer's OCPP-J, as a machine without I/O, clock or randomness of its own.

Inputs tell it what the world did, actions what you want; events and frames are what it makes of both. An
input never raises for anything that the peer sent. An action raises LocalProtocolError before anything
has changed, and is then forgotten. Any other exception is a bug.
"""

from collections.abc import Collection
from math import inf
from typing import Any, overload

from ocpp_sansio.core.calls import Pending
from ocpp_sansio.core.codec import (
    CALL,
    ERROR,
    RESULT_ERROR,
    SEND,
    Codec,
    InError,
    codec_for,
    to_bytes,
    write_call,
    write_result,
)
from ocpp_sansio.core.config import Config, Role
from ocpp_sansio.core.errors import ErrorCode, LocalProtocolError
from ocpp_sansio.core.events import CallAborted, CallReceived, CallResultReceived, Event
from ocpp_sansio.core.foreign import ForeignCall, ForeignFrame
from ocpp_sansio.core.frames import (
    Call,
    CallError,
    CallResult,
    CallResultError,
    Frame,
    JsonObject,
    Send,
)
from ocpp_sansio.core.messages import Kind, Payload, Request, Response, Unconfirmed
from ocpp_sansio.core.outgoing import (
    check_id,
    identify,
    make_error,
    read_answer,
    read_answer_payload,
    write_checked,
    write_error,
)
from ocpp_sansio.core.reception import Bar, Reception
from ocpp_sansio.core.state import LINK, LinkInput, LinkState, advance
from ocpp_sansio.core.texts import plain
from ocpp_sansio.core.versions import Version

__all__ = ["Connection"]

_DEFAULT_CONFIG = Config()
_FIXED_WHILE_CONNECTED = ("max_message_size", "max_undrained")


class Connection(Reception):
    """The protocol machine for one peer. Not thread-safe; one can serve many connections in turn.

    `now`, wherever it is asked for, is any monotonic clock in seconds; an earlier value than before counts
    as the same moment.
    """

    __slots__ = ()

    def __init__(self, role: Role, *, config: Config = _DEFAULT_CONFIG) -> None:
        """Make a machine for our side, `role`; raises ValueError unless that is a `Role` or its value."""
        super().__init__(Role(role), config)

    # --- inputs: what the world did -------------------------------------------------------------------

    def connected(self, version: Version | str, *, now: float) -> None:
        """Note that a connection is open, and `version` (or its subprotocol name) agreed on it.

        Raises LocalProtocolError when already connected, ValueError for an unknown version.
        """
        agreed = Version.parse(version)
        link = advance(LINK, self._link, LinkInput.CONNECTED)
        self._pass_time(now)
        self._read_with(codec_for(agreed, self._config.max_depth))
        self._link = link
        self._frames = []  # what had not been taken belongs to the connection that is gone

    def received(self, data: bytes | bytearray | memoryview | str, *, now: float) -> None:
        """Take one whole message from the peer; bytes are UTF-8 (F-1).

        Never raises for what is in it. Raises LocalProtocolError when not connected, and when
        `Config.max_undrained` events or frames wait to be taken.
        """
        codec = self._codec or self._require_open(LinkInput.MESSAGE)
        if self._events or self._frames:
            self._require_room()
        self._pass_time(now)
        self._take(codec, data if isinstance(data, bytes) else to_bytes(data))

    def handle_timeout(self, *, now: float) -> None:
        """Note that time has passed. Early, late or repeated: harmless. May add events and frames."""
        self._pass_time(now)

    def disconnected(self, *, now: float) -> None:
        """Note that the connection is gone: every unfinished call gets its outcome (S-11). Idempotent."""
        self._pass_time(now)
        self._link = advance(LINK, self._link, LinkInput.DISCONNECTED)
        untaken = [frame.message for frame in self._frames]
        for call, was_in_flight in self._outbound.abandon():
            was_sent = was_in_flight and not any(message is call for message in untaken)
            self._events.append(CallAborted(call, was_sent))
        self._inbound.clear()
        self._codec = None
        self._frames = []  # a frame of this connection must not leave on the next one

    # --- actions: what you want ------------------------------------------------------------------------

    def configure(self, config: Config, *, now: float) -> None:
        """Go by other settings from the next message on, a connection that is open included.

        Calls that have been made keep their timeout, and what was read stays as it was read. A cap that is
        lowered turns nobody out: what is queued or unanswered beyond it stays, and what comes is refused.

        Raises LocalProtocolError for another `max_message_size` or `max_undrained` while connected: what the
        transport is has been made for them.
        """
        if self._codec:
            for name in _FIXED_WHILE_CONNECTED:
                before, after = getattr(self._config, name), getattr(config, name)
                if after != before:
                    raise LocalProtocolError(
                        f"{name} stays {before} while connected, it cannot become {after}"
                    )
        self._pass_time(now)
        if self._codec and config.max_depth != self._config.max_depth:
            self._read_with(codec_for(self._codec.version, config.max_depth))
        self._config = config
        self._outbound.keep_late(config.max_late_calls)
        self._inbound.keep(config.max_answered_ids, config.max_refusable_results)

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
        included; its answer comes typed either way, where the version knows the action (`Session.call` makes
        a JSON object of the answer to a call by name). `timeout` is in seconds from its leaving (default
        `Config.call_timeout`). The outcome is exactly one event that carries the returned `Call`.

        Raises LocalProtocolError if not connected, if the request is invalid or not ours to send, if the
        id is unfit or in use, if the timeout is not above 0, if the queue is full, or if
        `Config.max_undrained` events or frames wait to be taken.
        """
        codec = self._require_open(LinkInput.ACTION)
        self._require_room()
        self._require_queue_room()
        name, body, action = identify(
            codec, self._role, self._config, request, payload, kind=Kind.CALL
        )
        seconds = self._seconds(timeout)
        text = write_checked(codec, self._config, name, body, action.request if action else None)
        call = Call(self._new_id(message_id), name, body)
        data = write_call(CALL, call.message_id, name, text)
        pending = Pending(call, data, seconds, action.response if action else None)
        self._pass_time(now)
        self._outbound.add(pending)
        self._release()
        return call

    def forward_call(
        self,
        frame: ForeignFrame,
        *,
        now: float,
        timeout: float | None = None,
    ) -> Call:
        """Call the peer with the CALL of somebody else, under an id of ours; its payload is not checked.

        Otherwise like `send_call`. The answer comes as a JSON object; `CallResultReceived.data` has it as it
        came.

        Raises LocalProtocolError for what is no CALL, and as `send_call` does.
        """
        self._require_open(LinkInput.ACTION)
        self._require_room()
        self._require_queue_room()
        seconds = self._seconds(timeout)
        asked = ForeignCall.of(frame)
        call = Call(self._new_id(None), asked.action, asked.payload)
        data = write_call(CALL, call.message_id, call.action, asked.text)
        self._pass_time(now)
        self._outbound.add(Pending(call, data, seconds, None))
        self._release()
        return call

    def withdraw(self, call: Call, *, now: float) -> bool:
        """Take back a call that has not left yet. True: it never will, and has no other outcome.

        False: it is in flight, and keeps its slot until its outcome, or it is over.
        """
        self._pass_time(now)
        return self._outbound.withdraw(call)

    def send_failed(self, call: Call, *, now: float) -> bool:
        """Say that the frame of a call, taken with `frames_to_send`, was not sent and never will be.

        True: its outcome is `CallAborted(call, was_sent=False)`, and the next call has its turn. False: it is
        not in flight any more. Only say so if you know: a frame that may have left keeps its slot (S-1).
        """
        self._pass_time(now)
        if not self._outbound.fail(call):
            return False
        self._events.append(CallAborted(call, was_sent=False))
        self._release()
        return True

    def send_call_result(
        self, call: CallReceived, payload: Response | JsonObject, *, now: float
    ) -> CallResult:
        """Answer a call of the peer's; allowed while a call of ours is in flight (S-2).

        Returns what is sent.

        Raises LocalProtocolError if that call is not waiting for an answer, or the payload is not one.
        """
        codec = self._require_unanswered(call)
        action = codec.actions.get(call.action)
        response_type = action.response if action else None
        is_other = payload.__class__ is not response_type
        if is_other and response_type and isinstance(payload, Payload):
            raise LocalProtocolError(
                f"{call.action} is answered with {response_type.__name__}, "
                f"not with {type(payload).__name__}"
            )
        text = write_checked(codec, self._config, call.action, payload, response_type)
        self._pass_time(now)
        self._inbound.answer(call)
        answer = CallResult(call.message_id, payload)
        self._frames.append(Frame(write_result(call.message_id, text), answer))
        return answer

    def send_call_error(
        self,
        call: CallReceived,
        code: ErrorCode,
        description: str = "",
        details: JsonObject | None = None,
        *,
        now: float,
    ) -> CallError:
        """Refuse a call of the peer's. `description` is cut at 255 characters (E-5).

        Returns what is sent.

        Raises LocalProtocolError if that call is not waiting for an answer, or the details are not JSON.
        """
        codec = self._require_unanswered(call)
        error = make_error(CallError, call.message_id, code, description, details)
        data = write_error(ERROR, error, codec.version)
        self._pass_time(now)
        self._inbound.answer(call)
        self._frames.append(Frame(data, error))
        return error

    def forward_answer(
        self, call: CallReceived, frame: bytes | bytearray | memoryview | str, *, now: float
    ) -> CallResult | CallError:
        """Answer a call of the peer's with the CALLRESULT or CALLERROR of somebody else, under its id.

        The payload goes as it came, and is checked as `send_call_result` checks one; the code of an error is
        spelled for our version (E-1, E-2).

        Returns what is sent, its payload typed where it can be.

        Raises LocalProtocolError if that call is not waiting for an answer, for what is no answer, and for
        one that does not belong to the call.
        """
        codec = self._require_unanswered(call)
        given = read_answer(codec, to_bytes(frame))
        answer: CallResult | CallError
        if isinstance(given, InError):
            fields = (ErrorCode.parse(given.code), given.description, given.details)
            answer = make_error(CallError, call.message_id, *fields)
            data = write_error(ERROR, answer, codec.version)
        else:
            action, text = codec.actions.get(call.action), bytes(given.payload)
            response_type = action.response if action else None
            payload = read_answer_payload(codec, self._config, call.action, text, response_type)
            answer = CallResult(call.message_id, payload)
            data = write_result(call.message_id, text)
        self._pass_time(now)
        self._inbound.answer(call)
        self._frames.append(Frame(data, answer))
        return answer

    def send_unconfirmed(
        self,
        message: Unconfirmed | str,
        payload: JsonObject | None = None,
        *,
        now: float,
        message_id: str | None = None,
    ) -> None:
        """Send a message that is never answered (2.1 only, F-6): no slot, no timer, no outcome (S-4).

        Raises LocalProtocolError if not connected, not 2.1, if the message is invalid or not ours to send,
        or if `Config.max_undrained` events or frames wait to be taken.
        """
        codec = self._require_open(LinkInput.ACTION)
        self._require_room()
        self._require_type(codec, SEND, "SEND")
        name, body, action = identify(
            codec, self._role, self._config, message, payload, kind=Kind.SEND
        )
        text = write_checked(codec, self._config, name, body, action.request if action else None)
        send = Send(self._new_id(message_id), name, body)
        self._pass_time(now)
        data = write_call(SEND, send.message_id, name, text)
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
        self._require_type(codec, RESULT_ERROR, "CALLRESULTERROR")
        error = make_error(CallResultError, result.call.message_id, code, description, details)
        data = write_error(RESULT_ERROR, error, codec.version)
        if not self._inbound.take_refusable(result):
            raise LocalProtocolError("this result was refused already, or came too long ago")
        self._pass_time(now)
        self._frames.append(Frame(data, error))

    def admit(self, actions: Collection[str] | None, *, silent: bool = False) -> None:
        """Serve only these actions of the peer's from now on, on later connections too; None: all (B-41).

        A CALL of another gets the CALLERROR of `Rule.NOT_REGISTERED`, SecurityError unless
        `Config.error_codes` says otherwise, and never an event but `ProtocolViolated`. With `silent` it is
        not answered at all (B-33), nor is what cannot be read. What was delivered before can be answered.

        Raises TypeError for a single name instead of several.
        """
        if isinstance(actions, str):  # it would become a set of letters
            raise TypeError(f"actions must be several names, not the string {actions!r}")
        self._bar = None if actions is None else Bar(frozenset(actions), silent)
        if self._codec:
            self._use_known_calls(self._codec)

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
        """The settings it goes by: those it was made with, or of the last `configure`."""
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

    def _read_with(self, codec: Codec) -> None:
        self._codec = codec
        self._use_known_calls(codec)

    def _use_known_calls(self, codec: Codec) -> None:
        # A table of its own for as long as some are barred: it has what was admitted and looked at, and so
        # there is nothing to ask for a CALL of a connection that serves all.
        self._known_calls = {} if self._bar else codec.known_calls[self._role]

    # --- what has to be so before anything changes ---------------------------------------------------------

    def _require_open(self, what: LinkInput) -> Codec:
        if self._codec is None:
            advance(LINK, self._link, what)
        return self._codec  # type: ignore[return-value]  # open: there is one

    def _require_room(self) -> None:
        limit = self._config.max_undrained
        if len(self._events) >= limit or len(self._frames) >= limit:
            raise LocalProtocolError(
                f"{limit} events or frames wait: take events() and frames_to_send() "
                "(Config.max_undrained)"
            )

    def _require_queue_room(self) -> None:
        limit = self._config.max_queued_calls
        if self._outbound.in_flight and len(self._outbound) >= limit:
            raise LocalProtocolError(f"{limit} calls are queued already (Config.max_queued_calls)")

    def _require_unanswered(self, call: CallReceived) -> Codec:
        codec = self._codec or self._require_open(LinkInput.ACTION)
        if self._inbound.unanswered.get(call.message_id) is not call:
            raise LocalProtocolError(
                f"this {plain(call.action)} call is not waiting for an answer: it was answered, or its "
                "connection is gone"
            )
        return codec

    def _require_type(self, codec: Codec, message_type: int, name: str) -> None:
        if message_type not in codec.rules.message_types:  # F-7
            raise LocalProtocolError(f"{codec.version.value} has no {name}")

    def _seconds(self, timeout: float | None) -> float:
        seconds = self._config.call_timeout if timeout is None else timeout
        if not seconds > 0:
            raise LocalProtocolError(f"timeout must be above 0 seconds, not {timeout!r}")
        return seconds

    def _new_id(self, wanted: str | None) -> str:
        message_id = check_id(self._config.new_message_id() if wanted is None else wanted)
        if message_id in self._outbound:  # I-2
            raise LocalProtocolError(f"the message id {message_id!r} is in use")
        return message_id
