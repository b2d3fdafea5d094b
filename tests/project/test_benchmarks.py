"""The benchmark suite works, all of it: a short run fills every row. No time is judged here."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from ocpp_sansio.testing import BrokerMissing
from ocpp_sansio.testing.nats_server import find_nats_server

pytestmark = pytest.mark.slow

for needed in ("ocpp", "picows", "psutil", "pyperf", "trio", "uvloop", "websockets"):
    pytest.importorskip(needed)

from benchmarks import fleet  # noqa: E402 - it needs some of them
from benchmarks.effort import SHORT  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300.0

OURS, ASYNC, FLOOR, PYPI_SYNC, PYPI, NPM = (
    "ocpp_sansio",
    "async def",
    "floor",
    "ocpp, sync",
    "ocpp",
    "ocpp-rpc",
)
HAS_NPM_PEER = bool(shutil.which("node")) and (ROOT / "benchmarks/node_modules/ocpp-rpc").is_dir()

try:
    find_nats_server()
except BrokerMissing:
    HAS_BROKER = False
else:
    HAS_BROKER = bool(find_spec("nats"))

METRICS = ("messages/s", "p50", "p99", "p99.9", "CPU per 100,000 messages")


def measure(json_file: Path, *options: str, what: tuple[str, ...] = ()) -> str:
    """Run the suite, short, and return what it printed."""
    command = [sys.executable, "-m", "benchmarks", "--here", *what]
    command += ["--short", "--json", str(json_file)]
    done = subprocess.run(
        [*command, *options], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    path = tmp_path_factory.mktemp("benchmarks") / "figures.json"
    table = measure(path)
    return json.loads(path.read_text()), table


def expected_rows() -> set[tuple[str, str, str]]:
    in_process = (
        "CSMS 1.6 Heartbeat",
        "CSMS 1.6 MeterValues, 602 bytes",
        "CSMS 1.6 StartTransaction",
        "CSMS 2.0.1 TransactionEvent, 885 bytes",
        "CSMS 2.1 TransactionEvent, 885 bytes",
        "station 1.6 Heartbeat, call to outcome",
    )
    rows: set[tuple[str, str, str]] = set(
        product(["in process"], in_process, [OURS, FLOOR, PYPI_SYNC, PYPI])
    )
    rows.add(("in process", "CSMS 1.6 Heartbeat, gated and accepted", OURS))
    rows |= {("start-up", "import ocpp_sansio; floor: attrs, msgspec", OURS)}
    rows |= {("start-up", "import ocpp_sansio; floor: attrs, msgspec", FLOOR)}
    for version in ("ocpp1.6", "ocpp2.0.1", "ocpp2.1"):
        rows.add(("start-up", f'first connected("{version}"), after the import', OURS))
    for owner in ("ocpp_sansio's own modules", "attrs", "msgspec", "the standard library"):
        rows.add(("start-up", f"-X importtime, {owner}", OURS))
    for name, contender in product(
        (
            "MeterValues, 10 connections in turn",
            "MeterValues, 30 connections in turn",
            "DataTransfer, 100 bytes",
            "DataTransfer, 1,000,000 bytes",
            "MeterValues, 1,000,000 bytes",
        ),
        (OURS, FLOOR),
    ):
        rows.add(("growth", name, contender))
    for name in (
        "station's call to outcome, 0 calls queued",
        "station's call to outcome, 100 calls queued",
        "accepted, about 600 bytes",
        "refused, about 60 bytes: no JSON",
        "refused, about 600 bytes: a wrong value at its end",
        "refused, about 64 KiB: nested without end",
    ):
        rows.add(("growth", name, OURS))
    firmware = "station's firmware, peak; floor: bare interpreter with websockets"
    rows |= set(product(["memory"], ["idle station, 20 connected", firmware], [OURS, FLOOR]))
    rows.add(("memory", "Python objects more after 1,000 messages", OURS))
    rows.add(("memory", "resident memory more after 1,000 messages", OURS))
    for name in ("flushes included", "CPU", "bytes written", "writing system calls"):
        rows |= set(product(["storing"], [f"a reading stored and removed, {name}"], [OURS, FLOOR]))
    rows.add(("storing", "a reading posted, stored in memory, sent, answered, removed", OURS))
    for name in ("commits", "bytes written", "writing system calls"):
        rows.add(("storing", f"a reading posted, delivered and removed, {name}", OURS))
    posts = "readings posted, stored in a file, delivered and removed; floor: flushed"
    rows |= set(product(["storing"], [posts], [OURS, FLOOR]))
    for loop, action, metric in product(
        ("asyncio", "uvloop", "trio"), ("Heartbeat", "MeterValues"), METRICS
    ):
        peers = [ASYNC, PYPI_SYNC, PYPI, *([NPM] if HAS_NPM_PEER else [])]
        name = f"{loop}, 5 stations, {action}, {metric}"
        for contender in (OURS, FLOOR, *(peers if loop == "uvloop" else [])):
            rows.add(("loopback", name, contender))
    return rows | expected_fleet_rows()


def expected_fleet_rows() -> set[tuple[str, str, str]]:
    rows = {
        ("MemoryBus, 50 at once, CPU of a call by local=gateway; floor: session.call", True),
        ("MemoryBus, 50 at once, CPU of a call by frames; floor: session.call", True),
    }
    if HAS_BROKER:
        rows |= {
            ("a call, 50 at once, CPU of the gateway; floor: session.call", True),
            ("a call, 50 at once, CPU of all processes; floor: session.call", True),
            ("a call, 50 at once, CPU of the caller", False),
            ("a call, 50 at once, CPU of the broker", False),
            ("a call, one at a time, p50; floor: session.call", True),
            ("an event, 50 at once, CPU of the gateway; floor: a handler there", True),
            ("an event, 50 at once, CPU of the worker; floor: a handler in the gateway", True),
            ("an event, 50 at once, CPU of the broker", False),
            ("an idle station, memory of the gateway; floor: no fleet", True),
            ("an idle station, memory of the broker", False),
            ("an arrival, CPU of the gateway; floor: no fleet", True),
            ("gateway killed amidst calls: the slowest outcome", False),
            ("a new call to its station: refused after", False),
            ("broker killed amidst calls: all have ended after", False),
            ("a new call while it is away: refused after", False),
            ("broker back: first answer after", False),
            ("broker back: stations that connected anew", False),
        }
    return {
        ("fleet", name, contender)
        for name, has_floor in rows
        for contender in ([OURS, FLOOR] if has_floor else [OURS])
    }


def test_a_short_run_has_every_row(run: tuple[dict[str, Any], str]) -> None:
    figures = {(row["group"], row["name"], row["contender"]) for row in run[0]["figures"]}
    assert expected_rows() - figures == set()


def test_without_a_broker_a_fleet_is_measured_over_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def find() -> str:
        raise BrokerMissing("how to get one")

    monkeypatch.setattr(fleet, "find_nats_server", find)
    assert "how to get one" in (fleet.why_no_broker() or "")
    assert {figure.name for figure in fleet.figures(SHORT)} == {
        name for _, name, _ in expected_fleet_rows() if name.startswith("MemoryBus")
    }


def test_every_figure_has_a_value_for_each_round(run: tuple[dict[str, Any], str]) -> None:
    assert all(row["values"] for row in run[0]["figures"])


def test_every_target_is_judged_unless_its_peer_is_missing(run: tuple[dict[str, Any], str]) -> None:
    missing: tuple[str, ...] = () if HAS_NPM_PEER else ("npm",)
    if not shutil.which("strace"):
        missing += ("flushes",)
    if not HAS_BROKER:
        missing += ("NATS", "fleet", "broker", "gateway")
    not_judged = {row["name"] for row in run[0]["targets"] if row["met"] is None}
    names = {row["name"] for row in run[0]["targets"]}
    assert not_judged == {name for name in names if any(each in name for each in missing)}
    said = [line for line in run[0]["skipped"] if "broker" in line or "NATS" in line]
    assert bool(said) is not HAS_BROKER


def test_the_table_shows_what_the_json_has(run: tuple[dict[str, Any], str]) -> None:
    found, table = run
    assert {row["name"] for row in found["figures"] if row["name"] not in table} == set()
    assert {row["name"] for row in found["targets"] if row["name"] not in table} == set()
    assert [line for line in found["skipped"] if line not in table] == []


def test_the_report_says_on_what_it_was_measured(run: tuple[dict[str, Any], str]) -> None:
    found, _ = run
    assert found["short"] is True
    assert found["versions"].keys() >= {"attrs", "msgspec", "websockets", "ocpp", "picows"}
    assert found["machine"].keys() == {"cpu", "cores", "system", "python"}


def test_the_rounds_can_be_chosen(tmp_path: Path) -> None:
    measure(tmp_path / "figures.json", "--only", "memory", "--rounds", "2")
    found = json.loads((tmp_path / "figures.json").read_text())
    rows = [row for row in found["figures"] if "messages" not in row["name"]]
    assert {len(row["values"]) for row in rows} == {2}


@pytest.mark.parametrize("text", ["0", "-1", "many"])
def test_a_number_of_rounds_that_is_none_is_told_so(text: str) -> None:
    command = [sys.executable, "-m", "benchmarks", "--here", f"--rounds={text}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"a whole number from 1 up, not {text!r}" in done.stderr


def test_one_group_can_be_measured_alone(tmp_path: Path) -> None:
    measure(tmp_path / "figures.json", "--only", "start_up")
    found = json.loads((tmp_path / "figures.json").read_text())
    assert {row["group"] for row in found["figures"]} == {"start-up"}


ABUSE_ROWS = {
    "6mb": {
        "A2: an honest station's longest wait for its Heartbeat",
        "A2: the median of these waits",
        "A2: a newcomer's longest wait to be let in",
        "A2: newcomers refused",
    },
    "pings": {"A2: SIGTERM obeyed after", "A2: serve left, after SIGTERM"},
    "afters": {"A3: memory that 5 s handlers take, more than before"},
    "silent-tls": {
        "A4: newcomers let in",
        "A4: newcomers refused",
        "A4: a newcomer's longest wait to be let in",
    },
    "storm": {"A4: a fleet that dials at once"},
    "log-raises": {
        "A5: log records in a second of flood",
        "A5: log bytes in a second of flood",
        "A5: longest log record",
    },
    "zombies": {"A6: after serve was left while 40 stations dialled"},
    "unfinished": {"A7: memory pinned, more than before"},
    "idle-tls": {"A7: memory of an idle station"},
}
"""One row of each kind, and the tables that it fills."""


def test_each_kind_of_attack_can_be_played(tmp_path: Path) -> None:
    path = tmp_path / "abuse.json"
    only = [word for row in ABUSE_ROWS for word in ("--only", row)]
    table = measure(path, *only, "--worlds", "trio,ocpp", what=("abuse",))
    found = json.loads(path.read_text())
    assert found["skipped"] == []
    groups = {group: {who for _, who in of_group} for group, of_group in _by_group(found).items()}
    only_ours = ABUSE_ROWS["afters"] | ABUSE_ROWS["zombies"]
    assert groups == {
        group: {"trio"} if group in only_ours else {"trio", "ocpp"}
        for row_groups in ABUSE_ROWS.values()
        for group in row_groups
    }
    assert [group for group in groups if group not in table] == []
    assert [row["name"] for row in found["figures"] if row["name"] not in table] == []
    assert all(row["met"] is not None for row in found["targets"])


def _by_group(found: dict[str, Any]) -> dict[str, set[tuple[str, str]]]:
    groups: dict[str, set[tuple[str, str]]] = {}
    for row in found["figures"]:
        groups.setdefault(row["group"], set()).add((row["name"], row["contender"]))
    return groups


@pytest.mark.parametrize("option", ["--only=list", "--worlds=gevent"])
def test_a_row_or_world_that_there_is_not_is_told_with_those_there_are(option: str) -> None:
    command = [sys.executable, "-m", "benchmarks", "--here", "abuse", option]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no" in done.stderr
    assert ("6mb" if "only" in option else "uvloop") in done.stderr
