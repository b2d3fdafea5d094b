"""`Recorder` and `replay`: what was written down gives the same events and the same bytes again."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from ocpp_sansio import (
    CallReceived,
    CallResultReceived,
    Config,
    Connection,
    ErrorCode,
    LocalProtocolError,
    Role,
    Version,
    v16,
    v21,
)
from ocpp_sansio.testing import (
    Faults,
    Link,
    Recorder,
    Script,
    call_scripts,
    minimal,
    raw_messages,
    replay,
)
from ocpp_sansio.testing import scripts as scripts_module


def record(story: Callable[[Recorder], None], role: Role = Role.CSMS) -> list[str]:
    log = io.StringIO()
    story(Recorder(role, write=log.write, config=Config(call_timeout=10)))
    return log.getvalue().splitlines()


def replayed(lines: list[str]) -> Any:
    return replay(lines, config=Config(call_timeout=10))


def everything(connection: Recorder) -> None:
    connection.connected("ocpp2.1", now=0.1)
    moment = datetime(2025, 1, 1, 12, 0, 0, 123_456, tzinfo=UTC)
    call = connection.send_call(v21.ClearCacheRequest(), now=0.2)
    queued = connection.send_call("DataTransfer", {"vendorId": "x", "data": 1e22}, now=0.3)
    withdrawn = connection.send_call(v21.ClearCacheRequest(), now=0.3, timeout=2.5)
    assert connection.withdraw(withdrawn, now=0.4)
    connection.frames_to_send()
    connection.received(f'[3,"{call.message_id}",{{"status":"Accepted"}}]', now=0.5)
    (result,) = connection.events()
    assert isinstance(result, CallResultReceived)
    connection.send_call_result_error(result, ErrorCode.INTERNAL_ERROR, "no", {"a": 1}, now=0.6)
    connection.received(b'[2,"a","Heartbeat",{}]', now=0.7)
    connection.received(b'[2,"b","Heartbeat",{}]', now=0.7)
    first, second = (e for e in connection.events() if isinstance(e, CallReceived))
    connection.send_call_error(second, ErrorCode.NOT_SUPPORTED, "not now", now=0.8)
    connection.send_call_result(first, v21.HeartbeatResponse(current_time=moment), now=0.9)
    connection.frames_to_send()
    connection.received(b"\xff\x00", now=1)
    connection.handle_timeout(now=30)
    connection.received(f'[4,"{queued.message_id}","Late","",{{}}]', now=31)
    connection.events()
    connection.send_call(v21.ClearCacheRequest(), now=39)
    connection.frames_to_send()
    connection.disconnected(now=40)
    connection.events()


def test_everything_that_a_connection_can_be_told_comes_out_the_same() -> None:
    lines = record(everything)

    story = replayed(lines)

    story.verify()
    assert len(story.events) == len(story.recorded_events) > 6
    assert len(story.frames) == len(story.recorded_frames) > 5


def test_the_ids_of_our_own_calls_are_those_of_the_recording() -> None:
    def call_once(connection: Recorder) -> None:
        connection.connected("ocpp1.6", now=0)
        connection.send_call(v16.ClearCacheRequest(), now=0)
        connection.frames_to_send()

    story = replayed(record(call_once))

    assert story.frames[0].data == story.recorded_frames[0]


def test_a_send_comes_out_the_same() -> None:
    def send(connection: Recorder) -> None:
        connection.connected("ocpp2.1", now=0)
        connection.send_unconfirmed(minimal(v21.NotifyPeriodicEventStream), now=0)
        connection.frames_to_send()

    replayed(record(send, Role.STATION)).verify()


def test_a_frame_that_never_left_is_told_of_as_such() -> None:
    def lose_a_frame(connection: Recorder) -> None:
        connection.connected("ocpp1.6", now=0)
        call = connection.send_call(v16.ClearCacheRequest(), now=0)
        connection.frames_to_send()
        connection.send_failed(call, now=1)
        connection.events()

    replayed(record(lose_a_frame)).verify()


def test_what_was_refused_locally_is_not_in_the_recording() -> None:
    def be_refused(connection: Recorder) -> None:
        with pytest.raises(LocalProtocolError):
            connection.send_call(v16.ClearCacheRequest(), now=0)

    assert record(be_refused) == ['{"what":"made","role":"csms","config":{"call_timeout":10}}']


def test_verify_names_the_first_difference() -> None:
    lines = record(everything)
    changed = [line.replace('\\"Heartbeat\\",{}', '\\"Heartbeat\\",{\\"x\\":1}') for line in lines]

    # The heartbeats are refused now, so nothing is there that could be answered.
    with pytest.raises(ValueError, match=r"line \d+: .* cannot be told any more"):
        replayed(changed)

    other = [line.replace('\\"Accepted\\"', '\\"Rejected\\"') for line in lines]
    with pytest.raises(AssertionError, match=r"event 1 was\n.*Accepted"):
        replayed(other).verify()

    with pytest.raises(AssertionError, match="events, now there are"):
        replayed([line for line in lines if '"what":"disconnected"' not in line]).verify()


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([], "nothing in this recording"),
        (["{}"], "line 1"),
        (["not json"], "line 1"),
        (['{"time":1,"what":"disconnected"}'], "begins with"),
        (['{"what":"made","role":"csms"}', '{"what":"dance","time":1,"id":"x"}'], "line 2.*dance"),
    ],
)
def test_what_is_no_recording_is_refused_with_the_line(lines: list[str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        replay(lines)


@pytest.mark.parametrize("version", Version)
def test_any_session_comes_out_the_same(version: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    logs: dict[Role, list[str]] = {}

    def make(role: Role, *, config: Config) -> Connection:
        logs[role] = []
        return Recorder(role, write=logs[role].append, config=config)

    monkeypatch.setattr(scripts_module, "Connection", make)
    weather = Faults(latency=0.2, loss=0.1, duplication=0.1, corruption=0.1, reordering=0.2)

    @given(call_scripts(version))
    def any_script(script: Script) -> None:
        scripts_module.play(script, version, faults=weather)
        for log in logs.values():
            replay(log).verify()

    any_script()


@given(raw_messages())
def test_any_message_comes_out_the_same(message: bytes | str) -> None:
    def hear(connection: Recorder) -> None:
        connection.connected("ocpp2.1", now=0.1)
        connection.received(message, now=0.2)
        connection.events()
        connection.frames_to_send()

    replayed(record(hear)).verify()


def test_a_recorder_is_a_peer_like_any_other() -> None:
    lines: list[str] = []
    link = Link(Recorder(Role.STATION, write=lines.append), Connection(Role.CSMS))
    link.connect("ocpp1.6")
    link.station.send_call(v16.HeartbeatRequest(), now=link.now)
    link.advance(100)

    replay(lines).verify()
    assert lines[0] == '{"what":"made","role":"station"}\n'
