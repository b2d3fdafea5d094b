"""Random days in money: what a CSMS bills is what the meter counted, to the watt hour, whatever fails.

The CSMS is built on `idempotency_key`: it knows a repetition by what it says, and answers it like the first
time. The line loses links, answers come late, or not, or as CALLERROR; the power goes between any two writes.
"""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from station_pair import MIDNIGHT, Disk, event_2x, make_station, start_16, stop_16, values_16

from ocpp_sansio import CallReceived, Connection, ErrorCode, Role, Version, v16, v21, v201
from ocpp_sansio.repetition import Repetitions, idempotency_key
from ocpp_sansio.station import Persist, Station
from ocpp_sansio.testing import Faults, Link

CONNECTORS: tuple[int, ...] = (1, 2)


class Billing:
    """A CSMS: sessions by what its stations say, each message once, however often it comes."""

    def __init__(self, version: Version, chance: Random) -> None:
        self.version = version
        self.chance = chance
        self.connection = Connection(Role.CSMS)
        self.repetitions = Repetitions()
        self.sessions: dict[Any, dict[str, int]] = {}
        self.seen: set[Any] = set()
        self.repeated = 0
        self.is_kind = False
        self.late: list[tuple[float, CallReceived]] = []

    def serve(self, event: CallReceived, now: float) -> None:
        """Answer a call: at once, late, never, or with an error, before or after it was booked."""
        if event.action == "BootNotification":
            time = MIDNIGHT + timedelta(seconds=now)
            answer = {"status": "Accepted", "currentTime": time.isoformat(), "interval": 900}
            self.connection.send_call_result(event, answer, now=now)
            return
        if event.action == "Heartbeat":
            time = MIDNIGHT + timedelta(seconds=now)
            self.connection.send_call_result(event, {"currentTime": time.isoformat()}, now=now)
            return
        mood = 1.0 if self.is_kind else self.chance.random()
        if mood < 0.05:
            self.connection.send_call_error(event, ErrorCode.INTERNAL_ERROR, now=now)
        elif mood < 0.10:
            self.book(event.payload)  # and the answer never comes
        elif mood < 0.15:
            self.late.append((now + self.chance.choice([5.0, 29.0, 31.0, 70.0]), event))
        elif mood < 0.18:
            pass  # it is lost on the way to the database
        else:
            self.connection.send_call_result(event, self.book(event.payload), now=now)

    def serve_late(self, now: float) -> None:
        waiting, self.late = self.late, []
        for due, event in waiting:
            if due > now:
                self.late.append((due, event))
            elif event in self.connection.unanswered_calls:
                self.connection.send_call_result(event, self.book(event.payload), now=now)

    def book(self, request: Any) -> Any:
        key = idempotency_key(request)
        self.repeated += key in self.seen
        self.seen.add(key)
        return self.repetitions.answer(request, lambda: self._book(request))

    def _book(self, request: Any) -> Any:
        match request:
            case v16.StartTransactionRequest(meter_start=meter):
                number = len(self.sessions) + 1
                self.sessions[number] = {"start": meter}
                info = v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED)
                return v16.StartTransactionResponse(id_tag_info=info, transaction_id=number)
            case v16.MeterValuesRequest(transaction_id=number):
                self.sessions[number]["readings"] = self.sessions[number].get("readings", 0) + 1
                return v16.MeterValuesResponse()
            case v16.StopTransactionRequest(transaction_id=number, meter_stop=meter):
                self.sessions[number]["stop"] = meter
                return v16.StopTransactionResponse()
            case v201.TransactionEventRequest() | v21.TransactionEventRequest():
                return self._book_event(request)
        raise AssertionError(request)

    def _book_event(self, request: Any) -> Any:
        session = self.sessions.setdefault(request.transaction_info.transaction_id, {})
        value = int(request.meter_value[0].sampled_value[0].value)
        kind = {"Started": "start", "Ended": "stop"}.get(request.event_type)
        if kind:
            session[kind] = value
        else:
            session["readings"] = session.get("readings", 0) + 1
        package: Any = v201 if self.version is Version.OCPP201 else v21
        return package.TransactionEventResponse()

    def billed(self) -> int:
        return sum(session["stop"] - session["start"] for session in self.sessions.values())


