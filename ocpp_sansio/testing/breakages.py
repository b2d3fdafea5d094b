"""Payloads that are nearly valid: each broken in exactly one way, with the rule that it breaks.

Made from the examples of `shapes`, and without chance: the same class gives the same near misses.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any, Final, TypeAlias

import attrs
from msgspec import inspect

from ocpp_sansio.core import (
    DEFAULT_ERROR_CODES,
    CustomData,
    ErrorCode,
    FreeJson,
    JsonObject,
    Payload,
    Rule,
    Version,
    bounds_of,
    read_json,
    to_object,
    write_json,
)
from ocpp_sansio.testing.chance import Chance, one_in, pick
from ocpp_sansio.testing.domain import Domain, Seen, draw
from ocpp_sansio.testing.shapes import (
    MAX_VENDOR_ID,
    Message,
    fields_of,
    minimal,
    simplest,
    struct_of,
)

__all__ = [
    "Breakage",
    "NearMiss",
    "break_it",
    "breakages",
    "broken_as_a_whole",
    "draw_broken",
    "every_near_miss",
]

TOO_DEEP: Final = 64
"""Levels of nesting that free JSON near misses have: twice the default of `Config.max_depth`."""

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
    start = to_object(minimal(message) if base is None else base)
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


def draw_broken(
    chance: Chance, message: type[Message], domain: Domain, seen: Seen | None = None
) -> list[NearMiss]:
    """Return a payload broken in one way or up to three, the last with all of it; each says which."""
    if one_in(chance, 12):
        return [pick(chance, list(broken_as_a_whole(message)))]
    payload = to_object(draw(chance, message, domain, seen))
    misses: list[NearMiss] = []
    broken: set[str] = set()
    for _ in range(3 if one_in(chance, 6) else 2 if one_in(chance, 4) else 1):
        breakage = pick(chance, breakages(message))
        head = breakage.path[0]
        if head in broken:
            continue  # one may undo the other
        broken.add(head)
        miss = break_it(message, payload, breakage)
        payload = miss.payload
        misses.append(miss)
    return misses


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
            holder = holder.setdefault(name, to_object(minimal(struct_of(kind))))
        payload_type = struct_of(kind)
    return holder, place


def _list_of_minimal(kind: inspect.ListType) -> list[JsonObject]:
    item = to_object(minimal(struct_of(kind.item_type)))
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
            yield from _breakages_below(struct_of(inner), path)


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
    item = _in_json(simplest(kind.item_type))
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


def _break_enum(kind: inspect.EnumType, owner: type[Payload]) -> Iterator[Break]:
    yield from _break_type((7, "a number for a string"))
    for version, value in _foreign_values(kind.cls, _version_of(owner)):
        yield "", Rule.ENUM, value, f"a value of {version.value}"
    yield "", Rule.ENUM, _values_in(kind.cls)[0].swapcase(), "a value in other letters"
    yield "", Rule.ENUM, "NoSuchValue", "a value outside the list"
    yield "", Rule.ENUM, "", "an empty string for a value of the list"


def _values_in(enumeration: Any) -> list[str]:
    return [str(member.value) for member in enumeration]


MAX_FOREIGN: Final = 3
"""Values of other versions that are tried for one member."""


def _foreign_values(own: type[Any], version: Version) -> Iterator[tuple[Version, str]]:
    """Yield values that an enumeration of the same name has in another version, and here has not."""
    known = set(_values_in(own))
    found = 0
    for other in Version:
        twin = (
            None if other is version else getattr(import_module(other.package), own.__name__, None)
        )
        for value in _values_in(twin) if twin else ():
            if value not in known and found < MAX_FOREIGN:
                found += 1
                known.add(value)
                yield other, value


def _break_boolean(_: inspect.BoolType, __: type[Payload]) -> Iterator[Break]:
    yield from _break_type((1, "a number for a boolean"), ("true", "a boolean in a string"))


def _break_integer(kind: inspect.IntType, owner: type[Payload]) -> Iterator[Break]:
    valid = simplest(kind)
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
    valid = simplest(kind)
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
