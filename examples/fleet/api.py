"""An HTTP API that calls any station, at whatever gateway it is.

    python -m examples.fleet.api --port 8000

    GET  /stations?limit=100&after=<next>        those that are connected, in pages
    GET  /stations/<identity>                    where it is, or was last
    POST /stations/<identity>/<action>           calls it: ?timeout=<seconds>&wait=<seconds>, a JSON object

It has no authentication: whoever reaches it can unlock a connector. Put yours before it.
"""

import argparse
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from examples.fleet.common import bus_of
from ocpp_sansio import LocalProtocolError, OcppError, to_json
from ocpp_sansio.fleet import Bus, Fleet, FleetConfig, FleetUnavailable, Whereabouts
from ocpp_sansio.outcomes import (
    CallFailed,
    CallTimeout,
    ConnectionLost,
    InvalidResult,
    NotConnected,
)

MAX_BODY = 65_536
MAX_PAGE = 1_000
MAX_SECONDS = 120.0

STATUSES: dict[type[Exception], int] = {
    ValueError: 400,  # what can be no identity
    LocalProtocolError: 422,  # an action that there is not, or a payload that is none of it
    NotConnected: 404,
    CallFailed: 502,  # a CALLERROR
    InvalidResult: 502,
    CallTimeout: 504,
    ConnectionLost: 503,
    FleetUnavailable: 503,
}
"""What each way to fail is in HTTP."""


def failure(_: Request, error: Exception) -> JSONResponse:
    """Say why there is no answer, and whether the station may have got the call all the same."""
    body: dict[str, object] = {"error": type(error).__name__, "text": str(error)}
    if isinstance(error, CallFailed):
        body |= {"code": error.code.value, "details": error.details}
    if isinstance(error, ConnectionLost | FleetUnavailable):
        body["was_sent"] = error.was_sent  # False: ask again; True: nobody knows
    status = next(code for kind, code in STATUSES.items() if isinstance(error, kind))
    headers = {"Retry-After": "1"} if status == STATUSES[FleetUnavailable] else None
    return JSONResponse(json.loads(json.dumps(body, default=float)), status, headers)


async def call(request: Request) -> Response:
    """Call a station, and return the payload of its answer."""
    identity, action = request.path_params["identity"], request.path_params["action"]
    answer = await fleet_of(request).call(
        identity,
        action,
        await body_of(request),
        timeout=seconds_of(request, "timeout", 30.0, least=0.001),
        wait=seconds_of(request, "wait", 0.0),
    )
    return Response(to_json(answer), media_type="application/json")


async def find(request: Request) -> JSONResponse:
    """Return where a station is, or was last."""
    where = await fleet_of(request).find(request.path_params["identity"])
    if where is None:
        raise HTTPException(404, "no gateway has ever seen it")
    return JSONResponse(told(where))


async def stations(request: Request) -> JSONResponse:
    """Return one page of the stations that are connected, and where the next one begins."""
    limit = int_of(request, "limit", 100, most=MAX_PAGE)
    gateway, _, identity = request.query_params.get("after", "").partition("/")
    page: list[Whereabouts] = []
    async with aclosing(
        fleet_of(request).stations(after=(gateway, identity) if gateway else None)
    ) as found:
        async for where in found:
            page.append(where)
            if len(page) == limit:
                break
    is_full = len(page) == limit
    after = f"{page[-1].gateway}/{page[-1].identity}" if is_full else None
    return JSONResponse({"stations": [told(each) for each in page], "next": after})


async def health(request: Request) -> JSONResponse:
    """Return whether stations can be called: 503 while the broker is away."""
    is_connected = request.app.state.bus.is_connected
    return JSONResponse({"broker": is_connected}, 200 if is_connected else 503)


def told(where: Whereabouts) -> dict[str, object]:
    """Return whereabouts as JSON."""
    return {
        "identity": where.identity,
        "gateway": where.gateway,
        "version": where.version.value,
        "connected": where.is_connected,
        "since": where.since.isoformat(timespec="seconds"),
        "last_seen": where.last_seen.isoformat(timespec="seconds"),
    }


def fleet_of(request: Request) -> Fleet:
    """Return what calls stations."""
    fleet: Fleet = request.app.state.fleet
    return fleet


async def body_of(request: Request) -> dict[str, Any]:
    """Return the body: a JSON object, {} if there is none. Numbers keep their digits."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, f"a body has {MAX_BODY} bytes at most")
    try:
        payload = json.loads(body, parse_float=Decimal) if body else {}
    except (ValueError, RecursionError):
        raise HTTPException(400, "the body is no JSON") from None
    if not isinstance(payload, dict):
        raise HTTPException(400, "the body is no JSON object")
    return payload


def seconds_of(request: Request, name: str, default: float, *, least: float = 0.0) -> float:
    """Return a number of seconds in the query."""
    try:
        seconds = float(request.query_params.get(name, default))
    except ValueError:
        seconds = -1.0
    if not least <= seconds <= MAX_SECONDS:
        raise HTTPException(400, f"{name} is a number of seconds from {least:g} to {MAX_SECONDS:g}")
    return seconds


def int_of(request: Request, name: str, default: int, *, most: int) -> int:
    """Return a whole number above 0 in the query."""
    text = request.query_params.get(name, str(default))
    number = int(text) if text.isdecimal() and len(text) < len(str(most)) + 1 else 0
    if not 1 <= number <= most:
        raise HTTPException(400, f"{name} is a whole number from 1 to {most}")
    return number


async def refused(_: Request, error: Exception) -> JSONResponse:
    """Say what is wrong with a request, in JSON as all else."""
    status, text = (
        (error.status_code, error.detail)
        if isinstance(error, HTTPException)
        else (HTTPStatus.INTERNAL_SERVER_ERROR, "it failed")
    )
    return JSONResponse({"error": HTTPStatus(status).phrase, "text": text}, status)


def make_app(bus: Bus, config: FleetConfig | None = None) -> Starlette:
    """Make the application; the bus is connected when it starts."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with bus:
            print("api: calls are taken", flush=True)
            yield

    app = Starlette(
        routes=[
            Route("/health", health),
            Route("/stations", stations),
            Route("/stations/{identity:path}", find),
            Route("/stations/{identity:path}/{action}", call, methods=["POST"]),
        ],
        exception_handlers={OcppError: failure, ValueError: failure, HTTPException: refused},
        lifespan=lifespan,
    )
    app.state.bus, app.state.fleet = bus, Fleet(bus, config=config)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    uvicorn.run(
        make_app(bus_of("caller")), host=options.host, port=options.port, log_level="warning"
    )
