"""What is valid is read and written at msgspec's speed: the slow walk that finds reasons never sees it.

The outcome is the same either way, so no other test would notice. These replace the walk with a failure.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

import pytest
from core_pair import V16, V21, V201, hear, in_flight, only, opened, received_call

from ocpp_sansio import (
    CallErrorReceived,
    CallReceived,
    CallResultErrorReceived,
    CallResultReceived,
    Role,
    SendReceived,
    Version,
    v16,
    v21,
    v201,
)

NOON = "2024-05-06T12:00:00Z"
MOMENT = datetime(2024, 5, 6, 12, tzinfo=UTC)
CUSTOM = '{"vendorId":"v","free":[1,2.5,{"deep":null}]}'

CALLS = [
    (V16, Role.CSMS, "Heartbeat", "{}"),
    (V16, Role.CSMS, "DataTransfer", '{"vendorId":"v","data":"text"}'),
    (
        V16,
        Role.STATION,
        "SetChargingProfile",
        (
            '{"connectorId":1,"csChargingProfiles":{"chargingProfileId":1,"stackLevel":0,'
            '"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Absolute","chargingSchedule":'
            '{"chargingRateUnit":"A","minChargingRate":6,"chargingSchedulePeriod":'
            '[{"startPeriod":0,"limit":16.1}]}}}'
        ),
    ),
    (V201, Role.CSMS, "DataTransfer", '{"vendorId":"v","data":{"any":[1,0.25,"x",true,null]}}'),
    (V201, Role.STATION, "DataTransfer", '{"vendorId":"v","data":[1]}'),
    (V21, Role.CSMS, "DataTransfer", '{"vendorId":"v","data":2.5}'),
    (V21, Role.CSMS, "Heartbeat", f'{{"customData":{CUSTOM}}}'),
    (
        V201,
        Role.CSMS,
        "MeterValues",
        (
            f'{{"evseId":1,"meterValue":[{{"timestamp":"{NOON}","sampledValue":[{{"value":1}},'
            f'{{"value":-2.50,"customData":{CUSTOM}}},{{"value":1e5}}]}}]}}'
        ),
    ),
]


@pytest.fixture(autouse=True)
def _no_slow_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        pytest.fail("what is valid was walked through slowly")

    for name in (
        "reception.read_loosely",
        "incoming.read_again",
        "reception.read_again",
        "outgoing._fault_of",
    ):
        monkeypatch.setattr(f"ocpp_sansio.core.{name}", refuse)


@pytest.mark.parametrize(("version", "role", "action", "payload"), CALLS)
def test_a_valid_call_is_read_at_once_the_first_time_and_the_next(
    version: Version, role: Role, action: str, payload: str
) -> None:
    connection = opened(version, role)
    for message_id in "12":
        message = f'[2,"{message_id}","{action}",{payload}]'
        event = hear(connection, message).events[-1]
        assert isinstance(event, CallReceived)
        assert not isinstance(event.payload, dict)
        assert event.violations == ()


@pytest.mark.parametrize("details", ["{}", '{"a":[1,2.5,{"b":null}],"n":1e5}'])
def test_every_kind_of_response_and_a_send_is_read_at_once(details: str) -> None:
    csms = opened(V21)
    call = in_flight(csms)
    answered = only(hear(csms, f'[3,"{call.message_id}",{{"status":"Accepted"}}]').events)
    assert isinstance(answered, CallResultReceived)
    call = in_flight(csms)
    refused = only(hear(csms, f'[4,"{call.message_id}","InternalError","",{details}]').events)
    assert isinstance(refused, CallErrorReceived)
    rejected = only(hear(csms, f'[5,"7","InternalError","",{details}]').events)
    assert isinstance(rejected, CallResultErrorReceived)
    stream = f'{{"id":1,"pending":0,"basetime":"{NOON}","data":[{{"t":0.5,"v":"1"}}]}}'
    sent = only(hear(csms, f'[6,"s","NotifyPeriodicEventStream",{stream}]').events)
    assert isinstance(sent, SendReceived)


def test_what_is_valid_is_written_at_once() -> None:
    reading = v201.SampledValueType(value=Decimal("2.50"), custom_data={"vendorId": "v", "n": 1})
    values = v201.MeterValueType(timestamp=MOMENT, sampled_value=[reading])
    station = opened(V201, Role.STATION)
    station.send_call(v201.MeterValuesRequest(evse_id=1, meter_value=[values]), now=0.0)
    station.send_call("Heartbeat", {}, now=0.0)
    csms = opened(V16)
    csms.send_call_result(received_call(csms), v16.HeartbeatResponse(current_time=MOMENT), now=1.0)
    data = v21.StreamDataElementType(t=Decimal("0.5"), v="1")
    stream = v21.NotifyPeriodicEventStream(id=1, pending=0, basetime=MOMENT, data=[data])
    streaming = opened(V21, Role.STATION)
    streaming.send_unconfirmed(stream, now=0.0)
    for connection in (station, csms, streaming):
        assert len(connection.frames_to_send()) == 1
