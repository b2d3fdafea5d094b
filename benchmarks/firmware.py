"""Runs in a process of its own: a station's firmware on `select()`, and what it needs at its peak.

`python -m benchmarks.firmware ours PORT`, or `floor` for an interpreter that only imports what carries
WebSockets. It imports nothing of the suite, whose memory is not the firmware's.
"""

# ruff: noqa: PLC0415 - a process imports what it measures, and nothing of the other contenders

import json
import sys
from pathlib import Path

PEAK = "VmHWM:"
"""In /proc/self/status. Not getrusage's ru_maxrss, which begins with that of the process that started us."""

MESSAGES = 500
PATIENCE = 10.0
"""Seconds."""


def main() -> None:
    who, *port = sys.argv[1:]
    if who == "ours":
        run(int(port[0]))
    else:
        import_what_carries_websockets()
    print(json.dumps(peak_kib()))


def import_what_carries_websockets() -> None:
    import select
    import socket
    import time

    import websockets.client
    import websockets.extensions.permessage_deflate
    import websockets.server

    assert all((select, socket, time, websockets.client, websockets.server))


def run(port: int) -> None:
    """Send heartbeats and meter values, each when the one before has been answered."""
    import select
    import socket
    from datetime import UTC, datetime
    from time import monotonic

    from ocpp_sansio import CallResultReceived, v16
    from ocpp_sansio.websocket import Closed, Opened, StationWebSocket

    def request(number: int) -> v16.HeartbeatRequest | v16.MeterValuesRequest:
        if number % 2:
            return v16.HeartbeatRequest()
        sample = v16.SampledValue(value="293.6", measurand=v16.Measurand.VOLTAGE)
        reading = v16.MeterValue(timestamp=datetime.now(UTC), sampled_value=[sample] * 4)
        return v16.MeterValuesRequest(connector_id=1, meter_value=[reading])

    link = StationWebSocket("ws://127.0.0.1/ocpp", identity="CP001", versions=["ocpp1.6"])
    with socket.create_connection(("127.0.0.1", port)) as stream:
        link.start(now=monotonic())
        answered, is_closed = 0, False
        while not is_closed:
            for data in link.data_to_send():
                stream.sendall(data) if data else stream.shutdown(socket.SHUT_WR)
            wake_at = min(link.next_timeout() or PATIENCE, monotonic() + PATIENCE)
            readable, _, _ = select.select([stream], [], [], max(0.0, wake_at - monotonic()))
            if readable:
                received = stream.recv(4096)
                if received:
                    link.receive_data(received, now=monotonic())
                else:
                    link.receive_eof(now=monotonic())
            link.handle_timeout(now=monotonic())
            for event in link.events():
                answered += isinstance(event, CallResultReceived)
                is_closed = isinstance(event, Closed)
                if answered == MESSAGES:
                    link.close(now=monotonic())
                elif isinstance(event, Opened | CallResultReceived):
                    link.connection.send_call(request(answered), now=monotonic())
    assert answered == MESSAGES, f"the server went after {answered} answers"


def peak_kib() -> int:
    """Return the peak resident memory of this process, in KiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(PEAK):
            return int(line.removeprefix(PEAK).split()[0])
    raise RuntimeError(f"no {PEAK} in /proc/self/status")


if __name__ == "__main__":
    main()
