"""What a peer starts is counted: beyond `Config.max_running_handlers` it waits, or is turned away."""

# ruff: noqa: ARG001, ARG002 - a signature is what these functions are here for

import json
from typing import Any

from worlds import World, in_both_worlds, sent_by

from ocpp_sansio import Config, Role, v16, v21
from ocpp_sansio.handlers import Handlers, IncomingCall
from ocpp_sansio.hooks import Hooks

LIMIT = 3
CONFIG = Config(max_running_handlers=LIMIT)
SEND = (
    b'[6,"%d","NotifyPeriodicEventStream",{"id":1,"pending":0,'
    b'"basetime":"2026-01-01T00:00:00Z","data":[{"t":0,"v":"1"}]}]'
)
HEARTBEAT = b'[2,"h%d","Heartbeat",{}]'
NOW = {"currentTime": "2026-01-01T00:00:00Z"}


class Slow:
    """Handlers that begin, and end when they are told to."""

    def __init__(self, world: World) -> None:
        self.begun = 0
        self.ended = 0
        self._may_end = [world.flag() for _ in range(2000)]

    async def run(self, request: object) -> None:
        number, self.begun = self.begun, self.begun + 1
        await self._may_end[number].wait()
        self.ended += 1

    def end(self, number: int) -> None:
        self._may_end[number].set()


async def deliver(session: Any, messages: list[bytes], taken: list[int]) -> None:
    for number, message in enumerate(messages):
        await session.received(message)
        taken.append(number)


@in_both_worlds
async def test_f6_sends_wait_while_as_many_handlers_run_as_may(world: World) -> None:
    slow = Slow(world)
    handlers = Handlers()
    handlers.on(v21.NotifyPeriodicEventStream)(slow.run)
    taken: list[int] = []
    async with world.session(
        Role.CSMS, sender=lambda _: None, handlers=handlers, config=CONFIG
    ) as session:
        await session.connected("ocpp2.1")
        job = world.start(deliver, session, [SEND % n for n in range(100)], taken)
        for number in range(100):
            await world.settle()
            assert slow.begun == min(number + LIMIT, 100)
            assert world.live_tasks() <= LIMIT + 2  # this one's job, and trio's timer
            slow.end(number)
        await job.result()
        await world.settle()
        assert slow.ended == 100  # nothing was lost


@in_both_worlds
async def test_what_runs_after_an_answer_counts_and_every_call_is_answered(world: World) -> None:
    slow = Slow(world)
    handlers = Handlers({"Heartbeat": lambda _: NOW})
    handlers.after("Heartbeat")(slow.run)
    sent: list[bytes] = []
    taken: list[int] = []
    async with world.session(
        Role.CSMS, sender=sent.append, handlers=handlers, config=CONFIG
    ) as session:
        await session.connected("ocpp1.6")
        job = world.start(deliver, session, [HEARTBEAT % n for n in range(50)], taken)
        for number in range(50):
            await world.settle()
            assert slow.begun == min(number + LIMIT, 50)
            slow.end(number)
        await job.result()
    assert [frame[:2] for frame in sent_by(sent)] == [[3, f"h{n}"] for n in range(50)]


@in_both_worlds
async def test_a_handler_that_goes_on_after_its_reply_counts(world: World) -> None:
    slow = Slow(world)

    async def reply_and_go_on(request: object, call: IncomingCall) -> None:
        await call.reply(NOW)
        await slow.run(request)

    sent: list[bytes] = []
    async with world.session(
        Role.CSMS, sender=sent.append, handlers={"Heartbeat": reply_and_go_on}, config=CONFIG
    ) as session:
        await session.connected("ocpp1.6")
        world.start(deliver, session, [HEARTBEAT % n for n in range(50)], [])
        await world.settle()
        assert slow.begun == LIMIT
        assert len(sent) == LIMIT


@in_both_worlds
async def test_hooks_that_take_long_after_a_message_count(world: World) -> None:
    slow = Slow(world)
    hooks = Hooks()

    @hooks.after("message_received")
    async def linger(info: object, result: object) -> None:
        await slow.run(info)

    sent: list[bytes] = []
    async with world.session(
        Role.CSMS,
        sender=sent.append,
        handlers={"Heartbeat": lambda _: NOW},
        hooks=hooks,
        config=CONFIG,
    ) as session:
        await session.connected("ocpp1.6")
        world.start(deliver, session, [HEARTBEAT % n for n in range(50)], [])
        await world.settle()
        assert slow.begun == LIMIT


@in_both_worlds
async def test_while_a_call_of_ours_waits_its_answer_is_read_and_what_else_comes_is_turned_away(
    world: World,
) -> None:
    handlers = Handlers({"Heartbeat": lambda _: NOW})
    asked: list[Any] = []

    @handlers.after("Heartbeat")
    async def ask(request: object, call: IncomingCall) -> None:
        asked.append(await call.session.call(v16.ResetRequest(type=v16.ResetType.SOFT)))

    sent: list[bytes] = []
    taken: list[int] = []
    async with world.session(
        Role.CSMS, sender=sent.append, handlers=handlers, config=CONFIG
    ) as session:
        await session.connected("ocpp1.6")
        world.start(deliver, session, [HEARTBEAT % n for n in range(10)], taken)
        await world.settle()
        assert taken == list(range(10))  # nothing waits: the answer could not be read then
        answers = [frame for frame in sent_by(sent) if frame[0] != 2]
        assert [frame[0] for frame in answers] == [3] * LIMIT + [4] * (10 - LIMIT)
        assert {frame[2] for frame in answers[LIMIT:]} == {"GenericError"}
        for _ in range(LIMIT):
            await world.settle()
            call = next(frame for frame in reversed(sent_by(sent)) if frame[0] == 2)
            await session.received(json.dumps([3, call[1], {"status": "Accepted"}]))
        await world.settle()
        assert len(asked) == LIMIT
        await session.received(HEARTBEAT % 99)
        await world.settle()
        assert [3, "h99", NOW] in sent_by(sent)  # and then it serves as before


@in_both_worlds
async def test_whoever_waits_goes_on_when_the_connection_goes(world: World) -> None:
    slow = Slow(world)
    handlers = Handlers()
    handlers.on(v21.NotifyPeriodicEventStream)(slow.run)
    async with world.session(
        Role.CSMS, sender=lambda _: None, handlers=handlers, config=CONFIG
    ) as session:
        await session.connected("ocpp2.1")
        taken: list[int] = []
        job = world.start(deliver, session, [SEND % n for n in range(LIMIT)], taken)
        await world.settle()
        assert taken == list(range(LIMIT - 1))
        await session.disconnected()
        await job.result()
        assert taken == list(range(LIMIT))
        await session.connected("ocpp2.1")  # and the next connection begins with none
        await session.received(SEND % 9)
        await world.settle()
        assert slow.begun == LIMIT + 1


@in_both_worlds
async def test_2_000_sends_hold_no_more_than_the_limit(world: World) -> None:
    running = most = 0

    async def handler(message: object) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await world.sleep(0)
        running -= 1

    handlers = Handlers()
    handlers.on(v21.NotifyPeriodicEventStream)(handler)
    async with world.session(Role.CSMS, sender=lambda _: None, handlers=handlers) as session:
        await session.connected("ocpp2.1")
        for number in range(2000):
            await session.received(SEND % number)
        assert most <= session.connection.config.max_running_handlers
