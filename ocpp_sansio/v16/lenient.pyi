# Written by tools/generate.py from the facts of the official schemas: change that, not this.

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from ocpp_sansio.core import LenientRequest, Payload, Request, Response
from ocpp_sansio.v16 import (
    CATALOG,
    AuthorizationStatus,
    AvailabilityStatus,
    AvailabilityType,
    CancelReservationStatus,
    CertificateSignedStatusEnumType,
    CertificateUseEnumType,
    ChargePointErrorCode,
    ChargePointStatus,
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    ChargingProfileStatus,
    ChargingRateUnitType,
    ChargingSchedulePeriod,
    ClearCacheStatus,
    ClearChargingProfileStatus,
    ConfigurationStatus,
    DataTransferStatus,
    DeleteCertificateStatusEnumType,
    DiagnosticsStatus,
    DiagnosticsStatusNotificationResponse,
    FirmwareStatus,
    FirmwareStatusEnumType,
    FirmwareStatusNotificationResponse,
    FirmwareType,
    GenericStatusEnumType,
    GetCompositeScheduleStatus,
    GetConfigurationRequest,
    GetConfigurationResponse,
    GetDiagnosticsRequest,
    GetDiagnosticsResponse,
    GetInstalledCertificateStatusEnumType,
    GetLocalListVersionRequest,
    GetLocalListVersionResponse,
    HashAlgorithmEnumType,
    HeartbeatRequest,
    HeartbeatResponse,
    InstallCertificateStatusEnumType,
    KeyValue,
    Location,
    LogEnumType,
    LogParametersType,
    LogStatusEnumType,
    LogStatusNotificationResponse,
    Measurand,
    MessageTrigger,
    MessageTriggerEnumType,
    MeterValuesResponse,
    Phase,
    ReadingContext,
    Reason,
    RecurrencyKindType,
    RegistrationStatus,
    RemoteStartStopStatus,
    ReservationStatus,
    ResetStatus,
    ResetType,
    SecurityEventNotificationRequest,
    SecurityEventNotificationResponse,
    SignedFirmwareStatusNotificationResponse,
    StatusNotificationResponse,
    TriggerMessageStatus,
    TriggerMessageStatusEnumType,
    UnitOfMeasure,
    UnlockStatus,
    UpdateFirmwareRequest,
    UpdateFirmwareResponse,
    UpdateFirmwareStatusEnumType,
    UpdateStatus,
    UpdateType,
    UploadLogStatusEnumType,
    ValueFormat,
    messages,
)

