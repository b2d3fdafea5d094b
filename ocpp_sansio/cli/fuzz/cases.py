"""What is sent, in three phases: valid calls and stories, near misses, then whatever may hurt."""

from collections.abc import Container, Iterator, Sequence
from itertools import count as numbers_from
from typing import Final, TypeAlias, TypeVar

import attrs

from ocpp_sansio.core import (
    DEFAULT_ERROR_CODES,
    Action,
    ErrorCode,
    Role,
    Rule,
    Version,
    to_object,
    write_json,
)
from ocpp_sansio.testing import (
    BAD_ID,
    HOSTILE,
    AskStep,
    Chance,
    CutStep,
    Domain,
    ListenStep,
    NearMiss,
    Seen,
    actions_to,
    draw,
    draw_broken,
    draw_story,
    every_bad_frame,
    minimal,
    shuffled,
)

__all__ = [
    "HOSTILE_PHASE",
    "NEAR_MISS_PHASE",
    "VALID_PHASE",
    "Case",
    "Play",
    "Step",
    "actions_of",
    "plays",
    "probe",
]

VALID_PHASE: Final = "valid"
"""Calls as they should be, alone and in stories."""
NEAR_MISS_PHASE: Final = "near miss"
"""Calls with one thing wrong in their payload, or several."""
HOSTILE_PHASE: Final = "hostile"
"""Anything: broken frames, wrong ids, numbers and nesting without bound."""

NEAR_MISS_SHARE: Final = 0.25
HOSTILE_SHARE: Final = 0.3
"""Of all cases, at most: there are only so many of them."""
PLAIN_SHARE: Final = 0.2
"""Of all cases, at most, that are the plainest call of each action."""

CORE: Final = frozenset(
    {
        "Authorize",
        "StartTransaction",
        "StopTransaction",
        "MeterValues",
        "StatusNotification",
        "TransactionEvent",
        "RemoteStartTransaction",
        "RemoteStopTransaction",
        "RequestStartTransaction",
        "RequestStopTransaction",
        "ChangeConfiguration",
        "GetConfiguration",
        "SetVariables",
        "GetVariables",
        "ReserveNow",
        "CancelReservation",
        "SetChargingProfile",
        "ClearChargingProfile",
        "SendLocalList",
        "GetLocalListVersion",
        "ChangeAvailability",
        "UnlockConnector",
        "TriggerMessage",
        "Reset",
    }
)
"""What stations and CSMSs are about: two valid calls in three."""

ValueT = TypeVar("ValueT")


@attrs.frozen
class Case:
    """One message to send, and what may come back."""

    phase: str
    what: str
    """What it is, for people."""
    data: bytes
    action: str | None
    """The action that it is about, if it is about one."""
    reply_to: str | None
    """The id under which an answer must come back; None: nothing must."""
    code: ErrorCode | None = None
    """The error code that our table has for it (RULES §4.1); others are as good, an acceptance is not."""
    is_response: bool = False
    """Whether it is a response or a SEND: those must not be answered at all (E-8)."""


Step: TypeAlias = Case | AskStep | ListenStep | CutStep
"""What happens next; an `AskStep` becomes a `Case` once it is known what it speaks of."""


@attrs.frozen
class Play:
    """Steps that belong together: a single case, or a story."""

    phase: str
    what: str
    steps: tuple[Step, ...]

    @property
    def calls(self) -> int:
        """How many cases it makes."""
        return sum(isinstance(step, Case | AskStep) for step in self.steps)


def plays(
    version: Version,
    receiver: Role,
    *,
    count: int,
    chance: Chance,
    actions: Sequence[Action],
    domain: Domain,
    declined: Container[str] = (),
) -> Iterator[Play]:
    """Yield what to play to a peer in the role of `receiver`: `count` cases altogether, never fewer.

    There are no near misses of actions that are in `declined` by then: a peer need not look into those.
    """
    hostile = list(_hostile(version, receiver))
    fitting = min(len(hostile), round(count * HOSTILE_SHARE))
    while len(hostile) > fitting:
        del hostile[chance.below(len(hostile))]
    near = round(count * NEAR_MISS_SHARE)
    author = _Author(version, receiver, chance, actions, domain)
    author.begin_with(round(count * PLAIN_SHARE))
    yield from _up_to(count - near - len(hostile), author.valid())
    yield from _up_to(near, author.near_misses(declined))
    for case in hostile:
        yield Play(HOSTILE_PHASE, case.what, (case,))


def _up_to(count: int, source: Iterator[Play]) -> Iterator[Play]:
    """Yield plays of `count` cases; the last of them may be cut short."""
    left = count
    while left > 0:
        play = next(source)
        kept: list[Step] = []
        for step in play.steps:
            left -= isinstance(step, Case | AskStep)
            if left < 0:
                break
            kept.append(step)
        yield attrs.evolve(play, steps=tuple(kept))


