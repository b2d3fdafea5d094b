"""A station that charges twice and is killed: the process for `test_kills.py`, and the CSMS that outlives it.

Run as a program, it forks a station for each line it is given, "PATH PORT RUN", and says when that has ended.
The station talks to the CSMS over TCP on loopback, a message a line, and tells in further lines what it has
stored.
"""

import os
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from ocpp_sansio import CallReceived, Connection, Role, Version, v16
from ocpp_sansio.repetition import Repetitions
from ocpp_sansio.station import BootReason, Station, StationSettings
from ocpp_sansio.stores import SqliteStore

START = datetime(2026, 11, 26, tzinfo=UTC)
SESSIONS = 2
READINGS = (3, 7)
METER_STOP = 10


def boot(_version: Version, _reason: BootReason) -> v16.BootNotificationRequest:
    return v16.BootNotificationRequest(charge_point_vendor="V", charge_point_model="M")


class Charger:
    """The application: it charges, and ends after a restart what a kill has interrupted."""

    def __init__(self, path: Path, port: int, run: int) -> None:
        self.line = socket.create_connection(("127.0.0.1", port)).makefile("rw", newline="\n")
        self.say(f"pid {os.getpid()}")
        self.store = SqliteStore(path)
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
        self.store.close()
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
                self.station.stored(self.store.apply(requests), now=self.now)
                self.keep_promises()
                continue
            frames = self.station.frames_to_send()
            for frame in frames:
                self.say("frame " + bytes(frame.data).decode())
            if not frames and self.station.outstanding_call is None:
                self.station.events()
                return
            if self.station.outstanding_call is not None:
                self.station.received(self.line.readline(), now=self.now)

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


def main() -> None:
    for order in sys.stdin:
        path, port, run = order.split()
        child = os.fork()
        if not child:
            Charger(Path(path), int(port), int(run)).work()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print("ended", os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
