"""The requests and responses of OCPP 2.1, and their catalogue.

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
    Unconfirmed,
)
from ocpp_sansio.core.versions import Version
from ocpp_sansio.v21._scalars import (
    Int0To3,
    List1To3,
    List1To4,
    List1To8Texts,
    List1To24,
    List1To24Texts,
    NonNegativeInt,
    OneOrMore,
    OneOrMoreTexts,
    PositiveInt,
    String20,
    String32,
    String36,
    String50,
    String60,
    String64,
    String200,
    String255,
    String500,
    String512,
    String2000,
    String5500,
    String10000,
    String11000,
    String17000,
    String18000,
)
from ocpp_sansio.v21.datatypes import (
    AddressType,
    AuthorizationData,
    BatteryDataType,
    CertificateHashDataChainType,
    CertificateHashDataType,
    CertificateStatusRequestInfoType,
    CertificateStatusType,
    ChargingLimitType,
    ChargingNeedsType,
    ChargingProfileCriterionType,
    ChargingProfileType,
    ChargingScheduleType,
    ChargingScheduleUpdateType,
    ChargingStationType,
    ClearChargingProfileType,
    ClearMonitoringResultType,
    ClearTariffsResultType,
    ComponentVariableType,
    CompositeScheduleType,
    ConstantStreamDataType,
    CostDetailsType,
    DERCurveGetType,
    DERCurveType,
    EnterServiceGetType,
    EnterServiceType,
    EventDataType,
    EVSEType,
    FirmwareType,
    FixedPFGetType,
    FixedPFType,
    FixedVarGetType,
    FixedVarType,
    FreqDroopGetType,
    FreqDroopType,
    GetVariableDataType,
    GetVariableResultType,
    GradientGetType,
    GradientType,
    IdTokenInfoType,
    IdTokenType,
    LimitMaxDischargeGetType,
    LimitMaxDischargeType,
    LogParametersType,
    MessageContentType,
    MessageInfoType,
    MeterValueType,
    MonitoringDataType,
    NetworkConnectionProfileType,
    OCSPRequestDataType,
    PeriodicEventStreamParamsType,
    ReportDataType,
    SetMonitoringDataType,
    SetMonitoringResultType,
    SetVariableDataType,
    SetVariableResultType,
    StatusInfoType,
    StreamDataElementType,
    TariffAssignmentType,
    TariffType,
    TransactionLimitType,
    TransactionType,
)
from ocpp_sansio.v21.enums import (
    AuthorizeCertificateStatusEnumType,
    BatterySwapEventEnumType,
    BootReasonEnumType,
    CancelReservationStatusEnumType,
    CertificateActionEnumType,
    CertificateSignedStatusEnumType,
    CertificateSigningUseEnumType,
    ChangeAvailabilityStatusEnumType,
    ChargingProfileStatusEnumType,
    ChargingRateUnitEnumType,
    ClearCacheStatusEnumType,
    ClearChargingProfileStatusEnumType,
    ClearMessageStatusEnumType,
    ComponentCriterionEnumType,
    ConnectorStatusEnumType,
    CustomerInformationStatusEnumType,
    DataTransferStatusEnumType,
    DeleteCertificateStatusEnumType,
    DERControlEnumType,
    DERControlStatusEnumType,
    DisplayMessageStatusEnumType,
    EnergyTransferModeEnumType,
    FirmwareStatusEnumType,
    GenericDeviceModelStatusEnumType,
    GenericStatusEnumType,
    GetCertificateIdUseEnumType,
    GetCertificateStatusEnumType,
    GetChargingProfileStatusEnumType,
    GetDisplayMessagesStatusEnumType,
    GetInstalledCertificateStatusEnumType,
    GridEventFaultEnumType,
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
    NotifyAllowedEnergyTransferStatusEnumType,
    NotifyEVChargingNeedsStatusEnumType,
    OperationalStatusEnumType,
    PaymentStatusEnumType,
    PreconditioningStatusEnumType,
    PriorityChargingStatusEnumType,
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
    TariffChangeStatusEnumType,
    TariffGetStatusEnumType,
    TariffSetStatusEnumType,
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
    "AFRRSignalRequest",
    "AFRRSignalResponse",
    "AdjustPeriodicEventStreamRequest",
    "AdjustPeriodicEventStreamResponse",
    "AuthorizeRequest",
    "AuthorizeResponse",
    "BatterySwapRequest",
    "BatterySwapResponse",
    "BootNotificationRequest",
    "BootNotificationResponse",
    "CancelReservationRequest",
    "CancelReservationResponse",
    "CertificateSignedRequest",
    "CertificateSignedResponse",
    "ChangeAvailabilityRequest",
    "ChangeAvailabilityResponse",
    "ChangeTransactionTariffRequest",
    "ChangeTransactionTariffResponse",
    "ClearCacheRequest",
    "ClearCacheResponse",
    "ClearChargingProfileRequest",
    "ClearChargingProfileResponse",
    "ClearDERControlRequest",
    "ClearDERControlResponse",
    "ClearDisplayMessageRequest",
    "ClearDisplayMessageResponse",
    "ClearTariffsRequest",
    "ClearTariffsResponse",
    "ClearVariableMonitoringRequest",
    "ClearVariableMonitoringResponse",
    "ClearedChargingLimitRequest",
    "ClearedChargingLimitResponse",
    "ClosePeriodicEventStreamRequest",
    "ClosePeriodicEventStreamResponse",
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
    "GetCertificateChainStatusRequest",
    "GetCertificateChainStatusResponse",
    "GetCertificateStatusRequest",
    "GetCertificateStatusResponse",
    "GetChargingProfilesRequest",
    "GetChargingProfilesResponse",
    "GetCompositeScheduleRequest",
    "GetCompositeScheduleResponse",
    "GetDERControlRequest",
    "GetDERControlResponse",
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
    "GetPeriodicEventStreamRequest",
    "GetPeriodicEventStreamResponse",
    "GetReportRequest",
    "GetReportResponse",
    "GetTariffsRequest",
    "GetTariffsResponse",
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
    "NotifyAllowedEnergyTransferRequest",
    "NotifyAllowedEnergyTransferResponse",
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
    "OpenPeriodicEventStreamRequest",
    "OpenPeriodicEventStreamResponse",
    "PublishFirmwareRequest",
    "PublishFirmwareResponse",
    "PublishFirmwareStatusNotificationRequest",
    "PublishFirmwareStatusNotificationResponse",
    "PullDynamicScheduleUpdateRequest",
    "PullDynamicScheduleUpdateResponse",
    "ReportChargingProfilesRequest",
    "ReportChargingProfilesResponse",
    "ReportDERControlRequest",
    "ReportDERControlResponse",
    "RequestBatterySwapRequest",
    "RequestBatterySwapResponse",
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
    "SetDERControlRequest",
    "SetDERControlResponse",
    "SetDefaultTariffRequest",
    "SetDefaultTariffResponse",
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
    "UpdateDynamicScheduleRequest",
    "UpdateDynamicScheduleResponse",
    "UpdateFirmwareRequest",
    "UpdateFirmwareResponse",
    "UsePriorityChargingRequest",
    "UsePriorityChargingResponse",
    "VatNumberValidationRequest",
    "VatNumberValidationResponse",
]


class AFRRSignalResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it follows the signal."""

    action = "AFRRSignal"
    version = Version.OCPP21

    status: GenericStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class AFRRSignalRequest(Request[AFRRSignalResponse], frozen=True, kw_only=True):
    """CSMS to station: from this time on, follow this grid frequency restoration signal."""

    action = "AFRRSignal"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = AFRRSignalResponse

    timestamp: DateTime
    signal: Integer
    custom_data: Omittable[CustomData] = None


class AdjustPeriodicEventStreamResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the stream now runs at the new pace."""

    action = "AdjustPeriodicEventStream"
    version = Version.OCPP21

    status: GenericStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class AdjustPeriodicEventStreamRequest(
    Request[AdjustPeriodicEventStreamResponse], frozen=True, kw_only=True
):
    """CSMS to station: change how often, or in what batch size, this stream sends."""

    action = "AdjustPeriodicEventStream"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = AdjustPeriodicEventStreamResponse

    id: NonNegativeInt
    params: PeriodicEventStreamParamsType
    custom_data: Omittable[CustomData] = None


class AuthorizeResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: whether the token may charge, how, and by which tariff."""

    action = "Authorize"
    version = Version.OCPP21

    id_token_info: IdTokenInfoType
    certificate_status: Omittable[AuthorizeCertificateStatusEnumType] = None
    allowed_energy_transfer: Omittable[OneOrMore[EnergyTransferModeEnumType]] = None
    tariff: Omittable[TariffType] = None
    custom_data: Omittable[CustomData] = None


