"""The data types of OCPP 2.1, named as in the specification.

Written by tools/generate.py from the facts of the official schemas: change that, not this.
"""

from msgspec import field

from ocpp_sansio.core.messages import (
    CustomData,
    DateTime,
    Integer,
    NonPositiveNumber,
    Number,
    Omittable,
    Payload,
    Percentage,
)
from ocpp_sansio.v21._scalars import (
    Int0To3,
    Int0To100,
    List1To3,
    List1To4,
    List1To4Texts,
    List1To5,
    List1To5Texts,
    List1To7,
    List1To8,
    List1To10,
    List1To20,
    List1To100,
    List1To1024,
    NonNegativeInt,
    OneOrMore,
    OneOrMoreTexts,
    PositiveInt,
    String3,
    String6,
    String8,
    String16,
    String20,
    String25,
    String32,
    String36,
    String40,
    String48,
    String50,
    String60,
    String64,
    String80,
    String88,
    String100,
    String128,
    String160,
    String255,
    String256,
    String500,
    String800,
    String1000,
    String1024,
    String2000,
    String2500,
    String5500,
    String32768,
)
from ocpp_sansio.v21.enums import (
    APNAuthenticationEnumType,
    AttributeEnumType,
    AuthorizationStatusEnumType,
    CertificateStatusEnumType,
    CertificateStatusSourceEnumType,
    ChargingProfileKindEnumType,
    ChargingProfilePurposeEnumType,
    ChargingRateUnitEnumType,
    ChargingStateEnumType,
    ClearMonitoringStatusEnumType,
    ControlModeEnumType,
    CostDimensionEnumType,
    CostKindEnumType,
    DataEnumType,
    DayOfWeekEnumType,
    DERControlEnumType,
    DERUnitEnumType,
    EnergyTransferModeEnumType,
    EventNotificationEnumType,
    EventTriggerEnumType,
    EvseKindEnumType,
    GetCertificateIdUseEnumType,
    GetVariableStatusEnumType,
    HashAlgorithmEnumType,
    IslandingDetectionEnumType,
    LocationEnumType,
    MeasurandEnumType,
    MessageFormatEnumType,
    MessagePriorityEnumType,
    MessageStateEnumType,
    MobilityNeedsModeEnumType,
    MonitorEnumType,
    MutabilityEnumType,
    OCPPInterfaceEnumType,
    OCPPTransportEnumType,
    OCPPVersionEnumType,
    OperationModeEnumType,
    PhaseEnumType,
    PowerDuringCessationEnumType,
    ReadingContextEnumType,
    ReasonEnumType,
    RecurrencyKindEnumType,
    SetMonitoringStatusEnumType,
    SetVariableStatusEnumType,
    TariffClearStatusEnumType,
    TariffCostEnumType,
    TariffKindEnumType,
    VPNEnumType,
)

__all__ = [
    "ACChargingParametersType",
    "APNType",
    "AbsolutePriceScheduleType",
    "AdditionalInfoType",
    "AdditionalSelectedServicesType",
    "AddressType",
    "AuthorizationData",
    "BatteryDataType",
    "CertificateHashDataChainType",
    "CertificateHashDataType",
    "CertificateStatusRequestInfoType",
    "CertificateStatusType",
    "ChargingLimitType",
    "ChargingNeedsType",
    "ChargingPeriodType",
    "ChargingProfileCriterionType",
    "ChargingProfileType",
    "ChargingSchedulePeriodType",
    "ChargingScheduleType",
    "ChargingScheduleUpdateType",
    "ChargingStationType",
    "ClearChargingProfileType",
    "ClearMonitoringResultType",
    "ClearTariffsResultType",
    "ComponentType",
    "ComponentVariableType",
    "CompositeScheduleType",
    "ConstantStreamDataType",
    "ConsumptionCostType",
    "CostDetailsType",
    "CostDimensionType",
    "CostType",
    "DCChargingParametersType",
    "DERChargingParametersType",
    "DERCurveGetType",
    "DERCurvePointsType",
    "DERCurveType",
    "EVAbsolutePriceScheduleEntryType",
    "EVAbsolutePriceScheduleType",
    "EVEnergyOfferType",
    "EVPowerScheduleEntryType",
    "EVPowerScheduleType",
    "EVPriceRuleType",
    "EVSEType",
    "EnterServiceGetType",
    "EnterServiceType",
    "EventDataType",
    "FirmwareType",
    "FixedPFGetType",
    "FixedPFType",
    "FixedVarGetType",
    "FixedVarType",
    "FreqDroopGetType",
    "FreqDroopType",
    "GetVariableDataType",
    "GetVariableResultType",
    "GradientGetType",
    "GradientType",
    "HysteresisType",
    "IdTokenInfoType",
    "IdTokenType",
    "LimitAtSoCType",
    "LimitMaxDischargeGetType",
    "LimitMaxDischargeType",
    "LogParametersType",
    "MessageContentType",
    "MessageInfoType",
    "MeterValueType",
    "ModemType",
    "MonitoringDataType",
    "NetworkConnectionProfileType",
    "OCSPRequestDataType",
    "OverstayRuleListType",
    "OverstayRuleType",
    "PeriodicEventStreamParamsType",
    "PriceLevelScheduleEntryType",
    "PriceLevelScheduleType",
    "PriceRuleStackType",
    "PriceRuleType",
    "PriceType",
    "RationalNumberType",
    "ReactivePowerParamsType",
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
    "StreamDataElementType",
    "TariffAssignmentType",
    "TariffConditionsFixedType",
    "TariffConditionsType",
    "TariffEnergyPriceType",
    "TariffEnergyType",
    "TariffFixedPriceType",
    "TariffFixedType",
    "TariffTimePriceType",
    "TariffTimeType",
    "TariffType",
    "TaxRateType",
    "TaxRuleType",
    "TotalCostType",
    "TotalPriceType",
    "TotalUsageType",
    "TransactionLimitType",
    "TransactionType",
    "UnitOfMeasureType",
    "V2XChargingParametersType",
    "V2XFreqWattPointType",
    "V2XSignalWattPointType",
    "VPNType",
    "VariableAttributeType",
    "VariableCharacteristicsType",
    "VariableMonitoringType",
    "VariableType",
    "VoltageParamsType",
]


class ACChargingParametersType(Payload, frozen=True, kw_only=True):
    """What a vehicle needs and can take when charging by AC: energy, currents, voltage."""

    energy_amount: Number
    ev_min_current: Number
    ev_max_current: Number
    ev_max_voltage: Number
    custom_data: Omittable[CustomData] = None


class APNType(Payload, frozen=True, kw_only=True):
    """How to reach the network through a cellular modem: access point, login and SIM PIN."""

    apn: String2000
    apn_authentication: APNAuthenticationEnumType
    apn_user_name: Omittable[String50] = None
    apn_password: Omittable[String64] = None
    sim_pin: Omittable[Integer] = None
    preferred_network: Omittable[String6] = None
    use_only_preferred_network: Omittable[bool] = None
    custom_data: Omittable[CustomData] = None


class RationalNumberType(Payload, frozen=True, kw_only=True):
    """A number written as an integer times a power of ten."""

    exponent: Integer
    value: Integer
    custom_data: Omittable[CustomData] = None


