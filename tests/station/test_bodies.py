"""What is put into a message only when it leaves, and the moving of its times (T-20, T-27, K-6)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ocpp_sansio import Version
from ocpp_sansio.core import read_json, write_json
from ocpp_sansio.station import Record
from ocpp_sansio.station.bodies import body_to_send, moved, newest_time

V16, V201, V21 = Version.OCPP16, Version.OCPP201, Version.OCPP21
NOON, LATER = "2026-11-26T12:00:00Z", "2026-11-26T12:00:01.500+00:00"
SECONDS = datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("version", "action", "facts", "added"),
    [
        (V16, "StopTransaction", (7, True), {"transactionId": 7}),
        (V16, "StopTransaction", (None, False), {}),
        (V16, "TransactionEvent", (None, True), {}),  # a vendor's: 1.6 has no word for it
        (V201, "TransactionEvent", (None, True), {"offline": True}),
        (V21, "TransactionEvent", (7, False), {}),
        (V21, "StatusNotification", (None, True), {}),
    ],
)
def test_a_message_gets_what_its_version_has_a_member_for(
    version: Version, action: str, facts: tuple[int | None, bool], added: Any
) -> None:
    record = Record(seq=1, version=version, action=action, body=b'{"a":1}')
    transaction_id, is_offline = facts
    body = body_to_send(record, transaction_id=transaction_id, is_offline=is_offline)
    assert body == {"a": 1} | added


@pytest.mark.parametrize(
    ("body", "newest"),
    [
        ({}, None),
        ({"timestamp": NOON}, SECONDS),
        ({"timestamp": LATER, "meterValue": [{"timestamp": NOON}]}, SECONDS + 1.5),
        ({"timestamp": NOON, "meterValue": [{}, {"timestamp": LATER}]}, SECONDS + 1.5),
        ({"meterValue": [{"timestamp": "noon"}, {"timestamp": NOON}]}, SECONDS),
        ({"timestamp": "noon", "meterValue": [{"timestamp": NOON}]}, SECONDS),  # and on it goes
        ({"timestamp": 5, "customData": {"timestamp": LATER}}, None),
        ({"timestamp": [{"timestamp": NOON}], "time": LATER}, SECONDS),
    ],
)
def test_the_newest_time_in_a_message_is_found_wherever_it_stands(
    body: Any, newest: float | None
) -> None:
    assert newest_time(write_json(body)) == newest


def test_what_is_no_json_has_no_time() -> None:
    assert newest_time(b'{"timestamp":') is None


def test_all_times_are_moved_and_nothing_else() -> None:
    body = {
        "timestamp": NOON,
        "meterValue": [{"timestamp": LATER, "sampledValue": [{"value": "1", "at": NOON}]}, [5]],
        "customData": {"timestamp": NOON},
        "one": {"timestamp": "noon"},
        "two": {"timestamp": "9999-12-31T23:59:59Z"},
        "three": {"timestamp": [{"timestamp": NOON}]},
    }
    found = read_json(moved(write_json(body), 90.25))
    assert found == {
        "timestamp": "2026-11-26T12:01:30.250Z",
        "meterValue": [
            {
                "timestamp": "2026-11-26T12:01:31.750Z",
                "sampledValue": [{"value": "1", "at": NOON}],
            },
            [5],
        ],
        "customData": {"timestamp": NOON},
        "one": {"timestamp": "noon"},
        "two": {"timestamp": "9999-12-31T23:59:59Z"},
        "three": {"timestamp": [{"timestamp": "2026-11-26T12:01:30.250Z"}]},
    }
