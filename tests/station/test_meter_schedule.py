"""`MeterSchedule`, `thinned` and `TransactionData`: C16 3.16, J01, J02, T-34, K-7; virtual time."""

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_sansio.station import (
    ConfigurationStore,
    MeterPlan,
    MeterReading,
    MeterSchedule,
    ReadingContext,
    TransactionData,
    thinned,
)

MIDNIGHT = 20_000 * 86400.0
ENERGY = ("Energy.Active.Import.Register",)
POWER = ("Power.Active.Import",)
VOLTAGE = ("Voltage",)
BEGIN, END = ReadingContext.TRANSACTION_BEGIN, ReadingContext.TRANSACTION_END
PERIODIC, CLOCK = ReadingContext.SAMPLE_PERIODIC, ReadingContext.SAMPLE_CLOCK


def day(
    plan: MeterPlan, *, start: float, end: float, utc: float | None
) -> list[tuple[float, MeterReading]]:
    """Return what is read on two connectors between two times, at the very times that are announced.

    Connector 1 has a transaction from `start` on; `utc` is the time at 0.
    """
    schedule = MeterSchedule(plan, [1, 2])
    found = [(start, schedule.started(1, "a", now=start))]
    now = start
    while True:
        wanted = schedule.next_timeout(now=now, utc=None if utc is None else utc + now)
        if wanted is None or wanted > end:
            return [*found, (end, schedule.ended(1))]
        now = max(now, wanted)
        readings = schedule.take(now=now, utc=None if utc is None else utc + now)
        assert readings, now
        found += [(now, reading) for reading in readings]


def test_samples_come_each_interval_from_the_start_of_the_transaction_on() -> None:
    plan = MeterPlan(sample_interval=60, sampled=POWER, end_sampled=ENERGY)
    assert day(plan, start=10.0, end=200.0, utc=None) == [
        (10.0, MeterReading(1, "a", BEGIN, (), ENERGY)),
        (70.0, MeterReading(1, "a", PERIODIC, POWER, ENERGY)),
        (130.0, MeterReading(1, "a", PERIODIC, POWER, ENERGY)),
        (190.0, MeterReading(1, "a", PERIODIC, POWER, ENERGY)),
        (200.0, MeterReading(1, "a", END, (), ENERGY)),
    ]


@pytest.mark.parametrize(
    ("interval", "times"), [(None, [60, 120, 180]), (100.0, [100, 200]), (0.0, [])]
)
def test_2_x_keeps_values_for_the_end_at_an_interval_of_their_own(
    interval: float | None, times: list[float]
) -> None:
    plan = MeterPlan(
        sample_interval=60, end_sample_interval=interval, end_sampled=ENERGY, started=VOLTAGE
    )
    found = day(plan, start=0.0, end=210.0, utc=None)
    assert found[0] == (0.0, MeterReading(1, "a", BEGIN, VOLTAGE, ENERGY))
    assert [(now, each.send, each.keep) for now, each in found[1:-1]] == [
        (now, (), ENERGY) for now in times
    ]


@pytest.mark.parametrize(
    "plan",
    [
        MeterPlan(),
        MeterPlan(sampled=POWER, end_sampled=ENERGY, aligned=POWER, end_aligned=ENERGY),
        MeterPlan(sample_interval=60, aligned_interval=900),
    ],
)
def test_an_interval_of_0_and_a_list_without_measurands_are_never(plan: MeterPlan) -> None:
    assert len(day(plan, start=0.0, end=86400.0, utc=MIDNIGHT)) == 2
    schedule = MeterSchedule(plan, [1])
    schedule.started(1, "a", now=0.0)
    assert schedule.take(now=1e6, utc=MIDNIGHT + 1e6) == []


