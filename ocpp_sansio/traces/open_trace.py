"""The Open OCPP Trace format, version 1.1, both ways: a neutral JSON Lines format for exchanges of OCPP.

Its records are CALL, CALLRESULT and CALLERROR. What else crosses goes into it as a record of the nearest
kind, and `meta` says what it was: the type of a SEND or CALLRESULTERROR, that a text was no message at all,
or that a connection began or ended.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ocpp_sansio.core import Role, Version, write_json
from ocpp_sansio.traces.records import Mark, Record, decoded
from ocpp_sansio.traces.surroundings import moment_of

__all__ = ["OPEN_TRACE_VERSION", "is_open_trace", "read_open_trace", "write_open_trace"]

OPEN_TRACE_VERSION: Final = "1.1"
"""The version of the format that is written."""

_TO_CSMS, _TO_STATION = "cp-to-csms", "csms-to-cp"
_CALL, _RESULT, _ERROR = "CALL", "CALLRESULT", "CALLERROR"
_KINDS: Final[Mapping[int, str]] = {2: _CALL, 3: _RESULT, 4: _ERROR, 5: _ERROR, 6: _CALL}
_VERSIONS: Final[Mapping[Version, str]] = {
    Version.OCPP16: "1.6",
    Version.OCPP201: "2.0.1",
    Version.OCPP21: "2.1",
}
_OURS = "ocpp_sansio"  # the member of `meta` that is ours


# --- in --------------------------------------------------------------------------------------------------


def is_open_trace(entry: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a record of this format."""
    return (
        "messageType" in entry
        and "direction" in entry
        and ("schemaVersion" in entry or "transport" in entry or "chargePointId" in entry)
    )


def read_open_trace(number: int, entry: Mapping[str, Any]) -> Record | Mark:
    """Return what a record of this format holds; its `raw`, if it has that, is the message."""
    when, _, has_zone = moment_of(str(entry.get("timestamp")))
    station = entry.get("chargePointId")
    station = station if isinstance(station, str) else None
    version = next((v for v, name in _VERSIONS.items() if name == entry.get("ocppVersion")), None)
    ours = entry.get("meta")
    ours = ours.get(_OURS) if isinstance(ours, dict) else None
    what = ours.get("what") if isinstance(ours, dict) else None
    if what in ("connected", "disconnected"):
        return Mark(number, what == "connected", when, station, version, has_zone)
    sender = {_TO_CSMS: Role.STATION, _TO_STATION: Role.CSMS}.get(str(entry.get("direction")))
    raw = entry.get("raw")
    data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else _composed(entry)
    return Record(number, data, when, station, sender, version, has_zone=has_zone)


def _composed(entry: Mapping[str, Any]) -> bytes:
    """Return the message that a record without `raw` stands for."""
    kind, message_id = entry.get("messageType"), entry.get("messageId")
    if kind == _CALL:
        return write_json([2, message_id, entry.get("action"), entry.get("payload", {})])
    if kind == _RESULT:
        return write_json([3, message_id, entry.get("payload", {})])
    error = entry.get("error")
    error = error if isinstance(error, dict) else {}
    fields = [error.get("code", ""), error.get("description", ""), error.get("details", {})]
    return write_json([4, message_id, *fields])


# --- out -------------------------------------------------------------------------------------------------


def write_open_trace(records: Iterable[Record | Mark]) -> Iterator[bytes]:
    """Yield a line of the format for each record, newline included.

    Of a record without a sender, an answer is taken for the CSMS's and a call for the station's. Times that
    do not count from 1970 are written as if they did: the format has no others.
    """
    for record in records:
        yield write_json(_mark(record) if isinstance(record, Mark) else _message(record)) + b"\n"


def _head(record: Record | Mark, sender: Role | None) -> dict[str, Any]:
    try:
        moment = datetime.fromtimestamp(record.when or 0.0, UTC)
    except (OverflowError, ValueError, OSError):  # a number that stands for no time
        moment = datetime.fromtimestamp(0.0, UTC)
    head: dict[str, Any] = {
        "schemaVersion": OPEN_TRACE_VERSION,
        "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "transport": "json",
        "direction": _TO_STATION if sender is Role.CSMS else _TO_CSMS,
    }
    if record.version:
        head["ocppVersion"] = _VERSIONS[record.version]
    if record.station is not None:
        head["chargePointId"] = record.station
    return head


def _mark(mark: Mark) -> dict[str, Any]:
    what = "connected" if mark.is_connected else "disconnected"
    # A result without an id answers nothing: to a reader that does not know `meta` it is an orphan.
    return _head(mark, Role.STATION) | {"messageType": _RESULT, "meta": {_OURS: {"what": what}}}


def _message(record: Record) -> dict[str, Any]:
    raw = record.data.decode("utf-8", "replace")
    elements = decoded(record.data)
    fields = _fields_of(elements) if isinstance(elements, list) else None
    sender = record.sender
    if sender is None and fields and fields["messageType"] != _CALL:
        sender = Role.CSMS
    if fields is None:
        fields = {"messageType": _RESULT, "meta": {_OURS: {"what": "unreadable"}}}
    connector = _connector_in(fields.get("payload"))
    if connector is not None:
        fields["connectorId"] = connector
    return _head(record, sender) | fields | {"raw": raw}


def _fields_of(elements: list[Any]) -> dict[str, Any] | None:
    match elements:
        case [2 | 6 as kind, str(message_id), str(action), payload]:
            fields = {"action": action, "payload": payload}
        case [3 as kind, str(message_id), payload]:
            fields = {"payload": payload}
        case [4 | 5 as kind, str(message_id), str(code), str(description), details]:
            fields = {"error": {"code": code, "description": description, "details": details}}
        case _:
            return None
    fields |= {"messageType": _KINDS[kind], "messageId": message_id}
    if kind in _BEYOND:
        fields["meta"] = {_OURS: {"what": _BEYOND[kind]}}
    return fields


_BEYOND: Final[Mapping[int, str]] = {5: "CALLRESULTERROR", 6: "SEND"}


def _connector_in(payload: object) -> int | None:
    connector = payload.get("connectorId") if isinstance(payload, dict) else None
    is_one = type(connector) is int and connector >= 0
    return connector if is_one else None
