"""Why a payload was refused, and what can be made of it all the same. Runs only after the fast path said no.

It walks the payload, decoded as plain JSON, beside the message class's own fields as msgspec describes
them; so there is one description of a message, the class.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC
from decimal import Decimal, DecimalException
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Final, TypeAlias

import msgspec
from msgspec import inspect

from ocpp_sansio.core.codec import UNREADABLE, Codec, fault_of_custom_data, fault_of_free_json
from ocpp_sansio.core.config import Config
from ocpp_sansio.core.date_times import read_date_time
from ocpp_sansio.core.errors import Rule, Violation
from ocpp_sansio.core.messages import CustomData, FreeJson, Payload, bounds_of
from ocpp_sansio.core.numbers import Fault, fault_of_number, is_beyond, read_exactly
from ocpp_sansio.core.texts import plain

__all__ = ["Inspection", "all_optional"]

MAX_VIOLATIONS = 16
"""Violations listed for one payload: enough to see what is wrong, not enough to be a burden."""

MAX_NAME_IN_PATH = 40
"""Characters of an unknown member's name that a path repeats: the name is the peer's text."""

MAX_VALUES_SHOWN = 6
"""Values of an enum that a violation names; the longest has 44."""

MAX_NUMBER_IN_STRING = 64
"""Characters of a string that lenient validation still reads as a number."""

_UNBUILDABLE: Final[Any] = object()
"""Stands for a value from which no typed one can be made."""

Place: TypeAlias = "tuple[Place, str | int] | None"
"""A path as a linked list of printable names, so that it costs nothing until something is wrong there."""

Walker: TypeAlias = Callable[[Any, Any, Any, Place], Any]
"""A method of `Inspection` that looks at a value of one kind, and returns it typed."""

_INTEGER = re.compile(r"-?[0-9]{1,19}")


class _Enough(Exception):  # noqa: N818 - no mishap: there are `MAX_VIOLATIONS`
    pass


class Inspection:
    """One walk over one payload; afterwards `violations` and `payload` hold what was found."""

    def __init__(
        self,
        value: dict[str, Any],
        payload_type: type[Payload],
        codec: Codec,
        config: Config,
        *,
        wants_payload: bool,
    ) -> None:
        """Walk; without `wants_payload` only as far as it takes to refuse it."""
        self.violations: list[Violation] = []
        """In the order of the message's members; at most `MAX_VIOLATIONS`."""
        self._integers_may_have_a_zero_fraction = codec.rules.integers_may_have_a_zero_fraction
        self._max_depth = codec.max_depth
        self._field_lengths = config.field_lengths
        self._message = payload_type.__name__
        self._converters = codec.converters
        self._wants_payload = wants_payload
        self._expects_good = False
        """Whether the next object is likely to be in order: as its neighbour was; the payload is not."""
        try:
            built = self._struct(value, _fields_of(payload_type), None)
        except _Enough:
            built = _UNBUILDABLE
        self.payload: Payload | None = None if built is _UNBUILDABLE else built
        """The typed payload, where one can be made in spite of the violations."""

    def _refuse(self, place: Place, rule: Rule, expected: str) -> None:
        if len(self.violations) < MAX_VIOLATIONS:
            self.violations.append(Violation(_path(place), rule, expected))
        elif not self._wants_payload:
            raise _Enough

    def _refuse_type(self, place: Place, value: Any, expected: str) -> Any:
        fault = (Rule.NULL if value is None else Rule.TYPE, expected)
        self._refuse(place, *(self._range_fault(value) or fault))
        return _UNBUILDABLE

    def _range_fault(self, value: Any) -> Fault | None:
        # Where no walk goes; since this, unlike a wrong type, is refused in every mode, it is what is told.
        fault = fault_of_free_json(value, self._max_depth)
        return fault if fault and fault[0] is Rule.NUMBER_RANGE else None

    def _refuse_fault(self, place: Place, fault: Fault | None) -> None:
        if fault:
            self._refuse(place, *fault)

    def _nested(self, value: Any, fields: "_Fields", place: Place) -> Any:
        if not isinstance(value, dict):
            return self._refuse_type(place, value, "an object")
        if self._expects_good:
            try:  # at msgspec's speed, so that one bad item does not make a long list dear
                return self._converters[fields.payload_type](value)
            except UNREADABLE:
                self._expects_good = False
        found = len(self.violations)
        built = self._struct(value, fields, place)
        self._expects_good = len(self.violations) == found
        return built

    def _struct(self, value: dict[str, Any], fields: "_Fields", place: Place) -> Any:
        built = {}
        is_buildable = True
        unseen = len(value)
        for wire_name, (name, is_required, walk, kind) in fields.known.items():
            if wire_name not in value:
                if is_required:
                    self._refuse((place, wire_name), Rule.REQUIRED, "this member")
                    is_buildable = False
                continue
            unseen -= 1
            item = value[wire_name]
            typed = walk(self, item, kind, (place, wire_name))
            if typed is not _UNBUILDABLE:
                built[name] = typed
            elif is_required or item is not None:  # a null for an absent member is read as absent
                is_buildable = False
        if unseen:
            self._refuse_unknown(value, fields, place)
        return fields.payload_type(**built) if is_buildable else _UNBUILDABLE

    def _refuse_unknown(self, value: dict[str, Any], fields: "_Fields", place: Place) -> None:
        for name, item in value.items():
            if name not in fields.known:
                fault = self._range_fault(item) or (Rule.UNKNOWN_MEMBER, "no such member")
                self._refuse((place, plain(name, MAX_NAME_IN_PATH)), *fault)

    def _list(self, values: Any, kind: "_List", place: Place) -> Any:
        if not isinstance(values, list):
            return self._refuse_type(place, values, "an array")
        if kind.min_length is not None and len(values) < kind.min_length:
            self._refuse(place, Rule.MIN_ITEMS, f"at least {kind.min_length} items")
        if kind.max_length is not None and len(values) > kind.max_length:
            self._refuse(place, Rule.MAX_ITEMS, f"at most {kind.max_length} items")
        walk, item_kind = kind.item
        built = [walk(self, item, item_kind, (place, i)) for i, item in enumerate(values)]
        return _UNBUILDABLE if _UNBUILDABLE in built else built

    def _string(self, value: Any, kind: inspect.StrType, place: Place) -> Any:
        if not isinstance(value, str):
            return self._refuse_type(place, value, "a string")
        limit = kind.max_length
        if limit is not None and len(value) > limit:
            limit = max(limit, self._field_lengths.get(self._key(place), 0))  # C-13
            if len(value) > limit:
                self._refuse(place, Rule.MAX_LENGTH, f"at most {limit} characters")
        return value

    def _enum(self, value: Any, kind: "_Enum", place: Place) -> Any:
        if not isinstance(value, str):
            return self._refuse_type(place, value, "a string")
        member = kind.members.get(value)
        if member is None:
            self._refuse(place, Rule.ENUM, kind.expected)
            return _UNBUILDABLE
        return member

    def _boolean(self, value: Any, _: inspect.BoolType, place: Place) -> Any:
        return value if isinstance(value, bool) else self._refuse_type(place, value, "a boolean")

    def _integer(self, value: Any, kind: inspect.IntType, place: Place) -> Any:
        number = self._as_integer(value)
        if number is None:
            self._refuse_type(place, value, "an integer")
            if not (isinstance(value, str) and _INTEGER.fullmatch(value)):
                return _UNBUILDABLE
            number = int(value)
        low, high = bounds_of(kind)
        if low is not None and number < low:
            self._refuse(place, Rule.MINIMUM, f"at least {low}")
        if high is not None and number > high:
            self._refuse(place, Rule.MAXIMUM, f"at most {high}")
        return number

    def _as_integer(self, value: Any) -> int | None:
        if is_beyond(value):
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if (
            self._integers_may_have_a_zero_fraction  # G-2
            and isinstance(value, Decimal)
            and value == int(value)
        ):
            return int(value)
        return None

    def _date_time(self, value: Any, _: inspect.DateTimeType, place: Place) -> Any:
        if not isinstance(value, str):
            return self._refuse_type(place, value, "a date-time in a string")
        try:
            moment = read_date_time(value)
        except ValueError:
            self._refuse(place, Rule.FORMAT, "an RFC 3339 date-time")
            return _UNBUILDABLE
        if moment.tzinfo is None:
            self._refuse(place, Rule.FORMAT, "a date-time with a UTC offset")
            return moment.replace(tzinfo=UTC)  # UTC is what a station without a zone means
        return moment

    def _special(self, value: Any, kind: inspect.CustomType, place: Place) -> Any:
        scalar: Any = kind.cls
        if scalar is FreeJson:
            self._refuse_fault(place, fault_of_free_json(value, self._max_depth))
            return value
        if scalar is CustomData:
            if not isinstance(value, dict):
                return self._refuse_type(place, value, "an object")
            self._refuse_vendor_id(place, value)
            self._refuse_fault(place, fault_of_free_json(value, self._max_depth))
            return value
        return self._number(value, scalar, place)

    def _refuse_vendor_id(self, place: Place, value: dict[str, Any]) -> None:
        self._refuse_fault((place, "vendorId"), fault_of_custom_data(value))

    def _number(self, value: Any, scalar: Any, place: Place) -> Any:
        number = value
        if isinstance(value, int) and not isinstance(value, bool):
            number = Decimal(value)
        if not isinstance(number, Decimal):
            self._refuse_type(place, value, "a number")
            number = _number_in(value)
            if number is None:
                return _UNBUILDABLE
        self._refuse_fault(place, fault_of_number(number, scalar))
        return number

    def _key(self, place: Place) -> str:
        names = []
        while place is not None:
            place, step = place
            if isinstance(step, str):
                names.append(step)
        return ".".join((self._message, *reversed(names)))

    walkers: ClassVar[Mapping[type[inspect.Type], Walker]] = {
        inspect.StructType: _nested,
        inspect.ListType: _list,
        inspect.StrType: _string,
        inspect.EnumType: _enum,
        inspect.BoolType: _boolean,
        inspect.IntType: _integer,
        inspect.DateTimeType: _date_time,
        inspect.CustomType: _special,
    }


