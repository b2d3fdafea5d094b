"""Turns the model of a version into the source of its package; ruff does the formatting."""

import keyword
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from tools.schema_model import (
    Array,
    EnumType,
    Field,
    FieldType,
    Message,
    Named,
    ObjectType,
    Scalar,
    SchemaError,
    VersionModel,
    names_in,
)

__all__ = ["Names", "Words", "render_actions", "render_version"]

_VERSIONS = {
    "v16": ("OCPP16", "OCPP 1.6 and its security extension"),
    "v201": ("OCPP201", "OCPP 2.0.1"),
    "v21": ("OCPP21", "OCPP 2.1"),
}
_BUILT_IN = {Scalar("boolean"): "bool", Scalar("string"): "str"}
# The scalars that ocpp_sansio.core.messages has a type for, since msgspec alone cannot check them.
_HAND_WRITTEN = {
    Scalar("any"): "FreeJson",
    Scalar("custom data"): "CustomData",
    Scalar("date-time"): "DateTime",
    Scalar("integer"): "Integer",
    Scalar("number"): "Number",
    Scalar("number", maximum=0): "NonPositiveNumber",
    Scalar("number", minimum=0, maximum=100): "Percentage",
    Scalar("number", multiple_of=0.1): "Tenths",
}
# What a type checker sees of each kind of scalar.
_STUB_TYPES = {
    "any": "Any",
    "boolean": "bool",
    "custom data": "JsonObject",
    "date-time": "datetime",
    "integer": "int",
    "number": "Decimal",
    "string": "str",
}
_READY_MADE = _BUILT_IN | _HAND_WRITTEN
_HIGHEST_FAST = 2**63 - 1  # as in ocpp_sansio.core.messages
_DIRECTIONS = {"CS>CSMS": "STATION_TO_CSMS", "CSMS>CS": "CSMS_TO_STATION", "both": "BOTH"}
_NOTE = (
    "Written by tools/generate.py from the facts of the official schemas: change that, not this."
)
# What the base classes in ocpp_sansio.core.messages already say of a message.
_FACTS = {"action", "version", "direction", "kind", "response_type"}
# Said again by each class: msgspec passes `frozen` on, but not `kw_only`; type checkers neither.
_OPTIONS = ", frozen=True, kw_only=True"
_DOCSTRING_ROOM = 100 - len('    """"""')

# Acronyms up to the next word, words, acronyms; both with the digits after them.
_WORDS = (r"[A-Z]+(?=[A-Z][a-z])", r"[A-Z]?[a-z]+\d*", r"[A-Z]+\d*", r"\d+")

_Table: TypeAlias = Mapping[str, Any]


@attrs.frozen
class Names:
    """The spellings of names.toml."""

    inline: Mapping[str, Mapping[str, str]]
    """Version → "owner class.wire name" → class, for what the schemas leave unnamed."""
    errata: Mapping[str, Mapping[str, Sequence[str]]]
    """Version → enum → values that an errata sheet adds to the schema's."""
    _whole_words: tuple[str, ...]
    _members: Mapping[str, str]

    @classmethod
    def load(cls, path: Path) -> "Names":
        """Read names.toml."""
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        # The longest first, so that V2G20 is not read as V2G and 20.
        whole_words = tuple(sorted(table["whole_words"], key=len, reverse=True))
        return cls(table["inline"], table["errata"], whole_words, table["members"])

    def attribute(self, wire_name: str, *, taken: Iterable[str] = ()) -> str:
        """Return the snake_case attribute for a wire name; "_" follows a keyword or a taken name."""
        name = "_".join(self._split(wire_name)).lower()
        return f"{name}_" if keyword.iskeyword(name) or name in taken else name

    def member(self, value: str) -> str:
        """Return the UPPER_CASE enum member for a wire value."""
        name = self._members.get(value) or "_".join(self._split(value)).upper()
        if not name.isidentifier():
            raise SchemaError(f"names.toml: {value!r} needs a row in [members], it became {name!r}")
        return name

    def _split(self, wire_name: str) -> list[str]:
        return re.findall("|".join((*self._whole_words, *_WORDS)), wire_name)


