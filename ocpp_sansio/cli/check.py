"""Read the log of any program and report every violation, with line, station, path and what would be right.

Messages are found in the lines of Home Assistant, PyPI ocpp, evcc, SteVe, websockets, in JSON Lines and Open
OCPP Trace, bare or behind arrows, in recordings and in `demo --json`. Beyond single messages, the story of
each station is judged: late or missing answers, transactions stopped twice, meters that run backwards, loops.

Three findings of each kind are shown, and the number of all; a suspicion is what no rule forbids, or what the
log cannot prove. Exit code: 0 if no rule is broken, 1 if one is, 2 if there is nothing to check.
"""

import argparse
import re
import sys
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from ocpp_sansio.cli.junit import Case, Failure, write_suite
from ocpp_sansio.cli.logs import LogFile, add_log_arguments, complain, notes_on
from ocpp_sansio.core import Config, Role, Version, plain, quote
from ocpp_sansio.traces import Finding, Judged, Mark, Record, TraceJudge, TraceReader

__all__ = ["Kind", "Report", "add_arguments", "check_lines", "run", "say_findings"]

SHOWN: Final = 3
"""Findings of one kind that are shown, unless all are asked for."""

MAX_KINDS: Final = 1000
"""Kinds of findings that are told apart; those beyond are counted together."""

