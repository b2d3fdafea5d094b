"""What the mocks need of a loop, for asyncio and trio: tasks, flags, streams on the loopback interface."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from typing import Any, Final, Protocol, TypeAlias

__all__ = ["Flag", "Loop", "Stream", "current_loop"]

CHUNK: Final = 65_536
"""Bytes that are read at once."""

Serve: TypeAlias = Callable[["Stream"], Awaitable[None]]


class Flag(Protocol):
    """An event of the loop."""

    def set(self) -> None:
        """Wake who waits."""

    def is_set(self) -> bool:
        """Whether it was set."""
        ...

    async def wait(self) -> Any:
        """Return once it is set."""


class Stream(Protocol):
    """A TCP connection."""

    async def read(self) -> bytes:
        """Return what comes next; b"" at the end, however that came about."""
        ...

    async def write(self, data: bytes) -> None:
        """Send bytes; those to a peer that has gone are lost."""

    async def close(self) -> None:
        """Drop the connection; never raises."""


class Loop(Protocol):
    """What the mocks ask of the loop that they run in."""

    def now(self) -> float:
        """Return the loop's time in seconds."""
        ...

    def flag(self) -> Flag:
        """Return a new flag."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""

    async def wait(self, flag: Flag, seconds: float) -> bool:
        """Return whether a flag was set in so many seconds."""
        ...

    async def dial(self, host: str, port: int) -> Stream:
        """Return a new connection; raises OSError."""
        ...

    def listening(self, serve: Serve) -> Any:
        """Return an async context manager that serves each connection on loopback, and yields the port."""

    def running(self, function: Callable[[], Awaitable[None]]) -> Any:
        """Return an async context manager in which a function runs beside the block."""


def current_loop() -> Loop:
    """Return the loop that runs this; raises RuntimeError outside any."""
    if "trio" in sys.modules:
        trio = sys.modules["trio"]
        with suppress(RuntimeError):
            trio.lowlevel.current_task()
            return _Trio(trio)
    asyncio.get_running_loop()
    return _Asyncio()


# --- asyncio --------------------------------------------------------------------------------------


class _AsyncioStream:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self) -> bytes:
        try:
            return await self._reader.read(CHUNK)
        except OSError:
            return b""

    async def write(self, data: bytes) -> None:
        with suppress(OSError):
            self._writer.write(data)
            await self._writer.drain()

    async def close(self) -> None:
        with suppress(OSError):
            self._writer.close()
            await self._writer.wait_closed()


class _Asyncio:
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def flag(self) -> Flag:
        return asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def wait(self, flag: Flag, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await flag.wait()
        return flag.is_set()

    async def dial(self, host: str, port: int) -> Stream:
        return _AsyncioStream(*await asyncio.open_connection(host, port))

    @asynccontextmanager
    async def listening(self, serve: Serve) -> AsyncIterator[int]:
        tasks: set[asyncio.Task[None]] = set()

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is not None:
                tasks.add(task)
            stream = _AsyncioStream(reader, writer)
            try:
                await serve(stream)
            except asyncio.CancelledError:
                return  # the listener has gone; nobody awaits this task
            finally:
                await stream.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @asynccontextmanager
    async def running(self, function: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        task = asyncio.ensure_future(function())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


# --- trio -----------------------------------------------------------------------------------------


class _TrioStream:
    def __init__(self, trio: Any, stream: Any) -> None:
        self._trio = trio
        self._stream = stream

    async def read(self) -> bytes:
        try:
            return bytes(await self._stream.receive_some(CHUNK))
        except (self._trio.BrokenResourceError, self._trio.ClosedResourceError):
            return b""

    async def write(self, data: bytes) -> None:
        with suppress(self._trio.BrokenResourceError, self._trio.ClosedResourceError):
            await self._stream.send_all(data)

    async def close(self) -> None:
        with self._trio.CancelScope(shield=True):
            await self._trio.aclose_forcefully(self._stream)


class _Trio:
    def __init__(self, trio: Any) -> None:
        self._trio = trio

    def now(self) -> float:
        return float(self._trio.current_time())

    def flag(self) -> Flag:
        flag: Flag = self._trio.Event()
        return flag

    async def sleep(self, seconds: float) -> None:
        await self._trio.sleep(seconds)

    async def wait(self, flag: Flag, seconds: float) -> bool:
        with self._trio.move_on_after(seconds):
            await flag.wait()
        return flag.is_set()

    async def dial(self, host: str, port: int) -> Stream:
        return _TrioStream(self._trio, await self._trio.open_tcp_stream(host, port))

    @asynccontextmanager
    async def listening(self, serve: Serve) -> AsyncIterator[int]:
        trio = import_module("trio")
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")

        async def handle(raw: Any) -> None:
            stream = _TrioStream(trio, raw)
            try:
                await serve(stream)
            finally:
                await stream.close()

        failure: Exception | None = None
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.serve_listeners, handle, listeners)
            try:
                yield listeners[0].socket.getsockname()[1]
            except Exception as error:  # noqa: BLE001 - raised below, not in a group
                failure = error
            nursery.cancel_scope.cancel()
        if failure:
            raise failure

    @asynccontextmanager
    async def running(self, function: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        failure: Exception | None = None
        async with self._trio.open_nursery() as nursery:
            nursery.start_soon(function)
            try:
                yield
            except Exception as error:  # noqa: BLE001 - likewise
                failure = error
            nursery.cancel_scope.cancel()
        if failure:
            raise failure
