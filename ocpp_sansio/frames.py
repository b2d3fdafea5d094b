"""What travels: the five OCPP-J messages as values, and `Frame`, one of them with its bytes (F-2 to F-6).

msgspec Structs rather than attrs classes: as frozen and as readable, and six times cheaper to make, which
is felt at three objects a message (benchmarks/README.md).
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
