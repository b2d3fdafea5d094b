"""Makes an example small: no step, no member and no value in it that the fault does not need."""

from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import Any, Final, TypeAlias

import attrs

from ocpp_sansio.cli.fuzz.cases import HOSTILE_PHASE, NEAR_MISS_PHASE, Case, Step
from ocpp_sansio.cli.fuzz.referee import Finding
from ocpp_sansio.core import (
    UNREADABLE,
    Connection,
    ProtocolViolated,
    Role,
    Version,
    Violation,
    catalog,
    quote,
    read_json,
    to_object,
    write_json,
)
from ocpp_sansio.testing import AskStep, Given, minimal

__all__ = ["smallest"]

MAX_TRIES: Final = 200
"""Fresh connections that are spent on making one finding's example smaller."""

MAX_SECONDS: Final = 10.0
"""Seconds that are spent on one."""

Try: TypeAlias = Callable[[Sequence[Step]], list[Finding]]


def smallest(
    finding: Finding,
    trail: Sequence[Step],
    retry: Try,
    *,
    version: Version,
    receiver: Role,
    deadline: float,
) -> Finding:
    """Return the same kind of finding from as little as brings it about.

    `trail` is what was done before, beyond the steps of the finding itself, if it takes that.
    """
    limit = min(deadline, monotonic() + MAX_SECONDS)
    shrinker = _Shrinker(finding.kind, retry, version, receiver, limit)
    for steps in ((finding.case,), finding.steps[-1:], finding.steps, tuple(trail)):
        if steps and (again := shrinker.reproduce(steps)):
            return shrinker.shrink(again)
    return finding


