"""A relay between stations and their CSMS, as in a local controller: it keeps every id and every byte (X-3).

    python examples/proxy.py --port 9001 --upstream ws://localhost:9000/ocpp

Each station gets an upstream connection of its own: under its identity, with its password, in the version
that the CSMS picks. Whom the CSMS refuses is refused here, and when one end goes, so does the other. Messages
pass unread; --show prints them. Who does not read is not read for: nothing heaps up in between.
"""

import argparse
import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import cast

from ocpp_sansio import Config, Role, Version
from ocpp_sansio.websocket import (
    Closed,
    CsmsWebSocket,
    HandshakeReceived,
    HandshakeRejected,
    MessagePipe,
    MessageReceived,
    Opened,
    Phase,
    StationWebSocket,
    WebSocketEvent,
)

GOING_AWAY = 1001
SHUTDOWN_SECONDS = 10
CONFIG = Config(max_message_size=1024 * 1024)  # what passes is for the two ends to judge


class Leg(asyncio.Protocol):
    """One WebSocket of two: its transport's bytes go to its link, its link's messages to the other leg."""

    arrow: str
    peer: "Leg | None" = None
    transport: asyncio.Transport
    timer: asyncio.TimerHandle | None = None

    def __init__(
        self,
        link: CsmsWebSocket | StationWebSocket,
        pipe: MessagePipe,
        show: Callable[[str, bytes | bytearray], None],
    ) -> None:
        self.link, self.pipe, self.show = link, pipe, show
        self.loop = asyncio.get_running_loop()
        self.gone = self.loop.create_future()

    # --- what the world does -----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.Transport", transport)
        self.link.start(now=self.loop.time())
        self.pump()

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        self.link.receive_data(data, now=self.loop.time())
        self.pump()

    def eof_received(self) -> None:
        """Take note that no more will come."""
        self.link.receive_eof(now=self.loop.time())
        self.pump()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - it is lost, why ever
        """Take note that the transport is gone."""
        self.eof_received()
        self.gone.set_result(None)

    def pause_writing(self) -> None:
        """Take no more from the one side than the other side takes."""
        if self.peer:
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on."""
        if self.peer:
            self.peer.transport.resume_reading()

    # --- what we do --------------------------------------------------------------------------------------

    def pump(self) -> None:
        """Handle what has happened, write what is to be written, and see to being woken."""
        for event in self.link.events():
            self.handle(event)
        for data in self.link.data_to_send():
            if data:
                self.transport.write(data)
            elif self.transport.can_write_eof():
                with suppress(OSError):  # the peer was quicker
                    self.transport.write_eof()
            else:
                self.transport.close()  # TLS knows no half-close
        if self.link.phase is Phase.CLOSED:
            self.transport.close()
        if self.timer:
            self.timer.cancel()
        deadline = self.link.next_timeout()
        self.timer = None if deadline is None else self.loop.call_at(deadline, self.ring, deadline)

    def ring(self, deadline: float) -> None:
        """Time has passed."""
        self.link.handle_timeout(now=max(deadline, self.loop.time()))
        self.pump()

    def handle(self, event: WebSocketEvent) -> None:
        """Pass on messages, and the end."""
        match event:
            case MessageReceived(data=data) if self.peer and self.peer.pipe.is_connected:
                self.show(f"{self.link.identity} {self.arrow}", data)
                self.peer.pipe.send(bytes(data))
                self.peer.pump()
            case Closed() if self.peer:
                self.peer.close()

    def close(self) -> None:
        """Begin to close."""
        self.link.close(now=self.loop.time(), code=GOING_AWAY)
        self.pump()


class CsmsLeg(Leg):
    """The one towards the CSMS, whose verdict on the station is ours."""

    arrow = "<--"

    def __init__(self, station: "StationLeg", link: StationWebSocket, pipe: MessagePipe) -> None:
        super().__init__(link, pipe, station.show)
        self.station = station

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.peer, self.station.peer = self.station, self
        super().connection_made(transport)

    def handle(self, event: WebSocketEvent) -> None:
        """Let the station in, or not."""
        match event:
            case Opened(version=version):
                self.station.let_in(version)
            case HandshakeRejected(status=status):
                self.station.turn_away(status)
            case _:
                super().handle(event)


class StationLeg(Leg):
    """The one towards the station, which waits until the CSMS has let it in."""

    arrow = "-->"

    def __init__(self, relay: "Relay") -> None:
        pipe = MessagePipe(Role.CSMS, config=CONFIG)
        self.door = CsmsWebSocket(versions=list(Version), connection=pipe)
        super().__init__(self.door, pipe, relay.show)
        self.relay = relay
        self.dialling: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.relay.stations.add(self)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave."""
        super().connection_lost(exc)
        self.relay.stations.discard(self)
        if self.dialling:
            self.dialling.cancel()

    def handle(self, event: WebSocketEvent) -> None:
        """Ask the CSMS about who comes."""
        if isinstance(event, HandshakeReceived) and event.faults:
            self.door.accept(now=self.loop.time())  # which refuses it, for the first of them
        elif isinstance(event, HandshakeReceived):
            self.dialling = self.loop.create_task(self.dial(event))
        else:
            super().handle(event)

    async def dial(self, request: HandshakeReceived) -> None:
        """Connect upstream, as this station."""
        pipe = MessagePipe(Role.STATION, config=CONFIG)
        try:
            link = StationWebSocket(
                self.relay.upstream,
                identity=request.identity,
                versions=request.versions,
                password=request.password,
                connection=pipe,
            )
            await self.loop.create_connection(
                partial(CsmsLeg, self, link, pipe),
                link.uri.host,
                link.uri.port,
                ssl=link.uri.secure or None,
            )
        except (OSError, ValueError):  # nobody there, or an identity that no URL can carry
            self.turn_away(None)

    def let_in(self, version: Version) -> None:
        """Do as the CSMS did."""
        if self.door.phase is Phase.DECISION:  # it may have gone meanwhile
            self.door.accept(version, now=self.loop.time())
            self.pump()

    def turn_away(self, status: int | None) -> None:
        """Refuse with the CSMS's status; without one, it is the gateway that is bad."""
        if self.door.phase is Phase.DECISION:
            if not status or status < HTTPStatus.BAD_REQUEST:
                status = HTTPStatus.BAD_GATEWAY
            self.door.reject(status, now=self.loop.time())
            self.pump()


