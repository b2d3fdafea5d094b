"""`WireLog`: the frames of one session in the log "ocpp_sansio.wire", at level DEBUG.

It looks at the text of a frame, as it came or goes, and knows nothing of what the core makes of it: what is
no frame is shown all the same.
"""

import re
from collections.abc import Callable

from ocpp_sansio.core import plain
from ocpp_sansio.session.hooks import RawMessage
from ocpp_sansio.session.peer_log import PeerLog
from ocpp_sansio.session.redaction import redacted

__all__ = ["LONGEST_FRAME", "WireLog", "action_in"]

LONGEST_FRAME = 1000
"""Characters of a frame in the log, escapes included."""

_LOOKED_AT = (
    16 * 1024
)  # characters in which secrets are looked for; what is behind them is not shown
_MAX_OPEN = 64  # calls without an answer whose times are kept
_LONGEST_ID = 255  # characters of the ids that are kept with them
_HEAD = re.compile(r'\s*\[\s*([2-6])\s*,\s*"([^"\\]*)"\s*(?:,\s*"([^"\\]*)")?')
_CALL, _RESULT, _ERROR, _SEND = "2", "3", "4", "6"


class WireLog:
    """Logs frames; made as long as somebody wants to see them."""

    __slots__ = ("_calls", "_log")

    def __init__(self, log: Callable[[], PeerLog]) -> None:
        """Make one; `log` returns where the records go."""
        self._log = log
        # When each call without an answer came (True) or left (False), and its action.
        self._calls: dict[tuple[bool, str], tuple[float, str]] = {}

    def received(self, now: float, message: RawMessage) -> None:
        """Log a message that has come."""
        text = message[:_LOOKED_AT] if isinstance(message, str) else _text_of(message)
        self._write(now, text, "received", "in", len(message))

    def sent(self, now: float, data: bytes) -> None:
        """Log a message that is handed to the sender."""
        self._write(now, _text_of(data), "sent", "out", len(data))

    def _write(self, now: float, text: str, verb: str, direction: str, size: int) -> None:
        head = _HEAD.match(text)
        action = message_id = latency = None
        if head:
            kind, message_id, action = head.groups()
            is_incoming = direction == "in"
            if kind == _CALL:
                self._note_call((is_incoming, message_id), now, action or "")
            elif kind != _SEND:
                action = None  # what stands there in an error is its code
                if kind in {_RESULT, _ERROR}:
                    latency, action = self._latency((not is_incoming, message_id), now)
        shown = plain(redacted(text), LONGEST_FRAME)
        about = {"direction": direction, "size": size, "latency": latency}
        after = "" if latency is None else f" after {latency * 1000:.1f} ms"
        if action and latency is not None:
            after = f"{after} to {plain(action)}"
        self._log().frame(now, verb, shown, after, action=action, message_id=message_id, **about)

    def _note_call(self, key: tuple[bool, str], now: float, action: str) -> None:
        if len(key[1]) > _LONGEST_ID:
            return
        self._calls[key] = now, action[:_LONGEST_ID]
        if len(self._calls) > _MAX_OPEN:
            del self._calls[next(iter(self._calls))]

    def _latency(self, key: tuple[bool, str], now: float) -> tuple[float | None, str | None]:
        """Return how long a call has waited for its answer, and for which action."""
        called = self._calls.pop(key, None)
        return (now - called[0], called[1]) if called else (None, None)


def action_in(message: bytes) -> str | None:
    """Return the action of a call or SEND, as far as its text shows it; None where it does not."""
    head = _HEAD.match(_text_of(message))
    return head[3] if head and head[1] in {_CALL, _SEND} else None


def _text_of(message: bytes | bytearray | memoryview) -> str:
    return bytes(message[:_LOOKED_AT]).decode(errors="backslashreplace")
