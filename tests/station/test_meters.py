"""What a meter shows, what is remembered of it, and the values in each version's words."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ocpp_sansio import LocalProtocolError
from ocpp_sansio.station import ENERGY, MeterFailed, Sample
from ocpp_sansio.station.meters import Meters
from ocpp_sansio.station.payloads import (
    ConnectorStatus,
    charging_state,
    is_among,
    meter_value_2x,
    meter_value_16,
    status_2x,
    watt_hours,
)

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Bus:
    """A meter a connector, whose register is a thousand times its number; and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, tuple[str, ...]]] = []
        self.is_broken = False

    def __call__(self, connector: int, measurands: tuple[str, ...]) -> Iterable[Sample]:
        self.asked.append((connector, measurands))
        if self.is_broken:
            raise OSError(5, "no answer\non the bus")
        yield Sample(16, "Current.Import", "A")
        if ENERGY in measurands:
            yield Sample(1000 * connector)


def test_a_meter_is_asked_once_for_each_measurand_and_not_at_all_for_none() -> None:
    bus = Bus()
    meters = Meters(bus)
    assert meters.samples(2, ("a", ENERGY, "a")) == (
        Sample(16, "Current.Import", "A"),
        Sample(2000),
    )
    assert bus.asked == [(2, ("a", ENERGY))]
    assert meters.samples(2, ()) == ()
    assert len(bus.asked) == 1


def test_a_meter_that_fails_is_told_of_once_and_its_last_register_is_known() -> None:
    bus = Bus()
    meters = Meters(bus)
    assert meters.register(1) == meters.last_register(1) == 1000
    assert meters.samples(2, (ENERGY,))  # seen in passing
    bus.is_broken = True
    assert (meters.last_register(1), meters.last_register(2)) == (1000, 2000)
    assert meters.samples(3, ("a",)) == ()
    text = "[Errno 5] no answer\\non the bus"
    assert meters.failures() == [MeterFailed(connector, text) for connector in (1, 2, 3)]
    assert meters.failures() == []
    with pytest.raises(OSError, match="bus"):
        meters.last_register(3)  # it was never read
    with pytest.raises(OSError, match="bus"):
        meters.register(1)
    assert meters.failures() == []  # you have the exception
    assert meters.with_register(1, ("a",), 77) == (Sample(77),)


def test_a_meter_without_a_register_is_no_meter_to_bill_by() -> None:
    meters = Meters(lambda *_: [Sample(1, "Voltage", "V")])
    with pytest.raises(LocalProtocolError, match=f"connector 4 has no {ENERGY}"):
        meters.register(4)
    assert meters.with_register(4, (), 5) == (Sample(1, "Voltage", "V"), Sample(5))
    assert Meters(Bus()).with_register(4, (), 5)[-1] == Sample(4000)


@pytest.mark.parametrize(
    ("samples", "register"),
    [
        ([], None),
        ([Sample(7, "Voltage")], None),
        ([Sample(7, phase="L1")], None),
        ([Sample(7, phase="L1"), Sample(8), Sample(9)], 8),
        ([Sample(Decimal("7.9"))], 7),
        ([Sample(Decimal("1.2345"), unit="kWh")], 1234),
        ([Sample(3, unit="kWh")], 3000),
    ],
)
def test_the_register_is_in_whole_watt_hours_of_all_phases(
    samples: list[Sample], register: int | None
) -> None:
    assert watt_hours(samples) == register


def test_a_value_is_wanted_by_its_measurand_or_by_that_and_its_phase() -> None:
    voltage = Sample(230, "Voltage", "V", "L1")
    assert is_among(voltage, {"Voltage"})
    assert is_among(voltage, {"Voltage.L1"})
    assert not is_among(voltage, {"Voltage.L2", "Current"})


def test_values_are_texts_in_1_6_and_numbers_in_2_x() -> None:
    samples = [Sample(Decimal("1E+3")), Sample(Decimal("230.10"), "Voltage", "V", "L1")]
    energy = {"measurand": ENERGY, "context": "Sample.Clock"}
    voltage = {"measurand": "Voltage", "context": "Sample.Clock", "phase": "L1"}
    assert meter_value_16(samples, "Sample.Clock", NOON) == {
        "timestamp": NOON,
        "sampledValue": [
            {"value": "1000", "unit": "Wh"} | energy,
            {"value": "230.10", "unit": "V"} | voltage,
        ],
    }
    assert meter_value_2x(samples, "Sample.Clock", NOON) == {
        "timestamp": NOON,
        "sampledValue": [
            {"value": Decimal(1000), "unitOfMeasure": {"unit": "Wh"}} | energy,
            {"value": Decimal("230.10"), "unitOfMeasure": {"unit": "V"}} | voltage,
        ],
    }


def test_a_status_in_the_words_of_2_x() -> None:
    words = {each: each.in_2x for each in ConnectorStatus}
    same = {"Available", "Reserved", "Unavailable", "Faulted"}
    assert words == {each: each if each in same else "Occupied" for each in ConnectorStatus}
    states = {each: charging_state(each) for each in ConnectorStatus}
    said = {"Charging", "SuspendedEV", "SuspendedEVSE"}
    assert states == {each: each if each in said else "EVConnected" for each in ConnectorStatus}
    assert status_2x(3, ConnectorStatus.FINISHING, NOON) == {
        "evseId": 3,
        "connectorId": 1,
        "connectorStatus": "Occupied",
        "timestamp": NOON,
    }
