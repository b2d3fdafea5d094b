"""What a session over a WebSocket of your own knows of its peer, how it closes, and settings that change."""

from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from worlds import World, caught, connected_pair, in_both_worlds, sent_by

from ocpp_sansio import Config, LocalProtocolError, Role, Validation
from ocpp_sansio.handlers import Handlers, IncomingCall
from ocpp_sansio.testing import Recorder, replay

ODD = {"connectorId": 1, "errorCode": "NoError", "status": "Odd"}
CALL = b'[2,"%d","%s",{}]'


@in_both_worlds
async def test_a_session_whose_websocket_is_yours_measures_nothing(world: World) -> None:
    async with connected_pair(world) as (near, _):
        assert near.is_connected
        assert near.last_heard is None
        assert near.latency is None
        assert near.websocket is None
        assert near.config == Config()


@in_both_worlds
async def test_a_value_of_yours_and_a_connection_of_yours_ride_on_a_session(world: World) -> None:
    lines: list[str] = []
    seen: list[Any] = []

    def tell(_: Any, call: IncomingCall[dict[str, int]]) -> Any:
        seen.append(call.context["site"])
        return {"currentTime": "2026-01-01T00:00:00Z"}

    options = {
        "context": {"site": 7},
        "new_connection": partial(Recorder, write=lines.append),
        "handlers": {"Heartbeat": tell},
    }
    async with connected_pair(world, csms=options) as (near, far):
        await near.call("Heartbeat", {})
        assert far.context == {"site": 7}
        assert (near.context, near.request, far.request) == (None, None, None)
    assert seen == [7]
    assert isinstance(far.connection, Recorder)
    replay(lines).verify()


@in_both_worlds
async def test_it_closes_as_it_was_told_to_once_for_each_connection(world: World) -> None:
    closed: list[Any] = []

    async def close(code: int, reason: str) -> None:
        await world.sleep(1)
        closed.append((code, reason))

    def close_badly(code: int, reason: str) -> None:
        closed.append((code, reason))
        raise OSError("it was closed before")

    for function in (close, close_badly):
        async with world.session(Role.CSMS, sender=lambda _: None, close=function) as session:
            session.close()  # without a connection there is nothing to close
            for _ in range(2):
                await session.connected("ocpp1.6")
                session.close(1008, "enough")
                session.close()
                await world.sleep(2)
                await session.disconnected()
    assert closed == [(1008, "enough")] * 4


@in_both_worlds
async def test_or_it_says_that_it_was_not_told_how(world: World) -> None:
    async with connected_pair(world) as (near, _):
        with pytest.raises(LocalProtocolError, match=r"Session\(\.\.\., close=\.\.\.\)"):
            near.close()
        assert near.is_connected


@in_both_worlds
async def test_a_handler_changes_the_settings_of_its_session(world: World) -> None:
    handlers = Handlers({"StatusNotification": lambda _: {}})

    @handlers.on("BootNotification")
    def boot(_: Any, call: IncomingCall) -> Any:
        call.session.configure(Config(validation=Validation.LENIENT))
        now = "2026-01-01T00:00:00Z"
        return {"status": "Accepted", "interval": 300, "currentTime": now}

    handlers.on("OurOwn")(lambda _: {"status": "ours"})  # named here, so it stays a vendor action
    loose = {"config": Config(validation=Validation.OFF)}
    async with connected_pair(world, station=loose, csms={"handlers": handlers}) as (near, _):
        assert "$.status" in str(await caught(near.call("StatusNotification", ODD)))
        await near.call("BootNotification", {"chargePointVendor": "v", "chargePointModel": "m"})
        assert await near.call("StatusNotification", ODD) == {}
        assert await near.call("OurOwn", {}) == {"status": "ours"}


@in_both_worlds
async def test_what_is_no_setting_of_it_is_told(world: World) -> None:
    session = world.session(Role.CSMS, sender=lambda _: None)
    with pytest.raises(RuntimeError, match="async with"):
        session.configure(Config())
    async with session:
        with pytest.raises(LocalProtocolError, match="the WebSocket of this session is yours"):
            session.configure(websocket=Config())
        with pytest.raises(TypeError, match="a Config, not 'NoneType'"):
            session.configure()


@in_both_worlds
async def test_another_number_of_running_handlers_counts_at_once(world: World) -> None:
    log: list[bytes] = []

    async def never(_: Any) -> Any:
        await world.flag().wait()

    few = Config(max_running_handlers=1, max_unanswered_calls=99)
    async with world.session(
        Role.CSMS, sender=log.append, handlers={"Heartbeat": never}, config=few
    ) as session:
        await session.connected("ocpp1.6")
        first = world.start(session.received, CALL % (1, b"Heartbeat"))
        await world.settle()
        session.configure(replace(few, max_running_handlers=3))
        await first.result()
        second = world.start(session.received, CALL % (2, b"Heartbeat"))
        await second.result()
        assert sent_by(log) == []
        assert len(session.connection.unanswered_calls) == 2


@in_both_worlds
async def test_a_call_that_the_passing_time_lets_go_leaves_at_once(world: World) -> None:
    log: list[bytes] = []
    async with world.session(Role.STATION, sender=log.append) as session:
        await session.connected("ocpp1.6")
        calls = [world.start(session.call, "Heartbeat", {}) for _ in range(2)]
        await world.settle()
        session.configure(Config(call_timeout=5))
        assert len(log) == 1  # what was called before keeps its 30 s
        assert "Timeout" in type(await caught(calls[0].result())).__name__
        await world.settle()
        assert len(log) == 2
        calls[1].cancel()
