"""What a CSMS has billed, in one SQLite file: it knows a repetition when it is started again, too."""

import sqlite3
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import blake2s
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from ocpp_sansio.core import (
    LocalProtocolError,
    OcppError,
    Response,
    Version,
    catalog,
    from_json,
    plain,
    quote,
    to_json,
)

__all__ = ["Answers", "Bill", "Books", "BooksError"]

_APPLICATION: Final = 0x0CC9B001
_FORMAT: Final = 1
_TABLES: Final = (
    """CREATE TABLE answer (
        number INTEGER PRIMARY KEY AUTOINCREMENT, station TEXT, key TEXT, version TEXT, action TEXT,
        body BLOB, UNIQUE (station, key)
    )""",
    """CREATE TABLE bill (
        number INTEGER PRIMARY KEY AUTOINCREMENT, station TEXT, name TEXT, connector INTEGER,
        id_tag TEXT, began INTEGER, last INTEGER, ended INTEGER, at TEXT
    )""",
    "CREATE UNIQUE INDEX by_name ON bill (station, name) WHERE name IS NOT NULL",
)
MAX_ANSWERS: Final = 1_000_000
"""First answers that are kept, the newest: a repetition comes within days, not years."""
MAX_BILLS: Final = 1_000_000
"""Charges that are kept, the newest."""
_ADVICE: Final = {
    sqlite3.SQLITE_BUSY: "is in use: stop the other CSMS, or give each a file of its own",
    sqlite3.SQLITE_READONLY: "may not be written: check the permissions of file and directory",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: check that its directory is there, and is yours",
    sqlite3.SQLITE_NOTADB: "is another kind of file: give the CSMS a file of its own",
    sqlite3.SQLITE_CORRUPT: "is damaged: put it aside, and begin a new one",
    sqlite3.SQLITE_FULL: "has no room left: free some",
}


class BooksError(OcppError):
    """The file cannot be used; the text says why, and what to do."""


class Bill(Struct, frozen=True):
    """One charge, as far as it is known."""

    number: int
    """The transactionId of 1.6."""
    station: str
    name: str | None
    """The transactionId of 2.x."""
    connector: int | None
    id_tag: str | None
    began: int | None
    """Wh on the meter."""
    last: int | None
    ended: int | None

    @property
    def energy(self) -> int | None:
        """Wh, so far or in all; None as long as one end is not known."""
        end = self.ended if self.ended is not None else self.last
        return None if end is None or self.began is None else end - self.began


