"""A store that fails, tears or reorders at any request of a day: what was promised is delivered once."""

from collections import deque
from itertools import count

import pytest
from charging import Charger, Ledger

from ocpp_sansio.testing import FaultyStore, PowerCut, StoreFault

REQUESTS = 16
"""Of a day without faults."""


class Wire:
    """The line of a station in this process: what it says is heard at once."""

    def __init__(self, ledger: Ledger, *, is_stored_first: bool) -> None:
        self.ledger = ledger
        self.is_stored_first = is_stored_first
        self.answers: deque[bytes] = deque()

    def write(self, text: str) -> None:
        if text != "done\n":
            self.answers += self.ledger.hear(text, is_stored_first=self.is_stored_first)

    def flush(self) -> None:
        pass

    def readline(self) -> str:
        return self.answers.popleft().decode()


def days(store: FaultyStore, *, is_stored_first: bool = True) -> Ledger:
    """Let a station work until a day passes without a power cut, and then once more."""
    ledger = Ledger()
    calm = 0
    while calm < 2:
        ledger.runs += 1
        ledger.csms.connected()
        wire = Wire(ledger, is_stored_first=is_stored_first)
        try:
            Charger(wire, store, ledger.runs).work()
            calm += 1
        except PowerCut:
            store.power_on()
    return ledger


def test_a_day_without_faults_leaves_nothing_in_the_store() -> None:
    store = FaultyStore()
    ledger = days(store)
    ledger.judge()
    assert store.requests == 2 * REQUESTS
    assert (store.load().records, store.load().transactions) == ((), ())
    assert len(ledger.csms.starts) == len(ledger.promised) == 4


@pytest.mark.parametrize("fault", [StoreFault.REFUSED, StoreFault.UNCONFIRMED, StoreFault.TORN])
def test_a_fault_at_any_request_loses_no_promise_and_bills_nothing_twice(fault: StoreFault) -> None:
    for place in range(1, REQUESTS + 1):
        store = FaultyStore(faults={place: fault})
        ledger = days(store, is_stored_first=fault is StoreFault.TORN)  # else D-9: it goes out
        ledger.judge()
        assert store.load().records == ()
        assert store.requests > REQUESTS


def test_two_faults_at_any_two_requests_lose_no_promise_either() -> None:
    kinds = [StoreFault.REFUSED, StoreFault.UNCONFIRMED, StoreFault.TORN]
    numbers = count()
    for first in range(1, REQUESTS + 1, 3):
        for second in range(first + 1, REQUESTS + 6, 2):
            number = next(numbers)
            faults = {first: kinds[number % 3], second: kinds[number // 3 % 3]}
            store = FaultyStore(faults=faults)
            days(store, is_stored_first=False).judge()
            assert store.load().records == ()


def test_a_medium_that_lies_about_its_order_stops_nothing() -> None:
    for place in range(1, REQUESTS + 1):
        store = FaultyStore(faults={place: StoreFault.SWAPPED})
        ledger = days(store)
        assert store.load().records == ()
        tags = [request.id_tag for request in ledger.csms.starts.values()]
        assert len(tags) == len(set(tags))  # no session twice, whatever else was lost
