"""The eight hooks around a session's steps: order, vetoes, failures; on asyncio and on trio."""

import json
from typing import Any

import pytest
from worlds import WORLDS, World, caught, connected_pair, in_both_worlds, sent_by

from ocpp_sansio import CallReceived, ErrorCode, Role, Version, v16
from ocpp_sansio.handlers import CallRejected, Handlers, IncomingCall
from ocpp_sansio.hooks import HookInfo, HookName, Hooks, Veto
from ocpp_sansio.outcomes import CallTimeout, CallVetoed

NAMES: tuple[HookName, ...] = (
    "message_received",
    "execute_call_handler",
    "execute_call_result_handler",
    "execute_call_error_handler",
    "send_call",
    "send_call_respond",
    "send_call_error",
    "send_ws_msg",
)
RESET = b'[2,"r","Reset",{"type":"Soft"}]'
ACCEPTED = {"status": "Accepted"}
ANSWERED_IN_ORDER = [
    ">message_received",
    ">execute_call_handler",
    "<execute_call_handler",
    ">send_call_respond",
    ">send_ws_msg",
    "<send_ws_msg",
    "<send_call_respond",
    "<message_received",
]


def recording(log: list[str], world: World | None = None) -> Hooks:
    """Return hooks at every point that note their names; asynchronous ones if given a world."""
    hooks = Hooks()
    for name in NAMES:
        if world:
            hooks.before(name)(_slow_note(world, log, ">" + name))
            hooks.after(name)(_slow_note(world, log, "<" + name))
        else:
            hooks.before(name)(_note(log, ">" + name))
            hooks.after(name)(_note(log, "<" + name))
    return hooks


def _note(log: list[str], entry: str) -> Any:
    def hook(*_: object) -> None:
        log.append(entry)

    return hook


def _slow_note(world: World, log: list[str], entry: str) -> Any:
    async def hook(*_: object) -> None:
        await world.sleep(0.01)
        log.append(entry)

    return hook


def vetoing(name: HookName, *, once: bool = False, **options: Any) -> Hooks:
    """Return hooks with a veto at one point, of every message or of the first."""
    hooks = Hooks()
    messages: list[HookInfo] = []

    @hooks.before(name)
    def veto(info: HookInfo) -> None:
        messages.append(info)
        if len(messages) == 1 or not once:
            raise Veto(**options)

    return hooks


# --- order --------------------------------------------------------------------------------------


@in_both_worlds
async def test_a_call_of_the_peers_passes_its_hooks_in_order(world: World) -> None:
    for hooked_world in (None, world):
        log: list[str] = []
        hooks = recording(log, hooked_world)
        handlers: dict[str, Any] = {"Reset": lambda _: ACCEPTED}
        async with world.session(
            Role.STATION, sender=[].append, handlers=handlers, hooks=hooks
        ) as session:
            await session.connected("ocpp1.6")
            await session.received(RESET)
            await world.sleep(1)
        assert log == ANSWERED_IN_ORDER


@in_both_worlds
async def test_a_coroutine_handler_passes_the_same_hooks(world: World) -> None:
    async def reset(_: object) -> dict[str, Any]:
        await world.sleep(1)
        return ACCEPTED

    log: list[str] = []
    async with world.session(
        Role.STATION, sender=[].append, handlers={"Reset": reset}, hooks=recording(log)
    ) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
        await world.sleep(2)
    assert log == ANSWERED_IN_ORDER


@in_both_worlds
async def test_a_call_of_ours_passes_its_hooks_in_order(world: World) -> None:
    log: list[str] = []

    def refuse(_: object) -> dict[str, Any]:
        raise CallRejected("GenericError")

    handlers = {"ClearCache": lambda _: ACCEPTED, "Reset": refuse}
    async with connected_pair(
        world, station={"handlers": handlers}, csms={"hooks": recording(log)}
    ) as (_, csms):
        await csms.call("ClearCache")
        await world.settle()
        out = [">send_call", ">send_ws_msg", "<send_ws_msg", "<send_call"]
        assert log == [
            *out,
            ">message_received",
            ">execute_call_result_handler",
            "<execute_call_result_handler",
            "<message_received",
        ]
        log.clear()
        await csms.send_call("Reset", {"type": "Soft"})
        await world.settle()
        assert log == [
            *out,
            ">message_received",
            ">execute_call_error_handler",
            "<execute_call_error_handler",
            "<message_received",
        ]


