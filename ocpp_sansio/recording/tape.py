"""`Tape`: a `Recorder` for live sessions, which costs them next to nothing.

Its lines are those of a `Recorder`, with what `replay` can do without left out: of an event, what the message
says that it is about. They are kept as they are, and written many at a time (`Recordings`).
"""

from collections.abc import Callable, Iterator
from math import inf
from typing import Any, Final, Protocol

from msgspec import Raw, Struct
from msgspec.json import Decoder
from msgspec.structs import asdict

from ocpp_sansio.core import (
    Call,
    CallError,
    CallReceived,
    CallResult,
    CallResultReceived,
    Config,
    Connection,
    Event,
    ForeignCall,
    ForeignFrame,
    Frame,
    JsonObject,
    Payload,
    Request,
    Role,
    Validation,
    Version,
    write_json,
    write_payload,
)
from ocpp_sansio.recording.configs import write_config
from ocpp_sansio.recording.recorder import Recorder, bytes_of, describe, packed
from ocpp_sansio.recording.stand_ins import StandIns

__all__ = ["Reel", "Tape", "lines_of", "text_of", "veiled", "with_text"]

_TOLD_BY_MESSAGES: Final = {"payload", "data", "description", "details", "raw_code"}
"""Of an event, what the message before it says."""

CLOCK_EVERY: Final = 60.0
"""Seconds after which a line says again what time it is."""


class _Heard(Struct, gc=False, tag_field="what", tag="received"):
    """A message that came, and nothing was wrong with it."""

    time: float
    message: Raw


class _Said(Struct, gc=False, omit_defaults=True, tag_field="what", tag="sent"):
    """A call or an answer that was made, and went at once."""

    time: float
    message: Raw
    did: str = ""
    """What was done, if it is not to be seen from the message."""
    timeout: float | None = None


class _Doing(Struct, gc=False):
    """The call that was made last; how it is written depends on what is taken next."""

    time: float
    call: Call
    timeout: float | None = None
    forwarded: bytes | None = None
    """Somebody else's message that it passes on, if it does."""


_PLAIN: Final = frozenset(
    {
        *("Authorize", "BootNotification", "Heartbeat", "MeterValues", "StartTransaction"),
        *("StatusNotification", "StopTransaction", "TransactionEvent"),
    }
)
"""Actions without a place for a secret, beside `customData`: if valid, they are not looked at."""

_LF, _CR = b"\n\r"


class Reel(Protocol):
    """What the lines of one file are gathered on, of one session or of several."""

    exchanges: list[Any]
    """What came last of calls and their answers, four items each: see `lines_of`."""
    room: int
    """Bytes of messages that it takes before it is to be written."""
    due: float
    """When it is to be written, on the clock of the sessions."""
    last: "Tape | None"
    """Whose lines the last ones are."""
    is_on: bool
    """Whether it takes any more."""
    is_odd: bool
    """Whether what was gathered has to be looked at for secrets."""

    def begin(self, tape: "Tape") -> None:
        """Take note that a connection was made, before its first line."""

    def connected(self, tape: "Tape") -> None:
        """Take note that a connection is open: of what fails from now on, its session can be told."""

    def add(self, line: Any) -> None:
        """Take a line: anything that can be JSON."""

    def turn_to(self, tape: "Tape") -> None:
        """Say that the lines that follow are those of another session than the last."""

    def write(self, now: float) -> None:
        """Write what was gathered. Never raises."""

    def end(self, tape: "Tape") -> None:
        """Write what was gathered, for nothing may follow. Never raises."""


