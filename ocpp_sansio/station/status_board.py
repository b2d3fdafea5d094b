"""`StatusBoard`: which connectors' status is to be told, and when (C16 4.9, G01, B04, T-36)."""

from collections.abc import Hashable, Iterable, Iterator
from datetime import datetime

from msgspec import Struct

from ocpp_sansio.core import (
    Call,
    CallAborted,
    CallErrorReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    JsonObject,
    Version,
    require_seconds,
)
from ocpp_sansio.registration import Registration
from ocpp_sansio.station.events import StatusScope, StatusWanted
from ocpp_sansio.station.station import Station

__all__ = ["StatusBoard", "StatusReport"]


class StatusReport(Struct, frozen=True):
    """The status of one connector, to be told to the CSMS now."""

    connector: Hashable
    """As you have named it: the connector of 1.6, the EVSE and connector of 2.x as a pair."""
    status: object
    """As you have set it."""
    since: float
    """When it began, in the seconds of your `now`."""


class _Entry:
    """What is known of one connector."""

    __slots__ = ("has_told", "is_wanted", "since", "status", "told")

    def __init__(self, status: object, since: float) -> None:
        self.status = status
        self.since = since
        self.told: object = None
        self.has_told = False
        self.is_wanted = False

    @property
    def is_due_at_once(self) -> bool:
        return self.is_wanted or not self.has_told

    @property
    def has_changed(self) -> bool:
        return not self.has_told or self.status != self.told


