"""`ConfigurationStore` and `STANDARD_KEYS`: C16 5.3, 5.8 and chapter 9, W3 chapter 7."""

from typing import Any

import pytest
from msgspec.structs import replace
from station_pair import World, make_station

from ocpp_sansio import Version, v16
from ocpp_sansio.station import (
    STANDARD_KEYS,
    Access,
    ChangeStatus,
    ConfigurationKey,
    ConfigurationStore,
    Keep,
    KeyChanged,
    KeyType,
    StationSettings,
    core_values,
)
from ocpp_sansio.stores import MemoryStore

MEASURANDS = frozenset({"Energy.Active.Import.Register", "Voltage", "Power.Active.Import"})
KEYS = [
    replace(STANDARD_KEYS["MeterValuesSampledData"], items=MEASURANDS),
    replace(STANDARD_KEYS["WebSocketPingInterval"], needs_reboot=True),
    ConfigurationKey(name="Colour", profile="", check=lambda value: value != "red"),
]
VALUES = {
    "HeartbeatInterval": "300",
    "AuthorizeRemoteTxRequests": "TRUE",
    "NumberOfConnectors": "2",
    "LightIntensity": "50",
    "MeterValuesSampledData": "Voltage",
    "MeterValuesSampledDataMaxLength": "2",
    "StopTxnSampledData": "",
    "CpoName": "Example",
    "SecurityProfile": "1",
    "AuthorizationKey": "00" * 16,
    "WebSocketPingInterval": "30",
    "GetConfigurationMaxKeys": "3",
    "Colour": "blue",
}


def made(**stored: str) -> ConfigurationStore:
    return ConfigurationStore(VALUES, keys=KEYS, stored=stored)


@pytest.mark.parametrize(
    ("key", "value", "answer", "now"),
    [
        ("NoSuchKey", "1", "NotSupported", None),
        ("ConnectionTimeOut", "60", "NotSupported", None),  # standard, and not of this station
        ("NumberOfConnectors", "3", "Rejected", "2"),
        ("HeartbeatInterval", "600", "Accepted", "600"),
        ("heartbeatINTERVAL", " 0600 ", "Accepted", "600"),
        ("HeartbeatInterval", "-1", "Rejected", "300"),
        ("HeartbeatInterval", "6.5", "Rejected", "300"),
        ("HeartbeatInterval", "1_000", "Rejected", "300"),
        ("HeartbeatInterval", "\u0663", "Rejected", "300"),
        ("HeartbeatInterval", "9" * 400, "Rejected", "300"),
        ("HeartbeatInterval", "", "Rejected", "300"),
        ("AuthorizeRemoteTxRequests", "False", "Accepted", "false"),
        ("AuthorizeRemoteTxRequests", "1", "Rejected", "true"),
        ("LightIntensity", "100", "Accepted", "100"),
        ("LightIntensity", "101", "Rejected", "50"),
        ("MeterValuesSampledData", "Power.Active.Import, Voltage.L1", "Accepted", None),
        ("MeterValuesSampledData", "", "Accepted", ""),
        ("MeterValuesSampledData", "Voltage,Voltage.L1,Voltage.L2", "Rejected", "Voltage"),
        ("MeterValuesSampledData", "Voltage,Temperature", "Rejected", "Voltage"),
        ("MeterValuesSampledData", "Voltage.L9", "Rejected", "Voltage"),
        ("MeterValuesSampledData", "Voltage,,", "Rejected", "Voltage"),
        ("StopTxnSampledData", "a,b,c,d", "Accepted", "a,b,c,d"),  # no MaxLength
        ("StopTxnSampledData", "a,,b", "Rejected", ""),
        ("CpoName", "x" * 500, "Accepted", "x" * 500),
        ("CpoName", "x" * 501, "Rejected", "Example"),
        ("SecurityProfile", "2", "Accepted", "2"),
        ("SecurityProfile", "1", "Accepted", "1"),
        ("SecurityProfile", "0", "Rejected", "1"),
        ("SecurityProfile", "4", "Rejected", "1"),
        ("AuthorizationKey", "AB" * 20, "Accepted", "AB" * 20),
        ("AuthorizationKey", "AB" * 15, "Rejected", None),
        ("AuthorizationKey", "A" * 33, "Rejected", None),
        ("AuthorizationKey", "xy" * 16, "Rejected", None),
        ("WebSocketPingInterval", "60", "RebootRequired", "30"),
        ("WebSocketPingInterval", "-60", "Rejected", "30"),
        ("Colour", "green", "Accepted", "green"),
        ("Colour", "red", "Rejected", "blue"),
    ],
)
def test_the_four_answers_and_nothing_changes_unless_it_is_said(
    key: str, value: str, answer: str, now: str | None
) -> None:
    configuration = made()
    before = {name: configuration[name] for name in configuration}
    asked = v16.ChangeConfigurationRequest(key=key, value=value)
    assert configuration.answer_change(asked) == {"status": answer}
    if now is not None:
        assert configuration[key] == now
    if answer in {"NotSupported", "Rejected"}:
        assert {name: configuration[name] for name in configuration} == before
        assert (configuration.changes(), configuration.store_requests()) == ([], [])
    v16.ConfigurationStatus(answer)  # the version has it


