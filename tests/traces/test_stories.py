"""`StoryJudge` tells what only shows when the messages of a station are seen together, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_sansio import Role, Version
from ocpp_sansio.traces import Finding, Mark, Record, StoryJudge

NOON = 1767268800.0
OCPP16, OCPP201, OCPP21 = Version
BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}
ACCEPTED = {"status": "Accepted", "currentTime": "2026-01-01T12:00:00Z", "interval": 300}
START = {"connectorId": 1, "idTag": "A", "meterStart": 1000, "timestamp": "2026-01-01T12:00:00Z"}
STARTED = {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}
STOP = {"transactionId": 7, "meterStop": 2000, "timestamp": "2026-01-01T12:00:09Z"}


class Story:
    """A trace as it is told: seconds from noon, who, and what."""

    def __init__(self, *, has_zone: bool = True) -> None:
        self._has_zone = has_zone
        self.entries: list[Record | Mark] = []
        self._count = 0

    def ask(
        self,
        at: float,
        action: str,
        payload: Any,
        answer: Any = None,
        *,
        after: float = 1,
        by: Role = Role.STATION,
    ) -> "Story":
        """Add a call, and its answer some seconds later unless it is None."""
        self._count += 1
        other = Role.CSMS if by is Role.STATION else Role.STATION
        self._add(at, by, [2, str(self._count), action, payload])
        if answer is not None:
            self._add(at + after, other, [3, str(self._count), answer])
        return self

    def mark(self, at: float, *, is_connected: bool) -> "Story":
        """Add a connection's beginning or end."""
        line = len(self.entries) + 1
        self.entries.append(Mark(line, is_connected, NOON + at, "CP", has_zone=self._has_zone))
        return self

    def _add(self, at: float, sender: Role, elements: list[Any]) -> None:
        data = json.dumps(elements).encode()
        line, when = len(self.entries) + 1, NOON + at
        self.entries.append(Record(line, data, when, "CP", sender, has_zone=self._has_zone))

    def judged(self, version: Version = OCPP16) -> list[Finding]:
        """Return what the judge says."""
        judge = StoryJudge(version)
        found = [finding for entry in self.entries for finding in judge.judge(entry)]
        return found + judge.finish()


def event(number: int, kind: str = "Updated", **more: Any) -> dict[str, Any]:
    """Return a TransactionEvent's payload."""
    info = {"transactionId": "T"}
    return {
        "eventType": kind,
        "seqNo": number,
        "transactionInfo": info,
        "timestamp": "2026-01-01T12:00:00Z",
    } | more


def reading(value: str, minute: int, **more: Any) -> dict[str, Any]:
    """Return a MeterValues payload within a transaction."""
    sample = {"value": value} | more
    at = f"2026-01-01T12:{minute:02}:00Z"
    return {
        "connectorId": 1,
        "transactionId": 7,
        "meterValue": [{"timestamp": at, "sampledValue": [sample]}],
    }


def boots(count: int, every: float) -> Story:
    story = Story()
    for i in range(count):
        story.ask(i * every, "BootNotification", BOOT, ACCEPTED)
    return story


def connections(count: int, every: float) -> Story:
    story = Story()
    for i in range(count):
        story.mark(i * every, is_connected=True).mark(i * every + 1, is_connected=False)
    return story


PENDING = {**ACCEPTED, "status": "Pending"}
REJECTED = {**ACCEPTED, "status": "Rejected"}


def outage(*, has_zone: bool = True, **payload: Any) -> Story:
    story = Story(has_zone=has_zone).mark(0, is_connected=True).mark(10, is_connected=False)
    story.mark(1000, is_connected=True)
    return story.ask(1001, "TransactionEvent", event(3) | payload, {})


