"""Logs of any size: what is kept of them does not grow, however many messages and stations there are."""

import tracemalloc
from collections.abc import Iterator

from ocpp_sansio import Version
from ocpp_sansio.traces import Record, TraceJudge, TraceReader, lines_of

CALL = b'2026-01-01 00:00:00,000 INFO ocpp: CP_%d: receive message [2,"%d","Heartbeat",{}]\n'
ANSWER = b'2026-01-01 00:00:00,000 INFO ocpp: CP_%d: send [3,"%d",{"currentTime":"2026-01-01T00:00:00Z"}]\n'


def chunks(stations: int, exchanges: int) -> Iterator[bytes]:
    """Yield a log in pieces that end anywhere; among its lines are some that nobody can read."""
    text = b""
    for i in range(exchanges):
        text += CALL % (i % stations, i) + ANSWER % (i % stations, i)
        if i % 100 == 0:
            text += b'\xff\x00\xfe half a line [2,"1\n' + b"Gr\xfc\xdfe aus Latin-1\n"
        if len(text) > 20_000:
            yield text[:20_011]
            text = text[20_011:]
    yield text


def judged(stations: int, exchanges: int) -> tuple[int, int, int]:
    """Return how many messages and findings there were, and the most bytes that were kept at a time."""
    reader, judge = TraceReader(version=Version.OCPP16), TraceJudge()
    messages = findings = 0
    tracemalloc.start()
    try:
        for entry in reader.read_all(lines_of(chunks(stations, exchanges))):
            messages += isinstance(entry, Record)
            findings += sum(len(each.findings) for each in judge.judge(entry))
        findings += len(list(judge.finish()))
        return messages, findings, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_log_that_is_three_times_as_long_takes_no_more_memory() -> None:
    judged(5, 50)  # what is made once
    short, long = judged(5, 1000), judged(5, 3000)
    assert (short[1], long[1]) == (0, 0)
    assert long[0] >= 6000
    assert long[2] < short[2] + 200_000


def test_ten_thousand_stations_are_told_apart() -> None:
    reader, names = TraceReader(version=Version.OCPP16), set()
    judge, findings = TraceJudge(), 0
    for entry in reader.read_all(lines_of(chunks(10_000, 10_000))):
        names.add(entry.station)
        findings += sum(len(each.findings) for each in judge.judge(entry))
    assert (len(names), findings, judge.passed_over) == (
        10_001,
        0,
        0,
    )  # and one half line's, of nobody


def test_a_message_of_five_megabytes_is_read() -> None:
    data = b'[2,"1","DataTransfer",{"vendorId":"x","data":"%s"}]' % (b"y" * 5_000_000)
    line = b"2026-01-01 00:00:00,000 INFO ocpp: CP_1: receive message " + data
    pieces = (line[i : i + 65_536] for i in range(0, len(line), 65_536))
    (entry,) = TraceReader().read_all(lines_of(pieces))
    assert isinstance(entry, Record)
    assert entry.data == data
