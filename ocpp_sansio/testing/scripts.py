"""Stories of calls on a line, as plain values: draw them with `strategies.call_scripts`, or write them down.

story = play(script, Version.OCPP201, faults=Faults(latency=0.1))
assert len(story.outcomes) == len(story.calls)
"""

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final, TypeAlias

import attrs
from msgspec.structs import replace

from ocpp_sansio.core import (
    Call,
    CallAborted,
    CallErrorReceived,
    CallOutcome,
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Config,
    Connection,
    ErrorCode,
    JsonObject,
    LocalProtocolError,
    Request,
    Response,
    Role,
    Unconfirmed,
    Version,
)
from ocpp_sansio.testing.link import PERFECT, Faults, Link

__all__ = ["CallStep", "CutStep", "PauseStep", "Refusal", "Script", "SendStep", "Story", "play"]

OUTCOMES: Final = (
    CallResultReceived,
    CallErrorReceived,
    CallResultRejected,
    CallTimedOut,
    CallAborted,
)


@attrs.frozen
class Refusal:
    """An answer that is a CALLERROR."""

    code: ErrorCode
    description: str = ""
    details: JsonObject = attrs.field(factory=dict)


@attrs.frozen
class CallStep:
    """One side calls; the other answers so, that many seconds after the call has reached it."""

    caller: Role
    request: Request[Any]
    reply: Response | Refusal | None
    """None: never."""
    after: float = 0.0
    """Seconds."""


@attrs.frozen
class SendStep:
    """One side sends what is never answered (2.1)."""

    sender: Role
    message: Unconfirmed


@attrs.frozen
class PauseStep:
    """Nothing is asked for during these seconds; what is under way goes on."""

    seconds: float


@attrs.frozen
class CutStep:
    """The line goes, and comes back after these seconds."""

    seconds: float


Script: TypeAlias = tuple[CallStep | SendStep | PauseStep | CutStep, ...]
"""What one side does, step by step."""


@attrs.define
class Story:
    """What became of a script."""

    link: Link[Connection, Connection]
    calls: list[Call] = attrs.field(factory=list)
    """In the order of the script; those that were refused locally are not among them."""
    outcomes: list[CallOutcome] = attrs.field(factory=list)
    """In the order in which they happened, both sides'."""
    refused: list[LocalProtocolError] = attrs.field(factory=list)
    """What the library did not let us do, such as a call with the line gone."""


def play(
    script: Sequence[CallStep | SendStep | PauseStep | CutStep],
    version: Version | str,
    *,
    faults: Faults = PERFECT,
    seed: int = 0,
    config: Config | None = None,
) -> Story:
    """Play a script on a `Link` between two connections, to its end: both are disconnected then."""
    return _Player(Version.parse(version), faults, seed, config or Config()).play(script)


class _Player:
    def __init__(self, version: Version, faults: Faults, seed: int, config: Config) -> None:
        numbers = count(1)  # ids that read well, and the same every time
        config = replace(config, new_message_id=lambda: f"call-{next(numbers)}")
        link = Link(
            Connection(Role.STATION, config=config),
            Connection(Role.CSMS, config=config),
            faults=faults,
            seed=seed,
            on_station_event=lambda event: self._notice(Role.STATION, event),
            on_csms_event=lambda event: self._notice(Role.CSMS, event),
        )
        self._version = version
        self._story = Story(link)
        self._link = link
        self._steps: dict[str, CallStep] = {}
        self._answers: list[tuple[float, int, Role, CallReceived, Response | Refusal]] = []
        self._serial = count()

    def play(self, script: Sequence[CallStep | SendStep | PauseStep | CutStep]) -> Story:
        self._link.connect(self._version)
        for step in script:
            self._take(step)
        self._pass_time(0)
        self._link.cut()
        return self._story

    def _take(self, step: CallStep | SendStep | PauseStep | CutStep) -> None:
        try:
            match step:
                case CallStep():
                    self._call(step)
                case SendStep(sender, message):
                    self._connection(sender).send_unconfirmed(message, now=self._link.now)
                case PauseStep(seconds):
                    self._pass_time(seconds)
                case CutStep(seconds):
                    self._link.cut()
                    self._pass_time(seconds)
                    self._link.restore()
        except LocalProtocolError as refusal:
            self._story.refused.append(refusal)

    def _call(self, step: CallStep) -> None:
        connection = self._connection(step.caller)
        call = connection.send_call(step.request, now=self._link.now)
        self._steps[call.message_id] = step
        self._story.calls.append(call)

    def _notice(self, role: Role, event: object) -> None:
        if isinstance(event, OUTCOMES):
            self._story.outcomes.append(event)
        elif isinstance(event, CallReceived):
            step = self._steps.get(event.message_id)
            if step and step.reply is not None:
                due = self._link.now + step.after
                heappush(self._answers, (due, next(self._serial), role, event, step.reply))

    def _pass_time(self, seconds: float) -> None:
        end = self._link.now + seconds
        self._link.run_until_idle() if not seconds else self._link.advance(0)
        while self._answers and self._answers[0][0] <= max(end, self._link.now):
            due, _, role, event, reply = heappop(self._answers)
            self._link.advance(max(due - self._link.now, 0))
            self._answer(role, event, reply)
            self._link.advance(0)
        self._link.advance(max(end - self._link.now, 0))

    def _answer(self, role: Role, event: CallReceived, reply: Response | Refusal) -> None:
        connection, now = self._connection(role), self._link.now
        if not any(event is waiting for waiting in connection.unanswered_calls):
            return  # its line is gone
        if isinstance(reply, Refusal):
            connection.send_call_error(event, reply.code, reply.description, reply.details, now=now)
        else:
            connection.send_call_result(event, reply, now=now)

    def _connection(self, role: Role) -> Connection:
        return self._link.station if role is Role.STATION else self._link.csms
