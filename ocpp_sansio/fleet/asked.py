"""`Asked`: a request that waits for its reply, as a bus keeps it."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeAlias, TypeVar

from ocpp_sansio.fleet.alarm import Alarm
from ocpp_sansio.fleet.bus import BusError, Subscription
from ocpp_sansio.session import PeerLog

__all__ = ["Asked", "Failure", "first_of", "pass_on"]

ReplyT = TypeVar("ReplyT")
Failure: TypeAlias = BusError | TimeoutError
"""Why there will be no reply."""


class Asked(Generic[ReplyT]):
    """One request. The first word about it counts, and is passed on once; none after it was closed."""

    __slots__ = ("_alarm", "_take", "_timer")

    def __init__(
        self, take: Callable[[ReplyT | Failure], None], *, timeout: float | Alarm | None
    ) -> None:
        """Make one that fails by itself after `timeout` seconds, or when an alarm rings, if any."""
        self._take: Callable[[ReplyT | Failure], None] | None = take
        self._alarm: Alarm | None = None
        self._timer: asyncio.TimerHandle | None = None
        if isinstance(timeout, Alarm):
            self._alarm = timeout
            timeout.add(self, asyncio.get_running_loop())
        elif timeout is not None:
            self._timer = asyncio.get_running_loop().call_later(timeout, self.wake)

    def wake(self) -> None:
        """Fail: its time is over. Raises nothing."""
        self.settle(TimeoutError())

    def settle(self, what: ReplyT | Failure) -> None:
        """Pass on what came of it. Raises nothing."""
        take = self._take
        if take is None:
            return
        self.close()
        pass_on(take, what)

    def close(self) -> None:
        """Wait no more. Idempotent."""
        if self._take:
            self._take = None
            if self._alarm:
                self._alarm.remove(self)
            elif self._timer:
                self._timer.cancel()
            self._forget()

    def _forget(self) -> None:
        """Have no more settled; for the bus to fill in."""
        raise NotImplementedError


def pass_on(take: Callable[[ReplyT], None], what: ReplyT) -> None:
    """Call a function with what it waits for. Raises nothing."""
    try:
        take(what)
    except Exception as error:  # noqa: BLE001 - whatever it is, it harms only this reply
        now = asyncio.get_running_loop().time()
        PeerLog().error(now, "what takes a reply failed", exc_info=error)


async def first_of(
    ask: Callable[[Callable[[ReplyT | Failure], None]], Subscription | None],
) -> ReplyT:
    """Ask, and return the reply, or raise why there is none; who cancels this waits no more."""
    replied: asyncio.Future[ReplyT] = asyncio.get_running_loop().create_future()
    asked = ask(partial(_settle, replied))
    try:
        return await replied
    finally:
        if asked:
            asked.close()


def _settle(replied: "asyncio.Future[ReplyT]", what: ReplyT | Failure) -> None:
    if replied.done():
        return
    if isinstance(what, BusError | TimeoutError):
        replied.set_exception(what)
    else:
        replied.set_result(what)
