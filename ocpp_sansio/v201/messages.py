"""The requests and responses of OCPP 2.0.1, and their catalogue.

Written by tools/generate.py from the facts of the official schemas: change that, not this.
"""

from msgspec import field

from ocpp_sansio.core.messages import (
    Catalog,
    CustomData,
    DateTime,
    Direction,
    FreeJson,
    Integer,
    Number,
    Omittable,
    Request,
    Response,
)
from ocpp_sansio.core.versions import Version
from ocpp_sansio.v201._scalars import (
    List1To3,
    List1To4,
    OneOrMore,
    OneOrMoreTexts,
    String32,
    String36,
    String50,
    String64,
    String255,
    String512,
    String5500,
    String5600,
    String10000,
)
from ocpp_sansio.v201.datatypes import (
    AuthorizationData,
    CertificateHashDataChainType,
    CertificateHashDataType,
    ChargingLimitType,
    ChargingNeedsType,
    ChargingProfileCriterionType,
    ChargingProfileType,
    ChargingScheduleType,
    ChargingStationType,
    ClearChargingProfileType,
    ClearMonitoringResultType,
    ComponentVariableType,
    CompositeScheduleType,
    EventDataType,
    EVSEType,
    FirmwareType,
    GetVariableDataType,
    GetVariableResultType,
    IdTokenInfoType,
    IdTokenType,
    LogParametersType,
    MessageContentType,
    MessageInfoType,
    MeterValueType,
    MonitoringDataType,
    NetworkConnectionProfileType,
    OCSPRequestDataType,
    ReportDataType,
    SetMonitoringDataType,
    SetMonitoringResultType,
    SetVariableDataType,
    SetVariableResultType,
    StatusInfoType,
    TransactionType,
)
from ocpp_sansio.v201.enums import (
    AuthorizeCertificateStatusEnumType,
    BootReasonEnumType,
    CancelReservationStatusEnumType,
    CertificateActionEnumType,
    CertificateSignedStatusEnumType,
    CertificateSigningUseEnumType,
    ChangeAvailabilityStatusEnumType,
    ChargingLimitSourceEnumType,
    ChargingProfileStatusEnumType,
    ChargingRateUnitEnumType,
    ClearCacheStatusEnumType,
    ClearChargingProfileStatusEnumType,
    ClearMessageStatusEnumType,
    ComponentCriterionEnumType,
    ConnectorEnumType,
    ConnectorStatusEnumType,
    CustomerInformationStatusEnumType,
    DataTransferStatusEnumType,
    DeleteCertificateStatusEnumType,
    DisplayMessageStatusEnumType,
    FirmwareStatusEnumType,
    GenericDeviceModelStatusEnumType,
    GenericStatusEnumType,
    GetCertificateIdUseEnumType,
    GetCertificateStatusEnumType,
    GetChargingProfileStatusEnumType,
    GetDisplayMessagesStatusEnumType,
    GetInstalledCertificateStatusEnumType,
    InstallCertificateStatusEnumType,
    InstallCertificateUseEnumType,
    Iso15118EVCertificateStatusEnumType,
    LogEnumType,
    LogStatusEnumType,
    MessagePriorityEnumType,
    MessageStateEnumType,
    MessageTriggerEnumType,
    MonitoringBaseEnumType,
    MonitoringCriterionEnumType,
    NotifyEVChargingNeedsStatusEnumType,
    OperationalStatusEnumType,
    PublishFirmwareStatusEnumType,
    RegistrationStatusEnumType,
    ReportBaseEnumType,
    RequestStartStopStatusEnumType,
    ReservationUpdateStatusEnumType,
    ReserveNowStatusEnumType,
    ResetEnumType,
    ResetStatusEnumType,
    SendLocalListStatusEnumType,
    SetNetworkProfileStatusEnumType,
    TransactionEventEnumType,
    TriggerMessageStatusEnumType,
    TriggerReasonEnumType,
    UnlockStatusEnumType,
    UnpublishFirmwareStatusEnumType,
    UpdateEnumType,
    UpdateFirmwareStatusEnumType,
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
    "ClearCacheRequest",
    "ClearCacheResponse",
    "ClearChargingProfileRequest",
    "ClearChargingProfileResponse",
    "ClearDisplayMessageRequest",
    "ClearDisplayMessageResponse",
    "ClearVariableMonitoringRequest",
    "ClearVariableMonitoringResponse",
    "ClearedChargingLimitRequest",
    "ClearedChargingLimitResponse",
    "CostUpdatedRequest",
    "CostUpdatedResponse",
    "CustomerInformationRequest",
    "CustomerInformationResponse",
    "DataTransferRequest",
    "DataTransferResponse",
    "DeleteCertificateRequest",
    "DeleteCertificateResponse",
    "FirmwareStatusNotificationRequest",
    "FirmwareStatusNotificationResponse",
    "Get15118EVCertificateRequest",
    "Get15118EVCertificateResponse",
    "GetBaseReportRequest",
    "GetBaseReportResponse",
    "GetCertificateStatusRequest",
    "GetCertificateStatusResponse",
    "GetChargingProfilesRequest",
    "GetChargingProfilesResponse",
    "GetCompositeScheduleRequest",
    "GetCompositeScheduleResponse",
    "GetDisplayMessagesRequest",
    "GetDisplayMessagesResponse",
    "GetInstalledCertificateIdsRequest",
    "GetInstalledCertificateIdsResponse",
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
    "GetVariablesRequest",
    "GetVariablesResponse",
    "HeartbeatRequest",
    "HeartbeatResponse",
    "InstallCertificateRequest",
    "InstallCertificateResponse",
    "LogStatusNotificationRequest",
    "LogStatusNotificationResponse",
    "MeterValuesRequest",
    "MeterValuesResponse",
    "NotifyChargingLimitRequest",
    "NotifyChargingLimitResponse",
    "NotifyCustomerInformationRequest",
    "NotifyCustomerInformationResponse",
    "NotifyDisplayMessagesRequest",
    "NotifyDisplayMessagesResponse",
    "NotifyEVChargingNeedsRequest",
    "NotifyEVChargingNeedsResponse",
    "NotifyEVChargingScheduleRequest",
    "NotifyEVChargingScheduleResponse",
    "NotifyEventRequest",
    "NotifyEventResponse",
    "NotifyMonitoringReportRequest",
    "NotifyMonitoringReportResponse",
    "NotifyReportRequest",
    "NotifyReportResponse",
    "PublishFirmwareRequest",
    "PublishFirmwareResponse",
    "PublishFirmwareStatusNotificationRequest",
    "PublishFirmwareStatusNotificationResponse",
    "ReportChargingProfilesRequest",
    "ReportChargingProfilesResponse",
    "RequestStartTransactionRequest",
    "RequestStartTransactionResponse",
    "RequestStopTransactionRequest",
    "RequestStopTransactionResponse",
    "ReservationStatusUpdateRequest",
    "ReservationStatusUpdateResponse",
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
    "SetDisplayMessageRequest",
    "SetDisplayMessageResponse",
    "SetMonitoringBaseRequest",
    "SetMonitoringBaseResponse",
    "SetMonitoringLevelRequest",
    "SetMonitoringLevelResponse",
    "SetNetworkProfileRequest",
    "SetNetworkProfileResponse",
    "SetVariableMonitoringRequest",
    "SetVariableMonitoringResponse",
    "SetVariablesRequest",
    "SetVariablesResponse",
    "SignCertificateRequest",
    "SignCertificateResponse",
    "StatusNotificationRequest",
    "StatusNotificationResponse",
    "TransactionEventRequest",
    "TransactionEventResponse",
    "TriggerMessageRequest",
    "TriggerMessageResponse",
    "UnlockConnectorRequest",
    "UnlockConnectorResponse",
    "UnpublishFirmwareRequest",
    "UnpublishFirmwareResponse",
    "UpdateFirmwareRequest",
    "UpdateFirmwareResponse",
]


class AuthorizeResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: whether the token may charge, and if its certificates are good."""

    action = "Authorize"
    version = Version.OCPP201

    id_token_info: IdTokenInfoType
    custom_data: Omittable[CustomData] = None
    certificate_status: Omittable[AuthorizeCertificateStatusEnumType] = None


class AuthorizeRequest(Request[AuthorizeResponse], frozen=True, kw_only=True):
    """Station to CSMS: asks whether the holder of this token may charge here."""

    action = "Authorize"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = AuthorizeResponse

    id_token: IdTokenType
    custom_data: Omittable[CustomData] = None
    certificate: Omittable[String5500] = None
    iso15118_certificate_hash_data: Omittable[List1To4[OCSPRequestDataType]] = None


class BootNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: accepted or not, the time, and how often to send a heartbeat."""

    action = "BootNotification"
    version = Version.OCPP201

    current_time: DateTime
    interval: Integer
    status: RegistrationStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class BootNotificationRequest(Request[BootNotificationResponse], frozen=True, kw_only=True):
    """Station to CSMS: I have started; this is what I am. Asks to be accepted."""

    action = "BootNotification"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = BootNotificationResponse

    charging_station: ChargingStationType
    reason: BootReasonEnumType
    custom_data: Omittable[CustomData] = None


class CancelReservationResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether there was such a reservation and it is now cancelled."""

    action = "CancelReservation"
    version = Version.OCPP201

    status: CancelReservationStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class CancelReservationRequest(Request[CancelReservationResponse], frozen=True, kw_only=True):
    """CSMS to station: give up the reservation with this id."""

    action = "CancelReservation"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = CancelReservationResponse

    reservation_id: Integer
    custom_data: Omittable[CustomData] = None


class CertificateSignedResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it accepts and will use the signed certificate."""

    action = "CertificateSigned"
    version = Version.OCPP201

    status: CertificateSignedStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class CertificateSignedRequest(Request[CertificateSignedResponse], frozen=True, kw_only=True):
    """CSMS to station: here is the signed certificate chain you asked for."""

    action = "CertificateSigned"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = CertificateSignedResponse

    certificate_chain: String10000
    custom_data: Omittable[CustomData] = None
    certificate_type: Omittable[CertificateSigningUseEnumType] = None


class ChangeAvailabilityResponse(Response, frozen=True, kw_only=True):
    """The station's answer: changed, refused, or scheduled for the end of a transaction."""

    action = "ChangeAvailability"
    version = Version.OCPP201

    status: ChangeAvailabilityStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class ChangeAvailabilityRequest(Request[ChangeAvailabilityResponse], frozen=True, kw_only=True):
    """CSMS to station: put the station, an EVSE or a connector in or out of service."""

    action = "ChangeAvailability"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = ChangeAvailabilityResponse

    operational_status: OperationalStatusEnumType
    custom_data: Omittable[CustomData] = None
    evse: Omittable[EVSEType] = None


class ClearCacheResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether its authorization cache is now empty."""

    action = "ClearCache"
    version = Version.OCPP201

    status: ClearCacheStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class ClearCacheRequest(Request[ClearCacheResponse], frozen=True, kw_only=True):
    """CSMS to station: forget all cached authorizations."""

    action = "ClearCache"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = ClearCacheResponse

    custom_data: Omittable[CustomData] = None


class ClearChargingProfileResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether any profile matched and was removed."""

    action = "ClearChargingProfile"
    version = Version.OCPP201

    status: ClearChargingProfileStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class ClearChargingProfileRequest(Request[ClearChargingProfileResponse], frozen=True, kw_only=True):
    """CSMS to station: remove the charging profile with this id, or all that match."""

    action = "ClearChargingProfile"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = ClearChargingProfileResponse

    custom_data: Omittable[CustomData] = None
    charging_profile_id: Omittable[Integer] = None
    charging_profile_criteria: Omittable[ClearChargingProfileType] = None


class ClearDisplayMessageResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it knew the message and took it down."""

    action = "ClearDisplayMessage"
    version = Version.OCPP201

    status: ClearMessageStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class ClearDisplayMessageRequest(Request[ClearDisplayMessageResponse], frozen=True, kw_only=True):
    """CSMS to station: take the display message with this id off the screen."""

    action = "ClearDisplayMessage"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = ClearDisplayMessageResponse

    id: Integer
    custom_data: Omittable[CustomData] = None


class ClearVariableMonitoringResponse(Response, frozen=True, kw_only=True):
    """The station's answer: for each monitor id, whether it was deleted."""

    action = "ClearVariableMonitoring"
    version = Version.OCPP201

    clear_monitoring_result: OneOrMore[ClearMonitoringResultType]
    custom_data: Omittable[CustomData] = None


class ClearVariableMonitoringRequest(
    Request[ClearVariableMonitoringResponse], frozen=True, kw_only=True
):
    """CSMS to station: delete the variable monitors with these ids."""

    action = "ClearVariableMonitoring"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = ClearVariableMonitoringResponse

    id: OneOrMore[Integer]
    custom_data: Omittable[CustomData] = None


class ClearedChargingLimitResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted that the limit is gone; carries no data."""

    action = "ClearedChargingLimit"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class ClearedChargingLimitRequest(Request[ClearedChargingLimitResponse], frozen=True, kw_only=True):
    """Station to CSMS: an outside charging limit no longer applies; this was its source."""

    action = "ClearedChargingLimit"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = ClearedChargingLimitResponse

    charging_limit_source: ChargingLimitSourceEnumType
    custom_data: Omittable[CustomData] = None
    evse_id: Omittable[Integer] = None


class CostUpdatedResponse(Response, frozen=True, kw_only=True):
    """The station has received the running cost; carries no data."""

    action = "CostUpdated"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class CostUpdatedRequest(Request[CostUpdatedResponse], frozen=True, kw_only=True):
    """CSMS to station: show the driver what this transaction has cost so far."""

    action = "CostUpdated"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = CostUpdatedResponse

    total_cost: Number
    transaction_id: String36
    custom_data: Omittable[CustomData] = None


class CustomerInformationResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will report or erase the customer data."""

    action = "CustomerInformation"
    version = Version.OCPP201

    status: CustomerInformationStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class CustomerInformationRequest(Request[CustomerInformationResponse], frozen=True, kw_only=True):
    """CSMS to station: report or erase what you have stored about this customer."""

    action = "CustomerInformation"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = CustomerInformationResponse

    request_id: Integer
    report: bool
    clear: bool
    custom_data: Omittable[CustomData] = None
    customer_certificate: Omittable[CertificateHashDataType] = None
    id_token: Omittable[IdTokenType] = None
    customer_identifier: Omittable[String64] = None


class DataTransferResponse(Response, frozen=True, kw_only=True):
    """The receiver's answer: whether it knew the vendor and message, and any data in return."""

    action = "DataTransfer"
    version = Version.OCPP201

    status: DataTransferStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None
    data: Omittable[FreeJson] = None


class DataTransferRequest(Request[DataTransferResponse], frozen=True, kw_only=True):
    """Either side to the other: vendor-specific data that OCPP itself does not define."""

    action = "DataTransfer"
    version = Version.OCPP201
    direction = Direction.BOTH
    response_type = DataTransferResponse

    vendor_id: String255
    custom_data: Omittable[CustomData] = None
    message_id: Omittable[String50] = None
    data: Omittable[FreeJson] = None


class DeleteCertificateResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the certificate was found and deleted."""

    action = "DeleteCertificate"
    version = Version.OCPP201

    status: DeleteCertificateStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class DeleteCertificateRequest(Request[DeleteCertificateResponse], frozen=True, kw_only=True):
    """CSMS to station: delete the installed certificate with these hashes."""

    action = "DeleteCertificate"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = DeleteCertificateResponse

    certificate_hash_data: CertificateHashDataType
    custom_data: Omittable[CustomData] = None


class FirmwareStatusNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the state of the firmware update; carries no data."""

    action = "FirmwareStatusNotification"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class FirmwareStatusNotificationRequest(
    Request[FirmwareStatusNotificationResponse], frozen=True, kw_only=True
):
    """Station to CSMS: how far the download and installation of firmware has come."""

    action = "FirmwareStatusNotification"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = FirmwareStatusNotificationResponse

    status: FirmwareStatusEnumType
    custom_data: Omittable[CustomData] = None
    request_id: Omittable[Integer] = None


class Get15118EVCertificateResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: whether it worked, and the EXI response for the vehicle."""

    action = "Get15118EVCertificate"
    version = Version.OCPP201

    status: Iso15118EVCertificateStatusEnumType
    exi_response: String5600
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class Get15118EVCertificateRequest(
    Request[Get15118EVCertificateResponse], frozen=True, kw_only=True
):
    """Station to CSMS: relays the vehicle's request for a new or renewed contract certificate."""

    action = "Get15118EVCertificate"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = Get15118EVCertificateResponse

    iso15118_schema_version: String50
    action_: CertificateActionEnumType = field(name="action")
    exi_request: String5600
    custom_data: Omittable[CustomData] = None


class GetBaseReportResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the base report will follow in NotifyReport messages."""

    action = "GetBaseReport"
    version = Version.OCPP201

    status: GenericDeviceModelStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class GetBaseReportRequest(Request[GetBaseReportResponse], frozen=True, kw_only=True):
    """CSMS to station: report a predefined set of variables (config, full or summary)."""

    action = "GetBaseReport"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = GetBaseReportResponse

    request_id: Integer
    report_base: ReportBaseEnumType
    custom_data: Omittable[CustomData] = None


class GetCertificateStatusResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: whether OCSP could be asked, and the raw result if so."""

    action = "GetCertificateStatus"
    version = Version.OCPP201

    status: GetCertificateStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None
    ocsp_result: Omittable[String5500] = None


