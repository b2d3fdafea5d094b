"""A charging station's firmware: one thread, one `select()`, no event loop of anybody's.

    python examples/firmware_loop.py --url ws://localhost:9000/ocpp --identity CP001

It boots, beats, meters, obeys Reset, TriggerMessage and ChangeConfiguration, dials again with a back-off when
the CSMS goes away, and keeps what it measures meanwhile. In between it sleeps: `Station.next_wake` is when
the next of its deadlines is due, the library's included. With --heartbeats it ends after so many.
"""

import argparse
import resource
import selectors
import socket
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from math import inf
from random import random
from time import monotonic
from typing import Any

from ocpp_sansio import (
    CallAborted,
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Config,
    Connection,
    ErrorCode,
    Request,
    Role,
    v16,
)
from ocpp_sansio.backoff import Backoff, Redials, ResetOn
from ocpp_sansio.websocket import (
    Closed,
    Opened,
    StationWebSocket,
    WebSocketConfig,
    WebSocketEvent,
)

BOOT_RETRY = 30
"""Seconds until the next BootNotification, where the CSMS leaves it to us (B-2)."""
READINGS_KEPT = 100
"""While nobody takes them; then the oldest make room."""
CALLS_QUEUED = 8
"""Beyond the one in flight: a CSMS that triggers faster than it answers is not humoured."""
SETTING_DIGITS = 9
UNSENT_KEPT = 16 * 1024
"""Bytes. Who does not take our answers gets to ask for no more."""
BOTH = selectors.EVENT_READ | selectors.EVENT_WRITE
CONFIG = Config(max_message_size=64 * 1024, max_queued_calls=CALLS_QUEUED)


