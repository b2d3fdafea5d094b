"""The gate of a CSMS, by a table written by hand and as stories (B-40 to B-46)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from core_pair import V16, V21, V201, in_2x, in_every_version

from ocpp_sansio import (
    Call,
    CallReceived,
    Config,
    Connection,
    ErrorCode,
    LocalProtocolError,
    ProtocolViolated,
    Role,
    Rule,
    Validation,
    Version,
    v16,
)
from ocpp_sansio.registration import CsmsGate, NotAllowedYet, Registration, Unknown, licensed_by
from ocpp_sansio.testing import Link

U, P, R, A = (
    Registration.UNKNOWN,
    Registration.PENDING,
    Registration.REJECTED,
    Registration.ACCEPTED,
)

BOOT: dict[Version, dict[str, Any]] = {
    V16: {"chargePointVendor": "V", "chargePointModel": "M"},
    V201: {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}},
}
BOOT[V21] = BOOT[V201]
START: dict[Version, tuple[str, dict[str, Any]]] = {
    V16: ("RemoteStartTransaction", {"idTag": "TAG"}),
    V201: (
        "RequestStartTransaction",
        {"idToken": {"idToken": "TAG", "type": "Central"}, "remoteStartId": 1},
    ),
}
START[V21] = START[V201]
STOP: dict[Version, tuple[str, dict[str, Any]]] = {
    V16: ("RemoteStopTransaction", {"transactionId": 1}),
    V201: ("RequestStopTransaction", {"transactionId": "1"}),
    V21: ("RequestStopTransaction", {"transactionId": "1"}),
}
STATUS: dict[Version, dict[str, Any]] = {
    V16: {"connectorId": 1, "errorCode": "NoError", "status": "Available"},
    V201: {
        "timestamp": "2026-11-26T00:00:00Z",
        "connectorStatus": "Available",
        "evseId": 1,
        "connectorId": 1,
    },
}
STATUS[V21] = STATUS[V201]
TRIGGER_STATUS = ("TriggerMessage", {"requestedMessage": "StatusNotification"})
TRIGGER_BOOT = ("TriggerMessage", {"requestedMessage": "BootNotification"})


class Pair:
    """A bare station and a CSMS with a gate; what the gate lets through is in `seen`."""

    def __init__(
        self,
        version: Version,
        registration: Registration = U,
        unknown: Unknown = Unknown.SERVE,
        config: Config | None = None,
    ) -> None:
        self.version = version
        self.csms = Connection(Role.CSMS, config=config or Config())
        self.gate = CsmsGate(self.csms, registration=registration, unknown=unknown)
        self.seen: list[Any] = []
        self.link = Link(Connection(Role.STATION), self.csms, on_csms_event=self._hear)
        self.link.connect(version)

    def _hear(self, event: Any) -> None:
        self.gate.observe(event)
        self.seen.append(event)

    def say(self, action: str, payload: dict[str, Any]) -> Any:
        """Have the station call; return what the CSMS saw of it."""
        self.seen.clear()
        self.link.station.send_call(action, payload, now=self.link.now)
        self.link.run_until_idle()
        self.link.events(Role.STATION)
        return self.seen[-1]

    def is_served(self, action: str, payload: dict[str, Any]) -> bool:
        event = self.say(action, payload)
        if isinstance(event, CallReceived):
            self.csms.send_call_error(event, ErrorCode.INTERNAL_ERROR, now=self.link.now)
            self.link.run_until_idle()
            return True
        assert isinstance(event, ProtocolViolated)
        assert event.error.rule is Rule.NOT_REGISTERED
        assert event.error.code is ErrorCode.SECURITY_ERROR
        return False

    def boots(self, status: str) -> None:
        event = self.say("BootNotification", BOOT[self.version])
        answer = {"status": status, "currentTime": "2026-11-26T00:00:00Z", "interval": 60}
        self.gate.send_call_result(event, answer, now=self.link.now)
        self.link.run_until_idle()
        self.link.events(Role.STATION)

    def may_send(self, action: str, payload: dict[str, Any]) -> bool:
        try:
            self.ask(action, payload)
        except NotAllowedYet:
            assert not self.csms.outstanding_call
            return False
        self.answer({"status": "Rejected"})
        return True

    def ask(self, action: str, payload: dict[str, Any]) -> Call:
        call = self.gate.send_call(action, payload, now=self.link.now)
        self.link.run_until_idle()
        return call

    def answer(self, payload: dict[str, Any] | None) -> None:
        [call] = self.link.station.unanswered_calls
        if payload is None:
            self.link.station.send_call_error(call, ErrorCode.NOT_SUPPORTED, now=self.link.now)
        else:
            self.link.station.send_call_result(call, payload, now=self.link.now)
        self.link.run_until_idle()


#            the station's calls: boot, other; ours: any, remote control, a trigger of the boot
CELLS: dict[tuple[Registration, Unknown], tuple[bool, bool, bool, bool, bool]] = {
    (U, Unknown.SERVE): (True, True, True, True, True),
    (U, Unknown.BAR): (True, False, True, True, True),
    (P, Unknown.SERVE): (True, False, True, False, True),
    (P, Unknown.BAR): (True, False, True, False, True),
    (R, Unknown.SERVE): (True, False, False, False, True),
    (R, Unknown.BAR): (True, False, False, False, True),
    (A, Unknown.SERVE): (True, True, True, True, True),
    (A, Unknown.BAR): (True, True, True, True, True),
}


@in_every_version
@pytest.mark.parametrize(("state", "unknown"), CELLS)
def test_what_passes_in_each_state_both_ways(
    version: Version, state: Registration, unknown: Unknown
) -> None:
    boot, other, any_call, remote, trigger_boot = CELLS[state, unknown]
    pair = Pair(version, state, unknown)
    assert pair.is_served("BootNotification", BOOT[version]) is boot
    assert pair.is_served("StatusNotification", STATUS[version]) is other
    assert pair.may_send("ClearCache", {}) is any_call
    assert pair.may_send(*START[version]) is remote
    assert pair.may_send(*STOP[version]) is remote
    assert pair.may_send(*TRIGGER_BOOT) is trigger_boot
    assert pair.gate.registration is state


@in_every_version
def test_only_the_answer_to_a_boot_changes_the_state(version: Version) -> None:
    pair = Pair(version)
    call = pair.say("DataTransfer", {"vendorId": "V"})
    pair.gate.send_call_result(call, {"status": "Rejected"}, now=0.0)
    pair.link.run_until_idle()
    assert pair.gate.registration is U
    for status in ("Pending", "Rejected", "Accepted", "Rejected", "Accepted", "Pending"):
        pair.boots(status)
        assert pair.gate.registration.value == status
        assert pair.is_served("StatusNotification", STATUS[version]) is (status == "Accepted")


def test_a_typed_answer_counts_as_well() -> None:
    pair = Pair(V16)
    call = pair.say("BootNotification", BOOT[V16])
    answer = v16.BootNotificationResponse(
        status=v16.RegistrationStatus.PENDING,
        current_time=datetime(2026, 11, 26, tzinfo=UTC),
        interval=5,
    )
    pair.gate.send_call_result(call, answer, now=0.0)
    assert pair.gate.registration is P


@in_every_version
def test_the_state_is_given_on_to_the_next_connection(version: Version) -> None:
    pair = Pair(version)
    pair.boots("Pending")
    later = Pair(version, pair.gate.registration)
    assert not later.is_served("StatusNotification", STATUS[version])


@in_every_version
def test_what_the_csms_asks_for_it_does_not_refuse(version: Version) -> None:
    pair = Pair(version, P)
    pair.ask(*TRIGGER_STATUS)
    assert pair.is_served("StatusNotification", STATUS[version])  # quicker than its answer
    pair.answer({"status": "Accepted"})
    assert pair.is_served("StatusNotification", STATUS[version])
    assert not pair.is_served("Heartbeat", {})
    pair.boots("Pending")
    assert pair.is_served("StatusNotification", STATUS[version])
    pair.boots("Rejected")
    assert not pair.is_served("StatusNotification", STATUS[version])


@in_every_version
@pytest.mark.parametrize("answer", [{"status": "Rejected"}, None])
def test_a_licence_is_taken_back_if_the_answer_is_not_accepted(
    version: Version, answer: dict[str, Any] | None
) -> None:
    pair = Pair(version, P)
    pair.ask(*TRIGGER_STATUS)
    pair.answer(answer)
    assert not pair.is_served("StatusNotification", STATUS[version])


@in_every_version
def test_a_licence_is_taken_back_if_no_answer_comes(version: Version) -> None:
    pair = Pair(version, P)
    pair.ask(*TRIGGER_STATUS)
    pair.link.advance(Config().call_timeout)
    assert not pair.is_served("StatusNotification", STATUS[version])


@in_2x
def test_a_report_that_was_asked_for_is_served(version: Version) -> None:
    pair = Pair(version, P)
    report = {"requestId": 1, "generatedAt": "2026-11-26T00:00:00Z", "seqNo": 0}
    assert not pair.is_served("NotifyReport", report)
    pair.ask("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
    pair.answer({"status": "Accepted"})
    assert pair.is_served("NotifyReport", report)


def test_a_custom_trigger_may_bring_anything() -> None:
    pair = Pair(V21, P)
    pair.ask("TriggerMessage", {"requestedMessage": "CustomTrigger", "customTrigger": "x"})
    assert pair.is_served("StatusNotification", STATUS[V21])


@pytest.mark.parametrize(
    ("action", "wanted", "licensed"),
    [
        ("TriggerMessage", "Heartbeat", "Heartbeat"),
        ("TriggerMessage", "FirmwareStatusNotification", "FirmwareStatusNotification"),
        (
            "ExtendedTriggerMessage",
            "FirmwareStatusNotification",
            "SignedFirmwareStatusNotification",
        ),
        ("ExtendedTriggerMessage", "SignChargePointCertificate", "SignCertificate"),
        ("TriggerMessage", "SignChargingStationCertificate", "SignCertificate"),
        ("TriggerMessage", "SignV2GCertificate", "SignCertificate"),
        ("TriggerMessage", "SignV2G20Certificate", "SignCertificate"),
        ("TriggerMessage", "SignCombinedCertificate", "SignCertificate"),
        ("TriggerMessage", "CustomTrigger", "*"),
        ("TriggerMessage", 7, None),
        ("ChangeAvailability", "Heartbeat", None),
    ],
)
def test_what_is_asked_for_by_which_name(action: str, wanted: Any, licensed: str | None) -> None:
    assert licensed_by(action, {"requestedMessage": wanted}) == licensed


@in_every_version
def test_a_trigger_of_the_boot_of_an_accepted_station_is_sent_and_remarked_on(
    version: Version,
) -> None:
    pair = Pair(version, A)
    assert pair.may_send(*TRIGGER_BOOT)
    remark = "a station that was accepted refuses to be triggered to boot until it boots again"
    assert pair.gate.remarks() == [remark]
    assert pair.gate.remarks() == []
    assert pair.may_send("ClearCache", {})
    assert pair.gate.remarks() == []
    pending = Pair(version, P)
    assert pending.may_send(*TRIGGER_BOOT)
    assert pending.gate.remarks() == []


def test_remarks_that_nobody_takes_do_not_pile_up() -> None:
    pair = Pair(V16, A)
    for count in range(1, 18):
        assert pair.may_send(*TRIGGER_BOOT)
        if count in {2, 16, 17}:
            remarks = pair.gate._remarks
            assert len(remarks) == min(count, 16)
    assert len(pair.gate.remarks()) == 16


def test_a_gate_is_that_of_a_csms() -> None:
    with pytest.raises(ValueError, match=r"^the gate of a CSMS goes with the connection of one$"):
        CsmsGate(Connection(Role.STATION))


@in_every_version
def test_a_rejected_station_may_be_triggered_to_boot_and_to_nothing_else(version: Version) -> None:
    pair = Pair(version, R)
    assert not pair.may_send(*TRIGGER_STATUS)
    with pytest.raises(NotAllowedYet, match=r"^TriggerMessage: a rejected station may be sent"):
        pair.ask(*TRIGGER_STATUS)
    with pytest.raises(NotAllowedYet, match=r"^ClearCache: a rejected station may be sent"):
        pair.ask("ClearCache", {})
    pair = Pair(version, P)
    with pytest.raises(NotAllowedYet, match=f"^{START[version][0]}: the boot .* still pending$"):
        pair.ask(*START[version])


@in_every_version
def test_licences_add_up(version: Version) -> None:
    pair = Pair(version, P)
    for wanted in ("StatusNotification", "Heartbeat"):
        pair.ask("TriggerMessage", {"requestedMessage": wanted})
        pair.answer({"status": "Accepted"})
    pair.boots("Pending")
    assert pair.is_served("StatusNotification", STATUS[version])
    assert pair.is_served("Heartbeat", {})


@in_every_version
@pytest.mark.parametrize("verdict", ["Pending", "Rejected"])
def test_a_trigger_on_its_way_survives_a_pending_boot_and_no_rejected_one(
    version: Version, verdict: str
) -> None:
    pair = Pair(version, P)
    pair.ask(*TRIGGER_STATUS)
    pair.boots(verdict)
    is_pending = verdict == "Pending"
    assert pair.is_served("StatusNotification", STATUS[version]) is is_pending
    pair.answer({"status": "Accepted"})
    assert pair.is_served("StatusNotification", STATUS[version]) is is_pending


@in_every_version
def test_acceptance_ends_all_licences(version: Version) -> None:
    pair = Pair(version, P)
    pair.ask(*TRIGGER_STATUS)
    pair.answer({"status": "Accepted"})
    pair.boots("Accepted")
    pair.boots("Pending")
    assert not pair.is_served("StatusNotification", STATUS[version])


@pytest.mark.parametrize("answer", [{"status": "Perhaps"}, {"status": 1}, {}])
def test_an_unchecked_answer_without_a_verdict_registers_nobody(answer: dict[str, Any]) -> None:
    pair = Pair(V16, P, config=Config(validation=Validation.OFF))
    event = pair.say("BootNotification", BOOT[V16])
    sent = pair.gate.send_call_result(event, answer, now=0.0)
    assert sent.message_id == event.message_id
    assert pair.gate.registration is P


# --- what a call may say, and calls of somebody else's ------------------------------------------------


@pytest.mark.parametrize("is_typed", [True, False], ids=["typed", "by-name"])
def test_a_call_goes_out_as_the_connection_would_have_sent_it(*, is_typed: bool) -> None:
    pair = Pair(V16)
    options: dict[str, Any] = {"now": 5.0, "timeout": 7.0, "message_id": "mine"}
    request = v16.GetConfigurationRequest(key=["A"])
    call = (
        pair.gate.send_call(request, **options)
        if is_typed
        else pair.gate.send_call("GetConfiguration", {"key": ["A"]}, **options)
    )
    assert (call.action, call.message_id) == ("GetConfiguration", "mine")
    assert pair.csms.outstanding_call == call
    assert pair.csms.next_timeout() == 12.0
    pair.link.run_until_idle()
    [seen] = pair.link.station.unanswered_calls
    assert seen.payload == request


def frame(action: str, payload: dict[str, Any]) -> str:
    return json.dumps([2, "theirs", action, payload])


@in_every_version
def test_a_call_that_is_passed_on_is_held_to_the_same(version: Version) -> None:
    pair = Pair(version, P)
    with pytest.raises(NotAllowedYet, match=f"^{START[version][0]}: "):
        pair.gate.forward_call(frame(*START[version]), now=0.0)
    assert not pair.csms.outstanding_call
    call = pair.gate.forward_call(frame(*TRIGGER_STATUS), now=1.0, timeout=4.0)
    assert call.action == "TriggerMessage"
    assert pair.csms.next_timeout() == 5.0
    pair.link.run_until_idle()
    assert pair.is_served("StatusNotification", STATUS[version])
    pair.answer({"status": "Accepted"})
    assert pair.is_served("StatusNotification", STATUS[version])
    assert not pair.is_served("Heartbeat", {})
    pair = Pair(version, R)
    with pytest.raises(NotAllowedYet):
        pair.gate.forward_call(frame("ClearCache", {}), now=0.0)
    assert pair.gate.forward_call(frame(*TRIGGER_BOOT), now=0.0).action == "TriggerMessage"


@in_every_version
def test_an_answer_that_is_passed_on_registers_as_one_of_ours_does(version: Version) -> None:
    pair = Pair(version, P)
    event = pair.say("BootNotification", BOOT[version])
    pair.gate.forward_answer(event, '[4,"theirs","InternalError","",{}]', now=0.0)
    assert pair.gate.registration is P
    event = pair.say("BootNotification", BOOT[version])
    answer = {"status": "Accepted", "currentTime": "2026-11-26T00:00:00Z", "interval": 60}
    pair.gate.forward_answer(event, json.dumps([3, "theirs", answer]), now=0.0)
    assert pair.gate.registration is A
    assert pair.is_served("Heartbeat", {})


@pytest.mark.parametrize(
    "text", ["", "[", "{}", "7", '[2,"a"]', '[2,"a",7,{}]', '[2,"a","ClearCache",{},1]']
)
def test_what_is_no_call_is_refused_by_the_connection(text: str) -> None:
    pair = Pair(V16, P)
    with pytest.raises(LocalProtocolError) as refused:
        pair.gate.forward_call(text, now=0.0)
    assert not isinstance(refused.value, NotAllowedYet)
    assert not pair.csms.outstanding_call


def test_a_call_that_cannot_be_sent_licenses_nothing() -> None:
    pair = Pair(V16, P)
    with pytest.raises(LocalProtocolError):
        pair.gate.send_call(
            "TriggerMessage", {"requestedMessage": "StatusNotification"}, now=0, timeout=0
        )
    assert not pair.is_served("StatusNotification", STATUS[V16])
