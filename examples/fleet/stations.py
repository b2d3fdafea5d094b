"""Stations of 1.6 to try the fleet with: each charges, waits, and charges again.

    python -m examples.fleet.stations ws://127.0.0.1:9001 ws://127.0.0.1:9002

They go to the next gateway when theirs is gone, and lose no charge on the way.
"""

import argparse
import asyncio
import random
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from examples.fleet.common import when_stopped
from ocpp_sansio import Version, v16
from ocpp_sansio.asyncio import NetSession, connect
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.net import Endpoint
from ocpp_sansio.station import BootReason, Station
from ocpp_sansio.stores import MemoryStore

WH_PER_CHARGE = 7_500
CHANCE = random.SystemRandom()


def boot(_: Version, __: BootReason) -> v16.BootNotificationRequest:
    """Say who we are."""
    return v16.BootNotificationRequest(charge_point_vendor="Sans-IO", charge_point_model="Fleet")


def reset(_: v16.ResetRequest) -> v16.ResetResponse:
    """Obey, or say so."""
    return v16.ResetResponse(status=v16.ResetStatus.ACCEPTED)


async def charge_for_ever(session: NetSession[Any], pause: float) -> None:
    """Charge, again and again; what cannot be told now is told later."""
    meter = 0
    while True:
        await asyncio.sleep(pause * CHANCE.uniform(0.5, 1.5))
        key = str(uuid4())
        start = v16.StartTransactionRequest(
            connector_id=1, id_tag="04E1", meter_start=meter, timestamp=datetime.now(UTC)
        )
        await session.post(start, transaction=key)
        await asyncio.sleep(pause * CHANCE.uniform(0.5, 1.5))
        meter += WH_PER_CHARGE
        stop = v16.StopTransactionRequest(
            transaction_id=0, meter_stop=meter, timestamp=datetime.now(UTC)
        )
        await session.post(stop, transaction=key)


async def main(urls: list[str], count: int, pause: float) -> None:
    """Charge until stopped."""
    stopped = when_stopped()
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        chargers = []
        for number in range(count):
            first = number % len(urls)
            session = await stack.enter_async_context(
                connect(
                    [Endpoint(url, attempts=1) for url in urls[first:] + urls[:first]],
                    identity=f"CP{number + 1:03d}",
                    versions=["ocpp1.6"],
                    handlers={v16.ResetRequest: reset},
                    reconnect=Backoff(wait_minimum=0.5, random_range=1.0, repeat_times=2),
                    station=Station(boot, random=CHANCE.random),
                    store=MemoryStore(),
                )
            )
            chargers.append(tasks.create_task(charge_for_ever(session, pause)))
        print(f"stations: {count} of them", flush=True)
        await stopped.wait()
        for charger in chargers:
            charger.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("urls", nargs="+", help="of all gateways")
    parser.add_argument("--count", type=int, default=3)
    parser.add_argument("--pause", type=float, default=5.0, help="seconds, on average")
    asyncio.run(main(**vars(parser.parse_args())))
