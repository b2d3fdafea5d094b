# Written by tools/generate.py from the facts of the official schemas: change that, not this.

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ocpp_sansio.core import JsonObject, LenientRequest, Payload, Request, Response
from ocpp_sansio.v201 import (
    CATALOG,
    ACChargingParametersType,
    AdditionalInfoType,
    APNAuthenticationEnumType,
    AttributeEnumType,
    AuthorizationStatusEnumType,
    AuthorizeCertificateStatusEnumType,
    BootReasonEnumType,
    CancelReservationStatusEnumType,
    CertificateActionEnumType,
    CertificateSignedStatusEnumType,
    CertificateSigningUseEnumType,
    ChangeAvailabilityStatusEnumType,
    ChargingLimitSourceEnumType,
    ChargingProfileKindEnumType,
    ChargingProfilePurposeEnumType,
    ChargingProfileStatusEnumType,
    ChargingRateUnitEnumType,
    ChargingSchedulePeriodType,
    ChargingStateEnumType,
    ChargingStationType,
    ClearCacheStatusEnumType,
    ClearChargingProfileStatusEnumType,
    ClearedChargingLimitResponse,
    ClearMessageStatusEnumType,
    ClearMonitoringStatusEnumType,
    ComponentCriterionEnumType,
    ComponentType,
    ComponentVariableType,
    ConnectorEnumType,
    ConnectorStatusEnumType,
    CostKindEnumType,
    CostUpdatedRequest,
    CostUpdatedResponse,
    CustomerInformationStatusEnumType,
    DataEnumType,
    DataTransferStatusEnumType,
    DCChargingParametersType,
    DeleteCertificateStatusEnumType,
    DisplayMessageStatusEnumType,
    EnergyTransferModeEnumType,
    EventNotificationEnumType,
    EventTriggerEnumType,
    EVSEType,
    FirmwareStatusEnumType,
    FirmwareStatusNotificationResponse,
    FirmwareType,
    GenericDeviceModelStatusEnumType,
    GenericStatusEnumType,
    GetCertificateIdUseEnumType,
    GetCertificateStatusEnumType,
    GetChargingProfileStatusEnumType,
    GetDisplayMessagesStatusEnumType,
    GetInstalledCertificateStatusEnumType,
    GetLocalListVersionRequest,
    GetLocalListVersionResponse,
    GetTransactionStatusRequest,
    GetTransactionStatusResponse,
    GetVariableStatusEnumType,
    HashAlgorithmEnumType,
    HeartbeatRequest,
    HeartbeatResponse,
    IdTokenEnumType,
    InstallCertificateStatusEnumType,
    InstallCertificateUseEnumType,
    Iso15118EVCertificateStatusEnumType,
    LocationEnumType,
    LogEnumType,
    LogParametersType,
    LogStatusEnumType,
    LogStatusNotificationResponse,
    MeasurandEnumType,
    MessageFormatEnumType,
    MessagePriorityEnumType,
    MessageStateEnumType,
    MessageTriggerEnumType,
    MeterValuesResponse,
    ModemType,
    MonitorEnumType,
    MonitoringBaseEnumType,
    MonitoringCriterionEnumType,
    MutabilityEnumType,
    NotifyChargingLimitResponse,
    NotifyCustomerInformationRequest,
    NotifyCustomerInformationResponse,
    NotifyDisplayMessagesResponse,
    NotifyEVChargingNeedsStatusEnumType,
    NotifyEventResponse,
    NotifyMonitoringReportResponse,
    NotifyReportResponse,
    OCPPInterfaceEnumType,
    OCPPTransportEnumType,
    OCPPVersionEnumType,
    OperationalStatusEnumType,
    PhaseEnumType,
    PublishFirmwareStatusEnumType,
    PublishFirmwareStatusNotificationResponse,
    ReadingContextEnumType,
    ReasonEnumType,
    RecurrencyKindEnumType,
    RegistrationStatusEnumType,
    RelativeTimeIntervalType,
    ReportBaseEnumType,
    ReportChargingProfilesResponse,
    RequestStartStopStatusEnumType,
    ReservationStatusUpdateResponse,
    ReservationUpdateStatusEnumType,
    ReserveNowStatusEnumType,
    ResetEnumType,
    ResetStatusEnumType,
    SecurityEventNotificationRequest,
    SecurityEventNotificationResponse,
    SendLocalListStatusEnumType,
    SetMonitoringStatusEnumType,
    SetNetworkProfileStatusEnumType,
    SetVariableStatusEnumType,
    SignedMeterValueType,
    StatusInfoType,
    StatusNotificationResponse,
    TransactionEventEnumType,
    TriggerMessageStatusEnumType,
    TriggerReasonEnumType,
    UnitOfMeasureType,
    UnlockStatusEnumType,
    UnpublishFirmwareStatusEnumType,
    UpdateEnumType,
    UpdateFirmwareStatusEnumType,
    UploadLogStatusEnumType,
    VariableType,
    VPNEnumType,
    messages,
)

