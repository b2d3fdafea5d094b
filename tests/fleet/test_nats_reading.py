"""What a NATS server says is heard in order, in whatever pieces it comes."""

import asyncio
from typing import Any

import pytest

pytest.importorskip("nats")

from ocpp_sansio.fleet.nats_link import MAX_KEPT, NatsLink

HEAD = b"NATS/1.0 404\r\n\r\n"
LARGE = b"MSG " * MAX_KEPT
REFUSAL = "-ERR 'Permissions Violation for Publish to \"A\"'"
SAID: list[tuple[bytes, Any]] = [
    (b"PONG\r\n", None),
    (b"MSG call.A 7 5\r\nMSG 1\r\n", (7, "call.A", "", b"MSG 1", b"")),
    (b"MSG call.A 7 _INBOX.1 0\r\n\r\n", (7, "call.A", "_INBOX.1", b"", b"")),
    (b"MSG 1 8 2 3\r\n\r\n1\r\n", (8, "1", "2", b"\r\n1", b"")),
    (REFUSAL.encode() + b"\r\n", REFUSAL),
    (b"HMSG a 9  16 16\r\n" + HEAD + b"\r\n", (9, "a", "", b"", HEAD)),
    (b"HMSG a 9 r.r 16 18\r\n" + HEAD + b"{}\r\n", (9, "a", "r.r", b"{}", HEAD)),
    (b"HMSG a 9 5 16 16\r\n" + HEAD + b"\r\n", (9, "a", "5", b"", HEAD)),
    (b"+OK\r\n", None),
    (b"MSG call.A 7 5\r\nHMSG \r\n", (7, "call.A", "", b"HMSG ", b"")),
]


class Owner:
    """Notes what it hears."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def message_read(
        self, number: int, subject: str, reply_to: str, data: bytes, headers: bytes
    ) -> None:
        self.heard.append((number, subject, reply_to, data, headers))

    def refused(self, line: str) -> None:
        self.heard.append(line)

    def ended(self, link: NatsLink, reason: str) -> None:  # noqa: ARG002 - as a `LinkOwner`'s
        raise AssertionError(reason)


def heard_of(data: bytes, size: int) -> list[Any]:
    async def read() -> None:
        link = NatsLink(owner, must_be_tls=False)
        for start in range(0, len(data), size):
            await link._ps.parse(data[start : start + size])

    owner = Owner()
    asyncio.run(read())
    return owner.heard


def test_what_a_server_says_is_heard_in_order_in_whatever_pieces_it_comes() -> None:
    data = b"".join(line for line, _ in SAID)
    expected = [heard for _, heard in SAID if heard]
    for size in (*range(1, 40), 100, len(data) - 1, len(data)):
        assert heard_of(data, size) == expected, size


def test_a_message_may_come_in_many_pieces() -> None:
    data = b"MSG a 1 %d\r\n%b\r\nMSG b 1 0\r\n\r\n" % (len(LARGE), LARGE)
    expected = [(1, "a", "", LARGE, b""), (1, "b", "", b"", b"")]
    for size in (1000, 32768, len(data)):
        assert heard_of(data, size) == expected
