"""Loopback: a CSMS under load, through real sockets, on each event loop."""

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from benchmarks import load
from benchmarks.effort import Effort
from benchmarks.processes import Child, child, module
from benchmarks.report import (
    FLOOR,
    OCPP_DEFAULT,
    OCPP_FASTEST,
    OCPP_RPC,
    OURS,
    OURS_ASYNC,
    OURS_RECORDED,
    ROOT,
    Figure,
)

GROUP = "loopback"
FASTEST_LOOP = "uvloop"
LOOPS = ("asyncio", FASTEST_LOOP, "trio")

STARTING_SECONDS = 30.0
CONNECTING_SECONDS = 120.0

RATE = "messages/s"
CPU = "CPU per 100,000 messages"
_UNITS = {
    RATE: "1/s",
    "p50": "ms",
    "p99": "ms",
    "p99.9": "ms",
    CPU: "s",
    "load generator's share of a core": "of 1",
}


@attrs.frozen
class Setting:
    """What is put under which load; all contenders of a setting stand in one row."""

    loop: str
    stations: int
    action: str

    def name(self, metric: str) -> str:
        """Return the name of a figure."""
        return f"{self.loop}, {self.stations:,} stations, {self.action}, {metric}"


def figures(effort: Effort) -> Iterator[Figure]:
    """Measure the group."""
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for _ in range(effort.load_rounds):
        for setting in settings(effort):
            for contender in contenders(setting.loop):
                for metric, value in _measure(contender, setting, effort).items():
                    found[setting.name(metric), contender, metric].append(value)
    for (name, contender, metric), values in found.items():
        yield Figure(GROUP, name, contender, _UNITS[metric], values)


def settings(effort: Effort) -> Iterator[Setting]:
    """Return every load."""
    for loop in LOOPS:
        for stations in effort.stations:
            for action in load.PAYLOADS:
                yield Setting(loop, stations, action)


def contenders(loop: str) -> list[str]:
    """Return who runs on a loop. The peers run on the fastest that they can have."""
    if loop != FASTEST_LOOP:
        return [OURS, FLOOR]
    peers = [OCPP_FASTEST, OCPP_DEFAULT]
    return [
        OURS,
        OURS_RECORDED,
        OURS_ASYNC,
        FLOOR,
        *peers,
        *([] if why_no_ocpp_rpc() else [OCPP_RPC]),
    ]


def why_no_ocpp_rpc() -> str | None:
    """Return what is missing for npm ocpp-rpc, if anything is."""
    if shutil.which("node") is None:
        return "npm ocpp-rpc: there is no Node on this machine"
    if not (ROOT / "benchmarks/node_modules/ocpp-rpc").is_dir():
        return "npm ocpp-rpc: not installed, which `python -m benchmarks` without --here does"
    return None


@contextmanager
def server(contender: str, loop: str) -> Iterator[tuple[Child, int]]:
    """Run a server and yield it and its port."""
    command = module("servers", contender, loop)
    if contender == OCPP_RPC:
        command = ["node", "benchmarks/ocpp_rpc_server.js"]
    with TemporaryDirectory() as folder:
        if contender == OURS_RECORDED:
            command = module("servers", OURS, loop, folder)
        with child(command) as running:
            yield running, running.report(STARTING_SECONDS)


@contextmanager
def stations(
    contender: str, running: Child, port: int, count: int, *, action: str, first: int = 0
) -> Iterator[Child]:
    """Connect stations to a server; they have had one answer each, and are idle."""
    options = {"--port": port, "--server": running.pid, "--stations": count, "--first": first}
    command = module("load", "--action", action, *(["--echo"] if contender == FLOOR else []))
    command += [str(word) for option in options.items() for word in option]
    with child(command) as running_load:
        _require_sound(running_load.report(CONNECTING_SECONDS))
        yield running_load


def _measure(contender: str, setting: Setting, effort: Effort) -> dict[str, float]:
    with (
        server(contender, setting.loop) as (running, port),
        stations(contender, running, port, setting.stations, action=setting.action) as generator,
    ):
        generator.tell(f"{effort.warm_up_seconds} {effort.load_seconds}")
        found = generator.report(effort.warm_up_seconds + effort.load_seconds + STARTING_SECONDS)
    _require_sound(found)
    return {
        RATE: found["messages"] / found["seconds"],
        **{quantile: found[quantile] for quantile in ("p50", "p99", "p99.9")},
        CPU: 100_000 * found["server_cpu"] / found["messages"],
        "load generator's share of a core": found["load_cpu"] / found["seconds"],
    }


def _require_sound(found: dict[str, Any]) -> None:
    if found["wrong_answers"] or found["lost"]:
        raise RuntimeError(f"the server does not answer as it should: {json.dumps(found)}")