__all__ = [
    "CATALOG",
    "ACChargingParametersType",
    "APNAuthenticationEnumType",
    "APNType",
    "AdditionalInfoType",
    "AttributeEnumType",
    "AuthorizationData",
    "AuthorizationStatusEnumType",
    "AuthorizeCertificateStatusEnumType",
    "AuthorizeRequest",
    "AuthorizeResponse",
    "BootNotificationRequest",
    "BootNotificationResponse",
    "BootReasonEnumType",
    "CancelReservationRequest",
    "CancelReservationResponse",
    "CancelReservationStatusEnumType",
    "CertificateActionEnumType",
    "CertificateHashDataChainType",
    "CertificateHashDataType",
    "CertificateSignedRequest",
    "CertificateSignedResponse",
    "CertificateSignedStatusEnumType",
    "CertificateSigningUseEnumType",
    "ChangeAvailabilityRequest",
    "ChangeAvailabilityResponse",
    "ChangeAvailabilityStatusEnumType",
    "ChargingLimitSourceEnumType",
    "ChargingLimitType",
    "ChargingNeedsType",
    "ChargingProfileCriterionType",
    "ChargingProfileKindEnumType",
    "ChargingProfilePurposeEnumType",
    "ChargingProfileStatusEnumType",
    "ChargingProfileType",
    "ChargingRateUnitEnumType",
    "ChargingSchedulePeriodType",
    "ChargingScheduleType",
    "ChargingStateEnumType",
    "ChargingStationType",
    "ClearCacheRequest",
    "ClearCacheResponse",
    "ClearCacheStatusEnumType",
    "ClearChargingProfileRequest",
    "ClearChargingProfileResponse",
    "ClearChargingProfileStatusEnumType",
    "ClearChargingProfileType",
    "ClearDisplayMessageRequest",
    "ClearDisplayMessageResponse",
    "ClearMessageStatusEnumType",
    "ClearMonitoringResultType",
    "ClearMonitoringStatusEnumType",
    "ClearVariableMonitoringRequest",
    "ClearVariableMonitoringResponse",
    "ClearedChargingLimitRequest",
    "ClearedChargingLimitResponse",
    "ComponentCriterionEnumType",
    "ComponentType",
    "ComponentVariableType",
    "CompositeScheduleType",
    "ConnectorEnumType",
    "ConnectorStatusEnumType",
    "ConsumptionCostType",
    "CostKindEnumType",
    "CostType",
    "CostUpdatedRequest",
    "CostUpdatedResponse",
    "CustomerInformationRequest",
    "CustomerInformationResponse",
    "CustomerInformationStatusEnumType",
    "DCChargingParametersType",
    "DataEnumType",
    "DataTransferRequest",
    "DataTransferResponse",
    "DataTransferStatusEnumType",
    "DeleteCertificateRequest",
    "DeleteCertificateResponse",
    "DeleteCertificateStatusEnumType",
    "DisplayMessageStatusEnumType",
    "EVSEType",
    "EnergyTransferModeEnumType",
    "EventDataType",
    "EventNotificationEnumType",
    "EventTriggerEnumType",
    "FirmwareStatusEnumType",
    "FirmwareStatusNotificationRequest",
    "FirmwareStatusNotificationResponse",
    "FirmwareType",
    "GenericDeviceModelStatusEnumType",
    "GenericStatusEnumType",
    "Get15118EVCertificateRequest",
    "Get15118EVCertificateResponse",
    "GetBaseReportRequest",
    "GetBaseReportResponse",
    "GetCertificateIdUseEnumType",
    "GetCertificateStatusEnumType",
    "GetCertificateStatusRequest",
    "GetCertificateStatusResponse",
    "GetChargingProfileStatusEnumType",
    "GetChargingProfilesRequest",
    "GetChargingProfilesResponse",
    "GetCompositeScheduleRequest",
    "GetCompositeScheduleResponse",
    "GetDisplayMessagesRequest",
    "GetDisplayMessagesResponse",
    "GetDisplayMessagesStatusEnumType",
    "GetInstalledCertificateIdsRequest",
    "GetInstalledCertificateIdsResponse",
    "GetInstalledCertificateStatusEnumType",
    "GetLocalListVersionRequest",
    "GetLocalListVersionResponse",
    "GetLogRequest",
    "GetLogResponse",
    "GetMonitoringReportRequest",
    "GetMonitoringReportResponse",
    "GetReportRequest",
    "GetReportResponse",
    "GetTransactionStatusRequest",
    "GetTransactionStatusResponse",
    "GetVariableDataType",
    "GetVariableResultType",
    "GetVariableStatusEnumType",
    "GetVariablesRequest",
    "GetVariablesResponse",
    "HashAlgorithmEnumType",
    "HeartbeatRequest",
    "HeartbeatResponse",
    "IdTokenEnumType",
    "IdTokenInfoType",
    "IdTokenType",
    "InstallCertificateRequest",
    "InstallCertificateResponse",
    "InstallCertificateStatusEnumType",
    "InstallCertificateUseEnumType",
    "Iso15118EVCertificateStatusEnumType",
    "LocationEnumType",
    "LogEnumType",
    "LogParametersType",
    "LogStatusEnumType",
    "LogStatusNotificationRequest",
    "LogStatusNotificationResponse",
    "MeasurandEnumType",
    "MessageContentType",
    "MessageFormatEnumType",
    "MessageInfoType",
    "MessagePriorityEnumType",
    "MessageStateEnumType",
    "MessageTriggerEnumType",
    "MeterValueType",
    "MeterValuesRequest",
    "MeterValuesResponse",
    "ModemType",
    "MonitorEnumType",
    "MonitoringBaseEnumType",
    "MonitoringCriterionEnumType",
    "MonitoringDataType",
    "MutabilityEnumType",
    "NetworkConnectionProfileType",
    "NotifyChargingLimitRequest",
    "NotifyChargingLimitResponse",
    "NotifyCustomerInformationRequest",
    "NotifyCustomerInformationResponse",
    "NotifyDisplayMessagesRequest",
    "NotifyDisplayMessagesResponse",
    "NotifyEVChargingNeedsRequest",
    "NotifyEVChargingNeedsResponse",
    "NotifyEVChargingNeedsStatusEnumType",
    "NotifyEVChargingScheduleRequest",
    "NotifyEVChargingScheduleResponse",
    "NotifyEventRequest",
    "NotifyEventResponse",
    "NotifyMonitoringReportRequest",
    "NotifyMonitoringReportResponse",
    "NotifyReportRequest",
    "NotifyReportResponse",
    "OCPPInterfaceEnumType",
    "OCPPTransportEnumType",
    "OCPPVersionEnumType",
    "OCSPRequestDataType",
    "OperationalStatusEnumType",
    "PhaseEnumType",
    "PublishFirmwareRequest",
    "PublishFirmwareResponse",
    "PublishFirmwareStatusEnumType",
    "PublishFirmwareStatusNotificationRequest",
    "PublishFirmwareStatusNotificationResponse",
    "ReadingContextEnumType",
    "ReasonEnumType",
    "RecurrencyKindEnumType",
    "RegistrationStatusEnumType",
    "RelativeTimeIntervalType",
    "ReportBaseEnumType",
    "ReportChargingProfilesRequest",
    "ReportChargingProfilesResponse",
    "ReportDataType",
    "RequestStartStopStatusEnumType",
    "RequestStartTransactionRequest",
    "RequestStartTransactionResponse",
    "RequestStopTransactionRequest",
    "RequestStopTransactionResponse",
    "ReservationStatusUpdateRequest",
    "ReservationStatusUpdateResponse",
    "ReservationUpdateStatusEnumType",
    "ReserveNowRequest",
    "ReserveNowResponse",
    "ReserveNowStatusEnumType",
    "ResetEnumType",
    "ResetRequest",
    "ResetResponse",
    "ResetStatusEnumType",
    "SalesTariffEntryType",
    "SalesTariffType",
    "SampledValueType",
    "SecurityEventNotificationRequest",
    "SecurityEventNotificationResponse",
    "SendLocalListRequest",
    "SendLocalListResponse",
    "SendLocalListStatusEnumType",
    "SetChargingProfileRequest",
    "SetChargingProfileResponse",
    "SetDisplayMessageRequest",
    "SetDisplayMessageResponse",
    "SetMonitoringBaseRequest",
    "SetMonitoringBaseResponse",
    "SetMonitoringDataType",
    "SetMonitoringLevelRequest",
    "SetMonitoringLevelResponse",
    "SetMonitoringResultType",
    "SetMonitoringStatusEnumType",
    "SetNetworkProfileRequest",
    "SetNetworkProfileResponse",
    "SetNetworkProfileStatusEnumType",
    "SetVariableDataType",
    "SetVariableMonitoringRequest",
    "SetVariableMonitoringResponse",
    "SetVariableResultType",
    "SetVariableStatusEnumType",
    "SetVariablesRequest",
    "SetVariablesResponse",
    "SignCertificateRequest",
    "SignCertificateResponse",
    "SignedMeterValueType",
    "StatusInfoType",
    "StatusNotificationRequest",
    "StatusNotificationResponse",
    "TransactionEventEnumType",
    "TransactionEventRequest",
    "TransactionEventResponse",
    "TransactionType",
    "TriggerMessageRequest",
    "TriggerMessageResponse",
    "TriggerMessageStatusEnumType",
    "TriggerReasonEnumType",
    "UnitOfMeasureType",
    "UnlockConnectorRequest",
    "UnlockConnectorResponse",
    "UnlockStatusEnumType",
    "UnpublishFirmwareRequest",
    "UnpublishFirmwareResponse",
    "UnpublishFirmwareStatusEnumType",
    "UpdateEnumType",
    "UpdateFirmwareRequest",
    "UpdateFirmwareResponse",
    "UpdateFirmwareStatusEnumType",
    "UploadLogStatusEnumType",
    "VPNEnumType",
    "VPNType",
    "VariableAttributeType",
    "VariableCharacteristicsType",
    "VariableMonitoringType",
    "VariableType",
]

