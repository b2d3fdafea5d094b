"""What `fuzz` tells and leaves behind: table, JSON, JUnit, tests, progress; and minimal examples."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from peers import Csms, OnLine, Speaker, WrongOnCase, WrongOnLeapDays
from test_fuzz_command import csms, fuzz, keep_the_rules

from ocpp_sansio import Connection, Role, Version
from ocpp_sansio.__main__ import main
from ocpp_sansio.cli.fuzz import referee
from ocpp_sansio.cli.fuzz.report import Progress
from ocpp_sansio.cli.fuzz.search import Bounds, Hunt, Search
from ocpp_sansio.cli.fuzz.virtual import InProcess


def give_the_same_id(connection: Connection, socket: Any, data: bytes) -> None:
    """A CSMS that knows one transaction."""

    class Forgetful:
        def send(self, frame: bytes, *, text: bool) -> None:
            socket.send(re.sub(rb'"transactionId":\d+', b'"transactionId":7', frame), text=text)

    keep_the_rules(connection, Forgetful(), data)


TWICE = "gave a transaction id twice (OCPP 1.6, 4.8)"


def test_the_report_has_a_table_by_action_and_keeps_housekeeping_apart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with csms(Version.OCPP16, give_the_same_id) as url:
        assert fuzz(url, "--count", "200") == 1

    out = capsys.readouterr().out
    assert re.search(r"Beside them, to keep house: 1 boots, \d+ plain calls\.", out)
    rows = re.findall(r"^  (\w+) +(\d+) +(\d+) +(\d+) +(\d+)$", out, re.MULTILINE)
    tried = {name: int(number) for name, number, *_ in rows}
    assert sum(tried.values()) == 200
    assert tried["StartTransaction"] > 5
    assert all(int(t) >= int(a) + int(r) + int(u) for _, t, a, r, u in rows)
    assert f"It {TWICE}. Seen: " in out
    assert "(OCPP 1.6, 5.12) is a chapter" in out
    example = out.partition("The smallest example:\n")[2]
    shown = re.findall(r"^   > (.*)$", example, re.MULTILINE)
    assert len(shown) == 2, "two starts, and nothing else"


def test_json_has_an_object_for_each_kind_and_one_that_sums_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with csms(Version.OCPP16, give_the_same_id) as url:
        assert fuzz(url, "--count", "200", "--json") == 1

    *found, summary = map(json.loads, capsys.readouterr().out.splitlines())
    kinds = {line["kind"]: line for line in found}
    assert kinds[TWICE]["forbidden"] is True
    assert kinds[TWICE]["action"] == "StartTransaction"
    assert [line["what"] for line in kinds[TWICE]["example"]] == ["sent", "received"] * 2
    assert summary["cases"] == {"valid": 90, "near miss": 50, "hostile": 60}
    assert summary["actions"]["StartTransaction"]["tried"] > 5
    assert summary["version"] == "ocpp1.6"


def test_junit_fails_the_actions_that_something_was_found_about(tmp_path: Path) -> None:
    path = tmp_path / "new" / "fuzz.xml"
    with csms(Version.OCPP16, give_the_same_id) as url:
        fuzz(url, "--count", "200", "--junit", str(path))

    suite = ET.parse(path).getroot()
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert int(suite.get("tests", "")) == len(cases)
    assert int(suite.get("failures", "")) == len(list(suite.iter("failure"))) > 0
    failure = cases["StartTransaction"].find("failure")
    assert failure is not None
    assert TWICE in failure.get("message", "")
    assert "> [2," in str(failure.text)
    assert cases["Heartbeat"].find("failure") is None


def test_the_tests_that_it_writes_fail_until_the_peer_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "test_found.py"

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    with csms(Version.OCPP16, give_the_same_id) as url:
        fuzz(url, "--count", "200", "--only", "StartTransaction", "--emit-test", str(path))
        assert f"# It {TWICE}." in path.read_text()
        broken = run()
    with csms(Version.OCPP16, keep_the_rules) as mended:
        path.write_text(path.read_text().replace(url, mended))
        whole = run()

    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert "test_finding_1" in broken.stdout
    assert whole.returncode == 0, whole.stdout + whole.stderr


def test_what_is_only_suspicious_is_told_apart_and_fails_nothing_unless_asked_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def change_its_mind(connection: Connection, socket: Any, data: bytes) -> None:
        class Fickle:
            def send(self, frame: bytes, *, text: bool) -> None:
                if b"transactionId" in frame:
                    frame = re.sub(b'"status":"[A-Za-z]+"', b'"status":"Expired"', frame)
                socket.send(frame, text=text)

        keep_the_rules(connection, Fickle(), data)

    with csms(Version.OCPP16, change_its_mind) as url:
        assert fuzz(url, "--count", "200") == 0
        out = capsys.readouterr().out
        assert fuzz(url, "--count", "200", "--strict") == 1

    _, _, suspicious = out.partition("Suspicious, though no rule forbids it:")
    assert "It says one thing of an id, then another." in suspicious


def test_ctrl_c_ends_with_what_was_found_so_far(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    play = referee.Referee.play
    played = []

    def interrupted(self: Any, case: Any) -> Any:
        played.append(case)
        if len(played) == 150:
            raise KeyboardInterrupt
        return play(self, case)

    monkeypatch.setattr(referee.Referee, "play", interrupted)
    with csms(Version.OCPP16, give_the_same_id) as url:
        assert fuzz(url, "--count", "500", "--only", "StartTransaction") == 1

    out = capsys.readouterr().out
    assert re.search(r"^Cases: .* s\. Interrupted\.$", out, re.MULTILINE)
    assert f"It {TWICE}." in out
    assert "The smallest example:\n   > [2," in out


def test_ctrl_c_before_anything_was_found_is_a_process_that_was_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(referee.Referee, "play", interrupted)
    with csms(Version.OCPP16, keep_the_rules) as url:
        assert fuzz(url, "--count", "500") == 130


def test_progress_tells_how_fast_it_goes_and_how_long_it_will_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    progress = Progress(500)
    hunt = search_of(Csms).hunt
    hunt.played["valid"], hunt.seconds = 100, 0.5
    progress.show(hunt, "valid")
    progress.clear()

    assert "100/500 valid, 200/s, 2 s left, findings: 0" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def search_of(speaker: type[Speaker], seed: int = 1) -> Search:
    opener = InProcess(lambda: OnLine(speaker()), speaker.version)
    return Search(opener, Role.STATION, Bounds(count=500, seed=seed))


def example_of(speaker: type[Speaker]) -> tuple[str, list[Any]]:
    hunt: Hunt = search_of(speaker).run()
    (example,) = hunt.examples.values()
    return example.about, [json.loads(data) for data in example.sent]


def test_an_example_has_no_member_that_the_fault_does_not_need() -> None:
    about, sent = example_of(WrongOnLeapDays)

    assert [elements[2] for elements in sent] == ["StartTransaction"]
    assert sent[0][3].keys() == {"connectorId", "idTag", "meterStart", "timestamp"}
    assert sent[0][3]["timestamp"].startswith("2024-02-29"), "EPOCH's year, in which it is drawn"
    assert re.fullmatch(r"StartTransaction with timestamp '2024-02-29T\S+': InternalError", about)


def test_nor_a_step() -> None:
    _, sent = example_of(WrongOnCase)

    assert len(sent) == 2
    tags = [elements[3]["idTag"] for elements in sent]
    assert tags[0] != tags[1]
    assert tags[0].lower() == tags[1].lower()


def test_an_example_of_bare_frames_is_played_and_judged_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "frames"
    start = '{"connectorId":1,"idTag":"a","meterStart":%d,"timestamp":"2025-01-01T00:00:00Z"}'
    path.write_text("".join(f'[2,"{n}","StartTransaction",{start % n}]\n' for n in (1, 2)))

    with csms(Version.OCPP16, give_the_same_id) as url:
        assert main(["fuzz", url, "--replay", str(path)]) == 1
    assert f"Still there: it {TWICE}." in capsys.readouterr().out
    with csms(Version.OCPP16, keep_the_rules) as url:
        assert main(["fuzz", url, "--replay", str(path)]) == 0