class Tape(Recorder):
    """A `Connection` whose life is gathered on a `Reel`."""

    __slots__ = (
        "_clock_at",
        "_doing",
        "_heard_at",
        "_hearing",
        "_is_clean",
        "_is_odd",
        "_reel",
        "_short",
        "_told",
        "_wall",
        "complain",
        "identity",
        "session",
    )

    def __init__(
        self,
        role: Role,
        *,
        config: Config,
        reel: Reel,
        session: str,
        identity: str | None,
        wall: Callable[[], float],
        complain: Callable[[str], object],
    ) -> None:
        """Begin to record; `wall` counts from 1970, `complain` is told why nothing is recorded any more."""
        self._reel = reel
        self._wall = wall
        self.complain = complain
        """Told, while there is a connection, why nothing is recorded any more."""
        self._clock_at = inf
        self._hearing: Any = None  # the bytes that came last, until it is known what they mean
        self._heard_at = 0.0
        self._doing: _Doing | None = None
        self._is_clean = False  # whether it is a call that says all itself
        self._told = 0  # of the frames that wait, those whose answers are written already
        self._short = _short_way(config)  # the events that need no line, if all is right with them
        self._is_odd = False  # whether an unanswered call may hold a secret, and so its answer
        self.session = session
        """Which of the sessions in a file it is."""
        self.identity = identity
        """Whose it is."""
        reel.begin(self)
        super().__init__(role, write=_nowhere, config=config)

    def head(self) -> JsonObject:
        """Return what a reader has to know who begins here, the time of day included."""
        self._clock_at = self._time() + CLOCK_EVERY
        said = {
            "session": self.session,
            "identity": self.identity,
            "role": self.role,
            "version": self.version.value if self.version else None,
            "time": self._time(),
            "wall": self._wall(),
            "config": write_config(self.config) or None,
        }
        return {name: value for name, value in said.items() if value is not None}

    @property
    def may_be_custom(self) -> bool:
        """Whether there may be `customData` in its messages, in which anything may stand."""
        return self.version is not Version.OCPP16 or self.config.validation != Validation.STRICT

    # --- what happens all the time -------------------------------------------------------------------------
    #
    # What it costs is the bytecode that runs for each message: so what the parent would do in a line is done
    # here, an answer needs no step of its own, and all that can wait is done for many lines at once (`Reel`).

    def received(self, data: bytes | bytearray | memoryview | str, *, now: float) -> None:
        """See `Connection.received`."""
        if self._hearing is not None:
            self.spill()
        codec = self._codec
        if codec is None or self._events or self._frames or type(data) is not bytes:
            self._receive_otherwise(data, now)
            return
        self._pass_time(now)
        self._take(codec, data)
        self._hearing = data
        self._heard_at = now

    def events(self) -> list[Event]:
        """See `Connection.events`."""
        events, self._events = self._events, []
        if not events:
            return events
        event: Any = events[0]
        if (
            event.__class__ is not self._short
            or event.violations
            or event.is_duplicate
            or self._hearing is None
            or len(events) > 1
        ):
            self._note_events(events)
            return events
        self._is_clean = True
        if event.action not in _PLAIN:
            self._is_odd = True
        return events

    def frames_to_send(self) -> list[Frame]:
        """See `Connection.frames_to_send`."""
        frames, self._frames = self._frames, []
        if (
            not self._is_clean
            or len(frames) != 1
            or (frame := frames[0]).message.__class__ is not CallResult
        ):
            self._note_frames(frames)
            return frames
        reel, heard, said, now = self._reel, self._hearing, frame.data, self._heard_at
        self._hearing, self._is_clean = None, False
        if self._is_odd:
            reel.is_odd = True
            self._is_odd = bool(self._inbound.unanswered)
        if reel.last is not self:
            reel.turn_to(self)
        reel.exchanges += (now, heard, self._now, said)
        reel.room = room = reel.room - len(heard) - len(said) - TWO_LINES
        if room < 0 or now >= reel.due:
            reel.write(now)
        return frames

    send_call_result = Connection.send_call_result  # told by its frame, once that is taken

    def send_call(  # the parent's overloads, in one
        self,
        request: Request[Any] | str,
        payload: Request[Any] | JsonObject | None = None,
        *,
        now: float,
        timeout: float | None = None,
        message_id: str | None = None,
    ) -> Call:
        """See `Connection.send_call`."""
        self.spill()
        call = Connection.send_call(
            self,
            request,  # type: ignore[arg-type]
            payload,  # type: ignore[arg-type]
            now=now,
            timeout=timeout,
            message_id=message_id,
        )
        self._doing = _Doing(now, call, timeout)
        return call

    def forward_call(
        self,
        frame: ForeignFrame,
        *,
        now: float,
        timeout: float | None = None,
    ) -> Call:
        """See `Connection.forward_call`."""
        asked = ForeignCall.of(frame)
        self.spill()
        call = Connection.forward_call(self, asked, now=now, timeout=timeout)
        self._doing = _Doing(now, call, timeout, asked.data)
        return call

    def forward_answer(
        self, call: CallReceived, frame: bytes | bytearray | memoryview | str, *, now: float
    ) -> CallResult | CallError:
        """See `Connection.forward_answer`."""
        answer = super().forward_answer(call, frame, now=now)
        # By a line of its own: it may be spelled as we spell nothing.
        self._told = len(self._frames)
        return answer

    # --- what happens now and then -------------------------------------------------------------------------

    def connected(self, version: Version | str, *, now: float) -> None:
        """See `Connection.connected`."""
        self._clock_at = now + CLOCK_EVERY
        super().connected(version, now=now)
        self._reel.connected(self)

    def _receive_otherwise(self, data: bytes | bytearray | memoryview | str, now: float) -> None:
        """Receive what is not the next message, as bytes, of a connection whose outputs were all taken."""
        self.spill()
        Connection.received(self, data, now=now)
        if self._told:  # whose frames wait: the answer that is taken next need not be that to this
            self._put_message("received", now, bytes_of(data))
        else:
            self._hearing, self._heard_at = bytes_of(data), now

    def _before(self) -> None:
        """See `Recorder._before`."""
        self.spill()

    def configure(self, config: Config, *, now: float) -> None:
        """See `Connection.configure`."""
        super().configure(config, now=now)
        self._short = _short_way(config)

    def spill(self) -> None:
        """Write what waits for what follows from it, as it is without that."""
        heard, self._hearing = self._hearing, None
        if heard is not None and self._is_clean:
            line = _heard_line(self._heard_at, heard)
            self._wind(line, self._heard_at, len(heard), is_odd=self._is_odd)
        elif heard is not None:
            self._put_message("received", self._heard_at, heard)
        self._is_clean = False
        done, self._doing = self._doing, None
        if done is not None:
            self._put(_deed(done), done.time)
        for now, frame in self._answers(self._frames[self._told :]):
            if now is not None:
                self._put(_result_deed(now, frame), now)
        self._told = len(self._frames)

    def _note_events(self, events: list[Event]) -> None:
        event: Any = events[0]
        heard = self._hearing
        if (
            len(events) == 1
            and isinstance(event, CallResultReceived)
            and not event.violations
            and self._short
            and heard is not None
        ):
            self._hearing = None
            line = _heard_line(self._heard_at, heard)
            self._wind(line, self._heard_at, len(heard), is_odd=_is_odd(event.call, event.payload))
            return
        self.spill()
        for event in events:
            self._put({"what": "event", "event": _brief(event)}, self._now)

    def _note_frames(self, frames: list[Frame]) -> None:
        if not frames:
            if self._codec is None:
                self.spill()
                self._reel.end(self)
            return
        done, told = self._doing, self._told
        self._told = 0
        data = frames[0].data
        if (
            done
            and len(frames) == 1
            and frames[0].message is done.call
            and self._hearing is None
            and _is_embeddable(data)
        ):
            self._doing = None
            did = "forward" if done.forwarded else ""
            line = _Said(done.time, Raw(data), did, done.timeout)
            self._wind(line, done.time, len(data), is_odd=_is_odd(done.call, done.call.payload))
            return
        self.spill()
        if len(frames) == 1 and not told and isinstance(frames[0].message, CallResult):
            self._wind(_Said(self._now, Raw(data)), self._now, len(data), is_odd=self._is_odd)
            self._is_odd = bool(self._inbound.unanswered)
            return
        for frame in frames[:told]:
            self._put_message("sent", self._now, frame.data)
        for now, frame in self._answers(frames[told:]):
            if now is None:
                self._put_message("sent", self._now, frame.data)
            else:
                self._put_message("sent", now, frame.data, did="result")

    def _answers(self, frames: list[Frame]) -> Iterator[tuple[float | None, Frame]]:
        """Yield each frame and when it was made by `send_call_result`, None if it was not."""
        is_answer = [isinstance(frame.message, CallResult) for frame in frames]
        for i, frame in enumerate(frames):
            # The time that passed between two answers may have let a call go that waited for its turn.
            now = self._now if all(is_answer[i:]) else self._heard_at
            yield now if is_answer[i] else None, frame

    def _note(self, what: str, now: float | None, **more: Any) -> None:
        line = {"time": now, "what": what} | more
        if what == "made":
            line |= self.head()
        elif what == "connected":
            line["wall"] = self._wall()
        kept = {name: value for name, value in line.items() if value is not None}
        self._put(kept, self._time() if now is None else now)

    def _put_message(self, what: str, now: float, data: bytes, **more: Any) -> None:
        self._put({"time": now, "what": what} | more | packed(data), now, len(data))

    def _put(self, line: Any, now: float, size: int = 0) -> None:
        """Have a line written of which nobody has said that there is no secret in it."""
        self._wind(line, now, size, is_odd=True)

    def _wind(self, line: Any, now: float, size: int, *, is_odd: bool) -> None:
        reel = self._reel
        reel.is_odd = reel.is_odd or is_odd
        if reel.last is not self:
            reel.turn_to(self)
        reel.add(line)
        reel.room -= size + TWO_LINES // 2
        if reel.room < 0 or now >= reel.due:
            reel.write(now)

    def tell_clock(self, now: float) -> JsonObject | None:
        """Return a line that says what time it is, if the last one is some time ago."""
        if now < self._clock_at:
            return None
        self._clock_at = now + CLOCK_EVERY
        return {"time": now, "what": "clock", "wall": self._wall()}

    def _time(self) -> float:
        return 0.0 if self._now == -inf else self._now


