"""`Ownership`: which stations a gateway owns, and how it comes by them and loses them. Pure.

A station is owned by the gateway whose claim has the highest revision (FL-4). So a claim is: read the key,
replace it at the revision that was read, tell the gateway that stood there, wait a moment until that has let
go, be there. Whatever goes wrong on the way, only the replacing decides.

Three things make it harder than that:

- **A swap whose result nobody saw.** The broker went before it had answered; the claim may stand, and the
  gateway that it replaced was never told. So a record names its former owners, too, and who finds a claim of
  its own, or one whose gateway does not answer, tells those as well.
- **A pause** (FL-7). Of a process that was frozen for a while, every claim may be another's by now. It calls
  nothing its own until a barrier has passed, which has read the words of its successors, and until it has
  replaced each of its claims at the revision that it knew.
- **An outage** (FL-9). Who comes meanwhile is served all the same, and claimed when the broker is back.

Inputs are methods; what is to be done is in `steps()` after each. `now` is any clock that does not go back,
`clock` the seconds since 1970.
"""

from collections import deque
from collections.abc import Hashable
from enum import Enum
from math import inf
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ocpp_sansio.core import Version
from ocpp_sansio.fleet.bus import Claim
from ocpp_sansio.fleet.settings import FleetConfig
from ocpp_sansio.fleet.wire import MAX_BEFORE, Record, read_record, write_record

__all__ = [
    "GIVING_BACK",
    "LEAVING",
    "Barrier",
    "Close",
    "Owned",
    "Ownership",
    "ReadClaim",
    "Step",
    "Subscribe",
    "Suspected",
    "SwapClaim",
    "Tell",
    "Unsubscribe",
]

_NOBODY: frozenset[str] = frozenset()

FIRST_RETRY, LAST_RETRY = 0.05, 2.0
"""Seconds until a claim that has met another one is tried again, the first and any later time."""


# --- steps ------------------------------------------------------------------------------------------------


class ReadClaim(Struct, frozen=True):
    """Read the claim; tell `read` or `failed`."""

    token: str
    attempt: int


LEAVING, GIVING_BACK = 0, -1
"""Attempts that nothing is to be told of."""


class SwapClaim(Struct, frozen=True):
    """Replace the claim; tell `swapped`, `conflicted` or `failed`.

    Of attempt `LEAVING` and of `GIVING_BACK` nothing needs to be told: the one of a station that was ours and
    has gone, the other of one that had gone before it was ours.
    """

    token: str
    attempt: int
    value: bytes
    revision: int


class Tell(Struct, frozen=True):
    """Tell a gateway that the station is ours, as a request; tell `released` what came of it."""

    token: str
    attempt: int
    gateway: str
    revision: int


class Subscribe(Struct, frozen=True):
    """Subscribe to the questions about a station; tell `subscribed` or `failed`."""

    token: str
    attempt: int


class Unsubscribe(Struct, frozen=True):
    """Close that subscription, if there is one."""

    token: str


class Owned(Struct, frozen=True):
    """The station is ours from now on, or is so again: calls are served."""

    token: str


class Close(Struct, frozen=True):
    """Close a station's connection, 1001: it is another gateway's (FL-5)."""

    token: str
    connection: Hashable


class Barrier(Struct, frozen=True):
    """Await the bus's barrier, then tell `barrier_passed`; again and again, until it has passed."""

    number: int


class Suspected(Struct, frozen=True):
    """Let go of every call that has not been sent: it may be too late for it (FL-7)."""


Step: TypeAlias = (
    ReadClaim | SwapClaim | Tell | Subscribe | Unsubscribe | Owned | Close | Barrier | Suspected
)
"""What is to be done."""


# --- the machine ------------------------------------------------------------------------------------------


class _Phase(Enum):
    WAITING = "waiting"
    """For its turn, for the broker, or until it is tried again."""
    READING = "reading"
    SWAPPING = "swapping"
    TELLING = "telling"
    SUBSCRIBING = "subscribing"
    OWNED = "owned"


_SERVED = (_Phase.SUBSCRIBING, _Phase.OWNED)  # a tuple: to hash an Enum takes Python code
_UNDER_WAY = {_Phase.READING, _Phase.SWAPPING, _Phase.TELLING, _Phase.SUBSCRIBING}


class _Station(Struct, eq=False):
    connection: Hashable
    version: Version
    since: float
    phase: _Phase = _Phase.WAITING
    attempt: int = 0
    revision: int = 0
    """Of our claim, once there is one."""
    told: int = 0
    """The highest revision that a successor has told us."""
    is_renewal: bool = False
    """Whether we owned it before: if it is another's now, that one has it by right."""
    is_subscribed: bool = False
    record: Record | None = None
    """What we have written, or are about to."""
    undo: bytes = b""
    """What is to be written if it leaves before we know that we have; nothing if that is not to be known."""
    awaited: frozenset[str] = _NOBODY
    """Gateways that have been told, and have not let go yet."""
    in_doubt: tuple[str, ...] = ()
    """Gateways to tell if the one before us does not answer."""
    deadline: float = inf
    retries: int = 0


