"""Every kind of record says which station it is about, to people and to programs."""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from worlds import WORLDS, World

from ocpp_sansio import Config, Role
from ocpp_sansio.events import CallResultRejected, CallTimedOut, ProtocolViolated
from ocpp_sansio.handlers import Handlers
from ocpp_sansio.hooks import HookInfo, HookName, Hooks, Report
from ocpp_sansio.outcomes import CallTimeout, InvalidResult

PAGE = Path(__file__).parents[2] / "docs/reference/logs.md"
HEARTBEAT = '[2,"17","Heartbeat",{}]'


class Place:
    """A session to provoke, and what it sends."""

    def __init__(self, world: World, identity: str, **options: Any) -> None:
        self.world = world
        self.sent: list[Any] = []
        self.broken = False
        self.hooks = Hooks()
        self.handlers = Handlers()
        self.session = world.session(
            Role.CSMS,
            sender=self.send,
            identity=identity,
            address=f"10.0.0.{identity[-1]}:4000",
            hooks=self.hooks,
            handlers=self.handlers,
            **options,
        )

    def send(self, data: bytes) -> None:
        if self.broken:
            raise OSError("the pipe is broken")
        self.sent.append(json.loads(data))


def fail(*_: object) -> Any:
    raise ValueError("as they do")


async def break_a_rule(place: Place) -> None:
    await place.session.received('[2,"17","Heartbeat",{"no":1}]')


async def answer_late(place: Place) -> None:
    with pytest.raises(CallTimeout):
        await place.session.call("ClearCache", timeout=1.0)
    await place.session.received(f'[3,"{place.sent[-1][1]}",{{"status":"Accepted"}}]')


async def refuse_an_answer(place: Place) -> None:
    place.handlers.on("Heartbeat")(lambda _: {"currentTime": "2026-01-01T00:00:00Z"})
    await place.session.received(HEARTBEAT)
    await place.session.received('[5,"17","FormatViolation","",{}]')


async def read_nothing(place: Place) -> None:
    await place.session.received('[4,"-1","RpcFrameworkError","",{}]')


async def ask_too_much(place: Place) -> None:
    async def linger(_: object) -> dict[str, Any]:
        await place.world.sleep(1.0)
        return {}

    place.handlers.on("Heartbeat")(linger)
    flood = [
        place.world.start(place.session.received, HEARTBEAT.replace("17", f"{number}"))
        for number in range(3)
    ]
    for each in flood:
        await each.result()
    await place.world.sleep(2.0)


async def answer_twice(place: Place) -> None:
    async def twice(_: object, call: Any) -> dict[str, Any]:
        await call.reply({"currentTime": "2026-01-01T00:00:00Z"})
        return {"currentTime": "2026-01-01T00:00:00Z"}

    place.handlers.on("Heartbeat")(twice)
    await place.session.received(HEARTBEAT)
    await place.world.settle()


async def fail_in_a_handler(place: Place) -> None:
    place.handlers.on("Heartbeat")(fail)
    await place.session.received(HEARTBEAT)


async def fail_afterwards(place: Place) -> None:
    place.handlers.on("Heartbeat")(lambda _: {"currentTime": "2026-01-01T00:00:00Z"})
    place.handlers.after("Heartbeat")(fail)
    await place.session.received(HEARTBEAT)
    await place.world.settle()


async def fail_before(place: Place) -> None:
    place.hooks.before("message_received")(fail)
    await place.session.received(HEARTBEAT)


async def fail_after_a_step(place: Place) -> None:
    place.hooks.after("message_received")(fail)
    await place.session.received(HEARTBEAT)


async def fail_over_a_report(place: Place) -> None:
    place.hooks.reports(fail)
    await place.session.received("no JSON")


async def fail_to_send(place: Place) -> None:
    place.broken = True
    await place.session.received(HEARTBEAT)


async def be_many(place: Place) -> None:
    for _ in range(12):
        await place.session.received("no JSON")


