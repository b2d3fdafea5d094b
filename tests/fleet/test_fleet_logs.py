"""What a fleet logs, and what can be read off it: who, what, never what was said (FL-18)."""

import asyncio
import logging
from typing import Any

import pytest
from bus_worlds import until
from log_lines import NASTY, flaws_of
from test_fleets import QUICK, site

from ocpp_sansio import v16
from ocpp_sansio.fleet import BusError, Fleet, FleetUnavailable, MemoryBus, Worker
from ocpp_sansio.handlers import CallRejected
from ocpp_sansio.outcomes import CallFailed, CallTimeout
from ocpp_sansio.testing import run_in_virtual_time

SECRET = "04E1-MY-CARD"


class RefusingBus(MemoryBus):
    """Says in its own words why it does nothing, and has a peer's text in them."""

    is_refusing = False

    async def publish_durable(self, subject: str, data: bytes, *, message_id: str) -> None:
        if self.is_refusing:
            raise BusError(NASTY["line feed"])
        await super().publish_durable(subject, data, message_id=message_id)


def test_the_log_names_station_and_action_of_what_came_to_nothing_and_no_payload(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def stay_silent(_: Any) -> None:
        await asyncio.Event().wait()  # for ever

    def fail(_: Any) -> Any:
        raise RuntimeError("mine")

    def refuse(_: Any) -> Any:
        raise CallRejected("SecurityError", "no")

    handlers: dict[Any, Any] = {"Authorize": stay_silent, "Vendor": fail, "MeterValues": refuse}

    async def run() -> None:
        async with site() as here:
            here.bus.__class__ = RefusingBus
            gateway = await here.gateway(forward={"Authorize", "Vendor"}, durable={"MeterValues"})
            station = await here.station("CP1", handlers={"Vendor": stay_silent})
            async with Worker(here.bus, handlers, group="w", config=QUICK):
                waiting = asyncio.ensure_future(station.call(v16.AuthorizeRequest(id_tag=SECRET)))
                await until(lambda: gateway.events_waiting == 1)
                with pytest.raises(CallFailed):
                    await waiting
                with pytest.raises(CallFailed):
                    await station.call("Vendor", {"idTag": SECRET})
                here.bus.is_refusing = True  # type: ignore[attr-defined]
                reading = [
                    {"timestamp": "2026-01-01T00:00:00Z", "sampledValue": [{"value": SECRET}]}
                ]
                with pytest.raises(CallFailed):
                    await station.call("MeterValues", {"connectorId": 1, "meterValue": reading})
                here.bus.publish("event.Authorize.CP1", f"no event of {SECRET}".encode())
                await asyncio.sleep(1)
            assert gateway.events_waiting == 0
            fleet = Fleet(here.bus, config=QUICK)
            late = asyncio.ensure_future(fleet.call("CP1", "Vendor", {"a": SECRET}, timeout=1))
            await until(lambda: gateway.calls_waiting == 1)
            assert fleet.calls_waiting == 1
            with pytest.raises(CallTimeout):
                await late
            assert fleet.calls_waiting == 0
            here.bus.interrupt()
            with pytest.raises(FleetUnavailable):
                await fleet.call("CP1", "Vendor", {"a": SECRET})
            here.bus.resume()

    with caplog.at_level(logging.INFO, "ocpp_sansio"):
        run_in_virtual_time(run)
    records = [each for each in caplog.records if each.name.startswith("ocpp_sansio")]
    assert flaws_of(records) == []
    for record in records:
        assert SECRET not in f"{record.getMessage()} {vars(record)!r}"
    texts = [record.getMessage() for record in records]
    assert any(each.startswith("an event at event.Authorize.CP1 cannot be read") for each in texts)
    assert any("an event of CP1: TimeoutError [" in each for each in texts)
    told = {
        (record.getMessage().partition(",")[0], record.__dict__.get("action"))
        for record in records
        if "an event of CP1" in record.getMessage()
    }
    assert told == {
        ("no worker has answered it", "Authorize"),
        ("it was not stored", "MeterValues"),
    }
