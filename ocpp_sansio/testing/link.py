"""`Link`: two peers joined by a virtual line that delays, loses, repeats, reorders and garbles.

    with Link(Connection(Role.STATION), Connection(Role.CSMS), faults=Faults(loss=0.1), seed=7) as link:
        link.connect("ocpp1.6")
        link.station.send_call(v16.HeartbeatRequest(), now=link.now)
        link.run_until_idle()

There is no clock but `link.now`, and no chance but the seed: the same seed gives the same story. If the
`with` block fails, the story is drawn below the traceback.
"""

from collections.abc import Callable, Mapping, Sequence
from heapq import heappop, heappush
from random import Random
from types import MappingProxyType, TracebackType
from typing import Any, Final, Generic, Protocol, Self, TypeAlias, TypeVar

import attrs

from ocpp_sansio.core import Frame, Role, Version
from ocpp_sansio.testing.transcript import Entry, Transcript, summary

__all__ = ["PERFECT", "Faults", "Link", "Peer"]

MAX_STEPS: Final = 100_000
"""Things that may happen within one `advance` or `run_until_idle` before it counts as endless."""


class Peer(Protocol):
    """What a `Link` asks of a peer. A `Connection` has it all; so may an object of yours."""

    def connected(self, version: Version | str, /, *, now: float) -> None:
        """Take note that a line was opened."""

    def received(self, data: bytes, /, *, now: float) -> None:
        """One whole message came."""

    def handle_timeout(self, *, now: float) -> None:
        """Take note that the moment of `next_timeout` has come."""

    def disconnected(self, *, now: float) -> None:
        """Take note that the line is gone."""

    def events(self) -> Sequence[Any]:
        """Return what the peer noticed since the last call; may always be empty."""
        ...

    def frames_to_send(self) -> Sequence[Frame | bytes | str]:
        """Return what the peer wants sent, each message once."""
        ...

    def next_timeout(self) -> float | None:
        """Return when the peer wants to be woken, in virtual seconds."""
        ...


StationT = TypeVar("StationT", bound=Peer)
CsmsT = TypeVar("CsmsT", bound=Peer)


