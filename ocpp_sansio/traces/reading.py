"""`TraceReader`: the lines of a log to the messages in them, whoever wrote it.

A line of JSON is taken by its members, any other by the text around the message in it (`surroundings`).
Which end of the line wrote the log is seen from the calls in it: who receives a BootNotification is a CSMS.
"""

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import msgspec

from ocpp_sansio.core import (
    UNREADABLE,
    Direction,
    Role,
    Version,
    catalog,
    is_beyond,
)
from ocpp_sansio.traces.finding import find_messages, is_bare
from ocpp_sansio.traces.open_trace import is_open_trace, read_open_trace
from ocpp_sansio.traces.records import Mark, Record, Skipped, decoded
from ocpp_sansio.traces.surroundings import NO_CLUES, Clues, Way, clues_of, moment_of, way_of_word

__all__ = ["TraceReader"]

MAX_STATIONS = 100_000
"""Stations of which it is remembered who wrote their log; of more, each message has to tell by itself."""

MAX_SESSIONS = 100_000
"""Sessions in a recording that are told apart; of more, those of which nothing came for the longest go."""

_CONTEXT = 400
"""Characters before a message in which its time, way and station are looked for."""

_DAY: Final = 86_400.0
_HALF_A_DAY: Final = 43_200.0

_TIMES = ("timestamp", "@timestamp", "time", "ts", "datetime", "date", "when", "t")
_STATIONS = (
    "chargePointId", "charge_point_id", "chargepoint", "chargeBoxId", "charge_box_id", "chargingStationId",
    "stationId", "station_id", "station", "identity", "cpId", "cp_id", "charger", "chargerId", "cp",
    "clientId", "client_id",
)  # fmt: skip
_VERSIONS = ("version", "ocppVersion", "ocpp_version", "subprotocol", "protocol", "ocpp")
_WAYS = ("direction", "dir", "way", "type", "event", "action", "from", "source", "sender", "origin")
_MESSAGES = (
    "frame", "message", "msg", "raw", "ocpp", "data", "payload", "text", "body", "content", "log", "line",
)  # fmt: skip
_OUTBOUND, _INBOUND = (
    ("outbound", "outgoing", "is_outgoing", "sent"),
    ("inbound", "incoming", "received"),
)

_SIDES: Final[Mapping[str, Role]] = {
    "station": Role.STATION, "cp": Role.STATION, "cs": Role.STATION, "chargepoint": Role.STATION,
    "charge_point": Role.STATION, "chargingstation": Role.STATION, "charger": Role.STATION,
    "csms": Role.CSMS, "csys": Role.CSMS, "centralsystem": Role.CSMS, "central_system": Role.CSMS,
    "server": Role.CSMS, "backend": Role.CSMS,
}  # fmt: skip