class _Shrinker:
    def __init__(
        self, kind: str, retry: Try, version: Version, receiver: Role, deadline: float
    ) -> None:
        self._kind = kind
        self._retry = retry
        self._version = version
        self._receiver = receiver
        self._deadline = deadline
        self._tries = 0

    def reproduce(self, steps: Sequence[Step]) -> Finding | None:
        """Return the finding if these steps lead to it."""
        if self._tries >= MAX_TRIES or monotonic() >= self._deadline:
            return None
        self._tries += 1
        found = (finding for finding in self._retry(steps) if finding.kind == self._kind)
        return next(found, None)

    def shrink(self, best: Finding) -> Finding:
        best = self._fewer_steps(best)
        for index in range(len(best.steps)):
            if index < len(best.steps):
                best = self._less_in(best, index)
        last = best.steps[-1] if best.steps else None
        if isinstance(last, Case) and _call(last.data) is None:
            best = self._shorter(best)
        return attrs.evolve(best, about=self._told(best))

    def _fewer_steps(self, best: Finding) -> Finding:
        size = max(len(best.steps) // 2, 1)
        while size and len(best.steps) > 1:
            at = 0
            while at < len(best.steps):
                fewer = best.steps[:at] + best.steps[at + size :]
                again = self.reproduce(fewer) if fewer else None
                if again:
                    best = again
                else:
                    at += size
            size //= 2
        return best

    def _less_in(self, best: Finding, index: int) -> Finding:
        """Drop the members that one step does not need, and make the others plain."""
        step = best.steps[index]
        payload, action = _payload_of(step), _action_of(step)
        known = catalog(self._version).get(action) if action else None
        if known is None or not isinstance(payload, dict):
            return best
        plain = to_object(minimal(known.request))
        wrong = self._violated(step)
        is_smaller = True
        while is_smaller:
            is_smaller = False
            for candidate in _reductions(_payload_of(best.steps[index]), plain):
                other = _with_payload(best.steps[index], candidate)
                still = self._violated(other)
                if not still <= wrong or bool(still) != bool(wrong):
                    continue  # another fault than that, or none
                steps = (*best.steps[:index], other, *best.steps[index + 1 :])
                again = self.reproduce(steps)
                if again and len(again.steps) > index:
                    best, is_smaller = again, True
                    break
        return best

    def _shorter(self, best: Finding) -> Finding:
        """Cut a message that is no call, from its end or in its middle."""
        case = best.steps[-1]
        if not isinstance(case, Case) or case.reply_to is not None:
            return best
        data = case.data
        for share in (2, 4, 8, 16, 32, 64, 128, 256):
            kept = len(data) // share
            for shorter in (data[:kept], data[: kept // 2] + data[len(data) - kept // 2 :]):
                last = best.steps[-1]
                if shorter and isinstance(last, Case) and len(shorter) < len(last.data):
                    smaller = attrs.evolve(case, data=shorter)
                    best = self.reproduce((*best.steps[:-1], smaller)) or best
        return best

    def _violations(self, step: Step) -> Sequence[Violation]:
        """Return what is wrong with a call by itself."""
        payload, action = _payload_of(step), _action_of(step)
        connection = Connection(self._receiver)
        connection.connected(self._version, now=0)
        connection.received(write_json([2, "1", action, _without_given(payload)]), now=0)
        events = connection.events()
        violated = [event.error for event in events if isinstance(event, ProtocolViolated)]
        return violated[0].violations if violated else ()

    def _violated(self, step: Step) -> frozenset[tuple[str, str]]:
        return frozenset((str(it.path), str(it.rule)) for it in self._violations(step))

    def _told(self, best: Finding) -> str:
        """Return the particulars of the smallest example: what is wrong with it, or what is odd in it."""
        step = best.steps[-1] if best.steps else None
        action = _action_of(step) if step else None
        known = catalog(self._version).get(action) if action else None
        payload = _payload_of(step) if step else None
        is_hostile = isinstance(step, Case) and step.phase == HOSTILE_PHASE
        if step is None or known is None or is_hostile or not isinstance(payload, dict):
            return best.about
        particulars = best.about.partition(": ")[2] or best.about
        if isinstance(step, Case) and step.phase == NEAR_MISS_PHASE:
            wrong = "; ".join(f"{it.path}: {it.rule}" for it in self._violations(step))
            return f"{action} with {wrong}: {best.about.rpartition(': ')[2]}"
        odd = _odd_members(payload, to_object(minimal(known.request)), "")
        if not odd:
            return f"{action}: {particulars}"
        return f"{action} with {', '.join(odd)}: {particulars}"


def _odd_members(value: Any, plain: Any, path: str) -> list[str]:
    """Return the members that are not as in the plainest payload, each with its value."""
    if value == plain:
        return []
    if isinstance(value, dict):
        base = plain if isinstance(plain, dict) else {}
        return [
            text
            for name, item in value.items()
            for text in _odd_members(item, base.get(name), f"{path}.{name}" if path else name)
        ]
    if isinstance(value, list):
        first = plain[0] if isinstance(plain, list) and plain else None
        return [
            text
            for index, item in enumerate(value)
            for text in _odd_members(item, first, f"{path}[{index}]")
        ]
    if isinstance(value, Given):
        return [f"{path} as it was given"]
    return [f"{path} {quote(value, 40)}"]


# --- calls and their payloads ---------------------------------------------------------------------


def _call(data: bytes) -> list[Any] | None:
    """Return the elements of a CALL; None if it is none."""
    try:
        elements = read_json(data)
    except UNREADABLE:
        return None
    is_call = isinstance(elements, list) and len(elements) == 4 and elements[0] == 2  # noqa: PLR2004  # F-2
    return elements if is_call else None


def _payload_of(step: Step) -> Any:
    if isinstance(step, AskStep):
        return step.payload
    elements = _call(step.data) if isinstance(step, Case) else None
    return elements[3] if elements else None


def _action_of(step: Step) -> str | None:
    if isinstance(step, AskStep):
        return step.action
    elements = _call(step.data) if isinstance(step, Case) else None
    return elements[2] if elements and isinstance(elements[2], str) else None


def _with_payload(step: Step, payload: Any) -> Step:
    if isinstance(step, AskStep):
        return attrs.evolve(step, payload=payload)
    elements = _call(step.data) if isinstance(step, Case) else None
    if not isinstance(step, Case) or elements is None:
        return step
    return attrs.evolve(step, data=write_json([*elements[:3], payload]))


def _without_given(value: Any) -> Any:
    if isinstance(value, Given):
        return value.otherwise
    if isinstance(value, dict):
        return {name: _without_given(item) for name, item in value.items()}
    return [_without_given(item) for item in value] if isinstance(value, list) else value


class _Absent:
    """Stands for a member that the plainest payload does not have."""


_ABSENT: Final = _Absent()


def _reductions(value: Any, plain: Any) -> Iterator[Any]:
    """Yield values with a little less in them than `value`, towards `plain`; the boldest first."""
    if value == plain:
        return
    if not isinstance(plain, _Absent):
        yield plain
    if isinstance(value, dict):
        base = plain if isinstance(plain, dict) else {}
        for name in value:
            if name not in base:
                yield {key: item for key, item in value.items() if key != name}
        for name, item in value.items():
            for less in _reductions(item, base.get(name, _ABSENT)):
                yield value | {name: less}
    elif isinstance(value, list):
        for index in range(len(value) if len(value) > 1 else 0):
            yield [*value[:index], *value[index + 1 :]]
        first = plain[0] if isinstance(plain, list) and plain else _ABSENT
        for index, item in enumerate(value):
            for less in _reductions(item, first):
                yield [*value[:index], less, *value[index + 1 :]]
