"""The station's gate, by a table written by hand and as stories of the certification tests (B-21 to B-39)."""

from itertools import product
from typing import Any

import pytest
from core_pair import V16, V21, V201, in_2x, in_every_version
from msgspec.structs import replace
from station_pair import SILENT, World, boot, make_station, may_call, start_16

from ocpp_sansio import (
    CallAborted,
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    Config,
    ErrorCode,
    LocalProtocolError,
    ProtocolViolated,
    Role,
    Validation,
    Version,
)
from ocpp_sansio.registration import STATION, BootOutcome, Registration
from ocpp_sansio.station import (
    BootReason,
    NotRegistered,
    Registered,
    Station,
    StationGate,
    StationSettings,
    StatusScope,
    StatusWanted,
)

U, P, R, A = (
    Registration.UNKNOWN,
    Registration.PENDING,
    Registration.REJECTED,
    Registration.ACCEPTED,
)


def brought_to(state: Registration, version: Version, **settings: Any) -> World:
    """Return a station that has come this far, and no further."""
    world = World(version, make_station(**settings))
    answer: Any = SILENT if state is U else world.boots(state.value, 600)
    world.answers["BootNotification"] = answer
    world.connect()
    assert world.station.registration is state
    assert world.actions() == ["BootNotification"]
    if state is U:
        world.csms.disconnected(now=world.now)  # only to have no call unanswered
        world.csms.connected(version, now=world.now)
    return world


# --- the table ------------------------------------------------------------------------------------

SERVED, REFUSED, SILENCE, DENIED = "served", "SecurityError", "no answer", "Rejected"

#            our calls: other, licensed; our SEND; the CSMS's calls: any, remote start
CELLS: dict[tuple[Registration, Version], tuple[bool, bool, bool, str, str]] = {
    (U, V16): (False, False, False, SERVED, DENIED),
    (U, V201): (False, False, False, SERVED, DENIED),
    (U, V21): (False, False, False, SERVED, DENIED),
    (P, V16): (False, True, False, SERVED, DENIED),
    (P, V201): (False, True, False, SERVED, DENIED),
    (P, V21): (False, True, False, SERVED, DENIED),
    (R, V16): (False, False, False, SILENCE, SILENCE),
    (R, V201): (False, False, False, REFUSED, REFUSED),
    (R, V21): (False, False, False, REFUSED, REFUSED),
    (A, V16): (True, True, False, SERVED, SERVED),
    (A, V201): (True, True, False, SERVED, SERVED),
    (A, V21): (True, True, True, SERVED, SERVED),
}

TRIGGER = {"requestedMessage": "StatusNotification"}
STATUS: dict[Version, dict[str, Any]] = {
    V16: {"connectorId": 1, "errorCode": "NoError", "status": "Available"},
    V201: {
        "timestamp": "2026-11-26T00:00:00Z",
        "connectorStatus": "Available",
        "evseId": 1,
        "connectorId": 1,
    },
}
STATUS[V21] = STATUS[V201]
REMOTE_START: dict[Version, tuple[str, dict[str, Any]]] = {
    V16: ("RemoteStartTransaction", {"idTag": "TAG"}),
    V201: (
        "RequestStartTransaction",
        {"idToken": {"idToken": "TAG", "type": "Central"}, "remoteStartId": 1},
    ),
}
REMOTE_START[V21] = REMOTE_START[V201]
REMOTE_STOP: dict[Version, tuple[str, dict[str, Any]]] = {
    V16: ("RemoteStopTransaction", {"transactionId": 1}),
    V201: ("RequestStopTransaction", {"transactionId": "1"}),
    V21: ("RequestStopTransaction", {"transactionId": "1"}),
}


def fate_of(world: World, action: str, payload: dict[str, Any]) -> str:
    outcome = world.ask(action, payload)
    if isinstance(outcome, CallErrorReceived):
        return outcome.code.value
    if isinstance(outcome, CallResultReceived):
        status: Any = outcome.payload
        return str(status.status)
    return SERVED if world.taken(CallReceived) else SILENCE


