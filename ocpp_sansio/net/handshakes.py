"""Connections in their TLS or WebSocket handshake: how many there may be, and which is dropped for a new one.

A peer that opens connections and says nothing must not keep others out. A handshake is *stale* when its
request has not come as a whole within `Limits.handshake_patience`. It may go on while there is room for all;
then the oldest stale one is dropped, first of all one of a host that has more than its share.
"""

from collections.abc import Callable
from math import inf
from typing import Protocol

from ocpp_sansio.net.limits import Limits

__all__ = ["PendingHandshake", "PendingHandshakes"]


class PendingHandshake(Protocol):
    """One connection in its handshake, that of TLS included."""

    @property
    def is_silent(self) -> bool:
        """Whether its request has not come yet, not as a whole."""
        ...

    def abort(self) -> None:
        """Drop it."""
        ...


class PendingHandshakes:
    """The connections of a server that are in their handshake, the oldest first."""

    on_room: Callable[[], None]
    """Called whenever a handshake has ended."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._since: dict[PendingHandshake, float] = {}
        self._host_of: dict[PendingHandshake, str] = {}
        self._count_of: dict[str, int] = {}
        self.on_room = _ignore

    def __len__(self) -> int:
        return len(self._since)

    def __contains__(self, handshake: PendingHandshake) -> bool:
        return handshake in self._since

    def seconds_until_room(self, now: float) -> float:
        """Return how long a new connection has to wait; 0 if it has not, infinity if that hangs on others."""
        if len(self._since) < self._limits.max_handshakes:
            return 0.0
        patience = self._limits.handshake_patience
        for handshake, since in self._since.items():
            if handshake.is_silent:
                return max(since + patience - now, 0.0)
        return inf

    def add(self, handshake: PendingHandshake, host: str | None, now: float) -> bool:
        """Let a new connection begin its handshake; another may be dropped for it. False: there is no room.

        `host` is the host that it comes from, None if that is not to count.
        """
        if self.seconds_until_room(now):
            return False
        if len(self._since) >= self._limits.max_handshakes:
            self._make_room(now)
        self._since[handshake] = now
        self.set_host(handshake, host)
        return True

    def set_host(self, handshake: PendingHandshake, host: str | None) -> None:
        """Note where a handshake comes from, if that was not known from the beginning."""
        if host is not None and handshake in self._since:
            self._host_of[handshake] = host
            self._count_of[host] = self._count_of.get(host, 0) + 1

    def remove(self, handshake: PendingHandshake) -> None:
        """Note that a handshake is over, for better or worse. Idempotent."""
        if self._since.pop(handshake, None) is None:
            return
        host = self._host_of.pop(handshake, None)
        if host is not None:
            self._count_of[host] -= 1
            if not self._count_of[host]:
                del self._count_of[host]
        self.on_room()

    def _make_room(self, now: float) -> None:
        """Drop the oldest stale one: of a host that takes more than its share, if there is one."""
        latest = now - self._limits.handshake_patience
        oldest = None
        for handshake, since in self._since.items():
            if since > latest:
                break
            if not handshake.is_silent:
                continue
            oldest = oldest or handshake
            if self._takes_too_much(handshake):
                oldest = handshake
                break
        if oldest is not None:
            self.remove(oldest)
            oldest.abort()

    def _takes_too_much(self, handshake: PendingHandshake) -> bool:
        host = self._host_of.get(handshake, "")
        return self._count_of.get(host, 0) > self._limits.max_handshakes_per_address


def _ignore() -> None:
    """Nobody waits for room yet."""
