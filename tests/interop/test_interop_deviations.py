"""Where the PyPI package `ocpp` 2.1.0 departs from the rules, and how we get along with it all the same."""

# mypy: allow-subclassing-any, allow-untyped-decorators

import asyncio
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from interop_peers import (
    DEADLINE,
    ChargePoint16,
    ChargePoint201,
    after,
    call16,
    call201,
    connecting,
    listening,
    on,
    our_station_their_csms,
    result16,
    result201,
    run,
    start,
    their_class,
    their_station_our_csms,
)
from ocpp.exceptions import (
    FormationViolationError,
    PropertyConstraintViolationError,
    UnknownCallErrorCodeError,
)

from ocpp_sansio import (
    CallReceived,
    Config,
    Connection,
    ErrorCode,
    Role,
    Rule,
    Validation,
    Version,
    v16,
    v201,
)
from ocpp_sansio.frames import CallError
from ocpp_sansio.handlers import CallRejected, Handlers, IncomingCall
from ocpp_sansio.outcomes import CallFailed, InvalidResult

WHEN = datetime(2026, 6, 1, 12, tzinfo=UTC)
NAIVE = "2026-06-01T12:00:00"
"""What `datetime.utcnow().isoformat()`, common with that package, makes: a date-time without offset."""

UNCHECKED = Config(validation=Validation.OFF)


@pytest.fixture(autouse=True)
def _quiet_peer() -> Iterator[None]:
    """Keep their tracebacks about frames that are meant to be bad out of the report."""
    logger = logging.getLogger("ocpp")
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(logging.NOTSET)


class Csms16(ChargePoint16):
    """A CSMS of theirs that serves two actions."""

    @on("Authorize")
    def on_authorize(self, **_: Any) -> Any:
        return result16.Authorize(id_tag_info={"status": "Accepted"})

    @on("StatusNotification")
    def on_status_notification(self, **_: Any) -> Any:
        return result16.StatusNotification()

    @on("DataTransfer")
    def on_data_transfer(self, data: Any, **_: Any) -> Any:
        return result16.DataTransfer(status="Accepted", data=json.dumps(data))


class Csms201(ChargePoint201):
    """The same in 2.0.1."""

    @on("Authorize")
    def on_authorize(self, **_: Any) -> Any:
        return result201.Authorize(id_token_info={"status": "Accepted"})

    @on("StatusNotification")
    def on_status_notification(self, **_: Any) -> Any:
        return result201.StatusNotification()

    @on("DataTransfer")
    def on_data_transfer(self, data: Any, **_: Any) -> Any:
        return result201.DataTransfer(status="Accepted", data=json.dumps(data))


TOKEN = {"idToken": "CARD-4711", "type": "ISO14443"}
STATUS_16 = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
STATUS_201 = {
    "timestamp": "2026-06-01T12:00:00Z",
    "connectorStatus": "Available",
    "evseId": 1,
    "connectorId": 1,
}

