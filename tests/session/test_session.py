"""A session's own calls and the peer's, each scenario once on asyncio and once on trio."""

# ruff: noqa: ARG001, ARG002, ARG005 - a signature is what these functions are here for

import asyncio
import gc
import json
import logging
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any

import pytest
from worlds import WORLDS, Cancelled, Wire, World, caught, connected_pair, in_both_worlds, sent_by

from ocpp_sansio import (
    Config,
    ErrorCode,
    LocalProtocolError,
    Role,
    Rule,
    Validation,
    Version,
    v16,
    v21,
)
from ocpp_sansio.handlers import DEFERRED, CallRejected, Handlers, IncomingCall
from ocpp_sansio.outcomes import (
    CallFailed,
    CallTimeout,
    ConnectionLost,
    InvalidResult,
    NotConnected,
    Outcome,
)
from ocpp_sansio.session import MAX_UNSENT

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HEARTBEAT = b'[2,"h","Heartbeat",{}]'
RESET = b'[2,"r","Reset",{"type":"Soft"}]'


def heartbeat(_: object) -> v16.HeartbeatResponse:
    return v16.HeartbeatResponse(current_time=NOON)


def accept_reset(_: object) -> v16.ResetResponse:
    return v16.ResetResponse(status=v16.ResetStatus.ACCEPTED)


# --- calls of ours ------------------------------------------------------------------------------


@in_both_worlds
async def test_a_typed_call_gets_its_typed_answer(world: World) -> None:
    async with connected_pair(world, csms={"handlers": {"Heartbeat": heartbeat}}) as (station, _):
        answer = await station.call(v16.HeartbeatRequest())
    assert answer == v16.HeartbeatResponse(current_time=NOON)


@in_both_worlds
async def test_a_call_by_name_gets_a_json_object(world: World) -> None:
    async with connected_pair(world, csms={"handlers": {"Heartbeat": heartbeat}}) as (station, _):
        answer = await station.call("Heartbeat")
        outcome = await station.send_call("Heartbeat", {})
        typed = await station.send_call(v16.HeartbeatRequest())
    assert answer == {"currentTime": "2026-01-01T12:00:00Z"}
    assert (outcome.ok, outcome.payload) == (True, answer)
    assert typed.payload == v16.HeartbeatResponse(current_time=NOON)


@in_both_worlds
async def test_a_callerror_raises_from_call_and_returns_from_send_call(world: World) -> None:
    def refuse(_: object) -> v16.HeartbeatResponse:
        raise CallRejected(ErrorCode.FORMAT_VIOLATION, "no", {"since": 1})

    async with connected_pair(world, csms={"handlers": {"Heartbeat": refuse}}) as (station, _):
        error = await caught(station.call(v16.HeartbeatRequest()))
        outcome = await station.send_call("Heartbeat")
    assert isinstance(error, CallFailed)
    assert (error.code, error.description, error.details) == (
        ErrorCode.FORMAT_VIOLATION,
        "no",
        {"since": 1},
    )
    assert not outcome.ok
    assert outcome.payload == {
        "errorCode": "FormationViolation",  # E-2: as 1.6 spells it
        "errorDescription": "no",
        "errorDetails": {"since": 1},
    }


@in_both_worlds
async def test_a_call_that_is_not_answered_times_out_after_its_own_timeout(world: World) -> None:
    async with world.session(Role.STATION, sender=[].append) as session:
        await session.connected("ocpp1.6")
        start = world.now()
        error = await caught(session.call(v16.HeartbeatRequest(), timeout=7))
        assert isinstance(error, CallTimeout)
        assert isinstance(error, TimeoutError)
        assert world.now() - start == pytest.approx(7)
        assert isinstance(await caught(session.call("Heartbeat")), CallTimeout)
        assert world.now() - start == pytest.approx(37)


@in_both_worlds
async def test_the_timeout_of_a_queued_call_runs_from_its_leaving(world: World) -> None:
    async with world.session(Role.STATION, sender=[].append) as session:
        await session.connected("ocpp1.6")
        start = world.now()
        first = world.start(session.call, "Heartbeat")
        await world.settle()
        error = await caught(session.call("Heartbeat", {}, timeout=5))
        assert isinstance(error, CallTimeout)
        assert world.now() - start == pytest.approx(35)
        assert isinstance(await caught(first.result()), CallTimeout)


@in_both_worlds
async def test_a_shorter_timeout_rings_first_though_a_longer_one_was_set_before(
    world: World,
) -> None:
    sent: list[bytes] = []
    async with world.session(Role.STATION, sender=sent.append) as session:
        await session.connected("ocpp1.6")
        long = world.start(session.call, "Heartbeat")
        await world.settle()
        message_id = sent_by(sent)[0][1]
        await session.received(f'[3,"{message_id}",{{"currentTime":"2026-01-01T12:00:00Z"}}]')
        await long.result()
        start = world.now()
        assert isinstance(await caught(session.call("Heartbeat", {}, timeout=2)), CallTimeout)
        assert world.now() - start == pytest.approx(2)


@in_both_worlds
async def test_an_invalid_answer_ends_the_call(world: World) -> None:
    sent: list[bytes] = []
    async with world.session(Role.STATION, sender=sent.append) as session:
        await session.connected("ocpp1.6")
        job = world.start(session.call, v16.HeartbeatRequest())
        await world.settle()
        await session.received(f'[3,"{sent_by(sent)[0][1]}",{{}}]')
        error = await caught(job.result())
    assert isinstance(error, InvalidResult)
    assert [violation.rule for violation in error.violations] == [Rule.REQUIRED]