class AdditionalSelectedServicesType(Payload, frozen=True, kw_only=True):
    """A service the driver has chosen on top of charging, and its fee."""

    service_fee: RationalNumberType
    service_name: String80
    custom_data: Omittable[CustomData] = None


class OverstayRuleType(Payload, frozen=True, kw_only=True):
    """One fee for staying on after charging, when it starts and how often it recurs."""

    overstay_fee: RationalNumberType
    start_time: Integer
    overstay_fee_period: Integer
    overstay_rule_description: Omittable[String32] = None
    custom_data: Omittable[CustomData] = None


class OverstayRuleListType(Payload, frozen=True, kw_only=True):
    """The fees for staying on after charging, and the time and power that mark its end."""

    overstay_rule: List1To5[OverstayRuleType]
    overstay_power_threshold: Omittable[RationalNumberType] = None
    overstay_time_threshold: Omittable[Integer] = None
    custom_data: Omittable[CustomData] = None


class PriceRuleType(Payload, frozen=True, kw_only=True):
    """The energy and parking fee from a given power upward, and how green the power is."""

    energy_fee: RationalNumberType
    power_range_start: RationalNumberType
    parking_fee_period: Omittable[Integer] = None
    carbon_dioxide_emission: Omittable[NonNegativeInt] = None
    renewable_generation_percentage: Omittable[Int0To100] = None
    parking_fee: Omittable[RationalNumberType] = None
    custom_data: Omittable[CustomData] = None


class PriceRuleStackType(Payload, frozen=True, kw_only=True):
    """The price rules of one stretch of time, by power."""

    duration: Integer
    price_rule: List1To8[PriceRuleType]
    custom_data: Omittable[CustomData] = None


class TaxRuleType(Payload, frozen=True, kw_only=True):
    """A tax of an ISO 15118-20 price schedule, and the fees it is charged on."""

    tax_rule_id: NonNegativeInt = field(name="taxRuleID")
    applies_to_energy_fee: bool
    applies_to_parking_fee: bool
    applies_to_overstay_fee: bool
    applies_to_minimum_maximum_cost: bool
    tax_rate: RationalNumberType
    tax_rule_name: Omittable[String100] = None
    tax_included_in_price: Omittable[bool] = None
    custom_data: Omittable[CustomData] = None


class AbsolutePriceScheduleType(Payload, frozen=True, kw_only=True):
    """An ISO 15118-20 schedule of real prices: rules, taxes, overstay and extra fees."""

    time_anchor: DateTime
    price_schedule_id: NonNegativeInt = field(name="priceScheduleID")
    currency: String3
    language: String8
    price_algorithm: String2000
    price_rule_stacks: List1To1024[PriceRuleStackType]
    price_schedule_description: Omittable[String160] = None
    minimum_cost: Omittable[RationalNumberType] = None
    maximum_cost: Omittable[RationalNumberType] = None
    tax_rules: Omittable[List1To10[TaxRuleType]] = None
    overstay_rule_list: Omittable[OverstayRuleListType] = None
    additional_selected_services: Omittable[List1To5[AdditionalSelectedServicesType]] = None
    custom_data: Omittable[CustomData] = None


class AdditionalInfoType(Payload, frozen=True, kw_only=True):
    """A further identifier that goes along with a token, and what it means."""

    additional_id_token: String255
    type: String50
    custom_data: Omittable[CustomData] = None


class AddressType(Payload, frozen=True, kw_only=True):
    """A postal address of a person or company."""

    name: String50
    address1: String100
    city: String100
    country: String50
    address2: Omittable[String100] = None
    postal_code: Omittable[String20] = None
    custom_data: Omittable[CustomData] = None


class IdTokenType(Payload, frozen=True, kw_only=True):
    """A token that identifies a driver, and what kind of token it is."""

    id_token: String255
    type: String20
    additional_info: Omittable[OneOrMore[AdditionalInfoType]] = None
    custom_data: Omittable[CustomData] = None


class MessageContentType(Payload, frozen=True, kw_only=True):
    """A text for the driver, with its format and language."""

    format: MessageFormatEnumType
    content: String1024
    language: Omittable[String8] = None
    custom_data: Omittable[CustomData] = None


class IdTokenInfoType(Payload, frozen=True, kw_only=True):
    """What is known of a token: status, expiry, group, priority and where it is valid."""

    status: AuthorizationStatusEnumType
    cache_expiry_date_time: Omittable[DateTime] = None
    charging_priority: Omittable[Integer] = None
    group_id_token: Omittable[IdTokenType] = None
    language1: Omittable[String8] = None
    language2: Omittable[String8] = None
    evse_id: Omittable[OneOrMore[NonNegativeInt]] = None
    personal_message: Omittable[MessageContentType] = None
    custom_data: Omittable[CustomData] = None


class AuthorizationData(Payload, frozen=True, kw_only=True):
    """An entry for the local list; without token info, a differential update deletes it."""

    id_token: IdTokenType
    id_token_info: Omittable[IdTokenInfoType] = None
    custom_data: Omittable[CustomData] = None


class BatteryDataType(Payload, frozen=True, kw_only=True):
    """A battery in a swap slot: serial number, charge, health and age."""

    evse_id: NonNegativeInt
    serial_number: String50
    so_c: Percentage
    so_h: Percentage
    production_date: Omittable[DateTime] = None
    vendor_info: Omittable[String500] = None
    custom_data: Omittable[CustomData] = None


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
    child_certificate_hash_data: Omittable[List1To4[CertificateHashDataType]] = None
    custom_data: Omittable[CustomData] = None


class CertificateStatusRequestInfoType(Payload, frozen=True, kw_only=True):
    """A certificate whose revocation status is wanted, and where to look it up."""

    certificate_hash_data: CertificateHashDataType
    source: CertificateStatusSourceEnumType
    urls: List1To5Texts[String2000]
    custom_data: Omittable[CustomData] = None


class CertificateStatusType(Payload, frozen=True, kw_only=True):
    """The revocation status found for one certificate, and when to look again."""

    certificate_hash_data: CertificateHashDataType
    source: CertificateStatusSourceEnumType
    status: CertificateStatusEnumType
    next_update: DateTime
    custom_data: Omittable[CustomData] = None


class ChargingLimitType(Payload, frozen=True, kw_only=True):
    """An outside limit on charging, or extra local power: who set it, if grid-critical."""

    charging_limit_source: String20
    is_local_generation: Omittable[bool] = None
    is_grid_critical: Omittable[bool] = None
    custom_data: Omittable[CustomData] = None


class DCChargingParametersType(Payload, frozen=True, kw_only=True):
    """What a vehicle can take and how full its battery is when charging by DC."""

    ev_max_current: Number
    ev_max_voltage: Number
    ev_max_power: Omittable[Number] = None
    ev_energy_capacity: Omittable[Number] = None
    energy_amount: Omittable[Number] = None
    state_of_charge: Omittable[Int0To100] = None
    full_soc: Omittable[Int0To100] = field(name="fullSoC", default=None)
    bulk_soc: Omittable[Int0To100] = field(name="bulkSoC", default=None)
    custom_data: Omittable[CustomData] = None


