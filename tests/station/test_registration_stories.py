"""The certification's stories of booting, both sides ours, in virtual time (TC_B_01, 02, 03, 30, 31)."""

from datetime import timedelta
from typing import Any

import pytest
from core_pair import V16, in_every_version
from station_pair import MIDNIGHT, make_station, may_call

from ocpp_sansio import (
    CallErrorReceived,
    CallReceived,
    CallTimedOut,
    Connection,
    ErrorCode,
    ProtocolViolated,
    Role,
    Version,
)
from ocpp_sansio.registration import CsmsGate, NotAllowedYet, Registration, Unknown
from ocpp_sansio.testing import Link

STATUS: dict[Version, dict[str, Any]] = {
    version: {
        "timestamp": "2026-11-26T00:00:00Z",
        "connectorStatus": "Available",
        "evseId": 1,
        "connectorId": 1,
    }
    for version in Version
} | {V16: {"connectorId": 1, "errorCode": "NoError", "status": "Available"}}


class Story:
    """Our station and our CSMS with its gate; the CSMS answers boots by `verdicts`."""

    def __init__(self, version: Version, verdicts: list[tuple[str, int]]) -> None:
        self.version = version
        self.station = make_station(heartbeat_interval=0.0)
        self.verdicts = verdicts
        self.served: list[tuple[float, str]] = []
        self.outcomes: list[Any] = []
        self.refused = 0
        self.registration = Registration.UNKNOWN
        self.start_csms()

    def start_csms(self, unknown: Unknown = Unknown.SERVE) -> None:
        """A CSMS starts, and remembers what it wrote down of the station."""
        csms = Connection(Role.CSMS)
        self.gate = CsmsGate(csms, registration=self.registration, unknown=unknown)
        self.link = Link(self.station, csms, on_csms_event=self._hear)
        self.link.now = self.served[-1][0] if self.served else 0.0
        self.link.connect(self.version)
        self.link.run_until_idle()

    def _hear(self, event: Any) -> None:
        self.gate.observe(event)
        if isinstance(event, ProtocolViolated):
            self.refused += 1
        elif not isinstance(event, CallReceived):
            self.outcomes.append(event)
        elif event.action == "BootNotification":
            self.served.append((self.link.now, event.action))
            status, interval = self.verdicts.pop(0)
            time = MIDNIGHT + timedelta(seconds=self.link.now)
            answer = {"status": status, "currentTime": time.isoformat(), "interval": interval}
            self.gate.send_call_result(event, answer, now=self.link.now)
            self.registration = self.gate.registration
        else:
            self.served.append((self.link.now, event.action))
            self.gate.send_call_result(event, {}, now=self.link.now)

    def ask(self, action: str, payload: dict[str, Any]) -> Any:
        self.outcomes.clear()
        self.gate.send_call(action, payload, now=self.link.now)
        self.link.run_until_idle()
        return self.outcomes[-1] if self.outcomes else None

    def says_status(self) -> bool:
        """Have the station tell its status; whether it may."""
        may = may_call(self.station, "StatusNotification", STATUS[self.version], now=self.link.now)
        self.link.run_until_idle()
        return may

    def boots(self) -> list[float]:
        return [moment for moment, action in self.served if action == "BootNotification"]


@in_every_version
def test_a_cold_boot_that_is_accepted(version: Version) -> None:
    story = Story(version, [("Accepted", 300)])
    assert story.station.settings.heartbeat_interval == 300
    assert story.says_status()
    assert story.served == [(0.0, "BootNotification"), (0.0, "StatusNotification")]


@in_every_version
def test_a_cold_boot_that_is_pending_and_triggered(version: Version) -> None:
    story = Story(version, [("Pending", 1000), ("Accepted", 300)])
    assert not story.says_status()
    remote = "RemoteStartTransaction" if version is V16 else "RequestStartTransaction"
    with pytest.raises(NotAllowedYet):
        story.gate.send_call(remote, {}, now=0.0)
    story.ask("TriggerMessage", {"requestedMessage": "StatusNotification"})
    [call] = story.station.unanswered_calls
    story.station.send_call_result(call, {"status": "Accepted"}, now=0.0)
    story.link.run_until_idle()
    assert story.says_status()
    story.link.advance(10)
    outcome = story.ask("TriggerMessage", {"requestedMessage": "BootNotification"})
    assert outcome.payload.status == "Accepted"
    assert story.boots() == [0.0, 10.0]
    assert story.registration is Registration.ACCEPTED
    assert story.refused == 0


@in_every_version
def test_a_cold_boot_that_is_rejected(version: Version) -> None:
    story = Story(version, [("Rejected", 60), ("Accepted", 300)])
    assert not story.says_status()
    with pytest.raises(NotAllowedYet):
        story.gate.send_call("ClearCache", {}, now=0.0)
    story.ask("TriggerMessage", {"requestedMessage": "BootNotification"})
    story.link.advance(40)
    [outcome] = story.outcomes
    if version is V16:
        assert isinstance(outcome, CallTimedOut)
    else:
        assert isinstance(outcome, CallErrorReceived)
        assert outcome.code is ErrorCode.SECURITY_ERROR
    story.link.advance(20)
    assert story.boots() == [0.0, 60.0]
    assert story.says_status()


@in_every_version
@pytest.mark.parametrize("verdict", ["Pending", "Rejected"])
def test_a_station_that_speaks_too_early_is_refused(version: Version, verdict: str) -> None:
    story = Story(version, [(verdict, 600)])
    text = '[2,"early","Heartbeat",{}]'
    story.link.inject(Role.STATION, text)
    story.link.run_until_idle()
    assert story.refused == 1
    assert story.boots() == [0.0]


@in_every_version
@pytest.mark.parametrize(
    ("remembers", "boots"), [(True, [0.0]), (False, [0.0, 0.0])], ids=["remembers", "forgets"]
)
def test_a_csms_that_was_started_again(
    version: Version, remembers: object, boots: list[float]
) -> None:
    story = Story(version, [("Accepted", 300), ("Accepted", 300)])
    story.link.cut()
    if not remembers:
        story.registration = Registration.UNKNOWN
    story.start_csms(Unknown.BAR)
    assert story.boots() == [0.0]
    assert story.says_status()
    assert story.boots() == boots  # SecurityError makes it boot
    assert story.registration is Registration.ACCEPTED
