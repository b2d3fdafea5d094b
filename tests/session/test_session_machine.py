"""Two sessions under the rules of `PeersMachine`, in both worlds, with handlers and tasks that misbehave."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from session_machine import SessionsMachine
from worlds import WORLDS

from ocpp_sansio import (
    CallAborted,
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Role,
    Version,
)
from ocpp_sansio.session import SessionBase
from ocpp_sansio.testing import RuleBroken

MANY = settings(max_examples=max(30, settings().max_examples // 3), stateful_step_count=40)
# Enough for the rarest deed whatever hypothesis draws, which follows the constants of all loaded modules.
EVEN_MORE = settings(MANY, max_examples=max(300, settings().max_examples))
FIND = settings(
    max_examples=300, stateful_step_count=25, phases=[Phase.generate], report_multiple_bugs=False
)

in_each_world = pytest.mark.parametrize("world", WORLDS)


def machine(world: str, version: Version, base: type[SessionsMachine] = SessionsMachine) -> Any:
    return type("Machine", (base,), {"world": world, "version": version})


@in_each_world
@pytest.mark.parametrize("version", [Version.OCPP16, Version.OCPP201], ids=str)
def test_two_sessions_keep_every_rule_whatever_their_handlers_and_callers_do(
    world: str, version: Version
) -> None:
    run_state_machine_as_test(machine(world, version), settings=MANY)


@pytest.mark.slow
@in_each_world
def test_so_do_two_of_2_1_where_the_machine_gets_everywhere(world: str) -> None:
    seen, deeds = set(), set()

    class Watched(SessionsMachine):
        def noticed(self, role: Role, event: Any) -> None:
            seen.add(type(event))
            deeds.update(self.peer(role).deeds)

    run_state_machine_as_test(machine(world, Version.OCPP21, Watched), settings=EVEN_MORE)

    assert seen == {
        *(CallReceived, CallResultReceived, CallErrorReceived),
        *(CallResultRejected, CallTimedOut, CallAborted),
    }
    assert deeds == {
        *("return", "reply", "twice", "defer", "answers late", "gives up", "takes back"),
        *("raises", "is cancelled", "returns nonsense", "returns what is invalid"),
    }


def never_ends(session: Any) -> None:
    async def ignore() -> None: ...

    session.disconnected = ignore


def is_deaf_to_errors(session: Any) -> None:
    received = session.received

    async def half_deaf(message: bytes | str) -> None:
        if not str(message).startswith(("b'[4", "[4")):
            await received(message)

    session.received = half_deaf


def hears_all_twice(session: Any) -> None:
    received = session.received

    async def receive_twice(message: bytes | str) -> None:
        await received(message)
        await received(message)

    session.received = receive_twice


def waits_as_it_likes(session: Any) -> None:
    send_call = session.send_call

    async def patient(request: Any, *, timeout: float | None) -> Any:
        return await send_call(request, timeout=timeout and timeout + 1)

    session.send_call = patient


@in_each_world
@pytest.mark.parametrize(
    "fault", [never_ends, is_deaf_to_errors, hears_all_twice, waits_as_it_likes]
)
def test_the_machine_finds_what_is_wrong_with_a_broken_session(
    world: str, fault: Callable[[Any], None]
) -> None:
    class Broken(SessionsMachine):
        def spoil(self, session: SessionBase) -> None:
            fault(session)

    with pytest.raises(RuleBroken):
        run_state_machine_as_test(machine(world, Version.OCPP21, Broken), settings=FIND)
