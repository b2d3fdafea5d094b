"""Show a fleet at work: two gateways, a NATS server, a call, a gateway killed, its station taken over.

All on this machine, each gateway in a process of its own, with a real nats-server that is started for it and
gone afterwards. Needs nats-server and the extra `nats`.

Exit code: 0 if all went as it should, 1 if it did not, 2 if something that it needs is not there.
"""

import argparse
import asyncio
import sys

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `fleet`."""
    parser.add_argument("what", choices=["demo", "gateway"], help="demo; it starts the gateways")
    parser.add_argument("--broker", metavar="URL", help="of a gateway: its NATS server")
    parser.add_argument("--name", default="G1", help="of a gateway: what it is called; default G1")


def run(options: argparse.Namespace) -> int:
    """Do it; return the exit code."""
    # It loads an event loop and a WebSocket, which the other commands have no use for.
    from ocpp_sansio.cli.fleet.story import MissingPart, run_gateway, tell  # noqa: PLC0415

    try:
        if options.what == "demo":
            return asyncio.run(tell())
        if not options.broker:
            sys.stderr.write("fleet gateway: --broker says where the NATS server is\n")
            return 2
        asyncio.run(run_gateway(options.broker, options.name))
    except MissingPart as missing:
        sys.stderr.write(f"fleet {options.what}: {missing}\n")
        return 2
    return 0
