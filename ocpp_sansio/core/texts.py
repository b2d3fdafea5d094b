"""What a peer said, as it may stand in a log line, a terminal, an exception or a page.

Nothing a peer had a hand in gets there by any other way. One spelling is at most `limit` characters long,
all on one line, and printable; it takes a time that depends on `limit`, not on what the peer sent.
"""

from collections.abc import Callable
from typing import TypeAlias

__all__ = ["LIMIT", "plain", "quote"]

LIMIT = 100
"""Characters of what a peer said, escapes, quotes and the mark of a cut included."""

_CUT = "…"
_LONGEST_ESCAPE = 10
"""Characters that one can become: "\\U000e0001"."""
_LONGEST_INTEGER = 512
"""Bits: more digits than these make are not worth the time that spelling them takes."""

_Text: TypeAlias = str | bytes


def quote(text: object, limit: int = LIMIT) -> str:
    """Return a text in quotes, escaped as `repr` does, and cut where it is too long.

    'A cut looks like th'… and bytes like b'these'. Anything else than a text has its `repr`, without
    further quotes.
    """
    if isinstance(text, str | bytes):
        return _cut(text, limit, repr)
    if isinstance(text, bytearray | memoryview):
        return _cut(bytes(text[: limit + 1]), limit, repr)
    return _cut(_repr_of(text), limit, _escape)


def plain(text: str | bytes, limit: int = LIMIT) -> str:
    """Return a text without quotes, for the middle of a sentence: what cannot be printed is escaped.

    Bytes are read as UTF-8; what is none is escaped too.
    """
    if isinstance(text, bytes):
        text = text[: 4 * limit + 1].decode(errors="backslashreplace")
    return _cut(text, limit, _escape)


def _cut(text: _Text, limit: int, spell: Callable[[_Text], str]) -> str:
    kept = min(len(text), limit)
    spelled = spell(text[:kept])
    if kept == len(text) and len(spelled) <= limit:
        return spelled
    while kept and len(spelled) + len(_CUT) > limit:
        kept -= max(1, (len(spelled) + len(_CUT) - limit) // _LONGEST_ESCAPE)
        spelled = spell(text[:kept])
    return spelled + _CUT


def _escape(text: _Text) -> str:
    assert isinstance(text, str)  # noqa: S101  # as its callers have made it
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _repr_of(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER:
        return f"an integer of {value.bit_length()} bits"
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - it is for a log, which has to say something
        return f"<{type(value).__name__}>"
