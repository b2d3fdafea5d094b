"""The `fuzz` command against peers on real sockets: it finds others' faults by itself, and none of ours."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import trio
from interop_peers import ChargePoint16, listening, on, result16, run, start
from net_worlds import AsyncioWorld, TrioWorld, World
from peers import Csms, Csms2, body
from websockets.asyncio.server import ServerConnection

from ocpp_sansio import ErrorCode, JsonObject, Version
from ocpp_sansio.__main__ import main
from ocpp_sansio.handlers import CallRejected, Handlers, IncomingCall
from ocpp_sansio.messages import catalog

BOUNDS = ["--count", "400", "--rate", "1000", "--timeout", "0.4", "--seconds", "12"]


def fuzz(url: str, *options: str) -> int:
    return main(["fuzz", url, *BOUNDS, *options])


def findings(report: str) -> dict[str, str]:
    """Return what a report tells of each kind of finding, by kind."""
    parts = re.split(r"^\d+\. It (.+)\. Seen: \d+\.$", report, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


# --- the PyPI package `ocpp` on `websockets` ------------------------------------------------------------


class TheirCsms(ChargePoint16):  # type: ignore[misc]  # Any, to the type checkers
    """Answers two actions, by its own manual."""

    @on("BootNotification")  # type: ignore[untyped-decorator]
    def boot(self, **_: Any) -> Any:
        now = datetime.now(UTC).isoformat()
        return result16.BootNotification(current_time=now, interval=300, status="Accepted")

    @on("Heartbeat")  # type: ignore[untyped-decorator]
    def heartbeat(self) -> Any:
        return result16.Heartbeat(current_time=datetime.now(UTC).isoformat())


def test_it_finds_the_known_faults_of_the_package_ocpp(capsys: pytest.CaptureFixture[str]) -> None:
    async def on_station(socket: ServerConnection) -> None:
        await start(TheirCsms("CP001", socket))

    async def scenario() -> None:
        async with listening(Version.OCPP16, on_station) as url:
            assert await asyncio.to_thread(fuzz, url) == 1

    run(scenario)
    report = capsys.readouterr().out
    assert re.search(
        r"Cases: \d+ valid, 100 near miss, \d+ hostile; [\d.]+ s\.$", report, re.MULTILINE
    )
    found = findings(report)
    # E-2: 1.6 spells it FormationViolation
    assert '< [4,"n' in found["sent what is not allowed: error_code"]
    assert ',"FormatViolation",' in found["sent what is not allowed: error_code"]
    # I-1: an id that is no string is no id
    assert '> [2,5,"Heartbeat",{}]\n   < [3,5,' in found["sent what is not allowed: frame"]
    assert '> [2,5,"Heartbeat",{}]\n' in found["accepted a broken call (E-11)"]
    # F-2: what has the wrong number of elements is a call all the same, and is owed an answer (E-7)
    unanswered = found["did not answer a call (E-7, E-11)"]
    for what in ("without action and payload", "without a payload", "with a fifth element"):
        assert f"- a call {what}: " in unanswered
    closed = found["closed the connection"]
    assert re.search(r'> \[2,"b\d+",\["x"\],\{\}\]', closed)
    assert "- an array for an action: the connection was closed with code 1011" in closed
    assert not [kind for kind in found if kind.startswith("refused a valid call")]


# --- our own `serve` --------------------------------------------------------------------------------------


def serving_all(version: Version) -> Handlers:
    """Return handlers that answer everything with as little as is valid."""
    handlers = Handlers()
    speaker = Csms() if version is Version.OCPP16 else Csms2()
    speaker.version = version  # type: ignore[misc]  # of 2.1, say

    @handlers.on("*")
    async def answer(_: object, call: IncomingCall) -> JsonObject:
        action = catalog(version).get(call.action)
        if action is None or action.response is None:
            raise CallRejected(ErrorCode.NOT_IMPLEMENTED, "nobody knows that action")
        return speaker.answer(call.action, body(call.event.payload))

    return handlers


@pytest.mark.parametrize(
    ("world", "version"),
    [
        pytest.param(world, version, id=f"{world.name}-{version.value}")
        for world, version in [
            (AsyncioWorld(), Version.OCPP16),
            (TrioWorld(), Version.OCPP201),
            (AsyncioWorld(), Version.OCPP21),
            (TrioWorld(), Version.OCPP21),
        ]
    ],
)
def test_it_has_nothing_to_say_about_our_own_server(
    world: World, version: Version, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario(world: World) -> None:
        in_thread: Any = {"asyncio": asyncio.to_thread, "trio": trio.to_thread.run_sync}[world.name]
        handlers = serving_all(version)
        async with world.serve(
            None, "127.0.0.1", 0, versions=[version], handlers=handlers
        ) as server:
            await in_thread(fuzz, f"ws://127.0.0.1:{server.port}/CP001")

    world.run(scenario)
    report = capsys.readouterr().out
    assert "Nothing came back that the rules do not allow." in report, report
    assert f"as a station of {version.value}" in report
    assert "Stopped" not in report
