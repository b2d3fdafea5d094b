"""A `Station` with a `SqliteStore` on `connect`: the store works in a thread, and what is posted arrives."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any

from net_worlds import World, in_every_world

from ocpp_sansio import CallTimedOut, Config, v16
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.handlers import Handlers
from ocpp_sansio.registration import Registration
from ocpp_sansio.station import (
    ChargingStation,
    ConfigurationStore,
    CountTimeouts,
    GivenUp,
    Station,
    StationSettings,
    StoreRequest,
)
from ocpp_sansio.stores import SqliteStore
from ocpp_sansio.websocket import WebSocketConfig

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
NOW = {"currentTime": "2026-11-26T12:00:00Z"}
QUICK = Backoff(wait_minimum=0.01, random_range=0.0)
START = v16.StartTransactionRequest(connector_id=1, id_tag="TAG", meter_start=0, timestamp=NOON)
STOP = v16.StopTransactionRequest(transaction_id=0, meter_stop=9, timestamp=NOON)


READING = v16.MeterValuesRequest(
    connector_id=1,
    meter_value=[v16.MeterValue(timestamp=NOON, sampled_value=[v16.SampledValue(value="1")])],
)


def boot(*_: Any) -> v16.BootNotificationRequest:
    return v16.BootNotificationRequest(charge_point_vendor="V", charge_point_model="M")


class Watched:
    """A store that writes down which threads it works in."""

    def __init__(self, path: Path) -> None:
        self._store = SqliteStore(path)
        self.threads = set[Any]()

    def load(self) -> Any:
        return self._store.load()

    def apply(self, requests: Sequence[StoreRequest]) -> int:
        self.threads.add(current_thread())
        return self._store.apply(requests)

    def close(self) -> None:
        self._store.close()


@in_every_world
def test_a_charge_that_was_cut_off_arrives_whole_after_the_next_start(
    world: World, tmp_path: Path
) -> None:
    log = list[Any]()

    def take(_: Any, call: Any) -> Any:
        log.append(call.payload)
        return {
            "BootNotification": {"status": "Accepted", "interval": 60, **NOW},
            "StartTransaction": {"transactionId": 7, "idTagInfo": {"status": "Accepted"}},
        }.get(call.action, {})

    async def scenario(world: World) -> None:
        served = world.serve(None, "127.0.0.1", 0, versions=["ocpp1.6"], handlers={"*": take})
        async with served as server:
            url, nowhere = f"ws://127.0.0.1:{server.port}", "ws://127.0.0.1:9"
            for address, request in ((nowhere, START), (url, STOP)):
                store = Watched(tmp_path / "outbox.db")
                station = Station(boot, random=lambda: 0.0, restored=store.load())
                async with world.connect(
                    address,
                    identity="CP001",
                    versions=["ocpp1.6"],
                    reconnect=QUICK,
                    station=station,
                    store=store,
                ) as session:
                    await session.post(request, transaction="key")
                    if request is STOP:
                        await session.post(READING)
                        await session.delivered()
                assert store.threads
                assert main_thread() not in store.threads
                restored = store.load()
                assert len(restored.records) == len(restored.transactions) == (request is START)
                store.close()
        assert [type(each).__name__ for each in log] == [
            "BootNotificationRequest",
            "StartTransactionRequest",
            "StopTransactionRequest",
            "MeterValuesRequest",
        ]
        assert log[2].transaction_id == 7

    world.run(scenario)


@in_every_world
def test_a_rejected_station_that_hangs_up_keeps_away_for_so_long(world: World) -> None:
    async def scenario(world: World) -> None:
        boots, comings = list[Any](), list[Any]()

        def reject(request: Any) -> Any:
            boots.append(request)
            status = "Rejected" if len(boots) == 1 else "Accepted"
            return {"status": status, "interval": 1, **NOW}

        station = Station(
            boot, random=lambda: 0.0, settings=StationSettings(hang_up_when_rejected=True)
        )
        async with (
            world.serve(
                comings.append,
                "127.0.0.1",
                0,
                versions=["ocpp1.6"],
                handlers={"BootNotification": reject},
            ) as server,
            world.connect(
                f"ws://127.0.0.1:{server.port}",
                identity="CP001",
                versions=["ocpp1.6"],
                reconnect=QUICK,
                station=station,
            ) as session,
        ):
            await session.registered()
            assert station.registration is Registration.ACCEPTED
            assert len(comings) == len(boots) == 2

    world.run(scenario)


@in_every_world
def test_a_pong_shows_that_the_csms_is_there_and_its_silence_counts_then(world: World) -> None:
    async def scenario(world: World) -> None:
        never, given_up = world.new_event(), list[GivenUp]()

        async def answer(_: Any, call: Any) -> Any:
            if call.action == "StartTransaction":
                await never.wait()
            return {"status": "Accepted", "interval": 60, **NOW}

        handlers = Handlers[Any]()
        handlers.when(GivenUp)(given_up.append)
        settings = StationSettings(count_timeouts=CountTimeouts.IF_HEARD, message_attempts=1)
        station = Station(
            boot, random=lambda: 0.0, settings=settings, config=Config(call_timeout=0.1)
        )
        served = world.serve(None, "127.0.0.1", 0, versions=["ocpp1.6"], handlers={"*": answer})
        async with (
            served as server,
            world.connect(
                f"ws://127.0.0.1:{server.port}",
                identity="CP001",
                versions=["ocpp1.6"],
                handlers=handlers,
                station=station,
                websocket=WebSocketConfig(ping_interval=0.02),
                shutdown_timeout=0.1,
            ) as session,
        ):
            await session.registered()
            await session.post(START, transaction="key")
            await world.until(lambda: given_up)
            assert isinstance(given_up[0].last, CallTimedOut)

    world.run(scenario)


@in_every_world
def test_the_ping_interval_of_the_configuration_is_that_of_the_connection(world: World) -> None:
    async def scenario(world: World) -> None:
        configuration = ConfigurationStore({"WebSocketPingInterval": "70"})
        station = ChargingStation(
            boot, random=lambda: 0.0, read_meter=lambda *_: (), configuration=configuration
        )
        handlers = {"*": lambda _: {"status": "Accepted", "interval": 60, **NOW}}
        async with (
            world.serve(None, "127.0.0.1", 0, versions=["ocpp1.6"], handlers=handlers) as server,
            world.connect(
                f"ws://127.0.0.1:{server.port}",
                identity="CP001",
                versions=["ocpp1.6"],
                station=station,
            ) as session,
        ):
            assert session.websocket.ping_interval == 70
            changed = {"key": "WebSocketPingInterval", "value": "90"}
            await server.sessions["CP001"].call("ChangeConfiguration", changed)
            assert session.websocket.ping_interval == 90

    world.run(scenario)
