# Written by tools/generate.py from the facts of the official schemas: change that, not this.

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ocpp_sansio.core import JsonObject, LenientRequest, Payload, Request, Response
from ocpp_sansio.v21 import (
    CATALOG,
    AbsolutePriceScheduleType,
    ACChargingParametersType,
    AdditionalInfoType,
    AdditionalSelectedServicesType,
    AddressType,
    APNAuthenticationEnumType,
    AttributeEnumType,
    AuthorizationStatusEnumType,
    AuthorizeCertificateStatusEnumType,
    BatteryDataType,
    BatterySwapEventEnumType,
    BatterySwapResponse,
    BootReasonEnumType,
    CancelReservationStatusEnumType,
    CertificateActionEnumType,
    CertificateSignedStatusEnumType,
    CertificateSigningUseEnumType,
    CertificateStatusEnumType,
    CertificateStatusSourceEnumType,
    ChangeAvailabilityStatusEnumType,
    ChargingLimitType,
    ChargingProfileKindEnumType,
    ChargingProfilePurposeEnumType,
    ChargingProfileStatusEnumType,
    ChargingRateUnitEnumType,
    ChargingScheduleUpdateType,
    ChargingStateEnumType,
    ChargingStationType,
    ClearCacheStatusEnumType,
    ClearChargingProfileStatusEnumType,
    ClearedChargingLimitRequest,
    ClearedChargingLimitResponse,
    ClearMessageStatusEnumType,
    ClearMonitoringStatusEnumType,
    ClosePeriodicEventStreamRequest,
    ClosePeriodicEventStreamResponse,
    ComponentCriterionEnumType,
    ComponentType,
    ComponentVariableType,
    ConnectorStatusEnumType,
    ConstantStreamDataType,
    ControlModeEnumType,
    CostDimensionEnumType,
    CostKindEnumType,
    CostUpdatedRequest,
    CostUpdatedResponse,
    CustomerInformationStatusEnumType,
    DataEnumType,
    DataTransferStatusEnumType,
    DayOfWeekEnumType,
    DCChargingParametersType,
    DeleteCertificateStatusEnumType,
    DERControlEnumType,
    DERControlStatusEnumType,
    DERCurvePointsType,
    DERUnitEnumType,
    DisplayMessageStatusEnumType,
    EnergyTransferModeEnumType,
    EnterServiceGetType,
    EnterServiceType,
    EVAbsolutePriceScheduleEntryType,
    EVAbsolutePriceScheduleType,
    EVEnergyOfferType,
    EventNotificationEnumType,
    EventTriggerEnumType,
    EVPowerScheduleEntryType,
    EVPowerScheduleType,
    EVPriceRuleType,
    EvseKindEnumType,
    EVSEType,
    FirmwareStatusEnumType,
    FirmwareStatusNotificationResponse,
    FirmwareType,
    FixedPFGetType,
    FixedPFType,
    FreqDroopGetType,
    FreqDroopType,
    GenericDeviceModelStatusEnumType,
    GenericStatusEnumType,
    GetCertificateIdUseEnumType,
    GetCertificateStatusEnumType,
    GetChargingProfileStatusEnumType,
    GetDisplayMessagesStatusEnumType,
    GetInstalledCertificateStatusEnumType,
    GetLocalListVersionRequest,
    GetLocalListVersionResponse,
    GetPeriodicEventStreamRequest,
    GetPeriodicEventStreamResponse,
    GetTransactionStatusRequest,
    GetTransactionStatusResponse,
    GetVariableStatusEnumType,
    GradientGetType,
    GradientType,
    GridEventFaultEnumType,
    HashAlgorithmEnumType,
    HeartbeatRequest,
    HeartbeatResponse,
    HysteresisType,
    IdTokenType,
    InstallCertificateStatusEnumType,
    InstallCertificateUseEnumType,
    IslandingDetectionEnumType,
    Iso15118EVCertificateStatusEnumType,
    LimitAtSoCType,
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
    MobilityNeedsModeEnumType,
    ModemType,
    MonitorEnumType,
    MonitoringBaseEnumType,
    MonitoringCriterionEnumType,
    MutabilityEnumType,
    NotifyAllowedEnergyTransferStatusEnumType,
    NotifyChargingLimitResponse,
    NotifyCustomerInformationRequest,
    NotifyCustomerInformationResponse,
    NotifyDERAlarmResponse,
    NotifyDERStartStopRequest,
    NotifyDERStartStopResponse,
    NotifyDisplayMessagesResponse,
    NotifyEVChargingNeedsStatusEnumType,
    NotifyEventResponse,
    NotifyMonitoringReportResponse,
    NotifyPeriodicEventStream,
    NotifyPriorityChargingRequest,
    NotifyPriorityChargingResponse,
    NotifyReportResponse,
    NotifySettlementResponse,
    NotifyWebPaymentStartedRequest,
    NotifyWebPaymentStartedResponse,
    OCPPInterfaceEnumType,
    OCPPTransportEnumType,
    OCPPVersionEnumType,
    OperationalStatusEnumType,
    OperationModeEnumType,
    OverstayRuleListType,
    OverstayRuleType,
    PaymentStatusEnumType,
    PeriodicEventStreamParamsType,
    PhaseEnumType,
    PowerDuringCessationEnumType,
    PreconditioningStatusEnumType,
    PriceLevelScheduleEntryType,
    PriceLevelScheduleType,
    PriceRuleStackType,
    PriceRuleType,
    PriceType,
    PriorityChargingStatusEnumType,
    PublishFirmwareStatusEnumType,
    PublishFirmwareStatusNotificationResponse,
    RationalNumberType,
    ReactivePowerParamsType,
    ReadingContextEnumType,
    ReasonEnumType,
    RecurrencyKindEnumType,
    RegistrationStatusEnumType,
    RelativeTimeIntervalType,
    ReportBaseEnumType,
    ReportChargingProfilesResponse,
    ReportDERControlResponse,
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
    StreamDataElementType,
    TariffChangeStatusEnumType,
    TariffClearStatusEnumType,
    TariffCostEnumType,
    TariffGetStatusEnumType,
    TariffKindEnumType,
    TariffSetStatusEnumType,
    TaxRateType,
    TaxRuleType,
    TotalPriceType,
    TotalUsageType,
    TransactionEventEnumType,
    TransactionLimitType,
    TriggerMessageStatusEnumType,
    TriggerReasonEnumType,
    UnitOfMeasureType,
    UnlockStatusEnumType,
    UnpublishFirmwareStatusEnumType,
    UpdateEnumType,
    UpdateFirmwareStatusEnumType,
    UploadLogStatusEnumType,
    V2XChargingParametersType,
    V2XFreqWattPointType,
    V2XSignalWattPointType,
    VariableType,
    VPNEnumType,
    messages,
)

