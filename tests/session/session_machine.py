"""`PeersMachine` with two sessions in the place of its connections, in either world, in lockstep.

The machine runs in the test's thread, the world in another. The world does one thing at a time, as the
machine says, until every task waits; in between its loop stands still, and with it the world's time. So
a story is as deterministic as it is with plain connections, and shrinks as well.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from queue import SimpleQueue
from threading import Thread
from typing import Any, ClassVar, cast

import attrs
import trio
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from worlds import WORLDS, Cancelled, Job, World

from ocpp_sansio import (
    CallAborted,
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Config,
    Connection,
    ErrorCode,
    Event,
    LocalProtocolError,
    Role,
)
from ocpp_sansio.frames import Call
from ocpp_sansio.handlers import DEFERRED, CallRejected, IncomingCall
from ocpp_sansio.messages import catalog
from ocpp_sansio.outcomes import CallTimeout, ConnectionLost, InvalidResult, Outcome
from ocpp_sansio.session import SessionBase
from ocpp_sansio.testing import PeersMachine, minimal
from ocpp_sansio.versions import Version

PATIENCE = 30.0
"""Real seconds for one step; a hundredth of one is much."""

Step = Callable[[World], Awaitable[Any]]


class Lockstep:
    """A world in a thread of its own, which moves only while `do` waits for it."""

    def __init__(self, world: str) -> None:
        self._steps: SimpleQueue[Step | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._stack = AsyncExitStack()
        self._thread = Thread(target=self._run, args=(world,), daemon=True)
        self._thread.start()

    def do(self, step: Step) -> Any:
        """Have the world do something, and all that follows from it; return or raise what it came to."""
        self._steps.put(step)
        return self._next_result()

    def end(self) -> None:
        """Leave the sessions; raises AssertionError if they leave a task or a timer behind."""
        self._steps.put(None)
        self._next_result()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    async def enter(self, session: SessionBase) -> None:
        await self._stack.enter_async_context(session)

    def _next_result(self) -> Any:
        result, error = self._results.get(timeout=PATIENCE)
        if error:
            raise error
        return result

    def _run(self, world: str) -> None:
        try:
            WORLDS[world](self._follow)
        except BaseException as error:  # noqa: BLE001 - the test's thread raises it
            self._results.put((None, error))
        else:
            self._results.put((None, None))

    async def _follow(self, world: World) -> None:
        async with self._stack:
            while step := self._steps.get():  # it blocks the loop: that is what stops the time
                result, error = None, None
                try:
                    result = await step(world)
                except Exception as raised:  # noqa: BLE001 - as above
                    error = raised
                await until_all_wait()
                self._results.put((result, error))


async def until_all_wait() -> None:
    """Return when every other task waits, and no time has passed."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        await trio.testing.wait_all_tasks_blocked()
        return
    await asyncio.sleep(0)
    while cast("Any", loop)._ready:  # noqa: ASYNC110 - nothing tells when a loop has nothing to do
        await asyncio.sleep(0)


@attrs.define(eq=False)
class Asked:
    """A call that one of our tasks waits for."""

    job: Job | None = None
    call: Call | None = None
    is_given_up: bool = False
    """Whether that task was cancelled while the call was in flight."""


@attrs.define(eq=False)
class Served:
    """A call of the peer's, and the handler that hangs until it is told what to do."""

    incoming: IncomingCall
    flag: Any
    act: Callable[[IncomingCall], Awaitable[Any]] | None = None


