"""Gateways with real sockets, callers and workers, in one process over a `MemoryBus`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from logging import WARNING
from typing import Any

import pytest
from bus_worlds import until

from ocpp_sansio import LocalProtocolError, Request, Version, v16, v201
from ocpp_sansio.asyncio import NetSession, Server, connect, serve
from ocpp_sansio.fleet import (
    BusMessage,
    EventSession,
    Fleet,
    FleetConfig,
    FleetUnavailable,
    Gateway,
    MemoryBus,
    Routing,
    Worker,
)
from ocpp_sansio.fleet.bus import BusError, Receive, TakeRevision, TakeSubscription
from ocpp_sansio.handlers import CallRejected, Handlers
from ocpp_sansio.net import ConnectionRequest, HandshakeFailed
from ocpp_sansio.outcomes import CallFailed, CallTimeout, CallVetoed, ConnectionLost, NotConnected
from ocpp_sansio.testing import run_in_virtual_time

PATIENCE = 20.0
QUICK = FleetConfig(probe_after=0.1, claim_wait=0.05, grace=0.2, event_timeout=0.3)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Site:
    """Gateways and stations."""

    def __init__(self, bus: MemoryBus, stack: AsyncExitStack) -> None:
        self.bus, self.stack = bus, stack
        self.servers: list[Server[Any]] = []
        self.gateways: list[Gateway] = []

    async def gateway(
        self, *, config: FleetConfig = QUICK, admit: Any = None, **options: Any
    ) -> Gateway:
        gateway = await self.stack.enter_async_context(Gateway(self.bus, config=config, **options))
        serving = serve(
            gateway.on_station,
            "127.0.0.1",
            0,
            versions=list(Version),
            handlers=gateway.handlers,
            authenticate=admit and admit(gateway),
        )
        self.servers.append(await self.stack.enter_async_context(serving))
        self.gateways.append(gateway)
        return gateway

    async def station(
        self, identity: str, at: int = 0, version: str = "ocpp1.6", **options: Any
    ) -> NetSession[Any]:
        url = f"ws://127.0.0.1:{self.servers[at].port}"
        gateway = self.gateways[at]
        before = gateway.sessions.get(identity)
        station = await self.stack.enter_async_context(
            connect(url, identity=identity, versions=[version], **options)
        )
        await until(
            lambda: gateway.sessions.get(identity) is not before and not gateway.claims_waiting
        )
        return station


@asynccontextmanager
async def site(**options: Any) -> AsyncIterator[Site]:
    async with MemoryBus(**options) as bus, AsyncExitStack() as stack:
        yield Site(bus, stack)


def scenario(function: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """Make a test of a coroutine function, after which nothing is left behind."""

    async def main() -> None:
        async with asyncio.timeout(PATIENCE):
            await function()
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    def test() -> None:
        asyncio.run(main())

    test.__name__, test.__doc__ = function.__name__, function.__doc__
    return test


def reset(request: Any) -> Any:
    if request.type is v16.ResetType.HARD:
        raise CallRejected("GenericError", "not now")
    return v16.ResetResponse(status=v16.ResetStatus.ACCEPTED)


STATION: dict[Any, Any] = {
    v16.ResetRequest: reset,
    "Vendor": lambda payload: {"got": payload},
}


@pytest.mark.parametrize("routing", Routing)
def test_any_process_calls_any_station_as_if_it_were_its_own(routing: Routing) -> None:
    """FL-1."""

    @scenario
    async def run() -> None:
        async with site(routing=routing) as here:
            await here.gateway()
            await here.gateway()
            await here.station("A", 0, handlers=STATION)
            await here.station("b.*> 😀", 1, handlers=STATION)
            fleet = Fleet(here.bus, config=QUICK)
            for identity in ("A", "b.*> 😀"):
                soft = v16.ResetRequest(type=v16.ResetType.SOFT)
                assert (await fleet.call(identity, soft)).status is v16.ResetStatus.ACCEPTED
                assert await fleet.call(identity, "Vendor", {"x": 1}) == {"got": {"x": 1}}
                outcome = await fleet.send_call(identity, "Reset", {"type": "Hard"})
                assert (outcome.ok, outcome.payload["errorDescription"]) == (False, "not now")  # type: ignore[index]
                with pytest.raises(CallFailed):
                    await fleet.call(identity, v16.ResetRequest(type=v16.ResetType.HARD))
                with pytest.raises(LocalProtocolError, match=r"speaks ocpp1\.6"):
                    await fleet.call(identity, v201.ClearCacheRequest())
                with pytest.raises(LocalProtocolError, match="type"):
                    await fleet.call(identity, "Reset", {})
            with pytest.raises(NotConnected):
                await fleet.call("nobody", soft)
            for wrong in ("", "x" * 256, "\ud800"):
                with pytest.raises(ValueError, match=r"identity|UTF-8"):
                    await fleet.call(wrong, soft)

    run()


def test_a_claim_is_read_once_and_anew_when_it_is_old() -> None:
    reads: list[str] = []

    class ReadingBus(MemoryBus):
        def ask_claim(self, key: str, take: Any) -> None:
            reads.append(key)
            super().ask_claim(key, take)

    async def run() -> None:
        async with ReadingBus(routing=Routing.GATEWAY) as bus, AsyncExitStack() as stack:
            here = Site(bus, stack)
            async with AsyncExitStack() as inner:
                dying = Site(bus, inner)
                await dying.gateway(name="dying")
                await dying.station("A", handlers=STATION)
                await here.gateway(name="other")
                await here.gateway(name="third")
                fleet = Fleet(bus, config=QUICK)

                async def calls_that_read(times: int) -> int:
                    reads.clear()
                    for _ in range(times):
                        assert await fleet.call("A", "Vendor", {}, wait=1) == {"got": {}}
                    return len(reads)

                assert await calls_that_read(5) == 1
                await here.station("A", 0, handlers=STATION)  # "dying" says that it is not its own
                assert await calls_that_read(5) <= 2  # and "other" is greeted
            assert await calls_that_read(5) == 0
            await here.station("A", 1, handlers=STATION)
            await until(lambda: not here.gateways[0].sessions)
            for subscription in here.gateways[0]._own_subscriptions:
                subscription.close()  # as if its process had gone
            assert await calls_that_read(5) <= 2

    run_in_virtual_time(run)


def test_calls_leave_in_order_though_the_station_was_looked_up_between_them() -> None:
    """FL-13: where it takes ever longer to read a claim."""
    made: list[int] = []
    reads: list[str] = []

    class SlowReads(MemoryBus):
        def ask_claim(self, key: str, take: Any) -> None:
            reads.append(key)
            read = super().ask_claim
            asyncio.get_running_loop().call_later(0.02 * len(reads), read, key, take)

    def note(payload: Any) -> Any:
        made.append(payload["n"])
        return {}

    async def run() -> None:
        async with SlowReads(routing=Routing.GATEWAY) as bus, AsyncExitStack() as stack:
            here = Site(bus, stack)
            await here.gateway()
            await here.gateway()
            await here.station("A", 0, handlers={"Vendor": note})
            fleet = Fleet(bus, config=QUICK)
            await fleet.call("A", "Vendor", {"n": 0})
            await here.station("A", 1, handlers={"Vendor": note})
            await until(lambda: "A" not in here.gateways[0].sessions)
            await fleet.find("A")
            reads.clear()
            calls = [asyncio.ensure_future(fleet.call("A", "Vendor", {"n": n})) for n in (1, 2)]
            for n in range(3, 9):
                await asyncio.sleep(0.01)
                calls.append(asyncio.ensure_future(fleet.call("A", "Vendor", {"n": n})))
            await asyncio.gather(*calls)

    run_in_virtual_time(run)
    assert made == list(range(9))


# --- claim_first -----------------------------------------------------------------------------------------


class CountingBus(MemoryBus):
    """Counts what is claimed, and may keep it to itself."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.swaps: list[bytes] = []
        self.kept: list[Callable[[], None]] = []
        self.may_swap = True

    def ask_swap(self, key: str, value: bytes, take: TakeRevision, *, revision: int) -> None:
        if self.may_swap:
            self.swaps.append(value)
            super().ask_swap(key, value, take, revision=revision)
        else:
            self.kept.append(partial(self.ask_swap, key, value, take, revision=revision))

    def swap_what_was_kept(self) -> None:
        self.may_swap = True
        for swap in self.kept:
            swap()


