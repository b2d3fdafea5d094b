"""The examples on raw bytes and `serve` run to their natural end, on loopback or in virtual time."""

import asyncio
import json
import re
import selectors
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from example_programs import LIMIT, ROOT, Killer, authorization, run, serving, start
from example_programs import Server as ExampleServer
from virtual_csms import VirtualCsms, VirtualLine
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_websocket
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websocket
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response
from websockets.typing import Subprotocol

from examples.firmware_loop import READINGS_KEPT, Station, Transport
from examples.proxy import Relay
from ocpp_sansio import Version, v16
from ocpp_sansio.asyncio import NetSession, Server, serve
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.handlers import Handlers

HOUR = 3600.0
DAY = 24 * HOUR


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


def test_the_firmware_boots_and_beats_at_either_csms_example(csms_example: str) -> None:
    with serving(csms_example, "--password", "secret") as csms:
        output = run(
            "firmware_loop.py",
            *("--url", f"ws://127.0.0.1:{csms.port}", "--identity", "CP 1"),
            *("--password", "secret", "--heartbeats", "1"),
        )
        assert [csms.line() for _ in range(2)] == [
            "CP 1: boots",  # C-2: decoded once
            "CP 1: to TriggerMessage, {'status': 'Accepted'}",
        ]
    *lines, figures = output.splitlines()
    assert lines[:2] == ["connected", "boot: Accepted"]
    assert lines[2].startswith("heartbeat: it is ")
    assert lines[3] == "disconnected: 1000"
    assert re.fullmatch(
        r"\d+ wake-ups in 0\.\d minutes; \d+\.\d MiB of memory at the peak", figures
    )


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


# --- firmware_loop.py: what it costs ------------------------------------------------------------------------

PEAK = """
from pathlib import Path
import json, sys
status = Path("/proc/self/status").read_text()
peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
print(json.dumps({"peak": int(peak), "modules": sorted(sys.modules)}))
"""
"""Not getrusage's ru_maxrss, which begins with that of the process that started us."""

FLOOR = "import argparse, resource, selectors, socket, websockets.client, websockets.server\n"
FIRMWARE = """
import runpy, sys
sys.argv[1:] = {arguments}
runpy.run_path({path!r}, run_name="__main__")
"""

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory is read from /proc, which Linux has"
)


def measure(script: str) -> dict[str, Any]:
    """Run a script in a fresh interpreter; return its peak memory in KiB, and the modules it imported."""
    command = [sys.executable, "-c", script + PEAK]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.fixture(scope="module")
def firmware() -> dict[str, Any]:
    """The firmware, after a whole conversation with a CSMS."""
    with serving("csms_asyncio.py") as csms:
        arguments = ["--url", f"ws://127.0.0.1:{csms.port}", "--heartbeats", "1"]
        path = str(ROOT / "examples" / "firmware_loop.py")
        script = FIRMWARE.format(arguments=arguments, path=path)
        measure(script)  # so that no figure is that of a compiler
        return measure(script)


@needs_proc
def test_the_firmware_imports_no_event_loop(firmware: dict[str, Any]) -> None:
    loops = {"asyncio", "trio", "anyio", "concurrent", "curio", "uvloop"}
    assert "ocpp_sansio" in firmware["modules"]
    assert not loops & {name.partition(".")[0] for name in firmware["modules"]}


@needs_proc
def test_the_firmware_loads_the_messages_of_its_version_only(firmware: dict[str, Any]) -> None:
    assert "ocpp_sansio.v16.messages" in firmware["modules"]
    assert not [name for name in firmware["modules"] if name.startswith("ocpp_sansio.v2")]


@needs_proc
def test_the_firmware_needs_at_most_6_mib_above_an_interpreter_with_websockets(
    firmware: dict[str, Any],
) -> None:
    measure(FLOOR)
    above = firmware["peak"] - measure(FLOOR)["peak"]
    assert 0 < above <= 6 * 1024


# --- firmware_loop.py: what it does, in virtual time --------------------------------------------------------