__all__ = [
    "CATALOG",
    "ACChargingParametersType",
    "AFRRSignalRequest",
    "AFRRSignalResponse",
    "APNAuthenticationEnumType",
    "APNType",
    "AbsolutePriceScheduleType",
    "AdditionalInfoType",
    "AdditionalSelectedServicesType",
    "AddressType",
    "AdjustPeriodicEventStreamRequest",
    "AdjustPeriodicEventStreamResponse",
    "AttributeEnumType",
    "AuthorizationData",
    "AuthorizationStatusEnumType",
    "AuthorizeCertificateStatusEnumType",
    "AuthorizeRequest",
    "AuthorizeResponse",
    "BatteryDataType",
    "BatterySwapEventEnumType",
    "BatterySwapRequest",
    "BatterySwapResponse",
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
    "CertificateStatusEnumType",
    "CertificateStatusRequestInfoType",
    "CertificateStatusSourceEnumType",
    "CertificateStatusType",
    "ChangeAvailabilityRequest",
    "ChangeAvailabilityResponse",
    "ChangeAvailabilityStatusEnumType",
    "ChangeTransactionTariffRequest",
    "ChangeTransactionTariffResponse",
    "ChargingLimitType",
    "ChargingNeedsType",
    "ChargingPeriodType",
    "ChargingProfileCriterionType",
    "ChargingProfileKindEnumType",
    "ChargingProfilePurposeEnumType",
    "ChargingProfileStatusEnumType",
    "ChargingProfileType",
    "ChargingRateUnitEnumType",
    "ChargingSchedulePeriodType",
    "ChargingScheduleType",
    "ChargingScheduleUpdateType",
    "ChargingStateEnumType",
    "ChargingStationType",
    "ClearCacheRequest",
    "ClearCacheResponse",
    "ClearCacheStatusEnumType",
    "ClearChargingProfileRequest",
    "ClearChargingProfileResponse",
    "ClearChargingProfileStatusEnumType",
    "ClearChargingProfileType",
    "ClearDERControlRequest",
    "ClearDERControlResponse",
    "ClearDisplayMessageRequest",
    "ClearDisplayMessageResponse",
    "ClearMessageStatusEnumType",
    "ClearMonitoringResultType",
    "ClearMonitoringStatusEnumType",
    "ClearTariffsRequest",
    "ClearTariffsResponse",
    "ClearTariffsResultType",
    "ClearVariableMonitoringRequest",
    "ClearVariableMonitoringResponse",
    "ClearedChargingLimitRequest",
    "ClearedChargingLimitResponse",
    "ClosePeriodicEventStreamRequest",
    "ClosePeriodicEventStreamResponse",
    "ComponentCriterionEnumType",
    "ComponentType",
    "ComponentVariableType",
    "CompositeScheduleType",
    "ConnectorStatusEnumType",
    "ConstantStreamDataType",
    "ConsumptionCostType",
    "ControlModeEnumType",
    "CostDetailsType",
    "CostDimensionEnumType",
    "CostDimensionType",
    "CostKindEnumType",
    "CostType",
    "CostUpdatedRequest",
    "CostUpdatedResponse",
    "CustomerInformationRequest",
    "CustomerInformationResponse",
    "CustomerInformationStatusEnumType",
    "DCChargingParametersType",
    "DERChargingParametersType",
    "DERControlEnumType",
    "DERControlStatusEnumType",
    "DERCurveGetType",
    "DERCurvePointsType",
    "DERCurveType",
    "DERUnitEnumType",
    "DataEnumType",
    "DataTransferRequest",
    "DataTransferResponse",
    "DataTransferStatusEnumType",
    "DayOfWeekEnumType",
    "DeleteCertificateRequest",
    "DeleteCertificateResponse",
    "DeleteCertificateStatusEnumType",
    "DisplayMessageStatusEnumType",
    "EVAbsolutePriceScheduleEntryType",
    "EVAbsolutePriceScheduleType",
    "EVEnergyOfferType",
    "EVPowerScheduleEntryType",
    "EVPowerScheduleType",
    "EVPriceRuleType",
    "EVSEType",
    "EnergyTransferModeEnumType",
    "EnterServiceGetType",
    "EnterServiceType",
    "EventDataType",
    "EventNotificationEnumType",
    "EventTriggerEnumType",
    "EvseKindEnumType",
    "FirmwareStatusEnumType",
    "FirmwareStatusNotificationRequest",
    "FirmwareStatusNotificationResponse",
    "FirmwareType",
    "FixedPFGetType",
    "FixedPFType",
    "FixedVarGetType",
    "FixedVarType",
    "FreqDroopGetType",
    "FreqDroopType",
    "GenericDeviceModelStatusEnumType",
    "GenericStatusEnumType",
    "Get15118EVCertificateRequest",
    "Get15118EVCertificateResponse",
    "GetBaseReportRequest",
    "GetBaseReportResponse",
    "GetCertificateChainStatusRequest",
    "GetCertificateChainStatusResponse",
    "GetCertificateIdUseEnumType",
    "GetCertificateStatusEnumType",
    "GetCertificateStatusRequest",
    "GetCertificateStatusResponse",
    "GetChargingProfileStatusEnumType",
    "GetChargingProfilesRequest",
    "GetChargingProfilesResponse",
    "GetCompositeScheduleRequest",
    "GetCompositeScheduleResponse",
    "GetDERControlRequest",
    "GetDERControlResponse",
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
    "GetPeriodicEventStreamRequest",
    "GetPeriodicEventStreamResponse",
    "GetReportRequest",
    "GetReportResponse",
    "GetTariffsRequest",
    "GetTariffsResponse",
    "GetTransactionStatusRequest",
    "GetTransactionStatusResponse",
    "GetVariableDataType",
    "GetVariableResultType",
    "GetVariableStatusEnumType",
    "GetVariablesRequest",
    "GetVariablesResponse",
    "GradientGetType",
    "GradientType",
    "GridEventFaultEnumType",
    "HashAlgorithmEnumType",
    "HeartbeatRequest",
    "HeartbeatResponse",
    "HysteresisType",
    "IdTokenInfoType",
    "IdTokenType",
    "InstallCertificateRequest",
    "InstallCertificateResponse",
    "InstallCertificateStatusEnumType",
    "InstallCertificateUseEnumType",
    "IslandingDetectionEnumType",
    "Iso15118EVCertificateStatusEnumType",
    "LimitAtSoCType",
    "LimitMaxDischargeGetType",
    "LimitMaxDischargeType",
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
    "MobilityNeedsModeEnumType",
    "ModemType",
    "MonitorEnumType",
    "MonitoringBaseEnumType",
    "MonitoringCriterionEnumType",
    "MonitoringDataType",
    "MutabilityEnumType",
    "NetworkConnectionProfileType",
    "NotifyAllowedEnergyTransferRequest",
    "NotifyAllowedEnergyTransferResponse",
    "NotifyAllowedEnergyTransferStatusEnumType",
    "NotifyChargingLimitRequest",
    "NotifyChargingLimitResponse",
    "NotifyCustomerInformationRequest",
    "NotifyCustomerInformationResponse",
    "NotifyDERAlarmRequest",
    "NotifyDERAlarmResponse",
    "NotifyDERStartStopRequest",
    "NotifyDERStartStopResponse",
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
    "NotifyPeriodicEventStream",
    "NotifyPriorityChargingRequest",
    "NotifyPriorityChargingResponse",
    "NotifyReportRequest",
    "NotifyReportResponse",
    "NotifySettlementRequest",
    "NotifySettlementResponse",
    "NotifyWebPaymentStartedRequest",
    "NotifyWebPaymentStartedResponse",
    "OCPPInterfaceEnumType",
    "OCPPTransportEnumType",
    "OCPPVersionEnumType",
    "OCSPRequestDataType",
    "OpenPeriodicEventStreamRequest",
    "OpenPeriodicEventStreamResponse",
    "OperationModeEnumType",
    "OperationalStatusEnumType",
    "OverstayRuleListType",
    "OverstayRuleType",
    "PaymentStatusEnumType",
    "PeriodicEventStreamParamsType",
    "PhaseEnumType",
    "PowerDuringCessationEnumType",
    "PreconditioningStatusEnumType",
    "PriceLevelScheduleEntryType",
    "PriceLevelScheduleType",
    "PriceRuleStackType",
    "PriceRuleType",
    "PriceType",
    "PriorityChargingStatusEnumType",
    "PublishFirmwareRequest",
    "PublishFirmwareResponse",
    "PublishFirmwareStatusEnumType",
    "PublishFirmwareStatusNotificationRequest",
    "PublishFirmwareStatusNotificationResponse",
    "PullDynamicScheduleUpdateRequest",
    "PullDynamicScheduleUpdateResponse",
    "RationalNumberType",
    "ReactivePowerParamsType",
    "ReadingContextEnumType",
    "ReasonEnumType",
    "RecurrencyKindEnumType",
    "RegistrationStatusEnumType",
    "RelativeTimeIntervalType",
    "ReportBaseEnumType",
    "ReportChargingProfilesRequest",
    "ReportChargingProfilesResponse",
    "ReportDERControlRequest",
    "ReportDERControlResponse",
    "ReportDataType",
    "RequestBatterySwapRequest",
    "RequestBatterySwapResponse",
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
    "SetDERControlRequest",
    "SetDERControlResponse",
    "SetDefaultTariffRequest",
    "SetDefaultTariffResponse",
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
    "StreamDataElementType",
    "TariffAssignmentType",
    "TariffChangeStatusEnumType",
    "TariffClearStatusEnumType",
    "TariffConditionsFixedType",
    "TariffConditionsType",
    "TariffCostEnumType",
    "TariffEnergyPriceType",
    "TariffEnergyType",
    "TariffFixedPriceType",
    "TariffFixedType",
    "TariffGetStatusEnumType",
    "TariffKindEnumType",
    "TariffSetStatusEnumType",
    "TariffTimePriceType",
    "TariffTimeType",
    "TariffType",
    "TaxRateType",
    "TaxRuleType",
    "TotalCostType",
    "TotalPriceType",
    "TotalUsageType",
    "TransactionEventEnumType",
    "TransactionEventRequest",
    "TransactionEventResponse",
    "TransactionLimitType",
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
    "UpdateDynamicScheduleRequest",
    "UpdateDynamicScheduleResponse",
    "UpdateEnumType",
    "UpdateFirmwareRequest",
    "UpdateFirmwareResponse",
    "UpdateFirmwareStatusEnumType",
    "UploadLogStatusEnumType",
    "UsePriorityChargingRequest",
    "UsePriorityChargingResponse",
    "V2XChargingParametersType",
    "V2XFreqWattPointType",
    "V2XSignalWattPointType",
    "VPNEnumType",
    "VPNType",
    "VariableAttributeType",
    "VariableCharacteristicsType",
    "VariableMonitoringType",
    "VariableType",
    "VatNumberValidationRequest",
    "VatNumberValidationResponse",
    "VoltageParamsType",
]

