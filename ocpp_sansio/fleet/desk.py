"""`Desk`: the calls that a gateway was asked for and that have not ended, one line for each station. Pure.

They wait here, not in the session's queue, so that each can be told from the others: a probe is answered
`queued` or `sent`, and what is queued can be withdrawn for certain (FL-12).
"""

from collections import OrderedDict
from enum import Enum
from typing import Any

from msgspec import Struct

from ocpp_sansio.fleet.settings import FleetConfig
from ocpp_sansio.fleet.wire import Ask, Refused

__all__ = ["CallState", "Desk", "Errand"]

REMEMBERED = 10_000
"""Ended calls whose ids are remembered: a broker may deliver one of them again."""


class CallState(Enum):
    """What a gateway knows of a call."""

    QUEUED = "queued"
    SENT = "sent"
    """It was given to the station's session, and may have left."""
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    """It will never leave."""


class Errand(Struct, eq=False):
    """One call to be made."""

    ask: Ask
    token: str
    deadline: float
    """When it must have been answered, on the gateway's clock."""
    reply: Any
    """The adapter's own: how its caller is told."""
    state: CallState = CallState.QUEUED
    is_void: bool = False
    """Whether it is another's to answer."""


class Desk:
    """The lines of all stations of a gateway."""

    def __init__(self, config: FleetConfig) -> None:
        """Make one, that keeps no more calls than `config` allows."""
        self._config = config
        self._errands: dict[str, Errand] = {}
        self._lines: dict[
            str, list[Errand]
        ] = {}  # by station; the first of each may have been sent
        self._ended: OrderedDict[str, None] = OrderedDict()  # whose first a dict is slow to find

    def __len__(self) -> int:
        """How many calls have not ended."""
        return len(self._errands)

    def take(self, ask: Ask, token: str, reply: Any, *, now: float) -> Errand | Refused | None:
        """Put a call at the end of its station's line; None if it was here before."""
        call_id = ask.call_id
        if call_id in self._errands or call_id in self._ended:
            return None
        line = self._lines.get(token)
        if line and len(line) >= self._config.max_remote_calls:
            return Refused(f"{len(line)} calls wait for this station already (max_remote_calls)")
        if len(self._errands) >= self._config.max_calls:
            return Refused(f"{len(self._errands)} calls wait at this gateway already (max_calls)")
        errand = self._errands[call_id] = Errand(ask, token, now + ask.timeout, reply)
        if line:
            line.append(errand)
        else:
            self._lines[token] = [errand]
        return errand

    def next(self, token: str) -> Errand | None:
        """Return the first of a line, sent from now on; None while another is, or if there is none."""
        line = self._lines.get(token)
        if not line or line[0].state is CallState.SENT:
            return None
        line[0].state = CallState.SENT
        return line[0]

    def waits(self, token: str) -> bool:
        """Whether `next` would return a call."""
        line = self._lines.get(token)
        return line is not None and line[0].state is CallState.QUEUED

    def end(self, errand: Errand) -> None:
        """Note that a call has ended, however."""
        if self._errands.pop(errand.ask.call_id, None) is None:
            return
        line = self._lines[errand.token]
        line.remove(errand)
        if not line:
            del self._lines[errand.token]
        self._remember(errand.ask.call_id)

    def probe(self, call_id: str) -> CallState:
        """Say what has become of a call."""
        errand = self._errands.get(call_id)
        return errand.state if errand else CallState.UNKNOWN

    def withdraw(self, call_id: str) -> CallState:
        """Take a call out of its line, for ever, if it is in it; say what has become of it."""
        errand = self._errands.get(call_id)
        if errand is None:
            # Should it come yet, it is not made here; a former owner may have had it.
            self._remember(call_id)
            return CallState.UNKNOWN
        if errand.state is CallState.SENT:
            return CallState.SENT
        self.end(errand)
        return CallState.WITHDRAWN

    def clear(self, token: str | None = None) -> list[Errand]:
        """End all that have not been sent, of one station or of all; return them."""
        lines = self._lines.values() if token is None else (self._lines.get(token, ()),)
        queued = [each for line in lines for each in line if each.state is CallState.QUEUED]
        for errand in queued:
            self.end(errand)
        return queued

    def void(self, token: str) -> None:
        """Answer nothing more about a station: forget its line, and how the call ends that was sent."""
        self.clear(token)
        for sent in self._lines.get(token, ()):
            sent.is_void = True

    def expire(self, *, now: float) -> list[Errand]:
        """End those that have waited too long to leave in time; return them."""
        late = [
            errand
            for line in self._lines.values()
            for errand in line
            if errand.deadline <= now and errand.state is CallState.QUEUED
        ]
        for errand in late:
            self.end(errand)
        return late

    def _remember(self, call_id: str) -> None:
        self._ended[call_id] = None
        if len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)