class DERChargingParametersType(Payload, frozen=True, kw_only=True):
    """The inverter of a vehicle that supports the grid: its make, ratings and limits."""

    ev_supported_der_control: Omittable[OneOrMore[DERControlEnumType]] = field(
        name="evSupportedDERControl", default=None
    )
    ev_over_excited_max_discharge_power: Omittable[Number] = None
    ev_over_excited_power_factor: Omittable[Number] = None
    ev_under_excited_max_discharge_power: Omittable[Number] = None
    ev_under_excited_power_factor: Omittable[Number] = None
    max_apparent_power: Omittable[Number] = None
    max_charge_apparent_power: Omittable[Number] = None
    max_charge_apparent_power_l2: Omittable[Number] = field(
        name="maxChargeApparentPower_L2", default=None
    )
    max_charge_apparent_power_l3: Omittable[Number] = field(
        name="maxChargeApparentPower_L3", default=None
    )
    max_discharge_apparent_power: Omittable[Number] = None
    max_discharge_apparent_power_l2: Omittable[Number] = field(
        name="maxDischargeApparentPower_L2", default=None
    )
    max_discharge_apparent_power_l3: Omittable[Number] = field(
        name="maxDischargeApparentPower_L3", default=None
    )
    max_charge_reactive_power: Omittable[Number] = None
    max_charge_reactive_power_l2: Omittable[Number] = field(
        name="maxChargeReactivePower_L2", default=None
    )
    max_charge_reactive_power_l3: Omittable[Number] = field(
        name="maxChargeReactivePower_L3", default=None
    )
    min_charge_reactive_power: Omittable[Number] = None
    min_charge_reactive_power_l2: Omittable[Number] = field(
        name="minChargeReactivePower_L2", default=None
    )
    min_charge_reactive_power_l3: Omittable[Number] = field(
        name="minChargeReactivePower_L3", default=None
    )
    max_discharge_reactive_power: Omittable[Number] = None
    max_discharge_reactive_power_l2: Omittable[Number] = field(
        name="maxDischargeReactivePower_L2", default=None
    )
    max_discharge_reactive_power_l3: Omittable[Number] = field(
        name="maxDischargeReactivePower_L3", default=None
    )
    min_discharge_reactive_power: Omittable[Number] = None
    min_discharge_reactive_power_l2: Omittable[Number] = field(
        name="minDischargeReactivePower_L2", default=None
    )
    min_discharge_reactive_power_l3: Omittable[Number] = field(
        name="minDischargeReactivePower_L3", default=None
    )
    nominal_voltage: Omittable[Number] = None
    nominal_voltage_offset: Omittable[Number] = None
    max_nominal_voltage: Omittable[Number] = None
    min_nominal_voltage: Omittable[Number] = None
    ev_inverter_manufacturer: Omittable[String50] = None
    ev_inverter_model: Omittable[String50] = None
    ev_inverter_serial_number: Omittable[String50] = None
    ev_inverter_sw_version: Omittable[String50] = None
    ev_inverter_hw_version: Omittable[String50] = None
    ev_islanding_detection_method: Omittable[OneOrMore[IslandingDetectionEnumType]] = None
    ev_islanding_trip_time: Omittable[Number] = None
    ev_maximum_level1_dc_injection: Omittable[Number] = field(
        name="evMaximumLevel1DCInjection", default=None
    )
    ev_duration_level1_dc_injection: Omittable[Number] = field(
        name="evDurationLevel1DCInjection", default=None
    )
    ev_maximum_level2_dc_injection: Omittable[Number] = field(
        name="evMaximumLevel2DCInjection", default=None
    )
    ev_duration_level2_dc_injection: Omittable[Number] = field(
        name="evDurationLevel2DCInjection", default=None
    )
    ev_reactive_susceptance: Omittable[Number] = None
    ev_session_total_discharge_energy_available: Omittable[Number] = None
    custom_data: Omittable[CustomData] = None


class EVPriceRuleType(Payload, frozen=True, kw_only=True):
    """A vehicle's price per kWh from a given power upward."""

    energy_fee: Number
    power_range_start: Number
    custom_data: Omittable[CustomData] = None


class EVAbsolutePriceScheduleEntryType(Payload, frozen=True, kw_only=True):
    """The price rules of a vehicle's energy offer for one stretch of time."""

    duration: Integer
    ev_price_rule: List1To8[EVPriceRuleType]
    custom_data: Omittable[CustomData] = None


class EVAbsolutePriceScheduleType(Payload, frozen=True, kw_only=True):
    """The prices at which a vehicle offers to give back energy, over time."""

    time_anchor: DateTime
    currency: String3
    ev_absolute_price_schedule_entries: List1To1024[EVAbsolutePriceScheduleEntryType]
    price_algorithm: String2000
    custom_data: Omittable[CustomData] = None


class EVPowerScheduleEntryType(Payload, frozen=True, kw_only=True):
    """The power a vehicle would feed back during one stretch of time."""

    duration: Integer
    power: Number
    custom_data: Omittable[CustomData] = None


class EVPowerScheduleType(Payload, frozen=True, kw_only=True):
    """The power a vehicle would feed back over time, counted from an anchor time."""

    ev_power_schedule_entries: List1To1024[EVPowerScheduleEntryType]
    time_anchor: DateTime
    custom_data: Omittable[CustomData] = None


class EVEnergyOfferType(Payload, frozen=True, kw_only=True):
    """The power and prices at which a vehicle would feed energy back."""

    ev_power_schedule: EVPowerScheduleType
    ev_absolute_price_schedule: Omittable[EVAbsolutePriceScheduleType] = None
    custom_data: Omittable[CustomData] = None


class V2XChargingParametersType(Payload, frozen=True, kw_only=True):
    """A vehicle's power, current, voltage and energy bounds, charging and discharging."""

    min_charge_power: Omittable[Number] = None
    min_charge_power_l2: Omittable[Number] = field(name="minChargePower_L2", default=None)
    min_charge_power_l3: Omittable[Number] = field(name="minChargePower_L3", default=None)
    max_charge_power: Omittable[Number] = None
    max_charge_power_l2: Omittable[Number] = field(name="maxChargePower_L2", default=None)
    max_charge_power_l3: Omittable[Number] = field(name="maxChargePower_L3", default=None)
    min_discharge_power: Omittable[Number] = None
    min_discharge_power_l2: Omittable[Number] = field(name="minDischargePower_L2", default=None)
    min_discharge_power_l3: Omittable[Number] = field(name="minDischargePower_L3", default=None)
    max_discharge_power: Omittable[Number] = None
    max_discharge_power_l2: Omittable[Number] = field(name="maxDischargePower_L2", default=None)
    max_discharge_power_l3: Omittable[Number] = field(name="maxDischargePower_L3", default=None)
    min_charge_current: Omittable[Number] = None
    max_charge_current: Omittable[Number] = None
    min_discharge_current: Omittable[Number] = None
    max_discharge_current: Omittable[Number] = None
    min_voltage: Omittable[Number] = None
    max_voltage: Omittable[Number] = None
    ev_target_energy_request: Omittable[Number] = None
    ev_min_energy_request: Omittable[Number] = None
    ev_max_energy_request: Omittable[Number] = None
    ev_min_v2x_energy_request: Omittable[Number] = None
    ev_max_v2x_energy_request: Omittable[Number] = None
    target_soc: Omittable[Int0To100] = field(name="targetSoC", default=None)
    custom_data: Omittable[CustomData] = None


