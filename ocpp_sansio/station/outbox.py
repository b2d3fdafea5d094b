"""`Outbox`: messages delivered at least once, in order, over lost links and power cuts (T-1 to T-39).

It holds no connection, no store and no clock: it says what is to leave and what is to be written, and is told
what became of both.
"""

from collections import deque
from collections.abc import Iterator
from math import inf
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ocpp_sansio.core import (
    UNREADABLE,
    Call,
    CallErrorReceived,
    CallOutcome,
    CallResultRejected,
    ErrorCode,
    JsonObject,
    LocalProtocolError,
    Version,
    Violation,
    is_beyond,
    member,
    quote,
    read_json,
)
from ocpp_sansio.station.bodies import body_to_send, moved
from ocpp_sansio.station.events import (
    Deauthorized,
    Delivered,
    GivenUp,
    OutboxLow,
    StationEvent,
    StoreFailed,
    VersionHeld,
    Why,
)
from ocpp_sansio.station.life import MessageInput, MessageState, advance
from ocpp_sansio.station.postings import Posting
from ocpp_sansio.station.records import (
    Lane,
    OpenTransaction,
    Part,
    Record,
    Restored,
    StoreRequest,
)
from ocpp_sansio.station.settings import CountTimeouts, StationSettings
from ocpp_sansio.station.storing import StoreBook
from ocpp_sansio.station.thinning import droppable_in_order

__all__ = ["NO_TRANSACTION", "Outbox", "OutboxFull", "Posted"]

NO_TRANSACTION = -1
"""The transactionId of 1.6 for a transaction whose start was given up (T-21)."""

QUEUED_ANYWAY = frozenset({"NotifyEvent"})
"""Its severity says whether it is worth keeping, and that is yours to look at (T-4)."""
REFUSED_WAIT = 1.0
"""Seconds after which a message is sent again that the transport has refused: no failure, and no flood."""
THIN_TO = 0.9
"""The share of a cap down to which messages are dropped once it is reached (T-31)."""
MAX_TRANSMISSIONS_KNOWN = 16
"""Of one message, those whose late answer is known; a connection remembers no more (T-16)."""
LOW_AT, LOW_NO_MORE_AT = 0.9, 0.8
"""Shares of a cap: `OutboxLow` is told once above the first, and again after it was below the second."""


class OutboxFull(LocalProtocolError):  # noqa: N818 - it is what it is
    """There is no room for this message, and nothing that could be dropped for it (T-33).

    Nothing has changed. Begin no charge that could not be billed.
    """


class Posted(Struct, eq=False):
    """A message on its way through the outbox."""

    record: Record
    token: int
    """The one up to which the store has to be, before it leaves (D-1)."""
    link: int
    """The number of the connection that there was when it was posted; 0: none (T-27)."""
    state: MessageState = MessageState.QUEUED
    due: float = -inf
    calls: tuple[Call, ...] = ()
    """Its last transmissions, in order."""
    sent_at: float = -inf
    losses: int = 0
    """Links in a row that went with it in flight (T-12)."""
    is_provisional: bool = False
    """Whether its timestamps are still to be moved (K-6)."""


