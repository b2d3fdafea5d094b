"""`python -m ocpp_sansio check`: every violation in a log, with line, path, rule and what would be right."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ocpp_sansio import Config, Connection, Role, Version, v16
from ocpp_sansio.__main__ import main
from ocpp_sansio.cli.check import check_lines
from ocpp_sansio.messages import catalog
from ocpp_sansio.testing import Faults, Link, Recorder, corners, every_bad_frame, every_near_miss
from ocpp_sansio.testing.shapes import minimal, write_json
from ocpp_sansio.traces import Finding, MessageJudge, Record

BOOT = '[2,"1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]'
BOOTED = '[3,"1",{"status":"Accepted","currentTime":"2026-06-01T12:00:00Z","interval":300}]'


def problems(*lines: str, **options: Any) -> list[tuple[int, str, str]]:
    report = check_lines([line.encode() for line in lines], **options)
    return [(problem.line, problem.path, problem.rule) for problem in report.findings]


def test_a_clean_log_has_no_violations() -> None:
    assert problems(BOOT, BOOTED) == []


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["hello"], []),
        (['{"a":1}'], []),
        (['[2,"1","Heartbeat",{}', BOOT], []),  # cut by its logger
        (['[2,"1","Heartbeat",{},]'], [(1, "$", "not_json")]),
        (['[2,7,"Heartbeat",{}]'], [(1, "$[1]", "unreadable_id")]),
        (['[2,"1","Nope",{}]'], [(1, "$", "unknown_action")]),
        (['[9,"1","Heartbeat",{}]'], [(1, "$[0]", "message_type")]),
        (['[2,"1","Heartbeat",{"a":1}]'], [(1, "$.a", "unknown_member")]),
        (['[2,"1","Heartbeat"]'], [(1, "$", "frame")]),
        (['[3,"1",{}]'], [(1, "$[1]", "stray_response")]),
        (['[2,"1","Heartbeat",{}]', '[4,"1"]'], [(2, "$", "frame")]),
        (
            ['[2,"1","Heartbeat",{}]', '[4,"1","FormatViolation","",{}]'],
            [(2, "$[2]", "error_code")],
        ),
        (
            ['[2,"1","Heartbeat",{}]', f'[4,"1","GenericError","{"x" * 256}",{{}}]'],
            [(2, "$[3]", "description_length")],
        ),
        (
            ['[2,"1","Heartbeat",{}]', '[2,"2","Heartbeat",{}]'],
            [(2, "$", "overlapping_call")],
        ),
        (
            ['[2,"1","Heartbeat",{}]', '[2,"1","Heartbeat",{}]'],
            [(2, "$[1]", "duplicate_id")],
        ),
        (
            [BOOT, BOOTED.replace("Z", "")],
            [(2, "$.currentTime", "format")],
        ),
        (
            [BOOT, BOOTED, "", BOOTED],
            [(4, "$[1]", "stray_response")],
        ),
        (
            ['[2,"' + "x" * 37 + '","Heartbeat",{}]', '[3,"' + "x" * 37 + '",{}]'],
            [(1, "$[1]", "id_too_long"), (2, "$.currentTime", "required")],
        ),
    ],
)
def test_each_violation_is_told_with_its_line_and_path(
    lines: list[str], found: list[tuple[int, str, str]]
) -> None:
    assert problems(*lines, version=Version.OCPP16) == found


def test_both_sides_may_have_a_call_in_flight() -> None:  # S-2
    lines = ['[2,"1","Heartbeat",{}]', '[2,"2","Reset",{"type":"Soft"}]']
    answers = ['[3,"2",{"status":"Accepted"}]', '[3,"1",{"currentTime":"2026-06-01T12:00:00Z"}]']
    assert problems(*lines, *answers, version=Version.OCPP16) == []


def test_a_call_that_timed_out_no_longer_forbids_the_next() -> None:  # S-10
    def line(time: float, message_id: str) -> str:
        frame = f'[2,"{message_id}","Heartbeat",{{}}]'
        return f'{{"time":{time},"direction":"station->csms","frame":{frame}}}'

    options = {"version": Version.OCPP16}
    assert problems(line(0, "1"), line(30, "2"), **options) == []
    assert problems(line(0, "1"), line(29, "2"), **options) == [(2, "$", "overlapping_call")]


def test_the_side_that_the_log_does_not_name_can_be_given() -> None:
    call = '[2,"1","Reset",{"type":"Soft"}]'
    assert problems(call, version=Version.OCPP16) == []
    wrong = problems(call, version=Version.OCPP16, sender=Role.STATION)
    assert wrong == [(1, "$", "wrong_direction")]


def test_a_vendors_action_is_all_right_if_it_is_named() -> None:
    lines = ['[2,"1","Dance",{"a":1}]', '[3,"1",{"b":2}]']
    assert problems(*lines, version=Version.OCPP16) == [(1, "$", "unknown_action")]
    config = Config(vendor_actions={"Dance"})
    assert problems(*lines, version=Version.OCPP16, config=config) == []


def test_an_error_about_an_unreadable_message_is_nobodys_in_1_6_only() -> None:  # I-5
    line = '[4,"-1","GenericError","",{}]'
    assert problems(line, version=Version.OCPP16) == [(1, "$[1]", "stray_response")]
    assert problems(line, version=Version.OCPP201) == []


@pytest.mark.parametrize("version", Version)
def test_the_version_is_guessed_from_what_fits_best(version: Version) -> None:
    boot = write_json([2, "1", "BootNotification", minimal(_boot(version))])
    report = check_lines([boot])
    assert report.guesses == {Version.OCPP201 if version is Version.OCPP21 else version}
    assert (
        not report.findings
    )  # 2.0.1 and 2.1 have the same BootNotification: the older one is taken


def _boot(version: Version) -> Any:
    return catalog(version)["BootNotification"].request


@pytest.mark.parametrize("version", Version)
def test_no_corner_of_any_message_is_called_a_violation(version: Version) -> None:
    for action in catalog(version).values():
        for request in corners(action.request):
            kind = 2 if action.response else 6
            judge = MessageJudge(version)
            call = write_json([kind, "1", action.name, request])
            assert judge.judge(Record(1, call)) == []
        for response in corners(action.response) if action.response else ():
            judge = MessageJudge(version)
            judge.judge(Record(1, write_json([2, "1", action.name, minimal(action.request)])))
            assert judge.judge(Record(2, write_json([3, "1", response]))) == []


@pytest.mark.parametrize("version", Version)
def test_every_near_miss_in_either_direction_is_found(version: Version) -> None:
    """A tenth of them, of every action: the rest is the same code."""

    def told(found: list[Finding]) -> list[tuple[str, str]]:
        return [(problem.path, problem.rule) for problem in found]

    for action in catalog(version).values():
        for miss in list(every_near_miss(action.request))[::10]:
            kind = 2 if action.response else 6
            call = write_json([kind, "1", action.name, miss.payload])
            assert told(MessageJudge(version).judge(Record(1, call))) == [(miss.path, miss.rule)]
        for miss in list(every_near_miss(action.response))[::10] if action.response else ():
            judge = MessageJudge(version)
            judge.judge(Record(1, write_json([2, "1", action.name, minimal(action.request)])))
            answer = write_json([3, "1", miss.payload])
            assert told(judge.judge(Record(2, answer))) == [(miss.path, miss.rule)]


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("role", Role)
def test_every_bad_frame_is_found(version: Version, role: Role) -> None:
    sender = Role.CSMS if role is Role.STATION else Role.STATION
    for bad in every_bad_frame(version, role):
        found = MessageJudge(version).judge(Record(1, bad.data, sender=sender))
        assert bad.rule in {problem.rule for problem in found}, bad


# --- the command -----------------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., str]:
    def write(*lines: str) -> str:
        path = tmp_path / "log.txt"
        path.write_text("\n".join(lines))
        return str(path)

    return write


def test_the_exit_code_is_for_a_ci(
    log: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", log(BOOT, BOOTED)]) == 0
    assert main(["check", log(BOOT, "hello", '[2,"2","Heartbeat",{},]'), "--ocpp", "1.6"]) == 1
    out = capsys.readouterr().out
    assert "messages: 2, violations: 0, taken for ocpp1.6 (say --ocpp to choose)" in out
    assert "log.txt:3: $: expected a value at byte 22, not ']' after a comma" in out
    assert '(not_json, FormationViolation)\n    [2,"2","Heartbeat",{},]\n' in out
    assert out.endswith("messages: 2, violations: 1\n1 line held no message\n")


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_a_log_without_messages_is_a_mistake(
    log: Callable[..., str], content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", log(content)]) == 2
    assert "there is no message in it" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "show"])
def test_a_binary_file_holds_no_message(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "firmware.bin"
    path.write_bytes(bytes(range(256)) * 1000)
    assert main([command, str(path)]) == 2
    complaint = f"{command}: {path}: there is no message in it; 1,001 lines held no message\n"
    assert capsys.readouterr().err == complaint


@pytest.mark.parametrize(
    "line",
    [
        b'{"direction":"in","message":[2,"1","DataTransfer",{"vendorId":"Gr\xfc\xdfe"}]}',
        b'{"direction":"in","message":"[2,\\"1\\",\\"DataTransfer\\",{\\"vendorId\\":\\"\xfc\\"}]"}',
        b'{"note":"\xfc","direction":"in","message":[2,"1","DataTransfer",{"vendorId":"V"}]}',
    ],
    ids=["message", "text", "beside it"],
)
def test_json_lines_in_latin_1_are_read_all_the_same(line: bytes) -> None:
    report = check_lines([line])
    assert (report.messages, report.findings) == (1, [])


def test_a_file_that_is_not_there_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "/no/such/file"]) == 2
    assert capsys.readouterr().err == "check: /no/such/file: No such file or directory\n"


def test_a_reader_that_has_seen_enough_is_no_trouble_of_the_logs(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text('[2,"1","Nope",{}]\n' * 20_000)
    command = f"{sys.executable} -m ocpp_sansio check --all {log} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1


def test_a_report_that_cannot_be_written_is_a_mistake(
    log: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", log(BOOT, BOOTED), "--junit", "/no/such/folder/x.xml"]) == 2
    assert capsys.readouterr().err == "check: /no/such/folder/x.xml: No such file or directory\n"


def test_a_version_that_is_none_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["check", "-", "--ocpp", "3.0"])
    assert exited.value.code == 2
    assert "not an OCPP version" in capsys.readouterr().err


def test_standard_input_is_read_and_json_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = io.TextIOWrapper(
        io.BytesIO(b'[2,"1","Heartbeat",{"a":1}]\n[2,"2","Heartbeat",{"\xff":1}]\n')
    )
    monkeypatch.setattr(sys, "stdin", data)

    assert main(["check", "-", "--json", "--ocpp", "2.0.1"]) == 1

    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == {
        "file": "<stdin>",
        "line": 1,
        "is_fault": True,
        "station": None,
        "when": None,
        "got": "1",
        "path": "$.a",
        "rule": "unknown_member",
        "expected": "no such member",
        "code": "ProtocolError",
        "message": '[2,"1","Heartbeat",{"a":1}]',
    }
    assert (second["line"], second["rule"]) == (2, "payload_not_object")


def test_the_demos_own_lines_are_read(
    log: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert main(["check", log(*lines)]) == 0
    assert capsys.readouterr().out == f"messages: {len(lines)}, violations: 0\n"

    lines[0] = lines[0].replace("chargePointModel", "chargePointModell")
    assert main(["check", log(*lines)]) == 1
    out = capsys.readouterr().out
    assert re.search(r"log\.txt:1: \$\.chargePointModell: '.*' instead of no such member", out)


def test_a_recording_is_read_from_either_side() -> None:
    for side in Role:
        lines: list[str] = []
        recorder = Recorder(side, write=lines.append)
        other = Connection(Role.CSMS if side is Role.STATION else Role.STATION)
        both: Any = (recorder, other) if side is Role.STATION else (other, recorder)
        link = Link(*both, faults=Faults(latency=1))
        link.connect("ocpp1.6")
        link.station.send_call(v16.HeartbeatRequest(), now=link.now)
        link.run_until_idle()
        link.inject(Role.STATION, b'[2,"x","Heartbeat",{"a":\xff}]')
        link.run_until_idle()

        report = check_lines("".join(lines).encode().splitlines())

        assert report.messages >= 2
        found = [(problem.path, problem.rule) for problem in report.findings]
        # The station never sent what the CSMS refuses.
        of_the_csms = side is Role.CSMS
        assert found == [("$", "not_json") if of_the_csms else ("$[1]", "stray_response")]


@pytest.mark.parametrize(
    "number", ["1e1000000000000000000", "-1e-1000000000000000000", "9" * 4300, "9" * 5000]
)
def test_no_number_stops_the_check(number: str) -> None:
    lines = [
        f'[2,"1","Heartbeat",{{"x":{number}}}]',
        f'[4,"1","InternalError","",{{"x":{number}}}]',
        f"[2,{number}]",
        f'{{"frame":[2,"2","Heartbeat",{{}}],"time":{number}}}',
        f'{{"what":"sent","data":"[2,7]","time":{number}}}',
    ]
    found = problems(*lines, version=Version.OCPP16, sender=Role.STATION)
    assert (1, "$.x", "number_range") in found
    assert (2, "$[4]", "number_range") in found
    assert (3, "$[1]", "unreadable_id") in found
    assert found[-1] == (5, "$[1]", "unreadable_id")
    assert not [problem for problem in found if problem[2] == "library_bug"]


@pytest.mark.parametrize(
    "line",
    [
        '{"what":[],"data":"x"}',
        '{"what":"made","role":[]}',
        '{"what":"made","role":{}}',
        '{"what":"sent","base64":"!"}',
        '{"what":"sent","base64":7}',
        '{"what":"connected","version":[]}',
        '{"frame":1,"direction":[],"version":{},"time":"x"}',
    ],
)
def test_a_log_of_anything_is_read(line: str) -> None:
    check_lines([line.encode(), b'[2,"1","Nope",{}]'])


def test_a_bug_of_ours_is_told_with_its_message_and_the_check_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    hear = Connection.received

    def stumble(self: Connection, data: Any, *, now: float) -> None:
        if b"trip" in data:
            raise ZeroDivisionError(data)
        hear(self, data, now=now)

    monkeypatch.setattr(Connection, "received", stumble)
    log = tmp_path / "log"
    log.write_text(f'[2,"0","trip",{{"\x1b[2J{"x" * 1000}"}}]\n[2,"1","Nope",{{}}]\n')
    assert main(["check", str(log), "--ocpp", "1.6"]) == 1
    out = capsys.readouterr().out
    assert ":1: $: expected no ZeroDivisionError; this is a bug of ocpp_sansio" in out
    assert "(library_bug, InternalError)" in out
    assert ":2: $: " in out
    assert "messages: 2, violations: 2" in out
    assert "\x1b" not in out
    assert all(len(text) < 250 for text in out.splitlines())
