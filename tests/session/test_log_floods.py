"""A flood makes a few records and a count that adds up, and one traceback for each place."""

import json
import logging
from collections.abc import Callable
from typing import Any, Self

import net_worlds
import pytest
from net_worlds import in_every_world
from worlds import WORLDS, World

from ocpp_sansio import Role
from ocpp_sansio.net import Limits

HEARTBEAT = '[2,"%d","Heartbeat",{}]'
FLOOD, SECONDS = 2661, 10.0


def folded(caplog: pytest.LogCaptureFixture) -> int:
    return sum(getattr(record, "folded", 0) for record in caplog.records)


def texts(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def failing() -> dict[str, Callable[..., Any]]:
    def fail(_: object) -> None:
        raise ValueError("as handlers do")

    return {"Heartbeat": fail}


def bad_frames(**options: Any) -> Callable[[World], Any]:
    async def scenario(world: World) -> None:
        async with world.session(
            Role.CSMS, sender=lambda _: None, identity="CP1", **options
        ) as session:
            await session.connected("ocpp1.6")
            for number in range(FLOOD):
                await session.received("no JSON" if number % 10 else '[3,"stray",{}]')
                await world.sleep(SECONDS / FLOOD)

    return scenario


@pytest.mark.parametrize("world", WORLDS)
def test_a_flood_of_bad_frames_is_a_few_records_and_a_count_that_adds_up(
    world: str, caplog: pytest.LogCaptureFixture
) -> None:
    WORLDS[world](bad_frames())

    passed = [text for text in texts(caplog) if "the peer broke a rule" in text]
    assert 90 <= len(passed) <= 110
    assert len(passed) + folded(caplog) == FLOOD
    last = caplog.records[-1]
    assert last.getMessage().startswith("'CP1' (ocpp1.6): closed … and ")
    assert last.getMessage().endswith(" stray_response)")
    assert last.levelno == logging.WARNING
    assert {record.identity for record in caplog.records} == {"CP1"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("limit", [1, 100])
def test_how_many_records_a_second_pass_can_be_set(
    limit: int, caplog: pytest.LogCaptureFixture
) -> None:
    WORLDS["asyncio"](bad_frames(max_log_records=limit))

    passed = [text for text in texts(caplog) if "the peer broke a rule" in text]
    assert 9 * limit <= len(passed) <= 11 * limit
    assert len(passed) + folded(caplog) == FLOOD


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, None])
def test_a_limit_of_the_log_is_a_whole_number_from_1_up(limit: Any) -> None:
    with pytest.raises(ValueError, match="max_log_records"):
        Limits(max_log_records=limit)

    async def scenario(world: World) -> None:
        with pytest.raises(ValueError, match="max_log_records"):
            world.session(Role.CSMS, sender=lambda _: None, max_log_records=limit)

    WORLDS["asyncio"](scenario)


