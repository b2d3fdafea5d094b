"""`StationSettings`: what cannot be is refused by its name, what may be is taken, at the edges too."""

from math import inf, nan
from typing import Any

import pytest

from ocpp_sansio.station import CountTimeouts, RetryId, StationSettings

MAY_BE_ZERO = (
    *("heartbeat_interval", "max_round_trip", "message_interval", "resume_delay"),
    *("offline_threshold", "forget_delay"),
)
ABOVE_ZERO = ("boot_retry", "clock_interval", "store_retry")
LEAST = {
    "message_attempts": 0,
    "max_losses": 1,
    "max_messages": 4,
    "max_bytes": 1024,
    "end_reserve": 0,
}


def made(**settings: Any) -> StationSettings:
    return StationSettings(**settings)


@pytest.mark.parametrize("name", [*MAY_BE_ZERO, *ABOVE_ZERO])
def test_seconds_are_finite_and_not_below_zero(name: str) -> None:
    for value in (-0.1, inf, nan):
        with pytest.raises(ValueError, match=rf"^{name}\b"):
            made(**{name: value})
    assert getattr(made(**{name: 0.001}), name) == 0.001
    if name in MAY_BE_ZERO:
        assert getattr(made(**{name: 0.0}), name) == 0.0
    else:
        with pytest.raises(ValueError, match=rf"^{name}\b"):
            made(**{name: 0.0})


@pytest.mark.parametrize(("name", "least"), LEAST.items())
def test_counts_are_whole_and_not_below_their_least(name: str, least: int) -> None:
    assert getattr(made(**{name: least}), name) == least
    for value in (least - 1, least + 0.5):
        with pytest.raises(ValueError, match=rf"^{name}\b"):
            made(**{name: value})


def test_names_are_taken_as_texts_and_kept_as_what_they_name() -> None:
    texts: dict[str, Any] = {"count_timeouts": "if_heard", "retry_id": "same"}
    settings = StationSettings(time_sources=["NTP", "Heartbeat"], **texts)
    assert settings.count_timeouts is CountTimeouts.IF_HEARD
    assert settings.retry_id is RetryId.SAME
    assert settings.time_sources == ("NTP", "Heartbeat")
    with pytest.raises(TypeError, match="time_sources must be several names, not 'NTP'"):
        StationSettings(time_sources="NTP")
    for name in ("count_timeouts", "retry_id"):
        with pytest.raises(ValueError, match="never"):
            made(**{name: "never"})
