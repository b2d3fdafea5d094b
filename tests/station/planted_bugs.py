"""Stations with one bug each, for `OutboxMachine` to find: what other implementations have, or could have."""

from collections.abc import Callable
from typing import Any, cast

from msgspec.structs import replace

from ocpp_sansio.core import CallErrorReceived, Version
from ocpp_sansio.station import Lane, Outbox, Part, Record, Restored, Station
from ocpp_sansio.station.life import MessageState
from ocpp_sansio.station.outbox import Posted
from ocpp_sansio.station.storing import StoreBook

BUGS: dict[str, tuple[tuple[Version, ...], Callable[[Any], None]]] = {}
"""By name: in which versions it shows, and what plants it, given pytest's monkeypatch."""

EVERY = (Version.OCPP16, Version.OCPP201)
IN_16 = (Version.OCPP16,)
IN_2X = (Version.OCPP201,)


def bug(*versions: Version) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    def register(plant: Callable[[Any], None]) -> Callable[[Any], None]:
        BUGS[plant.__name__] = (versions, plant)
        return plant

    return register


def around(patch: Any, owner: type, name: str, make: Callable[[Any], Any]) -> None:
    patch.setattr(owner, name, make(getattr(owner, name)))


# --- the store ------------------------------------------------------------------------------------


@bug(*EVERY)
def sends_before_it_is_stored(patch: Any) -> None:
    def due_of(outbox: Any, queue: Any) -> float:
        return float(max(queue[0].due, outbox._resume_at))

    patch.setattr(Outbox, "_due_of", due_of)


@bug(*IN_16)
def sends_an_id_before_it_is_stored(patch: Any) -> None:
    def due_of(outbox: Any, queue: Any) -> float:
        is_stored = queue[0].token <= outbox.book.settled
        return float(max(queue[0].due, outbox._resume_at)) if is_stored else float("inf")

    patch.setattr(Outbox, "_due_of", due_of)


@bug(*EVERY)
def removes_a_message_because_it_was_sent(patch: Any) -> None:
    def make(sent: Any) -> Any:
        def wrapped(outbox: Any, message: Posted, call: Any, *, now: float) -> None:
            sent(outbox, message, call, now=now)
            outbox.book.forget(message.record.seq)

        return wrapped

    around(patch, Outbox, "sent", make)


@bug(*IN_16)
def removes_the_start_without_its_id(patch: Any) -> None:
    def make(forget: Any) -> Any:
        return lambda book, seq, _=None, closed=None: forget(book, seq, None, closed)

    around(patch, StoreBook, "forget", make)


@bug(*EVERY)
def never_removes_what_was_delivered(patch: Any) -> None:
    patch.setattr(StoreBook, "forget_later", lambda *_, **__: None)


@bug(*EVERY)
def leaves_the_record_of_a_transaction_behind(patch: Any) -> None:
    def make(forget: Any) -> Any:
        return lambda book, seq, transaction=None, **_: forget(book, seq, transaction)

    around(patch, StoreBook, "forget", make)


@bug(*EVERY)
def does_not_store_that_the_end_is_posted(patch: Any) -> None:
    def make(persist: Any) -> Any:
        def wrapped(book: Any, record: Record, transaction: Any = None) -> Any:
            is_end = record.part is Part.END
            return persist(book, record, None if is_end else transaction)

        return wrapped

    around(patch, StoreBook, "persist", make)


@bug(*EVERY)
def restores_in_the_wrong_order(patch: Any) -> None:
    def make(restore: Any) -> Any:
        def wrapped(outbox: Any, restored: Restored) -> None:
            restore(outbox, replace(restored, records=restored.records[::-1]))

        return wrapped

    around(patch, Outbox, "_restore", make)


@bug(*EVERY)
def stores_no_attempts(patch: Any) -> None:
    patch.setattr(StoreBook, "amend", lambda *_: None)


@bug(*EVERY)
def a_failing_store_stops_the_queue(patch: Any) -> None:
    def make(fail: Any) -> Any:
        def wrapped(book: Any, token: int, *, now: float) -> Any:
            settled = book.settled
            is_new = fail(book, token, now=now)
            book.settled = settled
            return is_new

        return wrapped

    around(patch, StoreBook, "fail", make)


