"""A station that charges twice, the CSMS that outlives it, and what the CSMS must have at the end.

The station says in lines what it sends and what it has stored, and reads answers. Run as a program, this
forks a station for each line it is given, "PATH PORT RUN", with TCP on loopback for its line, and says when
that has ended.
"""

import os
import socket
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, cast

from ocpp_sansio import CallReceived, Connection, Role, Version, v16
from ocpp_sansio.repetition import Repetitions
from ocpp_sansio.station import BootReason, Station, StationSettings, StoreRequest
from ocpp_sansio.stores import SqliteStore, Store, StoreError

START = datetime(2026, 11, 26, tzinfo=UTC)
SESSIONS = 2
READINGS = (3, 7)
METER_STOP = 10


def boot(_version: Version, _reason: BootReason) -> v16.BootNotificationRequest:
    return v16.BootNotificationRequest(charge_point_vendor="V", charge_point_model="M")


class Line(Protocol):
    """What a station says its lines to, and reads the answers of the CSMS from."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> object: ...

    def readline(self) -> str: ...


class Charger:
    """The application: it charges, and ends after a restart what a kill has interrupted."""

    def __init__(self, line: Line, store: Store, run: int) -> None:
        self.line = line
        self.store = store
        self.station = Station(
            boot,
            random=lambda: 0.0,
            restored=self.store.load(),
            settings=StationSettings(heartbeat_interval=0),
        )
        self.run = run
        self.now = 0.0
        self.promises: list[tuple[int, str]] = []

    def say(self, line: str) -> None:
        self.line.write(line + "\n")
        self.line.flush()

    def timestamp(self) -> datetime:
        self.now += 1.0
        return START + timedelta(days=self.run, seconds=self.now)

    def work(self) -> None:
        for left in self.station.open_transactions:
            if not left.is_ended:
                self.stop(left.key, METER_STOP - 1)
        self.charge(f"{self.run}-0")  # offline
        self.station.connected(Version.OCPP16, now=self.now)
        self.settle()
        for number in range(1, SESSIONS):
            self.charge(f"{self.run}-{number}")
        while self.station.queued_messages() or self.station.stored_token < self.station.last_token:
            self.now = max(self.now, self.station.next_timeout() or self.now + 1.0)
            self.station.handle_timeout(now=self.now)
            self.settle()
        self.say("done")

    def charge(self, key: str) -> None:
        request = v16.StartTransactionRequest(
            connector_id=1, id_tag=key, meter_start=0, timestamp=self.timestamp()
        )
        self.post(request, key, f"start {key} 0")
        for reading in READINGS:
            sample = v16.SampledValue(value=str(reading))
            value = v16.MeterValue(timestamp=self.timestamp(), sampled_value=[sample])
            values = v16.MeterValuesRequest(connector_id=1, meter_value=[value])
            self.post(values, key, f"value {key} {reading}")
        self.stop(key, METER_STOP)

    def stop(self, key: str, meter: int) -> None:
        request = v16.StopTransactionRequest(
            transaction_id=0, id_tag=key, meter_stop=meter, timestamp=self.timestamp()
        )
        self.post(request, key, f"stop {key} {meter}")

    def post(self, request: Any, key: str, promise: str) -> None:
        self.station.post(request, transaction=key, now=self.now)
        self.promises.append((self.station.last_token, promise))
        self.settle()

    def settle(self) -> None:
        """Store, send and wait for answers until there is nothing left to do at once."""
        while True:
            requests = self.station.store_requests()
            if requests:
                self.keep(requests)
                continue
            frames = self.station.frames_to_send()
            for frame in frames:
                self.say("frame " + bytes(frame.data).decode())
            if not frames and self.station.outstanding_call is None:
                self.station.events()
                return
            if self.station.outstanding_call is not None:
                self.station.received(self.line.readline(), now=self.now)

    def keep(self, requests: Sequence[StoreRequest]) -> None:
        try:
            token = self.store.apply(requests)
        except StoreError as error:
            self.station.store_failed(requests[-1].token, error, now=self.now)
        else:
            self.station.stored(token, now=self.now)
            self.keep_promises()

    def keep_promises(self) -> None:
        stored = self.station.stored_token
        for token, promise in self.promises:
            if token <= stored:
                self.say("stored " + promise)
        self.promises = [each for each in self.promises if each[0] > stored]


class Csms:
    """What outlives the station: it answers a repetition like the first time, and writes down the first."""

    def __init__(self) -> None:
        self.repetitions = Repetitions()
        self.starts: dict[int, v16.StartTransactionRequest] = {}
        self.stops: dict[int, v16.StopTransactionRequest] = {}
        self.values: dict[int | None, list[int]] = {}
        self.arrived: list[datetime] = []
        """The timestamps of what came for the first time, in the order in which it came."""
        self.repeated = 0
        self.connection = Connection(Role.CSMS)

    def connected(self) -> None:
        self.connection.disconnected(now=0.0)
        self.connection.connected(Version.OCPP16, now=0.0)

    def received(self, message: str) -> list[bytes]:
        self.connection.received(message, now=0.0)
        for event in self.connection.events():
            assert isinstance(event, CallReceived), event
            answer = self.answer(event.payload)
            self.connection.send_call_result(event, answer, now=0.0)
        return [bytes(frame.data) for frame in self.connection.frames_to_send()]

    def answer(self, request: Any) -> Any:
        if isinstance(request, v16.BootNotificationRequest):
            return v16.BootNotificationResponse(
                status=v16.RegistrationStatus.ACCEPTED, current_time=START, interval=0
            )
        if isinstance(request, v16.HeartbeatRequest):
            return v16.HeartbeatResponse(current_time=START)
        before = len(self.arrived)
        answer = self.repetitions.answer(request, lambda: self.first(request))
        self.repeated += before == len(self.arrived)
        return answer

    def first(self, request: Any) -> Any:
        if isinstance(request, v16.StartTransactionRequest):
            self.arrived.append(request.timestamp)
            number = len(self.starts) + 1
            self.starts[number] = request
            accepted = v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED)
            return v16.StartTransactionResponse(transaction_id=number, id_tag_info=accepted)
        if isinstance(request, v16.StopTransactionRequest):
            self.arrived.append(request.timestamp)
            assert request.transaction_id not in self.stops
            self.stops[request.transaction_id] = request
            return v16.StopTransactionResponse()
        request = cast("v16.MeterValuesRequest", request)
        self.arrived.append(request.meter_value[0].timestamp)
        value = int(request.meter_value[0].sampled_value[0].value)
        self.values.setdefault(request.transaction_id, []).append(value)
        return v16.MeterValuesResponse()


class Ledger:
    """What a station has promised, line by line, beside what the CSMS has."""

    def __init__(self) -> None:
        self.csms = Csms()
        self.promised: dict[str, dict[str, int]] = {}
        """What a station has said that it has stored: by key, by kind, the meter's last value."""
        self.runs = 0

    def hear(self, said: str, *, is_stored_first: bool = True) -> list[bytes]:
        """Take a line of the station's, and return what the CSMS answers."""
        kind, _, rest = said.rstrip("\n").partition(" ")
        if kind == "frame":
            if is_stored_first:
                self.require_stored(rest)
            return self.csms.received(rest)
        assert kind == "stored"
        what, key, meter = rest.split()
        self.promised.setdefault(key, {})[what] = int(meter)
        return []

    def require_stored(self, message: str) -> None:
        """Hold a message of this run to D-1; those of earlier ones may have been stored without a word."""
        if f'"idTag":"{self.runs}-' in message:
            key = message.partition('"idTag":"')[2].partition('"')[0]
            what = "start" if '"StartTransaction"' in message else "stop"
            assert what in self.promised[key]

    def judge(self) -> None:
        """Look at what the CSMS has, once all is delivered."""
        csms = self.csms
        ids = {request.id_tag: number for number, request in csms.starts.items()}
        assert len(ids) == len(csms.starts)  # no session twice
        assert self.promised.keys() <= ids.keys()  # none is missing
        assert csms.stops.keys() == csms.starts.keys()  # each has ended, with its own id
        for number, stop in csms.stops.items():
            assert stop.id_tag == csms.starts[number].id_tag
        for key, promised in self.promised.items():
            number = ids[key]
            assert csms.stops[number].meter_stop >= max(promised.values())
            assert promised.get("value", 0) <= max(csms.values.get(number, [0]))
        assert None not in csms.values
        assert csms.arrived == sorted(csms.arrived)  # in the order in which it happened


def main() -> None:
    for order in sys.stdin:
        path, port, run = order.split()
        child = os.fork()
        if not child:
            line = socket.create_connection(("127.0.0.1", int(port))).makefile("rw", newline="\n")
            line.write(f"pid {os.getpid()}\n")
            with SqliteStore(path) as store:
                Charger(line, store, int(run)).work()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print("ended", os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
