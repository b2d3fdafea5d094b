"""Who comes in when many want to, and whose turn it is when many are in, over real sockets."""

import errno
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
import trustme
from net_worlds import RawPeer, TrioWorld, World, in_every_world

from ocpp_sansio import Config
from ocpp_sansio.net import Limits
from ocpp_sansio.tls import csms_context, station_context

NOW = {"currentTime": "2026-01-01T00:00:00Z"}
ACCEPTED = {"status": "Accepted"}


@asynccontextmanager
async def serving(world: World, **options: Any) -> AsyncIterator[Any]:
    options = {"versions": ["ocpp1.6"], "handlers": {"Heartbeat": lambda _: NOW}} | options
    async with world.serve(None, "127.0.0.1", 0, **options) as server:
        yield server


async def gets_in(world: World, server: Any, identity: str = "CP001", **options: Any) -> bool:
    scheme = "wss" if options else "ws"
    url = f"{scheme}://127.0.0.1:{server.port}/ocpp"
    async with world.connect(url, identity=identity, versions=["ocpp1.6"], **options) as session:
        return bool(await session.call("Heartbeat", {}) == NOW)


def request(identity: str = "CP001") -> bytes:
    return (
        f"GET /ocpp/{identity} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
    ).encode()


def masked(text: bytes) -> bytes:
    size = len(text)
    if size < 126:
        length = bytes([0x80 | size])
    else:
        length = b"\xfe" + size.to_bytes(2) if size < 1 << 16 else b"\xff" + size.to_bytes(8)
    return b"\x81" + length + bytes(4) + text


def transfer(data: bytes = b"", message_id: int = 1) -> bytes:
    call = b'[2,"%d","DataTransfer",{"vendorId":"v","data":"%b"}]'
    return masked(call % (message_id, data))


async def open_raw(world: World, server: Any, identity: str) -> RawPeer:
    peer = await world.raw(server.port)
    await peer.send(request(identity))
    assert (await peer.receive()).startswith(b"HTTP/1.1 101 ")
    return peer


# --- the door ----------------------------------------------------------------------------------------


@in_every_world
@pytest.mark.parametrize("secured", [False, True], ids=["plain", "tls"])
def test_a_crowd_that_says_nothing_keeps_nobody_out(
    world: World, tmp_path: Path, *, secured: bool
) -> None:
    options, ours = {}, {}
    if secured:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        own = authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem
        own.write_to_path(tmp_path / "csms.pem")
        options["ssl"] = csms_context(tmp_path / "csms.pem")
        ours["ssl"] = station_context(tmp_path / "authority.pem")

    async def scenario(world: World) -> None:
        limits = Limits(max_handshakes=20, max_handshakes_per_address=10, handshake_patience=0.05)
        async with serving(world, limits=limits, **options) as server:
            silent = [await world.raw(server.port) for _ in range(60)]
            for number in range(5):
                assert await world.within(
                    1.0, partial(gets_in, world, server, f"CP{number}", **ours)
                )
            assert len(server._engine._handshakes) <= 20
            for peer in silent:
                await peer.close()

    world.run(scenario)


@in_every_world
def test_those_who_talk_wait_for_one_another_and_none_is_reset(world: World) -> None:
    async def scenario(world: World) -> None:
        async def judge(_: Any) -> bool:
            await world.sleep(0.001)
            return True

        async with serving(world, limits=Limits(max_handshakes=3), authenticate=judge) as server:
            dials = [partial(gets_in, world, server, f"CP{number}") for number in range(100)]
            assert await world.together(*dials) == [True] * 100

    world.run(scenario)


