"""`Whereabouts`: where a station is, and since when."""

from datetime import UTC, datetime

from msgspec import Struct

from ocpp_sansio.core import Version
from ocpp_sansio.fleet.wire import Record, identity_of

__all__ = ["Whereabouts"]


class Whereabouts(Struct, frozen=True):
    """Where a station is, or was when it was there last."""

    identity: str
    gateway: str
    """The name of the process that it is connected to, or was."""
    version: Version
    since: datetime
    """When it connected, by that gateway's clock, in UTC."""
    last_seen: datetime
    """When it was there for certain, likewise."""
    is_connected: bool

    @classmethod
    def of(cls, identity: str, record: Record, *, seen: float | None = None) -> "Whereabouts":
        """Return what a claim says; `seen` is now, in seconds since 1970, if the station is there."""
        last = record.seen if seen is None else max(seen, record.seen)
        return cls(
            identity,
            identity_of(record.gateway),
            record.version,
            datetime.fromtimestamp(record.since, UTC),
            datetime.fromtimestamp(last, UTC),
            seen is not None,
        )
