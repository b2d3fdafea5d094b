"""The certification's stories of transactions, in virtual time (TC_E_28 to 34, 39 to 45, 50 to 53).

Both sides are ours. Each is told in 1.6 too, with the messages that it has for them. The CSMS keeps its gate,
and books each message once, by its key (T-41), whatever it then answers.
"""

from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from core_pair import V16, in_2x, in_every_version
from msgspec import UNSET
from msgspec.structs import replace
from station_pair import (
    MIDNIGHT,
    SILENT,
    World,
    event_2x,
    make_station,
    start_16,
    stop_16,
    values_16,
)

from ocpp_sansio import CallReceived, ErrorCode, Version, v16, v21, v201
from ocpp_sansio.registration import CsmsGate, Registration
from ocpp_sansio.repetition import Repetitions
from ocpp_sansio.station import Delivered, GivenUp

KINDS = {"StartTransaction": "Started", "MeterValues": "Updated", "StopTransaction": "Ended"}
FAILS = ErrorCode.INTERNAL_ERROR


class Arrival(NamedTuple):
    """A message of a transaction at the CSMS."""

    at: float
    kind: str
    seq_no: int = 0
    is_offline: bool = False
    key: str = "tx-1"

    def in_16(self) -> "Arrival":
        """Leave out what 1.6 does not have."""
        return Arrival(self.at, self.kind)


class Story(World):
    """A station and a CSMS that books what it gets. Timeouts of 30 s; three attempts, 10 s apart."""

    def __init__(self, version: Version) -> None:
        station = make_station(
            message_attempts=3, message_interval=10.0, heartbeat_interval=0.0, clock_interval=1e9
        )
        super().__init__(version, station)
        self.gate = CsmsGate(self.csms)
        self.fates: list[Any] = []
        """What becomes of the next messages at the CSMS; those after them are answered."""
        self.arrivals: list[Arrival] = []
        self.others: list[str] = []
        self.booked: list[Arrival] = []
        self.payloads: list[Any] = []
        self._repetitions = Repetitions()
        self.connect()
        assert self.others == ["BootNotification"]
        assert self.gate.registration is Registration.ACCEPTED
        self.others.clear()

    # --- the CSMS --------------------------------------------------------------------------------------

    def _serve(self, event: Any) -> None:
        self.gate.observe(event)
        if not isinstance(event, CallReceived):
            self.outcomes.append(event)
        elif event.action in KINDS or event.action == "TransactionEvent":
            self._serve_transaction(event)
        else:
            self.others.append(event.action)
            self.gate.send_call_result(event, self._usual(event), now=self.now)

    def _serve_transaction(self, call: CallReceived) -> None:
        arrival = self._read(call)
        self.arrivals.append(arrival)
        self.payloads.append(call.payload)
        fate = self.fates.pop(0) if self.fates else None
        if isinstance(fate, ErrorCode):  # it has not taken it
            self.csms.send_call_error(call, fate, now=self.now)
            return
        request: Any = call.payload
        answer = self._repetitions.answer(request, lambda: self._book(arrival))
        if fate is not SILENT:
            self.gate.send_call_result(call, answer, now=self.now)

    def _read(self, call: CallReceived) -> Arrival:
        if call.action in KINDS:
            return Arrival(self.now, KINDS[call.action])
        event: Any = call.payload
        assert event.offline in {True, False, UNSET, None}
        return Arrival(
            self.now,
            event.event_type.value,
            event.seq_no,
            event.offline is True,
            event.transaction_info.transaction_id,
        )

    def _book(self, arrival: Arrival) -> Any:
        self.booked.append(arrival)
        if self.version is not V16:
            package: Any = v201 if self.version is Version.OCPP201 else v21
            return package.TransactionEventResponse()
        accepted = v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED)
        answers: dict[str, Any] = {
            "Started": v16.StartTransactionResponse(
                transaction_id=len(self.booked), id_tag_info=accepted
            ),
            "Updated": v16.MeterValuesResponse(),
            "Ended": v16.StopTransactionResponse(),
        }
        return answers[arrival.kind]

    # --- the station -----------------------------------------------------------------------------------

    def post(self, kind: str, key: str = "tx-1", **members: Any) -> None:
        trigger = members.pop("trigger", "MeterValuePeriodic")
        if self.version is V16:
            make: Any = {"Started": start_16, "Updated": values_16, "Ended": stop_16}[kind]
            message = make(self.now)
            if tag := members.get("tag"):
                message = replace(message, id_tag=tag)
        else:
            number = 0 if kind == "Started" else self.station.next_seq_no(key)
            message = self._event(kind, key, number, trigger, members)
        self.station.post(message, transaction=key, now=self.now)
        self.run()

    def _event(self, kind: str, key: str, number: int, trigger: str, members: Any) -> Any:
        package: Any = v201 if self.version is Version.OCPP201 else v21
        more: dict[str, Any] = {}
        if tag := members.get("tag"):
            local = "Local" if self.version is Version.OCPP21 else package.IdTokenEnumType.LOCAL
            more["id_token"] = package.IdTokenType(id_token=tag, type=local)
        event = event_2x(self.version, kind, key, number, trigger=trigger, seconds=self.now, **more)
        if reason := members.get("reason"):
            info = replace(event.transaction_info, stopped_reason=package.ReasonEnumType(reason))
            event = replace(event, transaction_info=info)
        return event

    def play(self, *steps: Any) -> "Story":
        """Take steps: seconds to pass, "cut", "connect", a list of fates, or a message with its members."""
        for step in steps:
            if isinstance(step, int | float):
                self.advance(step)
            elif isinstance(step, list):
                self.fates = list(step)
            elif isinstance(step, tuple):
                kind, members = step
                self.post(kind, **members)
            elif step in {"cut", "connect"}:
                getattr(self, step)()
            else:
                self.post(step)
        return self