def test_items_are_kept_without_spaces_and_read_as_such() -> None:
    configuration = made()
    configuration.change("MeterValuesSampledData", " Voltage.L1-N ,Power.Active.Import")
    assert configuration["MeterValuesSampledData"] == "Voltage.L1-N,Power.Active.Import"
    assert configuration.items("MeterValuesSampledData") == ("Voltage.L1-N", "Power.Active.Import")
    assert configuration.items("StopTxnSampledData") == ()
    assert configuration.integer("heartbeatinterval") == 300
    assert configuration.boolean("AuthorizeRemoteTxRequests") is True


def test_what_was_changed_is_stored_and_there_after_a_restart() -> None:
    store = MemoryStore()
    configuration = made()
    configuration.change("HeartbeatInterval", "600")
    configuration.change("HeartbeatInterval", "900")
    configuration.change("WebSocketPingInterval", "60")
    configuration.change("CpoName", "Example")  # as it was
    requests = configuration.store_requests()
    assert store.apply(requests) == len(requests) == 3
    assert configuration.store_requests() == []
    again = ConfigurationStore(VALUES, keys=KEYS, stored=store.load().values)
    assert again["HeartbeatInterval"] == "900"
    assert again["WebSocketPingInterval"] == "60"  # the reboot has been
    assert again.ignored == ()


def test_what_was_stored_and_is_not_right_today_is_ignored_and_said() -> None:
    configuration = ConfigurationStore(
        VALUES,
        keys=KEYS,
        stored={
            "someone's": "x",
            "configuration.HeartbeatInterval": "soon",
            "configuration.Gone": "1",
            "configuration.AuthorizationKey": "11" * 16,
            "configuration.CpoName": "Other",
            "configuration.MeterValuesSampledData": "Voltage,Voltage.L1,Voltage.L2",
            "someone else's": "x",
        },
    )
    assert configuration.ignored == (
        *("HeartbeatInterval", "Gone", "AuthorizationKey"),
        "MeterValuesSampledData",  # too many
    )
    assert configuration["MeterValuesSampledData"] == "Voltage"
    assert configuration["HeartbeatInterval"] == "300"
    assert configuration["CpoName"] == "Other"


def test_a_password_is_handed_over_and_neither_stored_nor_shown() -> None:
    configuration = made()
    secret = "c0ffee" * 6
    configuration.change("AuthorizationKey", secret)
    assert configuration.store_requests() == []
    (change,) = configuration.changes()
    assert change == KeyChanged("AuthorizationKey", secret, "")
    assert secret not in repr(change)
    assert secret not in str(configuration.answer_get({}))
    assert configuration.answer_get({"key": ["AuthorizationKey"]}) == {
        "configurationKey": [{"key": "AuthorizationKey", "readonly": False}]
    }
    with pytest.raises(ValueError, match="AuthorizationKey") as caught:
        configuration.set("AuthorizationKey", "not hexadecimal")
    assert "not hexadecimal" not in str(caught.value)


