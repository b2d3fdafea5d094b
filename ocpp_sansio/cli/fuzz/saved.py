"""Examples in files: saved in clear text, played again, made into tests.

A file has one JSON object a line, as a `Recorder` writes them, so that `check` reads it: first what was
found, then each connection with what was sent and received on it.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import msgspec

from ocpp_sansio.cli.fuzz.cases import HOSTILE_PHASE, NEAR_MISS_PHASE, VALID_PHASE, Case
from ocpp_sansio.cli.fuzz.referee import LINE_GONE, Finding
from ocpp_sansio.core import (
    DEFAULT_ERROR_CODES,
    UNREADABLE,
    Connection,
    ErrorCode,
    ProtocolViolated,
    Role,
    Rule,
    Version,
    read_json,
    write_json,
)
from ocpp_sansio.testing import CutStep, ListenStep

__all__ = ["Example", "as_tests", "lines_of", "read_example", "save"]


@attrs.frozen
class Example:
    """A saved example."""

    kind: str | None
    """What was found; None if the file does not say."""
    steps: tuple[Case | ListenStep | CutStep, ...]
    """What to send, in order, what to wait for, and where the line went."""
    answers: dict[str, Any]
    """What came back at the time, by the id of the call."""


def lines_of(example: Finding, version: Version, role: Role) -> list[str]:
    """Return an example as the lines of its file; `role` is ours."""
    lines: list[dict[str, Any]] = [
        {
            "what": "finding",
            "kind": example.kind,
            "about": example.about,
            "forbidden": example.is_forbidden,
        },
        {"what": "made", "role": str(role)},
        {"what": "connected", "version": version.value},
    ]
    cases = {example.case.data: example.case}
    for is_ours, data in example.exchange:
        if data is LINE_GONE:
            lines += [{"what": "disconnected"}, {"what": "connected", "version": version.value}]
            continue
        line: dict[str, Any] = {"what": "sent" if is_ours else "received"} | _packed(data)
        case = cases.get(data)
        if is_ours and case is not None and case.phase == HOSTILE_PHASE:
            line |= {"reply_to": case.reply_to, "code": case.code, "response": case.is_response}
        lines.append(line)
    return [json.dumps(json.loads(write_json(line))) for line in lines]


def _packed(data: bytes) -> dict[str, str]:
    try:
        return {"data": data.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}


def save(folder: Path, number: int, lines: Sequence[str]) -> Path:
    """Write an example's lines into a file of its own, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"finding-{number}.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def read_example(data: bytes, name: str, version: Version, receiver: Role) -> Example:
    """Return a saved example, or one of bare frames; raises ValueError that names the file and the line."""
    kind: str | None = None
    steps: list[Case | ListenStep | CutStep] = []
    answers: dict[str, Any] = {}
    for number, line in enumerate(data.splitlines(), 1):
        entry = _entry(line, f"{name}:{number}")
        if not isinstance(entry, dict):
            if line.strip():
                steps.append(_case(line.strip(), version, receiver, {}))
            continue
        match entry.get("what"):
            case "finding" if isinstance(entry.get("kind"), str):
                kind = entry["kind"]
            case "disconnected":
                steps.append(CutStep(0))
            case "sent" if not _is_answer(sent := _data(entry, f"{name}:{number}"), entry):
                steps.append(_case(sent, version, receiver, entry))
            case "received":
                elements = _elements(_data(entry, f"{name}:{number}"))
                if len(elements) == 4 and isinstance(elements[2], str):  # noqa: PLR2004  # CALL (F-2)
                    steps.append(ListenStep(elements[2]))
                elif len(elements) == 3 and isinstance(elements[1], str):  # noqa: PLR2004  # CALLRESULT (F-3)
                    answers[elements[1]] = elements[2]
            case "made" | "connected" | "sent":
                pass
            case _:
                raise ValueError(f"{name}:{number}: not a saved message: {line[:60]!r}")
    if not any(isinstance(step, Case) for step in steps):
        raise ValueError(f"{name}: there is no message in it to send")
    return Example(kind, tuple(steps), answers)


