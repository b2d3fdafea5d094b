"""The pytest plugin as a user has it: in a process of its own, without this project's settings."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = """
import pytest
from ocpp_sansio import Role, v16
from ocpp_sansio.handlers import CallRejected


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_that_passes(mock_csms, mock_station, virtual_time, loop):
    async def story():
        async with mock_csms.serve() as url, mock_station.connect(url):
            await mock_station.charge(kwh=5)
            await mock_csms.expect(v16.StopTransactionRequest, meter_stop=5000)

    virtual_time(story, loop=loop)


@pytest.mark.parametrize("mock_csms", ["ocpp2.0.1"], indirect=True)
def test_the_version(mock_csms):
    assert mock_csms.version.value == "ocpp2.0.1"


def test_that_fails(mock_csms, mock_station, virtual_time):
    async def story():
        async with mock_csms.serve() as url, mock_station.connect(url):
            await mock_station.boot()
            assert False

    virtual_time(story)
"""
MACHINE = """
from hypothesis import settings
from ocpp_sansio import Role, v16
from ocpp_sansio.testing import PeersMachine, minimal


class Mine(PeersMachine):
    def make_handlers(self):
        return {Role.CSMS: {"Authorize": lambda _: minimal(v16.AuthorizeResponse), "Reset": print}}


TestMine = Mine.TestCase
TestMine.settings = settings(
    TestMine.settings,  # hypothesis' own for machines: no deadline, no health checks
    max_examples=5,
    stateful_step_count=5,
    database=None,
)
"""


def pytest_of(folder: Path, *options: str, text: str) -> "subprocess.CompletedProcess[str]":
    (folder / "test_it.py").write_text(text)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "ocpp_sansio.testing.plugin", *options, "."],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_fixtures_serve_and_show_what_was_said_where_a_test_fails(tmp_path: Path) -> None:
    done = pytest_of(tmp_path, text=TESTS)

    assert "1 failed, 3 passed" in done.stdout, done.stdout + done.stderr
    assert "What mock_csms saw" in done.stdout
    assert '"BootNotification"' in done.stdout.partition("What mock_csms saw")[2]


def test_the_summary_says_what_a_machine_reached_and_what_it_did_not(tmp_path: Path) -> None:
    done = pytest_of(tmp_path, text=MACHINE)

    assert "Mine reached" in done.stdout, done.stdout + done.stderr
    assert "note: no story reached the csms's handler 'Reset'" in done.stdout
    assert done.returncode == 0, done.stdout


def test_it_is_harmless_where_only_the_core_is_installed(tmp_path: Path) -> None:
    """Neither hypothesis nor trio nor websockets: other people's tests go on as before."""
    missing = (
        "import sys\nfor name in ('hypothesis', 'trio', 'websockets'): sys.modules[name] = None\n"
    )
    (tmp_path / "sitecustomize.py").write_text(missing)
    (tmp_path / "test_it.py").write_text("def test_of_somebody() -> None:\n    assert True\n")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-p", "ocpp_sansio.testing.plugin", "."],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert "PeersMachine" not in done.stdout


def test_pytest_finds_it_by_an_entry_point() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert '[project.entry-points.pytest11]\nocpp_sansio = "ocpp_sansio.testing.plugin"\n' in text