TWO_LINES: Final = 160
"""Bytes of two lines beside the messages in them, about."""


def _is_odd(call: Call, payload: Any) -> bool:
    """Whether there may be a secret in a message; somebody else's, which has no type, was not checked."""
    return call.action not in _PLAIN or not isinstance(payload, Payload)


def _short_way(config: Config) -> type[CallReceived] | None:
    """Return `CallReceived` unless something may be wrong with a message of which nothing is said."""
    validation = config.validation
    modes = [validation] if isinstance(validation, str) else validation.values()
    return None if Validation.OFF in modes else CallReceived


def lines_of(exchanges: list[Any]) -> list[Any]:
    """Return the lines of exchanges: of each the time, the call, the time of its answer, the answer."""
    lines: list[Any] = []
    for i in range(0, len(exchanges), 4):
        heard_at, heard, said_at, said = exchanges[i : i + 4]
        lines += (_heard_line(heard_at, heard), _Said(said_at, Raw(said)))
    return lines


def text_of(exchanges: list[Any]) -> bytes | None:
    """Return the text of `lines_of(exchanges)`; None if a call cannot stand in its line as it is.

    There is no step for each: what bytecode costs, it costs for thousands of messages a second.
    """
    if not exchanges:
        return b""
    calls = exchanges[1::4]
    together = b"".join(calls)
    if _LF in together or _CR in together or list(map(bytes.strip, calls)) != calls:
        return None
    pieces = _PIECES * len(calls)
    pieces[1::4] = write_json(exchanges[0::2])[1:-1].split(b",")
    pieces[3::4] = exchanges[1::2]
    return b"".join(pieces)[len(_END) :] + _END


