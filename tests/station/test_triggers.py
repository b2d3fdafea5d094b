"""`TriggerRouter`: C16 5.17 and F06, in three versions."""

from typing import Any

import pytest

from ocpp_sansio import Version, v16, v21, v201
from ocpp_sansio.station import TriggeredMessage, TriggerRouter

ROUTER = TriggerRouter(
    {
        *("StatusNotification", "MeterValues", "TransactionEvent", "FirmwareStatusNotification"),
        *("SignChargePointCertificate", "SignV2GCertificate", "Heartbeat"),
    },
    evses={1: 2, 2: 1},
    custom=["BlinkTwice"],
)
WITH_MAIN_METER = TriggerRouter({"MeterValues"}, evses={1: 1, 2: 1}, has_main_meter=True)


def of_16(message: str, connector: int | None = None) -> dict[str, Any]:
    payload: dict[str, Any] = {"requestedMessage": message}
    return payload if connector is None else payload | {"connectorId": connector}


def of_2x(message: str, evse: int | None = None, connector: int | None = None) -> dict[str, Any]:
    at = {"id": evse} | ({} if connector is None else {"connectorId": connector})
    return {"requestedMessage": message} | ({} if evse is None else {"evse": at})


@pytest.mark.parametrize(
    ("payload", "status", "connectors"),
    [
        (of_16("DiagnosticsStatusNotification"), "NotImplemented", []),
        (of_16("Nonsense"), "NotImplemented", []),
        (of_16("FirmwareStatusNotification"), "Accepted", [None]),
        (of_16("FirmwareStatusNotification", 7), "Accepted", [None]),
        (of_16("StatusNotification"), "Accepted", [0, 1, 2, 3]),
        (of_16("StatusNotification", 0), "Accepted", [0]),
        (of_16("StatusNotification", 3), "Accepted", [3]),
        (of_16("StatusNotification", 4), "Rejected", []),
        (of_16("StatusNotification", -1), "Rejected", []),
        (of_16("MeterValues"), "Accepted", [1, 2, 3]),
        (of_16("MeterValues", 2), "Accepted", [2]),
        (of_16("MeterValues", 0), "Rejected", []),
    ],
)
def test_what_1_6_is_answered_and_which_messages_follow(
    payload: dict[str, Any], status: str, connectors: list[int | None]
) -> None:
    route = ROUTER.route(Version.OCPP16, "TriggerMessage", payload)
    assert route.answer == {"status": status}
    assert [each.connector for each in route.messages] == connectors
    assert {each.action for each in route.messages} <= {payload["requestedMessage"]}
    assert all(each.evse is None for each in route.messages)


@pytest.mark.parametrize("version", [Version.OCPP201, Version.OCPP21])
@pytest.mark.parametrize(
    ("payload", "running", "status", "places"),
    [
        (of_2x("LogStatusNotification"), (), "NotImplemented", []),
        (of_2x("FirmwareStatusNotification", 9), (), "Accepted", [(None, None)]),
        (of_2x("StatusNotification"), (), "Accepted", [(1, 1), (1, 2), (2, 1)]),
        (of_2x("StatusNotification", 1), (), "Accepted", [(1, 1), (1, 2)]),
        (of_2x("StatusNotification", 1, 1), (), "Accepted", [(1, 1)]),
        (of_2x("StatusNotification", 1, 2), (), "Accepted", [(1, 2)]),
        (of_2x("StatusNotification", 1, 0), (), "Rejected", []),
        (of_2x("StatusNotification", 2, 2), (), "Rejected", []),
        (of_2x("StatusNotification", 0), (), "Rejected", []),
        (of_2x("StatusNotification", 3), (), "Rejected", []),
        (of_2x("MeterValues"), (), "Accepted", [(1, None), (2, None)]),
        (of_2x("MeterValues", 2), (), "Accepted", [(2, None)]),
        (of_2x("MeterValues", 0), (), "Rejected", []),
        (of_2x("TransactionEvent"), (), "Rejected", []),
        (of_2x("TransactionEvent"), (2,), "Accepted", [(2, None)]),
        (of_2x("TransactionEvent", 0), (1, 2), "Accepted", [(1, None), (2, None)]),
        (of_2x("TransactionEvent", 1), (2,), "Rejected", []),
        (of_2x("TransactionEvent", 2), (2,), "Accepted", [(2, None)]),
    ],
)
def test_what_2_x_is_answered_and_which_messages_follow(
    version: Version,
    payload: dict[str, Any],
    running: tuple[int, ...],
    status: str,
    places: list[tuple[int | None, int | None]],
) -> None:
    route = ROUTER.route(version, "TriggerMessage", payload, running=running)
    assert route.answer == {"status": status}
    assert [(each.evse, each.connector) for each in route.messages] == places


