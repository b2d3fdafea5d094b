"""Two honest peers, a CSMS and a station of any version, and thirty that are each broken in one way.

They speak JSON objects, so that one body serves a fuzzer's line, a `PeersMachine` and a socket.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any, ClassVar

import attrs

from ocpp_sansio import (
    CallAborted,
    CallReceived,
    CallResultReceived,
    Connection,
    ErrorCode,
    Frame,
    LocalProtocolError,
    Role,
    Version,
)
from ocpp_sansio.core import to_object
from ocpp_sansio.messages import catalog
from ocpp_sansio.testing import minimal
from ocpp_sansio.testing.shapes import write_json

KNOWN = {"cafe01": "Accepted", "cafe02": "Accepted", "blocked1": "Blocked"}
JsonObject = dict[str, Any]


class Speaker:
    """What serves one side: answers calls, and makes some of its own."""

    role: ClassVar[Role]
    version: ClassVar[Version] = Version.OCPP16
    unknown_tag: ClassVar[str] = "Invalid"

    def __init__(self) -> None:
        self.calls: list[tuple[str, JsonObject]] = []
        """What to call next."""

    def answer(self, action: str, request: JsonObject) -> JsonObject:
        handler = getattr(self, f"on_{action}", None)
        return handler(request) if handler else self.plain(action)

    def plain(self, action: str) -> JsonObject:
        response = catalog(self.version)[action].response
        assert response
        return to_object(minimal(response))

    def hears(self, action: str, request: JsonObject, answer: JsonObject) -> None:
        """Take the answer to a call of its own."""

    @classmethod
    def handled(cls) -> list[str]:
        return [name.removeprefix("on_") for name in dir(cls) if name.startswith("on_")]


# --- a CSMS ---------------------------------------------------------------------------------------


class Csms(Speaker):
    role = Role.CSMS

    def __init__(self) -> None:
        super().__init__()
        self.starts: dict[int, JsonObject] = {}
        self.stopped: set[int] = set()
        self.ids = count(1)

    def status(self, tag: str) -> str:
        return KNOWN.get(tag.lower(), self.unknown_tag)

    def info(self, request: JsonObject) -> JsonObject:
        return {"status": self.status(request["idTag"])}

    def on_Authorize(self, request: JsonObject) -> JsonObject:  # noqa: N802 - named as its action
        return {"idTagInfo": self.info(request)}

    def on_StartTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        known = [number for number, start in self.starts.items() if start == request]
        number = known[0] if known else next(self.ids)
        self.starts[number] = request
        return {"transactionId": number, "idTagInfo": self.info(request)}

    def on_StopTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        self.stopped.add(request["transactionId"])
        return {"idTagInfo": self.info(request)} if "idTag" in request else {}


class Csms2(Speaker):
    role = Role.CSMS
    version = Version.OCPP201
    unknown_tag = "Unknown"

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, JsonObject] = {}

    def info(self, token: JsonObject) -> JsonObject:
        return {"status": KNOWN.get(token["idToken"].lower(), self.unknown_tag)}

    def on_Authorize(self, request: JsonObject) -> JsonObject:  # noqa: N802
        return {"idTokenInfo": self.info(request["idToken"])}

    def on_TransactionEvent(self, request: JsonObject) -> JsonObject:  # noqa: N802
        self.known.setdefault(request["transactionInfo"]["transactionId"], request)
        return {"idTokenInfo": self.info(request["idToken"])} if "idToken" in request else {}


# --- a station ------------------------------------------------------------------------------------


class Station(Speaker):
    role = Role.STATION
    connectors = 2

    def __init__(self) -> None:
        super().__init__()
        self.running: dict[int, int] = {}  # connectors by transaction
        self.starting: list[int] = []
        self.meter = 0
        self.reserved: set[int] = set()
        self.list_version = 0
        self.profiles: set[int] = set()
        self.keys = {
            "numberofconnectors": ("NumberOfConnectors", str(self.connectors), True),
            "heartbeatinterval": ("HeartbeatInterval", "300", False),
            "blinkrepeat": ("BlinkRepeat", "3", False),
            "connectiontimeout": ("ConnectionTimeOut", "60", False),
            "localpreauthorize": ("LocalPreAuthorize", "false", False),
        }

    def is_there(self, request: JsonObject) -> bool:
        return bool(1 <= request.get("connectorId", 1) <= self.connectors)

    def status(self, is_accepted: bool) -> JsonObject:  # noqa: FBT001 - it says it all
        return {"status": "Accepted" if is_accepted else "Rejected"}

    def on_RemoteStartTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        connector = request.get("connectorId", 1)
        busy = [*self.running.values(), *self.starting]
        is_free = self.is_there(request) and connector not in busy
        if is_free:
            self.begin(connector, request["idTag"])
        return self.status(is_free)

    def begin(self, connector: int, tag: str) -> None:
        self.starting.append(connector)
        self.meter += 1000
        start = {"connectorId": connector, "idTag": tag, "meterStart": self.meter}
        self.calls.append(("StartTransaction", start | {"timestamp": "2025-01-01T00:00:00Z"}))

    def end(self, number: int) -> None:
        self.running.pop(number, None)
        stop = {"transactionId": number, "meterStop": self.meter + 500}
        self.calls.append(("StopTransaction", stop | {"timestamp": "2025-01-01T01:00:00Z"}))

    def hears(self, action: str, request: JsonObject, answer: JsonObject) -> None:
        if action == "StartTransaction":
            self.starting.remove(request["connectorId"])
            self.running[answer["transactionId"]] = request["connectorId"]

    def on_RemoteStopTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        number = request["transactionId"]
        if number not in self.running:
            return self.status(False)
        self.end(number)
        return self.status(True)

    def on_Reset(self, request: JsonObject) -> JsonObject:  # noqa: N802, ARG002 - as its like
        for number in list(self.running):
            self.end(number)
        return self.status(True)

    def on_ReserveNow(self, request: JsonObject) -> JsonObject:  # noqa: N802
        if self.is_there(request):
            self.reserved.add(request["reservationId"])
        return self.status(self.is_there(request))

    def on_CancelReservation(self, request: JsonObject) -> JsonObject:  # noqa: N802
        number = request["reservationId"]
        is_known = number in self.reserved
        self.reserved.discard(number)
        return self.status(is_known)

    def on_GetConfiguration(self, request: JsonObject) -> JsonObject:  # noqa: N802
        asked = request.get("key") or [name for name, _, _ in self.keys.values()]
        known = dict.fromkeys(key.lower() for key in asked if key.lower() in self.keys)
        told = [self.keys[key] for key in known]
        return {
            "configurationKey": [
                {"key": name, "value": value, "readonly": is_fixed}
                for name, value, is_fixed in told
            ],
            "unknownKey": [key for key in asked if key.lower() not in self.keys],
        }

    def on_ChangeConfiguration(self, request: JsonObject) -> JsonObject:  # noqa: N802
        key, value = request["key"].lower(), request["value"]
        if key not in self.keys:
            return {"status": "NotSupported"}
        name, _, is_fixed = self.keys[key]
        is_bool = key == "localpreauthorize"
        is_right = value in {"true", "false"} if is_bool else value.isdigit()
        if is_fixed or not is_right:
            return self.status(False)
        self.keys[key] = (name, value, is_fixed)
        return self.status(True)

    def on_SendLocalList(self, request: JsonObject) -> JsonObject:  # noqa: N802
        self.list_version = request["listVersion"]
        return self.status(True)

    def on_GetLocalListVersion(self, _: JsonObject) -> JsonObject:  # noqa: N802
        return {"listVersion": self.list_version}

    def on_SetChargingProfile(self, request: JsonObject) -> JsonObject:  # noqa: N802
        profile = request["csChargingProfiles"]
        purpose, number = profile["chargingProfilePurpose"], profile.get("transactionId")
        is_idle = purpose == "TxProfile" and number not in self.running
        if not is_idle:
            self.profiles.add(profile["chargingProfileId"])
        return self.status(not is_idle)

    def on_ClearChargingProfile(self, request: JsonObject) -> JsonObject:  # noqa: N802
        number = request.get("id")
        is_known = bool(self.profiles) if number is None else number in self.profiles
        if number is None:
            self.profiles.clear()
        self.profiles.discard(number or 0)
        return {"status": "Accepted" if is_known else "Unknown"}

    def on_ChangeAvailability(self, request: JsonObject) -> JsonObject:  # noqa: N802
        return self.status(0 <= request["connectorId"] <= self.connectors)

    def on_UnlockConnector(self, request: JsonObject) -> JsonObject:  # noqa: N802
        return {"status": "Unlocked" if self.is_there(request) else "UnlockFailed"}

    def on_TriggerMessage(self, request: JsonObject) -> JsonObject:  # noqa: N802
        if not self.is_there(request):
            return self.status(False)
        if request["requestedMessage"] == "StatusNotification":
            connector = request.get("connectorId", 0)
            told = {"connectorId": connector, "errorCode": "NoError", "status": "Available"}
            self.calls.append(("StatusNotification", told))
        return self.status(True)


class Station2(Speaker):
    role = Role.STATION
    version = Version.OCPP201

    def __init__(self) -> None:
        super().__init__()
        self.ids = count(1)
        self.running: dict[str, int] = {}  # seqNo by transaction
        self.settings: dict[str, str] = {}
        self.list_version = 0

    def event(self, kind: str, number: str) -> None:
        self.calls.append(
            (
                "TransactionEvent",
                {
                    "eventType": kind,
                    "seqNo": self.running[number],
                    "timestamp": "2025-01-01T00:00:00Z",
                    "triggerReason": "RemoteStart",
                    "transactionInfo": {"transactionId": number},
                },
            )
        )
        self.running[number] += 1

    def on_RequestStartTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        if not 1 <= request.get("evseId", 1) <= 2:
            return {"status": "Rejected"}
        number = f"tx{next(self.ids)}"
        self.running[number] = 0
        self.event("Started", number)
        return {"status": "Accepted"}

    def on_RequestStopTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        number = request["transactionId"]
        if number not in self.running:
            return {"status": "Rejected"}
        self.event("Ended", number)
        del self.running[number]
        return {"status": "Accepted"}

    def on_GetVariables(self, request: JsonObject) -> JsonObject:  # noqa: N802
        results = [self.result(item) for item in request["getVariableData"]]
        return {"getVariableResult": results}

    def result(self, item: JsonObject) -> JsonObject:
        about = {name: item[name] for name in item if name != "customData"}
        value = self.settings.get(self.key(item))
        if value is None:
            return about | {"attributeStatus": "UnknownVariable"}
        return about | {"attributeStatus": "Accepted", "attributeValue": value}

    def on_SetVariables(self, request: JsonObject) -> JsonObject:  # noqa: N802
        results = []
        for item in request["setVariableData"]:
            about = {
                name: item[name] for name in item if name not in {"customData", "attributeValue"}
            }
            self.settings[self.key(item)] = item["attributeValue"]
            results.append(about | {"attributeStatus": "Accepted"})
        return {"setVariableResult": results}

    def key(self, item: JsonObject) -> str:
        kind = item.get("attributeType", "Actual")
        return str((item["component"], item["variable"], kind)).lower()

    def on_ReserveNow(self, _: JsonObject) -> JsonObject:  # noqa: N802
        return {"status": "Rejected"}

    def on_CancelReservation(self, _: JsonObject) -> JsonObject:  # noqa: N802
        return {"status": "Rejected"}

    def on_SetChargingProfile(self, _: JsonObject) -> JsonObject:  # noqa: N802
        return {"status": "Rejected"}

    def on_ClearChargingProfile(self, _: JsonObject) -> JsonObject:  # noqa: N802
        return {"status": "Unknown"}

    def on_SendLocalList(self, request: JsonObject) -> JsonObject:  # noqa: N802
        self.list_version = request["versionNumber"]
        return {"status": "Accepted"}

    def on_GetLocalListVersion(self, _: JsonObject) -> JsonObject:  # noqa: N802
        return {"versionNumber": self.list_version}


HONEST: tuple[type[Speaker], ...] = (Csms, Csms2, Station, Station2)


# --- broken ones ----------------------------------------------------------------------------------


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


class OffByOneInConnectors(Csms):
    def on_StatusNotification(self, request: JsonObject) -> JsonObject:  # noqa: N802
        ["the station", "the left one"][request["connectorId"]]
        return {}


class WrongOnCase(Csms):
    def status(self, tag: str) -> str:
        return {"CAFE01": "Accepted", "CAFE02": "Accepted"}.get(tag, "Invalid")


class ForgetsIds(Csms):
    def on_StopTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        self.starts[request["transactionId"]]
        return {}


class FailsOverARepeatedStop(Csms):
    def on_StopTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        number = request["transactionId"]
        if number in self.starts:
            assert number not in self.stopped, "it would be billed twice"
        return super().on_StopTransaction(request)


class BillsARepeatedStartTwice(Csms):
    def on_StartTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        return {"transactionId": next(self.ids), "idTagInfo": self.info(request)}


class GivesAnIdTwice(Csms):
    def on_StartTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        self.starts[request["connectorId"]] = request
        return {"transactionId": len(self.starts), "idTagInfo": self.info(request)}


class TakesAStopForAStart(Csms):
    def on_StopTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        return {"transactionId": request["transactionId"], "idTagInfo": {"status": "Accepted"}}


class WrongAtMidnight(Csms):
    def on_StopTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        start = self.starts.get(request["transactionId"])
        if start:
            began, ended = moment(start["timestamp"]), moment(request["timestamp"])
            if ended > began:
                assert ended.time() >= began.time(), "it ends before it begins"
        return super().on_StopTransaction(request)


class WrongOnLeapDays(Csms):
    def on_StartTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        began = moment(request["timestamp"])
        began.replace(year=began.year + 1)  # when its bill lapses
        return super().on_StartTransaction(request)


class AnswersWithAnotherVersionsStatus(Csms):
    unknown_tag = "Unknown"


class FailsWhereAMeterJumpsBack(Csms):
    def on_StopTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        start = self.starts.get(request["transactionId"])
        assert start is None or request["meterStop"] >= start["meterStart"], "negative energy"
        return super().on_StopTransaction(request)


class CutsTags(Csms):
    def on_Authorize(self, request: JsonObject) -> JsonObject:  # noqa: N802
        assert len(request["idTag"]) <= 16, "the column is too narrow"
        return super().on_Authorize(request)


class ChangesItsMind(Csms):
    def on_StartTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        return super().on_StartTransaction(request) | {"idTagInfo": {"status": "Accepted"}}


class CountsOnTheFirstEvent(Csms2):
    def on_TransactionEvent(self, request: JsonObject) -> JsonObject:  # noqa: N802
        if request["eventType"] != "Started":
            self.known[request["transactionInfo"]["transactionId"]]
        return super().on_TransactionEvent(request)


class CountsOnCase2(Csms2):
    def info(self, token: JsonObject) -> JsonObject:
        return {"status": "Accepted" if token["idToken"] in {"CAFE01", "CAFE02"} else "Unknown"}


class OffByOneInStationsConnectors(Station):
    def on_UnlockConnector(self, request: JsonObject) -> JsonObject:  # noqa: N802
        if self.is_there(request):
            [None, "the left one"][request["connectorId"]]
        return super().on_UnlockConnector(request)


class StopsAnything(Station):
    def on_RemoteStopTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        super().on_RemoteStopTransaction(request)
        return {"status": "Accepted"}


class CancelsAnything(Station):
    def on_CancelReservation(self, request: JsonObject) -> JsonObject:  # noqa: N802
        super().on_CancelReservation(request)
        return {"status": "Accepted"}


class KeepsNoSettings(Station):
    def on_ChangeConfiguration(self, request: JsonObject) -> JsonObject:  # noqa: N802
        before = dict(self.keys)
        answer = super().on_ChangeConfiguration(request)
        self.keys = before
        return answer


class LosesKeysOfOtherCase(Station):
    def on_GetConfiguration(self, request: JsonObject) -> JsonObject:  # noqa: N802
        answer = super().on_GetConfiguration(request)
        keys = request.get("key") or ()
        told = [item for item in answer["configurationKey"] if not keys or item["key"] in keys]
        return answer | {"configurationKey": told}


class TakesAStopForAnotherStart(Station):
    def on_RemoteStopTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        number = request["transactionId"]
        if number in self.running:
            self.begin(self.running[number], "CAFE01")
        return self.status(number in self.running)


class ForgetsItsTransaction(Station):
    def end(self, number: int) -> None:
        super().end(number)
        self.calls[-1][1]["transactionId"] = 0


class CountsListsFromZero(Station):
    def on_GetLocalListVersion(self, _: JsonObject) -> JsonObject:  # noqa: N802
        return {"listVersion": max(self.list_version - 1, 0)}


class StartsOnTheStation(Station):
    def on_RemoteStartTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        if "connectorId" not in request:
            self.begin(0, request["idTag"])
            return self.status(True)
        return super().on_RemoteStartTransaction(request)


class ResetsAsIn2x(Station):
    def on_Reset(self, request: JsonObject) -> JsonObject:  # noqa: N802
        is_busy = bool(self.running)
        return super().on_Reset(request) | ({"status": "Scheduled"} if is_busy else {})


class RunsBackwards(Station):
    def end(self, number: int) -> None:
        super().end(number)
        self.calls[-1][1]["meterStop"] = 0


class DividesByTheLimit(Station):
    def on_SetChargingProfile(self, request: JsonObject) -> JsonObject:  # noqa: N802
        schedule = request["csChargingProfiles"]["chargingSchedule"]
        for period in schedule["chargingSchedulePeriod"]:
            assert float(period["limit"]) != 0, "a division by zero"
        return super().on_SetChargingProfile(request)


class StopsAnything2(Station2):
    def on_RequestStopTransaction(self, request: JsonObject) -> JsonObject:  # noqa: N802
        super().on_RequestStopTransaction(request)
        return {"status": "Accepted"}


class TellsOtherVariables(Station2):
    def result(self, item: JsonObject) -> JsonObject:
        answer = super().result(item)
        return answer | {"component": {"name": answer["component"]["name"] + "s"}}


class BeginsEachEventAtZero(Station2):
    def event(self, kind: str, number: str) -> None:
        super().event(kind, number)
        self.calls[-1][1]["seqNo"] = 0


@attrs.frozen
class Broken:
    """A broken peer, and what must be found of it."""

    speaker: type[Speaker]
    kind: str
    """How the fuzzer names it, or how that begins."""
    calls: int = 500
    """Within how many cases the fuzzer finds it."""
    stories: int = 200
    """Within how many stories `PeersMachine` does."""
    leaks: bool = False
    """Whether a connection of it answers as often as it has connected."""


CRASH = "failed over a message"
BROKEN = [
    Broken(OffByOneInConnectors, CRASH),
    Broken(WrongOnCase, "told upper and lower case of an id apart (A-12)"),
    Broken(ForgetsIds, CRASH),
    Broken(FailsOverARepeatedStop, CRASH),
    Broken(BillsARepeatedStartTwice, "gave another transaction id to a start that was sent again"),
    Broken(GivesAnIdTwice, "gave a transaction id twice"),
    Broken(TakesAStopForAStart, "sent what is not allowed: unknown_member"),
    Broken(WrongAtMidnight, CRASH),
    Broken(WrongOnLeapDays, CRASH),
    Broken(AnswersWithAnotherVersionsStatus, "sent what is not allowed: enum"),
    Broken(FailsWhereAMeterJumpsBack, CRASH),
    Broken(CutsTags, CRASH),
    Broken(ChangesItsMind, "says one thing of an id, then another"),
    Broken(CountsOnTheFirstEvent, CRASH),
    Broken(CountsOnCase2, "told upper and lower case of an id apart (A-11)"),
    Broken(Csms, "sent what is not allowed: stray_response", leaks=True),
    Broken(OffByOneInStationsConnectors, CRASH),
    Broken(StopsAnything, "accepted to stop a transaction that never began"),
    Broken(CancelsAnything, "accepted to cancel a reservation that is not there"),
    Broken(KeepsNoSettings, "accepted a value and does not have it", stories=800),
    Broken(LosesKeysOfOtherCase, "left out a key that it was asked for"),
    Broken(TakesAStopForAnotherStart, "began a transaction on a connector that has one"),
    Broken(ForgetsItsTransaction, "stopped a transaction that never began"),
    Broken(CountsListsFromZero, "has another local list than it accepted"),
    Broken(StartsOnTheStation, "began a transaction on a connector that is none"),
    Broken(ResetsAsIn2x, "sent what is not allowed: enum"),
    Broken(RunsBackwards, "its meter ran backwards"),
    Broken(DividesByTheLimit, CRASH),
    Broken(StopsAnything2, "accepted to stop a transaction that never began (F03)"),
    Broken(TellsOtherVariables, "answered about other variables than it was asked"),
    Broken(BeginsEachEventAtZero, "its seqNo does not go up (Q-4)"),
    Broken(Station, "sent what is not allowed: stray_response", leaks=True),
]


# --- on a line ------------------------------------------------------------------------------------


class Leaky(Connection):
    """Keeps what it was connected by: each answer goes out once for every connection there was."""

    __slots__ = ("connections",)

    def connected(self, version: Version | str, *, now: float) -> None:
        super().connected(version, now=now)
        self.connections = getattr(self, "connections", 0) + 1

    def frames_to_send(self) -> list[Frame]:
        frames = super().frames_to_send()
        return [
            frame
            for frame in frames
            for _ in range(self.connections if frame.data.startswith(b"[3") else 1)
        ]


class OnLine:
    """A speaker behind a connection, as a `Link` or the fuzzer want it; its mishaps are InternalErrors."""

    def __init__(self, speaker: Speaker, connection: Connection | None = None) -> None:
        self.speaker = speaker
        self.connection = connection or Connection(speaker.role)
        self.lost: list[tuple[str, JsonObject]] = []  # calls whose answer never came
        self.instead: dict[bytes, bytes] = {}  # by the head of what is sent: what is sent instead

    def frames_to_send(self) -> list[bytes]:
        frames = [frame.data for frame in self.connection.frames_to_send()]
        heads = [b",".join(frame.split(b",")[:2]) for frame in frames]
        return [self.instead.pop(head, frame) for head, frame in zip(heads, frames, strict=True)]

    def events(self) -> list[Any]:
        return self.connection.events()

    def next_timeout(self) -> float | None:
        return self.connection.next_timeout()

    def handle_timeout(self, *, now: float) -> None:
        self.connection.handle_timeout(now=now)

    def connected(self, version: Version | str, *, now: float) -> None:
        self.connection.connected(version, now=now)
        self.speaker.calls[:0] = self.lost
        self.lost.clear()
        self._call_all(now)

    def disconnected(self, *, now: float) -> None:
        self.connection.disconnected(now=now)
        for event in self.connection.events():
            if isinstance(event, CallAborted):
                self.lost.append((event.call.action, body(event.call.payload)))

    def received(self, data: bytes, *, now: float) -> None:
        self.connection.received(data, now=now)
        for event in self.connection.events():
            if isinstance(event, CallReceived):
                self._serve(event, now)
            elif isinstance(event, CallResultReceived):
                self.speaker.hears(event.call.action, body(event.call.payload), body(event.payload))
        self._call_all(now)

    def _call_all(self, now: float) -> None:
        for action, request in self.speaker.calls:
            self.connection.send_call(action, request, now=now)
        self.speaker.calls.clear()

    def _serve(self, event: CallReceived, now: float) -> None:
        connection, speaker = self.connection, self.speaker
        try:
            answer = speaker.answer(event.action, body(event.payload))
        except Exception:  # noqa: BLE001 - as a server does
            connection.send_call_error(event, ErrorCode.INTERNAL_ERROR, now=now)
            return
        try:
            connection.send_call_result(event, answer, now=now)
        except LocalProtocolError:  # what is no answer by the schema goes out all the same
            connection.send_call_error(event, ErrorCode.INTERNAL_ERROR, now=now)
            head, raw = write_json([4, event.message_id]), [3, event.message_id, answer]
            self.instead[head[:-1]] = write_json(raw)


def body(payload: Any) -> JsonObject:
    return payload if isinstance(payload, dict) else to_object(payload)


def on_line(broken: Broken) -> Callable[[], OnLine]:
    """Return what makes a broken peer as the fuzzer wants it; what is invalid leaves it all the same."""
    role = broken.speaker.role
    connection = Leaky if broken.leaks else Connection

    def make() -> OnLine:
        return OnLine(broken.speaker(), connection(role))

    return make


def handlers_of(speaker: Speaker) -> Mapping[str, Callable[[Any], Any]]:
    """Return the handlers of a speaker for a `PeersMachine`."""

    def handler(action: str) -> Callable[[Any], Any]:
        return lambda request: speaker.answer(action, body(request))

    return {action: handler(action) for action in speaker.handled()}
