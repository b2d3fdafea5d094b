"""The hunt: play all cases, make an example of each kind of finding, and tell of it."""

import argparse
import re
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Final

import attrs
import msgspec

from ocpp_sansio.cli.fuzz.cases import (
    HOSTILE_PHASE,
    NEAR_MISS_PHASE,
    VALID_PHASE,
    Case,
    actions_of,
    cases,
)
from ocpp_sansio.cli.fuzz.referee import Finding, Referee
from ocpp_sansio.cli.fuzz.wire import Dialer, Gone, Listener, Unreachable, host_of, is_loopback
from ocpp_sansio.core import LIMIT, Role, Version, plain

__all__ = ["run_hunt"]

MAX_TRIES: Final = 24
"""Fresh connections that are spent on making one finding's example smaller."""

MAX_SHOWN: Final = 400
"""Characters of a message of ours that the report shows; a saved example has them all."""

MAX_DEATHS: Final = 10
"""Times in a row that the peer may hang up on a case before it is left alone."""


def run_hunt(options: argparse.Namespace) -> int:
    """Fuzz the peer that the options name, or send it one example again; return the exit code."""
    try:
        example = _read_example(options.replay) if options.replay else None
        with _opener(options) as opener:
            if example is not None:
                return _replay(opener, example, options)
            return _fuzz(opener, options)
    except (Unreachable, ValueError, OSError) as error:
        sys.stderr.write(f"fuzz: {error}\n")
        return 2


@contextmanager
def _opener(options: argparse.Namespace) -> Iterator[Dialer | Listener]:
    """Yield what opens connections to the peer; raises ValueError for options that make no sense."""
    if (options.url is None) == (options.listen is None):
        raise ValueError("either a URL or --listen HOST:PORT, and not both")
    versions = options.ocpp or [Version.OCPP21, Version.OCPP201, Version.OCPP16]
    if options.url is not None:
        _allow(host_of(options.url), options)
        yield Dialer(options.url, versions, _headers(options))
        return
    host, _, port = options.listen.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdigit():
        raise ValueError(f"not HOST:PORT: {options.listen!r}")
    _allow(host, options)
    listener = Listener(options.listen, versions)
    with listener.listening(host, int(port)) as actual:
        listener.address = f"{host}:{actual}"
        sys.stderr.write(f"fuzz: waiting for a station at ws://{host}:{actual}\n")
        yield listener


def _allow(host: str, options: argparse.Namespace) -> None:
    if not is_loopback(host) and not options.i_own_this_host:
        raise ValueError(
            f"{host} is not this machine; say --i-own-this-host if you may do this to it"
        )


def _headers(options: argparse.Namespace) -> dict[str, str]:
    if options.password is None:
        return {}
    identity = options.url.rstrip("/").rpartition("/")[2]
    return {
        "Authorization": "Basic " + b64encode(f"{identity}:{options.password}".encode()).decode()
    }


# --- the hunt ---------------------------------------------------------------------------------------


@attrs.define
class _Hunt:
    """What has been done and found so far."""

    version: Version
    findings: dict[str, list[Finding]] = attrs.field(factory=dict)
    """By kind."""
    played: dict[str, int] = attrs.field(factory=dict)
    """Cases by phase."""
    started: float = attrs.field(factory=monotonic)
    end: str = ""
    """Why it ended early, if it did."""


def _fuzz(opener: Dialer | Listener, options: argparse.Namespace) -> int:
    def open_referee() -> Referee:
        wire = opener.open(options.timeout)
        referee = Referee(wire, role, timeout=options.timeout, declined=declined)
        try:
            referee.boot()
        except Gone as gone:
            raise Unreachable(f"{opener.address}: hung up on BootNotification {gone}") from None
        return referee

    role = Role.STATION if isinstance(opener, Dialer) else Role.CSMS
    peer = Role.CSMS if role is Role.STATION else Role.STATION
    declined: set[str] = set()
    referee = open_referee()
    hunt = _Hunt(referee.version)
    actions = actions_of(referee.version, peer, only=options.only, skip=options.skip)
    chance = Random(options.seed)  # noqa: S311 - chance that can be repeated is the point
    script = cases(
        referee.version,
        peer,
        count=options.count,
        chance=chance,
        actions=actions,
        declined=declined,
    )
    try:
        referee = _play_all(script, referee, open_referee, hunt, options)
        examples = {
            kind: _smallest(found[0], open_referee, hunt, options)
            for kind, found in hunt.findings.items()
        }
    finally:
        referee.wire.close()
    _clear_progress()
    _report(hunt, examples, opener, role, options)
    return 1 if hunt.findings else 0


def _play_all(
    script: Iterator[Case],
    referee: Referee,
    reopen: Callable[[], Referee],
    hunt: _Hunt,
    options: argparse.Namespace,
) -> Referee:
    """Play cases until there are no more, or time is up; returns the referee of the last connection."""
    deaths = 0
    for number, case in enumerate(script):
        elapsed = monotonic() - hunt.started
        if elapsed >= options.seconds:
            hunt.end = f"Stopped after --seconds {options.seconds:g}."
            break
        sleep(max(number / options.rate - elapsed, 0))
        _show_progress(number, case.phase, hunt, options)
        hunt.played[case.phase] = hunt.played.get(case.phase, 0) + 1
        try:
            found = referee.play(case)
        except Gone as gone:  # it went after the case before had been judged
            referee.is_over = True
            found = [Finding("closed the connection", f"between two cases, {gone}", (), (), case)]
        for finding in found:
            hunt.findings.setdefault(finding.kind, []).append(finding)
        if not referee.is_over:
            deaths = 0
            continue
        deaths += 1
        if deaths >= MAX_DEATHS:
            hunt.end = f"Stopped: the peer hung up, or fell silent, {deaths} times in a row."
            break
        referee.wire.close()
        try:
            referee = reopen()
        except Unreachable as error:
            hunt.end = f"Stopped: the peer did not come back ({error})."
            break
    return referee


