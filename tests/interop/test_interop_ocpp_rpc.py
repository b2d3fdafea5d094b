"""The npm package `ocpp-rpc`, with strict mode on, at the other end: as the station and as the CSMS."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
from durable_charges import FATES_WITH_ONE_DEATH, REQUESTS, Book, charge_durably, lasting_port
from example_programs import Killer
from gated_stations import ANSWERS, Say, tour_of_the_gate
from interop_peers import Exchange, serving
from net_worlds import AsyncioWorld, TrioWorld, World, in_every_world
from test_interop_exchanges import FROM_CSMS_16, FROM_CSMS_201, FROM_STATION_16, FROM_STATION_201

from ocpp_sansio import Config, ErrorCode, JsonObject, Validation, Version
from ocpp_sansio.cli.check import check_lines
from ocpp_sansio.core import to_object
from ocpp_sansio.net import ConnectionRequest, HandshakeFailed
from ocpp_sansio.outcomes import CallFailed
from ocpp_sansio.websocket import WebSocketConfig, passwords_match

HERE = Path(__file__).parent / "interop_node"
INSTALL_SECONDS = 120
IDENTITY = "RDAM 123"
PASSWORD = b"\x00key:\xff"  # P-3: bytes that are no text, a colon among them

TABLES = {
    Version.OCPP16: (FROM_STATION_16, FROM_CSMS_16),
    Version.OCPP201: (FROM_STATION_201, FROM_CSMS_201),
}

both_versions = pytest.mark.parametrize("version", TABLES, ids=lambda version: version.value)


@pytest.fixture(scope="session", autouse=True)
def _installed() -> None:
    """Install what peer.js requires, once: the folder is not under version control."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("needs Node.js: there is no `node`, or no `npm`")
    if (HERE / "node_modules" / "ocpp-rpc" / "package.json").exists():
        return
    quietly = ["--no-audit", "--no-fund", "--loglevel=error"]
    command = [npm, "install", "--no-package-lock", "--ignore-scripts", *quietly]
    try:
        subprocess.run(
            command, cwd=HERE, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS
        )
    except subprocess.CalledProcessError as error:
        pytest.skip(f"npm cannot install ocpp-rpc: {error.stderr.strip()[:200]}")
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm has not installed ocpp-rpc in {INSTALL_SECONDS} s")


class Peer:
    """A running peer.js. Everything blocks: use it in a thread."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.said: list[dict[str, Any]] = []
        self._process = process

    def tell(self, **wish: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(wish, default=float) + "\n")
        self._process.stdin.flush()

    def hear(self, key: str) -> Any:
        """Return what it says under that key next."""
        for said in self.lines():
            if key in said:
                return said[key]
        raise AssertionError(f"it left without saying {key!r}: {self.said}")

    def lines(self) -> Iterator[dict[str, Any]]:
        """Give what it says, until it ends."""
        assert self._process.stdout
        for line in self._process.stdout:
            self.said.append(json.loads(line))
            yield self.said[-1]

    def kill(self) -> None:
        self._process.kill()

    def call(self, exchange: Exchange) -> Any:
        self.tell(call=exchange.action, params=to_object(exchange.our_request))
        return self.hear("outcome")

    def leave(self, *, objections: int = 0) -> None:
        """Let it close its connection and end, and see that it had nothing else to object to."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self.said += [json.loads(line) for line in self._process.stdout]
        assert self._process.wait() == 0
        found = [said for said in self.said if said.keys() & {"invalid", "unexpected"}]
        assert len(found) == objections, found

    def received(self) -> list[tuple[str, Any]]:
        return [(said["received"], said["params"]) for said in self.said if "received" in said]


