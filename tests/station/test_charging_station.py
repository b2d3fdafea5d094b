"""A `ChargingStation` charges, tells and answers by itself, in each version, on virtual time."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from core_pair import V16, V21, V201, in_every_version
from station_pair import SILENT, Disk, World, boot

from ocpp_sansio import CallReceived, Config, ErrorCode, LocalProtocolError, Version
from ocpp_sansio.core import read_json
from ocpp_sansio.repetition import idempotency_key
from ocpp_sansio.station import (
    ENERGY,
    BootReason,
    ChargingStation,
    ClockSet,
    ConfigurationStore,
    ConnectorStatus,
    IdToken,
    KeyChanged,
    MeterFailed,
    MeterPlan,
    OpenTransaction,
    OutboxFull,
    RemoteStart,
    RemoteStop,
    Sample,
    SecurityEvent,
    StationSettings,
    StatusWanted,
    StopReason,
    Triggered,
)

KEYS = {
    "HeartbeatInterval": "0",
    "MeterValueSampleInterval": "60",
    "MeterValuesSampledData": f"{ENERGY},Voltage.L1",
    "ClockAlignedDataInterval": "0",
    "MeterValuesAlignedData": ENERGY,
    "StopTxnSampledData": ENERGY,
    "StopTxnAlignedData": "",
    "MinimumStatusDuration": "0",
    "StopTransactionMaxMeterValues": "4",
    "NumberOfConnectors": "2",
}


class Meter:
    """Shows a watt hour more each second, and fails when told."""

    def __init__(self) -> None:
        self.world: World | None = None
        self.is_broken = False
        self.has_register = True
        self.extra: Sample | None = None

    def __call__(self, _connector: int, _measurands: tuple[str, ...]) -> Iterable[Sample]:
        if self.is_broken:
            raise OSError("no answer on the bus")
        energy = int(self.world.now if self.world else 0.0)
        yield Sample(230, "Voltage", "V", "L1")
        yield Sample(16, "Current.Import", "A")
        if self.extra:
            yield self.extra
        if self.has_register:
            yield Sample(energy)


def make(
    agreed: Version,
    *,
    disk: Disk | None = None,
    keys: dict[str, str] | None = None,
    settings: dict[str, Any] | None = None,
    meter: Meter | None = None,
    **options: Any,
) -> Any:
    """Return a world whose station has two connectors; `meter` and `station` are typed as anything."""
    meter = meter or Meter()
    disk = disk or Disk()
    restored = disk.load()
    station = ChargingStation(
        boot,
        random=lambda: 0.0,
        read_meter=meter,
        connectors=2,
        configuration=ConfigurationStore(KEYS | (keys or {}), stored=restored.values),
        restored=restored,
        settings=StationSettings(**(settings or {})),
        **options,
    )
    world = World(agreed, station, disk=disk)
    meter.world = world
    world.meter = meter  # type: ignore[attr-defined]
    return world


def told(world: World, *actions: str) -> list[Any]:
    """Return what the CSMS was asked since the last look, of some actions, and forget all."""
    asked, world.asked = world.asked, []
    return [body for _, action, body in asked if action in actions]


def statuses(world: World) -> list[Any]:
    bodies = told(world, "StatusNotification")
    if world.version is V16:
        return [(body["connectorId"], body["status"]) for body in bodies]
    return [(body["evseId"], body["connectorStatus"]) for body in bodies]


def events(world: World) -> list[Any]:
    bodies = told(world, "TransactionEvent", "StartTransaction", "MeterValues", "StopTransaction")
    return [body.get("eventType") or [*body] for body in bodies]


# --- a charge ---------------------------------------------------------------------------------------


def test_a_charge_in_1_6_is_started_metered_and_stopped_with_its_data() -> None:
    world = make(V16).connect()
    told(world)
    world.station.start("key", 1, "TAG", now=world.now)
    world.advance(150)
    world.station.stop("key", StopReason.EV_DISCONNECTED, now=world.now, id_token="TAG")
    world.run()
    start, first, second, stop = told(world, "StartTransaction", "MeterValues", "StopTransaction")
    assert (start["connectorId"], start["idTag"], start["meterStart"]) == (1, "TAG", 0)
    assert [each["transactionId"] for each in (first, second, stop)] == [101] * 3
    assert [value["value"] for value in first["meterValue"][0]["sampledValue"]] == ["230", "60"]
    assert first["meterValue"][0]["sampledValue"][0] == {
        "value": "230",
        "unit": "V",
        "phase": "L1",
        "measurand": "Voltage",
        "context": "Sample.Periodic",
    }
    assert (stop["meterStop"], stop["reason"], stop["idTag"]) == (150, "EVDisconnected", "TAG")
    data = [value["sampledValue"][0] for value in stop["transactionData"]]
    assert [(value["context"], value["value"]) for value in data] == [
        ("Transaction.Begin", "0"),
        ("Sample.Periodic", "60"),
        ("Sample.Periodic", "120"),
        ("Transaction.End", "150"),
    ]
    world.advance(300)
    assert events(world) == []  # nothing is metered any more
    assert world.disk.records == {}


@pytest.mark.parametrize("version", [V201, V21])
def test_a_charge_in_2_x_is_a_row_of_events_with_its_state(version: Version) -> None:
    world = make(version).connect()
    told(world)
    world.station.set_status(2, "Preparing", now=world.now)
    world.station.start("key", 2, IdToken("AB", "Central"), remote_start_id=5, now=world.now)
    world.station.set_status(2, ConnectorStatus.CHARGING, now=world.now)
    world.advance(70)
    world.station.set_status(2, ConnectorStatus.SUSPENDED_EV, now=world.now)
    world.station.stop("key", now=world.now)
    world.run()
    started, charging, periodic, suspended, ended = told(world, "TransactionEvent")
    assert started["idToken"] == {"idToken": "AB", "type": "Central"}
    assert started["transactionInfo"] == {
        "transactionId": "key",
        "chargingState": "EVConnected",
        "remoteStartId": 5,
    }
    assert [each["seqNo"] for each in (started, charging, periodic, suspended, ended)] == [
        *range(5)
    ]
    assert [each["triggerReason"] for each in (started, charging, periodic, suspended, ended)] == [
        "RemoteStart",
        "ChargingStateChanged",
        "MeterValuePeriodic",
        "ChargingStateChanged",
        "StopAuthorized",
    ]
    assert charging["transactionInfo"]["chargingState"] == "Charging"
    assert periodic["evse"] == {"id": 2, "connectorId": 1}
    assert [value["value"] for value in periodic["meterValue"][0]["sampledValue"]] == [230, 60]
    assert ended["transactionInfo"] == {"transactionId": "key", "stoppedReason": "Local"}
    registers = [
        (sample["context"], sample["value"])
        for value in ended["meterValue"]
        for sample in value["sampledValue"]
        if sample["measurand"] == ENERGY
    ]
    assert registers == [("Transaction.Begin", 0), ("Sample.Periodic", 60), ("Transaction.End", 70)]


@in_every_version
@pytest.mark.parametrize("reason", StopReason)
def test_each_reason_is_one_of_the_version(version: Version, reason: StopReason) -> None:
    world = make(version).connect()
    world.station.start("key", 1, "TAG", now=world.now)
    world.station.stop("key", reason, now=world.now)  # it is checked like all that is posted
    world.run()
    assert world.station.queued_messages() == 0


@in_every_version
def test_a_charge_that_a_power_cut_has_interrupted_is_ended_or_goes_on(version: Version) -> None:
    world = make(version).connect()
    world.station.start("one", 1, "TAG", now=world.now)
    world.station.start("two", 2, "TAG", now=world.now)
    world.advance(10)
    again = make(version, disk=world.disk)
    again.link.advance(500.0)
    station = again.station
    assert [each.key for each in station.interrupted] == ["one", "two"]
    station.stop("one", StopReason.POWER_LOSS, now=again.now)  # before there is any connection
    resumed = station.resume("two", now=again.now)
    assert (resumed is not None) is (version is V21)
    assert station.interrupted == ()
    with pytest.raises(LocalProtocolError, match="cannot go on"):
        station.resume("two", now=again.now)
    again.connect()
    again.advance(65)
    station.stop("two", now=again.now)
    again.run()
    bodies = told(again, "StopTransaction", "MeterValues", "TransactionEvent")
    if version is V16:
        assert [body.get("meterStop") for body in bodies] == [500, None, 565]
        assert bodies[0]["reason"] == "PowerLoss"
    else:
        reasons = [body["triggerReason"] for body in bodies]
        assert reasons[0] == "AbnormalCondition"
        assert ("TxResumed" in reasons) is (version is V21)  # T-28
        assert bodies[0]["meterValue"][-1]["sampledValue"][-1]["value"] == 500
    assert station.open_transactions == ()


def test_a_station_that_was_never_connected_is_told_its_version() -> None:
    world = make(V16)
    with pytest.raises(LocalProtocolError, match="say version="):
        world.station.start("key", 1, "TAG", now=0.0)
    world = make(V16, version=V16)
    world.station.start("key", 1, "TAG", now=0.0)
    assert world.station.interrupted == ()
    world.connect()
    assert "StartTransaction" in world.actions()


@in_every_version
def test_a_charge_begun_offline_uses_the_last_version_and_is_told_afterwards(
    version: Version,
) -> None:
    world = make(version).connect().cut()
    world.station.start("key", 1, "TAG", now=world.now)
    world.advance(130)
    assert told(world, "StartTransaction", "TransactionEvent") == []
    world.connect()
    kinds = events(world)
    assert len(kinds) == 3
    world.station.stop("key", now=world.now)
    world.run()
    assert len(events(world)) == 1


def test_what_cannot_be_started_or_stopped_changes_nothing() -> None:
    world = make(V16, settings={"max_messages": 4, "end_reserve": 0}).connect()
    station, meter = world.station, world.meter
    now = world.now
    for arguments, text in (
        (("key", 3, "TAG"), "no connector"),
        (("key", 0, "TAG"), "no connector"),
        (("key", 1, "T" * 21), "idTag"),
    ):
        with pytest.raises(LocalProtocolError, match=text):
            station.start(*arguments, now=now)
    with pytest.raises(LocalProtocolError, match="runs"):
        station.stop("key", now=now)
    with pytest.raises(ValueError, match="connector"):
        station.set_status(3, "Available", now=now)
    with pytest.raises(ValueError, match="Sleeping"):
        station.set_status(1, "Sleeping", now=now)
    meter.is_broken = True
    with pytest.raises(OSError, match="bus"):
        station.start("key", 1, "TAG", now=now)
    meter.is_broken, meter.has_register = False, False
    with pytest.raises(LocalProtocolError, match=ENERGY):
        station.start("key", 1, "TAG", now=now)
    meter.has_register = True
    world.cut()
    station.start("key", 1, "TAG", now=now)
    with pytest.raises(LocalProtocolError, match="runs at connector 1"):
        station.start("other", 1, "TAG", now=now)
    station.start("other", 2, "TAG", now=now)
    with pytest.raises(LocalProtocolError, match="idTag"):
        station.stop("key", now=now, id_token="T" * 21)
    world.advance(600)  # the readings have no room
    station.stop("key", now=world.now)
    station.stop("other", now=world.now)
    with pytest.raises(OutboxFull):
        station.start("third", 1, "TAG", now=now)
    world.connect()
    assert "StopTransaction" in world.actions()


def test_a_meter_that_fails_later_loses_a_reading_and_no_bill() -> None:
    world = make(V16).connect()
    world.station.start("key", 1, "TAG", now=world.now)
    world.advance(61)
    world.meter.is_broken = True
    world.advance(60)
    (failed,) = world.taken(MeterFailed)
    assert (failed.connector, failed.error) == (1, "no answer on the bus")
    told(world)
    world.station.stop("key", now=world.now)
    world.run()
    (stop,) = told(world, "StopTransaction")
    assert stop["meterStop"] == 60  # as it was read last


@in_every_version
def test_a_value_that_no_version_knows_loses_a_reading_and_no_bill(version: Version) -> None:
    plan = MeterPlan(sample_interval=60.0, sampled=["Power.Offered"], end_sampled=["Power.Offered"])
    world = make(version, plan=plan).connect()
    told(world)
    world.station.start("key", 1, "TAG", now=world.now)
    world.meter.extra = Sample(7, "Power.Offered", "W" * 21, "L9")
    world.advance(60)
    assert len(world.taken(MeterFailed)) == 1
    world.ask("TriggerMessage", {"requestedMessage": "MeterValues"})
    assert len(world.taken(MeterFailed)) == 2  # one of each connector
    world.station.stop("key", now=world.now)
    world.run()
    assert len(world.taken(MeterFailed)) == 1
    end = told(world, "StopTransaction", "TransactionEvent")[-1]
    if version is V16:
        assert (end["meterStop"], "transactionData" in end) == (60, False)
    else:
        (value,) = end["meterValue"]
        assert [sample["value"] for sample in value["sampledValue"]] == [60]


@pytest.mark.parametrize("version", [V201, V21], ids=lambda v: v.value)
def test_an_event_that_was_asked_for_is_sent_though_the_meter_fails(version: Version) -> None:
    world = make(version).connect()
    world.station.start("key", 1, "TAG", now=world.now)
    world.run()
    told(world)
    world.meter.is_broken = True
    asked = {"requestedMessage": "TransactionEvent"}
    assert world.ask("TriggerMessage", asked).payload.status == "Accepted"
    (event,) = told(world, "TransactionEvent")
    assert (event["triggerReason"], "meterValue" in event) == ("Trigger", False)


@in_every_version
def test_a_clock_that_is_not_set_is_asked_for_before_the_status_is_told(version: Version) -> None:
    world = make(version)
    nonsense = {"status": "Accepted", "currentTime": "1999-01-01T00:00:00Z", "interval": 0}
    world.answers["BootNotification"] = nonsense
    world.connect().cut()
    world.station.set_status(1, "Faulted", now=world.now)
    world.actions()
    assert world.connect().actions() == ["Heartbeat", "StatusNotification"]  # T-37


# --- status, triggers, configuration -------------------------------------------------------------------


@in_every_version
def test_the_status_is_told_after_the_boot_and_when_it_changes(version: Version) -> None:
    world = make(version, keys={"MinimumStatusDuration": "5"}).connect()
    first = [(0, "Available"), (1, "Available"), (2, "Available")]
    assert statuses(world) == (first if version is V16 else first[1:])
    for status in ("Preparing", "Charging"):
        world.station.set_status(1, status, now=world.now)
        world.advance(3)
    assert statuses(world) == ([] if version is V16 else [(1, "Occupied")])
    world.advance(10)
    assert statuses(world) == ([(1, "Charging")] if version is V16 else [])
    world.cut()
    world.station.set_status(2, "Faulted", now=world.now, error="GroundFailure")
    world.advance(30)
    world.connect()
    assert statuses(world) == [(2, "Faulted")]
    assert world.station.status(2) is ConnectorStatus.FAULTED
    assert world.taken(StatusWanted)  # whoever wants to know it


@in_every_version
def test_a_status_that_was_lost_with_the_link_is_told_again(version: Version) -> None:
    world = make(version).connect()
    told(world)
    world.answers["StatusNotification"] = SILENT
    for connector in (1, 2):
        world.station.set_status(connector, "Preparing", now=world.now)
    world.run().cut()
    del world.answers["StatusNotification"]
    told(world)
    world.connect()
    assert [connector for connector, _ in statuses(world)] == [1, 2]


@in_every_version
def test_a_status_that_nobody_has_answered_is_told_again_when_the_csms_is_heard(
    version: Version,
) -> None:
    world = make(version, keys={"HeartbeatInterval": "300"}).connect()
    told(world)
    world.answers["StatusNotification"] = [SILENT]
    world.station.set_status(1, "Faulted", now=world.now)
    world.advance(299)
    assert len(statuses(world)) == 1  # once: a CSMS that is silent keeps nothing else from leaving
    world.advance(300)
    assert [connector for connector, _ in statuses(world)] == [1]
    world.advance(900)
    assert statuses(world) == []


@in_every_version
def test_a_status_that_nobody_has_answered_is_told_on_the_next_connection(version: Version) -> None:
    world = make(version).connect()
    told(world)
    world.answers["StatusNotification"] = [SILENT]
    world.station.set_status(1, "Faulted", now=world.now)
    world.advance(100).cut()
    told(world)
    world.connect()
    assert [connector for connector, _ in statuses(world)] == [1]


@in_every_version
def test_a_status_that_is_answered_late_is_not_told_again(version: Version) -> None:
    world = make(version).connect()
    told(world)
    world.answers["StatusNotification"] = [SILENT]
    world.station.set_status(1, "Faulted", now=world.now)
    world.advance(100)
    (call,) = world.open_calls
    world.answer(call, {})
    world.run().cut()
    told(world)
    world.connect()
    assert statuses(world) == []


def test_a_status_that_is_refused_is_told_once_and_silence_waits() -> None:
    world = make(V16).connect()
    told(world)
    world.answers["StatusNotification"] = [ErrorCode.GENERIC_ERROR, SILENT]
    world.station.set_status(1, "Preparing", now=world.now)
    world.station.set_status(2, "Preparing", now=world.now)
    world.advance(100)
    assert statuses(world) == [(1, "Preparing"), (2, "Preparing")]
    for call in world.open_calls:
        world.answer(call, {})
    world.run()
    assert [type(each).__name__ for each in world.events if "Call" in type(each).__name__] == []


@in_every_version
def test_a_trigger_is_answered_first_and_obeyed_with_what_is_so_now(version: Version) -> None:
    order = list[Any]()
    world = make(version, triggers=["FirmwareStatusNotification"]).connect()
    world.station.set_status(1, "Charging", now=world.now)
    world.station.start("key", 1, "TAG", now=world.now)
    world.run()
    told(world)
    at = {} if version is V16 else {"evse": {"id": 1}}
    for wanted in ("StatusNotification", "MeterValues", "FirmwareStatusNotification"):
        named = {"connectorId": 1} if version is V16 else at
        outcome = world.ask("TriggerMessage", {"requestedMessage": wanted} | named)
        order.append((wanted, str(outcome.payload.status)))
    assert order == [
        ("StatusNotification", "Accepted"),
        ("MeterValues", "Accepted"),
        ("FirmwareStatusNotification", "Accepted"),
    ]
    status, values = told(world, "StatusNotification", "MeterValues")
    assert status.get("status", status.get("connectorStatus")) in {"Charging", "Occupied"}
    assert values["meterValue"][0]["sampledValue"][0]["context"] == "Trigger"
    assert ("transactionId" in values) is (version is V16)
    (event,) = world.taken(Triggered)
    assert event.message.action == "FirmwareStatusNotification"
    unknown = {"requestedMessage": "BootNotification"}
    assert world.ask("TriggerMessage", unknown).payload.status == "Rejected"  # B-28
    unknown = {
        "requestedMessage": "DiagnosticsStatusNotification"
        if version is V16
        else "LogStatusNotification"
    }
    assert world.ask("TriggerMessage", unknown).payload.status == "NotImplemented"
    if version is not V16:
        world.ask("TriggerMessage", {"requestedMessage": "TransactionEvent"})
        (updated,) = told(world, "TransactionEvent")
        assert updated["triggerReason"] == "Trigger"


@in_every_version
def test_a_trigger_is_obeyed_before_the_boot_is_accepted(version: Version) -> None:
    world = make(version)
    world.answers["BootNotification"] = lambda _: world.boots("Pending", 600)
    world.connect()
    assert world.actions() == ["BootNotification"]
    world.ask("TriggerMessage", {"requestedMessage": "StatusNotification"})
    assert len(statuses(world)) == (3 if version is V16 else 2)  # B-31


def test_more_triggers_than_can_be_obeyed_are_rejected() -> None:
    world = make(V16, config=Config(max_queued_calls=2)).connect()
    world.answers["StatusNotification"] = SILENT
    asked = {"requestedMessage": "StatusNotification"}
    answers = [str(world.ask("TriggerMessage", asked).payload.status) for _ in range(60)]
    assert answers[0] == "Accepted"
    assert answers[-1] == "Rejected"


def test_the_configuration_is_answered_obeyed_told_and_kept() -> None:
    world = make(V16).connect()
    told(world)
    for key, value in (
        ("HeartbeatInterval", "900"),
        ("TransactionMessageAttempts", "9"),
        ("MeterValueSampleInterval", "10"),
    ):
        outcome = world.ask("ChangeConfiguration", {"key": key, "value": value})
        wanted = "NotSupported" if key not in KEYS else "Accepted"
        assert outcome.payload.status == wanted
    assert [change.key for change in world.taken(KeyChanged)] == [
        "HeartbeatInterval",
        "MeterValueSampleInterval",
    ]
    assert world.station.settings.heartbeat_interval == 900
    world.station.start("key", 1, "TAG", now=world.now)
    world.advance(25)
    assert len(told(world, "MeterValues")) == 2
    shown = world.ask("GetConfiguration", {"key": ["HeartbeatInterval"]}).payload
    assert shown.configuration_key[0].value == "900"
    again = make(V16, disk=world.disk).station
    assert again.configuration.integer("MeterValueSampleInterval") == 10
    assert again.settings.heartbeat_interval == 900


def test_the_interval_of_an_accepted_boot_is_the_heartbeats_in_the_configuration_too() -> None:
    world = make(V16)
    world.answers["BootNotification"] = lambda _: world.boots("Accepted", 77)
    world.connect()
    assert world.station.configuration["HeartbeatInterval"] == "77"  # B-34
    assert world.disk.values["configuration.HeartbeatInterval"] == "77"
    pending = make(V16)
    pending.answers["BootNotification"] = lambda _: pending.boots("Pending", 77)
    pending.connect()
    assert pending.station.configuration["HeartbeatInterval"] == "0"  # B-27


# --- meters ------------------------------------------------------------------------------------------


@in_every_version
def test_idle_connectors_have_values_of_the_clock_when_it_is_set(version: Version) -> None:
    plan = MeterPlan(aligned_interval=900.0, aligned=[ENERGY])
    world = make(version, plan=plan)
    world.advance(2000)
    assert world.station.queued_messages() == 0  # K-7
    world.connect()
    told(world)
    world.advance(900)
    values = told(world, "MeterValues")
    assert [body.get("connectorId") or body["evseId"] for body in values] == [1, 2]
    world.cut()
    world.advance(900)
    assert world.station.queued_messages() == (2 if version is V16 else 0)  # T-1


# --- the CSMS's hand -----------------------------------------------------------------------------------


def remote_start(version: Version, connector: int | None = None, tag: str = "TAG") -> Any:
    if version is V16:
        return "RemoteStartTransaction", {"idTag": tag} | (
            {} if connector is None else {"connectorId": connector}
        )
    return "RequestStartTransaction", {
        "idToken": {"idToken": tag, "type": "eMAID"},
        "remoteStartId": 7,
    } | ({} if connector is None else {"evseId": connector})


@in_every_version
def test_remote_starts_and_stops_are_answered_and_told(version: Version) -> None:
    world = make(version).connect()
    assert world.ask(*remote_start(version)).payload.status == "Accepted"
    (wanted,) = world.taken(RemoteStart)
    token = IdToken("TAG") if version is V16 else IdToken("TAG", "eMAID")
    assert (wanted.connector, wanted.id_token) == (1, token)
    assert wanted.remote_start_id == (None if version is V16 else 7)
    world.station.start(
        "key", 1, wanted.id_token, remote_start_id=wanted.remote_start_id, now=world.now
    )
    world.run()
    for connector, status in ((1, "Rejected"), (2, "Accepted"), (9, "Rejected")):
        outcome = world.ask(*remote_start(version, connector))
        assert outcome.payload.status == status
    world.station.set_status(2, "Faulted", now=world.now)
    assert world.ask(*remote_start(version)).payload.status == "Rejected"
    stop = "RemoteStopTransaction" if version is V16 else "RequestStopTransaction"
    known = world.station.transaction_id("key") if version is V16 else "key"
    unknown: Any = 999 if version is V16 else "other"
    for transaction, status in ((known, "Accepted"), (unknown, "Rejected")):
        outcome = world.ask(stop, {"transactionId": transaction})
        assert outcome.payload.status == status
    assert world.taken(RemoteStop) == [RemoteStop("key", 1)]


@in_every_version
def test_a_connector_that_one_remote_start_was_promised_is_not_promised_to_another(
    version: Version,
) -> None:
    world = make(version).connect()

    def answers(*connectors: int | None) -> list[str]:
        asked = [remote_start(version, connector) for connector in connectors]
        return [world.ask(*each).payload.status for each in asked]

    assert answers(1, 1, None, None, 2) == [
        *("Accepted", "Rejected", "Accepted", "Rejected", "Rejected")
    ]
    assert [wanted.connector for wanted in world.taken(RemoteStart)] == [1, 2]
    world.station.decline(2, now=world.now)  # the card was not good enough
    assert answers(2) == ["Accepted"]
    world.station.start("key", 1, "TAG", now=world.now)
    world.station.stop("key", now=world.now)
    assert answers(1) == ["Accepted"]
    world.advance(59)
    assert answers(1) == ["Rejected"]
    world.advance(2)  # ConnectionTimeOut is over: nobody has come
    assert answers(1) == ["Accepted"]
    with pytest.raises(ValueError, match="no connector '3'"):
        world.station.decline(3, now=world.now)


@in_every_version
def test_remote_control_is_the_applications_if_it_says_so(version: Version) -> None:
    world = make(version, serves_remote=False).connect()
    assert world.ask(*remote_start(version)) is None
    stop = "RemoteStopTransaction" if version is V16 else "RequestStopTransaction"
    transaction: Any = 1 if version is V16 else "key"
    assert world.ask(stop, {"transactionId": transaction}) is None or world.events


# --- security -------------------------------------------------------------------------------------------


@in_every_version
def test_critical_security_events_are_posted_and_others_are_not(version: Version) -> None:
    world = make(version).connect()
    report = world.station.report_security
    assert report(SecurityEvent.STARTUP_OF_THE_DEVICE, now=world.now, info="1.0") is not None
    assert report(SecurityEvent.INVALID_MESSAGES, now=world.now) is None
    world.run()
    (body,) = told(world, "SecurityEventNotification")
    assert (body["type"], body["techInfo"]) == ("StartupOfTheDevice", "1.0")


@in_every_version
def test_a_clock_that_steps_is_a_security_event_in_2_x(version: Version) -> None:
    world = make(version).connect()
    told(world)
    for step in (10, 60):
        world.station.wall_clock(world.utc() + timedelta(seconds=step), "NTP", now=world.now)
    world.run()
    found = told(world, "SecurityEventNotification")
    assert [body["type"] for body in found] == ([] if version is V16 else ["SettingSystemTime"])


# --- each fact by itself ---------------------------------------------------------------------------------


class TwoMeters(Meter):
    """Each connector has a register of its own, and what was asked for is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[int, tuple[str, ...]]] = []
        self.breaks_after = 10**9

    def __call__(self, connector: int, measurands: tuple[str, ...]) -> Iterable[Sample]:
        self.asked.append((connector, measurands))
        self.is_broken = len(self.asked) > self.breaks_after
        return [
            Sample(each.value + 1000 * connector) if each.measurand == ENERGY else each
            for each in super().__call__(connector, measurands)
        ]


