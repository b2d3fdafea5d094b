"""`serve` on asyncio. `ocpp_sansio.trio.serve` is the same on trio."""

import asyncio
import socket
import ssl as tls
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from inspect import isawaitable
from math import inf
from typing import Any, Generic, cast

from ocpp_sansio.asyncio.tasks import (
    NetSession,
    OnStation,
    drain,
    drain_slowly,
    start_application_task,
    stop,
)
from ocpp_sansio.asyncio.tls import TlsBridge
from ocpp_sansio.asyncio.wire import StreamWire
from ocpp_sansio.core import Config, Version, require_seconds
from ocpp_sansio.net import (
    ACCEPT_PAUSE,
    BACKLOG,
    GRACE,
    Address,
    Admission,
    AnswerHttp,
    Authenticate,
    ConnectionRequest,
    Duplicates,
    DuplicatesOf,
    Limits,
    Proxies,
    ServerBase,
    ServerSettings,
    read_proxy_header,
    spelled,
)
from ocpp_sansio.recording import Record
from ocpp_sansio.session import ContextT, Handlers, Hooks
from ocpp_sansio.websocket import (
    GOING_AWAY,
    CsmsWebSocket,
    HandshakeReceived,
    HttpRequestReceived,
    NoCommonVersion,
    Phase,
    WebSocketConfig,
)

__all__ = ["Server", "serve"]

_DEFAULT_CONFIG = Config()
_DEFAULT_WEBSOCKET_CONFIG = WebSocketConfig()
_DEFAULT_LIMITS = Limits()


@asynccontextmanager
async def serve(
    on_station: OnStation[ContextT] | None,
    host: str | None,
    port: int,
    *,
    versions: Iterable[Version | str],
    handlers: Handlers[ContextT] | Mapping[Any, Callable[..., Any]] | None = None,
    hooks: Hooks | None = None,
    authenticate: Authenticate[ContextT] | None = None,
    http: AnswerHttp | None = None,
    ssl: tls.SSLContext | None = None,
    duplicates: DuplicatesOf | Duplicates = Duplicates.REPLACE,
    aliases: Mapping[str, Version] | None = None,
    no_common_version: NoCommonVersion = NoCommonVersion.REFUSE,
    check_username: bool = True,
    config: Config = _DEFAULT_CONFIG,
    websocket: WebSocketConfig = _DEFAULT_WEBSOCKET_CONFIG,
    limits: Limits = _DEFAULT_LIMITS,
    proxies: Proxies | None = None,
    record: Record | None = None,
    shutdown_timeout: float = 5.0,
) -> AsyncIterator["Server[ContextT]"]:
    """Serve stations: a CSMS on `host` and `port` (0: any free one), until the block is left.

    It gives a `Server`. `server.sessions["CP001"]` is the session of a connected station, to be called from
    anywhere in the program: `await server.sessions["CP001"].call(...)`.

    - `on_station(session)` runs as a task for each connection, and is cancelled at its end; None if the
      handlers are all there is. An exception of it is logged and closes the connection.
    - `versions`: what is spoken, as `Version`s or their names. The station's order of preference decides.
    - `handlers`: who answers the calls of the stations, `Handlers` or a mapping by action.
    - `hooks`: `Hooks` around each message of all sessions.
    - `authenticate` decides who comes in, and how, on a `ConnectionRequest`: True, False for 401, the HTTP
      status to refuse with, or an `Admission`, which has settings and a context for this one station. Sync or
      async; without it, everybody comes in who asks as OCPP-J has it.
    - `http` answers what asks for no WebSocket, such as a health check: a function of an `HttpRequest`, sync
      or async, that returns an `HttpResponse`, or None for the refusal that there is without it.
    - `ssl` secures the port; `ocpp_sansio.tls` makes contexts that keep to the security profiles.
    - `duplicates` says what becomes of a second connection of one identity: a `Duplicates`, or a function
      that decides for each (C-11).
    - `aliases`: other spellings of subprotocols, such as {"ocpp1.6j": Version.OCPP16}. They are confirmed as
      they were sent.
    - `no_common_version`: how a station is turned away that offers no version of ours (C-5).
    - `check_username`: whether a user name that is not the identity is refused with 401 (C-3).
    - `config`: the `Config` of the sessions: validation, timeouts, caps on what a peer makes us keep.
    - `websocket`: the `WebSocketConfig` of the connections: pings, timeouts, compression.
    - `limits`: how much the peers can take up, one and all together.
    - `proxies`: which proxies stand before the server, so that `ConnectionRequest.address` is the station's.
    - `record` records all sessions, in a file for each station in a folder, without secrets: a folder, a
      file, a function, or `Recordings`, which has the bounds.
    - `shutdown_timeout`: seconds that unanswered calls have to be answered when the block is left.

    On leaving, nobody new comes in, and unanswered calls have `shutdown_timeout` seconds to be answered;
    after an exception they have not. That is a deadline: by then all stations have been told 1001, those
    without a call at once, and a second later whoever has not hung up is cut off, and handlers that go on
    although cancelled are left to themselves.

    Raises ValueError or TypeError for settings that cannot be, OSError if the port cannot be had.
    """
    settings = ServerSettings(
        versions=tuple(versions) if not isinstance(versions, str) else versions,
        config=config,
        websocket=websocket,
        aliases=aliases or {},
        no_common_version=no_common_version,
        check_username=check_username,
        answers_http=http is not None,
    )
    server: Server[ContextT] = Server(
        settings,
        on_station=on_station,
        handlers=handlers,
        hooks=hooks,
        authenticate=authenticate,
        http=http,
        duplicates=duplicates,
        limits=limits,
        proxies=proxies,
        ssl=ssl,
        record=record,
    )
    await server.listen(host, port)
    try:
        yield server
    except BaseException:
        await server.close(0.0)
        raise
    await server.close(shutdown_timeout)


