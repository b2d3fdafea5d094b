"""Sends one case after the other over a wire, and judges what comes back."""

from collections import deque
from itertools import count
from time import monotonic
from typing import Any, Final

import attrs

from ocpp_sansio.cli.fuzz.cases import VALID_PHASE, Case, probe
from ocpp_sansio.cli.fuzz.wire import Gone, Wire
from ocpp_sansio.core import (
    UNREADABLE,
    ErrorCode,
    Role,
    Rule,
    catalog,
    quote,
    read_json,
    to_object,
    write_json,
)
from ocpp_sansio.testing import easiest_action, minimal
from ocpp_sansio.traces import LIBRARY_BUG, MessageJudge, Record

__all__ = ["Finding", "Referee"]

KEPT_EXCHANGES: Final = 64
"""Messages of a connection that may have led to a finding; older ones are not replayed."""

MANY_BYTES: Final = 65_536
"""Beyond that a peer may find a message too big to read at all."""

LINGER: Final = 0.05
"""Seconds to wait for an answer that must not come, once the peer has answered what came after."""

BOOT_INTERVAL: Final = 300
"""Seconds between heartbeats that a station under test is told."""

NOT_OURS: Final = {ErrorCode.NOT_IMPLEMENTED, ErrorCode.NOT_SUPPORTED, ErrorCode.SECURITY_ERROR}
"""Codes with which a peer may decline a perfectly valid call (E-9)."""


@attrs.frozen
class Finding:
    """Something that came back and that the rules do not allow, or that did not come back."""

    kind: str
    """What is wrong, for people, the same for all findings of its kind; with the rule's id."""
    about: str
    """The particulars: which case, which path, which code."""
    sent: tuple[bytes, ...]
    """What was sent on that connection up to there; the last is the case itself."""
    received: tuple[bytes, ...]
    """What came back to the case."""
    case: Case


