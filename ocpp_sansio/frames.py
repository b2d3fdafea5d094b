"""The OCPP-J messages as values (F-2 to F-6), and `Frame`: one to send, with its bytes.

Most applications need `Frame.data` alone, which they write; the classes of messages are for tools and tests.
"""

from ocpp_sansio.core.frames import (
    Call,
    CallError,
    CallResult,
    CallResultError,
    Frame,
    JsonObject,
    Message,
    Send,
)

__all__ = [
    "Call",
    "CallError",
    "CallResult",
    "CallResultError",
    "Frame",
    "JsonObject",
    "Message",
    "Send",
]
