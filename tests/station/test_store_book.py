"""`StoreBook` alone: after a failure it asks for the least that brings a store to the truth (D-3, D-9)."""

from collections.abc import Sequence
from math import inf
from random import Random
from typing import Any

import pytest
from station_pair import Disk

from ocpp_sansio import Version
from ocpp_sansio.station import (
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
from ocpp_sansio.station.storing import MAX_UNSURE, StoreBook


def record(seq: int, part: Part = Part.NONE, key: str | None = None, **changes: Any) -> Record:
    return Record(
        seq=seq,
        version=Version.OCPP16,
        action="Any",
        body=b"{}",
        part=part,
        transaction=key,
        **changes,
    )


def state(key: str, number: int = 0) -> OpenTransaction:
    return OpenTransaction(key=key, version=Version.OCPP16, next_seq_no=number)


def made() -> StoreBook:
    return StoreBook(forget_delay=5.0, store_retry=30.0)


def asked_again(book: StoreBook) -> list[StoreRequest]:
    """Let the store fail at all that it was ever asked, and return what it is asked after the wait."""
    book.take()
    book.fail(book.last_token, now=0.0)
    book.handle_timeout(now=30.0)
    return book.take()


# --- tokens -------------------------------------------------------------------------------------------


def test_requests_are_handed_out_once_and_those_that_were_not_confirmed_again() -> None:
    book = made()
    for seq in (1, 2, 3):
        assert book.persist(record(seq)) == book.last_token == seq
    assert [each.token for each in book.take()] == [1, 2, 3]
    assert book.take() == []
    assert book.persist(record(4)) == 4
    assert [each.token for each in book.take()] == [4]
    assert book.confirm(2)
    assert (book.stored, book.settled) == (2, 2)
    assert book.confirm(2) is False
    assert book.confirm(1) is False
    assert (book.stored, book.settled) == (2, 2)
    assert [each.token for each in asked_again(book)] == [3, 4]


def test_no_token_counts_that_was_never_given_out() -> None:
    book = made()
    book.persist(record(1))
    book.take()
    book.fail(99, now=0.0)
    assert (book.stored, book.settled) == (0, 1)
    book.handle_timeout(now=30.0)
    book.take()
    assert book.confirm(99)
    assert (book.stored, book.settled) == (1, 1)
    book.persist(record(2))
    assert (book.stored, book.settled) == (1, 1)
    book.fail(1, now=0.0)
    assert book.settled == 1


def test_a_failure_is_news_once_and_again_after_a_success() -> None:
    book = made()
    book.keep("name", "value")
    book.take()
    assert book.fail(1, now=0.0)
    assert not book.fail(1, now=0.0)
    book.flush()
    assert [each.token for each in book.take()] == [1]
    assert book.confirm(1)
    book.keep("name", "other")
    book.take()
    assert book.fail(2, now=0.0)


# --- waiting ------------------------------------------------------------------------------------------


def test_a_store_that_failed_is_asked_again_after_the_wait_or_with_something_new() -> None:
    book = made()
    assert book.next_timeout == inf
    book.keep("name", "value")
    first = book.take()
    book.fail(1, now=100.0)
    assert book.next_timeout == 130.0
    assert book.take() == []
    book.handle_timeout(now=129.9)
    assert book.next_timeout == 130.0
    assert book.take() == []
    book.handle_timeout(now=130.0)
    assert book.next_timeout == inf
    assert book.take() == first
    book.fail(1, now=130.0)
    book.keep("other", "value")
    assert [each.token for each in book.take()] == [1, 2]
    assert book.confirm(2)
    assert book.next_timeout == inf  # nothing is left to be tried


def test_removals_ride_until_the_first_of_them_has_waited_long_enough() -> None:
    book = made()
    book.forget_later(1, now=10.0)
    book.forget_later(2, now=12.0)
    assert book.next_timeout == 15.0
    book.handle_timeout(now=14.9)
    assert book.take() == []
    assert book.next_timeout == 15.0
    book.handle_timeout(now=15.0)
    assert book.take() == [Forget(1, 1), Forget(2, 2)]
    assert book.next_timeout == inf


@pytest.mark.parametrize("what", ["persist", "forget", "amend", "close", "keep", "flush"])
def test_removals_ride_with_whatever_is_written(what: str) -> None:
    """Before a message or a removal, whose place they make; after the rest (D-6, D-8)."""
    book = made()
    book.forget_later(1, now=0.0)
    match what:
        case "persist":
            book.persist(record(2))
        case "forget":
            book.forget(2)
        case "amend":
            book.amend(record(2, attempts=7))
        case "close":
            book.close("key")
        case "keep":
            book.keep("name", None)
        case _:
            book.flush()
    expected: dict[str, list[StoreRequest]] = {
        "persist": [Forget(1, 1), Persist(2, record(2))],
        "forget": [Forget(1, 1), Forget(2, 2)],
        "amend": [Amend(1, 2, 7), Forget(2, 1)],
        "close": [Close(1, "key"), Forget(2, 1)],
        "keep": [Keep(1, "name", None), Forget(2, 1)],
        "flush": [Forget(1, 1)],
    }
    assert book.take() == expected[what]
    assert book.next_timeout == inf
    assert book.take() == []


def test_a_flush_lets_a_store_that_failed_be_asked_at_once() -> None:
    book = made()
    book.keep("name", "value")
    book.take()
    book.fail(1, now=0.0)
    assert book.take() == []
    book.flush()
    assert book.take() == [Keep(1, "name", "value")]


def test_all_is_stored_though_the_last_requests_were_needless_after_a_failure() -> None:
    book = made()
    book.persist(record(1))
    book.take()
    book.forget(1)
    assert asked_again(book) == [Forget(1, 1)]
    assert book.confirm(1)
    assert book.stored == book.settled == book.last_token == 2
    book.amend(record(2, attempts=1))
    book.forget(2)
    book.take()
    book.forget(2)
    assert [each.token for each in asked_again(book)] == [4]
    book.keep("name", "value")  # not handed out yet
    assert book.confirm(4)
    assert book.stored == 5 < book.last_token


# --- what is asked again ------------------------------------------------------------------------------


A1, A2, K1, K2 = state("a", 1), state("a", 2), state("k", 1), state("k", 2)


@pytest.mark.parametrize(
    ("asked", "again"),
    [
        ([("persist", record(1))], [Persist(1, record(1))]),
        ([("persist", record(1)), ("forget", 1)], [Forget(1, 1)]),
        # a message that is written anew, with the time put right (K-6), and gone by now
        ([("persist", record(1)), ("persist", record(1)), ("forget", 1)], [Forget(1, 1)]),
        ([("forget", 1), ("forget", 1)], [Forget(1, 1)]),
        ([("forget", 1), ("forget", 1, A1)], [Forget(1, 1), Forget(2, 1, A1)]),
        ([("forget", 1), ("forget", 1, None, "a")], [Forget(1, 1), Forget(2, 1, None, "a")]),
        # what a transaction is stays, and no earlier state of it comes back
        ([("persist", record(1), A1), ("forget", 1)], [Forget(1, 1, A1)]),
        (
            [("persist", record(1), A1), ("persist", record(1), K1), ("forget", 1)],
            [Forget(1, 1, A1), Forget(2, 1, K1)],
        ),
        (
            [("persist", record(1), A1), ("forget", 1, A2)],
            [Forget(1, 1), Forget(2, 1, A2)],
        ),
        (
            [("persist", record(1), A1), ("persist", record(2), A2), ("forget", 1)],
            [Forget(1, 1), Persist(2, record(2), A2)],
        ),
        (
            [("persist", record(1), A1), ("persist", record(2), K2), ("forget", 1)],
            [Forget(1, 1, A1), Persist(2, record(2), K2)],
        ),
        (
            [("persist", record(1), A1), ("forget", 1, None, "a")],
            [Forget(1, 1), Forget(2, 1, None, "a")],
        ),
        (
            [("persist", record(1), A1), ("forget", 1), ("close", "a")],
            [Forget(1, 1), Close(3, "a")],
        ),
        ([("close", "a"), ("close", "k")], [Close(1, "a"), Close(2, "k")]),
        # the last number of failures, and the last value of a name
        (
            [("amend", record(1, attempts=1)), ("amend", record(1, attempts=2))],
            [Amend(2, 1, 2)],
        ),
        (
            [("amend", record(1, attempts=1)), ("amend", record(2, attempts=1))],
            [Amend(1, 1, 1), Amend(2, 2, 1)],
        ),
        ([("amend", record(1, attempts=1)), ("forget", 1)], [Forget(2, 1)]),
        (
            [("keep", "x", "1"), ("keep", "y", "1"), ("keep", "x", None)],
            [
                Keep(2, "y", "1"),
                Keep(3, "x", None),
            ],
        ),
    ],
)
def test_what_is_asked_again_is_the_least_that_says_the_same(
    asked: list[tuple[Any, ...]], again: list[StoreRequest]
) -> None:
    book = made()
    for name, *arguments in asked:
        getattr(book, name)(*arguments)
    assert asked_again(book) == again
    assert asked_again(book) == again  # and once more


def test_a_store_that_stops_anywhere_comes_to_the_truth_in_the_end() -> None:
    """Two books hear the same; one store is sound, the other does a part of what it is asked and fails."""
    for seed in range(150):
        chance = Random(seed)
        sound, failing = made(), made()
        truth, disk = Disk(), Disk()
        messages, seq, key = dict[int, str](), 0, ""
        for step in range(40):
            what = chance.choice(["post", "post", "forget", "later", "amend", "close", "keep"])
            if what == "post":
                seq += 1
                key = chance.choice("abc")
                messages[seq] = key
            elif what in {"forget", "later", "amend"} and not messages:
                continue
            chosen = chance.choice([*messages]) if messages else 0
            with_state, is_closed = chance.random() < 0.3, chance.random() < 0.3
            for book in (sound, failing):
                match what:
                    case "post":
                        book.persist(record(seq, key=key), state(key, step))
                    case "forget":
                        key = messages[chosen]
                        changed = state(key, step) if with_state else None
                        book.forget(chosen, changed, key if is_closed and not with_state else None)
                    case "later":
                        book.forget_later(chosen, now=step)
                    case "amend":
                        book.amend(record(chosen, attempts=step))
                    case "close":
                        book.close("abc"[step % 3])
                    case _:
                        book.keep("xyz"[step % 3], str(step) if with_state else None)
            if what in {"forget", "later"}:
                del messages[chosen]
            truth_requests = sound.take()
            _store(truth, sound, truth_requests, len(truth_requests))
            requests = failing.take()
            done = chance.choice([0, len(requests) // 2, len(requests)])
            _store(disk, failing, requests, done, is_told=chance.random() < 0.4)
        for book, store in ((sound, truth), (failing, disk)):
            book.flush()
            requests = book.take()
            _store(store, book, requests, len(requests))
            assert book.stored == book.last_token
        assert disk.records == truth.records
        assert disk.transactions == truth.transactions
        assert {name: value for name, value in disk.values.items() if value} == truth.values


def _store(
    disk: Disk, book: StoreBook, requests: Sequence[Any], done: int, *, is_told: bool = True
) -> None:
    """Have a store do the first so many of its requests; it has failed if these are not all."""
    for request in requests[:done]:
        if isinstance(request, Keep) and request.value is None:
            disk.values.pop(request.name, None)
        disk.apply_one(request)
    if not requests:
        return
    if done == len(requests) and is_told:
        book.confirm(requests[-1].token)
    else:
        book.fail(requests[-1].token, now=0.0)


# --- a store that fails for long -----------------------------------------------------------------------


def fail_at_charges(book: StoreBook, first: int, count: int) -> list[StoreRequest]:
    """Post and deliver whole charges of two messages while the store fails; return what is asked then."""
    for number in range(first, first + count):
        key, start, end = f"key {number}", 2 * number, 2 * number + 1
        book.persist(record(start, Part.START, key), state(key))
        book.persist(record(end, Part.END, key), state(key, 1))
        book.take()
        book.fail(book.last_token, now=0.0)
        book.forget(start, state(key, 2))
        book.forget(end, closed=key)
        book.take()
        book.fail(book.last_token, now=0.0)
    book.flush()
    return book.take()


def test_of_charges_that_came_and_went_while_the_store_failed_the_newest_removals_are_kept() -> (
    None
):
    book = made()
    asked = fail_at_charges(book, 1, 300)
    removed = [each.seq for each in asked if isinstance(each, Forget)]
    assert len(removed) == MAX_UNSURE
    assert max(removed) == 601
    assert {601 - each for each in removed} <= set(range(MAX_UNSURE))
    assert len(book._unsure) <= MAX_UNSURE
    book.fail(book.last_token, now=0.0)
    assert fail_at_charges(book, 301, 1)[-1] == Forget(book.last_token, 603, None, "key 301")


def test_what_the_store_has_for_certain_is_removed_however_long_it_failed() -> None:
    book = made()
    book.persist(record(1, Part.START, "old"), state("old"))
    book.take()
    book.fail(1, now=0.0)
    book.flush()
    book.take()
    book.confirm(1)  # so the store has it
    book.persist(record(2, Part.END, "old"), state("old", 1))
    book.take()
    book.fail(2, now=0.0)
    book.forget(1)
    book.forget(2, closed="old")  # the message it may have, the transaction it has
    asked = fail_at_charges(book, 2, 300)
    assert [each for each in asked if isinstance(each, Forget) and each.seq == 1]
    assert [each.closed for each in asked if isinstance(each, Forget) and each.seq == 2] == ["old"]


def test_removals_up_to_the_cap_are_all_kept() -> None:
    for count in (MAX_UNSURE, MAX_UNSURE + 1):
        book = made()
        for seq in range(1, count + 1):
            book.persist(record(seq))
        book.take()
        book.fail(count, now=0.0)
        for seq in range(1, count + 1):
            book.forget(seq)
        removed = [each.seq for each in asked_again(book) if isinstance(each, Forget)]
        assert removed == [*range(count - MAX_UNSURE + 1, count + 1)]
