"""A gateway in a process of its own: tells its port, and serves until it is killed.

python gateway_process.py nats://127.0.0.1:4222 NAME
"""

import asyncio
import sys

from ocpp_sansio import v16
from ocpp_sansio.asyncio import serve
from ocpp_sansio.fleet import Gateway, NatsBus
from ocpp_sansio.handlers import Handlers

csms = Handlers()


@csms.on(v16.HeartbeatRequest)
def answer_heartbeat(_: v16.HeartbeatRequest) -> dict[str, str]:
    return {"currentTime": "2026-01-01T00:00:00Z"}


async def main(url: str, name: str) -> None:
    async with (
        NatsBus(url) as bus,
        Gateway(bus, name=name, handlers=csms) as gateway,
        serve(
            gateway.on_station, "127.0.0.1", 0, versions=["ocpp1.6"], handlers=gateway.handlers
        ) as server,
    ):
        print(server.port, flush=True)  # noqa: T201 - it is what the test waits for
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
