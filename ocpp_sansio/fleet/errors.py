"""`FleetUnavailable`: the one exception that a call through a fleet adds to those of `session.call`.

And how a log spells exceptions.
"""

from ocpp_sansio.core import OcppError, plain

__all__ = ["FleetUnavailable", "spelled"]


class FleetUnavailable(OcppError):  # noqa: N818 - a state of the world, not an error of the program
    """The fleet, not the station, is why a call came to nothing: the broker is away, or a gateway is full."""

    def __init__(self, reason: str, *, was_sent: bool) -> None:
        """Make one."""
        super().__init__(reason)
        self.was_sent = was_sent
        """False: the station did not get the call, for certain (FL-2). True: unknown."""


def spelled(error: Exception) -> str:
    """Return what a log says of an exception: its kind, and its text as it may stand there."""
    if not str(error):
        return type(error).__name__
    return f"{type(error).__name__}: {plain(str(error))}"
