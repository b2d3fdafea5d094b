"""Plays the rows, one after the other, to one server after the other."""

import os
import sys
from collections.abc import Iterable, Iterator

from benchmarks.abuse import arena, rows
from benchmarks.abuse.effort import FULL, SHORT, Effort
from benchmarks.abuse.targets import targets
from benchmarks.report import Figure, Report, Target

Plan = list[tuple[rows.Row, str]]


def plan(only: Iterable[str] | None, worlds: str | None) -> Plan:
    """Return the rows and who is to stand each; raises ValueError for a name that there is not."""
    keys = list(only or rows.BY_KEY)
    contenders = worlds.split(",") if worlds else list(arena.CONTENDERS)
    for known, names in ((rows.BY_KEY, keys), (arena.CONTENDERS, contenders)):
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValueError(f"there is no {', '.join(unknown)}: choose from {', '.join(known)}")
    chosen = [rows.BY_KEY[key] for key in keys]
    return [(row, who) for row in chosen for who in contenders if who in row.contenders]


def run(steps: Plan, *, is_short: bool) -> tuple[Report, list[Target]]:
    """Measure, and return the report with what it is to be judged by; Ctrl-C ends it with what there is."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # children start from bytecode
    report = Report(is_short=is_short)
    effort = SHORT if is_short else FULL
    report.skipped += sorted({why for _, who in steps if (why := arena.missing(who))})
    try:
        for row, who in steps:
            if not arena.missing(who):
                _play(row, who, effort, report)
    except KeyboardInterrupt:
        report.skipped.append("all that would have come after: interrupted")
    return report, targets(report)


def _play(row: rows.Row, who: str, effort: Effort, report: Report) -> None:
    print(f"{row.key}: {who}", file=sys.stderr, flush=True)
    try:
        for figure in _figures(row, who, effort):
            report.add(figure)
    except (TimeoutError, RuntimeError) as error:  # frozen, or dead: which is a finding
        report.skipped.append(f"{row.key}, {who}: {error}")


def _figures(row: rows.Row, who: str, effort: Effort) -> Iterator[Figure]:
    for group, name, unit, measured in row.play(who, effort):
        yield Figure(group, name, who, unit, [measured.value], is_at_least=measured.is_at_least)
