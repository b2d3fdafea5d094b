"""Who may begin a handshake, and who has to go for a newcomer: in virtual time, without a socket."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_sansio.net import Limits
from ocpp_sansio.net.arrivals import Arrivals


class Knock:
    """A connection in its handshake."""

    def __init__(self, *, is_silent: bool = True) -> None:
        self.is_silent = is_silent
        self.is_dropped = False

    def abort(self) -> None:
        self.is_dropped = True


def arrivals(**limits: float) -> Arrivals:
    return Arrivals(Limits(handshake_patience=1.0, **limits))  # type: ignore[arg-type]


def test_there_is_room_up_to_the_limit() -> None:
    crowd = arrivals(max_handshakes=2)
    for now in (0.0, 0.5):
        assert crowd.seconds_until_room(now) == 0
        assert crowd.enter(Knock(), None, now)
    assert len(crowd) == 2
    assert crowd.seconds_until_room(0.75) == 0.25  # then the first has been silent for too long
    assert not crowd.enter(Knock(), None, 0.75)
    assert len(crowd) == 2


def test_the_oldest_stale_one_goes_for_a_newcomer_and_no_other() -> None:
    crowd = arrivals(max_handshakes=3)
    talking, first, second = Knock(is_silent=False), Knock(), Knock()
    for knock in (talking, first, second):
        crowd.enter(knock, None, 0.0)
    newcomer = Knock()
    assert crowd.enter(newcomer, None, 1.0)
    assert [k.is_dropped for k in (talking, first, second, newcomer)] == [False, True, False, False]
    assert first not in crowd
    assert newcomer in crowd


def test_those_that_have_said_what_they_want_are_waited_for() -> None:
    crowd = arrivals(max_handshakes=1)
    talking = Knock(is_silent=False)
    crowd.enter(talking, None, 0.0)
    assert crowd.seconds_until_room(100.0) == inf
    told: list[bool] = []
    crowd.on_room = lambda: told.append(True)
    crowd.leave(talking)
    crowd.leave(talking)  # idempotent
    assert told == [True]
    assert crowd.seconds_until_room(100.0) == 0


def test_a_host_with_more_than_its_share_loses_its_own_first() -> None:
    crowd = arrivals(max_handshakes=7, max_handshakes_per_address=2)
    others = [Knock(), Knock()]
    for number, knock in enumerate(others):
        crowd.enter(knock, f"10.0.0.{number}", 0.0)
    flood = [Knock() for _ in range(5)]
    for knock in flood:
        assert crowd.enter(knock, "10.1.1.1", 0.0)
    assert not any(k.is_dropped for k in flood)  # there is room for all
    for _ in range(3):
        assert crowd.enter(Knock(), "10.2.2.2", 1.0)
    assert [k.is_dropped for k in flood] == [True, True, True, False, False]
    assert not any(k.is_dropped for k in others)
    assert crowd.enter(
        Knock(), "10.2.2.2", 1.0
    )  # nobody but the newest has more than its share now
    assert [k.is_dropped for k in others] == [True, False]


def test_an_address_that_becomes_known_later_counts_from_then_on() -> None:
    crowd = arrivals(max_handshakes=3, max_handshakes_per_address=1)
    other, first, second = Knock(), Knock(), Knock()
    for knock in (other, first, second):
        crowd.enter(knock, None, 0.0)
    crowd.locate(first, "10.0.0.1")
    crowd.locate(second, "10.0.0.1")
    crowd.enter(Knock(), None, 1.0)
    assert [k.is_dropped for k in (other, first, second)] == [False, True, False]
    crowd.locate(first, "10.0.0.1")  # it is gone
    crowd.leave(second)
    assert len(crowd) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_handshakes_per_address": 0},
        {"handshake_patience": -1.0},
        {"max_buffered": 0},
    ],
)
def test_a_limit_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Limits(**wrong)  # type: ignore[arg-type]


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", None]), st.booleans(), st.booleans(), st.floats(0, 2)),
        max_size=60,
    )
)
def test_whatever_comes_and_goes_the_books_agree(
    steps: list[tuple[str | None, bool, bool, float]],
) -> None:
    crowd = arrivals(max_handshakes=5, max_handshakes_per_address=2)
    present: list[Knock] = []
    now = 0.0
    for address, is_silent, leaves, seconds in steps:
        now += seconds
        if leaves and present:
            crowd.leave(present.pop(0))
        knock = Knock(is_silent=is_silent)
        has_room = crowd.seconds_until_room(now) == 0
        assert crowd.enter(knock, address, now) is has_room
        if has_room:
            present.append(knock)
        assert all(k.is_silent for k in present if k.is_dropped)
        present = [k for k in present if not k.is_dropped]
        assert len(crowd) == len(present) <= 5
        assert all(k in crowd for k in present)
