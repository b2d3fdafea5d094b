"""`Alarm`: each is woken in time, and nobody needs a timer of his own."""

import asyncio
from typing import Any

from ocpp_sansio.fleet.alarm import Alarm
from ocpp_sansio.testing import run_in_virtual_time


class Sleeper:
    def __init__(self, woken: list[tuple[str, float]], name: str) -> None:
        self.woken, self.name = woken, name

    def wake(self) -> None:
        now = asyncio.get_running_loop().time()
        self.woken.append((self.name, round(now, 6)))


def test_each_is_woken_when_it_is_time_unless_he_was_removed() -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        alarm, woken = Alarm(1.0), list[tuple[str, float]]()
        sleepers = {}
        for number in range(6):
            sleeper = sleepers[number] = Sleeper(woken, f"{number}")
            alarm.add(sleeper, loop)
            await asyncio.sleep(0.1)
        for number in (0, 3, 3):
            alarm.remove(sleepers[number])
        await asyncio.sleep(3)
        alarm.add(sleepers[0], loop)
        await asyncio.sleep(3)
        due = {"1": 1.1, "2": 1.2, "4": 1.4, "5": 1.5, "0": 4.6}
        assert woken == [(name, round(began + after, 6)) for name, after in due.items()]

    run_in_virtual_time(run)


def test_however_many_wait_there_is_one_timer() -> None:
    async def run() -> None:
        loop: Any = asyncio.get_running_loop()
        alarm, woken = Alarm(1.0), list[tuple[str, float]]()
        before = len(loop._scheduled)
        for number in range(100):
            sleeper = Sleeper(woken, f"{number}")
            alarm.add(sleeper, loop)
            if number % 2:
                alarm.remove(sleeper)
        assert len(loop._scheduled) == before + 1
        await asyncio.sleep(2)
        assert len(woken) == 50

    run_in_virtual_time(run)


def test_another_loop_is_rung_in_as_well() -> None:
    alarm, woken = Alarm(0.01), list[tuple[str, float]]()

    async def run() -> None:
        alarm.add(Sleeper(woken, "here"), asyncio.get_running_loop())
        if woken:
            await asyncio.sleep(1)

    for _ in range(2):
        run_in_virtual_time(run)
        woken.append(("left", 0.0))
    assert [name for name, _ in woken] == ["left", "here", "left"]
