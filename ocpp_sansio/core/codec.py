"""Bytes to frames and payloads, and back. The only file that touches JSON; every limit on JSON is here.

The fast path is msgspec's: one decode for the envelope, one for the payload, which checks as it decodes.
Whatever it refuses is read again, slowly, by `read_loosely` and `_validation.Inspection`, to say why.
"""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, DecimalException
from functools import cache, partial
from typing import Annotated, Any, TypeAlias, TypeVar, cast

import msgspec
from msgspec import Meta, Raw, Struct, inspect
from msgspec.structs import force_setattr, replace

from ocpp_sansio.core.config import Role
from ocpp_sansio.core.date_times import Reader, checking_reader
from ocpp_sansio.core.errors import Rule
from ocpp_sansio.core.frames import JsonObject
from ocpp_sansio.core.json_faults import mend_strings
from ocpp_sansio.core.messages import Action, CustomData, ErrorDetails, FreeJson, Payload, catalog
from ocpp_sansio.core.numbers import (
    BEYOND,
    BEYOND_FAULT,
    MAX_NUMBER_DIGITS,
    Fault,
    fault_of_number,
    is_beyond,
    read_exactly,
    read_number,
)
from ocpp_sansio.core.versions import MESSAGE_ID_MAX_LENGTH, Version

__all__ = [
    "CALL",
    "ERROR",
    "LENGTHS",
    "RESPONSE_TYPES",
    "RESULT",
    "RESULT_ERROR",
    "SEND",
    "UNREADABLE",
    "Codec",
    "InCall",
    "InError",
    "InFrame",
    "InResult",
    "InResultError",
    "InSend",
    "LooseFrame",
    "codec_for",
    "error_fields",
    "fault_of_custom_data",
    "fault_of_free_json",
    "read_flawed",
    "read_head",
    "read_json",
    "read_loosely",
    "read_tokens",
    "to_bytes",
    "to_object",
    "with_message_id",
    "write_call",
    "write_error",
    "write_json",
    "write_payload",
    "write_result",
]

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, DecimalException)
"""Everything that a decoder raises for bad bytes; anything else is a bug."""

CALL, RESULT, ERROR, RESULT_ERROR, SEND = 2, 3, 4, 5, 6
"""Message types: the first element of each message (F-2 to F-6)."""

LENGTHS = {CALL: 4, RESULT: 3, ERROR: 5, RESULT_ERROR: 5, SEND: 4}
"""Elements of each message type (F-2 to F-6)."""

RESPONSE_TYPES = frozenset({RESULT, ERROR, RESULT_ERROR})
"""Message types that answer something, and so are never answered themselves (E-8)."""

MAX_ECHOED_ID = 1024
"""Characters of an over-long id that are still echoed, so that the peer can match the refusal (I-1)."""

MAX_VENDOR_ID = 255
"""Characters in the `vendorId` of custom data (A-13)."""


# --- frames in ------------------------------------------------------------------------------------


