"""`python -m ocpp_sansio replay`: is it as it was, and a test of any log that fails as the field did."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ocpp_sansio import CallReceived, Config, Connection, ErrorCode, Role
from ocpp_sansio.__main__ import main
from ocpp_sansio.recording import Recordings

HEARTBEAT = '[2,"%d","Heartbeat",{}]'


def recorded(path: Path, *texts: str, **bounds: Any) -> None:
    """Record a CSMS that answers each Heartbeat, and refuses all else in an odd way."""
    recordings = Recordings(path, write_after=0, **bounds)
    connection: Connection = recordings.taped("CP_1")(Role.CSMS, config=Config())
    connection.connected("ocpp1.6", now=0.0)
    for now, text in enumerate(texts):
        connection.received(text, now=float(now))
        for event in connection.events():
            if isinstance(event, CallReceived) and event.action == "Heartbeat":
                answer = {"currentTime": "2026-01-01T00:00:00Z"}
                connection.send_call_result(event, answer, now=float(now))
            elif isinstance(event, CallReceived):
                connection.send_call_error(event, ErrorCode.NOT_SUPPORTED, now=float(now))
        connection.frames_to_send()
    connection.disconnected(now=99.0)
    connection.frames_to_send()


def test_a_recording_that_comes_out_as_it_did_exits_with_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(tmp_path, *(HEARTBEAT % i for i in range(3)), '[2,"x","Heartbeat",{"surplus":1}]')
    assert main(["replay", str(tmp_path / "CP_1.jsonl")]) == 0
    assert "'CP_1': all comes out as it did then (8 messages and events)" in capsys.readouterr().out


def test_the_first_difference_is_named_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(tmp_path, HEARTBEAT % 1, '[2,"x","Heartbeat",{"surplus":1}]')
    path = tmp_path / "CP_1.jsonl"
    path.write_text(path.read_text().replace("$.surplus: expected", "$.surplus: wanted"))
    assert main(["replay", str(path)]) == 1
    said = capsys.readouterr().out
    assert "something comes out otherwise: frame 2 was" in said
    assert "wanted no such member" in said
    assert "(line 7)" in said


CALL = '{"time":1.0,"what":"sent","data":"[2,\\"9\\",\\"Reset\\",{\\"type\\":\\"%s\\"}]"}\n'


def test_a_fault_of_this_side_that_is_gone_is_told_as_such(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = '{"time":1.0,"what":"call","id":"9","action":"Reset","payload":{"type":"Soft"}}\n'
    head = '{"what":"made","role":"csms"}\n{"time":0.0,"what":"connected","version":"ocpp1.6"}\n'
    for then, code, verdict in (("Soft", 0, "as it did"), ("Rude", 0, "type: gone (then 1)")):
        path = tmp_path / f"{then}.jsonl"
        path.write_text(head + said + CALL % then)
        assert main(["replay", str(path)]) == code
        assert verdict in capsys.readouterr().out


def test_rotated_files_are_read_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(tmp_path, *(HEARTBEAT % i for i in range(40)), max_bytes=3000, keep=9)
    assert (tmp_path / "CP_1.2.jsonl").exists()
    assert main(["replay", str(tmp_path / "CP_1.jsonl")]) == 0
    said = capsys.readouterr().out
    assert "CP_1.2.jsonl, CP_1.1.jsonl, CP_1.jsonl" in said
    assert "(80 messages and events)" in said

    for path in tmp_path.glob("CP_1.?.jsonl"):
        path.unlink()
    assert main(["replay", str(tmp_path / "CP_1.jsonl")]) == 0
    assert "its beginning is missing" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"no recording\n", b"\xff\xfe\x00", b"{}\n"])
def test_what_is_no_recording_exits_with_2(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log").write_bytes(content)
    assert main(["replay", str(tmp_path / "log")]) == 2
    assert "no recording" in capsys.readouterr().err
    assert main(["replay", str(tmp_path / "none")]) == 2
    assert main(["replay", str(tmp_path / "log"), "--emit-test", str(tmp_path / "t.py")]) == 2


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (bytes(range(128, 256)) * 1000, "line 1 is not UTF-8"),  # a binary file
        (b'{"what":"caf\xe9"}\n', "line 1 is not UTF-8"),  # Latin-1
        (b"x" * (17 << 20), "line 1 is longer than 16 MiB"),
    ],
    ids=["binary", "Latin-1", "endless"],
)
def test_what_is_no_text_is_told_in_plain_words(
    content: bytes, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log").write_bytes(content)
    assert main(["replay", str(tmp_path / "log")]) == 2
    assert f"log: no recording ({complaint}); --emit-test" in capsys.readouterr().err


def test_a_recording_that_an_editor_saved_as_utf_16_is_read(tmp_path: Path) -> None:
    recorded(tmp_path, HEARTBEAT % 1)
    path = tmp_path / "CP_1.jsonl"
    path.write_text(path.read_text("utf-8"), encoding="utf-16")
    assert main(["replay", str(path)]) == 0


# --- from a log to a test --------------------------------------------------------------------------------


def home_assistant(number: int, verb: str, text: str) -> str:
    hours, minutes = divmod(number, 60)
    return f"2026-01-01 {hours:02}:{minutes:02}:00,000 INFO ocpp: CP_1: {verb} {text}\n"


def a_night(*wrong: tuple[str, str]) -> str:
    """Return a log of many heartbeats, and of what went wrong among them."""
    said = []
    for i in range(60):
        said.append(("receive message", HEARTBEAT % i))
        said.append(("send", f'[3,"{i}",{{"currentTime":"2026-01-01T00:00:00Z"}}]'))
    said[60:60] = wrong[:2]
    said += wrong[2:]
    return "".join(home_assistant(i, *each) for i, each in enumerate(said))


START = (
    '[2,"%s","StartTransaction",{"connectorId":1,"idTag":"%s","meterStart":0,'
    '"timestamp":"2026-01-01T00:00:00Z"}]'
)
STARTED = '[3,"%s",{"transactionId":7,"idTagInfo":{"status":"Accepted"}}]'
FAULTS = {
    "a message of the station's": (
        [("receive message", '[2,"a","Heartbeat",{"surplus":"\\u00e9 \\"\\"\\""}]')],
        ("CONFIG = Config()", 'CONFIG = Config(validation="lenient")'),
        1,
    ),
    "an answer of the station's": (
        [("send", '[2,"b","ClearCache",{}]'), ("receive message", '[3,"b",{"status":"Maybe"}]')],
        ("CONFIG = Config()", 'CONFIG = Config(validation="lenient")'),
        2,
    ),
    "a story of the CSMS's": (
        [
            ("receive message", START % ("c", "A")),
            ("send", STARTED % "c"),
            ("receive message", START % ("d", "B")),
            ("send", STARTED % "d"),
        ],
        (
            "    return then\n",
            '    return then | {"transactionId": ord(payload["idTag"])}\n',
        ),
        4,
    ),
    "a message of the CSMS's": (
        [
            ("send", '[2,"e","Reset",{"type":"Rude"}]'),
            ("receive message", '[3,"e",{"status":"Accepted"}]'),
        ],
        ("Rude", "Soft"),
        1,
    ),
}


@pytest.fixture(scope="module")
def emitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a test of each fault, and the same with the mend."""
    folder = tmp_path_factory.mktemp("emitted")
    for number, (wrong, (before, after), _) in enumerate(FAULTS.values()):
        log = folder / f"home-assistant-{number}.log"
        log.write_text(a_night(*wrong), encoding="utf-8")
        test = folder / f"test_{number}_broken.py"
        assert main(["replay", str(log), "--ocpp", "1.6", "--emit-test", str(test)]) == 0
        text = test.read_text(encoding="utf-8")
        assert before in text
        (folder / f"test_{number}_mended.py").write_text(
            text.replace(before, after), encoding="utf-8"
        )
    return folder


