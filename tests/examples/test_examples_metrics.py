"""examples/metrics.py: what is counted is in a real scrape, and in what OpenTelemetry reads."""

import asyncio
import json
import urllib.request
from typing import Any

import pytest
from example_programs import serving
from worlds import WORLDS, World

from ocpp_sansio import Config, Role, Version
from ocpp_sansio.asyncio import connect
from ocpp_sansio.outcomes import CallFailed

pytest.importorskip("prometheus_client")
sdk = pytest.importorskip("opentelemetry.sdk.metrics")
export = pytest.importorskip("opentelemetry.sdk.metrics.export")

from examples.metrics import Metrics, OpenTelemetrySink  # noqa: E402 - which needs those


def scrape(address: str) -> dict[str, float]:
    with urllib.request.urlopen(address, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    rows = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in rows}


def test_prometheus_scrapes_what_stations_have_done() -> None:
    async def talk(port: int) -> None:
        async with connect(
            f"ws://127.0.0.1:{port}", identity="CP1", versions=[Version.OCPP16]
        ) as session:
            status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
            await session.call("StatusNotification", status)
            with pytest.raises(CallFailed):
                await session.call("Heartbeat")

    async def ramble(port: int) -> None:
        async with connect(
            f"ws://127.0.0.1:{port}",
            identity="nobody knows me",
            versions=[Version.OCPP16],
            config=Config(vendor_actions=frozenset({"*"})),
        ) as session:
            for number in range(3):
                with pytest.raises(CallFailed):
                    await session.call(f"MadeUp{number}")

    with serving("metrics.py", "--metrics-port", "0", "--stations", "CP1") as csms:
        address = csms.line().partition(" at ")[2]
        asyncio.run(talk(csms.port))
        asyncio.run(ramble(csms.port))
        found = scrape(address)

    calls = 'ocpp_calls_total{action="%s",direction="in",outcome="%s"}'
    assert found[calls % ("StatusNotification", "ok")] == 1
    assert found[calls % ("Heartbeat", "NotSupported")] == 1
    assert found[calls % ("other", "NotImplemented")] == 3
    assert not any("MadeUp" in name or "nobody" in name for name in found)
    assert found['ocpp_violations_total{rule="unknown_action",station="other"}'] == 3
    latency = 'ocpp_call_seconds_count{action="StatusNotification",direction="in"}'
    assert found[latency] == 1
    assert found["ocpp_connections"] == 0


def test_opentelemetry_has_the_same_with_latencies_of_calls_of_ours() -> None:
    reader = export.InMemoryMetricReader()
    provider = sdk.MeterProvider(metric_readers=[reader])
    sent: list[Any] = []

    async def scenario(world: World) -> None:
        metrics = Metrics(
            OpenTelemetrySink(provider.get_meter("test")), stations=["CP1"], clock=world.now
        )

        async def answer(text: str) -> None:
            await world.sleep(2.0)
            await session.received(text % sent[-1][1])

        async with world.session(
            Role.CSMS,
            sender=lambda data: sent.append(json.loads(data)),
            handlers={"Heartbeat": lambda _: {}},
            hooks=metrics.hooks,
            identity="CP1",
        ) as session:
            await session.connected("ocpp1.6")
            for text in ('[3,"%s",{"status":"Accepted"}]', '[4,"%s","GenericError","",{}]'):
                job = world.start(answer, text)
                await session.send_call("ClearCache")
                await job.result()
            await session.received("no JSON")

    WORLDS["asyncio"](scenario)
    data = json.loads(reader.get_metrics_data().to_json())
    provider.shutdown()
    [scope] = data["resource_metrics"][0]["scope_metrics"]
    points = {each["name"]: each["data"]["data_points"] for each in scope["metrics"]}
    outcomes = {point["attributes"]["outcome"]: point["value"] for point in points["ocpp.calls"]}
    assert outcomes == {"ok": 1, "GenericError": 1}
    [latency] = points["ocpp.call.duration"]
    assert latency["attributes"] == {"direction": "out", "action": "ClearCache"}
    assert latency["sum"] == pytest.approx(4.0)
    [violation] = points["ocpp.violations"]
    assert violation["attributes"] == {"station": "CP1", "rule": "not_json"}
