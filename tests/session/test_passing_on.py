"""A session between a peer and who calls it passes messages on; only their ids are exchanged."""

import json
from typing import Any

import pytest
from worlds import World, caught, connected_pair, in_both_worlds

from ocpp_sansio import LocalProtocolError
from ocpp_sansio.handlers import CallRejected
from ocpp_sansio.outcomes import CallTimeout, ConnectionLost, InvalidResult, NotConnected


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
