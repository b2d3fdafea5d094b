"""`connect` on trio. `ocpp_sansio.asyncio.connect` is the same on asyncio."""

import random
import ssl as tls
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import trio

from ocpp_sansio.core import Backoff, Config, Redials, ResetOn, Role, Version
from ocpp_sansio.net import (
    GRACE,
    ClientSettings,
    HandshakeFailed,
    Limits,
)
from ocpp_sansio.session import Handlers, Hooks
from ocpp_sansio.trio.tasks import Background, NetSession, OnStation, drain
from ocpp_sansio.trio.wire import Stream, StreamWire
from ocpp_sansio.websocket import WebSocketConfig

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

    On leaving, unanswered calls have `shutdown_timeout` seconds to be answered; then the CSMS has a second
    to hang up.

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
        self._backoff = Redials(reconnect, random.random) if reconnect else None
        self._on_connected = on_connected

    async def wait_first_attempt(self) -> None:
        """Wait for the end of the first attempt; raise what it failed with if it was the last one too."""
        await self._first_attempt.wait()
        if self._error:
            raise self._error

    async def run(self) -> None:
        """Connect, again and again if there is a policy for it."""
        try:
            while not self._session.is_over:
                await self._attempt()
                if self._backoff is None:
                    return
                with trio.move_on_after(self._backoff.next_wait()):
                    await self._session.wait_closed()
        finally:
            self._session.end()
            self._first_attempt.set()
            self.done.set()

    async def _attempt(self) -> None:
        try:
            await self._run_connection(await self._open_stream())
        except (OSError, trio.BrokenResourceError, HandshakeFailed) as error:
            text, endpoint = "no connection to %s: %s", self._settings.endpoint
            now = trio.current_time()
            self._session.peer_log.warning(now, text, endpoint, error, to="net")
            if not self._backoff:
                self._error = error
        self._first_attempt.set()

    async def _open_stream(self) -> Stream:
        link, _ = self._settings.new_link()
        context = self._settings.context_for(link)
        try:
            with trio.fail_after(self._settings.websocket.handshake_timeout):
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

    async def _run_connection(self, stream: Stream) -> None:
        wire = StreamWire(
            stream,
            *self._settings.new_link(),
            self._limits,
            close_timeout=self._settings.websocket.close_timeout + GRACE,
            fair_lock=trio.Lock(),
        )
        self.has_connection = True
        try:
            async with Background() as nursery:
                nursery.start_soon(wire.keep_time)
                try:
                    await self._run_session(wire, nursery)
                finally:
                    await wire.finish()
        except HandshakeFailed:
            raise
        except Exception as error:  # noqa: BLE001 - no reason to take the application down with it
            wire.fail(error)
        finally:
            self.has_connection = False

    async def _run_session(self, wire: StreamWire, nursery: trio.Nursery) -> None:
        version = await wire.shake_hands()
        if version is None:
            raise HandshakeFailed.of(wire.rejection)
        session = self._session
        session.attach(wire)
        await session.connected(version)
        self._note(ResetOn.OPENED)
        endpoint = self._settings.endpoint
        session.log_opened("connected to %s", endpoint)
        self._first_attempt.set()
        await wire.converse(
            session,
            self._on_connected,
            nursery,
            is_last=False,
            delivered=(lambda: self._note(ResetOn.MESSAGE)) if self._backoff else None,
        )
        session.log_ended("disconnected from %s", endpoint)

    def _note(self, what: ResetOn) -> None:
        if self._backoff:
            self._backoff.note(what)
