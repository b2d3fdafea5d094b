"""`Admission`: what the door decides for each station, over real sockets, in every world."""

from base64 import b64encode
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
from ocpp_sansio.net import (
    Admission,
    ConnectionRequest,
    Duplicates,
    HandshakeFailed,
    HttpRequest,
    Limits,
)
from ocpp_sansio.outcomes import CallFailed
from ocpp_sansio.testing import Recorder, replay
from ocpp_sansio.websocket import HttpResponse, WebSocketConfig, passwords_match

UPGRADE = "(right: Upgrade; do proxies drop it?)"


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


@in_every_world
def test_stations_of_a_kind_share_their_settings_the_vendor_actions_included(world: World) -> None:
    async def scenario(world: World) -> None:
        special = Handlers({"X.Tell": lambda _: {"x": 1}, "Heartbeat": lambda _: NOW})
        of_a_kind = Admission[None](config=LENIENT, websocket=NO_PINGS, handlers=special)
        door = lambda request: request.identity == "CP9" or of_a_kind  # noqa: E731
        served = Config(vendor_actions=frozenset({"X.Tell"}))
        async with (
            serving(world, authenticate=door) as place,
            place.station("CP1", config=served) as one,
            place.station("CP2"),
            place.station("CP9", config=served) as other,
        ):
            sessions = place.server.sessions
            await world.until(lambda: len(sessions) == 3)
            assert sessions["CP1"].config is sessions["CP2"].config
            assert sessions["CP1"].websocket is sessions["CP2"].websocket is NO_PINGS
            assert sessions["CP1"].config.vendor_actions == {"X.Tell", "Heartbeat"}
            assert sessions["CP1"].config.validation is Validation.LENIENT
            requests = [sessions[identity].request for identity in ("CP1", "CP9")]
            assert requests[0].headers is requests[1].headers
            assert await one.call("X.Tell", {}) == {"x": 1}
            with pytest.raises(CallFailed):
                await other.call("X.Tell", {})

    world.run(scenario)


def test_a_session_keeps_of_the_request_what_is_no_secret_and_hardly_more() -> None:
    headers = {"host": "h", "user-agent": "u", "authorization": "s", "cookie": "s", "x-key": "s"}
    address = ("127.0.0.1", 7)
    asked = ConnectionRequest("CP1", "CP1", b"s", ("ocpp1.6",), "/CP1?s", headers, None, address)
    kept = asked.without_secrets()
    assert kept.headers == {"host": "h", "user-agent": "u"}
    assert (kept.identity, kept.username, kept.password) == ("CP1", "CP1", None)
    assert (kept.path, kept.subprotocols, kept.address) == ("/CP1", ("ocpp1.6",), address)
    assert asked.headers is headers
    with pytest.raises(TypeError):
        kept.headers["host"] = "x"  # type: ignore[index]


# --- the door decides before the checks do -------------------------------------------------------------

PASSWORDS = {"CP001": b"secret", "CP003": b"another"}


def open_door(request: ConnectionRequest) -> bool | int | Admission[str]:
    """Live with what stations in the field do; each by a word of its own."""
    version = None if request.versions else Version.OCPP16
    folder, _, rest = request.path.strip("/").partition("/")
    if folder == "header":
        return Admission(identity=request.headers.get("x-station"), version=version)
    if folder == "any-user":
        return Admission(check_username=False, version=version, context=request.username or "")
    if folder == "by-user":
        name = request.username or ""
        if not passwords_match(request.password, PASSWORDS.get(name)):
            return False
        return Admission(identity=name, version=version)
    if folder == "tail":
        return Admission(identity=rest.partition("/")[0], version=version)
    return Admission(version=version) if folder == "1.6" else True


OFFER = {"Sec_WebSocket_Protocol": "ocpp1.6"}
ODD_SPELLING = {"Sec_WebSocket_Protocol": "OCPP1.6"}
CREDENTIALS = {"Authorization": f"Basic {b64encode(b'CP003:another').decode()}"}