def test_a_value_that_waits_for_a_reboot_is_stored_once() -> None:
    configuration = made()
    for value in ("60", "60", "30", "30"):
        assert configuration.change("WebSocketPingInterval", value) == "RebootRequired"
    assert [each.value for each in configuration.store_requests()] == ["60", "30"]
    assert configuration["WebSocketPingInterval"] == "30"


def test_changes_that_count_now_are_told_once() -> None:
    configuration = made()
    configuration.change("HeartbeatInterval", "600")
    configuration.change("WebSocketPingInterval", "60")
    configuration.set("NumberOfConnectors", "4")
    assert configuration.changes() == [KeyChanged("HeartbeatInterval", "600", "300")]
    assert configuration.changes() == []
    assert configuration["NumberOfConnectors"] == "4"
    assert [each.value for each in configuration.store_requests()] == ["600", "60", "4"]


def test_a_station_goes_by_its_keys_and_they_by_what_its_boot_was_answered() -> None:
    configuration = ConfigurationStore(VALUES, keys=KEYS)
    world = World(Version.OCPP16)
    world.answers["BootNotification"] = world.boots("Accepted", 900)

    def settle() -> list[KeyChanged]:
        return configuration.settle(world.station, now=world.now)

    assert settle() == []
    assert world.station.store_requests() == []  # nothing is new
    world.connect()
    assert settle() == []
    assert configuration["HeartbeatInterval"] == "900"  # B-34
    configuration.change("HeartbeatInterval", "20")
    configuration.change("LightIntensity", "7")
    assert [each.key for each in settle()] == ["HeartbeatInterval", "LightIntensity"]
    assert world.station.settings.heartbeat_interval == 20
    assert settle() == []
    world.run()
    kept = world.disk.load().values
    restored = ConfigurationStore(VALUES, keys=KEYS, stored=kept)
    assert (restored["HeartbeatInterval"], restored["LightIntensity"]) == ("20", "7")


@pytest.mark.parametrize("key", ["HeartbeatInterval", "TransactionMessageRetryInterval"])
def test_a_station_goes_by_what_you_set_yourself_too(key: str) -> None:
    configuration = ConfigurationStore(core_values(connectors=1))
    station = make_station(heartbeat_interval=300.0)
    assert configuration.is_settled
    configuration.set(key, "20")
    assert not configuration.is_settled
    assert configuration.settle(station, now=0.0) == []  # it is you who has set it
    assert configuration[key] == "20"
    settings = station.settings
    assert 20 in {settings.heartbeat_interval, settings.message_interval}
    (request,) = station.store_requests()
    assert isinstance(request, Keep)
    assert request.name == f"configuration.{key}"
    assert configuration.is_settled
    configuration.change("AuthorizeRemoteTxRequests", "false")  # as it was: told, and not stored
    assert not configuration.is_settled


@pytest.mark.parametrize("shown", ["300", None])
def test_an_interval_that_the_key_cannot_show_leaves_it_as_it_is(shown: str | None) -> None:
    few = replace(STANDARD_KEYS["HeartbeatInterval"], maximum=400)
    values = {"HeartbeatInterval": shown} if shown else {}
    configuration = ConfigurationStore(values, keys=[few])
    station = make_station(heartbeat_interval=900.0)
    assert configuration.settle(station, now=0.0) == []
    assert ("HeartbeatInterval" in configuration) is (shown is not None)
    if shown:
        assert configuration["HeartbeatInterval"] == shown