class _Author:
    """Makes up plays without end."""

    def __init__(
        self,
        version: Version,
        receiver: Role,
        chance: Chance,
        actions: Sequence[Action],
        domain: Domain,
    ) -> None:
        self._version = version
        self._teller = receiver.other
        self._chance = chance
        self._actions = actions
        self._domain = domain
        self._seen = Seen()
        self._plain: list[Action] = []
        self._core = [action for action in actions if action.name in CORE]
        self._ids = numbers_from(1)

    def begin_with(self, count: int) -> None:
        """Make the plainest calls of so many actions, chosen by chance, the first of the valid ones."""
        self._plain = shuffled(self._chance, self._actions)[:count]

    def valid(self) -> Iterator[Play]:
        for number in numbers_from(1):
            if self._plain:
                action = self._plain.pop()
                payload = to_object(minimal(action.request))
                yield self._single("the plainest call", AskStep(action.name, payload))
            elif number % 2 and (story := self._story()):
                yield Play(VALID_PHASE, "a story", story)
            else:
                is_core = self._core and self._chance.below(3)
                action = self._any(self._core if is_core else self._actions)
                request = to_object(draw(self._chance, action.request, self._domain, self._seen))
                self._seen.note(request)
                yield self._single("a valid call", AskStep(action.name, request))

    def near_misses(self, declined: Container[str]) -> Iterator[Play]:
        others = self.valid()
        while True:
            served = [action for action in self._actions if action.name not in declined]
            if not served:
                yield next(others)
                continue
            action = self._any(served)
            misses = draw_broken(self._chance, action.request, self._domain, self._seen)
            yield Play(NEAR_MISS_PHASE, misses[0].how, (self._near_miss(action, misses),))

    def _near_miss(self, action: Action, misses: Sequence[NearMiss]) -> Case:
        key = f"n{next(self._ids)}"
        what = "; ".join(f"{miss.how}, {miss.path}" for miss in misses)
        data = write_json([2, key, action.name, misses[-1].payload])
        return Case(NEAR_MISS_PHASE, what, data, action.name, key, misses[0].code)

    def _story(self) -> tuple[Step, ...]:
        names = [action.name for action in self._actions]
        story = draw_story(self._chance, self._version, self._teller, self._domain, names)
        return story if any(isinstance(step, AskStep) for step in story) else ()

    def _single(self, what: str, step: AskStep) -> Play:
        return Play(VALID_PHASE, what, (step,))

    def _any(self, values: Sequence[ValueT]) -> ValueT:
        return values[self._chance.below(len(values))]


def probe(action: Action, message_id: str) -> Case:
    """Return a call that any peer answers, to see whether it is still there."""
    data = write_json([2, message_id, action.name, minimal(action.request)])
    return Case(VALID_PHASE, "a plain call", data, action.name, message_id)


def _hostile(version: Version, receiver: Role) -> Iterator[Case]:
    for number, bad in enumerate(every_bad_frame(version, receiver), 1):
        is_response = bad.data[:2] in {b"[3", b"[4"}
        is_response |= version is Version.OCPP21 and bad.data[:2] in {b"[5", b"[6"}
        # An id of its own, so that an answer tells which one it is to.
        data = bad.data.replace(BAD_ID.encode(), b"b%d" % number)
        reply_to = f"b{number}" if bad.reply_id == BAD_ID else bad.reply_id
        if bad.rule is Rule.NOT_JSON and reply_to not in {None, "-1"}:
            reply_to = None  # a readable head on something that is no JSON: an answer is a courtesy
        code = bad.code or DEFAULT_ERROR_CODES[version][bad.rule]
        yield Case(HOSTILE_PHASE, bad.how, data, None, reply_to, code, is_response)
    for what, data in HOSTILE.items():
        yield Case(HOSTILE_PHASE, what, data, None, None, None, data[:2] in {b"[3", b"[4"})


def actions_of(
    version: Version, receiver: Role, *, only: Sequence[str], skip: Sequence[str]
) -> list[Action]:
    """Return the actions to fuzz; raises ValueError for a name that is none of them, or if none is left."""
    known = {action.name: action for action in actions_to(version, receiver)}
    for name in (*only, *skip):
        if name not in known:
            raise ValueError(f"a {receiver} of {version.value} is not sent {name!r}")
    chosen = [a for name, a in known.items() if name not in skip and (not only or name in only)]
    if not chosen:
        raise ValueError("--skip leaves no action of those that --only names")
    return chosen
