"""Stations that flap over four gateways: each has one owner and one socket at last, each call one outcome.

FLEET_RUNS=200 has them do so with 200 seeds, in processes.
"""

import asyncio
import random
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
from processes import AT_ONCE, Site, on_site, runs

from ocpp_sansio.fleet import read_record
from ocpp_sansio.testing import FleetWorld

if TYPE_CHECKING:
    from ocpp_sansio.asyncio import NetSession

SEEDS = 200
FLAPS = 15
SETTLING = 5
"""How often it is looked whether all is calm."""


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [range(first, first + 50) for first in range(0, SEEDS, 50)])
def test_stations_flap_in_virtual_time(seeds: range) -> None:
    """FL-4, FL-5."""
    for seed in seeds:
        chance = random.Random(seed)
        world = FleetWorld(gateways=4)
        stations = [f"CP{number}" for number in range(5)]
        for _ in range(FLAPS * len(stations)):
            station, gateway = chance.choice(stations), chance.choice(world.gateways)
            world.connect(station, gateway)
            world.run(chance.choice([0.0, 0.001, 0.002, 0.005]))
            chance.choice(world.callers).call(chance.choice(stations), 2.0)
            if chance.random() < 0.2:
                world.hang_up(chance.choice(stations))
            if seed % 2:
                fail(gateway, chance)
        world.settle()
        if seed % 2 == 0:  # else who left while the broker was away has told nobody
            check_claims(world)


def fail(gateway: Any, chance: random.Random) -> None:
    """Have a gateway fail, or no more."""
    if chance.random() < 0.05:
        gateway.is_frozen = True
    elif gateway.is_frozen and chance.random() < 0.5:
        gateway.thaw()
    if chance.random() < 0.02:
        gateway.cut()
    elif not gateway.is_linked:
        gateway.mend()


def check_claims(world: FleetWorld) -> None:
    """Look whether the claim of a station names who owns it: it is found there, and called."""
    for station, claim in world.claims.items():
        owners = [each.name for each in world.gateways if each.owners.owns(station) is not None]
        record = read_record(claim.value)
        assert owners in ([], [record.gateway])
        assert record.is_up or not owners


class Flapping:
    """A station that connects again and again, and does not always close its former connection."""

    def __init__(self, here: Site, identity: str, chance: random.Random) -> None:
        self.identity = identity
        self.sessions: list[NetSession[Any]] = []
        self._here = here
        self._chance = chance

    async def flap(self, stack: AsyncExitStack, seed: int) -> None:
        """Do so; who calls meanwhile has been told an outcome when this returns. The last one is to stay."""
        async with asyncio.TaskGroup() as calls:
            for flap in range(FLAPS):
                session = await self._here.station(
                    self.identity,
                    self._chance.randrange(4),
                    reconnect=AT_ONCE if flap == FLAPS - 1 else None,
                    stack=stack,
                )
                session.call_when_over(lambda _: self._here.changes.note())
                if self.sessions and self._chance.random() < 0.5:
                    self.sessions[-1].close()
                self.sessions.append(session)
                for number in range(self._chance.randrange(3)):
                    name = f"{seed}.{flap}.{number}.{self.identity}"
                    calls.create_task(self._here.call(self.identity, name, timeout=2.0))

    @property
    def is_settled(self) -> bool:
        """Whether all connections but the one that stays are gone."""
        return not any(session.is_connected for session in self.sessions[:-1])

    @property
    def gateway(self) -> str:
        """Where it is, as it sees that itself."""
        ports = [f"ws://127.0.0.1:{each.port}" for each in self._here.gateways]
        return self._here.gateways[ports.index(self.sessions[-1].url or "")].name


async def flap(here: Site, seed: int) -> None:
    chance = random.Random(seed)
    stations = [Flapping(here, f"CP{number:02}", chance) for number in range(20)]
    identities = [each.identity for each in stations]
    async with AsyncExitStack() as stack:
        await asyncio.gather(*(each.flap(stack, seed) for each in stations))
        await here.all_answer(identities, f"then.{seed}")
        await here.changes.until(lambda: all(each.is_settled for each in stations))
        for attempt in range(
            SETTLING
        ):  # a gateway that has not seen the end of a socket may claim yet
            await here.all_answer(identities, f"last.{seed}.{attempt}")
            if await here.owners_of(identities) == [each.gateway for each in stations]:
                break
        else:
            pytest.fail(f"{seed}: who owns a station is not where it is")
    told = here.check()
    assert told["answered"]


@pytest.mark.processes
@on_site(gateways=4)
async def test_stations_flap_over_four_processes(here: Site) -> None:
    """FL-4, FL-5."""
    for seed in range(runs(3)):
        await flap(here, seed)