class GetCertificateStatusRequest(Request[GetCertificateStatusResponse], frozen=True, kw_only=True):
    """Station to CSMS: fetch the OCSP status of this one certificate for me."""

    action = "GetCertificateStatus"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = GetCertificateStatusResponse

    ocsp_request_data: OCSPRequestDataType
    custom_data: Omittable[CustomData] = None


class GetChargingProfilesResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether any profiles match and will be reported."""

    action = "GetChargingProfiles"
    version = Version.OCPP201

    status: GetChargingProfileStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class GetChargingProfilesRequest(Request[GetChargingProfilesResponse], frozen=True, kw_only=True):
    """CSMS to station: report the installed charging profiles that match this filter."""

    action = "GetChargingProfiles"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = GetChargingProfilesResponse

    request_id: Integer
    charging_profile: ChargingProfileCriterionType
    custom_data: Omittable[CustomData] = None
    evse_id: Omittable[Integer] = None


class GetCompositeScheduleResponse(Response, frozen=True, kw_only=True):
    """The station's answer: the combined schedule, or that it could not be computed."""

    action = "GetCompositeSchedule"
    version = Version.OCPP201

    status: GenericStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None
    schedule: Omittable[CompositeScheduleType] = None


class GetCompositeScheduleRequest(Request[GetCompositeScheduleResponse], frozen=True, kw_only=True):
    """CSMS to station: work out what all profiles together will allow an EVSE."""

    action = "GetCompositeSchedule"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = GetCompositeScheduleResponse

    duration: Integer
    evse_id: Integer
    custom_data: Omittable[CustomData] = None
    charging_rate_unit: Omittable[ChargingRateUnitEnumType] = None


class GetDisplayMessagesResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether any messages match and will be reported."""

    action = "GetDisplayMessages"
    version = Version.OCPP201

    status: GetDisplayMessagesStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class GetDisplayMessagesRequest(Request[GetDisplayMessagesResponse], frozen=True, kw_only=True):
    """CSMS to station: report the stored display messages that match this filter."""

    action = "GetDisplayMessages"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = GetDisplayMessagesResponse

    request_id: Integer
    custom_data: Omittable[CustomData] = None
    id: Omittable[OneOrMore[Integer]] = None
    priority: Omittable[MessagePriorityEnumType] = None
    state: Omittable[MessageStateEnumType] = None


class GetInstalledCertificateIdsResponse(Response, frozen=True, kw_only=True):
    """The station's answer: the hashes of matching certificates and of their chains."""

    action = "GetInstalledCertificateIds"
    version = Version.OCPP201

    status: GetInstalledCertificateStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None
    certificate_hash_data_chain: Omittable[OneOrMore[CertificateHashDataChainType]] = None


class GetInstalledCertificateIdsRequest(
    Request[GetInstalledCertificateIdsResponse], frozen=True, kw_only=True
):
    """CSMS to station: list the installed certificates of these kinds."""

    action = "GetInstalledCertificateIds"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = GetInstalledCertificateIdsResponse

    custom_data: Omittable[CustomData] = None
    certificate_type: Omittable[OneOrMore[GetCertificateIdUseEnumType]] = None


class GetLocalListVersionResponse(Response, frozen=True, kw_only=True):
    """The station's answer: the version number of its local list, 0 if it has none."""

    action = "GetLocalListVersion"
    version = Version.OCPP201

    version_number: Integer
    custom_data: Omittable[CustomData] = None


class GetLocalListVersionRequest(Request[GetLocalListVersionResponse], frozen=True, kw_only=True):
    """CSMS to station: tell me the version of your local authorization list."""

    action = "GetLocalListVersion"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = GetLocalListVersionResponse

    custom_data: Omittable[CustomData] = None


class GetLogResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will upload the log, and under what file name."""

    action = "GetLog"
    version = Version.OCPP201

    status: LogStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None
    filename: Omittable[String255] = None


class GetLogRequest(Request[GetLogResponse], frozen=True, kw_only=True):
    """CSMS to station: upload a log of this kind, covering this period, to this address."""

    action = "GetLog"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = GetLogResponse

    log: LogParametersType
    log_type: LogEnumType
    request_id: Integer
    custom_data: Omittable[CustomData] = None
    retries: Omittable[Integer] = None
    retry_interval: Omittable[Integer] = None


class GetMonitoringReportResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether a report on matching monitors will follow."""

    action = "GetMonitoringReport"
    version = Version.OCPP201

    status: GenericDeviceModelStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class GetMonitoringReportRequest(Request[GetMonitoringReportResponse], frozen=True, kw_only=True):
    """CSMS to station: report the monitors set on these components and variables."""

    action = "GetMonitoringReport"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = GetMonitoringReportResponse

    request_id: Integer
    custom_data: Omittable[CustomData] = None
    component_variable: Omittable[OneOrMore[ComponentVariableType]] = None
    monitoring_criteria: Omittable[List1To3[MonitoringCriterionEnumType]] = None


class GetReportResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the custom report will follow in NotifyReport messages."""

    action = "GetReport"
    version = Version.OCPP201

    status: GenericDeviceModelStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class GetReportRequest(Request[GetReportResponse], frozen=True, kw_only=True):
    """CSMS to station: report the variables of components that meet these criteria."""

    action = "GetReport"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = GetReportResponse

    request_id: Integer
    custom_data: Omittable[CustomData] = None
    component_variable: Omittable[OneOrMore[ComponentVariableType]] = None
    component_criteria: Omittable[List1To4[ComponentCriterionEnumType]] = None


class GetTransactionStatusResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it still runs, and if messages wait to be sent."""

    action = "GetTransactionStatus"
    version = Version.OCPP201

    messages_in_queue: bool
    custom_data: Omittable[CustomData] = None
    ongoing_indicator: Omittable[bool] = None


class GetTransactionStatusRequest(Request[GetTransactionStatusResponse], frozen=True, kw_only=True):
    """CSMS to station: say if a transaction still runs, and if messages are still queued."""

    action = "GetTransactionStatus"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = GetTransactionStatusResponse

    custom_data: Omittable[CustomData] = None
    transaction_id: Omittable[String36] = None


