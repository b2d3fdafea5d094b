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
    """One request, in the table of those that wait, until the first word about it, or until it is closed.

    That word is passed on, once; none is after that.
    """

    __slots__ = ("_alarm", "_key", "_take", "_timer", "_waiting", "subject")

    def __init__(
        self,
        subject: str,
        take: Callable[[ReplyT | Failure], None],
        waiting: "dict[str, Asked[ReplyT]]",
        key: str,
        *,
        timeout: float | Alarm | None,
    ) -> None:
        """Make one, and put it into its table.

        It fails by itself after `timeout` seconds, or when that alarm rings for it, if there is any.
        """
        self.subject = subject
        self._take: Callable[[ReplyT | Failure], None] | None = take
        self._waiting = waiting
        self._key = key
        self._timer: asyncio.TimerHandle | None = None
        self._alarm: Alarm | None = None
        waiting[key] = self
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
            if self._timer:
                self._timer.cancel()
            if self._alarm:
                self._alarm.remove(self)
            self._waiting.pop(self._key, None)


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