# Their error code as spelled on the wire, None where they accept; then the rules' own (RULES §4 and §4.1).
REFUSALS_16 = [
    ("an unknown action", "NoSuchAction", {}, "NotSupported", "NotImplemented"),
    ("no handler", "Heartbeat", {}, "NotImplemented", "NotSupported"),
    (
        "an unknown member, E-2",
        "Authorize",
        {"idTag": "A", "x": 1},
        "FormatViolation",
        "FormationViolation",
    ),
    (
        "a string too long",
        "Authorize",
        {"idTag": "A" * 21},
        "TypeConstraintViolation",
        "PropertyConstraintViolation",
    ),
    (
        "a value not in the list",
        "StatusNotification",
        STATUS_16 | {"status": "Asleep"},
        "FormatViolation",
        "PropertyConstraintViolation",
    ),
    (
        "no date-time, A-6",
        "StatusNotification",
        STATUS_16 | {"timestamp": "banana"},
        None,
        "PropertyConstraintViolation",
    ),
    ("a member missing", "Authorize", {}, "ProtocolError", "ProtocolError"),
    (
        "a wrong type",
        "Authorize",
        {"idTag": 1},
        "TypeConstraintViolation",
        "TypeConstraintViolation",
    ),
]
REFUSALS_201 = [
    ("an unknown action", "NoSuchAction", {}, "NotSupported", "NotImplemented"),
    ("no handler", "Heartbeat", {}, "NotImplemented", "NotSupported"),
    (
        "an unknown member",
        "Authorize",
        {"idToken": TOKEN, "x": 1},
        "FormatViolation",
        "ProtocolError",
    ),
    (
        "a string too long",
        "Authorize",
        {"idToken": TOKEN | {"idToken": "A" * 37}},
        "TypeConstraintViolation",
        "PropertyConstraintViolation",
    ),
    (
        "a value not in the list",
        "StatusNotification",
        STATUS_201 | {"connectorStatus": "Asleep"},
        "FormatViolation",
        "PropertyConstraintViolation",
    ),
    (
        "no date-time, A-7",
        "StatusNotification",
        STATUS_201 | {"timestamp": "banana"},
        None,
        "PropertyConstraintViolation",
    ),
    ("a member missing", "Authorize", {}, "ProtocolError", "OccurrenceConstraintViolation"),
    (
        "an empty list, A-3",
        "Authorize",
        {"idToken": TOKEN | {"additionalInfo": []}},
        "FormatViolation",
        "OccurrenceConstraintViolation",
    ),
]
REFUSALS = [
    pytest.param(version, their_type, *row[1:], id=f"{version.subprotocol}: {row[0]}")
    for version, their_type, rows in (
        (Version.OCPP16, Csms16, REFUSALS_16),
        (Version.OCPP201, Csms201, REFUSALS_201),
    )
    for row in rows
]


@pytest.mark.parametrize(("version", "their_type", "action", "payload", "theirs", "ours"), REFUSALS)
def test_their_error_codes_beside_those_of_the_rules(  # noqa: PLR0917 - the columns of the table
    version: Version,
    their_type: Any,
    action: str,
    payload: dict[str, Any],
    theirs: str | None,
    ours: str,
) -> None:
    """RULES §4, §4.1, E-2: the same call to their CSMS and to ours."""
    assert our_refusal(version, action, payload) == ours

    async def scenario() -> None:
        async with our_station_their_csms(version, their_type, Handlers(), UNCHECKED) as (
            _,
            session,
        ):
            outcome = await session.send_call(action, payload)
            assert outcome.ok is (theirs is None)
            assert outcome.payload.get("errorCode") == theirs  # type: ignore[union-attr]  # JSON: sent by name

    run(scenario)


def our_refusal(version: Version, action: str, payload: dict[str, Any]) -> str:
    """Return the code with which our own CSMS refuses a call, by itself or for want of a handler."""
    csms = Connection(Role.CSMS)
    csms.connected(version, now=0)
    csms.received(json.dumps([2, "1", action, payload]), now=0)
    for event in csms.events():
        if isinstance(event, CallReceived):  # valid: what a session without a handler does
            csms.send_call_error(event, ErrorCode.NOT_SUPPORTED, now=0)
    (frame,) = csms.frames_to_send()
    assert isinstance(frame.message, CallError)
    return frame.message.code.as_wire(version)


def test_a_1_6_code_in_the_spelling_of_2_x_is_understood_e3() -> None:
    """E-2, E-3: they say FormatViolation on 1.6; it still ends the call, as the same member."""

    async def scenario() -> None:
        async with our_station_their_csms(Version.OCPP16, Csms16, Handlers(), UNCHECKED) as (
            _,
            session,
        ):
            with pytest.raises(CallFailed) as refused:
                await session.call("Authorize", {"idTag": "A", "x": 1})
            assert refused.value.code is ErrorCode.FORMAT_VIOLATION
            assert refused.value.event.raw_code == "FormatViolation"
            # Their details repeat the whole message that they refuse; ours never do.
            assert '"idTag":"A","x":1' in refused.value.details["ocpp_message"]

    run(scenario)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param("no JSON at all", id="I-5: not JSON"),
        pytest.param('{"not": "an array"}', id="I-5: no array"),
        pytest.param('[2,"1"]', id="I-5: elements missing"),
        pytest.param('[5,"1","GenericError","",{}]', id="F-9: a message type of 2.1"),
    ],
)
def test_they_leave_a_bad_frame_unanswered(bad: str) -> None:
    """I-5, F-9: in 2.0.1 each of these is owed a CALLERROR; the next call is served all the same."""
    csms = Connection(Role.CSMS)
    csms.connected(Version.OCPP201, now=0)
    csms.received(bad, now=0)
    assert len(csms.frames_to_send()) == 1

    async def scenario() -> None:
        async with (
            listening(Version.OCPP201, lambda socket: start(Csms201("CP001", socket))) as url,
            connecting(url, Version.OCPP201) as socket,
        ):
            await socket.send(bad)
            await socket.send(json.dumps([2, "good", "Authorize", {"idToken": TOKEN}]))
            answer = json.loads(await socket.recv())
            assert answer[:2] == [3, "good"]

    run(scenario)


