"""The contract of `Connection`: inputs, actions, outputs; what misuse raises; that nothing is left over."""

from typing import Any

import pytest
from core_pair import (
    EMPTY_CALL,
    V16,
    V21,
    V201,
    Pair,
    answer_to,
    assert_serving,
    call_text,
    hear,
    in_both_roles,
    in_every_version,
    in_flight,
    only,
    opened,
    own_action,
    own_call,
    received_call,
    sent,
)

from ocpp_sansio import (
    Call,
    CallAborted,
    CallError,
    CallReceived,
    CallResult,
    CallResultError,
    CallResultReceived,
    CallTimedOut,
    Config,
    Connection,
    ErrorCode,
    FramingErrorReceived,
    LateResponseReceived,
    LocalProtocolError,
    ProtocolViolated,
    Role,
    Send,
    Version,
    v16,
    v21,
    v201,
)

STREAM: dict[str, Any] = {
    "id": 1,
    "pending": 0,
    "basetime": "2024-05-06T07:08:09Z",
    "data": [{"t": 0.5, "v": "16.0"}],
}

Snapshot = tuple[Any, ...]


def snapshot(connection: Connection) -> Snapshot:
    """Everything that can be seen of a connection without draining it."""
    return (
        connection.role,
        connection.version,
        connection.is_connected,
        connection.outstanding_call,
        connection.queued_calls,
        connection.unanswered_calls,
        connection.next_timeout(),
    )


def assert_refused_without_trace(
    connection: Connection, action: Any, *args: Any, **kw: Any
) -> None:
    """Assert that an action raises LocalProtocolError and that nothing whatever has changed."""
    before = snapshot(connection)
    with pytest.raises(LocalProtocolError):
        action(*args, **kw)
    assert snapshot(connection) == before
    assert connection.events() == []
    assert connection.frames_to_send() == []


# --- connected, disconnected -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "version"),
    [
        ("ocpp1.6", V16),
        ("ocpp1.6j", V16),
        ("ocpp2.0.1", V201),
        ("ocpp2.0.1j", V201),
        ("ocpp2.1", V21),
        ("ocpp2.1j", V21),
        (V16, V16),
        (V201, V201),
        (V21, V21),
    ],
)
@in_both_roles
def test_connected_takes_a_version_its_subprotocol_or_the_label_with_j(
    label: Any, version: Version, role: Role
) -> None:
    connection = Connection(role)
    connection.connected(label, now=0.0)
    assert connection.version is version
    assert connection.is_connected
    assert connection.role is role


@pytest.mark.parametrize("label", ["", "ocpp", "ocpp2.0", "OCPP1.6", "1.6", "ocpp1.6 ", 16, None])
def test_connected_refuses_what_is_no_version_and_stays_closed(label: Any) -> None:
    connection = Connection(Role.CSMS)
    with pytest.raises(ValueError, match=r"ocpp1\.6"):
        connection.connected(label, now=0.0)
    assert not connection.is_connected
    assert connection.version is None


@in_every_version
@in_both_roles
def test_connected_twice_is_refused_and_changes_nothing(version: Version, role: Role) -> None:
    connection = opened(version, role)
    in_flight(connection)
    for again in Version:
        assert_refused_without_trace(connection, connection.connected, again, now=1.0)
    assert connection.version is version


@in_both_roles
def test_a_new_connection_is_closed_and_empty(role: Role) -> None:
    connection = Connection(role)
    assert not connection.is_connected
    assert connection.version is None
    assert connection.role is role
    assert connection.outstanding_call is None
    assert connection.queued_calls == ()
    assert connection.unanswered_calls == ()
    assert connection.next_timeout() is None
    assert connection.events() == []
    assert connection.frames_to_send() == []


def test_a_role_is_a_role() -> None:
    assert Connection(Role("csms")).role is Role.CSMS
    with pytest.raises(ValueError, match="nobody"):
        Connection("nobody")  # type: ignore[arg-type]


def test_the_configuration_can_be_read_and_shared() -> None:
    config = Config(call_timeout=5.0)
    first, second = Connection(Role.CSMS, config=config), Connection(Role.STATION, config=config)
    assert first.config is second.config is config
    assert Connection(Role.CSMS).config == Config()