# name: version, story, what is found as (rule, line, whether a rule forbids it)
FAULTY: dict[str, tuple[Version, Story, list[tuple[str, int, bool]]]] = {
    "an answer after its time": (
        OCPP16,
        Story().ask(0, "Heartbeat", {}, {}, after=45),
        [("late_answer", 2, False)],
    ),
    "a call without an answer": (
        OCPP16,
        Story().ask(0, "Heartbeat", {}).ask(100, "Heartbeat", {}, {}),
        [("no_answer", 1, False)],
    ),
    "a call before the boot was accepted": (
        OCPP16,
        Story().ask(0, "BootNotification", BOOT, PENDING).ask(9, "Heartbeat", {}, {}),
        [("not_registered", 3, True)],
    ),
    "a triggered call of a rejected station": (
        OCPP201,
        Story()
        .ask(0, "BootNotification", {}, REJECTED)
        .ask(9, "TriggerMessage", {"requestedMessage": "Heartbeat"}, {}, by=Role.CSMS)
        .ask(11, "Heartbeat", {}, {}),
        [("not_registered", 5, True)],
    ),
    "an id given to two transactions": (
        OCPP16,
        Story()
        .ask(0, "StartTransaction", START, STARTED)
        .ask(9, "StartTransaction", {**START, "connectorId": 2}, STARTED),
        [("transaction_id_given_twice", 4, True)],
    ),
    "a stop without a start": (
        OCPP16,
        Story().ask(0, "BootNotification", BOOT, ACCEPTED).ask(9, "StopTransaction", STOP, {}),
        [("stop_without_start", 3, False)],
    ),
    "two different stops": (
        OCPP16,
        Story()
        .ask(0, "StartTransaction", START, STARTED)
        .ask(9, "StopTransaction", STOP, {})
        .ask(19, "StopTransaction", {**STOP, "meterStop": 2001}, {}),
        [("stopped_twice", 5, False)],
    ),
    "a meter that stops below its start": (
        OCPP16,
        Story()
        .ask(0, "StartTransaction", START, STARTED)
        .ask(9, "StopTransaction", {**STOP, "meterStop": 999}, {}),
        [("meter_runs_backwards", 3, False)],
    ),
    "a meter that jumps back": (
        OCPP16,
        Story()
        .ask(0, "MeterValues", reading("5", 1), {})
        .ask(9, "MeterValues", reading("4", 2), {}),
        [("meter_runs_backwards", 3, False)],
    ),
    "a gap in seqNo": (
        OCPP201,
        Story()
        .ask(0, "TransactionEvent", event(0, "Started"), {})
        .ask(9, "TransactionEvent", event(2), {}),
        [("seq_no_gap", 3, False)],
    ),
    "one seqNo for two events": (
        OCPP201,
        Story()
        .ask(0, "TransactionEvent", event(0, "Started"), {})
        .ask(9, "TransactionEvent", event(0), {}),
        [("seq_no_repeated", 3, True)],
    ),
    "an event after the end": (
        OCPP21,
        Story()
        .ask(0, "TransactionEvent", event(4, "Ended"), {})
        .ask(9, "TransactionEvent", event(5), {}),
        [("event_after_end", 3, True)],
    ),
    "an offline event that does not say so": (
        OCPP201,
        outage(timestamp="2026-01-01T12:08:00Z"),
        [("offline_flag", 4, False)],
    ),
    "an online event that says offline": (
        OCPP201,
        outage(timestamp="2026-01-01T12:20:00Z", offline=True),
        [("offline_flag", 4, False)],
    ),
    "a clock that is ahead": (
        OCPP16,
        Story().ask(0, "StatusNotification", {"timestamp": "2026-01-01T13:00:00Z"}, {}),
        [("clock_ahead", 1, False)],
    ),
    "a reconnect loop": (OCPP16, connections(6, 5), [("reconnect_loop", 9, False)]),
    "a boot loop": (OCPP16, boots(6, 60), [("boot_loop", 10, False)]),
}

