"""Many gateway processes, any caller, any worker: a station can be called from each process of a fleet.

`Bus` is what a fleet asks of a message broker; `MemoryBus` is one within a single process, and
`NatsBus` one over NATS, with the extra `nats`. asyncio only, as the clients of the brokers are.
"""

from ocpp_sansio.fleet.bus import (
    Bus,
    BusError,
    BusMessage,
    BusUnavailable,
    Claim,
    Conflict,
    DurableMessage,
    NobodyThere,
    NotPermitted,
    PayloadTooLarge,
    Receive,
    ReceiveDurable,
    Routing,
    Subscription,
    Watch,
)
from ocpp_sansio.fleet.memory import MemoryBus
from ocpp_sansio.fleet.nats import NatsBus

__all__ = [
    "Bus",
    "BusError",
    "BusMessage",
    "BusUnavailable",
    "Claim",
    "Conflict",
    "DurableMessage",
    "MemoryBus",
    "NatsBus",
    "NobodyThere",
    "NotPermitted",
    "PayloadTooLarge",
    "Receive",
    "ReceiveDurable",
    "Routing",
    "Subscription",
    "Watch",
]
