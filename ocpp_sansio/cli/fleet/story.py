"""The story that `fleet demo` tells, and its gateways."""

import asyncio
import logging
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
            gateway.on_station,
            "127.0.0.1",
            0,
            versions=["ocpp1.6"],
            handlers=gateway.handlers,
            authenticate=gateway.claim_first(),  # so that it can be called at once
        ) as server,
    ):
        _say(f"{server.port}")  # to whoever has started it
        await asyncio.Event().wait()


async def tell() -> int:
    """Tell the story; return the exit code."""
    logger, silence = logging.getLogger("ocpp_sansio"), logging.NullHandler()
    logger.addHandler(silence)  # that G1 cannot be reached is told in the table
    try:
        with broker() as server:
            async with asyncio.timeout(PATIENCE):
                return await _tell(server)
    except BrokerMissing as missing:
        text = f"{missing}; a fleet within one process needs none: that is MemoryBus"
        raise MissingPart(text) from None
    finally:
        logger.removeHandler(silence)


async def _tell(server: Broker) -> int:
    async with (
        _bus(server.url) as bus,
        _gateway(server.url, "G1") as (first, first_port),
        _gateway(server.url, "G2") as (_, second_port),
    ):
        table = _Table()
        fleet = Fleet(bus)
        what = f"a NATS server on port {server.port}, the gateways G1 and G2, and a caller: this program"
        table.row("here", what)
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
            table.row(STATION, f"connects to {_gateway_of(station, first_port)}, by WebSocket")
            outcomes = [await _call(table, fleet, "calls CP001, wherever it is: Reset", wait=5.0)]
            first.kill()
            await first.wait()
            table.row("G1", "is killed, as by kill -9")
            outcomes.append(await _call(table, fleet, "calls CP001 again", wait=0.0))
            again = "calls CP001 again, and would wait 10 s for it to come back"
            outcomes.append(await _call(table, fleet, again, wait=10.0))
            table.row(STATION, f"has found G1 gone and gone to {_gateway_of(station, first_port)}")
            where = await fleet.find(STATION)
            table.row("caller", f"finds CP001 at {where.gateway if where else 'no gateway'}")
    is_right = (outcomes[0], outcomes[2]) == (True, True) and where and where.gateway == "G2"
    if not is_right:
        table.row("here", "this is not what should have happened")
    return 0 if is_right else 1


class _Table:
    def __init__(self) -> None:
        self._began = _now()
        _say("seconds  who     what")

    def row(self, who: str, what: str) -> None:
        _say(f"{_now() - self._began:7.2f}  {who:<6}  {what}")


async def _call(table: _Table, fleet: Fleet, asked: str, *, wait: float) -> bool:
    """Call the station, and tell what came of it; return whether it has answered."""
    table.row("caller", asked)
    began = _now()
    try:
        answer = await fleet.call(STATION, v16.ResetRequest(type=v16.ResetType.SOFT), wait=wait)
    except NotConnected:
        outcome = "NotConnected: no gateway has it, nothing was sent"
    except (ConnectionLost, FleetUnavailable) as error:
        sent = "whether it was sent is unknown" if error.was_sent else "nothing was sent"
        outcome = f"{type(error).__name__}: {sent}"
    else:
        table.row("", f"CP001 answers {answer.status.value}, after {_since(began)}")
        return True
    table.row("", f"{outcome}, after {_since(began)}")
    return False


def _since(began: float) -> str:
    return f"{1000 * (_now() - began):.0f} ms"


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
