"""One CSMS and fifteen stations at once, no two alike: each is served, and the log tells them apart."""

import logging
from base64 import b64encode
from collections import defaultdict
from contextlib import AsyncExitStack
from typing import Any

import pytest
from msgspec import Struct
from net_worlds import RawPeer, World, in_every_world
from test_door import request_of
from test_tls import Files, make_files

from examples.mending import mend
from ocpp_sansio import Config, Validation, Version, v16
from ocpp_sansio.handlers import Handlers, IncomingCall
from ocpp_sansio.net import Admission, ConnectionRequest
from ocpp_sansio.outcomes import CallFailed
from ocpp_sansio.tls import csms_context, station_context
from ocpp_sansio.v16 import lenient
from ocpp_sansio.websocket import WebSocketConfig

VERSIONS = [Version.OCPP16, Version.OCPP201, Version.OCPP21]
BOOT_16 = b'[2,"1","BootNotification",{"chargePointModel":"m","chargePointVendor":"v"}]'
BOOT_2X = b'[2,"1","BootNotification",{"reason":"PowerUp","chargingStation":{"model":"m","vendorName":"v"}}]'
BEAT = b'[2,"2","Heartbeat",{}]'
SURPLUS = b'[2,"3","Heartbeat",{"surplus":1}]'
STATUS = (
    b'[2,"2","StatusNotification",{"connectorId":1,"errorCode":"noError","status":"Available"}]'
)
COMMA = STATUS.replace(b"noError", b"NoError").replace(b'"}]', b'",}]')
SEND = (
    b'[6,"2","NotifyPeriodicEventStream",{"id":1,"pending":0,"basetime":"2026-01-01T00:00:00Z",'
    b'"data":[{"t":0,"v":"1"}]}]'
)
OFFER = "Sec_WebSocket_Protocol"


class Kind(Struct, frozen=True):
    """One kind of station: how it knocks, and what it says beside its boot."""

    path: str
    headers: dict[str, str] = {}
    says: bytes = BEAT
    breaks: bytes | None = SURPLUS
    version: Version = Version.OCPP16

    @property
    def boot(self) -> bytes:
        return BOOT_16 if self.version is Version.OCPP16 else BOOT_2X


IN_16 = {OFFER: "ocpp1.6"}
CREDENTIALS = {"Authorization": f"Basic {b64encode(b'somebody:secret').decode()}"}
KINDS = {
    "strict": Kind("/ocpp/strict", IN_16),
    "lenient": Kind("/ocpp/lenient", IN_16, says=STATUS, breaks=None),
    "no-subprotocol": Kind("/ocpp/no-subprotocol"),
    "empty-subprotocol": Kind("/ocpp/empty-subprotocol", {OFFER: ""}),
    "trailing-slash": Kind("/ocpp/trailing-slash/", IN_16),
    "pings-of-20-s": Kind("/ocpp/pings-of-20-s", IN_16),
    "no-pings": Kind("/ocpp/no-pings", IN_16),
    "own-spelling": Kind("/ocpp/own-spelling", {OFFER: "OCPP1.6J"}),
    "wrong-username": Kind("/ocpp/wrong-username", IN_16 | CREDENTIALS),
    "mended": Kind("/ocpp/mended", IN_16, says=COMMA),
    "v2.0.1": Kind("/ocpp/v2.0.1", {OFFER: "ocpp2.0.1"}, version=Version.OCPP201),
    "v2.1": Kind("/ocpp/v2.1", {OFFER: "ocpp2.1"}, says=SEND, version=Version.OCPP21),
    "in-a-header": Kind("/", IN_16 | {"X_Station": "in-a-header"}),
    "in-the-path": Kind("/in-the-path/websocket", IN_16),
}
MTLS, UNNAMED = "SN-0001", "unnamed"
"""What its certificate says, and what its path does."""

SETTINGS: dict[str, dict[str, Any]] = {
    "lenient": {"config": Config(validation=Validation.LENIENT)},
    "mended": {"config": Config(mend=mend)},
    "pings-of-20-s": {"websocket": WebSocketConfig(ping_interval=20)},
    "no-pings": {"websocket": WebSocketConfig(ping_interval=0)},
    "wrong-username": {"check_username": False},
}


def door(request: ConnectionRequest) -> Admission[str]:
    """Let in whoever knocks, each in its own way; the context says as what kind."""
    identity = request.identity
    if request.peer_certificate:
        subject = dict(pair for [pair] in request.peer_certificate["subject"])
        identity = str(subject["commonName"])
    elif request.path == "/":
        identity = request.headers["x-station"]
    elif request.path.endswith("/websocket"):
        identity = request.path.split("/")[1]
    version = None if request.versions else Version.OCPP16
    named = None if identity == request.identity else identity
    return Admission(
        identity=named, version=version, context=f"a {identity}", **SETTINGS.get(identity, {})
    )


class Csms:
    """The handlers, and what each station has brought them."""

    def __init__(self) -> None:
        self.came: dict[str, list[str]] = defaultdict(list)
        self.contexts: dict[str, str] = {}
        self.handlers = Handlers[str]()
        now = "2026-01-01T00:00:00Z"
        booted = {"currentTime": now, "interval": 300, "status": "Accepted"}
        answers = {"BootNotification": booted, "Heartbeat": {"currentTime": now}}
        self.handlers.on("BootNotification")(lambda _, call: self.note(call, answers))
        self.handlers.on("Heartbeat")(lambda _, call: self.note(call, answers))
        self.handlers.on("NotifyPeriodicEventStream")(lambda _, call: self.note(call, {}))
        self.handlers.on(lenient.StatusNotificationRequest)(self.take_status)

    def note(self, call: IncomingCall[str], answers: dict[str, Any]) -> Any:
        identity = call.session.identity or ""
        self.came[identity].append(call.action)
        self.contexts[identity] = call.context
        return answers.get(call.action)

    def take_status(
        self, request: lenient.StatusNotificationRequest, call: IncomingCall[str]
    ) -> v16.StatusNotificationResponse:
        assert isinstance(request, v16.StatusNotificationRequest)
        self.note(call, {})
        self.came[call.session.identity or ""] += [str(each) for each in call.violations]
        return v16.StatusNotificationResponse()