@in_both_worlds
async def test_the_cores_own_callerror_passes_the_hooks_of_sending(world: World) -> None:
    log: list[str] = []
    async with world.session(Role.STATION, sender=[].append, hooks=recording(log)) as session:
        await session.connected("ocpp1.6")
        await session.received(b'[2,"u","Unknown",{}]')
    assert log == [
        ">message_received",
        ">send_call_error",
        ">send_ws_msg",
        "<send_ws_msg",
        "<send_call_error",
        "<message_received",
    ]


@in_both_worlds
async def test_a_slow_hook_does_not_let_the_next_message_overtake(world: World) -> None:
    handled: list[str] = []
    hooks = Hooks()

    @hooks.before("message_received")
    async def slow_at_first(info: HookInfo) -> None:
        await world.sleep(10 if '"m0"' in str(info.data) else 0)

    def handle(_: object, call: IncomingCall) -> dict[str, Any]:
        handled.append(call.message_id)
        return {}

    async with world.session(
        Role.STATION, sender=[].append, handlers={"Vendor": handle}, hooks=hooks
    ) as session:
        await session.connected("ocpp1.6")
        for number in range(5):
            world.start(session.received, json.dumps([2, f"m{number}", "Vendor", {}]).encode())
            await world.settle()
        await world.sleep(11)
    assert handled == ["m0", "m1", "m2", "m3", "m4"]


@in_both_worlds
async def test_a_slow_hook_of_sending_does_not_let_the_next_frame_overtake(world: World) -> None:
    hooks = Hooks()
    sent: list[bytes] = []

    @hooks.before("send_ws_msg")
    async def slow_at_first(_: HookInfo) -> None:
        await world.sleep(0 if sent else 10)

    async with world.session(
        Role.STATION, sender=sent.append, handlers={"*": lambda _: ACCEPTED}, hooks=hooks
    ) as session:
        await session.connected("ocpp1.6")
        for number in range(5):
            await session.received(json.dumps([2, f"m{number}", "ClearCache", {}]))
        await world.sleep(11)
    assert [frame[1] for frame in sent_by(sent)] == ["m0", "m1", "m2", "m3", "m4"]


@in_both_worlds
async def test_a_message_whose_connection_went_while_its_hook_ran_is_dropped(world: World) -> None:
    hooks = Hooks()
    hooks.before("message_received")(lambda _: world.sleep(5))
    handled: list[object] = []
    async with world.session(
        Role.STATION, sender=[].append, handlers={"Reset": handled.append}, hooks=hooks
    ) as session:
        await session.connected("ocpp1.6")
        reader = world.start(session.received, RESET)
        await world.settle()
        await session.disconnected()
        await session.connected("ocpp1.6")
        await reader.result()
        await world.settle()
    assert handled == []


# --- what hooks are told ------------------------------------------------------------------------


@in_both_worlds
async def test_hooks_are_told_what_they_are_about(world: World) -> None:
    infos: dict[str, HookInfo] = {}
    results: dict[str, object] = {}
    hooks = Hooks()

    def keep(info: HookInfo) -> None:
        infos[info.hook] = info

    def keep_result(info: HookInfo, result: object) -> None:
        results[info.hook] = result

    for name in NAMES:
        hooks.before(name)(keep)
        hooks.after(name)(keep_result)
    async with world.session(
        Role.STATION,
        sender=len,
        handlers={"Reset": lambda _: ACCEPTED},
        hooks=hooks,
    ) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
        await world.settle()
        received = infos["message_received"]
        assert (received.data, received.direction, received.action) == (RESET, "in", None)
        assert received.version is Version.OCPP16
        events = results["message_received"]
        assert isinstance(events, tuple)
        event = events[0]
        assert isinstance(event, CallReceived)
        request = v16.ResetRequest(type=v16.ResetType.SOFT)
        executed = infos["execute_call_handler"]
        assert (executed.action, executed.message_id, executed.payload) == ("Reset", "r", request)
        assert (executed.data, executed.event) == (RESET, event)
        assert results["execute_call_handler"] == ACCEPTED
        for name in ("send_call_respond", "send_ws_msg"):
            answer = infos[name]
            assert (answer.action, answer.message_id, answer.payload) == ("Reset", "r", ACCEPTED)
            assert (answer.direction, answer.data) == ("out", b'[3,"r",{"status":"Accepted"}]')
            assert results[name] == len(answer.data)
        with pytest.raises(AttributeError):
            answer.action = "Other"  # type: ignore[misc]

        job = world.start(session.call, "Heartbeat")
        await world.settle()
        call = infos["send_call"]
        assert (call.action, call.payload) == ("Heartbeat", {})
        await session.received(f'[4,"{call.message_id}","GenericError","",{{"a":1}}]')
        assert infos["execute_call_error_handler"].action == "Heartbeat"
        assert infos["execute_call_error_handler"].payload == {"a": 1}
        await caught(job.result())
        await session.received(b'[2,"u","Unknown",{}]')
        assert (infos["send_call_error"].message_id, infos["send_call_error"].payload) == ("u", {})


