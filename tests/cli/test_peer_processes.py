"""`station` and `csms` as programs: what they print, how they end, and what outlives that.

Some ten seconds; `.ci/run` runs them, and `-m processes`.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from example_programs import read_until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(os.name != "posix", reason="it sends signals"),
]

DEADLINE = 30.0


class Program:
    """One program, whose orders come through a pipe."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ocpp_sansio", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | environment,
        )
        assert self.process.stdin
        assert self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def order(self, text: str) -> None:
        self.stdin.write(f"{text}\n")
        self.stdin.flush()

    def until(self, pattern: str) -> re.Match[str]:
        """Return the first line from now on that has it."""
        return read_until(self.stdout, pattern, self.lines)

    def end(self, code: int, *, how: signal.Signals | None = None) -> str:
        """Have it end, by a signal or with its orders; return what it has said since."""
        if how is None:
            self.stdin.close()
        else:
            self.process.send_signal(how)
        rest = self.stdout.read()
        assert self.process.wait(DEADLINE) == code, rest
        return rest


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    """Return a list of programs, which are killed at the end if they are there still."""
    started: list[Program] = []
    yield started
    for program in started:
        program.process.kill()
        program.process.wait(DEADLINE)
        with suppress(BrokenPipeError):  # an order that it has not read
            program.stdin.close()
        program.stdout.close()


def start(programs: list[Program], *arguments: str, **environment: str) -> Program:
    programs.append(Program(*arguments, **environment))
    return programs[-1]


def port_of(csms: Program) -> str:
    return csms.until(r"listening at ws://127\.0\.0\.1:(\d+)/")[1]


def test_a_csms_that_is_killed_amid_a_charge_and_started_again_bills_it_once(
    programs: list[Program], tmp_path: Path
) -> None:
    store, bills = str(tmp_path / "q.db"), str(tmp_path / "bills.db")
    csms = start(programs, "csms", "--port", "0", "--store", bills)
    port = port_of(csms)
    url = f"ws://127.0.0.1:{port}/ocpp/CP001"
    station = start(programs, "station", url, "--store", store, "--watts", "0.001")
    station.until("heartbeat every 300 s")
    for order in ("plug in", "authorise 04E1", "meter 400"):
        station.order(order)
    station.until("MeterValues of charge .* is delivered")
    csms.end(-signal.SIGKILL, how=signal.SIGKILL)
    station.order("meter 300")
    station.until("tells its meter, 700 Wh; 1 to deliver")
    csms = start(programs, "csms", "--port", port, "--store", bills)
    station.until("MeterValues of charge .* is delivered; 0 to deliver")
    station.end(-signal.SIGKILL, how=signal.SIGKILL)
    station = start(programs, "station", url, "--store", store, "--script", "status")
    assert "is ended" in station.end(0)
    csms.order("charges")
    assert csms.until("charge 1: (.*), ended")[1] == "700 Wh"
    csms.until("1 charges, 700 Wh")
    csms.end(130, how=signal.SIGINT)


def test_ctrl_c_says_what_is_left_and_the_next_start_delivers_it(
    programs: list[Program], tmp_path: Path
) -> None:
    csms = start(programs, "csms", "--port", "0")
    port = port_of(csms)
    csms.end(130, how=signal.SIGINT)
    url, store = f"ws://127.0.0.1:{port}/CP001", str(tmp_path / "q.db")
    station = start(programs, "station", url, "--store", store, "--patience", "0.2")
    station.until("has not let us in")
    for order in ("plug in", "authorise 04E1"):
        station.order(order)
    station.until("begins, 0 Wh; 1 to deliver")
    said = station.end(130, how=signal.SIGINT)
    assert "1 charge not ended, and ended at the next start" in said
    assert "1 message not delivered: kept in" in said
    assert "Traceback" not in said
    csms = start(programs, "csms", "--port", port)
    port_of(csms)
    station = start(programs, "station", url, "--store", store, "--script", "status")
    assert "all is delivered" in station.end(0)
    csms.until("charge 1 ends .PowerLoss.: 0 Wh")


def test_a_port_in_use_and_a_store_in_use_are_said(programs: list[Program], tmp_path: Path) -> None:
    csms = start(programs, "csms", "--port", "0", OCPP_PASSWORD="sixteen-or-more-1")
    port = port_of(csms)
    said = start(programs, "csms", "--port", port).end(2)
    assert said.startswith(f"csms: 127.0.0.1:{port}: Address already in use")
    url, store = f"ws://127.0.0.1:{port}/CP001", str(tmp_path / "q.db")
    station = start(programs, "station", url, "--store", store, OCPP_PASSWORD="sixteen-or-more-1")
    station.until("heartbeat every")
    other = start(programs, "station", url, "--store", store, "--script", "status")
    assert "is in use: stop the other process" in other.end(2)
    stranger = start(programs, "station", url, "--script", "status", "--patience", "0.2")
    said = stranger.end(0)
    assert "401" in said
    assert "has not let us in" in said
    assert "sixteen" not in said
    station.order("quit")
    station.end(0)


def test_orders_from_a_pipe_end_with_it_and_an_order_that_is_none_ends_them(
    programs: list[Program],
) -> None:
    csms = start(programs, "csms", "--port", "0")
    url = f"ws://127.0.0.1:{port_of(csms)}/CP001"
    station = start(programs, "station", url)
    station.order("plug in")
    assert "all is delivered" in station.end(0)
    station = start(programs, "station", url)
    station.order("plug in")
    station.order("charge!")
    station.order("unplug")
    said = station.end(2)
    assert "station: line 2 of standard input: there is no order 'charge!'" in said
    assert "unplugged" not in said


def test_without_any_order_both_stay_until_ctrl_c(programs: list[Program]) -> None:
    csms = start(programs, "csms", "--port", "0")
    csms.stdin.close()
    url = f"ws://127.0.0.1:{port_of(csms)}/CP001"
    station = start(programs, "station", url)
    station.stdin.close()
    csms.until("connector 1 is Available")
    began = time.monotonic()
    for program in (station, csms):
        assert program.process.poll() is None
        program.process.send_signal(signal.SIGINT)
        assert "Traceback" not in program.stdout.read()
        assert program.process.wait(DEADLINE) == 130
    assert time.monotonic() - began < DEADLINE