class Bench:
    """A station and its CSMS."""

    def __init__(self) -> None:
        self.csms = VirtualCsms()
        self.station = Station(
            "ws://csms.test/ocpp",
            "CP001",
            backoff=Backoff(wait_minimum=10, random_range=0),
            transport=VirtualLine(self.csms),
            clock=lambda: self.csms.now,
        )

    def run_until(self, moment: float) -> None:
        """Let the station's loop turn; the end finds it asleep."""

        def reach() -> None:
            raise _MomentReached

        self.csms.at(moment, reach)
        with suppress(_MomentReached):
            while True:
                self.station.turn()


class _MomentReached(Exception):  # noqa: N818 - no mishap
    pass


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.csms.hang_up()
    bench.station.transport.close()
    bench.station.transport.selector.close()


def test_the_firmware_beats_and_meters_when_due(bench: Bench) -> None:
    bench.run_until(HOUR)
    log = [(entry.at, entry.what) for entry in bench.csms.log if entry.at < HOUR]
    assert log[:3] == [(0, "Opened"), (0, "BootNotification"), (0, "MeterValues")]
    assert [at for at, what in log if what == "Heartbeat"] == [300.0 * n for n in range(1, 12)]
    assert [at for at, what in log if what == "MeterValues"] == [0, 900, 1800, 2700]


def test_an_idle_firmware_wakes_up_less_than_three_times_a_minute(bench: Bench) -> None:
    """A ping a minute with its pong, a heartbeat every five with its answer, a reading every fifteen."""
    bench.run_until(1)
    before = bench.station.transport.wakeups
    bench.run_until(1 + DAY)
    per_minute = (bench.station.transport.wakeups - before) / (DAY / 60)
    assert 1 < per_minute < 3


def test_without_anything_to_do_the_firmware_sleeps(bench: Bench) -> None:
    bench.run_until(1)
    for name in bench.station.settings:
        request = v16.ChangeConfigurationRequest(key=name.upper(), value="0")  # any case
        bench.csms.call(request)
    bench.run_until(2)
    before = bench.station.transport.wakeups
    bench.csms.at(DAY, lambda: bench.csms.call(v16.ResetRequest(type=v16.ResetType.SOFT)))
    bench.run_until(DAY)
    assert bench.station.transport.wakeups - before <= 2


def test_r2_the_firmware_dials_ever_less_often_while_the_csms_is_away(bench: Bench) -> None:
    csms = bench.csms
    csms.at(100, csms.go_away)
    bench.run_until(HOUR)
    assert csms.dials == [
        0,
        110,
        130,
        170,
        250,
        410,
        730,
        1050,
        1370,
        1690,
        2010,
        2330,
        2650,
        2970,
        3290,
    ]


def test_b5_the_firmware_goes_on_without_booting_and_delivers_what_it_measured_meanwhile(
    bench: Bench,
) -> None:
    csms = bench.csms
    csms.at(100, csms.go_away)
    csms.at(HOUR, csms.come_back)
    bench.run_until(HOUR + 400)
    assert len(csms.entries("BootNotification")) == 1
    assert [entry.at for entry in csms.entries("Opened")] == [0, 3610]
    first, meanwhile = csms.entries("MeterValues")
    assert meanwhile.at == 3610
    values = [reading.sampled_value[0].value for reading in meanwhile.payload.meter_value]
    assert values == ["2", "3", "4", "5"]  # of 900, 1800, 2700, 3600 s
    assert first.payload.meter_value[0].sampled_value[0].value == "1"


def test_readings_that_nobody_confirmed_are_sent_again(bench: Bench) -> None:
    csms = bench.csms
    bench.run_until(1)
    csms.is_silent = True
    csms.at(905, csms.go_away)  # the reading of 900 is on its way

    def come_back() -> None:
        csms.is_silent = False
        csms.come_back()

    csms.at(906, come_back)
    bench.run_until(1000)
    lost, again = csms.entries("MeterValues")[1:]
    assert (lost.at, again.at) == (900, 915)
    assert lost.payload == again.payload


