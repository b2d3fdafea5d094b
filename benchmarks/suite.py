"""Runs the groups, one after the other."""

import os
import sys
from collections.abc import Collection
from importlib import import_module

import attrs

from benchmarks import fleet, loopback
from benchmarks.effort import FULL, SHORT
from benchmarks.report import Report, Target
from benchmarks.targets import targets


def run(
    groups: Collection[str], *, is_short: bool, rounds: int | None = None
) -> tuple[Report, list[Target]]:
    """Measure the groups and return the report, with what it is to be judged by."""
    # Every child process starts from bytecode, as installed software does: compiling takes time and memory.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    effort = SHORT if is_short else FULL
    if rounds:
        effort = attrs.evolve(effort, rounds=rounds, load_rounds=rounds)
    report = Report(is_short=is_short)
    for name in groups:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        group = import_module(f"benchmarks.{name}")
        for figure in group.figures(effort):
            report.add(figure)
    missing = {"loopback": loopback.why_no_ocpp_rpc, "fleet": fleet.why_no_broker}
    whys = (why() for name, why in missing.items() if name in groups)
    report.skipped += [why for why in whys if why]
    return report, targets(effort)
