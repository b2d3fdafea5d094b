"""`on_connected` speaks first: calls made offline, and those of other tasks, leave when it has returned."""

from collections.abc import Callable
from typing import Any

import pytest
from net_worlds import World, in_every_world
from worlds import WORLDS
from worlds import World as VirtualWorld

import ocpp_sansio.asyncio
import ocpp_sansio.trio
from ocpp_sansio import Config, LocalProtocolError, Role, Validation, v16
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.handlers import Handlers
from ocpp_sansio.outcomes import NotConnected
from ocpp_sansio.websocket import StationWebSocket

AT_ONCE = Backoff(0.001, 0, 0)
ME = v16.BootNotificationRequest(charge_point_vendor="Example", charge_point_model="One")


class Csms:
    """Writes down what comes, in the order of the wire."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.handlers = Handlers(
            {"BootNotification": self._boot, "DataTransfer": self._transfer, "*": self._other}
        )

    def _boot(self, _: Any) -> Any:
        self.came.append("boot")
        return {"status": "Accepted", "interval": 300, "currentTime": "2026-01-01T00:00:00Z"}

    def _transfer(self, payload: Any) -> Any:
        self.came.append(payload.data)
        return {"status": "Accepted"}

    def _other(self, _: Any, call: Any) -> Any:
        self.came.append(call.action)
        return {}


def transfer(session: Any, data: str) -> Callable[[], Any]:
    async def call() -> Any:
        return await session.call("DataTransfer", {"vendorId": "v", "data": data})

    return call


async def free_port(world: World) -> int:
    async with world.serve(None, "127.0.0.1", 0, versions=["ocpp1.6"]) as server:
        return int(server.port)


def serve(world: World, csms: Csms, port: int = 0, **options: Any) -> Any:
    options = {"versions": ["ocpp1.6", "ocpp2.1"], "handlers": csms.handlers, **options}
    return world.serve(options.pop("on_station", None), "127.0.0.1", port, **options)


def station(world: World, port: int, **options: Any) -> Any:
    url = f"ws://127.0.0.1:{port}"
    return world.connect(url, identity="CP001", **{"versions": ["ocpp1.6"], **options})


@in_every_world
def test_calls_made_offline_leave_in_their_order_after_on_connected_on_each_connection(
    world: World,
) -> None:
    async def scenario(world: World) -> None:
        csms = Csms()
        port = await free_port(world)
        may_end = world.new_event()

        async def greet(session: Any) -> None:
            await session.call(ME)
            await may_end.wait()
            await world.together(transfer(session, "of a task of its own"))

        async with station(world, port, reconnect=AT_ONCE, on_connected=greet) as session:

            async def make_calls() -> Any:
                async def one(number: int) -> Any:
                    await world.until(lambda: len(session._line or ()) == number)
                    return await transfer(session, str(number))()

                return await world.together(*[lambda n=n: one(n) for n in range(5)])

            async def one_server() -> None:
                async with serve(world, csms, port) as server:
                    await world.until(
                        lambda: csms.came == ["boot"] and len(session._line or ()) == 5
                    )
                    assert session.is_connected
                    await world.sleep(0.005)
                    assert csms.came == ["boot"]
                    may_end.set()
                    await world.until(lambda: len(csms.came) == 7)
                    server.sessions["CP001"].close()

            for _ in range(2):
                answers, _ = await world.together(make_calls, one_server)
                assert answers == [{"status": "Accepted"}] * 5
                assert csms.came == ["boot", "of a task of its own", *"01234"]
                csms.came.clear()
                may_end = world.new_event()
                await world.until(lambda: not session.is_connected)

    world.run(scenario)


@in_every_world
def test_a_handler_calls_back_while_on_connected_still_runs(world: World) -> None:
    async def scenario(world: World) -> None:
        csms = Csms()
        triggered = world.new_event()
        station_handlers = Handlers()

        @station_handlers.on("TriggerMessage")
        async def trigger(_: Any, call: Any) -> Any:
            await call.session.call("StatusNotification", {})  # the CSMS waits for that, perhaps
            return {"status": "Accepted"}

        @station_handlers.after("TriggerMessage")
        async def beat(_: Any, call: Any) -> None:
            await call.session.call("Heartbeat", {})
            triggered.set()

        async def greet(session: Any) -> None:
            await session.call(ME)
            await triggered.wait()

        async def on_station(session: Any) -> None:
            await session.call("TriggerMessage", {"requestedMessage": "StatusNotification"})

        off: Any = {"config": Config(validation=Validation.OFF)}
        async with (
            serve(world, csms, on_station=on_station, **off) as server,
            station(
                world, server.port, on_connected=greet, handlers=station_handlers, **off
            ) as session,
        ):
            await transfer(session, "last")()
        assert csms.came[-1] == "last"
        assert sorted(csms.came[:-1]) == ["Heartbeat", "StatusNotification", "boot"]

    world.run(scenario)


@in_every_world
def test_if_on_connected_fails_the_connection_is_made_anew_and_calls_go_on_waiting(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        csms = Csms()
        greeted: list[Any] = []

        async def greet(session: Any) -> None:
            greeted.append(session)
            await session.call(ME)
            if len(greeted) < 3:
                raise RuntimeError("not accepted")

        async with (
            serve(world, csms) as server,
            station(world, server.port, reconnect=AT_ONCE, on_connected=greet) as session,
        ):
            assert await transfer(session, "last")() == {"status": "Accepted"}
        assert csms.came == ["boot", "boot", "boot", "last"]

        async with serve(world, csms) as server:  # and without another connection they end
            greeted.clear()
            async with station(world, server.port, on_connected=greet) as session:
                [failed] = await world.together(transfer(session, "never"))
            assert isinstance(failed, NotConnected)

    world.run(scenario)
    assert "RuntimeError: not accepted" in caplog.text


@in_every_world
def test_one_that_never_returns_lets_calls_go_by_saying_so(world: World) -> None:
    async def scenario(world: World) -> None:
        csms = Csms()

        async def greet(session: Any) -> None:
            await session.call(ME)
            session.release_calls()
            await world.new_event().wait()

        async with (
            serve(world, csms) as server,
            station(world, server.port, on_connected=greet) as session,
        ):
            assert await transfer(session, "last")() == {"status": "Accepted"}
        assert csms.came == ["boot", "last"]

    world.run(scenario)


@in_every_world
def test_who_gives_up_waiting_holds_nobody_up(world: World) -> None:
    async def scenario(world: World) -> None:
        csms = Csms()
        may_end, is_over = world.new_event(), world.new_event()

        async def greet(_: Any) -> None:
            await may_end.wait()

        async with (
            serve(world, csms) as server,
            station(world, server.port, on_connected=greet) as session,
        ):

            async def give_up() -> None:
                await world.cancel_when(is_over, transfer(session, "given up"))

            async def stay() -> None:
                await world.until(lambda: session._line)
                await world.together(transfer(session, "stays"))

            async def end() -> None:
                await world.until(lambda: len(session._line or ()) == 2)
                is_over.set()
                await world.until(lambda: len(session._line or ()) == 1)
                may_end.set()

            assert await world.together(give_up, stay, end) == [None] * 3
            assert not session._line
        assert csms.came == ["stays"]

    world.run(scenario)


@in_every_world
def test_calls_that_do_not_wait_offline_wait_for_on_connected_all_the_same(world: World) -> None:
    async def scenario(world: World) -> None:
        csms = Csms()
        is_greeting = world.new_event()

        async def greet(_: Any) -> None:
            is_greeting.set()
            await world.new_event().wait()

        async with serve(world, csms) as server:
            slowly = {"reconnect": Backoff(60, 0, 0), "wait_while_offline": False}
            async with station(world, server.port, on_connected=greet, **slowly) as session:

                async def cut() -> None:
                    await is_greeting.wait()
                    await world.until(lambda: session._line)
                    server.sessions["CP001"].close()

                failed, _ = await world.together(transfer(session, "never"), cut)
                assert isinstance(failed, NotConnected)
        assert csms.came == []

    world.run(scenario)


@in_every_world
def test_f6_a_send_waits_too(world: World) -> None:
    async def scenario(world: World) -> None:
        csms = Csms()
        may_end = world.new_event()

        async def greet(session: Any) -> None:
            await session.call("BootNotification", {"reason": "PowerUp", "chargingStation": BOX})
            await may_end.wait()

        async with (
            serve(world, csms) as server,
            station(world, server.port, on_connected=greet, versions=["ocpp2.1"]) as session,
        ):
            data = {"id": 1, "pending": 0, "basetime": "2026-01-01T00:00:00Z", "data": [ELEMENT]}

            async def send() -> None:
                await session.send_unconfirmed("NotifyPeriodicEventStream", data)

            async def end() -> None:
                await world.until(lambda: session._line and csms.came)
                assert csms.came == ["boot"]
                may_end.set()

            assert await world.together(send, end) == [None, None]
            await world.until(lambda: len(csms.came) == 2)
        assert csms.came == ["boot", "NotifyPeriodicEventStream"]

    world.run(scenario)


BOX = {"vendorName": "Example", "model": "One"}
ELEMENT = {"t": 0, "v": "1"}


class NoWire:
    """Takes what is sent, and answers nothing."""

    where = "127.0.0.1:9000"
    suspends = False
    link = StationWebSocket("ws://h", identity="CP001", versions=["ocpp1.6"])

    def send(self, _: bytes) -> None: ...
    def close(self, code: int = 1000, reason: str = "") -> None: ...
    def configure(self, websocket: Any) -> None: ...


KINDS: dict[str, Any] = {
    "asyncio": ocpp_sansio.asyncio.NetSession,
    "trio": ocpp_sansio.trio.NetSession,
}


@pytest.mark.parametrize("loop", WORLDS)
def test_as_many_calls_wait_offline_as_the_queue_can_take_then(loop: str) -> None:
    async def scenario(world: VirtualWorld) -> None:
        few = Config(max_queued_calls=1)
        async with KINDS[loop](
            Role.STATION,
            identity="CP001",
            handlers=None,
            hooks=None,
            config=few,
            waits_while_offline=True,
        ) as session:
            jobs = [world.start(session.call, "Heartbeat", {}) for _ in range(2)]
            await world.settle()
            with pytest.raises(LocalProtocolError, match="max_queued_calls"):
                await session.call("Heartbeat", {})
            session._attach(NoWire())
            await session.connected("ocpp1.6")
            await world.settle()
            assert session.connection.outstanding_call
            assert len(session.connection.queued_calls) == 1
            for job in jobs:
                job.cancel()

    WORLDS[loop](scenario)


@pytest.mark.parametrize("loop", WORLDS)
def test_it_is_said_once_that_calls_wait_for_one_that_takes_a_minute(
    loop: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: VirtualWorld) -> None:
        async def never(_: Any) -> None:
            await world.flag().wait()

        async with KINDS[loop](
            Role.STATION, identity="CP001", handlers=None, hooks=None, config=Config()
        ) as session:
            session._attach(NoWire())
            greet = session._greeter(never)
            await session.connected("ocpp1.6")
            jobs = [world.start(greet, session)]
            for told in (0, 0, 1, 1):
                await world.sleep(25)
                jobs.append(world.start(session.call, "Heartbeat", {}))
                await world.settle()
                assert len(caplog.records) == told
            session.close()
            for job in jobs:
                job.cancel()

    WORLDS[loop](scenario)
    [record] = caplog.records
    assert "calls wait for on_connected, which has run for 75 s" in record.getMessage()
