"""One boot after the other: the power comes, the station charges and talks, the power goes."""

import asyncio
import random
import ssl as tls
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from ocpp_sansio.asyncio import connect
from ocpp_sansio.cli.peers import LogView, Screen
from ocpp_sansio.cli.station.charger import METER, Charger
from ocpp_sansio.cli.station.hardware import Hardware
from ocpp_sansio.cli.station.obeying import obeying
from ocpp_sansio.cli.station.power import Mains, NetworkLoop
from ocpp_sansio.cli.station.variables import configuration
from ocpp_sansio.core import Backoff, Version
from ocpp_sansio.net import Limits
from ocpp_sansio.station import BootReason, ChargingStation, StopReason
from ocpp_sansio.stores import Store

__all__ = ["Boot", "Ended", "Site", "boot_notification"]

LOG = Limits(max_log_records=1000)
"""Somebody watches, so no record is left out."""
VENDOR = "Sans-IO"
MODEL = "Terminal"
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
        outlets = site.hardware.outlets
        self._site = site
        self._store = store
        self._jobs: set[asyncio.Task[None]] = set()
        self._is_resetting = False
        self.damaged_as = restored.damage.kept_as if restored.damage else None
        self.over: asyncio.Future[Ended] = site.loop.create_future()
        self.keys = configuration(restored.values, connectors=len(outlets), sample=site.sample)
        for number, outlet in outlets.items():
            outlet.at_least(float(restored.values.get(f"{METER}{number}", "0")))
        self.station = ChargingStation(
            boot_notification,
            random=random.random,
            read_meter=site.hardware.read_meter(site.loop.time),
            connectors=len(outlets),
            configuration=self.keys,
            version=site.version,
            reason=reason,
            restored=restored,
        )
        screen, now = site.screen, site.loop.time
        self.charger = Charger(self.station, site.version, site.hardware, screen, now)

    @classmethod
    @asynccontextmanager
    async def begin(cls, site: Site, reason: BootReason) -> AsyncIterator["Boot"]:
        """Switch the station on, and off on leaving. Raises StoreError, ValueError, OSError."""
        store = Mains(site.open_store())
        try:
            boot = cls(site, reason, store)
            async with boot._connected() as session:
                session.act(boot.station.wall_clock, datetime.now(UTC), "NTP")
                boot.charger.switch_on(session)
                await boot.charger.end_interrupted()
                boot._spawn(boot._watch())
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
            handlers=obeying(self.charger, self.keys, self, site.screen),
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

    def reset(self, *, ending_charges_as: StopReason | None) -> None:
        """Boot anew: at once, or when nobody charges if no reason is given for ending what runs."""
        if not self._is_resetting:
            self._is_resetting = True
            self._spawn(self._reset(ending_charges_as))

    async def _reset(self, ending_charges_as: StopReason | None) -> None:
        self._site.screen.row("reset", "now" if ending_charges_as else "when nobody charges")
        while ending_charges_as is None and self.charger.running:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(_GLANCE)
        await self.charger.end_all(ending_charges_as or StopReason.OTHER)
        await self.deliver(FAREWELL)
        self._end(BootReason.REMOTE_RESET)

    def _end(self, reason: BootReason | None) -> None:
        if not self.over.done():
            self.over.set_result(Ended(reason))

    # --- what it does -----------------------------------------------------------------------------

    def _spawn(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)

    async def _stop_jobs(self) -> None:
        jobs = [*self._jobs]
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    async def _watch(self) -> None:
        """Let nobody charge who has not come with his car."""
        while True:
            await asyncio.sleep(_GLANCE)
            self.charger.expire(self.keys.integer("ConnectionTimeOut"))

    async def registered(self, seconds: float) -> bool:
        """Wait until the CSMS may be called, but not for long; return whether it may."""
        return await self._reached(lambda: self.charger.is_in_touch, seconds)

    async def go_offline(self) -> None:
        """Pull the cable, and wait until that is noticed."""
        self._site.loop.network.pull()
        while self.charger.session.is_connected:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(_BLINK)
        self._site.screen.row("network", "the cable is pulled")

    def go_online(self) -> None:
        """Plug the cable in; the next attempt to connect is right."""
        self._site.loop.network.plug()

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


def boot_notification(version: Version, reason: BootReason) -> Any:
    """Return a BootNotification as JSON."""
    if version is Version.OCPP16:
        return {"chargePointVendor": VENDOR, "chargePointModel": MODEL}
    made = {"vendorName": VENDOR, "model": MODEL}
    return {"reason": reason.value, "chargingStation": made}
