"""`Asking`: carries out what a `RemoteCall` decides."""

import asyncio
from collections.abc import Coroutine
from typing import Any, assert_never

from ocpp_sansio.core import Version, plain
from ocpp_sansio.fleet.bus import Bus, BusError, BusUnavailable, NobodyThere, NotPermitted, Routing
from ocpp_sansio.fleet.desk import CallState
from ocpp_sansio.fleet.remote_call import (
    Ended,
    RemoteCall,
    SendAsk,
    SendProbe,
    SendWithdraw,
    Step,
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


class Directory:
    """Where stations are asked. What was looked up is remembered: where it is old, who is asked says so.

    Only where calls are routed by gateway is there anything to look up.
    """

    def __init__(self, bus: Bus, max_places: int) -> None:
        """Make one; of more than `max_places` stations the first are forgotten."""
        self.bus = bus
        self._max_places = max_places
        self._is_by_station = bus.routing is Routing.STATION
        self._places: dict[str, str] = {}

    def recall(self, token: str) -> str:
        """Return where a station is asked, as far as is known without looking; else ""."""
        return station_subject(token) if self._is_by_station else self._places.get(token, "")

    async def look_up(self, token: str) -> str:
        """Return where a station is asked, looked up anew; "" if it is nowhere.

        Raises BusError, and ValueError for a claim that cannot be read. Suspends only where calls are
        routed by gateway.
        """
        if self._is_by_station:
            return station_subject(token)
        self.forget(token)
        claim = await self.bus.read_claim(token)
        record = read_record(claim.value) if claim else None
        if record is None or not record.is_up:
            return ""
        self._places[token] = subject = station_subject(token, record.gateway)
        if len(self._places) > self._max_places:
            del self._places[next(iter(self._places))]
        return subject

    def forget(self, token: str) -> None:
        """Look a station up the next time."""
        self._places.pop(token, None)


class Asking:
    """One call, on its way through the bus."""

    def __init__(
        self,
        directory: Directory,
        config: FleetConfig,
        token: str,
        caller: str,
        call_id: str,
    ) -> None:
        self._bus = directory.bus
        self._directory = directory
        self._config = config
        self._token = token
        self._caller = caller
        self._call_id = call_id
        self._loop = asyncio.get_running_loop()
        self._subject = directory.recall(token)
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken = self._loop.create_future()

    def begin(
        self, version: Version, frame: bytes, seconds: float
    ) -> Coroutine[Any, Any, Verdict | Unavailable]:
        """Ask, and return what is to be awaited at once for the outcome.

        Whoever cancels that withdraws the call, if it has not left.
        """
        self._version, self._frame, self._seconds = version, frame, seconds
        self._machine = RemoteCall(seconds, self._config, now=self._loop.time())
        self._do_steps()
        return self._run()

    async def _run(self) -> Verdict | Unavailable:
        try:
            while True:
                ended = self._do_steps()
                if ended:
                    if isinstance(ended.verdict, Lost | NotConnectedThere | Unavailable):
                        self._directory.forget(self._token)
                    return ended.verdict
                timer = self._loop.call_at(self._machine.next_timeout(), self._wake)
                try:
                    await self._woken
                finally:
                    timer.cancel()
                self._woken = self._loop.create_future()
                self._machine.timed(now=self._loop.time())
        except asyncio.CancelledError:
            self._withdraw()
            raise
        finally:
            for task in self._tasks:
                task.cancel()

    def _do_steps(self) -> Ended | None:
        for step in self._machine.steps():
            if isinstance(step, Ended):
                return step
            self._do(step)
        return None

    def _do(self, step: Step) -> None:
        match step:
            case SendAsk(is_moved):
                self._spawn(self._send_ask(is_moved=is_moved))
            case SendProbe():
                self._spawn(self._send_question(Probe(self._call_id)))
            case SendWithdraw():
                self._spawn(self._send_question(Withdraw(self._call_id)))
            case Ended():
                return
            case _:
                assert_never(step)

    async def _send_ask(self, *, is_moved: bool) -> None:
        machine = self._machine
        is_remembered = bool(self._subject) and not is_moved
        try:
            if not is_remembered:
                self._subject = await self._directory.look_up(self._token)
            try:
                verdict = await self._ask()
            except NobodyThere:
                if not is_remembered:
                    raise
                # Where it was, there is no gateway any more, and nobody has got the call.
                before, self._subject = self._subject, await self._directory.look_up(self._token)
                if self._subject == before:
                    raise
                verdict = await self._ask()
            machine.answered(verdict, now=self._loop.time())
        except NobodyThere:
            machine.nobody_there(of_ask=True)
        except TimeoutError:
            return  # the machine's own clock ends it
        except BusError as error:
            was_sent = isinstance(error, BusUnavailable) and error.was_sent
            reason = "not permitted" if isinstance(error, NotPermitted) else str(error)
            machine.failed(f"the fleet cannot answer: {plain(reason)}", was_sent=was_sent)
        except ValueError:  # FL-20: of a newer release, perhaps
            machine.failed("the answer of its gateway is of no use", was_sent=True)

    async def _ask(self) -> Verdict:
        if not self._subject:
            return NotConnectedThere()
        seconds, made_at = self._seconds, self._loop.time()
        ask = Ask(self._call_id, self._version, seconds, self._caller, made_at, self._frame)
        answer = await self._bus.request(
            self._subject, write_question(ask), timeout=seconds + 2 * self._config.grace
        )
        return read_verdict(answer)

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

    def _withdraw(self) -> None:
        self._machine.cancelled()
        if not self._machine.steps() or not self._subject:
            return
        try:
            self._bus.publish(self._subject, write_question(Withdraw(self._call_id)))
        except BusError:
            return

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._note_done)

    def _note_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.result()
        self._wake()

    def _wake(self) -> None:
        if not self._woken.done():
            self._woken.set_result(None)
