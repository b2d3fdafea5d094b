"""`serve` on trio. `ocpp_sansio.asyncio.serve` is the same on asyncio."""

import ssl as tls
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from inspect import isawaitable
from typing import Any, Generic, cast

import trio

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
    ProxyHeader,
    ServerBase,
    ServerSettings,
    read_proxy_header,
    spelled,
)
from ocpp_sansio.recording import Record
from ocpp_sansio.session import ContextT, Handlers, Hooks
from ocpp_sansio.trio.tasks import Background, NetSession, OnStation, drain, drain_slowly
from ocpp_sansio.trio.wire import StreamWire
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

_LEAVING = "the server is closing"
_SILENT = frozenset({Phase.NEW, Phase.HANDSHAKE})


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

    On leaving, nobody new comes in, and each connection is closed with 1001 as soon as no call of it is
    unanswered, after `shutdown_timeout` seconds at the latest, and at once after an exception or when
    cancelled; whoever has not hung up a second later is cut off. Handlers that still run are cancelled.
    trio abandons no task: one that shields itself delays the end of the block, but no close frame, and it
    keeps no connection open.

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
    try:
        async with Background() as nursery:
            await server.listen(nursery, host, port)
            try:
                yield server
                await server.see_off(shutdown_timeout)
            finally:
                with trio.CancelScope(shield=True):
                    await server.close()
    finally:
        server.close_logs()


class Server(ServerBase["_CsmsWire", NetSession[ContextT]], Generic[ContextT]):
    """What `serve` gives: the sessions of the connected stations, and the addresses it listens on."""

    _listeners: list[trio.SocketListener]
    _fair_lock: trio.Lock
    _has_room: trio.Event

    async def drain(self, *, pace: float = 100.0, patience: float = 5.0) -> None:
        """Let nobody in any more, and send all stations away, `pace` of them a second: before a restart.

        Each is told 1001 as soon as it has no unanswered call, `patience` seconds after its turn at the
        latest, and connects anew, to another process if a load balancer leads it there. Returns when all are
        gone.

        Raises ValueError for a pace or a patience that is not above 0.
        """
        require_seconds("pace", pace, above_zero=True)
        require_seconds("patience", patience, above_zero=True)
        self._stop_accepting()
        for wire in self._wires.difference(self._admitted):
            wire.go_away()
        await drain_slowly(
            self.sessions.all(), pace, patience, lambda each: each.close(GOING_AWAY, _LEAVING)
        )

    # The rest is not for the application.

    def now(self) -> float:
        """Return the time of trio's clock, in seconds."""
        return trio.current_time()

    async def listen(self, nursery: trio.Nursery, host: str | None, port: int) -> None:
        """Begin; connections are tasks of the nursery."""
        self._listeners = await trio.open_tcp_listeners(port, host=host, backlog=BACKLOG)
        names = (listener.socket.getsockname() for listener in self._listeners)
        self.addresses = tuple((name[0], name[1]) for name in names)
        self._fair_lock = trio.Lock()
        self._has_room = trio.Event()
        self._handshakes.on_room = self._note_room
        for listener in self._listeners:
            nursery.start_soon(self._accept, listener, nursery)

    async def see_off(self, seconds: float) -> None:
        """Let nobody in any more; whoever has calls without an answer has so many seconds for them."""
        self._stop_accepting()
        for wire in self._wires.difference(self._admitted):
            wire.go_away()
        await drain(self.sessions.all(), seconds, lambda s: s.close(GOING_AWAY, _LEAVING))

    async def close(self) -> None:
        """End everything; whoever has not hung up in `GRACE` seconds is cut off."""
        self._stop_accepting()
        for wire in tuple(self._wires):
            wire.go_away()
        with trio.move_on_after(GRACE):
            for wire in tuple(self._wires):
                await wire.gone.wait()
        for wire in tuple(self._wires):
            wire.abort()

    def _stop_accepting(self) -> None:
        self._is_closing = True
        for listener in self._listeners:
            listener.socket.close()  # whoever accepts is told

    def _note_room(self) -> None:
        self._has_room.set()

    async def _accept(self, listener: trio.SocketListener, nursery: trio.Nursery) -> None:
        """Take connections, one each time that all tasks have run."""
        is_short = False
        while not self._is_closing:
            await self._wait_for_room()
            try:
                tcp = await listener.accept()
            except trio.ClosedResourceError:
                return
            except OSError as error:  # no descriptors or memory left, which is not for ever
                if not is_short:
                    self.admission_log.error(
                        self.now(), "no connection can be accepted for now: %s", error, to="net"
                    )
                is_short = True
                await trio.sleep(ACCEPT_PAUSE)
            else:
                is_short = False
                self._start_connection(tcp, nursery)

    async def _wait_for_room(self) -> None:
        """Wait while a new connection would find no room: the kernel holds it."""
        while seconds := self._handshakes.seconds_until_room(trio.current_time()):
            self._has_room = trio.Event()
            with trio.move_on_after(seconds):
                await self._has_room.wait()

    def _start_connection(self, tcp: trio.SocketStream, nursery: trio.Nursery) -> None:
        """Have a task for one connection, if there is room for it."""
        try:
            address: Address = tcp.socket.getpeername()[:2]
        except OSError:  # it has gone already
            tcp.socket.close()
            return
        wire = _CsmsWire(self, tcp, address, self._fair_lock)
        if self.admit(wire, self.counted_host(address), trio.current_time()):
            nursery.start_soon(self._run_connection, wire)
        else:
            tcp.socket.close()

    async def _run_connection(self, wire: "_CsmsWire") -> None:
        try:
            async with Background() as nursery:
                try:
                    await self._serve_connection(wire, nursery)
                finally:
                    await wire.finish()
        except Exception as error:  # noqa: BLE001 - no reason to take the other connections down with it
            wire.fail(error)
        finally:
            self.connection_closed(wire)

    async def _serve_connection(self, wire: "_CsmsWire", nursery: trio.Nursery) -> None:
        def decide(asked: HandshakeReceived | HttpRequestReceived) -> None:
            if isinstance(asked, HttpRequestReceived):
                answer = self.start_http(asked, wire.address)
                if isawaitable(answer):
                    nursery.start_soon(self._await_http, wire, answer)
                else:
                    self.apply_http(wire, answer, trio.current_time())
                return
            request = wire.request = self.request_of(asked, wire.certificate, wire.address)
            wire.address = request.address or wire.address  # proxies may know better
            verdict = self.start_authentication(request)
            if isawaitable(verdict):
                nursery.start_soon(self._await_verdict, wire, verdict)
            else:
                self._apply_verdict(wire, verdict)

        if self.wants_proxy_header(wire.address) and not await self._read_source(wire):
            return
        if self._ssl and not await wire.secure(self._ssl, self.handshake_timeout):
            return
        nursery.start_soon(wire.keep_time)
        version = await wire.shake_hands(decide)
        self.handshake_ended(wire)
        if version:
            await self._run_session(wire, version, nursery)

    async def _read_source(self, wire: "_CsmsWire") -> bool:
        """Learn from a proxy where its client is; return whether it has said so as it should."""
        header = await wire.read_proxy_header(self.handshake_timeout)
        if header is None or header.flaw:
            reason = header.flaw if header else "it hung up within its PROXY header"
            self.proxy_failed(wire, reason)
            return False
        wire.address = self.apply_source(wire, header.source, wire.address)
        return True

    async def _await_http(self, wire: "_CsmsWire", answer: Awaitable[object]) -> None:
        self.apply_http(wire, await self.await_http(answer), trio.current_time())
        wire.wake()

    async def _await_verdict(self, wire: "_CsmsWire", verdict: Awaitable[object]) -> None:
        result = await self.await_verdict(verdict, wire)
        try:
            self._apply_verdict(wire, result)
        except Exception as error:  # noqa: BLE001 - see `StreamWire.fail`
            wire.fail(error)
        wire.wake()

    def _apply_verdict(self, wire: "_CsmsWire", verdict: object) -> None:
        self.apply_verdict(wire, verdict, trio.current_time())

    async def _run_session(
        self, wire: "_CsmsWire", version: Version, nursery: trio.Nursery
    ) -> None:
        async with NetSession(**self.session_settings(wire)) as session:
            session.attach(wire)
            await session.connected(version)
            self.note_connected(session)
            try:
                await wire.converse(session, self._on_station, nursery, is_last=True)
            finally:
                session.end()
                self.note_disconnected(session)


