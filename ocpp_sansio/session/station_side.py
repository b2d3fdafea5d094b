"""`StationSide`: what a session does for a `Station` beside talking: it has things stored, and tells of them.

Storing goes on in a thread of its own, in order, and outlives connections; so does the telling. A session
whose connection is no `Station` has none of this, and loads none of it.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from inspect import isawaitable
from typing import Any, TypeVar

from ocpp_sansio.core import LocalProtocolError, Payload, from_json, quote, read_json
from ocpp_sansio.registration import Registration
from ocpp_sansio.session.handlers import DeliveryHandler
from ocpp_sansio.session.outcomes import ConnectionLost, NotConnected
from ocpp_sansio.session.storing import Storing
from ocpp_sansio.session.waiting import Waiter, notify_all
from ocpp_sansio.station import (
    ClockIgnored,
    Deauthorized,
    Delivered,
    GivenUp,
    KeyChanged,
    MeterFailed,
    OutboxLow,
    Record,
    Registered,
    RemoteStart,
    RemoteStop,
    Station,
    StoreDamaged,
    StoreFailed,
    StoreRequest,
    Triggered,
    VersionHeld,
)

__all__ = ["StationSide"]

ResultT = TypeVar("ResultT")

PING_INTERVAL = "WebSocketPingInterval"
"""The configuration key that is about the connection."""

MAX_UNTOLD = 4096
"""Events that wait for a coroutine function which is told of them one after the other."""


class StationSide:
    """The storing and the telling of one session."""

    def __init__(self, session: Any, station: Station, store: Storing | None) -> None:
        self._session = session
        self._station = station
        self._store = store
        # A store in memory needs no thread; without a store nothing outlives the process.
        self._blocks = store is not None and getattr(store, "blocks", True)
        self._asked: list[StoreRequest] = []
        self._idle_worker: Waiter | None = None
        self._waiting_stored: list[tuple[int, Waiter]] = []
        self._waiting_registered: list[Waiter] = []
        self._waiting_delivered: list[Waiter] = []
        self._tellers: dict[Callable[..., object], _Teller] = {}
        self._is_leaving = False
        self._is_over = False

    def start(self) -> None:
        """Begin to store, and go by what the station's configuration says about the connection."""
        configuration = getattr(self._station, "configuration", None)
        if configuration and PING_INTERVAL in configuration:
            self._session._change_ping_interval(configuration.integer(PING_INTERVAL))
        if self._blocks:
            self._session._start_worker(self._work)

    def leave(self) -> None:
        """Store what there is to be stored, and then end; nobody waits for a registration any more."""
        self._is_leaving = True
        self.end()
        self._station.flush_store(now=self._session._now())
        self._session._settle()
        self._wake_worker()

    def end(self) -> None:
        """Note that there will be no other connection."""
        self._is_over = True
        notify_all(self._waiting_registered)
        notify_all(self._waiting_delivered)

    def tell_heard(self) -> None:
        """Tell the station when anything came last, a pong included: its timeouts may go by that (T-14)."""
        heard = self._session.last_heard
        if heard is not None and self._session.is_connected:
            self._station.heard(now=heard)

    # --- for the application --------------------------------------------------------------------------

    async def post(self, request: Any, payload: Any, **options: Any) -> Record:
        """See `SessionBase.post`."""
        record = self.act(self._station.post, request, payload, **options)
        await self.stored()
        return record

    def act(self, action: Callable[..., ResultT], /, *arguments: Any, **options: Any) -> ResultT:
        """See `SessionBase.act`."""
        session = self._session
        try:
            return action(*arguments, now=session._now(), **options)
        finally:
            session._settle()
            session._frame_queue.flush_soon()

    async def stored(self) -> None:
        """See `SessionBase.stored`."""
        token = self._station.last_token
        if self._station.settled_token < token:
            waiter: Waiter = self._session._new_waiter()
            self._waiting_stored.append((token, waiter))
            await waiter.wait()

    async def registered(self) -> None:
        """See `SessionBase.registered`."""
        while self._station.registration is not Registration.ACCEPTED:
            if self._is_over:
                raise NotConnected("the boot was not accepted, and there will be no connection")
            await self._session._wait_on(self._waiting_registered)

    async def delivered(self) -> None:
        """See `SessionBase.delivered`."""
        while self._station.queued_messages():
            if self._is_over:
                raise NotConnected("messages are left, and there will be no connection")
            await self._session._wait_on(self._waiting_delivered)

    # --- storing ----------------------------------------------------------------------------------------

    def settle(self) -> bool:
        """Have stored what is to be stored; return whether it is, already, so that more has happened."""
        requests = self._station.store_requests()
        if requests and not self._blocks:
            try:
                token = self._apply(requests)
            except Exception as error:  # noqa: BLE001 - see `_note_failure`
                self._note_failure(requests, error)
            else:
                self._station.stored(token, now=self._session._now())
            return True
        if requests:
            self._asked += requests
            self._wake_worker()
        self._tell_stored()
        return False

    async def _work(self) -> None:
        """Pass requests on to the store, all that have come together as one commit (D-4)."""
        while self._asked or not self._is_leaving:
            if not self._asked:
                idle: Waiter = self._session._new_waiter()
                self._idle_worker = idle
                await idle.wait()
                continue
            requests, self._asked = self._asked, []
            try:
                token = await self._session._in_thread(self._apply, requests)
            except Exception as error:  # noqa: BLE001 - see `_note_failure`
                self._note_failure(requests, error)
            else:
                self._station.stored(token, now=self._session._now())
            self._session._settle()
            self._session._frame_queue.flush_soon()

    def _apply(self, requests: Sequence[StoreRequest]) -> int:
        return self._store.apply(requests) if self._store else requests[-1].token

    def _note_failure(self, requests: Sequence[StoreRequest], error: Exception) -> None:
        """Go on without the store, whatever it has raised: the protocol is not to suffer (D-9)."""
        self._station.store_failed(requests[-1].token, error, now=self._session._now())

    def _wake_worker(self) -> None:
        if self._idle_worker:
            self._idle_worker.resolve(None)

    def _tell_stored(self) -> None:
        if self._waiting_delivered and not self._station.queued_messages():
            notify_all(self._waiting_delivered)
        settled = self._station.settled_token
        while self._waiting_stored and self._waiting_stored[0][0] <= settled:
            self._waiting_stored.pop(0)[1].resolve(None)

    # --- telling ----------------------------------------------------------------------------------------

    def take(self, event: Any) -> None:
        """Tell the application of an event of the station's, and the log of one that is not good."""
        handlers = self._session.handlers
        told = handlers.find_when(type(event))
        self._log(event, is_told=bool(told))
        if isinstance(event, Registered):
            notify_all(self._waiting_registered)
            if self._station.silent_until is not None:
                self._session._hang_up()  # B-33
        if isinstance(event, KeyChanged) and event.key == PING_INTERVAL:  # C-10
            self._session._change_ping_interval(int(event.value))
        if isinstance(event, Delivered):
            record = event.record
            for handler in handlers.find_delivered(record.version, record.action):
                self._tell_delivered(handler, event)
        for function, takes_session in told:
            arguments = (event, self._session) if takes_session else (event,)
            self._tell(function, *arguments)

    def _tell_delivered(self, handler: DeliveryHandler, event: Delivered) -> None:
        record = event.record
        request: Any
        try:
            if handler.kind is None:
                request = read_json(record.body)
            else:
                request = from_json(handler.kind, record.body, config=self._station.config)
        except LocalProtocolError:
            request = None
        if request is None or (handler.kind and not isinstance(event.payload, Payload)):
            text = "%s was delivered, and its answer is none: the handler for it was not told"
            self._session._log.warning(self._session._now(), text, quote(record.action))
            return
        arguments = (request, event.payload, record)[: handler.accepts]
        self._tell(handler.function, *arguments)

    def _tell(self, function: Callable[..., object], *arguments: object) -> None:
        try:
            result = function(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the application's
            self._session._complain("what was told of a station's event failed", exc_info=error)
            return
        if isawaitable(result):
            teller = self._tellers.setdefault(function, _Teller(self._session))
            teller.put(result)

    def _log(self, event: Any, *, is_told: bool) -> None:
        log, now = self._session._log, self._session._now()
        match event:
            case StoreFailed(error):
                text = "the store could not write, and messages go out all the same: %s"
                log.error(now, text, error)
            case StoreDamaged(kept_as, reason):
                text = (
                    "what was stored could not be read and is kept as %s, a new store is begun: %s"
                )
                log.error(now, text, quote(kept_as), reason)
            case GivenUp(record, why):
                log.warning(now, "%s was given up: %s", quote(record.action), why.value)
            case OutboxLow(messages, size):
                text = "the queue is nearly full: %s messages and %s bytes are free"
                log.warning(now, text, messages, size)
            case VersionHeld(version, messages):
                text = "%s messages wait for a connection of version %s"
                log.warning(now, text, messages, version.value)
            case MeterFailed(connector, error):
                log.warning(
                    now, "the meter of connector %s could not be read: %s", connector, error
                )
            case RemoteStart() | RemoteStop() | Triggered() if not is_told:
                text = "the CSMS was told Accepted, and no handler is told: Handlers.when(%s)"
                log.error(now, text, type(event).__name__)
            case ClockIgnored(source):
                log.warning(now, "the time that %s named cannot be, and is ignored", quote(source))
            case Deauthorized(transaction, status) if not is_told:
                text = "the CSMS says %s of who charges in %s, and no handler is told of that"
                log.warning(now, text, quote(status), quote(transaction))


class _Teller:
    """Awaits what a function returned, one after the other: whoever is told is told in order."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._waiting: deque[Awaitable[object]] = deque()
        self._is_running = False

    def put(self, job: Awaitable[object]) -> None:
        if len(self._waiting) >= MAX_UNTOLD:
            error = RuntimeError(f"{MAX_UNTOLD} events wait already")
            self._session._complain("an event of the station's could not be told", exc_info=error)
            _drop(job)
            return
        self._waiting.append(job)
        if not self._is_running:
            self._is_running = True
            self._session._start_for_life(self._run)

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._await(self._waiting.popleft())
        finally:
            self._is_running = False
            while self._waiting:
                _drop(self._waiting.popleft())

    async def _await(self, job: Awaitable[object]) -> None:
        try:
            await job
        except (ConnectionLost, NotConnected):
            return  # the usual end
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the application's
            self._session._complain("what was told of a station's event failed", exc_info=error)


def _drop(job: Awaitable[object]) -> None:
    close = getattr(job, "close", None)
    if close:
        close()  # else Python would warn of a coroutine that nobody has awaited
