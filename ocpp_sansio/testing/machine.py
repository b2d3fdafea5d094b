"""`PeersMachine`: a station and a CSMS under hypothesis, on a line where anything can happen at any time.

    class MyCsms(PeersMachine):
        version = Version.OCPP201
        handlers = {Role.CSMS: {"BootNotification": my_boot, "*": my_fallback}}

    TestMyCsms = MyCsms.TestCase

hypothesis looks for a story in which a handler of yours raises or answers what it must not, or in which
either side breaks a rule of the protocol, and tells the shortest one it finds.
"""

# ruff: noqa: D401 - the docstring of a rule tells what happens in the story, not what the method does

from collections.abc import Callable, Mapping
from itertools import count
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from msgspec.structs import replace

from ocpp_sansio.core import (
    Call,
    CallReceived,
    CallResultReceived,
    Config,
    Connection,
    JsonObject,
    LocalProtocolError,
    Response,
    Role,
    Version,
    catalog,
)
from ocpp_sansio.session import CallRejected
from ocpp_sansio.testing.model import RuleBroken, SideModel
from ocpp_sansio.testing.scripts import Refusal
from ocpp_sansio.testing.shapes import read_json, write_json
from ocpp_sansio.testing.strategies import (
    error_codes,
    payloads,
    raw_messages,
    requests,
    sends,
    wild_numbers,
)
from ocpp_sansio.testing.transcript import Entry, Transcript, summary

__all__ = ["Handler", "PeersMachine"]

Handler: TypeAlias = Callable[[Any], Response | JsonObject | Refusal]
"""Takes a request; returns its answer, or raises `CallRejected`. No coroutine: the machine has no loop."""

CALL_TIMEOUT = 10.0
"""Seconds; the machine's steps in time are made to fall before, on and after it."""

_ROLES = st.sampled_from(Role)


@attrs.define
class _Side:
    connection: Connection
    model: SideModel
    wire: list[bytes] = attrs.field(factory=list)
    """What it has sent and the other side has not got."""
    unwritten: list[bytes] = attrs.field(factory=list)
    """What it wants to send and nobody has written yet."""
    results: list[CallResultReceived] = attrs.field(factory=list)
    """Answers that it may yet refuse."""


