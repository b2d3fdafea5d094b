"""The watchers of `StoryJudge` for a charge: transactions and the meter."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from ocpp_sansio.core import is_beyond
from ocpp_sansio.traces.dialog import Message
from ocpp_sansio.traces.watchers import Memory, Sighted, Watcher

__all__ = ["Meters", "TransactionEvents", "Transactions"]

_AFTER_AN_OUTAGE: Final = frozenset(
    {"PowerLoss", "Reboot", "HardReset", "SoftReset", "UnlockCommand"}
)


class _Started(Struct):
    request: dict[str, Any]
    line: int
    stop: dict[str, Any] | None = None


class Transactions(Watcher):
    """The transactions of 1.6: ids given twice, stops without a start or after a stop, a meter that sinks."""

    actions = ("BootNotification", "StartTransaction", "StopTransaction")

    def __init__(self) -> None:
        self._started: Memory = Memory()  # by id
        self._has_booted = False

    def see(self, message: Message) -> Iterator[Sighted]:
        """See `Watcher.see`."""
        if message.action == "BootNotification":
            self._has_booted = True
        elif message.action == "StartTransaction" and message.is_result and message.call:
            yield from self._start(message, message.call)
        elif message.action == "StopTransaction" and message.is_call:
            yield from self._stop(message)

    def _start(self, message: Message, call: Message) -> Iterator[Sighted]:
        key = message.payload.get("transactionId")
        if type(key) is not int:
            return
        status = message.payload.get("idTagInfo")
        known = self._started.get(key)
        if known is None:
            self._started.put(key, _Started(call.payload, message.record.line))
        elif known.request != call.payload and key > 0:
            # The same request again is the same transaction; 0 and -1 stand for none in many CSMSs.
            is_accepted = isinstance(status, dict) and status.get("status") == "Accepted"
            expected = f"an id that was not given to another transaction before (line {known.line})"
            rule = "transaction_id_given_twice"
            path = "$.transactionId"
            yield Sighted(message.record, rule, path, expected, is_fault=is_accepted, got=str(key))

    def _stop(self, message: Message) -> Iterator[Sighted]:
        key = message.payload.get("transactionId")
        if type(key) is not int:
            return
        started = self._started.get(key)
        if started is None:
            if self._has_booted and str(message.payload.get("reason")) not in _AFTER_AN_OUTAGE:
                expected = "an id that a StartTransaction of this log was answered with"
                yield Sighted(
                    message.record, "stop_without_start", "$.transactionId", expected, got=str(key)
                )
            self._started.put(key, _Started({}, message.record.line, message.payload))
            return
        if started.stop is not None and started.stop != message.payload:
            expected = "one end of each transaction, or the same one again"
            yield Sighted(
                message.record, "stopped_twice", "$.transactionId", expected, got=str(key)
            )
        started.stop = message.payload
        first, last = started.request.get("meterStart"), message.payload.get("meterStop")
        if type(first) is int and type(last) is int and last < first:
            expected = f"no less than the meterStart, {first}"
            yield Sighted(
                message.record, "meter_runs_backwards", "$.meterStop", expected, got=str(last)
            )


class _Events(Struct):
    last: int
    seen: dict[int, dict[str, Any]]
    is_ended: bool = False


_MAX_SEEN: Final = 64


class TransactionEvents(Watcher):
    """The transactions of 2.x: gaps and repetitions of seqNo, events after the end."""

    actions = ("TransactionEvent",)

    def __init__(self) -> None:
        self._events: Memory = Memory()  # by transaction id

    def see(self, message: Message) -> Iterator[Sighted]:
        """See `Watcher.see`."""
        if not message.is_call:
            return
        payload, info = message.payload, message.payload.get("transactionInfo")
        key = info.get("transactionId") if isinstance(info, dict) else None
        number = payload.get("seqNo")
        if not isinstance(key, str) or type(number) is not int:
            return
        events = self._events.get(key)
        if events is None:
            self._events.put(
                key, _Events(number, {number: payload}, payload.get("eventType") == "Ended")
            )
            return
        if number in events.seen:
            if events.seen[number] != payload:
                expected = "a seqNo of its own for each event of a transaction"
                yield Sighted(
                    message.record,
                    "seq_no_repeated",
                    "$.seqNo",
                    expected,
                    is_fault=True,
                    got=str(number),
                )
            return  # the same again: a retry
        if number > events.last + 1:
            expected = (
                f"{events.last + 1}, which follows the last one; what is between is not in the log"
            )
            yield Sighted(message.record, "seq_no_gap", "$.seqNo", expected, got=str(number))
        elif events.is_ended and number > events.last:
            expected = "nothing after the Ended of its transaction"
            got = payload.get("eventType")
            yield Sighted(
                message.record, "event_after_end", "$.eventType", expected, is_fault=True, got=got
            )
        events.last = max(events.last, number)
        events.is_ended = events.is_ended or payload.get("eventType") == "Ended"
        events.seen[number] = payload
        if len(events.seen) > _MAX_SEEN:
            del events.seen[next(iter(events.seen))]


# --- meters ----------------------------------------------------------------------------------------------

_LONGEST_NUMBER: Final = 64  # characters
_REGISTER: Final = "Energy.Active.Import.Register"


class Meters(Watcher):
    """Energy registers that run backwards within a transaction."""

    actions = ("MeterValues", "TransactionEvent")

    def __init__(self) -> None:
        self._registers: Memory = Memory()

    def see(self, message: Message) -> Iterator[Sighted]:
        """See `Watcher.see`."""
        if not message.is_call:
            return
        payload = message.payload
        info, evse = payload.get("transactionInfo"), payload.get("evse")
        transaction = (
            info.get("transactionId") if isinstance(info, dict) else payload.get("transactionId")
        )
        if transaction is None:
            return  # a meter that is exchanged between two charges begins anew
        place = (
            payload.get("connectorId"),
            evse.get("id") if isinstance(evse, dict) else payload.get("evseId"),
        )
        for i, value in enumerate(_items(payload.get("meterValue"))):
            moment = value.get("timestamp")
            for j, sample in enumerate(_items(value.get("sampledValue"))):
                if sample.get("measurand", _REGISTER) != _REGISTER:
                    continue
                key = (
                    transaction,
                    place,
                    sample.get("phase"),
                    sample.get("location"),
                    _unit_of(sample),
                )
                path = f"$.meterValue[{i}].sampledValue[{j}].value"
                yield from self._compare(message, path, key, sample, moment)

    def _compare(
        self, message: Message, path: str, key: object, sample: dict[str, Any], moment: object
    ) -> Iterator[Sighted]:
        number = _number_in(sample.get("value"))
        if number is None or not isinstance(moment, str):
            return
        known = self._registers.get(key)
        if known is not None and moment < known[0]:
            return  # it comes late: an older value may be smaller
        self._registers.put(key, (moment, number))
        if known is not None and number < known[1]:
            expected = f"no less than the last one, {known[1]}"
            yield Sighted(message.record, "meter_runs_backwards", path, expected, got=str(number))


def _items(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _unit_of(sample: dict[str, Any]) -> object:
    unit = sample.get("unitOfMeasure")
    return (
        (unit.get("unit"), unit.get("multiplier")) if isinstance(unit, dict) else sample.get("unit")
    )


def _number_in(value: object) -> Decimal | None:
    if isinstance(value, bool) or is_beyond(value):
        return None
    if isinstance(value, str) and len(value) > _LONGEST_NUMBER:
        return None
    try:
        number = Decimal(value) if isinstance(value, int | Decimal | str) else None
    except ArithmeticError:
        return None
    return number if number is not None and number.is_finite() else None