__all__ = [
    "CATALOG",
    "AuthorizationData",
    "AuthorizationStatus",
    "AuthorizeRequest",
    "AuthorizeResponse",
    "AvailabilityStatus",
    "AvailabilityType",
    "BootNotificationRequest",
    "BootNotificationResponse",
    "CancelReservationRequest",
    "CancelReservationResponse",
    "CancelReservationStatus",
    "CertificateHashDataType",
    "CertificateSignedRequest",
    "CertificateSignedResponse",
    "CertificateSignedStatusEnumType",
    "CertificateUseEnumType",
    "ChangeAvailabilityRequest",
    "ChangeAvailabilityResponse",
    "ChangeConfigurationRequest",
    "ChangeConfigurationResponse",
    "ChargePointErrorCode",
    "ChargePointStatus",
    "ChargingProfile",
    "ChargingProfileKindType",
    "ChargingProfilePurposeType",
    "ChargingProfileStatus",
    "ChargingRateUnitType",
    "ChargingSchedule",
    "ChargingSchedulePeriod",
    "ClearCacheRequest",
    "ClearCacheResponse",
    "ClearCacheStatus",
    "ClearChargingProfileRequest",
    "ClearChargingProfileResponse",
    "ClearChargingProfileStatus",
    "ConfigurationStatus",
    "DataTransferRequest",
    "DataTransferResponse",
    "DataTransferStatus",
    "DeleteCertificateRequest",
    "DeleteCertificateResponse",
    "DeleteCertificateStatusEnumType",
    "DiagnosticsStatus",
    "DiagnosticsStatusNotificationRequest",
    "DiagnosticsStatusNotificationResponse",
    "ExtendedTriggerMessageRequest",
    "ExtendedTriggerMessageResponse",
    "FirmwareStatus",
    "FirmwareStatusEnumType",
    "FirmwareStatusNotificationRequest",
    "FirmwareStatusNotificationResponse",
    "FirmwareType",
    "GenericStatusEnumType",
    "GetCompositeScheduleRequest",
    "GetCompositeScheduleResponse",
    "GetCompositeScheduleStatus",
    "GetConfigurationRequest",
    "GetConfigurationResponse",
    "GetDiagnosticsRequest",
    "GetDiagnosticsResponse",
    "GetInstalledCertificateIdsRequest",
    "GetInstalledCertificateIdsResponse",
    "GetInstalledCertificateStatusEnumType",
    "GetLocalListVersionRequest",
    "GetLocalListVersionResponse",
    "GetLogRequest",
    "GetLogResponse",
    "HashAlgorithmEnumType",
    "HeartbeatRequest",
    "HeartbeatResponse",
    "IdTagInfo",
    "InstallCertificateRequest",
    "InstallCertificateResponse",
    "InstallCertificateStatusEnumType",
    "KeyValue",
    "Location",
    "LogEnumType",
    "LogParametersType",
    "LogStatusEnumType",
    "LogStatusNotificationRequest",
    "LogStatusNotificationResponse",
    "Measurand",
    "MessageTrigger",
    "MessageTriggerEnumType",
    "MeterValue",
    "MeterValuesRequest",
    "MeterValuesResponse",
    "Phase",
    "ReadingContext",
    "Reason",
    "RecurrencyKindType",
    "RegistrationStatus",
    "RemoteStartStopStatus",
    "RemoteStartTransactionRequest",
    "RemoteStartTransactionResponse",
    "RemoteStopTransactionRequest",
    "RemoteStopTransactionResponse",
    "ReservationStatus",
    "ReserveNowRequest",
    "ReserveNowResponse",
    "ResetRequest",
    "ResetResponse",
    "ResetStatus",
    "ResetType",
    "SampledValue",
    "SecurityEventNotificationRequest",
    "SecurityEventNotificationResponse",
    "SendLocalListRequest",
    "SendLocalListResponse",
    "SetChargingProfileRequest",
    "SetChargingProfileResponse",
    "SignCertificateRequest",
    "SignCertificateResponse",
    "SignedFirmwareStatusNotificationRequest",
    "SignedFirmwareStatusNotificationResponse",
    "SignedUpdateFirmwareRequest",
    "SignedUpdateFirmwareResponse",
    "StartTransactionRequest",
    "StartTransactionResponse",
    "StatusNotificationRequest",
    "StatusNotificationResponse",
    "StopTransactionRequest",
    "StopTransactionResponse",
    "TriggerMessageRequest",
    "TriggerMessageResponse",
    "TriggerMessageStatus",
    "TriggerMessageStatusEnumType",
    "UnitOfMeasure",
    "UnlockConnectorRequest",
    "UnlockConnectorResponse",
    "UnlockStatus",
    "UpdateFirmwareRequest",
    "UpdateFirmwareResponse",
    "UpdateFirmwareStatusEnumType",
    "UpdateStatus",
    "UpdateType",
    "UploadLogStatusEnumType",
    "ValueFormat",
]

class IdTagInfo(Payload, frozen=True, kw_only=True):
    status: AuthorizationStatus | str
    expiry_date: datetime | None = ...
    parent_id_tag: str | None = ...

class AuthorizationData(Payload, frozen=True, kw_only=True):
    id_tag: str
    id_tag_info: IdTagInfo | None = ...

class CertificateHashDataType(Payload, frozen=True, kw_only=True):
    hash_algorithm: HashAlgorithmEnumType | str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str

class ChargingSchedule(Payload, frozen=True, kw_only=True):
    charging_rate_unit: ChargingRateUnitType | str
    charging_schedule_period: Sequence[ChargingSchedulePeriod]
    duration: int | None = ...
    start_schedule: datetime | None = ...
    min_charging_rate: Decimal | None = ...

