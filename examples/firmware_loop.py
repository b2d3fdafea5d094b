"""A charging station's firmware: one thread, one `select()`, no event loop of anybody's, and no charge lost.

    python examples/firmware_loop.py --url ws://localhost:9000/ocpp --identity CP001 --store firmware.db

The CSMS starts and stops charges at two connectors. `Station` boots, beats, and delivers what is posted, over
lost links and power cuts; the parts beside it say when to read a meter, which status to tell, what to answer.
In between the loop sleeps until `Firmware.next_wake`. With --heartbeats it ends after so many.
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

import ocpp_sansio as ocpp
from ocpp_sansio import station as parts
from ocpp_sansio import v16
from ocpp_sansio.backoff import Backoff, Redials, ResetOn
from ocpp_sansio.stores import SqliteStore, Store, carry_out
from ocpp_sansio.websocket import Closed, Opened, StationWebSocket

CONNECTORS = (1, 2)
CALLS_QUEUED = 8
"""Beyond the one in flight: a CSMS that triggers faster than it answers is not humoured."""
UNSENT_KEPT = 16 * 1024
"""Bytes. Who does not take our answers gets to ask for no more."""
BOTH = selectors.EVENT_READ | selectors.EVENT_WRITE
CONFIG = ocpp.Config(max_message_size=64 * 1024, max_queued_calls=CALLS_QUEUED)
BOOT = v16.BootNotificationRequest(charge_point_vendor="Sans-IO", charge_point_model="Loop")
ENERGY = v16.Measurand.ENERGY_ACTIVE_IMPORT_REGISTER
VALUES = parts.core_values(connectors=len(CONNECTORS)) | {
    "MeterValueSampleInterval": "900",
    "MeterValuesSampledData": ENERGY,
    "MinimumStatusDuration": "0",
    "SupportedFeatureProfiles": "Core,RemoteTrigger",
    "WebSocketPingInterval": "60",
}
"""The configuration that a station is delivered with; the store has what the CSMS has changed of it."""
FIXED = ("AuthorizeRemoteTxRequests", "StopTxnAlignedData", "StopTxnSampledData")
TRIGGERS = parts.TriggerRouter({"StatusNotification", "MeterValues"}, evses={1: 1, 2: 1})
KEYS = [replace(parts.STANDARD_KEYS[name], access=parts.Access.READ) for name in FIXED]
RESETS = {"Soft": v16.Reason.SOFT_RESET, "Hard": v16.Reason.HARD_RESET}
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
    """What the station does when, and what it answers when it is called. `address` is of the CSMS."""

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
        self.boot(v16.Reason.POWER_LOSS)

    def boot(self, why: v16.Reason) -> None:
        """Begin with what the store has, and end the charges that were interrupted."""
        now, restored = self.clock(), self.store.load()
        self.configuration = parts.ConfigurationStore(
            VALUES, keys=KEYS, measurands=[ENERGY], stored=restored.values
        )
        self.station = parts.Station(
            lambda *_: BOOT,
            random=random,
            restored=restored,
            settings=self.configuration.station_settings(parts.StationSettings()),
            config=CONFIG,
        )
        self.schedule = parts.MeterSchedule(parts.MeterPlan(), CONNECTORS)
        self.triggered: list[parts.TriggeredMessage] = []
        self.board = parts.StatusBoard()
        for connector in (0, *CONNECTORS):
            self.board.set(connector, v16.ChargePointStatus.AVAILABLE, now=now)
        self.link = StationWebSocket(**self.address, versions=["ocpp1.6"], connection=self.station)
        self.reconfigure(now)
        self.reset: v16.Reason | None = None
        self.dial_at, self.is_done = now, False
        for connector, charge in self.station.running.items():
            self.schedule.started(connector, charge.key, now=now)
        self.stop(self.station.running, why, now)

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
            self.board.observe(event)
            self.handle(event, now)
        self.follow_up(now)

    def next_wake(self) -> float:
        """Return the moment until which there is nothing to do unless something comes."""
        now = self.clock()
        wakes = (
            self.dial_at,
            self.link.next_timeout(),
            self.schedule.next_timeout(now=now, utc=self.station.clock.seconds(now=now)),
            self.board.next_timeout(self.station),
        )
        return min(wake for wake in wakes if wake is not None)

    def follow_up(self, now: float) -> None:
        """Do what follows from what has come, now that it is answered (A-15), and from the time."""
        if self.configuration.settle(self.station, now=now):
            self.reconfigure(now)
        for reading in self.schedule.take(now=now, utc=self.station.clock.seconds(now=now)):
            key = reading.transaction
            values = self.meter_values(reading.connector, reading.context, now)
            with suppress(parts.OutboxFull):  # the next one will do
                self.station.post(values, transaction=key, is_provisional=True, now=now)
        while self.triggered:
            with suppress(ocpp.LocalProtocolError):  # the link is gone, or it is too early (B-22)
                self.send_triggered(self.triggered.pop(0), now)
        self.board.send(self.station, now=now)
        if self.reset == "HardReset" or (self.reset and not self.station.queued_messages()):
            self.link.close(now=now)

    def reconfigure(self, now: float) -> None:
        """Go by what the configuration says."""
        self.schedule.configure(parts.MeterPlan.from_configuration(self.configuration), now=now)
        self.board.configure(minimum_duration=self.configuration.integer("MinimumStatusDuration"))
        self.link.change_ping_interval(self.configuration.integer("WebSocketPingInterval"), now=now)

    def flush(self) -> bool:
        """Store what might wait otherwise; return whether a boot loses nothing now."""
        self.station.flush_store(now=self.clock())
        return carry_out(self.station, self.store, now=self.clock())

    def dial(self, now: float) -> None:
        """Connect; the link's handshake timeout covers all of it."""
        self.dial_at = inf
        self.link = StationWebSocket(**self.address, versions=["ocpp1.6"], connection=self.station)
        self.reconfigure(now)
        self.link.start(now=now)
        try:
            self.transport.open(self.link.uri.host, self.link.uri.port)
        except OSError:
            self.link.receive_eof(now=now)

    def handle(self, event: object, now: float) -> None:
        """Do what an event asks for."""
        match event:
            case Opened():
                self.redials.note(ResetOn.OPENED)
                print("connected", flush=True)
            case ocpp.CallReceived():
                answer = self.answer_to(event, now)
                if answer is None:
                    self.station.send_call_error(event, ocpp.ErrorCode.NOT_SUPPORTED, now=now)
                else:
                    self.station.send_call_result(event, answer, now=now)
            case parts.Registered(status):
                print(f"boot: {status}", flush=True)
            case parts.ClockSet(utc, was_provisional=False):
                print(f"heartbeat: it is {utc:%H:%M:%S}", flush=True)
                self.heartbeats_left -= 1
                if self.heartbeats_left <= 0:
                    self.link.close(now=now)
            case parts.Deauthorized(key) if (
                self.configuration["StopTransactionOnInvalidId"] == "true"
            ):
                at = [each for each, its in self.station.running.items() if its.key == key]
                self.stop(at, v16.Reason.DE_AUTHORIZED, now)
            case parts.GivenUp(record, why):
                print(f"given up: {record.action}, {why}", flush=True)
            case parts.StoreFailed(what) | parts.StoreDamaged(what):
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

    # --- charges -------------------------------------------------------------------------------------------

    def start(self, wanted: int | None, id_tag: str, now: float) -> bool:
        """Begin a charge at a connector, or at any; False: it cannot be, or could not be billed (T-33)."""
        running = self.station.running
        free = [at for at in CONNECTORS if at not in running and wanted in {None, at}]
        if not free or self.reset:
            return False
        connector, key = free[0], str(uuid4())
        start = v16.StartTransactionRequest(
            connector_id=connector,
            id_tag=id_tag,
            meter_start=self.outlets[connector].energy,
            timestamp=self.station.clock.utc(now=now),
        )
        with suppress(parts.OutboxFull):
            self.station.post(start, transaction=key, is_provisional=True, now=now)
            self.schedule.started(connector, key, now=now)
            self.board.set(connector, v16.ChargePointStatus.CHARGING, now=now)
            self.outlets[connector].switch(is_on=True)
            return True
        return False

    def stop(self, connectors: Iterable[int], why: v16.Reason, now: float) -> None:
        """End the charges at connectors that have one."""
        for connector in list(connectors):
            key = self.station.running[connector].key
            self.outlets[connector].switch(is_on=False)
            stop = v16.StopTransactionRequest(
                transaction_id=0,  # the CSMS's is put in when it leaves (T-20)
                meter_stop=self.outlets[connector].energy,
                timestamp=self.station.clock.utc(now=now),
                reason=why,
            )
            self.station.post(stop, transaction=key, is_provisional=True, now=now)
            self.schedule.ended(connector)
            self.board.set(connector, v16.ChargePointStatus.AVAILABLE, now=now)

    def meter_values(self, connector: int, context: str, now: float) -> v16.MeterValuesRequest:
        """Return what the meter of a connector shows."""
        energy = v16.SampledValue(
            value=str(self.outlets[connector].energy),
            context=v16.ReadingContext(context),
            measurand=ENERGY,
        )
        utc = self.station.clock.utc(now=now)
        value = v16.MeterValue(timestamp=utc, sampled_value=[energy])
        return v16.MeterValuesRequest(connector_id=connector, meter_value=[value])

    # --- what the CSMS asks for ----------------------------------------------------------------------------

    def answer_to(self, call: ocpp.CallReceived, now: float) -> ocpp.JsonObject | None:
        """Do what is asked for, or see to it after the answer (A-15); None: we do not know how."""
        match call.payload:
            case v16.RemoteStartTransactionRequest(connector_id=wanted, id_tag=id_tag):
                return ACCEPTED if self.start(wanted, id_tag, now) else REJECTED
            case v16.RemoteStopTransactionRequest(transaction_id=number):
                at = [n for n, its in self.station.running.items() if its.transaction_id == number]
                self.stop(at, v16.Reason.REMOTE, now)
                return ACCEPTED if at else REJECTED
            case v16.ResetRequest(type=kind) if self.flush():
                self.reset = RESETS[kind]
                if kind is v16.ResetType.SOFT:
                    self.stop(self.station.running, self.reset, now)
                return ACCEPTED
            case v16.ResetRequest():
                return REJECTED  # the store has failed, and would forget
            case v16.TriggerMessageRequest():
                return self.trigger(call)
            case v16.ChangeConfigurationRequest():
                return self.configuration.answer_change(call.payload)
            case v16.GetConfigurationRequest():
                return self.configuration.answer_get(call.payload)
        return OTHER_ANSWERS.get(call.action)

    def trigger(self, call: ocpp.CallReceived) -> ocpp.JsonObject:
        """Have what is asked for sent after the answer, unless too much waits already."""
        route = TRIGGERS.route(ocpp.Version.OCPP16, call.action, call.payload)
        waiting = len(self.triggered) + len(self.station.queued_calls)
        if waiting + len(route.messages) > CALLS_QUEUED:
            return REJECTED
        self.triggered += route.messages
        return route.answer

    def send_triggered(self, message: parts.TriggeredMessage, now: float) -> None:
        """Send what is so now: it is lost if the link is."""
        connector = message.connector or 0
        if message.action == "StatusNotification":
            self.board.tell(self.station, self.board.current(connector), now=now)
        else:
            self.station.send_call(self.meter_values(connector, "Trigger", now), now=now)


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
