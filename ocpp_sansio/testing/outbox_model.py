"""What a station owes its CSMS, as plainly as it can be written: the oracle of `OutboxMachine`.

Two lists of messages, a dict of transactions, and a list of what is in the slot. It shares no code with the
queue that it judges.
"""

from math import inf

import attrs

__all__ = ["Entry", "OutboxModel", "Transaction"]

LANES = ("transaction", "security")


@attrs.define(eq=False)
class Entry:
    """One message that was posted. Its `stamp`, the second of its timestamp, is that of no other."""

    stamp: int
    action: str
    key: str | None
    part: str
    link: int
    """The connection it was posted on; 0: none."""
    seq_no: int | None = None
    failures: int = 0
    stored_failures: int = 0
    losses: int = 0
    due: float = -inf
    is_settled: bool = False
    """Whether the store has it, or has failed at it."""
    is_promised: bool = False
    """Whether the station was told that the store has it."""
    was_given_up: bool = False
    """Whether it was once: after a cut it may come back, and then later than others."""
    is_over: bool = False
    """Whether it was delivered, given up or dropped, as far as the station of this boot knows."""


@attrs.define(eq=False)
class Transaction:
    """One charge: what its state has been, newest last: the next seqNo, whether it is ended, its id."""

    start: Entry
    history: list[tuple[int, bool, int | None]] = attrs.field(factory=list)
    is_id_settled: bool = True
    """Whether the store has its id, or has failed at it: before, nothing leaves that carries it."""

    @property
    def now(self) -> tuple[int, bool, int | None]:
        """What it is."""
        return self.history[-1]