class Referee:
    """Plays one side of one connection against a peer."""

    def __init__(self, wire: Wire, role: Role, *, timeout: float, declined: set[str]) -> None:
        """Begin to play `role`; actions that the peer says it does not serve go into `declined`."""
        self.wire = wire
        self.version = wire.version
        """What the two agreed on."""
        self.is_over = False
        """Whether the connection is gone, or of no use any more."""
        self._declined = declined
        self._role = role
        self._peer = Role.CSMS if role is Role.STATION else Role.STATION
        self._timeout = timeout
        self._judge = MessageJudge(self.version)
        self._sent: deque[bytes] = deque(maxlen=KEPT_EXCHANGES)
        self._given_up: set[str] = set()  # ids of which an answer may still come
        self._answered: deque[str] = deque(maxlen=KEPT_EXCHANGES)
        self._probe_ids = count(1)
        self._easiest = easiest_action(self.version, self._peer)
        self._problems: list[tuple[str, str]] = []

    def boot(self) -> None:
        """As a station, boot; whatever the answer, go on. Raises Gone."""
        if self._role is Role.CSMS:
            return
        request = catalog(self.version)["BootNotification"].request
        data = write_json([2, "boot", "BootNotification", minimal(request)])
        self._send(data)
        self._await("boot", [])
        self._problems.clear()

    def play(self, case: Case) -> list[Finding]:
        """Send a case and return what is wrong with the reaction; raises Gone if the peer went before it."""
        received: list[bytes] = []
        self._problems.clear()
        self._send(case.data)
        try:
            if case.reply_to is None:
                self._see_that_nothing_comes(case, received)
            elif not (answer := self._await(case.reply_to, received)):
                self._given_up.add(case.reply_to)
                self._note(_SILENCE, f"{self._timeout:g} s passed")
            else:
                self._judge_answer(case, answer)
        except Gone as gone:
            self.is_over = True
            if gone.code not in _rightful_codes(case.data):
                self._note(_CLOSED, f"the connection was closed {gone}")
        sent = tuple(self._sent)
        return [
            Finding(kind, f"{case.what}: {about}", sent, tuple(received), case)
            for kind, about in dict.fromkeys(self._problems)
        ]

    # --- what comes back ------------------------------------------------------------------------------

    def _await(self, message_id: str, received: list[bytes]) -> list[Any] | None:
        """Return the elements of the answer, or None if it does not come; serves the peer meanwhile."""
        deadline = monotonic() + self._timeout
        while (left := deadline - monotonic()) > 0:
            data = self.wire.receive(left)
            if data is None:
                return None
            received.append(data)
            elements = self._take(data)
            if elements and elements[0] in {3, 4} and elements[1:2] == [message_id]:
                return elements
        return None

    def _see_that_nothing_comes(self, case: Case, received: list[bytes]) -> None:
        """Send a plain call after the case: once it is answered, nothing more is to come."""
        fence = probe(self._easiest, f"p{next(self._probe_ids)}")
        self._send(fence.data)
        before = len(received)
        if not self._await(fence.reply_to or "", received):
            self._given_up.add(fence.reply_to or "")
            self.is_over = True
            self._note(_DEAF, f"a plain call got no answer in {self._timeout:g} s")
        elif (late := self.wire.receive(LINGER)) is not None:
            received.append(late)
            self._take(late)
        answers = [head for head in map(_head, received[before:]) if head[0] in {3, 4, 5}]
        answers = [head for head in answers if head[1] != fence.reply_to]
        if case.code is not None and any(head[0] == 3 for head in answers):  # noqa: PLR2004  # CALLRESULT
            self._note(_ACCEPTED, f"accepted, where {case.code.as_wire(self.version)} is due")
        elif case.is_response and answers:
            self._note(_ANSWERED, f"answered with {quote(answers[0])}")
        elif len(answers) > 1:
            self._note(_TWICE, f"answered with {quote(answers)}")

    def _take(self, data: bytes) -> list[Any] | None:
        """Judge a message of the peer's by itself, answer it if it is a call, and return its elements."""
        problems = self._judge.judge(Record(0, data, sender=self._peer))
        elements = _elements(data)
        for problem in problems:
            if problem.rule == Rule.STRAY_RESPONSE and self._may_be_ours(elements):
                continue  # to a call that was none by the rules, or a late one
            about = f"{problem.message[:80]}: at {problem.path}, expected {problem.expected}"
            is_ours = problem.rule == LIBRARY_BUG
            self._note(_OUR_BUG if is_ours else f"{_BAD_FRAME}: {problem.rule}", about)
        if elements and elements[0] in {3, 4} and isinstance(_head(data)[1], str):
            self._answered.append(elements[1])
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
        """Answer a valid call of the peer's as plainly as can be."""
        action = catalog(self.version)[call[2]]
        if action.response is None:
            return
        answer = to_object(minimal(action.response))
        if "interval" in answer:
            answer["interval"] = BOOT_INTERVAL
        self._send(write_json([3, call[1], answer]))

    def _judge_answer(self, case: Case, answer: list[Any]) -> None:
        kind, code = answer[0], answer[2] if len(answer) > 2 else None  # noqa: PLR2004  # told by the checker
        if kind == 3:  # noqa: PLR2004  # CALLRESULT (F-3)
            if case.code is not None:
                self._note(_ACCEPTED, f"accepted, where {case.code.as_wire(self.version)} is due")
            return
        refusal = ErrorCode.parse(code if isinstance(code, str) else "")
        if refusal in NOT_OURS and case.action is not None:
            self._declined.add(case.action)
        elif refusal is ErrorCode.INTERNAL_ERROR:
            due = f", where {case.code.as_wire(self.version)} is due" if case.code else ""
            self._note(_CRASHED, f"InternalError{due}")
        elif case.phase == VALID_PHASE:
            why = f"{quote(code)}: {quote(answer[3:4])}"
            self._note(_REFUSED, f"{case.action} was refused with {why}")

    # --- bookkeeping ------------------------------------------------------------------------------------

    def _send(self, data: bytes) -> None:
        self._sent.append(data)
        self._judge.judge(Record(0, data, sender=self._role))  # our own faults are on purpose
        self.wire.send(data)

    def _note(self, kind: str, about: str) -> None:
        self._problems.append((kind, about))


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
