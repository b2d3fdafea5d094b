"""`ConfigurationStore`: the configuration keys of a 1.6 station, and what a CSMS is answered about them.

Which keys a station has is what it has values for. What is changed is to be stored: see `store_requests`.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from msgspec.structs import replace

from ocpp_sansio.core import JsonObject, member, quote
from ocpp_sansio.station.configuration_keys import (
    STANDARD_KEYS,
    Access,
    ConfigurationKey,
    KeyType,
)
from ocpp_sansio.station.events import KeyChanged
from ocpp_sansio.station.records import Keep
from ocpp_sansio.station.settings import StationSettings
from ocpp_sansio.station.station import Station

__all__ = ["ChangeStatus", "ConfigurationStore", "core_values"]

MAX_LENGTH = 500
"""Characters in a value: CiString500."""
_MAX_NAME_LENGTH = 50
_STORED_AS = "configuration."
"""Before the names under which values are kept in the store."""
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*")
_HEARTBEAT = "HeartbeatInterval"
_PHASES = frozenset({"L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"})


_MEASURANDS = frozenset(
    {
        "MeterValuesAlignedData",
        "MeterValuesSampledData",
        "StopTxnAlignedData",
        "StopTxnSampledData",
    }
)
"""The keys whose items are what a meter measures."""

_SETTINGS: Mapping[str, str] = {
    _HEARTBEAT: "heartbeat_interval",
    "TransactionMessageAttempts": "message_attempts",
    "TransactionMessageRetryInterval": "message_interval",
}
"""The keys that a `Station` goes by, and its names for them."""


class ChangeStatus(StrEnum):
    """What ChangeConfiguration is answered (C16 5.3)."""

    ACCEPTED = "Accepted"
    """The value is set, and counts from now on."""
    REJECTED = "Rejected"
    """It is not set: the key is read-only, or the value is none for it."""
    REBOOT_REQUIRED = "RebootRequired"
    """The value is set, and counts from the next boot on."""
    NOT_SUPPORTED = "NotSupported"
    """The station has no such key."""


def core_values(*, connectors: int) -> dict[str, str]:
    """Return the keys that each 1.6 station has to have (C16 9.1), with values to begin with.

    No meter is read, nobody charges without the CSMS, and there is no profile but Core: put what your
    station does in their place.
    """
    return {
        "AuthorizeRemoteTxRequests": "false",
        "ClockAlignedDataInterval": "0",
        "ConnectionTimeOut": "60",
        "ConnectorPhaseRotation": ",".join(f"{each}.Unknown" for each in range(connectors + 1)),
        "GetConfigurationMaxKeys": "100",
        "HeartbeatInterval": "300",
        "LocalAuthorizeOffline": "false",
        "LocalPreAuthorize": "false",
        "MeterValueSampleInterval": "0",
        "MeterValuesAlignedData": "",
        "MeterValuesSampledData": "",
        "NumberOfConnectors": str(connectors),
        "ResetRetries": "0",
        "StopTransactionOnInvalidId": "true",
        "StopTxnAlignedData": "",
        "StopTxnSampledData": "",
        "SupportedFeatureProfiles": "Core",
        "TransactionMessageAttempts": "3",
        "TransactionMessageRetryInterval": "60",
        "UnlockConnectorOnEVSideDisconnect": "false",
    }


class ConfigurationStore:
    """The keys of one station, their values, and the four answers.

    Nothing changes unless the answer is one of the last two. Without a [Key]MaxLength a list may be as
    long as 500 characters; a CSMS assumes one item then.
    """

    def __init__(
        self,
        values: Mapping[str, str],
        *,
        keys: Iterable[ConfigurationKey] = (),
        measurands: Collection[str] | None = None,
        stored: Mapping[str, str] | None = None,
    ) -> None:
        """Begin with the values that a station is made with, each of a standard key or of one in `keys`.

        `keys` has those of your own, and standard ones that your station has otherwise. `stored` is what
        `Restored.values` has kept: it replaces `values` where it is still right; see `ignored`.
        `measurands` are what your meters measure, each with its phase if it has one: a list of them that has
        another is refused (C16 3.16.4). None: any may be in it.

        Raises ValueError for a value of yours that is none, or of a key that is in neither table.
        """
        table = {name.lower(): key for name, key in STANDARD_KEYS.items()}
        table |= {key.name.lower(): key for key in keys}
        self._measurands = None if measurands is None else frozenset(measurands)
        self._keys: dict[str, ConfigurationKey] = {}
        self._values: dict[str, str] = {}
        self._next_values: dict[str, str] = {}
        self._changes: list[KeyChanged] = []
        self._requests: list[Keep] = []
        self._last_token = 0
        for name in values:
            key = table.get(name.lower())
            if key is None:
                raise ValueError(
                    f"{quote(name)} is no standard configuration key: describe it in keys="
                )
            self._keys[key.name.lower()] = key
        for name, value in values.items():
            key = self._keys[name.lower()]
            normal = self._normal(key, value, values)
            if normal is None:
                raise _no_value(key, value)
            self._values[key.name] = normal
        self.ignored: tuple[str, ...] = tuple(self._restore(stored or {}))
        """The names that were stored and mean nothing today: no such key, or no value for it."""

    # --- what the station reads -----------------------------------------------------------------------

    def __getitem__(self, name: str) -> str:
        """Return the value that counts now; raises KeyError for a key that the station does not have."""
        return self._values[self._keys[name.lower()].name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def integer(self, name: str) -> int:
        """Return a value as a number."""
        return int(self[name])

    def boolean(self, name: str) -> bool:
        """Return a value as a yes or no."""
        return self[name] == "true"

    def items(self, name: str) -> tuple[str, ...]:
        """Return a value as the items of a list."""
        return _items(self[name])

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that this station has not and should, by what SupportedFeatureProfiles says."""
        is_told = "SupportedFeatureProfiles" in self
        profiles = {"Core", *(self.items("SupportedFeatureProfiles") if is_told else ())}
        return tuple(
            name
            for name, key in STANDARD_KEYS.items()
            if key.is_required and key.profile in profiles and name not in self
        )

    def station_settings(self, settings: StationSettings) -> StationSettings:
        """Return the settings of a `Station` with what these keys say in their place (T-17, K-12)."""
        said = {field: self.integer(name) for name, field in _SETTINGS.items() if name in self}
        return replace(settings, **said)

    # --- what the CSMS asks ----------------------------------------------------------------------------

    def answer_change(self, payload: Any) -> JsonObject:
        """Return the answer to a ChangeConfiguration, which is done by then if it is accepted."""
        return {"status": self.change(member(payload, "key"), member(payload, "value")).value}

    def answer_get(self, payload: Any) -> JsonObject:
        """Return the answer to a GetConfiguration (C16 5.8): of all keys, if it names none."""
        names = member(payload, "key")
        wanted = names if isinstance(names, list | tuple) and names else list(self)
        known: dict[str, JsonObject] = {}
        unknown: dict[str, None] = {}
        for name in wanted:
            if name in self:
                key = self._keys[name.lower()]
                known[key.name] = self._shown(key)
            elif isinstance(name, str):
                unknown[name[:_MAX_NAME_LENGTH]] = None
        answer: JsonObject = {"configurationKey": list(known.values())} if known else {}
        return answer | ({"unknownKey": list(unknown)} if unknown else {})

    def is_too_much(self, payload: Any) -> bool:
        """Whether a GetConfiguration names more keys than GetConfigurationMaxKeys: refuse it, if you like."""
        names = member(payload, "key")
        limit = "GetConfigurationMaxKeys"
        return (
            isinstance(names, list | tuple) and limit in self and len(names) > self.integer(limit)
        )

    def change(self, name: object, value: object) -> ChangeStatus:
        """Do what the CSMS asks, if it may be done, and return what it is answered (C16 5.3)."""
        if not isinstance(name, str) or name not in self:
            return ChangeStatus.NOT_SUPPORTED
        key = self._keys[name.lower()]
        if key.access is Access.READ or not isinstance(value, str):
            return ChangeStatus.REJECTED
        normal = self._normal(key, value, self._values)
        if normal is None or self._lowers_security(key, normal):
            return ChangeStatus.REJECTED
        self._put(key, normal)
        return ChangeStatus.REBOOT_REQUIRED if key.needs_reboot else ChangeStatus.ACCEPTED

    def set(self, name: str, value: str) -> None:
        """Set a value yourself, read-only keys included, and have it stored.

        Raises KeyError for a key that the station does not have, ValueError for a value that is none.
        """
        key = self._keys[name.lower()]
        normal = self._normal(key, value, self._values)
        if normal is None:
            raise _no_value(key, value)
        self._put(key, normal, is_told=False)

    # --- what follows ------------------------------------------------------------------------------------

    def settle(self, station: Station, *, now: float) -> list[KeyChanged]:
        """Let a `Station` go by these keys, and keep them in its store; return what `changes` has.

        Call it after each of its inputs. HeartbeatInterval becomes what the station goes by, which an answer
        to BootNotification may have changed (B-34): so make the station with `station_settings`.
        """
        changes, requests = self.changes(), self.store_requests()
        new = {change.key for change in changes}
        new |= {request.name.removeprefix(_STORED_AS) for request in requests}  # yours too
        if not new.isdisjoint(_SETTINGS):
            station.configure(self.station_settings(station.settings), now=now)
        self._follow(station.settings.heartbeat_interval)
        for request in (*requests, *self.store_requests()):
            station.keep(request.name, request.value, now=now)
        return changes

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits to be taken, of `changes` or of `store_requests`."""
        return not (self._changes or self._requests)

    def changes(self) -> list[KeyChanged]:
        """Take what the CSMS has set since the last time and counts now, for whoever goes by it."""
        taken, self._changes = self._changes, []
        return taken

    def store_requests(self) -> list[Keep]:
        """Take what is to be stored: `station.keep` each, or `store.apply` them if there is no `Station`.

        The tokens are this object's own, so they do not mix with those of a `Station`.
        """
        taken, self._requests = self._requests, []
        return taken

    def _follow(self, interval: float) -> None:
        """Show the heartbeat interval that counts, if the key can."""
        if _HEARTBEAT not in self or interval == self.integer(_HEARTBEAT):
            return
        key = self._keys[_HEARTBEAT.lower()]
        normal = self._normal(key, f"{interval:.0f}", self._values)
        if normal is not None:
            self._put(key, normal, is_told=False)

    def _put(self, key: ConfigurationKey, value: str, *, is_told: bool = True) -> None:
        is_secret = key.access is Access.WRITE
        was = self._next_values.get(key.name, self._values[key.name])
        if key.needs_reboot:
            self._next_values[key.name] = value
        else:
            self._values[key.name] = value
            if is_told:
                self._changes.append(KeyChanged(key.name, value, "" if is_secret else was))
        if value != was and not is_secret:  # D-15
            self._last_token += 1
            self._requests.append(Keep(self._last_token, _STORED_AS + key.name, value))

    def _restore(self, stored: Mapping[str, str]) -> Iterator[str]:
        """Take over what was stored; yield the names of what is not right any more."""
        for stored_as, value in stored.items():
            if not stored_as.startswith(_STORED_AS):
                continue  # someone else's
            name = stored_as.removeprefix(_STORED_AS)
            key = self._keys.get(name.lower())
            normal = self._normal(key, value, self._values) if key else None
            if key is None or normal is None or key.access is Access.WRITE:
                yield name
            else:
                self._values[key.name] = normal

    def _shown(self, key: ConfigurationKey) -> JsonObject:
        shown: JsonObject = {"key": key.name, "readonly": key.access is Access.READ}
        if key.access is not Access.WRITE:
            shown["value"] = self._next_values.get(key.name, self._values[key.name])
        return shown

    def _lowers_security(self, key: ConfigurationKey, value: str) -> bool:
        return key.name == "SecurityProfile" and int(value) < self.integer(key.name)

    def _normal(self, key: ConfigurationKey, value: str, values: Mapping[str, str]) -> str | None:
        """Return a value as it is kept and shown; None if it is none for the key."""
        if len(value) > MAX_LENGTH:
            return None
        normal = _normal_value(key, value)
        if normal is None:
            return None
        if key.type is KeyType.LIST and len(_items(normal)) > self._most_items(key, values):
            return None
        measured = self._measurands if key.name in _MEASURANDS else None
        if measured is not None and not measured.issuperset(_items(normal)):
            return None
        return normal if key.check is None or key.check(normal) else None

    def _most_items(self, key: ConfigurationKey, values: Mapping[str, str]) -> int:
        limit = values.get(f"{key.name}MaxLength", "")
        return int(limit) if limit.isdecimal() else MAX_LENGTH


def _normal_value(key: ConfigurationKey, value: str) -> str | None:
    stripped = value.strip()
    match key.type:
        case KeyType.BOOLEAN:
            return stripped.lower() if stripped.lower() in {"true", "false"} else None
        case KeyType.INTEGER:
            if not _INTEGER.fullmatch(stripped):
                return None
            return str(int(stripped)) if _is_within(key, int(stripped)) else None
        case KeyType.HEX:
            is_hex = _HEX.fullmatch(stripped) and _is_within(key, len(stripped))
            return stripped if is_hex else None
        case KeyType.LIST:
            items = _items(value)
            is_list = "" not in items and all(_may_hold(key, item) for item in items)
            return ",".join(items) if is_list else None
        case KeyType.TEXT:
            return value if _is_within(key, len(value)) else None


def _items(value: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in value.split(",")) if value.strip() else ()


def _is_within(key: ConfigurationKey, number: int) -> bool:
    is_enough = key.minimum is None or number >= key.minimum
    return is_enough and (key.maximum is None or number <= key.maximum)


def _may_hold(key: ConfigurationKey, item: str) -> bool:
    if key.items is None or item in key.items:
        return True
    plain_item, _, phase = item.rpartition(".")
    return plain_item in key.items and phase in _PHASES


def _no_value(key: ConfigurationKey, value: str) -> ValueError:
    given = "that" if key.access is Access.WRITE else quote(value)
    return ValueError(f"{key.name} cannot be {given}: it is {_described(key)}")


def _described(key: ConfigurationKey) -> str:
    kind = {
        KeyType.BOOLEAN: '"true" or "false"',
        KeyType.INTEGER: "an integer",
        KeyType.LIST: "a list with commas",
        KeyType.TEXT: "a text",
        KeyType.HEX: "hexadecimal digits",
    }[key.type]
    bounds = "" if key.minimum is None else f" from {key.minimum}"
    bounds += "" if key.maximum is None else f" up to {key.maximum}"
    allowed = f" of {quote(', '.join(sorted(key.items)))}" if key.items else ""
    return f"{kind}{bounds}{allowed}, of at most {MAX_LENGTH} characters"
