"""Gateways and the broker are killed, frozen and emptied in the midst of calls.

`.ci/run` runs this, and so does `-m processes`. FLEET_RUNS=100 repeats the freezing so often.
"""

import asyncio
import random
import signal

import pytest
from processes import Site, on_site, runs

from ocpp_sansio import v16

pytestmark = pytest.mark.processes

MOST = 4.0
"""Seconds that a call lasts at the most whose gateway dies."""


async def a_thousand_calls(here: Site) -> "asyncio.Future[list[str]]":
    names = await here.stations(100, work=0.02)
    return asyncio.gather(*(here.call(name, f"{name}.{n}") for name in names for n in range(10)))


@on_site()
async def test_a_gateway_is_killed_in_a_thousand_calls(here: Site) -> None:
    """FL-1, FL-2."""
    calls = await a_thousand_calls(here)
    await here.changes.until(lambda: here.executed_of("CP") > 300)
    await here.gateways[0].kill()
    await calls
    told = here.check()
    assert told["answered"] >= 500
    assert told["ConnectionLost perhaps sent"]
    assert here.slowest <= MOST
    names = [f"CP{number:03}" for number in range(100)]
    await here.all_answer(names, "then")
    assert set(await here.owners_of(names)) == {"G2"}
    here.check()


@on_site()
async def test_the_broker_is_killed_in_a_thousand_calls(here: Site) -> None:
    """FL-8, FL-9, FL-10."""
    watched = await here.station("WATCHED", 0)
    calls = await a_thousand_calls(here)
    await here.changes.until(lambda: here.executed_of("CP") > 300)
    here.broker.kill()
    await calls
    told = here.check()
    assert told["FleetUnavailable perhaps sent"]
    assert here.slowest <= MOST
    assert await here.call("CP000", "away") == "FleetUnavailable never sent"
    # Whoever is connected notices nothing of it.
    for _ in range(100):
        await watched.call(v16.HeartbeatRequest())
    here.broker.start()
    await here.changes.until(lambda: here.bus.is_connected)
    names = [f"CP{number:03}" for number in range(100)]
    await here.all_answer(names, "then")
    assert await here.owners_of(names) == ["G1", "G2"] * 50
    assert here.connections == dict.fromkeys(["WATCHED", *names], 1)
    here.check()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_gateway_is_frozen_while_its_station_goes_to_another(loop: str) -> None:
    """FL-5, FL-7."""

    @on_site(loop=loop)
    async def scenario(here: Site) -> None:
        left = await here.station("CP0", 0, reconnect=None)  # its end of a connection that is dead
        names = [f"CP{number}" for number in range(5)]
        for name in names[1:]:
            await here.station(name, 0)
        await here.all_answer(names, "first")
        here.gateways[0].freeze()
        stale = [here.call(f"CP{n % 5}", f"stale.{n}", timeout=1.0) for n in range(25)]
        moved = await here.station("CP0", 1)
        await asyncio.gather(*stale, here.answers("CP0", "moved"))
        assert await here.owners_of(["CP0"]) == ["G2"]
        told = here.check()
        # Their callers know that they failed: from now on none of them is executed.
        before = here.executed.copy()
        here.gateways[0].thaw()
        await here.all_answer(names, "thawed")
        await left.wait_closed()
        assert not [each for each in here.executed - before if each.startswith("stale")]
        assert told["answered"] >= 6
        assert await here.owners_of(names) == ["G2", *["G1"] * 4]
        assert moved.is_connected
        here.check()

    scenario()


def test_a_gateway_that_is_frozen_again_and_again_makes_no_call_too_late() -> None:
    """FL-7."""

    @on_site(gateways=1, loop="uvloop", config={"stall": 0.5})
    async def scenario(here: Site) -> None:
        names = await here.stations(5)
        loop, made = asyncio.get_running_loop(), 0
        for run in range(runs(2)):
            here.gateways[0].freeze()
            frozen_at = loop.time()
            while loop.time() < frozen_at + 0.6:  # more than `stall`
                stale = (here.call(n, f"stale.{run}.{made}.{n}", timeout=0.2) for n in names)
                made += 1
                await asyncio.gather(*stale)
            before = here.executed.copy()
            here.gateways[0].thaw()
            await here.all_answer(names, f"thawed.{run}")
            late = [each for each in here.executed - before if each.startswith("stale")]
            assert not late
        here.check()

    scenario()


@on_site()
async def test_the_broker_is_frozen_and_what_it_hands_over_afterwards_is_not_executed(
    here: Site,
) -> None:
    """FL-7."""
    names = await here.stations(4)
    here.broker.freeze()
    await asyncio.gather(*(here.call(f"CP00{n % 4}", f"stale.{n}", timeout=1.0) for n in range(20)))
    before = here.executed.copy()
    here.broker.thaw()
    await here.all_answer(names, "thawed")
    assert not [each for each in here.executed - before if each.startswith("stale")]
    assert await here.owners_of(names) == ["G1", "G2"] * 2
    here.check()


@on_site(gateways=3)
async def test_gateways_are_emptied_one_after_the_other_and_no_call_is_lost(here: Site) -> None:
    """FL-19."""
    names = await here.stations(120)
    chance = random.Random(1)
    drained = 0

    async def go_on(caller: int) -> None:
        made = 0
        while drained < 2:
            await here.call(chance.choice(names), f"{caller}.{made}", timeout=9.0, wait=5.0)
            made += 1

    calls = asyncio.gather(*(go_on(caller) for caller in range(60)))
    for gateway in here.gateways[:2]:
        gateway.process.send_signal(signal.SIGTERM)
        assert await gateway.ended() == 0
        assert gateway.said[-1] == "drained"
        drained += 1
    await calls
    told = here.check()
    assert set(told) == {"answered"}
    await here.all_answer(names, "then")
    assert set(await here.owners_of(names)) == {"G3"}
