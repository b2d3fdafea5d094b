"""One boot after the other: the power comes, the station charges and talks, the power goes."""

import asyncio
import random
import ssl as tls
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, cast

from msgspec import Struct

from ocpp_sansio.asyncio import connect
from ocpp_sansio.cli.peers import CannotBe, LogView, Screen
from ocpp_sansio.cli.station.charger import METER, Charger
from ocpp_sansio.cli.station.hardware import Hardware
from ocpp_sansio.cli.station.messages import Messages
from ocpp_sansio.cli.station.obeying import obeying
from ocpp_sansio.cli.station.power import Mains, NetworkLoop
from ocpp_sansio.cli.station.settings import Settings
from ocpp_sansio.core import Backoff, Version
from ocpp_sansio.net import Limits
from ocpp_sansio.station import BootReason, Station
from ocpp_sansio.stores import Store

__all__ = ["Boot", "Ended", "Site"]

LOG = Limits(max_log_records=1000)
"""Somebody watches, so no record is left out."""
MAX_JOBS = 100
"""What the CSMS may have the station do that is not done yet."""
FAREWELL = 2.0
"""Seconds that calls have to be answered when the station is switched off."""


class Site(Struct):
    """What stays while boots come and go."""

    url: str
    identity: str
    version: Version
    password: str | None
    ssl: tls.SSLContext | None
    sample: int
    hardware: Hardware
    open_store: Callable[[], Store]
    """Opens what a power cut leaves; raises StoreError."""
    screen: Screen
    log: LogView
    redial: Backoff
    loop: NetworkLoop


class Ended(Struct, frozen=True):
    """Why a boot is over."""

    reason: BootReason | None
    """That of the next boot; None: there is none."""


class Boot:
    """One boot. `over` says when it is at its end, and what comes then."""

    def __init__(self, site: Site, reason: BootReason, store: Mains) -> None:
        restored = store.load()
        messages = Messages(site.version)
        self.damaged_as = restored.damage.kept_as if restored.damage else None
        self._site = site
        self._store = store
        self._jobs: set[asyncio.Task[None]] = set()
        self._resets_when_idle = False
        self.over: asyncio.Future[Ended] = site.loop.create_future()
        self.station = Station(
            lambda _, why: cast("Any", messages.boot(why)),
            random=random.random,
            reason=reason,
            restored=restored,
        )
        for number, outlet in site.hardware.outlets.items():
            outlet.at_least(float(restored.values.get(f"{METER}{number}", "0")))
        self.charger = Charger(self.station, messages, site.hardware, site.screen, site.loop.time)
        self.settings = Settings(
            self.station,
            restored.values,
            connectors=len(site.hardware.outlets),
            sample=site.sample,
            now=site.loop.time,
        )

    @classmethod
    @asynccontextmanager
    async def begin(cls, site: Site, reason: BootReason) -> AsyncIterator["Boot"]:
        """Switch the station on, and off on leaving. Raises StoreError, ValueError, OSError."""
        store = Mains(site.open_store())
        try:
            boot = cls(site, reason, store)
            async with boot._connected() as session:
                boot.charger.session = session
                await boot.charger.end_interrupted()
                boot.spawn(boot._watch())
                yield boot
                await boot._stop_jobs()
        finally:
            store.close()
            site.loop.network.mend()
            site.log.is_dark = False

    def _connected(self) -> Any:
        site = self._site
        return connect(
            site.url,
            identity=site.identity,
            versions=[site.version],
            handlers=obeying(self.charger, self.settings, self, site.screen),
            password=site.password,
            ssl=site.ssl,
            reconnect=site.redial,
            wait_while_offline=False,
            append_identity=False,
            limits=LOG,
            station=self.station,
            store=self._store,
            shutdown_timeout=FAREWELL,
        )

    # --- its end ----------------------------------------------------------------------------------

    def switch_off(self) -> None:
        """End it for good, in good order."""
        self._end(None)

    def cut_power(self) -> None:
        """End it as a power cut does: without a word to the CSMS, and with nothing more stored."""
        self._store.is_on = False
        self._site.log.is_dark = True
        self.charger.lose_power()
        self._site.loop.network.cut()
        self._end(BootReason.POWER_UP)

    def reset(self, reason: BootReason, *, ending_charges_as: str | None) -> None:
        """Boot anew: at once, or when nobody charges if no reason is given for ending what runs."""
        self.spawn(self._reset(reason, ending_charges_as))

    async def _reset(self, reason: BootReason, ending_charges_as: str | None) -> None:
        self._site.screen.row("reset", "now" if ending_charges_as else "when nobody charges")
        while ending_charges_as is None and self.charger.running:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(_GLANCE)
        for number in [*self.charger.running]:
            await self.charger.end(number, ending_charges_as or "ImmediateReset")
        await self.deliver(FAREWELL)
        self._end(reason)

    def _end(self, reason: BootReason | None) -> None:
        if not self.over.done():
            self.over.set_result(Ended(reason))

    # --- what it does -----------------------------------------------------------------------------

    def spawn(self, job: Coroutine[Any, Any, None]) -> bool:
        """Do something as long as there is power; return False if there is too much to do already."""
        if len(self._jobs) >= MAX_JOBS:
            job.close()
            return False
        task = asyncio.create_task(self._do(job))
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
        return True

    async def _do(self, job: Coroutine[Any, Any, None]) -> None:
        try:
            await job
        except CannotBe as error:
            self._site.screen.row("!", str(error))

    async def _stop_jobs(self) -> None:
        jobs = [*self._jobs]
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    async def _watch(self) -> None:
        """Tell the meters when it is time to, and let nobody charge who has not come with his car."""
        now = self._site.loop.time
        told_at = now()
        while True:
            await asyncio.sleep(_GLANCE)
            await self.charger.expire(self.settings.connection_timeout)
            interval = self.settings.sample_interval
            if interval and now() - told_at >= interval:
                told_at = now()
                await self.charger.sample()

    async def registered(self, seconds: float) -> bool:
        """Wait until the CSMS may be called and knows the statuses, but not for long; return whether so."""
        charger = self.charger
        return await self._reached(lambda: charger.is_in_touch and charger.has_told, seconds)

    async def go_offline(self) -> None:
        """Pull the cable, and wait until that is noticed."""
        self._site.loop.network.pull()
        session = self.charger.session
        while session and session.is_connected:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(_BLINK)
        self._site.screen.row("network", "the cable is pulled")

    def go_online(self) -> None:
        """Plug the cable in; the next attempt to connect is right."""
        if not self._site.loop.network.is_plugged:
            self._site.loop.network.plug()
            self.charger.has_told = False

    async def deliver(self, seconds: float) -> bool:
        """Wait until all is delivered, but not for long; return whether it is."""
        return await self._reached(lambda: not self.station.queued_messages(), seconds)

    async def _reached(self, is_reached: Callable[[], bool], seconds: float) -> bool:
        touched = self.charger.touched
        try:
            async with asyncio.timeout(seconds):
                while not is_reached():
                    touched.clear()
                    await touched.wait()
        except TimeoutError:
            return is_reached()
        return True


_BLINK = 0.005
_GLANCE = 0.5
"""Seconds between two looks at what nobody tells of."""
