"""What works behind `serve` on trio: it accepts connections, lets stations in, and runs their sessions."""

import ssl as tls
from collections.abc import Awaitable, Mapping
from inspect import isawaitable
from typing import Any, Generic, cast

import trio

from ocpp_sansio.core import Version
from ocpp_sansio.net import (
    ACCEPT_PAUSE,
    BACKLOG,
    GRACE,
    Address,
    Admission,
    ConnectionRequest,
    EngineBase,
    ProxyHeader,
    read_proxy_header,
    spelled,
)
from ocpp_sansio.session import ContextT
from ocpp_sansio.trio.tasks import Background, NetSession, drain, drain_slowly
from ocpp_sansio.trio.wire import StreamWire
from ocpp_sansio.websocket import (
    GOING_AWAY,
    CsmsWebSocket,
    HandshakeReceived,
    HttpRequestReceived,
    Phase,
)

__all__ = ["Engine"]

_LEAVING = "the server is closing"
_SILENT = frozenset({Phase.NEW, Phase.HANDSHAKE})


class Engine(EngineBase["_CsmsWire", NetSession[ContextT]], Generic[ContextT]):
    """What works behind a `Server`: it accepts connections, and runs their sessions."""

    _listeners: list[trio.SocketListener]
    _fair_lock: trio.Lock
    _has_room: trio.Event

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

    async def drain(self, pace: float, patience: float) -> None:
        """Let nobody in any more, and send all away, so many a second; wait so long for each."""
        self._stop_accepting()
        for wire in self._wires.difference(self._admitted):
            wire.go_away()
        await drain_slowly(
            self.sessions.all(), pace, patience, lambda each: each.close(GOING_AWAY, _LEAVING)
        )

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
            session._attach(wire)
            await session.connected(version)
            self.note_connected(session)
            try:
                await wire.converse(session, self._on_station, nursery, is_last=True)
            finally:
                session._end()
                self.note_disconnected(session)


class _CsmsWire(StreamWire):
    parting = GOING_AWAY

    def __init__(
        self, engine: Engine[Any], tcp: trio.SocketStream, address: Address, fair_lock: trio.Lock
    ) -> None:
        link, inlet, limits = engine.new_link()
        timeout = engine.close_timeout
        super().__init__(tcp, link, inlet, limits, close_timeout=timeout, fair_lock=fair_lock)
        self._engine = engine
        self.address: Address = address
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
        self._engine.hold(self, size)

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
            self._engine.tls_failed(self, error.__cause__ or error)
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