@in_both_worlds
async def test_an_after_hook_gets_the_exception_that_ended_its_step(world: World) -> None:
    results: dict[str, object] = {}
    hooks = Hooks()
    for name in ("execute_call_handler", "send_call_error", "send_ws_msg"):
        hooks.after(name)(lambda info, result: results.update({info.hook: result}))

    def fail(_: object) -> dict[str, Any]:
        raise ZeroDivisionError

    def broken(_: bytes) -> None:
        raise OSError

    async with world.session(
        Role.STATION, sender=broken, handlers={"Reset": fail}, hooks=hooks
    ) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
        await world.settle()
    assert isinstance(results["execute_call_handler"], ZeroDivisionError)
    assert isinstance(results["send_ws_msg"], OSError)
    assert isinstance(results["send_call_error"], OSError)


# --- vetoes -------------------------------------------------------------------------------------


@in_both_worlds
async def test_a_vetoed_message_has_never_come(world: World) -> None:
    sent: list[bytes] = []
    hooks = vetoing("message_received", once=True)
    async with world.session(
        Role.STATION, sender=sent.append, handlers={"Reset": lambda _: ACCEPTED}, hooks=hooks
    ) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
        await session.received(b'[2,"r2","Reset",{"type":"Soft"}]')
        await world.settle()
        assert [frame[1] for frame in sent_by(sent)] == ["r2"]
    async with connected_pair(
        world,
        csms={"handlers": {"Heartbeat": lambda _: {"currentTime": "2026-01-01T12:00:00Z"}}},
        station={"hooks": vetoing("message_received")},
    ) as (station, _):
        assert isinstance(await caught(station.call("Heartbeat", {}, timeout=5)), CallTimeout)


@in_both_worlds
async def test_a_vetoed_handler_does_not_run_and_the_veto_is_the_answer(world: World) -> None:
    ran: list[object] = []
    sent: list[bytes] = []
    hooks = vetoing(
        "execute_call_handler",
        description="boot first",
        code=ErrorCode.SECURITY_ERROR,
        details={"a": 1},
    )
    async with world.session(
        Role.STATION, sender=sent.append, handlers={"Reset": ran.append}, hooks=hooks
    ) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
        await world.settle()
    assert sent_by(sent) == [[4, "r", "SecurityError", "boot first", {"a": 1}]]
    sent.clear()
    handlers = {"NotifyPeriodicEventStream": ran.append}
    async with world.session(
        Role.CSMS, sender=sent.append, handlers=handlers, hooks=hooks
    ) as session:
        await session.connected("ocpp2.1")
        data = {
            "id": 1,
            "pending": 0,
            "basetime": "2026-01-01T12:00:00Z",
            "data": [{"t": 0, "v": "1"}],
        }
        await session.received(json.dumps([6, "s", "NotifyPeriodicEventStream", data]))
        await world.settle()
    assert sent == ran == []


@pytest.mark.parametrize("name", ["execute_call_result_handler", "execute_call_error_handler"])
@pytest.mark.parametrize("world", ["asyncio", "trio"])
def test_whoever_awaits_a_vetoed_answer_learns_it_at_once(world: str, name: HookName) -> None:
    async def scenario(world: World) -> None:
        def answer(_: object) -> dict[str, Any]:
            if name == "execute_call_error_handler":
                raise CallRejected("GenericError")
            return ACCEPTED

        async with connected_pair(
            world,
            station={"handlers": {"Reset": answer}},
            csms={"hooks": vetoing(name, once=True)},
        ) as (_, csms):
            start = world.now()
            assert isinstance(await caught(csms.call("Reset", {"type": "Soft"})), CallVetoed)
            assert world.now() == start
            outcome = await csms.send_call("Reset", {"type": "Soft"})
            assert outcome.ok is (name == "execute_call_result_handler")

    WORLDS[world](scenario)


