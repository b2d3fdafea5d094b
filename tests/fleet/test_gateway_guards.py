"""What a gateway does not do: believe, wait or grow without end. In virtual time, over a `MemoryBus`."""

import asyncio
from typing import Any

import pytest
from bus_worlds import pausing, until
from test_fleets import QUICK, STATION, counting_site, site

from ocpp_sansio import Config, Version, v16
from ocpp_sansio.asyncio import connect, serve
from ocpp_sansio.fleet import (
    BusMessage,
    Fleet,
    FleetConfig,
    FleetUnavailable,
    Gateway,
    MemoryBus,
    Routing,
    Worker,
)
from ocpp_sansio.fleet.wire import Ask, Greeting, Refused, read_verdict, write_question
from ocpp_sansio.outcomes import CallFailed, ConnectionLost, NotConnected
from ocpp_sansio.testing import run_in_virtual_time

AUTHORIZE = v16.AuthorizeRequest(id_tag="A")


async def stay_silent(_: Any) -> Any:
    await asyncio.Event().wait()  # for ever


def test_what_begins_with_an_unknown_word_is_refused_to_its_face() -> None:
    """FL-20."""

    async def run() -> None:
        async with site() as here:
            gateway = await here.gateway(name="one")
            await here.station("A", handlers=STATION)
            for subject in ("call.A", "gateway.one"):
                for data in (b"haste A 1", b"", b"hello", b"taken", b"\xff"):
                    answer = await here.bus.request(subject, data, timeout=0.5)
                    assert isinstance(read_verdict(answer), Refused)
            assert gateway.owned == 1
            assert await Fleet(here.bus, config=QUICK).call("A", "Vendor", {}) == {"got": {}}

    run_in_virtual_time(run)


@pytest.mark.parametrize("is_greeted", [False, True])
def test_a_verdict_of_a_newer_release_ends_its_own_call_and_nothing_else(
    is_greeted: bool,  # noqa: FBT001 - of a table
) -> None:
    """FL-1, FL-20."""

    async def run() -> None:
        async with site() as here:
            await here.gateway()
            await here.station("A", handlers=STATION)

            def answer(message: BusMessage) -> None:
                is_greeting = message.data.startswith(b"hello")
                is_known = is_greeted and is_greeting
                here.bus.reply(message, b"version ocpp1.6" if is_known else b"someday 1")

            await here.bus.subscribe("call.B", answer)
            fleet, loop = Fleet(here.bus, config=QUICK), asyncio.get_running_loop()
            began = loop.time()
            with pytest.raises(FleetUnavailable, match="of no use") as told:
                await fleet.call("B", "Vendor", {}, timeout=5)
            assert told.value.was_sent is is_greeted  # FL-2: nobody knows what it was to say
            assert loop.time() - began < 1
            assert fleet.calls_waiting == 0
            assert await fleet.call("A", "Vendor", {}) == {"got": {}}

    run_in_virtual_time(run)


