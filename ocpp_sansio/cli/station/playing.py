"""The orders of `station`, and how each is carried out, over boots and power cuts."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from ocpp_sansio.cli.peers import BadOrder, CannotBe, Grammar, Line, Order, Typed
from ocpp_sansio.cli.station.boots import Boot, Site
from ocpp_sansio.core import OcppError, plain
from ocpp_sansio.station import BootReason, StopReason

__all__ = ["GRAMMAR", "Player"]

GRAMMAR: Final = Grammar(
    {
        "plug in [N]": "a car comes to connector N, by default 1",
        "authorise TAG [N]": "a card is shown: it begins a charge, or ends its own",
        "meter [WH]": "tell the meters now, after so many Wh more at once",
        "unplug [N]": "the car leaves: its charge ends",
        "go offline": "the network cable is pulled, without a goodbye",
        "online": "it is plugged in again",
        "lose power": "all that is not stored is gone; the power comes back at once",
        "status": "how all is",
        "wait [SECONDS]": "go on later; without a number, when Ctrl-C is pressed",
        "help": "these orders",
        "quit": "charges end, what is queued is delivered, the station is switched off",
    },
    {
        "authorize": "authorise",
        "plug": "plug in",
        "plug in": "plug in",
        "plug out": "unplug",
        "offline": "go offline",
        "go online": "online",
        "powercut": "lose power",
        "power cut": "lose power",
        "exit": "quit",
        "?": "help",
    },
)
"""The orders of `station`."""


class Player:
    """Carries out orders, one after the other, while boots come and go."""

    def __init__(self, site: Site, *, patience: float, is_script: bool, stays: bool) -> None:
        """`patience` is for how many seconds the CSMS is waited for.

        A script ends with its first failure. With `stays`, one without any order does not end: where standard
        input is closed from the beginning, the station is to be a service.
        """
        self._site = site
        self._patience = patience
        self._is_script = is_script
        self._stays = is_script and stays
        self._boot: Boot | None = None
        self._is_on = asyncio.Event()
        self._has_quit = False
        self.code = 0
        """What to exit with: 1 if an order of a script failed, 2 if one is none."""
        self.waiting = 0
        """Messages that were not delivered when the station was switched off."""
        self.damaged_as: str | None = None
        """Where a store is that could not be read."""
        self.running = 0
        """Charges that had not ended then."""
        self.given_up = 0
        """Messages that never will be."""

    async def play(self, orders: AsyncIterator[Line | Typed]) -> None:
        """Carry out all orders, and switch the station off. Raises what `Boot.begin` does."""
        reason: BootReason | None = BootReason.POWER_UP
        playing = asyncio.create_task(self._play(orders))
        try:
            while reason is not None:
                async with Boot.begin(self._site, reason) as boot:
                    self._boot = boot
                    self._is_on.set()
                    self.damaged_as = boot.damaged_as or self.damaged_as
                    over: set[asyncio.Future[Any]] = {boot.over, playing}
                    await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
                    reason = boot.over.result().reason if boot.over.done() else None
                self.given_up += boot.charger.given_up
        finally:
            if self._boot is not None:
                station = self._boot.station
                self.waiting = station.queued_messages()
                self.running = sum(not each.is_ended for each in station.open_transactions)
            playing.cancel()
            await asyncio.wait([playing])
        if not playing.cancelled():
            playing.result()

    @property
    def has_booted(self) -> bool:
        """Whether the station was ever switched on."""
        return self._boot is not None

    async def _powered(self) -> Boot:
        """Return the boot that there is, or the next one."""
        while self._boot is None or self._boot.over.done():
            self._is_on.clear()
            await self._is_on.wait()
        return self._boot

    async def _play(self, orders: AsyncIterator[Line | Typed]) -> None:
        await self._settled()
        self._site.screen.ask()
        count = 0
        async for given in orders:
            count += 1
            is_right = await self._try(given)
            if self._has_quit or (self._is_script and not is_right):
                break
            self._site.screen.ask()
        if self._stays and not count:
            await asyncio.Event().wait()
        await self._quit()

    async def _try(self, given: Line | Typed) -> bool:
        """Carry out an order; return whether that went well, and say why if it did not."""
        screen = self._site.screen
        try:
            order = given.order if isinstance(given, Line) else GRAMMAR.read(given.text)
            if order is not None:
                screen.row(">", _spelled(order))
                await self._carry_out(order)
        except BadOrder as bad:
            screen.complain(f"station: {given.where}: {bad}")
            self._note_failure(2)
            return False
        except (CannotBe, OcppError, RuntimeError) as error:
            if not isinstance(error, CannotBe) and not (self._boot and self._boot.over.done()):
                raise
            why = error if isinstance(error, CannotBe) else "the power went meanwhile"
            screen.complain(f"station: {given.where}: {why}")
            self._note_failure(1)
            return False
        return True

    def _note_failure(self, code: int) -> None:
        if self._is_script:
            self.code = max(self.code, code)

    async def _carry_out(self, order: Order) -> None:
        boot = await self._powered()
        charger = boot.charger
        match order.words:
            case "plug in":
                await charger.plug_in(order.get("N", 1))
            case "unplug":
                await charger.unplug(order.get("N", 1))
            case "authorise":
                await charger.present(order.get("TAG"), order.get("N"))
            case "meter":
                await charger.read_meters(order.get("WH"))
            case "go offline":
                await boot.go_offline()
            case "online":
                boot.go_online()
                await self._settled()
            case "lose power":
                boot.cut_power()
                await self._settled()
            case "status":
                for line in charger.describe():
                    self._site.screen.row("status", line)
            case "wait":
                seconds = order.get("SECONDS")
                await (asyncio.sleep(seconds) if seconds is not None else asyncio.Event().wait())
            case "help":
                self._site.screen.say(GRAMMAR.help)
            case "quit":
                self._has_quit = True

    async def _settled(self) -> None:
        """Give the CSMS some time to let the station in; without, all begins offline."""
        boot = await self._powered()
        if not self._site.loop.network.is_plugged:
            return
        if not await boot.registered(self._patience):
            self._site.screen.row("!", f"the CSMS has not let us in after {self._patience:g} s")

    async def _quit(self) -> None:
        boot = await self._powered()
        await boot.charger.end_all(StopReason.LOCAL)
        if self._site.loop.network.is_plugged and not await boot.deliver(self._patience):
            self._site.screen.row("!", f"the CSMS has not taken all after {self._patience:g} s")
        boot.switch_off()


def _spelled(order: Order) -> str:
    given = order.given.values()
    said = [f"{value:g}" if isinstance(value, float) else plain(str(value)) for value in given]
    return " ".join([order.words, *said])