class ChargingNeedsType(Payload, frozen=True, kw_only=True):
    """What a vehicle asks for and can give back: modes, parameters, departure, offers."""

    requested_energy_transfer: EnergyTransferModeEnumType
    ac_charging_parameters: Omittable[ACChargingParametersType] = None
    der_charging_parameters: Omittable[DERChargingParametersType] = None
    ev_energy_offer: Omittable[EVEnergyOfferType] = None
    dc_charging_parameters: Omittable[DCChargingParametersType] = None
    v2x_charging_parameters: Omittable[V2XChargingParametersType] = None
    available_energy_transfer: Omittable[OneOrMore[EnergyTransferModeEnumType]] = None
    control_mode: Omittable[ControlModeEnumType] = None
    mobility_needs_mode: Omittable[MobilityNeedsModeEnumType] = None
    departure_time: Omittable[DateTime] = None
    custom_data: Omittable[CustomData] = None


class CostDimensionType(Payload, frozen=True, kw_only=True):
    """How much of one thing was used in a charging period."""

    type: CostDimensionEnumType
    volume: Number
    custom_data: Omittable[CustomData] = None


class ChargingPeriodType(Payload, frozen=True, kw_only=True):
    """A stretch of a transaction with its own tariff, and what was used during it."""

    start_period: DateTime
    dimensions: Omittable[OneOrMore[CostDimensionType]] = None
    tariff_id: Omittable[String60] = None
    custom_data: Omittable[CustomData] = None


class ChargingProfileCriterionType(Payload, frozen=True, kw_only=True):
    """A filter on charging profiles: by id, purpose, stack level or limit source."""

    charging_profile_purpose: Omittable[ChargingProfilePurposeEnumType] = None
    stack_level: Omittable[NonNegativeInt] = None
    charging_profile_id: Omittable[OneOrMore[Integer]] = None
    charging_limit_source: Omittable[List1To4Texts[String20]] = None
    custom_data: Omittable[CustomData] = None


class V2XFreqWattPointType(Payload, frozen=True, kw_only=True):
    """A point of the curve that sets charging power by grid frequency."""

    frequency: Number
    power: Number
    custom_data: Omittable[CustomData] = None


class V2XSignalWattPointType(Payload, frozen=True, kw_only=True):
    """A point of the curve that sets charging power by the grid operator's signal."""

    signal: Integer
    power: Number
    custom_data: Omittable[CustomData] = None


class ChargingSchedulePeriodType(Payload, frozen=True, kw_only=True):
    """One step of a schedule: limits and setpoints per phase, charging or discharging."""

    start_period: Integer
    limit: Omittable[Number] = None
    limit_l2: Omittable[Number] = field(name="limit_L2", default=None)
    limit_l3: Omittable[Number] = field(name="limit_L3", default=None)
    number_phases: Omittable[Int0To3] = None
    phase_to_use: Omittable[Int0To3] = None
    discharge_limit: Omittable[NonPositiveNumber] = None
    discharge_limit_l2: Omittable[NonPositiveNumber] = field(name="dischargeLimit_L2", default=None)
    discharge_limit_l3: Omittable[NonPositiveNumber] = field(name="dischargeLimit_L3", default=None)
    setpoint: Omittable[Number] = None
    setpoint_l2: Omittable[Number] = field(name="setpoint_L2", default=None)
    setpoint_l3: Omittable[Number] = field(name="setpoint_L3", default=None)
    setpoint_reactive: Omittable[Number] = None
    setpoint_reactive_l2: Omittable[Number] = field(name="setpointReactive_L2", default=None)
    setpoint_reactive_l3: Omittable[Number] = field(name="setpointReactive_L3", default=None)
    preconditioning_request: Omittable[bool] = None
    evse_sleep: Omittable[bool] = None
    v2x_baseline: Omittable[Number] = None
    operation_mode: Omittable[OperationModeEnumType] = None
    v2x_freq_watt_curve: Omittable[List1To20[V2XFreqWattPointType]] = None
    v2x_signal_watt_curve: Omittable[List1To20[V2XSignalWattPointType]] = None
    custom_data: Omittable[CustomData] = None


class LimitAtSoCType(Payload, frozen=True, kw_only=True):
    """A lower limit that takes over once the battery is this full."""

    soc: Int0To100
    limit: Number
    custom_data: Omittable[CustomData] = None


class PriceLevelScheduleEntryType(Payload, frozen=True, kw_only=True):
    """The price level of one stretch of time."""

    duration: Integer
    price_level: NonNegativeInt
    custom_data: Omittable[CustomData] = None


class PriceLevelScheduleType(Payload, frozen=True, kw_only=True):
    """An ISO 15118-20 schedule of price levels, which rank times without naming prices."""

    price_level_schedule_entries: List1To100[PriceLevelScheduleEntryType]
    time_anchor: DateTime
    price_schedule_id: NonNegativeInt
    number_of_price_levels: NonNegativeInt
    price_schedule_description: Omittable[String32] = None
    custom_data: Omittable[CustomData] = None


class CostType(Payload, frozen=True, kw_only=True):
    """One cost figure of a sales tariff, with its kind and power of ten."""

    cost_kind: CostKindEnumType
    amount: Integer
    amount_multiplier: Omittable[Integer] = None
    custom_data: Omittable[CustomData] = None


class ConsumptionCostType(Payload, frozen=True, kw_only=True):
    """A block of consumption from a start value on, and the costs within it."""

    start_value: Number
    cost: List1To3[CostType]
    custom_data: Omittable[CustomData] = None


class RelativeTimeIntervalType(Payload, frozen=True, kw_only=True):
    """A stretch of time counted in seconds from the start of the schedule."""

    start: Integer
    duration: Omittable[Integer] = None
    custom_data: Omittable[CustomData] = None


class SalesTariffEntryType(Payload, frozen=True, kw_only=True):
    """One stretch of time in a sales tariff, with its price level and costs."""

    relative_time_interval: RelativeTimeIntervalType
    e_price_level: Omittable[NonNegativeInt] = None
    consumption_cost: Omittable[List1To3[ConsumptionCostType]] = None
    custom_data: Omittable[CustomData] = None


class SalesTariffType(Payload, frozen=True, kw_only=True):
    """An ISO 15118-2 tariff of price levels over time, meant for the vehicle."""

    id: NonNegativeInt
    sales_tariff_entry: List1To1024[SalesTariffEntryType]
    sales_tariff_description: Omittable[String32] = None
    num_e_price_levels: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


