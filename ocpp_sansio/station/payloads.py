"""What a charging station says, in the words of either generation: the payloads of 1.6 and of 2.x as JSON.

One connector is one EVSE here: connector 2 of 1.6 is the first connector of EVSE 2.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from ocpp_sansio.core import JsonObject

__all__ = [
    "ENERGY",
    "ConnectorStatus",
    "IdToken",
    "Sample",
    "StopReason",
    "charging_state",
    "is_among",
    "meter_value_2x",
    "meter_value_16",
    "status_2x",
    "status_16",
    "watt_hours",
]

ENERGY = "Energy.Active.Import.Register"
"""The measurand that is billed by."""


class ConnectorStatus(StrEnum):
    """What a connector is doing, in the words of 1.6, which say more than those of 2.x (C16 4.9)."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"

    @property
    def in_2x(self) -> str:
        """Its word in 2.x: there, whatever has a cable in it is Occupied."""
        return self.value if self in _SAME_IN_2X else "Occupied"


_SAME_IN_2X = frozenset(
    {
        ConnectorStatus.AVAILABLE,
        ConnectorStatus.RESERVED,
        ConnectorStatus.UNAVAILABLE,
        ConnectorStatus.FAULTED,
    }
)


class IdToken(Struct, frozen=True):
    """Who charges."""

    text: str
    """The token itself: the idTag of 1.6."""
    type: str = "ISO14443"
    """What kind of token it is, which 2.x wants to know: Central, eMAID, ISO14443, ISO15693, KeyCode …"""

    @classmethod
    def of(cls, token: "IdToken | str") -> "IdToken":
        """Return a token as it is, or one of a card."""
        return cls(token) if isinstance(token, str) else token

    @property
    def in_2x(self) -> JsonObject:
        """An idToken of 2.x."""
        return {"idToken": self.text, "type": self.type}


class StopReason(StrEnum):
    """Why a transaction ends, in the words of 1.6."""

    LOCAL = "Local"
    REMOTE = "Remote"
    EV_DISCONNECTED = "EVDisconnected"
    DE_AUTHORIZED = "DeAuthorized"
    POWER_LOSS = "PowerLoss"
    REBOOT = "Reboot"
    HARD_RESET = "HardReset"
    SOFT_RESET = "SoftReset"
    EMERGENCY_STOP = "EmergencyStop"
    UNLOCK_COMMAND = "UnlockCommand"
    OTHER = "Other"

    @property
    def in_2x(self) -> tuple[str, str]:
        """Its triggerReason and its stoppedReason in 2.x."""
        return _REASONS_2X[self]


_REASONS_2X: Mapping[StopReason, tuple[str, str]] = {
    StopReason.LOCAL: ("StopAuthorized", "Local"),
    StopReason.REMOTE: ("RemoteStop", "Remote"),
    StopReason.EV_DISCONNECTED: ("EVCommunicationLost", "EVDisconnected"),
    StopReason.DE_AUTHORIZED: ("Deauthorized", "DeAuthorized"),
    StopReason.POWER_LOSS: ("AbnormalCondition", "PowerLoss"),  # T-28
    StopReason.REBOOT: ("AbnormalCondition", "Reboot"),
    StopReason.HARD_RESET: ("ResetCommand", "ImmediateReset"),
    StopReason.SOFT_RESET: ("ResetCommand", "ImmediateReset"),
    StopReason.EMERGENCY_STOP: ("AbnormalCondition", "EmergencyStop"),
    StopReason.UNLOCK_COMMAND: ("UnlockCommand", "Other"),
    StopReason.OTHER: ("AbnormalCondition", "Other"),
}


class Sample(Struct, frozen=True):
    """One value that a meter shows."""

    value: Decimal | int
    measurand: str = ENERGY
    unit: str = "Wh"
    """As the versions spell it: Wh, kWh, W, kW, A, V, Percent, Celsius …"""
    phase: str | None = None
    """Such as "L1" or "L1-N"; None: of all phases."""


def watt_hours(samples: Iterable[Sample]) -> int | None:
    """Return what the energy register shows, in whole Wh; None if it is not among these."""
    for sample in samples:
        if sample.measurand == ENERGY and sample.phase is None:
            return int(sample.value * 1000 if sample.unit == "kWh" else sample.value)
    return None


def is_among(sample: Sample, measurands: Collection[str]) -> bool:
    """Whether a value is one of those that are wanted: by its measurand, or by that and its phase."""
    return sample.measurand in measurands or f"{sample.measurand}.{sample.phase}" in measurands


def charging_state(status: ConnectorStatus) -> str:
    """Return the chargingState of 2.x of a transaction, by its connector's status."""
    return status.value if status in _CHARGING_STATES else "EVConnected"


_CHARGING_STATES = frozenset(
    {ConnectorStatus.CHARGING, ConnectorStatus.SUSPENDED_EV, ConnectorStatus.SUSPENDED_EVSE}
)


def status_16(connector: int, status: ConnectorStatus, error: str, at: datetime) -> JsonObject:
    """Return a StatusNotification of 1.6."""
    return {"connectorId": connector, "errorCode": error, "status": status.value, "timestamp": at}


def status_2x(evse: int, status: ConnectorStatus, at: datetime) -> JsonObject:
    """Return a StatusNotification of 2.x."""
    return {
        "evseId": evse,
        "connectorId": 1,
        "connectorStatus": status.in_2x,
        "timestamp": at,
    }


def meter_value_16(samples: Iterable[Sample], context: str, at: datetime) -> JsonObject:
    """Return a meterValue of 1.6, whose values are texts."""
    sampled = [
        {"value": format(Decimal(sample.value), "f"), "unit": sample.unit} | _about(sample, context)
        for sample in samples
    ]
    return {"timestamp": at, "sampledValue": sampled}


def meter_value_2x(samples: Iterable[Sample], context: str, at: datetime) -> JsonObject:
    """Return a meterValue of 2.x, whose values are numbers."""
    sampled = [
        {"value": sample.value, "unitOfMeasure": {"unit": sample.unit}} | _about(sample, context)
        for sample in samples
    ]
    return {"timestamp": at, "sampledValue": sampled}


def _about(sample: Sample, context: str) -> JsonObject:
    phase = {"phase": sample.phase} if sample.phase else {}
    return {"measurand": sample.measurand, "context": context} | phase
