"""`WireLog`: the frames of one session in the log "ocpp_sansio.wire", at level DEBUG.

It looks at the text of a frame, as it came or goes, and knows nothing of what the core makes of it: what is
no frame is shown all the same.
"""

from collections.abc import Callable

from ocpp_sansio.core import plain
from ocpp_sansio.recording import redacted
from ocpp_sansio.session.heads import CALL, ERROR, HEAD, LOOKED_AT, RESULT, SEND, text_of
from ocpp_sansio.session.hooks import RawMessage
from ocpp_sansio.session.peer_log import PeerLog

__all__ = ["LONGEST_FRAME", "WireLog"]

LONGEST_FRAME = 1000
"""Characters of a frame in the log, escapes included."""

_MAX_OPEN = 64  # calls without an answer whose times are kept
_LONGEST_ID = 255  # characters of the ids that are kept with them


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
        text = message[:LOOKED_AT] if isinstance(message, str) else text_of(message)
        self._write(now, text, "received", "in", len(message))

    def sent(self, now: float, data: bytes) -> None:
        """Log a message that is handed to the sender."""
        self._write(now, text_of(data), "sent", "out", len(data))

    def _write(self, now: float, text: str, verb: str, direction: str, size: int) -> None:
        head = HEAD.match(text)
        action = message_id = latency = None
        if head:
            kind, message_id, action = head.groups()
            is_incoming = direction == "in"
            if kind == CALL:
                self._note_call((is_incoming, message_id), now, action or "")
            elif kind != SEND:
                action = None  # what stands there in an error is its code
                if kind in {RESULT, ERROR}:
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