class ChargingProfile(Payload, frozen=True, kw_only=True):
    charging_profile_id: int
    stack_level: int
    charging_profile_purpose: ChargingProfilePurposeType | str
    charging_profile_kind: ChargingProfileKindType | str
    charging_schedule: ChargingSchedule
    transaction_id: int | None = ...
    recurrency_kind: RecurrencyKindType | str | None = ...
    valid_from: datetime | None = ...
    valid_to: datetime | None = ...

class SampledValue(Payload, frozen=True, kw_only=True):
    value: str
    context: ReadingContext | str | None = ...
    format: ValueFormat | str | None = ...
    measurand: Measurand | str | None = ...
    phase: Phase | str | None = ...
    location: Location | str | None = ...
    unit: UnitOfMeasure | str | None = ...

class MeterValue(Payload, frozen=True, kw_only=True):
    timestamp: datetime
    sampled_value: Sequence[SampledValue]

class AuthorizeResponse(Response, frozen=True, kw_only=True):
    id_tag_info: IdTagInfo

class AuthorizeRequest(
    LenientRequest[AuthorizeResponse, messages.AuthorizeResponse], frozen=True, kw_only=True
):
    id_tag: str

class BootNotificationResponse(Response, frozen=True, kw_only=True):
    status: RegistrationStatus | str
    current_time: datetime
    interval: int

class BootNotificationRequest(
    LenientRequest[BootNotificationResponse, messages.BootNotificationResponse],
    frozen=True,
    kw_only=True,
):
    charge_point_vendor: str
    charge_point_model: str
    charge_point_serial_number: str | None = ...
    charge_box_serial_number: str | None = ...
    firmware_version: str | None = ...
    iccid: str | None = ...
    imsi: str | None = ...
    meter_type: str | None = ...
    meter_serial_number: str | None = ...

class CancelReservationResponse(Response, frozen=True, kw_only=True):
    status: CancelReservationStatus | str

class CancelReservationRequest(
    LenientRequest[CancelReservationResponse, messages.CancelReservationResponse],
    frozen=True,
    kw_only=True,
):
    reservation_id: int

class CertificateSignedResponse(Response, frozen=True, kw_only=True):
    status: CertificateSignedStatusEnumType | str

class CertificateSignedRequest(
    LenientRequest[CertificateSignedResponse, messages.CertificateSignedResponse],
    frozen=True,
    kw_only=True,
):
    certificate_chain: str

class ChangeAvailabilityResponse(Response, frozen=True, kw_only=True):
    status: AvailabilityStatus | str

class ChangeAvailabilityRequest(
    LenientRequest[ChangeAvailabilityResponse, messages.ChangeAvailabilityResponse],
    frozen=True,
    kw_only=True,
):
    connector_id: int
    type: AvailabilityType | str

class ChangeConfigurationResponse(Response, frozen=True, kw_only=True):
    status: ConfigurationStatus | str

class ChangeConfigurationRequest(
    LenientRequest[ChangeConfigurationResponse, messages.ChangeConfigurationResponse],
    frozen=True,
    kw_only=True,
):
    key: str
    value: str

class ClearCacheResponse(Response, frozen=True, kw_only=True):
    status: ClearCacheStatus | str

class ClearCacheRequest(
    LenientRequest[ClearCacheResponse, messages.ClearCacheResponse], frozen=True, kw_only=True
): ...

class ClearChargingProfileResponse(Response, frozen=True, kw_only=True):
    status: ClearChargingProfileStatus | str

class ClearChargingProfileRequest(
    LenientRequest[ClearChargingProfileResponse, messages.ClearChargingProfileResponse],
    frozen=True,
    kw_only=True,
):
    id: int | None = ...
    connector_id: int | None = ...
    charging_profile_purpose: ChargingProfilePurposeType | str | None = ...
    stack_level: int | None = ...

class DataTransferResponse(Response, frozen=True, kw_only=True):
    status: DataTransferStatus | str
    data: str | None = ...

class DataTransferRequest(
    LenientRequest[DataTransferResponse, messages.DataTransferResponse], frozen=True, kw_only=True
):
    vendor_id: str
    message_id: str | None = ...
    data: str | None = ...

