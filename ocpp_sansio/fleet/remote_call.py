"""`RemoteCall`: one call of a caller's, from its asking to its one outcome. Pure.

The caller asks the owner of the station, and then, each second, what has become of its call. Whoever does
not answer that is not there any more, or is frozen; heartbeats of gateways are not needed.

What is published, and what comes back, are the adapter's to carry: it takes `steps()` after each input.
"""

from math import inf
from typing import TypeAlias

from msgspec import Struct

from ocpp_sansio.fleet.desk import CallState
from ocpp_sansio.fleet.settings import FleetConfig
from ocpp_sansio.fleet.wire import (
    Expired,
    Lost,
    NotConnectedThere,
    NotMine,
    TimedOut,
    Verdict,
)

__all__ = ["Ended", "RemoteCall", "SendAsk", "SendProbe", "SendWithdraw", "Step", "Unavailable"]


class SendAsk(Struct, frozen=True):
    """Publish the call, as a request; tell `answered`, `nobody_there` or `failed`."""

    is_moved: bool = False
    """Whether the claim is to be read anew before, since the gateway asked was not the owner."""


class SendProbe(Struct, frozen=True):
    """Publish a probe, as a request; tell `probed` or `nobody_there`, nothing if there is no answer."""


class SendWithdraw(Struct, frozen=True):
    """Publish that the call is not wanted any more, as a request; tell `probed`, if there is an answer."""


class Unavailable(Struct, frozen=True):
    """The bus has failed us, or lets us not."""

    reason: str
    was_sent: bool


class Ended(Struct, frozen=True):
    """This is the outcome, and nothing will follow."""

    verdict: Verdict | Unavailable


Step: TypeAlias = SendAsk | SendProbe | SendWithdraw | Ended
"""What is to be done."""


class RemoteCall:
    """One call. Ends exactly once, at most `timeout + grace` after it was made (FL-1)."""

    def __init__(self, timeout: float, config: FleetConfig, *, now: float) -> None:
        """Make one that is asked at once: the first step says so."""
        self._config = config
        self._known: CallState | None = None
        self._moves = 0
        self._silences = 0
        self._is_probing = False
        self._is_withdrawn = False
        self._expires_at = now + timeout
        self._deadline = now + timeout + config.grace
        self._next_probe = now + config.probe_after
        self._steps: list[Step] = [SendAsk()]
        self.is_over = False
        """Whether it has ended; inputs then change nothing."""

    # --- inputs -------------------------------------------------------------------------------------------

    def answered(self, verdict: Verdict, *, now: float) -> None:
        """Take the answer to what was asked; of any of the times that it was."""
        if self.is_over:
            return
        if isinstance(verdict, NotMine):
            self._moves += 1
            if self._moves == 1 and not self._is_withdrawn:
                self._known, self._silences, self._is_probing = None, 0, False
                self._next_probe = now + self._config.probe_after
                self._steps.append(SendAsk(is_moved=True))
                return
            verdict = NotConnectedThere()
        self._end(verdict)

    def nobody_there(self, *, of_ask: bool) -> None:
        """Note that nobody has subscribed: to the call itself, or to a question about it later."""
        if not self.is_over:
            self._end(NotConnectedThere() if of_ask else Lost(was_sent=True))

    def probed(self, state: CallState, *, now: float) -> None:
        """Take the answer to a probe, or to a withdrawal."""
        if self.is_over:
            return
        self._silences, self._is_probing = 0, False
        if state is CallState.UNKNOWN:  # FL-2: it may have been made by an owner that is gone
            self._end(Lost(was_sent=True))
        elif state is CallState.WITHDRAWN:
            self._end(Expired() if now >= self._expires_at else Lost(was_sent=False))
        else:
            self._known = state

    def failed(self, reason: str, *, was_sent: bool) -> None:
        """End it, since the bus has failed us (FL-10); an earlier asking may have been heard."""
        if not self.is_over:
            self._end(Unavailable(reason, was_sent or self._known is not None))

    def cancelled(self) -> None:
        """Note that nobody waits for it any more; it is withdrawn if that is possible."""
        if not self.is_over:
            self.is_over = True
            self._steps = [SendWithdraw()]

    def timed(self, *, now: float) -> None:
        """Note that time has passed."""
        if self.is_over:
            return
        if now >= self._deadline:
            self._end(TimedOut() if self._known is CallState.SENT else Lost(was_sent=True))
        elif now >= self._expires_at:
            self._withdraw()
        elif now >= self._next_probe:
            self._probe(now)

    # --- outputs ------------------------------------------------------------------------------------------

    def steps(self) -> list[Step]:
        """Return what is to be done since the last call, in order."""
        steps, self._steps = self._steps, []
        return steps

    def next_timeout(self) -> float:
        """Return when `timed` wants to be called; infinity when it is over."""
        if self.is_over:
            return inf
        if self._is_withdrawn:
            return self._deadline
        return min(self._next_probe, self._expires_at)

    # --- how it goes on -----------------------------------------------------------------------------------

    def _probe(self, now: float) -> None:
        if self._is_probing:
            self._silences += 1
        self._is_probing = True
        self._next_probe = now + self._config.probe_after
        if self._silences < self._config.silences:
            self._steps.append(SendProbe())
        elif self._known is CallState.QUEUED and self._silences == self._config.silences:
            # FL-12: only its gateway can say that it was not sent.
            self._steps.append(SendWithdraw())
        else:
            self._end(Lost(was_sent=True))

    def _withdraw(self) -> None:
        """Let it end soon: what has not left by now is not to leave."""
        if not self._is_withdrawn:
            self._is_withdrawn = True
            self._steps.append(SendWithdraw())

    def _end(self, verdict: Verdict | Unavailable) -> None:
        self.is_over = True
        self._steps = [Ended(verdict)]
