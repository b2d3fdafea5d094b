"""`SecurityEvent`: the names of the security events, and which have to reach the CSMS (T-3).

A critical one is sent to the CSMS, and delivered for certain: post it. All are written to the station's own
security log. [W3 ch. 8; Part 2, appendix 1; A04.FR.01 to .04]
"""

from collections.abc import Mapping
from enum import StrEnum

from ocpp_sansio.core import Version

__all__ = ["SecurityEvent"]


class SecurityEvent(StrEnum):
    """What SecurityEventNotification can tell; its value is the `type` as 2.x spells it."""

    FIRMWARE_UPDATED = "FirmwareUpdated"
    FAILED_TO_AUTHENTICATE_AT_CSMS = "FailedToAuthenticateAtCsms"
    CSMS_FAILED_TO_AUTHENTICATE = "CsmsFailedToAuthenticate"
    SETTING_SYSTEM_TIME = "SettingSystemTime"
    STARTUP_OF_THE_DEVICE = "StartupOfTheDevice"
    RESET_OR_REBOOT = "ResetOrReboot"
    SECURITY_LOG_WAS_CLEARED = "SecurityLogWasCleared"
    RECONFIGURATION_OF_SECURITY_PARAMETERS = "ReconfigurationOfSecurityParameters"
    MEMORY_EXHAUSTION = "MemoryExhaustion"
    INVALID_MESSAGES = "InvalidMessages"
    ATTEMPTED_REPLAY_ATTACKS = "AttemptedReplayAttacks"
    TAMPER_DETECTION_ACTIVATED = "TamperDetectionActivated"
    INVALID_FIRMWARE_SIGNATURE = "InvalidFirmwareSignature"
    INVALID_FIRMWARE_SIGNING_CERTIFICATE = "InvalidFirmwareSigningCertificate"
    INVALID_CSMS_CERTIFICATE = "InvalidCsmsCertificate"
    INVALID_CHARGING_STATION_CERTIFICATE = "InvalidChargingStationCertificate"
    INVALID_TLS_VERSION = "InvalidTLSVersion"
    INVALID_TLS_CIPHER_SUITE = "InvalidTLSCipherSuite"
    MAINTENANCE_LOGIN_ACCEPTED = "MaintenanceLoginAccepted"
    """2.x only."""
    MAINTENANCE_LOGIN_FAILED = "MaintenanceLoginFailed"
    """2.x only."""
    DISCARDED_RENEWED_CLIENT_CERTIFICATE = "DiscardedRenewedClientCertificate"
    """2.1 only."""

    def as_wire(self, version: Version) -> str:
        """Return the `type` as a version spells it."""
        return _SPELLED_IN_16.get(self, self.value) if version is Version.OCPP16 else self.value

    def is_critical(self, version: Version) -> bool:
        """Whether a version wants it sent to the CSMS, and delivered for certain.

        1.6 calls six things uncritical that 2.x does not. One that a version does not name is what the later
        ones say of it: the `type` is free text, so it may be sent all the same.
        """
        if version is Version.OCPP16 and self in _UNCRITICAL_IN_16:
            return False
        return self not in _UNCRITICAL

    def is_named_by(self, version: Version) -> bool:
        """Whether a version has it on its list."""
        return version in _NAMED_BY.get(self, frozenset(Version))


_SPELLED_IN_16: Mapping[SecurityEvent, str] = {
    SecurityEvent.FAILED_TO_AUTHENTICATE_AT_CSMS: "FailedToAuthenticateAtCentralSystem",
    SecurityEvent.CSMS_FAILED_TO_AUTHENTICATE: "CentralSystemFailedToAuthenticate",
    SecurityEvent.INVALID_CSMS_CERTIFICATE: "InvalidCentralSystemCertificate",
    SecurityEvent.INVALID_CHARGING_STATION_CERTIFICATE: "InvalidChargePointCertificate",
}

_UNCRITICAL = frozenset(
    {
        SecurityEvent.FAILED_TO_AUTHENTICATE_AT_CSMS,
        SecurityEvent.CSMS_FAILED_TO_AUTHENTICATE,
        SecurityEvent.RECONFIGURATION_OF_SECURITY_PARAMETERS,
        SecurityEvent.INVALID_MESSAGES,
        SecurityEvent.ATTEMPTED_REPLAY_ATTACKS,
    }
)
_UNCRITICAL_IN_16 = frozenset(
    {
        SecurityEvent.INVALID_FIRMWARE_SIGNATURE,
        SecurityEvent.INVALID_FIRMWARE_SIGNING_CERTIFICATE,
        SecurityEvent.INVALID_CSMS_CERTIFICATE,
        SecurityEvent.INVALID_CHARGING_STATION_CERTIFICATE,
        SecurityEvent.INVALID_TLS_VERSION,
        SecurityEvent.INVALID_TLS_CIPHER_SUITE,
    }
)

_NAMED_BY: Mapping[SecurityEvent, frozenset[Version]] = {
    SecurityEvent.MAINTENANCE_LOGIN_ACCEPTED: frozenset({Version.OCPP201, Version.OCPP21}),
    SecurityEvent.MAINTENANCE_LOGIN_FAILED: frozenset({Version.OCPP201, Version.OCPP21}),
    SecurityEvent.DISCARDED_RENEWED_CLIENT_CERTIFICATE: frozenset({Version.OCPP21}),
}
