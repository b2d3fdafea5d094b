"""`OutboxMachine`: a station under hypothesis that charges while link, store and power fail at any moment.

    class MyStation(OutboxMachine):
        version = Version.OCPP201

        def make_station(self, restored):
            return MyOwnStation(..., restored=restored)

    TestMyStation = MyStation.TestCase

Any prefix of what the store was asked may be written before a cut. The model beside it says, after each step,
what has to leave, with which transactionId and which `offline`, what has to be noticed, and what the store
has to have; the CSMS is the machine's own.
"""

# ruff: noqa: D401 - the docstring of a rule tells what happens in the story, not what the method does

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from msgspec.structs import replace

from ocpp_sansio.core import Config, JsonObject, Role, Version
from ocpp_sansio.station import (
    Amend,
    Close,
    Delivered,
    Forget,
    GivenUp,
    Keep,
    OpenTransaction,
    OutboxFull,
    Persist,
    Record,
    Restored,
    Station,
    StationSettings,
    Why,
)
from ocpp_sansio.testing.model import RuleBroken
from ocpp_sansio.testing.outbox_model import Entry, OutboxModel, Transaction
from ocpp_sansio.testing.transcript import Entry as Line
from ocpp_sansio.testing.transcript import Transcript

__all__ = ["OutboxMachine"]

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
CALL_TIMEOUT = 30.0
MAX_STEPS = 300

BOOT: Mapping[Version, JsonObject] = {
    Version.OCPP16: {"chargePointVendor": "V", "chargePointModel": "M"},
    Version.OCPP201: {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}},
    Version.OCPP21: {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}},
}
GOOD, NO_ID, BROKEN, REFUSED, STRANGER = "good", "without id", "broken", "refused", "stranger"
SILENCE = "silence"
BAD = (REFUSED, REFUSED, SILENCE, BROKEN, NO_ID, STRANGER)


