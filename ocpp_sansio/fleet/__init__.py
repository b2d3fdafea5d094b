"""Many gateway processes, any caller, any worker: a station can be called from each process of a fleet.

A `Gateway` is around each server of stations, a `Fleet` calls and finds them from anywhere, and a `Worker`
answers what they ask. `Bus` is what these ask of a message broker; `MemoryBus` is one within a single
process, and needs no server, `NatsBus` one over NATS, with the extra `nats`. asyncio only, as the clients of
the brokers are.
"""

from ocpp_sansio.fleet.bus import (
    Bus,
    BusError,
    BusMessage,
    BusUnavailable,
    Claim,
    Conflict,
    DurableMessage,
    MessageSubscription,
    NobodyThere,
    NotPermitted,
    PayloadTooLarge,
    Receive,
    ReceiveDurable,
    Routing,
    Subscription,
    TakeReply,
    Watch,
)
from ocpp_sansio.fleet.caller import Fleet
from ocpp_sansio.fleet.desk import CallState, Desk, Errand
from ocpp_sansio.fleet.errors import FleetUnavailable
from ocpp_sansio.fleet.freshness import Freshness
from ocpp_sansio.fleet.gateway import Gateway
from ocpp_sansio.fleet.memory import MemoryBus
from ocpp_sansio.fleet.nats import NatsBus
from ocpp_sansio.fleet.ownership import (
    Barrier,
    Close,
    Owned,
    Ownership,
    ReadClaim,
    Subscribe,
    Suspected,
    SwapClaim,
    Tell,
    Unsubscribe,
)
from ocpp_sansio.fleet.remote_call import (
    Ended,
    RemoteCall,
    SendAsk,
    SendProbe,
    SendWithdraw,
    Unavailable,
)
from ocpp_sansio.fleet.settings import FleetConfig
from ocpp_sansio.fleet.whereabouts import Whereabouts
from ocpp_sansio.fleet.wire import (
    Answered,
    Ask,
    Expired,
    Hello,
    Lost,
    NotConnectedThere,
    Refused,
    TimedOut,
    read_record,
)
from ocpp_sansio.fleet.worker import EventSession, Worker

__all__ = [
    "Answered",
    "Ask",
    "Barrier",
    "Bus",
    "BusError",
    "BusMessage",
    "BusUnavailable",
    "CallState",
    "Claim",
    "Close",
    "Conflict",
    "Desk",
    "DurableMessage",
    "Ended",
    "Errand",
    "EventSession",
    "Expired",
    "Fleet",
    "FleetConfig",
    "FleetUnavailable",
    "Freshness",
    "Gateway",
    "Hello",
    "Lost",
    "MemoryBus",
    "MessageSubscription",
    "NatsBus",
    "NobodyThere",
    "NotConnectedThere",
    "NotPermitted",
    "Owned",
    "Ownership",
    "PayloadTooLarge",
    "ReadClaim",
    "Receive",
    "ReceiveDurable",
    "Refused",
    "RemoteCall",
    "Routing",
    "SendAsk",
    "SendProbe",
    "SendWithdraw",
    "Subscribe",
    "Subscription",
    "Suspected",
    "SwapClaim",
    "TakeReply",
    "Tell",
    "TimedOut",
    "Unavailable",
    "Unsubscribe",
    "Watch",
    "Whereabouts",
    "Worker",
    "read_record",
]
