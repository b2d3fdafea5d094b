"""What every store keeps to: order, exact values, requests twice, reopening (D-3 to D-5)."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_contents import NOON, charge, contents, quick_directory, record, states_of, transaction

from ocpp_sansio.core import Version
from ocpp_sansio.station import (
    Amend,
    Close,
    Droppable,
    Forget,
    Keep,
    Lane,
    OpenTransaction,
    Part,
    Persist,
    Record,
    Restored,
    StoreRequest,
)
from ocpp_sansio.stores import MemoryStore, SqliteStore, Store

Open = Callable[[], Store]


@pytest.fixture(params=["memory", "sqlite"])
def reopen(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Return what opens the same store again, as a restart does."""
    if request.param == "memory":
        memory = MemoryStore()
        yield lambda: memory
        return
    with quick_directory() as directory:
        yield lambda: SqliteStore(directory / "outbox.db", reserve=0)


def test_a_new_store_holds_nothing(reopen: Open) -> None:
    store = reopen()
    assert store.load() == Restored(values={})
    store.close()


def test_what_is_stored_is_there_after_each_commit_and_after_a_restart(reopen: Open) -> None:
    commits = charge()
    states = states_of(commits)
    for number, commit in enumerate(commits):
        store = reopen()
        assert contents(store) == states[number]
        assert store.apply(commit) == commit[-1].token
        assert contents(store) == states[number + 1]
        store.close()


def test_requests_of_one_apply_are_carried_out_in_their_order(reopen: Open) -> None:
    store = reopen()
    requests = [request for commit in charge() for request in commit]
    assert store.apply(requests) == requests[-1].token
    assert contents(store) == states_of(charge())[-1]
    store.close()


def test_a_request_may_be_repeated_and_one_about_what_is_not_there_does_nothing(
    reopen: Open,
) -> None:
    store = reopen()
    for commit in charge(4):
        store.apply(commit)
        store.apply(commit)
    assert contents(store) == states_of(charge(4))[-1]
    before = contents(store)
    store.apply([Amend(99, 77, 3), Forget(100, 77), Close(101, "never"), Keep(102, "never", None)])
    assert contents(store) == before
    store.close()


@pytest.mark.parametrize("number", [0, -1, 2**31, -(2**63), 2**63 - 1, 2**63, -(10**300)])
def test_a_transaction_keeps_any_id_that_a_csms_answers(reopen: Open, number: int) -> None:
    store = reopen()
    store.apply([Persist(1, record(1), transaction(transaction_id=number, connector=number))])
    store.close()
    (kept,) = reopen().load().transactions
    assert (kept.transaction_id, kept.connector) == (number, number)


@pytest.mark.parametrize("text", ["", "ß 漢 🔌", "a\0b", "'; DROP TABLE tx; --", "x" * 5000])
def test_texts_and_bodies_come_back_as_they_went_in(reopen: Open, text: str) -> None:
    store = reopen()
    odd = record(1, action=text, transaction=text, body=text.encode() + b"\xff\x00")
    store.apply([Persist(1, odd, transaction(text)), Keep(2, text, text)])
    store.close()
    restored = reopen().load()
    assert restored.records == (odd,)
    assert restored.transactions == (transaction(text),)
    assert restored.values == {text: text}


def test_a_value_under_a_name_is_replaced_and_removed(reopen: Open) -> None:
    store = reopen()
    store.apply([Keep(1, "HeartbeatInterval", "300"), Keep(2, "Other", "x")])
    store.apply([Keep(3, "HeartbeatInterval", "600"), Keep(4, "Other", None)])
    store.close()
    assert reopen().load().values == {"HeartbeatInterval": "600"}


def test_the_last_time_is_kept_ten_minutes_low_at_most_and_goes_back_with_the_clock(
    reopen: Open,
) -> None:
    store = reopen()
    store.apply([Persist(1, record(1, posted_at=NOON))])
    assert store.load().utc_floor == NOON
    store.apply([Persist(2, record(2, posted_at=None))])
    assert store.load().utc_floor == NOON
    store.apply([Persist(3, record(3, posted_at=NOON + 599)), Forget(4, 3)])
    assert NOON <= (store.load().utc_floor or 0) <= NOON + 599
    store.apply([Persist(5, record(5, posted_at=NOON + 601)), Forget(6, 5)])
    store.close()
    store = reopen()
    assert store.load().utc_floor == NOON + 601
    store.apply([Persist(7, record(7, posted_at=NOON - 5e8))])  # the clock had been far ahead
    store.close()
    assert reopen().load().utc_floor == NOON - 5e8


