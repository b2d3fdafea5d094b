"""Gateways and workers in processes of their own, a real broker, and stations and a caller here.

Always: exactly one outcome for each call, nothing executed twice, or after its caller was told that it was
not sent.
"""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Self

from bus_worlds import nats_server

from ocpp_sansio import v16
from ocpp_sansio.asyncio import NetSession, connect
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.fleet import Fleet, FleetUnavailable, NatsBus
from ocpp_sansio.outcomes import CallTimeout, ConnectionLost, NotConnected
from ocpp_sansio.testing import Broker

PATIENCE = 90.0
"""Seconds after which a scenario has failed; none comes near it."""
PATIENCE_A_RUN = 30.0
"""Seconds that it has in addition, for each of FLEET_RUNS."""
AT_ONCE = Backoff(wait_minimum=0.1, random_range=0.2, repeat_times=0)


def runs(usual: int) -> int:
    """Return how often something is to be done: so often, or as often as FLEET_RUNS says."""
    return int(os.environ.get("FLEET_RUNS", usual))


class Changes:
    """Waits for something to be so, by looking whenever something has changed."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    def note(self) -> None:
        """Have all who wait look again."""
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():
                each.set_result(None)

    async def until(self, condition: Callable[[], object]) -> None:
        while not condition():
            changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(changed)
            await changed


class Program:
    """One of the programs beside this file, in a process that can be killed and frozen; it says lines."""

    def __init__(self, process: asyncio.subprocess.Process, changes: Changes) -> None:
        self.process = process
        self.said: list[str] = []
        self._changes = changes
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, program: str, changes: Changes, **options: Any) -> Self:
        """Start one; returns when it has said its first line."""
        path = Path(__file__).with_name(program)
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(path), json.dumps(options), stdout=asyncio.subprocess.PIPE
        )
        started = cls(process, changes)
        await changes.until(lambda: started.said or started._listening.done())
        assert started.said, "it has ended at once"
        return started

    async def _listen(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            self.said.append(line.decode().rstrip("\n"))
            self._changes.note()
        self._changes.note()

    async def kill(self) -> None:
        """End it as by kill -9. Idempotent."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await self._listening

    async def ended(self) -> int:
        """Wait for its own end."""
        await self._listening
        return await self.process.wait()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)


class GatewayProcess(Program):
    name = ""

    @property
    def port(self) -> int:
        return int(self.said[0])


