"""Workers are killed and frozen over the events of stations. `-m processes` runs this, and `.ci/run` does."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from processes import Program, Site, on_site

from ocpp_sansio import v16
from ocpp_sansio.asyncio import NetSession
from ocpp_sansio.outcomes import CallFailed

pytestmark = pytest.mark.processes

QUICK: dict[str, Any] = {"event_timeout": 2.0, "stall": 0.5}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def served(*workers: Program) -> Counter[str]:
    """Return how often each event was served that a worker answers."""
    lines = (line.split() for worker in workers for line in worker.said)
    return Counter(words[1] for words in lines if words[0] == "served")


class Events:
    """What stations ask, each with a number of its own, and how it ended."""

    def __init__(self, here: Site) -> None:
        self._changes = here.changes
        self.outcomes: dict[str, str] = {}
        self.slowest = 0.0

    async def ask(self, station: NetSession[Any], number: str) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            await station.call(v16.DataTransferRequest(vendor_id="test", data=number), timeout=20)
        except CallFailed as error:
            self.outcomes[number] = error.code
        else:
            self.outcomes[number] = "answered"
        self.slowest = max(self.slowest, loop.time() - began)
        self._changes.note()

    async def ask_on(self, station: NetSession[Any], name: str, many: int) -> None:
        for number in range(many):
            await self.ask(station, f"{name}.{number}")


@on_site(forward=["DataTransfer"], config=QUICK)
async def test_a_worker_is_killed_and_no_event_is_served_twice(here: Site) -> None:
    """FL-14, FL-16."""
    workers = [await here.worker(work=0.01) for _ in range(2)]
    stations = [await here.station(f"CP{number:02}", number % 2) for number in range(40)]
    events = Events(here)
    asked = asyncio.gather(*(events.ask_on(each, str(n), 50) for n, each in enumerate(stations)))
    await here.changes.until(lambda: len(events.outcomes) > 600)
    await workers[0].kill()
    await asked
    told = Counter(events.outcomes.values())
    counts = served(*workers)
    assert told.total() == told["answered"] + told["InternalError"] == 2000
    assert max(counts.values()) == 1  # FL-14
    assert all(counts[number] for number, how in events.outcomes.items() if how == "answered")
    # What it had taken, and nothing else: each station has one event under way.
    assert 1 <= told["InternalError"] <= len(stations)
    assert events.slowest <= 2.0 + 1.0
    assert all(station.is_connected for station in stations)


@on_site(forward=["DataTransfer"], config=QUICK)
async def test_a_frozen_worker_serves_nothing_that_has_failed_meanwhile(here: Site) -> None:
    """FL-16."""
    workers = [await here.worker(work=0.01, config=QUICK) for _ in range(2)]
    stations = [await here.station(f"CP{number:02}", number % 2) for number in range(40)]
    events = Events(here)
    stopping = asyncio.Event()

    async def go_on(station: NetSession[Any], name: int) -> None:
        number = 0
        while not stopping.is_set():
            await events.ask(station, f"{name}.{number}")
            number += 1

    asked = asyncio.gather(*(go_on(each, number) for number, each in enumerate(stations)))
    await here.changes.until(lambda: len(events.outcomes) > 400)
    workers[0].freeze()
    # The group goes on feeding it, since the broker does not know.
    await here.changes.until(lambda: "InternalError" in events.outcomes.values())
    failed = {number for number, how in events.outcomes.items() if how == "InternalError"}
    before = served(workers[0])
    workers[0].thaw()
    thawed = len(workers[0].said)
    await here.changes.until(lambda: len(workers[0].said) > thawed + 100)
    stopping.set()
    await asked
    assert not failed & (served(workers[0]) - before).keys()
    counts = served(*workers)
    assert max(counts.values()) == 1
    assert all(counts[number] for number, how in events.outcomes.items() if how == "answered")
    assert all(station.is_connected for station in stations)


def reading(number: int) -> v16.MeterValuesRequest:
    value = v16.MeterValue(timestamp=NOW, sampled_value=(v16.SampledValue(value="1"),))
    return v16.MeterValuesRequest(connector_id=number, meter_value=(value,))


@on_site(durable=["MeterValues"])
async def test_a_worker_is_killed_over_what_is_durable_and_another_has_it_again(here: Site) -> None:
    """FL-15."""
    again_soon = {"redeliver_after": 1.0}
    first = await here.worker(stop_at="50", bus=again_soon)
    station = await here.station("CP", 0)
    for number in range(1, 101):
        await station.call(reading(number))  # each is stored, and thus answered
    await here.changes.until(lambda: "took 50 first" in first.said)
    await here.changes.until(lambda: len(first.said) == 101)
    await first.kill()
    second = await here.worker(bus=again_soon)
    await here.changes.until(lambda: "took 50 again" in second.said)
    for number in range(101, 111):
        await station.call(reading(number))
    await here.changes.until(lambda: "took 110 first" in second.said)
    taken = Counter(line.split()[1] for line in (*first.said[1:], *second.said[1:]))
    assert taken.keys() == {str(number) for number in range(1, 111)}
    twice = {int(number) for number, times in taken.items() if times > 1}
    # Of the last ones the acknowledgement may not have left; the broker does not know that they were taken.
    assert twice - {50} <= set(range(91, 101))


@on_site(durable=["MeterValues"], config=QUICK)
async def test_what_is_durable_is_answered_when_the_stream_has_it_whatever_is_killed(
    here: Site,
) -> None:
    """FL-15."""
    stations = [await here.station(f"CP{number}", number % 2) for number in range(10)]
    outcomes: dict[int, str] = {}

    async def report(station: NetSession[Any], first: int) -> None:
        for number in range(first, first + 100):
            try:
                await station.call(reading(number), timeout=20)
            except CallFailed as error:
                outcomes[number] = error.code
            else:
                outcomes[number] = "stored"
            here.changes.note()

    await stations[0].call(reading(9999))
    reports = asyncio.gather(*(report(each, 1 + 100 * n) for n, each in enumerate(stations)))
    await here.changes.until(lambda: len(outcomes) > 300)
    here.broker.kill()
    # As long as it is away nothing is answered as if it were stored.
    await here.changes.until(lambda: "InternalError" in outcomes.values())
    here.broker.start()
    await reports
    here.broker.freeze()
    with pytest.raises(CallFailed, match="could not be stored"):
        await stations[0].call(reading(10_001), timeout=20)
    here.broker.thaw()
    await here.changes.until(lambda: here.bus.is_connected)
    worker = await here.worker()
    told = Counter(outcomes.values())
    assert told.total() == told["stored"] + told["InternalError"] == 1000
    assert told["stored"] > 300

    def taken() -> set[int]:
        return {int(line.split()[1]) for line in worker.said[1:]}

    stored = {number for number, how in outcomes.items() if how == "stored"}
    await here.changes.until(lambda: stored <= taken())
    assert taken() <= outcomes.keys() | {9999, 10_001}
    assert all(station.is_connected for station in stations)
