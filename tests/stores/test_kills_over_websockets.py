"""A station on real WebSockets, killed with -9 two hundred times: each session is billed once, to the Wh.

In `test_kills.py` it is the machine that is killed; here it is the whole program: loop, sockets, the thread
that writes. Some 80 s; `.ci/run` runs it, and `-m processes`. OCPP_KILLS has another number of kills.
"""

import asyncio
import os
import random
import signal
import sys
from contextlib import suppress
from pathlib import Path

import charging
import charging_process
import pytest
from store_contents import quick_directory

from ocpp_sansio.asyncio import serve

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(os.name != "posix", reason="it sends SIGKILL"),
]

KILLS = int(os.environ.get("OCPP_KILLS", "200"))
STATIONS = 2
"""Side by side, each with a CSMS of its own: one for each core."""
PATIENCE = 60.0
"""Seconds for a run, which takes less than one."""
LINES = 32
"""That a run says which nobody interrupts."""


class Bench(charging.Ledger):
    """One station, its store and its meter, and the CSMS that outlives it."""

    def __init__(self, directory: Path, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)
        self.store = directory / f"{seed}.db"
        self.meter = directory / f"{seed}.meter"
        self.kills = 0

    async def be_killed(self, times: int) -> None:
        """Run the station again and again; kill it at each line in turn, then at any moment."""
        async with serve(
            None, "127.0.0.1", 0, versions=["ocpp1.6"], handlers={"*": self._answer}
        ) as server:
            url = f"ws://127.0.0.1:{server.port}"
            line = 0
            while self.kills < times:
                line = line % LINES + 1
                is_random = self.kills >= times // 2
                at = self.random.randint(0, LINES) if is_random else line
                await self.run(url, kill_at=at, after=self.random.random() / 50 if is_random else 0)
            assert await self.run(url, kill_at=None, after=0.0)

    def _answer(self, request: object) -> object:
        return self.csms.answer(request)

    async def run(self, url: str, *, kill_at: int | None, after: float) -> bool:
        """Let it work until it has said so many lines, and some seconds more; return whether it was done."""
        self.runs += 1
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            charging_process.__file__,
            *(url, str(self.store), str(self.meter), str(self.runs)),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout
        said, lines = "", 0
        try:
            async with asyncio.timeout(PATIENCE):
                while data := await process.stdout.readline():
                    lines += 1
                    said = data.decode().rstrip("\n")
                    if said.startswith("stored"):
                        self.hear(said)
                    if lines == kill_at:
                        await asyncio.sleep(after)
                        kill(process)
                code = await process.wait()
        except BaseException:
            kill(process)
            raise
        assert code in {0, -9}
        self.kills += code == -9
        return said == "done"

    def judge_energy(self) -> None:
        """Compare what was billed with what the meter has counted: to the Wh, and without a gap."""
        csms = self.csms
        billed = 0
        for number, start in csms.starts.items():
            assert start.meter_start == billed
            billed = csms.stops[number].meter_stop
        assert billed == int.from_bytes(self.meter.read_bytes(), "big")


def kill(process: asyncio.subprocess.Process) -> None:
    """Kill it, if it is there: `process.kill` would take its exit code from who waits for that."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def test_a_station_killed_200_times_has_each_session_billed_once_in_order_and_to_the_wh() -> None:
    with quick_directory() as directory:
        benches = [Bench(directory, seed) for seed in range(STATIONS)]

        async def kill_them() -> None:
            async with asyncio.TaskGroup() as tasks:
                for bench in benches:
                    tasks.create_task(bench.be_killed(KILLS // STATIONS))

        asyncio.run(kill_them())
        for bench in benches:
            bench.judge()
            bench.judge_energy()
            assert bench.kills == KILLS // STATIONS
        assert any(bench.csms.repeated for bench in benches) or KILLS < 100
