"""`MessageJudge`: each message of a connection by itself, and whose turn it was."""

import re
from typing import Any, Final

from msgspec import Struct

from ocpp_sansio.core import (
    DEFAULT_ERROR_CODES,
    DESCRIPTION_MAX_LENGTH,
    Call,
    CallError,
    CallResult,
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
    Validation,
    Version,
    Violation,
    catalog,
    from_json,
    plain,
    quote,
    read_json,
    write_json,
)
from ocpp_sansio.testing import minimal
from ocpp_sansio.traces.findings import Finding
from ocpp_sansio.traces.records import UNREAD, Record, value_of

__all__ = ["LIBRARY_BUG", "MessageJudge"]

LIBRARY_BUG: Final = "library_bug"
"""The rule of a finding that is not the log's: the message made this library fail."""

TIMEOUT: Final = 30.0
"""Seconds after which an unanswered call of a log with times no longer forbids the next one (S-9, S-10)."""

MAX_OPEN: Final = 1000
"""Calls of a side that are remembered as open: of a log in which nothing is answered, the newest."""

_CALL, _RESULT, _ERROR, _RESULT_ERROR = 2, 3, 4, 5
_LENGTH_OF_AN_ERROR = 5  # F-4, F-5

_HEAD_OF_A_CALL = re.compile(rb'\s*\[\s*2\s*,\s*"([ !#-\[\]-~]{1,1024})"\s*,')


class _Open(Struct, frozen=True):
    """A call that waits for its answer."""

    action: str
    when: float | None


