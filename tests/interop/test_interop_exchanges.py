"""Every exchange of a charge with the PyPI package `ocpp` as the other end, in all four arrangements."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from interop_peers import (
    Arrangement,
    ChargePoint16,
    ChargePoint201,
    Exchange,
    call16,
    call201,
    our_client_their_csms,
    our_station_their_csms,
    result16,
    result201,
    run,
    serving,
    their_class,
    their_station_our_csms,
    their_station_our_server,
)

from ocpp_sansio import Version, v16, v201

WHEN = datetime(2026, 6, 1, 12, tzinfo=UTC)
THEIR_WHEN = "2026-06-01T12:00:00Z"

FROM_STATION_16 = (
    Exchange(
        v16.BootNotificationRequest(charge_point_vendor="Example", charge_point_model="One"),
        call16.BootNotification(charge_point_vendor="Example", charge_point_model="One"),
        v16.BootNotificationResponse(
            status=v16.RegistrationStatus.ACCEPTED, current_time=WHEN, interval=300
        ),
        result16.BootNotification(status="Accepted", current_time=THEIR_WHEN, interval=300),
    ),
    Exchange(
        v16.HeartbeatRequest(),
        call16.Heartbeat(),
        v16.HeartbeatResponse(current_time=WHEN),
        result16.Heartbeat(current_time=THEIR_WHEN),
    ),
    Exchange(
        v16.AuthorizeRequest(id_tag="CARD-4711"),
        call16.Authorize(id_tag="CARD-4711"),
        v16.AuthorizeResponse(
            id_tag_info=v16.IdTagInfo(
                status=v16.AuthorizationStatus.ACCEPTED, parent_id_tag="FLEET", expiry_date=WHEN
            )
        ),
        result16.Authorize(
            id_tag_info={
                "status": "Accepted",
                "parent_id_tag": "FLEET",
                "expiry_date": THEIR_WHEN,
            }
        ),
    ),
    Exchange(
        v16.StartTransactionRequest(
            connector_id=1, id_tag="CARD-4711", meter_start=120500, timestamp=WHEN
        ),
        call16.StartTransaction(
            connector_id=1, id_tag="CARD-4711", meter_start=120500, timestamp=THEIR_WHEN
        ),
        v16.StartTransactionResponse(
            transaction_id=7, id_tag_info=v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED)
        ),
        result16.StartTransaction(transaction_id=7, id_tag_info={"status": "Accepted"}),
    ),
    Exchange(
        v16.MeterValuesRequest(
            connector_id=1,
            transaction_id=7,
            meter_value=[
                v16.MeterValue(
                    timestamp=WHEN,
                    sampled_value=[
                        v16.SampledValue(value="128000.500", unit=v16.UnitOfMeasure.WH),
                        v16.SampledValue(value="61", measurand=v16.Measurand.SOC),
                    ],
                )
            ],
        ),
        call16.MeterValues(
            connector_id=1,
            transaction_id=7,
            meter_value=[
                {
                    "timestamp": THEIR_WHEN,
                    "sampled_value": [
                        {"value": "128000.500", "unit": "Wh"},
                        {"value": "61", "measurand": "SoC"},
                    ],
                }
            ],
        ),
        v16.MeterValuesResponse(),
        result16.MeterValues(),
    ),
    Exchange(
        v16.StatusNotificationRequest(
            connector_id=1,
            error_code=v16.ChargePointErrorCode.NO_ERROR,
            status=v16.ChargePointStatus.SUSPENDED_EV,
            timestamp=WHEN,
        ),
        call16.StatusNotification(
            connector_id=1, error_code="NoError", status="SuspendedEV", timestamp=THEIR_WHEN
        ),
        v16.StatusNotificationResponse(),
        result16.StatusNotification(),
    ),
    Exchange(
        v16.DataTransferRequest(vendor_id="com.example", message_id="tilt", data="3°"),
        call16.DataTransfer(vendor_id="com.example", message_id="tilt", data="3°"),
        v16.DataTransferResponse(status=v16.DataTransferStatus.ACCEPTED, data="danke schön"),
        result16.DataTransfer(status="Accepted", data="danke schön"),
    ),
    Exchange(
        v16.StopTransactionRequest(
            transaction_id=7, meter_stop=128000, timestamp=WHEN, reason=v16.Reason.REMOTE
        ),
        call16.StopTransaction(
            transaction_id=7, meter_stop=128000, timestamp=THEIR_WHEN, reason="Remote"
        ),
        v16.StopTransactionResponse(),
        result16.StopTransaction(),
    ),
)

FROM_CSMS_16 = (
    Exchange(
        v16.ResetRequest(type=v16.ResetType.SOFT),
        call16.Reset(type="Soft"),
        v16.ResetResponse(status=v16.ResetStatus.ACCEPTED),
        result16.Reset(status="Accepted"),
    ),
    Exchange(
        v16.GetConfigurationRequest(key=["HeartbeatInterval", "NoSuchKey"]),
        call16.GetConfiguration(key=["HeartbeatInterval", "NoSuchKey"]),
        v16.GetConfigurationResponse(
            configuration_key=[v16.KeyValue(key="HeartbeatInterval", readonly=False, value="300")],
            unknown_key=["NoSuchKey"],
        ),
        result16.GetConfiguration(
            configuration_key=[{"key": "HeartbeatInterval", "readonly": False, "value": "300"}],
            unknown_key=["NoSuchKey"],
        ),
    ),
    Exchange(
        v16.RemoteStartTransactionRequest(
            id_tag="CARD-4711",
            connector_id=1,
            charging_profile=v16.ChargingProfile(
                charging_profile_id=1,
                stack_level=0,
                charging_profile_purpose=v16.ChargingProfilePurposeType.TX_PROFILE,
                charging_profile_kind=v16.ChargingProfileKindType.ABSOLUTE,
                charging_schedule=v16.ChargingSchedule(
                    charging_rate_unit=v16.ChargingRateUnitType.A,
                    charging_schedule_period=[
                        v16.ChargingSchedulePeriod(start_period=0, limit=Decimal("16.5"))
                    ],
                ),
            ),
        ),
        call16.RemoteStartTransaction(
            id_tag="CARD-4711",
            connector_id=1,
            charging_profile={
                "charging_profile_id": 1,
                "stack_level": 0,
                "charging_profile_purpose": "TxProfile",
                "charging_profile_kind": "Absolute",
                "charging_schedule": {
                    "charging_rate_unit": "A",
                    "charging_schedule_period": [{"start_period": 0, "limit": 16.5}],
                },
            },
        ),
        v16.RemoteStartTransactionResponse(status=v16.RemoteStartStopStatus.ACCEPTED),
        result16.RemoteStartTransaction(status="Accepted"),
    ),
    Exchange(
        v16.TriggerMessageRequest(
            requested_message=v16.MessageTrigger.STATUS_NOTIFICATION, connector_id=1
        ),
        call16.TriggerMessage(requested_message="StatusNotification", connector_id=1),
        v16.TriggerMessageResponse(status=v16.TriggerMessageStatus.NOT_IMPLEMENTED),
        result16.TriggerMessage(status="NotImplemented"),
    ),
    Exchange(
        v16.DataTransferRequest(vendor_id="com.example"),
        call16.DataTransfer(vendor_id="com.example"),
        v16.DataTransferResponse(status=v16.DataTransferStatus.UNKNOWN_VENDOR_ID),
        result16.DataTransfer(status="UnknownVendorId"),
    ),
)


def event_201(
    kind: v201.TransactionEventEnumType, trigger: v201.TriggerReasonEnumType, seq_no: int
) -> Exchange:
    """Return a TransactionEvent that has all that a charge needs."""
    return Exchange(
        v201.TransactionEventRequest(
            event_type=kind,
            timestamp=WHEN,
            trigger_reason=trigger,
            seq_no=seq_no,
            transaction_info=v201.TransactionType(
                transaction_id="T-1", charging_state=v201.ChargingStateEnumType.CHARGING
            ),
            evse=v201.EVSEType(id=1, connector_id=1),
            id_token=v201.IdTokenType(id_token="CARD-4711", type=v201.IdTokenEnumType.ISO14443),
            meter_value=[
                v201.MeterValueType(
                    timestamp=WHEN,
                    sampled_value=[v201.SampledValueType(value=Decimal("128000.5"))],
                )
            ],
        ),
        call201.TransactionEvent(
            event_type=kind.value,
            timestamp=THEIR_WHEN,
            trigger_reason=trigger.value,
            seq_no=seq_no,
            transaction_info={"transaction_id": "T-1", "charging_state": "Charging"},
            evse={"id": 1, "connector_id": 1},
            id_token={"id_token": "CARD-4711", "type": "ISO14443"},
            meter_value=[{"timestamp": THEIR_WHEN, "sampled_value": [{"value": 128000.5}]}],
        ),
        v201.TransactionEventResponse(
            total_cost=Decimal("12.25"),
            id_token_info=v201.IdTokenInfoType(status=v201.AuthorizationStatusEnumType.ACCEPTED),
        ),
        result201.TransactionEvent(total_cost=12.25, id_token_info={"status": "Accepted"}),
    )


FROM_STATION_201 = (
    Exchange(
        v201.BootNotificationRequest(
            charging_station=v201.ChargingStationType(model="One", vendor_name="Example"),
            reason=v201.BootReasonEnumType.POWER_UP,
        ),
        call201.BootNotification(
            charging_station={"model": "One", "vendor_name": "Example"}, reason="PowerUp"
        ),
        v201.BootNotificationResponse(
            status=v201.RegistrationStatusEnumType.ACCEPTED, current_time=WHEN, interval=300
        ),
        result201.BootNotification(status="Accepted", current_time=THEIR_WHEN, interval=300),
    ),
    Exchange(
        v201.HeartbeatRequest(),
        call201.Heartbeat(),
        v201.HeartbeatResponse(current_time=WHEN),
        result201.Heartbeat(current_time=THEIR_WHEN),
    ),
    Exchange(
        v201.AuthorizeRequest(
            id_token=v201.IdTokenType(id_token="CARD-4711", type=v201.IdTokenEnumType.ISO14443)
        ),
        call201.Authorize(id_token={"id_token": "CARD-4711", "type": "ISO14443"}),
        v201.AuthorizeResponse(
            id_token_info=v201.IdTokenInfoType(
                status=v201.AuthorizationStatusEnumType.ACCEPTED, charging_priority=3
            )
        ),
        result201.Authorize(id_token_info={"status": "Accepted", "charging_priority": 3}),
    ),
    event_201(
        v201.TransactionEventEnumType.STARTED, v201.TriggerReasonEnumType.AUTHORIZED, seq_no=0
    ),
    Exchange(
        v201.MeterValuesRequest(
            evse_id=1,
            meter_value=[
                v201.MeterValueType(
                    timestamp=WHEN,
                    sampled_value=[
                        v201.SampledValueType(
                            value=Decimal("230.25"), measurand=v201.MeasurandEnumType.VOLTAGE
                        )
                    ],
                )
            ],
        ),
        call201.MeterValues(
            evse_id=1,
            meter_value=[
                {
                    "timestamp": THEIR_WHEN,
                    "sampled_value": [{"value": 230.25, "measurand": "Voltage"}],
                }
            ],
        ),
        v201.MeterValuesResponse(),
        result201.MeterValues(),
    ),
    Exchange(
        v201.StatusNotificationRequest(
            timestamp=WHEN,
            connector_status=v201.ConnectorStatusEnumType.OCCUPIED,
            evse_id=1,
            connector_id=1,
        ),
        call201.StatusNotification(
            timestamp=THEIR_WHEN, connector_status="Occupied", evse_id=1, connector_id=1
        ),
        v201.StatusNotificationResponse(),
        result201.StatusNotification(),
    ),
    Exchange(
        v201.DataTransferRequest(vendor_id="com.example", data={"tilt": ["3°", 4]}),
        call201.DataTransfer(vendor_id="com.example", data={"tilt": ["3°", 4]}),
        v201.DataTransferResponse(status=v201.DataTransferStatusEnumType.ACCEPTED, data=[1.5]),
        result201.DataTransfer(status="Accepted", data=[1.5]),
    ),
)

FROM_CSMS_201 = (
    Exchange(
        v201.ResetRequest(type=v201.ResetEnumType.ON_IDLE),
        call201.Reset(type="OnIdle"),
        v201.ResetResponse(status=v201.ResetStatusEnumType.SCHEDULED),
        result201.Reset(status="Scheduled"),
    ),
    Exchange(
        v201.GetVariablesRequest(
            get_variable_data=[
                v201.GetVariableDataType(
                    component=v201.ComponentType(name="OCPPCommCtrlr"),
                    variable=v201.VariableType(name="HeartbeatInterval"),
                )
            ]
        ),
        call201.GetVariables(
            get_variable_data=[
                {
                    "component": {"name": "OCPPCommCtrlr"},
                    "variable": {"name": "HeartbeatInterval"},
                }
            ]
        ),
        v201.GetVariablesResponse(
            get_variable_result=[
                v201.GetVariableResultType(
                    attribute_status=v201.GetVariableStatusEnumType.ACCEPTED,
                    attribute_value="300",
                    component=v201.ComponentType(name="OCPPCommCtrlr"),
                    variable=v201.VariableType(name="HeartbeatInterval"),
                )
            ]
        ),
        result201.GetVariables(
            get_variable_result=[
                {
                    "attribute_status": "Accepted",
                    "attribute_value": "300",
                    "component": {"name": "OCPPCommCtrlr"},
                    "variable": {"name": "HeartbeatInterval"},
                }
            ]
        ),
    ),
    Exchange(
        v201.RequestStartTransactionRequest(
            remote_start_id=5,
            evse_id=1,
            id_token=v201.IdTokenType(id_token="CARD-4711", type=v201.IdTokenEnumType.CENTRAL),
        ),
        call201.RequestStartTransaction(
            remote_start_id=5, evse_id=1, id_token={"id_token": "CARD-4711", "type": "Central"}
        ),
        v201.RequestStartTransactionResponse(
            status=v201.RequestStartStopStatusEnumType.ACCEPTED, transaction_id="T-1"
        ),
        result201.RequestStartTransaction(status="Accepted", transaction_id="T-1"),
    ),
    Exchange(
        v201.TriggerMessageRequest(
            requested_message=v201.MessageTriggerEnumType.STATUS_NOTIFICATION,
            evse=v201.EVSEType(id=1, connector_id=1),
        ),
        call201.TriggerMessage(
            requested_message="StatusNotification", evse={"id": 1, "connector_id": 1}
        ),
        v201.TriggerMessageResponse(status=v201.TriggerMessageStatusEnumType.ACCEPTED),
        result201.TriggerMessage(status="Accepted"),
    ),
    Exchange(
        v201.DataTransferRequest(vendor_id="com.example", data="3°"),
        call201.DataTransfer(vendor_id="com.example", data="3°"),
        v201.DataTransferResponse(status=v201.DataTransferStatusEnumType.UNKNOWN_VENDOR_ID),
        result201.DataTransfer(status="UnknownVendorId"),
    ),
)

THEIR_BASE = {Version.OCPP16: ChargePoint16, Version.OCPP201: ChargePoint201}
FROM_STATION: Mapping[Version, Sequence[Exchange]] = {
    Version.OCPP16: FROM_STATION_16,
    Version.OCPP201: FROM_STATION_201,
}
FROM_CSMS: Mapping[Version, Sequence[Exchange]] = {
    Version.OCPP16: FROM_CSMS_16,
    Version.OCPP201: FROM_CSMS_201,
}


def rows(table: Mapping[Version, Sequence[Exchange]]) -> Sequence[Any]:
    return [
        pytest.param(version, exchange, id=f"{version.subprotocol}-{exchange.action}")
        for version, exchanges in table.items()
        for exchange in exchanges
    ]


def check_their_call(arrangement: Arrangement, version: Version, exchange: Exchange) -> None:
    async def scenario() -> None:
        handlers, got = serving(exchange)
        async with arrangement(version, their_class(THEIR_BASE[version]), handlers) as (they, _):
            result = await they.call(exchange.their_request, suppress=False)
            assert result == exchange.their_result
            assert got == [exchange.our_request]

    run(scenario)


def check_our_call(arrangement: Arrangement, version: Version, exchange: Exchange) -> None:
    async def scenario() -> None:
        their_type = their_class(THEIR_BASE[version], exchange)
        async with arrangement(version, their_type, serving()[0]) as (they, session):
            assert await session.call(exchange.our_request) == exchange.our_response
            assert they.got == [exchange.their_request]

    run(scenario)


as_the_csms = pytest.mark.parametrize(
    "arrangement", [their_station_our_csms, their_station_our_server]
)
as_the_station = pytest.mark.parametrize(
    "arrangement", [our_station_their_csms, our_client_their_csms]
)


@as_the_csms
@pytest.mark.parametrize(("version", "exchange"), rows(FROM_STATION))
def test_their_station_calls_our_csms(
    arrangement: Arrangement, version: Version, exchange: Exchange
) -> None:
    check_their_call(arrangement, version, exchange)


@as_the_csms
@pytest.mark.parametrize(("version", "exchange"), rows(FROM_CSMS))
def test_our_csms_calls_their_station(
    arrangement: Arrangement, version: Version, exchange: Exchange
) -> None:
    check_our_call(arrangement, version, exchange)


@as_the_station
@pytest.mark.parametrize(("version", "exchange"), rows(FROM_STATION))
def test_our_station_calls_their_csms(
    arrangement: Arrangement, version: Version, exchange: Exchange
) -> None:
    check_our_call(arrangement, version, exchange)


@as_the_station
@pytest.mark.parametrize(("version", "exchange"), rows(FROM_CSMS))
def test_their_csms_calls_our_station(
    arrangement: Arrangement, version: Version, exchange: Exchange
) -> None:
    check_their_call(arrangement, version, exchange)


@pytest.mark.parametrize("version", THEIR_BASE)
@pytest.mark.parametrize("we_are_the_csms", [True, False])
def test_calls_cross_in_both_directions_at_once_s2(
    version: Version,
    we_are_the_csms: bool,  # noqa: FBT001 - one of two arrangements
) -> None:
    """S-2: each side has its own slot, so neither waits for the other's turn."""
    from_station, from_csms = FROM_STATION[version], FROM_CSMS[version]
    ours, theirs = (from_csms, from_station) if we_are_the_csms else (from_station, from_csms)
    arrangement = their_station_our_csms if we_are_the_csms else our_station_their_csms

    async def scenario() -> None:
        handlers, got = serving(*theirs)
        their_type = their_class(THEIR_BASE[version], *ours)
        async with arrangement(version, their_type, handlers) as (they, session):
            answers = await asyncio.gather(
                *(session.call(exchange.our_request) for exchange in ours),
                *(they.call(exchange.their_request, suppress=False) for exchange in theirs),
            )
            assert answers == [
                *(exchange.our_response for exchange in ours),
                *(exchange.their_result for exchange in theirs),
            ]
            assert they.got == [exchange.their_request for exchange in ours]  # S-1: in order
            # Theirs come in any order: they validate in threads before they queue for their slot.
            expected = [exchange.our_request for exchange in theirs]
            assert len(got) == len(expected)
            assert all(request in got for request in expected)

    run(scenario)
