"""Tell a recording to this release again, or make a test of what is wrong in any log.

A recording of `record=` or `Recorder` is told to a fresh connection, at the same times: does it say what it
said then, and are the faults that it made then still there? A file that begins within a connection is read
together with those before it, if they are beside it.

With --emit-test, the first fault of a log of any program becomes a pytest: of all that was said, the smallest
part that still shows it. It fails as the field did, and passes once that is mended.

Exit code: 0 if all comes out as it did then, or if a fault of that side is gone; 1 if something comes out
otherwise, or a fault of that side is still there; 2 if there is nothing to replay. With --emit-test: 0 if a
test was written, else 2.
"""

import argparse
import re
import sys
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ocpp_sansio.cli.logs import (
    LogFile,
    Progress,
    StatusLine,
    add_log_arguments,
    complain,
    notes_on,
)
from ocpp_sansio.cli.replay.emitting import test_of
from ocpp_sansio.cli.replay.shrinking import Entry, Symptom, findings_in, shrunk
from ocpp_sansio.core import Config, Role, Version, plain, quote
from ocpp_sansio.recording import Replay, replay_all
from ocpp_sansio.traces import MAX_LINE, Finding, Record, TraceJudge, lines_of

__all__ = ["add_arguments", "run"]

MAX_ENTRIES: Final = 5000
"""Messages of the station before a finding that are looked at for those that it needs."""

