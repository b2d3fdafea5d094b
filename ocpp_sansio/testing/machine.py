"""`PeersMachine`: a station and a CSMS under hypothesis, on a line where anything can happen at any time.

    class MyCsms(PeersMachine):
        version = Version.OCPP201

        def make_handlers(self):
            backend = Backend()  # a fresh one for each story
            return {Role.CSMS: {"BootNotification": backend.boot, "*": backend.refuse}}

    TestMyCsms = MyCsms.TestCase

hypothesis looks for a story in which a handler of yours raises or answers what it must not, or in which
either side breaks a rule of the protocol, and tells the shortest one it finds. Where there are handlers, most
steps are calls that reach one, with values that were said before (`Domain`), in stories (`stories`).
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
    Request,
    Response,
    Role,
    Version,
    catalog,
    to_object,
)
from ocpp_sansio.session import CallRejected
from ocpp_sansio.testing.chance import Chance, one_in, pick
from ocpp_sansio.testing.domain import Domain, Seen, draw
from ocpp_sansio.testing.judge import Judge
from ocpp_sansio.testing.model import RuleBroken, SideModel
from ocpp_sansio.testing.plots import AskStep, Counterpart, filled_in
from ocpp_sansio.testing.reached import Reached
from ocpp_sansio.testing.scripts import CutStep, Refusal
from ocpp_sansio.testing.shapes import read_json, write_json
from ocpp_sansio.testing.strategies import (
    error_codes,
    payloads,
    raw_messages,
    requests,
    sends,
    told_in_part,
    wild_numbers,
    with_chance,
)
from ocpp_sansio.testing.transcript import Entry, Transcript, summary

__all__ = ["Handler", "PeersMachine"]

Handler: TypeAlias = Callable[[Any], Response | JsonObject | Refusal]
"""Takes a request; returns its answer, or raises `CallRejected`. No coroutine: the machine has no loop."""

CALL_TIMEOUT = 10.0
"""Seconds; the machine's steps in time are made to fall before, on and after it."""

MAX_ROUNDS = 100
"""Times that what is said may lead to more being said, before it counts as endless."""

_ROLES = st.sampled_from(Role)
_WEATHERS = st.sampled_from([False, False, False, True])


