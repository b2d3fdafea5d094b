"""The rules of OCPP-J once more, as plainly as they can be written: the oracle of `PeersMachine`.

It shares no code with the `Connection` that it judges. It reads messages with the standard library's
JSON, keeps lists where that keeps ledgers, and knows of each message only what the rules say about it.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

import attrs

from ocpp_sansio.core import (
    DESCRIPTION_MAX_LENGTH,
    MESSAGE_ID_MAX_LENGTH,
    Call,
    CallAborted,
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    ErrorCode,
    Kind,
    Role,
    Version,
    catalog,
)

__all__ = ["Reading", "RuleBroken", "SideModel", "fault_of_frame", "read"]

CALL, RESULT, ERROR, RESULT_ERROR, SEND = 2, 3, 4, 5, 6
ELEMENTS: Final = {CALL: 4, RESULT: 3, ERROR: 5, RESULT_ERROR: 5, SEND: 4}  # F-2 to F-6
TYPES: Final = {  # F-7
    Version.OCPP16: {CALL, RESULT, ERROR},
    Version.OCPP201: {CALL, RESULT, ERROR},
    Version.OCPP21: {CALL, RESULT, ERROR, RESULT_ERROR, SEND},
}
MANY_BRACKETS: Final = 100
"""Beyond that, whether a message is too deep to be read is up to its reader."""

OUTCOMES: Final = (
    CallResultReceived,
    CallErrorReceived,
    CallResultRejected,
    CallTimedOut,
    CallAborted,
)


class RuleBroken(AssertionError):  # noqa: N818 - it is what happened
    """A peer did what the rules do not allow."""


# --- one message ----------------------------------------------------------------------------------


@attrs.frozen
class Reading:
    """What can be said of a message with certainty."""

    is_certain: bool
    """False: not JSON, or such that one reader may take it and another not. Little can be demanded then."""
    elements: list[Any] | None = None
    """The array; None if it is none, or if it is empty."""

    @property
    def kind(self) -> int | None:
        """The message type, if it is an integer (F-11)."""
        first = self.elements[0] if self.elements else None
        return first if type(first) is int else None

    @property
    def message_id(self) -> str | None:
        """The id, if it is a string (I-1)."""
        second = self.elements[1] if self.elements and len(self.elements) > 1 else None
        return second if isinstance(second, str) else None


def read(data: bytes) -> Reading:
    """Read a message; never raises."""
    if data.count(b"[") + data.count(b"{") > MANY_BRACKETS:
        return Reading(is_certain=False)
    return _read_any(data)


def _read_any(data: bytes) -> Reading:
    try:
        value = json.loads(data.decode(), parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError):
        return Reading(is_certain=False)
    return Reading(is_certain=True, elements=value if isinstance(value, list) and value else None)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_LOOKS_LIKE_NO_CALL = re.compile(rb'\s*\[\s*([3456])\s*,\s*"[ !#-\[\]-~]{0,1024}"\s*,')
"""The head of a message that is no CALL, whatever follows; without a readable id anything goes (I-5)."""


def fault_of_frame(data: bytes, version: Version, sender: Role) -> str | None:
    """Return what is wrong with a frame that `sender` emits, its payload's members aside; None if nothing."""
    reading = _read_any(data)
    if not reading.is_certain or reading.elements is None:
        return "F-1: not a JSON array in UTF-8"
    if reading.kind not in TYPES[version]:
        return f"F-7: {version.value} has no message type {reading.elements[0]!r}"
    if len(reading.elements) != ELEMENTS[reading.kind]:
        return f"F-2 to F-6: {len(reading.elements)} elements, not {ELEMENTS[reading.kind]}"
    if reading.message_id is None:
        return "I-1: the message id is no string"
    if reading.kind in {ERROR, RESULT_ERROR}:
        return _fault_of_error(reading.elements, version)
    if not isinstance(reading.elements[-1], dict):
        return "A-2: the payload is no object"
    if reading.kind == RESULT:
        return None
    return _fault_of_request(reading.elements, version, sender)


def _fault_of_error(elements: list[Any], version: Version) -> str | None:
    _, _, code, description, details = elements
    if code not in {known.as_wire(version) for known in ErrorCode}:
        return f"E-1: {version.value} has no error code {code!r}"
    if not isinstance(description, str) or len(description) > DESCRIPTION_MAX_LENGTH:
        return "E-5: the description is no string of at most 255 characters"
    return None if isinstance(details, dict) else "F-4: the details are no object"


