"""`Admission`: what the door decides for each station, over real sockets, in every world."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from net_worlds import World, in_every_world
from test_connect_serve import NOW, Place, masked, serving

from ocpp_sansio import Config, Validation, Version
from ocpp_sansio.handlers import Handlers
from ocpp_sansio.hooks import Hooks
from ocpp_sansio.net import Admission, ConnectionRequest
from ocpp_sansio.testing import Recorder, replay
from ocpp_sansio.websocket import WebSocketConfig


def request_of(path: str, **headers: str) -> bytes:
    """A handshake without a subprotocol, unless the headers have one."""
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: x",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version: 13",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


@asynccontextmanager
async def knocking(place: Place, path: str, **headers: str) -> AsyncIterator[tuple[str, Any]]:
    """Knock as a stranger; gives the head of the answer, and the connection."""
    peer = await place.world.raw(place.server.port)
    await peer.send(request_of(path, **headers))
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += await peer.receive()
    yield answer.decode(), peer
    await peer.close()


# --- settings per station ----------------------------------------------------------------------------

LENIENT = Config(validation=Validation.LENIENT)
NO_PINGS = WebSocketConfig(ping_interval=0, compression=False)
ODD_HEARTBEAT = b'[2,"1","Heartbeat",{"surplus":1}]'


@in_every_world
@pytest.mark.parametrize("is_async", [False, True])
def test_each_station_of_one_server_has_the_settings_that_its_admission_has(
    world: World, *, is_async: bool
) -> None:
    async def scenario(world: World) -> None:
        lines: list[str] = []
        seen: list[str] = []
        special, hooks = Handlers[str](), Hooks()
        special.on("Heartbeat")(lambda _: {"currentTime": "2030-01-01T00:00:00Z"})
        hooks.before("message_received")(lambda info: seen.append(info.hook))
        admissions: dict[str, bool | Admission[Any]] = {
            "plain": True,
            "lenient": Admission(config=LENIENT, websocket=NO_PINGS, context={"site": 1}),
            "special": Admission(handlers=special, hooks=hooks),
            "recorded": Admission(new_connection=partial(Recorder, write=lines.append)),
            "renamed": Admission(identity="tenant/renamed", version=Version.OCPP201),
        }

        def decide(request: ConnectionRequest) -> bool | Admission[Any]:
            return admissions[request.identity]

        async def decide_later(request: ConnectionRequest) -> bool | Admission[Any]:
            await world.sleep(0)
            return decide(request)

        def tell(_: Any, call: Any) -> Any:
            contexts[call.session.identity] = call.context
            return NOW

        contexts: dict[str, Any] = {}
        door = decide_later if is_async else decide
        async with serving(world, handlers={"Heartbeat": tell}, authenticate=door) as place:
            sessions = place.server.sessions
            for name in ("plain", "special", "recorded"):
                async with place.station(name) as station:
                    year = "2030" if name == "special" else "2026"
                    assert (await station.call("Heartbeat", {}))["currentTime"].startswith(year)
            async with place.station("renamed", versions=["ocpp1.6", "ocpp2.0.1"]) as station:
                assert station.version is Version.OCPP201
                await world.until(lambda: "tenant/renamed" in sessions)
                assert "renamed" not in sessions
            offer = {"Sec_WebSocket_Protocol": "ocpp1.6"}
            zipped = {"Sec_WebSocket_Extensions": "permessage-deflate"}
            async with knocking(place, "/plain", **offer, **zipped) as (head, _):
                assert "permessage-deflate" in head
            for name, kind in (("plain", b"[4,"), ("lenient", b"[3,")):
                more = zipped if name == "lenient" else {}
                async with knocking(place, f"/{name}", **offer, **more) as (head, peer):
                    assert "permessage-deflate" not in head
                    await peer.send(masked(ODD_HEARTBEAT))
                    assert kind in (await peer.receive())[:8]
                    assert sessions[name].request.path == f"/{name}"
        assert contexts == {"plain": None, "recorded": None, "lenient": {"site": 1}}
        assert seen == ["message_received"]
        replay(lines).verify()

    world.run(scenario)
