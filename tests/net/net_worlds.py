"""Both worlds behind one set of names: a table of scenarios runs on asyncio, on uvloop and on trio."""

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import trio

import ocpp_sansio.asyncio
import ocpp_sansio.trio

PATIENCE = 20.0
"""Seconds after which a scenario has failed; none comes near it."""

Scenario = Callable[["World"], Awaitable[None]]


class World:
    """What a scenario needs of a loop."""

    name: str
    connect: Callable[..., AbstractAsyncContextManager[Any]]
    serve: Callable[..., AbstractAsyncContextManager[Any]]
    new_event: Callable[[], Any]

    def run(self, scenario: Scenario) -> None:
        raise NotImplementedError

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError

    async def together(self, *functions: Callable[[], Awaitable[object]]) -> list[object]:
        """Run functions at once; return what each returned, or raised."""
        raise NotImplementedError

    async def within(self, seconds: float, function: Callable[[], Awaitable[object]]) -> bool:
        """Run a function, and cancel it after some seconds; return whether it was through by then."""
        raise NotImplementedError

    async def cancel_when(self, event: Any, function: Callable[[], Awaitable[object]]) -> None:
        """Run a function that does not end by itself, and cancel it once the event is set."""
        raise NotImplementedError

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the loop turn until something is so."""
        while not condition():
            await self.sleep(0.001)

    async def raw(self, port: int) -> "RawPeer":
        """Connect with nothing above TCP."""
        raise NotImplementedError


class RawPeer:
    """A TCP connection of a stranger."""

    def __init__(
        self,
        send: Callable[[bytes], Awaitable[object]],
        receive: Callable[[], Awaitable[bytes]],
        close: Callable[[], Awaitable[object]],
    ) -> None:
        self.send, self.receive, self.close = send, receive, close

    async def read_all(self) -> bytes:
        data = b""
        while piece := await self.receive():
            data += piece
        return data


class AsyncioWorld(World):
    name = "asyncio"
    connect = staticmethod(ocpp_sansio.asyncio.connect)
    serve = staticmethod(ocpp_sansio.asyncio.serve)
    new_event = asyncio.Event
    new_loop: Callable[[], asyncio.AbstractEventLoop] = staticmethod(asyncio.new_event_loop)

    def run(self, scenario: Scenario) -> None:
        async def main() -> None:
            async with asyncio.timeout(PATIENCE):
                await scenario(self)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left, left

        with asyncio.Runner(loop_factory=self.new_loop) as runner:
            runner.run(main())
        gc.collect()  # a forgotten socket or coroutine would warn now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def together(self, *functions: Callable[[], Awaitable[object]]) -> list[object]:
        return list(
            await asyncio.gather(*(function() for function in functions), return_exceptions=True)
        )

    async def within(self, seconds: float, function: Callable[[], Awaitable[object]]) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await function()
        except TimeoutError:
            return False
        return True

    async def cancel_when(self, event: Any, function: Callable[[], Awaitable[object]]) -> None:
        task = asyncio.ensure_future(function())
        await event.wait()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    async def raw(self, port: int) -> RawPeer:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def send(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        async def receive() -> bytes:
            try:
                return await reader.read(65536)
            except ConnectionError:
                return b""

        async def close() -> None:
            writer.close()
            try:
                await writer.wait_closed()
            except ConnectionError:
                return

        return RawPeer(send, receive, close)


asyncio_worlds = [AsyncioWorld()]

if sys.platform != "win32":
    import uvloop

    class UvloopWorld(AsyncioWorld):
        name = "uvloop"
        new_loop = staticmethod(uvloop.new_event_loop)

    asyncio_worlds.append(UvloopWorld())


class TrioWorld(World):
    name = "trio"
    connect = staticmethod(ocpp_sansio.trio.connect)
    serve = staticmethod(ocpp_sansio.trio.serve)
    new_event = trio.Event

    def run(self, scenario: Scenario) -> None:
        async def main() -> None:
            with trio.fail_after(PATIENCE):
                await scenario(self)

        trio.run(main)
        gc.collect()

    async def sleep(self, seconds: float) -> None:
        await trio.sleep(seconds)

    async def together(self, *functions: Callable[[], Awaitable[object]]) -> list[object]:
        results: list[object] = [None] * len(functions)

        async def run(index: int) -> None:
            try:
                results[index] = await functions[index]()
            except Exception as error:  # noqa: BLE001 - as asyncio.gather does
                results[index] = error

        async with trio.open_nursery() as nursery:
            for index in range(len(functions)):
                nursery.start_soon(run, index)
        return results

    async def within(self, seconds: float, function: Callable[[], Awaitable[object]]) -> bool:
        with trio.move_on_after(seconds) as scope:
            await function()
        return not scope.cancelled_caught

    async def cancel_when(self, event: Any, function: Callable[[], Awaitable[object]]) -> None:
        async def cancel() -> None:
            await event.wait()
            nursery.cancel_scope.cancel()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(cancel)
            await function()
            raise AssertionError("it ended by itself")

    async def raw(self, port: int) -> RawPeer:
        stream = await trio.open_tcp_stream("127.0.0.1", port)

        async def receive() -> bytes:
            try:
                return bytes(await stream.receive_some(65536))
            except trio.BrokenResourceError:
                return b""

        return RawPeer(stream.send_all, receive, stream.aclose)


on_asyncio = pytest.mark.parametrize("world", asyncio_worlds, ids=lambda world: world.name)
in_every_world = pytest.mark.parametrize(
    "world", [*asyncio_worlds, TrioWorld()], ids=lambda world: world.name
)
