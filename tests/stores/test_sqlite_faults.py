"""`SqliteStore` where the medium, its file system or its owner's rights fail it (D-9, D-10, D-15)."""

import errno
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from store_contents import NOON, contents, quick_directory, record, transaction

from ocpp_sansio.station import Close, Forget, Keep, Persist
from ocpp_sansio.stores import SqliteStore, StoreError, StoreProblem

CONNECT = sqlite3.connect


@pytest.fixture
def path() -> Any:
    with quick_directory() as directory:
        yield directory / "outbox.db"


class Medium:
    """What fails at which statement; and every statement that there was."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.faults: dict[str, Any] = {}
        self.statements: list[str] = []
        self.options: dict[str, Any] = {}
        medium = self

        class Connection(sqlite3.Connection):
            def execute(self, sql: str, *arguments: Any) -> Any:
                medium.statements.append(sql)
                fault = medium.fault(sql)
                if isinstance(fault, Exception):
                    raise fault
                return super().execute(sql if fault is None else fault, *arguments)

            def close(self) -> None:
                super().close()
                fault = medium.fault("close")
                if fault:
                    raise fault

        def connect(*arguments: Any, **options: Any) -> Any:
            medium.options = options
            return CONNECT(*arguments, factory=Connection, **options)

        monkeypatch.setattr(sqlite3, "connect", connect)

    def fault(self, sql: str) -> Any:
        return next((fault for begin, fault in self.faults.items() if sql.startswith(begin)), None)


@pytest.fixture
def medium(monkeypatch: pytest.MonkeyPatch) -> Medium:
    return Medium(monkeypatch)


def failure(code: int = sqlite3.SQLITE_IOERR) -> sqlite3.Error:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    return error


def refusal(use: Callable[[], object]) -> StoreError:
    with pytest.raises(StoreError) as caught:
        use()
    assert "outbox.db" in str(caught.value)
    return caught.value


def open_files() -> int:
    return len([*Path("/dev/fd").iterdir()])


def filled(path: Path) -> list[object]:
    with SqliteStore(path, reserve=0) as store:
        store.apply([Persist(1, record(1), transaction()), Keep(2, "key", "value")])
        return list(contents(store))


# --- rights -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whose", "right"),
    [("file", os.R_OK), ("file", os.W_OK), ("directory", os.W_OK), ("directory", os.X_OK)],
)
def test_a_file_without_the_rights_to_it_is_refused_untouched(
    path: Path, monkeypatch: pytest.MonkeyPatch, whose: str, right: int
) -> None:
    """What the kernel would say of anyone but root, who may do all."""
    before = filled(path)
    lacking = path if whose == "file" else path.parent
    monkeypatch.setattr(os, "access", lambda at, mode: not (Path(at) == lacking and mode & right))
    error = refusal(lambda: SqliteStore(path))
    assert error.problem is StoreProblem.READ_ONLY
    assert "check the permissions" in str(error)
    monkeypatch.undo()
    with SqliteStore(path) as store:
        assert list(contents(store)) == before


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        (errno.EACCES, StoreProblem.READ_ONLY),
        (errno.EPERM, StoreProblem.READ_ONLY),
        (errno.EROFS, StoreProblem.READ_ONLY),
        (errno.ENOSPC, StoreProblem.UNREACHABLE),
    ],
)
def test_a_file_that_cannot_be_made_is_told_by_the_reason(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, problem: StoreProblem
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    error = refusal(lambda: SqliteStore(path))
    assert error.problem is problem
    assert str(error).endswith(f"cannot be made: {os.strerror(number)}")


def test_a_file_system_without_a_write_ahead_log_is_refused(path: Path, medium: Medium) -> None:
    medium.faults["PRAGMA journal_mode"] = "SELECT 'delete'"
    error = refusal(lambda: SqliteStore(path))
    assert error.problem is StoreProblem.READ_ONLY
    assert "allows no write-ahead log" in str(error)


# --- a medium that fails ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement", ["PRAGMA application_id", "BEGIN IMMEDIATE", "PRAGMA user_version = 1"]
)
@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (sqlite3.SQLITE_IOERR, StoreProblem.BROKEN),
        (sqlite3.SQLITE_FULL, StoreProblem.FULL),
        (sqlite3.SQLITE_BUSY, StoreProblem.LOCKED),
        (sqlite3.SQLITE_PERM, StoreProblem.READ_ONLY),
        (sqlite3.SQLITE_CANTOPEN, StoreProblem.UNREACHABLE),
    ],
)
def test_a_store_that_cannot_be_looked_at_is_refused_and_never_set_aside(
    path: Path, medium: Medium, statement: str, code: int, problem: StoreProblem
) -> None:
    before = filled(path)
    count = open_files()
    medium.faults[statement] = failure(code)
    error = refusal(lambda: SqliteStore(path))
    assert error.problem is problem
    assert str(error).endswith("(disk I/O error)")
    assert open_files() == count  # while the exception lives
    medium.faults.clear()
    with SqliteStore(path) as store:
        assert list(contents(store)) == before
        assert store.load().damage is None


def test_a_medium_that_fails_while_it_is_read_loses_nothing(path: Path, medium: Medium) -> None:
    before = filled(path)
    with SqliteStore(path) as store:
        medium.faults["SELECT key"] = failure()
        error = refusal(store.load)
        assert error.problem is StoreProblem.BROKEN
        assert "check the medium" in str(error)
        medium.faults.clear()
        assert list(contents(store)) == before


def test_a_medium_that_fails_at_a_commit_has_nothing_written_and_the_next_is_whole(
    path: Path, medium: Medium
) -> None:
    with SqliteStore(path) as store:
        store.apply([Persist(1, record(1, posted_at=NOON))])
        before = contents(store)
        for faults in ({"COMMIT": failure()}, {"COMMIT": failure(), "ROLLBACK": failure()}):
            medium.faults = dict(faults)
            late = record(2, posted_at=NOON + 5000)
            error = refusal(lambda late=late: store.apply([Persist(2, late)]))  # type: ignore[misc]
            assert error.problem is StoreProblem.BROKEN
            medium.faults.clear()
            if "ROLLBACK" in faults:
                store._opened().execute("ROLLBACK")
            assert contents(store) == before
        store.apply([Persist(3, record(3, posted_at=NOON + 5100))])
    with SqliteStore(path) as store:
        assert store.load().utc_floor == NOON + 5100


def test_the_time_of_what_was_not_written_is_no_floor(path: Path) -> None:
    with SqliteStore(path) as store:
        store.apply([Persist(1, record(1, posted_at=NOON))])
        with pytest.raises(ValueError, match="surrogates"):
            store.apply([Persist(2, record(2, posted_at=NOON + 5000)), Close(3, "\ud800")])
        assert store.load().utc_floor == NOON
        store.apply([Persist(4, record(4, posted_at=NOON + 5100))])
    with SqliteStore(path) as store:
        assert store.load().utc_floor == NOON + 5100


def test_a_medium_that_fails_as_it_is_let_go_of_is_no_news(path: Path, medium: Medium) -> None:
    store = SqliteStore(path)
    medium.faults["close"] = failure()
    store.close()
    medium.faults["PRAGMA application_id"] = failure()
    assert refusal(lambda: SqliteStore(path)).problem is StoreProblem.BROKEN


# --- damage -----------------------------------------------------------------------------------------------


def test_a_new_file_that_is_damaged_as_well_is_the_mediums_fault(
    path: Path, medium: Medium
) -> None:
    filled(path)
    medium.faults["PRAGMA integrity_check"] = "SELECT 'row 7 is missing'"
    error = refusal(lambda: SqliteStore(path))
    assert error.problem is StoreProblem.BROKEN
    assert "the new file in its place is so too (row 7 is missing): check the medium" in str(error)
    assert path.with_name("outbox.db.damaged-1").exists()
    assert not path.with_name("outbox.db.damaged-2").exists()


def test_a_damaged_file_that_cannot_be_renamed_is_left_as_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(path)
    damaged = path.read_bytes()[:512] + bytes(512)
    path.write_bytes(damaged)

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    count = open_files()
    monkeypatch.setattr(Path, "rename", refuse)
    error = refusal(lambda: SqliteStore(path))
    assert error.problem is StoreProblem.READ_ONLY
    text = str(error)
    assert "is damaged (" in text
    assert text.endswith("cannot be renamed: Read-only file system")
    assert open_files() == count
    assert path.read_bytes() == damaged


def head(path: Path, at: int, value: bytes) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:at] + value + content[at + len(value) :])


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: head(path, 18, b"\x09"), "its head says that it may not be written"),
        (lambda path: head(path, 0, bytes(1024)), "file is not a database"),
        (lambda path: head(path, 68, b"\x00\x00\x00\x05"), "its head is not that of a store"),
        (lambda path: head(path, 60, b"\x00\x00\x00\x00"), "its head is not that of a store"),
    ],
)
def test_a_damaged_head_is_told_by_what_is_wrong_with_it(
    path: Path, damage: Callable[[Path], None], reason: str
) -> None:
    filled(path)
    damage(path)
    count = open_files()
    with SqliteStore(path) as store:
        found = store.load().damage
    assert found
    assert found.reason == reason
    assert open_files() == count


def test_a_text_is_told_from_a_damaged_store_by_its_first_hundred_bytes(path: Path) -> None:
    path.write_bytes(b"x" * 100 + bytes(924))
    assert refusal(lambda: SqliteStore(path)).problem is StoreProblem.FOREIGN
    path.write_bytes(b"x" * 99 + bytes(925))
    with SqliteStore(path) as store:
        assert store.load().damage


# --- what reaches the medium, and when ---------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="directories as POSIX has them")
def test_a_new_name_is_flushed_and_no_file_stays_open(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    flush = os.fsync

    def note(file: int) -> None:
        flushed.append(os.fstat(file).st_ino)
        flush(file)

    monkeypatch.setattr(os, "fsync", note)
    count, directory = open_files(), path.parent.stat().st_ino
    filled(path)
    assert flushed == [directory]  # it was made
    filled(path)
    assert flushed == [directory]  # there is nothing new
    head(path, 0, bytes(1024))
    filled(path)
    assert flushed == [directory] * 3  # renamed, and made anew
    assert open_files() == count


def test_the_wait_for_a_lock_is_the_one_that_was_given(path: Path, medium: Medium) -> None:
    SqliteStore(path, lock_wait=0.25).close()
    assert medium.options["timeout"] == 0.25


def test_the_settings_are_said_though_a_build_may_have_them(path: Path, medium: Medium) -> None:
    SqliteStore(path).close()
    assert "PRAGMA synchronous = FULL" in medium.statements
    assert medium.statements.index("PRAGMA locking_mode = EXCLUSIVE") == 0


def test_the_floor_of_the_clock_is_written_once_in_ten_minutes(path: Path, medium: Medium) -> None:
    with SqliteStore(path) as store:
        for seq, seconds in enumerate((0.0, 1.0, 599.9, 600.0, 601.0, 1199.9, 0.0), start=1):
            store.apply([Persist(seq, record(seq, posted_at=NOON + seconds))])
        written = [each for each in medium.statements if "INTO clock" in each]
        assert len(written) == 3
        assert store.load().utc_floor == NOON
        store.apply([Persist(8, record(8, posted_at=NOON + 600.0)), Forget(9, 8)])
        assert store.load().utc_floor == NOON + 600.0


def test_the_reserve_is_taken_up_and_no_more(path: Path) -> None:
    with SqliteStore(path, reserve=1_500_000):
        assert 1_500_000 <= path.stat().st_size <= 1_560_000


@pytest.mark.parametrize(
    ("number", "kind"),
    [(2**63 - 1, "integer"), (-(2**63), "integer"), (2**63, "text"), (-(2**63) - 1, "text")],
)
def test_a_number_is_a_number_in_the_file_while_it_can_be(
    path: Path, number: int, kind: str
) -> None:
    with SqliteStore(path, reserve=0) as store:
        store.apply([Persist(1, record(1), transaction(transaction_id=number))])
        (found,) = store._opened().execute("SELECT typeof(id) FROM tx").fetchone()
        assert found == kind
        assert store.load().transactions[0].transaction_id == number
