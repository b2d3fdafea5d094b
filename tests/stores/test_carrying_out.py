"""`carry_out`: what a loop without helpers does for a station at each turn (D-4, D-9)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ocpp_sansio import Connection, Role, Version, v16
from ocpp_sansio.station import Station, StationSettings, StoreFailed
from ocpp_sansio.stores import MemoryStore, carry_out
from ocpp_sansio.testing import FaultyStore, Link, StoreFault

START = v16.StartTransactionRequest(
    connector_id=1, id_tag="A", meter_start=0, timestamp=datetime(2026, 11, 26, tzinfo=UTC)
)
ANSWERS: dict[str, dict[str, Any]] = {
    "BootNotification": {
        "status": "Accepted",
        "currentTime": "2026-11-26T00:00:00Z",
        "interval": 0,
    },
    "SecurityEventNotification": {},
}
EVENT = {"type": "ResetOrReboot", "timestamp": "2026-11-26T00:00:00Z"}


def boot(*_: Any) -> v16.BootNotificationRequest:
    return v16.BootNotificationRequest(charge_point_vendor="V", charge_point_model="M")


def test_all_that_is_asked_for_is_stored_and_said_so() -> None:
    station, store = Station(boot, random=lambda: 0.0), MemoryStore()
    assert carry_out(station, store, now=0.0)
    station.post(START, transaction="a", now=0.0)
    station.keep("colour", "blue", now=0.0)
    assert carry_out(station, store, now=0.0)
    assert station.stored_token == station.last_token
    assert [each.action for each in store.load().records] == ["StartTransaction"]
    assert store.load().values == {"colour": "blue"}


def test_a_store_that_fails_is_told_of_and_asked_again_later() -> None:
    station = Station(boot, random=lambda: 0.0)
    store = FaultyStore(faults={1: StoreFault.REFUSED})
    station.post(START, transaction="a", now=0.0)
    assert not carry_out(station, store, now=0.0)
    (failed,) = station.events()
    assert isinstance(failed, StoreFailed)
    assert "the medium is full" in failed.error
    assert not carry_out(station, store, now=29.0)
    station.handle_timeout(now=30.0)
    assert carry_out(station, store, now=30.0)
    assert len(store.load().records) == 1


def test_all_is_stored_once_a_store_is_sound_again_though_a_message_came_and_went_meanwhile() -> (
    None
):
    station = Station(boot, random=lambda: 0.0, settings=StationSettings(forget_delay=0.0))
    store = FaultyStore(faults={1: StoreFault.REFUSED, 2: StoreFault.REFUSED})
    csms = Connection(Role.CSMS)

    def answer(call: Any) -> None:
        csms.send_call_result(call, ANSWERS[call.action], now=0.0)

    link = Link(station, csms, on_csms_event=answer)
    link.connect(Version.OCPP16)
    link.run_until_idle()
    station.post("SecurityEventNotification", EVENT, now=0.0)
    assert not carry_out(station, store, now=0.0)
    link.run_until_idle()
    assert station.queued_messages() == 0
    assert not carry_out(station, store, now=0.0)  # its removal
    link.advance(60.0)
    assert carry_out(station, store, now=60.0)
    assert store.load().records == ()


def test_what_is_no_failure_of_the_store_passes() -> None:
    class Broken(MemoryStore):
        def apply(self, requests: Any) -> int:
            raise ZeroDivisionError(requests)

    station = Station(boot, random=lambda: 0.0)
    station.post(START, transaction="a", now=0.0)
    with pytest.raises(ZeroDivisionError):
        carry_out(station, Broken(), now=0.0)