def registers(body: Any) -> list[Any]:
    return [
        sample["value"]
        for value in body.get("meterValue", ())
        for sample in value["sampledValue"]
        if sample["measurand"] == ENERGY
    ]


@in_every_version
def test_each_connector_is_billed_by_its_own_meter(version: Version) -> None:
    world = make(version, meter=TwoMeters()).connect()
    told(world)
    for connector in (1, 2):
        world.station.start(f"key {connector}", connector, "TAG", now=world.now)
    world.advance(60)
    readings = told(world, "MeterValues", "TransactionEvent", "StartTransaction")
    for connector in (1, 2):
        world.station.stop(f"key {connector}", now=world.now)
    world.run()
    ends = told(world, "StopTransaction", "TransactionEvent")
    if version is V16:
        assert [body.get("meterStart") for body in readings] == [1000, 2000, None, None]
        assert [body["meterStop"] for body in ends] == [1060, 2060]
        assert [registers(body) for body in readings[2:]] == [["1060"], ["2060"]]
        ends = [{"meterValue": body["transactionData"]} for body in ends]
        assert [registers(body) for body in ends] == [
            ["1000", "1060", "1060"],
            ["2000", "2060", "2060"],
        ]
    else:
        assert [registers(body) for body in readings] == [[1000], [2000], [1060], [2060]]
        assert [registers(body) for body in ends] == [[1000, 1060, 1060], [2000, 2060, 2060]]