class Relay:
    """What the stations have in common."""

    def __init__(self, upstream: str, *, is_shown: bool) -> None:
        self.upstream = upstream
        self.stations: set[StationLeg] = set()
        self.is_shown = is_shown

    def show(self, direction: str, data: bytes | bytearray) -> None:
        """Print a message as it passes."""
        if self.is_shown:
            text = data.decode(errors="replace")
            # a terminal would obey what cannot be printed
            print(direction, text if text.isprintable() else ascii(text), flush=True)

    async def run(self, port: int) -> None:
        """Serve until interrupted or terminated."""
        stopping = asyncio.Event()
        with suppress(NotImplementedError):  # on Windows; there, Ctrl-C cancels this function
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        server = await self.listen(port)
        print(f"listening on ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        try:
            await stopping.wait()
        finally:
            server.close()
            await self.close()

    async def listen(self, port: int) -> asyncio.Server:
        """Begin."""
        new_leg = partial(StationLeg, self)
        return await asyncio.get_running_loop().create_server(new_leg, "127.0.0.1", port)

    async def close(self) -> None:
        """Say goodbye to everyone."""
        legs = [leg for station in self.stations for leg in (station, station.peer) if leg]
        for leg in legs:
            leg.close()
        if legs:
            await asyncio.wait([leg.gone for leg in legs], timeout=SHUTDOWN_SECONDS)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=9001, help="0 takes any that is free")
    parser.add_argument("--upstream", default="ws://localhost:9000/ocpp", help="ws:// or wss://")
    parser.add_argument("--show", action="store_true", help="print the messages")
    options = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(Relay(options.upstream, is_shown=options.show).run(options.port))


if __name__ == "__main__":
    main()
