"""Which messages go when the queue is full: those that can best be done without (T-31, T-32)."""

from collections.abc import Iterable, Iterator, Sequence

from ocpp_sansio.station.records import Droppable, Lane, Record

__all__ = ["droppable_in_order"]


def droppable_in_order(transaction: Sequence[Record], rest: Iterable[Record]) -> Iterator[Record]:
    """Yield all records that may be dropped, in the order in which they are to be.

    `transaction` is the transaction lane without its first and its last, `rest` the lane of all else.
    """
    yield from (record for record in rest if record.lane is Lane.REST)  # oldest first
    for class_ in (Droppable.FIRST, Droppable.LATER):
        left = [record for record in transaction if record.droppable is class_]
        while left:
            dropped = _every_other(left)
            yield from dropped
            gone = {record.seq for record in dropped}
            left = [record for record in left if record.seq not in gone]


def _every_other(records: Iterable[Record]) -> list[Record]:
    """Return the 1st, 3rd, 5th … of each transaction, in the order of the queue."""
    seen: dict[str | None, int] = {}
    chosen = []
    for record in records:
        count = seen[record.transaction] = seen.get(record.transaction, 0) + 1
        if count % 2:
            chosen.append(record)
    return chosen
