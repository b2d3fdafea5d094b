"""A trace as one HTML page that needs nothing else: to look at, to search, to send to somebody.

The rows of the page are plain HTML, laid out by the browser, and only those in view exist: of the libraries
that draw sequence diagrams none stands 50,000 messages, and each would be larger than the page. What peers
said is in it as JSON, in which no `<` is left, and gets into the document as text alone; the policy of the
page lets no script run but its own, and lets it load nothing.
"""

from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from typing import Any, Final

import msgspec

from ocpp_sansio import __version__
from ocpp_sansio.cli.show.rows import Picture, Row
from ocpp_sansio.core import Role, quote

__all__ = ["SILENCE", "render_page"]

SILENCE: Final = 60.0
"""Seconds without a message that are folded into one line."""

_FIRST_DATE: Final = 946_684_800.0  # the year 2000: less is no date but some clock's seconds


def render_page(title: str, picture: Picture) -> bytes:
    """Return the page, in UTF-8."""
    rows = picture.rows
    stations: dict[str | None, int] = {}
    told = [_row(row, stations.setdefault(row.record.station, len(stations))) for row in rows]
    ends = [
        [mark.line, mark.when, stations.setdefault(mark.station, len(stations)), mark.is_connected]
        for mark in picture.marks
    ]
    times = [row.record.when for row in rows if row.record.when is not None]
    is_dated = bool(times) and min(times) >= _FIRST_DATE
    names = ["the station" if name is None else _shown(name) for name in stations]
    trace = {
        "stations": names,
        "rows": told,
        "marks": ends,
        "notes": picture.notes,
        "dated": is_dated,
        "silence": SILENCE,
    }
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        "default-src 'none'",
        f"style-src {_hash_of(style)}",
        f"script-src {_hash_of(script)}",
        "base-uri 'none'",
        "form-action 'none'",
    )
    page = Template(_asset("page.html")).substitute(
        title=escape(title),
        policy="; ".join(policy),
        style=style,
        script=script,
        trace=_embedded(trace),
        zone=" (UTC)" if is_dated else "",
        version=__version__,
    )
    return page.encode()


def _row(row: Row, station: int) -> list[Any]:
    record = row.record
    findings = [[f.path, f.rule, f.expected, f.got, f.is_fault] for f in row.findings]
    text = record.data.decode("utf-8", "replace")
    is_up = row.sender is Role.STATION
    return [
        record.line,
        record.when,
        station,
        is_up,
        row.kind,
        row.action,
        row.latency,
        text,
        findings,
    ]


def _embedded(trace: dict[str, Any]) -> str:
    """Return JSON that may stand within a script element: nothing in it can end that."""
    text = msgspec.json.encode(trace).decode()
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _shown(identity: str) -> str:
    return identity if identity.isprintable() else quote(identity)


def _asset(name: str) -> str:
    return files(__package__ or "").joinpath(name).read_text("utf-8")


def _hash_of(text: str) -> str:
    """Return the hash of an element's text, which begins with the line end behind its tag."""
    text = f"\n{text}"
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
