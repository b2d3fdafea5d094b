"""`IncomingCall`: a call of the peer's as its handler gets it, and the ways in which a handler may answer."""

from enum import Enum
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar, cast, overload

from msgspec import Struct

from ocpp_sansio.core import (
    CallError,
    CallReceived,
    CallResult,
    Config,
    ErrorCode,
    JsonObject,
    LocalProtocolError,
    Request,
    Response,
    SendReceived,
    Unconfirmed,
    Version,
    Violation,
    quote,
)
from ocpp_sansio.registration import Registration
from ocpp_sansio.session.context import ContextT_co
from ocpp_sansio.session.outcomes import Outcome

__all__ = [
    "DEFERRED",
    "Answer",
    "CallRejected",
    "Deferred",
    "IncomingCall",
    "Peer",
    "ResponseT",
    "answerable",
]


class Deferred(Enum):
    """The type of `DEFERRED`."""

    DEFERRED = "deferred"


DEFERRED: Final = Deferred.DEFERRED
"""What a handler returns that answers later, with `IncomingCall.reply`, `reply_error` or `forward_answer`."""

Answer: TypeAlias = Response | JsonObject | Deferred | None
"""What a handler that is registered by name may return; None only for a SEND, or after a `reply`."""


class CallRejected(Exception):  # noqa: N818 - a handler's way to say no, not a mishap
    """Raise it in a handler to answer with this CALLERROR."""

    def __init__(
        self, code: ErrorCode | str, description: str = "", details: JsonObject | None = None
    ) -> None:
        """Make one; `code` is an `ErrorCode` or its value. Raises ValueError for any other."""
        super().__init__(code, description, details)
        self.code = ErrorCode(code)
        self.description = description
        """For people; cut at 255 characters (E-5)."""
        self.details = details
        """A JSON object; {} on the wire if None."""


ResponseT = TypeVar("ResponseT", bound=Response)
"""The response that belongs to a request."""


class Peer(Protocol):
    """What a handler can do with its session. `ocpp_sansio.asyncio.Session` is one, and that of trio."""

    identity: str | None
    context: Any
    """A value of your own: see `ocpp_sansio.net.Admission`. `IncomingCall.context` is the typed way to it."""
    request: Any
    """The `ocpp_sansio.net.ConnectionRequest` that it came in with, on a server's side; else None."""

    @property
    def version(self) -> Version | None:
        """The version of the connection; None when not connected."""

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection."""
        ...

    @property
    def registration(self) -> Registration | None:
        """How far the station has come; None if nobody keeps that: see `SessionBase.registration`."""

    @property
    def last_heard(self) -> float | None:
        """When anything came from the peer last, in seconds of the loop's clock: see `NetSession.last_heard`.

        None where nothing has, and where the WebSocket is yours.
        """

    @property
    def latency(self) -> float | None:
        """Seconds from a ping to its pong, as last measured: see `NetSession.latency`; None likewise."""

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection: see `NetSession.close`; `SessionBase.close`, if the WebSocket is yours."""

    @property
    def config(self) -> Config:
        """The settings that it goes by."""
        ...

    @property
    def websocket(self) -> Any:
        """The `WebSocketConfig` that it goes by; None if the WebSocket is yours."""

    def configure(self, config: Config | None = None, *, websocket: Any = None) -> None:
        """Go by other settings from now on: see `SessionBase.configure` and `NetSession.configure`."""

    @overload
    async def call(
        self, request: Request[ResponseT], /, *, timeout: float | None = None
    ) -> ResponseT: ...

    @overload
    async def call(
        self,
        request: str,
        payload: Request[Any] | JsonObject | None = None,
        /,
        *,
        timeout: float | None = None,
    ) -> JsonObject: ...

    async def send_call(
        self,
        request: Request[Any] | str,
        payload: Request[Any] | JsonObject | None = None,
        *,
        timeout: float | None = None,
    ) -> Outcome:
        """See `SessionBase.send_call`."""
        ...

    async def send_unconfirmed(
        self, message: Unconfirmed | str, payload: JsonObject | None = None
    ) -> None:
        """See `SessionBase.send_unconfirmed`."""

    async def send_call_result(
        self, call: "IncomingCall", payload: Response | JsonObject, /
    ) -> None:
        """See `IncomingCall.reply`."""

    async def send_call_error(
        self,
        call: "IncomingCall",
        code: ErrorCode,
        description: str = "",
        details: JsonObject | None = None,
        /,
    ) -> None:
        """See `IncomingCall.reply_error`."""

    def forward_answer(self, call: "IncomingCall", frame: bytes, /) -> None:
        """See `IncomingCall.forward_answer`."""


