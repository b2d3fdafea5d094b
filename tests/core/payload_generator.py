"""Payloads made from a JSON schema: valid ones, and ones that are broken in exactly one way.

The same seed gives the same payloads, on every machine. Only the JSON Schema keywords that OCPP uses
are known (RULES §10.2).
"""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import attrs

from ocpp_sansio import Rule

Node = dict[str, Any]


class Moment(str):
    """A date-time: the same instant may come back in another spelling (A-7)."""

    __slots__ = ()


class ZeroFraction(Decimal):
    """An integer with a fraction of zero, such as 7.0: it may come back as 7 (G-2)."""


@attrs.frozen
class Broken:
    """A payload with one defect, and where and what that is."""

    payload: Any
    path: str
    rule: Rule


# Beyond ASCII: two, three and four bytes of UTF-8, what JSON must escape, and what JavaScript cannot say.
CHARACTERS = 'aZ09 é漢😀𝄞"\\/\n\t\x00\x7f\u2028\ufeff'
INTEGERS: tuple[int, ...] = (0, 1, 7, 100, -1, 2**31 - 1, -(2**31), 2**53 + 1, 10**20, -(10**20))
NUMBERS: tuple[int | Decimal, ...] = (
    *(0, 3, -16, 2**53 + 1),
    *map(Decimal, ("2935.600", "0.1", "-0.0", "1e5", "1.50E-7", "-273.15", "0.30000000000000004")),
    *map(Decimal, ("99.9", "12345678901234567890.123456789", "-1E+2", "21.30", "5.0", "1e300")),
)
MOMENTS = (
    "2026-08-28T10:15:30Z",
    "2026-08-28T10:15:30.5Z",
    "2026-08-28T12:15:30.123+02:00",
    "2026-02-28T23:59:59.999999-11:30",
    "2024-02-29T00:00:00+00:00",
    "2024-02-29t00:00:00.000z",
    "1999-12-31T23:59:59.123456789-00:00",
)
ISO_MOMENTS = ("2026-08-28T10:15Z", "2026-08-28T10:15:30+02", "2026-08-28T10:15:30,5Z")
"""Date-times by ISO 8601, which is what 1.6 asks for, and none by RFC 3339 (A-6)."""
NOT_MOMENTS = (
    "2026-08-28T10:15:30",  # naive
    "2026-08-28T10:15:30.5",
    "2026-08-28",
    "10:15:30Z",
    "2026-13-28T10:15:30Z",
    "2026-02-29T10:15:30Z",
    "2026-08-28T25:15:30Z",
    "28.08.2026 10:15",
    "1787912130",
    "",
)
LOCATIONS = ("ftp://user:secret@host.example:21/logs/", "https://host.example/f.bin?x=1")
FREE_KEYS = ("vendor", "é", "with space", "", "camelCase", "snake_case", "$ref")


