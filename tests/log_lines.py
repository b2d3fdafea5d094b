"""What the log may look like, and texts of peers that would like it to look otherwise."""

import logging
from collections.abc import Iterable

LONGEST = 300
"""Characters in a line: room for our own words and a hundred of the peer's."""
LONGEST_OF_A_FRAME = 1000 + LONGEST
"""The same in a record of "ocpp_sansio.wire", which has a frame's first thousand."""

FORGED = "2026-11-26 04:30:00 CRITICAL root the database is dropped"

NASTY = {
    "escape": "\x1b[2J\x1b]0;owned\x07",
    "c1": "\x9b31mred",
    "line feed": f"x\n{FORGED}",
    "carriage return": f"x\r{FORGED}",
    "line separator": f"x\u2028{FORGED}\x85{FORGED}\x0b{FORGED}",
    "right to left": "\u202eevil\u2066",
    "percent": "%s %d %(name)s",
    "brace": "{0} {name!r}",
    "megabyte": "m" * 1_000_000,
    "escaped and long": "\U000e0001\x1b" * 10_000,
}


def flaws_of(records: Iterable[logging.LogRecord]) -> list[str]:
    """Return the lines of a log that a peer has had too much of a hand in."""
    formatter = logging.Formatter("%(message)s")
    flaws = []
    for record in records:
        lines = formatter.format(record).split("\n")
        longest = LONGEST_OF_A_FRAME if record.name == "ocpp_sansio.wire" else LONGEST
        flaws += [line for line in lines if len(line) > longest or not line.isprintable()]
        flaws += [line for line in lines if line.lstrip().startswith(FORGED)]
        if "\n" in record.getMessage():
            flaws.append(record.getMessage())
        # the same without what a formatter keeps from the record: others make the traceback anew
        if record.exc_info and record.exc_info[1]:
            flaws += [record.msg for text in str(record.exc_info[1]).split("\n")[1:] if text]
        for name in ("identity", "action", "message_id", "version", "address"):
            value = getattr(record, name, None)
            if isinstance(value, str) and (len(value) > 100 or not value.isprintable()):
                flaws.append(f"{name}: {value}")
    return flaws