class _InFrame(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """The parent of the messages as they came. They hold no cycle, so the collector need not know them."""


class InCall(_InFrame, frozen=True, tag=CALL):
    """`[2, id, action, payload]` as it came, its payload unread (F-2)."""

    message_id: Annotated[str, Meta(max_length=MESSAGE_ID_MAX_LENGTH)]
    action: str
    payload: Raw


class InResult(_InFrame, frozen=True, tag=RESULT):
    """`[3, id, payload]` as it came (F-3)."""

    message_id: str
    payload: Raw


class InError(_InFrame, frozen=True, tag=ERROR):
    """`[4, id, code, description, details]` as it came (F-4)."""

    message_id: str
    code: str
    description: str
    details: ErrorDetails


class InResultError(_InFrame, frozen=True, tag=RESULT_ERROR):
    """`[5, id, code, description, details]` as it came (2.1, F-5)."""

    message_id: str
    code: str
    description: str
    details: ErrorDetails


class InSend(_InFrame, frozen=True, tag=SEND):
    """`[6, id, action, payload]` as it came, its payload unread (2.1, F-6)."""

    message_id: Annotated[str, Meta(max_length=MESSAGE_ID_MAX_LENGTH)]
    action: str
    payload: Raw


InFrame: TypeAlias = InCall | InResult | InError | InResultError | InSend
"""Any message as it came."""


KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class _Cache(dict[KeyT, ValueT]):
    """What a function has returned, by its argument: a look-up costs a third of `functools.cache`'s."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[KeyT], ValueT]) -> None:
        self._make = make

    def __missing__(self, key: KeyT) -> ValueT:
        value = self[key] = self._make(key)
        return value


class Codec:
    """Reads and writes the messages of one version; shared by all connections with the same limits."""

    def __init__(self, version: Version, max_depth: int) -> None:
        self.version = version
        self.rules = version.rules  # the look-up hashes an Enum, which is Python code
        self.max_depth = max_depth
        self.actions: dict[str, Action] = dict(catalog(version))
        self.known_calls: dict[Role, dict[str, Reader]] = {role: {} for role in Role}
        """By our role, readers of the requests that it may receive as CALLs; filled as they come in."""
        self.read_scalar = _scalar_reader(max_depth)
        """msgspec's hook for the scalar types of `messages`."""
        decoder = partial(msgspec.json.Decoder, dec_hook=self.read_scalar, float_hook=read_exactly)
        self.read_frame: Callable[[bytes], InFrame] = decoder(_frames_of(version)).decode
        """Returns the envelope of a frame; raises one of `UNREADABLE`."""
        self.decoders = _Cache[type[Payload], Reader](lambda kind: decoder(kind).decode)
        """By payload type, the function that decodes and checks its JSON text but for the calendar's ends."""
        self.readers = _Cache[type[Payload], Reader](
            lambda kind: checking_reader(self.decoders[kind], kind)
        )
        """By payload type, the function that decodes and checks its JSON text; raises one of `UNREADABLE`."""
        convert = partial(msgspec.convert, dec_hook=self.read_scalar)
        self.converters = _Cache[type[Payload], Reader](
            lambda kind: checking_reader(partial(convert, type=kind), kind)
        )
        """The same, for a JSON object that `read_json` has read."""


codec_for = cache(Codec)
"""The codec for a version and a nesting depth; making one imports the version's messages."""

_STRING_OR_NUMBER = re.compile(
    rb'"(?:[^"\\]|\\.)*+"|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?', re.DOTALL
)


def read_json(data: Any) -> Any:
    """Return any JSON value, numbers with a fraction as Decimal; raises one of `UNREADABLE`.

    A number beyond the limits of `_numbers` is one still: it is out of range, and the rest is readable.
    """
    return _read_value(_decode_exactly, data)


def read_tokens(data: Any) -> Any:
    """Return what `read_json` does, but numbers with a fraction as the text that came."""
    return _read_value(_decode_spelled, data)


_decode_exactly: Callable[[Any], Any] = msgspec.json.Decoder(float_hook=read_number).decode
_decode_spelled: Callable[[Any], Any] = msgspec.json.Decoder(float_hook=str).decode


def _read_value(decode: Callable[[Any], Any], data: Any) -> Any:
    try:
        return decode(data)
    except msgspec.ValidationError:  # an integer of more digits than Python wants to read
        return decode(_STRING_OR_NUMBER.sub(_without_long_number, bytes(data)))


def _without_long_number(token: re.Match[bytes]) -> bytes:
    text = token[0]
    if len(text) <= MAX_NUMBER_DIGITS or text.startswith(b'"'):
        return text
    return str(BEYOND).encode()


def _frames_of(version: Version) -> Any:
    frames = InCall | InResult | InError
    if SEND in version.rules.message_types:  # F-7, F-10
        return frames | InResultError | InSend
    return frames


# --- scalars that msgspec does not know -------------------------------------------------------------


def _scalar_reader(max_depth: int) -> Callable[[Any, Any], Any]:
    """Return msgspec's hook for the scalar types of `messages`; it raises ValueError to refuse a value."""

    def read(kind: Any, value: Any) -> Any:
        if kind is FreeJson or kind is CustomData or kind is ErrorDetails:
            if kind is CustomData and fault_of_custom_data(value):
                raise ValueError
            if kind is ErrorDetails and value.__class__ is not dict:
                raise ValueError
            if fault_of_free_json(value, max_depth):
                raise ValueError
            return value
        if value.__class__ is int:
            value = Decimal(value)
        if value.__class__ is not Decimal or fault_of_number(value, kind):
            raise ValueError
        return value

    return read


def fault_of_custom_data(value: Any) -> Fault | None:
    """Return what is wrong with a customData object, its free members aside (A-13)."""
    if not isinstance(value, dict):
        return Rule.TYPE, "an object"
    if "vendorId" not in value:
        return Rule.REQUIRED, "a vendorId"
    if not isinstance(value["vendorId"], str):
        return Rule.NULL if value["vendorId"] is None else Rule.TYPE, "a string as vendorId"
    if len(value["vendorId"]) > MAX_VENDOR_ID:
        return Rule.MAX_LENGTH, f"at most {MAX_VENDOR_ID} characters in vendorId"
    return None


def fault_of_free_json(value: Any, max_depth: int) -> Fault | None:
    """Return what is wrong with a JSON value of no declared shape: its depth, or the size of a number."""
    level = [value]
    for _ in range(max_depth + 1):
        below: list[Any] = []
        for item in level:
            kind = item.__class__
            if kind is dict:
                below += item.values()
            elif kind is list:
                below += item
            elif kind is not str and is_beyond(item):
                return BEYOND_FAULT
        if not below:
            return None
        level = below
    return Rule.DEPTH, f"at most {max_depth} levels of nesting"


# --- frames in, the slow way --------------------------------------------------------------------------


class LooseFrame(Struct, frozen=True):
    """What could be made out of a message that `Codec.read_frame` refuses."""

    elements: list[Any] | None
    """The array, if it is one and JSON; None otherwise."""
    message_type: int | None
    """None where it could not be read, or is no integer (F-11)."""
    message_id: str | None
    """None where it could not be read, or is no string (I-5)."""


_HEAD = re.compile(  # an id without escapes, as they all are, is read in half the time
    rb'\s*\[\s*(\d{1,9})\s*,\s*("[^"\\\x00-\x1f]{0,1024}+"|"(?:[^"\\\x00-\x1f]|\\.){0,1024}")\s*,'
)
"""The type and the id at the head of a message; all that can be had of one that is not JSON."""

_ACTION = re.compile(rb'\s*"(?:[^"\\\x00-\x1f]|\\.){0,1024}"\s*,')
"""The action behind that head."""


def read_loosely(data: bytes) -> LooseFrame:
    """Return what can be made out of a bad message. Never raises; never reads more than its head twice."""
    try:
        value = read_json(data)
    except UNREADABLE:
        return read_head(data)
    if not isinstance(value, list):
        return LooseFrame(None, None, None)
    kind = value[0] if value and value[0].__class__ is int else None
    message_id = value[1] if len(value) > 1 and isinstance(value[1], str) else None
    if message_id is not None and len(message_id) > MAX_ECHOED_ID:
        message_id = None
    return LooseFrame(value, kind, message_id)


def read_flawed(codec: Codec, data: bytes) -> InCall | InResult | InSend | None:
    """Return the envelope of a message that is JSON but for flaws in the strings of its payload.

    Its payload is as it came, so that whoever reads it tells the flaws. None for any other message.
    """
    head = _HEAD.match(data)
    kind = int(head[1]) if head else None
    if kind in {CALL, SEND}:
        head = _ACTION.match(data, head.end()) if head else None
    elif kind != RESULT:
        return None
    rest = data.rstrip(b" \t\n\r")
    if head is None or not rest.endswith(b"]"):
        return None
    payload = rest[head.end() : -1]
    try:
        read_json(mend_strings(payload)[0])
        frame: Any = codec.read_frame(data[: head.end()] + b"null]")
    except UNREADABLE:
        return None
    return cast("InCall | InResult | InSend", replace(frame, payload=Raw(payload)))


def error_fields(elements: list[Any], max_depth: int) -> tuple[str, str, JsonObject]:
    """Return what there is of code, description and details in a malformed CALLERROR (F-4)."""
    code, description, details = [*elements[2:5], None, None, None][:3]
    return (
        code if isinstance(code, str) else "",
        description if isinstance(description, str) else "",
        details if isinstance(details, dict) and not fault_of_free_json(details, max_depth) else {},
    )


def read_head(data: bytes) -> LooseFrame:
    """Return the type and id at the head of a message that is not to be parsed as a whole."""
    head = _HEAD.match(data)
    if head is None:
        return LooseFrame(None, None, None)
    try:
        return LooseFrame(None, int(head[1]), read_json(head[2]))
    except UNREADABLE:
        return LooseFrame(None, int(head[1]), None)


def with_message_id(data: bytes, message_id: str) -> bytes:
    """Return a message under another id, the rest as it came; as it is where it has none."""
    head = _HEAD.match(data)
    if head is None:
        return data
    return b"".join((data[: head.start(2)], write_json(message_id), data[head.end(2) :]))


# --- out --------------------------------------------------------------------------------------------


def _as_list(value: Any) -> list[Any]:
    """Return what is none of msgspec's own types as one of them: any sequence is a list."""
    if isinstance(value, Sequence):
        return [*value]
    raise TypeError(f"{type(value).__name__} is nothing that JSON can say")


write_json: Callable[[Any], bytes] = msgspec.json.Encoder(
    decimal_format="number", enc_hook=_as_list
).encode
"""Return any value that JSON can say, as JSON text."""


def write_call(message_type: int, message_id: str, action: str, payload: bytes) -> bytes:
    """Return a CALL or SEND frame (F-2, F-6). `payload` is JSON text."""
    return b"[%d,%b,%b,%b]" % (message_type, write_json(message_id), write_json(action), payload)


def write_result(message_id: str, payload: bytes) -> bytes:
    """Return a CALLRESULT frame (F-3). `payload` is JSON text."""
    return b"[3,%b,%b]" % (write_json(message_id), payload)


def write_error(
    message_type: int, message_id: str, code: str, description: str, details: bytes
) -> bytes:
    """Return a CALLERROR or CALLRESULTERROR frame (F-4, F-5). `details` is JSON text."""
    return b"[%d,%b,%b,%b,%b]" % (
        message_type,
        write_json(message_id),
        write_json(code),
        write_json(description),
        details,
    )


def write_payload(payload: Payload | JsonObject) -> bytes:
    """Return a payload as JSON text, date-times in UTC with at most 3 fractional digits (A-7).

    Raises TypeError, ValueError or RecursionError for what JSON cannot say: NaN, infinity, a lone
    surrogate, an object of some other class, a structure that contains itself. Raises OverflowError for a
    date-time that has no place in the calendar once it is in UTC.
    """
    if isinstance(payload, dict):
        return write_json(_tidy_json(payload))
    return write_json(_tidy(payload))


def to_object(payload: Payload | JsonObject) -> JsonObject:
    """Return a payload as the JSON object that it travels as: wire names, date-times as text."""
    if isinstance(payload, dict):
        return payload
    value: JsonObject = read_json(write_payload(payload))
    return value


def to_bytes(data: bytes | bytearray | memoryview | str) -> bytes:
    """Return a message as bytes; raises TypeError for what is none."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, str):  # a lone surrogate is then refused as bad UTF-8
        return data.encode("utf-8", "surrogatepass")
    if isinstance(data, bytearray | memoryview):
        return bytes(data)
    raise TypeError(f"a message is bytes or str, not {type(data).__name__}")


def _tidy(payload: Payload) -> Payload:
    """Return `payload` with its date-times as they go on the wire, and its free JSON checked."""
    tidied = payload
    for name, tidy in _tidiers[payload.__class__]:
        before = getattr(payload, name)
        if before is None:
            continue
        after = tidy(before)
        if after is before:
            continue
        if tidied is payload:
            tidied = replace(payload)
        # Frozen, but ours alone so far; `replace(payload, **changes)` at the end would cost twice this.
        force_setattr(tidied, name, after)
    return tidied


Tidier: TypeAlias = Callable[[Any], Any]


def _tidiers_of(payload_type: type[Struct]) -> tuple[tuple[str, Tidier], ...]:
    """Return the attributes that `_tidy` must look at, which are few, and what to do with each."""
    info = inspect.type_info(payload_type)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - a fact about Payload, not a check of input
    found = ((field.name, _tidier_of(field.type)) for field in info.fields)
    return tuple((name, tidier) for name, tidier in found if tidier)


_tidiers = _Cache(_tidiers_of)


def _tidier_of(kind: inspect.Type) -> Tidier | None:
    if isinstance(kind, inspect.DateTimeType):
        return _tidy_date_time
    if isinstance(kind, inspect.CustomType):
        return _tidy_json  # free JSON and custom data; for a number it is a look at NaN
    if isinstance(kind, inspect.StructType):
        return _tidy_nested if _tidiers[kind.cls] else None
    if isinstance(kind, inspect.ListType):
        tidier = _tidier_of(kind.item_type)
        return partial(_tidy_list, tidier) if tidier else None
    return None


def _tidy_nested(value: Any) -> Any:
    return _tidy(value) if isinstance(value, Payload) else _tidy_json(value)


def _tidy_list(tidy: Tidier, values: Any) -> Any:
    tidied = [tidy(value) for value in values]
    unchanged = all(after is before for after, before in zip(tidied, values, strict=True))
    return values if unchanged else tidied


def _tidy_date_time(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value  # a string is the caller's own spelling
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            return value  # it is refused by the check
        value = value.astimezone(UTC)
    if not value.microsecond:
        return value
    # msgspec writes 6 digits, `"2026-11-22T20:19:05.123456Z"`, and does so 5 times as fast as isoformat().
    return write_json(value)[1:24].decode() + "Z"


def _tidy_json(value: Any) -> Any:
    """Return a JSON value of no declared shape with its date-times tidied; refuse what is not a number."""
    if isinstance(value, str | int | None):
        return value
    if isinstance(value, dict):
        return {name: _tidy_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_tidy_json(item) for item in value]
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        raise ValueError(f"JSON has no {value}")
    if isinstance(value, Payload):
        return _tidy(value)
    return _tidy_date_time(value)
