"""`Office`: what a CSMS answers to its stations, in all versions, and what it shows of them."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from ocpp_sansio.cli.csms.books import Answers, Bill, Books
from ocpp_sansio.cli.csms.energy import wh_in
from ocpp_sansio.cli.peers import Screen
from ocpp_sansio.core import (
    ErrorCode,
    JsonObject,
    LocalProtocolError,
    Request,
    Response,
    Version,
    catalog,
    from_json,
    member,
    plain,
    quote,
)
from ocpp_sansio.repetition import Repetitions
from ocpp_sansio.session import CallRejected, Handlers, IncomingCall

__all__ = ["Office"]

_BILLED: Final = frozenset(
    {"StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent"}
)
_REFUSED: Final = "Invalid"


class Office:
    """The clerk of all stations.

    `verdicts` says by identity what a boot is answered, "*" for all others; `id_tags` who may charge, None
    for everybody.
    """

    def __init__(
        self,
        books: Books,
        screen: Screen,
        *,
        verdicts: dict[str, str],
        id_tags: Collection[str] | None,
        interval: int,
    ) -> None:
        self.books = books
        self.verdicts = verdicts
        self._screen = screen
        self._id_tags = None if id_tags is None else {tag.casefold() for tag in id_tags}
        self._interval = interval
        self.handlers = Handlers()
        self.handlers.on("*")(self._serve)

    def _serve(self, payload: Any, call: IncomingCall) -> Any:
        match call.action:
            case "BootNotification":
                return self._boot(payload, call)
            case "Heartbeat":
                return {"currentTime": _now()}
            case "Authorize":
                return self._authorize(payload, call)
            case "StatusNotification":
                return self._status(payload, call)
            case action if action in _BILLED and isinstance(payload, Request):
                return self._bill(payload, call)
            case "DataTransfer":
                return {"status": "UnknownVendorId"}
        return self._noted(call)

    # --- who is there -----------------------------------------------------------------------------

    def _boot(self, payload: Any, call: IncomingCall) -> JsonObject:
        station = str(call.session.identity)
        verdict = self.verdicts.get(station, self.verdicts["*"])
        inner = member(payload, "chargingStation")
        vendor = member(payload, "chargePointVendor") or member(inner, "vendorName")
        model = member(payload, "chargePointModel") or member(inner, "model")
        why = member(payload, "reason")
        because = f" ({plain(str(why))})" if why else ""
        made = plain(f"{vendor} {model}")
        self._row(station, f"boot of a {made}{because}: {verdict}")
        return {"status": verdict, "currentTime": _now(), "interval": self._interval}

    def _status(self, payload: Any, call: IncomingCall) -> JsonObject:
        where = member(payload, "connectorId")
        evse = member(payload, "evseId")
        if evse is not None:
            where = f"{evse}.{where}"
        status = member(payload, "status") or member(payload, "connectorStatus")
        fault = member(payload, "errorCode")
        trouble = f", {plain(str(fault))}" if fault not in {None, "NoError"} else ""
        self._row(call, f"connector {plain(str(where))} is {plain(str(status))}{trouble}")
        return {}

    def _authorize(self, payload: Any, call: IncomingCall) -> JsonObject:
        token = member(payload, "idToken")
        id_tag = str(member(payload, "idTag") if token is None else member(token, "idToken"))
        status = self._verdict(id_tag)
        self._row(call, f"may {quote(id_tag, 60)} charge? {status}")
        return {"idTagInfo" if token is None else "idTokenInfo": {"status": status}}

    def _verdict(self, id_tag: str) -> str:
        is_known = self._id_tags is None or id_tag.casefold() in self._id_tags
        return "Accepted" if is_known else _REFUSED

    # --- what is billed ---------------------------------------------------------------------------

    def _bill(self, request: Request[Any], call: IncomingCall) -> Any:
        """Answer a message that is billed by: a repetition like the first time, and bill it once (T-40)."""
        station = str(call.session.identity)

        def again(answer: Response) -> Response:
            self._row(station, f"{request.action} again: answered like the first time")
            return answer

        repetitions = Repetitions(Answers(self.books, station))
        with self.books.entry():
            return repetitions.answer(request, lambda: self._first(request, station), again=again)

    def _first(self, request: Request[Any], station: str) -> Any:
        match request.action:
            case "StartTransaction":
                answer = self._start(request, station)
            case "StopTransaction":
                answer = self._stop(request, station)
            case "MeterValues":
                answer = self._meter(request, station)
            case _:
                answer = self._event(request, station)
        response = catalog(request.version)[request.action].response
        assert response is not None  # noqa: S101 - of a call
        return from_json(response, msgspec.json.encode(answer))

    def _start(self, request: Any, station: str) -> JsonObject:
        connector, id_tag = request.connector_id, request.id_tag
        bill = self.books.begin(station, None, connector, id_tag, request.meter_start)
        self._show_begin(bill)
        return {"transactionId": bill.number, "idTagInfo": {"status": self._verdict(id_tag)}}

    def _stop(self, request: Any, station: str) -> JsonObject:
        bill = self.books.by_number(station, request.transaction_id)
        if bill is None:
            wh = request.meter_stop
            self._row(
                station,
                f"charge {request.transaction_id}, of which there is no start, ends at {wh} Wh",
            )
            return {}
        self._show_end(self.books.end(bill, request.meter_stop), request.reason)
        return {"idTagInfo": {"status": self._verdict(request.id_tag)}} if request.id_tag else {}

    def _meter(self, request: Any, station: str) -> JsonObject:
        wh = wh_in(request.meter_value)
        number = member(request, "transactionId")
        bill = None if number is None else self.books.by_number(station, number)
        where = member(request, "connectorId") or member(request, "evseId") or 0
        if wh is None:
            return {}
        if bill is None:
            self._row(station, f"the meter of connector {where} shows {wh} Wh")
            return {}
        self._show_reading(self.books.reach(bill, wh))
        return {}

    def _event(self, request: Any, station: str) -> JsonObject:
        """Note an event of 2.x; they may come out of order."""
        name = request.transaction_info.transaction_id
        kind, wh = request.event_type.value, wh_in(request.meter_value)
        id_tag = None if request.id_token is None else request.id_token.id_token
        connector = request.evse.id if request.evse else None
        bill = self.books.find(station, name)
        if kind == "Started" or bill is None:
            began = wh if kind == "Started" else None
            bill = self.books.begin(station, name, connector, id_tag, began)
            self._show_begin(bill)
        if wh is not None:
            bill = self.books.reach(bill, wh)
        if kind == "Ended":
            self._show_end(self.books.end(bill, bill.last), request.transaction_info.stopped_reason)
        elif kind == "Updated" and wh is not None:
            self._show_reading(bill)
        return {} if id_tag is None else {"idTokenInfo": {"status": self._verdict(id_tag)}}

    # --- what is shown ----------------------------------------------------------------------------

    def _show_begin(self, bill: Bill) -> None:
        card = f", card {quote(bill.id_tag, 60)}" if bill.id_tag else ""
        at = f", at {bill.began} Wh" if bill.began is not None else ""
        self._row(bill.station, f"{_called(bill)} begins: connector {bill.connector}{card}{at}")

    def _show_reading(self, bill: Bill) -> None:
        self._row(bill.station, f"{_called(bill)}: {_energy(bill)} so far")

    def _show_end(self, bill: Bill, reason: Any) -> None:
        why = f" ({plain(str(reason))})" if reason else ""
        self._row(bill.station, f"{_called(bill)} ends{why}: {_energy(bill)}")

    def _row(self, who: IncomingCall | str, text: str) -> None:
        identity = who if isinstance(who, str) else str(who.session.identity)
        self._screen.row(plain(identity, 20), text)

    def _noted(self, call: IncomingCall) -> JsonObject:
        """Answer what asks for nothing, such as a status of a firmware update."""
        version = call.session.version or Version.OCPP16
        known = catalog(version).get(call.action)
        if known is not None and known.response is not None:
            try:
                from_json(known.response, b"{}")
            except LocalProtocolError:
                pass
            else:
                self._row(call, f"{plain(call.action)} noted")
                return {}
        raise CallRejected(ErrorCode.NOT_SUPPORTED, "this CSMS has no use for it")


def _called(bill: Bill) -> str:
    return f"charge {bill.number}" + (f" ({plain(bill.name)[:8]})" if bill.name else "")


def _energy(bill: Bill) -> str:
    return "energy unknown" if bill.energy is None else f"{bill.energy} Wh"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
