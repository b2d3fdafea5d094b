"""A charging station's firmware: one thread, one `select()`, no event loop of anybody's, and no charge lost.

    python examples/firmware_loop.py --url ws://localhost:9000/ocpp --identity CP001 --store firmware.db

The CSMS starts and stops charges at two connectors. `ChargingStation` boots, beats, tells the status, has the
meters read, obeys triggers, keeps the configuration, and delivers what is billed over lost links and power
cuts. What is left: sockets, relays, meters, Reset. In between it sleeps until `Firmware.next_wake`. With
--heartbeats it ends after so many.
"""

import argparse
import resource
import selectors
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from math import inf
from random import random
from time import monotonic, time
from typing import Any
from uuid import uuid4

from msgspec.structs import replace

from ocpp_sansio import CallReceived, Config, ErrorCode, Version, v16
from ocpp_sansio.backoff import Backoff, Redials, ResetOn
from ocpp_sansio.station import (
    ENERGY,
    STANDARD_KEYS,
    Access,
    ChargingStation,
    ClockSet,
    ConfigurationStore,
    ConnectorStatus,
    Deauthorized,
    GivenUp,
    IdToken,
    KeyChanged,
    OutboxFull,
    Registered,
    RemoteStart,
    RemoteStop,
    Sample,
    StopReason,
    StoreDamaged,
    StoreFailed,
    core_values,
)
from ocpp_sansio.stores import SqliteStore, Store, carry_out
from ocpp_sansio.websocket import Closed, Opened, StationWebSocket, WebSocketConfig

CONNECTORS = (1, 2)
CALLS_QUEUED = 8
"""Beyond the one in flight: a CSMS that triggers faster than it answers is not humoured."""
UNSENT_KEPT = 16 * 1024
"""Bytes. Who does not take our answers gets to ask for no more."""
BOTH = selectors.EVENT_READ | selectors.EVENT_WRITE
CONFIG = Config(max_message_size=64 * 1024, max_queued_calls=CALLS_QUEUED)
BOOT = v16.BootNotificationRequest(charge_point_vendor="Sans-IO", charge_point_model="Loop")
VALUES = core_values(connectors=len(CONNECTORS)) | {
    "MeterValueSampleInterval": "900",
    "MeterValuesSampledData": ENERGY,
    "MinimumStatusDuration": "0",
    "SupportedFeatureProfiles": "Core,RemoteTrigger",
    "WebSocketPingInterval": "60",
}
"""The configuration that a station is delivered with; the store has what the CSMS has changed of it."""
KEYS = [replace(STANDARD_KEYS["AuthorizeRemoteTxRequests"], access=Access.READ)]
RESETS = {"Soft": StopReason.SOFT_RESET, "Hard": StopReason.HARD_RESET}
ACCEPTED, REJECTED = {"status": "Accepted"}, {"status": "Rejected"}
OTHER_ANSWERS = {
    "ClearCache": REJECTED,
    "DataTransfer": {"status": "UnknownVendorId"},
    "UnlockConnector": {"status": "NotSupported"},
}


