"""Where in a text an OCPP-J message stands, and where it ends, whatever is written around it."""

import ast
import json
import re
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from ocpp_sansio.core import UNREADABLE

__all__ = ["Found", "find_messages", "is_bare"]

_BARE = re.compile(rb"\[\s*-?\d{1,9}\s*,")
_START = re.compile(rb'\[\s*[2-6]\s*,\s*(\\*+")')
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[\]{}]', re.DOTALL)
_END_OF_ESCAPED = re.compile(rb'(?:[^"\\]++|\\.)*+"', re.DOTALL)
_LENGTH_BEHIND = re.compile(rb"['\"]? \[(\d{1,9}) bytes")
_DOTS, _ELLIPSIS = b"...", "…".encode()
_OPENING = b"[{"


class Found(Struct, frozen=True):
    """A message in a text."""

    data: bytes
    start: int
    end: int
    is_whole: bool


def is_bare(text: bytes) -> bool:
    """Whether a text, stripped, is meant as one message and nothing else, right or wrong."""
    return _BARE.match(text) is not None and text.endswith(b"]")


def find_messages(text: bytes) -> Iterator[Found]:
    """Yield the messages in a text, in order. Takes time in proportion to its length."""
    position = 0
    while start := _START.search(text, position):
        found = _take(text, start)
        yield found
        position = found.end


def _take(text: bytes, start: re.Match[bytes]) -> Found:
    begin = start.start()
    if start[1] != b'"':
        return _take_escaped(text, begin)
    end = _end_of_array(text, begin)
    if end is None:
        return Found(text[begin:], begin, len(text), is_whole=False)
    data = text[begin:end]
    if text[begin - 1 : begin] == b"'" and b"\\" in data:
        data = _without_python_escapes(data)
    length = _LENGTH_BEHIND.search(text, end) if end < len(text) else None
    if length:
        # As `websockets` writes it, which cuts in the middle, so that brackets need not match.
        return Found(data, begin, length.end(), is_whole=int(length[1]) == len(data))
    return Found(data, begin, end, is_whole=not _is_shortened(data))


def _end_of_array(text: bytes, begin: int) -> int | None:
    """Return where the array ends that begins there; None if it does not."""
    if text.endswith(b"]") and _is_array(text[begin:]):  # as in most logs, and soon known
        return len(text)
    depth = 0
    for token in _TOKEN.finditer(text, begin):
        if token[1] is not None:
            if not token[1]:
                return None  # the text ends within a string
        elif token[0] in _OPENING:
            depth += 1
        else:
            depth -= 1
            if not depth:
                return token.end()
    return None


def _is_array(text: bytes) -> bool:
    try:
        _read_array(text)
    except UNREADABLE:
        return False
    return True


_read_array = msgspec.json.Decoder(list[msgspec.Raw]).decode


def _take_escaped(text: bytes, begin: int) -> Found:
    """Take a message within a string of JSON, Go or logfmt, where each quote has a backslash before it."""
    end = _END_OF_ESCAPED.match(text, begin)
    if end is None:
        return Found(text[begin:], begin, len(text), is_whole=False)
    try:
        data = json.loads(b'"' + text[begin : end.end()], strict=False).encode()
    except ValueError:
        return Found(text[begin : end.end() - 1], begin, end.end(), is_whole=False)
    stop = _end_of_array(data, 0)
    return Found(data[:stop], begin, end.end(), is_whole=stop is not None)


def _without_python_escapes(data: bytes) -> bytes:
    """Return what a Python string shows that was printed by `repr`; the same if it is none."""
    try:
        text = ast.literal_eval(f"'{data.decode()}'")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return data
    return text.encode("utf-8", "replace") if isinstance(text, str) else data


def _is_shortened(data: bytes) -> bool:
    """Whether something was left out in the middle: three dots outside of all strings."""
    # `find`, for `in` first looks whether bytes are a number, and takes ten times as long.
    if data.find(_DOTS) < 0 and data.find(_ELLIPSIS) < 0:
        return False
    outside = _TOKEN.sub(b"", data)
    return _DOTS in outside or _ELLIPSIS in outside
