"""Figures, the one table they are printed as, and the same as JSON."""

import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

import attrs

ROOT = Path(__file__).resolve().parent.parent

OURS = "ocpp_sansio"
OURS_ASYNC = "async def"
"""The same with handlers that are coroutines, where it makes a difference."""
OURS_RECORDED = "recorded"
"""The same with `record=` a folder."""
FLOOR = "floor"
OCPP_RPC = "ocpp-rpc"
OCPP_FASTEST = "ocpp, sync"
"""PyPI ocpp with ASYNC_VALIDATION = False, its fastest setting."""
OCPP_DEFAULT = "ocpp"
CONTENDERS = (OURS, OURS_ASYNC, OURS_RECORDED, FLOOR, OCPP_RPC, OCPP_FASTEST, OCPP_DEFAULT)

_DISTRIBUTIONS = [
    "ocpp-sansio",
    "attrs",
    "msgspec",
    "websockets",
    "trio",
    "uvloop",
    "picows",
    "ocpp",
    "jsonschema",
    "pyperf",
    "psutil",
]


@attrs.frozen
class Figure:
    """One measured thing of one contender; `values` holds one number for each round."""

    group: str
    name: str
    contender: str
    unit: str
    values: Sequence[float]
    is_at_least: bool = False
    """It was ended there: the true value is higher."""

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return median(self.values)

    @property
    def spread(self) -> float:
        """Half the distance from the lowest to the highest round, as a part of the median."""
        return (max(self.values) - min(self.values)) / 2 / self.value if self.value else 0.0


@attrs.frozen
class Target:
    """A promise about figures of one run."""

    name: str
    limit: float
    is_lower_bound: bool
    unit: str
    measure: Callable[["Report"], float]
    """Raises KeyError when a figure that it needs was not measured."""

    def is_met_by(self, value: float) -> bool:
        return value >= self.limit if self.is_lower_bound else value <= self.limit


@attrs.define
class Report:
    """All that one run has found."""

    is_short: bool
    figures: dict[tuple[str, str, str], Figure] = attrs.Factory(dict)
    skipped: list[str] = attrs.Factory(list)
    """One line for each thing that could not be measured here, and why."""
    started: datetime = attrs.Factory(lambda: datetime.now(UTC))

    def add(self, figure: Figure) -> None:
        key = (figure.group, figure.name, figure.contender)
        assert key not in self.figures, f"measured twice: {key}"
        self.figures[key] = figure

    def value(self, group: str, name: str, contender: str = OURS) -> float:
        return self.figures[group, name, contender].value

    def ratio(self, group: str, name: str, over: str, under: str) -> float:
        return self.value(group, name, over) / self.value(group, name, under)

    def difference(self, group: str, name: str) -> float:
        """Return by how much we are above the floor."""
        return self.value(group, name) - self.value(group, name, FLOOR)

    def as_json(self, targets: Iterable[Target]) -> dict[str, Any]:
        return {
            "started": self.started.isoformat(timespec="seconds"),
            "short": self.is_short,
            "commit": _commit(),
            "machine": _machine(),
            "versions": _versions(),
            "figures": [
                attrs.asdict(figure) | {"median": figure.value} for figure in self.figures.values()
            ],
            "targets": [judged(target, self) for target in targets],
            "skipped": self.skipped,
        }

    def write_json(self, path: Path, targets: Iterable[Target]) -> None:
        path.write_text(json.dumps(self.as_json(targets), indent=1) + "\n")

    def as_table(self, targets: Iterable[Target]) -> str:
        return "\n".join((*self.head(), "", *self._rows(), "", *self._verdicts(targets)))

    def head(self) -> Iterable[str]:
        """Return the lines that say on what it was measured."""
        yield f"ocpp_sansio benchmarks, {self.started:%Y-%m-%d %H:%M} UTC, commit {_commit()}"
        yield ", ".join(f"{name} {value}" for name, value in _machine().items())
        yield ", ".join(f"{name} {value}" for name, value in _versions().items())
        if self.is_short:
            yield "SHORT RUN: it shows that every part works; its times mean nothing."
        yield from (f"skipped: {line}" for line in self.skipped)

    def _rows(self) -> Iterable[str]:
        rows = {(group, name): None for group, name, _ in self.figures}
        cells: list[tuple[str, ...]] = [("figure", *CONTENDERS, "ours : floor", "±")]
        cells += [self._row(group, name) for group, name in rows]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        last_group = None
        for (group, _), row in zip([("", ""), *rows], cells, strict=True):
            if group != last_group:
                yield "-" * (sum(widths) + 2 * len(widths) - 2)
                last_group = group
            first, *rest = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            yield "  ".join((row[0].ljust(len(first)), *rest))

    def _row(self, group: str, name: str) -> tuple[str, ...]:
        found = {who: self.figures.get((group, name, who)) for who in CONTENDERS}
        ours, floor = found[OURS], found[FLOOR]
        units = {figure.unit for figure in found.values() if figure}
        assert len(units) == 1, f"{group}, {name}: {units}"
        values = (f"{number(figure.value)}" if figure else "" for figure in found.values())
        ratio = f"{ours.value / floor.value:.2f}" if ours and floor and floor.value else ""
        spread = max(figure.spread for figure in found.values() if figure)
        return f"{group}: {name} [{units.pop()}]", *values, ratio, f"{spread:.0%}"

    def _verdicts(self, targets: Iterable[Target]) -> Iterable[str]:
        verdicts = [judged(target, self) for target in targets]
        width = max(len(target["name"]) for target in verdicts)
        for target in verdicts:
            verdict = {True: "met", False: "MISSED", None: "not measured"}[target["met"]]
            if self.is_short:
                verdict = "not judged: a short run"
            value = "" if target["value"] is None else f"{number(target['value'])}"
            yield (
                f"{target['name'].ljust(width)}  {value.rjust(10)}  "
                f"{target['bound']} {target['limit']:g} {target['unit']}  {verdict}"
            )


def judged(target: Target, report: Report) -> dict[str, Any]:
    """Return a target with what this run gives."""
    try:
        value = target.measure(report)
    except KeyError:
        value = None
    return {
        "name": target.name,
        "bound": "at least" if target.is_lower_bound else "at most",
        "limit": target.limit,
        "unit": target.unit,
        "value": value,
        "met": None if value is None else target.is_met_by(value),
    }


def number(value: float) -> str:
    """Return a figure for a table."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def _machine() -> dict[str, Any]:
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "unknown")


def _versions() -> dict[str, str]:
    found = {}
    for name in _DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
