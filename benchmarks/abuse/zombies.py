"""What stays of a server whose `serve` block is left while stations dial.

`python -m benchmarks.abuse.zombies WORLD`: stations dial, the block is left some turns of the loop later, and
after that every socket is asked for an answer.
"""

# ruff: noqa: PLC0415 - a process imports what it measures

import argparse
import asyncio
import logging
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from benchmarks.abuse import attacks
from benchmarks.processes import allow_many_sockets, leave_with_parent, say

SETTLING_SECONDS = 0.3
HANGING_SECONDS = 4.0
SHUTDOWN_SECONDS = 1.0
TURNS = range(6)

_HANDLERS = {"Heartbeat": lambda _: {"currentTime": "2026-01-01T00:00:00Z"}}


class _LeavingError(Exception):
    """The block is left by this."""


async def rounds(
    serve: Callable[..., Any],
    sleep: Callable[[float], Awaitable[object]],
    *,
    count: int,
    times: int,
) -> dict[str, int]:
    """Leave by the end of the block and by an exception, after each number of turns, so many times."""
    found = {"dialled": 0, "answered": 0, "open": 0, "hung": 0, "rounds": 0}
    for number in range(times * 2 * len(TURNS)):
        turns, by_exception = TURNS[number // 2 % len(TURNS)], bool(number % 2)
        sockets, has_hung = await _leave(serve, sleep, count, turns, by_exception=by_exception)
        await sleep(SETTLING_SECONDS)
        attacks.call_on(sockets)
        await sleep(SETTLING_SECONDS)
        left = attacks.look_at(sockets)
        found["rounds"] += 1
        found["dialled"] += count
        found["hung"] += has_hung
        found["answered"] += left.answered
        found["open"] += left.open
    return found


async def _leave(
    serve: Callable[..., Any],
    sleep: Callable[[float], Awaitable[object]],
    count: int,
    turns: int,
    *,
    by_exception: bool,
) -> tuple[list[socket.socket], bool]:
    sockets: list[socket.socket] = []
    hanging = threading.Timer(HANGING_SECONDS, lambda: [dialled.close() for dialled in sockets])
    with suppress(_LeavingError):
        async with serve(
            None,
            attacks.HOST,
            0,
            versions=["ocpp1.6"],
            handlers=_HANDLERS,
            shutdown_timeout=SHUTDOWN_SECONDS,
        ) as server:
            sockets += attacks.dial(server.port, count)
            for _ in range(turns):
                await sleep(0)
            hanging.start()
            if by_exception:
                raise _LeavingError
    has_hung = not hanging.is_alive()
    hanging.cancel()
    hanging.join()
    return sockets, has_hung


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("world", choices=("asyncio", "uvloop", "trio"))
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--times", type=int, default=1)
    arguments = parser.parse_args()
    sizes = {"count": arguments.count, "times": arguments.times}
    leave_with_parent()
    allow_many_sockets()
    logging.disable()
    if arguments.world == "trio":
        import trio

        from ocpp_sansio.trio import serve as serve_on_trio

        async def on_trio() -> dict[str, int]:
            return await rounds(serve_on_trio, trio.sleep, **sizes)

        say(trio.run(on_trio))
        return
    from ocpp_sansio.asyncio import serve

    running = rounds(serve, asyncio.sleep, **sizes)
    if arguments.world == "uvloop":
        import uvloop

        say(uvloop.run(running))
    else:
        say(asyncio.run(running))


if __name__ == "__main__":
    main()
