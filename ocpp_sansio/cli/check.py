"""Read a wire log and report every violation, with line, path, rule and what would be right.

A log has one message a line: bare frames, the lines of `demo --json`, or those of `testing.Recorder`.
Exit code: 0 if all is well, 1 if a rule is broken, 2 if there is nothing to check.
"""

import argparse
import re
import sys
from base64 import b64decode
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import attrs
import msgspec

from ocpp_sansio.core import (
    DEFAULT_ERROR_CODES,
    DESCRIPTION_MAX_LENGTH,
    UNREADABLE,
    CallResultRejected,
    Config,
    Connection,
    Direction,
    ErrorCode,
    LocalProtocolError,
    ProtocolViolated,
    Request,
    Role,
    Rule,
    Version,
    Violation,
    catalog,
    is_beyond,
    plain,
    quote,
    read_json,
    write_json,
)
from ocpp_sansio.testing import minimal

__all__ = [
    "LIBRARY_BUG",
    "Checker",
    "Problem",
    "Report",
    "Sighting",
    "add_arguments",
    "check_lines",
    "run",
]

CALL, RESULT, ERROR, RESULT_ERROR = 2, 3, 4, 5

TIMEOUT: Final = 30.0
"""Seconds after which an unanswered call of a log with times no longer forbids the next one (S-9, S-10)."""

LIBRARY_BUG: Final = "library_bug"
"""The rule of a problem that is not the log's: the message made this library fail."""


@attrs.frozen
class Sighting:
    """One message in a log."""

    line: int
    data: bytes
    sender: Role | None = None
    """None where the log does not say."""
    time: float | None = None
    """Seconds; None where the log does not say."""


@attrs.frozen
class Problem:
    """One broken rule."""

    line: int
    path: str
    """In the payload, or in the frame for the rules of frames, as `Violation.path`."""
    rule: str
    """A `Rule`, or "error_code" (E-1), "description_length" (E-5) or `LIBRARY_BUG`."""
    expected: str
    """What would be right."""
    code: str
    """The error code that answers it, as the version spells it."""
    message: str
    """The beginning of the message."""


