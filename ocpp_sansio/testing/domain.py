"""What the members of OCPP's messages mean: values that matter to a peer, beside the schema's corners.

    domain = Domain(id_tags=["04A1B2C3"], connectors=3)
    dice = Dice(7)
    request = draw(dice, v16.StartTransactionRequest, domain)

A connector may be the last or the one after it, an idTag known, foreign or known in other letters, a
transaction one that the peer has given in this very story: `Seen` remembers what was said.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Any, Final, TypeAlias, TypeVar, cast

import attrs
from msgspec import inspect
from msgspec.structs import replace

from ocpp_sansio.core import CustomData, FreeJson, Payload, bounds_of
from ocpp_sansio.testing.chance import Chance, one_in, pick
from ocpp_sansio.testing.names import COMPONENTS, STANDARD_KEYS
from ocpp_sansio.testing.shapes import EPOCH, VENDOR, fields_of, struct_of, values_of

__all__ = ["Domain", "Seen", "draw", "moments"]

PayloadT = TypeVar("PayloadT", bound=Payload)

MAX_SEEN: Final = 8
"""Values of a member that are remembered, the latest; more would only be chosen less often."""

MAX_GIVEN: Final = 64
"""Values of a member that the other side has given in one story; what a story names comes early."""

MAX_CORNERS: Final = 24
"""The schema's own values of a member that are drawn from."""

DEEPEST: Final = 4
"""Levels of members within members below which only what is required is drawn."""

BEYOND: Final = 2**31 - 1
"""The greatest integer that every peer has to read (A-8)."""

NEVER_GIVEN: Final = 987_654
"""An id that no peer gives by itself."""


def _positive(_: Any, attribute: "attrs.Attribute[Any]", value: int) -> None:
    if type(value) is not int or value < 1:
        raise ValueError(f"{attribute.name} is a whole number from 1 up, not {value!r}")


def _aware(_: Any, attribute: "attrs.Attribute[Any]", value: datetime) -> None:
    if value.tzinfo is None:
        raise ValueError(f"{attribute.name} needs a time zone, such as UTC: {value!r}")


def _texts(_: Any, attribute: "attrs.Attribute[Any]", value: Sequence[str]) -> None:
    if isinstance(value, str) or not value or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{attribute.name} is a list of one string or more, not {value!r}")


@attrs.frozen(kw_only=True)
class Domain:
    """What a peer knows, and what it does not. Raises ValueError for nonsense; all has a default."""

    id_tags: Sequence[str] = attrs.field(default=("CAFE01", "CAFE02"), validator=_texts)
    """idTags and idTokens that the peer takes."""
    blocked: Sequence[str] = attrs.field(default=("BLOCKED1",), validator=_texts)
    """Those that it knows and does not take."""
    connectors: int = attrs.field(default=2, validator=_positive)
    """How many connectors a station has, in 2.x how many at each EVSE."""
    evses: int = attrs.field(default=2, validator=_positive)
    """How many EVSEs a station has (2.x)."""
    vendors: Sequence[str] = attrs.field(default=(VENDOR,), validator=_texts)
    """The `vendorId`s that mean something to the peer."""
    now: datetime = attrs.field(default=EPOCH, validator=_aware)
    """The moment that counts as the present; what is drawn lies around it."""
    more: Mapping[str, Sequence[Any]] = attrs.field(factory=dict)
    """Values of your own by the member's name on the wire, such as {"model": ["X1"]}; they come first."""


class Seen:
    """What was said in a story: the latest values of the members that name something."""

    def __init__(self) -> None:
        self._values: dict[str, list[Any]] = {}
        self._given: dict[str, list[Any]] = {}

    def note(self, payload: Any, *, is_given: bool = False) -> None:
        """Remember what a payload, as JSON, names; `is_given` if it is for the other side to choose."""
        for meaning, value in _named(payload, ""):
            _put(self._values.setdefault(meaning, []), value)
            if is_given:
                given = self._given.setdefault(meaning, [])
                if value not in given and len(given) < MAX_GIVEN:
                    given.append(value)

    def given(self, meaning: str) -> list[Any]:
        """Return what was given of a meaning, such as "transaction", in its order."""
        return self._given.get(meaning, [])

    def get(self, meaning: str) -> list[Any]:
        """Return the values of a meaning, such as "transaction" or "tag", the latest first."""
        return self._values.get(meaning, [])

    def clear(self) -> None:
        """Forget it all."""
        self._values.clear()
        self._given.clear()


