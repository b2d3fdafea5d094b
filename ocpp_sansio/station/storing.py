"""`StoreBook`: what a store is asked to do, in order, and how far it has come (D-3, D-4, D-8, D-9)."""

from collections.abc import Iterable
from math import inf

from ocpp_sansio.station.records import (
    Amend,
    Close,
    Forget,
    Keep,
    OpenTransaction,
    Part,
    Persist,
    Record,
    StoreRequest,
)

__all__ = ["StoreBook"]

MAX_UNSURE = 256
"""Removals of messages of which nobody knows whether a failing store has them. The oldest go beyond that.

If it has one after all, the next boot delivers a message once more.
"""


class StoreBook:
    """Requests to a store. They are handed out once; after a failure all that is not confirmed, again."""

    __slots__ = (
        "_asked",
        "_handed",
        "_is_failing",
        "_is_patient",
        "_ride_by",
        "_riding",
        "_token",
        "_unsure",
        "_unsure_keys",
        "forget_delay",
        "next_retry",
        "settled",
        "store_retry",
        "stored",
    )

    def __init__(self, forget_delay: float, store_retry: float) -> None:
        self.forget_delay = forget_delay
        self.store_retry = store_retry
        self.stored = 0
        """The token up to which the store has all."""
        self.settled = 0
        """The token up to which it has all, or has failed: nothing waits for it any longer (D-9)."""
        self.next_retry = inf
        """When to ask a store again that has failed."""
        self._token = 0
        self._asked: list[StoreRequest] = []
        self._handed: list[StoreRequest] = []
        self._riding: list[int] = []
        self._ride_by = inf
        self._unsure: set[int] = set()  # messages that a failing store may have, or not
        self._unsure_keys: set[str] = set()  # transactions likewise
        self._is_failing = False
        self._is_patient = False  # it has failed, and nothing new was asked since

    @property
    def last_token(self) -> int:
        """That of the newest request; once it is stored, all is."""
        return self._token

    @property
    def next_timeout(self) -> float:
        """When there will be requests though nothing happens; infinity: never."""
        return min(self._ride_by, self.next_retry)

    # --- what is to be written -------------------------------------------------------------------------

    def persist(self, record: Record, transaction: OpenTransaction | None = None) -> int:
        """Ask for a message to be written; return the token.

        What rides along goes first: its place in the file is used again, which is a third of the writing.
        """
        self._release_riders()
        return self._ask(Persist(self._next_token(), record, transaction))

    def amend(self, record: Record) -> int:
        """Ask for the attempts of a message to be written (T-19)."""
        return self._ask(Amend(self._next_token(), record.seq, record.attempts))

    def forget(
        self, seq: int, transaction: OpenTransaction | None = None, closed: str | None = None
    ) -> int:
        """Ask for a message to be removed, now, with all that was to be removed before it (D-6)."""
        self._release_riders()
        return self._ask(Forget(self._next_token(), seq, transaction, closed))

    def forget_later(self, seq: int, *, now: float) -> None:
        """Ask for a message to be removed with whatever is written next, or after a while (D-8)."""
        self._riding.append(seq)
        self._ride_by = min(self._ride_by, now + self.forget_delay)

    def close(self, key: str) -> int:
        """Ask for the record of a transaction to be removed."""
        return self._ask(Close(self._next_token(), key))

    def keep(self, name: str, value: str | None) -> int:
        """Ask for a value to be written under a name; None removes it."""
        return self._ask(Keep(self._next_token(), name, value))

    # --- what the store is told, and says ----------------------------------------------------------------

    def take(self) -> list[StoreRequest]:
        """Return what is to be done since the last call, in order; removals that may ride go along."""
        if not self._asked or self._is_patient:
            return []
        self._release_riders()
        requests, self._asked = self._asked, []
        self._handed += requests
        return requests

    def confirm(self, token: int) -> bool:
        """Note that all up to a token is written; False: it was known."""
        if token <= self.stored:
            return False
        self._handed = [request for request in self._handed if request.token > token]
        # What was left out as needless is never answered: all that comes before what is left is stored.
        left = self._handed or self._asked
        covered = left[0].token - 1 if left else self._token
        self.stored = max(min(token, self._token), covered)
        self.settled = max(self.settled, self.stored)
        self._is_failing = self._is_patient = False
        self.next_retry = inf
        self._unsure.clear()
        self._unsure_keys.clear()
        return True

    def fail(self, token: int, *, now: float) -> bool:
        """Note that the store could not do what it was asked up to a token; True: that is new."""
        self.settled = max(self.settled, min(token, self._token))
        requests = [*self._handed, *self._asked]
        for request in requests:
            if isinstance(request, Persist):
                self._unsure.add(request.record.seq)
                if request.record.part is Part.START and request.record.transaction is not None:
                    self._unsure_keys.add(request.record.transaction)
        self._asked = self._without_surplus(_condense(requests))
        self._handed = []
        self._is_patient = True
        self.next_retry = now + self.store_retry
        is_new, self._is_failing = not self._is_failing, True
        return is_new

    def handle_timeout(self, *, now: float) -> None:
        """Note that time has passed: removals have waited long enough, or a store may be tried again."""
        if self._ride_by <= now:
            self._release_riders()
        if self.next_retry <= now:
            self.next_retry = inf
            self._is_patient = False

    def flush(self) -> None:
        """Let nothing wait any longer: neither removals, nor what a store that has failed was asked for."""
        self._release_riders()
        self._is_patient = False

    def _release_riders(self) -> None:
        riding, self._riding = self._riding, []
        self._ride_by = inf
        for seq in riding:
            self._ask(Forget(self._next_token(), seq))

    def _without_surplus(self, requests: list[StoreRequest]) -> list[StoreRequest]:
        """Leave out the oldest removals of what the store may not even have: else they grow."""
        unsure = [
            request
            for request in requests
            if isinstance(request, Forget) and self._is_unsure(request)
        ]
        surplus = {request.token for request in unsure[: max(0, len(unsure) - MAX_UNSURE)]}
        left = [request for request in requests if request.token not in surplus]
        if surplus:
            self._unsure = {
                request.record.seq if isinstance(request, Persist) else request.seq
                for request in left
                if isinstance(request, Persist | Forget)
            } & self._unsure
        return left

    def _is_unsure(self, request: Forget) -> bool:
        keys = {request.closed, request.transaction and request.transaction.key} - {None}
        return request.seq in self._unsure and keys <= self._unsure_keys

    def _ask(self, request: StoreRequest) -> int:
        self._asked.append(request)
        self._is_patient = False
        return request.token

    def _next_token(self) -> int:
        self._token += 1
        return self._token


