"""`Judge`: what a peer cannot say by what was said before, and the line between forbidden and suspicious."""

from typing import Any

import pytest

from ocpp_sansio import Role, Version
from ocpp_sansio.testing import Judge

OLD, NEW = Version.OCPP16, Version.OCPP201
START = {"connectorId": 1, "idTag": "A", "meterStart": 10, "timestamp": "2026-01-01T00:00:00Z"}
STOP = {"transactionId": 1, "meterStop": 20, "timestamp": "2026-01-01T01:00:00Z"}
ACCEPTED = {"idTagInfo": {"status": "Accepted"}}
TOKEN = {"idToken": "A", "type": "ISO14443"}
ON = {"status": "Accepted"}


def began(number: int) -> dict[str, Any]:
    return {"transactionId": number} | ACCEPTED


def event(kind: str, number: str, sequence: int, **more: Any) -> dict[str, Any]:
    return {
        "eventType": kind,
        "seqNo": sequence,
        "transactionInfo": {"transactionId": number},
    } | more


def variable(name: str, **more: Any) -> dict[str, Any]:
    return {"component": {"name": "AuthCtrlr"}, "variable": {"name": name}} | more


# What was asked, by whom ("us" or "them"), with which answer; and what is wrong with the last of it.
CASES: dict[str, tuple[Version, Role, list[tuple[str, str, Any, Any]], str, bool]] = {
    "a transaction id given twice": (
        *(OLD, Role.CSMS),
        [
            ("us", "StartTransaction", START, began(7)),
            ("us", "StartTransaction", START | {"idTag": "B"}, began(7)),
        ],
        *("gave a transaction id twice (OCPP 1.6, 4.8)", True),
    ),
    "a start sent again and billed twice": (
        *(OLD, Role.CSMS),
        [
            ("us", "StartTransaction", START, began(7)),
            ("us", "StartTransaction", START, began(8)),
        ],
        *("gave another transaction id to a start that was sent again", False),
    ),
    "upper and lower case": (
        *(OLD, Role.CSMS),
        [
            ("us", "Authorize", {"idTag": "cafe"}, ACCEPTED),
            ("us", "Authorize", {"idTag": "CAFE"}, {"idTagInfo": {"status": "Invalid"}}),
        ],
        *("told upper and lower case of an id apart (A-12)", True),
    ),
    "upper and lower case in 2.x": (
        *(NEW, Role.CSMS),
        [
            (
                *("us", "TransactionEvent", event("Started", "t", 0, idToken=TOKEN)),
                {"idTokenInfo": {"status": "Accepted"}},
            ),
            (
                *("us", "TransactionEvent"),
                event("Updated", "t", 1, idToken=TOKEN | {"idToken": "a"}),
                {"idTokenInfo": {"status": "Unknown"}},
            ),
        ],
        *("told upper and lower case of an id apart (A-11)", True),
    ),
    "one thing, then another": (
        *(OLD, Role.CSMS),
        [
            ("us", "Authorize", {"idTag": "A"}, {"idTagInfo": {"status": "Blocked"}}),
            ("us", "StartTransaction", START, began(1)),
        ],
        *("says one thing of an id, then another", False),
    ),
    "an idTag at the end": (
        *(OLD, Role.CSMS),
        [
            ("us", "StartTransaction", START, began(1)),
            ("us", "StopTransaction", STOP | {"idTag": "A"}, {"idTagInfo": {"status": "Expired"}}),
        ],
        *("says one thing of an id, then another", False),
    ),
    "a clock that goes back": (
        *(NEW, Role.CSMS),
        [
            ("us", "Heartbeat", {}, {"currentTime": "2026-01-02T00:00:00Z"}),
            ("us", "Heartbeat", {}, {"currentTime": "2026-01-01T00:00:01Z"}),
        ],
        *("its clock went back", False),
    ),
    "the status of nobody": (
        *(NEW, Role.CSMS),
        [
            (
                *("us", "TransactionEvent", event("Updated", "t", 1)),
                {"idTokenInfo": {"status": "Accepted"}},
            )
        ],
        *("tells the status of an id that was not named", False),
    ),
    "a stop of what never began": (
        *(OLD, Role.STATION),
        [("us", "RemoteStopTransaction", {"transactionId": 9}, ON)],
        *("accepted to stop a transaction that never began (OCPP 1.6, 5.12)", True),
    ),
    "a stop of what is over": (
        *(NEW, Role.STATION),
        [
            ("them", "TransactionEvent", event("Started", "t", 0), {}),
            ("them", "TransactionEvent", event("Ended", "t", 1), {}),
            ("us", "RequestStopTransaction", {"transactionId": "t"}, ON),
        ],
        *("accepted to stop a transaction that is over (F03)", True),
    ),
    "no stop of what runs": (
        *(OLD, Role.STATION),
        [
            ("them", "StartTransaction", START, began(1)),
            ("us", "RemoteStopTransaction", {"transactionId": 1}, {"status": "Rejected"}),
        ],
        *("refused to stop a transaction that is running", False),
    ),
    "a start where nothing is": (
        *(OLD, Role.STATION),
        [("us", "RemoteStartTransaction", {"idTag": "A", "connectorId": 0}, ON)],
        *("accepted a call for a connectorId that is not there", False),
    ),
    "an unlocked connector that is not there": (
        *(OLD, Role.STATION),
        [
            (
                *("us", "GetConfiguration", {"key": ["NumberOfConnectors"]}),
                {
                    "configurationKey": [
                        {"key": "NumberOfConnectors", "readonly": True, "value": "2"}
                    ]
                },
            ),
            ("us", "UnlockConnector", {"connectorId": 3}, {"status": "Unlocked"}),
        ],
        *("accepted a call for a connectorId that is not there", False),
    ),
    "an EVSE that is not there": (
        *(NEW, Role.STATION),
        [("us", "RequestStartTransaction", {"idToken": TOKEN, "evseId": 0}, ON)],
        *("accepted a call for a evseId that is not there", False),
    ),
    "a reservation that is not there": (
        *(OLD, Role.STATION),
        [("us", "CancelReservation", {"reservationId": 5}, ON)],
        *("accepted to cancel a reservation that is not there (OCPP 1.6, 5.1)", True),
    ),
    "a reservation cancelled twice": (
        *(NEW, Role.STATION),
        [
            ("us", "ReserveNow", {"id": 5, "idToken": TOKEN}, ON),
            ("us", "CancelReservation", {"reservationId": 5}, ON),
            ("us", "CancelReservation", {"reservationId": 5}, ON),
        ],
        *("accepted to cancel a reservation that is not there (H02)", True),
    ),
    "a key left out": (
        *(OLD, Role.STATION),
        [("us", "GetConfiguration", {"key": ["Nobody"]}, {})],
        *("left out a key that it was asked for (OCPP 1.6, 5.8)", True),
    ),
    "a key known and unknown": (
        *(OLD, Role.STATION),
        [
            (
                *("us", "GetConfiguration", {"key": ["A"]}),
                {"configurationKey": [{"key": "A", "readonly": False}], "unknownKey": ["A"]},
            )
        ],
        *("both knows and does not know a key (OCPP 1.6, 5.8)", True),
    ),
    "a key too many": (
        *(OLD, Role.STATION),
        [
            (
                *("us", "GetConfiguration", {"key": ["A"]}),
                {"configurationKey": [{"key": "B", "readonly": False}], "unknownKey": ["A"]},
            )
        ],
        *("told a key that it was not asked for (OCPP 1.6, 5.8)", True),
    ),
    "a value that does not stay": (
        *(OLD, Role.STATION),
        [
            ("us", "ChangeConfiguration", {"key": "BlinkRepeat", "value": "3"}, ON),
            (
                *("us", "GetConfiguration", {"key": ["blinkrepeat"]}),
                {"configurationKey": [{"key": "BlinkRepeat", "readonly": False, "value": "2"}]},
            ),
        ],
        *("accepted a value and does not have it (OCPP 1.6, 5.3)", True),
    ),
    "a value that cannot be": (
        *(OLD, Role.STATION),
        [("us", "ChangeConfiguration", {"key": "BlinkRepeat", "value": "often"}, ON)],
        *("accepted a value that its standard key cannot have", False),
    ),
    "another local list": (
        *(OLD, Role.STATION),
        [
            ("us", "SendLocalList", {"listVersion": 4, "updateType": "Full"}, ON),
            ("us", "GetLocalListVersion", {}, {"listVersion": 3}),
        ],
        *("has another local list than it accepted (OCPP 1.6, 5.10)", True),
    ),
    "a profile for no transaction": (
        *(OLD, Role.STATION),
        [
            (
                *("us", "SetChargingProfile"),
                {
                    "connectorId": 1,
                    "csChargingProfiles": {
                        "chargingProfileId": 1,
                        "chargingProfilePurpose": "TxProfile",
                        "transactionId": 9,
                    },
                },
                ON,
            )
        ],
        *(
            "accepted a TxProfile for a transaction that is not running (OCPP 1.6, 3.13.1)",
            True,
        ),
    ),
    "a profile that nobody set": (
        *(NEW, Role.STATION),
        [("us", "ClearChargingProfile", {"chargingProfileId": 3}, ON)],
        *("accepted to clear a charging profile that nobody set", False),
    ),
    "another variable": (
        *(NEW, Role.STATION),
        [
            (
                *("us", "GetVariables", {"getVariableData": [variable("Enabled")]}),
                {"getVariableResult": [variable("Other", attributeStatus="Accepted")]},
            )
        ],
        *("answered about other variables than it was asked (B06)", True),
    ),
    "a variable that does not stay": (
        *(NEW, Role.STATION),
        [
            (
                *("us", "SetVariables"),
                {"setVariableData": [variable("Enabled", attributeValue="true")]},
                {"setVariableResult": [variable("Enabled", attributeStatus="Accepted")]},
            ),
            (
                *("us", "GetVariables", {"getVariableData": [variable("Enabled")]}),
                {
                    "getVariableResult": [
                        variable("Enabled", attributeStatus="Accepted", attributeValue="false")
                    ]
                },
            ),
        ],
        *("accepted a value and does not have it (B05)", True),
    ),
    "a start on no connector": (
        *(OLD, Role.STATION),
        [("them", "StartTransaction", START | {"connectorId": 0}, began(1))],
        *("began a transaction on a connector that is none (OCPP 1.6, 4.8)", True),
    ),
    "two on one connector": (
        *(OLD, Role.STATION),
        [
            ("them", "StartTransaction", START, began(1)),
            ("them", "StartTransaction", START | {"meterStart": 11}, began(2)),
        ],
        *("began a transaction on a connector that has one", False),
    ),
    "a meter of nothing": (
        *(OLD, Role.STATION),
        [("them", "MeterValues", {"connectorId": 1, "transactionId": 9}, {})],
        *("named a transaction id that was never given (OCPP 1.6, 4.7)", True),
    ),
    "a stop of nothing": (
        *(OLD, Role.STATION),
        [("them", "StopTransaction", STOP, {})],
        *("stopped a transaction that never began (OCPP 1.6, 4.10)", True),
    ),
    "a stop of what is stopped": (
        *(OLD, Role.STATION),
        [
            ("them", "StartTransaction", START, began(1)),
            ("them", "StopTransaction", STOP, {}),
            ("them", "StopTransaction", STOP | {"meterStop": 21}, {}),
        ],
        *("stopped a transaction that is over", False),
    ),
    "a meter that runs backwards": (
        *(OLD, Role.STATION),
        [
            ("them", "StartTransaction", START, began(1)),
            ("them", "StopTransaction", STOP | {"meterStop": 9}, {}),
        ],
        *("its meter ran backwards", False),
    ),
    "a station that charges": (
        *(OLD, Role.STATION),
        [("them", "StatusNotification", {"connectorId": 0, "status": "Charging"}, {})],
        *("gave the station as a whole the status of a connector (OCPP 1.6, 4.9)", True),
    ),
    "an event of nothing": (
        *(NEW, Role.STATION),
        [("them", "TransactionEvent", event("Ended", "t", 3), {})],
        *("told of a transaction that never began (E01)", True),
    ),
    "an id used twice": (
        *(NEW, Role.STATION),
        [
            ("them", "TransactionEvent", event("Started", "t", 0), {}),
            ("them", "TransactionEvent", event("Started", "t", 1), {}),
        ],
        *("began a transaction under an id that it has used (E01)", True),
    ),
    "a number that does not go up": (
        *(NEW, Role.STATION),
        [
            ("them", "TransactionEvent", event("Started", "t", 0), {}),
            ("them", "TransactionEvent", event("Updated", "t", 0), {}),
        ],
        *("its seqNo does not go up (Q-4)", False),
    ),
}


