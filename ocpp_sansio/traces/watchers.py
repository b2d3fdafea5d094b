"""The watchers of `StoryJudge` for what is around a charge: answers, registration, clocks, connections."""

from collections import deque
from collections.abc import Collection, Iterator
from typing import Any, ClassVar, Final

from msgspec import Struct

from ocpp_sansio.core import Role, quote
from ocpp_sansio.registration import ANY_ACTION, TRIGGERS, licensed_by
from ocpp_sansio.traces.dialog import Dialog, Message, moment_in
from ocpp_sansio.traces.records import Mark, Record

__all__ = [
    "Answers",
    "BootLoops",
    "Clock",
    "Memory",
    "OfflineFlags",
    "ReconnectLoops",
    "Registration",
    "Sighted",
    "Watcher",
]

MAX_REMEMBERED: Final = 1000
"""Transactions, meter registers and the like of a station that are remembered; the oldest goes first."""

LOOP_LENGTH: Final = 5
"""Connections, or boots, that make a loop."""
CONNECTION_LOOP: Final = 60.0
"""Seconds within which so many connections are a loop."""
BOOT_LOOP: Final = 600.0
"""Seconds within which so many accepted boots are a loop."""
CLOCK_TOLERANCE: Final = 300.0
"""Seconds that a station's clock may be ahead of the log's before it is told."""
OFFLINE_TOLERANCE: Final = 60.0
"""Seconds by which what happened must lie within an outage before its flag is doubted."""


class Sighted(Struct, frozen=True):
    """What a watcher has seen."""

    entry: Record | Mark
    rule: str
    path: str
    expected: str
    is_fault: bool = False
    got: object = None


class Watcher:
    """Looks at one subject of a station's story; told its messages and every mark once, in their order."""

    actions: ClassVar[Collection[str] | None] = None
    """Those whose calls and answers it is told; None for all."""

    def see(self, message: Message) -> Iterator[Sighted]:  # noqa: ARG002 - for those who override it
        """Yield what is wrong with the next message, as it follows those before."""
        yield from ()

    def mark(self, mark: Mark) -> Iterator[Sighted]:  # noqa: ARG002 - likewise
        """Yield what is wrong with a connection's beginning or end."""
        yield from ()


class Memory(dict[Any, Any]):
    """A dict that forgets its oldest entries beyond `MAX_REMEMBERED`."""

    def put(self, key: Any, value: Any) -> None:
        """Remember a value as the newest."""
        self.pop(key, None)
        self[key] = value
        if len(self) > MAX_REMEMBERED:
            del self[next(iter(self))]


# --- answers ---------------------------------------------------------------------------------------------


class Answers(Watcher):
    """Calls that are answered late, or never (S-9)."""

    def __init__(self, dialog: Dialog, timeout: float) -> None:
        self._dialog = dialog
        self._timeout = timeout
        self._now: float | None = None

    def see(self, message: Message) -> Iterator[Sighted]:
        """See `Watcher.see`."""
        when = message.record.when
        if when is not None:
            self._now = when
            yield from self._expire(when)
        latency = message.latency
        if latency is not None and latency > self._timeout:
            expected = f"the answer to {quote(message.action, 40)} within {self._timeout:g} s"
            yield Sighted(message.record, "late_answer", "$", expected, got=f"{latency:.1f} s")

    def mark(self, mark: Mark) -> Iterator[Sighted]:
        """See `Watcher.mark`."""
        # Of a connection that went, calls have no answer, which is nobody's fault (S-11).
        self._dialog.disconnect()
        self._now = mark.when if mark.when is not None else self._now
        yield from ()

    def finish(self) -> Iterator[Sighted]:
        """Yield the calls that should have had an answer by the end of the trace."""
        if self._now is not None:
            yield from self._expire(self._now)

    def _expire(self, now: float) -> Iterator[Sighted]:
        for call in self._dialog.unanswered():
            asked = call.record.when
            # Twice the time: a late answer may still come, and is told as such.
            if asked is not None and now - asked > 2 * self._timeout:
                self._dialog.forget(call)
                yield Sighted(
                    call.record, "no_answer", "$", f"an answer to {quote(call.action, 40)}"
                )


# --- registration ----------------------------------------------------------------------------------------