def test_get_configuration_shows_all_or_what_was_named_and_what_it_does_not_know() -> None:
    configuration = made()
    configuration.change("WebSocketPingInterval", "60")
    all_of_them: list[object] = [{}, {"key": None}, {"key": []}, v16.GetConfigurationRequest()]
    for nothing in all_of_them:
        shown = configuration.answer_get(nothing)["configurationKey"]
        assert [each["key"] for each in shown] == list(configuration)
    asked = v16.GetConfigurationRequest(
        key=["numberofconnectors", "Nope", "WebSocketPingInterval", "NumberOfConnectors", "Nope"]
    )
    assert configuration.answer_get(asked) == {
        "configurationKey": [
            {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
            {"key": "WebSocketPingInterval", "readonly": False, "value": "60"},
        ],
        "unknownKey": ["Nope"],
    }
    assert configuration.is_too_much(asked)
    assert not configuration.is_too_much({"key": ["a", "b", "c"]})
    assert configuration.answer_get({"key": ["Nope"]}) == {"unknownKey": ["Nope"]}


@pytest.mark.parametrize("payload", [None, {}, {"key": 5, "value": []}, {"key": ["x", 7]}, []])
def test_what_validation_would_refuse_raises_nothing(payload: Any) -> None:
    configuration = made()
    assert configuration.answer_change(payload)["status"] in {"NotSupported", "Rejected"}
    configuration.answer_get(payload)
    assert configuration.change("CpoName", 5) is ChangeStatus.REJECTED


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"Colour": "blue"}, "'Colour' is no standard configuration key"),
        ({"HeartbeatInterval": "often"}, "an integer from 0"),
        ({"LightIntensity": "200"}, "from 0 up to 100"),
        ({"AuthorizeRemoteTxRequests": "yes"}, '"true" or "false"'),
    ],
)
def test_a_value_of_ones_own_that_cannot_be_is_a_mistake(
    values: dict[str, str], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        ConfigurationStore(values)


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        (
            ConfigurationKey(name="X", maximum=3),
            "abcd",
            "X cannot be 'abcd': it is a text up to 3, of at most 500 characters",
        ),
        (
            ConfigurationKey(name="X", type=KeyType.LIST, items=frozenset({"b", "a"})),
            "c",
            "X cannot be 'c': it is a list with commas of 'a, b', of at most 500 characters",
        ),
        (
            ConfigurationKey(name="X", type=KeyType.HEX, minimum=2, access=Access.WRITE),
            "secret",
            "X cannot be that: it is hexadecimal digits from 2, of at most 500 characters",
        ),
        (
            ConfigurationKey(name="X", type=KeyType.INTEGER, minimum=1, maximum=5),
            "6",
            "X cannot be '6': it is an integer from 1 up to 5, of at most 500 characters",
        ),
        (
            ConfigurationKey(name="X", type=KeyType.BOOLEAN),
            "1",
            'X cannot be \'1\': it is "true" or "false", of at most 500 characters',
        ),
    ],
)
def test_a_value_that_cannot_be_is_told_with_what_would_be_right(
    key: ConfigurationKey, value: str, text: str
) -> None:
    with pytest.raises(ValueError, match="cannot be") as made_with:
        ConfigurationStore({"X": value}, keys=[key])
    assert str(made_with.value) == text
    right = {"text": "abc", "list": "a", "hex": "00", "integer": "5", "boolean": "true"}[key.type]
    configuration = ConfigurationStore({"x": right}, keys=[key])
    with pytest.raises(ValueError, match="cannot be") as set_to:
        configuration.set("X", value)
    assert str(set_to.value) == text
    assert configuration["X"] == right


def test_a_name_that_cannot_be_is_a_mistake() -> None:
    for name in ("", "x" * 51):
        with pytest.raises(ValueError, match="1 to 50 characters"):
            ConfigurationKey(name=name)
    with pytest.raises(KeyError):
        made().set("NoSuchKey", "1")
    assert 5 not in made()
    assert len(made()) == len(VALUES)


def test_the_required_keys_that_a_station_lacks_are_named_by_its_feature_profiles() -> None:
    core = {
        name for name, key in STANDARD_KEYS.items() if key.is_required and key.profile == "Core"
    }
    assert set(ConfigurationStore({}).missing) == core
    assert len(core) == 20
    smart = ConfigurationStore({"SupportedFeatureProfiles": "Core,SmartCharging"})
    assert set(smart.missing) == (core - {"SupportedFeatureProfiles"}) | {
        "ChargeProfileMaxStackLevel",
        "ChargingScheduleAllowedChargingRateUnit",
        "ChargingScheduleMaxPeriods",
        "MaxChargingProfilesInstalled",
    }


