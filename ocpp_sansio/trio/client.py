"""`connect` on trio. `ocpp_sansio.asyncio.connect` is the same on asyncio."""

import random
import ssl as tls
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import trio

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
from ocpp_sansio.trio.tasks import Background, NetSession, OnStation, drain
from ocpp_sansio.trio.wire import Stream, StreamWire
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

    On leaving, unanswered calls have `shutdown_timeout` seconds to be answered; then the CSMS has a second
    to hang up.

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
    async with session, Background() as nursery:
        connector = _Connector(session, settings, limits, reconnect, on_connected)
        nursery.start_soon(connector.run)
        try:
            await connector.wait_first_attempt()
            yield session
            await drain([session], shutdown_timeout, NetSession.close)
        finally:
            session.close()
            if connector.has_connection:
                with trio.move_on_after(GRACE):
                    await connector.done.wait()


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
        self.has_connection = False
        self.done = trio.Event()
        self._first_attempt = trio.Event()
        self._error: Exception | None = None
        self._session = session
        self._settings = settings
        self._limits = limits
        self._dialling = Dialling(settings.endpoints, reconnect, random.random)
        self._on_connected = on_connected

    async def wait_first_attempt(self) -> None:
        """Wait for the end of the first attempt; raise what it failed with if it was the last one too."""
        await self._first_attempt.wait()
        if self._error:
            raise self._error

    async def run(self) -> None:
        """Connect, again and again if there is a policy for it."""
        try:
            while not self._session._is_over:
                error = await self._attempt(self._dialling.endpoint)
                seconds = self._dialling.next_wait()
                if seconds is None:
                    self._error = error
                    return
                if self._dialling.is_endless:
                    self._first_attempt.set()
                with trio.move_on_after(self._session._pause_before(seconds)):
                    await self._session.wait_closed()
        finally:
            self._session._end()
            self._first_attempt.set()
            self.done.set()

    async def _attempt(self, endpoint: Endpoint) -> Exception | None:
        """Connect, and stay so as long as it lasts; return what it has failed with, if it has."""
        try:
            link, inlet = self._settings.new_link(endpoint, *self._session._settings)
            await self._run_connection(await self._open_stream(link), link, inlet, endpoint)
        except (OSError, trio.BrokenResourceError, HandshakeFailed) as error:
            text, now = "no connection to %s: %s", trio.current_time()
            self._session._log.warning(now, text, endpoint.address, error, to="net")
            return error
        return None

    async def _open_stream(self, link: StationWebSocket) -> Stream:
        context = self._settings.context_for(link)
        try:
            with trio.fail_after(link.settings.handshake_timeout):
                stream = await trio.open_tcp_stream(link.uri.host, link.uri.port)
                return await self._secure(stream, context, link.uri.host) if context else stream
        except trio.TooSlowError:
            raise TimeoutError("the transport took too long to open") from None

    async def _secure(
        self, stream: trio.SocketStream, context: tls.SSLContext, host: str
    ) -> trio.SSLStream[trio.SocketStream]:
        secured = trio.SSLStream(stream, context, server_hostname=host, https_compatible=True)
        try:
            await secured.do_handshake()
        except trio.BrokenResourceError as error:
            await trio.aclose_forcefully(stream)
            if isinstance(error.__cause__, OSError):
                raise error.__cause__ from None  # a TLS error, as on asyncio
            raise
        except BaseException:
            await trio.aclose_forcefully(stream)
            raise
        return secured

    async def _run_connection(
        self, stream: Stream, link: StationWebSocket, inlet: Inlet, endpoint: Endpoint
    ) -> None:
        wire = StreamWire(
            stream,
            link,
            inlet,
            self._limits,
            close_timeout=link.settings.close_timeout + GRACE,
            fair_lock=trio.Lock(),
        )
        self.has_connection = True
        try:
            async with Background() as nursery:
                nursery.start_soon(wire.keep_time)
                try:
                    await self._run_session(wire, nursery, endpoint)
                finally:
                    await wire.finish()
        except HandshakeFailed:
            raise
        except Exception as error:  # noqa: BLE001 - no reason to take the application down with it
            wire.fail(error)
        finally:
            self.has_connection = False

    async def _run_session(
        self, wire: StreamWire, nursery: trio.Nursery, endpoint: Endpoint
    ) -> None:
        version = await wire.shake_hands()
        if version is None:
            raise HandshakeFailed.of(wire.rejection)
        session, function = self._session, self._on_connected
        session._attach(wire, endpoint.url)
        greet = session._greeter(function) if function else None
        await session.connected(version)
        self._dialling.note(ResetOn.OPENED)
        session._log_opened("connected to %s", endpoint.address)
        self._first_attempt.set()
        with session._ahead_of_others():  # for the handlers, which are started in here
            await wire.converse(
                session,
                greet,
                nursery,
                is_last=False,
                delivered=partial(self._dialling.note, ResetOn.MESSAGE),
            )
        session._log_ended("disconnected from %s", endpoint.address)