class Outbox:
    """The queue of one station. `now` is as in `Connection`."""

    __slots__ = (
        "_bytes",
        "_closing",
        "_count",
        "_events",
        "_id_tokens",
        "_is_low",
        "_lanes",
        "_link",
        "_next_seq",
        "_resume_at",
        "_settings",
        "_transactions",
        "_version",
        "book",
    )

    def __init__(self, settings: StationSettings, restored: Restored | None = None) -> None:
        """Begin with what a store has kept, if anything."""
        self._settings = settings
        self.book = StoreBook(settings.forget_delay, settings.store_retry)
        """What the store is asked to do."""
        self._lanes: dict[tuple[Lane, Version], deque[Posted]] = {}
        self._transactions: dict[str, OpenTransaction] = {}
        self._id_tokens: dict[str, int] = {}
        """By key, the token up to which the store has to be, before the transaction's id leaves (T-22)."""
        self._closing: set[str] = set()
        self._bytes = 0
        self._count = 0
        self._events: list[StationEvent] = []
        self._is_low = False
        self._link = 0
        self._version: Version | None = None
        self._resume_at = -inf
        self._next_seq = 1
        if restored:
            self._restore(restored)

    # --- what happened ---------------------------------------------------------------------------------

    def connected(self, version: Version, *, number: int, now: float) -> None:
        """Note that there is a connection, the `number`th: 1 and up."""
        self._version = version
        self._link = number
        self.resume(now=now)
        for other in Version:  # T-38
            held = sum(len(queue) for (_, theirs), queue in self._lanes.items() if theirs is other)
            if other is not version and held:
                self._events.append(VersionHeld(other, held))

    def disconnected(self) -> None:
        """Note that it is gone; what was in flight is told with `aborted`."""
        self._version = None
        self._link = 0

    def resume(self, *, now: float) -> None:
        """Note that messages may leave from now on, or after a delay (T-8)."""
        self._resume_at = now + self._settings.resume_delay

    def configure(self, settings: StationSettings) -> None:
        """Go on with other settings; attempts and interval count from the next failure on (T-17)."""
        self._settings = settings
        self.book.forget_delay = settings.forget_delay
        self.book.store_retry = settings.store_retry

    def clock_set(self, step: float) -> None:
        """Move the timestamps that this boot took from a clock that was not set, once (K-6)."""
        for queue in self._lanes.values():
            for message in queue:
                if message.is_provisional and message.state is MessageState.QUEUED:
                    body = moved(message.record.body, step)
                    self._bytes += len(body) - len(message.record.body)
                    message.record = replace(message.record, body=body)
                    message.token = self.book.persist(message.record)
                message.is_provisional = False

    def stored(self, token: int) -> None:
        """Note that the store has all up to a token (D-4)."""
        self.book.confirm(token)

    def store_failed(self, token: int, error: str, *, now: float) -> None:
        """Note that it has not: messages go out all the same (D-9)."""
        if self.book.fail(token, now=now):
            self._events.append(StoreFailed(error))

    # --- posting ---------------------------------------------------------------------------------------

    def post(
        self,
        version: Version,
        posting: Posting,
        body: bytes,
        *,
        now: float,
        utc: float | None = None,
        is_provisional: bool = False,
    ) -> Record:
        """Put a message at the end of its lane, and have it written.

        `utc` is the time in seconds since 1970, None if that is not known. Raises LocalProtocolError for a
        transaction that is not there, or is there already, and OutboxFull.
        """
        transaction = self._transaction_after(version, posting, utc)
        is_wanted = self._settings.queue_all or posting.action in QUEUED_ANYWAY
        if posting.lane is Lane.REST and not is_wanted:
            raise LocalProtocolError(
                f"{quote(posting.action)} is not queued: use send_call, or StationSettings(queue_all=True)"
            )
        record = Record(
            seq=self._next_seq,
            version=version,
            action=posting.action,
            body=body,
            lane=posting.lane,
            transaction=posting.transaction,
            part=posting.part,
            droppable=posting.droppable,
            posted_at=utc,
        )
        superseded = self._superseded_by(record)
        for dropped in self._plan_room(record, superseded):
            self._drop(dropped, now=now)
        self._next_seq += 1
        if transaction:
            self._transactions[transaction.key] = transaction
        token = self.book.persist(record, transaction)
        message = Posted(record, token, self._link, is_provisional=is_provisional)
        self._add(message)
        self._watch_level()
        return record

    def _transaction_after(
        self, version: Version, posting: Posting, utc: float | None
    ) -> OpenTransaction | None:
        """Return the transaction as it is with a message; raises LocalProtocolError."""
        key = posting.transaction
        if key is None:
            return None
        before = self._transactions.get(key)
        if posting.part is Part.START:
            if before:
                raise LocalProtocolError(f"the transaction {quote(key)} was begun before")
            before = OpenTransaction(key=key, version=version)
        elif before is None:
            raise LocalProtocolError(
                f"no transaction {quote(key)} was begun: post its start first, under the same key"
            )
        elif before.is_ended:
            raise LocalProtocolError(f"the end of the transaction {quote(key)} is posted already")
        if before.version is not version:
            raise LocalProtocolError(
                f"the transaction {quote(key)} was begun with {before.version.value}"
            )
        next_seq_no = before.next_seq_no
        if posting.seq_no is not None:
            if posting.seq_no != next_seq_no:  # T-26
                raise LocalProtocolError(
                    f"the next event of the transaction {quote(key)} has the seqNo {next_seq_no}, "
                    f"not {posting.seq_no}"
                )
            next_seq_no += 1
        return replace(
            before,
            connector=before.connector if posting.connector is None else posting.connector,
            next_seq_no=next_seq_no,
            is_ended=posting.part is Part.END,
            last_seen=before.last_seen if utc is None else utc,
        )

    def _superseded_by(self, record: Record) -> Posted | None:
        """Return the status that is older than the one that is posted: nobody wants its history (T-4)."""
        if record.action != "StatusNotification":
            return None
        place = _place_of(record)
        for message in self._lanes.get((Lane.REST, record.version), ()):
            is_status = message.record.action == record.action
            if (
                is_status
                and message.state is MessageState.QUEUED
                and _place_of(message.record) == place
            ):
                return message
        return None

    # --- room ------------------------------------------------------------------------------------------

    def _plan_room(self, record: Record, superseded: Posted | None) -> list[Posted]:
        """Return what has to be dropped for a new message; raises OutboxFull."""
        dropped = [superseded] if superseded else []
        if record.part is Part.END:  # T-33: its room was kept free, and it is never refused
            return dropped
        messages, size = self._with_reserve(record)
        for message in dropped:
            messages, size = messages - 1, size - len(message.record.body)
        most, most_bytes = self._settings.max_messages, self._settings.max_bytes
        if messages <= most and size <= most_bytes:
            return dropped
        for message in self._droppable():
            if messages <= most * THIN_TO and size <= most_bytes * THIN_TO:
                break
            if message is not superseded:
                dropped.append(message)
                messages, size = messages - 1, size - len(message.record.body)
        if messages > most or size > most_bytes:
            raise OutboxFull(
                f"the queue holds {self._count} messages of {self._bytes} bytes, and there is nothing in it "
                f"that could be dropped for another {quote(record.action)}"
            )
        return dropped

    def _with_reserve(self, record: Record | None) -> tuple[int, int]:
        """Return messages and bytes with a new one, and with what is kept free for ends (T-30)."""
        running = sum(not transaction.is_ended for transaction in self._transactions.values())
        messages, size = self._count, self._bytes
        if record:
            running += record.part is Part.START
            messages, size = messages + 1, size + len(record.body)
        return messages + running, size + running * self._settings.end_reserve

    def _droppable(self) -> Iterator[Posted]:
        rest, readings = [], []
        for (lane, _), queue in self._lanes.items():
            messages = [*queue]
            if lane is Lane.REST:
                rest += messages
            elif lane is Lane.TRANSACTION:
                readings += messages[1:-1]  # never the first, nor the last
        found = {
            message.record.seq: message
            for message in (*rest, *readings)
            if message.state is not MessageState.IN_FLIGHT
        }
        ordered = droppable_in_order(
            [m.record for m in readings if m.record.seq in found],
            [m.record for m in rest if m.record.seq in found],
        )
        return (found[record.seq] for record in ordered)

    def _drop(self, message: Posted, *, now: float) -> None:
        message.state = advance(message.state, MessageInput.DROPPED)
        self._remove(message, now=now)
        self._events.append(GivenUp(message.record, Why.DROPPED, None))

    def _watch_level(self) -> None:
        messages, size = self._with_reserve(None)
        most, most_bytes = self._settings.max_messages, self._settings.max_bytes
        level = max(messages / most, size / most_bytes)
        if level >= LOW_AT and not self._is_low:
            self._is_low = True
            self._events.append(OutboxLow(max(0, most - messages), max(0, most_bytes - size)))
        elif level < LOW_NO_MORE_AT:
            self._is_low = False

    # --- leaving ---------------------------------------------------------------------------------------

    def due(self) -> float:
        """Return when the next message may leave; infinity: none, as things are."""
        return min((self._due_of(queue) for queue in self._open_lanes()), default=inf)

    def take_due(self, *, now: float) -> Posted | None:
        """Return a message that is to leave now; tell what becomes of it: `sent`, or `unsendable`."""
        for queue in self._open_lanes():
            if self._due_of(queue) <= now:
                return queue[0]
        return None

    def body_of(self, message: Posted) -> JsonObject:
        """Return the payload of a message as it is to leave now; raises one of `core.UNREADABLE`."""
        record = message.record
        transaction_id = None
        if record.transaction is not None and record.part is not Part.START:
            transaction = self._transactions.get(record.transaction)
            known = transaction.transaction_id if transaction else None
            transaction_id = NO_TRANSACTION if known is None else known  # T-21
        return body_to_send(
            record,
            transaction_id=transaction_id,
            is_offline=message.link != self._link,  # T-27: posted without this link
        )

    def sent(self, message: Posted, call: Call, *, now: float) -> None:
        """Note that a message was given to the connection."""
        message.state = advance(message.state, MessageInput.SENT)
        message.calls = (*message.calls, call)[-MAX_TRANSMISSIONS_KNOWN:]
        message.sent_at = now

    def message_of(self, call: Call) -> Posted | None:
        """Return the message that a call is a transmission of; None if it is none of ours, or over."""
        for queue in self._lanes.values():
            if queue and any(call is known for known in queue[0].calls):
                return queue[0]
        return None

    def _open_lanes(self) -> Iterator[deque[Posted]]:
        """Yield the lanes with a message that is not in flight, by right to the slot (T-5)."""
        if self._version is None:
            return
        for lane in Lane:
            queue = self._lanes.get((lane, self._version))
            if queue and queue[0].state is not MessageState.IN_FLIGHT:
                yield queue

    def _due_of(self, queue: deque[Posted]) -> float:
        head = queue[0]
        token = head.token
        if head.record.transaction is not None:
            token = max(token, self._id_tokens.get(head.record.transaction, 0))  # T-22
        if token > self.book.settled:
            return inf
        return max(head.due, self._resume_at)

    # --- what became of it -----------------------------------------------------------------------------

    def answered(
        self,
        message: Posted,
        payload: Any,
        violations: tuple[Violation, ...] = (),
        *,
        now: float,
        what: MessageInput = MessageInput.ANSWERED,
    ) -> None:
        """Note that a message was answered: the CSMS has it."""
        record = message.record
        transaction = self._transactions.get(record.transaction or "")
        if record.part is Part.START and record.version is Version.OCPP16 and transaction:
            transaction_id = member(payload, "transactionId")
            transaction = replace(transaction, transaction_id=transaction_id)  # T-23: as it came
            self._transactions[transaction.key] = transaction
        message.state = advance(message.state, what)
        self._remove(message, now=now)
        self._events.append(Delivered(record, payload, violations))
        status = _verdict_in(payload)
        if transaction and not transaction.is_ended and status not in {None, "Accepted"}:  # T-24
            self._events.append(Deauthorized(transaction.key, str(status)))

    def rejected(self, message: Posted, outcome: CallResultRejected, *, now: float) -> None:
        """Note an answer that is no valid one: the CSMS has taken the message all the same (T-15)."""
        payload = _payload_in(outcome.data)
        is_start = message.record.part is Part.START and message.record.version is Version.OCPP16
        if is_start and not _is_id(payload.get("transactionId")):
            self.failed(message, outcome, now=now)
        else:
            self.answered(message, payload, outcome.violations, now=now)

    def answered_late(self, message: Posted, data: bytes, *, now: float) -> None:
        """Note that the answer came after its time: there is no need to send the message again (T-16)."""
        if message.state is not MessageState.WAITING or not _is_result(data):
            return
        payload = _payload_in(data)
        is_start = message.record.part is Part.START and message.record.version is Version.OCPP16
        if not is_start or _is_id(payload.get("transactionId")):
            self.answered(message, payload, now=now, what=MessageInput.LATE_ANSWER)

    def failed(
        self,
        message: Posted,
        outcome: CallOutcome | None,
        *,
        now: float,
        why: Why = Why.ATTEMPTS,
    ) -> None:
        """Note that a transmission has failed: it is repeated after a while, or given up (T-10, T-11)."""
        if isinstance(outcome, CallErrorReceived | CallResultRejected):
            message.losses = 0
        failures = message.record.attempts + 1
        attempts = max(1, self._settings.message_attempts)
        is_refused = isinstance(outcome, CallErrorReceived | CallResultRejected)
        lane = message.record.lane
        if _is_unknown(message.record, outcome):
            self._give_up(message, Why.UNKNOWN, outcome, now=now)
            return
        if (lane is Lane.TRANSACTION and failures >= attempts) or (
            lane is Lane.REST and is_refused  # it was delivered, and is not wanted (T-4)
        ):
            self._give_up(message, why, outcome, now=now)
            return
        message.record = replace(message.record, attempts=failures)
        self.book.amend(message.record)  # T-19
        message.state = advance(message.state, MessageInput.FAILED)
        # From the moment of failure. Where nothing ends it, the wait does not grow for ever (T-3).
        times = failures if lane is Lane.TRANSACTION else min(failures, attempts)
        message.due = now + self._settings.message_interval * times

    def timed_out(
        self, message: Posted, outcome: CallOutcome, *, heard_at: float, now: float
    ) -> None:
        """Note that a message was not answered in time; `heard_at` is when anything last came (T-14)."""
        is_counted = self._settings.count_timeouts is CountTimeouts.ALWAYS
        if is_counted or heard_at > message.sent_at:
            self.failed(message, outcome, now=now)
        else:
            message.state = advance(message.state, MessageInput.ABORTED)

    def aborted(
        self, message: Posted, outcome: CallOutcome | None, *, was_sent: bool, now: float
    ) -> None:
        """Note that the link went, or that the message never left: that is no failure (T-11, T-12)."""
        if was_sent:
            message.losses += 1
        # The message may be what takes the link down.
        if message.losses >= self._settings.max_losses:
            message.losses = 0
            self.failed(message, outcome, now=now, why=Why.LOSSES)
            return
        message.state = advance(message.state, MessageInput.ABORTED)
        is_refused_by_transport = not was_sent and outcome is not None and self._version is not None
        message.due = now + REFUSED_WAIT if is_refused_by_transport else -inf

    def unsendable(self, message: Posted, *, now: float) -> None:
        """Note that a message is no valid one today: it is put aside, and the lane goes on (T-39)."""
        message.state = advance(message.state, MessageInput.DROPPED)
        self._abandon(message, Why.UNSENDABLE, None, now=now)

    def discard(self, transaction: str | None, *, now: float) -> int:
        """Give up what is queued, of one transaction or all, but what is in flight; return how many."""
        queued = [message for queue in self._lanes.values() for message in queue]
        discarded = [
            message
            for message in queued
            if message.state is not MessageState.IN_FLIGHT
            and transaction in {None, message.record.transaction}
        ]
        for message in discarded:
            message.state = advance(message.state, MessageInput.DROPPED)
            self._abandon(message, Why.DISCARDED, None, now=now)
        return len(discarded)

    def _give_up(
        self, message: Posted, why: Why, outcome: CallOutcome | None, *, now: float
    ) -> None:
        message.state = advance(message.state, MessageInput.EXHAUSTED)
        self._abandon(message, why, outcome, now=now)

    def _abandon(
        self, message: Posted, why: Why, outcome: CallOutcome | None, *, now: float
    ) -> None:
        record = message.record
        transaction = self._transactions.get(record.transaction or "")
        if record.part is Part.START and record.version is Version.OCPP16 and transaction:
            given_up = replace(transaction, transaction_id=NO_TRANSACTION)  # T-21
            self._transactions[transaction.key] = given_up
        self._remove(message, now=now)
        self._events.append(GivenUp(record, why, outcome))

    # --- the books -------------------------------------------------------------------------------------

    def _add(self, message: Posted) -> None:
        record = message.record
        self._lanes.setdefault((record.lane, record.version), deque()).append(message)
        self._count += 1
        self._bytes += len(record.body)

    def _remove(self, message: Posted, *, now: float) -> None:
        """Take a message out, and have it removed from the store (D-2)."""
        record = message.record
        queue = self._lanes[record.lane, record.version]
        if queue[0] is message:
            queue.popleft()
        else:
            queue.remove(message)
        self._count -= 1
        self._bytes -= len(record.body)
        if record.part is Part.START:
            key = record.transaction or ""
            transaction = self._transactions.get(key)
            token = self.book.forget(record.seq, transaction)  # D-6: one write
            if record.version is Version.OCPP16:
                self._id_tokens[key] = token
        elif record.part is Part.END:
            self._forget_transaction(record.transaction or "")
            self.book.forget(record.seq, closed=record.transaction)  # D-7
        else:
            self.book.forget_later(record.seq, now=now)
        self._close_what_is_over(record.transaction)
        self._watch_level()

    def _close_what_is_over(self, key: str | None) -> None:
        """Remove a transaction that was handed over, once none of its messages needs it any more."""
        if key is not None and key in self._closing and not self.queued(key):
            self._forget_transaction(key)
            self.book.close(key)

    def _forget_transaction(self, key: str) -> None:
        self._transactions.pop(key, None)
        self._id_tokens.pop(key, None)
        self._closing.discard(key)

    def close_transaction(self, key: str) -> None:
        """Note that no message will end a transaction. Raises LocalProtocolError if there is none."""
        transaction = self._transactions.get(key)
        if transaction is None:
            raise LocalProtocolError(f"there is no transaction {quote(key)}")
        if transaction.is_ended:
            raise LocalProtocolError(f"the end of the transaction {quote(key)} is posted already")
        self._transactions[key] = replace(transaction, is_ended=True)
        self._closing.add(key)
        self._close_what_is_over(key)

    def _restore(self, restored: Restored) -> None:
        for transaction in restored.transactions:
            self._transactions[transaction.key] = transaction
        for record in restored.records:
            self._add(Posted(record, token=0, link=0))  # T-27: of an earlier boot, so offline
            self._next_seq = max(self._next_seq, record.seq + 1)
        for key, transaction in [*self._transactions.items()]:
            if transaction.is_ended and not self.queued(key):  # its end was removed without it
                self._forget_transaction(key)
                self.book.close(key)

    # --- outputs ---------------------------------------------------------------------------------------

    def events(self) -> list[StationEvent]:
        """Return what has happened since the last call, in order."""
        events, self._events = self._events, []
        return events

    def store_requests(self) -> list[StoreRequest]:
        """Return what the store is to do since the last call, in order."""
        return self.book.take()

    def queued(self, transaction: str | None = None) -> int:
        """Return how many messages wait, the one in flight included: of one transaction, or all (T-9)."""
        if transaction is None:
            return self._count
        return sum(
            message.record.transaction == transaction
            for (lane, _), queue in self._lanes.items()
            if lane is Lane.TRANSACTION
            for message in queue
        )

    @property
    def has_queued_transactions(self) -> bool:
        """Whether a message of any transaction waits (T-9)."""
        return any(queue for (lane, _), queue in self._lanes.items() if lane is Lane.TRANSACTION)

    @property
    def transactions(self) -> tuple[OpenTransaction, ...]:
        """The transactions that were begun, and of which not everything is delivered."""
        return tuple(self._transactions.values())

    def transaction(self, key: str) -> OpenTransaction | None:
        """Return the transaction of a key."""
        return self._transactions.get(key)


