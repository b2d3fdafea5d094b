"""What the beginning of a message shows of it, however bad the rest may be: its kind, its id, its action."""

import re

__all__ = ["CALL", "ERROR", "HEAD", "LOOKED_AT", "RESULT", "SEND", "action_in", "text_of"]

LOOKED_AT = 16 * 1024
"""Bytes of a message that are looked at."""

CALL = "2"
"""The kind of a CALL, as a message spells it."""
RESULT = "3"
"""That of a CALLRESULT."""
ERROR = "4"
"""That of a CALLERROR."""
SEND = "6"
"""That of a SEND."""

HEAD = re.compile(r'\s*\[\s*([2-6])\s*,\s*"([^"\\]*)"\s*(?:,\s*"([^"\\]*)")?')
"""Kind, id, and the text behind them, if there is one."""


def action_in(message: bytes) -> str | None:
    """Return the action of a call or SEND, as far as its text shows it; None where it does not."""
    head = HEAD.match(text_of(message))
    return head[3] if head and head[1] in {CALL, SEND} else None


def text_of(message: bytes | bytearray | memoryview) -> str:
    """Return the beginning of a message as text, whatever its bytes are."""
    return bytes(message[:LOOKED_AT]).decode(errors="backslashreplace")
