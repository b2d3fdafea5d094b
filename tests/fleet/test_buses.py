"""What every `Bus` promises."""

import asyncio
from functools import partial
from typing import Any

import pytest
from bus_worlds import Broker, on_every_bus, until

from ocpp_sansio.fleet import (
    Bus,
    BusMessage,
    BusUnavailable,
    Conflict,
    DurableMessage,
    MemoryBus,
    NobodyThere,
    PayloadTooLarge,
)

SOON = 5.0
"""Seconds in which something surely happens that takes a moment."""


async def until_read(*buses: Bus) -> None:
    for bus in buses:
        await bus.barrier(timeout=SOON)


@on_every_bus
async def test_a_request_nobody_can_answer_fails_at_once(broker: Broker) -> None:
    async with broker.connect() as bus:
        with pytest.raises(NobodyThere):
            await bus.request("call.CP001", b"", timeout=SOON)


@on_every_bus
async def test_the_first_reply_to_a_request_counts(broker: Broker) -> None:
    async with broker.connect() as near, broker.connect() as far:

        def answer(message: BusMessage) -> None:
            far.reply(message, message.subject.encode() + b" " + message.data)
            far.reply(message, b"again")

        await far.subscribe("call.CP001", answer)
        await until_read(far)
        assert await near.request("call.CP001", b"?", timeout=SOON) == b"call.CP001 ?"


@on_every_bus
async def test_what_is_asked_needs_no_task_and_is_told_once(broker: Broker) -> None:
    async with broker.connect() as near, broker.connect() as far:

        def answer_twice(message: BusMessage) -> None:
            far.reply(message, message.data)
            far.reply(message, b"again")

        told: list[Any] = []

        def tell_and_fail(what: object) -> None:
            told.append(what)
            raise RuntimeError("its own business")

        await far.subscribe("call.CP001", answer_twice)
        await far.subscribe("call.CP002", lambda _: None)
        for number in range(3):
            near.ask("call.CP001", b"%d" % number, tell_and_fail, timeout=SOON)
        assert told == []
        near.ask("call.CP001", b"unwanted", told.append, timeout=SOON).close()
        await until(lambda: len(told) >= 3)
        near.ask("call.CP003", b"", told.append, timeout=SOON)
        await until(lambda: len(told) >= 4)
        near.ask("call.CP002", b"", told.append, timeout=0.01)
        await until(lambda: len(told) >= 5)
        waits = near.ask("call.CP002", b"", told.append, timeout=None)
        await until_read(near)
        await broker.go_away()
        await until(lambda: len(told) >= 6)
        waits.close()
        with pytest.raises(BusUnavailable):
            near.ask("call.CP001", b"", told.append, timeout=SOON)
        assert told[:3] == [b"0", b"1", b"2"]
        kinds = [type(each) for each in told[3:]]
        assert kinds == [NobodyThere, TimeoutError, BusUnavailable]


@on_every_bus
async def test_a_request_without_a_reply_times_out(broker: Broker) -> None:
    async with broker.connect() as near, broker.connect() as far:
        seen: list[BusMessage] = []
        await far.subscribe("call.CP001", seen.append)
        await until_read(far)
        with pytest.raises(TimeoutError):
            await near.request("call.CP001", b"", timeout=0.01)
        await until_read(far)
        assert len(seen) == 1
        far.reply(seen[0], b"too late: nobody minds")
        await until_read(far, near)


@on_every_bus
async def test_messages_arrive_in_order_whatever_they_are_read_by(broker: Broker) -> None:
    async with broker.connect() as near, broker.connect() as far:
        seen: list[str] = []
        for pattern in ("a.*", "b.2", "*.3"):
            await far.subscribe(pattern, lambda message: seen.append(message.subject))
        await until_read(far)
        for subject in ("a.1", "b.2", "c.3", "a.1.1", "a.9", "b.4"):
            near.publish(subject, b"")
        await until_read(near, far)
        assert seen == ["a.1", "b.2", "c.3", "a.9"]


@on_every_bus
async def test_one_of_a_group_gets_a_message_and_everybody_without_one(broker: Broker) -> None:
    async with broker.connect() as near, broker.connect() as far:
        seen: list[str] = []
        for name, group in (("x", "g"), ("y", "g"), ("z", "h"), ("u", ""), ("v", "")):

            def receive(message: BusMessage, name: str = name) -> None:  # noqa: ARG001
                seen.append(name)

            await far.subscribe("event.*", receive, group=group)
        await until_read(far)
        for _ in range(20):
            near.publish("event.E", b"")
        await until_read(near, far)
        assert (seen.count("u"), seen.count("v"), seen.count("z")) == (20, 20, 20)
        assert seen.count("x") + seen.count("y") == 20


