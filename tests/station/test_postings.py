"""`read_posting`: a message's lane, its transaction, and whether it may go (T-1 to T-4, T-31, T-32)."""

from typing import Any

import pytest

from ocpp_sansio import LocalProtocolError, Version
from ocpp_sansio.station import Droppable, Lane, Part, Posting, read_posting

V16, V201, V21 = Version.OCPP16, Version.OCPP201, Version.OCPP21
SIGNED = {"sampledValue": [{"value": "1"}, {"value": "2", "format": "SignedData"}]}
UNSIGNED = {"sampledValue": [{"value": "1", "format": "Raw"}, {"value": "2"}]}


def event(kind: str = "Updated", why: str = "MeterValuePeriodic", **members: Any) -> dict[str, Any]:
    return {
        "eventType": kind,
        "triggerReason": why,
        "seqNo": 4,
        "transactionInfo": {"transactionId": "key"},
    } | members


def _members(*pairs: tuple[dict[str, Any], Droppable]) -> tuple[tuple[Any, Droppable], ...]:
    return pairs


def of_event(part: Part, droppable: Droppable, connector: int | None = None) -> Posting:
    return Posting("TransactionEvent", Lane.TRANSACTION, "key", part, droppable, connector, 4)


def reading(droppable: Droppable, key: str | None = None, connector: int | None = None) -> Posting:
    return Posting("MeterValues", Lane.TRANSACTION, key, Part.MIDDLE, droppable, connector)


@pytest.mark.parametrize(
    ("action", "body", "key", "posting"),
    [
        (
            "StartTransaction",
            {"connectorId": 2},
            "key",
            Posting("StartTransaction", Lane.TRANSACTION, "key", Part.START, connector=2),
        ),
        (
            "StopTransaction",
            {},
            "key",
            Posting("StopTransaction", Lane.TRANSACTION, "key", Part.END),
        ),
        ("MeterValues", {"connectorId": 2}, None, reading(Droppable.FIRST, None, 2)),
        ("MeterValues", {"meterValue": [{}, UNSIGNED]}, "key", reading(Droppable.FIRST, "key")),
        ("MeterValues", {"meterValue": [UNSIGNED, SIGNED]}, "key", reading(Droppable.LATER, "key")),
        (
            "SecurityEventNotification",
            {},
            None,
            Posting("SecurityEventNotification", Lane.SECURITY),
        ),
        (
            "StatusNotification",
            {"connectorId": 2},
            None,
            Posting("StatusNotification", Lane.REST, droppable=Droppable.FIRST, connector=2),
        ),
        (
            "DataTransfer",
            {"connectorId": 2},
            None,
            Posting("DataTransfer", Lane.REST, droppable=Droppable.FIRST),
        ),
    ],
)
def test_what_a_message_of_16_is(
    action: str, body: dict[str, Any], key: str | None, posting: Posting
) -> None:
    assert read_posting(V16, action, body, key) == posting


@pytest.mark.parametrize("version", [V201, V21], ids=lambda v: v.value)
@pytest.mark.parametrize(
    ("action", "body", "key", "posting"),
    [
        ("TransactionEvent", event("Started"), None, of_event(Part.START, Droppable.NEVER)),
        ("TransactionEvent", event("Ended"), "key", of_event(Part.END, Droppable.NEVER)),
        (
            "TransactionEvent",
            event("Started", evse={"id": 3}),
            None,
            of_event(Part.START, Droppable.NEVER, 3),
        ),
        ("TransactionEvent", event(), None, of_event(Part.MIDDLE, Droppable.FIRST)),
        *(
            ("TransactionEvent", event(why=why), None, of_event(Part.MIDDLE, droppable))
            for why, droppable in (
                ("MeterValueClock", Droppable.FIRST),
                ("ChargingStateChanged", Droppable.LATER),
                ("LimitSet", Droppable.NEVER),
                ("CostLimitReached", Droppable.NEVER),
                ("EnergyLimitReached", Droppable.NEVER),
                ("TimeLimitReached", Droppable.NEVER),
                ("SoCLimitReached", Droppable.NEVER),
            )
        ),
        *(
            ("TransactionEvent", event(**members), None, of_event(Part.MIDDLE, droppable))
            for members, droppable in _members(
                ({"idToken": {}}, Droppable.NEVER),
                ({"reservationId": 1}, Droppable.NEVER),
                (
                    {"transactionInfo": {"transactionId": "key", "remoteStartId": 1}},
                    Droppable.NEVER,
                ),
                ({"meterValue": [{"sampledValue": [{"value": 1}]}]}, Droppable.FIRST),
                (
                    {
                        "meterValue": [
                            {"sampledValue": [{"value": 1}]},
                            {"sampledValue": [{"value": 1}, {"signedMeterValue": {}}]},
                        ]
                    },
                    Droppable.NEVER,
                ),
            )
        ),
        ("MeterValues", {"evseId": 1}, "key", reading(Droppable.FIRST, "key")),
        (
            "MeterValues",
            {"evseId": 1},
            None,
            Posting("MeterValues", Lane.REST, droppable=Droppable.FIRST),
        ),
        (
            "StatusNotification",
            {"evseId": 1, "connectorId": 2},
            None,
            Posting("StatusNotification", Lane.REST, droppable=Droppable.FIRST, connector=2),
        ),
    ],
)
def test_what_a_message_of_2x_is(
    version: Version, action: str, body: dict[str, Any], key: str | None, posting: Posting
) -> None:
    assert read_posting(version, action, body, key) == posting


@pytest.mark.parametrize(
    ("version", "action", "body", "key", "text"),
    [
        *(
            (version, action, {}, None, f"{action} is not posted")
            for version in Version
            for action in ("BootNotification", "Heartbeat", "Authorize")
        ),
        (V16, "StartTransaction", {}, None, "StartTransaction needs the key"),
        (V16, "StopTransaction", {}, None, "StopTransaction needs the key"),
        (V16, "DataTransfer", {}, "key", "belongs to no transaction"),
        (V201, "StatusNotification", {}, "key", "belongs to no transaction"),
        (V21, "TransactionEvent", event(), "other", "names its transaction itself"),
        # with validation off, anything may stand there
        (V16, "MeterValues", {"meterValue": [None]}, None, "no MeterValues that could be billed"),
        (V16, "MeterValues", {"meterValue": 5}, None, "no MeterValues that could be billed"),
        (V201, "TransactionEvent", {}, None, "no TransactionEvent that could be billed"),
        (V21, "TransactionEvent", event("Odd"), None, "no TransactionEvent that could be billed"),
    ],
)
def test_what_cannot_be_posted_is_refused_with_the_reason(
    version: Version, action: str, body: dict[str, Any], key: str | None, text: str
) -> None:
    with pytest.raises(LocalProtocolError, match=text):
        read_posting(version, action, body, key)
