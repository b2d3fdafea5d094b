"""What `csms` does with its options, from the first look at them to the last word."""

import argparse
import asyncio
import sys

from ocpp_sansio.asyncio import serve
from ocpp_sansio.cli.csms.books import Books
from ocpp_sansio.cli.csms.calling import GRAMMAR, Desk
from ocpp_sansio.cli.csms.office import Office
from ocpp_sansio.cli.peers import Line, LogView, Screen, given, password_of, read_script, typed
from ocpp_sansio.core import Version, quote
from ocpp_sansio.net import ConnectionRequest, Limits
from ocpp_sansio.websocket import passwords_match

__all__ = ["be_csms", "verdicts_of"]

_GROUPS = {"all": "Accepted", "none": "Rejected", "pending": "Pending"}


def be_csms(options: argparse.Namespace) -> int:
    """Be a CSMS until its orders are at their end; return the exit code.

    Raises BadOrder, ValueError, OSError or BooksError for what cannot be.
    """
    script = None if options.script is None else read_script(options.script, GRAMMAR)
    is_asking = script is None and sys.stdin.isatty()
    screen = Screen(prompt="> " if is_asking else "")
    verdicts = verdicts_of(options.accept)
    password = password_of(options)
    books = Books(options.store)
    try:
        office = Office(
            books,
            screen,
            verdicts=verdicts,
            id_tags=options.id_tag,
            interval=options.interval,
        )
        with LogView(screen, frames=options.messages, names_peers=True):
            return asyncio.run(
                _serve(options, office, screen, password, script, is_asking=is_asking)
            )
    finally:
        screen.stop_asking()
        books.close()


async def _serve(
    options: argparse.Namespace,
    office: Office,
    screen: Screen,
    password: str | None,
    script: list[Line] | None,
    *,
    is_asking: bool,
) -> int:
    def lets_in(request: ConnectionRequest) -> bool:
        return password is None or passwords_match(request.password, password.encode())

    async with serve(
        None,
        options.host,
        options.port,
        versions=options.ocpp or list(Version)[::-1],
        handlers=office.handlers,
        authenticate=lets_in,
        limits=Limits(max_log_records=1000),
        shutdown_timeout=1.0,
    ) as server:
        screen.row(
            "csms", f"listening at ws://{options.host}:{server.port}/, and any path to an identity"
        )
        where = "in memory; see --store" if options.store is None else quote(str(options.store))
        screen.row("csms", f"what is billed is kept {where}")
        desk = Desk(office, server, screen, patience=options.patience, is_script=not is_asking)
        count = await desk.carry_out_all(typed() if script is None else given(script))
        if script is None and not is_asking and not count:  # no terminal, and no orders: a service
            await asyncio.Event().wait()
    return desk.code


def verdicts_of(accept: str) -> dict[str, str]:
    """Return what boots are answered, by identity, "*" for all others; raises ValueError."""
    if accept in _GROUPS:
        return {"*": _GROUPS[accept]}
    identities = [name.strip() for name in accept.split(",")]
    if not all(identities):
        raise ValueError("--accept is all, none, pending, or identities with commas between")
    return {"*": "Rejected"} | dict.fromkeys(identities, "Accepted")
