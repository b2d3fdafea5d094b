"""`MemoryBus`: the broker of a program that is one process. Needs no server, and no set-up."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from itertools import count
from types import TracebackType
from typing import Any, Self, TypeVar

from ocpp_sansio.fleet.asked import Asked, Failure, first_of
from ocpp_sansio.fleet.bus import (
    BusError,
    BusMessage,
    BusUnavailable,
    Claim,
    Conflict,
    MessageSubscription,
    NobodyThere,
    PayloadTooLarge,
    Receive,
    ReceiveDurable,
    Routing,
    Subscription,
    TakeClaim,
    TakeReply,
    TakeRevision,
    TakeSubscription,
    Watch,
)
from ocpp_sansio.fleet.memory_stream import MemoryStream, matches
from ocpp_sansio.session import PeerLog

__all__ = ["MemoryBus"]

AnswerT = TypeVar("AnswerT")

MAX_PAYLOAD = 1024 * 1024
"""Bytes of a message, by default: what nats-server lets through unless told otherwise."""


class MemoryBus:
    """A `Bus` within one process, on one event loop: gateways, callers and workers share the object.

    It never fails by itself; `interrupt` and `resume` have it away for a while, for tests of your own. What
    is durable lasts as long as the process.
    """

    def __init__(
        self,
        *,
        routing: Routing = Routing.STATION,
        max_payload: int = MAX_PAYLOAD,
        max_claims: int = 1_000_000,
        max_stored: int = 100_000,
    ) -> None:
        """Make one.

        `max_payload` is in bytes. Beyond `max_claims` keys the one that was written longest ago is forgotten;
        beyond `max_stored` durable messages that nobody has done with no other is stored.

        Raises ValueError for a limit below 1.
        """
        if min(max_payload, max_claims, max_stored) < 1:
            raise ValueError("max_payload, max_claims and max_stored are at least 1")
        self.routing = routing
        self.max_payload = max_payload
        self._max_claims = max_claims
        self._is_connected = False
        self._exact: dict[str, list[_Subscription]] = {}
        self._patterns: list[_Subscription] = []
        self._watchers: dict[int, Watch] = {}
        self._numbers = count(1)
        self._turns: dict[str, int] = {}
        self._inbox: deque[Callable[[], None]] = deque()
        self._is_delivering = False
        self._waiting: dict[str, Asked[Any]] = {}
        self._claims: dict[str, Claim] = {}
        self._stream = MemoryStream(max_stored)

    async def __aenter__(self) -> Self:
        self._is_connected = True
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._drop_everything("the bus was closed")
        await self._stream.close()

    @property
    def is_connected(self) -> bool:
        """Whether it is entered, and not interrupted."""
        return self._is_connected

    def interrupt(self) -> None:
        """Be away, as a broker is that was stopped: what is on its way is lost. Idempotent."""
        if not self._is_connected:
            return
        self._drop_everything("the bus was interrupted")
        self._stream.pause()

    def resume(self) -> None:
        """Be back, with subscriptions, claims and what is durable. Idempotent."""
        if self._is_connected:
            return
        self._is_connected = True
        for watch in tuple(self._watchers.values()):
            watch(True)
        self._stream.resume()

    def watch(self, watch: Watch) -> Subscription:
        """See `Bus.watch`."""
        number = next(self._numbers)
        self._watchers[number] = watch
        return _Watching(partial(self._watchers.pop, number, None))

    # --- messages --------------------------------------------------------------------------------------

    def publish(self, subject: str, data: bytes) -> None:
        """See `Bus.publish`."""
        self._check(data)
        self._deliver_to(self._receivers(subject), BusMessage(subject, data))

    async def request(self, subject: str, data: bytes, *, timeout: float) -> bytes:
        """See `Bus.request`."""
        return await first_of(lambda take: self.ask(subject, data, take, timeout=timeout))

    def ask(
        self, subject: str, data: bytes, take: TakeReply, *, timeout: float | None
    ) -> Subscription:
        """See `Bus.ask`."""
        self._check(data)
        number, asked = self._open(subject, take, timeout)
        receivers = self._receivers(subject)
        if receivers:
            self._deliver_to(receivers, BusMessage(subject, data, number))
        else:
            self._post(partial(asked.settle, NobodyThere(subject)))
        return asked

    def reply(self, message: BusMessage, data: bytes) -> None:
        """See `Bus.reply`."""
        self._check(data)
        if message.reply_to:
            self._post(partial(self._resolve, message.reply_to, data))

    async def subscribe(
        self, pattern: str, receive: Receive, *, group: str = ""
    ) -> MessageSubscription:
        """See `Bus.subscribe`."""
        return self._subscribe(pattern, receive, group)

    def ask_subscription(self, pattern: str, receive: Receive, take: TakeSubscription) -> None:
        """See `Bus.ask_subscription`."""
        subscription = self._subscribe(pattern, receive)

        def note(what: MessageSubscription | Failure) -> None:
            if isinstance(what, BusError | TimeoutError):
                subscription.close()
            take(what)

        self._answer_soon(note, subscription)

    def _subscribe(self, pattern: str, receive: Receive, group: str = "") -> "_Subscription":
        self._check(b"")
        subscription = _Subscription(self, pattern, receive, group)
        if subscription.is_exact:
            self._exact.setdefault(pattern, []).append(subscription)
        else:
            self._patterns.append(subscription)
        return subscription

    async def barrier(self, *, timeout: float) -> None:
        """See `Bus.barrier`."""
        self._check(b"")

        def ask(take: TakeReply) -> Subscription:
            return self._answer_soon(take, b"", timeout)

        await first_of(ask)

    # --- claims ----------------------------------------------------------------------------------------

    async def read_claim(self, key: str) -> Claim | None:
        """See `Bus.read_claim`."""
        return await first_of(lambda take: self.ask_claim(key, take))

    async def swap_claim(self, key: str, value: bytes, *, revision: int) -> int:
        """See `Bus.swap_claim`."""
        return await first_of(lambda take: self.ask_swap(key, value, take, revision=revision))

    def ask_claim(self, key: str, take: TakeClaim) -> None:
        """See `Bus.ask_claim`."""
        self._check(b"")
        self._answer_soon(take, self._claims.get(key))

    def ask_swap(self, key: str, value: bytes, take: TakeRevision, *, revision: int) -> None:
        """See `Bus.ask_swap`."""
        self._check(value)
        before = self._claims.get(key)
        if (before.revision if before else 0) != revision:
            self._answer_soon(take, Conflict(key))
            return
        self._claims.pop(key, None)  # it goes to the end: the first is the one of longest ago
        claim = self._claims[key] = Claim(key, value, next(self._numbers))
        if len(self._claims) > self._max_claims:
            del self._claims[next(iter(self._claims))]
        self._answer_soon(take, claim.revision)

    async def claims(self) -> AsyncIterator[Claim]:
        """See `Bus.claims`."""
        self._check(b"")
        for claim in tuple(self._claims.values()):
            yield claim

    # --- what is durable -------------------------------------------------------------------------------

    async def publish_durable(self, subject: str, data: bytes, *, message_id: str) -> None:
        """See `Bus.publish_durable`."""
        self._check(data)
        self._stream.add(subject, data, message_id, now=asyncio.get_running_loop().time())

    async def consume(
        self, pattern: str, receive: ReceiveDurable, *, group: str, max_in_flight: int = 100
    ) -> Subscription:
        """See `Bus.consume`."""
        self._check(b"")
        return self._stream.consume(pattern, receive, group, max_in_flight)

    # --- how it works ----------------------------------------------------------------------------------

    def _check(self, data: bytes) -> None:
        if not self._is_connected:
            raise BusUnavailable("the bus is not connected", was_sent=False)
        if len(data) > self.max_payload:
            raise PayloadTooLarge(f"{len(data)} bytes are more than {self.max_payload}")

    def _receivers(self, subject: str) -> list["_Subscription"]:
        """Return who gets a message: all without a group, and one of each group, in turn."""
        found = list(self._exact.get(subject, ()))
        if self._patterns:
            found += [each for each in self._patterns if each.matches(subject)]
        if not any(each.group for each in found):
            return found
        groups: dict[str, list[_Subscription]] = {}
        for each in found:
            if each.group:
                groups.setdefault(each.group, []).append(each)
        chosen = [each for each in found if not each.group]
        for name, members in groups.items():
            turn = self._turns[name] = self._turns.get(name, 0) + 1
            chosen.append(members[turn % len(members)])
        return chosen

    def _deliver_to(self, receivers: list["_Subscription"], message: BusMessage) -> None:
        for each in receivers:
            self._post(partial(each.take, message))

    def _post(self, delivery: Callable[[], None]) -> None:
        """Have something delivered in its turn: never within the call that sends it."""
        self._inbox.append(delivery)
        if not self._is_delivering:
            self._is_delivering = True
            asyncio.get_running_loop().call_soon(self._deliver_all)

    def _deliver_all(self) -> None:
        self._is_delivering = False
        for _ in range(len(self._inbox)):
            if not self._inbox:  # a receiver has interrupted us
                return
            self._inbox.popleft()()
        if self._inbox and not self._is_delivering:
            self._is_delivering = True
            asyncio.get_running_loop().call_soon(self._deliver_all)

    def _answer_soon(
        self,
        take: Callable[[AnswerT | Failure], None],
        answer: AnswerT | BusError,
        timeout: float | None = None,
    ) -> Subscription:
        """Have a function called with what we know already, in its turn; or with our end before that."""
        _, asked = self._open("", take, timeout)
        self._post(partial(asked.settle, answer))
        return asked

    def _open(
        self, subject: str, take: Callable[[AnswerT | Failure], None], timeout: float | None
    ) -> tuple[str, Asked[AnswerT]]:
        """Return the number of a request that waits for its reply, and the request."""
        number = str(next(self._numbers))
        return number, Asked(subject, take, self._waiting, number, timeout=timeout)

    def _resolve(self, number: str, data: bytes) -> None:
        asked = self._waiting.get(number)
        if asked:
            asked.settle(data)

    def _drop_everything(self, reason: str) -> None:
        self._is_connected = False
        self._inbox.clear()
        for watch in tuple(self._watchers.values()):
            watch(False)
        for asked in tuple(self._waiting.values()):
            asked.settle(BusUnavailable(reason, was_sent=True))

    def remove(self, subscription: "_Subscription") -> None:
        """Forget a subscription."""
        if not subscription.is_exact:
            self._patterns.remove(subscription)
            return
        same = self._exact[subscription.pattern]
        same.remove(subscription)
        if not same:
            del self._exact[subscription.pattern]


class _Subscription:
    __slots__ = ("_bus", "_is_closed", "_is_known", "_receive", "group", "is_exact", "pattern")

    def __init__(self, bus: MemoryBus, pattern: str, receive: Receive, group: str) -> None:
        self._bus = bus
        self._receive = receive
        self._is_closed = False
        self._is_known = True  # to the bus
        self.pattern = pattern
        self.group = group
        self.is_exact = "*" not in pattern

    def matches(self, subject: str) -> bool:
        return matches(self.pattern, subject)

    def take(self, message: BusMessage) -> None:
        if self._is_closed:
            return
        try:
            self._receive(message)
        except Exception as error:  # noqa: BLE001 - whatever it is, it harms only this message
            now, text = asyncio.get_running_loop().time(), "what receives %s failed"
            PeerLog().error(now, text, self.pattern, exc_info=error)

    def close(self) -> None:
        self._withdraw()
        self._is_closed = True

    async def finish(self, *, timeout: float) -> None:
        self._withdraw()
        with suppress(BusError, TimeoutError):
            await self._bus.barrier(timeout=timeout)
        self._is_closed = True

    def _withdraw(self) -> None:
        if self._is_known:
            self._is_known = False
            self._bus.remove(self)


class _Watching:
    __slots__ = ("_end",)

    def __init__(self, end: Callable[[], object]) -> None:
        self._end = end

    def close(self) -> None:
        self._end()