class APNType(Payload, frozen=True, kw_only=True):
    apn: str
    apn_authentication: APNAuthenticationEnumType | str
    apn_user_name: str | None = ...
    apn_password: str | None = ...
    sim_pin: int | None = ...
    preferred_network: str | None = ...
    use_only_preferred_network: bool | None = ...
    custom_data: JsonObject | None = ...

class MessageContentType(Payload, frozen=True, kw_only=True):
    format: MessageFormatEnumType | str
    content: str
    language: str | None = ...
    custom_data: JsonObject | None = ...

class IdTokenInfoType(Payload, frozen=True, kw_only=True):
    status: AuthorizationStatusEnumType | str
    cache_expiry_date_time: datetime | None = ...
    charging_priority: int | None = ...
    group_id_token: IdTokenType | None = ...
    language1: str | None = ...
    language2: str | None = ...
    evse_id: Sequence[int] | None = ...
    personal_message: MessageContentType | None = ...
    custom_data: JsonObject | None = ...

class AuthorizationData(Payload, frozen=True, kw_only=True):
    id_token: IdTokenType
    id_token_info: IdTokenInfoType | None = ...
    custom_data: JsonObject | None = ...

class CertificateHashDataType(Payload, frozen=True, kw_only=True):
    hash_algorithm: HashAlgorithmEnumType | str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str
    custom_data: JsonObject | None = ...

class CertificateHashDataChainType(Payload, frozen=True, kw_only=True):
    certificate_hash_data: CertificateHashDataType
    certificate_type: GetCertificateIdUseEnumType | str
    child_certificate_hash_data: Sequence[CertificateHashDataType] | None = ...
    custom_data: JsonObject | None = ...

class CertificateStatusRequestInfoType(Payload, frozen=True, kw_only=True):
    certificate_hash_data: CertificateHashDataType
    source: CertificateStatusSourceEnumType | str
    urls: list[str] | tuple[str, ...]
    custom_data: JsonObject | None = ...

class CertificateStatusType(Payload, frozen=True, kw_only=True):
    certificate_hash_data: CertificateHashDataType
    source: CertificateStatusSourceEnumType | str
    status: CertificateStatusEnumType | str
    next_update: datetime
    custom_data: JsonObject | None = ...

class DERChargingParametersType(Payload, frozen=True, kw_only=True):
    ev_supported_der_control: (
        list[DERControlEnumType | str] | tuple[DERControlEnumType | str, ...] | None
    ) = ...
    ev_over_excited_max_discharge_power: Decimal | None = ...
    ev_over_excited_power_factor: Decimal | None = ...
    ev_under_excited_max_discharge_power: Decimal | None = ...
    ev_under_excited_power_factor: Decimal | None = ...
    max_apparent_power: Decimal | None = ...
    max_charge_apparent_power: Decimal | None = ...
    max_charge_apparent_power_l2: Decimal | None = ...
    max_charge_apparent_power_l3: Decimal | None = ...
    max_discharge_apparent_power: Decimal | None = ...
    max_discharge_apparent_power_l2: Decimal | None = ...
    max_discharge_apparent_power_l3: Decimal | None = ...
    max_charge_reactive_power: Decimal | None = ...
    max_charge_reactive_power_l2: Decimal | None = ...
    max_charge_reactive_power_l3: Decimal | None = ...
    min_charge_reactive_power: Decimal | None = ...
    min_charge_reactive_power_l2: Decimal | None = ...
    min_charge_reactive_power_l3: Decimal | None = ...
    max_discharge_reactive_power: Decimal | None = ...
    max_discharge_reactive_power_l2: Decimal | None = ...
    max_discharge_reactive_power_l3: Decimal | None = ...
    min_discharge_reactive_power: Decimal | None = ...
    min_discharge_reactive_power_l2: Decimal | None = ...
    min_discharge_reactive_power_l3: Decimal | None = ...
    nominal_voltage: Decimal | None = ...
    nominal_voltage_offset: Decimal | None = ...
    max_nominal_voltage: Decimal | None = ...
    min_nominal_voltage: Decimal | None = ...
    ev_inverter_manufacturer: str | None = ...
    ev_inverter_model: str | None = ...
    ev_inverter_serial_number: str | None = ...
    ev_inverter_sw_version: str | None = ...
    ev_inverter_hw_version: str | None = ...
    ev_islanding_detection_method: (
        list[IslandingDetectionEnumType | str] | tuple[IslandingDetectionEnumType | str, ...] | None
    ) = ...
    ev_islanding_trip_time: Decimal | None = ...
    ev_maximum_level1_dc_injection: Decimal | None = ...
    ev_duration_level1_dc_injection: Decimal | None = ...
    ev_maximum_level2_dc_injection: Decimal | None = ...
    ev_duration_level2_dc_injection: Decimal | None = ...
    ev_reactive_susceptance: Decimal | None = ...
    ev_session_total_discharge_energy_available: Decimal | None = ...
    custom_data: JsonObject | None = ...

class ChargingNeedsType(Payload, frozen=True, kw_only=True):
    requested_energy_transfer: EnergyTransferModeEnumType | str
    ac_charging_parameters: ACChargingParametersType | None = ...
    der_charging_parameters: DERChargingParametersType | None = ...
    ev_energy_offer: EVEnergyOfferType | None = ...
    dc_charging_parameters: DCChargingParametersType | None = ...
    v2x_charging_parameters: V2XChargingParametersType | None = ...
    available_energy_transfer: (
        list[EnergyTransferModeEnumType | str] | tuple[EnergyTransferModeEnumType | str, ...] | None
    ) = ...
    control_mode: ControlModeEnumType | str | None = ...
    mobility_needs_mode: MobilityNeedsModeEnumType | str | None = ...
    departure_time: datetime | None = ...
    custom_data: JsonObject | None = ...

class CostDimensionType(Payload, frozen=True, kw_only=True):
    type: CostDimensionEnumType | str
    volume: Decimal
    custom_data: JsonObject | None = ...

class ChargingPeriodType(Payload, frozen=True, kw_only=True):
    start_period: datetime
    dimensions: Sequence[CostDimensionType] | None = ...
    tariff_id: str | None = ...
    custom_data: JsonObject | None = ...

class ChargingProfileCriterionType(Payload, frozen=True, kw_only=True):
    charging_profile_purpose: ChargingProfilePurposeEnumType | str | None = ...
    stack_level: int | None = ...
    charging_profile_id: Sequence[int] | None = ...
    charging_limit_source: list[str] | tuple[str, ...] | None = ...
    custom_data: JsonObject | None = ...

class ChargingSchedulePeriodType(Payload, frozen=True, kw_only=True):
    start_period: int
    limit: Decimal | None = ...
    limit_l2: Decimal | None = ...
    limit_l3: Decimal | None = ...
    number_phases: int | None = ...
    phase_to_use: int | None = ...
    discharge_limit: Decimal | None = ...
    discharge_limit_l2: Decimal | None = ...
    discharge_limit_l3: Decimal | None = ...
    setpoint: Decimal | None = ...
    setpoint_l2: Decimal | None = ...
    setpoint_l3: Decimal | None = ...
    setpoint_reactive: Decimal | None = ...
    setpoint_reactive_l2: Decimal | None = ...
    setpoint_reactive_l3: Decimal | None = ...
    preconditioning_request: bool | None = ...
    evse_sleep: bool | None = ...
    v2x_baseline: Decimal | None = ...
    operation_mode: OperationModeEnumType | str | None = ...
    v2x_freq_watt_curve: Sequence[V2XFreqWattPointType] | None = ...
    v2x_signal_watt_curve: Sequence[V2XSignalWattPointType] | None = ...
    custom_data: JsonObject | None = ...

class CostType(Payload, frozen=True, kw_only=True):
    cost_kind: CostKindEnumType | str
    amount: int
    amount_multiplier: int | None = ...
    custom_data: JsonObject | None = ...

class ConsumptionCostType(Payload, frozen=True, kw_only=True):
    start_value: Decimal
    cost: Sequence[CostType]
    custom_data: JsonObject | None = ...

class SalesTariffEntryType(Payload, frozen=True, kw_only=True):
    relative_time_interval: RelativeTimeIntervalType
    e_price_level: int | None = ...
    consumption_cost: Sequence[ConsumptionCostType] | None = ...
    custom_data: JsonObject | None = ...

class SalesTariffType(Payload, frozen=True, kw_only=True):
    id: int
    sales_tariff_entry: Sequence[SalesTariffEntryType]
    sales_tariff_description: str | None = ...
    num_e_price_levels: int | None = ...
    custom_data: JsonObject | None = ...