@pytest.mark.parametrize(
    ("state", "version"), CELLS, ids=[f"{state}-{version.value}" for state, version in CELLS]
)
def test_what_passes_in_each_state_both_ways(state: Registration, version: Version) -> None:
    other, licensed, send, calls, remote = CELLS[state, version]
    world = brought_to(state, version)
    station = world.station
    assert may_call(station, "StatusNotification", STATUS[version], now=world.now) is other
    world.run()
    if version is V21:
        stream = {
            "id": 1,
            "pending": 0,
            "basetime": "2024-05-06T07:08:09Z",
            "data": [{"t": 0.5, "v": "16.0"}],
        }
        try:
            station.send_unconfirmed("NotifyPeriodicEventStream", stream, now=world.now)
        except NotRegistered:
            assert not send
        else:
            assert send
    for message in (REMOTE_START[version], REMOTE_STOP[version]):
        assert fate_of(world, *message) == remote
        world.csms.disconnected(now=world.now)  # as though nothing had been asked
        world.csms.connected(version, now=world.now)
    world.taken(object)
    assert fate_of(world, "TriggerMessage", TRIGGER) == calls
    if calls == SERVED:
        [call] = station.unanswered_calls[-1:]
        station.send_call_result(call, {"status": "Accepted"}, now=world.now)
        world.run()
    assert may_call(station, "StatusNotification", STATUS[version], now=world.now) is licensed


def test_every_state_has_a_row_for_everything_that_happens() -> None:
    assert STATION.keys() == set(Registration)
    assert all(row.keys() == set(BootOutcome) for row in STATION.values())


# --- booting --------------------------------------------------------------------------------------


@in_every_version
def test_the_first_call_is_the_boot_with_its_reason(version: Version) -> None:
    world = World(version, make_station(reason=BootReason.WATCHDOG))
    world.connect()
    [(_, action, body), *_] = world.asked
    assert action == "BootNotification"
    assert body.get("reason") == (None if version is V16 else "Watchdog")
    assert world.taken(Registered)[0].status is A


@in_2x
def test_the_reason_is_put_in_even_if_the_application_forgets_it(version: Version) -> None:
    station = Station(
        lambda version, _: boot(version, BootReason.UNKNOWN),
        random=lambda: 0.0,
        reason=BootReason.LOCAL_RESET,
    )
    world = World(version, station).connect()
    assert world.asked[0][2]["reason"] == "LocalReset"


@in_every_version
@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_the_next_boot_leaves_when_the_interval_is_over_and_not_before(
    version: Version, status: str
) -> None:
    world = World(version)
    world.answers["BootNotification"] = [world.boots(status, 90), world.boots(status, 30)]
    world.connect().advance(200)
    assert world.moments("BootNotification") == [0.0, 90.0, 120.0]
    assert world.station.registration is A


@in_every_version
@pytest.mark.parametrize("interval", [0, -7])
def test_without_an_interval_there_is_a_wait_of_our_own_that_grows(
    version: Version, interval: int
) -> None:
    world = World(version, make_station(chance=1.0))
    world.answers["BootNotification"] = lambda _: world.boots("Rejected", interval)
    world.connect().advance(7000)
    expected, moment = [0.0], 0.0
    for doublings in (1, 2, 4, 8, 16, 16, 16, 16, 16):
        moment += 60 * doublings * 1.1
        expected.append(moment)
    assert world.moments("BootNotification") == pytest.approx(expected)


@in_every_version
def test_a_boot_without_an_answer_is_repeated_after_a_wait(version: Version) -> None:
    world = World(version)
    world.answers["BootNotification"] = [ErrorCode.INTERNAL_ERROR, SILENT]
    world.connect().advance(300)
    assert world.moments("BootNotification") == [0.0, 60.0, 60.0 + 30.0 + 120.0]
    assert world.station.registration is A


