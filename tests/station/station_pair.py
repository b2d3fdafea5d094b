"""What the station's tests share: a station on a virtual line, a CSMS with a table of answers, a store."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from ocpp_sansio import (
    Call,
    CallReceived,
    Config,
    Connection,
    LocalProtocolError,
    Role,
    Version,
    v16,
    v21,
    v201,
)
from ocpp_sansio.core import JsonObject, read_json, write_payload
from ocpp_sansio.station import (
    Amend,
    BootReason,
    Close,
    Forget,
    Keep,
    OpenTransaction,
    Persist,
    Record,
    Restored,
    Station,
    StationSettings,
)
from ocpp_sansio.testing import Link

MIDNIGHT = datetime(2026, 11, 26, tzinfo=UTC)
"""What UTC is when the virtual clock begins."""
SILENT: Any = object()
"""An answer that never comes."""


def boot(version: Version, reason: BootReason) -> Any:
    if version is Version.OCPP16:
        return v16.BootNotificationRequest(charge_point_vendor="V", charge_point_model="M")
    package: Any = v201 if version is Version.OCPP201 else v21
    return package.BootNotificationRequest(
        charging_station=package.ChargingStationType(vendor_name="V", model="M"),
        reason=package.BootReasonEnumType(reason.value),
    )


def make_station(
    restored: Restored | None = None,
    *,
    reason: BootReason = BootReason.POWER_UP,
    config: Config | None = None,
    chance: float = 0.0,
    **settings: Any,
) -> Station:
    return Station(
        boot,
        random=lambda: chance,
        reason=reason,
        restored=restored,
        settings=StationSettings(**settings),
        config=config or Config(),
    )


class Disk:
    """A store that keeps what it is told, as a dict."""

    def __init__(self) -> None:
        self.records: dict[int, Record] = {}
        self.transactions: dict[str, OpenTransaction] = {}
        self.values: dict[str, str] = {}
        self.commits = 0

    def apply(self, requests: Sequence[Any]) -> int:
        self.commits += 1
        for request in requests:
            self.apply_one(request)
        return int(requests[-1].token)

    def apply_one(self, request: Any) -> None:
        match request:
            case Persist(_, record, transaction):
                self.records[record.seq] = record
                self._write(transaction)
            case Amend(_, seq, attempts) if seq in self.records:
                self.records[seq] = replace(self.records[seq], attempts=attempts)
            case Forget(_, seq, transaction, closed):
                self.records.pop(seq, None)
                self._write(transaction)
                self.transactions.pop(closed or "", None)
            case Close(_, key):
                self.transactions.pop(key, None)
            case Keep(_, name, str(value)):
                self.values[name] = value

    def _write(self, transaction: OpenTransaction | None) -> None:
        if transaction:
            self.transactions[transaction.key] = transaction

    def load(self) -> Restored:
        return Restored(
            records=tuple(record for _, record in sorted(self.records.items())),
            transactions=tuple(self.transactions.values()),
            values=dict(self.values),
        )


class World:
    """A station, its store, and a CSMS that answers by `answers`: a payload, an error code, or SILENT.

    An answer may be a function of the call. What the CSMS was asked is in `asked`, with its moment.
    """

    def __init__(
        self,
        version: Version,
        station: Station | None = None,
        *,
        disk: Disk | None = None,
        is_stored: bool = True,
    ) -> None:
        self.version = version
        self.station = station or make_station()
        self.csms = Connection(Role.CSMS)
        self.disk = disk or Disk()
        self.is_stored = is_stored
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[float, str, JsonObject]] = []
        self.open_calls: list[CallReceived] = []
        self.outcomes: list[Any] = []
        self.link = Link(
            self.station,
            self.csms,
            on_csms_event=self._serve,
        )
        self.events: list[Any] = []

    @property
    def now(self) -> float:
        return self.link.now

    def utc(self) -> datetime:
        return MIDNIGHT + timedelta(seconds=self.now)

    def connect(self) -> "World":
        self.link.connect(self.version)
        return self.run()

    def cut(self) -> "World":
        self.link.cut()
        return self.run()

    def run(self) -> "World":
        self.link.run_until_idle()
        while self._store():
            self.link.run_until_idle()
        self.events += self.link.events(Role.STATION)
        return self

    def advance(self, seconds: float) -> "World":
        """Let time pass, in steps at which the store is asked."""
        end = self.now + seconds
        self.run()
        while True:
            due = self.station.next_timeout()
            if due is None or due > end:
                break
            self.link.advance(max(due - self.now, 0.0))
            self.run()
        self.link.advance(end - self.now)
        return self.run()

    def _store(self) -> bool:
        requests = self.station.store_requests()
        if requests and self.is_stored:
            self.station.stored(self.disk.apply(requests), now=self.now)
        return bool(requests)

    def _serve(self, event: Any) -> None:
        if not isinstance(event, CallReceived):
            self.outcomes.append(event)
            return
        payload = event.payload
        body = payload if isinstance(payload, dict) else read_json(write_payload(payload))
        self.asked.append((self.now, event.action, body))
        answer = self.answers.get(event.action, self._usual)
        if isinstance(answer, Callable):  # type: ignore[arg-type]
            answer = answer(event)
        if isinstance(answer, list):
            answer = answer.pop(0) if answer else self._usual(event)
        self.answer(event, answer)

    def answer(self, event: CallReceived, answer: Any) -> None:
        if answer is SILENT:
            self.open_calls.append(event)
        elif isinstance(answer, dict):
            self.csms.send_call_result(event, answer, now=self.now)
        else:
            self.csms.send_call_error(event, answer, now=self.now)

    def _usual(self, event: CallReceived) -> JsonObject:
        now = self.utc().isoformat()
        if event.action == "BootNotification":
            return {"status": "Accepted", "currentTime": now, "interval": 0}
        if event.action == "Heartbeat":
            return {"currentTime": now}
        if event.action == "StartTransaction":
            return {"transactionId": 100 + len(self.asked), "idTagInfo": {"status": "Accepted"}}
        if event.action == "DataTransfer":
            return {"status": "Accepted"}
        return {}

    def boots(self, status: str, interval: int) -> JsonObject:
        return {
            "status": status,
            "currentTime": self.utc().isoformat(),
            "interval": interval,
        }

    def actions(self) -> list[str]:
        """What the CSMS was asked since the last look."""
        asked, self.asked = self.asked, []
        return [action for _, action, _ in asked]

    def moments(self, action: str) -> list[float]:
        return [moment for moment, name, _ in self.asked if name == action]

    def ask(self, action: str, payload: JsonObject) -> Any:
        """Have the CSMS call the station; return the outcome that there is at once, or None."""
        self.outcomes.clear()
        self.csms.send_call(action, payload, now=self.now)
        self.run()
        return self.outcomes[-1] if self.outcomes else None

    def taken(self, kind: type) -> list[Any]:
        """Return the station's events of a class since the last look, and forget all."""
        events, self.events = self.events, []
        return [event for event in events if isinstance(event, kind)]