class ChargingScheduleType(Payload, frozen=True, kw_only=True):
    id: int
    charging_rate_unit: ChargingRateUnitEnumType | str
    charging_schedule_period: Sequence[ChargingSchedulePeriodType]
    limit_at_soc: LimitAtSoCType | None = ...
    start_schedule: datetime | None = ...
    duration: int | None = ...
    min_charging_rate: Decimal | None = ...
    power_tolerance: Decimal | None = ...
    signature_id: int | None = ...
    digest_value: str | None = ...
    use_local_time: bool | None = ...
    randomized_delay: int | None = ...
    sales_tariff: SalesTariffType | None = ...
    absolute_price_schedule: AbsolutePriceScheduleType | None = ...
    price_level_schedule: PriceLevelScheduleType | None = ...
    custom_data: JsonObject | None = ...

class ChargingProfileType(Payload, frozen=True, kw_only=True):
    id: int
    stack_level: int
    charging_profile_purpose: ChargingProfilePurposeEnumType | str
    charging_profile_kind: ChargingProfileKindEnumType | str
    charging_schedule: Sequence[ChargingScheduleType]
    recurrency_kind: RecurrencyKindEnumType | str | None = ...
    valid_from: datetime | None = ...
    valid_to: datetime | None = ...
    transaction_id: str | None = ...
    max_offline_duration: int | None = ...
    invalid_after_offline_duration: bool | None = ...
    dyn_update_interval: int | None = ...
    dyn_update_time: datetime | None = ...
    price_schedule_signature: str | None = ...
    custom_data: JsonObject | None = ...

class ClearChargingProfileType(Payload, frozen=True, kw_only=True):
    evse_id: int | None = ...
    charging_profile_purpose: ChargingProfilePurposeEnumType | str | None = ...
    stack_level: int | None = ...
    custom_data: JsonObject | None = ...

class ClearMonitoringResultType(Payload, frozen=True, kw_only=True):
    status: ClearMonitoringStatusEnumType | str
    id: int
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class ClearTariffsResultType(Payload, frozen=True, kw_only=True):
    status: TariffClearStatusEnumType | str
    status_info: StatusInfoType | None = ...
    tariff_id: str | None = ...
    custom_data: JsonObject | None = ...

class CompositeScheduleType(Payload, frozen=True, kw_only=True):
    evse_id: int
    duration: int
    schedule_start: datetime
    charging_rate_unit: ChargingRateUnitEnumType | str
    charging_schedule_period: Sequence[ChargingSchedulePeriodType]
    custom_data: JsonObject | None = ...

class TotalCostType(Payload, frozen=True, kw_only=True):
    currency: str
    type_of_cost: TariffCostEnumType | str
    total: TotalPriceType
    fixed: PriceType | None = ...
    energy: PriceType | None = ...
    charging_time: PriceType | None = ...
    idle_time: PriceType | None = ...
    reservation_time: PriceType | None = ...
    reservation_fixed: PriceType | None = ...
    custom_data: JsonObject | None = ...

class CostDetailsType(Payload, frozen=True, kw_only=True):
    total_cost: TotalCostType
    total_usage: TotalUsageType
    charging_periods: Sequence[ChargingPeriodType] | None = ...
    failure_to_calculate: bool | None = ...
    failure_reason: str | None = ...
    custom_data: JsonObject | None = ...

class VoltageParamsType(Payload, frozen=True, kw_only=True):
    hv10_min_mean_value: Decimal | None = ...
    hv10_min_mean_trip_delay: Decimal | None = ...
    power_during_cessation: PowerDuringCessationEnumType | str | None = ...
    custom_data: JsonObject | None = ...

class DERCurveType(Payload, frozen=True, kw_only=True):
    curve_data: Sequence[DERCurvePointsType]
    priority: int
    y_unit: DERUnitEnumType | str
    hysteresis: HysteresisType | None = ...
    reactive_power_params: ReactivePowerParamsType | None = ...
    voltage_params: VoltageParamsType | None = ...
    response_time: Decimal | None = ...
    start_time: datetime | None = ...
    duration: Decimal | None = ...
    custom_data: JsonObject | None = ...

class DERCurveGetType(Payload, frozen=True, kw_only=True):
    curve: DERCurveType
    id: str
    curve_type: DERControlEnumType | str
    is_default: bool
    is_superseded: bool
    custom_data: JsonObject | None = ...

class EventDataType(Payload, frozen=True, kw_only=True):
    event_id: int
    timestamp: datetime
    trigger: EventTriggerEnumType | str
    actual_value: str
    component: ComponentType
    event_notification_type: EventNotificationEnumType | str
    variable: VariableType
    cause: int | None = ...
    tech_code: str | None = ...
    tech_info: str | None = ...
    cleared: bool | None = ...
    transaction_id: str | None = ...
    variable_monitoring_id: int | None = ...
    severity: int | None = ...
    custom_data: JsonObject | None = ...

class FixedVarType(Payload, frozen=True, kw_only=True):
    priority: int
    setpoint: Decimal
    unit: DERUnitEnumType | str
    start_time: datetime | None = ...
    duration: Decimal | None = ...
    custom_data: JsonObject | None = ...

class FixedVarGetType(Payload, frozen=True, kw_only=True):
    fixed_var: FixedVarType
    id: str
    is_default: bool
    is_superseded: bool
    custom_data: JsonObject | None = ...

class GetVariableDataType(Payload, frozen=True, kw_only=True):
    component: ComponentType
    variable: VariableType
    attribute_type: AttributeEnumType | str | None = ...
    custom_data: JsonObject | None = ...

class GetVariableResultType(Payload, frozen=True, kw_only=True):
    attribute_status: GetVariableStatusEnumType | str
    component: ComponentType
    variable: VariableType
    attribute_status_info: StatusInfoType | None = ...
    attribute_type: AttributeEnumType | str | None = ...
    attribute_value: str | None = ...
    custom_data: JsonObject | None = ...

class LimitMaxDischargeType(Payload, frozen=True, kw_only=True):
    priority: int
    pct_max_discharge_power: Decimal | None = ...
    power_monitoring_must_trip: DERCurveType | None = ...
    start_time: datetime | None = ...
    duration: Decimal | None = ...
    custom_data: JsonObject | None = ...

class LimitMaxDischargeGetType(Payload, frozen=True, kw_only=True):
    id: str
    is_default: bool
    is_superseded: bool
    limit_max_discharge: LimitMaxDischargeType
    custom_data: JsonObject | None = ...

class MessageInfoType(Payload, frozen=True, kw_only=True):
    id: int
    priority: MessagePriorityEnumType | str
    message: MessageContentType
    display: ComponentType | None = ...
    state: MessageStateEnumType | str | None = ...
    start_date_time: datetime | None = ...
    end_date_time: datetime | None = ...
    transaction_id: str | None = ...
    message_extra: Sequence[MessageContentType] | None = ...
    custom_data: JsonObject | None = ...

class SampledValueType(Payload, frozen=True, kw_only=True):
    value: Decimal
    measurand: MeasurandEnumType | str | None = ...
    context: ReadingContextEnumType | str | None = ...
    phase: PhaseEnumType | str | None = ...
    location: LocationEnumType | str | None = ...
    signed_meter_value: SignedMeterValueType | None = ...
    unit_of_measure: UnitOfMeasureType | None = ...
    custom_data: JsonObject | None = ...

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
    event_notification_type: EventNotificationEnumType | str
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
    group: str | None = ...
    custom_data: JsonObject | None = ...

class NetworkConnectionProfileType(Payload, frozen=True, kw_only=True):
    ocpp_interface: OCPPInterfaceEnumType | str
    ocpp_transport: OCPPTransportEnumType | str
    message_timeout: int
    ocpp_csms_url: str
    security_profile: int
    apn: APNType | None = ...
    ocpp_version: OCPPVersionEnumType | str | None = ...
    identity: str | None = ...
    basic_auth_password: str | None = ...
    vpn: VPNType | None = ...
    custom_data: JsonObject | None = ...

class OCSPRequestDataType(Payload, frozen=True, kw_only=True):
    hash_algorithm: HashAlgorithmEnumType | str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str
    responder_url: str
    custom_data: JsonObject | None = ...

class VariableAttributeType(Payload, frozen=True, kw_only=True):
    type: AttributeEnumType | str | None = ...
    value: str | None = ...
    mutability: MutabilityEnumType | str | None = ...
    persistent: bool | None = ...
    constant: bool | None = ...
    custom_data: JsonObject | None = ...