STORIES: dict[str, tuple[list[Any], list[Arrival]]] = {
    "TC_E_39-deauthorized-by-a-timeout": (
        [
            ("Started", {"trigger": "Authorized", "tag": "TAG"}),
            60,
            ("Ended", {"trigger": "EVConnectTimeout", "reason": "Timeout"}),
        ],
        [Arrival(0, "Started", 0), Arrival(60, "Ended", 1)],
    ),
    "TC_E_40-connection-lost-in-between": (
        ["Started", "Updated", 10, "cut", 60, "Updated", 60, "Updated", 5, "connect", 5, "Ended"],
        [
            Arrival(0, "Started", 0),
            Arrival(0, "Updated", 1),
            Arrival(135, "Updated", 2, is_offline=True),
            Arrival(135, "Updated", 3, is_offline=True),
            Arrival(140, "Ended", 4),
        ],
    ),
    "TC_E_40-connection-lost-with-a-message-in-flight": (
        ["Started", [SILENT], 10, "Updated", 5, "Updated", 5, "cut", 60, "connect", "Ended"],
        [
            Arrival(0, "Started", 0),
            Arrival(10, "Updated", 1),
            Arrival(80, "Updated", 1, is_offline=True),  # E11.FR.07: the unanswered one too
            Arrival(80, "Updated", 2, is_offline=True),
            Arrival(80, "Ended", 3),
        ],
    ),
    "TC_E_41-silence-until-no-attempt-is-left": (
        ["Started", [SILENT] * 3, 10, "Updated", "Ended", 500],
        [
            Arrival(0, "Started", 0),
            Arrival(10, "Updated", 1),
            Arrival(10 + 30 + 10, "Updated", 1),
            Arrival(50 + 30 + 20, "Updated", 1),
            Arrival(100 + 30, "Ended", 2),  # E13.FR.04: the next one, at once
        ],
    ),
    "TC_E_42-silence-and-success-in-the-end": (
        ["Started", [SILENT] * 2, 10, "Updated", "Ended", 500],
        [
            Arrival(0, "Started", 0),
            Arrival(10, "Updated", 1),
            Arrival(50, "Updated", 1),
            Arrival(100, "Updated", 1),
            Arrival(100, "Ended", 2),
        ],
    ),
    "TC_E_43-a-transaction-offline": (
        ["cut", 60, "Started", 60, "Updated", 60, "Ended", 60, "connect"],
        [
            Arrival(240, "Started", 0, is_offline=True),
            Arrival(240, "Updated", 1, is_offline=True),
            Arrival(240, "Ended", 2, is_offline=True),
        ],
    ),
    "TC_E_44-stopped-offline": (
        ["Started", 60, "cut", 60, ("Ended", {"tag": "TAG", "reason": "Local"}), 60, "connect"],
        [Arrival(0, "Started", 0), Arrival(180, "Ended", 1, is_offline=True)],
    ),
    "TC_E_45-stopped-offline-by-another-of-the-group": (
        ["Started", 60, "cut", 60, ("Ended", {"tag": "MATE", "reason": "Local"}), 60, "connect"],
        [Arrival(0, "Started", 0), Arrival(180, "Ended", 1, is_offline=True)],
    ),
    "TC_E_50-refused-until-no-attempt-is-left": (
        ["Started", [FAILS] * 3, 10, "Updated", "Ended", 500],
        [
            Arrival(0, "Started", 0),
            Arrival(10, "Updated", 1),
            Arrival(20, "Updated", 1),
            Arrival(40, "Updated", 1),
            Arrival(40, "Ended", 2),
        ],
    ),
    "TC_E_51-refused-and-success-in-the-end": (
        ["Started", [FAILS] * 2, 10, "Updated", "Ended", 500],
        [
            Arrival(0, "Started", 0),
            Arrival(10, "Updated", 1),
            Arrival(20, "Updated", 1),
            Arrival(40, "Updated", 1),
            Arrival(40, "Ended", 2),
        ],
    ),
    "TC_E_52-authorized-by-its-own-list": (  # nobody is asked: see `others`
        [("Started", {"trigger": "Authorized", "tag": "TAG"}), 60, "Ended"],
        [Arrival(0, "Started", 0), Arrival(60, "Ended", 1)],
    ),
    "TC_E_53-each-transaction-counts-from-0": (
        ["Started", "Ended", 60, ("Started", {"key": "tx-2"}), ("Ended", {"key": "tx-2"})],
        [
            Arrival(0, "Started", 0),
            Arrival(0, "Ended", 1),
            Arrival(60, "Started", 0, key="tx-2"),
            Arrival(60, "Ended", 1, key="tx-2"),
        ],
    ),
}