def may_call(station: Station, action: str, payload: JsonObject, *, now: float) -> bool:
    """Whether a call of the application's passes the gate; if so, it is made."""
    try:
        call: Call = station.send_call(action, payload, now=now)
    except LocalProtocolError:
        return False
    return call is not None


# --- messages of a charge ---------------------------------------------------------------------------


def start_16(seconds: float = 0.0, meter: int = 0, tag: str = "TAG") -> v16.StartTransactionRequest:
    return v16.StartTransactionRequest(
        connector_id=1,
        id_tag=tag,
        meter_start=meter,
        timestamp=MIDNIGHT + timedelta(seconds=seconds),
    )


def stop_16(seconds: float = 0.0, meter: int = 10) -> v16.StopTransactionRequest:
    return v16.StopTransactionRequest(
        transaction_id=0, meter_stop=meter, timestamp=MIDNIGHT + timedelta(seconds=seconds)
    )


def values_16(seconds: float = 0.0, meter: int = 5) -> v16.MeterValuesRequest:
    value = v16.MeterValue(
        timestamp=MIDNIGHT + timedelta(seconds=seconds),
        sampled_value=[v16.SampledValue(value=str(meter))],
    )
    return v16.MeterValuesRequest(connector_id=1, meter_value=[value])


def event_2x(
    version: Version,
    kind: str,
    key: str,
    seq_no: int,
    *,
    trigger: str = "MeterValuePeriodic",
    seconds: float = 0.0,
    **members: Any,
) -> Any:
    package: Any = v201 if version is Version.OCPP201 else v21
    return package.TransactionEventRequest(
        event_type=package.TransactionEventEnumType(kind),
        timestamp=MIDNIGHT + timedelta(seconds=seconds),
        trigger_reason=package.TriggerReasonEnumType(trigger),
        seq_no=seq_no,
        transaction_info=package.TransactionType(transaction_id=key),
        **members,
    )