class VariableCharacteristicsType(Payload, frozen=True, kw_only=True):
    data_type: DataEnumType | str
    supports_monitoring: bool
    unit: str | None = ...
    min_limit: Decimal | None = ...
    max_limit: Decimal | None = ...
    max_elements: int | None = ...
    values_list: str | None = ...
    custom_data: JsonObject | None = ...

class ReportDataType(Payload, frozen=True, kw_only=True):
    component: ComponentType
    variable: VariableType
    variable_attribute: Sequence[VariableAttributeType]
    variable_characteristics: VariableCharacteristicsType | None = ...
    custom_data: JsonObject | None = ...

class SetMonitoringDataType(Payload, frozen=True, kw_only=True):
    value: Decimal
    type: MonitorEnumType | str
    severity: int
    component: ComponentType
    variable: VariableType
    id: int | None = ...
    periodic_event_stream: PeriodicEventStreamParamsType | None = ...
    transaction: bool | None = ...
    custom_data: JsonObject | None = ...

class SetMonitoringResultType(Payload, frozen=True, kw_only=True):
    status: SetMonitoringStatusEnumType | str
    type: MonitorEnumType | str
    component: ComponentType
    variable: VariableType
    severity: int
    id: int | None = ...
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class SetVariableDataType(Payload, frozen=True, kw_only=True):
    attribute_value: str
    component: ComponentType
    variable: VariableType
    attribute_type: AttributeEnumType | str | None = ...
    custom_data: JsonObject | None = ...

class SetVariableResultType(Payload, frozen=True, kw_only=True):
    attribute_status: SetVariableStatusEnumType | str
    component: ComponentType
    variable: VariableType
    attribute_type: AttributeEnumType | str | None = ...
    attribute_status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class TariffAssignmentType(Payload, frozen=True, kw_only=True):
    tariff_id: str
    tariff_kind: TariffKindEnumType | str
    valid_from: datetime | None = ...
    evse_ids: Sequence[int] | None = ...
    id_tokens: list[str] | tuple[str, ...] | None = ...
    custom_data: JsonObject | None = ...

class TariffConditionsFixedType(Payload, frozen=True, kw_only=True):
    start_time_of_day: str | None = ...
    end_time_of_day: str | None = ...
    day_of_week: list[DayOfWeekEnumType | str] | tuple[DayOfWeekEnumType | str, ...] | None = ...
    valid_from_date: str | None = ...
    valid_to_date: str | None = ...
    evse_kind: EvseKindEnumType | str | None = ...
    payment_brand: str | None = ...
    payment_recognition: str | None = ...
    custom_data: JsonObject | None = ...

class TariffConditionsType(Payload, frozen=True, kw_only=True):
    start_time_of_day: str | None = ...
    end_time_of_day: str | None = ...
    day_of_week: list[DayOfWeekEnumType | str] | tuple[DayOfWeekEnumType | str, ...] | None = ...
    valid_from_date: str | None = ...
    valid_to_date: str | None = ...
    evse_kind: EvseKindEnumType | str | None = ...
    min_energy: Decimal | None = ...
    max_energy: Decimal | None = ...
    min_current: Decimal | None = ...
    max_current: Decimal | None = ...
    min_power: Decimal | None = ...
    max_power: Decimal | None = ...
    min_time: int | None = ...
    max_time: int | None = ...
    min_charging_time: int | None = ...
    max_charging_time: int | None = ...
    min_idle_time: int | None = ...
    max_idle_time: int | None = ...
    custom_data: JsonObject | None = ...

class TariffEnergyPriceType(Payload, frozen=True, kw_only=True):
    price_kwh: Decimal
    conditions: TariffConditionsType | None = ...
    custom_data: JsonObject | None = ...

class TariffEnergyType(Payload, frozen=True, kw_only=True):
    prices: Sequence[TariffEnergyPriceType]
    tax_rates: Sequence[TaxRateType] | None = ...
    custom_data: JsonObject | None = ...

class TariffFixedPriceType(Payload, frozen=True, kw_only=True):
    price_fixed: Decimal
    conditions: TariffConditionsFixedType | None = ...
    custom_data: JsonObject | None = ...

class TariffFixedType(Payload, frozen=True, kw_only=True):
    prices: Sequence[TariffFixedPriceType]
    tax_rates: Sequence[TaxRateType] | None = ...
    custom_data: JsonObject | None = ...

class TariffTimePriceType(Payload, frozen=True, kw_only=True):
    price_minute: Decimal
    conditions: TariffConditionsType | None = ...
    custom_data: JsonObject | None = ...

class TariffTimeType(Payload, frozen=True, kw_only=True):
    prices: Sequence[TariffTimePriceType]
    tax_rates: Sequence[TaxRateType] | None = ...
    custom_data: JsonObject | None = ...

class TariffType(Payload, frozen=True, kw_only=True):
    tariff_id: str
    currency: str
    description: Sequence[MessageContentType] | None = ...
    energy: TariffEnergyType | None = ...
    valid_from: datetime | None = ...
    charging_time: TariffTimeType | None = ...
    idle_time: TariffTimeType | None = ...
    fixed_fee: TariffFixedType | None = ...
    reservation_time: TariffTimeType | None = ...
    reservation_fixed: TariffFixedType | None = ...
    min_cost: PriceType | None = ...
    max_cost: PriceType | None = ...
    custom_data: JsonObject | None = ...

class TransactionType(Payload, frozen=True, kw_only=True):
    transaction_id: str
    charging_state: ChargingStateEnumType | str | None = ...
    time_spent_charging: int | None = ...
    stopped_reason: ReasonEnumType | str | None = ...
    remote_start_id: int | None = ...
    operation_mode: OperationModeEnumType | str | None = ...
    tariff_id: str | None = ...
    transaction_limit: TransactionLimitType | None = ...
    custom_data: JsonObject | None = ...

class AFRRSignalResponse(Response, frozen=True, kw_only=True):
    status: GenericStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class AFRRSignalRequest(
    LenientRequest[AFRRSignalResponse, messages.AFRRSignalResponse], frozen=True, kw_only=True
):
    timestamp: datetime
    signal: int
    custom_data: JsonObject | None = ...

class AdjustPeriodicEventStreamResponse(Response, frozen=True, kw_only=True):
    status: GenericStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class AdjustPeriodicEventStreamRequest(
    LenientRequest[AdjustPeriodicEventStreamResponse, messages.AdjustPeriodicEventStreamResponse],
    frozen=True,
    kw_only=True,
):
    id: int
    params: PeriodicEventStreamParamsType
    custom_data: JsonObject | None = ...

class AuthorizeResponse(Response, frozen=True, kw_only=True):
    id_token_info: IdTokenInfoType
    certificate_status: AuthorizeCertificateStatusEnumType | str | None = ...
    allowed_energy_transfer: (
        list[EnergyTransferModeEnumType | str] | tuple[EnergyTransferModeEnumType | str, ...] | None
    ) = ...
    tariff: TariffType | None = ...
    custom_data: JsonObject | None = ...

class AuthorizeRequest(
    LenientRequest[AuthorizeResponse, messages.AuthorizeResponse], frozen=True, kw_only=True
):
    id_token: IdTokenType
    certificate: str | None = ...
    iso15118_certificate_hash_data: Sequence[OCSPRequestDataType] | None = ...
    custom_data: JsonObject | None = ...

class BatterySwapRequest(Request[BatterySwapResponse], frozen=True, kw_only=True):
    battery_data: Sequence[BatteryDataType]
    event_type: BatterySwapEventEnumType | str
    id_token: IdTokenType
    request_id: int
    custom_data: JsonObject | None = ...

class BootNotificationResponse(Response, frozen=True, kw_only=True):
    current_time: datetime
    interval: int
    status: RegistrationStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

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
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class CancelReservationRequest(
    LenientRequest[CancelReservationResponse, messages.CancelReservationResponse],
    frozen=True,
    kw_only=True,
):
    reservation_id: int
    custom_data: JsonObject | None = ...

class CertificateSignedResponse(Response, frozen=True, kw_only=True):
    status: CertificateSignedStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class CertificateSignedRequest(
    LenientRequest[CertificateSignedResponse, messages.CertificateSignedResponse],
    frozen=True,
    kw_only=True,
):
    certificate_chain: str
    certificate_type: CertificateSigningUseEnumType | str | None = ...
    request_id: int | None = ...
    custom_data: JsonObject | None = ...

class ChangeAvailabilityResponse(Response, frozen=True, kw_only=True):
    status: ChangeAvailabilityStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class ChangeAvailabilityRequest(
    LenientRequest[ChangeAvailabilityResponse, messages.ChangeAvailabilityResponse],
    frozen=True,
    kw_only=True,
):
    operational_status: OperationalStatusEnumType | str
    evse: EVSEType | None = ...
    custom_data: JsonObject | None = ...