def _named(payload: Any, parent: str) -> Iterator[tuple[str, Any]]:
    """Yield the meaning and the value of each member that has a meaning."""
    if isinstance(payload, list):
        for item in payload:
            yield from _named(item, parent)
    if not isinstance(payload, dict):
        return
    for name, value in payload.items():
        if isinstance(value, dict | list):
            yield from _named(value, name)
            continue
        meaning = _MEANINGS.get((parent, name)) or _MEANINGS.get(("", name))
        if meaning is not None and value is not None and not isinstance(value, bool):
            yield meaning, value


def _put(values: list[Any], value: Any) -> None:
    if value in values:
        values.remove(value)
    values.insert(0, value)
    del values[MAX_SEEN:]


# --- drawing --------------------------------------------------------------------------------------


def draw(
    chance: Chance, payload_type: type[PayloadT], domain: Domain, seen: Seen | None = None
) -> PayloadT:
    """Return a valid payload of a class, each member plain, meaningful or a corner of the schema."""
    drawn = _Draw(chance, domain, seen or Seen()).struct(payload_type, "", DEEPEST)
    return cast("PayloadT", drawn)


@attrs.frozen(eq=False)
class _Member:
    """One member of a payload class as `_Draw` needs it, found out once."""

    name: str
    """In Python."""
    kind: inspect.Type
    """Of the items, for a list."""
    is_required: bool
    meaning: str | None
    wire_name: str
    corners: Sequence[Any]
    """The schema's own values of it; none for an object."""
    counts: tuple[int, int] | None
    """For a list, how many items are drawn at least and at most."""


@cache
def _members(payload_type: type[Payload], parent: str) -> tuple[_Member, ...]:
    return tuple(
        _member(field, parent, wire_name) for wire_name, field in fields_of(payload_type).items()
    )


def _member(field: inspect.Field, parent: str, wire_name: str) -> _Member:
    kind, counts = field.type, None
    if isinstance(kind, inspect.ListType):
        fewest = kind.min_length or 0
        counts = fewest, max(min(max(fewest, 1) + 2, kind.max_length or BEYOND), fewest)
        kind = kind.item_type
    is_object = isinstance(kind, inspect.StructType)
    corners = () if is_object else tuple(islice(values_of(kind), MAX_CORNERS))
    meaning = _MEANINGS.get((parent, wire_name)) or _MEANINGS.get(("", wire_name))
    if isinstance(kind, inspect.DateTimeType):
        meaning = "moment"
    elif not isinstance(kind, inspect.StrType | inspect.IntType | inspect.CustomType):
        meaning = None
    return _Member(field.name, kind, field.required, meaning, wire_name, corners, counts)


class _Draw:
    def __init__(self, chance: Chance, domain: Domain, seen: Seen) -> None:
        self._chance = chance
        self._domain = domain
        self._seen = seen

    def struct(self, payload_type: type[Payload], parent: str, depth: int) -> Payload:
        members = {
            member.name: self._value(member, depth)
            for member in _members(payload_type, parent)
            if member.is_required or (depth and self._wants(member))
        }
        if {"component", "variable"} <= members.keys():
            self._pair(members)
        return payload_type(**members)

    def _wants(self, member: _Member) -> bool:
        """Whether a member that may be left out is there; such as mean something are there more often."""
        return one_in(self._chance, 2 if member.meaning else 5)

    def _value(self, member: _Member, depth: int) -> Any:
        if member.counts is None:
            return self._single(member, depth)
        fewest, most = member.counts
        count = min(max(fewest, 1) + self._chance.below(3), most)
        if not fewest and one_in(self._chance, 8):
            count = 0
        return [self._single(member, depth) for _ in range(count)]

    def _single(self, member: _Member, depth: int) -> Any:
        if isinstance(member.kind, inspect.StructType):
            return self.struct(struct_of(member.kind), member.wire_name, max(depth - 1, 0))
        if member.meaning or member.wire_name in self._domain.more:
            values = _choices(member, self._domain, self._seen)
            if values and not one_in(self._chance, 6):
                return pick(self._chance, values)
        return pick(self._chance, member.corners)

    def _pair(self, members: dict[str, Any]) -> None:
        """Make a component and its variable (2.x) go together, mostly: each alone says little."""
        if one_in(self._chance, 4):
            return
        component = pick(self._chance, list(COMPONENTS))
        members["component"] = replace(members["component"], name=component)
        variable = pick(self._chance, COMPONENTS[component])
        members["variable"] = replace(members["variable"], name=variable)


