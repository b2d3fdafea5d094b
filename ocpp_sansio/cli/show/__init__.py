"""Show the log of any program as a page to search and to send, with all that is wrong marked in it.

The page is one HTML file that needs nothing else: no network, no server; what is wrong is listed on the
terminal as well. Messages are found as `check` finds them, and judged as it judges them. `--text` and
`--mermaid` draw the same for a terminal and an issue. Exit code: 0, or 2 if there is nothing to show.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from ocpp_sansio.cli.check import say_findings
from ocpp_sansio.cli.logs import LogFile, add_log_arguments, complain, notes_on
from ocpp_sansio.cli.show.drawing import as_mermaid, as_text
from ocpp_sansio.cli.show.page import render_page
from ocpp_sansio.cli.show.rows import MAX_ROWS, Picture, picture_of
from ocpp_sansio.core import Config
from ocpp_sansio.traces import Mark, Record, TraceJudge, write_open_trace

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `show`."""
    parser.add_argument("file", metavar="FILE", help='the log; "-" is standard input')
    add_log_arguments(parser)
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--output",
        "-o",
        metavar="PAGE",
        help="the page to write; default: the log's name and .html",
    )
    how.add_argument("--text", action="store_true", help="draw for a terminal instead")
    how.add_argument(
        "--mermaid", action="store_true", help="draw in Mermaid, for an issue or a wiki"
    )
    how.add_argument(
        "--open-trace",
        action="store_true",
        help="write the messages as Open OCPP Trace, JSON Lines",
    )
    parser.add_argument("--title", help="of the page; default: the log's name")
    parser.add_argument("--only", metavar="IDENTITY", help="show this station alone")
    parser.add_argument(
        "--last",
        type=int,
        default=MAX_ROWS,
        metavar="N",
        help=f"messages to show, the last ones of a longer log; default {MAX_ROWS:,}",
    )


def run(options: argparse.Namespace) -> int:
    """Show one log; return the exit code."""
    log = LogFile(options.file, options)
    entries = (e for e in log.entries() if options.only is None or e.station == options.only)
    try:
        if options.open_trace:
            return _write_open_trace(entries)
        judge = TraceJudge(
            version=options.ocpp, config=Config(vendor_actions=options.vendor_action)
        )
        picture = picture_of(entries, judge, last=options.last)
    except BrokenPipeError:
        raise  # the reader of what we say has seen enough
    except OSError as error:
        return complain("show", f"{log.name}: {error.strerror}")
    if not picture.rows:
        return complain(
            "show", "; ".join([f"{log.name}: there is no message in it", *notes_on(log.skipped)])
        )
    picture.notes += notes_on(log.skipped)
    draw = _DRAWN.get((options.text, options.mermaid))
    if draw:
        sys.stdout.write(draw(picture))
        return 0
    return _write_page(picture, log, options)


_DRAWN: Final[dict[tuple[bool, bool], Callable[[Picture], str]]] = {
    (True, False): as_text,
    (False, True): as_mermaid,
}


def _write_open_trace(entries: Iterable[Record | Mark]) -> int:
    for line in write_open_trace(entries):
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
    return 0


def _write_page(picture: Picture, log: LogFile, options: argparse.Namespace) -> int:
    default = "trace.html" if options.file == "-" else f"{Path(options.file).name}.html"
    path = Path(options.output or default)
    title = options.title or Path(log.name).name
    try:
        path.write_bytes(render_page(title, picture))
    except OSError as error:
        return complain("show", f"{path}: {error.strerror}")
    report = say_findings((each for row in picture.rows for each in row.findings), log.name)
    suspicions = f", suspicions: {report.suspicions:,}" if report.suspicions else ""
    counts = f"messages: {len(picture.rows):,}, violations: {report.faults:,}{suspicions}"
    sys.stdout.write(f"{counts}; see {path}\n")
    return 0
