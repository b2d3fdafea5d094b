"""`python -m ocpp_sansio demo`: what it prints is what crossed, and a stranger can read it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from ocpp_sansio import Connection, ProtocolViolated, Role, Version
from ocpp_sansio.__main__ import main
from ocpp_sansio.cli.demo import scene_v16
from ocpp_sansio.handlers import Handlers

DEADLINE = 60.0
"""Seconds for a process that takes a third of one, on a machine that has other things to do."""

ASKED_IN_16 = """
    station BootNotification
    station StatusNotification
    station Authorize
    station StartTransaction
    station StatusNotification
    station MeterValues
    station MeterValues
    CSMS RemoteStopTransaction
    station StopTransaction
    station StatusNotification
"""
ASKED_IN_2X = """
    station BootNotification
    station StatusNotification
    station Authorize
    station TransactionEvent
    station StatusNotification
    station TransactionEvent
    station TransactionEvent
    CSMS RequestStopTransaction
    station TransactionEvent
    station StatusNotification
"""
ASKED = {
    Version.OCPP16: ASKED_IN_16.split("\n")[1:-1],
    Version.OCPP201: ASKED_IN_2X.split("\n")[1:-1],
    Version.OCPP21: ASKED_IN_2X.split("\n")[1:-1],
}


def run_demo(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ocpp_sansio", "demo", *arguments],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
        env=os.environ | environment,
    )


@pytest.fixture(scope="module")
def shown() -> str:
    done = run_demo()
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def wire_lines() -> list[dict[str, Any]]:
    done = run_demo("--json")
    assert done.returncode == 0
    assert done.stderr.startswith("Charged a car in each of")
    return [json.loads(line) for line in done.stdout.splitlines()]


ROW = re.compile(
    r"(?P<at>[ \d]{4}\.\d)  station (?P<arrow>-->|<--) CSMS  (?P<kind>CALL|RESULT)  +"
    r"(?P<id>[0-9a-f]{6})  (?P<action>\w+) +(?P<took>\d+\.\d)?  (?P<words>\S.*)"
)


def rows(shown: str) -> Iterator[re.Match[str]]:
    return filter(None, map(ROW.fullmatch, shown.splitlines()))


def test_each_version_charges_a_car_from_boot_to_remote_stop(shown: str) -> None:
    sections = shown.split("\n\n")[1:-1]
    for version, section in zip(Version, sections, strict=True):
        assert section.startswith(f"{version.subprotocol} on ws://127.0.0.1:")
        asked = [
            f"    {'station' if row['arrow'] == '-->' else 'CSMS'} {row['action']}"
            for row in rows(section)
            if row["kind"] == "CALL"
        ]
        assert asked == ASKED[version]


def test_every_line_is_a_row_of_the_table_and_its_columns_are_aligned(shown: str) -> None:
    for section in shown.split("\n\n")[1:-1]:
        _, header, *lines = section.splitlines()
        starts = {name: header.index(name) for name in ("direction", "kind", "id", "action")}
        for line in lines:
            row = ROW.fullmatch(line)
            assert row, line
            assert row.start("kind") == starts["kind"]
            assert row.start("id") == starts["id"]
            assert row.start("action") == starts["action"]
            assert row.start("words") == header.index("it says")
            assert len(line) <= 120


def test_the_answer_of_each_call_has_its_id_and_a_latency_and_goes_the_other_way(
    shown: str,
) -> None:
    waiting: dict[str, re.Match[str]] = {}
    for row in rows(shown):
        if row["kind"] == "CALL":
            assert row["took"] is None
            waiting[row["id"]] = row
            continue
        call = waiting.pop(row["id"])
        assert row["took"] is not None
        assert (row["action"], row["arrow"] != call["arrow"]) == (call["action"], True)
    assert not waiting


def test_the_words_are_made_from_what_crossed(shown: str) -> None:
    words = [row["words"] for row in rows(shown)]
    assert "I am a Demo One by Example, just started." in words
    assert "Transaction 1: meter at 128000 Wh." in words
    assert "Please stop transaction T-1." in words
    assert not [word for word in words if "{" in word or "…" in word]


def test_the_last_line_sums_up(shown: str) -> None:
    last = shown.splitlines()[-1]
    printed = list(rows(shown))
    calls = [row for row in printed if row["kind"] == "CALL"]
    told = re.fullmatch(
        r"Charged a car in each of ocpp1\.6, ocpp2\.0\.1, ocpp2\.1: (\d+) messages, (\d+) calls, "
        r"(\d+) answered, 0 refused; median round trip \d+\.\d ms, (\d+\.\d\d) s in all\.",
        last,
    )
    assert told
    assert [int(count) for count in told.groups()[:3]] == [len(printed), len(calls), len(calls)]
    assert float(told[4]) < 2


def test_there_is_no_colour_in_what_is_no_terminal(shown: str) -> None:
    assert "\x1b" not in shown


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is a Unix thing")
@pytest.mark.parametrize(
    ("environment", "is_coloured"),
    [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({"NO_COLOR": "1"}, False)],
)
def test_a_terminal_gets_colours_unless_it_or_its_user_wants_none(
    environment: dict[str, str],
    is_coloured: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    import pty  # noqa: PLC0415 - there is none on Windows

    screen, terminal = pty.openpty()
    wanted = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | environment
    command = [sys.executable, "-m", "ocpp_sansio", "demo"]
    try:
        with subprocess.Popen(command, stdout=terminal, env=wanted) as demo:
            os.close(terminal)
            printed = b"".join(read_all(screen))
            assert demo.wait(DEADLINE) == 0
    finally:
        os.close(screen)
    assert (b"\x1b[36mstation --> CSMS\x1b[0m" in printed) is is_coloured
    assert (b"\x1b" in printed) is is_coloured


def read_all(screen: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(screen, 65536)
        except OSError:  # how Linux says that the other end is closed
            return
        if not data:
            return
        yield data


def test_json_has_one_wire_message_per_line(wire_lines: list[dict[str, Any]]) -> None:
    for line in wire_lines:
        assert [*line] == ["version", "direction", "time", "latency", "action", "frame"]
        assert line["direction"] in ("station->csms", "csms->station")
        assert (line["latency"] is None) is (line["frame"][0] == 2)
    for version, expected in ASKED.items():
        calls = [
            f"    {'station' if line['direction'] == 'station->csms' else 'CSMS'} {line['action']}"
            for line in wire_lines
            if line["version"] == version.subprotocol and line["frame"][0] == 2
        ]
        assert calls == expected


def test_json_frames_are_good_ocpp_in_the_order_in_which_they_crossed(
    wire_lines: list[dict[str, Any]],
) -> None:
    for version in Version:
        receivers = {
            "station->csms": Connection(Role.CSMS),
            "csms->station": Connection(Role.STATION),
        }
        for receiver in receivers.values():
            receiver.connected(version, now=0)
        for line in wire_lines:
            if line["version"] != version.subprotocol or line["frame"][0] != 2:
                continue
            receiver = receivers[line["direction"]]
            receiver.received(json.dumps(line["frame"]), now=line["time"])
            (event,) = receiver.events()
            assert not isinstance(event, ProtocolViolated)
            answer = next(x for x in wire_lines if x["frame"][:2] == [3, line["frame"][1]])
            assert answer["time"] > line["time"]
            receiver.send_call_result(event, answer["frame"][2], now=answer["time"])  # type: ignore[arg-type]  # a CALL makes a CallReceived


def test_a_proxy_in_the_environment_is_no_way_to_the_loopback_interface() -> None:
    nowhere = "http://127.0.0.1:9"
    done = run_demo(http_proxy=nowhere, https_proxy=nowhere, all_proxy=nowhere, no_proxy="")
    assert (done.returncode, done.stderr) == (0, "")


def test_without_websockets_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "websockets", None)  # as good as not installed
    assert main(["demo"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        'demo failed: the package websockets is missing: pip install "websockets>=17"\n'
    )


def test_a_call_that_is_refused_makes_it_fail_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(scene_v16, "csms_handlers", Handlers)  # a CSMS that serves nothing
    assert main(["demo"]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("demo failed: CallFailed: BootNotification was refused with ")
    assert captured.err.count("\n") == 1


def test_a_charge_that_never_ends_is_given_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ocpp_sansio.cli.demo.TIME_LIMIT", 0.0)
    assert main(["demo"]) == 1
    assert capsys.readouterr().err == "demo failed: TimeoutError: not finished after 0 s\n"