def _choices(member: _Member, domain: Domain, seen: Seen) -> Sequence[Any]:
    """Return the values that mean something as that member, the plainest first."""
    if member.meaning == "moment":
        return moments(domain.now)
    found: list[Any] = [*domain.more.get(member.wire_name, ())]
    if member.meaning:
        found += seen.get(member.meaning)
        found += _VALUES[member.meaning](domain, seen)
    if isinstance(member.kind, inspect.StrType):
        found = [str(value) for value in found]
    return list(dict.fromkeys(value for value in found if _fits(member.kind, value)))


def _fits(kind: inspect.Type, value: Any) -> bool:
    """Whether a plain value is valid for a member, by the limits in its type."""
    if isinstance(kind, inspect.StrType):
        return isinstance(value, str) and (kind.max_length is None or len(value) <= kind.max_length)
    if isinstance(kind, inspect.IntType):
        low, high = bounds_of(kind)
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return is_whole and (low is None or value >= low) and (high is None or value <= high)
    if not isinstance(kind, inspect.CustomType) or kind.cls in {FreeJson, CustomData}:
        return isinstance(kind, inspect.CustomType) and kind.cls is FreeJson
    scalar: Any = kind.cls
    return (
        isinstance(value, int | Decimal)
        and (scalar.minimum is None or value >= scalar.minimum)
        and (scalar.maximum is None or value <= scalar.maximum)
        and (scalar.decimals is None or value == round(Decimal(value), scalar.decimals))
    )


# --- what means what ------------------------------------------------------------------------------

Meaning: TypeAlias = Callable[[Domain, Seen], Iterable[Any]]


def _connectors(domain: Domain, _: Seen) -> Iterator[int]:
    yield from (1, 0, 2, domain.connectors, domain.connectors + 1, BEYOND)


def _evses(domain: Domain, _: Seen) -> Iterator[int]:
    yield from (1, 0, 2, domain.evses, domain.evses + 1, BEYOND)


def _tags(domain: Domain, seen: Seen) -> Iterator[str]:
    yield from domain.id_tags
    for tag in (*(text for text in seen.get("tag") if isinstance(text, str)), *domain.id_tags):
        yield tag.swapcase()  # the same one
    yield from domain.blocked
    yield from ("NOBODY", "", "x" * 20, "x" * 36, "0", "*-_=:+|@.", " ", "'; --", "null")


def _transactions(_: Domain, seen: Seen) -> Iterator[Any]:
    for number in seen.get("transaction"):
        if isinstance(number, int):
            yield from (number + 1, number - 1)
    yield from (1, NEVER_GIVEN, 0, -1, BEYOND)  # Q-10: -1 is what a start that never arrived leaves


def _ids(_: Domain, __: Seen) -> Iterator[Any]:
    yield from (1, 2, 0, NEVER_GIVEN, -1, BEYOND)


def _levels(_: Domain, __: Seen) -> Iterator[int]:
    yield from (0, 1, 2, 8, 99, BEYOND)


def _limits(_: Domain, __: Seen) -> Iterator[Any]:
    for text in ("16", "0", "0.1", "6", "32", "-0.1", "5.9", "11000", "2147483647.9"):
        yield Decimal(text)


def _keys(_: Domain, __: Seen) -> Iterator[str]:
    yield from STANDARD_KEYS
    yield from ("heartbeatinterval", "NoSuchKey", "", "x" * 50)


def _settings(_: Domain, __: Seen) -> Iterator[str]:
    yield from ("60", "0", "1", "-1", "true", "false", "TRUE", "", "2147483648", "1.5", "abc")
    yield from ("Energy.Active.Import.Register", "Power.Active.Import,SoC", "0.RST", "x" * 500)


def _meters(_: Domain, seen: Seen) -> Iterator[Any]:
    """Yield readings that run on, stand still, jump back."""
    for number in islice((n for n in seen.get("meter") if isinstance(n, int)), 2):
        yield from (number + 1000, number, number - 1)
    yield from (0, 1000, 1500, BEYOND, -1)


