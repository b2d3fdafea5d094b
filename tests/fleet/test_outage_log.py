"""What the log says of a broker that is away: once why, and once that it is back (FL-18)."""

import asyncio
import logging
from typing import Any

import pytest
from worlds import VirtualLoop

from ocpp_sansio.fleet import BusUnavailable, NatsBus


class Server:
    """What becomes of whoever connects: None, he is connected."""

    refusal: str | None = None
    attempts = 0


def link_to(server: Server) -> type[Any]:
    class Link:
        servers = ()
        closing = None
        max_payload = 1024
        unsent = 0

        def __init__(self, owner: Any, *, must_be_tls: bool) -> None:
            pass

        async def open(self, *_: Any, **__: Any) -> None:
            server.attempts += 1
            if server.refusal:
                raise BusUnavailable(server.refusal, was_sent=False)

        def send(self, data: bytes) -> None:
            pass

        def watch_over(self, interval: float) -> None:
            pass

        async def round_trip(self) -> None:
            pass

        def end(self, reason: str) -> None:
            pass

    return Link


def test_an_outage_is_told_once_for_each_reason_and_so_is_its_end(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FL-18."""
    pytest.importorskip("nats")
    server = Server()
    monkeypatch.setattr("ocpp_sansio.fleet.nats_link.NatsLink", link_to(server))

    def lines() -> list[tuple[int, str]]:
        told = [(each.levelno, each.getMessage()) for each in caplog.records]
        caplog.clear()
        return told

    async def run() -> None:
        warned = logging.WARNING
        refused = (warned, "the broker cannot be reached: connection refused")
        starting = (warned, "the broker cannot be reached: the server is starting")
        async with NatsBus("nats://broker") as bus:
            assert lines() == []
            server.refusal = "connection refused"
            bus.ended(bus._link, "end of file")  # type: ignore[arg-type]
            await asyncio.sleep(30)
            assert lines() == [
                (warned, "the connection to the broker is gone: end of file"),
                refused,
            ]
            assert server.attempts > 20
            for server.refusal in ["the server is starting", "connection refused"] * 5:
                await asyncio.sleep(2)
            assert lines() == [starting]
            await asyncio.sleep(180)
            assert lines() == [refused] * 3  # it is still so
            server.refusal = None
            await asyncio.sleep(1)
            assert bus.is_connected
            ((level, back),) = lines()
            assert level == warned
            text, _, seconds = back.partition(", after ")
            assert text == "the broker is back"
            assert 230 <= float(seconds.removesuffix(" s")) <= 232

            # The next outage is another one.
            server.refusal = "connection refused"
            bus.ended(bus._link, "end of file")  # type: ignore[arg-type]
            await asyncio.sleep(10)
            assert lines()[1:] == [refused]

    with (
        caplog.at_level(logging.INFO, "ocpp_sansio"),
        asyncio.Runner(loop_factory=VirtualLoop) as runner,
    ):
        runner.run(run())