@contextmanager
def peer(**wish: Any) -> Iterator[Peer]:
    with subprocess.Popen(
        ["node", "peer.js"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        killer = Killer(process)
        try:
            running = Peer(process)
            running.tell(**wish)
            yield running
        finally:
            killer.cancel()
            process.kill()


async def in_thread(world: World, function: Callable[..., Any], *arguments: Any) -> Any:
    run: Any = trio.to_thread.run_sync if world.name == "trio" else asyncio.to_thread
    return await run(function, *arguments)


def answers(exchanges: Sequence[Exchange]) -> dict[str, Any]:
    return {exchange.action: to_object(exchange.our_response) for exchange in exchanges}


def on_the_wire(exchanges: Sequence[Exchange]) -> list[tuple[str, Any]]:
    return [(exchange.action, to_object(exchange.our_request)) for exchange in exchanges]


@asynccontextmanager
async def their_csms(world: World, version: Version) -> AsyncIterator[tuple[Peer, str]]:
    """Give it, and its URL."""
    wish = {"protocols": [version.subprotocol], "answers": answers(TABLES[version][0])}
    with peer(password=PASSWORD.hex(), **wish) as csms:
        yield csms, f"ws://127.0.0.1:{await in_thread(world, csms.hear, 'listening')}/ocpp"


@asynccontextmanager
async def their_station(
    world: World,
    version: Version,
    *,
    password: bytes = PASSWORD,
    offered: Sequence[Version] = (),
    **options: Any,
) -> AsyncIterator[tuple[Peer, Callable[[], Any]]]:
    """Give it, and a function that waits for our session with it."""
    sessions: list[Any] = []
    arrived = world.new_event()

    def on_station(session: Any) -> None:
        sessions.append(session)
        arrived.set()

    async def session() -> Any:
        await arrived.wait()
        return sessions[0]

    def check(request: ConnectionRequest) -> bool:
        return request.identity == IDENTITY and passwords_match(request.password, PASSWORD)

    async with world.serve(
        on_station, "127.0.0.1", 0, versions=[version], authenticate=check, **options
    ) as server:
        with peer(
            endpoint=f"ws://127.0.0.1:{server.port}/ocpp",
            identity=IDENTITY,
            protocols=[each.subprotocol for each in offered or [version]],
            password=password.hex(),
            answers=answers(TABLES[version][1]),
        ) as station:
            yield station, session


@in_every_world
@both_versions
def test_a_charge_of_their_station_at_our_csms(world: World, version: Version) -> None:
    from_station, from_csms = TABLES[version]
    handlers, got = serving(*from_station)
    lines: list[str] = []

    async def scenario(world: World) -> None:
        async with their_station(world, version, handlers=handlers, record=lines.append) as (
            station,
            session,
        ):
            for exchange in from_station:
                outcome = await in_thread(world, station.call, exchange)
                assert outcome == {"result": to_object(exchange.our_response)}
            assert got == [exchange.our_request for exchange in from_station]
            ours = await session()
            for exchange in from_csms:
                assert await ours.call(exchange.our_request) == exchange.our_response
            await in_thread(world, station.leave)
            assert station.received() == on_the_wire(from_csms)
            await ours.wait_closed()

    world.run(scenario)
    report = check_lines(line.encode() for line in lines)
    assert [finding.rule for finding in report.findings] == []
    assert report.messages == 2 * (len(from_station) + len(from_csms))


@in_every_world
@both_versions
def test_a_charge_of_our_station_at_their_csms(world: World, version: Version) -> None:
    from_station, from_csms = TABLES[version]
    handlers, got = serving(*from_csms)

    async def scenario(world: World) -> None:
        async with their_csms(world, version) as (csms, url):
            async with world.connect(
                url,
                identity=IDENTITY,
                versions=[version],
                password=PASSWORD,
                handlers=handlers,
                websocket=WebSocketConfig(compression=True),
            ) as session:
                for exchange in from_station:
                    assert await session.call(exchange.our_request) == exchange.our_response
                for exchange in from_csms:
                    outcome = await in_thread(world, csms.call, exchange)
                    assert outcome == {"result": to_object(exchange.our_response)}
                assert got == [exchange.our_request for exchange in from_csms]
            await in_thread(world, csms.leave)
            assert csms.received() == on_the_wire(from_station)
            assert {"connected": IDENTITY, "protocol": version.subprotocol} in csms.said
            assert {"closed": 1000} in csms.said

    world.run(scenario)


@in_every_world
def test_their_csms_refuses_our_wrong_password_with_401(world: World) -> None:
    async def scenario(world: World) -> None:
        async with their_csms(world, Version.OCPP16) as (csms, url):
            with pytest.raises(HandshakeFailed) as refused:
                async with world.connect(
                    url, identity=IDENTITY, versions=["ocpp1.6"], password=b"wrong"
                ):
                    pass
            assert refused.value.status == 401
            await in_thread(world, csms.leave)

    world.run(scenario)


@in_every_world
def test_our_csms_refuses_their_wrong_password_with_401(world: World) -> None:
    async def scenario(world: World) -> None:
        async with their_station(world, Version.OCPP16, password=b"wrong") as (station, _):
            assert await in_thread(world, station.hear, "refused") == 401
            await in_thread(world, station.leave)

    world.run(scenario)


@in_every_world
def test_their_station_that_offers_more_gets_the_version_in_common(world: World) -> None:
    offered = [Version.OCPP201, Version.OCPP16]

    async def scenario(world: World) -> None:
        async with their_station(world, Version.OCPP16, offered=offered) as (station, session):
            assert await in_thread(world, station.hear, "connected") == IDENTITY
            assert station.said[-1]["protocol"] == "ocpp1.6"
            assert (await session()).version is Version.OCPP16
            await in_thread(world, station.leave)

    world.run(scenario)


Refusals = list[tuple[str, JsonObject, str]]

THEIR_REFUSALS: dict[Version, Refusals] = {
    Version.OCPP16: [
        ("Authorize", {}, "OccurrenceConstraintViolation"),  # which 1.6 spells otherwise (E-2, E-3)
        ("Authorize", {"idTag": 1}, "TypeConstraintViolation"),
        ("Authorize", {"idTag": "x" * 21}, "FormationViolation"),
        ("Heartbeat", {"a": 1}, "PropertyConstraintViolation"),
        ("Invented", {}, "NotImplemented"),
    ],
    Version.OCPP201: [
        (
            "Authorize",
            {},
            "OccurenceConstraintViolation",
        ),  # which 2.0.1 spells otherwise (E-2, E-3)
        ("Authorize", {"idToken": 1}, "TypeConstraintViolation"),
        ("Heartbeat", {"a": 1}, "PropertyConstraintViolation"),
        ("Invented", {}, "NotImplemented"),
    ],
}

OUR_REFUSALS: dict[Version, Refusals] = {
    Version.OCPP16: [
        ("Authorize", {}, "ProtocolError"),
        ("Authorize", {"idTag": 1}, "TypeConstraintViolation"),
        ("Authorize", {"idTag": "x" * 21}, "PropertyConstraintViolation"),
        ("Heartbeat", {"a": 1}, "FormationViolation"),
        ("Invented", {}, "NotImplemented"),
    ],
    Version.OCPP201: [
        ("Authorize", {}, "OccurrenceConstraintViolation"),
        ("Authorize", {"idToken": 1}, "TypeConstraintViolation"),
        ("Heartbeat", {"a": 1}, "ProtocolError"),
        ("Invented", {}, "NotImplemented"),
    ],
}


@both_versions
def test_their_strict_csms_refuses_what_is_invalid_with_codes_that_we_know(
    version: Version,
) -> None:
    refusals = THEIR_REFUSALS[version]

    async def scenario(world: World) -> None:
        async with their_csms(world, version) as (csms, url):
            async with world.connect(
                url,
                identity=IDENTITY,
                versions=[version],
                password=PASSWORD,
                config=Config(validation=Validation.OFF),
            ) as session:
                for action, payload, raw_code in refusals:
                    with pytest.raises(CallFailed) as refused:
                        await session.call(action, payload)
                    assert refused.value.event.raw_code == raw_code
                    assert refused.value.code is not ErrorCode.GENERIC_ERROR  # E-3: known
            invalid = sum(action != "Invented" for action, _, _ in refusals)
            await in_thread(world, partial(csms.leave, objections=invalid))

    AsyncioWorld().run(scenario)


@both_versions
def test_our_csms_refuses_what_their_station_sends_unchecked(version: Version) -> None:
    handlers, got = serving(*TABLES[version][0])

    async def scenario(world: World) -> None:
        async with their_station(world, version, handlers=handlers) as (station, _):
            for action, payload, code in OUR_REFUSALS[version]:
                station.tell(raw=json.dumps([2, "raw", action, payload]))
                answer = json.loads(await in_thread(world, station.hear, "unexpected"))
                assert answer[:3] == [4, "raw", code]
            everything = len(OUR_REFUSALS[version])
            await in_thread(world, partial(station.leave, objections=everything))
        assert not got

    AsyncioWorld().run(scenario)


# --- durable stations and gated CSMSs, which it knows nothing of -----------------------------------

once_in_each = pytest.mark.parametrize(
    ("world", "version"),
    [(AsyncioWorld(), Version.OCPP16), (TrioWorld(), Version.OCPP201)],
    ids=["asyncio-ocpp1.6", "trio-ocpp2.0.1"],
)


class MortalCsms:
    """Processes of theirs, one after the other on the same port: each ends when its book says so."""

    def __init__(self, version: Version) -> None:
        self.book = Book(version, FATES_WITH_ONE_DEATH)
        self.port = lasting_port()
        self._is_over = False
        self._now: Peer | None = None

    def run(self) -> None:
        """Keep one running until `end`; blocks."""
        version = self.book.version
        known = answers(TABLES[version][0])
        while not self._is_over:
            with peer(
                port=self.port,
                protocols=[version.subprotocol],
                password=PASSWORD.hex(),
                answers=known | {action: known.get(action, {}) for action in REQUESTS[version]},
                kept=list(REQUESTS[version]),
                fates=self.book.fates,
            ) as self._now:
                for said in self._now.lines():
                    if self.book.is_kept(said.get("received", "")):
                        self.book.take(said["received"], said["params"])

    def answer_late(self) -> None:
        if self._now:
            with suppress(BrokenPipeError):  # it may have died
                self._now.tell(late=True)

    def end(self) -> None:
        self._is_over = True
        if self._now:
            self._now.kill()


@once_in_each
def test_their_csms_gets_everything_in_order_however_it_answers_or_dies(
    world: World, version: Version, tmp_path: Path
) -> None:
    async def scenario(world: World) -> None:
        csms = MortalCsms(version)

        async def charge() -> None:
            try:
                await charge_durably(
                    world,
                    f"ws://127.0.0.1:{csms.port}/ocpp",
                    csms.book,
                    path=tmp_path / "outbox.db",
                    on_failure=csms.answer_late,
                    identity=IDENTITY,
                    password=PASSWORD,
                )
            finally:
                csms.end()

        for outcome in await world.together(partial(in_thread, world, csms.run), charge):
            if isinstance(outcome, Exception):
                raise outcome
        csms.book.check()

    world.run(scenario)


@once_in_each
def test_our_gate_bars_their_station_until_it_is_accepted_and_remembers_it(
    world: World, version: Version
) -> None:
    @asynccontextmanager
    async def connected(port: int, identity: str) -> AsyncIterator[Say]:
        with peer(
            endpoint=f"ws://127.0.0.1:{port}",
            identity=identity,
            protocols=[version.subprotocol],
            password=PASSWORD.hex(),
            answers=ANSWERS,
        ) as station:

            async def say(action: str, payload: Any) -> str:
                station.tell(call=action, params=payload)
                outcome = await in_thread(world, station.hear, "outcome")
                return str(outcome.get("code", "served"))

            await in_thread(world, station.hear, "connected")
            yield say
            await in_thread(world, station.leave)

    async def scenario(world: World) -> None:
        await tour_of_the_gate(world, version, connected, restarts=1)

    world.run(scenario)
