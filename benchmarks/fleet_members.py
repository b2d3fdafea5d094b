"""The processes of a fleet, each with one role: `python -m benchmarks.fleet_members ROLE OPTIONS`, as JSON.

It says so when it is ready, then does what each line on its stdin asks for, `[name, options]`, and says what
came of it. It leaves when its stdin is closed.
"""

import asyncio
import json
import logging
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median
from time import monotonic, perf_counter
from typing import Any

import uvloop

from benchmarks.processes import allow_many_sockets, say
from benchmarks.servers import HANDLERS, HOST
from ocpp_sansio import v201
from ocpp_sansio.asyncio import NetSession, connect, serve
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.fleet import Fleet, FleetUnavailable, Gateway, MemoryBus, NatsBus, Worker
from ocpp_sansio.outcomes import CallTimeout, ConnectionLost, NotConnected

VERSIONS = ["ocpp2.0.1", "ocpp1.6"]
"""Of our own stations, which are called, and of those of `load`, which call."""
SOON = Backoff(wait_minimum=0.1, random_range=0.2, repeat_times=0)
CALL_SECONDS = 10.0

Commands = dict[str, Callable[..., Awaitable[object]]]
Call = Callable[[str], Awaitable[object]]


def identity(number: int) -> str:
    """Return a station's name."""
    return f"CP{number:05}"


def reset() -> v201.ResetRequest:
    """Return the call that is made."""
    return v201.ResetRequest(type=v201.ResetEnumType.IMMEDIATE)


# --- the roles ----------------------------------------------------------------------------------------


@asynccontextmanager
async def plain_server() -> AsyncIterator[Commands]:
    """Serve stations, without a fleet."""
    async with serve(None, HOST, 0, versions=VERSIONS, handlers=HANDLERS) as server:
        say(server.port)
        yield {}


@asynccontextmanager
async def gateway(
    url: str | None, name: str, forward: Sequence[str] = ()
) -> AsyncIterator[Commands]:
    """Serve stations as part of a fleet, over NATS, or over the memory of this process."""
    arrivals = 0
    bus = NatsBus(url) if url else MemoryBus()
    handlers = {action: each for action, each in HANDLERS.items() if action not in forward}

    async with bus, Gateway(bus, name=name, handlers=handlers, forward=forward) as ours:

        def on_station(session: NetSession[Any]) -> None:
            nonlocal arrivals
            arrivals += 1
            ours.on_station(session)

        ways: dict[str, Call] = {
            "session": lambda station: ours.sessions[station].call(reset()),
            "local": partial_call(Fleet(bus, local=ours)),
            "frames": partial_call(Fleet(bus)),
        }

        async def call(way: str, calls: int, stations: int) -> dict[str, float]:
            return await drive(ways[way], calls, stations)

        async def owned() -> int:
            return ours.owned

        async def arrived() -> int:
            return arrivals

        async with serve(on_station, HOST, 0, versions=VERSIONS, handlers=ours.handlers) as server:
            say(server.port)
            yield {"call": call, "owned": owned, "arrived": arrived}


@asynccontextmanager
async def worker(url: str) -> AsyncIterator[Commands]:
    """Answer events."""
    async with NatsBus(url) as bus, Worker(bus, HANDLERS, group="benchmark"):
        say("ready")
        yield {}


@asynccontextmanager
async def stations(
    ports: Sequence[int], count: int, first: int = 0, work: float = 0.0, *, returns: bool = False
) -> AsyncIterator[Commands]:
    """Connect stations, to the first port and the others by turns, that take `work` seconds for a call."""
    accepted = v201.ResetResponse(status=v201.ResetStatusEnumType.ACCEPTED)

    def answer(_: v201.ResetRequest) -> v201.ResetResponse:
        return accepted

    async def answer_later(_: v201.ResetRequest) -> v201.ResetResponse:
        await asyncio.sleep(work)
        return accepted

    async with AsyncExitStack() as stack:
        for number in range(count):
            mine = number % len(ports)
            urls = [f"ws://{HOST}:{port}" for port in (*ports[mine:], *ports[:mine])]
            await stack.enter_async_context(
                connect(
                    urls,
                    identity=identity(first + number),
                    versions=VERSIONS[:1],
                    handlers={v201.ResetRequest: answer_later if work else answer},
                    reconnect=SOON if returns else None,
                )
            )
        say("ready")
        yield {}


