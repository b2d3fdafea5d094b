"""Why a payload was refused, and what can be made of it all the same. Runs only after the fast path said no.

What is not as it should be but can mean one thing only is read as that, its neighbours untouched: a number
for a text, a text for a number, 0 for false, one item for a list of one, a text that is no member of its
enum as itself. What cannot be read in an optional member is taken as absent. Where a required member is
missing or cannot be read, the object that has to have it cannot be made; nor can a list with it in.

It walks the payload, decoded as plain JSON, beside the message class's own fields as msgspec describes
them; so there is one description of a message, the class.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC
from decimal import Decimal, DecimalException
from enum import Enum
from functools import cache
from math import inf
from typing import Any, ClassVar, Final, TypeAlias

import msgspec
from msgspec import inspect

from ocpp_sansio.core.codec import (
    UNREADABLE,
    Codec,
    fault_of_custom_data,
    fault_of_free_json,
    read_tokens,
)
from ocpp_sansio.core.config import Config
from ocpp_sansio.core.date_times import is_iso_8601, read_date_time, read_odd_date_time
from ocpp_sansio.core.errors import Rule, Violation
from ocpp_sansio.core.messages import CustomData, FreeJson, Payload, bounds_of
from ocpp_sansio.core.numbers import (
    BEYOND_FAULT,
    Fault,
    fault_of_number,
    is_beyond,
    read_exactly,
    spell_number,
)
from ocpp_sansio.core.secrets import is_secret
from ocpp_sansio.core.texts import plain, quote

__all__ = ["Inspection", "all_optional", "spell"]

MAX_VIOLATIONS = 16
"""Violations listed for one payload: enough to see what is wrong, not enough to be a burden."""

DECLARED_DEPTH = 16
"""Levels of nesting that a message may have of its own, around its free JSON; the deepest has 8."""

MAX_NAME_IN_PATH = 40
"""Characters of an unknown member's name that a path repeats: the name is the peer's text."""

MAX_VALUE_SHOWN = 40
"""Characters of what came that a violation repeats."""

MAX_VALUES_SHOWN = 6
"""Values of an enum that a violation names; the longest has 44."""

MAX_NUMBER_IN_STRING = 64
"""Characters of a string that is still read as a number."""

SECRET: Final = "(secret)"  # noqa: S105 - it is none
"""Stands for what came where no text may show it."""

_UNBUILDABLE: Final[Any] = object()
"""Stands for a value from which no typed one can be made."""

_NOTHING: Final = object()
"""Stands for a value that is not there."""

Place: TypeAlias = "tuple[Place, str | int] | None"
"""A path as a linked list of printable names, so that it costs nothing until something is wrong there."""

Walker: TypeAlias = Callable[[Any, Any, Any, Place], Any]
"""A method of `Inspection` that looks at a value of one kind, and returns it typed."""

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


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
        text: Any = b"",
    ) -> None:
        """Walk; without `wants_payload` only as far as it takes to refuse it. `text` is `value` in JSON."""
        self.violations: list[Violation] = []
        """In the order of the message's members; at most `MAX_VIOLATIONS`."""
        self._value = value
        self._text = text
        self._tokens: Any = None
        """The value once more, its fractions spelled as they came; read when they are wanted."""
        self._rules = codec.rules
        self._max_depth = codec.max_depth
        self._field_lengths = config.field_lengths
        self._message = payload_type.__name__
        self._converters = codec.converters
        self.wants_payload = wants_payload
        """Whether all of it has been looked at."""
        self.breaks_cap = False
        """Whether a number or the nesting is beyond what any mode lets through."""
        self._count = 0
        """Violations, those that are too many to be listed included."""
        self._expects_good = True
        """Whether the next object is likely to be in order: as its neighbour was."""
        try:
            built = self._struct(value, _fields_of(payload_type), None)
        except _Enough:
            built = _UNBUILDABLE
        self.payload: Payload | None = None if built is _UNBUILDABLE else built
        """The typed payload, where one can be made in spite of the violations."""

    # --- what is wrong ---------------------------------------------------------------------------------

    def _refuse(self, place: Place, value: Any, rule: Rule, expected: str) -> None:
        self._count += 1
        if len(self.violations) < MAX_VIOLATIONS:
            came, steps = spell(value), _steps(place)
            path = _path(steps)
            if came and is_secret(self._value, path, steps, value):
                came = SECRET
            self.violations.append(Violation(path, rule, expected, came))
        elif not self.wants_payload:
            raise _Enough
        if rule is Rule.NUMBER_RANGE:
            self.breaks_cap = True

    def _refuse_type(self, place: Place, value: Any, expected: str) -> Any:
        fault = (Rule.NULL if value is None else Rule.TYPE, expected)
        self._refuse(place, value, *(self._range_fault(place, value) or fault))
        return _UNBUILDABLE

    def _range_fault(self, place: Place, value: Any) -> Fault | None:
        # Where no walk goes; since this, unlike a wrong type, is refused in every mode, it is what is told.
        fault = self._fault_of_cap(place, value)
        return fault if fault and fault[0] is Rule.NUMBER_RANGE else None

    def _fault_of_cap(self, place: Place, value: Any) -> Fault | None:
        """Return what no mode lets through of a value that no walk looks into, and take note of it."""
        if value.__class__ is str or value is None:
            return None
        if not isinstance(value, dict | list):
            return BEYOND_FAULT if is_beyond(value) else None
        fault = fault_of_free_json(value, self._max_depth + DECLARED_DEPTH - len(_steps(place)))
        self.breaks_cap = self.breaks_cap or fault is not None
        return fault

    def _refuse_fault(self, place: Place, value: Any, fault: Fault | None) -> None:
        if fault:
            self._refuse(place, value, *fault)

    def _refuse_unknown(self, value: dict[str, Any], fields: "_Fields", place: Place) -> None:
        for name, item in value.items():
            if name not in fields.known:
                at = (place, plain(name, MAX_NAME_IN_PATH))
                fault = self._range_fault(at, item) or (Rule.UNKNOWN_MEMBER, "no such member")
                self._refuse(at, item, *fault)

    # --- objects and lists -----------------------------------------------------------------------------

    def _nested(self, value: Any, fields: "_Fields", place: Place) -> Any:
        if self._expects_good:
            try:  # at msgspec's speed
                return self._converters[fields.payload_type](value)
            except UNREADABLE:
                self._expects_good = False
        return self._nested_again(value, fields, place)

    def _nested_again(self, value: Any, fields: "_Fields", place: Place) -> Any:
        if not isinstance(value, dict):
            return self._refuse_type(place, value, "an object")
        count = self._count
        built = self._struct(value, fields, place)
        self._expects_good = self._count == count
        return built

    def _struct(self, value: dict[str, Any], fields: "_Fields", place: Place) -> Any:
        built: dict[str, Any] = {}
        is_buildable = True
        unseen = len(value)
        for wire_name, name, is_required, limit, members, walk, kind in fields.rows:
            if wire_name not in value:
                if is_required:
                    self._refuse((place, wire_name), _NOTHING, Rule.REQUIRED, "this member")
                    is_buildable = False
                continue
            unseen -= 1
            item = value[wire_name]
            if item.__class__ is str:  # most are, and in order
                if len(item) <= limit:
                    built[name] = item
                    continue
                if item in members:
                    built[name] = members[item]
                    continue
            typed = walk(self, item, kind, (place, wire_name))
            if typed is _UNBUILDABLE and _is_one_too_deep(item, kind):
                typed = self._instead(walk, item[0], kind, ((place, wire_name), 0))
            if typed is not _UNBUILDABLE:
                built[name] = typed
            elif is_required:
                is_buildable = False
        if unseen:
            self._refuse_unknown(value, fields, place)
        return fields.payload_type(**built) if is_buildable else _UNBUILDABLE

    def _list(self, values: Any, kind: "_List", place: Place) -> Any:
        walk, item_kind = kind.item
        if not isinstance(values, list):
            self._refuse_type(place, values, "an array")
            if values is None or values == "":
                return _UNBUILDABLE
            item = self._instead(walk, values, item_kind, place)
            return _UNBUILDABLE if item is _UNBUILDABLE else [item]
        if kind.min_length is not None and len(values) < kind.min_length:
            self._refuse(place, values, Rule.MIN_ITEMS, f"at least {kind.min_length} items")
        if kind.max_length is not None and len(values) > kind.max_length:
            self._refuse(place, values, Rule.MAX_ITEMS, f"at most {kind.max_length} items")
        if isinstance(item_kind, _Fields):
            built = self._objects(values, item_kind, place)
        else:
            built = [walk(self, item, item_kind, (place, i)) for i, item in enumerate(values)]
        return _UNBUILDABLE if _UNBUILDABLE in built else built

    def _objects(self, values: list[Any], fields: "_Fields", place: Place) -> list[Any]:
        """Read a list of objects, in which few are likely to be bad."""
        convert = self._converters[fields.payload_type]
        built: list[Any] = []
        rest = iter(values)
        while len(built) < len(values):
            if self._expects_good:
                try:  # at msgspec's speed, up to the first that is bad: those before it have been added
                    built.extend(map(convert, rest))
                    break
                except UNREADABLE:
                    self._expects_good = False
            else:
                next(rest)
            at = len(built)
            built.append(self._nested_again(values[at], fields, (place, at)))
        return built

    def _instead(self, walk: Walker, value: Any, kind: Any, place: Place) -> Any:
        """Try to read a value as what has been refused already; if that fails, there is no more to tell."""
        if not self.wants_payload:
            return _UNBUILDABLE
        listed = len(self.violations)
        built = walk(self, value, kind, place)
        if built is _UNBUILDABLE:
            del self.violations[listed:]
        return built

    # --- texts -----------------------------------------------------------------------------------------

    def _string(self, value: Any, kind: inspect.StrType, place: Place) -> Any:
        if not isinstance(value, str):
            return self._text_for(value, place)
        limit = kind.max_length
        if limit is not None and len(value) > limit:
            limit = max(limit, self._field_lengths.get(self._key(place), 0))  # C-13
            if len(value) > limit:
                self._refuse(place, value, Rule.MAX_LENGTH, f"at most {limit} characters")
        return value

    def _text_for(self, value: Any, place: Place) -> Any:
        """Refuse what is no text, and return it as it was written where it is a number or a boolean."""
        self._refuse_type(place, value, "a string")
        if value is None or isinstance(value, dict | list) or is_beyond(value):
            return _UNBUILDABLE
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int) else self._token_at(place)

    def _token_at(self, place: Place) -> str:
        if not self.wants_payload:
            return ""
        if self._tokens is None:
            self._tokens = read_tokens(self._text)
        token = self._tokens
        for step in _steps(place):
            token = token[step]
        return str(token)

    def _enum(self, value: Any, kind: "_Enum", place: Place) -> Any:
        if not isinstance(value, str):
            text = self._text_for(value, place)
            return text if text is _UNBUILDABLE else kind.members.get(text, text)
        member = kind.members.get(value)
        if member is None:
            self._refuse(place, value, Rule.ENUM, kind.expected)
            return value
        return member

    def _optional_enum(self, value: Any, kind: "_Enum", place: Place) -> Any:
        built = self._enum(value, kind, place)
        return _UNBUILDABLE if value == "" else built  # it says that there is none

    def _date_time(self, value: Any, _: inspect.DateTimeType, place: Place) -> Any:
        if not isinstance(value, str):
            return self._refuse_type(place, value, "a date-time in a string")
        try:
            moment = read_date_time(value)
        except ValueError:
            return self._odd_date_time(value, place)
        if moment.tzinfo is None:
            self._refuse(place, value, Rule.FORMAT, "a date-time with a UTC offset")
            return moment.replace(tzinfo=UTC)  # UTC is what a station without a zone means
        return moment

    def _odd_date_time(self, value: str, place: Place) -> Any:
        takes_iso = self._rules.date_times_may_be_any_iso_8601
        expected = "an ISO 8601 date-time" if takes_iso else "an RFC 3339 date-time"
        try:
            moment = read_odd_date_time(value)
        except ValueError:
            self._refuse(place, value, Rule.FORMAT, expected)
            return _UNBUILDABLE
        if takes_iso and is_iso_8601(value):
            return moment
        self._refuse(place, value, Rule.FORMAT, expected)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    # --- numbers and the rest --------------------------------------------------------------------------

    def _boolean(self, value: Any, _: inspect.BoolType, place: Place) -> Any:
        if isinstance(value, bool):
            return value
        self._refuse_type(place, value, "a boolean")
        text = value.strip().lower() if isinstance(value, str) else str(_as_whole(value))
        return _BOOLEANS.get(text, _UNBUILDABLE)

    def _integer(self, value: Any, kind: inspect.IntType, place: Place) -> Any:
        number = self._as_integer(value)
        if number is None:
            self._refuse_type(place, value, "an integer")
            number = _as_whole(_number_in(value) if isinstance(value, str) else value)
            if number is None:
                return _UNBUILDABLE
        low, high = bounds_of(kind)
        if low is not None and number < low:
            self._refuse(place, value, Rule.MINIMUM, f"at least {low}")
        if high is not None and number > high:
            self._refuse(place, value, Rule.MAXIMUM, f"at most {high}")
        return number

    def _as_integer(self, value: Any) -> int | None:
        number = _as_whole(value)
        if isinstance(value, Decimal) and not self._rules.integers_may_have_a_zero_fraction:  # G-2
            return None
        return number

    def _special(self, value: Any, kind: inspect.CustomType, place: Place) -> Any:
        scalar: Any = kind.cls
        if scalar is FreeJson:
            self._refuse_free_json(place, value)
            return value
        if scalar is CustomData:
            if not isinstance(value, dict):
                return self._refuse_type(place, value, "an object")
            self._refuse_vendor_id(place, value)
            self._refuse_free_json(place, value)
            return value
        return self._number(value, scalar, place)

    def _refuse_free_json(self, place: Place, value: Any) -> None:
        fault = fault_of_free_json(value, self._max_depth)
        if fault:
            self._refuse(place, value, *fault)
            self._fault_of_cap(place, value)

    def _refuse_vendor_id(self, place: Place, value: dict[str, Any]) -> None:
        came = value.get("vendorId", _NOTHING)
        self._refuse_fault((place, "vendorId"), came, fault_of_custom_data(value))

    def _number(self, value: Any, scalar: Any, place: Place) -> Any:
        number = value
        if isinstance(value, int) and not isinstance(value, bool):
            number = Decimal(value)
        if not isinstance(number, Decimal):
            self._refuse_type(place, value, "a number")
            number = _number_in(value)
            if number is None:
                return _UNBUILDABLE
        self._refuse_fault(place, value, fault_of_number(number, scalar))
        return number

    def _key(self, place: Place) -> str:
        names = [step for step in _steps(place) if isinstance(step, str)]
        return ".".join((self._message, *names))

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


