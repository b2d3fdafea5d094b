"""`Charger`: what of a station is the application's: who may charge, cables, contactors."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from msgspec import Struct

from ocpp_sansio.cli.peers import CannotBe, Screen
from ocpp_sansio.cli.station.hardware import Hardware, Outlet
from ocpp_sansio.core import LocalProtocolError, OcppError, Version, plain, quote
from ocpp_sansio.registration import Registration
from ocpp_sansio.session import CallTimeout, ConnectionLost, NotConnected
from ocpp_sansio.station import (
    ChargeMessages,
    ChargingStation,
    ConnectorStatus,
    IdToken,
    ReadingContext,
    RemoteStart,
    Sample,
    StopReason,
)

if TYPE_CHECKING:
    from ocpp_sansio.asyncio import NetSession

__all__ = ["METER", "Allowance", "Charge", "Charger"]

METER = "meter."
"""Before the number of a connector: the name under which what its meter has shown is kept."""


class Allowance(Struct, frozen=True):
    """Somebody who may charge at a connector, and has not begun."""

    token: IdToken
    remote_start_id: int | None
    since: float


class Charge(Struct, frozen=True):
    """A charge that runs."""

    key: str
    connector: int
    id_tag: str


class Charger:
    """The application of one boot. What is in it is gone with the power, but for `hardware` and the store."""

    def __init__(
        self,
        station: ChargingStation,
        version: Version,
        hardware: Hardware,
        screen: Screen,
        now: Callable[[], float],
    ) -> None:
        self.station = station
        self.running: dict[int, Charge] = {}
        """By connector."""
        self.allowed: dict[int, Allowance] = {}
        """Who may charge as soon as the cable is there, by connector."""
        self.touched = asyncio.Event()
        """Set with each answer that brings the station further; whoever waits for that clears it."""
        self.given_up = 0
        """Messages that the station has given up."""
        self._session: NetSession | None = None
        self._finished: set[int] = set()  # whose car has charged, and is there still
        self._version = version
        self._hardware = hardware
        self._screen = screen
        self._now = now
        self._turn = asyncio.Lock()

    def switch_on(self, session: "NetSession") -> None:
        """Begin: cars may be there already."""
        self._session = session
        for number in self._hardware.outlets:
            self._show(number)

    # --- what happens to it ----------------------------------------------------------------------------

    async def end_interrupted(self) -> None:
        """End what a power cut has interrupted; the meter says how far it got."""
        for left in self.station.interrupted:
            self._screen.row("resumed", f"charge {_short(left.key)} was interrupted: it is ended")
            await self._post_end(left.key, left.connector or 1, StopReason.POWER_LOSS)

    async def plug_in(self, number: int) -> None:
        """Put the cable of a car in."""
        async with self._turn:
            outlet = self.outlet(number)
            if outlet.is_plugged:
                raise CannotBe(f"connector {number} has a car already: unplug {number} first")
            outlet.is_plugged = True
            self._screen.row("car", f"plugged in at connector {number}")
            self._show(number)
            if number in self.allowed:
                await self._begin(number)

    async def unplug(self, number: int) -> None:
        """Pull the cable of a car: it ends a charge."""
        async with self._turn:
            outlet = self.outlet(number)
            if not outlet.is_plugged:
                raise CannotBe(f"connector {number} has no car: plug in {number} first")
            outlet.is_plugged = False
            self._screen.row("car", f"unplugged from connector {number}")
            await self._end(number, StopReason.EV_DISCONNECTED)

    async def present(self, id_tag: str, number: int | None) -> None:
        """Take a card: it lets a car charge, or ends its own charge."""
        async with self._turn:
            for charge in [*self.running.values()]:
                if charge.id_tag == id_tag and number in {None, charge.connector}:
                    await self._end(charge.connector, StopReason.LOCAL)
                    return
            where = self._free_connector(number)
            await self._require_accepted(id_tag)
            await self._allow(where, Allowance(IdToken(id_tag), None, self._now()))

    async def start_remotely(self, event: RemoteStart) -> None:
        """Let a car charge because the CSMS says so."""
        async with self._turn:
            keys = self.station.configuration
            try:
                if keys and keys.boolean("AuthorizeRemoteTxRequests"):
                    await self._require_accepted(event.id_token.text)
                number = self._free_connector(event.connector)
                wanted = Allowance(event.id_token, event.remote_start_id, self._now())
                await self._allow(number, wanted)
            except CannotBe as error:
                self.session.act(self.station.decline, event.connector)
                self._screen.row("remote", f"! {error}")

    async def end(self, key: str, reason: StopReason) -> None:
        """End a charge, if it runs still."""
        async with self._turn:
            for charge in [*self.running.values()]:
                if charge.key == key:
                    await self._end(charge.connector, reason)

    async def end_all(self, reason: StopReason) -> None:
        """End all charges."""
        async with self._turn:
            for number in [*self.running]:
                await self._end(number, reason)

    async def read_meters(self, wh: float | None = None) -> None:
        """Tell the meters of all charges; `wh` is what the cars take before that, at once."""
        async with self._turn:
            if not self.running:
                raise CannotBe("nobody charges: there is nothing to tell")
            for charge in self.running.values():
                if wh is not None:
                    self.outlet(charge.connector).take(wh)
                await self._post_reading(charge)

    def expire(self, timeout: float) -> None:
        """Let nobody charge any more who has not come with his car in time; 0 seconds: any time."""
        before = self._now() - timeout
        gone = [number for number, each in self.allowed.items() if each.since <= before]
        for number in gone if timeout else []:
            del self.allowed[number]
            self._screen.row("card", f"no car came to connector {number}: nobody may charge there")
            self._show(number)

    def lose_power(self) -> None:
        """Let no current flow any more."""
        for outlet in self._hardware.outlets.values():
            outlet.open_relay(self._now())

    # --- what it knows ---------------------------------------------------------------------------------

    @property
    def session(self) -> "NetSession":
        """The session: it is there as long as there is power."""
        assert self._session is not None  # noqa: S101 - see `switch_on`
        return self._session

    @property
    def is_in_touch(self) -> bool:
        """Whether the CSMS may be called."""
        is_accepted = self.station.registration is Registration.ACCEPTED
        return is_accepted and self.session.is_connected

    def outlet(self, number: int) -> Outlet:
        """Return a connector; raises CannotBe if there is none of this number."""
        outlet = self._hardware.outlets.get(number)
        if outlet is None:
            raise CannotBe(
                f"there is no connector {number}: they are 1 to {len(self._hardware.outlets)}"
            )
        return outlet

    def describe(self) -> list[str]:
        """Return how all is, in lines."""
        station = self.station
        connected = "connected" if self.session.is_connected else "not connected"
        lines = [
            f"{connected}, boot {station.registration.value}, {station.queued_messages()} queued"
        ]
        for number in self._hardware.outlets:
            charge = self.running.get(number)
            what = f", charge {_short(charge.key)}" if charge else ""
            status = self._status(number).value
            lines.append(f"connector {number}: {status}, {self._wh(number)} Wh{what}")
        return lines

    # --- who may charge --------------------------------------------------------------------------------

    def _free_connector(self, number: int | None) -> int:
        """Return the connector that is meant, by default one with a car; raises CannotBe if none is free."""
        if number is not None:
            self.outlet(number)
            if number in self.running:
                raise CannotBe(f"connector {number} charges already, for another card")
            return number
        free = [each for each in self._hardware.outlets if each not in self.running]
        if not free:
            raise CannotBe("no connector is free: unplug a car first")
        with_cars = [each for each in free if self.outlet(each).is_plugged]
        return (with_cars or free)[0]

    async def _require_accepted(self, id_tag: str) -> None:
        verdict = await self._verdict(id_tag)
        if verdict != "Accepted":
            raise CannotBe(f"the CSMS does not let {quote(id_tag)} charge: {plain(verdict)}")

    async def _verdict(self, id_tag: str) -> str:
        if not self.is_in_touch:
            self._screen.row("card", f"{quote(id_tag)} may charge: nobody can be asked")
            return "Accepted"
        is_16 = self._version is Version.OCPP16
        asked: Any = {"idTag": id_tag} if is_16 else {"idToken": IdToken(id_tag).in_2x}
        try:
            answer = await self.session.call("Authorize", asked)
        except (ConnectionLost, NotConnected, CallTimeout):
            self._screen.row("card", f"{quote(id_tag)} may charge: nobody has answered")
            return "Accepted"
        except OcppError as error:  # it is no id tag, or the CSMS will not say
            raise CannotBe(plain(str(error), 300)) from None
        info: Any = answer.get("idTagInfo") or answer.get("idTokenInfo") or {}
        return str(info.get("status"))

    async def _allow(self, number: int, allowance: Allowance) -> None:
        self.allowed[number] = allowance
        if self.outlet(number).is_plugged:
            await self._begin(number)
        else:
            self._screen.row("card", f"may charge at connector {number} once a car is there")
            self._show(number)

    # --- charges ---------------------------------------------------------------------------------------

    async def _begin(self, number: int) -> None:
        """Begin a charge: no current flows before its start is on the medium."""
        allowed = self.allowed.pop(number)
        charge = Charge(str(uuid4()), number, allowed.token.text)
        self._keep_meter(number)
        try:
            self.session.act(
                self.station.start,
                charge.key,
                number,
                allowed.token,
                remote_start_id=allowed.remote_start_id,
            )
        except LocalProtocolError as error:  # an id tag that is none, or the queue is full
            self._show(number)
            raise CannotBe(f"no charge can begin: {plain(str(error), 300)}") from None
        await self.session.stored()
        self.running[number] = charge
        self.outlet(number).close_relay(self._now())
        self._show(number)
        self._say_queued("begins", charge.key, number)

    async def _end(self, number: int, reason: StopReason) -> None:
        self.allowed.pop(number, None)
        charge = self.running.pop(number, None)
        if charge is not None:
            self.outlet(number).open_relay(self._now())
            self._finished.add(number)
            await self._post_end(charge.key, number, reason)
        if not self.outlet(number).is_plugged:
            self._finished.discard(number)
        self._show(number)

    async def _post_end(self, key: str, number: int, reason: StopReason) -> None:
        self._keep_meter(number)
        self.session.act(self.station.stop, key, reason)
        await self.session.stored()
        self._say_queued("ends", key, number)

    async def _post_reading(self, charge: Charge) -> None:
        number, station = charge.connector, self.station
        messages = ChargeMessages(charge.key, number, self._version)
        reading = messages.read(
            [Sample(self._wh(number))],
            ReadingContext.SAMPLE_PERIODIC,
            utc=station.clock.utc(now=self._now()),
            seq_no=station.next_seq_no(charge.key),
            status=station.status(number),
        )
        self._keep_meter(number)
        try:
            await self.session.post(*reading, transaction=charge.key, version=self._version)
        except LocalProtocolError as error:  # the queue is full
            raise CannotBe(f"the meter cannot be told: {plain(str(error), 300)}") from None
        self._say_queued("tells its meter", charge.key, number)

    def _keep_meter(self, number: int) -> None:
        self.session.act(self.station.keep, f"{METER}{number}", str(self._wh(number)))

    def _wh(self, number: int) -> int:
        return self._hardware.wh(number, self._now())

    def _say_queued(self, what: str, key: str, number: int) -> None:
        waits = self.station.queued_messages()
        self._screen.row(
            "queued", f"charge {_short(key)} {what}, {self._wh(number)} Wh; {waits} to deliver"
        )

    # --- statuses --------------------------------------------------------------------------------------

    def _status(self, number: int) -> ConnectorStatus:
        if number in self.running:
            return ConnectorStatus.CHARGING
        if number in self.allowed:
            return ConnectorStatus.PREPARING
        if not self._hardware.outlets[number].is_plugged:
            return ConnectorStatus.AVAILABLE
        has_charged = number in self._finished
        return ConnectorStatus.FINISHING if has_charged else ConnectorStatus.PREPARING

    def _show(self, number: int) -> None:
        self.session.act(self.station.set_status, number, self._status(number))


def _short(key: str) -> str:
    return plain(key)[:8]
