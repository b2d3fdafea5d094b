"""What a number among the settings must be; told by its name where it is not."""

import sys
from math import inf

from ocpp_sansio.core.texts import quote

__all__ = ["require_seconds", "require_whole"]


def require_seconds(
    name: str, value: object, *, above_zero: bool = False, finite: bool = False
) -> None:
    """Raise ValueError unless a setting is a number of seconds, from 0 up unless more is asked of it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        is_enough = value > 0 if above_zero else value >= 0  # neither for nan
        # An integer beyond a float could be added to no clock.
        if is_enough and (value <= sys.float_info.max or (value == inf and not finite)):
            return
    least = "above 0" if above_zero else "0 or more"
    most = " below infinity" if finite else ""
    raise ValueError(f"{name} must be {least} seconds{most}, not {quote(value)}")


def require_whole(name: str, value: object, minimum: int) -> None:
    """Raise ValueError unless a setting is an integer from `minimum` up."""
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        raise ValueError(f"{name} must be an integer from {minimum} up, not {quote(value)}")
