"""`connect` and `serve`: one table of scenarios, on asyncio and on trio, over real sockets."""

import gc
import logging
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from net_worlds import PATIENCE, World, in_every_world

from ocpp_sansio import Config, LocalProtocolError, Version, v16
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.hooks import Hooks
from ocpp_sansio.net import ConnectionRequest, Duplicates, HandshakeFailed, Limits
from ocpp_sansio.outcomes import CallTimeout, ConnectionLost, NotConnected
from ocpp_sansio.websocket import WebSocketConfig

NOW = {"currentTime": "2026-01-01T00:00:00Z"}
BEAT = {"Heartbeat": lambda _: NOW}
AT_ONCE = Backoff(0.001, 0, 0)


class Place:
    """A server, and how to reach it."""

    def __init__(self, world: World, server: Any) -> None:
        self.world, self.server = world, server

    def url(self) -> str:
        return f"ws://127.0.0.1:{self.server.port}/ocpp"

    def station(self, identity: str = "CP001", **options: Any) -> Any:
        options.setdefault("versions", ["ocpp1.6"])
        return self.world.connect(self.url(), identity=identity, **options)


@asynccontextmanager
async def serving(
    world: World, on_station: Any = None, port: int = 0, **options: Any
) -> AsyncIterator[Place]:
    options.setdefault("versions", ["ocpp1.6", "ocpp2.0.1"])
    options.setdefault("handlers", BEAT)
    async with world.serve(on_station, "127.0.0.1", port, **options) as server:
        yield Place(world, server)


def raw_request(path: str = "/ocpp/CP001") -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
    ).encode()


def masked(text: bytes, opcode: int = 1) -> bytes:
    assert len(text) < 126
    return bytes([0x80 | opcode, 0x80 | len(text)]) + bytes(4) + text


# --- calls, and who is there -------------------------------------------------------------------------


@in_every_world
def test_calls_travel_both_ways_and_the_server_knows_who_is_there(world: World) -> None:
    async def scenario(world: World) -> None:
        seen: list[Any] = []
        done = world.new_event()

        async def on_station(session: Any) -> None:
            seen.append((session.identity, session.version))
            seen.append(await session.call(v16.ResetRequest(type=v16.ResetType.SOFT)))
            done.set()

        async with serving(world, on_station) as place:
            reset = {"Reset": lambda _: {"status": "Accepted"}}
            async with place.station("CP 1/2", handlers=reset) as session:
                answer = await session.call("Heartbeat", {})
                assert answer == NOW
                await done.wait()
                assert list(place.server.sessions) == ["CP 1/2"]
                assert len(place.server.sessions) == 1
                assert session.version is Version.OCPP16
            await world.until(lambda: not place.server.sessions)
        assert seen == [
            ("CP 1/2", Version.OCPP16),
            v16.ResetResponse(status=v16.ResetStatus.ACCEPTED),
        ]

    world.run(scenario)


@in_every_world
def test_many_stations_at_once_each_get_their_own_answers(world: World) -> None:
    async def scenario(world: World) -> None:
        def handler(payload: Any, call: Any) -> Any:
            return {"status": "Accepted", "data": call.session.identity + payload.data}

        async with serving(world, handlers={"DataTransfer": handler}) as place:

            async def one(name: str) -> None:
                async with place.station(name) as session:
                    for number in range(20):
                        data = {"vendorId": "v", "data": str(number)}
                        answer = await session.call("DataTransfer", data)
                        assert answer["data"] == f"{name}{number}"

            results = await world.together(*[partial(one, f"CP{n}") for n in range(20)])
            assert results == [None] * 20

    world.run(scenario)


@in_every_world
def test_an_exception_of_the_block_comes_out_as_it_is(world: World) -> None:
    async def scenario(world: World) -> None:
        with pytest.raises(KeyError, match="mine"):
            async with serving(world) as place, place.station():
                raise KeyError("mine")

    world.run(scenario)


