"""A server is emptied for a restart, and who watches its sessions hears of each."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import pytest
from net_worlds import World, in_every_world

from ocpp_sansio.net import Admission
from ocpp_sansio.outcomes import ConnectionLost

OPTIONS: dict[str, Any] = {"versions": ["ocpp1.6"]}


def scenario(function: Callable[[World], Awaitable[None]]) -> Any:
    """Make a test of what is to be run in every world."""

    def test(world: World) -> None:
        world.run(function)

    test.__name__, test.__doc__ = function.__name__, function.__doc__
    return in_every_world(test)


@scenario
async def test_draining_answers_what_was_asked_closes_with_1001_and_lets_nobody_in(
    world: World,
) -> None:
    asked, may_answer = world.new_event(), world.new_event()
    ends: list[tuple[str, str]] = []

    async def slow(payload: Any) -> Any:  # noqa: ARG001
        asked.set()
        await may_answer.wait()
        return {"status": "Accepted"}

    async with world.serve(None, "127.0.0.1", 0, **OPTIONS) as server:
        server.sessions.watch(connected=lambda session: ends.append(("up", session.identity)))
        server.sessions.watch(disconnected=lambda session: ends.append(("down", session.identity)))
        url = f"ws://127.0.0.1:{server.port}"
        async with (
            world.connect(url, identity="A", handlers={"ClearCache": slow}, **OPTIONS) as first,
            world.connect(url, identity="B", **OPTIONS) as second,
        ):
            session = server.sessions["A"]

            async def call() -> object:
                return await session.call("ClearCache", {})

            async def drain() -> None:
                await asked.wait()
                await server.drain(pace=1000)

            async def answer() -> None:
                await asked.wait()
                await second.wait_closed()  # who is idle does not wait for who is not
                may_answer.set()

            done = await world.together(call, drain, answer)
            assert done == [{"status": "Accepted"}, None, None]
            await first.wait_closed()
            assert (len(server.sessions), first.is_connected, second.is_connected) == (
                0,
                False,
                False,
            )
        assert ends == [("up", "A"), ("up", "B"), ("down", "B"), ("down", "A")]
        with pytest.raises(OSError, match=r"."):
            async with world.connect(url, identity="C", **OPTIONS):
                pass


@scenario
async def test_draining_waits_for_nobody_longer_than_its_patience(world: World) -> None:
    asked = world.new_event()

    async def never(payload: Any) -> Any:  # noqa: ARG001
        asked.set()
        await world.sleep(60)

    async with world.serve(None, "127.0.0.1", 0, **OPTIONS) as server:
        async with world.connect(
            f"ws://127.0.0.1:{server.port}",
            identity="A",
            handlers={"ClearCache": never},
            **OPTIONS,
        ):
            session = server.sessions["A"]

            async def call() -> object:
                return await session.call("ClearCache", {})

            async def drain() -> None:
                await asked.wait()
                await server.drain(patience=0.01)

            lost, _ = await world.together(call, drain)
            assert isinstance(lost, ConnectionLost)
        for wrong in ({"pace": 0}, {"patience": -1}):
            with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be above 0"):
                await server.drain(**wrong)


@scenario
async def test_what_is_to_be_called_at_the_end_is_called_once_whatever_fails(world: World) -> None:
    told: list[str] = []

    def fail(session: Any) -> None:  # noqa: ARG001
        raise RuntimeError("mine")

    async with world.serve(None, "127.0.0.1", 0, **OPTIONS) as server:
        server.sessions.watch(connected=fail, disconnected=fail)
        async with world.connect(f"ws://127.0.0.1:{server.port}", identity="A", **OPTIONS):
            session = server.sessions["A"]
            session.call_when_over(fail)
            session.call_when_over(lambda each: told.append(each.identity))
        await world.until(lambda: not server.sessions)
        session.close()
        assert told == ["A"]
        session.call_when_over(lambda each: told.append(each.identity))
        assert told == ["A", "A"]


@scenario
async def test_who_is_let_in_may_be_decided_by_something_slow(world: World) -> None:
    """Such as a claim on the station that another process has to give up first."""

    async def authenticate(request: Any) -> Any:
        await world.sleep(0)
        if request.identity == "taken":
            return HTTPStatus.SERVICE_UNAVAILABLE
        return Admission(context=request.identity)

    async with world.serve(None, "127.0.0.1", 0, authenticate=authenticate, **OPTIONS) as server:
        url = f"ws://127.0.0.1:{server.port}"
        async with world.connect(url, identity="free", **OPTIONS):
            assert server.sessions["free"].context == "free"
            with pytest.raises(Exception, match="503"):
                async with world.connect(url, identity="taken", **OPTIONS):
                    pass
            assert list(server.sessions) == ["free"]