_Field: TypeAlias = tuple[str, bool, Walker, Any]
"""The attribute, whether the member is required, how to look at its value, and as what."""


class _Fields(msgspec.Struct, frozen=True):
    payload_type: type[Any]
    known: dict[str, _Field]
    """By wire name."""


@cache
def _fields_of(payload_type: type[Payload]) -> _Fields:
    info = inspect.type_info(payload_type)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - a fact about Payload, not a check of input
    return _fields_in(info)


def _fields_in(info: inspect.StructType) -> _Fields:
    known = {
        field.encode_name: (field.name, field.required, *_walk_of(field.type))
        for field in info.fields
    }
    return _Fields(info.cls, known)


def _walk_of(kind: inspect.Type) -> tuple[Walker, Any]:
    """Return the walker for a kind, and what it is to know: ours, where msgspec's account is slow to use."""
    walk = Inspection.walkers[type(kind)]
    if isinstance(kind, inspect.StructType):
        return walk, _fields_in(kind)  # by its class, msgspec would have to describe it again
    if isinstance(kind, inspect.ListType):
        return walk, _List(kind.min_length, kind.max_length, _walk_of(kind.item_type))
    if isinstance(kind, inspect.EnumType):
        return walk, _enum_of(kind.cls)
    return walk, kind