@in_both_roles
def test_received_when_not_connected_is_refused_without_trace(role: Role) -> None:
    connection = Connection(role)
    for _ in range(2):
        assert_refused_without_trace(connection, connection.received, b"[]", now=0.0)
        connection.connected(V16, now=0.0)
        connection.disconnected(now=0.0)


@in_both_roles
def test_sending_when_not_connected_is_refused_without_trace(role: Role) -> None:
    connection = opened(V21, role)
    call = received_call(connection)
    result = only(hear(connection, [3, in_flight(connection).message_id, answer_for(role)]).events)
    connection.disconnected(now=1.0)
    connection.events()
    for action, *args in (
        (connection.send_call, own_action(role), {}),
        (connection.send_call_result, call, answer_to(call)),
        (connection.send_call_error, call, ErrorCode.INTERNAL_ERROR),
        (connection.send_unconfirmed, "NotifyPeriodicEventStream", STREAM),
        (connection.send_call_result_error, result, ErrorCode.INTERNAL_ERROR),
    ):
        assert_refused_without_trace(connection, action, *args, now=2.0)


def answer_for(role: Role) -> dict[str, Any]:
    """A valid answer to the call that `own_call` makes for this role."""
    if role is Role.STATION:
        return {"currentTime": "2024-05-06T07:08:09Z"}
    return {"status": "Accepted"}


@in_both_roles
def test_disconnected_is_idempotent(role: Role) -> None:
    connection = Connection(role)
    connection.disconnected(now=0.0)
    connection.connected(V16, now=1.0)
    call = in_flight(connection)
    for moment in (2.0, 2.0, 3.0, 1.0):
        connection.disconnected(now=moment)
    assert connection.events() == [CallAborted(call, was_sent=True)]
    assert not connection.is_connected
    assert connection.version is None


@in_every_version
@in_both_roles
def test_a_reconnection_takes_nothing_along(version: Version, role: Role) -> None:
    connection = opened(version, role)
    in_flight(connection)
    own_call(connection)
    unanswered = received_call(connection, "7")
    other = received_call(connection, "8")
    connection.events()
    connection.send_call_result(other, answer_to(other), now=1.0)
    connection.disconnected(now=2.0)
    assert len(connection.events()) == 2
    connection.connected(version, now=3.0)
    assert snapshot(connection) == (role, version, True, None, (), (), None)
    assert connection.events() == []
    assert connection.frames_to_send() == []
    with pytest.raises(LocalProtocolError):
        connection.send_call_result(unanswered, answer_to(unanswered), now=4.0)
    assert_serving(connection)


def test_a_reconnection_may_be_of_another_version() -> None:
    connection = opened(V201, Role.CSMS)
    connection.disconnected(now=1.0)
    connection.connected(V16, now=2.0)
    boot = {"chargePointVendor": "v", "chargePointModel": "m"}
    event = only(hear(connection, call_text("7", "BootNotification", boot), now=3.0).events)
    assert isinstance(event.payload, v16.BootNotificationRequest)


@in_every_version
def test_events_survive_a_loss_and_a_reconnection(version: Version) -> None:
    connection = opened(version)
    connection.received(call_text("7", "Heartbeat"), now=1.0)
    connection.disconnected(now=2.0)
    connection.connected(version, now=3.0)
    assert isinstance(only(connection.events()), CallReceived)


# --- received ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [None, 5, ["[]"], {"a": 1}, 2.5])
def test_received_takes_bytes_or_text(data: Any) -> None:
    connection = opened(V201)
    with pytest.raises(TypeError):
        connection.received(data, now=1.0)
    assert connection.events() == []
    assert connection.frames_to_send() == []


def test_received_takes_a_slice_of_a_larger_buffer() -> None:
    buffer = bytearray(b"xx" + call_text("7", "Heartbeat").encode() + b"yy")
    connection = opened(V16)
    connection.received(memoryview(buffer)[2:-2], now=1.0)
    buffer[:] = b"z" * len(buffer)
    assert only(connection.events()).message_id == "7"


# --- send_call ---------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_send_call_returns_the_handle_that_its_outcome_carries(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    call = connection.send_call(own_action(role), {}, now=0.0, message_id="mine")
    assert isinstance(call, Call)
    assert (call.message_id, call.action, call.payload) == ("mine", own_action(role), {})
    event = only(hear(connection, [3, "mine", answer_for(role)]).events)
    assert isinstance(event, CallResultReceived)
    assert event.call is call


