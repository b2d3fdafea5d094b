"""`TraceReader` finds the messages in the logs that people have, whatever stands around them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_sansio import Role, Version
from ocpp_sansio.traces import Mark, Record, TraceReader, lines_of, write_open_trace

HEARTBEAT = b'[2,"1","Heartbeat",{}]'
ANSWER = b'[3,"1",{"currentTime":"2026-01-01T12:00:00Z"}]'
RESET = b'[2,"2","Reset",{"type":"Soft"}]'
NOON = 1767268800.0
STATION, CSMS = Role.STATION, Role.CSMS
OPEN_TRACE = b'{"schemaVersion":"1.1","transport":"json","chargePointId":"CP_1",'

# Of each source, in its own way: a Heartbeat of CP_1 at noon and its answer.
LOGS: dict[str, tuple[list[bytes], list[tuple[Any, ...]]]] = {
    "PyPI ocpp": (
        [
            b"2026-01-01 12:00:00,250 INFO ocpp: CP_1: receive message " + HEARTBEAT,
            b"2026-01-01 12:00:00,500 INFO ocpp: CP_1: send " + ANSWER,
        ],
        [(NOON + 0.25, "CP_1", STATION, HEARTBEAT), (NOON + 0.5, "CP_1", CSMS, ANSWER)],
    ),
    "PyPI ocpp on a station": (
        [b"INFO:ocpp:CP_1: send " + HEARTBEAT, b"INFO:ocpp:CP_1: receive message " + ANSWER],
        [(None, "CP_1", STATION, HEARTBEAT), (None, "CP_1", CSMS, ANSWER)],
    ),
    "Home Assistant": (
        [
            b"2026-01-01 12:00:00.250 DEBUG (MainThread) [ocpp] CP_1: receive message " + HEARTBEAT,
            b"2026-01-01 12:00:00.500 DEBUG (MainThread) [ocpp] CP_1: send " + ANSWER,
        ],
        [(NOON + 0.25, "CP_1", STATION, HEARTBEAT), (NOON + 0.5, "CP_1", CSMS, ANSWER)],
    ),
    "evcc": (
        [
            b"[ocpp  ] TRACE 2026/01/01 12:00:00 recv CP_1: " + HEARTBEAT,
            b"[ocpp  ] TRACE 2026/01/01 12:00:01 send CP_1: " + ANSWER,
        ],
        [(NOON, "CP_1", STATION, HEARTBEAT), (NOON + 1, "CP_1", CSMS, ANSWER)],
    ),
    "SteVe": (
        [
            b"[INFO ] 2026-01-01 12:00:00,250 de.rwth.idsg.steve.ocpp.ws.WebSocketLogger (qtp-7) - "
            b"[chargeBoxId=CP_1, sessionId=aa-bb] Received: " + HEARTBEAT,
            b"[INFO ] 2026-01-01 12:00:00,500 de.rwth.idsg.steve.ocpp.ws.WebSocketLogger (qtp-7) - "
            b"[chargeBoxId=CP_1, sessionId=aa-bb] Sending: " + ANSWER,
        ],
        [(NOON + 0.25, "CP_1", STATION, HEARTBEAT), (NOON + 0.5, "CP_1", CSMS, ANSWER)],
    ),
    "websockets": (
        [b"< TEXT '" + HEARTBEAT + b"' [22 bytes]", b"> TEXT '" + ANSWER + b"' [46 bytes]"],
        [(None, None, STATION, HEARTBEAT), (None, None, CSMS, ANSWER)],
    ),
    "long arrows": (
        [b"--> " + HEARTBEAT, b"<-- " + ANSWER],
        [(None, None, STATION, HEARTBEAT), (None, None, CSMS, ANSWER)],
    ),
    "arrows behind a name": (
        [b"12:00:00.250 CP_1 << " + HEARTBEAT, b"12:00:00.500 CP_1 >> " + ANSWER],
        [(43200.25, "CP_1", STATION, HEARTBEAT), (43200.5, "CP_1", CSMS, ANSWER)],
    ),
    "short arrows": (
        [b"> " + HEARTBEAT, b"< " + ANSWER],
        [(None, None, STATION, HEARTBEAT), (None, None, CSMS, ANSWER)],
    ),
    "JSON Lines, message as an array": (
        [
            b'{"timestamp":"2026-01-01T12:00:00.25Z","direction":"in","cp":"CP_1","message":'
            + HEARTBEAT
            + b"}",
            b'{"timestamp":"2026-01-01T12:00:00.5Z","direction":"out","cp":"CP_1","message":'
            + ANSWER
            + b"}",
        ],
        [(NOON + 0.25, "CP_1", STATION, HEARTBEAT), (NOON + 0.5, "CP_1", CSMS, ANSWER)],
    ),
    "JSON Lines, message as a text": (
        [
            rb'{"ts":1767268800.25,"dir":"received","station":"CP_1","msg":"[2,\"1\",\"Heartbeat\",{}]"}'
        ],
        [(NOON + 0.25, "CP_1", STATION, HEARTBEAT)],
    ),
    "JSON Lines, a line of another log in it": (
        [
            rb'{"level":"info","time":1767268800250,"msg":"CP_1: receive message [2,\"1\",\"Heartbeat\",{}]"}'
        ],
        [(NOON + 0.25, "CP_1", STATION, HEARTBEAT)],
    ),
    "JSON Lines, outbound or not": (
        [
            b'{"outbound":true,"payload":' + RESET + b"}",
            b'{"outbound":false,"payload":' + HEARTBEAT + b"}",
        ],
        [(None, None, CSMS, RESET), (None, None, STATION, HEARTBEAT)],
    ),
    "an array of messages": (
        [b"[" + HEARTBEAT + b"," + ANSWER + b"]"],
        [(None, None, STATION, HEARTBEAT), (None, None, None, ANSWER)],
    ),
    "an array of messages, one a line": (
        [b"[", b"  " + HEARTBEAT + b",", b"  " + ANSWER, b"]"],
        [(None, None, STATION, HEARTBEAT), (None, None, None, ANSWER)],
    ),
    "logfmt": (
        [
            rb'time=2026-01-01T12:00:00Z station=CP_1 direction=in frame="[2,\"1\",\"Heartbeat\",{}]"'
        ],
        [(NOON, "CP_1", STATION, HEARTBEAT)],
    ),
    "said outright": (
        [b"2026-01-01T13:00:00+01:00 CP->CSMS " + HEARTBEAT, b"csms -> station: " + ANSWER],
        [(NOON, None, STATION, HEARTBEAT), (None, None, CSMS, ANSWER)],
    ),
    "bare messages": (
        [HEARTBEAT, ANSWER, RESET],
        [(None, None, STATION, HEARTBEAT), (None, None, None, ANSWER), (None, None, CSMS, RESET)],
    ),
    "two in a line": (
        [b"CP_1: receive message " + HEARTBEAT + b" CP_1: send " + ANSWER],
        [(None, "CP_1", STATION, HEARTBEAT), (None, "CP_1", CSMS, ANSWER)],
    ),
    "demo --json": (
        [
            b'{"time":0.25,"direction":"station->csms","version":"ocpp1.6","frame":'
            + HEARTBEAT
            + b"}"
        ],
        [(0.25, None, STATION, HEARTBEAT)],
    ),
    "a Recorder's": (
        [
            b'{"what":"made","role":"csms"}',
            b'{"time":1.0,"what":"received","data":"[2,\\"1\\",\\"Heartbeat\\",{}]"}',
            b'{"what":"sent","base64":"WzMsIjEiLHt9XQ=="}',
        ],
        [(1.0, None, STATION, HEARTBEAT), (1.0, None, CSMS, b'[3,"1",{}]')],
    ),
    "Open OCPP Trace": (
        [
            OPEN_TRACE
            + b'"timestamp":"2026-01-01T12:00:00.250Z","direction":"cp-to-csms","messageType":"CALL",'
            b'"messageId":"1","action":"Heartbeat","payload":{}}',
            OPEN_TRACE + b'"timestamp":"2026-01-01T12:00:00.500Z","direction":"csms-to-cp",'
            b'"messageType":"CALLERROR","messageId":"1","error":{"code":"InternalError","description":"","details":{}}}',
        ],
        [
            (NOON + 0.25, "CP_1", STATION, HEARTBEAT),
            (NOON + 0.5, "CP_1", CSMS, b'[4,"1","InternalError","",{}]'),
        ],
    ),
}


def read(lines: list[bytes | None], **known: Any) -> tuple[list[Record | Mark], TraceReader]:
    reader = TraceReader(**known)
    return list(reader.read_all(lines)), reader


@pytest.mark.parametrize("source", LOGS)
def test_a_log_of_each_source_tells_when_who_which_way_and_what(source: str) -> None:
    lines, expected = LOGS[source]
    records, _ = read([*lines])
    told = [(r.when, r.station, r.sender, r.data) for r in records if isinstance(r, Record)]
    assert told == expected


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"connection open",
        b"values: [2, 3, 4]",
        b"[INFO ] 2026-01-01 12:00:00,250 Started",
        b'{"level":"info","msg":"started","numbers":[2,3,4]}',
        b"[2026-01-01 12:00:00] hello",
        b"\x00\xff\xfe\x80" * 50,
    ],
)
def test_what_is_no_message_is_counted_apart_and_never_a_fault(line: bytes) -> None:
    records, reader = read([line, HEARTBEAT])
    assert [r.data for r in records if isinstance(r, Record)] == [HEARTBEAT]
    assert reader.skipped.without_message == (1 if line else 0)


@pytest.mark.parametrize(
    "line",
    [
        b'< TEXT \'[2,"1","DataTransfer",{"vendorId":"a...b"}]\' [500 bytes]',
        b'CP_1: receive message [2,"1","DataTransfer",{"vendorId":"a',
        b'CP_1: receive message [2,"1","DataTransfer",{"vendorId":"a",...}]',
        b'msg="[2,\\"1\\",\\"DataTransfer\\",{',
    ],
)
def test_a_message_that_the_logger_has_cut_is_told_and_not_guessed(line: bytes) -> None:
    records, reader = read([b"nothing", line])
    assert all(isinstance(r, Record) and not r.is_whole for r in records)
    assert (reader.skipped.cut, reader.skipped.first_cut) == (1, 2)
    assert reader.skipped.without_message == 1


def test_dots_in_a_text_are_no_cut() -> None:
    line = b'CP_1: send [2,"1","DataTransfer",{"vendorId":"a...b"}]'
    (record,), _ = read([line])
    assert isinstance(record, Record)
    assert record.is_whole


def test_a_message_with_a_fault_in_it_is_found_to_its_end() -> None:
    (record,), _ = read(
        [b'x CP_1: receive message [2,"1","StatusNotification",{"status":"A",}] (7 ms)']
    )
    assert isinstance(record, Record)
    assert record.data == b'[2,"1","StatusNotification",{"status":"A",}]'


def test_times_without_a_date_go_on_past_midnight() -> None:
    records, _ = read([b"23:59:59 < " + HEARTBEAT, b"00:00:01 < " + HEARTBEAT])
    first, second = (r.when for r in records)
    assert first is not None
    assert second is not None
    assert second - first == 2.0


def test_what_the_log_does_not_tell_the_caller_may() -> None:
    (record,), _ = read([ANSWER], station="X", sender=CSMS, version=Version.OCPP21)
    assert record == Record(1, ANSWER, None, "X", CSMS, Version.OCPP21)


def test_python_escapes_are_undone() -> None:
    text = '[2,"1","DataTransfer",{"vendorId":"it\'s","data":"\\u20ac \n"}]'
    (record,), _ = read([f"> TEXT {_quoted(text)} [{len(text)} bytes]".encode()])
    assert isinstance(record, Record)
    assert record.data == text.encode()
    assert record.is_whole


def _quoted(text: str) -> str:
    """Return a text as Python quotes it, in single quotes as `websockets` has it for a message."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")))