def test_they_accept_and_send_date_times_without_an_offset_a7() -> None:
    """A-6, A-7: strictly refused; delivered with the violation where validation is lenient."""
    handlers = Handlers()
    violations: list[Rule] = []

    @handlers.on(v201.StatusNotificationRequest)
    def status(
        _: v201.StatusNotificationRequest, call: IncomingCall
    ) -> v201.StatusNotificationResponse:
        violations.extend(violation.rule for violation in call.violations)
        return v201.StatusNotificationResponse()

    async def scenario() -> None:
        report = call201.StatusNotification(
            timestamp=NAIVE, connector_status="Available", evse_id=1, connector_id=1
        )
        their_type = their_class(ChargePoint201)
        async with their_station_our_csms(Version.OCPP201, their_type, handlers) as (they, _):
            with pytest.raises(PropertyConstraintViolationError):
                await they.call(report, suppress=False)
        lenient = Config(validation=Validation.LENIENT)
        async with their_station_our_csms(Version.OCPP201, their_type, handlers, lenient) as (
            they,
            _,
        ):
            assert await they.call(report, suppress=False) == result201.StatusNotification()
            assert violations == [Rule.FORMAT]

    run(scenario)


class NaiveCsms(ChargePoint16):
    """A CSMS of theirs whose clock has no zone."""

    @on("Heartbeat")
    def on_heartbeat(self) -> Any:
        return result16.Heartbeat(current_time=NAIVE)


def test_an_answer_without_an_offset_is_none_unless_we_are_lenient_a6() -> None:
    """A-6: in 1.6 nobody can be told (E-12), so it is the caller who learns it."""

    async def scenario() -> None:
        async with our_station_their_csms(Version.OCPP16, NaiveCsms, Handlers()) as (_, session):
            with pytest.raises(InvalidResult) as invalid:
                await session.call(v16.HeartbeatRequest())
            assert [violation.rule for violation in invalid.value.violations] == [Rule.FORMAT]
        lenient = Config(validation=Validation.LENIENT)
        async with our_station_their_csms(Version.OCPP16, NaiveCsms, Handlers(), lenient) as (
            _,
            session,
        ):
            answer = await session.call(v16.HeartbeatRequest())
            assert answer.current_time == WHEN  # taken for UTC

    run(scenario)


def test_they_rewrite_free_json_a14() -> None:
    """A-13, A-14: what is in `data` is nobody's to touch; they rename keys and drop nulls."""
    data = {"stateOfCharge": None, "powerNow": [1, None]}

    async def scenario() -> None:
        async with our_station_their_csms(Version.OCPP201, Csms201, Handlers()) as (_, session):
            request = v201.DataTransferRequest(vendor_id="com.example", data=data)
            answer = await session.call(request)
            # What their handler got of it: what we sent left as it was.
            assert answer.data == '{"state_of_charge": null, "power_now": [1, null]}'
        handlers = Handlers()
        got: list[object] = []

        @handlers.on(v201.DataTransferRequest)
        def transfer(request: v201.DataTransferRequest) -> v201.DataTransferResponse:
            got.append(request.data)
            return v201.DataTransferResponse(status=v201.DataTransferStatusEnumType.ACCEPTED)

        their_type = their_class(ChargePoint201)
        async with their_station_our_csms(Version.OCPP201, their_type, handlers) as (they, _):
            await they.call(call201.DataTransfer(vendor_id="com.example", data=data))
            assert got == [{"powerNow": [1]}]

    run(scenario)


