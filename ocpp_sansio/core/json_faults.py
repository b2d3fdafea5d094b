"""Where a text stops being JSON, and on what; and the two flaws with which it can be read all the same.

Runs only after msgspec has refused a text, to say why. It does not recurse, and looks at a bounded number of
tokens: a peer can send such texts all day.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from ocpp_sansio.core.texts import quote

__all__ = ["fault_of_json", "fault_of_message", "mend_strings"]

MAX_TOKENS: Final = 4096
"""Brackets, commas, strings and the like that are looked at before the rest of a text is left alone."""

MAX_FLAWS: Final = 16
"""Raw control characters and undecodable bytes that are told one by one."""

MAX_SHOWN: Final = 16
"""Characters of a peer's text that a fault repeats: enough for "-Infinity", too few for a secret (I-6)."""

_A_VALUE = "a value"
_A_VALUE_OR_END = "a value or ']'"
_A_NAME = "a name in double quotes"
_A_NAME_OR_END = "a name in double quotes or '}'"
_A_COLON = "':'"
_A_COMMA_OR_END = {ord("["): "',' or ']'", ord("{"): "',' or '}'"}
_NOTHING_MORE = "the end"

_SPACE = re.compile(rb"[ \t\n\r]*+")
# A string without its closing quote, or as much of it as is in order.
_STRING = re.compile(
    rb'"(?:[^"\\\x00-\x1f]++'
    rb'|\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4})'
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})*+"
)
_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_WORD = re.compile(rb"[A-Za-z0-9_+.-]++")
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+")
_WORDS = frozenset({b"true", b"false", b"null"})
_NO_NUMBER = re.compile(rb"[-+]?(?:nan|inf|infinity)", re.IGNORECASE)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class _Fault(Exception):  # noqa: N818 - what was found; it leaves this module as a text
    def __init__(self, position: int, expected: str, instead: str) -> None:
        self.position = position
        self.expected = expected
        self.instead = instead


def fault_of_message(data: bytes, error: Exception) -> str:
    """Return what would be right in the place of a message that is no array, or none with elements."""
    return fault_of_json(data, error) or f"a JSON array, not {_kind_of(data)}"


def fault_of_json(data: bytes, error: Exception, within: str = "") -> str | None:
    """Return what would be right, where, and what stands there; None for JSON that is in order.

    "a value at byte 57, not ','". Bytes are counted from 0, and lines and columns, which are told of a text
    with more than one line, from 1. `error` is what msgspec made of `data`, and `within` says what that is
    part of: " of the payload".
    """
    if isinstance(error, RecursionError):
        return "JSON with less nesting"
    if not data.strip(b" \t\n\r"):
        return "a JSON array, not an empty message"
    try:
        return _scan(data, within)
    except _Fault as fault:
        return f"{fault.expected} at {_place(data, fault.position)}{within}, not {fault.instead}"


def _scan(data: bytes, within: str) -> str | None:
    """Look at one token after the other; raises _Fault for the first that should not be there."""
    position = 0
    expected = _A_VALUE
    levels = bytearray()  # the brackets that are open
    for _ in range(MAX_TOKENS):
        position = _end_of(_SPACE, data, position)
        char = data[position : position + 1]
        if expected is _NOTHING_MORE:
            if not char:
                return None
            raise _fault(data, position, expected, levels)
        if char == b'"' and expected in (_A_NAME, _A_NAME_OR_END):
            position, expected = _end_of_string(data, position), _A_COLON
        elif char == b":" and expected is _A_COLON:
            position, expected = position + 1, _A_VALUE
        elif char == b"," and levels and expected is _A_COMMA_OR_END[levels[-1]]:
            position, expected = position + 1, _A_VALUE if levels[-1] == ord("[") else _A_NAME
        elif char and char in b"]}" and f"'{char.decode()}'" in expected:
            levels.pop()
            position, expected = position + 1, _after_value(levels)
        elif expected not in (_A_VALUE, _A_VALUE_OR_END):
            raise _fault(data, position, expected, levels)
        elif char and char in b"[{":
            levels += char
            position, expected = position + 1, _A_VALUE_OR_END if char == b"[" else _A_NAME_OR_END
        else:
            position, expected = (
                _end_of_scalar(data, position, expected, levels),
                _after_value(levels),
            )
    return f"JSON beyond {_place(data, position)}{within}, too"


def _after_value(levels: bytearray) -> str:
    return _A_COMMA_OR_END[levels[-1]] if levels else _NOTHING_MORE


def _end_of(pattern: re.Pattern[bytes], data: bytes, position: int) -> int:
    found = pattern.match(data, position)
    return found.end() if found else position


def _end_of_scalar(data: bytes, position: int, expected: str, levels: bytearray) -> int:
    if data.startswith(b'"', position):
        return _end_of_string(data, position)
    end = _end_of(_WORD, data, position)
    word = data[position:end]
    if word in _WORDS or _NUMBER.fullmatch(word):
        return end
    if word[:1].isdigit() or word[1:2].isdigit():
        raise _Fault(position, "a number that JSON has", quote(word.decode(), MAX_SHOWN))
    raise _fault(data, position, expected, levels)


