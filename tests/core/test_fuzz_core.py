"""Whatever comes, in whatever state: no exception, and nothing illegal of ours on the wire."""

import json
from typing import Any

import pytest
from core_pair import EMPTY_CALL, LEGAL_TYPES, assert_legal_frame, own_action
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_sansio import (
    Call,
    CallAborted,
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Config,
    Connection,
    ErrorCode,
    LocalProtocolError,
    Role,
    Version,
)

OUTCOMES = (
    CallResultReceived,
    CallErrorReceived,
    CallResultRejected,
    CallTimedOut,
    CallAborted,
)

versions = st.sampled_from(Version)
roles = st.sampled_from(Role)
configs = st.builds(
    Config,
    validation=st.sampled_from(["strict", "lenient", "off"]),
    allow_extra_elements=st.booleans(),
    vendor_actions=st.sampled_from([frozenset(), frozenset({"*"})]),
    max_message_size=st.sampled_from([64, 500, 2**20]),
    max_depth=st.sampled_from([1, 4, 32]),
    max_queued_calls=st.integers(0, 3),
    max_unanswered_calls=st.integers(1, 3),
    max_late_calls=st.integers(0, 2),
    max_answered_ids=st.integers(0, 2),
    max_refusable_results=st.integers(0, 2),
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["2024-05-06T12:00:00Z", "Accepted", "1", "v"])
)
members = st.sampled_from(
    ["vendorId", "data", "customData", "type", "status", "currentTime", "x", "", "messageId"]
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(members, inner, max_size=3),
    max_leaves=8,
)
ids = st.sampled_from(["a", "b", "own", "", "-1", "x" * 36, "x" * 37, "é"]) | st.text(max_size=40)
actions = st.sampled_from(
    ["Heartbeat", "ClearCache", "Reset", "DataTransfer", "BootNotification", "toString", ""]
)
near_frames = st.one_of(
    st.tuples(st.just(2), ids, actions, values),
    st.tuples(st.just(3), ids, values),
    st.tuples(st.just(4), ids, scalars, scalars, values),
    st.tuples(st.just(5), ids, scalars, scalars, values),
    st.tuples(st.just(6), ids, actions | st.just("NotifyPeriodicEventStream"), values),
    st.lists(values | st.integers(0, 9), max_size=7),
)


@st.composite
def broken_frames(draw: st.DrawFn) -> bytes:
    """A frame with a piece cut out, doubled, or replaced by anything."""
    text = bytearray(json.dumps(draw(near_frames)).encode())
    at = draw(st.integers(0, len(text)))
    until = draw(st.integers(at, min(len(text), at + 6)))
    text[at:until] = draw(
        st.binary(max_size=6)
        | st.sampled_from([b"NaN", b"1e999", b"[" * 90, b"\\ud800", b"9" * 400, b"\xff", b'"', b""])
    )
    return bytes(text)


messages: st.SearchStrategy[bytes | str] = (
    near_frames.map(json.dumps)
    | broken_frames()
    | st.binary(max_size=60)
    | st.text(st.characters(), max_size=60)
)


class Watch:
    """A connection whose outputs are checked as they are drained."""

    def __init__(self, version: Version, role: Role, config: Config) -> None:
        self.version = version
        self.connection = Connection(role, config=config)
        self.now = 0.0
        self.open_calls: list[Call] = []
        self.withdrawn: list[Call] = []
        self.received: list[CallReceived] = []
        self.results: list[CallResultReceived] = []

    def drain(self) -> None:
        for event in self.connection.events():
            if isinstance(event, OUTCOMES):
                self.open_calls.remove(event.call)  # raises where an outcome is the second one
            if isinstance(event, CallReceived):
                self.received.append(event)
            if isinstance(event, CallResultReceived):
                self.results.append(event)
        in_flight_frames = 0
        for frame in self.connection.frames_to_send():
            kind = assert_legal_frame(self.version, frame.data)[0]
            in_flight_frames += kind == 2
        if self.connection.outstanding_call:
            assert self.connection.outstanding_call in self.open_calls
        config = self.connection.config
        assert len(self.connection.queued_calls) <= config.max_queued_calls
        assert len(self.connection.unanswered_calls) <= config.max_unanswered_calls

    def act(self, step: Any) -> None:
        """Take one step; only the errors that misuse is told with may come out of it."""
        name, argument = step
        connection = self.connection
        try:
            if name == "connect":
                connection.connected(self.version, now=self.now)
            elif name == "disconnect":
                connection.disconnected(now=self.now)
            elif name == "receive":
                connection.received(argument, now=self.now)
            elif name == "answer_own" and connection.outstanding_call:
                frame = [3, connection.outstanding_call.message_id, argument]
                connection.received(json.dumps(frame), now=self.now)
            elif name == "call":
                self.open_calls.append(
                    connection.send_call(
                        own_action(connection.role), {}, now=self.now, message_id=argument
                    )
                )
            elif name == "withdraw" and self.open_calls:
                call = self.open_calls[-1]
                if connection.withdraw(call, now=self.now):
                    self.open_calls.remove(call)
            elif name == "answer" and self.received:
                connection.send_call_result(self.received[-1], argument, now=self.now)
            elif name == "refuse" and self.received:
                code = ErrorCode.INTERNAL_ERROR
                connection.send_call_error(self.received[-1], code, "é" * 300, now=self.now)
            elif name == "refuse_result" and self.results:
                code = ErrorCode.FORMAT_VIOLATION
                connection.send_call_result_error(self.results[-1], code, now=self.now)
            elif name == "wait":
                self.now += argument
                connection.handle_timeout(now=self.now)
        except LocalProtocolError:
            assert name != "receive" or not connection.is_connected