def _entry(line: bytes, place: str) -> Any:
    if not line.lstrip().startswith(b"{"):
        return None  # a frame, or anything that is none
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{place}: not a saved message: {error}") from error


def _data(entry: dict[str, Any], place: str) -> bytes:
    try:
        return entry["data"].encode() if "data" in entry else b64decode(entry["base64"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{place}: not a saved message: {error!r}") from error


def _is_answer(data: bytes, entry: dict[str, Any]) -> bool:
    """Whether it is an answer of ours to a call of the peer's: those are given anew."""
    return data[:2] == b"[3" and "response" not in entry


def _case(data: bytes, version: Version, receiver: Role, entry: dict[str, Any]) -> Case:
    """Return a message as a case, and what is due to it by the rules, where the file does not say."""
    if "response" in entry:
        code = ErrorCode.parse(entry["code"]) if entry.get("code") else None
        return Case(
            HOSTILE_PHASE, "saved", data, None, entry.get("reply_to"), code, bool(entry["response"])
        )
    elements = _elements(data)
    is_call = len(elements) == 4 and elements[0] == 2 and isinstance(elements[1], str)  # noqa: PLR2004  # F-2
    if not is_call or not isinstance(elements[2], str):
        return Case(HOSTILE_PHASE, "saved", data, None, None, None, data[:2] in {b"[3", b"[4"})
    rule = _broken_rule(data, version, receiver)
    code = DEFAULT_ERROR_CODES[version][rule] if rule else None
    phase = VALID_PHASE if rule is None else NEAR_MISS_PHASE
    return Case(phase, elements[2], data, elements[2], elements[1], code)


def _elements(data: bytes) -> list[Any]:
    try:
        value = read_json(data)
    except UNREADABLE:
        return []
    return value if isinstance(value, list) else []


def _broken_rule(data: bytes, version: Version, receiver: Role) -> Rule | None:
    connection = Connection(receiver)
    connection.connected(version, now=0)
    connection.received(data, now=0)
    broken = (
        event.error.violations[0].rule
        for event in connection.events()
        if isinstance(event, ProtocolViolated)
    )
    return next(broken, None)


def as_tests(examples: Iterable[tuple[str, Sequence[str]]], arguments: Sequence[str]) -> str:
    """Return the text of a pytest module that plays each example again; `arguments` name the peer."""
    blocks = [_HEAD.format(arguments=list(arguments))]
    for number, (kind, lines) in enumerate(examples, 1):
        body = "".join(f"    {line!r},\n" for line in lines)
        blocks.append(_TEST.format(number=number, kind=_as_comment(kind), body=body))
    return "\n\n".join(blocks)


def _as_comment(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)


_HEAD: Final = '''"""Found by `python -m ocpp_sansio fuzz`: each of these fails until the peer is mended."""

import os
import shlex
from pathlib import Path

from ocpp_sansio.__main__ import main

PEER = shlex.split(os.environ.get("FUZZED_PEER", "")) or {arguments!r}
"""Where the peer is: the arguments of `fuzz`, or those in the environment variable FUZZED_PEER."""


def is_mended(tmp_path: Path, lines: list[str]) -> bool:
    """Whether the peer does not show the fault any more."""
    example = tmp_path / "example.jsonl"
    example.write_text("\\n".join(lines) + "\\n", encoding="utf-8")
    code = main(["fuzz", *PEER, "--replay", str(example)])
    assert code in (0, 1), "the peer could not be reached"
    return code == 0
'''

_TEST: Final = """# It {kind}.
EXAMPLE_{number} = [
{body}]


def test_finding_{number}(tmp_path: Path) -> None:
    assert is_mended(tmp_path, EXAMPLE_{number})
"""
