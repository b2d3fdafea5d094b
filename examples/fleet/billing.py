"""A worker that bills each charge once, whatever comes twice, late, or out of order.

    python -m examples.fleet.billing --database billing.sqlite

Authorize and StartTransaction are answered here while the station waits. What ends a charge, StopTransaction
of 1.6 and TransactionEvent of 2.0.1, was stored by the broker before the station had its answer, and comes at
least once: what says so, and the bill, are written in one transaction.
"""

import argparse
import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from examples.fleet.common import bus_of, when_stopped
from ocpp_sansio import Request, v16, v201
from ocpp_sansio.fleet import Bus, Worker
from ocpp_sansio.handlers import Handlers, IncomingCall
from ocpp_sansio.repetition import idempotency_key

CENTS_PER_KWH = 40
ALIVE_EVERY = 5.0
"""Seconds between two signs of life."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS heard (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS charges (
  number INTEGER PRIMARY KEY AUTOINCREMENT,  -- of 1.6 the transactionId
  station TEXT NOT NULL,
  name TEXT NOT NULL,                        -- of 2.0.1 the transactionId
  began_at INTEGER,                          -- both in Wh
  ended_at INTEGER,
  UNIQUE (station, name)
);
CREATE TABLE IF NOT EXISTS bills (
  charge INTEGER PRIMARY KEY REFERENCES charges,
  station TEXT NOT NULL,
  wh INTEGER NOT NULL,
  cents INTEGER NOT NULL
);
"""


class Ledger:
    """Charges and bills, in an SQLite file. Blocks for a moment: one disk flush a message."""

    def __init__(self, path: Path | str) -> None:
        self._database = sqlite3.connect(path)
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def start(self, station: str, request: v16.StartTransactionRequest) -> int:
        """Return the transactionId of a charge of 1.6: the same when it is told again."""
        name = _key(station, request)
        with self._database:
            self._note(station, name, "began_at", request.meter_start)
        return self._number(station, name)

    def stop(self, station: str, request: v16.StopTransactionRequest) -> bool:
        """End a charge of 1.6; return whether this has made a bill."""
        with self._database:
            if not self._is_new(station, request):
                return False
            self._database.execute(
                "UPDATE charges SET ended_at = ? WHERE number = ? AND station = ?",
                (request.meter_stop, request.transaction_id, station),
            )
            return self._bill(station, request.transaction_id)

    def event(self, station: str, request: v201.TransactionEventRequest) -> bool:
        """Take what 2.0.1 says of a charge, in whatever order; return whether this has made a bill."""
        column = _COLUMNS.get(request.event_type)
        meter = _read_meter(request.meter_value or ())
        if column is None or meter is None:
            return False
        name = request.transaction_info.transaction_id
        with self._database:
            if not self._is_new(station, request):
                return False
            self._note(station, name, column, meter)
            return self._bill(station, self._number(station, name))

    def bills(self) -> list[tuple[str, int, int]]:
        """Return all bills: station, Wh, cents."""
        return self._database.execute("SELECT station, wh, cents FROM bills").fetchall()

    def _is_new(self, station: str, request: Request[Any]) -> bool:
        """Note a message as heard; return whether it was not before."""
        text = "INSERT OR IGNORE INTO heard VALUES (?)"
        return self._database.execute(text, (_key(station, request),)).rowcount == 1

    def _note(self, station: str, name: str, column: str, meter: int) -> None:
        text = "INSERT OR IGNORE INTO charges (station, name) VALUES (?, ?)"
        self._database.execute(text, (station, name))
        text = f"UPDATE charges SET {column} = ? WHERE station = ? AND name = ?"  # noqa: S608
        self._database.execute(text, (meter, station, name))

    def _number(self, station: str, name: str) -> int:
        text = "SELECT number FROM charges WHERE station = ? AND name = ?"
        (number,) = self._database.execute(text, (station, name)).fetchone()
        return int(number)

    def _bill(self, station: str, number: int) -> bool:
        """Bill a charge, if all is known of it; each has one bill."""
        made = self._database.execute(
            "INSERT OR IGNORE INTO bills SELECT number, station, ended_at - began_at,"
            " (ended_at - began_at) * ? / 1000 FROM charges"
            " WHERE number = ? AND station = ? AND ended_at >= began_at",
            (CENTS_PER_KWH, number, station),
        )
        return made.rowcount == 1


