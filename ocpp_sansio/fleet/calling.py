"""`Calling`: a gateway makes the calls of other processes on the connections that it has.

Each step for all calls that are due, then the next, and without a task for any: see `asyncio/turn.py`.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeAlias

from ocpp_sansio.asyncio import NetSession, corked
from ocpp_sansio.core import LocalProtocolError, plain
from ocpp_sansio.fleet.bus import BusMessage
from ocpp_sansio.fleet.desk import Desk, Errand
from ocpp_sansio.fleet.wire import (
    Answered,
    Expired,
    Lost,
    NotConnectedThere,
    OtherVersion,
    Refused,
    TimedOut,
    Verdict,
    identity_of,
    write_verdict,
)
from ocpp_sansio.session import (
    CallTimeout,
    CallVetoed,
    ConnectionLost,
    InvalidResult,
    NotConnected,
    PeerLog,
)

__all__ = ["Calling"]


Outcome: TypeAlias = bytes | Exception | Verdict
"""What came of a call: the frame of its answer, what `session.forward` raises, or what we say ourselves."""


class Calling:
    """The calls of a desk: those that are due, and those that have ended."""

    def __init__(
        self,
        desk: Desk,
        log: PeerLog,
        *,
        serves: Callable[[str, float], object],
        say: Callable[[BusMessage, bytes], None],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        """Make one.

        `serves` returns the connection that calls to a station, by its token, are for at this moment, if they
        are ours to make. `say` tells who has asked what came of it. `spawn` starts a task that no end of a
        connection cancels.
        """
        self._desk = desk
        self._log = log
        self._serves = serves
        self._say = say
        self._spawn = spawn
        self._due: list[str] = []
        self._outcomes: list[tuple[Errand, Outcome]] = []
        self._patient: set[str] = set()

    def call_soon(self, token: str) -> None:
        """Have the next call of a line made, when all has been read that came with it."""
        if not self._due:
            asyncio.get_running_loop().call_soon(self._make_calls)
        self._due.append(token)

    def _make_calls(self) -> None:
        due, self._due = self._due, []
        desk, now = self._desk, asyncio.get_running_loop().time()
        with corked():
            for token in due:
                session = self._serves(token, now)
                if not isinstance(session, NetSession):
                    desk.clear(token)  # FL-5, FL-7
                elif session.connection.outstanding_call is not None:
                    self._wait_soon(session, token)
                elif errand := desk.next(token):
                    self._make_call(errand, session, now)

    def _wait_soon(self, session: NetSession[Any], token: str) -> None:
        """Wait for a call of this process's own: else ours would wait where nobody can withdraw it."""
        if self._desk.waits(token) and token not in self._patient:
            self._patient.add(token)
            self._spawn(self._wait_for(session, token))

    async def _wait_for(self, session: NetSession[Any], token: str) -> None:
        try:
            await session.wait_free()
        finally:
            self._patient.discard(token)
            self.call_soon(token)

    def _make_call(self, errand: Errand, session: NetSession[Any], now: float) -> None:
        seconds = errand.deadline - now
        take, version = partial(self._note_outcome, errand), session.version
        try:
            if seconds <= 0:
                take(Expired())
            elif version and errand.ask.version is not version:
                take(OtherVersion(version))  # it has connected anew meanwhile
            else:
                session.begin_forward(errand.ask.frame, take, timeout=seconds)
        except Exception as error:  # noqa: BLE001 - whatever it is, its caller is to know
            take(error)

    def _note_outcome(self, errand: Errand, outcome: Outcome) -> None:
        if not self._outcomes:
            asyncio.get_running_loop().call_soon(self._answer_calls)
        self._outcomes.append((errand, outcome))

    def _answer_calls(self) -> None:
        outcomes, self._outcomes = self._outcomes, []
        for errand, outcome in outcomes:
            self._desk.end(errand)
            if errand.is_void:  # FL-5
                continue
            if isinstance(outcome, bytes):
                self._say(errand.reply, outcome)
            else:
                self._say(errand.reply, write_verdict(self._verdict(errand, outcome)))
        for errand, _ in outcomes:
            if self._desk.waits(errand.token):
                self.call_soon(errand.token)

    def _verdict(self, errand: Errand, outcome: Exception | Verdict) -> Verdict:
        match outcome:
            case CallTimeout():
                return TimedOut()
            case ConnectionLost(was_sent=was_sent):
                return Lost(was_sent)
            case NotConnected():
                return NotConnectedThere()
            case InvalidResult(data=data):
                return Answered(data)
            case LocalProtocolError() | CallVetoed():
                return Refused(plain(str(outcome)))
            case Exception():
                text = "a call of the fleet's to %s failed"
                identity = identity_of(errand.token)
                self._log.error(asyncio.get_running_loop().time(), text, identity, exc_info=outcome)
                return Lost(was_sent=True)  # FL-2: nobody knows
            case _:
                return outcome