def _fault_of_request(elements: list[Any], version: Version, sender: Role) -> str | None:
    kind, message_id, action, _ = elements
    if not 0 < len(message_id) <= MESSAGE_ID_MAX_LENGTH or message_id == "-1":
        return f"I-1, I-5: {message_id!r} is no id for a request"
    if not isinstance(action, str):
        return "F-2: the action is no string"
    known = catalog(version).get(action)
    if known is None:
        return None  # a vendor's action, which only the receiver can judge
    if known.kind is not (Kind.CALL if kind == CALL else Kind.SEND):
        return f"F-6: {action} is a {known.kind}"
    if known.direction not in sender.sends:
        return f"A-4: {action} is not for a {sender} to send"
    return None


# --- one side -------------------------------------------------------------------------------------


class SideModel:
    """What one side owes and is owed. Tell it what happens, then let it judge what the side made of that."""

    def __init__(self, version: Version, role: Role) -> None:
        self.version = version
        self.role = role
        self.in_flight: Call | None = None
        self.deadline: float | None = None
        self.waiting: list[Call] = []
        self.unanswered: list[CallReceived] = []
        """The peer's calls that reached the application."""
        self.calls: list[Call] = []
        """All calls that were ever made."""
        self.finished: list[Call] = []
        """One entry for each outcome, and for each call that was withdrawn."""
        self._timeouts: dict[str, float] = {}
        self._due: list[tuple[Call, tuple[type, ...]]] = []  # outcomes that must show now
        self._leaving: list[str] = []  # ids of the calls that must leave now

    # what happens

    def passes_time(self, now: float) -> None:
        """Note that it is `now`: a call that waited long enough is over (S-10)."""
        while self.deadline is not None and self.deadline <= now:
            self._ends(CallTimedOut, now=now)

    def calls_out(self, call: Call, timeout: float, now: float) -> None:
        """Note that the side was asked to make a call."""
        self.calls.append(call)
        self.waiting.append(call)
        self._timeouts[call.message_id] = timeout
        self._releases(now)

    def withdraws(self, call: Call) -> bool:
        """Note that a call was taken back; return whether that is possible."""
        if not any(call is other for other in self.waiting):
            return False
        self.waiting = [other for other in self.waiting if other is not call]
        self.finished.append(call)
        return True

    def answers(self, event: CallReceived) -> None:
        """Note that the side's application answered a call."""
        self.unanswered = [other for other in self.unanswered if other is not event]

    def loses_the_line(self) -> None:
        """Note that the line is gone: whatever was unfinished is over now (S-11)."""
        for call in [self.in_flight, *self.waiting]:
            if call is not None:
                self._due.append((call, (CallAborted,)))
        self.in_flight, self.deadline = None, None
        self.waiting, self.unanswered = [], []

    def _releases(self, now: float) -> None:
        if self.in_flight is None and self.waiting:
            self.in_flight = self.waiting.pop(0)
            self.deadline = now + self._timeouts[self.in_flight.message_id]  # S-3: from its leaving
            self._leaving.append(self.in_flight.message_id)

    def _ends(self, *outcomes: type, now: float) -> None:
        if self.in_flight is None:
            return
        self._due.append((self.in_flight, outcomes))
        self.in_flight, self.deadline = None, None
        self._releases(now)

    # what the side made of it

    def judge_message(
        self, data: bytes, events: Sequence[Any], frames: Sequence[bytes], now: float
    ) -> None:
        """Judge the reaction to a message that came in; raises RuleBroken."""
        reading = read(data)
        replies = [elements for elements in map(_elements, frames) if elements[0] != CALL]
        delivered = [event for event in events if isinstance(event, CallReceived)]
        self.unanswered += delivered
        if not reading.is_certain:
            self._adopt(data, events, now)
            self._judge_replies_to_noise(data, replies, delivered)
        else:
            if reading.message_id is not None and self._awaits(reading.message_id):
                self._is_answered(reading, now)
            self._judge_replies(reading, replies, delivered, events)
        self.judge_rest(events, frames)

    def judge_rest(self, events: Sequence[Any], frames: Sequence[bytes]) -> None:
        """Judge outcomes and calls that leave, after whatever happened; raises RuleBroken."""
        for data in frames:
            fault = fault_of_frame(data, self.version, self.role)
            _demand(fault is None, f"{fault}: {data!r}")
        left = [elements[1] for elements in map(_elements, frames) if elements[0] == CALL]
        _demand(left == self._leaving, f"S-1: calls {left} left; {self._leaving} should have")
        outcomes = [event for event in events if isinstance(event, OUTCOMES)]
        wanted = [call.message_id for call, _ in self._due]
        _demand(
            len(outcomes) == len(self._due)
            and all(
                event.call is call and isinstance(event, kinds)
                for event, (call, kinds) in zip(outcomes, self._due, strict=True)
            ),
            f"outcomes {outcomes}; they should be those of {wanted}",
        )
        self.finished += [call for call, _ in self._due]
        self._due, self._leaving = [], []

    def judge_end(self) -> None:
        """Judge that every call has had exactly one outcome; raises RuleBroken."""
        made, over = sorted(map(id, self.calls)), sorted(map(id, self.finished))
        _demand(made == over, f"{len(made)} calls were made, {len(over)} came to an end")

    def _awaits(self, message_id: str) -> bool:
        return self.in_flight is not None and self.in_flight.message_id == message_id

    def _is_answered(self, reading: Reading, now: float) -> None:
        if reading.kind == RESULT:  # S-3: an unusable result is a response too
            self._ends(CallResultReceived, CallResultRejected, now=now)
        elif reading.kind == ERROR:
            self._ends(CallErrorReceived, now=now)

    def _adopt(self, data: bytes, events: Sequence[Any], now: float) -> None:
        """Believe the side that noise was the answer to its call, if the id was at least in it."""
        outcome = next((event for event in events if isinstance(event, OUTCOMES)), None)
        if outcome is None or outcome.call is not self.in_flight:
            return
        readable = json.dumps(outcome.call.message_id).encode()
        told = outcome.call.message_id.encode() in data or readable in data
        _demand(told, f"S-6: {data!r} ended the call {outcome.call.message_id!r}")
        self._ends(type(outcome), now=now)

    def _judge_replies_to_noise(
        self, data: bytes, replies: list[Any], delivered: list[CallReceived]
    ) -> None:
        _demand(len(replies) + len(delivered) <= 1, f"{data!r} was answered by {replies}")
        head = _LOOKS_LIKE_NO_CALL.match(data)
        if head and int(head[1]) in TYPES[self.version]:
            refused = [reply for reply in replies if reply[0] != RESULT_ERROR]
            _demand(not refused, f"E-8: {data!r} was answered by {refused}")

    def _judge_replies(
        self,
        reading: Reading,
        replies: list[Any],
        delivered: list[CallReceived],
        events: Sequence[Any],
    ) -> None:
        told = [(reply[0], reply[1]) for reply in replies]
        wanted: list[tuple[int, str]] = []
        if reading.kind == CALL and delivered:
            _demand(
                [event.message_id for event in delivered] == [reading.message_id],
                f"I-4: {reading.elements} was delivered as {delivered}",
            )
        elif reading.kind == CALL:
            wanted = self._refusal(reading)
        elif reading.kind == RESULT and self.version is Version.OCPP21:  # E-12
            rejected = [event for event in events if isinstance(event, CallResultRejected)]
            wanted = [(RESULT_ERROR, event.call.message_id) for event in rejected]
        elif reading.kind in TYPES[self.version]:
            wanted = []  # E-8
        elif reading.elements is None or self.version is Version.OCPP201:  # F-9
            wanted = self._refusal(reading)
        _demand(told == wanted, f"{reading.elements} was answered by {told}, not by {wanted}")

    def _refusal(self, reading: Reading) -> list[tuple[int, str]]:
        message_id = reading.message_id
        if message_id is not None and len(message_id) <= 1024:  # noqa: PLR2004  # longer: unreadable
            return [(ERROR, message_id)]
        return [] if self.version is Version.OCPP16 else [(ERROR, "-1")]  # I-5


def _elements(frame: bytes) -> list[Any]:
    elements = _read_any(frame).elements
    _demand(elements is not None, f"F-1: {frame!r} is no array")
    return elements or []


def _demand(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - it reads like an assertion
    if not holds:
        raise RuleBroken(otherwise)
