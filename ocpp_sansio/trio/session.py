"""`Session` on trio: the clock, the tasks and the one timer of `SessionBase`."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from math import inf
from typing import Any

import trio

from ocpp_sansio.session import RawMessage, SessionBase, Waiter

__all__ = ["Session"]


class Session(SessionBase):
    """One peer, on trio: see `SessionBase` for what it takes and does."""

    _nursery_manager: AbstractAsyncContextManager[trio.Nursery]
    _nursery: trio.Nursery
    _timer: trio.CancelScope
    _tasks: dict[trio.CancelScope, trio.lowlevel.Task | None]
    _tasks_ended: trio.Event
    _has_spawned = False

    async def _enter(self) -> None:
        self._now = trio.current_time
        self._nursery_manager = trio.open_nursery()
        self._nursery = await self._nursery_manager.__aenter__()
        self._timer = trio.CancelScope()
        self._tasks = {}
        self._tasks_ended = trio.Event()
        self._nursery.start_soon(self._run_timer)

    async def _exit(self) -> None:
        self._nursery.cancel_scope.cancel()
        # The body's exception is not the nursery's business: passed on there, it would come out wrapped
        # in a group, which it does not on asyncio.
        await self._nursery_manager.__aexit__(None, None, None)

    async def received(self, message: RawMessage) -> None:
        """One whole message came from the peer: see `SessionBase.received`."""
        await super().received(message)
        if self._has_spawned:
            # trio starts tasks in random order. Letting this handler start before the next message is
            # taken in keeps handlers in the order of their messages.
            self._has_spawned = False
            await trio.lowlevel.checkpoint()

    def _arm(self, deadline: float) -> None:
        # If it fires early, that is harmless, and it is then set anew.
        self._timer.deadline = min(self._timer.deadline, deadline)

    def _disarm(self) -> None:
        self._timer.deadline = inf

    async def _run_timer(self) -> None:
        while True:
            with self._timer:
                await trio.sleep_forever()
            self._timer = trio.CancelScope()
            # Not the scope's deadline: another may have been set since this one has passed.
            self._timer_fired(self._now())

    def _spawn(
        self, function: Callable[..., Coroutine[Any, Any, None]], /, *arguments: object
    ) -> None:
        scope = trio.CancelScope()
        self._tasks[scope] = None
        self._running += 1
        self._has_spawned = True
        self._nursery.start_soon(self._run_task, scope, function, arguments)

    async def _run_task(
        self,
        scope: trio.CancelScope,
        function: Callable[..., Coroutine[Any, Any, None]],
        arguments: tuple[object, ...],
    ) -> None:
        self._tasks[scope] = trio.lowlevel.current_task()
        try:
            with scope:
                await function(*arguments)
        finally:
            del self._tasks[scope]
            self._note_task_end()
            self._tasks_ended.set()

    def _start_for_life(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._nursery.start_soon(function)

    def _start_worker(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._nursery.start_soon(self._run_worker, function)

    async def _run_worker(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with trio.CancelScope(shield=True):  # what is being stored would be lost else
            await function()

    async def _in_thread(self, function: Callable[..., Any], *arguments: object) -> Any:
        return await trio.to_thread.run_sync(function, *arguments)

    async def _cancel_tasks(self) -> None:
        own = trio.lowlevel.current_task()
        scopes = {scope for scope, task in self._tasks.items() if task is not own}
        for scope in scopes:
            scope.cancel()
        while scopes & self._tasks.keys():
            self._tasks_ended = trio.Event()
            await self._tasks_ended.wait()

    def _ends_task(self, error: BaseException) -> bool:  # noqa: ARG002 - asyncio has to look
        return True

    def _new_waiter(self) -> Waiter:
        return _Waiter()

    def _new_lock(self) -> AbstractAsyncContextManager[Any]:
        return trio.Lock()


class _Waiter:
    __slots__ = ("_event", "_value")

    def __init__(self) -> None:
        self._event = trio.Event()
        self._value: object = None

    def resolve(self, value: object, /) -> None:
        if not self._event.is_set():
            self._value = value
            self._event.set()

    async def wait(self) -> Any:
        await self._event.wait()
        return self._value
