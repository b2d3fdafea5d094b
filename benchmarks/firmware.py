"""Runs in a process of its own: a station's firmware, and what it needs at its peak.

`python -m benchmarks.firmware ours PORT` runs examples/firmware_loop.py through a charge, which `csms` starts
and stops, with its store in a file. `floor` only imports what such a program cannot do without; not sqlite3,
which is the price of a store. Neither imports anything of the suite, whose memory is not the firmware's, nor
typing_extensions: a device has no use for it, and msgspec loads it only where it happens to be installed.
"""

# ruff: noqa: PLC0415 - a process imports what it measures, and nothing of the other contenders

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocpp_sansio.handlers import IncomingCall

EXAMPLE = "examples.firmware_loop"

HEARTBEATS = 1
"""The CSMS asks for it when the charge is over."""

PEAK = "VmHWM:"
"""In /proc/self/status. Not getrusage's ru_maxrss, which begins with that of the process that started us."""


def main() -> None:
    who, *port = sys.argv[1:]
    if who == "csms":
        run_csms()
        return
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # importing it fails
    if who == "ours":
        run_example(*port)
    else:
        import_the_rest()
    print(json.dumps(peak_kib()))


def run_csms() -> None:
    """Serve until our parent leaves; each station that boots charges once."""
    import asyncio

    from benchmarks.processes import leave_with_parent, say
    from ocpp_sansio.asyncio import serve
    from ocpp_sansio.handlers import Handlers

    now = {"currentTime": "2026-11-26T12:00:00Z"}
    handlers = Handlers({name: lambda _: {} for name in ("MeterValues", "StatusNotification")})
    handlers.on("BootNotification")(lambda _: {**now, "status": "Accepted", "interval": 300})
    handlers.on("StartTransaction")(
        lambda _: {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}
    )
    handlers.on("StopTransaction")(lambda _: {})
    handlers.on("Heartbeat")(lambda _: now)

    @handlers.after("BootNotification")
    async def begin(_: object, call: "IncomingCall") -> None:
        await call.session.send_call("RemoteStartTransaction", {"connectorId": 1, "idTag": "04E1"})

    @handlers.after("StartTransaction")
    async def end(_: object, call: "IncomingCall") -> None:
        for wanted in ("StatusNotification", "MeterValues"):
            await call.session.send_call("TriggerMessage", {"requestedMessage": wanted})
        await call.session.send_call("RemoteStopTransaction", {"transactionId": 7})

    @handlers.after("StopTransaction")
    async def ask_for_the_last(_: object, call: "IncomingCall") -> None:
        await call.session.send_call("TriggerMessage", {"requestedMessage": "Heartbeat"})

    async def main() -> None:
        async with serve(None, "127.0.0.1", 0, versions=["ocpp1.6"], handlers=handlers) as server:
            say(server.port)
            await asyncio.Event().wait()

    leave_with_parent()
    asyncio.run(main())


def run_example(port: str) -> None:
    """Run the example as its own main program, its output aside and its store in a new file."""
    import runpy
    from contextlib import redirect_stdout
    from tempfile import TemporaryDirectory

    url = f"ws://127.0.0.1:{port}/ocpp"
    with redirect_stdout(sys.stderr), TemporaryDirectory() as directory:
        sys.argv = [EXAMPLE, "--url", url, "--identity", "CP1"]
        sys.argv += ["--store", f"{directory}/firmware.db", "--heartbeats", str(HEARTBEATS)]
        runpy.run_module(EXAMPLE, run_name="__main__")  # from bytecode, as the rest


def import_the_rest() -> None:
    """Import websockets' sans-IO modules, and what the example has of the standard library."""
    import argparse
    import datetime as dt
    import pkgutil
    import random
    import resource
    import runpy
    import selectors
    import socket
    import tempfile
    import uuid

    import websockets.client
    import websockets.extensions.permessage_deflate
    import websockets.server

    assert all((argparse, dt, pkgutil, random, resource, runpy, selectors, socket, tempfile, uuid))
    assert all((websockets.client, websockets.server))


def peak_kib() -> int:
    """Return the peak resident memory of this process, in KiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(PEAK):
            return int(line.removeprefix(PEAK).split()[0])
    raise RuntimeError(f"no {PEAK} in /proc/self/status")


if __name__ == "__main__":
    main()
