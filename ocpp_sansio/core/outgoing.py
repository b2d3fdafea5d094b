"""What we send, checked before anything changes: our own mistake is never blamed on the peer."""

from typing import Any, TypeVar

from ocpp_sansio.core.codec import (
    UNREADABLE,
    Codec,
    InError,
    InResult,
    codec_for,
    read_json,
    write_payload,
)
from ocpp_sansio.core.codec import write_error as write_error_frame
from ocpp_sansio.core.config import Config, Role, Validation
from ocpp_sansio.core.errors import DESCRIPTION_MAX_LENGTH, ErrorCode, LocalProtocolError
from ocpp_sansio.core.frames import CallError, CallResultError, JsonObject
from ocpp_sansio.core.messages import Action, Kind, Payload, Request, Unconfirmed
from ocpp_sansio.core.texts import plain, quote
from ocpp_sansio.core.typos import alike, unknown
from ocpp_sansio.core.validation import Inspection
from ocpp_sansio.core.versions import MESSAGE_ID_MAX_LENGTH, Version

__all__ = [
    "UNREADABLE_ID",
    "check_id",
    "identify",
    "make_error",
    "read_answer",
    "read_answer_payload",
    "write_checked",
    "write_error",
    "write_request",
]

UNREADABLE_ID = "-1"
"""The id that stands for none; never that of a call (I-5)."""

ErrorT = TypeVar("ErrorT", CallError, CallResultError)


def write_request(
    version: Version, role: Role, config: Config, request: Any, payload: Any = None
) -> tuple[str, bytes]:
    """Return the action and the JSON text of a request, checked as `Connection.send_call` checks it.

    For one that is sent later: no connection is needed. Raises LocalProtocolError as that does.
    """
    codec = codec_for(version, config.max_depth)
    name, body, action = identify(codec, role, config, request, payload, kind=Kind.CALL)
    return name, write_checked(codec, config, name, body, action.request if action else None)


def identify(
    codec: Codec, role: Role, config: Config, request: Any, payload: Any, *, kind: Kind
) -> tuple[str, Any, Action | None]:
    """Return the action's name, the payload and the catalogue's row of a request that is ours to send.

    Raises LocalProtocolError for one that is not, unless validation is off for its action.
    """
    body: Any
    if isinstance(request, (Request, Unconfirmed)):
        if payload is not None:
            raise LocalProtocolError(f"{type(request).__name__} is its own payload; give no other")
        name, body = request.action, request
    elif isinstance(request, str):
        if not request or not request.isprintable():
            raise LocalProtocolError(f"an action's name is printable text, not {request!r}")
        name, body = request, payload if payload is not None else {}
    else:
        raise LocalProtocolError(
            f"a request is a typed one or an action's name, not {type(request).__name__}"
        )
    action = codec.actions.get(name)
    if config.validation_of(name) is Validation.OFF:
        return name, body, action
    if action is None:
        if isinstance(body, Payload):
            raise LocalProtocolError(f"{codec.version.value} has no action {name}")
        meant = None if config.serves_vendor_action(name) else alike(name, codec.actions)
        if meant:
            text = unknown(f"no action of {codec.version.value}", name, meant)
            raise LocalProtocolError(f"{text} (Config.vendor_actions is for those of a vendor)")
        return name, body, None
    if action.kind is not kind:  # F-6
        raise LocalProtocolError(f"{name} is a {action.kind}, not a {kind}")
    if action.direction not in role.sends:
        raise LocalProtocolError(f"{name} is not for a {role} to send")
    if isinstance(body, Payload) and type(body) is not action.request:
        raise LocalProtocolError(
            f"{name} of {codec.version.value} is {action.request.__module__}."
            f"{action.request.__name__}, not {type(body).__module__}.{type(body).__name__}"
        )
    return name, body, action


