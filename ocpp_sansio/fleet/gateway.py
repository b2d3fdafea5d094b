"""`Gateway`: a process that has connections of stations, and makes the calls of the whole fleet to them."""

import asyncio
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from inspect import isawaitable
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias, assert_never
from uuid import uuid4

from ocpp_sansio.asyncio import NetSession
from ocpp_sansio.core import (
    Version,
    require_seconds,
)
from ocpp_sansio.fleet.bus import (
    Bus,
    BusError,
    BusMessage,
    BusUnavailable,
    Claim,
    Conflict,
    MessageSubscription,
    NobodyThere,
    PayloadTooLarge,
    Routing,
    Subscription,
)
from ocpp_sansio.fleet.calling import Calling
from ocpp_sansio.fleet.desk import Desk
from ocpp_sansio.fleet.entrance import Applicant, Entrance
from ocpp_sansio.fleet.errors import spelled
from ocpp_sansio.fleet.events import Events
from ocpp_sansio.fleet.freshness import Freshness
from ocpp_sansio.fleet.ownership import (
    LEAVING,
    Barrier,
    Close,
    Owned,
    Ownership,
    ReadClaim,
    Step,
    Subscribe,
    Suspected,
    SwapClaim,
    Tell,
    Unsubscribe,
)
from ocpp_sansio.fleet.settings import FleetConfig
from ocpp_sansio.fleet.whereabouts import Whereabouts
from ocpp_sansio.fleet.wire import (
    Ask,
    Expired,
    Greeting,
    Hello,
    Lost,
    NotConnectedThere,
    NotMine,
    OtherVersion,
    Probe,
    Record,
    Refused,
    Taken,
    TooLarge,
    Verdict,
    Withdraw,
    read_question,
    read_taken,
    station_subject,
    token_of,
    write_record,
    write_taken,
    write_verdict,
)
from ocpp_sansio.net import Admission, Authenticate, ConnectionRequest
from ocpp_sansio.session import (
    Handlers,
    PeerLog,
)

__all__ = ["Gateway"]

_Asking: TypeAlias = ReadClaim | SwapClaim | Tell | Subscribe

GATEWAYS = "gateways"
"""Where all gateways listen."""

BEATS = 4
"""Ticks within `FleetConfig.stall`."""

BUS_TIMEOUT = 5.0
"""Seconds that the broker has for what is only its own."""

PAUSE = 0.005
"""Seconds between two looks at what arriving stations want: what many want goes to the broker in one piece.

A station that comes alone is looked at at once.
"""

GOING_AWAY = 1001


class _Drains(Protocol):
    async def drain(self, *, pace: float, patience: float) -> None: ...