def test_reading_never_raises(line: bytes) -> None:
    for text in (line, b'CP: send [2,"' + line, b'{"msg":"' + line + b'"}', b'[2,"' + line + b"]"):
        read([text])


one_line = st.binary(max_size=40).map(lambda text: text.replace(b"\n", b"").replace(b"\r", b""))


@given(st.lists(one_line), st.integers(1, 9))
def test_lines_are_those_of_the_file_however_it_comes(lines: list[bytes], size: int) -> None:
    lines = [
        line for line in lines if not line.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"))
    ]
    data = b"".join(line + b"\r\n" for line in lines)
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    assert list(lines_of(chunks)) == lines


def test_a_line_that_is_too_long_is_passed_over_in_bounded_memory() -> None:
    chunks = [b"a" * 60, b"a" * 60, b"a\n" + HEARTBEAT + b"\n", b"b" * 101]
    lines = list(lines_of(chunks, longest=100))
    assert lines == [None, HEARTBEAT, None]
    records, reader = read(lines)
    assert len(records) == 1
    assert reader.skipped.too_long == 2


def test_a_log_in_utf_16_is_read_as_such() -> None:
    data = ("x < " + HEARTBEAT.decode() + "\n").encode("utf-16")
    (record,), _ = read(list(lines_of([data[:1], data[1:7], data[7:]])))
    assert isinstance(record, Record)
    assert record.data == HEARTBEAT


def test_an_open_trace_written_is_the_records_that_were_read() -> None:
    def told(line: int, data: bytes, after: float, sender: Role) -> Record:
        return Record(line, data, NOON + after, "CP_1", sender, Version.OCPP21, has_zone=True)

    def mark(line: int, after: float, *, is_connected: bool) -> Mark:
        return Mark(line, is_connected, NOON + after, "CP_1", Version.OCPP21, has_zone=True)

    records: list[Record | Mark] = [
        mark(1, 0, is_connected=True),
        told(2, HEARTBEAT, 0.25, STATION),
        told(3, ANSWER, 0.5, CSMS),
        told(4, b'[4,"1","InternalError","",{}]', 1, CSMS),
        told(5, b'[5,"1","FormatViolation","",{}]', 1, CSMS),
        told(6, b'[6,"1","NotifyPeriodicEventStream",{}]', 1, STATION),
        told(7, b'[2,"1","Heartbeat",{},', 1, STATION),
        mark(8, 2, is_connected=False),
    ]
    lines = list(write_open_trace(records))
    again, reader = read([*lines])
    assert again == records
    assert reader.skipped.without_message == 0
