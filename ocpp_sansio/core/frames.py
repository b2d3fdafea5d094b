"""What travels: the five OCPP-J messages as values, and `Frame`, one of them with its bytes (F-2 to F-6).

msgspec Structs rather than attrs classes: as frozen and as readable, and six times cheaper to make, which
is felt at three objects a message (benchmarks/README.md).
"""

from typing import Any, TypeAlias

from msgspec import Struct

from ocpp_sansio.core.errors import ErrorCode
from ocpp_sansio.core.messages import Request, Response, Unconfirmed

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

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object as Python has it; numbers with a fraction are `Decimal`."""


class Call(Struct, frozen=True, eq=False, gc=False):
    """A request that wants an answer, `[2, id, action, payload]` (F-2).

    `Connection.send_call` returns one as your handle on the call: it is compared by identity, and every
    outcome event carries it.
    """

    message_id: str
    action: str
    payload: Request[Response] | JsonObject
    """As you gave it: typed or a JSON object."""


class CallResult(Struct, frozen=True, gc=False):
    """An answer, `[3, id, payload]` (F-3)."""

    message_id: str
    payload: Response | JsonObject


class CallError(Struct, frozen=True, gc=False):
    """The refusal of a call, `[4, id, code, description, details]` (F-4)."""

    message_id: str
    code: ErrorCode
    description: str
    details: JsonObject


class CallResultError(Struct, frozen=True, gc=False):
    """The refusal of an answer, `[5, id, code, description, details]`; 2.1 only (F-5)."""

    message_id: str
    code: ErrorCode
    description: str
    details: JsonObject


class Send(Struct, frozen=True, gc=False):
    """A message that is never answered, `[6, id, action, payload]`; 2.1 only (F-6)."""

    message_id: str
    action: str
    payload: Unconfirmed | JsonObject


Message: TypeAlias = Call | CallResult | CallError | CallResultError | Send


class Frame(Struct, frozen=True, gc=False):
    """One message to send: write `data` as one WebSocket text message (F-1)."""

    data: bytes
    """The JSON text in UTF-8."""
    message: Message
    """The same as a value, for logs and hooks."""
