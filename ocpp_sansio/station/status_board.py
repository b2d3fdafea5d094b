"""`StatusBoard`: which connectors' status is to be told, and when (C16 4.9, G01, B04, T-36)."""

from collections.abc import Hashable, Iterator

from msgspec import Struct

from ocpp_sansio.core import require_seconds
from ocpp_sansio.station.events import StatusScope

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

    __slots__ = ("_entries", "_minimum_duration")

    def __init__(self, *, minimum_duration: float = 0.0) -> None:
        """Begin with no connectors; `minimum_duration` is MinimumStatusDuration, in seconds.

        Raises ValueError for a duration that cannot be.
        """
        self._entries: dict[Hashable, _Entry] = {}
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

    def next_timeout(self) -> float | None:
        """Return when `take` will have something, in the seconds of your `now`; None: not by itself."""
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


_NEVER = float("inf")