class Ownership:
    """The stations of one gateway."""

    def __init__(
        self, name: str, config: FleetConfig, *, now: float, subscribes: bool = True
    ) -> None:
        """Make one for the gateway of this name, a token; it `subscribes` to each station or not."""
        self._name = name
        self._config = config
        self._subscribes = subscribes
        self._stations: dict[str, _Station] = {}
        self._waiting: deque[str] = deque()
        self._under_way = 0
        self._attempts = 0
        self._timed: dict[str, None] = {}  # stations that have a deadline
        self._ticked_at = now
        self._undo: dict[int, bytes] = {}  # by attempt, of those that are not to count
        self._barriers = 0
        self._is_suspect = False
        self._is_away = False
        self._steps: list[Step] = []

    # --- inputs: stations ---------------------------------------------------------------------------------

    def arrived(self, token: str, connection: Hashable, version: Version, *, clock: float) -> None:
        """Note that a station has connected: its newest connection is the one that counts."""
        before = self._stations.get(token)
        station = self._stations[token] = _Station(connection, version, clock)
        if before is None:
            self._waiting.append(token)
        else:
            station.told = before.told
            station.is_subscribed = before.is_subscribed
            if before.phase is _Phase.WAITING:
                station.deadline = before.deadline
            else:
                self._timed.pop(token, None)
                self._forget(before)
                self._waiting.append(token)
        self._claim_next()

    def admitted(
        self, token: str, applicant: Hashable, connection: Hashable, version: Version
    ) -> bool:
        """Note that a station is connected that was claimed before, for whatever stood for its connection.

        False if it has to be claimed anew: the claim has gone, or says another version.
        """
        station = self._stations.get(token)
        if station is None or station.connection != applicant or station.version is not version:
            return False
        station.connection = connection
        return True

    def left(self, token: str, connection: Hashable, *, clock: float) -> None:
        """Note that a connection has ended."""
        station = self._stations.get(token)
        if station is None or station.connection != connection:
            return
        if station.phase in {_Phase.SUBSCRIBING, _Phase.OWNED} and station.record:
            # If the claim is another's by now, that one knows better. A record that is down says that
            # nobody has to be told, so one whose predecessors were not stays as it is.
            value = write_record(replace(station.record, seen=clock, is_up=False))
            self._steps.append(SwapClaim(token, LEAVING, value, station.revision))
        elif station.phase is _Phase.SWAPPING and station.undo:
            self._undo[station.attempt] = station.undo
        self._drop(token, station)
        self._claim_next()

    # --- inputs: what became of a step --------------------------------------------------------------------

    def read(self, token: str, attempt: int, claim: Claim | None, *, now: float) -> None:
        """Take a claim that was read."""
        station = self._current(token, attempt, _Phase.READING)
        if station is None:
            return
        if claim is None:
            self._swap(token, station, None, 0)
            return
        try:
            record = read_record(claim.value)
        except ValueError:  # a newer release's, or nobody's: nothing in it can be told anything
            self._swap(token, station, None, claim.revision)
            return
        if record.gateway != self._name and claim.revision > station.revision > 0:
            self._lose(token, station)
            return
        if claim.revision < station.revision:  # an old read: the swap would only fail
            self._retry(token, station, now)
            return
        self._swap(token, station, record, claim.revision)

    def swapped(self, token: str, attempt: int, revision: int, *, now: float) -> None:
        """Note that a claim was replaced by ours."""
        undo = self._undo.pop(attempt, None)
        if undo:  # its owner was not told, and goes on as one
            self._steps.append(SwapClaim(token, GIVING_BACK, undo, revision))
        station = self._current(token, attempt, _Phase.SWAPPING)
        if station is None:
            return
        station.revision, station.retries, station.undo = revision, 0, b""
        if station.told > revision:
            self._lose(token, station)
            return
        if not station.awaited:
            self._subscribe(token, station)
            return
        station.phase = _Phase.TELLING
        self._time(token, station, now + self._config.claim_wait)
        for gateway in sorted(station.awaited):
            self._steps.append(Tell(token, attempt, gateway, revision))

    def conflicted(self, token: str, attempt: int, *, now: float) -> None:
        """Note that a claim was not replaced, since it is another one by now."""
        self._undo.pop(attempt, None)
        station = self._current(token, attempt, _Phase.SWAPPING)
        if station:
            self._retry(token, station, now)

    def failed(self, token: str, attempt: int, *, now: float) -> None:
        """Note that a step came to nothing; it may have been done."""
        self._undo.pop(attempt, None)
        station = self._current(token, attempt, *_UNDER_WAY)
        if station:
            self._retry(token, station, now)

    def released(self, token: str, attempt: int, gateway: str, *, is_settled: bool) -> None:
        """Note that a gateway does not serve a station any more.

        `is_settled` if it has said so itself, as one that had told its own predecessors; else there is nobody
        of that name, and those that stood before it in the record have to be told.
        """
        station = self._current(token, attempt, _Phase.TELLING)
        if station is None or gateway not in station.awaited:
            return
        station.awaited = station.awaited - {gateway}
        if not is_settled:
            station.awaited = station.awaited.union(station.in_doubt)
            self._tell_doubted(token, station)
        station.in_doubt = ()
        if not station.awaited:
            self._subscribe(token, station)

    def subscribed(self, token: str, attempt: int) -> bool:
        """Note that questions about a station reach us; False if they should not, and it is to be closed."""
        station = self._current(token, attempt, _Phase.SUBSCRIBING)
        if station is None:
            return False
        station.is_subscribed = True
        self._own(token, station)
        return True

    # --- inputs: the others -------------------------------------------------------------------------------

    def told(self, token: str, revision: int) -> bool:
        """Take the word of a gateway that it has claimed a station at this revision.

        What it is answered: whether we had told all who owned it before us. That is sure of a station only
        that was ours to the end.
        """
        station = self._stations.get(token)
        if station is None:
            return False
        station.told = max(station.told, revision)
        if station.revision > revision:
            return False
        was_settled = station.phase is _Phase.OWNED or station.is_renewal
        if was_settled or station.phase in {_Phase.TELLING, _Phase.SUBSCRIBING}:
            self._lose(token, station)
        return was_settled  # what is about to be written may well be newer: `swapped` looks at it

    # --- inputs: time and the broker ----------------------------------------------------------------------

    def ticked(self, *, now: float) -> None:
        """Note that time goes on: at least four times within `stall`."""
        self.noticed(now=now)
        self._ticked_at = now
        for token in tuple(self._timed):
            station = self._stations[token]
            if station.deadline <= now:
                self._time_out(token, station)
        self._claim_next()

    def noticed(self, *, now: float) -> bool:
        """Look for a pause of ours: to be called before each message that was read is believed (FL-7).

        Return whether there was one, which leads to steps.
        """
        if now - self._ticked_at <= self._config.stall:
            return False
        self._ticked_at = now
        self._suspect()
        return True

    def bus_lost(self) -> None:
        """Note that the broker is away."""
        self._is_away = True
        self._suspect()

    def bus_back(self, *, now: float) -> None:
        """Note that it is back, before anything that it sends is read."""
        self._ticked_at = now
        self._is_away = False
        self._suspect()

    def barrier_passed(self, number: int) -> None:
        """Note that all has been read that was sent before a barrier: what comes now is believed."""
        if number == self._barriers and not self._is_away:
            self._is_suspect = False
            self._claim_next()

    # --- outputs ------------------------------------------------------------------------------------------

    def steps(self) -> list[Step]:
        """Return what is to be done since the last call, in order."""
        steps, self._steps = self._steps, []
        return steps

    def owns(self, token: str) -> Hashable | None:
        """Return the connection of a station that is ours, and that calls are served of; else None (FL-6)."""
        if self._is_suspect or self._is_away:
            return None
        station = self._stations.get(token)
        return station.connection if station and station.phase is _Phase.OWNED else None

    def serves(self, token: str) -> Hashable | None:
        """Return the connection that a question about a station is for, if it is ours to answer.

        That is so a moment before `owns` says so: a question that has reached us says that we are subscribed.
        """
        if self._is_suspect or self._is_away:
            return None
        station = self._stations.get(token)
        return station.connection if station and station.phase in _SERVED else None

    @property
    def is_suspect(self) -> bool:
        """Whether nothing that is read is believed at the moment."""
        return self._is_suspect or self._is_away

    @property
    def claims_waiting(self) -> int:
        """Stations that are connected and not ours yet."""
        return sum(each.phase is not _Phase.OWNED for each in self._stations.values())

    def next_timeout(self) -> float:
        """Return when `ticked` wants to be called at the latest, beside its own beat."""
        return min((self._stations[token].deadline for token in self._timed), default=inf)

    # --- claiming -----------------------------------------------------------------------------------------

    def _claim_next(self) -> None:
        """Begin with those that wait, `max_claims` at a time, in the order of arrival."""
        while self._waiting and not self.is_suspect and self._under_way < self._config.max_claims:
            token = self._waiting.popleft()
            station = self._stations.get(token)
            if station is None or station.phase is not _Phase.WAITING:
                continue
            self._under_way += 1
            self._attempts += 1
            station.attempt = self._attempts
            if station.is_renewal and station.record and not station.retries:
                station.phase = _Phase.SWAPPING  # at the revision that we know
                station.awaited, station.in_doubt = _NOBODY, ()
                value = write_record(station.record)
                station.undo = write_record(replace(station.record, is_up=False))
                self._steps.append(SwapClaim(token, station.attempt, value, station.revision))
            else:
                station.phase = _Phase.READING
                self._steps.append(ReadClaim(token, station.attempt))

    def _swap(self, token: str, station: _Station, before: Record | None, revision: int) -> None:
        """Write our record over another, whose gateway is to be told."""
        former: tuple[str, ...] = ()
        if before:
            names = dict.fromkeys((before.gateway, *before.before))
            former = tuple(name for name in names if name != self._name)[:MAX_BEFORE]
        station.awaited, station.in_doubt = _NOBODY, ()
        station.record = Record(
            self._name, former, station.version, station.since, station.since, is_up=True
        )
        if before is None or not before.is_up:
            station.undo = write_record(replace(station.record, is_up=False))
        elif before.gateway == self._name:  # perhaps a swap of ours whose result we have not seen
            station.awaited, station.undo = frozenset(former), b""
        else:
            station.awaited, station.in_doubt = frozenset({before.gateway}), former[1:]
            station.undo = write_record(before)
        station.phase = _Phase.SWAPPING
        value = write_record(station.record)
        self._steps.append(SwapClaim(token, station.attempt, value, revision))

    def _subscribe(self, token: str, station: _Station) -> None:
        self._time(token, station, inf)
        if station.is_subscribed or not self._subscribes:
            self._own(token, station)
            return
        station.phase = _Phase.SUBSCRIBING
        self._steps.append(Subscribe(token, station.attempt))

    def _own(self, token: str, station: _Station) -> None:
        self._under_way -= 1
        station.phase = _Phase.OWNED
        station.is_renewal = False
        self._steps.append(Owned(token))
        self._claim_next()

    def _retry(self, token: str, station: _Station, now: float) -> None:
        """Begin again from reading, after a while."""
        self._forget(station)
        station.phase = _Phase.WAITING
        self._time(token, station, now + min(FIRST_RETRY * 2**station.retries, LAST_RETRY))
        station.retries += 1
        self._claim_next()

    def _time(self, token: str, station: _Station, deadline: float) -> None:
        station.deadline = deadline
        if deadline < inf:
            self._timed[token] = None
        else:
            self._timed.pop(token, None)

    def _time_out(self, token: str, station: _Station) -> None:
        if station.phase is _Phase.TELLING:  # who has not let go by now learns it when it can
            self._tell_doubted(token, station)
            self._subscribe(token, station)
        else:
            self._time(token, station, inf)
            self._waiting.append(token)

    def _tell_doubted(self, token: str, station: _Station) -> None:
        for gateway in station.in_doubt:
            self._steps.append(Tell(token, station.attempt, gateway, station.revision))
        station.in_doubt = ()

    # --- losing -------------------------------------------------------------------------------------------

    def _lose(self, token: str, station: _Station) -> None:
        """Let go of a station that is another gateway's."""
        self._steps.append(Close(token, station.connection))
        self._drop(token, station)
        self._claim_next()

    def _drop(self, token: str, station: _Station) -> None:
        self._forget(station)
        if station.is_subscribed or station.phase is _Phase.SUBSCRIBING:
            self._steps.append(Unsubscribe(token))
        self._timed.pop(token, None)
        del self._stations[token]

    def _forget(self, station: _Station) -> None:
        """Expect no result any more of what is under way."""
        if station.phase in _UNDER_WAY:
            self._under_way -= 1

    def _suspect(self) -> None:
        """Believe nothing until a barrier has passed, and renew every claim then, in the old order."""
        self._is_suspect = True
        self._barriers += 1
        self._steps.append(Suspected())
        if not self._is_away:
            self._steps.append(Barrier(self._barriers))
        self._waiting.clear()
        self._timed.clear()
        self._under_way = 0
        for token, station in self._stations.items():
            if station.phase is _Phase.SWAPPING and station.undo and not station.is_renewal:
                self._undo[station.attempt] = station.undo  # it may leave before it is claimed anew
            if station.phase is _Phase.OWNED:
                station.is_renewal, station.retries = True, 0
            elif not station.is_renewal:
                station.retries = 0
            station.phase = _Phase.WAITING
            station.attempt = 0
            station.deadline = inf
            self._waiting.append(token)

    def _current(self, token: str, attempt: int, *phases: _Phase) -> _Station | None:
        """Return a station if what is told of it is what is waited for."""
        station = self._stations.get(token)
        if station and station.attempt == attempt and station.phase in phases:
            return station
        return None
