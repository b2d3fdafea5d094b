"""The data types of OCPP 2.0.1, named as in the specification.

Written by tools/generate.py from the facts of the official schemas: change that, not this.
"""

from msgspec import field

from ocpp_sansio.core.messages import CustomData, DateTime, Integer, Number, Omittable, Payload
from ocpp_sansio.v201._scalars import (
    Int0To100,
    List1To3,
    List1To4,
    List1To1024,
    NonNegativeInt,
    OneOrMore,
    String6,
    String8,
    String16,
    String20,
    String25,
    String32,
    String36,
    String40,
    String50,
    String128,
    String255,
    String500,
    String512,
    String800,
    String1000,
    String2500,
    String5500,
)
from ocpp_sansio.v201.enums import (
    APNAuthenticationEnumType,
    AttributeEnumType,
    AuthorizationStatusEnumType,
    ChargingLimitSourceEnumType,
    ChargingProfileKindEnumType,
    ChargingProfilePurposeEnumType,
    ChargingRateUnitEnumType,
    ChargingStateEnumType,
    ClearMonitoringStatusEnumType,
    CostKindEnumType,
    DataEnumType,
    EnergyTransferModeEnumType,
    EventNotificationEnumType,
    EventTriggerEnumType,
    GetCertificateIdUseEnumType,
    GetVariableStatusEnumType,
    HashAlgorithmEnumType,
    IdTokenEnumType,
    LocationEnumType,
    MeasurandEnumType,
    MessageFormatEnumType,
    MessagePriorityEnumType,
    MessageStateEnumType,
    MonitorEnumType,
    MutabilityEnumType,
    OCPPInterfaceEnumType,
    OCPPTransportEnumType,
    OCPPVersionEnumType,
    PhaseEnumType,
    ReadingContextEnumType,
    ReasonEnumType,
    RecurrencyKindEnumType,
    SetMonitoringStatusEnumType,
    SetVariableStatusEnumType,
    VPNEnumType,
)

__all__ = [
    "ACChargingParametersType",
    "APNType",
    "AdditionalInfoType",
    "AuthorizationData",
    "CertificateHashDataChainType",
    "CertificateHashDataType",
    "ChargingLimitType",
    "ChargingNeedsType",
    "ChargingProfileCriterionType",
    "ChargingProfileType",
    "ChargingSchedulePeriodType",
    "ChargingScheduleType",
    "ChargingStationType",
    "ClearChargingProfileType",
    "ClearMonitoringResultType",
    "ComponentType",
    "ComponentVariableType",
    "CompositeScheduleType",
    "ConsumptionCostType",
    "CostType",
    "DCChargingParametersType",
    "EVSEType",
    "EventDataType",
    "FirmwareType",
    "GetVariableDataType",
    "GetVariableResultType",
    "IdTokenInfoType",
    "IdTokenType",
    "LogParametersType",
    "MessageContentType",
    "MessageInfoType",
    "MeterValueType",
    "ModemType",
    "MonitoringDataType",
    "NetworkConnectionProfileType",
    "OCSPRequestDataType",
    "RelativeTimeIntervalType",
    "ReportDataType",
    "SalesTariffEntryType",
    "SalesTariffType",
    "SampledValueType",
    "SetMonitoringDataType",
    "SetMonitoringResultType",
    "SetVariableDataType",
    "SetVariableResultType",
    "SignedMeterValueType",
    "StatusInfoType",
    "TransactionType",
    "UnitOfMeasureType",
    "VPNType",
    "VariableAttributeType",
    "VariableCharacteristicsType",
    "VariableMonitoringType",
    "VariableType",
]


class ACChargingParametersType(Payload, frozen=True, kw_only=True):
    """What a vehicle needs and can take when charging by AC: energy, currents, voltage."""

    energy_amount: Integer
    ev_min_current: Integer
    ev_max_current: Integer
    ev_max_voltage: Integer
    custom_data: Omittable[CustomData] = None