class SessionPeer:
    """A session, looking to `PeersMachine` like a connection.

    Its events are what handlers got and what awaiting the calls came to, its frames what the sender got.
    """

    def __init__(
        self,
        lockstep: Lockstep,
        version: Version,
        role: Role,
        config: Config,
        spoil: Callable[[SessionBase], object],
    ) -> None:
        self.config = config
        self.habit = "return"
        """How answers are given."""
        self.deeds: set[str] = set()
        """What handlers and callers have done."""
        self._lockstep = lockstep
        self._role = role
        self._actions = [a.name for a in catalog(version).values() if a.direction in role.receives]
        self._events: list[Event] = []
        self._frames: list[bytes] = []
        self._asked: list[Asked] = []
        self._served: dict[int, Served] = {}
        self._outcomes: dict[int, Outcome] = {}
        self._last_input: bytes = b""
        self.session: SessionBase = lockstep.do(self._open)
        spoil(self.session)

    async def _open(self, world: World) -> SessionBase:
        self._world = world
        session = world.session(
            self._role,
            sender=self._frames.append,
            handlers=dict.fromkeys(self._actions, self._handle),
            config=self.config,
        )
        await self._lockstep.enter(session)
        return session

    # --- what only looks --------------------------------------------------------------------------

    @property
    def outstanding_call(self) -> Call | None:
        return self.session.connection.outstanding_call

    @property
    def queued_calls(self) -> Sequence[Call]:
        return self.session.connection.queued_calls

    @property
    def unanswered_calls(self) -> Sequence[CallReceived]:
        return self.session.connection.unanswered_calls

    @property
    def is_connected(self) -> bool:
        return self.session.is_connected

    def next_timeout(self) -> float | None:
        return self.session.connection.next_timeout()

    def is_in_flight(self) -> bool:
        """Whether a task waits for the call that is in flight."""
        return any(asked.call is self.outstanding_call for asked in self._waiting())

    def _waiting(self) -> list[Asked]:
        return [asked for asked in self._asked if asked.call and not asked.is_given_up]

    def tasks_left(self) -> int:
        """How many calls there are that nobody has told what came of them."""
        return len(self._asked) + len(self._served)

    # --- inputs and actions -----------------------------------------------------------------------

    def connected(self, version: Version, *, now: float) -> None:
        self._do(now, lambda: self.session.connected(version))

    def disconnected(self, *, now: float) -> None:
        self._last_input = b""
        self._do(now, self.session.disconnected)

    def received(self, message: bytes | str, *, now: float) -> None:
        is_text = isinstance(message, str)
        self._last_input = message.encode("utf-8", "replace") if is_text else message  # type: ignore[union-attr,assignment]
        self._do(now, lambda: self.session.received(message))

    def send_call(self, request: Any, *, now: float, timeout: float | None) -> Call:
        asked = Asked()

        async def ask(world: World) -> None:
            asked.job = world.start(self._ask, asked, request, timeout)

        known = [other.call for other in self._asked]
        self._lockstep.do(ask)
        for call in (self.outstanding_call, *self.queued_calls):
            if call and not any(call is other for other in known):
                asked.call = call
                self._asked.append(asked)
                return call
        assert asked.job
        self._do(now, asked.job.result)
        raise AssertionError(f"{request} is neither in flight nor queued nor refused")

    def withdraw(self, call: Call, *, now: float) -> bool:
        is_queued = any(call is other for other in self.queued_calls)
        asked = next((asked for asked in self._waiting() if asked.call is call), None)
        if asked is None:
            return False
        self.cancel(asked, now=now)
        return is_queued

    def cancel(self, asked: Asked | None = None, *, now: float) -> None:
        """Cancel the task that waits for a call, or for the one in flight."""
        waiting = self._waiting()
        asked = asked or next(other for other in waiting if other.call is self.outstanding_call)
        asked.is_given_up = asked.call is self.outstanding_call
        self.deeds.add("gives up" if asked.is_given_up else "takes back")
        if not asked.is_given_up:
            self._asked.remove(asked)

        async def cancel() -> None:
            assert asked.job
            asked.job.cancel()

        self._do(now, cancel)
        assert asked.job
        try:
            self._do(now, asked.job.result)
        except Cancelled:
            return
        raise AssertionError("a cancelled task went on")

    def send_call_result(self, event: CallReceived, payload: Any, *, now: float) -> None:
        async def as_result(_: IncomingCall) -> Any:
            return payload

        async def by_itself(call: IncomingCall) -> None:
            await call.reply(payload)

        async def twice(call: IncomingCall) -> Any:
            await call.reply(payload)
            try:
                await call.reply_error(ErrorCode.INTERNAL_ERROR)
            except LocalProtocolError:
                return payload  # a third time, while we are at it
            raise AssertionError("a call was answered twice")

        async def later(_: IncomingCall) -> Any:
            return DEFERRED

        self.deeds.add(self.habit)
        habits = {"return": as_result, "reply": by_itself, "twice": twice, "defer": later}
        served = self._act(event, habits[self.habit], now=now)
        if self.habit == "defer":
            self._do(now, lambda: served.incoming.reply(payload))

    def send_call_error(
        self, event: CallReceived, code: ErrorCode, description: str, details: Any, *, now: float
    ) -> None:
        async def by_raising(_: IncomingCall) -> Any:
            raise CallRejected(code, description, details)

        async def by_itself(call: IncomingCall) -> None:
            await call.reply_error(code, description, details)

        self._act(event, by_raising if self.habit == "return" else by_itself, now=now)

    def fail(self, event: CallReceived, how: str, *, now: float) -> None:
        """Let the handler of a call come to nothing that is an answer."""
        self.deeds.add(how)

        async def broken(_: IncomingCall) -> Any:
            match how:
                case "raises":
                    raise RuntimeError("as handlers do")
                case "is cancelled" if self._world.name == "asyncio":
                    raise asyncio.CancelledError  # of something that it awaited, not its own
                case "is cancelled":
                    with trio.CancelScope() as scope:
                        scope.cancel()
                        await trio.lowlevel.checkpoint()
                case "returns nonsense":
                    return 42
                case _:
                    return {"noSuchMember": 1}
            return None

        self._act(event, broken, now=now)

    def send_unconfirmed(self, message: Any, *, now: float) -> None:
        self._do(now, lambda: self.session.send_unconfirmed(message))

    def send_call_result_error(
        self, event: CallResultReceived, code: ErrorCode, *, now: float
    ) -> None:
        outcome = self._outcomes.pop(id(event), None)
        if outcome is None:
            raise LocalProtocolError("nobody has waited for that answer")
        self._do(now, lambda: self.session.send_call_result_error(outcome, code))

    # --- outputs ----------------------------------------------------------------------------------

    def frames_to_send(self) -> list[Any]:
        frames, self._frames[:] = [_Frame(data) for data in self._frames], []
        return frames

    def events(self) -> list[Event]:
        """Return what there was to notice, outcomes in the order of their calls."""
        order = [asked.call for asked in self._asked]
        self._events += [self._ending_unseen(asked) for asked in self._unseen()]
        ended = [event.call for event in self._events if not isinstance(event, CallReceived)]  # type: ignore[union-attr]
        self._asked = [a for a in self._asked if not any(a.call is call for call in ended)]
        events, self._events = self._events, []
        return sorted(
            events,
            key=lambda event: (
                -1 if isinstance(event, CallReceived) else _index(order, event.call)  # type: ignore[union-attr]
            ),
        )

    def _unseen(self) -> list[Asked]:
        given_up = [asked for asked in self._asked if asked.is_given_up]
        return [asked for asked in given_up if asked.call is not self.outstanding_call]

    def _ending_unseen(self, asked: Asked) -> Event:
        """Tell from what happened how a call ended that nobody waited for any more."""
        call = cast("Call", asked.call)
        if not self.is_connected:
            return CallAborted(call, was_sent=True)
        if not self._last_input:
            return CallTimedOut(call)
        if self._last_input.lstrip()[1:].lstrip().startswith(b"4"):
            return CallErrorReceived(call, ErrorCode.GENERIC_ERROR, "", {})
        refused = json.dumps([5, call.message_id])[:-1].replace(" ", "").encode()
        if any(frame.startswith(refused) for frame in self._frames):
            return CallResultRejected(call, (), b"")
        return CallResultReceived(call, {})

    # --- in the world -----------------------------------------------------------------------------

    def _do(self, now: float, function: Callable[[], Awaitable[Any]]) -> Any:
        async def step(world: World) -> Any:
            assert world.now() == now
            return await function()

        return self._lockstep.do(step)

    def pass_time(self) -> None:
        """Take note that time passes, and nothing comes in."""
        self._last_input = b""

    async def _ask(self, asked: Asked, request: Any, timeout: float | None) -> None:
        ending: Event
        try:
            outcome = await self.session.send_call(request, timeout=timeout)
        except CallTimeout:
            ending = CallTimedOut(cast("Call", asked.call))
        except ConnectionLost as lost:
            ending = CallAborted(cast("Call", asked.call), lost.was_sent)
        except InvalidResult as invalid:
            ending = CallResultRejected(cast("Call", asked.call), invalid.violations, b"")
        else:
            ending = outcome.event
            self._outcomes[id(ending)] = outcome
        self._events.append(ending)

    async def _handle(self, _: object, call: IncomingCall) -> Any:
        event = call.event
        if not isinstance(event, CallReceived):
            return None
        self._events.append(event)
        served = self._served[id(event)] = Served(call, self._world.flag())
        try:
            await served.flag.wait()
        except BaseException:
            del self._served[id(event)]
            await self._answer_too_late(call)
            raise
        assert served.act
        return await served.act(call)

    async def _answer_too_late(self, call: IncomingCall) -> None:
        try:
            await call.reply_error(ErrorCode.INTERNAL_ERROR)
        except LocalProtocolError:
            self.deeds.add("answers late")
            return
        raise AssertionError("a call was answered whose connection is gone")

    def _act(
        self, event: CallReceived, act: Callable[[IncomingCall], Awaitable[Any]], *, now: float
    ) -> Served:
        served = self._served.pop(id(event))
        served.act = act

        async def go_on() -> None:
            served.flag.set()

        self._do(now, go_on)
        return served