class MessageJudge:
    """Judges the messages of one connection, in their order. Keeps nothing but the calls that are open."""

    def __init__(self, version: Version, *, config: Config | None = None) -> None:
        self.version = version
        """The version whose rules hold."""
        self._config = config or Config()
        self._actions = catalog(version)
        self._open: dict[Role, dict[str, _Open]] = {role: {} for role in Role}
        self._has_called: set[Role] = set()

    def judge(self, record: Record, value: Any = UNREAD) -> list[Finding]:
        """Return what is wrong with the next message. Never raises: a bug of ours is a finding, too.

        `value` is what it says, where that has been decoded.
        """
        try:
            return self._judge(record, value_of(record, value))
        except Exception as error:  # noqa: BLE001 - loud, but no reason not to judge what comes after it
            expected = f"no {type(error).__name__}; this is a bug of ocpp_sansio, please report it"
            return [self._finding(record, "$", LIBRARY_BUG, expected)]

    def disconnect(self) -> None:
        """Take note that the connection is gone: what is open will not be answered (S-11)."""
        for calls in self._open.values():
            calls.clear()

    def _judge(self, record: Record, value: Any) -> list[Finding]:
        elements = value if isinstance(value, list) and value else [None]
        kind = elements[0] if type(elements[0]) is int else None
        message_id = elements[1] if len(elements) > 1 and isinstance(elements[1], str) else None
        sender = record.sender or self._guess_sender(kind, message_id, elements)
        if kind in {_RESULT, _ERROR}:
            return self._judge_response(record, sender, kind, message_id, elements)
        findings = self._receive(record, sender.other)
        if kind is None:
            self._open_unreadable(record, sender)
        if kind == _CALL and message_id is not None:
            action = str(elements[2]) if len(elements) > 2 else ""  # noqa: PLR2004  # F-2
            if action == "BootNotification" and record.sender is not Role.CSMS:
                self.disconnect()  # of a log that does not tell of connections
            findings += self._judge_turn(record, sender, message_id)
            self._remember(sender, message_id, _Open(action, record.when))
        if kind == _RESULT_ERROR:
            findings += self._judge_error_fields(record, elements)
        return findings

    def _remember(self, sender: Role, message_id: str, call: _Open) -> None:
        calls = self._open[sender]
        calls[message_id] = call
        self._has_called.add(sender)
        if len(calls) > MAX_OPEN:
            del calls[next(iter(calls))]

    def _open_unreadable(self, record: Record, sender: Role) -> None:
        """Expect an answer to a call of which no more than the head can be read."""
        head = _HEAD_OF_A_CALL.match(record.data)
        if head:
            self._remember(sender, head[1].decode(), _Open("", record.when))

    def _guess_sender(self, kind: Any, message_id: str | None, elements: list[Any]) -> Role:
        if kind in {_RESULT, _ERROR, _RESULT_ERROR}:
            asked_by_csms = message_id in self._open[Role.CSMS]
            return Role.STATION if asked_by_csms else Role.CSMS
        name = elements[2] if len(elements) > 2 else None  # noqa: PLR2004  # F-2
        action = self._actions.get(name) if isinstance(name, str) else None
        if action and action.direction is Direction.CSMS_TO_STATION:
            return Role.CSMS
        return Role.STATION

    def _judge_turn(self, record: Record, sender: Role, message_id: str) -> list[Finding]:
        """Check that a call comes when its sender may call (S-1, I-7)."""
        waiting = self._open[sender]
        if not waiting:
            return []
        if record.when is not None:
            for key, call in list(waiting.items()):
                if call.when is not None and record.when - call.when >= TIMEOUT:
                    del waiting[key]
        if message_id in waiting:
            expected = "an id that no unanswered call has"  # I-7
            return [self._finding(record, "$[1]", Rule.DUPLICATE_ID, expected)]
        if waiting:
            # S-1
            expected = f"one unanswered call at a time, and {quote(next(iter(waiting)), 40)} is"
            return [self._finding(record, "$", Rule.OVERLAPPING_CALL, expected)]
        return []

    def _judge_response(
        self,
        record: Record,
        sender: Role,
        kind: int,
        message_id: str | None,
        elements: list[Any],
    ) -> list[Finding]:
        caller = sender.other
        call = self._open[caller].pop(message_id, None) if message_id is not None else None
        if call is None or message_id is None:
            # Of a log that begins within a dialog, the first answer's call may stand before its beginning.
            is_stray = caller in self._has_called
            self._has_called.add(caller)
            return self._receive(record, caller, is_sure=is_stray)
        findings = self._receive(record, caller, answered=call.action, message_id=message_id)
        if kind == _ERROR and not findings:
            return self._judge_error_fields(record, elements)
        return findings

    def _receive(
        self,
        record: Record,
        role: Role,
        *,
        answered: str | None = None,
        message_id: str = "",
        is_sure: bool = True,
    ) -> list[Finding]:
        """Let a connection receive the message, having made the call first that it answers, if any."""
        if self._is_sound(record.data, role, answered):
            return []
        connection = Connection(role, config=self._config)
        connection.connected(self.version, now=0)
        data, is_typed = record.data, False
        if answered is not None:
            action = self._actions.get(answered)
            request: Any = action.request if action else None
            is_typed = action is not None and action.direction in connection.role.sends
            is_typed = is_typed and issubclass(request, Request)
            # Of an action that is nobody's, only the frame of its answer can be judged.
            call: Any = minimal(request if is_typed else self._actions["DataTransfer"].request)
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
            self._finding(
                record,
                each.path,
                each.rule,
                each.expected,
                got=each.got,
                is_fault=is_sure or each.rule is not Rule.STRAY_RESPONSE,
            )
            for each in violations
        ]

    def _is_sound(self, data: bytes, role: Role, answered: str | None) -> bool:
        """Whether a message is all right beyond doubt, which can be told with a tenth of the effort.

        What that cannot tell, and what is wrong with those that are not, a `Connection` does.
        """
        config = self._config
        if config.validation is not Validation.STRICT or len(data) > config.max_message_size:
            return False
        try:
            message = from_json(self.version, data, action=answered, config=config)
        except LocalProtocolError:
            return False
        if isinstance(message, Call):
            action = self._actions.get(message.action)
            return action is None or action.direction in role.receives
        if answered is None or not isinstance(message, CallResult | CallError):
            return False
        action = self._actions.get(answered)
        return action is not None and action.direction in role.sends

    def _judge_error_fields(self, record: Record, elements: list[Any]) -> list[Finding]:
        """Check what a receiver is liberal about: the spelling of the code, the length of the text."""
        if len(elements) != _LENGTH_OF_AN_ERROR:  # told already
            return []
        code, description = elements[2], elements[3]
        codes = sorted({known.as_wire(self.version) for known in ErrorCode})
        findings = []
        if code not in codes:
            expected = f"one of {', '.join(codes)}"  # E-1, E-2
            findings.append(self._finding(record, "$[2]", "error_code", expected))
        if isinstance(description, str) and len(description) > DESCRIPTION_MAX_LENGTH:
            expected = f"at most {DESCRIPTION_MAX_LENGTH} characters"  # E-5
            findings.append(self._finding(record, "$[3]", "description_length", expected))
        return findings

    def _finding(
        self,
        record: Record,
        path: str,
        rule: Rule | str,
        expected: str,
        *,
        got: str = "",
        is_fault: bool = True,
    ) -> Finding:
        code = ErrorCode.GENERIC_ERROR
        if rule == LIBRARY_BUG:
            code = ErrorCode.INTERNAL_ERROR
        elif isinstance(rule, Rule):
            code = DEFAULT_ERROR_CODES[self.version][rule]
        return Finding(
            line=record.line,
            rule=str(rule),
            path=path,
            expected=expected,
            is_fault=is_fault,
            station=record.station,
            when=record.when,
            got=got,
            code=code.as_wire(self.version),
            message=plain(record.data),
        )