class APNType(Payload, frozen=True, kw_only=True):
    """How to reach the network through a cellular modem: access point, login and SIM PIN."""

    apn: String512
    apn_authentication: APNAuthenticationEnumType
    custom_data: Omittable[CustomData] = None
    apn_user_name: Omittable[String20] = None
    apn_password: Omittable[String20] = None
    sim_pin: Omittable[Integer] = None
    preferred_network: Omittable[String6] = None
    use_only_preferred_network: Omittable[bool] = None


class AdditionalInfoType(Payload, frozen=True, kw_only=True):
    """A further identifier that goes along with a token, and what it means."""

    additional_id_token: String36
    type: String50
    custom_data: Omittable[CustomData] = None


class IdTokenType(Payload, frozen=True, kw_only=True):
    """A token that identifies a driver, and what kind of token it is."""

    id_token: String36
    type: IdTokenEnumType
    custom_data: Omittable[CustomData] = None
    additional_info: Omittable[OneOrMore[AdditionalInfoType]] = None


class MessageContentType(Payload, frozen=True, kw_only=True):
    """A text for the driver, with its format and language."""

    format: MessageFormatEnumType
    content: String512
    custom_data: Omittable[CustomData] = None
    language: Omittable[String8] = None


class IdTokenInfoType(Payload, frozen=True, kw_only=True):
    """What is known of a token: status, expiry, group, priority and where it is valid."""

    status: AuthorizationStatusEnumType
    custom_data: Omittable[CustomData] = None
    cache_expiry_date_time: Omittable[DateTime] = None
    charging_priority: Omittable[Integer] = None
    language1: Omittable[String8] = None
    evse_id: Omittable[OneOrMore[Integer]] = None
    group_id_token: Omittable[IdTokenType] = None
    language2: Omittable[String8] = None
    personal_message: Omittable[MessageContentType] = None


class AuthorizationData(Payload, frozen=True, kw_only=True):
    """An entry for the local list; without token info, a differential update deletes it."""

    id_token: IdTokenType
    custom_data: Omittable[CustomData] = None
    id_token_info: Omittable[IdTokenInfoType] = None


class CertificateHashDataType(Payload, frozen=True, kw_only=True):
    """The hashes and serial number that together identify one certificate."""

    hash_algorithm: HashAlgorithmEnumType
    issuer_name_hash: String128
    issuer_key_hash: String128
    serial_number: String40
    custom_data: Omittable[CustomData] = None


class CertificateHashDataChainType(Payload, frozen=True, kw_only=True):
    """An installed certificate and its children, given by their hashes, and its use."""

    certificate_hash_data: CertificateHashDataType
    certificate_type: GetCertificateIdUseEnumType
    custom_data: Omittable[CustomData] = None
    child_certificate_hash_data: Omittable[List1To4[CertificateHashDataType]] = None


class ChargingLimitType(Payload, frozen=True, kw_only=True):
    """An outside limit on charging: who set it, and whether the grid depends on it."""

    charging_limit_source: ChargingLimitSourceEnumType
    custom_data: Omittable[CustomData] = None
    is_grid_critical: Omittable[bool] = None


class DCChargingParametersType(Payload, frozen=True, kw_only=True):
    """What a vehicle can take and how full its battery is when charging by DC."""

    ev_max_current: Integer
    ev_max_voltage: Integer
    custom_data: Omittable[CustomData] = None
    energy_amount: Omittable[Integer] = None
    ev_max_power: Omittable[Integer] = None
    state_of_charge: Omittable[Int0To100] = None
    ev_energy_capacity: Omittable[Integer] = None
    full_soc: Omittable[Int0To100] = field(name="fullSoC", default=None)
    bulk_soc: Omittable[Int0To100] = field(name="bulkSoC", default=None)


