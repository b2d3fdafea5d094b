"""`idempotency_key`: by which a repetition is known, whatever its message id (T-41)."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from ocpp_sansio.core import Request, member

__all__ = ["idempotency_key"]

NO_TRANSACTION = -1
"""The transactionId of a transaction whose start the station could never deliver."""


def idempotency_key(request: Request[Any]) -> tuple[Hashable, ...] | None:
    """Return what is the same in all repetitions of a message that is billed by, and in no other message.

    Put the station's identity before it: two stations may say the same. None for a message that does no harm
    when it comes twice. `offline` and the message id are not in it: a repetition may have others.
    """
    read = _KEYS.get(request.action)
    return None if read is None else (request.action, *read(request))


def _start(request: Any) -> tuple[Hashable, ...]:
    return (
        request.connector_id,
        request.id_tag.casefold(),  # an idTag is the same in any case
        request.timestamp,
        request.meter_start,
        request.reservation_id,
    )


def _stop(request: Any) -> tuple[Hashable, ...]:
    if request.transaction_id != NO_TRANSACTION:
        return (request.transaction_id,)
    id_tag = request.id_tag and request.id_tag.casefold()
    return (request.transaction_id, request.timestamp, request.meter_stop, id_tag)


def _meter_values(request: Any) -> tuple[Hashable, ...]:
    place = member(request, "connectorId"), member(request, "evseId")
    timestamps = tuple(value.timestamp for value in request.meter_value)
    return (*place, member(request, "transactionId"), timestamps)


def _transaction_event(request: Any) -> tuple[Hashable, ...]:
    # In whatever order they come: one that is older than the end is another message all the same (T-43).
    return (request.transaction_info.transaction_id, request.seq_no)


_KEYS: Mapping[str, Callable[[Any], tuple[Hashable, ...]]] = {
    "StartTransaction": _start,
    "StopTransaction": _stop,
    "MeterValues": _meter_values,
    "TransactionEvent": _transaction_event,
}
