"""A station in a process of its own, on `connect` and a `SqliteStore`, that says what it does; to be killed.

    python charging_process.py URL STORE METER RUN

It ends what an earlier kill has interrupted, charges twice, and says "done" when the CSMS has it all. METER
is the energy meter: a file that counts whatever becomes of the process, as the one behind a seal does.
"""

import asyncio
import os
import random
import sys
from datetime import datetime, timedelta
from typing import Any

from charging import SESSIONS, START, boot

from ocpp_sansio import v16
from ocpp_sansio.asyncio import NetSession, connect
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.handlers import Handlers
from ocpp_sansio.hooks import HookInfo, Hooks
from ocpp_sansio.station import Delivered, Station, StationSettings
from ocpp_sansio.stores import SqliteStore

PARTS = (3, 4, 5)
"""Wh that flow before the first reading, the second, and the end."""
AT_ONCE = Backoff(wait_minimum=0.0, random_range=0.02, repeat_times=0)


class Meter:
    """Counts what flows, in a file of eight bytes."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    @property
    def wh(self) -> int:
        return int.from_bytes(os.pread(self._file, 8, 0), "big")

    def count(self, wh: int) -> None:
        os.pwrite(self._file, (self.wh + wh).to_bytes(8, "big"), 0)


class Charger:
    """The application of one run."""

    def __init__(self, station: Station, session: NetSession, meter: Meter, run: int) -> None:
        self.station = station
        self.session = session
        self.meter = meter
        self.run = run
        self.posted = 0

    async def work(self, all_delivered: asyncio.Event) -> None:
        for left in self.station.open_transactions:
            if not left.is_ended:
                await self.stop(left.key)
        for number in range(SESSIONS):
            await self.charge(f"{self.run}-{number}")
        while self.station.queued_messages():
            all_delivered.clear()
            await all_delivered.wait()

    async def charge(self, key: str) -> None:
        wh, now = self.meter.wh, self.timestamp()
        start = v16.StartTransactionRequest(
            connector_id=1, id_tag=key, meter_start=wh, timestamp=now
        )
        await self.post(start, key, f"start {key} {wh}")
        for part in PARTS[:-1]:
            self.count(part)
            wh = self.meter.wh
            sample = v16.SampledValue(value=str(wh))
            value = v16.MeterValue(timestamp=self.timestamp(), sampled_value=[sample])
            values = v16.MeterValuesRequest(connector_id=1, meter_value=[value])
            await self.post(values, key, f"value {key} {wh}")
        self.count(PARTS[-1])
        await self.stop(key)

    def count(self, part: int) -> None:
        self.meter.count(part)
        say(f"flowed {part}")

    async def stop(self, key: str) -> None:
        wh, now = self.meter.wh, self.timestamp()
        stop = v16.StopTransactionRequest(
            transaction_id=0, id_tag=key, meter_stop=wh, timestamp=now
        )
        await self.post(stop, key, f"stop {key} {wh}")

    async def post(self, request: Any, key: str, promise: str) -> None:
        await self.session.post(request, transaction=key)
        say(f"stored {promise}")

    def timestamp(self) -> datetime:
        self.posted += 1
        return START + timedelta(days=self.run, seconds=self.posted)


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def main(url: str, store_path: str, meter_path: str, run: int) -> None:
    handlers, hooks = Handlers(), Hooks()
    all_delivered = asyncio.Event()

    @hooks.before("send_ws_msg")
    def sending(info: HookInfo) -> None:
        say(f"sends {info.action}")

    @handlers.when(Delivered)
    def delivered(event: Delivered) -> None:
        say(f"delivered {event.record.action}")
        all_delivered.set()

    with SqliteStore(store_path) as store:
        station = Station(
            boot,
            random=random.random,
            restored=store.load(),
            settings=StationSettings(heartbeat_interval=0),
        )
        async with connect(
            url,
            identity="CP001",
            versions=["ocpp1.6"],
            handlers=handlers,
            hooks=hooks,
            reconnect=AT_ONCE,
            station=station,
            store=store,
        ) as session:
            await Charger(station, session, Meter(meter_path), run).work(all_delivered)
            say("done")


if __name__ == "__main__":
    _, address, store_file, meter_file, number_of_run = sys.argv
    asyncio.run(main(address, store_file, meter_file, int(number_of_run)))