@asynccontextmanager
async def counting_site(**options: Any) -> AsyncIterator[tuple[Site, CountingBus]]:
    async with CountingBus(**options) as bus, AsyncExitStack() as stack:
        yield Site(bus, stack), bus


def asking(identity: str, versions: tuple[Version, ...] = (Version.OCPP16,)) -> ConnectionRequest:
    return ConnectionRequest(identity, None, None, (), f"/{identity}", {}, None, None, versions)


@pytest.mark.parametrize("routing", Routing)
def test_a_station_that_is_claimed_first_can_be_called_from_its_first_moment(
    routing: Routing,
) -> None:
    owned_at_once: list[bool] = []

    class Watching(Gateway):
        def on_station(self, session: NetSession[Any]) -> None:
            super().on_station(session)
            owned_at_once.append(self.owned == 1)

    async def run() -> None:
        async with counting_site(routing=routing) as (here, bus), AsyncExitStack() as stack:
            fleet = Fleet(bus, config=QUICK)
            for name in ("first", "second"):
                gateway = await stack.enter_async_context(Watching(bus, name=name, config=QUICK))
                here.gateways.append(gateway)
                serving = serve(
                    gateway.on_station,
                    "127.0.0.1",
                    0,
                    versions=["ocpp1.6"],
                    authenticate=gateway.claim_first(lambda asked: asked.identity != "B"),
                )
                here.servers.append(await stack.enter_async_context(serving))
            stations = []
            for number in (0, 1):
                stations.append(await here.station("A", number, handlers=STATION))
                assert await fleet.call("A", "Vendor", {}) == {"got": {}}
            await stations[0].wait_closed()  # another gateway had it
            assert owned_at_once == [True, True]
            assert len(bus.swaps) == 2  # one each, as without it
            again = await here.station("A", 1, handlers=STATION)
            await stations[1].wait_closed()
            assert await fleet.call("A", "Vendor", {}) == {"got": {}}
            assert again.is_connected
            with pytest.raises(HandshakeFailed, match="401"):
                await here.station("B", 0)
            assert await fleet.find("B") is None

    run_in_virtual_time(run)


