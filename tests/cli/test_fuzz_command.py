"""`python -m ocpp_sansio fuzz`: silent on a peer that keeps the rules, not on the faults of another."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from peers import HONEST, Csms, Csms2, Speaker, body
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from ocpp_sansio import CallReceived, CallResultReceived, Connection, Role, Version
from ocpp_sansio.__main__ import main
from ocpp_sansio.cli.fuzz.cases import HOSTILE_PHASE, NEAR_MISS_PHASE, Case, actions_of, plays
from ocpp_sansio.cli.fuzz.wire import is_loopback
from ocpp_sansio.core import to_object
from ocpp_sansio.messages import catalog
from ocpp_sansio.testing import AskStep, Dice, Domain
from ocpp_sansio.testing.shapes import minimal

QUICK = ["--timeout", "1", "--rate", "2000"]

Reaction = Callable[[Connection, ServerConnection, bytes], None]


@contextmanager
def csms(version: Version, react: Reaction) -> Iterator[str]:
    """Run a CSMS on loopback whose every message goes through `react`; yields its URL."""

    def run(socket: ServerConnection) -> None:
        connection = Connection(Role.CSMS)
        connection.connected(version, now=0)
        try:
            while True:
                react(connection, socket, socket.recv(decode=False))
        except ConnectionClosed:
            return

    token = Subprotocol(version.subprotocol)
    with serve(run, "127.0.0.1", 0, subprotocols=[token], compression=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/ocpp/CP001"
        finally:
            server.shutdown()
            thread.join()


SPEAKERS: dict[tuple[Version | None, Role], type[Speaker]] = {
    (honest.version, honest.role): honest for honest in HONEST
}
KNOWN: dict[int, tuple[Connection, Speaker]] = {}  # it is kept, so that its id stays its own
NUMBERS = count(1)


class EachItsOwn(Csms):
    """Gives ids that no other connection has given."""

    def __init__(self) -> None:
        super().__init__()
        self.ids = NUMBERS


def speaker_of(connection: Connection) -> Speaker:
    version = connection.version or Version.OCPP16
    if id(connection) not in KNOWN:
        kind = SPEAKERS.get((version, connection.role), Csms2)
        made = EachItsOwn() if kind is Csms else kind()
        made.version = version  # type: ignore[misc]  # of 2.1, say
        KNOWN[id(connection)] = (connection, made)
    return KNOWN[id(connection)][1]


def keep_the_rules(connection: Connection, socket: Any, data: bytes) -> None:
    connection.received(data, now=0)
    speaker = speaker_of(connection)
    for event in connection.events():
        if isinstance(event, CallReceived):
            answer = speaker.answer(event.action, body(event.payload))
            connection.send_call_result(event, answer, now=0)
        elif isinstance(event, CallResultReceived):
            call = event.call
            speaker.hears(call.action, body(call.payload), body(event.payload))
    for action, request in speaker.calls:
        connection.send_call(action, request, now=0)
    speaker.calls.clear()
    for frame in connection.frames_to_send():
        socket.send(frame.data, text=True)


def fuzz(url: str, *options: str) -> int:
    return main(["fuzz", url, *QUICK, *options])


@pytest.mark.parametrize("version", Version)
def test_a_csms_that_keeps_the_rules_has_nothing_to_hear(
    version: Version, capsys: pytest.CaptureFixture[str]
) -> None:
    with csms(version, keep_the_rules) as url:
        code = fuzz(url, "--count", "200")

    out, err = capsys.readouterr()
    assert "Nothing came back that the rules do not allow." in out, out
    assert re.search("Cases: 90 valid, 50 near miss, 60 hostile;", out)
    assert f"as a station of {version.value}, seed 0" in out
    assert (code, err) == (0, ""), "no progress bar without a terminal"


def accept_everything(connection: Connection, socket: Any, data: bytes) -> None:
    try:
        kind, key, name, *_ = json.loads(data)
        action = catalog(connection.version or Version.OCPP16)[name]
    except (ValueError, KeyError, TypeError, RecursionError):
        keep_the_rules(connection, socket, data)
        return
    if kind == 2 and action.response and isinstance(key, str) and name != "Heartbeat":
        socket.send(json.dumps([3, key, to_object(minimal(action.response))]).encode(), text=True)
    else:
        keep_the_rules(connection, socket, data)


def answer_responses(connection: Connection, socket: Any, data: bytes) -> None:
    if data.startswith((b"[3", b"[4")):
        socket.send(b'[4,"nobody","GenericError","",{}]', text=True)
    else:
        keep_the_rules(connection, socket, data)


def hang_up_on_bad_json(connection: Connection, socket: Any, data: bytes) -> None:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        socket.close(1011)
    keep_the_rules(connection, socket, data)


def spell_for_2x(connection: Connection, socket: Any, data: bytes) -> None:
    class Respelling:
        def send(self, frame: bytes, *, text: bool) -> None:
            socket.send(frame.replace(b"FormationV", b"FormatV"), text=text)

    keep_the_rules(connection, Respelling(), data)


def answer_twice(connection: Connection, socket: Any, data: bytes) -> None:
    class Stutter:
        def send(self, frame: bytes, *, text: bool) -> None:
            socket.send(frame, text=text)
            socket.send(frame, text=text)

    keep_the_rules(connection, Stutter(), data)


def stay_silent_on_errors(connection: Connection, socket: Any, data: bytes) -> None:
    class Shy:
        def send(self, frame: bytes, *, text: bool) -> None:
            if not frame.startswith(b"[4"):
                socket.send(frame, text=text)

    keep_the_rules(connection, Shy(), data)


def blame_itself(connection: Connection, socket: Any, data: bytes) -> None:
    class Sorry:
        def send(self, frame: bytes, *, text: bool) -> None:
            head = frame.split(b",")
            if frame.startswith(b"[4"):
                frame = b'[4,%b,"InternalError","",{}]' % head[1]
            socket.send(frame, text=text)

    keep_the_rules(connection, Sorry(), data)


@pytest.mark.parametrize(
    ("react", "kind", "options"),
    [
        (accept_everything, "accepted a broken call (E-11)", ["--count", "60"]),
        (answer_responses, "answered what must not be answered (E-8)", ["--count", "160"]),
        (hang_up_on_bad_json, "closed the connection", ["--count", "160"]),
        (spell_for_2x, "sent what is not allowed: error_code", ["--count", "60"]),
        (answer_twice, "sent what is not allowed: stray_response", ["--count", "20"]),
        (stay_silent_on_errors, "did not answer a call (E-7, E-11)", ["--count", "30"]),
        (blame_itself, "failed over a message: InternalError (E-7)", ["--count", "60"]),
    ],
)
def test_each_fault_is_found_with_an_example_that_can_be_sent_again(
    react: Reaction,
    kind: str,
    options: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    timeout = ["--timeout", "0.2"] if react is stay_silent_on_errors else []
    with csms(Version.OCPP16, react) as url:
        assert fuzz(url, *options, *timeout, "--save", str(tmp_path)) == 1
        report = capsys.readouterr().out
        found = re.findall(r"^(\d+)\. It (.+)\. Seen: ", report, re.MULTILINE)
        number = next((number for number, seen in found if seen == kind), None)
        assert number is not None, report
        has_ids = re.search(r"\([A-Z]-\d", report.partition("Ids in parentheses")[0])
        assert ("docs/reference/rules.md explains each" in report) == bool(has_ids)
        section = report[report.index(f"{number}. It ") :]
        assert "The smallest example:\n   > " in section

        example = tmp_path / f"finding-{number}.jsonl"
        assert f"--replay {example}" in section
        assert main(["fuzz", url, "--replay", str(example), "--timeout", "0.3"]) == 1
        replayed = capsys.readouterr().out
        assert main(["check", str(example), "--json"]) in {0, 1}
        capsys.readouterr()
    with csms(Version.OCPP16, keep_the_rules) as url:
        assert main(["fuzz", url, "--replay", str(example), "--timeout", "0.3"]) == 0

    assert replayed.startswith("> ")
    assert f"Still there: it {kind}." in replayed
    assert capsys.readouterr().out.endswith("Mended: nothing came back that should not.\n")


def test_an_example_is_only_what_it_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with csms(Version.OCPP16, hang_up_on_bad_json) as url:
        fuzz(url, "--count", "160", "--save", str(tmp_path))

    report = capsys.readouterr().out
    example = report.partition("The smallest example:\n")[2].splitlines()
    assert len(example[0]) < 40, report
    assert len(list(tmp_path.glob("finding-1.jsonl"))) == 1
    saved = (tmp_path / "finding-1.jsonl").read_text().splitlines()
    sent = [line for line in map(json.loads, saved) if line["what"] == "sent"]
    assert len(sent) == 1, "what keeps house is no part of it"


def test_a_peer_that_keeps_hanging_up_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    def hang_up(connection: Connection, socket: Any, data: bytes) -> None:
        if b"BootNotification" in data and b'"boot' in data:
            keep_the_rules(connection, socket, data)
        else:
            socket.close(1011)

    with csms(Version.OCPP16, hang_up) as url:
        assert fuzz(url, "--count", "200") == 1

    assert (
        "Stopped: the peer hung up, or fell silent, 10 times in a row." in capsys.readouterr().out
    )


def test_it_stops_when_its_time_is_up(capsys: pytest.CaptureFixture[str]) -> None:
    with csms(Version.OCPP16, keep_the_rules) as url:
        start = monotonic()
        fuzz(url, "--seconds", "0.5", "--rate", "20", "--count", "1000")

    assert monotonic() - start < 10
    assert "Stopped after --seconds 0.5." in capsys.readouterr().out


def test_the_rate_is_bounded() -> None:
    with csms(Version.OCPP16, keep_the_rules) as url:
        start = monotonic()
        fuzz(url, "--rate", "40", "--count", "20")

    assert monotonic() - start >= 19 / 40


def script(version: Version, receiver: Role, count: int, seed: int, *only: str) -> list[Any]:
    actions = actions_of(version, receiver, only=only, skip=[])
    drawn = plays(
        version, receiver, count=count, chance=Dice(seed), actions=actions, domain=Domain()
    )
    return [step for play in drawn for step in play.steps]


def test_the_same_seed_gives_the_same_cases_and_another_gives_others() -> None:
    first = script(Version.OCPP201, Role.CSMS, 200, 1)
    assert first == script(Version.OCPP201, Role.CSMS, 200, 1)
    assert first != script(Version.OCPP201, Role.CSMS, 200, 2)
    only = [script(Version.OCPP16, Role.CSMS, 100, seed, "StatusNotification") for seed in (1, 2)]
    asked = [{str(step) for step in steps if isinstance(step, AskStep)} for steps in only]
    assert len(asked[0] & asked[1]) < len(asked[0]) / 2


@pytest.mark.parametrize("number", [1, 50, 500])
@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("receiver", Role)
def test_all_cases_are_used_up_in_every_phase(
    version: Version, receiver: Role, number: int
) -> None:
    steps = script(version, receiver, number, 0)
    drawn = [step for step in steps if isinstance(step, Case | AskStep)]

    assert len(drawn) == number
    cases = [step for step in drawn if isinstance(step, Case)]
    ids = [case.reply_to for case in cases if case.reply_to not in {None, "-1"}]
    assert len(ids) == len(set(ids)), "an answer tells which case it is to"
    if number == 500:
        assert len(drawn) - len(cases) >= 200, "valid calls"
        assert {case.phase for case in cases} == {"near miss", "hostile"}
        asked = {step.action for step in drawn if isinstance(step, AskStep)}
        known = actions_of(version, receiver, only=[], skip=[])
        assert len(asked) > 0.9 * len(known)
        assert any(case.reply_to == "-1" for case in cases) is (version is not Version.OCPP16)
        assert all(case.code for case in cases if case.phase == NEAR_MISS_PHASE)
        assert sum(case.phase == HOSTILE_PHASE for case in cases) > 50


def test_one_action_alone_uses_up_all_cases_too() -> None:
    steps = script(Version.OCPP16, Role.CSMS, 300, 1, "StatusNotification")

    assert sum(isinstance(step, Case | AskStep) for step in steps) == 300
    connectors = {step.payload["connectorId"] for step in steps if isinstance(step, AskStep)}
    assert connectors >= {0, 1, 2, 3}


def test_actions_can_be_chosen_and_left_out() -> None:
    only = actions_of(Version.OCPP16, Role.STATION, only=["Reset", "ClearCache"], skip=["Reset"])
    assert [action.name for action in only] == ["ClearCache"]
    with pytest.raises(ValueError, match=r"a csms of ocpp1\.6 is not sent 'Reset'"):
        actions_of(Version.OCPP16, Role.CSMS, only=["Reset"], skip=[])


def run_station(url: str, done: threading.Event, react: Reaction) -> None:
    """Connect again and again, as stations do, until the fuzzer is through."""
    connection = Connection(Role.STATION)
    while not done.is_set():
        connection.disconnected(now=0)
        connection.connected(Version.OCPP201, now=0)
        try:
            with connect(url, subprotocols=[Subprotocol("ocpp2.0.1")], compression=None) as socket:
                connection.send_call(
                    minimal(catalog(Version.OCPP201)["BootNotification"].request),  # type: ignore[arg-type]
                    now=0,
                )
                for frame in connection.frames_to_send():
                    socket.send(frame.data, text=True)
                while True:
                    react(connection, socket, socket.recv(decode=False))  # type: ignore[arg-type]
        except (ConnectionClosed, OSError):
            sleep(0.01)


@pytest.mark.parametrize(("react", "code"), [(keep_the_rules, 0), (blame_itself, 1)])
def test_a_station_is_fuzzed_by_listening_for_it(
    react: Reaction, code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    results: list[int] = []
    options = ["--listen", "127.0.0.1:0", "--ocpp", "2.0.1", "--count", "120", *QUICK]
    fuzzer = threading.Thread(target=lambda: results.append(main(["fuzz", *options])))
    fuzzer.start()
    announced, deadline = "", monotonic() + 10
    while "ws://" not in announced and monotonic() < deadline:
        announced += capfd.readouterr().err
        sleep(0.01)
    found = re.search(r"ws://\S+", announced)
    assert found, announced
    done = threading.Event()
    station = threading.Thread(target=run_station, args=(f"{found[0]}/CP001", done, react))
    station.start()

    fuzzer.join(60)
    done.set()
    station.join(10)

    assert not fuzzer.is_alive()
    assert not station.is_alive()
    out = capfd.readouterr().out
    assert results == [code], out
    assert "as a csms of ocpp2.0.1" in out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "either a URL or --listen"),
        (["ws://127.0.0.1:1/x", "--listen", "127.0.0.1:0"], "either a URL or --listen"),
        (["http://127.0.0.1/x"], "not a ws:// or wss:// URL"),
        (["ws://192.0.2.1/ocpp/x"], "192.0.2.1 is not this machine"),
        (["ws://csms.example/ocpp/x"], "csms.example is not this machine"),
        (["--listen", "0.0.0.0:0"], "0.0.0.0 is not this machine"),
        (["--listen", "127.0.0.1"], "not HOST:PORT"),
        (["ws://127.0.0.1:1/ocpp/x"], "refused"),
        (["ws://127.0.0.1:1/x", "--replay", "/no/such/file"], "No such file"),
    ],
)
def test_misuse_ends_with_2_and_a_reason(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fuzz", *arguments]) == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--count", "0"], ["--rate", "-1"], ["--seconds", "inf"], ["--ocpp", "9"]]
)
def test_bounds_that_bound_nothing_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["fuzz", "ws://127.0.0.1:1/x", *arguments])
    assert exited.value.code == 2


def test_a_file_that_is_no_example_is_told_by_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "example"
    path.write_text('[2,"1","Heartbeat",{}]\n{"base":1}\n')

    assert main(["fuzz", "ws://127.0.0.1:1/x", "--replay", str(path)]) == 2
    assert "example:2: not a saved message" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["10.0.0.1", "example.org", "0.0.0.0", "::", "localhost.evil.org"])
def test_anything_else_is_not(host: str) -> None:
    assert not is_loopback(host)


def test_the_password_goes_out_as_basic_authentication() -> None:
    seen: list[str | None] = []

    def look(connection: Connection, socket: ServerConnection, data: bytes) -> None:
        assert socket.request
        seen.append(socket.request.headers.get("Authorization"))
        keep_the_rules(connection, socket, data)

    with csms(Version.OCPP16, look) as url:
        fuzz(url, "--count", "1", "--password", "secret")

    assert seen[0] == "Basic Q1AwMDE6c2VjcmV0"


def test_a_peer_that_finds_a_bug_of_ours_does_not_stop_the_hunt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hear = Connection.received

    def stumble(self: Connection, data: Any, *, now: float) -> None:
        if self.role is Role.STATION and b"trip" in data:
            raise ZeroDivisionError(data)
        hear(self, data, now=now)

    def trip(connection: Connection, socket: ServerConnection, data: bytes) -> None:
        socket.send(b'[4,"trip\x1b[2J","x","",{}]', text=True)
        keep_the_rules(connection, socket, data)

    monkeypatch.setattr(Connection, "received", stumble)
    with csms(Version.OCPP16, trip) as url:
        assert fuzz(url, "--count", "20", "--ocpp", "1.6") == 1
    out = capsys.readouterr().out
    assert "made ocpp_sansio itself fail: this is a bug of ocpp_sansio, not of the peer" in out
    assert re.search(r"Cases: 9 valid, \d+ near miss, \d+ hostile;", out)
    assert "\x1b" not in out


@pytest.mark.parametrize("number", ["1e1000000000000000000", "9" * 5000])
def test_a_peer_that_sends_a_number_without_bound_is_told_of(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def shout(connection: Connection, socket: ServerConnection, data: bytes) -> None:
        socket.send(f'[2,"s","Reset",{{"type":{number}}}]'.encode(), text=True)
        keep_the_rules(connection, socket, data)

    with csms(Version.OCPP16, shout) as url:
        assert fuzz(url, "--count", "20", "--ocpp", "1.6") == 1
    out = capsys.readouterr().out
    assert "It sent what is not allowed: number_range." in out
    assert "bug of ocpp_sansio" not in out
