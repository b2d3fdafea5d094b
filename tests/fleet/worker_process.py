"""A worker in a process of its own: tells each event that it serves, until it is killed.

python worker_process.py '{"url": "nats://127.0.0.1:4222"}'
"""

import asyncio
import json
import sys
from typing import Any

import uvloop

from ocpp_sansio import v16
from ocpp_sansio.fleet import FleetConfig, NatsBus, Worker
from ocpp_sansio.handlers import Handlers


async def main(
    *, url: str, work: float, stop_at: str, config: dict[str, Any], bus: dict[str, Any]
) -> None:
    handlers = Handlers[Any]()

    @handlers.on(v16.DataTransferRequest)
    async def answer(request: v16.DataTransferRequest) -> v16.DataTransferResponse:
        say(f"served {request.data}")
        await asyncio.sleep(work)
        return v16.DataTransferResponse(status=v16.DataTransferStatus.ACCEPTED)

    @handlers.on(v16.MeterValuesRequest)
    async def take(request: v16.MeterValuesRequest, call: Any) -> v16.MeterValuesResponse:
        again = "again" if call.session.is_redelivered else "first"
        say(f"took {request.connector_id} {again}")
        if str(request.connector_id) == stop_at:
            await asyncio.Event().wait()  # until we are killed
        await asyncio.sleep(work)
        return v16.MeterValuesResponse()

    settings = FleetConfig(**config)
    async with (
        NatsBus(url, **bus) as connected,
        Worker(connected, handlers, group="all", config=settings),
    ):
        say("here")
        await asyncio.Event().wait()


def say(what: object) -> None:
    print(what, flush=True)  # noqa: T201 - it is what the test waits for


if __name__ == "__main__":
    defaults: dict[str, Any] = {"work": 0.0, "stop_at": "", "config": {}, "bus": {}}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(**{**defaults, **json.loads(sys.argv[1])}))
