"""What is the same in a repetition, and what it is answered (T-40, T-41)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from ocpp_sansio import v16, v21, v201
from ocpp_sansio.repetition import Repetitions, idempotency_key

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
START = v16.StartTransactionRequest(connector_id=1, id_tag="Tag", meter_start=5, timestamp=NOON)
STOP = v16.StopTransactionRequest(transaction_id=7, meter_stop=9, timestamp=NOON, id_tag="Tag")
UNKNOWN_STOP = replace(STOP, transaction_id=-1)
VALUES = v16.MeterValuesRequest(
    connector_id=1,
    transaction_id=7,
    meter_value=[
        v16.MeterValue(timestamp=NOON, sampled_value=[v16.SampledValue(value="1")]),
        v16.MeterValue(
            timestamp=NOON + timedelta(seconds=1), sampled_value=[v16.SampledValue(value="2")]
        ),
    ],
)

VALUES_2X = v201.MeterValuesRequest(
    evse_id=1,
    meter_value=[
        v201.MeterValueType(timestamp=NOON, sampled_value=[v201.SampledValueType(value=Decimal(1))])
    ],
)


def event(package: Any, **members: Any) -> Any:
    fields = {
        "event_type": package.TransactionEventEnumType.UPDATED,
        "timestamp": NOON,
        "trigger_reason": package.TriggerReasonEnumType.METER_VALUE_PERIODIC,
        "seq_no": 3,
        "transaction_info": package.TransactionType(transaction_id="t"),
    }
    return package.TransactionEventRequest(**(fields | members))


@pytest.mark.parametrize(
    ("request_", "repetition"),
    [
        (START, replace(START, id_tag="TAG")),
        (START, replace(START, timestamp=NOON.astimezone())),
        (STOP, replace(STOP, meter_stop=10)),  # the id says enough
        (UNKNOWN_STOP, replace(UNKNOWN_STOP, id_tag="tAG")),
        (VALUES, replace(VALUES)),
        (event(v201), event(v201, offline=True)),
        (event(v21), event(v21, offline=True, timestamp=NOON + timedelta(hours=1))),
    ],
)
def test_a_repetition_has_the_same_key(request_: Any, repetition: Any) -> None:
    assert idempotency_key(request_) == idempotency_key(repetition)
    assert hash(idempotency_key(request_)) == hash(idempotency_key(repetition))


@pytest.mark.parametrize(
    ("request_", "another"),
    [
        (START, replace(START, connector_id=2)),
        (START, replace(START, id_tag="Other")),
        (START, replace(START, timestamp=NOON + timedelta(milliseconds=1))),
        (START, replace(START, meter_start=6)),
        (START, replace(START, reservation_id=1)),
        (STOP, replace(STOP, transaction_id=8)),
        (UNKNOWN_STOP, replace(UNKNOWN_STOP, timestamp=NOON + timedelta(seconds=1))),
        (UNKNOWN_STOP, replace(UNKNOWN_STOP, meter_stop=10)),
        (UNKNOWN_STOP, replace(UNKNOWN_STOP, id_tag=None)),
        (VALUES, replace(VALUES, connector_id=2)),
        (VALUES, replace(VALUES, transaction_id=8)),
        (VALUES, replace(VALUES, meter_value=VALUES.meter_value[:1])),
        (VALUES_2X, replace(VALUES_2X, evse_id=2)),
        (VALUES_2X, replace(VALUES_2X, meter_value=[])),
        (event(v201), event(v201, seq_no=4)),
        (
            event(v201),
            event(v201, transaction_info=v201.TransactionType(transaction_id="u")),
        ),
    ],
)
def test_another_message_has_another_key(request_: Any, another: Any) -> None:
    assert idempotency_key(request_) != idempotency_key(another)


def test_what_does_no_harm_twice_has_no_key() -> None:
    assert idempotency_key(v16.HeartbeatRequest()) is None
    answers = Repetitions()
    first = answers.answer(v16.HeartbeatRequest(), lambda: v16.HeartbeatResponse(current_time=NOON))
    later = NOON + timedelta(seconds=1)
    second = answers.answer(
        v16.HeartbeatRequest(), lambda: v16.HeartbeatResponse(current_time=later)
    )
    assert first != second


def accepted(transaction_id: int, status: str = "Accepted") -> v16.StartTransactionResponse:
    info = v16.IdTagInfo(status=v16.AuthorizationStatus(status))
    return v16.StartTransactionResponse(id_tag_info=info, transaction_id=transaction_id)


def test_a_repetition_is_answered_like_the_first_time_with_a_fresh_verdict() -> None:
    begun: list[int] = []

    def begin() -> v16.StartTransactionResponse:
        begun.append(len(begun) + 1)
        return accepted(begun[-1])

    answers = Repetitions()
    assert answers.answer(START, begin) == accepted(1)
    assert answers.answer(START, begin) == accepted(1)
    blocked = v16.IdTagInfo(status=v16.AuthorizationStatus.BLOCKED)
    again = answers.answer(START, begin, again=lambda a: replace(a, id_tag_info=blocked))
    assert again == accepted(1, "Blocked")
    assert begun == [1]
    assert answers.answer(replace(START, connector_id=2), begin) == accepted(2)


def test_only_the_newest_answers_are_kept_unless_the_mapping_is_yours() -> None:
    requests = [replace(START, meter_start=number) for number in range(5)]
    for answers, kept in (
        (Repetitions(max_answers=2), {3, 4}),
        (Repetitions({}, max_answers=2), {0, 1, 2, 3, 4}),
    ):
        for number, request in enumerate(requests):
            answers.answer(request, lambda number=number: accepted(number))  # type: ignore[misc]
        known = {
            number
            for number, request in reversed([*enumerate(requests)])
            if answers._answers.get(idempotency_key(request) or ())
        }
        assert known == kept
