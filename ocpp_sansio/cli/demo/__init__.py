"""Charge a car on this machine, once in each version of OCPP, and show every message.

A charging station and the system that manages it (a CSMS) talk over real WebSockets on the loopback
interface. With --json, stdout has one JSON object per message: version, direction, time (seconds since the
connection opened), latency (seconds from a call's leaving to its answer's arrival, else null), action, and
frame (the message itself, verbatim); the summary goes to stderr. With --html, all of it is a page, too.

Exit code: 0 if each charge went as it should, else 1.
"""

import argparse
import asyncio
import sys
from importlib.util import find_spec
from pathlib import Path

from ocpp_sansio.core import OcppError

__all__ = ["add_arguments", "run"]

TIME_LIMIT = 20.0
"""Seconds for the whole demo, which takes well under one; beyond, something is broken."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="print one wire message per line")
    parser.add_argument(
        "--html", metavar="PAGE", type=Path, help="write what `show` would show of it"
    )


def run(options: argparse.Namespace) -> int:
    """Charge a car in each version; return 0, or 1 after saying what went wrong."""
    if find_spec("websockets") is None:
        return _fail('the package websockets is missing: pip install "websockets>=17"')
    from ocpp_sansio.cli.demo import charge, pictured  # noqa: PLC0415 - it imports websockets

    try:
        crossings = asyncio.run(
            charge.in_every_version(as_json=options.json, time_limit=TIME_LIMIT)
        )
        if options.html:
            options.html.write_bytes(pictured.page_of(crossings))
    except BrokenPipeError:
        raise  # of our stdout, not of the demo: the command line knows what to do
    except (OcppError, OSError) as error:
        return _fail(f"{type(error).__name__}: {error}")
    return 0


def _fail(why: str) -> int:
    sys.stderr.write(f"demo failed: {why}\n")
    return 1
