"""Runs the examples as they stand: as programs of their own."""

import base64
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

ROOT = Path(__file__).parents[2]
LIMIT = 20
"""Seconds that any of it may take, on a busy machine."""


def start(name: str, *arguments: str) -> subprocess.Popen[str]:
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, str(ROOT / "examples" / name), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"},
    )


def run(name: str, *arguments: str) -> str:
    """Run an example to its end and return what it printed."""
    with start(name, *arguments) as process:
        try:
            output, _ = process.communicate(timeout=LIMIT)
        finally:
            process.kill()
    assert process.returncode == 0, output
    return output


def read_until(output: Iterable[str], pattern: str, said: list[str]) -> re.Match[str]:
    """Read on until a line has the pattern; all that is read joins `said`."""
    for line in output:
        said.append(line)
        found = re.search(pattern, line)
        if found:
            return found
    raise AssertionError(f"nothing like {pattern!r} in\n{''.join(said)}")


class Server:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        self._process = process
        self.is_terminated = False
        self._output = process.stdout
        listening = self.line()
        match = re.search(r":(\d+)", listening.partition("127.0.0.1")[2])
        assert match, listening
        self.port = int(match[1])

    def terminate(self) -> None:
        """Send SIGTERM; it is not interrupted later, then."""
        self.is_terminated = True
        self._process.terminate()

    def line(self) -> str:
        return self._output.readline().rstrip()


@contextmanager
def serving(name: str, *arguments: str) -> Iterator[Server]:
    """Run an example that serves until it is interrupted, and see that it ends in good order."""
    with start(name, "--port", "0", *arguments) as process:
        killer = Killer(process)
        try:
            server = Server(process)
            yield server
            if not server.is_terminated:
                process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=LIMIT)
        finally:
            killer.cancel()
            process.kill()
    assert "Traceback" not in output, output


class Killer:
    """Bounds `readline`, which has no timeout of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._timer = Timer(LIMIT, process.kill)
        self._timer.start()

    def cancel(self) -> None:
        self._timer.cancel()
        self._timer.join()


def authorization(credentials: bytes) -> dict[str, str]:
    """Return the header of Basic authentication."""
    return {"Authorization": "Basic " + base64.b64encode(credentials).decode()}
