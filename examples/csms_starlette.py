"""A CSMS inside an ASGI application: Starlette here; FastAPI's WebSocket has the same methods.

    python examples/csms_starlette.py --port 9000

Stations connect to /ocpp/<identity>; GET /stations lists them; POST /stations/<identity>/reset resets one.
"""

import argparse
import socket
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from ocpp_sansio import Role, v16
from ocpp_sansio.asyncio import Session
from ocpp_sansio.handlers import Handlers, IncomingCall
from ocpp_sansio.outcomes import CallException

SUBPROTOCOL = "ocpp1.6"

handlers = Handlers()
stations: dict[str, Session] = {}


@handlers.on(v16.BootNotificationRequest)
async def boot(
    request: v16.BootNotificationRequest, call: IncomingCall
) -> v16.BootNotificationResponse:
    """Accept every station."""
    print(f"{call.session.identity}: boot of a {request.charge_point_model!r}", flush=True)
    return v16.BootNotificationResponse(
        status=v16.RegistrationStatus.ACCEPTED, current_time=datetime.now(UTC), interval=300
    )


@handlers.on(v16.HeartbeatRequest)
def heartbeat(_: v16.HeartbeatRequest) -> v16.HeartbeatResponse:
    """Tell the time."""
    return v16.HeartbeatResponse(current_time=datetime.now(UTC))


async def ocpp(websocket: WebSocket) -> None:
    """Serve one station."""
    if SUBPROTOCOL not in websocket.scope["subprotocols"]:
        await websocket.close()  # before accept: HTTP 403 (C-5)
        return
    await websocket.accept(SUBPROTOCOL)
    identity = websocket.path_params["identity"]

    async def send(data: bytes) -> None:
        await websocket.send_text(data.decode())

    async with Session(Role.CSMS, sender=send, handlers=handlers, identity=identity) as session:
        await session.connected(SUBPROTOCOL)
        stations[identity] = session
        try:
            with suppress(WebSocketDisconnect):
                while True:
                    await session.received(await websocket.receive_text())
        finally:
            if stations.get(identity) is session:
                del stations[identity]


async def list_stations(_: Request) -> JSONResponse:
    """Return the identities of the stations that are connected."""
    return JSONResponse(sorted(stations))


async def reset(request: Request) -> JSONResponse:
    """Reset a station, and return its answer."""
    session = stations.get(request.path_params["identity"])
    if session is None:
        return JSONResponse({"error": "not connected"}, status_code=404)
    try:
        answer = await session.call(v16.ResetRequest(type=v16.ResetType.SOFT), timeout=10)
    except CallException as error:
        return JSONResponse({"error": str(error)}, status_code=502)
    return JSONResponse({"status": answer.status})


routes: list[Any] = [
    WebSocketRoute("/ocpp/{identity}", ocpp),
    Route("/stations", list_stations),
    Route("/stations/{identity}/reset", reset, methods=["POST"]),
]
app = Starlette(routes=routes)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=9000, help="0 takes any that is free")
    options = parser.parse_args()
    with socket.create_server(("127.0.0.1", options.port)) as listener:
        print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        config = uvicorn.Config(app, log_level="warning", ws="websockets-sansio")
        with suppress(KeyboardInterrupt):  # it has shut down by then
            uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
