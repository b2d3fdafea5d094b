"""`Handlers` by itself: registration, lookup, and what it refuses."""

from functools import partial
from typing import Any

import pytest
from worlds import WORLDS, World

from ocpp_sansio import ErrorCode, Request, Response, Role, Unconfirmed, Version, v16, v21, v201
from ocpp_sansio.handlers import CallRejected, Handler, Handlers


def serve(_: object) -> dict[str, Any]:
    return {}


def nothing(_: object) -> None: ...


def test_a_handler_of_a_class_serves_its_version_only() -> None:
    handlers = Handlers()
    handlers.on(v16.ResetRequest)(serve)
    found = handlers.find(Version.OCPP16, "Reset")
    assert found
    assert found.function is serve
    assert handlers.find(Version.OCPP21, "Reset") is None
    assert handlers.find(Version.OCPP16, "ClearCache") is None


def test_the_class_comes_before_the_name_and_the_name_before_the_fallback() -> None:
    functions: list[Any] = [lambda _: {}, lambda _: {}, lambda _: {}]
    handlers = Handlers({"*": functions[0], "Reset": functions[1], v201.ResetRequest: functions[2]})

    def found(version: Version, action: str) -> object:
        handler = handlers.find(version, action)
        assert handler
        return functions.index(handler.function)

    assert found(Version.OCPP201, "Reset") == 2
    assert found(Version.OCPP16, "Reset") == 1
    assert found(Version.OCPP201, "ClearCache") == 0
    assert handlers.names == {"*", "Reset"}


def test_a_decorator_returns_the_function_itself() -> None:
    handlers = Handlers()
    assert handlers.on("Reset")(serve) is serve
    assert handlers.on(v16.ResetRequest)(serve) is serve
    assert handlers.on(v21.NotifyPeriodicEventStream)(nothing) is nothing
    assert handlers.after("Reset")(serve) is serve


@pytest.mark.parametrize("action", ["Reset", "*", v16.ResetRequest])
def test_an_action_has_one_handler(action: Any) -> None:
    handlers = Handlers({action: serve})
    with pytest.raises(ValueError, match="has a handler already"):
        handlers.on(action)(serve)


@pytest.mark.parametrize(
    "action",
    [
        None,
        3,
        "",
        v16.ResetResponse,
        Request,
        Unconfirmed,
        Response,
        serve,
        v16.ResetType.SOFT.__class__,
    ],
)
def test_what_is_no_action_is_refused(action: Any) -> None:
    with pytest.raises(TypeError, match="action"):
        Handlers().on(action)
    with pytest.raises(TypeError, match="action"):
        Handlers().after(action)


def test_a_forgotten_pair_of_parentheses_is_explained() -> None:
    with pytest.raises(TypeError, match=r"decorate with @handlers\.on\(\.\.\.\)"):
        Handlers().on(serve)  # type: ignore[call-overload]


def test_a_send_has_no_after() -> None:
    text = r"^NotifyPeriodicEventStream is a SEND: it has no answer to run after$"
    with pytest.raises(TypeError, match=text):
        Handlers().after(v21.NotifyPeriodicEventStream)  # type: ignore[type-var]


def no_parameter() -> None: ...


def three(a: object, b: object, c: object) -> None: ...


def keyword(a: object, *, b: object) -> None: ...


@pytest.mark.parametrize("function", [None, "Reset", no_parameter, three, keyword])
def test_what_cannot_be_a_handler_is_refused_at_registration(function: Any) -> None:
    with pytest.raises(TypeError):
        Handlers().on("Reset")(function)
    with pytest.raises(TypeError):
        Handlers().after("Reset")(function)
    with pytest.raises(TypeError):
        Handlers({"Reset": function})


class Station:
    def one(self, _: object) -> None: ...

    async def two(self, _: object, __: object) -> None: ...

    async def __call__(self, _: object) -> None: ...


def two(a: object, b: object) -> None: ...


def optional(a: object, b: object = None) -> None: ...


def keyword_of_its_own(a: object, *, own: int = 1) -> None: ...


def third_of_its_own(a: object, b: object, own: int = 1) -> None: ...


def one_with_a_default(a: object = None) -> None: ...


def own_before_variadic(a: object, own: int = 1, *others: object) -> None: ...


def own_after_the_call(a: object, b: object, own: int = 1, *others: object) -> None: ...


def variadic(*_: object) -> None: ...


@pytest.mark.parametrize(
    ("function", "takes_call", "is_async"),
    [
        (serve, False, False),
        (two, True, False),
        (optional, False, False),
        (keyword_of_its_own, False, False),
        (third_of_its_own, True, False),
        (one_with_a_default, False, False),
        (own_before_variadic, False, False),
        (own_after_the_call, True, False),
        (variadic, True, False),
        (Station().one, False, False),
        (Station().two, True, True),
        (Station(), False, True),
        (partial(two, 1), False, False),
        (partial(three, 1), True, False),
        ([].append, False, False),
        (dict, False, False),
    ],
    ids=[
        "function",
        "two",
        "optional",
        "keyword of its own",
        "third of its own",
        "one with a default",
        "own before variadic",
        "own after the call",
        "variadic",
        "method",
        "coroutine method",
        "object",
        "partial of two",
        "partial of three",
        "built-in",
        "class",
    ],
)
def test_what_a_handler_takes_is_found_out_at_registration(
    function: Any, *, takes_call: bool, is_async: bool
) -> None:
    handler = Handler.of(function)
    assert (handler.takes_call, handler.is_async) == (takes_call, is_async)


def test_after_handlers_gather_and_the_fallback_serves_the_rest() -> None:
    handlers = Handlers()
    assert handlers.find_after(Version.OCPP16, "Reset") == ()
    handlers.after("Reset")(serve)
    handlers.after(v16.ResetRequest)(two)
    handlers.after("Reset")(optional)
    handlers.after("*")(variadic)

    def found(version: Version, action: str) -> list[object]:
        return [handler.function for handler in handlers.find_after(version, action)]

    assert found(Version.OCPP16, "Reset") == [two, serve, optional]
    assert found(Version.OCPP21, "Reset") == [serve, optional]
    assert found(Version.OCPP16, "ClearCache") == [variadic]


def test_a_rejection_takes_a_code_or_its_name() -> None:
    assert CallRejected("NotSupported").code is ErrorCode.NOT_SUPPORTED
    assert CallRejected(ErrorCode.NOT_SUPPORTED).code is ErrorCode.NOT_SUPPORTED
    with pytest.raises(ValueError, match="Nope"):
        CallRejected("Nope")


def test_a_default_of_a_handlers_own_stays_what_it_was() -> None:
    sent: list[bytes] = []
    answers: dict[str, Any] = {}
    for status in ("Accepted", "Rejected"):
        answers[status] = lambda _, status=status: {"status": status}

    async def scenario(world: World) -> None:
        for handler in answers.values():
            async with world.session(
                Role.STATION, sender=sent.append, handlers={"Reset": handler}
            ) as session:
                await session.connected("ocpp1.6")
                await session.received('[2,"r","Reset",{"type":"Soft"}]')

    WORLDS["asyncio"](scenario)
    assert sent == [b'[3,"r",{"status":"%b"}]' % status.encode() for status in answers]
