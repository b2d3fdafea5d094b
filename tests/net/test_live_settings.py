"""What handlers can see and change of a connection while it is open: close, last heard, latency, settings."""

from typing import Any

import pytest
from msgspec.structs import replace
from net_worlds import World, in_every_world

from ocpp_sansio import Config, LocalProtocolError, Validation
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.handlers import Handlers, IncomingCall
from ocpp_sansio.outcomes import CallFailed
from ocpp_sansio.websocket import WebSocketConfig

NOW = {"currentTime": "2026-01-01T00:00:00Z"}
BOOT = {"chargePointVendor": "Quiet", "chargePointModel": "One"}
ODD = {"connectorId": 1, "errorCode": "NoError", "status": "Odd"}
QUICK = WebSocketConfig(ping_interval=0.005)
NO_PINGS = WebSocketConfig(ping_interval=0)


def boot(_: Any, call: IncomingCall) -> Any:
    """Set a station right once it has told its vendor."""
    lenient = replace(call.session.config, validation=Validation.LENIENT)
    call.session.configure(lenient, websocket=replace(call.session.websocket, ping_interval=0.005))
    return {"status": "Accepted", "interval": 300, **NOW}


def handlers() -> Handlers:
    return Handlers({"BootNotification": boot, "StatusNotification": lambda _: {}})


@in_every_world
def test_a_handler_changes_pings_and_validation_of_its_own_station(world: World) -> None:
    async def scenario(world: World) -> None:
        loose = Config(validation=Validation.OFF)

        def station(identity: str) -> Any:
            url = f"ws://127.0.0.1:{server.port}"
            return world.connect(
                url, identity=identity, versions=["ocpp1.6"], config=loose, websocket=NO_PINGS
            )

        async with (
            world.serve(
                None, "127.0.0.1", 0, versions=["ocpp1.6"], handlers=handlers(), websocket=NO_PINGS
            ) as server,
            station("A") as a,
            station("B") as b,
        ):
            for session in (a, b):
                with pytest.raises(CallFailed):
                    await session.call("StatusNotification", ODD)
            near, far = server.sessions["A"], server.sessions["B"]
            assert near.latency is None
            assert near.websocket is NO_PINGS
            await a.call("BootNotification", BOOT)
            assert near.websocket == QUICK
            assert await a.call("StatusNotification", ODD) == {}
            with pytest.raises(CallFailed):
                await b.call("StatusNotification", ODD)
            await world.until(lambda: near.latency is not None)
            latency, heard = near.latency, near.last_heard
            assert isinstance(latency, float)
            assert 0 <= latency < 1
            await world.until(lambda: near.last_heard > heard)  # a pong is a sign of life
            near.configure(websocket=NO_PINGS)
            assert (near.websocket, far.websocket) == (NO_PINGS, NO_PINGS)
            assert far.latency is None

    world.run(scenario)


@in_every_world
def test_what_is_changed_on_the_stations_side_holds_for_the_next_connections(world: World) -> None:
    async def scenario(world: World) -> None:
        async with (
            world.serve(
                None, "127.0.0.1", 0, versions=["ocpp1.6"], handlers={"Heartbeat": lambda _: NOW}
            ) as server,
            world.connect(
                f"ws://127.0.0.1:{server.port}",
                identity="A",
                versions=["ocpp1.6"],
                reconnect=Backoff(0.001, 0, 0),
            ) as session,
        ):
            session.configure(websocket=QUICK)
            session.configure(Config(call_timeout=7))
            await world.until(lambda: session.latency is not None)
            await world.until(lambda: server.sessions)
            server.sessions["A"].close()
            await world.until(lambda: not session.is_connected)
            assert session.last_heard is not None  # of the connection that was
            assert session.websocket is QUICK
            session.configure(Config(call_timeout=7, max_message_size=100))
            await session.call("Heartbeat", {})
            assert session.websocket is QUICK
            assert session.config.call_timeout == 7
            await world.until(lambda: session.latency is not None)
            session.configure()  # nothing, which is fine

    world.run(scenario)


@in_every_world
def test_what_cannot_change_is_told_before_anything_has(world: World) -> None:
    async def scenario(world: World) -> None:
        async with (
            world.serve(None, "127.0.0.1", 0, versions=["ocpp1.6"]) as server,
            world.connect(
                f"ws://127.0.0.1:{server.port}", identity="A", versions=["ocpp1.6"]
            ) as session,
        ):
            before = (session.config, session.websocket)
            other, fast = Config(call_timeout=7), WebSocketConfig(ping_interval=1)
            for config, websocket, error, text in [
                (other, replace(fast, compression=True), LocalProtocolError, "compression stays"),
                (Config(max_message_size=100), fast, LocalProtocolError, "max_message_size stays"),
                (Config(max_undrained=100), fast, LocalProtocolError, "max_undrained stays"),
                (other, other, TypeError, "a WebSocketConfig, not 'Config'"),
                (fast, fast, TypeError, "a Config, not 'WebSocketConfig'"),
            ]:
                with pytest.raises(error, match=text):
                    session.configure(config, websocket=websocket)
                assert (session.config, session.websocket) == before

    world.run(scenario)


@in_every_world
def test_a_handler_can_close_and_see_how_its_station_does(world: World) -> None:
    async def scenario(world: World) -> None:
        seen: list[Any] = []

        async def hang_up(_: Any, call: IncomingCall) -> Any:
            seen.append((call.session.is_connected, call.session.latency))
            seen.append(call.session.last_heard)
            call.session.close(1008, "unknown vendor")
            return {}

        async with (
            world.serve(
                None, "127.0.0.1", 0, versions=["ocpp1.6"], handlers={"BootNotification": hang_up}
            ) as server,
            world.connect(
                f"ws://127.0.0.1:{server.port}", identity="A", versions=["ocpp1.6"]
            ) as session,
        ):
            await world.together(lambda: session.call("BootNotification", BOOT))
            await session.wait_closed()
        assert seen[0] == (True, None)
        assert isinstance(seen[1], float)

    world.run(scenario)