class OutboxModel:
    """The queue as a list. Tell it what happens; it says what leaves, and what the station is to notice."""

    def __init__(
        self, *, attempts: int, interval: float, max_losses: int, timeout: float, is_16: bool
    ) -> None:
        self.attempts = attempts
        self.interval = interval
        self.max_losses = max_losses
        self.timeout = timeout
        self.is_16 = is_16
        self.lanes: dict[str, list[Entry]] = {lane: [] for lane in LANES}
        self.slot: list[Entry] = []
        """What was given to the connection; the first is in flight."""
        self.flying: Entry | None = None
        self.deadline = inf
        self.transactions: dict[str, Transaction] = {}
        self.is_up = False
        self.link = 0
        self.links = 0
        self.leaving: list[Entry] = []
        """What has to leave now."""
        self.notices: list[tuple[str, int]] = []
        """What has to be noticed now: "delivered", or why it was given up, and the stamp."""

    # what happens

    def connects(self, now: float) -> None:
        """Note that a link is up and the boot accepted."""
        self.links += 1
        self.link = self.links
        self.is_up = True
        self.settle(now)

    def posts(self, entry: Entry, now: float) -> None:
        """Note a message."""
        self.lanes["security" if entry.part == "none" else "transaction"].append(entry)
        self.settle(now)

    def is_answered(self, transaction_id: int | None, now: float) -> None:
        """Note that the message in flight was answered."""
        entry = self._lands()
        self._is_over(entry, "delivered", transaction_id)
        self.settle(now)

    def is_answered_late(self, entry: Entry, transaction_id: int | None, now: float) -> None:
        """Note an answer to a message that has timed out; it counts if that waits for its retry (T-16)."""
        is_head = any(lane and lane[0] is entry for lane in self.lanes.values())
        if is_head and entry not in self.slot:
            self._is_over(entry, "delivered", transaction_id)
            self.settle(now)

    def fails(self, now: float, *, was_answered: bool) -> None:
        """Note that the message in flight was refused, or not answered in time (T-10)."""
        entry = self._lands()
        if was_answered:
            entry.losses = 0
        self._fails(entry, "attempts", now)
        self.settle(now)

    def is_refused_as_stranger(self) -> None:
        """Note that the CSMS does not know the station: nothing has failed, nothing leaves (T-13)."""
        self.slot.clear()
        self.flying, self.deadline = None, inf

    def loses_link(self, now: float) -> None:
        """Note that the link has gone (T-11, T-12)."""
        flying = self.flying
        self.slot.clear()
        self.flying, self.deadline = None, inf
        self.is_up, self.link = False, 0
        if flying:
            flying.losses += 1
            flying.due = -inf
            if flying.losses >= self.max_losses:
                flying.losses = 0
                self._fails(flying, "losses", now)

    def is_dropped(self, entry: Entry) -> None:
        """Note that a message was dropped for want of room."""
        self._remove(entry)

    def boots(self, survivors: list[Entry]) -> None:
        """Note a power cut, and what the store had (D-5, T-19)."""
        self.slot.clear()
        self.flying, self.deadline = None, inf
        self.is_up, self.link = False, 0
        self.leaving.clear()
        self.notices.clear()
        self.lanes = {lane: [] for lane in LANES}
        for entry in survivors:
            entry.failures, entry.losses, entry.due = entry.stored_failures, 0, -inf
            entry.is_settled, entry.is_over, entry.link = True, False, 0
            self.lanes["security" if entry.part == "none" else "transaction"].append(entry)

    # what follows

    def settle(self, now: float) -> None:
        """Give what is due to the connection (T-5 to T-8)."""
        if not self.is_up:
            return
        for lane in self.lanes.values():
            if lane and lane[0] not in self.slot and self._is_ready(lane[0], now):
                self.slot.append(lane[0])
        if self.slot and self.flying is not self.slot[0]:
            self.flying = self.slot[0]
            self.deadline = now + self.timeout
            self.leaving.append(self.flying)

    def next_moment(self, now: float) -> float:
        """Return when something has to happen though nobody does anything."""
        waits = [lane[0].due for lane in self.lanes.values() if lane and lane[0] not in self.slot]
        return min([self.deadline, *(due for due in waits if due > now)], default=inf)

    def id_of(self, entry: Entry) -> int | None:
        """Return the transactionId that a message of 1.6 has to carry; None: none (T-21)."""
        if entry.key is None or entry.part in {"start", "none"}:
            return None
        return self.transactions[entry.key].now[2]

    def count(self) -> int:
        """Return how many messages wait."""
        return sum(map(len, self.lanes.values()))

    def running(self) -> int:
        """Return how many transactions have no end yet."""
        return sum(not transaction.now[1] for transaction in self.transactions.values())

    def _is_ready(self, entry: Entry, now: float) -> bool:
        is_id_there = entry.key is None or self.transactions[entry.key].is_id_settled
        return entry.is_settled and is_id_there and entry.due <= now

    def _lands(self) -> Entry:
        entry = self.slot.pop(0)
        self.flying, self.deadline = None, inf
        return entry

    def _fails(self, entry: Entry, why: str, now: float) -> None:
        entry.failures += 1
        is_last = entry.failures >= self.attempts and entry.part != "none"
        if is_last:
            self._is_over(entry, why, -1)
        else:
            entry.due = now + self.interval * min(
                entry.failures, self.attempts if entry.part == "none" else entry.failures
            )

    def _is_over(self, entry: Entry, what: str, transaction_id: int | None) -> None:
        self._remove(entry)
        entry.was_given_up = entry.was_given_up or what != "delivered"
        self.notices.append((what, entry.stamp))
        if entry.part == "start" and self.is_16:
            transaction = self.transactions[entry.key or ""]
            next_seq_no, is_ended, _ = transaction.now
            transaction.history.append((next_seq_no, is_ended, transaction_id))
            transaction.is_id_settled = False
        if entry.part == "end":
            del self.transactions[entry.key or ""]

    def _remove(self, entry: Entry) -> None:
        entry.is_over = True
        for lane in self.lanes.values():
            lane[:] = [other for other in lane if other is not entry]
