"""`FleetWorld`: gateways, stations and callers on a broker that fails, in virtual time.

The decisions are those of the fleet's own pure parts; what carries them out here is a few lines each, with
a broker in between that delays, repeats and loses, and processes that stop and go on. Needs no hypothesis.
"""

import heapq
from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec import Struct

from ocpp_sansio.core import Version
from ocpp_sansio.fleet import (
    Answered,
    Ask,
    Barrier,
    Claim,
    Close,
    Desk,
    Ended,
    Errand,
    Expired,
    FleetConfig,
    Freshness,
    Hello,
    Lost,
    NotConnectedThere,
    Ownership,
    ReadClaim,
    Refused,
    RemoteCall,
    SendAsk,
    SendProbe,
    Subscribe,
    Suspected,
    SwapClaim,
    Tell,
    TimedOut,
    Unavailable,
    Unsubscribe,
    read_record,
)
from ocpp_sansio.testing.model import RuleBroken

__all__ = ["FleetWorld", "SimCall", "SimCaller", "SimGateway", "SimSocket"]

LATENCY = 0.001
"""Seconds from a process to the broker, and from there to another."""
BEAT = 0.5
"""Seconds between the ticks of a gateway."""
VERSION = Version.OCPP16


class SimCall(Struct, eq=False):
    """One call, and what has become of it."""

    number: int
    station: str
    caller: str
    made_at: float
    timeout: float
    sent: list[tuple[float, str]] = []
    """When it was written to a socket, and by which gateway."""
    verdicts: list[tuple[float, Any]] = []
    """When it ended, and how."""
    is_cancelled: bool = False


class SimSocket(Struct, eq=False):
    """A connection of a station to a gateway."""

    station: str
    gateway: "SimGateway"
    is_live: bool = True
    """Whether there is a station at the other end."""
    is_open: bool = True
    """Whether the gateway believes so."""
    in_flight: int = 0


class _Process:
    """One that can be stopped, and cut off from the broker."""

    def __init__(self, world: "FleetWorld", name: str) -> None:
        self.world, self.name = world, name
        self.is_frozen = self.is_dead = False
        self.is_linked = True
        self.lag = 0.0
        """Seconds that the broker holds what it sends, as a connection does that hangs."""
        self.epoch = 0
        self._held_until = 0.0
        self._timers: list[Callable[[], None]] = []
        self._inbox: list[Callable[[], None]] = []
        self._failing: dict[int, Callable[[], None]] = {}
        self._requests = 0

    def at(self, when: float, timer: Callable[[], None]) -> None:
        def fire() -> None:
            if self.is_frozen:
                self._timers.append(timer)
            elif not self.is_dead:
                timer()

        self.world.at(when, fire)

    def take(self, message: Callable[[], None]) -> None:
        """Read a message, once it can."""
        if self.is_dead:
            return
        if self.is_frozen:
            self._inbox.append(message)
        else:
            message()

    def thaw(self) -> None:
        """Go on: timers first, sockets afterwards, as uvloop does."""
        self.is_frozen = False
        for waiting in (self._timers, self._inbox):
            due, waiting[:] = list(waiting), []
            for function in due:
                function()

    def send(self, at_broker: Callable[[], None]) -> bool:
        """Have something happen at the broker, in the order of sending; False if there is no link."""
        if not self.is_linked:
            return False
        when = max(self._held_until, self.world.now + LATENCY + self.lag)
        self._held_until = when
        self.world.at(when, at_broker)
        return True

    def request(
        self,
        subject: str,
        question: Any,
        replied: Callable[[Any], None],
        nobody: Callable[[], None],
        failed: Callable[[], None],
    ) -> None:
        self._requests += 1
        number = self._requests

        def back(function: Callable[[], None]) -> None:
            def arrive() -> None:
                if self._failing.pop(number, None) is not None:
                    function()

            self.world.at(self.world.now + LATENCY, lambda: self.take(arrive))

        def at_broker() -> None:
            receivers = self.world.receivers(subject)
            if not receivers:
                back(nobody)
            for process, receive in receivers:

                def deliver(process: Any = process, receive: Any = receive) -> None:
                    epoch = process.epoch

                    def reply(answer: Any) -> None:
                        process.send(lambda: back(lambda: replied(answer)))

                    for _ in range(self.world.copies):
                        self.world.at(
                            self.world.now + LATENCY,
                            lambda: (
                                process.epoch == epoch
                                and process.take(lambda: receive(question, reply))
                            ),
                        )

                deliver()

        self._failing[number] = failed
        if not self.send(at_broker):
            del self._failing[number]
            failed()

    def cut(self) -> None:
        """Lose the connection to the broker: what waits fails, what is on its way is lost."""
        self.is_linked = False
        self.epoch += 1
        failing, self._failing = self._failing, {}
        self._inbox.clear()
        self.take(self.note_cut)
        for failed in failing.values():
            self.take(failed)

    def mend(self) -> None:
        """Have it back."""
        self.is_linked = True
        self.take(self.note_mended)

    def note_cut(self) -> None:
        """Take note."""

    def note_mended(self) -> None:
        """Take note."""


