"""`connect` on asyncio. `ocpp_sansio.trio.connect` is the same on trio."""

import asyncio
import random
import ssl as tls
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

from websockets.uri import WebSocketURI

from ocpp_sansio.asyncio.tasks import NetSession, OnStation, drain, start_application_task, stop
from ocpp_sansio.asyncio.tls import TlsBridge
from ocpp_sansio.asyncio.wire import StreamWire
from ocpp_sansio.core import Backoff, Config, Redials, ResetOn, Role, Version
from ocpp_sansio.net import (
    GRACE,
    ClientSettings,
    HandshakeFailed,
    Limits,
)
from ocpp_sansio.session import Handlers, Hooks
from ocpp_sansio.websocket import StationWebSocket, WebSocketConfig

__all__ = ["connect"]

_DEFAULT_CONFIG = Config()
_DEFAULT_WEBSOCKET_CONFIG = WebSocketConfig()
_DEFAULT_LIMITS = Limits()


@asynccontextmanager
async def connect(
    url: str,
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
    config: Config = _DEFAULT_CONFIG,
    websocket: WebSocketConfig = _DEFAULT_WEBSOCKET_CONFIG,
    limits: Limits = _DEFAULT_LIMITS,
    shutdown_timeout: float = 5.0,
) -> AsyncIterator[NetSession]:
    """Connect a station to its CSMS, and give the session that talks to it.

    `url`, `identity`, `versions`, `password` and `headers` are those of `StationWebSocket`. `ssl` is the
    context for wss:// addresses (`ocpp_sansio.tls` makes good ones); without, the system's authorities
    are trusted.

    With `reconnect`, lost connections are made anew, by that policy and with the same session; it begins
    without one if the first attempt fails, and never gives up. Calls made meanwhile wait for the next
    connection, as do those that had not left when one was lost; with `wait_while_offline=False` they raise
    NotConnected and ConnectionLost. `on_connected` runs as a task for each connection, and is cancelled at
    its end.

    On leaving, unanswered calls have `shutdown_timeout` seconds to be answered; a second later the connection
    is closed in any case, and handlers that go on although cancelled are left to themselves.

    Raises ValueError for settings that can never connect; without `reconnect`, OSError (TLS errors and
    timeouts are some) or HandshakeFailed if the first attempt fails.
    """
    settings = ClientSettings(
        url=url,
        identity=identity,
        versions=tuple(versions) if not isinstance(versions, str) else versions,
        password=password,
        config=config,
        websocket=websocket,
        headers=headers or {},
        ssl=ssl,
    )
    settings.new_link()  # so that what cannot be is told at once
    session = NetSession(
        Role.STATION,
        identity=identity,
        handlers=handlers,
        hooks=hooks,
        config=config,
        waits_while_offline=wait_while_offline and reconnect is not None,
        max_log_records=limits.max_log_records,
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
    __slots__ = ("_backoff", "ready")

    def __init__(self, settings: ClientSettings, limits: Limits, backoff: Redials | None) -> None:
        super().__init__(*settings.new_link(), limits)
        self._backoff = backoff
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
        if self._backoff:
            self._backoff.note(ResetOn.MESSAGE)  # a sign that the CSMS means it
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
        self._backoff = Redials(reconnect, random.random) if reconnect else None
        self._on_connected = on_connected
        self._deadline: float | None = None

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def run(self) -> None:
        try:
            while not self._session.is_over:
                await self._attempt()
                if self._backoff is None:
                    return
                await self._pause(self._backoff.next_wait())
        finally:
            self._session.end()
            self._first_attempt_ended(None)

    def end_by(self, seconds: float) -> None:
        """Have all come to its end that many seconds from now, and a little; the first word counts."""
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + seconds + GRACE
            self._session.end_tasks_by(self._deadline)

    def _seconds_to_close(self) -> float:
        seconds = self._settings.websocket.close_timeout + GRACE
        if self._deadline is None:
            return seconds
        return min(seconds, max(self._deadline - asyncio.get_running_loop().time(), GRACE))

    async def _attempt(self) -> None:
        try:
            wire, version = await self._open()
        except (OSError, HandshakeFailed) as error:
            text, endpoint = "no connection to %s: %s", self._settings.endpoint
            self._session.peer_log.warning(self.now(), text, endpoint, error, to="net")
            self._first_attempt_ended(None if self._backoff else error)
        else:
            await self._run_connection(wire, version)

    async def _open(self) -> tuple[_StationWire, Version]:
        wire = _StationWire(self._settings, self._limits, self._backoff)
        link = cast("StationWebSocket", wire.link)
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
        timeout = self._settings.websocket.handshake_timeout
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

    async def _run_connection(self, wire: _StationWire, version: Version) -> None:
        session = self._session
        self.has_connection = True
        session.attach(wire)
        await session.connected(version)
        if self._backoff:
            self._backoff.note(ResetOn.OPENED)
        endpoint = self._settings.endpoint
        session.log_opened("connected to %s", endpoint)
        wire.deliver_to(session)
        on_connected = start_application_task(self._on_connected, session, wire)
        self._first_attempt_ended(None)
        try:
            await wire.over
            await session.disconnected()
        finally:
            await stop(on_connected, session)
            await wire.finish(self._seconds_to_close())
            self.has_connection = False
        session.log_ended("disconnected from %s", endpoint)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._session.wait_closed()
        except TimeoutError:
            return

    def _first_attempt_ended(self, error: Exception | None) -> None:
        _settle(self.first_attempt, error)
