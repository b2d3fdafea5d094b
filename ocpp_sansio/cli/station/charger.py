"""`Charger`: what a station does while it has power: who may charge, charges, their meters, statuses."""

import asyncio
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from msgspec import Struct

from ocpp_sansio.cli.peers import CannotBe, Screen
from ocpp_sansio.cli.station.hardware import Hardware, Outlet
from ocpp_sansio.cli.station.messages import Charge, Messages, words_of
from ocpp_sansio.core import JsonObject, LocalProtocolError, OcppError, plain, quote
from ocpp_sansio.registration import Registration
from ocpp_sansio.session import CallTimeout, ConnectionLost, NotConnected
from ocpp_sansio.station import Station, StatusBoard, StatusScope

if TYPE_CHECKING:
    from ocpp_sansio.asyncio import NetSession

__all__ = ["METER", "Allowance", "Charger"]

METER = "meter."
"""Before the number of a connector: the name under which what its meter has shown is kept."""


class Allowance(Struct, frozen=True):
    """Somebody who may charge at a connector, and has not begun."""

    id_tag: str
    remote_start_id: int | None
    since: float


class Charger:
    """The application of one boot. What is in it is gone with the power, but for `hardware` and the store."""

    def __init__(
        self,
        station: Station,
        messages: Messages,
        hardware: Hardware,
        screen: Screen,
        now: Callable[[], float],
    ) -> None:
        self.station = station
        self.messages = messages
        self.running: dict[int, Charge] = {}
        """By connector."""
        self.allowed: dict[int, Allowance] = {}
        """Who may charge as soon as the cable is there, by connector."""
        self.session: NetSession | None = None
        self.touched = asyncio.Event()
        """Set with each answer that brings the station further; whoever waits for that clears it."""
        self.has_told = False
        """Whether the statuses have been told since the station is online."""
        self.given_up = 0
        """Messages that the station has given up."""
        self._finished: set[int] = set()  # whose car has charged, and is there still
        self._hardware = hardware
        self._screen = screen
        self._now = now
        self._board = StatusBoard()
        self._turn = asyncio.Lock()
        self._telling = asyncio.Lock()
        if messages.is_16:
            self._board.set(0, "Available", now=now())
        for number in hardware.outlets:
            self._show(number)

    # --- what happens to it -----------------------------------------------------------------------

    async def end_interrupted(self) -> None:
        """End what a power cut has interrupted; the meter says how far it got."""
        for left in self.station.open_transactions:
            if left.is_ended:
                continue
            charge = Charge(left.key, left.connector or 1)
            self._screen.row("resumed", f"charge {_short(left.key)} was interrupted: it is ended")
            await self._post_end(charge, "PowerLoss")

    async def plug_in(self, number: int) -> None:
        """Put the cable of a car in."""
        async with self._turn:
            outlet = self.outlet(number)
            if outlet.is_plugged:
                raise CannotBe(f"connector {number} has a car already: unplug {number} first")
            outlet.is_plugged = True
            self._screen.row("car", f"plugged in at connector {number}")
            if number in self.allowed:
                await self._begin(number, "CablePluggedIn")
            self._show(number)
        await self.tell_status()

    async def unplug(self, number: int) -> None:
        """Pull the cable of a car: it ends a charge."""
        async with self._turn:
            outlet = self.outlet(number)
            if not outlet.is_plugged:
                raise CannotBe(f"connector {number} has no car: plug in {number} first")
            outlet.is_plugged = False
            self._screen.row("car", f"unplugged from connector {number}")
            await self._end(number, "EVDisconnected")
            self._finished.discard(number)
            self._show(number)
        await self.tell_status()

    async def present(self, id_tag: str, number: int | None) -> None:
        """Take a card: it lets a car charge, or ends its own charge."""
        async with self._turn:
            for charge in [*self.running.values()]:
                if charge.id_tag == id_tag and number in {None, charge.connector}:
                    await self._end(charge.connector, "Local")
                    self._show(charge.connector)
                    break
            else:
                await self._allow(id_tag, self.free_connector(number))
        await self.tell_status()

    async def _allow(self, id_tag: str, number: int | None) -> None:
        if number is None:
            raise CannotBe("no connector is free: unplug a car first")
        if number in self.running:
            raise CannotBe(f"connector {number} charges already, for another card")
        verdict = await self._verdict(id_tag)
        if verdict != "Accepted":
            raise CannotBe(f"the CSMS does not let {quote(id_tag)} charge: {plain(verdict)}")
        self.allowed[number] = Allowance(id_tag, None, self._now())
        if self.outlet(number).is_plugged:
            await self._begin(number, "Authorized")
        else:
            self._screen.row("card", f"may charge at connector {number} once a car is there")
        self._show(number)

    async def _verdict(self, id_tag: str) -> str:
        session = self.session
        if session is None or not self.is_in_touch:
            self._screen.row("card", f"{quote(id_tag)} may charge: nobody can be asked")
            return "Accepted"
        try:
            answer = await session.call("Authorize", self.messages.authorize(id_tag))
        except (ConnectionLost, NotConnected, CallTimeout):
            self._screen.row("card", f"{quote(id_tag)} may charge: nobody has answered")
            return "Accepted"
        except OcppError as error:  # it is no id tag, or the CSMS will not say
            raise CannotBe(plain(str(error), 300)) from None
        info: Any = answer.get("idTagInfo") or answer.get("idTokenInfo") or {}
        return str(info.get("status"))

    async def remote_start(self, number: int, id_tag: str, remote_start_id: int | None) -> None:
        """Let a car charge because the CSMS says so."""
        async with self._turn:
            if number in self.running:
                return
            self.allowed[number] = Allowance(id_tag, remote_start_id, self._now())
            if self.outlet(number).is_plugged:
                await self._begin(number, "RemoteStart")
            else:
                self._screen.row("remote", f"starts at connector {number} once a car is there")
            self._show(number)
        await self.tell_status()

    async def end(self, number: int, reason: str) -> None:
        """End the charge of a connector, if there is one; `reason` as 2.x has it."""
        async with self._turn:
            await self._end(number, reason)
            self._show(number)
        await self.tell_status()

    async def read_meters(self, wh: float | None = None) -> None:
        """Tell the meters of all charges; `wh` is what the cars take before that, at once."""
        async with self._turn:
            if not self.running:
                raise CannotBe("nobody charges: there is nothing to tell")
            for charge in self.running.values():
                if wh is not None:
                    self.outlet(charge.connector).take(wh)
                await self._post_reading(charge)

    async def sample(self) -> None:
        """Tell the meters of all charges, if there are some."""
        async with self._turn:
            for charge in self.running.values():
                await self._post_reading(charge)

    async def expire(self, timeout: float) -> None:
        """Let nobody charge any more who has not come with his car in time; 0 seconds: any time."""
        before = self._now() - timeout
        gone = [number for number, each in self.allowed.items() if each.since <= before]
        for number in gone if timeout else []:
            del self.allowed[number]
            self._screen.row("card", f"no car came to connector {number}: nobody may charge there")
            self._show(number)
        if gone and timeout:
            await self.tell_status()

    async def read_triggered(self, number: int) -> None:
        """Tell the meter of a charge because the CSMS wants to know."""
        async with self._turn:
            charge = self.running.get(number)
            if charge is not None:
                await self._post_reading(charge, is_triggered=True)

    def lose_power(self) -> None:
        """Let no current flow any more."""
        for outlet in self._hardware.outlets.values():
            outlet.open_relay(self._now())

    # --- what it knows ----------------------------------------------------------------------------

    @property
    def is_in_touch(self) -> bool:
        """Whether the CSMS may be called."""
        is_accepted = self.station.registration is Registration.ACCEPTED
        return is_accepted and self.session is not None and self.session.is_connected

    @property
    def numbers(self) -> Collection[int]:
        """The numbers of the connectors."""
        return self._hardware.outlets.keys()

    def outlet(self, number: int) -> Outlet:
        """Return a connector; raises CannotBe if there is none of this number."""
        outlet = self._hardware.outlets.get(number)
        if outlet is None:
            raise CannotBe(
                f"there is no connector {number}: they are 1 to {len(self._hardware.outlets)}"
            )
        return outlet

    def free_connector(self, number: int | None) -> int | None:
        """Return the connector that is meant, by default one with a car; None if none is free."""
        if number is not None:
            self.outlet(number)
            return number
        free = [each for each in self._hardware.outlets if each not in self.running]
        with_cars = [each for each in free if self.outlet(each).is_plugged]
        return next(iter(with_cars or free), None)

    def charge_of(self, transaction: object) -> Charge | None:
        """Return the charge that the CSMS calls so."""
        key = transaction
        if isinstance(transaction, int):
            key = self.station.transaction_of(transaction)
        return next((each for each in self.running.values() if each.key == key), None)

    def describe(self) -> list[str]:
        """Return how all is, in lines."""
        station = self.station
        connected = "connected" if self.session and self.session.is_connected else "not connected"
        lines = [
            f"{connected}, boot {station.registration.value}, {station.queued_messages()} queued"
        ]
        for number, outlet in self._hardware.outlets.items():
            charge = self.running.get(number)
            what = f", charge {_short(charge.key)}" if charge else ""
            lines.append(
                f"connector {number}: {self._status(number)}, {outlet.wh(self._now())} Wh{what}"
            )
        return lines

    # --- statuses ---------------------------------------------------------------------------------

    def _status(self, number: int) -> str:
        if number in self.running:
            return "Charging"
        if number in self.allowed:
            return "Preparing"
        if not self._hardware.outlets[number].is_plugged:
            return "Available"
        return "Finishing" if number in self._finished else "Preparing"

    def _show(self, number: int) -> None:
        self._board.set(number, self._status(number), now=self._now())

    async def tell_status(self, scope: StatusScope = StatusScope.CHANGED) -> None:
        """Tell the CSMS what it has not been told of the connectors, or all of it."""
        self._board.want(scope)
        async with self._telling:
            for report in self._board.take(now=self._now()) if self.is_in_touch else []:
                told = self.messages.status(int(str(report.connector)), str(report.status))
                if not await self._call("StatusNotification", told):
                    self._board.undelivered(report)

    async def tell_current(self, connector: int) -> None:
        """Tell the status of one connector as it is: for a trigger."""
        for report in self._board.current(connector):
            told = self.messages.status(connector, str(report.status))
            await self._call("StatusNotification", told)

    async def tell_meter(self, connector: int) -> None:
        """Tell the meter of a connector, whether it charges or not: for a trigger."""
        wh = self.outlet(connector).wh(self._now())
        await self._call(*self.messages.meter_values(connector, wh))

    async def _call(self, action: str, payload: JsonObject) -> bool:
        """Call the CSMS; return whether it has taken it. What it refuses is shown by the log."""
        if self.session is None:
            return False
        try:
            outcome = await self.session.send_call(action, payload)
        except (ConnectionLost, NotConnected, CallTimeout, LocalProtocolError):
            return False
        return outcome.ok

    # --- charges ----------------------------------------------------------------------------------

    async def _begin(self, number: int, why: str) -> None:
        allowed = self.allowed.pop(number)
        charge = Charge(str(uuid4()), number, allowed.id_tag, allowed.remote_start_id)
        wh = self.outlet(number).wh(self._now())
        await self._post(charge, *self.messages.start(charge, wh, 0, why))
        self.running[number] = charge
        self.outlet(number).close_relay(self._now())

    async def _end(self, number: int, reason: str) -> None:
        self.allowed.pop(number, None)
        charge = self.running.pop(number, None)
        if charge is not None:
            self.outlet(number).open_relay(self._now())
            self._finished.add(number)
            await self._post_end(charge, reason)

    async def _post_end(self, charge: Charge, reason: str) -> None:
        wh = self._wh(charge)
        await self._post(charge, *self.messages.end(charge, wh, self._next_seq_no(charge), reason))

    async def _post_reading(self, charge: Charge, *, is_triggered: bool = False) -> None:
        number = self._next_seq_no(charge)
        made = self.messages.reading(charge, self._wh(charge), number, is_triggered=is_triggered)
        await self._post(charge, *made)

    def _next_seq_no(self, charge: Charge) -> int:
        return 0 if self.messages.is_16 else self.station.next_seq_no(charge.key)

    def _wh(self, charge: Charge) -> int:
        outlet = self._hardware.outlets.get(charge.connector)
        return (
            outlet.wh(self._now()) if outlet else 0
        )  # a station with fewer connectors than before

    async def _post(self, charge: Charge, action: str, payload: JsonObject) -> None:
        assert self.session is not None  # noqa: S101 - it is there as long as there is power
        what = f"{words_of(action, payload)} of charge {_short(charge.key)}, {self._wh(charge)} Wh"
        kept_as = f"{METER}{charge.connector}"
        self.station.keep(kept_as, str(self._wh(charge)), now=self._now())
        try:
            await self.session.post(
                action, payload, transaction=charge.key, version=self.messages.version
            )
        except LocalProtocolError as error:  # an id tag that is none, or the queue is full
            raise CannotBe(f"{what} cannot be queued: {plain(str(error), 300)}") from None
        waits = self.station.queued_messages()
        self._screen.row("queued", f"{what}; {waits} to deliver")


def _short(key: str) -> str:
    return plain(key, 100)[:8]
