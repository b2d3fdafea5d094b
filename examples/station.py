"""A charging station of 1.6 and 2.0.1 that loses no charge: `Station` and `SqliteStore` on `connect`.

    python examples/station.py --url ws://localhost:9000/ocpp --identity CP001 --store outbox.db

It boots, tells its status, charges once, and ends when the CSMS has it all. A charge that a power cut has
interrupted is ended at the next start. It obeys TriggerMessage.
"""

import argparse
import asyncio
import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from ocpp_sansio import Request, Version, v16, v201
from ocpp_sansio.asyncio import NetSession, connect
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.handlers import Handlers, IncomingCall
from ocpp_sansio.station import (
    BootReason,
    Delivered,
    OpenTransaction,
    Station,
    StatusBoard,
    StatusScope,
    StatusWanted,
    TriggerRouter,
)
from ocpp_sansio.stores import SqliteStore

TRIGGERS = TriggerRouter({"StatusNotification"}, evses={1: 1})
handlers = Handlers()


def boot(version: Version, reason: BootReason) -> Request[Any]:
    """Say who we are."""
    if version is Version.OCPP16:
        return v16.BootNotificationRequest(charge_point_vendor="Sans-IO", charge_point_model="One")
    return v201.BootNotificationRequest(
        reason=v201.BootReasonEnumType(reason),
        charging_station=v201.ChargingStationType(vendor_name="Sans-IO", model="One"),
    )


class Connector:
    """The one connector: its status, and the messages of a charge in either version."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.board = StatusBoard()
        self.meter = 0
        self.set("Available")

    def set(self, status: str) -> None:
        """Note the status, in the words of 1.6."""
        self.board.set(1, status, now=asyncio.get_running_loop().time())

    async def tell(self, session: Any) -> None:
        """Tell the CSMS what it has not been told."""
        for report in self.board.take(now=asyncio.get_running_loop().time()):
            status = str(report.status)
            if session.version is Version.OCPP16:
                await session.call(
                    v16.StatusNotificationRequest(
                        connector_id=1,
                        error_code=v16.ChargePointErrorCode.NO_ERROR,
                        status=v16.ChargePointStatus(status),
                    )
                )
            else:
                word = "Available" if status == "Available" else "Occupied"
                await session.call(
                    v201.StatusNotificationRequest(
                        timestamp=datetime.now(UTC),
                        connector_status=v201.ConnectorStatusEnumType(word),
                        evse_id=1,
                        connector_id=1,
                    )
                )

    async def begin(self, session: NetSession, id_tag: str) -> str:
        """Post the start of a charge; return its key."""
        key, now = str(uuid4()), datetime.now(UTC)
        if session.version is Version.OCPP16:
            start = v16.StartTransactionRequest(
                connector_id=1, id_tag=id_tag, meter_start=self.meter, timestamp=now
            )
            await session.post(start, transaction=key)
        else:
            kind = v201.TransactionEventEnumType.STARTED
            await session.post(self.event(key, kind, v201.TriggerReasonEnumType.CABLE_PLUGGED_IN))
        return key

    async def end(self, session: NetSession, charge: OpenTransaction) -> None:
        """Post the end of a charge."""
        if charge.version is Version.OCPP16:
            stop = v16.StopTransactionRequest(
                transaction_id=0, meter_stop=self.meter, timestamp=datetime.now(UTC)
            )
            await session.post(stop, transaction=charge.key)
        else:
            kind = v201.TransactionEventEnumType.ENDED
            await session.post(self.event(charge.key, kind, v201.TriggerReasonEnumType.EV_DEPARTED))

    def event(
        self, key: str, kind: v201.TransactionEventEnumType, why: v201.TriggerReasonEnumType
    ) -> v201.TransactionEventRequest:
        """Return the next TransactionEvent of a charge."""
        reading = v201.MeterValueType(
            timestamp=datetime.now(UTC),
            sampled_value=[v201.SampledValueType(value=Decimal(self.meter))],
        )
        return v201.TransactionEventRequest(
            event_type=kind,
            timestamp=datetime.now(UTC),
            trigger_reason=why,
            seq_no=self.station.next_seq_no(key),
            transaction_info=v201.TransactionType(transaction_id=key),
            evse=v201.EVSEType(id=1, connector_id=1),
            meter_value=[reading],
        )


@handlers.on("TriggerMessage")
def trigger(request: Any, call: IncomingCall) -> Any:
    """Answer; what is asked for follows."""
    version = call.session.version or Version.OCPP16
    return TRIGGERS.route(version, "TriggerMessage", request).answer


async def run(options: argparse.Namespace) -> None:
    """Charge once, and see it delivered."""
    with SqliteStore(options.store) as store:
        station = Station(boot, random=random.random, restored=store.load())
        connector = Connector(station)

        delivered = asyncio.Event()

        @handlers.when(Delivered)
        def note_delivery(_: Delivered) -> None:
            if not station.queued_messages():
                delivered.set()

        @handlers.when(StatusWanted)
        async def tell(event: StatusWanted, session: Any) -> None:
            connector.board.want(event.scope)
            await connector.tell(session)

        @handlers.after("TriggerMessage")
        async def tell_again(_: Any, call: IncomingCall) -> None:
            connector.board.want(StatusScope.ALL)
            await connector.tell(call.session)

        async with connect(
            options.url,
            identity=options.identity,
            versions=["ocpp1.6", "ocpp2.0.1"],
            reconnect=Backoff(),
            handlers=handlers,
            station=station,
            store=store,
        ) as session:
            for interrupted in station.open_transactions:
                if not interrupted.is_ended:
                    print("ending", interrupted.key)
                    await connector.end(session, interrupted)
            await session.registered()
            print("boot:", station.registration)
            connector.set("Charging")
            key = await connector.begin(session, "04E1")
            await connector.tell(session)
            connector.meter += 900
            (charge,) = (each for each in station.open_transactions if each.key == key)
            await connector.end(session, charge)
            connector.set("Available")
            await connector.tell(session)
            if station.queued_messages():
                delivered.clear()
                await delivered.wait()
            print("charged and billed:", connector.meter, "Wh")


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description="A charging station that loses no charge.")
    parser.add_argument("--url", default="ws://localhost:9000/ocpp")
    parser.add_argument("--identity", default="CP001")
    parser.add_argument("--store", default="outbox.db")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
