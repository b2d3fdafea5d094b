"""`connect` on asyncio. `ocpp_sansio.trio.connect` is the same on trio."""

import asyncio
import random
import ssl as tls
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from websockets.uri import WebSocketURI

from ocpp_sansio.asyncio.tasks import NetSession, OnStation, drain, start_application_task, stop
from ocpp_sansio.asyncio.tls import TlsBridge
from ocpp_sansio.asyncio.wire import StreamWire
from ocpp_sansio.core import Backoff, Config, ResetOn, Role, Version
from ocpp_sansio.net import (
    GRACE,
    ClientSettings,
    Dialling,
    Endpoint,
    HandshakeFailed,
    Limits,
    Url,
    endpoints_of,
)
from ocpp_sansio.session import Handlers, Hooks, Storing
from ocpp_sansio.websocket import Inlet, StationWebSocket, WebSocketConfig

if TYPE_CHECKING:
    from ocpp_sansio.recording import Record
    from ocpp_sansio.station import Station

__all__ = ["connect"]

_DEFAULT_CONFIG = Config()
_DEFAULT_WEBSOCKET_CONFIG = WebSocketConfig()
_DEFAULT_LIMITS = Limits()


@asynccontextmanager
async def connect(
    url: Url,
    *,
    identity: str,
    versions: Iterable[Version | str],
    handlers: Handlers | Mapping[Any, Callable[..., Any]] | None = None,
    hooks: Hooks | None = None,
    password: bytes | str | None = None,
    ssl: tls.SSLContext | None = None,
    reconnect: Backoff | None = None,
    wait_while_offline: bool = True,
    on_connected: OnStation | None = None,
    headers: Mapping[str, str] | None = None,
    append_identity: bool | None = None,
    config: Config = _DEFAULT_CONFIG,
    websocket: WebSocketConfig = _DEFAULT_WEBSOCKET_CONFIG,
    limits: Limits = _DEFAULT_LIMITS,
    record: "Record | None" = None,
    station: "Station | None" = None,
    store: Storing | None = None,
    shutdown_timeout: float = 5.0,
) -> AsyncIterator[NetSession]:
    """Connect a station to its CSMS, and give the session that talks to it.

    `url`, `identity`, `versions`, `password`, `headers` and `append_identity` are those of
    `StationWebSocket`. `ssl` is the context for wss:// addresses (`ocpp_sansio.tls` makes good ones);
    without, the system's authorities are trusted. Redirects are not followed.

    `url` may be a list of addresses, URLs or `Endpoint`s, in order of priority: each is dialled as often as
    its `attempts` say, then the next, round and round, and after a loss the one that has worked (R-5).
    `session.url` is the one that we are connected to.

    With `reconnect`, lost connections are made anew, by that policy and with the same session; it begins
    without one if the first attempt fails, and never gives up. Without, each address is dialled once. Calls
    made meanwhile wait for the next connection, as do those that had not left when one was lost; with
    `wait_while_offline=False` they raise NotConnected and ConnectionLost.

    `on_connected(session)` runs as a task for each connection, and is cancelled at its end. Until it returns,
    all calls wait but its own, those of tasks that it starts, and those of handlers; then they leave in the
    order in which they were made. One that goes on as long as the connection lets them go with
    `session.release_calls()`. If it raises, that is logged, the connection is closed with 1011, and with
    `reconnect` made anew: the calls go on waiting.

    `record` records the session, over all its connections: in a folder, a file, a function or `Recordings`.

    `station` is a `Station` of yours: it boots, beats, and keeps in `store` what `session.post` is given;
    a `SqliteStore` works in a thread of its own. It has its own `config`. What is not delivered
    stays in the store when the block is left; without a store it is lost then.

    On leaving, unanswered calls have `shutdown_timeout` seconds to be answered; a second later the connection
    is closed in any case, and handlers that go on although cancelled are left to themselves.

    Raises ValueError for settings that can never connect; without `reconnect`, OSError (TLS errors and
    timeouts are some) or HandshakeFailed if the first attempt, at each address, fails.
    """
    if station is not None and config is not _DEFAULT_CONFIG:
        raise ValueError("station= has a Config of its own: it goes without config=")
    settings = ClientSettings(
        endpoints=endpoints_of(url),
        identity=identity,
        versions=tuple(versions) if not isinstance(versions, str) else versions,
        password=password,
        config=station.config if station else config,
        websocket=websocket,
        headers=headers or {},
        ssl=ssl,
        append_identity=append_identity,
    )
    settings.check()
    session = NetSession(
        Role.STATION,
        identity=identity,
        handlers=handlers,
        hooks=hooks,
        config=None if station else config,
        connection=station,
        store=store,
        waits_while_offline=wait_while_offline and reconnect is not None,
        max_log_records=limits.max_log_records,
        websocket=websocket,
        record=record,
    )
    async with session:
        connector = _Connector(session, settings, limits, reconnect, on_connected)
        task = asyncio.create_task(connector.run())
        try:
            await asyncio.shield(connector.first_attempt)
            yield session
            connector.end_by(shutdown_timeout)
            await drain([session], shutdown_timeout, NetSession.close)
        finally:
            connector.end_by(0.0)
            session.close()
            if not connector.has_connection:
                task.cancel()
            await asyncio.wait([task])