@in_every_world
def test_settings_that_cannot_be_are_told_at_once(world: World) -> None:
    async def scenario(world: World) -> None:
        settings: list[dict[str, Any]] = [{"versions": v} for v in ([], ["ocpp3"], "ocpp1.6")]
        for options in settings:
            with pytest.raises((ValueError, TypeError)):
                async with serving(world, **options):
                    raise AssertionError("it began")
        for url in ("http://127.0.0.1/ocpp", "ws://user:pass@127.0.0.1/ocpp"):
            with pytest.raises(ValueError, match=r"URL|scheme"):
                async with world.connect(url, identity="CP001", versions=["ocpp1.6"]):
                    raise AssertionError("it began")
        for limits in ({"max_connections": 0}, {"max_unsent": True}, {"write_timeout": 0}):
            with pytest.raises(ValueError, match=next(iter(limits))):
                Limits(**limits)

    world.run(scenario)


@in_every_world
def test_a_handler_may_close_between_two_messages_of_one_segment(world: World) -> None:
    async def scenario(world: World) -> None:
        def hang_up(_: Any, call: Any) -> Any:
            call.session.close(1000, "enough")
            return {"status": "Accepted"}

        async with serving(world, handlers={"DataTransfer": hang_up}) as place:
            peer = await world.raw(place.server.port)
            await peer.send(raw_request())
            assert (await peer.receive()).startswith(b"HTTP/1.1 101 ")
            call = b'[2,"%d","DataTransfer",{"vendorId":"v"}]'
            await peer.send(masked(call % 1) + masked(call % 2))
            await world.until(lambda: not place.server.sessions)
            assert await peer.receive() == b"\x88\x08\x03\xe8enough"
            await peer.close()

            async with place.station() as session:  # and the server is as well as ever
                assert session.is_connected

    world.run(scenario)


@in_every_world
def test_messages_stay_in_order_past_a_hook_that_waits(world: World) -> None:
    async def scenario(world: World) -> None:
        order: list[str] = []
        hooks = Hooks()

        @hooks.before("message_received")
        async def slow(info: Any) -> None:
            await world.sleep(0.005 if b'"a"' in bytes(info.data) else 0)

        def handler(payload: Any) -> Any:
            order.append(payload.data)
            return {"status": "Accepted"}

        async with serving(world, handlers={"DataTransfer": handler}, hooks=hooks) as place:
            peer = await world.raw(place.server.port)
            frames = [
                masked(b'[2,"%d","DataTransfer",{"vendorId":"v","data":"%c"}]' % (index, name))
                for index, name in enumerate(b"abc")
            ]
            await peer.send(raw_request() + b"".join(frames))
            await world.until(lambda: len(order) == 3)
            assert order == ["a", "b", "c"]
            await peer.close()

    world.run(scenario)


# --- who may come in ---------------------------------------------------------------------------------


@in_every_world
@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (True, None),
        (False, 401),
        (404, 404),
        (RuntimeError("no database"), 500),
        ("yes", 500),
        (7, 500),
    ],
)
@pytest.mark.parametrize("is_async", [False, True])
def test_authenticate_decides_sync_or_async(
    world: World, verdict: Any, status: int | None, *, is_async: bool
) -> None:
    async def scenario(world: World) -> None:
        asked: list[ConnectionRequest] = []

        def check(request: ConnectionRequest) -> Any:
            asked.append(request)
            if isinstance(verdict, Exception):
                raise verdict
            return verdict

        async def check_later(request: ConnectionRequest) -> Any:
            await world.sleep(0)
            return check(request)

        async with serving(world, authenticate=check_later if is_async else check) as place:
            if status is None:
                async with place.station(password=b"\x00\xff") as session:
                    assert await session.call("Heartbeat", {}) == NOW
            else:
                with pytest.raises(HandshakeFailed) as caught:
                    async with place.station(password=b"\x00\xff"):
                        raise AssertionError("it was let in")
                assert caught.value.status == status
        [request] = asked
        assert (request.identity, request.username) == ("CP001", "CP001")
        assert request.password == b"\x00\xff"
        assert request.subprotocols == ("ocpp1.6",)
        assert request.path == "/ocpp/CP001"
        assert request.headers["upgrade"] == "websocket"
        assert request.peer_certificate is None
        assert request.address
        assert request.address[0] == "127.0.0.1"
        assert repr(request) == (
            "ConnectionRequest(identity='CP001', username='CP001', has_password=True, "
            f"path='/ocpp/CP001', address={request.address})"
        )

    world.run(scenario)


