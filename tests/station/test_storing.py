"""What a station asks of its store, and when; and what is left after a power cut (D-1 to D-12)."""

from typing import Any

from core_pair import V16, in_every_version
from msgspec.structs import replace
from station_pair import Disk, World, event_2x, make_station, start_16, stop_16, values_16

from ocpp_sansio import ErrorCode, Version
from ocpp_sansio.station import (
    Amend,
    Damage,
    Delivered,
    Forget,
    Persist,
    Restored,
    StoreDamaged,
    StoreFailed,
)


def charge(world: World, key: str = "k", readings: int = 2) -> None:
    """Post a whole charge."""
    station, now = world.station, world.now
    if world.version is V16:
        station.post(start_16(), transaction=key, now=now)
        for number in range(readings):
            station.post(values_16(number), transaction=key, now=now)
        station.post(stop_16(), transaction=key, now=now)
        return
    kinds = ["Started", *["Updated"] * readings, "Ended"]
    for number, kind in enumerate(kinds):
        station.post(event_2x(world.version, kind, key, number), now=now)


def accepted(version: Version, **settings: Any) -> World:
    settings = {"heartbeat_interval": 0.0, "clock_interval": 1e9} | settings
    return World(version, make_station(**settings)).connect()


def failing(world: World) -> int:
    """Let the store fail at what it is asked; return how much that was."""
    requests = world.station.store_requests()
    if requests:
        world.station.store_failed(requests[-1].token, OSError(28, "no space left"), now=world.now)
    return len(requests)


@in_every_version
def test_nothing_leaves_before_it_is_stored(version: Version) -> None:
    world = accepted(version)
    world.is_stored = False
    charge(world)
    world.advance(1000)
    assert world.actions() == ["BootNotification"]
    world.station.stored(world.station.last_token, now=world.now)
    world.link.run_until_idle()
    assert len(world.actions()) == (1 if version is V16 else 4)  # the id of 1.6 is stored first


def test_what_was_posted_is_stored_up_to_the_token_that_is_said() -> None:
    world = accepted(V16)
    world.is_stored = False
    world.station.post(start_16(), transaction="k", now=0.0)
    token = world.station.last_token
    world.station.post(stop_16(), transaction="k", now=0.0)
    assert world.station.stored_token < token
    world.station.stored(token, now=0.0)
    assert world.station.stored_token == token < world.station.last_token
    world.station.stored(token - 1, now=0.0)
    assert world.station.stored_token == token


@in_every_version
def test_a_message_costs_two_writes_and_one_for_each_failure_and_idling_none(
    version: Version,
) -> None:
    world = accepted(version)
    world.answers[{V16: "StartTransaction"}.get(version, "TransactionEvent")] = [
        ErrorCode.INTERNAL_ERROR
    ] * 2
    kinds: list[type] = []
    apply_one = world.disk.apply_one

    def count(request: Any) -> None:
        kinds.append(type(request))
        apply_one(request)

    world.disk.apply_one = count  # type: ignore[method-assign]
    charge(world)
    world.advance(2 * 86400)
    world.cut().advance(100)
    world.connect().advance(100)
    assert kinds.count(Persist) == 4
    assert kinds.count(Amend) == 2
    assert kinds.count(Forget) == 4
    assert world.disk.records == {}
    assert world.disk.transactions == {}


def test_the_removal_of_a_reading_rides_with_the_next_write_or_leaves_after_a_while() -> None:
    world = accepted(V16, forget_delay=5.0)
    world.station.post(start_16(), transaction="k", now=0.0)
    world.station.post(values_16(), transaction="k", now=0.0)
    world.run()
    assert world.taken(Delivered)
    assert list(world.disk.records) == [2]
    assert world.station.next_timeout() == 5.0
    world.advance(4.9)
    assert list(world.disk.records) == [2]
    world.advance(0.1)
    assert world.disk.records == {}
    world.station.post(values_16(), transaction="k", now=world.now)
    world.run()
    commits = world.disk.commits
    world.station.post(stop_16(), transaction="k", now=world.now)
    world.run()
    assert world.disk.commits == commits + 2  # the end, with the removal; and its own removal
    assert world.disk.records == {}


def test_a_removal_that_rides_goes_before_the_message_whose_place_it_makes() -> None:
    world = accepted(V16)
    world.station.post(start_16(), transaction="k", now=0.0)
    world.run()
    for number in range(3):
        world.station.post(values_16(number), transaction="k", now=world.now)
        requests = world.station.store_requests()
        expected = [Forget, Persist] if number else [Persist]
        assert [type(each) for each in requests] == expected
        tokens = [each.token for each in requests]
        assert tokens == sorted(tokens)
        world.station.stored(world.disk.apply(requests), now=world.now)
        world.run()


@in_every_version
def test_after_a_cut_at_any_request_the_rest_is_delivered_in_order(version: Version) -> None:
    """A day is recorded; then the power goes after each request of it, and a new boot delivers the rest."""
    world = accepted(version)
    requests: list[Any] = []
    apply_one = world.disk.apply_one

    def note(request: Any) -> None:
        requests.append(request)
        apply_one(request)

    world.disk.apply_one = note  # type: ignore[method-assign]
    charge(world, "a")
    charge(world, "b", readings=1)
    world.advance(10)
    sent = [body for _, action, body in world.asked if action != "BootNotification"]
    for cut in range(len(requests) + 1):
        disk = Disk()
        for request in requests[:cut]:
            disk.apply_one(request)
        rest = [record for _, record in sorted(disk.records.items())]
        later = World(version, make_station(disk.load()), disk=disk)
        later.answers["StartTransaction"] = {
            "transactionId": 55,
            "idTagInfo": {"status": "Accepted"},
        }
        assert all(not t.is_ended for t in later.station.open_transactions) or rest
        later.connect().advance(10)
        again = [body for _, action, body in later.asked if action != "BootNotification"]
        assert len(again) == len(rest)
        for body, record in zip(again, rest, strict=True):
            original = sent[record.seq - 1]
            body.pop("offline", None)
            if version is V16 and "transactionId" in body:
                assert body.pop("transactionId") in {original["transactionId"], 55}
                original = {k: v for k, v in original.items() if k != "transactionId"}
            assert body == original
        assert disk.records == {}
        assert all(not t.is_ended for t in disk.transactions.values())


