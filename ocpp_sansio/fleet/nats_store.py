"""What JetStream keeps for a `NatsBus`: claims, and what is durable. Its API is requests like any others."""

import asyncio
import hashlib
import json
import re
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from ocpp_sansio.core import UNREADABLE, plain, read_json
from ocpp_sansio.fleet.alarm import Alarm
from ocpp_sansio.fleet.asked import Failure
from ocpp_sansio.fleet.bus import (
    BusError,
    BusUnavailable,
    Claim,
    Conflict,
    DurableMessage,
    NobodyThere,
    ReceiveDurable,
    Subscription,
    TakeClaim,
    TakeRevision,
)
from ocpp_sansio.fleet.nats_inbox import Take
from ocpp_sansio.fleet.nats_wire import (
    NO_RESPONDERS,
    Reply,
    check_pattern,
    check_subject,
)
from ocpp_sansio.session import PeerLog

__all__ = ["Asks", "DurableStream", "KeyValue", "ShardedKeyValue", "StoreSettings"]

AnswerT = TypeVar("AnswerT")

ANSWER_TIMEOUT = 5.0
"""Seconds for the answer of a store; one that changes its leader is silent for longer."""

PULL_TIME = 30.0
"""Seconds that a consumer waits for messages before it asks again."""

RETRY_DELAY = 1.0
"""Seconds before a message comes again whose consumer has raised, and between attempts to consume."""

ATTEMPTS = 10
"""To store something in a stream that another process makes just now: half a second in all."""

JETSTREAM_OFF = "the broker stores nothing: JetStream is off"

SHARDS = "claims of stations; shards: "
"""Begins the description of a bucket, behind which stands how many there are."""

PAGE = 500
"""Claims that are asked for at once."""

_NOT_FOUND = 404
_HEARTBEAT = 100
_NAME_IN_USE = 10058
_WRONG_REVISION = {10071, 10164}
_SEQUENCE = re.compile(rb"\r\nNats-Sequence: *([0-9]{1,18})\r\n")
_NANOSECONDS = 1_000_000_000


class StoreSettings(Struct, frozen=True):
    """What is made when it is missing."""

    prefix: str
    replicas: int
    stored_bytes: int
    stored_for: float
    redeliver_after: float


