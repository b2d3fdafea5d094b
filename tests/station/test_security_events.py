"""`SecurityEvent`: the lists of W3 chapter 8 and of the appendices of 2.0.1 and 2.1."""

import pytest

from ocpp_sansio import Version
from ocpp_sansio.station import SecurityEvent

ALWAYS = {
    *("FirmwareUpdated", "SettingSystemTime", "StartupOfTheDevice", "ResetOrReboot"),
    *("SecurityLogWasCleared", "MemoryExhaustion", "TamperDetectionActivated"),
}
IN_2X = {
    *("InvalidFirmwareSignature", "InvalidFirmwareSigningCertificate", "InvalidTLSVersion"),
    *("InvalidTLSCipherSuite", "InvalidCsmsCertificate", "InvalidChargingStationCertificate"),
    *("MaintenanceLoginAccepted", "MaintenanceLoginFailed"),
}
NEVER = {
    *("ReconfigurationOfSecurityParameters", "InvalidMessages", "AttemptedReplayAttacks"),
    *("FailedToAuthenticateAtCsms", "CsmsFailedToAuthenticate"),
}
NAMES_OF_16 = {
    "FailedToAuthenticateAtCsms": "FailedToAuthenticateAtCentralSystem",
    "CsmsFailedToAuthenticate": "CentralSystemFailedToAuthenticate",
    "InvalidCsmsCertificate": "InvalidCentralSystemCertificate",
    "InvalidChargingStationCertificate": "InvalidChargePointCertificate",
}
NOT_IN_16 = {"MaintenanceLoginAccepted", "MaintenanceLoginFailed"}
NEW_IN_21 = {"DiscardedRenewedClientCertificate"}


@pytest.mark.parametrize(
    ("version", "named", "critical"),
    [
        (Version.OCPP16, ALWAYS | IN_2X | NEVER - NOT_IN_16, ALWAYS),
        (Version.OCPP201, ALWAYS | IN_2X | NEVER, ALWAYS | IN_2X),
        (Version.OCPP21, ALWAYS | IN_2X | NEVER | NEW_IN_21, ALWAYS | IN_2X | NEW_IN_21),
    ],
)
def test_each_version_names_its_events_and_says_which_are_critical(
    version: Version, named: set[str], critical: set[str]
) -> None:
    events = {event for event in SecurityEvent if event.is_named_by(version)}
    assert {event.value for event in events} == named - (
        NOT_IN_16 if version is Version.OCPP16 else set()
    )
    assert len(events) == {Version.OCPP16: 18, Version.OCPP201: 20, Version.OCPP21: 21}[version]
    assert {event.value for event in events if event.is_critical(version)} == critical


@pytest.mark.parametrize("event", list(SecurityEvent))
def test_names_are_spelled_as_the_version_does_and_fit_its_field(event: SecurityEvent) -> None:
    spelled = event.as_wire(Version.OCPP16)
    assert spelled == NAMES_OF_16.get(event.value, event.value)
    assert event.as_wire(Version.OCPP21) == event.value
    assert len(spelled) <= 50


def test_whether_it_is_critical_is_a_yes_or_a_no() -> None:
    answers = {event.is_critical(version) for event in SecurityEvent for version in Version}
    assert answers == {True, False}


def test_what_a_version_does_not_name_is_as_critical_as_later_ones_say() -> None:
    assert SecurityEvent.MAINTENANCE_LOGIN_FAILED.is_critical(Version.OCPP16)
    assert SecurityEvent.DISCARDED_RENEWED_CLIENT_CERTIFICATE.is_critical(Version.OCPP201)
