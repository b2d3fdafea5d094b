"""A finding in a log as a pytest: it fails as long as what happened then happens."""

import json
import re
from collections.abc import Sequence
from textwrap import wrap
from typing import Final

from ocpp_sansio.cli.replay.shrinking import Entry, Symptom
from ocpp_sansio.core import (
    CallResultRejected,
    Connection,
    LocalProtocolError,
    ProtocolViolated,
    Role,
    plain,
    quote,
)
from ocpp_sansio.traces import Dialog, Mark, Record

__all__ = ["test_of"]

_LONGEST: Final = 60  # characters of what came, in the docstring


def test_of(entries: Sequence[Entry], symptom: Symptom, log: str) -> str:
    """Return the text of a test that shows the symptom with these entries of a log of that name."""
    sender = _sender_at_fault(entries, symptom)
    receiver = sender.other
    if _is_seen_by(receiver, entries, symptom):
        return _as_received(entries, symptom, log, receiver)
    return _as_judged(entries, symptom, log, sender)


def _sender_at_fault(entries: Sequence[Entry], symptom: Symptom) -> Role:
    dialog = Dialog()
    for entry in entries:
        message = dialog.read(entry) if isinstance(entry, Record) else None
        if entry.line == symptom.finding.line:
            if message:
                return message.sender
            return (entry.sender if isinstance(entry, Record) else None) or Role.STATION
    return Role.STATION


def _is_seen_by(role: Role, entries: Sequence[Entry], symptom: Symptom) -> bool:
    """Whether a `Connection` refuses the message, without anybody to judge the story."""
    connection = Connection(role, config=symptom.config)
    connection.connected(symptom.version, now=0.0)
    for told in _told(entries):
        if told[1] == role:
            message = json.loads(told[2])
            if message[0] != 2:  # noqa: PLR2004  # F-2
                return False  # what we have answered is not to be made up
            try:
                connection.send_call(message[2], message[3], now=0.0, message_id=message[1])
            except (LocalProtocolError, IndexError, TypeError):
                return False
        else:
            connection.received(told[2], now=0.0)
    seen = [e for e in connection.events() if isinstance(e, ProtocolViolated | CallResultRejected)]
    violations = [
        violation
        for event in seen
        for violation in (
            event.violations if isinstance(event, CallResultRejected) else event.error.violations
        )
    ]
    return any(violation.rule == symptom.finding.rule for violation in violations)


def _told(entries: Sequence[Entry]) -> list[tuple[float | None, str, str]]:
    """Return when, who and what, in this order; of the beginning or end of a connection, who is empty."""
    dialog = Dialog()
    told = []
    for entry in entries:
        if isinstance(entry, Mark):
            told.append((entry.when, "", "connected" if entry.is_connected else "disconnected"))
            continue
        message = dialog.read(entry)
        sender = message.sender if message else (entry.sender or Role.STATION)
        told.append((entry.when, sender.value, entry.data.decode("utf-8", "surrogateescape")))
    return told


# --- the texts -------------------------------------------------------------------------------------------


def _as_received(entries: Sequence[Entry], symptom: Symptom, log: str, role: Role) -> str:
    return _RECEIVED.format(
        **_common(entries, symptom, log), role=role.name, name=_name(symptom, "is_taken")
    )


def _as_judged(entries: Sequence[Entry], symptom: Symptom, log: str, sender: Role) -> str:
    return _JUDGED.format(
        **_common(entries, symptom, log),
        yours=sender.value,
        rule=str(symptom.finding.rule),
        timeout=symptom.timeout,
        has_zone=any(entry.has_zone for entry in entries),
        name=_name(symptom, "does_not_happen"),
    )


def _name(symptom: Symptom, end: str) -> str:
    return re.sub(r"\W+", "_", f"{symptom.finding.rule}_of_line_{symptom.finding.line}_{end}")


