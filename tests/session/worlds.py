"""The two worlds that a session works in, behind one small interface, so that each scenario is written once.

Time is virtual in both: it jumps to the next deadline when every task waits. A scenario in which every task
waits for ever fails at once instead of hanging.
"""

import asyncio
import json
import selectors
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol, cast

import pytest
import trio
import trio.testing

import ocpp_sansio.asyncio
import ocpp_sansio.trio
from ocpp_sansio import Role
from ocpp_sansio.session import SessionBase

LIMIT = 3600.0
"""Virtual seconds in which a scenario must be done."""


class Flag(Protocol):
    def set(self) -> None: ...

    async def wait(self) -> Any: ...


class Job(Protocol):
    """A task that was started: its result can be awaited, and it can be cancelled."""

    def cancel(self) -> None: ...

    async def result(self) -> Any:
        """Return what it returned or raise what it raised; `Cancelled` if it was cancelled."""


class Cancelled(Exception):  # noqa: N818 - what became of a job, not a mishap
    pass


class World(Protocol):
    name: str

    def session(self, role: Role, **options: Any) -> SessionBase: ...

    def now(self) -> float: ...

    def flag(self) -> Flag: ...

    def start(self, function: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any) -> Job: ...

    async def sleep(self, seconds: float) -> None: ...

    async def settle(self) -> None:
        """Return when every other task waits; no more than an instant passes."""

    def live_tasks(self) -> int:
        """How many tasks there are beside the scenario's own."""
        ...


Scenario = Callable[[World], Coroutine[Any, Any, None]]


# --- asyncio ------------------------------------------------------------------------------------


class _JumpingSelector(selectors.SelectSelector):
    """Waits for no time: where the loop would sleep, the clock jumps."""

    elapsed = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("every task waits, and no timer is set: this would hang")
            self.elapsed += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.elapsed

    def live_timers(self) -> list[asyncio.TimerHandle]:
        timers = cast("Any", self)._scheduled
        return [timer for timer in timers if not timer.cancelled()]


class _AsyncioJob:
    def __init__(self, task: asyncio.Task[Any]) -> None:
        self._task = task

    def cancel(self) -> None:
        self._task.cancel()

    async def result(self) -> Any:
        await asyncio.wait([self._task])
        if self._task.cancelled():
            raise Cancelled
        return self._task.result()


class AsyncioWorld:
    name = "asyncio"

    def __init__(self) -> None:
        self._jobs: set[asyncio.Task[Any]] = set()
        self._main = asyncio.current_task()

    def session(self, role: Role, **options: Any) -> SessionBase:
        return ocpp_sansio.asyncio.Session(role, **options)

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def flag(self) -> Flag:
        return asyncio.Event()

    def start(self, function: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any) -> Job:
        task = asyncio.get_running_loop().create_task(function(*arguments))
        self._jobs.add(task)
        return _AsyncioJob(task)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def settle(self) -> None:
        await asyncio.sleep(1e-6)  # the clock jumps that far only when nothing else is ready

    def live_tasks(self) -> int:
        return len(asyncio.all_tasks() - {self._main})

    async def clean_up(self) -> None:
        for job in self._jobs:
            job.cancel()
        if self._jobs:
            await asyncio.wait(self._jobs)


def run_asyncio(scenario: Scenario) -> None:
    async def main() -> None:
        world = AsyncioWorld()
        async with asyncio.timeout(LIMIT):
            await scenario(world)
        await world.clean_up()
        assert world.live_tasks() == 0
        assert cast("VirtualLoop", asyncio.get_running_loop()).live_timers() == []

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())


# --- trio ---------------------------------------------------------------------------------------


class _TrioJob:
    def __init__(self) -> None:
        self._scope = trio.CancelScope()
        self._done = trio.Event()
        self._value: Any = None
        self._error: Exception | None = None

    async def run(
        self, function: Callable[..., Awaitable[Any]], arguments: tuple[Any, ...]
    ) -> None:
        try:
            with self._scope:
                self._value = await function(*arguments)
        except Exception as error:  # noqa: BLE001 - `result` raises it
            self._error = error
        finally:
            self._done.set()

    def cancel(self) -> None:
        self._scope.cancel()

    async def result(self) -> Any:
        await self._done.wait()
        if self._scope.cancelled_caught:
            raise Cancelled
        if self._error:
            raise self._error
        return self._value


