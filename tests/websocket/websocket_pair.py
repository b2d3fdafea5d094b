"""Two real links, glued back to back on a virtual clock: what the WebSocket tests are made of."""

from collections.abc import Iterator, Mapping
from typing import Any

from ocpp_sansio import Call, CallReceived, Connection
from ocpp_sansio.websocket import (
    Closed,
    CsmsWebSocket,
    HandshakeReceived,
    StationWebSocket,
    WebSocketEvent,
)

URL = "ws://csms.example/ocpp"


def station(identity: str = "CP001", **options: Any) -> StationWebSocket:
    options.setdefault("versions", ["ocpp1.6"])
    return StationWebSocket(options.pop("url", URL), identity=identity, **options)


def csms(**options: Any) -> CsmsWebSocket:
    options.setdefault("versions", ["ocpp1.6"])
    return CsmsWebSocket(**options)


class Pair:
    """A station and a CSMS; `run` lets bytes and events go to and fro until nothing moves.

    `chunk` cuts what travels into pieces of so many bytes; `limits` lets only so many bytes of a side
    through, and then cuts the line.
    """

    def __init__(
        self,
        station_link: StationWebSocket,
        csms_link: CsmsWebSocket,
        *,
        chunk: int | None = None,
        limits: Mapping[str, int] | None = None,
    ) -> None:
        self.now = 100.0
        self.station = station_link
        self.csms = csms_link
        self.events: dict[str, list[WebSocketEvent]] = {"station": [], "csms": []}
        self.sent = {"station": 0, "csms": 0}
        self.wrote = {"station": bytearray(), "csms": bytearray()}
        self.is_cut = False
        self._chunk = chunk
        self._limits = limits or {}
        station_link.start(now=self.now)
        csms_link.start(now=self.now)

    @classmethod
    def open(cls, version: str = "ocpp1.6", **options: Any) -> "Pair":
        """Return a pair that has shaken hands."""
        shared = {key: options[key] for key in ("config", "websocket") if key in options}
        pair = cls(station(versions=[version], **shared), csms(versions=[version], **shared))
        pair.run()
        return pair

    def run(self) -> None:
        """Move everything that can move, letting every station in and answering every call."""
        moving = True
        while moving:
            moving = self._move("station", self.station, self.csms)
            moving = self._move("csms", self.csms, self.station) or moving
            moving = self._react("station") or moving
            moving = self._react("csms") or moving

    def take(self, side: str, kind: type[Any] | None = None) -> list[Any]:
        """Return, and forget, the events of a side, perhaps of one kind only."""
        events, self.events[side] = self.events[side], []
        return [event for event in events if kind is None or isinstance(event, kind)]

    def pass_time(self, seconds: float) -> None:
        """Let time pass on both sides, stopping at every deadline on the way."""
        end = self.now + seconds
        for _ in range(1000):
            waits = [w for w in (self.station.next_timeout(), self.csms.next_timeout()) if w]
            self.now = min([end, *waits])
            self.station.handle_timeout(now=self.now)
            self.csms.handle_timeout(now=self.now)
            self.run()
            if self.now >= end:
                return
        raise AssertionError("a link wants to be woken again and again")

    def _move(self, name: str, source: Any, target: Any) -> bool:
        data = source.data_to_send()
        if self.is_cut:
            return False
        for piece in data:
            self.wrote[name] += piece
            for part in self._parts(piece):
                left = self._limits.get(name, len(part) + self.sent[name]) - self.sent[name]
                target.receive_data(part[:left], now=self.now)
                self.sent[name] += min(left, len(part))
                if left < len(part):
                    self._cut()
                    return True
            if not piece:
                target.receive_eof(now=self.now)
        return bool(data)

    def _parts(self, piece: bytes) -> Iterator[bytes]:
        step = self._chunk or max(1, len(piece))
        return (piece[start : start + step] for start in range(0, len(piece), step))

    def _cut(self) -> None:
        self.is_cut = True
        self.station.receive_eof(now=self.now)
        self.csms.receive_eof(now=self.now)

    def _react(self, name: str) -> bool:
        link = self.station if name == "station" else self.csms
        events = link.events()
        self.events[name] += events
        for event in events:
            if isinstance(event, HandshakeReceived) and self.csms.phase.name == "DECISION":
                self.csms.accept(now=self.now)
            elif isinstance(event, CallReceived) and link.connection.is_connected:
                self.take_call(event, link.connection)
        return bool(events)

    def take_call(self, call: CallReceived, connection: Connection) -> None:
        connection.send_call_result(call, ANSWERS[call.action], now=self.now)


ANSWERS: dict[str, Any] = {
    "BootNotification": {
        "status": "Accepted",
        "currentTime": "2026-01-01T00:00:00Z",
        "interval": 300,
    },
    "Heartbeat": {"currentTime": "2026-01-01T00:00:00Z"},
    "Authorize": {"idTagInfo": {"status": "Accepted"}},
    "StartTransaction": {"transactionId": 7, "idTagInfo": {"status": "Accepted"}},
    "MeterValues": {},
    "DataTransfer": {"status": "Accepted"},
    "StopTransaction": {},
    "StatusNotification": {},
    "TriggerMessage": {"status": "Accepted"},
    "RemoteStopTransaction": {"status": "Accepted"},
}


def a_whole_charge(pair: Pair) -> list[Call]:
    """Send a charge from beginning to end, with calls in both directions; return the calls made."""
    when = "2026-01-01T00:00:00Z"
    calls = []
    station_calls: list[tuple[str, dict[str, Any]]] = [
        ("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}),
        ("Authorize", {"idTag": "T"}),
        ("StartTransaction", {"connectorId": 1, "idTag": "T", "meterStart": 0, "timestamp": when}),
        (
            "MeterValues",
            {
                "connectorId": 1,
                "meterValue": [{"timestamp": when, "sampledValue": [{"value": "1"}]}],
            },
        ),
        ("StopTransaction", {"transactionId": 7, "meterStop": 9, "timestamp": when}),
    ]
    csms_calls: list[tuple[str, dict[str, Any]]] = [
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}),
        ("RemoteStopTransaction", {"transactionId": 7}),
    ]
    pair.run()
    for link, wanted in ((pair.station, station_calls), (pair.csms, csms_calls)):
        for action, payload in wanted:
            if link.connection.is_connected:
                calls.append(link.connection.send_call(action, payload, now=pair.now))
    pair.run()
    if pair.station.connection.is_connected:
        pair.station.close(now=pair.now)
    pair.run()
    pair.pass_time(60)
    return calls


def closings(pair: Pair, side: str) -> list[Closed]:
    return [event for event in pair.events[side] if isinstance(event, Closed)]
