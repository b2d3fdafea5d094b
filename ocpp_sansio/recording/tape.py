"""`Tape`: a `Recorder` for live sessions, which costs them next to nothing.

Its lines are those of a `Recorder`, with what `replay` can do without left out: of an event, what the message
says that it is about. They are kept as they are, and written many at a time (`Recordings`).
"""

from collections.abc import Callable
from typing import Any, Final, Protocol

from msgspec import Raw, Struct
from msgspec.json import Decoder
from msgspec.structs import asdict

from ocpp_sansio.core import (
    Call,
    CallReceived,
    CallResult,
    CallResultReceived,
    Config,
    Connection,
    Event,
    Frame,
    JsonObject,
    Request,
    Response,
    Role,
    Version,
    write_json,
    write_payload,
)
from ocpp_sansio.recording.configs import write_config
from ocpp_sansio.recording.recorder import Recorder, bytes_of, describe, packed
from ocpp_sansio.recording.stand_ins import StandIns

__all__ = ["Reel", "Tape", "veiled"]

_TOLD_BY_MESSAGES: Final = {"payload", "data", "description", "details", "raw_code"}
"""Of an event, what the message before it says."""

CLOCK_EVERY: Final = 60.0
"""Seconds after which a line says again what time it is."""


class _Data(Struct, gc=False):
    """A message that came or went."""

    time: float
    what: str
    data: str


class _Heard(Struct, gc=False):
    """A message that came, and all that it meant."""

    time: float
    what: str
    data: str
    event: str


class _Said(Struct, gc=False, omit_defaults=True):
    """What was done, and the message that went because of that alone."""

    time: float
    what: str
    did: str
    data: str
    timeout: float | None = None


class _Event(Struct, gc=False):
    event: Any
    what: str = "event"


class _Deed(Struct, gc=False, omit_defaults=True):
    """What was done, where its message does not follow at once."""

    time: float
    what: str
    id: str
    payload: Raw
    action: str | None = None
    timeout: float | None = None


class _Doing(Struct, gc=False):
    """What was done last; how it is written depends on what is taken next."""

    time: float
    what: str
    message: Call | CallResult
    action: str
    body: bytes | None
    timeout: float | None = None


_PLAIN: Final = frozenset(
    {
        *("Authorize", "BootNotification", "Heartbeat", "MeterValues", "StartTransaction"),
        *("StatusNotification", "StopTransaction", "TransactionEvent"),
    }
)
"""Actions without a place for a secret, beside `customData`: if valid, they are not looked at."""

_CUSTOM: Final = "customData"


