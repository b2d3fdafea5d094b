"""What a station says, as JSON: in 1.6, and in 2.0.1 and 2.1, whose messages of a charge are alike."""

from datetime import UTC, datetime
from decimal import Decimal

from msgspec import Struct

from ocpp_sansio.core import JsonObject, Version

__all__ = ["Charge", "Messages", "words_of"]

VENDOR = "Sans-IO"
MODEL = "Terminal"

_HARD_RESET = {"ImmediateReset": "HardReset"}
"""What 1.6 calls otherwise among the reasons of 2.x."""
_TRIGGERS = {
    "Local": "StopAuthorized",
    "EVDisconnected": "EVCommunicationLost",
    "PowerLoss": "AbnormalCondition",
    "Remote": "RemoteStop",
    "ImmediateReset": "ResetCommand",
    "DeAuthorized": "Deauthorized",
}
"""Why a charge ends, and the triggerReason of 2.x for it."""


class Charge(Struct):
    """A charge that runs."""

    key: str
    connector: int
    id_tag: str | None = None
    """Who pays; None after a restart, which does not know any more."""
    remote_start_id: int | None = None


class Messages:
    """Makes the messages of one version; each is an action and its payload."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.is_16 = version is Version.OCPP16

    def boot(self, reason: str) -> JsonObject:
        """Return a BootNotification."""
        if self.is_16:
            return {"chargePointVendor": VENDOR, "chargePointModel": MODEL}
        return {"reason": reason, "chargingStation": {"vendorName": VENDOR, "model": MODEL}}

    def status(self, connector: int, status: str) -> JsonObject:
        """Return a StatusNotification; `status` in the words of 1.6."""
        if self.is_16:
            told = {"connectorId": connector, "errorCode": "NoError", "status": status}
            return told | {"timestamp": _now()}
        word = status if status in {"Available", "Unavailable"} else "Occupied"
        return {"timestamp": _now(), "connectorStatus": word, "evseId": connector, "connectorId": 1}

    def authorize(self, id_tag: str) -> JsonObject:
        """Return an Authorize."""
        return {"idTag": id_tag} if self.is_16 else {"idToken": _token(id_tag)}

    def start(self, charge: Charge, wh: int, seq_no: int, why: str) -> tuple[str, JsonObject]:
        """Return what begins a charge; `why` is the triggerReason of 2.x."""
        if self.is_16:
            started = {"connectorId": charge.connector, "idTag": charge.id_tag, "meterStart": wh}
            return "StartTransaction", started | {"timestamp": _now()}
        info: JsonObject = {"chargingState": "Charging"}
        if charge.remote_start_id is not None:
            info |= {"remoteStartId": charge.remote_start_id}
        event = self._event(
            charge,
            "Started",
            why,
            seq_no=seq_no,
            value=self._value(wh, "Transaction.Begin"),
            info=info,
        )
        return "TransactionEvent", event | {"idToken": _token(charge.id_tag or "")}

    def reading(
        self, charge: Charge, wh: int, seq_no: int, *, is_triggered: bool = False
    ) -> tuple[str, JsonObject]:
        """Return what tells the meter amid a charge."""
        value = self._value(wh, "Trigger" if is_triggered else "Sample.Periodic")
        if self.is_16:
            return "MeterValues", {
                "connectorId": charge.connector,
                "transactionId": 0,  # the station knows better, and puts it in when it leaves
                "meterValue": [value],
            }
        why = "Trigger" if is_triggered else "MeterValuePeriodic"
        return "TransactionEvent", self._event(charge, "Updated", why, seq_no=seq_no, value=value)

    def end(self, charge: Charge, wh: int, seq_no: int, reason: str) -> tuple[str, JsonObject]:
        """Return what ends a charge; `reason` is the stoppedReason of 2.x."""
        if self.is_16:
            ended: JsonObject = {"transactionId": 0, "meterStop": wh, "timestamp": _now()}
            ended |= {"reason": _HARD_RESET.get(reason, reason)}
            return "StopTransaction", ended | ({"idTag": charge.id_tag} if charge.id_tag else {})
        event = self._event(
            charge,
            "Ended",
            _TRIGGERS[reason],
            seq_no=seq_no,
            value=self._value(wh, "Transaction.End"),
            info={"stoppedReason": reason},
        )
        return "TransactionEvent", event

    def _event(
        self,
        charge: Charge,
        kind: str,
        why: str,
        *,
        seq_no: int,
        value: JsonObject,
        info: JsonObject | None = None,
    ) -> JsonObject:
        return {
            "eventType": kind,
            "timestamp": _now(),
            "triggerReason": why,
            "seqNo": seq_no,
            "transactionInfo": {"transactionId": charge.key} | (info or {}),
            "evse": {"id": charge.connector, "connectorId": 1},
            "meterValue": [value],
        }

    def meter_values(self, connector: int, wh: int) -> tuple[str, JsonObject]:
        """Return what a trigger for MeterValues asks for."""
        where = {"connectorId" if self.is_16 else "evseId": connector}
        return "MeterValues", where | {"meterValue": [self._value(wh, "Trigger")]}

    def _value(self, wh: int, context: str) -> JsonObject:
        sample: JsonObject = {"context": context, "measurand": "Energy.Active.Import.Register"}
        if self.is_16:
            sample |= {"value": str(wh), "unit": "Wh"}
        else:
            sample |= {"value": Decimal(wh), "unitOfMeasure": {"unit": "Wh"}}
        return {"timestamp": _now(), "sampledValue": [sample]}


def words_of(action: str, payload: JsonObject) -> str:
    """Return what a message is called in a line: "TransactionEvent Ended"."""
    kind = payload.get("eventType")
    return f"{action} {kind}" if isinstance(kind, str) else action


def _now() -> str:
    """Return the time as OCPP writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _token(id_tag: str) -> JsonObject:
    return {"idToken": id_tag, "type": "ISO14443"}
