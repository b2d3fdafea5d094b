"""Every message of every version against schemas that we did not write, with an engine that we did not.

The schemas are those inside the PyPI package `ocpp`, the engine is jsonschema-rs. Payloads go through two
real connections: what is valid crosses unchanged, what is broken in one way is refused for that reason,
at that place, with the error code of the version (RULES §4.1).
"""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import attrs
import jsonschema_rs
import pytest
from msgspec import inspect
from payload_generator import ISO_MOMENTS, Broken, Moment, PayloadGenerator, ZeroFraction, json_text

from ocpp_sansio import (
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    Config,
    Connection,
    Direction,
    ErrorCode,
    Event,
    ProtocolViolated,
    Role,
    Rule,
    SendReceived,
    Unconfirmed,
    Version,
    Violation,
)
from ocpp_sansio.messages import Action, Payload, catalog


@attrs.frozen
class Deviation:
    """A place where the package's copy of a schema is not the official one (RULES §10)."""

    version: Version
    file: str
    place: str
    keyword: str
    theirs: Any
    official: Any
    """None: the keyword is not there."""


METER_VALUE = "properties meterValue"
SAMPLED_VALUE = f"{METER_VALUE} items properties sampledValue"
STOPPED_UNIT = "properties transactionData items properties sampledValue items properties unit"
UNITS = [
    *("Wh", "kWh", "varh", "kvarh", "W", "kW", "VA", "kVA", "var", "kvar"),
    *("A", "V", "K", "Celcius", "Celsius", "Fahrenheit", "Percent"),
]
EXI_RESPONSE = "properties exiResponse"

# All of them: checked file by file against the official schemas; the rest allows exactly the same.
DEVIATIONS = [
    Deviation(Version.OCPP16, "MeterValues", METER_VALUE, "minItems", 1, None),
    Deviation(Version.OCPP16, "MeterValues", SAMPLED_VALUE, "minItems", 1, None),
    # The unit that the errata of 1.6 add (C16E 3.84).
    Deviation(Version.OCPP16, "StopTransaction", STOPPED_UNIT, "enum", UNITS, [*UNITS, "Hertz"]),
    Deviation(
        Version.OCPP201, "Get15118EVCertificateResponse", EXI_RESPONSE, "maxLength", 7500, 5600
    ),
]

RANDOM_PAYLOADS = 30
"""Random payloads per message, beside those that show every enum value."""

WIRE_CODES: dict[Rule, tuple[str, str]] = {
    # RULES §4.1: in 1.6, in 2.x
    Rule.REQUIRED: ("ProtocolError", "OccurrenceConstraintViolation"),
    Rule.UNKNOWN_MEMBER: ("FormationViolation", "ProtocolError"),
    Rule.NULL: ("TypeConstraintViolation", "TypeConstraintViolation"),
    Rule.TYPE: ("TypeConstraintViolation", "TypeConstraintViolation"),
    Rule.ENUM: ("PropertyConstraintViolation", "PropertyConstraintViolation"),
    Rule.MAX_LENGTH: ("PropertyConstraintViolation", "PropertyConstraintViolation"),
    Rule.MINIMUM: ("PropertyConstraintViolation", "PropertyConstraintViolation"),
    Rule.MAXIMUM: ("PropertyConstraintViolation", "PropertyConstraintViolation"),
    Rule.MULTIPLE_OF: ("PropertyConstraintViolation", "PropertyConstraintViolation"),
    Rule.FORMAT: ("PropertyConstraintViolation", "PropertyConstraintViolation"),
    Rule.MIN_ITEMS: ("OccurenceConstraintViolation", "OccurrenceConstraintViolation"),
    Rule.MAX_ITEMS: ("OccurenceConstraintViolation", "OccurrenceConstraintViolation"),
}

CALLS = [(v, name) for v in Version for name, action in catalog(v).items() if action.response]
SENDS = [(v, name) for v in Version for name, action in catalog(v).items() if not action.response]


def test_every_message_of_every_version_is_put_to_the_proof() -> None:
    assert [len([v for v, _ in CALLS if v is version]) for version in Version] == [39, 64, 90]
    assert SENDS == [(Version.OCPP21, "NotifyPeriodicEventStream")]


