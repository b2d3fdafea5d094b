"""A station killed with -9 at any moment: afterwards the CSMS has every session once, and no energy lacks."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import charging
import pytest
from store_contents import quick_directory

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a process that can be forked")


class Bench(charging.Ledger):
    """The CSMS, the store's file, and a process that forks stations."""

    def __init__(self, forks: "subprocess.Popen[str]", listener: socket.socket, path: Path) -> None:
        super().__init__()
        self.forks = forks
        self.listener = listener
        self.path = path

    def run(self, kill_at: int | None, *, is_answered: bool = False) -> tuple[int, bool]:
        """Let a station work until it has said so many lines; return how many it said, and whether it ended.

        `is_answered` is whether the CSMS still gets the line at which it is killed, if that is a message.
        """
        self.runs += 1
        assert self.forks.stdin
        assert self.forks.stdout
        self.forks.stdin.write(f"{self.path} {self.listener.getsockname()[1]} {self.runs}\n")
        self.forks.stdin.flush()
        connection, _ = self.listener.accept()
        self.csms.connected()
        lines = 0
        said = ""
        with connection, connection.makefile("rw", newline="\n") as line:
            child = int(line.readline().removeprefix("pid "))
            for said in line:
                lines += 1
                is_last = lines == kill_at
                if said == "done\n":
                    break
                answers = [] if is_last and not is_answered else self.hear(said)
                if is_last:
                    os.kill(child, signal.SIGKILL)
                    break
                for answer in answers:
                    line.write(answer.decode() + "\n")
                    line.flush()
            ended = self.forks.stdout.readline()
        assert ended == ("ended -9\n" if lines == kill_at and said != "done\n" else "ended 0\n")
        return lines, said == "done\n"


@contextmanager
def bench() -> Iterator[Bench]:
    command = [sys.executable, charging.__file__]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": Path.cwd()}
    with (
        quick_directory() as directory,
        socket.create_server(("127.0.0.1", 0)) as listener,
        subprocess.Popen(command, **pipes) as forks,  # type: ignore[call-overload]
    ):
        listener.settimeout(60)
        yield Bench(forks, listener, directory / "outbox.db")
        assert forks.stdin
        forks.stdin.close()


def test_a_station_killed_at_each_line_that_it_prints_loses_nothing_and_bills_nothing_twice() -> (
    None
):
    with bench() as world:
        assert world.run(None) == (18, True)
        for kill_at in range(1, 19):
            for is_answered in (False, True):
                world.run(kill_at, is_answered=is_answered)
        while not world.run(None)[1]:
            pass
        world.judge()
        assert len(world.csms.starts) > 38
        assert world.csms.repeated > 3
        assert any(stop.meter_stop == 9 for stop in world.csms.stops.values())


def test_a_kill_amid_the_making_good_of_earlier_kills_loses_nothing_either() -> None:
    with bench() as world:
        for kill_at in (5, 4, 3, 12, 2, 6, 1, 9, 20, 7, 14, 25, 3, 30, 11, 40):
            world.run(kill_at, is_answered=kill_at % 2 == 0)
        world.run(None)
        world.judge()
