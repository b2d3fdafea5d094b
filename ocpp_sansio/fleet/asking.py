"""`Asking`: carries out what a `RemoteCall` decides."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple, TypeAlias, assert_never

from msgspec.structs import replace

from ocpp_sansio.core import plain
from ocpp_sansio.fleet.alarm import Alarm
from ocpp_sansio.fleet.asked import Failure, first_of, pass_on
from ocpp_sansio.fleet.bus import (
    Bus,
    BusError,
    BusUnavailable,
    Claim,
    NobodyThere,
    NotPermitted,
    Routing,
    Subscription,
)
from ocpp_sansio.fleet.desk import CallState
from ocpp_sansio.fleet.remote_call import (
    Ended,
    RemoteCall,
    SendAsk,
    SendProbe,
    SendWithdraw,
    Unavailable,
)
from ocpp_sansio.fleet.settings import FleetConfig
from ocpp_sansio.fleet.wire import (
    Ask,
    Lost,
    NotConnectedThere,
    Probe,
    Verdict,
    Withdraw,
    read_record,
    read_verdict,
    station_subject,
    write_question,
)

__all__ = ["Asking", "Directory"]

_STATES = {state.value.encode(): state for state in CallState}
_PLACE_IN_DOUBT = (Lost, NotConnectedThere, Unavailable)
"""What says that a station may not be where it was."""
Place: TypeAlias = str | Failure | ValueError
"""Where a station is asked; "" if it is nowhere; or why that cannot be told."""
TakePlace: TypeAlias = Callable[[Place], None]
_OF_NO_USE = "the answer of its gateway is of no use"


class Directory:
    """Where stations are asked. What was looked up is remembered: where it is old, who is asked says so.

    Only where calls are routed by gateway is there anything to look up. Who looks the same station up is told
    one after the other: so the calls to it leave in the order in which they were made (FL-13).
    """

    def __init__(self, bus: Bus, max_places: int) -> None:
        """Make one; of more than `max_places` stations the first are forgotten."""
        self.bus = bus
        self._max_places = max_places
        self._is_by_station = bus.routing is Routing.STATION
        self._places: dict[str, str] = {}
        self._looking: dict[str, list[_Looking]] = {}

    @property
    def can_be_wrong(self) -> bool:
        """Whether what it remembers may be old."""
        return not self._is_by_station

    def recall(self, token: str) -> str:
        """Return where a station is asked, as far as is known without looking; else ""."""
        if self._is_by_station:
            return station_subject(token)
        return "" if token in self._looking else self._places.get(token, "")

    def look_up(self, token: str, take: TakePlace, *, wrong: str = "") -> None:
        """Have a function called, later, with where a station is asked, looked up anew; "" if it is nowhere.

        Or with why that cannot be told. Who has just learned that a place is `wrong` is not given what was
        read before that.
        """
        line = self._looking.setdefault(token, [])
        line.append(_Looking(take, wrong))
        if len(line) == 1:
            self._read(token)

    async def find(self, token: str) -> str:
        """Return what `look_up` tells, or raise it: BusError, TimeoutError, ValueError."""
        if self._is_by_station:
            return station_subject(token)
        place: Place = await first_of(partial(self.look_up, token))
        if isinstance(place, str):
            return place
        raise place

    def forget(self, token: str) -> None:
        """Look a station up the next time."""
        self._places.pop(token, None)

    def _read(self, token: str) -> None:
        self.forget(token)
        loop = asyncio.get_running_loop()
        if self._is_by_station:
            loop.call_soon(self._tell, token, station_subject(token))
            return
        try:
            self.bus.ask_claim(token, partial(self._note_claim, token))
        except BusError as error:
            loop.call_soon(self._tell, token, error)

    def _note_claim(self, token: str, claim: Claim | Failure | None) -> None:
        self._tell(token, claim if isinstance(claim, BusError | TimeoutError) else _place_in(claim))

    def _tell(self, token: str, place: Place) -> None:
        """Tell the first in line, and those behind it for whom that is as good; read anew for the next."""
        if place and isinstance(place, str) and not self._is_by_station:
            self._places[token] = place
            if len(self._places) > self._max_places:
                del self._places[next(iter(self._places))]
        line = self._looking[token]
        is_fresh = True
        while line and (is_fresh or not place or line[0].wrong != place):
            is_fresh = False
            pass_on(line[0].take, place)
            del line[0]
        if line:
            self._read(token)
        else:
            del self._looking[token]


class _Looking(NamedTuple):
    take: TakePlace
    wrong: str


def _place_in(claim: Claim | None) -> str | ValueError:
    """Return where a claim says that its station is asked."""
    try:
        record = read_record(claim.value) if claim else None
    except ValueError as error:  # FL-20: of a newer release, perhaps
        return error
    return station_subject(claim.key, record.gateway) if claim and record and record.is_up else ""


class Asking:
    """One call, on its way through the bus: asked once this is made, and over once `verdict` is done.

    All of it is plain calls, but for a question about the call, which is rare.
    """

    __slots__ = (
        "_alarm",
        "_ask",
        "_asked",
        "_bus",
        "_config",
        "_directory",
        "_is_remembered",
        "_loop",
        "_machine",
        "_subject",
        "_tasks",
        "_timer",
        "_token",
        "verdict",
    )

    def __init__(
        self, directory: Directory, alarm: Alarm, config: FleetConfig, token: str, ask: Ask
    ) -> None:
        """Ask for a call to the station of a token; `alarm` rings after `FleetConfig.probe_after`."""
        self._loop = loop = asyncio.get_running_loop()
        self._bus = directory.bus
        self._directory = directory
        self._alarm = alarm
        self._config = config
        self._token = token
        self._ask = ask
        self._asked: Subscription | None = None
        self._tasks: set[asyncio.Task[None]] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._subject = directory.recall(token)
        self._is_remembered = bool(self._subject) and directory.can_be_wrong
        self._machine = RemoteCall(ask.timeout, config, now=ask.made_at)
        self.verdict: asyncio.Future[Verdict | Unavailable] = loop.create_future()
        """What comes of it. Who does not wait for that any more says so, by `withdraw`."""
        self._go_on()
        if ask.timeout < config.probe_after:
            self._set_timer()
        else:
            alarm.add(self, loop)

    def withdraw(self) -> None:
        """End it, and have it not leave, if it has not."""
        self._machine.cancelled()
        if self._machine.steps() and self._subject:
            with suppress(BusError):
                self._bus.publish(self._subject, write_question(Withdraw(self._ask.call_id)))
        self._close()

    def wake(self) -> None:
        """See what time it is."""
        self._machine.timed(now=self._loop.time())
        self._go_on()
        if not self._machine.is_over:
            self._set_timer()

    def _set_timer(self) -> None:
        self._timer = self._loop.call_at(self._machine.next_timeout(), self.wake)

    def _go_on(self) -> None:
        for step in self._machine.steps():
            match step:
                case SendAsk(is_moved):
                    self._send_ask(is_moved=is_moved)
                case Ended(verdict):
                    self._end(verdict)
                case SendProbe():
                    self._spawn(self._send_question(Probe(self._ask.call_id)))
                case SendWithdraw():
                    self._spawn(self._send_question(Withdraw(self._ask.call_id)))
                case _:
                    assert_never(step)

    def _end(self, verdict: Verdict | Unavailable) -> None:
        if isinstance(verdict, _PLACE_IN_DOUBT):
            self._directory.forget(self._token)
        if not self.verdict.done():  # whoever waited may have been cancelled
            self.verdict.set_result(verdict)
        self._close()

    def _close(self) -> None:
        self._alarm.remove(self)
        if self._timer:
            self._timer.cancel()
        if self._asked:
            self._asked.close()
        for task in self._tasks or ():
            task.cancel()

    # --- the asking ------------------------------------------------------------------------------------

    def _send_ask(self, *, is_moved: bool) -> None:
        if is_moved or not self._subject:
            self._ask_anew()
        else:
            self._ask_there(self._ask)

    def _ask_there(self, ask: Ask) -> None:
        try:
            self._asked = self._bus.ask(
                self._subject, write_question(ask), self._take_answer, timeout=None
            )
        except BusError as error:
            # Not now: who makes a call suspends, whatever comes of it, or repeating it would stop the loop.
            self._loop.call_soon(self._take_answer, error)

    def _take_answer(self, answer: bytes | BusError | TimeoutError) -> None:
        self._asked = None
        if isinstance(answer, NobodyThere) and self._is_remembered:
            # Where it was, there is no gateway any more, and nobody has got the call.
            self._ask_anew(nobody_at=self._subject)
            return
        if isinstance(answer, bytes):
            self._take_verdict(answer)
        elif isinstance(answer, NobodyThere):
            self._machine.nobody_there(of_ask=True)
        elif isinstance(answer, BusError):
            self._fail(answer)
        self._go_on()

    def _take_verdict(self, data: bytes) -> None:
        try:
            verdict = read_verdict(data)
        except ValueError:  # FL-20: of a newer release, perhaps
            self._machine.failed(_OF_NO_USE, was_sent=True)
        else:
            self._machine.answered(verdict, now=self._loop.time())

    def _fail(self, error: BusError) -> None:
        was_sent = isinstance(error, BusUnavailable) and error.was_sent
        reason = "not permitted" if isinstance(error, NotPermitted) else str(error)
        self._machine.failed(f"the fleet cannot answer: {plain(reason)}", was_sent=was_sent)

    def _ask_anew(self, nobody_at: str = "") -> None:
        """Look the station up, and ask there, unless we know that there is nobody."""
        self._is_remembered = False
        take = partial(self._take_place, nobody_at)
        self._directory.look_up(self._token, take, wrong=self._subject)

    def _take_place(self, nobody_at: str, place: Place) -> None:
        if self._machine.is_over or isinstance(place, TimeoutError):
            return  # whose end the machine's own clock is
        if isinstance(place, BusError):
            self._fail(place)
        elif isinstance(place, ValueError):
            self._machine.failed(_OF_NO_USE, was_sent=True)
        elif place in {"", nobody_at}:
            self._machine.nobody_there(of_ask=True)
        else:
            self._subject = place
            self._ask_there(replace(self._ask, made_at=self._loop.time()))
        self._go_on()

    # --- what is rare ----------------------------------------------------------------------------------

    async def _send_question(self, question: Probe | Withdraw) -> None:
        machine = self._machine
        if not self._subject:
            return
        try:
            answer = await self._bus.request(
                self._subject, write_question(question), timeout=self._config.probe_after
            )
        except NobodyThere:
            machine.nobody_there(of_ask=False)
        except (TimeoutError, BusError):
            return  # silence: the machine counts it, and the asking itself tells of a bus that is gone
        else:
            machine.probed(_STATES.get(answer, CallState.UNKNOWN), now=self._loop.time())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        if self._tasks is None:
            self._tasks = set()
        self._tasks.add(task)
        task.add_done_callback(self._note_done)

    def _note_done(self, task: asyncio.Task[None]) -> None:
        if self._tasks:
            self._tasks.discard(task)
        if not task.cancelled():
            task.result()
        self._go_on()
