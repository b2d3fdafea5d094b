"""`MeterSchedule`: when a meter is to be read, and in which message what is read goes (C16 3.16, J01, J02).

It reads nothing and sends nothing: the readings are yours. `TransactionData` gathers those for the
message that ends a transaction.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from math import floor, inf
from typing import Generic, Self, TypeVar

from msgspec import Struct
from msgspec.structs import force_setattr

from ocpp_sansio.core import require_seconds, require_whole
from ocpp_sansio.station.configuration import ConfigurationStore

__all__ = [
    "MeterPlan",
    "MeterReading",
    "MeterSchedule",
    "ReadingContext",
    "TransactionData",
    "thinned",
]

DAY = 86400.0


class ReadingContext(StrEnum):
    """Why a meter is read, as the `context` of a value spells it."""

    TRANSACTION_BEGIN = "Transaction.Begin"
    TRANSACTION_END = "Transaction.End"
    SAMPLE_PERIODIC = "Sample.Periodic"
    SAMPLE_CLOCK = "Sample.Clock"
    TRIGGER = "Trigger"


class MeterPlan(Struct, frozen=True, kw_only=True):
    """What is to be measured and how often, as the configuration has it; an interval of 0 is never.

    The names of the keys of 1.6 and the variables of 2.x are with the fields. Raises ValueError for an
    interval that cannot be.
    """

    sample_interval: float = 0.0
    """MeterValueSampleInterval; SampledDataTxUpdatedInterval: seconds, from the start of a transaction on."""
    sampled: Sequence[str] = ()
    """MeterValuesSampledData; SampledDataTxUpdatedMeasurands."""
    aligned_interval: float = 0.0
    """ClockAlignedDataInterval; AlignedDataInterval: seconds, from midnight UTC on."""
    aligned: Sequence[str] = ()
    """MeterValuesAlignedData; AlignedDataMeasurands."""
    end_sample_interval: float | None = None
    """SampledDataTxEndedInterval; None: as `sample_interval`, which 1.6 knows only; 0: start and end only."""
    end_sampled: Sequence[str] = ()
    """StopTxnSampledData; SampledDataTxEndedMeasurands."""
    end_aligned_interval: float | None = None
    """AlignedDataTxEndedInterval; None: as `aligned_interval`, which 1.6 knows only."""
    end_aligned: Sequence[str] = ()
    """StopTxnAlignedData; AlignedDataTxEndedMeasurands."""
    started: Sequence[str] = ()
    """SampledDataTxStartedMeasurands, for the message that starts a transaction."""
    reads_idle: bool = True
    """AlignedDataSendDuringIdle: whether connectors without a transaction have clock-aligned values sent."""

    def __post_init__(self) -> None:
        for name, interval in (
            ("sample_interval", self.sample_interval),
            ("aligned_interval", self.aligned_interval),
            ("end_sample_interval", self.end_sample_interval or 0.0),
            ("end_aligned_interval", self.end_aligned_interval or 0.0),
        ):
            require_seconds(name, interval, finite=True)
        for name in ("sampled", "aligned", "end_sampled", "end_aligned", "started"):
            force_setattr(self, name, tuple(getattr(self, name)))

    @classmethod
    def from_configuration(cls, configuration: ConfigurationStore) -> Self:
        """Return what the keys of a 1.6 station say; one that it does not have is never, or nothing."""

        def seconds(name: str) -> int:
            return configuration.integer(name) if name in configuration else 0

        def measurands(name: str) -> tuple[str, ...]:
            return configuration.items(name) if name in configuration else ()

        return cls(
            sample_interval=seconds("MeterValueSampleInterval"),
            sampled=measurands("MeterValuesSampledData"),
            aligned_interval=seconds("ClockAlignedDataInterval"),
            aligned=measurands("MeterValuesAlignedData"),
            end_sampled=measurands("StopTxnSampledData"),
            end_aligned=measurands("StopTxnAlignedData"),
        )


class MeterReading(Struct, frozen=True):
    """Read a meter now."""

    connector: int
    """The connector in 1.6, the EVSE in 2.x; 0 is the main meter."""
    transaction: str | None
    """The key of its transaction; None: it has none."""
    context: ReadingContext
    send: tuple[str, ...]
    """The measurands to send at once: in MeterValues, or in a TransactionEvent; none: send nothing."""
    keep: tuple[str, ...]
    """The measurands to keep for the message that ends the transaction: see `TransactionData`."""


class _Running:
    """The timers of one transaction."""

    __slots__ = ("end_sample_at", "key", "sample_at")

    def __init__(self, key: str, sample_at: float, end_sample_at: float) -> None:
        self.key = key
        self.sample_at = sample_at
        self.end_sample_at = end_sample_at


class MeterSchedule:
    """The timers of one station's meters.

    A time that was slept through is made up for once, and the times after it stay where they were.
    Midnight is that of UTC; an interval that does not divide the day begins anew with each.
    """

    __slots__ = ("_aligned_at", "_connectors", "_end_aligned_at", "_plan", "_running")

    def __init__(self, plan: MeterPlan, connectors: Iterable[int]) -> None:
        """Begin with no transactions; `connectors` are those with a meter, 0 for the main one."""
        self._plan = plan
        self._connectors = tuple(connectors)
        self._running: dict[int, _Running] = {}
        self._aligned_at: float | None = None  # in UTC, since midnight is
        self._end_aligned_at: float | None = None

    def configure(self, plan: MeterPlan, *, now: float) -> None:
        """Go on with another plan: its intervals count from now on. The same again changes nothing."""
        if plan == self._plan:
            return
        self._plan = plan
        self._aligned_at = self._end_aligned_at = None
        for running in self._running.values():
            running.sample_at = now + (plan.sample_interval or inf)
            running.end_sample_at = now + (self._end_sample_interval or inf)

    def started(self, connector: int, transaction: str, *, now: float) -> MeterReading:
        """Note that a transaction has started, or goes on after a restart; return what to read for it."""
        plan = self._plan
        self._running[connector] = _Running(
            transaction,
            now + (plan.sample_interval or inf),
            now + (self._end_sample_interval or inf),
        )
        return MeterReading(
            connector,
            transaction,
            ReadingContext.TRANSACTION_BEGIN,
            tuple(plan.started),
            tuple(plan.end_sampled),
        )

    def ended(self, connector: int) -> MeterReading:
        """Note that the transaction of a connector ends; return what to read for it.

        Raises KeyError for a connector that has none.
        """
        running = self._running.pop(connector)
        return MeterReading(
            connector,
            running.key,
            ReadingContext.TRANSACTION_END,
            (),
            tuple(self._plan.end_sampled),
        )

    def take(self, *, now: float, utc: float | None) -> list[MeterReading]:
        """Return what to read now; `utc` is the time in seconds since 1970, None if it is not known (K-7)."""
        readings = [
            reading
            for connector, running in self._running.items()
            if (reading := self._sample(connector, running, now))
        ]
        return [*self._align(utc), *readings]

    def next_timeout(self, *, now: float, utc: float | None) -> float | None:
        """Return when `take` will have something, in the seconds of your `now`; None: not by itself."""
        times = [running.sample_at for running in self._running.values() if self._plan.sampled]
        times += [
            running.end_sample_at for running in self._running.values() if self._plan.end_sampled
        ]
        if utc is not None:
            self._set_out(utc)
            at = [each for each in (self._aligned_at, self._end_aligned_at) if each is not None]
            times += [now + max(0.0, each - utc) for each in at]
        return min((time for time in times if time < inf), default=None)

    @property
    def _end_sample_interval(self) -> float:
        own = self._plan.end_sample_interval
        return self._plan.sample_interval if own is None else own

    @property
    def _end_aligned_interval(self) -> float:
        own = self._plan.end_aligned_interval
        return self._plan.aligned_interval if own is None else own

    def _sample(self, connector: int, running: _Running, now: float) -> MeterReading | None:
        plan = self._plan
        send: tuple[str, ...] = ()
        keep: tuple[str, ...] = ()
        if running.sample_at <= now:
            running.sample_at = _after(running.sample_at, plan.sample_interval, now)
            send = tuple(plan.sampled)
        if running.end_sample_at <= now:
            running.end_sample_at = _after(running.end_sample_at, self._end_sample_interval, now)
            keep = tuple(plan.end_sampled)
        if not send and not keep:
            return None
        return MeterReading(connector, running.key, ReadingContext.SAMPLE_PERIODIC, send, keep)

    def _align(self, utc: float | None) -> list[MeterReading]:
        if utc is None:
            return []
        self._set_out(utc)
        is_due = self._aligned_at is not None and self._aligned_at <= utc
        is_end_due = self._end_aligned_at is not None and self._end_aligned_at <= utc
        if is_due:
            self._aligned_at = _next_aligned(utc, self._plan.aligned_interval)
        if is_end_due:
            self._end_aligned_at = _next_aligned(utc, self._end_aligned_interval)
        readings = []
        for connector in self._connectors:
            running = self._running.get(connector)
            is_sent = is_due and (running is not None or self._plan.reads_idle)
            send = tuple(self._plan.aligned) if is_sent else ()
            keep = tuple(self._plan.end_aligned) if is_end_due and running else ()
            if send or keep:
                key = running.key if running else None
                readings.append(
                    MeterReading(connector, key, ReadingContext.SAMPLE_CLOCK, send, keep)
                )
        return readings

    def _set_out(self, utc: float) -> None:
        """Find the next times of day, after a new plan, and after a clock that went back."""
        plan = self._plan
        self._aligned_at = _ahead(self._aligned_at, utc, plan.aligned_interval, plan.aligned)
        self._end_aligned_at = _ahead(
            self._end_aligned_at, utc, self._end_aligned_interval, plan.end_aligned
        )


def _ahead(
    at: float | None, utc: float, interval: float, measurands: Sequence[str]
) -> float | None:
    if not measurands or interval <= 0:
        return None
    upcoming = _next_aligned(utc, interval)
    return upcoming if at is None else min(at, upcoming)


def _after(at: float, interval: float, now: float) -> float:
    """Return the first time after `now` that is a whole number of intervals after `at`."""
    return at + (floor((now - at) / interval) + 1) * interval


def _next_aligned(utc: float, interval: float) -> float:
    """Return the next multiple of an interval since midnight, or the next midnight if that is sooner."""
    midnight = floor(utc / DAY) * DAY
    upcoming = midnight + (floor((utc - midnight) / interval) + 1) * interval
    return min(upcoming, midnight + DAY)


ItemT = TypeVar("ItemT")


def thinned(values: Sequence[ItemT], fits: Callable[[Sequence[ItemT]], bool]) -> list[ItemT]:
    """Return what is left of the values of a transaction when they are too many for one message (T-34).

    The 1st, 3rd, 5th … of those between the first and the last go, again and again until it `fits`; the first
    and the last stay in any case. `fits` is asked about all that is left: `lambda left: len(left) <= 100`.
    """
    left = list(values)
    while len(left) > 2 and not fits(left):  # noqa: PLR2004 - the first and the last
        left = [left[0], *left[2:-1:2], left[-1]]
    return left


class TransactionData(Generic[ItemT]):
    """What is read of one transaction, for the message that ends it; never more than so many (T-34)."""

    __slots__ = ("_most", "_values")

    def __init__(self, most: int) -> None:
        """Begin with none; `most` is StopTransactionMaxMeterValues. Raises ValueError for less than 2."""
        require_whole("most", most, 2)
        self._most = most
        self._values: list[ItemT] = []

    def add(self, value: ItemT) -> None:
        """Keep a value; if there are too many then, half of those between the first and the last go."""
        self._values.append(value)
        if len(self._values) > self._most:
            self._values = thinned(self._values, lambda left: len(left) <= self._most)

    @property
    def values(self) -> list[ItemT]:
        """What is kept, in the order in which it was added."""
        return list(self._values)
