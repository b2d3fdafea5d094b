"""Every attack that was found, over real sockets: what must go on being true while it lasts."""

import logging
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from itertools import product
from pathlib import Path
from typing import Any

import attacks
import pytest
import trustme
from net_worlds import PATIENCE, World, in_every_world
from roles import role

from ocpp_sansio.handlers import Handlers, IncomingCall
from ocpp_sansio.net import Limits
from ocpp_sansio.tls import csms_context
from ocpp_sansio.websocket import WebSocketConfig

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the attackers wait on stdin")

NOW = {"currentTime": "2026-01-01T00:00:00Z"}
HONEST = "HONEST"
SECONDS = PATIENCE - 2
"""That an attack lasts unless it is ended."""
HONEST_PATIENCE = 6.0
"""Seconds until an honest station gives up: what it reports then says more than a test that is cut off."""


class Csms:
    """An application that notes who comes and who is served, in order."""

    def __init__(self, world: World) -> None:
        self.served: list[str] = []
        self.running = self.most_running = 0
        """Coroutine handlers."""
        self._never = world.new_event()
        self.handlers = Handlers(
            {
                "Heartbeat": self._heartbeat,
                "Authorize": self._authorize,
                "NotifyPeriodicEventStream": self._endless,
            }
        )

    async def on_station(self, session: Any) -> None:
        self.served.append(session.identity)
        await session.wait_closed()

    def _heartbeat(self, _: object, call: IncomingCall) -> dict[str, str]:
        self.served.append(str(call.session.identity))
        return NOW

    def _authorize(self, _: object) -> dict[str, Any]:
        raise RuntimeError("a bug of the application")

    async def _endless(self, *_: object) -> None:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self._never.wait()
        finally:
            self.running -= 1

    def let_everything_after_heartbeats_take_for_ever(self) -> None:
        self.handlers.after("Heartbeat")(self._endless)


@asynccontextmanager
async def serving(world: World, csms: Csms, **options: Any) -> AsyncIterator[Any]:
    options.setdefault("websocket", WebSocketConfig(close_timeout=0.5))
    async with world.serve(
        csms.on_station,
        attacks.HOST,
        0,
        versions=["ocpp1.6", "ocpp2.1"],
        handlers=csms.handlers,
        shutdown_timeout=0.5,
        **options,
    ) as server:
        yield server


class Sums(logging.Filter):
    """Keeps nothing of a flood of records but how many, and how long the longest."""

    def __init__(self) -> None:
        super().__init__()
        self.records = self.longest = 0

    def filter(self, record: logging.LogRecord) -> bool:
        self.records += 1
        self.longest = max(self.longest, len(logging.Formatter().format(record)))
        return False  # pytest would keep every one


@pytest.fixture(autouse=True)
def log() -> Iterator[Sums]:
    loggers = [logging.getLogger(f"ocpp_sansio.{name}") for name in ("session", "net", "wire")]
    sums = Sums()
    for logger in loggers:
        logger.addFilter(sums)
    yield sums
    for logger in loggers:
        logger.removeFilter(sums)


# --- A2: no connection starves another ----------------------------------------------------------------

LIMIT = 1_000_000
"""Bytes of a bomb; a CSMS with a lower limit closes the connection, which is an answer too."""
BOMB = 60_000