class Books:
    """The file, or as much in memory where none is given. Each commit is on the medium before it returns."""

    def __init__(self, path: Path | None, *, max_answers: int = MAX_ANSWERS) -> None:
        """Open it, or make it; raises BooksError."""
        self._max_answers = max_answers
        self._name = quote(str(path)) if path else "the books"
        try:
            self._db = sqlite3.connect(str(path or ":memory:"), timeout=0.2)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise
        except sqlite3.Error as error:
            raise self._explained(error) from None

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def entry(self) -> Iterator[None]:
        """Write all that is written inside, or nothing of it; raises BooksError."""
        try:
            with self._db:
                yield
        except sqlite3.Error as error:
            raise self._explained(error) from None

    def begin(
        self,
        station: str,
        name: str | None,
        connector: int | None,
        id_tag: str | None,
        wh: int | None,
    ) -> Bill:
        """Write down the beginning of a charge; one that is known by its name may lack it so far."""
        known = self.find(station, name)
        if known is not None:
            return self._change(known.number, began=wh, connector=connector, id_tag=id_tag)
        row = (station, name, connector, id_tag, wh, wh, datetime.now(UTC).isoformat())
        columns = "(station, name, connector, id_tag, began, last, at)"
        cursor = self._db.execute(f"INSERT INTO bill {columns} VALUES (?,?,?,?,?,?,?)", row)  # noqa: S608
        number = cursor.lastrowid or 0
        self._db.execute("DELETE FROM bill WHERE number <= ?", (number - MAX_BILLS,))
        (bill,) = self._bills("number = ?", number)
        return bill

    def reach(self, bill: Bill, wh: int) -> Bill:
        """Write down how far a charge is; a reading that comes late changes nothing."""
        return self._change(bill.number, last=max(wh, bill.last or 0))

    def end(self, bill: Bill, wh: int | None) -> Bill:
        """Write down the end of a charge."""
        return self._change(bill.number, ended=wh)

    def _change(self, number: int, **values: object) -> Bill:
        names = ", ".join(f"{name} = ?" for name in values)
        self._db.execute(f"UPDATE bill SET {names} WHERE number = ?", (*values.values(), number))  # noqa: S608
        (found,) = self._bills("number = ?", number)
        return found

    def find(self, station: str, name: str | None) -> Bill | None:
        """Return a charge of 2.x by its name."""
        return next(self._bills("station = ? AND name = ?", station, name), None)

    def by_number(self, station: str, number: int) -> Bill | None:
        """Return a charge of a station by its number."""
        return next(self._bills("station = ? AND number = ?", station, number), None)

    def running(self, station: str) -> Bill | None:
        """Return the newest charge of a station that has not ended."""
        where = "station = ? AND ended IS NULL ORDER BY number DESC LIMIT 1"
        return next(self._bills(where, station), None)

    def all(self) -> list[Bill]:
        """Return all charges, in the order in which they became known."""
        return list(self._bills("1 ORDER BY number"))

    def _bills(self, where: str, *values: object) -> Iterator[Bill]:
        columns = "number, station, name, connector, id_tag, began, last, ended"
        rows = self._db.execute(f"SELECT {columns} FROM bill WHERE {where}", values)  # noqa: S608
        return (Bill(*row) for row in rows.fetchall())

    # --- answers ----------------------------------------------------------------------------------

    def answer(self, station: str, key: str) -> Response | None:
        """Return what a message of a station was answered the first time."""
        query = "SELECT version, action, body FROM answer WHERE station = ? AND key = ?"
        row = self._db.execute(query, (station, key)).fetchone()
        if row is None:
            return None
        version, action, body = row
        response = catalog(Version(version))[action].response
        try:
            return from_json(response, body) if response else None
        except LocalProtocolError as error:
            raise BooksError(f"{self._name} has an answer that is none: {error}") from None

    def keep_answer(self, station: str, key: str, action: str, answer: Response) -> None:
        """Write down what a message of a station is answered."""
        row = (station, key, answer.version.value, action, to_json(answer))
        columns = "(station, key, version, action, body)"
        cursor = self._db.execute(f"INSERT INTO answer {columns} VALUES (?,?,?,?,?)", row)  # noqa: S608
        oldest = (cursor.lastrowid or 0) - self._max_answers
        self._db.execute("DELETE FROM answer WHERE number <= ?", (oldest,))

    # --- the file ---------------------------------------------------------------------------------

    def _prepare(self) -> None:
        db = self._db
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (form,) = db.execute("PRAGMA user_version").fetchone()
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != _APPLICATION:
            raise BooksError(
                f"{self._name} is the database of another program: give the CSMS a file of its own"
            )
        if form > _FORMAT:
            raise BooksError(f"{self._name} is of a later ocpp_sansio: its format is {form}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("BEGIN IMMEDIATE")
        if not tables:
            for table in _TABLES:
                db.execute(table)
            db.execute(f"PRAGMA application_id = {_APPLICATION}")
            db.execute(f"PRAGMA user_version = {_FORMAT}")
        db.execute("COMMIT")

    def _explained(self, error: sqlite3.Error) -> BooksError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        advice = _ADVICE.get(code, "cannot be read or written")
        return BooksError(f"{self._name} {advice} ({plain(str(error))})")


class Answers:
    """The first answers to one station, as `Repetitions` wants to have them."""

    def __init__(self, books: Books, station: str) -> None:
        self._books = books
        self._station = station

    def get(self, key: tuple[Hashable, ...]) -> Any:
        """Return the first answer to a message, or None."""
        return self._books.answer(self._station, _digest(key))

    def __setitem__(self, key: tuple[Hashable, ...], answer: Any) -> None:
        self._books.keep_answer(self._station, _digest(key), str(key[0]), answer)


def _digest(key: tuple[Hashable, ...]) -> str:
    """Return a key in few letters: it may be as long as a message."""
    return blake2s(repr(key).encode()).hexdigest()
