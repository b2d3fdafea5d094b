"""A worker serves handlers as a server does: at once, later, and what runs after the answer."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from bus_worlds import pausing
from worlds import VirtualLoop

from ocpp_sansio import LocalProtocolError, v16
from ocpp_sansio.core import Version
from ocpp_sansio.fleet import EventSession, FleetConfig, MemoryBus, Worker
from ocpp_sansio.fleet.wire import Told, write_told
from ocpp_sansio.handlers import Handlers, IncomingCall

HEARTBEAT = b'[2,"7","Heartbeat",{}]'
ANSWER = b'[3,"7",{"currentTime":"2026-01-01T00:00:00Z"}]'


def now() -> dict[str, str]:
    return {"currentTime": "2026-01-01T00:00:00Z"}


def scenario(run: Callable[[MemoryBus], Awaitable[None]]) -> Callable[[], None]:
    async def inside() -> None:
        async with MemoryBus() as bus:
            await run(bus)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    def test() -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(inside())

    test.__name__ = run.__name__
    return test


async def ask(bus: MemoryBus, frame: bytes = HEARTBEAT, timeout: float = 5.0) -> bytes:
    data = write_told(Told(Version.OCPP16, is_duplicate=False, frame=frame))
    return await bus.request("event.Heartbeat.CP1", data, timeout=timeout)


@scenario
async def test_each_event_has_a_session_of_its_own(bus: MemoryBus) -> None:
    calls: list[IncomingCall] = []

    def answer(_: object, call: IncomingCall) -> dict[str, str]:
        calls.append(call)
        return now()

    async with Worker(bus, {"Heartbeat": answer}, group="w"):
        # The second is no repetition of the first: it may be another station's.
        assert [await ask(bus), await ask(bus)] == [ANSWER, ANSWER]
    assert [call.is_duplicate for call in calls] == [False, False]
    assert calls[0].session is not calls[1].session
    assert [call.session.identity for call in calls] == ["CP1", "CP1"]


@scenario
async def test_a_handler_may_take_its_time_but_no_more_than_there_is(bus: MemoryBus) -> None:
    ended = []

    async def answer(_: v16.HeartbeatRequest, call: IncomingCall) -> dict[str, str]:
        try:
            await asyncio.sleep(float(call.message_id))
        finally:
            ended.append(call.message_id)
        return now()

    config = FleetConfig(event_timeout=10.0)
    async with Worker(bus, {"Heartbeat": answer}, group="w", config=config):
        assert await ask(bus, timeout=8.0) == ANSWER
        try:
            await ask(bus, HEARTBEAT.replace(b"7", b"11"), timeout=10.5)
        except TimeoutError:
            pass
        else:
            raise AssertionError("it was answered too late")
    assert ended == ["7", "11"]


@scenario
async def test_what_runs_after_the_answer_runs_to_its_end(bus: MemoryBus) -> None:
    """It ran not at all once: the session of an event ended with its answer."""
    handlers, order = Handlers(), []

    @handlers.on("Heartbeat")
    def answer(_: object) -> dict[str, str]:
        order.append("answered")
        return now()

    @handlers.after("Heartbeat")
    async def follow(_: object) -> None:
        await asyncio.sleep(1.0)
        order.append("followed")

    async with Worker(bus, handlers, group="w"):
        assert await ask(bus, timeout=0.5) == ANSWER
        assert order == ["answered"]
        await asyncio.sleep(1.0)
        assert order == ["answered", "followed"]


@scenario
async def test_what_is_no_call_of_a_station_s_is_answered_as_a_server_answers_it(
    bus: MemoryBus,
) -> None:
    def answer(_: v16.HeartbeatRequest) -> v16.HeartbeatResponse:
        raise AssertionError("nothing was to be served")

    async with Worker(bus, {v16.HeartbeatRequest: answer}, group="w"):
        refused = await ask(bus, b'[2,"7","Heartbeat",[]]')
        assert refused.startswith(b'[4,"7",')


@scenario
async def test_no_more_events_are_served_at_once_than_there_may_be(bus: MemoryBus) -> None:
    """FL-14, FL-15: what is beyond is refused; what is durable waits in the stream."""
    running: list[str] = []
    most = 0

    async def answer(_: v16.HeartbeatRequest, call: IncomingCall) -> dict[str, str]:
        nonlocal most
        running.append(call.message_id)
        most = max(most, len(running))
        await asyncio.sleep(1.0)
        running.remove(call.message_id)
        return now()

    async with Worker(bus, {"Heartbeat": answer}, group="w", max_in_flight=2):
        answers = await asyncio.gather(*[ask(bus) for _ in range(5)])
        assert (
            sorted(answers)
            == [ANSWER] * 2 + [b'[4,"","InternalError","too many events at once",{}]'] * 3
        )
        assert await ask(bus) == ANSWER
        data = write_told(Told(Version.OCPP16, is_duplicate=False, frame=HEARTBEAT))
        for number in range(5):
            await bus.publish_durable("durable.Heartbeat.CP1", data, message_id=str(number))
        await asyncio.sleep(0.5)
        assert len(running) == 2
        await asyncio.sleep(3.0)
    assert (most, running) == (2, [])


@scenario
async def test_what_a_worker_reads_first_after_a_pause_is_not_served(bus: MemoryBus) -> None:
    """FL-16: its gateway has given up, and the station may have asked again."""
    served: list[str] = []

    def answer(_: object, call: IncomingCall) -> dict[str, str]:
        served.append(call.message_id)
        return now()

    pause = pausing()
    async with Worker(bus, {"Heartbeat": answer}, group="w", config=FleetConfig(stall=2.0)):
        pause(1.9)
        assert await ask(bus) == ANSWER
        await asyncio.sleep(1.0)
        pause(2.1)
        with pytest.raises(TimeoutError):
            await ask(bus, HEARTBEAT.replace(b"7", b"8"), timeout=1.0)
        assert await ask(bus) == ANSWER  # since a barrier has passed
    assert served == ["7", "7"]


@scenario
async def test_a_worker_passes_no_calls_on(bus: MemoryBus) -> None:
    refused: list[str] = []

    async def answer(_: object, call: IncomingCall) -> dict[str, str]:
        session, frame = call.session, b'[2,"1","ClearCache",{}]'
        assert isinstance(session, EventSession)
        for forward in (session.forward, partial(session.begin_forward, take=print)):
            try:
                await forward(frame)  # type: ignore[misc]
            except LocalProtocolError as error:
                refused.append(str(error))
        return now()

    async with Worker(bus, {"Heartbeat": answer}, group="w"):
        assert await ask(bus) == ANSWER
    assert refused == ["a worker's session passes nothing on"] * 2