# --- a store that fails (D-9) -------------------------------------------------------------------------


@in_every_version
def test_if_the_store_fails_messages_go_out_all_the_same_and_it_is_told_once(
    version: Version,
) -> None:
    world = accepted(version)
    world.is_stored = False
    charge(world)
    for _ in range(12):
        failing(world)
        world.link.run_until_idle()
    assert len(world.actions()) == 5
    world.events += world.link.events(world.station.role)
    assert world.taken(StoreFailed) == [StoreFailed("[Errno 28] no space left")]
    assert world.station.queued_messages() == 0


def test_it_is_tried_again_with_each_request_and_after_a_while() -> None:
    world = accepted(V16, store_retry=30.0)
    world.is_stored = False
    world.station.post(start_16(), transaction="k", now=0.0)
    world.link.events(world.station.role)
    world.station.wall_clock(world.utc(), "x", now=0.0)
    first = world.station.store_requests()
    world.station.store_failed(first[-1].token, "full", now=0.0)
    assert world.station.store_requests() == []
    assert world.station.next_timeout() == 30.0
    world.station.disconnected(now=1.0)
    world.link.advance(30.0)
    assert world.station.store_requests() == first
    world.station.store_failed(first[-1].token, "full", now=30.0)
    world.station.post(stop_16(), transaction="k", now=31.0)
    again = world.station.store_requests()
    assert [request.token for request in again] == [1, 2]


@in_every_version
def test_what_is_asked_again_brings_the_store_to_the_truth(version: Version) -> None:
    world = accepted(version)
    world.is_stored = False
    charge(world, "a")
    for _ in range(20):
        failing(world)
        world.link.run_until_idle()
    world.answers[{V16: "StartTransaction"}.get(version, "TransactionEvent")] = [
        ErrorCode.INTERNAL_ERROR
    ]
    charge(world, "b")
    for _ in range(3):
        failing(world)
        world.link.run_until_idle()
    assert world.station.queued_messages() == 4
    world.is_stored = True
    world.station.keep("name", "value", now=world.now)
    world._store()
    assert [record.attempts for record in world.disk.records.values()] == [1, 0, 0, 0]
    assert list(world.disk.transactions) == ["b"]
    world.advance(1000)
    assert world.disk.records == {}
    assert world.disk.transactions == {}


def test_a_store_that_fails_for_a_year_does_not_fill_the_memory() -> None:
    world = accepted(V16)
    world.is_stored = False
    most = 0
    for number in range(400):
        world.station.post(values_16(number), now=0.0)
        world.station.keep("name", str(number), now=0.0)
        most = max(most, failing(world))
        world.station.received(
            f'[3,"{world.station.frames_to_send()[-1].message.message_id}",{{}}]', now=0.0
        )
    assert most <= 256 + 8
    assert world.station.queued_messages() == 0


# --- a new boot ---------------------------------------------------------------------------------------


def test_a_damaged_store_is_told_of() -> None:
    station = make_station(Restored(damage=Damage(kept_as="db.damaged-1", reason="not a database")))
    assert station.events() == [StoreDamaged("db.damaged-1", "not a database")]


def test_an_end_that_was_delivered_ends_its_transaction_after_a_cut_too() -> None:
    world = World(V16)
    charge(world)
    world.run()
    [transaction] = world.disk.transactions.values()
    stale = Restored(transactions=(transaction,))  # its record outlived its messages
    later = World(V16, make_station(stale), disk=world.disk)
    later.run()
    assert later.station.open_transactions == ()
    assert world.disk.transactions == {}


def test_an_open_transaction_can_be_ended_after_a_cut_and_only_once() -> None:
    world = accepted(V16)
    world.station.post(start_16(), transaction="k", now=0.0)
    world.run()
    later = World(V16, make_station(world.disk.load()), disk=world.disk)
    [transaction] = later.station.open_transactions
    assert (transaction.key, transaction.connector, transaction.is_ended) == ("k", 1, False)
    later.station.post(stop_16(), transaction="k", now=0.0)
    later.run()
    assert [t.is_ended for t in make_station(world.disk.load()).open_transactions] == [True]
    later.connect()
    assert later.asked[-1][2]["transactionId"] == transaction.transaction_id
    assert make_station(world.disk.load()).open_transactions == ()


def test_a_value_is_kept_under_its_name() -> None:
    world = accepted(V16)
    world.station.keep("HeartbeatInterval", "60", now=0.0)
    world.run()
    assert world.disk.load().values == {"HeartbeatInterval": "60"}


def test_a_new_message_comes_after_all_that_were_restored() -> None:
    world = World(V16)
    charge(world)
    world.run()
    later = World(V16, make_station(world.disk.load()), disk=world.disk)
    record = later.station.post(start_16(), transaction="next", now=0.0)
    assert record.seq == 5
    assert replace(record, seq=1).lane is record.lane