@in_every_world
def test_a_silent_station_is_there_as_soon_as_a_task_has_let_it_in(world: World) -> None:
    async def scenario(world: World) -> None:
        async def check(request: ConnectionRequest) -> bool:
            for _ in range(int(request.identity) % 3):
                await world.sleep(0)
            return True

        patient = WebSocketConfig(handshake_timeout=3600)  # no timer comes to the rescue
        async with serving(world, authenticate=check, websocket=patient) as place:
            # More than one, since in which order trio's tasks have their turn is random.
            for identity in map(str, range(9)):
                peer = await world.raw(place.server.port)
                await peer.send(raw_request(f"/ocpp/{identity}"))
                assert b" 101 " in await peer.receive()
                await world.until(partial(place.server.sessions.get, identity))
                await peer.close()

    world.run(scenario)


@in_every_world
def test_a_station_that_leaves_while_it_is_judged_harms_nobody(world: World) -> None:
    async def scenario(world: World) -> None:
        is_asked, may_answer = world.new_event(), world.new_event()

        async def check(_: ConnectionRequest) -> bool:
            is_asked.set()
            await may_answer.wait()
            return True

        async with serving(world, authenticate=check) as place:
            peer = await world.raw(place.server.port)
            await peer.send(raw_request())
            await is_asked.wait()
            await peer.close()
            may_answer.set()
            async with place.station("CP002") as session:
                assert await session.call("Heartbeat", {}) == NOW
            assert "CP001" not in place.server.sessions

    world.run(scenario)


@in_every_world
def test_secrets_stay_out_of_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def scenario(world: World) -> None:
        async with serving(world, authenticate=lambda r: r.identity == "CP001") as place:
            async with place.station(password="topsecret") as session:
                await session.call("Heartbeat", {})
            with pytest.raises(HandshakeFailed):
                async with place.station("CP002", password="topsecret"):
                    raise AssertionError("it was let in")
            with pytest.raises(HandshakeFailed):
                async with world.connect(
                    place.url() + "?token=topsecret", identity="CP003", versions=["ocpp2.1"]
                ):
                    raise AssertionError("it was let in")

    world.run(scenario)
    assert "a handshake failed: no OCPP version in common" in caplog.text
    assert "CP001" in caplog.text
    assert "CP002" in caplog.text
    assert "topsecret" not in caplog.text
    assert {getattr(r, "identity", None) for r in caplog.records} >= {"CP001", "CP002"}
    assert "Basic " not in caplog.text
    assert {r.name for r in caplog.records} <= {"ocpp_sansio.net", "ocpp_sansio.wire", "asyncio"}


@in_every_world
def test_c11_a_newer_connection_replaces_the_older_whose_calls_get_their_outcome(
    world: World,
) -> None:
    async def scenario(world: World) -> None:
        outcomes: list[Any] = []
        is_calling = world.new_event()

        async def on_station(session: Any) -> None:
            if outcomes:
                return
            outcomes.append("calling")
            is_calling.set()
            try:
                await session.call(v16.ClearCacheRequest())
            except ConnectionLost as error:
                outcomes.append(error.was_sent)

        async def never(_: Any) -> Any:
            await world.new_event().wait()

        async with (
            serving(world, on_station) as place,
            place.station(handlers={"ClearCache": never}) as old,
        ):
            await is_calling.wait()
            async with place.station() as new:
                await old.wait_closed()
                assert not old.is_connected
                assert await new.call("Heartbeat", {}) == NOW
                await world.until(lambda: len(outcomes) == 2)
                assert outcomes == ["calling", True]
                assert list(place.server.sessions) == ["CP001"]
                assert place.server.sessions["CP001"].is_connected
                with pytest.raises(NotConnected):
                    await old.call("Heartbeat", {})

    world.run(scenario)


