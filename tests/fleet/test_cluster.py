"""A cluster of three servers, one of which is stopped between a gateway and its callers, or killed.

`.ci/run` runs this, and so does `-m processes`.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from socket import socket

import pytest
from bus_worlds import nats_server
from processes import Site, on_site

from ocpp_sansio.testing import Broker

pytestmark = pytest.mark.processes

BUS = {"replicas": 3, "ping_interval": 0.5}
"""How all connect: three PINGs, and they know that their server is stopped."""
MOST = 4.0
"""Seconds that a call lasts at the most whose server fails."""


@contextmanager
def cluster() -> Iterator[list[Broker]]:
    """Start three servers that know each other."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket()) for _ in range(3)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        ports = [each.getsockname()[1] for each in sockets]
        for each in sockets:
            each.close()
        routes = ", ".join(f"nats://127.0.0.1:{port}" for port in ports)
        yield [
            stack.enter_context(
                nats_server(
                    f"server_name: S{number}\n"
                    f"cluster {{ name: C, listen: '127.0.0.1:{port}', routes: [{routes}] }}"
                )
            )
            for number, port in enumerate(ports)
        ]


@pytest.mark.parametrize("whose", ["a gateway's", "the caller's"])
@pytest.mark.parametrize("fate", ["stopped", "killed"])
def test_one_server_of_three_fails_in_a_thousand_calls(whose: str, fate: str) -> None:
    @on_site(start=cluster, bus=BUS)
    async def scenario(here: Site) -> None:
        victim = here.brokers[{"a gateway's": 1, "the caller's": 2}[whose]]
        names = await here.stations(100, work=0.02)
        asked = (here.call(name, f"{name}.{n}", timeout=9.0) for name in names for n in range(10))
        calls = asyncio.gather(*asked)
        await here.changes.until(lambda: here.executed_of("CP") > 300)
        if fate == "stopped":
            victim.freeze()
        else:
            victim.kill()
        await calls
        told = here.check()
        # Of the 300 that were executed, each station's last may have lost its answer.
        assert told["answered"] >= 200
        assert here.slowest <= MOST
        # Whoever was there goes to another server; whether or not the claims' leader was there.
        await here.all_answer(names, "then")
        before = here.executed.copy()
        if fate == "stopped":
            victim.thaw()
        else:
            victim.start()
        await here.all_answer(names, "last")
        late = here.executed - before
        assert not [number for number in late if not number.startswith("last")]
        assert await here.owners_of(names) == ["G1", "G2"] * 50
        assert here.connections == dict.fromkeys(names, 1)
        here.check()

    scenario()