@pytest.mark.parametrize("version", [V201, V21], ids=lambda v: v.value)
def test_a_start_and_an_end_have_the_register_that_was_read_though_the_meter_fails_then(
    version: Version,
) -> None:
    meter = TwoMeters()
    world = make(version, meter=meter).connect()
    told(world)
    meter.breaks_after = 1
    world.station.start("key", 2, "TAG", now=world.now)
    failed = [each for each in world.station.events() if isinstance(each, MeterFailed)]
    assert {each.connector for each in failed} == {2}  # at once, not with the next input
    meter.breaks_after = 0
    world.station.stop("key", id_token=IdToken("OTHER", "Central"), now=world.now)
    assert any(isinstance(each, MeterFailed) for each in world.station.events())
    world.run()
    start, end = told(world, "TransactionEvent")
    assert (registers(start), registers(end)) == ([2000], [2000])
    assert end["idToken"] == {"idToken": "OTHER", "type": "Central"}


@in_every_version
@pytest.mark.parametrize(("most", "left"), [("4", 3), ("5", 5), ("2", 2), ("0", 2), (None, 5)])
def test_the_end_has_no_more_values_than_the_configuration_says(
    version: Version, most: str | None, left: int
) -> None:
    """The first and the last stay (T-34); one that has no such key has room for a hundred."""
    keys = {} if most is None else {"StopTransactionMaxMeterValues": most}
    for is_resumed in (False, True):
        world = make(version, keys=keys)
        if most is None:
            values = {
                name: value for name, value in KEYS.items() if "StopTransactionMax" not in name
            }
            world.station.configuration = ConfigurationStore(values)
        world.connect()
        world.station.start("key", 1, "TAG", now=world.now)
        world.run()
        if is_resumed:
            moment, disk = world.now, world.disk
            world = make(version, keys=keys, disk=disk, version=version)
            world.link.advance(moment)
            world.station.resume("key", now=world.now)
            world.connect()
        world.advance(180 if not is_resumed else 600)
        world.station.stop("key", now=world.now)
        world.run()
        end = told(world, "StopTransaction", "TransactionEvent")[-1]
        values_told = end.get("transactionData") or end["meterValue"]
        contexts = [value["sampledValue"][0]["context"] for value in values_told]
        assert contexts[-1] == "Transaction.End"
        if is_resumed:
            assert len(contexts) <= (4 if most is None else max(2, int(most)))
        else:
            assert contexts[0] == "Transaction.Begin"
            assert len(contexts) == left