def test_who_cannot_be_claimed_is_refused_with_503() -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        async with counting_site() as (here, bus):
            gateway = await here.gateway(
                admit=lambda gateway: gateway.claim_first(timeout=3.0),
                config=FleetConfig(max_claims=1),
            )
            bus.interrupt()
            with pytest.raises(HandshakeFailed, match="503"):
                await here.station("A")
            bus.resume()
            await until(lambda: not gateway.claims_waiting)
            bus.may_swap = False
            began = loop.time()
            slow = asyncio.ensure_future(here.station("A"))
            await until(lambda: gateway.claims_waiting)
            with pytest.raises(HandshakeFailed, match="503"):  # max_claims
                await here.station("B")
            assert loop.time() - began < 1
            with pytest.raises(HandshakeFailed, match="503"):
                await slow
            assert 3 <= loop.time() - began < 4
            assert not gateway.claims_waiting
            bus.swap_what_was_kept()
            station = await here.station("A", handlers=STATION)
            assert (station.is_connected, gateway.owned) == (True, 1)
            with pytest.raises(ValueError, match="timeout"):
                gateway.claim_first(timeout=0)

    run_in_virtual_time(run)


def test_a_claim_is_let_go_when_the_station_does_not_come() -> None:
    async def run() -> None:
        async with counting_site() as (here, bus):
            gateway = await here.gateway()
            fleet = Fleet(bus, config=QUICK)
            check = gateway.claim_first()
            assert await check(asking("A")) is True
            asked = asyncio.ensure_future(check(asking("B")))
            await asyncio.sleep(0)
            asked.cancel()  # it has hung up meanwhile
            where = await fleet.find("A")
            assert where
            assert where.is_connected
            with pytest.raises(ConnectionLost, match="before 'Vendor' was answered") as silent:
                await fleet.call("A", "Vendor", {}, timeout=1)  # FL-6: it may be about to come
            assert not silent.value.was_sent
            await asyncio.sleep(60)
            for identity in ("A", "B"):
                gone = await fleet.find(identity)
                assert gone is None or not gone.is_connected
                with pytest.raises(NotConnected):
                    await fleet.call(identity, "Vendor", {})
            assert not gateway.claims_waiting

            # Of one that is here already nothing is claimed, nor let go when nothing comes of it.
            await here.station("C", handlers=STATION)
            before = len(bus.swaps)
            assert await check(asking("C")) is True
            await asyncio.sleep(60)
            assert await fleet.call("C", "Vendor", {}) == {"got": {}}
            assert len(bus.swaps) == before

            # While its claim was lost, it is claimed anew for its older connection.
            bus.interrupt()
            bus.resume()
            assert await check(asking("C")) is True
            await asyncio.sleep(60)
            assert await fleet.call("C", "Vendor", {}) == {"got": {}}

            assert await check(asking("x" * 256)) == 400
            assert await check(asking("D", ())) is True  # no version: refused by the server itself
            assert await fleet.find("D") is None

    run_in_virtual_time(run)


# --- calls -----------------------------------------------------------------------------------------------


@scenario
async def test_calls_of_one_caller_leave_in_order_and_one_at_a_time() -> None:
    """FL-12 (the line is bounded), FL-13."""
    served: list[int] = []
    running = 0

    async def slow(payload: Any) -> Any:
        nonlocal running
        running += 1
        assert running == 1
        await asyncio.sleep(0)
        served.append(payload["n"])
        running -= 1
        return {}

    async with site() as here:
        await here.gateway()
        await here.station("A", handlers={"Vendor": slow})
        fleet = Fleet(here.bus, config=QUICK)
        await asyncio.gather(*(fleet.call("A", "Vendor", {"n": n}) for n in range(10)))
        assert served == list(range(10))
        many = [fleet.call("A", "Vendor", {"n": n}) for n in range(20)]
        done = await asyncio.gather(*many, return_exceptions=True)
        refused = [each for each in done if isinstance(each, FleetUnavailable)]
        assert len(refused) == 4
        assert {each.was_sent for each in refused} == {False}


@scenario
async def test_a_call_that_is_too_late_says_whether_the_station_has_got_it() -> None:
    """FL-1, FL-2, FL-12."""
    may_answer = asyncio.Event()
    asked: list[Any] = []

    async def slow(payload: Any) -> Any:
        asked.append(payload["n"])
        await may_answer.wait()
        return {}

    async with site() as here:
        await here.gateway()
        await here.station("A", handlers={"Vendor": slow})
        fleet = Fleet(here.bus, config=QUICK)
        await fleet.find("A")
        calls = [
            asyncio.ensure_future(fleet.call("A", "Vendor", {"n": n}, timeout=0.3)) for n in (1, 2)
        ]
        cancelled = asyncio.ensure_future(fleet.call("A", "Vendor", {"n": 3}, timeout=9))
        await until(lambda: asked)
        cancelled.cancel()
        first, second = await asyncio.gather(*calls, return_exceptions=True)
        assert isinstance(first, CallTimeout)
        assert isinstance(second, FleetUnavailable | CallTimeout)
        may_answer.set()
        await until(lambda: not here.gateways[0].calls_waiting)
        assert 3 not in asked


