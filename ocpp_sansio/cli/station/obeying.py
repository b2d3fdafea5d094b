"""What a station does when it is called: starts, stops, triggers, settings, resets, in all versions."""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from ocpp_sansio.cli.peers import Screen
from ocpp_sansio.cli.station.charger import Charger
from ocpp_sansio.cli.station.settings import Settings
from ocpp_sansio.core import JsonObject, Version, member, plain
from ocpp_sansio.registration import Registration
from ocpp_sansio.session import Handlers, IncomingCall
from ocpp_sansio.station import (
    BootReason,
    Deauthorized,
    Delivered,
    GivenUp,
    Registered,
    StatusWanted,
    TriggeredMessage,
    TriggerRoute,
    TriggerRouter,
)

__all__ = ["Boots", "obeying"]

_IMMEDIATE = ("Hard", "Immediate", "ImmediateAndResume")
_TRIGGERS = frozenset({"StatusNotification", "MeterValues", "TransactionEvent"})


class Boots(Protocol):
    """Who can end a boot of the station and begin another, and do things that outlive a connection."""

    def reset(self, reason: BootReason, *, ending_charges_as: str | None) -> None:
        """Boot anew: at once, or when nobody charges if no reason is given for ending what runs."""

    def spawn(self, job: Coroutine[Any, Any, None]) -> bool:
        """Do something that outlives the connection; return False if there is too much to do."""
        ...


def obeying(charger: Charger, settings: Settings, boots: Boots, screen: Screen) -> Handlers:
    """Return the handlers of one boot."""
    obedience = _Obedience(charger, settings, boots)
    handlers = Handlers()
    for action, function in obedience.answers.items():
        handlers.on(action)(function)
    handlers.after("TriggerMessage")(obedience.send_triggered)
    handlers.after("Reset")(obedience.reset)
    reports = _Reports(charger, boots, screen)
    handlers.when(Registered)(reports.registered)
    handlers.when(StatusWanted)(reports.status_wanted)
    handlers.when(Delivered)(reports.delivered)
    handlers.when(GivenUp)(reports.given_up)
    handlers.when(Deauthorized)(reports.deauthorized)
    return handlers


class _Obedience:
    """The calls of the CSMS that are served."""

    def __init__(self, charger: Charger, settings: Settings, boots: Boots) -> None:
        self._charger = charger
        self._settings = settings
        self._boots = boots
        self._router = TriggerRouter(_TRIGGERS, evses=dict.fromkeys(charger.numbers, 1))
        self.answers: dict[str, Callable[..., JsonObject]] = {
            "RemoteStartTransaction": self._start,
            "RequestStartTransaction": self._start,
            "RemoteStopTransaction": self._stop,
            "RequestStopTransaction": self._stop,
            "TriggerMessage": self._answer_trigger,
            "ChangeConfiguration": self._change,
            "GetConfiguration": settings.get,
            "SetVariables": self._set_variables,
            "GetVariables": settings.get_variables,
            "Reset": self._answer_reset,
        }

    def _start(self, payload: Any) -> JsonObject:
        token = member(payload, "idToken")
        id_tag = member(payload, "idTag") if token is None else member(token, "idToken")
        asked = member(payload, "connectorId" if token is None else "evseId")
        number = self._charger.free_connector(None) if asked is None else asked
        if not isinstance(number, int) or number not in self._charger.numbers:
            return _answer(is_yes=False)
        if number in self._charger.running:
            return _answer(is_yes=False)
        remote_start_id = member(payload, "remoteStartId")
        starting = self._charger.remote_start(number, str(id_tag), remote_start_id)
        return _answer(is_yes=self._boots.spawn(starting))

    def _stop(self, payload: Any) -> JsonObject:
        charge = self._charger.charge_of(member(payload, "transactionId"))
        if charge is None:
            return _answer(is_yes=False)
        return _answer(is_yes=self._boots.spawn(self._charger.end(charge.connector, "Remote")))

    def _answer_trigger(self, payload: Any, call: IncomingCall) -> JsonObject:
        return self._route(payload, call).answer

    async def send_triggered(self, payload: Any, call: IncomingCall) -> None:
        """Send what was asked for, now that the answer has gone first (A-15)."""
        for message in self._route(payload, call).messages:
            await self._send(message)

    def _route(self, payload: Any, call: IncomingCall) -> TriggerRoute:
        version = call.session.version or self._charger.messages.version
        running = self._charger.running.keys()
        return self._router.route(version, call.action, payload, running=running)

    async def _send(self, message: TriggeredMessage) -> None:
        is_16 = self._charger.messages.version is Version.OCPP16
        number = (message.connector if is_16 else message.evse) or 0
        match message.action:
            case "StatusNotification":
                await self._charger.tell_current(number)
            case "MeterValues":
                await self._charger.tell_meter(number)
            case "TransactionEvent":
                await self._charger.read_triggered(number)

    def _change(self, payload: Any) -> JsonObject:
        answer = self._settings.change(payload)
        self._settings.apply()
        return answer

    def _set_variables(self, payload: Any) -> JsonObject:
        answer = self._settings.set_variables(payload)
        self._settings.apply()
        return answer

    def _answer_reset(self, payload: Any) -> JsonObject:
        if member(payload, "evseId") is not None:
            return _answer(is_yes=False)
        is_later = member(payload, "type") == "OnIdle" and self._charger.running
        return {"status": "Scheduled"} if is_later else _answer(is_yes=True)

    async def reset(self, payload: Any) -> None:
        """Boot anew, now that the CSMS has its answer."""
        if member(payload, "evseId") is not None:
            return
        kind = member(payload, "type")
        reason = "ImmediateReset" if kind in _IMMEDIATE else None
        if kind == "Soft":
            reason = "SoftReset"
        self._boots.reset(BootReason.REMOTE_RESET, ending_charges_as=reason)


class _Reports:
    """What the station tells its application, shown, and heeded where that is called for."""

    def __init__(self, charger: Charger, boots: Boots, screen: Screen) -> None:
        self._charger = charger
        self._boots = boots
        self._screen = screen

    def registered(self, event: Registered) -> None:
        is_accepted = event.status is Registration.ACCEPTED
        what = "heartbeat every" if is_accepted else "again after"
        self._screen.row("boot", f"{event.status.value}, {what} {event.interval} s")

    async def status_wanted(self, event: StatusWanted) -> None:
        await self._charger.tell_status(event.scope)
        self._charger.has_told = True
        self._charger.touched.set()

    def delivered(self, event: Delivered) -> None:
        record = event.record
        number = member(event.payload, "transactionId")
        its = f", transaction {number}" if number is not None else ""
        waits = self._charger.station.queued_messages()
        key = (record.transaction or "")[:8]
        self._screen.row(
            "done", f"{record.action} of charge {plain(key)} is delivered{its}; {waits} to deliver"
        )
        self._charger.touched.set()

    def given_up(self, event: GivenUp) -> None:
        record = event.record
        key = (record.transaction or "")[:8]
        why = event.why.value
        self._screen.row("lost", f"{record.action} of charge {plain(key)} is given up: {why}")
        self._charger.given_up += 1
        self._charger.touched.set()

    def deauthorized(self, event: Deauthorized) -> None:
        charge = self._charger.charge_of(event.transaction)
        if charge is None:
            return
        self._screen.row("card", f"the CSMS says {plain(event.status)}: the charge is ended")
        self._boots.spawn(self._charger.end(charge.connector, "DeAuthorized"))


def _answer(*, is_yes: bool) -> JsonObject:
    return {"status": "Accepted" if is_yes else "Rejected"}