def test_without_a_configuration_a_hundred_values_are_kept_and_any_status_is_told_at_once() -> None:
    meter = Meter()
    plan = MeterPlan(end_sample_interval=1.0, end_sampled=[ENERGY])
    station = ChargingStation(boot, random=lambda: 0.0, read_meter=meter, plan=plan)
    world = World(V16, station)
    meter.world = world
    world.connect()
    told(world)
    station.set_status(1, "Preparing", now=world.now)
    station.start("key", 1, "TAG", now=world.now)
    world.advance(98)
    assert statuses(world) == [(1, "Preparing")]
    station.stop("key", now=world.now)
    world.run()
    (stop,) = told(world, "StopTransaction")
    assert len(stop["transactionData"]) == 100
    assert world.ask("GetConfiguration", {}) is None  # it is yours to answer
    with pytest.raises(ValueError, match=r"^connectors"):
        ChargingStation(boot, random=lambda: 0.0, read_meter=meter, connectors=0)
    only_one = ChargingStation(boot, random=lambda: 0.0, read_meter=meter, connectors=1)
    assert only_one.status(1) is ConnectorStatus.AVAILABLE


@in_every_version
def test_what_is_wrong_is_named(version: Version) -> None:
    world = make(version, version=version)
    station = world.station
    with pytest.raises(ValueError, match="there is no connector '3'"):
        station.set_status(3, "Available", now=0.0)
    with pytest.raises(LocalProtocolError, match="there is no connector '3'"):
        station.start("key", 3, "TAG", now=0.0)
    station.start("key", 1, "TAG", now=0.0)
    with pytest.raises(LocalProtocolError, match="no transaction 'other' runs"):
        station.stop("other", now=0.0)  # though one does
    with pytest.raises(LocalProtocolError, match="no transaction 'other' runs"):
        station.resume("other", now=0.0)
    station.stop("key", now=0.0)
    with pytest.raises(LocalProtocolError, match="no transaction 'key' runs"):
        station.stop("key", now=0.0)


