"""How a WebSocket connection ends: the close codes that are used here, and what a close frame may say."""

from websockets.exceptions import ProtocolError
from websockets.frames import Close
from websockets.protocol import Protocol

from ocpp_sansio.core import LocalProtocolError, plain, quote
from ocpp_sansio.websocket.types import Closed, EndedBy, Ending

__all__ = [
    "ABNORMAL",
    "GOING_AWAY",
    "INTERNAL_ERROR",
    "NORMAL",
    "PROTOCOL_ERROR",
    "TOO_BIG",
    "beginning_of_end",
    "check_close",
    "end_of",
]

NORMAL = 1000
"""Close code: the purpose is fulfilled."""
GOING_AWAY = 1001
"""Close code: this end goes down, or moves to another connection."""
PROTOCOL_ERROR = 1002
"""Close code: the other end broke the WebSocket protocol."""
ABNORMAL = 1006
"""Stands for a close code where none came; never sent."""
TOO_BIG = 1009
"""Close code: a message was longer than this end takes."""
INTERNAL_ERROR = 1011
"""Close code: this end failed."""

REASON_MAX_BYTES = 123
"""Of the reason in a close frame: what a control frame holds beside the code."""


def check_close(code: int, reason: str) -> None:
    """Raise LocalProtocolError for a code that may not be sent, and for a reason that does not fit."""
    try:
        size = len(reason.encode())
        Close(code, reason).check()
    except (ProtocolError, UnicodeEncodeError):
        raise LocalProtocolError(f"no close frame may say {quote(code)} {quote(reason)}") from None
    if size > REASON_MAX_BYTES:
        raise LocalProtocolError(f"a reason has at most {REASON_MAX_BYTES} bytes, not {size}")


def beginning_of_end(protocol: Protocol) -> Ending:
    """Return how the end of a connection has begun, as far as its protocol knows, if not with us."""
    verdict, word = protocol.close_sent, protocol.close_rcvd
    if verdict and protocol.parser_exc and not isinstance(protocol.parser_exc, EOFError):
        return Ending(EndedBy.US, int(verdict.code), plain(verdict.reason), is_fault=True)
    if word:
        return Ending(EndedBy.PEER, int(word.code), plain(word.reason))
    return Ending(EndedBy.LINE, ABNORMAL, "the connection was lost")


def end_of(protocol: Protocol) -> Closed:
    """Return how a connection has ended, as far as its protocol knows."""
    verdict, word = protocol.close_sent, protocol.close_rcvd
    if verdict and protocol.parser_exc and not isinstance(protocol.parser_exc, EOFError):
        return Closed(int(verdict.code), verdict.reason)  # it broke RFC 6455, and we told it so
    if word:
        return Closed(int(word.code), plain(word.reason))
    return Closed(ABNORMAL, "the connection was lost")
