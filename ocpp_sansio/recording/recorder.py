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
from base64 import b64encode
from collections.abc import Callable, Collection
from typing import Any, Final

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
    ForeignCall,
    ForeignFrame,
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
    write_json,
)
from ocpp_sansio.recording.configs import write_config

__all__ = ["Recorder", "TakesObject", "bytes_of", "describe", "packed"]

TakesObject = Callable[[Version, str], bool]
"""What `Connection.takes_object` is, where it is something."""

_DEFAULT_CONFIG: Final = Config()


class Recorder(Connection):
    """A `Connection` whose whole life goes to `write`, one line of JSON at a time.

    What it refuses with LocalProtocolError never happened, and is not written.
    """

    __slots__ = ("_takes_object", "_write")

    def __init__(
        self, role: Role, *, write: Callable[[str], object], config: Config = _DEFAULT_CONFIG
    ) -> None:
        """Begin to record; `write` takes text, newline included, such as the `write` of an open file."""
        super().__init__(role, config=config)
        self._write = write
        self._note("made", None, role=role, config=write_config(config) or None)

    @property
    def takes_object(self) -> TakesObject | None:
        """See `Connection.takes_object`; what it says is recorded."""
        return self._takes_object

    @takes_object.setter
    def takes_object(self, function: TakesObject | None) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        self._takes_object = function and self._noting(function)

    def _noting(self, function: TakesObject) -> TakesObject:
        def ask(version: Version, action: str) -> bool:
            answer = function(version, action)
            self._note("takes_object", None, action=action, answer=answer)
            return answer

        self._note("asks", None)
        return ask

    def connected(self, version: Version | str, *, now: float) -> None:
        """See `Connection.connected`."""
        self._before()
        super().connected(version, now=now)
        self._note("connected", now, version=Version.parse(version).value)

    def received(self, data: bytes | bytearray | memoryview | str, *, now: float) -> None:
        """See `Connection.received`."""
        super().received(data, now=now)
        self._note("received", now, **packed(data))

    def configure(self, config: Config, *, now: float) -> None:
        """See `Connection.configure`."""
        self._before()
        super().configure(config, now=now)
        self._note("configure", now, config=write_config(config))

    def admit(self, actions: Collection[str] | None, *, silent: bool = False) -> None:
        """See `Connection.admit`."""
        self._before()
        super().admit(actions, silent=silent)
        kept = None if actions is None else sorted(actions)
        self._note("admit", None, actions=kept, silent=silent or None)

    def handle_timeout(self, *, now: float) -> None:
        """See `Connection.handle_timeout`."""
        self._before()
        super().handle_timeout(now=now)
        self._note("handle_timeout", now)

    def disconnected(self, *, now: float) -> None:
        """See `Connection.disconnected`."""
        self._before()
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

    def forward_call(
        self,
        frame: ForeignFrame,
        *,
        now: float,
        timeout: float | None = None,
    ) -> Call:
        """See `Connection.forward_call`."""
        asked = ForeignCall.of(frame)
        call = super().forward_call(asked, now=now, timeout=timeout)
        self._note("forward", now, id=call.message_id, timeout=timeout, **packed(asked.data))
        return call

    def withdraw(self, call: Call, *, now: float) -> bool:
        """See `Connection.withdraw`."""
        self._before()
        was_withdrawn = super().withdraw(call, now=now)
        self._note("withdraw", now, id=call.message_id)
        return was_withdrawn

    def send_failed(self, call: Call, *, now: float) -> bool:
        """See `Connection.send_failed`."""
        self._before()
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
        self._before()
        error = super().send_call_error(call, code, description, details, now=now)
        said = {"code": code, "description": description, "details": details}
        self._note("error", now, id=call.message_id, **said)
        return error

    def forward_answer(
        self, call: CallReceived, frame: bytes | bytearray | memoryview | str, *, now: float
    ) -> CallResult | CallError:
        """See `Connection.forward_answer`."""
        self._before()
        answer = super().forward_answer(call, frame, now=now)
        self._note("forward_answer", now, id=call.message_id, **packed(frame))
        return answer

    def send_unconfirmed(
        self,
        message: Unconfirmed | str,
        payload: JsonObject | None = None,
        *,
        now: float,
        message_id: str | None = None,
    ) -> None:
        """See `Connection.send_unconfirmed`."""
        self._before()
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
        self._before()
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
            self._note("sent", None, **packed(frame.data))
        return frames

    def _before(self) -> None:
        """Do what is to be done before anything else happens."""

    def _note(self, what: str, now: float | None, **more: Any) -> None:
        line = {"time": now, "what": what} | more
        kept = {name: value for name, value in line.items() if value is not None}
        # ASCII alone: no encoding of a file can harm it, and no odd line separator can break a line.
        self._write(_BEYOND_ASCII.sub(_escaped, write_json(kept).decode()) + "\n")


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
            return packed(value)
        case Exception():
            return type(value).__name__
        case tuple():
            return [_described(item) for item in value]
    return value


def packed(data: bytes | bytearray | memoryview | str) -> JsonObject:
    """Return a message as text, or in base64 where it is none."""
    data = bytes_of(data)
    try:
        return {"data": data.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}


def bytes_of(data: bytes | bytearray | memoryview | str) -> bytes:
    """Return the bytes of a message, a lone surrogate included."""
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)


_BEYOND_ASCII = re.compile(r"[^\x00-\x7e]")


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
