"""What the CSMS may set: the configuration keys of 1.6, and the variables of 2.x that mean the same."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ocpp_sansio.core import JsonObject, member
from ocpp_sansio.station import ChangeStatus, ConfigurationStore, Station

__all__ = ["Settings"]

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


class Settings:
    """The settings of one boot, kept in the store of its station."""

    def __init__(
        self,
        station: Station,
        stored: Mapping[str, str],
        *,
        connectors: int,
        sample: int,
        now: Callable[[], float],
    ) -> None:
        self._station = station
        self._now = now
        self._keys = ConfigurationStore(
            {
                "AuthorizeRemoteTxRequests": "false",
                "ClockAlignedDataInterval": "0",
                "ConnectionTimeOut": "60",
                "GetConfigurationMaxKeys": "50",
                "HeartbeatInterval": "300",
                "LocalAuthorizeOffline": "true",
                "MeterValueSampleInterval": str(sample),
                "MeterValuesSampledData": "Energy.Active.Import.Register",
                "NumberOfConnectors": str(connectors),
                "SupportedFeatureProfiles": "Core,RemoteTrigger",
                "TransactionMessageAttempts": "3",
                "TransactionMessageRetryInterval": "60",
            },
            stored=stored,
        )

    @property
    def sample_interval(self) -> int:
        """Seconds between the readings of a charge; 0: none."""
        return self._keys.integer("MeterValueSampleInterval")

    @property
    def connection_timeout(self) -> int:
        """Seconds that somebody who may charge has to plug his car in; 0: any time."""
        return self._keys.integer("ConnectionTimeOut")

    def apply(self) -> None:
        """Have the station go by what was set, and keep it."""
        now = self._now()
        for kept in self._keys.store_requests():
            self._station.keep(kept.name, kept.value, now=now)
        settings = self._keys.station_settings(self._station.settings)
        self._station.configure(settings, now=now)

    def change(self, payload: Any) -> JsonObject:
        """Answer a ChangeConfiguration."""
        return self._keys.answer_change(payload)

    def get(self, payload: Any) -> JsonObject:
        """Answer a GetConfiguration."""
        return self._keys.answer_get(payload)

    def set_variables(self, payload: Any) -> JsonObject:
        """Answer a SetVariables."""
        results = []
        for item in member(payload, "setVariableData") or ():
            key, asked = _key_of(item)
            status = "UnknownVariable"
            if key is not None:
                status = _ANSWERS[self._keys.change(key, member(item, "attributeValue"))]
            results.append(asked | {"attributeStatus": status})
        return {"setVariableResult": results}

    def get_variables(self, payload: Any) -> JsonObject:
        """Answer a GetVariables."""
        results = []
        for item in member(payload, "getVariableData") or ():
            key, asked = _key_of(item)
            told: JsonObject = {"attributeStatus": "UnknownVariable"}
            if key is not None:
                told = {"attributeStatus": "Accepted", "attributeValue": self._keys[key]}
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