def test_two_calls_are_never_equal_however_alike() -> None:
    connection = opened(V16)
    first = in_flight(connection, message_id="same")
    hear(connection, [4, "same", "InternalError", "", {}])
    second = in_flight(connection, message_id="same")
    assert first != second
    assert len({first, second}) == 2


@in_every_version
def test_send_call_with_a_typed_payload_under_its_name_is_the_typed_call(version: Version) -> None:
    package = {V16: v16, V201: v201, V21: v21}[version]
    station = opened(version, Role.STATION)
    call = station.send_call("Heartbeat", package.HeartbeatRequest(), now=0.0)
    assert only(sent(station)) == [2, call.message_id, "Heartbeat", {}]


@in_every_version
@in_both_roles
def test_a_vendor_action_is_sent_and_answered_untyped(version: Version, role: Role) -> None:
    connection = opened(version, role)
    call = connection.send_call("VendorAction", {"any": [1, {"é": None}]}, now=0.0)
    assert sent(connection) == [[2, call.message_id, "VendorAction", {"any": [1, {"é": None}]}]]
    event = only(hear(connection, [3, call.message_id, {"free": [1]}]).events)
    assert isinstance(event, CallResultReceived)
    assert event.payload == {"free": [1]}


@in_every_version
@in_both_roles
def test_a_vendor_action_arrives_and_is_answered_where_the_configuration_names_it(
    version: Version, role: Role
) -> None:
    for actions in ({"VendorAction"}, {"*"}):
        connection = opened(version, role, vendor_actions=actions)
        events, frames = hear(connection, call_text("7", "VendorAction", {"any": [1]}))
        call = only(events)
        assert isinstance(call, CallReceived)
        assert (call.action, call.payload, call.violations) == ("VendorAction", {"any": [1]}, ())
        assert frames == []
        connection.send_call_result(call, {"free": True}, now=1.0)
        assert sent(connection) == [[3, "7", {"free": True}]]
    named = opened(version, role, vendor_actions={"VendorAction"})
    frames = hear(named, call_text("7", "OtherAction")).frames
    assert only(frames)[2] == "NotImplemented"


BAD_REQUESTS: list[tuple[Any, Any]] = [
    (None, None),
    (5, {}),
    (b"ClearCache", {}),
    ({"type": "Soft"}, None),
    (v16.ClearCacheResponse(status=v16.ClearCacheStatus.ACCEPTED), None),
    (v201.ClearCacheRequest(), None),
    (v201.GetVariablesRequest(get_variable_data=[]), None),
    (v16.HeartbeatRequest(), None),
    (v16.ClearCacheRequest(), {}),
    ("ClearCache", v16.HeartbeatRequest()),
    ("ClearCache", v201.ClearCacheRequest()),
    ("VendorAction", v16.ClearCacheRequest()),
    ("ClearCache", []),
    ("ClearCache", "text"),
    ("ClearCache", {"extra": 1}),
    ("Reset", {}),
    ("Reset", {"type": "Banana"}),
    ("Reset", {"type": None}),
    ("Heartbeat", {}),
    ("", {}),
    ("\ud800", {}),
    ("a\nb", {}),
    ("VendorAction", {"a": float("nan")}),
    ("VendorAction", {"a": float("inf")}),
    ("VendorAction", {"a": "\ud800"}),
    ("VendorAction", {"a": object()}),
    ("VendorAction", {("a", "b"): 1}),
    ("DataTransfer", {"vendorId": "x" * 256}),
]


@pytest.mark.parametrize(("request_", "payload"), BAD_REQUESTS)
def test_a_request_that_is_none_is_refused_without_trace(request_: Any, payload: Any) -> None:
    csms = opened(V16, Role.CSMS)
    assert_refused_without_trace(csms, csms.send_call, request_, payload, now=1.0)
    in_flight(csms)
    assert_refused_without_trace(csms, csms.send_call, request_, payload, now=1.0)


def test_a_payload_that_contains_itself_is_refused_without_trace() -> None:
    csms = opened(V16, Role.CSMS)
    endless: dict[str, Any] = {}
    endless["again"] = endless
    assert_refused_without_trace(csms, csms.send_call, "VendorAction", endless, now=1.0)


