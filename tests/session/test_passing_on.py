"""A session between a peer and who calls it passes messages on; only their ids are exchanged."""

import json
from typing import Any

import pytest
from worlds import World, caught, connected_pair, in_both_worlds

from ocpp_sansio import LocalProtocolError, Role, SendReceived
from ocpp_sansio.handlers import DEFERRED, CallRejected, Handlers, IncomingCall
from ocpp_sansio.hooks import Hooks
from ocpp_sansio.outcomes import (
    CallFailed,
    CallTimeout,
    ConnectionLost,
    InvalidResult,
    NotConnected,
)
from ocpp_sansio.registration import Registration


def frame(action: str, payload: str = "{}") -> bytes:
    return f'[2,"theirs","{action}",{payload}]'.encode()


@in_both_worlds
async def test_a_call_and_its_answer_pass_through_as_they_are(world: World) -> None:
    async def trigger(payload: Any) -> Any:  # noqa: ARG001
        raise CallRejected("GenericError", "no", {"x": 1})

    handlers: dict[Any, Any] = {
        "Vendor": lambda payload: {"got": payload},
        "TriggerMessage": trigger,
    }
    async with connected_pair(world, station={"handlers": handlers}) as (_, csms):
        answer = await csms.forward(frame("Vendor", '{"n": 1.50}'))
        assert answer == b'[3,"theirs",{"got":{"n":1.50}}]'
        refused = await csms.forward(frame("TriggerMessage", '{"requestedMessage":"Heartbeat"}'))
        assert json.loads(refused) == [4, "theirs", "GenericError", "no", {"x": 1}]
        assert isinstance(await caught(csms.forward(b"[3]")), LocalProtocolError)


@in_both_worlds
async def test_a_function_can_take_the_answer_of_what_is_passed_on(world: World) -> None:
    async def wait(payload: Any) -> Any:  # noqa: ARG001
        await world.sleep(60)

    def fail(outcome: Any) -> None:
        taken.append(outcome)
        raise ValueError("its own business")

    taken: list[Any] = []
    handlers: dict[Any, Any] = {"Vendor": lambda payload: payload, "ClearCache": wait}
    async with connected_pair(world, station={"handlers": handlers}) as (_, csms):
        csms.begin_forward(frame("Vendor", '{"n": 1.50}'), fail)
        csms.begin_forward(frame("Reset", '{"type":"Hard"}'), taken.append)
        await world.settle()
        assert taken[0] == b'[3,"theirs",{"n":1.50}]'
        assert json.loads(taken[1])[:3] == [4, "theirs", "NotSupported"]
        csms.begin_forward(frame("ClearCache"), taken.append, timeout=2)
        csms.begin_forward(frame("ClearCache"), taken.append)
        await world.sleep(3)
        assert isinstance(taken[2], CallTimeout)
        call = csms.connection.outstanding_call
        assert call
        await csms.received(json.dumps([3, call.message_id, []]))
        assert json.loads(taken[3].data) == [3, "theirs", []]
        with pytest.raises(LocalProtocolError):
            csms.begin_forward(b"[3]", taken.append)
        csms.begin_forward(frame("ClearCache"), taken.append)
        await csms.disconnected()
        assert isinstance(taken[4], ConnectionLost)
        with pytest.raises(NotConnected):
            csms.begin_forward(frame("Vendor"), taken.append)
        assert len(taken) == 5


@in_both_worlds
async def test_a_call_that_is_passed_on_waits_its_turn_and_has_its_timeout(world: World) -> None:
    async def never(payload: Any) -> Any:  # noqa: ARG001
        await world.sleep(60)

    async with connected_pair(world, station={"handlers": {"Vendor": never}}) as (_, csms):
        calls = [world.start(caught, csms.forward(frame("Vendor"), timeout=2)) for _ in range(2)]
        await world.settle()
        assert len(csms.connection.queued_calls) == 1
        await csms.wait_free()
        assert world.now() == pytest.approx(4, abs=0.1)
        assert [type(await call.result()) for call in calls] == [CallTimeout, CallTimeout]
        await csms.wait_free()


@in_both_worlds
async def test_an_answer_that_is_none_comes_under_the_id_of_who_asked(world: World) -> None:
    never = world.flag()

    async def wait(payload: Any) -> Any:  # noqa: ARG001
        await never.wait()

    async with connected_pair(world, station={"handlers": {"Vendor": wait}}) as (_, csms):
        call = world.start(caught, csms.forward(frame("Vendor")))
        await world.settle()
        assert csms.connection.outstanding_call
        ours = csms.connection.outstanding_call.message_id
        await csms.received(json.dumps([3, ours, []]))
        error = await call.result()
        assert isinstance(error, InvalidResult)
        assert json.loads(error.data) == [3, "theirs", []]