class AuthorizeRequest(Request[AuthorizeResponse], frozen=True, kw_only=True):
    """Station to CSMS: asks whether the holder of this token may charge here."""

    action = "Authorize"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = AuthorizeResponse

    id_token: IdTokenType
    certificate: Omittable[String10000] = None
    iso15118_certificate_hash_data: Omittable[List1To4[OCSPRequestDataType]] = None
    custom_data: Omittable[CustomData] = None


class BatterySwapResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the battery swap; carries no data."""

    action = "BatterySwap"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class BatterySwapRequest(Request[BatterySwapResponse], frozen=True, kw_only=True):
    """Station to CSMS: batteries were put into or taken out of slots for this driver."""

    action = "BatterySwap"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = BatterySwapResponse

    battery_data: OneOrMore[BatteryDataType]
    event_type: BatterySwapEventEnumType
    id_token: IdTokenType
    request_id: Integer
    custom_data: Omittable[CustomData] = None


class BootNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: accepted or not, the time, and how often to send a heartbeat."""

    action = "BootNotification"
    version = Version.OCPP21

    current_time: DateTime
    interval: Integer
    status: RegistrationStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class BootNotificationRequest(Request[BootNotificationResponse], frozen=True, kw_only=True):
    """Station to CSMS: I have started; this is what I am. Asks to be accepted."""

    action = "BootNotification"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = BootNotificationResponse

    charging_station: ChargingStationType
    reason: BootReasonEnumType
    custom_data: Omittable[CustomData] = None


class CancelReservationResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether there was such a reservation and it is now cancelled."""

    action = "CancelReservation"
    version = Version.OCPP21

    status: CancelReservationStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class CancelReservationRequest(Request[CancelReservationResponse], frozen=True, kw_only=True):
    """CSMS to station: give up the reservation with this id."""

    action = "CancelReservation"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = CancelReservationResponse

    reservation_id: NonNegativeInt
    custom_data: Omittable[CustomData] = None


class CertificateSignedResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it accepts and will use the signed certificate."""

    action = "CertificateSigned"
    version = Version.OCPP21

    status: CertificateSignedStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class CertificateSignedRequest(Request[CertificateSignedResponse], frozen=True, kw_only=True):
    """CSMS to station: here is the signed certificate chain you asked for."""

    action = "CertificateSigned"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = CertificateSignedResponse

    certificate_chain: String10000
    certificate_type: Omittable[CertificateSigningUseEnumType] = None
    request_id: Omittable[Integer] = None
    custom_data: Omittable[CustomData] = None


class ChangeAvailabilityResponse(Response, frozen=True, kw_only=True):
    """The station's answer: changed, refused, or scheduled for the end of a transaction."""

    action = "ChangeAvailability"
    version = Version.OCPP21

    status: ChangeAvailabilityStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class ChangeAvailabilityRequest(Request[ChangeAvailabilityResponse], frozen=True, kw_only=True):
    """CSMS to station: put the station, an EVSE or a connector in or out of service."""

    action = "ChangeAvailability"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = ChangeAvailabilityResponse

    operational_status: OperationalStatusEnumType
    evse: Omittable[EVSEType] = None
    custom_data: Omittable[CustomData] = None


class ChangeTransactionTariffResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it now applies the new tariff, or why it cannot."""

    action = "ChangeTransactionTariff"
    version = Version.OCPP21

    status: TariffChangeStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class ChangeTransactionTariffRequest(
    Request[ChangeTransactionTariffResponse], frozen=True, kw_only=True
):
    """CSMS to station: price this running transaction by another tariff from now on."""

    action = "ChangeTransactionTariff"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = ChangeTransactionTariffResponse

    tariff: TariffType
    transaction_id: String36
    custom_data: Omittable[CustomData] = None


class ClearCacheResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether its authorization cache is now empty."""

    action = "ClearCache"
    version = Version.OCPP21

    status: ClearCacheStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class ClearCacheRequest(Request[ClearCacheResponse], frozen=True, kw_only=True):
    """CSMS to station: forget all cached authorizations."""

    action = "ClearCache"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = ClearCacheResponse

    custom_data: Omittable[CustomData] = None


class ClearChargingProfileResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether any profile matched and was removed."""

    action = "ClearChargingProfile"
    version = Version.OCPP21

    status: ClearChargingProfileStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class ClearChargingProfileRequest(Request[ClearChargingProfileResponse], frozen=True, kw_only=True):
    """CSMS to station: remove the charging profile with this id, or all that match."""

    action = "ClearChargingProfile"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = ClearChargingProfileResponse

    charging_profile_id: Omittable[Integer] = None
    charging_profile_criteria: Omittable[ClearChargingProfileType] = None
    custom_data: Omittable[CustomData] = None


class ClearDERControlResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the grid-support settings were found and dropped."""

    action = "ClearDERControl"
    version = Version.OCPP21

    status: DERControlStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class ClearDERControlRequest(Request[ClearDERControlResponse], frozen=True, kw_only=True):
    """CSMS to station: drop one grid-support setting, or all of one control type."""

    action = "ClearDERControl"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = ClearDERControlResponse

    is_default: bool
    control_type: Omittable[DERControlEnumType] = None
    control_id: Omittable[String36] = None
    custom_data: Omittable[CustomData] = None


class ClearDisplayMessageResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it knew the message and took it down."""

    action = "ClearDisplayMessage"
    version = Version.OCPP21

    status: ClearMessageStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class ClearDisplayMessageRequest(Request[ClearDisplayMessageResponse], frozen=True, kw_only=True):
    """CSMS to station: take the display message with this id off the screen."""

    action = "ClearDisplayMessage"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = ClearDisplayMessageResponse

    id: NonNegativeInt
    custom_data: Omittable[CustomData] = None


class ClearTariffsResponse(Response, frozen=True, kw_only=True):
    """The station's answer: for each tariff, whether it was removed."""

    action = "ClearTariffs"
    version = Version.OCPP21

    clear_tariffs_result: OneOrMore[ClearTariffsResultType]
    custom_data: Omittable[CustomData] = None


class ClearTariffsRequest(Request[ClearTariffsResponse], frozen=True, kw_only=True):
    """CSMS to station: remove the tariffs with these ids, or all tariffs of an EVSE."""

    action = "ClearTariffs"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = ClearTariffsResponse

    tariff_ids: Omittable[OneOrMoreTexts[String60]] = None
    evse_id: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


class ClearVariableMonitoringResponse(Response, frozen=True, kw_only=True):
    """The station's answer: for each monitor id, whether it was deleted."""

    action = "ClearVariableMonitoring"
    version = Version.OCPP21

    clear_monitoring_result: OneOrMore[ClearMonitoringResultType]
    custom_data: Omittable[CustomData] = None


class ClearVariableMonitoringRequest(
    Request[ClearVariableMonitoringResponse], frozen=True, kw_only=True
):
    """CSMS to station: delete the variable monitors with these ids."""

    action = "ClearVariableMonitoring"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = ClearVariableMonitoringResponse

    id: OneOrMore[NonNegativeInt]
    custom_data: Omittable[CustomData] = None


class ClearedChargingLimitResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted that the limit is gone; carries no data."""

    action = "ClearedChargingLimit"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class ClearedChargingLimitRequest(Request[ClearedChargingLimitResponse], frozen=True, kw_only=True):
    """Station to CSMS: an outside charging limit no longer applies; this was its source."""

    action = "ClearedChargingLimit"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = ClearedChargingLimitResponse

    charging_limit_source: String20
    evse_id: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


class ClosePeriodicEventStreamResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the end of the stream; carries no data."""

    action = "ClosePeriodicEventStream"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class ClosePeriodicEventStreamRequest(
    Request[ClosePeriodicEventStreamResponse], frozen=True, kw_only=True
):
    """Station to CSMS: I have stopped sending this event stream."""

    action = "ClosePeriodicEventStream"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = ClosePeriodicEventStreamResponse

    id: NonNegativeInt
    custom_data: Omittable[CustomData] = None


