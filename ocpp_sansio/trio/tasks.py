"""The tasks of a connection: those of its session, and the application's own, `on_station` or `on_connected`.

All of them are cancelled when the connection ends, and waited for.
"""

from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from inspect import isawaitable
from types import TracebackType
from typing import Any, Protocol, TypeAlias, cast

import trio

from ocpp_sansio.net import NetSessionBase
from ocpp_sansio.session import ConnectionLost, ContextT, NotConnected, PeerLog
from ocpp_sansio.trio.session import Session
from ocpp_sansio.websocket import INTERNAL_ERROR

__all__ = [
    "Background",
    "NetSession",
    "OnStation",
    "RunningWire",
    "drain",
    "drain_slowly",
    "run_application_task",
]


class RunningWire(Protocol):
    """One connection, as the tasks beside it need it."""

    @property
    def is_open(self) -> bool:
        """Whether messages can travel."""
        ...

    def close(self, code: int) -> None:
        """Begin to close."""
        ...

    def fail(self, error: Exception) -> None:
        """Close the connection for a bug of ours."""
        ...


class NetSession(NetSessionBase[ContextT], Session):
    """The session of `connect` and `serve`; as `NetSession[Charger]`, one whose context is a `Charger`."""

    # A bug that comes up in a task of its own costs the connection, as one in the wire's own does.

    def _timer_fired(self, now: float) -> None:
        try:
            super()._timer_fired(now)
        except Exception as error:  # noqa: BLE001 - see `StreamWire.fail`
            self._fail(error)

    async def _run_task(
        self,
        scope: trio.CancelScope,
        function: Callable[..., Coroutine[Any, Any, None]],
        arguments: tuple[object, ...],
    ) -> None:
        try:
            await super()._run_task(scope, function, arguments)
        except Exception as error:  # noqa: BLE001 - likewise
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        cast("RunningWire", self._wire).fail(error)  # without a wire, nothing runs


OnStation: TypeAlias = Callable[[NetSession[ContextT]], Awaitable[object] | object]
"""The application's own task for a connection."""


class Background:
    """A nursery for the time of a block: cancelled at its end, and no group around the block's exceptions."""

    _manager: AbstractAsyncContextManager[trio.Nursery]

    async def __aenter__(self) -> trio.Nursery:
        self._manager = trio.open_nursery()
        self._nursery = await self._manager.__aenter__()
        return self._nursery

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._nursery.cancel_scope.cancel()
        await self._manager.__aexit__(None, None, None)


async def run_application_task(
    function: OnStation[Any], session: NetSession[Any], wire: RunningWire
) -> None:
    """Run `on_station` or `on_connected` for a connection."""
    try:
        result = function(session)
        if isawaitable(result):
            await result
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends only this connection
        if not wire.is_open and isinstance(error, ConnectionLost | NotConnected):
            return  # the usual end
        text, now = "what runs for it failed: its connection is closed", trio.current_time()
        session._log.error(now, text, exc_info=error)
        wire.close(INTERNAL_ERROR)


async def drain_slowly(
    sessions: Iterable[NetSession[Any]],
    pace: float,
    patience: float,
    close: Callable[[NetSession[Any]], object],
) -> None:
    """Close so many sessions a second, each as soon as it is idle; wait for it so long, and for its end."""

    async def see_off(session: NetSession[Any]) -> None:
        with trio.move_on_after(patience) as scope:
            await session.wait_idle()
        if scope.cancelled_caught:
            text, now = "calls were still unanswered: its connection is closed", trio.current_time()
            session._log.warning(now, text)
        close(session)
        await session.wait_closed()

    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        for number, session in enumerate(sessions):
            await trio.sleep_until(began + number / pace)
            nursery.start_soon(see_off, session)


async def drain(
    sessions: Iterable[NetSession[Any]], seconds: float, close: Callable[[NetSession[Any]], object]
) -> None:
    """Close each session as soon as it has no call without an answer, but wait only so long."""

    async def see_off(session: NetSession[Any]) -> None:
        await session.wait_idle()
        close(session)

    with trio.move_on_after(seconds) as scope:
        async with trio.open_nursery() as nursery:
            for session in sessions:
                nursery.start_soon(see_off, session)
    if scope.cancelled_caught:
        text = "calls were still unanswered after %s s: their connections are closed"
        PeerLog().warning(trio.current_time(), text, seconds, to="net")
