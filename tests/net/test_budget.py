"""The bytes held for all connections together: beyond the limit, whoever holds most is cut off."""

from hypothesis import given
from hypothesis import strategies as st

from ocpp_sansio.net.budget import Budget


class Holder:
    def __init__(self) -> None:
        self.is_cut = False

    def abort(self) -> None:
        self.is_cut = True


def test_the_largest_holder_goes_and_is_told_of_once() -> None:
    told: list[tuple[Holder, int]] = []
    budget = Budget[Holder](100, lambda holder, size: told.append((holder, size)))
    small, large, newest = Holder(), Holder(), Holder()
    budget.hold(small, 20)
    budget.hold(large, 70)
    assert not told
    budget.hold(newest, 30)
    assert told == [(large, 70)]
    assert large.is_cut
    assert not small.is_cut
    assert budget.total == 50


def test_what_is_held_no_longer_counts_no_longer() -> None:
    budget = Budget[Holder](100, lambda *_: None)
    holder = Holder()
    for _ in range(10):
        budget.hold(holder, 90)
        budget.hold(holder, 0)
    assert budget.total == 0
    assert not holder.is_cut


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 120)), max_size=80))
def test_the_total_never_stays_above_the_limit(steps: list[tuple[int, int]]) -> None:
    holders = [Holder() for _ in range(5)]
    held = dict.fromkeys(holders, 0)
    budget = Budget[Holder](100, lambda holder, _: held.update({holder: 0}))
    for number, size in steps:
        held[holders[number]] = size
        budget.hold(holders[number], size)
        assert budget.total == sum(held.values()) <= 100