class APNType(Payload, frozen=True, kw_only=True):
    apn: str
    apn_authentication: APNAuthenticationEnumType | str
    custom_data: JsonObject | None = ...
    apn_user_name: str | None = ...
    apn_password: str | None = ...
    sim_pin: int | None = ...
    preferred_network: str | None = ...
    use_only_preferred_network: bool | None = ...

class IdTokenType(Payload, frozen=True, kw_only=True):
    id_token: str
    type: IdTokenEnumType | str
    custom_data: JsonObject | None = ...
    additional_info: Sequence[AdditionalInfoType] | None = ...

class MessageContentType(Payload, frozen=True, kw_only=True):
    format: MessageFormatEnumType | str
    content: str
    custom_data: JsonObject | None = ...
    language: str | None = ...

class IdTokenInfoType(Payload, frozen=True, kw_only=True):
    status: AuthorizationStatusEnumType | str
    custom_data: JsonObject | None = ...
    cache_expiry_date_time: datetime | None = ...
    charging_priority: int | None = ...
    language1: str | None = ...
    evse_id: Sequence[int] | None = ...
    group_id_token: IdTokenType | None = ...
    language2: str | None = ...
    personal_message: MessageContentType | None = ...

class AuthorizationData(Payload, frozen=True, kw_only=True):
    id_token: IdTokenType
    custom_data: JsonObject | None = ...
    id_token_info: IdTokenInfoType | None = ...

class CertificateHashDataType(Payload, frozen=True, kw_only=True):
    hash_algorithm: HashAlgorithmEnumType | str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str
    custom_data: JsonObject | None = ...

class CertificateHashDataChainType(Payload, frozen=True, kw_only=True):
    certificate_hash_data: CertificateHashDataType
    certificate_type: GetCertificateIdUseEnumType | str
    custom_data: JsonObject | None = ...
    child_certificate_hash_data: Sequence[CertificateHashDataType] | None = ...

class ChargingLimitType(Payload, frozen=True, kw_only=True):
    charging_limit_source: ChargingLimitSourceEnumType | str
    custom_data: JsonObject | None = ...
    is_grid_critical: bool | None = ...

class ChargingNeedsType(Payload, frozen=True, kw_only=True):
    requested_energy_transfer: EnergyTransferModeEnumType | str
    custom_data: JsonObject | None = ...
    ac_charging_parameters: ACChargingParametersType | None = ...
    dc_charging_parameters: DCChargingParametersType | None = ...
    departure_time: datetime | None = ...

class ChargingProfileCriterionType(Payload, frozen=True, kw_only=True):
    custom_data: JsonObject | None = ...
    charging_profile_purpose: ChargingProfilePurposeEnumType | str | None = ...
    stack_level: int | None = ...
    charging_profile_id: Sequence[int] | None = ...
    charging_limit_source: (
        list[ChargingLimitSourceEnumType | str]
        | tuple[ChargingLimitSourceEnumType | str, ...]
        | None
    ) = ...

class CostType(Payload, frozen=True, kw_only=True):
    cost_kind: CostKindEnumType | str
    amount: int
    custom_data: JsonObject | None = ...
    amount_multiplier: int | None = ...

class ConsumptionCostType(Payload, frozen=True, kw_only=True):
    start_value: Decimal
    cost: Sequence[CostType]
    custom_data: JsonObject | None = ...

class SalesTariffEntryType(Payload, frozen=True, kw_only=True):
    relative_time_interval: RelativeTimeIntervalType
    custom_data: JsonObject | None = ...
    e_price_level: int | None = ...
    consumption_cost: Sequence[ConsumptionCostType] | None = ...

