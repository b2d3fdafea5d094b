"""A charging station of 1.6 and 2.0.1 that loses no charge: `ChargingStation` and `SqliteStore` on `connect`.

    python examples/station.py --url ws://localhost:9000/ocpp --identity CP001 --store outbox.db

It boots, tells the status of its two connectors, charges at the first for some seconds, online or not, and
ends when the CSMS has it all; with `--stay` it goes on, for remote starts, until Ctrl-C. It obeys triggers,
its configuration can be changed, its meters are read on time. A charge that a power cut has interrupted is
ended at the next start. What is left to this program: the contactor, the meter, and who may charge.
"""

import argparse
import asyncio
import random
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import uuid4

from ocpp_sansio import Request, Version, v16, v201
from ocpp_sansio.asyncio import NetSession, connect
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.handlers import Handlers
from ocpp_sansio.station import (
    ENERGY,
    BootReason,
    ChargingStation,
    ConfigurationStore,
    ConnectorStatus,
    Deauthorized,
    IdToken,
    KeyChanged,
    RemoteStart,
    RemoteStop,
    Sample,
    SecurityEvent,
    StopReason,
)
from ocpp_sansio.stores import SqliteStore

KEYS = {
    "ConnectionTimeOut": "60",
    "HeartbeatInterval": "300",
    "MeterValueSampleInterval": "60",
    "MeterValuesSampledData": f"{ENERGY},Power.Active.Import",
    "ClockAlignedDataInterval": "900",
    "MeterValuesAlignedData": ENERGY,
    "StopTxnSampledData": ENERGY,
    "StopTxnAlignedData": "",
    "MinimumStatusDuration": "0",
    "NumberOfConnectors": "2",
    "SupportedFeatureProfiles": "Core,RemoteTrigger",
    "TransactionMessageAttempts": "3",
    "TransactionMessageRetryInterval": "60",
    "WebSocketPingInterval": "30",
}
"""What this station is made with; what the CSMS changes is kept in the store, and counts from then on."""


def boot(version: Version, reason: BootReason) -> Request[Any]:
    """Say who we are."""
    if version is Version.OCPP16:
        return v16.BootNotificationRequest(charge_point_vendor="Sans-IO", charge_point_model="Two")
    return v201.BootNotificationRequest(
        reason=v201.BootReasonEnumType(reason),
        charging_station=v201.ChargingStationType(vendor_name="Sans-IO", model="Two"),
    )


class Meter:
    """The meters: 7,200 kW as long as a contactor is closed, so that a demonstration sees some energy."""

    POWER = 7_200_000

    def __init__(self, kept: dict[str, str]) -> None:
        self._registers = {each: float(kept.get(f"register.{each}", 0)) for each in (1, 2)}
        self._closed_at: dict[int, float] = {}

    def switch(self, connector: int, *, is_on: bool) -> None:
        """Close or open the contactor."""
        self._registers[connector] = self.register(connector)
        self._closed_at.pop(connector, None)
        if is_on:
            self._closed_at[connector] = asyncio.get_running_loop().time()

    def register(self, connector: int) -> float:
        """Return the Wh that have passed since the meter was made."""
        now = asyncio.get_running_loop().time()
        seconds = now - self._closed_at.get(connector, now)
        return self._registers[connector] + seconds * self.POWER / 3600

    def read(self, connector: int, _: tuple[str, ...]) -> Iterable[Sample]:
        """Return all that there is to see; what is not wanted is left out."""
        yield Sample(int(self.register(connector)))
        power = self.POWER if connector in self._closed_at else 0
        yield Sample(power, "Power.Active.Import", "W")


class Box:
    """The station's two connectors, and what becomes of charges at them."""

    def __init__(self, store: SqliteStore) -> None:
        restored = store.load()
        self.meter = Meter(dict(restored.values))
        self.station = ChargingStation(
            boot,
            random=random.random,
            read_meter=self.meter.read,
            connectors=2,
            configuration=ConfigurationStore(KEYS, stored=restored.values),
            version=Version.OCPP16,
            restored=restored,
        )
        self.handlers = Handlers[Any]()
        self.handlers.when(RemoteStart)(self.start_remotely)
        self.handlers.when(RemoteStop)(
            lambda event, session: self.end(session, event.transaction, StopReason.REMOTE)
        )
        self.handlers.when(Deauthorized)(
            lambda event, session: self.end(session, event.transaction, StopReason.DE_AUTHORIZED)
        )
        self.handlers.when(KeyChanged)(lambda event: print("configured:", event.key, event.value))
        self.charges: dict[str, int] = {}

    async def start_remotely(self, event: RemoteStart, session: NetSession) -> None:
        """Begin what the CSMS wants; a station that asks who may charge would do so here."""
        await self.begin(session, event.connector, event.id_token, event.remote_start_id)

    async def begin(
        self, session: NetSession, connector: int, token: IdToken, number: int | None = None
    ) -> str:
        """Begin a charge: no current flows before its start is on the medium."""
        key = str(uuid4())
        session.act(self.station.start, key, connector, token, remote_start_id=number)
        await session.stored()
        self.charges[key] = connector
        self.meter.switch(connector, is_on=True)
        session.act(self.station.set_status, connector, ConnectorStatus.CHARGING)
        print("charging at", connector)
        return key

    async def end(self, session: NetSession, key: str, reason: StopReason) -> None:
        """End a charge, also one of which only the store knew."""
        connector = self.charges.pop(key, None)
        if connector is not None:
            self.meter.switch(connector, is_on=False)
            session.act(self.station.set_status, connector, ConnectorStatus.AVAILABLE)
            register = self.meter.register(connector)
            session.act(self.station.keep, f"register.{connector}", f"{register:.1f}")
        session.act(self.station.stop, key, reason)
        await session.stored()
        print("ended:", reason.value)


async def run(options: argparse.Namespace) -> None:
    """Charge once, and see it delivered."""
    with SqliteStore(options.store) as store:
        box = Box(store)
        async with connect(
            options.url,
            identity=options.identity,
            versions=["ocpp1.6", "ocpp2.0.1"],
            reconnect=Backoff(),
            handlers=box.handlers,
            station=box.station,
            store=store,
        ) as session:
            for interrupted in box.station.interrupted:
                await box.end(session, interrupted.key, StopReason.POWER_LOSS)
            if options.seconds:
                key = await box.begin(session, 1, IdToken("04E1"))
                await asyncio.sleep(options.seconds)
                if key in box.charges:  # else it was ended from afar
                    await box.end(session, key, StopReason.EV_DISCONNECTED)
            await session.registered()
            print("boot:", box.station.registration)
            session.act(box.station.report_security, SecurityEvent.STARTUP_OF_THE_DEVICE)
            if options.stay:
                await session.wait_closed()
            await session.delivered()
            print("all is delivered")


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description="A charging station that loses no charge.")
    parser.add_argument("--url", default="ws://localhost:9000/ocpp")
    parser.add_argument("--identity", default="CP001")
    parser.add_argument("--store", default="outbox.db")
    parser.add_argument(
        "--seconds", type=float, default=2.0, help="how long to charge; 0: not at all"
    )
    parser.add_argument("--stay", action="store_true", help="go on, for remote starts")
    with suppress(KeyboardInterrupt):
        asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
