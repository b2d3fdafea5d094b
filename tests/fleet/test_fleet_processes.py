"""Gateways in processes of their own, a real broker, and either killed or frozen in the midst of calls.

Always: exactly one outcome for each call, nothing executed twice, or after its caller was told that it was
not sent; and each station has one owner in the end. Some 20 s; `.ci/run` runs them, and `-m processes`.
"""

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from bus_worlds import nats_server, until

from ocpp_sansio import v16
from ocpp_sansio.asyncio import NetSession, connect
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.fleet import Fleet, FleetUnavailable, NatsBus
from ocpp_sansio.outcomes import CallTimeout, ConnectionLost, NotConnected
from ocpp_sansio.testing import Broker

pytestmark = pytest.mark.processes

PATIENCE = 60.0
AT_ONCE = Backoff(wait_minimum=0.1, random_range=0.2, repeat_times=0)
PROGRAM = Path(__file__).with_name("gateway_process.py")


class GatewayProcess:
    """A gateway that can be killed and frozen."""

    def __init__(self, broker: Broker, name: str) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), broker.url, name], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)


class Site:
    """A broker, two gateways, and a caller here; stations as they come."""

    def __init__(self, broker: Broker, bus: NatsBus, stack: AsyncExitStack) -> None:
        self.broker, self.bus, self._stack = broker, bus, stack
        self.gateways = [GatewayProcess(broker, name) for name in ("G1", "G2")]
        self.fleet = Fleet(bus)
        self.executed: Counter[str] = Counter()
        self.outcomes: dict[str, str] = {}
        self.slowest = 0.0

    async def station(
        self,
        identity: str,
        first: int,
        *,
        work: float = 0.0,
        reconnect: Backoff | None = AT_ONCE,
    ) -> NetSession[Any]:
        """Connect a station to a gateway, and to the other one when that is gone."""

        async def execute(request: v16.DataTransferRequest) -> v16.DataTransferResponse:
            self.executed[request.data or ""] += 1
            await asyncio.sleep(work)
            return v16.DataTransferResponse(status=v16.DataTransferStatus.ACCEPTED)

        ports = [self.gateways[number].port for number in (first, 1 - first)]
        urls = [f"ws://127.0.0.1:{port}" for port in ports]
        return await self._stack.enter_async_context(
            connect(
                urls,
                identity=identity,
                versions=["ocpp1.6"],
                handlers={v16.DataTransferRequest: execute},
                reconnect=reconnect,
                shutdown_timeout=0.1,
            )
        )

    async def call(self, identity: str, number: str, timeout: float = 4.0) -> str:
        """Make a call that says its number, and write down the one outcome that it has."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            request = v16.DataTransferRequest(vendor_id="test", data=number)
            await self.fleet.call(identity, request, timeout=timeout)
        except (CallTimeout, ConnectionLost, NotConnected, FleetUnavailable) as error:
            was_sent = getattr(error, "was_sent", isinstance(error, CallTimeout))
            outcome = f"{type(error).__name__} {'perhaps' if was_sent else 'never'} sent"
        else:
            outcome = "answered"
        self.slowest = max(self.slowest, loop.time() - began)
        assert number not in self.outcomes
        self.outcomes[number] = outcome
        return outcome

    async def answers(self, identity: str, number: str) -> None:
        """Call until it answers."""
        for attempt in range(1000):
            if await self.call(identity, f"{number}.{attempt}") == "answered":
                return
            await asyncio.sleep(0.05)

    async def owner_of(self, identity: str) -> str | None:
        where = await self.fleet.find(identity)
        return where.gateway if where and where.is_connected else None

    def check(self) -> Counter[str]:
        """Look whether what stations did is what callers were told; return how often each was told."""
        for number, outcome in self.outcomes.items():
            times = self.executed[number]
            allowed = {"answered": {1}}.get(outcome, {0} if "never" in outcome else {0, 1})
            assert times in allowed, (number, outcome, times)
        assert self.executed.keys() <= self.outcomes.keys()
        return Counter(self.outcomes.values())


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    with nats_server() as broker:
        async with asyncio.timeout(PATIENCE), NatsBus(broker.url) as bus, AsyncExitStack() as stack:
            here = Site(broker, bus, stack)
            try:
                yield here
            finally:
                for each in here.gateways:
                    each.kill()  # before the stations leave: they need not be polite


def scenario(function: Callable[[Site], Awaitable[None]]) -> Callable[[], None]:
    async def run() -> None:
        async with site() as here:
            await function(here)

    def test() -> None:
        asyncio.run(run())

    test.__name__ = function.__name__
    return test


async def a_thousand_calls(here: Site) -> "asyncio.Future[list[str]]":
    names = [f"CP{number:03}" for number in range(100)]
    for number, name in enumerate(names):
        await here.station(name, number % 2, work=0.02)
    await asyncio.gather(*(here.answers(name, f"first.{name}") for name in names))
    return asyncio.gather(*(here.call(name, f"{name}.{n}") for name in names for n in range(10)))


@scenario
async def test_a_gateway_is_killed_in_a_thousand_calls(here: Site) -> None:
    calls = await a_thousand_calls(here)
    await until(lambda: sum(here.executed.values()) > 400)
    here.gateways[0].kill()
    await calls
    told = here.check()
    assert told["answered"] >= 500
    assert told["ConnectionLost perhaps sent"]
    assert here.slowest < 5.0
    names = [f"CP{number:03}" for number in range(100)]
    await asyncio.gather(*(here.answers(name, f"then.{name}") for name in names))
    owners = await asyncio.gather(*(here.owner_of(name) for name in names))
    assert set(owners) == {"G2"}
    here.check()


@scenario
async def test_the_broker_is_killed_in_a_thousand_calls(here: Site) -> None:
    watched = await here.station("WATCHED", 0)
    calls = await a_thousand_calls(here)
    await until(lambda: sum(here.executed.values()) > 400)
    here.broker.kill()
    await calls
    told = here.check()
    assert told["FleetUnavailable perhaps sent"]
    assert here.slowest < 4.0
    assert await here.call("CP000", "away") == "FleetUnavailable never sent"
    # Whoever is connected notices nothing of it.
    for _ in range(100):
        await watched.call(v16.HeartbeatRequest())
    here.broker.start()
    await until(lambda: here.bus.is_connected)
    names = [f"CP{number:03}" for number in range(100)]
    await asyncio.gather(*(here.answers(name, f"then.{name}") for name in names))
    owners = await asyncio.gather(*(here.owner_of(name) for name in names))
    assert owners == ["G1", "G2"] * 50
    here.check()


@scenario
async def test_a_gateway_is_frozen_while_its_station_goes_to_another(here: Site) -> None:
    left = await here.station("CP0", 0, reconnect=None)  # its end of a connection that is dead
    for number in range(1, 5):
        await here.station(f"CP{number}", 0)
    for number in range(5):
        await here.answers(f"CP{number}", f"first.{number}")
    here.gateways[0].freeze()
    stale = [here.call(f"CP{n % 5}", f"stale.{n}", timeout=1.0) for n in range(25)]
    moved = await here.station("CP0", 1)
    await asyncio.gather(*stale, here.answers("CP0", "moved"))
    assert await here.owner_of("CP0") == "G2"
    told = here.check()
    # Their callers know that they failed: from now on none of them is executed.
    before = here.executed.copy()
    here.gateways[0].thaw()
    await asyncio.gather(*(here.answers(f"CP{n}", f"thawed.{n}") for n in range(5)))
    await until(lambda: not left.is_connected)
    assert not [each for each in here.executed - before if each.startswith("stale")]
    assert told["answered"] >= 6
    assert [await here.owner_of(f"CP{n}") for n in range(1, 5)] == ["G1"] * 4
    assert moved.is_connected
    here.check()


@scenario
async def test_the_broker_is_frozen_and_what_it_hands_over_afterwards_is_not_executed(
    here: Site,
) -> None:
    for number in range(4):
        await here.station(f"CP{number}", number % 2)
        await here.answers(f"CP{number}", f"first.{number}")
    here.broker.freeze()
    await asyncio.gather(*(here.call(f"CP{n % 4}", f"stale.{n}", timeout=1.0) for n in range(20)))
    before = here.executed.copy()
    here.broker.thaw()
    await asyncio.gather(*(here.answers(f"CP{n}", f"thawed.{n}") for n in range(4)))
    assert not [each for each in here.executed - before if each.startswith("stale")]
    assert [await here.owner_of(f"CP{n}") for n in range(4)] == ["G1", "G2"] * 2
    here.check()
