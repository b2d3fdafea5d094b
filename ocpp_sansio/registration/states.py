"""Every state of a registration, and every change of it, as a literal table.

It knows neither version nor time: what may be said in each state is the gates' (`csms`, and the station's).
"""

from collections.abc import Mapping
from enum import StrEnum

__all__ = ["STATION", "BootOutcome", "Registration", "advance"]


class Registration(StrEnum):
    """How far a station has come since it booted (B-21); all but the first as the CSMS answers."""

    UNKNOWN = "Unknown"
    """No BootNotification was answered since this boot."""
    PENDING = "Pending"
    REJECTED = "Rejected"
    ACCEPTED = "Accepted"


class BootOutcome(StrEnum):
    """What happens to the registration of a station."""

    ACCEPTED = "Accepted"
    PENDING = "Pending"
    REJECTED = "Rejected"
    NONE = "no usable answer"
    """CALLERROR, an invalid answer, none in time, or the link went (B-24)."""
    STRANGER = "not known to the CSMS"
    """A call of an accepted station got SecurityError (B-37)."""
    REREGISTERED = "something to say anew"
    """What the station is has changed (B-36)."""
    FORGOTTEN = "another CSMS"
    """It talks to one that has never heard of it (B-36)."""


_U, _P, _R, _A = Registration

STATION: Mapping[Registration, Mapping[BootOutcome, Registration]] = {
    _U: {
        BootOutcome.ACCEPTED: _A,
        BootOutcome.PENDING: _P,
        BootOutcome.REJECTED: _R,
        BootOutcome.NONE: _U,
        BootOutcome.STRANGER: _U,
        BootOutcome.REREGISTERED: _U,
        BootOutcome.FORGOTTEN: _U,
    },
    _P: {
        BootOutcome.ACCEPTED: _A,
        BootOutcome.PENDING: _P,
        BootOutcome.REJECTED: _R,
        BootOutcome.NONE: _P,  # B-24: it stays what it was
        BootOutcome.STRANGER: _P,  # it knows that already
        BootOutcome.REREGISTERED: _P,
        BootOutcome.FORGOTTEN: _U,
    },
    _R: {
        BootOutcome.ACCEPTED: _A,
        BootOutcome.PENDING: _P,
        BootOutcome.REJECTED: _R,
        BootOutcome.NONE: _R,
        BootOutcome.STRANGER: _R,
        BootOutcome.REREGISTERED: _R,
        BootOutcome.FORGOTTEN: _U,
    },
    _A: {
        BootOutcome.ACCEPTED: _A,
        BootOutcome.PENDING: _P,  # B-38: the new answer counts
        BootOutcome.REJECTED: _R,
        BootOutcome.NONE: _A,
        BootOutcome.STRANGER: _U,  # B-37
        BootOutcome.REREGISTERED: _A,  # B-38: until it is answered
        BootOutcome.FORGOTTEN: _U,
    },
}
"""The state after each outcome, in each state."""


def advance(state: Registration, outcome: BootOutcome) -> Registration:
    """Return the state after `outcome`."""
    return STATION[state][outcome]
