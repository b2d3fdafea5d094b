"""What of a station a power cut does not change: cables, cars, and the meters that count what they take."""

from collections.abc import Callable

from ocpp_sansio.station import ReadMeter, Sample

__all__ = ["Hardware", "Outlet"]

_HOUR = 3600.0


class Outlet:
    """One connector with its meter, which counts while current flows."""

    def __init__(self, number: int, *, watts: float, meter: float = 0.0) -> None:
        self.number = number
        self.is_plugged = False
        self._watts = watts
        self._counted = meter
        self._since: float | None = None

    def wh(self, now: float) -> int:
        """Return what the meter shows, in whole Wh."""
        flowing = 0.0 if self._since is None else (now - self._since) * self._watts / _HOUR
        return int(self._counted + flowing)

    def close_relay(self, now: float) -> None:
        """Let current flow."""
        if self._since is None:
            self._since = now

    def open_relay(self, now: float) -> None:
        """Let it flow no more, as a power cut does too."""
        if self._since is not None:
            self._counted += (now - self._since) * self._watts / _HOUR
            self._since = None

    def take(self, wh: float) -> None:
        """Let a car take some energy at once: time is short."""
        self._counted += wh

    def at_least(self, wh: float) -> None:
        """Have the meter show what it has shown before, in an earlier process."""
        self._counted = max(self._counted, wh)


class Hardware:
    """The connectors of a station, from 1."""

    def __init__(self, connectors: int, *, watts: float) -> None:
        self.outlets = {number: Outlet(number, watts=watts) for number in range(1, connectors + 1)}

    def wh(self, number: int, now: float) -> int:
        """Return what the meter of a connector shows; 0 if there were more connectors once than now."""
        outlet = self.outlets.get(number)
        return outlet.wh(now) if outlet else 0

    def read_meter(self, now: Callable[[], float]) -> ReadMeter:
        """Return what reads the meters for a station."""
        return lambda number, _: [Sample(self.wh(number, now()))]
