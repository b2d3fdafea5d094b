"""Every bus there is, behind one fixture: what `Bus` promises is tested once for all of them."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager
from importlib import import_module
from typing import Any

import pytest
from worlds import VirtualLoop

from ocpp_sansio.fleet import Bus, MemoryBus, NatsBus
from ocpp_sansio.testing import Broker as NatsServer
from ocpp_sansio.testing import BrokerMissing
from ocpp_sansio.testing import broker as start_nats_server

PATIENCE = 20.0
"""Seconds after which a scenario has failed; none comes near it."""


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until something is so."""
    while True:
        if condition():
            return
        await asyncio.sleep(0.001)


def pausing() -> Callable[[float], None]:
    """Return what lets the running loop's clock go on as if its process had been stopped meanwhile."""
    loop = asyncio.get_running_loop()
    clock, paused = loop.time, 0.0

    def pause(seconds: float) -> None:
        nonlocal paused
        paused += seconds

    loop.time = lambda: clock() + paused  # type: ignore[method-assign]
    return pause


class Broker:
    """A broker, several processes' connections to it, and what can become of it."""

    def connect(self) -> AbstractAsyncContextManager[Bus]:
        """Connect as one more process."""
        raise NotImplementedError

    async def go_away(self) -> None:
        """End as by kill -9; returns when all who are connected know."""
        raise NotImplementedError

    async def come_back(self) -> None:
        """Be there again; returns when all are connected again."""
        raise NotImplementedError


class MemoryBroker(Broker):
    def __init__(self) -> None:
        self._bus = MemoryBus()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Bus]:
        if self._bus.is_connected:
            yield self._bus
            return
        async with self._bus:
            yield self._bus

    async def go_away(self) -> None:
        self._bus.interrupt()

    async def come_back(self) -> None:
        self._bus.resume()


@asynccontextmanager
async def memory_broker() -> AsyncIterator[Broker]:
    yield MemoryBroker()


class NatsBroker(Broker):
    def __init__(self, server: NatsServer) -> None:
        self.server = server
        self._buses: list[NatsBus] = []

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Bus]:
        async with NatsBus(self.server.url) as bus:
            self._buses.append(bus)
            yield bus
            self._buses.remove(bus)

    async def go_away(self) -> None:
        self.server.kill()
        await until(lambda: not any(bus.is_connected for bus in self._buses))

    async def come_back(self) -> None:
        self.server.start()
        await until(lambda: all(bus.is_connected for bus in self._buses))


@contextmanager
def nats_server(config: str = "", *, jetstream: bool = True) -> Iterator[NatsServer]:
    """Start a server; a test without one is skipped, except where tests are to be complete."""
    with ExitStack() as stack:
        try:
            import_module("nats")
            server = stack.enter_context(start_nats_server(config, jetstream=jetstream))
        except (BrokerMissing, ModuleNotFoundError) as error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(str(error))
        yield server


@asynccontextmanager
async def nats_broker() -> AsyncIterator[Broker]:
    with nats_server() as server:
        yield NatsBroker(server)


BROKERS: dict[str, Callable[[], AbstractAsyncContextManager[Broker]]] = {
    "memory": memory_broker,
    "nats": nats_broker,
}
"""By name, what starts one."""

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"memory": VirtualLoop}
"""What the loop is made by, where it can be one whose time is virtual."""

Scenario = Callable[[Broker], Awaitable[None]]


def on_every_bus(scenario: Scenario) -> Any:
    """Make a test of a scenario, run once on each."""

    async def run(name: str) -> None:
        async with asyncio.timeout(PATIENCE), BROKERS[name]() as broker:
            await scenario(broker)

    def test(bus: str) -> None:
        with asyncio.Runner(loop_factory=LOOPS.get(bus)) as runner:
            runner.run(run(bus))

    test.__name__ = scenario.__name__
    test.__doc__ = scenario.__doc__
    return pytest.mark.parametrize("bus", BROKERS)(test)