def _end_of_string(data: bytes, start: int) -> int:
    end = _end_of(_STRING, data, start)
    undecodable = _first_undecodable(data[start:end])
    if undecodable is not None:
        raise _Fault(start + undecodable, *_undecodable(data, start + undecodable))
    char = data[end : end + 1]
    if char == b'"':
        return end + 1
    if not char:
        raise _Fault(end, "a closing quote", "the end")
    if char == b"\\":
        is_half = _HALF_PAIR.match(data, end)
        wanted = "a whole surrogate pair" if is_half else "an escape that JSON has"
        length = 6 if data[end + 1 : end + 2] == b"u" else 2
        raise _Fault(end, wanted, quote(data[end : end + length].decode(errors="replace")))
    raise _Fault(end, *_control(data, end))


def _first_undecodable(text: bytes) -> int | None:
    if text.isascii():
        return None
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def _undecodable(data: bytes, position: int) -> tuple[str, str]:
    return "UTF-8", quote(data[position : position + 1])


def _control(data: bytes, position: int) -> tuple[str, str]:
    return "an escaped character", f"a raw {quote(chr(data[position]))}"


def _fault(data: bytes, position: int, expected: str, levels: bytearray) -> _Fault:
    return _Fault(position, expected, _what_stands(data, position, expected, levels))


def _what_stands(data: bytes, position: int, expected: str, levels: bytearray) -> str:
    if position == len(data):
        return "the end"
    if data.startswith(_BYTE_ORDER_MARK, position):
        return "a byte order mark"
    word = data[position : _end_of(_WORD, data, position)]
    if word:
        is_called_number = _NO_NUMBER.fullmatch(word) and expected in (_A_VALUE, _A_VALUE_OR_END)
        note = ", which JSON does not have" if is_called_number else ""
        return quote(word[: MAX_SHOWN + 1].decode(), MAX_SHOWN) + note
    char = data[position : position + 4].decode(errors="ignore")[:1]
    if not char or not data.startswith(char.encode(), position):
        return quote(data[position : position + 1])
    is_array = levels[-1:] == b"["
    if (char == "}" and expected is _A_NAME) or (char == "]" and expected is _A_VALUE and is_array):
        return f"{quote(char)} after a comma"
    return "a single quote" if char == "'" else quote(char)


def _place(data: bytes, position: int) -> str:
    line_start = data.rfind(b"\n", 0, position) + 1
    if not line_start:
        return f"byte {position}"
    line = data.count(b"\n", 0, position) + 1
    column = len(data[line_start:position].decode(errors="replace")) + 1
    return f"line {line}, column {column}"


def _kind_of(data: bytes) -> str:
    match data.lstrip(b" \t\n\r")[:1]:
        case b"[":
            return "an empty one"
        case b"{":
            return "an object"
        case b'"':
            return "a string"
        case b"t" | b"f":
            return "a boolean"
        case b"n":
            return "null"
    return "a number"


# --- what can be read all the same ----------------------------------------------------------------

MAX_MENDED: Final = 256
"""Strings with a flaw that are mended; a text with more is left as it is."""

_FLAW = re.compile("[\x00-\x1f\udc80-\udcff]")
_UP_TO_A_FLAW = re.compile(
    '(?:[^"]++|"(?:[^"\\\\\x00-\x1f\udc80-\udcff]++|\\\\[^\x00-\x1f\udc80-\udcff])*+")*+'
)
_WHOLE_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_READABLE = {code: f"\\u{code:04x}" for code in range(0x20)} | {
    0xDC00 + byte: byte for byte in range(0x80, 0x100)
}


def mend_strings(data: bytes, within: str = "") -> tuple[bytes, tuple[str, ...]]:
    """Return a text with what is wrong within its strings mended, and what that was, or is still.

    Raw control characters are escaped, bytes that are no UTF-8 read as Latin-1: that is what such stations
    write, and different bytes stay different. Flaws are told as `fault_of_json` tells them, the first few.
    """
    text = data.decode(errors="surrogateescape")  # a byte that is no UTF-8 becomes U+DC80 to U+DCFF
    parts: list[str] = []
    flaws: list[str] = []
    end = 0
    for _ in range(MAX_MENDED):
        start = end
        end = _end_of_clean(text, start)
        parts.append(text[start:end])
        string = _WHOLE_STRING.match(text, end)
        if string is None:
            break
        flaws += _flaws_of(string, data, within, MAX_FLAWS - len(flaws))
        parts.append(string[0].translate(_READABLE))
        end = string.end()
    mended = "".join((*parts, text[end:])).encode(errors="surrogateescape")
    return mended, tuple(flaws)


def _end_of_clean(text: str, start: int) -> int:
    found = _UP_TO_A_FLAW.match(text, start)
    assert found  # noqa: S101 - it matches the empty text, too
    return found.end()


def _flaws_of(string: re.Match[str], data: bytes, within: str, limit: int) -> Iterator[str]:
    for flaw in islice(_FLAW.finditer(string[0]), limit):
        before = string.string[: string.start() + flaw.start()]
        position = len(before.encode(errors="surrogateescape"))
        expected, instead = (_control if flaw[0] < " " else _undecodable)(data, position)
        yield f"{expected} at {_place(data, position)}{within}, not {instead}"