class _CsmsWire(StreamWire):
    parting = GOING_AWAY

    def __init__(
        self, server: Server[Any], tcp: trio.SocketStream, address: Address, fair_lock: trio.Lock
    ) -> None:
        link, inlet, limits = server.new_link()
        timeout = server.close_timeout
        super().__init__(tcp, link, inlet, limits, close_timeout=timeout, fair_lock=fair_lock)
        self._server = server
        self.address = address
        self.request: ConnectionRequest | None = None
        self.admission: Admission[Any] | None = None

    @property
    def where(self) -> str:
        return spelled(self.address)

    @property
    def csms(self) -> CsmsWebSocket:
        return cast("CsmsWebSocket", self.link)

    @property
    def is_silent(self) -> bool:
        return self.link.phase in _SILENT

    def hold(self, size: int) -> None:
        self._server.hold(self, size)

    def go_away(self) -> None:
        """Begin to close, since the server does."""
        if self.is_silent:
            self.abort()  # there is nothing to say to it, and TLS may still be on its way
        else:
            self.close(GOING_AWAY, _LEAVING)

    async def secure(self, context: tls.SSLContext, timeout: float) -> bool:
        """Shake hands for TLS; return whether that came to something within so many seconds."""
        tcp = cast("trio.SocketStream", self.stream)
        self.stream = trio.SSLStream(tcp, context, server_side=True, https_compatible=True)
        try:
            with trio.fail_after(timeout):
                await self.stream.do_handshake()
        except (OSError, trio.BrokenResourceError, trio.TooSlowError) as error:
            self._server.tls_failed(self, error.__cause__ or error)
            return False
        except trio.ClosedResourceError:  # we have dropped it
            return False
        return self.link.phase is Phase.NEW

    @property
    def certificate(self) -> Mapping[str, Any] | None:
        """The station's TLS certificate, if it has shown one."""
        stream = self.stream
        return stream.getpeercert() if isinstance(stream, trio.SSLStream) else None

    async def read_proxy_header(self, timeout: float) -> ProxyHeader | None:
        """Return the PROXY header that the connection begins with; None if nothing came of it."""
        data = bytearray()
        with trio.move_on_after(timeout):
            # Byte by byte, so that what comes behind it stays where it is: it may be for TLS to read.
            while (header := read_proxy_header(data)) is None:
                byte = await cast("trio.SocketStream", self.stream).receive_some(1)
                if not byte:
                    return None
                data += byte
            return header
        return None
