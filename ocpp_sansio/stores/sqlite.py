"""A store in one SQLite file, with the settings that were measured to lose nothing at the least wear.

A write-ahead log, synchronous FULL, pages of 1 KiB, a checkpoint every 64 of them: 1.1 flushes and 3.3 KB at
the device for a message, where what `sqlite3.connect` would do takes 8 flushes and 74 KB.
"""

import errno
import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Self

from ocpp_sansio.core import plain, quote, require_seconds, require_whole
from ocpp_sansio.station import (
    Amend,
    Close,
    Damage,
    Forget,
    Keep,
    OpenTransaction,
    Persist,
    Record,
    Restored,
    StoreRequest,
)
from ocpp_sansio.stores.contents import last_token
from ocpp_sansio.stores.errors import StoreError, StoreProblem
from ocpp_sansio.stores.files import (
    has_lost_its_database,
    make_private,
    may_be_written,
    rename_aside,
)
from ocpp_sansio.stores.rows import (
    APPLICATION_ID,
    FORMAT,
    PUT_RECORD,
    PUT_TRANSACTION,
    RECORDS,
    TABLES,
    TRANSACTIONS,
    UTC,
    VALUES,
    UnreadableRow,
    read_record,
    read_transaction,
    read_utc,
    read_value,
    record_row,
    transaction_row,
)

__all__ = ["SqliteStore"]

_PAGE_SIZE = 1024
_RESERVE = "reserve"
"""A table that is there only while a file is made."""
_RESERVE_STEP = 2**20
_FLOOR_STEP = 600.0
"""Seconds: a floor of the clock that is a little low is one too, and need not be written each time."""


