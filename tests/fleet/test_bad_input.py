"""What a fleet over a real broker cannot take: a clear error each, and no station is cut off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from bus_worlds import PATIENCE, nats_server, until

from ocpp_sansio import v16
from ocpp_sansio.asyncio import NetSession, Server, connect, serve
from ocpp_sansio.fleet import Fleet, FleetConfig, FleetUnavailable, Gateway, NatsBus, Worker
from ocpp_sansio.outcomes import CallFailed, NotConnected
from ocpp_sansio.testing import Broker

SMALL = 8 * 1024
QUICK = FleetConfig(probe_after=0.2)
ODD = ["a.b", "*", ">", "a b", "😀", "é" * 127, "x" * 255, "a=2Eb", "-", "$JS", "a\\b", "%2F"]


class Site:
    """One process of a fleet, with a gateway."""

    def __init__(
        self, bus: NatsBus, gateway: Gateway, server: Server[Any], stack: AsyncExitStack
    ) -> None:
        self.bus, self.gateway, self.stack = bus, gateway, stack
        self.url = f"ws://127.0.0.1:{server.port}"
        self.fleet = Fleet(bus, config=QUICK)

    async def station(self, identity: str, *, answer: Any = None) -> NetSession[Any]:
        """Connect a station that answers with what it is given, or that; returns when it is owned."""
        handlers = {"Vendor": lambda payload: answer or payload}
        session = await self.stack.enter_async_context(
            connect(self.url, identity=identity, versions=["ocpp1.6"], handlers=handlers)
        )
        await until(lambda: identity in self.gateway.sessions and not self.gateway.claims_waiting)
        return session


@asynccontextmanager
async def site(server: Broker, name: str = "ocpp", **options: Any) -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        bus = await enter(NatsBus(server.url, name=name, **options))
        gateway = await enter(
            Gateway(bus, forward={"Heartbeat", "DataTransfer"}, durable={"MeterValues"})
        )
        handlers = gateway.handlers
        serving = serve(gateway.on_station, "127.0.0.1", 0, versions=["ocpp1.6"], handlers=handlers)
        yield Site(bus, gateway, await enter(serving), stack)


def with_a_broker(
    config: str = "",
) -> Callable[[Callable[[Broker], Awaitable[None]]], Callable[[], None]]:
    def make(scenario: Callable[[Broker], Awaitable[None]]) -> Callable[[], None]:
        async def run(server: Broker) -> None:
            async with asyncio.timeout(PATIENCE):
                await scenario(server)

        def test() -> None:
            with nats_server(config) as server:
                asyncio.run(run(server))

        test.__name__ = scenario.__name__
        return test

    return make


def meter_values(value: str) -> dict[str, Any]:
    sampled = [{"timestamp": "2026-01-01T00:00:00Z", "sampledValue": [{"value": value}]}]
    return {"connectorId": 1, "meterValue": sampled}


@with_a_broker(f"max_payload: {SMALL}")
async def test_what_the_broker_lets_not_through_is_told_to_whom_it_concerns(server: Broker) -> None:
    large = "x" * SMALL

    def transfer(payload: v16.DataTransferRequest) -> v16.DataTransferResponse:
        data = large if payload.data == "large" else "small"
        return v16.DataTransferResponse(status=v16.DataTransferStatus.ACCEPTED, data=data)

    async with site(server) as here:
        station = await here.station("A")
        talkative = await here.station("B", answer={"data": large})
        with pytest.raises(FleetUnavailable, match=f"more than {SMALL}") as refused:
            await here.fleet.call("A", "Vendor", {"data": large})
        assert not refused.value.was_sent
        with pytest.raises(FleetUnavailable, match=r"answered.* too large") as executed:
            await here.fleet.call("B", "Vendor", {})
        assert executed.value.was_sent  # FL-2
        async with Worker(here.bus, {v16.DataTransferRequest: transfer}, group="g"):
            for data, told in ((large, "not be answered"), ("large", "too large")):
                payload = {"vendorId": "v", "data": data}
                with pytest.raises(CallFailed, match=told) as failed:
                    await station.call("DataTransfer", payload, timeout=5.0)
                assert failed.value.code == "InternalError"
        with pytest.raises(CallFailed, match="could not be stored"):
            await station.call("MeterValues", meter_values(large))
        assert await here.fleet.call("A", "Vendor", {"data": 1}) == {"data": 1}
        assert (station.is_connected, talkative.is_connected) == (True, True)


@with_a_broker(f"max_payload: {SMALL}")
async def test_a_page_of_stations_is_no_larger_than_the_broker_lets_through(server: Broker) -> None:
    async with site(server) as here:
        identities = [f"{number:03}" + "😀" * 63 for number in range(30)]  # 759 bytes as tokens
        for identity in identities:
            await here.station(identity)
        assert [each.identity async for each in here.fleet.stations()] == identities


@with_a_broker()
async def test_stations_of_odd_names_are_as_good_as_others(server: Broker) -> None:
    served: list[tuple[str, str]] = []

    def beat(_: v16.HeartbeatRequest, call: Any) -> dict[str, Any]:
        served.append(("Heartbeat", call.session.identity))
        return {"currentTime": "2026-01-01T00:00:00Z"}

    def take(_: v16.MeterValuesRequest, call: Any) -> dict[str, Any]:
        served.append(("MeterValues", call.session.identity))
        return {}

    handlers: dict[Any, Any] = {v16.HeartbeatRequest: beat, v16.MeterValuesRequest: take}
    async with site(server) as here, Worker(here.bus, handlers, group="g"):
        for identity in ODD:
            station = await here.station(identity)
            assert await here.fleet.call(identity, "Vendor", {"to": identity}) == {"to": identity}
            await station.call(v16.HeartbeatRequest())
            await station.call("MeterValues", meter_values("1"))
            where = await here.fleet.find(identity)
            assert where
            assert (where.identity, where.is_connected) == (identity, True)
        assert {each.identity async for each in here.fleet.stations()} == set(ODD)
        await until(lambda: len(served) == 2 * len(ODD))
        assert {identity for _, identity in served} == set(ODD)


@with_a_broker()
async def test_a_name_that_is_too_long_for_the_fleet_keeps_its_connection(server: Broker) -> None:
    async with site(server) as here, Worker(here.bus, {}, group="g"):
        identity = "😀" * 64  # 256 bytes
        async with connect(here.url, identity=identity, versions=["ocpp1.6"]) as station:
            with pytest.raises(CallFailed, match="could not be answered"):
                await station.call(v16.HeartbeatRequest())
            with pytest.raises(CallFailed, match="could not be stored"):
                await station.call("MeterValues", meter_values("1"))
            assert station.is_connected
        with pytest.raises(ValueError, match="1 to 255 bytes, not 256"):
            await here.fleet.call(identity, "Vendor", {})


@with_a_broker()
async def test_two_fleets_on_one_broker_have_a_station_of_the_same_name_each(
    server: Broker,
) -> None:
    async with site(server) as one, site(server, "other") as other:
        await one.station("A", answer={"of": "one"})
        await other.station("A", answer={"of": "other"})
        await other.station("B")
        assert await one.fleet.call("A", "Vendor", {}) == {"of": "one"}
        assert await other.fleet.call("A", "Vendor", {}) == {"of": "other"}
        assert (one.gateway.owned, other.gateway.owned) == (1, 2)
        with pytest.raises(NotConnected):
            await one.fleet.call("B", "Vendor", {})
        assert await one.fleet.find("B") is None
        assert [each.identity async for each in one.fleet.stations()] == ["A"]


def users(password: str) -> str:
    return f"authorization {{ user: gateway, password: {password} }}"


def test_credentials_that_are_withdrawn_cut_the_fleet_and_no_station(tmp_path: Path) -> None:
    def users(password: str) -> str:
        return (
            f"authorization {{ user: gateway, password: {password} }}\n"
            f"jetstream {{ store_dir: '{tmp_path}' }}"
        )

    async def scenario(server: Broker) -> None:
        async with (
            asyncio.timeout(PATIENCE),
            site(server, user="gateway", password="right") as here,
        ):
            station = await here.station("A")
            local = Fleet(here.bus, local=here.gateway)
            server.reload(users("other"))
            await until(lambda: not here.bus.is_connected)
            with pytest.raises(FleetUnavailable, match="no connection to the broker") as away:
                await here.fleet.call("A", "Vendor", {})
            assert not away.value.was_sent
            assert await local.call("A", "Vendor", {"n": 1}) == {"n": 1}
            with pytest.raises(CallFailed):
                await station.call("MeterValues", meter_values("1"))
            server.reload(users("right"))
            await until(lambda: here.bus.is_connected and here.gateway.owned)
            assert await here.fleet.call("A", "Vendor", {"n": 2}) == {"n": 2}
            assert station.is_connected

    with nats_server(users("right"), jetstream=False) as server:  # its own lines say where
        asyncio.run(scenario(server))


@with_a_broker()
async def test_what_nobody_of_the_fleet_would_say_harms_nothing(server: Broker) -> None:
    said = [
        b"", b"\xff\xfe", b"call", b"call x ocpp9 1.000 y 1.000\n[2]", b"probe \n", b"x" * 5000,
        b"taken A 999999999999999999", b"taken . 1", b"hello c 1e999", b"event ocpp1.6 first\n[]",
        b"event ocpp1.6 first\n\xff", b"call a ocpp1.6 1.000 b 1.000\nno frame", b"[3,1,{}]",
    ]  # fmt: skip
    async with (
        site(server) as here,
        Worker(here.bus, {"Heartbeat": lambda _: {}}, group="g"),
        NatsBus(server.url) as stranger,
    ):
        station = await here.station("A")
        (gateway,) = {each.gateway async for each in here.fleet.stations()}
        subjects = [
            "call.A", f"pages.{gateway}", "gateways", "event.Heartbeat.A", "event.Heartbeat.=2e",
            "durable.Heartbeat.A", "here.x",
        ]  # fmt: skip
        for subject in subjects:
            for data in said:
                stranger.publish(subject, data)
        for data in said:
            await stranger.publish_durable("durable.Heartbeat.A", data, message_id=repr(data))
        for data in set(said) - {said[6]}:  # which would take the station away
            stranger.publish(f"gateway.{gateway}", data)
        await stranger.barrier(timeout=5.0)
        for _ in range(2):
            assert await here.fleet.call("A", "Vendor", {"n": 1}) == {"n": 1}
        assert station.is_connected