class Gateway:
    """What makes the stations of a server callable from every process of a fleet.

    An async context manager, around `serve`:

        async with Gateway(bus) as gateway, serve(gateway.on_station, None, 9000, ...) as server:

    Stations are served whatever becomes of the broker; while it is away they can be called from this process
    alone, and they are claimed when it is back (FL-9).
    """

    def __init__(
        self,
        bus: Bus,
        *,
        handlers: Handlers[Any] | Mapping[Any, Callable[..., Any]] | None = None,
        forward: Collection[str] = (),
        durable: Collection[str] = (),
        retry: Collection[str] = (),
        name: str | None = None,
        config: FleetConfig | None = None,
    ) -> None:
        """Make one.

        `handlers` answer calls of the stations here. Those of the actions in `forward` are answered by a
        `Worker`, at most once an attempt (FL-14): when none is there, or none is in time, the station gets
        an InternalError, and repeats what belongs to a transaction by itself. Those in `durable` are
        answered with an empty payload once the broker has stored them, for workers to take later, each at
        least once (FL-15). Those of `forward` that are in `retry` as well, since their handlers do no harm
        when they run twice, are given to a second worker when the first has said nothing for half of
        `event_timeout`. `name` is this process's, unlike that of any other: one is made up unless given.

        Raises ValueError for an action whose answer cannot be empty in `durable`, for one that has two
        ways to go, for one that is a slip or that no station sends, and for a name that cannot be one.
        """
        self.name = uuid4().hex[:12] if name is None else name
        """This process, as `Whereabouts.gateway` has it."""
        self.config = config or FleetConfig()
        self.sessions: dict[str, NetSession[Any]] = {}
        """The newest connection of each station that is connected here, by identity."""
        self.handlers: Handlers[Any] = _copied(handlers)
        """To give to `serve`: those of `handlers`, and those that pass events on."""
        self._log = PeerLog()
        self._events = Events(bus, self.config, self._log)
        self._events.take_over(self.handlers, forward=forward, durable=durable, retry=retry)
        self._bus = bus
        self._token = token_of(self.name)
        self._desk = Desk(self.config)
        self._calling = Calling(
            self._desk, self._log, serves=self._serves, say=self._say, spawn=self._spawn
        )
        self._freshness = Freshness()
        self._by_token: dict[str, NetSession[Any]] = {}
        self._since: dict[str, float] = {}
        self._in_order: list[str] | None = None  # the tokens, once a page was asked for
        self._subscriptions: dict[str, MessageSubscription] = {}
        self._departing: dict[str, deque[BusMessage]] = {}
        self._own_subscriptions: list[Subscription] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._asked = 0  # what the bus was asked for, and has not told of yet
        self._has_answered = asyncio.Event()  # to the last of them
        self._is_draining = False
        self._entrance = Entrance(
            self.config.max_claims, apply=self._apply, withdraw=self._withdraw
        )
        self._ownership: Ownership | None = None
        # Once: a bound method that is made for each station has 64 bytes there.
        self._when_left = self._note_left
        self._when_asked = self._receive_question
        self._when_answered = self._note_answer
        self._doing: list[Step] = []
        self._next_look: asyncio.TimerHandle | None = None
        self._looked_at = 0.0
        self._is_doing = False

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        by_station = self._bus.routing is Routing.STATION
        self._ownership = Ownership(
            self._token, self.config, now=self._loop.time(), subscribes=by_station
        )
        self._own_subscriptions.append(self._bus.watch(self._note_bus))
        subscribed = {
            # Apart, so that who may only look cannot take stations away (FL-17).
            f"gateway.{self._token}": self._receive_word,
            f"pages.{self._token}": self._receive_page_request,
            GATEWAYS: self._receive_roll_call,
        }
        if not by_station:
            subscribed[station_subject("*", self._token)] = self._receive_question
        for subject, receive in subscribed.items():
            self._own_subscriptions.append(await self._bus.subscribe(subject, receive))
        self._ticking = self._loop.create_task(self._tick())
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._entrance.close()
        for token, session in tuple(self._by_token.items()):
            self._owners.left(token, session, clock=time.time())
        self._do_steps()
        self._ticking.cancel()
        for subscription in (*self._own_subscriptions, *self._subscriptions.values()):
            subscription.close()
        self._subscriptions.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.config.grace):
                await self._see_claims_written()
        left = {self._ticking, *self._tasks}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if self._next_look:
            self._next_look.cancel()
        self._ownership = None
        self._log.close()

    def on_station(self, session: NetSession[Any]) -> None:
        """Note that a station has connected: `serve` calls it, or your own `on_station` does, first of all.

        The end of the connection is noted by itself.
        """
        identity = session.identity or ""
        try:
            token = token_of(identity)
        except ValueError as error:
            text = "only this process can call a station: %s"
            self._log.warning(self._loop.time(), text, error)
            return
        session.call_when_over(self._when_left)
        if token not in self._by_token:
            self._in_order = None
        self.sessions[identity] = self._by_token[token] = session
        self._since[token] = time.time()
        applicant, version = self._entrance.enter(token), session.version
        if version and not (
            applicant and self._owners.admitted(token, applicant, session, version)
        ):
            self._owners.arrived(token, session, version, clock=self._since[token])
        self._do_steps_soon()

    def claim_first(
        self, authenticate: Authenticate[Any] | None = None, *, timeout: float = 5.0
    ) -> Callable[[ConnectionRequest], Awaitable[bool | int | Admission[Any]]]:
        """Return an `authenticate` for `serve` that lets a station in only when it is claimed.

            serve(gateway.on_station, None, 9000, authenticate=gateway.claim_first(check), ...)

        `check`, your own, is asked first. Who cannot be claimed within `timeout` seconds, since the broker
        is away, or `FleetConfig.max_claims` wait already, is refused with 503, and tries again later,
        perhaps at another gateway. Without this, stations are let in at once, served in any case, and
        claimed meanwhile: the fleet can call them some milliseconds later.

        An identity of more than 255 bytes, which no fleet can call, is refused with 400. Raises ValueError
        for a timeout that is not above 0.
        """
        require_seconds("timeout", timeout, above_zero=True)

        async def check_and_claim(request: ConnectionRequest) -> bool | int | Admission[Any]:
            verdict = True if authenticate is None else authenticate(request)
            if isawaitable(verdict):
                verdict = await verdict
            if isinstance(verdict, Admission):
                identity, version = verdict.identity, verdict.version
            elif verdict is not True or request.faults:
                return verdict
            else:
                identity = version = None
            version = version or next(iter(request.versions), None)
            if version is None:
                return verdict  # it is refused, whatever we say
            try:
                token = token_of(identity or request.identity)
            except ValueError:
                return HTTPStatus.BAD_REQUEST
            if await self._claim(token, Version.parse(version), timeout):
                return verdict
            return HTTPStatus.SERVICE_UNAVAILABLE

        return check_and_claim

    async def _claim(self, token: str, version: Version, timeout: float) -> bool:
        if self._owners.owns(token) is not None and token not in self._entrance:
            return True  # by an older connection, which is to be replaced, or not, by the newer one
        if not self._bus.is_connected:
            return False
        return await self._entrance.claim(token, version, timeout=timeout)

    def _apply(self, applicant: Applicant) -> None:
        self._owners.arrived(applicant.token, applicant, applicant.version, clock=time.time())
        self._do_steps_soon()

    def _withdraw(self, applicant: Applicant) -> None:
        token = applicant.token
        self._owners.left(token, applicant, clock=time.time())
        older = self._by_token.get(token)
        if older and older.version:  # it was not replaced after all
            self._owners.arrived(token, older, older.version, clock=self._since[token])
        self._do_steps()

    async def drain(self, server: _Drains, *, pace: float = 100.0, patience: float = 5.0) -> None:
        """Send all stations away, before a restart: see `Server.drain`. No call ends as lost (FL-19).

        Those that have not left end as NotConnected: nothing was sent.
        """
        self._is_draining = True
        await server.drain(pace=pace, patience=patience)

    @property
    def owned(self) -> int:
        """How many stations processes of the fleet can call here at the moment."""
        return sum(self._owners.owns(token) is not None for token in self._by_token)

    @property
    def claims_waiting(self) -> int:
        """Stations that are connected here and that others cannot call yet."""
        return self._owners.claims_waiting

    @property
    def calls_waiting(self) -> int:
        """Calls of other processes that have not ended."""
        return len(self._desk)

    @property
    def events_waiting(self) -> int:
        """Events of stations that no worker, or the stream, has answered yet."""
        return self._events.waiting

    @property
    def _owners(self) -> Ownership:
        if self._ownership is None:
            raise RuntimeError('a Gateway works inside its "async with" block')
        return self._ownership

    def whereabouts(self, identity: str) -> Whereabouts | None:
        """Return where a station is that is connected to this process; None for any other."""
        session = self.sessions.get(identity)
        if session is None or session.version is None:
            return None
        token = token_of(identity)
        since, seen = self._times(token, session)
        record = Record(self._token, (), session.version, since, seen, is_up=True)
        return Whereabouts.of(identity, record, seen=seen)

    def _note_left(self, session: NetSession[Any]) -> None:
        self._events.leave(session)
        token = token_of(session.identity or "")
        if self._by_token.get(token) is session:
            del self._by_token[token], self._since[token]
            self._in_order = None
            self.sessions.pop(session.identity or "", None)
            verdict = NotConnectedThere() if self._is_draining else Lost(was_sent=False)
            for errand in self._desk.clear(token):
                self._reply(errand.reply, verdict)
        if self._ownership:
            self._ownership.left(token, session, clock=time.time())
            self._do_steps()

    # --- what comes from the broker ---------------------------------------------------------------------

    def _note_bus(self, is_there: bool) -> None:  # noqa: FBT001 - as `Watch` has it
        if is_there:
            self._owners.bus_back(now=self._loop.time())
        else:
            self._owners.bus_lost()
        self._do_steps()

    def _receive_question(self, message: BusMessage) -> None:
        now = self._loop.time()
        token = message.subject.rpartition(".")[2]
        session = self._serves(token, now)
        if not isinstance(session, NetSession):
            if self._owners.is_suspect:
                return  # FL-7
            is_coming = token in self._by_token or token in self._entrance
            if self._bus.routing is Routing.GATEWAY and not is_coming:
                self._reply(message, NotMine())
            kept = self._departing.get(token)
            if kept is not None and _wants_call(message):
                kept.append(message)
            return  # FL-6
        try:
            question = read_question(message.data)
        except ValueError as error:  # FL-20
            self._reply(message, Refused(str(error)))
            return
        match question:
            case Ask():
                self._take_ask(question, token, session, message, now)
            case Greeting(caller, made_at):
                self._freshness.greeted(caller, made_at, now=now)
                version = session.version
                self._reply(message, OtherVersion(version) if version else NotConnectedThere())
            case Probe(call_id):
                self._say(message, self._desk.probe(call_id).value)
            case Withdraw(call_id):
                self._say(message, self._desk.withdraw(call_id).value)
            case _:
                assert_never(question)

    def _take_ask(
        self, ask: Ask, token: str, session: NetSession[Any], message: BusMessage, now: float
    ) -> None:
        delay, version = self._freshness.delay(ask.caller, ask.made_at, now=now), session.version
        if delay is None:
            self._reply(message, Hello())
        elif delay > self.config.stall or delay > ask.timeout:
            self._reply(message, Lost(was_sent=False))
        elif version is None:
            self._reply(message, NotConnectedThere())
        elif ask.version is not version:
            self._reply(message, OtherVersion(version))
        else:
            errand = self._desk.take(ask, token, message, now=now)
            if isinstance(errand, Refused):
                self._reply(message, errand)
            elif errand:
                self._calling.call_soon(token)

    def _serves(self, token: str, now: float) -> object:
        owners = self._ownership
        if owners is None:  # we are left
            return None
        if owners.noticed(now=now):  # FL-7: timers run before sockets
            self._do_steps()
        return owners.serves(token)

    def _receive_word(self, message: BusMessage) -> None:
        """Take the word of a successor."""
        self._owners.noticed(now=self._loop.time())
        try:
            taken = read_taken(message.data)
        except ValueError as error:  # FL-20
            self._reply(message, Refused(str(error)))
            return
        settled = self._owners.told(taken.token, taken.revision)
        self._do_steps()
        self._say(message, "settled" if settled else "released")

    def _receive_roll_call(self, message: BusMessage) -> None:
        caller = message.data.decode("ascii", "replace")
        try:
            self._bus.publish(f"here.{token_of(caller)}", self._token.encode())
        except (BusError, ValueError) as error:
            self._log.info(self._loop.time(), "a roll call was not answered: %s", error)

    def _receive_page_request(self, message: BusMessage) -> None:
        self._say(message, self._page(message.data.decode("ascii", "replace")))

    def _page(self, cursor: str) -> str:
        """Return the stations behind a cursor, a line each: its token, and the record of a claim."""
        if self._in_order is None:
            self._in_order = sorted(self._by_token)
        first = bisect_right(self._in_order, cursor)
        lines: list[str] = []
        room = self._bus.max_payload
        for token in self._in_order[first : first + self.config.page_size]:
            session = self._by_token[token]
            since, seen = self._times(token, session)
            version = session.version
            if version:
                record = Record(self._token, (), version, since, seen, is_up=True)
                line = f"{token} {write_record(record).decode()}"
                room -= len(line) + 1
                if room < 0:
                    break
                lines.append(line)
        return "\n".join(lines)

    def _times(self, token: str, session: NetSession[Any]) -> tuple[float, float]:
        """Return when a station connected, and when it was heard last, in seconds since 1970."""
        offset = time.time() - self._loop.time()
        heard = session.last_heard
        since = self._since[token]
        return since, max(since, offset + heard if heard is not None else since)

    # --- what goes to the broker ------------------------------------------------------------------------

    def _reply(self, message: BusMessage, verdict: Verdict) -> None:
        self._say(message, write_verdict(verdict))

    def _say(self, message: BusMessage, what: bytes | str) -> None:
        try:
            self._bus.reply(message, what.encode() if isinstance(what, str) else what)
        except BusUnavailable:
            return  # who has asked knows it as well
        except BusError as error:
            text = "an answer did not go through: %s"
            self._log.warning(self._loop.time(), text, spelled(error))
            is_frame = isinstance(what, bytes) and what[:1] == b"["
            if is_frame and isinstance(error, PayloadTooLarge):
                self._reply(message, TooLarge())

    def _do_steps_soon(self) -> None:
        """Do what the claims want, together with what those of other stations want by then."""
        if self._next_look is None:
            self._next_look = self._loop.call_at(self._looked_at + PAUSE, self._look)

    def _look(self) -> None:
        self._next_look = None
        self._looked_at = self._loop.time()
        self._do_steps()
        if not self._asked:
            self._has_answered.set()

    def _do_steps(self) -> None:
        """Do what the claims want; what follows from that at once is done as well, in order."""
        steps = self._owners.steps()
        if not steps:
            return
        self._doing += steps
        if self._is_doing:
            return
        self._is_doing = True
        try:
            while self._doing:
                self._do(self._doing.pop(0))
                self._doing += self._owners.steps()
        finally:
            self._is_doing = False

    def _do(self, step: Step) -> None:
        match step:
            case ReadClaim():
                self._ask_bus(step, self._bus.ask_claim, step.token)
            case SwapClaim(token, attempt) if attempt == LEAVING:
                kept = self._departing[token] = deque(maxlen=self.config.max_remote_calls)
                self._spawn(self._depart(step, self._subscriptions.pop(token, None), kept))
            case SwapClaim():
                token, value, revision = step.token, step.value, step.revision
                self._ask_bus(step, self._bus.ask_swap, token, value, revision=revision)
            case Tell():
                subject = f"gateway.{step.gateway}"
                data, seconds = (
                    write_taken(Taken(step.token, step.revision)),
                    self.config.claim_wait,
                )
                self._ask_bus(step, self._bus.ask, subject, data, timeout=seconds)
            case Subscribe(token):
                ask, subject = self._bus.ask_subscription, station_subject(token)
                self._ask_bus(step, ask, subject, self._when_asked)
            case Unsubscribe(token):
                subscription = self._subscriptions.pop(token, None)
                if subscription:
                    subscription.close()
            case Owned(token):
                self._entrance.claimed(self._owners.owns(token))
            case Close(token, connection):
                self._entrance.refused(connection)
                self._desk.void(token)
                if isinstance(connection, NetSession):
                    text = "another gateway has %s: its connection is closed"
                    self._log.info(self._loop.time(), text, connection.identity)
                    connection.close(GOING_AWAY, "connected elsewhere")
            case Barrier(number):
                self._spawn(self._pass_barrier(number))
            case Suspected():
                self._desk.clear()
            case _:
                assert_never(step)

    def _ask_bus(
        self, step: _Asking, ask: Callable[..., object], *arguments: object, **options: object
    ) -> None:
        """Ask the bus for what a step wants, and have noted what comes of it: an arrival has no task."""
        self._asked += 1
        take = partial(self._when_answered, step)
        try:
            ask(*arguments, take, **options)
        except BusError as error:
            self._loop.call_soon(take, error)

    def _note_answer(self, step: _Asking, what: Any) -> None:
        self._asked -= 1
        if self._ownership:
            match step:
                case ReadClaim():
                    self._note_claim(step, what)
                case SwapClaim():
                    self._note_swap(step, what)
                case Subscribe():
                    self._note_subscription(step, what)
                case Tell():
                    self._note_told(step, what)
                case _:
                    assert_never(step)
            self._do_steps_soon()
        elif isinstance(step, Subscribe) and not isinstance(what, BusError | TimeoutError):
            what.close()  # it came too late: we are left

    def _note_claim(self, step: ReadClaim, what: Claim | BusError | TimeoutError | None) -> None:
        if isinstance(what, BusError | TimeoutError):
            self._note_failure(step, what)
        else:
            self._owners.read(step.token, step.attempt, what, now=self._loop.time())

    def _note_swap(self, step: SwapClaim, what: int | BusError | TimeoutError) -> None:
        if isinstance(what, int):
            self._owners.swapped(step.token, step.attempt, what, now=self._loop.time())
        elif isinstance(what, Conflict):
            self._owners.conflicted(step.token, step.attempt, now=self._loop.time())
        else:
            self._note_failure(step, what)

    def _note_told(self, step: Tell, what: bytes | BusError | TimeoutError) -> None:
        """Take a former owner's answer; where there is none, the claim goes on without it."""
        if isinstance(what, bytes | NobodyThere):
            is_settled = what == b"settled"
            self._owners.released(step.token, step.attempt, step.gateway, is_settled=is_settled)

    def _note_subscription(
        self, step: Subscribe, what: MessageSubscription | BusError | TimeoutError
    ) -> None:
        if isinstance(what, BusError | TimeoutError):
            self._note_failure(step, what)
        elif self._owners.subscribed(step.token, step.attempt):
            self._subscriptions[step.token] = what
        else:
            what.close()

    async def _depart(
        self,
        step: SwapClaim,
        subscription: MessageSubscription | None,
        kept: deque[BusMessage],
    ) -> None:
        """Write that a station has left, and answer what was asked while we did (FL-19).

        That the claim was still ours says that nobody else had subscribed when it was asked.
        """
        was_ours = False
        try:
            if subscription:
                await subscription.finish(timeout=BUS_TIMEOUT)
            async with asyncio.timeout(BUS_TIMEOUT):
                await self._bus.swap_claim(step.token, step.value, revision=step.revision)
            was_ours = True
        except (BusError, TimeoutError):
            pass  # another has it, or will find out
        finally:
            if self._departing.get(step.token) is kept:
                del self._departing[step.token]
        for message in kept:
            if not was_ours or self._owners.serves(step.token) is not None:  # it is back, perhaps
                self._receive_question(message)
            else:
                self._reply(message, NotConnectedThere())

    def _note_failure(self, step: ReadClaim | SwapClaim | Subscribe, error: Exception) -> None:
        if not isinstance(error, BusUnavailable):
            text = "a station could not be claimed: %s"
            self._log.warning(self._loop.time(), text, spelled(error))
        self._owners.failed(step.token, step.attempt, now=self._loop.time())

    async def _see_claims_written(self) -> None:
        """Return when what has left is written into the claims, and what was given back with it."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))
        while self._asked or self._next_look:
            self._has_answered.clear()
            await self._has_answered.wait()

    async def _pass_barrier(self, number: int) -> None:
        try:
            await self._bus.barrier(timeout=BUS_TIMEOUT)
        except (BusError, TimeoutError):
            # Where the broker has gone, its coming back begins anew; where it is slow, we ask again.
            if self._bus.is_connected:
                self._do(Barrier(number))
            return
        self._owners.barrier_passed(number)
        self._do_steps()

    async def _tick(self) -> None:
        beat = self.config.stall / BEATS
        while True:
            now = self._loop.time()
            self._owners.ticked(now=now)
            for errand in self._desk.expire(now=now):
                self._reply(errand.reply, Expired())
            self._do_steps()
            next_time = min(now + beat, self._owners.next_timeout())
            await asyncio.sleep(max(next_time - self._loop.time(), 0.01))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task of ours, which no end of a connection cancels."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _copied(handlers: Handlers[Any] | Mapping[Any, Callable[..., Any]] | None) -> Handlers[Any]:
    return handlers.copy() if isinstance(handlers, Handlers) else Handlers(handlers)


def _wants_call(message: BusMessage) -> bool:
    try:
        return isinstance(read_question(message.data), Ask | Greeting)
    except ValueError:
        return False