_LONGEST_LINE: Final = 200  # characters of a message that `--context` repeats


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `check`."""
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help='a log; "-" is standard input; repeatable'
    )
    add_log_arguments(parser)
    parser.add_argument("--all", action="store_true", help="show each finding, not three of a kind")
    parser.add_argument(
        "--context",
        type=int,
        default=0,
        metavar="N",
        help="messages of the same station to show before each finding",
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=30.0,
        metavar="SECONDS",
        help="after which an answer is late; default 30",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object for each finding")
    parser.add_argument("--junit", metavar="OUT", help="a file to write for a CI, as JUnit does")


def run(options: argparse.Namespace) -> int:
    """Check the logs; return the exit code."""
    total = Report()
    for path in options.files:
        log = LogFile(path, options)
        report = Report(shown=None if options.all or options.json else SHOWN)
        try:
            _check_log(log, report, options)
        except BrokenPipeError:
            raise  # the reader of what we say has seen enough
        except OSError as error:
            return complain("check", f"{log.name}: {error.strerror}")
        if not report.messages:
            held = "; ".join(["there is no message in it", *notes_on(log.skipped)])
            return complain("check", f"{log.name}: {held}")
        if not options.json:
            _say_summary(log, report)
        total.add(report, log.name)
    if options.junit:
        try:
            Path(options.junit).write_bytes(_junit(total))
        except OSError as error:
            return complain("check", f"{options.junit}: {error.strerror}")
    return 1 if total.faults else 0


def _check_log(log: LogFile, report: "Report", options: argparse.Namespace) -> None:
    config = Config(vendor_actions=options.vendor_action)
    judge = TraceJudge(version=options.ocpp, config=config, timeout=options.timeout)
    teller = _Teller(log.name, report, options)
    for entry in log.entries():
        report.count(entry)
        for judged in judge.judge(entry):
            teller.tell(judged)
    for judged in judge.flush():
        teller.tell(judged)
    for finding in judge.finish():
        teller.tell_finding(finding)
    report.guesses = {*judge.guessed.values()}


class _Teller:
    """Says what is found while the log is read, with the messages before it if they are wanted."""

    def __init__(self, name: str, report: "Report", options: argparse.Namespace) -> None:
        self._name = name
        self._report = report
        self._as_json = options.json
        self._context: int = options.context
        self._before: dict[str | None, deque[Record]] = {}

    def tell(self, judged: Judged) -> None:
        for finding in judged.findings:
            self.tell_finding(finding)
        entry = judged.entry
        if self._context and isinstance(entry, Record):
            self._before.setdefault(entry.station, deque(maxlen=self._context)).append(entry)

    def tell_finding(self, finding: Finding) -> None:
        if not self._report.note(finding):
            return
        if self._as_json:
            _say(_as_json(finding, self._name))
            return
        for record in self._before.get(finding.station, ()):
            _say(f"    before, line {record.line}: {plain(record.data, _LONGEST_LINE)}")
        _say(_as_text(finding, self._name))


# --- what is said ----------------------------------------------------------------------------------------


def _as_json(finding: Finding, name: str) -> str:
    told = msgspec.structs.asdict(finding)
    if finding.station is not None:
        told["station"] = plain(finding.station)
    return msgspec.json.encode({"file": name, **told}).decode()


def _as_text(finding: Finding, name: str) -> str:
    station = "" if finding.station is None else f"{quote(finding.station, 60)}: "
    about = finding.rule if finding.is_fault else f"{finding.rule}, a suspicion"
    if finding.code:
        about = f"{about}, {finding.code}"
    return f"{name}:{finding.line}: {station}{finding.said} ({about})\n    {finding.message}"


def say_findings(findings: Iterable[Finding], name: str) -> "Report":
    """Say what was found in a log: three of a kind, and then how many of each there are."""
    report = Report(shown=SHOWN)
    for finding in findings:
        if report.note(finding):
            _say(_as_text(finding, name))
    _say_kinds(report)
    return report


def _say_kinds(report: "Report") -> None:
    if any(kind.count > SHOWN for kind in report.kinds.values()):
        for kind in sorted(report.kinds.values(), key=lambda kind: -kind.count):
            lines = ", ".join(map(str, kind.lines)) + (
                ", …" if kind.count > len(kind.lines) else ""
            )
            _say(f"{kind.count:>8,} times {kind.name}: line {lines}")


def _say_summary(log: LogFile, report: "Report") -> None:
    _say_kinds(report)
    guesses = " and ".join(sorted(version.value for version in report.guesses))
    guess = f", taken for {guesses} (say --ocpp to choose)" if guesses else ""
    stations = f", stations: {len(report.stations):,}" if len(report.stations) > 1 else ""
    suspicions = f", suspicions: {report.suspicions:,}" if report.suspicions else ""
    _say(
        f"messages: {report.messages:,}{stations}, violations: {report.faults:,}{suspicions}{guess}"
    )
    notes = notes_on(log.skipped)
    if notes:
        _say("; ".join(notes))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _junit(report: "Report") -> bytes:
    """Return the kinds of findings as test cases of a suite: each that no rule allows has failed."""
    cases = [_case_of(kind) for kind in report.kinds.values()] or [Case("no violations")]
    return write_suite("ocpp_sansio check", cases, classname="check")


def _case_of(kind: "Kind") -> Case:
    text = f"{kind.count} times, first: {_as_text(kind.first, kind.file)}"
    if kind.first.is_fault:
        return Case(kind.name, Failure(f"expected {kind.first.expected}", text))
    return Case(kind.name, output=text)


# --- what was found --------------------------------------------------------------------------------------


class Kind(msgspec.Struct):
    """Findings that are the same but for where they are."""

    name: str
    first: Finding
    count: int = 0
    lines: list[int] = msgspec.field(default_factory=list)
    """Of the first few."""
    file: str = ""


class Report(msgspec.Struct):
    """What was found in a log."""

    shown: int | None = None
    """Findings of a kind that are kept; None keeps all."""
    findings: list[Finding] = msgspec.field(default_factory=list)
    """Those that are to be shown, in the order in which they were found."""
    kinds: dict[tuple[str, str], Kind] = msgspec.field(default_factory=dict)
    messages: int = 0
    faults: int = 0
    suspicions: int = 0
    stations: set[str | None] = msgspec.field(default_factory=set)
    guesses: set[Version] = msgspec.field(default_factory=set)
    """The versions that were assumed, where nobody said."""

    def count(self, entry: Record | Mark) -> None:
        """Count one entry of the log."""
        if isinstance(entry, Record):
            self.messages += 1
            self.stations.add(entry.station)

    def note(self, finding: Finding) -> bool:
        """Take a finding; return whether it is to be shown."""
        if finding.is_fault:
            self.faults += 1
        else:
            self.suspicions += 1
        key = finding.rule, _general(finding.path)
        if key not in self.kinds and len(self.kinds) >= MAX_KINDS:
            key = "others", ""
        kind = self.kinds.get(key)
        if kind is None:
            name = f"{key[0]} at {key[1]}" if key[1] else key[0]
            kind = self.kinds[key] = Kind(name, finding)
        kind.count += 1
        if len(kind.lines) < SHOWN:
            kind.lines.append(finding.line)
        return self.shown is None or kind.count <= self.shown

    def add(self, other: "Report", name: str) -> None:
        """Take what was found in another log."""
        self.faults += other.faults
        for key, kind in other.kinds.items():
            known = self.kinds.setdefault(key, Kind(kind.name, kind.first, file=name))
            known.count += kind.count


_ITEM = re.compile(r"\[\d+\]")


def _general(path: str) -> str:
    """Return a path without the numbers of items: what is wrong with each item of a list is one kind."""
    return _ITEM.sub("[]", path) if path.startswith("$.") else path


def check_lines(
    lines: Iterable[bytes],
    *,
    version: Version | None = None,
    sender: Role | None = None,
    config: Config | None = None,
) -> Report:
    """Check the lines of a log; `version` and `sender` hold where the log itself does not say."""
    report = Report()
    judge = TraceJudge(version=version, config=config)
    for entry in TraceReader(sender=sender, version=version).read_all(lines):
        report.count(entry)
        _take(report, judge.judge(entry))
    _take(report, judge.flush())
    for finding in judge.finish():
        report.note(finding)
        report.findings.append(finding)
    report.guesses = {*judge.guessed.values()}
    return report


def _take(report: Report, judged: Iterable[Judged]) -> None:
    for each in judged:
        for finding in each.findings:
            report.note(finding)
            report.findings.append(finding)