def dialog_of(test: Path) -> list[Any]:
    for node in ast.parse(test.read_text(encoding="utf-8")).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "DIALOG" for target in targets):
            value: Any = node.value  # type: ignore[attr-defined]
            return list(ast.literal_eval(value))
    raise AssertionError("there is no DIALOG")


def test_a_test_has_no_more_of_the_log_than_shows_the_fault(emitted: Path) -> None:
    for number, (_, _, needed) in enumerate(FAULTS.values()):
        assert len(dialog_of(emitted / f"test_{number}_broken.py")) <= max(needed, 2)


def test_each_fails_as_the_field_did_and_passes_once_it_is_mended(emitted: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", str(emitted)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=emitted, timeout=120, check=False
    )
    for number, name in enumerate(FAULTS):
        assert f"FAILED test_{number}_broken.py" in done.stdout, (name, done.stdout)
        assert f"PASSED test_{number}_mended.py" in done.stdout, (name, done.stdout)
    assert "4 failed, 4 passed" in done.stdout


def test_what_is_written_is_well_kept_python(emitted: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,I,ANN,UP,B,W"]
    files = [str(path) for path in emitted.glob("*_broken.py")]
    options = ["--line-length", "110", "--ignore", "ANN401"]
    done = subprocess.run(
        [*command, *options, *files],
        capture_output=True,
        text=True,
        cwd=root,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_line_or_the_rule_chooses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, test = tmp_path / "log", tmp_path / "test_it.py"
    log.write_text('[2,"1","Heartbeat",{"a":1}]\n[3,"1",{}]\n[2,"2","Heartbeat",{"b":1}]\n')
    for chosen, said in (
        (["--line", "3"], "$.b"),
        (["--rule", "required"], "$.currentTime"),
        ([], "$.a"),
    ):
        assert main(["replay", str(log), "--ocpp", "1.6", "--emit-test", str(test), *chosen]) == 0
        assert said in capsys.readouterr().out
        assert said in test.read_text()
    assert main(["replay", str(log), "--emit-test", str(test), "--rule", "no_such"]) == 2
    assert "3 others; --line or --rule choose one" in capsys.readouterr().err
    assert main(["replay", "-", "--emit-test", str(test)]) == 2


def test_a_recording_becomes_a_test_as_well(tmp_path: Path) -> None:
    recorded(tmp_path, *(HEARTBEAT % i for i in range(9)), '[2,"x","Heartbeat",{"surplus":1}]')
    test = tmp_path / "test_it.py"
    assert main(["replay", str(tmp_path / "CP_1.jsonl"), "--emit-test", str(test)]) == 0
    ((_, who, text),) = dialog_of(test)
    assert (who, json.loads(text)[3]) == ("station", {"surplus": 1})
