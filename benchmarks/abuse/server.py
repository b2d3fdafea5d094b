"""The servers under attack, each in a process of its own: `python -m benchmarks.abuse.server WHO`.

It reports its port and serves until its stdin is closed, or until SIGTERM: then it reports that the signal
was seen, leaves its `serve` block, and reports that. To a line on stdin it answers with what has been logged.
"""

# ruff: noqa: PLC0415 - a process imports what it serves with, and nothing of the other contenders

import argparse
import asyncio
import ctypes
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from benchmarks.processes import allow_many_sockets, say
from benchmarks.servers import BACKLOG, HOST, SUBPROTOCOL

SLOW_SECONDS = 5.0
VERSIONS = ["ocpp1.6", "ocpp2.1"]


class CountingHandler(logging.Handler):
    """Formats every record as a log file would have it, and keeps no more than the sums."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        self.found = {"records": 0, "bytes": 0, "longest": 0}

    def emit(self, record: logging.LogRecord) -> None:
        size = len(self.format(record).encode("utf-8", "backslashreplace")) + 1
        self.found["records"] += 1
        self.found["bytes"] += size
        self.found["longest"] = max(self.found["longest"], size)


def _obey_parent(log: CountingHandler) -> None:
    """Answer lines and end with stdin, whatever the loop is doing."""

    def wait() -> None:
        while os.read(0, 1024):  # not sys.stdin, whose lock the interpreter wants at its end
            _give_back_what_is_free()
            say(log.found)
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def _give_back_what_is_free() -> None:
    """Have the allocator keep nothing that has been freed, so that what is resident is what is held."""
    with suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL("libc.so.6").malloc_trim(0)


# --- handlers -----------------------------------------------------------------------------------------


def _heartbeat(*_: object) -> dict[str, Any]:
    return {"currentTime": datetime.now(UTC).isoformat(timespec="seconds")}


def _authorize(*_: object) -> dict[str, Any]:
    raise RuntimeError("a bug of the application")


def _ours_handlers(sleep: Any, *, is_slow: bool) -> Any:
    from ocpp_sansio.handlers import Handlers

    handlers = Handlers({"Heartbeat": _heartbeat, "Authorize": _authorize})
    if is_slow:  # a database

        @handlers.on("NotifyPeriodicEventStream")
        async def stream(_: object) -> None:
            await sleep(SLOW_SECONDS)

        @handlers.after("Heartbeat")
        async def after(_: object, call: object) -> None:  # noqa: ARG001 - the library's signature
            await sleep(SLOW_SECONDS)

    return handlers


def _context(certificate: str | None) -> Any:
    if certificate is None:
        return None
    from ocpp_sansio.tls import csms_context

    return csms_context(certificate)


# --- who ----------------------------------------------------------------------------------------------


async def _ours_on_asyncio(arguments: argparse.Namespace) -> None:
    from ocpp_sansio.asyncio import serve

    stopping = _sigterm_event()
    handlers = _ours_handlers(asyncio.sleep, is_slow=arguments.slow)
    async with serve(
        None,
        HOST,
        0,
        versions=VERSIONS,
        handlers=handlers,
        ssl=_context(arguments.certificate),
    ) as server:
        say(server.port)
        await stopping.wait()
        say({"obeyed": True})
    say({"left": True})


def _sigterm_event() -> asyncio.Event:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    return stopping


async def _ours_on_trio(arguments: argparse.Namespace) -> None:
    import trio

    from ocpp_sansio.trio import serve

    handlers = _ours_handlers(trio.sleep, is_slow=arguments.slow)
    with trio.open_signal_receiver(signal.SIGTERM) as signals:
        async with serve(
            None,
            HOST,
            0,
            versions=VERSIONS,
            handlers=handlers,
            ssl=_context(arguments.certificate),
        ) as server:
            say(server.port)
            async for _ in signals:
                break
            say({"obeyed": True})
    say({"left": True})


async def _ocpp(arguments: argparse.Namespace) -> None:
    """PyPI ocpp as it comes, on websockets."""
    from ocpp.routing import on
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed

    from benchmarks import peers

    class Csms(peers.make_csms("v16")):  # type: ignore[misc]  # a class made at run time
        @on("Authorize")
        def on_authorize(self, **_: Any) -> Any:
            return _authorize()

    async def on_station(websocket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            await Csms("CP", websocket).start()

    stopping = _sigterm_event()
    async with serve(
        on_station,
        HOST,
        0,
        subprotocols=[SUBPROTOCOL],
        backlog=BACKLOG,
        ssl=_context(arguments.certificate),
    ) as server:
        say(next(iter(server.sockets)).getsockname()[1])
        await stopping.wait()
        say({"obeyed": True})
    say({"left": True})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("who", choices=("asyncio", "uvloop", "trio", "ocpp"))
    parser.add_argument("--no-logging", action="store_true")
    parser.add_argument("--certificate", help="a PEM file with its key: serve TLS")
    parser.add_argument("--slow", action="store_true", help="SENDs and what runs after take 5 s")
    arguments = parser.parse_args()
    log = CountingHandler()
    logging.basicConfig(level=logging.INFO, handlers=[log])
    if arguments.no_logging:
        logging.disable()
    _obey_parent(log)
    allow_many_sockets()
    if arguments.who == "trio":
        import trio

        trio.run(_ours_on_trio, arguments)
        return
    serving = _ocpp if arguments.who == "ocpp" else _ours_on_asyncio
    if arguments.who == "uvloop":
        import uvloop

        uvloop.run(serving(arguments))
    else:
        asyncio.run(serving(arguments))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