@scenario
async def test_a_station_that_connects_elsewhere_is_taken_over_and_its_old_socket_closed() -> None:
    """FL-4, FL-5."""
    async with site() as here:
        first = await here.gateway(name="first")
        second = await here.gateway(name="second")
        old = await here.station("A", 0, handlers=STATION)
        await here.station("A", 1, handlers=STATION)
        await old.wait_closed()
        await until(lambda: not first.sessions)
        assert (first.owned, second.owned) == (0, 1)
        fleet = Fleet(here.bus, config=QUICK)
        assert await fleet.call("A", "Vendor", {}) == {"got": {}}
        where = await fleet.find("A")
        assert where
        assert (where.gateway, where.is_connected, where.version) == (
            "second",
            True,
            Version.OCPP16,
        )


@scenario
async def test_where_stations_are_and_where_they_were() -> None:
    async with site() as here:
        config = FleetConfig(probe_after=0.1, page_size=2)
        for name in ("one", "two"):
            await here.gateway(name=name)
            here.gateways[-1].config = config
        identities = [f"CP{n}" for n in range(5)]
        stations = [await here.station(each, n % 2) for n, each in enumerate(identities)]
        fleet = Fleet(here.bus, config=QUICK)
        found = [each async for each in fleet.stations()]
        assert sorted(each.identity for each in found) == identities
        assert {each.identity: each.gateway for each in found}["CP1"] == "two"
        for number, before in enumerate(found):
            behind = fleet.stations(after=(before.gateway, before.identity))
            assert [each async for each in behind] == found[number + 1 :]
        with pytest.raises(ValueError, match="1 to 255 bytes"):
            await anext(fleet.stations(after=("one", "")))
        assert await fleet.find("nobody") is None
        stations[0].close()
        await until(lambda: "CP0" not in here.gateways[0].sessions)
        gone = await fleet.find("CP0")
        assert gone
        assert (gone.is_connected, gone.since <= gone.last_seen) == (False, True)
        local = Fleet(here.bus, local=here.gateways[0])
        assert (await local.find("CP2")) == here.gateways[0].whereabouts("CP2")


@scenario
async def test_a_gateway_may_have_any_name_and_stations_are_said_to_be_there() -> None:
    async with site() as here:
        gateway = await here.gateway(name="gw-1.eu 😀")
        await here.station("A", handlers=STATION)
        fleet = Fleet(here.bus, config=QUICK)
        found = [await fleet.find("A"), *[each async for each in fleet.stations()]]
        found.append(gateway.whereabouts("A"))
        assert [each.gateway for each in found if each] == ["gw-1.eu 😀"] * 3


@scenario
async def test_a_page_of_stations_does_not_ask_all_of_them() -> None:
    asked: list[str] = []

    async with site() as here:
        await here.gateway(name="one")
        here.gateways[0].config = FleetConfig(page_size=2)
        for number in range(6):
            await here.station(f"CP{number}")
        request = here.bus.request

        async def note(subject: str, data: bytes, *, timeout: float) -> bytes:
            asked.append(subject)
            return await request(subject, data, timeout=timeout)

        here.bus.request = note  # type: ignore[method-assign]
        async with aclosing(Fleet(here.bus).stations(after=("one", "CP1"))) as behind:
            assert [(await anext(behind)).identity for _ in range(2)] == ["CP2", "CP3"]
        assert asked == ["pages.one"]


@scenario
async def test_while_the_bus_is_away_a_process_calls_its_own_stations_and_none_reconnects() -> None:
    """FL-8, FL-9."""
    async with site() as here:
        gateway = await here.gateway()
        station = await here.station("A", handlers=STATION)
        local, remote = Fleet(here.bus, local=gateway), Fleet(here.bus, config=QUICK)
        here.bus.interrupt()
        assert await local.call("A", "Vendor", {}) == {"got": {}}
        for name in ("A", "B"):
            with pytest.raises(FleetUnavailable) as away:
                await remote.call(name, v16.ClearCacheRequest())
            assert not away.value.was_sent
        with pytest.raises(FleetUnavailable):
            await remote.find("A")
        url = f"ws://127.0.0.1:{here.servers[0].port}"
        async with connect(url, identity="B", versions=["ocpp1.6"], handlers=STATION):
            await until(lambda: "B" in gateway.sessions)
            assert await local.call("B", "Vendor", {}) == {"got": {}}
            here.bus.resume()
            await until(lambda: gateway.owned == 2)
            for name in ("A", "B"):
                assert await remote.call(name, "Vendor", {}) == {"got": {}}
            assert station.is_connected


@scenario
async def test_a_call_that_waits_when_the_bus_goes_ends_at_once() -> None:
    """FL-10."""
    asked = asyncio.Event()

    async def slow(payload: Any) -> Any:  # noqa: ARG001
        asked.set()
        await asyncio.Event().wait()  # for ever

    async with site() as here:
        await here.gateway()
        await here.station("A", handlers={"Vendor": slow}, shutdown_timeout=0.0)
        call = asyncio.ensure_future(Fleet(here.bus).call("A", "Vendor", {}))
        await asked.wait()
        here.bus.interrupt()
        with pytest.raises(FleetUnavailable) as lost:
            await call
        assert lost.value.was_sent


