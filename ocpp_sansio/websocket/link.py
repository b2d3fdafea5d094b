"""What both ends of a WebSocket connection have in common: everything but the handshake.

A link is one WebSocket connection as a machine without I/O: it is told of bytes and of the time, it gives
whole messages to its `Connection`, and it says which bytes are to be written. `websockets` reads and writes
the frames; here are the phases, the keep-alive, the limits and the order of events.
"""

from abc import ABC, abstractmethod
from math import inf
from typing import Any, cast

from msgspec.structs import replace
from websockets.exceptions import InvalidState
from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode
from websockets.protocol import Protocol, State

from ocpp_sansio.core import (
    Config,
    Connection,
    LocalProtocolError,
    ProtocolViolated,
    RemoteProtocolError,
    Role,
    Rule,
    Version,
)
from ocpp_sansio.websocket.closing import (
    ABNORMAL,
    GOING_AWAY,
    INTERNAL_ERROR,
    NORMAL,
    TOO_BIG,
    beginning_of_end,
    check_close,
    end_of,
)
from ocpp_sansio.websocket.fragments import PartialMessage
from ocpp_sansio.websocket.pipe import Inlet, MessagePipe
from ocpp_sansio.websocket.types import (
    PING_INTERVALS,
    Closed,
    EndedBy,
    Ending,
    HandshakeRejected,
    Opened,
    Phase,
    WebSocketConfig,
    WebSocketEvent,
)

__all__ = ["WebSocketLink"]

BINARY_SNIPPET = 1024
"""Bytes of a binary message that the event about it keeps."""

_SHAKING_HANDS = frozenset({Phase.NEW, Phase.HANDSHAKE, Phase.DECISION})
# By names of their own: for every message, looking them up in their classes takes long.
_OPEN = Phase.OPEN
_TEXT = Opcode.TEXT


