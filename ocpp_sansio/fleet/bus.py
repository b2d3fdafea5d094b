"""`Bus`: what a fleet asks of a message broker, and nothing more. `MemoryBus` is one, and `NatsBus`.

Who implements one has to keep three promises that brokers' clients usually break:

- **Nothing is kept for later** (FL-8). What cannot be handed to the broker now raises `BusUnavailable` now.
  It is never buffered over a reconnect, since a command that arrives late is worse than none.
- **In the order of arrival.** All messages of one bus, of whatever subscription, reach their `receive` in the
  order in which they were read, as plain calls, one after the other. Else `barrier` says nothing.
- **Callers may be cancelled at any moment** (FL-11). What the adapter awaits within runs in tasks of its own.

Subjects are one to four tokens of `[A-Za-z0-9_=-]`, joined by dots: "call.CP001". They are relative: the
adapter puts a prefix before them that has the name of the fleet and the version of what travels, `ocpp.1.` by
default, and takes it off again. So two fleets share a broker without meeting, and two versions do (FL-20).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from enum import Enum
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from msgspec import Struct

__all__ = [
    "Bus",
    "BusError",
    "BusMessage",
    "BusUnavailable",
    "Claim",
    "Conflict",
    "DurableMessage",
    "MessageSubscription",
    "NobodyThere",
    "NotPermitted",
    "PayloadTooLarge",
    "Receive",
    "ReceiveDurable",
    "Routing",
    "Subscription",
    "TakeClaim",
    "TakeReply",
    "TakeRevision",
    "TakeSubscription",
    "Watch",
]


class BusError(Exception):
    """The base of what a bus raises, beside TimeoutError."""


class BusUnavailable(BusError):  # noqa: N818 - a state of the world, not an error of the program
    """The broker cannot be reached now, or went before it had answered."""

    def __init__(self, reason: str, *, was_sent: bool) -> None:
        """Make one; `was_sent` is False only if nothing was handed to the broker, for certain (FL-2)."""
        super().__init__(reason)
        self.was_sent = was_sent


class NobodyThere(BusError):  # noqa: N818
    """Nobody has subscribed to the subject of a request, anywhere in the cluster."""


class NotPermitted(BusError):  # noqa: N818
    """The broker does not let us do this; nothing was done."""


class PayloadTooLarge(BusError):  # noqa: N818
    """There is more data than `Bus.max_payload` lets through; nothing was sent."""


class Conflict(BusError):  # noqa: N818
    """A claim does not have the revision that it was to be replaced at; nothing was written."""


class Routing(Enum):
    """How calls find the gateway of a station: a choice of the bus, since brokers differ in what is cheap."""

    STATION = "station"
    """A subscription for each connected station, at "call.<station>": the broker is the directory.

    A call needs no look-up, and costs a broker some 0.75 KiB for each station.
    """
    GATEWAY = "gateway"
    """One subscription for each gateway, at "at.<gateway>.*": the caller reads the claim first.

    For fleets of millions. A read more for each call; what it has read may be old, so that the gateway
    that is asked may say that the station is not its own.
    """


class BusMessage(Struct, frozen=True):
    """One message that was read."""

    subject: str
    """Relative, as it was published."""
    data: bytes
    reply_to: str = ""
    """Where `Bus.reply` sends; the adapter's own business. "" if nobody waits for a reply."""


class DurableMessage(Struct, frozen=True):
    """One message of the durable stream, as a consumer gets it: at least once (FL-15)."""

    subject: str
    data: bytes
    is_redelivered: bool = False
    """Whether it was given to a consumer of the group before, as far as the broker knows.

    What it gave to one that died in that very moment may come as if it were new.
    """


class Claim(Struct, frozen=True):
    """The value of a key, and its revision."""

    key: str
    value: bytes
    revision: int
    """Above 0. Each write of a key has a higher one than all writes of that key before it."""


Receive: TypeAlias = Callable[[BusMessage], None]
"""A plain function that takes a message. It does not block; what it raises is logged and changes nothing."""

ReceiveDurable: TypeAlias = Callable[[DurableMessage], Awaitable[None]]
"""Takes a durable message. It is done with when this returns; it comes again, later, when this raises."""

TakeReply: TypeAlias = Callable[[bytes | BusError | TimeoutError], None]
"""A plain function that takes what came of a request. What it raises is logged and changes nothing."""

TakeClaim: TypeAlias = Callable[[Claim | BusError | TimeoutError | None], None]
"""Likewise, of the reading of a claim."""

TakeRevision: TypeAlias = Callable[[int | BusError | TimeoutError], None]
"""Likewise, of its replacement."""

Watch: TypeAlias = Callable[[bool], None]
"""Is told of the connection to the broker: False when it is gone, True when it is back."""


class Subscription(Protocol):
    """What `subscribe` and `consume` give."""

    def close(self) -> None:
        """End it. Idempotent; from now on its function is called no more. The broker is told soon after."""
        ...


class MessageSubscription(Subscription, Protocol):
    """What `Bus.subscribe` gives."""

    async def finish(self, *, timeout: float) -> None:
        """End it, once everything has been received that was sent before the broker knew of its end.

        The broker is told before this first suspends. Where it does not answer within `timeout` seconds, or
        goes, this ends it as `close` does. Raises nothing.
        """
        ...