@in_every_version
@pytest.mark.parametrize("name", STORIES)
def test_a_story_of_transactions(version: Version, name: str) -> None:
    steps, arrivals = STORIES[name]
    story = Story(version).play(*steps)
    is_16 = version is V16
    assert story.arrivals == [each.in_16() if is_16 else each for each in arrivals]
    assert story.others == []  # neither a boot nor a heartbeat nor an Authorize in between
    messages = {(each.key, each.seq_no) for each in arrivals}
    never_taken = "TC_E_50" in name
    assert len(story.booked) == len(messages) - never_taken
    given_up = [event for event in story.events if isinstance(event, GivenUp)]
    assert len(given_up) == (never_taken or "TC_E_41" in name)
    assert story.station.queued_messages() == 0
    assert story.station.open_transactions == ()


@in_every_version
def test_the_end_names_who_stopped_it_and_when(version: Version) -> None:
    steps, _ = STORIES["TC_E_45-stopped-offline-by-another-of-the-group"]
    story = Story(version).play(*steps)
    end = story.payloads[-1]
    assert end.timestamp == MIDNIGHT + timedelta(seconds=120)
    if version is V16:
        assert (end.id_tag, end.transaction_id) == ("MATE", 1)
    else:
        assert end.id_token.id_token == "MATE"
        assert end.transaction_info.stopped_reason.value == "Local"


QUEUED, SENT = [SILENT], list[Any]()
WITH_ID, WITHOUT = {"transactionId": "tx-1"}, dict[str, Any]()

#                  what happens before; the question; ongoingIndicator; messagesInQueue
STATUSES: dict[str, tuple[list[Any], dict[str, Any], bool | None, bool]] = {
    "TC_E_28-unknown": (["Started"], {"transactionId": "other"}, False, False),
    "TC_E_29-ongoing-queued": ([QUEUED, "Started"], WITH_ID, True, True),
    "TC_E_29-ongoing-offline-before": (["Started", QUEUED, "Updated"], WITH_ID, True, True),
    "TC_E_30-ongoing-sent": (["Started", "Updated"], WITH_ID, True, False),
    "TC_E_31-ended-queued": (["Started", QUEUED, "Ended"], WITH_ID, False, True),
    "TC_E_31-ended-queued-behind": ([QUEUED, "Started", "Ended"], WITH_ID, False, True),
    "TC_E_31-ended-waiting-for-a-retry": (["Started", [FAILS], "Ended"], WITH_ID, False, True),
    "TC_E_32-ended-sent": (["Started", "Ended"], WITH_ID, False, False),
    "TC_E_33-any-queued": (["Started", QUEUED, "Updated"], WITHOUT, None, True),
    "TC_E_34-none-queued": (["Started", "Updated"], WITHOUT, None, False),
}


@in_2x
@pytest.mark.parametrize("name", STATUSES)
def test_a_story_of_the_status_of_a_transaction(version: Version, name: str) -> None:
    steps, question, is_ongoing, is_queued = STATUSES[name]
    story = Story(version).play(*steps)
    story.outcomes.clear()
    story.gate.send_call("GetTransactionStatus", question, now=story.now)
    story.run()
    [outcome] = story.outcomes
    answer = outcome.payload
    assert (answer.ongoing_indicator, answer.messages_in_queue) == (is_ongoing, is_queued)


@in_every_version
def test_what_was_delivered_is_told_in_the_order_of_its_posting(version: Version) -> None:
    steps, _ = STORIES["TC_E_42-silence-and-success-in-the-end"]
    story = Story(version).play(*steps)
    told = [event.record.seq for event in story.events if isinstance(event, Delivered)]
    assert told == [1, 2, 3]
