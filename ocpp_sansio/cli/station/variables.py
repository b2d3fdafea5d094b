"""What the CSMS may set: the configuration keys of 1.6, and the variables of 2.x that mean the same."""

from collections.abc import Mapping
from typing import Any, Final

from ocpp_sansio.core import JsonObject, member
from ocpp_sansio.station import ENERGY, ChangeStatus, ConfigurationStore

__all__ = ["configuration", "get_variables", "set_variables"]

_VARIABLES: Final = {
    ("ocppcommctrlr", "heartbeatinterval"): "HeartbeatInterval",
    ("ocppcommctrlr", "messageattempts"): "TransactionMessageAttempts",
    ("ocppcommctrlr", "messageattemptinterval"): "TransactionMessageRetryInterval",
    ("sampleddatactrlr", "txupdatedinterval"): "MeterValueSampleInterval",
    ("txctrlr", "evconnectiontimeout"): "ConnectionTimeOut",
    ("authctrlr", "authorizeremotestart"): "AuthorizeRemoteTxRequests",
}
"""By component and variable, in small letters: the key of 1.6 that they stand for here."""
_ANSWERS: Final = {
    ChangeStatus.ACCEPTED: "Accepted",
    ChangeStatus.REBOOT_REQUIRED: "RebootRequired",
    ChangeStatus.REJECTED: "Rejected",
    ChangeStatus.NOT_SUPPORTED: "Rejected",
}
_AT_BOOT: Final = "MeterValueSampleInterval"
"""What a station of 2.x looks at when it boots."""


def configuration(stored: Mapping[str, str], *, connectors: int, sample: int) -> ConfigurationStore:
    """Return the settings of a boot: those it is made with, and what the CSMS has set since."""
    values = {
        "AuthorizeRemoteTxRequests": "false",
        "ClockAlignedDataInterval": "0",
        "ConnectionTimeOut": "60",
        "GetConfigurationMaxKeys": "50",
        "HeartbeatInterval": "300",
        "LocalAuthorizeOffline": "true",
        "MeterValueSampleInterval": str(sample),
        "MeterValuesSampledData": ENERGY,
        "NumberOfConnectors": str(connectors),
        "SupportedFeatureProfiles": "Core,RemoteTrigger",
        "TransactionMessageAttempts": "3",
        "TransactionMessageRetryInterval": "60",
    }
    return ConfigurationStore(values, stored=stored)


def set_variables(keys: ConfigurationStore, payload: Any) -> JsonObject:
    """Answer a SetVariables."""
    results = []
    for item in member(payload, "setVariableData") or ():
        key, asked = _key_of(item)
        status = "UnknownVariable"
        if key is not None:
            status = _ANSWERS[keys.change(key, member(item, "attributeValue"))]
            if key == _AT_BOOT and status == "Accepted":
                status = "RebootRequired"
        results.append(asked | {"attributeStatus": status})
    return {"setVariableResult": results}


def get_variables(keys: ConfigurationStore, payload: Any) -> JsonObject:
    """Answer a GetVariables."""
    results = []
    for item in member(payload, "getVariableData") or ():
        key, asked = _key_of(item)
        told: JsonObject = {"attributeStatus": "UnknownVariable"}
        if key is not None:
            told = {"attributeStatus": "Accepted", "attributeValue": keys[key]}
        results.append(asked | told)
    return {"getVariableResult": results}


def _key_of(item: Any) -> tuple[str | None, JsonObject]:
    """Return the key that a variable stands for, and how the answer names the variable."""
    asked: JsonObject = {}
    names = []
    for what in "component", "variable":
        named = member(item, what)
        name = str(member(named, "name"))
        instance = member(named, "instance")
        names.append(name.lower())
        asked[what] = {"name": name} | ({"instance": instance} if instance else {})
    return _VARIABLES.get((names[0], names[1])), asked