def test_the_main_meter_is_0() -> None:
    route = WITH_MAIN_METER.route(Version.OCPP16, "TriggerMessage", of_16("MeterValues"))
    assert [each.connector for each in route.messages] == [0, 1, 2]
    for asked, evses in [(None, [0, 1, 2]), (0, [0]), (2, [2])]:
        payload = of_2x("MeterValues", asked)
        route = WITH_MAIN_METER.route(Version.OCPP21, "TriggerMessage", payload)
        assert [each.evse for each in route.messages] == evses
    nowhere = WITH_MAIN_METER.route(Version.OCPP21, "TriggerMessage", of_2x("MeterValues", 0, 1))
    assert nowhere.answer == {"status": "Rejected"}  # the main meter has no connector


@pytest.mark.parametrize(
    ("version", "action", "message", "sent"),
    [
        ("1.6", "ExtendedTriggerMessage", "SignChargePointCertificate", "SignCertificate"),
        (
            "1.6",
            "ExtendedTriggerMessage",
            "FirmwareStatusNotification",
            "SignedFirmwareStatusNotification",
        ),
        ("1.6", "TriggerMessage", "FirmwareStatusNotification", "FirmwareStatusNotification"),
        ("2.0.1", "TriggerMessage", "SignV2GCertificate", "SignCertificate"),
        ("2.0.1", "TriggerMessage", "Heartbeat", "Heartbeat"),
    ],
)
def test_some_messages_have_another_action_than_they_are_asked_for_by(
    version: str, action: str, message: str, sent: str
) -> None:
    route = ROUTER.route(Version.parse(f"ocpp{version}"), action, {"requestedMessage": message})
    assert route.messages == (TriggeredMessage(sent),)


def test_typed_triggers_are_read_too() -> None:
    status = v16.ExtendedTriggerMessageRequest(
        requested_message=v16.MessageTriggerEnumType.STATUS_NOTIFICATION, connector_id=2
    )
    route = ROUTER.route(Version.OCPP16, "ExtendedTriggerMessage", status)
    assert route.messages == (TriggeredMessage("StatusNotification", None, 2),)
    meter = v201.TriggerMessageRequest(
        requested_message=v201.MessageTriggerEnumType.METER_VALUES, evse=v201.EVSEType(id=2)
    )
    route = ROUTER.route(Version.OCPP201, "TriggerMessage", meter)
    assert route.messages == (TriggeredMessage("MeterValues", 2),)


@pytest.mark.parametrize(
    ("name", "status"),
    [("BlinkTwice", "Accepted"), ("BlinkThrice", "NotImplemented"), (None, "NotImplemented")],
)
def test_a_custom_trigger_has_a_name_of_its_own(name: str | None, status: str) -> None:
    asked = v21.TriggerMessageRequest(
        requested_message=v21.MessageTriggerEnumType.CUSTOM_TRIGGER, custom_trigger=name
    )
    route = ROUTER.route(Version.OCPP21, "TriggerMessage", asked)
    assert route.answer == {"status": status}
    expected = (TriggeredMessage("CustomTrigger", custom=str(name)),)
    assert route.messages == (expected if status == "Accepted" else ())
    assert WITH_MAIN_METER.route(Version.OCPP21, "TriggerMessage", asked).messages == ()  # has none


@pytest.mark.parametrize("version", list(Version))
@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"requestedMessage": None},
        {"requestedMessage": ["StatusNotification"]},
        {"requestedMessage": "StatusNotification", "connectorId": [], "evse": {"id": {}}},
        {"requestedMessage": "StatusNotification", "connectorId": 1.5, "evse": {"id": True}},
        {
            "requestedMessage": "MeterValues",
            "connectorId": "1",
            "evse": {"id": 1, "connectorId": []},
        },
        {
            "requestedMessage": "StatusNotification",
            "connectorId": True,
            "evse": {"id": 1, "connectorId": True},
        },
        {
            "requestedMessage": "StatusNotification",
            "connectorId": 1.0,
            "evse": {"id": 1.0, "connectorId": 1},
        },
        {"requestedMessage": "CustomTrigger", "customTrigger": {}},
    ],
)
def test_what_validation_would_refuse_is_refused_here_too(
    version: Version, payload: dict[str, Any]
) -> None:
    route = ROUTER.route(version, "TriggerMessage", payload)
    assert route.answer["status"] in {"Rejected", "NotImplemented"}
    assert route.messages == ()


@pytest.mark.parametrize("evses", [{0: 1}, {2: 1}, {1: 1, 3: 1}, {1: 0}, {1: 1, 2: 0}])
def test_evses_that_cannot_be_are_a_mistake(evses: dict[int, int]) -> None:
    with pytest.raises(ValueError, match="numbered from 1"):
        TriggerRouter((), evses=evses)
