"""Be a charging station for a CSMS: plug cars in, show cards, go offline, cut the power, and lose no charge.

URL is where it connects, its identity the last part: ws://127.0.0.1:9000/ocpp/CP001. It takes orders from a
script, a terminal or a pipe ("help" lists them), and obeys the CSMS: remote starts and stops, triggers,
settings, resets. What is queued outlives power cuts, and the end of this program, with --store.

Exit code: 0 if all was carried out and delivered, 1 if an order failed or something is left, 2 if nothing
could be done, 130 for Ctrl-C.
"""

import argparse
from pathlib import Path

from ocpp_sansio.cli.peers import add_common_arguments, run_peer
from ocpp_sansio.cli.values import positive, version, whole
from ocpp_sansio.core import Version, quote

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `station`."""
    parser.add_argument("url", metavar="URL", help="such as ws://127.0.0.1:9000/ocpp/CP001")
    parser.add_argument(
        "--ocpp",
        metavar="VERSION",
        type=version,
        default=Version.OCPP16,
        help="1.6, 2.0.1 or 2.1; default 1.6",
    )
    parser.add_argument(
        "--store", metavar="FILE", type=Path, help="keep the queue there; default: in memory"
    )
    parser.add_argument(
        "--connectors", metavar="N", type=whole, default=1, help="how many; default 1"
    )
    add_common_arguments(parser)
    parser.add_argument("--quiet", action="store_true", help="do not show each message")
    parser.add_argument(
        "--ca", metavar="FILE", type=Path, help="who vouches for a wss:// address; default: system"
    )
    parser.add_argument(
        "--watts", metavar="W", type=positive, default=11000.0, help="a car takes; default 11000"
    )
    parser.add_argument(
        "--sample", metavar="SECONDS", type=whole, default=60, help="between readings; default 60"
    )
    parser.add_argument(
        "--patience",
        metavar="SECONDS",
        type=positive,
        default=10.0,
        help="to wait for the CSMS where an order needs it, and at the end; default 10",
    )


def run(options: argparse.Namespace) -> int:
    """Be a station; return the exit code."""
    # It loads an event loop and a WebSocket, which the other commands have no use for.
    from ocpp_sansio.cli.station.program import be_station  # noqa: PLC0415

    return run_peer("station", be_station, options, where=quote(options.url))
