"""The floor of the in-process figures: what msgspec alone takes for the same bytes.

Envelope and payload are decoded with types that say no more than the measured message needs; the answer
is encoded. No rule of OCPP-J is kept, no state is held: a library that does its job cannot be as fast.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Raw, Struct
from msgspec.json import Decoder, Encoder

from benchmarks import wire
from benchmarks.timings import Step
from ocpp_sansio import (
    v16,
    v21,
    v201,
)  # for their enums only, so that no list of values stands here

AwareDateTime = Annotated[datetime, Meta(tz=True)]


class Message(Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """A payload, or a part of one."""


class Empty(Message, frozen=True): ...


class HeartbeatAnswer(Message, frozen=True):
    current_time: AwareDateTime


class Sample16(Message, frozen=True):
    value: str
    context: v16.ReadingContext | None = None
    format: v16.ValueFormat | None = None
    measurand: v16.Measurand | None = None
    location: v16.Location | None = None
    unit: v16.UnitOfMeasure | None = None


class Reading16(Message, frozen=True):
    timestamp: AwareDateTime
    sampled_value: list[Sample16]


class MeterValues(Message, frozen=True):
    connector_id: int
    meter_value: list[Reading16]
    transaction_id: int | None = None


IdTag = Annotated[str, Meta(max_length=20)]


class StartTransaction(Message, frozen=True):
    connector_id: int
    id_tag: IdTag
    meter_start: int
    timestamp: AwareDateTime
    reservation_id: int | None = None


class IdTagInfo(Message, frozen=True):
    status: v16.AuthorizationStatus


class StartTransactionAnswer(Message, frozen=True):
    id_tag_info: IdTagInfo
    transaction_id: int


class DataTransfer(Message, frozen=True):
    vendor_id: Annotated[str, Meta(max_length=255)]
    message_id: Annotated[str, Meta(max_length=50)] | None = None
    data: str | None = None


class DataTransferAnswer(Message, frozen=True):
    status: v16.DataTransferStatus


class Unit(Message, frozen=True):
    unit: Annotated[str, Meta(max_length=20)] | None = None
    multiplier: int | None = None


class Sample2(Message, frozen=True):
    value: Decimal
    context: v201.ReadingContextEnumType | None = None
    measurand: v201.MeasurandEnumType | None = None
    location: v201.LocationEnumType | None = None
    unit_of_measure: Unit | None = None


class Reading2(Message, frozen=True):
    timestamp: AwareDateTime
    sampled_value: Annotated[list[Sample2], Meta(min_length=1)]


class Evse(Message, frozen=True):
    id: int
    connector_id: int | None = None


class Transaction(Message, frozen=True):
    transaction_id: Annotated[str, Meta(max_length=36)]
    charging_state: v21.ChargingStateEnumType | None = None


class TransactionEvent(Message, frozen=True):
    event_type: v21.TransactionEventEnumType
    timestamp: AwareDateTime
    trigger_reason: v21.TriggerReasonEnumType
    seq_no: int
    transaction_info: Transaction
    evse: Evse | None = None
    meter_value: Annotated[list[Reading2], Meta(min_length=1)] | None = None


_read_call = Decoder(tuple[int, str, str, Raw]).decode
_read_result = Decoder(tuple[int, str, Raw]).decode
_write = Encoder(decimal_format="number").encode


def _csms(payload_type: type[Message], answer: Callable[[], Message]) -> Step:
    read_payload = Decoder(payload_type).decode

    def step(frame: bytes) -> bytes:
        _, message_id, _, payload = _read_call(frame)
        read_payload(payload)
        return _write((3, message_id, answer()))

    return step


def heartbeat() -> Step:
    """Return the floor of a CSMS's Heartbeat."""
    return _csms(Empty, lambda: HeartbeatAnswer(current_time=datetime.now(UTC)))


def meter_values() -> Step:
    """Return the floor of a CSMS's MeterValues."""
    return _csms(MeterValues, Empty)


def start_transaction() -> Step:
    """Return the floor of a CSMS's StartTransaction."""
    accepted = v16.AuthorizationStatus.ACCEPTED
    return _csms(
        StartTransaction,
        lambda: StartTransactionAnswer(IdTagInfo(status=accepted), transaction_id=1234),
    )


def transaction_event() -> Step:
    """Return the floor of a CSMS's TransactionEvent, 2.0.1 or 2.1."""
    return _csms(TransactionEvent, Empty)


def data_transfer() -> Step:
    """Return the floor of a CSMS's DataTransfer."""
    return _csms(DataTransfer, lambda: DataTransferAnswer(v16.DataTransferStatus.ACCEPTED))


def station_heartbeat() -> Step:
    """Return the floor of a station's Heartbeat: CALL out, result in. Its id is given, not made up."""
    read_payload = Decoder(HeartbeatAnswer).decode
    given = wire.message_id(0).decode()

    def step(payload: bytes) -> bytes:
        call = _write((2, given, "Heartbeat", Empty()))
        _, _, answer = _read_result(b'[3,"%b",%b]' % (wire.id_in(call), payload))
        read_payload(answer)
        return call

    return step