class SalesTariffType(Payload, frozen=True, kw_only=True):
    id: int
    sales_tariff_entry: Sequence[SalesTariffEntryType]
    custom_data: JsonObject | None = ...
    sales_tariff_description: str | None = ...
    num_e_price_levels: int | None = ...

class ChargingScheduleType(Payload, frozen=True, kw_only=True):
    id: int
    charging_rate_unit: ChargingRateUnitEnumType | str
    charging_schedule_period: Sequence[ChargingSchedulePeriodType]
    custom_data: JsonObject | None = ...
    start_schedule: datetime | None = ...
    duration: int | None = ...
    min_charging_rate: Decimal | None = ...
    sales_tariff: SalesTariffType | None = ...

class ChargingProfileType(Payload, frozen=True, kw_only=True):
    id: int
    stack_level: int
    charging_profile_purpose: ChargingProfilePurposeEnumType | str
    charging_profile_kind: ChargingProfileKindEnumType | str
    charging_schedule: Sequence[ChargingScheduleType]
    custom_data: JsonObject | None = ...
    recurrency_kind: RecurrencyKindEnumType | str | None = ...
    valid_from: datetime | None = ...
    valid_to: datetime | None = ...
    transaction_id: str | None = ...

class ClearChargingProfileType(Payload, frozen=True, kw_only=True):
    custom_data: JsonObject | None = ...
    evse_id: int | None = ...
    charging_profile_purpose: ChargingProfilePurposeEnumType | str | None = ...
    stack_level: int | None = ...

class ClearMonitoringResultType(Payload, frozen=True, kw_only=True):
    status: ClearMonitoringStatusEnumType | str
    id: int
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class CompositeScheduleType(Payload, frozen=True, kw_only=True):
    charging_schedule_period: Sequence[ChargingSchedulePeriodType]
    evse_id: int
    duration: int
    schedule_start: datetime
    charging_rate_unit: ChargingRateUnitEnumType | str
    custom_data: JsonObject | None = ...

class EventDataType(Payload, frozen=True, kw_only=True):
    event_id: int
    timestamp: datetime
    trigger: EventTriggerEnumType | str
    actual_value: str
    component: ComponentType
    event_notification_type: EventNotificationEnumType | str
    variable: VariableType
    custom_data: JsonObject | None = ...
    cause: int | None = ...
    tech_code: str | None = ...
    tech_info: str | None = ...
    cleared: bool | None = ...
    transaction_id: str | None = ...
    variable_monitoring_id: int | None = ...

class GetVariableDataType(Payload, frozen=True, kw_only=True):
    component: ComponentType
    variable: VariableType
    custom_data: JsonObject | None = ...
    attribute_type: AttributeEnumType | str | None = ...

class GetVariableResultType(Payload, frozen=True, kw_only=True):
    attribute_status: GetVariableStatusEnumType | str
    component: ComponentType
    variable: VariableType
    custom_data: JsonObject | None = ...
    attribute_status_info: StatusInfoType | None = ...
    attribute_type: AttributeEnumType | str | None = ...
    attribute_value: str | None = ...

class MessageInfoType(Payload, frozen=True, kw_only=True):
    id: int
    priority: MessagePriorityEnumType | str
    message: MessageContentType
    custom_data: JsonObject | None = ...
    display: ComponentType | None = ...
    state: MessageStateEnumType | str | None = ...
    start_date_time: datetime | None = ...
    end_date_time: datetime | None = ...
    transaction_id: str | None = ...

class SampledValueType(Payload, frozen=True, kw_only=True):
    value: Decimal
    custom_data: JsonObject | None = ...
    context: ReadingContextEnumType | str | None = ...
    measurand: MeasurandEnumType | str | None = ...
    phase: PhaseEnumType | str | None = ...
    location: LocationEnumType | str | None = ...
    signed_meter_value: SignedMeterValueType | None = ...
    unit_of_measure: UnitOfMeasureType | None = ...

class MeterValueType(Payload, frozen=True, kw_only=True):
    sampled_value: Sequence[SampledValueType]
    timestamp: datetime
    custom_data: JsonObject | None = ...

class VariableMonitoringType(Payload, frozen=True, kw_only=True):
    id: int
    transaction: bool
    value: Decimal
    type: MonitorEnumType | str
    severity: int
    custom_data: JsonObject | None = ...

class MonitoringDataType(Payload, frozen=True, kw_only=True):
    component: ComponentType
    variable: VariableType
    variable_monitoring: Sequence[VariableMonitoringType]
    custom_data: JsonObject | None = ...

class VPNType(Payload, frozen=True, kw_only=True):
    server: str
    user: str
    password: str
    key: str
    type: VPNEnumType | str
    custom_data: JsonObject | None = ...
    group: str | None = ...

class NetworkConnectionProfileType(Payload, frozen=True, kw_only=True):
    ocpp_version: OCPPVersionEnumType | str
    ocpp_transport: OCPPTransportEnumType | str
    ocpp_csms_url: str
    message_timeout: int
    security_profile: int
    ocpp_interface: OCPPInterfaceEnumType | str
    custom_data: JsonObject | None = ...
    apn: APNType | None = ...
    vpn: VPNType | None = ...

class OCSPRequestDataType(Payload, frozen=True, kw_only=True):
    hash_algorithm: HashAlgorithmEnumType | str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str
    responder_url: str
    custom_data: JsonObject | None = ...

class VariableAttributeType(Payload, frozen=True, kw_only=True):
    custom_data: JsonObject | None = ...
    type: AttributeEnumType | str | None = ...
    value: str | None = ...
    mutability: MutabilityEnumType | str | None = ...
    persistent: bool | None = ...
    constant: bool | None = ...

class VariableCharacteristicsType(Payload, frozen=True, kw_only=True):
    data_type: DataEnumType | str
    supports_monitoring: bool
    custom_data: JsonObject | None = ...
    unit: str | None = ...
    min_limit: Decimal | None = ...
    max_limit: Decimal | None = ...
    values_list: str | None = ...

class ReportDataType(Payload, frozen=True, kw_only=True):
    component: ComponentType
    variable: VariableType
    variable_attribute: Sequence[VariableAttributeType]
    custom_data: JsonObject | None = ...
    variable_characteristics: VariableCharacteristicsType | None = ...

