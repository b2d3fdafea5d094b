"""The standard configuration keys of OCPP 1.6: type, access, and whether a station has to have them.

From chapter 9 of edition 2, its errata of 2025-04, and chapter 7 of the security whitepaper: 46 keys, and the
greatest length of six lists. 2.x has variables of a device model in their place.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import force_setattr

__all__ = ["STANDARD_KEYS", "Access", "ConfigurationKey", "KeyType"]


class KeyType(StrEnum):
    """What a value is; on the wire it is always a text."""

    BOOLEAN = "boolean"
    """"true" or "false"."""
    INTEGER = "integer"
    LIST = "list"
    """Items with commas between them; an empty text is an empty list."""
    TEXT = "text"
    HEX = "hex"
    """An even number of hexadecimal digits: bytes."""


class Access(StrEnum):
    """What a CSMS may do with a key."""

    READ = "R"
    READ_WRITE = "RW"
    WRITE = "W"
    """It may be set and is never shown, such as a password; it is not stored either (D-15)."""


class ConfigurationKey(Struct, frozen=True, kw_only=True):
    """One configuration key; `replace` one of `STANDARD_KEYS` for what your station has otherwise."""

    name: str
    """At most 50 characters; upper and lower case do not count."""
    type: KeyType = KeyType.TEXT
    access: Access = Access.READ_WRITE
    is_required: bool = False
    """Whether a station with the key's feature profile has to have it."""
    profile: str = "Core"
    """The feature profile that the key is of; "" for one of your own."""
    minimum: int | None = None
    """The least integer, or the fewest hexadecimal digits."""
    maximum: int | None = None
    """The greatest integer, the most hexadecimal digits, or the most characters of a text."""
    items: frozenset[str] | None = None
    """What may be in a list; None: anything. An item may have a phase besides, as in "Voltage.L1"."""
    needs_reboot: bool = False
    """Whether a new value counts from the next boot on only."""
    check: Callable[[str], bool] | None = None
    """Says of a value that is right by all else whether your station can do with it."""

    def __post_init__(self) -> None:
        if not 0 < len(self.name) <= 50:  # noqa: PLR2004 - CiString50
            raise ValueError("the name of a configuration key has 1 to 50 characters")
        force_setattr(self, "type", KeyType(self.type))
        force_setattr(self, "access", Access(self.access))


def _keys(
    profile: str, type_: KeyType, access: Access, required: str, optional: str = ""
) -> Iterable[ConfigurationKey]:
    for names, is_required in ((required, True), (optional, False)):
        for name in names.split():
            yield ConfigurationKey(
                name=name,
                type=type_,
                access=access,
                is_required=is_required,
                profile=profile,
                minimum=0 if type_ is KeyType.INTEGER else None,
            )


def _standard() -> Iterable[ConfigurationKey]:
    boolean, integer, list_ = KeyType.BOOLEAN, KeyType.INTEGER, KeyType.LIST
    read, write = Access.READ, Access.READ_WRITE
    yield from _keys(
        "Core",
        boolean,
        write,
        "AuthorizeRemoteTxRequests LocalAuthorizeOffline LocalPreAuthorize StopTransactionOnInvalidId"
        " UnlockConnectorOnEVSideDisconnect",
        "AllowOfflineTxForUnknownId AuthorizationCacheEnabled StopTransactionOnEVSideDisconnect",
    )
    yield from _keys(
        "Core",
        integer,
        write,
        "ClockAlignedDataInterval ConnectionTimeOut HeartbeatInterval MeterValueSampleInterval"
        " ResetRetries TransactionMessageAttempts TransactionMessageRetryInterval",
        "BlinkRepeat MaxEnergyOnInvalidId MessageTimeout MinimumStatusDuration WebSocketPingInterval",
    )
    yield from _keys(
        "Core",
        integer,
        read,
        "GetConfigurationMaxKeys NumberOfConnectors",
        "StopTransactionMaxMeterValues ConnectorPhaseRotationMaxLength"
        " MeterValuesAlignedDataMaxLength MeterValuesSampledDataMaxLength"
        " StopTxnAlignedDataMaxLength StopTxnSampledDataMaxLength SupportedFeatureProfilesMaxLength",
    )
    yield from _keys(
        "Core",
        list_,
        write,
        "ConnectorPhaseRotation MeterValuesAlignedData MeterValuesSampledData StopTxnAlignedData"
        " StopTxnSampledData",
    )
    yield from _keys("Core", list_, read, "SupportedFeatureProfiles")
    yield ConfigurationKey(name="LightIntensity", type=integer, minimum=0, maximum=100)
    yield from _keys("LocalAuthListManagement", boolean, write, "LocalAuthListEnabled")
    yield from _keys(
        "LocalAuthListManagement", integer, read, "LocalAuthListMaxLength SendLocalListMaxLength"
    )
    yield from _keys("Reservation", boolean, read, "", "ReserveConnectorZeroSupported")
    yield from _keys(
        "SmartCharging",
        integer,
        read,
        "ChargeProfileMaxStackLevel ChargingScheduleMaxPeriods MaxChargingProfilesInstalled",
    )
    yield from _keys("SmartCharging", list_, read, "ChargingScheduleAllowedChargingRateUnit")
    yield from _keys("SmartCharging", boolean, read, "", "ConnectorSwitch3to1PhaseSupported")
    yield from _keys("FirmwareManagement", list_, read, "", "SupportedFileTransferProtocols")
    yield from _keys("Security", boolean, read, "", "AdditionalRootCertificateCheck")
    yield from _keys(
        "Security", integer, read, "", "CertificateSignedMaxChainSize CertificateStoreMaxLength"
    )
    yield ConfigurationKey(
        name="AuthorizationKey",
        type=KeyType.HEX,
        access=Access.WRITE,
        profile="Security",
        minimum=32,
        maximum=40,
    )
    yield ConfigurationKey(name="CpoName", profile="Security")
    yield ConfigurationKey(
        name="SecurityProfile", type=integer, profile="Security", minimum=0, maximum=3
    )


STANDARD_KEYS: Mapping[str, ConfigurationKey] = MappingProxyType(
    {key.name: key for key in _standard()}
)
"""The 52 keys, by name."""
