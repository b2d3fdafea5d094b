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
    NotConnectedThere,
    Probe,
    Verdict,
    Withdraw,
    read_record,
    read_verdict,
    station_subject,
    write_question,
)

__all__ = ["Asking", "look_up"]

_STATES = {state.value.encode(): state for state in CallState}


async def look_up(bus: Bus, token: str) -> str | None:
    """Return where a station is asked; None if it is nowhere.

    Raises BusError, and ValueError for a claim that cannot be read. Suspends only where calls are routed by
    gateway.
    """
    if bus.routing is Routing.STATION:
        return station_subject(token)
    claim = await bus.read_claim(token)
    record = read_record(claim.value) if claim else None
    return station_subject(token, record.gateway) if record and record.is_up else None


class Asking:
    """One call, on its way through the bus."""

    def __init__(
        self, bus: Bus, config: FleetConfig, token: str, caller: str, call_id: str
    ) -> None:
        self._bus = bus
        self._config = config
        self._token = token
        self._caller = caller
        self._call_id = call_id
        self._loop = asyncio.get_running_loop()
        self._subject = "" if bus.routing is Routing.GATEWAY else station_subject(token)
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
        machine, seconds = self._machine, self._seconds
        try:
            if not self._subject or is_moved:
                self._subject = await look_up(self._bus, self._token) or ""
            if not self._subject:
                machine.answered(NotConnectedThere(), now=self._loop.time())
                return
            made_at = self._loop.time()
            ask = Ask(self._call_id, self._version, seconds, self._caller, made_at, self._frame)
            answer = await self._bus.request(
                self._subject, write_question(ask), timeout=seconds + 2 * self._config.grace
            )
            machine.answered(read_verdict(answer), now=self._loop.time())
        except NobodyThere:
            machine.nobody_there(of_ask=True)
        except TimeoutError:
            return  # the machine's own clock ends it
        except BusError as error:
            was_sent = isinstance(error, BusUnavailable) and error.was_sent
            reason = "not permitted" if isinstance(error, NotPermitted) else str(error)
            machine.failed(f"the bus has failed: {plain(reason)}", was_sent=was_sent)
        except ValueError:  # FL-20: of a newer release, perhaps
            machine.failed("the answer of its gateway is of no use", was_sent=True)

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