class SqliteStore:
    """A `Store` in one file, which is yours alone: no other process can open it while you live (D-11).

    It is made with the permissions of its owner alone, since it holds idTags; passwords and keys never
    come into it (D-15). A file that is damaged is renamed, never deleted, and a new one begun: `load`
    says so (D-10).
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        reserve: int = 2_621_440,
        max_bytes: int = 2**23,
        lock_wait: float = 1.0,
    ) -> None:
        """Open the file, or make it; its directory has to be there.

        A new file takes up `reserve` bytes at once, so that storing goes on when something else has filled
        the medium: enough for all that the queue of a `Station` may hold, 1 MiB of JSON in 2,000 messages
        (T-30). `max_bytes` is the most that the file may take up (D-13), its log of at most 256 KB aside.
        `lock_wait` is how many seconds to wait for a process that is about to let go of it.

        Raises `StoreError` where that cannot be: in use, not writable, no room, another application's
        file. Raises ValueError for a setting that cannot be.
        """
        require_whole("reserve", reserve, 0)
        require_whole("max_bytes", max_bytes, 64 * _PAGE_SIZE)
        require_seconds("lock_wait", lock_wait, finite=True)
        if os.fspath(path) in {"", ":memory:"}:
            raise ValueError(f"{quote(path)} is no file: use MemoryStore to keep things in memory")
        self._path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
        self._reserve = min(reserve, max_bytes)
        self._max_bytes = max_bytes
        self._lock_wait = lock_wait
        self._lock = Lock()
        self._damage: Damage | None = None
        self._floor: float | None = None
        self._db: sqlite3.Connection | None = None
        try:
            self._open()
        except _Damaged as damaged:
            self._begin_anew(damaged.reason)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<SqliteStore {quote(str(self._path))}>"

    def load(self) -> Restored:
        """Return what is stored: nothing, if that turns out to be damaged and is set aside (D-10)."""
        with self._lock:
            try:
                return self._read_all()
            except _Damaged as damaged:
                self._begin_anew(damaged.reason)
                return Restored(damage=self._damage)

    def apply(self, requests: Sequence[StoreRequest]) -> int:
        """Carry out the requests in one commit; return the last token once all is on the medium (D-3, D-4).

        Raises `StoreError` if they are not, and ValueError if there are none.
        """
        token = last_token(requests)
        with self._lock:
            db = self._opened()
            try:
                self._commit(db, requests)
            except _FAILURES as error:
                raise self._explained(error) from error
        return token

    def close(self) -> None:
        """Let go of the file. What is stored stays; closing twice is harmless."""
        with self._lock:
            db, self._db = self._db, None
            if db is not None:
                # A medium that fails now has failed before, and was told.
                with suppress(sqlite3.Error):
                    db.close()

    def _open(self) -> None:
        """Open the file and make sure that it is ours, in order, and locked."""
        if has_lost_its_database(self._path):
            raise _Damaged("its log is there without its database")
        self._make_file()
        try:
            db = self._db = sqlite3.connect(
                self._path, timeout=self._lock_wait, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self._explained(error) from error
        try:
            self._prepare(db)
        except _FAILURES as error:
            if _is_damage(error) and not self._is_foreign_file(error):
                raise _Damaged(plain(str(error))) from None
            self._give_up(db)
            raise self._explained(error) from error
        except StoreError:
            self._give_up(db)
            raise

    def _make_file(self) -> None:
        try:
            make_private(self._path)
        except FileNotFoundError:
            raise StoreError(
                StoreProblem.UNREACHABLE,
                f"{self._name} cannot be made: there is no such directory; make it first",
            ) from None
        except OSError as error:
            refused = error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}
            raise StoreError(
                StoreProblem.READ_ONLY if refused else StoreProblem.UNREACHABLE,
                f"{self._name} cannot be made: {error.strerror}",
            ) from error
        if not may_be_written(self._path):  # SQLite would call it an I/O error
            problem, advice = _READ_ONLY
            raise StoreError(problem, f"{self._name} {advice}")

    def _prepare(self, db: sqlite3.Connection) -> None:
        # Before the first look at the file: so the lock is taken with it, and the log needs no shared memory.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._refuse_what_is_not_ours(db)
        db.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise StoreError(
                StoreProblem.READ_ONLY, f"the file system of {self._name} allows no write-ahead log"
            )
        for setting in (
            "synchronous = FULL",
            "fullfsync = ON",  # macOS: a flush that reaches the medium
            "checkpoint_fullfsync = ON",
            "wal_autocheckpoint = 64",
            "journal_size_limit = 262144",
            "cache_size = -64",
            "temp_store = MEMORY",
            "secure_delete = FAST",  # some builds write zeros over all that is removed
        ):
            db.execute(f"PRAGMA {setting}")
        _make_sure_that_it_takes_writes(db)
        tables = _tables(db)
        if not tables:
            _make_tables(db)
            _take_up(db, self._reserve)
        elif _RESERVE in tables:  # the power went while it was made
            db.execute(f"DROP TABLE {_RESERVE}")
        # What is there already may be more than is allowed now: it stays, and nothing is added to it.
        db.execute(f"PRAGMA max_page_count = {self._max_bytes // _PAGE_SIZE}")
        (verdict,) = db.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise _Damaged(plain(verdict))

    def _refuse_what_is_not_ours(self, db: sqlite3.Connection) -> None:
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (written_as,) = db.execute("PRAGMA user_version").fetchone()
        tables = _tables(db)
        if not tables and application in {0, APPLICATION_ID}:
            return  # new, or the power went while it was made
        if application != APPLICATION_ID and not TABLES.keys() <= tables:
            raise StoreError(
                StoreProblem.FOREIGN,
                f"{self._name} is the database of another application: give the store a file of its own",
            )
        if application != APPLICATION_ID or not TABLES.keys() <= tables or written_as < 1:
            raise _Damaged("its head is not that of a store")
        if written_as > FORMAT:  # D-14
            raise _Damaged(
                f"it has format {written_as}, of a later ocpp_sansio; this one reads up to"
                f" {FORMAT}: start that one with the file to deliver what is in it"
            )

    def _is_foreign_file(self, error: Exception) -> bool:
        """Whether what SQLite takes for no database never was one, but a text: that has no zero bytes.

        No file is looked at before SQLite has said so: closing it ends the lock that another store of this
        process may have on it.
        """
        if _code(error) != sqlite3.SQLITE_NOTADB:
            return False
        with self._path.open("rb") as file:
            head = file.read(100)
        return b"\0" not in head

    def _begin_anew(self, reason: str) -> None:
        """Rename what is there, and start with an empty file (D-10)."""
        db, self._db = self._db, None
        if db is not None and os.name != "posix":
            db.close()  # an open file cannot be renamed
        try:
            kept_as = rename_aside(self._path)
        except OSError as error:
            raise StoreError(
                StoreProblem.READ_ONLY,
                f"{self._name} is damaged ({reason}) and cannot be renamed: {error.strerror}",
            ) from error
        finally:
            if db is not None:
                self._give_up(db)  # after the renaming: its log would be gone
        self._damage = Damage(str(kept_as), reason)
        self._floor = None
        try:
            self._open()
        except _Damaged as damaged:
            raise StoreError(
                StoreProblem.BROKEN,
                f"{self._name} was damaged, and the new file in its place is so too ({damaged.reason}):"
                " check the medium",
            ) from None

    def _give_up(self, db: sqlite3.Connection) -> None:
        self._db = None
        with suppress(sqlite3.Error):
            db.close()

    def _read_all(self) -> Restored:
        db = self._opened()
        try:
            records = tuple(read_record(row) for row in db.execute(RECORDS))
            transactions = tuple(read_transaction(row) for row in db.execute(TRANSACTIONS))
            values = dict(read_value(row) for row in db.execute(VALUES))
            self._floor = read_utc(db.execute(UTC).fetchone())
        except UnreadableRow as error:
            raise _Damaged(plain(str(error))) from None
        except _FAILURES as error:
            if _is_damage(error):
                raise _Damaged(plain(str(error))) from None
            raise self._explained(error) from error
        return Restored(
            records=records,
            transactions=transactions,
            values=values,
            utc_floor=self._floor,
            damage=self._damage,
        )

    def _commit(self, db: sqlite3.Connection, requests: Sequence[StoreRequest]) -> None:
        floor = self._floor
        db.execute("BEGIN IMMEDIATE")
        try:
            for request in requests:
                self._carry_out(db, request)
            db.execute("COMMIT")
        except BaseException:
            self._floor = floor
            if db.in_transaction:  # SQLite ends it by itself where the medium fails
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
            raise

    def _carry_out(self, db: sqlite3.Connection, request: StoreRequest) -> None:
        match request:
            case Persist():
                self._put_record(db, request.record)
                _put_transaction(db, request.transaction)
            case Amend():
                db.execute(
                    "UPDATE message SET attempts = ? WHERE seq = ?", (request.attempts, request.seq)
                )
            case Forget():
                db.execute("DELETE FROM message WHERE seq = ?", (request.seq,))
                _put_transaction(db, request.transaction)
                if request.closed is not None:
                    _remove_transaction(db, request.closed)
            case Close():
                _remove_transaction(db, request.key)
            case Keep(value=None):
                db.execute("DELETE FROM kept WHERE name = ?", (request.name,))
            case Keep():
                db.execute(
                    "INSERT OR REPLACE INTO kept (name, value) VALUES (?,?)",
                    (request.name, request.value),
                )

    def _put_record(self, db: sqlite3.Connection, record: Record) -> None:
        db.execute(PUT_RECORD, record_row(record))
        utc = record.posted_at
        if utc is None:
            return
        if self._floor is None or not self._floor <= utc < self._floor + _FLOOR_STEP:
            db.execute("INSERT OR REPLACE INTO clock (id, utc) VALUES (1, ?)", (utc,))
            self._floor = utc

    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            raise StoreError(
                StoreProblem.CLOSED, f"{self._name} was closed: make a new SqliteStore"
            )
        return self._db

    def _explained(self, error: Exception) -> StoreError:
        problem, advice = _PROBLEMS.get(_code(error), _BROKEN)
        return StoreError(problem, f"{self._name} {advice} ({plain(str(error))})")

    @property
    def _name(self) -> str:
        return f"the store {quote(str(self._path))}"


class _Damaged(Exception):  # noqa: N818 - it never leaves this module
    """The file has to be set aside."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""UnicodeDecodeError: an error whose text names what it has found in a damaged file."""

