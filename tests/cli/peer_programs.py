"""A station and a CSMS of the command line, in one loop, each with a script; and what both have shown."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import cast

from msgspec import Struct, field

from ocpp_sansio import Version
from ocpp_sansio.asyncio import serve
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.cli.csms.books import Bill, Books
from ocpp_sansio.cli.csms.calling import GRAMMAR as CALLS
from ocpp_sansio.cli.csms.calling import Desk
from ocpp_sansio.cli.csms.office import Office
from ocpp_sansio.cli.peers import Line, LogView, Screen, given, read_script
from ocpp_sansio.cli.station.boots import Site
from ocpp_sansio.cli.station.hardware import Hardware
from ocpp_sansio.cli.station.playing import GRAMMAR, Player
from ocpp_sansio.cli.station.power import NetworkLoop
from ocpp_sansio.stores import MemoryStore, SqliteStore, Store

PATIENCE = 20.0
"""Seconds for what takes milliseconds."""


class Plot(Struct, kw_only=True):
    """What both are to do. "..." in the station's script waits for the end of the other, and the boots."""

    station: str
    csms: str = ""
    version: Version = Version.OCPP16
    path: Path | None = None
    accept: str = "Accepted"
    id_tags: list[str] | None = None
    connectors: int = 1
    boots: int = 1
    patience: float = PATIENCE


class Shown(io.StringIO):
    """What a program shows; one may wait for more."""

    def __init__(self) -> None:
        super().__init__()
        self._more = asyncio.Event()

    def write(self, text: str) -> int:
        self._more.set()
        return super().write(text)

    async def more(self) -> None:
        """Wait until anything else is shown."""
        self._more.clear()
        await self._more.wait()


class Played(Struct):
    """What came of it."""

    station: io.StringIO = field(default_factory=io.StringIO)
    csms: Shown = field(default_factory=Shown)
    code: int = 0
    waiting: int = 0
    bills: list[Bill] = []

    @property
    def billed(self) -> list[tuple[int | None, bool]]:
        """The energy of each charge, and whether it has ended."""
        return [(bill.energy, bill.ended is not None) for bill in self.bills]


def play(plot: Plot) -> Played:
    """Play both scripts to their ends."""
    played = Played()
    with asyncio.Runner(loop_factory=NetworkLoop) as runner:
        runner.run(_play(plot, played))
    return played


async def _play(plot: Plot, played: Played) -> None:
    books = Books(None)
    shown = Screen(played.csms)
    verdicts = {"*": plot.accept}
    office = Office(books, shown, verdicts=verdicts, id_tags=plot.id_tags, interval=300)
    screen = Screen(played.station)
    open_store: Callable[[], Store] = MemoryStore
    if plot.path is not None:
        open_store = partial(SqliteStore, plot.path)
    async with serve(
        None, "127.0.0.1", 0, versions=list(Version), handlers=office.handlers
    ) as server:
        with LogView(screen, frames=True) as log:
            site = Site(
                url=f"ws://127.0.0.1:{server.port}/CP001",
                identity="CP001",
                version=plot.version,
                password=None,
                ssl=None,
                sample=60,
                hardware=Hardware(plot.connectors, watts=0.001),
                open_store=open_store,
                screen=screen,
                log=log,
                redial=Backoff(wait_minimum=0.02, random_range=0.01, repeat_times=0),
                loop=cast("NetworkLoop", asyncio.get_running_loop()),
            )
            desk = Desk(office, server, shown, patience=PATIENCE, is_script=True)
            calling = asyncio.create_task(desk.carry_out_all(given(read_script(plot.csms, CALLS))))
            player = Player(site, patience=plot.patience, is_script=True, stays=False)
            await player.play(_lines(plot, played, calling))
            await calling
    played.code = max(player.code, desk.code)
    played.waiting = player.waiting
    played.bills = books.all()
    books.close()


async def _lines(plot: Plot, played: Played, calling: "asyncio.Task[int]") -> AsyncIterator[Line]:
    before, _, after = plot.station.partition("...")
    for line in read_script(before, GRAMMAR):
        yield line
    async with asyncio.timeout(PATIENCE):
        await asyncio.shield(calling)
        while played.csms.getvalue().count("boot of") < plot.boots:
            await played.csms.more()
    for line in read_script(after, GRAMMAR):
        yield line
