"""`Recorder`: a `Connection` that writes down all it is told and all it says; `replay` tells it to another.

    with open("session.jsonl", "w") as log:
        connection = Recorder(Role.CSMS, write=log.write)
        ...

    with open("session.jsonl") as log:
        replay(log).verify()                # a problem from the field is now a test

One JSON object a line: `time` in the seconds of your clock, `what` happened, and what belongs to it. The
texts of messages are in it whole: a recording is as confidential as the session was.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import attrs
import msgspec

from ocpp_sansio.core import (
    Call,
    CallError,
    CallReceived,
    CallResult,
    CallResultReceived,
    Config,
    Connection,
    ErrorCode,
    Event,
    Frame,
    JsonObject,
    Payload,
    RemoteProtocolError,
    Request,
    Response,
    Role,
    Unconfirmed,
    Version,
    Violation,
    to_object,
)
from ocpp_sansio.testing.shapes import write_json

__all__ = ["Recorder", "Replay", "describe", "replay"]

_DEFAULT_CONFIG: Final = Config()


class Recorder(Connection):
    """A `Connection` whose whole life goes to `write`, one line of JSON at a time.

    What it refuses with LocalProtocolError never happened, and is not written.
    """

    __slots__ = ("_write",)

    def __init__(
        self, role: Role, *, write: Callable[[str], object], config: Config = _DEFAULT_CONFIG
    ) -> None:
        """Begin to record; `write` takes text, newline included, such as the `write` of an open file."""
        super().__init__(role, config=config)
        self._write = write
        self._note("made", None, role=role)

    def connected(self, version: Version | str, *, now: float) -> None:
        """See `Connection.connected`."""
        super().connected(version, now=now)
        self._note("connected", now, version=Version.parse(version).value)

    def received(self, data: bytes | bytearray | memoryview | str, *, now: float) -> None:
        """See `Connection.received`."""
        super().received(data, now=now)
        self._note("received", now, **_packed(data))

    def handle_timeout(self, *, now: float) -> None:
        """See `Connection.handle_timeout`."""
        super().handle_timeout(now=now)
        self._note("handle_timeout", now)

    def disconnected(self, *, now: float) -> None:
        """See `Connection.disconnected`."""
        super().disconnected(now=now)
        self._note("disconnected", now)

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
        call = super().send_call(
            request,  # type: ignore[arg-type]
            payload,  # type: ignore[arg-type]
            now=now,
            timeout=timeout,
            message_id=message_id,
        )
        body = to_object(call.payload)
        self._note(
            "call", now, id=call.message_id, action=call.action, payload=body, timeout=timeout
        )
        return call

    def withdraw(self, call: Call, *, now: float) -> bool:
        """See `Connection.withdraw`."""
        was_withdrawn = super().withdraw(call, now=now)
        self._note("withdraw", now, id=call.message_id)
        return was_withdrawn

    def send_failed(self, call: Call, *, now: float) -> bool:
        """See `Connection.send_failed`."""
        was_in_flight = super().send_failed(call, now=now)
        self._note("send_failed", now, id=call.message_id)
        return was_in_flight

    def send_call_result(
        self, call: CallReceived, payload: Response | JsonObject, *, now: float
    ) -> CallResult:
        """See `Connection.send_call_result`."""
        answer = super().send_call_result(call, payload, now=now)
        self._note("result", now, id=call.message_id, payload=to_object(payload))
        return answer

    def send_call_error(
        self,
        call: CallReceived,
        code: ErrorCode,
        description: str = "",
        details: JsonObject | None = None,
        *,
        now: float,
    ) -> CallError:
        """See `Connection.send_call_error`."""
        error = super().send_call_error(call, code, description, details, now=now)
        said = {"code": code, "description": description, "details": details}
        self._note("error", now, id=call.message_id, **said)
        return error

    def send_unconfirmed(
        self,
        message: Unconfirmed | str,
        payload: JsonObject | None = None,
        *,
        now: float,
        message_id: str | None = None,
    ) -> None:
        """See `Connection.send_unconfirmed`."""
        message_id = self.config.new_message_id() if message_id is None else message_id
        super().send_unconfirmed(message, payload, now=now, message_id=message_id)
        action = message if isinstance(message, str) else message.action
        body = to_object((payload or {}) if isinstance(message, str) else message)
        self._note("send", now, id=message_id, action=action, payload=body)

    def send_call_result_error(
        self,
        result: CallResultReceived,
        code: ErrorCode,
        description: str = "",
        details: JsonObject | None = None,
        *,
        now: float,
    ) -> None:
        """See `Connection.send_call_result_error`."""
        super().send_call_result_error(result, code, description, details, now=now)
        error = {"code": code, "description": description, "details": details}
        self._note("result_error", now, id=result.call.message_id, **error)

    def events(self) -> list[Event]:
        """See `Connection.events`."""
        events = super().events()
        for event in events:
            self._note("event", None, event=describe(event))
        return events

    def frames_to_send(self) -> list[Frame]:
        """See `Connection.frames_to_send`."""
        frames = super().frames_to_send()
        for frame in frames:
            self._note("sent", None, **_packed(frame.data))
        return frames

    def _note(self, what: str, now: float | None, **more: Any) -> None:
        line = {"time": now, "what": what} | more
        kept = {name: value for name, value in line.items() if value is not None}
        # ASCII alone: no encoding of a file can harm it, and no odd line separator can break a line.
        self._write(_BEYOND_ASCII.sub(_escaped, write_json(kept).decode()) + "\n")


# --- replay ---------------------------------------------------------------------------------------


@attrs.define
class Replay:
    """What came of telling a recording to a fresh `Connection`."""

    connection: Connection
    """As it stands at the end of the recording."""
    events: list[Event] = attrs.field(factory=list)
    """What it noticed."""
    frames: list[Frame] = attrs.field(factory=list)
    """What it sent."""
    recorded_events: list[JsonObject] = attrs.field(factory=list)
    """What was noticed then, as `describe` tells it."""
    recorded_frames: list[bytes] = attrs.field(factory=list)
    """What was sent then."""

    def verify(self) -> None:
        """Raise AssertionError, naming the first difference, unless all came out as it did then."""
        _compare("event", self.recorded_events, [_plain(describe(event)) for event in self.events])
        _compare("frame", self.recorded_frames, [frame.data for frame in self.frames])


def replay(lines: Iterable[str], *, config: Config = _DEFAULT_CONFIG) -> Replay:
    """Tell a recording to a fresh `Connection`; `config` should be that of the recording.

    Raises ValueError, with the number of the line, for what is no recording.
    """
    story: Replay | None = None
    teller: _Teller | None = None
    for number, line in enumerate(lines, 1):
        try:
            told = _read(line)
            if told["what"] == "made":
                story = Replay(Connection(Role(told["role"]), config=config))
                teller = _Teller(story)
            elif teller is None:
                raise ValueError('a recording begins with "made"')  # noqa: TRY301 - told below
            else:
                teller.tell(told)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"line {number} is not a recording's: {error!r}") from error
    if story is None:
        raise ValueError("there is nothing in this recording")
    return story


class _Teller:
    """Does to a `Connection` what each line says."""

    def __init__(self, story: Replay) -> None:
        self._story = story
        self._calls: dict[str, Call] = {}
        self._received: dict[str, CallReceived] = {}
        self._results: dict[str, CallResultReceived] = {}

    def tell(self, told: Mapping[str, Any]) -> None:
        connection, now = self._story.connection, float(told.get("time", 0))
        match told["what"]:
            case "event":
                self._story.recorded_events.append(told["event"])
            case "sent":
                self._story.recorded_frames.append(_unpacked(told))
                # Taken when they were taken then: a frame that nobody took has not left (S-11).
                self._story.frames += connection.frames_to_send()
            case "connected":
                connection.connected(told["version"], now=now)
            case "received":
                connection.received(_unpacked(told), now=now)
            case "handle_timeout":
                connection.handle_timeout(now=now)
            case "disconnected":
                connection.disconnected(now=now)
            case _:
                self._act(told, now)
        self._take_events()

    def _act(self, told: Mapping[str, Any], now: float) -> None:
        connection, key = self._story.connection, told["id"]
        error = (told.get("description", ""), told.get("details"))
        match told["what"]:
            case "call":
                self._calls[key] = connection.send_call(
                    told["action"],
                    told["payload"],
                    now=now,
                    timeout=told.get("timeout"),
                    message_id=key,
                )
            case "withdraw":
                connection.withdraw(self._calls[key], now=now)
            case "send_failed":
                connection.send_failed(self._calls[key], now=now)
            case "result":
                connection.send_call_result(self._received[key], told["payload"], now=now)
            case "error":
                code = ErrorCode(told["code"])
                connection.send_call_error(self._received[key], code, *error, now=now)
            case "send":
                payload = told["payload"]
                connection.send_unconfirmed(told["action"], payload, now=now, message_id=key)
            case "result_error":
                code = ErrorCode(told["code"])
                connection.send_call_result_error(self._results[key], code, *error, now=now)
            case unknown:
                raise ValueError(f"nothing is known of {unknown!r}")

    def _take_events(self) -> None:
        for event in self._story.connection.events():
            self._story.events.append(event)
            if isinstance(event, CallReceived):
                self._received[event.message_id] = event
            elif isinstance(event, CallResultReceived):
                self._results[event.call.message_id] = event


def describe(event: Event) -> JsonObject:
    """Return an event as JSON: everything in it, payloads as on the wire; of your own call, id and action."""
    fields = {name: _described(getattr(event, name)) for name in event.__struct_fields__}
    return {"event": type(event).__name__} | fields


def _described(value: Any) -> Any:
    match value:
        case Call():
            return {"id": value.message_id, "action": value.action}
        case Payload():
            return to_object(value)
        case RemoteProtocolError():
            return {
                "rule": value.rule,
                "code": value.code,
                "id": value.message_id,
                "violations": _described(value.violations),
            }
        case Violation():
            return {"path": value.path, "rule": value.rule, "expected": value.expected}
        case bytes():
            return _packed(value)
        case Exception():
            return type(value).__name__
        case tuple():
            return [_described(item) for item in value]
    return value


# --- bytes and numbers, so that they come back as they went ---------------------------------------


def _packed(data: bytes | bytearray | memoryview | str) -> JsonObject:
    """Return a message as text, or in base64 where it is none."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    try:
        return {"data": bytes(data).decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}


def _unpacked(told: Mapping[str, Any]) -> bytes:
    return b64decode(told["base64"]) if "base64" in told else told["data"].encode()


_BEYOND_ASCII = re.compile(r"[^\x00-\x7e]")


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def _number(token: str) -> float | Decimal:
    """Return a number that is written as it was read."""
    number = float(token)
    return number if write_json(number) == token.encode() else Decimal(token)


_read: Callable[[str], Any] = msgspec.json.Decoder(float_hook=_number).decode


def _plain(value: Any) -> Any:
    return _read(write_json(value).decode())


def _compare(what: str, recorded: list[Any], now: list[Any]) -> None:
    for number, (then, today) in enumerate(zip(recorded, now, strict=False), 1):
        if then != today:
            raise AssertionError(f"{what} {number} was\n  {then!r}\nand is now\n  {today!r}")
    if len(recorded) != len(now):
        raise AssertionError(f"there were {len(recorded)} {what}s, now there are {len(now)}")