@in_every_version
def test_the_last_interval_that_was_given_is_the_wait_after_a_failure(version: Version) -> None:
    world = World(version)
    world.answers["BootNotification"] = [
        world.boots("Pending", 25),
        ErrorCode.INTERNAL_ERROR,
    ]
    world.connect().advance(60)
    assert world.moments("BootNotification") == [0.0, 25.0, 50.0]


@in_every_version
def test_a_lost_link_keeps_state_and_wait(version: Version) -> None:
    world = World(version)
    world.answers["BootNotification"] = [world.boots("Pending", 100)]
    world.connect().advance(10)
    world.cut().advance(20)
    assert world.connect().station.registration is P
    world.advance(80)
    assert world.moments("BootNotification") == [0.0, 100.0]


@in_every_version
def test_what_falls_due_without_a_link_leaves_with_the_next_one(version: Version) -> None:
    world = World(version)
    world.answers["BootNotification"] = [world.boots("Pending", 100)]
    world.connect().cut().advance(150)
    world.connect()
    assert world.moments("BootNotification") == [0.0, 150.0]


@in_every_version
def test_an_accepted_station_does_not_boot_because_it_connects_again(version: Version) -> None:
    world = World(version).connect().advance(5)
    world.cut().advance(5)
    world.connect()
    assert world.moments("BootNotification") == [0.0]
    assert world.station.registration is A


@in_every_version
def test_unless_the_csms_waits_for_it(version: Version) -> None:
    world = World(version, make_station(boot_on_connect=True)).connect().advance(5)
    world.cut().advance(5)
    world.connect()
    assert world.moments("BootNotification") == [0.0, 10.0]


@in_every_version
def test_and_from_the_next_connection_on_if_that_is_learnt_later(version: Version) -> None:
    world = brought_to(A, version)
    settings = replace(world.station.settings, boot_on_connect=True)
    world.station.configure(settings, now=world.now)
    assert world.run().actions() == []
    assert world.cut().connect().actions() == ["BootNotification"]


@in_every_version
def test_only_an_accepted_interval_is_that_of_the_heartbeat(version: Version) -> None:
    world = World(version, make_station(heartbeat_interval=500))
    world.answers["BootNotification"] = [world.boots("Pending", 40), world.boots("Accepted", 0)]
    world.connect()
    assert world.station.settings.heartbeat_interval == 500
    world.advance(50)
    assert world.station.settings.heartbeat_interval == 500
    world.answers["BootNotification"] = [world.boots("Accepted", 77)]
    world.station.reregister(now=world.now)
    assert world.run().station.settings.heartbeat_interval == 77


@in_every_version
def test_acceptance_asks_for_the_status_of_everything_each_time(version: Version) -> None:
    world = World(version).connect()
    assert world.taken(StatusWanted) == [StatusWanted(StatusScope.ALL, 0.0)]
    world.station.reregister(now=world.now)
    assert world.run().taken(StatusWanted) == [StatusWanted(StatusScope.ALL, 0.0)]


@pytest.mark.parametrize(
    ("version", "away", "scope"),
    [
        (V16, 5000.0, StatusScope.CHANGED),
        (V201, 59.0, StatusScope.CHANGED),
        (V201, 61.0, StatusScope.ALL),
        (V21, 61.0, StatusScope.ALL),
    ],
)
def test_after_a_lost_link_the_status_is_wanted_by_how_long_it_was(
    version: Version, away: float, scope: StatusScope
) -> None:
    world = World(version).connect()
    world.cut().advance(away)
    world.taken(object)
    assert world.connect().taken(StatusWanted) == [StatusWanted(scope, away)]


# --- triggers -------------------------------------------------------------------------------------


