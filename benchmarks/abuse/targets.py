"""What we promise of a server under attack, in each of its worlds; judged on an idle machine."""

from collections.abc import Callable, Iterator

from benchmarks.abuse import rows
from benchmarks.abuse.arena import WORLDS
from benchmarks.report import Report, Target
from ocpp_sansio.net import Limits

TRIO_BEFORE = {
    "6mb": 12,
    "20x250kb": 71,
    "20x250kb-x": 645,
    "bombs-at-once": 593,
    "bombs": 3_660,
    "never-read": 28,
    "calls": 19,
    "unknown-member": 40,
    "raises": 149,
    "fragments": 104,
    "pings": 26,
}
"""Milliseconds that an honest station waited on trio before anything was done about these attacks."""

STARVED_MS = 250
ANSWERED_MS = 1_000
MEMORY_OF_TLS = 1.15
"""Of asyncio, as a multiple of uvloop's."""
RECORDS_A_SECOND = 8 * 10 + 20
"""Eight connections with ten each, and what is said of their coming and going."""
LONGEST_RECORD = 4_000
"""A record with a traceback."""


def targets(report: Report) -> list[Target]:
    """Return those of the figures that were measured."""
    return [target for figure in _ours(report) for target in _of(*figure)]


def _ours(report: Report) -> Iterator[tuple[str, str, str]]:
    return (key for key in report.figures if key[2] in WORLDS)


def _of(group: str, name: str, world: str) -> Iterator[Target]:
    def at_most(limit: float, unit: str, label: str = "") -> Target:
        return _target(group, name, world, limit=limit, unit=unit, label=label)

    match group:
        case rows.HEARTBEAT:
            yield at_most(STARVED_MS, "ms")
            if name in _TWICE_TRIO:
                yield at_most(_TWICE_TRIO[name], "ms", "twice trio's before")
        case rows.NEWCOMER | rows.SIGTERM | rows.SIEGE_WAIT:
            yield at_most(ANSWERED_MS, "ms")
        case rows.NEWCOMER_REFUSED | rows.SIEGE_REFUSED | rows.ZOMBIES:
            yield at_most(0, "")
        case rows.STORM if name == "reset or refused":
            yield at_most(0, "")
        case rows.LOG:
            yield at_most(RECORDS_A_SECOND, "1/s")
        case rows.LOG_LONGEST:
            yield at_most(LONGEST_RECORD, "B")
        case rows.TASKS:
            yield at_most(50, "MiB")
        case rows.PINNED if (limit := _pinned(name)) is not None:
            yield at_most(limit, "MiB")
    if name in (rows.IDLE_TLS, f"{rows.HALF_OPEN}, highest") and world == "asyncio":
        yield _target(
            group,
            name,
            world,
            limit=MEMORY_OF_TLS,
            unit="x",
            label="uvloop's",
            measure=lambda report: report.ratio(group, name, "asyncio", "uvloop"),
        )


_TWICE_TRIO = {rows.title(key): 2.0 * before for key, before in TRIO_BEFORE.items()}


def _pinned(name: str) -> float | None:
    """Return MiB."""
    per_peer = 4 * Limits().max_unsent / 1024 / 1024
    if name.startswith(rows.NEVER_READ_ONE):
        return 2 * per_peer
    if name.startswith(rows.NEVER_READ_MANY):
        return 50 * per_peer
    if name == f"{rows.LARGEST_IDLE}, when it has settled":
        return 500 * 64 / 1024
    if name.startswith(rows.UNFINISHED):
        return Limits().max_buffered / 1024 / 1024
    return None


def _target(
    group: str,
    name: str,
    world: str,
    *,
    limit: float,
    unit: str,
    label: str,
    measure: Callable[[Report], float] | None = None,
) -> Target:
    return Target(
        ", ".join(filter(None, (group, name, world, label))),
        limit,
        is_lower_bound=False,
        unit=unit,
        measure=measure or (lambda report: report.value(group, name, world)),
    )
