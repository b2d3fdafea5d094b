"""The bytes that are held for all connections of a server together, and who has to go beyond the limit.

A connection says how many it holds, whenever that has changed; most hold none and say nothing.
"""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

__all__ = ["Budget", "Holder"]


class Holder(Protocol):
    """One connection."""

    def abort(self) -> None:
        """Drop it, and all that is held for it."""
        ...


HolderT = TypeVar("HolderT", bound=Holder)


class Budget(Generic[HolderT]):
    """How many bytes are held, and for whom."""

    def __init__(self, limit: int, on_cut: Callable[[HolderT, int], None]) -> None:
        """Make one of `limit` bytes; `on_cut` is told of each connection that is cut off, and its bytes."""
        self._limit = limit
        self._on_cut = on_cut
        self._held: dict[HolderT, int] = {}
        self.total = 0
        """Bytes held now."""

    def hold(self, holder: HolderT, size: int) -> None:
        """Note how many bytes a connection holds now; beyond the limit, the one with most is cut off."""
        self.total += size - self._held.get(holder, 0)
        if size:
            self._held[holder] = size
        else:
            self._held.pop(holder, None)
        while self.total > self._limit and self._held:
            largest = max(self._held, key=self._held.__getitem__)
            released = self._held.pop(largest)
            self.total -= released
            self._on_cut(largest, released)
            largest.abort()
