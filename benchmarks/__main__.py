"""`python -m benchmarks`: set up what is needed, measure, print one table, write it as JSON."""

import argparse
import sys
from pathlib import Path

from benchmarks import environment

GROUPS = ("in_process", "start_up", "growth", "memory", "loopback")
"""The modules, in the order in which they are run."""


def main() -> int:
    arguments = _parser().parse_args()
    if arguments.here:
        return _measure(arguments)
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
    return parser


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


if __name__ == "__main__":
    sys.exit(main())