@in_every_version
def test_a_triggered_boot_is_answered_first_and_leaves_at_once(version: Version) -> None:
    world = World(version)
    world.answers["BootNotification"] = [world.boots("Pending", 1000)]
    world.connect().advance(10)
    outcome = world.ask("TriggerMessage", {"requestedMessage": "BootNotification"})
    assert outcome.payload.status == "Accepted"
    assert world.moments("BootNotification") == [0.0, 10.0]
    assert world.asked[-1][2].get("reason") == (None if version is V16 else "Triggered")
    assert world.station.registration is A
    world.station.reregister(now=world.now)
    world.run()
    assert world.asked[-1][2].get("reason") == (None if version is V16 else "PowerUp")


@in_every_version
def test_an_accepted_station_is_not_triggered_to_boot(version: Version) -> None:
    world = World(version).connect()
    outcome = world.ask("TriggerMessage", {"requestedMessage": "BootNotification"})
    assert outcome.payload.status == "Rejected"
    assert world.moments("BootNotification") == [0.0]


@in_every_version
def test_a_triggered_heartbeat_is_the_stations_own(version: Version) -> None:
    for state in (P, A):
        world = brought_to(state, version)
        outcome = world.ask("TriggerMessage", {"requestedMessage": "Heartbeat"})
        assert outcome.payload.status == "Accepted"
        assert world.actions() == ["Heartbeat"]
        assert not world.taken(CallReceived)


def test_the_trigger_of_the_security_extension_licenses_too() -> None:
    world = brought_to(P, V16)
    world.ask("ExtendedTriggerMessage", {"requestedMessage": "FirmwareStatusNotification"})
    [call] = world.station.unanswered_calls
    world.station.send_call_result(call, {"status": "Accepted"}, now=world.now)
    status = {"status": "Installed"}
    assert not may_call(world.station, "FirmwareStatusNotification", status, now=world.now)
    assert may_call(world.station, "SignedFirmwareStatusNotification", status, now=world.now)


@in_every_version
def test_a_licence_is_that_of_an_accepted_trigger_and_ends_after_a_minute(version: Version) -> None:
    world = brought_to(P, version)
    for status in ("Rejected", "Accepted"):
        world.ask("TriggerMessage", TRIGGER)
        [call] = world.station.unanswered_calls
        world.station.send_call_result(call, {"status": status}, now=world.now)
        world.run()
        is_licensed = may_call(world.station, "StatusNotification", STATUS[version], now=world.now)
        assert is_licensed is (status == "Accepted")
    world.advance(60)
    assert may_call(world.station, "StatusNotification", STATUS[version], now=world.now)
    world.advance(1)
    with pytest.raises(NotRegistered, match="not accepted yet"):
        world.station.send_call("StatusNotification", STATUS[version], now=world.now)


@in_2x
def test_a_report_is_licensed_by_its_request_until_its_last_part(version: Version) -> None:
    world = brought_to(P, version)
    world.ask("GetBaseReport", {"requestId": 7, "reportBase": "FullInventory"})
    [call] = world.station.unanswered_calls
    world.station.send_call_result(call, {"status": "Accepted"}, now=world.now)

    def part(request_id: int, seq_no: int, **members: Any) -> dict[str, Any]:
        when = "2026-11-26T00:00:00Z"
        return {"requestId": request_id, "generatedAt": when, "seqNo": seq_no, **members}

    station = world.station
    assert not may_call(station, "NotifyReport", part(8, 0), now=world.now)
    assert may_call(station, "NotifyReport", part(7, 0, tbc=True), now=world.now)
    assert may_call(station, "NotifyReport", part(7, 1), now=world.now)
    assert not may_call(station, "NotifyReport", part(7, 2), now=world.now)


def test_a_custom_trigger_licenses_everything() -> None:
    world = brought_to(P, V21)
    world.ask("TriggerMessage", {"requestedMessage": "CustomTrigger", "customTrigger": "x"})
    [call] = world.station.unanswered_calls
    world.station.send_call_result(call, {"status": "Accepted"}, now=world.now)
    assert may_call(world.station, "StatusNotification", STATUS[V21], now=world.now)


# --- rejected -------------------------------------------------------------------------------------