class DeleteCertificateResponse(Response, frozen=True, kw_only=True):
    status: DeleteCertificateStatusEnumType | str

class DeleteCertificateRequest(
    LenientRequest[DeleteCertificateResponse, messages.DeleteCertificateResponse],
    frozen=True,
    kw_only=True,
):
    certificate_hash_data: CertificateHashDataType

class DiagnosticsStatusNotificationRequest(
    Request[DiagnosticsStatusNotificationResponse], frozen=True, kw_only=True
):
    status: DiagnosticsStatus | str

class ExtendedTriggerMessageResponse(Response, frozen=True, kw_only=True):
    status: TriggerMessageStatusEnumType | str

class ExtendedTriggerMessageRequest(
    LenientRequest[ExtendedTriggerMessageResponse, messages.ExtendedTriggerMessageResponse],
    frozen=True,
    kw_only=True,
):
    requested_message: MessageTriggerEnumType | str
    connector_id: int | None = ...

class FirmwareStatusNotificationRequest(
    Request[FirmwareStatusNotificationResponse], frozen=True, kw_only=True
):
    status: FirmwareStatus | str

class GetCompositeScheduleResponse(Response, frozen=True, kw_only=True):
    status: GetCompositeScheduleStatus | str
    connector_id: int | None = ...
    schedule_start: datetime | None = ...
    charging_schedule: ChargingSchedule | None = ...

class GetCompositeScheduleRequest(
    LenientRequest[GetCompositeScheduleResponse, messages.GetCompositeScheduleResponse],
    frozen=True,
    kw_only=True,
):
    connector_id: int
    duration: int
    charging_rate_unit: ChargingRateUnitType | str | None = ...

class GetInstalledCertificateIdsResponse(Response, frozen=True, kw_only=True):
    status: GetInstalledCertificateStatusEnumType | str
    certificate_hash_data: Sequence[CertificateHashDataType] | None = ...

class GetInstalledCertificateIdsRequest(
    LenientRequest[GetInstalledCertificateIdsResponse, messages.GetInstalledCertificateIdsResponse],
    frozen=True,
    kw_only=True,
):
    certificate_type: CertificateUseEnumType | str

class GetLogResponse(Response, frozen=True, kw_only=True):
    status: LogStatusEnumType | str
    filename: str | None = ...

class GetLogRequest(
    LenientRequest[GetLogResponse, messages.GetLogResponse], frozen=True, kw_only=True
):
    log: LogParametersType
    log_type: LogEnumType | str
    request_id: int
    retries: int | None = ...
    retry_interval: int | None = ...

class InstallCertificateResponse(Response, frozen=True, kw_only=True):
    status: InstallCertificateStatusEnumType | str

class InstallCertificateRequest(
    LenientRequest[InstallCertificateResponse, messages.InstallCertificateResponse],
    frozen=True,
    kw_only=True,
):
    certificate_type: CertificateUseEnumType | str
    certificate: str

class LogStatusNotificationRequest(
    Request[LogStatusNotificationResponse], frozen=True, kw_only=True
):
    status: UploadLogStatusEnumType | str
    request_id: int | None = ...

class MeterValuesRequest(Request[MeterValuesResponse], frozen=True, kw_only=True):
    connector_id: int
    meter_value: Sequence[MeterValue]
    transaction_id: int | None = ...

class RemoteStartTransactionResponse(Response, frozen=True, kw_only=True):
    status: RemoteStartStopStatus | str

class RemoteStartTransactionRequest(
    LenientRequest[RemoteStartTransactionResponse, messages.RemoteStartTransactionResponse],
    frozen=True,
    kw_only=True,
):
    id_tag: str
    connector_id: int | None = ...
    charging_profile: ChargingProfile | None = ...

class RemoteStopTransactionResponse(Response, frozen=True, kw_only=True):
    status: RemoteStartStopStatus | str

class RemoteStopTransactionRequest(
    LenientRequest[RemoteStopTransactionResponse, messages.RemoteStopTransactionResponse],
    frozen=True,
    kw_only=True,
):
    transaction_id: int

class ReserveNowResponse(Response, frozen=True, kw_only=True):
    status: ReservationStatus | str