class OutboxMachine(RuleBasedStateMachine):
    """One station, its store, its line and its CSMS; every step of theirs a rule."""

    version: ClassVar[Version] = Version.OCPP16
    settings: ClassVar[StationSettings] = StationSettings(
        heartbeat_interval=0.0,
        clock_interval=1e9,
        message_attempts=3,
        message_interval=60.0,
        max_losses=3,
        max_messages=8,
        end_reserve=200,
    )
    """A small cap, so that it is reached."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        """Virtual seconds."""
        self.transcript = Transcript()
        self.is_16 = self.version is Version.OCPP16
        self.model = OutboxModel(
            attempts=self.settings.message_attempts,
            interval=self.settings.message_interval,
            max_losses=self.settings.max_losses,
            timeout=CALL_TIMEOUT,
            is_16=self.is_16,
        )
        self.entries: dict[int, Entry] = {}
        self.station = self.make_station(Restored())
        self.asked: list[Any] = []
        """What the store was asked and has not done."""
        self.records: dict[int, Record] = {}
        self.stored: dict[str, OpenTransaction] = {}
        self.call: str | None = None
        """The message id of the call in flight."""
        self.late: dict[str, Entry] = {}
        self.ids: dict[int, int] = {}
        """The CSMS: by the stamp of a start, the transactionId it was given."""
        self.arrived: list[int] = []
        """The CSMS: the stamps that came, each once, in the order in which they first came."""
        self.charges: dict[str, Transaction] = {}
        """All that ever were, by key."""
        self.has_booted = False
        self.fell_back = False
        self._stamps = 0
        self._writes: dict[tuple[str, int], int] = {}
        self._asked_failures: dict[int, int] = {}
        self._has_failed = False
        self._is_broken = False

    # --- to be overridden -------------------------------------------------------------------------

    def make_station(self, restored: Restored) -> Station:
        """Return the station after a boot, with the machine's `settings` and a call timeout of 30 seconds."""
        return Station(
            lambda version, _: dict(BOOT[version]),
            random=lambda: 0.0,
            restored=restored,
            settings=self.settings,
            config=Config(call_timeout=CALL_TIMEOUT),
        )

    # --- what the application does ----------------------------------------------------------------

    @rule()
    def begin(self) -> None:
        """A charge begins."""
        self._post("start", f"tx-{self._stamps + 1}")

    @precondition(lambda self: self._open_keys())
    @rule(data=st.data())
    def measure(self, data: st.DataObject) -> None:
        """The meter is read."""
        self._post("middle", data.draw(st.sampled_from(self._open_keys())))

    @precondition(lambda self: self._open_keys())
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        """A charge ends."""
        self._post("end", data.draw(st.sampled_from(self._open_keys())))

    @rule()
    def alarm(self) -> None:
        """Something happens that the CSMS must know of."""
        self._post("none", None)

    # --- what the store does ----------------------------------------------------------------------

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def write(self, data: st.DataObject) -> None:
        """The store writes some of what it was asked, in order."""
        self._write(data.draw(st.integers(1, len(self.asked))))
        self._observe()

    @precondition(lambda self: self.asked)
    @rule(written=st.integers(0, 3))
    def fail_to_write(self, written: int) -> None:
        """The store fails; how much it has written nobody knows."""
        self._say("the store fails")
        last = self.asked[-1].token
        for request in self.asked:
            self._settles(request)
        for request in self.asked[:written]:
            self._apply(request)
        self.asked.clear()
        self._has_failed = True
        self.model.settle(self.now)
        self.station.store_failed(last, "no space left", now=self.now)
        self._observe()

    # --- what the line and the CSMS do --------------------------------------------------------------

    @precondition(lambda self: not self.model.is_up)
    @rule()
    def connect(self) -> None:
        """The link is up, and the boot accepted if there is one."""
        self._connect()

    @precondition(lambda self: self.call)
    @rule(answer=st.sampled_from([GOOD, GOOD, NO_ID, BROKEN, REFUSED, REFUSED, STRANGER]))
    def answer(self, answer: str) -> None:
        """The call in flight arrives and is answered, well or badly."""
        self._answer(answer)

    @precondition(lambda self: self.late)
    @rule(data=st.data())
    def answer_late(self, data: st.DataObject) -> None:
        """An answer comes long after its time."""
        message_id = data.draw(st.sampled_from(list(self.late)))
        entry = self.late.pop(message_id)
        self._arrives(entry)
        transaction_id = self.ids.get(entry.stamp)
        self._say(f"late answer to {entry.stamp}")
        self.model.is_answered_late(entry, transaction_id, self.now)
        self._receive([3, message_id, self._payload(entry, GOOD)])

    @precondition(lambda self: self.model.is_up)
    @rule(has_arrived=st.booleans())
    def lose_link(self, has_arrived: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """The link goes, before the call in flight arrives or after."""
        self._lose_link(has_arrived=has_arrived)

    @rule(written=st.integers(0, 6), has_arrived=st.booleans())
    def cut_power(self, written: int, has_arrived: bool) -> None:  # noqa: FBT001 - likewise
        """The power goes; of what the store was asked, some is written. Then there is a new boot."""
        self._cut_power(written, has_arrived=has_arrived)

    @rule(seconds=st.sampled_from([1.0, 5.0, 30.0, 60.0, 90.0, 180.0]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self._pass_time(seconds)

    @rule(count=st.integers(1, 4))
    def go_well(self, count: int) -> None:
        """For a while everything works."""
        self._go_well(count)

    @rule(answers=st.lists(st.sampled_from(BAD), min_size=1, max_size=4))
    def go_badly(self, answers: list[str]) -> None:
        """For a while nothing is answered as it should be, and each retry is waited for."""
        if not self.model.is_up:
            self._connect()
        for answer in answers:
            self._write(len(self.asked))
            self._observe()
            if not self.call:
                self._pass_time(self.settings.message_interval)
            if answer == SILENCE:
                self._pass_time(CALL_TIMEOUT)
            else:
                self._answer(answer)

    @rule(times=st.integers(2, 4), has_arrived=st.booleans())
    def flap(self, times: int, has_arrived: bool) -> None:  # noqa: FBT001 - likewise
        """The link comes and goes."""
        for _ in range(times):
            self._write(len(self.asked))
            if not self.model.is_up:
                self._connect()
            self._observe()
            self._lose_link(has_arrived=has_arrived)

    def teardown(self) -> None:
        """In the end everything works, and the CSMS has all that was promised."""
        if self._is_broken:
            return
        for _ in range(MAX_STEPS):
            if not self.model.count():
                break
            self._go_well(1)
            if self.model.is_up and not self.call:
                self._pass_time(self.settings.message_interval)
        self._pass_time(self.settings.forget_delay)
        self._go_well(1)
        self._demand(not self.model.count(), "the queue does not become empty")
        self._demand(
            self._has_failed or not self.records, f"{sorted(self.records)} are never removed"
        )
        self._demand(
            self._has_failed or self.stored.keys() == self.model.transactions.keys(),
            f"transactions {sorted(self.stored)} are stored, not {sorted(self.model.transactions)}",
        )
        for entry in self.entries.values():
            self._demand(
                not entry.is_promised or entry.is_over, f"{entry.stamp} was promised, and is lost"
            )

    # --- inside: the application --------------------------------------------------------------------

    def _open_keys(self) -> list[str]:
        return [key for key, known in self.model.transactions.items() if not known.now[1]]

    def _post(self, part: str, key: str | None) -> None:
        self._stamps += 1
        stamp = self._stamps
        action, payload, seq_no = self._message(part, key, stamp)
        before = self.station.queued_messages()
        try:
            record = self.station.post(
                action,
                payload,
                transaction=key if self.is_16 else None,
                version=self.version,
                now=self.now,
            )
        except OutboxFull:
            self._say(f"no room for {part} {stamp}")
            self._demand(part != "end", "there was no room for an end")
            middles = [e for e in self.model.lanes["transaction"][1:-1] if e.part == "middle"]
            loose = [entry for entry in middles if entry not in self.model.slot]
            kept_free = self.model.running() + (part == "start")
            least = self.model.count() + kept_free + 1 - len(loose)
            self._demand(least > self.settings.max_messages, "there was room, or could be made")
            self._demand(
                self.station.queued_messages() == before, "a refused post changed something"
            )
            self._observe()
            return
        self._say(f"posts {part} {stamp} of {key}")
        entry = Entry(stamp, action, key, part, self.model.link, seq_no)
        self.entries[stamp] = entry
        self._drop_what_was_dropped(kept_free=self.model.running() + (part == "start"))
        if part == "start" and key:
            self.model.transactions[key] = Transaction(entry, [(int(not self.is_16), False, None)])
        elif key:
            known = self.model.transactions[key]
            next_seq_no, _, transaction_id = known.now
            known.history.append((next_seq_no + (not self.is_16), part == "end", transaction_id))
        self._demand(record.seq not in self.records or self._has_failed, "a number is used twice")
        self.model.posts(entry, self.now)
        self._observe()

    def _drop_what_was_dropped(self, *, kept_free: int) -> None:
        lane = list(self.model.lanes["transaction"])
        others = []
        for event in self.station.events():
            if isinstance(event, GivenUp) and event.why is Why.DROPPED:
                entry = self.entries[_stamp_of(json.loads(event.record.body))]
                self._say(f"drops {entry.stamp}")
                self._demand(entry.part == "middle", f"{entry.part} {entry.stamp} was dropped")
                self._demand(
                    entry not in self.model.slot, f"{entry.stamp} is in flight, and dropped"
                )
                self._demand(
                    entry is not lane[0] and entry is not lane[-1],
                    "the first or the last was dropped",
                )
                full = self.model.count() + kept_free + 1
                self._demand(full > self.settings.max_messages * 0.9, "dropped without need")
                self.model.is_dropped(entry)
            else:
                others.append(event)
        self._judge_events(others)

    def _message(
        self, part: str, key: str | None, stamp: int
    ) -> tuple[str, JsonObject, int | None]:
        when = (MIDNIGHT + timedelta(seconds=stamp)).isoformat()
        if part == "none":
            payload = {"type": "MemoryExhaustion", "timestamp": when}
            return "SecurityEventNotification", payload, None
        if not self.is_16:
            number = self.model.transactions[key or ""].now[0] if part != "start" else 0
            kind = {"start": "Started", "middle": "Updated", "end": "Ended"}[part]
            event = {
                "eventType": kind,
                "timestamp": when,
                "triggerReason": "MeterValuePeriodic",
                "seqNo": number,
                "transactionInfo": {"transactionId": key},
            }
            return "TransactionEvent", event, number
        if part == "start":
            start = {"connectorId": 1, "idTag": "TAG", "meterStart": 0, "timestamp": when}
            return "StartTransaction", start, None
        if part == "middle":
            values = [{"timestamp": when, "sampledValue": [{"value": "1"}]}]
            return "MeterValues", {"connectorId": 1, "meterValue": values}, None
        return "StopTransaction", {"transactionId": 0, "meterStop": 1, "timestamp": when}, None

    # --- inside: the store ----------------------------------------------------------------------------

    def _write(self, count: int) -> None:
        requests, self.asked = self.asked[:count], self.asked[count:]
        if not requests:
            return
        self._say(f"the store writes {len(requests)}")
        for request in requests:
            self._apply(request)
            self._settles(request)
            if isinstance(request, Persist):
                self._entry_of(request.record).is_promised = True
        self.station.stored(requests[-1].token, now=self.now)
        self.model.settle(self.now)

    def _settles(self, request: Any) -> None:
        """Note that nothing waits for a request any longer: it is written, or has failed (D-9)."""
        if isinstance(request, Persist):
            self._entry_of(request.record).is_settled = True
        elif isinstance(request, Forget) and request.transaction:
            known = self.model.transactions.get(request.transaction.key)
            if known and known.now[2] == request.transaction.transaction_id:
                known.is_id_settled = True

    def _apply(self, request: Any) -> None:
        match request:
            case Persist(_, record, transaction):
                self.records[record.seq] = record
                self._entry_of(record).stored_failures = record.attempts
                self._keep(transaction)
            case Amend(_, seq, attempts):
                if seq in self.records:
                    self._entry_of(self.records[seq]).stored_failures = attempts
            case Forget(_, seq, transaction, closed):
                self.records.pop(seq, None)
                self._keep(transaction)
                if closed is not None:
                    self.stored.pop(closed, None)
            case Close(_, key):
                self.stored.pop(key, None)

    def _keep(self, transaction: OpenTransaction | None) -> None:
        if transaction:
            self.stored[transaction.key] = transaction

    def _entry_of(self, record: Record) -> Entry:
        return self.entries[_stamp_of(json.loads(record.body))]

    def _take_requests(self) -> None:
        for request in self.station.store_requests():
            self.asked.append(request)
            self._judge_request(request)

    def _judge_request(self, request: Any) -> None:
        if isinstance(request, Persist):
            self._counts("persist", request.record.seq)
        elif isinstance(request, Amend):
            self._asked_failures[request.seq] = request.attempts
            self._counts(f"amend {request.attempts}", request.seq)
        elif isinstance(request, Forget) and request.seq in self.records:
            entry = self._entry_of(self.records[request.seq])
            self._demand(entry.is_over, f"D-2: {entry.stamp} is to be removed, and not over")
            self._counts("forget", request.seq)
        self._demand(not isinstance(request, Keep), "nobody asked for a value to be kept")

    def _judge_attempts(self) -> None:
        """Judge that the store is told of each failure (T-19); a patient one is told later."""
        if self._has_failed:
            return
        for seq, record in self.records.items():
            entry = self._entry_of(record)
            asked = self._asked_failures.get(seq, record.attempts)
            self._demand(
                entry.is_over or asked == entry.failures,
                f"T-19: the store is told of {asked} failures of {entry.stamp}, not {entry.failures}",
            )

    def _counts(self, what: str, seq: int) -> None:
        self._writes[what, seq] = self._writes.get((what, seq), 0) + 1
        self._demand(
            self._has_failed or self._writes[what, seq] == 1,
            f"D-12: {what} of {seq} is asked twice",
        )

    # --- inside: line and power -----------------------------------------------------------------------

    def _connect(self) -> None:
        self._say("connected")
        self.fell_back = False
        self.station.connected(self.version, now=self.now)
        if not self.has_booted:
            self._boot()
        self.model.connects(self.now)
        self._observe()

    def _boot(self) -> None:
        [frame] = self.station.frames_to_send()
        call = json.loads(frame.data)
        self._demand(call[2] == "BootNotification", f"{call[2]} leaves before the boot")
        self.has_booted = True
        time = (MIDNIGHT + timedelta(seconds=self.now)).isoformat()
        answer = {"status": "Accepted", "currentTime": time, "interval": 0}
        self.station.received(json.dumps([3, call[1], answer]), now=self.now)

    def _lose_link(self, *, has_arrived: bool) -> None:
        self._say(f"the link goes{', the call has arrived' if has_arrived else ''}")
        if has_arrived and self.model.flying:
            self._arrives(self.model.flying)
        self.call = None
        self.late.clear()
        self.model.loses_link(self.now)
        self.station.disconnected(now=self.now)
        self._observe()

    def _cut_power(self, written: int, *, has_arrived: bool) -> None:
        self._say(f"the power goes, {written} written")
        if has_arrived and self.model.flying:
            self._arrives(self.model.flying)
        for request in self.asked[:written]:
            self._apply(request)
        self.asked.clear()
        self.call = None
        self.late.clear()
        self._writes.clear()
        self._asked_failures = {
            seq: self._entry_of(record).stored_failures for seq, record in self.records.items()
        }
        self.has_booted = False
        survivors = [record for _, record in sorted(self.records.items())]
        self._judge_survivors(survivors)
        restored = Restored(
            records=tuple(
                _with_attempts(record, self._entry_of(record).stored_failures)
                for record in survivors
            ),
            transactions=tuple(self.stored.values()),
        )
        entries = [self._entry_of(record) for record in survivors]
        self.model.boots(entries)
        self._adopt_transactions(entries)
        self.station = self.make_station(restored)
        self._observe()

    def _judge_survivors(self, survivors: list[Record]) -> None:
        left = {self._entry_of(record).stamp for record in survivors}
        stamps = [self._entry_of(record).stamp for record in survivors]
        self._demand(stamps == sorted(stamps), f"D-5: the store has lost the order: {stamps}")
        for entry in self.entries.values():
            self._demand(
                entry.is_over or not entry.is_promised or entry.stamp in left,
                f"D-5: {entry.stamp} was promised, and is lost",
            )

    def _adopt_transactions(self, survivors: list[Entry]) -> None:
        """Take the transactions as they are in the store, if they have been so at some time (D-6, D-7)."""
        known, self.model.transactions = self.model.transactions, {}
        lost = {entry.stamp for entry in self.entries.values()} - {e.stamp for e in survivors}
        for key, stored in self.stored.items():
            transaction = known.get(key) or self.charges[key]
            state = (stored.next_seq_no, stored.is_ended, stored.transaction_id)
            self._demand(state in transaction.history, f"D-7: {key} was never {state}")
            transaction.history.append(state)
            transaction.is_id_settled = True
            is_start_gone = transaction.start.stamp in lost
            if self.is_16:
                self._demand(
                    is_start_gone == (stored.transaction_id is not None),
                    f"D-6: the start of {key} and its id went apart",
                )
            is_end_queued = any(e.key == key and e.part == "end" for e in survivors)
            if stored.is_ended:
                self._demand(is_end_queued, f"D-7: {key} is ended without its end")
            self.model.transactions[key] = transaction
        for entry in survivors:
            self._demand(
                entry.key is None or entry.key in self.model.transactions,
                f"D-7: {entry.stamp} has lost its transaction {entry.key}",
            )
        for (
            entry
        ) in self.entries.values():  # what was never written is lost, as nobody was told otherwise
            entry.is_over = entry.is_over or entry.stamp in lost

    def _pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        for _ in range(MAX_STEPS):
            due = self.station.next_timeout()
            moment = min(end, self.model.next_moment(self.now), end if due is None else due)
            self.now = max(self.now, moment)
            self.station.handle_timeout(now=self.now)
            self._time_has_come()
            self._observe()
            if self.now >= end and (due is None or due > end):
                return
        self._demand(holds=False, otherwise="next_timeout() stays in the past")

    def _time_has_come(self) -> None:
        if self.model.deadline <= self.now and self.model.flying and self.call:
            entry = self.model.flying
            self._say(f"{entry.stamp} has timed out")
            self.late[self.call] = entry
            self.call = None
            self.model.fails(self.now, was_answered=False)
        self.model.settle(self.now)

    # --- inside: the CSMS -----------------------------------------------------------------------------

    def _answer(self, answer: str) -> None:
        entry, message_id = self.model.flying, self.call
        if entry is None or message_id is None:
            return
        self._say(f"{answer} answer to {entry.stamp}")
        self.call = None
        if answer == STRANGER:
            self._answer_as_stranger(message_id)
        elif answer == REFUSED:
            self.model.fails(self.now, was_answered=True)
            self._receive([4, message_id, "InternalError", "", {}])
        else:
            self._arrives(entry)
            is_start = entry.part == "start" and self.is_16
            if is_start and answer == NO_ID:
                self.model.fails(self.now, was_answered=True)  # T-15
            else:
                self.model.is_answered(self.ids.get(entry.stamp), self.now)
            self._receive([3, message_id, self._payload(entry, answer)])

    def _answer_as_stranger(self, message_id: str) -> None:
        error = [4, message_id, "SecurityError", "", {}]
        if self.fell_back:  # once per connection, then the error stands
            self.model.fails(self.now, was_answered=True)
            self._receive(error)
            return
        self.fell_back = True
        self.model.is_refused_as_stranger()
        self.station.received(json.dumps(error), now=self.now)
        self._boot()
        self.model.settle(self.now)
        self._observe()

    def _arrives(self, entry: Entry) -> None:
        """The CSMS gets a message, and knows a repetition by what it says (T-41)."""
        if entry.part == "start" and self.is_16:
            self.ids.setdefault(entry.stamp, 1000 + len(self.ids))
        if entry.stamp in self.arrived or entry.was_given_up:  # the next has had its turn
            return
        lane = [
            s for s in self.arrived if (self.entries[s].part == "none") == (entry.part == "none")
        ]
        self._demand(
            not lane or lane[-1] < entry.stamp, f"T-6: {entry.stamp} comes after {lane[-1:]}"
        )
        self.arrived.append(entry.stamp)

    def _payload(self, entry: Entry, answer: str) -> JsonObject:
        payload: JsonObject = {"bogus": 1} if answer == BROKEN else {}
        if entry.part == "start" and self.is_16 and answer != NO_ID:
            payload["transactionId"] = self.ids[entry.stamp]
            payload["idTagInfo"] = {"status": "Accepted"}
        return payload

    def _receive(self, message: list[Any]) -> None:
        self.station.received(json.dumps(message), now=self.now)
        self._observe()

    def _go_well(self, count: int) -> None:
        if not self.model.is_up:
            self._connect()
        for _ in range(count):
            self._write(len(self.asked))
            self._observe()
            self._answer(GOOD)
            self._write(len(self.asked))
            self._observe()

    # --- inside: what the station made of it ------------------------------------------------------------

    def _observe(self) -> None:
        """Take all that the station gives out, and judge it."""
        self.charges.update(self.model.transactions)
        self._judge_events(self.station.events())
        self._demand(not self.model.notices, f"{self.model.notices} should have been noticed")
        self._take_requests()
        self._judge_attempts()
        self._judge_frames()
        waiting = self.station.queued_messages()
        self._demand(
            waiting == self.model.count(), f"{waiting} messages wait, not {self.model.count()}"
        )
        ends = self.model.running()
        self._demand(
            self.model.count() <= self.settings.max_messages + ends + 1, "the cap is passed"
        )
        self._judge_open_transactions()

    def _judge_events(self, events: list[Any]) -> None:
        for event in events:
            if not isinstance(event, Delivered | GivenUp):
                continue
            what = "delivered" if isinstance(event, Delivered) else event.why.value
            noticed = (what, self._entry_of(event.record).stamp)
            self._demand(
                self.model.notices[:1] == [noticed],
                f"{noticed} was noticed, and {self.model.notices} should have been",
            )
            del self.model.notices[0]

    def _judge_frames(self) -> None:
        for frame in self.station.frames_to_send():
            message = json.loads(frame.data)
            if message[0] != 2:  # noqa: PLR2004 - the type of a CALL; 2.1 refuses a broken answer
                continue
            _, message_id, action, body = message
            self._demand(bool(self.model.leaving), f"{action} {body} leaves, and nothing should")
            entry = self.model.leaving.pop(0)
            self._say(f"{entry.stamp} leaves")
            self._demand(
                (action, _stamp_of(body)) == (entry.action, entry.stamp),
                f"{action} {body} leaves instead of {entry.stamp}",
            )
            self._judge_body(entry, body)
            self.call = message_id
        self._demand(
            not self.model.leaving,
            f"{[entry.stamp for entry in self.model.leaving]} should leave",
        )

    def _judge_body(self, entry: Entry, body: JsonObject) -> None:
        if self.is_16:
            wanted = self.model.id_of(entry)
            self._demand(
                body.get("transactionId") == wanted,
                f"T-21: {entry.stamp} leaves with the id {body.get('transactionId')}, not {wanted}",
            )
        elif entry.part != "none":
            is_offline = entry.link != self.model.link
            self._demand(
                body.get("offline", False) is is_offline,
                f"T-27: {entry.stamp} leaves with offline {body.get('offline')}",
            )
            self._demand(body["seqNo"] == entry.seq_no, f"T-26: {entry.stamp} has another seqNo")

    def _judge_open_transactions(self) -> None:
        told = {
            known.key: (known.next_seq_no, known.is_ended, known.transaction_id)
            for known in self.station.open_transactions
        }
        wanted = {key: known.now for key, known in self.model.transactions.items()}
        self._demand(told == wanted, f"the open transactions are {told}, not {wanted}")

    def _demand(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - it reads like an assertion
        if not holds:
            self._is_broken = True
            error = RuleBroken(otherwise)
            error.add_note(f"What happened:\n{self.transcript}")
            raise error

    def _say(self, text: str) -> None:
        self.transcript.add(Line(self.now, Role.STATION, text, is_message=False))


def _stamp_of(body: JsonObject) -> int:
    text = body.get("timestamp") or body["meterValue"][0]["timestamp"]
    return int((datetime.fromisoformat(text) - MIDNIGHT).total_seconds())


def _with_attempts(record: Record, attempts: int) -> Record:
    return replace(record, attempts=attempts)