def test_aligned_values_come_at_multiples_since_midnight_of_each_connector() -> None:
    plan = MeterPlan(aligned_interval=900, aligned=POWER, end_aligned=ENERGY)
    at_noon = MIDNIGHT + 43200 + 100
    found = day(plan, start=0.0, end=1800.0, utc=at_noon)[1:-1]
    assert found == [
        (now, reading)
        for now in (800.0, 1700.0)
        for reading in (
            MeterReading(1, "a", CLOCK, POWER, ENERGY),
            MeterReading(2, None, CLOCK, POWER, ()),
        )
    ]


def test_idle_connectors_are_left_out_where_the_plan_says_so() -> None:
    plan = MeterPlan(aligned_interval=900, aligned=POWER, reads_idle=False)
    found = day(plan, start=0.0, end=1000.0, utc=MIDNIGHT)[1:-1]
    assert found == [(900.0, MeterReading(1, "a", CLOCK, POWER, ()))]


def test_2_x_keeps_aligned_values_at_an_interval_of_their_own() -> None:
    plan = MeterPlan(
        aligned_interval=900, aligned=POWER, end_aligned_interval=1200, end_aligned=ENERGY
    )
    found = day(plan, start=0.0, end=2000.0, utc=MIDNIGHT)[1:-1]
    assert [(now, each.connector, each.send, each.keep) for now, each in found] == [
        (900.0, 1, POWER, ()),
        (900.0, 2, POWER, ()),
        (1200.0, 1, (), ENERGY),
        (1800.0, 1, POWER, ()),
        (1800.0, 2, POWER, ()),
    ]


def test_an_interval_that_does_not_divide_the_day_begins_anew_at_midnight() -> None:
    plan = MeterPlan(aligned_interval=50_000, aligned=POWER)
    found = day(plan, start=0.0, end=200_000.0, utc=MIDNIGHT)[1:-1]
    assert [now for now, each in found if each.connector == 1] == [50_000, 86_400, 136_400, 172_800]


def test_no_aligned_value_before_the_clock_is_set_nor_twice_after_it_is() -> None:
    plan = MeterPlan(aligned_interval=900, aligned=POWER)
    schedule = MeterSchedule(plan, [1])
    assert schedule.next_timeout(now=5000.0, utc=None) is None
    assert schedule.take(now=5000.0, utc=None) == []  # K-7
    assert schedule.take(now=5000.0, utc=MIDNIGHT + 899) == []
    assert schedule.next_timeout(now=5000.0, utc=MIDNIGHT + 899) == 5001.0
    assert len(schedule.take(now=5001.0, utc=MIDNIGHT + 900)) == 1
    assert schedule.take(now=5001.0, utc=MIDNIGHT + 900) == []


def test_a_clock_that_jumps_ahead_gives_one_reading_and_one_that_goes_back_none_at_once() -> None:
    schedule = MeterSchedule(MeterPlan(aligned_interval=900, aligned=POWER), [1])
    assert schedule.take(now=0.0, utc=MIDNIGHT) == []
    assert len(schedule.take(now=1.0, utc=MIDNIGHT + 9000)) == 1
    assert schedule.next_timeout(now=1.0, utc=MIDNIGHT + 9000) == 901.0
    assert schedule.take(now=2.0, utc=MIDNIGHT + 100) == []
    assert schedule.next_timeout(now=2.0, utc=MIDNIGHT + 100) == 802.0


def test_a_time_that_was_slept_through_is_made_up_for_once() -> None:
    schedule = MeterSchedule(MeterPlan(sample_interval=60, sampled=POWER), [1])
    schedule.started(1, "a", now=0.0)
    assert len(schedule.take(now=200.0, utc=None)) == 1
    assert schedule.take(now=200.0, utc=None) == []
    assert schedule.next_timeout(now=200.0, utc=None) == 240.0