class Reel(Protocol):
    """What the lines of one file are gathered on, of one session or of several."""

    lines: list[Any]
    """Those that are not written yet; anything that can be JSON."""
    room: int
    """Bytes of messages that it takes before it is to be written."""
    due: float
    """When it is to be written, on the clock of the sessions."""
    last: object
    """Whose lines the last ones are."""
    is_on: bool
    """Whether it takes any more."""
    is_odd: bool
    """Whether what was gathered has to be looked at for secrets."""

    def begin(self, tape: "Tape") -> None:
        """Take note that a connection was made, before its first line."""

    def connected(self, tape: "Tape") -> None:
        """Take note that a connection is open: of what fails from now on, its session can be told."""

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
        "_has_custom_data",
        "_hearing",
        "_reel",
        "_wall",
        "complain",
        "identity",
        "last_time",
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
        self._clock_at = 0.0
        self._has_custom_data = True
        self._hearing: _Data | None = None  # what came last, until it is known what it means
        self._doing: _Doing | None = None
        self.session = session
        """Which of the sessions in a file it is."""
        self.identity = identity
        """Whose it is."""
        self.last_time = 0.0
        """When something happened last, on the clock of the session."""
        reel.begin(self)
        super().__init__(role, write=_nowhere, config=config)

    def head(self) -> dict[str, Any]:
        """Return what a reader has to know who begins here."""
        said = {
            "session": self.session,
            "identity": self.identity,
            "role": self.role,
            "version": self.version.value if self.version else None,
            "time": self.last_time,
            "wall": self._wall(),
            "config": write_config(self.config) or None,
        }
        return {name: value for name, value in said.items() if value is not None}

    # --- what happens all the time -------------------------------------------------------------------------

    def received(self, data: bytes | bytearray | memoryview | str, *, now: float) -> None:
        """See `Connection.received`."""
        Connection.received(self, data, now=now)
        if not self._reel.is_on:
            return
        if self._hearing or self._doing:
            self._spill()
        if now >= self._clock_at:
            self._tell_clock(now)
        try:
            text = data.decode() if isinstance(data, bytes) else bytes_of(data).decode()
        except UnicodeDecodeError:
            self._note("received", now, **packed(data))
        else:
            self._hearing = _Data(now, "received", text)

    def events(self) -> list[Event]:
        """See `Connection.events`."""
        events = Connection.events(self)
        if not (events and self._reel.is_on):
            return events
        heard = self._hearing
        action = _action_of(events[0]) if heard and len(events) == 1 else None
        if heard and action is not None:
            self._hearing, name = None, type(events[0]).__name__
            self._look_at(action, heard.data)
            self._append(
                _Heard(heard.time, "received", heard.data, name), heard.time, len(heard.data)
            )
            return events
        self._reel.is_odd = True  # broken messages may hold secrets where none are looked for
        for event in events:
            self._put(_Event(_brief(event)), self.last_time, 0)
        return events

    def frames_to_send(self) -> list[Frame]:
        """See `Connection.frames_to_send`."""
        frames = Connection.frames_to_send(self)
        if self._reel.is_on and frames:
            self._write_frames(frames)
        if not self.is_connected:
            self._spill()
            self._reel.end(self)
        return frames

    def _write_frames(self, frames: list[Frame]) -> None:
        done, frame = self._doing, frames[0]
        if done and len(frames) == 1 and frame.message is done.message and not self._hearing:
            self._doing = None
            text = frame.data.decode()
            self._look_at(done.action, text)
            self._append(
                _Said(done.time, "sent", done.what, text, done.timeout), done.time, len(text)
            )
            return
        now = self.last_time
        for frame in frames:
            self._put(_Data(now, "sent", frame.data.decode()), now, len(frame.data))

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
        call = Connection.send_call(
            self,
            request,  # type: ignore[arg-type]
            payload,  # type: ignore[arg-type]
            now=now,
            timeout=timeout,
            message_id=message_id,
        )
        self._do(_Doing(now, "call", call, call.action, None, timeout))
        return call

    def send_call_result(
        self, call: CallReceived, payload: Response | JsonObject, *, now: float
    ) -> CallResult:
        """See `Connection.send_call_result`."""
        answer = Connection.send_call_result(self, call, payload, now=now)
        self._do(_Doing(now, "result", answer, call.action, self._frames[-1].data))
        return answer

    def _do(self, doing: _Doing) -> None:
        if not self._reel.is_on:
            return
        if self._hearing or self._doing:
            self._spill()
        self.last_time = doing.time
        self._doing = doing

    def _look_at(self, action: str, text: str) -> None:
        """Have a message looked at for secrets, unless there is no place for one in it."""
        if action not in _PLAIN or (self._has_custom_data and _CUSTOM in text):
            self._reel.is_odd = True

    def _spill(self) -> None:
        """Write what waits as it would be without what was to follow."""
        heard, self._hearing = self._hearing, None
        done, self._doing = self._doing, None
        if not (heard or done):
            return
        self._reel.is_odd = True
        if heard:
            self._put(heard, heard.time, len(heard.data))
        if done:
            self._put(_deed(done), done.time, 0)

    # --- lines ---------------------------------------------------------------------------------------------

    def connected(self, version: Version | str, *, now: float) -> None:
        """See `Connection.connected`."""
        self._clock_at = now + CLOCK_EVERY
        super().connected(version, now=now)
        self._has_custom_data = self.version is not Version.OCPP16
        self._reel.connected(self)

    def _note(self, what: str, now: float | None, **more: Any) -> None:
        if not self._reel.is_on:
            return
        line = {"time": now, "what": what} | more
        if what == "made":
            line |= self.head()
        elif what == "connected":
            line["wall"] = self._wall()
        kept = {name: value for name, value in line.items() if value is not None}
        self._put(kept, self.last_time if now is None else now, len(more.get("base64", "")))

    def _tell_clock(self, now: float) -> None:
        self._clock_at = now + CLOCK_EVERY
        self._put({"time": now, "what": "clock", "wall": self._wall()}, now, 0)

    def _put(self, line: Any, now: float, size: int) -> None:
        if self._hearing or self._doing:
            self._spill()
        self._append(line, now, size)

    def _append(self, line: Any, now: float, size: int) -> None:
        reel = self._reel
        self.last_time = now
        if reel.last is not self:
            reel.turn_to(self)
        reel.lines.append(line)
        reel.room -= size + LINE
        if reel.room < 0 or now >= reel.due:
            reel.write(now)