def test_the_sample_of_valid_payloads_is_large_enough() -> None:
    files = [(v, file) for v, name in CALLS for file in schema_files(v, name)]
    files += [(v, name) for v, name in SENDS]
    sizes = [RANDOM_PAYLOADS + generator(*file, "count").turns() for file in files]
    assert (len(sizes), sum(sizes) >= 10_000) == (387, True)


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda d: f"{d.file} {d.keyword}")
def test_the_oracle_deviates_from_the_official_schemas_where_the_table_says(
    deviation: Deviation,
) -> None:
    node = node_at(read_schema(deviation.version, deviation.file), deviation.place)
    assert node[deviation.keyword] == deviation.theirs


@pytest.mark.parametrize(("version", "name"), CALLS + SENDS)
def test_a_class_has_the_members_and_enum_values_of_its_schema_and_no_others(
    version: Version, name: str
) -> None:
    action = catalog(version)[name]
    files: dict[str, type[Payload]] = {name: action.request}
    if action.response is not None:
        request_file, response_file = schema_files(version, name)
        files = {request_file: action.request, response_file: action.response}
    for file, payload in files.items():
        root = schema(version, file)
        assert_same_shape(inspect.type_info(payload), root, root.get("definitions", {}))


@pytest.mark.parametrize(("version", "name"), CALLS)
def test_valid_requests_and_responses_cross_unchanged(version: Version, name: str) -> None:
    peers = Peers(version, catalog(version)[name])
    asked, answered = (generator(version, file, "valid") for file in schema_files(version, name))
    is_valid_request, is_valid_response = (
        validator(version, file).is_valid for file in schema_files(version, name)
    )
    turns = max(asked.turns(), answered.turns())
    for turn in range(turns + RANDOM_PAYLOADS):
        is_full = turn < turns
        request = asked.full(turn) if is_full else asked.any()
        response = answered.full(turn) if is_full else answered.any()
        request_text = json_text(request, is_ascii=bool(turn % 2))
        response_text = json_text(response, is_ascii=bool(turn % 2))
        assert is_valid_request(as_json(request_text)), request_text
        assert is_valid_response(as_json(response_text)), response_text

        call = peers.deliver_call(request_text)
        assert isinstance(call.payload, peers.action.request)
        sent = peers.forward_call(call.payload)
        assert is_valid_request(as_json(sent)), sent
        assert_same(request, as_json(sent))

        result = peers.deliver_result(response_text)
        assert isinstance(result.payload, peers.action.request.response_type)
        sent = peers.forward_result(call, result.payload)
        assert is_valid_response(as_json(sent)), sent
        assert_same(response, as_json(sent))


G2 = [
    (Version.OCPP16, "ChangeAvailability", '{"connectorId":%s,"type":"Operative"}'),
    (Version.OCPP201, "GetDisplayMessages", '{"requestId":%s}'),
    (Version.OCPP21, "GetDisplayMessages", '{"requestId":%s}'),
]


@pytest.mark.parametrize(("version", "name", "text"), G2)
def test_g2_an_integer_may_have_a_zero_fraction_where_the_schema_draft_allows_it(
    version: Version, name: str, text: str
) -> None:
    file, _ = schema_files(version, name)
    for number in ("300", "300.0", "3e2", "3.5"):
        peers, message = Peers(version, catalog(version)[name]), text % number
        [event] = peers.receive(f'[2,"{peers.new_id()}","{name}",{message}]')
        assert isinstance(event, CallReceived) == validator(version, file).is_valid(
            as_json(message)
        )


@pytest.mark.parametrize(("version", "name"), SENDS)
def test_valid_unconfirmed_messages_cross_unchanged(version: Version, name: str) -> None:
    peers = Peers(version, catalog(version)[name])
    said = generator(version, name, "valid")
    for turn in range(said.turns() + RANDOM_PAYLOADS):
        payload = said.full(turn) if turn < said.turns() else said.any()
        text = json_text(payload)
        assert validator(version, name).is_valid(as_json(text)), text
        [event] = peers.receive(f'[6,"{peers.new_id()}","{name}",{text}]')
        assert isinstance(event, SendReceived)
        assert isinstance(event.payload, Unconfirmed)
        assert type(event.payload) is peers.action.request
        peers.asker.send_unconfirmed(event.payload, now=0.0)
        [frame] = peers.asker.frames_to_send()
        assert_same(payload, as_json(frame.data.decode())[3])


