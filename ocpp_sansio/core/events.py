"""What happened, one frozen class per fact.

`Connection.events()` returns them; match on the class:

    match event:
        case CallReceived(action="Heartbeat"):
            ...

There is no event for what you did yourself: you know.

msgspec would make each `__match_args__` by itself; they are spelled out for the type checkers.
"""

from typing import TypeAlias

from msgspec import Struct

from ocpp_sansio.core.codec import UNREADABLE, read_json
from ocpp_sansio.core.errors import ErrorCode, RemoteProtocolError, Violation
from ocpp_sansio.core.frames import Call, JsonObject
from ocpp_sansio.core.json_faults import mend_strings
from ocpp_sansio.core.messages import Request, Response, Unconfirmed

__all__ = [
    "CallAborted",
    "CallErrorReceived",
    "CallOutcome",
    "CallReceived",
    "CallResultErrorReceived",
    "CallResultReceived",
    "CallResultRejected",
    "CallTimedOut",
    "Event",
    "FramingErrorReceived",
    "LateResponseReceived",
    "MendingFailed",
    "ProtocolViolated",
    "SendReceived",
]


_REQUEST_PAYLOAD, _RESULT_PAYLOAD = 3, 2  # which element of the message it is (F-2, F-3)


def _payload_in(data: bytes, index: int) -> JsonObject:
    try:
        elements = read_json(data)
    except UNREADABLE:  # delivered all the same, as lenient validation does with flawed strings
        elements = read_json(mend_strings(data)[0])
    payload: JsonObject | None = elements[index]
    return {} if payload is None else payload


class CallReceived(Struct, frozen=True, gc=False):
    """The peer calls: answer with `send_call_result` or `send_call_error`, now or later, exactly once.

    The answer is keyed by this very object, so a slow handler can never answer the next call (S-6).
    """

    __match_args__ = ("action", "payload", "message_id", "violations", "is_duplicate", "data")

    action: str
    payload: Request[Response] | JsonObject
    """Typed where the action is known and all required members can be read, else a JSON object.

    In a typed one that has `violations`, text stands where an enum's member should: what `lenient` of the
    version's package says to type checkers.
    """
    message_id: str
    violations: tuple[Violation, ...] = ()
    """What is wrong with it; empty unless validation is lenient, or a null stands for an empty payload."""
    is_duplicate: bool = False
    """Whether its id is that of one of the last calls you answered: perhaps a retry (I-3, I-7)."""
    data: bytes = b""
    """The message as it came."""

    @property
    def raw(self) -> JsonObject:
        """The payload as the JSON object that came, numbers exact: nothing dropped, nothing mended.

        Read from `data` each time. Raises msgspec.DecodeError without it.
        """
        return _payload_in(self.data, _REQUEST_PAYLOAD)


class SendReceived(Struct, frozen=True, gc=False):
    """The peer sent a message that must not be answered (2.1 only, F-6, E-8)."""

    __match_args__ = ("action", "payload", "message_id", "violations", "data")

    action: str
    payload: Unconfirmed | JsonObject
    message_id: str
    violations: tuple[Violation, ...] = ()
    data: bytes = b""
    """The message as it came."""

    @property
    def raw(self) -> JsonObject:
        """The payload as the JSON object that came, numbers exact: nothing dropped, nothing mended.

        Read from `data` each time. Raises msgspec.DecodeError without it.
        """
        return _payload_in(self.data, _REQUEST_PAYLOAD)


class CallResultReceived(Struct, frozen=True, gc=False):
    """Your call was answered."""

    __match_args__ = ("call", "payload", "violations", "data")

    call: Call
    payload: Response | JsonObject
    """Typed where the action is known and all required members can be read, else a JSON object.

    In a typed one that has `violations`, text stands where an enum's member should: what `lenient` of the
    version's package says to type checkers.
    """
    violations: tuple[Violation, ...] = ()
    """What is wrong with it; empty unless validation is lenient."""
    data: bytes = b""
    """The message as it came."""

    @property
    def raw(self) -> JsonObject:
        """The payload as the JSON object that came, numbers exact: nothing dropped, nothing mended.

        Read from `data` each time. Raises msgspec.DecodeError without it.
        """
        return _payload_in(self.data, _RESULT_PAYLOAD)


class CallErrorReceived(Struct, frozen=True):
    """Your call was refused by the peer."""

    __match_args__ = ("call", "code", "description", "details", "raw_code")

    call: Call
    code: ErrorCode
    description: str
    details: JsonObject
    raw_code: str = ""
    """The code as the peer spelled it (E-3)."""


class CallResultRejected(Struct, frozen=True):
    """Your call was answered with something that is no valid answer; the call is over (S-3, E-12).

    In 2.1 the peer has been told with a CALLRESULTERROR.
    """

    __match_args__ = ("call", "violations", "data")

    call: Call
    violations: tuple[Violation, ...]
    data: bytes
    """The message as it came."""


class CallTimedOut(Struct, frozen=True):
    """Your call was not answered in time; whether the peer acted on it is unknown (S-10)."""

    __match_args__ = ("call",)

    call: Call


class CallAborted(Struct, frozen=True):
    """The connection went before your call was answered (S-11)."""

    __match_args__ = ("call", "was_sent")

    call: Call
    was_sent: bool
    """False: it never left the queue, so the peer cannot have acted on it. True: unknown."""


class CallResultErrorReceived(Struct, frozen=True):
    """The peer refuses an answer that you gave (2.1 only, F-5); it is not answered."""

    __match_args__ = ("message_id", "code", "description", "details", "raw_code")

    message_id: str
    code: ErrorCode
    description: str
    details: JsonObject
    raw_code: str = ""
    """The code as the peer spelled it (E-3)."""


class FramingErrorReceived(Struct, frozen=True):
    """The peer could not read a message of ours, nor its id: a CALLERROR with the id "-1" (2.x, I-5).

    It belongs to no call, so it ends none: if it was a call that could not be read, that will time out.
    """

    __match_args__ = ("code", "description", "details", "raw_code")

    code: ErrorCode
    description: str
    details: JsonObject
    raw_code: str = ""
    """The code as the peer spelled it (E-3)."""


class LateResponseReceived(Struct, frozen=True):
    """A response to a call that had timed out. It changes nothing (S-7)."""

    __match_args__ = ("call", "data")

    call: Call
    data: bytes
    """The message as it came."""


class ProtocolViolated(Struct, frozen=True):
    """The peer broke a rule; where the rules give it an answer, it has got one."""

    __match_args__ = ("error", "data")

    error: RemoteProtocolError
    """Which rule, which code, which message; `str(error)` is for people."""
    data: bytes
    """The message as it came; of one that was too large, the beginning."""


class MendingFailed(Struct, frozen=True):
    """Your `Config.mend` raised, or returned no bytes; the message was then taken as it came."""

    __match_args__ = ("error", "data")

    error: Exception
    data: bytes
    """The message as it came."""


CallOutcome: TypeAlias = (
    CallResultReceived | CallErrorReceived | CallResultRejected | CallTimedOut | CallAborted
)
"""What becomes of a call: exactly one of these for each `send_call`, unless you withdrew it in time."""

Event: TypeAlias = (
    CallReceived
    | SendReceived
    | CallOutcome
    | CallResultErrorReceived
    | FramingErrorReceived
    | LateResponseReceived
    | ProtocolViolated
    | MendingFailed
)
"""Every event; a `match` over it can end in `assert_never`."""