def write_checked(
    codec: Codec | None, config: Config, name: str, payload: Any, payload_type: type[Payload] | None
) -> bytes:
    """Return a payload as JSON text that the receiver's own check would accept.

    Raises LocalProtocolError, with the violations, for one that is invalid. Without `payload_type`, and
    with validation off, any JSON object passes.
    """
    if payload_type and payload.__class__ is payload_type:
        if not payload_type.__struct_fields__:
            return b"{}"  # nothing to write and nothing to check, as in most answers of 1.6
    elif not isinstance(payload, (Payload, dict)):
        raise LocalProtocolError(f"a payload is a message or a dict, not {type(payload).__name__}")
    try:
        text = write_payload(payload)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        # Not the decoder's words twice: `from None`, here and below.
        raise LocalProtocolError(
            f"{plain(name)}: not possible in JSON: {plain(str(error))}"
        ) from None
    if payload_type is None or codec is None:
        return text
    # The date-times of a typed payload have been converted to UTC, so they are in the calendar.
    readers = codec.decoders if payload.__class__ is payload_type else codec.readers
    try:
        readers[payload_type](text)
    except UNREADABLE:
        fault = _fault_of(codec, config, name, text, payload_type)
        if fault:
            raise fault from None
    return text


def _fault_of(
    codec: Codec, config: Config, name: str, text: bytes, payload_type: type[Payload]
) -> LocalProtocolError | None:
    if config.validation_of(name) is Validation.OFF:
        return None
    found = Inspection(read_json(text), payload_type, codec, config, wants_payload=False)
    violations = tuple(found.violations)
    if not violations:  # Config.field_lengths allows more than the class (C-13)
        return None
    listed = "; ".join(map(str, violations))
    return LocalProtocolError(f"invalid {payload_type.__name__}: {listed}", violations)


def check_id(message_id: Any) -> str:
    """Return an id that may be sent; raises LocalProtocolError for one that may not (I-1, I-5, I-8)."""
    if not isinstance(message_id, str) or not 0 < len(message_id) <= MESSAGE_ID_MAX_LENGTH:
        raise LocalProtocolError(
            f"a message id has 1 to {MESSAGE_ID_MAX_LENGTH} characters, not {message_id!r}"
        )
    if message_id == UNREADABLE_ID:
        raise LocalProtocolError('"-1" stands for an id that could not be read')
    if not message_id.isprintable():
        raise LocalProtocolError(f"a message id is printable text, not {message_id!r}")
    return message_id


def read_answer(codec: Codec, data: bytes) -> InResult | InError:
    """Return somebody else's CALLRESULT or CALLERROR, which is to be sent on.

    Raises LocalProtocolError for what is neither.
    """
    try:
        frame = codec.read_frame(data)
    except UNREADABLE as error:
        raise LocalProtocolError(f"no answer to send on: {plain(str(error))}") from None
    if isinstance(frame, InResult | InError):
        return frame
    raise LocalProtocolError(f"no answer to send on: {quote(data)}")


def read_answer_payload(
    codec: Codec, config: Config, name: str, text: bytes, payload_type: type[Payload] | None
) -> Any:
    """Return the payload of somebody else's CALLRESULT, checked as `write_checked` checks one of ours.

    Typed where it can be, else a JSON object.
    """
    if payload_type:
        try:
            return codec.readers[payload_type](text)
        except UNREADABLE:
            pass
    try:
        payload = read_json(text)
    except UNREADABLE as error:
        raise LocalProtocolError(f"no answer to send on: {plain(str(error))}") from None
    if not isinstance(payload, dict):
        raise LocalProtocolError(f"no answer to send on: its payload is no object: {quote(text)}")
    if payload_type is None:
        return payload
    fault = _fault_of(codec, config, name, text, payload_type)
    if fault:
        raise fault
    return payload


def make_error(
    kind: type[ErrorT], message_id: str, code: Any, description: Any, details: Any
) -> ErrorT:
    """Return a CALLERROR or CALLRESULTERROR; raises LocalProtocolError for fields that are none (F-4)."""
    if not isinstance(code, ErrorCode):
        raise LocalProtocolError(f"an error code is an ErrorCode, not {code!r}")
    if not isinstance(description, str):
        raise LocalProtocolError(f"a description is a string, not {type(description).__name__}")
    if not isinstance(details, dict | None):
        raise LocalProtocolError(f"details are a dict, not {type(details).__name__}")
    return kind(message_id, code, description[:DESCRIPTION_MAX_LENGTH], details or {})  # E-5


def write_error(message_type: int, error: CallError | CallResultError, version: Version) -> bytes:
    """Return the frame of an error, its code spelled for `version` (E-1, E-2)."""
    details: JsonObject = error.details
    code = error.code.as_wire(version)
    try:
        text = write_payload(details) if details else b"{}"
        return write_error_frame(message_type, error.message_id, code, error.description, text)
    except (TypeError, ValueError, OverflowError, RecursionError) as problem:
        raise LocalProtocolError(f"not possible in JSON: {problem}") from None