NOW = "2026-01-01T00:00:00Z"
BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}


def put_off(calls: list[IncomingCall[Any]]) -> Any:
    def handle(_: object, call: IncomingCall[Any]) -> Any:
        calls.append(call)
        return DEFERRED

    return handle


@in_both_worlds
async def test_an_answer_of_somebody_else_s_is_passed_on_by_a_plain_function(world: World) -> None:
    calls: list[IncomingCall[Any]] = []
    kept: dict[str, Registration] = {}
    answered: list[Any] = []
    handlers = Handlers({"*": put_off(calls)})

    @handlers.after("BootNotification")
    def follow(_: object, call: IncomingCall[Any]) -> None:
        answered.append(call.answer)

    csms = {"handlers": handlers, "registrations": kept, "identity": "CP001"}
    async with connected_pair(world, csms=csms) as (station, _):
        boots = world.start(station.call, "BootNotification", BOOT)
        await world.settle()
        (call,) = calls
        with pytest.raises(LocalProtocolError, match=r"\$\.status: expected this member"):
            call.forward_answer(b'[3,"theirs",{"currentTime":"%b"}]' % NOW.encode())
        body = f'{{"status":"Accepted","currentTime":"{NOW}","interval":60}}'
        call.forward_answer(b'[3,"theirs",%b]' % body.encode())
        assert kept == {"CP001": Registration.ACCEPTED}
        assert (await boots.result())["status"] == "Accepted"
        await world.settle()
        assert answered == [call.answer] != [None]
        with pytest.raises(LocalProtocolError, match="not waiting"):
            call.forward_answer(b'[4,"","InternalError","",{}]')
        beats = world.start(caught, station.call("Heartbeat"))
        await world.settle()
        calls[1].forward_answer(b'[4,"theirs","SecurityError","no",{}]')
        refused = await beats.result()
        assert isinstance(refused, CallFailed)
        assert (refused.code, refused.description) == ("SecurityError", "no")


@in_both_worlds
async def test_an_answer_that_is_passed_on_has_its_hooks_and_its_turn_with_a_slow_sender(
    world: World,
) -> None:
    calls: list[IncomingCall[Any]] = []
    sent: list[Any] = []
    hooks = Hooks()

    @hooks.before("send_call_respond")
    def note(info: Any) -> None:
        sent.append((info.action, info.message_id))

    async def slowly(data: bytes) -> None:
        await world.sleep(1)
        sent.append(json.loads(data)[1])

    for given in (Hooks(), hooks):
        options: dict[str, Any] = {"handlers": {"Heartbeat": put_off(calls)}, "hooks": given}
        async with world.session(Role.CSMS, sender=slowly, **options) as near:
            await near.connected("ocpp1.6")
            for number in (1, 2):
                await near.received(f'[2,"{number}","Heartbeat",{{}}]')
            await world.settle()
            for call in calls:
                call.forward_answer(b'[3,"",{"currentTime":"%b"}]' % NOW.encode())
            assert sent == []
            await world.sleep(3)
            wanted: list[Any] = ["1", "2"]
            if given is hooks:
                wanted = [("Heartbeat", "1"), "1", ("Heartbeat", "2"), "2"]
            assert sent == wanted
            calls.clear()
            sent.clear()


@in_both_worlds
async def test_a_message_that_is_never_answered_is_not_by_somebody_else_either(
    world: World,
) -> None:
    async with connected_pair(world) as (_, csms):
        call: IncomingCall[Any] = IncomingCall(SendReceived("Vendor", {}, "7"), csms)
        with pytest.raises(LocalProtocolError, match="came as a SEND"):
            call.forward_answer(b'[3,"",{}]')


@in_both_worlds
async def test_a_transport_that_asks_for_patience_has_the_answers_of_others_all_the_same(
    world: World,
) -> None:
    calls: list[IncomingCall[Any]] = []
    sent: list[bytes] = []
    room = world.flag()

    class Patience:
        def __await__(self) -> Any:
            return room.wait().__await__()

    def send(data: bytes) -> Patience:
        sent.append(data)
        return Patience()

    handlers = {"Heartbeat": put_off(calls)}
    async with world.session(Role.CSMS, sender=print, handlers=handlers) as near:
        near._frame_queue.use_sender(send, suspends=False)
        await near.connected("ocpp1.6")
        for number in (1, 2, 3):
            await near.received(f'[2,"{number}","Heartbeat",{{}}]')
        for call in calls[:2]:
            call.forward_answer(b'[3,"",{"currentTime":"%b"}]' % NOW.encode())
        assert len(sent) == 2
        waits = world.start(calls[2].reply, {"currentTime": NOW})
        await world.settle()
        assert len(sent) == 3
        room.set()
        await waits.result()