class ChangeTransactionTariffResponse(Response, frozen=True, kw_only=True):
    status: TariffChangeStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class ChangeTransactionTariffRequest(
    LenientRequest[ChangeTransactionTariffResponse, messages.ChangeTransactionTariffResponse],
    frozen=True,
    kw_only=True,
):
    tariff: TariffType
    transaction_id: str
    custom_data: JsonObject | None = ...

class ClearCacheResponse(Response, frozen=True, kw_only=True):
    status: ClearCacheStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class ClearCacheRequest(
    LenientRequest[ClearCacheResponse, messages.ClearCacheResponse], frozen=True, kw_only=True
):
    custom_data: JsonObject | None = ...

class ClearChargingProfileResponse(Response, frozen=True, kw_only=True):
    status: ClearChargingProfileStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class ClearChargingProfileRequest(
    LenientRequest[ClearChargingProfileResponse, messages.ClearChargingProfileResponse],
    frozen=True,
    kw_only=True,
):
    charging_profile_id: int | None = ...
    charging_profile_criteria: ClearChargingProfileType | None = ...
    custom_data: JsonObject | None = ...

class ClearDERControlResponse(Response, frozen=True, kw_only=True):
    status: DERControlStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class ClearDERControlRequest(
    LenientRequest[ClearDERControlResponse, messages.ClearDERControlResponse],
    frozen=True,
    kw_only=True,
):
    is_default: bool
    control_type: DERControlEnumType | str | None = ...
    control_id: str | None = ...
    custom_data: JsonObject | None = ...

class ClearDisplayMessageResponse(Response, frozen=True, kw_only=True):
    status: ClearMessageStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class ClearDisplayMessageRequest(
    LenientRequest[ClearDisplayMessageResponse, messages.ClearDisplayMessageResponse],
    frozen=True,
    kw_only=True,
):
    id: int
    custom_data: JsonObject | None = ...

class ClearTariffsResponse(Response, frozen=True, kw_only=True):
    clear_tariffs_result: Sequence[ClearTariffsResultType]
    custom_data: JsonObject | None = ...

class ClearTariffsRequest(
    LenientRequest[ClearTariffsResponse, messages.ClearTariffsResponse], frozen=True, kw_only=True
):
    tariff_ids: list[str] | tuple[str, ...] | None = ...
    evse_id: int | None = ...
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

class CustomerInformationResponse(Response, frozen=True, kw_only=True):
    status: CustomerInformationStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class CustomerInformationRequest(
    LenientRequest[CustomerInformationResponse, messages.CustomerInformationResponse],
    frozen=True,
    kw_only=True,
):
    request_id: int
    report: bool
    clear: bool
    customer_certificate: CertificateHashDataType | None = ...
    id_token: IdTokenType | None = ...
    customer_identifier: str | None = ...
    custom_data: JsonObject | None = ...

class DataTransferResponse(Response, frozen=True, kw_only=True):
    status: DataTransferStatusEnumType | str
    status_info: StatusInfoType | None = ...
    data: Any | None = ...
    custom_data: JsonObject | None = ...

class DataTransferRequest(
    LenientRequest[DataTransferResponse, messages.DataTransferResponse], frozen=True, kw_only=True
):
    vendor_id: str
    message_id: str | None = ...
    data: Any | None = ...
    custom_data: JsonObject | None = ...

class DeleteCertificateResponse(Response, frozen=True, kw_only=True):
    status: DeleteCertificateStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

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
    request_id: int | None = ...
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class Get15118EVCertificateResponse(Response, frozen=True, kw_only=True):
    status: Iso15118EVCertificateStatusEnumType | str
    exi_response: str
    status_info: StatusInfoType | None = ...
    remaining_contracts: int | None = ...
    custom_data: JsonObject | None = ...

class Get15118EVCertificateRequest(
    LenientRequest[Get15118EVCertificateResponse, messages.Get15118EVCertificateResponse],
    frozen=True,
    kw_only=True,
):
    iso15118_schema_version: str
    action_: CertificateActionEnumType | str
    exi_request: str
    maximum_contract_certificate_chains: int | None = ...
    prioritized_emaids: list[str] | tuple[str, ...] | None = ...
    custom_data: JsonObject | None = ...

class GetBaseReportResponse(Response, frozen=True, kw_only=True):
    status: GenericDeviceModelStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class GetBaseReportRequest(
    LenientRequest[GetBaseReportResponse, messages.GetBaseReportResponse], frozen=True, kw_only=True
):
    request_id: int
    report_base: ReportBaseEnumType | str
    custom_data: JsonObject | None = ...

class GetCertificateChainStatusResponse(Response, frozen=True, kw_only=True):
    certificate_status: Sequence[CertificateStatusType]
    custom_data: JsonObject | None = ...

class GetCertificateChainStatusRequest(
    LenientRequest[GetCertificateChainStatusResponse, messages.GetCertificateChainStatusResponse],
    frozen=True,
    kw_only=True,
):
    certificate_status_requests: Sequence[CertificateStatusRequestInfoType]
    custom_data: JsonObject | None = ...

class GetCertificateStatusResponse(Response, frozen=True, kw_only=True):
    status: GetCertificateStatusEnumType | str
    status_info: StatusInfoType | None = ...
    ocsp_result: str | None = ...
    custom_data: JsonObject | None = ...

class GetCertificateStatusRequest(
    LenientRequest[GetCertificateStatusResponse, messages.GetCertificateStatusResponse],
    frozen=True,
    kw_only=True,
):
    ocsp_request_data: OCSPRequestDataType
    custom_data: JsonObject | None = ...

class GetChargingProfilesResponse(Response, frozen=True, kw_only=True):
    status: GetChargingProfileStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class GetChargingProfilesRequest(
    LenientRequest[GetChargingProfilesResponse, messages.GetChargingProfilesResponse],
    frozen=True,
    kw_only=True,
):
    request_id: int
    charging_profile: ChargingProfileCriterionType
    evse_id: int | None = ...
    custom_data: JsonObject | None = ...

class GetCompositeScheduleResponse(Response, frozen=True, kw_only=True):
    status: GenericStatusEnumType | str
    status_info: StatusInfoType | None = ...
    schedule: CompositeScheduleType | None = ...
    custom_data: JsonObject | None = ...

class GetCompositeScheduleRequest(
    LenientRequest[GetCompositeScheduleResponse, messages.GetCompositeScheduleResponse],
    frozen=True,
    kw_only=True,
):
    duration: int
    evse_id: int
    charging_rate_unit: ChargingRateUnitEnumType | str | None = ...
    custom_data: JsonObject | None = ...

class GetDERControlResponse(Response, frozen=True, kw_only=True):
    status: DERControlStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class GetDERControlRequest(
    LenientRequest[GetDERControlResponse, messages.GetDERControlResponse], frozen=True, kw_only=True
):
    request_id: int
    is_default: bool | None = ...
    control_type: DERControlEnumType | str | None = ...
    control_id: str | None = ...
    custom_data: JsonObject | None = ...

class GetDisplayMessagesResponse(Response, frozen=True, kw_only=True):
    status: GetDisplayMessagesStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class GetDisplayMessagesRequest(
    LenientRequest[GetDisplayMessagesResponse, messages.GetDisplayMessagesResponse],
    frozen=True,
    kw_only=True,
):
    request_id: int
    id: Sequence[int] | None = ...
    priority: MessagePriorityEnumType | str | None = ...
    state: MessageStateEnumType | str | None = ...
    custom_data: JsonObject | None = ...

class GetInstalledCertificateIdsResponse(Response, frozen=True, kw_only=True):
    status: GetInstalledCertificateStatusEnumType | str
    status_info: StatusInfoType | None = ...
    certificate_hash_data_chain: Sequence[CertificateHashDataChainType] | None = ...
    custom_data: JsonObject | None = ...

class GetInstalledCertificateIdsRequest(
    LenientRequest[GetInstalledCertificateIdsResponse, messages.GetInstalledCertificateIdsResponse],
    frozen=True,
    kw_only=True,
):
    certificate_type: (
        list[GetCertificateIdUseEnumType | str]
        | tuple[GetCertificateIdUseEnumType | str, ...]
        | None
    ) = ...
    custom_data: JsonObject | None = ...

class GetLogResponse(Response, frozen=True, kw_only=True):
    status: LogStatusEnumType | str
    status_info: StatusInfoType | None = ...
    filename: str | None = ...
    custom_data: JsonObject | None = ...

class GetLogRequest(
    LenientRequest[GetLogResponse, messages.GetLogResponse], frozen=True, kw_only=True
):
    log: LogParametersType
    log_type: LogEnumType | str
    request_id: int
    retries: int | None = ...
    retry_interval: int | None = ...
    custom_data: JsonObject | None = ...