# --- order and ids --------------------------------------------------------------------------------


@bug(*EVERY)
def the_next_overtakes_what_waits_for_its_retry(patch: Any) -> None:
    def make(failed: Any) -> Any:
        def wrapped(outbox: Any, message: Posted, outcome: Any, *, now: float, **more: Any) -> None:
            failed(outbox, message, outcome, now=now, **more)
            queue = outbox._lanes[message.record.lane, message.record.version]
            if message.state is MessageState.WAITING:
                queue.rotate(-1)

        return wrapped

    around(patch, Outbox, "failed", make)


@bug(*IN_16)
def leaves_with_the_id_of_the_newest_transaction(patch: Any) -> None:
    def make(body_of: Any) -> Any:
        def wrapped(outbox: Any, message: Posted) -> Any:
            body = body_of(outbox, message)
            known = [t.transaction_id for t in outbox.transactions if t.transaction_id]
            if "transactionId" in body and known:
                body["transactionId"] = known[-1]
            return body

        return wrapped

    around(patch, Outbox, "body_of", make)


@bug(*IN_16)
def a_start_that_is_given_up_leaves_no_id(patch: Any) -> None:
    patch.setattr("ocpp_sansio.station.outbox.NO_TRANSACTION", 0)


@bug(*EVERY)
def starts_and_ends_are_thinned_out_too(patch: Any) -> None:
    def droppable(transaction: Any, rest: Any) -> Any:
        return iter([*rest, *transaction])

    patch.setattr("ocpp_sansio.station.outbox.droppable_in_order", droppable)


@bug(*EVERY)
def keeps_no_room_for_ends(patch: Any) -> None:
    def with_reserve(outbox: Any, record: Any) -> tuple[int, int]:
        size = len(record.body) if record else 0
        return outbox._count + bool(record), outbox._bytes + size

    patch.setattr(Outbox, "_with_reserve", with_reserve)


@bug(*EVERY)
def the_one_in_flight_does_not_count_as_queued(patch: Any) -> None:
    def make(queued: Any) -> Any:
        def wrapped(outbox: Any, transaction: str | None = None) -> int:
            flying = sum(
                bool(queue) and queue[0].state is MessageState.IN_FLIGHT
                for queue in outbox._lanes.values()
            )
            return int(queued(outbox, transaction)) - flying

        return wrapped

    around(patch, Outbox, "queued", make)


# --- retries: one for each of T-10 to T-16 --------------------------------------------------------------


def failing_otherwise(change: Callable[[Any, Posted], None]) -> Callable[[Any], None]:
    def plant(patch: Any) -> None:
        def make(failed: Any) -> Any:
            def wrapped(
                outbox: Any, message: Posted, outcome: Any, *, now: float, **more: Any
            ) -> None:
                failed(outbox, message, outcome, now=now, **more)
                if message.state is MessageState.WAITING:
                    change(outbox, message)

            return wrapped

        around(patch, Outbox, "failed", make)

    return plant


def _constant(outbox: Any, message: Posted) -> None:
    message.due -= outbox._settings.message_interval * (message.record.attempts - 1)


def _from_sending(outbox: Any, message: Posted) -> None:
    waits = outbox._settings.message_interval * message.record.attempts
    message.due = message.sent_at + waits


BUGS["T10_the_wait_stays_the_same"] = (EVERY, failing_otherwise(_constant))
BUGS["T10_the_wait_counts_from_the_sending"] = (EVERY, failing_otherwise(_from_sending))


@bug(*EVERY)
def T10_one_transmission_too_many(patch: Any) -> None:  # noqa: N802
    def make(failed: Any) -> Any:
        def wrapped(outbox: Any, message: Posted, outcome: Any, **more: Any) -> None:
            settings = outbox._settings
            outbox._settings = replace(settings, message_attempts=settings.message_attempts + 1)
            failed(outbox, message, outcome, **more)
            outbox._settings = settings

        return wrapped

    around(patch, Outbox, "failed", make)