def _in_rough_weather(condition: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a precondition for what only a rough line, or a peer without manners, does."""
    return precondition(lambda self: self.is_rough and condition(self))


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
    domain: ClassVar[Domain] = Domain()
    """What your handlers know, such as idTags: calls are drawn from it."""
    strict: ClassVar[bool] = False
    """Whether what no rule forbids and is only suspicious counts as a broken rule, too."""
    reached: ClassVar[Reached] = Reached()
    """What the stories of this class got to; print it."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.reached = Reached()

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        """Virtual seconds."""
        self.is_connected = False
        self.is_rough = True
        """Whether the line may do anything in this story. Where there are handlers most are calm."""
        self.transcript = Transcript()
        self.seen = Seen()
        """What was said in this story."""
        self._tables: Mapping[Role, Mapping[str, Handler]] = {}
        self._judges: dict[Role, Judge] = {}
        self._counterpart = Counterpart(self.version)
        numbers = count(1)
        self.sides: dict[Role, _Side] = {}
        """The two sides: connection, model, and what is on its way."""
        for role in Role:
            config = replace(self.make_config(role), new_message_id=lambda: f"id-{next(numbers)}")
            connection = self.make_connection(role, config)
            self.sides[role] = _Side(connection, SideModel(self.version, role))

    # --- to be overridden -------------------------------------------------------------------------

    def make_handlers(self) -> Mapping[Role, Mapping[str, Handler]]:
        """Return the handlers of one story, by side and action, with state of their own; else `handlers`."""
        return self.handlers

    def make_config(self, role: Role) -> Config:  # noqa: ARG002 - for those who override it
        """Return the configuration of a side. Small caps, so that they are reached."""
        return Config(call_timeout=CALL_TIMEOUT, max_queued_calls=2, max_unanswered_calls=2)

    def make_connection(self, role: Role, config: Config) -> Connection:
        """Return the connection of a side."""
        return Connection(role, config=config)

    def noticed(self, role: Role, event: Any) -> None:
        """Take an event of a side's, after it was judged; for state and invariants of your own."""

    # --- what the application does ----------------------------------------------------------------

    @initialize(data=st.data())
    def open_line(self, data: st.DataObject) -> None:
        """Both sides are connected."""
        self._tables = self.make_handlers()
        self._judges = {role: Judge(self.version, role) for role in self._tables}
        self.reached.stories += 1
        for role, table in self._tables.items():
            for name in table:
                self.reached.handlers.setdefault((role, name), 0)
        if self._tables:
            self.is_rough = data.draw(_WEATHERS, label="rough")
        self._connect()

    @precondition(lambda self: self.is_connected and self._tables)
    @rule(data=st.data())
    def converse(self, data: st.DataObject) -> None:
        """A side asks for what the other has a handler for, and is answered."""
        self._converse(data, Seen())

    @precondition(lambda self: self.is_connected and self._tables)
    @rule(data=st.data())
    def follow_up(self, data: st.DataObject) -> None:
        """A side asks about what was said before, and is answered."""
        self._converse(data, self.seen)

    @precondition(lambda self: self.is_connected and self._tables)
    @rule(data=st.data())
    def tell_a_story(self, data: st.DataObject) -> None:
        """A side tells a whole story: a charge, say, or what goes wrong with one."""
        role = data.draw(st.sampled_from([*self._tables]), label="to").other
        handled = [*self._tables[role.other]]
        actions = None if "*" in handled else handled

        def make(chance: Chance) -> Any:
            return told_in_part(chance, self.version, role, self.domain, actions)

        for step in data.draw(with_chance(make), label="story"):
            if isinstance(step, CutStep):
                self._reconnect(step.seconds)
            elif isinstance(step, AskStep):
                self._say(role, step)

    @precondition(lambda self: self.is_connected and not self.is_rough)
    @rule(seconds=st.sampled_from([0.0, 60.0, 86_400.0]))
    def reconnect(self, seconds: float) -> None:
        """The line goes, and is back after some time."""
        self._reconnect(seconds)

    @_in_rough_weather(lambda self: self.is_connected)
    @rule(role=_ROLES, timeout=st.sampled_from([None, 1.0, 30.0]), data=st.data())
    def call(self, role: Role, timeout: float | None, data: st.DataObject) -> None:
        """A side calls, at once or into its queue."""
        self._call(role, data.draw(self._requests(role)), timeout)

    @_in_rough_weather(lambda self: self._has_calls())
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

    @_in_rough_weather(lambda self: any(side.model.unanswered for side in self.sides.values()))
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        """A side answers a call, in any order."""
        role, event = self._unanswered(data)
        handler = self._handler(role, event.action)
        if handler:
            reply = self._handled(role, handler, event)
        else:
            action = catalog(self.version)[event.action]
            reply = data.draw(payloads(action.response or Response))
        self._reply(role, event, reply)

    @_in_rough_weather(lambda self: any(side.model.unanswered for side in self.sides.values()))
    @rule(data=st.data(), code=error_codes(), description=st.text(max_size=300))
    def reject(self, data: st.DataObject, code: Any, description: str) -> None:
        """A side refuses a call."""
        role, event = self._unanswered(data)
        self._refuse(role, event, Refusal(code, description))

    @_in_rough_weather(lambda self: any(side.results for side in self.sides.values()))
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

    @_in_rough_weather(lambda self: any(side.unwritten for side in self.sides.values()))
    @rule(data=st.data())
    def flush(self, data: st.DataObject) -> None:
        """What a side wants sent is on its way."""
        self._write(self._one_side(data, lambda side: side.unwritten))

    @_in_rough_weather(lambda self: any(side.wire for side in self.sides.values()))
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        """The next message of a side arrives."""
        role = self._one_side(data, lambda side: side.wire)
        self._receive(role.other, self.sides[role].wire.pop(0))

    @_in_rough_weather(
        lambda self: any(side.wire or side.unwritten for side in self.sides.values())
    )
    @rule()
    def carry(self) -> None:
        """The line is good for a moment: all that is under way arrives."""
        self._carry()

    @_in_rough_weather(lambda self: any(side.wire for side in self.sides.values()))
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

    @_in_rough_weather(lambda self: self.is_connected)
    @rule(role=_ROLES, message=raw_messages())
    def garbage(self, role: Role, message: bytes | str) -> None:
        """A side gets something that its peer never sent."""
        self._receive(role, message)

    @_in_rough_weather(lambda self: self.is_connected and self._has_calls())
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

    @_in_rough_weather(lambda self: self.is_connected)
    @rule()
    def cut(self) -> None:
        """The line is gone, with all that was on it."""
        self._disconnect()

    @_in_rough_weather(lambda self: not self.is_connected)
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

    def ask(self, role: Role, request: Request[Any] | tuple[str, JsonObject]) -> None:
        """Have a side call, from a handler of yours: a station that was started begins a transaction, say.

        `request` is a typed one, or an action and its payload. The call leaves after the handler's
        answer. It is dropped without a line, or when too many wait.
        """
        side = self.sides[role]
        waiting = len(side.model.waiting) >= side.connection.config.max_queued_calls
        if self.is_connected and not (side.model.in_flight is not None and waiting):
            self._call(role, request, None)

    # --- conversations ----------------------------------------------------------------------------

    def _converse(self, data: st.DataObject, seen: Seen) -> None:
        role = data.draw(st.sampled_from([*self._tables]), label="to").other
        request = data.draw(with_chance(lambda chance: self._request(chance, role, seen)))
        if request is not None:
            self._call(role, request, None)
            self._exchange()

    def _request(self, chance: Chance, role: Role, seen: Seen) -> Any:
        """Return what `role` asks for: mostly what the other side has a handler for by name."""
        known = [
            action
            for action in catalog(self.version).values()
            if action.direction in role.sends and issubclass(action.request, Request)
        ]
        table = self._tables[role.other]
        named = [action for action in known if action.name in table]
        if "*" in table and (not named or one_in(chance, 6)):
            named = known
        return draw(chance, pick(chance, named).request, self.domain, seen) if named else None

    def _say(self, role: Role, step: AskStep) -> None:
        """Take a step of a story."""
        side = self.sides[role]
        if side.model.in_flight is not None:
            self._exchange()
        if side.model.in_flight is not None:
            return  # on a rough line its answer may be lost
        self._call(role, (step.action, filled_in(step.payload, self.seen)), None)
        if step.is_answer_lost:
            self._carry()
            self._serve_all()
            self._reconnect(5.0)
        else:
            self._exchange()

    def _exchange(self) -> None:
        """Carry and answer until nobody has anything to say."""
        for _ in range(MAX_ROUNDS):
            self._carry()
            if not self._serve_all() and not any(
                side.wire or side.unwritten for side in self.sides.values()
            ):
                return
        raise RuntimeError(f"{MAX_ROUNDS} rounds, and no end: do handlers call each other?")

    def _carry(self) -> None:
        for role, side in self.sides.items():
            self._write(role)
            arriving, side.wire = side.wire, []
            for message in arriving:
                self._receive(role.other, message)

    def _serve_all(self) -> bool:
        """Answer every call that waits for it; return whether there was any."""
        waiting = [(role, event) for role in Role for event in self.sides[role].model.unanswered]
        for role, event in waiting:
            handler = self._handler(role, event.action)
            if handler:
                self._reply(role, event, self._handled(role, handler, event))
            else:
                self._reply(
                    role, event, self._counterpart.answer(event.action, _json(event.payload)) or {}
                )
        return bool(waiting)

    def _reply(self, role: Role, event: CallReceived, reply: Any) -> None:
        if isinstance(reply, Refusal):
            self._refuse(role, event, reply)
            return
        self.sides[role].connection.send_call_result(event, reply, now=self.now)
        self._answered(role, event, 3)
        if self._tables:
            self.reached.actions[role, event.action] += 1
            self._hear(role, event, _json(reply))

    def _hear(self, role: Role, event: CallReceived, reply: JsonObject) -> None:
        """Let the judges of the sides with handlers hear a call and its answer."""
        request, caller = _json(event.payload), role.other
        self.seen.note(request, is_given=caller in self._judges)
        self.seen.note(reply, is_given=role in self._judges or event.action == "StartTransaction")
        heard = {
            side: judge.hear_answer if side is role else judge.hear_call
            for side, judge in self._judges.items()
        }
        for side, hear in heard.items():
            for verdict in hear(event.action, request, reply):
                if verdict.is_forbidden or self.strict:
                    raise RuleBroken(
                        f"the {side} {verdict.what}: {verdict.about}\n{self.transcript}"
                    )
                self.reached.suspicions[f"the {side} {verdict.what}"] += 1

    def _reconnect(self, seconds: float) -> None:
        self._disconnect()
        for judge in self._judges.values():
            judge.lose_line()
        self.now += seconds
        self._connect()
        self.reached.reconnects += 1

    # --- inside -----------------------------------------------------------------------------------

    def _call(self, role: Role, request: Any, timeout: float | None) -> None:
        """Have a side call: a typed request, or an action and its payload."""
        side = self.sides[role]
        limit = side.connection.config.max_queued_calls
        is_full = side.model.in_flight is not None and len(side.model.waiting) >= limit
        what = request if isinstance(request, tuple) else (request,)
        try:
            call = side.connection.send_call(*what, now=self.now, timeout=timeout)
        except LocalProtocolError:
            self._demand(is_full, role, f"a call was refused: {request}")
            return
        self._demand(not is_full, role, f"more than {limit} calls are queued")
        seconds = side.connection.config.call_timeout if timeout is None else timeout
        side.model.calls_out(call, seconds, self.now)
        self._settle(role)

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
        self.reached.refusals[role, event.action] += 1
        self.sides[role].connection.send_call_error(
            event, refusal.code, refusal.description, refusal.details, now=self.now
        )
        self._answered(role, event, 4)

    def _requests(self, role: Role) -> st.SearchStrategy[Any]:
        """Draw what `role` may ask; half of it what the other side has a handler of its own for."""
        anything = requests(self.version, role)
        known = catalog(self.version)
        handled = [known[name] for name in self._tables.get(role.other, {}) if name in known]
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
        table = self._tables.get(role, {})
        return table.get(action) or table.get("*")

    def _handled(self, role: Role, handler: Handler, event: CallReceived) -> Any:
        name = event.action if event.action in self._tables[role] else "*"
        self.reached.handlers[role, name] = self.reached.handlers.get((role, name), 0) + 1
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


def _json(payload: Any) -> JsonObject:
    return to_object(payload)


def _head(frame: bytes) -> tuple[Any, Any]:
    elements = read_json(frame)
    return elements[0], elements[1]