class Words:
    """One line of our own on each message, data type and enum; remembers which were asked for."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._tables: dict[str, dict[str, Any]] = {"actions": {}, "responses": {}, "types": {}}
        for path in paths:
            for kind, rows in tomllib.loads(path.read_text(encoding="utf-8")).items():
                if twice := sorted(set(rows) & set(self._tables[kind])):
                    raise SchemaError(f"{path.name}: another file has [{kind}] {', '.join(twice)}")
                self._tables[kind].update(rows)
        self._used: set[tuple[str, ...]] = set()
        self.faults: list[str] = []
        """What is missing or too long, for people."""

    def line(self, kind: str, version: str, name: str) -> str:
        """Return the line for `name`: the one of this version, else the one of all versions."""
        own: _Table = self._tables[kind].get(version, {})
        line = own.get(name, self._tables[kind].get(name))
        self._used.add((kind, version, name) if name in own else (kind, name))
        if line is None:
            self.faults.append(f"no words: [{kind}] {name} ({version})")
            return ""
        if len(line) > _DOCSTRING_ROOM:
            self.faults.append(f"over {_DOCSTRING_ROOM} characters: [{kind}] {name} ({version})")
        return str(line)

    def stale(self) -> list[str]:
        """Return the lines that nothing asked for."""
        every = set(_leaves(self._tables))
        return [f"words for nothing: {' > '.join(key)}" for key in sorted(every - self._used)]


def _leaves(table: _Table, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key)


def render_version(model: VersionModel, names: Names, words: Words) -> dict[str, str]:
    """Return file name → source for the package of one version.

    Faults in the words gather in `words`; raises SchemaError for names that do not work.
    """
    package = _Package(model, names, words)
    # The scalars come last: only then is it known which of them the others use.
    modules = {
        "enums.py": package.enums(),
        "datatypes.py": package.datatypes(),
        "messages.py": package.messages(),
        "__init__.py": package.init(),
        "lenient.py": package.lenient(),
        "lenient.pyi": package.lenient_stub(),
    }
    return modules | {"_scalars.py": package.scalars()}


def render_actions(models: Iterable[VersionModel]) -> str:
    """Return the source of the core's table of actions, which is there without any version's messages.

    Raises SchemaError for an action that goes another way, or is of another kind, in another version.
    """
    directions: dict[str, str] = {}
    sends: set[str] = set()
    for model in models:
        for message in model.messages:
            if directions.setdefault(message.action, message.direction) != message.direction:
                raise SchemaError(f"{model.version} {message.action}: another direction")
            if message.response is None:
                sends.add(message.action)
    rows = [f'"{name}": Direction.{_DIRECTIONS[way]},' for name, way in sorted(directions.items())]
    return "\n\n".join(
        [
            _docstring(
                "The actions of all versions and who may send them, for settings and handlers."
            ),
            "from typing import Final\n\nfrom ocpp_sansio.core.messages import Direction",
            _all(["ACTIONS", "SENDS"]),
            "\n".join(["ACTIONS: Final = {", *rows, "}"]),
            '"""Who may send it, by action: the same in each version that has it (A-4)."""',
            f"SENDS: Final = frozenset({{{', '.join(repr(name) for name in sorted(sends))}}})",
            '"""Those that are no CALL (F-6)."""',
        ]
    )


class _Package:
    def __init__(self, model: VersionModel, names: Names, words: Words) -> None:
        self._model = model
        self._names = names
        self._words = words
        self._label, self._title = _VERSIONS[model.version]
        self._enum_names = {known.name for known in model.enums}
        self._scalars: dict[str, str] = {}
        self._lists: dict[str, tuple[str, str]] = {}  # as it is, and as type checkers see it
        """Name → definition of the bounded scalars and arrays that this version uses."""

    def init(self) -> str:
        modules = {
            "datatypes": [known.name for known in self._model.objects],
            "enums": [known.name for known in self._model.enums],
            "messages": ["CATALOG", *(known.name for known in self._message_objects())],
        }
        imports = [
            f"from ocpp_sansio.{self._model.version}.{module} import {', '.join(exported)}"
            for module, exported in modules.items()
        ]
        every = [name for exported in modules.values() for name in exported]
        docstring = _docstring(f"Every message, data type and enum of {self._title}.")
        return "\n\n".join([docstring, "\n".join(imports), _all(every)])

    def enums(self) -> str:
        docstring = _docstring(f"The enums of {self._title}, named as in the specification.")
        classes = [self._enum(known) for known in self._model.enums]
        return self._module(docstring, ["from enum import StrEnum"], classes)

    def datatypes(self) -> str:
        docstring = _docstring(f"The data types of {self._title}, named as in the specification.")
        classes = [self._datatype(known) for known in self._model.objects]
        return self._module(docstring, self._imports(classes, bases={"Payload"}), classes)

    def messages(self) -> str:
        docstring = _docstring(f"The requests and responses of {self._title}, and their catalogue.")
        classes = [code for message in self._model.messages for code in self._message(message)]
        requests = ", ".join(message.request.name for message in self._model.messages)
        catalog = f"CATALOG = Catalog(Version.{self._label}, ({requests}))"
        has_send = any(message.response is None for message in self._model.messages)
        bases = {"Catalog", "Direction", "Request", "Response"}
        imports = self._imports(classes, bases=bases | ({"Unconfirmed"} if has_send else set()))
        imports.append("from ocpp_sansio.core.versions import Version")
        return self._module(docstring, imports, [*classes, catalog])

    def lenient(self) -> str:
        """Return the module whose stub is `lenient_stub`: at run time it has the package's own classes."""
        package = f"ocpp_sansio.{self._model.version}"
        docstring = (
            f'"""The same classes as in `{package}`, as validation that is lenient or off fills them.\n\n'
            "For type checkers, which read lenient.pyi, a text may stand wherever a member of an enum\n"
            f"should. At run time nothing differs: they are those of `{package}`.\n\n{_NOTE}\n"
            '"""'
        )
        return "\n\n".join(
            [
                docstring,
                f"from {package} import *  # noqa: F403\nfrom {package} import __all__  # noqa: F401",
            ]
        )

    def lenient_stub(self) -> str:
        package = f"ocpp_sansio.{self._model.version}"
        classes = [*self._stub_classes()]
        defined = {re.split(r"\W", code.removeprefix("class "))[0] for code in classes}
        every = ["CATALOG", *self._class_names()]
        same = [name for name in every if name not in defined]
        text = "\n".join(classes)
        imports = ["from collections.abc import Sequence"] if "Sequence[" in text else []
        imports += ["from typing import Any"] if re.search(r"\bAny\b", text) else []
        imports += ["from datetime import datetime"] if re.search(r"\bdatetime\b", text) else []
        imports += ["from decimal import Decimal"] if re.search(r"\bDecimal\b", text) else []
        bases = {"JsonObject", "LenientRequest", "Payload", "Request", "Response", "Unconfirmed"}
        if used := bases & set(re.findall(r"\w+", text)):
            imports.append(f"from ocpp_sansio.core import {', '.join(sorted(used))}")
        if "messages." in text:
            imports.append(f"from {package} import messages")
        imports.append(f"from {package} import {', '.join(same)}")
        return "\n\n".join([f"# {_NOTE}", "\n".join(imports), _all(every), *classes])

    def _class_names(self) -> list[str]:
        objects = [*self._model.objects, *self._message_objects()]
        return [known.name for known in self._model.enums] + [known.name for known in objects]

    def _stub_classes(self) -> Iterator[str]:
        """Yield the classes that type checkers are to see otherwise: an enum is in them, however deep."""
        loose = set(self._enum_names)
        for known in self._model.objects:  # each after those that it refers to
            if loose & names_in(known):
                loose.add(known.name)
                yield self._stub_class(known, "Payload")
        for message in self._model.messages:
            response, base = message.response, "Unconfirmed"
            answer_is_loose = response is not None and bool(loose & names_in(response))
            if response is not None:
                base = f"Request[{response.name}]"
                if answer_is_loose:
                    yield self._stub_class(response, "Response", taken=_FACTS)
                    base = f"LenientRequest[{response.name}, messages.{response.name}]"
            if answer_is_loose or loose & names_in(message.request):
                yield self._stub_class(message.request, base, taken=_FACTS)

    def _stub_class(self, known: ObjectType, base: str, *, taken: Iterable[str] = ()) -> str:
        lines = [self._stub_field(field, taken) for field in known.fields] or ["..."]
        return f"class {known.name}({base}{_OPTIONS}):\n" + "\n".join(f"    {x}" for x in lines)

    def _stub_field(self, field: Field, taken: Iterable[str]) -> str:
        attribute = self._names.attribute(field.wire_name, taken=taken)
        hint = self._stub_type(field.type)
        return f"{attribute}: {hint}" if field.is_required else f"{attribute}: {hint} | None = ..."

    def _stub_type(self, known: FieldType) -> str:
        match known:
            case Named(name):
                return f"{name} | str" if name in self._enum_names else name
            case Array(item):
                hint = self._stub_type(item)
                is_text = hint == "str" or hint.endswith("| str")  # and a text is no list of texts
                return f"list[{hint}] | tuple[{hint}, ...]" if is_text else f"Sequence[{hint}]"
            case Scalar(kind):
                return _STUB_TYPES[kind]

    def scalars(self) -> str:
        docstring = _docstring(f"The bounded strings, integers and lists of {self._title}.")
        definitions = [
            f"{name} = {self._scalars[name]}" for name in sorted(self._scalars, key=_natural)
        ]
        imports = "from typing import Annotated\n\nfrom msgspec import Meta"
        if not self._lists:
            return "\n\n".join([docstring, imports, _all(self._scalars), "\n".join(definitions)])
        imports = "from typing import TYPE_CHECKING, Annotated, TypeVar\n\nfrom msgspec import Meta"
        lists = sorted(self._lists.items())
        seen = [f"    {name} = {told}" for name, (_, told) in lists]
        real = [f"    {name} = {actual}" for name, (actual, _) in lists]
        item = '_Item = TypeVar("_Item")'
        code = [item, "if TYPE_CHECKING:  # what may be given; what is read is a list"]
        code += ["    from collections.abc import Sequence\n", *seen]
        code += ["else:", *real, *definitions]
        exported = [*self._scalars, *self._lists]
        return "\n\n".join([docstring, imports, _all(exported), "\n".join(code)])

    def _enum(self, known: EnumType) -> str:
        members = {self._names.member(value): value for value in known.values}
        if len(members) < len(known.values):
            raise SchemaError(f"{self._model.version} {known.name}: two values share a member name")
        body = [f'{member} = "{value}"{_waiver(member)}' for member, value in members.items()]
        return self._class(known.name, "StrEnum", self._line("types", known.name), body)

    def _datatype(self, known: ObjectType) -> str:
        line = self._line("types", known.name)
        return self._class(known.name, f"Payload{_OPTIONS}", line, self._fields(known))

    def _message(self, message: Message) -> Iterator[str]:
        facts = [f'action = "{message.action}"', f"version = Version.{self._label}"]
        direction = f"direction = Direction.{_DIRECTIONS[message.direction]}"
        line = self._line("actions", message.action)
        name, fields = message.request.name, self._fields(message.request, taken=_FACTS)
        response = message.response
        if response is None:
            yield self._class(
                name, f"Unconfirmed{_OPTIONS}", line, [*facts, direction, "", *fields]
            )
            return
        yield self._class(
            response.name,
            f"Response{_OPTIONS}",
            self._line("responses", message.action),
            [*facts, "", *self._fields(response, taken=_FACTS)],
        )
        facts += [direction, f"response_type = {response.name}"]
        yield self._class(name, f"Request[{response.name}]{_OPTIONS}", line, [*facts, "", *fields])

    def _message_objects(self) -> Iterator[ObjectType]:
        for message in self._model.messages:
            yield message.request
            if message.response is not None:
                yield message.response

    def _fields(self, known: ObjectType, *, taken: Iterable[str] = ()) -> list[str]:
        lines = [self._field(field, taken) for field in known.fields]
        attributes = {line.partition(":")[0] for line in lines}
        if len(attributes) < len(lines):
            raise SchemaError(f"{self._model.version} {known.name}: two members share an attribute")
        return lines

    def _field(self, field: Field, taken: Iterable[str]) -> str:
        attribute = self._names.attribute(field.wire_name, taken=taken)
        is_irregular = _camel(attribute) != field.wire_name
        hint = self._type(field.type)
        if field.is_required:
            default = f' = field(name="{field.wire_name}")' if is_irregular else ""
            return f"{attribute}: {hint}{default}"
        default = f'field(name="{field.wire_name}", default=None)' if is_irregular else "None"
        return f"{attribute}: Omittable[{hint}] = {default}"

    def _type(self, known: FieldType) -> str:
        match known:
            case Named(name):
                return name
            case Array(item, None, None):
                return self._list("Items", item)
            case Array(item, 1, None):
                return self._list("OneOrMore", item, min_length=1)
            case Array(item, int() as low, int() as high):
                return self._list(f"List{low}To{high}", item, min_length=low, max_length=high)
            case Scalar():
                return self._scalar_type(known)
        raise SchemaError(f"{self._model.version}: no name for a list with the bounds of {known}")

    def _list(self, name: str, item: FieldType, **bounds: int) -> str:
        """Note a type of lists for `_scalars.py`, and return it with its items.

        Type checkers see what may be given: any sequence, but a text for none of texts.
        """
        is_of_texts = isinstance(item, Scalar) and item.kind == "string"
        name = f"{name}Texts" if is_of_texts else name
        meta = ", ".join(f"{key}={value}" for key, value in bounds.items())
        self._lists[name] = (
            f"Annotated[list[_Item], Meta({meta})]" if meta else "list[_Item]",
            "list[_Item] | tuple[_Item, ...]" if is_of_texts else "Sequence[_Item]",
        )
        return f"{name}[{self._type(item)}]"

    def _scalar_type(self, known: Scalar) -> str:
        if known in _READY_MADE:
            return _READY_MADE[known]
        match known:
            case Scalar("string", int() as length):
                return self._scalar(f"String{length}", "str", max_length=length)
            case Scalar("integer", None, 0, None):
                return self._scalar("NonNegativeInt", "int", ge=0, le=_HIGHEST_FAST)
            case Scalar("integer", None, 1, None):
                return self._scalar("PositiveInt", "int", ge=1, le=_HIGHEST_FAST)
            case Scalar("integer", None, int() as low, int() as high):
                return self._scalar(f"Int{low}To{high}", "int", ge=low, le=high)
        raise SchemaError(f"{self._model.version}: no type for {known}")

    def _scalar(self, name: str, base: str, **bounds: int | None) -> str:
        """Note a bounded type for `_scalars.py`, and return its name."""
        meta = ", ".join(f"{key}={value}" for key, value in bounds.items())
        self._scalars[name] = f"Annotated[{base}, Meta({meta})]"
        return name

    def _imports(self, classes: list[str], *, bases: set[str]) -> list[str]:
        """Return the imports for what the field types in `classes` mention."""
        mentioned = set(re.findall(r"\b[A-Z]\w+", "\n".join(_field_lines(classes))))
        package = f"ocpp_sansio.{self._model.version}"
        sources = {
            "ocpp_sansio.core.messages": bases
            | (mentioned & {"Omittable", *_HAND_WRITTEN.values()}),
            f"{package}._scalars": mentioned & (self._scalars.keys() | self._lists.keys()),
            f"{package}.enums": mentioned & self._enum_names,
        }
        if "Payload" not in bases:  # the data types do not import themselves
            objects = {known.name for known in self._model.objects}
            sources[f"{package}.datatypes"] = mentioned & objects
        imports = [
            f"from {module} import {', '.join(sorted(imported))}"
            for module, imported in sources.items()
            if imported
        ]
        if any("field(" in line for line in _field_lines(classes)):
            imports.insert(0, "from msgspec import field")
        return imports

    def _line(self, kind: str, name: str) -> str:
        return self._words.line(kind, self._model.version, name)

    def _class(self, name: str, base: str, line: str, body: list[str]) -> str:
        lines = [f'"""{line}"""', "", *body]
        return f"class {name}({base}):\n" + "\n".join(f"    {line}".rstrip() for line in lines)

    def _module(self, docstring: str, imports: list[str], blocks: list[str]) -> str:
        defined = [re.split(r"\W", block.removeprefix("class "))[0] for block in blocks]
        return "\n\n".join([docstring, "\n".join(imports), _all(defined), *blocks])


def _waiver(member: str) -> str:
    return "  # noqa: S105 - a card, no password" if member == "MASTER_PASS" else ""


def _docstring(line: str) -> str:
    return f'"""{line}\n\n{_NOTE}\n"""'


def _field_lines(classes: Iterable[str]) -> Iterator[str]:
    return (line for code in classes for line in code.splitlines() if re.match(r" {4}\w+: ", line))


def _all(exported: Iterable[str]) -> str:
    return f"__all__ = [{', '.join(repr(name) for name in sorted(exported))}]"


def _camel(attribute: str) -> str:
    """Return what msgspec's `rename="camel"` makes of an attribute; "" if that is not plain."""
    first, *others = attribute.split("_")
    return first + "".join(other.title() for other in others) if all(others) else ""


def _natural(name: str) -> list[str | int]:
    """Sort key: String50 before String100."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]
