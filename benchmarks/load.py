"""The load: stations that each send a CALL, wait for its answer, and send the next.

`python -m benchmarks.load` runs in a process of its own, on uvloop and picows. It reports once all stations
are connected and have had one answer each; then, for each line on its stdin that says how long, it drives
all stations for that time and reports what came of it. It leaves when its stdin is closed.
"""

import argparse
import asyncio
import sys
from array import array
from collections.abc import Iterator
from itertools import cycle
from time import perf_counter_ns, process_time
from typing import Any

import psutil
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from benchmarks import wire
from benchmarks.processes import allow_many_sockets, say

PAYLOADS = {"Heartbeat": wire.HEARTBEAT, "MeterValues": wire.METER_VALUES}
FRAMES_PER_STATION = 8
CONNECTING_AT_ONCE = 50
ANSWER_SECONDS = 30.0


class Load:
    """What all stations share."""

    def __init__(self) -> None:
        self.is_running = False
        self.is_measuring = False
        self.latencies = array("q")
        """Nanoseconds."""
        self.wrong_answers = 0
        self.lost = 0


class Station(WSListener):
    """One connection: at most one CALL is on its way."""

    def __init__(self, load: Load, number: int, action: str, *, is_echo: bool) -> None:
        super().__init__()
        self.number = number
        self._load = load
        self._turns = _turns(number, action, is_echo=is_echo)
        self._expected = b""
        self._sent_at = 0
        self.answered = asyncio.Event()
        """That no CALL is on its way."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self.start()

    def start(self) -> None:
        """Send the next CALL, and go on with the one after it as long as the load is on."""
        self.answered.clear()
        self._send(perf_counter_ns())

    def _send(self, now: int) -> None:
        frame, self._expected = next(self._turns)
        self._sent_at = now
        self._transport.send(WSMsgType.TEXT, frame)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:  # noqa: ARG002 - picows'
        if frame.msg_type != WSMsgType.TEXT:
            return
        now = perf_counter_ns()
        load = self._load
        if not frame.get_payload_as_bytes().startswith(self._expected):
            load.wrong_answers += 1
        if load.is_measuring:
            load.latencies.append(now - self._sent_at)
        if load.is_running:
            self._send(now)
        else:
            self.answered.set()

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows'
        self._load.lost += 1


def _turns(number: int, action: str, *, is_echo: bool) -> Iterator[tuple[bytes, bytes]]:
    """Return pairs without end: a CALL, and what its answer starts with."""
    first = number * FRAMES_PER_STATION
    calls = [
        wire.call(action, PAYLOADS[action], first + step) for step in range(FRAMES_PER_STATION)
    ]
    head = b'[2,"%b",' if is_echo else b'[3,"%b",{'
    return cycle([(call, head % wire.id_in(call)) for call in calls])


async def main(arguments: argparse.Namespace) -> None:
    load = Load()
    stations = [
        Station(load, number, arguments.action, is_echo=arguments.echo)
        for number in range(arguments.first, arguments.first + arguments.stations)
    ]
    for start in range(0, len(stations), CONNECTING_AT_ONCE):
        batch = stations[start : start + CONNECTING_AT_ONCE]
        await asyncio.gather(*(_connect(station, arguments.port) for station in batch))
    await _all_answered(stations)
    say({"connected": len(stations), "wrong_answers": load.wrong_answers, "lost": load.lost})
    server = psutil.Process(arguments.server)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    while line := await lines.readline():
        warm_up, seconds = map(float, line.split())
        say(await _drive(load, stations, server, warm_up, seconds))


async def _connect(station: Station, port: int) -> None:
    await ws_connect(
        lambda: station,
        f"ws://127.0.0.1:{port}/ocpp/CP{station.number:05}",
        extra_headers={"Sec-WebSocket-Protocol": "ocpp1.6"},
        websocket_handshake_timeout=ANSWER_SECONDS,
    )


async def _all_answered(stations: list[Station]) -> None:
    async with asyncio.timeout(ANSWER_SECONDS):
        for station in stations:
            await station.answered.wait()


async def _drive(
    load: Load, stations: list[Station], server: psutil.Process, warm_up: float, seconds: float
) -> dict[str, Any]:
    load.latencies = array("q")
    load.is_running = True
    for station in stations:
        station.start()
    await asyncio.sleep(warm_up)
    load.is_measuring = True
    own_cpu, server_cpu, started = process_time(), _cpu(server), perf_counter_ns()
    await asyncio.sleep(seconds)
    load.is_measuring = load.is_running = False
    elapsed = (perf_counter_ns() - started) / 1e9
    own_cpu, server_cpu = process_time() - own_cpu, _cpu(server) - server_cpu
    await _all_answered(stations)
    latencies = sorted(load.latencies)
    return {
        "messages": len(latencies),
        "seconds": elapsed,
        "p50": _quantile(latencies, 0.5),
        "p99": _quantile(latencies, 0.99),
        "p99.9": _quantile(latencies, 0.999),
        "server_cpu": server_cpu,
        "load_cpu": own_cpu,
        "wrong_answers": load.wrong_answers,
        "lost": load.lost,
    }


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _quantile(ordered: list[int], part: float) -> float:
    """Return milliseconds."""
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--server", type=int, required=True, help="process id")
    parser.add_argument("--stations", type=int, required=True)
    parser.add_argument("--first", type=int, default=0, help="number of the first station")
    parser.add_argument("--action", choices=PAYLOADS, required=True)
    parser.add_argument("--echo", action="store_true")
    allow_many_sockets()
    uvloop.run(main(parser.parse_args()))