def frame(text: bytes) -> bytes:
    size = len(text)
    head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + bytes(4) + text


class Station:
    """One of the stations, with nothing above TCP."""

    def __init__(self, peer: RawPeer) -> None:
        self._peer, self._unread = peer, b""

    async def _read(self, until: bytes) -> bytes:
        while until not in self._unread:
            piece = await self._peer.receive()
            assert piece, "it was hung up on"
            self._unread += piece
        head, _, self._unread = self._unread.partition(until)
        return head + until

    async def knock(self, kind: Kind) -> str:
        await self._peer.send(request_of(kind.path, **kind.headers))
        return (await self._read(b"\r\n\r\n")).decode()

    async def say(self, message: bytes) -> bytes:
        """Say something, and return the frame that comes back, less its own head."""
        await self._peer.send(frame(message))
        if message.startswith(b"[6"):
            return b""
        return (await self._read(b"}]"))[2:]


async def live(station: Station, name: str, kind: Kind) -> None:
    assert (await station.knock(kind)).startswith("HTTP/1.1 101 "), name
    assert b'[3,"1",' in await station.say(kind.boot), name
    answer = await station.say(kind.says)
    assert not answer or b'[3,"2",' in answer, (name, answer)
    if kind.breaks:
        assert b'[4,"3",' in await station.say(kind.breaks), name


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make_files(tmp_path_factory.mktemp("mixed") / "tls")


@in_every_world
def test_fifteen_kinds_of_stations_live_on_one_csms_and_its_log_tells_them_apart(
    world: World, files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ocpp_sansio")
    csms = Csms()
    addresses: dict[str, str] = {}
    pings: dict[str, float | None] = {}

    async def scenario(world: World) -> None:
        options: dict[str, Any] = {
            "versions": VERSIONS,
            "handlers": csms.handlers,
            "authenticate": door,
            "aliases": {"OCPP1.6J": Version.OCPP16},
        }
        secured = csms_context(files.csms, station_authorities=files.authority)
        async with (
            world.serve(None, "127.0.0.1", 0, **options) as server,
            world.serve(None, "127.0.0.1", 0, ssl=secured, **options) as tls_server,
            AsyncExitStack() as stack,
        ):
            mtls = await stack.enter_async_context(
                world.connect(
                    f"wss://127.0.0.1:{tls_server.port}/ocpp",
                    identity=UNNAMED,
                    versions=["ocpp1.6"],
                    ssl=station_context(files.authority, files.station),
                    config=Config(validation=Validation.OFF),
                )
            )
            peers = {name: await world.raw(server.port) for name in KINDS}
            stations = {name: Station(peer) for name, peer in peers.items()}

            async def live_with_a_certificate() -> None:
                boot = {"chargePointModel": "m", "chargePointVendor": "v"}
                assert (await mtls.call("BootNotification", boot))["status"] == "Accepted"
                await mtls.call("Heartbeat", {})
                with pytest.raises(CallFailed):
                    await mtls.call("Heartbeat", {"surplus": 1})

            def life_of(name: str) -> Any:
                return lambda: live(stations[name], name, KINDS[name])

            ends = await world.together(live_with_a_certificate, *map(life_of, KINDS))
            assert ends == [None] * len(ends)
            # all of them are there at once
            sessions = {**server.sessions, **tls_server.sessions}
            for name, session in sessions.items():
                addresses[name], pings[name] = session.address, session.websocket.ping_interval
            for peer in peers.values():
                await peer.close()

    world.run(scenario)
    names = {*KINDS, MTLS}
    assert len(names) == 15
    assert addresses.keys() == names
    # The one with a certificate is at a server of its own, and may have come from another's port.
    assert len({addresses[name] for name in KINDS}) == 14
    assert csms.contexts == {name: f"a {name}" for name in names}
    assert {name: csms.came[name][0] for name in names} == dict.fromkeys(names, "BootNotification")
    assert csms.came["mended"] == ["BootNotification", "StatusNotification"]
    assert csms.came["v2.1"] == ["BootNotification", "NotifyPeriodicEventStream"]
    [violation] = csms.came["lenient"][2:]
    assert violation.startswith("$.errorCode: 'noError' instead of one of ConnectorLockFailure")
    assert pings == dict.fromkeys(names) | {"pings-of-20-s": 20, "no-pings": 0}

    # What a program that reads the log knows: of each record, whose it is.
    told: dict[str, set[tuple[str, str]]] = defaultdict(set)
    broken: dict[str, int] = defaultdict(int)
    for record in caplog.records:
        facts = vars(record)
        if facts["identity"] == UNNAMED:  # what its own side says, which is in this process, too
            continue
        told[facts["identity"]].add((facts["address"], facts["version"]))
        assert repr(facts["identity"]) in record.getMessage()
        broken[facts["identity"]] += facts.get("rule") is not None
    spoken = dict.fromkeys(names, "ocpp1.6") | {"v2.0.1": "ocpp2.0.1", "v2.1": "ocpp2.1"}
    assert told == {name: {(addresses[name], spoken[name])} for name in names}
    assert broken == dict.fromkeys(names, 1) | {"lenient": 0}
