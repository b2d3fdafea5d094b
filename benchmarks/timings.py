"""Runs in-process timings under pyperf: `python -m benchmarks.timings MODULE -o results.json`.

MODULE is `in_process` or `growth`; its `timings_of(effort)` says what to time. pyperf starts fresh processes
for each timing, and each of those is this module again, so that no contender warms the memory of another.
"""

import asyncio
import importlib
import json
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs
import pyperf

from benchmarks.effort import FULL, SHORT, Effort
from benchmarks.report import ROOT

Step = Callable[[bytes], bytes]
"""Takes one message, returns its answer."""

AsyncStep = Callable[[bytes], Coroutine[Any, Any, bytes]]

Check = Callable[[bytes, bytes], bool]
"""Whether a message, the first, has been answered as it should be, with the second."""

Timer = Callable[[int], float]
"""Takes how often, returns seconds."""

ROUND_SECONDS = 1800
"""Within which one round of a module's timings must be through."""


@attrs.frozen
class Timing:
    """What one message takes one contender."""

    name: str
    contender: str
    make: Callable[[], Timer]
    """Called in the process that measures, and only there."""

    @property
    def key(self) -> str:
        return json.dumps([self.name, self.contender])


def repeat(step: Step, messages: Iterator[bytes], is_answer: Check) -> Timer:
    """Return a timer of `step`, which gets the next message each time; its first answer is checked."""
    _require(is_answer, first := next(messages), step(first))

    def timer(loops: int) -> float:
        started = perf_counter()
        for message in islice(messages, loops):
            step(message)
        return perf_counter() - started

    return timer


def repeat_async(step: AsyncStep, messages: Iterator[bytes], is_answer: Check) -> Timer:
    """Return a timer of an async `step`, in an event loop that outlives the timer's calls."""
    loop = asyncio.new_event_loop()
    _require(is_answer, first := next(messages), loop.run_until_complete(step(first)))

    async def measure(loops: int) -> float:
        started = perf_counter()
        for message in islice(messages, loops):
            await step(message)
        return perf_counter() - started

    return lambda loops: loop.run_until_complete(measure(loops))


def _require(is_answer: Check, message: bytes, answer: bytes) -> None:
    if not is_answer(message, answer):
        raise RuntimeError(f"{message[:200]!r} was answered with {answer[:200]!r}")


def measure(module: str, effort: Effort) -> dict[tuple[str, str], list[float]]:
    """Return microseconds for each timing of a module by name and contender, one for each round."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(effort.rounds):
        for bench in _run_pyperf(module, effort).get_benchmarks():
            name, contender = json.loads(bench.get_name())
            # Not the median: whatever disturbs a computation only makes it longer.
            found[name, contender].append(min(bench.get_values()) * 1e6)
    return found


def _run_pyperf(module: str, effort: Effort) -> pyperf.BenchmarkSuite:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "timings.json"
        command = [sys.executable, "-m", "benchmarks.timings", module, "--quiet", "--copy-env"]
        command += ["--short"] if effort.is_short else []
        command += ["-o", str(path), *effort.pyperf_options]
        subprocess.run(
            command, cwd=ROOT, check=True, timeout=ROUND_SECONDS, stdout=subprocess.DEVNULL
        )
        return pyperf.BenchmarkSuite.load(str(path))


def _pass_on(command: list[str], arguments: Namespace) -> None:
    """Give a process that pyperf starts the arguments that are ours."""
    command.append(arguments.module)
    if arguments.short:
        command.append("--short")


def _make_on_first_use(timing: Timing) -> Timer:
    timers: list[Timer] = []

    def timer(loops: int) -> float:
        if not timers:
            timers.append(timing.make())
        return timers[0](loops)

    return timer


def main() -> None:
    runner = pyperf.Runner(program_args=("-m", "benchmarks.timings"), add_cmdline_args=_pass_on)
    runner.argparser.add_argument("module", choices=["in_process", "growth"])
    runner.argparser.add_argument("--short", action="store_true")
    arguments = runner.parse_args()
    module = importlib.import_module(f"benchmarks.{arguments.module}")
    for timing in module.timings_of(SHORT if arguments.short else FULL):
        runner.bench_time_func(timing.key, _make_on_first_use(timing))


if __name__ == "__main__":
    main()
