"""Child processes that end with us: each gets a pipe as its stdin, and leaves when that is closed."""

import json
import os
import resource
import select
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

from benchmarks.report import ROOT

LEAVING_SECONDS = 5.0
"""For a child to leave by itself before it is killed."""


class Child:
    """A running process that reports in lines of JSON on its stdout."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._unread = b""
        self.pid = process.pid

    def report(self, seconds: float) -> Any:
        """Return the next line of JSON; raises TimeoutError or RuntimeError if there is none."""
        assert self._process.stdout
        deadline = monotonic() + seconds
        while b"\n" not in self._unread:
            left = deadline - monotonic()
            if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
                raise TimeoutError(f"{self._process.args!r} said nothing for {seconds} s")
            data = os.read(self._process.stdout.fileno(), 65536)
            if not data:
                raise RuntimeError(f"{self._process.args!r} ended early")
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        return json.loads(line)

    def tell(self, line: str) -> None:
        """Write a line to its stdin."""
        assert self._process.stdin
        self._process.stdin.write(line.encode() + b"\n")

    def kill(self) -> None:
        """End it as by kill -9; returns when it has ended."""
        self._process.kill()
        self._process.wait()

    def dismiss(self) -> None:
        """Tell it to leave, and see to it that it does."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(LEAVING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


@contextmanager
def child(command: Sequence[str]) -> Iterator[Child]:
    """Run a command for as long as the block lasts."""
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
    running = Child(process)
    try:
        yield running
    finally:
        running.dismiss()


def module(name: str, *arguments: str) -> list[str]:
    """Return the command that runs one of our modules."""
    return [sys.executable, "-m", f"benchmarks.{name}", *arguments]


def run_script(
    script: str, *options: str, seconds: float = 120
) -> "subprocess.CompletedProcess[str]":
    """Run Python source in a fresh interpreter and return what it printed."""
    command = [sys.executable, *options, "-c", script]
    return subprocess.run(
        command, cwd=ROOT, check=True, timeout=seconds, capture_output=True, text=True
    )


# --- in the child -------------------------------------------------------------------------------------


def say(value: object) -> None:
    """Report to the parent."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def allow_many_sockets() -> None:
    """Lift the limit on open files as far as it may be lifted without asking."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def leave_with_parent() -> None:
    """End this process as soon as its stdin is closed, whatever it is doing."""

    def wait() -> None:
        while os.read(0, 1024):  # not sys.stdin, whose lock the interpreter wants at its end
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
