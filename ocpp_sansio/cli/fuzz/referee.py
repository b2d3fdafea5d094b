"""Sends one case after the other over a wire, and judges what comes back."""

from collections import Counter, deque
from collections.abc import Iterable
from itertools import count
from typing import Any, Final

import attrs

from ocpp_sansio.cli.fuzz.cases import VALID_PHASE, Case, Step, probe
from ocpp_sansio.cli.fuzz.wire import AnyWire, Gone
from ocpp_sansio.core import (
    UNREADABLE,
    ErrorCode,
    Role,
    Rule,
    Version,
    catalog,
    quote,
    read_json,
    write_json,
)
from ocpp_sansio.testing import (
    AskStep,
    Counterpart,
    Judge,
    Seen,
    easiest_action,
    filled_in,
    minimal,
)
from ocpp_sansio.traces import LIBRARY_BUG, MessageJudge, Record

__all__ = ["LINE_GONE", "Finding", "Match", "Referee", "Tally"]

KEPT_EXCHANGES: Final = 64
"""Messages of a connection that may have led to a finding; older ones are forgotten."""

LINE_GONE: Final = b"(the line goes, and comes back)"
"""Stands in an exchange where one connection ended and the next began."""

MANY_BYTES: Final = 65_536
"""Beyond that a peer may find a message too big to read at all."""

MAX_IDLE: Final = 3
"""Times that a peer may not do something before it is not waited for any more."""

NOT_OURS: Final = {ErrorCode.NOT_IMPLEMENTED, ErrorCode.NOT_SUPPORTED, ErrorCode.SECURITY_ERROR}
"""Codes with which a peer may decline a perfectly valid call (E-9)."""


@attrs.frozen
class Finding:
    """Something that came back and that the rules do not allow, or that did not come back."""

    kind: str
    """What is wrong, for people, the same for all findings of its kind; with the rule's id."""
    about: str
    """The particulars: which case, which path, which code."""
    exchange: tuple[tuple[bool, bytes], ...]
    """What was said on that connection about it: whether by us, and the message."""
    case: Case
    steps: tuple[Step, ...] = ()
    """What was done up to there, the last of it the case."""
    is_forbidden: bool = True
    """Whether a rule forbids it; otherwise it is only suspicious."""

    @property
    def sent(self) -> tuple[bytes, ...]:
        """What we said."""
        return tuple(data for is_ours, data in self.exchange if is_ours and data is not LINE_GONE)


@attrs.define
class Tally:
    """What became of the cases of one action."""

    tried: int = 0
    accepted: int = 0
    """Answered with a CALLRESULT."""
    refused: int = 0
    """Answered with a CALLERROR."""
    unanswered: int = 0


@attrs.define
class Match:
    """What outlives the connections of one peer: what was said, and what it declined."""

    version: Version
    role: Role
    """Ours."""
    declined: set[str] = attrs.field(factory=set)
    """Actions that the peer says it does not serve."""
    tallies: dict[str, Tally] = attrs.field(factory=dict)
    """By action, or by phase for what is about none."""
    housekeeping: Counter[str] = attrs.field(factory=Counter)
    """Calls that are no cases: boots, and those that show whether the peer is still there."""
    idle: Counter[str] = attrs.field(factory=Counter)
    """How often the peer did not call an action when it was waited for."""
    seen: Seen = attrs.field(factory=Seen)
    ids: Any = attrs.field(factory=lambda: count(1))
    judge: Judge = attrs.field(init=False)
    counterpart: Counterpart = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        peer = self.role.other
        self.judge = Judge(self.version, peer)
        self.counterpart = Counterpart(self.version)


