"""The two ledgers: our calls (queue, slot, deadline, late ones) and the peer's (unanswered, answered).

They keep the books and nothing else: what is sent and what is reported is `connection.py`'s.
"""

from collections import OrderedDict
from collections.abc import Iterator
from math import inf
from typing import TypeVar

from msgspec import Struct

from ocpp_sansio.core.events import CallReceived, CallResultReceived
from ocpp_sansio.core.frames import Call
from ocpp_sansio.core.messages import Response
from ocpp_sansio.core.state import CALL, CallInput, CallState, advance

__all__ = ["InboundLedger", "OutboundLedger", "Pending"]

ValueT = TypeVar("ValueT")


class Pending(Struct, eq=False):
    """A call of ours on its way through the ledger."""

    call: Call
    data: bytes
    """Its frame, made when it was asked for, so that it leaves as it was checked."""
    timeout: float
    """Seconds."""
    response_type: type[Response] | None
    """None for an action outside the catalogue."""
    state: CallState = CallState.QUEUED

    def advance(self, what: CallInput) -> None:
        """Take a row of the table."""
        self.state = advance(CALL, self.state, what)


class OutboundLedger:
    """Our calls: at most one in flight (S-1), the rest in order behind it; some late ones remembered."""

    __slots__ = ("_late", "_max_late", "_queue", "deadline", "in_flight")

    def __init__(self, max_late: int) -> None:
        self.in_flight: Pending | None = None
        self.deadline = inf
        """When the call in flight times out, in the caller's seconds; infinity when there is none."""
        # Both are made when first needed: most of the stations of a CSMS never need either.
        self._queue: OrderedDict[str, Pending] | None = None
        self._late: dict[str, Pending] | None = None
        self._max_late = max_late

    def keep_late(self, limit: int) -> None:
        """Remember so many late calls from now on."""
        self._max_late = limit
        _forget_oldest(self._late or {}, limit)

    def __len__(self) -> int:
        return len(self._queue) if self._queue else 0

    def __contains__(self, message_id: str) -> bool:
        """Whether the id belongs to a call that is queued or in flight."""
        return bool(self.match(message_id) or (self._queue and message_id in self._queue))

    @property
    def queued(self) -> Iterator[Call]:
        """The calls that wait, in order."""
        return (pending.call for pending in (self._queue or {}).values())

    def add(self, pending: Pending) -> None:
        """Put a call at the end of the queue.

        It may be the retry of a late one under the same id (I-3): a response is then the retry's.
        """
        self.take_late(pending.call.message_id)
        if self._queue is None:
            self._queue = OrderedDict()
        self._queue[pending.call.message_id] = pending

    def release(self, now: float) -> Pending | None:
        """Let the next call leave, if the slot is free (S-1); its time runs from now (S-3)."""
        if self.in_flight or not self._queue:
            return None
        _, pending = self._queue.popitem(last=False)
        pending.advance(CallInput.RELEASED)
        self.in_flight = pending
        self.deadline = now + pending.timeout
        return pending

    def match(self, message_id: str) -> Pending | None:
        """Return the call in flight if this is its id; compare first, free afterwards (S-6)."""
        pending = self.in_flight
        return pending if pending and pending.call.message_id == message_id else None

    def complete(self, pending: Pending) -> None:
        """Free the slot of the call that was matched: it has been responded to (S-3)."""
        pending.advance(CallInput.RESPONSE)
        self._free()

    def fail(self, call: Call) -> bool:
        """Free the slot of a call that never left; False if it is not the one in flight."""
        pending = self.in_flight
        if pending is None or pending.call is not call:
            return False
        pending.advance(CallInput.SEND_FAILED)
        self._free()
        return True

    def expire(self, now: float) -> Call | None:
        """Free the slot if the call in flight has run out of time; remember it for a while (S-7, S-10)."""
        pending = self.in_flight
        if pending is None or self.deadline > now:
            return None
        pending.advance(CallInput.DEADLINE)
        self._free()
        if self._late is None:
            self._late = {}
        _remember(self._late, pending.call.message_id, pending, self._max_late)
        return pending.call

    def take_late(self, message_id: str) -> Call | None:
        """Return and forget the timed-out call of this id."""
        pending = self._late.pop(message_id, None) if self._late else None
        if pending is None:
            return None
        pending.advance(CallInput.RESPONSE)
        return pending.call

    def withdraw(self, call: Call) -> bool:
        """Take a call out of the queue; False if it is not there."""
        pending = self._queue.get(call.message_id) if self._queue else None
        if pending is None or pending.call is not call or self._queue is None:
            return False
        pending.advance(CallInput.WITHDRAWN)
        del self._queue[call.message_id]
        return True

    def abandon(self) -> Iterator[tuple[Call, bool]]:
        """Forget everything; yield each unfinished call, in order, and whether it was sent (S-11)."""
        late, waiting = self._late or {}, [*(self._queue or {}).values()]
        unfinished = [self.in_flight, *waiting] if self.in_flight else waiting
        for pending in (*late.values(), *unfinished):
            pending.advance(CallInput.LINK_LOST)
        was_sent = self.in_flight
        self._late = self._queue = None
        self._free()
        return ((pending.call, pending is was_sent) for pending in unfinished)

    def _free(self) -> None:
        self.in_flight = None
        self.deadline = inf


