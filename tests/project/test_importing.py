"""What importing the library loads, and what it does not."""

import subprocess
import sys
from pathlib import Path

import pytest

import ocpp_sansio

PACKAGE = Path(ocpp_sansio.__file__).parent


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
    assert "ocpp_sansio.core.connection" in loaded
    assert not loaded & {"asyncio", "trio", "socket", "selectors", "threading.local", "websockets"}
    assert not loaded & {"ocpp_sansio.v16", "ocpp_sansio.v201", "ocpp_sansio.v21"}


def test_without_websockets_all_works_but_what_is_a_websocket() -> None:
    loaded = modules_after(
        "import sys\nsys.modules['websockets'] = None\n"  # as good as not installed
        "import ocpp_sansio.trio, ocpp_sansio.handlers, ocpp_sansio.hooks, ocpp_sansio.backoff\n"
        "import ocpp_sansio.testing, ocpp_sansio.outcomes\n"
        "from ocpp_sansio import Connection, Role, v16, v201, v21\n"
        "from ocpp_sansio.asyncio import Session\n"
        "Connection(Role.CSMS).connected('ocpp2.1', now=0.0)\n"
        "try:\n    from ocpp_sansio.asyncio import connect\n"
        "except ModuleNotFoundError as error:\n    assert str(error.name).startswith('websockets')\n"
        "else:\n    raise AssertionError('it has come from somewhere')\n"
        "from ocpp_sansio.__main__ import main"
    )
    assert "ocpp_sansio.asyncio.session" in loaded
    assert "ocpp_sansio.websocket.link" not in loaded


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


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_who_records_nothing_loads_no_recording(loop: str) -> None:
    loaded = modules_after(f"from ocpp_sansio.{loop} import Session, connect, serve")
    assert "ocpp_sansio.session.base" in loaded
    assert not {name for name in loaded if name.startswith("ocpp_sansio.recording")}