KINDS: dict[str, tuple[str, Callable[[Place], Awaitable[None]], dict[str, Any]]] = {
    "received …": ("ocpp1.6", fail_in_a_handler, {}),
    "sent …": ("ocpp1.6", fail_in_a_handler, {}),
    "the peer broke a rule: …": ("ocpp1.6", break_a_rule, {}),
    "a response to … came after its timeout": ("ocpp1.6", answer_late, {}),
    "the peer cannot use our answer to …": ("ocpp2.1", refuse_an_answer, {}),
    "the peer could not read a message of ours: …": ("ocpp2.0.1", read_nothing, {}),
    "… is not served: … handlers still run": (
        "ocpp1.6",
        ask_too_much,
        {"config": Config(max_running_handlers=1)},
    ),
    "the handler of … came too late to answer": ("ocpp1.6", answer_twice, {}),
    "the handler of … failed": ("ocpp1.6", fail_in_a_handler, {}),
    "what runs after … failed": ("ocpp1.6", fail_afterwards, {}),
    "a hook before … failed; the step goes on": ("ocpp1.6", fail_before, {}),
    "a hook after … failed; the step stands": ("ocpp1.6", fail_after_a_step, {}),
    "what gets reports failed": ("ocpp1.6", fail_over_a_report, {}),
    "Config.mend failed; the message counts as it came": (
        "ocpp1.6",
        fail_before,
        {"config": Config(mend=fail)},
    ),
    "a … could not be sent": ("ocpp1.6", fail_to_send, {}),
    "closed … and … more in … s": ("ocpp1.6", be_many, {}),
}
"""What provokes each kind of record, in which version and with which options."""

ABOUT_A_MESSAGE = {
    "received …",
    "sent …",
    "the peer broke a rule: …",
    "a response to … came after its timeout",
    "… is not served: … handlers still run",
    "the handler of … came too late to answer",
    "the handler of … failed",
    "what runs after … failed",
}
ON_SOCKETS = {
    "what runs for it failed: its connection is closed",
    "… tasks go on although they were cancelled: they are left to themselves",
}
"""Kinds that tests of `connect` and `serve` provoke."""


def rows(logger: str) -> dict[str, str]:
    """Return what the page says of a logger: the level of each text."""
    section = PAGE.read_text().partition(f"## {logger}\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| ")]
    return {text.strip(): level.strip() for level, text in cells[1:]}


def test_the_page_has_each_kind_that_is_provoked_here() -> None:
    listed = rows("ocpp_sansio.wire").keys() | rows("ocpp_sansio.session").keys()
    assert listed == KINDS.keys() | ON_SOCKETS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("world", WORLDS)
def test_a_program_tells_stations_apart_in_every_kind_of_record(
    world: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "ocpp_sansio")
    version, provoke, options = KINDS[kind]

    async def scenario(world: World) -> None:
        places = [Place(world, identity, **options) for identity in ("CP1", "CP2")]
        for place in places:
            async with place.session:
                await place.session.connected(version)
                await provoke(place)
                await place.world.settle()

    WORLDS[world](scenario)
    pattern = re.compile(re.escape(kind).replace("…", ".*"))
    levels = rows("ocpp_sansio.wire") | rows("ocpp_sansio.session")
    found = [record for record in caplog.records if pattern.search(record.getMessage())]
    assert {vars(record)["identity"] for record in found} == {"CP1", "CP2"}
    for record in found:
        about = vars(record)
        number = about["identity"][-1]
        where = f"10.0.0.{number}:4000"
        assert record.getMessage().startswith(f"'CP{number}' ({where}, {version}): ")
        assert about["address"] == where
        assert about["version"] == version
        assert record.levelname == levels[kind] or kind.startswith("closed")
        assert (
            record.name
            == f"ocpp_sansio.{'wire' if kind in {'received …', 'sent …'} else 'session'}"
        )
        if kind in ABOUT_A_MESSAGE:
            assert about["action"] in record.getMessage()
            assert about["message_id"] in record.getMessage()


@pytest.mark.parametrize("world", WORLDS)
def test_frames_have_direction_size_and_the_latency_of_answers(
    world: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "ocpp_sansio.wire")

    async def scenario(world: World) -> None:
        place = Place(world, "CP1")

        async def heartbeat(_: object) -> dict[str, str]:
            await world.sleep(0.25)
            return {"currentTime": "2026-01-01T00:00:00Z"}

        place.handlers.on("Heartbeat")(heartbeat)
        async with place.session as session:
            await session.connected("ocpp1.6")
            await session.received(HEARTBEAT)
            await world.sleep(1.0)
            call = world.start(session.call, "ClearCache")
            await world.sleep(0.5)
            await session.received(f'[3,"{place.sent[-1][1]}",{{"status":"Accepted"}}]')
            await call.result()

    WORLDS[world](scenario)
    told = [
        (about["direction"], about["action"], about["latency"])
        for about in map(vars, caplog.records)
    ]
    assert told == [
        ("in", "Heartbeat", None),
        ("out", "Heartbeat", pytest.approx(0.25)),
        ("out", "ClearCache", None),
        ("in", "ClearCache", pytest.approx(0.5)),
    ]
    texts = [record.getMessage() for record in caplog.records]
    assert texts[0] == f"'CP1' (10.0.0.1:4000, ocpp1.6): received {HEARTBEAT}"
    assert texts[1].endswith('Z"}] after 250.0 ms to Heartbeat')
    assert vars(caplog.records[0])["size"] == len(HEARTBEAT)