class Day:
    """A day of a station with two connectors, and all that can go wrong in it."""

    def __init__(self, version: Version, seed: int) -> None:
        self.version = version
        self.chance = Random(seed)
        self.disk = Disk()
        self.billing = Billing(version, self.chance)
        self.now = 0.0
        self.meters = dict.fromkeys(CONNECTORS, 1000)
        self.running: dict[int, str] = {}
        self.started = 0
        self.readings: dict[tuple[str, str], int] = {}
        """What the meter said at the start and the end of each charge, by key and part."""
        self.written: dict[tuple[str, str], int] = {}
        """The same, once it is on the disk: what never was there was not promised to anybody."""
        self.power_up()

    def power_up(self) -> None:
        """A boot: the station knows what is on the disk, and ends what was running when the power went."""
        self.station: Station = make_station(
            self.disk.load(),
            # in this test nothing may be given up: what is, is not billed, and that is the CSMS's wish
            message_attempts=1000,
            message_interval=1.0,
            max_losses=10_000,
        )
        self.link = Link(
            self.station,
            self.billing.connection,
            faults=Faults(latency=0.05, jitter=0.3),
            seed=self.chance.randrange(1 << 30),
            on_csms_event=self._serve,
        )
        self.link.now = self.now
        self.running.clear()
        for transaction in self.station.open_transactions:
            connector = int(transaction.key.split("-")[0])
            if not transaction.is_ended and not self.stop(transaction.key, connector):
                return  # the power has gone again, and all that is done
        self.write()

    def _serve(self, event: Any) -> None:
        if isinstance(event, CallReceived):
            self.billing.serve(event, self.link.now)

    def start(self, connector: int) -> None:
        self.started += 1
        key, meter = f"{connector}-{self.started}", self.meters[connector]
        if self.version is Version.OCPP16:
            start = start_16(self.now, meter, f"TAG{self.started}")
            self.station.post(start, transaction=key, now=self.now)
        else:
            self.station.post(self._event("Started", key, meter), now=self.now)
        self.readings[key, "start"] = meter
        if self.write():  # a charge that was never written does not begin
            self.running[connector] = key

    def measure(self, connector: int, key: str) -> None:
        self.meters[connector] += self.chance.randrange(1, 500)
        meter = self.meters[connector]
        if self.version is Version.OCPP16:
            self.station.post(values_16(self.now, meter), transaction=key, now=self.now)
        else:
            self.station.post(self._event("Updated", key, meter), now=self.now)
        self.write()

    def stop(self, key: str, connector: int) -> bool:
        meter = self.meters[connector]
        if self.version is Version.OCPP16:
            self.station.post(stop_16(self.now, meter), transaction=key, now=self.now)
        else:
            self.station.post(self._event("Ended", key, meter), now=self.now)
        self.readings[key, "end"] = meter
        self.running.pop(connector, None)
        return self.write()

    def _event(self, kind: str, key: str, meter: int) -> Any:
        package: Any = v201 if self.version is Version.OCPP201 else v21
        number: Any = package.SampledValueType(value=meter)
        value = package.MeterValueType(
            timestamp=MIDNIGHT + timedelta(seconds=self.now), sampled_value=[number]
        )
        return event_2x(
            self.version,
            kind,
            key,
            self.station.next_seq_no(key),
            seconds=self.now,
            meter_value=[value],
        )

    def write(self) -> bool:
        """The store writes all it is asked; now and then the power goes in the middle. False: it has gone."""
        requests = self.station.store_requests()
        if not requests:
            return True
        if not self.billing.is_kind and self.chance.random() < 0.01:
            self._apply(requests[: self.chance.randrange(len(requests) + 1)])
            self.cut_power()
            return False
        self._apply(requests)
        self.station.stored(requests[-1].token, now=self.now)
        return True

    def _apply(self, requests: list[Any]) -> None:
        for request in requests:
            self.disk.apply_one(request)
            if isinstance(request, Persist) and request.record.transaction:
                place = (request.record.transaction, request.record.part.value)
                if place in self.readings:
                    self.written[place] = self.readings[place]

    def cut_power(self) -> None:
        self.link.cut()
        self.power_up()

    def charged(self) -> dict[str, int]:
        """What the meter counted in each charge that was ever written."""
        return {
            key: self.written[key, "end"] - begun
            for (key, part), begun in self.written.items()
            if part == "start"
        }

    def minutes(self, count: int) -> Iterator[None]:
        for _ in range(count):
            self.pass_time(60.0)
            yield

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            moments = [end, *(due for due, _ in self.billing.late)]
            due = self.station.next_timeout()
            if due is not None:
                moments.append(due)
            step = max(0.0, min(*moments, self.now + 5.0) - self.now)
            self.link.advance(step or 0.01)
            self.now = self.link.now
            self.billing.serve_late(self.now)
            self.write()

    def live(self, minutes: int) -> None:
        chance = self.chance
        for _ in self.minutes(minutes):
            if not self.link.is_connected:
                if chance.random() < 0.3:
                    self.link.connect(self.version)
            elif chance.random() < 0.08:
                self.link.cut()
            for connector in CONNECTORS:
                key = self.running.get(connector)
                if key is None:
                    if chance.random() < 0.2:
                        self.start(connector)
                elif chance.random() < 0.2:
                    self.stop(key, connector)
                else:
                    self.measure(connector, key)
            if chance.random() < 0.02:
                self.cut_power()

    def finish(self) -> None:
        """In the evening all charges end, and everything works."""
        self.billing.is_kind = True
        for connector, key in [*self.running.items()]:
            self.stop(key, connector)
        if not self.link.is_connected:
            self.link.connect(self.version)
        for _ in self.minutes(600):
            if not self.station.queued_messages() and not self.station.store_requests():
                return


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("version", Version, ids=lambda v: v.value)
def test_what_is_billed_is_what_was_charged(version: Version, seed: int) -> None:
    day = Day(version, seed)
    day.live(minutes=120)
    day.finish()
    assert day.station.queued_messages() == 0
    assert day.station.open_transactions == ()
    assert all({"start", "stop"} <= session.keys() for session in day.billing.sessions.values())
    assert day.billing.billed() == sum(day.charged().values()) > 0
    assert len(day.billing.sessions) == len(day.charged()) > 10


def test_the_days_have_all_that_can_go_wrong() -> None:
    day = Day(Version.OCPP16, 3)
    day.live(minutes=120)
    day.finish()
    assert day.billing.repeated > 3
    assert day.disk.records == {}
