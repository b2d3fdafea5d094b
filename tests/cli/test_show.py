"""`python -m ocpp_sansio show`: any log as a page, as text, as Mermaid, as an Open OCPP Trace."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ocpp_sansio import Connection, Role
from ocpp_sansio.__main__ import main
from ocpp_sansio.cli.show.page import render_page
from ocpp_sansio.cli.show.rows import picture_of
from ocpp_sansio.testing import Faults, Link
from ocpp_sansio.traces import Mark, Record, TraceJudge, TraceReader

BOOT = '[2,"1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]'
BOOTED = '[3,"1",{"status":"Accepted","currentTime":"2026-01-01T12:00:00Z","interval":300}]'
STATUS = '[2,"2","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"charging"}]'
HOME_ASSISTANT = [
    f"2026-01-01 12:00:00.250 DEBUG (MainThread) [ocpp] CP_1: receive message {BOOT}",
    f"2026-01-01 12:00:00.500 DEBUG (MainThread) [ocpp] CP_1: send {BOOTED}",
    "2026-01-01 12:00:01.000 INFO (MainThread) [homeassistant] something else",
    f"2026-01-01 12:10:00.000 DEBUG (MainThread) [ocpp] CP_2: receive message {STATUS}",
]
EVIL = '"</script><script>document.title=1</script><img src=x onerror=alert(1)>&#x3c;b>\u2028"'


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., str]:
    def write(*lines: str) -> str:
        path = tmp_path / "log.txt"
        path.write_text("\n".join(lines), encoding="utf-8")
        return str(path)

    return write


def trace_in(page: str) -> Any:
    """Return what the page's script is given."""
    found = re.search(r'<script id="trace" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def shown(*lines: str) -> str:
    entries = TraceReader().read_all(line.encode() for line in lines)
    return render_page("a log", picture_of(entries, TraceJudge())).decode()


def test_the_page_has_each_message_with_its_station_latency_and_findings() -> None:
    trace = trace_in(shown(*HOME_ASSISTANT))
    assert trace["stations"] == ["CP_1", "CP_2"]
    boot, booted, status = trace["rows"]
    assert boot[:7] == [1, 1767268800.25, 0, True, 2, "BootNotification", None]
    assert booted[:7] == [2, 1767268800.5, 0, False, 3, "BootNotification", 0.25]
    assert (boot[7], boot[8]) == (BOOT, [])
    ((path, rule, _, _, is_fault),) = status[8]
    assert (path, rule, is_fault) == ("$.status", "enum", True)


def test_the_end_of_the_log_shows_at_the_message_that_it_is_about() -> None:
    late = [
        '{"ts":1767268800,"message":[2,"1","Heartbeat",{}]}',
        '{"ts":1767269800,"message":[2,"9","Reset",{"type":"Soft"}]}',
    ]
    first, second = trace_in(shown(*late))["rows"]
    assert [finding[1] for finding in first[8]] == ["no_answer"]
    assert second[8] == []


class Elements(HTMLParser):
    """The elements of a page, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]


def test_nothing_that_a_peer_said_is_markup_in_the_page() -> None:
    evil = [
        f'{{"cp":{EVIL},"message":[2,{EVIL},{EVIL},{{{EVIL}:{EVIL}}}]}}',
        f'CP_1: send [4,"1",{EVIL},{EVIL},{{}}]',
    ]
    page, plain = Elements(), Elements()
    page.feed(shown(*evil))
    plain.feed(shown(BOOT, BOOTED))
    assert page.tags == plain.tags


def test_the_page_loads_nothing_and_runs_its_own_script_alone() -> None:
    page = shown(BOOT)
    assert "default-src 'none'" in page
    assert page.count("'sha256-") == 2
    assert "unsafe" not in page
    assert not re.search(r"\b(?:src|href)=|@import|url\(", page)


def test_a_log_longer_than_the_page_shows_its_end_and_says_so() -> None:
    records = [Record(n, b'[2,"%d","Heartbeat",{}]' % n) for n in range(1, 31)]
    picture = picture_of(records, TraceJudge(), last=10)
    assert [row.record.line for row in picture.rows] == [*range(21, 31)]
    assert "the last 10 of 30 messages" in picture.notes


def test_marks_are_shown_with_the_messages() -> None:
    entries: list[Record | Mark] = [
        Mark(1, is_connected=True, when=1.0),
        Record(2, BOOT.encode(), 2.0),
    ]
    trace = trace_in(render_page("x", picture_of(entries, TraceJudge())).decode())
    assert trace["marks"] == [[1, 1.0, 0, True]]
    assert trace["dated"] is False


# --- the command -----------------------------------------------------------------------------------


def test_show_writes_the_page_and_says_where(
    log: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    assert main(["show", log(*HOME_ASSISTANT), "-o", str(page), "--title", "<Boot>"]) == 0
    *listed, last = capsys.readouterr().out.splitlines()
    assert last == f"messages: 3, violations: 1; see {page}"
    assert len(listed) == 2  # what is wrong, and the message that it is in
    text = page.read_text("utf-8")
    assert "<title>&lt;Boot&gt;</title>" in text
    assert "1 line held no message" in trace_in(text)["notes"]


def test_show_draws_as_text(log: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", log(*HOME_ASSISTANT), "--text", "--only", "CP_1"]) == 0
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "12:00:00.250  ├─ BootNotification ───────────────────────────────────────────────────▶",
        "12:00:00.500  ◀────────────────────────────── BootNotification result after 0.250 s ─┤",
    ]


def test_show_draws_as_mermaid_and_what_a_peer_said_is_text_in_it(
    log: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", log(*HOME_ASSISTANT, f'CP_3: send [2,"7",{EVIL},{{}}]'), "--mermaid"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("sequenceDiagram\n    participant S0 as 'CP_1'\n")
    assert "    S0->>CSMS: BootNotification\n" in out
    assert "    Note over S1,CSMS: fault: $.status: 'charging' instead of one of Available" in out
    assert "<" not in out
    assert "CSMS-->>S0: BootNotification result after 0.250 s" in out


def test_show_writes_an_open_trace(
    log: Callable[..., str], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["show", log(*HOME_ASSISTANT), "--open-trace"]) == 0
    first, *_ = map(json.loads, capfdbinary.readouterr().out.splitlines())
    assert (first["chargePointId"], first["messageType"], first["raw"]) == ("CP_1", "CALL", BOOT)


def test_a_log_without_messages_is_a_mistake(
    log: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = log("hello", "there")
    assert main(["show", path]) == 2
    assert capsys.readouterr().err == (
        f"show: {path}: there is no message in it; 2 lines held no message\n"
    )


def test_a_message_that_its_logger_has_cut_is_shown_and_told(
    log: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", log('x send [2,"1","A",{'), "--text"]) == 0
    out = capsys.readouterr().out
    assert "1 message cut by the logger, so not judged (the first in line 1)" in out
    assert "✗" not in out


def test_a_page_that_cannot_be_written_is_a_mistake(
    log: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", log(BOOT), "-o", "/no/such/folder/x.html"]) == 2
    assert capsys.readouterr().err == "show: /no/such/folder/x.html: No such file or directory\n"


def test_the_demo_is_a_page_without_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "demo.html"
    assert main(["demo", "--html", str(page)]) == 0
    shown = page.read_text("utf-8")
    for version in ("ocpp1.6", "ocpp2.0.1", "ocpp2.1"):
        assert f"{version} DEMO-STATION" in shown
    assert "BootNotification" in shown
    assert "unknown_member" not in shown
    assert "result" in capsys.readouterr().out.lower()


def test_what_a_link_said_and_what_the_fuzzer_saved_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link = Link(Connection(Role.STATION), Connection(Role.CSMS), faults=Faults(latency=0.25))
    link.connect("ocpp1.6")
    link.station.send_call("Heartbeat", {}, now=link.now)
    link.advance(1)
    saved = [
        '{"what":"finding","kind":"it sent what is not allowed"}',
        '{"what":"made","role":"csms"}',
        '{"what":"connected","version":"ocpp1.6"}',
        '{"what":"sent","data":"[2,\\"1\\",\\"Reset\\",{\\"type\\":\\"Soft\\"}]"}',
        '{"what":"received","data":"[3,\\"1\\",{\\"status\\":\\"Maybe\\"}]"}',
    ]
    for lines, arrow, is_wrong in (
        (link.transcript.as_log(), "├─ Heartbeat ─", False),
        (saved, "├─ Reset result ─", True),
    ):
        log = tmp_path / "log"
        log.write_text("\n".join(lines), encoding="utf-8")
        assert main(["show", "--text", str(log)]) == 0
        said = capsys.readouterr().out
        assert arrow in said
        assert ("✗ $.status" in said) is is_wrong