def _condense(requests: list[StoreRequest]) -> list[StoreRequest]:
    """Return what comes to the same, with every first part of it a state that may be (D-3).

    Nobody knows how far the store got, so what may be in it is removed, though it is not written again.
    """
    gone = {request.seq for request in requests if isinstance(request, Forget)}
    attempts = {request.seq: request for request in requests if isinstance(request, Amend)}
    values = {request.name: request for request in requests if isinstance(request, Keep)}
    changed = _last_changes(requests)
    removed: set[int] = set()
    kept: list[StoreRequest] = []
    for request in requests:
        match request:
            case Persist(token, record, transaction) if record.seq in gone:
                if transaction is not None and changed[transaction.key] != token:
                    transaction = None  # a later request says more
                if record.seq not in removed or transaction:
                    removed.add(record.seq)
                    kept.append(Forget(token, record.seq, transaction))
            case Forget(_, seq, transaction, closed):
                if seq not in removed or transaction or closed is not None:
                    removed.add(seq)
                    kept.append(request)
            case Amend(_, seq, _):
                if seq not in gone and attempts[seq] is request:
                    kept.append(request)
            case Keep(_, name, _):
                if values[name] is request:
                    kept.append(request)
            case _:
                kept.append(request)
    return kept


def _last_changes(requests: Iterable[StoreRequest]) -> dict[str, int]:
    """Return the token of the last request that says what each transaction is, by its key."""
    changes: dict[str, int] = {}
    for request in requests:
        if isinstance(request, Persist | Forget) and request.transaction:
            changes[request.transaction.key] = request.token
        if isinstance(request, Forget) and request.closed is not None:
            changes[request.closed] = request.token
        elif isinstance(request, Close):
            changes[request.key] = request.token
    return changes
