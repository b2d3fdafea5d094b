"""`python -m ocpp_sansio`: the command line. Each subcommand is one module, a row of `COMMANDS`."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Protocol

from ocpp_sansio import __version__
from ocpp_sansio.cli import check, csms, demo, fleet, fuzz, replay, show, station

__all__ = ["main"]


class Command(Protocol):
    """What the module of a subcommand has; its docstring's first line is the help of the list."""

    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser, /) -> None:
        """Declare the subcommand's own options."""

    def run(self, options: argparse.Namespace, /) -> int:
        """Do it; return the exit code."""
        ...


COMMANDS: Mapping[str, Command] = {
    "demo": demo,
    "check": check,
    "show": show,
    "replay": replay,
    "fuzz": fuzz,
    "fleet": fleet,
    "station": station,
    "csms": csms,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line, by default the process's own; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        # What is still buffered would fail again when the interpreter flushes it on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130  # what a shell reports for a process ended by Ctrl-C
    return code


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--version", action="version", version=f"ocpp_sansio {__version__}")
    parser = argparse.ArgumentParser(
        prog="python -m ocpp_sansio",
        description="OCPP-J for charging stations and their management systems.",
        parents=[common],
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        description = command.__doc__ or ""
        added = commands.add_parser(
            name,
            help=description.partition("\n")[0],
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            parents=[common],
        )
        command.add_arguments(added)
        added.set_defaults(run=command.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
