"""How a task waits until something happens: one `Waiter` for each task, lists of them, and `notify_all`."""

from typing import Any, Protocol

__all__ = ["Waiter", "notify_all"]


class Waiter(Protocol):
    """One task waits here for one value. Each event loop has a class of its own for it."""

    def resolve(self, value: object, /) -> None:
        """Give the value; the first one counts, also when nobody waits any more."""

    async def wait(self) -> Any:
        """Return the value as soon as there is one."""


def notify_all(waiters: list[Waiter]) -> None:
    """Let every task go on that waits in this list, and empty the list."""
    notified, waiters[:] = waiters[:], []
    for waiter in notified:
        waiter.resolve(None)