_END: Final = b"}\n"
_PIECES: Final = [
    *(b'}\n{"what":"received","time":', b"", b',"message":', b""),
    *(b'}\n{"what":"sent","time":', b"", b',"message":', b""),
]


def _heard_line(now: float, message: bytes) -> Any:
    line = _Heard(now, Raw(message))
    return line if _is_embeddable(message) else with_text(line)


def _is_embeddable(message: bytes) -> bool:
    """Whether a message that is JSON can stand in a line as it is, and be found there again."""
    return (
        message.strip() is message  # what stands around it would not be found again
        and _LF not in message
        and _CR not in message
    )


def _nowhere(line: str) -> None:
    """Stand for the `write` of a `Recorder`, which is not used."""


def _brief(event: Event) -> JsonObject:
    """Return what is recorded of an event: what the message that it is about does not say itself."""
    told = describe(event).items()
    return {name: value for name, value in told if name not in _TOLD_BY_MESSAGES}


def _deed(done: _Doing) -> JsonObject:
    call, timeout = done.call, {} if done.timeout is None else {"timeout": done.timeout}
    if done.forwarded is not None:
        told = {"time": done.time, "what": "forward", "id": call.message_id}
        return told | packed(done.forwarded) | timeout
    told = {"time": done.time, "what": "call", "id": call.message_id, "action": call.action}
    return told | {"payload": Raw(write_payload(call.payload))} | timeout