class ChargingNeedsType(Payload, frozen=True, kw_only=True):
    """The transfer mode, parameters and departure time a vehicle asks for."""

    requested_energy_transfer: EnergyTransferModeEnumType
    custom_data: Omittable[CustomData] = None
    ac_charging_parameters: Omittable[ACChargingParametersType] = None
    dc_charging_parameters: Omittable[DCChargingParametersType] = None
    departure_time: Omittable[DateTime] = None


class ChargingProfileCriterionType(Payload, frozen=True, kw_only=True):
    """A filter on charging profiles: by id, purpose, stack level or limit source."""

    custom_data: Omittable[CustomData] = None
    charging_profile_purpose: Omittable[ChargingProfilePurposeEnumType] = None
    stack_level: Omittable[Integer] = None
    charging_profile_id: Omittable[OneOrMore[Integer]] = None
    charging_limit_source: Omittable[List1To4[ChargingLimitSourceEnumType]] = None


class ChargingSchedulePeriodType(Payload, frozen=True, kw_only=True):
    """One step of a charging schedule: from this second on, this limit and these phases."""

    start_period: Integer
    limit: Number
    custom_data: Omittable[CustomData] = None
    number_phases: Omittable[Integer] = None
    phase_to_use: Omittable[Integer] = None


class CostType(Payload, frozen=True, kw_only=True):
    """One cost figure of a sales tariff, with its kind and power of ten."""

    cost_kind: CostKindEnumType
    amount: Integer
    custom_data: Omittable[CustomData] = None
    amount_multiplier: Omittable[Integer] = None


class ConsumptionCostType(Payload, frozen=True, kw_only=True):
    """A block of consumption from a start value on, and the costs within it."""

    start_value: Number
    cost: List1To3[CostType]
    custom_data: Omittable[CustomData] = None


class RelativeTimeIntervalType(Payload, frozen=True, kw_only=True):
    """A stretch of time counted in seconds from the start of the schedule."""

    start: Integer
    custom_data: Omittable[CustomData] = None
    duration: Omittable[Integer] = None


class SalesTariffEntryType(Payload, frozen=True, kw_only=True):
    """One stretch of time in a sales tariff, with its price level and costs."""

    relative_time_interval: RelativeTimeIntervalType
    custom_data: Omittable[CustomData] = None
    e_price_level: Omittable[NonNegativeInt] = None
    consumption_cost: Omittable[List1To3[ConsumptionCostType]] = None


class SalesTariffType(Payload, frozen=True, kw_only=True):
    """An ISO 15118-2 tariff of price levels over time, meant for the vehicle."""

    id: Integer
    sales_tariff_entry: List1To1024[SalesTariffEntryType]
    custom_data: Omittable[CustomData] = None
    sales_tariff_description: Omittable[String32] = None
    num_e_price_levels: Omittable[Integer] = None


class ChargingScheduleType(Payload, frozen=True, kw_only=True):
    """A series of limits over time, with their unit and a start."""

    id: Integer
    charging_rate_unit: ChargingRateUnitEnumType
    charging_schedule_period: List1To1024[ChargingSchedulePeriodType]
    custom_data: Omittable[CustomData] = None
    start_schedule: Omittable[DateTime] = None
    duration: Omittable[Integer] = None
    min_charging_rate: Omittable[Number] = None
    sales_tariff: Omittable[SalesTariffType] = None


class ChargingProfileType(Payload, frozen=True, kw_only=True):
    """A charging profile: its purpose, rank, validity and one or more schedules."""

    id: Integer
    stack_level: Integer
    charging_profile_purpose: ChargingProfilePurposeEnumType
    charging_profile_kind: ChargingProfileKindEnumType
    charging_schedule: List1To3[ChargingScheduleType]
    custom_data: Omittable[CustomData] = None
    recurrency_kind: Omittable[RecurrencyKindEnumType] = None
    valid_from: Omittable[DateTime] = None
    valid_to: Omittable[DateTime] = None
    transaction_id: Omittable[String36] = None