class Referee:
    """Plays one side of one connection against a peer."""

    def __init__(self, wire: AnyWire, match: Match, *, timeout: float) -> None:
        """Begin to play a side of `match`; a call is given `timeout` seconds."""
        self.wire = wire
        self.version = wire.version
        """What the two agreed on."""
        self.is_over = False
        """Whether the connection is gone, or of no use any more."""
        self._match = match
        self._role = match.role
        self._peer = match.role.other
        self._timeout = timeout
        self._judge = MessageJudge(self.version)
        self._sent: deque[bytes] = deque(maxlen=KEPT_EXCHANGES)
        self.exchange: deque[tuple[bool, bytes]] = deque(maxlen=KEPT_EXCHANGES)
        """What was said in this story: whether by us, and the message."""
        self._given_up: set[str] = set()  # ids of which an answer may still come
        self._answered: deque[str] = deque(maxlen=KEPT_EXCHANGES)
        self._heads: list[tuple[Any, ...]] = []  # of the answers that came to a case
        self._quiet: Case | None = None  # the last case to which nothing was to come
        self._called: deque[str] = deque(maxlen=KEPT_EXCHANGES)  # what the peer has called
        self._probe_ids = count(1)
        self._fence: str | None = None  # the id of the last call that kept house
        self._easiest = easiest_action(self.version, self._peer)
        self._problems: list[tuple[str, str, bool]] = []

    def boot(self) -> None:
        """As a station, boot; whatever the answer, go on. Raises Gone."""
        if self._role is Role.CSMS:
            return
        request = catalog(self.version)["BootNotification"].request
        data = write_json([2, f"boot{next(self._match.ids)}", "BootNotification", minimal(request)])
        self._match.housekeeping["boots"] += 1
        self._send(data)
        self._await(read_json(data)[1])
        self._problems.clear()

    def take_over(self, exchange: Iterable[tuple[bool, bytes]]) -> None:
        """Go on with a story that began on the connection before."""
        self.exchange.extend([*exchange, (True, LINE_GONE)])
        self._match.judge.lose_line()

    def begin(self) -> None:
        """Begin a story: nothing has been said in it yet."""
        self._match.seen.clear()
        self.exchange.clear()

    def case_of(self, step: Case | AskStep) -> Case:
        """Return a step as the message that it is by now."""
        if isinstance(step, Case):
            return step
        payload = filled_in(step.payload, self._match.seen)
        key = f"s{next(self._match.ids)}"
        data = write_json([2, key, step.action, payload])
        return Case(VALID_PHASE, step.action, data, step.action, key)

    def play(self, case: Case) -> list[Finding]:
        """Send a case and return what is wrong with the reaction; raises Gone if the peer went before it."""
        self._problems.clear()
        self._heads.clear()
        tally = self._match.tallies.setdefault(case.action or case.phase, Tally())
        tally.tried += 1
        self._send(case.data)
        try:
            if case.reply_to is None:
                self._quiet = case
                self._see_that_nothing_comes(case)
            elif not (answer := self._await(case.reply_to)):
                tally.unanswered += 1
                self._given_up.add(case.reply_to)
                self._note(_SILENCE, f"{self._timeout:g} s passed")
            else:
                tally.accepted += answer[0] == 3  # noqa: PLR2004  # CALLRESULT (F-3)
                tally.refused += answer[0] == 4  # noqa: PLR2004  # CALLERROR (F-4)
                self._judge_answer(case, answer)
        except Gone as gone:
            self.is_over = True
            if gone.code not in _rightful_codes(case.data):
                self._note(_CLOSED, f"the connection was closed {gone}")
        return self._found(case)

    def settle(self, seconds: float = 0.0) -> list[Finding]:
        """Return what is wrong with what still comes to the last case to which nothing was to come.

        Without `seconds` no time is spent: what comes later is told when it has.
        """
        case, self._quiet = self._quiet, None
        if case is None or self.is_over:
            return []
        self._problems.clear()
        self._heads.clear()
        try:
            while (data := self.wire.receive(seconds)) is not None:
                self._take(data)
        except Gone:
            self.is_over = True
        self._judge_quiet(case, self._heads)
        return self._found(case)

    def say(self, case: Case) -> None:
        """Send a case, and do not wait for its answer; raises Gone."""
        self._match.tallies.setdefault(case.action or case.phase, Tally()).tried += 1
        self._send(case.data)

    def listen(self, action: str, case: Case) -> list[Finding]:
        """Wait a moment for the peer to call an action; return what is wrong with what it does then."""
        self._problems.clear()
        if action in self._called:
            self._called.remove(action)
            return []
        if self._match.idle[action] >= MAX_IDLE:
            return []
        deadline = self.wire.now() + min(self._timeout, self.wire.patience)
        try:
            while (left := deadline - self.wire.now()) > 0:
                data = self.wire.receive(left)
                if data is None:
                    break
                self._take(data)
                if action in self._called:
                    self._called.remove(action)
                    self._match.idle[action] = 0
                    return self._found(case)
        except Gone as gone:
            self.is_over = True
            self._note(_CLOSED, f"the connection was closed {gone}")
        self._match.idle[action] += 1
        return self._found(case)

    def _found(self, case: Case) -> list[Finding]:
        exchange = tuple(self.exchange)
        return [
            Finding(kind, f"{case.what}: {about}", exchange, case, (), is_forbidden)
            for kind, about, is_forbidden in dict.fromkeys(self._problems)
        ]

    # --- what comes back ------------------------------------------------------------------------------

    def _await(self, message_id: str) -> list[Any] | None:
        """Return the elements of the answer, or None if it does not come; serves the peer meanwhile."""
        deadline = self.wire.now() + self._timeout
        while (left := deadline - self.wire.now()) > 0:
            data = self.wire.receive(left)
            if data is None:
                return None
            elements = self._take(data)
            if elements and elements[0] in {3, 4} and elements[1:2] == [message_id]:
                return elements
        return None

    def _see_that_nothing_comes(self, case: Case) -> None:
        """Send a plain call after the case: once it is answered, nothing more is to come.

        What comes later all the same is told when it does: waiting for it would cost more than the rest.
        """
        fence = probe(self._easiest, f"p{next(self._probe_ids)}")
        self._match.housekeeping["plain calls"] += 1
        self._heads.clear()
        self._fence = fence.reply_to
        self._send(fence.data, keeps_house=True)
        if not self._await(fence.reply_to or ""):
            self._given_up.add(fence.reply_to or "")
            self.is_over = True
            self._note(_DEAF, f"a plain call got no answer in {self._timeout:g} s")
        self._judge_quiet(case, [head for head in self._heads if head[1] != fence.reply_to])

    def _judge_quiet(self, case: Case, heads: list[tuple[Any, ...]]) -> None:
        """Judge the heads of the answers to a case to which no particular one is due."""
        heads = [head for head in heads if not self._is_of_another(case, head[1])]
        ids = [quote(head[1]) for head in heads]
        if case.code is not None and any(head[0] == 3 for head in heads):  # noqa: PLR2004  # CALLRESULT
            self._note(_ACCEPTED, f"accepted, where {case.code.as_wire(self.version)} is due")
        elif case.is_response and heads:
            self._note(_ANSWERED, f"answered with {quote(heads[0])}")
        elif len(ids) > len(set(ids)):
            self._note(_TWICE, f"answered with {quote(heads)}")

    def _is_of_another(self, case: Case, message_id: Any) -> bool:
        """Whether an answer is a late one, to something that was sent before the case."""
        if not isinstance(message_id, str):
            return False
        text = write_json(message_id)
        if text in case.data and not case.is_response:
            return False
        calls = (data for data in self._sent if data.startswith(b"[2") and data != case.data)
        return any(text in data for data in calls)

    def _take(self, data: bytes) -> list[Any] | None:
        """Judge a message of the peer's by itself, answer it if it is a call, and return its elements."""
        problems = self._judge.judge(Record(0, data, sender=self._peer))
        elements = _elements(data)
        if elements is None or elements[1:2] != [self._fence]:
            self.exchange.append((False, data))
        for problem in problems:
            if problem.rule == Rule.STRAY_RESPONSE and self._may_be_ours(elements):
                continue  # to a call that was none by the rules, or a late one
            about = f"{problem.message[:80]}: at {problem.path}, expected {problem.expected}"
            is_ours = problem.rule == LIBRARY_BUG
            self._note(_OUR_BUG if is_ours else f"{_BAD_FRAME}: {problem.rule}", about)
        if elements and elements[0] in {3, 4, 5}:
            head = _head(data)
            self._heads.append(head)
            if isinstance(head[1], str):
                self._answered.append(head[1])
        if elements and elements[0] == 2 and not problems:  # noqa: PLR2004  # CALL (F-2)
            self._serve(elements)
        return elements

    def _may_be_ours(self, elements: list[Any] | None) -> bool:
        """Whether a response is to something that was sent, though no well-formed call had that id."""
        message_id = elements[1] if elements and len(elements) > 1 else None
        if not isinstance(message_id, str) or message_id in self._answered:
            return False
        text = write_json(message_id)[1:-1]
        return message_id in self._given_up or any(text in data for data in self._sent)

    def _serve(self, call: list[Any]) -> None:
        """Answer a valid call of the peer's as plainly as can be, and hear it."""
        answer = self._match.counterpart.answer(call[2], call[3])
        self._called.append(call[2])
        if answer is None:
            return
        self._send(write_json([3, call[1], answer]))
        self._match.seen.note(call[3], is_given=True)
        self._match.seen.note(answer, is_given=call[2] == "StartTransaction")
        for verdict in self._match.judge.hear_call(call[2], call[3], answer):
            self._problems.append((verdict.what, verdict.about, verdict.is_forbidden))

    def _judge_answer(self, case: Case, answer: list[Any]) -> None:
        kind, code = answer[0], answer[2] if len(answer) > 2 else None  # noqa: PLR2004  # told by the checker
        if kind == 3:  # noqa: PLR2004  # CALLRESULT (F-3)
            if case.code is not None:
                self._note(_ACCEPTED, f"accepted, where {case.code.as_wire(self.version)} is due")
            elif case.phase == VALID_PHASE and case.action and not self._is_bad(answer):
                self._hear(case.action, read_json(case.data)[3], answer[2])
            return
        refusal = ErrorCode.parse(code if isinstance(code, str) else "")
        if refusal in NOT_OURS and case.action is not None:
            self._match.declined.add(case.action)
        elif refusal is ErrorCode.INTERNAL_ERROR:
            due = f", where {case.code.as_wire(self.version)} is due" if case.code else ""
            self._note(_CRASHED, f"InternalError{due}")
        elif case.phase == VALID_PHASE:
            why = f"{quote(code)}: {quote(answer[3:4])}"
            self._note(_REFUSED, f"{case.action} was refused with {why}")

    def _is_bad(self, answer: list[Any]) -> bool:
        """Whether an answer was found to be none already."""
        return len(answer) != 3 or any(kind.startswith(_BAD_FRAME) for kind, _, _ in self._problems)  # noqa: PLR2004  # F-3

    def _hear(self, action: str, request: Any, answer: Any) -> None:
        """Hold an answer against what was said before."""
        self._match.seen.note(request)
        self._match.seen.note(answer, is_given=True)
        for verdict in self._match.judge.hear_answer(action, request, answer):
            self._problems.append((verdict.what, verdict.about, verdict.is_forbidden))

    # --- bookkeeping ------------------------------------------------------------------------------------

    def _send(self, data: bytes, *, keeps_house: bool = False) -> None:
        self._sent.append(data)
        if not keeps_house:
            self.exchange.append((True, data))
        self._judge.judge(Record(0, data, sender=self._role))  # our own faults are on purpose
        self.wire.send(data)

    def _note(self, kind: str, about: str) -> None:
        self._problems.append((kind, about, True))


_SILENCE = "did not answer a call (E-7, E-11)"
_CLOSED = "closed the connection"
_DEAF = "stopped answering"
_ANSWERED = "answered what must not be answered (E-8)"
_TWICE = "answered twice"
_BAD_FRAME = "sent what is not allowed"
_OUR_BUG = "sent what made ocpp_sansio itself fail: this is a bug of ocpp_sansio, not of the peer"
_ACCEPTED = "accepted a broken call (E-11)"
_CRASHED = "failed over a message: InternalError (E-7)"
_REFUSED = "refused a valid call"


def _rightful_codes(data: bytes) -> set[int | None]:
    """Return the close codes with which a WebSocket may, or must, refuse such a message by itself."""
    codes: set[int | None] = {1009} if len(data) > MANY_BYTES else set()
    try:
        data.decode()
    except UnicodeDecodeError:
        codes.add(1007)
    return codes


def _elements(data: bytes) -> list[Any] | None:
    try:
        value = read_json(data)
    except UNREADABLE:
        return None
    return value if isinstance(value, list) and value else None


def _head(data: bytes) -> tuple[Any, ...]:
    return (*(_elements(data) or ()), None, None, None)[:3]
