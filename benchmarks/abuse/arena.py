"""One server under attack and those who deal with it, each in a process of its own."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic, sleep
from typing import Any

import attrs
import psutil

from benchmarks import loopback
from benchmarks.abuse import ATTACKS, attacks
from benchmarks.abuse.effort import Effort
from benchmarks.processes import Child, child, module
from benchmarks.report import OCPP_DEFAULT, OCPP_RPC

WORLDS = ("asyncio", "uvloop", "trio")
PYPI, NPM = OCPP_DEFAULT, OCPP_RPC
CONTENDERS = (*WORLDS, PYPI, NPM)

STARTING_SECONDS = 30.0
SPARE_SECONDS = 5.0
"""For a child that has been told to stop, beyond what it may wait for the server."""
MEBIBYTE = 1024 * 1024


@attrs.frozen
class Measured:
    """A value; `is_at_least` if the wait for it was ended there."""

    value: float
    is_at_least: bool = False


def missing(contender: str) -> str | None:
    """Return why a contender cannot be measured here, if so."""
    return loopback.why_no_ocpp_rpc() if contender == NPM else None


@attrs.define
class Arena:
    """A server, and whom it is made to deal with. Everything ends with the block that made it."""

    effort: Effort
    server: Child
    port: int
    is_tls: bool
    _stack: ExitStack

    def role(self, role: str, *words: str, **options: object) -> Child:
        """Start one of the roles of `attacks.py`."""
        command = [sys.executable, str(ATTACKS / "attacks.py"), role, *words]
        command += ["--port", str(self.port), "--patience", str(self.effort.patience)]
        for name, value in options.items():
            if value is not None:
                command += [f"--{name.replace('_', '-')}", str(value)]
        if self.is_tls and role in ("honest", "newcomer", "idle"):
            command.append("--tls")
        return self._stack.enter_context(child(command))

    def flood(self, name: str, *, message_size: int | None = None) -> Child:
        """Start an attack, in full number or scaled down. It outlasts every wait of this arena."""
        number = attacks.attack(name, message_size=message_size or attacks.MEGABYTE).connections
        return self.role(
            "flood",
            name,
            message_size=message_size,
            seconds=self.effort.siege_seconds + 4 * self.effort.patience,
            count=self.effort.many(number) if number >= 500 else None,
        )

    def steady(self, role: str) -> Child:
        """Start those who mean well, and wait until they have been served once."""
        running = self.role(role, seconds=10 * self.effort.patience)
        running.report(STARTING_SECONDS)
        return running

    def waits(self, running: Child) -> dict[str, Any]:
        """Return how long somebody told to stop had to wait."""
        found: dict[str, Any] = running.report(self.effort.patience + SPARE_SECONDS)
        return found

    def terminate(self) -> tuple[Measured, Measured]:
        """Send SIGTERM; return the milliseconds until the loop saw it, and until `serve` was left."""
        started = monotonic()
        os.kill(self.server.pid, signal.SIGTERM)
        obeyed = self._until_it_reports(started)
        return obeyed, obeyed if obeyed.is_at_least else self._until_it_reports(started)

    def _until_it_reports(self, started: float) -> Measured:
        try:
            self.server.report(self.effort.obey_seconds)
        except TimeoutError:
            return Measured(1e3 * (monotonic() - started), is_at_least=True)
        return Measured(1e3 * (monotonic() - started))

    def log(self) -> dict[str, int]:
        """Return what the server has logged: records, bytes, and the longest record's bytes."""
        self.server.tell("?")
        found: dict[str, int] = self.server.report(STARTING_SECONDS)
        return found

    def resident(self) -> float:
        """Return the server's resident memory in MiB."""
        return psutil.Process(self.server.pid).memory_info().rss / MEBIBYTE

    def resident_peak(self, seconds: float) -> float:
        """Return the highest of so many seconds."""
        deadline = monotonic() + seconds
        highest = self.resident()
        while monotonic() < deadline:
            sleep(0.05)
            highest = max(highest, self.resident())
        return highest

    def settle(self, seconds: float) -> None:
        """Wait until the server has nothing to do, but no longer than this."""
        process = psutil.Process(self.server.pid)
        deadline = monotonic() + seconds
        while monotonic() < deadline:
            before = sum(process.cpu_times()[:2])
            sleep(0.4)
            if sum(process.cpu_times()[:2]) - before < 0.02:
                return


@contextmanager
def arena(
    contender: str,
    effort: Effort,
    *,
    is_logging: bool = True,
    certificate: str | None = None,
    is_slow: bool = False,
) -> Iterator[Arena]:
    """Run a server for the block, and end all that was started in it."""
    if contender == NPM:
        command = [shutil.which("node") or "node", "benchmarks/ocpp_rpc_server.js"]
    else:
        command = module("abuse.server", contender)
        command += [] if is_logging else ["--no-logging"]
        command += ["--certificate", certificate] if certificate else []
        command += ["--slow"] if is_slow else []
    with ExitStack() as stack:
        server = stack.enter_context(child(command))
        port = server.report(STARTING_SECONDS)
        yield Arena(effort, server, port, certificate is not None, stack)
