"""What becomes of a call that you await: an `Outcome`, a typed response, or one of these exceptions."""

from typing import TypeAlias

from msgspec import Struct

from ocpp_sansio.core import (
    CallAborted,
    CallErrorReceived,
    CallOutcome,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    ErrorCode,
    JsonObject,
    OcppError,
    Response,
    Violation,
    plain,
)

__all__ = [
    "CallException",
    "CallFailed",
    "CallTimeout",
    "CallVetoed",
    "ConnectionLost",
    "Ending",
    "InvalidResult",
    "NotConnected",
    "Outcome",
    "raise_unless_answered",
    "result_of",
]


_VIOLATIONS_TOLD = 2  # in a text that may be logged; the exception has them all


class CallException(OcppError):  # noqa: N818 - a family; each member's name says what happened
    """The parent of what awaiting a call can raise, besides LocalProtocolError and your sender's errors."""


class CallFailed(CallException):
    """The peer refused the call with a CALLERROR."""

    def __init__(self, event: CallErrorReceived) -> None:
        text = f": {plain(event.description)}" if event.description else ""
        super().__init__(f"{event.call.action} was refused with {event.code}{text}")
        self.event = event
        """The refusal as it came, the peer's own spelling of the code included."""
        self.code: ErrorCode = event.code
        self.description: str = event.description
        self.details: JsonObject = event.details


class InvalidResult(CallException):
    """The peer answered with something that is no answer to this call (S-3, E-12)."""

    def __init__(
        self,
        action: str,
        violations: tuple[Violation, ...],
        data: bytes = b"",
    ) -> None:
        super().__init__(f"invalid answer to {action}: {_listed(violations)}")
        self.violations = violations
        """What is wrong with it."""
        self.data = data
        """The message as it came."""


class CallTimeout(CallException, TimeoutError):  # noqa: N818 - as its family
    """No answer came in time; whether the peer acted on the call is unknown (S-10)."""


class NotConnected(CallException):
    """There is no connection: nothing was sent."""


class ConnectionLost(CallException):
    """The connection went before the answer came (S-11)."""

    def __init__(self, message: str, *, was_sent: bool) -> None:
        super().__init__(message)
        self.was_sent = was_sent
        """False: it never left, so the peer cannot have acted on it. True: unknown."""


class CallVetoed(CallException):
    """A hook of yours forbade the step, by raising `Veto`."""


class Outcome(Struct, frozen=True):
    """What a call came to, in the shape of ocpp-task-manager: `ok` and `payload`."""

    ok: bool
    """Whether it was answered with a CALLRESULT; False: with a CALLERROR."""
    payload: Response | JsonObject
    """The answer: typed if the request was, else a JSON object.

    Of a CALLERROR: {"errorCode": …, "errorDescription": …, "errorDetails": …}, the code as the peer
    spelled it.
    """
    event: CallResultReceived | CallErrorReceived
    """The same as the core reported it; `Session.send_call_result_error` takes it."""

    @classmethod
    def of(cls, request: object, event: CallResultReceived | CallErrorReceived) -> "Outcome":
        """Return the outcome of a call by its name or by a typed request."""
        if isinstance(event, CallErrorReceived):
            return cls.refused(event)
        answer = event.raw if isinstance(request, str) else event.payload
        return cls(ok=True, payload=answer, event=event)

    @classmethod
    def refused(cls, event: CallErrorReceived) -> "Outcome":
        """Return the outcome of a call that got a CALLERROR."""
        payload = {
            "errorCode": event.raw_code or event.code.value,
            "errorDescription": event.description,
            "errorDetails": event.details,
        }
        return cls(ok=False, payload=payload, event=event)


def _listed(violations: tuple[Violation, ...]) -> str:
    others = len(violations) - _VIOLATIONS_TOLD
    shown = "; ".join(map(str, violations[:_VIOLATIONS_TOLD]))
    return f"{shown}; and {others} more" if others > 0 else shown


Ending: TypeAlias = CallOutcome | Exception
"""How the wait for a call ends: with the core's event, or with what your sender or a hook raised."""


def result_of(
    request: object, event: CallResultReceived | CallErrorReceived
) -> Response | JsonObject:
    """Return what a call by its name, or by a typed request, gives: see `SessionBase.call`."""
    if isinstance(event, CallErrorReceived):
        raise CallFailed(event)
    if isinstance(request, str):
        return event.raw
    if not isinstance(event.payload, Response):  # to a request that the version does not have
        raise InvalidResult(event.call.action, event.violations, event.data)
    return event.payload


def raise_unless_answered(ending: Ending) -> CallResultReceived | CallErrorReceived:
    """Return an answer, whether a CALLRESULT or a CALLERROR; raise what there is instead of one."""
    match ending:
        case CallResultReceived() | CallErrorReceived():
            return ending
        case CallTimedOut(call):
            raise CallTimeout(f"no answer to {call.action} in time")
        case CallAborted(call, was_sent):
            when = "after it was sent" if was_sent else "before it was sent"
            raise ConnectionLost(
                f"the connection went before {call.action} was answered, {when}", was_sent=was_sent
            )
        case CallResultRejected(call, violations, data):
            raise InvalidResult(call.action, violations, data)
        case _:
            raise ending
