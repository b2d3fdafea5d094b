"""README.md and the pages of docs/ tell the truth: code runs, tables are complete, links lead somewhere."""

import contextlib
import io
import logging
import os
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple, get_args

import pytest
from msgspec import NODEFAULT
from msgspec.structs import fields

from ocpp_sansio import DEFAULT_ERROR_CODES, Config, Rule, Validation, Version, events, outcomes
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.hooks import HookName
from ocpp_sansio.messages import Direction, catalog
from ocpp_sansio.net import Limits
from ocpp_sansio.station import StationSettings
from ocpp_sansio.websocket import WebSocketConfig

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
}
README = PAGES["README.md"]

FENCE = re.compile(
    r"^(?:<!-- (?P<marker>[^\n]*) -->\n)?^(?P<ticks>`{3,})(?P<language>\S*)[^\n]*\n(?P<body>.*?)^(?P=ticks)$",
    re.DOTALL | re.MULTILINE,
)
RUN_BY_MARKER = {
    "demo command",
    "demo output",
    "test command",
    "fuzz set-up",
    "fuzzed peer",
    "fuzz command",
    "fuzz output",
    "check command",
    "check output",
    "show command",
    "show output",
}
"""Blocks that a test below asks for by name; each stands once in all pages."""
DEADLINE = 60.0
"""Seconds for a process that takes a third of one."""


class Block(NamedTuple):
    """A fenced block, and the output that stands below it."""

    page: str
    line: int
    marker: str | None
    language: str
    body: str


def blocks_of(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page, directives of the documentation builder aside."""
    text = PAGES[page]
    for match in FENCE.finditer(text):
        if not match["language"].startswith("{"):
            line = text.count("\n", 0, match.start()) + 1
            yield Block(page, line, match["marker"], match["language"], match["body"])


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def programs() -> Iterator[tuple[Block, str]]:
    """Yield each Python block with what stands below it as its output, if anything does."""
    for block, after in zip(BLOCKS, [*BLOCKS[1:], None], strict=True):
        if block.language != "python":
            continue
        belongs = (
            after is not None
            and after.page == block.page
            and (after.language, after.marker) == ("text", None)
        )
        yield block, after.body if after is not None and belongs else ""


def marked_block(marker: str) -> str:
    """Return the one block below an HTML comment."""
    found = [block.body for block in BLOCKS if block.marker == marker]
    assert len(found) == 1, marker
    return found[0].strip()


def table_below(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without its head."""
    _, _, section = PAGES[page].partition(f"# {heading}\n")
    assert section, heading
    return first_table(re.split(r"^#+ ", section, flags=re.MULTILINE)[0])


def first_table(text: str) -> list[list[str]]:
    """Return the cells of a text's first table, without its head."""
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert table
    lines = table[0].splitlines()[2:]
    return [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in lines
    ]


@pytest.mark.parametrize(
    ("block", "output"),
    [pytest.param(*found, id=f"{found[0].page}:{found[0].line}") for found in programs()],
)
def test_every_python_block_runs_and_prints_what_stands_below_it(block: Block, output: str) -> None:
    printed = io.StringIO()
    log, root = logging.getLogger("ocpp_sansio"), logging.getLogger()
    wire = logging.getLogger("ocpp_sansio.wire")
    handlers, of_root = list(log.handlers), list(root.handlers)
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(block.body, block.page, "exec"), {"__name__": "page"})
    finally:
        log.handlers[:], root.handlers[:] = handlers, of_root  # as the block found them
        wire.setLevel(logging.NOTSET)
    assert printed.getvalue() == output