_COLUMNS = {
    v201.TransactionEventEnumType.STARTED: "began_at",
    v201.TransactionEventEnumType.ENDED: "ended_at",
}


def _key(station: str, request: Request[Any]) -> str:
    """Return what all repetitions of a message have in common, and no other message has."""
    return json.dumps([station, *(idempotency_key(request) or ())], default=str)


def _read_meter(values: Sequence[v201.MeterValueType]) -> int | None:
    """Return the last reading of the energy register, in Wh."""
    register = v201.MeasurandEnumType.ENERGY_ACTIVE_IMPORT_REGISTER
    for value in reversed([sample for each in values for sample in each.sampled_value]):
        if value.measurand in {None, register} and value.phase is None:
            unit = value.unit_of_measure
            exponent = (unit.multiplier or 0) if unit else 0
            if unit and unit.unit == "kWh":
                exponent += 3
            return int(value.value.scaleb(exponent))
    return None


def make_handlers(ledger: Ledger) -> Handlers[Any]:
    """Return what answers the stations."""
    accepted = v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED)
    handlers = Handlers({"MeterValues": lambda _: {}})

    @handlers.on(v16.AuthorizeRequest)
    def authorize(_: v16.AuthorizeRequest) -> v16.AuthorizeResponse:
        return v16.AuthorizeResponse(id_tag_info=accepted)

    @handlers.on(v201.AuthorizeRequest)
    def authorize_201(_: v201.AuthorizeRequest) -> v201.AuthorizeResponse:
        status = v201.AuthorizationStatusEnumType.ACCEPTED
        return v201.AuthorizeResponse(id_token_info=v201.IdTokenInfoType(status=status))

    @handlers.on(v16.StartTransactionRequest)
    def start(
        request: v16.StartTransactionRequest, call: IncomingCall[Any]
    ) -> v16.StartTransactionResponse:
        number = ledger.start(call.session.identity or "", request)
        return v16.StartTransactionResponse(transaction_id=number, id_tag_info=accepted)

    @handlers.on(v16.StopTransactionRequest)
    def stop(
        request: v16.StopTransactionRequest, call: IncomingCall[Any]
    ) -> v16.StopTransactionResponse:
        identity = call.session.identity or ""
        report(identity, is_bill=ledger.stop(identity, request))
        return v16.StopTransactionResponse()

    @handlers.on(v201.TransactionEventRequest)
    def event(
        request: v201.TransactionEventRequest, call: IncomingCall[Any]
    ) -> v201.TransactionEventResponse:
        identity = call.session.identity or ""
        report(identity, is_bill=ledger.event(identity, request))
        return v201.TransactionEventResponse()

    def report(identity: str, *, is_bill: bool) -> None:
        if is_bill:
            print(
                f"billing: {identity!a} is billed: {len(ledger.bills())} bills in all", flush=True
            )

    return handlers


def make_worker(bus: Bus, ledger: Ledger) -> Worker:
    """Make the worker: all of the group share one ledger."""
    return Worker(bus, make_handlers(ledger), group="billing")


async def main(database: Path, alive: Path | None) -> None:
    """Work until stopped; touch the file `alive` from time to time while the broker is there."""
    stopped = when_stopped()
    ledger = Ledger(database)
    async with bus_of("worker") as bus, make_worker(bus, ledger):
        print(f"billing: into {database}", flush=True)
        while not stopped.is_set():
            if alive and bus.is_connected:
                alive.touch()  # noqa: ASYNC240 - as quick as the ledger
            with suppress(TimeoutError):
                async with asyncio.timeout(ALIVE_EVERY):
                    await stopped.wait()
    ledger.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", type=Path, default=Path("billing.sqlite"))
    parser.add_argument("--alive", type=Path, help="a file for health checks: see compose.yaml")
    asyncio.run(main(**vars(parser.parse_args())))
