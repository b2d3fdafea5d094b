"""The roles of `attacks.py`, each in a process of its own that ends with the block that began it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_PROGRAM = Path(__file__).with_name("attacks.py")


class Role:
    """A process that reports in lines of JSON; looking at it never blocks."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._read = b""
        assert process.stdout
        os.set_blocking(process.stdout.fileno(), False)

    def reports(self) -> list[dict[str, Any]]:
        """Return what it has said so far."""
        assert self._process.stdout
        with suppress(BlockingIOError):
            while not self._process.stdout.closed and (
                data := os.read(self._process.stdout.fileno(), 65536)
            ):
                self._read += data
        return [json.loads(line) for line in self._read.split(b"\n")[:-1]]

    def is_under_way(self) -> bool:
        """Whether it has said that it is, which it does once."""
        return bool(self.reports())

    def result(self) -> dict[str, Any] | None:
        """Return what came of it, if it is through."""
        reports = self.reports()
        return reports[1] if len(reports) > 1 else None

    def outcome(self) -> dict[str, Any]:
        """Return what came of it, now that it is through."""
        found = self.result()
        assert found is not None
        return found

    def end(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self.reports()
        self._process.kill()  # it may be waiting for a server in this very thread
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


@contextmanager
def role(*words: str, port: int, **options: object) -> Iterator[Role]:
    """Play a role for as long as the block lasts; True as an option is a flag."""
    command = [sys.executable, str(_PROGRAM), *words, "--port", str(port)]
    for option, value in options.items():
        command.append(f"--{option.replace('_', '-')}")
        command += [] if value is True else [str(value)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    playing = Role(process)
    try:
        yield playing
    finally:
        playing.end()