def test_what_is_removed_is_gone_and_what_is_another_stays(reopen: Open) -> None:
    store = reopen()
    for seq, key in enumerate("abc", start=1):
        store.apply([Persist(seq, record(seq, transaction=key), transaction(key))])
    store.apply([Close(4, "a"), Forget(5, 2, None, "b"), Amend(6, 1, 5)])
    store.apply([Forget(7, 3, transaction("c", is_ended=True))])
    store.close()
    restored = reopen().load()
    assert restored.records == (record(1, transaction="a", attempts=5),)
    assert restored.transactions == (transaction("c", is_ended=True),)


def test_to_store_nothing_is_a_mistake(reopen: Open) -> None:
    store = reopen()
    with pytest.raises(ValueError, match="nothing to store"):
        store.apply([])
    store.close()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
maybe_times = st.none() | st.floats(allow_nan=False, allow_infinity=False)
transactions = st.builds(
    OpenTransaction,
    key=st.sampled_from(["a", "b", ""]),
    version=st.sampled_from(Version),
    connector=st.none() | st.integers(0, 3),
    transaction_id=st.none() | st.integers(-(2**80), 2**80),
    next_seq_no=st.integers(0, 2**31),
    is_ended=st.booleans(),
    last_seen=maybe_times,
)
records = st.builds(
    Record,
    seq=st.integers(1, 4),
    version=st.sampled_from(Version),
    action=texts,
    body=st.binary(max_size=2000),
    lane=st.sampled_from(Lane),
    transaction=st.none() | texts,
    part=st.sampled_from(Part),
    droppable=st.sampled_from(Droppable),
    attempts=st.integers(0, 2**31),
    posted_at=maybe_times,
)
requests: st.SearchStrategy[StoreRequest] = st.one_of(
    st.builds(Persist, st.just(1), records, st.none() | transactions),
    st.builds(Amend, st.just(1), st.integers(1, 4), st.integers(0, 9)),
    st.builds(
        Forget,
        st.just(1),
        st.integers(1, 4),
        st.none() | transactions,
        st.none() | st.sampled_from(["a", "b", ""]),
    ),
    st.builds(Close, st.just(1), st.sampled_from(["a", "b", ""])),
    st.builds(Keep, st.just(1), st.sampled_from(["x", "y"]), st.none() | texts),
)


@settings(max_examples=60)
@given(st.lists(st.lists(requests, min_size=1, max_size=4), max_size=6))
def test_a_file_holds_what_memory_holds(commits: list[list[StoreRequest]]) -> None:
    memory = MemoryStore()
    with quick_directory() as directory:
        with SqliteStore(directory / "outbox.db", reserve=0) as store:
            for commit in commits:
                assert store.apply(commit) == memory.apply(commit)
        with SqliteStore(directory / "outbox.db", reserve=0) as store:
            assert contents(store) == contents(memory)


def test_a_commit_of_which_one_request_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "outbox.db") as store:
        store.apply([Persist(1, record(1), transaction())])
        before = contents(store)
        with pytest.raises(ValueError, match="surrogates"):
            store.apply([Forget(2, 1), Persist(3, record(2)), Close(4, "\ud800")])
        assert contents(store) == before
        store.apply([Forget(5, 1)])


def test_the_file_can_be_read_with_any_tool(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    with SqliteStore(path) as store:
        store.apply([Persist(1, record(1, Part.START), transaction(transaction_id=7))])
    db = sqlite3.connect(path)
    assert db.execute(
        "SELECT seq, version, action, lane, tx, attempts FROM message"
    ).fetchall() == [(1, "ocpp1.6", "StartTransaction", "transaction", "a", 0)]
    assert db.execute("SELECT key, connector, id, next_seq, ended, seen FROM tx").fetchall() == [
        ("a", 1, 7, 0, 0, NOON)
    ]
    db.close()
