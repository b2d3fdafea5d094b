"""`serve` on asyncio. `_trio_serve` has the same."""

import asyncio
import logging
import ssl as tls
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from inspect import isawaitable
from typing import Any, cast

from ocpp_sansio._asyncio_wire import NetSession, OnStation, StreamWire, drain, run_guest, stop
from ocpp_sansio._desk import ReceptionDesk
from ocpp_sansio._websocket_link import GOING_AWAY
from ocpp_sansio._wired import LinkSettings
from ocpp_sansio.config import Config
from ocpp_sansio.handlers import Handlers
from ocpp_sansio.hooks import Hooks
from ocpp_sansio.net import Authenticate, ConnectionRequest, Duplicates, Limits
from ocpp_sansio.versions import Version
from ocpp_sansio.websocket import (
    CsmsWebSocket,
    HandshakeReceived,
    NoCommonVersion,
    WebSocketConfig,
)

__all__ = ["Server", "serve"]

logger = logging.getLogger("ocpp_sansio")

_DEFAULT_CONFIG = Config()
_DEFAULT_WEBSOCKET_CONFIG = WebSocketConfig()
_DEFAULT_LIMITS = Limits()


@asynccontextmanager
async def serve(
    on_station: OnStation | None,
    host: str | None,
    port: int,
    *,
    versions: Iterable[Version | str],
    handlers: Handlers | Mapping[Any, Callable[..., Any]] | None = None,
    hooks: Hooks | None = None,
    authenticate: Authenticate | None = None,
    ssl: tls.SSLContext | None = None,
    duplicates: Duplicates = Duplicates.REPLACE,
    aliases: Mapping[str, Version] | None = None,
    no_common_version: NoCommonVersion = NoCommonVersion.REFUSE,
    check_username: bool = True,
    config: Config = _DEFAULT_CONFIG,
    websocket: WebSocketConfig = _DEFAULT_WEBSOCKET_CONFIG,
    limits: Limits = _DEFAULT_LIMITS,
    shutdown_timeout: float = 5.0,
) -> AsyncIterator["Server"]:
    """Serve stations: a CSMS on `host` and `port` (0: any free one), until the block is left.

    `on_station(session)` runs as a task for each connection, and is cancelled at its end; None if the
    handlers are all there is. An exception of it is logged and closes the connection.

    `authenticate` decides who comes in, on a `ConnectionRequest`; without it, everybody does. `duplicates`
    says what becomes of a second connection of one identity (C-11). `versions`, `aliases`,
    `no_common_version` and `check_username` are those of `CsmsWebSocket`. `ssl` secures it
    (`ocpp_sansio.tls` makes good contexts).

    On leaving, nobody new comes in, and unanswered calls have `shutdown_timeout` seconds to be answered;
    after an exception they have not.

    Raises ValueError or TypeError for settings that cannot be, OSError if the port cannot be had.
    """
    settings = LinkSettings(
        versions=tuple(versions) if not isinstance(versions, str) else versions,
        config=config,
        websocket=websocket,
        aliases=aliases or {},
        no_common_version=no_common_version,
        check_username=check_username,
    )
    server = Server(
        settings,
        on_station=on_station,
        handlers=handlers,
        hooks=hooks,
        authenticate=authenticate,
        duplicates=duplicates,
        limits=limits,
        ssl=ssl,
    )
    await server.listen(host, port)
    try:
        yield server
    except BaseException:
        await server.close(0.0)
        raise
    await server.close(shutdown_timeout)