def test_a_rejected_station_of_16_answers_nothing_however_often_it_is_asked() -> None:
    world = brought_to(R, V16)
    for number in range(40):
        text = f'[2,"{number}","ClearCache",{{}}]'
        world.link.inject(Role.CSMS, text)
    world.run()
    assert len(world.taken(ProtocolViolated)) == 40
    assert world.outcomes == []
    assert not world.station.unanswered_calls


@in_every_version
def test_a_rejected_station_may_hang_up_until_its_wait_is_over(version: Version) -> None:
    world = brought_to(R, version, hang_up_when_rejected=True)
    assert world.station.silent_until == 600.0
    world.cut()
    assert world.station.next_timeout() == 600.0
    world.advance(600)
    assert world.station.next_timeout() is None
    assert brought_to(R, version).station.silent_until is None
    assert brought_to(P, version, hang_up_when_rejected=True).station.silent_until is None


# --- strangers, and new answers -------------------------------------------------------------------


@in_every_version
def test_security_error_makes_an_accepted_station_boot_once_per_connection(
    version: Version,
) -> None:
    world = World(version).connect()
    world.answers["StatusNotification"] = lambda _: ErrorCode.SECURITY_ERROR
    for _ in range(3):
        world.station.send_call("StatusNotification", STATUS[version], now=world.now)
        world.run()
        assert len(world.taken(CallErrorReceived)) == 1
    assert world.actions() == [
        "BootNotification",
        "StatusNotification",
        "BootNotification",
        "StatusNotification",
        "StatusNotification",
    ]
    world.cut()
    world.connect()
    world.station.send_call("StatusNotification", STATUS[version], now=world.now)
    assert world.run().actions() == ["StatusNotification", "BootNotification"]


@in_every_version
def test_calls_that_wait_when_the_gate_closes_never_leave(version: Version) -> None:
    world = World(version).connect()
    world.answers["StatusNotification"] = [ErrorCode.SECURITY_ERROR]
    world.answers["BootNotification"] = SILENT
    for _ in range(3):
        world.station.send_call("StatusNotification", STATUS[version], now=world.now)
    world.run()
    assert world.actions() == ["BootNotification", "StatusNotification", "BootNotification"]
    aborted = world.taken(CallAborted)
    assert [event.was_sent for event in aborted] == [False, False]


@in_every_version
def test_a_new_answer_counts_while_accepted(version: Version) -> None:
    world = World(version).connect()
    world.answers["BootNotification"] = [world.boots("Pending", 50)]
    world.station.reregister(BootReason.APPLICATION_RESET, now=world.now)
    assert world.run().station.registration is P
    assert world.advance(50).station.registration is A


@in_every_version
def test_another_csms_hears_nothing_before_it_has_accepted(version: Version) -> None:
    world = World(version).connect().advance(5)
    world.cut()
    world.station.reregister(is_new_csms=True, now=world.now)
    world.answers["BootNotification"] = SILENT
    world.connect()
    assert world.station.registration is U
    with pytest.raises(NotRegistered):
        world.station.send_call("Heartbeat", {}, now=world.now)
    assert world.moments("BootNotification") == [0.0, 5.0]


def test_what_waits_for_the_former_csms_leaves_to_another_one_only_when_it_has_accepted() -> None:
    world = World(V16).connect()
    world.actions()
    world.answers["DataTransfer"] = [SILENT]
    world.station.send_call("DataTransfer", {"vendorId": "V"}, now=0.0)
    world.station.post(start_16(), transaction="k", now=0.0)
    world.run()
    yours = world.station.send_call("Heartbeat", {}, now=0.0)
    world.station.reregister(is_new_csms=True, now=0.0)
    assert [call.action for call in world.station.queued_calls] == ["BootNotification"]  # B-38
    assert world.run().taken(CallAborted) == [CallAborted(yours, was_sent=False)]
    world.answer(world.open_calls[0], {"status": "Accepted"})
    world.run()
    assert world.actions() == ["DataTransfer", "BootNotification", "StartTransaction"]


