"""`Worker`: a process that answers calls of the stations, with the same `Handlers` as a server has."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any, NoReturn, Self

from ocpp_sansio.asyncio import Session
from ocpp_sansio.core import (
    UNREADABLE,
    CallErrorReceived,
    CallResultReceived,
    Config,
    ErrorCode,
    ForeignCall,
    LocalProtocolError,
    Role,
    read_json,
)
from ocpp_sansio.fleet.asked import pass_on
from ocpp_sansio.fleet.bus import (
    Bus,
    BusError,
    BusMessage,
    DurableMessage,
    PayloadTooLarge,
    Subscription,
)
from ocpp_sansio.fleet.caller import Fleet
from ocpp_sansio.fleet.settings import FleetConfig
from ocpp_sansio.fleet.wire import Told, event_subject, read_event_subject, read_told
from ocpp_sansio.session import Handlers, Hooks, PeerLog, no_sender, serving

__all__ = ["EventSession", "Worker"]

_OVERLOADED = b'[4,"","InternalError","too many events at once",{}]'
_TOO_LARGE = b'[4,"","InternalError","the answer is too large for the broker",{}]'


class Worker:
    """Takes the events of the stations that gateways pass on. An async context manager.

    Handlers are those of a server, validation and `CallRejected` included. `call.session` is an
    `EventSession`, for this one message: its `identity`, `version`, `call` and `send_call` are the
    station's, and its `is_redelivered` says whether the message may have been served before.
    """

    def __init__(
        self,
        bus: Bus,
        handlers: Handlers[Any] | Mapping[Any, Callable[..., Any]],
        *,
        group: str,
        fleet: Fleet | None = None,
        config: FleetConfig | None = None,
        messages: Config | None = None,
        max_in_flight: int = 100,
    ) -> None:
        """Make one.

        Of all workers of the same `group` one gets each event; of what is not durable, whichever answers
        first counts, so let one group alone serve an action. `fleet` makes the calls of the handlers.
        `messages` says how payloads are checked. Up to `max_in_flight` events are being served at once, and
        as many durable ones of each action; of what is not durable, those beyond are refused.

        Raises ValueError for a group that is none.
        """
        if (
            not group
            or not group.replace("-", "").replace("_", "").isalnum()
            or not group.isascii()
        ):
            raise ValueError(f"a group is letters, digits, - and _, not {group!r}")
        self.group = group
        self._bus = bus
        self._handlers = handlers if isinstance(handlers, Handlers) else Handlers(handlers)
        self._fleet = fleet or Fleet(bus, config=config)
        self._config = config or FleetConfig()
        self._messages = messages or Config()
        self._hooks = Hooks()
        self._max_in_flight = max_in_flight
        self._subscriptions: list[Subscription] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._due: list[BusMessage] = []
        self._log = PeerLog()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._ticked_at = self._loop.time()
        self._is_suspect = False
        self._served = serving(self._handlers, self._messages, Role.CSMS)
        names = self._handlers.actions | ({"*"} & self._handlers.names)
        for action in sorted(names):
            event, durable = (
                event_subject(action, "*", durable=is_durable) for is_durable in (False, True)
            )
            subscribed = await self._bus.subscribe(event, self._receive, group=self.group)
            consumed = await self._bus.consume(
                durable,
                self._receive_durable,
                group=self.group,
                max_in_flight=self._max_in_flight,
            )
            self._subscriptions += [subscribed, consumed]
        self._ticking = self._loop.create_task(self._tick())
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take nothing more, and let what was taken be answered, for `event_timeout` at most."""
        for subscription in self._subscriptions:
            subscription.close()
        self._serve_due()
        self._ticking.cancel()
        if self._tasks and exc_type is None:
            await asyncio.wait(tuple(self._tasks), timeout=self._config.event_timeout)
        left = {self._ticking, *self._tasks}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        self._log.close()

    def _receive(self, message: BusMessage) -> None:
        self._look_for_pause()
        if self._is_suspect:
            return  # FL-16: its gateway has given up, or will; the station repeats what matters
        if not self._due:
            self._loop.call_soon(self._serve_due)
        self._due.append(message)

    def _serve_due(self) -> None:
        """Serve what came together: a step for all, then the next, as in `ocpp_sansio.asyncio.turn`."""
        due, self._due = self._due, []
        if not due:
            return
        self._look_for_pause()
        if self._is_suspect:
            return  # FL-16: it has waited through a pause
        for opened in [(message, self._open_session(message)) for message in due]:
            pass_on(self._serve_opened, opened)

    def _serve_opened(self, opened: "tuple[BusMessage, tuple[EventSession, Told] | None]") -> None:
        message, event = opened
        if event is None:
            return
        if len(self._tasks) >= self._max_in_flight:
            self._reply(message, _OVERLOADED)
            return
        session, told = event
        session.begin(told, partial(self._reply, message))
        if not session.is_done:
            self._spawn(self._serve(session))

    async def _serve(self, session: "EventSession") -> None:
        with suppress(TimeoutError):
            async with session, asyncio.timeout(self._config.event_timeout):
                await session.wait_done()

    async def _receive_durable(self, message: DurableMessage) -> None:
        answers: list[bytes] = []
        event = self._open_session(message, is_redelivered=message.is_redelivered)
        if event:
            session, told = event
            session.begin(told, answers.append)
            if not session.is_done:
                async with session:
                    await session.wait_done()
        if not answers or _is_failure(answers[0]):
            raise RuntimeError("its handler failed")

    def _open_session(
        self, message: BusMessage | DurableMessage, *, is_redelivered: bool = False
    ) -> "tuple[EventSession, Told] | None":
        """Return the session of an event, and what it is to take; None for what cannot be read."""
        try:
            _, identity = read_event_subject(message.subject)
            told = read_told(message.data)
        except ValueError as error:
            text = "an event at %s cannot be read: %s"
            self._log.warning(self._loop.time(), text, message.subject, error)
            return None
        session = EventSession(
            Role.CSMS,
            sender=no_sender,
            handlers=self._handlers,
            hooks=self._hooks,
            config=self._served,
            identity=identity,
        )
        session.fleet, session.is_redelivered = self._fleet, is_redelivered or told.is_duplicate
        return session, told

    def _reply(self, message: BusMessage, answer: bytes) -> None:
        try:
            self._bus.reply(message, answer)
        except BusError as error:
            self._log.warning(self._loop.time(), "an answer did not go through: %s", error)
            if isinstance(error, PayloadTooLarge) and answer is not _TOO_LARGE:
                self._reply(message, _TOO_LARGE)

    # --- pauses -----------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        while True:
            self._look_for_pause()
            self._ticked_at = self._loop.time()
            await asyncio.sleep(self._config.stall / 4)

    def _look_for_pause(self) -> None:
        now = self._loop.time()
        if now - self._ticked_at > self._config.stall and not self._is_suspect:
            self._is_suspect = True
            self._spawn(self._pass_barrier())
        self._ticked_at = max(self._ticked_at, now - self._config.stall)

    async def _pass_barrier(self) -> None:
        while True:
            try:
                await self._bus.barrier(timeout=self._config.event_timeout)
            except (BusError, TimeoutError):
                await asyncio.sleep(self._config.stall / 4)
            else:
                self._is_suspect = False
                return

    def _spawn(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class EventSession(Session):
    """What a handler of a worker has as `call.session`, for this one message: it calls through the fleet.

    The worker `begin`s it; unless it `is_done` then, it enters it, waits until it is, and leaves it.
    """

    is_redelivered = False
    """Whether the message may have been served before, by this worker or another (FL-15)."""
    fleet: Fleet
    """What makes its calls."""
    _rest: Coroutine[Any, Any, None] | None

    def begin(self, told: Told, send: Callable[[bytes], None]) -> None:
        """Take the message; `send` gets its answer."""
        self._loop = asyncio.get_running_loop()
        self._now = self._loop.time
        self._frame_queue.use_sender(send, suspends=False)
        self._is_open = True
        self.watch_wire()
        self.connection.connected(told.version, now=self._now())
        self._rest = self._receive_now(told.frame)

    @property
    def is_done(self) -> bool:
        """Whether it is answered, and nothing runs any more."""
        return not (self._rest or self._running or self.connection.unanswered_calls)

    async def wait_done(self) -> None:
        """Wait for that."""
        rest, self._rest = self._rest, None
        if rest:
            await rest
        await self.wait_idle()
        while self._tasks:  # such as what runs after the answer
            await asyncio.wait(self._tasks)

    def _begin_call(self, *_: Any, **__: Any) -> NoReturn:
        raise LocalProtocolError("a worker's session passes nothing on")

    async def _complete(
        self, request: Any, payload: Any, timeout: float | None
    ) -> CallResultReceived | CallErrorReceived:
        if isinstance(request, ForeignCall):
            self._begin_call(request)
        identity = self.identity or ""
        return await self.fleet.complete(identity, request, payload, timeout=timeout)


def _is_failure(answer: bytes) -> bool:
    """Whether a handler has failed, rather than refused."""
    try:
        elements = read_json(answer)
    except UNREADABLE:
        return True
    return bool(elements[0] == 4 and elements[2] == ErrorCode.INTERNAL_ERROR.value)  # noqa: PLR2004