class TraceReader:
    """Makes records out of the lines of one log, in their order.

    Keeps who wrote the log, by station, and nothing of its messages. `station`, `sender` and `version`
    hold where the log itself does not say.
    """

    def __init__(
        self,
        *,
        station: str | None = None,
        sender: Role | None = None,
        version: Version | None = None,
    ) -> None:
        self.skipped = Skipped()
        """What held no message, so far."""
        self._station = station
        self._sender = sender
        self._version = version
        self._writers: dict[str | None, Role] = {}  # whose end of the line wrote it, by station
        self._session = _Session()  # whose recorded lines follow
        self._sessions: dict[str | None, _Session] = {}
        self._last_when: float | None = None  # of times without a date
        self._days = 0.0

    def read_all(self, lines: Iterable[bytes | None]) -> Iterator[Record | Mark]:
        """Yield what is in the lines of a log; None stands for a line that was too long."""
        for number, line in enumerate(lines, 1):
            yield from self.read(number, line)

    def read(self, number: int, line: bytes | None) -> list[Record | Mark]:
        """Return what is in one line: mostly one message or none. Never raises for what is in it."""
        if line is None:
            self.skipped.too_long += 1
            return []
        text = line.strip()
        if not text:
            return []
        found = self._read_line(number, text)
        whole = [each for each in found if not isinstance(each, Record) or each.is_whole]
        if len(whole) < len(found):
            self.skipped.cut += len(found) - len(whole)
            self.skipped.first_cut = self.skipped.first_cut or number
        elif not found:
            self.skipped.without_message += 1
        return found

    def _read_line(self, number: int, text: bytes) -> list[Record | Mark]:
        if text[:1] == b"{":
            readable = text.decode("utf-8", "replace").encode()  # whatever the logger's encoding
            entry = decoded(readable)
            if isinstance(entry, dict):
                return self._read_entry(number, entry, readable)
        if is_bare(text):
            return [self._record(number, text, NO_CLUES)]
        return self._read_text(number, text, NO_CLUES)

    # --- lines of text -----------------------------------------------------------------------------------

    def _read_text(self, number: int, text: bytes, known: Clues) -> list[Record | Mark]:
        found = list(find_messages(text))
        if len(found) == 1 and known is NO_CLUES:  # as in nearly every line of nearly every log
            (only,) = found
            ahead = text[max(0, only.start - _CONTEXT) : only.start].decode(errors="replace")
            told = clues_of(ahead, text[only.end : only.end + _CONTEXT].decode(errors="replace"))
            return [self._record(number, only.data, told, is_whole=only.is_whole)]
        ends = [0, *(each.end for each in found)]
        starts = [*(each.start for each in found), len(text)]
        clues = known
        records: list[Record | Mark] = []
        for i, each in enumerate(found):
            before = text[max(ends[i], each.start - _CONTEXT) : each.start]
            behind = text[each.end : min(starts[i + 1], each.end + _CONTEXT)]
            told = clues_of(before.decode(errors="replace"), behind.decode(errors="replace"))
            clues = _merged(known, told, clues)
            records.append(self._record(number, each.data, clues, is_whole=each.is_whole))
        return records

    # --- lines of JSON -----------------------------------------------------------------------------------

    def _read_entry(self, number: int, entry: dict[str, Any], text: bytes) -> list[Record | Mark]:
        if "what" in entry:
            return self._read_recorded(number, entry, text)
        if is_open_trace(entry):
            return [read_open_trace(number, entry)]
        clues, version = _clues_of_entry(entry), _version_in(entry)
        members = _raw_members(text)
        for name in (*_MESSAGES, *entry):
            value = entry.get(name)
            if isinstance(value, list) and _is_message(value):
                return [self._record(number, bytes(members[name]), clues, version=version)]
            if isinstance(value, dict):
                inner = self._read_entry(number, value, bytes(members[name]))
                if inner:
                    return [_completed(each, clues, version) for each in inner]
            if isinstance(value, str):
                found = self._read_said(number, value, clues, version)
                if found:
                    return found
        return []

    def _read_said(
        self, number: int, said: str, clues: Clues, version: Version | None
    ) -> list[Record | Mark]:
        """Read a member that is a text: a message, or a line of some other log."""
        text = said.encode("utf-8", "surrogatepass").strip()
        if is_bare(text):
            return [self._record(number, text, clues, version=version)]
        return [_completed(each, clues, version) for each in self._read_text(number, text, clues)]

    # --- recordings of ours ------------------------------------------------------------------------------

    def _read_recorded(
        self, number: int, entry: dict[str, Any], text: bytes
    ) -> list[Record | Mark]:
        what = entry["what"]
        if what in ("made", "session"):
            self._turn_to(entry)
        session = self._session
        when = session.moment(_number_in(entry.get("time")), _number_in(entry.get("wall")))
        station = session.identity or self._station
        if what in ("connected", "disconnected"):
            is_connected = what == "connected"
            if is_connected:
                session.version = _version_of(entry.get("version"))
            return [Mark(number, is_connected, when, station, session.version, session.is_dated)]
        if what not in ("received", "sent"):
            return []
        sender = session.role
        if sender and what == "received":
            sender = sender.other
        version = session.version or self._version
        sender = sender or self._sender
        is_as_it_was = "message" in entry
        data = bytes(_raw_members(text)["message"]) if is_as_it_was else _recorded_data(entry)
        return [Record(number, data, when, station, sender, version, has_zone=session.is_dated)]

    def _turn_to(self, entry: dict[str, Any]) -> None:
        """Take the lines that follow for those of another session, one that goes on or a new one."""
        key = entry.get("session")
        key = key if isinstance(key, str) else None
        known = self._sessions.pop(key, None)
        if known is None or entry["what"] == "made":
            known = _Session(_text_in(entry.get("identity")), _role_of(entry.get("role")))
        known.version = _version_of(entry.get("version")) or known.version
        self._session = self._sessions[key] = known
        if len(self._sessions) > MAX_SESSIONS:
            del self._sessions[next(iter(self._sessions))]

    # --- records -----------------------------------------------------------------------------------------

    def _record(
        self,
        number: int,
        data: bytes,
        clues: Clues,
        *,
        version: Version | None = None,
        is_whole: bool = True,
    ) -> Record:
        station = clues.station or self._station
        sender = clues.sender
        if sender is None and clues.way is None:
            sender = self._sender
        sender = sender or self._sender_of(data, station, clues.way) or self._sender
        when = self._when_of(clues)
        version = version or self._version
        return Record(number, data, when, station, sender, version, is_whole, clues.has_zone)

    def _when_of(self, clues: Clues) -> float | None:
        when = clues.when
        if when is None or clues.has_date:
            return when
        last, self._last_when = self._last_when, when
        if last is not None and when < last - _HALF_A_DAY:
            self._days += _DAY  # past midnight
        return when + self._days

    def _sender_of(self, data: bytes, station: str | None, way: Way | None) -> Role | None:
        """Return who sent a message: its action tells, or which end of the line wrote the log."""
        sender = _sender_by_action(data)
        if way is None:
            return sender
        if sender:
            if len(self._writers) < MAX_STATIONS:
                self._writers.setdefault(station, sender if way is Way.OUT else sender.other)
            return sender
        writer = self._writers.get(station) or self._writers.get(None)
        if writer is None:
            return None
        return writer if way is Way.OUT else writer.other


