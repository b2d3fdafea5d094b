"""The tables of an SQLite store, and what of a record stands in which column.

A table is written with a column list of its own throughout, so that a later format may add columns.
"""

from typing import Any, TypeVar

import msgspec

from ocpp_sansio.station import OpenTransaction, Record

__all__ = [
    "APPLICATION_ID",
    "FORMAT",
    "PUT_RECORD",
    "PUT_TRANSACTION",
    "RECORDS",
    "TABLES",
    "TRANSACTIONS",
    "UTC",
    "VALUES",
    "UnreadableRow",
    "read_record",
    "read_transaction",
    "read_utc",
    "read_value",
    "record_row",
    "transaction_row",
]

APPLICATION_ID = int.from_bytes(b"OCPP", "big")
"""By which `file` and we know whose database it is."""

FORMAT = 1
"""The `user_version` of what is below; a change of it comes with code that reads the older ones (D-14)."""

TABLES = {
    "message": """CREATE TABLE message (
        seq INTEGER PRIMARY KEY, version TEXT NOT NULL, action TEXT NOT NULL, lane TEXT NOT NULL,
        tx TEXT, part TEXT NOT NULL, droppable TEXT NOT NULL, attempts INTEGER NOT NULL,
        posted_at REAL, body BLOB NOT NULL)""",
    "tx": """CREATE TABLE tx (
        key TEXT PRIMARY KEY NOT NULL, version TEXT NOT NULL, connector, id,
        next_seq INTEGER NOT NULL, ended INTEGER NOT NULL, seen REAL) WITHOUT ROWID""",
    "kept": "CREATE TABLE kept (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID",
    "clock": "CREATE TABLE clock (id INTEGER PRIMARY KEY CHECK (id = 1), utc REAL NOT NULL)",
}
"""The statements that make them, by name."""

_RECORD_COLUMNS = "seq, version, action, lane, tx, part, droppable, attempts, posted_at, body"
_RECORD_FIELDS = (
    *("seq", "version", "action", "lane", "transaction", "part", "droppable", "attempts"),
    *("posted_at", "body"),
)
PUT_RECORD = f"INSERT OR REPLACE INTO message ({_RECORD_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)"  # noqa: S608
"""Takes a `record_row`."""
RECORDS = f"SELECT {_RECORD_COLUMNS} FROM message ORDER BY seq"  # noqa: S608 - our own words
"""For `read_record`."""

_TRANSACTION_COLUMNS = "key, version, connector, id, next_seq, ended, seen"
_TRANSACTION_FIELDS = (
    *("key", "version", "connector", "transaction_id", "next_seq_no", "is_ended", "last_seen"),
)
PUT_TRANSACTION = f"INSERT OR REPLACE INTO tx ({_TRANSACTION_COLUMNS}) VALUES (?,?,?,?,?,?,?)"  # noqa: S608
"""Takes a `transaction_row`."""
TRANSACTIONS = f"SELECT {_TRANSACTION_COLUMNS} FROM tx ORDER BY key"  # noqa: S608
"""For `read_transaction`."""

VALUES = "SELECT name, value FROM kept ORDER BY name"
"""For `read_value`."""

UTC = "SELECT utc FROM clock"
"""For `read_utc`."""

_Row = TypeVar("_Row", Record, OpenTransaction)
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


class UnreadableRow(Exception):  # noqa: N818 - it never leaves this package
    """A row that no store of this format can have written."""


def record_row(record: Record) -> tuple[object, ...]:
    """Return the values of a message's columns."""
    return (
        record.seq,
        record.version.value,
        record.action,
        record.lane.value,
        record.transaction,
        record.part.value,
        record.droppable.value,
        record.attempts,
        record.posted_at,
        record.body,
    )


def read_record(row: tuple[Any, ...]) -> Record:
    """Return the message of a row."""
    return _read(dict(zip(_RECORD_FIELDS, row, strict=True)), Record)


def transaction_row(transaction: OpenTransaction) -> tuple[object, ...]:
    """Return the values of a transaction's columns."""
    return (
        transaction.key,
        transaction.version.value,
        _as_column(transaction.connector),
        _as_column(transaction.transaction_id),
        transaction.next_seq_no,
        int(transaction.is_ended),
        transaction.last_seen,
    )


def read_transaction(row: tuple[Any, ...]) -> OpenTransaction:
    """Return the transaction of a row."""
    found = dict(zip(_TRANSACTION_FIELDS, row, strict=True))
    found["is_ended"] = bool(found["is_ended"])
    for field in ("connector", "transaction_id"):
        if isinstance(found[field], str):
            found[field] = _as_integer(found[field])
    return _read(found, OpenTransaction)


def read_value(row: tuple[Any, ...]) -> tuple[str, str]:
    """Return the name and the value of a row."""
    name, value = row
    if not (isinstance(name, str) and isinstance(value, str)):
        raise UnreadableRow("a value is no text")
    return name, value


def read_utc(row: tuple[Any, ...] | None) -> float | None:
    """Return the time of the row, if there is one."""
    if row is None:
        return None
    if not isinstance(row[0], float):
        raise UnreadableRow("a time is no number")
    return row[0]


def _as_column(number: int | None) -> int | str | None:
    """Return a number as SQLite can hold it: a CSMS may answer one of more than 64 bits (T-23)."""
    if number is None or _LOWEST <= number <= _HIGHEST:
        return number
    return str(number)


def _as_integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UnreadableRow("a number of a transaction is none") from None


def _read(found: dict[str, Any], kind: type[_Row]) -> _Row:
    try:
        return msgspec.convert(found, kind, builtin_types=(bytes,))
    except (msgspec.ValidationError, ValueError) as error:
        raise UnreadableRow(f"a row cannot be read: {error}") from None
