"""README.md tells the truth: its code runs, its tables are complete, its links lead somewhere."""

import contextlib
import io
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import get_args

import pytest
from msgspec.structs import fields

from ocpp_sansio import Config, Validation, events, outcomes
from ocpp_sansio.hooks import HookName

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

BLOCK = re.compile(
    r"^```python\n(?P<code>.*?)^```\n(?:\n```text\n(?P<output>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)
DEADLINE = 60.0
"""Seconds for a process that takes a third of one."""


def marked_block(marker: str) -> str:
    """Return the block below an HTML comment."""
    found = re.search(rf"^<!-- {marker} -->\n```\w+\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert found, marker
    return found[1].strip()


def table_below(heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without its head."""
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize(
    "block", [pytest.param(m, id=f"at {m.start()}") for m in BLOCK.finditer(README)]
)
def test_every_python_block_runs_and_prints_what_stands_below_it(block: re.Match[str]) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block["code"], "README.md", "exec"), {"__name__": "readme"})
    assert printed.getvalue() == (block["output"] or "")


def test_there_are_python_blocks_for_each_height_and_the_settings() -> None:
    blocks = [match["code"] for match in BLOCK.finditer(README)]
    assert len(blocks) == README.count("```python")
    shown = ["Connection(", "connect(", "Session(", "Config(", "PeersMachine", "Recorder("]
    assert len(blocks) == len(shown)
    assert all(name in block for name, block in zip(shown, blocks, strict=True))


def test_both_commands_make_their_own_environment_and_the_demo_is_the_last_step_of_one() -> None:
    for marker, last in (
        ("demo command", "-m ocpp_sansio demo"),
        ("test command", "-m pytest"),
    ):
        steps = marked_block(marker).split(" && ")
        assert steps[0] == "python3 -m venv .venv"
        assert steps[-1] == f".venv/bin/python {last}"
        assert all(step.startswith(".venv/bin/") for step in steps[1:])


def test_the_demo_prints_what_the_readme_shows() -> None:
    """All but ids, times and the port; the README leaves lines out."""
    arguments = marked_block("demo command").split()[-3:]
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=True,
    )
    printed = iter([without_accidents(line) for line in done.stdout.splitlines()])
    for line in marked_block("demo output").splitlines():
        assert without_accidents(line) in printed, (
            line
        )  # `in` goes on where it stopped: order counts


def test_the_fuzzer_finds_in_the_peer_of_the_readme_what_the_readme_shows(tmp_path: Path) -> None:
    """All but times and the port; the README leaves lines out."""
    assert marked_block("fuzz set-up").startswith("python3 -m venv .venv && .venv/bin/pip install ")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    peer = tmp_path / "my_csms.py"
    peer.write_text(marked_block("fuzzed peer").replace("9000", port), encoding="utf-8")
    command = marked_block("fuzz command").replace("9000", port).split()
    assert command.pop(0) == ".venv/bin/python"
    with subprocess.Popen([sys.executable, str(peer)], stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_port(int(port))
            done = subprocess.run(
                [sys.executable, *command],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
                timeout=DEADLINE,
                check=False,
            )
        finally:
            process.kill()
    assert done.returncode == 1, done.stderr
    printed = iter([without_accidents(line) for line in done.stdout.splitlines()])
    for line in marked_block("fuzz output").splitlines():
        assert without_accidents(line) in printed, line
    assert (tmp_path / "findings" / "finding-2.jsonl").is_file()


def wait_for_port(port: int) -> None:
    deadline = monotonic() + DEADLINE
    while monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            sleep(0.05)  # nothing else tells when another program listens
        else:
            return
    raise TimeoutError


def test_check_finds_what_the_readme_shows() -> None:
    command = marked_block("check command").replace(".venv/bin/python", sys.executable)
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (1, marked_block("check output"))


def without_accidents(line: str) -> str:
    line = re.sub(r"\d+\.\d s\.$", "SOME s.", line)
    line = re.sub(r"\d{4}-\d\d-\d\dT[^\"]*", "A MOMENT", line)
    line = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", line.strip())
    line = re.sub(r"^\d+\.\d  ", "AT  ", line)
    # Newer Pythons' json survives nesting that ends the peer's connection on 3.11.
    if sys.version_info >= (3, 12):
        line = re.sub(r"(It closed the connection\. Seen: )\d+", r"\1SOME", line)
    line = re.sub(r"(CALL|RESULT)( +)[0-9a-f]{6}", r"\1\2ID", line)
    return re.sub(r" +\d+\.\d  ", " TOOK  ", line)


def test_ci_runs_the_very_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    taken = re.search(r"^command=\$\((.*)\)$", script, re.MULTILINE)
    assert taken
    command = subprocess.run(
        ["bash", "-c", taken[1]], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert command.stdout.strip() == marked_block("test command")
    assert 'eval "$set_up"' in script
    assert script.rstrip().endswith('eval "$test"')


def test_the_limits_are_those_of_config() -> None:
    told = {name.strip("`"): default for name, default, _ in table_below("Limits")}
    limits = {
        field.name: str(field.default)
        for field in fields(Config)
        if field.name.startswith("max_") or field.name == "call_timeout"
    }
    assert told == limits


def test_the_modes_are_those_of_validation() -> None:
    told = [re.findall(r"`(\w+)`", mode)[0] for mode, *_ in table_below("Validation modes")]
    assert told == [mode.name for mode in Validation]


def test_every_outcome_and_every_exception_has_its_row_where_things_go_wrong() -> None:
    rows = table_below("When things go wrong")
    told = set(re.findall(r"`(\w+)`", " ".join(core for _, core, _ in rows)))
    served = {"CallReceived", "SendReceived"}  # nothing wrong with these
    names = {event.__name__ for event in get_args(events.Event)}
    assert names - served <= told
    raised = set(re.findall(r"raises `(\w+)`", " ".join(session for *_, session in rows)))
    exceptions = {
        name
        for name in outcomes.__all__
        if isinstance(getattr(outcomes, name), type)
        and issubclass(getattr(outcomes, name), outcomes.CallException)
    }
    assert raised == exceptions - {"CallException"}


def test_every_hook_of_the_seed_has_its_name_here() -> None:
    there_and_here = dict(table_below("From ocpp-task-manager to ocpp_sansio"))
    told = {
        here.strip('`"'): there.strip("`")
        for there, here in there_and_here.items()
        if here.startswith('`"')  # the others of the table are calls and options
    }
    assert set(told) >= set(get_args(HookName))
    for here, there in told.items():
        if here in get_args(HookName):
            assert re.sub("([A-Z])", r"_\1", there).lower() == here


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_every_local_link_leads_to_a_file(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert not [link for link in links if not (ROOT / link).is_file()]