class _Session(msgspec.Struct):
    """A session in a recording of ours."""

    identity: str | None = None
    role: Role | None = None
    version: Version | None = None
    offset: float | None = None  # seconds from its clock to that which counts from 1970
    last: float | None = None  # on its own clock

    @property
    def is_dated(self) -> bool:
        return self.offset is not None

    def moment(self, time: float | None, wall: float | None) -> float | None:
        """Return when a line is of; one that does not say is of the moment of the last that does."""
        self.last = self.last if time is None else time
        if wall is not None and time is not None:
            self.offset = wall - time
        return self.last if self.last is None else self.last + (self.offset or 0.0)


class _Call(msgspec.Struct, array_like=True):
    kind: int
    message_id: str
    action: str


_read_call = msgspec.json.Decoder(_Call).decode


def _sender_by_action(data: bytes) -> Role | None:
    """Return who alone may send a call, by its action; None for an answer, or where both may."""
    if data.startswith(b"[3,"):
        return None
    try:
        call = _read_call(data)
    except UNREADABLE:
        return None
    return _sender_of_action(call.action)


@lru_cache(maxsize=1024)
def _sender_of_action(name: str) -> Role | None:
    directions = {
        action.direction
        for version in Version
        if (action := catalog(version).get(name)) is not None
    }
    if directions == {Direction.STATION_TO_CSMS}:
        return Role.STATION
    return Role.CSMS if directions == {Direction.CSMS_TO_STATION} else None


def _is_message(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 2  # noqa: PLR2004  # F-3 is the shortest
        and type(value[0]) is int
        and isinstance(value[1], str)
    )