@in_every_world
def test_c11_or_the_newer_one_is_refused(world: World) -> None:
    async def scenario(world: World) -> None:
        async with serving(world, duplicates=Duplicates.REFUSE) as place:
            async with place.station() as old:
                with pytest.raises(HandshakeFailed) as caught:
                    async with place.station():
                        raise AssertionError("it was let in")
                assert caught.value.status == 409
                assert await old.call("Heartbeat", {}) == NOW
            await world.until(lambda: not place.server.sessions)
            async with place.station() as again:
                assert await again.call("Heartbeat", {}) == NOW

    world.run(scenario)


# --- ends --------------------------------------------------------------------------------------------


@in_every_world
def test_a_failing_on_station_closes_its_connection_and_no_other(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        async def on_station(session: Any) -> None:
            if session.identity == "CP001":
                raise RuntimeError("mine")

        async with serving(world, on_station) as place, place.station("CP002") as other:
            async with place.station("CP001") as session:
                await session.wait_closed()
            assert await other.call("Heartbeat", {}) == NOW

    world.run(scenario)
    assert "RuntimeError: mine" in caplog.text


@in_every_world
def test_on_station_may_be_a_plain_function(world: World) -> None:
    async def scenario(world: World) -> None:
        seen: list[Any] = []
        async with serving(world, seen.append) as place, place.station() as session:
            assert await session.call("Heartbeat", {}) == NOW
        assert [session.identity for session in seen] == ["CP001"]

    world.run(scenario)


@in_every_world
def test_on_station_is_cancelled_when_its_connection_goes(world: World) -> None:
    async def scenario(world: World) -> None:
        ended = world.new_event()

        async def on_station(_: Any) -> None:
            try:
                await world.new_event().wait()
            finally:
                ended.set()

        async with serving(world, on_station) as place:
            async with place.station():
                pass
            await ended.wait()

    world.run(scenario)


@in_every_world
def test_either_side_can_close_and_says_so_only_once(world: World) -> None:
    async def scenario(world: World) -> None:
        async with serving(world) as place, place.station() as session:
            with pytest.raises(LocalProtocolError):
                session.close(1006)
            assert session.is_connected
            await world.until(lambda: place.server.sessions)
            place.server.sessions["CP001"].close(1000, "maintenance")
            await session.wait_closed()
            session.close()
            assert not session.is_connected
            with pytest.raises(NotConnected):
                await session.call("Heartbeat", {})

    world.run(scenario)


@in_every_world
@pytest.mark.parametrize("grace", [5.0, 0.05])
def test_leaving_lets_outstanding_calls_finish_within_the_deadline(
    world: World, grace: float
) -> None:
    async def scenario(world: World) -> None:
        is_asked, may_answer = world.new_event(), world.new_event()
        outcome: list[Any] = []

        async def slow(_: Any) -> Any:
            is_asked.set()
            await may_answer.wait()
            return {"status": "Accepted"}

        async def on_station(session: Any) -> None:
            try:
                outcome.append(await session.call("ClearCache", {}))
            except ConnectionLost as error:
                outcome.append(error.was_sent)

        async def serve() -> None:
            async with serving(world, on_station, shutdown_timeout=grace) as place:
                ready.append(place)
                await is_asked.wait()

        async def station() -> None:
            await world.until(lambda: ready)
            async with ready[0].station(handlers={"ClearCache": slow}) as session:
                await is_asked.wait()
                await world.sleep(0.02)  # the server is leaving by now
                if grace > 1:
                    may_answer.set()
                await session.wait_closed()

        ready: list[Place] = []
        assert await world.together(serve, station) == [None, None]
        assert outcome == ([{"status": "Accepted"}] if grace > 1 else [True])

    world.run(scenario)


@in_every_world
def test_after_leaving_nobody_comes_in(world: World) -> None:
    async def scenario(world: World) -> None:
        async with serving(world) as place:
            url = place.url()
        with pytest.raises(OSError, match=r".*"):
            async with world.connect(url, identity="CP001", versions=["ocpp1.6"]):
                raise AssertionError("it was let in")

    world.run(scenario)


# --- the station comes back --------------------------------------------------------------------------


@in_every_world
def test_r4_one_session_goes_on_over_new_connections(world: World) -> None:
    async def scenario(world: World) -> None:
        greeted: list[Any] = []

        async def greet(session: Any) -> None:
            greeted.append(await session.call("Heartbeat", {}))

        async with (
            serving(world) as place,
            place.station(reconnect=AT_ONCE, on_connected=greet) as session,
        ):
            for count in range(1, 6):
                while len(greeted) < count:
                    await world.sleep(0.001)
                server_side = place.server.sessions["CP001"]
                server_side.close(1000)
                while place.server.sessions.get("CP001", server_side) is server_side:
                    await world.sleep(0.001)
                assert await session.call("Heartbeat", {}) == NOW

    world.run(scenario)


@in_every_world
def test_a_station_that_begins_offline_calls_as_soon_as_there_is_a_server(world: World) -> None:
    async def scenario(world: World) -> None:
        async with serving(world) as place:
            url, port = place.url(), place.server.port
        async with world.connect(
            url, identity="CP001", versions=["ocpp1.6"], reconnect=AT_ONCE
        ) as session:
            assert not session.is_connected

            answers: list[Any] = []

            async def call() -> None:
                answers.append(await session.call("Heartbeat", {}))

            async def serve() -> None:
                async with serving(world, port=port):
                    await world.until(lambda: len(answers) == 2)

            assert await world.together(call, call, serve) == [None] * 3
            assert answers == [NOW, NOW]

    world.run(scenario)


@in_every_world
def test_or_calls_made_offline_fail_at_once(world: World) -> None:
    async def scenario(world: World) -> None:
        async with serving(world) as place:
            url = place.url()
        async with world.connect(
            url,
            identity="CP001",
            versions=["ocpp1.6"],
            reconnect=Backoff(60, 0, 0),
            wait_while_offline=False,
        ) as session:
            with pytest.raises(NotConnected):
                await session.call("Heartbeat", {})

    world.run(scenario)


@in_every_world
def test_s11_a_call_that_has_left_is_not_repeated_and_one_that_has_not_is_sent_later(
    world: World,
) -> None:
    async def scenario(world: World) -> None:
        is_asked = world.new_event()
        served: list[str] = []

        async def handler(payload: Any) -> Any:
            served.append(payload.data)
            is_asked.set()
            if payload.data == "first":
                await world.new_event().wait()
            return {"status": "Accepted"}

        async with (
            serving(world, handlers={"DataTransfer": handler}) as place,
            place.station(reconnect=AT_ONCE) as session,
        ):

            async def call(data: str) -> Any:
                return await session.call("DataTransfer", {"vendorId": "v", "data": data})

            async def cut() -> None:
                await is_asked.wait()
                await world.until(lambda: session.connection.queued_calls)
                place.server.sessions["CP001"].close()

            async def call_second() -> Any:
                await is_asked.wait()
                return await call("second")

            first, second, _ = await world.together(lambda: call("first"), call_second, cut)
            assert isinstance(first, ConnectionLost)
            assert first.was_sent
            assert second == {"status": "Accepted"}
            assert served == ["first", "second"]

    world.run(scenario)


@in_every_world
def test_closing_the_session_ends_the_dialling_and_the_waiting(world: World) -> None:
    async def scenario(world: World) -> None:
        async with serving(world) as place:
            url = place.url()
        async with world.connect(
            url, identity="CP001", versions=["ocpp1.6"], reconnect=Backoff(3600, 0, 0)
        ) as session:

            async def call() -> Any:
                return await session.call("Heartbeat", {})

            async def close() -> None:
                await world.sleep(0.01)
                session.close()

            failed, _ = await world.together(call, close)
            assert isinstance(failed, NotConnected)
            await session.wait_closed()

    world.run(scenario)


@in_every_world
def test_reconnecting_500_times_grows_nothing(world: World) -> None:
    # Of cancelled timers asyncio keeps up to a hundred, each with the context that it was set in.
    of_timers = {"TimerHandle", "Context", "hamt", "hamt_bitmap_node", "Greeting"}

    async def scenario(world: World) -> None:
        opened = 0
        sizes: list[int] = []

        async def greet(session: Any) -> None:
            nonlocal opened
            await session.call("Heartbeat", {})
            opened += 1
            if opened in {100, 500}:
                gc.collect()
                kinds = [type(each).__name__ for each in gc.get_objects()]
                sizes.append(sum(kind not in of_timers for kind in kinds))
            place.server.sessions["CP001"].close()

        async with (
            serving(world) as place,
            place.station(reconnect=Backoff(0, 0, 0), on_connected=greet) as session,
        ):
            await world.until(lambda: opened >= 500)
            assert not session.connection.queued_calls
        assert sizes[1] - sizes[0] < 200  # 400 connections would leave thousands

    world.run(scenario)


@in_every_world
def test_cancelled_at_any_time_it_ends_at_once_and_leaves_nothing(world: World) -> None:
    async def scenario(world: World) -> None:
        async def judge(_: ConnectionRequest) -> bool:
            await world.sleep(0.01)
            return True

        async def live() -> None:
            async with (
                serving(world, authenticate=judge) as place,
                place.station(reconnect=AT_ONCE) as session,
            ):
                await session.call("Heartbeat", {})
                await session.wait_closed()

        for moment in (0, 0.002, 0.005, 0.01, 0.02, 0.05):
            assert not await world.within(moment, live)

    world.run(scenario)


# --- peers that do not behave --------------------------------------------------------------------------


@in_every_world
@pytest.mark.parametrize(
    "garbage",
    [b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 70000, b"", b"x" * 20000],
)
def test_garbage_is_hung_up_on_and_the_server_goes_on(world: World, garbage: bytes) -> None:
    async def scenario(world: World) -> None:
        async with serving(world, websocket=WebSocketConfig(handshake_timeout=0.1)) as place:
            peer = await world.raw(place.server.port)
            if garbage:
                await peer.send(garbage)
            await (
                peer.read_all()
            )  # it hangs up, at the latest when the handshake has taken too long
            await peer.close()
            async with place.station() as session:
                assert await session.call("Heartbeat", {}) == NOW

    world.run(scenario)


@in_every_world
def test_garbage_on_an_open_connection_ends_it_with_1002(world: World) -> None:
    async def scenario(world: World) -> None:
        async with serving(world) as place:
            peer = await world.raw(place.server.port)
            await peer.send(raw_request())
            await peer.receive()
            await peer.send(b"\xff\xff\xff\xff")
            assert b"\x03\xea" in await peer.read_all()
            await peer.close()
            await world.until(lambda: not place.server.sessions)

    world.run(scenario)


@in_every_world
def test_f1_a_binary_message_is_answered_and_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        async with serving(world) as place:
            peer = await world.raw(place.server.port)
            await peer.send(raw_request() + masked(b'[2,"1","Heartbeat",{}]', opcode=2))
            received = b""
            while b'[3,"1",' not in received:
                piece = await peer.receive()
                assert piece
                received += piece
            await peer.close()

    world.run(scenario)
    [warning] = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert warning.getMessage().endswith(
        ", ocpp1.6): the peer broke a rule: a binary message, where OCPP-J has text [action Heartbeat]"
    )
    assert vars(warning)["identity"] == "CP001"


@in_every_world
def test_more_connections_than_allowed_are_hung_up_on(world: World) -> None:
    async def scenario(world: World) -> None:
        async with serving(world, limits=Limits(max_connections=1)) as place:
            async with place.station("CP001"):
                with pytest.raises((HandshakeFailed, OSError)):
                    async with place.station("CP002"):
                        raise AssertionError("it was let in")
            await world.until(lambda: not place.server._engine._wires)
            async with place.station("CP003") as session:
                assert await session.call("Heartbeat", {}) == NOW

    world.run(scenario)


@in_every_world
def test_a_silent_handshake_makes_room_for_a_newcomer(world: World) -> None:
    async def scenario(world: World) -> None:
        limits = Limits(max_handshakes=1, handshake_patience=0.05)
        async with (
            serving(world, limits=limits) as place,
            place.station("CP001") as one,
            place.station("CP002") as two,
        ):
            assert one.is_connected
            assert two.is_connected  # both are through with theirs
            silent = await world.raw(place.server.port)
            await world.until(lambda: place.server._engine._handshakes)
            async with place.station("CP003") as three:
                assert three.is_connected
            assert await silent.read_all() == b""
            await silent.close()

    world.run(scenario)


@in_every_world
def test_newcomers_wait_while_all_in_their_handshake_have_said_what_they_want(
    world: World,
) -> None:
    async def scenario(world: World) -> None:
        decided = world.new_event()
        asked: list[str] = []

        async def authenticate(request: ConnectionRequest) -> bool:
            asked.append(request.identity)
            await decided.wait()
            return True

        limits = Limits(max_handshakes=2)
        async with serving(world, limits=limits, authenticate=authenticate) as place:

            async def come_in(identity: str) -> object:
                async with place.station(identity) as session:
                    return await session.call("Heartbeat", {})

            async def decide() -> None:
                await world.until(lambda: len(asked) == 2)
                for _ in range(20):
                    await world.sleep(0)
                assert len(asked) == 2
                decided.set()

            answers = await world.together(
                *(partial(come_in, f"CP{number}") for number in range(5)), decide
            )
            assert answers == [NOW] * 5 + [None]

    world.run(scenario)


@in_every_world
def test_a_peer_that_calls_and_never_reads_is_cut_off(world: World) -> None:
    async def scenario(world: World) -> None:
        answered = 0

        def handler(_: Any) -> Any:
            nonlocal answered
            answered += 1
            return {"status": "Accepted", "data": "x" * 50_000}

        limits = Limits(max_unsent=200_000, write_timeout=0.3)
        async with serving(
            world,
            handlers={"DataTransfer": handler},
            limits=limits,
            config=Config(max_unanswered_calls=10_000),
        ) as place:
            peer = await world.raw(place.server.port)
            await peer.send(raw_request())
            await peer.receive()
            call = masked(b'[2,"1","DataTransfer",{"vendorId":"v"}]')

            async def flood() -> None:
                while True:
                    await peer.send(call * 20)

            async def see_it_end() -> None:
                await world.until(lambda: not place.server.sessions)

            await world.until(lambda: place.server.sessions)
            sent, seen = await world.together(flood, see_it_end)
            assert isinstance(sent, Exception)  # cut off in the middle
            assert seen is None
            await peer.close()
            # what the sockets' buffers took, and no more than the cap beyond
            assert answered * 50_000 < 40_000_000

    world.run(scenario)


@in_every_world
def test_a_silent_server_fails_the_handshake_in_time(world: World) -> None:
    async def scenario(world: World) -> None:
        is_asked = world.new_event()

        async def never(_: Any) -> bool:
            is_asked.set()
            await world.new_event().wait()
            return True

        async with serving(world, authenticate=never) as place:
            with pytest.raises(HandshakeFailed, match="too long"):
                async with place.station(websocket=WebSocketConfig(handshake_timeout=0.05)):
                    raise AssertionError("it was let in")
            assert is_asked.is_set()

    world.run(scenario)


@in_every_world
def test_a_call_times_out_and_the_connection_lives_on(world: World) -> None:
    async def scenario(world: World) -> None:
        async def never(_: Any) -> Any:
            await world.new_event().wait()

        handlers = {"DataTransfer": never, **BEAT}
        async with serving(world, handlers=handlers) as place, place.station() as session:
            with pytest.raises(CallTimeout):
                await session.call("DataTransfer", {"vendorId": "v"}, timeout=0.02)
            assert await session.call("Heartbeat", {}) == NOW

    world.run(scenario)


@in_every_world
def test_pings_keep_it_alive_and_a_dead_peer_is_noticed(world: World) -> None:
    async def scenario(world: World) -> None:
        eager = WebSocketConfig(ping_interval=0.01, pong_timeout=0.05)
        async with serving(world, websocket=eager) as place:
            async with place.station() as session:
                await world.sleep(0.12)
                assert session.is_connected  # it has answered the pings
            peer = await world.raw(place.server.port)
            await peer.send(raw_request("/ocpp/dead"))
            await world.until(lambda: "dead" in place.server.sessions)
            await world.until(lambda: "dead" not in place.server.sessions)
            await peer.close()

    world.run(scenario)


@in_every_world
def test_a_ping_that_is_due_with_a_message_cuts_nothing_short(world: World) -> None:
    async def scenario(world: World) -> None:
        restless = WebSocketConfig(ping_interval=0.0001, pong_timeout=PATIENCE)
        async with (
            serving(world, websocket=restless) as place,
            place.station(websocket=restless) as session,
        ):
            for _ in range(500):
                assert await session.call("Heartbeat", {}) == NOW

    world.run(scenario)


@in_every_world
def test_a_peer_that_reads_late_gets_every_answer(world: World) -> None:
    async def scenario(world: World) -> None:
        def handler(_: Any) -> Any:
            return {"status": "Accepted", "data": "x" * 50_000}

        async with serving(
            world,
            handlers={"DataTransfer": handler},
            limits=Limits(max_unsent=1000),
            config=Config(max_unanswered_calls=10_000),
        ) as place:
            peer = await world.raw(place.server.port)
            call = masked(b'[2,"1","DataTransfer",{"vendorId":"v"}]')
            count = 400
            expected = count * 50_000
            await peer.send(raw_request())
            await peer.receive()
            await peer.send(call * count)
            await world.sleep(0.05)  # more is on its way to us by now than sockets hold
            received = 0
            while received < expected:
                piece = await peer.receive()
                assert piece, received
                received += len(piece)
            async with place.station("CP002") as session:
                answer = await session.call("DataTransfer", {"vendorId": "v"})
                assert len(answer["data"]) == 50_000
            await peer.close()

    world.run(scenario)


@in_every_world
def test_c9_what_compresses_well_is_not_all_held_at_once(world: World) -> None:
    count, size = 300, 200_000
    request = raw_request().replace(
        b"\r\n\r\n",
        b"\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
        b"client_no_context_takeover\r\n\r\n",
    )
    call = b'[2,"1","DataTransfer",{"vendorId":"v","data":"%b"}]' % (b"x" * size)
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    squeezed = (deflate.compress(call) + deflate.flush(zlib.Z_SYNC_FLUSH)).removesuffix(
        b"\x00\x00\xff\xff"
    )
    frame = b"\xc1\xfe" + len(squeezed).to_bytes(2) + bytes(4) + squeezed

    async def scenario(world: World) -> None:
        served = 0

        def handler(payload: Any) -> Any:
            nonlocal served
            served += len(payload.data)
            return {"status": "Accepted"}

        async with serving(world, handlers={"DataTransfer": handler}) as place:
            peer = await world.raw(place.server.port)
            await peer.send(request)
            assert b"permessage-deflate" in await peer.receive()
            tracemalloc.start()
            try:
                await peer.send(frame * count)  # about as much as a socket holds
                await world.until(lambda: served == count * size)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
            assert peak < count * size // 3
            await peer.close()

    world.run(scenario)


@in_every_world
def test_calls_wait_for_a_slow_reader_with_hooks_too(world: World) -> None:
    async def scenario(world: World) -> None:
        hooks = Hooks()
        seen: list[str] = []

        @hooks.after("send_ws_msg")
        async def note(info: Any, result: Any) -> None:
            await world.sleep(0)
            seen.append(str(info.action))
            assert result is None

        async def on_station(session: Any) -> None:
            for _ in range(50):
                await session.call("DataTransfer", {"vendorId": "v", "data": "x" * 50_000})
            session.close()

        limits = Limits(max_unsent=1000)
        async with serving(world, on_station, limits=limits, hooks=hooks) as place:
            handlers = {"DataTransfer": lambda _: {"status": "Accepted"}}
            async with place.station(handlers=handlers) as session:
                await session.wait_closed()
        assert seen == ["DataTransfer"] * 50

    world.run(scenario)
