"""The tasks of a connection: those of its session, and the application's own, `on_station` or `on_connected`.

All of them are cancelled when the connection ends, and waited for, but not longer than until a deadline.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from inspect import isawaitable
from typing import Any, Protocol, TypeAlias

from ocpp_sansio.asyncio.session import Session
from ocpp_sansio.net import NetSessionBase
from ocpp_sansio.session import ConnectionLost, ContextT, NotConnected, PeerLog
from ocpp_sansio.websocket import INTERNAL_ERROR

__all__ = [
    "NetSession",
    "OnStation",
    "RunningWire",
    "drain",
    "drain_slowly",
    "start_application_task",
    "stop",
]


class NetSession(NetSessionBase[ContextT], Session):
    """The session of `connect` and `serve`; as `NetSession[Charger]`, one whose context is a `Charger`."""

    _patience: asyncio.Future[None] | None = None
    """Done when cancelled tasks are not waited for any longer."""
    _giving_up: asyncio.TimerHandle | None = None

    def _end_tasks_by(self, deadline: float) -> None:
        """Wait no longer than that for tasks that have been cancelled."""
        if self._giving_up is None:
            give_up = partial(_resolve, self._end_of_patience())
            self._giving_up = self._loop.call_at(deadline, give_up)

    async def _see_to_end(self, tasks: set[asyncio.Task[None]]) -> None:
        """Cancel tasks, and wait for their ends; those that take too long are left to themselves."""
        for task in tasks:
            task.cancel()
        patience = self._end_of_patience() if tasks else None
        while tasks and patience and not patience.done():
            await asyncio.wait({*tasks, patience}, return_when=asyncio.FIRST_COMPLETED)
            tasks = {task for task in tasks if not task.done()}
        if not tasks:
            return
        if self._tasks:
            self._tasks -= tasks
        text = "%s tasks go on although they were cancelled: they are left to themselves"
        self._log.error(self._now(), text, len(tasks))

    def _end_of_patience(self) -> asyncio.Future[None]:
        if self._patience is None:
            self._patience = self._loop.create_future()
        return self._patience

    async def _exit(self) -> None:
        await super()._exit()
        if self._giving_up:
            self._giving_up.cancel()


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


OnStation: TypeAlias = Callable[[NetSession[ContextT]], Awaitable[object] | object]
"""The application's own task for a connection."""


class RunningWire(Protocol):
    """One connection, as the application's task needs it."""

    @property
    def over(self) -> asyncio.Future[None]:
        """Done when no message will travel any more."""
        ...

    def close(self, code: int) -> None:
        """Begin to close."""
        ...


def start_application_task(
    function: OnStation[Any] | None, session: NetSession[Any], wire: RunningWire
) -> Sequence[asyncio.Task[None]]:
    """Start `on_station` or `on_connected` for a connection, if the application has given one.

    A plain function is called here: a task for it would cost as much as a message. What is returned has the
    task as long as it runs: one that is over is 700 bytes for each connection.
    """
    if function is None:
        return ()
    try:
        result = function(session)
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends only this connection
        _note_failure(error, session, wire)
        return ()
    if not isawaitable(result):
        return ()
    task = asyncio.get_running_loop().create_task(_run(result, session, wire))
    running = [task]
    task.add_done_callback(running.remove)
    return running


async def _run(work: Awaitable[object], session: NetSession[Any], wire: RunningWire) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends only this connection
        _note_failure(error, session, wire)


def _note_failure(error: Exception, session: NetSession[Any], wire: RunningWire) -> None:
    if wire.over.done() and isinstance(error, ConnectionLost | NotConnected):
        return  # the usual end
    text = "what runs for it failed: its connection is closed"
    session._log.error(asyncio.get_running_loop().time(), text, exc_info=error)
    wire.close(INTERNAL_ERROR)


async def stop(running: Sequence[asyncio.Task[None]], session: NetSession[Any]) -> None:
    """Cancel what `start_application_task` has started, and wait for its end as long as the session does."""
    if running:
        # A call of its may just have been answered: it is to hear of that first.
        await asyncio.sleep(0)
        await session._see_to_end(set(running))


async def drain_slowly(
    sessions: Iterable[NetSession[Any]],
    pace: float,
    patience: float,
    close: Callable[[NetSession[Any]], object],
) -> None:
    """Close so many sessions a second, each as soon as it is idle; wait for it so long, and for its end."""

    async def see_off(session: NetSession[Any]) -> None:
        try:
            async with asyncio.timeout(patience):
                await session.wait_idle()
        except TimeoutError:
            text, now = "calls were still unanswered: its connection is closed", loop.time()
            session._log.warning(now, text)
        close(session)
        await session.wait_closed()

    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as group:
        for number, session in enumerate(sessions):
            await asyncio.sleep(began + number / pace - loop.time())
            group.create_task(see_off(session))


async def drain(
    sessions: Iterable[NetSession[Any]], seconds: float, close: Callable[[NetSession[Any]], object]
) -> None:
    """Close each session as soon as it has no call without an answer, but wait only so long."""

    async def see_off(session: NetSession[Any]) -> None:
        await session.wait_idle()
        close(session)

    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(see_off(session) for session in sessions))
    except TimeoutError:
        text = "calls were still unanswered after %s s: their connections are closed"
        PeerLog().warning(asyncio.get_running_loop().time(), text, seconds, to="net")