def test_the_firmware_keeps_only_so_many_readings(bench: Bench) -> None:
    csms = bench.csms
    bench.run_until(1)
    csms.go_away()
    moment = 900.0 * (READINGS_KEPT + 50)
    csms.at(moment, csms.come_back)
    bench.run_until(moment + 400)
    readings = csms.entries("MeterValues")[-1].payload.meter_value
    assert len(readings) == READINGS_KEPT
    assert readings[-1].sampled_value[0].value == str(READINGS_KEPT + 51)


def test_b2_a_pending_firmware_stays_and_asks_again_when_told(bench: Bench) -> None:
    csms = bench.csms
    csms.verdicts = [v16.RegistrationStatus.PENDING, v16.RegistrationStatus.ACCEPTED]
    bench.run_until(301)
    assert [(entry.at, entry.what) for entry in csms.log] == [
        (0, "Opened"),
        (0, "BootNotification"),
        (300, "BootNotification"),
        (300, "MeterValues"),  # nothing but the boot before (§7)
    ]


def test_b4_a_rejected_firmware_hangs_up_until_it_may_ask_again(bench: Bench) -> None:
    csms = bench.csms
    csms.verdicts = [v16.RegistrationStatus.REJECTED]
    bench.run_until(301)
    assert [(entry.at, entry.what) for entry in csms.log] == [
        (0, "Opened"),
        (0, "BootNotification"),
        (0, "Closed"),
        (300, "Opened"),
        (300, "BootNotification"),
        (300, "MeterValues"),
    ]


def test_b2_a_boot_without_an_answer_is_repeated(bench: Bench) -> None:
    csms = bench.csms
    csms.is_silent = True
    bench.run_until(100)
    assert [entry.at for entry in csms.entries("BootNotification")] == [0, 60]  # timeout, then 30 s


def test_the_firmware_answers_a_reset_then_goes_and_boots_again(bench: Bench) -> None:
    csms = bench.csms
    bench.run_until(50)
    csms.call(v16.ResetRequest(type=v16.ResetType.HARD))
    bench.run_until(100)
    assert [(entry.at, entry.what) for entry in csms.log[3:]] == [
        (50, "Reset answered"),
        (50, "Closed"),
        (60, "Opened"),
        (60, "BootNotification"),
    ]
    assert csms.log[3].payload.status is v16.ResetStatus.ACCEPTED


@pytest.mark.parametrize(
    ("trigger", "status", "follows"),
    [
        (v16.MessageTrigger.HEARTBEAT, "Accepted", ["Heartbeat"]),
        (v16.MessageTrigger.METER_VALUES, "Accepted", ["MeterValues"]),
        (v16.MessageTrigger.BOOT_NOTIFICATION, "Rejected", []),  # B-6
        (v16.MessageTrigger.STATUS_NOTIFICATION, "NotImplemented", []),
    ],
)
def test_a15_the_firmware_answers_trigger_message_and_then_sends(
    bench: Bench, trigger: v16.MessageTrigger, status: str, follows: list[str]
) -> None:
    bench.run_until(1)
    bench.csms.log.clear()
    bench.csms.call(v16.TriggerMessageRequest(requested_message=trigger))
    bench.run_until(2)
    assert [entry.what for entry in bench.csms.log] == ["TriggerMessage answered", *follows]
    assert bench.csms.log[0].payload.status == status


def test_a_pending_firmware_boots_when_triggered(bench: Bench) -> None:
    csms = bench.csms
    csms.verdicts = [v16.RegistrationStatus.PENDING]
    bench.run_until(1)
    for trigger in (v16.MessageTrigger.HEARTBEAT, v16.MessageTrigger.BOOT_NOTIFICATION):
        csms.call(v16.TriggerMessageRequest(requested_message=trigger))
    bench.run_until(2)
    rejected, accepted = csms.entries("TriggerMessage answered")
    assert (rejected.payload.status, accepted.payload.status) == ("Rejected", "Accepted")
    assert [entry.at for entry in csms.entries("BootNotification")] == [0, 1]