def test_a_new_plan_counts_from_now_on() -> None:
    schedule = MeterSchedule(MeterPlan(sample_interval=60, sampled=POWER), [1])
    schedule.started(1, "a", now=0.0)
    schedule.configure(MeterPlan(sample_interval=10, sampled=VOLTAGE), now=50.0)
    assert schedule.next_timeout(now=50.0, utc=None) == 60.0
    assert schedule.take(now=60.0, utc=None) == [MeterReading(1, "a", PERIODIC, VOLTAGE, ())]
    schedule.configure(MeterPlan(), now=61.0)
    assert schedule.next_timeout(now=61.0, utc=MIDNIGHT) is None


def test_a_plan_is_what_the_keys_of_1_6_say() -> None:
    assert MeterPlan.from_configuration(ConfigurationStore({})) == MeterPlan()
    configuration = ConfigurationStore(
        {
            "MeterValueSampleInterval": "60",
            "MeterValuesSampledData": "Voltage,Power.Active.Import",
            "ClockAlignedDataInterval": "900",
            "MeterValuesAlignedData": "Power.Active.Import",
            "StopTxnSampledData": "",
            "StopTxnAlignedData": "Energy.Active.Import.Register",
        }
    )
    assert MeterPlan.from_configuration(configuration) == MeterPlan(
        sample_interval=60,
        sampled=(*VOLTAGE, *POWER),
        aligned_interval=900,
        aligned=POWER,
        end_aligned=ENERGY,
    )


def test_a_connector_without_a_transaction_cannot_end_one() -> None:
    schedule = MeterSchedule(MeterPlan(), [1])
    with pytest.raises(KeyError):
        schedule.ended(1)


@pytest.mark.parametrize("interval", [-1.0, inf, float("nan")])
@pytest.mark.parametrize("name", ["sample_interval", "aligned_interval", "end_sample_interval"])
def test_an_interval_that_cannot_be_is_a_mistake(name: str, interval: float) -> None:
    with pytest.raises(ValueError, match=name):
        MeterPlan(**{name: interval})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("count", "most", "left"),
    [
        (5, 5, [0, 1, 2, 3, 4]),
        (5, 4, [0, 2, 4]),
        (6, 4, [0, 2, 4, 5]),
        (9, 5, [0, 2, 4, 6, 8]),
        (9, 4, [0, 4, 8]),
        (9, 2, [0, 8]),
        (9, 0, [0, 8]),
        (2, 0, [0, 1]),
        (1, 0, [0]),
        (0, 0, []),
    ],
)
def test_the_odd_ones_between_the_first_and_the_last_go(
    count: int, most: int, left: list[int]
) -> None:
    assert thinned(range(count), lambda values: len(values) <= most) == left


@settings(max_examples=50)
@given(st.integers(2, 20), st.integers(1, 300))
def test_what_is_kept_of_a_transaction_has_its_first_and_its_last_in_order_and_no_more_than_allowed(
    most: int, count: int
) -> None:
    data: TransactionData[int] = TransactionData(most)
    for value in range(count):
        data.add(value)
        kept = data.values
        assert kept[0] == 0
        assert kept[-1] == value
        assert kept == sorted(set(kept))
        assert len(kept) <= most
    with pytest.raises(ValueError, match="most"):
        TransactionData(1)


def test_a_plan_that_is_the_same_again_moves_no_timer() -> None:
    plan = MeterPlan(sample_interval=60, sampled=VOLTAGE)
    schedule = MeterSchedule(plan, [1])
    schedule.started(1, "a", now=0.0)
    schedule.configure(MeterPlan(sample_interval=60.0, sampled=list(VOLTAGE)), now=50.0)
    assert schedule.next_timeout(now=50.0, utc=None) == 60.0


@pytest.mark.parametrize(
    "name", ["sample_interval", "aligned_interval", "end_sample_interval", "end_aligned_interval"]
)
def test_an_interval_that_cannot_be_is_refused_by_its_name(name: str) -> None:
    for interval in (-1.0, inf):
        with pytest.raises(ValueError, match=f"^{name}"):
            MeterPlan(**{name: interval})  # type: ignore[arg-type]
