"""`python -m benchmarks`: set up what is needed, measure, print one table, write it as JSON.

`python -m benchmarks abuse` does the same for a CSMS under attack.
"""

import argparse
import sys
from pathlib import Path

from benchmarks import environment

GROUPS = ("in_process", "start_up", "growth", "memory", "storing", "loopback", "fleet")
"""The modules, in the order in which they are run."""


def main() -> int:
    arguments = _parser().parse_args()
    if arguments.here:
        return _attack(arguments) if arguments.command else _measure(arguments)
    return environment.hand_over(environment.prepare(), sys.argv[1:])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--short", action="store_true", help="see that every part works; under a minute"
    )
    parser.add_argument(
        "--only", choices=GROUPS, action="append", help="one group; may be repeated"
    )
    parser.add_argument(
        "--rounds",
        type=_rounds,
        metavar="N",
        help="of every group: fewer are faster, and less sure",
    )
    parser.add_argument("--json", type=Path, default=Path("benchmarks/latest.json"), metavar="FILE")
    parser.add_argument(
        "--here", action="store_true", help="in this Python, which has all that is needed"
    )
    _add_abuse(parser.add_subparsers(dest="command", metavar="abuse"))
    return parser


def _add_abuse(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("abuse", help="a CSMS under attack, beside its peers")
    parser.add_argument("--short", action="store_true", help="see that every row works")
    parser.add_argument(
        "--only", action="append", metavar="ROW", help="one row; may be repeated; `list` names them"
    )
    parser.add_argument(
        "--worlds",
        metavar="NAMES",
        help="servers, with commas between: asyncio, uvloop, trio, ocpp, ocpp-rpc; default: all",
    )
    parser.add_argument("--json", type=Path, default=Path("benchmarks/abuse.json"), metavar="FILE")


def _rounds(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1 up, not {text!r}")
    return int(text)


def _measure(arguments: argparse.Namespace) -> int:
    from benchmarks import suite  # noqa: PLC0415 - a Python without --here need not have its imports

    report, targets = suite.run(
        arguments.only or GROUPS, is_short=arguments.short, rounds=arguments.rounds
    )
    report.write_json(arguments.json, targets)
    print(report.as_table(targets))
    return 0


def _attack(arguments: argparse.Namespace) -> int:
    from benchmarks.abuse import suite, table  # noqa: PLC0415 - as above

    try:
        plan = suite.plan(arguments.only, arguments.worlds)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    report, targets = suite.run(plan, is_short=arguments.short)
    report.write_json(arguments.json, targets)
    print("\n".join(table.lines(report, targets)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