@in_both_worlds
async def test_a_typed_call_never_returns_what_is_not_typed(world: World) -> None:
    sent: list[bytes] = []
    config = Config(validation=Validation.LENIENT)
    async with world.session(Role.STATION, sender=sent.append, config=config) as session:
        await session.connected("ocpp1.6")
        job = world.start(session.call, v16.HeartbeatRequest())
        await world.settle()
        await session.received(f'[3,"{sent_by(sent)[0][1]}",{{"currentTime":[]}}]')
        error = await caught(job.result())
    assert isinstance(error, InvalidResult)
    assert error.data.endswith(b'{"currentTime":[]}]')
    assert [violation.path for violation in error.violations] == ["$.currentTime"]


@in_both_worlds
async def test_without_a_connection_there_is_no_call(world: World) -> None:
    session = world.session(Role.STATION, sender=[].append)
    assert isinstance(await caught(session.call(v16.HeartbeatRequest())), NotConnected)
    assert isinstance(await caught(session.connected("ocpp1.6")), RuntimeError)
    assert isinstance(await caught(session.received(HEARTBEAT)), RuntimeError)
    await session.disconnected()
    async with session:
        assert isinstance(await caught(session.send_call("Heartbeat")), NotConnected)
        assert isinstance(await caught(session.received(HEARTBEAT)), LocalProtocolError)
        await session.connected("ocpp1.6")
        assert isinstance(await caught(session.connected("ocpp1.6")), LocalProtocolError)
    assert isinstance(await caught(session.call(v16.HeartbeatRequest())), NotConnected)


@in_both_worlds
async def test_an_invalid_request_of_ours_is_refused_before_anything_is_sent(world: World) -> None:
    sent: list[bytes] = []
    async with world.session(Role.CSMS, sender=sent.append) as session:
        await session.connected("ocpp1.6")
        error = await caught(session.call("Reset", {"type": "Gentle"}))
        assert isinstance(error, LocalProtocolError)
        assert [violation.rule for violation in error.violations] == [Rule.ENUM]
        assert isinstance(await caught(session.call(v16.HeartbeatRequest())), LocalProtocolError)
    assert sent == []


@in_both_worlds
async def test_a_call_that_is_cancelled_in_the_queue_never_leaves(world: World) -> None:
    sent: list[bytes] = []
    async with world.session(Role.STATION, sender=sent.append) as session:
        await session.connected("ocpp1.6")
        first = world.start(session.call, "Heartbeat")
        await world.settle()
        second = world.start(session.call, "Heartbeat")
        await world.settle()
        waiting = session.connection.queued_calls
        assert len(waiting) == 1
        second.cancel()
        with pytest.raises(Cancelled):
            await second.result()
        assert not session.connection.queued_calls
        await session.received(
            f'[3,"{sent_by(sent)[0][1]}",{{"currentTime":"2026-01-01T12:00:00Z"}}]'
        )
        await first.result()
        assert len(sent) == 1


@in_both_worlds
async def test_a_call_that_is_cancelled_in_flight_keeps_its_slot_until_it_is_over(
    world: World,
) -> None:
    sent: list[bytes] = []
    async with world.session(Role.STATION, sender=sent.append) as session:
        await session.connected("ocpp1.6")
        first = world.start(session.call, "Heartbeat")
        await world.settle()
        first.cancel()
        with pytest.raises(Cancelled):
            await first.result()
        second = world.start(session.call, "Heartbeat")
        await world.settle()
        assert len(sent) == 1  # S-1
        answer = '{"currentTime":"2026-01-01T12:00:00Z"}'
        await session.received(f'[3,"{sent_by(sent)[0][1]}",{answer}]')
        await world.settle()
        await session.received(f'[3,"{sent_by(sent)[1][1]}",{answer}]')
        assert await second.result() == json.loads(answer)


@in_both_worlds
async def test_cancelling_a_call_does_not_cut_the_write_that_is_under_way(world: World) -> None:
    written: list[bytes] = []

    async def slow(data: bytes) -> None:
        await world.sleep(5)
        written.append(data)

    async with world.session(Role.STATION, sender=slow) as session:
        await session.connected("ocpp1.6")
        job = world.start(session.call, "Heartbeat")
        await world.settle()
        job.cancel()
        with pytest.raises(Cancelled):
            await job.result()
        assert written == []
        await world.sleep(6)
        assert len(written) == 1


# --- crossing calls -----------------------------------------------------------------------------


@in_both_worlds
async def test_calls_that_cross_do_not_wait_for_each_other(world: World) -> None:
    async with connected_pair(
        world,
        csms={"handlers": {"Heartbeat": heartbeat}},
        station={"handlers": {"Reset": accept_reset}},
        latency=1.0,
    ) as (station, csms):
        start = world.now()
        reset = world.start(csms.call, v16.ResetRequest(type=v16.ResetType.SOFT))
        assert (await station.call(v16.HeartbeatRequest())).current_time == NOON
        assert (await reset.result()).status is v16.ResetStatus.ACCEPTED  # S-2
        assert world.now() - start == pytest.approx(2, abs=0.1)


