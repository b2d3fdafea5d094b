"""`examples/fleet` in one process over a `MemoryBus`. tests/fleet/test_fleet_example.py runs the programs."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from bus_worlds import until

from examples.fleet.api import MAX_BODY, make_app
from examples.fleet.billing import Ledger, make_worker
from examples.fleet.gateway import VERSIONS, health_of, make_gateway
from ocpp_sansio import v16, v201
from ocpp_sansio.asyncio import NetSession, connect, serve
from ocpp_sansio.fleet import FleetConfig, Gateway, MemoryBus
from ocpp_sansio.handlers import CallRejected

PATIENCE = 20.0
QUICK = FleetConfig(probe_after=0.1)
ODD = "a/b.*> 😀"


class Site:
    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.bus = MemoryBus()
        self.ports: dict[str, int] = {}
        self.gateways: dict[str, Gateway] = {}

    async def start(self) -> None:
        await self._stack.enter_async_context(self.bus)
        transport = httpx.ASGITransport(make_app(self.bus, QUICK))
        client = httpx.AsyncClient(transport=transport, base_url="http://api")
        self.api = await self._stack.enter_async_context(client)
        for name in ("G1", "G2"):
            gateway = make_gateway(self.bus, name)
            await self._stack.enter_async_context(gateway)
            server = await self._stack.enter_async_context(
                serve(
                    gateway.on_station,
                    "127.0.0.1",
                    0,
                    versions=VERSIONS,
                    handlers=gateway.handlers,
                    http=health_of(self.bus, gateway),
                )
            )
            self.gateways[name], self.ports[name] = gateway, server.port

    async def station(
        self, identity: str, at: str, version: str = "ocpp1.6", **options: Any
    ) -> NetSession[Any]:
        url = f"ws://127.0.0.1:{self.ports[at]}"
        session = await self._stack.enter_async_context(
            connect(url, identity=identity, versions=[version], **options)
        )
        gateway = self.gateways[at]
        await until(lambda: identity in gateway.sessions and not gateway.claims_waiting)
        return session

    async def post(self, path: str, body: object = b"{}") -> tuple[int, dict[str, Any]]:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = await self.api.post(path, content=content)
        return answer.status_code, answer.json()

    async def get(self, path: str) -> tuple[int, dict[str, Any]]:
        answer = await self.api.get(path)
        return answer.status_code, answer.json()


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    async with asyncio.timeout(PATIENCE), AsyncExitStack() as stack:
        here = Site(stack)
        await here.start()
        yield here


def test_the_api_calls_a_station_at_either_gateway_and_says_what_came_of_it() -> None:
    may_answer = asyncio.Event()
    asked = asyncio.Event()

    async def unlock(_: v16.UnlockConnectorRequest) -> v16.UnlockConnectorResponse:
        asked.set()
        await may_answer.wait()
        return v16.UnlockConnectorResponse(status=v16.UnlockStatus.UNLOCKED)

    def reset(request: v16.ResetRequest) -> v16.ResetResponse:
        if request.type is v16.ResetType.HARD:
            raise CallRejected("GenericError", "not now", {"for": "1.50"})
        return v16.ResetResponse(status=v16.ResetStatus.ACCEPTED)

    def profile(_: Any) -> dict[str, Any]:
        period = {"startPeriod": 0, "limit": Decimal("16.10")}
        schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [period]}
        return {"status": "Accepted", "chargingSchedule": schedule}

    stubborn: dict[Any, Any] = {
        v16.ResetRequest: reset,
        v16.UnlockConnectorRequest: unlock,
        "GetCompositeSchedule": profile,
    }

    async def run() -> None:
        async with site() as here:
            await here.station("CP001", "G1", handlers=stubborn)
            await here.station(ODD, "G2", handlers=stubborn)
            for name in ("CP001", quote(ODD, safe="")):
                soft = await here.post(f"/stations/{name}/Reset", {"type": "Soft"})
                assert soft == (200, {"status": "Accepted"})
                status, body = await here.post(f"/stations/{name}/Reset", {"type": "Hard"})
                assert (status, body["error"], body["code"], body["details"]) == (
                    502,
                    "CallFailed",
                    "GenericError",
                    {"for": "1.50"},
                )
            wanted = {"connectorId": 1, "duration": 60}
            exact = await here.api.post("/stations/CP001/GetCompositeSchedule", json=wanted)
            assert b'"limit":16.10' in exact.content

            slow = "/stations/CP001/UnlockConnector?timeout=0.05"
            status, body = await here.post(slow, {"connectorId": 1})
            assert (status, body["error"]) == (504, "CallTimeout")
            may_answer.set()
            may_answer.clear()

            for path, content, status, text in (
                ("/stations/CP001/Rest", b"{}", 422, "perhaps 'Reset'"),
                ("/stations/CP001/Reset", b'{"type":"Sft"}', 422, "instead of one of"),
                ("/stations/CP001/Reset?timeout=0", b"{}", 400, "from 0.001 to 120"),
                ("/stations/CP001/Reset?wait=x", b"{}", 400, "number of seconds"),
                ("/stations/CP001/Reset?timeout=nan", b"{}", 400, "number of seconds"),
                ("/stations/CP001/Reset", b"{", 400, "no JSON"),
                ("/stations/CP001/Reset", b"[]", 400, "no JSON object"),
                ("/stations/CP001/Reset", b"\xff", 400, "no JSON"),
                ("/stations/CP001/Reset", b" " * (MAX_BODY + 1), 413, "bytes"),
                ("/stations/CP009/Reset", b'{"type":"Soft"}', 404, "no gateway"),
                (f"/stations/{'x' * 256}/Reset", b"{}", 400, "1 to 255 bytes"),
            ):
                got, body = await here.post(path, content)
                assert (got, text in body["text"]) == (status, True), (path, body)

            asked.clear()
            path = "/stations/CP001/UnlockConnector"
            waiting = asyncio.ensure_future(here.api.post(path, json={"connectorId": 1}))
            await asked.wait()
            here.bus.interrupt()
            lost = await waiting
            assert (lost.status_code, lost.json()["was_sent"]) == (503, True)
            away = await here.api.post("/stations/CP001/Reset", json={"type": "Soft"})
            assert (away.status_code, away.json()["error"], away.json()["was_sent"]) == (
                503,
                "FleetUnavailable",
                False,
            )
            assert away.headers["Retry-After"] == "1"
            assert (await here.get("/health"))[0] == 503
            url = f"http://127.0.0.1:{here.ports['G1']}"
            async with httpx.AsyncClient(base_url=url, trust_env=False) as plain:
                health = await plain.get("/health")
                assert (health.status_code, health.json()) == (
                    200,
                    {"gateway": "G1", "broker": False, "stations": 1, "owned": 0},
                )
                assert (await plain.get("/else")).status_code == 426
            may_answer.set()

    asyncio.run(run())


def test_the_api_finds_stations_and_lists_them_in_pages() -> None:
    async def run() -> None:
        async with site() as here:
            identities = [f"CP{number:03d}" for number in range(5)] + [ODD]
            for number, identity in enumerate(identities):
                await here.station(identity, ("G1", "G2")[number % 2])
            assert (await here.get("/stations/nobody"))[0] == 404
            status, where = await here.get(f"/stations/{quote(ODD, safe='')}")
            assert (status, where["gateway"], where["connected"]) == (200, "G2", True)

            found: list[str] = []
            after, pages = "", 0
            while after is not None:
                status, page = await here.get(f"/stations?limit=2&after={quote(after)}")
                assert status == 200
                found += [each["identity"] for each in page["stations"]]
                after, pages = page["next"], pages + 1
            assert sorted(found) == sorted(identities)
            assert pages == 4  # that the third was the last is known when nothing comes behind it
            for wrong in ("0", "x", "-1", "1001", "9" * 5000, "²"):
                assert (await here.get(f"/stations?limit={quote(wrong)}"))[0] == 400
            assert (await here.get("/stations?after=%20/"))[0] == 400

    asyncio.run(run())


NOW = datetime(2026, 1, 1, tzinfo=UTC)


def event(
    kind: str, number: int, wh: float, unit: str | None = None
) -> v201.TransactionEventRequest:
    of = v201.UnitOfMeasureType(unit=unit) if unit else None
    sample = v201.SampledValueType(value=Decimal(str(wh)), unit_of_measure=of)
    return v201.TransactionEventRequest(
        event_type=v201.TransactionEventEnumType(kind),
        timestamp=NOW,
        trigger_reason=v201.TriggerReasonEnumType.CABLE_PLUGGED_IN,
        seq_no=number,
        transaction_info=v201.TransactionType(transaction_id="T1"),
        meter_value=[v201.MeterValueType(timestamp=NOW, sampled_value=[sample])],
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_charge_is_billed_once_whatever_comes_twice_or_out_of_order(seed: int) -> None:
    chance = random.Random(seed)
    ledger = Ledger(":memory:")
    start = v16.StartTransactionRequest(connector_id=1, id_tag="A", meter_start=100, timestamp=NOW)
    numbers = {each: ledger.start(each, start) for each in ("CP1", "CP2", "CP1")}
    assert len(set(numbers.values())) == 2
    told: list[tuple[str, Any]] = []
    for station, number in numbers.items():
        stop = v16.StopTransactionRequest(transaction_id=number, meter_stop=7600, timestamp=NOW)
        told.append((station, stop))
    told += [("CP3", event("Started", 0, 0.5, "kWh")), ("CP3", event("Updated", 1, 3000))]
    told += [("CP3", event("Ended", 2, 8000.0))]
    told *= 3
    chance.shuffle(told)
    bills = sum(
        ledger.event(station, each)
        if isinstance(each, v201.TransactionEventRequest)
        else ledger.stop(station, each)
        for station, each in told
    )
    assert bills == 3
    assert sorted(ledger.bills()) == [(f"CP{n}", 7500, 300) for n in (1, 2, 3)]
    ledger.close()


def test_what_ends_a_charge_is_stored_while_there_is_no_worker_and_billed_when_there_is() -> None:
    async def run() -> None:
        async with site() as here:
            ledger = Ledger(":memory:")
            start = v16.StartTransactionRequest(
                connector_id=1, id_tag="A", meter_start=0, timestamp=NOW
            )
            old, new = (
                await here.station("CP001", "G1"),
                await here.station("CP002", "G2", version="ocpp2.0.1"),
            )
            async with make_worker(here.bus, ledger):
                authorized = await old.call(v16.AuthorizeRequest(id_tag="A"))
                assert authorized.id_tag_info.status is v16.AuthorizationStatus.ACCEPTED
                token = v201.IdTokenType(id_token="A", type=v201.IdTokenEnumType.ISO14443)
                known = await new.call(v201.AuthorizeRequest(id_token=token))
                assert known.id_token_info.status is v201.AuthorizationStatusEnumType.ACCEPTED
                begun = await old.call(start)
                again = await old.call(start)
                assert again.transaction_id == begun.transaction_id
            stop = v16.StopTransactionRequest(
                transaction_id=begun.transaction_id, meter_stop=1000, timestamp=NOW
            )
            for _ in range(2):  # under another message id: no stream knows that it is the same
                await old.call(stop)
            await new.call(event("Started", 0, 0))
            await new.call(event("Ended", 1, 1000))
            async with make_worker(here.bus, ledger):
                await until(lambda: len(ledger.bills()) == 2)
            assert sorted(ledger.bills()) == [("CP001", 1000, 40), ("CP002", 1000, 40)]
            ledger.close()

    asyncio.run(run())