@on_every_bus
async def test_a_closed_subscription_is_called_no_more(broker: Broker) -> None:
    async with broker.connect() as bus:
        seen: list[BusMessage] = []
        subscription = await bus.subscribe("a", seen.append)
        await until_read(bus)
        bus.publish("a", b"")
        subscription.close()
        subscription.close()
        await until_read(bus)
        assert seen == []
        with pytest.raises(NobodyThere):
            await bus.request("a", b"", timeout=SOON)


@on_every_bus
async def test_a_subscription_that_is_finished_has_what_was_sent_before(broker: Broker) -> None:
    async with broker.connect() as near, broker.connect() as far:
        seen: list[bytes] = []
        finished = await far.subscribe("a", lambda message: seen.append(message.data))
        near.publish("a", b"1")
        await until_read(near)
        await finished.finish(timeout=SOON)
        assert seen == [b"1"]
        near.publish("a", b"2")
        with pytest.raises(NobodyThere):
            await near.request("a", b"", timeout=SOON)
        await until_read(far)
        assert seen == [b"1"]
        finished.close()
        other = await far.subscribe("a", lambda message: seen.append(message.data))
        await broker.go_away()
        await other.finish(timeout=SOON)
        await other.finish(timeout=SOON)
        await broker.come_back()
        with pytest.raises(NobodyThere):
            await near.request("a", b"", timeout=SOON)


@on_every_bus
async def test_a_receiver_that_fails_harms_nobody(broker: Broker) -> None:
    async with broker.connect() as bus:
        seen: list[bytes] = []

        def receive(message: BusMessage) -> None:
            seen.append(message.data)
            raise RuntimeError(message.data)

        await bus.subscribe("a", receive)
        await until_read(bus)
        bus.publish("a", b"1")
        bus.publish("a", b"2")
        await until_read(bus)
        assert seen == [b"1", b"2"]


@on_every_bus
async def test_too_much_data_is_refused_before_anything_is_sent(broker: Broker) -> None:
    async with broker.connect() as bus:
        seen: list[BusMessage] = []
        await bus.subscribe("a", seen.append)
        data = b"x" * (bus.max_payload + 1)
        with pytest.raises(PayloadTooLarge):
            bus.publish("a", data)
        with pytest.raises(PayloadTooLarge):
            await bus.request("a", data, timeout=SOON)
        await until_read(bus)
        assert seen == []


@on_every_bus
async def test_of_two_swaps_at_one_revision_one_is_done(broker: Broker) -> None:
    """FL-4."""
    async with broker.connect() as near, broker.connect() as far:
        assert await near.read_claim("CP001") is None
        swaps = [bus.swap_claim("CP001", b"me", revision=0) for bus in (near, far)]
        done = await asyncio.gather(*swaps, return_exceptions=True)
        (revision,) = [each for each in done if isinstance(each, int)]
        assert [type(each) for each in done if not isinstance(each, int)] == [Conflict]
        with pytest.raises(Conflict):
            await near.swap_claim("CP001", b"me", revision=revision + 1)
        with pytest.raises(Conflict):
            await near.swap_claim("CP002", b"me", revision=revision)
        newest = await far.swap_claim("CP001", b"you", revision=revision)
        assert newest > revision
        claim = await near.read_claim("CP001")
        assert claim
        assert (claim.key, claim.value, claim.revision) == ("CP001", b"you", newest)
        await near.swap_claim("a=2Eb", b"", revision=0)
        assert {each.key: each.value async for each in far.claims()} == {
            "CP001": b"you",
            "a=2Eb": b"",
        }


