"""A gateway: stations connect to it, and every process of the fleet calls them.

    python -m examples.fleet.gateway --name G1 --port 9001

Stations connect to ws://localhost:9001/<identity>, in 1.6 or 2.0.1. GET /health tells how it is.
"""

import argparse
import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime

from examples.fleet.common import ACTIONS_FOR_BILLING, ACTIONS_TO_STORE, bus_of, when_stopped
from ocpp_sansio import Version
from ocpp_sansio.asyncio import serve
from ocpp_sansio.fleet import Bus, Gateway
from ocpp_sansio.handlers import Handlers
from ocpp_sansio.net import HttpRequest
from ocpp_sansio.websocket import HttpResponse

VERSIONS = [Version.OCPP16, Version.OCPP201]
handlers = Handlers({"StatusNotification": lambda _: {}})


@handlers.on("Heartbeat")
def heartbeat(_: object) -> dict[str, object]:
    """Tell the time: also while there is no broker."""
    return {"currentTime": datetime.now(UTC).isoformat(timespec="seconds")}


@handlers.on("BootNotification")
def boot(request: object) -> dict[str, object]:
    """Accept every station; yours looks it up, and has `authenticate`."""
    return {"status": "Accepted", "interval": 300} | heartbeat(request)


def make_gateway(bus: Bus, name: str) -> Gateway:
    """Make one that answers the small talk itself, and passes on what costs money."""
    return Gateway(
        bus, name=name, handlers=handlers, forward=ACTIONS_FOR_BILLING, durable=ACTIONS_TO_STORE
    )


def health_of(bus: Bus, gateway: Gateway) -> Callable[[HttpRequest], HttpResponse | None]:
    """Return what answers GET /health: 200 also without a broker, since the stations are served."""

    def answer(request: HttpRequest) -> HttpResponse | None:
        if request.path != "/health":
            return None
        health = {
            "gateway": gateway.name,
            "broker": bus.is_connected,
            "stations": len(gateway.sessions),
            "owned": gateway.owned,
        }
        return HttpResponse(status=200, body=json.dumps(health).encode())

    return answer


async def main(name: str, host: str, port: int) -> None:
    """Serve until stopped, and send the stations to the other gateways then."""
    stopped = when_stopped()
    async with (
        bus_of("gateway") as bus,
        make_gateway(bus, name) as gateway,
        serve(
            gateway.on_station,
            host,
            port,
            versions=VERSIONS,
            handlers=gateway.handlers,
            http=health_of(bus, gateway),
        ) as server,
    ):
        print(f"{name}: stations at ws://{host}:{server.port}", flush=True)
        await stopped.wait()
        await gateway.drain(server, pace=200)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--name", required=True, help="unlike that of any other gateway")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000)
    asyncio.run(main(**vars(parser.parse_args())))
