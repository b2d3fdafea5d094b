"""The lines of a script: of a file, or of the command line itself with semicolons between them."""

from pathlib import Path

from msgspec import Struct

from ocpp_sansio.cli.peers.orders import BadOrder, Grammar, Order
from ocpp_sansio.core import quote

__all__ = ["Line", "read_script"]


class Line(Struct, frozen=True):
    """One order, and where it stands, for errors: "line 3 of charge.txt"."""

    order: Order
    where: str


def read_script(given: str, grammar: Grammar) -> list[Line]:
    """Return the orders of a script, all of them looked at before the first is carried out.

    `given` is the name of a file or the orders themselves. Raises BadOrder, OSError.
    """
    path = _path_of(given)
    if path is None:
        pieces = [(f"order {number}", text) for number, text in enumerate(given.split(";"), 1)]
    else:
        text = path.read_text(encoding="utf-8", errors="backslashreplace")
        pieces = [
            (f"line {number} of {quote(given)}", part)
            for number, line in enumerate(text.splitlines(), 1)
            for part in line.partition("#")[0].split(";")
        ]
    lines = []
    for where, piece in pieces:
        try:
            order = grammar.read(piece)
        except BadOrder as bad:
            is_name = path is None and len(pieces) == 1
            other = " (nor is there a file of that name)" if is_name else ""
            raise BadOrder(f"{where}: {bad}{other}") from None
        if order is not None:
            lines.append(Line(order, where))
    return lines


def _path_of(given: str) -> Path | None:
    try:
        path = Path(given)
        return path if path.is_file() else None
    except (OSError, ValueError):  # too long for a name, or no name at all
        return None