class Transport:
    """A TCP connection that never blocks, and the one place where this program sleeps."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self.selector = selector
        self.stream: socket.socket | None = None
        self.unsent = bytearray()
        self.is_writable = False
        self.is_ending = False
        self.dials = 0
        self.wakeups = 0

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
        if self.stream and self.selector.get_key(self.stream).events != self._wanted():
            self.selector.modify(self.stream, self._wanted())
        ready = self.selector.select(None if seconds == inf else max(0.0, seconds))
        self.wakeups += 1
        if not ready or not self.stream:
            return None
        _, mask = ready[0]
        if mask & selectors.EVENT_WRITE:
            self.is_writable = True
            self._send(self.stream)
        return self._receive(self.stream) if mask & selectors.EVENT_READ else None

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

    def _wanted(self) -> int:
        if self.is_writable:
            return selectors.EVENT_READ
        return BOTH if len(self.unsent) < UNSENT_KEPT else selectors.EVENT_WRITE

    @staticmethod
    def _receive(stream: socket.socket) -> bytes | None:
        try:
            return stream.recv(4096)
        except BlockingIOError:
            return None
        except OSError:
            return b""


class Station:
    """What the station knows, what it does when, and what it does when it is called."""

    def __init__(
        self,
        url: str,
        identity: str,
        *,
        password: str | None = None,
        backoff: Backoff,
        heartbeats: float = inf,
        transport: Transport,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.url, self.identity, self.password = url, identity, password
        self.settings = {
            "HeartbeatInterval": 300,
            "MeterValueSampleInterval": 900,
            "WebSocketPingInterval": 60,
        }
        self.redials = Redials(backoff, random)
        self.heartbeats_left = heartbeats
        self.clock = clock
        self.transport = transport
        self.connection = Connection(Role.STATION, config=CONFIG)  # outlives its links
        self.link = self.new_link()
        self.alarms: dict[Callable[[float], None], float] = {
            self.dial: clock(),
            self.measure: clock(),
        }
        """What is to be done next, and when."""
        self.readings: deque[v16.MeterValue] = deque(maxlen=READINGS_KEPT)
        self.energy = 0
        self.is_accepted = False
        self.boot_at = -inf
        self.is_done = False

    # --- the loop ----------------------------------------------------------------------------------------

    def run(self) -> None:
        """Go on until there have been enough heartbeats."""
        try:
            while not self.is_done:
                self.turn()
        finally:
            self.transport.close()

    def turn(self) -> None:
        """Send, sleep, take in: the six steps of `ocpp_sansio.websocket`."""
        self.transport.write(self.link.data_to_send())
        received = self.transport.wait(self.next_wake() - self.clock())
        now = self.clock()
        if received:
            self.link.receive_data(received, now=now)
        elif received is not None:
            self.link.receive_eof(now=now)
        self.link.handle_timeout(now=now)
        for act in [act for act, at in self.alarms.items() if at <= now]:
            self.alarms.pop(act)
            act(now)
        for event in self.link.events():
            self.handle(event, now)

    def next_wake(self) -> float:
        """Return the moment until which there is nothing to do unless something comes."""
        deadline = self.link.next_timeout()
        return min(*self.alarms.values(), inf, inf if deadline is None else deadline)

    # --- what is due ---------------------------------------------------------------------------------------

    def dial(self, now: float) -> None:
        """Connect; the link's handshake timeout covers all of it."""
        self.link = self.new_link()
        self.link.start(now=now)
        try:
            self.transport.open(self.link.uri.host, self.link.uri.port)
        except OSError:
            self.link.receive_eof(now=now)

    def new_link(self) -> StationWebSocket:
        """Return a link for one more connection."""
        return StationWebSocket(
            self.url,
            identity=self.identity,
            versions=["ocpp1.6"],
            password=self.password,
            connection=self.connection,
            websocket=WebSocketConfig(ping_interval=self.settings["WebSocketPingInterval"]),
        )

    def boot(self, now: float) -> None:
        """Ask to be accepted."""
        me = v16.BootNotificationRequest(charge_point_vendor="Sans-IO", charge_point_model="Loop")
        self.call(me, now)

    def beat(self, now: float) -> None:
        """Say that we are there, and learn what time it is."""
        self.call(v16.HeartbeatRequest(), now)
        self.schedule(self.beat, "HeartbeatInterval", now)

    def measure(self, now: float) -> None:
        """Read the meter, which here is one that counts."""
        self.energy += 1
        energy = v16.SampledValue(
            value=str(self.energy),
            measurand=v16.Measurand.ENERGY_ACTIVE_IMPORT_REGISTER,
            unit=v16.UnitOfMeasure.WH,
        )
        self.readings.append(v16.MeterValue(timestamp=datetime.now(UTC), sampled_value=[energy]))
        if self.is_accepted:
            self.report(now)
        self.schedule(self.measure, "MeterValueSampleInterval", now)

    def report(self, now: float) -> None:
        """Send all readings in one message."""
        readings = list(self.readings)
        if readings and self.call(
            v16.MeterValuesRequest(connector_id=1, meter_value=readings), now
        ):
            self.readings.clear()

    def schedule(self, act: Callable[[float], None], key: str, now: float) -> None:
        """Do something once the seconds of a setting have passed; 0 means never."""
        self.alarms.pop(act, None)
        if self.settings[key]:
            self.alarms[act] = now + self.settings[key]

    def call(self, request: Request[Any], now: float) -> bool:
        """Call the CSMS; False if it is not there, or has let too many calls heap up."""
        connection = self.connection
        if not connection.is_connected or len(connection.queued_calls) >= CALLS_QUEUED:
            return False
        connection.send_call(request, now=now)
        return True

    # --- what comes ----------------------------------------------------------------------------------------

    def handle(self, event: WebSocketEvent, now: float) -> None:
        """Do what an event asks for."""
        match event:
            case Opened():
                self.redials.note(ResetOn.OPENED)
                print("connected", flush=True)
                self.resume(now)
            case CallReceived():
                self.answer(event, now)
            case CallResultReceived(payload=v16.BootNotificationResponse() as answer):
                self.on_boot(answer, now)
            case CallResultReceived(payload=v16.HeartbeatResponse(current_time=current_time)):
                self.on_heartbeat(current_time, now)
            case CallErrorReceived(call) | CallResultRejected(call) if (
                call.action == "BootNotification"
            ):
                self.alarms[self.boot] = now + BOOT_RETRY
            case CallTimedOut(call) | CallAborted(call):
                self.make_up_for(call.payload, now)
            case Closed(code=code, reason=reason):
                self.on_closed(f"disconnected: {code} {reason}".rstrip(), now)

    def resume(self, now: float) -> None:
        """Boot, unless that is done: a lost connection is no reboot (B-5)."""
        if not self.is_accepted:
            self.boot(now)
            return
        self.report(now)
        self.schedule(self.beat, "HeartbeatInterval", now)

    def on_boot(self, answer: v16.BootNotificationResponse, now: float) -> None:
        """Begin, or ask again later; a rejected station keeps silent meanwhile, so it hangs up (B-2, B-4)."""
        print(f"boot: {answer.status}", flush=True)
        if answer.status is v16.RegistrationStatus.ACCEPTED:
            self.is_accepted = True
            self.settings["HeartbeatInterval"] = (
                answer.interval or self.settings["HeartbeatInterval"]
            )
            self.resume(now)
            return
        self.boot_at = now + (answer.interval or BOOT_RETRY)
        if answer.status is v16.RegistrationStatus.PENDING:
            self.alarms[self.boot] = self.boot_at
        else:
            self.link.close(now=now)

    def on_heartbeat(self, current_time: datetime, now: float) -> None:
        """Count; hang up after the last."""
        print(f"heartbeat: it is {current_time:%H:%M:%S}", flush=True)
        self.heartbeats_left -= 1
        if self.heartbeats_left <= 0:
            self.link.close(now=now)

    def make_up_for(self, payload: object, now: float) -> None:
        """Take back the readings, or boot later, where nobody has answered."""
        if isinstance(payload, v16.MeterValuesRequest):
            self.readings = deque([*payload.meter_value, *self.readings], READINGS_KEPT)
        elif isinstance(payload, v16.BootNotificationRequest) and self.connection.is_connected:
            self.alarms[self.boot] = now + BOOT_RETRY

    def on_closed(self, what: str, now: float) -> None:
        """Drop the transport, and dial again after a while."""
        print(what, flush=True)
        self.transport.write(self.link.data_to_send())
        self.transport.close()
        for act in (self.boot, self.beat):
            self.alarms.pop(act, None)
        self.is_done = self.heartbeats_left <= 0
        self.alarms[self.dial] = max(self.boot_at, now + self.redials.next_wait())

    # --- what the CSMS asks for ----------------------------------------------------------------------------

    def answer(self, call: CallReceived, now: float) -> None:
        """Serve a call; what it makes us send leaves after its answer (A-15)."""
        match call.payload:
            case v16.ResetRequest(type=kind):
                print(f"{kind} reset", flush=True)
                accepted = v16.ResetResponse(status=v16.ResetStatus.ACCEPTED)
                self.connection.send_call_result(call, accepted, now=now)
                self.is_accepted = False
                self.link.close(now=now)  # what has been sent leaves before
            case v16.TriggerMessageRequest(requested_message=wanted):
                self.trigger(call, wanted, now)
            case v16.ChangeConfigurationRequest(key=key, value=value):
                status = self.change(key, value, now)
                changed = v16.ChangeConfigurationResponse(status=status)
                self.connection.send_call_result(call, changed, now=now)
            case _:
                self.connection.send_call_error(call, ErrorCode.NOT_SUPPORTED, now=now)

    def trigger(self, call: CallReceived, wanted: v16.MessageTrigger, now: float) -> None:
        """Send what is wanted: a BootNotification until one is accepted, the others from then on (B-6)."""
        acts = {
            v16.MessageTrigger.BOOT_NOTIFICATION: self.boot,
            v16.MessageTrigger.HEARTBEAT: self.beat,
            v16.MessageTrigger.METER_VALUES: self.measure,
        }
        act = acts.get(wanted)
        if act is None:
            status = v16.TriggerMessageStatus.NOT_IMPLEMENTED
        elif (act == self.boot) is self.is_accepted:
            status = v16.TriggerMessageStatus.REJECTED
        else:
            status = v16.TriggerMessageStatus.ACCEPTED
        answer = v16.TriggerMessageResponse(status=status)
        self.connection.send_call_result(call, answer, now=now)
        if act and status is v16.TriggerMessageStatus.ACCEPTED:
            act(now)

    def change(self, key: str, value: str, now: float) -> v16.ConfigurationStatus:
        """Set one of the settings, which takes effect at once. Names are in any case (A-12)."""
        name = next((name for name in self.settings if name.lower() == key.lower()), None)
        if name is None:
            return v16.ConfigurationStatus.NOT_SUPPORTED
        if not (value.isascii() and value.isdecimal() and len(value) <= SETTING_DIGITS):
            return v16.ConfigurationStatus.REJECTED  # negative ones too (C-10)
        self.settings[name] = int(value)
        self.schedule(self.measure, "MeterValueSampleInterval", now)
        if self.is_accepted:
            self.schedule(self.beat, "HeartbeatInterval", now)
        self.link.change_ping_interval(self.settings["WebSocketPingInterval"], now=now)
        return v16.ConfigurationStatus.ACCEPTED


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default="ws://localhost:9000/ocpp", help="without TLS")
    parser.add_argument("--identity", default="CP001")
    parser.add_argument("--password")
    parser.add_argument("--heartbeats", type=int, default=inf, help="end after so many")
    parser.add_argument("--retry", type=float, default=10.0, help="shortest back-off, in seconds")
    options = parser.parse_args()
    with selectors.DefaultSelector() as selector:
        station = Station(
            options.url,
            options.identity,
            password=options.password,
            backoff=Backoff(wait_minimum=options.retry, random_range=options.retry),
            heartbeats=options.heartbeats,
            transport=Transport(selector),
        )
        if station.link.uri.secure:
            parser.error("this example has no TLS: use ws://")
        started = monotonic()
        with suppress(KeyboardInterrupt):
            station.run()
        minutes = (monotonic() - started) / 60
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # KiB on Linux
    wakeups = station.transport.wakeups
    print(f"{wakeups} wake-ups in {minutes:.1f} minutes; {peak:.1f} MiB of memory at the peak")


if __name__ == "__main__":
    main()