@in_every_version
def test_an_interrupted_charge_cannot_go_on_where_another_has_begun(version: Version) -> None:
    world = make(version).connect()
    world.station.start("old", 2, "TAG", now=world.now)
    world.run()
    again = make(version, disk=world.disk, version=version)
    again.link.advance(10.0)
    again.station.start("new", 2, "TAG", now=again.now)
    with pytest.raises(LocalProtocolError, match="'old' cannot go on"):
        again.station.resume("old", now=again.now)
    assert [each.key for each in again.station.interrupted] == ["old"]
    assert again.station.stop("old", now=again.now).transaction == "old"
    again.station.stop("new", now=again.now)
    again.station.start("next", 2, "TAG", now=again.now)


@pytest.mark.parametrize(("begun", "ended"), [(V16, V201), (V201, V16), (V201, V21)])
def test_a_charge_keeps_its_version_and_a_security_event_has_that_of_the_moment(
    begun: Version, ended: Version
) -> None:
    world = make(begun).connect()
    world.station.start("key", 1, "TAG", now=world.now)
    world.run().cut()
    world.version = ended
    world.csms = type(world.csms)(world.csms.role)
    world.link = type(world.link)(world.station, world.csms, on_csms_event=world._serve)
    world.connect()
    record = world.station.stop("key", now=world.now)
    assert record.version is begun
    security = world.station.report_security(SecurityEvent.MEMORY_EXHAUSTION, now=world.now)
    assert security is not None
    assert (security.version, security.transaction) == (ended, None)
    is_critical = world.station.report_security(SecurityEvent.INVALID_TLS_VERSION, now=world.now)
    assert (is_critical is None) is (ended is V16)