class Server(ReceptionDesk["_CsmsWire", NetSession]):
    """What `serve` gives: who is there, and where they find us."""

    _listener: asyncio.Server

    def __init__(self, settings: LinkSettings, **options: Any) -> None:
        super().__init__(settings, **options)
        self._securing: set[asyncio.Task[None]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    # The rest is not for the application.

    async def listen(self, host: str | None, port: int) -> None:
        """Begin."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._new_protocol, host, port)
        names = (listening.getsockname() for listening in self._listener.sockets)
        self.addresses = tuple((name[0], name[1]) for name in names)

    async def close(self, grace: float) -> None:
        """End everything; calls have `grace` seconds to be answered."""
        self._listener.close()
        for task in self._securing:
            task.cancel()
        if grace:
            await drain(list(self.sessions.values()), grace)
        for wire in tuple(self._wires):
            wire.close(GOING_AWAY, "the server is closing")
        await asyncio.gather(*(wire.finish(self.close_timeout) for wire in tuple(self._wires)))
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    def spawn(self, task: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a task that `close` waits for."""
        started = asyncio.get_running_loop().create_task(task)
        self._tasks.add(started)
        started.add_done_callback(self._tasks.discard)
        return started

    def secure(self, task: Coroutine[Any, Any, None]) -> None:
        """Start a task that `close` cancels."""
        started = self.spawn(task)
        self._securing.add(started)
        started.add_done_callback(self._securing.discard)

    async def host(self, wire: "_CsmsWire", version: Version) -> None:
        """See a session through, from its connection to its end."""
        async with NetSession(**self.session_settings(wire)) as session:
            session.attach(wire)
            await session.connected(version)
            self.note_connected(session)
            wire.deliver_to(session)
            guest = run_guest(self._on_station, session, wire)
            await wire.over
            session.end()
            self.note_disconnected(session)
            await session.disconnected()
            await stop(guest)
        await wire.finish(self.close_timeout)

    def _new_protocol(self) -> asyncio.Protocol:
        return _Gate(self, self._ssl) if self._ssl else _CsmsWire(self)


class _Gate(asyncio.Protocol):
    """Admits a TCP connection, and has TLS begin on it."""

    def __init__(self, server: Server, context: tls.SSLContext) -> None:
        self._server = server
        self._context = context
        self._early = b""
        self._is_lost = False

    def data_received(self, data: bytes) -> None:
        # TLS has not begun, on loops that read all the same; or it is through, and our task not told yet.
        self._early += data

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - it is lost, why ever
        self._is_lost = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        tcp = cast("asyncio.Transport", transport)
        if not self._server.admit(self):
            tcp.abort()
            return
        tcp.pause_reading()  # what comes is for TLS to read
        self._server.secure(self._secure(tcp))

    async def _secure(self, tcp: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        starting = loop.start_tls(
            tcp,
            self,
            self._context,
            server_side=True,
            ssl_handshake_timeout=self._server.handshake_timeout,
            ssl_shutdown_timeout=self._server.close_timeout,
        )
        # Not `create_task`, whose tasks may begin at once: `_hand_back` counts on their beginning later.
        securing = asyncio.Task(starting, loop=loop)
        try:
            await self._hand_back(tcp)
            secured = await securing
        except OSError as error:
            logger.info("no TLS with %s: %s", tcp.get_extra_info("peername"), error)
            tcp.abort()
            return
        finally:
            securing.cancel()
            self._server.dismiss(self)
        self._hand_over(cast("asyncio.Transport", secured))

    async def _hand_back(self, tcp: asyncio.Transport) -> None:
        """Give TLS what was read before it began: uvloop reads, whatever `connection_made` says."""
        await asyncio.sleep(0)  # now TLS is the transport's protocol, and nothing is read
        encrypted, self._early = self._early, b""
        if not encrypted:
            return
        await asyncio.sleep(0)  # now it has begun, and nothing has been read yet
        protocol = cast("asyncio.BufferedProtocol", tcp.get_protocol())
        while encrypted:
            room = memoryview(protocol.get_buffer(len(encrypted)))
            count = min(len(room), len(encrypted))
            room[:count] = encrypted[:count]
            protocol.buffer_updated(count)
            encrypted = encrypted[count:]

    def _hand_over(self, secured: asyncio.Transport) -> None:
        wire = _CsmsWire(self._server)
        secured.set_protocol(wire)
        wire.connection_made(secured)
        if self._early:
            wire.data_received(self._early)
        if self._is_lost:
            wire.connection_lost(None)


class _CsmsWire(StreamWire):
    __slots__ = ("_judging", "_server")

    def __init__(self, server: Server) -> None:
        super().__init__(*server.new_link())
        self._server = server
        self._judging: asyncio.Task[None] | None = None

    @property
    def csms(self) -> CsmsWebSocket:
        return cast("CsmsWebSocket", self.link)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if not self._server.admit(self):
            self.transport.abort()
            return
        self._server.enter(self)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._server.leave(self)
        if self._judging:
            self._judging.cancel()

    def request_received(self, request: HandshakeReceived) -> None:
        verdict = self._server.judge(
            ConnectionRequest.of(
                request,
                self.transport.get_extra_info("peercert"),
                self.transport.get_extra_info("peername"),
            )
        )
        if isawaitable(verdict):
            self._judging = self._server.spawn(self._await(verdict))
        else:
            self._server.conclude(self, verdict, self._loop.time())

    async def _await(self, verdict: Awaitable[object]) -> None:
        result = await self._server.wait_for(verdict, self)
        self._judging = None
        self._server.conclude(self, result, self._loop.time())
        self._follow()

    def opened(self, version: Version) -> None:
        self._server.dismiss(self)
        self._server.spawn(self._server.host(self, version))