def _readings(_: Domain, __: Seen) -> Iterator[Any]:
    yield from (Decimal(1500), Decimal(0), Decimal("0.1"), Decimal(1499), Decimal(-1))
    yield from (Decimal("1500.000001"), Decimal(2147483648))


def _sequence(_: Domain, seen: Seen) -> Iterator[int]:
    for number in islice((n for n in seen.get("sequence") if isinstance(n, int)), 1):
        yield from (number + 1, number, number - 1, number + 2)
    yield from (0, 1, BEYOND)


def _spans(_: Domain, __: Seen) -> Iterator[int]:
    yield from (0, 1, 60, 300, 86_399, 86_400, 86_401, BEYOND)


def _vendors(domain: Domain, _: Seen) -> Iterator[str]:
    yield from (*domain.vendors, "com.example.nobody", "")


def _places(_: Domain, __: Seen) -> Iterator[str]:
    yield from (
        "https://files.example/fw.bin",
        "ftp://user:pass@files.example/a b",  # no address that anybody would follow
        "",
        "file:///etc/passwd",
        "https://[::1]:0/ä",
    )


def _components(_: Domain, __: Seen) -> Iterator[str]:
    yield from (*COMPONENTS, "NoSuchComponent")


def _variables(_: Domain, __: Seen) -> Iterator[str]:
    yield from (*dict.fromkeys(name for names in COMPONENTS.values() for name in names), "NoSuch")


_VALUES: Final[Mapping[str, Meaning]] = {
    "connector": _connectors,
    "evse": _evses,
    "tag": _tags,
    "transaction": _transactions,
    "reservation": _ids,
    "profile": _ids,
    "request": _ids,
    "list": _ids,
    "level": _levels,
    "limit": _limits,
    "key": _keys,
    "setting": _settings,
    "meter": _meters,
    "reading": _readings,
    "sequence": _sequence,
    "span": _spans,
    "vendor": _vendors,
    "place": _places,
    "component": _components,
    "variable": _variables,
}

_MEANINGS: Final[Mapping[tuple[str, str], str]] = {
    ("", "connectorId"): "connector",
    ("evse", "id"): "evse",
    ("", "evseId"): "evse",
    ("", "idTag"): "tag",
    ("", "parentIdTag"): "tag",
    ("", "idToken"): "tag",
    ("", "transactionId"): "transaction",
    ("", "reservationId"): "reservation",
    ("", "remoteStartId"): "request",
    ("", "requestId"): "request",
    ("", "chargingProfileId"): "profile",
    ("chargingProfile", "id"): "profile",
    ("", "stackLevel"): "level",
    ("", "limit"): "limit",
    ("", "minChargingRate"): "limit",
    ("", "key"): "key",
    ("", "attributeValue"): "setting",
    ("sampledValue", "value"): "reading",
    ("", "value"): "setting",
    ("", "meterStart"): "meter",
    ("", "meterStop"): "meter",
    ("", "listVersion"): "list",
    ("", "versionNumber"): "list",
    ("", "seqNo"): "sequence",
    ("", "startPeriod"): "span",
    ("", "duration"): "span",
    ("", "interval"): "span",
    ("", "retryInterval"): "span",
    ("", "vendorId"): "vendor",
    ("", "location"): "place",
    ("component", "name"): "component",
    ("variable", "name"): "variable",
}
"""What a member means, by its own name and that of the member it is in; "" for any."""


@cache
def moments(now: datetime) -> tuple[datetime, ...]:
    """Return moments around one: itself, then the past, the future, midnights, leap days, changed clocks."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    year = midnight.year
    leap = year - year % 4
    return (
        now.astimezone(UTC),
        now - timedelta(minutes=10),
        now - timedelta(days=1),
        now + timedelta(hours=1),
        midnight - timedelta(seconds=1),
        midnight,
        midnight + timedelta(days=1),
        datetime(leap, 2, 29, 12, tzinfo=UTC),
        datetime(year - 1, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
        datetime(year, 3, 30, 1, 30, tzinfo=UTC),  # clocks go forward in Europe on such a day
        datetime(year, 10, 26, 1, 30, tzinfo=UTC),
        datetime(2000, 1, 1, tzinfo=UTC),  # a station whose clock has no battery
        datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
    )
