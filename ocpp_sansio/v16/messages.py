"""The requests and responses of OCPP 1.6 and its security extension, and their catalogue.

Written by tools/generate.py from the facts of the official schemas: change that, not this.
"""

from ocpp_sansio.core.messages import (
    Catalog,
    DateTime,
    Direction,
    Integer,
    Omittable,
    Request,
    Response,
)
from ocpp_sansio.core.versions import Version
from ocpp_sansio.v16._scalars import (
    Items,
    ItemsTexts,
    OneOrMore,
    String20,
    String25,
    String50,
    String255,
    String500,
    String5500,
    String10000,
)
from ocpp_sansio.v16.datatypes import (
    AuthorizationData,
    CertificateHashDataType,
    ChargingProfile,
    ChargingSchedule,
    FirmwareType,
    IdTagInfo,
    KeyValue,
    LogParametersType,
    MeterValue,
)
from ocpp_sansio.v16.enums import (
    AvailabilityStatus,
    AvailabilityType,
    CancelReservationStatus,
    CertificateSignedStatusEnumType,
    CertificateUseEnumType,
    ChargePointErrorCode,
    ChargePointStatus,
    ChargingProfilePurposeType,
    ChargingProfileStatus,
    ChargingRateUnitType,
    ClearCacheStatus,
    ClearChargingProfileStatus,
    ConfigurationStatus,
    DataTransferStatus,
    DeleteCertificateStatusEnumType,
    DiagnosticsStatus,
    FirmwareStatus,
    FirmwareStatusEnumType,
    GenericStatusEnumType,
    GetCompositeScheduleStatus,
    GetInstalledCertificateStatusEnumType,
    InstallCertificateStatusEnumType,
    LogEnumType,
    LogStatusEnumType,
    MessageTrigger,
    MessageTriggerEnumType,
    Reason,
    RegistrationStatus,
    RemoteStartStopStatus,
    ReservationStatus,
    ResetStatus,
    ResetType,
    TriggerMessageStatus,
    TriggerMessageStatusEnumType,
    UnlockStatus,
    UpdateFirmwareStatusEnumType,
    UpdateStatus,
    UpdateType,
    UploadLogStatusEnumType,
)

__all__ = [
    "CATALOG",
    "AuthorizeRequest",
    "AuthorizeResponse",
    "BootNotificationRequest",
    "BootNotificationResponse",
    "CancelReservationRequest",
    "CancelReservationResponse",
    "CertificateSignedRequest",
    "CertificateSignedResponse",
    "ChangeAvailabilityRequest",
    "ChangeAvailabilityResponse",
    "ChangeConfigurationRequest",
    "ChangeConfigurationResponse",
    "ClearCacheRequest",
    "ClearCacheResponse",
    "ClearChargingProfileRequest",
    "ClearChargingProfileResponse",
    "DataTransferRequest",
    "DataTransferResponse",
    "DeleteCertificateRequest",
    "DeleteCertificateResponse",
    "DiagnosticsStatusNotificationRequest",
    "DiagnosticsStatusNotificationResponse",
    "ExtendedTriggerMessageRequest",
    "ExtendedTriggerMessageResponse",
    "FirmwareStatusNotificationRequest",
    "FirmwareStatusNotificationResponse",
    "GetCompositeScheduleRequest",
    "GetCompositeScheduleResponse",
    "GetConfigurationRequest",
    "GetConfigurationResponse",
    "GetDiagnosticsRequest",
    "GetDiagnosticsResponse",
    "GetInstalledCertificateIdsRequest",
    "GetInstalledCertificateIdsResponse",
    "GetLocalListVersionRequest",
    "GetLocalListVersionResponse",
    "GetLogRequest",
    "GetLogResponse",
    "HeartbeatRequest",
    "HeartbeatResponse",
    "InstallCertificateRequest",
    "InstallCertificateResponse",
    "LogStatusNotificationRequest",
    "LogStatusNotificationResponse",
    "MeterValuesRequest",
    "MeterValuesResponse",
    "RemoteStartTransactionRequest",
    "RemoteStartTransactionResponse",
    "RemoteStopTransactionRequest",
    "RemoteStopTransactionResponse",
    "ReserveNowRequest",
    "ReserveNowResponse",
    "ResetRequest",
    "ResetResponse",
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
    "UnlockConnectorRequest",
    "UnlockConnectorResponse",
    "UpdateFirmwareRequest",
    "UpdateFirmwareResponse",
]


class AuthorizeResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: whether the token may charge, until when, and its parent token."""

    action = "Authorize"
    version = Version.OCPP16

    id_tag_info: IdTagInfo


class AuthorizeRequest(Request[AuthorizeResponse], frozen=True, kw_only=True):
    """Station to CSMS: asks whether the holder of this token may charge here."""

    action = "Authorize"
    version = Version.OCPP16
    direction = Direction.STATION_TO_CSMS
    response_type = AuthorizeResponse

    id_tag: String20


class BootNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: accepted or not, the time, and how often to send a heartbeat."""

    action = "BootNotification"
    version = Version.OCPP16

    status: RegistrationStatus
    current_time: DateTime
    interval: Integer


class BootNotificationRequest(Request[BootNotificationResponse], frozen=True, kw_only=True):
    """Station to CSMS: I have started; this is what I am. Asks to be accepted."""

    action = "BootNotification"
    version = Version.OCPP16
    direction = Direction.STATION_TO_CSMS
    response_type = BootNotificationResponse

    charge_point_vendor: String20
    charge_point_model: String20
    charge_point_serial_number: Omittable[String25] = None
    charge_box_serial_number: Omittable[String25] = None
    firmware_version: Omittable[String50] = None
    iccid: Omittable[String20] = None
    imsi: Omittable[String20] = None
    meter_type: Omittable[String25] = None
    meter_serial_number: Omittable[String25] = None


class CancelReservationResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether there was such a reservation and it is now cancelled."""

    action = "CancelReservation"
    version = Version.OCPP16

    status: CancelReservationStatus


class CancelReservationRequest(Request[CancelReservationResponse], frozen=True, kw_only=True):
    """CSMS to station: give up the reservation with this id."""

    action = "CancelReservation"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = CancelReservationResponse

    reservation_id: Integer


class CertificateSignedResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it accepts and will use the signed certificate."""

    action = "CertificateSigned"
    version = Version.OCPP16

    status: CertificateSignedStatusEnumType


class CertificateSignedRequest(Request[CertificateSignedResponse], frozen=True, kw_only=True):
    """CSMS to station: here is the signed certificate chain for your own identity."""

    action = "CertificateSigned"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = CertificateSignedResponse

    certificate_chain: String10000


class ChangeAvailabilityResponse(Response, frozen=True, kw_only=True):
    """The station's answer: changed, refused, or scheduled for the end of a transaction."""

    action = "ChangeAvailability"
    version = Version.OCPP16

    status: AvailabilityStatus


class ChangeAvailabilityRequest(Request[ChangeAvailabilityResponse], frozen=True, kw_only=True):
    """CSMS to station: put one connector, or the whole station, in or out of service."""

    action = "ChangeAvailability"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = ChangeAvailabilityResponse

    connector_id: Integer
    type: AvailabilityType


class ChangeConfigurationResponse(Response, frozen=True, kw_only=True):
    """The station's answer: key set, refused, unknown, or effective only after a reboot."""

    action = "ChangeConfiguration"
    version = Version.OCPP16

    status: ConfigurationStatus


class ChangeConfigurationRequest(Request[ChangeConfigurationResponse], frozen=True, kw_only=True):
    """CSMS to station: set one configuration key to this value."""

    action = "ChangeConfiguration"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = ChangeConfigurationResponse

    key: String50
    value: String500


class ClearCacheResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether its authorization cache is now empty."""

    action = "ClearCache"
    version = Version.OCPP16

    status: ClearCacheStatus


class ClearCacheRequest(Request[ClearCacheResponse], frozen=True, kw_only=True):
    """CSMS to station: forget all cached authorizations."""

    action = "ClearCache"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = ClearCacheResponse


class ClearChargingProfileResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether any profile matched and was removed."""

    action = "ClearChargingProfile"
    version = Version.OCPP16

    status: ClearChargingProfileStatus


class ClearChargingProfileRequest(Request[ClearChargingProfileResponse], frozen=True, kw_only=True):
    """CSMS to station: remove the charging profile with this id, or all that match."""

    action = "ClearChargingProfile"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = ClearChargingProfileResponse

    id: Omittable[Integer] = None
    connector_id: Omittable[Integer] = None
    charging_profile_purpose: Omittable[ChargingProfilePurposeType] = None
    stack_level: Omittable[Integer] = None


class DataTransferResponse(Response, frozen=True, kw_only=True):
    """The receiver's answer: whether it knew the vendor and message, and any data in return."""

    action = "DataTransfer"
    version = Version.OCPP16

    status: DataTransferStatus
    data: Omittable[str] = None


class DataTransferRequest(Request[DataTransferResponse], frozen=True, kw_only=True):
    """Either side to the other: vendor-specific data that OCPP itself does not define."""

    action = "DataTransfer"
    version = Version.OCPP16
    direction = Direction.BOTH
    response_type = DataTransferResponse

    vendor_id: String255
    message_id: Omittable[String50] = None
    data: Omittable[str] = None


class DeleteCertificateResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the certificate was found and deleted."""

    action = "DeleteCertificate"
    version = Version.OCPP16

    status: DeleteCertificateStatusEnumType


class DeleteCertificateRequest(Request[DeleteCertificateResponse], frozen=True, kw_only=True):
    """CSMS to station: delete the installed certificate with these hashes."""

    action = "DeleteCertificate"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = DeleteCertificateResponse

    certificate_hash_data: CertificateHashDataType


class DiagnosticsStatusNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the state of the diagnostics upload; carries no data."""

    action = "DiagnosticsStatusNotification"
    version = Version.OCPP16


class DiagnosticsStatusNotificationRequest(
    Request[DiagnosticsStatusNotificationResponse], frozen=True, kw_only=True
):
    """Station to CSMS: how far the diagnostics upload has come."""

    action = "DiagnosticsStatusNotification"
    version = Version.OCPP16
    direction = Direction.STATION_TO_CSMS
    response_type = DiagnosticsStatusNotificationResponse

    status: DiagnosticsStatus


class ExtendedTriggerMessageResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will send that message, and if it knows how."""

    action = "ExtendedTriggerMessage"
    version = Version.OCPP16

    status: TriggerMessageStatusEnumType


class ExtendedTriggerMessageRequest(
    Request[ExtendedTriggerMessageResponse], frozen=True, kw_only=True
):
    """CSMS to station: send this message now; also covers logs, signing and signed updates."""

    action = "ExtendedTriggerMessage"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = ExtendedTriggerMessageResponse

    requested_message: MessageTriggerEnumType
    connector_id: Omittable[Integer] = None


class FirmwareStatusNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the state of the firmware update; carries no data."""

    action = "FirmwareStatusNotification"
    version = Version.OCPP16


class FirmwareStatusNotificationRequest(
    Request[FirmwareStatusNotificationResponse], frozen=True, kw_only=True
):
    """Station to CSMS: how far the download and installation of firmware has come."""

    action = "FirmwareStatusNotification"
    version = Version.OCPP16
    direction = Direction.STATION_TO_CSMS
    response_type = FirmwareStatusNotificationResponse

    status: FirmwareStatus


class GetCompositeScheduleResponse(Response, frozen=True, kw_only=True):
    """The station's answer: the combined schedule, or that it could not be computed."""

    action = "GetCompositeSchedule"
    version = Version.OCPP16

    status: GetCompositeScheduleStatus
    connector_id: Omittable[Integer] = None
    schedule_start: Omittable[DateTime] = None
    charging_schedule: Omittable[ChargingSchedule] = None


