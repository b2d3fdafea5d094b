"""Which package may import which: ARCHITECTURE.md's table, held for every import there is; and purity."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ocpp_sansio

PACKAGE = Path(ocpp_sansio.__file__).parent
ARCHITECTURE = Path(__file__).parents[2] / "ARCHITECTURE.md"
VERSIONS = {"v16", "v201", "v21"}
PURE = {"core", "websocket", "registration", "repetition", "station", "traces"} | VERSIONS
PURE_MODULES = {
    f"ocpp_sansio.fleet.{name}"
    for name in ("bus", "desk", "freshness", "ownership", "remote_call", "settings", "wire")
}
"""Pure modules of a package that is not."""
LOOPLESS = PURE | {"recording", "session", "net"}
LOOPS = {"asyncio", "trio", "socket", "select", "selectors", "threading", "multiprocessing"}
IMPURE = LOOPS | {
    "concurrent",
    "http",
    "logging",
    "os",
    "queue",
    "random",
    "secrets",
    "signal",
    "ssl",
    "subprocess",
    "time",
}
CLOCKS = {"utcnow", "today", "monotonic", "perf_counter", "time_ns", "urandom"}
HARMLESS = {f"websocket/{name}.py": {"http"} for name in ("csms", "plain_http", "station")}
HARMLESS["core/config.py"] = {"os"}
"""`http` has the status codes, no connection is made; `os` has what `Config.new_message_id` is by default."""


def table() -> dict[str, set[str]]:
    """Return what each package may import, beside itself."""
    rows = re.findall(r"^\| (`.*?`) \|.*\|([^|]*)\|$", ARCHITECTURE.read_text(), re.MULTILINE)
    allowed: dict[str, set[str]] = {}
    for names, targets in rows:
        for name in re.findall(r"`(\w+)`", names):
            allowed[name] = set(re.findall(r"`(\w+)`", targets))
    return allowed


ROOMS = table()


def name_of(path: Path) -> str:
    parts = ("ocpp_sansio", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def room_of(module: str) -> str:
    """Return the package of a module; "" for one beside the packages."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and (PACKAGE / parts[1]).is_dir() else ""


def imports(path: Path) -> Iterator[str]:
    """Yield the full name of each module that a file imports, wherever in it, and for whatever purpose."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module
            submodules = [f"{node.module}.{alias.name}" for alias in node.names]
            found = [name for name in submodules if name in MODULES]
            yield from found or [node.module]


def ours(path: Path) -> set[str]:
    return {name for name in imports(path) if name.split(".")[0] == "ocpp_sansio"}


def test_the_table_names_every_package() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert ROOMS.keys() == packages
    assert set().union(*ROOMS.values()) <= packages


@pytest.mark.parametrize("module", [name for name in MODULES if room_of(name)])
def test_a_package_imports_what_the_table_allows_and_by_its_face_alone(module: str) -> None:
    room = room_of(module)
    for name in ours(MODULES[module]):
        target = room_of(name)
        if target == room:
            continue
        if not target:
            assert room in {"testing", "cli"}, f"{name} is a path for applications"
            continue
        assert target in ROOMS[room], f"{room} may not import {target}"
        is_face = name == f"ocpp_sansio.{target}"
        assert is_face or room in VERSIONS, f"{name} is private to {target}"


@pytest.mark.parametrize("module", [name for name in MODULES if not room_of(name)])
def test_what_stands_beside_the_packages_is_a_face(module: str) -> None:
    if module in {"ocpp_sansio", "ocpp_sansio.__main__"}:
        return
    tree = ast.parse(MODULES[module].read_text())
    assert not any(isinstance(node, ast.ClassDef | ast.FunctionDef) for node in tree.body)


def test_there_is_no_circle() -> None:
    graph = {
        name: {name_ for name_ in ours(path) if name_ in MODULES} for name, path in MODULES.items()
    }
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join([*way[way.index(name) :], name])
        if name in done:
            return
        for target in sorted(graph[name]):
            visit(target, (*way, name))
        done.add(name)

    for name in sorted(graph):
        visit(name, ())


@pytest.mark.parametrize(
    "module", [name for name in MODULES if {name, room_of(name)} & (LOOPLESS | PURE_MODULES)]
)
def test_no_loop_no_socket_and_no_thread_below_the_loops(module: str) -> None:
    roots = {name.split(".")[0] for name in imports(MODULES[module])}
    assert not roots & LOOPS


@pytest.mark.parametrize(
    "module", [name for name in MODULES if {name, room_of(name)} & (PURE | PURE_MODULES)]
)
def test_the_pure_packages_know_no_clock_no_logger_and_no_dice(module: str) -> None:
    path = MODULES[module]
    others = {name for name in ours(path) if name.startswith("ocpp_sansio.fleet")}
    assert module not in PURE_MODULES or others <= PURE_MODULES
    roots = {name.split(".")[0] for name in imports(path)}
    assert not (roots & IMPURE) - HARMLESS.get(str(path.relative_to(PACKAGE)), set())
    assert "uuid" not in roots
    assert "os" not in roots or "from os import urandom\n" in path.read_text()
    if room_of(module) == "core":
        assert "websockets" not in roots
    attributes = [
        node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)
    ]
    assert not {node.attr for node in attributes} & CLOCKS
    assert not [
        node
        for node in attributes
        if node.attr == "now" and isinstance(node.value, ast.Name) and node.value.id == "datetime"
    ]
