"""What works behind `serve` on asyncio: it accepts connections, lets stations in, and runs their sessions."""

import asyncio
import socket
import ssl as tls
from collections.abc import Awaitable, Coroutine
from inspect import isawaitable
from math import inf
from typing import Any, Generic, cast

from ocpp_sansio.asyncio.tasks import NetSession, drain, drain_slowly, start_application_task, stop
from ocpp_sansio.asyncio.tls import TlsBridge
from ocpp_sansio.asyncio.wire import StreamWire
from ocpp_sansio.core import Version
from ocpp_sansio.net import (
    ACCEPT_PAUSE,
    BACKLOG,
    GRACE,
    Address,
    Admission,
    ConnectionRequest,
    EngineBase,
    ServerSettings,
    read_proxy_header,
    spelled,
)
from ocpp_sansio.session import ContextT
from ocpp_sansio.websocket import (
    GOING_AWAY,
    CsmsWebSocket,
    HandshakeReceived,
    HttpRequestReceived,
    Phase,
)

__all__ = ["Engine"]


class Engine(EngineBase["_CsmsWire", NetSession[ContextT]], Generic[ContextT]):
    """What works behind a `Server`: it accepts connections, and runs their sessions."""

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

    async def drain(self, pace: float, patience: float) -> None:
        """Let nobody in any more, and send all away, so many a second; wait so long for each."""
        self._is_closing = True
        await self._stop_listening()
        for wire in self._wires.difference(self._admitted):
            wire.close(GOING_AWAY, _LEAVING)
        await drain_slowly(
            self.sessions.all(), pace, patience, lambda each: each.close(GOING_AWAY, _LEAVING)
        )

    async def close(self, grace: float) -> None:
        """End everything; calls have `grace` seconds to be answered, and all of it hardly more."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace
        self._is_closing = True
        await self._stop_listening()
        for session in self._running:
            session._end_tasks_by(deadline + GRACE)
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
            session._attach(wire)
            await session.connected(version)
            self.note_connected(session)
            wire.deliver_to(session)
            on_station = start_application_task(self._on_station, session, wire)
            await wire.over
            session._end()
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
        "_engine",
        "_is_without_tls",
        "address",
        "admission",
        "request",
    )

    def __init__(self, engine: Engine[Any], address: Address) -> None:
        super().__init__(*engine.new_link())
        self.address: Address = address
        self.request: ConnectionRequest | None = None
        self.admission: Admission[Any] | None = None
        self._engine = engine
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
        self._engine.connection_closed(self)
        self._engine.tls_failed(self, error)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if not self._engine.may_start(self):
            self.transport.abort()
            return
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._engine.connection_closed(self)
        if self._authenticating:
            self._authenticating.cancel()

    def rejected(self) -> None:
        if not self._is_without_tls:
            self._engine.handshake_ended(self)

    def hold(self, size: int) -> None:
        self._engine.hold(self, size)

    def request_received(self, request: HandshakeReceived) -> None:
        certificate = self.transport.get_extra_info("peercert")
        asked: ConnectionRequest = self._engine.request_of(request, certificate, self.address)
        self.request = asked
        self.address = asked.address or self.address  # proxies may know better
        verdict = self._engine.start_authentication(asked)
        if isawaitable(verdict):
            self._authenticating = self._engine.spawn(self._await_verdict(verdict))
        else:
            self._engine.apply_verdict(self, verdict, self._loop.time())

    def http_received(self, request: HttpRequestReceived) -> None:
        answer = self._engine.start_http(request, self.address)
        if isawaitable(answer):
            self._authenticating = self._engine.spawn(self._await_http(answer))
        else:
            self._engine.apply_http(self, answer, self._loop.time())

    async def _await_http(self, answer: Awaitable[object]) -> None:
        result = await self._engine.await_http(answer)
        self._authenticating = None
        self._engine.apply_http(self, result, self._loop.time())
        self._follow()

    async def _await_verdict(self, verdict: Awaitable[object]) -> None:
        result = await self._engine.await_verdict(verdict, self)
        self._authenticating = None
        self._engine.apply_verdict(self, result, self._loop.time())
        self._follow()

    def opened(self, version: Version) -> None:
        self._engine.handshake_ended(self)
        self._engine.spawn(self._engine.run_session(self, version))


_LEAVING = "the server is closing"
_SILENT = frozenset({Phase.NEW, Phase.HANDSHAKE})
