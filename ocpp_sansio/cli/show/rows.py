"""What a picture of a trace is made of: a row for each message, with its answer's time and what is wrong."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct, field

from ocpp_sansio.core import Role
from ocpp_sansio.traces import Dialog, Finding, Judged, Mark, Record, TraceJudge

__all__ = ["MAX_ROWS", "Picture", "Row", "picture_of"]

MAX_ROWS: Final = 50_000
"""Messages of a picture, unless told otherwise: more are neither read by people nor stood by browsers."""

MAX_MARKS: Final = 10_000
"""Beginnings and ends of connections in a picture; of more, the last ones."""


class Row(Struct, frozen=True):
    """One message of a picture."""

    record: Record
    sender: Role
    kind: int = 0
    """Its message type; 0 if it cannot be read."""
    action: str = ""
    latency: float | None = None
    """Seconds from its call, of an answer."""
    findings: list[Finding] = field(default_factory=list)


class Picture(Struct):
    """All that is drawn of a trace."""

    rows: list[Row]
    marks: list[Mark]
    notes: list[str] = field(default_factory=list)
    """Sentences of ours for the top of it."""


def picture_of(
    entries: Iterable[Record | Mark], judge: TraceJudge, *, last: int = MAX_ROWS
) -> Picture:
    """Judge a trace and return the picture of its last messages."""
    rows: deque[Row] = deque(maxlen=last)
    marks: deque[Mark] = deque(maxlen=MAX_MARKS)
    dialogs: dict[str | None, Dialog] = {}
    later: deque[Finding] = deque(maxlen=last)  # of messages that stand further up
    count = 0
    for each in _judged(entries, judge):
        if isinstance(each.entry, Mark):
            marks.append(each.entry)
            continue
        count += 1
        dialog = dialogs.setdefault(each.entry.station, Dialog())
        row = _row(each.entry, dialog)
        rows.append(row)
        for finding in each.findings:
            (row.findings if finding.line == each.entry.line else later).append(finding)
    by_line = {row.record.line: row for row in rows}
    for finding in (*later, *judge.finish()):
        if finding.line in by_line:
            by_line[finding.line].findings.append(finding)
    notes = [f"the last {last:,} of {count:,} messages"] if count > last else []
    guesses = sorted({version.value for version in judge.guessed.values()})
    if guesses:
        notes.append(f"the log does not tell the version: taken for {' and '.join(guesses)}")
    ordered = sorted(rows, key=lambda row: row.record.line)
    return Picture(ordered, sorted(marks, key=lambda mark: mark.line), notes)


def _judged(entries: Iterable[Record | Mark], judge: TraceJudge) -> Iterator[Judged]:
    for entry in entries:
        yield from judge.judge(entry)
    yield from judge.flush()


def _row(record: Record, dialog: Dialog) -> Row:
    message = dialog.read(record)
    if message is None:
        return Row(record, record.sender or Role.STATION)
    return Row(record, message.sender, message.kind, message.action, message.latency)
