"""What a station does about the CSMS that `ChargingStation` leaves to it, and what it shows of the rest."""

from typing import Any, Protocol

from ocpp_sansio.cli.peers import Screen
from ocpp_sansio.cli.station.charger import Charger
from ocpp_sansio.cli.station.variables import get_variables, set_variables
from ocpp_sansio.core import JsonObject, member, plain
from ocpp_sansio.registration import Registration
from ocpp_sansio.session import Handlers
from ocpp_sansio.station import (
    ConfigurationStore,
    Deauthorized,
    Delivered,
    GivenUp,
    KeyChanged,
    MeterFailed,
    Record,
    Registered,
    RemoteStart,
    RemoteStop,
    StopReason,
)

__all__ = ["Boots", "obeying"]

_RESETS = {
    "Hard": StopReason.HARD_RESET,
    "Soft": StopReason.SOFT_RESET,
    "Immediate": StopReason.HARD_RESET,
    "ImmediateAndResume": StopReason.HARD_RESET,
}
"""By the kind of a reset, why charges end; one that is OnIdle ends none."""


class Boots(Protocol):
    """Who can end a boot of the station, and begin another."""

    def reset(self, *, ending_charges_as: StopReason | None) -> None:
        """Boot anew: at once, or when nobody charges if no reason is given for ending what runs."""


def obeying(charger: Charger, keys: ConfigurationStore, boots: Boots, screen: Screen) -> Handlers:
    """Return the handlers of one boot."""
    handlers = Handlers()

    def set_(payload: Any) -> JsonObject:
        answer = set_variables(keys, payload)
        charger.session.act(keys.settle, charger.station)
        return answer

    handlers.on("SetVariables")(set_)
    handlers.on("GetVariables")(lambda payload: get_variables(keys, payload))
    resets = _Resets(charger, boots)
    handlers.on("Reset")(resets.answer)
    handlers.after("Reset")(resets.carry_out)
    reports = _Reports(charger, screen)
    handlers.when(RemoteStart)(charger.start_remotely)
    handlers.when(RemoteStop)(reports.stopped_remotely)
    handlers.when(Deauthorized)(reports.deauthorized)
    handlers.when(Registered)(reports.registered)
    handlers.when(Delivered)(reports.delivered)
    handlers.when(GivenUp)(reports.given_up)
    handlers.when(KeyChanged)(reports.key_changed)
    handlers.when(MeterFailed)(reports.meter_failed)
    return handlers


class _Resets:
    def __init__(self, charger: Charger, boots: Boots) -> None:
        self._charger = charger
        self._boots = boots

    def answer(self, payload: Any) -> JsonObject:
        """Answer a Reset; not of one EVSE alone."""
        if member(payload, "evseId") is not None:
            return {"status": "Rejected"}
        is_later = member(payload, "type") == "OnIdle" and self._charger.running
        return {"status": "Scheduled" if is_later else "Accepted"}

    def carry_out(self, payload: Any) -> None:
        """Boot anew, now that the CSMS has its answer."""
        if member(payload, "evseId") is None:
            reason = _RESETS.get(str(member(payload, "type")))
            self._boots.reset(ending_charges_as=reason)


class _Reports:
    """What the station tells its application, shown, and heeded where that is called for."""

    def __init__(self, charger: Charger, screen: Screen) -> None:
        self._charger = charger
        self._screen = screen

    def registered(self, event: Registered) -> None:
        is_accepted = event.status is Registration.ACCEPTED
        what = "heartbeat every" if is_accepted else "again after"
        self._screen.row("boot", f"{event.status.value}, {what} {event.interval} s")
        self._charger.touched.set()

    async def stopped_remotely(self, event: RemoteStop) -> None:
        await self._charger.end(event.transaction, StopReason.REMOTE)

    async def deauthorized(self, event: Deauthorized) -> None:
        self._screen.row("card", f"the CSMS says {plain(event.status)}: the charge is ended")
        await self._charger.end(event.transaction, StopReason.DE_AUTHORIZED)

    def delivered(self, event: Delivered) -> None:
        record = event.record
        number = member(event.payload, "transactionId")
        its = f", transaction {number}" if number is not None else ""
        waits = self._charger.station.queued_messages()
        what = f"{_called(record)} is delivered{its}"
        self._screen.row("done", f"{what}; {waits} to deliver")
        self._charger.touched.set()

    def given_up(self, event: GivenUp) -> None:
        self._screen.row("lost", f"{_called(event.record)} is given up: {event.why.value}")
        self._charger.given_up += 1
        self._charger.touched.set()

    def key_changed(self, event: KeyChanged) -> None:
        self._screen.row("set", f"{plain(event.key)}, by the CSMS")

    def meter_failed(self, event: MeterFailed) -> None:
        self._screen.row("!", f"the meter of connector {event.connector}: {plain(event.error)}")


def _called(record: Record) -> str:
    whose = f" of charge {plain(record.transaction)[:8]}" if record.transaction else ""
    return f"{record.action}{whose}"