def _result_deed(now: float, frame: Frame) -> JsonObject:
    message_id = frame.message.message_id
    body = frame.data[len(write_json([3, message_id])) : -1]
    return {"time": now, "what": "result", "id": message_id, "payload": Raw(body)}


# --- without secrets -------------------------------------------------------------------------------------

_raw_elements = Decoder(list[Raw]).decode
_TEXTS: Final = ("description", "details")
_MEANING: Final = {2.0: CallReceived.__name__, 3.0: CallResultReceived.__name__}


def veiled(line: Any, stand_ins: StandIns) -> JsonObject:
    """Return a line without the secrets in it; what it holds of a message is looked at as part of that."""
    told = _as_members(line)
    if "message" in told:
        text = stand_ins.in_text(bytes(told["message"]).decode())
        return told | {"message": Raw(text.encode())}
    if "data" in told:
        return told | {"data": stand_ins.in_text(told["data"])}
    if told["what"] in ("call", "send"):
        return told | {"payload": _veiled_body([2, told["id"], told["action"]], told, stand_ins)}
    if told["what"] == "result":
        return told | {"payload": _veiled_body([3, told["id"]], told, stand_ins)}
    if told["what"] in ("error", "result_error"):
        return told | _veiled_error(told, stand_ins)
    return told


def _as_members(line: Any) -> JsonObject:
    """Return a line as what it says, by name."""
    if isinstance(line, dict):
        return line
    what = "received" if isinstance(line, _Heard) else "sent"
    told = {"what": what, **asdict(line)}
    return {name: value for name, value in told.items() if value is not None}


def with_text(line: Any) -> JsonObject:
    """Return a line with its message as a text: it would not be one line otherwise, or not the same."""
    told = _as_members(line)
    if "message" not in told:
        return told
    message = bytes(told.pop("message"))
    if told["what"] == "received":  # what it meant is not to be seen where it is not as it was
        told["event"] = _MEANING[float(bytes(_raw_elements(message)[0]))]
    return told | packed(message)


def _veiled_body(head: list[Any], told: dict[str, Any], stand_ins: StandIns) -> Raw:
    before = write_json(head)[:-1] + b","
    text = stand_ins.in_text((before + write_json(told["payload"]) + b"]").decode())
    return Raw(text.encode()[len(before) : -1])


def _veiled_error(told: dict[str, Any], stand_ins: StandIns) -> dict[str, Any]:
    error = [4, told["id"], told["code"], told.get("description", ""), told.get("details") or {}]
    elements = _raw_elements(stand_ins.in_text(write_json(error).decode()))
    return {name: elements[3 + i] for i, name in enumerate(_TEXTS) if name in told}