class SetMonitoringDataType(Payload, frozen=True, kw_only=True):
    value: Decimal
    type: MonitorEnumType | str
    severity: int
    component: ComponentType
    variable: VariableType
    custom_data: JsonObject | None = ...
    id: int | None = ...
    transaction: bool | None = ...

class SetMonitoringResultType(Payload, frozen=True, kw_only=True):
    status: SetMonitoringStatusEnumType | str
    type: MonitorEnumType | str
    component: ComponentType
    variable: VariableType
    severity: int
    custom_data: JsonObject | None = ...
    id: int | None = ...
    status_info: StatusInfoType | None = ...

class SetVariableDataType(Payload, frozen=True, kw_only=True):
    attribute_value: str
    component: ComponentType
    variable: VariableType
    custom_data: JsonObject | None = ...
    attribute_type: AttributeEnumType | str | None = ...

class SetVariableResultType(Payload, frozen=True, kw_only=True):
    attribute_status: SetVariableStatusEnumType | str
    component: ComponentType
    variable: VariableType
    custom_data: JsonObject | None = ...
    attribute_type: AttributeEnumType | str | None = ...
    attribute_status_info: StatusInfoType | None = ...

class TransactionType(Payload, frozen=True, kw_only=True):
    transaction_id: str
    custom_data: JsonObject | None = ...
    charging_state: ChargingStateEnumType | str | None = ...
    time_spent_charging: int | None = ...
    stopped_reason: ReasonEnumType | str | None = ...
    remote_start_id: int | None = ...

class AuthorizeResponse(Response, frozen=True, kw_only=True):
    id_token_info: IdTokenInfoType
    custom_data: JsonObject | None = ...
    certificate_status: AuthorizeCertificateStatusEnumType | str | None = ...

class AuthorizeRequest(
    LenientRequest[AuthorizeResponse, messages.AuthorizeResponse], frozen=True, kw_only=True
):
    id_token: IdTokenType
    custom_data: JsonObject | None = ...
    certificate: str | None = ...
    iso15118_certificate_hash_data: Sequence[OCSPRequestDataType] | None = ...

class BootNotificationResponse(Response, frozen=True, kw_only=True):
    current_time: datetime
    interval: int
    status: RegistrationStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class BootNotificationRequest(
    LenientRequest[BootNotificationResponse, messages.BootNotificationResponse],
    frozen=True,
    kw_only=True,
):
    charging_station: ChargingStationType
    reason: BootReasonEnumType | str
    custom_data: JsonObject | None = ...

class CancelReservationResponse(Response, frozen=True, kw_only=True):
    status: CancelReservationStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class CancelReservationRequest(
    LenientRequest[CancelReservationResponse, messages.CancelReservationResponse],
    frozen=True,
    kw_only=True,
):
    reservation_id: int
    custom_data: JsonObject | None = ...

class CertificateSignedResponse(Response, frozen=True, kw_only=True):
    status: CertificateSignedStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class CertificateSignedRequest(
    LenientRequest[CertificateSignedResponse, messages.CertificateSignedResponse],
    frozen=True,
    kw_only=True,
):
    certificate_chain: str
    custom_data: JsonObject | None = ...
    certificate_type: CertificateSigningUseEnumType | str | None = ...

class ChangeAvailabilityResponse(Response, frozen=True, kw_only=True):
    status: ChangeAvailabilityStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class ChangeAvailabilityRequest(
    LenientRequest[ChangeAvailabilityResponse, messages.ChangeAvailabilityResponse],
    frozen=True,
    kw_only=True,
):
    operational_status: OperationalStatusEnumType | str
    custom_data: JsonObject | None = ...
    evse: EVSEType | None = ...

class ClearCacheResponse(Response, frozen=True, kw_only=True):
    status: ClearCacheStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class ClearCacheRequest(
    LenientRequest[ClearCacheResponse, messages.ClearCacheResponse], frozen=True, kw_only=True
):
    custom_data: JsonObject | None = ...

class ClearChargingProfileResponse(Response, frozen=True, kw_only=True):
    status: ClearChargingProfileStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class ClearChargingProfileRequest(
    LenientRequest[ClearChargingProfileResponse, messages.ClearChargingProfileResponse],
    frozen=True,
    kw_only=True,
):
    custom_data: JsonObject | None = ...
    charging_profile_id: int | None = ...
    charging_profile_criteria: ClearChargingProfileType | None = ...

class ClearDisplayMessageResponse(Response, frozen=True, kw_only=True):
    status: ClearMessageStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class ClearDisplayMessageRequest(
    LenientRequest[ClearDisplayMessageResponse, messages.ClearDisplayMessageResponse],
    frozen=True,
    kw_only=True,
):
    id: int
    custom_data: JsonObject | None = ...

class ClearVariableMonitoringResponse(Response, frozen=True, kw_only=True):
    clear_monitoring_result: Sequence[ClearMonitoringResultType]
    custom_data: JsonObject | None = ...

class ClearVariableMonitoringRequest(
    LenientRequest[ClearVariableMonitoringResponse, messages.ClearVariableMonitoringResponse],
    frozen=True,
    kw_only=True,
):
    id: Sequence[int]
    custom_data: JsonObject | None = ...

class ClearedChargingLimitRequest(Request[ClearedChargingLimitResponse], frozen=True, kw_only=True):
    charging_limit_source: ChargingLimitSourceEnumType | str
    custom_data: JsonObject | None = ...
    evse_id: int | None = ...

class CustomerInformationResponse(Response, frozen=True, kw_only=True):
    status: CustomerInformationStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class CustomerInformationRequest(
    LenientRequest[CustomerInformationResponse, messages.CustomerInformationResponse],
    frozen=True,
    kw_only=True,
):
    request_id: int
    report: bool
    clear: bool
    custom_data: JsonObject | None = ...
    customer_certificate: CertificateHashDataType | None = ...
    id_token: IdTokenType | None = ...
    customer_identifier: str | None = ...

class DataTransferResponse(Response, frozen=True, kw_only=True):
    status: DataTransferStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...
    data: Any | None = ...

class DataTransferRequest(
    LenientRequest[DataTransferResponse, messages.DataTransferResponse], frozen=True, kw_only=True
):
    vendor_id: str
    custom_data: JsonObject | None = ...
    message_id: str | None = ...
    data: Any | None = ...

