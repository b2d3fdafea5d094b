"""A fleet: what a call and an event cost that pass a broker, what a station does, and how failures are told.

The floor is the same without a fleet: `session.call` in the process that has the connection, a handler there,
a server of its own. CPU is a process's user and system time, by the kernel's books. Each process has one role
(`fleet_members`); the broker is a nats-server of its own for each part.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from importlib.util import find_spec
from typing import Any, TypeVar

import psutil

from benchmarks import loopback
from benchmarks.effort import Effort
from benchmarks.processes import Child, child, module
from benchmarks.report import FLOOR, OURS, Figure
from ocpp_sansio.testing import BrokerMissing, broker
from ocpp_sansio.testing.nats_server import find_nats_server

GROUP = "fleet"
KIB = 1024

AT_ONCE = 50
CALL_GATEWAY = f"a call, {AT_ONCE} at once, CPU of the gateway; floor: session.call"
CALL_ALL = f"a call, {AT_ONCE} at once, CPU of all processes; floor: session.call"
CALL_CALLER = f"a call, {AT_ONCE} at once, CPU of the caller"
CALL_BROKER = f"a call, {AT_ONCE} at once, CPU of the broker"
CALL_P50 = "a call, one at a time, p50; floor: session.call"
MEMORY_LOCAL = f"MemoryBus, {AT_ONCE} at once, CPU of a call by local=gateway; floor: session.call"
MEMORY_FRAMES = f"MemoryBus, {AT_ONCE} at once, CPU of a call by frames; floor: session.call"
EVENT_GATEWAY = f"an event, {AT_ONCE} at once, CPU of the gateway; floor: a handler there"
EVENT_WORKER = f"an event, {AT_ONCE} at once, CPU of the worker; floor: a handler in the gateway"
EVENT_BROKER = f"an event, {AT_ONCE} at once, CPU of the broker"
MEMORY_GATEWAY = "an idle station, memory of the gateway; floor: no fleet"
MEMORY_BROKER = "an idle station, memory of the broker"
ARRIVAL = "an arrival, CPU of the gateway; floor: no fleet"
DEAD_WAITING = "gateway killed amidst calls: the slowest outcome"
DEAD_NEW = "a new call to its station: refused after"
AWAY_WAITING = "broker killed amidst calls: all have ended after"
AWAY_NEW = "a new call while it is away: refused after"
BACK = "broker back: first answer after"
RECONNECTED = "broker back: stations that connected anew"

PATIENCE = 120.0
"""Seconds for a member of the fleet to do anything at all."""
FIRST_STATIONS = 100
"""Connected before it is counted, so that what is loaded on first use is not laid at a station's door."""
LONELY = 90_000
"""The number of a station that does not come back."""

Found = dict[tuple[str, str, str], list[float]]
"""Values by name, contender and unit."""
Pids = Mapping[str, int]
T = TypeVar("T")


def why_no_broker() -> str | None:
    """Return what is missing for a fleet over NATS, if anything is."""
    if find_spec("nats") is None:
        return "a fleet over NATS: there is no nats-py, which `python -m benchmarks` without --here installs"
    try:
        find_nats_server()
    except BrokerMissing as error:
        return f"a fleet over NATS: {error}"
    return None


def figures(effort: Effort) -> Iterator[Figure]:
    """Measure the group; without a broker, what needs none."""
    found: Found = defaultdict(list)
    _memory_bus(effort, found)
    if not why_no_broker():
        _calls(effort, found)
        _events(effort, found)
        for _ in range(effort.rounds):
            _idle_stations(effort, found)
            _dead_gateway(effort, found)
            _absent_broker(effort, found)
    for (name, contender, unit), values in found.items():
        yield Figure(GROUP, name, contender, unit, values)


# --- what calls and events cost -----------------------------------------------------------------------


def _memory_bus(effort: Effort, found: Found) -> None:
    with ExitStack() as stack:
        gateway = _gateway(stack, None, "G1")
        _start(stack, "stations", ports=[gateway.port], count=AT_ONCE)
        _until_owned(gateway, AT_ONCE)

        def measure(way: str) -> float:
            calls = {"way": way, "calls": effort.fleet_calls, "stations": AT_ONCE}
            _, cpu = _cost({"gateway": gateway.pid}, gateway, calls)
            return cpu["gateway"]

        for way in _in_turns(effort, ["session", "local", "frames"]):
            cpu = measure(way)
            if way == "session":
                found[MEMORY_LOCAL, FLOOR, "µs"].append(cpu)
                found[MEMORY_FRAMES, FLOOR, "µs"].append(cpu)
            else:
                name = MEMORY_LOCAL if way == "local" else MEMORY_FRAMES
                found[name, OURS, "µs"].append(cpu)


