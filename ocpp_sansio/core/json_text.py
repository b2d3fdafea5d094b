"""`to_json` and `from_json`: payloads, data types and whole messages as JSON text, and back.

For databases, queues and webhooks. Both check: nothing is written that `from_json` would refuse, and nothing
is read that a `Connection` would refuse from a peer.
"""

from typing import Any, TypeAlias, TypeVar, assert_never, overload

from ocpp_sansio.core.codec import (
    CALL,
    ERROR,
    RESULT_ERROR,
    SEND,
    UNREADABLE,
    Codec,
    InCall,
    InError,
    InFrame,
    InResult,
    InResultError,
    InSend,
    codec_for,
    read_flawed,
    to_bytes,
    write_call,
    write_result,
)
from ocpp_sansio.core.config import Config, Role, Validation
from ocpp_sansio.core.errors import ErrorCode, LocalProtocolError, Violation
from ocpp_sansio.core.frames import (
    Call,
    CallError,
    CallResult,
    CallResultError,
    JsonObject,
    Message,
    Send,
)
from ocpp_sansio.core.incoming import fault_of_frame, judge_action, read_payload
from ocpp_sansio.core.messages import Action, Direction, Kind, Payload
from ocpp_sansio.core.outgoing import check_id, make_error, write_checked, write_error
from ocpp_sansio.core.texts import quote
from ocpp_sansio.core.versions import Version

__all__ = ["Text", "from_json", "to_json"]

Text: TypeAlias = bytes | bytearray | memoryview | str
"""JSON text; bytes are UTF-8."""

PayloadT = TypeVar("PayloadT", bound=Payload)

_DEFAULT_CONFIG = Config()


@overload
def to_json(value: Payload | JsonObject, *, config: Config = _DEFAULT_CONFIG) -> bytes: ...


@overload
def to_json(value: Message, version: Version, *, config: Config = _DEFAULT_CONFIG) -> bytes: ...


def to_json(
    value: Payload | JsonObject | Message,
    version: Version | None = None,
    *,
    config: Config = _DEFAULT_CONFIG,
) -> bytes:
    """Return a payload, a data type, a JSON object or a whole message as JSON text in UTF-8.

    Member names are those of the wire, numbers exact, date-times in UTC with "Z" (A-7). A message, such as
    `Call(...)`, needs the version whose text it becomes. Checked as what is sent, by the rules of `config`:
    with `Validation.OFF`, what a lenient `Connection` has let through can be kept, too.

    Raises LocalProtocolError, with `violations`, for what is invalid, or not possible in JSON.
    """
    if isinstance(value, dict):
        return write_checked(None, config, "a JSON object", value, None)
    if isinstance(value, Payload):
        kind = type(value)
        codec = codec_for(_version_of(kind), config.max_depth)
        return write_checked(codec, config, _name_of(kind), value, kind)
    if not isinstance(value, Call | CallResult | CallError | CallResultError | Send):
        raise LocalProtocolError(f"not a payload, a dict or a message: {quote(value)}")
    if version is None:
        raise LocalProtocolError(
            f"{type(value).__name__} needs a version, as in to_json(call, version)"
        )
    return _write_message(codec_for(Version.parse(version), config.max_depth), config, value)


@overload
def from_json(
    kind: type[PayloadT], data: Text, *, config: Config = _DEFAULT_CONFIG
) -> PayloadT: ...


@overload
def from_json(
    kind: Version, data: Text, *, action: str | None = None, config: Config = _DEFAULT_CONFIG
) -> Message: ...


def from_json(
    kind: type[Payload] | Version,
    data: Text,
    *,
    action: str | None = None,
    config: Config = _DEFAULT_CONFIG,
) -> Payload | Message:
    """Return what `to_json` has written: an object of the class `kind`, or a message of the version `kind`.

    `from_json(v16.ResetRequest, text)`, or `from_json(Version.OCPP16, text)`, which returns a `Call`, a
    `CallResult` and so on. A CALLRESULT does not say what it answers: with `action` its payload is typed,
    else a JSON object. Checked as what a peer has sent, by the rules of `config`, its direction aside:
    lenient takes what lenient takes, as long as an object of `kind` comes of it.

    Raises LocalProtocolError, with `violations`, for text that is no such thing.
    """
    if isinstance(kind, Version):
        return _read_message(codec_for(kind, config.max_depth), config, to_bytes(data), action)
    codec = codec_for(_version_of(kind), config.max_depth)
    payload, violations = read_payload(codec, config, _name_of(kind), kind, to_bytes(data))
    if not isinstance(payload, kind):
        raise _invalid(kind.__name__, violations)
    return payload


