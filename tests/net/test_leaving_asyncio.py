"""On asyncio, tasks that go on although cancelled keep nobody from leaving."""

import asyncio
import logging
from typing import Any

import pytest
from net_worlds import World, on_asyncio
from test_connect_serve import raw_request

from ocpp_sansio.asyncio import connect, serve
from ocpp_sansio.net import Limits

NOW = {"currentTime": "2026-01-01T00:00:00Z"}


class Stubborn:
    """A handler that goes on although it is cancelled, until it is told to end."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.has_begun = asyncio.Event()
        self.has_ended = asyncio.Event()

    async def run(self, _: object) -> dict[str, Any]:
        self.has_begun.set()
        while not self.may_end.is_set():
            try:
                await self.may_end.wait()
            except asyncio.CancelledError:
                continue
        self.has_ended.set()
        return NOW


@on_asyncio
def test_a_handler_that_ignores_its_cancellation_does_not_keep_serve_open(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        stubborn = Stubborn()
        loop = asyncio.get_running_loop()
        options: dict[str, Any] = {"versions": ["ocpp1.6"]}
        async with world.serve(
            None,
            "127.0.0.1",
            0,
            handlers={"Heartbeat": stubborn.run},
            shutdown_timeout=0.05,
            **options,
        ) as server:
            url = f"ws://127.0.0.1:{server.port}"
            async with world.connect(
                url, identity="CP001", shutdown_timeout=0.0, **options
            ) as station:
                call = loop.create_task(station.send_call("Heartbeat", {}))
                await stubborn.has_begun.wait()
        assert not stubborn.has_ended.is_set()  # we have left all the same
        await asyncio.wait([call])
        stubborn.may_end.set()
        await stubborn.has_ended.wait()
        await asyncio.sleep(0)
        call.exception()

    world.run(scenario)
    (record,) = [record for record in caplog.records if "left to themselves" in record.message]
    assert record.levelno == logging.ERROR


@on_asyncio
def test_a_handler_that_ignores_its_cancellation_does_not_keep_connect_open(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        stubborn = Stubborn()
        loop = asyncio.get_running_loop()
        calls: list[asyncio.Task[Any]] = []

        def ask(session: Any) -> None:
            calls.append(loop.create_task(session.send_call("ClearCache", {})))

        options: dict[str, Any] = {"versions": ["ocpp1.6"], "shutdown_timeout": 0.0}
        async with world.serve(ask, "127.0.0.1", 0, **options) as server:
            url = f"ws://127.0.0.1:{server.port}"
            handlers = {"ClearCache": stubborn.run}
            async with world.connect(url, identity="CP001", handlers=handlers, **options):
                await stubborn.has_begun.wait()
            assert not stubborn.has_ended.is_set()
            stubborn.may_end.set()
            await stubborn.has_ended.wait()
            await asyncio.wait(calls)
            calls[0].exception()

    world.run(scenario)
    (record,) = [record for record in caplog.records if "left to themselves" in record.message]
    assert record.levelno == logging.ERROR


@on_asyncio
def test_an_authenticate_that_ignores_its_cancellation_does_not_keep_serve_open(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        stubborn = Stubborn()

        async def authenticate(request: object) -> bool:
            await stubborn.run(request)
            return True

        async with world.serve(
            None,
            "127.0.0.1",
            0,
            versions=["ocpp1.6"],
            authenticate=authenticate,
            shutdown_timeout=0.0,
        ) as server:
            peer = await world.raw(server.port)
            await peer.send(raw_request())
            await stubborn.has_begun.wait()
        assert await peer.read_all() == b""
        await peer.close()
        stubborn.may_end.set()
        await stubborn.has_ended.wait()
        await asyncio.sleep(0)

    world.run(scenario)
    (record,) = [record for record in caplog.records if "left to themselves" in record.message]
    assert record.levelno == logging.ERROR


@on_asyncio
def test_a_connect_that_is_cancelled_at_any_turn_of_the_loop_logs_no_error(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        loop = asyncio.get_running_loop()
        options: dict[str, Any] = {"versions": ["ocpp1.6"], "shutdown_timeout": 0.0}
        async with world.serve(None, "127.0.0.1", 0, **options) as server:
            url = f"ws://127.0.0.1:{server.port}"

            async def dial() -> None:
                async with world.connect(url, identity="CP001", **options):
                    await asyncio.Event().wait()

            for turns in range(40):
                task = loop.create_task(dial())
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])
            await world.until(lambda: not server._engine._wires)

    world.run(scenario)
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


class BlindLoop(asyncio.SelectorEventLoop):
    """A loop that cannot watch sockets for others, as the one of Windows."""

    def add_reader(self, *_: Any) -> Any:  # type: ignore[override]
        raise NotImplementedError


def test_on_a_loop_that_cannot_watch_sockets_stations_come_in_and_serve_ends() -> None:
    async def main() -> None:
        options: dict[str, Any] = {"versions": ["ocpp1.6"], "shutdown_timeout": 0.0}
        limits = Limits(max_handshakes=1, handshake_patience=0.05)
        handlers = {"Heartbeat": lambda _: NOW}
        async with serve(
            None, "127.0.0.1", 0, handlers=handlers, limits=limits, **options
        ) as server:
            _, silent = await asyncio.open_connection("127.0.0.1", server.port)
            for name in ("CP001", "CP002"):
                url = f"ws://127.0.0.1:{server.port}"
                async with connect(url, identity=name, **options) as station:
                    assert await station.call("Heartbeat", {}) == NOW
            silent.close()
        with pytest.raises(OSError, match=r".*"):
            await asyncio.open_connection("127.0.0.1", server.port)

    with asyncio.Runner(loop_factory=BlindLoop) as runner:
        runner.run(main())
