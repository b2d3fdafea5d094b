"""Connections that are in their handshake: how many there may be, and which has to go for a newcomer.

Whoever says nothing must not keep others out. A handshake is *stale* when its request has not come as a
whole within `Limits.handshake_patience`. While there is room for all it may go on; then the oldest stale one
goes, first of all one of a host that takes more than its share. No loop is imported here.
"""

from collections.abc import Callable
from math import inf
from typing import Protocol

from ocpp_sansio.net.limits import Limits

__all__ = ["Arrival", "Arrivals"]


class Arrival(Protocol):
    """One connection in its handshake, that of TLS included."""

    @property
    def is_silent(self) -> bool:
        """Whether its request has not come yet, not as a whole."""
        ...

    def abort(self) -> None:
        """Drop it."""
        ...


class Arrivals:
    """The connections of a server that are in their handshake, the oldest first."""

    on_room: Callable[[], None]
    """Called whenever a handshake has ended."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._since: dict[Arrival, float] = {}
        self._address_of: dict[Arrival, str] = {}
        self._number_at: dict[str, int] = {}
        self.on_room = _ignore

    def __len__(self) -> int:
        return len(self._since)

    def __contains__(self, arrival: Arrival) -> bool:
        return arrival in self._since

    def seconds_until_room(self, now: float) -> float:
        """Return how long a newcomer has to wait; 0 if it has not, infinity if that hangs on others."""
        if len(self._since) < self._limits.max_handshakes:
            return 0.0
        patience = self._limits.handshake_patience
        for arrival, since in self._since.items():
            if arrival.is_silent:
                return max(since + patience - now, 0.0)
        return inf

    def enter(self, arrival: Arrival, address: str | None, now: float) -> bool:
        """Let a newcomer begin its handshake; whoever has to go for it is dropped.

        `address` is the host that it comes from, None if that does not count. False: there is no room.
        """
        if self.seconds_until_room(now):
            return False
        if len(self._since) >= self._limits.max_handshakes:
            self._make_room(now)
        self._since[arrival] = now
        self.locate(arrival, address)
        return True

    def locate(self, arrival: Arrival, address: str | None) -> None:
        """Note where a handshake comes from, if that was not known from the beginning."""
        if address is not None and arrival in self._since:
            self._address_of[arrival] = address
            self._number_at[address] = self._number_at.get(address, 0) + 1

    def leave(self, arrival: Arrival) -> None:
        """Note that a handshake is over, for better or worse. Idempotent."""
        if self._since.pop(arrival, None) is None:
            return
        address = self._address_of.pop(arrival, None)
        if address is not None:
            self._number_at[address] -= 1
            if not self._number_at[address]:
                del self._number_at[address]
        self.on_room()

    def _make_room(self, now: float) -> None:
        """Drop the oldest stale one: of a host that takes more than its share, if there is one."""
        latest = now - self._limits.handshake_patience
        oldest = None
        for arrival, since in self._since.items():
            if since > latest:
                break
            if not arrival.is_silent:
                continue
            oldest = oldest or arrival
            if self._takes_too_much(arrival):
                oldest = arrival
                break
        if oldest is not None:
            self.leave(oldest)
            oldest.abort()

    def _takes_too_much(self, arrival: Arrival) -> bool:
        address = self._address_of.get(arrival, "")
        return self._number_at.get(address, 0) > self._limits.max_handshakes_per_address


def _ignore() -> None:
    """Nobody waits for room yet."""