class ChargingScheduleType(Payload, frozen=True, kw_only=True):
    """A series of limits and setpoints over time, with unit, start and prices."""

    id: Integer
    charging_rate_unit: ChargingRateUnitEnumType
    charging_schedule_period: List1To1024[ChargingSchedulePeriodType]
    limit_at_soc: Omittable[LimitAtSoCType] = field(name="limitAtSoC", default=None)
    start_schedule: Omittable[DateTime] = None
    duration: Omittable[Integer] = None
    min_charging_rate: Omittable[Number] = None
    power_tolerance: Omittable[Number] = None
    signature_id: Omittable[NonNegativeInt] = None
    digest_value: Omittable[String88] = None
    use_local_time: Omittable[bool] = None
    randomized_delay: Omittable[NonNegativeInt] = None
    sales_tariff: Omittable[SalesTariffType] = None
    absolute_price_schedule: Omittable[AbsolutePriceScheduleType] = None
    price_level_schedule: Omittable[PriceLevelScheduleType] = None
    custom_data: Omittable[CustomData] = None


class ChargingProfileType(Payload, frozen=True, kw_only=True):
    """A charging profile: its purpose, rank, validity and one or more schedules."""

    id: Integer
    stack_level: NonNegativeInt
    charging_profile_purpose: ChargingProfilePurposeEnumType
    charging_profile_kind: ChargingProfileKindEnumType
    charging_schedule: List1To3[ChargingScheduleType]
    recurrency_kind: Omittable[RecurrencyKindEnumType] = None
    valid_from: Omittable[DateTime] = None
    valid_to: Omittable[DateTime] = None
    transaction_id: Omittable[String36] = None
    max_offline_duration: Omittable[Integer] = None
    invalid_after_offline_duration: Omittable[bool] = None
    dyn_update_interval: Omittable[Integer] = None
    dyn_update_time: Omittable[DateTime] = None
    price_schedule_signature: Omittable[String256] = None
    custom_data: Omittable[CustomData] = None


class ChargingScheduleUpdateType(Payload, frozen=True, kw_only=True):
    """New limits and setpoints for the running step of a dynamic schedule."""

    limit: Omittable[Number] = None
    limit_l2: Omittable[Number] = field(name="limit_L2", default=None)
    limit_l3: Omittable[Number] = field(name="limit_L3", default=None)
    discharge_limit: Omittable[NonPositiveNumber] = None
    discharge_limit_l2: Omittable[NonPositiveNumber] = field(name="dischargeLimit_L2", default=None)
    discharge_limit_l3: Omittable[NonPositiveNumber] = field(name="dischargeLimit_L3", default=None)
    setpoint: Omittable[Number] = None
    setpoint_l2: Omittable[Number] = field(name="setpoint_L2", default=None)
    setpoint_l3: Omittable[Number] = field(name="setpoint_L3", default=None)
    setpoint_reactive: Omittable[Number] = None
    setpoint_reactive_l2: Omittable[Number] = field(name="setpointReactive_L2", default=None)
    setpoint_reactive_l3: Omittable[Number] = field(name="setpointReactive_L3", default=None)
    custom_data: Omittable[CustomData] = None


class ModemType(Payload, frozen=True, kw_only=True):
    """The SIM of a station: its ICCID and IMSI."""

    iccid: Omittable[String20] = None
    imsi: Omittable[String20] = None
    custom_data: Omittable[CustomData] = None


class ChargingStationType(Payload, frozen=True, kw_only=True):
    """The identity of a station: vendor, model, serial number, firmware and modem."""

    model: String20
    vendor_name: String50
    serial_number: Omittable[String25] = None
    modem: Omittable[ModemType] = None
    firmware_version: Omittable[String50] = None
    custom_data: Omittable[CustomData] = None


class ClearChargingProfileType(Payload, frozen=True, kw_only=True):
    """Which profiles to clear: by EVSE, purpose and stack level."""

    evse_id: Omittable[NonNegativeInt] = None
    charging_profile_purpose: Omittable[ChargingProfilePurposeEnumType] = None
    stack_level: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


class StatusInfoType(Payload, frozen=True, kw_only=True):
    """Why a status came about: a code for machines and perhaps a note for people."""

    reason_code: String20
    additional_info: Omittable[String1024] = None
    custom_data: Omittable[CustomData] = None


class ClearMonitoringResultType(Payload, frozen=True, kw_only=True):
    """What became of the order to delete one monitor."""

    status: ClearMonitoringStatusEnumType
    id: NonNegativeInt
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class ClearTariffsResultType(Payload, frozen=True, kw_only=True):
    """What became of the order to remove one tariff."""

    status: TariffClearStatusEnumType
    status_info: Omittable[StatusInfoType] = None
    tariff_id: Omittable[String60] = None
    custom_data: Omittable[CustomData] = None


class EVSEType(Payload, frozen=True, kw_only=True):
    """One EVSE of a station, and one of its connectors if given."""

    id: NonNegativeInt
    connector_id: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


class ComponentType(Payload, frozen=True, kw_only=True):
    """A part of the station in the device model: name, instance, and EVSE if it has one."""

    name: String50
    evse: Omittable[EVSEType] = None
    instance: Omittable[String50] = None
    custom_data: Omittable[CustomData] = None


class VariableType(Payload, frozen=True, kw_only=True):
    """A variable in the device model: its name and instance."""

    name: String50
    instance: Omittable[String50] = None
    custom_data: Omittable[CustomData] = None


class ComponentVariableType(Payload, frozen=True, kw_only=True):
    """A component and, if narrowed down, one of its variables."""

    component: ComponentType
    variable: Omittable[VariableType] = None
    custom_data: Omittable[CustomData] = None


class CompositeScheduleType(Payload, frozen=True, kw_only=True):
    """What all profiles together allow at an EVSE over a period."""

    evse_id: NonNegativeInt
    duration: Integer
    schedule_start: DateTime
    charging_rate_unit: ChargingRateUnitEnumType
    charging_schedule_period: OneOrMore[ChargingSchedulePeriodType]
    custom_data: Omittable[CustomData] = None


class PeriodicEventStreamParamsType(Payload, frozen=True, kw_only=True):
    """The pace of a stream: send after so many seconds or so many values."""

    interval: Omittable[NonNegativeInt] = None
    values: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


class ConstantStreamDataType(Payload, frozen=True, kw_only=True):
    """The fixed data of an event stream: its id, its monitor and its pace."""

    id: NonNegativeInt
    params: PeriodicEventStreamParamsType
    variable_monitoring_id: NonNegativeInt
    custom_data: Omittable[CustomData] = None


class TaxRateType(Payload, frozen=True, kw_only=True):
    """One tax: its name, percentage, and whether it is charged on top of other taxes."""

    type: String20
    tax: Number
    stack: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


class PriceType(Payload, frozen=True, kw_only=True):
    """A price with tax, without it, or both, and the taxes in it."""

    excl_tax: Omittable[Number] = None
    incl_tax: Omittable[Number] = None
    tax_rates: Omittable[List1To5[TaxRateType]] = None
    custom_data: Omittable[CustomData] = None


class TotalPriceType(Payload, frozen=True, kw_only=True):
    """A total with tax, without it, or both."""

    excl_tax: Omittable[Number] = None
    incl_tax: Omittable[Number] = None
    custom_data: Omittable[CustomData] = None


