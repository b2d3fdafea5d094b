"""`MessageParser` reads messages itself, in half of nats-py's time, and leaves all else to that."""

import re
from typing import Any, Protocol

from nats.errors import ProtocolError
from nats.protocol.parser import Parser

__all__ = ["MessageParser", "TakesMessages"]

MAX_LINE = 1024**2
"""Bytes of a line: an INFO that names all servers of a large cluster has some thousands."""

_MESSAGE = re.compile(rb"MSG +(\S+) +(\d{1,18}) +(?:(\S+) +)?()(\d{1,18})\r\n")
_WITH_HEADERS = re.compile(rb"HMSG +(\S+) +(\d{1,18}) +(?:(\S+) +)?(\d{1,18}) +(\d{1,18})\r\n")
_M, _H = b"MH"
_END = b"\r\n"


class TakesMessages(Protocol):
    """What gets the messages, and is a client of nats-py's, which hears of all else."""

    def take_message(
        self, number: int, subject: bytes, reply_to: bytes, data: bytes, headers: bytes
    ) -> None:
        """Take one that the subscription of a number has got."""
        ...


class MessageParser(Parser):
    """To be given bytes as they come."""

    def __init__(self, client: TakesMessages) -> None:
        """Make one for a client."""
        self._client = client
        super().__init__(client)

    def reset(self) -> None:
        """Begin anew."""
        super().reset()
        self._parts: list[bytes] = []
        self._size = 0
        self._needed = 0  # so many bytes before there is anything to be read

    async def parse(self, data: bytes = b"") -> Any:
        """Read what is complete by now. Raises ProtocolError for what no server says."""
        self._parts.append(data)
        self._size += len(data)
        if self._size < self._needed:
            return
        if len(self._parts) > 1:
            data = b"".join(self._parts)
        at = self._needed = 0
        while at < len(data) and not self._needed:
            kind = data[at]
            if kind == _M:
                at = self._read_message(_MESSAGE, data, at)
            elif kind == _H:
                at = self._read_message(_WITH_HEADERS, data, at)
            else:
                at = await self._read_other(data, at)
        rest = data[at:]
        self._parts = [rest] if rest else []
        self._size = len(rest)

    def _read_message(self, form: re.Pattern[bytes], data: bytes, at: int) -> int:
        """Read a message; return where it ends, or where it begins if it is not complete."""
        line = form.match(data, at)
        if line is None:
            self._await_line(data, at)
            return at
        subject, number, reply_to, head, size = line.groups()
        first = line.end()
        end = first + int(size)
        if end + len(_END) > len(data):
            self._needed = end + len(_END) - at
            return at
        body = first + int(head) if head else first
        self._client.take_message(
            int(number), subject, reply_to or b"", data[body:end], data[first:body]
        )
        return end + len(_END)

    async def _read_other(self, data: bytes, at: int) -> int:
        """Have any other line read; return the same."""
        end = data.find(_END, at) + len(_END)
        if end < len(_END):
            self._await_line(data, at)
            return at
        await super().parse(data[at:end])
        return end

    def _await_line(self, data: bytes, at: int) -> None:
        """Wait for the rest of a line, unless it has its end and is none."""
        length = len(data) - at
        if length > MAX_LINE or data.find(_END, at) >= 0:
            raise ProtocolError("nats: unknown protocol")
        self._needed = length + 1
