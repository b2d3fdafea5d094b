"""`StationGate`: when a station boots, what it may send and serve before it is accepted (B-21 to B-39).

It holds no connection: it is told what happened, and says what may.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from math import inf
from typing import Any

from ocpp_sansio.core import Version, member
from ocpp_sansio.registration import (
    ANY_ACTION,
    REMOTE_CONTROL,
    TRIGGERS,
    BootOutcome,
    Registration,
    advance,
    licensed_by,
)
from ocpp_sansio.station.settings import BootReason, StationSettings

__all__ = ["Passage", "Service", "StationGate"]


class Passage(StrEnum):
    """Which calls of ours may leave, beside BootNotification."""

    NONE = "none"
    LICENSED = "licensed"
    ALL = "all"


class Service(StrEnum):
    """Which calls of the CSMS are served."""

    NONE = "none"
    NO_REMOTE_CONTROL = "no remote control"
    """All, but a transaction is neither started nor stopped from afar (B-29)."""
    ALL = "all"


PASSAGE: Mapping[Registration, Passage] = {
    Registration.UNKNOWN: Passage.NONE,  # B-22
    Registration.PENDING: Passage.LICENSED,  # B-30
    Registration.REJECTED: Passage.NONE,  # B-33
    Registration.ACCEPTED: Passage.ALL,
}
SERVICE: Mapping[Registration, Service] = {
    Registration.UNKNOWN: Service.NO_REMOTE_CONTROL,  # B-22: there are CSMSs that call before they answer
    Registration.PENDING: Service.NO_REMOTE_CONTROL,  # B-29
    Registration.REJECTED: Service.NONE,  # B-33
    Registration.ACCEPTED: Service.ALL,
}

MAX_DOUBLINGS = 4
"""How often the wait for the next boot is doubled (B-24)."""
MAX_RANDOM_SHARE = 0.1
"""How much of a wait of our own is added to it by chance, at most (B-24)."""
LICENCE_SECONDS = 60.0
"""How long an action stays licensed after a trigger's answer (B-31)."""
MAX_REPORTS = 16
"""Reports that are asked for before the boot was accepted, and not finished."""