def _probability(_: Any, attribute: "attrs.Attribute[Any]", value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{attribute.name} is a probability from 0 to 1, not {value!r}")


def _seconds(_: Any, attribute: "attrs.Attribute[Any]", value: float) -> None:
    if not 0 <= value < float("inf"):
        raise ValueError(f"{attribute.name} is in seconds, from 0 up, not {value!r}")


@attrs.frozen(kw_only=True)
class Faults:
    """What the line does to the messages of one direction, or of both. Raises ValueError for nonsense."""

    latency: float = attrs.field(default=0.0, validator=_seconds)
    """Seconds that every message takes."""
    jitter: float = attrs.field(default=0.0, validator=_seconds)
    """Up to this many seconds more; messages still arrive in order."""
    loss: float = attrs.field(default=0.0, validator=_probability)
    """The share of messages that never arrive."""
    duplication: float = attrs.field(default=0.0, validator=_probability)
    """The share of messages that arrive twice."""
    reordering: float = attrs.field(default=0.0, validator=_probability)
    """The share of messages that are held up for `holdup` and may be overtaken."""
    holdup: float = attrs.field(default=1.0, validator=_seconds)
    """Up to this many seconds that a reordered message waits on top of the rest."""
    truncation: float = attrs.field(default=0.0, validator=_probability)
    """The share of messages whose end is cut off."""
    corruption: float = attrs.field(default=0.0, validator=_probability)
    """The share of messages of which one bit is flipped."""


PERFECT: Final = Faults()
"""A line that only delivers."""

Reaction: TypeAlias = Callable[[Any], None]


@attrs.frozen(order=True)
class _InTransit:
    arrival: float
    serial: int
    """Breaks ties, so that messages of the same moment arrive as they were sent."""
    receiver: Role = attrs.field(order=False)
    data: bytes = attrs.field(order=False)


class Link(Generic[StationT, CsmsT]):
    """A station and a CSMS on one virtual line. Not connected at first: see `connect`."""

    def __init__(
        self,
        station: StationT,
        csms: CsmsT,
        *,
        faults: Faults | Mapping[Role, Faults] = PERFECT,
        seed: int = 0,
        on_station_event: Reaction | None = None,
        on_csms_event: Reaction | None = None,
    ) -> None:
        """Join two peers. `faults` may go by sender; `on_..._event` is called with each event at once."""
        self.station = station
        self.csms = csms
        self.now = 0.0
        """Virtual seconds since the link was made."""
        self.faults: dict[Role, Faults] = (
            dict.fromkeys(Role, faults) if isinstance(faults, Faults) else _by_role(faults)
        )
        """By sender; assign to it to change the weather."""
        self.transcript = Transcript()
        """The story so far; `print(link.transcript)`."""
        self._peers: Mapping[Role, Peer] = MappingProxyType(
            {Role.STATION: station, Role.CSMS: csms}
        )
        self._reactions = {Role.STATION: on_station_event, Role.CSMS: on_csms_event}
        self._events: dict[Role, list[Any]] = {role: [] for role in Role}
        self._random = Random(seed)  # noqa: S311 - chance that can be repeated is the point
        self._in_transit: list[_InTransit] = []
        self._last_arrival = dict.fromkeys(Role, 0.0)
        self._serial = 0
        self._version: Version | None = None
        self._is_open = False
        self._told: set[Role] = set()  # who believes that there is a line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            error.add_note(f"What happened on the link:\n{self.transcript}")

    @property
    def is_connected(self) -> bool:
        """Whether there is a line."""
        return self._is_open

    @property
    def in_transit(self) -> int:
        """How many messages are on their way."""
        return len(self._in_transit)

    # --- the line ---------------------------------------------------------------------------------

    def connect(self, version: Version | str) -> None:
        """Open the line and tell both peers; raises ValueError if there is one, or for an unknown version."""
        agreed = Version.parse(version)
        if self._is_open:
            raise ValueError("the link is connected already")
        self._version = agreed
        self._hang_up(tuple(self._told))  # who has not noticed the cut notices it now
        self._is_open = True
        self._say(None, f"connected, {agreed.value}")
        for role, peer in self._peers.items():
            self._told.add(role)
            peer.connected(agreed, now=self.now)
            self._collect(role)

    def cut(self, *, unnoticed_by: Role | None = None) -> None:
        """Take the line away, with all that is on it. Idempotent.

        `unnoticed_by` names a side that goes on believing in it: until `restore`, it talks to nobody.
        """
        if self._is_open:
            whom = f", unnoticed by the {unnoticed_by}" if unnoticed_by else ""
            lost = f", messages lost: {self.in_transit}" if self.in_transit else ""
            self._say(None, f"cut{whom}{lost}")
        self._is_open = False
        self._in_transit.clear()
        self._last_arrival = dict.fromkeys(Role, 0.0)
        self._hang_up(tuple(role for role in self._told if role is not unnoticed_by))

    def restore(self, version: Version | str | None = None) -> None:
        """Open the line again, with the version of the last time unless told otherwise."""
        if version is None and self._version is None:
            raise ValueError("connect() first: no version was ever agreed on")
        self.connect(version or self._version or "")

    def inject(self, sender: Role, data: bytes | str) -> None:
        """Put a message on the line as though `sender` had sent it; it arrives next, and unharmed."""
        if not self._is_open:
            raise ValueError("there is no line to inject into: connect() or restore() first")
        body = _to_bytes(data)
        self._say(sender, _text(body), is_message=True, fate="injected")
        self._depart(sender.other, body, self.now)

    # --- time -------------------------------------------------------------------------------------

    def run_until_idle(self) -> None:
        """Deliver until nothing is on its way and nobody has anything to send; time passes as it must.

        It does not wait for deadlines that lie beyond the last arrival: `advance` does.
        """
        self._flush()
        for _ in range(MAX_STEPS):
            if not self._in_transit:
                return
            self._step()
        raise self._endless()

    def advance(self, seconds: float) -> None:
        """Let time pass: all that falls due meanwhile happens at its own moment."""
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"time passes by 0 or more seconds, not {seconds!r}")
        end = self.now + seconds
        self._flush()
        for _ in range(MAX_STEPS):
            moment = self._next_moment()
            if moment is None or moment > end:
                self.now = end
                return
            self._step()
        raise self._endless()

    def events(self, role: Role) -> list[Any]:
        """Return what one side noticed since the last call, in order, each event once."""
        self._flush()
        events, self._events[role] = self._events[role], []
        return events

    # --- inside -----------------------------------------------------------------------------------

    def _next_moment(self) -> float | None:
        timers = (peer.next_timeout() for peer in self._peers.values())
        moments = [moment for moment in timers if moment is not None]
        if self._in_transit:
            moments.append(self._in_transit[0].arrival)
        return max(min(moments), self.now) if moments else None

    def _step(self) -> None:
        """Let the next thing happen: a deadline before an arrival of the same moment."""
        moment = self._next_moment()
        if moment is None:
            return
        self.now = moment
        due = [role for role in Role if _is_due(self._peers[role].next_timeout(), moment)]
        for role in due:
            self._peers[role].handle_timeout(now=moment)
            self._collect(role)
        if not due:
            self._arrive(heappop(self._in_transit))
        self._flush()

    def _arrive(self, message: _InTransit) -> None:
        if message.receiver not in self._told:
            return
        self._peers[message.receiver].received(message.data, now=self.now)
        self._collect(message.receiver)

    def _flush(self) -> None:
        """Take what both sides want to send, until the reactions to their events have no more to say."""
        for _ in range(MAX_STEPS):
            for role in Role:
                self._collect(role)
            outgoing = [(role, self._peers[role].frames_to_send()) for role in Role]
            for role, frames in outgoing:
                for frame in frames:
                    self._send(role, frame.data if isinstance(frame, Frame) else _to_bytes(frame))
            if not any(frames for _, frames in outgoing):
                return
        raise self._endless()

    def _collect(self, role: Role) -> None:
        for event in self._peers[role].events():
            self._events[role].append(event)
            self._say(role, summary(event))
            reaction = self._reactions[role]
            if reaction:
                reaction(event)

    def _send(self, sender: Role, data: bytes) -> None:
        faults, chance = self.faults[sender], self._random
        # Drawn always and in the same order: one more fault in the weather leaves the others where they were.
        is_lost, is_doubled, is_held, is_cut, is_garbled = (
            chance.random() < share
            for share in (
                faults.loss,
                faults.duplication,
                faults.reordering,
                faults.truncation,
                faults.corruption,
            )
        )
        delay = faults.latency + chance.random() * faults.jitter
        holdup, where, bit = chance.random() * faults.holdup, chance.random(), chance.randrange(8)
        if is_lost or not self._is_open:
            self._say(sender, _text(data), is_message=True, fate="lost")
            return
        fates = []
        if is_cut and data:
            data = data[: int(where * len(data))]
            fates.append("truncated")
        if is_garbled and data:
            data = _flip(data, int(where * len(data)), bit)
            fates.append("corrupted")
        arrival = self.now + delay
        if is_held:
            arrival += holdup
            fates.append("held up")
        else:
            arrival = max(arrival, self._last_arrival[sender.other])
            self._last_arrival[sender.other] = arrival
        if is_doubled:
            fates.append("doubled")
        if arrival > self.now:
            fates.append(f"+{arrival - self.now:.3f} s")
        self._say(sender, _text(data), is_message=True, fate=", ".join(fates))
        for _ in range(2 if is_doubled else 1):
            self._depart(sender.other, data, arrival)

    def _depart(self, receiver: Role, data: bytes, arrival: float) -> None:
        self._serial += 1
        heappush(self._in_transit, _InTransit(arrival, self._serial, receiver, data))

    def _hang_up(self, whom: tuple[Role, ...]) -> None:
        for role in whom:
            self._told.discard(role)
            self._peers[role].disconnected(now=self.now)
            self._collect(role)

    def _say(
        self, source: Role | None, text: str, *, is_message: bool = False, fate: str = ""
    ) -> None:
        self.transcript.add(Entry(self.now, source, text, is_message, fate))

    def _endless(self) -> RuntimeError:
        return RuntimeError(
            f"{MAX_STEPS} things happened and there was no end: do the peers answer each other's answers, "
            f"or does a next_timeout() stay in the past?\n{self.transcript}"
        )


def _by_role(faults: Mapping[Role, Faults]) -> dict[Role, Faults]:
    return {role: faults.get(role, PERFECT) for role in Role}


def _is_due(deadline: float | None, now: float) -> bool:
    return deadline is not None and deadline <= now


def _flip(data: bytes, position: int, bit: int) -> bytes:
    return data[:position] + bytes([data[position] ^ (1 << bit)]) + data[position + 1 :]


def _to_bytes(data: bytes | str) -> bytes:
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
