"""Valid payloads as examples: the smallest of each class, and every corner of it; and how they are written.

Made from the classes themselves, as msgspec describes them, and without chance: the same class gives the
same examples. `strategies` adds chance to them, `python -m ocpp_sansio fuzz` sends them.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar, assert_never

import msgspec
from msgspec import inspect

from ocpp_sansio.core import (
    Call,
    CallError,
    CallResult,
    CallResultError,
    CustomData,
    Frame,
    FreeJson,
    Payload,
    Request,
    Response,
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
    "Message",
    "corners",
    "fields_of",
    "integer_bounds",
    "minimal",
    "read_json",
    "simplest",
    "struct_of",
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

SMALL_LIST: Final = 32
"""Lists of which an example with all the items that are allowed is still worth its bytes."""

PayloadT = TypeVar("PayloadT", bound=Payload)


# --- to JSON --------------------------------------------------------------------------------------

# `write_json` takes date-times as they are, so give it those in UTC. `read_json` raises msgspec.DecodeError,
# UnicodeDecodeError or RecursionError.


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


def struct_of(kind: inspect.Type) -> type[Any]:
    """Return the class of an object; raises TypeError for what is none."""
    if not isinstance(kind, inspect.StructType):
        raise TypeError(f"{kind} has no members")
    return kind.cls


def minimal(payload_type: type[PayloadT]) -> PayloadT:
    """Return the smallest valid payload of a class: what is required, each as plain as can be."""
    return payload_type(
        **{
            field.name: simplest(field.type)
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


def simplest(kind: inspect.Type) -> Any:
    """Return the plainest value of a member."""
    return next(values_of(kind))


def _fullest(kind: inspect.Type) -> Any:
    if isinstance(kind, inspect.StructType):
        return _complete(struct_of(kind))
    if isinstance(kind, inspect.ListType):
        return [_fullest(kind.item_type)]
    return simplest(kind)


def values_of(kind: inspect.Type) -> Iterator[Any]:
    """Yield the values worth trying, the simplest first."""
    return _VALUES[type(kind)](kind)


def _structs(kind: inspect.StructType) -> Iterator[Any]:
    return corners(struct_of(kind))


def _lists(kind: inspect.ListType) -> Iterator[Any]:
    fewest = kind.min_length or 0
    if not fewest:
        yield []
    for value in values_of(kind.item_type):
        yield [value] * max(fewest, 1)
    if kind.max_length is not None and fewest < kind.max_length <= SMALL_LIST:
        yield [simplest(kind.item_type)] * kind.max_length


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
