"""`Meters`: a station's meters as a function of yours reads them, and what to do when it fails."""

from collections.abc import Callable, Iterable

from ocpp_sansio.core import LocalProtocolError, plain
from ocpp_sansio.station.events import MeterFailed
from ocpp_sansio.station.payloads import ENERGY, Sample, watt_hours

__all__ = ["Meters", "ReadMeter"]

ReadMeter = Callable[[int, tuple[str, ...]], Iterable[Sample]]
"""Reads a connector's meter: of the measurands that are named, those that it has. It must not block."""


class Meters:
    """The meters of a station, by connector; the last register of each is remembered."""

    __slots__ = ("_failures", "_read", "_registers")

    def __init__(self, read: ReadMeter) -> None:
        self._read = read
        self._registers: dict[int, int] = {}
        self._failures: list[MeterFailed] = []

    def samples(self, connector: int, measurands: Iterable[str]) -> tuple[Sample, ...]:
        """Return what a meter shows; nothing, and a failure, if it cannot be read."""
        try:
            return self._samples(connector, measurands)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the application's
            self.failed(connector, error)
            return ()

    def register(self, connector: int) -> int:
        """Return the energy register in Wh; raises what reading it does, LocalProtocolError for none."""
        register = watt_hours(self._samples(connector, (ENERGY,)))
        if register is None:
            raise LocalProtocolError(f"the meter of connector {connector} has no {ENERGY}")
        return register

    def last_register(self, connector: int) -> int:
        """Return the same as it is, or was when it could be read last: an end has to be billed."""
        try:
            return self.register(connector)
        except Exception as error:
            if connector not in self._registers:
                raise
            self.failed(connector, error)
            return self._registers[connector]

    def with_register(
        self, connector: int, measurands: Iterable[str], register: int
    ) -> tuple[Sample, ...]:
        """Return what a meter shows, and in any case the register that is billed by."""
        samples = self.samples(connector, (ENERGY, *measurands))
        return samples if watt_hours(samples) is not None else (*samples, Sample(register))

    def failed(self, connector: int, error: Exception) -> None:
        """Note that what was read, or was to be, is of no use."""
        self._failures.append(MeterFailed(connector, plain(str(error))))

    def failures(self) -> list[MeterFailed]:
        """Take what has failed since the last time."""
        taken, self._failures = self._failures, []
        return taken

    def _samples(self, connector: int, measurands: Iterable[str]) -> tuple[Sample, ...]:
        wanted = tuple(dict.fromkeys(measurands))
        samples = tuple(self._read(connector, wanted)) if wanted else ()
        register = watt_hours(samples)
        if register is not None:
            self._registers[connector] = register
        return samples