class CostUpdatedResponse(Response, frozen=True, kw_only=True):
    """The station has received the running cost; carries no data."""

    action = "CostUpdated"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class CostUpdatedRequest(Request[CostUpdatedResponse], frozen=True, kw_only=True):
    """CSMS to station: show the driver what this transaction has cost so far."""

    action = "CostUpdated"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = CostUpdatedResponse

    total_cost: Number
    transaction_id: String36
    custom_data: Omittable[CustomData] = None


class CustomerInformationResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will report or erase the customer data."""

    action = "CustomerInformation"
    version = Version.OCPP21

    status: CustomerInformationStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class CustomerInformationRequest(Request[CustomerInformationResponse], frozen=True, kw_only=True):
    """CSMS to station: report or erase what you have stored about this customer."""

    action = "CustomerInformation"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = CustomerInformationResponse

    request_id: NonNegativeInt
    report: bool
    clear: bool
    customer_certificate: Omittable[CertificateHashDataType] = None
    id_token: Omittable[IdTokenType] = None
    customer_identifier: Omittable[String64] = None
    custom_data: Omittable[CustomData] = None


class DataTransferResponse(Response, frozen=True, kw_only=True):
    """The receiver's answer: whether it knew the vendor and message, and any data in return."""

    action = "DataTransfer"
    version = Version.OCPP21

    status: DataTransferStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    data: Omittable[FreeJson] = None
    custom_data: Omittable[CustomData] = None


class DataTransferRequest(Request[DataTransferResponse], frozen=True, kw_only=True):
    """Either side to the other: vendor-specific data that OCPP itself does not define."""

    action = "DataTransfer"
    version = Version.OCPP21
    direction = Direction.BOTH
    response_type = DataTransferResponse

    vendor_id: String255
    message_id: Omittable[String50] = None
    data: Omittable[FreeJson] = None
    custom_data: Omittable[CustomData] = None


class DeleteCertificateResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the certificate was found and deleted."""

    action = "DeleteCertificate"
    version = Version.OCPP21

    status: DeleteCertificateStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class DeleteCertificateRequest(Request[DeleteCertificateResponse], frozen=True, kw_only=True):
    """CSMS to station: delete the installed certificate with these hashes."""

    action = "DeleteCertificate"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = DeleteCertificateResponse

    certificate_hash_data: CertificateHashDataType
    custom_data: Omittable[CustomData] = None


class FirmwareStatusNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the state of the firmware update; carries no data."""

    action = "FirmwareStatusNotification"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class FirmwareStatusNotificationRequest(
    Request[FirmwareStatusNotificationResponse], frozen=True, kw_only=True
):
    """Station to CSMS: how far the download and installation of firmware has come."""

    action = "FirmwareStatusNotification"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = FirmwareStatusNotificationResponse

    status: FirmwareStatusEnumType
    request_id: Omittable[Integer] = None
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class Get15118EVCertificateResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: the EXI response for the vehicle, and how many contracts remain."""

    action = "Get15118EVCertificate"
    version = Version.OCPP21

    status: Iso15118EVCertificateStatusEnumType
    exi_response: String17000
    status_info: Omittable[StatusInfoType] = None
    remaining_contracts: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


class Get15118EVCertificateRequest(
    Request[Get15118EVCertificateResponse], frozen=True, kw_only=True
):
    """Station to CSMS: relays the vehicle's request for a new or renewed contract certificate."""

    action = "Get15118EVCertificate"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = Get15118EVCertificateResponse

    iso15118_schema_version: String50
    action_: CertificateActionEnumType = field(name="action")
    exi_request: String11000
    maximum_contract_certificate_chains: Omittable[NonNegativeInt] = None
    prioritized_emaids: Omittable[List1To8Texts[String255]] = field(
        name="prioritizedEMAIDs", default=None
    )
    custom_data: Omittable[CustomData] = None


class GetBaseReportResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the base report will follow in NotifyReport messages."""

    action = "GetBaseReport"
    version = Version.OCPP21

    status: GenericDeviceModelStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class GetBaseReportRequest(Request[GetBaseReportResponse], frozen=True, kw_only=True):
    """CSMS to station: report a predefined set of variables (config, full or summary)."""

    action = "GetBaseReport"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = GetBaseReportResponse

    request_id: Integer
    report_base: ReportBaseEnumType
    custom_data: Omittable[CustomData] = None


class GetCertificateChainStatusResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: the revocation status of each certificate asked about."""

    action = "GetCertificateChainStatus"
    version = Version.OCPP21

    certificate_status: List1To4[CertificateStatusType]
    custom_data: Omittable[CustomData] = None


class GetCertificateChainStatusRequest(
    Request[GetCertificateChainStatusResponse], frozen=True, kw_only=True
):
    """Station to CSMS: check by OCSP or CRL if the certificates of a chain are revoked."""

    action = "GetCertificateChainStatus"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = GetCertificateChainStatusResponse

    certificate_status_requests: List1To4[CertificateStatusRequestInfoType]
    custom_data: Omittable[CustomData] = None


class GetCertificateStatusResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: whether OCSP could be asked, and the raw result if so."""

    action = "GetCertificateStatus"
    version = Version.OCPP21

    status: GetCertificateStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    ocsp_result: Omittable[String18000] = None
    custom_data: Omittable[CustomData] = None


class GetCertificateStatusRequest(Request[GetCertificateStatusResponse], frozen=True, kw_only=True):
    """Station to CSMS: fetch the OCSP status of this one certificate for me."""

    action = "GetCertificateStatus"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = GetCertificateStatusResponse

    ocsp_request_data: OCSPRequestDataType
    custom_data: Omittable[CustomData] = None


class GetChargingProfilesResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether any profiles match and will be reported."""

    action = "GetChargingProfiles"
    version = Version.OCPP21

    status: GetChargingProfileStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class GetChargingProfilesRequest(Request[GetChargingProfilesResponse], frozen=True, kw_only=True):
    """CSMS to station: report the installed charging profiles that match this filter."""

    action = "GetChargingProfiles"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = GetChargingProfilesResponse

    request_id: Integer
    charging_profile: ChargingProfileCriterionType
    evse_id: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


class GetCompositeScheduleResponse(Response, frozen=True, kw_only=True):
    """The station's answer: the combined schedule, or that it could not be computed."""

    action = "GetCompositeSchedule"
    version = Version.OCPP21

    status: GenericStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    schedule: Omittable[CompositeScheduleType] = None
    custom_data: Omittable[CustomData] = None


class GetCompositeScheduleRequest(Request[GetCompositeScheduleResponse], frozen=True, kw_only=True):
    """CSMS to station: work out what all profiles together will allow an EVSE."""

    action = "GetCompositeSchedule"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = GetCompositeScheduleResponse

    duration: Integer
    evse_id: NonNegativeInt
    charging_rate_unit: Omittable[ChargingRateUnitEnumType] = None
    custom_data: Omittable[CustomData] = None


class GetDERControlResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether such grid-support settings exist and will be reported."""

    action = "GetDERControl"
    version = Version.OCPP21

    status: DERControlStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class GetDERControlRequest(Request[GetDERControlResponse], frozen=True, kw_only=True):
    """CSMS to station: report one grid-support setting, or all of one control type."""

    action = "GetDERControl"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = GetDERControlResponse

    request_id: Integer
    is_default: Omittable[bool] = None
    control_type: Omittable[DERControlEnumType] = None
    control_id: Omittable[String36] = None
    custom_data: Omittable[CustomData] = None


class GetDisplayMessagesResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether any messages match and will be reported."""

    action = "GetDisplayMessages"
    version = Version.OCPP21

    status: GetDisplayMessagesStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class GetDisplayMessagesRequest(Request[GetDisplayMessagesResponse], frozen=True, kw_only=True):
    """CSMS to station: report the stored display messages that match this filter."""

    action = "GetDisplayMessages"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = GetDisplayMessagesResponse

    request_id: Integer
    id: Omittable[OneOrMore[NonNegativeInt]] = None
    priority: Omittable[MessagePriorityEnumType] = None
    state: Omittable[MessageStateEnumType] = None
    custom_data: Omittable[CustomData] = None