@in_every_version
def test_what_was_posted_before_the_clock_was_set_has_its_right_time_when_it_leaves(
    version: Version,
) -> None:
    world = make(version, version=version)
    world.link.advance(50.0)
    world.station.start("key", 1, "TAG", now=world.now)
    world.advance(50)
    world.connect()
    start = told(world, "StartTransaction", "TransactionEvent")[0]
    assert start["timestamp"] == "2026-11-26T00:00:50Z"  # K-6


@in_every_version
def test_an_action_has_its_effect_at_once(version: Version) -> None:
    """And not only with the next input."""
    world = make(version).connect()
    station = world.station
    assert station.frames_to_send() == []
    station.set_status(1, "Preparing", now=world.now)
    (frame,) = station.frames_to_send()
    assert frame.message.action == "StatusNotification"


@in_every_version
def test_statuses_that_wait_for_the_link_are_told_once_when_it_is_back(version: Version) -> None:
    world = make(version, config=Config(max_queued_calls=1)).connect()
    told(world)
    world.answers["StatusNotification"] = SILENT
    for connector in (1, 2):
        world.station.set_status(connector, "Preparing", now=world.now)
        world.station.set_status(connector, "Charging", now=world.now)
    world.run()
    world.station.set_status(2, "Faulted", now=world.now)
    world.run().cut()
    del world.answers["StatusNotification"]
    told(world)
    world.connect().advance(1)
    word = {"Charging": "Charging" if version is V16 else "Occupied", "Faulted": "Faulted"}
    assert statuses(world) == [(1, word["Charging"]), (2, word["Faulted"])]


@in_every_version
def test_after_long_away_all_statuses_are_told_in_2_x_and_after_a_boot_in_each(
    version: Version,
) -> None:
    world = make(version).connect()
    everything = statuses(world)
    world.cut().advance(61)
    world.connect()
    assert statuses(world) == ([] if version is V16 else everything)  # T-36
    world.station.reregister(now=world.now)
    world.run()
    assert statuses(world) == everything  # B-35


@in_every_version
def test_a_status_has_the_time_of_its_change_and_one_that_was_asked_for_that_of_now(
    version: Version,
) -> None:
    world = make(version, keys={"MinimumStatusDuration": "5"}).connect().advance(10)
    told(world)
    world.station.set_status(1, "Faulted", now=world.now)
    world.advance(20)
    (body,) = told(world, "StatusNotification")
    told_as = body.get("connectorId") if version is V16 else (body["evseId"], body["connectorId"])
    assert told_as == (1 if version is V16 else (1, 1))
    assert body["timestamp"] == "2026-11-26T00:00:10Z"
    named = {"connectorId": 1} if version is V16 else {"evse": {"id": 1}}
    world.ask("TriggerMessage", {"requestedMessage": "StatusNotification"} | named)
    (body,) = told(world, "StatusNotification")
    assert body["timestamp"] == "2026-11-26T00:00:30Z"
    assert body.get("status", body.get("connectorStatus")) == "Faulted"