@in_every_version
def test_a_refused_payload_says_what_is_wrong_with_it(version: Version) -> None:
    csms = opened(version)
    with pytest.raises(LocalProtocolError) as refusal:
        csms.send_call("DataTransfer", {"vendorId": 5, "extra": 1}, now=0.0)
    assert [(v.path, str(v.rule)) for v in refusal.value.violations] == [
        ("$.vendorId", "type"),
        ("$.extra", "unknown_member"),
    ]
    assert "$.vendorId" in str(refusal.value)


@in_every_version
def test_a_payload_is_written_when_it_is_asked_for_and_not_when_it_leaves(
    version: Version,
) -> None:
    csms = opened(version)
    blocker = in_flight(csms)
    payload: dict[str, Any] = {"vendorId": "before"}
    csms.send_call("DataTransfer", payload, now=0.0)
    payload["vendorId"] = 5
    frames = hear(csms, [4, blocker.message_id, "InternalError", "", {}]).frames
    assert only(frames)[3] == {"vendorId": "before"}


# --- withdraw ----------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_a_queued_call_can_be_withdrawn_and_has_no_outcome(version: Version, role: Role) -> None:
    connection = opened(version, role)
    first, second, third = (own_call(connection) for _ in range(3))
    assert connection.withdraw(second, now=1.0)
    assert connection.queued_calls == (third,)
    assert not connection.withdraw(second, now=1.0)
    frames = hear(connection, [4, first.message_id, "InternalError", "", {}]).frames
    assert [frame[1] for frame in frames][-1] == third.message_id
    connection.disconnected(now=2.0)
    assert connection.events() == [CallAborted(third, was_sent=True)]


@in_every_version
@in_both_roles
def test_a_call_in_flight_or_over_cannot_be_withdrawn_and_keeps_its_outcome(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    call = in_flight(connection)
    assert not connection.withdraw(call, now=1.0)
    assert connection.outstanding_call is call
    event = only(hear(connection, [4, call.message_id, "InternalError", "", {}]).events)
    assert event.call is call
    assert not connection.withdraw(call, now=2.0)
    connection.disconnected(now=3.0)
    assert not connection.withdraw(call, now=4.0)


@in_every_version
def test_a_call_of_another_connection_is_not_withdrawn(version: Version) -> None:
    first, second = opened(version), opened(version)
    for connection in (first, second):
        own_call(connection)
    mine = own_call(first, message_id="same")
    theirs = own_call(second, message_id="same")
    assert not first.withdraw(theirs, now=1.0)
    assert first.queued_calls == (mine,)


@in_every_version
def test_a_withdrawn_id_is_free_again(version: Version) -> None:
    connection = opened(version)
    own_call(connection)
    connection.withdraw(own_call(connection, message_id="x"), now=0.0)
    assert own_call(connection, message_id="x") in connection.queued_calls


@in_every_version
def test_a_call_that_the_passing_time_has_released_is_too_late_to_withdraw(
    version: Version,
) -> None:
    connection = opened(version)
    own_call(connection, now=0.0)
    second = own_call(connection, now=0.0)
    assert not connection.withdraw(second, now=30.0)
    assert connection.outstanding_call is second


# --- send_failed -------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_a_call_whose_frame_could_not_be_sent_is_over_and_the_next_has_its_turn(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    first = in_flight(connection, now=0.0)
    second = own_call(connection, now=0.0)
    assert connection.send_failed(first, now=5.0)
    assert connection.events() == [CallAborted(first, was_sent=False)]
    assert connection.outstanding_call is second
    assert [frame[1] for frame in sent(connection)] == [second.message_id]
    assert connection.next_timeout() == 35.0
    assert not connection.send_failed(first, now=6.0)
    assert connection.events() == []


@in_every_version
def test_only_the_call_in_flight_can_have_failed_to_be_sent(version: Version) -> None:
    connection = opened(version)
    call = in_flight(connection)
    queued = own_call(connection)
    assert not connection.send_failed(queued, now=1.0)
    assert not connection.send_failed(in_flight(opened(version)), now=1.0)
    assert (connection.outstanding_call, connection.queued_calls) == (call, (queued,))
    hear(connection, [4, call.message_id, "InternalError", "", {}])
    assert not connection.send_failed(call, now=2.0)
    connection.disconnected(now=3.0)
    assert not connection.send_failed(queued, now=4.0)


# --- answers -----------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_an_answer_that_is_none_is_refused_without_trace(version: Version, role: Role) -> None:
    connection = opened(version, role)
    call = received_call(connection, "7")
    package: Any = {V16: v16, V201: v201, V21: v21}[version]
    wrong_class = package.DataTransferResponse(status="Accepted")
    for payload in ({}, {"extra": 1}, [], None, "text", wrong_class, {"currentTime": 5}, object()):
        assert_refused_without_trace(
            connection, connection.send_call_result, call, payload, now=1.0
        )
    assert connection.unanswered_calls == (call,)
    connection.send_call_result(call, answer_to(call), now=2.0)
    assert len(sent(connection)) == 1


def test_an_answer_of_another_version_is_refused_without_trace() -> None:
    connection = opened(V201)
    call = received_call(connection, "7")
    answer: Any = v21.HeartbeatResponse(current_time="2024-05-06T07:08:09Z")  # type: ignore[arg-type]
    assert_refused_without_trace(connection, connection.send_call_result, call, answer, now=1.0)


@in_every_version
@in_both_roles
@pytest.mark.parametrize(
    "fields",
    [
        ("InternalError",),
        (None,),
        (5,),
        (ErrorCode.INTERNAL_ERROR, None),
        (ErrorCode.INTERNAL_ERROR, 5),
        (ErrorCode.INTERNAL_ERROR, "\ud800"),
        (ErrorCode.INTERNAL_ERROR, "", []),
        (ErrorCode.INTERNAL_ERROR, "", "text"),
        (ErrorCode.INTERNAL_ERROR, "", {"a": float("nan")}),
        (ErrorCode.INTERNAL_ERROR, "", {"a": object()}),
    ],
)
def test_an_error_that_is_none_is_refused_without_trace(
    version: Version, role: Role, fields: tuple[Any, ...]
) -> None:
    connection = opened(version, role)
    call = received_call(connection, "7")
    assert_refused_without_trace(connection, connection.send_call_error, call, *fields, now=1.0)
    assert connection.unanswered_calls == (call,)
    if version is V21:
        result = only(
            hear(connection, [3, in_flight(connection).message_id, answer_for(role)]).events
        )
        assert_refused_without_trace(
            connection, connection.send_call_result_error, result, *fields, now=1.0
        )
        connection.send_call_result_error(result, ErrorCode.INTERNAL_ERROR, now=1.0)


@in_every_version
def test_a_call_is_answered_on_the_connection_it_came_by(version: Version) -> None:
    first, second = opened(version), opened(version)
    call, other = received_call(first, "7"), received_call(second, "7")
    assert_refused_without_trace(second, second.send_call_result, call, answer_to(call), now=1.0)
    second.send_call_result(other, answer_to(other), now=1.0)


@in_every_version
def test_calls_may_be_answered_in_any_order(version: Version) -> None:
    connection = opened(version)
    calls = [received_call(connection, str(number)) for number in range(4)]
    for call in reversed(calls):
        connection.send_call_result(call, answer_to(call), now=1.0)
    assert [frame[1] for frame in sent(connection)] == ["3", "2", "1", "0"]
    assert connection.unanswered_calls == ()


# --- time --------------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_a_wake_up_that_is_early_or_repeated_is_harmless(version: Version, role: Role) -> None:
    connection = opened(version, role)
    connection.handle_timeout(now=0.0)
    call = in_flight(connection, now=1.0)
    for moment in (1.0, 5.0, 30.9, 30.9):
        connection.handle_timeout(now=moment)
        assert connection.events() == []
        assert connection.next_timeout() == 31.0
    for _ in range(3):
        connection.handle_timeout(now=31.0)
    assert connection.events() == [CallTimedOut(call)]


@in_every_version
@in_both_roles
def test_time_never_runs_backwards_inside(version: Version, role: Role) -> None:
    connection = opened(version, role)
    connection.handle_timeout(now=100.0)
    call = in_flight(connection, now=50.0)
    assert connection.next_timeout() == 130.0
    connection.handle_timeout(now=-1e9)
    connection.received("[]", now=0.0)
    connection.events()
    connection.frames_to_send()
    assert connection.outstanding_call is call
    connection.handle_timeout(now=130.0)
    assert connection.events() == [CallTimedOut(call)]


def test_a_clock_may_start_anywhere() -> None:
    for start in (-1e9, 0.0, 1e12, 5):
        connection = Connection(Role.CSMS)
        connection.connected(V16, now=start)
        in_flight(connection, now=start)
        assert connection.next_timeout() == start + 30


def test_the_end_of_time_is_survived() -> None:
    connection = opened(V16)
    call = in_flight(connection)
    connection.handle_timeout(now=float("inf"))
    assert connection.events() == [CallTimedOut(call)]
    connection.handle_timeout(now=float("nan"))
    assert connection.events() == []


@in_every_version
def test_next_timeout_follows_the_call_in_flight_and_nothing_else(version: Version) -> None:
    connection = opened(version)
    assert connection.next_timeout() is None
    received_call(connection, "7", now=1.0)
    assert connection.next_timeout() is None
    call = in_flight(connection, now=2.0)
    assert connection.next_timeout() == 32.0
    connection.received("nonsense", now=3.0)
    assert connection.next_timeout() == 32.0
    second = own_call(connection, now=4.0)
    assert connection.next_timeout() == 32.0
    connection.received(f'[4,"{call.message_id}","InternalError","",{{}}]', now=5.0)
    assert connection.next_timeout() == 35.0
    connection.received(f'[4,"{second.message_id}","InternalError","",{{}}]', now=6.0)
    assert connection.next_timeout() is None
    in_flight(connection, now=7.0)
    connection.disconnected(now=8.0)
    assert connection.next_timeout() is None


@in_every_version
def test_a_refused_action_lets_no_time_pass(version: Version) -> None:
    connection = opened(version)
    call = in_flight(connection, now=0.0)
    with pytest.raises(LocalProtocolError):
        connection.send_call("Reset", {"type": "Banana"}, now=1000.0)
    assert connection.outstanding_call is call
    assert connection.events() == []


# --- outputs -----------------------------------------------------------------------------------------


@in_every_version
@in_both_roles
def test_events_and_frames_come_out_once_and_in_order(version: Version, role: Role) -> None:
    connection = opened(version, role)
    for number in range(3):
        connection.received(call_text(str(number), EMPTY_CALL[role]), now=1.0)
    calls = [event for event in connection.events() if isinstance(event, CallReceived)]
    assert [call.message_id for call in calls] == ["0", "1", "2"]
    assert connection.events() == []
    for call in calls:
        connection.send_call_result(call, answer_to(call), now=1.0)
    assert [frame.message.message_id for frame in connection.frames_to_send()] == ["0", "1", "2"]
    assert connection.frames_to_send() == []


@in_every_version
@in_both_roles
def test_events_come_in_the_order_in_which_things_happened(version: Version, role: Role) -> None:
    connection = opened(version, role)
    call = in_flight(connection, now=0.0)
    connection.received(call_text("7", EMPTY_CALL[role]), now=1.0)
    connection.handle_timeout(now=30.0)
    connection.received('[3,"nobody",{}]', now=31.0)
    last = own_call(connection, now=32.0)
    connection.frames_to_send()
    connection.disconnected(now=33.0)
    arrived, timed_out, stray, aborted = connection.events()
    assert isinstance(arrived, CallReceived)
    assert timed_out == CallTimedOut(call)
    assert isinstance(stray, ProtocolViolated)
    assert aborted == CallAborted(last, was_sent=True)


@in_every_version
def test_what_was_drained_is_yours(version: Version) -> None:
    connection = opened(version)
    connection.received("[]", now=1.0)
    events, frames = connection.events(), connection.frames_to_send()
    events.clear()
    frames.clear()
    connection.received("[]", now=1.0)
    assert len(connection.events()) == 1


def test_every_frame_carries_its_message_as_a_value() -> None:
    station, csms = opened(V21, Role.STATION), opened(V21, Role.CSMS)
    call = station.send_call("Heartbeat", {}, now=0.0, message_id="c")
    station.send_unconfirmed("NotifyPeriodicEventStream", STREAM, now=0.0, message_id="s")
    first, second = (frame.message for frame in station.frames_to_send())
    assert first is call
    assert second == Send("s", "NotifyPeriodicEventStream", STREAM)

    received = received_call(csms, "7")
    csms.send_call_error(received, ErrorCode.INTERNAL_ERROR, "x" * 300, {"a": 1}, now=1.0)
    other = received_call_again(csms)
    csms.send_call_result(other, answer_to(other), now=1.0)
    messages = [frame.message for frame in csms.frames_to_send()]
    assert messages == [
        CallError("7", ErrorCode.INTERNAL_ERROR, "x" * 255, {"a": 1}),
        CallResult("8", answer_to(other)),
    ]
    hear(station, [3, "c", {"nonsense": 1}])
    refused = station.send_call("Heartbeat", {}, now=1.0)
    station.received(f'[3,"{refused.message_id}",{{}}]', now=1.0)
    assert isinstance(station.frames_to_send()[-1].message, CallResultError)
    answered = in_flight(station, now=1.0)
    result = hear(station, [3, answered.message_id, answer_to(other)]).events[-1]
    assert isinstance(result, CallResultReceived)
    station.send_call_result_error(result, ErrorCode.FORMAT_VIOLATION, "why", {"a": 1}, now=1.0)
    assert only(station.frames_to_send()).message == CallResultError(
        answered.message_id, ErrorCode.FORMAT_VIOLATION, "why", {"a": 1}
    )


def received_call_again(connection: Connection) -> CallReceived:
    connection.received(call_text("8", EMPTY_CALL[connection.role]), now=1.0)
    call = only(connection.events())
    assert isinstance(call, CallReceived)
    return call


def test_events_are_frozen_comparable_and_matchable() -> None:
    connection = opened(V16)
    connection.received(call_text("7", "Heartbeat"), now=1.0)
    event = only(connection.events())
    match event:
        case CallReceived(action="Heartbeat", payload=v16.HeartbeatRequest(), message_id="7"):
            pass
        case _:
            pytest.fail("an event matches by the names of its fields")
    fields = ("action", "payload", "message_id", "violations", "is_duplicate", "data")
    assert CallReceived.__match_args__ == fields  # and by position, in reading order
    with pytest.raises(AttributeError):
        event.action = "Other"  # type: ignore[misc]  # that it is refused is the point
    again = received_call(opened(V16), "7")
    assert event == again
    assert event is not again


@in_every_version
@in_both_roles
def test_a_report_carries_the_message_as_it_came(version: Version, role: Role) -> None:
    connection = opened(version, role)
    for message in ('[2,"7","NoSuchAction",{"é":1}]', "é", "[9]"):
        report = hear(connection, message).events[0]
        assert isinstance(report, ProtocolViolated)
        assert report.data == message.encode()
        assert type(report.data) is bytes


@in_every_version
def test_a_whole_exchange_passes_between_two_connections(version: Version) -> None:
    pair = Pair(version)
    boot = (
        {"chargePointVendor": "v", "chargePointModel": "m"}
        if version is V16
        else {"reason": "PowerUp", "chargingStation": {"vendorName": "v", "model": "m"}}
    )
    call = pair.station.send_call("BootNotification", boot, now=0.0)
    pair.carry(pair.station)
    received = only(pair.csms.events())
    answer = {"currentTime": "2024-05-06T07:08:09Z", "interval": 300, "status": "Accepted"}
    pair.csms.send_call_result(received, answer, now=0.0)
    reset = pair.csms.send_call("Reset", {"type": "Soft" if version is V16 else "OnIdle"}, now=0.0)
    pair.carry(pair.csms)
    booted, to_reset = pair.station.events()
    assert isinstance(booted, CallResultReceived)
    assert isinstance(to_reset, CallReceived)
    assert booted.call is call
    assert not isinstance(booted.payload, dict)
    assert booted.payload.interval == 300  # type: ignore[attr-defined]  # in every version
    pair.station.send_call_result(to_reset, {"status": "Accepted"}, now=0.0)
    pair.carry(pair.station)
    outcome = only(pair.csms.events())
    assert isinstance(outcome, CallResultReceived)
    assert outcome.call is reset
    for connection in (pair.station, pair.csms):
        assert connection.next_timeout() is None
        assert connection.unanswered_calls == ()


def test_late_and_framing_events_are_no_outcomes() -> None:
    connection = opened(V201)
    call = in_flight(connection)
    events = [
        *hear(connection, [4, "-1", "InternalError", "", {}]).events,
        *hear(connection, [3, call.message_id, answer_for(Role.CSMS)], now=40.0).events,
    ]
    kinds = [type(event) for event in events]
    assert kinds == [FramingErrorReceived, CallTimedOut, LateResponseReceived]
