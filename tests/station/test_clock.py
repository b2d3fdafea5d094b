"""The clock and the heartbeat of a station (K-1 to K-12)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from core_pair import V16, V201, in_every_version
from msgspec.structs import replace
from station_pair import MIDNIGHT, SILENT, World, event_2x, make_station, start_16

from ocpp_sansio import CallReceived, ErrorCode, Role, Version
from ocpp_sansio.station import ClockIgnored, ClockSet, Record, Restored, StationClock
from ocpp_sansio.testing import Faults


def beating(version: Version, interval: int = 100, **settings: Any) -> World:
    world = World(version, make_station(**settings))
    world.answers["BootNotification"] = [world.boots("Accepted", interval)]
    return world.connect()


# --- the clock ------------------------------------------------------------------------------------


@in_every_version
@pytest.mark.parametrize("status", ["Accepted", "Pending", "Rejected"])
def test_every_answer_to_a_boot_tells_the_time(version: Version, status: str) -> None:
    world = World(version)
    world.answers["BootNotification"] = [world.boots(status, 50)]
    assert not world.station.clock.is_set
    world.connect()
    assert world.station.clock.utc(now=world.now) == MIDNIGHT
    assert world.station.clock.utc(now=world.now + 5) == MIDNIGHT + timedelta(seconds=5)
    [event] = world.taken(ClockSet)
    assert (event.utc, event.source, event.was_provisional) == (MIDNIGHT, "Heartbeat", True)


def test_half_of_the_round_trip_is_added() -> None:
    clock = StationClock()
    clock.sample(MIDNIGHT, "Heartbeat", now=14.0, sent_at=10.0)
    assert clock.utc(now=14.0) == MIDNIGHT + timedelta(seconds=2)


def test_the_round_trip_is_that_of_the_line() -> None:
    world = World(V16)
    world.link.faults[Role.STATION] = world.link.faults[Role.CSMS] = Faults(latency=3.0)
    world.answers["BootNotification"] = lambda _: world.boots("Accepted", 0)
    world.connect().advance(10)
    assert world.station.clock.utc(now=world.now) == MIDNIGHT + timedelta(seconds=world.now)


def test_a_slow_sample_sets_a_clock_only_if_it_is_not_set() -> None:
    clock = StationClock(max_round_trip=10.0)
    assert isinstance(clock.sample(MIDNIGHT, "Heartbeat", now=20.0, sent_at=0.0), ClockSet)
    assert clock.sample(MIDNIGHT, "Heartbeat", now=40.0, sent_at=20.0) is None
    assert clock.utc(now=20.0) == MIDNIGHT + timedelta(seconds=10)


def test_a_step_is_told_and_moves_no_timer() -> None:
    world = beating(V16)
    world.taken(object)
    world.station.wall_clock(MIDNIGHT + timedelta(days=300), "NTP", now=world.now)
    assert world.run().taken(ClockSet)[0].step == timedelta(days=300).total_seconds()
    world.advance(99)
    assert world.moments("Heartbeat") == []
    world.advance(1)
    assert world.moments("Heartbeat") == [100.0]


@pytest.mark.parametrize(
    "utc",
    [
        datetime(2024, 12, 31, tzinfo=UTC),
        datetime(2101, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1),  # noqa: DTZ001 - that is what is wrong with it
        None,
        "2026-01-01T00:00:00Z",
    ],
)
def test_a_time_that_cannot_be_is_ignored_and_said_so(utc: object) -> None:
    clock = StationClock()
    assert clock.sample(utc, "NTP", now=0.0) == ClockIgnored("NTP")
    assert not clock.is_set


@in_every_version
def test_nonsense_from_the_csms_leaves_the_clock_alone(version: Version) -> None:
    world = beating(version)
    world.answers["Heartbeat"] = {"currentTime": "1970-01-01T00:00:00Z"}
    world.taken(object)
    world.advance(100)
    assert len(world.taken(ClockIgnored)) == 1
    assert world.station.clock.utc(now=world.now) == MIDNIGHT + timedelta(seconds=100)


def test_a_better_source_wins_until_it_has_been_silent_for_a_day() -> None:
    clock = StationClock(sources=("NTP", "Heartbeat"), patience=1000.0)
    later = MIDNIGHT + timedelta(hours=1)
    assert clock.sample(MIDNIGHT, "Heartbeat", now=0.0)
    assert clock.sample(later, "NTP", now=0.0)
    assert clock.sample(MIDNIGHT, "Heartbeat", now=1.0) is None
    assert clock.sample(MIDNIGHT, "a watch", now=1.0) is None
    assert clock.utc(now=0.0) == later
    assert clock.sample(MIDNIGHT, "Heartbeat", now=1001.0)


def test_a_better_source_is_silent_only_when_more_than_its_time_has_gone_by() -> None:
    clock = StationClock(sources=("NTP", "Heartbeat"), patience=1000.0)
    assert clock.sample(MIDNIGHT, "NTP", now=5.0)
    assert clock.sample(MIDNIGHT, "Heartbeat", now=1005.0) is None  # K-2
    assert clock.sample(MIDNIGHT, "Heartbeat", now=1005.5)


@pytest.mark.parametrize(
    "utc", [datetime(2025, 1, 1, tzinfo=UTC), datetime(2100, 12, 31, tzinfo=UTC)]
)
def test_the_first_and_the_last_time_that_can_be_are_taken(utc: datetime) -> None:
    assert isinstance(StationClock().sample(utc, "NTP", now=0.0), ClockSet)  # K-5


def test_a_sample_that_took_just_as_long_as_is_allowed_is_taken() -> None:
    clock = StationClock(max_round_trip=10.0)
    clock.sample(MIDNIGHT, "Heartbeat", now=0.0)
    assert isinstance(clock.sample(MIDNIGHT, "Heartbeat", now=20.0, sent_at=10.0), ClockSet)  # K-3


def test_seconds_are_those_of_utc_once_it_is_known() -> None:
    clock = StationClock()
    assert clock.seconds(now=5.0) is None
    clock.sample(MIDNIGHT, "NTP", now=5.0)
    assert clock.seconds(now=7.0) == MIDNIGHT.timestamp() + 2.0


def test_a_clock_that_nobody_has_asked_begins_with_the_sample_that_sets_it() -> None:
    noted = StationClock().sample(MIDNIGHT, "NTP", now=500.0)
    assert isinstance(noted, ClockSet)
    assert noted.step == (MIDNIGHT - datetime(2025, 1, 1, tzinfo=UTC)).total_seconds()  # K-6


# --- before it is set -----------------------------------------------------------------------------


def test_the_provisional_time_begins_with_what_has_certainly_been_and_goes_on() -> None:
    floor = (MIDNIGHT - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    station = make_station(Restored(utc_floor=floor))
    assert station.clock.utc(now=500.0) == MIDNIGHT
    assert station.clock.utc(now=530.0) == MIDNIGHT + timedelta(seconds=30)
    assert not station.clock.is_set
    assert make_station().clock.utc(now=0.0) == datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("version", [V16, V201], ids=lambda v: v.value)
def test_provisional_timestamps_are_moved_once_the_clock_is_set(version: Version) -> None:
    world = World(version)
    clock = world.station.clock
    clock.utc(now=0.0)
    world.advance(10)
    provisional = clock.utc(now=world.now)
    custom = {"vendorId": "V", "timestamp": "mine"}
    if version is V16:
        message: Any = replace(start_16(), timestamp=provisional)
    else:
        message = replace(
            event_2x(version, "Started", "k", 0), timestamp=provisional, custom_data=custom
        )
    key = "k" if version is V16 else None
    world.station.post(message, transaction=key, now=world.now, is_provisional=True)
    world.advance(90)
    world.station.post(
        start_16(50) if version is V16 else event_2x(version, "Started", "l", 0, seconds=50),
        transaction="l" if version is V16 else None,
        now=world.now,
    )
    world.connect()
    action = "StartTransaction" if version is V16 else "TransactionEvent"
    moved, kept = (body for _, name, body in world.asked if name == action)
    assert datetime.fromisoformat(moved["timestamp"]) == MIDNIGHT + timedelta(seconds=10)
    assert datetime.fromisoformat(kept["timestamp"]) == MIDNIGHT + timedelta(seconds=50)
    assert moved.get("customData", custom) == custom


def test_a_boot_that_never_learns_the_time_begins_after_the_one_before_it() -> None:
    world = World(V16)
    world.advance(10)
    world.station.clock.utc(now=world.now)
    world.advance(5000)
    provisional = world.station.clock.utc(now=world.now)
    message = replace(start_16(), timestamp=provisional)
    world.station.post(message, transaction="k", now=world.now, is_provisional=True)
    world.run()
    restored = world.disk.load()
    assert make_station(restored).clock.utc(now=0.0) == provisional  # K-6
    bodies = (b"{", b'{"timestamp":7}', b'{"timestamp":"soon"}')
    nonsense = [Record(seq=9, version=V16, action="A", body=body) for body in bodies]
    broken = Restored(records=(*restored.records, *nonsense))
    assert make_station(broken).clock.utc(now=0.0) == provisional


def test_what_is_of_an_earlier_boot_is_not_moved_again() -> None:
    world = World(V16)
    provisional = world.station.clock.utc(now=0.0)
    world.station.post(
        replace(start_16(), timestamp=provisional), transaction="k", now=0.0, is_provisional=True
    )
    world.run()
    later = World(V16, make_station(world.disk.load()), disk=world.disk).connect()
    [body] = [body for _, name, body in later.asked if name == "StartTransaction"]
    assert datetime.fromisoformat(body["timestamp"]) == provisional


# --- the heartbeat --------------------------------------------------------------------------------


@in_every_version
def test_it_beats_when_nothing_was_sent_for_the_interval(version: Version) -> None:
    world = beating(version).advance(350)
    assert world.moments("Heartbeat") == [100.0, 200.0, 300.0]


def test_it_beats_each_second_if_it_is_told_to() -> None:
    world = beating(V16, 1).advance(3.5)
    assert world.moments("Heartbeat") == [1.0, 2.0, 3.0]


@in_every_version
def test_a_call_and_an_answer_put_it_off_what_comes_does_not(version: Version) -> None:
    world = beating(version)
    world.advance(60)
    world.station.send_call("DataTransfer", {"vendorId": "V"}, now=world.now)
    world.advance(80)  # 140
    world.csms.send_call("ClearCache", {}, now=world.now)
    world.run()
    [call] = world.taken(CallReceived)
    world.advance(10)  # 150
    world.station.send_call_result(call, {"status": "Accepted"}, now=world.now)
    world.advance(100)
    assert world.moments("Heartbeat") == [250.0]


@in_every_version
@pytest.mark.parametrize("answer", [SILENT, ErrorCode.INTERNAL_ERROR])
def test_a_failure_only_arms_the_next_and_nobody_hears_of_it(version: Version, answer: Any) -> None:
    world = beating(version)
    world.taken(object)
    world.answers["Heartbeat"] = lambda _: answer
    world.advance(350)
    assert world.moments("Heartbeat") == [100.0, 200.0, 300.0]
    assert world.taken(object) == []


@in_every_version
def test_an_interval_of_0_is_none_but_for_the_clock_once_a_day(version: Version) -> None:
    world = World(version, make_station(heartbeat_interval=0.0)).connect().advance(3 * 86400)
    assert world.moments("Heartbeat") == [86400.0, 2 * 86400.0, 3 * 86400.0]


@in_every_version
def test_however_busy_the_station_is_the_clock_is_asked_for_once_a_day(version: Version) -> None:
    world = beating(version, clock_interval=1000.0)
    for _ in range(30):
        world.station.send_call("DataTransfer", {"vendorId": "V"}, now=world.now)
        world.advance(50)
    assert world.moments("Heartbeat") == [1000.0]


@in_every_version
def test_a_clock_that_is_not_set_is_asked_for_first_on_each_connection(version: Version) -> None:
    world = World(version)
    world.answers["BootNotification"] = {
        "status": "Accepted",
        "currentTime": "1999-01-01T00:00:00Z",
        "interval": 0,
    }
    world.connect().cut()
    world.actions()
    message = start_16() if version is V16 else event_2x(version, "Started", "k", 0)
    key = "k" if version is V16 else None
    world.station.post(message, transaction=key, now=world.now)
    world.run()
    world.connect()
    assert world.actions()[0] == "Heartbeat"  # T-37
    world.cut()
    assert world.connect().actions() == []


def test_a_clock_that_another_source_sets_needs_none() -> None:
    world = beating(V16, clock_interval=1000.0, heartbeat_interval=0.0)
    world.station.configure(replace(world.station.settings, heartbeat_interval=0.0), now=world.now)
    for _ in range(5):
        world.station.wall_clock(world.utc(), "NTP", now=world.now)
        world.advance(900)
    assert world.moments("Heartbeat") == []


@in_every_version
def test_a_new_interval_counts_from_the_last_activity(version: Version) -> None:
    world = beating(version)
    world.advance(50)
    world.station.configure(replace(world.station.settings, heartbeat_interval=70.0), now=world.now)
    world.advance(19)
    assert world.moments("Heartbeat") == []
    world.advance(1)
    assert world.moments("Heartbeat") == [70.0]
    world.advance(30)
    world.station.configure(replace(world.station.settings, heartbeat_interval=20.0), now=world.now)
    assert world.run().moments("Heartbeat") == [70.0, 100.0]


@in_every_version
def test_without_acceptance_or_link_there_is_none(version: Version) -> None:
    world = World(version, make_station(heartbeat_interval=10.0))
    world.answers["BootNotification"] = [world.boots("Pending", 100), world.boots("Accepted", 10)]
    world.connect().advance(99)
    assert world.moments("Heartbeat") == []
    world.advance(11)
    assert world.moments("Heartbeat") == [110.0]
    world.cut().advance(1000)
    assert world.moments("Heartbeat") == [110.0]
    world.connect()
    assert world.moments("Heartbeat") == [110.0, 1110.0]