def _is_unknown(record: Record, outcome: CallOutcome | None) -> bool:
    """Whether a CSMS of 1.6 has no security extension: else its events would fill the queue (T-3)."""
    is_of_extension = record.lane is Lane.SECURITY and record.version is Version.OCPP16
    return (
        is_of_extension
        and isinstance(outcome, CallErrorReceived)
        and outcome.code in {ErrorCode.NOT_IMPLEMENTED, ErrorCode.NOT_SUPPORTED}
    )


def _place_of(record: Record) -> tuple[Any, Any] | None:
    """Return the connector that a message is about, in 2.x with its EVSE; None if it is not to be read."""
    try:
        body = read_json(record.body)
    except UNREADABLE:
        return None
    return member(body, "evseId"), member(body, "connectorId")


def _verdict_in(payload: Any) -> Any:
    info = member(payload, "idTagInfo") or member(payload, "idTokenInfo")
    return None if info is None else member(info, "status")


def _payload_in(data: bytes) -> JsonObject:
    """Return the payload of a CALLRESULT, an empty one if there is none to read."""
    try:
        frame = read_json(data)
    except UNREADABLE:
        return {}
    is_result = isinstance(frame, list) and len(frame) > PAYLOAD_AT
    payload = frame[PAYLOAD_AT] if is_result else None
    return payload if isinstance(payload, dict) else {}


def _is_result(data: bytes) -> bool:
    try:
        frame = read_json(data)
    except UNREADABLE:
        return False
    return isinstance(frame, list) and bool(frame) and frame[0] == CALL_RESULT


def _is_id(value: object) -> bool:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number and not is_beyond(value)


CALL_RESULT = 3
PAYLOAD_AT = 2
