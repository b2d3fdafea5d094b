"""The orders of `csms`, and how each is carried out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from ocpp_sansio.asyncio import NetSession, Server
from ocpp_sansio.cli.csms.office import Office
from ocpp_sansio.cli.peers import BadOrder, CannotBe, Grammar, Line, Order, Screen, Typed
from ocpp_sansio.core import JsonObject, OcppError, Version, alike, plain, quote
from ocpp_sansio.registration import Registration

__all__ = ["GRAMMAR", "Desk"]

GRAMMAR: Final = Grammar(
    {
        "stations": "who is connected",
        "charges": "what was billed, and what runs",
        "await STATION [SECONDS]": "go on when it is connected, and its boot answered",
        "await charge STATION [SECONDS]": "go on when a charge of it runs",
        "await end STATION [SECONDS]": "go on when none does",
        "start STATION TAG [N]": "have it begin a charge, at connector N",
        "stop STATION [TRANSACTION]": "have it end one, by default the newest",
        "trigger STATION MESSAGE [N]": "have it send a message, about connector N",
        "set STATION KEY VALUE": "change a setting; in 2.x KEY is Component.Variable",
        "reset STATION [KIND]": "Soft or Hard; in 2.x OnIdle or Immediate",
        "accept STATION": "its boots are accepted from now on",
        "pend STATION": "they are answered Pending",
        "reject STATION": "they are answered Rejected",
        "wait [SECONDS]": "go on later; without a number, when Ctrl-C is pressed",
        "help": "these orders",
        "quit": "the stations are told, and it ends",
    },
    {"status": "stations", "pending": "pend", "exit": "quit", "?": "help"},
)
"""The orders of `csms`."""
_VERDICTS: Final = {"accept": "Accepted", "pend": "Pending", "reject": "Rejected"}
_GLANCE: Final = 0.05
"""Seconds between two looks at whether a station has come."""


class Desk:
    """Carries out orders: those to stations are calls."""

    def __init__(
        self, office: Office, server: Server, screen: Screen, *, patience: float, is_script: bool
    ) -> None:
        self._office = office
        self._server = server
        self._screen = screen
        self._patience = patience
        self._is_script = is_script
        self._numbers = iter(range(1, 2**31))  # remoteStartIds
        self._has_quit = False
        self.code = 0
        """What to exit with: 1 if an order of a script failed, 2 if one is none."""

    async def carry_out_all(self, orders: AsyncIterator[Line | Typed]) -> int:
        """Carry them out, until the last, "quit", or the first of a script that fails; return how many."""
        count = 0
        self._screen.ask()
        async for given in orders:
            count += 1
            is_right = await self._try(given)
            if self._has_quit or (self._is_script and not is_right):
                break
            self._screen.ask()
        return count

    async def _try(self, given: Line | Typed) -> bool:
        try:
            order = given.order if isinstance(given, Line) else GRAMMAR.read(given.text)
            if order is not None:
                await self._carry_out(order)
        except BadOrder as bad:
            return self._fail(2, f"{given.where}: {bad}")
        except CannotBe as error:
            return self._fail(1, f"{given.where}: {error}")
        except OcppError as error:  # the station refuses, does not answer, or is gone
            return self._fail(1, f"{given.where}: {plain(str(error), 300)}")
        return True

    def _fail(self, code: int, text: str) -> bool:
        self._screen.complain(f"csms: {text}")
        if self._is_script:
            self.code = max(self.code, code)
        return False

    async def _carry_out(self, order: Order) -> None:
        match order.words:
            case "stations":
                self._show_stations()
            case "charges":
                self._show_charges()
            case "await":
                await self._await(order, self._is_accepted, "is not accepted")
            case "await charge":
                await self._await(order, self._is_charging, "has no charge that runs")
            case "await end":
                await self._await(order, self._is_idle, "has a charge that runs")
            case "start":
                await self._start(order)
            case "stop":
                await self._stop(order)
            case "trigger":
                await self._trigger(order)
            case "set":
                await self._set(order)
            case "reset":
                await self._reset(order)
            case "accept" | "pend" | "reject":
                await self._decide(order.get("STATION"), _VERDICTS[order.words])
            case "wait":
                seconds = order.get("SECONDS")
                await (asyncio.sleep(seconds) if seconds is not None else asyncio.Event().wait())
            case "help":
                self._screen.say(GRAMMAR.help)
            case "quit":
                self._has_quit = True

    # --- calls ------------------------------------------------------------------------------------

    async def _start(self, order: Order) -> None:
        session = self._session(order)
        tag, number = order.get("TAG"), order.get("N")
        if _is_16(session):
            where = {} if number is None else {"connectorId": number}
            await self._call(session, "RemoteStartTransaction", {"idTag": tag} | where)
            return
        token = {"idToken": tag, "type": "ISO14443"}
        where = {} if number is None else {"evseId": number}
        asked = {"idToken": token, "remoteStartId": next(self._numbers)}
        await self._call(session, "RequestStartTransaction", asked | where)

    async def _stop(self, order: Order) -> None:
        session = self._session(order)
        name = order.get("TRANSACTION")
        if name is None:
            bill = self._office.books.running(str(session.identity))
            if bill is None:
                raise CannotBe(f"{quote(order.get('STATION'))} has no charge that runs")
            name = bill.name or str(bill.number)
        if not _is_16(session):
            await self._call(session, "RequestStopTransaction", {"transactionId": name})
            return
        if not name.isdecimal():
            raise CannotBe(f"a transaction of 1.6 is a number, not {quote(name)}")
        await self._call(session, "RemoteStopTransaction", {"transactionId": int(name)})

    async def _trigger(self, order: Order) -> None:
        session = self._session(order)
        number = order.get("N")
        if _is_16(session):
            where: JsonObject = {} if number is None else {"connectorId": number}
        else:
            where = {} if number is None else {"evse": {"id": number, "connectorId": 1}}
        asked = {"requestedMessage": order.get("MESSAGE")} | where
        await self._call(session, "TriggerMessage", asked)

    async def _set(self, order: Order) -> None:
        session = self._session(order)
        key, value = order.get("KEY"), order.get("VALUE")
        if _is_16(session):
            await self._call(session, "ChangeConfiguration", {"key": key, "value": value})
            return
        component, _, variable = key.partition(".")
        if not variable:
            raise CannotBe(f"a setting of 2.x is Component.Variable, not {quote(key)}")
        item = {"component": {"name": component}, "variable": {"name": variable}}
        asked = {"setVariableData": [item | {"attributeValue": value}]}
        await self._call(session, "SetVariables", asked)

    async def _reset(self, order: Order) -> None:
        session = self._session(order)
        kind = order.get("KIND", "Soft" if _is_16(session) else "OnIdle")
        await self._call(session, "Reset", {"type": kind[:1].upper() + kind[1:]})

    async def _decide(self, station: str, verdict: str) -> None:
        """Answer its boots otherwise; have one that waits boot at once."""
        self._office.verdicts[station] = verdict
        session = self._server.sessions.get(station)
        waits = session is not None and session.registration in {
            Registration.PENDING,
            Registration.REJECTED,
        }
        if session is not None and waits:
            boot = {"requestedMessage": "BootNotification"}
            await self._call(session, "TriggerMessage", boot)

    async def _call(self, session: NetSession, action: str, payload: JsonObject) -> None:
        answer = await session.call(action, payload, timeout=self._patience)
        status: Any = answer.get("status")
        for result in answer.get("setVariableResult", ()):
            status = result.get("attributeStatus")
        self._screen.row(plain(str(session.identity), 20), f"{action}: {plain(str(status))}")
        if status not in {"Accepted", "RebootRequired", "Scheduled"}:
            raise CannotBe(f"the station says {plain(str(status))} to {action}")

    # --- who is there -----------------------------------------------------------------------------

    def _session(self, order: Order) -> NetSession:
        station = order.get("STATION")
        session = self._server.sessions.get(station)
        if session is None:
            near = alike(station, self._server.sessions)
            perhaps = f"; perhaps {quote(near)}?" if near else "; stations lists who is"
            raise CannotBe(f"{quote(station)} is not connected{perhaps}")
        return session

    async def _await(self, order: Order, is_so: Callable[[str], bool], otherwise: str) -> None:
        station, seconds = order.get("STATION"), order.get("SECONDS", self._patience)
        try:
            async with asyncio.timeout(seconds):
                while not is_so(station):  # noqa: ASYNC110 - nothing tells of it
                    await asyncio.sleep(_GLANCE)
        except TimeoutError:
            raise CannotBe(f"{quote(station)} {otherwise} after {seconds:g} s") from None

    def _is_accepted(self, station: str) -> bool:
        session = self._server.sessions.get(station)
        return session is not None and session.registration is Registration.ACCEPTED

    def _is_charging(self, station: str) -> bool:
        return self._office.books.running(station) is not None

    def _is_idle(self, station: str) -> bool:
        return not self._is_charging(station)

    def _show_stations(self) -> None:
        sessions: Mapping[str, NetSession] = self._server.sessions
        for identity in sorted(sessions):
            session = sessions[identity]
            version = session.version.value if session.version else "-"
            how = session.registration.value if session.registration else "-"
            where = session.address or "-"
            self._screen.row(plain(identity, 20), f"{version}, boot {how}, from {where}")
        if not sessions:
            self._screen.row("csms", "no station is connected")

    def _show_charges(self) -> None:
        bills = self._office.books.all()
        for bill in bills:
            state = "ended" if bill.ended is not None else "runs"
            wh = "unknown energy" if bill.energy is None else f"{bill.energy} Wh"
            self._screen.row(plain(bill.station, 20), f"charge {bill.number}: {wh}, {state}")
        known = [bill.energy for bill in bills if bill.energy is not None]
        self._screen.row("csms", f"{len(bills)} charges, {sum(known)} Wh")


def _is_16(session: NetSession) -> bool:
    return session.version is Version.OCPP16