LINE: Final = 80
"""Bytes of a line beside the message in it, about."""


def _nowhere(line: str) -> None:
    """Stand for the `write` of a `Recorder`, which is not used."""


def _action_of(event: Event) -> str | None:
    """Return the action of an event that says no more than its message does; None for any other event."""
    if isinstance(event, CallReceived):
        return None if event.violations or event.is_duplicate else event.action
    if isinstance(event, CallResultReceived):
        return None if event.violations else event.call.action
    return None


def _brief(event: Event) -> JsonObject:
    """Return what is recorded of an event: what the message that it is about does not say itself."""
    told = describe(event).items()
    return {name: value for name, value in told if name not in _TOLD_BY_MESSAGES}


def _deed(done: _Doing) -> _Deed:
    message = done.message
    if isinstance(message, Call):
        body = Raw(write_payload(message.payload))
        return _Deed(done.time, "call", message.message_id, body, message.action, done.timeout)
    head = len(write_json([3, message.message_id]))
    return _Deed(done.time, "result", message.message_id, Raw((done.body or b"")[head:-1]))


# --- without secrets -------------------------------------------------------------------------------------

_raw_elements = Decoder(list[Raw]).decode
_TEXTS: Final = ("description", "details")


def veiled(line: Any, stand_ins: StandIns) -> Any:
    """Return a line without the secrets in it; what it holds of a message is looked at as part of that."""
    told = line if isinstance(line, dict) else asdict(line)
    if "data" in told:
        return told | {"data": stand_ins.in_text(told["data"])}
    if told["what"] in ("call", "send"):
        return told | {"payload": _veiled_body([2, told["id"], told["action"]], told, stand_ins)}
    if told["what"] == "result":
        return told | {"payload": _veiled_body([3, told["id"]], told, stand_ins)}
    if told["what"] in ("error", "result_error"):
        return told | _veiled_error(told, stand_ins)
    return line


def _veiled_body(head: list[Any], told: dict[str, Any], stand_ins: StandIns) -> Raw:
    before = write_json(head)[:-1] + b","
    text = stand_ins.in_text((before + write_json(told["payload"]) + b"]").decode())
    return Raw(text.encode()[len(before) : -1])


def _veiled_error(told: dict[str, Any], stand_ins: StandIns) -> dict[str, Any]:
    error = [4, told["id"], told["code"], told.get("description", ""), told.get("details") or {}]
    elements = _raw_elements(stand_ins.in_text(write_json(error).decode()))
    return {name: elements[3 + i] for i, name in enumerate(_TEXTS) if name in told}