def test_every_other_block_is_run_by_a_test_or_says_why_it_is_not() -> None:
    for before, block in zip([None, *BLOCKS], BLOCKS, strict=False):
        if block.language == "python":
            assert block.marker is None, block
        elif block.marker is None:  # what a program prints
            assert block.language == "text", block
            assert before, block
            assert (before.language, before.page) == ("python", block.page), block
        else:
            reason = block.marker.removeprefix("not run: ")
            assert block.marker in RUN_BY_MARKER or reason != block.marker, block
    assert {block.marker for block in BLOCKS} >= RUN_BY_MARKER


def test_readme_has_a_python_block_for_each_way_in() -> None:
    shown = ["Connection(", "serve(", "Session("]
    blocks = [block.body for block, _ in programs() if block.page == "README.md"]
    assert len(blocks) == len(shown)
    assert all(name in block for name, block in zip(shown, blocks, strict=True))


def test_the_pages_show_settings_the_machine_and_the_recorder() -> None:
    code = "\n".join(block.body for block, _ in programs())
    for name in ("Config(", "PeersMachine", "Recorder(", "Link(", "Proxies(", "csms_context("):
        assert name in code


def test_both_commands_make_their_own_environment_and_the_demo_is_the_last_step_of_one() -> None:
    for marker, last in (
        ("demo command", "-m ocpp_sansio demo"),
        ("test command", "-m pytest -n auto --dist loadfile"),
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


def test_the_fuzzer_finds_in_the_peer_of_its_page_what_that_shows(tmp_path: Path) -> None:
    """All but times, the port and how often; the page leaves lines out."""
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


@pytest.mark.parametrize(("name", "code"), [("check", 1), ("show", 0)])
def test_check_and_show_say_what_their_pages_show(name: str, code: int) -> None:
    command = marked_block(f"{name} command").replace(".venv/bin/python", sys.executable)
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (code, marked_block(f"{name} output").strip())


def without_accidents(line: str) -> str:
    line = re.sub(r"\d+\.\d s\.$", "SOME s.", line)
    line = re.sub(r"\d{4}-\d\d-\d\dT[^\"]*", "A MOMENT", line)
    line = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", line.strip())
    line = re.sub(r"^\d+\.\d  ", "AT  ", line)
    # How often depends on the half second in which an answer has to come, and on Python: the json of newer
    # ones survives nesting that ends the peer's connection on 3.11.
    line = re.sub(r"(\. Seen: )\d+", r"\1SOME", line)
    line = re.sub(r"^(hostile +\d+).*", r"\1 SOME", line)
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


def shown_default(field: Any) -> str:
    """Return a field's default as the tables write it."""
    default = field.default
    if default is NODEFAULT:
        default = field.default_factory()
    if isinstance(default, Enum):
        return f"{type(default).__name__}.{default.name}"
    return getattr(default, "__name__", None) or repr(default)


@pytest.mark.parametrize("settings", [Config, WebSocketConfig, Limits, StationSettings, Backoff])
def test_the_tables_of_settings_have_every_field_and_its_default(settings: type) -> None:
    rows = table_below("docs/reference/limits.md", settings.__name__)
    assert all(meaning for *_, meaning in rows)
    told = [(name.strip("`"), default.strip("`")) for name, default, _ in rows]
    assert told == [(field.name, shown_default(field)) for field in fields(settings)]


def test_the_table_of_error_codes_is_that_of_the_code() -> None:
    rows = table_below("docs/reference/rules.md", "4.1 Which code answers which broken rule")
    codes = {
        version: [DEFAULT_ERROR_CODES[version][rule].as_wire(version) for rule in Rule]
        for version in Version
    }
    assert codes[Version.OCPP201] == codes[Version.OCPP21]
    assert rows == [
        [f"`{rule}`", in_16, in_2x]
        for rule, in_16, in_2x in zip(
            Rule, codes[Version.OCPP16], codes[Version.OCPP21], strict=True
        )
    ]


def test_the_list_of_messages_is_that_of_the_catalogues() -> None:
    senders = {
        None: "–",  # noqa: RUF001 - a dash, as the page has it
        Direction.STATION_TO_CSMS: "station",
        Direction.CSMS_TO_STATION: "CSMS",
        Direction.BOTH: "both",
    }
    names = sorted({name for version in Version for name in catalog(version)})
    actions = [[catalog(version).get(name) for version in Version] for name in names]
    assert first_table(PAGES["docs/reference/messages.md"]) == [
        [name, *(senders[action.direction if action else None] for action in row)]
        for name, row in zip(names, actions, strict=True)
    ]


@pytest.mark.parametrize("command", ["demo", "check", "show", "fuzz", "fleet", "station", "csms"])
def test_the_options_of_a_command_are_those_of_its_help(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ocpp_sansio", command, "--help"],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=True,
    )
    options = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", done.stdout, re.MULTILINE))
    told = {name.strip("`") for name, _ in table_below("docs/reference/commands.md", command)}
    assert told == options - {"--help", "--version"}


def test_the_modes_are_those_of_validation() -> None:
    told = [
        re.findall(r"`(\w+)`", mode)[0]
        for mode, *_ in first_table(PAGES["docs/how-to/validation.md"])
    ]
    assert told == [mode.name for mode in Validation]


def test_every_outcome_and_every_exception_has_its_row_where_things_go_wrong() -> None:
    rows = first_table(PAGES["docs/how-to/errors.md"])
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
    there_and_here = dict(first_table(PAGES["docs/how-to/from-ocpp-task-manager.md"]))
    told = {
        here.strip('`"'): there.strip("`")
        for there, here in there_and_here.items()
        if here.startswith('`"')  # the others of the table are calls and options
    }
    assert set(told) >= set(get_args(HookName))
    for here, there in told.items():
        if here in get_args(HookName):
            assert re.sub("([A-Z])", r"_\1", there).lower() == here


def test_every_hook_has_its_row_in_the_order_of_the_code() -> None:
    rows = first_table(PAGES["docs/how-to/hooks.md"])
    assert [name.strip("`") for name, *_ in rows] == list(get_args(HookName))


def links_of(text: str) -> list[str]:
    return re.findall(r"\]\(([^)]+)\)", text)


@pytest.mark.parametrize("page", [page for page in PAGES if page != "README.md"])
def test_every_link_of_a_page_leads_to_a_file_that_the_sdist_has(page: str) -> None:
    included = included_in_the_sdist()
    for link in links_of(PAGES[page]):
        if "://" in link:
            continue
        target = (ROOT / page).parent.joinpath(link.partition("#")[0]).resolve()
        assert target.is_file(), link
        path = target.relative_to(ROOT.resolve()).as_posix()
        assert any(f"/{path}/".startswith(f"{entry}/") for entry in included), link


def included_in_the_sdist() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included: list[str] = settings["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    return included


def test_readme_has_no_link_that_leads_nowhere_on_the_page_of_an_index() -> None:
    """There it stands alone: it names files of the source distribution, and does not link to them."""
    assert [link for link in links_of(README) if "://" not in link] == []


def test_every_file_that_readme_names_is_in_the_sdist() -> None:
    included = included_in_the_sdist()
    named = re.findall(r"`([\w./-]+(?:\.md|/run|/))`", README)
    assert len(named) > 10
    for name in named:
        assert (ROOT / name).exists(), name
        assert any(f"/{name}/".startswith(f"{entry}/") for entry in included), name


def test_every_page_is_in_the_index_and_every_link_of_the_changelog_leads_to_a_file() -> None:
    listed = set(re.findall(r"^[\w-]+(?:/[\w-]+)+$", PAGES["docs/index.md"], re.MULTILINE))
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    assert listed == pages - {"index"}
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    local = [link for link in links_of(changelog) if "://" not in link]
    assert not [link for link in local if not (ROOT / link).is_file()]


def test_ci_builds_the_pages_as_contributing_says() -> None:
    command = "-m sphinx -W --keep-going -n"
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert command in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