def test_their_call_returns_none_for_a_refusal_unless_told_otherwise() -> None:
    """E-2: our CSMS refuses in the spelling of 1.6, which they know; of the codes of 2.x they lack two."""
    handlers = Handlers()
    codes = [ErrorCode.FORMAT_VIOLATION, ErrorCode.FORMAT_VIOLATION]

    @handlers.on("Authorize")
    def authorize(_: object) -> dict[str, Any]:
        raise CallRejected(codes.pop(), "not like that")

    async def scenario() -> None:
        their_type = their_class(ChargePoint16)
        async with their_station_our_csms(Version.OCPP16, their_type, handlers) as (they, _):
            assert await they.call(call16.Authorize(id_tag="A")) is None
            with pytest.raises(FormationViolationError):
                await they.call(call16.Authorize(id_tag="A"), suppress=False)
        codes.append(ErrorCode.RPC_FRAMEWORK_ERROR)
        their_type = their_class(ChargePoint201)
        async with their_station_our_csms(Version.OCPP201, their_type, handlers) as (they, _):
            with pytest.raises(UnknownCallErrorCodeError, match="RpcFrameworkError"):
                await they.call(
                    call201.Authorize(id_token={"id_token": "A", "type": "Central"}), suppress=False
                )

    run(scenario)


def test_a_handler_of_ours_calls_back_before_it_answers_s2() -> None:
    """S-2: their station answers while it waits for us, and so do we."""
    handlers = Handlers()
    answers: list[object] = []

    @handlers.on(v16.AuthorizeRequest)
    async def authorize(_: v16.AuthorizeRequest, call: IncomingCall) -> v16.AuthorizeResponse:
        answers.append(await call.session.call(v16.ResetRequest(type=v16.ResetType.SOFT)))
        status = v16.AuthorizationStatus.BLOCKED
        return v16.AuthorizeResponse(id_tag_info=v16.IdTagInfo(status=status))

    class Station(ChargePoint16):
        @on("Reset")
        def on_reset(self, **_: Any) -> Any:
            return result16.Reset(status="Rejected")

    async def scenario() -> None:
        async with their_station_our_csms(Version.OCPP16, Station, handlers) as (they, _):
            result = await they.call(call16.Authorize(id_tag="A"), suppress=False)
            assert result.id_tag_info == {"status": "Blocked"}
            assert answers == [v16.ResetResponse(status=v16.ResetStatus.REJECTED)]

    run(scenario)


def test_a_handler_of_theirs_that_calls_back_cannot_hear_our_answer_s2() -> None:
    """S-2: their reader waits for the handler, the handler for the reader; its own timeout ends that."""
    handlers = Handlers({"Reset": lambda _: {"status": "Accepted"}})

    class Csms(ChargePoint16):
        @on("Authorize")
        async def on_authorize(self, **_: Any) -> Any:
            self._response_timeout = 0.05
            await self.call(call16.Reset(type="Soft"))
            return result16.Authorize(id_tag_info={"status": "Accepted"})

    async def scenario() -> None:
        async with our_station_their_csms(Version.OCPP16, Csms, handlers) as (_, session):
            with pytest.raises(CallFailed) as refused:
                await session.call(v16.AuthorizeRequest(id_tag="A"))
            assert refused.value.code is ErrorCode.INTERNAL_ERROR

    run(scenario)


def test_our_station_reports_what_it_was_asked_for_after_its_answer_a15() -> None:
    """A-15: TriggerMessage is answered first, then the message that it asks for is sent."""
    handlers = Handlers()
    accepted = v16.TriggerMessageResponse(status=v16.TriggerMessageStatus.ACCEPTED)

    @handlers.on(v16.TriggerMessageRequest)
    def trigger(_: v16.TriggerMessageRequest) -> v16.TriggerMessageResponse:
        return accepted

    @handlers.after(v16.TriggerMessageRequest)
    async def report(_: v16.TriggerMessageRequest, call: IncomingCall) -> None:
        await call.session.call("StatusNotification", STATUS_16)

    class Csms(Csms16):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.arrivals: list[object] = []
            self.reported = asyncio.Event()

        async def route_message(self, raw_msg: str) -> None:
            self.arrivals.append(json.loads(raw_msg)[0])
            await super().route_message(raw_msg)

        @after("StatusNotification")
        def after_status_notification(self, **_: Any) -> None:
            self.reported.set()

    async def scenario() -> None:
        async with our_station_their_csms(Version.OCPP16, Csms, handlers) as (they, _):
            await they.call(call16.TriggerMessage(requested_message="StatusNotification"))
            await asyncio.wait_for(they.reported.wait(), DEADLINE)
            assert they.arrivals == [3, 2]

    run(scenario)