@in_every_version
def test_what_it_answers_is_not_shown_to_you_and_all_else_is(version: Version) -> None:
    world = make(version).connect()
    world.station.start("key", 1, "TAG", now=world.now)
    world.run()
    stop = "RemoteStopTransaction" if version is V16 else "RequestStopTransaction"
    known = world.station.transaction_id("key") if version is V16 else "key"
    asked: list[tuple[str, Any]] = [
        ("TriggerMessage", {"requestedMessage": "StatusNotification"}),
        remote_start(version),
        (stop, {"transactionId": known}),
    ]
    if version is V16:
        asked += [
            ("GetConfiguration", {}),
            ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "5"}),
        ]
    else:
        asked.append(("GetTransactionStatus", {}))
    for action, payload in asked:
        assert world.ask(action, payload) is not None
    assert world.taken(CallReceived) == []
    assert world.ask("ClearCache", {}) is None
    (yours,) = world.taken(CallReceived)
    assert yours.action == "ClearCache"
    world.station.send_call_result(yours, {"status": "Accepted"}, now=world.now)
    assert world.run().taken(CallReceived) == []


@in_every_version
def test_a_remote_start_shows_all_that_was_asked(version: Version) -> None:
    world = make(version).connect()
    world.ask(*remote_start(version, 2))
    (wanted,) = world.taken(RemoteStart)
    assert wanted.connector == 2
    payload = wanted.payload
    assert (payload.id_tag if version is V16 else payload.id_token.id_token) == "TAG"


@in_every_version
def test_late_answers_to_what_it_told_are_no_business_of_yours(version: Version) -> None:
    world = make(version).connect()
    world.answers["StatusNotification"] = SILENT
    world.station.set_status(1, "Faulted", now=world.now)
    world.advance(100)
    (call,) = world.open_calls
    world.events.clear()
    world.answer(call, {})
    world.run()
    assert world.events == []


def test_triggers_are_rejected_from_the_67th_message_on_that_waits() -> None:
    world = make(V16, config=Config(max_queued_calls=1)).connect()
    world.answers["StatusNotification"] = SILENT
    world.station.set_status(1, "Preparing", now=world.now)
    world.station.set_status(2, "Preparing", now=world.now)
    world.run()
    named = {"requestedMessage": "StatusNotification", "connectorId": 1}
    answers = [str(world.ask("TriggerMessage", named).payload.status) for _ in range(70)]
    waiting = answers.index("Rejected")
    assert answers[waiting:] == ["Rejected"] * (70 - waiting)
    assert len(world.station._triggered) == 66  # 64, and a whole answer about two connectors


@in_every_version
def test_values_that_were_asked_for_are_told_of_each_connector_with_its_transaction(
    version: Version,
) -> None:
    world = make(version, meter=TwoMeters()).connect()
    world.station.start("key", 1, "TAG", now=world.now)
    world.run()
    told(world)
    world.ask("TriggerMessage", {"requestedMessage": "MeterValues"})
    bodies = told(world, "MeterValues")
    assert [body.get("connectorId") or body["evseId"] for body in bodies] == [1, 2]
    assert ["transactionId" in body for body in bodies] == [version is V16, False]
    shown = [[int(each) for each in registers(body)] for body in bodies]
    assert shown == [[1000], [2000]]
    assert world.taken(MeterFailed) == []
    if version is not V16:
        world.ask("TriggerMessage", {"requestedMessage": "TransactionEvent"})
        (event,) = told(world, "TransactionEvent")
        assert (event["triggerReason"], registers(event)) == ("Trigger", [1000])
        (value,) = event["meterValue"]
        assert [each["measurand"] for each in value["sampledValue"]] == ["Voltage", ENERGY]


@in_every_version
def test_a_meter_without_what_is_wanted_has_nothing_told(version: Version) -> None:
    plan = MeterPlan(
        sample_interval=60.0, sampled=["Frequency"], aligned_interval=900.0, aligned=["Frequency"]
    )
    world = make(version, plan=plan).connect()
    told(world)
    world.station.start("key", 1, "TAG", now=world.now)
    world.advance(1000)
    assert told(world, "MeterValues") == []
    assert world.taken(MeterFailed) == []
    assert world.station.next_seq_no("key") == (0 if version is V16 else 1)


@in_every_version
def test_the_value_of_an_idle_connector_that_is_none_is_told_by_the_connector(
    version: Version,
) -> None:
    plan = MeterPlan(aligned_interval=900.0, aligned=["Power.Offered"])
    world = make(version, plan=plan).connect()
    world.meter.extra = Sample(7, "Power.Offered", "W" * 21, "L9")
    world.advance(900)
    assert [each.connector for each in world.taken(MeterFailed)] == [1, 2]


@in_every_version
def test_a_station_that_has_heard_nothing_yet_waits_for_nothing(version: Version) -> None:
    plan = MeterPlan(aligned_interval=900.0, aligned=[ENERGY])
    world = make(version, plan=plan)
    assert world.station.next_timeout() is None
    world.station.configure(Config(call_timeout=5.0), now=0.0)
    assert world.station.next_timeout() is None


def test_a_boot_that_is_not_answered_is_repeated_after_a_wait_with_chance_in_it() -> None:
    world = make(V16)
    world.answers["BootNotification"] = SILENT
    world.connect().advance(1000)
    assert len(world.moments("BootNotification")) > 2


@in_every_version
def test_where_the_time_is_from_and_how_long_it_took_counts_here_too(version: Version) -> None:
    world = make(version).connect()
    (first,) = world.taken(ClockSet)
    assert first.source == "Heartbeat"
    world.answers["BootNotification"] = SILENT
    world.station.reregister(now=world.now)
    world.run()
    world.advance(15)
    (call,) = world.open_calls
    world.answer(call, world.boots("Accepted", 0) | {"currentTime": "2026-11-26T01:00:00Z"})
    world.run()
    assert world.taken(ClockSet) == []  # K-3: it has taken too long


def test_what_you_set_in_the_configuration_is_obeyed_and_kept_with_the_next_input() -> None:
    world = make(V16).connect()
    world.station.configuration.set("MeterValueSampleInterval", "10")
    world.station.configuration.set("HeartbeatInterval", "33")
    world.station.handle_timeout(now=world.now)
    world.run()
    assert world.station.settings.heartbeat_interval == 33
    assert world.disk.values["configuration.MeterValueSampleInterval"] == "10"
    assert world.disk.values["configuration.HeartbeatInterval"] == "33"
    told(world)
    world.station.start("key", 1, "TAG", now=world.now)
    world.advance(25)
    assert len(told(world, "MeterValues")) == 2
    assert world.taken(KeyChanged) == []


@in_every_version
def test_the_end_of_1_6_is_stored_without_an_id(version: Version) -> None:
    world = make(version).connect()
    world.station.start("key", 1, "TAG", now=world.now)
    world.run()
    body = read_json(world.station.stop("key", now=world.now).body)
    assert body.get("transactionId") == (0 if version is V16 else None)  # T-20


