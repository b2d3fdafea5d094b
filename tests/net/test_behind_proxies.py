"""A server behind proxies sees whom they speak for: by the PROXY protocol, by headers, inside TLS too."""

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from net_worlds import World, in_every_world

from ocpp_sansio.net import Proxies
from ocpp_sansio.tls import csms_context, station_context

V1 = b"PROXY TCP4 203.0.113.7 10.0.0.1 40000 443\r\n"
V2 = (
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c"
    + bytes([203, 0, 113, 7])
    + bytes([10, 0, 0, 1])
    + (40000).to_bytes(2, "big")
    + (443).to_bytes(2, "big")
)
CLIENT = ("203.0.113.7", 40000)


def request(*headers: str) -> bytes:
    lines = [
        "GET /ocpp/CP001 HTTP/1.1",
        "Host: x",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: ocpp1.6",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def talk(
    world: World, sent: bytes, proxies: Proxies | None, **options: Any
) -> tuple[list[Any], bytes]:
    """Return the addresses that asked to come in, and the beginning of what was answered."""
    seen: list[Any] = []

    def authenticate(request: Any) -> bool:
        seen.append(request.address)
        return False

    async with world.serve(
        None,
        "127.0.0.1",
        0,
        versions=["ocpp1.6"],
        authenticate=authenticate,
        proxies=proxies,
        **options,
    ) as server:
        peer = await world.raw(server.port)
        await peer.send(sent)
        answer = await peer.read_all()
        await peer.close()
    return seen, answer


LOCAL = Proxies(trusted=("127.0.0.0/8",), protocol=True)


@in_every_world
@pytest.mark.parametrize("header", [V1, V2], ids=["version 1", "version 2"])
def test_the_proxy_protocol_says_who_comes(world: World, header: bytes) -> None:
    async def scenario(world: World) -> None:
        seen, answer = await talk(world, header + request(), LOCAL)
        assert seen == [CLIENT]
        assert answer.startswith(b"HTTP/1.1 401")

    world.run(scenario)


@in_every_world
def test_who_is_no_trusted_proxy_speaks_for_itself(world: World) -> None:
    elsewhere = Proxies(trusted=("10.0.0.0/8",), protocol=True, header="X-Forwarded-For")

    async def scenario(world: World) -> None:
        forged = request("X-Forwarded-For: 203.0.113.7")
        ((host, _),), answer = await talk(world, forged, elsewhere)
        assert host == "127.0.0.1"
        assert answer.startswith(b"HTTP/1.1 401")

    world.run(scenario)


@in_every_world
def test_headers_of_a_trusted_proxy_say_who_asks(world: World) -> None:
    proxies = Proxies(trusted=("127.0.0.0/8", "10.0.0.0/8"), header="X-Forwarded-For")

    async def scenario(world: World) -> None:
        hops = "X-Forwarded-For: 1.2.3.4, 203.0.113.7, 10.0.0.9"
        ((host, _),), _ = await talk(world, request(hops), proxies)
        assert host == "203.0.113.7"

    world.run(scenario)


@in_every_world
@pytest.mark.parametrize("wrong", [b"GET / HTTP/1.1\r\n\r\n", V1[:10], b"PROXY TCP4 x\r\n"])
def test_a_trusted_proxy_that_does_not_say_it_is_hung_up_on(
    world: World, wrong: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        async with world.serve(None, "127.0.0.1", 0, versions=["ocpp1.6"], proxies=LOCAL) as server:
            peer = await world.raw(server.port)
            await peer.send(wrong)
            if wrong == V1[:10]:
                await peer.close()
                await world.until(lambda: not server._engine._handshakes)
            else:
                assert await peer.read_all() == b""
                await peer.close()

    world.run(scenario)
    assert [r.levelname for r in caplog.records] == ["WARNING"]


@in_every_world
def test_the_header_comes_before_tls(world: World, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    certificate = authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem
    certificate.write_to_path(tmp_path / "csms.pem")
    seen: list[Any] = []

    def authenticate(request: Any) -> bool:
        seen.append(request.address)
        return False

    async def scenario(world: World) -> None:
        async with world.serve(
            None,
            "127.0.0.1",
            0,
            versions=["ocpp1.6"],
            authenticate=authenticate,
            proxies=LOCAL,
            ssl=csms_context(tmp_path / "csms.pem"),
        ) as server:
            peer = await world.raw(server.port)
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            inside = station_context(tmp_path / "authority.pem").wrap_bio(
                incoming, outgoing, server_hostname="127.0.0.1"
            )
            await peer.send(V1)
            while True:
                try:
                    inside.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    await peer.send(outgoing.read())
                    incoming.write(await peer.receive())
            inside.write(request())
            await peer.send(outgoing.read())
            await world.until(lambda: seen)
            await peer.close()

    world.run(scenario)
    assert seen == [CLIENT]