def _common(entries: Sequence[Entry], symptom: Symptom, log: str) -> dict[str, str]:
    finding = symptom.finding
    where = f"{_commented(log)}, line {finding.line}"
    whose = (
        "" if finding.station is None else f", of {_commented(quote(finding.station, _LONGEST))}"
    )
    return {
        "where": where + whose,
        "finding": _wrapped(f"{finding.said} ({finding.rule})"),
        "version": symptom.version.name,
        "dialog": "".join(_written(*told) for told in _told(entries)),
    }


def _written(when: float | None, who: str, what: str) -> str:
    text = what.encode("utf-8", "surrogateescape")
    shown = repr(what) if who == "" else repr(text)
    return f"    ({when!r}, {who!r}, {shown}),  # noqa: E501\n"


def _commented(text: str) -> str:
    """Return a text as it may stand in a docstring: printable, and with nothing that ends it."""
    return plain(text, 300).replace("\\", "/").replace('"""', "'''")


def _wrapped(text: str) -> str:
    return "\n    ".join(wrap(_commented(text), 100))


_RECEIVED: Final = '''"""From {where}:

    {finding}

It fails as the field did: this side refuses what the peer sends. If the peer is right, or has to be put up
with, let CONFIG say so; if the peer has been mended, put what it sends now into DIALOG.
"""

import json

from ocpp_sansio import CallResultRejected, Config, Connection, ProtocolViolated, Role, Version

VERSION = Version.{version}
ROLE = Role.{role}  # this side

# YOURS: what puts up with it, such as Config(validation="lenient").
CONFIG = Config()

# When, who, what.
DIALOG = [
{dialog}]


def test_{name}() -> None:
    connection = Connection(ROLE, config=CONFIG)
    connection.connected(VERSION, now=0.0)
    refused = []
    for _, who, text in DIALOG:
        if who == ROLE:
            _, message_id, action, payload = json.loads(text)
            connection.send_call(action, payload, now=0.0, message_id=message_id)
        else:
            connection.received(text, now=0.0)
        for event in connection.events():
            if isinstance(event, ProtocolViolated):
                refused += event.error.violations
            elif isinstance(event, CallResultRejected):
                refused += event.violations
    assert not refused
'''

_JUDGED: Final = '''"""From {where}:

    {finding}

It fails as the field did: what is in DIALOG is said, and judged. Let `answer` call your own code, and put
into DIALOG what your side says of its own accord now; it passes once the finding is gone.
"""

import json
from typing import Any

from ocpp_sansio import Role, Version
from ocpp_sansio.traces import Mark, Record, TraceJudge

VERSION = Version.{version}
RULE = "{rule}"
YOURS = Role("{yours}")  # the side that was at fault
HAS_ZONE = {has_zone}  # whether the times below count from 1970 in UTC

# When, who, what; where nobody is named, a connection began or ended.
DIALOG: list[tuple[float | None, str, Any]] = [
{dialog}]


def answer(action: str, payload: Any, then: Any) -> Any:  # noqa: ARG001
    """Return what your side answers. YOURS: call your handler here; `then` is what it answered then."""
    return then


def test_{name}() -> None:
    judge = TraceJudge(version=VERSION, timeout={timeout!r})
    calls: dict[str, Any] = {{}}
    found = []
    for line, (when, who, text) in enumerate(DIALOG, 1):
        about: Any = {{"when": when, "version": VERSION, "has_zone": HAS_ZONE}}
        if who:
            entry: Any = Record(line, say(who, text, calls), sender=Role(who), **about)
        else:
            entry = Mark(line, text == "connected", **about)
        found += [finding for each in judge.judge(entry) for finding in each.findings]
    found += judge.finish()
    assert not [f"{{each.path}}: expected {{each.expected}}" for each in found if each.rule == RULE]


def say(who: str, text: bytes, calls: dict[str, Any]) -> bytes:
    """Return what is said now: the answers of your side are its own."""
    try:
        message = json.loads(text)
    except ValueError:
        return text
    if message[0] == 2:
        calls[message[1]] = message[2:4]
    elif message[0] == 3 and who == YOURS and message[1] in calls:
        action, payload = calls[message[1]]
        return json.dumps([3, message[1], answer(action, payload, message[2])]).encode()
    return text
'''