@bug(*EVERY)
def T11_a_lost_link_is_a_failure(patch: Any) -> None:  # noqa: N802
    def aborted(outbox: Any, message: Posted, outcome: Any, *, now: float, **_: Any) -> None:
        outbox.failed(message, outcome, now=now)

    patch.setattr(Outbox, "aborted", aborted)


@bug(*EVERY)
def T12_links_lost_count_for_ever(patch: Any) -> None:  # noqa: N802
    def make(aborted: Any) -> Any:
        def wrapped(outbox: Any, message: Posted, outcome: Any, **more: Any) -> None:
            aborted(outbox, message, outcome, **more)
            message.losses = 0

        return wrapped

    around(patch, Outbox, "aborted", make)


@bug(*EVERY)
def T12_a_lost_link_is_waited_for(patch: Any) -> None:  # noqa: N802
    def make(aborted: Any) -> Any:
        def wrapped(
            outbox: Any, message: Posted, outcome: Any, *, was_sent: bool, now: float
        ) -> None:
            aborted(outbox, message, outcome, was_sent=was_sent, now=now)
            if was_sent:
                message.due = now + 5.0

        return wrapped

    around(patch, Outbox, "aborted", make)


@bug(*EVERY)
def T13_a_stranger_has_failed(patch: Any) -> None:  # noqa: N802
    def make(note: Any) -> Any:
        def wrapped(station: Any, message: Posted, event: Any) -> None:
            if isinstance(event, CallErrorReceived) and station._is_stranger(event):
                station._outbox.failed(message, event, now=station._now)
                station._abort_queued()
            else:
                note(station, message, event)

        return wrapped

    around(patch, Station, "_note_delivery", make)


@bug(*EVERY)
def T14_silence_never_counts(patch: Any) -> None:  # noqa: N802
    def timed_out(outbox: Any, message: Posted, _: Any, *, now: float, **__: Any) -> None:
        outbox.aborted(message, None, was_sent=False, now=now)

    patch.setattr(Outbox, "timed_out", timed_out)


@bug(*EVERY)
def T15_a_broken_answer_is_a_failure(patch: Any) -> None:  # noqa: N802
    def rejected(outbox: Any, message: Posted, outcome: Any, *, now: float) -> None:
        outbox.failed(message, outcome, now=now)

    patch.setattr(Outbox, "rejected", rejected)


@bug(*IN_16)
def T15_a_start_without_an_id_is_delivered(patch: Any) -> None:  # noqa: N802
    patch.setattr("ocpp_sansio.station.outbox._is_id", lambda _: True)


@bug(*EVERY)
def T16_a_late_answer_is_lost(patch: Any) -> None:  # noqa: N802
    patch.setattr(Outbox, "answered_late", lambda *_, **__: None)


@bug(*EVERY)
def T16_a_late_answer_delivers_whatever_is_first(patch: Any) -> None:  # noqa: N802
    def message_of(outbox: Any, call: Any) -> Posted | None:
        for (lane, _), queue in outbox._lanes.items():
            if queue and lane is Lane.TRANSACTION and queue[0].calls:
                return cast("Posted", queue[0])
            if queue and any(call is known for known in queue[0].calls):
                return cast("Posted", queue[0])
        return None

    patch.setattr(Outbox, "message_of", message_of)


# --- 2.x ------------------------------------------------------------------------------------------


@bug(*IN_2X)
def offline_is_fixed_when_it_is_posted(patch: Any) -> None:
    def make(body_of: Any) -> Any:
        def wrapped(outbox: Any, message: Posted) -> Any:
            link = outbox._link
            if message.link:
                outbox._link = message.link
            body = body_of(outbox, message)
            outbox._link = link
            return body

        return wrapped

    around(patch, Outbox, "body_of", make)


@bug(*IN_2X)
def the_next_number_is_forgotten_over_a_boot(patch: Any) -> None:
    def make(restore: Any) -> Any:
        def wrapped(outbox: Any, restored: Restored) -> None:
            fresh = tuple(replace(t, next_seq_no=0) for t in restored.transactions)
            restore(outbox, replace(restored, transactions=fresh))

        return wrapped

    around(patch, Outbox, "_restore", make)
