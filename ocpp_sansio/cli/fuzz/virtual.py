"""A peer in this process in the place of a socket, on a virtual clock: fast, and the same every time."""

import sys
from collections import deque
from collections.abc import Callable
from typing import Final

from ocpp_sansio.cli.fuzz.wire import Gone
from ocpp_sansio.core import Frame, Version
from ocpp_sansio.testing import Peer

__all__ = ["InProcess"]

PATIENCE: Final = 60.0
"""Virtual seconds, which cost nothing."""


class InProcess:
    """Opens connections to a peer of this process: the same one each time, or a fresh one to start anew."""

    reconnects = sys.maxsize
    address = "a peer in this process"

    def __init__(self, make_peer: Callable[[], Peer], version: Version) -> None:
        """Make the peer; `version` is what is agreed on with it."""
        self._make_peer = make_peer
        self._version = version
        self._peer = make_peer()
        self._wire: _Wire | None = None
        self._clock = [0.0]

    def open(self, _: float) -> "_Wire":
        """Return a new connection to the peer."""
        if self._wire:
            self._wire.close()
        self._wire = _Wire(self._peer, self._version, self._clock)
        return self._wire

    def start_anew(self) -> None:
        """Let the next connection be to a peer that has seen nothing yet."""
        if self._wire:
            self._wire.close()
        self._peer = self._make_peer()


class _Wire:
    patience = PATIENCE

    def __init__(self, peer: Peer, version: Version, clock: list[float]) -> None:
        self.version = version
        self._peer = peer
        self._clock = clock
        self._inbox: deque[bytes] = deque()
        self._is_open = True
        peer.connected(version, now=clock[0])
        self._collect()

    def now(self) -> float:
        return self._clock[0]

    def send(self, data: bytes) -> None:
        if not self._is_open:
            raise Gone(None)
        self._peer.received(data, now=self.now())
        self._collect()

    def receive(self, seconds: float) -> bytes | None:
        if self._inbox:
            return self._inbox.popleft()
        if not self._is_open:
            raise Gone(1011)
        end = self.now() + seconds
        while (due := self._peer.next_timeout()) is not None and due <= end:
            self._clock[0] = max(due, self.now())
            self._peer.handle_timeout(now=self.now())
            self._collect()
            if self._inbox:
                return self._inbox.popleft()
        self._clock[0] = end
        return None

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._peer.disconnected(now=self.now())
            self._peer.events()
            self._peer.frames_to_send()

    def _collect(self) -> None:
        """Take what the peer wants sent; one that hangs up says so by `is_closed`."""
        self._peer.events()
        for frame in self._peer.frames_to_send():
            data = frame.data if isinstance(frame, Frame) else frame
            self._inbox.append(data.encode() if isinstance(data, str) else bytes(data))
        if getattr(self._peer, "is_closed", False):
            self._is_open = False