@asynccontextmanager
async def caller(url: str) -> AsyncIterator[Commands]:
    """Call stations of other processes."""
    async with NatsBus(url) as bus:
        make = partial_call(Fleet(bus))

        async def call(calls: int, stations: int) -> dict[str, float]:
            return await drive(make, calls, stations)

        async def call_all(stations: int, each: int) -> dict[str, Any]:
            return await call_whatever_comes(make, stations, each)

        async def fail(number: int, calls: int) -> list[float]:
            """Make calls that cannot be answered; return the seconds until that is known."""
            found = []
            for _ in range(calls):
                began = perf_counter()
                if await outcome_of(make(identity(number))) == "answered":
                    raise RuntimeError("who was to be away has answered")
                found.append(perf_counter() - began)
            return found

        async def until_answered(number: int) -> float:
            """Call until there is an answer; return when it came."""
            while await outcome_of(make(identity(number))) != "answered":  # noqa: ASYNC110 - none to set
                await asyncio.sleep(0.005)
            return monotonic()

        say("ready")
        yield {"call": call, "call_all": call_all, "fail": fail, "until_answered": until_answered}


ROLES = {each.__name__: each for each in (plain_server, gateway, worker, stations, caller)}


# --- calls --------------------------------------------------------------------------------------------


def partial_call(fleet: Fleet) -> Call:
    """Return what calls a station through a fleet."""
    return lambda station: fleet.call(station, reset(), timeout=CALL_SECONDS)


async def drive(call: Call, calls: int, stations: int) -> dict[str, float]:
    """Make calls to as many stations at once, to each one after the other."""
    turns = iter(range(calls))
    seconds: list[float] = []

    async def call_one(station: str) -> None:
        for _ in turns:
            began = perf_counter()
            await call(station)
            seconds.append(perf_counter() - began)

    await asyncio.gather(*(call_one(identity(number)) for number in range(stations)))
    return {"calls": len(seconds), "p50": median(seconds)}


async def call_whatever_comes(make: Call, stations: int, each: int) -> dict[str, Any]:
    """Make calls to each station all at once; return how they ended, the slowest, and when the last did."""
    outcomes: Counter[str] = Counter()
    seconds: list[float] = []

    async def call_one(station: str) -> None:
        began = monotonic()
        outcomes[await outcome_of(make(station))] += 1
        seconds.append(monotonic() - began)

    calls = (call_one(identity(number)) for number in range(stations) for _ in range(each))
    await asyncio.gather(*calls)
    return {"outcomes": outcomes, "slowest": max(seconds), "ended": monotonic()}


async def outcome_of(call: Awaitable[object]) -> str:
    """Return how a call has ended."""
    try:
        await call
    except (CallTimeout, ConnectionLost, NotConnected, FleetUnavailable) as error:
        return type(error).__name__
    return "answered"


# --- as a process -------------------------------------------------------------------------------------


async def main(role: str, options: dict[str, Any]) -> None:
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    async with ROLES[role](**options) as commands:
        while line := await lines.readline():
            name, arguments = json.loads(line)
            say(await commands[name](**arguments))
        os._exit(0)  # nobody is to wait for good-byes of processes that may be dead


if __name__ == "__main__":
    # What is killed here is told of by the figures; where a program logs to nowhere, records are cheap.
    logging.getLogger("ocpp_sansio").addHandler(logging.NullHandler())
    allow_many_sockets()
    uvloop.run(main(sys.argv[1], json.loads(sys.argv[2])))