class GetMonitoringReportResponse(Response, frozen=True, kw_only=True):
    status: GenericDeviceModelStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class GetMonitoringReportRequest(
    LenientRequest[GetMonitoringReportResponse, messages.GetMonitoringReportResponse],
    frozen=True,
    kw_only=True,
):
    request_id: int
    component_variable: Sequence[ComponentVariableType] | None = ...
    monitoring_criteria: (
        list[MonitoringCriterionEnumType | str]
        | tuple[MonitoringCriterionEnumType | str, ...]
        | None
    ) = ...
    custom_data: JsonObject | None = ...

class GetReportResponse(Response, frozen=True, kw_only=True):
    status: GenericDeviceModelStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class GetReportRequest(
    LenientRequest[GetReportResponse, messages.GetReportResponse], frozen=True, kw_only=True
):
    request_id: int
    component_variable: Sequence[ComponentVariableType] | None = ...
    component_criteria: (
        list[ComponentCriterionEnumType | str] | tuple[ComponentCriterionEnumType | str, ...] | None
    ) = ...
    custom_data: JsonObject | None = ...

class GetTariffsResponse(Response, frozen=True, kw_only=True):
    status: TariffGetStatusEnumType | str
    status_info: StatusInfoType | None = ...
    tariff_assignments: Sequence[TariffAssignmentType] | None = ...
    custom_data: JsonObject | None = ...

class GetTariffsRequest(
    LenientRequest[GetTariffsResponse, messages.GetTariffsResponse], frozen=True, kw_only=True
):
    evse_id: int
    custom_data: JsonObject | None = ...

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
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

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
    request_id: int | None = ...
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class MeterValuesRequest(Request[MeterValuesResponse], frozen=True, kw_only=True):
    evse_id: int
    meter_value: Sequence[MeterValueType]
    custom_data: JsonObject | None = ...

class NotifyAllowedEnergyTransferResponse(Response, frozen=True, kw_only=True):
    status: NotifyAllowedEnergyTransferStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class NotifyAllowedEnergyTransferRequest(
    LenientRequest[
        NotifyAllowedEnergyTransferResponse, messages.NotifyAllowedEnergyTransferResponse
    ],
    frozen=True,
    kw_only=True,
):
    transaction_id: str
    allowed_energy_transfer: (
        list[EnergyTransferModeEnumType | str] | tuple[EnergyTransferModeEnumType | str, ...]
    )
    custom_data: JsonObject | None = ...

class NotifyChargingLimitRequest(Request[NotifyChargingLimitResponse], frozen=True, kw_only=True):
    charging_limit: ChargingLimitType
    charging_schedule: Sequence[ChargingScheduleType] | None = ...
    evse_id: int | None = ...
    custom_data: JsonObject | None = ...

class NotifyDERAlarmRequest(Request[NotifyDERAlarmResponse], frozen=True, kw_only=True):
    control_type: DERControlEnumType | str
    timestamp: datetime
    grid_event_fault: GridEventFaultEnumType | str | None = ...
    alarm_ended: bool | None = ...
    extra_info: str | None = ...
    custom_data: JsonObject | None = ...

class NotifyDisplayMessagesRequest(
    Request[NotifyDisplayMessagesResponse], frozen=True, kw_only=True
):
    request_id: int
    message_info: Sequence[MessageInfoType] | None = ...
    tbc: bool | None = ...
    custom_data: JsonObject | None = ...

class NotifyEVChargingNeedsResponse(Response, frozen=True, kw_only=True):
    status: NotifyEVChargingNeedsStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class NotifyEVChargingNeedsRequest(
    LenientRequest[NotifyEVChargingNeedsResponse, messages.NotifyEVChargingNeedsResponse],
    frozen=True,
    kw_only=True,
):
    evse_id: int
    charging_needs: ChargingNeedsType
    max_schedule_tuples: int | None = ...
    timestamp: datetime | None = ...
    custom_data: JsonObject | None = ...

class NotifyEVChargingScheduleResponse(Response, frozen=True, kw_only=True):
    status: GenericStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class NotifyEVChargingScheduleRequest(
    LenientRequest[NotifyEVChargingScheduleResponse, messages.NotifyEVChargingScheduleResponse],
    frozen=True,
    kw_only=True,
):
    time_base: datetime
    charging_schedule: ChargingScheduleType
    evse_id: int
    selected_charging_schedule_id: int | None = ...
    power_tolerance_acceptance: bool | None = ...
    custom_data: JsonObject | None = ...

class NotifyEventRequest(Request[NotifyEventResponse], frozen=True, kw_only=True):
    generated_at: datetime
    seq_no: int
    event_data: Sequence[EventDataType]
    tbc: bool | None = ...
    custom_data: JsonObject | None = ...

class NotifyMonitoringReportRequest(
    Request[NotifyMonitoringReportResponse], frozen=True, kw_only=True
):
    request_id: int
    seq_no: int
    generated_at: datetime
    monitor: Sequence[MonitoringDataType] | None = ...
    tbc: bool | None = ...
    custom_data: JsonObject | None = ...

class NotifyReportRequest(Request[NotifyReportResponse], frozen=True, kw_only=True):
    request_id: int
    generated_at: datetime
    seq_no: int
    report_data: Sequence[ReportDataType] | None = ...
    tbc: bool | None = ...
    custom_data: JsonObject | None = ...

class NotifySettlementRequest(Request[NotifySettlementResponse], frozen=True, kw_only=True):
    psp_ref: str
    status: PaymentStatusEnumType | str
    settlement_amount: Decimal
    settlement_time: datetime
    transaction_id: str | None = ...
    status_info: str | None = ...
    receipt_id: str | None = ...
    receipt_url: str | None = ...
    vat_company: AddressType | None = ...
    vat_number: str | None = ...
    custom_data: JsonObject | None = ...

class OpenPeriodicEventStreamResponse(Response, frozen=True, kw_only=True):
    status: GenericStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class OpenPeriodicEventStreamRequest(
    LenientRequest[OpenPeriodicEventStreamResponse, messages.OpenPeriodicEventStreamResponse],
    frozen=True,
    kw_only=True,
):
    constant_stream_data: ConstantStreamDataType
    custom_data: JsonObject | None = ...

class PublishFirmwareResponse(Response, frozen=True, kw_only=True):
    status: GenericStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class PublishFirmwareRequest(
    LenientRequest[PublishFirmwareResponse, messages.PublishFirmwareResponse],
    frozen=True,
    kw_only=True,
):
    location: str
    checksum: str
    request_id: int
    retries: int | None = ...
    retry_interval: int | None = ...
    custom_data: JsonObject | None = ...

class PublishFirmwareStatusNotificationRequest(
    Request[PublishFirmwareStatusNotificationResponse], frozen=True, kw_only=True
):
    status: PublishFirmwareStatusEnumType | str
    location: list[str] | tuple[str, ...] | None = ...
    request_id: int | None = ...
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class PullDynamicScheduleUpdateResponse(Response, frozen=True, kw_only=True):
    status: ChargingProfileStatusEnumType | str
    schedule_update: ChargingScheduleUpdateType | None = ...
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class PullDynamicScheduleUpdateRequest(
    LenientRequest[PullDynamicScheduleUpdateResponse, messages.PullDynamicScheduleUpdateResponse],
    frozen=True,
    kw_only=True,
):
    charging_profile_id: int
    custom_data: JsonObject | None = ...

class ReportChargingProfilesRequest(
    Request[ReportChargingProfilesResponse], frozen=True, kw_only=True
):
    request_id: int
    charging_limit_source: str
    charging_profile: Sequence[ChargingProfileType]
    evse_id: int
    tbc: bool | None = ...
    custom_data: JsonObject | None = ...

class ReportDERControlRequest(Request[ReportDERControlResponse], frozen=True, kw_only=True):
    request_id: int
    curve: Sequence[DERCurveGetType] | None = ...
    enter_service: Sequence[EnterServiceGetType] | None = ...
    fixed_pf_absorb: Sequence[FixedPFGetType] | None = ...
    fixed_pf_inject: Sequence[FixedPFGetType] | None = ...
    fixed_var: Sequence[FixedVarGetType] | None = ...
    freq_droop: Sequence[FreqDroopGetType] | None = ...
    gradient: Sequence[GradientGetType] | None = ...
    limit_max_discharge: Sequence[LimitMaxDischargeGetType] | None = ...
    tbc: bool | None = ...
    custom_data: JsonObject | None = ...

class RequestBatterySwapResponse(Response, frozen=True, kw_only=True):
    status: GenericStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class RequestBatterySwapRequest(
    LenientRequest[RequestBatterySwapResponse, messages.RequestBatterySwapResponse],
    frozen=True,
    kw_only=True,
):
    id_token: IdTokenType
    request_id: int
    custom_data: JsonObject | None = ...