def _clues_of_entry(entry: Mapping[str, Any]) -> Clues:
    moment = next((_moment_in(entry[name]) for name in _TIMES if name in entry), _NO_MOMENT)
    station = next((entry[name] for name in _STATIONS if isinstance(entry.get(name), str)), None)
    for name in _OUTBOUND:
        if isinstance(entry.get(name), bool):
            return Clues(*moment, station, Way.OUT if entry[name] else Way.IN)
    for name in _INBOUND:
        if isinstance(entry.get(name), bool):
            return Clues(*moment, station, Way.IN if entry[name] else Way.OUT)
    for name in _WAYS:
        said = entry.get(name)
        if isinstance(said, str):
            sender, way = _sender_in(said), way_of_word(said)
            if sender or way:
                return Clues(*moment, station, way, sender)
    return Clues(*moment, station)


def _sender_in(said: str) -> Role | None:
    """Return the sender in "station->csms", "cp-to-csms" or "CSMS"."""
    told = clues_of(said).sender
    return told or _SIDES.get(said.lower().replace(" ", "").replace("-", ""))


_FIRST_DATE: Final = 946_684_800.0  # the year 2000; less is no date but some clock's seconds
_NO_MOMENT: Final = (None, True, False)


def _moment_in(value: object) -> tuple[float | None, bool, bool]:
    if isinstance(value, str):
        return moment_of(value)
    number = _number_in(value)
    if number is not None and number > 1e11:  # noqa: PLR2004 - of seconds, the year 5138
        number /= 1000
    return number, True, number is not None and number > _FIRST_DATE


def _version_in(entry: Mapping[str, Any]) -> Version | None:
    return next(filter(None, (_version_of(entry.get(name)) for name in _VERSIONS)), None)


def _version_of(label: object) -> Version | None:
    if not isinstance(label, str):
        return None
    name = label.lower().removeprefix("ocpp").strip()
    return _VERSION_NAMES.get(name.removesuffix("j"))


_VERSION_NAMES: Final[Mapping[str, Version]] = {
    "1.6": Version.OCPP16, "16": Version.OCPP16,
    "2.0": Version.OCPP201, "2.0.1": Version.OCPP201, "201": Version.OCPP201,
    "2.1": Version.OCPP21, "21": Version.OCPP21,
}  # fmt: skip


def _merged(known: Clues, here: Clues, last: Clues) -> Clues:
    """Return what the text before a message tells, and else what was told of the whole line."""
    when = here if here.when is not None else last
    has_way = here.way or here.sender
    return Clues(
        when.when if known.when is None else known.when,
        when.has_date if known.when is None else known.has_date,
        when.has_zone if known.when is None else known.has_zone,
        known.station or here.station or last.station,
        here.way if has_way else known.way,
        here.sender if has_way else known.sender,
    )


def _completed(record: Record | Mark, clues: Clues, version: Version | None) -> Record | Mark:
    """Return a record with what the object around it tells, where the inner one does not."""
    if isinstance(record, Mark):
        return record
    return msgspec.structs.replace(
        record,
        when=clues.when if record.when is None else record.when,
        has_zone=clues.has_zone if record.when is None else record.has_zone,
        station=record.station or clues.station,
        sender=record.sender or clues.sender,
        version=record.version or version,
    )


def _raw_members(text: bytes) -> Mapping[str, msgspec.Raw]:
    return _read_members(text)


_read_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _number_in(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or is_beyond(value):
        return None
    return float(value)


def _text_in(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _role_of(value: object) -> Role | None:
    return Role(value) if isinstance(value, str) and value in set(Role) else None


def _recorded_data(entry: Mapping[str, Any]) -> bytes:
    data = entry.get("data")
    if isinstance(data, str):
        return data.encode("utf-8", "surrogatepass")
    try:
        return b64decode(str(entry.get("base64", "")))
    except ValueError:
        return b""  # which is no JSON, and told as such