class ModemType(Payload, frozen=True, kw_only=True):
    """The SIM of a station: its ICCID and IMSI."""

    custom_data: Omittable[CustomData] = None
    iccid: Omittable[String20] = None
    imsi: Omittable[String20] = None


class ChargingStationType(Payload, frozen=True, kw_only=True):
    """The identity of a station: vendor, model, serial number, firmware and modem."""

    model: String20
    vendor_name: String50
    custom_data: Omittable[CustomData] = None
    serial_number: Omittable[String25] = None
    modem: Omittable[ModemType] = None
    firmware_version: Omittable[String50] = None


class ClearChargingProfileType(Payload, frozen=True, kw_only=True):
    """Which profiles to clear: by EVSE, purpose and stack level."""

    custom_data: Omittable[CustomData] = None
    evse_id: Omittable[Integer] = None
    charging_profile_purpose: Omittable[ChargingProfilePurposeEnumType] = None
    stack_level: Omittable[Integer] = None


class StatusInfoType(Payload, frozen=True, kw_only=True):
    """Why a status came about: a code for machines and perhaps a note for people."""

    reason_code: String20
    custom_data: Omittable[CustomData] = None
    additional_info: Omittable[String512] = None


class ClearMonitoringResultType(Payload, frozen=True, kw_only=True):
    """What became of the order to delete one monitor."""

    status: ClearMonitoringStatusEnumType
    id: Integer
    custom_data: Omittable[CustomData] = None
    status_info: Omittable[StatusInfoType] = None


class EVSEType(Payload, frozen=True, kw_only=True):
    """One EVSE of a station, and one of its connectors if given."""

    id: Integer
    custom_data: Omittable[CustomData] = None
    connector_id: Omittable[Integer] = None


class ComponentType(Payload, frozen=True, kw_only=True):
    """A part of the station in the device model: name, instance, and EVSE if it has one."""

    name: String50
    custom_data: Omittable[CustomData] = None
    evse: Omittable[EVSEType] = None
    instance: Omittable[String50] = None


class VariableType(Payload, frozen=True, kw_only=True):
    """A variable in the device model: its name and instance."""

    name: String50
    custom_data: Omittable[CustomData] = None
    instance: Omittable[String50] = None


class ComponentVariableType(Payload, frozen=True, kw_only=True):
    """A component and, if narrowed down, one of its variables."""

    component: ComponentType
    custom_data: Omittable[CustomData] = None
    variable: Omittable[VariableType] = None


class CompositeScheduleType(Payload, frozen=True, kw_only=True):
    """What all profiles together allow at an EVSE over a period."""

    charging_schedule_period: OneOrMore[ChargingSchedulePeriodType]
    evse_id: Integer
    duration: Integer
    schedule_start: DateTime
    charging_rate_unit: ChargingRateUnitEnumType
    custom_data: Omittable[CustomData] = None


class EventDataType(Payload, frozen=True, kw_only=True):
    """One event: the component and variable, the value, and what set it off."""

    event_id: Integer
    timestamp: DateTime
    trigger: EventTriggerEnumType
    actual_value: String2500
    component: ComponentType
    event_notification_type: EventNotificationEnumType
    variable: VariableType
    custom_data: Omittable[CustomData] = None
    cause: Omittable[Integer] = None
    tech_code: Omittable[String50] = None
    tech_info: Omittable[String500] = None
    cleared: Omittable[bool] = None
    transaction_id: Omittable[String36] = None
    variable_monitoring_id: Omittable[Integer] = None


class FirmwareType(Payload, frozen=True, kw_only=True):
    """Where to fetch firmware, when to install it, and its signature."""

    location: String512
    retrieve_date_time: DateTime
    custom_data: Omittable[CustomData] = None
    install_date_time: Omittable[DateTime] = None
    signing_certificate: Omittable[String5500] = None
    signature: Omittable[String800] = None