class TotalCostType(Payload, frozen=True, kw_only=True):
    """The cost of a transaction so far or at its end, item by item and in total."""

    currency: String3
    type_of_cost: TariffCostEnumType
    total: TotalPriceType
    fixed: Omittable[PriceType] = None
    energy: Omittable[PriceType] = None
    charging_time: Omittable[PriceType] = None
    idle_time: Omittable[PriceType] = None
    reservation_time: Omittable[PriceType] = None
    reservation_fixed: Omittable[PriceType] = None
    custom_data: Omittable[CustomData] = None


class TotalUsageType(Payload, frozen=True, kw_only=True):
    """The energy and time a transaction has used, idling and reservation included."""

    energy: Number
    charging_time: Integer
    idle_time: Integer
    reservation_time: Omittable[Integer] = None
    custom_data: Omittable[CustomData] = None


class CostDetailsType(Payload, frozen=True, kw_only=True):
    """What a transaction has used and cost, as the station worked it out."""

    total_cost: TotalCostType
    total_usage: TotalUsageType
    charging_periods: Omittable[OneOrMore[ChargingPeriodType]] = None
    failure_to_calculate: Omittable[bool] = None
    failure_reason: Omittable[String500] = None
    custom_data: Omittable[CustomData] = None


class DERCurvePointsType(Payload, frozen=True, kw_only=True):
    """One point of a grid-support curve."""

    x: Number
    y: Number
    custom_data: Omittable[CustomData] = None


class HysteresisType(Payload, frozen=True, kw_only=True):
    """When and how fast to return to normal once a grid event is over."""

    hysteresis_high: Omittable[Number] = None
    hysteresis_low: Omittable[Number] = None
    hysteresis_delay: Omittable[Number] = None
    hysteresis_gradient: Omittable[Number] = None
    custom_data: Omittable[CustomData] = None


class ReactivePowerParamsType(Payload, frozen=True, kw_only=True):
    """How a volt-var curve sets and adjusts its reference voltage."""

    v_ref: Omittable[Number] = None
    autonomous_v_ref_enable: Omittable[bool] = None
    autonomous_v_ref_time_constant: Omittable[Number] = None
    custom_data: Omittable[CustomData] = None


class VoltageParamsType(Payload, frozen=True, kw_only=True):
    """The ten-minute mean overvoltage limit, its trip delay, and what to feed in on a fault."""

    hv10_min_mean_value: Omittable[Number] = None
    hv10_min_mean_trip_delay: Omittable[Number] = None
    power_during_cessation: Omittable[PowerDuringCessationEnumType] = None
    custom_data: Omittable[CustomData] = None


class DERCurveType(Payload, frozen=True, kw_only=True):
    """A grid-support curve: its points, unit, response time, priority and period."""

    curve_data: List1To10[DERCurvePointsType]
    priority: NonNegativeInt
    y_unit: DERUnitEnumType
    hysteresis: Omittable[HysteresisType] = None
    reactive_power_params: Omittable[ReactivePowerParamsType] = None
    voltage_params: Omittable[VoltageParamsType] = None
    response_time: Omittable[Number] = None
    start_time: Omittable[DateTime] = None
    duration: Omittable[Number] = None
    custom_data: Omittable[CustomData] = None


class DERCurveGetType(Payload, frozen=True, kw_only=True):
    """A grid-support curve as reported: its id and type, if default or superseded."""

    curve: DERCurveType
    id: String36
    curve_type: DERControlEnumType
    is_default: bool
    is_superseded: bool
    custom_data: Omittable[CustomData] = None


class EnterServiceType(Payload, frozen=True, kw_only=True):
    """The grid voltage and frequency, delay and ramp at which feeding in may resume."""

    priority: NonNegativeInt
    high_voltage: Number
    low_voltage: Number
    high_freq: Number
    low_freq: Number
    delay: Omittable[Number] = None
    random_delay: Omittable[Number] = None
    ramp_rate: Omittable[Number] = None
    custom_data: Omittable[CustomData] = None


class EnterServiceGetType(Payload, frozen=True, kw_only=True):
    """The reconnect conditions as reported by the station, with their id."""

    enter_service: EnterServiceType
    id: String36
    custom_data: Omittable[CustomData] = None


class EventDataType(Payload, frozen=True, kw_only=True):
    """One event: the component and variable, the value, and what set it off."""

    event_id: NonNegativeInt
    timestamp: DateTime
    trigger: EventTriggerEnumType
    actual_value: String2500
    component: ComponentType
    event_notification_type: EventNotificationEnumType
    variable: VariableType
    cause: Omittable[NonNegativeInt] = None
    tech_code: Omittable[String50] = None
    tech_info: Omittable[String500] = None
    cleared: Omittable[bool] = None
    transaction_id: Omittable[String36] = None
    variable_monitoring_id: Omittable[NonNegativeInt] = None
    severity: Omittable[NonNegativeInt] = None
    custom_data: Omittable[CustomData] = None


class FirmwareType(Payload, frozen=True, kw_only=True):
    """Where to fetch firmware, when to install it, and its signature."""

    location: String2000
    retrieve_date_time: DateTime
    install_date_time: Omittable[DateTime] = None
    signing_certificate: Omittable[String5500] = None
    signature: Omittable[String800] = None
    custom_data: Omittable[CustomData] = None


class FixedPFType(Payload, frozen=True, kw_only=True):
    """A constant power factor for feeding in: absorbing or injecting, and for how long."""

    priority: NonNegativeInt
    displacement: Number
    excitation: bool
    start_time: Omittable[DateTime] = None
    duration: Omittable[Number] = None
    custom_data: Omittable[CustomData] = None


class FixedPFGetType(Payload, frozen=True, kw_only=True):
    """A fixed power factor setting as reported: its id, and if default or superseded."""

    fixed_pf: FixedPFType = field(name="fixedPF")
    id: String36
    is_default: bool
    is_superseded: bool
    custom_data: Omittable[CustomData] = None


class FixedVarType(Payload, frozen=True, kw_only=True):
    """A constant reactive power to hold: the setpoint in percent, of what, and when."""

    priority: NonNegativeInt
    setpoint: Number
    unit: DERUnitEnumType
    start_time: Omittable[DateTime] = None
    duration: Omittable[Number] = None
    custom_data: Omittable[CustomData] = None


class FixedVarGetType(Payload, frozen=True, kw_only=True):
    """A fixed reactive power setting as reported: its id, and if default or superseded."""

    fixed_var: FixedVarType
    id: String36
    is_default: bool
    is_superseded: bool
    custom_data: Omittable[CustomData] = None


class FreqDroopType(Payload, frozen=True, kw_only=True):
    """How power gives way as the grid frequency strays above or below its band."""

    priority: NonNegativeInt
    over_freq: Number
    under_freq: Number
    over_droop: Number
    under_droop: Number
    response_time: Number
    start_time: Omittable[DateTime] = None
    duration: Omittable[Number] = None
    custom_data: Omittable[CustomData] = None


class FreqDroopGetType(Payload, frozen=True, kw_only=True):
    """A frequency droop setting as reported: its id, and if default or superseded."""

    freq_droop: FreqDroopType
    id: String36
    is_default: bool
    is_superseded: bool
    custom_data: Omittable[CustomData] = None


class GetVariableDataType(Payload, frozen=True, kw_only=True):
    """A variable to read, and which facet of it."""

    component: ComponentType
    variable: VariableType
    attribute_type: Omittable[AttributeEnumType] = None
    custom_data: Omittable[CustomData] = None