class _List(msgspec.Struct, frozen=True):
    min_length: int | None
    max_length: int | None
    item: tuple[Walker, Any]


class _Enum(msgspec.Struct, frozen=True):
    members: dict[str, Enum]
    """By wire value."""
    expected: str


@cache
def _enum_of(enum: type[Enum]) -> _Enum:
    members = {member.value: member for member in enum}
    return _Enum(members, _one_of([*members]))


def _one_of(values: list[str]) -> str:
    shown, others = ", ".join(values[:MAX_VALUES_SHOWN]), len(values) - MAX_VALUES_SHOWN
    return f"one of {shown}" if others <= 0 else f"one of {shown} or {others} more"


def all_optional(payload_type: type[Payload]) -> bool:
    """Whether an empty object is a valid payload of this type."""
    return not any(is_required for _, is_required, *_ in _fields_of(payload_type).known.values())


def _number_in(value: Any) -> Decimal | None:
    if not isinstance(value, str) or len(value) > MAX_NUMBER_IN_STRING:
        return None
    try:
        number = read_exactly(value)
    except DecimalException:
        return None
    return number if number.is_finite() and not is_beyond(number) else None


def _path(place: Place) -> str:
    path = ""
    while place is not None:
        place, step = place
        path = f"[{step}]{path}" if isinstance(step, int) else f".{step}{path}"
    return f"${path}"