def test_an_event_that_waits_when_the_bus_goes_ends_at_once() -> None:
    """FL-10."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        patient = FleetConfig(event_timeout=20.0)
        async with site() as here:
            gateway = await here.gateway(config=patient, forward={"Authorize"})
            station = await here.station("A")
            handlers: dict[Any, Any] = {"Authorize": stay_silent}
            async with Worker(here.bus, handlers, group="w", config=QUICK):
                call = asyncio.ensure_future(station.call(AUTHORIZE))
                await until(lambda: gateway.events_waiting)
                await asyncio.sleep(0.01)
                here.bus.interrupt()
                began = loop.time()
                with pytest.raises(CallFailed, match="could not be answered"):
                    await call
                assert loop.time() - began < 0.1
                assert gateway.events_waiting == 0
                assert station.is_connected

    run_in_virtual_time(run)


def test_no_more_events_wait_than_there_may_and_one_that_ends_makes_room() -> None:
    """FL-14, FL-15: `max_events`, those for workers and those for the stream together."""

    class SlowStream(MemoryBus):
        async def publish_durable(self, subject: str, data: bytes, *, message_id: str) -> None:
            await asyncio.sleep(1.0)
            await super().publish_durable(subject, data, message_id=message_id)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        few = FleetConfig(max_events=2, event_timeout=2.0)
        async with site() as here:
            here.bus.__class__ = SlowStream
            gateway = await here.gateway(
                config=few, forward={"Authorize"}, durable={"StatusNotification"}
            )
            stations = [await here.station(name) for name in "ABC"]
            handlers: dict[Any, Any] = {"Authorize": stay_silent}
            status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
            async with Worker(here.bus, handlers, group="w", config=QUICK):
                forwarded = asyncio.ensure_future(stations[0].call(AUTHORIZE))
                stored = asyncio.ensure_future(stations[1].call("StatusNotification", status))
                await until(lambda: gateway.events_waiting == 2)
                for call in (("Authorize", {"idTag": "A"}), ("StatusNotification", status)):
                    began = loop.time()
                    with pytest.raises(CallFailed, match="too many events"):
                        await stations[2].call(*call)
                    assert loop.time() - began < 0.2
                assert gateway.events_waiting == 2
                assert await stored == {}
                assert await stations[2].call("StatusNotification", status) == {}
                with pytest.raises(CallFailed, match="could not be answered"):
                    await forwarded
                assert gateway.events_waiting == 0

    run_in_virtual_time(run)


def test_a_gateway_may_be_left_at_any_moment_of_a_call() -> None:
    """FL-1: its caller is told; and FL-9: the connection stays."""
    failures: list[Any] = []

    async def leave_after(turns: int, bus: MemoryBus) -> None:
        gateway = await Gateway(bus, config=QUICK).__aenter__()
        serving = serve(gateway.on_station, "127.0.0.1", 0, versions=["ocpp1.6"])
        async with serving as server:
            url = f"ws://127.0.0.1:{server.port}"
            connecting = connect(url, identity="A", versions=["ocpp1.6"], handlers=STATION)
            async with connecting as station:
                await until(lambda: gateway.owned)
                asking = [Fleet(bus, config=QUICK).call("A", "Vendor", {}) for _ in range(2)]
                calls = asyncio.gather(*asking, return_exceptions=True)
                for _ in range(turns):
                    await asyncio.sleep(0)
                await gateway.__aexit__(None, None, None)
                assert {type(each) for each in await calls} <= {dict, NotConnected, ConnectionLost}
                assert station.is_connected

    async def run() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: failures.append(context))
        async with MemoryBus() as bus:
            for turns in range(0, 24, 4):
                await leave_after(turns, bus)

    run_in_virtual_time(run)
    assert failures == []


def test_two_stations_may_have_the_same_message_id() -> None:
    """FL-15: what comes twice from one station is stored once, what comes from another is another."""
    served: list[str] = []

    def take(_: Any, call: Any) -> Any:
        served.append(call.session.identity)
        return {}

    async def run() -> None:
        status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        ids = Config(new_message_id=lambda: "1")
        async with site() as here:
            gateway = await here.gateway(durable={"StatusNotification"})
            for name in ("A", "B", "A"):  # the last one has come back, and repeats itself
                station = await here.station(name, config=ids)
                assert await station.call("StatusNotification", status) == {}
                station.close()
                await until(lambda: not gateway.sessions)
            handlers: dict[Any, Any] = {"StatusNotification": take}
            async with Worker(here.bus, handlers, group="w", config=QUICK):
                await asyncio.sleep(1)
        assert served == ["A", "B"]

    run_in_virtual_time(run)


def test_a_gateway_says_not_even_that_a_station_is_not_its_own_after_a_pause() -> None:
    """FL-6, FL-7."""

    async def run() -> None:
        pause = pausing()
        async with site(routing=Routing.GATEWAY) as here:
            await here.gateway(name="one", config=FleetConfig(stall=2.0))
            question = write_question(Greeting("c", 1.0))
            assert await here.bus.request("at.one.B", question, timeout=1) == b"notmine"
            request = here.bus.request("at.one.B", question, timeout=5)
            asked = asyncio.ensure_future(request)
            await asyncio.sleep(0)
            pause(2.5)
            with pytest.raises(TimeoutError):
                await asked
            assert await here.bus.request("at.one.B", question, timeout=1) == b"notmine"

    run_in_virtual_time(run)


@pytest.mark.parametrize(("gap", "is_made"), [(1.5, True), (2.5, False)])
def test_what_a_gateway_reads_first_after_a_pause_is_not_executed(
    gap: float,
    is_made: bool,  # noqa: FBT001 - of a table
) -> None:
    """FL-7: not before the barrier, and not before the claim is renewed."""
    served: list[Any] = []

    def serve(payload: Any) -> Any:
        served.append(payload)
        return {}

    async def run() -> None:
        pause, loop = pausing(), asyncio.get_running_loop()
        async with counting_site() as (here, bus):
            gateway: Gateway = await here.gateway(config=FleetConfig(stall=2.0))
            await here.station("A", handlers={"Vendor": serve})
            greeting = write_question(Greeting("c", loop.time()))
            await bus.request("call.A", greeting, timeout=1)
            claims = len(bus.swaps)
            # Made a moment ago, so that its age does not speak against it; read before any timer runs.
            frame = b'[2,"1","Vendor",{"n":1}]'
            ask = Ask("c-1", Version.OCPP16, 10.0, "c", loop.time() + gap, frame)
            request = bus.request("call.A", write_question(ask), timeout=5.0)
            asked = asyncio.ensure_future(request)
            await asyncio.sleep(0)
            pause(gap)
            (answer,) = await asyncio.gather(asked, return_exceptions=True)
            assert served == ([{"n": 1}] if is_made else []), answer
            assert isinstance(answer, bytes if is_made else TimeoutError)
            assert len(bus.swaps) - claims == (0 if is_made else 1)
            assert gateway.owned == 1
            assert await Fleet(bus, config=QUICK).call("A", "Vendor", {"n": 2}) == {}
            assert served[-1] == {"n": 2}

    run_in_virtual_time(run)


def test_a_call_that_waits_at_a_gateway_when_that_pauses_never_leaves() -> None:
    """FL-7."""
    served: list[Any] = []

    async def serve(payload: Any) -> Any:
        served.append(payload["n"])
        await asyncio.sleep(0.3)
        return {}

    async def run() -> None:
        pause = pausing()
        async with site() as here:
            gateway = await here.gateway(config=FleetConfig(stall=2.0))
            await here.station("A", handlers={"Vendor": serve})
            fleet = Fleet(here.bus, config=FleetConfig())
            calls = [
                asyncio.ensure_future(fleet.call("A", "Vendor", {"n": n}, timeout=20))
                for n in (1, 2)
            ]
            await until(lambda: gateway.calls_waiting == 2 and served)
            pause(2.5)
            first, second = await asyncio.gather(*calls, return_exceptions=True)
            assert served == [1]
            assert isinstance(second, Exception)
            assert not gateway.calls_waiting
            assert first is not None
            assert await fleet.call("A", "Vendor", {"n": 3}) == {}

    run_in_virtual_time(run)