_LONGEST: Final = 2000  # characters of a difference


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `replay`."""
    parser.add_argument("file", metavar="FILE", help="a recording; with --emit-test, any log")
    add_log_arguments(parser)
    parser.add_argument("--emit-test", metavar="OUT", help="write a pytest of a finding, here")
    parser.add_argument(
        "--line", type=int, help="the finding in this line; default: the first fault"
    )
    parser.add_argument("--rule", help="the first finding of this name, a suspicion too")
    parser.add_argument(
        "--timeout",
        type=float,
        default=30.0,
        metavar="SECONDS",
        help="after which an answer is late; default 30",
    )


def run(options: argparse.Namespace) -> int:
    """Replay a recording, or make a test of a log; return the exit code."""
    try:
        return _emit(options) if options.emit_test else _replay(options)
    except OSError as error:
        return complain("replay", f"{options.file}: {error.strerror}")


# --- is it as it was? ------------------------------------------------------------------------------------


def _replay(options: argparse.Namespace) -> int:
    paths = _with_those_before(Path(options.file))
    try:
        stories = replay_all(_lines_of(paths))
    except ValueError as error:
        hint = "--emit-test makes a test of any log"
        return complain("replay", f"{options.file}: no recording ({plain(str(error))}); {hint}")
    if len(paths) > 1:
        _say("read together: " + ", ".join(plain(path.name) for path in paths))
    told = [_tell(story, options) for story in stories]
    return max(told)


def _with_those_before(path: Path) -> list[Path]:
    """Return the files that a recording goes on from, the oldest first, and itself."""
    paths = [path]
    while (before := _before(paths[0])) and _begins_within(paths[0]) and before.exists():
        paths.insert(0, before)
    return paths


_NUMBERED = re.compile(r"(.*?)(?:\.(\d{1,6}))?(\.[^.]+)")


def _before(path: Path) -> Path | None:
    found = _NUMBERED.fullmatch(path.name)
    if found is None:
        return None
    return path.with_name(f"{found[1]}.{int(found[2] or 0) + 1}{found[3]}")


def _begins_within(path: Path) -> bool:
    with path.open("rb") as file:
        return file.readline(1024).startswith(b'{"what":"session"')


def _lines_of(paths: list[Path]) -> Iterator[str]:
    for path in paths:
        progress = Progress(path.name)
        progress.size = path.stat().st_size
        with path.open("rb") as file:
            for number, line in enumerate(lines_of(progress.chunks(file)), 1):
                yield _decoded(line, number)


def _decoded(line: bytes | None, number: int) -> str:
    if line is None:
        raise ValueError(f"line {number} is longer than {MAX_LINE >> 20} MiB")
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise ValueError(f"line {number} is not UTF-8") from None


def _tell(story: Replay, options: argparse.Namespace) -> int:
    """Say what came of one connection; return the exit code for it."""
    whose = "" if story.identity is None else f"{quote(story.identity, 60)}: "
    if story.begins_within:
        text = f"its beginning is missing, so {story.passed_over:,} lines were passed over"
        _say(f"{whose}{text}")
    difference = story.difference()
    count = len(story.recorded_frames) + len(story.recorded_events)
    if difference:
        _say(f"{whose}something comes out otherwise: {_shown(difference)}")
    else:
        _say(f"{whose}all comes out as it did then ({count:,} messages and events)")
    then, now = (
        _own_faults(story.recorded_frames, story, options),
        _own_faults([frame.data for frame in story.frames], story, options),
    )
    for name, number in sorted((then | now).items()):
        left = now[name]
        what = f"still there, {left:,} times" if left else "gone"
        what = what if then[name] else f"new, {left:,} times"
        _say(f"{whose}a fault of the {story.connection.role}: {name}: {what} (then {number:,})")
    if now:
        return 1
    return 1 if difference and not then else 0


def _own_faults(frames: list[bytes], story: Replay, options: argparse.Namespace) -> Counter[str]:
    """Return the faults in what this side said, by kind; each message by itself."""
    version = options.ocpp or story.version or Version.OCPP16
    role = story.connection.role
    config = Config(vendor_actions=options.vendor_action or story.connection.config.vendor_actions)
    records: list[Entry] = [
        Record(number, data, sender=Role(role), version=version)
        for number, data in enumerate(frames, 1)
        if data.lstrip()[:2] not in (b"[3", b"[4")  # whose calls are not here
    ]
    nothing = Finding(0, "", "", "")
    found = findings_in(records, Symptom(nothing, version, config))
    turn = {"overlapping_call", "duplicate_id"}  # whether it was its turn, the answers would tell
    faults = (each for each in found if each.is_fault and each.rule not in turn)
    return Counter(f"{each.rule} at {plain(each.path, 60)}" for each in faults)


def _shown(difference: str) -> str:
    return "\n".join(plain(line, _LONGEST) for line in difference.split("\n"))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


# --- a test of it ----------------------------------------------------------------------------------------


def _emit(options: argparse.Namespace) -> int:
    if options.file == "-":
        return complain("replay", "--emit-test reads its log twice: give it a file")
    found = _choose(options)
    if isinstance(found, str):
        return complain("replay", f"{options.file}: {found}")
    symptom, seen_at = found
    entries = _entries_before(options, symptom.finding, seen_at)
    if not symptom.is_in(entries):
        text = f"what line {symptom.finding.line} needs is more than {MAX_ENTRIES:,} messages before it"
        return complain("replay", f"{options.file}: {text}")
    line = StatusLine()
    part = shrunk(
        entries,
        symptom,
        lambda tried, left: line.say(f"the smallest part: messages: {left:,}, tries: {tried}"),
    )
    line.end()
    Path(options.emit_test).write_text(
        test_of(part, symptom, Path(options.file).name), encoding="utf-8", errors="replace"
    )
    finding = symptom.finding
    _say(
        f"{options.emit_test}: line {finding.line}: {finding.path}: expected {finding.expected} "
        f"({finding.rule}), by {len(part):,} of {len(entries):,} messages"
    )
    return 0


def _choose(options: argparse.Namespace) -> tuple[Symptom, int] | str:
    """Return the finding that is wanted and the line at which it shows, or why there is none."""
    config = Config(vendor_actions=options.vendor_action)
    judge = TraceJudge(version=options.ocpp, config=config, timeout=options.timeout)
    log, line, messages, others = LogFile(options.file, options), 0, 0, 0
    versions: dict[str | None, Version] = {}

    def wanted(finding: Finding) -> bool:
        if options.line is not None and finding.line != options.line:
            return False
        if options.rule is not None:
            return bool(finding.rule == options.rule)
        return finding.is_fault or options.line is not None

    def chosen(finding: Finding) -> tuple[Symptom, int]:
        version = versions.get(finding.station) or judge.guessed.get(finding.station)
        version = version or options.ocpp or Version.OCPP16
        return Symptom(finding, version, config, options.timeout), line

    for entry in log.entries():
        line, messages = entry.line, messages + isinstance(entry, Record)
        if entry.version:
            versions[entry.station] = entry.version
        for judged in judge.judge(entry):
            for finding in judged.findings:
                if wanted(finding):
                    return chosen(finding)
                others += 1
    for finding in (*(f for judged in judge.flush() for f in judged.findings), *judge.finish()):
        if wanted(finding):
            return chosen(finding)
        others += 1
    if not messages:
        return "; ".join(["there is no message in it", *notes_on(log.skipped)])
    hint = "; --line or --rule choose one, `check` lists them" if others else ""
    return f"there is no such finding ({others:,} others{hint})"


def _entries_before(options: argparse.Namespace, finding: Finding, seen_at: int) -> list[Entry]:
    kept: deque[Entry] = deque(maxlen=MAX_ENTRIES)
    for entry in LogFile(options.file, options).entries():
        if entry.line > seen_at:
            break
        if entry.station == finding.station:
            kept.append(entry)
    return list(kept)
