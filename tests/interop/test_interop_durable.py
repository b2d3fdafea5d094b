"""Durable stations and gated CSMSs with the PyPI package `ocpp` at the other end, which knows of neither."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from durable_charges import Book, charge_durably, lasting_port, transaction_id_of
from gated_stations import ANSWERS, Say, tour_of_the_gate
from interop_peers import (
    ChargePoint16,
    ChargePoint201,
    call16,
    call201,
    on,
    result16,
    result201,
    start,
    their_station_at,
)
from net_worlds import AsyncioWorld, World
from ocpp.charge_point import camel_to_snake_case
from ocpp.exceptions import InternalError, OCPPError
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from ocpp_sansio import Version


class TheirCsms:
    """Serves with their library, dies when its book says so, and begins anew on the same port."""

    def __init__(self, version: Version) -> None:
        self.book = Book(version)
        self.version = version
        self.port = lasting_port()
        self.is_listening = asyncio.Event()
        self.has_failed = asyncio.Event()
        """Set when the station has noted that a message failed."""
        self.is_killed = asyncio.Event()
        self.late: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        while True:
            self.is_killed.clear()
            async with serve(
                self._on_station,
                "127.0.0.1",
                self.port,
                subprotocols=[Subprotocol(self.version.subprotocol)],
            ) as server:
                self.is_listening.set()
                await self.is_killed.wait()
                for connection in server.connections:
                    connection.transport.abort()

    async def _on_station(self, socket: ServerConnection) -> None:
        await start(PEERS[self.version]("CP001", socket, self))


class BadlyBehaved:
    """Mixed into their `ChargePoint`: what it sends about a message of a transaction is as the book says."""

    def __init__(self, identity: str, socket: ServerConnection, csms: TheirCsms) -> None:
        super().__init__(identity, socket)  # type: ignore[call-arg]
        self.csms = csms
        self.fate = "answer"

    async def _handle_call(self, message: Any) -> Any:
        if self.csms.book.is_kept(message.action):
            self.fate = self.csms.book.take(message.action, message.payload)
        if self.fate == "error":
            self.fate = "answer"
            raise InternalError("not today")
        return await super()._handle_call(message)  # type: ignore[misc]

    async def _send(self, text: str) -> None:
        fate, self.fate = self.fate, "answer"
        if fate == "kill":
            self.csms.is_killed.set()
        elif fate == "late":
            self.csms.has_failed.clear()
            task = asyncio.create_task(self._send_late(text))
            self.csms.late.add(task)
            task.add_done_callback(self.csms.late.discard)
        elif fate != "never":
            await super()._send(text)  # type: ignore[misc]
            if fate == "twice":
                await super()._send(text)  # type: ignore[misc]

    async def _send_late(self, text: str) -> None:
        await self.csms.has_failed.wait()
        with suppress(ConnectionClosed):
            await super()._send(text)  # type: ignore[misc]


def serving(answers: dict[str, Callable[..., Any]]) -> dict[str, Any]:
    """Return the members of a `ChargePoint` of theirs that answers so."""

    def serving_one(action: str, answer: Callable[..., Any]) -> Any:
        def serve_it(_: Any, **payload: Any) -> Any:
            return answer(**payload)

        serve_it.__name__ = f"on_{action}"  # they find handlers by the names of functions
        return on(action)(serve_it)

    return {f"on_{action}": serving_one(action, answer) for action, answer in answers.items()}


def badly_behaved(base: Any, answers: dict[str, Callable[..., Any]]) -> Any:
    return type("Peer", (BadlyBehaved, base), serving(answers))


def started(meter_start: int, **_: Any) -> Any:
    return result16.StartTransaction(
        transaction_id=transaction_id_of(meter_start), id_tag_info={"status": "Accepted"}
    )


BOOTED = {"status": "Accepted", "current_time": "2026-11-26T12:00:00Z", "interval": 0}
PEERS: dict[Version, Any] = {
    Version.OCPP16: badly_behaved(
        ChargePoint16,
        {
            "BootNotification": lambda **_: result16.BootNotification(**BOOTED),
            "StartTransaction": started,
            "MeterValues": lambda **_: result16.MeterValues(),
            "StopTransaction": lambda **_: result16.StopTransaction(),
        },
    ),
    Version.OCPP201: badly_behaved(
        ChargePoint201,
        {
            "BootNotification": lambda **_: result201.BootNotification(**BOOTED),
            "TransactionEvent": lambda **_: result201.TransactionEvent(),
        },
    ),
}
both_versions = pytest.mark.parametrize("version", PEERS, ids=lambda version: version.value)


@both_versions
def test_their_csms_gets_everything_in_order_however_it_answers_or_dies(
    version: Version, tmp_path: Path
) -> None:
    async def scenario(world: World) -> None:
        csms = TheirCsms(version)
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(csms.run())
            await csms.is_listening.wait()
            await charge_durably(
                world,
                f"ws://127.0.0.1:{csms.port}",
                csms.book,
                path=tmp_path / "outbox.db",
                on_failure=lambda: loop.call_soon_threadsafe(csms.has_failed.set),
                identity="CP001",
            )
            csms.has_failed.set()
            running.cancel()
        if csms.late:
            await asyncio.wait(csms.late)
        csms.book.check()

    AsyncioWorld().run(scenario)


# --- their stations at our gate -----------------------------------------------------------------------


def their_station(version: Version) -> Any:
    base, calls, results = (
        (ChargePoint16, call16, result16)
        if version is Version.OCPP16
        else (ChargePoint201, call201, result201)
    )

    def answering(action: str) -> Callable[..., Any]:
        return lambda **_: getattr(results, action)(**ANSWERS[action])

    members = serving({action: answering(action) for action in ANSWERS})
    station = type("Station", (base,), members)

    @asynccontextmanager
    async def connected(port: int, identity: str) -> AsyncIterator[Say]:
        async with their_station_at(f"ws://127.0.0.1:{port}/{identity}", version, station) as peer:

            async def say(action: str, payload: Any) -> str:
                members: Any = camel_to_snake_case(payload)
                try:
                    await peer.call(getattr(calls, action)(**members), suppress=False)
                except OCPPError as error:
                    refused: Any = error
                    return str(refused.code)
                return "served"

            yield say

    return connected


@both_versions
def test_our_gate_bars_their_station_until_it_is_accepted_and_remembers_it(
    version: Version,
) -> None:
    async def scenario(world: World) -> None:
        await tour_of_the_gate(world, version, their_station(version))

    AsyncioWorld().run(scenario)