def test_a_station_goes_by_its_keys() -> None:
    base = StationSettings(message_attempts=9, message_interval=8.0, heartbeat_interval=7.0)
    assert ConfigurationStore({}).station_settings(base) == base
    configuration = ConfigurationStore(
        {"TransactionMessageAttempts": "3", "TransactionMessageRetryInterval": "60"}
    )
    configuration.change("TransactionMessageAttempts", "5")
    assert configuration.station_settings(base) == StationSettings(
        message_attempts=5, message_interval=60, heartbeat_interval=7.0
    )
    heartbeat = ConfigurationStore({"HeartbeatInterval": "600"})
    assert heartbeat.station_settings(base).heartbeat_interval == 600


READ_ONLY = {
    *("GetConfigurationMaxKeys", "NumberOfConnectors", "StopTransactionMaxMeterValues"),
    *("SupportedFeatureProfiles", "LocalAuthListMaxLength", "SendLocalListMaxLength"),
    *("ReserveConnectorZeroSupported", "ChargeProfileMaxStackLevel", "ChargingScheduleMaxPeriods"),
    *("MaxChargingProfilesInstalled", "ChargingScheduleAllowedChargingRateUnit"),
    *("ConnectorSwitch3to1PhaseSupported", "SupportedFileTransferProtocols"),
    *("AdditionalRootCertificateCheck", "CertificateSignedMaxChainSize"),
    "CertificateStoreMaxLength",
    *(
        name
        for name in STANDARD_KEYS
        if STANDARD_KEYS[name].type is KeyType.INTEGER and "DataMax" in name
    ),
    *("ConnectorPhaseRotationMaxLength", "SupportedFeatureProfilesMaxLength"),
}


def test_the_table_has_the_52_keys_with_their_types_and_access() -> None:
    assert len(STANDARD_KEYS) == 52
    access = {name: key.access for name, key in STANDARD_KEYS.items()}
    assert {name for name, each in access.items() if each is Access.READ} == READ_ONLY
    assert [name for name, each in access.items() if each is Access.WRITE] == ["AuthorizationKey"]
    lists = {name for name, key in STANDARD_KEYS.items() if key.type is KeyType.LIST}
    assert lists == {
        *("ConnectorPhaseRotation", "MeterValuesAlignedData", "MeterValuesSampledData"),
        *("StopTxnAlignedData", "StopTxnSampledData", "SupportedFeatureProfiles"),
        *("ChargingScheduleAllowedChargingRateUnit", "SupportedFileTransferProtocols"),
    }
    booleans = {name for name, key in STANDARD_KEYS.items() if key.type is KeyType.BOOLEAN}
    assert booleans == {
        *("AllowOfflineTxForUnknownId", "AuthorizationCacheEnabled", "AuthorizeRemoteTxRequests"),
        *("LocalAuthorizeOffline", "LocalPreAuthorize", "StopTransactionOnEVSideDisconnect"),
        *("StopTransactionOnInvalidId", "UnlockConnectorOnEVSideDisconnect"),
        *("LocalAuthListEnabled", "ReserveConnectorZeroSupported"),
        *("ConnectorSwitch3to1PhaseSupported", "AdditionalRootCertificateCheck"),
    }


