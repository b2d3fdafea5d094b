"""`IdleTimer`: when a Heartbeat is due (K-8 to K-12)."""

from math import inf

__all__ = ["IdleTimer"]


class IdleTimer:
    """Due when nothing was sent for a while; and once a day at least if it is what sets the clock."""

    __slots__ = ("_sent_at", "clock_due", "clock_interval", "interval")

    def __init__(self, interval: float, clock_interval: float) -> None:
        """Begin; both in seconds. An interval of 0 leaves only those that set the clock (K-11)."""
        self.interval = interval
        self.clock_interval = clock_interval
        self.clock_due = -inf
        """When the clock is to be asked for, however busy the station is (K-9)."""
        self._sent_at = -inf

    def sent(self, *, now: float) -> None:
        """Note that a call or an answer of ours has left (K-8)."""
        self._sent_at = now

    def asked_for_time(self, *, now: float) -> None:
        """Note that something was sent whose answer tells the time, answered or not (K-11)."""
        self.clock_due = now + self.clock_interval

    @property
    def idle_due(self) -> float:
        """When it is due for want of anything else; a new interval counts from the last activity (K-12)."""
        return self._sent_at + self.interval if self.interval > 0 else inf