class InboundLedger:
    """The peer's calls: which wait for an answer, and which were answered a moment ago."""

    __slots__ = ("_max_answered", "_max_refusable", "_refusable", "answered", "unanswered")

    def __init__(self, max_answered: int, max_refusable: int) -> None:
        self.unanswered: dict[str, CallReceived] = {}
        """By message id, in order of arrival."""
        self.answered: list[str] = []
        """The ids of the last calls that were answered, in that order (I-7)."""
        self._max_answered = max_answered
        self._refusable: dict[str, CallResultReceived] | None = None
        self._max_refusable = max_refusable

    def keep(self, answered: int, refusable: int) -> None:
        """Remember so many ids that were answered, and so many results, from now on."""
        self._max_answered, self._max_refusable = answered, refusable
        del self.answered[: max(len(self.answered) - answered, 0)]
        _forget_oldest(self._refusable or {}, refusable)

    def answer(self, event: CallReceived) -> None:
        """Note that a call has its answer."""
        message_id, answered = event.message_id, self.answered
        del self.unanswered[message_id]
        if event.is_duplicate and message_id in answered:  # answered again, it is the newest again
            answered.remove(message_id)
        answered.append(message_id)
        if len(answered) > self._max_answered:
            del answered[0]

    def keep_refusable(self, event: CallResultReceived) -> None:
        """Note a result that may yet be refused with a CALLRESULTERROR (F-5)."""
        if self._refusable is None:
            self._refusable = {}
        _remember(self._refusable, event.call.message_id, event, self._max_refusable)

    def take_refusable(self, event: CallResultReceived) -> bool:
        """Return whether this very result may be refused, and let it be refused only once."""
        message_id = event.call.message_id
        if self._refusable is None or self._refusable.get(message_id) is not event:
            return False
        del self._refusable[message_id]
        return True

    def clear(self) -> None:
        """Forget what only the connection that is gone could have answered.

        The answered ids stay: a retry after a reconnect may carry its old id (I-2, I-3).
        """
        self.unanswered = {}
        self._refusable = None


def _remember(memory: dict[str, ValueT], message_id: str, value: ValueT, limit: int) -> None:
    """Put an entry last, and drop the oldest beyond `limit`."""
    memory.pop(message_id, None)  # what is remembered again is the newest again
    memory[message_id] = value
    _forget_oldest(memory, limit)


def _forget_oldest(memory: dict[str, ValueT], limit: int) -> None:
    while len(memory) > limit:
        del memory[next(iter(memory))]
