"""The page about stations that are refused: the log and the answer are what its first table says."""

import logging
import re
from base64 import b64encode
from pathlib import Path

import pytest
from net_worlds import AsyncioWorld, World

from ocpp_sansio.net import ConnectionRequest

PAGE = Path(__file__).parents[2] / "docs/how-to/not-connecting.md"
HEADERS = {
    "Host": "x",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "ocpp1.6",
}


def asking(path: str = "/ocpp/CP1", http: str = "HTTP/1.1", **changed: str | None) -> bytes:
    """A handshake, with other headers; None: without."""
    headers = HEADERS | {name.replace("_", "-"): value for name, value in changed.items()}
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"GET {path} {http}", *lines, "", ""]).encode()


CREDENTIALS = f"Basic {b64encode(b'other:secret').decode()}"
KNOCKS = {
    "no OCPP version in common; offered nothing": asking(Sec_WebSocket_Protocol=None),
    "no OCPP version in common; offered ocpp1.6j": asking(Sec_WebSocket_Protocol="ocpp1.6j"),
    "the path does not end in an identity": asking("/"),
    "the user name is not the identity": asking(Authorization=CREDENTIALS),
    "refused (HTTP 401)": asking("/ocpp/no-password"),
    "refused (HTTP 404)": asking("/ocpp/unknown"),
    "missing Upgrade header": asking(Upgrade=None),
    "unsupported HTTP version: HTTP/1.0": asking(http="HTTP/1.0"),
    "missing Sec-WebSocket-Key header": asking(Sec_WebSocket_Key=None),
    "invalid Sec-WebSocket-Key header": asking(Sec_WebSocket_Key="AAAA"),
    "the station speaks TLS, and this port does not": b"\x16\x03\x01\x02\x00",
}


def rows() -> dict[str, str]:
    """Return the HTTP status by what the log says, as the page has them."""
    _, _, section = PAGE.read_text().partition("## Refused at the door\n")
    table = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    assert table
    cells = [line.split("|")[1:3] for line in table[0].splitlines()[2:]]
    return {said.strip(): status.strip() for said, status in cells}


def door(request: ConnectionRequest) -> bool | int:
    return {"no-password": False, "unknown": 404}.get(request.identity, True)


def test_each_symptom_of_the_page_is_what_the_log_and_the_answer_say(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert rows().keys() == KNOCKS.keys()

    async def scenario(world: World) -> None:
        for said, status in rows().items():
            # a server for each: of one host, no more than ten are told in a second
            async with world.serve(
                None, "127.0.0.1", 0, versions=["ocpp1.6"], authenticate=door
            ) as server:
                caplog.clear()
                peer = await world.raw(server.port)
                await peer.send(KNOCKS[said])
                answer = (await peer.read_all()).decode()
                await peer.close()
            assert answer[9:12] == (status if status != "none" else ""), said
            [record] = [each for each in caplog.records if each.levelno == logging.WARNING]
            assert record.name == "ocpp_sansio.net"
            for part in said.split("; "):
                assert part in record.getMessage()
            assert record.address  # type: ignore[attr-defined] # an extra of ours

    AsyncioWorld().run(scenario)