_Row: TypeAlias = tuple[str, str, bool, float, Mapping[str, Enum], Walker, Any]
"""Wire name, attribute, whether it is required; then which text is good at first sight: one that is no longer
than this, or one of these; then how to look at any other value, and as what."""


class _Fields(msgspec.Struct, frozen=True):
    payload_type: type[Any]
    rows: tuple[_Row, ...]
    known: frozenset[str]
    """The wire names."""


@cache
def _fields_of(payload_type: type[Payload]) -> _Fields:
    info = inspect.type_info(payload_type)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - a fact about Payload, not a check of input
    return _fields_in(info)


def _fields_in(info: inspect.StructType) -> _Fields:
    rows = tuple(map(_row_of, info.fields))
    return _Fields(info.cls, rows, frozenset(row[0] for row in rows))


def _row_of(field: inspect.Field) -> _Row:
    walk, kind = _walk_of(field.type)
    limit: float = -1
    members: Mapping[str, Enum] = {}
    if isinstance(kind, inspect.StrType):
        limit = inf if kind.max_length is None else kind.max_length
    elif isinstance(kind, _Enum):
        members = kind.members
        if not field.required:
            walk = Inspection._optional_enum  # noqa: SLF001 - one of its walkers
    return field.encode_name, field.name, field.required, limit, members, walk, kind


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