class DeleteCertificateResponse(Response, frozen=True, kw_only=True):
    status: DeleteCertificateStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class DeleteCertificateRequest(
    LenientRequest[DeleteCertificateResponse, messages.DeleteCertificateResponse],
    frozen=True,
    kw_only=True,
):
    certificate_hash_data: CertificateHashDataType
    custom_data: JsonObject | None = ...

class FirmwareStatusNotificationRequest(
    Request[FirmwareStatusNotificationResponse], frozen=True, kw_only=True
):
    status: FirmwareStatusEnumType | str
    custom_data: JsonObject | None = ...
    request_id: int | None = ...

class Get15118EVCertificateResponse(Response, frozen=True, kw_only=True):
    status: Iso15118EVCertificateStatusEnumType | str
    exi_response: str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class Get15118EVCertificateRequest(
    LenientRequest[Get15118EVCertificateResponse, messages.Get15118EVCertificateResponse],
    frozen=True,
    kw_only=True,
):
    iso15118_schema_version: str
    action_: CertificateActionEnumType | str
    exi_request: str
    custom_data: JsonObject | None = ...

class GetBaseReportResponse(Response, frozen=True, kw_only=True):
    status: GenericDeviceModelStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class GetBaseReportRequest(
    LenientRequest[GetBaseReportResponse, messages.GetBaseReportResponse], frozen=True, kw_only=True
):
    request_id: int
    report_base: ReportBaseEnumType | str
    custom_data: JsonObject | None = ...

class GetCertificateStatusResponse(Response, frozen=True, kw_only=True):
    status: GetCertificateStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...
    ocsp_result: str | None = ...

class GetCertificateStatusRequest(
    LenientRequest[GetCertificateStatusResponse, messages.GetCertificateStatusResponse],
    frozen=True,
    kw_only=True,
):
    ocsp_request_data: OCSPRequestDataType
    custom_data: JsonObject | None = ...

class GetChargingProfilesResponse(Response, frozen=True, kw_only=True):
    status: GetChargingProfileStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class GetChargingProfilesRequest(
    LenientRequest[GetChargingProfilesResponse, messages.GetChargingProfilesResponse],
    frozen=True,
    kw_only=True,
):
    request_id: int
    charging_profile: ChargingProfileCriterionType
    custom_data: JsonObject | None = ...
    evse_id: int | None = ...

class GetCompositeScheduleResponse(Response, frozen=True, kw_only=True):
    status: GenericStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...
    schedule: CompositeScheduleType | None = ...

class GetCompositeScheduleRequest(
    LenientRequest[GetCompositeScheduleResponse, messages.GetCompositeScheduleResponse],
    frozen=True,
    kw_only=True,
):
    duration: int
    evse_id: int
    custom_data: JsonObject | None = ...
    charging_rate_unit: ChargingRateUnitEnumType | str | None = ...

class GetDisplayMessagesResponse(Response, frozen=True, kw_only=True):
    status: GetDisplayMessagesStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class GetDisplayMessagesRequest(
    LenientRequest[GetDisplayMessagesResponse, messages.GetDisplayMessagesResponse],
    frozen=True,
    kw_only=True,
):
    request_id: int
    custom_data: JsonObject | None = ...
    id: Sequence[int] | None = ...
    priority: MessagePriorityEnumType | str | None = ...
    state: MessageStateEnumType | str | None = ...

class GetInstalledCertificateIdsResponse(Response, frozen=True, kw_only=True):
    status: GetInstalledCertificateStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...
    certificate_hash_data_chain: Sequence[CertificateHashDataChainType] | None = ...

class GetInstalledCertificateIdsRequest(
    LenientRequest[GetInstalledCertificateIdsResponse, messages.GetInstalledCertificateIdsResponse],
    frozen=True,
    kw_only=True,
):
    custom_data: JsonObject | None = ...
    certificate_type: (
        list[GetCertificateIdUseEnumType | str]
        | tuple[GetCertificateIdUseEnumType | str, ...]
        | None
    ) = ...

class GetLogResponse(Response, frozen=True, kw_only=True):
    status: LogStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...
    filename: str | None = ...

class GetLogRequest(
    LenientRequest[GetLogResponse, messages.GetLogResponse], frozen=True, kw_only=True
):
    log: LogParametersType
    log_type: LogEnumType | str
    request_id: int
    custom_data: JsonObject | None = ...
    retries: int | None = ...
    retry_interval: int | None = ...

class GetMonitoringReportResponse(Response, frozen=True, kw_only=True):
    status: GenericDeviceModelStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class GetMonitoringReportRequest(
    LenientRequest[GetMonitoringReportResponse, messages.GetMonitoringReportResponse],
    frozen=True,
    kw_only=True,
):
    request_id: int
    custom_data: JsonObject | None = ...
    component_variable: Sequence[ComponentVariableType] | None = ...
    monitoring_criteria: (
        list[MonitoringCriterionEnumType | str]
        | tuple[MonitoringCriterionEnumType | str, ...]
        | None
    ) = ...

class GetReportResponse(Response, frozen=True, kw_only=True):
    status: GenericDeviceModelStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class GetReportRequest(
    LenientRequest[GetReportResponse, messages.GetReportResponse], frozen=True, kw_only=True
):
    request_id: int
    custom_data: JsonObject | None = ...
    component_variable: Sequence[ComponentVariableType] | None = ...
    component_criteria: (
        list[ComponentCriterionEnumType | str] | tuple[ComponentCriterionEnumType | str, ...] | None
    ) = ...

class GetVariablesResponse(Response, frozen=True, kw_only=True):
    get_variable_result: Sequence[GetVariableResultType]
    custom_data: JsonObject | None = ...

class GetVariablesRequest(
    LenientRequest[GetVariablesResponse, messages.GetVariablesResponse], frozen=True, kw_only=True
):
    get_variable_data: Sequence[GetVariableDataType]
    custom_data: JsonObject | None = ...

class InstallCertificateResponse(Response, frozen=True, kw_only=True):
    status: InstallCertificateStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class InstallCertificateRequest(
    LenientRequest[InstallCertificateResponse, messages.InstallCertificateResponse],
    frozen=True,
    kw_only=True,
):
    certificate_type: InstallCertificateUseEnumType | str
    certificate: str
    custom_data: JsonObject | None = ...