class SimGateway(_Process):
    """A gateway's decisions, carried out."""

    def __init__(self, world: "FleetWorld", name: str) -> None:
        super().__init__(world, name)
        self.owners = Ownership(name, world.config, now=world.now)
        self.desk = Desk(world.config)
        self.freshness = Freshness()
        self.sockets: dict[str, SimSocket] = {}
        self.subscribed: set[str] = set()
        self._tick()

    def arrived(self, socket: SimSocket) -> None:
        """Note a connection."""
        before = self.sockets.get(socket.station)
        if before:
            self.close(before)
        self.sockets[socket.station] = socket
        self.owners.arrived(socket.station, socket, VERSION, clock=self.world.now)
        self._do_steps()

    def close(self, socket: SimSocket) -> None:
        """Note the end of a connection."""
        if not socket.is_open:
            return
        socket.is_open = socket.is_live = False
        if self.sockets.get(socket.station) is socket:
            del self.sockets[socket.station]
            for errand in self.desk.clear(socket.station):
                errand.reply(Lost(was_sent=False))
        self.owners.left(socket.station, socket, clock=self.world.now)
        self._do_steps()

    def note_cut(self) -> None:
        """Note that the broker is away."""
        self.owners.bus_lost()
        self._do_steps()

    def note_mended(self) -> None:
        """Note that it is back."""
        self.owners.bus_back(now=self.world.now)
        self._do_steps()

    def receive_word(self, taken: tuple[str, int], reply: Callable[[Any], None]) -> None:
        """Take the word of a successor."""
        self.owners.noticed(now=self.world.now)
        settled = self.owners.told(*taken)
        self._do_steps()
        reply(settled)

    def receive_question(self, token: str, question: Any, reply: Callable[[Any], None]) -> None:
        """Take what a caller asks."""
        now = self.world.now
        self.owners.noticed(now=now)
        self._do_steps()
        if self.owners.is_suspect or self.owners.owns(token) is None:
            return
        match question:
            case Ask():
                self._take_ask(question, token, reply)
            case ("hello", caller, made_at):
                self.freshness.greeted(caller, made_at, now=now)
                reply("welcome")
            case ("probe", call_id):
                reply(self.desk.probe(call_id))
            case ("withdraw", call_id):
                reply(self.desk.withdraw(call_id))

    def _take_ask(self, ask: Ask, token: str, reply: Callable[[Any], None]) -> None:
        now = self.world.now
        delay = self.freshness.delay(ask.caller, ask.made_at, now=now)
        if delay is None:
            reply(Hello())
        elif delay > min(self.world.config.stall, ask.timeout):
            reply(Lost(was_sent=False))
        else:
            errand = self.desk.take(ask, token, reply, now=now)
            if isinstance(errand, Refused):
                reply(errand)
            elif errand:
                self._make_next(token)

    def _make_next(self, token: str) -> None:
        self.owners.noticed(now=self.world.now)
        self._do_steps()
        socket = self.owners.owns(token)
        if not isinstance(socket, SimSocket):
            self.desk.clear(token)
            return
        errand = self.desk.next(token)
        if errand is None:
            return
        left = errand.deadline - self.world.now
        if left <= 0:
            self._end(errand, Expired())
        else:
            self._write(errand, socket, left)

    def _write(self, errand: Errand, socket: SimSocket, left: float) -> None:
        call = self.world.calls[int(errand.ask.frame)]
        self.world.note_sent(call, self, socket)
        ended: list[Any] = []

        def end(verdict: Any) -> None:
            if not ended:
                ended.append(verdict)
                socket.in_flight -= 1
                self._end(errand, verdict)

        def think() -> None:
            if socket.is_live:
                self.take(lambda: end(Answered(errand.ask.frame)))
            elif not socket.is_open:
                self.take(lambda: end(Lost(was_sent=True)))

        socket.in_flight += 1
        self.world.at(self.world.now + self.world.think, think)
        self.at(self.world.now + left, lambda: end(TimedOut()))

    def _end(self, errand: Errand, verdict: Any) -> None:
        self.desk.end(errand)
        if not errand.is_void:
            errand.reply(verdict)
        self._make_next(errand.token)

    def _tick(self) -> None:
        now = self.world.now
        self.owners.ticked(now=now)
        for errand in self.desk.expire(now=now):
            errand.reply(Expired())
        self._do_steps()
        self.at(max(min(now + BEAT, self.owners.next_timeout()), now + 0.01), self._tick)

    def _do_steps(self) -> None:
        for step in self.owners.steps():
            self._do(step)

    def _do(self, step: Any) -> None:
        owners, world = self.owners, self.world
        match step:
            case ReadClaim(token, attempt):
                self._ask_broker(
                    lambda: world.claims.get(token),
                    lambda claim: owners.read(token, attempt, claim, now=world.now),
                    lambda: owners.failed(token, attempt, now=world.now),
                )
            case SwapClaim(token, attempt, value, revision):

                def note(done: int | None) -> None:
                    if done is None:
                        owners.conflicted(token, attempt, now=world.now)
                    else:
                        owners.swapped(token, attempt, done, now=world.now)

                self._ask_broker(
                    lambda: world.swap(token, value, revision),
                    note,
                    lambda: owners.failed(token, attempt, now=world.now),
                )
            case Tell(token, attempt, gateway, revision):

                def released(settled: Any) -> None:
                    owners.released(token, attempt, gateway, is_settled=bool(settled))
                    self._do_steps()

                self.request(
                    f"gateway.{gateway}",
                    (token, revision),
                    released,
                    lambda: released(settled=False),
                    lambda: None,
                )
            case Subscribe(token, attempt):

                def subscribed(_: Any) -> None:
                    if owners.subscribed(token, attempt):
                        self.subscribed.add(token)

                self._ask_broker(
                    lambda: None,
                    subscribed,
                    lambda: owners.failed(token, attempt, now=world.now),
                )
            case Unsubscribe(token):
                self.subscribed.discard(token)
            case Close(token, connection):
                self.desk.void(token)
                if isinstance(connection, SimSocket):
                    world.at(world.now, partial(self.close, connection))
            case Barrier(number):
                self._ask_broker(
                    lambda: None, lambda _: owners.barrier_passed(number), lambda: None
                )
            case Suspected():
                self.desk.clear()

    def _ask_broker(
        self, ask: Callable[[], Any], note: Callable[[Any], None], failed: Callable[[], None]
    ) -> None:
        """Have the broker itself do something; what comes back is read behind all that it sent before."""
        epoch = self.epoch

        def failed_too() -> None:
            failed()
            self._do_steps()

        def at_broker() -> None:
            result = ask()

            def arrive() -> None:
                if self.epoch == epoch:
                    note(result)
                    self._do_steps()

            self.world.at(self.world.now + LATENCY, lambda: self.take(arrive))

        if not self.send(at_broker):
            failed_too()