INNOCENT: dict[str, tuple[Version, Story]] = {
    "a call whose connection went": (
        OCPP16,
        Story().ask(0, "Heartbeat", {}).mark(5, is_connected=False).ask(500, "Heartbeat", {}, {}),
    ),
    "the last call of the log": (OCPP16, Story().ask(0, "Heartbeat", {})),
    "a triggered call of a pending station": (
        OCPP201,
        Story()
        .ask(0, "BootNotification", {}, PENDING)
        .ask(9, "TriggerMessage", {"requestedMessage": "Heartbeat"}, {}, by=Role.CSMS)
        .ask(11, "Heartbeat", {}, {}),
    ),
    "a report that a pending station was asked for": (
        OCPP201,
        Story()
        .ask(0, "BootNotification", {}, PENDING)
        .ask(9, "GetBaseReport", {}, {}, by=Role.CSMS)
        .ask(11, "NotifyReport", {}, {}),
    ),
    "a triggered certificate of a pending station": (
        OCPP21,
        Story()
        .ask(0, "BootNotification", {}, PENDING)
        .ask(9, "TriggerMessage", {"requestedMessage": "SignV2GCertificate"}, {}, by=Role.CSMS)
        .ask(11, "SignCertificate", {}, {}),
    ),
    "the same start again, its answer lost": (
        OCPP16,
        Story()
        .ask(0, "StartTransaction", START)
        .mark(1, is_connected=False)
        .ask(9, "StartTransaction", START, STARTED)
        .ask(15, "StartTransaction", START, STARTED),
    ),
    "the same stop again": (
        OCPP16,
        Story()
        .ask(0, "StartTransaction", START, STARTED)
        .ask(9, "StopTransaction", STOP, {})
        .ask(19, "StopTransaction", STOP, {}),
    ),
    "a stop in a log that begins within the charge": (
        OCPP16,
        Story().ask(9, "StopTransaction", STOP, {}),
    ),
    "a stop after a power cut": (
        OCPP16,
        Story()
        .ask(0, "BootNotification", BOOT, ACCEPTED)
        .ask(9, "StopTransaction", {**STOP, "reason": "PowerLoss"}, {}),
    ),
    "no transaction, which some spell -1": (
        OCPP16,
        Story()
        .ask(0, "StartTransaction", START, {**STARTED, "transactionId": -1})
        .ask(9, "StartTransaction", {**START, "idTag": "B"}, {**STARTED, "transactionId": -1}),
    ),
    "an old reading that comes late": (
        OCPP16,
        Story()
        .ask(0, "MeterValues", reading("5", 2), {})
        .ask(9, "MeterValues", reading("4", 1), {}),
    ),
    "another measurand, phase and unit": (
        OCPP16,
        Story()
        .ask(0, "MeterValues", reading("5000", 1), {})
        .ask(1, "MeterValues", reading("5", 2, unit="kWh"), {})
        .ask(2, "MeterValues", reading("4", 3, measurand="Voltage"), {})
        .ask(3, "MeterValues", reading("3", 4, phase="L1"), {}),
    ),
    "events that come late, or again": (
        OCPP201,
        Story()
        .ask(0, "TransactionEvent", event(0, "Started"), {})
        .ask(1, "TransactionEvent", event(1), {})
        .ask(2, "TransactionEvent", event(1), {})
        .ask(3, "TransactionEvent", event(2, "Ended"), {})
        .ask(4, "TransactionEvent", event(0, "Started"), {}),
    ),
    "an offline event that says so": (
        OCPP201,
        outage(timestamp="2026-01-01T12:08:00Z", offline=True),
    ),
    "an event at the edge of an outage": (OCPP201, outage(timestamp="2026-01-01T12:16:20Z")),
    "a clock that is behind": (
        OCPP16,
        Story().ask(0, "StatusNotification", {"timestamp": "2020-01-01T00:00:00Z"}, {}),
    ),
    "a log in local time": (
        OCPP16,
        Story(has_zone=False).ask(
            0, "StatusNotification", {"timestamp": "2026-01-01T17:00:00Z"}, {}
        ),
    ),
    "an outage in a log in local time": (
        OCPP201,
        outage(has_zone=False, timestamp="2026-01-01T12:08:00Z"),
    ),
    "a few connections": (OCPP16, connections(6, 60)),
    "a few boots": (OCPP16, boots(6, 600)),
}


@pytest.mark.parametrize("name", FAULTY)
def test_what_is_wrong_in_a_story_is_told_where_it_shows(name: str) -> None:
    version, story, expected = FAULTY[name]
    assert [(each.rule, each.line, each.is_fault) for each in story.judged(version)] == expected


@pytest.mark.parametrize("name", INNOCENT)
def test_what_may_be_right_is_no_false_alarm(name: str) -> None:
    version, story = INNOCENT[name]
    assert story.judged(version) == []


def test_a_finding_says_whose_when_and_what_came() -> None:
    _, story, _ = FAULTY["an id given to two transactions"]
    (found,) = story.judged()
    assert (found.station, found.when, found.path, found.got) == (
        "CP",
        NOON + 10,
        "$.transactionId",
        "'7'",
    )
    assert found.expected == "an id that was not given to another transaction before (line 2)"
    assert found.message.startswith('[3, "2", {"transactionId": 7')


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
NAMES = [
    "status",
    "transactionId",
    "idTagInfo",
    "reason",
    "meterStop",
    "meterStart",
    "seqNo",
    "eventType",
    "offline",
    "timestamp",
    "transactionInfo",
    "evse",
    "evseId",
    "connectorId",
    "requestedMessage",
]
ACTIONS = [
    "BootNotification",
    "StartTransaction",
    "StopTransaction",
    "TransactionEvent",
    "MeterValues",
    "TriggerMessage",
]
samples = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("value", "phase", "location", "unit", "unitOfMeasure", "measurand"), json_values
    ),
)
meter_values = st.lists(
    st.fixed_dictionaries(
        {"timestamp": json_values, "sampledValue": st.lists(samples, max_size=2)}
    ),
    max_size=2,
)
payloads = st.builds(
    lambda payload, values: payload | {"meterValue": values},
    st.dictionaries(st.sampled_from(NAMES), json_values, max_size=6),
    meter_values | json_values,
)


@given(
    st.lists(st.tuples(st.sampled_from(ACTIONS), payloads, payloads | json_values), max_size=6),
    st.sampled_from([*Version]),
)
def test_no_payload_makes_the_judge_raise(
    told: list[tuple[str, Any, Any]], version: Version
) -> None:
    story = Story()
    for i, (action, payload, answer) in enumerate(told):
        story.ask(i, action, payload, answer)
    story.judged(version)
