"""What is sent, in three phases: valid calls, near misses, then whatever may hurt."""

from collections.abc import Container, Iterator, Sequence
from itertools import chain, islice, zip_longest
from random import Random
from typing import Final, TypeVar

import attrs

from ocpp_sansio.core import DEFAULT_ERROR_CODES, Action, ErrorCode, Role, Rule, Version, write_json
from ocpp_sansio.testing import (
    BAD_ID,
    HOSTILE,
    actions_to,
    corners,
    every_bad_frame,
    every_near_miss,
    minimal,
)

__all__ = [
    "HOSTILE_PHASE",
    "NEAR_MISS_PHASE",
    "VALID_PHASE",
    "Case",
    "actions_of",
    "cases",
    "probe",
]

VALID_PHASE: Final = "valid"
"""Calls as they should be."""
NEAR_MISS_PHASE: Final = "near miss"
"""Calls with one thing wrong in their payload."""
HOSTILE_PHASE: Final = "hostile"
"""Anything: broken frames, wrong ids, numbers and nesting without bound."""

VALID_SHARE: Final = 0.3
"""Of all cases; a peer that stumbles over valid calls has other worries than the rest."""

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


def cases(
    version: Version,
    receiver: Role,
    *,
    count: int,
    chance: Random,
    actions: Sequence[Action],
    declined: Container[str] = (),
) -> Iterator[Case]:
    """Yield at most `count` cases for a peer in the role of `receiver`, about these actions.

    There are no near misses of actions that are in `declined` by then: a peer need not look into those.
    """
    hostile = list(_hostile(version, receiver))
    valid = round(count * VALID_SHARE)
    near = max(count - valid - len(hostile), count // 3)
    return islice(
        chain(
            islice(_numbered("v", _valid(actions, chance)), valid),
            islice(_numbered("n", _near_misses(actions, chance, declined)), near),
            hostile,
        ),
        count,
    )


def probe(action: Action, message_id: str) -> Case:
    """Return a call that any peer answers, to see whether it is still there."""
    data = write_json([2, message_id, action.name, minimal(action.request)])
    return Case(VALID_PHASE, "a plain call", data, action.name, message_id)


@attrs.frozen
class _Draft:
    """A call without its id."""

    phase: str
    what: str
    action: str
    payload: object
    code: ErrorCode | None = None


def _numbered(prefix: str, drafts: Iterator[_Draft]) -> Iterator[Case]:
    for number, draft in enumerate(drafts, 1):
        key = f"{prefix}{number}"
        data = write_json([2, key, draft.action, draft.payload])
        yield Case(draft.phase, draft.what, data, draft.action, key, draft.code)


def _valid(actions: Sequence[Action], chance: Random) -> Iterator[_Draft]:
    """Yield the plainest call of each action, then their corners in turn."""
    first = (_Draft(VALID_PHASE, "the plainest call", a.name, minimal(a.request)) for a in actions)
    rest = (
        [_Draft(VALID_PHASE, "a valid call", a.name, payload) for payload in corners(a.request)]
        for a in actions
    )
    return chain(first, _in_turn(rest, chance))


def _near_misses(
    actions: Sequence[Action], chance: Random, declined: Container[str]
) -> Iterator[_Draft]:
    drafts = _in_turn(
        (
            [
                _Draft(NEAR_MISS_PHASE, f"{miss.how}, {miss.path}", a.name, miss.payload, miss.code)
                for miss in every_near_miss(a.request)
            ]
            for a in actions
        ),
        chance,
    )
    return (draft for draft in drafts if draft.action not in declined)


def _in_turn(groups: Iterator[list[ValueT]], chance: Random) -> Iterator[ValueT]:
    """Yield one of each group, then another of each; each group in a chance order."""
    shuffled = [chance.sample(group, len(group)) for group in groups]
    rounds = zip_longest(*shuffled)
    return (item for one_round in rounds for item in one_round if item is not None)


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
    """Return the actions to fuzz; raises ValueError for a name that is none of them."""
    known = {action.name: action for action in actions_to(version, receiver)}
    for name in (*only, *skip):
        if name not in known:
            raise ValueError(f"a {receiver} of {version.value} is not sent {name!r}")
    return [a for name, a in known.items() if name not in skip and (not only or name in only)]
