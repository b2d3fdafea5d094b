"""The smallest part of a trace that still shows a finding."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Final

from msgspec import Struct

from ocpp_sansio.core import Config, Version
from ocpp_sansio.traces import Dialog, Finding, Mark, Record, TraceJudge

__all__ = ["Entry", "Symptom", "findings_in", "shrunk"]

Entry = Record | Mark
"""What a trace consists of."""

MAX_PROBES: Final = 500
"""Times that a part is judged: what has not become smaller by then stays as it is."""


class Symptom(Struct, frozen=True):
    """What a part has to show."""

    finding: Finding
    version: Version
    config: Config
    timeout: float = 30.0

    def is_in(self, entries: Sequence[Entry]) -> bool:
        """Whether these entries, and no others, show it at the same message."""
        wanted = self.finding
        return any(
            (each.line, each.rule, each.path) == (wanted.line, wanted.rule, wanted.path)
            for each in findings_in(entries, self)
        )


def findings_in(entries: Sequence[Entry], symptom: Symptom) -> list[Finding]:
    """Return all that is wrong with these entries."""
    judge = TraceJudge(version=symptom.version, config=symptom.config, timeout=symptom.timeout)
    judged = [*chain.from_iterable(judge.judge(entry) for entry in entries), *judge.flush()]
    found = chain.from_iterable(each.findings for each in judged)
    return [*found, *judge.finish()]


def shrunk(
    entries: Sequence[Entry], symptom: Symptom, note: Callable[[int, int], None] | None = None
) -> list[Entry]:
    """Return the smallest part found that shows it: of these, calls together with their answers.

    `note` is told, before each part is tried, how many have been, and how many entries this one has.
    """
    units = _units_of(entries)
    probes = 0

    def shows(part: list[list[Entry]]) -> bool:
        nonlocal probes
        probes += 1
        if probes > MAX_PROBES:
            return False
        joined = _joined(part)
        if note:
            note(probes, len(joined))
        return symptom.is_in(joined)

    return _joined(_minimal(_shortest_end(units, shows), shows))


def _units_of(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Return what goes or stays together: a call with its answer, anything else alone."""
    dialog = Dialog()
    units: list[list[Entry]] = []
    unit_of: dict[int, list[Entry]] = {}
    for entry in entries:
        message = dialog.read(entry) if isinstance(entry, Record) else None
        asked = unit_of.get(id(message.call.record)) if message and message.call else None
        if asked is not None:
            asked.append(entry)
            continue
        unit: list[Entry] = [entry]
        units.append(unit)
        unit_of[id(entry)] = unit
    return units


def _joined(units: list[list[Entry]]) -> list[Entry]:
    return sorted(chain.from_iterable(units), key=lambda entry: entry.line)


Shows = Callable[[list[list[Entry]]], bool]


def _shortest_end(units: list[list[Entry]], shows: Shows) -> list[list[Entry]]:
    """Return the last units, as few as show it, in powers of two: most findings need but the last."""
    size = 1
    while size < len(units):
        if shows(units[-size:]):
            return units[-size:]
        size *= 2
    return units


def _minimal(units: list[list[Entry]], shows: Shows) -> list[list[Entry]]:
    """Return a part that shows it no more once any single unit is left out (delta debugging)."""
    size = max(1, len(units) // 2)
    while True:
        start, is_smaller = 0, False
        while start < len(units):
            rest = units[:start] + units[start + size :]
            if rest and shows(rest):
                units, is_smaller = rest, True
            else:
                start += size
        if size == 1 and not is_smaller:
            return units
        size = max(1, size // 2)
