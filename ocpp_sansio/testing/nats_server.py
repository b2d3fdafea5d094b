"""`broker`: a NATS server of your own for a test, on a free port, and gone without a trace."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Broker", "BrokerMissing", "broker", "find_nats_server"]

PATIENCE = 10.0
"""Seconds for a server to be there."""


class BrokerMissing(Exception):  # noqa: N818 - a state of the machine, which a test may skip for
    """There is no nats-server on this machine; the text says how to get one."""


class Broker:
    """A nats-server that `broker` has started, and what can become of one."""

    def __init__(self, folder: Path, config: str, *, jetstream: bool) -> None:
        """Make one that keeps all it has in a folder; `start` it next."""
        self._program = find_nats_server()
        self._folder = folder
        self._config = folder / "server.conf"
        self._config.write_text(config)
        self._jetstream = jetstream
        self._process: subprocess.Popen[bytes] | None = None
        self.port = -1
        """Where it listens on 127.0.0.1: the same each time it is started."""

    @property
    def url(self) -> str:
        """Where a client finds it."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The id of its process; raises RuntimeError while it is not running."""
        if not self._process:
            raise RuntimeError("it is not running")
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has logged."""
        path = self._folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> None:
        """Start it, with what it has stored before; returns when clients can connect. Blocks a moment.

        Raises RuntimeError, with the end of its log, if it does not come up within 10 s.
        """
        if self._process:
            raise RuntimeError("it is running")
        options = ["-js", "-sd", str(self._folder / "store")] if self._jetstream else []
        options += [
            "-l",
            str(self._folder / "log"),
            "-a",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-c",
            str(self._config),
        ]
        options += ["--ports_file_dir", str(self._folder)]
        # What it says of its configuration goes there, before there is a log.
        with (self._folder / "log").open("ab") as said:
            self._process = subprocess.Popen(  # noqa: S603 - a program that we have looked up
                [self._program, *options], stdout=said, stderr=said
            )
        ports = self._folder / f"{Path(self._program).name}_{self._process.pid}.ports"
        end = time.monotonic() + PATIENCE
        while not (found := _read_port(ports)):
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise RuntimeError(f"nats-server did not start: {self.log[-500:]}")
            time.sleep(0.002)
        self.port = found
        ports.unlink()

    def kill(self) -> None:
        """End it as by kill -9. Idempotent."""
        process, self._process = self._process, None
        if process:
            process.kill()
            process.wait()

    def freeze(self) -> None:
        """Stop it (SIGSTOP): connections stay, and nobody answers. Returns when it has stopped."""
        os.waitpid(self._signal(signal.SIGSTOP), os.WUNTRACED)

    def thaw(self) -> None:
        """Have it go on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def reload(self, config: str) -> None:
        """Give it another configuration while it runs; who may not be connected any more is cut off."""
        self._config.write_text(config)
        self._signal(signal.SIGHUP)

    def _signal(self, number: signal.Signals) -> int:
        pid = self.pid
        os.kill(pid, number)
        return pid


@contextmanager
def broker(config: str = "", *, jetstream: bool = True) -> Iterator[Broker]:
    """Start a nats-server, by default with JetStream, in a folder of its own, and leave nothing of it behind.

    `config` is text as in its file of configuration. Raises BrokerMissing where there is no nats-server.
    """
    with tempfile.TemporaryDirectory(prefix="nats-", ignore_cleanup_errors=True) as folder:
        server = Broker(Path(folder), config, jetstream=jetstream)
        try:
            server.start()
            yield server
        finally:
            server.kill()


def find_nats_server() -> str:
    """Return the path of the nats-server that the environment's NATS_SERVER names, else of that on the PATH.

    Where Debian has it is looked at as well. Raises BrokerMissing.
    """
    named = os.environ.get("NATS_SERVER")
    if named:
        if not os.access(named, os.X_OK):
            raise BrokerMissing(f"NATS_SERVER={named!r} is no program")
        return named
    places = [os.environ.get("PATH", os.defpath), "/usr/sbin"]  # not every user's PATH has this one
    program = shutil.which("nats-server", path=os.pathsep.join(places))
    if program is None:
        how = "apt-get install nats-server, or https://nats.io/download"
        raise BrokerMissing(f"there is no nats-server on the PATH: {how}")
    return program


def _read_port(path: Path) -> int:
    """Return the port for clients, 0 as long as the server has not written it down."""
    try:
        urls: list[str] = json.loads(path.read_text())["nats"]
    except (OSError, ValueError, KeyError):
        return 0
    return int(urls[0].rpartition(":")[2])