@on_every_bus
async def test_claims_and_subscriptions_are_had_without_a_task(broker: Broker) -> None:
    async with broker.connect() as bus:
        told: list[Any] = []
        seen: list[BusMessage] = []

        async def next_told() -> Any:
            assert told == []  # never before what asks has returned
            await until(lambda: told)
            return told.pop()

        bus.ask_claim("CP001", told.append)
        assert await next_told() is None
        bus.ask_swap("CP001", b"me", told.append, revision=0)
        revision = await next_told()
        bus.ask_swap("CP001", b"you", told.append, revision=0)
        assert isinstance(await next_told(), Conflict)
        bus.ask_claim("CP001", told.append)
        claim = await next_told()
        assert (claim.key, claim.value, claim.revision) == ("CP001", b"me", revision)
        bus.ask_subscription("a", seen.append, told.append)
        subscription = await next_told()
        for _ in range(2):
            bus.publish("a", b"")
            await until_read(bus)
            subscription.close()
        assert len(seen) == 1

        asks: list[Any] = [
            partial(bus.ask_claim, "CP001", told.append),
            partial(bus.ask_swap, "CP002", b"me", told.append, revision=0),
            partial(bus.ask_subscription, "a", seen.append, told.append),
        ]
        for ask in asks:
            ask()
        await broker.go_away()
        assert [type(each) for each in told] == [BusUnavailable] * 3
        for ask in asks:
            with pytest.raises(BusUnavailable):
                ask()
        await broker.come_back()
        bus.publish("a", b"")
        await until_read(bus)
        assert len(seen) == 1  # what has failed is no subscription


@on_every_bus
async def test_while_the_broker_is_away_everything_fails_at_once_and_is_not_done_later(
    broker: Broker,
) -> None:
    """FL-8."""
    async with broker.connect() as bus:
        seen: list[BusMessage] = []
        told: list[bool] = []
        await bus.subscribe("a", seen.append)
        await until_read(bus)
        bus.watch(told.append)
        ended = bus.watch(told.append)
        ended.close()
        waiting = asyncio.create_task(bus.request("a", b"", timeout=SOON))
        await asyncio.sleep(0)
        await broker.go_away()
        with pytest.raises(BusUnavailable) as lost:
            await waiting
        assert lost.value.was_sent
        assert (told, bus.is_connected) == ([False], False)
        seen.clear()
        with pytest.raises(BusUnavailable) as refused:
            bus.publish("a", b"")
        assert not refused.value.was_sent
        attempts: list[Any] = [
            bus.request("a", b"", timeout=SOON),
            bus.barrier(timeout=SOON),
            bus.read_claim("a"),
            bus.swap_claim("a", b"", revision=0),
            bus.publish_durable("a", b"", message_id="1"),
        ]
        for attempt in attempts:
            with pytest.raises(BusUnavailable):
                await attempt
        await broker.come_back()
        await until_read(bus)
        assert (told, bus.is_connected, seen) == ([False, True], True, [])
        bus.publish("a", b"")
        await until_read(bus)
        assert len(seen) == 1
        assert await bus.read_claim("a") is None


@on_every_bus
async def test_durable_messages_come_to_each_group_until_it_has_done_with_them(
    broker: Broker,
) -> None:
    """FL-15."""
    async with broker.connect() as near, broker.connect() as far:
        for number in (1, 1, 2):
            data = b"%d" % number
            await near.publish_durable("durable.A.CP001", data, message_id=str(number))
        await near.publish_durable("durable.B.CP001", b"other", message_id="3")
        seen: dict[str, list[DurableMessage]] = {"g": [], "h": []}
        full = asyncio.Event()

        async def take(group: str, message: DurableMessage) -> None:
            seen[group].append(message)
            if (len(seen["g"]), len(seen["h"])) == (3, 3):
                full.set()
            if message.data == b"1" and not message.is_redelivered:
                raise RuntimeError("not yet")

        for group in seen:
            await far.consume("durable.A.*", partial(take, group), group=group)
        await full.wait()
        for messages in seen.values():
            assert sorted(each.data for each in messages) == [b"1", b"1", b"2"]
            assert [each.data for each in messages if each.is_redelivered] == [b"1"]


def test_limits_of_the_memory_bus_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        MemoryBus(max_claims=0)


def test_the_memory_bus_keeps_no_more_than_it_is_allowed() -> None:
    async def scenario() -> None:
        async with MemoryBus(max_claims=2, max_stored=2) as bus:
            for key in ("a", "b", "a"):
                claim = await bus.read_claim(key)
                await bus.swap_claim(key, b"", revision=claim.revision if claim else 0)
            await bus.swap_claim("c", b"", revision=0)
            assert [each.key async for each in bus.claims()] == ["a", "c"]
            for number in range(2):
                await bus.publish_durable("a", b"", message_id=str(number))
            with pytest.raises(BusUnavailable, match="nobody has done with them"):
                await bus.publish_durable("a", b"", message_id="2")

    asyncio.run(scenario())
