"""The servers under load, each in a process of its own: `python -m benchmarks.servers WHO LOOP [FOLDER]`.

With a folder, ours records its sessions there. It reports its port and serves until its stdin is closed.
"""

# ruff: noqa: PLC0415 - a process imports what it measures, and nothing of the other contenders

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, cast

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from benchmarks import ours
from benchmarks.processes import allow_many_sockets, leave_with_parent, say
from benchmarks.report import FLOOR, OCPP_DEFAULT, OCPP_FASTEST, OURS, OURS_ASYNC

HOST = "127.0.0.1"
SUBPROTOCOL = Subprotocol("ocpp1.6")
BACKLOG = 1024


# --- the floor: whatever comes goes back, by websockets' own sans-IO protocol -----------------------------


class _Echo:
    """One connection."""

    def __init__(self) -> None:
        self._protocol = ServerProtocol(subprotocols=[SUBPROTOCOL])

    def receive(self, data: bytes | bytearray) -> bytes:
        """Take what came, return what is to be written."""
        protocol = self._protocol
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Request):
                protocol.send_response(protocol.accept(event))
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                protocol.send_text(event.data)
        return b"".join(protocol.data_to_send())


class _AsyncioEcho(asyncio.Protocol):
    def __init__(self) -> None:
        self._echo = _Echo()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # which uvloop's is in all but name

    def data_received(self, data: bytes) -> None:
        self._transport.write(self._echo.receive(data))


async def _floor_on_asyncio() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_AsyncioEcho, HOST, 0, backlog=BACKLOG)
    say(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _floor_on_trio() -> None:
    import trio

    async def serve_one(stream: "trio.SocketStream") -> None:
        echo = _Echo()
        async with stream:
            async for data in stream:
                answer = echo.receive(data)
                if answer:
                    await stream.send_all(answer)

    serve_tcp = partial(trio.serve_tcp, serve_one, 0, host=HOST, backlog=BACKLOG)
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(serve_tcp)
        say(listeners[0].socket.getsockname()[1])


# --- ocpp_sansio, with handlers of both kinds --------------------------------------------------------------


def _heartbeat(*_: object) -> Any:
    return ours.ANSWERS["v16", "Heartbeat"]()


def _boot_notification(*_: object) -> Any:
    return ours.ANSWERS["v16", "BootNotification"]()


def _meter_values(*_: object) -> Any:
    return ours.ANSWERS["v16", "MeterValues"]()


async def _heartbeat_async(*_: object) -> Any:
    return ours.ANSWERS["v16", "Heartbeat"]()


async def _meter_values_async(*_: object) -> Any:
    return ours.ANSWERS["v16", "MeterValues"]()


HANDLERS = {
    "BootNotification": _boot_notification,
    "Heartbeat": _heartbeat,
    "MeterValues": _meter_values,
}
ASYNC_HANDLERS = {"Heartbeat": _heartbeat_async, "MeterValues": _meter_values_async}


async def _ours_on_asyncio(
    handlers: Mapping[str, Callable[..., Any]], *, record: str | None = None
) -> None:
    from ocpp_sansio.asyncio import NetSession, serve

    async def on_station(session: NetSession) -> None:
        await session.wait_closed()

    async with serve(
        on_station, HOST, 0, versions=["ocpp1.6"], handlers=handlers, record=record
    ) as server:
        say(server.port)
        await asyncio.Event().wait()


async def _ours_on_trio(handlers: Mapping[str, Callable[..., Any]]) -> None:
    import trio

    from ocpp_sansio.trio import NetSession, serve

    async def on_station(session: NetSession) -> None:
        await session.wait_closed()

    async with serve(on_station, HOST, 0, versions=["ocpp1.6"], handlers=handlers) as server:
        say(server.port)
        await trio.sleep_forever()


# --- PyPI ocpp on websockets ------------------------------------------------------------------------------


async def _ocpp(*, in_thread: bool) -> None:
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed

    from benchmarks import peers

    peers.set_validation(in_thread=in_thread)
    charge_point_type = peers.make_csms("v16")

    async def on_station(websocket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            await charge_point_type("CP", websocket).start()

    async with serve(on_station, HOST, 0, subprotocols=[SUBPROTOCOL], backlog=BACKLOG) as server:
        say(next(iter(server.sockets)).getsockname()[1])
        await server.serve_forever()


# --- which, on what -----------------------------------------------------------------------------------------

_ON_ASYNCIO: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
    FLOOR: _floor_on_asyncio,
    OURS: partial(_ours_on_asyncio, HANDLERS),
    OURS_ASYNC: partial(_ours_on_asyncio, ASYNC_HANDLERS),
    OCPP_FASTEST: partial(_ocpp, in_thread=False),
    OCPP_DEFAULT: partial(_ocpp, in_thread=True),
}
_ON_TRIO: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
    FLOOR: _floor_on_trio,
    OURS: partial(_ours_on_trio, HANDLERS),
    OURS_ASYNC: partial(_ours_on_trio, ASYNC_HANDLERS),
}


def main() -> None:
    leave_with_parent()
    who, loop, *folders = sys.argv[1:]
    allow_many_sockets()
    if loop == "trio":
        import trio

        trio.run(_ON_TRIO[who])
    elif loop == "uvloop":
        import uvloop

        serving = _ours_on_asyncio(HANDLERS, record=folders[0]) if folders else _ON_ASYNCIO[who]()
        uvloop.run(serving)
    else:
        asyncio.run(_ON_ASYNCIO[who]())


if __name__ == "__main__":
    main()
