"""A `FaultyStore` fails as it says, at the request that was chosen, and otherwise does as the store below."""

import pytest
from store_contents import charge, contents, states_of

from ocpp_sansio.station import Keep
from ocpp_sansio.stores import MemoryStore, StoreError
from ocpp_sansio.testing import FaultyStore, PowerCut, StoreFault


def values(store: FaultyStore) -> dict[str, str]:
    return dict(store.load().values)


def kept(*names: str) -> list[Keep]:
    return [Keep(number, name, "x") for number, name in enumerate(names, 1)]


def test_without_faults_it_does_as_the_store_below_does() -> None:
    memory = MemoryStore()
    store = FaultyStore(memory)
    for commit in charge():
        assert store.apply(commit) == commit[-1].token
    assert contents(store) == contents(memory) == states_of(charge())[-1]
    assert (store.requests, store.commits) == (22, 22)
    store.close()


def test_refused_writes_nothing_once() -> None:
    store = FaultyStore(faults={2: StoreFault.REFUSED})
    with pytest.raises(StoreError):
        store.apply(kept("a", "b"))
    assert values(store) == {}
    store.apply(kept("a", "b"))
    assert values(store) == {"a": "x", "b": "x"}
    assert (store.requests, store.commits) == (4, 1)


def test_unconfirmed_writes_all_and_says_that_it_failed() -> None:
    store = FaultyStore(faults={1: StoreFault.UNCONFIRMED})
    with pytest.raises(StoreError):
        store.apply(kept("a", "b"))
    assert values(store) == {"a": "x", "b": "x"}
    assert store.commits == 0


@pytest.mark.parametrize(("place", "found"), [(1, {}), (2, {"a": "x"}), (3, {"a": "x", "b": "x"})])
def test_torn_writes_what_stands_before_and_cuts_the_power(
    place: int, found: dict[str, str]
) -> None:
    store = FaultyStore(faults={place: StoreFault.TORN})
    with pytest.raises(PowerCut):
        store.apply(kept("a", "b", "c"))
    with pytest.raises(PowerCut):
        store.load()
    with pytest.raises(PowerCut):
        store.apply(kept("d"))
    store.power_on()
    assert values(store) == found


def test_swapped_confirms_what_is_lost_and_writes_the_next() -> None:
    store = FaultyStore(faults={1: StoreFault.SWAPPED})
    assert store.apply(kept("a", "b")) == 2
    with pytest.raises(PowerCut):
        store.apply(kept("c"))
    store.power_on()
    assert values(store) == {"c": "x"}
    store.apply(kept("d"))
    assert values(store) == {"c": "x", "d": "x"}


def test_the_power_can_be_cut_between_commits() -> None:
    store = FaultyStore(faults={2: StoreFault.SWAPPED})
    store.apply(kept("a"))
    store.apply(kept("b"))
    store.cut_power()
    store.power_on()
    store.apply(kept("c"))
    assert values(store) == {"a": "x", "c": "x"}
