"""A run as text: a table for each group of figures, with the targets that its rows meet or miss."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from benchmarks.abuse.arena import CONTENDERS, WORLDS
from benchmarks.report import Figure, Report, Target, judged, number

HEADINGS = ("", *CONTENDERS, "target")


def lines(report: Report, targets: Sequence[Target]) -> Iterator[str]:
    """Return the whole of it."""
    yield from report.head()
    verdicts = {target.name: judged(target, report) for target in targets}
    groups: dict[str, dict[str, dict[str, Figure]]] = defaultdict(lambda: defaultdict(dict))
    for (group, name, who), figure in report.figures.items():
        groups[group][name][who] = figure
    for group, found in groups.items():
        yield ""
        yield from _table(group, found, verdicts, is_short=report.is_short)
    if not report.is_short:
        missed = [name for name, verdict in verdicts.items() if not verdict["met"]]
        yield ""
        yield f"{len(verdicts) - len(missed)} of {len(verdicts)} targets met"


def _table(
    group: str,
    found: dict[str, dict[str, Figure]],
    verdicts: dict[str, dict[str, object]],
    *,
    is_short: bool,
) -> Iterator[str]:
    rows = [HEADINGS]
    for name, figures in found.items():
        unit = next(iter(figures.values())).unit
        rows.append(
            (
                f"{name} [{unit}]" if unit else name,
                *(_cell(figures.get(who)) for who in CONTENDERS),
                _verdict(group, name, verdicts, is_short=is_short),
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    yield group
    yield "-" * (sum(widths) + 2 * len(widths) - 2)
    for first, *cells, verdict in rows:
        padded = [cell.rjust(width) for cell, width in zip(cells, widths[1:-1], strict=True)]
        yield "  ".join((first.ljust(widths[0]), *padded, verdict)).rstrip()


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "-"
    return ("> " if figure.is_at_least else "") + number(figure.value)


def _verdict(
    group: str, name: str, verdicts: dict[str, dict[str, object]], *, is_short: bool
) -> str:
    """Return each limit of a row once, with the worlds that miss it."""
    limits: dict[str, list[str]] = {}
    for world in WORLDS:
        start = f"{group}, {name}, {world}"
        for full_name, verdict in verdicts.items():
            if full_name != start and not full_name.startswith(f"{start}, "):
                continue
            words = (f"<= {verdict['limit']:g}", verdict["unit"], full_name[len(start) + 2 :])
            missed = limits.setdefault(" ".join(str(word) for word in words if word), [])
            if not verdict["met"]:
                missed.append(world)
    return "; ".join(_judgement(limit, missed, is_short) for limit, missed in limits.items())


def _judgement(limit: str, missed: Iterable[str], is_short: bool) -> str:  # noqa: FBT001
    if is_short:
        return limit
    return f"{limit}: " + (f"MISSED by {', '.join(missed)}" if missed else "met")