@in_both_worlds
async def test_a_handler_may_call_the_peer_before_it_answers(world: World) -> None:
    handlers = Handlers()

    @handlers.on(v16.BootNotificationRequest)
    async def boot(
        _: v16.BootNotificationRequest, call: IncomingCall
    ) -> v16.BootNotificationResponse:
        answer = await call.session.call(v16.ResetRequest(type=v16.ResetType.SOFT))
        assert answer.status is v16.ResetStatus.ACCEPTED
        return v16.BootNotificationResponse(
            status=v16.RegistrationStatus.ACCEPTED, current_time=NOON, interval=60
        )

    async with connected_pair(
        world, csms={"handlers": handlers}, station={"handlers": {"Reset": accept_reset}}
    ) as (station, _):
        boot_request = v16.BootNotificationRequest(charge_point_vendor="v", charge_point_model="m")
        assert (await station.call(boot_request, timeout=5)).interval == 60


@in_both_worlds
async def test_what_runs_after_an_answer_may_call_the_peer_and_comes_behind_it(
    world: World,
) -> None:
    """A-15; also when the sender is slow."""
    handlers = Handlers({"Heartbeat": heartbeat})
    wire = Wire(world)
    done = world.flag()

    @handlers.after(v16.HeartbeatRequest)
    async def beaten(request: v16.HeartbeatRequest, call: IncomingCall) -> None:
        assert wire.log, "the answer has not been handed to the sender"
        assert call.answer
        assert call.answer.message_id == call.message_id == "h"
        outcome = await call.session.send_call("Reset", {"type": "Soft"})
        assert outcome.ok
        done.set()

    async def slow(data: bytes) -> None:
        await world.sleep(3)
        wire.send(data)

    async with world.session(Role.CSMS, sender=slow, handlers=handlers) as csms:
        await csms.connected("ocpp1.6")
        await csms.received(HEARTBEAT)
        await world.sleep(10)
        answer, call = sent_by(wire.log)
        assert answer[:2] == [3, "h"]
        assert call[2] == "Reset"
        await csms.received(f'[3,"{call[1]}",{{"status":"Accepted"}}]')
        await done.wait()


# --- handlers -----------------------------------------------------------------------------------