_BROKEN = (
    StoreProblem.BROKEN,
    "cannot be read or written: check the medium; a damaged file is set aside at the next start",
)
_LOCKED = (
    StoreProblem.LOCKED,
    "is in use: stop the other process, or give each station a file of its own",
)
_READ_ONLY = (
    StoreProblem.READ_ONLY,
    "may not be written: check the permissions of file and directory, and how it is mounted",
)
_PROBLEMS = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_FULL: (
        StoreProblem.FULL,
        "has no room left: free some on its medium, or raise max_bytes",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        StoreProblem.UNREACHABLE,
        "cannot be opened: check that it is a file, and the permissions of its directory",
    ),
    sqlite3.SQLITE_NOTADB: (
        StoreProblem.FOREIGN,
        "is another kind of file, and was left as it is: give the store a file of its own",
    ),
}


def _code(error: Exception) -> int:
    """Return SQLite's primary error code; 0 for what the Python module raises by itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _is_damage(error: Exception) -> bool:
    """Whether the file is damaged, not the medium full, locked or failing; 0: a text that is not UTF-8."""
    return _code(error) in {0, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}


def _make_sure_that_it_takes_writes(db: sqlite3.Connection) -> None:
    """Set a file aside whose head says that it may not be written; its permissions do not."""
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute(f"PRAGMA user_version = {FORMAT}")
    except sqlite3.Error as error:
        if _code(error) == sqlite3.SQLITE_READONLY:
            raise _Damaged("its head says that it may not be written") from None
        raise
    finally:
        db.execute("ROLLBACK")


def _tables(db: sqlite3.Connection) -> set[Any]:
    return {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _make_tables(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    for table in TABLES.values():
        db.execute(table)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {FORMAT}")
    db.execute("COMMIT")


def _take_up(db: sqlite3.Connection, reserve: int) -> None:
    """Make a file so large: what was written and removed again stays with it, as room for later."""
    if not reserve:
        return
    db.execute(f"CREATE TABLE {_RESERVE} (zeros BLOB)")
    for start in range(0, reserve, _RESERVE_STEP):  # by parts: the log is to stay small
        zeros = min(_RESERVE_STEP, reserve - start)
        db.execute(f"INSERT INTO {_RESERVE} VALUES (zeroblob(?))", (zeros,))  # noqa: S608
    db.execute(f"DROP TABLE {_RESERVE}")
    db.execute("PRAGMA wal_checkpoint(RESTART)")


def _put_transaction(db: sqlite3.Connection, transaction: OpenTransaction | None) -> None:
    if transaction is not None:
        db.execute(PUT_TRANSACTION, transaction_row(transaction))


def _remove_transaction(db: sqlite3.Connection, key: str) -> None:
    db.execute("DELETE FROM tx WHERE key = ?", (key,))
