"""A gateway in a process of its own: tells its port, and serves until it is killed.

python gateway_process.py '{"urls": ["nats://127.0.0.1:4222"], "name": "G1"}'

SIGTERM has it send its stations away, so many a second, tell so, and end.
"""

import asyncio
import json
import signal
import sys
from typing import Any

import uvloop

from ocpp_sansio import v16
from ocpp_sansio.asyncio import serve
from ocpp_sansio.fleet import FleetConfig, Gateway, NatsBus
from ocpp_sansio.handlers import Handlers

csms = Handlers()


@csms.on(v16.HeartbeatRequest)
def answer_heartbeat(_: v16.HeartbeatRequest) -> dict[str, str]:
    return {"currentTime": "2026-01-01T00:00:00Z"}


async def main(
    *,
    urls: list[str],
    name: str,
    forward: list[str],
    durable: list[str],
    config: dict[str, Any],
    bus: dict[str, Any],
    pace: float,
) -> None:
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    events: dict[str, Any] = {"forward": forward, "durable": durable}
    async with (
        NatsBus(urls, **bus) as connected,
        Gateway(
            connected, name=name, handlers=csms, config=FleetConfig(**config), **events
        ) as gateway,
        serve(
            gateway.on_station, "127.0.0.1", 0, versions=["ocpp1.6"], handlers=gateway.handlers
        ) as server,
    ):
        say(server.port)
        await ending.wait()
        await gateway.drain(server, pace=pace)
        say("drained")


def say(what: object) -> None:
    print(what, flush=True)  # noqa: T201 - it is what the test waits for


if __name__ == "__main__":
    options = json.loads(sys.argv[1])
    loop = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    defaults: dict[str, Any] = {"forward": [], "durable": [], "config": {}, "bus": {}, "pace": 200}
    with asyncio.Runner(loop_factory=loop[options.pop("loop", "asyncio")]) as runner:
        runner.run(main(**{**defaults, **options}))