@pytest.mark.parametrize(("version", "name"), CALLS)
def test_a_request_broken_in_one_way_gets_a_call_error_that_says_so(
    version: Version, name: str
) -> None:
    peers = Peers(version, catalog(version)[name])
    file, _ = schema_files(version, name)
    for broken in generator(version, file, "broken").broken():
        text = broken_text(version, file, broken)
        message_id = peers.new_id()
        [event] = peers.receive(f'[2,"{message_id}","{name}",{text}]')
        if is_right_in_16(version, text):
            assert isinstance(event, CallReceived)
            peers.answerer.send_call_error(event, ErrorCode.NOT_SUPPORTED, now=0)
            peers.answerer.frames_to_send()
            continue
        assert isinstance(event, ProtocolViolated), (broken.path, broken.rule)
        assert_refused_for(broken, event.error.violations)
        [frame] = peers.answerer.frames_to_send()
        message_type, answered_id, code, *_ = json.loads(frame.data)
        assert (message_type, answered_id) == (4, message_id)
        assert code == wire_code(version, broken.rule)


@pytest.mark.parametrize(("version", "name"), CALLS)
def test_a_response_broken_in_one_way_ends_the_call_and_21_tells_the_peer(
    version: Version, name: str
) -> None:
    peers = Peers(version, catalog(version)[name])
    request_file, file = schema_files(version, name)
    request = peers.deliver_call(json_text(generator(version, request_file, "valid").any()))
    for broken in generator(version, file, "broken").broken():
        text = broken_text(version, file, broken)
        peers.forward_call(request.payload)
        event = peers.answer(text)
        if is_right_in_16(version, text):
            assert isinstance(event, CallResultReceived)
            continue
        assert isinstance(event, CallResultRejected), (broken.path, broken.rule)
        assert_refused_for(broken, event.violations)
        frames = [json.loads(frame.data) for frame in peers.asker.frames_to_send()]
        if version is not Version.OCPP21:
            assert frames == []  # E-8: a CALLRESULT is never answered
            continue
        [[message_type, answered_id, code, *_]] = frames
        assert (message_type, answered_id) == (5, peers.call_id)  # E-12
        assert code == wire_code(version, broken.rule)


@pytest.mark.parametrize(("version", "name"), SENDS)
def test_an_unconfirmed_message_broken_in_one_way_is_reported_but_not_answered(
    version: Version, name: str
) -> None:
    peers = Peers(version, catalog(version)[name])
    for broken in generator(version, name, "broken").broken():
        text = broken_text(version, name, broken)
        [event] = peers.receive(f'[6,"{peers.new_id()}","{name}",{text}]')
        assert isinstance(event, ProtocolViolated), (broken.path, broken.rule)
        assert_refused_for(broken, event.error.violations)
        assert peers.answerer.frames_to_send() == []  # E-8


# -- two connections -------------------------------------------------------------------------------


class Peers:
    """Who asks and who answers for one action; the test is the wire between them."""

    def __init__(self, version: Version, action: Action) -> None:
        self.action: Any = action
        asks = Role.CSMS if action.direction is Direction.CSMS_TO_STATION else Role.STATION
        answers = Role.STATION if asks is Role.CSMS else Role.CSMS
        config = Config(
            max_message_size=16 * 1024 * 1024
        )  # the broken ones have 1025 items and more
        self.asker, self.answerer = (Connection(role, config=config) for role in (asks, answers))
        for peer in (self.asker, self.answerer):
            peer.connected(version, now=0.0)
        self.call_id = ""
        self._ids = 0

    def new_id(self) -> str:
        self._ids += 1
        return str(self._ids)

    def receive(self, message: str) -> list[Event]:
        self.answerer.received(message.encode(), now=0.0)
        return list(self.answerer.events())

    def deliver_call(self, text: str) -> CallReceived:
        [event] = self.receive(f'[2,"{self.new_id()}","{self.action.name}",{text}]')
        assert isinstance(event, CallReceived), event
        assert event.violations == ()
        return event

    def forward_call(self, payload: Any) -> str:
        """Send a payload; return its text."""
        self.call_id = self.asker.send_call(payload, now=0.0).message_id
        [frame] = self.asker.frames_to_send()
        head = f'[2,"{self.call_id}","{self.action.name}",'
        text = frame.data.decode()
        assert text.startswith(head)
        return text.removeprefix(head).removesuffix("]")

    def answer(self, text: str) -> Event:
        self.asker.received(f'[3,"{self.call_id}",{text}]', now=0.0)
        [event] = self.asker.events()
        return event

    def deliver_result(self, text: str) -> CallResultReceived:
        event = self.answer(text)
        assert isinstance(event, CallResultReceived), event
        return event

    def forward_result(self, call: CallReceived, payload: Any) -> str:
        """Answer with a payload; return its text."""
        self.answerer.send_call_result(call, payload, now=0.0)
        [frame] = self.answerer.frames_to_send()
        return frame.data.decode().removeprefix(f'[3,"{call.message_id}",').removesuffix("]")


# -- comparing -------------------------------------------------------------------------------------


def assert_same(made: Any, sent: Any) -> None:
    """Compare member for member, and number token for number token."""
    if isinstance(made, dict):
        assert isinstance(sent, dict)
        assert made.keys() == sent.keys()
        for name, value in made.items():
            assert_same(value, sent[name])
    elif isinstance(made, list):
        assert isinstance(sent, list)
        assert len(made) == len(sent)
        for value, other in zip(made, sent, strict=True):
            assert_same(value, other)
    elif isinstance(made, Moment):
        assert_same_moment(made, sent)
    elif isinstance(made, ZeroFraction):
        assert sent == made
    elif isinstance(made, Decimal):
        assert isinstance(sent, Decimal)
        assert sent.as_tuple() == made.as_tuple()
    else:
        assert type(sent) is type(made)
        assert sent == made


def assert_same_shape(kind: inspect.Type, node: Any, definitions: Any) -> None:
    """Compare a class and a schema: members, required members, enum values, all the way down."""
    node = definitions[node["$ref"].removeprefix("#/definitions/")] if "$ref" in node else node
    match kind:
        case inspect.StructType(fields=fields):
            members = node.get("properties", {})
            assert {f.encode_name for f in fields if f.required} == set(node.get("required", []))
            assert {field.encode_name for field in fields} == members.keys()
            for field in fields:
                assert_same_shape(field.type, members[field.encode_name], definitions)
        case inspect.EnumType(cls=enum):
            assert {member.value for member in enum} == set(node["enum"])
        case inspect.ListType(item_type=item):
            assert_same_shape(item, node["items"], definitions)
        case _:
            assert "properties" not in node or "additionalProperties" not in node  # custom data
            assert "enum" not in node


def assert_same_moment(made: str, sent: str) -> None:
    """A-7: in UTC, with "Z", and no more than milliseconds."""
    assert sent.endswith("Z")
    assert len(sent) in {len("2026-08-28T10:15:30Z"), len("2026-08-28T10:15:30.123Z")}
    difference = datetime.fromisoformat(made.upper()) - datetime.fromisoformat(sent)
    lost = (
        timedelta(milliseconds=1) if len(made.partition(".")[2]) > len("123+02:00") else timedelta()
    )
    assert timedelta() <= difference <= lost


def is_right_in_16(version: Version, text: str) -> bool:
    """Whether a payload is broken by RFC 3339 alone, and 1.6 goes by ISO 8601 (A-6)."""
    return version is Version.OCPP16 and any(f'"{moment}"' in text for moment in ISO_MOMENTS)


def assert_refused_for(broken: Broken, violations: tuple[Violation, ...]) -> None:
    assert [(v.path, v.rule) for v in violations] == [(broken.path, broken.rule)]


def wire_code(version: Version, rule: Rule) -> str:
    in_16, in_2x = WIRE_CODES[rule]
    return in_16 if version is Version.OCPP16 else in_2x


# -- the oracle ------------------------------------------------------------------------------------


def generator(version: Version, file: str, purpose: str) -> PayloadGenerator:
    return PayloadGenerator(
        schema(version, file),
        seed=f"{version.value} {file} {purpose}",
        zero_fractions=version is not Version.OCPP16,
    )


def broken_text(version: Version, file: str, broken: Broken) -> str:
    text = json_text(broken.payload)
    assert not validator(version, file).is_valid(as_json(text)), (broken.path, broken.rule)
    return text


def schema_files(version: Version, name: str) -> tuple[str, str]:
    return (name if version is Version.OCPP16 else f"{name}Request", f"{name}Response")  # G-1


@cache
def validator(version: Version, file: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(schema(version, file), validate_formats=True)


@cache
def schema(version: Version, file: str) -> Any:
    """Return a schema of the package, its deviations mended."""
    root = read_schema(version, file)
    for deviation in DEVIATIONS:
        if (deviation.version, deviation.file) == (version, file):
            node = node_at(root, deviation.place)
            del node[deviation.keyword]
            if deviation.official is not None:
                node[deviation.keyword] = deviation.official
    return root


def read_schema(version: Version, file: str) -> Any:
    package = version.package.replace("ocpp_sansio", "ocpp")
    path = resources.files(package) / "schemas" / f"{file}.json"
    return json.loads(path.read_text(encoding="utf-8-sig"))


def node_at(root: Any, place: str) -> Any:
    for step in place.split():
        root = root[step]
    return root


def as_json(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)
