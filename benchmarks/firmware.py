"""Runs in a process of its own: a station's firmware, and what it needs at its peak.

`python -m benchmarks.firmware ours PORT` runs examples/firmware_loop.py until it has had its heartbeats;
`floor` only imports what such a program cannot do without. Neither imports anything of the suite, whose
memory is not the firmware's.
"""

# ruff: noqa: PLC0415 - a process imports what it measures, and nothing of the other contenders

import json
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "firmware_loop.py"

HEARTBEATS = 1
"""The first comes a second after the boot, as the CSMS wants it."""

PEAK = "VmHWM:"
"""In /proc/self/status. Not getrusage's ru_maxrss, which begins with that of the process that started us."""


def main() -> None:
    who, *port = sys.argv[1:]
    if who == "ours":
        run_example(*port)
    else:
        import_the_rest()
    print(json.dumps(peak_kib()))


def run_example(port: str) -> None:
    """Run the example as its own main program, its output aside."""
    import runpy
    from contextlib import redirect_stdout

    url = f"ws://127.0.0.1:{port}/ocpp"
    sys.argv = [str(EXAMPLE), "--url", url, "--identity", "CP1", "--heartbeats", str(HEARTBEATS)]
    with redirect_stdout(sys.stderr):
        runpy.run_path(str(EXAMPLE), run_name="__main__")


def import_the_rest() -> None:
    """Import websockets' sans-IO modules, and what the example has of the standard library."""
    import argparse
    import datetime as dt
    import random
    import resource
    import runpy
    import selectors
    import socket

    import websockets.client
    import websockets.extensions.permessage_deflate
    import websockets.server

    assert all((argparse, dt, random, resource, runpy, selectors, socket))
    assert all((websockets.client, websockets.server))


def peak_kib() -> int:
    """Return the peak resident memory of this process, in KiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(PEAK):
            return int(line.removeprefix(PEAK).split()[0])
    raise RuntimeError(f"no {PEAK} in /proc/self/status")


if __name__ == "__main__":
    main()
