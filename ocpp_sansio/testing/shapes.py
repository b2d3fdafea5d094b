"""What the payload classes are made of, as examples: the smallest payload, every corner, every near miss.

Made from the classes themselves, as msgspec describes them, and without chance: the same class gives the
same examples. `strategies` adds chance to them, `python -m ocpp_sansio fuzz` sends them.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar, assert_never

import attrs
import msgspec
from msgspec import inspect

from ocpp_sansio.core import (
    DEFAULT_ERROR_CODES,
    Call,
    CallError,
    CallResult,
    CallResultError,
    CustomData,
    ErrorCode,
    Frame,
    FreeJson,
    JsonObject,
    Payload,
    Request,
    Response,
    Rule,
    Send,
    Unconfirmed,
    Version,
    bounds_of,
    read_json,
    write_json,
)

__all__ = [
    "EPOCH",
    "MAX_VENDOR_ID",
    "VENDOR",
    "Breakage",
    "Message",
    "NearMiss",
    "as_json",
    "break_it",
    "breakages",
    "broken_as_a_whole",
    "corners",
    "every_near_miss",
    "fields_of",
    "integer_bounds",
    "minimal",
    "read_json",
    "values_of",
    "write_frame",
    "write_json",
]

Message: TypeAlias = Request[Any] | Response | Unconfirmed
"""A payload that travels: of a CALL, of a CALLRESULT, of a SEND."""

EPOCH: Final = datetime(2025, 1, 1, tzinfo=UTC)
"""The date-time of an example for which any would do."""

VENDOR: Final = "org.example"
"""The `vendorId` of examples; example domains belong to nobody."""

MAX_VENDOR_ID: Final = 255
"""Characters in a `vendorId` (A-13)."""

LOWEST_INT, HIGHEST_INT = -(2**31), 2**31 - 1
"""A 2.x integer has 32 bits (A-8); 1.6 peers fare well with no more either."""

TOO_DEEP: Final = 64
"""Levels of nesting that free JSON near misses have: twice the default of `Config.max_depth`."""

SMALL_LIST: Final = 32
"""Lists of which an example with all the items that are allowed is still worth its bytes."""

PayloadT = TypeVar("PayloadT", bound=Payload)

Path: TypeAlias = tuple[str, ...]
"""The wire names that lead to a member; lists are looked through, into their first item."""


@attrs.frozen
class NearMiss:
    """A payload broken in exactly one way, and what a receiver that keeps the rules makes of it."""

    message: type[Message]
    """The class that it fails to be."""
    payload: Any
    """As JSON: an object, except where it is just that which is broken."""
    path: str
    """Where it is broken, as `Violation.path` has it."""
    rule: Rule
    """Which rule is broken."""
    how: str
    """What was done, for people: "a string in the place of a number"."""

    @property
    def version(self) -> Version:
        """The version whose message it is."""
        return self.message.version

    @property
    def code(self) -> ErrorCode:
        """The error code that must come back, unless `Config.error_codes` says otherwise (RULES §4.1)."""
        return DEFAULT_ERROR_CODES[self.version][self.rule]


# --- to JSON --------------------------------------------------------------------------------------

# `write_json` takes date-times as they are, so give it those in UTC. `read_json` raises msgspec.DecodeError,
# UnicodeDecodeError or RecursionError.


def as_json(payload: Payload) -> JsonObject:
    """Return a typed payload as the JSON object that it is on the wire, numbers as they are in it."""
    value: JsonObject = _spell(msgspec.to_builtins(payload, builtin_types=(datetime, Decimal)))
    return value


def _spell(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC)
        milliseconds = value.microsecond // 1000
        fraction = f".{milliseconds:03}" if milliseconds else ""
        return f"{value:%Y-%m-%dT%H:%M:%S}{fraction}Z"
    if isinstance(value, dict):
        return {name: _spell(item) for name, item in value.items()}
    return [_spell(item) for item in value] if isinstance(value, list) else value


def write_frame(
    message: Call | CallResult | CallError | CallResultError | Send, version: Version
) -> Frame:
    """Return a message with its bytes, as a peer would write it. Nothing is checked: it may be nonsense."""
    match message:
        case Call():
            elements = [2, message.message_id, message.action, message.payload]
        case CallResult():
            elements = [3, message.message_id, message.payload]
        case CallError():
            elements = [4, *_error_fields(message, version)]
        case CallResultError():
            elements = [5, *_error_fields(message, version)]
        case Send():
            elements = [6, message.message_id, message.action, message.payload]
        case _:
            assert_never(message)
    return Frame(write_json(elements), message)


def _error_fields(error: CallError | CallResultError, version: Version) -> list[Any]:
    return [error.message_id, error.code.as_wire(version), error.description, error.details]


# --- valid payloads -------------------------------------------------------------------------------


@cache
def fields_of(payload_type: type[Payload]) -> Mapping[str, inspect.Field]:
    """Return the members of a payload class by wire name, as msgspec describes them."""
    info = inspect.type_info(payload_type)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{payload_type.__name__} is no payload class")
    return {field.encode_name: field for field in info.fields}


def minimal(payload_type: type[PayloadT]) -> PayloadT:
    """Return the smallest valid payload of a class: what is required, each as plain as can be."""
    return payload_type(
        **{
            field.name: _simplest(field.type)
            for field in fields_of(payload_type).values()
            if field.required
        }
    )


def corners(payload_type: type[PayloadT]) -> Iterator[PayloadT]:
    """Yield valid payloads that between them have every member, every enum value and every limit.

    Each differs from the smallest payload in one thing; the last has every member at once.
    """
    yield minimal(payload_type)
    for field in fields_of(payload_type).values():
        for value in values_of(field.type):
            yield msgspec.structs.replace(minimal(payload_type), **{field.name: value})
    yield _complete(payload_type)


def _complete(payload_type: type[PayloadT]) -> PayloadT:
    return payload_type(
        **{field.name: _fullest(field.type) for field in fields_of(payload_type).values()}
    )


def _simplest(kind: inspect.Type) -> Any:
    return next(values_of(kind))


def _fullest(kind: inspect.Type) -> Any:
    if isinstance(kind, inspect.StructType):
        return _complete(_struct(kind))
    if isinstance(kind, inspect.ListType):
        return [_fullest(kind.item_type)]
    return _simplest(kind)


def values_of(kind: inspect.Type) -> Iterator[Any]:
    """Yield the values worth trying, the simplest first."""
    return _VALUES[type(kind)](kind)


def _structs(kind: inspect.StructType) -> Iterator[Any]:
    return corners(_struct(kind))


def _lists(kind: inspect.ListType) -> Iterator[Any]:
    fewest = kind.min_length or 0
    if not fewest:
        yield []
    for value in values_of(kind.item_type):
        yield [value] * max(fewest, 1)
    if kind.max_length is not None and fewest < kind.max_length <= SMALL_LIST:
        yield [_simplest(kind.item_type)] * kind.max_length


def _strings(kind: inspect.StrType) -> Iterator[Any]:
    limit = kind.max_length
    yield "a"[:limit]
    yield ""
    yield 'ä€😀 \\"\n'[:limit]
    if limit is not None:
        yield "x" * limit


def _enums(kind: inspect.EnumType) -> Iterator[Any]:
    yield from kind.cls


def _booleans(_: inspect.BoolType) -> Iterator[Any]:
    yield from (False, True)


def integer_bounds(kind: inspect.IntType) -> tuple[int, int]:
    """Return the least and the greatest integer that an example has."""
    low, high = bounds_of(kind)
    return LOWEST_INT if low is None else low, HIGHEST_INT if high is None else high


def _integers(kind: inspect.IntType) -> Iterator[Any]:
    low, high = integer_bounds(kind)
    yield from dict.fromkeys((max(low, min(1, high)), low, high))


def _date_times(_: inspect.DateTimeType) -> Iterator[Any]:
    yield EPOCH
    yield datetime(2024, 2, 29, 23, 59, 59, 999_000, tzinfo=UTC)
    yield EPOCH + timedelta(days=365 * 50)


def _scalars(kind: inspect.CustomType) -> Iterator[Any]:
    scalar: Any = kind.cls
    if scalar is CustomData:
        yield {"vendorId": VENDOR}
        yield {"vendorId": "x" * MAX_VENDOR_ID, "anything": [1, None, {"else": Decimal("0.10")}]}
    elif scalar is FreeJson:
        yield from ({}, None, False, 0, Decimal("1.50"), "text", [1, "two", None], {"a": {"b": []}})
    else:
        yield from _numbers(scalar)


def _numbers(scalar: Any) -> Iterator[Any]:
    low, high = scalar.minimum, scalar.maximum
    tried = (
        Decimal(1),
        Decimal(0),
        Decimal("-0.5"),
        Decimal("2935.600"),
        Decimal("21.4"),
        low,
        high,
    )
    for number in dict.fromkeys(number for number in tried if number is not None):
        if (low is None or number >= low) and (high is None or number <= high):
            yield number


_VALUES: Final[Mapping[type[inspect.Type], Callable[[Any], Iterator[Any]]]] = {
    inspect.StructType: _structs,
    inspect.ListType: _lists,
    inspect.StrType: _strings,
    inspect.EnumType: _enums,
    inspect.BoolType: _booleans,
    inspect.IntType: _integers,
    inspect.DateTimeType: _date_times,
    inspect.CustomType: _scalars,
}


# --- payloads that are nearly valid ---------------------------------------------------------------

Break: TypeAlias = tuple[str, Rule, Any, str]
"""Where below the member ("" for the member itself), the rule, the value that breaks it, and how."""


@attrs.frozen
class Breakage:
    """One way to break any payload of a class."""

    path: Path
    """To the member."""
    kind: inspect.Type
    """What the member should be."""
    below: str
    """The rest of the violation's path, such as "[0]" or ".vendorId"."""
    rule: Rule
    value: Any
    """What to put there; `ABSENT` to take it away."""
    how: str


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""Stands for no member at all."""


def every_near_miss(message: type[Message], base: Message | None = None) -> Iterator[NearMiss]:
    """Yield payloads of a class broken in one way each: every rule, at every member that can break it.

    They are made from `base`, or from the smallest payload, plus what it takes to reach the member.
    """
    start = as_json(minimal(message) if base is None else base)
    yield from broken_as_a_whole(message)
    for breakage in breakages(message):
        yield break_it(message, start, breakage)


def break_it(message: type[Message], base: JsonObject, breakage: Breakage) -> NearMiss:
    """Return a copy of `base`, a valid payload, with one thing broken."""
    payload = copy.deepcopy(base)
    holder, place = _reach(message, payload, breakage.path)
    name = breakage.path[-1]
    if breakage.value is ABSENT:
        holder.pop(name, None)
    else:
        holder[name] = copy.deepcopy(breakage.value)
    return NearMiss(
        message, payload, f"{place}.{name}{breakage.below}", breakage.rule, breakage.how
    )


def _reach(message: type[Payload], payload: JsonObject, path: Path) -> tuple[JsonObject, str]:
    """Return the object that holds a member, made on the way where it is missing, and its path."""
    holder, place, payload_type = payload, "$", message
    for name in path[:-1]:
        kind = fields_of(payload_type)[name].type
        place += f".{name}"
        if isinstance(kind, inspect.ListType):
            items = holder.setdefault(name, [])
            if not items:
                items += _list_of_minimal(kind)
            holder, kind, place = items[0], kind.item_type, f"{place}[0]"
        else:
            holder = holder.setdefault(name, as_json(minimal(_struct(kind))))
        payload_type = _struct(kind)
    return holder, place


def _struct(kind: inspect.Type) -> type[Any]:
    if not isinstance(kind, inspect.StructType):
        raise TypeError(f"{kind} has no members")
    return kind.cls


def _list_of_minimal(kind: inspect.ListType) -> list[JsonObject]:
    item = as_json(minimal(_struct(kind.item_type)))
    return [copy.deepcopy(item) for _ in range(kind.min_length or 1)]


def broken_as_a_whole(message: type[Message]) -> Iterator[NearMiss]:
    """Yield what is no object at all where the payload should be."""
    for value, how in (
        ([], "an array"),
        ("text", "a string"),
        (7, "a number"),
        (True, "a boolean"),
    ):
        yield NearMiss(
            message, value, "$", Rule.PAYLOAD_NOT_OBJECT, f"{how} in the place of the payload"
        )
    if any(field.required for field in fields_of(message).values()):
        # Where nothing is required, a null is read as the empty object that it stands for.
        how = "null in the place of the payload"
        yield NearMiss(message, None, "$", Rule.PAYLOAD_NOT_OBJECT, how)


@cache
def breakages(payload_type: type[Payload]) -> tuple[Breakage, ...]:
    """Return all ways to break one member of a payload of this class."""
    return tuple(_breakages_below(payload_type, ()))


def _breakages_below(payload_type: type[Payload], prefix: Path) -> Iterator[Breakage]:
    fields = fields_of(payload_type)
    yield Breakage(
        (*prefix, "unknownMember"),
        inspect.AnyType(),
        "",
        Rule.UNKNOWN_MEMBER,
        1,
        "a member that the message does not have",
    )
    for name, field in fields.items():
        path = (*prefix, name)
        if field.required:
            yield Breakage(path, field.type, "", Rule.REQUIRED, ABSENT, "a required member missing")
        for below, rule, value, how in _breaks(field.type, payload_type):
            yield Breakage(path, field.type, below, rule, value, how)
        inner = field.type.item_type if isinstance(field.type, inspect.ListType) else field.type
        if isinstance(inner, inspect.StructType):
            yield from _breakages_below(_struct(inner), path)


def _breaks(kind: inspect.Type, owner: type[Payload]) -> Iterator[Break]:
    """Yield what breaks one member."""
    if isinstance(kind, inspect.CustomType) and kind.cls is FreeJson:
        deep: Any = "bottom"
        for _ in range(TOO_DEEP):
            deep = [deep]
        yield "", Rule.DEPTH, deep, f"free JSON nested {TOO_DEEP} deep"
        yield "", Rule.NUMBER_RANGE, Decimal("1e400"), "a number beyond any double"
        yield "", Rule.NUMBER_RANGE, 10**400, "an integer beyond any double"
        return
    yield "", Rule.NULL, None, "null in the place of an absent member"
    yield from _BREAKS[type(kind)](kind, owner)


def _break_type(*values: tuple[Any, str]) -> Iterator[Break]:
    for value, how in values:
        yield "", Rule.TYPE, value, how


def _break_struct(_: inspect.StructType, __: type[Payload]) -> Iterator[Break]:
    yield from _break_type(([], "an array for an object"), ("x", "a string for an object"))


def _break_list(kind: inspect.ListType, owner: type[Payload]) -> Iterator[Break]:
    yield from _break_type(({}, "an object for an array"), ("x", "a string for an array"))
    item = _in_json(_simplest(kind.item_type))
    if kind.min_length:
        yield "", Rule.MIN_ITEMS, [item] * (kind.min_length - 1), "an item too few"
    if kind.max_length is not None:
        yield "", Rule.MAX_ITEMS, [item] * (kind.max_length + 1), "an item too many"
    rest = [item] * ((kind.min_length or 1) - 1)
    for below, rule, value, how in _breaks(kind.item_type, owner):
        yield f"[0]{below}", rule, [value, *rest], f"{how}, in a list"


def _break_string(kind: inspect.StrType, _: type[Payload]) -> Iterator[Break]:
    yield from _break_type((7, "a number for a string"), ({}, "an object for a string"))
    if kind.max_length is not None:
        yield "", Rule.MAX_LENGTH, "x" * (kind.max_length + 1), "a character too many"


def _break_enum(_: inspect.EnumType, __: type[Payload]) -> Iterator[Break]:
    yield from _break_type((7, "a number for a string"))
    yield "", Rule.ENUM, "NoSuchValue", "a value outside the list"
    yield "", Rule.ENUM, "", "an empty string for a value of the list"


def _break_boolean(_: inspect.BoolType, __: type[Payload]) -> Iterator[Break]:
    yield from _break_type((1, "a number for a boolean"), ("true", "a boolean in a string"))


def _break_integer(kind: inspect.IntType, owner: type[Payload]) -> Iterator[Break]:
    valid = _simplest(kind)
    yield from _break_type(
        (str(valid), "a number in a string"),
        (True, "a boolean for a number"),
        (Decimal(valid) + Decimal("0.5"), "a fraction for an integer"),
    )
    if not _version_of(owner).rules.integers_may_have_a_zero_fraction:  # G-2
        yield "", Rule.TYPE, Decimal(f"{valid}.0"), "a zero fraction on an integer"
    low, high = bounds_of(kind)
    if low is not None:
        yield "", Rule.MINIMUM, low - 1, "one below the smallest"
    if high is not None:
        yield "", Rule.MAXIMUM, high + 1, "one above the largest"
    yield "", Rule.NUMBER_RANGE, -(10**400), "an integer beyond any double"


def _version_of(payload_type: type[Payload]) -> Version:
    package = payload_type.__module__.rpartition(".")[0]
    return next(version for version in Version if version.package == package)


def _break_date_time(_: inspect.DateTimeType, __: type[Payload]) -> Iterator[Break]:
    yield from _break_type((1735689600, "seconds for a date-time"))
    yield "", Rule.FORMAT, "2025-01-01T00:00:00", "a date-time without a UTC offset"
    yield "", Rule.FORMAT, "2025-13-01T00:00:00Z", "a thirteenth month"
    yield "", Rule.FORMAT, "yesterday", "no date-time at all"


def _break_scalar(kind: inspect.CustomType, _: type[Payload]) -> Iterator[Break]:
    scalar: Any = kind.cls
    if scalar is CustomData:
        yield from _break_type(("x", "a string for an object"), ([], "an array for an object"))
        vendor = ".vendorId"
        yield vendor, Rule.REQUIRED, {"anything": 1}, "custom data without a vendorId"
        yield vendor, Rule.TYPE, {"vendorId": 7}, "a number for a string"
        too_long = {"vendorId": "x" * (MAX_VENDOR_ID + 1)}
        yield vendor, Rule.MAX_LENGTH, too_long, "a character too many"
        return
    valid = _simplest(kind)
    yield from _break_type(
        (str(valid), "a number in a string"), (True, "a boolean for a number"), ({}, "an object")
    )
    yield "", Rule.NUMBER_RANGE, Decimal("-1e400"), "a number beyond any double"
    if scalar.minimum is not None:
        yield "", Rule.MINIMUM, scalar.minimum - Decimal("0.1"), "a tenth below the smallest"
    if scalar.maximum is not None:
        yield "", Rule.MAXIMUM, scalar.maximum + Decimal("0.1"), "a tenth above the largest"
    if scalar.decimals is not None:
        step = Decimal(5).scaleb(-scalar.decimals - 1)
        yield "", Rule.MULTIPLE_OF, Decimal(1) + step, "half a step"


_BREAKS: Final[Mapping[type[inspect.Type], Callable[[Any, type[Payload]], Iterator[Break]]]] = {
    inspect.StructType: _break_struct,
    inspect.ListType: _break_list,
    inspect.StrType: _break_string,
    inspect.EnumType: _break_enum,
    inspect.BoolType: _break_boolean,
    inspect.IntType: _break_integer,
    inspect.DateTimeType: _break_date_time,
    inspect.CustomType: _break_scalar,
}


def _in_json(value: Any) -> Any:
    return read_json(write_json(value))