class GetVariableResultType(Payload, frozen=True, kw_only=True):
    """What came of reading one variable: the value, or why there is none."""

    attribute_status: GetVariableStatusEnumType
    component: ComponentType
    variable: VariableType
    attribute_status_info: Omittable[StatusInfoType] = None
    attribute_type: Omittable[AttributeEnumType] = None
    attribute_value: Omittable[String2500] = None
    custom_data: Omittable[CustomData] = None


class GradientType(Payload, frozen=True, kw_only=True):
    """How fast a vehicle may change its feed-in, normally and at a soft start."""

    priority: NonNegativeInt
    gradient: Number
    soft_gradient: Number
    custom_data: Omittable[CustomData] = None


class GradientGetType(Payload, frozen=True, kw_only=True):
    """The ramp rate setting as reported by the station, with its id."""

    gradient: GradientType
    id: String36
    custom_data: Omittable[CustomData] = None


class LimitMaxDischargeType(Payload, frozen=True, kw_only=True):
    """A cap on discharging, in percent of the rated maximum, and when it applies."""

    priority: NonNegativeInt
    pct_max_discharge_power: Omittable[Number] = None
    power_monitoring_must_trip: Omittable[DERCurveType] = None
    start_time: Omittable[DateTime] = None
    duration: Omittable[Number] = None
    custom_data: Omittable[CustomData] = None


class LimitMaxDischargeGetType(Payload, frozen=True, kw_only=True):
    """A cap on discharging as reported: its id, and if default or superseded."""

    id: String36
    is_default: bool
    is_superseded: bool
    limit_max_discharge: LimitMaxDischargeType
    custom_data: Omittable[CustomData] = None


class LogParametersType(Payload, frozen=True, kw_only=True):
    """Where to upload a log, and the period it is to cover."""

    remote_location: String2000
    oldest_timestamp: Omittable[DateTime] = None
    latest_timestamp: Omittable[DateTime] = None
    custom_data: Omittable[CustomData] = None


class MessageInfoType(Payload, frozen=True, kw_only=True):
    """A display message: its texts, priority, and when, where and in which state to show it."""

    id: NonNegativeInt
    priority: MessagePriorityEnumType
    message: MessageContentType
    display: Omittable[ComponentType] = None
    state: Omittable[MessageStateEnumType] = None
    start_date_time: Omittable[DateTime] = None
    end_date_time: Omittable[DateTime] = None
    transaction_id: Omittable[String36] = None
    message_extra: Omittable[List1To4[MessageContentType]] = None
    custom_data: Omittable[CustomData] = None


class SignedMeterValueType(Payload, frozen=True, kw_only=True):
    """A meter value signed by the meter, and how to verify and decode it."""

    signed_meter_data: String32768
    encoding_method: String50
    signing_method: Omittable[String50] = None
    public_key: Omittable[String2500] = None
    custom_data: Omittable[CustomData] = None


class UnitOfMeasureType(Payload, frozen=True, kw_only=True):
    """A unit, and the power of ten its values are scaled by."""

    unit: Omittable[String20] = None
    multiplier: Omittable[Integer] = None
    custom_data: Omittable[CustomData] = None


class SampledValueType(Payload, frozen=True, kw_only=True):
    """One measured value: of what, where, on which phase, why, and in which unit."""

    value: Number
    measurand: Omittable[MeasurandEnumType] = None
    context: Omittable[ReadingContextEnumType] = None
    phase: Omittable[PhaseEnumType] = None
    location: Omittable[LocationEnumType] = None
    signed_meter_value: Omittable[SignedMeterValueType] = None
    unit_of_measure: Omittable[UnitOfMeasureType] = None
    custom_data: Omittable[CustomData] = None


class MeterValueType(Payload, frozen=True, kw_only=True):
    """The values read at one moment."""

    sampled_value: OneOrMore[SampledValueType]
    timestamp: DateTime
    custom_data: Omittable[CustomData] = None


class VariableMonitoringType(Payload, frozen=True, kw_only=True):
    """A monitor as installed: its id, type, value and severity."""

    id: NonNegativeInt
    transaction: bool
    value: Number
    type: MonitorEnumType
    severity: NonNegativeInt
    event_notification_type: EventNotificationEnumType
    custom_data: Omittable[CustomData] = None


class MonitoringDataType(Payload, frozen=True, kw_only=True):
    """A variable of a component, with all monitors set on it."""

    component: ComponentType
    variable: VariableType
    variable_monitoring: OneOrMore[VariableMonitoringType]
    custom_data: Omittable[CustomData] = None


class VPNType(Payload, frozen=True, kw_only=True):
    """How to set up a VPN tunnel: server, login, group, key and protocol."""

    server: String2000
    user: String50
    password: String64
    key: String255
    type: VPNEnumType
    group: Omittable[String50] = None
    custom_data: Omittable[CustomData] = None


class NetworkConnectionProfileType(Payload, frozen=True, kw_only=True):
    """How to reach a CSMS: address, interface, security profile, modem and tunnel."""

    ocpp_interface: OCPPInterfaceEnumType
    ocpp_transport: OCPPTransportEnumType
    message_timeout: Integer
    ocpp_csms_url: String2000
    security_profile: NonNegativeInt
    apn: Omittable[APNType] = None
    ocpp_version: Omittable[OCPPVersionEnumType] = None
    identity: Omittable[String48] = None
    basic_auth_password: Omittable[String64] = None
    vpn: Omittable[VPNType] = None
    custom_data: Omittable[CustomData] = None


class OCSPRequestDataType(Payload, frozen=True, kw_only=True):
    """A certificate given by its hashes, and the OCSP responder to ask about it."""

    hash_algorithm: HashAlgorithmEnumType
    issuer_name_hash: String128
    issuer_key_hash: String128
    serial_number: String40
    responder_url: String2000 = field(name="responderURL")
    custom_data: Omittable[CustomData] = None


class VariableAttributeType(Payload, frozen=True, kw_only=True):
    """One facet of a variable: its value, and whether it can be written or survives reboot."""

    type: Omittable[AttributeEnumType] = None
    value: Omittable[String2500] = None
    mutability: Omittable[MutabilityEnumType] = None
    persistent: Omittable[bool] = None
    constant: Omittable[bool] = None
    custom_data: Omittable[CustomData] = None


class VariableCharacteristicsType(Payload, frozen=True, kw_only=True):
    """What values a variable can take: type, unit, bounds or a list."""

    data_type: DataEnumType
    supports_monitoring: bool
    unit: Omittable[String16] = None
    min_limit: Omittable[Number] = None
    max_limit: Omittable[Number] = None
    max_elements: Omittable[PositiveInt] = None
    values_list: Omittable[String1000] = None
    custom_data: Omittable[CustomData] = None


class ReportDataType(Payload, frozen=True, kw_only=True):
    """One variable of a component, with its values and characteristics."""

    component: ComponentType
    variable: VariableType
    variable_attribute: List1To4[VariableAttributeType]
    variable_characteristics: Omittable[VariableCharacteristicsType] = None
    custom_data: Omittable[CustomData] = None