def test_a_changed_setting_takes_effect_at_once(bench: Bench) -> None:
    bench.run_until(50)
    bench.csms.call(v16.ChangeConfigurationRequest(key="HeartbeatInterval", value="20"))
    bench.run_until(100)
    (answer,) = bench.csms.entries("ChangeConfiguration answered")
    assert answer.payload.status is v16.ConfigurationStatus.ACCEPTED
    assert [entry.at for entry in bench.csms.entries("Heartbeat")] == [70, 90]


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("WebSocketPingInterval", "-1", "Rejected"),  # C-10
        ("HeartbeatInterval", "soon", "Rejected"),
        ("HeartbeatInterval", "9" * 400, "Rejected"),
        ("HeartbeatInterval", "", "Rejected"),
        ("ConnectionTimeOut", "60", "NotSupported"),
    ],
)
def test_a_setting_that_cannot_be_changes_nothing(
    bench: Bench, key: str, value: str, status: str
) -> None:
    bench.run_until(1)
    before = dict(bench.station.settings)
    bench.csms.call(v16.ChangeConfigurationRequest(key=key, value=value))
    bench.run_until(2)
    (answer,) = bench.csms.entries("ChangeConfiguration answered")
    assert answer.payload.status == status
    assert bench.station.settings == before


def test_the_firmware_refuses_what_it_cannot_do(bench: Bench) -> None:
    bench.run_until(1)
    bench.csms.call(v16.UnlockConnectorRequest(connector_id=1))
    bench.run_until(2)
    assert [entry.payload for entry in bench.csms.entries("UnlockConnector refused")] == [
        "NotSupported"
    ]


def test_a_csms_that_triggers_faster_than_it_answers_heaps_up_nothing(bench: Bench) -> None:
    csms = bench.csms
    bench.run_until(1)
    csms.is_silent = True
    heartbeat = v16.TriggerMessageRequest(requested_message=v16.MessageTrigger.HEARTBEAT)
    for _ in range(100):
        csms.call(heartbeat)
    bench.run_until(2)
    assert len(csms.entries("TriggerMessage answered")) == 100
    assert len(bench.station.connection.queued_calls) <= 8


def test_the_firmware_does_not_read_for_a_csms_that_does_not_read() -> None:
    ours, theirs = socket.socketpair()
    with selectors.DefaultSelector() as selector, ours, theirs:
        ours.setblocking(False)
        transport = Transport(selector)
        transport.adopt(ours)
        theirs.send(b"a question")
        answer = b"x" * 10_000_000
        transport.write([answer])
        assert transport.wait(LIMIT) is None  # there was room for some of it
        assert transport.wait(0) is None  # now there is none
        taken, received = 0, None
        while taken < len(answer):
            taken += len(theirs.recv(1_000_000))
            received = transport.wait(LIMIT)
        assert not transport.unsent
        assert (received or transport.wait(LIMIT)) == b"a question"
        transport.close()


# --- firmware_loop.py: with real sockets and a real clock ---------------------------------------------------


def in_time(story: Callable[[], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        async with asyncio.timeout(LIMIT):
            result = await story()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left
        return result

    return asyncio.run(main())


def test_the_firmware_survives_a_csms_that_goes_and_comes_back() -> None:
    """Its successor on the same port sees no boot (B-5) until it resets the station."""
    arrivals: asyncio.Queue[NetSession] = asyncio.Queue()
    boots: asyncio.Queue[object] = asyncio.Queue()
    heartbeats: asyncio.Queue[object] = asyncio.Queue()
    now = {"currentTime": "2026-01-01T12:00:00Z"}
    handlers = Handlers({"MeterValues": lambda _: {}, "Heartbeat": lambda _: now})
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
                    run, "firmware_loop.py", "--url", url, "--retry", "0.02", "--heartbeats", "3"
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
        *("connected", "heartbeat", "Soft reset", "disconnected: 1000"),
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


def test_the_relay_example_stands_between_the_other_two() -> None:
    with (
        serving("csms_asyncio.py", "--password", "secret") as csms,
        serving("proxy.py", "--show", "--upstream", f"ws://127.0.0.1:{csms.port}/ocpp") as proxy,
    ):
        url = f"ws://127.0.0.1:{proxy.port}"
        run("firmware_loop.py", "--url", url, "--password", "secret", "--heartbeats", "1")
        assert proxy.line().startswith("CP001 --> [2,")
        assert csms.line() == "CP001: boots"