def _is_one_too_deep(item: Any, kind: Any) -> bool:
    return isinstance(item, list) and len(item) == 1 and not isinstance(kind, _List)


def all_optional(payload_type: type[Payload]) -> bool:
    """Whether an empty object is a valid payload of this type."""
    return not any(is_required for _, _, is_required, *_ in _fields_of(payload_type).rows)


def _number_in(value: Any) -> Decimal | None:
    """Return the number that stands in a text, if it is nothing else."""
    if not isinstance(value, str) or len(value) > MAX_NUMBER_IN_STRING:
        return None
    text = value.strip()
    if not _NUMBER.fullmatch(text):
        return None
    try:
        number = read_exactly(text)
    except DecimalException:
        return None
    return None if is_beyond(number) else number


def _as_whole(value: Any) -> int | None:
    """Return the integer that a number is, if it is one."""
    if is_beyond(value) or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, Decimal) and value == int(value) else None


def spell(value: Any) -> str:
    """Return what came as a violation shows it: texts and numbers, and of the rest what it is."""
    if value is _NOTHING or is_beyond(value):
        return ""
    if isinstance(value, str):
        return quote(value, MAX_VALUE_SHOWN)
    if isinstance(value, dict):
        return "an object" if value else "{}"
    if isinstance(value, list):
        return f"an array of {len(value)}" if value else "[]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(spell_number(value) if isinstance(value, Decimal) else str(value), MAX_VALUE_SHOWN)


def _steps(place: Place) -> list[str | int]:
    steps = []
    while place is not None:
        place, step = place
        steps.append(step)
    steps.reverse()
    return steps


def _path(steps: list[str | int]) -> str:
    path = "$"
    for step in steps:
        path += f"[{step}]" if step.__class__ is int else f".{step}"
    return path