@in_every_version
def test_a_station_is_made_with_what_it_is_given(version: Version) -> None:
    config = Config(call_timeout=7.0)
    world = make(version, config=config, reason=BootReason.WATCHDOG, version=version)
    assert world.station.config == config
    record = world.station.start("key", 2, "TAG", now=0.0)
    assert (record.transaction, record.version) == ("key", version)
    world.advance(61)
    assert world.station.queued_messages() == 2  # it meters before it has ever booted
    world.connect()
    (boot_of_it,) = told(world, "BootNotification")
    assert boot_of_it.get("reason") == (None if version is V16 else "Watchdog")


@in_every_version
def test_a_security_event_has_the_time_and_the_version_that_it_has_offline_too(
    version: Version,
) -> None:
    world = make(version).connect().cut()
    record = world.station.report_security(SecurityEvent.RESET_OR_REBOOT, now=world.now + 5)
    assert record is not None
    assert record.version is version
    assert read_json(record.body)["timestamp"] == "2026-11-26T00:00:05Z"


def test_what_waits_to_be_told_when_the_link_goes_is_told_once_and_triggers_are_forgotten() -> None:
    world = make(V16, config=Config(max_queued_calls=1)).connect()
    told(world)
    world.answers["StatusNotification"] = SILENT
    for connector in (0, 1, 2):
        world.station.set_status(connector, "Unavailable", now=world.now)
    world.run()
    for _ in range(3):
        world.ask("TriggerMessage", {"requestedMessage": "StatusNotification", "connectorId": 1})
    world.cut()
    del world.answers["StatusNotification"]
    told(world)
    world.connect()
    assert sorted(statuses(world)) == [(each, "Unavailable") for each in (0, 1, 2)]


@in_every_version
def test_remote_calls_that_are_the_applications_are_shown_to_it(version: Version) -> None:
    world = make(version, serves_remote=False).connect()
    world.ask(*remote_start(version))
    (call,) = world.taken(CallReceived)
    assert call.action == remote_start(version)[0]


@in_every_version
def test_a_transaction_of_no_connector_is_billed_by_the_first(version: Version) -> None:
    disk = Disk()
    disk.transactions["key"] = OpenTransaction(key="key", version=version)
    world = make(version, disk=disk, meter=TwoMeters(), version=version)
    body = read_json(world.station.stop("key", now=0.0).body)
    assert body.get("meterStop", registers(body)) == (1000 if version is V16 else [1000])


# --- days on which all goes wrong ----------------------------------------------------------------------


class Bills:
    """What a CSMS makes of what it is told, repetitions aside: it goes by `idempotency_key` (T-40)."""

    def __init__(self) -> None:
        self.ids: dict[Any, int] = {}
        self.events: dict[str, dict[int, Any]] = {}
        self.starts: dict[int, int] = {}
        self.stops: dict[int, int] = {}

    def serve(self, world: World, chance: Random) -> None:
        """Have a world's CSMS answer by these books, and now and then refuse or lose an answer."""

        def answer(call: CallReceived) -> Any:
            request: Any = call.payload
            number = self.ids.setdefault(idempotency_key(request), len(self.ids))
            match call.action:
                case "StartTransaction":
                    self.starts[number] = request.meter_start
                case "StopTransaction":
                    self.stops[request.transaction_id] = request.meter_stop
                case "TransactionEvent":
                    events = self.events.setdefault(request.transaction_info.transaction_id, {})
                    events[request.seq_no] = request
            if chance.random() < 0.1:
                return ErrorCode.INTERNAL_ERROR
            if chance.random() < 0.1:
                return SILENT
            if call.action == "StartTransaction":
                return {"transactionId": number, "idTagInfo": {"status": "Accepted"}}
            return {}

        for action in ("StartTransaction", "StopTransaction", "TransactionEvent"):
            world.answers[action] = answer

    def total(self) -> list[int]:
        """Return the watt hours of each charge."""
        of_16 = [stop - self.starts[number] for number, stop in self.stops.items()]
        of_2x = []
        for events in self.events.values():
            assert sorted(events) == [*range(len(events))]
            begin, end = events[0], events[len(events) - 1]
            assert (begin.event_type, end.event_type) == ("Started", "Ended")
            of_2x.append(_register_in(end) - _register_in(begin))
        return sorted(of_16 + of_2x)


def _register_in(event: Any) -> int:
    samples = [sample for value in event.meter_value for sample in value.sampled_value]
    return int([sample.value for sample in samples if sample.measurand == ENERGY][-1])


WHAT_HAPPENS = ["start", "start", "wait", "stop", "wait", "cut", "connect", "power cut", "resume"]


@pytest.mark.parametrize("seed", range(4))
@in_every_version
def test_what_is_billed_is_what_the_meter_showed(version: Version, seed: int) -> None:
    chance, bills = Random(seed), Bills()
    settings = {"message_attempts": 40, "message_interval": 1.0}
    world = make(version, settings=settings, version=version)
    bills.serve(world, chance)
    world.connect()
    begun, charged = dict[str, int](), list[int]()
    for step in range(80):
        match chance.choice(WHAT_HAPPENS):
            case "start":
                connector = chance.choice([1, 2])
                at = {
                    each.connector for each in world.station.open_transactions if not each.is_ended
                }
                if connector not in at:
                    key = f"key {step}"
                    world.station.start(key, connector, f"TAG {step}", now=world.now)
                    begun[key] = int(world.now)
            case "stop" if begun:
                key = chance.choice([*begun])
                world.station.stop(key, now=world.now)
                charged.append(int(world.now) - begun.pop(key))
            case "wait":
                world.advance(chance.choice([1, 30, 200]))
            case "cut":
                world.cut()
            case "connect" if not world.link.is_connected:
                world.connect()
            case "power cut":
                world.run()
                moment, disk = world.now, world.disk
                world = make(version, disk=disk, settings=settings, version=version)
                world.link.advance(moment)
                bills.serve(world, chance)
            case "resume" if world.station.interrupted:
                world.station.resume(world.station.interrupted[0].key, now=world.now)
        world.run()
    for key in begun:
        world.station.stop(key, now=world.now)
        charged.append(int(world.now) - begun[key])
    if not world.link.is_connected:
        world.connect()
    chance.random = lambda: 1.0  # type: ignore[method-assign]
    world.advance(3000)
    assert world.station.queued_messages() == 0
    assert bills.total() == sorted(charged)
    assert len(charged) > 3