class Asks(Protocol):
    """What this needs of a `NatsBus`."""

    async def exchange(
        self,
        subject: str,
        data: bytes = b"",
        *,
        timeout: float,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Publish, and return the first reply."""
        ...

    def ask_whole(
        self,
        subject: str,
        data: bytes,
        take: Callable[[Reply | Failure], None],
        *,
        timeout: float | Alarm | None,
        headers: dict[str, str] | None = None,
    ) -> Subscription:
        """Publish, and have the first reply taken, or why there is none."""
        ...

    def run(
        self, work: Coroutine[Any, Any, AnswerT], take: Callable[[AnswerT | Failure], None]
    ) -> None:
        """Run something that waits, and have taken what it returns, or raises."""
        ...

    def listen(self, subject: str, data: bytes, take: Take) -> int:
        """Publish, and have each reply taken until `forget` gets what this returns."""
        ...

    def forget(self, number: int) -> None:
        """Hear no more replies."""
        ...

    def tell(self, subject: str, data: bytes) -> None:
        """Publish, if there is a connection."""
        ...


class KeyValue:
    """The bucket of claims, as NATS' own tools have one: `nats kv ls` shows it."""

    def __init__(self, bus: Asks, bucket: str, settings: StoreSettings, *, shards: int = 1) -> None:
        """Make one; it is one of so many `shards`."""
        self._bus = bus
        self._shards = shards
        self._stream = f"KV_{bucket}"
        self._root = f"$KV.{bucket}."
        self._get = f"$JS.API.DIRECT.GET.{self._stream}.{self._root}"
        self._settings = settings
        self._is_there = False
        self._patience = Alarm(ANSWER_TIMEOUT)  # of all who wait for an answer

    def note_gone(self) -> None:
        """Look anew whether the bucket is there: the broker may be another one now."""
        self._is_there = False

    async def read(self, key: str) -> Claim | None:
        """See `Bus.read_claim`."""
        if not await self._look():
            return None
        return _read_claim(key, await _ask(self._bus, self._get + key))

    def ask(self, key: str, take: TakeClaim) -> None:
        """See `Bus.ask_claim`."""
        if not self._is_there:
            self._bus.run(self.read(key), take)
            return
        take_reply = partial(_take_read, _read_claim, key, take)
        self._bus.ask_whole(self._get + key, b"", take_reply, timeout=self._patience)

    async def swap(self, key: str, value: bytes, revision: int) -> int:
        """See `Bus.swap_claim`."""
        at, headers = self._root + key, _expecting(revision)
        return _read_revision(key, await _store(self._bus, at, value, headers, self.make))

    def ask_swap(self, key: str, value: bytes, take: TakeRevision, *, revision: int) -> None:
        """See `Bus.ask_swap`."""
        take_reply = partial(self._take_swapped, key, value, revision, take)
        at, headers = self._root + key, _expecting(revision)
        self._bus.ask_whole(at, value, take_reply, timeout=self._patience, headers=headers)

    def _take_swapped(
        self, key: str, value: bytes, revision: int, take: TakeRevision, reply: Reply | Failure
    ) -> None:
        if isinstance(reply, NobodyThere):  # nothing was stored: the bucket has to be made
            self._bus.run(self.swap(key, value, revision), take)
        else:
            _take_read(_read_revision, key, take, reply)

    async def iterate(self) -> AsyncIterator[Claim]:
        """See `Bus.claims`."""
        config = {
            "deliver_policy": "last_per_subject",
            "filter_subject": f"{self._root}>",
            "ack_policy": "none",
            "replay_policy": "instant",
            "inactive_threshold": 60 * _NANOSECONDS,
            "mem_storage": True,
            "num_replicas": 1,
        }
        try:
            made = await _call(
                self._bus,
                f"CONSUMER.CREATE.{self._stream}",
                {"stream_name": self._stream, "config": config},
            )
        except (NobodyThere, _NotFoundError):
            return
        pending = int(made["num_pending"])
        while pending > 0:
            page = await self._next_page(str(made["name"]), min(PAGE, pending))
            if not page:
                return
            pending -= len(page)
            for each in page:
                yield each

    async def count_shards(self) -> int | None:
        """Return in how many buckets the claims are; 0 if nothing says so, None if this one is not there."""
        try:
            info = await _call(self._bus, f"STREAM.INFO.{self._stream}", {})
        except _NotFoundError:
            return None
        except NobodyThere:
            raise BusUnavailable(JETSTREAM_OFF, was_sent=False) from None
        self._is_there = True
        config = info.get("config")
        text = str(config.get("description", "")) if isinstance(config, dict) else ""
        number = text.removeprefix(SHARDS)
        return int(number) if text != number and re.fullmatch("[0-9]{1,4}", number) else 0

    async def _look(self) -> bool:
        """Return whether there is a bucket. Reading in one that is not there would not be answered."""
        if not self._is_there:
            try:
                await _call(self._bus, f"STREAM.INFO.{self._stream}", {})
            except _NotFoundError:
                return False
            self._is_there = True
        return True

    async def _next_page(self, consumer: str, size: int) -> list[Claim]:
        found: list[Claim] = []
        complete: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def take(reply: Reply | BusError) -> None:
            if complete.done():
                return
            if isinstance(reply, BusError):
                complete.set_exception(reply)
            elif reply.status:
                complete.set_result(None)
            else:
                key = reply.subject.removeprefix(self._root)
                found.append(Claim(key, reply.data, _Delivery(reply.reply_to).sequence))
                if len(found) == size:
                    complete.set_result(None)

        at = f"{self._stream}.{consumer}"
        await _pull(self._bus, at, size, take, complete=complete, patience=ANSWER_TIMEOUT)
        return found

    async def make(self) -> None:
        """Make the bucket, if nobody has."""
        config = {
            "name": self._stream,
            "description": f"{SHARDS}{self._shards}",
            "subjects": [f"{self._root}>"],
            "max_msgs_per_subject": 1,
            "discard": "new",
            "deny_delete": True,
            "allow_rollup_hdrs": True,
            "allow_direct": True,
            "storage": "file",
            "num_replicas": self._settings.replicas,
        }
        await _make_stream(self._bus, config)


class ShardedKeyValue:
    """Claims in several buckets, each with a leader of its own; a key is always in the same one.

    The first bucket is there however many there are, and says how many: a process that has another number in
    mind would look for claims where they are not, and a station could have two owners (FL-4).
    """

    def __init__(self, bus: Asks, bucket: str, shards: int, settings: StoreSettings) -> None:
        """Make one; buckets beyond the first have their number behind the name `bucket`."""
        names = [bucket, *(f"{bucket}-{number}" for number in range(1, shards))]
        self._bus = bus
        self._buckets = [KeyValue(bus, name, settings, shards=shards) for name in names]
        self._is_checked = False

    def note_gone(self) -> None:
        """See `KeyValue.note_gone`."""
        self._is_checked = False
        for each in self._buckets:
            each.note_gone()

    async def read(self, key: str) -> Claim | None:
        """See `Bus.read_claim`."""
        check_subject(key)
        if not (self._is_checked or await self._check()):
            return None
        return await self._of(key).read(key)

    async def swap(self, key: str, value: bytes, revision: int) -> int:
        """See `Bus.swap_claim`."""
        check_subject(key)
        if not (self._is_checked or await self._check()):
            await self._buckets[0].make()
            await self._check()
        return await self._of(key).swap(key, value, revision)

    def ask(self, key: str, take: TakeClaim) -> None:
        """See `Bus.ask_claim`."""
        check_subject(key)
        if self._is_checked:
            self._of(key).ask(key, take)
        else:
            self._bus.run(self.read(key), take)

    def ask_swap(self, key: str, value: bytes, take: TakeRevision, *, revision: int) -> None:
        """See `Bus.ask_swap`."""
        check_subject(key)
        if self._is_checked:
            self._of(key).ask_swap(key, value, take, revision=revision)
        else:
            self._bus.run(self.swap(key, value, revision), take)

    async def iterate(self) -> AsyncIterator[Claim]:
        """See `Bus.claims`."""
        if self._is_checked or await self._check():
            for bucket in self._buckets:
                async for each in bucket.iterate():
                    yield each

    def _of(self, key: str) -> KeyValue:
        buckets = self._buckets
        return buckets[zlib.crc32(key.encode()) % len(buckets)] if len(buckets) > 1 else buckets[0]

    async def _check(self) -> bool:
        """Return whether there is anything; raise BusError if it is in another number of buckets."""
        found = await self._buckets[0].count_shards()
        if found is None:
            return False
        if found not in {0, len(self._buckets)}:
            text = f"this fleet keeps its claims in {found} shards, and not in {len(self._buckets)}"
            raise BusError(text)
        self._is_checked = True
        return True


def _read_claim(key: str, found: Reply) -> Claim | None:
    if found.status == _NOT_FOUND:
        return None
    sequence = _SEQUENCE.search(found.headers)
    if sequence is None:
        text = f"the broker could not read a claim: {found.status}"
        raise BusUnavailable(text, was_sent=False)
    return Claim(key, found.data, int(sequence[1]))


def _expecting(revision: int) -> dict[str, str]:
    return {"Nats-Expected-Last-Subject-Sequence": str(revision)}


def _read_revision(key: str, reply: Reply) -> int:
    stored = _read_json(reply)
    error = stored.get("error")
    if error and error.get("err_code") in _WRONG_REVISION:
        raise Conflict(key)
    _raise_for(error)
    return int(stored["seq"])


def _take_read(
    read: Callable[[str, Reply], AnswerT],
    key: str,
    take: Callable[[AnswerT | Failure], None],
    reply: Reply | Failure,
) -> None:
    """Have taken what is read of a reply, or why there is nothing to be read."""
    what: AnswerT | Failure
    try:
        what = read(key, reply) if isinstance(reply, Reply) else reply
    except BusError as error:
        what = error
    take(what)


class DurableStream:
    """The stream, and our consumers of it."""

    def __init__(self, bus: Asks, name: str, settings: StoreSettings, log: PeerLog) -> None:
        """Make one."""
        self.bus = bus
        self.name = name
        self.settings = settings
        self.log = log
        self.root = f"{settings.prefix}stored."
        self._consumers: set[_Consumer] = set()

    async def publish(self, subject: str, data: bytes, message_id: str) -> None:
        """See `Bus.publish_durable`."""
        check_subject(subject)
        headers = {"Nats-Msg-Id": message_id}
        answer = await _store(self.bus, self.root + subject, data, headers, self.make)
        _raise_for(_read_json(answer).get("error"))

    async def consume(
        self, pattern: str, receive: ReceiveDurable, group: str, max_in_flight: int
    ) -> "_Consumer":
        """See `Bus.consume`."""
        check_pattern(pattern)
        check_subject(group)
        if max_in_flight < 1:
            raise ValueError("max_in_flight is at least 1")
        consumer = _Consumer(self, pattern, receive, group, max_in_flight)
        await consumer.make()
        consumer.start()
        self._consumers.add(consumer)
        return consumer

    async def close(self) -> None:
        """End all consumers; what they were at comes again, elsewhere."""
        tasks = [task for each in tuple(self._consumers) for task in each.stop()]
        self._consumers.clear()
        if tasks:
            await asyncio.wait(tasks)

    async def make(self) -> None:
        """Make the stream, if nobody has."""
        config = {
            "name": self.name,
            "subjects": [f"{self.root}>"],
            "retention": "limits",
            "discard": "old",
            "max_bytes": self.settings.stored_bytes,
            "max_age": int(self.settings.stored_for * _NANOSECONDS),
            "duplicate_window": int(min(120.0, self.settings.stored_for) * _NANOSECONDS),
            "storage": "file",
            "num_replicas": self.settings.replicas,
        }
        await _make_stream(self.bus, config)

    def forget(self, consumer: "_Consumer") -> None:
        """Drop a consumer that has ended. Idempotent."""
        self._consumers.discard(consumer)


class _Consumer:
    """Pulls as many messages as there is room for, and has each received in a task of its own."""

    def __init__(
        self,
        stream: DurableStream,
        pattern: str,
        receive: ReceiveDurable,
        group: str,
        max_in_flight: int,
    ) -> None:
        self._stream = stream
        self._bus = stream.bus
        self._filter = stream.root + pattern
        self._receive = receive
        self._max_in_flight = max_in_flight
        # A consumer of the server has one pattern, and a name without dots.
        self._name = f"{group}-{hashlib.sha256(pattern.encode()).hexdigest()[:12]}"
        self._running: dict[asyncio.Task[None], str] = {}
        self._room = asyncio.Event()
        self._room.set()
        self._puller: asyncio.Task[None] | None = None
        self._life_sign: asyncio.TimerHandle | None = None

    async def make(self) -> None:
        """Make the consumer at the server, if it is new."""
        config = {
            "durable_name": self._name,
            "filter_subject": self._filter,
            "deliver_policy": "all",
            "ack_policy": "explicit",
            "ack_wait": int(self._stream.settings.redeliver_after * _NANOSECONDS),
            "max_ack_pending": 20_000,
            "replay_policy": "instant",
        }
        body = {"stream_name": self._stream.name, "config": config}
        name = f"CONSUMER.DURABLE.CREATE.{self._stream.name}.{self._name}"
        try:
            await _call(self._bus, name, body)
        except (NobodyThere, _NotFoundError):
            await self._stream.make()
            await _call(self._bus, name, body)

    def start(self) -> None:
        self._puller = asyncio.create_task(self._pull_for_ever())
        self._sign_life()

    def close(self) -> None:
        """Take nothing more; what is being received goes on."""
        if self._puller:
            self._puller.cancel()
        if not self._running:
            self._forget()

    def stop(self) -> list["asyncio.Task[None]"]:
        self.close()
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        return [*tasks, self._puller] if self._puller else tasks

    async def _pull_for_ever(self) -> None:
        while True:
            try:
                await self._pull()
            except (BusError, TimeoutError) as error:
                now, text = _now(), "durable messages cannot be had now: %s"
                self._stream.log.info(now, text, str(error) or "no answer")
                await asyncio.sleep(RETRY_DELAY)
            else:
                continue
            try:
                await self.make()  # it may be a new broker
            except (BusError, TimeoutError):
                continue

    async def _pull(self) -> None:
        await self._room.wait()
        size = left = self._max_in_flight - len(self._running)
        complete: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def take(reply: Reply | BusError) -> None:
            nonlocal left
            if isinstance(reply, Reply) and reply.status == _HEARTBEAT:
                return
            if isinstance(reply, Reply) and not reply.status:
                left -= 1
                self._begin(reply)
                if left or complete.done():
                    return
            if complete.done():
                return
            if isinstance(reply, BusError):
                complete.set_exception(reply)
            elif reply.status == NO_RESPONDERS:
                complete.set_exception(NobodyThere("the consumer is not there"))
            else:
                complete.set_result(None)

        at = f"{self._stream.name}.{self._name}"
        await _pull(self._bus, at, size, take, complete=complete, patience=PULL_TIME)

    def _begin(self, reply: Reply) -> None:
        task = asyncio.create_task(self._run(reply))
        self._running[task] = reply.reply_to
        task.add_done_callback(self._note_end)
        if len(self._running) >= self._max_in_flight:
            self._room.clear()

    def _note_end(self, task: "asyncio.Task[None]") -> None:
        self._running.pop(task, None)
        self._room.set()
        if not self._running and self._puller and self._puller.done():
            self._forget()

    def _forget(self) -> None:
        if self._life_sign:
            self._life_sign.cancel()
        self._stream.forget(self)

    async def _run(self, reply: Reply) -> None:
        subject = reply.subject.removeprefix(self._stream.root)
        is_redelivered = _Delivery(reply.reply_to).times > 1
        try:
            await self._receive(DurableMessage(subject, reply.data, is_redelivered))
        except asyncio.CancelledError:
            self._bus.tell(reply.reply_to, b"-NAK")
            raise
        except Exception as error:
            text = "what consumes durable messages failed; they come again"
            self._stream.log.warning(_now(), text, exc_info=error)
            delay = json.dumps({"delay": int(RETRY_DELAY * _NANOSECONDS)})
            self._bus.tell(reply.reply_to, b"-NAK " + delay.encode())
        else:
            self._bus.tell(reply.reply_to, b"+ACK")

    def _sign_life(self) -> None:
        """Say that we are still at what takes long, or it would be given to another."""
        for reply_to in self._running.values():
            self._bus.tell(reply_to, b"+WPI")
        loop = asyncio.get_running_loop()
        self._life_sign = loop.call_later(
            self._stream.settings.redeliver_after / 3, self._sign_life
        )


class _Delivery:
    """What the server says about a message, in the subject that it is acknowledged at."""

    def __init__(self, reply_to: str) -> None:
        tokens = reply_to.split(".")
        # $JS.ACK.<stream>.<consumer>.<times>.<sequence>.…, or with a domain and an account before the stream.
        first = 4 if len(tokens) == 9 else 6  # noqa: PLR2004
        self.times, self.sequence = int(tokens[first]), int(tokens[first + 1])


class _NotFoundError(BusError):
    pass


async def _pull(
    bus: Asks,
    consumer: str,
    size: int,
    take: Take,
    *,
    complete: "asyncio.Future[None]",
    patience: float,
) -> None:
    """Ask for messages, and return when they are complete, or nothing more comes for a while."""
    body = json.dumps({"batch": size, "expires": int(patience * _NANOSECONDS)}).encode()
    number = bus.listen(f"$JS.API.CONSUMER.MSG.NEXT.{consumer}", body, take)
    try:
        async with asyncio.timeout(patience + ANSWER_TIMEOUT):
            await complete
    finally:
        bus.forget(number)


async def _store(
    bus: Asks,
    subject: str,
    data: bytes,
    headers: dict[str, str],
    make: Callable[[], Awaitable[None]],
) -> Reply:
    """Store a message; return what the server says. The stream is made if it is missing."""
    for attempt in range(ATTEMPTS):
        try:
            return await _ask(bus, subject, data, headers)
        except NobodyThere:
            if attempt:
                await asyncio.sleep(0.01 * attempt)  # another makes it just now
            else:
                await make()
    raise BusUnavailable("the broker's store is not there", was_sent=False)


async def _make_stream(bus: Asks, config: dict[str, Any]) -> None:
    try:
        await _call(bus, f"STREAM.CREATE.{config['name']}", config)
    except NobodyThere:
        raise BusUnavailable(JETSTREAM_OFF, was_sent=False) from None
    except _NameInUseError:
        return  # somebody has made it to his liking


class _NameInUseError(BusError):
    pass


async def _call(bus: Asks, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Call JetStream's API; raise what it says."""
    answer = _read_json(await _ask(bus, f"$JS.API.{name}", json.dumps(body).encode()))
    error = answer.get("error")
    if error and error.get("err_code") == _NAME_IN_USE:
        raise _NameInUseError(name)
    if error and error.get("code") == _NOT_FOUND:
        raise _NotFoundError(name)
    _raise_for(error)
    return answer


async def _ask(
    bus: Asks,
    subject: str,
    data: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Reply:
    try:
        return await bus.exchange(subject, data, timeout=ANSWER_TIMEOUT, headers=headers)
    except TimeoutError:
        raise BusUnavailable("the broker's store does not answer", was_sent=True) from None


def _read_json(reply: Reply) -> dict[str, Any]:
    try:
        answer = read_json(reply.data)
    except UNREADABLE:
        answer = None
    if not isinstance(answer, dict):
        raise BusUnavailable("the broker's store gave no sensible answer", was_sent=True)
    return answer


def _raise_for(error: Any) -> None:
    if error:
        text = plain(str(error.get("description", "")))
        raise BusUnavailable(f"the broker's store refused: {text}", was_sent=False)


def _now() -> float:
    return asyncio.get_running_loop().time()