class Site:
    """A broker, gateways, and a caller here; stations as they come."""

    def __init__(
        self, brokers: list[Broker], bus: NatsBus, stack: AsyncExitStack, changes: Changes
    ) -> None:
        self.brokers, self.bus, self.stack, self.changes = brokers, bus, stack, changes
        self.gateways: list[GatewayProcess] = []
        self.fleet = Fleet(bus)
        self.executed: Counter[str] = Counter()
        self.connections: Counter[str] = Counter()
        self.outcomes: dict[str, str] = {}
        self.slowest = 0.0

    @property
    def broker(self) -> Broker:
        """The only one."""
        (broker,) = self.brokers
        return broker

    async def program(self, name: str, **options: Any) -> Program:
        """Start a program; it ends with the site."""
        started = await Program.start(name, self.changes, **options)
        self.stack.push_async_callback(started.kill)
        return started

    async def gateway(self, number: int, **options: Any) -> GatewayProcess:
        """Start a gateway at one of the brokers; it ends with the site."""
        name = f"G{number + 1}"
        urls = [broker.url for broker in self.brokers]
        own = number % len(urls)
        options = {"urls": [*urls[own:], *urls[:own]], "name": name, **options}
        started = await GatewayProcess.start("gateway_process.py", self.changes, **options)
        started.name = name
        self.stack.push_async_callback(started.kill)
        return started

    async def station(
        self,
        identity: str,
        *gateways: int,
        work: float = 0.0,
        reconnect: Backoff | None = AT_ONCE,
        stack: AsyncExitStack | None = None,
    ) -> NetSession[Any]:
        """Connect a station to a gateway, and to the next ones, or all others, when that is gone."""

        async def execute(request: v16.DataTransferRequest) -> v16.DataTransferResponse:
            self.executed[request.data or ""] += 1
            self.changes.note()
            await asyncio.sleep(work)
            return v16.DataTransferResponse(status=v16.DataTransferStatus.ACCEPTED)

        others = [number for number in range(len(self.gateways)) if number not in gateways]
        ports = [self.gateways[number].port for number in (*gateways, *others)]
        return await (stack or self.stack).enter_async_context(
            connect(
                [f"ws://127.0.0.1:{port}" for port in ports],
                identity=identity,
                versions=["ocpp1.6"],
                handlers={v16.DataTransferRequest: execute},
                reconnect=reconnect,
                on_connected=lambda _: self.connections.update([identity]),
                shutdown_timeout=0.1,
            )
        )

    async def stations(self, number: int, *, work: float = 0.0) -> list[str]:
        """Connect stations to all gateways in turn; return their identities once each has answered."""
        names = [f"CP{each:03}" for each in range(number)]
        for each, name in enumerate(names):
            await self.station(name, each % len(self.gateways), work=work)
        await self.all_answer(names, "first")
        return names

    async def call(
        self, identity: str, number: str, timeout: float = 4.0, wait: float = 0.0
    ) -> str:
        """Make a call that says its number, and write down the one outcome that it has."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            request = v16.DataTransferRequest(vendor_id="test", data=number)
            await self.fleet.call(identity, request, timeout=timeout, wait=wait)
        except (CallTimeout, ConnectionLost, NotConnected, FleetUnavailable) as error:
            was_sent = getattr(error, "was_sent", isinstance(error, CallTimeout))
            outcome = f"{type(error).__name__} {'perhaps' if was_sent else 'never'} sent"
        else:
            outcome = "answered"
        self.slowest = max(self.slowest, loop.time() - began)
        assert number not in self.outcomes
        self.outcomes[number] = outcome
        self.changes.note()
        return outcome

    async def answers(self, identity: str, number: str) -> None:
        """Call until it answers."""
        for attempt in range(1000):
            if await self.call(identity, f"{number}.{attempt}", wait=PATIENCE) == "answered":
                return

    async def all_answer(self, identities: Sequence[str], number: str) -> None:
        slowest = self.slowest
        await asyncio.gather(*(self.answers(each, f"{number}.{each}") for each in identities))
        self.slowest = slowest  # of those alone that need not wait

    async def owners_of(self, identities: Sequence[str]) -> list[str | None]:
        async def owner_of(identity: str) -> str | None:
            while True:
                try:
                    where = await self.fleet.find(identity)
                except FleetUnavailable:  # of a server that has just started, perhaps
                    await asyncio.sleep(0)
                    continue
                return where.gateway if where and where.is_connected else None

        return await asyncio.gather(*map(owner_of, identities))

    async def worker(self, **options: Any) -> Program:
        """Start a worker; it ends with the site."""
        return await self.program("worker_process.py", url=self.broker.url, **options)

    def executed_of(self, number: str) -> int:
        """How many calls have been executed whose number begins so."""
        return sum(count for each, count in self.executed.items() if each.startswith(number))

    def check(self) -> Counter[str]:
        """Look whether what stations did is what callers were told; return how often each was told."""
        for number, outcome in self.outcomes.items():
            times = self.executed[number]
            allowed = {"answered": {1}}.get(outcome, {0} if "never" in outcome else {0, 1})
            assert times in allowed, (number, outcome, times)
        assert self.executed.keys() <= self.outcomes.keys()
        return Counter(self.outcomes.values())


@contextmanager
def one_server() -> Iterator[list[Broker]]:
    with nats_server() as broker:
        yield [broker]


Start = Callable[[], AbstractContextManager[list[Broker]]]


@asynccontextmanager
async def site(
    gateways: int = 2, *, start: Start = one_server, **options: Any
) -> AsyncIterator[Site]:
    """Start brokers, and gateways G1, G2, … at each in turn; the caller is at the last one."""
    changes = Changes()
    with start() as brokers:
        urls = [broker.url for broker in brokers]
        async with (
            asyncio.timeout(PATIENCE + PATIENCE_A_RUN * runs(0)),
            NatsBus(urls[::-1], **options.get("bus", {})) as bus,
            AsyncExitStack() as stack,
        ):
            here = Site(brokers, bus, stack, changes)
            bus.watch(lambda _: changes.note())
            here.gateways = await asyncio.gather(
                *(here.gateway(number, **options) for number in range(gateways))
            )
            try:
                yield here
            finally:
                for each in here.gateways:
                    await each.kill()  # before the stations leave: they need not be polite


def on_site(
    gateways: int = 2, **options: Any
) -> Callable[[Callable[[Site], Awaitable[None]]], Callable[[], None]]:
    """Make a test of what happens on a site."""

    def make(scenario: Callable[[Site], Awaitable[None]]) -> Callable[[], None]:
        async def run() -> None:
            async with site(gateways, **options) as here:
                await scenario(here)

        def test() -> None:
            asyncio.run(run())

        test.__name__, test.__doc__ = scenario.__name__, scenario.__doc__
        return test

    return make
