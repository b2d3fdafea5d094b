"""The data types of OCPP 1.6 and its security extension, named as in the specification.

Written by tools/generate.py from the facts of the official schemas: change that, not this.
"""

from ocpp_sansio.core.messages import DateTime, Integer, Omittable, Payload, Tenths
from ocpp_sansio.v16._scalars import (
    Items,
    String20,
    String40,
    String50,
    String128,
    String500,
    String512,
    String800,
    String5500,
)
from ocpp_sansio.v16.enums import (
    AuthorizationStatus,
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    ChargingRateUnitType,
    HashAlgorithmEnumType,
    Location,
    Measurand,
    Phase,
    ReadingContext,
    RecurrencyKindType,
    UnitOfMeasure,
    ValueFormat,
)

__all__ = [
    "AuthorizationData",
    "CertificateHashDataType",
    "ChargingProfile",
    "ChargingSchedule",
    "ChargingSchedulePeriod",
    "FirmwareType",
    "IdTagInfo",
    "KeyValue",
    "LogParametersType",
    "MeterValue",
    "SampledValue",
]


class IdTagInfo(Payload, frozen=True, kw_only=True):
    """What the CSMS says of an idTag: its standing, expiry and parent tag."""

    status: AuthorizationStatus
    expiry_date: Omittable[DateTime] = None
    parent_id_tag: Omittable[String20] = None


class AuthorizationData(Payload, frozen=True, kw_only=True):
    """An entry for the local list; without token info, a differential update deletes it."""

    id_tag: String20
    id_tag_info: Omittable[IdTagInfo] = None


class CertificateHashDataType(Payload, frozen=True, kw_only=True):
    """The hashes and serial number that together identify one certificate."""

    hash_algorithm: HashAlgorithmEnumType
    issuer_name_hash: String128
    issuer_key_hash: String128
    serial_number: String40


class ChargingSchedulePeriod(Payload, frozen=True, kw_only=True):
    """One step of a schedule: from this second on, this limit."""

    start_period: Integer
    limit: Tenths
    number_phases: Omittable[Integer] = None


class ChargingSchedule(Payload, frozen=True, kw_only=True):
    """A series of limits over time, in one unit."""

    charging_rate_unit: ChargingRateUnitType
    charging_schedule_period: Items[ChargingSchedulePeriod]
    duration: Omittable[Integer] = None
    start_schedule: Omittable[DateTime] = None
    min_charging_rate: Omittable[Tenths] = None


class ChargingProfile(Payload, frozen=True, kw_only=True):
    """A limit on charging over time: what it governs, how it repeats and which one wins."""

    charging_profile_id: Integer
    stack_level: Integer
    charging_profile_purpose: ChargingProfilePurposeType
    charging_profile_kind: ChargingProfileKindType
    charging_schedule: ChargingSchedule
    transaction_id: Omittable[Integer] = None
    recurrency_kind: Omittable[RecurrencyKindType] = None
    valid_from: Omittable[DateTime] = None
    valid_to: Omittable[DateTime] = None


class FirmwareType(Payload, frozen=True, kw_only=True):
    """Where to fetch firmware, when to install it, and its signature."""

    location: String512
    retrieve_date_time: DateTime
    signing_certificate: String5500
    signature: String800
    install_date_time: Omittable[DateTime] = None


class KeyValue(Payload, frozen=True, kw_only=True):
    """A configuration key with its value, and whether it can be set."""

    key: String50
    readonly: bool
    value: Omittable[String500] = None


class LogParametersType(Payload, frozen=True, kw_only=True):
    """Where to upload a log, and the period it is to cover."""

    remote_location: String512
    oldest_timestamp: Omittable[DateTime] = None
    latest_timestamp: Omittable[DateTime] = None


class SampledValue(Payload, frozen=True, kw_only=True):
    """One measured value as text, with what, where, how and in which unit it was measured."""

    value: str
    context: Omittable[ReadingContext] = None
    format: Omittable[ValueFormat] = None
    measurand: Omittable[Measurand] = None
    phase: Omittable[Phase] = None
    location: Omittable[Location] = None
    unit: Omittable[UnitOfMeasure] = None


class MeterValue(Payload, frozen=True, kw_only=True):
    """The values sampled at one moment."""

    timestamp: DateTime
    sampled_value: Items[SampledValue]
