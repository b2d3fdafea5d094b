"""`Session` on asyncio: the clock, the tasks and the one timer of `SessionBase`."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from typing import Any

from ocpp_sansio.session import SessionBase, Waiter

__all__ = ["Session"]


class Session(SessionBase):
    """One peer, on asyncio: see `SessionBase` for what it takes and does.

    Use it in one event loop, and from one thread: `loop.call_soon_threadsafe` is the way in from others.
    """

    _loop: asyncio.AbstractEventLoop
    _timer: asyncio.TimerHandle | None = None
    _tasks: set[asyncio.Task[None]] | None = None  # made for the first of them

    _lasting: set[asyncio.Task[None]] | None = None
    _worker: asyncio.Task[None] | None = None
    _threads: ThreadPoolExecutor | None = None

    async def _enter(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._now = self._loop.time

    async def _exit(self) -> None:
        await self._cancel_tasks()
        if self._lasting:
            await self._see_to_end(set(self._lasting))
        if self._worker:
            await self._see_worker_end(self._worker)

    async def _see_worker_end(self, worker: asyncio.Task[None]) -> None:
        """Wait for what is being stored, though we are cancelled: it would be lost else."""
        is_cancelled = False
        while not worker.done():
            try:
                await asyncio.wait([worker])
            except asyncio.CancelledError:
                is_cancelled = True
        if self._threads:
            self._threads.shutdown(wait=False)
        if is_cancelled:
            raise asyncio.CancelledError

    def _arm(self, deadline: float) -> None:
        if self._timer and self._timer.when() <= deadline:
            return  # it fires early, which is harmless, and is then set anew: cheaper than at each call
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(deadline, self._on_timer, deadline)

    def _disarm(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def _on_timer(self, deadline: float) -> None:
        self._timer = None
        self._timer_fired(
            max(deadline, self._now())
        )  # call_at may fire one tick of the clock early

    def _spawn(
        self, function: Callable[..., Coroutine[Any, Any, None]], /, *arguments: object
    ) -> None:
        task = _start(function(*arguments), self._loop)
        if not task.done():
            if self._tasks is None:
                self._tasks = set()
            self._tasks.add(task)
            self._running += 1
            task.add_done_callback(self._note_end)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if self._tasks:
            self._tasks.discard(task)
        self._note_task_end()

    def _start_for_life(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if self._lasting is None:
            self._lasting = set()
        task = self._loop.create_task(function())
        self._lasting.add(task)
        task.add_done_callback(self._lasting.discard)

    def _start_worker(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._worker = self._loop.create_task(function())

    async def _in_thread(self, function: Callable[..., Any], *arguments: object) -> Any:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(1, "ocpp_sansio")
        return await self._loop.run_in_executor(self._threads, function, *arguments)

    async def _cancel_tasks(self) -> None:
        await self._see_to_end((self._tasks or set()) - {asyncio.current_task()})

    async def _see_to_end(self, tasks: set[asyncio.Task[None]]) -> None:
        """Cancel tasks, and wait for their ends."""
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _ends_task(self, error: BaseException) -> bool:
        if not isinstance(error, asyncio.CancelledError):
            return True
        task = asyncio.current_task()
        # A handler that awaits a task which somebody cancels is not itself cancelled: it has failed.
        return task is None or task.cancelling() > 0

    def _new_waiter(self) -> Waiter:
        return _Waiter(self._loop)

    def _new_lock(self) -> AbstractAsyncContextManager[None]:
        return asyncio.Lock()


class _Waiter:
    __slots__ = ("_future",)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._future: asyncio.Future[object] = loop.create_future()

    def resolve(self, value: object, /) -> None:
        if not self._future.done():  # it is, if the wait was cancelled
            self._future.set_result(value)

    async def wait(self) -> Any:
        return await self._future


if sys.version_info >= (3, 12):

    def _start(
        coroutine: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop
    ) -> asyncio.Task[None]:
        # What never suspends is done on return, without a trip through the loop.
        return asyncio.Task(coroutine, loop=loop, eager_start=True)

else:

    def _start(
        coroutine: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop
    ) -> asyncio.Task[None]:
        return loop.create_task(coroutine)
