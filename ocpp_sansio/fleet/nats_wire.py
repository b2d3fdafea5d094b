"""The words of NATS' protocol that `NatsBus` needs. Pure."""

import re
from typing import NamedTuple
from urllib.parse import quote as percent

__all__ = [
    "NO_RESPONDERS",
    "PING",
    "Message",
    "Refusal",
    "Reply",
    "check_pattern",
    "check_subject",
    "publish_line",
    "read_messages",
    "read_refusal",
    "status_of",
    "subscribe_line",
    "unsubscribe_line",
]

PING = b"PING\r\n"
"""What each side answers with a PONG, in its turn."""

NO_RESPONDERS = 503
"""The status of the reply that a server makes itself when nobody has subscribed to a request's subject."""

_END = b"\r\n"
_VERSION = b"NATS/1.0"
_SUBJECT = re.compile(r"[\w=-]+(?:\.[\w=-]+)*", re.ASCII)
_PATTERN = re.compile(r"(?:[\w=-]+|\*)(?:\.(?:[\w=-]+|\*))*", re.ASCII)
_MESSAGE = re.compile(rb"MSG ([^\s]+) ([0-9]+) (?:([^\s]+) )?()([0-9]+)\r\n")
# A server leaves out where to reply to, and not the space behind it.
_WITH_HEADERS = re.compile(rb"HMSG ([^\s]+) ([0-9]+) +(?:([^\s]+) )?([0-9]+) ([0-9]+)\r\n")
_REFUSAL = re.compile(
    r"permissions violation for (publish|subscription) to \"([^\"]+)\"", re.IGNORECASE
)


class Message(NamedTuple):
    """A message to a subscription of ours."""

    number: int
    """Of the subscription."""
    subject: str
    reply_to: str
    data: bytes
    headers: bytes


class Reply(NamedTuple):
    """A message to an inbox of ours."""

    subject: str
    data: bytes
    headers: bytes
    reply_to: str

    @property
    def status(self) -> int:
        """The number that a server has put before the headers: 0 if it has not."""
        return status_of(self.headers)


class Refusal(NamedTuple):
    """What a server has said that we may not do."""

    is_publish: bool
    subject: str


def check_subject(subject: str) -> None:
    """Raise ValueError for what cannot be a subject: it would be read as a part of the protocol."""
    if not _SUBJECT.fullmatch(subject):
        raise ValueError("a subject is tokens of letters, digits, _, = and -, joined by dots")


def check_pattern(pattern: str) -> None:
    """Raise ValueError for what cannot be a pattern."""
    if not _PATTERN.fullmatch(pattern):
        raise ValueError("a pattern is a subject some of whose tokens may be *")


def publish_line(
    subject: str, data: bytes, reply_to: str = "", headers: dict[str, str] | None = None
) -> bytes:
    """Return the command that publishes something. The values of headers are percent-encoded."""
    if not headers:
        return f"PUB {subject} {reply_to} {len(data)}\r\n".encode() + data + b"\r\n"
    block = "NATS/1.0\r\n"
    for name, value in headers.items():
        block += f"{name}: {value if value.isdecimal() else percent(value)}\r\n"
    size = len(block) + 2
    head = f"HPUB {subject} {reply_to} {size} {size + len(data)}\r\n{block}\r\n"
    return head.encode() + data + b"\r\n"


def subscribe_line(number: int, pattern: str, group: str = "") -> bytes:
    """Return the command that subscribes."""
    return f"SUB {pattern} {group} {number}\r\n".encode()


def unsubscribe_line(number: int) -> bytes:
    """Return the command that ends a subscription."""
    return f"UNSUB {number}\r\n".encode()


def read_messages(data: bytes) -> tuple[list[Message], int, int]:
    """Return the messages that something read begins with, and what follows them.

    That is said by where it begins, and by the bytes that it lacks where it is the first part of one more
    message; 0 where it is something else, or where that is not known yet.
    """
    found: list[Message] = []
    begin = 0
    while head := _MESSAGE.match(data, begin) or _WITH_HEADERS.match(data, begin):
        subject, number, reply_to, before, size = head.groups(b"")
        at = head.end()
        body = at + int(before) if before else at
        end = at + int(size)
        lacking = end + len(_END) - len(data)
        if lacking > 0:
            return found, begin, lacking
        found.append(
            Message(int(number), subject.decode(), reply_to.decode(), data[body:end], data[at:body])
        )
        begin = end + len(_END)
    return found, begin, 0


def status_of(headers: bytes) -> int:
    """Return the status before the headers, 0 if there is none."""
    status = headers[len(_VERSION) + 1 : len(_VERSION) + 4]
    return int(status) if status.isdigit() and headers[len(_VERSION) :][:1] == b" " else 0


def read_refusal(line: str) -> Refusal | None:
    """Read an error of a server; None if it is not about permissions."""
    found = _REFUSAL.search(line)
    if found is None:
        return None
    return Refusal(found[1].lower() == "publish", found[2])
