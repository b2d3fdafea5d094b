"""The log of a server tells who came, who went and why, and who was refused and what he asked for."""

import logging
from functools import partial
from typing import Any

import pytest
from net_worlds import RawPeer, World, in_every_world

from ocpp_sansio import Version
from ocpp_sansio.net import ConnectionRequest, Limits
from ocpp_sansio.net.logs import MAX_LOGS, PeerLogs

KEY = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"


def request(
    path: str = "/ocpp/CP1", *, offered: str = "ocpp1.6", line: str = "GET {} HTTP/1.1"
) -> bytes:
    return (
        f"{line.format(path)}\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{KEY}"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {offered}\r\n\r\n"
    ).encode()


REFUSED: dict[str, tuple[bytes, str, str | None]] = {
    "version": (
        request("/ocpp/CP1?token=secret", offered="ocpp1.6j, ocpp3"),
        "no OCPP version in common (HTTP 400); path /ocpp/CP1, offered ocpp1.6j, ocpp3",
        "CP1",
    ),
    "application": (
        request("/ocpp/unknown"),
        "refused (HTTP 404); path /ocpp/unknown, offered ocpp1.6",
        "unknown",
    ),
    "HTTP/1.0": (
        request(line="GET {} HTTP/1.0"),
        "HTTP version: HTTP/1.0 (right: HTTP/1.1; do proxies cha… (HTTP 505); path /ocpp/CP1, offered",
        None,
    ),
    "key": (
        request().replace(KEY.encode(), b""),
        "missing Sec-WebSocket-Key header (right: 16 bytes in base64) (HTTP 400); path /ocpp/CP1",
        None,
    ),
    "TLS": (
        b"\x16\x03\x01\x02\x00",
        "a handshake failed: the station speaks TLS, and this port does not",
        None,
    ),
}


def records_of(caplog: pytest.LogCaptureFixture, text: str) -> list[dict[str, Any]]:
    return [
        vars(record)
        for record in caplog.records
        if record.name == "ocpp_sansio.net" and text in record.getMessage()
    ]


async def knock(world: World, port: int, data: bytes) -> RawPeer:
    peer = await world.raw(port)
    await peer.send(data)
    return peer


@in_every_world
def test_who_is_refused_is_told_with_address_path_and_offer(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def authenticate(asked: ConnectionRequest) -> int:
        return 404 if asked.identity == "unknown" else True

    def told(text: str) -> bool:
        return text in caplog.text

    async def scenario(world: World) -> None:
        async with world.serve(
            None, "127.0.0.1", 0, versions=[Version.OCPP16], authenticate=authenticate
        ) as server:
            for data, said, _ in REFUSED.values():
                peer = await knock(world, server.port, data)
                # While the peer still holds the line: nobody has to wait for it to hang up.
                await world.until(partial(told, said))
                await peer.close()
            silent = await world.raw(server.port)
            await silent.close()
            await world.until(partial(told, "hung up"))

    world.run(scenario)
    for _, said, identity in REFUSED.values():
        [about] = records_of(caplog, said)
        assert about["levelno"] == logging.WARNING
        assert about["identity"] == identity
        assert about["address"].startswith("127.0.0.1:")
        assert about["address"] in about["message"]
    [silence] = records_of(caplog, "hung up")
    assert silence["levelno"] == logging.INFO
    assert "secret" not in caplog.text


@in_every_world
def test_who_goes_is_told_with_how_and_who_began_and_after_how_long(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def gone(identity: str) -> bool:
        return len(records_of(caplog, f"'{identity}' (")) > 1

    async def on_station(session: Any) -> None:
        if session.identity == "BAD":
            raise ValueError("as they do")
        if session.identity == "OURS":
            session.close(1001, "go home")

    async def scenario(world: World) -> None:
        async with world.serve(on_station, "127.0.0.1", 0, versions=[Version.OCPP16]) as server:

            async def end(identity: str, data: bytes) -> None:
                peer = await knock(world, server.port, request(f"/ocpp/{identity}"))
                await world.until(lambda: identity in server.sessions)
                await peer.send(data)
                if not data:
                    await peer.close()
                await world.until(partial(gone, identity))
                await peer.close()

            await end("PEER", b"\x88\x87\0\0\0\0\x03\xe8bored")
            await end("BROKEN", b"\xff\xff\xff")
            await end("LOST", b"")
            for identity in ("OURS", "BAD"):
                peer = await knock(world, server.port, request(f"/ocpp/{identity}"))
                await world.until(partial(gone, identity))
                await peer.close()
            async with world.connect(
                f"ws://127.0.0.1:{server.port}/x?token=secret",
                identity="STATION",
                versions=[Version.OCPP16],
            ):
                pass

    world.run(scenario)
    ends = {about["identity"]: about for about in records_of(caplog, "disconnected: ")}
    assert {name: (about["by"], about["code"]) for name, about in ends.items()} == {
        "PEER": ("peer", 1000),
        "BROKEN": ("us", 1002),
        "LOST": ("line", 1006),
        "OURS": ("us", 1001),
        "BAD": ("us", 1011),
        "STATION": ("peer", 1000),
    }
    assert "the peer closed it (1000, bored), after 0." in ends["PEER"]["message"]
    assert ends["BROKEN"]["levelno"] == logging.WARNING
    assert ends["OURS"]["levelno"] == logging.INFO
    assert "we closed it (1001, go home)" in ends["OURS"]["message"]
    for identity, about in ends.items():
        assert about["message"].startswith(f"'{identity}' (127.0.0.1:")
        assert about["version"] == "ocpp1.6"
        assert 0 <= about["duration"] < 20
    [failed] = [vars(r) for r in caplog.records if "what runs for it failed" in r.getMessage()]
    assert failed["identity"] == "BAD"
    [ours] = records_of(caplog, "disconnected from ")
    assert ours["by"] == "us"
    assert ours["address"] == f"127.0.0.1:{ours['address'].rpartition(':')[2]}"
    assert "secret" not in caplog.text


@in_every_world
def test_who_connects_again_and_again_has_one_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    count = 30

    async def scenario(world: World) -> None:
        async with world.serve(
            None, "127.0.0.1", 0, versions=[Version.OCPP16], limits=Limits(max_log_records=3)
        ) as server:
            for _ in range(count):
                peer = await knock(world, server.port, request("/ocpp/CP1"))
                await world.until(lambda: "CP1" in server.sessions)
                await peer.close()
                await world.until(lambda: "CP1" not in server.sessions)

    world.run(scenario)
    passed = records_of(caplog, "connected")
    folded = sum(getattr(record, "folded", 0) for record in caplog.records)
    assert len(passed) + folded == 2 * count
    assert len(passed) < count


def test_the_logs_of_a_server_are_bounded_by_station_and_by_host(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logs = PeerLogs(10)
    for number in range(3 * MAX_LOGS):
        logs.of(f"CP{number}", "10.0.0.1", 0.0).warning(0.0, "again")
    assert len(caplog.records) == 100, "of one host"
    for number in range(3 * MAX_LOGS):
        logs.of("CP1", f"10.1.{number // 250}.{number % 250}", 1.0).warning(1.0, "again")
    held = sum(len(held) for held in (logs._logs, logs._hosts))
    assert held <= 2 * MAX_LOGS
