"""What the tests of stores put into them: a day of a station, as the requests that it makes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from ocpp_sansio.core import Version
from ocpp_sansio.station import (
    Amend,
    Droppable,
    Forget,
    Lane,
    OpenTransaction,
    Part,
    Persist,
    Record,
    StoreRequest,
)
from ocpp_sansio.stores import MemoryStore, Store

READING = b'{"connectorId":1,"meterValue":[' + b" " * 540 + b"]}"
"""A payload of the size that the figures are about."""

NOON = 1_800_000_000.0
"""A time of day, in seconds of UTC since 1970."""


@contextmanager
def quick_directory() -> Iterator[Path]:
    """Make a directory in memory where there is one: a flush costs nothing there."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


def record(seq: int, part: Part = Part.MIDDLE, **changes: object) -> Record:
    """Return a message of the transaction "a"."""
    action = {Part.START: "StartTransaction", Part.END: "StopTransaction"}.get(part, "MeterValues")
    made = Record(
        seq=seq,
        version=Version.OCPP16,
        action=action,
        body=READING,
        transaction="a",
        part=part,
        droppable=Droppable.FIRST if part is Part.MIDDLE else Droppable.NEVER,
        posted_at=NOON + seq,
    )
    return replace(made, **changes)


def transaction(key: str = "a", **changes: object) -> OpenTransaction:
    """Return an open transaction of 1.6."""
    made = OpenTransaction(key=key, version=Version.OCPP16, connector=1, last_seen=NOON)
    return replace(made, **changes)


def charge(messages: int = 10) -> list[list[StoreRequest]]:
    """Return the commits of one charge: posted while offline, delivered later, one failure between."""
    last = messages
    posted: list[list[StoreRequest]] = []
    for seq in range(1, messages + 1):
        part = {1: Part.START, last: Part.END}.get(seq, Part.MIDDLE)
        state = transaction(is_ended=part is Part.END, last_seen=NOON + seq)
        posted.append([Persist(seq, record(seq, part), state)])
    token = messages
    delivered: list[list[StoreRequest]] = [[Amend(token + 1, 1, 1)]]
    token += 1
    for seq in range(1, messages + 1):
        token += 1
        known = transaction(transaction_id=2**70, is_ended=True, last_seen=NOON + messages)
        changed = known if seq == 1 else None
        delivered.append([Forget(token, seq, changed, "a" if seq == last else None)])
    security = record(
        messages + 1,
        Part.NONE,
        action="SecurityEventNotification",
        lane=Lane.SECURITY,
        transaction=None,
        droppable=Droppable.NEVER,
        posted_at=None,
    )
    return [*posted, *delivered, [Persist(token + 1, security)]]


def states_of(commits: Sequence[Sequence[StoreRequest]]) -> list[object]:
    """Return what a store holds before the first commit and after each."""
    model = MemoryStore()
    found: list[object] = [contents(model)]
    for commit in commits:
        model.apply(commit)
        found.append(contents(model))
    return found


def contents(store: Store) -> tuple[object, ...]:
    """Return what a store holds, without the floor of the clock, which may be a little low."""
    restored = store.load()
    return restored.records, restored.transactions, dict(restored.values)