@pytest.mark.parametrize("name", ["send_call", "send_ws_msg"])
@pytest.mark.parametrize("world", ["asyncio", "trio"])
def test_a_vetoed_call_fails_at_once_and_the_next_one_has_its_turn(
    world: str, name: HookName
) -> None:
    async def scenario(world: World) -> None:
        hooks = vetoing(name, once=True, description="not now")
        async with connected_pair(
            world, station={"handlers": {"Reset": lambda _: ACCEPTED}}, csms={"hooks": hooks}
        ) as (_, csms):
            start = world.now()
            first = world.start(csms.call, "Reset", {"type": "Soft"})
            second = world.start(csms.call, "Reset", {"type": "Hard"})
            endings = []
            for job in (first, second):
                try:
                    endings.append(await job.result())
                except CallVetoed as error:
                    endings.append(str(error))
            assert sorted(map(str, endings)) == ["a hook forbade it: not now", str(ACCEPTED)]
            assert world.now() == pytest.approx(start, abs=0.001)
            assert csms.connection.outstanding_call is None

    WORLDS[world](scenario)


@pytest.mark.parametrize("name", ["send_call_respond", "send_ws_msg"])
@pytest.mark.parametrize("world", ["asyncio", "trio"])
def test_a_vetoed_answer_is_not_sent_and_nothing_runs_after_it(world: str, name: HookName) -> None:
    async def scenario(world: World) -> None:
        sent: list[bytes] = []
        after: list[str] = []
        handlers = Handlers({"Reset": lambda _: ACCEPTED, "ClearCache": reply})
        handlers.after("*")(lambda _, call: after.append(call.message_id))
        hooks = vetoing(name)
        async with world.session(
            Role.STATION, sender=sent.append, handlers=handlers, hooks=hooks
        ) as session:
            await session.connected("ocpp1.6")
            await session.received(RESET)
            await session.received(b'[2,"c","ClearCache",{}]')
            await world.settle()
            assert session.connection.unanswered_calls == ()
        assert sent == []
        assert after == []
        [error] = errors
        assert isinstance(error, CallVetoed)

    errors: list[BaseException] = []

    async def reply(_: object, call: IncomingCall) -> None:
        errors.append(await caught(call.reply(ACCEPTED)))

    WORLDS[world](scenario)


@in_both_worlds
async def test_a_vetoed_callerror_is_not_sent(world: World) -> None:
    sent: list[bytes] = []
    async with world.session(
        Role.STATION, sender=sent.append, hooks=vetoing("send_call_error", once=True)
    ) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
        await session.received(b'[2,"r2","Reset",{"type":"Soft"}]')
    assert [frame[1] for frame in sent_by(sent)] == ["r2"]


# --- failures -----------------------------------------------------------------------------------


@pytest.mark.parametrize("world", ["asyncio", "trio"])
def test_hooks_that_fail_are_logged_and_change_nothing(
    world: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The seed's: a throwing hook lost the message, or sent it again."""

    async def scenario(world: World) -> None:
        hooks = Hooks()
        passed: list[str] = []

        def fail(*_: object) -> None:
            raise ValueError("a hook's own trouble")

        def veto_too_late(*_: object) -> None:
            raise Veto

        for name in NAMES:
            hooks.before(name)(fail)
            hooks.before(name)(_note(passed, name))
            hooks.after(name)(fail)
            hooks.after(name)(veto_too_late)
        handlers = {"Reset": lambda _: ACCEPTED}
        async with connected_pair(
            world,
            station={"handlers": handlers, "hooks": hooks, "max_log_records": 100},
            csms={"hooks": hooks, "max_log_records": 100},
        ) as (station, csms):
            assert await csms.call("Reset", {"type": "Soft"}) == ACCEPTED
            assert not (await station.send_call("Heartbeat")).ok
            await world.settle()
        assert set(passed) == set(NAMES)

    WORLDS[world](scenario)
    for name in NAMES:
        assert f"a hook before {name} failed" in caplog.text
        assert f"a hook after {name} failed" in caplog.text


@in_both_worlds
async def test_a_reader_cancelled_in_a_result_hook_still_ends_the_call(world: World) -> None:
    hooks = Hooks()
    hooks.before("execute_call_result_handler")(lambda _: world.sleep(100))
    sent: list[bytes] = []
    async with world.session(Role.STATION, sender=sent.append, hooks=hooks) as session:
        await session.connected("ocpp1.6")
        job = world.start(session.call, "Heartbeat")
        await world.settle()
        answer = f'[3,"{sent_by(sent)[0][1]}",{{"currentTime":"2026-01-01T12:00:00Z"}}]'
        reader = world.start(session.received, answer)
        await world.settle()
        reader.cancel()
        assert await job.result() == {"currentTime": "2026-01-01T12:00:00Z"}
