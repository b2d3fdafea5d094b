"""`Hooks` by itself: names, order, and what `around` does."""

import asyncio
from typing import Any

import pytest

from ocpp_sansio import Role
from ocpp_sansio.asyncio import Session
from ocpp_sansio.hooks import HookInfo, Hooks, Veto

SESSION = Session(Role.CSMS, sender=lambda _: None)
INFO = HookInfo(hook="send_ws_msg", direction="out", data=b"[]", session=SESSION, version=None)


def test_a_name_that_is_none_of_the_eight_is_refused() -> None:
    hooks = Hooks()
    for register in (hooks.before, hooks.after):
        with pytest.raises(ValueError, match="message_received, execute_call_handler"):
            register("messageReceived")  # type: ignore[arg-type]


def test_only_steps_with_a_hook_are_active() -> None:
    hooks = Hooks()
    assert not hooks.active
    hooks.before("send_call")(print)
    hooks.after("send_ws_msg")(print)
    assert hooks.active == {"send_call", "send_ws_msg"}


def test_a_decorator_returns_the_function_itself() -> None:
    def hook(*_: object) -> None: ...

    assert Hooks().before("send_call")(hook) is hook
    assert Hooks().after("send_call")(hook) is hook


def complain(text: str, *_: object, exc_info: Exception) -> None:
    raise AssertionError(text) from exc_info


def test_hooks_run_in_the_order_of_registration_around_the_step() -> None:
    hooks = Hooks()
    log: list[Any] = []
    hooks.before("send_ws_msg")(lambda _: log.append("first"))
    hooks.before("send_ws_msg")(lambda _: log.append("second"))
    hooks.after("send_ws_msg")(lambda _, result: log.append(("third", result)))
    hooks.after("send_ws_msg")(lambda _, result: log.append(("fourth", result)))

    async def step() -> str:
        log.append("step")
        return "result"

    assert asyncio.run(hooks.around(INFO, step, complain)) == "result"
    assert log == ["first", "second", "step", ("third", "result"), ("fourth", "result")]


def test_a_veto_skips_the_step_and_everything_else() -> None:
    hooks = Hooks()
    log: list[str] = []

    @hooks.before("send_ws_msg")
    def veto(_: HookInfo) -> None:
        raise Veto("no")

    hooks.before("send_ws_msg")(lambda _: log.append("second"))
    hooks.after("send_ws_msg")(lambda _, __: log.append("after"))

    async def step() -> None:
        log.append("step")

    with pytest.raises(Veto, match="no"):
        asyncio.run(hooks.around(INFO, step, complain))
    assert log == []
