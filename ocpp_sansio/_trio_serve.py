"""`serve` on trio. `_asyncio_serve` has the same."""

import ssl as tls
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, closing
from inspect import isawaitable
from typing import Any, cast

import trio

from ocpp_sansio._desk import ReceptionDesk
from ocpp_sansio._trio_wire import (
    Background,
    NetSession,
    OnStation,
    Stream,
    StreamWire,
    drain,
    run_guest,
)
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
    with closing(server.door_log):
        async with Background() as nursery:
            await server.listen(nursery, host, port)
            try:
                yield server
            except BaseException:
                server.hang_up()
                raise
            await server.close(shutdown_timeout)


class Server(ReceptionDesk["_CsmsWire", NetSession]):
    """What `serve` gives: who is there, and where they find us."""

    _listeners: list[trio.SocketListener]
    _accepting: trio.CancelScope

    # The rest is not for the application.

    def now(self) -> float:
        """Return the time of trio's clock, in seconds."""
        return trio.current_time()

    async def listen(self, nursery: trio.Nursery, host: str | None, port: int) -> None:
        """Begin; connections are tasks of the nursery."""
        self._listeners = await trio.open_tcp_listeners(port, host=host)
        names = (listener.socket.getsockname() for listener in self._listeners)
        self.addresses = tuple((name[0], name[1]) for name in names)
        self._accepting = trio.CancelScope()
        nursery.start_soon(self._accept, nursery)

    async def close(self, grace: float) -> None:
        """End everything; calls have `grace` seconds to be answered."""
        self._accepting.cancel()
        await drain(list(self.sessions.values()), grace)
        wires = tuple(self._wires)
        self.hang_up()
        for wire in wires:
            await wire.gone.wait()

    def hang_up(self) -> None:
        """Begin to close all connections."""
        for wire in tuple(self._wires):
            wire.close(GOING_AWAY, "the server is closing")

    async def _accept(self, nursery: trio.Nursery) -> None:
        with self._accepting:
            await trio.serve_listeners(self._receive, self._listeners, handler_nursery=nursery)

    async def _receive(self, tcp: trio.SocketStream) -> None:
        """See one connection through."""
        arrival = object()
        if not self.admit(arrival):
            await trio.aclose_forcefully(tcp)
            return
        try:
            stream = await self._secure(tcp)
        finally:
            self.dismiss(arrival)
        if stream is None:
            return
        wire = _CsmsWire(self, stream)
        self.admit(wire)
        self.enter(wire)
        try:
            async with Background() as nursery:
                nursery.start_soon(wire.keep_time)
                await self._attend(wire, nursery)
        # A bug, but no reason to take the other connections down with this one.
        except Exception as error:  # noqa: BLE001
            about = {"identity": wire.csms.identity}
            self.door_log.error(self.now(), "a connection failed", exc_info=error, **about)
        finally:
            self.leave(wire)

    async def _secure(self, tcp: trio.SocketStream) -> Stream | None:
        if self._ssl is None:
            return tcp
        stream = trio.SSLStream(tcp, self._ssl, server_side=True, https_compatible=True)
        try:
            with trio.fail_after(self.handshake_timeout):
                await stream.do_handshake()
        except (OSError, trio.BrokenResourceError, trio.TooSlowError) as error:
            self.door_log.info(self.now(), "no TLS with a peer: %s", error.__cause__ or error)
            await trio.aclose_forcefully(tcp)
            return None
        except BaseException:
            await trio.aclose_forcefully(tcp)
            raise
        return stream

    async def _attend(self, wire: "_CsmsWire", nursery: trio.Nursery) -> None:
        def decide(handshake: HandshakeReceived) -> None:
            verdict = self.judge(wire.request_of(handshake))
            if isawaitable(verdict):
                nursery.start_soon(self._await, wire, verdict)
            else:
                self.conclude(wire, verdict, trio.current_time())

        try:
            version = await wire.shake_hands(decide)
            self.dismiss(wire)
            if version:
                await self._host(wire, version)
        finally:
            await wire.finish(self.close_timeout)

    async def _await(self, wire: "_CsmsWire", verdict: Awaitable[object]) -> None:
        result = await self.wait_for(verdict, wire)
        self.conclude(wire, result, trio.current_time())
        wire.wake()

    async def _host(self, wire: "_CsmsWire", version: Version) -> None:
        async with NetSession(**self.session_settings(wire)) as session:
            session.attach(wire)
            await session.connected(version)
            self.note_connected(session)
            try:
                async with Background() as guests:
                    if self._on_station:
                        guests.start_soon(run_guest, self._on_station, session, wire)
                    await wire.pump(session)
                    session.end()
                    await session.disconnected()
            finally:
                session.end()
                self.note_disconnected(session)


class _CsmsWire(StreamWire):
    def __init__(self, server: Server, stream: Stream) -> None:
        super().__init__(stream, *server.new_link())

    @property
    def csms(self) -> CsmsWebSocket:
        return cast("CsmsWebSocket", self.link)

    def request_of(self, handshake: HandshakeReceived) -> ConnectionRequest:
        """Return who wants to come in."""
        certificate = None
        tcp = self.stream
        if isinstance(tcp, trio.SSLStream):
            certificate = tcp.getpeercert()
            tcp = tcp.transport_stream
        try:
            address = tcp.socket.getpeername()
        except OSError:  # it has gone already
            address = None
        return ConnectionRequest.of(handshake, certificate, address)
