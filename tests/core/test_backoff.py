"""R-1 to R-6: when and where a station dials again, as arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_sansio.backoff import Backoff, EndpointRota, Redials, ResetOn


def waits(policy: Backoff, *fractions: float) -> list[float]:
    draws = iter(fractions)
    redials = Redials(policy, lambda: next(draws))
    return [redials.next_wait() for _ in fractions]


def test_r2_each_failure_doubles_the_wait_up_to_the_repeat_times_and_then_it_stays() -> None:
    assert waits(Backoff(10, 0, 3), *[0.0] * 6) == [10, 20, 40, 80, 80, 80]


def test_r2_r3_each_wait_has_a_fresh_random_part_that_is_never_doubled() -> None:
    assert waits(Backoff(10, 4, 2), 0.5, 0.25, 0.0, 0.75) == [12, 21, 40, 43]


def test_r4_the_first_dial_after_a_loss_waits_too() -> None:
    assert waits(Backoff(30, 0, 5), 0.0) == [30]


@pytest.mark.parametrize("reset_on", list(ResetOn))
def test_r6_only_what_counts_as_success_resets(reset_on: ResetOn) -> None:
    redials = Redials(Backoff(1, 0, 5, reset_on=reset_on), lambda: 0.0)
    seen = []
    for success in (None, None, ResetOn.OPENED, ResetOn.MESSAGE):
        if success:
            redials.note(success)
        seen.append(redials.next_wait())
    assert seen == ([1, 2, 1, 2] if reset_on is ResetOn.OPENED else [1, 2, 4, 1])


def test_r6_by_default_an_opened_connection_is_success() -> None:
    assert Backoff().reset_on is ResetOn.OPENED


@given(
    st.floats(0, 1e6),
    st.floats(0, 1e6),
    st.integers(0, 30),
    st.integers(0, 10_000),
    st.floats(0, 1, exclude_max=True),
)
def test_r2_a_wait_is_never_below_the_minimum_nor_above_the_last(
    minimum: float, spread: float, repeats: int, failures: int, fraction: float
) -> None:
    wait = Backoff(minimum, spread, repeats).wait(failures, fraction)
    assert minimum <= wait <= minimum * 2**repeats + spread


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ((-1, 0, 0), "wait_minimum must be 0 or more seconds below infinity, not -1"),
        ((float("nan"), 0, 0), "wait_minimum must be 0 or more seconds below infinity, not nan"),
        ((1, float("inf"), 0), "random_range must be 0 or more seconds below infinity, not inf"),
        ((1, 1, -1), "repeat_times must be an integer from 0 up, not -1"),
        ((1, 1, 1.5), "repeat_times must be an integer from 0 up, not 1.5"),
        ((True, 0, 0), "wait_minimum must be 0 or more seconds below infinity, not True"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(settings: tuple[float, float, int], told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}$"):
        Backoff(*settings)


def test_r5_each_endpoint_has_its_attempts_in_order_and_it_never_ends() -> None:
    rota = EndpointRota(["a", "b"], attempts=2)
    seen = []
    for _ in range(9):
        seen.append(rota.current)
        rota.failed()
    assert "".join(seen) == "aabbaabba"


def test_r5_after_a_loss_the_endpoint_that_worked_has_all_its_attempts() -> None:
    rota = EndpointRota(["a", "b"], attempts=2)
    rota.failed()
    rota.worked()
    rota.failed()
    assert rota.current == "a"
    rota.failed()
    assert rota.current == "b"
    rota.worked()
    rota.failed()
    assert rota.current == "b"
    rota.failed()
    assert rota.current == "a"


def test_r5_each_endpoint_may_have_attempts_of_its_own() -> None:
    rota = EndpointRota(["a", "b", "c"], attempts=[1, 3, 2])
    seen = []
    for _ in range(8):
        seen.append(rota.current)
        rota.failed()
    assert "".join(seen) == "abbbccab"


def test_r5_an_empty_rota_is_refused() -> None:
    for attempts in ([], [1], [1, 0], [1, 2, 3]):
        with pytest.raises(ValueError, match="rota"):
            EndpointRota(["a", "b"], attempts=attempts)
    with pytest.raises(ValueError, match="rota"):
        EndpointRota([])
    with pytest.raises(ValueError, match="rota"):
        EndpointRota(["a"], attempts=0)