# --- whole messages -------------------------------------------------------------------------------


def _write_message(codec: Codec, config: Config, message: Message) -> bytes:
    message_id = check_id(message.message_id)
    match message:
        case Call() | Send():
            kind = CALL if isinstance(message, Call) else SEND
            _require_type(codec, kind, message)
            action = codec.actions.get(message.action)
            objection = _judge(codec, config, message.action, action, _KINDS[kind])
            if objection and action:
                raise _invalid(type(message).__name__, (objection,))
            payload_type = action.request if action else None
            text = write_checked(codec, config, message.action, message.payload, payload_type)
            return write_call(kind, message_id, message.action, text)
        case CallResult():
            payload = message.payload
            kind_of = type(payload) if isinstance(payload, Payload) else None
            name = _name_of(kind_of) if kind_of else "CallResult"
            return write_result(message_id, write_checked(codec, config, name, payload, kind_of))
        case CallError() | CallResultError():
            number = ERROR if isinstance(message, CallError) else RESULT_ERROR
            _require_type(codec, number, message)
            make_error(CallError, message_id, message.code, message.description, message.details)
            return write_error(number, message, codec.version)
        case _:
            assert_never(message)


def _read_message(codec: Codec, config: Config, data: bytes, answered: str | None) -> Message:
    frame = _read_frame(codec, config, data)
    match frame:
        case InCall() | InSend():
            action = codec.actions.get(frame.action)
            kind = Kind.CALL if isinstance(frame, InCall) else Kind.SEND
            objection = _judge(codec, config, frame.action, action, kind)
            if objection and config.validation_of(frame.action) is Validation.STRICT:
                raise _invalid(kind, (objection,))
            payload = _read(codec, config, frame.action, action.request if action else None, frame)
            make: Any = Call if kind is Kind.CALL else Send
            return make(frame.message_id, frame.action, payload)  # type: ignore[no-any-return]
        case InResult():
            action = codec.actions.get(answered) if answered else None
            if answered and action is None and not config.serves_vendor_action(answered):
                raise LocalProtocolError(f"{codec.version.value} has no action {quote(answered)}")
            payload = _read(
                codec, config, answered or "", action.response if action else None, frame
            )
            return CallResult(frame.message_id, payload)
        case InError():
            code = ErrorCode.parse(frame.code)
            return CallError(frame.message_id, code, frame.description, frame.details)
        case InResultError():
            code = ErrorCode.parse(frame.code)
            return CallResultError(frame.message_id, code, frame.description, frame.details)
        case _:
            assert_never(frame)


def _read_frame(codec: Codec, config: Config, data: bytes) -> InFrame:
    try:
        return codec.read_frame(data)
    except UNREADABLE as error:
        fault = fault_of_frame(codec, data, error)
    is_strict = config.validation is Validation.STRICT
    frame = None if is_strict else read_flawed(codec, data)
    if frame is None:
        raise _invalid("message", (fault,))
    return frame


def _read(
    codec: Codec,
    config: Config,
    name: str,
    payload_type: type[Payload] | None,
    frame: InCall | InSend | InResult,
) -> Any:
    payload, violations = read_payload(codec, config, name, payload_type, frame.payload)
    if payload is None:
        raise _invalid(payload_type.__name__ if payload_type else "payload", violations)
    return payload


# --- what both ask --------------------------------------------------------------------------------

_KINDS = {CALL: Kind.CALL, SEND: Kind.SEND}


def _judge(
    codec: Codec, config: Config, name: str, action: Action | None, kind: Kind
) -> Violation | None:
    """Return what speaks against an action, whoever sends it."""
    is_for_station = action is not None and action.direction is Direction.CSMS_TO_STATION
    role = Role.STATION if is_for_station else Role.CSMS
    return judge_action(codec, role, config, name, kind)[1]


def _require_type(codec: Codec, number: int, message: Message) -> None:
    if number not in codec.rules.message_types:  # F-7
        raise LocalProtocolError(f"{codec.version.value} has no {type(message).__name__}")


def _version_of(kind: type[Payload]) -> Version:
    modules = [parent.__module__ for parent in getattr(kind, "__mro__", ())]
    for version in Version:
        if any(module.startswith(f"{version.package}.") for module in modules):
            return version
    raise LocalProtocolError(f"not a class of v16, v201 or v21: {quote(kind)}")


def _name_of(kind: type[Payload]) -> str:
    action: str = getattr(kind, "action", kind.__name__)
    return action


def _invalid(what: str, violations: tuple[Violation, ...]) -> LocalProtocolError:
    listed = "; ".join(map(str, violations))
    return LocalProtocolError(f"invalid {what}: {listed}", violations)
