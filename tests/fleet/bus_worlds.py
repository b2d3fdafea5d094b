"""Every bus there is, behind one fixture: what `Bus` promises is tested once for all of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from worlds import VirtualLoop

from ocpp_sansio.fleet import Bus, MemoryBus

PATIENCE = 20.0
"""Seconds after which a scenario has failed; none comes near it."""


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


BROKERS: dict[str, Callable[[], AbstractAsyncContextManager[Broker]]] = {"memory": memory_broker}
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
