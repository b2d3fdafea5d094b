"""`FleetMachine`: it finds nothing wrong with our fleet, and something with every broken one."""

from collections.abc import Callable
from math import inf
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from ocpp_sansio.fleet import (
    CallState,
    Desk,
    Freshness,
    Lost,
    Ownership,
    RemoteCall,
)
from ocpp_sansio.testing import FleetMachine, RuleBroken

pytestmark = pytest.mark.slow

FIND = settings(
    max_examples=1500,
    stateful_step_count=30,
    phases=[Phase.generate],
    report_multiple_bugs=False,
)


def test_our_fleet_keeps_every_rule_whatever_fails() -> None:
    run_state_machine_as_test(FleetMachine, settings=settings(max_examples=150))


Plant = Callable[[pytest.MonkeyPatch], None]
FAULTS: dict[str, Plant] = {}


def plant(function: Plant) -> Plant:
    FAULTS[function.__name__] = function
    return function


@plant
def a_former_owner_does_not_listen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Ownership, "told", lambda *_, **__: True)


@plant
def a_former_owner_is_not_told(patch: pytest.MonkeyPatch) -> None:
    swap = Ownership._swap

    def silent(self: Any, token: str, station: Any, before: Any, revision: int) -> None:
        swap(self, token, station, before, revision)
        station.awaited, station.in_doubt = frozenset(), ()

    patch.setattr(Ownership, "_swap", silent)


@plant
def a_claim_that_has_failed_counts(patch: pytest.MonkeyPatch) -> None:
    def conflicted(self: Any, token: str, attempt: int, *, now: float) -> None:
        self.swapped(token, attempt, 1, now=now)

    patch.setattr(Ownership, "conflicted", conflicted)


@plant
def claims_are_not_renewed_after_an_outage(patch: pytest.MonkeyPatch) -> None:
    def suspect(self: Any) -> None:
        self._is_suspect = False

    patch.setattr(Ownership, "_suspect", suspect)


@plant
def a_renewed_claim_replaces_whatever_is_there(patch: pytest.MonkeyPatch) -> None:
    read = Ownership.read

    def forgetful(self: Any, token: str, attempt: int, claim: Any, *, now: float) -> None:
        station = self._stations.get(token)
        if station:
            station.revision = 0
        read(self, token, attempt, claim, now=now)

    def told(self: Any, token: str, revision: int) -> bool:
        station = self._stations.get(token)
        return bool(station and revision)

    patch.setattr(Ownership, "read", forgetful)
    patch.setattr(Ownership, "told", told)


@plant
def a_station_that_leaves_stays_subscribed(patch: pytest.MonkeyPatch) -> None:
    drop = Ownership._drop

    def keep(self: Any, token: str, station: Any) -> None:
        steps = list(self._steps)
        drop(self, token, station)
        self._steps = [*steps, *(each for each in self._steps[len(steps) :] if not _ends(each))]

    def _ends(step: Any) -> bool:
        return type(step).__name__ == "Unsubscribe"

    patch.setattr(Ownership, "_drop", keep)


@plant
def a_call_is_made_however_long_it_was_on_its_way(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Freshness, "delay", lambda *_, **__: 0.0)


@plant
def a_call_that_comes_twice_is_made_twice(patch: pytest.MonkeyPatch) -> None:
    take = Desk.take

    def forget(self: Any, ask: Any, token: str, reply: Any, *, now: float) -> Any:
        self._ended.clear()
        self._errands.pop(ask.call_id, None)
        return take(self, ask, token, reply, now=now)

    patch.setattr(Desk, "take", forget)


@plant
def a_withdrawal_is_confirmed_and_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Desk, "withdraw", lambda *_: CallState.WITHDRAWN)


@plant
def two_calls_are_in_flight(patch: pytest.MonkeyPatch) -> None:
    def greedy(self: Any, token: str) -> Any:
        for errand in self._lines.get(token, ()):
            if errand.state is CallState.QUEUED:
                errand.state = CallState.SENT
                return errand
        return None

    patch.setattr(Desk, "next", greedy)


@plant
def the_last_call_leaves_first(patch: pytest.MonkeyPatch) -> None:
    following = Desk.next

    def reverse(self: Any, token: str) -> Any:
        if self.waits(token):
            line = self._lines[token]
            line.insert(0, line.pop())
        return following(self, token)

    patch.setattr(Desk, "next", reverse)


@plant
def a_call_of_which_nothing_is_known_was_not_sent(patch: pytest.MonkeyPatch) -> None:
    probed = RemoteCall.probed

    def hopeful(self: Any, state: CallState, *, now: float) -> None:
        if state is CallState.UNKNOWN:
            self.answered(Lost(was_sent=False), now=now)
        else:
            probed(self, state, now=now)

    patch.setattr(RemoteCall, "probed", hopeful)


@plant
def a_call_of_a_gateway_that_is_silent_was_not_sent(patch: pytest.MonkeyPatch) -> None:
    end = RemoteCall._end

    def hopeful(self: Any, verdict: Any) -> None:
        end(self, Lost(was_sent=False) if verdict == Lost(was_sent=True) else verdict)

    patch.setattr(RemoteCall, "_end", hopeful)


@plant
def a_call_waits_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RemoteCall, "next_timeout", lambda _: inf)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_fleet_is_found_out(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS[fault](monkeypatch)
    with pytest.raises(RuleBroken):
        run_state_machine_as_test(FleetMachine, settings=FIND)