def test_what_the_former_csms_has_asked_for_is_not_licensed_by_another_one() -> None:
    world = World(V16)
    world.answers["BootNotification"] = [world.boots("Pending", 5)] * 2
    world.connect()
    trigger = {"requestedMessage": "DiagnosticsStatusNotification"}
    world.ask("TriggerMessage", trigger)
    [call] = world.station.unanswered_calls
    world.station.send_call_result(call, {"status": "Accepted"}, now=0.0)
    world.station.reregister(is_new_csms=True, now=0.0)
    world.run()
    assert world.station.registration is P
    with pytest.raises(NotRegistered):  # B-31
        world.station.send_call("DiagnosticsStatusNotification", {"status": "Idle"}, now=0.0)


def test_another_pending_leaves_what_was_licensed() -> None:
    world = World(V16)
    world.answers["BootNotification"] = [world.boots("Pending", 5)] * 3
    world.connect()
    world.ask("TriggerMessage", {"requestedMessage": "DiagnosticsStatusNotification"})
    [call] = world.station.unanswered_calls
    world.station.send_call_result(call, {"status": "Accepted"}, now=0.0)
    world.advance(11)
    assert world.actions() == ["BootNotification"] * 3
    status = {"status": "Idle"}
    assert may_call(world.station, "DiagnosticsStatusNotification", status, now=world.now)  # B-31


@pytest.mark.parametrize("way", ["send_call_result", "forward_answer"])
def test_a_licensed_call_that_waits_for_the_boot_leaves_when_that_is_still_pending(
    way: str,
) -> None:
    world = World(V16)
    world.answers["BootNotification"] = [world.boots("Pending", 5), SILENT]
    world.connect()
    world.ask("TriggerMessage", {"requestedMessage": "DiagnosticsStatusNotification"})
    [call] = world.station.unanswered_calls
    if way == "forward_answer":
        world.station.forward_answer(call, b'[3,"",{"status":"Accepted"}]', now=0.0)
    else:
        world.station.send_call_result(call, {"status": "Accepted"}, now=0.0)
    world.advance(5)
    status = {"status": "Idle"}
    assert may_call(world.station, "DiagnosticsStatusNotification", status, now=world.now)
    world.answer(world.open_calls[0], world.boots("Pending", 100))
    assert world.run().actions()[2:] == ["DiagnosticsStatusNotification"]  # B-30


def test_nothing_that_was_asked_for_before_or_while_accepted_is_licensed_afterwards() -> None:
    trigger = {"requestedMessage": "DiagnosticsStatusNotification"}
    for is_asked_before in (True, False):
        world = World(V16)
        first = [world.boots("Pending", 5)] if is_asked_before else []
        world.answers["BootNotification"] = [*first, world.boots("Accepted", 0)]
        world.connect()
        world.ask("TriggerMessage", trigger)
        [call] = world.station.unanswered_calls
        world.station.send_call_result(call, {"status": "Accepted"}, now=world.now)
        world.advance(6)
        assert world.station.registration is A
        world.answers["BootNotification"] = [world.boots("Pending", 50)]
        world.station.reregister(now=world.now)
        assert world.run().station.registration is P
        status = {"status": "Idle"}
        assert not may_call(
            world.station, "DiagnosticsStatusNotification", status, now=world.now
        )  # B-31


def test_no_report_that_was_asked_for_before_is_licensed_after_an_acceptance() -> None:
    gate = StationGate(StationSettings(), lambda: 0.0)
    gate.connected(V201, now=0.0)
    gate.answered(P, 5.0, now=0.0)
    asked = {"requestId": 7, "reportBase": "FullInventory"}
    gate.answered_csms("GetBaseReport", asked, {"status": "Accepted"}, now=0.0)
    assert gate.may_call("NotifyReport", {"requestId": 7}, now=0.0)
    gate.answered(A, 0.0, now=1.0)
    gate.answered(P, 5.0, now=2.0)
    assert not gate.may_call("NotifyReport", {"requestId": 7}, now=2.0)


