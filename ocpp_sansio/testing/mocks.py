"""`MockCsms` and `MockStation`: the other side for tests of one's own, on the loopback interface.

    async def story() -> None:
        csms = MockCsms("ocpp1.6")
        async with csms.serve() as url, my_station(url):
            await csms.expect(v16.BootNotificationRequest, within=30)
            csms.answer_twice("Heartbeat")
            await csms.expect(v16.StatusNotificationRequest, connector_id=1, within=30)

    run_in_virtual_time(story)

They answer every call plainly, with transaction ids of their own, until told otherwise; and they break the
rules to order. Both work on asyncio and trio, in real time or virtual (`run_in_virtual_time`).
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias, TypeVar, cast

import attrs

from ocpp_sansio.core import (
    Call,
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    Config,
    Connection,
    JsonObject,
    LocalProtocolError,
    Request,
    Response,
    Role,
    Unconfirmed,
    Version,
    catalog,
    quote,
    to_object,
)
from ocpp_sansio.session import CallRejected
from ocpp_sansio.testing.plots import Counterpart
from ocpp_sansio.testing.scripts import Refusal
from ocpp_sansio.testing.shapes import EPOCH, minimal
from ocpp_sansio.testing.streams import Flag, Loop, Stream, current_loop
from ocpp_sansio.testing.transcript import Entry, Transcript, summary
from ocpp_sansio.websocket import (
    Closed,
    CsmsWebSocket,
    HandshakeReceived,
    MessagePipe,
    MessageReceived,
    Opened,
    StationWebSocket,
    WebSocketConfig,
    WebSocketLink,
)

__all__ = ["Charge", "MockAnswer", "MockCsms", "MockPeer", "MockStation"]

MAX_UNEXPECTED: Final = 10_000
"""Calls that are kept until they are expected, the latest."""

ANSWER_WITHIN: Final = 5.0
"""Seconds that a CSMS has for each answer in a charge."""

SHORTEST_PAUSE: Final = 0.05
"""Seconds before a mock station dials again; each time without a connection doubles them."""

LONGEST_PAUSE: Final = 600.0
"""Seconds; up to that they double."""

NEVER: Final = 1e9
"""Seconds that a station waits that is offline until it is told otherwise."""

DEFAULT_TAG: Final = "CAFE01"
"""The idTag of a charge for which any would do."""

_CONFIG: Final = Config(max_queued_calls=1000)
_WEBSOCKET: Final = WebSocketConfig(ping_interval=None)

ResponseT = TypeVar("ResponseT", bound=Response)
RequestT = TypeVar("RequestT", bound=Request[Any])

MockAnswer: TypeAlias = "Response | JsonObject | Refusal | Callable[[Any], Any]"
"""What a mock answers: a response, a refusal, or a function that makes either of the request."""


@attrs.frozen
class Charge:
    """A transaction that a `MockStation` has been through."""

    transaction_id: int | str
    """As the CSMS gave it in 1.6, as the station did in 2.x."""
    energy: Decimal
    """In kWh."""


class MockPeer:
    """What both mocks have in common. Raises ValueError for a version that is none."""

    role: Role
    """Which side it plays."""

    def __init__(self, version: Version | str) -> None:
        self.version = Version.parse(version)
        """What it speaks."""
        self.history = Transcript()
        """All that was said; `print(mock.history)` draws it."""
        self.answers: dict[str, MockAnswer] = {}
        """By action: what to answer instead of the plainest."""
        self._counterpart = Counterpart(self.version)
        self._connection = self._new_connection()
        self._unexpected: list[Any] = []  # requests that came and that nobody has expected yet
        self._outcomes: dict[str, Any] = {}
        self._faults: dict[str, Counter[str]] = {}
        self._link: WebSocketLink | None = None
        self._pipe: MessagePipe | None = None
        self._stream: Stream | None = None
        self._is_writing = False
        self._is_offline = False
        self._was_open = False  # the latest connection, at any time
        self._known_loop: Loop | None = None
        self._news: Flag | None = None
        self._started = 0.0

    # --- what a test says -------------------------------------------------------------------------

    async def expect(
        self, request_type: type[RequestT], *, within: float = 5.0, **members: Any
    ) -> RequestT:
        """Return the first call of a class that came, or comes within so many seconds, and fits.

        `members` are those that it must have, by their names in Python. What is returned once is not
        returned again; calls that do not fit stay. Raises AssertionError with the history if none comes,
        TypeError for a member that the class does not have.
        """
        for name in members:
            if not hasattr(request_type, name):
                raise TypeError(f"{request_type.__name__} has no member {name!r}")
        deadline = self._loop.now() + within
        while True:
            for index, request in enumerate(self._unexpected):
                if isinstance(request, request_type) and _fits(request, members):
                    del self._unexpected[index]
                    return request
            left = deadline - self._loop.now()
            if left <= 0 or not await self._loop.wait(self._next_news(), left):
                raise AssertionError(self._nothing_came(request_type, members, within))

    async def call(self, request: Request[ResponseT], *, within: float = 5.0) -> ResponseT:
        """Call the peer, and return its answer.

        Raises `CallRejected` for a CALLERROR, AssertionError with the history if no valid answer comes within
        so many seconds, LocalProtocolError without a connection or for a request that is invalid.
        """
        call = self._connection.send_call(request, now=self._loop.now(), timeout=within)
        await self._flush()
        return cast("ResponseT", await self._answer_to(call, within))

    async def _answer_to(self, call: Call, within: float) -> Any:
        """Return the answer's payload; raises as `call` does."""
        deadline = self._loop.now() + within
        while call.message_id not in self._outcomes:
            left = deadline - self._loop.now()
            if left <= 0 or not await self._loop.wait(self._next_news(), left):
                self._connection.handle_timeout(now=self._loop.now())
                self._take_events()
                self._outcomes.pop(call.message_id, None)
                told = f"no answer to {call.action} came within {within:g} s"
                raise AssertionError(f"{told}\n{self.history}")
        outcome = self._outcomes.pop(call.message_id)
        if isinstance(outcome, CallResultReceived):
            return outcome.payload
        if isinstance(outcome, CallErrorReceived):
            raise CallRejected(outcome.code, outcome.description, outcome.details)
        raise AssertionError(f"{call.action} had no answer: {summary(outcome)}\n{self.history}")

    def answer(self, action: str | type[Request[Any]], answer: MockAnswer) -> None:
        """Answer an action so from now on, by its name or its class. Raises ValueError for an unknown one."""
        self.answers[self._name_of(action)] = answer

    def answer_twice(self, action: str | type[Request[Any]], times: int = 1) -> None:
        """Answer the next `times` calls of an action twice each, which breaks E-7."""
        self._order(action, "twice", times)

    def never_answer(self, action: str | type[Request[Any]], times: int = 1) -> None:
        """Never answer the next `times` calls of an action (E-7)."""
        self._order(action, "never", times)

    def close_instead(self, action: str | type[Request[Any]], times: int = 1) -> None:
        """Drop the connection in the place of an answer to the next `times` calls of an action."""
        self._order(action, "close", times)

    async def send_frame(self, data: bytes | str) -> None:
        """Send a message as it is, right or wrong. Raises LocalProtocolError without a connection."""
        raw = data.encode() if isinstance(data, str) else data
        if self._pipe is None or not self._pipe.is_connected:
            raise LocalProtocolError("there is no connection to send a frame on")
        self._tell(self.role, _text(raw), is_message=True, fate="as told")
        self._pipe.send(raw)
        await self._flush()

    async def drop(self) -> None:
        """Drop the connection, without a word."""
        stream, self._stream = self._stream, None
        if stream:
            self._tell(None, f"cut by the {self.role}")
            await stream.close()
        self._end()

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection."""
        return self._connection.is_connected

    async def connected(self, *, within: float = 5.0) -> None:
        """Return once there is a connection. Raises AssertionError if none comes within so many seconds."""
        deadline = self._loop.now() + within
        while not self.is_connected:
            left = deadline - self._loop.now()
            if left <= 0 or not await self._loop.wait(self._next_news(), left):
                raise AssertionError(f"no connection in {within:g} s\n{self.history}")

    # --- inside -----------------------------------------------------------------------------------

    @property
    def _loop(self) -> Loop:
        if self._known_loop is None:
            self._known_loop = current_loop()
            self._started = self._known_loop.now()
        return self._known_loop

    def _new_connection(self) -> Connection:
        return Connection(self.role, config=_CONFIG)

    def _name_of(self, action: str | type[Request[Any]]) -> str:
        name = action if isinstance(action, str) else action.action
        if name not in catalog(self.version):
            raise ValueError(f"{self.version.value} has no action {quote(name)}")
        return name

    def _order(self, action: str | type[Request[Any]], fault: str, times: int) -> None:
        self._faults.setdefault(self._name_of(action), Counter())[fault] += times

    def _next_fault(self, action: str) -> str | None:
        orders = self._faults.get(action, Counter())
        fault = next((fault for fault, left in orders.items() if left > 0), None)
        if fault:
            orders[fault] -= 1
        return fault

    def _next_news(self) -> Flag:
        if self._news is None or self._news.is_set():
            self._news = self._loop.flag()
        return self._news

    def _note_news(self) -> None:
        if self._news is not None:
            self._news.set()

    async def _attend(self, stream: Stream, link: WebSocketLink, pipe: MessagePipe) -> None:
        """See to one connection, from its first byte to its last."""
        self._stream, self._link, self._pipe = stream, link, pipe
        self._was_open = False
        loop = self._loop
        link.start(now=loop.now())
        await self._flush()
        while self._stream is stream:
            data = await stream.read()
            if self._stream is not stream:
                return
            if data:
                link.receive_data(data, now=loop.now())
            else:
                link.receive_eof(now=loop.now())
            is_over = await self._take_link_events(link)
            await self._flush()
            if is_over or not data:
                break
        if self._stream is stream:
            self._stream = None
            self._end()

    async def _take_link_events(self, link: WebSocketLink) -> bool:
        """Take what a link noticed; return whether it is over."""
        for event in link.events():
            if isinstance(event, HandshakeReceived):
                self._let_in(event)
            elif isinstance(event, Opened):
                self._tell(None, f"connected, {self.version.value}")
                self._connection.connected(event.version, now=self._loop.now())
                self._was_open = True
                self._note_news()
            elif isinstance(event, MessageReceived):
                await self._take(bytes(event.data))
            elif isinstance(event, Closed):
                self._tell(None, f"closed, {event.code}")
                return True
        return False

    def _let_in(self, event: HandshakeReceived) -> None:
        """Accept a handshake."""

    async def _take(self, data: bytes) -> None:
        if not self._connection.is_connected:
            return  # dropped meanwhile
        self._tell(self.role.other, _text(data), is_message=True)
        self._connection.received(data, now=self._loop.now())
        for event in self._take_events():
            if isinstance(event, CallReceived):
                await self._serve_call(event)
        await self._flush()
        self._note_news()

    def _take_events(self) -> list[Any]:
        events = self._connection.events()
        for event in events:
            if isinstance(event, CallReceived):
                self._unexpected.append(event.payload)
                del self._unexpected[:-MAX_UNEXPECTED]
                continue
            self._tell(self.role, summary(event))
            call = getattr(event, "call", None)
            if isinstance(call, Call):
                self._outcomes[call.message_id] = event
        return events

    async def _serve_call(self, event: CallReceived) -> None:
        fault = self._next_fault(event.action)
        if fault == "never":
            self._tell(self.role, f"told not to answer {event.action}")
            return
        if fault == "close":
            await self.drop()
            return
        now = self._loop.now()
        reply = self._reply_to(event)
        if isinstance(reply, Refusal):
            self._connection.send_call_error(
                event, reply.code, reply.description, reply.details, now=now
            )
        else:
            self._connection.send_call_result(event, reply, now=now)
        if fault == "twice" and self._pipe:
            for frame in self._connection.frames_to_send():
                for _ in range(2):
                    self._send(frame.data)

    def _reply_to(self, event: CallReceived) -> Response | JsonObject | Refusal:
        ordered = self.answers.get(event.action)
        if callable(ordered):
            ordered = ordered(event.payload)
        if ordered is not None:
            return cast("Response | JsonObject | Refusal", ordered)
        payload = event.payload
        request = payload if isinstance(payload, dict) else to_object(payload)
        return self._counterpart.answer(event.action, request) or {}

    def _send(self, data: bytes) -> None:
        if self._pipe and self._pipe.is_connected:
            self._tell(self.role, _text(data), is_message=True)
            self._pipe.send(data)

    async def _flush(self) -> None:
        """Write what is to be sent; one task at a time, which takes what others add meanwhile."""
        for frame in self._connection.frames_to_send():
            self._send(frame.data)
        stream, link = self._stream, self._link
        if self._is_writing or not stream or not link:
            return
        self._is_writing = True
        try:
            while pieces := link.data_to_send():
                for piece in pieces:
                    if piece:
                        await stream.write(piece)
        finally:
            self._is_writing = False

    def _end(self) -> None:
        """Note that the connection is gone."""
        self._connection.disconnected(now=self._loop.now())
        self._take_events()
        self._link = self._pipe = None
        self._note_news()

    def _tell(
        self, source: Role | None, text: str, *, is_message: bool = False, fate: str = ""
    ) -> None:
        at = self._loop.now() - self._started
        self.history.add(Entry(at, source, text, is_message, fate))

    def _nothing_came(
        self, request_type: type[Request[Any]], members: Mapping[str, Any], within: float
    ) -> str:
        wanted = ", ".join(f"{name}={value!r}" for name, value in members.items())
        what = f"no {request_type.__name__}({wanted}) came within {within:g} s"
        others = [request for request in self._unexpected if isinstance(request, request_type)]
        nearly = "".join(f"\n  but {other!r}" for other in others[-3:])
        return f"{what}{nearly}\n{self.history}"


class MockCsms(MockPeer):
    """A CSMS for tests of a station: it takes one station at a time, the latest."""

    role = Role.CSMS

    def __init__(self, version: Version | str = Version.OCPP16) -> None:
        """Make one that speaks `version` alone."""
        super().__init__(version)
        self.identity: str | None = None
        """Who the station said it was."""

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        """Listen on the loopback interface while the block runs; yields the URL to give to the station."""
        async with self._loop.listening(self._welcome) as port:
            try:
                yield f"ws://127.0.0.1:{port}/ocpp"
            finally:
                await self.drop()

    async def go_offline(self, seconds: float) -> None:
        """Drop the connection, and take none for so long; returns when it is over."""
        self._is_offline = True
        await self.drop()
        self._tell(None, f"the csms is offline for {seconds:g} s")
        try:
            await self._loop.sleep(seconds)
        finally:
            self._is_offline = False

    async def _welcome(self, stream: Stream) -> None:
        if self._is_offline:
            return
        await self.drop()
        pipe = MessagePipe(Role.CSMS, config=_CONFIG)
        link = CsmsWebSocket(
            versions=[self.version], connection=pipe, websocket=_WEBSOCKET, check_username=False
        )
        await self._attend(stream, link, pipe)

    def _let_in(self, event: HandshakeReceived) -> None:
        self.identity = event.identity
        if isinstance(self._link, CsmsWebSocket):
            self._link.accept(now=self._loop.now())


class MockStation(MockPeer):
    """A station for tests of a CSMS: it boots, charges, obeys, and misbehaves to order."""

    role = Role.STATION

    def __init__(
        self,
        identity: str = "CP001",
        version: Version | str = Version.OCPP16,
        *,
        password: str | bytes | None = None,
    ) -> None:
        """Make one with an identity, which speaks `version`; `password` is for Basic authentication."""
        super().__init__(version)
        self.identity = identity
        """Who it says it is."""
        self._password = password
        self._redial: Flag | None = None  # set: dial at once
        self._meter = 0  # Wh
        self._charges = 0

    @asynccontextmanager
    async def connect(self, url: str, *, within: float = 5.0) -> AsyncIterator["MockStation"]:
        """Connect to a CSMS's URL, without the identity, while the block runs; comes back when dropped.

        Raises AssertionError if there is no connection within so many seconds.
        """

        async def run() -> None:
            pause = SHORTEST_PAUSE
            while True:
                if await self._dial(url):
                    pause = SHORTEST_PAUSE
                flag = self._redial = self._loop.flag()
                await self._loop.wait(flag, NEVER if self._is_offline else pause)
                pause = min(pause * 2, LONGEST_PAUSE)

        async with self._loop.running(run):
            try:
                await self.connected(within=within)
                yield self
            finally:
                self._is_offline = True
                await self.drop()

    async def go_offline(self, seconds: float) -> None:
        """Drop the connection, and make none for so long; returns when there is one again."""
        self._is_offline = True
        await self.drop()
        self._tell(None, f"the station is offline for {seconds:g} s")
        await self._loop.sleep(seconds)
        self._is_offline = False
        if self._redial is not None:
            self._redial.set()
        await self.connected()

    async def boot(self, *, within: float = 5.0) -> Any:
        """Boot; return the CSMS's answer."""
        request: Any = catalog(self.version)["BootNotification"].request
        return await self.call(minimal(request), within=within)

    async def charge(
        self, kwh: Decimal | float | str = 1, *, id_tag: str = DEFAULT_TAG, connector: int = 1
    ) -> Charge:
        """Authorise, start, meter, stop, with so much energy; return what that was.

        Its times begin at 2025-01-01 and go on with the loop's. Raises as `call` does, and AssertionError if
        the CSMS does not accept the id: then nothing is started.
        """
        energy = Decimal(str(kwh))
        if energy < 0:
            raise ValueError(f"a charge is of 0 kWh or more, not {kwh}")
        self._charges += 1
        if self.version is Version.OCPP16:
            return await self._charge16(energy, id_tag, connector)
        return await self._charge2x(energy, id_tag, connector)

    # --- inside -----------------------------------------------------------------------------------

    async def _dial(self, url: str) -> bool:
        """Connect, and see to the connection until it ends; return whether there was one."""
        if self._is_offline:
            return False
        pipe = MessagePipe(Role.STATION, config=_CONFIG)
        link = StationWebSocket(
            url,
            identity=self.identity,
            versions=[self.version],
            connection=pipe,
            websocket=_WEBSOCKET,
            password=self._password,
        )
        try:
            stream = await self._loop.dial(link.uri.host, link.uri.port)
        except OSError:
            return False
        try:
            await self._attend(stream, link, pipe)
        finally:
            await stream.close()
        return self._was_open

    def _time(self) -> str:
        moment = EPOCH + timedelta(seconds=self._loop.now() - self._started)
        return f"{moment:%Y-%m-%dT%H:%M:%S}Z"

    async def _ask(self, action: str, **members: Any) -> Any:
        """Call an action by its name; return the answer as JSON."""
        request: JsonObject = to_object(minimal(catalog(self.version)[action].request)) | members
        now = self._loop.now()
        call = self._connection.send_call(action, request, now=now, timeout=ANSWER_WITHIN)
        await self._flush()
        payload = await self._answer_to(call, ANSWER_WITHIN)
        return payload if isinstance(payload, dict) else to_object(payload)

    async def _charge16(self, energy: Decimal, tag: str, connector: int) -> Charge:
        status = {"connectorId": connector, "errorCode": "NoError"}
        await self._ask("StatusNotification", **status, status="Preparing")
        self._require_accepted(tag, (await self._ask("Authorize", idTag=tag))["idTagInfo"])
        answer = await self._ask(
            "StartTransaction",
            connectorId=connector,
            idTag=tag,
            meterStart=self._meter,
            timestamp=self._time(),
        )
        number = answer["transactionId"]
        await self._ask("StatusNotification", **status, status="Charging")
        self._meter += int(energy * 1000)
        value = {"timestamp": self._time(), "sampledValue": [{"value": str(self._meter)}]}
        await self._ask(
            "MeterValues", connectorId=connector, transactionId=number, meterValue=[value]
        )
        await self._ask(
            "StopTransaction",
            transactionId=number,
            idTag=tag,
            meterStop=self._meter,
            timestamp=self._time(),
        )
        await self._ask("StatusNotification", **status, status="Available")
        return Charge(number, energy)

    async def _charge2x(self, energy: Decimal, tag: str, connector: int) -> Charge:
        token = {"idToken": tag, "type": "ISO14443"}
        self._require_accepted(tag, (await self._ask("Authorize", idToken=token))["idTokenInfo"])
        number = f"{self.identity}-{self._charges}"[-36:]
        for sequence, (kind, reason) in enumerate(
            (
                ("Started", "Authorized"),
                ("Updated", "MeterValuePeriodic"),
                ("Ended", "StopAuthorized"),
            )
        ):
            if kind == "Updated":
                self._meter += int(energy * 1000)
            await self._ask(
                "TransactionEvent",
                eventType=kind,
                timestamp=self._time(),
                triggerReason=reason,
                seqNo=sequence,
                transactionInfo={"transactionId": number},
                evse={"id": connector, "connectorId": 1},
                idToken=token,
                meterValue=[{"timestamp": self._time(), "sampledValue": [{"value": self._meter}]}],
            )
        return Charge(number, energy)

    def _require_accepted(self, tag: str, info: JsonObject) -> None:
        if info["status"] != "Accepted":
            raise AssertionError(f"{quote(tag)} is {quote(info['status'])}\n{self.history}")


def _fits(request: Request[Any] | Unconfirmed, members: Mapping[str, Any]) -> bool:
    return all(getattr(request, name) == value for name, value in members.items())


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