class TrioWorld:
    name = "trio"

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self._tasks_before = _trio_tasks()

    def session(self, role: Role, **options: Any) -> SessionBase:
        return ocpp_sansio.trio.Session(role, **options)

    def now(self) -> float:
        return trio.current_time()

    def flag(self) -> Flag:
        return trio.Event()

    def start(self, function: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any) -> Job:
        job = _TrioJob()
        self._nursery.start_soon(job.run, function, arguments)
        return job

    async def sleep(self, seconds: float) -> None:
        await trio.sleep(seconds)

    async def settle(self) -> None:
        await trio.testing.wait_all_tasks_blocked()

    def live_tasks(self) -> int:
        return _trio_tasks() - self._tasks_before


def _trio_tasks() -> int:
    def count(task: trio.lowlevel.Task) -> int:
        return 1 + sum(count(child) for n in task.child_nurseries for child in n.child_tasks)

    root = trio.lowlevel.current_root_task()
    assert root
    return count(root)


def run_trio(scenario: Scenario) -> None:
    async def main() -> None:
        with trio.fail_after(LIMIT):
            async with trio.open_nursery() as nursery:
                world = TrioWorld(nursery)
                await scenario(world)
                nursery.cancel_scope.cancel()
        assert world.live_tasks() == 0

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))


# --- both ---------------------------------------------------------------------------------------

WORLDS = {"asyncio": run_asyncio, "trio": run_trio}


def in_both_worlds(scenario: Scenario) -> Callable[[str], None]:
    """Make a test of a scenario, run once in each world."""

    def test(world: str) -> None:
        WORLDS[world](scenario)

    test.__name__ = scenario.__name__
    test.__doc__ = scenario.__doc__
    return pytest.mark.parametrize("world", WORLDS)(test)


class Wire:
    """Carries what one session sends to another, in order, one message after the other."""

    def __init__(self, world: World, *, latency: float = 0.0) -> None:
        self._world = world
        self._latency = latency
        self._messages: list[bytes] = []
        self._filled = world.flag()
        self.log: list[bytes] = []
        """All that was sent."""

    def send(self, data: bytes) -> None:
        self.log.append(data)
        self._messages.append(data)
        self._filled.set()

    async def carry_to(self, session: SessionBase) -> None:
        while True:
            await self._filled.wait()
            self._filled = self._world.flag()
            while self._messages:
                message = self._messages.pop(0)
                if self._latency:
                    await self._world.sleep(self._latency)
                await session.received(message)


@asynccontextmanager
async def connected_pair(
    world: World,
    *,
    version: str = "ocpp1.6",
    station: dict[str, Any] | None = None,
    csms: dict[str, Any] | None = None,
    latency: float = 0.0,
) -> AsyncIterator[tuple[SessionBase, SessionBase]]:
    """Yield a station's and a CSMS's session, connected to each other."""
    up, down = Wire(world, latency=latency), Wire(world, latency=latency)
    async with (
        world.session(Role.STATION, sender=up.send, **(station or {})) as near,
        world.session(Role.CSMS, sender=down.send, **(csms or {})) as far,
    ):
        await near.connected(version)
        await far.connected(version)
        pumps = [world.start(up.carry_to, far), world.start(down.carry_to, near)]
        yield near, far
        for pump in pumps:
            pump.cancel()


def sent_by(log: list[bytes]) -> list[Any]:
    """Return what was sent, as JSON values."""
    return [json.loads(data) for data in log]


async def caught(awaitable: Awaitable[Any]) -> BaseException:
    """Return what awaiting raises, which it must."""
    try:
        result = await awaitable
    except Exception as error:  # noqa: BLE001 - the caller asserts which
        return error
    raise AssertionError(f"nothing was raised, but {result!r} returned")
