"""The story that `fleet demo` tells, and its gateways."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ocpp_sansio import v16
from ocpp_sansio.asyncio import NetSession, connect, serve
from ocpp_sansio.core import Backoff
from ocpp_sansio.fleet import Fleet, FleetUnavailable, Gateway, NatsBus
from ocpp_sansio.net import Endpoint
from ocpp_sansio.session import ConnectionLost, NotConnected
from ocpp_sansio.testing import Broker, BrokerMissing, broker

__all__ = ["MissingPart", "run_gateway", "tell"]

STATION = "CP001"
SOON = Backoff(wait_minimum=1.0, random_range=0.1, repeat_times=0)
PATIENCE = 30.0
"""Seconds for all of it."""


class MissingPart(Exception):  # noqa: N818 - what it needs is not installed
    """What the demo needs, and how to get it."""


async def run_gateway(url: str, name: str) -> None:
    """Be a gateway; says its port, and serves until it is ended."""
    async with (
        _bus(url) as bus,
        Gateway(bus, name=name) as gateway,
        serve(
            gateway.on_station, "127.0.0.1", 0, versions=["ocpp1.6"], handlers=gateway.handlers
        ) as server,
    ):
        _say(f"{server.port}")  # to whoever has started it
        await asyncio.Event().wait()


async def tell() -> int:
    """Tell the story; return the exit code."""
    try:
        with broker() as server:
            async with asyncio.timeout(PATIENCE):
                return await _tell(server)
    except BrokerMissing as missing:
        raise MissingPart(str(missing)) from None


async def _tell(server: Broker) -> int:
    table = _Table()
    async with (
        _bus(server.url) as bus,
        _gateway(server.url, "G1") as (first, first_port),
        _gateway(server.url, "G2") as (_, second_port),
    ):
        fleet = Fleet(bus)
        table.row("broker", f"nats-server on port {server.port}, two gateways, and a caller here")
        ports = (first_port, second_port)
        urls = [Endpoint(f"ws://127.0.0.1:{port}", attempts=1) for port in ports]
        async with connect(
            urls,
            identity=STATION,
            versions=["ocpp1.6"],
            handlers={v16.ResetRequest: _reset},
            reconnect=SOON,
            shutdown_timeout=0.1,
        ) as station:
            table.row(STATION, f"connects to {_gateway_of(station, first_port)}")
            outcomes = [await _call(table, fleet, wait=5.0)]
            first.kill()
            await first.wait()
            table.row("G1", "is killed, as by kill -9")
            outcomes.append(await _call(table, fleet, wait=0.0))
            outcomes.append(await _call(table, fleet, wait=10.0))
            table.row(STATION, f"is connected to {_gateway_of(station, first_port)}")
            where = await fleet.find(STATION)
            table.row("caller", f"finds it at {where.gateway if where else 'no gateway'}")
    is_right = (outcomes[0], outcomes[2]) == (True, True) and where and where.gateway == "G2"
    return 0 if is_right else 1


class _Table:
    def __init__(self) -> None:
        self._began = _now()
        _say("    at  who     what")

    def row(self, who: str, what: str) -> None:
        _say(f"{_now() - self._began:6.2f}  {who:<6}  {what}")


async def _call(table: _Table, fleet: Fleet, *, wait: float) -> bool:
    """Call the station, and tell what came of it; return whether it has answered."""
    asked = "calls Reset" + (f", and waits up to {wait:.0f} s for the station" if wait else "")
    table.row("caller", asked)
    began = _now()
    try:
        answer = await fleet.call(STATION, v16.ResetRequest(type=v16.ResetType.SOFT), wait=wait)
    except (NotConnected, ConnectionLost, FleetUnavailable) as error:
        outcome, has_answered = type(error).__name__, False
    else:
        outcome, has_answered = answer.status.value, True
    table.row("", f"{outcome}, after {1000 * (_now() - began):.0f} ms")
    return has_answered


@asynccontextmanager
async def _gateway(url: str, name: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    command = [sys.executable, "-m", "ocpp_sansio", "fleet", "gateway", "--broker", url]
    process = await asyncio.create_subprocess_exec(
        *command, "--name", name, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        assert process.stdout  # noqa: S101 - it was asked for
        yield process, int(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _bus(url: str) -> NatsBus:
    try:
        return NatsBus(url)
    except ImportError as missing:
        raise MissingPart(str(missing)) from None


def _reset(_: v16.ResetRequest) -> v16.ResetResponse:
    return v16.ResetResponse(status=v16.ResetStatus.ACCEPTED)


def _gateway_of(station: NetSession, first_port: int) -> str:
    return "G1" if str(station.url).startswith(f"ws://127.0.0.1:{first_port}") else "G2"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _now() -> float:
    return asyncio.get_running_loop().time()