class GetVariableDataType(Payload, frozen=True, kw_only=True):
    """A variable to read, and which facet of it."""

    component: ComponentType
    variable: VariableType
    custom_data: Omittable[CustomData] = None
    attribute_type: Omittable[AttributeEnumType] = None


class GetVariableResultType(Payload, frozen=True, kw_only=True):
    """What came of reading one variable: the value, or why there is none."""

    attribute_status: GetVariableStatusEnumType
    component: ComponentType
    variable: VariableType
    custom_data: Omittable[CustomData] = None
    attribute_status_info: Omittable[StatusInfoType] = None
    attribute_type: Omittable[AttributeEnumType] = None
    attribute_value: Omittable[String2500] = None


class LogParametersType(Payload, frozen=True, kw_only=True):
    """Where to upload a log, and the period it is to cover."""

    remote_location: String512
    custom_data: Omittable[CustomData] = None
    oldest_timestamp: Omittable[DateTime] = None
    latest_timestamp: Omittable[DateTime] = None


class MessageInfoType(Payload, frozen=True, kw_only=True):
    """A display message: its text, priority, and when, where and in which state to show it."""

    id: Integer
    priority: MessagePriorityEnumType
    message: MessageContentType
    custom_data: Omittable[CustomData] = None
    display: Omittable[ComponentType] = None
    state: Omittable[MessageStateEnumType] = None
    start_date_time: Omittable[DateTime] = None
    end_date_time: Omittable[DateTime] = None
    transaction_id: Omittable[String36] = None


class SignedMeterValueType(Payload, frozen=True, kw_only=True):
    """A meter value signed by the meter, and how to verify and decode it."""

    signed_meter_data: String2500
    signing_method: String50
    encoding_method: String50
    public_key: String2500
    custom_data: Omittable[CustomData] = None


class UnitOfMeasureType(Payload, frozen=True, kw_only=True):
    """A unit, and the power of ten its values are scaled by."""

    custom_data: Omittable[CustomData] = None
    unit: Omittable[String20] = None
    multiplier: Omittable[Integer] = None


class SampledValueType(Payload, frozen=True, kw_only=True):
    """One measured value: of what, where, on which phase, why, and in which unit."""

    value: Number
    custom_data: Omittable[CustomData] = None
    context: Omittable[ReadingContextEnumType] = None
    measurand: Omittable[MeasurandEnumType] = None
    phase: Omittable[PhaseEnumType] = None
    location: Omittable[LocationEnumType] = None
    signed_meter_value: Omittable[SignedMeterValueType] = None
    unit_of_measure: Omittable[UnitOfMeasureType] = None


class MeterValueType(Payload, frozen=True, kw_only=True):
    """The values read at one moment."""

    sampled_value: OneOrMore[SampledValueType]
    timestamp: DateTime
    custom_data: Omittable[CustomData] = None


class VariableMonitoringType(Payload, frozen=True, kw_only=True):
    """A monitor as installed: its id, type, value and severity."""

    id: Integer
    transaction: bool
    value: Number
    type: MonitorEnumType
    severity: Integer
    custom_data: Omittable[CustomData] = None


class MonitoringDataType(Payload, frozen=True, kw_only=True):
    """A variable of a component, with all monitors set on it."""

    component: ComponentType
    variable: VariableType
    variable_monitoring: OneOrMore[VariableMonitoringType]
    custom_data: Omittable[CustomData] = None


class VPNType(Payload, frozen=True, kw_only=True):
    """How to set up a VPN tunnel: server, login, group, key and protocol."""

    server: String512
    user: String20
    password: String20
    key: String255
    type: VPNEnumType
    custom_data: Omittable[CustomData] = None
    group: Omittable[String20] = None


