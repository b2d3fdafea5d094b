"""Which message a call of the CSMS asks for: that one may leave before the boot is accepted (B-30, B-44)."""

from collections.abc import Mapping
from typing import Any

from ocpp_sansio.core import member

__all__ = ["ANY_ACTION", "REMOTE_CONTROL", "TRIGGERS", "licensed_by"]

ANY_ACTION = "*"
"""Stands for all actions: nobody but its vendor knows what a CustomTrigger of 2.1 asks for."""

TRIGGERS = frozenset({"TriggerMessage", "ExtendedTriggerMessage"})
"""The actions that ask for a message by its name."""

REMOTE_CONTROL = frozenset(
    {
        "RemoteStartTransaction",
        "RemoteStopTransaction",
        "RequestStartTransaction",
        "RequestStopTransaction",
    }
)
"""What a CSMS may not ask for while the boot is Pending, and a station then refuses (B-29, B-43)."""

_REPORTS = frozenset({"GetBaseReport", "GetReport"})

_OTHER_NAMES: Mapping[str, str] = {
    "SignChargePointCertificate": "SignCertificate",
    "SignChargingStationCertificate": "SignCertificate",
    "SignV2GCertificate": "SignCertificate",
    "SignV2G20Certificate": "SignCertificate",
    "SignCombinedCertificate": "SignCertificate",
    "CustomTrigger": ANY_ACTION,
}
"""requestedMessage to action, where the name is not the same (B-44)."""

_EXTENDED_NAMES: Mapping[str, str] = {
    "FirmwareStatusNotification": "SignedFirmwareStatusNotification"
}
"""The same, for the trigger of the security extension of 1.6."""


def licensed_by(action: str, payload: Any) -> str | None:
    """Return the action that a call of the CSMS asks the station for; None if it asks for none."""
    if action in _REPORTS:
        return "NotifyReport"
    if action not in TRIGGERS:
        return None
    wanted = member(payload, "requestedMessage")
    if not isinstance(wanted, str):
        return None
    name = str(wanted)
    if action == "ExtendedTriggerMessage":
        name = _EXTENDED_NAMES.get(name, name)
    return _OTHER_NAMES.get(name, name)
