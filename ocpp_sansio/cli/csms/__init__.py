"""Be a CSMS for charging stations: see them boot and charge, each charge once, and call them.

Stations connect to ws://HOST:PORT/anything/IDENTITY. It takes orders from a script, a terminal or a pipe
("help" lists them): remote starts and stops, triggers, settings, resets. With --store, what was billed
outlives the end of this program, so that a message that comes again is not billed again.

Exit code: 0, 1 if an order of a script failed, 2 if nothing could be done, 130 for Ctrl-C.
"""

import argparse
from pathlib import Path

from ocpp_sansio.cli.peers import add_common_arguments, run_peer
from ocpp_sansio.cli.values import positive, version, whole
from ocpp_sansio.core import quote

__all__ = ["add_arguments", "run"]

_MAX_PORT = 65535


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `csms`."""
    parser.add_argument("--port", type=_port, default=9000, help="default 9000; 0: any free one")
    parser.add_argument(
        "--host", default="127.0.0.1", help="whom to listen for; default 127.0.0.1; 0.0.0.0: all"
    )
    parser.add_argument(
        "--ocpp",
        metavar="VERSION",
        action="append",
        type=version,
        help="1.6, 2.0.1 or 2.1; repeatable; default: all three",
    )
    parser.add_argument(
        "--accept",
        metavar="WHOM",
        default="all",
        help="whose boots: all, none, pending, or identities with commas between; default all",
    )
    parser.add_argument(
        "--id-tag",
        metavar="TAG",
        action="append",
        help="a card that may charge; repeatable; default: all may",
    )
    parser.add_argument(
        "--interval", metavar="SECONDS", type=whole, default=300, help="of heartbeats; default 300"
    )
    parser.add_argument(
        "--store", metavar="FILE", type=Path, help="keep what is billed; default: in memory"
    )
    add_common_arguments(parser)
    parser.add_argument("--messages", action="store_true", help="show each message, too")
    parser.add_argument(
        "--patience",
        metavar="SECONDS",
        type=positive,
        default=10.0,
        help="to wait for a station and its answers; default 10",
    )


def run(options: argparse.Namespace) -> int:
    """Be a CSMS; return the exit code."""
    # It loads an event loop and a WebSocket, which the other commands have no use for.
    from ocpp_sansio.cli.csms.program import be_csms  # noqa: PLC0415

    return run_peer("csms", be_csms, options, where=f"{options.host}:{options.port}")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _MAX_PORT):
        raise argparse.ArgumentTypeError(f"not a port from 0 to {_MAX_PORT}: {quote(text)}")
    return int(text)
