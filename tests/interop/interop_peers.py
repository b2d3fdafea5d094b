"""The PyPI package `ocpp` at the other end of a real WebSocket, as the station or as the CSMS."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeAlias

import attrs
from ocpp import routing
from ocpp.v16 import ChargePoint as _ChargePoint16
from ocpp.v16 import call as _call16
from ocpp.v16 import call_result as _result16
from ocpp.v201 import ChargePoint as _ChargePoint201
from ocpp.v201 import call as _call201
from ocpp.v201 import call_result as _result201
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from ocpp_sansio import Config, Request, Response, Role, Version
from ocpp_sansio.asyncio import Session
from ocpp_sansio.asyncio import connect as our_connect
from ocpp_sansio.asyncio import serve as our_serve
from ocpp_sansio.handlers import Handlers

# Their annotations ask for enums and data classes where their own manual passes strings and dicts.
ChargePoint16: Any = _ChargePoint16
ChargePoint201: Any = _ChargePoint201
call16: Any = _call16
call201: Any = _call201
result16: Any = _result16
result201: Any = _result201
on: Any = routing.on
after: Any = routing.after

DEADLINE = 30.0
"""Seconds for a scenario that takes a hundredth of one, on a machine that has other things to do."""

Pair: TypeAlias = tuple[Any, Session]
"""Their `ChargePoint` and our `Session`, connected."""


@attrs.frozen
class Exchange:
    """One call and its answer, as we say them and as they do."""

    our_request: Request[Any]
    their_request: Any
    our_response: Response
    their_result: Any

    @property
    def action(self) -> str:
        return self.our_request.action


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run a scenario within the deadline, and see that it leaves no task behind."""

    async def bounded() -> None:
        async with asyncio.timeout(DEADLINE):
            await scenario()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(bounded())


def serving(*exchanges: Exchange) -> tuple[Handlers, list[Request[Any]]]:
    """Return handlers of ours that answer as the exchanges say, and the list of what they get."""
    handlers, got = Handlers(), list[Request[Any]]()

    def register(exchange: Exchange) -> None:
        @handlers.on(exchange.action)
        def serve_it(request: Request[Any]) -> Response:
            got.append(request)
            return exchange.our_response

    for exchange in exchanges:
        register(exchange)
    return handlers, got


def their_class(base: Any, *exchanges: Exchange) -> Any:
    """Return a subclass of their `ChargePoint` that answers as the exchanges say, and notes what it gets."""

    def serving_one(exchange: Exchange) -> Any:
        def serve_it(self: Any, **payload: Any) -> Any:
            self.got.append(type(exchange.their_request)(**payload))
            return exchange.their_result

        serve_it.__name__ = f"on_{exchange.action}"  # they find handlers by the names of functions
        return on(exchange.action)(serve_it)

    def initialize(self: Any, *arguments: Any, **options: Any) -> None:
        base.__init__(self, *arguments, **options)
        self.got = []

    members = {f"on_{exchange.action}": serving_one(exchange) for exchange in exchanges}
    return type("Peer", (base,), {"__init__": initialize, **members})


@asynccontextmanager
async def their_station_our_csms(
    version: Version, their_type: Any, handlers: Handlers, config: Config | None = None
) -> AsyncIterator[Pair]:
    sessions: asyncio.Queue[Session] = asyncio.Queue()

    async def on_station(socket: ServerConnection) -> None:
        async with our_session(Role.CSMS, socket, handlers, config) as session:
            await session.connected(version)
            sessions.put_nowait(session)
            await pump(socket, session)

    async with (
        listening(version, on_station) as url,
        their_station_at(url, version, their_type) as their_station,
    ):
        yield their_station, await sessions.get()


@asynccontextmanager
async def their_station_our_server(
    version: Version, their_type: Any, handlers: Handlers, config: Config | None = None
) -> AsyncIterator[Pair]:
    """The same on our own WebSocket layer."""
    sessions: asyncio.Queue[Session] = asyncio.Queue()
    settings: dict[str, Any] = {
        "versions": [version],
        "handlers": handlers,
        "config": config or Config(),
    }
    async with our_serve(sessions.put_nowait, "127.0.0.1", 0, **settings) as server:
        url = f"ws://127.0.0.1:{server.port}/CP001"
        async with their_station_at(url, version, their_type) as their_station:
            yield their_station, await sessions.get()


@asynccontextmanager
async def our_station_their_csms(
    version: Version, their_type: Any, handlers: Handlers, config: Config | None = None
) -> AsyncIterator[Pair]:
    async with (
        their_csms(version, their_type) as (url, their_ends),
        connecting(url, version) as socket,
        our_session(Role.STATION, socket, handlers, config) as session,
        asyncio.TaskGroup() as tasks,
    ):
        await session.connected(version)
        tasks.create_task(pump(socket, session))
        yield await their_ends.get(), session
        await socket.close()


@asynccontextmanager
async def our_client_their_csms(
    version: Version, their_type: Any, handlers: Handlers, config: Config | None = None
) -> AsyncIterator[Pair]:
    """The same on our own WebSocket layer."""
    settings: dict[str, Any] = {
        "versions": [version],
        "handlers": handlers,
        "config": config or Config(),
    }
    async with (
        their_csms(version, their_type) as (url, their_ends),
        our_connect(url.removesuffix("/CP001"), identity="CP001", **settings) as session,
    ):
        yield await their_ends.get(), session


@asynccontextmanager
async def their_station_at(url: str, version: Version, their_type: Any) -> AsyncIterator[Any]:
    async with connecting(url, version) as socket, asyncio.TaskGroup() as tasks:
        their_station = their_type("CP001", socket, response_timeout=DEADLINE)
        tasks.create_task(start(their_station))
        yield their_station
        await socket.close()


@asynccontextmanager
async def their_csms(
    version: Version, their_type: Any
) -> AsyncIterator[tuple[str, asyncio.Queue[Any]]]:
    """Serve with their library; yield the address, and their ends of the connections as they come."""
    their_ends: asyncio.Queue[Any] = asyncio.Queue()

    async def on_station(socket: ServerConnection) -> None:
        their_end = their_type("CP001", socket, response_timeout=DEADLINE)
        their_ends.put_nowait(their_end)
        await start(their_end)

    async with listening(version, on_station) as url:
        yield url, their_ends


Arrangement: TypeAlias = Callable[..., AbstractAsyncContextManager[Pair]]


@asynccontextmanager
async def listening(
    version: Version, on_station: Callable[[ServerConnection], Awaitable[None]]
) -> AsyncIterator[str]:
    subprotocols = [Subprotocol(version.subprotocol)]
    async with serve(on_station, "127.0.0.1", 0, subprotocols=subprotocols) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/CP001"


def connecting(url: str, version: Version) -> connect:
    return connect(url, subprotocols=[Subprotocol(version.subprotocol)], proxy=None)


def our_session(
    role: Role,
    socket: ClientConnection | ServerConnection,
    handlers: Handlers,
    config: Config | None,
) -> Session:
    return Session(role, sender=partial(socket.send, text=True), handlers=handlers, config=config)


async def pump(socket: ClientConnection | ServerConnection, session: Session) -> None:
    with suppress(ConnectionClosed):
        while True:
            await session.received(await socket.recv(decode=False))
    await session.disconnected()


async def start(their_end: Any) -> None:
    with suppress(ConnectionClosed):
        await their_end.start()
