"""What `station` does with its options, from the first look at them to the last word."""

import argparse
import asyncio
import ssl as tls
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from ocpp_sansio.cli.peers import LogView, Screen, given, password_of, read_script, typed
from ocpp_sansio.cli.station.boots import Site
from ocpp_sansio.cli.station.hardware import Hardware
from ocpp_sansio.cli.station.playing import GRAMMAR, Player
from ocpp_sansio.cli.station.power import NetworkLoop
from ocpp_sansio.core import Backoff, plain, quote
from ocpp_sansio.stores import MemoryStore, SqliteStore, Store
from ocpp_sansio.tls import station_context

__all__ = ["be_station", "identity_in"]


SOON = Backoff(wait_minimum=1.0, random_range=1.0, repeat_times=2)
"""Somebody watches: a CSMS that is back is found within five seconds."""


def be_station(options: argparse.Namespace) -> int:
    """Be a station until its orders are at their end; return the exit code.

    Raises BadOrder, ValueError, OSError or StoreError for what cannot be.
    """
    script = None if options.script is None else read_script(options.script, GRAMMAR)
    is_asking = script is None and sys.stdin.isatty()
    identity = identity_in(options.url)
    password = password_of(options)
    context = _context_of(options.ca) if options.ca else None
    screen = Screen(prompt="> " if is_asking else "")
    log = LogView(screen, frames=not options.quiet)
    hardware = Hardware(options.connectors, watts=options.watts)

    player: Player | None = None

    async def play() -> None:
        nonlocal player
        site = Site(
            url=options.url,
            identity=identity,
            version=options.ocpp,
            password=password,
            ssl=context,
            sample=options.sample,
            hardware=hardware,
            open_store=_opener(options),
            screen=screen,
            log=log,
            redial=SOON,
            loop=cast("NetworkLoop", asyncio.get_running_loop()),
        )
        player = Player(
            site, patience=options.patience, is_script=not is_asking, stays=script is None
        )
        await player.play(typed() if script is None else given(script))

    with log, asyncio.Runner(loop_factory=NetworkLoop) as runner:
        if options.store is None:
            screen.row(
                "store", "in memory: what is not delivered at a power cut is lost; see --store"
            )
        else:
            screen.row("store", quote(str(options.store)))
        try:
            runner.run(play())
        finally:
            screen.stop_asking()
            if player is not None and player.has_booted:
                _say_what_is_left(player, options, screen)
    if player is None:
        return 2
    is_left = player.waiting or player.given_up or player.damaged_as
    return max(player.code, 1 if is_left else 0)


def identity_in(url: str) -> str:
    """Return the identity that a URL ends in; raises ValueError if there is none."""
    parts = urlsplit(url)
    identity = unquote(parts.path.rstrip("/").rpartition("/")[2])
    if "@" in parts.netloc:
        raise ValueError("give the password with --password-file or OCPP_PASSWORD, not in the URL")
    if parts.scheme not in {"ws", "wss"} or not parts.netloc or not identity:
        raise ValueError(
            f"{quote(url.partition('?')[0])} is no address of a station at a CSMS: "
            "write ws://HOST:PORT/PATH/IDENTITY, or wss://"
        )
    return identity


def _context_of(path: Path) -> tls.SSLContext:
    try:
        return station_context(path)
    except tls.SSLError as error:
        raise ValueError(
            f"{quote(str(path))} should hold certificates, in PEM: {plain(str(error))}"
        ) from None


def _opener(options: argparse.Namespace) -> Callable[[], Store]:
    path = options.store
    return MemoryStore if path is None else lambda: SqliteStore(path)


def _say_what_is_left(player: Player, options: argparse.Namespace, screen: Screen) -> None:
    if player.given_up:
        screen.row("lost", f"{_counted(player.given_up, 'message')} given up")
    if player.damaged_as is not None:
        kept_as = quote(player.damaged_as)
        screen.row("lost", f"what the store held before is in {kept_as}, and not delivered")
    if player.running:
        charges = _counted(player.running, "charge")
        then = "ended at the next start" if options.store else "forgotten: see --store"
        screen.row("end", f"{charges} not ended, and {then}")
    if not player.waiting:
        is_lost = player.given_up or player.damaged_as is not None
        screen.row("end", "all else is delivered" if is_lost else "all is delivered")
    elif options.store is None:
        screen.row(
            "end", f"{_counted(player.waiting, 'message')} not delivered, and lost: see --store"
        )
    else:
        where = quote(str(options.store))
        screen.row(
            "end",
            f"{_counted(player.waiting, 'message')} not delivered: kept in {where} for the next start",
        )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