def test_a_level_that_changes_is_seen_when_the_wire_is_looked_at(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario(world: World) -> None:
        place = Place(world, "CP1")
        async with place.session as session:
            await session.connected("ocpp1.6")
            await session.received(HEARTBEAT)
            with caplog.at_level(logging.DEBUG, "ocpp_sansio.wire"):
                session.watch_wire()
                await session.received(HEARTBEAT.replace("17", "18"))
            session.watch_wire()
            await session.received(HEARTBEAT.replace("17", "19"))

    WORLDS["asyncio"](scenario)
    assert {vars(record)["message_id"] for record in caplog.records} == {"18"}


def test_frames_are_cut_and_their_flood_has_a_limit_of_its_own(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "ocpp_sansio.wire")

    async def scenario(world: World) -> None:
        place = Place(world, "CP1")
        place.handlers.on("DataTransfer")(lambda _: {"status": "Accepted"})
        async with place.session as session:
            await session.connected("ocpp1.6")
            for number in range(150):
                payload = {"vendorId": "x", "data": "\x1b" * 5000}
                await session.received(json.dumps([2, f"{number}", "DataTransfer", payload]))
            await world.sleep(2.0)
            await session.received(HEARTBEAT)

    WORLDS["asyncio"](scenario)
    texts = [record.getMessage() for record in caplog.records]
    assert len(texts) == 200 + 2
    assert texts[200].endswith(" … and 100 more in 1 s (100 frames)")
    assert all(text.isprintable() and len(text) < 1100 for text in texts)


def test_nothing_is_asked_of_the_log_for_a_message_as_long_as_nobody_wants_frames(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    logger = logging.getLogger("ocpp_sansio.wire")

    async def scenario(world: World) -> None:
        place = Place(world, "CP1")
        place.handlers.on("Heartbeat")(lambda _: {"currentTime": "2026-01-01T00:00:00Z"})
        async with place.session as session:
            await session.connected("ocpp1.6")
            monkeypatch.setattr(logger, "isEnabledFor", asked.append)
            for number in range(10):
                await session.received(HEARTBEAT.replace("17", f"{number}"))
            monkeypatch.undo()
            assert len(place.sent) == 10

    WORLDS["asyncio"](scenario)
    assert asked == []


# --- reports -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("world", WORLDS)
def test_code_gets_every_report_with_its_session(world: str) -> None:
    reports: list[Report] = []

    async def scenario(world: World) -> None:
        place = Place(world, "CP1")
        place.hooks.reports(fail)
        place.hooks.reports(reports.append)
        async with place.session as session:
            await session.connected("ocpp1.6")
            await answer_late(place)
            call = world.start(session.call, "ClearCache")
            await world.settle()
            await session.received(f'[3,"{place.sent[-1][1]}",{{"status":7}}]')
            with pytest.raises(InvalidResult):
                await call.result()
            for _ in range(100):
                await break_a_rule(place)
            await session.received('[3,"stray",{}]')

        assert all(report.session is session for report in reports)
        timeout, _, rejected, *violations = [report.event for report in reports]
        assert isinstance(timeout, CallTimedOut)
        assert isinstance(rejected, CallResultRejected)
        rules = [event.error.rule for event in violations if isinstance(event, ProtocolViolated)]
        assert len(rules) == 101
        assert [report.action for report in reports] == ["ClearCache"] * 3 + ["Heartbeat"] * 100 + [
            None
        ]

    WORLDS[world](scenario)


def test_what_gets_reports_is_no_coroutine_function() -> None:
    async def report(_: Report) -> None:
        await asyncio.sleep(0)

    with pytest.raises(TypeError, match="plain function"):
        Hooks().reports(report)


@pytest.mark.parametrize("world", WORLDS)
def test_hooks_know_whose_message_it_is(world: str) -> None:
    seen: set[tuple[str, str | None]] = set()
    hooks = Hooks()
    names: tuple[HookName, ...] = (
        "message_received",
        "execute_call_handler",
        "send_call_respond",
        "send_ws_msg",
    )

    def note(info: HookInfo) -> None:
        seen.add((info.hook, info.session.identity))

    for name in names:
        hooks.before(name)(note)

    async def scenario(world: World) -> None:
        for identity in ("CP1", "CP2"):
            async with world.session(
                Role.CSMS,
                sender=lambda _: None,
                identity=identity,
                hooks=hooks,
                handlers={"Heartbeat": lambda _: {"currentTime": "2026-01-01T00:00:00Z"}},
            ) as session:
                await session.connected("ocpp1.6")
                await session.received(HEARTBEAT)
                await world.settle()

    WORLDS[world](scenario)
    assert seen == {(name, identity) for name in names for identity in ("CP1", "CP2")}
