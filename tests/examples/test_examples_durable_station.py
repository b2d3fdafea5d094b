"""The station example charges, on both versions, and ends what a power cut has interrupted."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import example_programs
import pytest

from ocpp_sansio import Version, v16
from ocpp_sansio.asyncio import serve
from ocpp_sansio.station import Station
from ocpp_sansio.stores import SqliteStore

NOW = "2026-11-26T12:00:00Z"


def interrupt(path: Path) -> None:
    """Leave a charge of 1.6 behind, begun and not ended."""
    boot: Any = None
    with SqliteStore(path) as store:
        station = Station(boot, random=lambda: 0.0, restored=store.load())
        start = v16.StartTransactionRequest(
            connector_id=1, id_tag="04E1", meter_start=0, timestamp=datetime.now(UTC)
        )
        station.post(start, transaction="cut-off", now=0.0)
        store.apply(station.store_requests())


@pytest.mark.parametrize(
    ("version", "kinds"),
    [
        (Version.OCPP16, ["StartTransaction", "StopTransaction"] * 2),
        (Version.OCPP201, ["Started", "Ended"]),
    ],
)
def test_the_durable_station_example_charges_and_ends_what_was_cut_off(
    version: Version, kinds: list[str], tmp_path: Path
) -> None:
    store = tmp_path / "outbox.db"
    if version is Version.OCPP16:
        interrupt(store)
    log = list[str]()

    def take(_: Any, call: Any) -> Any:
        if "Transaction" in call.action:
            log.append(call.raw.get("eventType", call.action))
        return {
            "BootNotification": {"status": "Accepted", "interval": 300, "currentTime": NOW},
            "StartTransaction": {"transactionId": 7, "idTagInfo": {"status": "Accepted"}},
        }.get(call.action, {})

    async def main() -> str:
        served = serve(None, "127.0.0.1", 0, versions=[version], handlers={"*": take})
        async with served as server:
            url = f"ws://127.0.0.1:{server.port}"
            return await asyncio.to_thread(
                example_programs.run, "station.py", "--url", url, "--store", str(store)
            )

    output = asyncio.run(main())
    assert "boot: Accepted" in output
    assert "charged and billed: 900 Wh" in output
    assert ("ending cut-off" in output) is (version is Version.OCPP16)
    assert log == kinds