TakeSubscription: TypeAlias = Callable[[MessageSubscription | BusError | TimeoutError], None]
"""Likewise, of a subscription."""


class Bus(Protocol):
    """A connection to a broker. An async context manager: connected inside, for good.

    Entering connects, and raises `BusUnavailable` or `NotPermitted` if that comes to nothing within a few
    seconds. After that a lost connection is made again, for ever, with all subscriptions. Leaving closes
    everything; what waits then raises `BusUnavailable`.

    Every method raises `BusUnavailable` at once while there is no connection, `NotPermitted` if the broker
    says so, and `PayloadTooLarge` for too much data.
    """

    routing: Routing
    """How calls find their gateway. All processes of a fleet have the same."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection, as far as we know."""
        ...

    @property
    def max_payload(self) -> int:
        """How many bytes of data a message can have."""
        ...

    def watch(self, watch: Watch) -> Subscription:
        """Have a plain function called whenever the connection goes or is back; not for the first one.

        It is told False before those who wait get their `BusUnavailable`, within 15 s of the connection's
        death at the latest, and True when everything is subscribed again and before any message is read on
        the new connection.
        """
        ...

    # --- messages: at most once ---------------------------------------------------------------------------

    def publish(self, subject: str, data: bytes) -> None:
        """Send to everybody who has subscribed to this now, and to one member of each group. Never waits.

        What is published by one process arrives in that order at each receiver.
        """
        ...

    async def request(self, subject: str, data: bytes, *, timeout: float) -> bytes:
        """Publish, and return the first reply. It is published before this first suspends.

        Raises `NobodyThere` as soon as the broker knows that nobody has subscribed, TimeoutError after
        `timeout` seconds without a reply, and `BusUnavailable` at once when the connection goes (FL-10).
        Later replies are dropped.
        """
        ...

    def ask(
        self, subject: str, data: bytes, take: TakeReply, *, timeout: float | None
    ) -> Subscription:
        """Publish, and have a function called with the first reply, or with what `request` would raise.

        For who asks much, and wants no task for each. It is called once, never before this has returned, and
        not any more when what this returns is closed. What says that nothing was published is raised. With a
        `timeout` of None a reply is waited for until that is closed, or the connection goes.
        """
        ...

    def reply(self, message: BusMessage, data: bytes) -> None:
        """Reply to a request. Never waits. Does nothing if there is nobody to reply to."""
        ...

    async def subscribe(
        self, pattern: str, receive: Receive, *, group: str = ""
    ) -> MessageSubscription:
        """Have messages received, from the moment this returns on; `*` stands for one whole token.

        Of all who subscribe with the same `group` one gets each message; those with none all get it.
        """
        ...

    def ask_subscription(self, pattern: str, receive: Receive, take: TakeSubscription) -> None:
        """Subscribe, and have a function called with what `subscribe` would return or raise; see `ask`.

        Where the broker is silent, this has failed when the connection is given up at the latest.
        """
        ...

    async def barrier(self, *, timeout: float) -> None:
        """Return when everything that the broker had sent us before this was called has been received.

        On NATS: PING, and its PONG. Raises TimeoutError after `timeout` seconds.
        """
        ...

    # --- claims: compare and swap --------------------------------------------------------------------------

    async def read_claim(self, key: str) -> Claim | None:
        """Return the claim of a key, None if there is none. It may be somewhat old: only a swap is sure."""
        ...

    async def swap_claim(self, key: str, value: bytes, *, revision: int) -> int:
        """Replace the claim that has this revision, 0 for none at all; return the new revision.

        Raises `Conflict` if there is one of another revision, or none. Where the connection goes before the
        broker has answered, it may have been done: `BusUnavailable(was_sent=True)`.
        """
        ...

    def ask_claim(self, key: str, take: TakeClaim) -> None:
        """Have a function called with what `read_claim` would return or raise; see `ask`.

        That cannot be called off.
        """
        ...

    def ask_swap(self, key: str, value: bytes, take: TakeRevision, *, revision: int) -> None:
        """Have a function called with what `swap_claim` would return or raise; see `ask_claim`."""
        ...

    def claims(self) -> AsyncIterator[Claim]:
        """Iterate over all claims there are, in no order; those written meanwhile may be missing."""
        ...

    # --- the durable stream: at least once -----------------------------------------------------------------

    async def publish_durable(self, subject: str, data: bytes, *, message_id: str) -> None:
        """Add a message to the stream; return when it is stored there.

        One whose `message_id` was stored within the last 2 minutes is stored already, and not added.
        """
        ...

    async def consume(
        self, pattern: str, receive: ReceiveDurable, *, group: str, max_in_flight: int = 100
    ) -> Subscription:
        """Have the messages of the stream received, each by one consumer of the group, until it is done with.

        A group has every message of the stream that matches and that it has not done with yet, those that
        came before it included. Up to `max_in_flight` are being received at once. What a consumer has not
        done with when it dies, or raises over, comes again, to any consumer of the group.
        """
        ...