class SetMonitoringDataType(Payload, frozen=True, kw_only=True):
    """A monitor to set: variable, type, value and severity, perhaps sent as a stream."""

    value: Number
    type: MonitorEnumType
    severity: NonNegativeInt
    component: ComponentType
    variable: VariableType
    id: Omittable[NonNegativeInt] = None
    periodic_event_stream: Omittable[PeriodicEventStreamParamsType] = None
    transaction: Omittable[bool] = None
    custom_data: Omittable[CustomData] = None


class SetMonitoringResultType(Payload, frozen=True, kw_only=True):
    """What became of one monitor to be set, and the id it got."""

    status: SetMonitoringStatusEnumType
    type: MonitorEnumType
    component: ComponentType
    variable: VariableType
    severity: NonNegativeInt
    id: Omittable[NonNegativeInt] = None
    status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class SetVariableDataType(Payload, frozen=True, kw_only=True):
    """A variable to set, which facet of it, and the value."""

    attribute_value: String2500
    component: ComponentType
    variable: VariableType
    attribute_type: Omittable[AttributeEnumType] = None
    custom_data: Omittable[CustomData] = None


class SetVariableResultType(Payload, frozen=True, kw_only=True):
    """What became of setting one variable."""

    attribute_status: SetVariableStatusEnumType
    component: ComponentType
    variable: VariableType
    attribute_type: Omittable[AttributeEnumType] = None
    attribute_status_info: Omittable[StatusInfoType] = None
    custom_data: Omittable[CustomData] = None


class StreamDataElementType(Payload, frozen=True, kw_only=True):
    """One value of a stream and its time offset."""

    t: Number
    v: String2500
    custom_data: Omittable[CustomData] = None


class TariffAssignmentType(Payload, frozen=True, kw_only=True):
    """A tariff in place, and the EVSEs or tokens it is for."""

    tariff_id: String60
    tariff_kind: TariffKindEnumType
    valid_from: Omittable[DateTime] = None
    evse_ids: Omittable[OneOrMore[NonNegativeInt]] = None
    id_tokens: Omittable[OneOrMoreTexts[String255]] = None
    custom_data: Omittable[CustomData] = None


class TariffConditionsFixedType(Payload, frozen=True, kw_only=True):
    """What must hold at the start for a fixed fee: time, day, EVSE kind, payment card."""

    start_time_of_day: Omittable[str] = None
    end_time_of_day: Omittable[str] = None
    day_of_week: Omittable[List1To7[DayOfWeekEnumType]] = None
    valid_from_date: Omittable[str] = None
    valid_to_date: Omittable[str] = None
    evse_kind: Omittable[EvseKindEnumType] = None
    payment_brand: Omittable[String20] = None
    payment_recognition: Omittable[String20] = None
    custom_data: Omittable[CustomData] = None


class TariffConditionsType(Payload, frozen=True, kw_only=True):
    """What must hold for a price to apply: time, day, EVSE kind, power, energy, duration."""

    start_time_of_day: Omittable[str] = None
    end_time_of_day: Omittable[str] = None
    day_of_week: Omittable[List1To7[DayOfWeekEnumType]] = None
    valid_from_date: Omittable[str] = None
    valid_to_date: Omittable[str] = None
    evse_kind: Omittable[EvseKindEnumType] = None
    min_energy: Omittable[Number] = None
    max_energy: Omittable[Number] = None
    min_current: Omittable[Number] = None
    max_current: Omittable[Number] = None
    min_power: Omittable[Number] = None
    max_power: Omittable[Number] = None
    min_time: Omittable[Integer] = None
    max_time: Omittable[Integer] = None
    min_charging_time: Omittable[Integer] = None
    max_charging_time: Omittable[Integer] = None
    min_idle_time: Omittable[Integer] = None
    max_idle_time: Omittable[Integer] = None
    custom_data: Omittable[CustomData] = None


class TariffEnergyPriceType(Payload, frozen=True, kw_only=True):
    """A price per kWh, and when it applies."""

    price_kwh: Number
    conditions: Omittable[TariffConditionsType] = None
    custom_data: Omittable[CustomData] = None


class TariffEnergyType(Payload, frozen=True, kw_only=True):
    """The energy prices of a tariff and the taxes on them."""

    prices: OneOrMore[TariffEnergyPriceType]
    tax_rates: Omittable[List1To5[TaxRateType]] = None
    custom_data: Omittable[CustomData] = None


class TariffFixedPriceType(Payload, frozen=True, kw_only=True):
    """A fixed fee, and when it applies."""

    price_fixed: Number
    conditions: Omittable[TariffConditionsFixedType] = None
    custom_data: Omittable[CustomData] = None


class TariffFixedType(Payload, frozen=True, kw_only=True):
    """The fixed fees of a tariff and the taxes on them."""

    prices: OneOrMore[TariffFixedPriceType]
    tax_rates: Omittable[List1To5[TaxRateType]] = None
    custom_data: Omittable[CustomData] = None


class TariffTimePriceType(Payload, frozen=True, kw_only=True):
    """A price per minute, and when it applies."""

    price_minute: Number
    conditions: Omittable[TariffConditionsType] = None
    custom_data: Omittable[CustomData] = None


class TariffTimeType(Payload, frozen=True, kw_only=True):
    """The prices per minute of a tariff and the taxes on them."""

    prices: OneOrMore[TariffTimePriceType]
    tax_rates: Omittable[List1To5[TaxRateType]] = None
    custom_data: Omittable[CustomData] = None


class TariffType(Payload, frozen=True, kw_only=True):
    """A tariff: prices for energy, time, idling, reserving and a fixed fee, with bounds."""

    tariff_id: String60
    currency: String3
    description: Omittable[List1To10[MessageContentType]] = None
    energy: Omittable[TariffEnergyType] = None
    valid_from: Omittable[DateTime] = None
    charging_time: Omittable[TariffTimeType] = None
    idle_time: Omittable[TariffTimeType] = None
    fixed_fee: Omittable[TariffFixedType] = None
    reservation_time: Omittable[TariffTimeType] = None
    reservation_fixed: Omittable[TariffFixedType] = None
    min_cost: Omittable[PriceType] = None
    max_cost: Omittable[PriceType] = None
    custom_data: Omittable[CustomData] = None


class TransactionLimitType(Payload, frozen=True, kw_only=True):
    """How much a transaction may cost, charge, last or fill the battery."""

    max_cost: Omittable[Number] = None
    max_energy: Omittable[Number] = None
    max_time: Omittable[Integer] = None
    max_soc: Omittable[Int0To100] = field(name="maxSoC", default=None)
    custom_data: Omittable[CustomData] = None


class TransactionType(Payload, frozen=True, kw_only=True):
    """A transaction: id, charging state and mode, tariff, limits, reason for stopping."""

    transaction_id: String36
    charging_state: Omittable[ChargingStateEnumType] = None
    time_spent_charging: Omittable[Integer] = None
    stopped_reason: Omittable[ReasonEnumType] = None
    remote_start_id: Omittable[Integer] = None
    operation_mode: Omittable[OperationModeEnumType] = None
    tariff_id: Omittable[String60] = None
    transaction_limit: Omittable[TransactionLimitType] = None
    custom_data: Omittable[CustomData] = None
