"""`Connection.admit`: which of the peer's actions are served, and what becomes of the others (B-33, B-41)."""

import json
from typing import Any

import pytest
from core_pair import (
    ANSWER,
    EMPTY_CALL,
    V16,
    V21,
    assert_reported,
    assert_serving,
    call_text,
    hear,
    in_both_roles,
    in_every_version,
    only,
    opened,
    received_call,
    sent,
)

from ocpp_sansio import CallReceived, Config, Connection, ErrorCode, Role, Rule, Version


@in_both_roles
@in_every_version
def test_what_is_not_admitted_is_refused_for_security_and_never_delivered(
    version: Version, role: Role
) -> None:
    connection = opened(version, role)
    connection.admit({"BootNotification"})
    events, frames = hear(connection, call_text("1", EMPTY_CALL[role]))
    assert_reported(events, Rule.NOT_REGISTERED)
    assert only(frames)[:3] == [4, "1", "SecurityError"]
    assert not connection.unanswered_calls
    connection.admit(None)
    assert_serving(connection)


@in_every_version
@pytest.mark.parametrize(
    "text",
    [
        call_text("1", "Nonsense"),  # nobody is told what there would be
        call_text("1", "Heartbeat", {"wrong": 1}),
        call_text("1", "ClearCache"),
        '[2,"1","Heartbeat",null]',
    ],
)
def test_it_is_refused_before_anything_else_is_said_of_it(version: Version, text: str) -> None:
    connection = opened(version)
    connection.admit(())
    events, frames = hear(connection, text)
    assert_reported(events, Rule.NOT_REGISTERED)
    assert only(frames)[2] == "SecurityError"


@in_both_roles
@in_every_version
def test_what_is_admitted_is_served_again_and_again(version: Version, role: Role) -> None:
    connection = opened(version, role)
    connection.admit([EMPTY_CALL[role]])
    for message_id in ("1", "2"):
        call = received_call(connection, message_id)
        connection.send_call_result(call, ANSWER[call.action], now=1.0)
        assert only(sent(connection))[:2] == [3, message_id]


@in_every_version
def test_what_one_connection_bars_another_serves(version: Version) -> None:
    served, barred = opened(version), opened(version)
    received_call(served, "before")
    barred.admit(())
    assert_reported(hear(barred, call_text("1", "Heartbeat")).events, Rule.NOT_REGISTERED)
    barred.admit(["Heartbeat"])
    received_call(barred, "now")
    barred.admit(())
    assert_reported(hear(barred, call_text("2", "Heartbeat")).events[-1:], Rule.NOT_REGISTERED)
    late = opened(version)
    received_call(late, "after")


@in_both_roles
@in_every_version
def test_silence_answers_nothing_and_keeps_nothing(version: Version, role: Role) -> None:
    connection = opened(version, role)
    connection.admit((), silent=True)
    for number in range(40):  # more than Config.max_unanswered_calls
        events, frames = hear(connection, call_text(f"{number}", EMPTY_CALL[role]))
        assert_reported(events, Rule.NOT_REGISTERED)
        assert frames == []
    for unreadable in ("{", "[2]", '[2,7,"Heartbeat",{}]', call_text("x" * 37, "Heartbeat")):
        assert hear(connection, unreadable).frames == []
    assert not connection.unanswered_calls
    connection.admit(None)
    assert_serving(connection)


@in_every_version
def test_silence_about_some_is_not_silence_about_those_admitted(version: Version) -> None:
    connection = opened(version)
    connection.admit(["Heartbeat"], silent=True)
    call = received_call(connection)
    assert hear(connection, call_text("2", "Heartbeat", {"wrong": 1})).frames[0][1] == "2"
    assert hear(connection, call_text("3", "Authorize")).frames == []
    connection.send_call_result(call, ANSWER["Heartbeat"], now=1.0)
    assert len(sent(connection)) == 1


def test_it_outlives_the_connection_and_may_be_said_before_the_first() -> None:
    connection = Connection(Role.CSMS)
    connection.admit(())
    for version in Version:
        connection.connected(version, now=0.0)
        assert_reported(hear(connection, call_text("1", "Heartbeat")).events, Rule.NOT_REGISTERED)
        connection.disconnected(now=1.0)


def test_what_was_delivered_before_can_still_be_answered() -> None:
    connection = opened(V16)
    call = received_call(connection)
    connection.admit((), silent=True)
    connection.send_call_result(call, ANSWER["Heartbeat"], now=1.0)
    assert only(sent(connection))[0] == 3


def test_an_unconfirmed_message_is_barred_without_an_answer() -> None:
    stream: dict[str, Any] = {
        "id": 1,
        "pending": 0,
        "basetime": "2024-05-06T07:08:09Z",
        "data": [{"t": 0.5, "v": "16.0"}],
    }
    text = json.dumps([6, "1", "NotifyPeriodicEventStream", stream])
    connection = opened(V21)
    connection.admit(())
    events, frames = hear(connection, text)
    assert_reported(events, Rule.NOT_REGISTERED)
    assert frames == []
    connection.admit(["NotifyPeriodicEventStream"])
    assert len(hear(connection, text).events) == 1


def test_responses_are_no_actions_and_always_pass() -> None:
    connection = opened(V16, Role.STATION)
    connection.admit((), silent=True)
    own = connection.send_call("Heartbeat", {}, now=0.0)
    connection.frames_to_send()
    event = only(hear(connection, [3, own.message_id, ANSWER["Heartbeat"]]).events)
    assert event.call is own


def test_the_code_is_a_setting_as_every_other() -> None:
    codes = {V16: {Rule.NOT_REGISTERED: ErrorCode.GENERIC_ERROR}}
    connection = Connection(Role.CSMS, config=Config(error_codes=codes))
    connection.connected(V16, now=0.0)
    connection.admit(())
    assert only(hear(connection, call_text("1", "Heartbeat")).frames)[2] == "GenericError"


def test_one_name_is_no_list_of_names() -> None:
    connection = opened(V16)
    with pytest.raises(TypeError, match="not the string 'Heartbeat'"):
        connection.admit("Heartbeat")
    assert isinstance(hear(connection, call_text("1", "Heartbeat")).events[0], CallReceived)


def test_a_member_is_found_by_its_name_on_the_wire_typed_or_not() -> None:
    from ocpp_sansio import v16  # noqa: PLC0415
    from ocpp_sansio.core import member  # noqa: PLC0415

    request = v16.TriggerMessageRequest(requested_message=v16.MessageTrigger.HEARTBEAT)
    assert member(request, "requestedMessage") == "Heartbeat"
    assert member({"requestedMessage": "Heartbeat"}, "requestedMessage") == "Heartbeat"
    assert member(request, "noSuchMember") is None
    assert member({}, "requestedMessage") is None
    assert member(None, "requestedMessage") is None
