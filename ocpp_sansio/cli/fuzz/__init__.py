"""Fuzz another implementation over a WebSocket, and report what it does that the rules do not allow.

Plays a station against the CSMS at URL or, with --listen, a CSMS against whichever station connects: valid
calls and whole stories first, then calls that are broken, then hostile messages. Against a station of yours,
mind that Reset, UpdateFirmware and their like are among the calls: --skip leaves an action out.

Exit code: 0 if nothing came back that a rule forbids, 1 if something did, 2 if there was nobody to fuzz.
With --replay: 0 if the fault is mended, 1 if it is still there. Ctrl-C reports what was found so far.
"""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

from ocpp_sansio.cli.values import positive, version, whole

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `fuzz`."""
    parser.add_argument(
        "url", nargs="?", metavar="URL", help="a CSMS, such as ws://127.0.0.1:9000/ocpp/CP001"
    )
    parser.add_argument(
        "--listen", metavar="HOST:PORT", help="play the CSMS instead, and wait there for a station"
    )
    parser.add_argument(
        "--ocpp",
        metavar="VERSION",
        action="append",
        type=version,
        help="1.6, 2.0.1 or 2.1; repeatable; default: whichever the peer chooses",
    )
    parser.add_argument(
        "--password", metavar="TEXT", help="for Basic authentication as the identity"
    )
    parser.add_argument("--count", type=whole, default=500, metavar="N", help="cases; default 500")
    parser.add_argument(
        "--seconds", type=positive, default=120.0, metavar="S", help="at most; default 120"
    )
    parser.add_argument(
        "--rate", type=positive, default=1000.0, metavar="N", help="cases a second; default 1000"
    )
    parser.add_argument(
        "--timeout", type=positive, default=5.0, metavar="S", help="for an answer; default 5"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the choice of cases")
    parser.add_argument(
        "--only", action="append", default=[], metavar="ACTION", help="this action; repeatable"
    )
    parser.add_argument(
        "--skip", action="append", default=[], metavar="ACTION", help="not this one; repeatable"
    )
    parser.add_argument(
        "--id-tag", action="append", metavar="TEXT", help="an id that the peer accepts; repeatable"
    )
    parser.add_argument(
        "--connectors",
        type=whole,
        metavar="N",
        help="how many connectors a station has; default 2",
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 for what is only suspicious, too"
    )
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="write each example to a file")
    parser.add_argument(
        "--replay", type=Path, metavar="FILE", help="play one saved example again: is it mended?"
    )
    parser.add_argument("--json", action="store_true", help="report one JSON object a line")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit's XML, too")
    parser.add_argument(
        "--emit-test", type=Path, metavar="FILE", help="write a pytest for each finding, too"
    )
    parser.add_argument(
        "--i-own-this-host", action="store_true", help="allow an address that is not this machine's"
    )


def run(options: argparse.Namespace) -> int:
    """Fuzz one peer; return the exit code."""
    if find_spec("websockets") is None:
        sys.stderr.write('fuzz: the package websockets is missing: pip install "websockets>=17"\n')
        return 2
    from ocpp_sansio.cli.fuzz.hunt import run_hunt  # noqa: PLC0415 - it imports websockets

    return run_hunt(options)
