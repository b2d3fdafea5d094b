"""What a posted message is: its lane, its transaction, and whether it may go (T-1 to T-4, T-32)."""

from typing import Any

from msgspec import Struct

from ocpp_sansio.core import JsonObject, LocalProtocolError, Version, plain
from ocpp_sansio.station.records import Droppable, Lane, Part

__all__ = ["Posting", "read_posting"]


class Posting(Struct, frozen=True):
    """What the queue has to know of a message."""

    action: str
    lane: Lane
    transaction: str | None = None
    part: Part = Part.NONE
    droppable: Droppable = Droppable.NEVER
    connector: int | None = None
    seq_no: int | None = None
    """2.x: its number among the events of its transaction (T-26)."""


NEVER_QUEUED = frozenset({"BootNotification", "Heartbeat", "Authorize"})
"""Stale by the time they would leave, or the station's own (T-4)."""

_PARTS_16 = {
    "StartTransaction": Part.START,
    "StopTransaction": Part.END,
    "MeterValues": Part.MIDDLE,
}
_PARTS_2X = {"Started": Part.START, "Updated": Part.MIDDLE, "Ended": Part.END}

_READINGS = frozenset({"MeterValueClock", "MeterValuePeriodic"})
_LIMITS = frozenset(
    {
        "LimitSet",
        "CostLimitReached",
        "EnergyLimitReached",
        "TimeLimitReached",
        "SoCLimitReached",
    }
)


def read_posting(
    version: Version, action: str, body: JsonObject, transaction: str | None
) -> Posting:
    """Return what a message is. `transaction` is the key that was given with it, if one was.

    Raises LocalProtocolError for a message that cannot be queued, or lacks the key of its transaction.
    """
    if action in NEVER_QUEUED:
        raise LocalProtocolError(
            f"{plain(action)} is not posted: nobody wants it late; use send_call"
        )
    if action == "SecurityEventNotification":  # T-3
        return Posting(action, Lane.SECURITY)
    read = _posting_of_16 if version is Version.OCPP16 else _posting_of_2x
    try:
        return read(action, body, transaction)
    except (KeyError, TypeError, AttributeError):  # with validation off, it may be anything
        raise LocalProtocolError(f"this is no {plain(action)} that could be billed by") from None


def _posting_of_16(action: str, body: JsonObject, transaction: str | None) -> Posting:
    part = _PARTS_16.get(action)
    if part is None:
        return _other(action, body, transaction)
    if transaction is None and part is not Part.MIDDLE:
        raise LocalProtocolError(
            f"{plain(action)} needs the key that you know its transaction by: post(…, transaction=KEY)"
        )
    connector = body.get("connectorId")
    droppable = _droppable_of_16(body) if part is Part.MIDDLE else Droppable.NEVER
    return Posting(action, Lane.TRANSACTION, transaction, part, droppable, connector)


def _droppable_of_16(body: JsonObject) -> Droppable:
    for value in body.get("meterValue", ()):
        for sample in value.get("sampledValue", ()):
            if sample.get("format") == "SignedData":
                return Droppable.LATER
    return Droppable.FIRST


def _posting_of_2x(action: str, body: JsonObject, transaction: str | None) -> Posting:
    if action == "MeterValues" and transaction is not None:
        return Posting(action, Lane.TRANSACTION, transaction, Part.MIDDLE, Droppable.FIRST)
    if action != "TransactionEvent":
        return _other(action, body, transaction)
    key = body["transactionInfo"]["transactionId"]
    if transaction not in {None, key}:
        raise LocalProtocolError(
            "a TransactionEvent names its transaction itself: give no other key, or the same"
        )
    part = _PARTS_2X[body["eventType"]]
    droppable = _droppable_of_2x(body) if part is Part.MIDDLE else Droppable.NEVER
    connector = body.get("evse", {}).get("id")
    return Posting(action, Lane.TRANSACTION, key, part, droppable, connector, body["seqNo"])


def _droppable_of_2x(body: JsonObject) -> Droppable:
    if "idToken" in body or "reservationId" in body or "remoteStartId" in body["transactionInfo"]:
        return Droppable.NEVER
    if body["triggerReason"] in _LIMITS or _has_signed_values(body):
        return Droppable.NEVER
    return Droppable.FIRST if body["triggerReason"] in _READINGS else Droppable.LATER


def _has_signed_values(body: JsonObject) -> bool:
    samples: list[Any] = [
        sample for value in body.get("meterValue", ()) for sample in value["sampledValue"]
    ]
    return any("signedMeterValue" in sample for sample in samples)


def _other(action: str, body: JsonObject, transaction: str | None) -> Posting:
    if transaction is not None:
        raise LocalProtocolError(f"{plain(action)} belongs to no transaction: give no key")
    connector = body.get("connectorId") if action == "StatusNotification" else None
    return Posting(action, Lane.REST, droppable=Droppable.FIRST, connector=connector)