class PayloadGenerator:
    """Makes payloads for one schema."""

    def __init__(self, schema: Node, *, seed: str, zero_fractions: bool) -> None:
        """`zero_fractions`: whether 7.0 is an integer, as in JSON Schema since draft 6 (G-2)."""
        self._schema = schema
        self._random = Random(seed)
        self._zero_fractions = zero_fractions
        self._turn: int | None = None
        self._is_terse = False

    def turns(self) -> int:
        """Return how many `full` payloads it takes to show every enum value at each of its places."""
        return max(len(node.get("enum", [0])) for node in self._nodes(self._schema))

    def full(self, turn: int) -> dict[str, Any]:
        """Return a payload with every member; each enum has its value number `turn`, in a circle."""
        self._turn = turn
        payload: dict[str, Any] = self._value(self._schema)
        self._turn = None
        return payload

    def any(self) -> dict[str, Any]:
        """Return a payload with some of the optional members and lists of some length."""
        payload: dict[str, Any] = self._value(self._schema)
        return payload

    def broken(self) -> Iterator[Broken]:
        """Yield a full payload, its strings short, with each defect at each place."""
        self._is_terse = True
        yield from self._broken(self._schema, self.full(0), "$")
        self._is_terse = False

    # -- valid -------------------------------------------------------------------------------------

    def _value(self, node: Node) -> Any:
        node = self._resolved(node)
        if "enum" in node:
            return self._enum(node["enum"])
        match node.get("type"):
            case None:
                return self._free(depth=0)
            case "object":
                return self._object(node)
            case "array":
                return self._array(node)
            case "string" if node.get("format") == "date-time":
                return Moment(self._random.choice(MOMENTS))
            case "string" if node.get("format") == "uri":  # an unchecked format (G-3)
                return self._random.choice(LOCATIONS)
            case "string":
                return self._string(node.get("maxLength"))
            case "boolean":
                return self._random.random() < 0.5
            case "integer":
                return self._integer(node)
            case "number":
                return self._random.choice([value for value in NUMBERS if _fits(value, node)])
        raise NotImplementedError(node)

    def _object(self, node: Node, *, minimal: bool = False) -> dict[str, Any]:
        required = node.get("required", ())
        members = {
            name: self._value(child)
            for name, child in node.get("properties", {}).items()
            if name in required or (not minimal and self._takes_optional())
        }
        if node.get("additionalProperties") is not False and not minimal:  # custom data
            members |= self._free_members(depth=0)
        return members

    def _takes_optional(self) -> bool:
        return self._turn is not None or self._random.random() < 0.4

    def _array(self, node: Node) -> list[Any]:
        if self._turn is not None:
            return [self._value(node["items"])]
        low, high = node.get("minItems", 0), node.get("maxItems", 3)
        return [self._value(node["items"]) for _ in range(self._random.randint(low, min(high, 3)))]

    def _enum(self, values: list[str]) -> str:
        return (
            self._random.choice(values) if self._turn is None else values[self._turn % len(values)]
        )

    def _string(self, longest: int | None) -> str:
        if longest is None or self._is_terse:
            longest = min(longest or 80, 80)
        length = self._random.choice((0, 1, min(longest, 12), longest))
        if length > 1000:  # a pattern, for the sake of speed
            return ("".join(self._random.choices(CHARACTERS, k=50)) * (length // 50 + 1))[:length]
        return "".join(self._random.choices(CHARACTERS, k=length))

    def _integer(self, node: Node) -> int | Decimal:
        number: int = self._random.choice([value for value in INTEGERS if _fits(value, node)])
        if self._zero_fractions and self._random.random() < 0.1:
            return ZeroFraction(f"{number}.0")
        return number

    def _free(self, *, depth: int) -> Any:
        kind = self._random.choice("sniblo" if depth < 3 else "snib")
        match kind:
            case "s":
                return self._string(20)
            case "n":
                return self._random.choice(NUMBERS)
            case "i":
                return self._random.choice(INTEGERS)
            case "b":
                return self._random.choice((True, False, *([None] if depth else [])))
            case "l":
                return [self._free(depth=depth + 1) for _ in range(self._random.randint(0, 3))]
        return self._free_members(depth=depth)

    def _free_members(self, *, depth: int) -> dict[str, Any]:
        keys = self._random.sample(FREE_KEYS, k=self._random.randint(0, 3))
        return {key: self._free(depth=depth + 1) for key in keys}

    # -- broken ------------------------------------------------------------------------------------

    def _broken(self, node: Node, value: Any, path: str) -> Iterator[Broken]:
        node = self._resolved(node)
        if "enum" in node:
            yield from _broken_enum(node["enum"], path)
            return
        match node.get("type"):
            case "object":
                yield from self._broken_object(node, value, path)
            case "array":
                yield from self._broken_array(node, value, path)
            case "string":
                yield from _broken_string(node, path)
            case "boolean":
                yield from (Broken(wrong, path, Rule.TYPE) for wrong in ("true", 1, 0, [True]))
            case "integer" | "number":
                yield from self._broken_number(node, path)

    def _broken_object(self, node: Node, value: dict[str, Any], path: str) -> Iterator[Broken]:
        if path != "$":
            yield from (Broken(wrong, path, Rule.TYPE) for wrong in ("{}", 1, [value]))
        if node.get("additionalProperties") is False:
            yield Broken(value | {"nonsense": 1}, f"{path}.nonsense", Rule.UNKNOWN_MEMBER)
        for name in node.get("required", ()):
            rest = {key: member for key, member in value.items() if key != name}
            yield Broken(rest, f"{path}.{name}", Rule.REQUIRED)
        for name, child in node.get("properties", {}).items():
            here = f"{path}.{name}"
            if "type" in self._resolved(child):
                yield Broken(value | {name: None}, here, Rule.NULL)
            for broken in self._broken(child, value[name], here):
                yield attrs.evolve(broken, payload=value | {name: broken.payload})

    def _broken_array(self, node: Node, value: list[Any], path: str) -> Iterator[Broken]:
        yield from (Broken(wrong, path, Rule.TYPE) for wrong in (value[0], {"0": value[0]}))
        yield Broken([*value, None], f"{path}[{len(value)}]", Rule.NULL)
        if node.get("minItems"):
            yield Broken([], path, Rule.MIN_ITEMS)
        if "maxItems" in node:
            yield Broken(
                [self._minimal(node["items"])] * (node["maxItems"] + 1), path, Rule.MAX_ITEMS
            )
        for broken in self._broken(node["items"], value[0], f"{path}[0]"):
            yield attrs.evolve(broken, payload=[broken.payload])

    def _broken_number(self, node: Node, path: str) -> Iterator[Broken]:
        fitting = next(value for value in (0, 1) if _fits(value, node))
        for wrong in (f"{fitting}", f"{fitting}.0", "", "x", True, [fitting]):
            yield Broken(wrong, path, Rule.TYPE)
        if node["type"] == "integer":
            yield Broken(Decimal("7.5"), path, Rule.TYPE)
        if "minimum" in node:
            yield Broken(int(node["minimum"]) - 1, path, Rule.MINIMUM)
        if "maximum" in node:
            yield Broken(int(node["maximum"]) + 1, path, Rule.MAXIMUM)
        if node["type"] == "number" and "maximum" in node:
            yield Broken(int(node["maximum"]) + Decimal("0.001"), path, Rule.MAXIMUM)
        if "multipleOf" in node:
            for wrong in ("21.34", "0.01", "-1.05", "1e-2", "99999999999999999999.15"):
                yield Broken(Decimal(wrong), path, Rule.MULTIPLE_OF)

    def _minimal(self, node: Node) -> Any:
        node = self._resolved(node)
        return (
            self._object(node, minimal=True) if node.get("type") == "object" else self._value(node)
        )

    # -- the schema --------------------------------------------------------------------------------

    def _resolved(self, node: Node) -> Node:
        if "$ref" not in node:
            return node
        resolved: Node = self._schema["definitions"][node["$ref"].removeprefix("#/definitions/")]
        return resolved

    def _nodes(self, node: Node) -> Iterator[Node]:
        node = self._resolved(node)
        yield node
        for child in node.get("properties", {}).values():
            yield from self._nodes(child)
        if "items" in node:
            yield from self._nodes(node["items"])


def _broken_enum(values: list[str], path: str) -> Iterator[Broken]:
    for wrong in (f"{values[0]}x", values[0].swapcase(), "", f" {values[-1]}"):
        if wrong not in values:
            yield Broken(wrong, path, Rule.ENUM)
    yield from (Broken(wrong, path, Rule.TYPE) for wrong in (0, True, [values[0]]))


def _broken_string(node: Node, path: str) -> Iterator[Broken]:
    not_strings: tuple[Any, ...] = (7, Decimal("7.5"), False, {})
    yield from (Broken(wrong, path, Rule.TYPE) for wrong in not_strings)
    if node.get("format") == "date-time":
        yield from (Broken(wrong, path, Rule.FORMAT) for wrong in (*NOT_MOMENTS, *ISO_MOMENTS))
    if "maxLength" in node:
        # Characters count, not bytes, nor UTF-16 units.
        yield from (Broken(c * (node["maxLength"] + 1), path, Rule.MAX_LENGTH) for c in "x😀")


def _fits(value: int | Decimal, node: Node) -> bool:
    step = Decimal(str(node.get("multipleOf", 0)))
    low, high = node.get("minimum", value), node.get("maximum", value)
    return bool(low <= value <= high and (not step or Fraction(value) % Fraction(step) == 0))


_quote = json.JSONEncoder(ensure_ascii=False).encode
_quote_in_ascii = json.JSONEncoder(ensure_ascii=True).encode


def json_text(value: Any, *, is_ascii: bool = False) -> str:
    """Return a payload as JSON text, each Decimal as the number token that it was made from."""
    return _text(value, _quote_in_ascii if is_ascii else _quote)


def _text(value: Any, quote: Callable[[Any], str]) -> str:
    if isinstance(value, dict):
        members = [f"{quote(name)}:{_text(member, quote)}" for name, member in value.items()]
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join([_text(item, quote) for item in value]) + "]"
    return str(value) if isinstance(value, Decimal) else quote(value)
