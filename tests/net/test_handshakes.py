"""Who may begin a handshake, and who has to go for a newcomer: in virtual time, without a socket."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_sansio.net import Limits
from ocpp_sansio.net.handshakes import PendingHandshakes


class Connecting:
    """A connection in its handshake."""

    def __init__(self, *, is_silent: bool = True) -> None:
        self.is_silent = is_silent
        self.is_dropped = False

    def abort(self) -> None:
        self.is_dropped = True


def pending(**limits: float) -> PendingHandshakes:
    return PendingHandshakes(Limits(handshake_patience=1.0, **limits))  # type: ignore[arg-type]


def test_there_is_room_up_to_the_limit() -> None:
    handshakes = pending(max_handshakes=2)
    for now in (0.0, 0.5):
        assert handshakes.seconds_until_room(now) == 0
        assert handshakes.add(Connecting(), None, now)
    assert len(handshakes) == 2
    assert (
        handshakes.seconds_until_room(0.75) == 0.25
    )  # then the first has been silent for too long
    assert not handshakes.add(Connecting(), None, 0.75)
    assert len(handshakes) == 2


def test_the_oldest_stale_one_goes_for_a_newcomer_and_no_other() -> None:
    handshakes = pending(max_handshakes=3)
    talking, first, second = Connecting(is_silent=False), Connecting(), Connecting()
    for connection in (talking, first, second):
        handshakes.add(connection, None, 0.0)
    newcomer = Connecting()
    assert handshakes.add(newcomer, None, 1.0)
    assert [k.is_dropped for k in (talking, first, second, newcomer)] == [False, True, False, False]
    assert first not in handshakes
    assert newcomer in handshakes


def test_those_that_have_said_what_they_want_are_waited_for() -> None:
    handshakes = pending(max_handshakes=1)
    talking = Connecting(is_silent=False)
    handshakes.add(talking, None, 0.0)
    assert handshakes.seconds_until_room(100.0) == inf
    told: list[bool] = []
    handshakes.on_room = lambda: told.append(True)
    handshakes.remove(talking)
    handshakes.remove(talking)  # idempotent
    assert told == [True]
    assert handshakes.seconds_until_room(100.0) == 0


def test_a_host_with_more_than_its_share_loses_its_own_first() -> None:
    handshakes = pending(max_handshakes=7, max_handshakes_per_address=2)
    others = [Connecting(), Connecting()]
    for number, connection in enumerate(others):
        handshakes.add(connection, f"10.0.0.{number}", 0.0)
    flood = [Connecting() for _ in range(5)]
    for connection in flood:
        assert handshakes.add(connection, "10.1.1.1", 0.0)
    assert not any(k.is_dropped for k in flood)  # there is room for all
    for _ in range(3):
        assert handshakes.add(Connecting(), "10.2.2.2", 1.0)
    assert [k.is_dropped for k in flood] == [True, True, True, False, False]
    assert not any(k.is_dropped for k in others)
    assert handshakes.add(
        Connecting(), "10.2.2.2", 1.0
    )  # nobody but the newest has more than its share now
    assert [k.is_dropped for k in others] == [True, False]


def test_an_address_that_becomes_known_later_counts_from_then_on() -> None:
    handshakes = pending(max_handshakes=3, max_handshakes_per_address=1)
    other, first, second = Connecting(), Connecting(), Connecting()
    for connection in (other, first, second):
        handshakes.add(connection, None, 0.0)
    handshakes.set_host(first, "10.0.0.1")
    handshakes.set_host(second, "10.0.0.1")
    handshakes.add(Connecting(), None, 1.0)
    assert [k.is_dropped for k in (other, first, second)] == [False, True, False]
    handshakes.set_host(first, "10.0.0.1")  # it is gone
    handshakes.remove(second)
    assert len(handshakes) == 2


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
    handshakes = pending(max_handshakes=5, max_handshakes_per_address=2)
    present: list[Connecting] = []
    now = 0.0
    for address, is_silent, leaves, seconds in steps:
        now += seconds
        if leaves and present:
            handshakes.remove(present.pop(0))
        connection = Connecting(is_silent=is_silent)
        has_room = handshakes.seconds_until_room(now) == 0
        assert handshakes.add(connection, address, now) is has_room
        if has_room:
            present.append(connection)
        assert all(k.is_silent for k in present if k.is_dropped)
        present = [k for k in present if not k.is_dropped]
        assert len(handshakes) == len(present) <= 5
        assert all(k in handshakes for k in present)
