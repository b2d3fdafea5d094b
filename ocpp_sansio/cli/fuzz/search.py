"""The search: play all there is to play, on as many connections as it takes, and keep what was found."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from time import monotonic, sleep
from typing import Final, TypeAlias

import attrs

from ocpp_sansio.cli.fuzz.cases import Case, Play, Step, actions_of, plays
from ocpp_sansio.cli.fuzz.referee import Finding, Match, Referee
from ocpp_sansio.cli.fuzz.shrinking import smallest
from ocpp_sansio.cli.fuzz.virtual import InProcess
from ocpp_sansio.cli.fuzz.wire import Gone, Opener, Unreachable
from ocpp_sansio.core import Role
from ocpp_sansio.testing import AskStep, CutStep, Dice, Domain, ListenStep

__all__ = ["Bounds", "Hunt", "Search", "play_steps"]

MAX_DEATHS: Final = 10
"""Times in a row that the peer may hang up on a case before it is left alone."""

KEPT_STEPS: Final = 400
"""Steps before a finding that may have led to it."""

LINGER: Final = 0.05
"""Seconds to wait for an answer that must not come, when nothing is left to do."""


@attrs.frozen(kw_only=True)
class Bounds:
    """How much is played, how fast, and of what."""

    count: int = 500
    """Cases."""
    seconds: float = 120.0
    """At most, of real time."""
    rate: float = float("inf")
    """Cases a second, at most."""
    timeout: float = 5.0
    """Seconds that an answer may take."""
    seed: int = 0
    only: Sequence[str] = ()
    skip: Sequence[str] = ()
    domain: Domain = attrs.field(factory=Domain)


@attrs.define
class Hunt:
    """What has been done and found so far."""

    match: Match
    address: str
    seed: int
    findings: dict[str, list[Finding]] = attrs.field(factory=dict)
    """By kind."""
    examples: dict[str, Finding] = attrs.field(factory=dict)
    """By kind, with as little as brings it about."""
    played: Counter[str] = attrs.field(factory=Counter)
    """Cases by phase."""
    seconds: float = 0.0
    """What the cases took, without the search for small examples."""
    end: str = ""
    """Why it ended early, if it did."""
    is_interrupted: bool = False
    """Whether it was told to stop."""

    @property
    def has_forbidden(self) -> bool:
        """Whether anything was found that a rule forbids."""
        return any(found[0].is_forbidden for found in self.findings.values())


OnProgress: TypeAlias = Callable[[Hunt, str], None]


class Search:
    """One search of one peer."""

    def __init__(
        self,
        opener: Opener,
        role: Role,
        bounds: Bounds,
        *,
        on_progress: OnProgress | None = None,
        stop_at: Callable[[Finding], bool] | None = None,
    ) -> None:
        """Connect as `role`; raises Unreachable, or ValueError for actions that the peer is not sent.

        `stop_at` ends the search at a finding that is enough.
        """
        self._opener = opener
        self._bounds = bounds
        self._on_progress = on_progress
        self._stop_at = stop_at
        self._started = monotonic()
        wire = opener.open(bounds.timeout)
        match = Match(wire.version, role)
        self._referee = Referee(wire, match, timeout=bounds.timeout)
        self.hunt = Hunt(match, opener.address, bounds.seed)
        self._peer = role.other
        self._actions = actions_of(wire.version, self._peer, only=bounds.only, skip=bounds.skip)
        self._trail: deque[Step] = deque(maxlen=KEPT_STEPS)
        self._trails: dict[str, tuple[Step, ...]] = {}
        self._reconnects = opener.reconnects
        self._deaths = 0
        _boot(self._referee, opener)

    def run(self) -> Hunt:
        """Play everything, then look for the smallest example of each kind of finding."""
        try:
            self._play_all()
            self.hunt.seconds = monotonic() - self._started
            self._shrink()
        except KeyboardInterrupt:
            self.hunt.is_interrupted = True
            self.hunt.end = "Interrupted."
        finally:
            self.hunt.seconds = self.hunt.seconds or monotonic() - self._started
            self._referee.wire.close()
        for kind, found in self.hunt.findings.items():
            self.hunt.examples.setdefault(kind, found[0])
        return self.hunt

    def _play_all(self) -> None:
        bounds, match = self._bounds, self.hunt.match
        script = plays(
            match.version,
            self._peer,
            count=bounds.count,
            chance=Dice(bounds.seed),
            actions=self._actions,
            domain=bounds.domain,
            declined=match.declined,
        )
        for play in script:
            if not self.hunt.end:
                self._play(play)
        self._take(self._referee.settle(LINGER), ())

    def _play(self, play: Play) -> None:
        """Play one play, to its end or the connection's."""
        self._referee.begin()
        case: Case | None = None
        done: list[Step] = []
        for step in play.steps:
            done.append(step)
            self._trail.append(step)
            if isinstance(step, CutStep):
                if self._reconnects > 0:
                    self._reconnects -= 1
                    self._reopen(boots=False)
            elif isinstance(step, ListenStep):
                if case:
                    self._take(self._referee.listen(step.action, case), done)
            else:
                case = self._referee.case_of(step)
                if self._is_time_up(play):
                    return
                self._play_case(step, case, done)
            if self.hunt.end:
                return
            if self._referee.is_over:
                self._deaths += 1
                self._revive()
                return
        self._deaths = 0

    def _play_case(self, step: Case | AskStep, case: Case, done: list[Step]) -> None:
        self.hunt.played[case.phase] += 1
        try:
            self._take(self._referee.settle(), done)
            if isinstance(step, AskStep) and step.is_answer_lost and self._reconnects > 0:
                self._reconnects -= 1
                self._referee.say(case)
                self._reopen(boots=False)
                return
            self._take(self._referee.play(case), done)
        except Gone as gone:  # it went after the case before had been judged
            self._referee.is_over = True
            about = f"between two cases, {gone}"
            self._take([Finding("closed the connection", about, (), case)], done)

    def _is_time_up(self, play: Play) -> bool:
        """Keep the pace, and show how far things are; return whether no time is left."""
        number = self.hunt.played.total()
        elapsed = monotonic() - self._started
        if elapsed >= self._bounds.seconds:
            self.hunt.end = f"Stopped after --seconds {self._bounds.seconds:g}."
            return True
        sleep(max(number / self._bounds.rate - elapsed, 0))
        if self._on_progress:
            self.hunt.seconds = elapsed
            self._on_progress(self.hunt, play.phase)
        return False

    def _take(self, found: list[Finding], done: Sequence[Step]) -> None:
        for finding in found:
            self._trails.setdefault(finding.kind, tuple(self._trail))
            kept = attrs.evolve(finding, steps=tuple(done))
            self.hunt.findings.setdefault(finding.kind, []).append(kept)
            if self._stop_at and self._stop_at(finding):
                self.hunt.end = "Found what was looked for."

    def _revive(self) -> None:
        if self._deaths >= MAX_DEATHS:
            self.hunt.end = (
                f"Stopped: the peer hung up, or fell silent, {self._deaths} times in a row."
            )
            return
        self._reopen(boots=True)

    def _reopen(self, *, boots: bool) -> None:
        self._referee.wire.close()
        try:
            wire = self._opener.open(self._bounds.timeout)
            before = self._referee
            self._referee = Referee(wire, self.hunt.match, timeout=self._bounds.timeout)
            if boots:  # B-5: not because it has connected again
                _boot(self._referee, self._opener)
            else:
                self._referee.take_over(before.exchange)
        except Unreachable as error:
            self.hunt.end = f"Stopped: the peer did not come back ({error})."

    # --- smaller ----------------------------------------------------------------------------------

    def _shrink(self) -> None:
        if self._stop_at:
            return
        self._referee.wire.close()
        for kind, found in self.hunt.findings.items():
            self.hunt.examples[kind] = smallest(
                found[0],
                self._trails[kind],
                self._try,
                version=self.hunt.match.version,
                receiver=self._peer,
                deadline=self._started + self._bounds.seconds,
            )

    def _try(self, steps: Sequence[Step]) -> list[Finding]:
        """Return what is found by taking these steps alone, on a connection of their own."""
        if isinstance(self._opener, InProcess):
            self._opener.start_anew()
        match = Match(self.hunt.match.version, self.hunt.match.role)
        try:
            return play_steps(steps, self._opener, match, self._bounds.timeout)
        except (Unreachable, Gone):
            return []