class LogStatusNotificationRequest(
    Request[LogStatusNotificationResponse], frozen=True, kw_only=True
):
    status: UploadLogStatusEnumType | str
    custom_data: JsonObject | None = ...
    request_id: int | None = ...

class MeterValuesRequest(Request[MeterValuesResponse], frozen=True, kw_only=True):
    evse_id: int
    meter_value: Sequence[MeterValueType]
    custom_data: JsonObject | None = ...

class NotifyChargingLimitRequest(Request[NotifyChargingLimitResponse], frozen=True, kw_only=True):
    charging_limit: ChargingLimitType
    custom_data: JsonObject | None = ...
    charging_schedule: Sequence[ChargingScheduleType] | None = ...
    evse_id: int | None = ...

class NotifyDisplayMessagesRequest(
    Request[NotifyDisplayMessagesResponse], frozen=True, kw_only=True
):
    request_id: int
    custom_data: JsonObject | None = ...
    message_info: Sequence[MessageInfoType] | None = ...
    tbc: bool | None = ...

class NotifyEVChargingNeedsResponse(Response, frozen=True, kw_only=True):
    status: NotifyEVChargingNeedsStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class NotifyEVChargingNeedsRequest(
    LenientRequest[NotifyEVChargingNeedsResponse, messages.NotifyEVChargingNeedsResponse],
    frozen=True,
    kw_only=True,
):
    charging_needs: ChargingNeedsType
    evse_id: int
    custom_data: JsonObject | None = ...
    max_schedule_tuples: int | None = ...

class NotifyEVChargingScheduleResponse(Response, frozen=True, kw_only=True):
    status: GenericStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class NotifyEVChargingScheduleRequest(
    LenientRequest[NotifyEVChargingScheduleResponse, messages.NotifyEVChargingScheduleResponse],
    frozen=True,
    kw_only=True,
):
    time_base: datetime
    charging_schedule: ChargingScheduleType
    evse_id: int
    custom_data: JsonObject | None = ...

class NotifyEventRequest(Request[NotifyEventResponse], frozen=True, kw_only=True):
    generated_at: datetime
    seq_no: int
    event_data: Sequence[EventDataType]
    custom_data: JsonObject | None = ...
    tbc: bool | None = ...

class NotifyMonitoringReportRequest(
    Request[NotifyMonitoringReportResponse], frozen=True, kw_only=True
):
    request_id: int
    seq_no: int
    generated_at: datetime
    custom_data: JsonObject | None = ...
    monitor: Sequence[MonitoringDataType] | None = ...
    tbc: bool | None = ...

class NotifyReportRequest(Request[NotifyReportResponse], frozen=True, kw_only=True):
    request_id: int
    generated_at: datetime
    seq_no: int
    custom_data: JsonObject | None = ...
    report_data: Sequence[ReportDataType] | None = ...
    tbc: bool | None = ...

class PublishFirmwareResponse(Response, frozen=True, kw_only=True):
    status: GenericStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class PublishFirmwareRequest(
    LenientRequest[PublishFirmwareResponse, messages.PublishFirmwareResponse],
    frozen=True,
    kw_only=True,
):
    location: str
    checksum: str
    request_id: int
    custom_data: JsonObject | None = ...
    retries: int | None = ...
    retry_interval: int | None = ...

class PublishFirmwareStatusNotificationRequest(
    Request[PublishFirmwareStatusNotificationResponse], frozen=True, kw_only=True
):
    status: PublishFirmwareStatusEnumType | str
    custom_data: JsonObject | None = ...
    location: list[str] | tuple[str, ...] | None = ...
    request_id: int | None = ...

class ReportChargingProfilesRequest(
    Request[ReportChargingProfilesResponse], frozen=True, kw_only=True
):
    request_id: int
    charging_limit_source: ChargingLimitSourceEnumType | str
    charging_profile: Sequence[ChargingProfileType]
    evse_id: int
    custom_data: JsonObject | None = ...
    tbc: bool | None = ...

class RequestStartTransactionResponse(Response, frozen=True, kw_only=True):
    status: RequestStartStopStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...
    transaction_id: str | None = ...

class RequestStartTransactionRequest(
    LenientRequest[RequestStartTransactionResponse, messages.RequestStartTransactionResponse],
    frozen=True,
    kw_only=True,
):
    id_token: IdTokenType
    remote_start_id: int
    custom_data: JsonObject | None = ...
    evse_id: int | None = ...
    group_id_token: IdTokenType | None = ...
    charging_profile: ChargingProfileType | None = ...

class RequestStopTransactionResponse(Response, frozen=True, kw_only=True):
    status: RequestStartStopStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class RequestStopTransactionRequest(
    LenientRequest[RequestStopTransactionResponse, messages.RequestStopTransactionResponse],
    frozen=True,
    kw_only=True,
):
    transaction_id: str
    custom_data: JsonObject | None = ...

class ReservationStatusUpdateRequest(
    Request[ReservationStatusUpdateResponse], frozen=True, kw_only=True
):
    reservation_id: int
    reservation_update_status: ReservationUpdateStatusEnumType | str
    custom_data: JsonObject | None = ...

class ReserveNowResponse(Response, frozen=True, kw_only=True):
    status: ReserveNowStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class ReserveNowRequest(
    LenientRequest[ReserveNowResponse, messages.ReserveNowResponse], frozen=True, kw_only=True
):
    id: int
    expiry_date_time: datetime
    id_token: IdTokenType
    custom_data: JsonObject | None = ...
    connector_type: ConnectorEnumType | str | None = ...
    evse_id: int | None = ...
    group_id_token: IdTokenType | None = ...

class ResetResponse(Response, frozen=True, kw_only=True):
    status: ResetStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class ResetRequest(
    LenientRequest[ResetResponse, messages.ResetResponse], frozen=True, kw_only=True
):
    type: ResetEnumType | str
    custom_data: JsonObject | None = ...
    evse_id: int | None = ...

class SendLocalListResponse(Response, frozen=True, kw_only=True):
    status: SendLocalListStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class SendLocalListRequest(
    LenientRequest[SendLocalListResponse, messages.SendLocalListResponse], frozen=True, kw_only=True
):
    version_number: int
    update_type: UpdateEnumType | str
    custom_data: JsonObject | None = ...
    local_authorization_list: Sequence[AuthorizationData] | None = ...

