"""The protocol machine for one peer: versions, frames, messages, validation, state, and `Connection`.

Everything here is pure: no I/O, no event loop, clock, thread, logger or randomness; time is an argument. It
imports nothing of the library but itself, and the packages of the versions by name, on first use. Any other
package may use the names below; `ocpp_sansio` itself and its modules `events`, `errors`, `config`, `frames`,
`messages`, `versions` and `connection` show applications those that are for them.
"""

from ocpp_sansio.core.action_names import ACTIONS
from ocpp_sansio.core.backoff import Backoff, EndpointRota, Redials, ResetOn
from ocpp_sansio.core.codec import (
    ERROR,
    UNREADABLE,
    read_json,
    to_object,
    with_message_id,
    write_error,
    write_json,
    write_payload,
)
from ocpp_sansio.core.config import Config, Role, Validation
from ocpp_sansio.core.connection import Connection
from ocpp_sansio.core.errors import (
    DEFAULT_ERROR_CODES,
    DESCRIPTION_MAX_LENGTH,
    ErrorCode,
    LocalProtocolError,
    OcppError,
    RemoteProtocolError,
    Rule,
    Violation,
)
from ocpp_sansio.core.events import (
    CallAborted,
    CallErrorReceived,
    CallOutcome,
    CallReceived,
    CallResultErrorReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Event,
    FramingErrorReceived,
    LateResponseReceived,
    MendingFailed,
    ProtocolViolated,
    SendReceived,
)
from ocpp_sansio.core.foreign import ForeignCall, ForeignFrame
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
from ocpp_sansio.core.json_text import from_json, to_json
from ocpp_sansio.core.lazy_faces import on_first_use
from ocpp_sansio.core.messages import (
    Action,
    CustomData,
    Direction,
    FreeJson,
    Kind,
    LenientRequest,
    Payload,
    Request,
    Response,
    Unconfirmed,
    bounds_of,
    catalog,
    member,
)
from ocpp_sansio.core.numbers import is_beyond
from ocpp_sansio.core.outgoing import write_request
from ocpp_sansio.core.scribe import Scribe, WrittenCall
from ocpp_sansio.core.secrets import names_secret
from ocpp_sansio.core.settings import require_seconds, require_whole
from ocpp_sansio.core.texts import LIMIT, plain, quote
from ocpp_sansio.core.typos import alike, unknown
from ocpp_sansio.core.versions import MESSAGE_ID_MAX_LENGTH, UnknownTypeReply, Version, __version__

__all__ = [
    "ACTIONS",
    "DEFAULT_ERROR_CODES",
    "DESCRIPTION_MAX_LENGTH",
    "ERROR",
    "LIMIT",
    "MESSAGE_ID_MAX_LENGTH",
    "UNREADABLE",
    "Action",
    "Backoff",
    "Call",
    "CallAborted",
    "CallError",
    "CallErrorReceived",
    "CallOutcome",
    "CallReceived",
    "CallResult",
    "CallResultError",
    "CallResultErrorReceived",
    "CallResultReceived",
    "CallResultRejected",
    "CallTimedOut",
    "Config",
    "Connection",
    "CustomData",
    "Direction",
    "EndpointRota",
    "ErrorCode",
    "Event",
    "ForeignCall",
    "ForeignFrame",
    "Frame",
    "FramingErrorReceived",
    "FreeJson",
    "JsonObject",
    "Kind",
    "LateResponseReceived",
    "LenientRequest",
    "LocalProtocolError",
    "MendingFailed",
    "Message",
    "OcppError",
    "Payload",
    "ProtocolViolated",
    "Redials",
    "RemoteProtocolError",
    "Request",
    "ResetOn",
    "Response",
    "Role",
    "Rule",
    "Scribe",
    "Send",
    "SendReceived",
    "Unconfirmed",
    "UnknownTypeReply",
    "Validation",
    "Version",
    "Violation",
    "WrittenCall",
    "__version__",
    "alike",
    "bounds_of",
    "catalog",
    "from_json",
    "is_beyond",
    "member",
    "names_secret",
    "on_first_use",
    "plain",
    "quote",
    "read_json",
    "require_seconds",
    "require_whole",
    "to_json",
    "to_object",
    "unknown",
    "with_message_id",
    "write_error",
    "write_json",
    "write_payload",
    "write_request",
]
