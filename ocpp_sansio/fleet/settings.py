"""`FleetConfig`: the settings of a fleet's processes, each with its bounds."""

from dataclasses import dataclass, fields

__all__ = ["FleetConfig"]

_SECONDS = {
    "probe_after": (0.1, 60.0),
    "stall": (0.5, 60.0),
    "claim_wait": (0.05, 10.0),
    "grace": (0.1, 60.0),
    "event_timeout": (0.1, 600.0),
}
_COUNTS = {
    "silences": (1, 100),
    "max_remote_calls": (1, 10_000),
    "max_calls": (1, 1_000_000),
    "max_events": (1, 1_000_000),
    "max_claims": (1, 10_000),
    "page_size": (1, 10_000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetConfig:
    """How the processes of a fleet deal with each other. Times are in seconds.

    Raises ValueError, which names the setting, for what is out of its bounds.
    """

    probe_after: float = 1.0
    """How long a caller waits before it asks what has become of its call, and then each time again."""
    silences: int = 2
    """After how many probes in a row that nobody answers a gateway counts as dead."""
    stall: float = 2.0
    """After which gap in its own ticks a gateway believes nothing that it had read before (FL-7)."""
    claim_wait: float = 0.5
    """How long a gateway that takes over a station waits for the former one to let go."""
    grace: float = 1.0
    """How much later than its timeout a call ends at the latest (FL-1)."""
    event_timeout: float = 10.0
    """How long a worker has to answer an event. Stay below the stations' own timeout, usually 30 s."""
    max_remote_calls: int = 16
    """Calls for one station that wait at its gateway, the one that has left included (FL-12)."""
    max_calls: int = 10_000
    """The same for all stations of a gateway, and the calls that one `Fleet` waits for."""
    max_events: int = 2_000
    """Events of all stations of a gateway that wait for a worker or for the stream."""
    max_claims: int = 500
    """Stations that a gateway claims at once; others wait for that, and are served meanwhile."""
    page_size: int = 500
    """Stations that a gateway tells in one message."""

    def __post_init__(self) -> None:
        for name, (least, most) in (_SECONDS | _COUNTS).items():
            value = getattr(self, name)
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            is_number = is_whole or (name in _SECONDS and isinstance(value, float))
            if not is_number or not least <= value <= most:
                kind = "whole number" if name in _COUNTS else "number"
                raise ValueError(f"{name} is a {kind} from {least} to {most}, not {value!r}")


assert {each.name for each in fields(FleetConfig)} == _SECONDS.keys() | _COUNTS.keys()  # noqa: S101