@scenario
async def test_who_repeats_a_call_that_cannot_be_asked_does_not_stop_the_loop() -> None:
    async with site() as here:
        await here.gateway()
        await here.station("A", handlers=STATION)
        fleet = Fleet(here.bus, config=QUICK)
        assert await fleet.call("A", "Vendor", {}) == {"got": {}}
        here.bus.interrupt()
        others: list[None] = []
        asyncio.get_running_loop().call_soon(others.append, None)
        for _ in range(10):
            with pytest.raises(FleetUnavailable) as refused:
                await fleet.call("A", "Vendor", {})
            assert not refused.value.was_sent
        assert others
        here.bus.resume()


@scenario
async def test_a_station_that_is_about_to_return_is_waited_for() -> None:
    async with site() as here:
        await here.gateway()
        fleet = Fleet(here.bus, config=QUICK)
        call = asyncio.ensure_future(fleet.call("A", "Vendor", {}, wait=10))
        await asyncio.sleep(0)
        await here.station("A", handlers=STATION)
        assert await call == {"got": {}}


@scenario
async def test_a_connection_that_goes_ends_the_call_that_it_carried() -> None:
    """FL-2."""
    asked = asyncio.Event()

    async def slow(payload: Any) -> Any:  # noqa: ARG001
        asked.set()
        await asyncio.Event().wait()  # for ever

    async with site() as here:
        await here.gateway()
        station = await here.station("A", handlers={"Vendor": slow})
        fleet = Fleet(here.bus, config=QUICK)
        await fleet.find("A")
        calls = [asyncio.ensure_future(fleet.call("A", "Vendor", {})) for _ in range(2)]
        await asked.wait()
        await until(lambda: here.gateways[0].calls_waiting == 2)
        station.close()
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert [each.was_sent for each in done if isinstance(each, ConnectionLost)] == [True, False]


@scenario
async def test_a_call_of_its_own_process_goes_before_and_those_of_others_can_be_withdrawn() -> None:
    """FL-12: what waits for it waits where it is known."""
    answer = asyncio.Event()

    async def slow(payload: Any) -> Any:
        await answer.wait()
        return payload

    async with site() as here:
        gateway = await here.gateway()
        await here.station("A", handlers={"Slow": slow, "Vendor": slow})
        own = asyncio.create_task(gateway.sessions["A"].call("Slow", {}))
        fleet = Fleet(here.bus, config=QUICK)
        await asyncio.sleep(0)
        with pytest.raises(FleetUnavailable) as late:
            await fleet.call("A", "Vendor", {}, timeout=0.1)
        assert not late.value.was_sent
        calls = [asyncio.create_task(fleet.call("A", "Vendor", {"n": n})) for n in range(3)]
        await until(lambda: gateway.calls_waiting == 3)
        answer.set()
        assert await asyncio.gather(own, *calls) == [{}, {"n": 0}, {"n": 1}, {"n": 2}]
        assert not gateway.calls_waiting


@pytest.mark.parametrize("version", ["ocpp1.6", "ocpp2.0.1"])
def test_a_call_in_line_is_made_on_the_newest_connection_in_its_version(version: str) -> None:
    """FL-1: a gateway may stand around two servers, of which neither knows the connections of the other."""
    never = asyncio.Event()

    async def slow(payload: Any) -> Any:  # noqa: ARG001
        await never.wait()

    async def run() -> None:
        async with site() as here:
            gateway = await here.gateway()
            other = serve(gateway.on_station, "127.0.0.1", 0, versions=list(Version))
            here.servers.append(await here.stack.enter_async_context(other))
            here.gateways.append(gateway)
            await here.station("A", 0, handlers={"Slow": slow, "Vendor": slow})
            fleet = Fleet(here.bus, config=QUICK)
            first = asyncio.create_task(fleet.call("A", "Slow", {}, timeout=0.5))
            behind = asyncio.create_task(fleet.call("A", "Vendor", {}))
            await until(lambda: gateway.calls_waiting == 2)
            await here.station("A", 1, version, handlers=STATION)
            with pytest.raises((ConnectionLost, CallTimeout)):
                await first
            assert await behind == {"got": {}}

    run_in_virtual_time(run)


