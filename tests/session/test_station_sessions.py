"""A session around a `Station`: it boots, posts, stores and tells, with a connection and without one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from worlds import WORLDS, World, caught, connected_pair, in_both_worlds, sent_by

from ocpp_sansio import Connection, LocalProtocolError, Role, Version, v16
from ocpp_sansio.asyncio import Session
from ocpp_sansio.handlers import Handlers
from ocpp_sansio.outcomes import NotConnected
from ocpp_sansio.registration import Registration
from ocpp_sansio.session import SessionBase
from ocpp_sansio.station import (
    ChargingStation,
    ConfigurationStore,
    Deauthorized,
    MeterPlan,
    NotRegistered,
    Record,
    Registered,
    Station,
    StatusWanted,
    StoreFailed,
    StoreRequest,
)
from ocpp_sansio.stores import MemoryStore, StoreError, StoreProblem

V16 = Version.OCPP16
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
START = v16.StartTransactionRequest(connector_id=1, id_tag="TAG", meter_start=0, timestamp=NOON)
STOP = v16.StopTransactionRequest(transaction_id=0, meter_stop=9, timestamp=NOON)
READING = v16.MeterValuesRequest(
    connector_id=1,
    meter_value=[v16.MeterValue(timestamp=NOON, sampled_value=[v16.SampledValue(value="1")])],
)
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}


def boot(*_: Any) -> v16.BootNotificationRequest:
    return v16.BootNotificationRequest(charge_point_vendor="V", charge_point_model="M")


def new_station(store: MemoryStore | None = None, **options: Any) -> Station:
    restored = store.load() if store else None
    return Station(boot, random=lambda: 0.0, restored=restored, **options)


def csms(log: list[tuple[str, Any]], *, boot_status: str = "Accepted") -> dict[str, Any]:
    """Return the options of a CSMS that accepts everything, and writes down what came."""

    def answer(_: Any, call: Any) -> Any:
        log.append((call.action, call.raw))
        now = {"currentTime": "2026-11-26T12:00:00Z"}
        return {
            "BootNotification": {"status": boot_status, "interval": 60, **now},
            "Heartbeat": now,
            "StartTransaction": {"transactionId": 7, "idTagInfo": {"status": "Blocked"}},
        }.get(call.action, {})

    return {"handlers": Handlers({"*": answer}), "gate": False}


@in_both_worlds
async def test_what_is_posted_without_a_connection_is_delivered_once_the_boot_is_accepted(
    world: World,
) -> None:
    store, log, told = MemoryStore(), list[tuple[str, Any]](), list[Any]()
    handlers = Handlers[Any]()

    @handlers.delivered(v16.StartTransactionRequest)
    async def started(request: Any, response: Any, record: Record) -> None:
        told.append((request, response.transaction_id, record.transaction))

    @handlers.delivered("StopTransaction")
    def stopped(request: Any, response: Any) -> None:
        told.append((request["meterStop"], response))

    @handlers.when(Deauthorized)
    def deauthorized(event: Deauthorized, session: SessionBase) -> None:
        told.append((event.transaction, session.is_connected))

    offline = world.session(
        Role.STATION, sender=print, connection=new_station(store), store=store, handlers=handlers
    )
    async with offline:
        record = await offline.post(START, transaction="key")
        assert [each.seq for each in store.load().records] == [record.seq]
        assert isinstance(await caught(offline.call("Heartbeat", {})), NotConnected)

    station = new_station(store)  # after a power cut
    options = {"connection": station, "store": store, "handlers": handlers}
    async with connected_pair(world, station=options, csms=csms(log)) as (near, _):
        assert isinstance(await caught(near.call("StatusNotification", STATUS)), NotRegistered)
        await near.registered()
        await near.call("StatusNotification", STATUS)
        await near.post(STOP, transaction="key")
        await world.settle()
        actions = [action for action, _ in log]
        assert actions[0] == "BootNotification"
        assert [each for each in actions if "Transaction" in each] == [
            "StartTransaction",
            "StopTransaction",
        ]
        assert log[-1][1]["transactionId"] == 7
        assert (START, 7, "key") in told
        assert ("key", True) in told
        assert told[-1][0] == 9
        assert store.load().records == ()


@in_both_worlds
async def test_a_boot_is_tried_again_on_time_and_the_timer_runs_without_a_connection(
    world: World,
) -> None:
    log = list[tuple[str, Any]]()
    seen = list[Any]()
    handlers = Handlers[Any]()
    handlers.when(Registered)(lambda event: seen.append((event.status, world.now())))
    station = {"connection": new_station(), "handlers": handlers}
    async with connected_pair(world, station=station, csms=csms(log, boot_status="Pending")) as (
        near,
        far,
    ):
        await world.settle()
        await world.sleep(30)
        for session in (near, far):
            await session.disconnected()
            await session.connected("ocpp1.6")
        await world.sleep(31)
        assert [(status, round(at)) for status, at in seen] == [
            (Registration.PENDING, 0),
            (Registration.PENDING, 60),
        ]


@in_both_worlds
async def test_a_boot_that_cannot_be_made_is_complained_of_and_tried_again(world: World) -> None:
    tries = list[float]()

    def fail(*_: Any) -> Any:
        tries.append(world.now())
        raise RuntimeError("no serial number yet")

    station = Station(fail, random=lambda: 0.0)
    near = world.session(Role.STATION, sender=print, connection=station)
    async with near:
        await near.connected("ocpp1.6")
        await world.sleep(100)
    assert [round(at) for at in tries] == [0, 60]


class Full(MemoryStore):
    """A store that has no room at first, and raises whatever it likes then."""

    errors: list[Exception]

    def apply(self, requests: Sequence[StoreRequest]) -> int:
        if self.errors:
            raise self.errors.pop(0)
        return super().apply(requests)


@in_both_worlds
async def test_a_store_that_fails_is_told_of_and_never_felt(world: World) -> None:
    store, log, told = Full(), list[tuple[str, Any]](), list[StoreFailed]()
    store.errors = [StoreError(StoreProblem.FULL, "no room"), RuntimeError("what is this?")]
    handlers = Handlers[Any]()
    handlers.when(StoreFailed)(told.append)
    options = {"connection": new_station(), "store": store, "handlers": handlers}
    async with connected_pair(world, station=options, csms=csms(log)) as (near, _):
        await near.registered()
        await near.post(START, transaction="key")
        await world.settle()
        assert ("StartTransaction" in dict(log)) is True
        assert [event.error for event in told] == ["no room"]
        await world.sleep(90)
        await near.post(STOP, transaction="key")
        await world.sleep(10)
        assert store.load().transactions == ()


@in_both_worlds
async def test_a_session_that_is_left_leaves_nothing_delivered_in_its_store(world: World) -> None:
    store, log = MemoryStore(), list[tuple[str, Any]]()
    options = {"connection": new_station(store), "store": store}
    async with connected_pair(world, station=options, csms=csms(log)) as (near, _):
        await near.registered()
        await near.post(READING)
        await world.settle()
        assert len(store.load().records) == 1  # its removal may wait (D-8)
    assert [action for action, _ in log][-1] == "MeterValues"
    assert store.load().records == ()


@in_both_worlds
async def test_a_session_that_is_left_tries_a_store_once_more_that_has_failed(world: World) -> None:
    store = Full()
    store.errors = [StoreError(StoreProblem.FULL, "no room")]
    near = world.session(Role.STATION, sender=print, connection=new_station(store), store=store)
    async with near:
        await near.post(START, transaction="key")
        assert store.load().records == ()
    assert len(store.load().records) == 1


@in_both_worlds
async def test_what_the_station_does_by_way_of_the_session_is_stored_and_leaves(
    world: World,
) -> None:
    store, log = MemoryStore(), list[tuple[str, Any]]()
    station = new_station(store)
    options = {"connection": station, "store": store}
    async with connected_pair(world, station=options, csms=csms(log)) as (near, _):
        await near.registered()
        near.act(station.keep, "tariff", "0.31")
        await near.stored()
        assert store.load().values == {"tariff": "0.31"}
        assert near.act(station.post, START, transaction="key").transaction == "key"
        near.act(station.reregister)
        await world.settle()
        boots = ["BootNotification"] * 2
        assert [action for action, _ in log if action != "StartTransaction"] == boots
        with pytest.raises(LocalProtocolError, match="no transaction"):
            near.act(station.close_transaction, "nonsense")
    with pytest.raises(RuntimeError):
        near.act(station.keep, "tariff", "0.32")


def test_a_copy_of_handlers_tells_whom_they_tell() -> None:
    handlers, told = Handlers[Any](), list[Any]()
    handlers.when(Registered)(told.append)
    handlers.delivered("StartTransaction")(lambda *_: None)
    copy = handlers.copy()
    handlers.when(Deauthorized)(told.append)
    assert len(copy.find_when(Registered)) == len(copy.find_delivered(V16, "StartTransaction")) == 1
    assert not copy.find_when(Deauthorized)


@in_both_worlds
async def test_one_can_wait_until_all_that_was_posted_is_delivered(world: World) -> None:
    log = list[tuple[str, Any]]()
    options = {"connection": new_station(), "store": MemoryStore()}
    async with connected_pair(world, station=options, csms=csms(log), latency=1.0) as (near, _):
        await near.delivered()  # nothing was posted
        await near.post(START, transaction="key")
        await near.post(STOP, transaction="key")
        await near.delivered()
        assert [action for action, _ in log][-1] == "StopTransaction"
    alone = world.session(Role.STATION, sender=print, connection=new_station())
    async with alone:
        await alone.post(START, transaction="key")
        job = world.start(alone.delivered)
        await world.settle()
    assert isinstance(await caught(job.result()), NotConnected)


def test_what_the_csms_was_promised_and_nobody_does_is_said_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def read(*_: Any) -> Any:
        raise OSError("no answer\x1b[2J")

    async def scenario(world: World) -> None:
        configuration = ConfigurationStore({"WebSocketPingInterval": "30"})
        plan = MeterPlan(aligned_interval=30.0, aligned=["Voltage"])
        station = ChargingStation(
            boot, random=lambda: 0.0, read_meter=read, configuration=configuration, plan=plan
        )
        options = {"connection": station}
        log = list[tuple[str, Any]]()
        async with connected_pair(world, station=options, csms=csms(log)) as (near, far):
            await near.registered()
            answer = await far.call("RemoteStartTransaction", {"idTag": "TAG"})
            assert answer == {"status": "Accepted"}
            await far.call("ChangeConfiguration", {"key": "WebSocketPingInterval", "value": "9"})
            await world.sleep(40)

    WORLDS["asyncio"](scenario)
    assert "no handler is told: Handlers.when(RemoteStart)" in caplog.text
    assert "the meter of connector 1 could not be read: no answer\\x1b[2J" in caplog.text


@in_both_worlds
async def test_who_is_told_may_fail_and_one_function_is_told_in_order(world: World) -> None:
    order = list[str]()
    handlers = Handlers[Any]()

    @handlers.when(StatusWanted)
    async def slow(event: StatusWanted, session: Any) -> None:
        order.append(f"{event.scope} begins")
        await world.sleep(1)
        order.append(f"{event.scope} ends")
        await session.call("StatusNotification", {"nonsense": True})

    @handlers.when(Registered)
    def broken(_: Registered) -> None:
        raise RuntimeError("no display")

    options = {"connection": new_station(), "handlers": handlers}
    log = list[tuple[str, Any]]()
    async with connected_pair(world, station=options, csms=csms(log)) as (near, far):
        await near.registered()
        for session in (near, far):
            await session.disconnected()
            await session.connected("ocpp1.6")
        await world.sleep(5)
        assert order == ["all begins", "all ends", "changed begins", "changed ends"]


@in_both_worlds
async def test_nobody_waits_for_a_registration_that_cannot_come(world: World) -> None:
    sent = list[bytes]()
    near = world.session(Role.STATION, sender=sent.append, connection=new_station())
    async with near:
        await near.connected("ocpp1.6")
        job = world.start(near.registered)
        await world.settle()
    assert isinstance(await caught(job.result()), NotConnected)
    assert [message[2] for message in sent_by(sent)] == ["BootNotification"]


def test_what_does_not_go_together_is_refused() -> None:
    station = new_station()
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"connection": station, "record": print}, "with the record= of its CSMS"),
        ({"connection": Connection(Role.CSMS)}, "one of a csms"),
        ({"store": MemoryStore()}, "a Station"),
        ({"connection": Connection(Role.STATION), "store": MemoryStore()}, "a Station"),
    )
    for options, text in cases:
        with pytest.raises(ValueError, match=text):
            Session(Role.STATION, sender=print, **options)


@in_both_worlds
async def test_without_a_station_there_is_nothing_to_post_to(world: World) -> None:
    near = world.session(Role.STATION, sender=print)
    async with near:
        assert isinstance(await caught(near.post(START, transaction="key")), LocalProtocolError)
        assert isinstance(await caught(near.registered()), LocalProtocolError)
        assert isinstance(await caught(near.stored()), LocalProtocolError)
        assert isinstance(await caught(near.delivered()), LocalProtocolError)
        with pytest.raises(LocalProtocolError):
            near.act(print)


def test_who_cannot_be_told_is_refused_when_registered() -> None:
    handlers = Handlers[Any]()
    nothing: Any = lambda: None  # noqa: E731 - of no use to anybody
    with pytest.raises(TypeError, match="StatusWanted"):
        handlers.when(int)
    with pytest.raises(TypeError, match="1 or 2"):
        handlers.when(StatusWanted)(nothing)
    with pytest.raises(TypeError, match="2 or 3"):
        handlers.delivered("StartTransaction")(lambda _: None)
    with pytest.raises(TypeError, match="an action"):
        handlers.delivered(7)  # type: ignore[call-overload]