class ReserveNowRequest(
    LenientRequest[ReserveNowResponse, messages.ReserveNowResponse], frozen=True, kw_only=True
):
    connector_id: int
    expiry_date: datetime
    id_tag: str
    reservation_id: int
    parent_id_tag: str | None = ...

class ResetResponse(Response, frozen=True, kw_only=True):
    status: ResetStatus | str

class ResetRequest(
    LenientRequest[ResetResponse, messages.ResetResponse], frozen=True, kw_only=True
):
    type: ResetType | str

class SendLocalListResponse(Response, frozen=True, kw_only=True):
    status: UpdateStatus | str

class SendLocalListRequest(
    LenientRequest[SendLocalListResponse, messages.SendLocalListResponse], frozen=True, kw_only=True
):
    list_version: int
    update_type: UpdateType | str
    local_authorization_list: Sequence[AuthorizationData] | None = ...

class SetChargingProfileResponse(Response, frozen=True, kw_only=True):
    status: ChargingProfileStatus | str

class SetChargingProfileRequest(
    LenientRequest[SetChargingProfileResponse, messages.SetChargingProfileResponse],
    frozen=True,
    kw_only=True,
):
    connector_id: int
    cs_charging_profiles: ChargingProfile

class SignCertificateResponse(Response, frozen=True, kw_only=True):
    status: GenericStatusEnumType | str

class SignCertificateRequest(
    LenientRequest[SignCertificateResponse, messages.SignCertificateResponse],
    frozen=True,
    kw_only=True,
):
    csr: str

class SignedFirmwareStatusNotificationRequest(
    Request[SignedFirmwareStatusNotificationResponse], frozen=True, kw_only=True
):
    status: FirmwareStatusEnumType | str
    request_id: int | None = ...

class SignedUpdateFirmwareResponse(Response, frozen=True, kw_only=True):
    status: UpdateFirmwareStatusEnumType | str

class SignedUpdateFirmwareRequest(
    LenientRequest[SignedUpdateFirmwareResponse, messages.SignedUpdateFirmwareResponse],
    frozen=True,
    kw_only=True,
):
    request_id: int
    firmware: FirmwareType
    retries: int | None = ...
    retry_interval: int | None = ...

class StartTransactionResponse(Response, frozen=True, kw_only=True):
    id_tag_info: IdTagInfo
    transaction_id: int

class StartTransactionRequest(
    LenientRequest[StartTransactionResponse, messages.StartTransactionResponse],
    frozen=True,
    kw_only=True,
):
    connector_id: int
    id_tag: str
    meter_start: int
    timestamp: datetime
    reservation_id: int | None = ...

class StatusNotificationRequest(Request[StatusNotificationResponse], frozen=True, kw_only=True):
    connector_id: int
    error_code: ChargePointErrorCode | str
    status: ChargePointStatus | str
    info: str | None = ...
    timestamp: datetime | None = ...
    vendor_id: str | None = ...
    vendor_error_code: str | None = ...

class StopTransactionResponse(Response, frozen=True, kw_only=True):
    id_tag_info: IdTagInfo | None = ...

class StopTransactionRequest(
    LenientRequest[StopTransactionResponse, messages.StopTransactionResponse],
    frozen=True,
    kw_only=True,
):
    meter_stop: int
    timestamp: datetime
    transaction_id: int
    id_tag: str | None = ...
    reason: Reason | str | None = ...
    transaction_data: Sequence[MeterValue] | None = ...

class TriggerMessageResponse(Response, frozen=True, kw_only=True):
    status: TriggerMessageStatus | str

class TriggerMessageRequest(
    LenientRequest[TriggerMessageResponse, messages.TriggerMessageResponse],
    frozen=True,
    kw_only=True,
):
    requested_message: MessageTrigger | str
    connector_id: int | None = ...

class UnlockConnectorResponse(Response, frozen=True, kw_only=True):
    status: UnlockStatus | str

class UnlockConnectorRequest(
    LenientRequest[UnlockConnectorResponse, messages.UnlockConnectorResponse],
    frozen=True,
    kw_only=True,
):
    connector_id: int
