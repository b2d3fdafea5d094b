"""The queue of a station, rule by rule, on a virtual line and clock (T-1 to T-39)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from core_pair import V16, V21, V201, in_2x, in_every_version
from msgspec.structs import replace
from station_pair import (
    MIDNIGHT,
    SILENT,
    World,
    event_2x,
    make_station,
    may_call,
    start_16,
    stop_16,
    values_16,
)

from ocpp_sansio import (
    CallResultReceived,
    CallResultRejected,
    ErrorCode,
    LateResponseReceived,
    LocalProtocolError,
    Role,
    Validation,
    Version,
    v16,
    v201,
)
from ocpp_sansio.core import Config
from ocpp_sansio.station import (
    Deauthorized,
    Delivered,
    Forget,
    GivenUp,
    Lane,
    OpenTransaction,
    OutboxFull,
    OutboxLow,
    Record,
    Restored,
    RetryId,
    VersionHeld,
    Why,
)

SECURITY = {"type": "MemoryExhaustion", "timestamp": "2026-11-26T00:00:00Z"}


def quiet(version: Version, **settings: Any) -> World:
    """An accepted station without heartbeats."""
    settings.setdefault("heartbeat_interval", 0.0)
    settings.setdefault("clock_interval", 1e9)
    world = World(version, make_station(**settings)).connect()
    world.actions()
    return world


def post_start(world: World, key: str = "k", **options: Any) -> Record:
    if world.version is V16:
        return world.station.post(start_16(**options), transaction=key, now=world.now)
    return world.station.post(
        event_2x(world.version, "Started", key, 0, trigger="CablePluggedIn"), now=world.now
    )


def post_reading(world: World, key: str = "k", meter: int = 5, **members: Any) -> Record:
    if world.version is V16:
        return world.station.post(values_16(world.now, meter), transaction=key, now=world.now)
    number = world.station.next_seq_no(key)
    event = event_2x(world.version, "Updated", key, number, **members)
    return world.station.post(event, now=world.now)


def post_end(world: World, key: str = "k") -> Record:
    if world.version is V16:
        return world.station.post(stop_16(world.now), transaction=key, now=world.now)
    number = world.station.next_seq_no(key)
    event = event_2x(world.version, "Ended", key, number, trigger="EVDeparted")
    return world.station.post(event, now=world.now)


START = {V16: "StartTransaction", V201: "TransactionEvent", V21: "TransactionEvent"}
READING = {V16: "MeterValues", V201: "TransactionEvent", V21: "TransactionEvent"}
END = {V16: "StopTransaction", V201: "TransactionEvent", V21: "TransactionEvent"}


# --- the schedule of retries (T-10, T-11; TC_E_41, 42, 50, 51) ----------------------------------------


@in_every_version
@pytest.mark.parametrize(
    ("answer", "moments"),
    [
        # send, +60 after the first failure, +120 after the second; then it is given up
        (ErrorCode.INTERNAL_ERROR, [0.0, 60.0, 180.0]),
        # each failure comes with the timeout, 30 seconds later
        (SILENT, [0.0, 90.0, 240.0]),
    ],
    ids=["CALLERROR", "silence"],
)
def test_three_attempts_a_minute_apart_and_a_minute_more(
    version: Version, answer: Any, moments: list[float]
) -> None:
    world = quiet(version)
    world.answers[START[version]] = lambda _: answer
    record = post_start(world)
    world.advance(3000)
    assert world.moments(START[version]) == moments
    [event] = world.taken(GivenUp)
    assert event.record == replace(record, attempts=2)
    assert event.why is Why.ATTEMPTS
    assert event.last is not None


@in_every_version
def test_a_day_offline_in_between_burns_no_attempt_and_shortens_no_wait(version: Version) -> None:
    world = quiet(version)
    world.answers[START[version]] = lambda _: ErrorCode.INTERNAL_ERROR
    post_start(world)
    world.run().cut().advance(86400)
    world.connect().advance(59)
    assert world.moments(START[version]) == [0.0, 86400.0]
    world.advance(3000)
    assert world.moments(START[version]) == [0.0, 86400.0, 86400.0 + 120.0]


@in_every_version
@pytest.mark.parametrize(
    ("attempts", "interval", "count"), [(0, 60.0, 1), (1, 60.0, 1), (5, 0.0, 5)]
)
def test_attempts_below_1_are_1_and_an_interval_of_0_is_at_once(
    version: Version, attempts: int, interval: float, count: int
) -> None:
    world = quiet(version, message_attempts=attempts, message_interval=interval)
    world.answers[START[version]] = lambda _: ErrorCode.INTERNAL_ERROR
    post_start(world)
    assert world.run().moments(START[version]) == [0.0] * count
    assert len(world.taken(GivenUp)) == 1


@in_every_version
def test_new_values_count_from_the_next_failure_on(version: Version) -> None:
    world = quiet(version)
    world.answers[START[version]] = lambda _: ErrorCode.INTERNAL_ERROR
    post_start(world)
    world.advance(10)
    settings = replace(world.station.settings, message_attempts=4, message_interval=5.0)
    world.station.configure(settings, now=world.now)
    world.advance(3000)
    assert world.moments(START[version]) == [0.0, 60.0, 70.0, 85.0]


@in_every_version
def test_the_next_message_waits_until_the_first_is_given_up_and_others_do_not(
    version: Version,
) -> None:
    world = quiet(version)
    world.answers[START[version]] = [ErrorCode.INTERNAL_ERROR] * 3
    post_start(world)
    post_reading(world)
    post_end(world)
    world.run()
    assert may_call(world.station, "Heartbeat", {}, now=world.now)
    world.advance(179)
    assert world.actions() == [START[version], "Heartbeat", START[version]]
    world.advance(1)
    assert world.actions() == [START[version], READING[version], END[version]]


# --- links that go (T-11, T-12) -----------------------------------------------------------------------


@in_every_version
def test_lost_links_are_no_failures_and_the_same_message_is_first_at_once(version: Version) -> None:
    world = quiet(version)
    world.answers[START[version]] = [SILENT] * 9
    post_start(world)
    post_end(world)
    for _ in range(9):
        world.advance(3)
        world.cut().advance(2)
        world.connect()
    assert world.moments(START[version])[:10] == [5.0 * n for n in range(10)]
    assert len(world.taken(Delivered)) == 2
    assert world.taken(GivenUp) == []


@in_every_version
def test_a_message_that_takes_the_link_down_each_time_fails_in_the_end(version: Version) -> None:
    world = quiet(version, max_losses=3, message_attempts=2, message_interval=60.0)
    world.answers[START[version]] = [SILENT] * 6
    post_start(world)
    record = post_end(world)
    for _ in range(3):
        world.run().cut()
        world.connect()
    assert world.moments(START[version]) == [0.0, 0.0, 0.0]  # the third loss was a failure
    world.advance(60)
    for _ in range(3):
        world.cut()
        world.connect()
    assert [event.why for event in world.taken(GivenUp)] == [Why.LOSSES]
    assert record.seq not in world.disk.records  # the next one had its turn


@in_every_version
def test_an_answer_in_between_forgets_the_losses(version: Version) -> None:
    world = quiet(version, max_losses=2, message_attempts=9, message_interval=0.0)
    world.answers[START[version]] = [SILENT, ErrorCode.INTERNAL_ERROR, SILENT, SILENT, SILENT]
    post_start(world)
    world.run().cut()
    world.connect()
    world.cut()
    assert world.disk.records[1].attempts == 1  # the refusal alone


def test_a_message_that_had_not_left_when_the_link_went_leaves_with_the_next_at_once() -> None:
    world = quiet(V16)
    world.answers["DataTransfer"] = [SILENT]
    world.station.send_call("DataTransfer", {"vendorId": "V"}, now=world.now)
    post_start(world)
    world.run()
    assert world.moments("StartTransaction") == []
    world.cut()
    assert world.connect().moments("StartTransaction") == [0.0]


@pytest.mark.parametrize("level", [0.9, 0.89])
def test_it_is_told_once_that_the_queue_is_nearly_full(level: float) -> None:
    world = World(V16, make_station(max_messages=100))
    for number in range(round(level * 100) + 1):
        assert len(world.taken(OutboxLow)) == (number == 90)
        world.station.post(values_16(number), now=0.0)
        world.run()


@pytest.mark.parametrize(("delivered", "is_told_again"), [(1, False), (2, True)])
def test_it_is_told_again_after_a_fifth_was_free_and_only_then(
    delivered: int, *, is_told_again: bool
) -> None:
    world = quiet(V16, max_messages=10)
    world.answers["MeterValues"] = [*[{}] * delivered, SILENT]
    for number in range(9):
        world.station.post(values_16(number), now=0.0)
    assert len(world.run().taken(OutboxLow)) == 1
    assert world.station.queued_messages() == 9 - delivered
    for _ in range(delivered):
        world.station.post(values_16(), now=0.0)
    assert len(world.run().taken(OutboxLow)) == is_told_again


def test_what_is_left_is_never_less_than_nothing() -> None:
    world = World(V16, make_station(max_messages=100, max_bytes=1024, end_reserve=0))
    post_start(world)
    values = values_16(meter=10**1100).meter_value
    world.station.post(replace(stop_16(), transaction_data=values), transaction="k", now=0.0)
    assert world.run().taken(OutboxLow) == [OutboxLow(98, 0)]
    records = [Record(seq=n, version=V16, action="MeterValues", body=b"{}") for n in range(1, 15)]
    open_one = OpenTransaction(key="k", version=V16)
    restored = Restored(records=tuple(records), transactions=(open_one,))
    world = World(V16, make_station(restored, max_messages=10, max_bytes=5000))
    size = len(post_end(world).body)
    assert world.run().taken(OutboxLow) == [OutboxLow(0, 5000 - 14 * 2 - size)]


def test_a_send_that_the_transport_refused_is_no_failure_and_no_flood() -> None:
    world = quiet(V16)
    world.link.csms.disconnected(now=0.0)
    world.station.post(start_16(), transaction="k", now=0.0)
    [request] = world.station.store_requests()
    world.station.stored(request.token, now=0.0)
    for second in range(3):
        [frame] = world.station.frames_to_send()
        call: Any = frame.message
        assert world.station.send_failed(call, now=float(second))
        assert world.station.frames_to_send() == []
        assert world.station.next_timeout() == second + 1.0
        world.station.handle_timeout(now=second + 1.0)
    assert world.station.store_requests() == []


# --- answers that are late, or none (T-15, T-16) --------------------------------------------------------


@in_every_version
def test_a_late_answer_delivers_the_message_that_waits_for_its_retry(version: Version) -> None:
    world = quiet(version)
    world.answers[START[version]] = [SILENT]
    post_start(world)
    world.advance(40)
    [call] = world.open_calls
    world.answer(call, world._usual(call))
    assert len(world.run().taken(Delivered)) == 1
    world.advance(3000)
    assert len(world.moments(START[version])) == 1
    assert not [e for e in world.events if isinstance(e, LateResponseReceived)]


@in_every_version
def test_a_late_refusal_changes_nothing(version: Version) -> None:
    world = quiet(version)
    world.answers[START[version]] = [SILENT]
    post_start(world)
    world.advance(40)
    world.answer(world.open_calls[0], ErrorCode.INTERNAL_ERROR)
    world.advance(3000)
    assert world.moments(START[version]) == [0.0, 90.0]
    assert len(world.taken(Delivered)) == 1


def test_a_late_answer_is_that_of_its_own_message_only() -> None:
    world = quiet(V16)
    world.answers["StartTransaction"] = [
        SILENT,
        {"transactionId": 7, "idTagInfo": {"status": "Accepted"}},
    ]
    world.answers["StopTransaction"] = [ErrorCode.INTERNAL_ERROR]
    post_start(world)
    post_end(world)
    world.advance(100)  # the start went well at its second attempt, the end waits
    world.answer(world.open_calls[0], {"transactionId": 8, "idTagInfo": {"status": "Accepted"}})
    world.run()
    assert world.station.queued_messages() == 1
    assert world.station.transaction_id("k") == 7


@in_every_version
def test_an_answer_that_is_no_valid_one_has_delivered_the_message(version: Version) -> None:
    world = quiet(version)
    world.answers[READING[version]] = SILENT
    if version is V16:
        world.station.post(values_16(), now=world.now)
    else:
        post_start(world)
    world.run()
    [call] = world.open_calls
    world.link.inject(Role.CSMS, f'[3,"{call.message_id}",{{"bogus":1}}]')
    [event] = world.run().taken(Delivered)
    assert event.violations
    assert world.station.queued_messages() == 0


def test_only_a_start_without_a_readable_id_has_not() -> None:
    for payload, is_delivered in (
        ('{"transactionId":5}', True),
        ('{"transactionId":"5"}', False),
        ("{}", False),
        ("[]", False),
        ('{"transactionId":true}', False),
    ):
        world = quiet(V16)
        world.answers["StartTransaction"] = [SILENT]
        post_start(world)
        world.run()
        world.link.inject(Role.CSMS, f'[3,"{world.open_calls[0].message_id}",{payload}]')
        assert bool(world.run().taken(Delivered)) is is_delivered
        assert world.station.transaction_id("k") == (5 if is_delivered else None)
        world.advance(60)  # a failure, as any other
        assert world.moments("StartTransaction") == [0.0] if is_delivered else [0.0, 60.0]


def test_the_answer_that_was_the_last_failure_is_told() -> None:
    world = quiet(V16, message_attempts=1)
    world.answers["StartTransaction"] = [SILENT]
    post_start(world)
    world.run()
    world.link.inject(Role.CSMS, f'[3,"{world.open_calls[0].message_id}",{{}}]')
    [event] = world.run().taken(GivenUp)
    assert isinstance(event.last, CallResultRejected)


@in_every_version
def test_security_error_that_makes_it_boot_is_no_failure(version: Version) -> None:
    world = quiet(version)
    world.answers[START[version]] = [ErrorCode.SECURITY_ERROR, ErrorCode.SECURITY_ERROR]
    post_start(world)
    world.run()
    assert world.actions() == [START[version], "BootNotification", START[version]]
    assert world.disk.records[1].attempts == 1  # the second stands, on the same connection


@pytest.mark.parametrize("is_heard", [False, True])
def test_by_a_setting_silence_counts_only_if_anything_was_heard(*, is_heard: bool) -> None:
    world = quiet(V16, count_timeouts="if_heard")
    world.answers["StartTransaction"] = [SILENT]
    post_start(world)
    world.advance(10)
    if is_heard:
        world.station.heard(now=world.now)
    world.advance(20)
    assert world.moments("StartTransaction") == ([0.0] if is_heard else [0.0, 30.0])
    assert (world.disk.records[1].attempts if 1 in world.disk.records else 0) == is_heard


@pytest.mark.parametrize("retry_id", RetryId)
def test_a_repetition_has_a_fresh_id_or_by_a_setting_its_old_one(retry_id: RetryId) -> None:
    world = quiet(V16, retry_id=retry_id, message_interval=0.0)
    seen: list[str] = []

    def refuse_once(call: Any) -> Any:
        seen.append(call.message_id)
        return ErrorCode.INTERNAL_ERROR if len(seen) < 3 else world._usual(call)

    world.answers["StartTransaction"] = refuse_once
    post_start(world)
    world.run()
    assert len(set(seen)) == (3 if retry_id is RetryId.FRESH else 1)


# --- 1.6 ids (T-20 to T-25) ---------------------------------------------------------------------------


@pytest.mark.parametrize("transaction_id", [0, -1, 7, -(2**31), 2**40])
def test_the_id_is_the_one_that_was_answered_whatever_it_is(transaction_id: int) -> None:
    world = World(V16)
    world.answers["StartTransaction"] = {
        "transactionId": transaction_id,
        "idTagInfo": {"status": "Accepted"},
    }
    for number in range(2):
        post_start(world, f"k{number}")
        post_reading(world, f"k{number}")
    world.station.post(values_16(), now=0.0)
    for number in range(2):
        post_end(world, f"k{number}")
    world.connect()
    bodies = [
        body for _, action, body in world.asked if action in {"MeterValues", "StopTransaction"}
    ]
    ids = [body.get("transactionId") for body in bodies]
    assert ids == [transaction_id] * 2 + [None] + [transaction_id] * 2


def test_two_transactions_keep_their_ids_apart() -> None:
    world = World(V16)
    for key in "ab":
        post_start(world, key)
    for key in "ab":
        post_end(world, key)
    world.connect()
    assert world.station.transaction_of(99) is None
    starts = [
        number for number, (_, name, _) in enumerate(world.asked) if name == "StartTransaction"
    ]
    stops = [body["transactionId"] for _, name, body in world.asked if name == "StopTransaction"]
    assert stops == [101 + number for number in starts]


def test_a_start_that_is_given_up_leaves_minus_one_and_never_before() -> None:
    world = quiet(V16)
    world.answers["StartTransaction"] = [ErrorCode.INTERNAL_ERROR] * 3
    post_start(world)
    post_reading(world)
    world.advance(100)
    assert world.station.transaction_id("k") is None
    post_end(world)
    world.advance(100)
    assert [body.get("transactionId") for _, _, body in world.asked[-2:]] == [-1, -1]
    assert world.disk.transactions == {}


def test_nothing_that_carries_an_id_leaves_before_the_id_is_stored() -> None:
    world = quiet(V16)
    post_start(world)
    post_reading(world)
    world.station.stored(world.disk.apply(world.station.store_requests()), now=0.0)
    world.link.run_until_idle()
    assert world.actions() == ["StartTransaction"]
    [forget] = world.station.store_requests()
    assert isinstance(forget, Forget)
    assert forget.transaction
    assert forget.transaction.transaction_id == world.station.transaction_id("k")
    world.link.advance(100)
    assert world.actions() == []
    world.station.stored(forget.token, now=world.now)
    world.link.run_until_idle()
    assert world.actions() == ["MeterValues"]


def test_a_remote_stop_finds_its_transaction_by_its_id() -> None:
    world = quiet(V16)
    world.answers["StartTransaction"] = {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}
    post_start(world)
    assert world.station.transaction_of(7) is None
    world.run()
    assert world.station.transaction_of(7) == "k"


@in_every_version
@pytest.mark.parametrize("is_ended", [False, True])
def test_who_may_not_charge_is_told_of_even_hours_later_unless_it_is_over(
    version: Version, *, is_ended: bool
) -> None:
    world = World(version)
    member = "idTagInfo" if version is V16 else "idTokenInfo"
    answer: dict[str, Any] = {member: {"status": "Blocked"}}
    if version is V16:
        answer["transactionId"] = 1
    world.answers[START[version]] = [answer]
    post_start(world)
    if is_ended:
        post_end(world)
    world.advance(7200)
    world.connect()
    assert world.taken(Deauthorized) == ([] if is_ended else [Deauthorized("k", "Blocked")])


# --- 2.x events (T-26, T-27) --------------------------------------------------------------------------


@in_2x
def test_offline_is_put_in_when_the_link_was_gone_and_only_then(version: Version) -> None:
    world = quiet(version)
    world.answers["TransactionEvent"] = [SILENT]
    post_start(world)  # online, but its link goes while it is in flight
    world.run()
    post_reading(world)  # online, and still queued when the link goes
    world.cut()
    post_reading(world)  # offline
    world.asked.clear()
    world.connect()
    post_reading(world)  # online again
    world.run()
    flags = [(body["seqNo"], body.get("offline")) for _, _, body in world.asked]
    assert flags == [(0, True), (1, True), (2, True), (3, None)]


@in_2x
def test_what_waits_while_up_is_not_offline(version: Version) -> None:
    world = quiet(version, message_interval=10.0)
    world.answers["TransactionEvent"] = [ErrorCode.INTERNAL_ERROR]
    post_start(world)
    post_end(world)
    world.advance(100)
    assert [body.get("offline") for _, _, body in world.asked] == [None, None, None]


@in_2x
def test_the_stored_bytes_stay_as_they_were_posted(version: Version) -> None:
    world = World(version)
    record = post_start(world)
    world.connect()
    assert world.asked[-1][2]["offline"] is True
    assert b"offline" not in record.body


@in_2x
def test_the_number_of_an_event_is_the_next_one_over_reboots_too(version: Version) -> None:
    world = quiet(version)
    with pytest.raises(LocalProtocolError, match="'k' has the seqNo 0, not 1"):
        world.station.post(event_2x(version, "Started", "k", 1), now=world.now)
    post_start(world)
    post_reading(world)
    assert world.station.next_seq_no("k") == 2
    with pytest.raises(LocalProtocolError, match="'k' has the seqNo 2, not 3"):
        world.station.post(event_2x(version, "Updated", "k", 3), now=world.now)
    world.run()
    rebooted = make_station(world.disk.load())
    assert rebooted.next_seq_no("k") == 2
    [transaction] = rebooted.open_transactions
    assert (transaction.key, transaction.is_ended) == ("k", False)
    assert transaction.last_seen is not None


# --- GetTransactionStatus (T-9; TC_E_29 to 31) ----------------------------------------------------------


@in_2x
def test_the_status_counts_the_message_in_flight(version: Version) -> None:
    world = quiet(version)

    def status(key: str | None) -> tuple[Any, Any]:
        outcome = world.ask("GetTransactionStatus", {} if key is None else {"transactionId": key})
        return outcome.payload.ongoing_indicator, outcome.payload.messages_in_queue

    assert status(None) == (None, False)
    assert status("k") == (False, False)
    world.answers["TransactionEvent"] = [SILENT]
    post_start(world)
    world.run()
    assert status(None) == (None, True)
    assert status("k") == (True, True)
    assert status("other") == (False, False)
    world.answer(world.open_calls[0], {})
    world.run()
    assert status("k") == (True, False)
    world.answers["TransactionEvent"] = [SILENT]
    post_end(world)
    world.run()
    assert status("k") == (False, True)
    world.answer(world.open_calls[1], {})
    world.run()
    assert status("k") == (False, False)
    assert world.station.open_transactions == ()


def test_it_is_the_applications_by_a_setting() -> None:
    world = quiet(V201, answer_status=False)
    assert world.ask("GetTransactionStatus", {}) is None
    assert world.station.unanswered_calls


# --- lanes (T-3 to T-5) -------------------------------------------------------------------------------


@in_every_version
def test_security_events_neither_wait_for_messages_nor_hold_them_up_nor_end(
    version: Version,
) -> None:
    world = quiet(version)
    world.answers[START[version]] = [ErrorCode.INTERNAL_ERROR] * 3
    world.answers["SecurityEventNotification"] = [ErrorCode.INTERNAL_ERROR] * 6
    post_start(world)
    world.station.post("SecurityEventNotification", SECURITY, now=world.now)
    world.advance(5000)
    assert world.moments(START[version]) == [0.0, 60.0, 180.0]
    assert world.moments("SecurityEventNotification") == [
        0.0,
        60.0,
        180.0,
        360.0,
        540.0,
        720.0,
        900.0,
    ]
    assert [event.record.lane for event in world.taken(Delivered)] == [Lane.SECURITY]


@in_every_version
@pytest.mark.parametrize("code", [ErrorCode.NOT_IMPLEMENTED, ErrorCode.NOT_SUPPORTED])
def test_a_csms_of_16_that_has_no_security_extension_is_not_asked_for_ever(
    version: Version, code: ErrorCode
) -> None:
    world = quiet(version)
    world.answers["SecurityEventNotification"] = lambda _: code
    world.station.post("SecurityEventNotification", SECURITY, now=world.now)
    world.advance(5000)
    is_over = version is V16  # in 2.x it has to know them
    assert world.station.queued_messages() == (not is_over)
    given_up = world.taken(GivenUp)
    assert [event.why for event in given_up] == [Why.UNKNOWN] * is_over
    assert all(event.last.code is code for event in given_up)
    assert len(world.moments("SecurityEventNotification")) == 1 or not is_over


@in_every_version
def test_other_messages_are_queued_only_if_all_are_to_be(version: Version) -> None:
    data = {"vendorId": "V"}
    world = World(version)
    with pytest.raises(LocalProtocolError, match="queue_all"):
        world.station.post("DataTransfer", data, version=version, now=0.0)
    world = World(version, make_station(queue_all=True))
    for action in ("Heartbeat", "BootNotification", "Authorize"):
        with pytest.raises(LocalProtocolError):
            world.station.post(action, {}, version=version, now=0.0)
    world.station.post("DataTransfer", data, version=version, now=0.0)
    world.connect()
    assert world.actions() == ["BootNotification", "DataTransfer"]
    world.answers["DataTransfer"] = [SILENT, SILENT, SILENT, SILENT, ErrorCode.INTERNAL_ERROR]
    world.station.post("DataTransfer", data, now=world.now)
    world.advance(3000)  # silence is repeated for ever, a refusal is an answer
    assert world.actions().count("DataTransfer") == 5
    [event] = world.taken(GivenUp)
    assert event.why is Why.ATTEMPTS


def test_of_a_status_only_the_newest_of_each_connector_is_kept() -> None:
    world = World(V16, make_station(queue_all=True))
    for connector, status in (
        (1, "Preparing"),
        (2, "Available"),
        (1, "Charging"),
        (1, "Finishing"),
    ):
        body = {"connectorId": connector, "errorCode": "NoError", "status": status}
        world.station.post("StatusNotification", body, version=V16, now=0.0)
    world.connect()
    statuses = [b["status"] for _, name, b in world.asked if name == "StatusNotification"]
    assert statuses == ["Available", "Finishing"]


@pytest.mark.parametrize("version", [V201, Version.OCPP21], ids=lambda v: v.value)
def test_connectors_of_two_evses_are_two_though_both_are_the_first(version: Version) -> None:
    world = World(version, make_station(queue_all=True))
    for evse, status in ((1, "Available"), (2, "Occupied"), (1, "Faulted")):
        at = "2026-11-26T00:00:00Z"
        body = {"evseId": evse, "connectorId": 1, "connectorStatus": status, "timestamp": at}
        world.station.post("StatusNotification", body, version=version, now=0.0)
    world.connect()
    bodies = [body for _, name, body in world.asked if name == "StatusNotification"]
    assert [(body["evseId"], body["connectorStatus"]) for body in bodies] == [  # T-4
        (2, "Occupied"),
        (1, "Faulted"),
    ]


@in_every_version
def test_a_chatty_application_does_not_starve_the_queue(version: Version) -> None:
    world = quiet(version)
    for _ in range(5):
        world.station.send_call("Heartbeat", {}, now=world.now)
    post_start(world)
    world._store()
    for _ in range(5):
        world.station.send_call("Heartbeat", {}, now=world.now)
    world.run()
    assert world.actions() == ["Heartbeat"] * 5 + [START[version]] + ["Heartbeat"] * 5
    assert len(world.taken(CallResultReceived)) == 10  # its own outcomes, and no others


# --- what the application gives up (D-2, T-38) ------------------------------------------------------------


@in_every_version
def test_what_is_queued_for_another_csms_can_be_given_up(version: Version) -> None:
    world = quiet(version)
    world.answers[START[version]] = [SILENT]
    post_start(world, "one")
    post_start(world, "two")
    post_end(world, "two")
    world.run()
    assert world.station.discard(now=world.now) == 2  # the one in flight is not ours to take back
    assert [event.why for event in world.run().taken(GivenUp)] == [Why.DISCARDED] * 2
    for call in world.open_calls:
        world.answer(call, world._usual(call))
    world.run()
    assert world.station.queued_messages() == 0
    assert [each.key for each in world.station.open_transactions] == ["one"]
    post_end(world, "one")
    world.run()
    assert END[version] in world.actions()
    assert (world.disk.records, world.disk.transactions) == ({}, {})


@in_every_version
def test_one_transaction_alone_can_be_given_up(version: Version) -> None:
    world = World(version)
    post_start(world, "one")
    post_start(world, "two")
    world.run()
    assert world.station.discard("one", now=world.now) == 1
    assert world.station.discard("three", now=world.now) == 0
    world.connect()
    assert world.actions().count(START[version]) == 1
    post_end(world, "one")  # it runs, and its end is told all the same
    world.run()
    if version is V16:
        assert world.asked[-1][2]["transactionId"] == -1  # T-21


# --- after the link is back (T-8, T-38, T-39) -----------------------------------------------------------


@in_every_version
def test_the_queue_may_wait_a_little_after_a_connection(version: Version) -> None:
    world = World(version, make_station(resume_delay=7.0))
    post_start(world)
    world.advance(10)
    world.connect().advance(10)
    assert world.moments(START[version]) == [17.0]
    world.cut()
    post_end(world)
    world.connect().advance(10)
    assert world.moments(END[version])[-1] == 27.0


@in_every_version
def test_nothing_of_the_queue_leaves_before_acceptance(version: Version) -> None:
    world = World(version)
    world.answers["BootNotification"] = [world.boots("Pending", 30), world.boots("Rejected", 30)]
    post_start(world)
    world.station.post("SecurityEventNotification", SECURITY, version=version, now=0.0)
    world.connect().advance(60)
    assert world.actions() == [
        "BootNotification",
        "BootNotification",
        "BootNotification",
        START[version],
        "SecurityEventNotification",
    ]


def test_messages_of_another_version_stay_and_block_nobody() -> None:
    world = World(V16)
    post_start(world, "old")
    world.run()
    world.version = V201
    world.station.post(event_2x(V201, "Started", "new", 0), now=0.0)
    world.connect()
    assert world.actions() == ["BootNotification", "TransactionEvent"]
    assert world.taken(VersionHeld) == [VersionHeld(V16, 1)]
    world.cut()
    world.version = V16
    assert world.connect().actions() == ["StartTransaction"]
    assert world.taken(VersionHeld) == []


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("StopTransaction", b'{"wrong":1}'),
        ("StopTransaction", b"{"),
        ("StopTransaction", b"[]"),
        ("StopTransaction", b"\xff"),
    ],
)
def test_a_stored_message_that_is_none_today_is_put_aside(action: str, body: bytes) -> None:
    bad = Record(seq=1, version=V16, action=action, body=body)
    good = Record(
        seq=2,
        version=V16,
        action="StopTransaction",
        body=b'{"meterStop":5,"timestamp":"2026-11-26T00:00:00Z","transactionId":4}',
    )
    world = World(V16, make_station(Restored(records=(bad, good)))).connect()
    assert world.taken(GivenUp) == [GivenUp(bad, Why.UNSENDABLE, None)]
    assert world.actions() == ["BootNotification", "StopTransaction"]
    assert world.station.queued_messages() == 0


def test_a_restored_message_goes_on_with_its_attempts_and_at_once() -> None:
    world = quiet(V16)
    world.answers["StartTransaction"] = [ErrorCode.INTERNAL_ERROR] * 9
    post_start(world)
    world.advance(61)
    later = World(V16, make_station(world.disk.load()), disk=world.disk)
    later.answers["StartTransaction"] = lambda _: ErrorCode.INTERNAL_ERROR
    later.connect().advance(1000)
    assert later.moments("StartTransaction") == [0.0]
    assert len(later.taken(GivenUp)) == 1


# --- caps (T-30 to T-35) ------------------------------------------------------------------------------


@in_every_version
def test_readings_are_thinned_per_transaction_when_a_cap_is_reached(version: Version) -> None:
    world = World(version, make_station(max_messages=20))
    post_start(world, "a")
    post_start(world, "b")
    records = [post_reading(world, "ab"[number % 2], number) for number in range(16)]
    assert world.taken(GivenUp) == []
    post_reading(world, "a", 16)
    world.run()
    dropped = [event.record for event in world.taken(GivenUp)]
    assert all(event.transaction in {"a", "b"} for event in dropped)
    # the 1st of each, the 3rd …: down to 90 % of 20, with two ends kept free
    assert [record.seq - records[0].seq for record in dropped] == [0, 1, 4]
    assert world.station.queued_messages() == 16
    post_end(world, "a")
    post_end(world, "b")
    world.connect()
    assert world.station.queued_messages() == 0
    assert {e.record.part.value for e in world.taken(Delivered)} == {"start", "middle", "end"}


@in_2x
def test_readings_go_before_other_updates_and_some_never(version: Version) -> None:
    world = World(version, make_station(max_messages=12))
    post_start(world)
    package: Any = v201 if version is V201 else __import__("ocpp_sansio.v21", fromlist=["v21"])
    post_reading(world, trigger="LimitSet" if version is V21 else "ChargingRateChanged")
    token = package.IdTokenType(
        id_token="TAG", type="Central" if version is V21 else v201.IdTokenEnumType.CENTRAL
    )
    post_reading(world, trigger="Authorized", id_token=token)
    post_reading(world, trigger="ChargingStateChanged")
    for _ in range(40):
        post_reading(world)
    world.run()
    left = [record.body for record in world.disk.records.values()]
    assert sum(b"Authorized" in body for body in left) == 1
    assert sum(b"ChargingStateChanged" in body for body in left) == 1
    assert any(b"LimitSet" in body or b"ChargingRateChanged" in body for body in left)
    assert len(left) <= 12
    for _ in range(40):
        post_reading(world, trigger="ChargingStateChanged")
    world.run()
    left = [record.body for record in world.disk.records.values()]
    assert sum(b"Authorized" in body for body in left) == 1
    assert sum(b"LimitSet" in body for body in left) == (version is V21)


@in_every_version
def test_bytes_have_a_cap_of_their_own(version: Version) -> None:
    world = World(version, make_station(max_bytes=4000, end_reserve=500))
    post_start(world)
    for _ in range(100):
        post_reading(world)
        world.run()
        assert sum(len(record.body) for record in world.disk.records.values()) <= 3500
    post_end(world)
    assert world.station.open_transactions[0].is_ended


def test_each_open_transaction_keeps_its_bytes_for_its_end() -> None:
    world = World(V16, make_station(max_bytes=4000, end_reserve=1500))
    post_start(world, "a")
    post_start(world, "b")
    with pytest.raises(OutboxFull):
        post_start(world, "c")
    post_end(world, "a")
    post_start(world, "c")


@in_every_version
def test_with_nothing_left_to_drop_a_start_is_refused_and_an_end_never(version: Version) -> None:
    world = World(version, make_station(max_messages=8))
    for number in range(4):
        post_start(world, f"k{number}")
    with pytest.raises(OutboxFull, match="could be dropped"):
        post_start(world, "k4")  # each start keeps room for its end
    world.run()
    assert len(world.taken(OutboxLow)) == 1
    assert world.station.queued_messages() == 4
    with pytest.raises(OutboxFull):
        post_reading(world, "k0")
    for number in range(4):
        post_end(world, f"k{number}")
    world.connect()
    assert world.station.queued_messages() == 0
    post_start(world, "after")


@in_every_version
def test_other_messages_go_before_any_reading(version: Version) -> None:
    world = World(version, make_station(max_messages=12, queue_all=True))
    post_start(world)
    for _ in range(4):
        world.station.post("DataTransfer", {"vendorId": "V"}, version=version, now=0.0)
    for _ in range(7):
        post_reading(world)
    dropped = [event.record.action for event in world.run().taken(GivenUp)]
    assert dropped
    assert set(dropped) == {"DataTransfer"}


def test_a_cap_is_reached_when_it_is_exceeded() -> None:
    world = World(V16, make_station(max_messages=8, end_reserve=0))
    post_start(world)
    for _ in range(6):
        post_reading(world)
    assert world.run().taken(GivenUp) == []  # 7, and one kept free
    assert world.station.queued_messages() == 7
    record = next(iter(world.disk.records.values()))
    size = len(record.body)
    world = World(V16, make_station(max_bytes=max(size, 1024), end_reserve=1024 - size))
    assert len(post_start(world).body) == size  # this and what is kept free fit exactly
    with pytest.raises(OutboxFull):
        post_start(world, "k2")


def test_readings_whose_start_is_delivered_keep_the_first_and_the_last() -> None:
    world = quiet(V16, max_messages=10)
    post_start(world)
    world.run().cut()
    records = [post_reading(world, meter=number) for number in range(10)]
    dropped = world.run().taken(GivenUp)
    assert dropped == [GivenUp(records[number], Why.DROPPED, None) for number in (1, 3)]


def test_a_large_message_thins_the_readings_again_and_again() -> None:
    world = World(V16, make_station(max_bytes=4096, end_reserve=0))
    post_start(world)
    records = [post_reading(world, meter=number) for number in range(16)]
    world.station.post(values_16(meter=10**3300), transaction="k", now=0.0)
    dropped = [event.record for event in world.run().taken(GivenUp)]
    order = [*range(0, 15, 2), *(1, 5, 9, 13), *(3, 11), 7]  # each time the 1st, 3rd … of the rest
    assert len(dropped) > 8
    assert dropped == [records[number] for number in order][: len(dropped)]


def test_what_is_left_is_told_in_messages_and_bytes() -> None:
    world = World(V16, make_station(max_messages=10, max_bytes=10_000, end_reserve=100))
    size = len(post_start(world).body)
    for _ in range(7):
        size += len(post_reading(world).body)
    assert world.run().taken(OutboxLow) == [OutboxLow(1, 10_000 - size - 100)]
    world = World(V16, make_station(max_messages=1000, max_bytes=1024, end_reserve=900))
    size = len(post_start(world).body)
    assert world.run().taken(OutboxLow) == [OutboxLow(998, 1024 - size - 900)]


def test_what_moving_a_timestamp_adds_counts_as_bytes() -> None:
    station = make_station(max_bytes=1024, end_reserve=0)
    world = World(V16, station)
    provisional = replace(start_16(), timestamp=station.clock.utc(now=0.0))
    posted = station.post(provisional, transaction="k", now=0.0, is_provisional=True)
    world.run()
    station.wall_clock(MIDNIGHT + timedelta(seconds=0.25), source="NTP", now=0.0)
    world.run()
    [record] = world.disk.records.values()
    size = len(record.body)
    assert size > len(posted.body)  # K-6
    for number in range(8):
        size += len(post_start(world, f"k{number}", seconds=0.25).body)
    with pytest.raises(OutboxFull, match=f"9 messages of {size} bytes"):
        post_reading(world, meter=10**2000)


def test_what_is_kept_of_two_versions_goes_oldest_first() -> None:
    world = World(V16, make_station(max_messages=10, queue_all=True))
    for version in (V16, V201):
        for _ in range(4):
            world.station.post("DataTransfer", {"vendorId": "V"}, version=version, now=0.0)
    for _ in range(3):
        world.station.post("DataTransfer", {"vendorId": "V"}, version=V201, now=0.0)
    dropped = [event.record for event in world.run().taken(GivenUp)]
    assert [(record.seq, record.version) for record in dropped] == [(1, V16), (2, V16)]


@in_every_version
def test_a_failure_by_losses_begins_to_count_them_anew(version: Version) -> None:
    world = quiet(version, max_losses=2, message_attempts=3, message_interval=0.0)
    world.answers[START[version]] = [SILENT] * 6
    post_start(world)
    for _ in range(5):
        world.run().cut()
        world.connect()
    assert world.taken(GivenUp) == []
    world.run().cut()  # the sixth
    [event] = world.taken(GivenUp)
    assert event.why is Why.LOSSES


def test_a_queue_may_be_just_full_after_something_was_dropped() -> None:
    security = SECURITY | {"techInfo": "x" * 255}
    sizes = make_station().post("SecurityEventNotification", security, version=V16, now=0.0)
    caps: tuple[dict[str, Any], ...] = ({"max_messages": 4}, {"max_bytes": 4 * len(sizes.body)})
    for cap in caps:
        world = World(V16, make_station(queue_all=True, **cap))
        world.station.post("DataTransfer", {"vendorId": "V"}, version=V16, now=0.0)
        for _ in range(4):
            world.station.post("SecurityEventNotification", security, version=V16, now=0.0)
        [given_up] = world.run().taken(GivenUp)
        assert given_up.record.action == "DataTransfer"
        with pytest.raises(OutboxFull):
            world.station.post("SecurityEventNotification", security, version=V16, now=0.0)


def test_a_newer_status_makes_room_for_one_message_only() -> None:
    status = v16.StatusNotificationRequest(
        connector_id=1,
        error_code=v16.ChargePointErrorCode.NO_ERROR,
        status=v16.ChargePointStatus.AVAILABLE,
    )
    older = make_station(queue_all=True).post(status, now=0.0)
    lane = Lane.SECURITY
    full = [
        Record(seq=n, version=V16, action="SecurityEventNotification", body=b"{}", lane=lane)
        for n in range(2, 12)
    ]
    restored = Restored(records=(older, *full))
    station = make_station(restored, max_messages=10, queue_all=True)
    with pytest.raises(OutboxFull):
        station.post(status, now=0.0)  # 11 would be left
    assert station.queued_messages() == 11


def test_a_new_wait_for_a_store_that_fails_counts_from_the_next_failure_on() -> None:
    station = make_station()
    station.configure(replace(station.settings, store_retry=7.0), now=0.0)
    station.post(start_16(), transaction="k", now=0.0)
    station.store_failed(station.store_requests()[-1].token, "full", now=2.0)
    assert station.next_timeout() == 9.0


@in_every_version
def test_of_a_start_that_was_given_up_it_is_known_that_it_has_no_id(version: Version) -> None:
    world = quiet(version, message_attempts=1)
    world.answers[START[version]] = [ErrorCode.INTERNAL_ERROR]
    post_start(world)
    assert len(world.run().taken(GivenUp)) == 1
    assert world.station.transaction_id("k") == (-1 if version is V16 else None)  # T-21


@in_every_version
def test_a_transaction_that_nothing_waits_for_is_closed_at_once(version: Version) -> None:
    world = quiet(version)
    post_start(world)
    world.run().station.close_transaction("k", now=world.now)
    assert world.station.open_transactions == ()
    assert world.run().disk.transactions == {}


@pytest.mark.parametrize("payload", ["", ',{"transactionId":"5"}', ",[]"])
def test_a_late_answer_without_a_readable_id_leaves_a_start_waiting(payload: str) -> None:
    for action, is_delivered in (("StartTransaction", False), ("MeterValues", True)):
        world = quiet(V16)
        world.answers[action] = [SILENT]
        if is_delivered:
            post_start(world)
            post_reading(world)
        else:
            post_start(world)
        world.advance(40)
        [call] = world.open_calls
        world.link.inject(Role.CSMS, f'[3,"{call.message_id}"{payload}]')
        assert world.run().station.queued_messages() == (not is_delivered)  # T-16


# --- misuse, before anything changes --------------------------------------------------------------------

MISUSES: dict[str, tuple[Callable[[World], Any], str]] = {
    "a start without a key": (lambda w: w.station.post(start_16(), now=0.0), "key"),
    "an end without a key": (lambda w: w.station.post(stop_16(), now=0.0), "key"),
    "an end without a start": (
        lambda w: post_end(w, "new"),
        "no transaction 'new' was begun: post its start first",
    ),
    "a reading without a start": (
        lambda w: post_reading(w, "new"),
        "no transaction 'new' was begun: post its start first",
    ),
    "a key used twice": (lambda w: post_start(w, "k"), "'k' was begun before"),
    "an end after the end": (lambda w: post_end(w, "over"), "'over' is posted already"),
    "a reading after the end": (lambda w: post_reading(w, "over"), "posted already"),
    "a message that is invalid": (
        lambda w: w.station.post(start_16(tag="x" * 21), transaction="n", now=0.0),
        "at most 20",
    ),
    "a call of the other side": (
        lambda w: w.station.post(v16.ClearCacheRequest(), now=0.0),
        "not for a station",
    ),
    "a key where none belongs": (
        lambda w: w.station.post(
            v16.DiagnosticsStatusNotificationRequest(status=v16.DiagnosticsStatus.IDLE),
            transaction="k",
            now=0.0,
        ),
        "no transaction",
    ),
    "closing one that is not there": (
        lambda w: w.station.close_transaction("new", now=0.0),
        "there is no transaction 'new'",
    ),
    "closing one that is ended": (
        lambda w: w.station.close_transaction("over", now=0.0),
        "posted already",
    ),
    "no version to go by": (
        lambda w: w.station.post("SecurityEventNotification", SECURITY, now=0.0),
        "version=",
    ),
    "another version's transaction": (
        lambda w: w.station.post(event_2x(V201, "Updated", "k", 0), now=0.0),
        "the transaction 'k' was begun with ocpp1.6",
    ),
}


@pytest.mark.parametrize("misuse", MISUSES)
def test_misuse_is_a_clear_error_before_anything_changes(misuse: str) -> None:
    action, words = MISUSES[misuse]
    world = World(V16)
    post_start(world, "k")
    post_start(world, "over")
    post_end(world, "over")
    world.run()
    before = (world.disk.load(), world.station.open_transactions, world.station.last_token)
    with pytest.raises(LocalProtocolError, match=words):
        action(world)
    world.run()
    assert before == (world.disk.load(), world.station.open_transactions, world.station.last_token)


def test_an_event_that_names_another_transaction_than_its_key() -> None:
    world = World(V201)
    with pytest.raises(LocalProtocolError, match="names its transaction itself"):
        world.station.post(event_2x(V201, "Started", "k", 0), transaction="l", now=0.0)


def test_with_validation_off_what_cannot_be_billed_by_is_still_refused() -> None:
    world = World(V201, make_station(config=Config(validation=Validation.OFF)))
    with pytest.raises(LocalProtocolError, match="could be billed"):
        world.station.post("TransactionEvent", {"eventType": "Started"}, version=V201, now=0.0)


@in_every_version
def test_a_transaction_that_is_handed_over_is_closed_when_its_messages_are_gone(
    version: Version,
) -> None:
    world = World(version)
    post_start(world)
    post_reading(world)
    world.station.close_transaction("k", now=0.0)
    world.run()
    with pytest.raises(LocalProtocolError):
        post_end(world)
    assert "k" in world.disk.transactions
    world.connect().advance(10)
    assert world.disk.transactions == {}
    assert world.station.open_transactions == ()
    if version is V16:
        assert [b.get("transactionId") for _, n, b in world.asked if n == "MeterValues"] == [102]