class PeersMachine(RuleBasedStateMachine):
    """Two peers, every step of theirs and of the line a rule, every rule of the protocol an invariant."""

    version: ClassVar[Version] = Version.OCPP16
    """What the two agree on."""
    handlers: Mapping[Role, Mapping[str, Handler]] = MappingProxyType({})
    """By side and action, "*" for any: what answers calls; without one, answers are drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        """Virtual seconds."""
        self.is_connected = False
        self.transcript = Transcript()
        numbers = count(1)
        self.sides: dict[Role, _Side] = {}
        """The two sides: connection, model, and what is on its way."""
        for role in Role:
            config = replace(self.make_config(role), new_message_id=lambda: f"id-{next(numbers)}")
            connection = self.make_connection(role, config)
            self.sides[role] = _Side(connection, SideModel(self.version, role))

    # --- to be overridden -------------------------------------------------------------------------

    def make_config(self, role: Role) -> Config:  # noqa: ARG002 - for those who override it
        """Return the configuration of a side. Small caps, so that they are reached."""
        return Config(call_timeout=CALL_TIMEOUT, max_queued_calls=2, max_unanswered_calls=2)

    def make_connection(self, role: Role, config: Config) -> Connection:
        """Return the connection of a side."""
        return Connection(role, config=config)

    def noticed(self, role: Role, event: Any) -> None:
        """Take an event of a side's, after it was judged; for state and invariants of your own."""

    # --- what the application does ----------------------------------------------------------------

    @initialize()
    def open_line(self) -> None:
        """Both sides are connected."""
        self._connect()

    @precondition(lambda self: self.is_connected)
    @rule(role=_ROLES, timeout=st.sampled_from([None, 1.0, 30.0]), data=st.data())
    def call(self, role: Role, timeout: float | None, data: st.DataObject) -> None:
        """A side calls, at once or into its queue."""
        side = self.sides[role]
        request = data.draw(self._requests(role))
        limit = side.connection.config.max_queued_calls
        is_full = side.model.in_flight is not None and len(side.model.waiting) >= limit
        try:
            call = side.connection.send_call(request, now=self.now, timeout=timeout)
        except LocalProtocolError:
            self._demand(is_full, role, f"a call was refused: {request}")
            return
        self._demand(not is_full, role, f"more than {limit} calls are queued")
        seconds = side.connection.config.call_timeout if timeout is None else timeout
        side.model.calls_out(call, seconds, self.now)
        self._settle(role)

    @precondition(lambda self: self._has_calls())
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """A side takes a call back, perhaps too late."""
        role = self._one_side(data, lambda side: side.model.calls)
        side = self.sides[role]
        call: Call = data.draw(st.sampled_from(side.model.calls), label="call")
        expected = side.model.withdraws(call)
        self._demand(
            side.connection.withdraw(call, now=self.now) is expected,
            role,
            f"withdraw({call}) is not {expected}",
        )
        self._settle(role)

    @precondition(lambda self: any(side.model.unanswered for side in self.sides.values()))
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        """A side answers a call, in any order."""
        role, event = self._unanswered(data)
        handler = self._handler(role, event.action)
        if handler:
            reply = self._handled(handler, event)
        else:
            action = catalog(self.version)[event.action]
            reply = data.draw(payloads(action.response or Response))
        if isinstance(reply, Refusal):
            self._refuse(role, event, reply)
            return
        self.sides[role].connection.send_call_result(event, reply, now=self.now)
        self._answered(role, event, 3)

    @precondition(lambda self: any(side.model.unanswered for side in self.sides.values()))
    @rule(data=st.data(), code=error_codes(), description=st.text(max_size=300))
    def reject(self, data: st.DataObject, code: Any, description: str) -> None:
        """A side refuses a call."""
        role, event = self._unanswered(data)
        self._refuse(role, event, Refusal(code, description))

    @precondition(lambda self: any(side.results for side in self.sides.values()))
    @rule(data=st.data(), code=error_codes())
    def refuse_result(self, data: st.DataObject, code: Any) -> None:
        """A side refuses an answer (2.1, F-5); at most once, and not for ever."""
        role = self._one_side(data, lambda side: side.results)
        side = self.sides[role]
        event = data.draw(st.sampled_from(side.results), label="result")
        side.results = [other for other in side.results if other is not event]
        try:
            side.connection.send_call_result_error(event, code, now=self.now)
        except LocalProtocolError:
            return  # too long ago: the cap on what is remembered
        self._answered(role, event, 5)

    @precondition(lambda self: self.is_connected and self.version is Version.OCPP21)
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        """The station sends what is never answered (2.1, F-6), whatever is in flight (S-4)."""
        message = data.draw(sends(self.version, Role.STATION))
        self.sides[Role.STATION].connection.send_unconfirmed(message, now=self.now)
        self._settle(Role.STATION)

    # --- what the line does -----------------------------------------------------------------------

    @precondition(lambda self: any(side.unwritten for side in self.sides.values()))
    @rule(data=st.data())
    def flush(self, data: st.DataObject) -> None:
        """What a side wants sent is on its way."""
        self._write(self._one_side(data, lambda side: side.unwritten))

    @precondition(lambda self: any(side.wire for side in self.sides.values()))
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        """The next message of a side arrives."""
        role = self._one_side(data, lambda side: side.wire)
        self._receive(_other(role), self.sides[role].wire.pop(0))

    @precondition(lambda self: any(side.wire or side.unwritten for side in self.sides.values()))
    @rule()
    def carry(self) -> None:
        """The line is good for a moment: all that is under way arrives."""
        for role, side in self.sides.items():
            self._write(role)
            arriving, side.wire = side.wire, []
            for message in arriving:
                self._receive(_other(role), message)

    @precondition(lambda self: any(side.wire for side in self.sides.values()))
    @rule(data=st.data(), what=st.sampled_from(["lose", "duplicate", "delay", "truncate"]))
    def harm(self, data: st.DataObject, what: str) -> None:
        """Something happens to the next message of a side."""
        role = self._one_side(data, lambda side: side.wire)
        wire = self.sides[role].wire
        match what:
            case "lose":
                wire.pop(0)
            case "duplicate":
                wire.append(wire[0])
            case "delay":
                wire.append(wire.pop(0))
            case _:
                wire[0] = wire[0][: data.draw(st.integers(0, len(wire[0])), label="length")]

    @precondition(lambda self: self.is_connected)
    @rule(role=_ROLES, message=raw_messages())
    def garbage(self, role: Role, message: bytes | str) -> None:
        """A side gets something that its peer never sent."""
        self._receive(role, message)

    @precondition(lambda self: self.is_connected and self._has_calls())
    @rule(data=st.data())
    def forge(self, data: st.DataObject) -> None:
        """A side gets a response that its peer never gave: to any call, early or late, good or bad."""
        role = self._one_side(data, lambda side: side.model.calls)
        call = data.draw(self._answerable(self.sides[role].model), label="call")
        action = catalog(self.version)[call.action]
        good = write_json(data.draw(payloads(action.response or Response)))
        tails = [b"," + good, b',"GenericError","",{}', b"", b",{}", b',"x"', b",7"]
        wild = data.draw(wild_numbers(), label="number")
        tails += [b',{"x":%b}' % wild, b',"GenericError","",{"x":%b}' % wild]
        tail = data.draw(st.sampled_from(tails), label="tail")
        kind = data.draw(st.sampled_from([3, 4]), label="type")
        self._receive(role, b"[%d,%b%b]" % (kind, write_json(call.message_id), tail))

    @rule(seconds=st.sampled_from([0.0, 0.999, 1.0, 5.0, CALL_TIMEOUT, 31.0]))
    def tick(self, seconds: float) -> None:
        """Time passes, and both sides are told."""
        self.now += seconds
        for role, side in self.sides.items():
            side.model.passes_time(self.now)
            side.connection.handle_timeout(now=self.now)
            self._settle(role)

    @precondition(lambda self: self.is_connected)
    @rule()
    def cut(self) -> None:
        """The line is gone, with all that was on it."""
        self._disconnect()

    @precondition(lambda self: not self.is_connected)
    @rule()
    def restore(self) -> None:
        """The line is back."""
        self._connect()

    # --- what always holds ------------------------------------------------------------------------

    def check_books(self, role: Role) -> None:
        """Compare a side's books with the model's (S-1, S-3, S-5, S-10); after each step of that side."""
        side = self.sides[role]
        connection, model, config = side.connection, side.model, side.connection.config
        self._demand(
            connection.outstanding_call is model.in_flight,
            role,
            f"S-1: {connection.outstanding_call} is in flight, not {model.in_flight}",
        )
        self._demand(
            list(map(id, connection.queued_calls)) == list(map(id, model.waiting)),
            role,
            f"S-1: {connection.queued_calls} are queued, not {model.waiting}",
        )
        self._demand(
            connection.next_timeout() == model.deadline,
            role,
            f"S-10: wakes at {connection.next_timeout()}, not at {model.deadline}",
        )
        self._demand(
            list(map(id, connection.unanswered_calls)) == list(map(id, model.unanswered)),
            role,
            f"S-5: {connection.unanswered_calls} are unanswered, not {model.unanswered}",
        )
        self._demand(
            len(connection.queued_calls) <= config.max_queued_calls
            and len(connection.unanswered_calls) <= config.max_unanswered_calls,
            role,
            "a cap does not hold",
        )

    def teardown(self) -> None:
        """The line goes for good: nothing may be left, and every call has had its one outcome."""
        if not self.sides:
            return
        self._disconnect()
        for role, side in self.sides.items():
            self._judged(role, side.model.judge_end)

    # --- inside -----------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._tell(None, f"connected, {self.version.value}")
        for role, side in self.sides.items():
            side.connection.connected(self.version, now=self.now)
            self._settle(role)
        self.is_connected = True

    def _disconnect(self) -> None:
        self._tell(None, "cut")
        self.is_connected = False
        for role, side in self.sides.items():
            side.wire, side.unwritten, side.results = [], [], []
            side.model.loses_the_line()
            side.connection.disconnected(now=self.now)
            self._settle(role)
            connection = side.connection
            left = (
                connection.outstanding_call,
                *connection.queued_calls,
                *connection.unanswered_calls,
                connection.next_timeout(),
            )
            nothing = all(item is None for item in left) and not connection.is_connected
            self._demand(nothing, role, f"after disconnected() there is still {left}")

    def _write(self, role: Role) -> None:
        side = self.sides[role]
        for frame in side.unwritten:
            self._tell(role, frame.decode("utf-8", "replace"), is_message=True)
        side.wire += side.unwritten
        side.unwritten = []

    def _receive(self, role: Role, message: bytes | str) -> None:
        data = message.encode("utf-8", "surrogatepass") if isinstance(message, str) else message
        side = self.sides[role]
        side.connection.received(message, now=self.now)
        self._settle(
            role, lambda events, frames: side.model.judge_message(data, events, frames, self.now)
        )

    def _settle(
        self, role: Role, judge: Callable[[list[Any], list[bytes]], None] | None = None
    ) -> None:
        """Take what a step made a side say, let the model judge it, and put it where it goes next."""
        side = self.sides[role]
        events = side.connection.events()
        frames = [frame.data for frame in side.connection.frames_to_send()]
        for event in events:
            self._tell(role, summary(event))
        self._judged(role, lambda: (judge or side.model.judge_rest)(events, frames))
        self.check_books(role)
        if self.version is Version.OCPP21:
            side.results += [event for event in events if isinstance(event, CallResultReceived)]
        side.unwritten += frames
        for event in events:
            self.noticed(role, event)

    def _answered(self, role: Role, event: CallReceived | CallResultReceived, kind: int) -> None:
        side = self.sides[role]
        if isinstance(event, CallReceived):
            side.model.answers(event)
        message_id = event.message_id if isinstance(event, CallReceived) else event.call.message_id
        before = len(side.unwritten)
        self._settle(role)
        heads = [_head(frame) for frame in side.unwritten[before:]]
        self._demand(heads == [(kind, message_id)], role, f"I-4: {event} was answered by {heads}")

    def _refuse(self, role: Role, event: CallReceived, refusal: Refusal) -> None:
        self.sides[role].connection.send_call_error(
            event, refusal.code, refusal.description, refusal.details, now=self.now
        )
        self._answered(role, event, 4)

    def _requests(self, role: Role) -> st.SearchStrategy[Any]:
        """Draw what `role` may ask; half of it what the other side has a handler of its own for."""
        anything = requests(self.version, role)
        known = catalog(self.version)
        handled = [known[name] for name in self.handlers.get(_other(role), {}) if name in known]
        if not handled:
            return anything
        wanted = [payloads(action.request) for action in handled if action.direction in role.sends]
        return st.one_of(wanted) | anything

    def _answerable(self, model: SideModel) -> st.SearchStrategy[Call]:
        """Draw a call of a side's: half the time the one in flight, else any that there ever was."""
        any_call = st.sampled_from(model.calls)
        return st.just(model.in_flight) | any_call if model.in_flight else any_call

    def _has_calls(self) -> bool:
        return any(side.model.calls for side in self.sides.values())

    def _unanswered(self, data: st.DataObject) -> tuple[Role, CallReceived]:
        role = self._one_side(data, lambda side: side.model.unanswered)
        return role, data.draw(st.sampled_from(self.sides[role].model.unanswered), label="call")

    def _one_side(self, data: st.DataObject, has: Callable[[_Side], Any]) -> Role:
        able = [role for role, side in self.sides.items() if has(side)]
        return able[0] if len(able) == 1 else data.draw(st.sampled_from(able), label="side")

    def _handler(self, role: Role, action: str) -> Handler | None:
        table = self.handlers.get(role, {})
        return table.get(action) or table.get("*")

    def _handled(self, handler: Handler, event: CallReceived) -> Any:
        try:
            return handler(event.payload)
        except CallRejected as rejected:
            return Refusal(rejected.code, rejected.description, rejected.details or {})
        except Exception as error:
            error.add_note(f"In answer to {event.payload!r}\n{self.transcript}")
            raise

    def _judged(self, role: Role, judge: Callable[[], None]) -> None:
        try:
            judge()
        except RuleBroken as broken:
            broken.add_note(f"This was the {role}.\n{self.transcript}")
            raise

    def _demand(self, holds: bool, role: Role, otherwise: str) -> None:  # noqa: FBT001 - an assertion
        if not holds:
            raise RuleBroken(f"the {role}: {otherwise}\n{self.transcript}")

    def _tell(self, role: Role | None, text: str, *, is_message: bool = False) -> None:
        self.transcript.add(Entry(self.now, role, text, is_message))


def _head(frame: bytes) -> tuple[Any, Any]:
    elements = read_json(frame)
    return elements[0], elements[1]


def _other(role: Role) -> Role:
    return Role.CSMS if role is Role.STATION else Role.STATION
