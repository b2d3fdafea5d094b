"""What a peer may not say by what was said before: a second oracle, of OCPP rather than of its frames.

`Judge` hears calls with their answers, as JSON, and says what cannot be. What the specification forbids is
`forbidden`, with the chapter or the rule that does; what no text forbids and yet hardly anybody wants is not.
It cites "OCPP 1.6, 5.12" for chapters of edition 2, and use cases such as F03 for Part 2 of 2.x.
"""

# ruff: noqa: SLF001 - the tables at the end name methods of the judge

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import attrs

from ocpp_sansio.core import JsonObject, Role, Version, quote
from ocpp_sansio.testing.names import STANDARD_KEYS

__all__ = ["Judge", "Verdict"]

MAX_KEPT: Final = 1000
"""Things of one kind that a judge remembers, the latest."""

MAX_TOLD: Final = 8
"""Messages about one transaction of which a second sending is recognised."""

UNREAL: Final = 1_000_000
"""A number of a connector from here on is of none, whatever the station."""


@attrs.frozen
class Verdict:
    """Something that a peer said and that does not go with what was said before."""

    what: str
    """What is wrong, for people, the same for all of its kind."""
    about: str
    """The particulars."""
    is_forbidden: bool
    """Whether a text forbids it; otherwise it is only suspicious."""


@attrs.define
class _Transaction:
    tag: str
    connector: Any
    meter: Any = None
    is_over: bool = False
    is_certain: bool = True
    """Whether no line was lost since it was spoken of: it may have ended meanwhile."""
    told: list[JsonObject] = attrs.field(factory=list)
    """What was said of it, the latest: the same once more is no contradiction, its answer was lost."""
    sequence: Any = None


