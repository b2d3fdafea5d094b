"""What a station notices beside the events of its `Connection`: one frozen class per fact."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from ocpp_sansio.core import CallOutcome, JsonObject, Payload, Response, Version, Violation
from ocpp_sansio.registration import Registration
from ocpp_sansio.station.payloads import IdToken
from ocpp_sansio.station.records import Record
from ocpp_sansio.station.triggers import TriggeredMessage

__all__ = [
    "ClockIgnored",
    "ClockSet",
    "Deauthorized",
    "Delivered",
    "GivenUp",
    "KeyChanged",
    "MeterFailed",
    "OutboxLow",
    "Registered",
    "RemoteStart",
    "RemoteStop",
    "StationEvent",
    "StatusScope",
    "StatusWanted",
    "StoreDamaged",
    "StoreFailed",
    "Triggered",
    "VersionHeld",
    "Why",
]


class Registered(Struct, frozen=True):
    """BootNotification was answered."""

    __match_args__ = ("status", "interval", "current_time")

    status: Registration
    interval: int
    """Seconds: of the heartbeat if accepted, until the next boot otherwise (B-27)."""
    current_time: datetime | None
    """What the CSMS takes for the time; None if that could not be read."""


class StatusScope(StrEnum):
    """Of which connectors the status is wanted."""

    ALL = "all"
    CHANGED = "changed"


class StatusWanted(Struct, frozen=True):
    """Tell the CSMS the status of your connectors: all of them (B-35), or those that have changed (T-36)."""

    __match_args__ = ("scope", "offline_for")

    scope: StatusScope
    offline_for: float
    """Seconds without a connection, before this one."""


class Delivered(Struct, frozen=True):
    """A message that was posted has been answered: the CSMS has it."""

    __match_args__ = ("record", "payload", "violations")

    record: Record
    payload: Response | JsonObject
    """The answer, typed where it is valid; an empty object where there was nothing to read."""
    violations: tuple[Violation, ...] = ()
    """What is wrong with an answer that was no valid one: the message has arrived all the same (T-15)."""


class Why(StrEnum):
    """Why a message will not be delivered."""

    ATTEMPTS = "attempts"
    """It was refused or not answered too often (T-10)."""
    LOSSES = "losses"
    """The link went too often while it was in flight (T-12)."""
    DROPPED = "dropped"
    """The queue was full, and this could be done without (T-31); or there is a newer status."""
    UNKNOWN = "unknown"
    """A CSMS of 1.6 has no security extension, and will never know security events (T-3)."""
    DISCARDED = "discarded"
    """You have given it up (T-38)."""
    UNSENDABLE = "unsendable"
    """It was stored by an earlier boot, and is no valid message today (T-39)."""


class GivenUp(Struct, frozen=True):
    """A message that was posted will not be delivered; its bytes are in the record."""

    __match_args__ = ("record", "why", "last")

    record: Record
    why: Why
    last: CallOutcome | None
    """The outcome of its last transmission, if there was one."""


class Deauthorized(Struct, frozen=True):
    """The CSMS does not accept who charges; the transaction runs: stop it, or its energy (T-24)."""

    __match_args__ = ("transaction", "status")

    transaction: str
    """Its key."""
    status: str
    """What the CSMS said, such as "Blocked"."""


class ClockSet(Struct, frozen=True):
    """The clock was set (K-4)."""

    __match_args__ = ("utc", "step", "source", "was_provisional")

    utc: datetime
    step: float
    """Seconds by which it went forward; 2.x wants a security event for more than 20 or so."""
    source: str
    """Who said so: "Heartbeat" is the CSMS."""
    was_provisional: bool
    """Whether this is the first time; the step is then that from the provisional time (K-6)."""


class ClockIgnored(Struct, frozen=True):
    """Someone named a time that cannot be; the clock stays as it is (K-5)."""

    __match_args__ = ("source",)

    source: str


class StoreFailed(Struct, frozen=True):
    """The store could not write; messages go out all the same, and it is tried again (D-9)."""

    __match_args__ = ("error",)

    error: str


class StoreDamaged(Struct, frozen=True):
    """What was stored could not be read; it was set aside, and a new store begun (D-10)."""

    __match_args__ = ("kept_as", "reason")

    kept_as: str
    reason: str


class OutboxLow(Struct, frozen=True):
    """The queue is nearly full: begin no charge that could not be billed (T-33)."""

    __match_args__ = ("free_messages", "free_bytes")

    free_messages: int
    free_bytes: int


class VersionHeld(Struct, frozen=True):
    """Messages of another version wait until there is a connection of theirs again (T-38)."""

    __match_args__ = ("version", "messages")

    version: Version
    messages: int


class KeyChanged(Struct, frozen=True):
    """A configuration key was set, by the CSMS, and counts from now on."""

    key: str
    """As the table of keys spells it."""
    value: str
    was: str
    """What it was before; "" for one that is never shown."""

    def __repr__(self) -> str:
        """Leave the values out: one of them may be a password."""
        return f"KeyChanged({self.key!r})"


class RemoteStart(Struct, frozen=True):
    """The CSMS wants a charge, and was told Accepted: authorise, `start` it, close the contactor.

    If nothing comes of it, `decline` it: the connector is held for it.
    """

    connector: int
    """The one that it names, or the first that is free: the connector of 1.6, the EVSE of 2.x."""
    id_token: IdToken
    remote_start_id: int | None
    """The number that 2.x gives it, for `start`."""
    payload: Payload | JsonObject
    """The whole of what was asked, a charging profile included."""


class RemoteStop(Struct, frozen=True):
    """The CSMS wants a charge to be stopped, and was told Accepted: open the contactor, `stop`."""

    transaction: str
    """Its key."""
    connector: int | None


class Triggered(Struct, frozen=True):
    """The CSMS wants a message that is yours to make, and was told Accepted: send it now (F06)."""

    message: TriggeredMessage


class MeterFailed(Struct, frozen=True):
    """The function that reads the meter has raised: this reading is missing."""

    __match_args__ = ("connector", "error")

    connector: int
    error: str
    """What was raised, fit for a log."""


StationEvent: TypeAlias = (
    Registered
    | StatusWanted
    | Delivered
    | GivenUp
    | Deauthorized
    | ClockSet
    | ClockIgnored
    | StoreFailed
    | StoreDamaged
    | OutboxLow
    | VersionHeld
    | KeyChanged
    | RemoteStart
    | RemoteStop
    | Triggered
    | MeterFailed
)
"""What a `Station` notices beside the events of its `Connection`; the last five are a `ChargingStation`'s."""