class StationGate:
    """One station's registration, from its boot on. `now` is as in `Connection`."""

    __slots__ = (
        "_fell_back",
        "_interval",
        "_is_asking",
        "_is_up",
        "_licences",
        "_misses",
        "_random",
        "_reason",
        "_reports",
        "_settings",
        "due",
        "is_triggered",
        "registration",
        "version",
    )

    def __init__(
        self,
        settings: StationSettings,
        random: Callable[[], float],
        reason: BootReason = BootReason.POWER_UP,
    ) -> None:
        """Begin a boot: nothing is known of former ones (B-21). `random` is like `random.random`."""
        self._settings = settings
        self._random = random
        self._reason = BootReason(reason)
        self.registration = Registration.UNKNOWN
        self.version: Version | None = None
        """That of the connection, None without one."""
        self.due: float = -inf
        """When the next BootNotification may leave; infinity: none is wanted."""
        self.is_triggered = False
        """Whether a TriggerMessage has asked for the next one."""
        self._is_asking = False
        self._is_up = False
        self._interval = 0.0  # the last one given
        self._misses = 0  # boots without an interval to go by
        self._licences: dict[str, float] = {}
        self._reports: dict[int, None] = {}
        self._fell_back = False

    # --- what happened ---------------------------------------------------------------------------------

    def connected(self, version: Version, *, now: float) -> None:
        """Note that a connection is open. It begins with a boot only where it must (B-36)."""
        self.version = version
        self._is_up = True
        self._fell_back = False
        is_waiting = self.registration in {Registration.PENDING, Registration.REJECTED}
        if self._settings.boot_on_connect and not is_waiting:
            self.due = min(self.due, now)

    def disconnected(self) -> None:
        """Note that it is gone; the state stays, and a wait goes on (B-32, B-36)."""
        self.version = None
        self._is_up = False

    def boot_sent(self) -> None:
        """Note that a BootNotification is on its way, or queued: there is never another one (B-24)."""
        self._is_asking = True
        self.due = inf

    def answered(self, status: Registration, interval: float, *, now: float) -> None:
        """Note the answer to BootNotification."""
        before = self.registration
        self._is_asking = self.is_triggered = False
        self.registration = advance(before, BootOutcome(status.value))
        if self.registration is not Registration.PENDING or before is Registration.ACCEPTED:
            self._forget_licences()
        if self.registration is Registration.ACCEPTED:
            self._misses = 0
            self._interval = 0.0
            self.due = inf
        elif interval > 0:
            self._misses = 0
            self._interval = float(interval)
            self.due = now + self._interval  # B-25
        else:
            self.due = now + self._own_wait()  # B-26

    def unanswered(self, *, now: float) -> None:
        """Note that BootNotification got no usable answer: the state stays, and it is tried again (B-24)."""
        self._is_asking = False
        self.registration = advance(self.registration, BootOutcome.NONE)
        self.due = now + self._own_wait()

    def refused_as_stranger(self, *, now: float) -> bool:
        """Note SecurityError for a call; True: the CSMS does not know us, so we boot anew (B-37)."""
        if self.registration is not Registration.ACCEPTED or self._fell_back:
            return False
        self._fell_back = True  # once per connection: else the error stands
        self.registration = advance(self.registration, BootOutcome.STRANGER)
        if not self._is_asking:
            self.due = now
        return True

    def reregister(self, reason: BootReason | None, *, is_new_csms: bool, now: float) -> None:
        """Note that there is something new to register, or another CSMS (B-36, B-38)."""
        outcome = BootOutcome.FORGOTTEN if is_new_csms else BootOutcome.REREGISTERED
        self.registration = advance(self.registration, outcome)
        if is_new_csms:  # what the former one has asked for is not wanted by this one
            self._forget_licences()
        if reason is not None:
            self._reason = BootReason(reason)
        if not self._is_asking:
            self.due = now

    def triggered(self, *, now: float) -> bool:
        """Note a trigger of BootNotification; False: it is to be refused (B-28)."""
        if self.registration is Registration.ACCEPTED:
            return False
        self.is_triggered = True
        if not self._is_asking:
            self.due = now
        return True

    def answered_csms(self, action: str, payload: Any, answer: Any, *, now: float) -> None:
        """Note what a call of the CSMS was answered: Accepted may license a call of ours (B-30)."""
        licensed = licensed_by(action, payload)
        if licensed is None or member(answer, "status") != "Accepted":
            return
        if PASSAGE[self.registration] is Passage.ALL:
            return
        if action in TRIGGERS:
            self._licences[licensed] = now + LICENCE_SECONDS
            return
        request_id = member(payload, "requestId")
        if isinstance(request_id, int):
            self._reports[request_id] = None
            if len(self._reports) > MAX_REPORTS:
                del self._reports[next(iter(self._reports))]

    def called(self, action: str, payload: Any) -> None:
        """Note that a call of ours was made: the last part of a report ends its licence (B-30)."""
        if action == "NotifyReport" and self._reports and not member(payload, "tbc"):
            self._reports.pop(member(payload, "requestId"), None)

    def configure(self, settings: StationSettings) -> None:
        """Go on with other settings."""
        self._settings = settings

    # --- what may --------------------------------------------------------------------------------------

    @property
    def reason(self) -> BootReason:
        """Why the next BootNotification is sent (B-23)."""
        return BootReason.TRIGGERED if self.is_triggered else self._reason

    @property
    def wants_boot(self) -> bool:
        """Whether there is a BootNotification to send once it is `due`."""
        return self._is_up and not self._is_asking and self.due < inf

    @property
    def is_open(self) -> bool:
        """Whether all may leave, and no BootNotification is on its way (B-38)."""
        is_accepted = self.registration is Registration.ACCEPTED
        return self._is_up and is_accepted and not self._is_asking

    @property
    def service(self) -> Service:
        """Which calls of the CSMS are served."""
        return SERVICE[self.registration]

    @property
    def silent_until(self) -> float | None:
        """The moment before which a rejected station that hangs up does not dial; None: there is none."""
        is_rejected = self.registration is Registration.REJECTED and self.due < inf
        return self.due if self._settings.hang_up_when_rejected and is_rejected else None

    def may_call(self, action: str, payload: Any, *, now: float) -> bool:
        """Whether a call of ours, other than BootNotification, may leave now (B-22, B-30, B-33)."""
        passage = PASSAGE[self.registration]
        if passage is not Passage.LICENSED:
            return passage is Passage.ALL
        if action == "NotifyReport" and member(payload, "requestId") in self._reports:
            return True
        return max(self._licences.get(action, -inf), self._licences.get(ANY_ACTION, -inf)) >= now

    def refuses(self, action: str) -> bool:
        """Whether a call of the CSMS is to be answered with Rejected, as it may not be served yet (B-29)."""
        return self.service is Service.NO_REMOTE_CONTROL and action in REMOTE_CONTROL

    def _forget_licences(self) -> None:
        self._licences.clear()
        self._reports.clear()

    def _own_wait(self) -> float:
        wait = self._interval or self._settings.boot_retry * 2 ** min(self._misses, MAX_DOUBLINGS)
        self._misses += 1
        return wait * (1 + MAX_RANDOM_SHARE * self._random())
