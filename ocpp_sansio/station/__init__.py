"""What makes a station lose nothing: its boots, its clock, its heartbeat, and its queue over power cuts.

Pure, as `core` is: no I/O, clock, loop, logger or randomness. `Station` is a `Connection` with all of it; the
parts work alone. What is to be kept is asked for: `ocpp_sansio.stores` does the writing.
"""

from typing import TYPE_CHECKING

from ocpp_sansio.core import on_first_use
from ocpp_sansio.registration import Registration
from ocpp_sansio.station.clock import StationClock
from ocpp_sansio.station.configuration import ChangeStatus, ConfigurationStore, core_values
from ocpp_sansio.station.configuration_keys import (
    STANDARD_KEYS,
    Access,
    ConfigurationKey,
    KeyType,
)
from ocpp_sansio.station.events import (
    ClockIgnored,
    ClockSet,
    Deauthorized,
    Delivered,
    GivenUp,
    KeyChanged,
    MeterFailed,
    OutboxLow,
    Registered,
    RemoteStart,
    RemoteStop,
    StationEvent,
    StatusScope,
    StatusWanted,
    StoreDamaged,
    StoreFailed,
    Triggered,
    VersionHeld,
    Why,
)
from ocpp_sansio.station.gate import Passage, Service, StationGate
from ocpp_sansio.station.heartbeat import IdleTimer
from ocpp_sansio.station.meter_schedule import (
    MeterPlan,
    MeterReading,
    MeterSchedule,
    ReadingContext,
    TransactionData,
    thinned,
)
from ocpp_sansio.station.outbox import Outbox, OutboxFull, Posted
from ocpp_sansio.station.payloads import ENERGY, ConnectorStatus, IdToken, Sample, StopReason
from ocpp_sansio.station.postings import Posting, read_posting
from ocpp_sansio.station.records import (
    Amend,
    Close,
    Damage,
    Droppable,
    Forget,
    Keep,
    Lane,
    OpenTransaction,
    Part,
    Persist,
    Record,
    Restored,
    StoreRequest,
)
from ocpp_sansio.station.security_events import SecurityEvent
from ocpp_sansio.station.settings import BootReason, CountTimeouts, RetryId, StationSettings
from ocpp_sansio.station.station import Boot, NotRegistered, Station
from ocpp_sansio.station.status_board import StatusBoard, StatusReport
from ocpp_sansio.station.triggers import TriggeredMessage, TriggerRoute, TriggerRouter

if TYPE_CHECKING:
    from ocpp_sansio.station.charge_messages import ChargeMessages
    from ocpp_sansio.station.charging_station import ChargingStation
    from ocpp_sansio.station.meters import ReadMeter

__all__ = [
    "ENERGY",
    "STANDARD_KEYS",
    "Access",
    "Amend",
    "Boot",
    "BootReason",
    "ChangeStatus",
    "ChargeMessages",
    "ChargingStation",
    "ClockIgnored",
    "ClockSet",
    "Close",
    "ConfigurationKey",
    "ConfigurationStore",
    "ConnectorStatus",
    "CountTimeouts",
    "Damage",
    "Deauthorized",
    "Delivered",
    "Droppable",
    "Forget",
    "GivenUp",
    "IdToken",
    "IdleTimer",
    "Keep",
    "KeyChanged",
    "KeyType",
    "Lane",
    "MeterFailed",
    "MeterPlan",
    "MeterReading",
    "MeterSchedule",
    "NotRegistered",
    "OpenTransaction",
    "Outbox",
    "OutboxFull",
    "OutboxLow",
    "Part",
    "Passage",
    "Persist",
    "Posted",
    "Posting",
    "ReadMeter",
    "ReadingContext",
    "Record",
    "Registered",
    "Registration",
    "RemoteStart",
    "RemoteStop",
    "Restored",
    "RetryId",
    "Sample",
    "SecurityEvent",
    "Service",
    "Station",
    "StationClock",
    "StationEvent",
    "StationGate",
    "StationSettings",
    "StatusBoard",
    "StatusReport",
    "StatusScope",
    "StatusWanted",
    "StopReason",
    "StoreDamaged",
    "StoreFailed",
    "StoreRequest",
    "TransactionData",
    "TriggerRoute",
    "TriggerRouter",
    "Triggered",
    "TriggeredMessage",
    "VersionHeld",
    "Why",
    "core_values",
    "read_posting",
    "thinned",
]

# A sixth of a MiB, which small firmware that joins the parts by itself need not load.
__getattr__ = on_first_use(
    __name__,
    {
        "ChargeMessages": "charge_messages",
        "ChargingStation": "charging_station",
        "ReadMeter": "meters",
    },
)