# A path, headers, and how it ends: an HTTP status, or as whom it is in.
KNOCKS: list[tuple[str, dict[str, str], int | str]] = [
    ("/1.6/CP001", {}, "CP001"),
    ("/1.6/CP001", {"Sec_WebSocket_Protocol": ""}, "CP001"),
    ("/1.6/CP001", ODD_SPELLING, "CP001"),
    ("/strict/CP001", {}, 400),
    ("/strict/CP001", ODD_SPELLING, 400),
    ("/strict/CP001/", OFFER, "CP001"),
    ("/", OFFER, 404),
    ("/header/", {"X_Station": "CP 2"}, "CP 2"),
    ("/header", OFFER, "header"),
    ("/header/CP2/x", {"X_Station": "../x"}, 500),
    ("/strict/CP001", OFFER | CREDENTIALS, 401),
    ("/any-user/CP001", OFFER | CREDENTIALS, "CP001"),
    ("/by-user", CREDENTIALS, "CP003"),
    ("/by-user/CP001", CREDENTIALS, "CP003"),  # his own password is good for his own name alone
    ("/by-user/CP001", {}, 400),  # not 401: strict's refusal stands
    ("/tail/CP4/websocket", OFFER, "CP4"),
]


@in_every_world
@pytest.mark.parametrize("is_async", [False, True])
def test_every_way_in_is_a_choice_and_without_one_strict_stands(
    world: World, *, is_async: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    async def scenario(world: World) -> None:
        async def open_door_later(request: ConnectionRequest) -> Any:
            await world.sleep(0)
            return open_door(request)

        door = open_door_later if is_async else open_door
        async with serving(world, authenticate=door) as place:
            sessions = place.server.sessions
            for path, headers, outcome in KNOCKS:
                async with knocking(place, path, **headers) as (head, peer):
                    if isinstance(outcome, int):
                        assert head.startswith(f"HTTP/1.1 {outcome} "), (path, headers)
                        continue
                    assert head.startswith("HTTP/1.1 101 "), (path, headers)
                    await peer.send(masked(b'[2,"1","Heartbeat",{}]'))
                    assert (await peer.receive())[2:].startswith(b'[3,"1",')
                    assert list(sessions) == [outcome]
                    [session] = sessions.all()
                    assert session.request.password is None
                    assert "authorization" not in session.request.headers
                    if path.startswith("/any-user"):
                        assert session.context == "CP003"
                await world.until(lambda: not sessions)

    world.run(scenario)
    assert "a handshake failed: no OCPP version in common" in caplog.text
    assert "what cannot be: an identity is printable text" in caplog.text
    assert "another" not in caplog.text


@in_every_world
def test_who_is_refused_for_a_fault_pushes_nobody_out(world: World) -> None:
    async def scenario(world: World) -> None:
        async with serving(world, authenticate=lambda _: True) as place, place.station() as old:
            for headers in ({}, OFFER | CREDENTIALS):
                async with knocking(place, "/CP001", **headers) as (head, _):
                    assert head.startswith(("HTTP/1.1 400 ", "HTTP/1.1 401 "))
            assert await old.call("Heartbeat", {}) == NOW
            assert old.is_connected

    world.run(scenario)


@in_every_world
def test_an_admission_that_cannot_be_is_a_500_and_says_why_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    wrong: list[Any] = [
        Admission(version="ocpp2.1"),  # the server does not speak it
        Admission(version="ocpp2.0.1"),  # the station does not offer it
        Admission(version="ocpp9"),
        Admission(identity=""),
        "yes",
    ]

    async def scenario(world: World) -> None:
        async with serving(
            world,
            versions=["ocpp1.6", "ocpp2.0.1"],
            authenticate=lambda request: wrong[int(request.path[-1])],
        ) as place:
            for index in range(len(wrong)):
                with pytest.raises(HandshakeFailed) as caught:
                    async with place.station(f"CP{index}"):
                        raise AssertionError("it was let in")
                assert caught.value.status == 500
            assert not place.server.sessions

    world.run(scenario)
    for said in ("ocpp2.1 is not common", "ocpp2.0.1 is not common", "ocpp9", "printable", "'yes'"):
        assert said in caplog.text


def test_an_admission_of_the_wrong_things_is_refused_where_it_is_made() -> None:
    mixed_up: list[dict[str, Any]] = [
        {"config": WebSocketConfig()},
        {"websocket": Config()},
        {"handlers": {"Heartbeat": print}},
        {"identity": b"CP001"},
        {"hooks": Handlers()},
        {"duplicates": "sometimes"},
        {"new_connection": 1},
    ]
    for options in mixed_up:
        with pytest.raises(TypeError, match=next(iter(options))):
            Admission(**options)


# --- HTTP on the same port -----------------------------------------------------------------------------


@in_every_world
@pytest.mark.parametrize("is_async", [False, True])
def test_http_on_the_same_port_is_answered_by_a_function(
    world: World, *, is_async: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        def answer(request: HttpRequest) -> Any:
            assert request.address
            assert request.address[0] == "127.0.0.1"
            match request.path:
                case "/health":
                    return HttpResponse(f"{len(place.server.sessions)} connected")
                case "/wrong":
                    return "text"
                case "/broken":
                    raise RuntimeError("no database")
                case _:
                    return None

        async def answer_later(request: HttpRequest) -> Any:
            await world.sleep(0)
            return answer(request)

        http = answer_later if is_async else answer
        limits = Limits(max_handshakes=1)
        async with serving(world, http=http, limits=limits) as place, place.station() as station:
            for path, status, body in (
                ("/health", 200, "1 connected"),
                ("/wrong", 500, ""),
                ("/broken", 500, ""),
                (
                    "/CP001",
                    426,
                    f"this is no WebSocket handshake: missing Connection header {UPGRADE}\n",
                ),
                ("/health", 200, "1 connected"),
            ):
                peer = await world.raw(place.server.port)
                await peer.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                answered = (await peer.read_all()).decode()
                assert answered.startswith(f"HTTP/1.1 {status} "), path
                assert answered.endswith(f"\r\n\r\n{body}")
                await peer.close()
            assert await station.call("Heartbeat", {}) == NOW

    world.run(scenario)
    assert "http failed" in caplog.text
    assert "RuntimeError: no database" in caplog.text
    assert "'text' is no HttpResponse" in caplog.text


@in_every_world
def test_an_answer_that_takes_too_long_or_whose_asker_has_gone_harms_nobody(world: World) -> None:
    async def scenario(world: World) -> None:
        is_asked, asked = world.new_event(), []

        async def never(request: HttpRequest) -> HttpResponse:
            asked.append(request)
            is_asked.set()
            await world.new_event().wait()
            raise AssertionError("it was set")

        quick = WebSocketConfig(handshake_timeout=0.1)
        async with serving(world, http=never, websocket=quick) as place:
            gone = await world.raw(place.server.port)
            await gone.send(b"GET / HTTP/1.1\r\n\r\n")
            await is_asked.wait()
            await gone.close()
            peer = await world.raw(place.server.port)
            await peer.send(b"GET / HTTP/1.1\r\n\r\n")
            assert (await peer.read_all()).startswith(b"HTTP/1.1 503 ")
            await peer.close()
            async with place.station() as station:
                assert await station.call("Heartbeat", {}) == NOW
        assert len(asked) == 2

    world.run(scenario)


# --- duplicates: C-11 ------------------------------------------------------------------------------------


@in_every_world
def test_c11_both_may_stay_and_the_registry_has_the_newest_and_all(world: World) -> None:
    async def scenario(world: World) -> None:
        limits = Limits(max_per_identity=2)
        async with serving(world, duplicates=Duplicates.KEEP, limits=limits) as place:
            sessions = place.server.sessions
            async with place.station() as first:
                await world.until(lambda: len(sessions.all()) == 1)
                [one] = sessions.all()
                async with place.station() as second, place.station("CP002"):
                    await world.until(lambda: len(sessions.all()) == 3)
                    newest, oldest = sessions.of("CP001")
                    assert oldest is one
                    assert sessions["CP001"] is newest
                    assert (len(sessions), sorted(sessions)) == (2, ["CP001", "CP002"])
                    assert sessions.of("CP003") == ()
                    for station in (first, second):
                        assert await station.call("Heartbeat", {}) == NOW
                await world.until(lambda: len(sessions.all()) == 1)
                assert sessions["CP001"] is one  # the older one is the newest again
                async with place.station(), place.station() as third:
                    await first.wait_closed()  # more than two there may not be
                    await world.until(lambda: len(sessions.of("CP001")) == 2)
                    assert one not in sessions.all()
                    assert await third.call("Heartbeat", {}) == NOW
            await world.until(lambda: not sessions)

    world.run(scenario)


@in_every_world
def test_c11_a_function_or_the_admission_decides_for_each_duplicate(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        told: list[Any] = []

        def decide(identity: str, older: Any, newer: ConnectionRequest) -> Duplicates:
            told.append((identity, [session.identity for session in older], newer.path))
            if newer.path.endswith("?fail"):
                raise RuntimeError("mine")
            probe = newer.path.endswith("?probe")
            return Duplicates.KEEP if probe else Duplicates.REFUSE

        def door(request: ConnectionRequest) -> bool | Admission[Any]:
            if request.path.endswith("?replace"):
                return Admission(duplicates=Duplicates.REPLACE)
            return True

        async with (
            serving(world, duplicates=decide, authenticate=door) as place,
            place.station() as old,
        ):
            await world.until(lambda: place.server.sessions)
            for query, status in (("", 409), ("?fail", 500), ("?probe", 101)):
                async with knocking(place, f"/CP001{query}", **OFFER) as (head, _):
                    assert head.startswith(f"HTTP/1.1 {status} ")
            await world.until(lambda: len(place.server.sessions.all()) == 1)
            assert await old.call("Heartbeat", {}) == NOW
            async with knocking(place, "/CP001?replace", **OFFER) as (head, _):
                assert head.startswith("HTTP/1.1 101 ")
                await old.wait_closed()
        assert told == [("CP001", ["CP001"], f"/CP001{query}") for query in ("", "?fail", "?probe")]

    world.run(scenario)
    assert "duplicates failed" in caplog.text


@in_every_world
def test_leaving_waits_for_the_calls_of_every_session_of_an_identity(world: World) -> None:
    async def scenario(world: World) -> None:
        answers: list[Any] = []
        peers: list[Any] = []
        calls: list[str] = []
        is_ready = world.new_event()

        async def on_station(session: Any) -> None:
            if session.identity == "CP001":
                answers.append(await session.call("ClearCache", {}))

        async def knock(place: Place, path: str, awaited: bytes) -> None:
            peers.append(await world.raw(place.server.port))
            await peers[-1].send(request_of(path, **OFFER))
            got = b""
            while awaited not in got:
                got += await peers[-1].receive()
            calls.append(got.rpartition(b'[2,"')[2].partition(b'"')[0].decode())

        async def serve_and_leave() -> None:
            async with serving(world, on_station, duplicates=Duplicates.KEEP) as place:
                for _ in range(2):
                    await knock(place, "/CP001", b"ClearCache")
                await knock(place, "/idle", b"\r\n\r\n")
                await world.until(lambda: len(place.server.sessions.all()) == 3)
                is_ready.set()

        async def answer() -> None:
            await is_ready.wait()
            assert (await peers[2].receive())[:1] == b"\x88"  # so the server is leaving
            for peer, call in zip(peers[:2], calls[:2], strict=True):
                await peer.send(masked(f'[3,"{call}",{{"status":"Accepted"}}]'.encode()))
            for peer in peers:
                await peer.close()

        assert await world.together(serve_and_leave, answer) == [None, None]
        assert answers == [{"status": "Accepted"}] * 2

    world.run(scenario)