class WebSocketLink(ABC):
    """One WebSocket connection, from the transport's opening to its end; see `ocpp_sansio.websocket`.

    `now`, wherever it is asked for, is any monotonic clock in seconds; an earlier value than before counts
    as the same moment.
    """

    __slots__ = (
        "_deadline",
        "_end",
        "_ending",
        "_events",
        "_handshake_size",
        "_heard_at",
        "_idle_at",
        "_latency",
        "_max_undrained",
        "_message",
        "_now",
        "_phase",
        "_ping_at",
        "_ping_left_at",
        "_pinged_at",
        "_protocol",
        "_settings",
        "_source",
        "connection",
    )

    def __init__(
        self,
        protocol: Protocol,
        role: Role,
        config: Config,
        settings: WebSocketConfig,
        connection: Connection | MessagePipe | Inlet | None,
    ) -> None:
        if connection is None:
            connection = Connection(role, config=config)
        elif connection.role is not role:
            raise ValueError(f"the connection is that of a {connection.role}, not of a {role}")
        self.connection = cast("Connection", connection)
        """The OCPP-J machine: act through it, but take its events and frames from here."""
        # Whatever has events, messages and timers of its own, to be asked for at every turn.
        self._source = None if isinstance(connection, Inlet) else self.connection
        self._protocol = protocol
        self._settings = settings
        self._max_undrained = self.connection.config.max_undrained
        self._phase = Phase.NEW
        self._now = -inf
        self._events: list[WebSocketEvent] = []
        self._deadline = inf  # of the handshake, later of the closing
        self._handshake_size = 0
        self._heard_at = -inf
        self._idle_at = inf
        self._ping_at = inf  # the next ping, or, while one is unanswered, the end of patience
        self._pinged_at: float | None = None  # of a ping after which nothing has come yet
        self._ping_left_at: float | None = None  # of one whose pong has not
        self._latency: float | None = None
        self._message: PartialMessage | None = None
        self._end: Closed | None = None
        self._ending: Ending | None = None

    # --- inputs: what the world did -------------------------------------------------------------------

    def start(self, *, now: float) -> None:
        """Begin: the transport is open.

        Raises LocalProtocolError if started before, or if the connection is in use.
        """
        if self._phase is not Phase.NEW:
            raise LocalProtocolError("a link serves one transport connection: make another")
        if self.connection.is_connected:
            raise LocalProtocolError("the connection still belongs to another link")
        self._pass_time(now)
        self._phase = Phase.HANDSHAKE
        self._deadline = self._now + self._settings.handshake_timeout

    def receive_data(self, data: bytes | bytearray, *, now: float) -> None:
        """Bytes came from the peer, cut anywhere.

        Never raises for what is in them. Raises LocalProtocolError when `Config.max_undrained` events or
        writes wait to be taken; nothing has changed then.
        """
        if self._source or self._events or self._protocol.writes:
            self._require_room()
        if self._phase is not _OPEN:
            self._receive_around_open(data, now)
            return
        self._pass_time(now)
        if not data:
            return
        self._heard_at = self._now
        self._feed(data)
        if self._pinged_at is not None and self._phase is _OPEN:
            self._schedule_ping(self._pinged_at)

    def _receive_around_open(self, data: bytes | bytearray, now: float) -> None:
        """Take bytes that come before the link is open, or after."""
        if self._phase is Phase.NEW:
            self.start(now=now)
        self._pass_time(now)
        if not data or self._phase is Phase.CLOSED:
            return
        self._heard_at = self._now
        if self._phase in _SHAKING_HANDS:
            self._receive_handshake(data)
        else:
            self._feed(data)

    def receive_eof(self, *, now: float) -> None:
        """Take note that the peer has hung up, or that the transport is lost. Idempotent."""
        self._pass_time(now)
        if self._phase in _SHAKING_HANDS:
            self._reject(None, "the peer hung up during the handshake")
        if self._phase is not Phase.CLOSED:
            self._abandon()

    def handle_timeout(self, *, now: float) -> None:
        """Time has passed. Early, late or repeated: harmless. May add events and bytes."""
        self._pass_time(now)
        if self._source:  # in every phase: it may wait for something that needs no link
            self._tell_heard()
            self._source.handle_timeout(now=self._now)
        if self._phase is Phase.OPEN:
            self._keep_alive()
        elif self._deadline > self._now:
            return
        elif self._phase is Phase.CLOSING:
            self._abandon(Closed(ABNORMAL, "the peer did not hang up"))
        else:
            self._run_out_of_handshake()

    # --- actions: what you want ------------------------------------------------------------------------

    def close(self, *, now: float, code: int = NORMAL, reason: str = "") -> None:
        """End the link: every unfinished call gets its outcome now, `Closed` follows. Idempotent.

        What was sent before leaves before. Raises LocalProtocolError for a code that may not be sent, and
        for a reason of more than 123 bytes in UTF-8.
        """
        check_close(code, reason)
        self._pass_time(now)
        if self._phase is Phase.OPEN:
            self._flush()
            self._protocol.send_close(code, reason)
            self._ending = self._ending or Ending(EndedBy.US, code, reason)
            self._begin_closing()
        elif self._phase in _SHAKING_HANDS:
            self._begin_closing()
            self._abandon(Closed(ABNORMAL, reason or "closed before it was open"))

    def send_message(self, data: bytes) -> None:
        """Send one whole message past the connection, which knows nothing of it: the way out of `serve`.

        It is text in UTF-8, and is written after what was sent before. It is dropped if the link is not open,
        or the peer has just closed it.
        """
        try:  # noqa: SIM105 - suppress() is two calls, and this runs for every message
            self._protocol.send_text(data)
        except InvalidState:
            pass

    def configure(self, settings: WebSocketConfig, *, now: float) -> None:
        """Go by other settings from now on, on a link that is open, too.

        The ping interval, the pong, idle and close timeouts count at once: the first ping of another
        interval leaves so long from now, 0 stops them, and with them the waiting for a pong; the idle timeout
        runs from when the peer was heard last. What is about the handshake has no effect once that is done.

        Raises LocalProtocolError for another `compression`, which the handshake agrees on.
        """
        self.check_settings(settings)
        self._pass_time(now)
        before, self._settings = self._settings, settings
        if self._phase is not Phase.OPEN:
            return
        self._idle_at = self._heard_at + (settings.idle_timeout or inf)
        interval = self._ping_interval(settings)
        if self._pinged_at is not None and interval:
            self._ping_at = self._pinged_at + settings.pong_timeout
        elif interval != self._ping_interval(before):
            self._schedule_ping(self._now)

    def check_settings(self, settings: WebSocketConfig) -> None:
        """Raise LocalProtocolError for settings that `configure` would refuse."""
        before, after = self._settings.compression, settings.compression
        if after is not before:
            raise LocalProtocolError(
                f"compression stays {before} on a link, it cannot become {after}: start from the settings "
                "that it has"
            )

    def change_ping_interval(self, seconds: float, *, now: float) -> None:
        """Follow a new `WebSocketPingInterval`, in seconds; 0 stops the pings (C-10).

        Raises ValueError for a negative one, which a station answers with Rejected.
        """
        self.configure(replace(self._settings, ping_interval=seconds), now=now)

    # --- outputs ---------------------------------------------------------------------------------------

    def events(self) -> list[WebSocketEvent]:
        """Return what has happened since the last call, the connection's events included, in order."""
        if self._source:
            self._collect()
        if not self._events:
            return []
        events, self._events = self._events, []
        return events

    def data_to_send(self) -> list[bytes]:
        """Return the bytes to write since the last call, in order; `b""`, the last, means half-close.

        Any input, any action and any `send_...` of the connection may add some.
        """
        if self._source:
            self._flush()
        return self._protocol.data_to_send()

    def next_timeout(self) -> float | None:
        """Return the moment by which `handle_timeout` wants to be called, on the caller's clock, or None.

        That of the connection is in it in every phase: a station may wait for its next boot without a link.
        Any input or action may change it, those of the connection included.
        """
        earliest = self._deadline
        if self._phase is _OPEN:
            earliest = self._ping_at if self._ping_at < self._idle_at else self._idle_at  # noqa: FURB136 - min() is a call
        calls = self._source.next_timeout() if self._source else None
        if calls is not None and calls < earliest:
            earliest = calls
        return None if earliest == inf else earliest

    @property
    def held(self) -> int:
        """Bytes of the peer's that wait for the rest of a frame or message, or for the handshake to end.

        For a budget over all links. It counts what they take up: each fragment more than its bytes, and the
        window of a compressed message that has begun.
        """
        size = len(self._protocol.reader.buffer)
        if self._message is not None:
            size += self._message.held(self._protocol)
        return size

    @property
    def phase(self) -> Phase:
        """Where the link stands."""
        return self._phase

    @property
    def ending(self) -> Ending | None:
        """How the end of the link has begun; None as long as it is open, and if it never was."""
        return self._ending

    def cut_off(self, reason: str) -> None:
        """Say why we are about to drop the transport without a close frame: it is no loss of the line."""
        if self._phase is _OPEN:
            self._ending = Ending(EndedBy.US, ABNORMAL, reason, is_fault=True)

    @property
    def settings(self) -> WebSocketConfig:
        """What it goes by: what it was made with, or the last `configure`."""
        return self._settings

    @property
    def heard_at(self) -> float | None:
        """When anything came last, in seconds of the caller's clock; None if nothing has."""
        return None if self._heard_at == -inf else self._heard_at

    @property
    def latency(self) -> float | None:
        """Seconds from a ping to the pong that came next, as last measured; None as long as none has come."""
        return self._latency

    @property
    def is_compressed(self) -> bool:
        """Whether messages may be compressed (C-9); known once the link is open."""
        return bool(self._protocol.extensions)

    # --- the handshake, which each side has its own part in ---------------------------------------------

    @abstractmethod
    def _receive_handshake(self, data: bytes | bytearray) -> None:
        """Take bytes that came before the link is open."""

    @abstractmethod
    def _handle_head(self, head: Any) -> None:
        """Take the peer's request or response."""

    def _run_out_of_handshake(self) -> None:
        self._hang_up("the handshake took too long")

    def _hang_up(self, reason: str) -> None:
        """End a handshake without an answer, and without waiting for the peer."""
        self._reject(None, reason)
        self._abandon()

    # --- bytes and frames --------------------------------------------------------------------------------

    def _feed(self, data: bytes | bytearray) -> None:
        protocol = self._protocol
        protocol.receive_data(data)
        connection = self.connection
        left = drain_every = self._max_undrained // 4 or 1
        event: Any = None
        for event in protocol.events_received():
            if not isinstance(event, WebSocketFrame):
                self._handle_head(event)
            elif self._phase is _OPEN:
                if event.opcode is _TEXT and event.fin:
                    connection.received(event.data, now=self._now)
                else:
                    self._receive_rest(event)
                left -= 1
                if not left:  # one chunk may bring more messages than the connection holds events
                    left = drain_every
                    self._collect()
                    self._flush()
        if event.__class__ is WebSocketFrame:
            # The protocol's parser keeps the last frame until the next one comes, which may take days.
            event.data = b""
        # The protocol answers a close at once, and sends one for whatever breaks RFC 6455.
        if self._phase is not _OPEN or protocol.close_sent:
            self._follow_protocol()
        if self._message is not None:
            most = connection.config.max_message_size
            if self._message.charge(len(data), max_message_size=most):
                self._fail(EndedBy.US, TOO_BIG, "a message in too many fragments")

    def _receive_rest(self, frame: WebSocketFrame) -> None:
        """Take a frame that is not a whole message of text."""
        opcode = frame.opcode
        if opcode is Opcode.TEXT or opcode is Opcode.BINARY:
            self._start_message(frame)
        elif opcode is Opcode.CONT:
            self._continue_message(frame)
        elif opcode is Opcode.PONG and self._ping_left_at is not None:
            self._latency = self._now - self._ping_left_at
            self._ping_left_at = None

    def _start_message(self, frame: WebSocketFrame) -> None:
        data = bytes(frame.data)
        if frame.opcode is Opcode.BINARY:
            self._report_binary(data)
        if frame.fin:
            self.connection.received(data, now=self._now)
        else:
            self._message = PartialMessage(data)

    def _continue_message(self, frame: WebSocketFrame) -> None:
        message = cast("PartialMessage", self._message)  # the protocol has checked the order
        message.add(bytes(frame.data))
        if frame.fin:
            self._message = None
            self.connection.received(message.join(), now=self._now)

    def _report_binary(self, data: bytes) -> None:
        """Say that the peer sends binary messages; they are read all the same (F-1)."""
        version = cast("Version", self.connection.version)
        error = RemoteProtocolError(
            "a binary message, where OCPP-J has text",
            rule=Rule.FRAME,
            code=self.connection.config.error_code(version, Rule.FRAME),
        )
        self._emit(ProtocolViolated(error, data[:BINARY_SNIPPET]))

    def _flush(self) -> None:
        if self._source and self._phase is _OPEN:
            for frame in self._source.frames_to_send():
                self.send_message(frame.data)

    def _collect(self) -> None:
        # Before and after it is open, the connection may be another link's; one that is nobody's may have
        # noticed something all the same, such as a store that fails while a station is offline (D-9).
        if self._source and (self._phase is _OPEN or not self.connection.is_connected):
            self._events += self._source.events()

    def _emit(self, event: WebSocketEvent) -> None:
        self._collect()
        self._events.append(event)

    def _require_room(self) -> None:
        self._collect()
        self._flush()
        limit = self._max_undrained
        if len(self._events) >= limit or len(self._protocol.writes) >= limit:
            raise LocalProtocolError(
                f"{limit} events or writes wait: call events(), data_to_send()"
            )

    # --- phases ----------------------------------------------------------------------------------------

    def _use_limits_of(self, config: Config) -> None:
        """Obey the limits of a connection's settings from here on."""
        self._protocol.max_message_size = config.max_message_size
        self._max_undrained = config.max_undrained

    def _open(self, version: Version) -> None:
        self._phase = Phase.OPEN
        self._use_limits_of(self.connection.config)
        self._deadline = inf
        self._heard_at = self._now
        self._idle_at = self._now + (self._settings.idle_timeout or inf)
        self._schedule_ping(self._now)
        self._emit(Opened(version))  # first: a connection may have something to say at once
        self.connection.connected(version, now=self._now)

    def _reject(self, status: int | None, reason: str) -> None:
        """Report that there will be no OCPP here, and wait for the peer to hang up."""
        self._end = Closed(ABNORMAL, reason)
        self._emit(HandshakeRejected(status, reason))
        self._begin_closing()

    def _begin_closing(self) -> None:
        if self._phase is Phase.OPEN:
            self._ending = self._ending or beginning_of_end(self._protocol)
            self.connection.disconnected(now=self._now)
            self._collect()
        self._phase = Phase.CLOSING
        self._deadline = self._now + self._settings.close_timeout
        self._message = None

    def _follow_protocol(self) -> None:
        """Take the consequences of what the protocol underneath made of the bytes."""
        if self._phase is _OPEN and self._protocol.state is not State.OPEN:
            self._begin_closing()
        if self._protocol.state is State.CLOSED:
            self._finish()

    def _fail(self, by: EndedBy, code: int, reason: str) -> None:
        """End an open link for a reason of ours, without waiting for a peer that may not be there."""
        is_fault = by is EndedBy.US
        self._ending = self._ending or Ending(by, code, reason, is_fault=is_fault)
        self._protocol.fail(code, reason)
        self._begin_closing()
        self._abandon(Closed(code, reason))

    def _abandon(self, end: Closed | None = None) -> None:
        """Stop listening; `end` is what to report, unless that is settled."""
        self._end = self._end or end
        self._protocol.receive_eof()
        self._follow_protocol()

    def _finish(self) -> None:
        self._emit(self._end or end_of(self._protocol))
        # An exception holds the frames of the code that it went through, and those what they were reading.
        self._protocol.parser_exc = None
        self._protocol.extensions = []
        self._phase = Phase.CLOSED
        self._deadline = inf

    # --- time ------------------------------------------------------------------------------------------

    def _tell_heard(self) -> None:
        """Tell a `Station` when anything came last, a pong included: its timeouts may go by that (T-14)."""
        heard = getattr(self._source, "heard", None)
        if heard and self._phase is _OPEN:
            heard(now=self._heard_at)

    def _pass_time(self, now: float) -> None:
        if now > self._now:  # noqa: PLR1730 - max() is a call, and this runs for every message
            self._now = now

    def _keep_alive(self) -> None:
        settings = self._settings
        if self._idle_at <= self._now:
            self._idle_at = self._heard_at + settings.idle_timeout
        if self._idle_at <= self._now:
            reason = f"nothing came for {settings.idle_timeout:g} s"
            self._fail(EndedBy.TIMEOUT, GOING_AWAY, reason)
        elif self._ping_at > self._now:
            return
        elif self._pinged_at is not None:
            reason = f"no answer to a ping in {settings.pong_timeout:g} s"
            self._fail(EndedBy.TIMEOUT, INTERNAL_ERROR, reason)
        else:
            self._flush()
            self._protocol.send_ping(b"")
            self._pinged_at = self._now
            if self._ping_left_at is None:
                self._ping_left_at = self._now
            self._ping_at = self._now + settings.pong_timeout

    def _schedule_ping(self, last: float) -> None:
        self._pinged_at = None
        interval = self._ping_interval(self._settings)
        self._ping_at = max(last + interval, self._now) if interval else inf

    def _ping_interval(self, settings: WebSocketConfig) -> float:
        interval = settings.ping_interval
        return PING_INTERVALS[self.connection.role] if interval is None else interval
