"""A CSMS for `examples/firmware_loop.py`, in its own thread and on a clock that moves while all sleep.

The station's loop, socket and selector are real; only the sleeping is not.
"""

import selectors
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any, NamedTuple

from examples.firmware_loop import Transport
from ocpp_sansio import (
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    Connection,
    Request,
    Role,
    v16,
)
from ocpp_sansio.repetition import Repetitions
from ocpp_sansio.websocket import (
    Closed,
    CsmsWebSocket,
    HandshakeReceived,
    Opened,
    Phase,
    WebSocketConfig,
    WebSocketEvent,
)

MIDNIGHT = datetime(2026, 11, 26, tzinfo=UTC)
"""What UTC is when the virtual clock begins."""


class Entry(NamedTuple):
    """What came from the station, in the order of the wire."""

    at: float
    what: str
    payload: Any


class VirtualCsms:
    """Answers what a station asks, writes down what comes, and can go away and come back."""

    def __init__(self) -> None:
        self.now = 0.0
        self.is_there = True
        self.dials: list[float] = []
        self.log: list[Entry] = []
        self.verdicts: list[v16.RegistrationStatus] = []
        """On the next boots; Accepted when there is none left."""
        self.interval = 300
        self.is_silent = False
        self.refuses: v16.AuthorizationStatus | None = None
        """What it says of whoever begins to charge; None: that he may."""
        self.clock_step = 0.0
        """Seconds by which its clock has jumped."""
        self.starts: dict[int, v16.StartTransactionRequest] = {}
        self.stops: dict[int, v16.StopTransactionRequest] = {}
        """The charges, each once, by their transactionIds: what comes twice is known (T-40)."""
        self._repetitions = Repetitions()
        self.connection = Connection(Role.CSMS)
        self._link: CsmsWebSocket | None = None
        self._stream: socket.socket | None = None
        self._plan: list[tuple[float, Callable[[], object]]] = []

    def entries(self, what: str) -> list[Entry]:
        return [entry for entry in self.log if entry.what == what]

    def at(self, moment: float, act: Callable[[], object]) -> None:
        """Have something done at a moment to come."""
        self._plan = sorted([*self._plan, (moment, act)], key=lambda item: item[0])

    def call(self, request: Request[Any]) -> None:
        """Call the station, if it is there."""
        if self.connection.is_connected:
            self.connection.send_call(request, now=self.now)

    @property
    def billed(self) -> int:
        """Watt hours of all charges that have ended."""
        return sum(stop.meter_stop - self.starts[at].meter_start for at, stop in self.stops.items())

    def utc(self) -> datetime:
        return MIDNIGHT + timedelta(seconds=self.now + self.clock_step)

    def go_away(self) -> None:
        self.is_there = False
        self.hang_up()

    def come_back(self) -> None:
        self.is_there = True

    def hang_up(self) -> None:
        if self._stream:
            self._stream.close()
        if self._link:
            self._link.receive_eof(now=self.now)
        self._stream = self._link = None

    # --- for the line --------------------------------------------------------------------------------------

    def new_stream(self) -> socket.socket:
        """Return the station's end of a new connection."""
        self.dials.append(self.now)
        if not self.is_there:
            raise ConnectionRefusedError
        self.hang_up()
        theirs, self._stream = socket.socketpair()
        for stream in (theirs, self._stream):
            stream.setblocking(False)
        # Its own pings are off, so that all of the station's wake-ups are the station's doing.
        self._link = CsmsWebSocket(
            versions=["ocpp1.6"],
            connection=self.connection,
            websocket=WebSocketConfig(ping_interval=0),
        )
        return theirs

    def next_wake(self) -> float:
        planned = self._plan[0][0] if self._plan else inf
        due = self._link.next_timeout() if self._link else None
        return min(planned, inf if due is None else due)

    def pump(self) -> None:
        """Do what is due, and take in and answer what has come."""
        while self._plan and self._plan[0][0] <= self.now:
            _, act = self._plan.pop(0)
            act()
        while self._link and self._stream and self._turn(self._link, self._stream):
            pass

    def _turn(self, link: CsmsWebSocket, stream: socket.socket) -> bool:
        try:
            data = stream.recv(65536)
        except BlockingIOError:
            data = None
        if data:
            link.receive_data(data, now=self.now)
        elif data is not None:
            link.receive_eof(now=self.now)
        link.handle_timeout(now=self.now)
        for event in link.events():
            self._handle(link, event)
        with suppress(OSError):  # the station may have gone
            for piece in link.data_to_send():
                stream.send(piece) if piece else stream.shutdown(socket.SHUT_WR)
        if link.phase is Phase.CLOSED:
            self.hang_up()
        return bool(data)

    def _handle(self, link: CsmsWebSocket, event: WebSocketEvent) -> None:
        match event:
            case HandshakeReceived():
                link.accept(now=self.now)
            case Opened():
                self._write_down("Opened")
            case CallReceived(action=action, payload=payload):
                self._write_down(action, payload)
                self._answer(event)
            case CallResultReceived(call=call, payload=payload):
                self._write_down(f"{call.action} answered", payload)
            case CallErrorReceived(call=call, code=code):
                self._write_down(f"{call.action} refused", code)
            case Closed(code=code):
                self._write_down("Closed", code)

    def _write_down(self, what: str, payload: object = None) -> None:
        self.log.append(Entry(self.now, what, payload))

    def _answer(self, call: CallReceived) -> None:
        if self.is_silent or not self.connection.is_connected:
            return  # it may have gone right after the call
        answer: Any = {}
        match call.payload:
            case v16.BootNotificationRequest():
                status = self.verdicts.pop(0) if self.verdicts else v16.RegistrationStatus.ACCEPTED
                answer = {"currentTime": self.utc().isoformat(), "status": status}
                answer |= {"interval": self.interval}
            case v16.HeartbeatRequest():
                answer = {"currentTime": self.utc().isoformat()}
            case v16.StartTransactionRequest() as start:
                answer = self._repetitions.answer(start, lambda: self._begin(start))
            case v16.StopTransactionRequest(transaction_id=number) as stop:
                assert self.stops.setdefault(number, stop) == stop
                assert number in self.starts
        self.connection.send_call_result(call, answer, now=self.now)

    def _begin(self, start: v16.StartTransactionRequest) -> v16.StartTransactionResponse:
        number = 100 + len(self.starts)
        self.starts[number] = start
        verdict = v16.IdTagInfo(status=self.refuses or v16.AuthorizationStatus.ACCEPTED)
        return v16.StartTransactionResponse(transaction_id=number, id_tag_info=verdict)


class VirtualLine(Transport):
    """The station's transport, which ends at a `VirtualCsms`."""

    def __init__(self, csms: VirtualCsms) -> None:
        super().__init__(_VirtualSelector(csms))
        self._csms = csms

    def open(self, host: str, port: int) -> None:
        assert (host, port) == ("csms.test", 80)
        self.adopt(self._csms.new_stream())


class _VirtualSelector(selectors.SelectSelector):
    def __init__(self, csms: VirtualCsms) -> None:
        super().__init__()
        self._csms = csms

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        deadline = inf if timeout is None else self._csms.now + timeout
        while True:
            self._csms.pump()
            ready = super().select(0)
            wake = self._csms.next_wake()
            if not ready and deadline > wake:
                self._csms.now = wake
                continue
            if not ready:
                assert deadline < inf, "the station sleeps for ever"
                self._csms.now = deadline
            return ready