class Judge:
    """Judges one peer, over as many connections as it has under one identity."""

    def __init__(self, version: Version, peer: Role) -> None:
        self._is_old = version is Version.OCPP16
        self._peer = peer
        self._statuses: dict[
            str, dict[str, str]
        ] = {}  # of tags, by their lower case and by themselves
        self._starts: dict[Any, JsonObject] = {}  # by the transaction's id: the request
        self._transactions: dict[Any, _Transaction] = {}  # of a station
        self._reservations: set[Any] = set()
        self._settings: dict[str, str] = {}
        self._profiles: set[Any] = set()
        self._list_version: Any = None
        self._connectors: int | None = None
        self._last_time = ""

    def hear_answer(self, action: str, request: JsonObject, answer: JsonObject) -> list[Verdict]:
        """Judge the peer's answer to a call of ours; both are valid by their schemas."""
        judge = _ANSWERS.get((self._peer, self._is_old, action))
        return list(judge(self, request, answer)) if judge else []

    def lose_line(self) -> None:
        """Note that the line went: what the peer had to say of its transactions may be on its way."""
        for known in self._transactions.values():
            known.is_certain = False

    def hear_call(self, action: str, request: JsonObject, answer: JsonObject) -> list[Verdict]:
        """Judge a call of the peer's; `answer` is ours."""
        judge = _CALLS.get((self._peer, self._is_old, action))
        return list(judge(self, request, answer)) if judge else []

    # --- a CSMS ----------------------------------------------------------------------------------

    def _heartbeat(self, _: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        time = str(answer.get("currentTime", ""))
        if time[:19] < self._last_time and time[19:20] in {"", "Z", "."}:
            yield _odd("its clock went back", f"from {self._last_time} to {quote(time)}")
        self._last_time = time[:19] if time.endswith("Z") else ""

    def _authorize16(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        yield from self._tag_status("Authorize", request["idTag"], answer["idTagInfo"])

    def _authorize2x(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        token = request["idToken"]
        yield from self._tag_status(
            "Authorize", token["idToken"], answer["idTokenInfo"], token.get("type", "")
        )

    def _tag_status(
        self, action: str, tag: str, info: JsonObject, kind: str = ""
    ) -> Iterator[Verdict]:
        status = info.get("status", "")
        if status == "ConcurrentTx":
            return
        known = _kept(self._statuses, f"{kind} {tag.lower()}", {})
        for (where, spelling), before in known.items():
            if before == status:
                continue
            if spelling != tag and where == action:
                rule = "A-12" if self._is_old else "A-11"
                yield _bad(
                    f"told upper and lower case of an id apart ({rule})",
                    f"{quote(spelling)} is {quote(before)}, {quote(tag)} is {quote(status)}",
                )
            elif spelling == tag:
                told = f"{quote(tag)} was {quote(before)}, and is {quote(status)}"
                yield _odd("says one thing of an id, then another", told)
        known[action, tag] = status

    def _start16(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        number = answer["transactionId"]
        before = self._starts.get(number)
        if before is not None and before != request:
            yield _bad("gave a transaction id twice (OCPP 1.6, 4.8)", f"{number} again")
        others = [known for known, start in self._starts.items() if start == request]
        if others and number not in others:
            told = f"{others[-1]}, then {number}"
            yield _odd("gave another transaction id to a start that was sent again", told)
        _keep(self._starts, number, request)
        yield from self._tag_status("StartTransaction", request["idTag"], answer["idTagInfo"])

    def _stop16(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        if "idTagInfo" in answer and "idTag" in request:
            yield from self._tag_status("StopTransaction", request["idTag"], answer["idTagInfo"])

    def _event_answer2x(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        token = request.get("idToken")
        if token and "idTokenInfo" in answer:
            info = answer["idTokenInfo"]
            kind = token.get("type", "")
            yield from self._tag_status("TransactionEvent", token["idToken"], info, kind)
        elif "idTokenInfo" in answer:
            yield _odd("tells the status of an id that was not named", quote(answer))

    # --- what a station answers -------------------------------------------------------------------

    def _remote_stop16(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        yield from self._remote_stop(request, answer, "OCPP 1.6, 5.12")

    def _remote_stop2x(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        yield from self._remote_stop(request, answer, "F03")

    def _remote_stop(
        self, request: JsonObject, answer: JsonObject, where: str
    ) -> Iterator[Verdict]:
        number = request["transactionId"]
        known = self._transactions.get(number)
        if answer["status"] == "Accepted" and (known is None):
            yield _bad(f"accepted to stop a transaction that never began ({where})", quote(number))
        if answer["status"] == "Accepted" and known is not None and known.is_over:
            yield _bad(f"accepted to stop a transaction that is over ({where})", quote(number))
        is_running = known is not None and not known.is_over and known.is_certain
        if answer["status"] == "Rejected" and is_running:
            yield _odd("refused to stop a transaction that is running", quote(number))

    def _reset(self, _: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        """Expect that transactions end; what the station has to say of that may take a while."""
        if answer["status"] != "Rejected":
            self.lose_line()
        yield from ()

    def _remote_start16(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        if answer["status"] == "Accepted":
            yield from self._real("connectorId", request, lowest=1)

    def _remote_start2x(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        if answer["status"] == "Accepted":
            yield from self._real("evseId", request, lowest=1)

    def _on_connector(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        if answer["status"] in {"Accepted", "Unlocked", "Scheduled"}:
            yield from self._real("connectorId", request)

    def _real(self, name: str, request: JsonObject, lowest: int = 0) -> Iterator[Verdict]:
        number = request.get(name)
        highest = self._connectors if name == "connectorId" and self._connectors else UNREAL
        if number is not None and not lowest <= number <= highest:
            yield _odd(f"accepted a call for a {name} that is not there", quote(number))

    def _reserve16(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        if answer["status"] == "Accepted":
            self._reservations.add(request["reservationId"])
            yield from self._real("connectorId", request)

    def _reserve2x(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        if answer["status"] == "Accepted":
            self._reservations.add(request["id"])
            yield from self._real("evseId", request, lowest=1)

    def _cancel(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        number = request["reservationId"]
        where = "OCPP 1.6, 5.1" if self._is_old else "H02"
        if answer["status"] != "Accepted":
            return
        if number not in self._reservations:
            yield _bad(f"accepted to cancel a reservation that is not there ({where})", str(number))
        self._reservations.discard(number)

    def _change_key(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        key = request["key"]
        if answer["status"] == "Accepted":
            _keep(self._settings, key.lower(), request["value"])
        if answer["status"] == "Accepted" and not _is_of(request["value"], STANDARD_KEYS.get(key)):
            told = f"{quote(request['value'])} for {key}"
            yield _odd("accepted a value that its standard key cannot have", told)

    def _read_keys(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        asked = [key.lower() for key in request.get("key", ())]
        told = {item["key"].lower(): item for item in answer.get("configurationKey", ())}
        unknown = [key.lower() for key in answer.get("unknownKey", ())]
        for key in asked:
            if key not in told and key not in unknown:
                yield _bad("left out a key that it was asked for (OCPP 1.6, 5.8)", quote(key))
            if key in told and key in unknown:
                yield _bad("both knows and does not know a key (OCPP 1.6, 5.8)", quote(key))
        for key, item in told.items():
            if asked and key not in asked:
                yield _bad("told a key that it was not asked for (OCPP 1.6, 5.8)", quote(key))
            due, value = self._settings.get(key), item.get("value")
            if due is not None and value is not None and value != due:
                about = f"{quote(key)} is {quote(value)}, and not {quote(due)}"
                yield _bad("accepted a value and does not have it (OCPP 1.6, 5.3)", about)
            if key == "numberofconnectors" and value and value.isdigit():
                self._connectors = int(value)

    def _send_list(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        if answer["status"] == "Accepted":
            name = "listVersion" if self._is_old else "versionNumber"
            self._list_version = request[name]
        yield from ()

    def _list_version_told(self, _: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        number = answer["listVersion" if self._is_old else "versionNumber"]
        due = self._list_version
        if due is not None and number != due:
            where = "OCPP 1.6, 5.10" if self._is_old else "D02"
            what = f"has another local list than it accepted ({where})"
            yield _bad(what, f"version {number}, and not {due}")

    def _set_profile(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        if answer["status"] != "Accepted":
            return
        profile = request["csChargingProfiles" if self._is_old else "chargingProfile"]
        self._profiles.add(profile["chargingProfileId" if self._is_old else "id"])
        number = profile.get("transactionId")
        running = {key for key, known in self._transactions.items() if not known.is_over}
        fits = number in running if number is not None else bool(running)
        if profile["chargingProfilePurpose"] == "TxProfile" and not fits:
            where = "OCPP 1.6, 3.13.1" if self._is_old else "K01"
            what = f"accepted a TxProfile for a transaction that is not running ({where})"
            yield _bad(what, quote(number))

    def _clear_profile(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        number = request.get("id" if self._is_old else "chargingProfileId")
        if answer["status"] == "Accepted" and number is not None and number not in self._profiles:
            yield _odd("accepted to clear a charging profile that nobody set", str(number))
        if answer["status"] == "Accepted":
            self._profiles.discard(number)
            if number is None:
                self._profiles.clear()

    def _set_variables(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        yield from self._same_variables(
            request["setVariableData"], answer["setVariableResult"], "B05"
        )
        for item, result in zip(
            request["setVariableData"], answer["setVariableResult"], strict=False
        ):
            if result["attributeStatus"] == "Accepted":
                _keep(self._settings, _variable(item), item["attributeValue"])

    def _get_variables(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        results = answer["getVariableResult"]
        yield from self._same_variables(request["getVariableData"], results, "B06")
        for result in results:
            due, value = self._settings.get(_variable(result)), result.get("attributeValue")
            if due is not None and value is not None and value != due:
                about = f"{quote(value)}, and not {quote(due)}"
                yield _bad("accepted a value and does not have it (B05)", about)

    def _same_variables(self, asked: Any, told: Any, where: str) -> Iterator[Verdict]:
        if [_variable(item) for item in asked] != [_variable(item) for item in told]:
            yield _bad(f"answered about other variables than it was asked ({where})", quote(told))

    # --- what a station calls ---------------------------------------------------------------------

    def _started16(self, request: JsonObject, answer: JsonObject) -> Iterator[Verdict]:
        connector = request["connectorId"]
        before = self._transactions.get(answer.get("transactionId"))
        if before and request in before.told:
            return
        if connector < 1 or (self._connectors and connector > self._connectors):
            what = "began a transaction on a connector that is none (OCPP 1.6, 4.8)"
            yield _bad(what, str(connector))
        busy = [
            number
            for number, known in self._transactions.items()
            if known.connector == connector and not known.is_over
        ]
        if busy:
            yield _odd("began a transaction on a connector that has one", f"connector {connector}")
        known = _Transaction(request["idTag"], connector, request["meterStart"], told=[request])
        _keep(self._transactions, answer.get("transactionId"), known)

    def _metered16(self, request: JsonObject, _: JsonObject) -> Iterator[Verdict]:
        number = request.get("transactionId")
        if number is not None and number != -1 and number not in self._transactions:
            yield _bad("named a transaction id that was never given (OCPP 1.6, 4.7)", str(number))

    def _stopped16(self, request: JsonObject, _: JsonObject) -> Iterator[Verdict]:
        number = request["transactionId"]
        known = self._transactions.get(number)
        if known is None:
            if number != -1:
                what = "stopped a transaction that never began (OCPP 1.6, 4.10)"
                yield _bad(what, str(number))
            return
        if request in known.told:
            return
        if known.is_over:
            yield _odd("stopped a transaction that is over", str(number))
        known.told.append(request)
        if request["meterStop"] < known.meter:
            told = f"{known.meter} Wh, then {request['meterStop']} Wh"
            yield _odd("its meter ran backwards", told)
        known.is_over = True

    def _status16(self, request: JsonObject, _: JsonObject) -> Iterator[Verdict]:
        connector, status = request["connectorId"], request["status"]
        if connector == 0 and status not in {"Available", "Unavailable", "Faulted"}:
            what = "gave the station as a whole the status of a connector (OCPP 1.6, 4.9)"
            yield _bad(what, quote(status))
        if self._connectors and connector > self._connectors:
            what = "told the status of a connector that it does not have"
            yield _odd(what, f"{connector} of {self._connectors}")

    def _event2x(self, request: JsonObject, _: JsonObject) -> Iterator[Verdict]:
        number, kind = request["transactionInfo"]["transactionId"], request["eventType"]
        known = self._transactions.get(number)
        if known is not None and request in known.told:
            return
        if kind == "Started":
            if known is not None:
                yield _bad("began a transaction under an id that it has used (E01)", quote(number))
            token = request.get("idToken", {})
            evse = request.get("evse", {}).get("id")
            known = _Transaction(token.get("idToken", ""), evse)
            _keep(self._transactions, number, known)
        elif known is None:
            yield _bad("told of a transaction that never began (E01)", quote(number))
            return
        elif known.is_over:
            yield _odd("told of a transaction that is over", quote(number))
        if known.sequence is not None and request["seqNo"] <= known.sequence:
            told = f"{known.sequence}, then {request['seqNo']}"
            yield _odd("its seqNo does not go up (Q-4)", told)
        known.sequence = request["seqNo"]
        known.told = [*known.told[-MAX_TOLD:], request]
        known.is_over = known.is_over or kind == "Ended"


def _bad(what: str, about: str) -> Verdict:
    return Verdict(what, about, is_forbidden=True)


def _odd(what: str, about: str) -> Verdict:
    return Verdict(what, about, is_forbidden=False)


def _keep(kept: dict[Any, Any], key: Any, value: Any) -> None:
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > MAX_KEPT:
        del kept[next(iter(kept))]


def _kept(kept: dict[Any, Any], key: Any, fresh: Any) -> Any:
    if key not in kept:
        _keep(kept, key, fresh)
    return kept[key]


def _variable(item: JsonObject) -> str:
    component, variable = item["component"], item["variable"]
    return "/".join(
        str(part).lower()
        for part in (
            component.get("name"),
            component.get("instance", ""),
            component.get("evse", ""),
            variable.get("name"),
            variable.get("instance", ""),
            item.get("attributeType", "Actual"),
        )
    )


def _is_of(value: str, kind: str | None) -> bool:
    """Whether a text can be the value of a standard key of such a type."""
    if kind == "integer":
        return value.lstrip("-").isdigit()
    return kind != "boolean" or value.lower() in {"true", "false"}


_Judging: TypeAlias = Callable[[Judge, JsonObject, JsonObject], Iterator[Verdict]]
_J = Judge

_ANSWERS: Final[Mapping[tuple[Role, bool, str], _Judging]] = {
    (Role.CSMS, True, "Heartbeat"): _J._heartbeat,
    (Role.CSMS, False, "Heartbeat"): _J._heartbeat,
    (Role.CSMS, True, "BootNotification"): _J._heartbeat,
    (Role.CSMS, False, "BootNotification"): _J._heartbeat,
    (Role.CSMS, True, "Authorize"): _J._authorize16,
    (Role.CSMS, False, "Authorize"): _J._authorize2x,
    (Role.CSMS, True, "StartTransaction"): _J._start16,
    (Role.CSMS, True, "StopTransaction"): _J._stop16,
    (Role.CSMS, False, "TransactionEvent"): _J._event_answer2x,
    (Role.STATION, True, "RemoteStopTransaction"): _J._remote_stop16,
    (Role.STATION, False, "RequestStopTransaction"): _J._remote_stop2x,
    (Role.STATION, True, "Reset"): _J._reset,
    (Role.STATION, False, "Reset"): _J._reset,
    (Role.STATION, True, "RemoteStartTransaction"): _J._remote_start16,
    (Role.STATION, False, "RequestStartTransaction"): _J._remote_start2x,
    (Role.STATION, True, "ChangeAvailability"): _J._on_connector,
    (Role.STATION, True, "UnlockConnector"): _J._on_connector,
    (Role.STATION, True, "TriggerMessage"): _J._on_connector,
    (Role.STATION, True, "ReserveNow"): _J._reserve16,
    (Role.STATION, False, "ReserveNow"): _J._reserve2x,
    (Role.STATION, True, "CancelReservation"): _J._cancel,
    (Role.STATION, False, "CancelReservation"): _J._cancel,
    (Role.STATION, True, "ChangeConfiguration"): _J._change_key,
    (Role.STATION, True, "GetConfiguration"): _J._read_keys,
    (Role.STATION, True, "SendLocalList"): _J._send_list,
    (Role.STATION, False, "SendLocalList"): _J._send_list,
    (Role.STATION, True, "GetLocalListVersion"): _J._list_version_told,
    (Role.STATION, False, "GetLocalListVersion"): _J._list_version_told,
    (Role.STATION, True, "SetChargingProfile"): _J._set_profile,
    (Role.STATION, False, "SetChargingProfile"): _J._set_profile,
    (Role.STATION, True, "ClearChargingProfile"): _J._clear_profile,
    (Role.STATION, False, "ClearChargingProfile"): _J._clear_profile,
    (Role.STATION, False, "SetVariables"): _J._set_variables,
    (Role.STATION, False, "GetVariables"): _J._get_variables,
}

_CALLS: Final[Mapping[tuple[Role, bool, str], _Judging]] = {
    (Role.STATION, True, "StartTransaction"): _J._started16,
    (Role.STATION, True, "MeterValues"): _J._metered16,
    (Role.STATION, True, "StopTransaction"): _J._stopped16,
    (Role.STATION, True, "StatusNotification"): _J._status16,
    (Role.STATION, False, "TransactionEvent"): _J._event2x,
}