@pytest.mark.parametrize("world", WORLDS)
def test_the_next_record_has_the_count_of_those_before_it(
    world: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        async with world.session(Role.CSMS, sender=lambda _: None) as session:
            await session.connected("ocpp1.6")
            for _ in range(25):
                await session.received("no JSON")
            for _ in range(2000):
                await session.received('[3,"stray",{}]')
            await world.sleep(1.5)
            await session.received("no JSON")
            await world.sleep(1.5)
            await session.received("no JSON")

    WORLDS[world](scenario)
    *_, tenth, counting, last = texts(caplog)
    assert len(caplog.records) == 12
    assert tenth == last
    assert counting == f"{last} … and 2,015 more in 1 s (2,000 stray_response, 15 not_json)"
    assert folded(caplog) == 2015


@pytest.mark.parametrize("world", WORLDS)
def test_a_handler_that_fails_5000_times_has_one_traceback_an_hour(
    world: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worlds.LIMIT", 7200.0)

    async def scenario(world: World) -> None:
        async with world.session(
            Role.CSMS, sender=lambda _: None, handlers=failing(), identity="CP1"
        ) as session:
            await session.connected("ocpp1.6")
            for number in range(5000):
                await session.received(HEARTBEAT % number)
                await world.sleep(0.2)
            assert sum(bool(record.exc_info) for record in caplog.records) == 1
            await world.sleep(2610)
            await session.received(HEARTBEAT % 5000)

    WORLDS[world](scenario)
    first, again, *_, last = caplog.records
    assert len(caplog.records) == 5001
    text = "'CP1' (ocpp1.6): the handler of 'Heartbeat' failed"
    assert first.getMessage() == f"{text} [message 0]"
    assert again.getMessage() == f"{text} (ValueError: as handlers do) [message 1]"
    assert last.exc_info
    assert last.exc_info[0] is ValueError
    assert isinstance(last.exc_info[1], ValueError)
    assert "in fail" in caplog.text
    assert "raise ValueError" in caplog.text
    assert sum(bool(record.exc_info) for record in caplog.records) == 2


def test_each_place_has_a_traceback_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    def handler(payload: dict[str, Any]) -> Any:
        if payload["n"] % 2:
            return json.loads("nonsense")
        return json.loads("nonsense either")

    async def scenario(world: World) -> None:
        async with world.session(
            Role.CSMS, sender=lambda _: None, handlers={"Mine": handler}
        ) as session:
            await session.connected("ocpp1.6")
            for number in range(8):
                await session.received(json.dumps([2, f"{number}", "Mine", {"n": number}]))

    WORLDS["asyncio"](scenario)
    assert len(caplog.records) == 8
    assert [bool(record.exc_info) for record in caplog.records] == [True] * 2 + [False] * 6


def test_a_thousand_frames_deep_is_not_a_thousand_lines_long(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def one(call: object) -> Any:
        return other(call)

    def other(call: object) -> Any:
        return one(call)

    async def scenario(world: World) -> None:
        async with world.session(
            Role.CSMS, sender=lambda _: None, handlers={"Heartbeat": one}
        ) as session:
            await session.connected("ocpp1.6")
            await session.received(HEARTBEAT % 1)

    WORLDS["asyncio"](scenario)
    [record] = caplog.records
    assert record.exc_info
    assert "RecursionError" in caplog.text
    assert len(caplog.text.splitlines()) < 100


class Registered(Exception):  # noqa: N818
    """An exception whose subclasses are counted, as some frameworks do."""

    heirs = 0

    def __init_subclass__(cls) -> None:
        Registered.heirs += 1


class Demanding(Exception):  # noqa: N818
    def __new__(cls, *_: object, needed: int) -> Self:
        return super().__new__(cls, needed)

    def __init__(self, *_: object, needed: int) -> None:
        super().__init__(needed)


class Mute(Exception):  # noqa: N818
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Registered("I count"), "test_log_floods.Registered: I count"),
        (Demanding(needed=7), "test_log_floods.Demanding: 7"),
        (Mute(), "test_log_floods.Mute: it cannot say what happened"),
        (SyntaxError("no code"), "SyntaxError: no code"),
        (OSError(2, "No such file", "x"), "FileNotFoundError: [Errno 2] No such file: 'x'"),
        (ExceptionGroup("both", [KeyError("a"), KeyError("b")]), "KeyError: 'b'"),
    ],
)
def test_every_exception_is_told_of_by_its_name_and_text(
    error: Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise error

    async def scenario(world: World) -> None:
        async with world.session(
            Role.CSMS, sender=lambda _: None, handlers={"Heartbeat": fail}
        ) as session:
            await session.connected("ocpp1.6")
            await session.received(HEARTBEAT % 1)

    WORLDS["asyncio"](scenario)
    [record] = caplog.records
    assert record.exc_info
    assert record.exc_info[0] is type(error)
    assert said in caplog.text
    assert Registered.heirs == 0


@in_every_world
def test_a_flood_at_the_door_is_folded_for_the_server_as_a_whole(
    world: net_worlds.World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    count = 60

    async def scenario(world: net_worlds.World) -> None:
        async with world.serve(
            None, "127.0.0.1", 0, versions=["ocpp1.6"], limits=Limits(max_log_records=3)
        ) as server:
            for _ in range(count):
                peer = await world.raw(server.port)
                await peer.send(b"GET / HTTP/1.0\r\n\r\n")
                await peer.read_all()
                await peer.close()

    world.run(scenario)
    passed = [text for text in texts(caplog) if ": a handshake failed: " in text]
    assert len(passed) + folded(caplog) == count
    assert len(passed) < count / 2
    assert texts(caplog)[-1].startswith("closed … and ")
