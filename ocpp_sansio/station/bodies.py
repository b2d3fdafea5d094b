"""What is put into a message only when it leaves, since only then it is known (T-20, T-27, K-6)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ocpp_sansio.core import UNREADABLE, JsonObject, Version, read_json, write_json
from ocpp_sansio.station.records import Record

__all__ = ["body_to_send", "moved", "newest_time"]

_TIMES = frozenset({"timestamp"})
_FREE = frozenset({"customData"})


def body_to_send(record: Record, *, transaction_id: int | None, is_offline: bool) -> JsonObject:
    """Return the payload of a record as it is to leave now.

    `transaction_id` is that of 1.6, None where none belongs into it. Raises one of `core.UNREADABLE` for a
    record that is no JSON.
    """
    body: JsonObject = read_json(record.body)
    if record.version is Version.OCPP16:
        if transaction_id is not None:
            body["transactionId"] = transaction_id
    elif is_offline and record.action == "TransactionEvent":
        body["offline"] = True
    return body


def newest_time(body: bytes) -> float | None:
    """Return the newest timestamp in a payload, in seconds of UTC since 1970; None if there is none."""
    try:
        return max(_times_in(read_json(body)), default=None)
    except UNREADABLE:
        return None


def _times_in(value: Any) -> Iterator[float]:
    if isinstance(value, list):
        for item in value:
            yield from _times_in(item)
    if not isinstance(value, dict):
        return
    for name, item in value.items():
        if name in _TIMES and isinstance(item, str):
            try:
                yield datetime.fromisoformat(item).timestamp()
            except (ValueError, OverflowError):
                continue  # unchecked: no time
        elif name not in _FREE:
            yield from _times_in(item)


def moved(body: bytes, seconds: float) -> bytes:
    """Return a payload with its timestamps moved (K-6)."""
    return write_json(_moved(read_json(body), timedelta(seconds=seconds)))


def _moved(value: Any, step: timedelta) -> Any:
    if isinstance(value, list):
        return [_moved(item, step) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _moved_member(name, item, step) for name, item in value.items()}


def _moved_member(name: str, value: Any, step: timedelta) -> Any:
    if name in _FREE:
        return value
    if name in _TIMES and isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value) + step
        except (ValueError, OverflowError):
            return value  # unchecked, or at the end of the calendar
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _moved(value, step)