class GetInstalledCertificateIdsResponse(Response, frozen=True, kw_only=True):
    """The station's answer: the hashes of matching certificates and of their chains."""

    action = "GetInstalledCertificateIds"
    version = Version.OCPP21

    status: GetInstalledCertificateStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    certificate_hash_data_chain: Omittable[OneOrMore[CertificateHashDataChainType]] = None
    custom_data: Omittable[CustomData] = None


class GetInstalledCertificateIdsRequest(
    Request[GetInstalledCertificateIdsResponse], frozen=True, kw_only=True
):
    """CSMS to station: list the installed certificates of these kinds."""

    action = "GetInstalledCertificateIds"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = GetInstalledCertificateIdsResponse

    certificate_type: Omittable[OneOrMore[GetCertificateIdUseEnumType]] = None
    custom_data: Omittable[CustomData] = None


class GetLocalListVersionResponse(Response, frozen=True, kw_only=True):
    """The station's answer: the version number of its local list, 0 if it has none."""

    action = "GetLocalListVersion"
    version = Version.OCPP21

    version_number: Integer
    custom_data: Omittable[CustomData] = None


class GetLocalListVersionRequest(Request[GetLocalListVersionResponse], frozen=True, kw_only=True):
    """CSMS to station: tell me the version of your local authorization list."""

    action = "GetLocalListVersion"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = GetLocalListVersionResponse

    custom_data: Omittable[CustomData] = None


class GetLogResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will upload the log, and under what file name."""

    action = "GetLog"
    version = Version.OCPP21

    status: LogStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    filename: Omittable[String255] = None
    custom_data: Omittable[CustomData] = None


class GetLogRequest(Request[GetLogResponse], frozen=True, kw_only=True):
    """CSMS to station: upload a log of this kind, covering this period, to this address."""

    action = "GetLog"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = GetLogResponse

    log: LogParametersType
    log_type: LogEnumType
    request_id: Integer
    retries: Omittable[NonNegativeInt] = None
    retry_interval: Omittable[Integer] = None
    custom_data: Omittable[CustomData] = None


class GetMonitoringReportResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether a report on matching monitors will follow."""

    action = "GetMonitoringReport"
    version = Version.OCPP21

    status: GenericDeviceModelStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class GetMonitoringReportRequest(Request[GetMonitoringReportResponse], frozen=True, kw_only=True):
    """CSMS to station: report the monitors set on these components and variables."""

    action = "GetMonitoringReport"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = GetMonitoringReportResponse

    request_id: Integer
    component_variable: Omittable[OneOrMore[ComponentVariableType]] = None
    monitoring_criteria: Omittable[List1To3[MonitoringCriterionEnumType]] = None
    custom_data: Omittable[CustomData] = None


class GetPeriodicEventStreamResponse(Response, frozen=True, kw_only=True):
    """The station's answer: the open event streams, each with its monitor and pace."""

    action = "GetPeriodicEventStream"
    version = Version.OCPP21

    constant_stream_data: Omittable[OneOrMore[ConstantStreamDataType]] = None
    custom_data: Omittable[CustomData] = None


class GetPeriodicEventStreamRequest(
    Request[GetPeriodicEventStreamResponse], frozen=True, kw_only=True
):
    """CSMS to station: list the open event streams and their settings."""

    action = "GetPeriodicEventStream"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = GetPeriodicEventStreamResponse

    custom_data: Omittable[CustomData] = None


class GetReportResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the custom report will follow in NotifyReport messages."""

    action = "GetReport"
    version = Version.OCPP21

    status: GenericDeviceModelStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class GetReportRequest(Request[GetReportResponse], frozen=True, kw_only=True):
    """CSMS to station: report the variables of components that meet these criteria."""

    action = "GetReport"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = GetReportResponse

    request_id: Integer
    component_variable: Omittable[OneOrMore[ComponentVariableType]] = None
    component_criteria: Omittable[List1To4[ComponentCriterionEnumType]] = None
    custom_data: Omittable[CustomData] = None


class GetTariffsResponse(Response, frozen=True, kw_only=True):
    """The station's answer: the tariffs in place and the EVSEs or tokens they apply to."""

    action = "GetTariffs"
    version = Version.OCPP21

    status: TariffGetStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    tariff_assignments: Omittable[OneOrMore[TariffAssignmentType]] = None
    custom_data: Omittable[CustomData] = None


class GetTariffsRequest(Request[GetTariffsResponse], frozen=True, kw_only=True):
    """CSMS to station: list the tariffs in place at this EVSE, or at all of them."""

    action = "GetTariffs"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = GetTariffsResponse

    evse_id: NonNegativeInt
    custom_data: Omittable[CustomData] = None


class GetTransactionStatusResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it still runs, and if messages wait to be sent."""

    action = "GetTransactionStatus"
    version = Version.OCPP21

    messages_in_queue: bool
    ongoing_indicator: Omittable[bool] = None
    custom_data: Omittable[CustomData] = None


class GetTransactionStatusRequest(Request[GetTransactionStatusResponse], frozen=True, kw_only=True):
    """CSMS to station: say if a transaction still runs, and if messages are still queued."""

    action = "GetTransactionStatus"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = GetTransactionStatusResponse

    transaction_id: Omittable[String36] = None
    custom_data: Omittable[CustomData] = None


class GetVariablesResponse(Response, frozen=True, kw_only=True):
    """The station's answer: for each variable, its value or why it cannot be read."""

    action = "GetVariables"
    version = Version.OCPP21

    get_variable_result: OneOrMore[GetVariableResultType]
    custom_data: Omittable[CustomData] = None


class GetVariablesRequest(Request[GetVariablesResponse], frozen=True, kw_only=True):
    """CSMS to station: tell me the values of these variables."""

    action = "GetVariables"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = GetVariablesResponse

    get_variable_data: OneOrMore[GetVariableDataType]
    custom_data: Omittable[CustomData] = None


class HeartbeatResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: its current time, by which the station sets its clock."""

    action = "Heartbeat"
    version = Version.OCPP21

    current_time: DateTime
    custom_data: Omittable[CustomData] = None


class HeartbeatRequest(Request[HeartbeatResponse], frozen=True, kw_only=True):
    """Station to CSMS: I am still here; tell me the time."""

    action = "Heartbeat"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = HeartbeatResponse

    custom_data: Omittable[CustomData] = None


class InstallCertificateResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the root certificate is now installed."""

    action = "InstallCertificate"
    version = Version.OCPP21

    status: InstallCertificateStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class InstallCertificateRequest(Request[InstallCertificateResponse], frozen=True, kw_only=True):
    """CSMS to station: add this root certificate to the ones you trust."""

    action = "InstallCertificate"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = InstallCertificateResponse

    certificate_type: InstallCertificateUseEnumType
    certificate: String10000
    custom_data: Omittable[CustomData] = None


class LogStatusNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the state of the log upload; carries no data."""

    action = "LogStatusNotification"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class LogStatusNotificationRequest(
    Request[LogStatusNotificationResponse], frozen=True, kw_only=True
):
    """Station to CSMS: how far the upload of the requested log has come."""

    action = "LogStatusNotification"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = LogStatusNotificationResponse

    status: UploadLogStatusEnumType
    request_id: Omittable[Integer] = None
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class MeterValuesResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received the readings; carries no data."""

    action = "MeterValues"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class MeterValuesRequest(Request[MeterValuesResponse], frozen=True, kw_only=True):
    """Station to CSMS: meter readings of an EVSE, apart from any transaction event."""

    action = "MeterValues"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = MeterValuesResponse

    evse_id: NonNegativeInt
    meter_value: OneOrMore[MeterValueType]
    custom_data: Omittable[CustomData] = None


class NotifyAllowedEnergyTransferResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will renegotiate the transfer modes."""

    action = "NotifyAllowedEnergyTransfer"
    version = Version.OCPP21

    status: NotifyAllowedEnergyTransferStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class NotifyAllowedEnergyTransferRequest(
    Request[NotifyAllowedEnergyTransferResponse], frozen=True, kw_only=True
):
    """CSMS to station: the energy transfer modes this transaction may use have changed."""

    action = "NotifyAllowedEnergyTransfer"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = NotifyAllowedEnergyTransferResponse

    transaction_id: String36
    allowed_energy_transfer: OneOrMore[EnergyTransferModeEnumType]
    custom_data: Omittable[CustomData] = None


class NotifyChargingLimitResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the outside limit; carries no data."""

    action = "NotifyChargingLimit"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class NotifyChargingLimitRequest(Request[NotifyChargingLimitResponse], frozen=True, kw_only=True):
    """Station to CSMS: an outside source, such as an energy manager, limits charging."""

    action = "NotifyChargingLimit"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyChargingLimitResponse

    charging_limit: ChargingLimitType
    charging_schedule: Omittable[OneOrMore[ChargingScheduleType]] = None
    evse_id: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


class NotifyCustomerInformationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received this part of the customer data; carries no data."""

    action = "NotifyCustomerInformation"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class NotifyCustomerInformationRequest(
    Request[NotifyCustomerInformationResponse], frozen=True, kw_only=True
):
    """Station to CSMS: one part of the customer data you asked for."""

    action = "NotifyCustomerInformation"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyCustomerInformationResponse

    data: String512
    seq_no: NonNegativeInt
    generated_at: DateTime
    request_id: NonNegativeInt
    tbc: Omittable[bool] = None
    custom_data: Omittable[CustomData] = None


class NotifyDERAlarmResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the grid alarm; carries no data."""

    action = "NotifyDERAlarm"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class NotifyDERAlarmRequest(Request[NotifyDERAlarmResponse], frozen=True, kw_only=True):
    """Station to CSMS: a grid fault set off this grid-support control, or is over."""

    action = "NotifyDERAlarm"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyDERAlarmResponse

    control_type: DERControlEnumType
    timestamp: DateTime
    grid_event_fault: Omittable[GridEventFaultEnumType] = None
    alarm_ended: Omittable[bool] = None
    extra_info: Omittable[String200] = None
    custom_data: Omittable[CustomData] = None


class NotifyDERStartStopResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the start or end of the control; carries no data."""

    action = "NotifyDERStartStop"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class NotifyDERStartStopRequest(Request[NotifyDERStartStopResponse], frozen=True, kw_only=True):
    """Station to CSMS: a scheduled grid-support control has begun or ended."""

    action = "NotifyDERStartStop"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyDERStartStopResponse

    control_id: String36
    started: bool
    timestamp: DateTime
    superseded_ids: Omittable[List1To24Texts[String36]] = None
    custom_data: Omittable[CustomData] = None


class NotifyDisplayMessagesResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received this part of the messages; carries no data."""

    action = "NotifyDisplayMessages"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class NotifyDisplayMessagesRequest(
    Request[NotifyDisplayMessagesResponse], frozen=True, kw_only=True
):
    """Station to CSMS: one part of the display messages you asked for."""

    action = "NotifyDisplayMessages"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyDisplayMessagesResponse

    request_id: Integer
    message_info: Omittable[OneOrMore[MessageInfoType]] = None
    tbc: Omittable[bool] = None
    custom_data: Omittable[CustomData] = None


class NotifyEVChargingNeedsResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: needs taken in, refused, or no profile will be made of them."""

    action = "NotifyEVChargingNeeds"
    version = Version.OCPP21

    status: NotifyEVChargingNeedsStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class NotifyEVChargingNeedsRequest(
    Request[NotifyEVChargingNeedsResponse], frozen=True, kw_only=True
):
    """Station to CSMS: what the vehicle needs and can offer, charging and discharging alike."""

    action = "NotifyEVChargingNeeds"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyEVChargingNeedsResponse

    evse_id: PositiveInt
    charging_needs: ChargingNeedsType
    max_schedule_tuples: Omittable[NonNegativeInt] = None
    timestamp: Omittable[DateTime] = None
    custom_data: Omittable[CustomData] = None


class NotifyEVChargingScheduleResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: whether the vehicle's schedule is fine with it."""

    action = "NotifyEVChargingSchedule"
    version = Version.OCPP21

    status: GenericStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class NotifyEVChargingScheduleRequest(
    Request[NotifyEVChargingScheduleResponse], frozen=True, kw_only=True
):
    """Station to CSMS: the schedule by which the vehicle intends to charge."""

    action = "NotifyEVChargingSchedule"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyEVChargingScheduleResponse

    time_base: DateTime
    charging_schedule: ChargingScheduleType
    evse_id: PositiveInt
    selected_charging_schedule_id: Omittable[NonNegativeInt] = None
    power_tolerance_acceptance: Omittable[bool] = None
    custom_data: Omittable[CustomData] = None


class NotifyEventResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received the events; carries no data."""

    action = "NotifyEvent"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class NotifyEventRequest(Request[NotifyEventResponse], frozen=True, kw_only=True):
    """Station to CSMS: something happened to these components, or monitors have fired."""

    action = "NotifyEvent"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyEventResponse

    generated_at: DateTime
    seq_no: NonNegativeInt
    event_data: OneOrMore[EventDataType]
    tbc: Omittable[bool] = None
    custom_data: Omittable[CustomData] = None


class NotifyMonitoringReportResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received this part of the monitor list; carries no data."""

    action = "NotifyMonitoringReport"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class NotifyMonitoringReportRequest(
    Request[NotifyMonitoringReportResponse], frozen=True, kw_only=True
):
    """Station to CSMS: one part of the list of monitors you asked for."""

    action = "NotifyMonitoringReport"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyMonitoringReportResponse

    request_id: Integer
    seq_no: NonNegativeInt
    generated_at: DateTime
    monitor: Omittable[OneOrMore[MonitoringDataType]] = None
    tbc: Omittable[bool] = None
    custom_data: Omittable[CustomData] = None


class NotifyPeriodicEventStream(Unconfirmed, frozen=True, kw_only=True):
    """Station to CSMS, unconfirmed: the next batch of values of an open event stream."""

    action = "NotifyPeriodicEventStream"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS

    data: OneOrMore[StreamDataElementType]
    id: NonNegativeInt
    pending: NonNegativeInt
    basetime: DateTime
    custom_data: Omittable[CustomData] = None


class NotifyPriorityChargingResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the switch of priority charging; carries no data."""

    action = "NotifyPriorityCharging"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class NotifyPriorityChargingRequest(
    Request[NotifyPriorityChargingResponse], frozen=True, kw_only=True
):
    """Station to CSMS: priority charging of this transaction was switched on or off here."""

    action = "NotifyPriorityCharging"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyPriorityChargingResponse

    transaction_id: String36
    activated: bool
    custom_data: Omittable[CustomData] = None


class NotifyReportResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received this part of the report; carries no data."""

    action = "NotifyReport"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class NotifyReportRequest(Request[NotifyReportResponse], frozen=True, kw_only=True):
    """Station to CSMS: one part of the report on components and variables."""

    action = "NotifyReport"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = NotifyReportResponse

    request_id: Integer
    generated_at: DateTime
    seq_no: NonNegativeInt
    report_data: Omittable[OneOrMore[ReportDataType]] = None
    tbc: Omittable[bool] = None
    custom_data: Omittable[CustomData] = None


class NotifySettlementResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: the id and address of the receipt, if the CSMS writes it."""

    action = "NotifySettlement"
    version = Version.OCPP21

    receipt_url: Omittable[String2000] = None
    receipt_id: Omittable[String50] = None
    custom_data: Omittable[CustomData] = None


class NotifySettlementRequest(Request[NotifySettlementResponse], frozen=True, kw_only=True):
    """Station to CSMS: the outcome of a payment at the terminal, with amount and receipt."""

    action = "NotifySettlement"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = NotifySettlementResponse

    psp_ref: String255
    status: PaymentStatusEnumType
    settlement_amount: Number
    settlement_time: DateTime
    transaction_id: Omittable[String36] = None
    status_info: Omittable[String500] = None
    receipt_id: Omittable[String50] = None
    receipt_url: Omittable[String2000] = None
    vat_company: Omittable[AddressType] = None
    vat_number: Omittable[String20] = None
    custom_data: Omittable[CustomData] = None


class NotifyWebPaymentStartedResponse(Response, frozen=True, kw_only=True):
    """The station knows that a web payment is under way; carries no data."""

    action = "NotifyWebPaymentStarted"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class NotifyWebPaymentStartedRequest(
    Request[NotifyWebPaymentStartedResponse], frozen=True, kw_only=True
):
    """CSMS to station: a driver is paying on the web for this EVSE; wait this long at most."""

    action = "NotifyWebPaymentStarted"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = NotifyWebPaymentStartedResponse

    evse_id: NonNegativeInt
    timeout: Integer
    custom_data: Omittable[CustomData] = None


class OpenPeriodicEventStreamResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: whether it wants the stream."""

    action = "OpenPeriodicEventStream"
    version = Version.OCPP21

    status: GenericStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class OpenPeriodicEventStreamRequest(
    Request[OpenPeriodicEventStreamResponse], frozen=True, kw_only=True
):
    """Station to CSMS: I am about to stream the values of this monitor, at this pace."""

    action = "OpenPeriodicEventStream"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = OpenPeriodicEventStreamResponse

    constant_stream_data: ConstantStreamDataType
    custom_data: Omittable[CustomData] = None