@in_every_world
def test_whoever_was_refused_and_stays_takes_nobodys_place(world: World) -> None:
    async def scenario(world: World) -> None:
        limits = Limits(max_handshakes=1, handshake_patience=60)
        is_known = {"CP001": True}.get
        async with serving(
            world, limits=limits, authenticate=lambda r: is_known(r.identity, False)
        ) as server:
            peers = [await world.raw(server.port) for _ in range(2)]
            await peers[0].send(request("stranger"))
            assert b" 401 " in await peers[0].receive()
            await peers[1].send(b"\x00 no request \r\n\r\n")
            assert await world.within(1.0, partial(gets_in, world, server))
            for peer in peers:
                await peer.close()

    world.run(scenario)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_trio_goes_on_when_there_are_descriptors_again_and_says_so_once(
    number: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    accept = trio.SocketListener.accept
    failures = 2

    async def fail(listener: trio.SocketListener) -> trio.SocketStream:
        nonlocal failures
        await trio.lowlevel.checkpoint()
        if failures:
            failures -= 1
            raise OSError(number, "no more")
        return await accept(listener)

    async def scenario(world: World) -> None:
        async with serving(world) as server:
            assert await gets_in(world, server)

    monkeypatch.setattr(trio.SocketListener, "accept", fail)
    TrioWorld().run(scenario)
    [record] = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert "no connection can be accepted for now" in record.getMessage()
    assert record.exc_info is None


# --- whose turn it is ----------------------------------------------------------------------------------


@in_every_world
def test_a_burst_of_one_lets_the_others_have_their_turn(world: World) -> None:
    count = 2000

    async def scenario(world: World) -> None:
        served = 0

        def handler(_: Any) -> Any:
            nonlocal served
            served += 1
            return ACCEPTED

        handlers = {"DataTransfer": handler}
        async with serving(world, handlers=handlers) as server:
            peer = await open_raw(world, server, "CP001")
            gaps: list[int] = []

            async def watch() -> None:
                while served < count:
                    before = served
                    await world.sleep(0)
                    gaps.append(served - before)

            async def take() -> None:
                while served < count:
                    await peer.receive()

            burst = partial(peer.send, transfer() * count)
            assert await world.together(watch, take, burst) == [None] * 3
            assert max(gaps) <= 130, max(gaps)  # two shares or so, and not two thousand
            await peer.close()

    world.run(scenario)


@in_every_world
def test_heavy_messages_of_many_do_not_add_up(world: World) -> None:
    peers_count, count = 12, 5
    heavy = transfer(b"x" * 100_000)

    async def scenario(world: World) -> None:
        served = 0

        def handler(_: Any) -> Any:
            nonlocal served
            served += 1
            return ACCEPTED

        async with serving(world, handlers={"DataTransfer": handler}) as server:
            peers = [await open_raw(world, server, f"CP{n}") for n in range(peers_count)]
            gaps: list[int] = []

            async def watch() -> None:
                while served < peers_count * count:
                    before = served
                    await world.sleep(0)
                    gaps.append(served - before)

            bursts = [partial(peer.send, heavy * count) for peer in peers]
            await world.together(watch, *bursts)
            assert served == peers_count * count
            assert max(gaps) <= 3, gaps
            for peer in peers:
                await peer.close()

    world.run(scenario)


@in_every_world
def test_whoever_takes_little_at_a_time_is_not_cut_off(world: World) -> None:
    answer = ACCEPTED | {"data": "x" * 60_000}

    async def scenario(world: World) -> None:
        limits = Limits(max_unsent=1000, write_timeout=0.4)
        handlers = {"DataTransfer": lambda _: answer}
        config = Config(max_unanswered_calls=1000)
        async with serving(world, limits=limits, handlers=handlers, config=config) as server:
            peer = await open_raw(world, server, "CP001")
            await peer.send(transfer() * 120)
            received = 0
            while received < 120 * 60_000:
                piece = await peer.receive()
                assert piece, received
                received += len(piece)
                await world.sleep(0.005)
            await peer.close()

    world.run(scenario)


@in_every_world
def test_beyond_what_may_be_held_for_all_whoever_holds_most_is_cut_off(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    answer = ACCEPTED | {"data": "x" * 400_000}

    async def scenario(world: World) -> None:
        limits = Limits(max_buffered=600_000)
        handlers = {"DataTransfer": lambda _: answer, "Heartbeat": lambda _: NOW}
        async with serving(world, limits=limits, handlers=handlers, shutdown_timeout=0.1) as server:
            peers = [await open_raw(world, server, f"CP{n}") for n in range(3)]
            for peer in peers:
                await peer.send(transfer() * 60)  # 24 MB of answers, and nobody reads them
            await world.until(lambda: len(server.sessions) < 3)
            assert await gets_in(world, server, "honest")
            for peer in peers:
                await peer.close()

    world.run(scenario)
    assert "too many for all" in caplog.text
