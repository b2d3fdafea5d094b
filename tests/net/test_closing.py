"""How `serve` and `connect` end, whatever goes on: close codes, deadlines, bugs; over real sockets."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic
from typing import Any

import pytest
import trio
from net_worlds import RawPeer, TrioWorld, World, in_every_world
from test_crowded_servers import ACCEPTED, NOW, masked, open_raw

from ocpp_sansio.backoff import Backoff
from ocpp_sansio.connection import Connection
from ocpp_sansio.handlers import Handlers

AT_ONCE = Backoff(0.001, 0, 0)
GOING_AWAY = b"\x03\xe9"
INTERNAL_ERROR = b"\x03\xf3"
MARKER = "this breaks it"


@asynccontextmanager
async def serving(world: World, **options: Any) -> AsyncIterator[Any]:
    options = {"versions": ["ocpp1.6"], "handlers": {"Heartbeat": lambda _: NOW}} | options
    async with world.serve(None, "127.0.0.1", 0, **options) as server:
        yield server


def station(world: World, server: Any, **options: Any) -> Any:
    url = f"ws://127.0.0.1:{server.port}/ocpp"
    return world.connect(url, identity="CP001", versions=["ocpp1.6"], **options)


# --- leaving `serve` -----------------------------------------------------------------------------------


@in_every_world
@pytest.mark.parametrize("way", ["normally", "by an exception", "by cancellation"])
def test_on_leaving_everybody_is_told_at_once_and_nobody_is_waited_for_long(
    world: World, way: str
) -> None:
    async def scenario(world: World) -> None:
        peers: list[RawPeer] = []

        async def live() -> None:
            async with serving(world, shutdown_timeout=60) as server:
                peers.extend([await open_raw(world, server, f"CP{n}") for n in range(5)])
                peers.append(await world.raw(server.port))  # it says nothing at all
                await world.until(lambda: len(server.sessions) == 5)
                if way == "by an exception":
                    raise KeyError("mine")
                if way == "by cancellation":
                    await world.new_event().wait()

        async def leave() -> None:
            if way == "by cancellation":
                assert not await world.within(0.3, live)
            else:
                await live()

        async def told() -> float:
            await world.until(lambda: len(peers) == 6)
            begin = monotonic()
            for peer in peers[:5]:  # none of them answers the close frame
                assert GOING_AWAY in await peer.receive()
            return monotonic() - begin

        begin = monotonic()
        left, seconds = await world.together(leave, told)
        assert isinstance(left, KeyError) if way == "by an exception" else left is None
        assert isinstance(seconds, float), seconds
        assert seconds < 0.8
        assert monotonic() - begin < 3
        for peer in peers:
            assert await peer.receive() == b""
            await peer.close()

    world.run(scenario)


@in_every_world
def test_while_calls_are_waited_for_nobody_comes_in_and_the_idle_have_gone(world: World) -> None:
    async def scenario(world: World) -> None:
        is_asked, may_answer = world.new_event(), world.new_event()
        servers: list[Any] = []

        async def slow(_: Any) -> Any:
            is_asked.set()
            await may_answer.wait()
            return ACCEPTED

        async def serve() -> None:
            async with serving(world, handlers={"DataTransfer": slow}) as server:
                servers.append(server)
                await is_asked.wait()

        async def stations() -> bytes:
            await world.until(lambda: servers)
            busy = await open_raw(world, servers[0], "busy")
            idle = await open_raw(world, servers[0], "idle")
            await busy.send(masked(b'[2,"1","DataTransfer",{"vendorId":"v"}]'))
            assert GOING_AWAY in await idle.receive()
            await idle.close()
            with pytest.raises(OSError, match=r".*"):
                await open_raw(world, servers[0], "late")
            may_answer.set()
            data = await busy.read_all()
            await busy.close()
            return data

        left, data = await world.together(serve, stations)
        assert left is None
        assert isinstance(data, bytes), data
        assert data.index(b'[3,"1",') < data.index(GOING_AWAY)

    world.run(scenario)


@in_every_world
def test_a_handler_that_will_not_end_keeps_no_close_frame_and_no_socket(world: World) -> None:
    async def scenario(world: World) -> None:
        is_asked, released = world.new_event(), world.new_event()
        servers: list[Any] = []

        async def stubborn(_: Any) -> Any:
            is_asked.set()
            if world.name == "trio":
                with trio.CancelScope(shield=True):
                    await released.wait()
                return ACCEPTED
            while not released.is_set():
                try:
                    await released.wait()
                except BaseException:  # noqa: BLE001 - that is what makes it stubborn
                    continue
            return ACCEPTED

        async def serve() -> None:
            handlers = {"DataTransfer": stubborn}
            async with serving(world, handlers=handlers, shutdown_timeout=0.05) as server:
                servers.append(server)
                await is_asked.wait()

        async def stations() -> None:
            await world.until(lambda: servers)
            other = await open_raw(world, servers[0], "other")
            peer = await open_raw(world, servers[0], "CP001")
            await peer.send(masked(b'[2,"1","DataTransfer",{"vendorId":"v"}]'))
            for each in (peer, other):
                assert GOING_AWAY in await each.read_all()
                await each.close()
            released.set()

        assert await world.together(serve, stations) == [None, None]

    world.run(scenario)


@in_every_world
def test_what_runs_after_an_answer_may_be_cut_short_without_a_traceback(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        is_calling = world.new_event()
        handlers = Handlers({"Heartbeat": lambda _: NOW})

        @handlers.after("Heartbeat")
        async def ask(_: Any, call: Any) -> None:
            is_calling.set()
            await call.session.call("ClearCache", {})

        async with serving(world, handlers=handlers, shutdown_timeout=0.01) as server:
            peer = await open_raw(world, server, "CP001")
            await peer.send(masked(b'[2,"1","Heartbeat",{}]'))
            await is_calling.wait()
        await peer.close()

    world.run(scenario)
    assert "Traceback" not in caplog.text


# --- a bug of ours ---------------------------------------------------------------------------------------


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> None:
    received = Connection.received

    def fail(self: Connection, data: Any, *, now: float) -> None:
        if MARKER.encode() in bytes(data):
            raise ZeroDivisionError(MARKER)
        received(self, data, now=now)

    monkeypatch.setattr(Connection, "received", fail)


def failures(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.ERROR]


@in_every_world
@pytest.mark.usefixtures("bug")
def test_a_bug_costs_one_connection_of_a_server_with_1011_and_one_record(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        async with serving(world) as server, station(world, server) as other:
            peer = await open_raw(world, server, "victim")
            await peer.send(masked(b'["%b"]' % MARKER.encode()) * 3)
            frame = await peer.receive()
            assert frame[:1] == b"\x88"
            assert frame[2:4] == INTERNAL_ERROR
            await peer.close()
            await world.until(lambda: "victim" not in server.sessions)
            assert await other.call("Heartbeat", {}) == NOW

    world.run(scenario)
    [record] = failures(caplog)
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


@in_every_world
@pytest.mark.usefixtures("bug")
@pytest.mark.parametrize("reconnects", [False, True])
def test_a_bug_costs_one_connection_of_a_station_and_not_its_program(
    world: World, caplog: pytest.LogCaptureFixture, *, reconnects: bool
) -> None:
    async def scenario(world: World) -> None:
        async with serving(world) as server:
            options = {"reconnect": AT_ONCE} if reconnects else {}
            async with station(world, server, **options) as session:
                await world.until(lambda: server.sessions)
                old = server.sessions["CP001"]
                result = await world.together(
                    partial(old.call, "DataTransfer", {"vendorId": MARKER})
                )
                assert isinstance(result[0], Exception)
                if reconnects:
                    await world.until(lambda: server.sessions.get("CP001") not in {None, old})
                    assert await session.call("Heartbeat", {}) == NOW
                else:
                    await session.wait_closed()

    world.run(scenario)
    [record] = failures(caplog)
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


def test_on_trio_a_bug_in_a_task_or_timer_costs_one_connection_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        async with serving(world) as server, station(world, server) as session:
            peer = await open_raw(world, server, "victim")
            await world.until(lambda: len(server.sessions) == 2)
            victim = server.sessions["victim"]

            def fail(*, now: float) -> None:
                raise ZeroDivisionError(now)

            monkeypatch.setattr(Connection, "handle_timeout", lambda _, *, now: fail(now=now))
            result = await world.together(
                partial(victim.call, "DataTransfer", {"vendorId": "v"}, timeout=0.01)
            )
            assert isinstance(result[0], Exception)
            said = b""
            while INTERNAL_ERROR not in said:  # after the call
                piece = await peer.receive()
                assert piece, said
                said += piece
            await peer.close()
            assert await session.call("Heartbeat", {}) == NOW

    TrioWorld().run(scenario)
    [record] = failures(caplog)
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError
