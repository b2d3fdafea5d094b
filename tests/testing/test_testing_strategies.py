"""`shapes`, `breakages`, `hostile`, `strategies`: examples are what they say, and shrink."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from msgspec import inspect

from ocpp_sansio import (
    Call,
    CallError,
    CallReceived,
    CallResult,
    CallResultError,
    CallResultErrorReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Connection,
    Frame,
    ProtocolViolated,
    Role,
    Rule,
    Send,
    SendReceived,
    Version,
    Violation,
    v16,
    v21,
    v201,
)
from ocpp_sansio.core import to_object
from ocpp_sansio.messages import Action, Kind, Payload, bounds_of, catalog
from ocpp_sansio.testing import (
    HOSTILE,
    CallStep,
    Faults,
    NearMiss,
    PauseStep,
    Script,
    bad_frames,
    call_scripts,
    corners,
    every_bad_frame,
    every_near_miss,
    frames,
    message_ids,
    minimal,
    near_misses,
    payloads,
    play,
    raw_messages,
)
from ocpp_sansio.testing.shapes import Message, read_json, write_json
from ocpp_sansio.testing.strategies import sends

OTHER = {Role.STATION: Role.CSMS, Role.CSMS: Role.STATION}
EVERYWHERE = [pytest.param(v, r, id=f"{v.value}-{r}") for v in Version for r in Role]
MANY = settings(max_examples=max(1000, settings().max_examples))


def messages(version: Version) -> Iterator[tuple[Action, type[Message]]]:
    for action in catalog(version).values():
        yield action, action.request
        if action.response:
            yield action, action.response


def receive(action: Action, message: type[Message], payload: Any) -> tuple[Any, list[Frame]]:
    """Let the right side receive a payload as the message it should be; return what it makes of it."""
    version = message.version
    sender = Role.STATION if action.direction in Role.STATION.sends else Role.CSMS
    if message is action.response:
        caller = Connection(sender)
        caller.connected(version, now=0)
        caller.send_call(minimal(action.request), now=0, message_id="1")  # type: ignore[arg-type]
        caller.frames_to_send()
        caller.received(b'[3,"1",%b]' % write_json(payload), now=0)
        return caller.events()[-1], caller.frames_to_send()
    receiver = Connection(OTHER[sender])
    receiver.connected(version, now=0)
    kind = 2 if action.kind is Kind.CALL else 6
    receiver.received(write_json([kind, "1", action.name, payload]), now=0)
    return receiver.events()[-1], receiver.frames_to_send()


@pytest.mark.parametrize("version", Version)
def test_every_corner_of_every_message_is_delivered_as_it_is(version: Version) -> None:
    number = 0
    for action, message in messages(version):
        for payload in corners(message):
            event, _ = receive(action, message, payload)
            assert isinstance(event, CallReceived | SendReceived | CallResultReceived), payload
            assert event.payload == payload
            assert not event.violations
            number += 1
    assert number > 700


def violations_of(event: Any) -> tuple[Violation, ...]:
    if isinstance(event, CallResultRejected):
        return event.violations
    return event.error.violations if isinstance(event, ProtocolViolated) else ()


@pytest.mark.parametrize("version", Version)
def test_every_near_miss_breaks_what_it_names_and_nothing_else(version: Version) -> None:
    rules = set()
    for action, message in messages(version):
        for miss in every_near_miss(message):
            event, _ = receive(action, message, miss.payload)
            assert [(v.path, v.rule) for v in violations_of(event)] == [(miss.path, miss.rule)], (
                miss
            )
            if isinstance(event, ProtocolViolated):
                assert event.error.code is miss.code, miss
            rules.add(miss.rule)
    everywhere = {
        *(Rule.PAYLOAD_NOT_OBJECT, Rule.REQUIRED, Rule.UNKNOWN_MEMBER, Rule.NULL, Rule.TYPE),
        *(Rule.ENUM, Rule.MAX_LENGTH, Rule.FORMAT, Rule.NUMBER_RANGE),
    }
    in_2x = {Rule.MIN_ITEMS, Rule.MAX_ITEMS, Rule.MINIMUM, Rule.MAXIMUM, Rule.DEPTH}
    only_16 = {Rule.MULTIPLE_OF, Rule.MIN_ITEMS}
    assert rules == everywhere | (only_16 if version is Version.OCPP16 else in_2x)


def test_a_response_that_is_a_near_miss_is_refused_in_2_1_with_its_code() -> None:
    action = v21.CATALOG["Heartbeat"]
    for miss in every_near_miss(v21.HeartbeatResponse):
        _, (frame,) = receive(action, v21.HeartbeatResponse, miss.payload)
        assert isinstance(frame.message, CallResultError)
        assert frame.message.code is miss.code


@pytest.mark.parametrize("version", Version)
def test_the_corners_have_every_member_enum_value_and_limit(version: Version) -> None:
    """Told by msgspec's own account of the classes, walked here once more."""
    for _, message in messages(version):
        seen = [to_object(payload) for payload in corners(message)]
        for path, kind in members(message, ()):
            values = [value for payload in seen for value in at(payload, path)]
            assert values, (message, path)
            if isinstance(kind, inspect.EnumType):
                assert {*values} == {member.value for member in kind.cls}, (message, path)
            if isinstance(kind, inspect.StrType) and kind.max_length is not None:
                assert max(map(len, values)) == kind.max_length, (message, path)
            if isinstance(kind, inspect.IntType):
                low, high = bounds_of(kind)
                assert low is None or min(values) == low, (message, path)
                assert high is None or max(values) == high, (message, path)


def members(payload_type: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    info = inspect.type_info(payload_type)
    assert isinstance(info, inspect.StructType)
    for field in info.fields:
        here = (*path, field.encode_name)
        kind = field.type.item_type if isinstance(field.type, inspect.ListType) else field.type
        yield here, kind
        if isinstance(kind, inspect.StructType):
            yield from members(kind.cls, here)


def at(value: Any, path: tuple[str, ...]) -> list[Any]:
    if isinstance(value, list):
        return [found for item in value for found in at(item, path)]
    if not path:
        return [value]
    return at(value[path[0]], path[1:]) if path[0] in value else []


def test_an_optional_member_is_sometimes_there_and_sometimes_not() -> None:
    for wanted in (True, False):
        found = find(
            payloads(v16.BootNotificationRequest),
            lambda boot, wanted=wanted: (boot.firmware_version is None) is wanted,  # type: ignore[misc]
        )
        assert (found.firmware_version is None) is wanted


@pytest.mark.parametrize(
    "message",
    [
        v16.MeterValuesRequest,
        v16.SetChargingProfileRequest,
        v201.TransactionEventRequest,
        v201.DataTransferResponse,
        v21.SetChargingProfileRequest,
        v21.NotifyPeriodicEventStream,
        v21.ChangeTransactionTariffRequest,
    ],
)
def test_drawn_payloads_are_valid_and_drawn_near_misses_are_not(message: type[Message]) -> None:
    action = catalog(message.version)[message.action]

    @given(payloads(message), near_misses(message))
    def drawn(payload: Any, miss: NearMiss) -> None:
        event, _ = receive(action, message, payload)
        assert isinstance(event, CallReceived | SendReceived | CallResultReceived)
        assert event.payload == payload
        refusal, _ = receive(action, message, miss.payload)
        assert [(v.path, v.rule) for v in violations_of(refusal)] == [(miss.path, miss.rule)]

    drawn()


def test_a_payload_shrinks_to_what_is_required() -> None:
    found = find(payloads(v16.StatusNotificationRequest), lambda _: True)

    assert {*to_object(found)} == {"connectorId", "errorCode", "status"}


def test_a_near_miss_shrinks_to_the_one_thing_that_is_wrong() -> None:
    miss = find(near_misses(v16.MeterValuesRequest), lambda miss: miss.rule is Rule.ENUM)

    assert (
        miss.payload
        == {
            "connectorId": 0,
            "meterValue": [
                {
                    "timestamp": "2000-01-01T00:00:00Z",
                    "sampledValue": [{"value": "", "context": "NoSuchValue"}],
                }
            ],
        }
        or len(write_json(miss.payload)) < 160
    )


def test_drawn_frames_are_what_the_role_may_send() -> None:
    kinds: dict[tuple[Version, Role], set[type]] = {}

    @MANY
    @given(st.sampled_from([(version, role) for version in Version for role in Role]), st.data())
    def drawn(where: tuple[Version, Role], data: st.DataObject) -> None:
        version, role = where
        frame = data.draw(frames(version, role))
        receiver = Connection(OTHER[role])
        receiver.connected(version, now=0)
        receiver.received(frame.data, now=0)
        (event,) = receiver.events()
        match frame.message:
            case Call() | Send() as request:
                assert isinstance(event, CallReceived | SendReceived)
                assert event.payload == request.payload
                assert event.message_id == request.message_id
            case CallResult() | CallError():
                assert isinstance(event, ProtocolViolated)
                assert event.error.rule is Rule.STRAY_RESPONSE
            case CallResultError() as refusal:
                assert isinstance(event, CallResultErrorReceived)
                assert event.details == refusal.details
        kinds.setdefault(where, set()).add(type(frame.message))

    drawn()

    always, in_21 = {Call, CallResult, CallError}, {CallResultError}
    assert kinds == {
        **{(v, role): always for v in (Version.OCPP16, Version.OCPP201) for role in Role},
        (Version.OCPP21, Role.STATION): always | in_21 | {Send},
        (Version.OCPP21, Role.CSMS): always | in_21,
    }


@pytest.mark.parametrize(("version", "receiver"), EVERYWHERE)
def test_every_bad_frame_is_answered_as_it_says_and_no_other_way(
    version: Version, receiver: Role
) -> None:
    for bad in every_bad_frame(version, receiver):
        connection = Connection(receiver)
        connection.connected(version, now=0)
        connection.received(bad.data, now=0)

        rules = [e.error.rule for e in connection.events() if isinstance(e, ProtocolViolated)]
        replies = [
            (reply.message.message_id, reply.message.code)
            for reply in connection.frames_to_send()
            if isinstance(reply.message, CallError)
        ]
        assert bad.rule in rules, bad
        assert replies == ([] if bad.reply_id is None else [(bad.reply_id, bad.code)]), bad


def test_a_bad_frame_is_drawn_for_the_side_that_sends_it() -> None:
    bad = find(bad_frames(Version.OCPP16, Role.STATION), lambda bad: bad.rule is Rule.FRAME)
    assert read_json(bad.data)[0] == 2


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(("version", "role"), EVERYWHERE)
def test_after_a_hostile_message_the_connection_goes_on_serving(
    version: Version, role: Role, name: str
) -> None:
    connection = Connection(role)
    connection.connected(version, now=0)
    call = connection.send_call("DataTransfer", {"vendorId": "x"}, now=0)

    connection.received(HOSTILE[name], now=0)
    connection.received(b'[3,%b,{"status":"Accepted"}]' % write_json(call.message_id), now=0)
    connection.received(b'[2,"after","DataTransfer",{"vendorId":"x"}]', now=0)

    events = connection.events()
    assert isinstance(events[-1], CallReceived)
    assert any(isinstance(event, CallResultReceived) for event in events)
    assert len(events) <= 5
    assert all(len(frame.data) < 2500 for frame in connection.frames_to_send())


def test_raw_messages_are_of_every_kind() -> None:
    def is_json(message: bytes | str) -> bool:
        try:
            msgspec.json.decode(message)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        return True

    def starts_a_call(message: bytes | str) -> bool:
        data = message.encode("utf-8", "replace") if isinstance(message, str) else message
        return data.startswith(b'[2,"')

    assert find(raw_messages(), is_json)
    assert find(raw_messages(), lambda message: bool(message) and not is_json(message))
    assert find(raw_messages(), lambda m: starts_a_call(m) and is_json(m))
    assert find(raw_messages(), lambda m: starts_a_call(m) and not is_json(m))
    assert isinstance(find(raw_messages(), lambda m: isinstance(m, str)), str)


@given(message_ids())
def test_drawn_ids_are_ids_that_may_be_sent(message_id: str) -> None:
    connection = Connection(Role.STATION)
    connection.connected("ocpp1.6", now=0)

    call = connection.send_call(v16.HeartbeatRequest(), now=0, message_id=message_id)

    assert call.message_id == message_id


@pytest.mark.parametrize("version", Version)
def test_only_2_1_has_something_to_send_unconfirmed(version: Version) -> None:
    assert sends(version, Role.STATION).is_empty is (version is not Version.OCPP21)
    assert sends(version, Role.CSMS).is_empty


WEATHER = st.builds(
    Faults,
    latency=st.sampled_from([0.0, 0.1, 20.0]),
    loss=st.sampled_from([0.0, 0.2]),
    duplication=st.sampled_from([0.0, 0.2]),
    reordering=st.sampled_from([0.0, 0.2]),
    truncation=st.sampled_from([0.0, 0.2]),
    corruption=st.sampled_from([0.0, 0.2]),
)


@MANY
@given(
    st.sampled_from(Version),
    st.sampled_from([*Role, None]),
    WEATHER,
    st.integers(0, 100),
    st.data(),
)
def test_a_call_has_one_outcome_whatever_the_script_and_the_weather(
    version: Version, role: Role | None, faults: Faults, seed: int, data: st.DataObject
) -> None:
    script = data.draw(call_scripts(version, role), label="script")
    story = play(script, version, faults=faults, seed=seed)
    ended = sorted(id(outcome.call) for outcome in story.outcomes)
    assert ended == sorted(map(id, story.calls)), story.link.transcript


def test_a_script_shrinks_to_a_short_story() -> None:
    def times_out(script: Script) -> bool:
        if len(script) > 3:  # a long story has a short one in it, and takes longer to play
            return False
        outcomes = play(script, Version.OCPP16).outcomes
        return any(isinstance(outcome, CallTimedOut) for outcome in outcomes)

    # Hypothesis picks up constants of the modules that are loaded: with some other folders of tests in the
    # same process, the shortest that it finds has a step more, however many examples it tries.
    many = settings(max_examples=20_000)
    script = find(call_scripts(Version.OCPP16, Role.STATION), times_out, settings=many)

    assert [type(step) for step in script] == [CallStep, PauseStep]


def test_payload_classes_of_ones_own_are_not_needed() -> None:
    with pytest.raises(TypeError):
        minimal(object)  # type: ignore[type-var]
    assert isinstance(minimal(v16.HeartbeatRequest), Payload)
