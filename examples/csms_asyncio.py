"""A CSMS on asyncio for any station, at ws://localhost:9000/<identity>; its twin is csms_trio.py."""

import argparse
import asyncio
import signal
from contextlib import suppress
from datetime import UTC, datetime

from ocpp_sansio import Version
from ocpp_sansio.asyncio import serve
from ocpp_sansio.handlers import Handlers, IncomingCall
from ocpp_sansio.net import ConnectionRequest
from ocpp_sansio.websocket import passwords_match

handlers = Handlers({action: lambda _: {} for action in ("MeterValues", "StatusNotification")})


@handlers.on("Heartbeat")
def heartbeat(_: object) -> dict[str, object]:
    """Tell the time, in JSON for all versions; `on(v16.HeartbeatRequest)` is for one, and typed."""
    return {"currentTime": datetime.now(UTC).isoformat(timespec="seconds")}


@handlers.on("BootNotification")
def boot(request: object, call: IncomingCall) -> dict[str, object]:
    """Accept everyone who got this far."""
    print(f"{call.session.identity}: boots", flush=True)
    return {"status": "Accepted", "interval": 300} | heartbeat(request)


@handlers.after("BootNotification")
async def booted(_: object, call: IncomingCall) -> None:
    """Call the station, now that it has its answer."""
    outcome = await call.session.send_call("TriggerMessage", {"requestedMessage": "Heartbeat"})
    print(f"{call.session.identity}: to TriggerMessage, {outcome.payload}", flush=True)


async def main(port: int, password: str) -> None:
    """Serve until interrupted or terminated; with a password, only those who know it."""
    stopping = asyncio.Event()
    with suppress(NotImplementedError):  # on Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)

    def check(request: ConnectionRequest) -> bool:
        return not password or passwords_match(request.password, password.encode())

    async with serve(
        None, "127.0.0.1", port, versions=list(Version), handlers=handlers, authenticate=check
    ) as server:
        print(f"listening on ws://127.0.0.1:{server.port}", flush=True)
        await stopping.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9000, help="0 takes any that is free")
    parser.add_argument("--password", default="")
    with suppress(KeyboardInterrupt):
        asyncio.run(main(**vars(parser.parse_args())))
