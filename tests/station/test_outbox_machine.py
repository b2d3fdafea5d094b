"""`OutboxMachine`: it finds nothing wrong with our station, and something with every broken one."""

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from planted_bugs import BUGS

from ocpp_sansio import Version
from ocpp_sansio.testing import OutboxMachine, RuleBroken

CLEAN = settings(max_examples=40, stateful_step_count=30)
# To find a broken station is enough here; the shortest story is for those who have to mend it.
FIND = settings(
    max_examples=300,
    stateful_step_count=25,
    phases=[Phase.generate],
    report_multiple_bugs=False,
)


def machine_of(version: Version) -> type[OutboxMachine]:
    return type("Machine", (OutboxMachine,), {"version": version})


@pytest.mark.parametrize("version", Version, ids=lambda v: v.value)
def test_a_station_loses_nothing_whatever_fails(version: Version) -> None:
    run_state_machine_as_test(machine_of(version), settings=CLEAN)


@pytest.mark.parametrize("name", BUGS)
def test_it_finds_every_planted_bug(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    versions, plant = BUGS[name]
    plant(monkeypatch)
    for version in versions:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - some bugs break more than a rule
            run_state_machine_as_test(machine_of(version), settings=FIND)
        assert isinstance(caught.value, RuleBroken | KeyError | IndexError | AssertionError)


def test_there_is_a_bug_for_each_rule_of_retries_and_twenty_in_all() -> None:
    for rule in range(10, 17):
        assert [name for name in BUGS if name.startswith(f"T{rule}_")]
    assert len(BUGS) >= 20
