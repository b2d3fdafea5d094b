"""`ChargeMessages`: what is said of one transaction from its start to its end, in the words of its version.

Each message is the action and the payload: `session.post(*message, transaction=key, version=version)`.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from ocpp_sansio.core import JsonObject, Version
from ocpp_sansio.station.meter_schedule import ReadingContext, TransactionData, thinned
from ocpp_sansio.station.payloads import (
    ConnectorStatus,
    IdToken,
    Sample,
    StopReason,
    charging_state,
    meter_value_2x,
    meter_value_16,
)

__all__ = ["ChargeMessages", "Message"]

Message: TypeAlias = tuple[str, JsonObject]
"""The action and the payload."""

_EVENT = "TransactionEvent"
_UPDATES = {
    ReadingContext.SAMPLE_PERIODIC: "MeterValuePeriodic",
    ReadingContext.SAMPLE_CLOCK: "MeterValueClock",
    ReadingContext.TRIGGER: "Trigger",
}
"""The triggerReason of 2.x of a reading amid a transaction."""


class _Kept(Struct, frozen=True):
    """A reading for the message that ends the transaction; its time is known for good only then (K-6)."""

    at: float
    context: ReadingContext
    samples: tuple[Sample, ...]


class ChargeMessages:
    """The messages of one transaction at one connector, in 2.x the first of the EVSE with that number.

    `seq_no` is that of 2.x, from `Station.next_seq_no`; 1.6 has none. `status` is what the connector is
    doing, which 2.x wants to know as the chargingState.
    """

    __slots__ = ("_data", "_most_values", "connector", "key", "told_state", "version")

    def __init__(
        self, key: str, connector: int, version: Version, *, most_values: int = 100
    ) -> None:
        """Begin; `most_values` says how many readings the end has room for, its own too (T-34): 2 or more."""
        self.key = key
        self.connector = connector
        self.version = version
        self.told_state = ""
        """The chargingState of 2.x that the last message named."""
        self._most_values = most_values
        self._data: TransactionData[_Kept] = TransactionData(most_values)

    def started(
        self,
        id_token: IdToken | str,
        register: int,
        samples: Collection[Sample],
        *,
        utc: datetime,
        status: ConnectorStatus,
        remote_start_id: int | None = None,
    ) -> Message:
        """Return the start. `register` is the energy in Wh, `samples` what 2.x is told beside it."""
        token = IdToken.of(id_token)
        if self.version is Version.OCPP16:
            body: JsonObject = {
                "connectorId": self.connector,
                "idTag": token.text,
                "meterStart": register,
                "timestamp": utc,
            }
            return "StartTransaction", body
        why = "Authorized" if remote_start_id is None else "RemoteStart"
        body = self._event("Started", why, utc, 0, status) | {"idToken": token.in_2x}
        if remote_start_id is not None:
            body["transactionInfo"]["remoteStartId"] = remote_start_id
        body["meterValue"] = [meter_value_2x(samples, ReadingContext.TRANSACTION_BEGIN, utc)]
        return _EVENT, body

    def read(
        self,
        samples: Collection[Sample],
        context: ReadingContext,
        *,
        utc: datetime,
        seq_no: int,
        status: ConnectorStatus,
    ) -> Message:
        """Return what a reading is told with: MeterValues in 1.6."""
        if self.version is Version.OCPP16:
            value = meter_value_16(samples, context, utc)
            return "MeterValues", {"connectorId": self.connector, "meterValue": [value]}
        body = self._event("Updated", _UPDATES[context], utc, seq_no, status)
        if samples:
            body["meterValue"] = [meter_value_2x(samples, context, utc)]
        return _EVENT, body

    def changed(self, *, utc: datetime, seq_no: int, status: ConnectorStatus) -> Message | None:
        """Return what a change of the chargingState is told with; None if it is the same, and in 1.6."""
        if self.version is Version.OCPP16 or charging_state(status) == self.told_state:
            return None
        return _EVENT, self._event("Updated", "ChargingStateChanged", utc, seq_no, status)

    def resumed(self, *, utc: datetime, seq_no: int, status: ConnectorStatus) -> Message | None:
        """Return what going on after a restart is told with; None before 2.1, which has a word (T-28)."""
        if self.version is not Version.OCPP21:
            return None
        return _EVENT, self._event("Updated", "TxResumed", utc, seq_no, status)

    def keep(self, samples: Sequence[Sample], context: ReadingContext, *, now: float) -> None:
        """Keep a reading for the end; where there are too many, some in between go (T-34)."""
        if samples:
            self._data.add(_Kept(now, context, tuple(samples)))

    def ended(
        self,
        reason: StopReason,
        register: int,
        samples: Collection[Sample],
        *,
        utc: datetime,
        utc_of: Callable[[float], datetime],
        seq_no: int,
        id_token: IdToken | str | None = None,
        has_data: bool = True,
    ) -> Message:
        """Return the end. `samples` are of this moment; `utc_of` tells the time of what was kept.

        Without `has_data`, what was kept is left out, and all of the samples but the register.
        """
        make = meter_value_16 if self.version is Version.OCPP16 else meter_value_2x
        values = [make(each.samples, each.context, utc_of(each.at)) for each in self._data.values]
        if samples:
            values.append(make(samples, ReadingContext.TRANSACTION_END, utc))
            values = thinned(values, lambda left: len(left) <= self._most_values)
        if self.version is Version.OCPP16:
            body: JsonObject = {
                "transactionId": 0,  # the one that the CSMS has given is put in when it leaves (T-20)
                "meterStop": register,
                "timestamp": utc,
                "reason": reason.value,
            }
            body |= {"idTag": IdToken.of(id_token).text} if id_token else {}
            return "StopTransaction", body | (
                {"transactionData": values} if values and has_data else {}
            )
        trigger, stopped = reason.in_2x
        body = self._event("Ended", trigger, utc, seq_no, None)
        body["transactionInfo"]["stoppedReason"] = stopped
        end = meter_value_2x([Sample(register)], ReadingContext.TRANSACTION_END, utc)
        body["meterValue"] = values if has_data else [end]
        return _EVENT, body | ({"idToken": IdToken.of(id_token).in_2x} if id_token else {})

    def _event(
        self, kind: str, trigger: str, utc: datetime, seq_no: int, status: ConnectorStatus | None
    ) -> JsonObject:
        info: JsonObject = {"transactionId": self.key}
        if status is not None:
            self.told_state = charging_state(status)
            info["chargingState"] = self.told_state
        return {
            "eventType": kind,
            "timestamp": utc,
            "triggerReason": trigger,
            "seqNo": seq_no,
            "transactionInfo": info,
            "evse": {"id": self.connector, "connectorId": 1},
        }
