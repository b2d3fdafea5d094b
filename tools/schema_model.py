"""Reads a folder of OCPP JSON schemas into a model of what they say: enums, objects and messages.

The schemas use a small part of JSON Schema (RULES §10.2). Whatever is not known here is refused with
the file and the place, since skipping it in silence would make the generated types wrong.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import attrs

__all__ = [
    "Array",
    "EnumType",
    "Field",
    "FieldType",
    "Message",
    "Named",
    "ObjectType",
    "Scalar",
    "SchemaError",
    "VersionModel",
    "names_in",
    "read_version",
]

Node: TypeAlias = dict[str, Any]


class SchemaError(Exception):
    """The schemas, or the tables beside the generator, hold something that it cannot use."""


@attrs.frozen
class Scalar:
    """A string, number, boolean, date-time, custom data or free JSON, with its bounds."""

    kind: str
    """One of "string", "integer", "number", "boolean", "date-time", "custom data", "any"."""
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    multiple_of: float | None = None


@attrs.frozen
class Named:
    """An enum or an object, by its class name."""

    name: str


@attrs.frozen
class Array:
    """A list of one type; the specification bounds some."""

    item: "FieldType"
    min_items: int | None
    max_items: int | None


FieldType: TypeAlias = Scalar | Named | Array


@attrs.frozen
class Field:
    """One member of an object, under its wire name."""

    wire_name: str
    type: FieldType
    is_required: bool


@attrs.frozen
class EnumType:
    """A closed set of strings."""

    name: str
    values: tuple[str, ...]


@attrs.frozen
class ObjectType:
    """A closed JSON object; required members first, else in the order of the schema."""

    name: str
    fields: tuple[Field, ...]


@attrs.frozen
class Message:
    """One action with the objects of its request and, unless it is a SEND, of its response."""

    action: str
    direction: str
    """As in actions.tsv: "CS>CSMS", "CSMS>CS" or "both"."""
    request: ObjectType
    response: ObjectType | None


@attrs.frozen
class VersionModel:
    """All that the schemas of one version say."""

    version: str
    """Such as "v16"."""
    enums: tuple[EnumType, ...]
    """By name."""
    objects: tuple[ObjectType, ...]
    """Each after those that it refers to, else by name."""
    messages: tuple[Message, ...]
    """By action."""


# Keywords that change nothing about what is valid: texts, Java hints, and `additionalItems` beside
# an `items` that is not a list. A `default` says what the receiver takes an absent member for; the
# member stays absent all the same, so that a payload passes through unchanged.
_NOISE = {"additionalItems", "comment", "default", "description", "javaType", "title"}
_ROOT_NOISE = {"$schema", "$id", "id", "definitions"}
_KEYWORDS = {
    "array": {"items", "minItems", "maxItems"},
    "boolean": set[str](),
    "integer": {"minimum", "maximum"},
    "number": {"minimum", "maximum", "multipleOf"},
    "object": {"properties", "required", "additionalProperties"},
    # additionalProperties on a string has no meaning; some enums carry it all the same (G-4).
    "string": {"maxLength", "format", "enum", "additionalProperties"},
}
_DEFINITION = "#/definitions/"
_CUSTOM_DATA = "CustomDataType"
_CUSTOM_DATA_PROPERTIES = {"vendorId": {"type": "string", "maxLength": 255}}


def read_version(
    folder: Path,
    version: str,
    inline_names: Mapping[str, str],
    errata: Mapping[str, Sequence[str]],
) -> VersionModel:
    """Read `folder`/`version`, such as "v201", with the actions that actions.tsv lists for it.

    `inline_names` gives "owner class.wire name" a class name where the schema has none; `errata` has values
    that an enum has beyond those of the schema. Raises SchemaError, with file and place, for what cannot be
    read or is not known.
    """
    model = _Reader(folder, version, inline_names).read()
    if stale := sorted(set(errata) - {known.name for known in model.enums}):
        raise SchemaError(f"names.toml: no such enums in {version}: {', '.join(stale)}")
    enums = tuple(_amended(known, errata.get(known.name, ())) for known in model.enums)
    return attrs.evolve(model, enums=enums)


def _amended(known: EnumType, added: Sequence[str]) -> EnumType:
    if twice := sorted(set(added) & set(known.values)):
        raise SchemaError(f"names.toml: the schema's {known.name} has {', '.join(twice)} already")
    return EnumType(known.name, (*known.values, *added))


class _Reader:
    def __init__(self, folder: Path, version: str, inline_names: Mapping[str, str]) -> None:
        self._folder = folder
        self._version = version
        self._inline_names = inline_names
        self._used_inline_names: set[str] = set()
        self._types: dict[str, EnumType | ObjectType] = {}

    def read(self) -> VersionModel:
        messages = tuple(self._messages())
        if stale := sorted(set(self._inline_names) - self._used_inline_names):
            raise SchemaError(f"names.toml: no such places in {self._version}: {', '.join(stale)}")
        by_name = [self._types[name] for name in sorted(self._types)]
        return VersionModel(
            version=self._version,
            enums=tuple(known for known in by_name if isinstance(known, EnumType)),
            objects=_in_dependency_order([o for o in by_name if isinstance(o, ObjectType)]),
            messages=messages,
        )

    def _messages(self) -> Iterator[Message]:
        read: set[str] = set()
        for row in sorted(_actions(self._folder / "actions.tsv"), key=lambda row: row["action"]):
            if f"v{row['version']}" != self._version:
                continue
            action, is_send = row["action"], row["kind"] == "SEND"
            request_file = f"{action}.json"  # G-1: 1.6, and the SEND of 2.1
            if self._version != "v16" and not is_send:
                request_file = f"{action}Request.json"
            response_file = f"{action}Response.json"
            request_name = action if is_send else f"{action}Request"
            request = self._message_object(request_file, request_name)
            read.add(request_file)
            response = None
            if not is_send:
                response = self._message_object(response_file, f"{action}Response")
                read.add(response_file)
            yield Message(action, row["direction"], request, response)
        present = {path.name for path in (self._folder / self._version).glob("*.json")}
        if unlisted := sorted(present - read):
            raise SchemaError(f"{self._version}: not in actions.tsv: {', '.join(unlisted)}")

    def _message_object(self, file_name: str, class_name: str) -> ObjectType:
        place = f"{self._version}/{file_name}"
        root = _json_object(self._folder / self._version / file_name)
        definitions = root.get("definitions", {})
        reading = _FileReading(self, place, definitions)
        node = {key: value for key, value in root.items() if key not in _ROOT_NOISE}
        return reading.object(node, class_name, f"{place}: $")

    def add(self, new: EnumType | ObjectType, place: str) -> Named:
        """Keep a type; the same name in another file must mean the same."""
        known = self._types.setdefault(new.name, new)
        if known != new:
            raise SchemaError(f"{place}: {new.name} has another shape elsewhere in {self._version}")
        return Named(new.name)

    def inline_name(self, owner: str, wire_name: str, place: str) -> str:
        key = f"{owner}.{wire_name}"
        if key not in self._inline_names:
            raise SchemaError(f"{place}: names.toml has no [inline.{self._version}] name for {key}")
        self._used_inline_names.add(key)
        return self._inline_names[key]


class _FileReading:
    """The walk through one file."""

    def __init__(self, reader: _Reader, file: str, definitions: dict[str, Node]) -> None:
        self._reader = reader
        self._file = file
        self._definitions = definitions

    def object(self, node: Node, name: str, place: str) -> ObjectType:
        _expect(node, "object", place)
        if node.get("additionalProperties") is not False:
            raise SchemaError(f"{place}: an object that is open to other members")
        properties, required = node.get("properties", {}), node.get("required", [])
        if unknown := sorted(set(required) - set(properties)):
            raise SchemaError(f"{place}: required but not described: {', '.join(unknown)}")
        fields = [
            Field(
                wire_name=wire_name,
                type=self._type(child, name, wire_name, f"{place}.{wire_name}"),
                is_required=wire_name in required,
            )
            for wire_name, child in properties.items()
        ]
        return ObjectType(name, tuple(sorted(fields, key=lambda field: not field.is_required)))

    def _type(self, node: Node, owner: str, wire_name: str, place: str) -> FieldType:
        if "$ref" in node:
            return self._referenced(node, place)
        if "type" not in node:
            _refuse_unknown(node, set(), place)
            return Scalar("any")
        match node["type"]:
            case "array":
                return self._array(node, owner, wire_name, place)
            case "object":
                name = self._reader.inline_name(owner, wire_name, place)
                return self._reader.add(self.object(node, name, place), place)
            case "string" if "enum" in node:
                name = self._reader.inline_name(owner, wire_name, place)
                return self._reader.add(_enum(node, name, place), place)
            case _:
                return _scalar(node, place)

    def _referenced(self, node: Node, place: str) -> FieldType:
        _refuse_unknown(node, {"$ref"}, place)
        name = str(node["$ref"]).removeprefix(_DEFINITION)
        if name not in self._definitions:
            raise SchemaError(f"{place}: $ref {node['$ref']} leads nowhere")
        target, target_place = self._definitions[name], f"{self._file}: {_DEFINITION}{name}"
        if name == _CUSTOM_DATA:
            _expect_custom_data(target, target_place)
            return Scalar("custom data")
        if "enum" in target:
            return self._reader.add(_enum(target, name, target_place), target_place)
        return self._reader.add(self.object(target, name, target_place), target_place)

    def _array(self, node: Node, owner: str, wire_name: str, place: str) -> Array:
        _expect(node, "array", place)
        if not isinstance(node.get("items"), dict):
            raise SchemaError(f"{place}: an array without one schema for its items")
        item = self._type(node["items"], owner, wire_name, f"{place}[]")
        return Array(item, node.get("minItems"), node.get("maxItems"))


def _enum(node: Node, name: str, place: str) -> EnumType:
    _expect(node, "string", place)
    if len(set(node["enum"])) != len(node["enum"]):
        raise SchemaError(f"{place}: an enum value occurs twice")
    return EnumType(name, tuple(node["enum"]))


def _scalar(node: Node, place: str) -> Scalar:
    kind = node["type"]
    if kind not in ("string", "boolean", "integer", "number"):
        raise SchemaError(f"{place}: the generator does not know the type {kind!r}")
    _expect(node, kind, place)
    match node.get("format"):
        case None | "uri":  # uri is not checked: it refuses real upload locations (G-3)
            pass
        case "date-time":
            return Scalar("date-time")
        case other:
            raise SchemaError(f"{place}: the generator does not know the format {other!r}")
    return Scalar(
        kind=kind,
        max_length=node.get("maxLength"),
        minimum=_whole(node, "minimum", place),
        maximum=_whole(node, "maximum", place),
        multiple_of=node.get("multipleOf"),
    )


def _whole(node: Node, keyword: str, place: str) -> int | None:
    """Return a bound; all are whole numbers, though the files write some as 0.0."""
    bound = node.get(keyword)
    if bound is not None and bound != int(bound):
        raise SchemaError(f"{place}: the {keyword} {bound} is no whole number")
    return None if bound is None else int(bound)


def _expect(node: Node, kind: str, place: str) -> None:
    if node.get("type") != kind:
        raise SchemaError(f"{place}: {kind} expected, found {node.get('type')!r}")
    _refuse_unknown(node, _KEYWORDS[kind] | {"type"}, place)


def _refuse_unknown(node: Node, known: set[str], place: str) -> None:
    if unknown := sorted(set(node) - known - _NOISE):
        raise SchemaError(f"{place}: the generator does not know {', '.join(unknown)}")


def _expect_custom_data(node: Node, place: str) -> None:
    """Refuse custom data other than what `CustomData`, which is written by hand, checks."""
    _expect(node, "object", place)
    facts = (node.get("properties"), node.get("required"), node.get("additionalProperties"))
    if facts != (_CUSTOM_DATA_PROPERTIES, ["vendorId"], None):
        raise SchemaError(f"{place}: not what ocpp_sansio.core.messages.CustomData checks")


def _in_dependency_order(objects: list[ObjectType]) -> tuple[ObjectType, ...]:
    waiting = {known.name: known for known in objects}
    ordered: list[ObjectType] = []

    def place(known: ObjectType, above: tuple[str, ...]) -> None:
        if known.name in above:
            circle = " > ".join((*above, known.name))
            raise SchemaError(f"objects that contain each other: {circle}")
        for name in sorted(names_in(known)):
            if name in waiting:
                place(waiting[name], (*above, known.name))
        if waiting.pop(known.name, None):
            ordered.append(known)

    for known in objects:
        place(known, ())
    return tuple(ordered)


def names_in(known: ObjectType) -> set[str]:
    """Return the enums and objects that the fields of an object are made of."""
    names = set()
    for field in known.fields:
        inner = field.type
        while isinstance(inner, Array):
            inner = inner.item
        if isinstance(inner, Named):
            names.add(inner.name)
    return names


def _actions(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines, delimiter="\t"))
    except OSError as error:
        raise SchemaError(f"{path}: {error.strerror}") from error


def _json_object(path: Path) -> Node:
    try:
        root = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SchemaError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise SchemaError(f"{path}: {error}") from error
    if not isinstance(root, dict):
        raise SchemaError(f"{path}: not a JSON object")
    return root
