"""What a NATS server says, read in pieces of any size."""

import asyncio
from typing import Any

import pytest

pytest.importorskip("nats")

from nats.errors import ProtocolError

from ocpp_sansio.fleet.nats_parser import MAX_LINE, MessageParser

HEAD = b"NATS/1.0 404\r\n\r\n"
SAID = [
    (b"PONG\r\n", "pong"),
    (b"MSG call.A 7 5\r\nMSG 1\r\n", (7, b"call.A", b"", b"MSG 1", b"")),
    (b"MSG call.A 7 _INBOX.1 0\r\n\r\n", (7, b"call.A", b"_INBOX.1", b"", b"")),
    (b"MSG  1  8  2  3\r\n\r\n1\r\n", (8, b"1", b"2", b"\r\n1", b"")),
    (b"-ERR 'Permissions Violation'\r\n", "error 'permissions violation'"),
    (b"HMSG a 9  16 16\r\n" + HEAD + b"\r\n", (9, b"a", b"", b"", HEAD)),
    (b"HMSG a 9 r.r 16 18\r\n" + HEAD + b"{}\r\n", (9, b"a", b"r.r", b"{}", HEAD)),
    (b"+OK\r\n", None),
    (b"PING\r\n", "ping"),
    (b'INFO {"server_id":"MSG 1"}\r\n', "info MSG 1"),
    (b"MSG call.A 7 5\r\nHMSG \r\n", (7, b"call.A", b"", b"HMSG ", b"")),
]


class Client:
    """Notes what it hears, in order."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def take_message(self, *message: Any) -> None:
        self.heard.append(message)

    async def _process_pong(self) -> None:
        self.heard.append("pong")

    async def _process_ping(self) -> None:
        self.heard.append("ping")

    async def _process_err(self, text: str) -> None:
        self.heard.append(f"error {text}")

    async def _process_info(self, info: dict[str, Any]) -> None:
        self.heard.append(f"info {info['server_id']}")


def heard_of(data: bytes, size: int) -> list[Any]:
    async def read() -> None:
        for start in range(0, len(data), size):
            await parser.parse(data[start : start + size])

    client = Client()
    parser = MessageParser(client)
    asyncio.run(read())
    return client.heard


def test_all_is_heard_in_order_in_whatever_pieces_it_comes() -> None:
    data = b"".join(line for line, _ in SAID)
    expected = [heard for _, heard in SAID if heard]
    for size in (*range(1, 20), 100, len(data) - 1, len(data)):
        assert heard_of(data, size) == expected, size


@pytest.mark.parametrize(
    "data",
    [b"MSG a\r\n", b"HMSG a 1 x 1\r\n", b"MSG a 1 -1\r\n", b"HALLO\r\n", b"MSG " * (MAX_LINE // 3)],
)
def test_what_no_server_says_is_an_error(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        heard_of(b"MSG a 1 0\r\n\r\n" + data, 65536)
