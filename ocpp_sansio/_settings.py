"""What a number among the settings must be; told by its name where it is not."""

from math import inf

__all__ = ["require_seconds", "require_whole"]


def require_seconds(
    name: str, value: object, *, above_zero: bool = False, finite: bool = False
) -> None:
    """Raise ValueError unless a setting is a number of seconds, from 0 up unless more is asked of it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        is_enough = value > 0 if above_zero else value >= 0  # neither for nan
        if is_enough and not (finite and value == inf):
            return
    least = "above 0" if above_zero else "0 or more"
    most = " below infinity" if finite else ""
    raise ValueError(f"{name} must be {least} seconds{most}, not {value!r}")


def require_whole(name: str, value: object, minimum: int) -> None:
    """Raise ValueError unless a setting is an integer from `minimum` up."""
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        raise ValueError(f"{name} must be an integer from {minimum} up, not {value!r}")