class StatusBoard:
    """The status of each connector, and what of it the CSMS has been told.

    A status is told the first time, and when another one has lasted for `minimum_duration`; of what came and
    went while nobody could be told, the last is.

    Reports come in the order in which they began, those that are wanted all at once in the order in which the
    connectors were first set. A status is whatever you can compare: a text, or a tuple with the error code.
    """

    __slots__ = ("_entries", "_minimum_duration", "_on_their_way")

    def __init__(self, *, minimum_duration: float = 0.0) -> None:
        """Begin with no connectors; `minimum_duration` is MinimumStatusDuration, in seconds.

        Raises ValueError for a duration that cannot be.
        """
        self._entries: dict[Hashable, _Entry] = {}
        self._on_their_way: dict[Hashable, tuple[Call, StatusReport]] = {}
        self.configure(minimum_duration=minimum_duration)

    def configure(self, *, minimum_duration: float) -> None:
        """Go on with another MinimumStatusDuration; it counts for what is not told yet."""
        require_seconds("minimum_duration", minimum_duration, finite=True)
        self._minimum_duration = minimum_duration

    def set(self, connector: Hashable, status: object, *, now: float) -> None:
        """Note the status that a connector has from now on; the same again changes nothing."""
        entry = self._entries.get(connector)
        if entry is None:
            self._entries[connector] = _Entry(status, now)
        elif entry.status != status:
            entry.status = status
            entry.since = now

    def status(self, connector: Hashable) -> object:
        """Return the status that a connector has; raises KeyError for one that was never set."""
        return self._entries[connector].status

    def want(self, scope: StatusScope) -> None:
        """Have the next `take` return what a `StatusWanted` asks for.

        What has changed is taken anyway, so only `ALL` makes a difference (B-35, T-36).
        """
        if StatusScope(scope) is StatusScope.ALL:
            for entry in self._entries.values():
                entry.is_wanted = True

    def take(self, *, now: float) -> list[StatusReport]:
        """Return what is to be told now, and take it for told. Ask while a call may leave."""
        due = [pair for pair in self._entries.items() if self._due(pair[1]) <= now]
        if not all(entry.is_wanted for _, entry in due):
            due.sort(key=lambda pair: pair[1].since)  # C16 4.9, rule 4
        return list(self._told(due))

    def current(self, connector: Hashable | None = None) -> list[StatusReport]:
        """Return the status as it is, of one connector or of all, whatever was told: for a trigger.

        Raises KeyError for a connector that was never set.
        """
        if connector is None:
            return list(self._told(list(self._entries.items())))
        return list(self._told([(connector, self._entries[connector])]))

    def undelivered(self, report: StatusReport) -> None:
        """Note that the CSMS was not told after all: the call was refused, or the link went."""
        entry = self._entries.get(report.connector)
        if entry is not None and entry.has_told and entry.told == report.status:
            entry.has_told = False

    # --- with a station -----------------------------------------------------------------------------------

    def observe(self, event: object) -> None:
        """Look at an event of the `Station`: whether it asks for the status, or something did not arrive.

        What the CSMS has refused is not told again: it would refuse that too.
        """
        match event:
            case StatusWanted(scope):
                self.want(scope)
            case CallTimedOut(call) | CallAborted(call):
                if report := self._arrived(call):
                    self.undelivered(report)
            case CallResultReceived(call) | CallErrorReceived(call) | CallResultRejected(call):
                self._arrived(call)

    def send(self, station: Station, *, now: float) -> None:
        """Have the `Station` tell what is due, once its boot is accepted and its calls leave at once."""
        if _may_tell(station):
            self.tell(station, self.take(now=now), now=now)

    def tell(self, station: Station, reports: Iterable[StatusReport], *, now: float) -> None:
        """Have the `Station` send StatusNotifications, such as what `current` returns for a trigger.

        A connector is named by its number in 1.6, by the pair of EVSE and connector in 2.x. A status is the
        word of the version; in 1.6 it may be a pair with the error code. Raises what `send_call` raises.
        """
        for report in reports:
            utc = station.clock.utc(now=report.since)
            payload = _payload(report, utc, station.version)
            call = station.send_call("StatusNotification", payload, now=now)
            self._on_their_way[report.connector] = (call, report)

    def _arrived(self, call: Call) -> StatusReport | None:
        """Forget a call that is over, and return what it was to tell; None: it is none of ours."""
        for connector, (ours, report) in self._on_their_way.items():
            if ours is call:
                del self._on_their_way[connector]
                return report
        return None

    # --- time -----------------------------------------------------------------------------------------------

    def next_timeout(self, station: Station | None = None) -> float | None:
        """Return when `take` will have something, in the seconds of your `now`; None: not by itself.

        With a station: when `send` will.
        """
        if station is not None and not _may_tell(station):
            return None
        return min(
            (due for entry in self._entries.values() if (due := self._due(entry)) < _NEVER),
            default=None,
        )

    def _due(self, entry: _Entry) -> float:
        if entry.is_due_at_once:
            return entry.since
        return entry.since + self._minimum_duration if entry.has_changed else _NEVER

    def _told(self, entries: list[tuple[Hashable, _Entry]]) -> Iterator[StatusReport]:
        for connector, entry in entries:
            entry.told = entry.status
            entry.has_told = True
            entry.is_wanted = False
            yield StatusReport(connector, entry.status, entry.since)


def _may_tell(station: Station) -> bool:
    is_open = station.is_connected and not station.queued_calls
    return is_open and station.registration is Registration.ACCEPTED


def _payload(report: StatusReport, utc: datetime, version: Version | None) -> JsonObject:
    """Return the StatusNotification of a report; what cannot be one is refused by `send_call`."""
    timestamp = utc.isoformat().replace("+00:00", "Z")
    connector, status = report.connector, report.status
    if version is Version.OCPP16:
        word, code = status if isinstance(status, tuple) else (status, "NoError")
        return {
            "connectorId": connector,
            "errorCode": code,
            "status": word,
            "timestamp": timestamp,
        }
    evse, number = connector if isinstance(connector, tuple) else (connector, 1)
    return {
        "timestamp": timestamp,
        "connectorStatus": status,
        "evseId": evse,
        "connectorId": number,
    }


_NEVER = float("inf")
