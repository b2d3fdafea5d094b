"""The examples on raw bytes and `serve` run to their natural end, on loopback or in virtual time."""

import asyncio
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from example_programs import LIMIT, ROOT, Killer, authorization, run, serving, start
from example_programs import Server as ExampleServer
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_websocket
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websocket
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response
from websockets.typing import Subprotocol

from examples.proxy import Relay
from ocpp_sansio import Version, v16
from ocpp_sansio.asyncio import NetSession, Server, serve
from ocpp_sansio.handlers import Handlers

# --- csms_asyncio.py, csms_trio.py ------------------------------------------------------------------------


@pytest.fixture(params=["csms_asyncio.py", "csms_trio.py"])
def csms_example(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.skipif(sys.platform == "win32", reason="there, no signal can be sent to a child")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_on_a_signal_the_trio_csms_tells_its_stations_that_it_goes_away(
    number: signal.Signals,
) -> None:
    async def beat_until_the_end(port: int, process: subprocess.Popen[str]) -> int | None:
        offer = [Subprotocol("ocpp1.6")]
        url = f"ws://127.0.0.1:{port}/CP001"
        async with connect_websocket(url, subprotocols=offer) as station:
            await station.send('[2,"1","Heartbeat",{}]')
            assert '[3,"1",' in str(await station.recv())
            process.send_signal(number)
            await station.wait_closed()
            return station.close_code

    with start("csms_trio.py", "--port", "0") as process:
        killer = Killer(process)
        try:
            csms = ExampleServer(process)
            assert asyncio.run(beat_until_the_end(csms.port, process)) == 1001
            output, _ = process.communicate(timeout=LIMIT)
        finally:
            killer.cancel()
            process.kill()
    assert (process.returncode, output) == (0, "")


def test_the_firmware_boots_and_beats_at_either_csms_example(
    csms_example: str, tmp_path: Path
) -> None:
    with serving(csms_example, "--password", "secret") as csms:
        output = run(
            "firmware_loop.py",
            *("--url", f"ws://127.0.0.1:{csms.port}", "--identity", "CP 1"),
            *("--password", "secret", "--heartbeats", "1", "--store", str(tmp_path / "store")),
        )
        assert [csms.line() for _ in range(2)] == [
            "CP 1: boots",  # C-2: decoded once
            "CP 1: to TriggerMessage, {'status': 'Accepted'}",
        ]
    *lines, figures = output.splitlines()
    assert lines[:2] == ["connected", "boot: Accepted"]
    assert lines[2].startswith("heartbeat: it is ")
    assert lines[3] == "disconnected: 1000"
    assert re.fullmatch(r"\d+ wake-ups, \d+\.\d MiB of memory at the peak", figures)


def test_either_csms_example_turns_a_wrong_password_away(csms_example: str) -> None:
    async def knock(port: int) -> int:
        async with asyncio.timeout(LIMIT):
            with pytest.raises(InvalidStatus) as refused:
                await connect_websocket(
                    f"ws://CP001:wrong@127.0.0.1:{port}/CP001",
                    subprotocols=[Subprotocol("ocpp2.0.1")],
                    proxy=None,
                )
        return refused.value.response.status_code

    with serving(csms_example, "--password", "secret") as csms:
        assert asyncio.run(knock(csms.port)) == 401


def test_each_csms_example_fits_on_a_page(csms_example: str) -> None:
    assert len((ROOT / "examples" / csms_example).read_text().splitlines()) < 60


# --- firmware_loop.py ---------------------------------------------------


def in_time(story: Callable[[], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        async with asyncio.timeout(LIMIT):
            result = await story()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left
        return result

    return asyncio.run(main())


def test_the_firmware_survives_a_csms_that_goes_and_comes_back(tmp_path: Path) -> None:
    """Its successor on the same port sees no boot (B-5) until it resets the station."""
    arrivals: asyncio.Queue[NetSession] = asyncio.Queue()
    boots: asyncio.Queue[object] = asyncio.Queue()
    heartbeats: asyncio.Queue[object] = asyncio.Queue()
    now = {"currentTime": "2026-01-01T12:00:00Z"}
    handlers = Handlers({"StatusNotification": lambda _: {}, "Heartbeat": lambda _: now})
    handlers.on("BootNotification")(lambda _: {**now, "status": "Accepted", "interval": 300})
    handlers.after("BootNotification")(boots.put)
    handlers.after("Heartbeat")(heartbeats.put)

    def csms(port: int) -> AbstractAsyncContextManager[Server]:
        return serve(arrivals.put, "127.0.0.1", port, versions=[Version.OCPP16], handlers=handlers)

    async def ask_for_heartbeat(session: NetSession) -> None:
        trigger = v16.MessageTrigger.HEARTBEAT
        answer = await session.call(v16.TriggerMessageRequest(requested_message=trigger))
        assert answer.status is v16.TriggerMessageStatus.ACCEPTED
        await heartbeats.get()

    async def story() -> str:
        async with csms(0) as first:
            url = f"ws://127.0.0.1:{first.port}"
            station = asyncio.create_task(
                asyncio.to_thread(
                    run,
                    "firmware_loop.py",
                    *("--url", url, "--retry", "0.02", "--heartbeats", "3"),
                    *("--store", str(tmp_path / "store")),
                )
            )
            await boots.get()
            await ask_for_heartbeat(await arrivals.get())
        async with csms(first.port):
            session = await arrivals.get()
            await ask_for_heartbeat(session)
            assert boots.empty()
            await session.call(v16.ResetRequest(type=v16.ResetType.SOFT))
            await boots.get()
            await ask_for_heartbeat(await arrivals.get())
            return await station

    lines = [re.sub(": it is.*", "", line) for line in in_time(story).splitlines()]
    refused = "disconnected: 1006 the peer hung up during the handshake"  # while nobody is there
    assert [line for line in lines[:-1] if line != refused] == [
        *("connected", "boot: Accepted", "heartbeat", "disconnected: 1001 the server is closing"),
        *("connected", "heartbeat", "disconnected: 1000"),
        *("connected", "boot: Accepted", "heartbeat", "disconnected: 1000"),
    ]


# --- proxy.py ----------------------------------------------------------------------------------------------


class Network:
    """The relay, between stations that we are and a CSMS that we are too."""

    def __init__(self, port: int, arrivals: "asyncio.Queue[ServerConnection]") -> None:
        self._port = port
        self._arrivals = arrivals

    def dial(self, path: str = "/CP001", *versions: str, **options: Any) -> connect_websocket:
        return connect_websocket(
            f"ws://127.0.0.1:{self._port}{path}",
            subprotocols=[Subprotocol(version) for version in versions or ("ocpp1.6",)],
            proxy=None,
            **options,
        )

    @property
    def has_seen_nobody(self) -> bool:
        return self._arrivals.empty()

    @asynccontextmanager
    async def joined(
        self, *arguments: str, **options: Any
    ) -> AsyncIterator[tuple[ClientConnection, ServerConnection]]:
        """Give a station, and its end of the CSMS."""
        async with self.dial(*arguments, **options) as station:
            yield station, await self._arrivals.get()


def relayed(story: Callable[[Network], Awaitable[object]], **options: Any) -> None:
    """Run a story; `options` are those of the CSMS."""

    async def main() -> None:
        arrivals: asyncio.Queue[ServerConnection] = asyncio.Queue()

        async def on_station(websocket: ServerConnection) -> None:
            await arrivals.put(websocket)
            await websocket.wait_closed()

        versions = [Subprotocol("ocpp1.6"), Subprotocol("ocpp2.0.1")]
        async with serve_websocket(
            on_station, "127.0.0.1", 0, subprotocols=versions, **options
        ) as upstream:
            port = next(iter(upstream.sockets)).getsockname()[1]
            scheme = "wss" if options.get("ssl") else "ws"
            relay = Relay(f"{scheme}://127.0.0.1:{port}/ocpp", is_shown=False)
            server = await relay.listen(0)
            try:
                await story(Network(server.sockets[0].getsockname()[1], arrivals))
            finally:
                server.close()
                await relay.close()
        assert not relay.stations

    in_time(main)


MESSAGES = [
    '[2,  "not-a-uuid",\n"Heartbeat" , {} ]',
    '[3,"42",{"currentTime":"2026-01-01T12:00:00.000000+00:00"}]',
    '[2,"é","DataTransfer",{"vendorId":"\\u00e9","data":"\U0001f50c"}]',
    '[2,"1","Vendor.Action",{"value":1e2,"value":1.00}]',
    '[4,"-1","Whatever"]',
    "no JSON at all",
    "",
    "x" * 1_000_000,
]


def test_x3_every_byte_of_a_message_passes_in_both_directions() -> None:
    async def story(network: Network) -> None:
        async with network.joined() as (station, csms):
            for sender, receiver in ((station, csms), (csms, station)):
                for message in MESSAGES:
                    await sender.send(message)
                assert [await receiver.recv() for _ in MESSAGES] == MESSAGES

    relayed(story)


def test_x3_the_upstream_connection_has_the_identity_and_the_password_of_the_station() -> None:
    async def story(network: Network) -> None:
        key = authorization(b"CP 1:\xff\x00:key")  # P-3: bytes that are no text, a colon among them
        async with network.joined("/somewhere/CP%201", additional_headers=key) as (_, csms):
            assert csms.request
            assert csms.request.path == "/ocpp/CP%201"
            assert csms.request.headers["Authorization"] == key["Authorization"]

    relayed(story)


def test_c4_the_csms_picks_the_version() -> None:
    async def story(network: Network) -> None:
        offer = ("ocpp2.1", "ocpp2.0.1", "ocpp1.6")
        async with network.joined("/CP001", *offer) as (station, csms):
            assert csms.request
            assert csms.request.headers["Sec-WebSocket-Protocol"] == ", ".join(offer)
            assert station.subprotocol == csms.subprotocol == "ocpp1.6"  # its own favourite

    relayed(story)


@pytest.mark.parametrize(
    ("path", "version", "status"),
    [("/", "ocpp1.6", 404), ("/CP001", "x", 400), ("/b", "ocpp1.6", 401)],
)
def test_whom_strict_refuses_the_csms_is_not_asked_about(
    path: str, version: str, status: int
) -> None:
    async def story(network: Network) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await network.dial(path, version, additional_headers=authorization(b"a:key"))
        assert refused.value.response.status_code == status
        assert network.has_seen_nobody

    relayed(story)


@pytest.mark.parametrize(("status", "passed_on"), [(401, 401), (404, 404), (503, 503), (302, 502)])
def test_whom_the_csms_refuses_is_refused(status: int, passed_on: int) -> None:
    def refuse(websocket: ServerConnection, _: object) -> Response:
        return websocket.respond(status, "no\n")

    async def story(network: Network) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await network.dial()
        assert refused.value.response.status_code == passed_on

    relayed(story, process_request=refuse)


def test_without_a_csms_the_relay_says_bad_gateway() -> None:
    async def story() -> None:
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            port = nobody.getsockname()[1]
        relay = Relay(f"ws://127.0.0.1:{port}", is_shown=False)
        async with await relay.listen(0) as server:
            network = Network(server.sockets[0].getsockname()[1], asyncio.Queue())
            with pytest.raises(InvalidStatus) as refused:
                await network.dial()
            assert refused.value.response.status_code == 502
            server.close()
            await relay.close()

    in_time(story)


def test_x3_when_the_station_goes_the_upstream_connection_goes() -> None:
    async def story(network: Network) -> None:
        async with network.joined() as (station, csms):
            await station.close()
            await csms.wait_closed()
            assert csms.close_code == 1001
        async with network.joined() as (station, csms):
            station.transport.abort()  # without a word
            await csms.wait_closed()
            assert csms.close_code == 1001

    relayed(story)


def test_x3_when_the_upstream_connection_goes_the_station_goes() -> None:
    async def story(network: Network) -> None:
        async with network.joined() as (station, csms):
            await csms.close()
            await station.wait_closed()
            assert station.close_code == 1001

    relayed(story)


def test_what_was_sent_before_the_end_still_arrives() -> None:
    async def story(network: Network) -> None:
        async with network.joined() as (station, csms):
            for number in range(100):
                await station.send(f"{number}")
            await station.close()
            assert [message async for message in csms] == [f"{number}" for number in range(100)]

    relayed(story)


def test_the_way_upstream_may_be_secured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))  # the system's authorities
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def story(network: Network) -> None:
        async with network.joined() as (station, csms):
            await station.send("from the station")
            await csms.send("from the CSMS")
            assert await csms.recv() == "from the station"
            assert await station.recv() == "from the CSMS"
            await station.close()
            await csms.wait_closed()

    relayed(story, ssl=context)


def test_each_station_has_an_upstream_connection_of_its_own() -> None:
    async def story(network: Network) -> None:
        async with (
            network.joined("/CP001") as (station1, csms1),
            network.joined("/CP002") as (station2, csms2),
        ):
            await station1.send("from 1")
            await csms2.send("to 2")
            assert (await csms1.recv(), await station2.recv()) == ("from 1", "to 2")
            await station1.close()
            await station2.send("from 2")
            assert await csms2.recv() == "from 2"

    relayed(story)


def test_a_csms_that_does_not_read_stops_the_station_and_heaps_up_nothing() -> None:
    message = "x" * 65536
    count = 1000

    async def story(network: Network) -> None:
        async with network.joined(compression=None) as (station, csms):
            sent = 0

            async def send() -> None:
                nonlocal sent
                for _ in range(count):
                    await station.send(message)
                    sent += 1

            sending = asyncio.create_task(send())
            before = -1
            while sent > before:  # until nothing moves any more
                before = sent
                await asyncio.wait([sending], timeout=0.2)
            assert sent < count
            for _ in range(count):
                assert await csms.recv() == message
            await sending

    relayed(story, max_queue=1)


def test_the_relay_example_stands_between_the_other_two(tmp_path: Path) -> None:
    with (
        serving("csms_asyncio.py", "--password", "secret") as csms,
        serving("proxy.py", "--show", "--upstream", f"ws://127.0.0.1:{csms.port}/ocpp") as proxy,
    ):
        url = f"ws://127.0.0.1:{proxy.port}"
        options = ("--password", "secret", "--heartbeats", "1", "--store", str(tmp_path / "store"))
        run("firmware_loop.py", "--url", url, *options)
        assert proxy.line().startswith("CP001 --> [2,")
        assert csms.line() == "CP001: boots"