@scenario
async def test_workers_answer_what_gateways_pass_on_and_call_back() -> None:
    """FL-14."""
    handlers = Handlers[Any]()
    resets: list[Any] = []

    @handlers.on(v16.HeartbeatRequest)
    def heartbeat(_: v16.HeartbeatRequest) -> v16.HeartbeatResponse:
        return v16.HeartbeatResponse(current_time=NOW)

    @handlers.on(v16.BootNotificationRequest)
    async def boot(_: v16.BootNotificationRequest, call: Any) -> v16.BootNotificationResponse:
        answer = await call.session.call(v16.ResetRequest(type=v16.ResetType.SOFT))
        resets.append((call.session.identity, answer.status))
        raise CallRejected("SecurityError", "reset first")

    @handlers.on(v16.StatusNotificationRequest)
    def status(_: v16.StatusNotificationRequest) -> v16.StatusNotificationResponse:
        raise RuntimeError("mine")

    actions = ("Heartbeat", "BootNotification", "StatusNotification", "Authorize")
    async with site() as here:
        await here.gateway(forward=actions)
        station = await here.station("A", handlers=STATION)
        beat = v16.HeartbeatRequest()
        with pytest.raises(CallFailed) as nobody:
            await station.call(beat)
        assert nobody.value.code == "InternalError"
        async with Worker(here.bus, handlers, group="all", config=QUICK):
            assert (await station.call(beat)).current_time == NOW
            boot_request = v16.BootNotificationRequest(
                charge_point_vendor="v", charge_point_model="m"
            )
            with pytest.raises(CallFailed, match="reset first"):
                await station.call(boot_request)
            assert resets == [("A", v16.ResetStatus.ACCEPTED)]
            with pytest.raises(CallFailed) as failed:
                await station.call(
                    "StatusNotification",
                    {"connectorId": 1, "errorCode": "NoError", "status": "Available"},
                )
            assert failed.value.code == "InternalError"


def answering_late(refusals: int, got: list[Any]) -> Callable[[Any], Awaitable[Any]]:
    """Return a handler that says nothing to the first calls, and answers the others."""

    async def handle(payload: Any) -> Any:
        got.append(payload)
        if len(got) <= refusals:
            await asyncio.Event().wait()  # for ever
        return {"n": len(got)}

    return handle


@pytest.mark.parametrize(
    ("retry", "outcome", "sent"), [((), "ConnectionLost", 1), ({"Vendor"}, {"n": 2}, 2)]
)
def test_a_call_that_was_lost_is_made_again_only_if_you_have_said_so(
    retry: Any, outcome: Any, sent: int
) -> None:
    got: list[Any] = []
    handlers = {"Vendor": answering_late(1, got)}

    async def run() -> None:
        async with site() as here:
            await here.gateway()
            station = await here.station("A", handlers=handlers, shutdown_timeout=0.0)
            fleet = Fleet(here.bus, config=QUICK, retry=retry)
            call = asyncio.ensure_future(fleet.call("A", "Vendor", {}, timeout=10))
            await until(lambda: got)
            station.close()
            await asyncio.sleep(3)  # virtual
            await here.station("A", handlers=handlers)
            (ended,) = await asyncio.gather(call, return_exceptions=True)
            assert ended == outcome or type(ended).__name__ == outcome
            assert len(got) == sent

    run_in_virtual_time(run)


def test_a_call_that_is_made_again_ends_in_its_time_and_as_a_loss() -> None:
    """FL-1, FL-2."""
    got: list[Any] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        async with site() as here:
            await here.gateway()
            handlers = {"Vendor": answering_late(1, got)}
            station = await here.station("A", handlers=handlers, shutdown_timeout=0.0)
            fleet = Fleet(here.bus, config=QUICK, retry={"Vendor"})
            began = loop.time()
            call = asyncio.ensure_future(fleet.call("A", "Vendor", {}, timeout=5, wait=2))
            await until(lambda: got)
            station.close()
            # What the last attempt says, that the station is not connected, is not what became of the call.
            with pytest.raises(ConnectionLost) as lost:
                await call
            assert lost.value.was_sent
            assert 6.5 < loop.time() - began <= 7 + QUICK.grace
            assert len(got) == 1

    run_in_virtual_time(run)


def test_an_event_is_given_to_a_second_worker_only_if_you_have_said_so() -> None:
    """FL-14."""
    got: list[Any] = []
    redelivered: list[bool] = []

    async def authorize(payload: Any, call: Any) -> Any:
        assert isinstance(call.session, EventSession)
        redelivered.append(call.session.is_redelivered)
        await answering_late(1, got)(payload)
        return v16.AuthorizeResponse(
            id_tag_info=v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED)
        )

    async def run() -> None:
        loop = asyncio.get_running_loop()
        async with site() as here:
            await here.gateway(forward={"Authorize"}, retry={"Authorize"})
            await here.gateway(forward={"Authorize"})
            async with Worker(here.bus, {v16.AuthorizeRequest: authorize}, group="w", config=QUICK):
                request = v16.AuthorizeRequest(id_tag="A")
                twice, once = await here.station("A", 0), await here.station("B", 1)
                began = loop.time()
                await twice.call(request)
                assert redelivered == [False, True]
                assert QUICK.event_timeout / 2 <= loop.time() - began < QUICK.event_timeout
                got.clear()
                with pytest.raises(CallFailed, match="could not be answered"):
                    await once.call(request)
                assert redelivered == [False, True, False]

    run_in_virtual_time(run)