class SimCaller(_Process):
    """A caller's decisions, carried out."""

    def __init__(self, world: "FleetWorld", name: str) -> None:
        super().__init__(world, name)
        self._offset = 1000.0 * len(world.callers)
        self._greeted: set[str] = set()
        self._lines: dict[str, list[Callable[[], None]]] = {}

    def call(self, station: str, timeout: float) -> SimCall:
        """Make a call."""
        world = self.world
        call = SimCall(len(world.calls), station, self.name, world.now, timeout, [], [])
        world.calls.append(call)
        self._begin(call)
        return call

    def _begin(self, call: SimCall) -> None:
        line = self._lines.get(call.station)
        if line is not None:
            line.append(lambda: self._ask(call))
        elif call.station in self._greeted:
            self._ask(call)
        else:
            self._lines[call.station] = [lambda: self._ask(call)]
            self._greet(call.station, 3)

    def _greet(self, station: str, times: int) -> None:
        settled: list[bool] = []

        def done(_: Any = None, *, verdict: Any = None) -> None:
            if settled:
                return
            settled.append(True)
            if verdict is None:
                self._greeted.add(station)
            elif isinstance(verdict, Lost) and times > 1:
                self._greet(station, times - 1)
                return
            for ask in self._lines.pop(station, []):
                ask()

        self.request(
            f"call.{station}",
            ("hello", self.name, self._clock()),
            done,
            lambda: done(verdict=NotConnectedThere()),
            lambda: done(verdict=Unavailable("", was_sent=False)),
        )
        retry = self.world.now + self.world.config.probe_after
        self.at(retry, lambda: done(verdict=Lost(was_sent=False)))

    def _clock(self) -> float:
        return self._offset + self.world.now

    def _ask(self, call: SimCall) -> None:
        world = self.world
        left = call.made_at + call.timeout - world.now
        if left <= 0:
            self._finish(call, Expired())
            return
        if call.station not in self._greeted:
            self._finish(call, NotConnectedThere())
            return
        call_id = f"{call.number}-{len(call.verdicts)}-{world.next_number()}"
        machine = RemoteCall(left, world.config, now=world.now)
        subject = f"call.{call.station}"

        def step_on() -> None:
            for step in machine.steps():
                match step:
                    case Ended(verdict):
                        if isinstance(verdict, Hello):
                            self._greeted.discard(call.station)
                            self._begin(call)
                        else:
                            self._finish(call, verdict)
                    case SendAsk():
                        frame = str(call.number).encode()
                        ask = Ask(call_id, VERSION, left, self.name, self._clock(), frame)
                        self.request(
                            subject,
                            ask,
                            lambda verdict: on(lambda: machine.answered(verdict, now=world.now)),
                            lambda: on(lambda: machine.nobody_there(of_ask=True)),
                            lambda: on(lambda: machine.failed("", was_sent=True)),
                        )
                    case _:
                        kind = "probe" if isinstance(step, SendProbe) else "withdraw"
                        self.request(
                            subject,
                            (kind, call_id),
                            lambda state: on(lambda: machine.probed(state, now=world.now)),
                            lambda: on(lambda: machine.nobody_there(of_ask=False)),
                            lambda: None,
                        )
            if not machine.is_over:
                when = machine.next_timeout()
                self.at(when, partial(time_out, when))

        def time_out(when: float) -> None:
            if when == machine.next_timeout():  # else another timer is set for it
                on(lambda: machine.timed(now=world.now))

        def on(happened: Callable[[], None]) -> None:
            happened()
            step_on()

        step_on()

    def _finish(self, call: SimCall, verdict: Any) -> None:
        call.verdicts.append((self.world.now, verdict))