class GetCompositeScheduleRequest(Request[GetCompositeScheduleResponse], frozen=True, kw_only=True):
    """CSMS to station: work out what all profiles together will allow a connector."""

    action = "GetCompositeSchedule"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = GetCompositeScheduleResponse

    connector_id: Integer
    duration: Integer
    charging_rate_unit: Omittable[ChargingRateUnitType] = None


class GetConfigurationResponse(Response, frozen=True, kw_only=True):
    """The station's answer: the keys with their values, and the keys it does not know."""

    action = "GetConfiguration"
    version = Version.OCPP16

    configuration_key: Omittable[Items[KeyValue]] = None
    unknown_key: Omittable[ItemsTexts[String50]] = None


class GetConfigurationRequest(Request[GetConfigurationResponse], frozen=True, kw_only=True):
    """CSMS to station: tell me the values of these configuration keys, or of all of them."""

    action = "GetConfiguration"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = GetConfigurationResponse

    key: Omittable[ItemsTexts[String50]] = None


class GetDiagnosticsResponse(Response, frozen=True, kw_only=True):
    """The station's answer: the name of the file to be uploaded, absent if there is none."""

    action = "GetDiagnostics"
    version = Version.OCPP16

    file_name: Omittable[String255] = None


class GetDiagnosticsRequest(Request[GetDiagnosticsResponse], frozen=True, kw_only=True):
    """CSMS to station: upload a diagnostics file, covering this period, to this address."""

    action = "GetDiagnostics"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = GetDiagnosticsResponse

    location: str
    retries: Omittable[Integer] = None
    retry_interval: Omittable[Integer] = None
    start_time: Omittable[DateTime] = None
    stop_time: Omittable[DateTime] = None


class GetInstalledCertificateIdsResponse(Response, frozen=True, kw_only=True):
    """The station's answer: the hashes of the matching root certificates."""

    action = "GetInstalledCertificateIds"
    version = Version.OCPP16

    status: GetInstalledCertificateStatusEnumType
    certificate_hash_data: Omittable[OneOrMore[CertificateHashDataType]] = None


class GetInstalledCertificateIdsRequest(
    Request[GetInstalledCertificateIdsResponse], frozen=True, kw_only=True
):
    """CSMS to station: list the installed root certificates of this kind."""

    action = "GetInstalledCertificateIds"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = GetInstalledCertificateIdsResponse

    certificate_type: CertificateUseEnumType


class GetLocalListVersionResponse(Response, frozen=True, kw_only=True):
    """The station's answer: its list version, 0 if empty, -1 if lists are unsupported."""

    action = "GetLocalListVersion"
    version = Version.OCPP16

    list_version: Integer


class GetLocalListVersionRequest(Request[GetLocalListVersionResponse], frozen=True, kw_only=True):
    """CSMS to station: tell me the version of your local authorization list."""

    action = "GetLocalListVersion"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = GetLocalListVersionResponse


class GetLogResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will upload the log, and under what file name."""

    action = "GetLog"
    version = Version.OCPP16

    status: LogStatusEnumType
    filename: Omittable[String255] = None


class GetLogRequest(Request[GetLogResponse], frozen=True, kw_only=True):
    """CSMS to station: upload the diagnostics or the security log to this address."""

    action = "GetLog"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = GetLogResponse

    log: LogParametersType
    log_type: LogEnumType
    request_id: Integer
    retries: Omittable[Integer] = None
    retry_interval: Omittable[Integer] = None


class HeartbeatResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: its current time, by which the station sets its clock."""

    action = "Heartbeat"
    version = Version.OCPP16

    current_time: DateTime


class HeartbeatRequest(Request[HeartbeatResponse], frozen=True, kw_only=True):
    """Station to CSMS: I am still here; tell me the time."""

    action = "Heartbeat"
    version = Version.OCPP16
    direction = Direction.STATION_TO_CSMS
    response_type = HeartbeatResponse


class InstallCertificateResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the root certificate is now installed."""

    action = "InstallCertificate"
    version = Version.OCPP16

    status: InstallCertificateStatusEnumType


class InstallCertificateRequest(Request[InstallCertificateResponse], frozen=True, kw_only=True):
    """CSMS to station: add this root certificate to the ones you trust."""

    action = "InstallCertificate"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = InstallCertificateResponse

    certificate_type: CertificateUseEnumType
    certificate: String5500


class LogStatusNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the state of the log upload; carries no data."""

    action = "LogStatusNotification"
    version = Version.OCPP16


class LogStatusNotificationRequest(
    Request[LogStatusNotificationResponse], frozen=True, kw_only=True
):
    """Station to CSMS: how far the upload of the requested log has come."""

    action = "LogStatusNotification"
    version = Version.OCPP16
    direction = Direction.STATION_TO_CSMS
    response_type = LogStatusNotificationResponse

    status: UploadLogStatusEnumType
    request_id: Omittable[Integer] = None


class MeterValuesResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received the readings; carries no data."""

    action = "MeterValues"
    version = Version.OCPP16


class MeterValuesRequest(Request[MeterValuesResponse], frozen=True, kw_only=True):
    """Station to CSMS: meter readings of a connector, inside or outside a transaction."""

    action = "MeterValues"
    version = Version.OCPP16
    direction = Direction.STATION_TO_CSMS
    response_type = MeterValuesResponse

    connector_id: Integer
    meter_value: Items[MeterValue]
    transaction_id: Omittable[Integer] = None


class RemoteStartTransactionResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will try to start; the start itself comes later."""

    action = "RemoteStartTransaction"
    version = Version.OCPP16

    status: RemoteStartStopStatus


class RemoteStartTransactionRequest(
    Request[RemoteStartTransactionResponse], frozen=True, kw_only=True
):
    """CSMS to station: start a transaction for this token."""

    action = "RemoteStartTransaction"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = RemoteStartTransactionResponse

    id_tag: String20
    connector_id: Omittable[Integer] = None
    charging_profile: Omittable[ChargingProfile] = None


class RemoteStopTransactionResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it knows the transaction and will stop it."""

    action = "RemoteStopTransaction"
    version = Version.OCPP16

    status: RemoteStartStopStatus


class RemoteStopTransactionRequest(
    Request[RemoteStopTransactionResponse], frozen=True, kw_only=True
):
    """CSMS to station: stop the transaction with this id."""

    action = "RemoteStopTransaction"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = RemoteStopTransactionResponse

    transaction_id: Integer


class ReserveNowResponse(Response, frozen=True, kw_only=True):
    """The station's answer: reserved, or why not (occupied, faulted, unavailable)."""

    action = "ReserveNow"
    version = Version.OCPP16

    status: ReservationStatus


class ReserveNowRequest(Request[ReserveNowResponse], frozen=True, kw_only=True):
    """CSMS to station: hold a connector for this token until the given time."""

    action = "ReserveNow"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = ReserveNowResponse

    connector_id: Integer
    expiry_date: DateTime
    id_tag: String20
    reservation_id: Integer
    parent_id_tag: Omittable[String20] = None


class ResetResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will restart."""

    action = "Reset"
    version = Version.OCPP16

    status: ResetStatus


class ResetRequest(Request[ResetResponse], frozen=True, kw_only=True):
    """CSMS to station: restart, hard at once, or softly once transactions are ended in order."""

    action = "Reset"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = ResetResponse

    type: ResetType


class SecurityEventNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the security event; carries no data."""

    action = "SecurityEventNotification"
    version = Version.OCPP16


class SecurityEventNotificationRequest(
    Request[SecurityEventNotificationResponse], frozen=True, kw_only=True
):
    """Station to CSMS: something relevant to security has happened here."""

    action = "SecurityEventNotification"
    version = Version.OCPP16
    direction = Direction.STATION_TO_CSMS
    response_type = SecurityEventNotificationResponse

    type: String50
    timestamp: DateTime
    tech_info: Omittable[String255] = None


class SendLocalListResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the list was applied, or its version did not fit."""

    action = "SendLocalList"
    version = Version.OCPP16

    status: UpdateStatus


class SendLocalListRequest(Request[SendLocalListResponse], frozen=True, kw_only=True):
    """CSMS to station: replace or amend the tokens you may authorize on your own."""

    action = "SendLocalList"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = SendLocalListResponse

    list_version: Integer
    update_type: UpdateType
    local_authorization_list: Omittable[Items[AuthorizationData]] = None


class SetChargingProfileResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the profile is installed; it may not be active yet."""

    action = "SetChargingProfile"
    version = Version.OCPP16

    status: ChargingProfileStatus


class SetChargingProfileRequest(Request[SetChargingProfileResponse], frozen=True, kw_only=True):
    """CSMS to station: install this charging profile for a connector, or for the station."""

    action = "SetChargingProfile"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = SetChargingProfileResponse

    connector_id: Integer
    cs_charging_profiles: ChargingProfile


class SignCertificateResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: whether it will have the request signed; the result comes later."""

    action = "SignCertificate"
    version = Version.OCPP16

    status: GenericStatusEnumType


class SignCertificateRequest(Request[SignCertificateResponse], frozen=True, kw_only=True):
    """Station to CSMS: please have this certificate signing request signed."""

    action = "SignCertificate"
    version = Version.OCPP16
    direction = Direction.STATION_TO_CSMS
    response_type = SignCertificateResponse

    csr: String5500


class SignedFirmwareStatusNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the state of the signed update; carries no data."""

    action = "SignedFirmwareStatusNotification"
    version = Version.OCPP16


class SignedFirmwareStatusNotificationRequest(
    Request[SignedFirmwareStatusNotificationResponse], frozen=True, kw_only=True
):
    """Station to CSMS: how far a signed firmware update has come."""

    action = "SignedFirmwareStatusNotification"
    version = Version.OCPP16
    direction = Direction.STATION_TO_CSMS
    response_type = SignedFirmwareStatusNotificationResponse

    status: FirmwareStatusEnumType
    request_id: Omittable[Integer] = None


class SignedUpdateFirmwareResponse(Response, frozen=True, kw_only=True):
    """The station's answer: accepted, refused, or its signing certificate is no good."""

    action = "SignedUpdateFirmware"
    version = Version.OCPP16

    status: UpdateFirmwareStatusEnumType


class SignedUpdateFirmwareRequest(Request[SignedUpdateFirmwareResponse], frozen=True, kw_only=True):
    """CSMS to station: fetch this firmware, verify its signature, and install it."""

    action = "SignedUpdateFirmware"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = SignedUpdateFirmwareResponse

    request_id: Integer
    firmware: FirmwareType
    retries: Omittable[Integer] = None
    retry_interval: Omittable[Integer] = None


class StartTransactionResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: the id of the transaction, and whether the token may charge."""

    action = "StartTransaction"
    version = Version.OCPP16

    id_tag_info: IdTagInfo
    transaction_id: Integer


class StartTransactionRequest(Request[StartTransactionResponse], frozen=True, kw_only=True):
    """Station to CSMS: a transaction has begun here, for this token, at this meter reading."""

    action = "StartTransaction"
    version = Version.OCPP16
    direction = Direction.STATION_TO_CSMS
    response_type = StartTransactionResponse

    connector_id: Integer
    id_tag: String20
    meter_start: Integer
    timestamp: DateTime
    reservation_id: Omittable[Integer] = None


class StatusNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the status; carries no data."""

    action = "StatusNotification"
    version = Version.OCPP16


class StatusNotificationRequest(Request[StatusNotificationResponse], frozen=True, kw_only=True):
    """Station to CSMS: a connector, or the station itself, has a new status or an error."""

    action = "StatusNotification"
    version = Version.OCPP16
    direction = Direction.STATION_TO_CSMS
    response_type = StatusNotificationResponse

    connector_id: Integer
    error_code: ChargePointErrorCode
    status: ChargePointStatus
    info: Omittable[String50] = None
    timestamp: Omittable[DateTime] = None
    vendor_id: Omittable[String255] = None
    vendor_error_code: Omittable[String50] = None


class StopTransactionResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: the status of the token that stopped it, if one was given."""

    action = "StopTransaction"
    version = Version.OCPP16

    id_tag_info: Omittable[IdTagInfo] = None


class StopTransactionRequest(Request[StopTransactionResponse], frozen=True, kw_only=True):
    """Station to CSMS: this transaction has ended, at this meter reading and for this reason."""

    action = "StopTransaction"
    version = Version.OCPP16
    direction = Direction.STATION_TO_CSMS
    response_type = StopTransactionResponse

    meter_stop: Integer
    timestamp: DateTime
    transaction_id: Integer
    id_tag: Omittable[String20] = None
    reason: Omittable[Reason] = None
    transaction_data: Omittable[Items[MeterValue]] = None


class TriggerMessageResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will send the message asked for."""

    action = "TriggerMessage"
    version = Version.OCPP16

    status: TriggerMessageStatus


class TriggerMessageRequest(Request[TriggerMessageResponse], frozen=True, kw_only=True):
    """CSMS to station: send this message now, without waiting for its usual occasion."""

    action = "TriggerMessage"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = TriggerMessageResponse

    requested_message: MessageTrigger
    connector_id: Omittable[Integer] = None


class UnlockConnectorResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the connector came free, or why it did not."""

    action = "UnlockConnector"
    version = Version.OCPP16

    status: UnlockStatus


class UnlockConnectorRequest(Request[UnlockConnectorResponse], frozen=True, kw_only=True):
    """CSMS to station: release the cable that is locked in this connector."""

    action = "UnlockConnector"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = UnlockConnectorResponse

    connector_id: Integer


class UpdateFirmwareResponse(Response, frozen=True, kw_only=True):
    """The station has received the order to update; carries no data."""

    action = "UpdateFirmware"
    version = Version.OCPP16


class UpdateFirmwareRequest(Request[UpdateFirmwareResponse], frozen=True, kw_only=True):
    """CSMS to station: fetch this unsigned firmware on or after this date, and install it."""

    action = "UpdateFirmware"
    version = Version.OCPP16
    direction = Direction.CSMS_TO_STATION
    response_type = UpdateFirmwareResponse

    location: str
    retrieve_date: DateTime
    retries: Omittable[Integer] = None
    retry_interval: Omittable[Integer] = None


CATALOG = Catalog(
    Version.OCPP16,
    (
        AuthorizeRequest,
        BootNotificationRequest,
        CancelReservationRequest,
        CertificateSignedRequest,
        ChangeAvailabilityRequest,
        ChangeConfigurationRequest,
        ClearCacheRequest,
        ClearChargingProfileRequest,
        DataTransferRequest,
        DeleteCertificateRequest,
        DiagnosticsStatusNotificationRequest,
        ExtendedTriggerMessageRequest,
        FirmwareStatusNotificationRequest,
        GetCompositeScheduleRequest,
        GetConfigurationRequest,
        GetDiagnosticsRequest,
        GetInstalledCertificateIdsRequest,
        GetLocalListVersionRequest,
        GetLogRequest,
        HeartbeatRequest,
        InstallCertificateRequest,
        LogStatusNotificationRequest,
        MeterValuesRequest,
        RemoteStartTransactionRequest,
        RemoteStopTransactionRequest,
        ReserveNowRequest,
        ResetRequest,
        SecurityEventNotificationRequest,
        SendLocalListRequest,
        SetChargingProfileRequest,
        SignCertificateRequest,
        SignedFirmwareStatusNotificationRequest,
        SignedUpdateFirmwareRequest,
        StartTransactionRequest,
        StatusNotificationRequest,
        StopTransactionRequest,
        TriggerMessageRequest,
        UnlockConnectorRequest,
        UpdateFirmwareRequest,
    ),
)