class SetChargingProfileResponse(Response, frozen=True, kw_only=True):
    status: ChargingProfileStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class SetChargingProfileRequest(
    LenientRequest[SetChargingProfileResponse, messages.SetChargingProfileResponse],
    frozen=True,
    kw_only=True,
):
    evse_id: int
    charging_profile: ChargingProfileType
    custom_data: JsonObject | None = ...

class SetDisplayMessageResponse(Response, frozen=True, kw_only=True):
    status: DisplayMessageStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class SetDisplayMessageRequest(
    LenientRequest[SetDisplayMessageResponse, messages.SetDisplayMessageResponse],
    frozen=True,
    kw_only=True,
):
    message: MessageInfoType
    custom_data: JsonObject | None = ...

class SetMonitoringBaseResponse(Response, frozen=True, kw_only=True):
    status: GenericDeviceModelStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class SetMonitoringBaseRequest(
    LenientRequest[SetMonitoringBaseResponse, messages.SetMonitoringBaseResponse],
    frozen=True,
    kw_only=True,
):
    monitoring_base: MonitoringBaseEnumType | str
    custom_data: JsonObject | None = ...

class SetMonitoringLevelResponse(Response, frozen=True, kw_only=True):
    status: GenericStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class SetMonitoringLevelRequest(
    LenientRequest[SetMonitoringLevelResponse, messages.SetMonitoringLevelResponse],
    frozen=True,
    kw_only=True,
):
    severity: int
    custom_data: JsonObject | None = ...

class SetNetworkProfileResponse(Response, frozen=True, kw_only=True):
    status: SetNetworkProfileStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class SetNetworkProfileRequest(
    LenientRequest[SetNetworkProfileResponse, messages.SetNetworkProfileResponse],
    frozen=True,
    kw_only=True,
):
    configuration_slot: int
    connection_data: NetworkConnectionProfileType
    custom_data: JsonObject | None = ...

class SetVariableMonitoringResponse(Response, frozen=True, kw_only=True):
    set_monitoring_result: Sequence[SetMonitoringResultType]
    custom_data: JsonObject | None = ...

class SetVariableMonitoringRequest(
    LenientRequest[SetVariableMonitoringResponse, messages.SetVariableMonitoringResponse],
    frozen=True,
    kw_only=True,
):
    set_monitoring_data: Sequence[SetMonitoringDataType]
    custom_data: JsonObject | None = ...

class SetVariablesResponse(Response, frozen=True, kw_only=True):
    set_variable_result: Sequence[SetVariableResultType]
    custom_data: JsonObject | None = ...

class SetVariablesRequest(
    LenientRequest[SetVariablesResponse, messages.SetVariablesResponse], frozen=True, kw_only=True
):
    set_variable_data: Sequence[SetVariableDataType]
    custom_data: JsonObject | None = ...

class SignCertificateResponse(Response, frozen=True, kw_only=True):
    status: GenericStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class SignCertificateRequest(
    LenientRequest[SignCertificateResponse, messages.SignCertificateResponse],
    frozen=True,
    kw_only=True,
):
    csr: str
    custom_data: JsonObject | None = ...
    certificate_type: CertificateSigningUseEnumType | str | None = ...

class StatusNotificationRequest(Request[StatusNotificationResponse], frozen=True, kw_only=True):
    timestamp: datetime
    connector_status: ConnectorStatusEnumType | str
    evse_id: int
    connector_id: int
    custom_data: JsonObject | None = ...

class TransactionEventResponse(Response, frozen=True, kw_only=True):
    custom_data: JsonObject | None = ...
    total_cost: Decimal | None = ...
    charging_priority: int | None = ...
    id_token_info: IdTokenInfoType | None = ...
    updated_personal_message: MessageContentType | None = ...

class TransactionEventRequest(
    LenientRequest[TransactionEventResponse, messages.TransactionEventResponse],
    frozen=True,
    kw_only=True,
):
    event_type: TransactionEventEnumType | str
    timestamp: datetime
    trigger_reason: TriggerReasonEnumType | str
    seq_no: int
    transaction_info: TransactionType
    custom_data: JsonObject | None = ...
    meter_value: Sequence[MeterValueType] | None = ...
    offline: bool | None = ...
    number_of_phases_used: int | None = ...
    cable_max_current: int | None = ...
    reservation_id: int | None = ...
    evse: EVSEType | None = ...
    id_token: IdTokenType | None = ...

class TriggerMessageResponse(Response, frozen=True, kw_only=True):
    status: TriggerMessageStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class TriggerMessageRequest(
    LenientRequest[TriggerMessageResponse, messages.TriggerMessageResponse],
    frozen=True,
    kw_only=True,
):
    requested_message: MessageTriggerEnumType | str
    custom_data: JsonObject | None = ...
    evse: EVSEType | None = ...

class UnlockConnectorResponse(Response, frozen=True, kw_only=True):
    status: UnlockStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class UnlockConnectorRequest(
    LenientRequest[UnlockConnectorResponse, messages.UnlockConnectorResponse],
    frozen=True,
    kw_only=True,
):
    evse_id: int
    connector_id: int
    custom_data: JsonObject | None = ...

class UnpublishFirmwareResponse(Response, frozen=True, kw_only=True):
    status: UnpublishFirmwareStatusEnumType | str
    custom_data: JsonObject | None = ...

class UnpublishFirmwareRequest(
    LenientRequest[UnpublishFirmwareResponse, messages.UnpublishFirmwareResponse],
    frozen=True,
    kw_only=True,
):
    checksum: str
    custom_data: JsonObject | None = ...

class UpdateFirmwareResponse(Response, frozen=True, kw_only=True):
    status: UpdateFirmwareStatusEnumType | str
    custom_data: JsonObject | None = ...
    status_info: StatusInfoType | None = ...

class UpdateFirmwareRequest(
    LenientRequest[UpdateFirmwareResponse, messages.UpdateFirmwareResponse],
    frozen=True,
    kw_only=True,
):
    request_id: int
    firmware: FirmwareType
    custom_data: JsonObject | None = ...
    retries: int | None = ...
    retry_interval: int | None = ...