def judged(judge: Judge, story: list[tuple[str, str, Any, Any]]) -> list[list[Any]]:
    return [
        (judge.hear_answer if who == "us" else judge.hear_call)(action, request, answer)
        for who, action, request, answer in story
    ]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_contradiction_is_told_when_it_is_said_and_not_before(case: Any) -> None:
    version, peer, story, what, is_forbidden = case

    *before, last = judged(Judge(version, peer), story)

    assert [verdict for verdicts in before for verdict in verdicts] == []
    assert [(verdict.what, verdict.is_forbidden) for verdict in last] == [(what, is_forbidden)]
    assert ("(" in what) or not is_forbidden, "what is forbidden names the text that forbids it"


@pytest.mark.parametrize(
    ("version", "peer", "story"),
    [
        (
            *(OLD, Role.CSMS),
            [
                ("us", "Authorize", {"idTag": "A"}, ACCEPTED),
                ("us", "StartTransaction", START, began(1)),
                ("us", "StartTransaction", START, began(1)),
                ("us", "StopTransaction", STOP, {}),
                ("us", "Authorize", {"idTag": "a"}, {"idTagInfo": {"status": "ConcurrentTx"}}),
                ("us", "DataTransfer", {"vendorId": "x"}, {"status": "Accepted"}),
            ],
        ),
        (
            *(OLD, Role.STATION),
            [
                ("them", "StartTransaction", START, began(1)),
                ("them", "MeterValues", {"connectorId": 1, "transactionId": 1}, {}),
                ("us", "RemoteStopTransaction", {"transactionId": 1}, ON),
                ("them", "StopTransaction", STOP, {}),
                ("them", "StopTransaction", STOP, {}),
                ("them", "StopTransaction", STOP | {"transactionId": -1}, {}),
                ("us", "RemoteStopTransaction", {"transactionId": 1}, {"status": "Rejected"}),
                ("us", "ReserveNow", {"reservationId": 1, "connectorId": 1}, ON),
                ("us", "CancelReservation", {"reservationId": 1}, ON),
                ("us", "ClearChargingProfile", {}, ON),
            ],
        ),
    ],
)
def test_what_goes_together_is_nothing_to_speak_of(version: Any, peer: Any, story: Any) -> None:
    assert not any(judged(Judge(version, peer), story))


def test_a_transaction_may_have_ended_while_the_line_was_gone() -> None:
    judge = Judge(OLD, Role.STATION)
    judge.hear_call("StartTransaction", START, began(1))
    judge.lose_line()

    refused = {"status": "Rejected"}
    assert judge.hear_answer("RemoteStopTransaction", {"transactionId": 1}, refused) == []


def test_what_a_judge_remembers_is_bounded() -> None:
    judge = Judge(OLD, Role.CSMS)
    for number in range(3000):
        judge.hear_answer("StartTransaction", START | {"meterStart": number}, began(number))

    assert judge.hear_answer("StartTransaction", START | {"idTag": "B"}, began(0)) == []
    assert judge.hear_answer("StartTransaction", START | {"idTag": "B"}, began(2999))
