"""Where orders come from: a script, a terminal, a pipe. What is typed is read in a thread of its own."""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterable

from msgspec import Struct

from ocpp_sansio.cli.peers.scripts import Line

__all__ = ["Typed", "given", "typed"]

_CHUNK = 4096
MAX_LINE = 10_000
"""Characters of a line that are kept; longer ones are no orders."""


class Typed(Struct, frozen=True):
    """A line that was typed or piped, as it is, and where it stands."""

    text: str
    where: str


async def given(lines: Iterable[Line]) -> AsyncIterator[Line]:
    """Yield the orders of a script."""
    for line in lines:
        yield line


async def typed() -> AsyncIterator[Typed]:
    """Yield what standard input has, line by line, until its end."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes | None] = asyncio.Queue()

    def read() -> None:
        # Not `sys.stdin`: its lock, held by a thread that waits, would have the interpreter abort at its end.
        try:
            for line in _lines(sys.stdin.fileno()):
                loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, None)
        except RuntimeError:
            return  # the loop is closed: nobody reads any more

    threading.Thread(target=read, daemon=True, name="standard input").start()
    number = 0
    while (line := await lines.get()) is not None:
        number += 1
        yield Typed(line.decode(errors="backslashreplace"), f"line {number} of standard input")


def _lines(descriptor: int) -> Iterable[bytes]:
    rest = b""
    while True:
        try:
            chunk = os.read(descriptor, _CHUNK)
        except OSError:  # a terminal that is gone
            chunk = b""
        if not chunk:
            break
        *whole, rest = (rest + chunk).split(b"\n")
        rest = rest[:MAX_LINE]
        yield from whole
    if rest:
        yield rest