steps = st.one_of(
    st.tuples(st.just("receive"), messages),
    st.tuples(st.just("receive"), messages),
    st.tuples(st.just("answer_own"), values),
    st.tuples(st.just("call"), st.none() | ids),
    st.tuples(st.just("withdraw"), st.none()),
    st.tuples(st.just("answer"), values | st.just({"status": "Accepted"})),
    st.tuples(st.just("refuse"), st.none()),
    st.tuples(st.just("refuse_result"), st.none()),
    st.tuples(st.just("wait"), st.floats(0, 50)),
    st.tuples(st.just("disconnect"), st.none()),
    st.tuples(st.just("connect"), st.none()),
)


@settings(max_examples=600)
@given(versions, roles, configs, st.lists(steps, max_size=15))
def test_nothing_that_happens_in_any_order_raises_or_puts_illegal_frames_on_the_wire(
    version: Version, role: Role, config: Config, script: list[Any]
) -> None:
    watch = Watch(version, role, config)
    watch.act(("connect", None))
    for step in script:
        watch.act(step)
        watch.drain()
    watch.act(("disconnect", None))
    watch.drain()
    assert watch.open_calls == []  # every call has had its one outcome


@settings(max_examples=1500)
@given(versions, roles, configs, messages)
def test_a_message_is_answered_by_at_most_one_frame_and_the_connection_goes_on(
    version: Version, role: Role, config: Config, message: bytes | str
) -> None:
    connection = Connection(role, config=config)
    connection.connected(version, now=0.0)
    connection.received(message, now=1.0)
    frames = [assert_legal_frame(version, f.data) for f in connection.frames_to_send()]
    assert len(frames) <= 1
    assert all(frame[0] == 4 for frame in frames)  # without a call of ours, only a CALLERROR
    assert connection.events()
    probe = json.dumps([2, "probe", EMPTY_CALL[role], {}])
    connection.received(probe, now=2.0)
    events = connection.events()
    assert isinstance(events[-1], CallReceived) or config.max_unanswered_calls == 1


@settings(max_examples=300)
@given(roles, configs, st.binary(max_size=80) | st.text(max_size=80))
@pytest.mark.parametrize("version", list(Version), ids=lambda v: v.value)
def test_arbitrary_bytes_and_text_raise_nothing(
    version: Version, role: Role, config: Config, data: bytes | str
) -> None:
    connection = Connection(role, config=config)
    connection.connected(version, now=0.0)
    connection.received(data, now=0.0)
    for frame in connection.frames_to_send():
        assert assert_legal_frame(version, frame.data)[0] in LEGAL_TYPES[version]


@settings(max_examples=300)
@given(versions, roles, actions, values)
def test_what_one_side_may_send_the_other_side_accepts(
    version: Version, role: Role, action: str, payload: Any
) -> None:
    sender, receiver = (
        Connection(role),
        Connection(Role.CSMS if role is Role.STATION else Role.STATION),
    )
    sender.connected(version, now=0.0)
    receiver.connected(version, now=0.0)
    try:
        sender.send_call(action, payload, now=0.0)
    except LocalProtocolError:
        assert sender.frames_to_send() == []
        return
    (frame,) = sender.frames_to_send()
    receiver.received(frame.data, now=0.0)
    (event,) = receiver.events()
    is_vendor = action == "toString"
    assert isinstance(event, CallReceived) is not is_vendor