class IncomingCall(Struct, Generic[ContextT_co], eq=False):
    """A call of the peer's, or a SEND of its: what a handler gets beside the payload.

    Annotated as `IncomingCall[Charger]`, its `context` is a `Charger` for type checkers.
    """

    event: CallReceived | SendReceived
    """The core's event."""
    session: Peer
    """The session that it came over: call back with `await call.session.call(...)`."""
    answer: CallResult | CallError | None = None
    """What it was answered with; None as long as it was not. `after` handlers can look here."""

    @property
    def context(self) -> ContextT_co:
        """The context of its session: what `authenticate` has put into the `Admission`; None if nothing."""
        return cast("ContextT_co", self.session.context)

    @property
    def action(self) -> str:
        """The action, such as "Heartbeat"."""
        return self.event.action

    @property
    def message_id(self) -> str:
        """The message's id."""
        return self.event.message_id

    @property
    def payload(self) -> Request[Response] | Unconfirmed | JsonObject:
        """The same as the handler's first argument."""
        return self.event.payload

    @property
    def violations(self) -> tuple[Violation, ...]:
        """What is wrong with the payload; empty unless validation is lenient."""
        return self.event.violations

    @property
    def data(self) -> bytes:
        """The whole message as it came."""
        return self.event.data

    @property
    def raw(self) -> JsonObject:
        """The payload as the JSON object that came, numbers exact: nothing dropped, nothing mended."""
        return self.event.raw

    @property
    def is_duplicate(self) -> bool:
        """Whether its id is that of one of the last calls you answered: perhaps a retry (I-3, I-7)."""
        return isinstance(self.event, CallReceived) and self.event.is_duplicate

    async def reply(self, payload: Response | JsonObject) -> None:
        """Answer the call; returns when the answer has been handed to the sender.

        Raises LocalProtocolError if it is answered already, if its connection is gone, if it is a SEND,
        or if the payload is invalid; ConnectionLost if the connection goes before the answer's turn;
        whatever the sender raises.
        """
        await self.session.send_call_result(self, payload)

    async def reply_error(
        self, code: ErrorCode, description: str = "", details: JsonObject | None = None
    ) -> None:
        """Refuse the call; otherwise like `reply`."""
        await self.session.send_call_error(self, code, description, details)

    def forward_answer(self, frame: bytes) -> None:
        """Answer the call with somebody else's CALLRESULT or CALLERROR, under the id of this call.

        For gateways between a station and who answers it, as `session.forward` is for its calls. The payload
        goes as it came, and is checked as that of `reply`. It does not wait until the sender has it.

        Raises LocalProtocolError for what is no answer, or none to this call, and as `reply` does.
        """
        self.session.forward_answer(self, frame)

    def __repr__(self) -> str:
        return f"<IncomingCall {quote(self.action)} {quote(self.message_id)}>"


def answerable(call: IncomingCall) -> CallReceived:
    """Return the event to answer; raises LocalProtocolError if the call came as a SEND (E-8)."""
    if not isinstance(call.event, CallReceived):
        raise LocalProtocolError(f"{quote(call.action)} came as a SEND, which is never answered")
    return call.event