def test_the_waits_begin_anew_after_an_answer_and_silence_ends_with_the_next_boot() -> None:
    settings = StationSettings(boot_retry=60.0, hang_up_when_rejected=True)
    gate = StationGate(settings, lambda: 0.0)
    gate.connected(V16, now=0.0)
    assert gate.version is V16
    waits = []
    for status in (None, None, A, None, None):
        gate.boot_sent()
        if status:
            gate.answered(status, 0.0, now=0.0)
        else:
            gate.unanswered(now=0.0)
            waits.append(gate.due)
    assert waits == [60.0, 120.0, 60.0, 120.0]  # B-24
    gate.answered(R, 30.0, now=0.0)
    assert gate.silent_until == 30.0  # B-33
    gate.boot_sent()
    assert gate.silent_until is None


def test_a_gate_is_open_with_a_connection_and_an_acceptance_and_no_boot_on_its_way() -> None:
    gate = StationGate(StationSettings(boot_retry=60.0), lambda: 0.0)
    assert (gate.version, gate.is_triggered) == (None, False)
    seen = [(gate.wants_boot, gate.is_open)]
    steps: tuple[Any, ...] = (
        lambda: gate.connected(V16, now=0.0),
        gate.boot_sent,
        lambda: gate.answered(A, 0.0, now=1.0),
        lambda: gate.reregister(None, is_new_csms=False, now=2.0),
        gate.boot_sent,
        lambda: gate.unanswered(now=3.0),
        gate.disconnected,
    )
    for step in steps:
        step()
        seen.append((gate.wants_boot, gate.is_open))
    before = [(False, False), (True, False), (False, False)]
    accepted = [(False, True), (True, True), (False, False), (True, True)]  # B-38
    assert seen == [*before, *accepted, (False, False)]
    assert (gate.version, gate.due) == (None, 63.0)


# --- misuse ---------------------------------------------------------------------------------------


def test_the_application_does_not_boot_by_itself() -> None:
    world = World(V16).connect()
    with pytest.raises(LocalProtocolError, match="reregister"):
        world.station.send_call(boot(V16, BootReason.POWER_UP), now=world.now)
    assert world.actions() == ["BootNotification"]


def test_a_mistake_in_the_boot_is_shown_and_not_endless() -> None:
    station = Station(lambda _, __: 1 // 0, random=lambda: 0.0)  # type: ignore[arg-type,return-value]
    with pytest.raises(ZeroDivisionError):
        station.connected(V16, now=0.0)
    assert station.is_connected
    assert station.next_timeout() == 60.0


def test_the_boot_answered_in_part_of_a_lenient_peer_is_no_answer() -> None:
    config = Config(validation=Validation.OFF)
    world = World(V16, make_station(config=config))
    world.csms = world.link.csms
    world.answers["BootNotification"] = SILENT
    world.connect()
    [call] = world.open_calls
    world.link.inject(Role.CSMS, f'[3,"{call.message_id}",{{"status":"Whatever"}}]')
    assert world.run().station.registration is U
    assert world.station.next_timeout() == 60.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *product(["boot_retry", "clock_interval", "store_retry"], [0, -1, float("inf"), "1"]),
        *product(["heartbeat_interval", "message_interval", "resume_delay"], [-1, float("nan")]),
        ("message_attempts", -1),
        ("max_losses", 0),
        ("max_messages", 3),
        ("count_timeouts", "sometimes"),
        ("retry_id", "other"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(name: str, value: object) -> None:
    is_word = name in {"count_timeouts", "retry_id"}
    with pytest.raises(ValueError, match=str(value) if is_word else name):
        StationSettings(**{name: value})  # type: ignore[arg-type]


def test_one_time_source_is_no_list_of_them() -> None:
    with pytest.raises(TypeError, match="time_sources"):
        StationSettings(time_sources="NTP")