# --- the command ---------------------------------------------------------------------------------


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `check`."""
    parser.add_argument("file", metavar="FILE", help='the log; "-" is standard input')
    parser.add_argument(
        "--ocpp",
        metavar="VERSION",
        type=_version,
        help="1.6, 2.0.1 or 2.1, where the log does not say; otherwise the best guess",
    )
    parser.add_argument(
        "--from",
        dest="sender",
        type=Role,
        choices=list(Role),
        metavar="ROLE",
        help="who sent the messages of which the log does not say it: station or csms",
    )
    parser.add_argument(
        "--vendor-action",
        action="append",
        default=[],
        metavar="NAME",
        help='an action outside the catalogue that is all right; "*" for any; repeatable',
    )
    parser.add_argument("--json", action="store_true", help="one JSON object for each violation")


def run(options: argparse.Namespace) -> int:
    """Check one log; return the exit code."""
    name = "<stdin>" if options.file == "-" else options.file
    try:
        data = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
    except OSError as error:
        return _unusable(f"{name}: {error.strerror}")
    config = Config(vendor_actions=options.vendor_action)
    report = check_lines(
        data.splitlines(), version=options.ocpp, sender=options.sender, config=config
    )
    if not report.messages:
        return _unusable(f"{name}: there is no message in it")
    for problem in report.problems:
        _say(_as_json(problem) if options.json else _as_text(problem, name))
    if not options.json:
        guess = f", taken for {report.guess.value} (say --ocpp to choose)" if report.guess else ""
        _say(f"messages: {report.messages}, violations: {len(report.problems)}{guess}")
    return 1 if report.problems else 0


def _as_json(problem: Problem) -> str:
    return msgspec.json.encode(attrs.asdict(problem)).decode()


def _as_text(problem: Problem, name: str) -> str:
    return (
        f"{name}:{problem.line}: {problem.path}: expected {problem.expected} "
        f"({problem.rule}, {problem.code})\n    {problem.message}"
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _version(text: str) -> Version:
    try:
        return Version.parse(text if text.startswith("ocpp") else f"ocpp{text}")
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _unusable(complaint: str) -> int:
    sys.stderr.write(f"check: {complaint}\n")
    return 2


# --- a whole log -----------------------------------------------------------------------------------


@attrs.define
class Report:
    """What was found in a log."""

    problems: list[Problem] = attrs.field(factory=list)
    """In the order of the lines."""
    messages: int = 0
    """How many messages there were."""
    guess: Version | None = None
    """The version that was assumed, if nobody said."""


def check_lines(
    lines: Iterable[bytes],
    *,
    version: Version | None = None,
    sender: Role | None = None,
    config: Config | None = None,
) -> Report:
    """Check the lines of a log; `version` and `sender` hold where the log itself does not say."""
    known, config = list(lines), config or Config()
    if version is not None or _says_version(known):
        return _check(known, version or Version.OCPP16, sender, config)
    reports = {guess: _check(known, guess, sender, config) for guess in Version}
    best = min(reports, key=lambda guess: len(reports[guess].problems))
    reports[best].guess = best
    return reports[best]


def _says_version(lines: Iterable[bytes]) -> bool:
    reader = _Reader(None)
    for number, line in enumerate(lines, 1):
        reader.read(number, line)
        if reader.version is not None:
            return True
    return False


def _check(lines: Iterable[bytes], version: Version, sender: Role | None, config: Config) -> Report:
    report, reader, checker = Report(), _Reader(sender), Checker(version, config=config)
    for number, line in enumerate(lines, 1):
        sighting = reader.read(number, line)
        if reader.take_new_connection(checker.version):
            checker = Checker(reader.version or version, config=config)
        if sighting:
            report.messages += 1
            report.problems += checker.check(sighting)
    return report


class _Reader:
    """Makes sightings out of lines, whoever wrote them."""

    def __init__(self, sender: Role | None) -> None:
        self.version: Version | None = None
        """What the log said last."""
        self._default_sender = sender
        self._role: Role | None = None  # whose recording it is
        self._is_new = False

    def read(self, number: int, line: bytes) -> Sighting | None:
        """Return the message in a line, if there is one."""
        text = line.strip()
        if not text:
            return None
        entry = _decoded(text)
        if not isinstance(entry, dict) or not {"what", "frame"} & {*entry}:
            return Sighting(number, text, self._default_sender)
        if "what" in entry:
            return self._read_recorded(number, entry)
        return self._read_demo(number, entry, text)

    def take_new_connection(self, version: Version) -> bool:
        """Whether the last line began a connection of its own, after one of `version`."""
        was_new, self._is_new = self._is_new, False
        return was_new or (self.version is not None and self.version is not version)

    def _read_demo(self, number: int, entry: dict[str, Any], text: bytes) -> Sighting:
        self._note_version(entry.get("version"))
        frame = msgspec.json.decode(text, type=_Framed).frame  # byte for byte
        sender = str(entry.get("direction", "")).partition("->")[0]
        known = Role(sender) if sender in set(Role) else self._default_sender
        return Sighting(number, bytes(frame), known, _seconds(entry))

    def _read_recorded(self, number: int, entry: dict[str, Any]) -> Sighting | None:
        what = entry["what"]
        if what == "made" and entry.get("role") in [*Role]:
            self._role = Role(entry["role"])
        elif what == "connected":
            self._note_version(entry.get("version"))
            self._is_new = True
        if what not in ("received", "sent"):
            return None
        sender = self._role
        if self._role and what == "received":
            sender = _other(self._role)
        return Sighting(number, _body(entry), sender or self._default_sender, _seconds(entry))

    def _note_version(self, label: object) -> None:
        try:
            self.version = Version.parse(str(label))
        except ValueError:
            return


class _Framed(msgspec.Struct):
    frame: msgspec.Raw


def _decoded(text: bytes) -> Any:
    try:
        return read_json(text)
    except UNREADABLE:
        return None


def _body(entry: dict[str, Any]) -> bytes:
    data = entry.get("data")
    if isinstance(data, str):
        return data.encode()
    try:
        return b64decode(str(entry.get("base64", "")))
    except ValueError:
        return b""  # which is no JSON, and told as such


def _seconds(entry: dict[str, Any]) -> float | None:
    time = entry.get("time")
    return float(time) if isinstance(time, int | Decimal) and not is_beyond(time) else None


def _other(role: Role) -> Role:
    return Role.CSMS if role is Role.STATION else Role.STATION


_HEAD_OF_A_CALL = re.compile(rb'\s*\[\s*2\s*,\s*"([ !#-\[\]-~]{1,1024})"\s*,')


# --- one connection --------------------------------------------------------------------------------


@attrs.frozen
class _Open:
    """A call that waits for its answer."""

    action: str
    time: float | None


class Checker:
    """Judges the messages of one connection, in their order. Keeps nothing but the calls that are open."""

    def __init__(self, version: Version, *, config: Config | None = None) -> None:
        self.version = version
        """The version whose rules hold."""
        self._config = config or Config()
        self._open: dict[Role, dict[str, _Open]] = {role: {} for role in Role}

    def check(self, sighting: Sighting) -> list[Problem]:
        """Return what is wrong with the next message. Never raises: a bug of ours is a problem, too."""
        try:
            return self._check(sighting)
        except Exception as error:  # noqa: BLE001 - loud, but no reason not to check what comes after it
            expected = f"no {type(error).__name__}; this is a bug of ocpp_sansio, please report it"
            return [self._problem(sighting, "$", LIBRARY_BUG, expected)]

    def _check(self, sighting: Sighting) -> list[Problem]:
        elements = _decoded(sighting.data)
        elements = elements if isinstance(elements, list) and elements else [None]
        kind = elements[0] if type(elements[0]) is int else None
        message_id = elements[1] if len(elements) > 1 and isinstance(elements[1], str) else None
        sender = sighting.sender or self._guess_sender(kind, message_id, elements)
        if kind in {RESULT, ERROR}:
            return self._check_response(sighting, sender, kind, message_id)
        problems = self._judge(sighting, Connection(_other(sender), config=self._config))
        if kind is None:
            self._open_unreadable(sighting, sender)
        if kind == CALL and message_id is not None:
            problems += self._check_turn(sighting, sender, message_id)
            action = elements[2] if len(elements) > 2 else None  # noqa: PLR2004  # F-2
            self._open[sender][message_id] = _Open(str(action), sighting.time)
        if kind == RESULT_ERROR:
            problems += self._check_error_fields(sighting, elements)
        return problems

    def _open_unreadable(self, sighting: Sighting, sender: Role) -> None:
        """Expect an answer to a call of which no more than the head can be read."""
        head = _HEAD_OF_A_CALL.match(sighting.data)
        if head:
            self._open[sender][head[1].decode()] = _Open("", sighting.time)

    def _guess_sender(self, kind: Any, message_id: str | None, elements: list[Any]) -> Role:
        if kind in {RESULT, ERROR, RESULT_ERROR}:
            asked_by_csms = message_id in self._open[Role.CSMS]
            return Role.STATION if asked_by_csms else Role.CSMS
        name = elements[2] if len(elements) > 2 else None  # noqa: PLR2004  # F-2
        action = catalog(self.version).get(name) if isinstance(name, str) else None
        if action and action.direction is Direction.CSMS_TO_STATION:
            return Role.CSMS
        return Role.STATION

    def _check_turn(self, sighting: Sighting, sender: Role, message_id: str) -> list[Problem]:
        """Check that a call comes when its sender may call (S-1, I-7)."""
        waiting = self._open[sender]
        if sighting.time is not None:
            for key, call in list(waiting.items()):
                if call.time is not None and sighting.time - call.time >= TIMEOUT:
                    del waiting[key]
        if message_id in waiting:
            expected = "an id that no unanswered call has"  # I-7
            return [self._problem(sighting, "$[1]", Rule.DUPLICATE_ID, expected)]
        if waiting:
            # S-1
            expected = f"one unanswered call at a time, and {quote(next(iter(waiting)), 40)} is"
            return [self._problem(sighting, "$", Rule.OVERLAPPING_CALL, expected)]
        return []

    def _check_response(
        self, sighting: Sighting, sender: Role, kind: int, message_id: str | None
    ) -> list[Problem]:
        caller = _other(sender)
        call = self._open[caller].pop(message_id, None) if message_id is not None else None
        connection = Connection(caller, config=self._config)
        if call is None or message_id is None:
            return self._judge(sighting, connection)
        problems = self._judge(sighting, connection, answered=call.action, message_id=message_id)
        if kind == ERROR and not problems:
            return self._check_error_fields(sighting, _decoded(sighting.data))
        return problems

    def _judge(
        self,
        sighting: Sighting,
        connection: Connection,
        *,
        answered: str | None = None,
        message_id: str = "",
    ) -> list[Problem]:
        """Let a connection receive the message, having made the call first that it answers, if any."""
        connection.connected(self.version, now=0)
        data, is_typed = sighting.data, False
        if answered is not None:
            action = catalog(self.version).get(answered)
            request: Any = action.request if action else None
            is_typed = action is not None and action.direction in connection.role.sends
            is_typed = is_typed and issubclass(request, Request)
            # Of an action that is nobody's, only the frame of its answer can be judged.
            call: Any = minimal(
                request if is_typed else catalog(self.version)["DataTransfer"].request
            )
            try:
                connection.send_call(call, now=0, message_id=message_id)
            except LocalProtocolError:  # an id that we would never send, told when it was sent
                connection.send_call(call, now=0, message_id="1")
                kind, _, *rest = read_json(data)
                data = write_json([kind, "1", *rest])
        connection.received(data, now=0)
        violations: list[Violation] = []
        for event in connection.events():
            if isinstance(event, ProtocolViolated):
                violations += event.error.violations
            elif isinstance(event, CallResultRejected):
                frame_is_bad = event.violations[0].rule is Rule.FRAME
                violations += event.violations if is_typed or frame_is_bad else ()
        return [
            self._problem(sighting, violation.path, violation.rule, violation.expected)
            for violation in violations
        ]

    def _check_error_fields(self, sighting: Sighting, elements: list[Any]) -> list[Problem]:
        """Check what a receiver is liberal about: the spelling of the code, the length of the text."""
        if len(elements) != 5:  # noqa: PLR2004  # F-4, F-5; told already
            return []
        code, description = elements[2], elements[3]
        codes = sorted({known.as_wire(self.version) for known in ErrorCode})
        problems = []
        if code not in codes:
            expected = f"one of {', '.join(codes)}"  # E-1, E-2
            problems.append(self._problem(sighting, "$[2]", "error_code", expected))
        if isinstance(description, str) and len(description) > DESCRIPTION_MAX_LENGTH:
            expected = f"at most {DESCRIPTION_MAX_LENGTH} characters"  # E-5
            problems.append(self._problem(sighting, "$[3]", "description_length", expected))
        return problems

    def _problem(self, sighting: Sighting, path: str, rule: Rule | str, expected: str) -> Problem:
        code = ErrorCode.GENERIC_ERROR
        if rule == LIBRARY_BUG:
            code = ErrorCode.INTERNAL_ERROR
        elif isinstance(rule, Rule):
            code = DEFAULT_ERROR_CODES[self.version][rule]
        spelled = code.as_wire(self.version)
        return Problem(sighting.line, path, str(rule), expected, spelled, plain(sighting.data))
