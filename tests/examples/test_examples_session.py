"""The examples run as they stand, as programs of their own, over real sockets on loopback."""

import asyncio
import json
import re
import urllib.request
from collections.abc import Iterator

import pytest
from example_programs import LIMIT, ROOT, Killer, authorization, run, serving, start
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from ocpp_sansio import Role, v16, v201
from ocpp_sansio.asyncio import Session
from ocpp_sansio.handlers import Handlers
from ocpp_sansio.outcomes import CallFailed


def test_the_station_boots_and_beats_at_the_csms_example() -> None:
    with serving("csms_websockets.py", "--station", "CP 1:secret", "--interval", "1") as csms:
        output = run(
            "station_websockets.py",
            *("--url", f"ws://127.0.0.1:{csms.port}/ocpp"),
            *("--identity", "CP 1", "--password", "secret", "--heartbeats", "2"),
        )
        assert [csms.line() for _ in range(3)] == [
            "CP 1: connected, ocpp1.6",  # C-2: decoded once
            "CP 1: boot of a 'Example'",
            "CP 1: gone",
        ]
    lines = output.splitlines()
    assert lines[0] == "boot: Accepted, interval 1 s"
    assert [line.split(":")[0] for line in lines[1:]] == ["heartbeat 1", "heartbeat 2"]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/ocpp/CP001", authorization(b"CP001:wrong"), 401),
        ("/ocpp/CP001", authorization(b"CP002:secret"), 401),
        ("/ocpp/CP001", {"Authorization": "Basic !"}, 401),
        ("/ocpp/CP001", {}, 401),
        ("/ocpp/CP002", authorization(b"CP002:secret"), 404),  # C-7
        ("/CP001", authorization(b"CP001:secret"), 404),
        ("/ocpp/", authorization(b":secret"), 404),
    ],
)
def test_the_csms_example_turns_strangers_away_before_the_upgrade(
    csms_port: int, path: str, headers: dict[str, str], status: int
) -> None:
    async def knock() -> int:
        try:
            async with connect(f"ws://127.0.0.1:{csms_port}{path}", additional_headers=headers):
                return 101
        except InvalidStatus as error:
            return error.response.status_code

    async def knock_in_time() -> int:
        async with asyncio.timeout(LIMIT):
            return await knock()

    assert asyncio.run(knock_in_time()) == status


@pytest.fixture(scope="module")
def csms_port() -> Iterator[int]:
    with serving("csms_websockets.py", "--station", "CP001:secret") as csms:
        yield csms.port


def test_the_csms_example_takes_the_version_that_the_station_likes_best(csms_port: int) -> None:
    async def station() -> None:
        async with connect(
            f"ws://127.0.0.1:{csms_port}/ocpp/CP001",
            subprotocols=[Subprotocol("ocpp2.0.1"), Subprotocol("ocpp1.6")],
            additional_headers=authorization(b"CP001:secret"),
        ) as websocket:
            assert websocket.subprotocol == "ocpp2.0.1"  # C-4

            async def send(data: bytes) -> None:
                await websocket.send(data, text=True)

            async def read() -> None:
                async for message in websocket:
                    await session.received(message)

            async with Session(Role.STATION, sender=send) as session:
                await session.connected(websocket.subprotocol)
                reading = asyncio.create_task(read())
                boot = v201.BootNotificationRequest(
                    reason=v201.BootReasonEnumType.POWER_UP,
                    charging_station=v201.ChargingStationType(model="m", vendor_name="v"),
                )
                assert (await session.call(boot)).interval == 30
                assert "currentTime" in await session.call("Heartbeat")
                with pytest.raises(CallFailed, match="no StatusNotification here"):
                    await session.call(
                        "StatusNotification",
                        {
                            "timestamp": "2026-01-01T12:00:00Z",
                            "connectorStatus": "Available",
                            "evseId": 1,
                            "connectorId": 1,
                        },
                    )
                await websocket.close()
                await reading

    async def in_time() -> None:
        async with asyncio.timeout(LIMIT):
            await station()

    asyncio.run(in_time())