class Transport:
    """A TCP connection that never blocks, and the one place where this program sleeps."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self.selector = selector
        self.stream: socket.socket | None = None
        self.unsent = bytearray()
        self.is_writable = self.is_ending = False
        self.dials = self.wakeups = 0

    def open(self, host: str, port: int) -> None:
        """Begin to connect; a failure shows as an end of stream. Raises OSError if there is no such host."""
        # As bytes: text would load the tables of international names, a third of a MiB.
        addresses = socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = addresses[self.dials % len(addresses)]
        self.dials += 1
        stream = socket.socket(family, kind, protocol)
        stream.setblocking(False)
        stream.connect_ex(address)
        self.adopt(stream)

    def adopt(self, stream: socket.socket) -> None:
        """Take a stream that does not block, and is connected or going to be."""
        self.stream = stream
        self.selector.register(stream, BOTH)

    def write(self, pieces: Iterable[bytes]) -> None:
        """Send what can be sent, and keep the rest; an empty piece ends the stream after it."""
        for piece in pieces:
            self.unsent += piece
            self.is_ending = self.is_ending or not piece
        if self.stream and self.is_writable:
            self._send(self.stream)

    def wait(self, seconds: float) -> bytes | None:
        """Sleep at most so long. Return what has come: b"" for the end of the stream, None for nothing."""
        if self.stream:
            is_full = len(self.unsent) >= UNSENT_KEPT
            wanted = selectors.EVENT_READ if self.is_writable else BOTH
            self.selector.modify(self.stream, selectors.EVENT_WRITE if is_full else wanted)
        ready = self.selector.select(None if seconds == inf else max(0.0, seconds))
        self.wakeups += 1
        if not ready or not self.stream:
            return None
        _, mask = ready[0]
        if mask & selectors.EVENT_WRITE:
            self._send(self.stream)
        try:
            return self.stream.recv(4096) if mask & selectors.EVENT_READ else None
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def close(self) -> None:
        """Drop the connection, if there is one."""
        if self.stream:
            self.selector.unregister(self.stream)
            self.stream.close()
        self.stream = None
        self.unsent.clear()
        self.is_writable = self.is_ending = False

    def _send(self, stream: socket.socket) -> None:
        try:
            if self.unsent:
                del self.unsent[: stream.send(self.unsent)]
            if self.is_ending and not self.unsent:
                stream.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass  # the selector will say when there is room
        except OSError:
            self.unsent.clear()  # it is gone: reading will tell
        self.is_writable = not self.unsent


class Outlet:
    """The relay and the meter of a connector, both pretended: a real meter keeps its register itself."""

    def __init__(self, clock: Callable[[], float], energy: float = 0.0) -> None:
        self.clock, self.register, self.since = clock, energy, inf

    @property
    def energy(self) -> int:
        """Watt hours, ever: one for each second of charging."""
        return int(self.register + max(0.0, self.clock() - self.since))

    def switch(self, *, is_on: bool) -> None:
        """Let the car charge, or not."""
        self.register, self.since = self.energy, self.clock() if is_on else inf


class Firmware:
    """What the station does when, and what is left of its answers. `address` is that of the CSMS."""

    def __init__(
        self,
        store: Store,
        transport: Transport,
        outlets: dict[int, Outlet],
        backoff: Backoff,
        *,
        clock: Callable[[], float] = monotonic,
        **address: Any,
    ) -> None:
        self.store, self.transport, self.outlets = store, transport, outlets
        self.redials = Redials(backoff, random)
        self.heartbeats_left, self.clock, self.address = inf, clock, address
        self.boot(StopReason.POWER_LOSS)

    def boot(self, why: StopReason) -> None:
        """Begin with what the store has, and end the charges that were interrupted."""
        now, restored = self.clock(), self.store.load()
        self.configuration = ConfigurationStore(
            VALUES, keys=KEYS, measurands=[ENERGY], stored=restored.values
        )
        self.station = ChargingStation(
            lambda *_: BOOT,
            random=random,
            read_meter=lambda connector, _: [Sample(self.outlets[connector].energy)],
            connectors=len(self.outlets),
            configuration=self.configuration,
            version=Version.OCPP16,
            restored=restored,
            config=CONFIG,
        )
        self.link = self.new_link()
        self.dial_at, self.is_done = now, False
        self.reset: StopReason | None = None
        self.charges = {each.key: each.connector or 0 for each in self.station.interrupted}
        for key in list(self.charges):
            self.stop(key, why, now)

    # --- the loop ----------------------------------------------------------------------------------------

    def run(self) -> None:
        """Go on until there have been enough heartbeats."""
        try:
            while not self.is_done:
                self.turn()
        finally:
            self.transport.close()
            self.flush()

    def turn(self) -> None:
        """Store, and only then send (D-1); sleep, take in: the steps of `ocpp_sansio.websocket`."""
        carry_out(self.station, self.store, now=self.clock())
        self.transport.write(self.link.data_to_send())
        received = self.transport.wait(self.next_wake() - self.clock())
        now = self.clock()
        if received:
            self.link.receive_data(received, now=now)
        elif received is not None:
            self.link.receive_eof(now=now)
        self.link.handle_timeout(now=now)
        if self.dial_at <= now:
            self.dial(now)
        for event in self.link.events():
            self.handle(event, now)
        is_waiting = self.reset is StopReason.SOFT_RESET and self.station.queued_messages()
        if self.reset and not is_waiting:
            self.link.close(now=now)

    def next_wake(self) -> float:
        """Return the moment until which there is nothing to do unless something comes."""
        deadline = self.link.next_timeout()
        return min(self.dial_at, inf if deadline is None else deadline)

    def flush(self) -> bool:
        """Store what might wait otherwise; return whether a boot loses nothing now."""
        self.station.flush_store(now=self.clock())
        return carry_out(self.station, self.store, now=self.clock())

    def dial(self, now: float) -> None:
        """Connect; the link's handshake timeout covers all of it."""
        self.dial_at = inf
        self.link = self.new_link()
        self.link.start(now=now)
        try:
            self.transport.open(self.link.uri.host, self.link.uri.port)
        except OSError:
            self.link.receive_eof(now=now)

    def new_link(self) -> StationWebSocket:
        """Return a link for one more connection."""
        interval = self.configuration.integer("WebSocketPingInterval")
        settings = WebSocketConfig(ping_interval=interval)
        return StationWebSocket(
            **self.address, versions=["ocpp1.6"], connection=self.station, websocket=settings
        )

    def handle(self, event: object, now: float) -> None:
        """Do what an event asks for."""
        match event:
            case Opened():
                self.redials.note(ResetOn.OPENED)
                print("connected", flush=True)
            case CallReceived():
                self.answer(event, now)
            case RemoteStart(connector=connector, id_token=id_token):
                self.start(connector, id_token, now)
            case RemoteStop(transaction=key):
                self.stop(key, StopReason.REMOTE, now)
            case Deauthorized(key) if self.configuration.boolean("StopTransactionOnInvalidId"):
                self.stop(key, StopReason.DE_AUTHORIZED, now)
            case KeyChanged(key="WebSocketPingInterval", value=seconds):
                self.link.change_ping_interval(int(seconds), now=now)
            case Registered(status):
                print(f"boot: {status}", flush=True)
            case ClockSet(utc, was_provisional=False):
                print(f"heartbeat: it is {utc:%H:%M:%S}", flush=True)
                self.heartbeats_left -= 1
                if self.heartbeats_left <= 0:
                    self.link.close(now=now)
            case GivenUp(record, why):
                print(f"given up: {record.action}, {why}", flush=True)
            case StoreFailed(what) | StoreDamaged(what):
                print(f"the store: {what}", flush=True)
            case Closed(code=code, reason=reason):
                print(f"disconnected: {code} {reason}".rstrip(), flush=True)
                self.on_closed(now)

    def on_closed(self, now: float) -> None:
        """Drop the transport; boot if that was asked for, and dial again after a while."""
        self.transport.write(self.link.data_to_send())
        self.transport.close()
        self.is_done = self.heartbeats_left <= 0
        if self.reset and self.flush():
            self.boot(self.reset)
        self.dial_at = now + self.redials.next_wait()

    # --- charges, and what the station does not do by itself -------------------------------------------

    def start(self, connector: int, id_token: IdToken, now: float) -> None:
        """Begin a charge, unless it could not be billed (T-33), or we are about to boot."""
        if self.reset:
            return
        key = str(uuid4())
        with suppress(OutboxFull):
            self.station.start(key, connector, id_token, now=now)
            self.charges[key] = connector
            self.station.set_status(connector, ConnectorStatus.CHARGING, now=now)
            self.outlets[connector].switch(is_on=True)

    def stop(self, key: str, why: StopReason, now: float) -> None:
        """End a charge."""
        connector = self.charges.pop(key)
        self.outlets[connector].switch(is_on=False)
        self.station.stop(key, why, now=now)
        status = ConnectorStatus.UNAVAILABLE if self.reset else ConnectorStatus.AVAILABLE
        self.station.set_status(connector, status, now=now)

    def answer(self, call: CallReceived, now: float) -> None:
        """Serve what the station does not by itself."""
        match call.payload:
            case v16.ResetRequest(type=kind):
                answer = ACCEPTED if self.prepare_reset(kind, now) else REJECTED
            case _:
                answer = OTHER_ANSWERS.get(call.action, {})
        if answer:
            self.station.send_call_result(call, answer, now=now)
        else:
            self.station.send_call_error(call, ErrorCode.NOT_SUPPORTED, now=now)

    def prepare_reset(self, kind: v16.ResetType, now: float) -> bool:
        """See to a boot, after the charges or at once; False: the store has failed, and would forget."""
        if not self.flush():
            return False
        self.reset = RESETS[kind]
        for connector in self.outlets:
            self.station.set_status(connector, ConnectorStatus.UNAVAILABLE, now=now)
        for key in list(self.charges) if kind is v16.ResetType.SOFT else ():
            self.stop(key, self.reset, now)
        return True


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default="ws://localhost:9000/ocpp", help="without TLS")
    parser.add_argument("--identity", default="CP001")
    parser.add_argument("--password")
    parser.add_argument("--store", default="firmware.db", help="what outlives a power cut")
    parser.add_argument("--heartbeats", type=int, default=inf, help="end after so many")
    parser.add_argument("--retry", type=float, default=10.0, help="shortest back-off, in seconds")
    options = parser.parse_args()
    address = {name: getattr(options, name) for name in ("url", "identity", "password")}
    # They begin where no earlier run can have come to, as a register only counts up.
    outlets = {connector: Outlet(monotonic, time()) for connector in CONNECTORS}
    with selectors.DefaultSelector() as selector, SqliteStore(options.store) as store:
        backoff = Backoff(wait_minimum=options.retry, random_range=options.retry)
        firmware = Firmware(store, Transport(selector), outlets, backoff, **address)
        firmware.heartbeats_left = options.heartbeats
        if firmware.link.uri.secure:
            parser.error("this example has no TLS: use ws://")
        with suppress(KeyboardInterrupt):
            firmware.run()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # KiB on Linux
    print(f"{firmware.transport.wakeups} wake-ups, {peak:.1f} MiB of memory at the peak")


if __name__ == "__main__":
    main()