def _smallest(
    finding: Finding, reopen: Callable[[], Referee], hunt: _Hunt, options: argparse.Namespace
) -> Finding:
    """Return the same kind of finding from as little as reproduces it, each try on a fresh connection."""
    best = finding
    for tries, data in enumerate(_smaller(finding)):
        if tries >= MAX_TRIES or monotonic() - hunt.started >= options.seconds:
            break
        if len(data) >= len(best.case.data) and len(best.sent) == 1:
            continue
        again = _try(attrs.evolve(finding.case, data=data), finding.kind, reopen)
        if again:
            best = attrs.evolve(again, sent=(data,))
    return best


def _smaller(finding: Finding) -> Iterator[bytes]:
    """Yield what to try: the case alone, then with ever more of its end or its middle gone."""
    data = finding.case.data
    yield data
    if finding.case.phase != HOSTILE_PHASE or finding.case.reply_to is not None:
        return  # made from the smallest payload, and a call must stay the call that it is
    for share in (2, 4, 8, 16, 32, 64, 128, 256):
        kept = len(data) // share
        if kept:
            yield data[:kept]
            yield data[: kept // 2] + data[len(data) - kept // 2 :]


def _try(case: Case, kind: str, reopen: Callable[[], Referee]) -> Finding | None:
    try:
        referee = reopen()
    except Unreachable:
        return None
    try:
        found = referee.play(case)
    except Gone:
        return None
    finally:
        referee.wire.close()
    return next((finding for finding in found if finding.kind == kind), None)


# --- what is told --------------------------------------------------------------------------------------


RULE_ID: Final = re.compile(r"\([A-Z]-\d")
WHERE_RULES_ARE: Final = (
    "Ids in parentheses, such as (E-8), are rules: docs/reference/rules.md explains each."
)
"""How a report says where the ids can be looked up."""


def _show_progress(number: int, phase: str, hunt: _Hunt, options: argparse.Namespace) -> None:
    if not sys.stderr.isatty():
        return
    done = round(30 * number / options.count)
    bar = "█" * done + "·" * (30 - done)
    found = sum(map(len, hunt.findings.values()))
    sys.stderr.write(f"\r{bar} {number}/{options.count} {phase}, findings: {found} \x1b[K")
    sys.stderr.flush()


def _clear_progress() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")


def _report(
    hunt: _Hunt,
    examples: dict[str, Finding],
    opener: Dialer | Listener,
    role: Role,
    options: argparse.Namespace,
) -> None:
    seconds = monotonic() - hunt.started
    phases = (VALID_PHASE, NEAR_MISS_PHASE, HOSTILE_PHASE)
    played = ", ".join(f"{hunt.played.get(phase, 0)} {phase}" for phase in phases)
    out = sys.stdout
    out.write(
        f"Fuzzed {opener.address} as a {role} of {hunt.version.value}, seed {options.seed}.\n"
    )
    out.write(f"Cases: {played}; {seconds:.1f} s. {hunt.end}".rstrip() + "\n")
    if not hunt.findings:
        out.write("Nothing came back that the rules do not allow.\n")
        return
    for number, (kind, found) in enumerate(hunt.findings.items(), 1):
        example = examples[kind]
        out.write(f"\n{number}. It {kind}. Seen: {len(found)}.\n")
        for about in list(dict.fromkeys(finding.about for finding in found))[:4]:
            out.write(f"   - {plain(about, MAX_SHOWN)}\n")
        out.write("   The smallest example:\n")
        for data in example.sent[-4:]:
            out.write(f"   > {_shown(data, MAX_SHOWN)}\n")
        for data in example.received[:3]:
            out.write(f"   < {_shown(data)}\n")
        if options.save:
            path = _save(options.save, number, example)
            where = options.url or f"--listen {options.listen}"
            out.write(f"   Again: python -m ocpp_sansio fuzz {where} --replay {path}\n")
    if any(RULE_ID.search(kind) for kind in hunt.findings):
        out.write(f"\n{WHERE_RULES_ARE}\n")


def _shown(data: bytes, limit: int = LIMIT) -> str:
    text = plain(data, limit)
    return f"{text} ({len(data):,} bytes)" if len(data) > limit else text


# --- examples, saved and sent again ----------------------------------------------------------------------


def _save(folder: Path, number: int, example: Finding) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"finding-{number}.jsonl"
    lines = [{"base64": b64encode(data).decode()} for data in example.sent]
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    return path


def _read_example(path: Path) -> list[bytes]:
    """Return the messages of a saved example: bare frames, or objects with the bytes in base64."""
    messages = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if line.startswith(b"{"):
            try:
                line = b64decode(msgspec.json.decode(line)["base64"])  # noqa: PLW2901
            except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path}:{number}: not a saved message: {error!r}") from error
        messages.append(line)
    return messages


def _replay(opener: Dialer | Listener, example: list[bytes], options: argparse.Namespace) -> int:
    """Send an example, and print all that comes back until nothing more does."""
    wire = opener.open(options.timeout)
    try:
        for data in example:
            sys.stdout.write(f"> {_shown(data, MAX_SHOWN)}\n")
            wire.send(data)
        while (answer := wire.receive(options.timeout)) is not None:
            sys.stdout.write(f"< {_shown(answer)}\n")
    except Gone as gone:
        sys.stdout.write(f"The peer closed the connection {gone}.\n")
    finally:
        wire.close()
    return 0
