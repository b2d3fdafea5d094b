"""What the core's tests share: connections, a wire of no latency between two, one helper per intention.

Messages are written as JSON text here, by the standard library: what the core reads and writes is compared
with what the rules say, not with what the core would have written itself.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple, NoReturn

import pytest

from ocpp_sansio import (
    Call,
    CallErrorReceived,
    CallReceived,
    Config,
    Connection,
    Event,
    Frame,
    ProtocolViolated,
    Role,
    Rule,
    Version,
)

V16, V201, V21 = Version.OCPP16, Version.OCPP201, Version.OCPP21
IN_2X = (V201, V21)

in_every_version = pytest.mark.parametrize("version", tuple(Version), ids=lambda v: v.value)
in_2x = pytest.mark.parametrize("version", IN_2X, ids=lambda v: v.value)
before_21 = pytest.mark.parametrize("version", [V16, V201], ids=lambda v: v.value)
in_both_roles = pytest.mark.parametrize("role", tuple(Role), ids=lambda r: r.value)

LEGAL_TYPES = {V16: {2, 3, 4}, V201: {2, 3, 4}, V21: {2, 3, 4, 5, 6}}  # F-7
LENGTHS = {2: 4, 3: 3, 4: 5, 5: 5, 6: 4}  # F-2 to F-6
CODES_IN_BOTH = {
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "PropertyConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
}
CODES_16 = CODES_IN_BOTH | {"FormationViolation", "OccurenceConstraintViolation"}  # E-1, E-2
CODES_2X = CODES_IN_BOTH | {
    "FormatViolation",
    "OccurrenceConstraintViolation",
    "MessageTypeNotSupported",
    "RpcFrameworkError",
}
LEGAL_CODES = {V16: CODES_16, V201: CODES_2X, V21: CODES_2X}

EMPTY_CALL = {Role.CSMS: "Heartbeat", Role.STATION: "ClearCache"}
"""An action without members that this role receives, in every version."""

ANSWER = {
    "Heartbeat": {"currentTime": "2024-05-06T07:08:09Z"},
    "ClearCache": {"status": "Accepted"},
}
"""A valid answer to each of them, in every version."""


def other(role: Role) -> Role:
    return Role.CSMS if role is Role.STATION else Role.STATION


def own_action(role: Role) -> str:
    """An action without members that this role sends."""
    return EMPTY_CALL[other(role)]


def opened(version: Version, role: Role = Role.CSMS, **settings: Any) -> Connection:
    connection = Connection(role, config=Config(**settings))
    connection.connected(version, now=0.0)
    return connection


def call_text(message_id: str, action: str, payload: Any = None) -> str:
    return json.dumps([2, message_id, action, {} if payload is None else payload])


def _no_constant(name: str) -> NoReturn:
    raise AssertionError(f"{name} is no JSON")


def strict_json(data: bytes) -> Any:
    """Read JSON as RFC 8259 has it: UTF-8, no NaN, no infinity."""
    return json.loads(data.decode("utf-8"), parse_constant=_no_constant)


def assert_legal_frame(version: Version, data: bytes) -> Any:
    """Assert that a frame of ours is one that the version allows; return it as JSON."""
    frame = strict_json(data)
    assert isinstance(frame, list)
    assert type(frame[0]) is int
    assert frame[0] in LEGAL_TYPES[version]
    assert len(frame) == LENGTHS[frame[0]]
    assert isinstance(frame[1], str)
    if frame[0] in (4, 5):
        assert frame[2] in LEGAL_CODES[version]
        assert isinstance(frame[3], str)
        assert len(frame[3]) <= 255
        assert isinstance(frame[4], dict)
    else:
        assert isinstance(frame[-1], dict)
    return frame


def sent(connection: Connection) -> list[Any]:
    """Drain the frames, each asserted to be legal, as JSON."""
    version = connection.version
    frames = connection.frames_to_send()
    if version is None:
        assert not frames
        return []
    return [assert_legal_frame(version, frame.data) for frame in frames]


class Heard(NamedTuple):
    """What one message brought about."""

    events: list[Event]
    frames: list[Any]


def hear(connection: Connection, message: Any, *, now: float = 1.0) -> Heard:
    """Let one message come in, JSON text or a value to be written as such; drain both outputs."""
    text = message if isinstance(message, str | bytes) else json.dumps(message)
    connection.received(text, now=now)
    return Heard(connection.events(), sent(connection))


def own_call(connection: Connection, *, now: float = 0.0, **options: Any) -> Call:
    """Send a call without members, as this role may."""
    return connection.send_call(own_action(connection.role), {}, now=now, **options)


def in_flight(connection: Connection, *, now: float = 0.0, **options: Any) -> Call:
    """Send a call that leaves at once, and drain its frame."""
    call = own_call(connection, now=now, **options)
    assert connection.outstanding_call is call
    connection.frames_to_send()
    return call


def received_call(
    connection: Connection, message_id: str = "peer", now: float = 1.0
) -> CallReceived:
    """Let a valid call come in and return its event."""
    events, frames = hear(connection, call_text(message_id, EMPTY_CALL[connection.role]), now=now)
    assert not frames
    assert isinstance(events[-1], CallReceived)
    return events[-1]


def answer_to(call: CallReceived) -> dict[str, Any]:
    return ANSWER[call.action]


def only(items: Iterable[Any]) -> Any:
    (item,) = items
    return item


def assert_reported(events: list[Event], rule: Rule) -> ProtocolViolated:
    """Assert that the one event is a report of this broken rule."""
    event = only(events)
    assert isinstance(event, ProtocolViolated)
    assert event.error.rule is rule
    return event


def assert_refused(
    connection: Connection, message: Any, *, code: str, message_id: str
) -> ProtocolViolated:
    """Assert that a message gets exactly one CALLERROR and one report, and that service goes on."""
    events, frames = hear(connection, message)
    frame = only(frames)
    assert frame[:3] == [4, message_id, code]
    event = only(events)
    assert isinstance(event, ProtocolViolated)
    assert_serving(connection)
    return event


def assert_unanswered(connection: Connection, message: Any, rule: Rule) -> ProtocolViolated:
    """Assert that a message gets no answer but is reported, and that service goes on."""
    events, frames = hear(connection, message)
    assert frames == []
    report = assert_reported(events, rule)
    assert_serving(connection)
    return report


def assert_serving(connection: Connection) -> None:
    """Assert that the connection still serves a call and can still make one."""
    assert connection.is_connected
    call = received_call(connection, "still-there")
    connection.send_call_result(call, answer_to(call), now=1.0)
    assert sent(connection) == [[3, "still-there", answer_to(call)]]
    own = in_flight(connection, now=1.0)
    events, frames = hear(connection, [4, own.message_id, "InternalError", "", {}])
    assert frames == []
    outcome = only(events)
    assert isinstance(outcome, CallErrorReceived)
    assert outcome.call is own


class Pair:
    """A station and a CSMS, joined by a wire without latency; `flush` carries everything across."""

    def __init__(self, version: Version, **settings: Any) -> None:
        self.station = opened(version, Role.STATION, **settings)
        self.csms = opened(version, Role.CSMS, **settings)

    def carry(self, sender: Connection, *, now: float = 1.0) -> list[Frame]:
        """Carry what `sender` wants sent; return the frames."""
        receiver = self.csms if sender is self.station else self.station
        frames = sender.frames_to_send()
        for frame in frames:
            receiver.received(frame.data, now=now)
        return frames