class Server(ServerBase["_CsmsWire", NetSession[ContextT]], Generic[ContextT]):
    """What `serve` gives: the sessions of the connected stations, and the addresses it listens on."""

    def __init__(self, settings: ServerSettings, **options: Any) -> None:
        super().__init__(settings, **options)
        self._listeners: list[socket.socket] = []
        self._accepting: set[asyncio.Task[None]] = set()
        self._proxy_readers: set[asyncio.Task[None]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: set[NetSession[ContextT]] = set()  # and those whose handlers still end
        self._loop = asyncio.get_running_loop()
        self._resuming: asyncio.TimerHandle | None = None
        self._waits_for_room = False
        self._handshakes.on_room = self._note_room

    async def drain(self, *, pace: float = 100.0, patience: float = 5.0) -> None:
        """Let nobody in any more, and send all stations away, `pace` of them a second: before a restart.

        Each is told 1001 as soon as it has no unanswered call, `patience` seconds after its turn at the
        latest, and connects anew, to another process if a load balancer leads it there. Returns when all are
        gone.

        Raises ValueError for a pace or a patience that is not above 0.
        """
        require_seconds("pace", pace, above_zero=True)
        require_seconds("patience", patience, above_zero=True)
        self._is_closing = True
        await self._stop_listening()
        for wire in self._wires.difference(self._admitted):
            wire.close(GOING_AWAY, _LEAVING)
        await drain_slowly(
            self.sessions.all(), pace, patience, lambda each: each.close(GOING_AWAY, _LEAVING)
        )

    # The rest is not for the application.

    def now(self) -> float:
        """Return the time of the loop's clock, in seconds."""
        return asyncio.get_running_loop().time()

    async def listen(self, host: str | None, port: int) -> None:
        """Begin."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        try:
            for family, address in dict.fromkeys((family, name) for family, *_, name in found):
                listener = socket.create_server(address[:2], family=family, backlog=BACKLOG)
                self._listeners.append(listener)
                listener.setblocking(False)
        except BaseException:
            await self._stop_listening()
            raise
        names = (listener.getsockname() for listener in self._listeners)
        self.addresses = tuple((name[0], name[1]) for name in names)
        self._start_accepting()

    async def close(self, grace: float) -> None:
        """End everything; calls have `grace` seconds to be answered, and all of it hardly more."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace
        self._is_closing = True
        await self._stop_listening()
        for session in self._running:
            session.end_tasks_by(deadline + GRACE)
        for wire in self._wires.difference(self._admitted):
            wire.close(GOING_AWAY, _LEAVING)
        if grace:
            await drain(self.sessions.all(), grace, lambda each: each.close(GOING_AWAY, _LEAVING))
        for wire in tuple(self._wires):
            wire.close(GOING_AWAY, _LEAVING)
        await asyncio.gather(*(wire.finish(GRACE) for wire in tuple(self._wires)))
        await self._see_tasks_end()
        self.close_logs()

    async def _see_tasks_end(self) -> None:
        """Wait for all tasks of ours; one that decides on a newcomer may ignore its cancellation."""
        seconds = GRACE + GRACE  # beyond what sessions have for the tasks of theirs
        while self._tasks:
            done, going_on = await asyncio.wait(tuple(self._tasks), timeout=seconds)
            if not done:
                text = "%s tasks go on although they were cancelled: they are left to themselves"
                self.admission_log.error(self.now(), text, len(going_on), to="net")
                return

    def spawn(self, task: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a task that `close` waits for."""
        started = asyncio.get_running_loop().create_task(task)
        self._tasks.add(started)
        started.add_done_callback(self._tasks.discard)
        return started

    async def run_session(self, wire: "_CsmsWire", version: Version) -> None:
        """Run the session of a connection, until both are at their end."""
        session: NetSession[ContextT] = NetSession(**self.session_settings(wire))
        self._running.add(session)
        async with session:
            session.attach(wire)
            await session.connected(version)
            self.note_connected(session)
            wire.deliver_to(session)
            on_station = start_application_task(self._on_station, session, wire)
            await wire.over
            session.end()
            self.note_disconnected(session)
            await session.disconnected()
            await stop(on_station, session)
        self._running.discard(session)
        await wire.finish(self.close_timeout)

    # --- accepting ---------------------------------------------------------------------------------------

    def _start_accepting(self) -> None:
        self._waits_for_room = False
        if self._is_closing:
            return
        for listener in self._listeners:
            try:
                self._loop.add_reader(listener, self._accept, listener)
            except NotImplementedError:
                self._accepting.add(self._loop.create_task(self._keep_accepting(listener)))

    def _pause_accepting(self, seconds: float) -> None:
        """Accept nobody for so many seconds: the kernel holds those who knock."""
        if not self._accepting:
            for listener in self._listeners:
                self._loop.remove_reader(listener)
        if self._resuming:
            self._resuming.cancel()
        if seconds < inf:
            self._resuming = self._loop.call_later(seconds, self._start_accepting)

    def _note_room(self) -> None:
        if self._waits_for_room:
            self._start_accepting()

    def _accept(self, listener: socket.socket) -> None:
        """Accept one connection in each iteration of the loop; none while there is no room."""
        seconds = self._handshakes.seconds_until_room(self.now())
        if seconds:
            self._waits_for_room = True
            self._pause_accepting(seconds)
            return
        try:
            tcp, address = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionError):
            return  # it has gone again
        except OSError as error:  # no descriptors or no memory left, which is not for ever
            self.admission_log.error(
                self.now(), "no connection can be accepted: %s", error, to="net"
            )
            self._pause_accepting(ACCEPT_PAUSE)
            return
        self._start_connection(tcp, address[:2])

    async def _keep_accepting(self, listener: socket.socket) -> None:
        """Do the same on a loop that cannot tell when somebody knocks: the one that Windows has."""
        while True:
            if self._handshakes.seconds_until_room(self.now()):
                await asyncio.sleep(ACCEPT_PAUSE)
                continue
            try:
                tcp, address = await self._loop.sock_accept(listener)
            except OSError as error:
                self.admission_log.error(
                    self.now(), "no connection can be accepted: %s", error, to="net"
                )
                await asyncio.sleep(ACCEPT_PAUSE)
            else:
                self._start_connection(tcp, address[:2])
                await asyncio.sleep(0)  # for those that are here already

    def _start_connection(self, tcp: socket.socket, address: Address) -> None:
        wire = _CsmsWire(self, address)
        if not self.admit(wire, self.counted_host(address), asyncio.get_running_loop().time()):
            tcp.close()
            return
        if not self.wants_proxy_header(address):
            self.spawn(self._make_transport(tcp, wire))
            return
        reading = self.spawn(self._read_source(tcp, wire))
        self._proxy_readers.add(reading)

        def note_end(task: asyncio.Task[None]) -> None:
            self._proxy_readers.discard(task)
            if task.cancelled():  # perhaps before it had begun
                tcp.close()
                self.connection_closed(wire)

        reading.add_done_callback(note_end)

    async def _read_source(self, tcp: socket.socket, wire: "_CsmsWire") -> None:
        """Learn from a proxy where its client is, before anything else is read."""
        tcp.setblocking(False)
        try:
            wire.address = await self._read_proxy_header(tcp, wire)
        except OSError as error:
            self._drop(tcp, wire, error)
        else:
            self.spawn(self._make_transport(tcp, wire))

    async def _make_transport(self, tcp: socket.socket, wire: "_CsmsWire") -> None:
        """Make a transport of a socket, whose protocol is the wire, or TLS around it.

        This is never cancelled: uvloop would leave the transport open.
        """
        loop = asyncio.get_running_loop()
        try:
            tcp.setblocking(False)
            tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            protocol = wire.secured_by(self._ssl, self.handshake_timeout) if self._ssl else wire
            await loop.connect_accepted_socket(lambda: protocol, tcp)
        except OSError as error:
            self._drop(tcp, wire, error)

    def _drop(self, tcp: socket.socket, wire: "_CsmsWire", error: OSError) -> None:
        tcp.close()
        self.connection_closed(wire)
        self.proxy_failed(wire, error)

    async def _read_proxy_header(self, tcp: socket.socket, wire: "_CsmsWire") -> Address:
        """Return where a connection comes from, as the proxy says that it has come through."""
        loop = asyncio.get_running_loop()
        data = bytearray()
        async with asyncio.timeout(self.handshake_timeout):
            # Byte by byte, so that what comes behind it stays where it is: it may be for TLS to read.
            while (header := read_proxy_header(data)) is None:
                byte = await loop.sock_recv(tcp, 1)
                if not byte:
                    raise ConnectionResetError("it hung up within its PROXY header")
                data += byte
        if header.flaw:
            raise ConnectionAbortedError(header.flaw)
        return self.apply_source(wire, header.source, wire.address)

    async def _stop_listening(self) -> None:
        self._pause_accepting(inf)
        tasks = self._accepting | self._proxy_readers
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()


class _CsmsWire(StreamWire):
    __slots__ = (
        "_authenticating",
        "_is_without_tls",
        "_server",
        "address",
        "admission",
        "request",
    )

    def __init__(self, server: Server[Any], address: Address) -> None:
        super().__init__(*server.new_link())
        self.address = address
        self.request: ConnectionRequest | None = None
        self.admission: Admission[Any] | None = None
        self._server = server
        self._authenticating: asyncio.Task[None] | None = None
        self._is_without_tls = False

    @property
    def where(self) -> str:
        return spelled(self.address)

    @property
    def csms(self) -> CsmsWebSocket:
        return cast("CsmsWebSocket", self.link)

    @property
    def is_silent(self) -> bool:
        return self.link.phase in _SILENT

    def secured_by(self, context: tls.SSLContext, timeout: float) -> TlsBridge:
        """Return the protocol that has TLS begin, with this wire inside it."""
        return TlsBridge(
            self,
            context,
            server_side=True,
            handshake_timeout=timeout,
            on_end=self._tls_handshake_ended,
        )

    def _tls_handshake_ended(self, error: Exception | None) -> None:
        if error is None:
            return
        self._is_without_tls = True  # there is no handshake that could be rejected
        super().connection_lost(error)
        self._server.connection_closed(self)
        self._server.tls_failed(self, error)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if not self._server.may_start(self):
            self.transport.abort()
            return
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._server.connection_closed(self)
        if self._authenticating:
            self._authenticating.cancel()

    def rejected(self) -> None:
        if not self._is_without_tls:
            self._server.handshake_ended(self)

    def hold(self, size: int) -> None:
        self._server.hold(self, size)

    def request_received(self, request: HandshakeReceived) -> None:
        certificate = self.transport.get_extra_info("peercert")
        asked: ConnectionRequest = self._server.request_of(request, certificate, self.address)
        self.request = asked
        self.address = asked.address or self.address  # proxies may know better
        verdict = self._server.start_authentication(asked)
        if isawaitable(verdict):
            self._authenticating = self._server.spawn(self._await_verdict(verdict))
        else:
            self._server.apply_verdict(self, verdict, self._loop.time())

    def http_received(self, request: HttpRequestReceived) -> None:
        answer = self._server.start_http(request, self.address)
        if isawaitable(answer):
            self._authenticating = self._server.spawn(self._await_http(answer))
        else:
            self._server.apply_http(self, answer, self._loop.time())

    async def _await_http(self, answer: Awaitable[object]) -> None:
        result = await self._server.await_http(answer)
        self._authenticating = None
        self._server.apply_http(self, result, self._loop.time())
        self._follow()

    async def _await_verdict(self, verdict: Awaitable[object]) -> None:
        result = await self._server.await_verdict(verdict, self)
        self._authenticating = None
        self._server.apply_verdict(self, result, self._loop.time())
        self._follow()

    def opened(self, version: Version) -> None:
        self._server.handshake_ended(self)
        self._server.spawn(self._server.run_session(self, version))


_LEAVING = "the server is closing"
_SILENT = frozenset({Phase.NEW, Phase.HANDSHAKE})