class NetworkConnectionProfileType(Payload, frozen=True, kw_only=True):
    """How to reach a CSMS: address, interface, security profile, modem and tunnel."""

    ocpp_version: OCPPVersionEnumType
    ocpp_transport: OCPPTransportEnumType
    ocpp_csms_url: String512
    message_timeout: Integer
    security_profile: Integer
    ocpp_interface: OCPPInterfaceEnumType
    custom_data: Omittable[CustomData] = None
    apn: Omittable[APNType] = None
    vpn: Omittable[VPNType] = None


class OCSPRequestDataType(Payload, frozen=True, kw_only=True):
    """A certificate given by its hashes, and the OCSP responder to ask about it."""

    hash_algorithm: HashAlgorithmEnumType
    issuer_name_hash: String128
    issuer_key_hash: String128
    serial_number: String40
    responder_url: String512 = field(name="responderURL")
    custom_data: Omittable[CustomData] = None


class VariableAttributeType(Payload, frozen=True, kw_only=True):
    """One facet of a variable: its value, and whether it can be written or survives reboot."""

    custom_data: Omittable[CustomData] = None
    type: Omittable[AttributeEnumType] = None
    value: Omittable[String2500] = None
    mutability: Omittable[MutabilityEnumType] = None
    persistent: Omittable[bool] = None
    constant: Omittable[bool] = None


class VariableCharacteristicsType(Payload, frozen=True, kw_only=True):
    """What values a variable can take: type, unit, bounds or a list."""

    data_type: DataEnumType
    supports_monitoring: bool
    custom_data: Omittable[CustomData] = None
    unit: Omittable[String16] = None
    min_limit: Omittable[Number] = None
    max_limit: Omittable[Number] = None
    values_list: Omittable[String1000] = None


class ReportDataType(Payload, frozen=True, kw_only=True):
    """One variable of a component, with its values and characteristics."""

    component: ComponentType
    variable: VariableType
    variable_attribute: List1To4[VariableAttributeType]
    custom_data: Omittable[CustomData] = None
    variable_characteristics: Omittable[VariableCharacteristicsType] = None


class SetMonitoringDataType(Payload, frozen=True, kw_only=True):
    """A monitor to set: on which variable, of what type, value and severity."""

    value: Number
    type: MonitorEnumType
    severity: Integer
    component: ComponentType
    variable: VariableType
    custom_data: Omittable[CustomData] = None
    id: Omittable[Integer] = None
    transaction: Omittable[bool] = None


class SetMonitoringResultType(Payload, frozen=True, kw_only=True):
    """What became of one monitor to be set, and the id it got."""

    status: SetMonitoringStatusEnumType
    type: MonitorEnumType
    component: ComponentType
    variable: VariableType
    severity: Integer
    custom_data: Omittable[CustomData] = None
    id: Omittable[Integer] = None
    status_info: Omittable[StatusInfoType] = None


class SetVariableDataType(Payload, frozen=True, kw_only=True):
    """A variable to set, which facet of it, and the value."""

    attribute_value: String1000
    component: ComponentType
    variable: VariableType
    custom_data: Omittable[CustomData] = None
    attribute_type: Omittable[AttributeEnumType] = None


class SetVariableResultType(Payload, frozen=True, kw_only=True):
    """What became of setting one variable."""

    attribute_status: SetVariableStatusEnumType
    component: ComponentType
    variable: VariableType
    custom_data: Omittable[CustomData] = None
    attribute_type: Omittable[AttributeEnumType] = None
    attribute_status_info: Omittable[StatusInfoType] = None


class TransactionType(Payload, frozen=True, kw_only=True):
    """A transaction: its id, charging state, charging time and reason for stopping."""

    transaction_id: String36
    custom_data: Omittable[CustomData] = None
    charging_state: Omittable[ChargingStateEnumType] = None
    time_spent_charging: Omittable[Integer] = None
    stopped_reason: Omittable[ReasonEnumType] = None
    remote_start_id: Omittable[Integer] = None
