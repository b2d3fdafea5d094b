"""What a hunt tells: a report for people, one JSON object a line, JUnit's XML; and how far it is."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ocpp_sansio.cli.fuzz.cases import HOSTILE_PHASE, NEAR_MISS_PHASE, VALID_PHASE
from ocpp_sansio.cli.fuzz.referee import Finding, Tally
from ocpp_sansio.cli.fuzz.search import Hunt
from ocpp_sansio.cli.junit import Case, Failure, write_suite
from ocpp_sansio.core import LIMIT, plain, write_json

__all__ = ["Progress", "as_json_lines", "shown", "write_junit", "write_report"]

MAX_SHOWN: Final = 400
"""Characters of a message of ours that the report shows; a saved example has them all."""

MAX_ABOUTS: Final = 6
"""Particulars of one kind of finding that the report shows."""

SHOWN_MESSAGES: Final = 8
"""Messages of an example that the report shows, the last."""

PHASES: Final = (VALID_PHASE, NEAR_MISS_PHASE, HOSTILE_PHASE)

WHERE_IDS_ARE: Final = {
    re.compile(r"\([A-Z]-\d"): (
        "Ids in parentheses, such as (E-8), are rules: docs/reference/rules.md explains each."
    ),
    re.compile(r"\((?:OCPP 1\.6, |[A-Z]\d\d\))"): (
        "(OCPP 1.6, 5.12) is a chapter of edition 2, (F03) a use case of Part 2 of 2.x."
    ),
}
"""How a report says where the ids in it can be looked up."""


class Progress:
    """A line on the terminal that says how far a hunt is; silent where there is no terminal."""

    def __init__(self, count: int) -> None:
        """Begin; `count` cases are to be played."""
        self._count = count
        self._is_shown = sys.stderr.isatty()

    def show(self, hunt: Hunt, phase: str) -> None:
        """Say how many cases were played, how fast, and how long the rest will take."""
        if not self._is_shown:
            return
        number = hunt.played.total()
        done = round(30 * number / self._count)
        rate = number / hunt.seconds if hunt.seconds > 0 else 0.0
        left = f"{(self._count - number) / rate:.0f} s left" if rate else "…"
        found = sum(map(len, hunt.findings.values()))
        bar = "█" * done + "·" * (30 - done)
        sys.stderr.write(
            f"\r{bar} {number}/{self._count} {phase}, {rate:.0f}/s, {left}, findings: {found} \x1b[K"
        )
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")


def shown(data: bytes, limit: int = LIMIT) -> str:
    """Return a message for people: escaped, and cut."""
    text = plain(data, limit)
    return f"{text} ({len(data):,} bytes)" if len(data) > limit else text


# --- for people -----------------------------------------------------------------------------------


def write_report(hunt: Hunt, commands: Mapping[str, str]) -> None:
    """Write the report; `commands` says by kind how to play a saved example again."""
    out = sys.stdout
    played = ", ".join(f"{hunt.played[phase]} {phase}" for phase in PHASES)
    version, role = hunt.match.version, hunt.match.role
    out.write(f"Fuzzed {hunt.address} as a {role} of {version.value}, seed {hunt.seed}.\n")
    out.write(f"Cases: {played}; {hunt.seconds:.1f} s. {hunt.end}".rstrip() + "\n")
    keeping = [f"{count} {what}" for what, count in sorted(hunt.match.housekeeping.items())]
    if keeping:
        out.write(f"Beside them, to keep house: {', '.join(keeping)}.\n")
    _write_table(hunt)
    if not hunt.findings:
        out.write("Nothing came back that the rules do not allow.\n")
        return
    for is_forbidden in (True, False):
        kinds = [
            kind for kind, found in hunt.findings.items() if found[0].is_forbidden is is_forbidden
        ]
        if kinds and not is_forbidden:
            out.write("\nSuspicious, though no rule forbids it:\n")
        for kind in kinds:
            _write_finding(_number_of(hunt, kind), kind, hunt, commands.get(kind))
    hints = [hint for ids, hint in WHERE_IDS_ARE.items() if any(map(ids.search, hunt.findings))]
    if hints:
        out.write("\n" + "".join(f"{hint}\n" for hint in hints))


def _write_table(hunt: Hunt) -> None:
    rows = sorted(hunt.match.tallies.items(), key=lambda row: (row[0] in PHASES, row[0]))
    if not rows:
        return
    sys.stdout.write(f"\n{'':<34}{'tried':>7}{'accepted':>10}{'refused':>9}{'unanswered':>12}\n")
    for name, tally in rows:
        sys.stdout.write(
            f"  {name:<32}{tally.tried:>7}{tally.accepted:>10}{tally.refused:>9}{tally.unanswered:>12}\n"
        )
    sys.stdout.write("\n")


def _number_of(hunt: Hunt, kind: str) -> int:
    return list(hunt.findings).index(kind) + 1


def _write_finding(number: int, kind: str, hunt: Hunt, command: str | None) -> None:
    out, example, found = sys.stdout, hunt.examples[kind], hunt.findings[kind]
    out.write(f"\n{number}. It {kind}. Seen: {len(found)}.\n")
    # What has several things wrong may name some that are not at fault: the example is sure.
    others = [finding for finding in found if "; " not in finding.case.what]
    firsts = {finding.case.phase: finding for finding in reversed(others)}
    abouts = [finding.about for finding in (example, *firsts.values(), *others)]
    for about in list(dict.fromkeys(abouts))[:MAX_ABOUTS]:
        out.write(f"   - {plain(about, MAX_SHOWN)}\n")
    out.write("   The smallest example:\n")
    for is_ours, data in example.exchange[-SHOWN_MESSAGES:]:
        text = shown(data, MAX_SHOWN) if is_ours else shown(data)
        out.write(f"   {'>' if is_ours else '<'} {text}\n")
    if command:
        out.write(f"   Again: {command}\n")


# --- for programs ---------------------------------------------------------------------------------


def as_json_lines(hunt: Hunt) -> list[str]:
    """Return one JSON object for each kind of finding, and one that sums up."""
    lines = [
        {
            "what": "finding",
            "kind": kind,
            "about": plain(hunt.examples[kind].about, MAX_SHOWN),
            "forbidden": found[0].is_forbidden,
            "seen": len(found),
            "action": found[0].case.action,
            "example": [
                {"what": "sent" if is_ours else "received", "data": plain(data, 1_000_000)}
                for is_ours, data in hunt.examples[kind].exchange
            ],
        }
        for kind, found in hunt.findings.items()
    ]
    actions = {name: _counts(tally) for name, tally in sorted(hunt.match.tallies.items())}
    summary = {
        "what": "summary",
        "peer": hunt.address,
        "version": hunt.match.version.value,
        "role": str(hunt.match.role),
        "seed": hunt.seed,
        "cases": {phase: hunt.played[phase] for phase in PHASES},
        "housekeeping": dict(hunt.match.housekeeping),
        "actions": actions,
        "seconds": round(hunt.seconds, 3),
        "end": hunt.end,
    }
    return [write_json(line).decode() for line in [*lines, summary]]


def _counts(tally: Tally) -> dict[str, int]:
    return {
        "tried": tally.tried,
        "accepted": tally.accepted,
        "refused": tally.refused,
        "unanswered": tally.unanswered,
    }


def write_junit(hunt: Hunt, path: Path) -> None:
    """Write JUnit's XML: a test case for each action, with a failure for each kind of finding about it."""
    name = f"fuzz {hunt.match.version.value} {hunt.match.role}"
    by_action: dict[str, list[tuple[str, Finding]]] = {}
    for kind in hunt.findings:
        example = hunt.examples[kind]
        by_action.setdefault(example.case.action or example.case.phase, []).append((kind, example))
    names = sorted(hunt.match.tallies.keys() | by_action.keys())
    cases = [_case_of(action, by_action.get(action, [])) for action in names]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_suite(name, cases, classname=name, seconds=hunt.seconds))


def _case_of(action: str, found: list[tuple[str, Finding]]) -> Case:
    """Return an action's test case: failed by all that is forbidden, what is suspicious as its output."""
    forbidden = [(kind, example) for kind, example in found if example.is_forbidden]
    suspicious = [_text_of(kind, example) for kind, example in found if not example.is_forbidden]
    message = plain("; ".join(f"It {kind}" for kind, _ in forbidden), MAX_SHOWN)
    text = "\n\n".join(_text_of(kind, example) for kind, example in forbidden)
    return Case(
        action,
        Failure(message, text) if forbidden else None,
        "\n\n".join(suspicious) if suspicious else None,
    )


def _text_of(kind: str, example: Finding) -> str:
    lines = [f"It {kind}.", plain(example.about, MAX_SHOWN)]
    lines += [f"{'>' if ours else '<'} {shown(data, MAX_SHOWN)}" for ours, data in example.exchange]
    return "\n".join(lines)
