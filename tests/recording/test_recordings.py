"""`Recordings`: what sessions say is on disk, bounded, without secrets, and comes out again bit for bit."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ocpp_sansio import (
    CallReceived,
    Config,
    Connection,
    ErrorCode,
    LocalProtocolError,
    Role,
    Rule,
    Validation,
    Version,
    v16,
    v201,
)
from ocpp_sansio.recording import Recordings, recordings_of, replay_all
from ocpp_sansio.traces import Mark, Record, TraceReader

HEARTBEAT = b'[2,"%d","Heartbeat",{}]'
MOMENT = b"2026-01-01T00:00:00Z"
ANSWER: Any = {"currentTime": MOMENT.decode()}


COMPLAINTS: list[str] = []


@pytest.fixture
def complaints() -> list[str]:
    COMPLAINTS.clear()
    return COMPLAINTS


def taped(recordings: Recordings, identity: str | None = "CP_1", **config: Any) -> Connection:
    new_connection = recordings.taped(identity, complain=COMPLAINTS.append)
    return new_connection(Role.CSMS, config=Config(**config))


def tell(connection: Connection, data: bytes | str, now: float = 1.0, answer: Any = ANSWER) -> None:
    """Let a connection receive a message, and answer it if that is a call for it."""
    connection.received(data, now=now)
    settle(connection, now, answer)


def settle(connection: Connection, now: float, answer: Any = ANSWER) -> None:
    for event in connection.events():
        if isinstance(event, CallReceived):
            connection.send_call_result(event, answer, now=now)
    connection.frames_to_send()


def leave(connection: Connection, now: float = 9.0) -> None:
    connection.disconnected(now=now)
    settle(connection, now)


def lines_in(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def comes_out(path: Path) -> int:
    """Replay a file; return how many connections are in it."""
    stories = replay_all(lines_in(path))
    for story in stories:
        story.verify()
        assert story.passed_over == 0
    return len(stories)


def read(path: Path) -> list[Record | Mark]:
    return list(TraceReader().read_all(path.read_bytes().split(b"\n")))


def test_each_station_has_a_file_that_replays_and_tells_who_when_and_what(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path / "new" / "folder", wall=lambda: 1_767_225_600.0)
    for identity in ("CP_1", "CP_2"):
        connection = taped(recordings, identity)
        connection.connected("ocpp1.6", now=100.0)
        tell(connection, HEARTBEAT % 1, now=101.5)
        tell(connection, '[2,"é","Heartbeat",{}]', now=102.0)
        tell(connection, b'[2,"3","Heartbeat",{"surplus":1}]', now=103.0)
        tell(connection, b"\xff\x00[", now=104.0)
        connection.handle_timeout(now=105.0)
        leave(connection)

        path = tmp_path / "new" / "folder" / f"{identity}.jsonl"
        assert comes_out(path) == 1
        first, second, *_ = (entry for entry in read(path) if isinstance(entry, Record))
        assert (first.station, first.sender, first.when) == (
            identity,
            Role.STATION,
            1_767_225_601.5,
        )
        assert first.has_zone
        assert (second.sender, second.when) == (Role.CSMS, 1_767_225_601.5)
        assert first.version is second.version is not None
        assert (path.stat().st_mode & 0o777) == 0o600


def everything(connection: Connection) -> None:
    connection.connected("ocpp1.6", now=0.0)
    whole_forms(connection)
    first = connection.send_call(v16.ClearCacheRequest(), now=1.0)
    queued = connection.send_call("Reset", {"type": "Soft"}, now=1.0, timeout=5.0)
    settle(connection, 1.0)
    assert connection.withdraw(queued, now=1.5)
    tell(connection, f'[3,"{first.message_id}",{{"status":"Accepted"}}]', now=2.0)
    second = connection.send_call(v16.ClearCacheRequest(), now=3.0)
    settle(connection, 3.0)
    tell(connection, f'[4,"{second.message_id}","InternalError","no",{{"a":1.50}}]', now=4.0)
    connection.received(b'[2,"a","DataTransfer",{"vendorId":"x","data":"\\u2028"}]', now=5.0)
    (call,) = connection.events()
    assert isinstance(call, CallReceived)
    connection.send_call_error(call, ErrorCode.NOT_SUPPORTED, "not now", {"why": 1e22}, now=5.0)
    connection.admit(["BootNotification"])
    tell(connection, HEARTBEAT % 2, now=6.0)
    connection.admit(None)
    connection.configure(replace(connection.config, validation=Validation.LENIENT), now=6.0)
    connection.takes_object = lambda _, action: action != "MeterValues"
    tell(connection, b'[2,"b","MeterValues",{"connectorId":"one"}]', now=7.0)
    tell(connection, b'[2,"c","Heartbeat",{"surplus":1}]', now=7.0)
    connection.send_call(v16.ClearCacheRequest(), now=8.0)
    settle(connection, 8.0)
    connection.handle_timeout(now=50.0)
    leave(connection, 51.0)
    connection.connected("ocpp1.6", now=60.0)
    tell(connection, HEARTBEAT % 3, now=61.0)
    leave(connection, 62.0)


def call_of(connection: Connection, data: bytes, now: float) -> CallReceived:
    connection.received(data, now=now)
    (call,) = (event for event in connection.events() if isinstance(event, CallReceived))
    return call


def whole_forms(connection: Connection) -> None:
    """Tell what has to be written otherwise than as it stands, or in another order than it is taken."""
    for spelled in (
        b' [2,"w1","Heartbeat",{}]',
        b'[2,"w2",\n"Heartbeat",{}]',
        b'[2,"w3","Heartbeat",{}]\r',
    ):
        tell(connection, spelled, now=0.1)
    forwarded = connection.forward_call('[2,"x", "Reset",\n {"type": 1.50}]', now=0.2)
    settle(connection, 0.2)
    tell(connection, f'[3,"{forwarded.message_id}",{{}}]', now=0.3)
    first, second = (call_of(connection, HEARTBEAT % i, 0.4) for i in (901, 902))
    connection.send_call_result(second, ANSWER, now=0.5)
    connection.send_call("Reset", {"type": "Hard"}, now=0.5, timeout=0.1)
    connection.send_call("Reset", {"type": "Soft"}, now=0.5)
    connection.send_call_result(first, ANSWER, now=0.5)
    connection.handle_timeout(now=0.55)
    third, fourth = (call_of(connection, HEARTBEAT % i, 0.55) for i in (903, 904))
    connection.frames_to_send()
    connection.send_call_result(third, ANSWER, now=0.58)
    connection.send_call_result(fourth, ANSWER, now=0.65)
    settle(connection, 0.65)
    calls = [call_of(connection, HEARTBEAT % i, 0.66) for i in range(905, 909)]
    connection.send_call_result(calls[0], ANSWER, now=0.67)
    connection.forward_answer(calls[1], b'[3, "",\n{ "currentTime":\r"%b"}]' % MOMENT, now=0.68)
    connection.forward_answer(calls[2], '[4,"","InternalError","n\u00f6",{"a":1.50}]', now=0.69)
    connection.send_call_result(calls[3], ANSWER, now=0.7)
    settle(connection, 0.7)
    lonely = call_of(connection, HEARTBEAT % 909, 0.8)
    connection.forward_answer(lonely, b'[3,"",{"currentTime" : "%b"}]' % MOMENT, now=0.81)
    settle(connection, 0.81)


def test_everything_that_a_connection_can_be_told_comes_out_the_same(tmp_path: Path) -> None:
    connection = taped(
        Recordings(tmp_path),
        error_codes={Version.OCPP16: {Rule.UNKNOWN_ACTION: ErrorCode.NOT_SUPPORTED}},
        vendor_actions={"Vendor"},
        validation={"Heartbeat": Validation.STRICT},
    )
    everything(connection)

    assert comes_out(tmp_path / "CP_1.jsonl") == 1


def test_what_nobody_has_looked_at_comes_out_the_same_and_without_its_secrets(
    tmp_path: Path,
) -> None:
    connection = taped(Recordings(tmp_path), validation=Validation.OFF)
    connection.connected("ocpp1.6", now=0.0)
    for said in (b'"password":"hunter2"', b'"x":"\t"', b'"x":"\xff"', b'"x":"\n"'):
        tell(connection, b'[2,"1","Heartbeat",{%s}]' % said)
    leave(connection)

    assert comes_out(tmp_path / "CP_1.jsonl") == 1
    assert "hunter2" not in (tmp_path / "CP_1.jsonl").read_text(encoding="utf-8")


def test_write_leaves_nothing_waiting_for_its_answer(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    connection = taped(recordings)
    connection.connected("ocpp1.6", now=0.0)
    call = call_of(connection, HEARTBEAT % 77, 1.0)
    recordings.write()
    assert '"77"' in (tmp_path / "CP_1.jsonl").read_text()
    connection.send_call_result(call, ANSWER, now=2.0)
    settle(connection, 2.0)
    leave(connection)
    assert comes_out(tmp_path / "CP_1.jsonl") == 1


# --- where to ---------------------------------------------------------


def test_a_path_with_a_suffix_is_one_file_for_all_whose_sessions_are_told_apart(
    tmp_path: Path,
) -> None:
    recordings = recordings_of(str(tmp_path / "all.jsonl"))
    near, far = taped(recordings, "A"), taped(recordings, "B")
    near.connected("ocpp1.6", now=0.0)
    far.connected("ocpp2.0.1", now=0.0)
    for i in range(5):
        tell(near, HEARTBEAT % i, now=float(i))
        tell(far, HEARTBEAT % i, now=float(i))
    leave(near)
    tell(far, HEARTBEAT % 9, now=9.0)
    leave(far)

    assert comes_out(tmp_path / "all.jsonl") == 2
    told = [(e.station, e.version) for e in read(tmp_path / "all.jsonl") if isinstance(e, Record)]
    assert told.count(("A", near_version := told[0][1])) == 10
    assert told.count(("B", told[2][1])) == 12
    assert near_version is not told[2][1]


def test_a_function_gets_whole_lines() -> None:
    lines: list[str] = []
    connection = taped(recordings_of(lines.append))
    connection.connected("ocpp1.6", now=0.0)
    tell(connection, '[2,"\u2028","Heartbeat",{}]')
    leave(connection)

    assert all(line.endswith("\n") and json.loads(line)["what"] for line in lines)
    (story,) = replay_all(lines)
    story.verify()


IDENTITIES = [
    "../../etc/passwd",
    "a/b",
    "CON",
    "",
    "." * 3,
    "CP.1",
    "Ü" * 255,
    "x" * 255,
    "x" * 254,
    "\x00",
]


def test_no_identity_gets_out_of_the_folder_or_into_the_file_of_another(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    recordings = Recordings(folder)
    for identity in [*IDENTITIES, None]:
        connection = taped(recordings, identity)
        connection.connected("ocpp1.6", now=0.0)
        leave(connection)

    assert list(tmp_path.iterdir()) == [folder]
    names = {path.name for path in folder.iterdir()}
    assert len(names) == len(IDENTITIES) + 1
    assert all(len(name) < 200 and name.count(".") == 1 and name.isascii() for name in names)


@pytest.mark.parametrize("bad", [7, None, b"x"])
def test_what_is_no_place_to_record_to_is_refused(bad: Any) -> None:
    with pytest.raises(TypeError, match="record= is a folder, a file, a function or Recordings"):
        Recordings(bad)


@pytest.mark.parametrize("name", ["max_bytes", "keep", "max_stations", "write_after"])
def test_bounds_that_cannot_be_are_refused(name: str) -> None:
    bounds: Any = {name: -1}
    with pytest.raises(ValueError, match=name):
        Recordings("recordings", **bounds)


# --- bounds ---------------------------------------------------------


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_station_never_has_more_than_so_many_bytes(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path, max_bytes=4000, keep=3, write_after=0)
    connection = taped(recordings)
    connection.connected("ocpp1.6", now=0.0)
    for i in range(200):
        tell(connection, HEARTBEAT % i, now=float(i))
    leave(connection, 300.0)

    assert files(tmp_path) == ["CP_1.1.jsonl", "CP_1.2.jsonl", "CP_1.jsonl"]
    assert all(path.stat().st_size < 5000 for path in tmp_path.iterdir())
    # What begins within a connection says whose it is, and replay passes over it.
    newest = lines_in(tmp_path / "CP_1.jsonl")
    assert json.loads(newest[0])["what"] == "session"
    (story,) = replay_all(newest)
    assert story.begins_within
    assert story.passed_over == sum('"what":"clock"' not in line for line in newest[1:])
    assert story.identity == "CP_1"
    assert {(e.station, e.version) for e in read(tmp_path / "CP_1.jsonl")} == {
        ("CP_1", Version.OCPP16)
    }


def test_files_that_follow_each_other_replay_together(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path, max_bytes=4000, keep=9, write_after=0)
    connection = taped(recordings)
    connection.connected("ocpp1.6", now=0.0)
    for i in range(100):
        tell(connection, HEARTBEAT % i, now=float(i))
    leave(connection, 300.0)
    names = [f"CP_1.{i}.jsonl" for i in range(9, 0, -1)] + ["CP_1.jsonl"]
    paths = [tmp_path / name for name in names if (tmp_path / name).exists()]
    assert len(paths) > 3

    (story,) = replay_all(line for path in paths for line in lines_in(path))
    story.verify()
    assert not story.begins_within
    assert len(story.frames) == 100


def test_a_connection_begins_a_new_file_where_the_last_is_half_full(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path, max_bytes=3500, keep=9, write_after=0)
    for _ in range(4):
        connection = taped(recordings)
        connection.connected("ocpp1.6", now=0.0)
        for i in range(12):
            tell(connection, HEARTBEAT % i, now=float(i))
        leave(connection)

    assert len(files(tmp_path)) == 4
    assert [comes_out(path) for path in tmp_path.iterdir()] == [1, 1, 1, 1]


def test_a_folder_holds_so_many_stations(tmp_path: Path, complaints: list[str]) -> None:
    for _ in range(2):  # also in a later run of the program
        recordings = Recordings(tmp_path, max_stations=3)
        for i in range(6):
            connection = taped(recordings, f"CP_{i}")
            connection.connected("ocpp1.6", now=0.0)
            tell(connection, HEARTBEAT % 1)
            leave(connection)
    assert files(tmp_path) == ["CP_0.jsonl", "CP_1.jsonl", "CP_2.jsonl"]
    assert comes_out(tmp_path / "CP_0.jsonl") == 2
    assert complaints == ["not recorded: there are recordings of 3 stations already"] * 6


def test_what_is_gathered_is_written_after_some_seconds_or_some_bytes(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path, write_after=5.0)
    quiet, busy = taped(recordings, "quiet"), taped(recordings, "busy")
    for connection in (quiet, busy):
        connection.connected("ocpp1.6", now=0.0)
    tell(quiet, HEARTBEAT % 1, now=1.0)
    assert files(tmp_path) == []
    tell(busy, HEARTBEAT % 1, now=4.9)
    assert files(tmp_path) == []
    tell(busy, HEARTBEAT % 1, now=5.1)  # others whose time has come are written, too
    assert files(tmp_path) == ["busy.jsonl", "quiet.jsonl"]

    size = (tmp_path / "quiet.jsonl").stat().st_size
    tell(
        quiet,
        b'[2,"2","DataTransfer",{"vendorId":"x","data":"%s"}]' % (b"y" * 70_000),
        5.2,
        {"status": "Accepted"},
    )
    assert (tmp_path / "quiet.jsonl").stat().st_size > size + 70_000
    tell(busy, HEARTBEAT % 2, now=5.3)
    size = (tmp_path / "busy.jsonl").stat().st_size
    recordings.write()
    assert (tmp_path / "busy.jsonl").stat().st_size > size
    for connection in (quiet, busy):
        leave(connection)


def test_sessions_that_are_gone_are_not_remembered(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    for i in range(20):
        connection = taped(recordings, f"CP_{i}")
        connection.connected("ocpp1.6", now=0.0)
        leave(connection)
    assert not recordings._reels
    assert not recordings._waiting


# --- what fails ---------------------------------------------------------


def test_a_folder_that_cannot_be_written_to_is_told_once(
    tmp_path: Path, complaints: list[str]
) -> None:
    (tmp_path / "file").write_text("")
    connection = taped(Recordings(tmp_path / "file" / "folder", write_after=0))
    everything(connection)

    assert complaints[:1] == ["not recorded any more, to 'CP_1.jsonl': Not a directory"]
    assert len(complaints) == 1


def test_a_full_disk_ends_one_recording_and_no_session(complaints: list[str]) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full here")
    connection = taped(Recordings(full.with_suffix("") / ".." / "full", write_after=0))
    everything(connection)
    assert len(complaints) == 1


def test_a_function_that_fails_is_asked_no_more(complaints: list[str]) -> None:
    asked: list[str] = []

    def fail(line: str) -> None:
        asked.append(line)
        raise LookupError("no \x1b[31m way")

    everything(taped(Recordings(fail, write_after=0)))

    assert len(asked) == 1
    assert complaints == ["not recorded any more, to 'the function': LookupError"]


def test_local_misuse_is_not_recorded(tmp_path: Path) -> None:
    connection = taped(Recordings(tmp_path))
    with pytest.raises(LocalProtocolError):
        connection.received(b"[]", now=0.0)
    connection.connected("ocpp1.6", now=0.0)
    with pytest.raises(LocalProtocolError):
        connection.send_call("Heartbeat", {}, now=0.0)
    leave(connection)
    assert comes_out(tmp_path / "CP_1.jsonl") == 1


# --- secrets ---------------------------------------------------------

SECRETS = ["hunter2", "pässwörd€🔑", 'quo"te\\d', "tab\there", "x" * 40, "0123456789ABCDEF"]


def secret_messages(secret: str) -> Iterator[tuple[str, Any]]:
    text = json.dumps(secret)
    raw = json.dumps(secret, ensure_ascii=False)
    for said in (text, raw):
        yield f'[2,"1","DataTransfer",{{"vendorId":"x","data":"{{}}","password":{said}}}]', None
        yield f'[2,"2","DataTransfer",{{"vendorId":"x","data":"y","simPin":{said}}}]', None
        yield f'[2,"3","Heartbeat",{{"apiKey":{said}', None
    yield f'[2,"6","ChangeConfiguration",{{"value":{raw}', None
    yield '[2,"4","DataTransfer",{"vendorId":"x","pin":4711}]', None
    yield (
        '[2,"5","DataTransfer",{"vendorId":"x","data":"https://me:hunter2@host/?token=hunter2"}]',
        None,
    )


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_in_a_recording_and_it_comes_out_the_same(tmp_path: Path, secret: str) -> None:
    connection = taped(Recordings(tmp_path))
    connection.connected("ocpp1.6", now=0.0)
    for message, _ in secret_messages(secret):
        tell(connection, message, answer={"status": "Accepted"})
    change = v16.ChangeConfigurationRequest(key="AuthorizationKey", value=secret)
    call = connection.send_call(change, now=2.0)
    queued = connection.send_call(change, now=2.0)
    settle(connection, 2.0)
    tell(connection, f'[3,"{call.message_id}",{{"status":"Accepted"}}]', now=3.0)
    got = {"configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": secret}]}
    tell(connection, f'[3,"{queued.message_id}",{json.dumps(got)}]', now=3.0)
    connection.received(HEARTBEAT % 7, now=4.0)
    (beat,) = (event for event in connection.events() if isinstance(event, CallReceived))
    details = {"password": secret}
    connection.send_call_error(beat, ErrorCode.INTERNAL_ERROR, "no", details, now=4.0)
    leave(connection)

    assert comes_out(tmp_path / "CP_1.jsonl") == 1
    text = (tmp_path / "CP_1.jsonl").read_text(encoding="utf-8")
    for spelled in (secret, json.dumps(secret)[1:-1], json.dumps(json.dumps(secret)[1:-1])[1:-1]):
        assert spelled not in text
    assert "4711" not in text


def test_a_secret_in_an_action_that_has_no_place_for_one_is_found(tmp_path: Path) -> None:
    custom = '{"vendorId":"x","password":"hunter2"}'
    for version, mode in (("ocpp2.0.1", "strict"), ("ocpp1.6", "lenient")):
        connection = taped(Recordings(tmp_path), validation=Validation(mode))
        connection.connected(version, now=0.0)
        tell(connection, f'[2,"1","Heartbeat",{{"customData":{custom}}}]', now=1.0)
        leave(connection)
    connection = taped(Recordings(tmp_path))
    connection.connected("ocpp1.6", now=0.0)
    call = connection.forward_call(f'[2,"1","Heartbeat",{{"customData":{custom}}}]', now=1.0)
    settle(connection, 1.0)
    tell(connection, f'[3,"{call.message_id}",{{"customData":{custom}}}]', now=2.0)
    leave(connection)

    assert comes_out(tmp_path / "CP_1.jsonl") == 3
    text = (tmp_path / "CP_1.jsonl").read_text(encoding="utf-8")
    assert "hunter2" not in text
    assert text.count("vendorId") == 4


def test_calls_that_follow_each_other_come_out_as_they_were_spelled(tmp_path: Path) -> None:
    connection = taped(Recordings(tmp_path, write_after=100.0))
    connection.connected("ocpp1.6", now=0.0)
    spelled = [HEARTBEAT % i for i in range(20)]
    spelled += [
        b'[2.0,"a","Heartbeat",{}]',
        b'\n [ 2 , "b","Heartbeat",{}]\t',
        b'[2,"c","Heartbeat",\r{}]',
    ]
    spelled += ['[2,"é","Heartbeat",{}]'.encode(), *(HEARTBEAT % i for i in range(20, 40))]
    for when, message in enumerate(spelled):
        connection.received(message, now=float(when))
        settle(connection, when + 0.25)
        if message in (spelled[9], spelled[30]):  # what is plain alone, and with what is not
            connection.handle_timeout(now=when + 0.5)
    leave(connection, 99.0)

    assert comes_out(tmp_path / "CP_1.jsonl") == 1
    records = [entry for entry in read(tmp_path / "CP_1.jsonl") if isinstance(entry, Record)]
    heard = [entry.data for entry in records if entry.sender is Role.STATION]
    assert heard == spelled


def test_the_secrets_of_2x_are_none_of_a_recordings(tmp_path: Path) -> None:
    connection = taped(Recordings(tmp_path))
    connection.connected("ocpp2.0.1", now=0.0)
    connection.send_call(
        v201.SetVariablesRequest(
            set_variable_data=[
                v201.SetVariableDataType(
                    attribute_value="hunter2",
                    component=v201.ComponentType(name="SecurityCtrlr"),
                    variable=v201.VariableType(name="BasicAuthPassword"),
                )
            ]
        ),
        now=1.0,
    )
    leave(connection)
    assert "hunter2" not in (tmp_path / "CP_1.jsonl").read_text()
    assert comes_out(tmp_path / "CP_1.jsonl") == 1


START = (
    '[2,"%d","StartTransaction",{"connectorId":1,"idTag":"%s","meterStart":0,'
    '"timestamp":"2026-01-01T00:00:00Z"}]'
)


def test_id_tags_give_way_on_request_each_always_to_the_same(tmp_path: Path) -> None:
    connection = taped(Recordings(tmp_path, redact_id_tags=True))
    connection.connected("ocpp1.6", now=0.0)
    answer = {"transactionId": 1, "idTagInfo": {"status": "Accepted", "parentIdTag": "CARD4711"}}
    for i, tag in enumerate(("CARD4711", "card4711", "CARD0815", "Ä-CARD")):
        tell(connection, START % (i, tag), answer=answer)
    tell(connection, START % (8, "x" * 21), answer=answer)  # too long, then and now
    leave(connection)

    text = (tmp_path / "CP_1.jsonl").read_text(encoding="utf-8")
    assert comes_out(tmp_path / "CP_1.jsonl") == 1
    assert "4711" not in text
    records = [e.data for e in read(tmp_path / "CP_1.jsonl") if isinstance(e, Record)]
    tags = [json.loads(data)[3]["idTag"] for data in records if b"StartTransaction" in data]
    assert tags[0] == tags[1] != tags[2]
    assert [len(tag) for tag in tags] == [8, 8, 8, 6, 21]
    assert json.loads(records[1])[2]["idTagInfo"]["parentIdTag"] == tags[0]


def test_who_wants_them_keeps_the_secrets(tmp_path: Path) -> None:
    connection = taped(Recordings(tmp_path, redact_secrets=False))
    connection.connected("ocpp1.6", now=0.0)
    tell(connection, b'[2,"1","DataTransfer",{"vendorId":"x","password":"hunter2"}]', answer={})
    leave(connection)
    assert "hunter2" in (tmp_path / "CP_1.jsonl").read_text()