class _StationWire(StreamWire):
    __slots__ = ("_dialling", "_is_heard", "ready")

    def __init__(
        self, link: StationWebSocket, inlet: Inlet, limits: Limits, dialling: Dialling
    ) -> None:
        super().__init__(link, inlet, limits)
        self._dialling = dialling
        self._is_heard = False
        self.ready: asyncio.Future[Version | None] = self._loop.create_future()
        """Done when the handshake is: with what was agreed on, or None."""
        self.over.add_done_callback(self._settle_ready)

    def opened(self, version: Version) -> None:
        if not self.ready.done():  # it is, if who waited has been cancelled
            self.ready.set_result(version)

    def _settle_ready(self, _: object) -> None:
        if not self.ready.done():
            self.ready.set_result(None)

    def _pass_on(self, message: bytes | bytearray, session: NetSession) -> None:
        if not self._is_heard:
            self._is_heard = True
            self._dialling.note(ResetOn.MESSAGE)  # a sign that the CSMS means it
        if session._greeting is None:
            super()._pass_on(message, session)
            return
        with session._ahead_of_others():
            super()._pass_on(message, session)


def _settle(future: asyncio.Future[None], error: Exception | None) -> None:
    if future.done():  # it is, if whoever waited has been cancelled
        return
    if error:
        future.set_exception(error)
    else:
        future.set_result(None)


class _Connector:
    """Makes the connections of one session, one after the other."""

    def __init__(
        self,
        session: NetSession,
        settings: ClientSettings,
        limits: Limits,
        reconnect: Backoff | None,
        on_connected: OnStation | None,
    ) -> None:
        self.first_attempt: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done after the first attempt; it has the exception if that was the last one too."""
        self.has_connection = False
        self._session = session
        self._settings = settings
        self._limits = limits
        self._dialling = Dialling(settings.endpoints, reconnect, random.random)
        self._on_connected = on_connected
        self._deadline: float | None = None

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def run(self) -> None:
        try:
            while not self._session._is_over:
                error = await self._attempt(self._dialling.endpoint)
                seconds = self._dialling.next_wait()
                if seconds is None or self._dialling.is_endless:
                    self._first_attempt_ended(error if seconds is None else None)
                if seconds is None:
                    return
                await self._pause(self._session._pause_before(seconds))
        finally:
            self._session._end()
            self._first_attempt_ended(None)

    def end_by(self, seconds: float) -> None:
        """Have all come to its end that many seconds from now, and a little; the first word counts."""
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + seconds + GRACE
            self._session._end_tasks_by(self._deadline)

    def _seconds_to_close(self, wire: _StationWire) -> float:
        seconds = wire.link.settings.close_timeout + GRACE
        if self._deadline is None:
            return seconds
        return min(seconds, max(self._deadline - asyncio.get_running_loop().time(), GRACE))

    async def _attempt(self, endpoint: Endpoint) -> Exception | None:
        """Connect, and stay so as long as it lasts; return what it has failed with, if it has."""
        try:
            wire, version = await self._open(endpoint)
        except (OSError, HandshakeFailed) as error:
            text = "no connection to %s: %s"
            self._session._log.warning(self.now(), text, endpoint.address, error, to="net")
            return error
        await self._run_connection(wire, version, endpoint)
        return None

    async def _open(self, endpoint: Endpoint) -> tuple[_StationWire, Version]:
        link, inlet = self._settings.new_link(endpoint, *self._session._settings)
        wire = _StationWire(link, inlet, self._limits, self._dialling)
        context = self._settings.context_for(link)
        try:
            await self._open_transport(wire, link.uri, context)
            version = await wire.ready
        except BaseException:
            wire.abort()
            raise
        if version is None:
            wire.abort()
            raise HandshakeFailed.of(wire.rejection)
        return wire, version

    async def _open_transport(
        self, wire: _StationWire, uri: WebSocketURI, context: tls.SSLContext | None
    ) -> None:
        """Return when TCP, and TLS if there is a context, is established; raise OSError if it cannot be."""
        loop = asyncio.get_running_loop()
        timeout = wire.link.settings.handshake_timeout
        if context is None:
            async with asyncio.timeout(timeout):
                await loop.create_connection(lambda: wire, uri.host, uri.port)
            return
        secured: asyncio.Future[None] = loop.create_future()
        bridge = TlsBridge(
            wire,
            context,
            server_side=False,
            handshake_timeout=timeout,
            on_end=partial(_settle, secured),
            server_hostname=uri.host,
        )
        async with asyncio.timeout(timeout):
            await loop.create_connection(lambda: bridge, uri.host, uri.port)
            await secured

    async def _run_connection(
        self, wire: _StationWire, version: Version, endpoint: Endpoint
    ) -> None:
        session, function = self._session, self._on_connected
        self.has_connection = True
        session._attach(wire, endpoint.url)
        greet = session._greeter(function) if function else None
        await session.connected(version)
        self._dialling.note(ResetOn.OPENED)
        session._log_opened("connected to %s", endpoint.address)
        wire.deliver_to(session)
        greeting = start_application_task(greet, session, wire)
        self._first_attempt_ended(None)
        try:
            await wire.over
            await session.disconnected()
        finally:
            await stop(greeting, session)
            await wire.finish(self._seconds_to_close(wire))
            self.has_connection = False
        session._log_ended("disconnected from %s", endpoint.address)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._session.wait_closed()
        except TimeoutError:
            return

    def _first_attempt_ended(self, error: Exception | None) -> None:
        _settle(self.first_attempt, error)
