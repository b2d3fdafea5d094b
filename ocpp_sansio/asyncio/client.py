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
from ocpp_sansio.core import Config, Role, Version
from ocpp_sansio.net import GRACE, Backoff, Dial, HandshakeFailed, Limits, Redials, ResetOn
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
    dial = Dial(
        url=url,
        identity=identity,
        versions=tuple(versions) if not isinstance(versions, str) else versions,
        password=password,
        config=config,
        websocket=websocket,
        headers=headers or {},
        ssl=ssl,
    )
    dial.new_link()  # so that what cannot be is told at once
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
        dialler = _Dialler(session, dial, limits, reconnect, on_connected)
        task = asyncio.create_task(dialler.run())
        try:
            await asyncio.shield(dialler.first)
            yield session
            dialler.leave_by(shutdown_timeout)
            await drain([session], shutdown_timeout, NetSession.close)
        finally:
            dialler.leave_by(0.0)
            session.close()
            if not dialler.is_in_use:
                task.cancel()
            await asyncio.wait([task])


class _StationWire(StreamWire):
    __slots__ = ("_redials", "ready")

    def __init__(self, dial: Dial, limits: Limits, redials: Redials | None) -> None:
        super().__init__(*dial.new_link(), limits)
        self._redials = redials
        self.ready: asyncio.Future[Version | None] = self._loop.create_future()
        """Done when the handshake is: with what was agreed on, or None."""
        self.over.add_done_callback(self._settle_ready)

    def opened(self, version: Version) -> None:
        if not self.ready.done():  # it is, if whoever dialled has been cancelled
            self.ready.set_result(version)

    def _settle_ready(self, _: object) -> None:
        if not self.ready.done():
            self.ready.set_result(None)

    def _pass_on(self, message: bytes | bytearray, session: NetSession) -> None:
        if self._redials:
            self._redials.note(ResetOn.MESSAGE)  # a sign that the CSMS means it
        super()._pass_on(message, session)


def _settle(future: asyncio.Future[None], error: Exception | None) -> None:
    if future.done():  # it is, if whoever waited has been cancelled
        return
    if error:
        future.set_exception(error)
    else:
        future.set_result(None)


class _Dialler:
    """Makes the connections of one session, one after the other."""

    def __init__(
        self,
        session: NetSession,
        dial: Dial,
        limits: Limits,
        policy: Backoff | None,
        on_connected: OnStation | None,
    ) -> None:
        self.first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done after the first attempt; it has the exception if that was the last one too."""
        self.is_in_use = False
        self._session = session
        self._dial = dial
        self._limits = limits
        self._redials = Redials(policy, random.random) if policy else None
        self._on_connected = on_connected
        self._leaving_by: float | None = None

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def run(self) -> None:
        try:
            while not self._session.is_over:
                await self._attempt()
                if self._redials is None:
                    return
                await self._pause(self._redials.next_wait())
        finally:
            self._session.end()
            self._note_first(None)

    def leave_by(self, seconds: float) -> None:
        """Have all come to its end that many seconds from now, and a little; the first word counts."""
        if self._leaving_by is None:
            self._leaving_by = asyncio.get_running_loop().time() + seconds + GRACE
            self._session.end_tasks_by(self._leaving_by)

    def _seconds_to_close(self) -> float:
        seconds = self._dial.websocket.close_timeout + GRACE
        if self._leaving_by is None:
            return seconds
        return min(seconds, max(self._leaving_by - asyncio.get_running_loop().time(), GRACE))

    async def _attempt(self) -> None:
        try:
            wire, version = await self._open()
        except (OSError, HandshakeFailed) as error:
            text, endpoint = "no connection to %s: %s", self._dial.endpoint
            self._session.peer_log.warning(self.now(), text, endpoint, error)
            self._note_first(None if self._redials else error)
        else:
            await self._use(wire, version)

    async def _open(self) -> tuple[_StationWire, Version]:
        wire = _StationWire(self._dial, self._limits, self._redials)
        link = cast("StationWebSocket", wire.link)
        context = self._dial.context_for(link)
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
        timeout = self._dial.websocket.handshake_timeout
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

    async def _use(self, wire: _StationWire, version: Version) -> None:
        session = self._session
        self.is_in_use = True
        session.attach(wire)
        await session.connected(version)
        if self._redials:
            self._redials.note(ResetOn.OPENED)
        now, endpoint, about = self.now(), self._dial.endpoint, {"version": version.value}
        session.peer_log.info(now, "connected to %s, %s", endpoint, version.value, **about)
        wire.deliver_to(session)
        task = start_application_task(self._on_connected, session, wire)
        self._note_first(None)
        try:
            await wire.over
            await session.disconnected()
        finally:
            await stop(task, session)
            await wire.finish(self._seconds_to_close())
            self.is_in_use = False
        session.peer_log.info(self.now(), "disconnected from %s", self._dial.endpoint)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._session.wait_closed()
        except TimeoutError:
            return

    def _note_first(self, error: Exception | None) -> None:
        _settle(self.first, error)