def _boot(referee: Referee, opener: Opener) -> None:
    try:
        referee.boot()
    except Gone as gone:
        raise Unreachable(f"{opener.address}: hung up on BootNotification {gone}") from None


def play_steps(
    steps: Sequence[Step],
    opener: Opener,
    match: Match,
    timeout: float,
    *,
    adapt: Callable[[Case, Sequence[tuple[bool, bytes]]], Case] | None = None,
    said: list[tuple[bool, bytes]] | None = None,
) -> list[Finding]:
    """Take these steps on a new connection, and return what is found; raises Unreachable or Gone.

    `adapt` may change a case by what was said before it; what is said is put into `said`.
    """
    referee = Referee(opener.open(timeout), match, timeout=timeout)
    found: list[Finding] = []
    case: Case | None = None
    try:
        referee.boot()
        referee.begin()
        for number, step in enumerate(steps, 1):
            new: list[Finding] = []
            is_lost = isinstance(step, AskStep) and step.is_answer_lost
            if isinstance(step, ListenStep):
                new = referee.listen(step.action, case) if case else []
            elif not isinstance(step, CutStep):
                case = referee.case_of(step)
                case = adapt(case, tuple(referee.exchange)) if adapt else case
                if is_lost:
                    referee.say(case)
                else:
                    new = referee.play(case)
            found += [attrs.evolve(finding, steps=tuple(steps[:number])) for finding in new]
            if isinstance(step, CutStep) or is_lost:
                exchange = referee.exchange
                referee.wire.close()
                referee = Referee(opener.open(timeout), match, timeout=timeout)
                referee.take_over(exchange)
            if referee.is_over:
                return found
        found += [attrs.evolve(it, steps=tuple(steps)) for it in referee.settle(LINGER)]
    finally:
        referee.wire.close()
        if said is not None:
            said += referee.exchange
    return found