def test_the_csms_example_hangs_up_on_a_station_without_a_common_version(csms_port: int) -> None:
    """C-5, to the letter of the specification; the station says so and ends."""

    async def knock() -> int | None:
        async with (
            asyncio.timeout(LIMIT),
            connect(
                f"ws://127.0.0.1:{csms_port}/ocpp/CP001",
                subprotocols=[Subprotocol("ocpp1.5")],
                additional_headers=authorization(b"CP001:secret"),
            ) as websocket,
        ):
            assert websocket.subprotocol is None
            await websocket.wait_closed()
            return websocket.close_code

    assert asyncio.run(knock()) == 1002


def test_the_starlette_example_serves_a_station_and_http() -> None:
    with serving("csms_starlette.py") as csms:
        with start(
            "station_websockets.py",
            *("--url", f"ws://127.0.0.1:{csms.port}/ocpp", "--identity", "CP001"),
        ) as station:
            killer = Killer(station)
            try:
                assert csms.line() == "CP001: boot of a 'Example'"
                base = f"http://127.0.0.1:{csms.port}"
                with urllib.request.urlopen(f"{base}/stations", timeout=LIMIT) as answer:
                    assert answer.read() == b'["CP001"]'
                request = urllib.request.Request(f"{base}/stations/CP001/reset", method="POST")
                with urllib.request.urlopen(request, timeout=LIMIT) as answer:
                    assert answer.read() == b'{"status":"Accepted"}'
                output, _ = station.communicate(timeout=LIMIT)  # a reset station hangs up
            finally:
                killer.cancel()
                station.kill()
        assert output.splitlines()[-1] == "reset: hanging up"
        assert station.returncode == 0


def test_the_threads_example_needs_no_event_loop() -> None:
    output = run("threads.py", "--heartbeats", "3")
    assert [line.split(",")[0] for line in output.splitlines()] == [
        f"station: heartbeat {number}" for number in (1, 2, 3)
    ]
    source = (ROOT / "examples" / "threads.py").read_text()
    assert not re.search(r"^(import|from) (asyncio|trio)", source, re.MULTILINE)


def test_the_station_example_answers_trigger_message_and_then_beats() -> None:
    """A-15."""

    async def main() -> list[object]:
        seen: list[object] = []

        async def serve_station(websocket: ServerConnection) -> None:
            assert websocket.subprotocol

            async def send(data: bytes) -> None:
                await websocket.send(data, text=True)

            def boot(_: object) -> dict[str, object]:
                return {"status": "Accepted", "currentTime": "2026-01-01T12:00:00Z", "interval": 9}

            def beat(_: object) -> dict[str, object]:
                return {"currentTime": "2026-01-01T12:00:00Z"}

            async def trigger(_: object) -> None:
                trigger = v16.MessageTrigger
                for message in (trigger.HEARTBEAT, trigger.METER_VALUES):
                    request = v16.TriggerMessageRequest(requested_message=message)
                    await session.call(request)
                hard = v16.ResetRequest(type=v16.ResetType.HARD)
                await session.call(hard)
                soft = v16.ResetRequest(type=v16.ResetType.SOFT)
                await session.call(soft)

            handlers = Handlers({"BootNotification": boot, "Heartbeat": beat})
            handlers.after("BootNotification")(trigger)
            async with Session(Role.CSMS, sender=send, handlers=handlers) as session:
                await session.connected(websocket.subprotocol)
                async for message in websocket:
                    _, _, action_or_answer, *_ = json.loads(message)
                    seen.append(action_or_answer)  # in the order of the wire
                    await session.received(message)

        async with serve(
            serve_station, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp1.6")]
        ) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            await asyncio.to_thread(
                run, "station_websockets.py", "--url", f"ws://127.0.0.1:{port}/ocpp"
            )
        return seen

    seen = asyncio.run(main())
    accepted, rejected = {"status": "Accepted"}, {"status": "Rejected"}
    unserved = {"status": "NotImplemented"}
    assert seen[:2] == ["BootNotification", accepted]  # to TriggerMessage, and only then:
    assert "Heartbeat" in seen[2:]
    assert [item for item in seen[2:] if item != "Heartbeat"] == [unserved, rejected, accepted]
