"""A trace as a sequence diagram in plain text, and in Mermaid: for terminals, issues and wikis."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from ocpp_sansio.cli.show.rows import Picture, Row
from ocpp_sansio.core import Role, plain, quote

__all__ = ["as_mermaid", "as_text"]

MAX_MERMAID: Final = 500
"""Messages in a Mermaid diagram; what shows them gives up beyond some more."""

_WIDTH = 72  # characters of the arrow, its label included
_KINDS: Final = {0: "no message", 2: "", 3: "result", 4: "error", 5: "result error", 6: "send"}


def as_text(picture: Picture) -> str:
    """Return the diagram as text, one line a message and one for each finding."""
    lines = list(_text_lines(picture))
    return "\n".join(lines) + "\n"


def _text_lines(picture: Picture) -> Iterator[str]:
    yield f"{'':<12}  {'station':<{_WIDTH - 4}}CSMS"
    station: object = object()
    several = len({row.record.station for row in picture.rows}) > 1
    for row in picture.rows:
        if several and row.record.station != station:
            station = row.record.station
            yield f"{'':<12}  ── {_name_of(row.record.station)} ──"
        yield f"{_time(row):<12}  {_arrow(row)}"
        for finding in row.findings:
            sign = "✗" if finding.is_fault else "?"
            yield f"{'':<12}  {sign} {finding.said} ({finding.rule})"
    yield from picture.notes


def _arrow(row: Row) -> str:
    label = plain(_label(row), _WIDTH - 6)
    if row.sender is Role.STATION:
        return f"├─ {label} ".ljust(_WIDTH - 1, "─") + "▶"
    return "◀" + f" {label} ─┤".rjust(_WIDTH - 1, "─")


def _label(row: Row) -> str:
    kind = _KINDS.get(row.kind, "")
    took = "" if row.latency is None else f" after {row.latency:.3f} s"
    return f"{row.action} {kind}{took}".strip() or "message"


def _name_of(station: str | None) -> str:
    return "the station" if station is None else quote(station, 60)


def _time(row: Row) -> str:
    when = row.record.when
    if when is None:
        return f"line {row.record.line}"
    try:
        return f"{datetime.fromtimestamp(when, UTC):%H:%M:%S.%f}"[:12]
    except (OverflowError, ValueError, OSError):
        return f"line {row.record.line}"


def as_mermaid(picture: Picture) -> str:
    """Return the diagram in Mermaid, the last `MAX_MERMAID` messages of it."""
    rows = picture.rows[-MAX_MERMAID:]
    names: dict[str | None, str] = {}
    for row in rows:
        names.setdefault(row.record.station, f"S{len(names)}")
    lines = ["sequenceDiagram"]
    lines += [f"    participant {name} as {_escaped(_name_of(who))}" for who, name in names.items()]
    lines.append("    participant CSMS")
    for row in rows:
        lines += _mermaid_lines(row, names[row.record.station])
    return "\n".join(lines) + "\n"


def _mermaid_lines(row: Row, station: str) -> Iterator[str]:
    head = "-->>" if row.kind in _ANSWERS else "->>"
    ends = (station, "CSMS") if row.sender is Role.STATION else ("CSMS", station)
    yield f"    {ends[0]}{head}{ends[1]}: {_escaped(_label(row))}"
    for finding in row.findings:
        sign = "fault" if finding.is_fault else "suspicion"
        said = _escaped(f"{sign}: {finding.said}")
        yield f"    Note over {station},CSMS: {said}"


_ANSWERS: Final = (3, 4)
_MERMAID: Final = re.compile(r"[^\w .,:()$'\[\]/+-]")  # what may mean something to it, or to HTML


def _escaped(text: str) -> str:
    """Return a text as Mermaid shows it and does not obey it."""
    return _MERMAID.sub(lambda found: f"#{ord(found[0])};", plain(text, 120))