class GetVariablesResponse(Response, frozen=True, kw_only=True):
    """The station's answer: for each variable, its value or why it cannot be read."""

    action = "GetVariables"
    version = Version.OCPP201

    get_variable_result: OneOrMore[GetVariableResultType]
    custom_data: Omittable[CustomData] = None


class GetVariablesRequest(Request[GetVariablesResponse], frozen=True, kw_only=True):
    """CSMS to station: tell me the values of these variables."""

    action = "GetVariables"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = GetVariablesResponse

    get_variable_data: OneOrMore[GetVariableDataType]
    custom_data: Omittable[CustomData] = None


class HeartbeatResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: its current time, by which the station sets its clock."""

    action = "Heartbeat"
    version = Version.OCPP201

    current_time: DateTime
    custom_data: Omittable[CustomData] = None


class HeartbeatRequest(Request[HeartbeatResponse], frozen=True, kw_only=True):
    """Station to CSMS: I am still here; tell me the time."""

    action = "Heartbeat"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = HeartbeatResponse

    custom_data: Omittable[CustomData] = None


class InstallCertificateResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the root certificate is now installed."""

    action = "InstallCertificate"
    version = Version.OCPP201

    status: InstallCertificateStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class InstallCertificateRequest(Request[InstallCertificateResponse], frozen=True, kw_only=True):
    """CSMS to station: add this root certificate to the ones you trust."""

    action = "InstallCertificate"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = InstallCertificateResponse

    certificate_type: InstallCertificateUseEnumType
    certificate: String5500
    custom_data: Omittable[CustomData] = None


class LogStatusNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the state of the log upload; carries no data."""

    action = "LogStatusNotification"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class LogStatusNotificationRequest(
    Request[LogStatusNotificationResponse], frozen=True, kw_only=True
):
    """Station to CSMS: how far the upload of the requested log has come."""

    action = "LogStatusNotification"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = LogStatusNotificationResponse

    status: UploadLogStatusEnumType
    custom_data: Omittable[CustomData] = None
    request_id: Omittable[Integer] = None


class MeterValuesResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received the readings; carries no data."""

    action = "MeterValues"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class MeterValuesRequest(Request[MeterValuesResponse], frozen=True, kw_only=True):
    """Station to CSMS: meter readings of an EVSE, apart from any transaction event."""

    action = "MeterValues"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = MeterValuesResponse

    evse_id: Integer
    meter_value: OneOrMore[MeterValueType]
    custom_data: Omittable[CustomData] = None


class NotifyChargingLimitResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the outside limit; carries no data."""

    action = "NotifyChargingLimit"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class NotifyChargingLimitRequest(Request[NotifyChargingLimitResponse], frozen=True, kw_only=True):
    """Station to CSMS: an outside source, such as an energy manager, limits charging."""

    action = "NotifyChargingLimit"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyChargingLimitResponse

    charging_limit: ChargingLimitType
    custom_data: Omittable[CustomData] = None
    charging_schedule: Omittable[OneOrMore[ChargingScheduleType]] = None
    evse_id: Omittable[Integer] = None


class NotifyCustomerInformationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received this part of the customer data; carries no data."""

    action = "NotifyCustomerInformation"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class NotifyCustomerInformationRequest(
    Request[NotifyCustomerInformationResponse], frozen=True, kw_only=True
):
    """Station to CSMS: one part of the customer data you asked for."""

    action = "NotifyCustomerInformation"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyCustomerInformationResponse

    data: String512
    seq_no: Integer
    generated_at: DateTime
    request_id: Integer
    custom_data: Omittable[CustomData] = None
    tbc: Omittable[bool] = None


class NotifyDisplayMessagesResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received this part of the messages; carries no data."""

    action = "NotifyDisplayMessages"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class NotifyDisplayMessagesRequest(
    Request[NotifyDisplayMessagesResponse], frozen=True, kw_only=True
):
    """Station to CSMS: one part of the display messages you asked for."""

    action = "NotifyDisplayMessages"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyDisplayMessagesResponse

    request_id: Integer
    custom_data: Omittable[CustomData] = None
    message_info: Omittable[OneOrMore[MessageInfoType]] = None
    tbc: Omittable[bool] = None


class NotifyEVChargingNeedsResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: whether it took in the needs; a profile may follow."""

    action = "NotifyEVChargingNeeds"
    version = Version.OCPP201

    status: NotifyEVChargingNeedsStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class NotifyEVChargingNeedsRequest(
    Request[NotifyEVChargingNeedsResponse], frozen=True, kw_only=True
):
    """Station to CSMS: the vehicle says how much energy it needs, and by when."""

    action = "NotifyEVChargingNeeds"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyEVChargingNeedsResponse

    charging_needs: ChargingNeedsType
    evse_id: Integer
    custom_data: Omittable[CustomData] = None
    max_schedule_tuples: Omittable[Integer] = None


class NotifyEVChargingScheduleResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: whether the vehicle's schedule is fine with it."""

    action = "NotifyEVChargingSchedule"
    version = Version.OCPP201

    status: GenericStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class NotifyEVChargingScheduleRequest(
    Request[NotifyEVChargingScheduleResponse], frozen=True, kw_only=True
):
    """Station to CSMS: the schedule by which the vehicle intends to charge."""

    action = "NotifyEVChargingSchedule"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyEVChargingScheduleResponse

    time_base: DateTime
    charging_schedule: ChargingScheduleType
    evse_id: Integer
    custom_data: Omittable[CustomData] = None


class NotifyEventResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received the events; carries no data."""

    action = "NotifyEvent"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class NotifyEventRequest(Request[NotifyEventResponse], frozen=True, kw_only=True):
    """Station to CSMS: something happened to these components, or monitors have fired."""

    action = "NotifyEvent"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyEventResponse

    generated_at: DateTime
    seq_no: Integer
    event_data: OneOrMore[EventDataType]
    custom_data: Omittable[CustomData] = None
    tbc: Omittable[bool] = None


class NotifyMonitoringReportResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received this part of the monitor list; carries no data."""

    action = "NotifyMonitoringReport"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class NotifyMonitoringReportRequest(
    Request[NotifyMonitoringReportResponse], frozen=True, kw_only=True
):
    """Station to CSMS: one part of the list of monitors you asked for."""

    action = "NotifyMonitoringReport"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyMonitoringReportResponse

    request_id: Integer
    seq_no: Integer
    generated_at: DateTime
    custom_data: Omittable[CustomData] = None
    monitor: Omittable[OneOrMore[MonitoringDataType]] = None
    tbc: Omittable[bool] = None


class NotifyReportResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received this part of the report; carries no data."""

    action = "NotifyReport"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class NotifyReportRequest(Request[NotifyReportResponse], frozen=True, kw_only=True):
    """Station to CSMS: one part of the report on components and variables."""

    action = "NotifyReport"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyReportResponse

    request_id: Integer
    generated_at: DateTime
    seq_no: Integer
    custom_data: Omittable[CustomData] = None
    report_data: Omittable[OneOrMore[ReportDataType]] = None
    tbc: Omittable[bool] = None


class PublishFirmwareResponse(Response, frozen=True, kw_only=True):
    """The local controller's answer: whether it will fetch and publish the firmware."""

    action = "PublishFirmware"
    version = Version.OCPP201

    status: GenericStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class PublishFirmwareRequest(Request[PublishFirmwareResponse], frozen=True, kw_only=True):
    """CSMS to local controller: fetch this firmware and offer it to your stations."""

    action = "PublishFirmware"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = PublishFirmwareResponse

    location: String512
    checksum: String32
    request_id: Integer
    custom_data: Omittable[CustomData] = None
    retries: Omittable[Integer] = None
    retry_interval: Omittable[Integer] = None


class PublishFirmwareStatusNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the state of publishing; carries no data."""

    action = "PublishFirmwareStatusNotification"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class PublishFirmwareStatusNotificationRequest(
    Request[PublishFirmwareStatusNotificationResponse], frozen=True, kw_only=True
):
    """Local controller to CSMS: how far publishing the firmware has come."""

    action = "PublishFirmwareStatusNotification"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = PublishFirmwareStatusNotificationResponse

    status: PublishFirmwareStatusEnumType
    custom_data: Omittable[CustomData] = None
    location: Omittable[OneOrMoreTexts[String512]] = None
    request_id: Omittable[Integer] = None


class ReportChargingProfilesResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received this part of the profiles; carries no data."""

    action = "ReportChargingProfiles"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class ReportChargingProfilesRequest(
    Request[ReportChargingProfilesResponse], frozen=True, kw_only=True
):
    """Station to CSMS: one part of the charging profiles you asked for, for one EVSE."""

    action = "ReportChargingProfiles"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = ReportChargingProfilesResponse

    request_id: Integer
    charging_limit_source: ChargingLimitSourceEnumType
    charging_profile: OneOrMore[ChargingProfileType]
    evse_id: Integer
    custom_data: Omittable[CustomData] = None
    tbc: Omittable[bool] = None


class RequestStartTransactionResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will start, and the id if the cable came first."""

    action = "RequestStartTransaction"
    version = Version.OCPP201

    status: RequestStartStopStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None
    transaction_id: Omittable[String36] = None


class RequestStartTransactionRequest(
    Request[RequestStartTransactionResponse], frozen=True, kw_only=True
):
    """CSMS to station: start a transaction for this token, under this remote start id."""

    action = "RequestStartTransaction"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = RequestStartTransactionResponse

    id_token: IdTokenType
    remote_start_id: Integer
    custom_data: Omittable[CustomData] = None
    evse_id: Omittable[Integer] = None
    group_id_token: Omittable[IdTokenType] = None
    charging_profile: Omittable[ChargingProfileType] = None


class RequestStopTransactionResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will end the transaction."""

    action = "RequestStopTransaction"
    version = Version.OCPP201

    status: RequestStartStopStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class RequestStopTransactionRequest(
    Request[RequestStopTransactionResponse], frozen=True, kw_only=True
):
    """CSMS to station: end the transaction with this id."""

    action = "RequestStopTransaction"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = RequestStopTransactionResponse

    transaction_id: String36
    custom_data: Omittable[CustomData] = None


class ReservationStatusUpdateResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the end of the reservation; carries no data."""

    action = "ReservationStatusUpdate"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class ReservationStatusUpdateRequest(
    Request[ReservationStatusUpdateResponse], frozen=True, kw_only=True
):
    """Station to CSMS: this reservation has expired, or has been taken away."""

    action = "ReservationStatusUpdate"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = ReservationStatusUpdateResponse

    reservation_id: Integer
    reservation_update_status: ReservationUpdateStatusEnumType
    custom_data: Omittable[CustomData] = None


class ReserveNowResponse(Response, frozen=True, kw_only=True):
    """The station's answer: reserved, or why not (occupied, faulted, unavailable)."""

    action = "ReserveNow"
    version = Version.OCPP201

    status: ReserveNowStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class ReserveNowRequest(Request[ReserveNowResponse], frozen=True, kw_only=True):
    """CSMS to station: hold an EVSE for this token until the given time."""

    action = "ReserveNow"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = ReserveNowResponse

    id: Integer
    expiry_date_time: DateTime
    id_token: IdTokenType
    custom_data: Omittable[CustomData] = None
    connector_type: Omittable[ConnectorEnumType] = None
    evse_id: Omittable[Integer] = None
    group_id_token: Omittable[IdTokenType] = None


class ResetResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will restart now, later, or not at all."""

    action = "Reset"
    version = Version.OCPP201

    status: ResetStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class ResetRequest(Request[ResetResponse], frozen=True, kw_only=True):
    """CSMS to station: restart the station or one EVSE, at once or as soon as it is idle."""

    action = "Reset"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = ResetResponse

    type: ResetEnumType
    custom_data: Omittable[CustomData] = None
    evse_id: Omittable[Integer] = None


class SecurityEventNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the security event; carries no data."""

    action = "SecurityEventNotification"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class SecurityEventNotificationRequest(
    Request[SecurityEventNotificationResponse], frozen=True, kw_only=True
):
    """Station to CSMS: something relevant to security has happened here."""

    action = "SecurityEventNotification"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = SecurityEventNotificationResponse

    type: String50
    timestamp: DateTime
    custom_data: Omittable[CustomData] = None
    tech_info: Omittable[String255] = None


class SendLocalListResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the list was applied, or its version did not fit."""

    action = "SendLocalList"
    version = Version.OCPP201

    status: SendLocalListStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class SendLocalListRequest(Request[SendLocalListResponse], frozen=True, kw_only=True):
    """CSMS to station: replace or amend the tokens you may authorize on your own."""

    action = "SendLocalList"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = SendLocalListResponse

    version_number: Integer
    update_type: UpdateEnumType
    custom_data: Omittable[CustomData] = None
    local_authorization_list: Omittable[OneOrMore[AuthorizationData]] = None


class SetChargingProfileResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the profile is installed; it may not be active yet."""

    action = "SetChargingProfile"
    version = Version.OCPP201

    status: ChargingProfileStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class SetChargingProfileRequest(Request[SetChargingProfileResponse], frozen=True, kw_only=True):
    """CSMS to station: install this charging profile for an EVSE, or for all of them."""

    action = "SetChargingProfile"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = SetChargingProfileResponse

    evse_id: Integer
    charging_profile: ChargingProfileType
    custom_data: Omittable[CustomData] = None


class SetDisplayMessageResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it can show the message, or what it cannot do."""

    action = "SetDisplayMessage"
    version = Version.OCPP201

    status: DisplayMessageStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class SetDisplayMessageRequest(Request[SetDisplayMessageResponse], frozen=True, kw_only=True):
    """CSMS to station: show this message, or replace the one with the same id."""

    action = "SetDisplayMessage"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = SetDisplayMessageResponse

    message: MessageInfoType
    custom_data: Omittable[CustomData] = None


class SetMonitoringBaseResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the predefined monitors are now active."""

    action = "SetMonitoringBase"
    version = Version.OCPP201

    status: GenericDeviceModelStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class SetMonitoringBaseRequest(Request[SetMonitoringBaseResponse], frozen=True, kw_only=True):
    """CSMS to station: go back to this predefined set of variable monitors."""

    action = "SetMonitoringBase"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = SetMonitoringBaseResponse

    monitoring_base: MonitoringBaseEnumType
    custom_data: Omittable[CustomData] = None


class SetMonitoringLevelResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the new severity limit is in effect."""

    action = "SetMonitoringLevel"
    version = Version.OCPP201

    status: GenericStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class SetMonitoringLevelRequest(Request[SetMonitoringLevelResponse], frozen=True, kw_only=True):
    """CSMS to station: report only monitored events at least this severe."""

    action = "SetMonitoringLevel"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = SetMonitoringLevelResponse

    severity: Integer
    custom_data: Omittable[CustomData] = None


class SetNetworkProfileResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the settings were stored in the slot."""

    action = "SetNetworkProfile"
    version = Version.OCPP201

    status: SetNetworkProfileStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class SetNetworkProfileRequest(Request[SetNetworkProfileResponse], frozen=True, kw_only=True):
    """CSMS to station: store these connection settings in this slot."""

    action = "SetNetworkProfile"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = SetNetworkProfileResponse

    configuration_slot: Integer
    connection_data: NetworkConnectionProfileType
    custom_data: Omittable[CustomData] = None


class SetVariableMonitoringResponse(Response, frozen=True, kw_only=True):
    """The station's answer: for each monitor, its id, or why it could not be set."""

    action = "SetVariableMonitoring"
    version = Version.OCPP201

    set_monitoring_result: OneOrMore[SetMonitoringResultType]
    custom_data: Omittable[CustomData] = None


class SetVariableMonitoringRequest(
    Request[SetVariableMonitoringResponse], frozen=True, kw_only=True
):
    """CSMS to station: watch these variables and tell me when the monitors fire."""

    action = "SetVariableMonitoring"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = SetVariableMonitoringResponse

    set_monitoring_data: OneOrMore[SetMonitoringDataType]
    custom_data: Omittable[CustomData] = None


class SetVariablesResponse(Response, frozen=True, kw_only=True):
    """The station's answer: for each variable, set, refused, or set after a reboot."""

    action = "SetVariables"
    version = Version.OCPP201

    set_variable_result: OneOrMore[SetVariableResultType]
    custom_data: Omittable[CustomData] = None


class SetVariablesRequest(Request[SetVariablesResponse], frozen=True, kw_only=True):
    """CSMS to station: set these variables to these values."""

    action = "SetVariables"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = SetVariablesResponse

    set_variable_data: OneOrMore[SetVariableDataType]
    custom_data: Omittable[CustomData] = None


class SignCertificateResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: whether it will have the request signed; the result comes later."""

    action = "SignCertificate"
    version = Version.OCPP201

    status: GenericStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class SignCertificateRequest(Request[SignCertificateResponse], frozen=True, kw_only=True):
    """Station to CSMS: please have this certificate signing request signed."""

    action = "SignCertificate"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = SignCertificateResponse

    csr: String5500
    custom_data: Omittable[CustomData] = None
    certificate_type: Omittable[CertificateSigningUseEnumType] = None


class StatusNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the status; carries no data."""

    action = "StatusNotification"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None


class StatusNotificationRequest(Request[StatusNotificationResponse], frozen=True, kw_only=True):
    """Station to CSMS: a connector is now free, occupied, reserved, unavailable or faulted."""

    action = "StatusNotification"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = StatusNotificationResponse

    timestamp: DateTime
    connector_status: ConnectorStatusEnumType
    evse_id: Integer
    connector_id: Integer
    custom_data: Omittable[CustomData] = None


class TransactionEventResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: token status, cost, priority and message, where they apply."""

    action = "TransactionEvent"
    version = Version.OCPP201

    custom_data: Omittable[CustomData] = None
    total_cost: Omittable[Number] = None
    charging_priority: Omittable[Integer] = None
    id_token_info: Omittable[IdTokenInfoType] = None
    updated_personal_message: Omittable[MessageContentType] = None


class TransactionEventRequest(Request[TransactionEventResponse], frozen=True, kw_only=True):
    """Station to CSMS: a transaction has started, has news, or has ended."""

    action = "TransactionEvent"
    version = Version.OCPP201
    direction = Direction.STATION_TO_CSMS
    response_type = TransactionEventResponse

    event_type: TransactionEventEnumType
    timestamp: DateTime
    trigger_reason: TriggerReasonEnumType
    seq_no: Integer
    transaction_info: TransactionType
    custom_data: Omittable[CustomData] = None
    meter_value: Omittable[OneOrMore[MeterValueType]] = None
    offline: Omittable[bool] = None
    number_of_phases_used: Omittable[Integer] = None
    cable_max_current: Omittable[Integer] = None
    reservation_id: Omittable[Integer] = None
    evse: Omittable[EVSEType] = None
    id_token: Omittable[IdTokenType] = None


class TriggerMessageResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will send the message asked for."""

    action = "TriggerMessage"
    version = Version.OCPP201

    status: TriggerMessageStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class TriggerMessageRequest(Request[TriggerMessageResponse], frozen=True, kw_only=True):
    """CSMS to station: send this message now, without waiting for its usual occasion."""

    action = "TriggerMessage"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = TriggerMessageResponse

    requested_message: MessageTriggerEnumType
    custom_data: Omittable[CustomData] = None
    evse: Omittable[EVSEType] = None


class UnlockConnectorResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the connector came free, or why it did not."""

    action = "UnlockConnector"
    version = Version.OCPP201

    status: UnlockStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class UnlockConnectorRequest(Request[UnlockConnectorResponse], frozen=True, kw_only=True):
    """CSMS to station: release the cable that is locked in this connector."""

    action = "UnlockConnector"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = UnlockConnectorResponse

    evse_id: Integer
    connector_id: Integer
    custom_data: Omittable[CustomData] = None


class UnpublishFirmwareResponse(Response, frozen=True, kw_only=True):
    """The local controller's answer: withdrawn, unknown, or still being downloaded."""

    action = "UnpublishFirmware"
    version = Version.OCPP201

    status: UnpublishFirmwareStatusEnumType
    custom_data: Omittable[CustomData] = None


class UnpublishFirmwareRequest(Request[UnpublishFirmwareResponse], frozen=True, kw_only=True):
    """CSMS to local controller: stop offering the firmware with this checksum."""

    action = "UnpublishFirmware"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = UnpublishFirmwareResponse

    checksum: String32
    custom_data: Omittable[CustomData] = None


class UpdateFirmwareResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will update, and if an earlier one is abandoned."""

    action = "UpdateFirmware"
    version = Version.OCPP201

    status: UpdateFirmwareStatusEnumType
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class UpdateFirmwareRequest(Request[UpdateFirmwareResponse], frozen=True, kw_only=True):
    """CSMS to station: fetch and install this firmware, whose signature you may have to check."""

    action = "UpdateFirmware"
    version = Version.OCPP201
    direction = Direction.CSMS_TO_STATION
    response_type = UpdateFirmwareResponse

    request_id: Integer
    firmware: FirmwareType
    custom_data: Omittable[CustomData] = None
    retries: Omittable[Integer] = None
    retry_interval: Omittable[Integer] = None


CATALOG = Catalog(
    Version.OCPP201,
    (
        AuthorizeRequest,
        BootNotificationRequest,
        CancelReservationRequest,
        CertificateSignedRequest,
        ChangeAvailabilityRequest,
        ClearCacheRequest,
        ClearChargingProfileRequest,
        ClearDisplayMessageRequest,
        ClearVariableMonitoringRequest,
        ClearedChargingLimitRequest,
        CostUpdatedRequest,
        CustomerInformationRequest,
        DataTransferRequest,
        DeleteCertificateRequest,
        FirmwareStatusNotificationRequest,
        Get15118EVCertificateRequest,
        GetBaseReportRequest,
        GetCertificateStatusRequest,
        GetChargingProfilesRequest,
        GetCompositeScheduleRequest,
        GetDisplayMessagesRequest,
        GetInstalledCertificateIdsRequest,
        GetLocalListVersionRequest,
        GetLogRequest,
        GetMonitoringReportRequest,
        GetReportRequest,
        GetTransactionStatusRequest,
        GetVariablesRequest,
        HeartbeatRequest,
        InstallCertificateRequest,
        LogStatusNotificationRequest,
        MeterValuesRequest,
        NotifyChargingLimitRequest,
        NotifyCustomerInformationRequest,
        NotifyDisplayMessagesRequest,
        NotifyEVChargingNeedsRequest,
        NotifyEVChargingScheduleRequest,
        NotifyEventRequest,
        NotifyMonitoringReportRequest,
        NotifyReportRequest,
        PublishFirmwareRequest,
        PublishFirmwareStatusNotificationRequest,
        ReportChargingProfilesRequest,
        RequestStartTransactionRequest,
        RequestStopTransactionRequest,
        ReservationStatusUpdateRequest,
        ReserveNowRequest,
        ResetRequest,
        SecurityEventNotificationRequest,
        SendLocalListRequest,
        SetChargingProfileRequest,
        SetDisplayMessageRequest,
        SetMonitoringBaseRequest,
        SetMonitoringLevelRequest,
        SetNetworkProfileRequest,
        SetVariableMonitoringRequest,
        SetVariablesRequest,
        SignCertificateRequest,
        StatusNotificationRequest,
        TransactionEventRequest,
        TriggerMessageRequest,
        UnlockConnectorRequest,
        UnpublishFirmwareRequest,
        UpdateFirmwareRequest,
    ),
)
