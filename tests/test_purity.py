"""No I/O, clock, task, thread, logger or randomness at or below `connection.py`; and what importing loads."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ocpp_sansio

PACKAGE = Path(ocpp_sansio.__file__).parent
CORE = (
    "_calls",
    "_codec",
    "_date_times",
    "_incoming",
    "_numbers",
    "_outgoing",
    "_reception",
    "_settings",
    "_state",
    "_texts",
    "_validation",
    "config",
    "connection",
    "errors",
    "events",
    "frames",
    "messages",
    "versions",
    "__init__",
)
IMPURE = {
    "asyncio",
    "concurrent",
    "http",
    "logging",
    "multiprocessing",
    "os",
    "queue",
    "random",
    "secrets",
    "select",
    "selectors",
    "signal",
    "socket",
    "ssl",
    "subprocess",
    "threading",
    "time",
    "trio",
    "urllib",
    "websockets",
}
ORDER = [
    # DESIGN's import direction: a module imports from rows above its own, or from its own.
    {"versions", "errors", "_settings", "_texts"},
    {"frames", "messages"},
    {"events", "config"},
    {"_numbers", "_date_times"},
    {"_codec", "_validation", "_state"},
    {"_calls", "_incoming", "_outgoing"},
    {"_reception"},
    {"connection"},
    {"__init__"},
]


def imported(path: Path) -> set[str]:
    """Return the full names of all modules that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module
            names |= {node.module}
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def core_files() -> list[Path]:
    versions = [path for name in ("v16", "v201", "v21") for path in (PACKAGE / name).glob("*.py")]
    return [PACKAGE / f"{name}.py" for name in CORE] + sorted(versions)


@pytest.mark.parametrize("path", core_files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_at_or_below_the_connection_imports_the_outside_world(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(path)}
    assert not roots & IMPURE
    if path.name != "config.py":
        assert "uuid" not in roots


@pytest.mark.parametrize("name", CORE)
def test_nothing_at_or_below_the_connection_reads_a_clock(name: str) -> None:
    tree = ast.parse((PACKAGE / f"{name}.py").read_text())
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not called & {"utcnow", "today", "monotonic", "perf_counter", "time_ns", "urandom"}
    now = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "now"
        and isinstance(node.value, ast.Name)
        and node.value.id == "datetime"
    ]
    assert not now


@pytest.mark.parametrize("name", CORE)
def test_imports_go_one_way(name: str) -> None:
    own_row = next(number for number, row in enumerate(ORDER) if name in row)
    allowed = set().union(*ORDER[: own_row + 1])
    ours = {full for full in imported(PACKAGE / f"{name}.py") if full.startswith("ocpp_sansio.")}
    modules = {full.split(".")[1] for full in ours}
    known = set().union(*ORDER)
    assert modules & known <= allowed
    files = {path.stem for path in PACKAGE.glob("*.py")} | {
        path.name for path in PACKAGE.iterdir() if path.is_dir()
    }
    assert not (modules & files) - known, "nothing above the connection is imported from below it"


def modules_after(code: str) -> set[str]:
    """Return what a fresh interpreter has loaded after running `code`."""
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        cwd=PACKAGE.parent,
        timeout=60,
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_no_loop_no_socket_and_no_version() -> None:
    loaded = modules_after("import ocpp_sansio")
    assert "ocpp_sansio.connection" in loaded
    assert not loaded & {"asyncio", "trio", "socket", "selectors", "threading.local", "websockets"}
    assert not loaded & {"ocpp_sansio.v16", "ocpp_sansio.v201", "ocpp_sansio.v21"}


@pytest.mark.parametrize("module", ["asyncio", "websocket", "backoff"])
def test_what_runs_in_production_does_not_load_attrs(module: str) -> None:
    assert "attr" not in modules_after(f"import ocpp_sansio.{module}")


@pytest.mark.parametrize("version", ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"])
def test_connecting_loads_the_messages_of_that_version_only(version: str) -> None:
    loaded = modules_after(
        "from ocpp_sansio import Connection, Role\n"
        f"Connection(Role.CSMS).connected({version!r}, now=0.0)"
    )
    package = "ocpp_sansio.v" + version.removeprefix("ocpp").replace(".", "")
    assert package in loaded
    versions = {"ocpp_sansio.v16", "ocpp_sansio.v201", "ocpp_sansio.v21"}
    assert loaded & versions == {package}
    assert not loaded & {"asyncio", "trio", "socket", "selectors", "websockets"}