class PublishFirmwareResponse(Response, frozen=True, kw_only=True):
    """The local controller's answer: whether it will fetch and publish the firmware."""

    action = "PublishFirmware"
    version = Version.OCPP21

    status: GenericStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class PublishFirmwareRequest(Request[PublishFirmwareResponse], frozen=True, kw_only=True):
    """CSMS to local controller: fetch this firmware and offer it to your stations."""

    action = "PublishFirmware"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = PublishFirmwareResponse

    location: String2000
    checksum: String32
    request_id: NonNegativeInt
    retries: Omittable[NonNegativeInt] = None
    retry_interval: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


class PublishFirmwareStatusNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the state of publishing; carries no data."""

    action = "PublishFirmwareStatusNotification"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class PublishFirmwareStatusNotificationRequest(
    Request[PublishFirmwareStatusNotificationResponse], frozen=True, kw_only=True
):
    """Local controller to CSMS: how far publishing the firmware has come."""

    action = "PublishFirmwareStatusNotification"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = PublishFirmwareStatusNotificationResponse

    status: PublishFirmwareStatusEnumType
    location: Omittable[OneOrMoreTexts[String2000]] = None
    request_id: Omittable[NonNegativeInt] = None
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class PullDynamicScheduleUpdateResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: the fresh limits, or that it has none to give."""

    action = "PullDynamicScheduleUpdate"
    version = Version.OCPP21

    status: ChargingProfileStatusEnumType
    schedule_update: Omittable[ChargingScheduleUpdateType] = None
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class PullDynamicScheduleUpdateRequest(
    Request[PullDynamicScheduleUpdateResponse], frozen=True, kw_only=True
):
    """Station to CSMS: give me fresh limits for this dynamic charging profile."""

    action = "PullDynamicScheduleUpdate"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = PullDynamicScheduleUpdateResponse

    charging_profile_id: Integer
    custom_data: Omittable[CustomData] = None


class ReportChargingProfilesResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received this part of the profiles; carries no data."""

    action = "ReportChargingProfiles"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class ReportChargingProfilesRequest(
    Request[ReportChargingProfilesResponse], frozen=True, kw_only=True
):
    """Station to CSMS: one part of the charging profiles you asked for, for one EVSE."""

    action = "ReportChargingProfiles"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = ReportChargingProfilesResponse

    request_id: Integer
    charging_limit_source: String20
    charging_profile: OneOrMore[ChargingProfileType]
    evse_id: NonNegativeInt
    tbc: Omittable[bool] = None
    custom_data: Omittable[CustomData] = None


class ReportDERControlResponse(Response, frozen=True, kw_only=True):
    """The CSMS has received this part of the grid-support settings; carries no data."""

    action = "ReportDERControl"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class ReportDERControlRequest(Request[ReportDERControlResponse], frozen=True, kw_only=True):
    """Station to CSMS: one part of the grid-support settings you asked for."""

    action = "ReportDERControl"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = ReportDERControlResponse

    request_id: Integer
    curve: Omittable[List1To24[DERCurveGetType]] = None
    enter_service: Omittable[List1To24[EnterServiceGetType]] = None
    fixed_pf_absorb: Omittable[List1To24[FixedPFGetType]] = field(
        name="fixedPFAbsorb", default=None
    )
    fixed_pf_inject: Omittable[List1To24[FixedPFGetType]] = field(
        name="fixedPFInject", default=None
    )
    fixed_var: Omittable[List1To24[FixedVarGetType]] = None
    freq_droop: Omittable[List1To24[FreqDroopGetType]] = None
    gradient: Omittable[List1To24[GradientGetType]] = None
    limit_max_discharge: Omittable[List1To24[LimitMaxDischargeGetType]] = None
    tbc: Omittable[bool] = None
    custom_data: Omittable[CustomData] = None


class RequestBatterySwapResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will let the driver swap."""

    action = "RequestBatterySwap"
    version = Version.OCPP21

    status: GenericStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class RequestBatterySwapRequest(Request[RequestBatterySwapResponse], frozen=True, kw_only=True):
    """CSMS to station: let this driver exchange batteries."""

    action = "RequestBatterySwap"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = RequestBatterySwapResponse

    id_token: IdTokenType
    request_id: Integer
    custom_data: Omittable[CustomData] = None


class RequestStartTransactionResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will start, and the id if the cable came first."""

    action = "RequestStartTransaction"
    version = Version.OCPP21

    status: RequestStartStopStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    transaction_id: Omittable[String36] = None
    custom_data: Omittable[CustomData] = None


class RequestStartTransactionRequest(
    Request[RequestStartTransactionResponse], frozen=True, kw_only=True
):
    """CSMS to station: start a transaction for this token, under this remote start id."""

    action = "RequestStartTransaction"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = RequestStartTransactionResponse

    id_token: IdTokenType
    remote_start_id: Integer
    evse_id: Omittable[PositiveInt] = None
    group_id_token: Omittable[IdTokenType] = None
    charging_profile: Omittable[ChargingProfileType] = None
    custom_data: Omittable[CustomData] = None


class RequestStopTransactionResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will end the transaction."""

    action = "RequestStopTransaction"
    version = Version.OCPP21

    status: RequestStartStopStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class RequestStopTransactionRequest(
    Request[RequestStopTransactionResponse], frozen=True, kw_only=True
):
    """CSMS to station: end the transaction with this id."""

    action = "RequestStopTransaction"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = RequestStopTransactionResponse

    transaction_id: String36
    custom_data: Omittable[CustomData] = None


class ReservationStatusUpdateResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the end of the reservation; carries no data."""

    action = "ReservationStatusUpdate"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class ReservationStatusUpdateRequest(
    Request[ReservationStatusUpdateResponse], frozen=True, kw_only=True
):
    """Station to CSMS: this reservation expired, was removed, or was not followed by charging."""

    action = "ReservationStatusUpdate"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = ReservationStatusUpdateResponse

    reservation_id: NonNegativeInt
    reservation_update_status: ReservationUpdateStatusEnumType
    custom_data: Omittable[CustomData] = None


class ReserveNowResponse(Response, frozen=True, kw_only=True):
    """The station's answer: reserved, or why not (occupied, faulted, unavailable)."""

    action = "ReserveNow"
    version = Version.OCPP21

    status: ReserveNowStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class ReserveNowRequest(Request[ReserveNowResponse], frozen=True, kw_only=True):
    """CSMS to station: hold an EVSE for this token until the given time."""

    action = "ReserveNow"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = ReserveNowResponse

    id: NonNegativeInt
    expiry_date_time: DateTime
    id_token: IdTokenType
    connector_type: Omittable[String20] = None
    evse_id: Omittable[NonNegativeInt] = None
    group_id_token: Omittable[IdTokenType] = None
    custom_data: Omittable[CustomData] = None


class ResetResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will restart now, later, or not at all."""

    action = "Reset"
    version = Version.OCPP21

    status: ResetStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class ResetRequest(Request[ResetResponse], frozen=True, kw_only=True):
    """CSMS to station: restart now or when idle, whole or one EVSE, perhaps to resume after."""

    action = "Reset"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = ResetResponse

    type: ResetEnumType
    evse_id: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


class SecurityEventNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the security event; carries no data."""

    action = "SecurityEventNotification"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class SecurityEventNotificationRequest(
    Request[SecurityEventNotificationResponse], frozen=True, kw_only=True
):
    """Station to CSMS: something relevant to security has happened here."""

    action = "SecurityEventNotification"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = SecurityEventNotificationResponse

    type: String50
    timestamp: DateTime
    tech_info: Omittable[String255] = None
    custom_data: Omittable[CustomData] = None


class SendLocalListResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the list was applied, or its version did not fit."""

    action = "SendLocalList"
    version = Version.OCPP21

    status: SendLocalListStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class SendLocalListRequest(Request[SendLocalListResponse], frozen=True, kw_only=True):
    """CSMS to station: replace or amend the tokens you may authorize on your own."""

    action = "SendLocalList"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = SendLocalListResponse

    version_number: Integer
    update_type: UpdateEnumType
    local_authorization_list: Omittable[OneOrMore[AuthorizationData]] = None
    custom_data: Omittable[CustomData] = None


class SetChargingProfileResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the profile is installed; it may not be active yet."""

    action = "SetChargingProfile"
    version = Version.OCPP21

    status: ChargingProfileStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class SetChargingProfileRequest(Request[SetChargingProfileResponse], frozen=True, kw_only=True):
    """CSMS to station: install this charging profile for an EVSE, or for all of them."""

    action = "SetChargingProfile"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = SetChargingProfileResponse

    evse_id: NonNegativeInt
    charging_profile: ChargingProfileType
    custom_data: Omittable[CustomData] = None


class SetDERControlResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it took over the setting, and what that displaces."""

    action = "SetDERControl"
    version = Version.OCPP21

    status: DERControlStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    superseded_ids: Omittable[List1To24Texts[String36]] = None
    custom_data: Omittable[CustomData] = None


class SetDERControlRequest(Request[SetDERControlResponse], frozen=True, kw_only=True):
    """CSMS to station: install this grid-support setting, as a default or for a period."""

    action = "SetDERControl"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = SetDERControlResponse

    is_default: bool
    control_id: String36
    control_type: DERControlEnumType
    curve: Omittable[DERCurveType] = None
    enter_service: Omittable[EnterServiceType] = None
    fixed_pf_absorb: Omittable[FixedPFType] = field(name="fixedPFAbsorb", default=None)
    fixed_pf_inject: Omittable[FixedPFType] = field(name="fixedPFInject", default=None)
    fixed_var: Omittable[FixedVarType] = None
    freq_droop: Omittable[FreqDroopType] = None
    gradient: Omittable[GradientType] = None
    limit_max_discharge: Omittable[LimitMaxDischargeType] = None
    custom_data: Omittable[CustomData] = None


class SetDefaultTariffResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the tariff is stored, or why it cannot be used."""

    action = "SetDefaultTariff"
    version = Version.OCPP21

    status: TariffSetStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class SetDefaultTariffRequest(Request[SetDefaultTariffResponse], frozen=True, kw_only=True):
    """CSMS to station: price charging at this EVSE by this tariff unless the driver has one."""

    action = "SetDefaultTariff"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = SetDefaultTariffResponse

    evse_id: NonNegativeInt
    tariff: TariffType
    custom_data: Omittable[CustomData] = None


class SetDisplayMessageResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it can show the message, or what it cannot do."""

    action = "SetDisplayMessage"
    version = Version.OCPP21

    status: DisplayMessageStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class SetDisplayMessageRequest(Request[SetDisplayMessageResponse], frozen=True, kw_only=True):
    """CSMS to station: show this message, or replace the one with the same id."""

    action = "SetDisplayMessage"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = SetDisplayMessageResponse

    message: MessageInfoType
    custom_data: Omittable[CustomData] = None


class SetMonitoringBaseResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the predefined monitors are now active."""

    action = "SetMonitoringBase"
    version = Version.OCPP21

    status: GenericDeviceModelStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class SetMonitoringBaseRequest(Request[SetMonitoringBaseResponse], frozen=True, kw_only=True):
    """CSMS to station: go back to this predefined set of variable monitors."""

    action = "SetMonitoringBase"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = SetMonitoringBaseResponse

    monitoring_base: MonitoringBaseEnumType
    custom_data: Omittable[CustomData] = None


class SetMonitoringLevelResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the new severity limit is in effect."""

    action = "SetMonitoringLevel"
    version = Version.OCPP21

    status: GenericStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class SetMonitoringLevelRequest(Request[SetMonitoringLevelResponse], frozen=True, kw_only=True):
    """CSMS to station: report only monitored events at least this severe."""

    action = "SetMonitoringLevel"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = SetMonitoringLevelResponse

    severity: NonNegativeInt
    custom_data: Omittable[CustomData] = None


class SetNetworkProfileResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the settings were stored in the slot."""

    action = "SetNetworkProfile"
    version = Version.OCPP21

    status: SetNetworkProfileStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class SetNetworkProfileRequest(Request[SetNetworkProfileResponse], frozen=True, kw_only=True):
    """CSMS to station: store these connection settings in this slot."""

    action = "SetNetworkProfile"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = SetNetworkProfileResponse

    configuration_slot: Integer
    connection_data: NetworkConnectionProfileType
    custom_data: Omittable[CustomData] = None


class SetVariableMonitoringResponse(Response, frozen=True, kw_only=True):
    """The station's answer: for each monitor, its id, or why it could not be set."""

    action = "SetVariableMonitoring"
    version = Version.OCPP21

    set_monitoring_result: OneOrMore[SetMonitoringResultType]
    custom_data: Omittable[CustomData] = None


class SetVariableMonitoringRequest(
    Request[SetVariableMonitoringResponse], frozen=True, kw_only=True
):
    """CSMS to station: watch these variables and tell me when the monitors fire."""

    action = "SetVariableMonitoring"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = SetVariableMonitoringResponse

    set_monitoring_data: OneOrMore[SetMonitoringDataType]
    custom_data: Omittable[CustomData] = None


class SetVariablesResponse(Response, frozen=True, kw_only=True):
    """The station's answer: for each variable, set, refused, or set after a reboot."""

    action = "SetVariables"
    version = Version.OCPP21

    set_variable_result: OneOrMore[SetVariableResultType]
    custom_data: Omittable[CustomData] = None


class SetVariablesRequest(Request[SetVariablesResponse], frozen=True, kw_only=True):
    """CSMS to station: set these variables to these values."""

    action = "SetVariables"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = SetVariablesResponse

    set_variable_data: OneOrMore[SetVariableDataType]
    custom_data: Omittable[CustomData] = None


class SignCertificateResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: whether it will have the request signed; the result comes later."""

    action = "SignCertificate"
    version = Version.OCPP21

    status: GenericStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class SignCertificateRequest(Request[SignCertificateResponse], frozen=True, kw_only=True):
    """Station to CSMS: please have this certificate signing request signed."""

    action = "SignCertificate"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = SignCertificateResponse

    csr: String5500
    certificate_type: Omittable[CertificateSigningUseEnumType] = None
    hash_root_certificate: Omittable[CertificateHashDataType] = None
    request_id: Omittable[Integer] = None
    custom_data: Omittable[CustomData] = None


class StatusNotificationResponse(Response, frozen=True, kw_only=True):
    """The CSMS has noted the status; carries no data."""

    action = "StatusNotification"
    version = Version.OCPP21

    custom_data: Omittable[CustomData] = None


class StatusNotificationRequest(Request[StatusNotificationResponse], frozen=True, kw_only=True):
    """Station to CSMS: a connector is now free, occupied, reserved, unavailable or faulted."""

    action = "StatusNotification"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = StatusNotificationResponse

    timestamp: DateTime
    connector_status: ConnectorStatusEnumType
    evse_id: NonNegativeInt
    connector_id: NonNegativeInt
    custom_data: Omittable[CustomData] = None


class TransactionEventResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: token status, cost, limits, priority and message, where they apply."""

    action = "TransactionEvent"
    version = Version.OCPP21

    total_cost: Omittable[Number] = None
    charging_priority: Omittable[Integer] = None
    id_token_info: Omittable[IdTokenInfoType] = None
    transaction_limit: Omittable[TransactionLimitType] = None
    updated_personal_message: Omittable[MessageContentType] = None
    updated_personal_message_extra: Omittable[List1To4[MessageContentType]] = None
    custom_data: Omittable[CustomData] = None