class FleetWorld:
    """Everything there is, and what may not happen to it."""

    def __init__(self, gateways: int = 3, callers: int = 2) -> None:
        self.config = FleetConfig()
        self.now = 0.0
        self.claims: dict[str, Claim] = {}
        self.calls: list[SimCall] = []
        self.live: dict[str, SimSocket] = {}
        """The connection of each station, as the station sees it."""
        self.copies = 1
        """How often the broker delivers a message."""
        self.think = 0.05
        """Seconds that a station takes to answer."""
        self._heap: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = 0
        self.callers: list[SimCaller] = []
        self.gateways = [SimGateway(self, f"g{n}") for n in range(gateways)]
        for n in range(callers):
            self.callers.append(SimCaller(self, f"c{n}"))

    # --- what can happen ----------------------------------------------------------------------------------

    def connect(self, station: str, gateway: SimGateway) -> None:
        """Have a station connect; its former connection, if there is one, is dead and nobody tells."""
        before = self.live.pop(station, None)
        if before:
            before.is_live = False
        if not gateway.is_frozen:
            self.live[station] = SimSocket(station, gateway)
            gateway.arrived(self.live[station])

    def hang_up(self, station: str) -> None:
        """Have a station close its connection; its gateway notices."""
        socket = self.live.pop(station, None)
        if socket:
            socket.is_live = False
            socket.gateway.take(lambda: socket.gateway.close(socket))

    def run(self, seconds: float) -> None:
        """Let time pass."""
        until = self.now + seconds
        while self._heap and self._heap[0][0] <= until:
            self.now, _, function = heapq.heappop(self._heap)
            function()
        self.now = until

    def settle(self) -> None:
        """Let all be well again, and look whether it is."""
        self.copies = 1
        for process in (*self.gateways, *self.callers):
            process.lag = 0.0
            if process.is_frozen:
                process.thaw()
            if not process.is_linked:
                process.mend()
        self.run(20.0)
        self.check_owners()
        self.check_calls()
        last = [self.callers[0].call(station, 5.0) for station in self.live]
        self.run(10.0)
        for call in last:
            socket = self.live.get(call.station)
            if socket and socket.is_open:
                self._demand(
                    [type(verdict) for _, verdict in call.verdicts] == [Answered],
                    f"a station that is there does not answer: {call.verdicts}",
                )
        self.check_calls()

    # --- what must hold -----------------------------------------------------------------------------------

    def check_owners(self) -> None:
        """FL-4, FL-5: in calm, one owner, one socket, and nobody else who listens."""
        for station in {*self.claims, *self.live}:
            owners = [each for each in self.gateways if each.owners.owns(station) is not None]
            listening = [each for each in self.gateways if station in each.subscribed]
            sockets = [each for each in self.gateways if station in each.sockets]
            self._demand(len(owners) <= 1, f"{station} has {len(owners)} owners (FL-4)")
            self._demand(len(sockets) <= 1, f"{station} has {len(sockets)} sockets (FL-5)")
            self._demand(listening == owners, f"{station}: who listens is not who owns it (FL-6)")
            if owners:
                claim = self.claims[station]
                record = read_record(claim.value)
                # One whose station has left while it was claiming has told nobody, and has nothing to tell.
                others = [each for each in self.gateways if each is not owners[0]]
                is_owner = (record.gateway, record.is_up) == (owners[0].name, True)
                is_gone = record.gateway in [each.name for each in others]
                self._demand(is_owner or is_gone, f"{station} is owned without a claim (FL-4)")

    def check_calls(self) -> None:
        """FL-1, FL-2, FL-13: one outcome each, in time, and true."""
        config = self.config
        for call in self.calls:
            due = call.made_at + call.timeout + config.grace
            self._demand(len(call.verdicts) <= 1, "a call has ended twice (FL-1)")
            if self.now > due + 0.1:
                self._demand(len(call.verdicts) == 1, "a call has not ended (FL-1)")
            for when, verdict in call.verdicts:
                self._demand(when <= due + 0.1, "a call has ended late (FL-1)")
                was_sent = not isinstance(
                    verdict, Expired | NotConnectedThere | Refused
                ) and getattr(verdict, "was_sent", True)
                self._demand(was_sent or not call.sent, f"{verdict}, and it was sent (FL-2)")
        orders: dict[tuple[str, str], int] = {}
        for _, call in self.sendings:
            key = call.caller, call.station
            self._demand(orders.get(key, -1) < call.number, "calls have changed places (FL-13)")
            orders[key] = call.number

    @property
    def sendings(self) -> list[tuple[float, SimCall]]:
        """Every call that was written, in the order of that."""
        return sorted(
            ((when, call) for call in self.calls for when, _ in call.sent), key=lambda each: each[0]
        )

    def note_sent(self, call: SimCall, gateway: SimGateway, socket: SimSocket) -> None:
        """Take note of a call that is written to a socket."""
        self._demand(not call.sent, "a call was sent twice")
        self._demand(not socket.in_flight, "two calls are in flight (S-1)")
        self._demand(socket.is_open, "a call was written to a socket that is closed")
        late = self.now - call.made_at - call.timeout
        self._demand(late <= self.config.stall, f"a call was sent {late:.1f} s too late (FL-7)")
        call.sent.append((self.now, gateway.name))

    def _demand(self, is_so: bool, what: str) -> None:  # noqa: FBT001 - reads as an assertion
        if not is_so:
            raise RuleBroken(what)

    # --- the broker ---------------------------------------------------------------------------------------

    def at(self, when: float, function: Callable[[], object]) -> None:
        """Have something happen at a time."""
        heapq.heappush(self._heap, (when, self.next_number(), function))

    def next_number(self) -> int:
        """Return a number above all before it."""
        self._numbers += 1
        return self._numbers

    def swap(self, token: str, value: bytes, revision: int) -> int | None:
        """Replace a claim; None if it is another one."""
        before = self.claims.get(token)
        if (before.revision if before else 0) != revision:
            return None
        self.claims[token] = Claim(token, value, self.next_number())
        return self.claims[token].revision

    def receivers(self, subject: str) -> list[tuple[_Process, Callable[[Any, Any], None]]]:
        """Return who has subscribed to this and is connected."""
        kind, _, name = subject.partition(".")
        there = [each for each in self.gateways if each.is_linked and not each.is_dead]
        if kind == "gateway":
            return [(each, each.receive_word) for each in there if each.name == name]
        return [
            (each, partial(each.receive_question, name))
            for each in there
            if name in each.subscribed
        ]
