"""`NatsBus`: a fleet over NATS. Needs the extra `nats`."""

import asyncio
import random
import secrets
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from ocpp_sansio.core import quote, require_whole
from ocpp_sansio.fleet.alarm import Alarm
from ocpp_sansio.fleet.asked import Failure, first_of, pass_on
from ocpp_sansio.fleet.bus import (
    BusError,
    BusMessage,
    BusUnavailable,
    Claim,
    MessageSubscription,
    NotPermitted,
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
from ocpp_sansio.fleet.nats_inbox import Inbox, Take
from ocpp_sansio.fleet.nats_store import DurableStream, ShardedKeyValue, StoreSettings
from ocpp_sansio.fleet.nats_wire import (
    Reply,
    check_pattern,
    check_subject,
    publish_line,
    read_refusal,
    subscribe_line,
    unsubscribe_line,
)
from ocpp_sansio.session import PeerLog

if TYPE_CHECKING:
    from ocpp_sansio.fleet.nats_link import NatsLink

__all__ = ["NatsBus"]

AnswerT = TypeVar("AnswerT")

WIRE_VERSION = 1
"""Of what travels: a part of every subject, so that two versions do not meet (FL-20)."""

OPEN_TIMEOUT = 2.0
"""Seconds for a connection to one server."""

FAREWELL = 1.0
"""Seconds for what was published last to get out, when the bus is left."""

LONGEST_DELAY = 1.0
"""Seconds between two attempts to be connected again, at most."""

REMIND_AFTER = 60.0
"""Seconds after which a log is told again why the broker cannot be reached."""

MAX_SHARDS = 256

MAX_SERVERS = 64
"""So many servers of a cluster are kept in mind."""

PORT = 4222

_CREDENTIALS = (b"BEGIN NATS USER JWT", b"BEGIN USER NKEY SEED")
"""What stands above both parts of a file of credentials."""


class NatsBus:
    """A `Bus` over NATS: server 2.9 or newer, with JetStream for claims and what is durable.

    Every trap of the client below is closed here: `nats_link` says which. asyncio, uvloop included.
    """

    def __init__(
        self,
        servers: str | Sequence[str],
        *,
        name: str = "ocpp",
        credentials: str | Path | None = None,
        user: str | None = None,
        password: str | None = None,
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
        routing: Routing = Routing.STATION,
        inbox: str = "_INBOX",
        replicas: int = 1,
        shards: int = 1,
        stored_bytes: int = 1024**3,
        stored_for: float = 7 * 86400.0,
        redeliver_after: float = 30.0,
        connect_timeout: float = 5.0,
        ping_interval: float = 5.0,
        max_unsent: int = 8 * 1024**2,
    ) -> None:
        """Make one; entering it connects.

        `servers` is a URL, "nats://broker:4222", or several of one cluster; the others of the cluster are
        found. "tls://…" or `tls`, a context, ask for TLS, and no connection comes about without it. Who we
        are is said by the file `credentials`, by `user` and `password`, or by a `token`, or by a user or
        token within the URL.

        `name` is of the fleet, and the first token of every subject: fleets of other names on the same broker
        do not meet. `inbox` is the first token of where replies go.

        Claims are in so many `shards`, each with a leader of its own: 8 for a million stations. All processes
        of a fleet have the same number, or a station may have two owners.

        Buckets and streams that are missing are made with so many `replicas`; what is durable is kept for
        `stored_for` seconds, and up to `stored_bytes`, beyond which the oldest go. A durable message comes
        again when a worker has been silent about it for `redeliver_after` seconds.

        The first connection has `connect_timeout` seconds. A connection that has not answered two PINGs,
        sent each `ping_interval` seconds, is given up. While the broker has not read `max_unsent` bytes of
        ours nothing more is sent.

        Raises ValueError for what cannot be, and ImportError without nats-py.
        """
        self._servers = _read_urls(servers)
        if not _is_word(name):
            raise ValueError("name is letters, digits, _ and -, 64 at most")
        check_subject(inbox)
        if min(connect_timeout, ping_interval, redeliver_after, stored_for) <= 0:
            raise ValueError("timeouts and intervals are above 0 seconds")
        require_whole("shards", shards, 1)
        if shards > MAX_SHARDS:
            raise ValueError(f"shards is at most {MAX_SHARDS}")
        if min(replicas, max_unsent, stored_bytes) < 1:
            raise ValueError("replicas, max_unsent and stored_bytes are at least 1")
        self.routing = routing
        self._link_class = _load_link()
        self._tls = tls
        self._options = _options(self._servers[0], credentials, user, password, token)
        self._prefix = f"{name}.{WIRE_VERSION}."
        self._inbox_root = inbox
        self._connect_timeout = connect_timeout
        self._ping_interval = ping_interval
        self._max_unsent = max_unsent
        self._log = PeerLog()
        self._watchers: dict[int, Watch] = {}
        self._numbers = count(2)  # of subscriptions; 1 is the inbox
        self._subscriptions: dict[int, _Subscription] = {}
        self._link: NatsLink | None = None
        self._known: list[SplitResult] = []
        self._closing: set[asyncio.Task[None]] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()
        self._inbox = self._new_inbox()
        self._inbox_refused = False
        settings = StoreSettings(
            prefix=self._prefix,
            replicas=replicas,
            stored_bytes=stored_bytes,
            stored_for=stored_for,
            redeliver_after=redeliver_after,
        )
        bucket = f"{name}-{WIRE_VERSION}-claims"
        self._claims = ShardedKeyValue(self, bucket, shards, settings)
        self._stream = DurableStream(self, f"{name}-{WIRE_VERSION}-durable", settings, self._log)

    async def __aenter__(self) -> Self:
        if self._keeper:
            raise RuntimeError("this bus is entered already")
        first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._keeper = asyncio.create_task(self._keep(first))
        try:
            # Not in this task: it may be cancelled by the application's (FL-11).
            await asyncio.shield(first)
        except BaseException:
            await self._leave()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self._stream.close()
            with suppress(BusError, TimeoutError):
                await self.barrier(timeout=FAREWELL)
        finally:
            await self._leave()

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection, as far as we know: within 15 s after its death, with 5 s pings."""
        return self._link is not None

    @property
    def max_payload(self) -> int:
        """How many bytes of data a message can have: the server says so."""
        return self._link.max_payload if self._link else 1024**2

    def watch(self, watch: Watch) -> Subscription:
        """See `Bus.watch`."""
        number = next(self._numbers)
        self._watchers[number] = watch
        return _Ending(partial(self._watchers.pop, number, None))

    # --- messages: at most once ------------------------------------------------------------------------

    def publish(self, subject: str, data: bytes) -> None:
        """See `Bus.publish`."""
        check_subject(subject)
        self._connected(data).send(publish_line(self._prefix + subject, data))

    async def request(self, subject: str, data: bytes, *, timeout: float) -> bytes:
        """See `Bus.request`."""
        return await first_of(lambda take: self.ask(subject, data, take, timeout=timeout))

    def ask(
        self, subject: str, data: bytes, take: TakeReply, *, timeout: float | None
    ) -> Subscription:
        """See `Bus.ask`."""
        check_subject(subject)
        return self.ask_whole(
            self._prefix + subject, data, partial(_give_data, take), timeout=timeout
        )

    def reply(self, message: BusMessage, data: bytes) -> None:
        """See `Bus.reply`."""
        link = self._connected(data)
        if message.reply_to:
            link.send(publish_line(message.reply_to, data))

    async def subscribe(
        self, pattern: str, receive: Receive, *, group: str = ""
    ) -> MessageSubscription:
        """See `Bus.subscribe`."""
        if group:
            check_subject(group)
        link, subscription = self._subscribe(pattern, receive, group)
        try:
            # The server's word comes before its PONG, if it does not let us.
            async with asyncio.timeout(self._connect_timeout):
                await link.round_trip()
        except TimeoutError:
            subscription.close()
            raise BusUnavailable("the server does not answer", was_sent=True) from None
        except BaseException:
            subscription.close()
            raise
        if subscription.is_refused:
            raise subscription.refusal()
        return subscription

    def ask_subscription(self, pattern: str, receive: Receive, take: TakeSubscription) -> None:
        """See `Bus.ask_subscription`."""
        link, subscription = self._subscribe(pattern, receive)
        link.tell_of_round_trip(partial(_give_subscription, subscription, take))

    async def barrier(self, *, timeout: float) -> None:
        """See `Bus.barrier`."""
        link = self._need_link()
        async with asyncio.timeout(timeout):
            await link.round_trip()

    # --- claims ----------------------------------------------------------------------------------------

    async def read_claim(self, key: str) -> Claim | None:
        """See `Bus.read_claim`."""
        return await self._claims.read(key)

    async def swap_claim(self, key: str, value: bytes, *, revision: int) -> int:
        """See `Bus.swap_claim`."""
        return await self._claims.swap(key, value, revision)

    def ask_claim(self, key: str, take: TakeClaim) -> None:
        """See `Bus.ask_claim`."""
        self._claims.ask(key, take)

    def ask_swap(self, key: str, value: bytes, take: TakeRevision, *, revision: int) -> None:
        """See `Bus.ask_swap`."""
        self._claims.ask_swap(key, value, take, revision=revision)

    def claims(self) -> AsyncIterator[Claim]:
        """See `Bus.claims`."""
        return self._claims.iterate()

    # --- what is durable -------------------------------------------------------------------------------

    async def publish_durable(self, subject: str, data: bytes, *, message_id: str) -> None:
        """See `Bus.publish_durable`."""
        await self._stream.publish(subject, data, message_id)

    async def consume(
        self, pattern: str, receive: ReceiveDurable, *, group: str, max_in_flight: int = 100
    ) -> Subscription:
        """See `Bus.consume`. Each pattern of a group is apart: two that overlap bring a message twice."""
        return await self._stream.consume(pattern, receive, group, max_in_flight)

    # --- for the modules beside this one: subjects are whole ones ---------------------------------------

    async def exchange(
        self,
        subject: str,
        data: bytes = b"",
        *,
        timeout: float,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Publish, and return the first reply, headers included; see `Bus.request`."""
        return await first_of(
            lambda take: self.ask_whole(subject, data, take, timeout=timeout, headers=headers)
        )

    def ask_whole(
        self,
        subject: str,
        data: bytes,
        take: Callable[[Reply | Failure], None],
        *,
        timeout: float | Alarm | None,
        headers: dict[str, str] | None = None,
    ) -> Subscription:
        """Publish, and have the first reply taken, headers included; see `Bus.ask`."""
        link = self._answerable(data)
        reply_to, asked = self._inbox.open(subject, take, timeout)
        link.send(publish_line(subject, data, reply_to, headers))
        return asked

    def run(
        self, work: Coroutine[Any, Any, AnswerT], take: Callable[[AnswerT | Failure], None]
    ) -> None:
        """Run something that waits for us, and have a function called with what it returns or raises."""
        try:
            self._answerable(b"")
        except BusError:
            work.close()
            raise
        task = asyncio.create_task(_take_result(work, take))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def listen(self, subject: str, data: bytes, take: Take) -> int:
        """Publish, and have a function called with each reply until `forget` gets what this returns.

        For a stream's messages: they come by the subject they were stored at, so that only a subscription of
        its own says whose they are.
        """
        link = self._answerable(data)
        number = next(self._numbers)
        reply_to = self._inbox.open_apart(number, subject, take)
        link.send(subscribe_line(number, reply_to) + publish_line(subject, data, reply_to))
        return number

    def forget(self, number: int) -> None:
        """Hear no more replies. Idempotent."""
        if self._inbox.close_apart(number) and self._link:
            self._link.send(unsubscribe_line(number))

    def tell(self, subject: str, data: bytes) -> None:
        """Publish, if there is a connection."""
        if self._link:
            self._link.send(publish_line(subject, data))

    def unsubscribe(self, number: int) -> None:
        """Forget a subscription. Idempotent."""
        if self._subscriptions.pop(number, None) and self._link:
            self._link.send(unsubscribe_line(number))

    async def finish(self, number: int, timeout: float) -> None:
        """Have a subscription ended, and forget it when all is read that was sent before."""
        try:
            if number in self._subscriptions and self._link:
                self._link.send(unsubscribe_line(number))
                with suppress(BusUnavailable, TimeoutError):
                    await self.barrier(timeout=timeout)
        finally:
            self._subscriptions.pop(number, None)

    # --- what the link tells ---------------------------------------------------------------------------

    def message_read(
        self, number: int, subject: str, reply_to: str, data: bytes, headers: bytes
    ) -> None:
        """Hand out a message, as a plain call: so messages stay in order, and a barrier says something."""
        try:
            if number == self._inbox.number:
                self._inbox.read(Reply(subject, data, headers, reply_to))
                return
            subscription = self._subscriptions.get(number)
            if subscription:
                relative = subject[len(self._prefix) :]
                subscription.receive(BusMessage(relative, data, reply_to))
                return
            self._inbox.read_apart(number, Reply(subject, data, headers, reply_to))
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the loop that reads
            self._log.error(_now(), "what receives %s failed", subject, exc_info=error)

    def refused(self, line: str) -> None:
        """Give a server's refusal to those whom it is about."""
        refusal = read_refusal(line)
        if refusal is None:
            self._log.warning(_now(), "the broker said %s", line)
            return
        what, subject = (
            ("publish", refusal.subject) if refusal.is_publish else ("subscribe", refusal.subject)
        )
        if refusal.is_publish:
            error = NotPermitted(f"this user may not publish to {quote(subject)}")
            if self._inbox.refuse(subject, error):
                return
        elif subject == self._inbox.pattern:
            self._inbox_refused = True
        for each in self._subscriptions.values():
            if not refusal.is_publish and each.pattern == subject:
                each.is_refused = True
        self._log.warning(_now(), f"the broker does not let this user {what} to %s", subject)

    def ended(self, link: "NatsLink", reason: str) -> None:
        """Fail all who wait, at once (FL-10), and be connected again."""
        self._link = None
        self._note_servers(link)
        self._claims.note_gone()
        if self._keeper:
            self._log.warning(_now(), "the connection to the broker is gone: %s", reason)
        self._tell_watchers(is_connected=False)
        self._inbox.fail(BusUnavailable(reason, was_sent=True))
        self._lost.set()

    # --- how it works ----------------------------------------------------------------------------------

    def _subscribe(
        self, pattern: str, receive: Receive, group: str = ""
    ) -> "tuple[NatsLink, _Subscription]":
        check_pattern(pattern)
        link = self._connected()
        subscription = _Subscription(self, self._prefix + pattern, receive, group)
        number = subscription.number = next(self._numbers)
        self._subscriptions[number] = subscription
        link.send(subscribe_line(number, subscription.pattern, group))
        return link, subscription

    def _need_link(self) -> "NatsLink":
        if self._link is None:
            raise BusUnavailable("there is no connection to the broker", was_sent=False)
        return self._link

    def _connected(self, data: bytes = b"") -> "NatsLink":
        """Return the link, if what is said now would be said now (FL-8)."""
        link = self._link or self._need_link()
        if len(data) > link.max_payload:
            raise PayloadTooLarge(f"{len(data)} bytes are more than {link.max_payload}")
        if link.unsent > self._max_unsent:
            raise BusUnavailable("the broker does not read what we send", was_sent=False)
        return link

    def _answerable(self, data: bytes) -> "NatsLink":
        if self._inbox_refused:
            raise NotPermitted(f"this user may not subscribe to {self._inbox_root}.>")
        return self._connected(data)

    async def _keep(self, first: "asyncio.Future[None]") -> None:
        """Be connected, until cancelled."""
        try:
            await self._connect_first()
        except BusError as error:
            if not first.done():
                first.set_exception(error)
            return
        if not first.done():
            first.set_result(None)
        while True:
            await self._lost.wait()
            self._lost.clear()
            await self._connect_again()

    async def _connect_first(self) -> None:
        failure: BusError = BusUnavailable("no server answers", was_sent=False)
        try:
            async with asyncio.timeout(self._connect_timeout):
                for attempt in count():
                    try:
                        link = await self._open_one()
                    except BusUnavailable as error:
                        failure = error
                        await asyncio.sleep(_delay(attempt))
                    else:
                        self._adopt(link)
                        await link.round_trip()
                        break
        except TimeoutError:
            raise failure from None
        if self._inbox_refused:
            raise NotPermitted(f"this user may not subscribe to {self._inbox_root}.>")

    async def _connect_again(self) -> None:
        began = told_at = _now()
        # Reasons, not attempts: those are many, and would hide all else (FL-18).
        told: set[str] = set()
        for attempt in count():
            try:
                link = await self._open_one()
            except BusError as error:
                if _now() - told_at >= REMIND_AFTER:
                    told.clear()
                if not told:
                    told_at = _now()
                if str(error) not in told:
                    told.add(str(error))
                    self._log.warning(_now(), "the broker cannot be reached: %s", error)
                await asyncio.sleep(_delay(attempt))
                continue
            self._adopt(link)
            # At the level of its loss: who reads of one is to read of the other.
            self._log.warning(_now(), "the broker is back, after %.1f s", _now() - began)
            # Before anything is read: the link's loop has not had its turn yet.
            self._tell_watchers(is_connected=True)
            return

    async def _open_one(self) -> "NatsLink":
        """Open a link to the first server that answers; raise what the last one said."""
        failure: BusError = BusUnavailable("no server is known", was_sent=False)
        for server in (*self._servers, *self._known):
            must_be_tls = self._tls is not None or server.scheme == "tls"
            link = self._link_class(self, must_be_tls=must_be_tls)
            options = dict(self._options)
            if must_be_tls:
                options["tls"] = self._tls or ssl.create_default_context()
                # The cluster tells addresses, and certificates have names.
                if server in self._known:
                    options["tls_hostname"] = self._servers[0].hostname
            try:
                await link.open(_bare(server), timeout=OPEN_TIMEOUT, options=options)
            except BusError as error:
                failure = error
            else:
                return link
            finally:
                if link.closing:
                    self._closing.add(link.closing)
                    link.closing.add_done_callback(self._closing.discard)
        raise failure

    def _adopt(self, link: "NatsLink") -> None:
        """Make a link the one; sends all subscriptions."""
        self._link = link
        self._note_servers(link)
        self._inbox = self._new_inbox()  # replies to what was asked before are nobody's
        self._inbox_refused = False
        lines = [subscribe_line(self._inbox.number, self._inbox.pattern)]
        lines += [
            subscribe_line(number, each.pattern, each.group)
            for number, each in self._subscriptions.items()
        ]
        link.send(b"".join(lines))
        link.watch_over(self._ping_interval)

    def _note_servers(self, link: "NatsLink") -> None:
        """Keep in mind which other servers the cluster has."""
        given = {(each.hostname, each.port) for each in self._servers}
        found = [urlsplit(f"{self._servers[0].scheme}://{each.netloc}") for each in link.servers]
        self._known = [each for each in found if (each.hostname, each.port) not in given][
            :MAX_SERVERS
        ]
        if link.closing:
            self._closing.add(link.closing)
            link.closing.add_done_callback(self._closing.discard)

    def _tell_watchers(self, *, is_connected: bool) -> None:
        for watch in tuple(self._watchers.values()):
            try:
                watch(is_connected)
            except Exception as error:  # noqa: BLE001 - whatever it is, the others are told too
                self._log.error(_now(), "what watches the bus failed", exc_info=error)

    async def _leave(self) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper:
            keeper.cancel()
            await asyncio.wait([keeper])
        link = self._link
        if link:
            link.end("the bus was closed")
            if link.closing:
                self._closing.add(link.closing)
        self._subscriptions.clear()
        self._lost.clear()
        if self._running:  # they fail, now that there is no connection
            await asyncio.wait(self._running)
        if self._closing:
            _, late = await asyncio.wait(self._closing, timeout=FAREWELL)
            for each in late:
                each.cancel()
            self._closing.clear()

    def _new_inbox(self) -> Inbox:
        return Inbox(f"{self._inbox_root}.{secrets.token_hex(11)}")


class _Subscription:
    __slots__ = ("_bus", "group", "is_refused", "number", "pattern", "receive")

    def __init__(self, bus: NatsBus, pattern: str, receive: Receive, group: str) -> None:
        self._bus = bus
        self.pattern = pattern
        self.receive = receive
        self.group = group
        self.number = 0
        self.is_refused = False

    def close(self) -> None:
        self._bus.unsubscribe(self.number)

    def refusal(self) -> NotPermitted:
        """Return why it is none, and close it."""
        self.close()
        return NotPermitted(f"this user may not subscribe to {self.pattern}")

    async def finish(self, *, timeout: float) -> None:
        await self._bus.finish(self.number, timeout)


class _Ending:
    __slots__ = ("_end",)

    def __init__(self, end: Callable[[], object]) -> None:
        self._end = end

    def close(self) -> None:
        self._end()


def _give_subscription(
    subscription: _Subscription, take: TakeSubscription, failure: BusUnavailable | None
) -> None:
    if failure:
        subscription.close()
        take(failure)
    else:
        take(subscription.refusal() if subscription.is_refused else subscription)


async def _take_result(
    work: Coroutine[Any, Any, AnswerT], take: Callable[[AnswerT | Failure], None]
) -> None:
    what: AnswerT | Failure
    try:
        what = await work
    except (BusError, TimeoutError) as error:
        what = error
    pass_on(take, what)


def _give_data(take: TakeReply, reply: Reply | Failure) -> None:
    take(reply.data if isinstance(reply, Reply) else reply)


def _delay(attempt: int) -> float:
    """Return how long to wait after an attempt: longer each time, and not all clients at once."""
    return min(LONGEST_DELAY, 0.05 * 2.0 ** min(attempt, 10)) * random.uniform(0.5, 1.0)  # noqa: S311


def _load_link() -> "type[NatsLink]":
    try:
        from ocpp_sansio.fleet.nats_link import NatsLink, check_client  # noqa: PLC0415 - only if used
    except ModuleNotFoundError as error:
        text = "NatsBus needs nats-py: pip install 'ocpp-sansio[nats]'"
        raise ModuleNotFoundError(text, name=error.name) from None
    check_client()
    return NatsLink


def _read_urls(servers: str | Sequence[str]) -> list[SplitResult]:
    texts = [servers] if isinstance(servers, str) else list(servers)
    if not texts:
        raise ValueError("there is no server to connect to")
    urls = []
    for text in texts:
        url = urlsplit(text)
        try:
            port = url.port or PORT
        except ValueError:
            port = 0
        if url.scheme not in {"nats", "tls"} or not url.hostname or not port:
            # Not the URL itself: a password may be in it.
            raise ValueError("a server is nats://host:port or tls://host:port")
        host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
        user, at, _ = url.netloc.rpartition("@")
        urls.append(url._replace(netloc=f"{user}{at}{host}:{port}"))
    return urls


def _options(
    url: SplitResult,
    credentials: str | Path | None,
    user: str | None,
    password: str | None,
    token: str | None,
) -> dict[str, Any]:
    if user is None and token is None and url.username:
        if url.password is None:
            token = unquote(url.username)
        else:
            user, password = unquote(url.username), unquote(url.password)
    if sum(each is not None for each in (credentials, user, token)) > 1:
        raise ValueError("credentials, user and token exclude each other")
    if (user is None) != (password is None):
        raise ValueError("user and password go together")
    if credentials is not None:
        _check_credentials(Path(credentials))
    given: dict[str, Any] = {"user": user, "password": password, "token": token}
    if credentials is not None:
        given["user_credentials"] = str(credentials)
    return {name: value for name, value in given.items() if value is not None}


def _check_credentials(path: Path) -> None:
    """Raise ValueError if that holds no credentials: the client would only say that it cannot connect."""
    if not path.is_file():
        raise ValueError(f"there is no file of credentials {quote(str(path))}")
    try:
        data = path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ValueError(f"the file {quote(str(path))} cannot be read: {why}") from None
    missing = [each for each in _CREDENTIALS if each not in data]
    if missing:
        lacks = f"no -----{missing[0].decode()}----- stands in it"
        raise ValueError(f"the file {quote(str(path))} holds no credentials: {lacks}")


def _bare(url: SplitResult) -> str:
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}"


def _is_word(name: str) -> bool:
    bare = name.replace("-", "").replace("_", "")
    return 0 < len(name) <= 64 and name.isascii() and (not bare or bare.isalnum())  # noqa: PLR2004


def _now() -> float:
    return asyncio.get_running_loop().time()