class Registration(Watcher):
    """Calls of a station that no boot of its has been accepted of (B-33)."""

    def __init__(self) -> None:
        self._status: str | None = None  # the last that a boot was answered with
        self._licensed: set[str] = set()

    def see(self, message: Message) -> Iterator[Sighted]:
        """See `Watcher.see`."""
        if message.action == "BootNotification":
            if message.is_result and isinstance(message.payload.get("status"), str):
                self._status = message.payload["status"]
                self._licensed.clear()
        elif message.is_call and message.sender is Role.CSMS:
            self._license(message)
        elif message.is_call and self._status in ("Pending", "Rejected"):
            is_licensed = self._status == "Pending" and self._licensed & {
                message.action,
                ANY_ACTION,
            }
            if not is_licensed:
                expected = f"only BootNotification while the last one was answered {self._status}"
                action = message.action
                yield Sighted(
                    message.record, "not_registered", "$", expected, is_fault=True, got=action
                )

    def _license(self, message: Message) -> None:
        if message.action in TRIGGERS:
            # Under its own name as well, and by either trigger's table: stations take one for the other.
            self._licensed.add(str(message.payload.get("requestedMessage")))
            licence = licensed_by("ExtendedTriggerMessage", message.payload)
        else:
            licence = licensed_by(message.action, message.payload)
        if licence is not None:
            self._licensed.add(licence)


# --- clocks and connections --------------------------------------------------------------------------------


class OfflineFlags(Watcher):
    """Events of 2.x that happened while the station was not connected, and do not say so, or the reverse.

    No more than a suspicion: a clock that is slow looks the same.
    """

    actions = ("TransactionEvent",)

    def __init__(self) -> None:
        self._lost: float | None = None
        self._connected: float | None = None

    def mark(self, mark: Mark) -> Iterator[Sighted]:
        """See `Watcher.mark`."""
        if mark.has_zone and mark.is_connected:
            self._connected = mark.when
        elif mark.has_zone:
            self._lost = mark.when
        yield from ()

    def see(self, message: Message) -> Iterator[Sighted]:
        """See `Watcher.see`."""
        if not message.is_call:
            return
        connected, lost = self._connected, self._lost
        moment = moment_in(message.payload, "timestamp")
        if moment is None or connected is None or lost is None or lost > connected:
            return
        offline = message.payload.get("offline", False)
        is_within = lost + OFFLINE_TOLERANCE < moment < connected - OFFLINE_TOLERANCE
        if is_within and offline is not True:
            expected = "true: it happened between two connections"
            yield Sighted(message.record, "offline_flag", "$.offline", expected, got=str(offline))
        elif moment > connected + OFFLINE_TOLERANCE and offline is True:
            expected = "false: the station has been connected since before it happened"
            yield Sighted(message.record, "offline_flag", "$.offline", expected, got="True")


_MOMENTS: Final = ("timestamp", "generatedAt")


class Clock(Watcher):
    """A station's clock that is ahead of the log's: what it tells has not happened yet."""

    def __init__(self) -> None:
        self._is_told = False

    def see(self, message: Message) -> Iterator[Sighted]:
        """See `Watcher.see`."""
        if message.action == "BootNotification" and message.is_result:
            self._is_told = False  # its answer sets the clock
        record = message.record
        is_dated = record.has_zone and record.when is not None  # else it may be a local time
        if self._is_told or not is_dated or message.sender is not Role.STATION:
            return
        for member in _MOMENTS:
            moment = moment_in(message.payload, member)
            if moment is not None and moment - (record.when or 0.0) > CLOCK_TOLERANCE:
                self._is_told = True
                expected = "a time that is not to come yet, by the log's own times"
                got = message.payload[member]
                yield Sighted(record, "clock_ahead", f"$.{member}", expected, got=got)


class ReconnectLoops(Watcher):
    """Connections that follow each other too fast to be of use."""

    actions = ()

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=LOOP_LENGTH)

    def mark(self, mark: Mark) -> Iterator[Sighted]:
        """See `Watcher.mark`."""
        if not mark.is_connected or mark.when is None:
            return
        self._times.append(mark.when)
        if len(self._times) == LOOP_LENGTH and mark.when - self._times[0] <= CONNECTION_LOOP:
            expected = f"fewer than {LOOP_LENGTH} connections in {CONNECTION_LOOP:g} s"
            self._times.clear()
            yield Sighted(mark, "reconnect_loop", "$", expected)


class BootLoops(Watcher):
    """Boots that follow each other although they are accepted."""

    actions = ("BootNotification",)

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=LOOP_LENGTH)

    def see(self, message: Message) -> Iterator[Sighted]:
        """See `Watcher.see`."""
        when = message.record.when
        if not message.is_result or when is None:
            return
        if message.payload.get("status") != "Accepted":
            return
        self._times.append(when)
        if len(self._times) == LOOP_LENGTH and when - self._times[0] <= BOOT_LOOP:
            expected = f"fewer than {LOOP_LENGTH} accepted boots in {BOOT_LOOP:g} s"
            self._times.clear()
            yield Sighted(message.record, "boot_loop", "$", expected)
