"""What a NATS server sends is read alike, however the network has cut it."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_sansio.fleet.nats_link import NatsLink

Heard = tuple[object, ...]


class Owner:
    """Notes what a link tells, in order."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []

    def message_read(
        self, number: int, subject: str, reply_to: str, data: bytes, headers: bytes
    ) -> None:
        self.heard.append((number, subject, reply_to, data, headers))

    def refused(self, line: str) -> None:
        self.heard.append((line,))

    def ended(self, link: NatsLink, reason: str) -> None:
        raise AssertionError(link, reason)


REFUSAL = "-ERR 'Permissions Violation for Publish to \"a.B\"'"
HEADERS = b"NATS/1.0 503\r\n\r\n"
NUMBERS = st.integers(1, 10**6)
SUBJECTS = st.sampled_from(["a", "ocpp.1.call.CP001", "_INBOX.0f.12", "1.2"])
REPLIES = st.sampled_from(["", "_INBOX.1", "7"])
DATA = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"", b"\r\n", b"MSG a 1 5\r\nhello\r\n", b"PONG\r\n", b"x" * 70_000]),
)


def message(number: int, subject: str, reply_to: str, data: bytes) -> tuple[bytes, list[Heard]]:
    words = [subject, f"{number}", *([reply_to] if reply_to else []), f"{len(data)}"]
    line = f"MSG {' '.join(words)}\r\n".encode()
    return line + data + b"\r\n", [(number, subject, reply_to, data, b"")]


def with_headers(
    number: int, subject: str, reply_to: str, data: bytes
) -> tuple[bytes, list[Heard]]:
    sizes = f"{len(HEADERS)} {len(HEADERS) + len(data)}"
    # As a server writes it: where there is nobody to reply to, with two spaces.
    line = f"HMSG {subject} {number} {reply_to} {sizes}\r\n".encode()
    return line + HEADERS + data + b"\r\n", [(number, subject, reply_to, data, HEADERS)]


COMMANDS = st.one_of(
    st.builds(message, NUMBERS, SUBJECTS, REPLIES, DATA),
    st.builds(message, NUMBERS, SUBJECTS, REPLIES, DATA),
    st.builds(with_headers, NUMBERS, SUBJECTS, REPLIES, DATA),
    st.sampled_from(
        [(b"PONG\r\n", []), (b"+OK\r\n", []), (REFUSAL.encode() + b"\r\n", [(REFUSAL,)])]
    ),
)


async def heard_of(pieces: list[bytes]) -> list[Heard]:
    owner = Owner()
    link = NatsLink(owner, must_be_tls=False)
    for piece in pieces:
        await link._ps.parse(piece)
    return owner.heard


@given(commands=st.lists(COMMANDS, max_size=12), data=st.data())
@settings(max_examples=150, deadline=None)
def test_it_is_read_alike_however_it_was_cut(
    commands: list[tuple[bytes, list[Heard]]], data: st.DataObject
) -> None:
    whole = b"".join(command for command, _ in commands)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8), label="cuts"))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert asyncio.run(heard_of(pieces)) == [each for _, told in commands for each in told]