@in_every_world
@pytest.mark.parametrize(
    ("burst", "options"),
    [
        ("6 MB at once", {"part": 0.3}),
        ("20 x 250 kB", {"part": 0.2}),
        ("20 x 250 kB of x", {"part": 0.05}),
        ("bombs at once", {"part": 0.2, "message_size": BOMB}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_others_are_served_in_the_midst_of_a_burst(
    world: World, burst: str, options: dict[str, Any]
) -> None:
    async def scenario(world: World) -> None:
        csms = Csms(world)
        async with serving(world, csms) as server:
            with role("honest", port=server.port, every=0.002) as honest:
                await world.until(honest.is_under_way)
                with role("flood", burst, port=server.port, seconds=SECONDS, **options) as flood:
                    await world.until(flood.result)
                assert flood.outcome()["served"] == attacks.attack(burst).connections
        from_attackers = [place for place, who in enumerate(csms.served) if who.startswith("A")]
        midst = csms.served[from_attackers[0] : from_attackers[-1]]
        assert midst.count(HONEST) >= 5

    world.run(scenario)


@in_every_world
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("bombs", {"message_size": LIMIT}),
        ("bombs", {"message_size": BOMB}),
        *(
            (name, {})
            for name in (
                "never read",
                "calls",
                "unknown member",
                "raises",
                "fragments",
                "pings",
                "bad JSON",
            )
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(map(str, value.values())),
)
def test_the_honest_the_newcomers_and_the_end_of_the_block_come_to_pass_during_a_flood(
    world: World, name: str, options: dict[str, Any]
) -> None:
    async def scenario(world: World) -> None:
        csms = Csms(world)
        with ExitStack() as stack:

            def start(*words: str, **more: object) -> Any:
                playing = role(*words, port=server.port, patience=HONEST_PATIENCE, **more)
                return stack.enter_context(playing)

            async with serving(world, csms) as server:
                flood = start("flood", name, seconds=SECONDS, **options)
                await world.until(flood.is_under_way)
                honest, newcomer = start("honest", count=20), start("newcomer", count=3)
                await world.until(lambda: honest.result() and newcomer.result())
                for found, count in ((honest.outcome(), 20), (newcomer.outcome(), 3)):
                    assert (found["count"], found["failed"], found["frozen"]) == (count, 0, False)
                assert flood.result() is None, "the flood was over before"
            assert flood.result() is None, "leaving had to wait for the end of the flood"

    world.run(scenario)


# --- A3: nothing grows --------------------------------------------------------------------------------

MOST_TASKS = 1_000
"""A peer that sends what takes for ever has some tens of thousands of messages in the time of this test."""


@in_every_world
@pytest.mark.parametrize("name", ["sends", "one that calls"])
def test_what_takes_for_ever_is_not_started_without_limit(world: World, name: str) -> None:
    async def scenario(world: World) -> None:
        csms = Csms(world)
        if name == "one that calls":
            csms.let_everything_after_heartbeats_take_for_ever()
        async with serving(world, csms) as server:
            with (
                role("honest", port=server.port, count=20) as honest,
                role("flood", name, port=server.port, seconds=SECONDS) as flood,
            ):
                await world.until(flood.is_under_way)
                await world.until(lambda: honest.result() or csms.running > MOST_TASKS)
        assert 0 < csms.most_running <= MOST_TASKS

    world.run(scenario)


@in_every_world
def test_a_peer_that_never_reads_is_not_served_for_ever(world: World) -> None:
    async def scenario(world: World) -> None:
        csms = Csms(world)

        async def pause() -> int:
            """Return how often the attacker was served, after honest stations have been served 20 times."""
            with role("honest", port=server.port, count=20, every=0.02) as honest:
                await world.until(honest.result)
            return csms.served.count("A00000")

        async with serving(world, csms, limits=Limits(max_unsent=64 * 1024)) as server:
            with role("flood", "one never reads", port=server.port, seconds=SECONDS) as flood:
                await world.until(flood.is_under_way)
                before = -1
                while before != (now := await pause()):
                    before = now
                assert flood.result() is None
        assert before > 1

    world.run(scenario)


# --- A4: the door -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "csms.pem"
    made = trustme.CA().issue_cert(attacks.HOST)
    made.private_key_and_cert_chain_pem.write_to_path(str(path))
    return path


@in_every_world
@pytest.mark.parametrize(
    ("name", "is_tls"),
    [
        ("silent", False),
        ("silent, redialled", False),
        ("silent", True),
        ("silent, redialled", True),
        ("half-open TLS", True),
    ],
)
def test_the_silent_lock_nobody_out(
    world: World, certificate: Path, name: str, *, is_tls: bool
) -> None:
    async def scenario(world: World) -> None:
        csms = Csms(world)
        tls: dict[str, Any] = {"tls": True} if is_tls else {}
        options: dict[str, Any] = {"ssl": csms_context(certificate)} if is_tls else {}
        limits = Limits(max_handshakes=200)  # dialled again, they last for some tenths of a second
        async with serving(world, csms, limits=limits, **options) as server:
            with role("flood", name, port=server.port, count=250, seconds=SECONDS) as flood:
                await world.until(flood.is_under_way)
                with role("newcomer", port=server.port, count=10, every=0.02, **tls) as newcomer:
                    await world.until(newcomer.result)
                assert flood.result() is None
            found = newcomer.outcome()
            assert (found["count"], found["failures"]) == (10, {})

    world.run(scenario)


@in_every_world
def test_a_fleet_that_dials_at_once_gets_in(world: World) -> None:
    async def scenario(world: World) -> None:
        csms = Csms(world)
        async with serving(world, csms, limits=Limits(max_handshakes=50)) as server:
            with role("storm", port=server.port, count=400, seconds=SECONDS) as storm:
                await world.until(storm.is_under_way)
        [found] = storm.reports()
        assert (found["in"], found["ends"]) == (400, {})

    world.run(scenario)


# --- A5: the log --------------------------------------------------------------------------------------

LONGEST_RECORD = 4_000
"""Characters, with a traceback."""


@in_every_world
@pytest.mark.parametrize("name", ["bad JSON", "unknown member", "raises", "answers to nothing"])
def test_a_flood_of_faults_is_no_flood_of_records(world: World, name: str, log: Sums) -> None:
    async def scenario(world: World) -> None:
        attack = attacks.attack(name)
        async with serving(world, Csms(world)) as server:
            with role("flood", name, port=server.port, seconds=SECONDS, once=True) as flood:
                await world.until(flood.result)
            assert flood.outcome()["served"] == attack.connections
        faults = attack.connections * attack.frames.count(attack.frames[:8])
        # Ten a second and connection, and this takes some seconds at most; beside those of coming and going.
        assert 0 < log.records <= max(faults // 20, 40 * attack.connections)
        assert log.longest <= LONGEST_RECORD

    world.run(scenario)


# --- A6: leaving --------------------------------------------------------------------------------------


class LeavingError(Exception):
    """A block is left by this."""


in_every_way = pytest.mark.parametrize("way", ["its end", "an exception", "cancellation"])


async def leave(
    world: World, way: str, csms: Csms, before: Any, at_last: Any = lambda _: ()
) -> list[Any]:
    """Leave a `serve` block in some way once `before(server)` is through; return the sockets that it made.

    `at_last(server)` makes more of them, in the moment in which the block is cancelled.
    """
    sockets = []
    is_inside = world.new_event()

    async def block() -> None:
        async with serving(world, csms) as server:
            sockets.extend(await before(server))
            if way == "an exception":
                raise LeavingError
            if way == "cancellation":
                try:
                    is_inside.set()
                    await world.sleep(PATIENCE)
                finally:
                    sockets.extend(at_last(server))

    if way == "cancellation":
        await world.cancel_when(is_inside, block)
    elif way == "an exception":
        with pytest.raises(LeavingError):
            await block()
    else:
        await block()
    return sockets


@in_every_world
@pytest.mark.parametrize(
    ("way", "turns"),
    [*product(["its end", "an exception"], range(6)), ("cancellation", 0)],
)
def test_nobody_is_served_once_the_block_has_been_left(world: World, way: str, turns: int) -> None:
    async def scenario(world: World) -> None:
        def dial_at_last(server: Any) -> list[Any]:
            return attacks.dial(server.port, 40)

        async def dial(server: Any) -> list[Any]:
            if way == "cancellation":
                return []
            sockets = dial_at_last(server)
            for _ in range(turns):
                await world.sleep(0)
            return sockets

        csms = Csms(world)
        sockets = await leave(world, way, csms, dial, dial_at_last)
        assert len(sockets) == 40
        attacks.call_on(sockets)
        served = list(csms.served)
        await world.sleep(0.1)  # in which somebody might be served
        left = attacks.look_at(sockets)
        assert (left.answered, left.open, csms.served) == (0, 0, served)

    world.run(scenario)


@in_every_world
@in_every_way
def test_everybody_is_told_1001_when_the_block_is_left(world: World, way: str) -> None:
    async def scenario(world: World) -> None:
        csms = Csms(world)

        async def dial(server: Any) -> list[Any]:
            sockets = attacks.dial(server.port, 5)
            await world.until(lambda: len(csms.served) == 5)
            return sockets

        sockets = await leave(world, way, csms, dial)
        await world.sleep(0.1)
        left = attacks.look_at(sockets)
        assert (left.told, left.open) == (5, 0)

    world.run(scenario)
