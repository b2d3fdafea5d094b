"""A handler registered by class gets its class, in every mode, or is not called; who wants more says so."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from worlds import World, in_both_worlds, sent_by

from ocpp_sansio import Config, JsonObject, Role, Validation, v16, v21
from ocpp_sansio.handlers import Handlers, IncomingCall
from ocpp_sansio.outcomes import InvalidResult

STATUS: dict[str, Any] = {"connectorId": 1, "errorCode": "", "status": "Available"}
RELAXED = [Validation.LENIENT, Validation.OFF]


def call(action: str, payload: object, kind: int = 2) -> str:
    return json.dumps([kind, "1", action, payload])


async def heard(
    world: World, handlers: Handlers, mode: Validation, message: str, version: str = "ocpp1.6"
) -> list[Any]:
    """Return what a CSMS with these handlers answers."""
    sent: list[bytes] = []
    config = Config(validation=mode)
    async with world.session(
        Role.CSMS, sender=sent.append, handlers=handlers, config=config
    ) as session:
        await session.connected(version)
        await session.received(message)
        await world.settle()
    return sent_by(sent)


def keeping(seen: list[Any]) -> Callable[[Any, IncomingCall], JsonObject]:
    """Return a handler that keeps what it gets."""

    def keep(request: Any, call: IncomingCall) -> JsonObject:
        seen.append((request, call))
        return {}

    return keep


@in_both_worlds
async def test_a_handler_of_a_class_gets_it_with_what_came_beside_it(world: World) -> None:
    for mode in RELAXED:
        seen: list[Any] = []
        handlers = Handlers({v16.StatusNotificationRequest: keeping(seen)})
        message = call("StatusNotification", STATUS | {"extra": [1.50]})
        assert await heard(world, handlers, mode, message) == [[3, "1", {}]]
        ((request, incoming),) = seen
        assert type(request) is v16.StatusNotificationRequest
        assert (request.error_code, request.connector_id) == ("", 1)
        assert incoming.raw == json.loads(message)[3]
        assert incoming.data == message.encode()


@in_both_worlds
async def test_without_its_class_it_is_not_called_and_the_call_is_refused_as_in_strict(
    world: World,
) -> None:
    answers = []
    for mode in Validation:
        handlers = Handlers()
        seen: list[Any] = []
        for action in (v16.StatusNotificationRequest, v16.AuthorizeRequest):
            handlers.on(action)(keeping(seen))
            handlers.after(action)(keeping(seen))
        broken = STATUS | {"status": None, "connectorId": []}
        answers.append(await heard(world, handlers, mode, call("StatusNotification", broken)))
        assert seen == []
    strict, *others = answers
    assert strict[0][:3] == [4, "1", "TypeConstraintViolation"]
    assert others == [strict, strict]


@in_both_worlds
async def test_who_says_so_gets_json_objects_too(world: World) -> None:
    for mode in RELAXED:
        handlers = Handlers()
        seen: list[Any] = []
        after: list[Any] = []
        after_class: list[Any] = []
        action = v16.StatusNotificationRequest
        handlers.on(action, objects=True)(keeping(seen))
        handlers.after(action, objects=True)(keeping(after))
        handlers.after(action)(keeping(after_class))
        assert await heard(world, handlers, mode, call("StatusNotification", {})) == [[3, "1", {}]]
        assert [request for request, _ in seen + after] == [{}, {}]
        assert after_class == []
        await heard(world, handlers, mode, call("StatusNotification", STATUS))
        for kept in (seen, after, after_class):
            assert isinstance(kept[-1][0], action)


@in_both_worlds
async def test_a_handler_by_name_gets_either(world: World) -> None:
    for name in ("StatusNotification", "*"):
        seen: list[Any] = []
        handlers = Handlers({name: keeping(seen)})
        for payload in (STATUS, {}):
            message = call("StatusNotification", payload)
            assert await heard(world, handlers, Validation.LENIENT, message) == [[3, "1", {}]]
        assert isinstance(seen[0][0], v16.StatusNotificationRequest)
        assert seen[1][0] == {}


@in_both_worlds
async def test_a_send_that_cannot_be_typed_reaches_no_handler_of_its_class(world: World) -> None:
    for objects in (False, True):
        handlers = Handlers()
        seen: list[Any] = []
        handlers.on(v21.NotifyPeriodicEventStream, objects=objects)(seen.append)
        message = call("NotifyPeriodicEventStream", {"id": 1}, kind=6)
        assert await heard(world, handlers, Validation.LENIENT, message, "ocpp2.1") == []
        assert seen == ([{"id": 1}] if objects else [])


@in_both_worlds
async def test_an_awaited_answer_is_typed_or_raised(world: World) -> None:
    for mode in RELAXED:
        sent: list[bytes] = []
        config = Config(validation=mode)
        async with world.session(Role.CSMS, sender=sent.append, config=config) as session:
            await session.connected("ocpp1.6")
            for answer in (
                {"configurationKey": [{"key": "a", "readonly": 0}]},
                {"configurationKey": 7, "unknownKey": ["b"]},
            ):
                job = world.start(session.call, v16.GetConfigurationRequest())
                await world.settle()
                await session.received(json.dumps([3, sent_by(sent)[-1][1], answer]))
                response = await job.result()
                assert type(response) is v16.GetConfigurationResponse
            assert response.unknown_key == ["b"]
            job = world.start(session.call, v16.ResetRequest(type=v16.ResetType.SOFT))
            await world.settle()
            await session.received(json.dumps([3, sent_by(sent)[-1][1], {}]))
            with pytest.raises(InvalidResult, match="status: expected this member"):
                await job.result()
            job = world.start(session.call, "GetConfiguration", {})
            await world.settle()
            odd = {"configurationKey": [{"key": "a", "readonly": 0}], "more": 1}
            await session.received(json.dumps([3, sent_by(sent)[-1][1], odd]))
            assert await job.result() == odd  # by name, as it came
