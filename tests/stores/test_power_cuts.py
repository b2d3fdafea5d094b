"""The power goes at any byte that an SQLite store writes: whole commits are found, and no halves."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from store_contents import charge, contents, quick_directory, record, states_of

from ocpp_sansio.station import Persist, StoreRequest
from ocpp_sansio.stores import SqliteStore


class Image(NamedTuple):
    """The two files of a store while it is open."""

    database: bytes
    log: bytes

    def placed_in(self, directory: Path) -> Path:
        """Write them down as a power cut leaves them, and return the store's name."""
        path = directory / "outbox.db"
        path.write_bytes(self.database)
        path.with_name("outbox.db-wal").write_bytes(self.log)
        return path


def images_of(commits: list[list[StoreRequest]]) -> list[Image]:
    """Return the files when the store has been made, and after each commit."""
    with quick_directory() as directory, SqliteStore(directory / "outbox.db", reserve=0) as store:

        def image() -> Image:
            log = directory / "outbox.db-wal"
            return Image((directory / "outbox.db").read_bytes(), log.read_bytes())

        found = [image()]
        for commit in commits:
            store.apply(commit)
            found.append(image())
        return found


@pytest.fixture
def directory() -> Iterator[Path]:
    with quick_directory() as made:
        yield made


def opened(image: Image, directory: Path) -> tuple[object, ...]:
    """Return what a restart finds, and leave nothing of it behind."""
    with SqliteStore(image.placed_in(directory), reserve=0) as store:
        assert store.load().damage is None
        return contents(store)


def test_a_log_cut_anywhere_shows_exactly_the_last_whole_commit(directory: Path) -> None:
    commits = charge(5)
    images = images_of(commits)
    states = states_of(commits)
    sizes = [len(image.log) for image in images]
    assert sizes == sorted(set(sizes))  # all in one log: nothing was written to the database yet
    last = images[-1]
    near = {size + step for size in sizes for step in (-1, 0, 1, 24)}
    for cut in sorted({*range(0, len(last.log), 64), *near}):
        whole = max((number for number, size in enumerate(sizes) if size <= cut), default=0)
        assert opened(Image(last.database, last.log[:cut]), directory) == states[whole], cut


def test_a_commit_costs_the_log_a_few_pages_and_looking_costs_nothing() -> None:
    images = images_of(charge(8))
    pages = [(len(after.log) - len(before.log)) / 1048 for before, after in pairwise(images)]
    assert max(pages) <= 6  # D-12: the message, its transaction, and what leads to them
    with quick_directory() as directory, SqliteStore(directory / "outbox.db", reserve=0) as store:
        store.apply(charge(3)[0])
        files = {
            file: (file.stat().st_mtime_ns, file.stat().st_size) for file in directory.iterdir()
        }
        for _ in range(3):
            store.load()
        assert files == {
            file: (file.stat().st_mtime_ns, file.stat().st_size) for file in directory.iterdir()
        }


def test_a_log_with_a_byte_changed_shows_some_of_the_commits_from_the_first_on(
    directory: Path,
) -> None:
    commits = charge(4)
    last = images_of(commits)[-1]
    states = states_of(commits)
    found = set()
    for place in range(0, len(last.log), 101):
        log = bytearray(last.log)
        log[place] ^= 1 << place % 8
        state = opened(Image(last.database, bytes(log)), directory)
        assert state in states
        found.add(states.index(state))
    assert len(found) > len(states) // 2


def test_a_commit_that_is_torn_while_the_log_is_written_anew_is_there_or_not(
    directory: Path,
) -> None:
    commits = charge(16)
    images = images_of(commits)
    states = states_of(commits)
    torn = 0
    for number, (before, after) in enumerate(pairwise(images)):
        is_reused = len(before.log) == len(after.log) and before.database == after.database
        if not is_reused:
            continue
        for cut in range(0, len(after.log), 512):
            if after.log[:cut] == before.log[:cut]:
                continue
            state = opened(Image(after.database, after.log[:cut] + before.log[cut:]), directory)
            assert state in (states[number], states[number + 1])
            torn += 1
            if after.log[cut:] == before.log[cut:]:
                break
    assert torn > 20


def test_pages_written_to_the_database_are_in_the_log_too_until_all_are_there(
    directory: Path,
) -> None:
    commits = charge(16)
    images = images_of(commits)
    states = states_of(commits)
    checkpoints = 0
    for number, (before, after) in enumerate(pairwise(images)):
        if before.database == after.database:
            continue
        checkpoints += 1
        padded = before.database.ljust(len(after.database), b"\0")
        for cut in range(0, len(after.database), 333):
            torn = after.database[:cut] + padded[cut:]
            assert opened(Image(torn, after.log), directory) == states[number + 1]
    assert checkpoints


def test_a_database_with_any_byte_changed_is_opened_all_the_same(directory: Path) -> None:
    path = directory / "outbox.db"
    with SqliteStore(path, reserve=0) as store:
        for commit in charge(3)[:3]:
            store.apply(commit)
    sound = path.read_bytes()
    damaged = 0
    for place in [*range(100), *range(100, len(sound), 37)]:
        content = bytearray(sound)
        content[place] ^= 0xFF
        path.write_bytes(bytes(content))
        with SqliteStore(path, reserve=0) as store:
            found = store.load()
            damaged += found.damage is not None
            store.apply([Persist(1, record(100))])
            assert store.load().records[-1] == record(100)
        for file in directory.iterdir():
            file.unlink()
    assert damaged > 40
