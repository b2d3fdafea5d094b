"""What each message of the demo says, in plain words, made from the message's own JSON."""

from collections.abc import Mapping
from typing import NamedTuple

from ocpp_sansio.core import JsonObject, Version

__all__ = ["Gloss", "gloss_of"]


class Gloss(NamedTuple):
    """How to say a request and its answer; `str.format` fills the gaps from the payload."""

    request: str
    answer: str


def gloss_of(version: Version, action: str, request: JsonObject) -> Gloss:
    """Return the words for a request and its answer; "…" for an action that the demo does not use."""
    key = f"{action} {request['eventType']}" if "eventType" in request else action
    return _GLOSSES[version].get(key, _UNTOLD)


_UNTOLD = Gloss("…", "…")

_IN_16: Mapping[str, Gloss] = {
    "BootNotification": Gloss(
        "I am a {chargePointModel} by {chargePointVendor}, just started.",
        "{status}. Report back every {interval} s.",
    ),
    "StatusNotification": Gloss("Connector {connectorId} is now {status}.", "Noted."),
    "Authorize": Gloss("May the holder of card {idTag} charge here?", "{idTagInfo[status]}."),
    "StartTransaction": Gloss(
        "{idTag} starts at {meterStart} Wh on connector {connectorId}.",
        "{idTagInfo[status]}. This is transaction {transactionId}.",
    ),
    "MeterValues": Gloss(
        "Transaction {transactionId}: meter at {meterValue[0][sampledValue][0][value]} Wh.",
        "Noted.",
    ),
    "RemoteStopTransaction": Gloss("Please stop transaction {transactionId}.", "{status}."),
    "StopTransaction": Gloss(
        "Transaction {transactionId} over ({reason}), at {meterStop} Wh.", "{idTagInfo[status]}."
    ),
}

_METER_IN_2X = "{meterValue[0][sampledValue][0][value]} Wh"

_IN_2X: Mapping[str, Gloss] = {
    "BootNotification": Gloss(
        "I am a {chargingStation[model]} by {chargingStation[vendorName]}, just started.",
        "{status}. Report back every {interval} s.",
    ),
    "StatusNotification": Gloss("Connector {connectorId} is now {connectorStatus}.", "Noted."),
    "Authorize": Gloss(
        "May the holder of card {idToken[idToken]} charge here?", "{idTokenInfo[status]}."
    ),
    "TransactionEvent Started": Gloss(
        f"{{idToken[idToken]}} starts at {_METER_IN_2X} on connector {{evse[connectorId]}}.",
        "{idTokenInfo[status]}.",
    ),
    "TransactionEvent Updated": Gloss(
        f"Transaction {{transactionInfo[transactionId]}}: meter at {_METER_IN_2X}.", "Noted."
    ),
    "TransactionEvent Ended": Gloss(
        f"Transaction {{transactionInfo[transactionId]}} over "
        f"({{transactionInfo[stoppedReason]}}), at {_METER_IN_2X}.",
        "Noted.",
    ),
    "RequestStopTransaction": Gloss("Please stop transaction {transactionId}.", "{status}."),
}

_GLOSSES: Mapping[Version, Mapping[str, Gloss]] = {
    Version.OCPP16: _IN_16,
    Version.OCPP201: _IN_2X,
    Version.OCPP21: _IN_2X,
}