def test_the_table_has_the_bounds_profiles_and_needs_of_the_standard() -> None:
    integers = {name for name, key in STANDARD_KEYS.items() if key.type is KeyType.INTEGER}
    assert {name for name, key in STANDARD_KEYS.items() if key.minimum == 0} == integers
    bounded = {
        name: (key.type, key.minimum, key.maximum)
        for name, key in STANDARD_KEYS.items()
        if key.maximum is not None
    }
    assert bounded == {
        "LightIntensity": (KeyType.INTEGER, 0, 100),
        "AuthorizationKey": (KeyType.HEX, 32, 40),
        "SecurityProfile": (KeyType.INTEGER, 0, 3),
    }
    texts = {name for name, key in STANDARD_KEYS.items() if key.type is KeyType.TEXT}
    assert texts == {"CpoName"}
    profiles = {name: key.profile for name, key in STANDARD_KEYS.items() if key.profile != "Core"}
    assert profiles == {
        "LocalAuthListEnabled": "LocalAuthListManagement",
        "LocalAuthListMaxLength": "LocalAuthListManagement",
        "SendLocalListMaxLength": "LocalAuthListManagement",
        "ReserveConnectorZeroSupported": "Reservation",
        "ChargeProfileMaxStackLevel": "SmartCharging",
        "ChargingScheduleMaxPeriods": "SmartCharging",
        "MaxChargingProfilesInstalled": "SmartCharging",
        "ChargingScheduleAllowedChargingRateUnit": "SmartCharging",
        "ConnectorSwitch3to1PhaseSupported": "SmartCharging",
        "SupportedFileTransferProtocols": "FirmwareManagement",
        "AdditionalRootCertificateCheck": "Security",
        "CertificateSignedMaxChainSize": "Security",
        "CertificateStoreMaxLength": "Security",
        "AuthorizationKey": "Security",
        "CpoName": "Security",
        "SecurityProfile": "Security",
    }
    needed = {name for name, key in STANDARD_KEYS.items() if key.is_required}
    assert needed == set(core_values(connectors=1)) | {
        "LocalAuthListEnabled",
        "LocalAuthListMaxLength",
        "SendLocalListMaxLength",
        "ChargeProfileMaxStackLevel",
        "ChargingScheduleMaxPeriods",
        "MaxChargingProfilesInstalled",
        "ChargingScheduleAllowedChargingRateUnit",
    }
    assert all(key.name == name for name, key in STANDARD_KEYS.items())
    assert not any(key.needs_reboot or key.check or key.items for key in STANDARD_KEYS.values())


def test_the_core_values_are_all_that_a_station_has_to_have() -> None:
    configuration = ConfigurationStore(core_values(connectors=3))
    assert configuration.missing == ()
    assert {name: configuration[name] for name in configuration} == {
        "AuthorizeRemoteTxRequests": "false",
        "ClockAlignedDataInterval": "0",
        "ConnectionTimeOut": "60",
        "ConnectorPhaseRotation": "0.Unknown,1.Unknown,2.Unknown,3.Unknown",  # 0: the whole
        "GetConfigurationMaxKeys": "100",
        "HeartbeatInterval": "300",
        "LocalAuthorizeOffline": "false",
        "LocalPreAuthorize": "false",
        "MeterValueSampleInterval": "0",
        "MeterValuesAlignedData": "",
        "MeterValuesSampledData": "",
        "NumberOfConnectors": "3",
        "ResetRetries": "0",
        "StopTransactionOnInvalidId": "true",
        "StopTxnAlignedData": "",
        "StopTxnSampledData": "",
        "SupportedFeatureProfiles": "Core",
        "TransactionMessageAttempts": "3",
        "TransactionMessageRetryInterval": "60",
        "UnlockConnectorOnEVSideDisconnect": "false",
    }


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("MeterValuesSampledData", "Voltage.L1", "Accepted"),
        ("MeterValuesSampledData", "Voltage.L1,Voltage.L2", "Rejected"),
        ("MeterValuesAlignedData", "Voltage", "Rejected"),
        ("StopTxnSampledData", "", "Accepted"),
        ("StopTxnAlignedData", "Energy.Active.Import.Register", "Accepted"),
        ("ConnectorPhaseRotation", "1.RST", "Accepted"),
    ],
)
def test_a_list_of_what_the_meters_do_not_measure_is_rejected(
    key: str, value: str, status: str
) -> None:
    configuration = ConfigurationStore(
        core_values(connectors=1), measurands=["Voltage.L1", "Energy.Active.Import.Register"]
    )
    assert configuration.change(key, value) == status
    with pytest.raises(ValueError, match="StopTxnSampledData"):
        configuration.set("StopTxnSampledData", "Voltage")