@attrs.frozen
class _Frame:
    data: bytes


def _index(calls: Sequence[Call | None], call: Call) -> int:
    return next(number for number, other in enumerate(calls) if other is call)


class SessionsMachine(PeersMachine):
    """The rules of `PeersMachine` for two sessions, and those by which handlers and tasks misbehave."""

    world: ClassVar[str]

    def __init__(self) -> None:
        self.lockstep = Lockstep(self.world)
        super().__init__()

    def make_connection(self, role: Role, config: Config) -> Connection:
        return cast(
            "Connection", SessionPeer(self.lockstep, self.version, role, config, self.spoil)
        )

    def spoil(self, session: SessionBase) -> None:
        """Break a session, so that it is seen whether the machine finds out."""

    def peer(self, role: Role) -> SessionPeer:
        return cast("SessionPeer", self.sides[role].connection)

    @precondition(lambda self: self.is_connected)
    @rule(role=st.sampled_from(Role), data=st.data())
    def ask(self, role: Role, data: st.DataObject) -> None:
        """A side calls, as plainly as can be, and all that is under way arrives."""
        known = catalog(self.version).values()
        plain = [a.request for a in known if a.response and a.direction in role.sends]
        request = minimal(data.draw(st.sampled_from(plain), label="request"))
        side = self.sides[role]
        if len(side.model.waiting) < side.connection.config.max_queued_calls:
            call = side.connection.send_call(cast("Any", request), now=self.now, timeout=None)
            side.model.calls_out(call, side.connection.config.call_timeout, self.now)
            self._settle(role)
        self.carry()

    @precondition(lambda self: any(side.model.unanswered for side in self.sides.values()))
    @rule(data=st.data(), habit=st.sampled_from(["reply", "twice", "defer", "return"]))
    def answer_its_own_way(self, data: st.DataObject, habit: str) -> None:
        """A handler answers by itself, twice, or once it has returned."""
        role, event = self._unanswered(data)
        response = catalog(self.version)[event.action].response
        assert response
        self.peer(role).habit = habit
        self.sides[role].connection.send_call_result(event, minimal(response), now=self.now)
        self._answered(role, event, 3)

    @precondition(lambda self: any(side.model.unanswered for side in self.sides.values()))
    @rule(
        data=st.data(),
        how=st.sampled_from(
            ["raises", "is cancelled", "returns nonsense", "returns what is invalid"]
        ),
    )
    def fail(self, data: st.DataObject, how: str) -> None:
        """A handler fails: its caller learns that, and nothing more."""
        role, event = self._unanswered(data)
        self.peer(role).fail(event, how, now=self.now)
        self._answered(role, event, 4)
        code = json.loads(self.sides[role].unwritten[-1])[2:]
        self._demand(code == ["InternalError", "", {}], role, f"a failure was told as {code}")

    @precondition(lambda self: any(self.peer(role).is_in_flight() for role in Role))
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        """The task is cancelled that waits for the call in flight; the call itself stays there (S-1)."""
        role = self._one_side(data, lambda side: cast("Any", side.connection).is_in_flight())
        self.peer(role).cancel(now=self.now)
        self._settle(role)

    @rule(seconds=st.sampled_from([0.0, 0.5, 1.0, 5.0, 10.0, 31.0]))
    def tick(self, seconds: float) -> None:
        """Time passes, and the sessions' own timers ring, each when it is due."""
        end = self.now + seconds
        while True:
            deadlines = [side.model.deadline for side in self.sides.values()]
            due = min([end, *(at for at in deadlines if at is not None)])
            self._sleep_until(due)
            if due == end:
                return

    def _sleep_until(self, moment: float) -> None:
        for role in Role:
            self.peer(role).pass_time()
        self.lockstep.do(lambda world: world.sleep(moment - self.now))
        self.now = moment
        for role, side in self.sides.items():
            side.model.passes_time(moment)
            self._settle(role)

    def teardown(self) -> None:
        """As in `PeersMachine`; and no task, no timer, no waiting call is left in the world."""
        try:
            super().teardown()
            for role in Role:
                left = self.peer(role).tasks_left()
                self._demand(not left, role, f"{left} tasks still wait")
        finally:
            self.lockstep.end()