class TransactionEventRequest(Request[TransactionEventResponse], frozen=True, kw_only=True):
    """Station to CSMS: a transaction has started, changed or ended, perhaps with its cost."""

    action = "TransactionEvent"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = TransactionEventResponse

    event_type: TransactionEventEnumType
    timestamp: DateTime
    trigger_reason: TriggerReasonEnumType
    seq_no: NonNegativeInt
    transaction_info: TransactionType
    cost_details: Omittable[CostDetailsType] = None
    meter_value: Omittable[OneOrMore[MeterValueType]] = None
    offline: Omittable[bool] = None
    number_of_phases_used: Omittable[Int0To3] = None
    cable_max_current: Omittable[Integer] = None
    reservation_id: Omittable[NonNegativeInt] = None
    preconditioning_status: Omittable[PreconditioningStatusEnumType] = None
    evse_sleep: Omittable[bool] = None
    evse: Omittable[EVSEType] = None
    id_token: Omittable[IdTokenType] = None
    custom_data: Omittable[CustomData] = None


class TriggerMessageResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will send the message asked for."""

    action = "TriggerMessage"
    version = Version.OCPP21

    status: TriggerMessageStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class TriggerMessageRequest(Request[TriggerMessageResponse], frozen=True, kw_only=True):
    """CSMS to station: send this message now, without waiting for its usual occasion."""

    action = "TriggerMessage"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = TriggerMessageResponse

    requested_message: MessageTriggerEnumType
    evse: Omittable[EVSEType] = None
    custom_trigger: Omittable[String50] = None
    custom_data: Omittable[CustomData] = None


class UnlockConnectorResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether the connector came free, or why it did not."""

    action = "UnlockConnector"
    version = Version.OCPP21

    status: UnlockStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class UnlockConnectorRequest(Request[UnlockConnectorResponse], frozen=True, kw_only=True):
    """CSMS to station: release the cable that is locked in this connector."""

    action = "UnlockConnector"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = UnlockConnectorResponse

    evse_id: NonNegativeInt
    connector_id: NonNegativeInt
    custom_data: Omittable[CustomData] = None


class UnpublishFirmwareResponse(Response, frozen=True, kw_only=True):
    """The local controller's answer: withdrawn, unknown, or still being downloaded."""

    action = "UnpublishFirmware"
    version = Version.OCPP21

    status: UnpublishFirmwareStatusEnumType
    custom_data: Omittable[CustomData] = None


class UnpublishFirmwareRequest(Request[UnpublishFirmwareResponse], frozen=True, kw_only=True):
    """CSMS to local controller: stop offering the firmware with this checksum."""

    action = "UnpublishFirmware"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = UnpublishFirmwareResponse

    checksum: String32
    custom_data: Omittable[CustomData] = None


class UpdateDynamicScheduleResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it took over the new limits."""

    action = "UpdateDynamicSchedule"
    version = Version.OCPP21

    status: ChargingProfileStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class UpdateDynamicScheduleRequest(
    Request[UpdateDynamicScheduleResponse], frozen=True, kw_only=True
):
    """CSMS to station: use these new limits in this dynamic charging profile, now."""

    action = "UpdateDynamicSchedule"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = UpdateDynamicScheduleResponse

    charging_profile_id: Integer
    schedule_update: ChargingScheduleUpdateType
    custom_data: Omittable[CustomData] = None


class UpdateFirmwareResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it will update, and if an earlier one is abandoned."""

    action = "UpdateFirmware"
    version = Version.OCPP21

    status: UpdateFirmwareStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class UpdateFirmwareRequest(Request[UpdateFirmwareResponse], frozen=True, kw_only=True):
    """CSMS to station: fetch and install this firmware, whose signature you may have to check."""

    action = "UpdateFirmware"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = UpdateFirmwareResponse

    request_id: Integer
    firmware: FirmwareType
    retries: Omittable[NonNegativeInt] = None
    retry_interval: Omittable[Integer] = None
    custom_data: Omittable[CustomData] = None


class UsePriorityChargingResponse(Response, frozen=True, kw_only=True):
    """The station's answer: whether it switched, or has no priority profile."""

    action = "UsePriorityCharging"
    version = Version.OCPP21

    status: PriorityChargingStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class UsePriorityChargingRequest(Request[UsePriorityChargingResponse], frozen=True, kw_only=True):
    """CSMS to station: start or stop priority charging in this transaction."""

    action = "UsePriorityCharging"
    version = Version.OCPP21
    direction = Direction.CSMS_TO_STATION
    response_type = UsePriorityChargingResponse

    transaction_id: String36
    activate: bool
    custom_data: Omittable[CustomData] = None


class VatNumberValidationResponse(Response, frozen=True, kw_only=True):
    """The CSMS's answer: whether the VAT number is valid, and the company behind it."""

    action = "VatNumberValidation"
    version = Version.OCPP21

    vat_number: String20
    status: GenericStatusEnumType
    company: Omittable[AddressType] = None
    status_info: Omittable[StatusInfoType] = None
    evse_id: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


class VatNumberValidationRequest(Request[VatNumberValidationResponse], frozen=True, kw_only=True):
    """Station to CSMS: asks whether a VAT number is valid, and whose it is."""

    action = "VatNumberValidation"
    version = Version.OCPP21
    direction = Direction.STATION_TO_CSMS
    response_type = VatNumberValidationResponse

    vat_number: String20
    evse_id: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


CATALOG = Catalog(
    Version.OCPP21,
    (
        AFRRSignalRequest,
        AdjustPeriodicEventStreamRequest,
        AuthorizeRequest,
        BatterySwapRequest,
        BootNotificationRequest,
        CancelReservationRequest,
        CertificateSignedRequest,
        ChangeAvailabilityRequest,
        ChangeTransactionTariffRequest,
        ClearCacheRequest,
        ClearChargingProfileRequest,
        ClearDERControlRequest,
        ClearDisplayMessageRequest,
        ClearTariffsRequest,
        ClearVariableMonitoringRequest,
        ClearedChargingLimitRequest,
        ClosePeriodicEventStreamRequest,
        CostUpdatedRequest,
        CustomerInformationRequest,
        DataTransferRequest,
        DeleteCertificateRequest,
        FirmwareStatusNotificationRequest,
        Get15118EVCertificateRequest,
        GetBaseReportRequest,
        GetCertificateChainStatusRequest,
        GetCertificateStatusRequest,
        GetChargingProfilesRequest,
        GetCompositeScheduleRequest,
        GetDERControlRequest,
        GetDisplayMessagesRequest,
        GetInstalledCertificateIdsRequest,
        GetLocalListVersionRequest,
        GetLogRequest,
        GetMonitoringReportRequest,
        GetPeriodicEventStreamRequest,
        GetReportRequest,
        GetTariffsRequest,
        GetTransactionStatusRequest,
        GetVariablesRequest,
        HeartbeatRequest,
        InstallCertificateRequest,
        LogStatusNotificationRequest,
        MeterValuesRequest,
        NotifyAllowedEnergyTransferRequest,
        NotifyChargingLimitRequest,
        NotifyCustomerInformationRequest,
        NotifyDERAlarmRequest,
        NotifyDERStartStopRequest,
        NotifyDisplayMessagesRequest,
        NotifyEVChargingNeedsRequest,
        NotifyEVChargingScheduleRequest,
        NotifyEventRequest,
        NotifyMonitoringReportRequest,
        NotifyPeriodicEventStream,
        NotifyPriorityChargingRequest,
        NotifyReportRequest,
        NotifySettlementRequest,
        NotifyWebPaymentStartedRequest,
        OpenPeriodicEventStreamRequest,
        PublishFirmwareRequest,
        PublishFirmwareStatusNotificationRequest,
        PullDynamicScheduleUpdateRequest,
        ReportChargingProfilesRequest,
        ReportDERControlRequest,
        RequestBatterySwapRequest,
        RequestStartTransactionRequest,
        RequestStopTransactionRequest,
        ReservationStatusUpdateRequest,
        ReserveNowRequest,
        ResetRequest,
        SecurityEventNotificationRequest,
        SendLocalListRequest,
        SetChargingProfileRequest,
        SetDERControlRequest,
        SetDefaultTariffRequest,
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
        UpdateDynamicScheduleRequest,
        UpdateFirmwareRequest,
        UsePriorityChargingRequest,
        VatNumberValidationRequest,
    ),
)