@in_both_worlds
async def test_a_slow_handler_holds_up_nobody_else(world: World) -> None:
    async def slow(_: object) -> v16.ResetResponse:
        await world.sleep(100)
        return accept_reset(None)

    sent: list[bytes] = []
    handlers = {"Reset": slow, "ClearCache": lambda _: {"status": "Accepted"}}
    async with world.session(Role.STATION, sender=sent.append, handlers=handlers) as session:
        await session.connected("ocpp1.6")
        start = world.now()
        await session.received(RESET)
        await session.received(b'[2,"c","ClearCache",{}]')
        assert sent_by(sent) == [[3, "c", {"status": "Accepted"}]]
        assert world.now() == start
        await world.sleep(101)
        assert sent_by(sent)[1] == [3, "r", {"status": "Accepted"}]


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("world", ["asyncio", "trio"])
def test_a_handler_that_fails_gives_internalerror_and_none_of_its_text(
    world: str, *, is_async: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> dict[str, Any]:
        raise ValueError("the password is 1234")

    async def fail_later(_: object) -> dict[str, Any]:
        await there.sleep(1)
        return fail(_)

    there: World

    async def scenario(world: World) -> None:
        nonlocal there
        there = world
        sent: list[bytes] = []
        handlers = {"Reset": fail_later if is_async else fail, "ClearCache": accept_reset}
        async with world.session(Role.STATION, sender=sent.append, handlers=handlers) as session:
            await session.connected("ocpp1.6")
            await session.received(RESET)
            await world.sleep(2)
            assert sent_by(sent) == [[4, "r", "InternalError", "", {}]]
            await session.received(RESET)  # it goes on serving
            await world.sleep(2)
            assert len(sent) == 2

    WORLDS[world](scenario)
    [record, *_] = caplog.records
    assert record.name == "ocpp_sansio.session"
    assert record.levelno == logging.ERROR
    assert record.exc_info
    assert isinstance(record.exc_info[1], ValueError)


NONSENSE: list[tuple[object, str]] = [
    (None, "NoneType is no answer"),
    ("Accepted", "str is no answer"),
    (v16.HeartbeatResponse(current_time=NOON), "not with HeartbeatResponse"),
    ({"status": "Maybe"}, "$.status"),
    ({}, "$.status"),
    (v16.ResetRequest(type=v16.ResetType.SOFT), "ResetRequest is no answer"),
    (DEFERRED, "Deferred is no answer"),  # it takes no call, so it could never reply
    (ValueError("returned, not raised"), "returned, not raised"),
]


@pytest.mark.parametrize(("nonsense", "logged"), NONSENSE, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("world", ["asyncio", "trio"])
def test_a_nonsensical_answer_gives_internalerror_and_the_log_says_what_was_wrong(
    world: str, nonsense: object, logged: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        sent: list[bytes] = []
        handlers = {"Reset": lambda _: nonsense}
        async with world.session(Role.STATION, sender=sent.append, handlers=handlers) as session:
            await session.connected("ocpp1.6")
            await session.received(RESET)
        assert sent_by(sent) == [[4, "r", "InternalError", "", {}]]

    WORLDS[world](scenario)
    assert logged in caplog.text


@in_both_worlds
async def test_a_handler_that_never_returns_harms_only_its_own_call(world: World) -> None:
    async def never(_: object) -> v16.ResetResponse:
        await world.flag().wait()
        raise AssertionError("unreachable")

    sent: list[bytes] = []
    config = Config(max_unanswered_calls=2)
    handlers = {"Reset": never, "ClearCache": lambda _: {"status": "Accepted"}}
    async with world.session(
        Role.STATION, sender=sent.append, handlers=handlers, config=config
    ) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
        await session.received(b'[2,"c1","ClearCache",{}]')
        await session.received(b'[2,"r2","Reset",{"type":"Soft"}]')
        await session.received(b'[2,"c2","ClearCache",{}]')  # S-5: too many wait
        await world.settle()
        assert [(frame[0], frame[1]) for frame in sent_by(sent)] == [(3, "c1"), (4, "c2")]
        await session.disconnected()
        assert world.live_tasks() <= 1  # trio's timer


@in_both_worlds
async def test_a_rejected_call_gets_that_callerror(world: World) -> None:
    async def refuse(_: object, call: IncomingCall) -> dict[str, Any]:
        raise CallRejected(ErrorCode.SECURITY_ERROR, "x" * 300)

    sent: list[bytes] = []
    async with world.session(
        Role.STATION, sender=sent.append, handlers={"Reset": refuse}
    ) as session:
        await session.connected("ocpp2.0.1")
        await session.received(b'[2,"r","Reset",{"type":"Immediate"}]')
        await world.settle()
    assert sent_by(sent) == [[4, "r", "SecurityError", "x" * 255, {}]]  # E-5


@in_both_worlds
async def test_a_rejection_that_is_not_json_gives_internalerror(world: World) -> None:
    def refuse(_: object) -> dict[str, Any]:
        raise CallRejected("GenericError", "", {"what": object()})

    sent: list[bytes] = []
    async with world.session(
        Role.STATION, sender=sent.append, handlers={"Reset": refuse}
    ) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
    assert sent_by(sent) == [[4, "r", "InternalError", "", {}]]


@in_both_worlds
async def test_a_deferred_call_is_answered_when_its_reply_comes(world: World) -> None:
    calls: list[IncomingCall] = []
    after: list[str] = []
    handlers = Handlers()

    @handlers.on("Reset")
    def defer(request: v16.ResetRequest, call: IncomingCall) -> Any:
        calls.append(call)
        return DEFERRED

    @handlers.after("Reset")
    def replied(request: v16.ResetRequest) -> None:
        after.append("replied")

    sent: list[bytes] = []
    async with world.session(Role.STATION, sender=sent.append, handlers=handlers) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
        await session.received(b'[2,"r2","Reset",{"type":"Hard"}]')
        await world.sleep(1000)
        assert not sent
        assert not after
        first, second = calls
        await second.reply_error(ErrorCode.GENERIC_ERROR, "later")
        assert isinstance(await caught(first.reply({"status": "Soon"})), LocalProtocolError)
        await first.reply(accept_reset(None))
        await world.settle()
        assert sent_by(sent) == [
            [4, "r2", "GenericError", "later", {}],
            [3, "r", {"status": "Accepted"}],
        ]
        assert after == ["replied", "replied"]
        assert isinstance(await caught(first.reply(accept_reset(None))), LocalProtocolError)
        await session.received(b'[2,"r3","Reset",{"type":"Hard"}]')
        await session.disconnected()
        assert isinstance(await caught(calls[2].reply(accept_reset(None))), LocalProtocolError)
        await session.connected("ocpp1.6")
        assert isinstance(await caught(calls[2].reply(accept_reset(None))), LocalProtocolError)


@pytest.mark.parametrize("world", ["asyncio", "trio"])
def test_a_handler_that_replies_itself_is_not_answered_for_again(
    world: str, caplog: pytest.LogCaptureFixture
) -> None:
    WORLDS[world](replying)
    assert [record.getMessage() for record in caplog.records if "handler" in record.msg] == [
        # it returned a second answer
        "ocpp1.6: the handler of 'ClearCache' came too late to answer [message c]"
    ]


async def replying(world: World) -> None:
    async def replies(_: object, call: IncomingCall) -> None:
        await call.reply({"status": "Accepted"})

    async def replies_and_returns(_: object, call: IncomingCall) -> dict[str, Any]:
        await call.reply({"status": "Rejected"})
        return {"status": "Accepted"}

    sent: list[bytes] = []
    handlers = {"Reset": replies, "ClearCache": replies_and_returns}
    async with world.session(Role.STATION, sender=sent.append, handlers=handlers) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
        await session.received(b'[2,"c","ClearCache",{}]')
        await world.settle()
    assert sent_by(sent) == [[3, "r", {"status": "Accepted"}], [3, "c", {"status": "Rejected"}]]


@in_both_worlds
async def test_a_plain_function_may_return_a_coroutine(world: World) -> None:
    async def later() -> v16.ResetResponse:
        await world.sleep(1)
        return accept_reset(None)

    def start(_: object) -> Awaitable[v16.ResetResponse]:
        return later()

    sent: list[bytes] = []
    async with world.session(
        Role.STATION, sender=sent.append, handlers={"Reset": start}
    ) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
        assert sent == []
        await world.sleep(2)
    assert sent_by(sent) == [[3, "r", {"status": "Accepted"}]]


@in_both_worlds
async def test_handlers_start_in_the_order_of_their_messages(world: World) -> None:
    started: list[int] = []

    async def take(payload: Any) -> None:
        started.append(payload["n"])
        await world.sleep(1)

    async with world.session(
        Role.STATION,
        sender=[].append,
        handlers={"Vendor": take},
        config=Config(max_unanswered_calls=50),
    ) as session:
        await session.connected("ocpp1.6")
        for number in range(50):
            await session.received(json.dumps([2, f"m{number}", "Vendor", {"n": number}]))
        await world.settle()
    assert started == list(range(50))


@pytest.mark.parametrize("kind", [asyncio.CancelledError, None])
def test_a_handler_that_awaits_a_cancelled_task_has_failed_and_is_answered_for(
    kind: type[BaseException] | None,
) -> None:
    """asyncio only: there, somebody else's cancellation arrives as if it were one's own."""

    async def scenario(world: World) -> None:
        async def hang() -> None:
            await world.flag().wait()

        async def waits(_: object) -> v16.ResetResponse:
            other = asyncio.get_running_loop().create_task(hang())
            await world.settle()
            other.cancel()
            if kind:
                await other
            await asyncio.wait([other])
            return accept_reset(None)

        sent: list[bytes] = []
        async with world.session(
            Role.STATION, sender=sent.append, handlers={"Reset": waits}
        ) as session:
            await session.connected("ocpp1.6")
            await session.received(RESET)
            await world.sleep(1)
        expected = [4, "r", "InternalError", "", {}] if kind else [3, "r", {"status": "Accepted"}]
        assert sent_by(sent) == [expected]

    WORLDS["asyncio"](scenario)


@in_both_worlds
async def test_an_incoming_call_tells_what_it_is(world: World) -> None:
    seen: list[tuple[object, ...]] = []

    def see(payload: object, call: IncomingCall) -> dict[str, Any]:
        assert call.payload is payload
        seen.append((call.action, call.message_id, call.is_duplicate, len(call.violations)))
        assert "Reset r" in repr(call)
        return {"status": "Accepted"}

    config = Config(validation=Validation.LENIENT)
    async with world.session(
        Role.STATION, sender=[].append, handlers={"Reset": see}, config=config, identity="CP001"
    ) as session:
        assert (session.identity, session.role) == ("CP001", Role.STATION)
        await session.connected("ocpp1.6")
        await session.received(RESET)
        await session.received(RESET)  # I-7: perhaps a retry
        await session.received(b'[2,"r","Reset",{"type":"Gentle"}]')
    assert seen == [("Reset", "r", False, 0), ("Reset", "r", True, 0), ("Reset", "r", True, 1)]


@pytest.mark.parametrize("world", ["asyncio", "trio"])
def test_what_the_peer_does_wrong_is_logged_and_not_quoted(
    world: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ocpp_sansio")

    async def scenario(world: World) -> None:
        sent: list[bytes] = []
        async with world.session(Role.CSMS, sender=sent.append) as session:
            await session.connected("ocpp2.1")
            error = await caught(session.call("Reset", {"type": "Immediate"}, timeout=1))
            assert isinstance(error, CallTimeout)
            late = f'[3,"{sent_by(sent)[0][1]}",{{"status":"Accepted"}}]'
            for message in (
                late,
                '[4,"-1","RpcFrameworkError","secret",{}]',
                '[5,"x","FormatViolation","secret",{}]',
                '[3,"stray",{"secret":1}]',
            ):
                await session.received(message)

    WORLDS[world](scenario)
    assert len(caplog.records) == 4
    assert "a response to 'Reset' came after its timeout" in caplog.text
    assert "secret" not in caplog.text


# --- who serves what ----------------------------------------------------------------------------


@in_both_worlds
async def test_an_action_without_handler_is_not_supported_and_an_unknown_one_not_implemented(
    world: World,
) -> None:
    sent: list[bytes] = []
    async with world.session(Role.STATION, sender=sent.append) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
        await session.received(b'[2,"u","Selfdestruct",{}]')
        await session.received(HEARTBEAT)  # not for a CSMS to send
    assert [(frame[1], frame[2]) for frame in sent_by(sent)] == [
        ("r", "NotSupported"),
        ("u", "NotImplemented"),
        ("h", "NotSupported"),
    ]


@in_both_worlds
async def test_the_fallback_gets_every_other_action_and_learns_which(world: World) -> None:
    seen: list[tuple[str, object]] = []

    def fallback(payload: object, call: IncomingCall) -> dict[str, Any]:
        seen.append((call.action, payload))
        raise CallRejected("NotImplemented")

    sent: list[bytes] = []
    handlers = {"ClearCache": lambda _: {"status": "Accepted"}, "*": fallback}
    async with world.session(Role.STATION, sender=sent.append, handlers=handlers) as session:
        await session.connected("ocpp1.6j")
        await session.received(b'[2,"c","ClearCache",{}]')
        await session.received(RESET)
        await session.received(b'[2,"u","Selfdestruct",{"in":3}]')
    assert seen == [
        ("Reset", v16.ResetRequest(type=v16.ResetType.SOFT)),
        ("Selfdestruct", {"in": 3}),
    ]
    assert [frame[:3] for frame in sent_by(sent)] == [
        [3, "c", {"status": "Accepted"}],
        [4, "r", "NotImplemented"],
        [4, "u", "NotImplemented"],
    ]


@in_both_worlds
async def test_a_vendor_action_is_served_by_name_and_called_by_name(world: World) -> None:
    async def vendor(payload: dict[str, Any]) -> dict[str, Any]:
        return {"doubled": payload["value"] * 2}

    async with connected_pair(world, csms={"handlers": {"Double": vendor}}) as (station, _):
        assert await station.call("Double", {"value": 21}) == {"doubled": 42}


@in_both_worlds
async def test_each_version_has_its_own_typed_handler(world: World) -> None:
    handlers = Handlers()
    served: list[Version] = []

    @handlers.on(v16.HeartbeatRequest)
    def beat_16(request: v16.HeartbeatRequest) -> v16.HeartbeatResponse:
        served.append(request.version)
        return v16.HeartbeatResponse(current_time=NOON)

    @handlers.on(v21.HeartbeatRequest)
    def beat_21(request: v21.HeartbeatRequest) -> v21.HeartbeatResponse:
        served.append(request.version)
        return v21.HeartbeatResponse(current_time=NOON)

    sent: list[bytes] = []
    async with world.session(Role.CSMS, sender=sent.append, handlers=handlers) as session:
        for version in ("ocpp1.6", "ocpp2.1", "ocpp2.0.1"):
            await session.connected(version)
            await session.received(HEARTBEAT)
            await session.disconnected()
    assert served == [Version.OCPP16, Version.OCPP21]
    assert [frame[0] for frame in sent_by(sent)] == [3, 3, 4]


# --- OCPP 2.1: SEND and CALLRESULTERROR ---------------------------------------------------------

STREAM: dict[str, Any] = {
    "id": 1,
    "pending": 0,
    "basetime": "2026-01-01T12:00:00Z",
    "data": [{"t": 0, "v": "1"}],
}


@in_both_worlds
async def test_a_send_reaches_its_handler_and_is_never_answered(world: World) -> None:
    """E-8: whatever the handler does."""
    got: list[object] = []

    async def take(payload: Any, call: IncomingCall) -> object:
        got.append(payload)
        assert isinstance(await caught(call.reply({})), LocalProtocolError)
        if len(got) == 2:
            raise CallRejected("GenericError")
        if len(got) == 3:
            raise ValueError("no")
        return {"nonsense": True}

    sent: list[bytes] = []
    handlers = {"NotifyPeriodicEventStream": take}
    async with world.session(Role.CSMS, sender=sent.append, handlers=handlers) as session:
        await session.connected("ocpp2.1")
        for number in range(3):
            message = [6, str(number), "NotifyPeriodicEventStream", STREAM]
            await session.received(json.dumps(message))
        await world.settle()
    async with world.session(Role.CSMS, sender=sent.append) as session:  # nobody serves it
        await session.connected("ocpp2.1")
        await session.received(json.dumps([6, "4", "NotifyPeriodicEventStream", STREAM]))
    assert sent == []
    assert [type(payload) for payload in got] == [v21.NotifyPeriodicEventStream] * 3


@in_both_worlds
async def test_a_send_leaves_though_a_call_is_in_flight(world: World) -> None:
    """S-4."""
    sent: list[bytes] = []
    async with world.session(Role.STATION, sender=sent.append) as session:
        await session.connected("ocpp2.1")
        job = world.start(session.call, "Heartbeat")
        await world.settle()
        await session.send_unconfirmed("NotifyPeriodicEventStream", STREAM)
        assert [frame[0] for frame in sent_by(sent)] == [2, 6]
        job.cancel()
        await session.disconnected()
        assert isinstance(await caught(session.send_unconfirmed("X", {})), NotConnected)


@in_both_worlds
async def test_an_answer_can_be_refused_with_a_callresulterror(world: World) -> None:
    """F-5, E-4: by hand; E-12: by itself, when it is invalid."""
    async with connected_pair(
        world,
        version="ocpp2.1",
        csms={"handlers": {"Heartbeat": lambda _: {"currentTime": "2026-01-01T12:00:00Z"}}},
    ) as (station, _):
        log: list[bytes] = []
        outcome = await station.send_call("Heartbeat")
        station.hooks.before("send_ws_msg")(lambda info: log.append(bytes(info.data)))
        await station.send_call_result_error(outcome, ErrorCode.INTERNAL_ERROR, "no use")
        again = await caught(station.send_call_result_error(outcome, ErrorCode.INTERNAL_ERROR))
        assert isinstance(again, LocalProtocolError)
        refused = Outcome.refused(
            (await station.send_call("Nonsense")).event  # type: ignore[arg-type]
        )
        no = await caught(station.send_call_result_error(refused, ErrorCode.INTERNAL_ERROR))
        assert isinstance(no, LocalProtocolError)
    [frame, _call] = sent_by(log)
    assert frame == [5, outcome.event.call.message_id, "InternalError", "no use", {}]


# --- the end of a connection --------------------------------------------------------------------


@in_both_worlds
async def test_a_lost_connection_ends_every_call_and_leaves_nothing(world: World) -> None:
    sent: list[bytes] = []
    started = world.flag()
    ended = world.flag()

    async def never(_: object) -> dict[str, Any]:
        started.set()
        try:
            await world.flag().wait()
        finally:
            ended.set()
        raise AssertionError("unreachable")

    before = world.live_tasks()
    async with world.session(
        Role.STATION, sender=sent.append, handlers={"Reset": never}
    ) as session:
        idle = world.live_tasks()
        await session.connected("ocpp1.6")
        in_flight = world.start(session.call, "Heartbeat")
        await world.settle()
        queued = world.start(session.call, "Heartbeat")
        await world.settle()
        await session.received(RESET)
        await started.wait()
        await session.disconnected()
        errors = [await caught(in_flight.result()), await caught(queued.result())]
        assert [type(error) for error in errors] == [ConnectionLost] * 2
        assert [error.was_sent for error in errors if isinstance(error, ConnectionLost)] == [
            True,
            False,
        ]
        await ended.wait()
        await world.settle()
        assert world.live_tasks() == idle
        await session.disconnected()  # idempotent
    assert world.live_tasks() == before


@in_both_worlds
async def test_leaving_the_session_ends_its_calls_and_handlers(world: World) -> None:
    ended = world.flag()

    async def never(_: object) -> dict[str, Any]:
        try:
            await world.flag().wait()
        finally:
            ended.set()
        raise AssertionError("unreachable")

    async with world.session(Role.STATION, sender=[].append, handlers={"Reset": never}) as session:
        await session.connected("ocpp1.6")
        job = world.start(session.call, "Heartbeat")
        await session.received(RESET)
        await world.settle()
    assert isinstance(await caught(job.result()), ConnectionLost)
    await ended.wait()


@in_both_worlds
async def test_an_exception_leaves_the_session_as_it_is(world: World) -> None:
    async def leave() -> None:
        async with world.session(Role.STATION, sender=[].append) as session:
            await session.connected("ocpp1.6")
            raise ZeroDivisionError

    assert isinstance(await caught(leave()), ZeroDivisionError)


@in_both_worlds
async def test_a_session_serves_one_connection_after_the_other(world: World) -> None:
    sent: list[bytes] = []
    async with world.session(
        Role.CSMS, sender=sent.append, handlers={"Heartbeat": heartbeat}
    ) as session:
        for version in ("ocpp1.6", "ocpp2.0.1"):
            await session.connected(version)
            assert session.version is Version(version)
            job = world.start(
                session.call, "Reset", {"type": "Soft" if version == "ocpp1.6" else "Immediate"}
            )
            await world.settle()
            await session.disconnected()
            assert isinstance(await caught(job.result()), ConnectionLost)
            assert session.version is None
    assert [frame[2] for frame in sent_by(sent)] == ["Reset", "Reset"]


@in_both_worlds
async def test_a_handler_may_end_its_own_connection(world: World) -> None:
    async def hang_up(_: object, call: IncomingCall) -> dict[str, Any]:
        await session.disconnected()
        await world.sleep(1)
        finished.set()
        return {"status": "Accepted"}

    sent: list[bytes] = []
    finished = world.flag()
    async with world.session(
        Role.STATION, sender=sent.append, handlers={"Reset": hang_up}
    ) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
        await finished.wait()
        await world.settle()
        assert not session.is_connected
    assert sent == []


@in_both_worlds
async def test_no_frame_of_a_lost_connection_leaves_on_the_next(world: World) -> None:
    gate = world.flag()
    sent: list[bytes] = []

    async def blocked(data: bytes) -> None:
        await gate.wait()
        sent.append(data)

    calls: list[IncomingCall] = []

    def defer(_: object, call: IncomingCall) -> Any:
        calls.append(call)
        return DEFERRED

    async with world.session(Role.STATION, sender=blocked, handlers={"Reset": defer}) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
        await session.received(b'[2,"r2","Reset",{"type":"Soft"}]')
        being_sent = world.start(calls[0].reply, {"status": "Accepted"})
        await world.settle()
        waiting = world.start(calls[1].reply, {"status": "Accepted"})
        await world.settle()
        await session.disconnected()
        errors = [await caught(being_sent.result()), await caught(waiting.result())]
        assert [error.was_sent for error in errors if isinstance(error, ConnectionLost)] == [
            True,
            False,
        ]
        await session.connected("ocpp1.6")
        gate.set()
        await session.received(b'[2,"x","ClearCache",{}]')
        await world.settle()
    assert [frame[1] for frame in sent_by(sent)] == ["x"]


# --- the sender ---------------------------------------------------------------------------------


@in_both_worlds
async def test_what_the_sender_raises_reaches_its_caller_and_the_slot_stays_taken(
    world: World,
) -> None:
    sent: list[bytes] = []

    def break_once(data: bytes) -> None:
        sent.append(data)
        if len(sent) == 1:
            raise OSError("broken pipe")

    async with world.session(Role.STATION, sender=break_once) as session:
        await session.connected("ocpp1.6")
        error = await caught(session.call("Heartbeat", {}, timeout=3))
        assert isinstance(error, OSError)
        start = world.now()
        assert session.connection.outstanding_call  # nobody knows whether it left
        assert isinstance(await caught(session.call("Heartbeat", {}, timeout=1)), CallTimeout)
        assert world.now() - start == pytest.approx(4)
        assert len(sent) == 2


@pytest.mark.parametrize("world", ["asyncio", "trio"])
def test_an_answer_that_cannot_be_sent_is_logged_and_the_next_one_sent(
    world: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        sent: list[bytes] = []
        after: list[str] = []

        async def break_once(data: bytes) -> None:
            await world.sleep(1)
            sent.append(data)
            if len(sent) == 1:
                raise OSError("broken pipe")

        handlers = Handlers({"Reset": accept_reset})
        handlers.after("*")(lambda _, call: after.append(call.message_id))
        async with world.session(Role.STATION, sender=break_once, handlers=handlers) as session:
            await session.connected("ocpp1.6")
            await session.received(RESET)
            await session.received(b'[2,"r2","Reset",{"type":"Soft"}]')
            await world.settle()
        assert [frame[1] for frame in sent_by(sent)] == ["r", "r2"]
        assert after == ["r2"]  # "r" was never handed over

    WORLDS[world](scenario)
    assert "a CallResult could not be sent" in caplog.text


@in_both_worlds
async def test_a_sender_may_take_the_version(world: World) -> None:
    seen: list[object] = []

    def both(data: bytes, version: Version) -> None:
        seen.append(version)

    def named(data: bytes, version: object = None) -> None:
        seen.append(version)

    def other(data: bytes, text: object = "text") -> None:
        seen.append(text)

    class Sender:
        async def __call__(self, data: bytes, version: Version) -> None:
            seen.append(version)

    for sender in (both, named, other, Sender()):
        async with world.session(Role.STATION, sender=sender) as session:
            await session.connected("ocpp1.6")
            await session.received(RESET)
    assert seen == [Version.OCPP16, Version.OCPP16, "text", Version.OCPP16]


@pytest.mark.parametrize(
    "sender", [None, lambda: None, lambda a, b, c: None], ids=["none", "of nothing", "of three"]
)
@pytest.mark.parametrize("world", ["asyncio", "trio"])
def test_what_cannot_be_a_sender_is_refused_at_once(world: str, sender: Any) -> None:
    async def scenario(world: World) -> None:
        with pytest.raises(TypeError, match="a sender"):
            world.session(Role.STATION, sender=sender)

    WORLDS[world](scenario)


@in_both_worlds
async def test_frames_never_interleave_and_leave_in_order(world: World) -> None:
    """A slow sender, and many tasks that want to send."""
    sent: list[bytes] = []
    writing = False

    async def slow(data: bytes) -> None:
        nonlocal writing
        assert not writing
        writing = True
        await world.sleep(0.1)
        writing = False
        sent.append(data)

    async with world.session(Role.STATION, sender=slow) as session:
        await session.connected("ocpp2.1")
        stream = "NotifyPeriodicEventStream"
        jobs = []
        for number in range(20):
            job = world.start(session.send_unconfirmed, stream, STREAM | {"id": number})
            await world.settle()
            jobs.append(job)
        for job in jobs:
            await job.result()
    assert [frame[3]["id"] for frame in sent_by(sent)] == list(range(20))


@in_both_worlds
async def test_a_reader_that_is_cancelled_leaves_the_rest_to_be_sent(world: World) -> None:
    sent: list[bytes] = []

    async def slow(data: bytes) -> None:
        await world.sleep(1)
        sent.append(data)

    async with world.session(
        Role.STATION, sender=slow, handlers={"Reset": accept_reset}
    ) as session:
        await session.connected("ocpp1.6")
        reader = world.start(session.received, RESET)
        await world.settle()
        await session.received(b'[2,"r2","Reset",{"type":"Soft"}]')
        reader.cancel()
        await world.sleep(5)
        assert [frame[1] for frame in sent_by(sent)] == ["r2"]


@in_both_worlds
async def test_a_reply_whose_write_is_cut_short_says_so(world: World) -> None:
    calls: list[IncomingCall] = []

    async def slow(_: bytes) -> None:
        await world.sleep(1)

    def defer(_: object, call: IncomingCall) -> Any:
        calls.append(call)
        return DEFERRED

    handlers = {"Reset": defer, "ClearCache": lambda _: {"status": "Accepted"}}
    async with world.session(Role.STATION, sender=slow, handlers=handlers) as session:
        await session.connected("ocpp1.6")
        await session.received(RESET)
        reader = world.start(session.received, b'[2,"c","ClearCache",{}]')
        await world.settle()
        reply = world.start(calls[0].reply, {"status": "Accepted"})
        await world.sleep(1.5)  # the reader is now writing the reply for us
        reader.cancel()
        error = await caught(reply.result())
        assert isinstance(error, ConnectionLost)
        assert error.was_sent


@in_both_worlds
async def test_a_lost_connection_leaves_no_call_in_memory(world: World) -> None:
    async def blocked(_: bytes) -> None:
        await world.flag().wait()

    handlers = Handlers({"Reset": accept_reset})
    handlers.after("Reset")(accept_reset)
    async with world.session(Role.STATION, sender=blocked, handlers=handlers) as session:
        await session.connected("ocpp1.6")
        readers = [world.start(session.received, RESET) for _ in range(3)]
        await world.settle()
        for reader in readers:
            reader.cancel()
        await session.disconnected()
        await world.settle()
        gc.collect()
        held = [thing for thing in gc.get_objects() if isinstance(thing, IncomingCall)]
        assert [call for call in held if call.session is session] == []


@in_both_worlds
async def test_a_peer_that_calls_and_never_reads_is_not_read_from_either(world: World) -> None:
    gate = world.flag()
    sent: list[bytes] = []

    async def blocked(data: bytes) -> None:
        await gate.wait()
        sent.append(data)

    async def answer(_: object) -> v16.ResetResponse:
        return accept_reset(None)

    taken = 0

    async def read() -> None:
        nonlocal taken
        for number in range(4 * MAX_UNSENT):
            await session.received(f'[2,"r{number}","Reset",{{"type":"Soft"}}]')
            taken += 1
            await world.settle()

    async with world.session(Role.STATION, sender=blocked, handlers={"Reset": answer}) as session:
        await session.connected("ocpp1.6")
        reader = world.start(read)
        await world.sleep(1)
        assert MAX_UNSENT < taken < MAX_UNSENT + 5
        gate.set()
        await reader.result()
        await world.settle()
        assert len(sent) == 4 * MAX_UNSENT