class RequestStartTransactionResponse(Response, frozen=True, kw_only=True):
    status: RequestStartStopStatusEnumType | str
    status_info: StatusInfoType | None = ...
    transaction_id: str | None = ...
    custom_data: JsonObject | None = ...

class RequestStartTransactionRequest(
    LenientRequest[RequestStartTransactionResponse, messages.RequestStartTransactionResponse],
    frozen=True,
    kw_only=True,
):
    id_token: IdTokenType
    remote_start_id: int
    evse_id: int | None = ...
    group_id_token: IdTokenType | None = ...
    charging_profile: ChargingProfileType | None = ...
    custom_data: JsonObject | None = ...

class RequestStopTransactionResponse(Response, frozen=True, kw_only=True):
    status: RequestStartStopStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

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
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class ReserveNowRequest(
    LenientRequest[ReserveNowResponse, messages.ReserveNowResponse], frozen=True, kw_only=True
):
    id: int
    expiry_date_time: datetime
    id_token: IdTokenType
    connector_type: str | None = ...
    evse_id: int | None = ...
    group_id_token: IdTokenType | None = ...
    custom_data: JsonObject | None = ...

class ResetResponse(Response, frozen=True, kw_only=True):
    status: ResetStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class ResetRequest(
    LenientRequest[ResetResponse, messages.ResetResponse], frozen=True, kw_only=True
):
    type: ResetEnumType | str
    evse_id: int | None = ...
    custom_data: JsonObject | None = ...

class SendLocalListResponse(Response, frozen=True, kw_only=True):
    status: SendLocalListStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class SendLocalListRequest(
    LenientRequest[SendLocalListResponse, messages.SendLocalListResponse], frozen=True, kw_only=True
):
    version_number: int
    update_type: UpdateEnumType | str
    local_authorization_list: Sequence[AuthorizationData] | None = ...
    custom_data: JsonObject | None = ...

class SetChargingProfileResponse(Response, frozen=True, kw_only=True):
    status: ChargingProfileStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class SetChargingProfileRequest(
    LenientRequest[SetChargingProfileResponse, messages.SetChargingProfileResponse],
    frozen=True,
    kw_only=True,
):
    evse_id: int
    charging_profile: ChargingProfileType
    custom_data: JsonObject | None = ...

class SetDERControlResponse(Response, frozen=True, kw_only=True):
    status: DERControlStatusEnumType | str
    status_info: StatusInfoType | None = ...
    superseded_ids: list[str] | tuple[str, ...] | None = ...
    custom_data: JsonObject | None = ...

class SetDERControlRequest(
    LenientRequest[SetDERControlResponse, messages.SetDERControlResponse], frozen=True, kw_only=True
):
    is_default: bool
    control_id: str
    control_type: DERControlEnumType | str
    curve: DERCurveType | None = ...
    enter_service: EnterServiceType | None = ...
    fixed_pf_absorb: FixedPFType | None = ...
    fixed_pf_inject: FixedPFType | None = ...
    fixed_var: FixedVarType | None = ...
    freq_droop: FreqDroopType | None = ...
    gradient: GradientType | None = ...
    limit_max_discharge: LimitMaxDischargeType | None = ...
    custom_data: JsonObject | None = ...

class SetDefaultTariffResponse(Response, frozen=True, kw_only=True):
    status: TariffSetStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class SetDefaultTariffRequest(
    LenientRequest[SetDefaultTariffResponse, messages.SetDefaultTariffResponse],
    frozen=True,
    kw_only=True,
):
    evse_id: int
    tariff: TariffType
    custom_data: JsonObject | None = ...

class SetDisplayMessageResponse(Response, frozen=True, kw_only=True):
    status: DisplayMessageStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class SetDisplayMessageRequest(
    LenientRequest[SetDisplayMessageResponse, messages.SetDisplayMessageResponse],
    frozen=True,
    kw_only=True,
):
    message: MessageInfoType
    custom_data: JsonObject | None = ...

class SetMonitoringBaseResponse(Response, frozen=True, kw_only=True):
    status: GenericDeviceModelStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class SetMonitoringBaseRequest(
    LenientRequest[SetMonitoringBaseResponse, messages.SetMonitoringBaseResponse],
    frozen=True,
    kw_only=True,
):
    monitoring_base: MonitoringBaseEnumType | str
    custom_data: JsonObject | None = ...

class SetMonitoringLevelResponse(Response, frozen=True, kw_only=True):
    status: GenericStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class SetMonitoringLevelRequest(
    LenientRequest[SetMonitoringLevelResponse, messages.SetMonitoringLevelResponse],
    frozen=True,
    kw_only=True,
):
    severity: int
    custom_data: JsonObject | None = ...

class SetNetworkProfileResponse(Response, frozen=True, kw_only=True):
    status: SetNetworkProfileStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

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
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class SignCertificateRequest(
    LenientRequest[SignCertificateResponse, messages.SignCertificateResponse],
    frozen=True,
    kw_only=True,
):
    csr: str
    certificate_type: CertificateSigningUseEnumType | str | None = ...
    hash_root_certificate: CertificateHashDataType | None = ...
    request_id: int | None = ...
    custom_data: JsonObject | None = ...

class StatusNotificationRequest(Request[StatusNotificationResponse], frozen=True, kw_only=True):
    timestamp: datetime
    connector_status: ConnectorStatusEnumType | str
    evse_id: int
    connector_id: int
    custom_data: JsonObject | None = ...

class TransactionEventResponse(Response, frozen=True, kw_only=True):
    total_cost: Decimal | None = ...
    charging_priority: int | None = ...
    id_token_info: IdTokenInfoType | None = ...
    transaction_limit: TransactionLimitType | None = ...
    updated_personal_message: MessageContentType | None = ...
    updated_personal_message_extra: Sequence[MessageContentType] | None = ...
    custom_data: JsonObject | None = ...

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
    cost_details: CostDetailsType | None = ...
    meter_value: Sequence[MeterValueType] | None = ...
    offline: bool | None = ...
    number_of_phases_used: int | None = ...
    cable_max_current: int | None = ...
    reservation_id: int | None = ...
    preconditioning_status: PreconditioningStatusEnumType | str | None = ...
    evse_sleep: bool | None = ...
    evse: EVSEType | None = ...
    id_token: IdTokenType | None = ...
    custom_data: JsonObject | None = ...

class TriggerMessageResponse(Response, frozen=True, kw_only=True):
    status: TriggerMessageStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class TriggerMessageRequest(
    LenientRequest[TriggerMessageResponse, messages.TriggerMessageResponse],
    frozen=True,
    kw_only=True,
):
    requested_message: MessageTriggerEnumType | str
    evse: EVSEType | None = ...
    custom_trigger: str | None = ...
    custom_data: JsonObject | None = ...

class UnlockConnectorResponse(Response, frozen=True, kw_only=True):
    status: UnlockStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

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

class UpdateDynamicScheduleResponse(Response, frozen=True, kw_only=True):
    status: ChargingProfileStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class UpdateDynamicScheduleRequest(
    LenientRequest[UpdateDynamicScheduleResponse, messages.UpdateDynamicScheduleResponse],
    frozen=True,
    kw_only=True,
):
    charging_profile_id: int
    schedule_update: ChargingScheduleUpdateType
    custom_data: JsonObject | None = ...

class UpdateFirmwareResponse(Response, frozen=True, kw_only=True):
    status: UpdateFirmwareStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class UpdateFirmwareRequest(
    LenientRequest[UpdateFirmwareResponse, messages.UpdateFirmwareResponse],
    frozen=True,
    kw_only=True,
):
    request_id: int
    firmware: FirmwareType
    retries: int | None = ...
    retry_interval: int | None = ...
    custom_data: JsonObject | None = ...

class UsePriorityChargingResponse(Response, frozen=True, kw_only=True):
    status: PriorityChargingStatusEnumType | str
    status_info: StatusInfoType | None = ...
    custom_data: JsonObject | None = ...

class UsePriorityChargingRequest(
    LenientRequest[UsePriorityChargingResponse, messages.UsePriorityChargingResponse],
    frozen=True,
    kw_only=True,
):
    transaction_id: str
    activate: bool
    custom_data: JsonObject | None = ...

class VatNumberValidationResponse(Response, frozen=True, kw_only=True):
    vat_number: str
    status: GenericStatusEnumType | str
    company: AddressType | None = ...
    status_info: StatusInfoType | None = ...
    evse_id: int | None = ...
    custom_data: JsonObject | None = ...

class VatNumberValidationRequest(
    LenientRequest[VatNumberValidationResponse, messages.VatNumberValidationResponse],
    frozen=True,
    kw_only=True,
):
    vat_number: str
    evse_id: int | None = ...
    custom_data: JsonObject | None = ...