def test_an_answer_whose_station_has_gone_is_nobody_s(caplog: pytest.LogCaptureFixture) -> None:
    """FL-14: neither it nor a second attempt, and no word in the log."""
    asked: list[BusMessage] = []

    async def run() -> None:
        async with site() as here:
            gateway = await here.gateway(forward={"Heartbeat", "Authorize"}, retry={"Authorize"})
            await here.bus.subscribe("event.*.*", asked.append)

            async def ask_and_go(identity: str, request: Request[Any]) -> None:
                before = len(asked)
                station = await here.station(identity, reconnect=None)
                call = asyncio.ensure_future(station.send_call(request))
                await until(lambda: len(asked) > before)
                gateway.sessions[identity].close()
                with pytest.raises(ConnectionLost):
                    await call

            await ask_and_go("A", v16.HeartbeatRequest())
            await ask_and_go("B", v16.AuthorizeRequest(id_tag="B"))
            await until(lambda: not gateway.sessions)
            assert gateway.events_waiting == 0
            here.bus.reply(asked[0], b'[3,"",{"currentTime":"2026-01-01T00:00:00Z"}]')
            await asyncio.sleep(2 * QUICK.event_timeout)

    run_in_virtual_time(run)
    assert [message.subject for message in asked] == ["event.Heartbeat.A", "event.Authorize.B"]
    assert [record.levelname for record in caplog.records if record.levelno >= WARNING] == []


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (b'[3,"",{"currentTime":"secret"}]', "$.currentTime: expected"),
        (b'[3,"",{"x":"secret"}]', "$.currentTime: expected this member"),
        (b'[2,"secret","Reset",{}]', "no CALLRESULT or CALLERROR"),
        (b"secret", "no CALLRESULT or CALLERROR"),
    ],
)
def test_what_is_no_answer_becomes_an_error_and_the_log_says_why_and_not_what(
    answer: bytes, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """FL-18."""

    @scenario
    async def run() -> None:
        async with site() as here:
            await here.gateway(forward={"Heartbeat"})
            station = await here.station("A")
            reply = partial(here.bus.reply, data=answer)
            await here.bus.subscribe("event.Heartbeat.*", reply)
            with pytest.raises(CallFailed, match=r"InternalError: it could not be answered$"):
                await station.call(v16.HeartbeatRequest())

    run()
    (record,) = [record for record in caplog.records if record.levelno >= WARNING]
    text = record.getMessage()
    assert "an event of A: " in text
    assert fault in text
    assert "secret" not in caplog.text


@scenario
async def test_what_is_durable_is_answered_when_it_is_stored_and_served_at_least_once() -> None:
    """FL-15."""
    reading = {"connectorId": 1, "meterValue": [{"timestamp": "2026-01-01T00:00:00Z"}]}
    reading["meterValue"][0]["sampledValue"] = [{"value": "1.50"}]  # type: ignore[index]
    served: list[Any] = []
    done = asyncio.Event()

    async def take(payload: Any, call: Any) -> Any:
        served.append((payload, call.session.identity))
        done.set()
        return {}

    async with site() as here:
        await here.gateway(durable={"MeterValues"})
        station = await here.station("A")
        assert await station.call("MeterValues", reading) == {}
        async with Worker(here.bus, {"MeterValues": take}, group="billing", config=QUICK):
            await done.wait()
        here.bus.interrupt()
        with pytest.raises(CallFailed, match="could not be stored"):
            await station.call("MeterValues", reading)
        here.bus.resume()
    ((payload, identity),) = served
    assert identity == "A"
    assert payload.meter_value[0].sampled_value[0].value == "1.50"


@scenario
async def test_a_gateway_is_emptied_without_a_call_being_lost() -> None:
    """FL-19."""
    async with site() as here:
        await here.gateway()
        await here.gateway()
        fleet = Fleet(here.bus, config=QUICK)
        for n in range(4):
            await here.station(f"CP{n}", handlers=STATION)
        calls = [
            asyncio.ensure_future(fleet.send_call(f"CP{n % 4}", "Vendor", {})) for n in range(20)
        ]
        await until(lambda: any(each.done() for each in calls))
        await here.gateways[0].drain(here.servers[0], pace=1000)
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert not [each for each in done if isinstance(each, ConnectionLost) and each.was_sent]
        assert here.gateways[0].sessions == {}


@pytest.mark.parametrize("routing", Routing)
def test_a_call_that_meets_the_end_of_a_connection_was_not_sent(routing: Routing) -> None:
    """FL-2."""

    @scenario
    async def run() -> None:
        async with site(routing=routing) as here:
            await here.gateway()
            fleet = Fleet(here.bus, config=QUICK)
            told: set[str] = set()
            for turns in range(8):  # of the loop that the call has before the connection is closed
                await here.station("A", handlers=STATION)
                await fleet.call("A", "Vendor", {})
                asked = [asyncio.ensure_future(fleet.call("A", "Vendor", {})) for _ in range(2)]
                for _ in range(turns):
                    await asyncio.sleep(0)
                session = here.gateways[0].sessions["A"]
                await session.wait_idle()
                session.close()
                for each in await asyncio.gather(*asked, return_exceptions=True):
                    told.add(type(each).__name__)
                    assert not getattr(each, "was_sent", False), turns
                await until(lambda: not here.gateways[0].sessions)
            assert told >= {"dict", "NotConnected"}

    run()


@scenario
async def test_a_call_that_comes_with_the_first_word_of_being_subscribed_is_made() -> None:
    class Telling(MemoryBus):
        """Has a call come before who subscribes has been told that he did, as a broker may."""

        def ask_subscription(self, pattern: str, receive: Receive, take: TakeSubscription) -> None:
            def call_first(subscription: Any) -> None:
                calls.append(asyncio.ensure_future(fleet.call("A", "Vendor", {})))
                calls[-1].add_done_callback(lambda _: take(subscription))

            super().ask_subscription(pattern, receive, call_first)

    calls: list[asyncio.Future[Any]] = []
    async with Telling() as bus, AsyncExitStack() as stack:
        fleet = Fleet(bus, config=QUICK)
        here = Site(bus, stack)
        await here.gateway()
        await here.station("A", handlers=STATION)
        assert [await each for each in calls] == [{"got": {}}]


@pytest.mark.parametrize(
    ("failure", "told", "was_sent"),
    [
        (CallVetoed("not at night"), FleetUnavailable, False),
        (LocalProtocolError("the line is full"), FleetUnavailable, False),
        (RuntimeError("in a hook, before or after the frame left"), ConnectionLost, True),
    ],
)
def test_a_call_that_its_gateway_fails_over_was_sent_unless_that_is_certain(
    failure: Exception,
    told: type[Any],
    was_sent: bool,  # noqa: FBT001 - of a table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """FL-2."""

    def fail(*_: Any, **__: Any) -> None:
        raise failure

    @scenario
    async def run() -> None:
        async with site() as here:
            gateway = await here.gateway()
            await here.station("A", handlers=STATION)
            monkeypatch.setattr(gateway.sessions["A"], "begin_forward", fail, raising=False)
            with pytest.raises(told) as refused:
                await Fleet(here.bus, config=QUICK).call("A", "Vendor", {})
            assert refused.value.was_sent is was_sent
            if not was_sent:
                assert str(failure) in str(refused.value)

    run()


class SlowClaims(MemoryBus):
    """Tells of a claim that was replaced some turns of the loop after it was."""

    swaps = 0

    def ask_swap(self, key: str, value: bytes, take: TakeRevision, *, revision: int) -> None:
        self.swaps += 1
        super().ask_swap(key, value, partial(_in_turns, 30, take), revision=revision)


def _in_turns(turns: int, take: TakeRevision, revision: int | BusError | TimeoutError) -> None:
    if turns:
        asyncio.get_running_loop().call_soon(_in_turns, turns - 1, take, revision)
    else:
        take(revision)


@pytest.mark.parametrize("routing", Routing)
def test_who_leaves_in_the_midst_of_being_claimed_leaves_the_station_to_its_owner(
    routing: Routing,
) -> None:
    """FL-4."""

    @scenario
    async def run() -> None:
        kept = 0
        async with SlowClaims(routing=routing) as bus, AsyncExitStack() as stack:
            here = Site(bus, stack)
            owner, other = await here.gateway(name="owner"), await here.gateway(name="other")
            fleet = Fleet(bus, config=QUICK)
            for turns in range(0, 40, 4):
                name = f"CP{turns}"
                station = await here.station(name, 0, handlers=STATION)
                await until(partial(owner._owners.owns, name))
                before = bus.swaps
                url = f"ws://127.0.0.1:{here.servers[1].port}"
                async with connect(url, identity=name, versions=["ocpp1.6"]):
                    await until(lambda: other.sessions)
                    if turns:
                        await until(lambda: bus.swaps > before)  # noqa: B023 - it is awaited here
                    for _ in range(turns):
                        await asyncio.sleep(0)
                    other.sessions[name].close()
                # Until what was under way has come to its end.
                await until(lambda: not other._asked and other._next_look is None)
                where = await fleet.find(name)
                assert where
                if name not in owner.sessions:
                    continue  # it was told before that
                kept += 1
                assert await fleet.call(name, "Vendor", {}) == {"got": {}}
                assert (where.gateway, where.is_connected) == ("owner", True), turns
                assert station.is_connected
        assert kept > 5

    run()


@pytest.mark.parametrize(
    "options",
    [
        {"durable": {"StartTransaction"}},
        {"forward": {"Heartbeat"}, "durable": {"Heartbeat"}},
        {"forward": {"MeterValues"}, "durable": {"MeterValues"}},
        {"name": ""},
        {"durable": {"*"}},
        {"forward": {"Autorize"}},
        {"durable": {"Reset"}},
        {"forward": {"Authorize"}, "retry": {"Heartbeat"}},
    ],
)
def test_a_gateway_that_cannot_be_is_refused(options: dict[str, Any]) -> None:
    words = r"empty|already|identity|perhaps 'Authorize'|station does not send|forward has it not"
    with pytest.raises(ValueError, match=words):
        Gateway(MemoryBus(), **options)
    with pytest.raises(ValueError, match="csms does not send"):
        Fleet(MemoryBus(), retry={"Heartbeat"})
    with pytest.raises(TypeError, match="several actions"):
        Fleet(MemoryBus(), retry="Reset")
    with pytest.raises(TypeError, match="several actions"):
        Gateway(MemoryBus(), forward="Heartbeat")
    with pytest.raises(ValueError, match="group"):
        Worker(MemoryBus(), {}, group="a.b")


@pytest.mark.parametrize(
    "wrong",
    [
        {"probe_after": 0},
        {"silences": 1.5},
        {"stall": "2"},
        {"max_claims": 0},
        {"grace": float("nan")},
        {"page_size": True},
    ],
)
def test_settings_out_of_bounds_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        FleetConfig(**wrong)
