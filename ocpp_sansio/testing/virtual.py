"""`run_in_virtual_time`: an async test that takes a day in a moment, on asyncio or trio, sockets included.

    def test_that_a_station_comes_back_after_a_day() -> None:
        run_in_virtual_time(story)              # or run_in_virtual_time(story, loop="trio")

Time jumps to the next deadline when nothing else happens: when every task waits, and no byte has come over a
socket for a hundredth of a real second. So both ends of a connection belong into this process.
"""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any, Final, Literal, TypeVar

__all__ = ["GRACE", "run_in_virtual_time"]

GRACE: Final = 0.01
"""Real seconds in which a byte that is on its way over the loopback interface arrives."""

TICK: Final = 1e-6
"""Virtual seconds that a jump takes at least: after years, less would be lost in rounding."""

HANGS: Final = 10.0
"""Real seconds after which a test counts as hanging in which no task waits for a time."""

ResultT = TypeVar("ResultT")


def run_in_virtual_time(
    function: Callable[..., Awaitable[ResultT]],
    *arguments: Any,
    loop: Literal["asyncio", "trio"] = "asyncio",
) -> ResultT:
    """Run an async function to its end in virtual time, and return what it returns.

    Raises what it raises; RuntimeError on asyncio if every task waits for ever; ValueError for another loop.
    """
    if loop == "trio":
        trio = import_module("trio")
        clock = import_module("trio.testing").MockClock(autojump_threshold=GRACE)
        result: ResultT = trio.run(function, *arguments, clock=clock)
        return result
    if loop != "asyncio":
        raise ValueError(f'loop is "asyncio" or "trio", not {loop!r}')

    async def main() -> ResultT:
        return await function(*arguments)

    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        return runner.run(main())


class _JumpingSelector(selectors.DefaultSelector):
    """Where the loop would sleep, its clock jumps, unless bytes arrive."""

    elapsed = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        ready = super().select(HANGS if timeout is None else GRACE)
        if not ready and timeout is None:
            raise RuntimeError("every task waits, and none for a time: this would hang")
        if not ready and timeout is not None:
            self.elapsed += max(timeout, TICK)
        return ready


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.elapsed
