"""The demo as the page that `show` makes of a log."""

from collections.abc import Iterable, Iterator

from ocpp_sansio.cli.demo.charge import IDENTITY
from ocpp_sansio.cli.demo.wire import Crossing
from ocpp_sansio.cli.show.page import render_page
from ocpp_sansio.cli.show.rows import picture_of
from ocpp_sansio.traces import Record, TraceJudge

__all__ = ["page_of"]


def page_of(crossings: Iterable[Crossing]) -> bytes:
    """Return a page with a station for each version, in UTF-8."""
    return render_page("A charge in each version", picture_of(_records(crossings), TraceJudge()))


def _records(crossings: Iterable[Crossing]) -> Iterator[Record]:
    ends: dict[object, float] = {}  # by version: each has a clock of its own, that begins at 0
    for number, crossing in enumerate(crossings, 1):
        version = crossing.version
        when = crossing.at + sum(end for other, end in ends.items() if other is not version)
        ends[version] = crossing.at
        name = f"{version.value} {IDENTITY}"
        yield Record(number, crossing.data, when, name, crossing.sender, version)
