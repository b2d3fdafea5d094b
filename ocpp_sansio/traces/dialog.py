"""`Dialog`: the messages of one station, read, and each answer with the call that it belongs to."""

from datetime import UTC, datetime
from typing import Any, Final

from msgspec import Struct

from ocpp_sansio.core import Role
from ocpp_sansio.traces.records import UNREAD, Record, value_of

__all__ = ["MAX_OPEN_CALLS", "Dialog", "Message", "moment_in"]

MAX_OPEN_CALLS: Final = 1000
"""Calls of each side that are remembered as unanswered; of more, the oldest is forgotten."""

_CALL, _RESULT, _ERROR, _SEND = 2, 3, 4, 6


class Message(Struct):
    """A message of a trace, as far as it can be read."""

    record: Record
    kind: int
    message_id: str
    sender: Role
    action: str
    """Of an answer, that of its call; "" if there is none."""
    payload: dict[str, Any]
    """Empty for a CALLERROR, and where it is no object."""
    call: "Message | None" = None
    """What an answer answers."""

    @property
    def is_call(self) -> bool:
        """Whether it asks for something."""
        return self.kind == _CALL

    @property
    def is_result(self) -> bool:
        """Whether it answers, and not with an error."""
        return self.kind == _RESULT and self.call is not None

    @property
    def latency(self) -> float | None:
        """Seconds from the call to this answer, where the trace has both times."""
        asked = self.call.record.when if self.call else None
        if asked is None or self.record.when is None:
            return None
        return self.record.when - asked


class Dialog:
    """Reads the messages of one station, in their order, and finds the call of each answer."""

    def __init__(self) -> None:
        self._open: dict[Role, dict[str, Message]] = {role: {} for role in Role}

    def read(self, record: Record, value: Any = UNREAD) -> Message | None:
        """Return a message that can be read and whose sender is known, or can be told; else None.

        `value` is what it says, where that has been decoded.
        """
        elements = value_of(record, value)
        if not isinstance(elements, list) or len(elements) < 2:  # noqa: PLR2004  # F-2
            return None
        kind, message_id, *rest = elements
        if type(kind) is not int or not isinstance(message_id, str):
            return None
        if kind in (_RESULT, _ERROR):
            return self._read_answer(record, kind, message_id, rest)
        if kind not in (_CALL, _SEND) or not (rest and isinstance(rest[0], str)):
            return None
        message = Message(
            record, kind, message_id, record.sender or Role.STATION, rest[0], _object_in(rest[1:])
        )
        if kind == _CALL:
            self._remember(message)
        return message

    def unanswered(self) -> list[Message]:
        """Return the calls that nothing has answered so far, the oldest first for each side."""
        return [call for calls in self._open.values() for call in calls.values()]

    def forget(self, call: Message) -> None:
        """Expect no answer to a call any longer."""
        self._open[call.sender].pop(call.message_id, None)

    def disconnect(self) -> list[Message]:
        """Take note that the connection is gone; return the calls that will not be answered now."""
        left = self.unanswered()
        for calls in self._open.values():
            calls.clear()
        return left

    def _remember(self, call: Message) -> None:
        calls = self._open[call.sender]
        calls.pop(call.message_id, None)  # the newest comes last
        calls[call.message_id] = call
        if len(calls) > MAX_OPEN_CALLS:
            del calls[next(iter(calls))]

    def _read_answer(
        self, record: Record, kind: int, message_id: str, rest: list[Any]
    ) -> Message | None:
        sender = record.sender
        if sender is None:
            asked_by_csms = message_id in self._open[Role.CSMS]
            sender = Role.STATION if asked_by_csms else Role.CSMS
        caller = sender.other
        call = self._open[caller].pop(message_id, None)
        action = call.action if call else ""
        payload = _object_in(rest) if kind == _RESULT else {}
        return Message(record, kind, message_id, sender, action, payload, call)


def _object_in(rest: list[Any]) -> dict[str, Any]:
    return rest[0] if rest and isinstance(rest[0], dict) else {}


def moment_in(payload: dict[str, Any], name: str) -> float | None:
    """Return a member that is a date-time as seconds since 1970; None if it is none with a UTC offset."""
    text = payload.get(name)
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC).timestamp() if moment.tzinfo else None
