"""`Station` as the `Connection` that it is: its actions, its own calls among yours, its settings."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from station_pair import (
    MIDNIGHT,
    SILENT,
    World,
    event_2x,
    make_station,
    start_16,
    stop_16,
    values_16,
)
from websocket_pair import Pair as WebSocketPair
from websocket_pair import csms as csms_link
from websocket_pair import station as station_link

from ocpp_sansio import (
    CallAborted,
    CallErrorReceived,
    CallReceived,
    CallResultErrorReceived,
    CallResultReceived,
    Config,
    ErrorCode,
    LateResponseReceived,
    LocalProtocolError,
    Role,
    Validation,
    Version,
    v16,
)
from ocpp_sansio.station import (
    ClockSet,
    Delivered,
    Droppable,
    GivenUp,
    NotRegistered,
    OpenTransaction,
    Record,
    Registered,
    Registration,
    Restored,
    Station,
    StationSettings,
    StatusWanted,
    StoreFailed,
)
from ocpp_sansio.websocket import HandshakeReceived, Opened, WebSocketConfig

V16, V201, V21 = Version.OCPP16, Version.OCPP201, Version.OCPP21


def busy(**settings: Any) -> World:
    """An accepted station of 1.6 with a call in flight that nobody answers."""
    world = World(V16, make_station(**settings)).connect()
    world.actions()
    world.answers["DataTransfer"] = [SILENT]
    world.station.send_call("DataTransfer", {"vendorId": "V"}, now=world.now)
    return world.run()


def test_yours_can_be_withdrawn_what_the_station_sends_cannot() -> None:
    world = busy(clock_interval=10.0)
    mine = world.station.send_call("Heartbeat", {}, now=world.now)
    assert world.station.withdraw(mine, now=world.now)
    world.station.post(start_16(), transaction="k", now=world.now)
    world.run()
    world.advance(10)  # a heartbeat for the clock waits, too
    world.station.reregister(now=world.now)
    actions = [call.action for call in world.station.queued_calls]
    assert actions == ["StartTransaction", "Heartbeat", "BootNotification"]
    for call in world.station.queued_calls:
        assert not world.station.withdraw(call, now=world.now)
    world.advance(20)
    assert world.actions() == ["DataTransfer", *actions]


def test_a_call_of_the_csms_can_be_refused() -> None:
    world = World(V16).connect()
    world.csms.send_call("ClearCache", {}, now=0.0)
    [call] = world.run().taken(CallReceived)
    error = world.station.send_call_error(call, ErrorCode.NOT_SUPPORTED, now=0.0)
    assert (error.message_id, error.code) == (call.message_id, ErrorCode.NOT_SUPPORTED)
    world.run()
    assert isinstance(world.outcomes[-1], CallErrorReceived)


def test_an_answer_can_be_refused_in_2_1() -> None:
    world = World(V21).connect()
    world.station.send_call("DataTransfer", {"vendorId": "V"}, now=0.0)
    [result] = world.run().taken(CallResultReceived)
    world.station.send_call_result_error(result, ErrorCode.INTERNAL_ERROR, now=0.0)
    world.run()
    assert isinstance(world.outcomes[-1], CallResultErrorReceived)


def test_a_heartbeat_that_waits_when_the_gate_closes_is_forgotten() -> None:
    world = busy(clock_interval=10.0, heartbeat_interval=0.0)
    world.advance(10)
    world.answers["BootNotification"] = [world.boots("Pending", 100), world.boots("Accepted", 0)]
    world.answer(world.open_calls[0], ErrorCode.SECURITY_ERROR)
    world.run()
    assert [call.action for call in world.station.queued_calls] == []
    assert world.actions() == ["DataTransfer", "BootNotification"]
    world.taken(object)
    world.advance(109)
    assert world.actions() == ["BootNotification"]
    assert world.taken(CallAborted) == []
    world.advance(1)
    assert world.actions() == ["Heartbeat"]


def test_late_answers_to_the_stations_own_calls_are_no_business_of_yours() -> None:
    world = World(V16)
    world.answers["BootNotification"] = [SILENT]
    world.connect().advance(40)
    world.answer(world.open_calls[0], world.boots("Accepted", 5))
    assert world.run().taken(object) == []
    assert world.station.registration is Registration.UNKNOWN
    world.advance(60)
    world.answers["Heartbeat"] = [SILENT]
    world.station.send_call("Heartbeat", {}, now=world.now)
    world.advance(31)
    world.answer(world.open_calls[1], {"currentTime": world.utc().isoformat()})
    assert len(world.run().taken(LateResponseReceived)) == 1


def test_what_a_connection_goes_by_can_change_and_what_the_station_does() -> None:
    world = World(V16).connect()
    config = replace(world.station.config, call_timeout=5.0, max_late_calls=1)
    world.station.configure(config, now=0.0)
    settings = replace(world.station.settings, message_attempts=7)
    world.station.configure(settings, now=0.0)
    assert world.station.config is config
    assert world.station.settings is settings
    with pytest.raises(LocalProtocolError):
        world.station.configure(replace(config, max_undrained=7), now=0.0)
    world.answers["DataTransfer"] = [SILENT]
    world.station.send_call("DataTransfer", {"vendorId": "V"}, now=0.0)
    world.advance(5)
    assert world.station.outstanding_call is None


def test_the_tokens_tell_what_is_stored_and_what_waits_for_nothing() -> None:
    world = World(V16)
    world.is_stored = False
    world.station.post(start_16(), transaction="k", now=0.0)
    assert (world.station.last_token, world.station.stored_token) == (1, 0)
    world.station.store_requests()
    world.station.store_failed(1, "no space\nleft", now=0.0)
    assert (world.station.settled_token, world.station.stored_token) == (1, 0)
    assert world.station.events() == [StoreFailed("no space\\nleft")]


def test_nothing_of_the_stations_leaves_while_you_take_nothing() -> None:
    station = make_station(config=Config(max_undrained=1))
    station.post(start_16(), transaction="k", now=0.0)
    station.stored(station.store_requests()[-1].token, now=0.0)
    station.connected(V16, now=0.0)
    assert station.next_timeout() == 30.0  # the boot has left; nothing else may before it is taken
    [boot] = station.frames_to_send()
    message: Any = boot.message
    answer = '{"status":"Accepted","currentTime":"2026-11-26T00:00:00Z","interval":0}'
    station.received(f'[3,"{message.message_id}",{answer}]', now=0.0)
    assert station.frames_to_send() == []
    assert [type(event).__name__ for event in station.events()] == [
        "ClockSet",
        "Registered",
        "StatusWanted",
    ]
    assert station.next_timeout() == 0.0
    station.handle_timeout(now=0.0)
    assert len(station.frames_to_send()) == 1


def test_a_full_queue_of_yours_delays_the_station_and_is_no_error() -> None:
    world = busy(config=Config(max_queued_calls=1))
    world.station.send_call("Heartbeat", {}, now=world.now)
    world.station.post(start_16(), transaction="k", now=world.now)
    world.run()
    assert world.station.next_timeout() == 30.0
    world.advance(30)
    assert world.actions() == ["DataTransfer", "Heartbeat", "StartTransaction"]


@pytest.mark.parametrize("version", [V201, V21], ids=lambda v: v.value)
def test_a_boot_may_be_a_json_object_and_gets_its_reason(version: Version) -> None:
    body = {"reason": "Unknown", "chargingStation": {"vendorName": "V", "model": "M"}}
    world = World(version, Station(lambda *_: dict(body), random=lambda: 0.0)).connect()
    assert world.asked[0][2] == body | {"reason": "PowerUp"}
    assert world.taken(Registered)[0].current_time is not None


def test_a_boot_of_another_version_is_a_mistake_that_is_shown() -> None:
    wrong = v16.BootNotificationRequest(charge_point_vendor="V", charge_point_model="M")
    station = Station(lambda *_: wrong, random=lambda: 0.0)
    with pytest.raises(LocalProtocolError, match="BootNotification"):
        station.connected(V201, now=0.0)


def test_without_a_connection_a_call_is_refused_for_that() -> None:
    with pytest.raises(LocalProtocolError) as caught:
        make_station().send_call("Heartbeat", {}, now=0.0)
    assert not isinstance(caught.value, NotRegistered)


def test_a_time_without_a_zone_is_no_time_in_any_mode() -> None:
    config = Config(validation=Validation.LENIENT)
    world = World(V16, make_station(config=config))
    world.answers["BootNotification"] = SILENT
    world.connect()
    [call] = world.open_calls
    answer = '{"status":"Accepted","currentTime":"2026-11-26T00:00:00","interval":0}'
    world.link.inject(Role.CSMS, f'[3,"{call.message_id}",{answer}]')
    world.run()
    assert world.station.registration is Registration.ACCEPTED
    assert not world.station.clock.is_set


def test_only_the_newest_reports_are_licensed() -> None:
    world = World(V201)
    world.answers["BootNotification"] = [world.boots("Pending", 1000)]
    world.connect()
    for number in range(20):
        world.ask("GetBaseReport", {"requestId": number, "reportBase": "FullInventory"})
        [call] = world.station.unanswered_calls
        world.station.send_call_result(call, {"status": "Accepted"}, now=world.now)
        world.run()
    report = {"requestId": 0, "generatedAt": "2026-11-26T00:00:00Z", "seqNo": 0}
    with pytest.raises(NotRegistered):
        world.station.send_call("NotifyReport", report | {"requestId": 3}, now=world.now)
    for number in (4, 19):  # the newest 16
        world.station.send_call("NotifyReport", report | {"requestId": number}, now=world.now)


def test_signed_values_of_16_are_the_last_to_go() -> None:
    station = make_station()
    sample = v16.SampledValue(value="x", format=v16.ValueFormat.SIGNED_DATA)
    [value] = values_16().meter_value
    signed = replace(values_16(), meter_value=[replace(value, sampled_value=[sample])])
    assert station.post(signed, now=0.0).droppable is Droppable.LATER
    assert station.post(values_16(), now=0.0).droppable is Droppable.FIRST


def test_values_of_a_transaction_of_2x_go_with_it() -> None:
    world = World(V201)
    world.station.post(event_2x(V201, "Started", "k", 0), now=0.0)
    values = {
        "evseId": 1,
        "meterValue": [{"timestamp": "2026-11-26T00:00:00Z", "sampledValue": [{"value": 1}]}],
    }
    record = world.station.post("MeterValues", values, transaction="k", version=V201, now=0.0)
    assert record.transaction == "k"
    world.connect()
    assert world.actions() == ["BootNotification", "TransactionEvent", "MeterValues"]
    with pytest.raises(LocalProtocolError, match="queue_all"):
        world.station.post("MeterValues", values, now=world.now)


def test_settings_are_compared_by_value() -> None:
    assert StationSettings() == StationSettings(count_timeouts="always")  # type: ignore[arg-type]


def test_a_station_runs_over_a_real_websocket_and_waits_between_two() -> None:
    """The links give it the time before they are open and after: its wait for the next boot goes on."""
    station = make_station(heartbeat_interval=0.0)
    quiet = WebSocketConfig(ping_interval=0)
    statuses = ["Pending", "Accepted"]

    def serve(pair: WebSocketPair) -> None:
        for event in pair.take("csms", CallReceived):
            answer = {
                "status": statuses.pop(0),
                "currentTime": "2026-11-26T00:00:00Z",
                "interval": 50,
            }
            pair.csms.connection.send_call_result(event, answer, now=pair.now)
        pair.run()

    class Quiet(WebSocketPair):
        def _react(self, name: str) -> bool:
            if name == "station":
                events = self.station.events()
                self.events[name] += events
                return bool(events)
            events = self.csms.events()
            self.events[name] += events
            for event in events:
                if isinstance(event, HandshakeReceived):
                    self.csms.accept(now=self.now)
            return bool(events)

    first = Quiet(station_link(connection=station, websocket=quiet), csms_link(websocket=quiet))
    first.run()
    serve(first)
    assert station.registration == "Pending"
    first.station.receive_eof(now=first.now)
    first.run()
    assert first.station.next_timeout() is None  # nothing to do without a link but to dial
    second = Quiet(station_link(connection=station, websocket=quiet), csms_link(websocket=quiet))
    second.run()
    assert station.next_timeout() == second.station.next_timeout() == 150.0
    second.pass_time(50)
    serve(second)
    assert station.registration == "Accepted"
    second.station.receive_eof(now=second.now)
    second.run()
    third = Quiet(station_link(connection=station, websocket=quiet), csms_link(websocket=quiet))
    third.run()
    kinds = [type(event) for event in third.take("station")]
    assert kinds == [Opened, StatusWanted]


def test_a_call_by_its_name_has_the_timeout_and_the_id_that_you_give() -> None:
    world = World(V16).connect()
    world.answers["DataTransfer"] = [SILENT]
    call = world.station.send_call(
        "DataTransfer", {"vendorId": "V"}, now=0.0, timeout=7.0, message_id="mine"
    )
    assert call.message_id == "mine"
    world.advance(6.9)
    assert world.station.outstanding_call is call
    world.advance(0.1)
    assert world.station.outstanding_call is None


def test_a_refusal_has_the_details_that_you_give() -> None:
    world = World(V21).connect()
    details = {"limit": 3}
    world.csms.send_call("ClearCache", {}, now=0.0)
    [call] = world.run().taken(CallReceived)
    world.station.send_call_error(call, ErrorCode.NOT_SUPPORTED, "no cache", details, now=0.0)
    world.run()
    refused = world.outcomes[-1]
    assert (refused.description, refused.details) == ("no cache", details)
    world.station.send_call("DataTransfer", {"vendorId": "V"}, now=0.0)
    [result] = world.run().taken(CallResultReceived)
    code = ErrorCode.INTERNAL_ERROR
    world.station.send_call_result_error(result, code, "odd", details, now=0.0)
    world.run()
    refused = world.outcomes[-1]
    assert (refused.description, refused.details) == ("odd", details)


def test_what_the_station_answers_by_itself_is_not_shown_to_you() -> None:
    world = World(V16)
    world.answers["BootNotification"] = [world.boots("Pending", 100), SILENT]
    world.connect().taken(object)
    for action, payload in (
        ("RemoteStartTransaction", {"idTag": "TAG"}),
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}),
        ("TriggerMessage", {"requestedMessage": "BootNotification"}),
    ):
        assert world.ask(action, payload).payload.status
        assert world.taken(CallReceived) == []
    assert world.actions() == ["BootNotification", "Heartbeat", "BootNotification"]


def test_a_heartbeat_for_the_clock_that_is_not_answered_is_due_again_an_interval_later() -> None:
    world = World(V16, make_station(heartbeat_interval=0.0, clock_interval=100.0)).connect()
    world.answers["Heartbeat"] = [SILENT] * 9
    world.advance(399)
    assert world.moments("Heartbeat") == [100.0, 200.0, 300.0]


def test_security_error_for_a_heartbeat_makes_it_boot() -> None:
    world = World(V16, make_station(heartbeat_interval=50.0)).connect()
    world.answers["Heartbeat"] = [ErrorCode.SECURITY_ERROR]
    world.advance(50)
    assert world.actions() == ["BootNotification", "Heartbeat", "BootNotification"]
    assert world.station.registration is Registration.ACCEPTED


def test_calls_of_your_own_for_what_is_the_stations_are_refused_by_a_reason() -> None:
    world = World(V16).connect()
    boot = {"chargePointVendor": "V", "chargePointModel": "M"}
    with pytest.raises(LocalProtocolError, match=r"^the station sends its BootNotification by"):
        world.station.send_call("BootNotification", boot, now=0.0)
    world = World(V16)
    world.answers["BootNotification"] = [world.boots("Pending", 100)]
    world.connect()
    with pytest.raises(NotRegistered, match=r"^Heartbeat may not leave.*(?i:pending)"):
        world.station.send_call("Heartbeat", {}, now=0.0)


def test_what_is_posted_says_when_it_was_if_that_is_known() -> None:
    world = World(V16)
    unknown = world.station.post(start_16(), transaction="k", now=0.0)
    world.connect().advance(7)
    known = world.station.post(values_16(), transaction="k", now=world.now)
    assert (unknown.posted_at, known.posted_at) == (None, MIDNIGHT.timestamp() + 7)
    [transaction] = world.station.open_transactions
    assert transaction.last_seen == known.posted_at


def test_a_heartbeat_of_yours_sets_the_clock_and_counts_for_the_next_one() -> None:
    world = World(V16, make_station(heartbeat_interval=0.0, clock_interval=100.0)).connect()
    world.advance(50).taken(object)
    world.answers["Heartbeat"] = lambda _: {"currentTime": "2026-11-27T00:00:00Z"}
    world.station.send_call("Heartbeat", {}, now=world.now)
    assert world.advance(0).taken(ClockSet)[0].step == 86400.0 - 50.0  # K-2
    assert world.station.clock.utc(now=world.now) == MIDNIGHT + timedelta(days=1)
    world.advance(149)
    assert world.moments("Heartbeat") == [50.0, 150.0]


def test_an_unconfirmed_message_puts_the_heartbeat_off() -> None:
    world = World(V21, make_station(heartbeat_interval=100.0)).connect()
    world.advance(60)
    stream = {
        "id": 1,
        "pending": 0,
        "basetime": "2026-11-26T00:00:00Z",
        "data": [{"t": 0, "v": "1"}],
    }
    world.station.send_unconfirmed("NotifyPeriodicEventStream", stream, now=world.now)
    world.run().advance(120)
    assert world.moments("Heartbeat") == [160.0]  # K-8


def test_what_is_discarded_may_be_removed_from_the_store_a_while_later() -> None:
    world = World(V16, make_station(forget_delay=3.0))
    world.station.post(values_16(), now=0.0)
    world.run()
    assert world.station.discard(now=5.0) == 1
    assert world.station.next_timeout() == 8.0  # D-8


def test_something_heard_before_the_first_connection_is_harmless() -> None:
    station = make_station()
    station.heard(now=1.0)
    assert station.next_timeout() is None


def test_a_late_answer_is_known_after_the_cap_has_changed_too() -> None:
    world = World(V16, make_station(heartbeat_interval=50.0)).connect()
    world.answers["Heartbeat"] = [SILENT]
    world.advance(85)
    world.station.configure(replace(world.station.config, max_late_calls=2), now=world.now)
    world.taken(object)
    world.answer(world.open_calls[0], {"currentTime": world.utc().isoformat()})
    assert world.run().taken(object) == []


@pytest.mark.parametrize("interval", ['"soon"', "true", "null", "-5"])
def test_an_interval_that_is_none_is_as_0(interval: str) -> None:
    station = make_station(config=Config(validation=Validation.OFF), heartbeat_interval=70.0)
    world = World(V16, station)
    world.answers["BootNotification"] = SILENT
    world.connect()
    [call] = world.open_calls
    answer = f'{{"status":"Accepted","currentTime":"2026-11-26T00:00:00Z","interval":{interval}}}'
    world.link.inject(Role.CSMS, f'[3,"{call.message_id}",{answer}]')
    [event] = world.run().taken(Registered)
    assert event.interval == 0
    assert world.station.settings.heartbeat_interval == 70.0  # B-34


@pytest.mark.parametrize("is_kept", [True, False])
def test_the_version_spoken_last_is_that_of_what_the_store_has_kept(*, is_kept: bool) -> None:
    records = (Record(seq=1, version=V201, action="MeterValues", body=b"{}"),) if is_kept else ()
    transactions = (OpenTransaction(key="k", version=V16),)
    restored = Restored(records=records, transactions=transactions)
    assert make_station(restored).latest_version is (V201 if is_kept else V16)


def test_a_refusal_of_ours_puts_the_heartbeat_off() -> None:
    world = World(V21, make_station(heartbeat_interval=100.0)).connect()
    world.advance(60)
    world.csms.send_call("ClearCache", {}, now=world.now)
    [call] = world.run().taken(CallReceived)
    world.station.send_call_error(call, ErrorCode.NOT_SUPPORTED, now=world.now)
    assert world.station.next_timeout() == 160.0  # K-8
    world.run().advance(30)
    world.station.send_call("DataTransfer", {"vendorId": "V"}, now=world.now)
    [result] = world.run().taken(CallResultReceived)
    world.advance(10)
    world.station.send_call_result_error(result, ErrorCode.INTERNAL_ERROR, now=world.now)
    assert world.station.next_timeout() == 200.0


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_what_waits_behind_a_boot_is_taken_back_when_that_is_not_accepted(status: str) -> None:
    world = World(V16).connect()
    world.answers["BootNotification"] = [SILENT]
    world.station.reregister(now=0.0)
    yours = world.station.send_call("DataTransfer", {"vendorId": "V"}, now=0.0)
    other = world.station.send_call("Heartbeat", {}, now=0.0)
    world.run().actions()
    world.answer(world.open_calls[0], world.boots(status, 50))
    aborted = world.run().taken(CallAborted)
    assert {event.call.action: event.was_sent for event in aborted} == {
        yours.action: False,
        other.action: False,
    }
    assert world.actions() == []  # B-38


def test_what_waits_behind_a_message_that_a_stranger_refuses_is_taken_back() -> None:
    world = World(V16).connect()
    world.answers["StartTransaction"] = [SILENT]
    world.station.post(start_16(), transaction="k", now=0.0)
    world.run()
    yours = world.station.send_call("DataTransfer", {"vendorId": "V"}, now=0.0)
    other = world.station.send_call("Heartbeat", {}, now=0.0)
    world.run().actions()
    world.answer(world.open_calls[0], ErrorCode.SECURITY_ERROR)
    aborted = [event.call for event in world.run().taken(CallAborted)]
    assert sorted(call.action for call in aborted) == sorted([yours.action, other.action])
    assert world.actions() == ["BootNotification", "StartTransaction"]  # T-13


def test_silence_is_that_since_the_message_left_and_not_since_it_was_queued() -> None:
    world = busy(count_timeouts="if_heard", heartbeat_interval=0.0)
    world.answers["StartTransaction"] = [SILENT, SILENT]
    world.station.post(start_16(), transaction="k", now=world.now)
    world.advance(10)
    world.answer(world.open_calls[0], {"status": "Accepted"})  # the last that is heard
    world.advance(31)
    assert world.moments("StartTransaction")[0] == 10.0
    assert world.disk.records[1].attempts == 0  # T-14


def test_an_unconfirmed_message_has_the_id_that_you_give() -> None:
    world = World(V21).connect()
    stream = {
        "id": 1,
        "pending": 0,
        "basetime": "2026-11-26T00:00:00Z",
        "data": [{"t": 0, "v": "1"}],
    }
    world.station.send_unconfirmed("NotifyPeriodicEventStream", stream, now=0.0, message_id="mine")
    [frame] = world.station.frames_to_send()
    message: Any = frame.message
    assert message.message_id == "mine"


def test_removals_that_may_wait_are_asked_for_when_you_stop() -> None:
    world = World(V16, make_station(forget_delay=60.0)).connect()
    record = world.station.post(values_16(), now=0.0)
    world.run()
    assert record.seq in world.disk.records
    world.station.flush_store(now=0.0)
    assert world.run().disk.records == {}  # D-8


def test_what_was_wrong_with_an_answer_is_told_with_the_delivery() -> None:
    world = World(V16, make_station(config=Config(validation=Validation.LENIENT)))
    world.connect().answers["MeterValues"] = [SILENT]
    world.station.post(values_16(), now=0.0)
    [call] = world.run().open_calls
    world.link.inject(Role.CSMS, f'[3,"{call.message_id}",{{"bogus":1}}]')
    [event] = world.run().taken(Delivered)
    assert [violation.path for violation in event.violations] == ["$.bogus"]


def test_a_refusal_of_a_stranger_is_no_loss_either() -> None:
    world = World(V16, make_station(max_losses=1, message_attempts=1)).connect()
    world.answers["StartTransaction"] = [ErrorCode.SECURITY_ERROR]
    world.station.post(start_16(), transaction="k", now=0.0)
    assert world.run().taken(GivenUp) == []  # T-13
    assert len(world.moments("StartTransaction")) == 2


def test_a_boot_that_is_about_to_leave_is_not_taken_back_for_another_csms() -> None:
    world = World(V16).connect()
    for _ in range(2):
        world.station.reregister(is_new_csms=True, now=0.0)
    assert world.run().actions() == ["BootNotification"] * 2
    assert world.station.registration is Registration.ACCEPTED


def test_the_connector_of_a_transaction_is_the_one_that_was_said_last() -> None:
    station = make_station()
    station.post(start_16(), transaction="k", now=0.0)
    assert station.open_transactions[0].connector == 1
    station.post(replace(values_16(), connector_id=2), transaction="k", now=0.0)
    station.post(stop_16(), transaction="k", now=0.0)
    assert station.open_transactions[0].connector == 2
