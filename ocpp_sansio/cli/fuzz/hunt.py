"""The command itself: which peer the options name, what is done to it, and where what was found goes."""

import argparse
import shlex
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from ocpp_sansio.cli.fuzz.cases import Case
from ocpp_sansio.cli.fuzz.referee import Finding, Match
from ocpp_sansio.cli.fuzz.report import (
    Progress,
    as_json_lines,
    shown,
    write_junit,
    write_report,
)
from ocpp_sansio.cli.fuzz.saved import Example, as_tests, lines_of, read_example, save
from ocpp_sansio.cli.fuzz.search import Bounds, Hunt, Search, play_steps
from ocpp_sansio.cli.fuzz.wire import (
    Dialer,
    Gone,
    Listener,
    Opener,
    Unreachable,
    host_of,
    is_loopback,
)
from ocpp_sansio.core import Role, Version, read_json, write_json
from ocpp_sansio.testing import Domain

__all__ = ["run_hunt"]

MAX_SHOWN: Final = 400
"""Characters of a message of ours that a replay shows."""

INTERRUPTED: Final = 130
"""What a shell reports for a process ended by Ctrl-C."""


def run_hunt(options: argparse.Namespace) -> int:
    """Fuzz the peer that the options name, or send it one example again; return the exit code."""
    try:
        example = options.replay.read_bytes() if options.replay else b""
        if options.replay:  # before anybody is called, to see that it is one
            read_example(example, str(options.replay), Version.OCPP16, Role.CSMS)
        with _opener(options) as opener:
            role = Role.STATION if isinstance(opener, Dialer) else Role.CSMS
            if options.replay:
                return _replay(opener, role, example, options)
            return _fuzz(opener, role, options)
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


def _fuzz(opener: Opener, role: Role, options: argparse.Namespace) -> int:
    progress = Progress(options.count)
    search = Search(opener, role, _bounds(options), on_progress=progress.show)
    hunt = search.run()
    progress.clear()
    commands = _save_examples(hunt, options)
    if options.json:
        sys.stdout.write("".join(f"{line}\n" for line in as_json_lines(hunt)))
    else:
        write_report(hunt, commands)
    if options.junit:
        write_junit(hunt, options.junit)
    if options.emit_test:
        _write_tests(hunt, options)
    if hunt.is_interrupted and not hunt.has_forbidden:
        return INTERRUPTED
    return 1 if hunt.has_forbidden or (options.strict and hunt.findings) else 0


def _bounds(options: argparse.Namespace) -> Bounds:
    known: dict[str, Any] = {"now": datetime.now(UTC).replace(microsecond=0)}
    if options.id_tag:
        known["id_tags"] = options.id_tag
    if options.connectors:
        known["connectors"] = options.connectors
    return Bounds(
        count=options.count,
        seconds=options.seconds,
        rate=options.rate,
        timeout=options.timeout,
        seed=options.seed,
        only=options.only,
        skip=options.skip,
        domain=Domain(**known),
    )


def _peer_arguments(options: argparse.Namespace) -> list[str]:
    """Return the arguments that name the peer again; a password is not among them."""
    return [options.url] if options.url else ["--listen", options.listen]


def _save_examples(hunt: Hunt, options: argparse.Namespace) -> Mapping[str, str]:
    """Save the examples if that was asked for; return the command that plays each again, by kind."""
    commands: dict[str, str] = {}
    if not options.save:
        return commands
    for number, kind in enumerate(hunt.findings, 1):
        path = save(options.save, number, _lines(hunt, hunt.examples[kind]))
        arguments = shlex.join([*_peer_arguments(options), "--replay", str(path)])
        commands[kind] = f"python -m ocpp_sansio fuzz {arguments}"
    return commands


def _lines(hunt: Hunt, example: Finding) -> list[str]:
    return lines_of(example, hunt.match.version, hunt.match.role)


def _write_tests(hunt: Hunt, options: argparse.Namespace) -> None:
    examples = [(kind, _lines(hunt, hunt.examples[kind])) for kind in hunt.findings]
    arguments = [*_peer_arguments(options), "--ocpp", hunt.match.version.value]
    if examples:
        options.emit_test.parent.mkdir(parents=True, exist_ok=True)
        options.emit_test.write_text(as_tests(examples, arguments), encoding="utf-8")


# --- an example again -----------------------------------------------------------------------------


def _replay(opener: Opener, role: Role, data: bytes, options: argparse.Namespace) -> int:
    """Play an example again, show what was said, and say whether the fault is still there."""
    wire = opener.open(options.timeout)
    version = wire.version
    wire.close()
    peer = role.other
    example = read_example(data, str(options.replay), version, peer)
    match = Match(version, role)
    said: list[tuple[bool, bytes]] = []
    try:
        found = play_steps(
            example.steps,
            opener,
            match,
            options.timeout,
            adapt=lambda case, exchange: _adapted(case, exchange, example),
            said=said,
        )
    except Gone as gone:
        sys.stdout.write(f"The peer closed the connection {gone}.\n")
        found = []
    for is_ours, message in said:
        text = shown(message, MAX_SHOWN) if is_ours else shown(message)
        mark = ">" if is_ours else "<"
        sys.stdout.write(f"{mark} {text}\n")
    told = [finding for finding in found if example.kind in {None, finding.kind}]
    for finding in {finding.kind: finding for finding in told}.values():
        sys.stdout.write(f"Still there: it {finding.kind}.\n")
    if told:
        return 1
    sys.stdout.write("Mended: nothing came back that should not.\n")
    return 0


def _adapted(case: Case, exchange: Sequence[tuple[bool, bytes]], example: Example) -> Case:
    """Return a saved call with the transaction ids that the peer gives this time, not those of last time."""
    ids: dict[Any, Any] = {}
    for is_ours, data in exchange:
        if is_ours or not data.startswith(b"[3,"):
            continue
        _, key, answer = [*read_json(data), None, None][:3]
        before = example.answers.get(key) if isinstance(key, str) else None
        if isinstance(before, dict) and isinstance(answer, dict) and "transactionId" in before:
            ids[before["transactionId"]] = answer.get("transactionId")
    if not ids or case.action is None:
        return case
    elements = read_json(case.data)
    return attrs.evolve(case, data=write_json(_with_ids(elements, ids)))


def _with_ids(value: Any, ids: Mapping[Any, Any]) -> Any:
    if isinstance(value, list):
        return [_with_ids(item, ids) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: ids.get(item, item)
        if name == "transactionId" and isinstance(item, int | str)
        else _with_ids(item, ids)
        for name, item in value.items()
    }