def _calls(effort: Effort, found: Found) -> None:
    with broker() as server, ExitStack() as stack:
        gateway = _gateway(stack, server.url, "G1")
        stations = _start(stack, "stations", ports=[gateway.port], count=AT_ONCE)
        caller = _start(stack, "caller", url=server.url)
        _until_owned(gateway, AT_ONCE)
        members = {"gateway": gateway, "stations": stations, "caller": caller}
        pids = {name: each.pid for name, each in members.items()} | {"broker": server.pid}
        for contender in _in_turns(effort, [OURS, FLOOR]):
            who, way = (caller, {}) if contender == OURS else (gateway, {"way": "session"})
            many = {"calls": effort.fleet_calls, "stations": AT_ONCE}
            _, cpu = _cost(pids, who, {**way, **many})
            found[CALL_GATEWAY, contender, "µs"].append(cpu["gateway"])
            found[CALL_ALL, contender, "µs"].append(sum(cpu.values()))
            if contender == OURS:
                found[CALL_CALLER, OURS, "µs"].append(cpu["caller"])
                found[CALL_BROKER, OURS, "µs"].append(cpu["broker"])
            few = {"calls": effort.fleet_calls // 5, "stations": 1}
            p50, _ = _cost(pids, who, {**way, **few})
            found[CALL_P50, contender, "ms"].append(1e3 * p50)


def _events(effort: Effort, found: Found) -> None:
    with broker() as server, ExitStack() as stack:
        worker = _start(stack, "worker", url=server.url)
        loads = {}
        for contender, forward in ((OURS, ["Heartbeat"]), (FLOOR, [])):
            gateway = _gateway(stack, server.url, f"G-{len(forward)}", forward=forward)
            # Distinct names, since a station has one owner.
            first = len(loads) * AT_ONCE
            load = _load(stack, gateway, AT_ONCE, first)
            loads[contender] = (gateway, load)
        pids = {"worker": worker.pid, "broker": server.pid}
        for contender in _in_turns(effort, [OURS, FLOOR]):
            gateway, load = loads[contender]
            before = _cpu_of({"gateway": gateway.pid, **pids})
            load.tell(f"0 {2 * effort.load_seconds}")
            messages = load.report(PATIENCE)["messages"]
            cpu = _difference(_cpu_of({"gateway": gateway.pid, **pids}), before, messages)
            found[EVENT_GATEWAY, contender, "µs"].append(cpu["gateway"])
            if contender == OURS:
                found[EVENT_WORKER, OURS, "µs"].append(cpu["worker"])
                found[EVENT_BROKER, OURS, "µs"].append(cpu["broker"])
            else:
                found[EVENT_WORKER, FLOOR, "µs"].append(cpu["gateway"])


# --- what a station costs -----------------------------------------------------------------------------


def _idle_stations(effort: Effort, found: Found) -> None:
    count = effort.idle_stations
    for contender in (OURS, FLOOR):
        with broker() as server, ExitStack() as stack:
            if contender == OURS:
                gateway = _gateway(stack, server.url, "G1")
            else:
                gateway = _start(stack, "plain_server")
            _load(stack, gateway, FIRST_STATIONS, 0)
            if contender == OURS:
                _until_owned(gateway, FIRST_STATIONS)
            memory, broker_memory = _memory_of(gateway.pid), _memory_of(server.pid)
            cpu = _cpu_of({"gateway": gateway.pid})
            _load(stack, gateway, count, FIRST_STATIONS)
            if contender == OURS:
                _until_owned(gateway, FIRST_STATIONS + count)
                grown = (_memory_of(server.pid) - broker_memory) / count / KIB
                found[MEMORY_BROKER, OURS, "KiB"].append(grown)
            cpu = _difference(_cpu_of({"gateway": gateway.pid}), cpu, count)
            grown = (_memory_of(gateway.pid) - memory) / count / KIB
            found[MEMORY_GATEWAY, contender, "KiB"].append(grown)
            found[ARRIVAL, contender, "µs"].append(cpu["gateway"])


# --- failures -----------------------------------------------------------------------------------------


def _dead_gateway(effort: Effort, found: Found) -> None:
    with broker() as server, ExitStack() as stack:
        gateways = [_gateway(stack, server.url, name) for name in ("G1", "G2")]
        caller, other = (_start(stack, "caller", url=server.url) for _ in range(2))
        site = _Site(stack, gateways, effort)
        lonely = {"ports": [gateways[0].port], "count": 1, "first": LONELY}
        _start(stack, "stations", **lonely)
        other.ask("until_answered", number=LONELY)
        site.begin_calls(caller)
        gateways[0].kill()
        refused = other.ask("fail", number=LONELY, calls=10)
        ended = caller.answer()
        _require_both(ended["outcomes"])
        found[DEAD_WAITING, OURS, "s"].append(ended["slowest"])
        found[DEAD_NEW, OURS, "ms"].append(1e3 * max(refused))


def _absent_broker(effort: Effort, found: Found) -> None:
    with broker() as server, ExitStack() as stack:
        gateways = [_gateway(stack, server.url, name) for name in ("G1", "G2")]
        caller = _start(stack, "caller", url=server.url)
        site = _Site(stack, gateways, effort)
        site.begin_calls(caller)
        server.kill()
        killed = time.monotonic()  # one clock for all processes
        ended = caller.answer()
        _require_both(ended["outcomes"])
        found[AWAY_WAITING, OURS, "ms"].append(1e3 * (ended["ended"] - killed))
        refused = caller.ask("fail", number=0, calls=10)
        found[AWAY_NEW, OURS, "ms"].append(1e3 * max(refused))
        server.start()
        started = time.monotonic()
        found[BACK, OURS, "s"].append(caller.ask("until_answered", number=0) - started)
        _until_owned(gateways[0], site.count // 2)
        arrived = sum(gateway.ask("arrived") for gateway in gateways)
        found[RECONNECTED, OURS, ""].append(arrived - site.count)


class _Site:
    """Two gateways and their stations, each of which takes its time for a call."""

    def __init__(self, stack: ExitStack, gateways: "list[_Member]", effort: Effort) -> None:
        self.count = 20 if effort.is_short else 200
        ports = [gateway.port for gateway in gateways]
        options = {"ports": ports, "count": self.count, "work": 0.3, "returns": True}
        _start(stack, "stations", **options)
        for gateway in gateways:
            _until_owned(gateway, self.count // 2)

    def begin_calls(self, caller: "_Member") -> None:
        """Have five calls made to each station, and return in their midst."""
        caller.begin("call_all", stations=self.count, each=5)
        time.sleep(0.7)


def _require_both(outcomes: Mapping[str, int]) -> None:
    if set(outcomes) < {"answered", "ConnectionLost"} and set(outcomes) < {
        "answered",
        "FleetUnavailable",
    }:
        raise RuntimeError(f"it was not killed amidst calls: {outcomes}")


# --- members ------------------------------------------------------------------------------------------


class _Member:
    """A process of the fleet."""

    def __init__(self, process: Child) -> None:
        self._process = process
        self.pid = process.pid
        self.port = self.answer()
        """Where it listens, if it does."""

    def ask(self, command: str, **options: object) -> Any:
        """Have it do something, and return what it says."""
        self.begin(command, **options)
        return self.answer()

    def begin(self, command: str, **options: object) -> None:
        """Have it do something; `answer` says what came of it."""
        self._process.tell(json.dumps([command, options]))

    def answer(self) -> Any:
        """Return what it says."""
        return self._process.report(PATIENCE)

    def kill(self) -> None:
        """End it as by kill -9."""
        self._process.kill()


def _start(stack: ExitStack, role: str, **options: object) -> _Member:
    command = module("fleet_members", role, json.dumps(options))
    return _Member(stack.enter_context(child(command)))


def _gateway(stack: ExitStack, url: str | None, name: str, **options: object) -> _Member:
    return _start(stack, "gateway", url=url, name=name, **options)


def _load(stack: ExitStack, gateway: _Member, count: int, first: int) -> Child:
    """Connect stations that call: they have had an answer each, and are idle."""
    return stack.enter_context(
        loopback.stations(OURS, gateway, gateway.port, count, action="Heartbeat", first=first)
    )


def _until_owned(gateway: _Member, count: int) -> None:
    end = time.monotonic() + PATIENCE
    while gateway.ask("owned") < count:
        if time.monotonic() > end:
            raise TimeoutError(f"{count} stations were not claimed within {PATIENCE} s")
        time.sleep(0.05)


# --- the kernel's books -------------------------------------------------------------------------------


def _cost(pids: Pids, who: _Member, calls: dict[str, object]) -> tuple[float, dict[str, float]]:
    """Have calls made; return the median of their seconds, and the µs of each process for one."""
    before = _cpu_of(pids)
    done = who.ask("call", **calls)
    return done["p50"], _difference(_cpu_of(pids), before, done["calls"])


def _cpu_of(pids: Pids) -> dict[str, float]:
    """Return the seconds that each process has used."""
    times = {name: psutil.Process(pid).cpu_times() for name, pid in pids.items()}
    return {name: each.user + each.system for name, each in times.items()}


def _difference(after: dict[str, float], before: dict[str, float], count: int) -> dict[str, float]:
    """Return the µs of each process for each of so many."""
    return {name: 1e6 * (after[name] - before[name]) / count for name in before}


def _memory_of(pid: int) -> int:
    return int(psutil.Process(pid).memory_full_info().uss)


def _in_turns(effort: Effort, contenders: list[T]) -> Iterator[T]:
    for _ in range(effort.load_rounds):
        yield from contenders
