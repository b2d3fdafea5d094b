"""Memory: an idle station in a CSMS, a station's firmware at its peak, and what a million messages leave."""

from collections.abc import Iterator
from contextlib import ExitStack

import psutil

from benchmarks import loopback
from benchmarks.effort import Effort
from benchmarks.processes import Child, child, module
from benchmarks.report import FLOOR, OURS, Figure

GROUP = "memory"
KIB = 1024

FIRMWARE = "station's firmware, peak; floor: bare interpreter with websockets"
BLOCKS_LEFT = "Python objects more after {:,} messages"
RESIDENT_LEFT = "resident memory more after {:,} messages"

FIRST_STATIONS = 20
"""Connected before it is counted, so that what is loaded on first use is not laid at a station's door."""
SOAK_SECONDS = 600.0
FIRMWARE_SECONDS = 60.0


def idle_station(count: int) -> str:
    """Return the name of a figure."""
    return f"idle station, {count:,} connected"


def figures(effort: Effort) -> Iterator[Figure]:
    """Measure the group."""
    for contender in (OURS, FLOOR):
        values = [_idle_station(contender, effort.idle_stations) for _ in range(effort.rounds)]
        yield Figure(GROUP, idle_station(effort.idle_stations), contender, "KiB", values)
    yield from _firmware(effort)
    yield from _what_is_left(effort.soak_messages)


def _idle_station(contender: str, count: int) -> float:
    with ExitStack() as stack:
        running, port = stack.enter_context(loopback.server(contender, "asyncio"))

        def connect(count: int, first: int) -> None:
            stack.enter_context(
                loopback.stations(contender, running, port, count, action="Heartbeat", first=first)
            )

        connect(FIRST_STATIONS, 0)
        before = _memory_of(running)
        connect(count, FIRST_STATIONS)
        return (_memory_of(running) - before) / count / KIB


def _memory_of(running: Child) -> int:
    return int(psutil.Process(running.pid).memory_full_info().uss)


def _firmware(effort: Effort) -> Iterator[Figure]:
    with child(module("firmware", "csms")) as csms:
        port = csms.report(FIRMWARE_SECONDS)
        _peak("ours", str(port))  # so that what is counted is compiled already
        ours = [_peak("ours", str(port)) for _ in range(effort.rounds)]
    yield Figure(GROUP, FIRMWARE, OURS, "KiB", ours)
    yield Figure(GROUP, FIRMWARE, FLOOR, "KiB", [_peak("floor") for _ in range(effort.rounds)])


def _peak(*arguments: str) -> float:
    with child(module("firmware", *arguments)) as running:
        return float(running.report(FIRMWARE_SECONDS))


def _what_is_left(messages: int) -> Iterator[Figure]:
    with child(module("soak", str(messages))) as running:
        found = running.report(SOAK_SECONDS)
    yield Figure(GROUP, BLOCKS_LEFT.format(messages), OURS, "objects", [found["blocks"]])
    yield Figure(GROUP, RESIDENT_LEFT.format(messages), OURS, "KiB", [found["resident"] / KIB])
