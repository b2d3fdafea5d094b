"""What type checkers must accept and refuse of the session; read by mypy and pyright, never run.

Every line marked `REFUSED` must be an error, and no other line may be: test_typing.py sees to both.
"""

# ruff: noqa: ARG001, B018 - a signature is what these functions are here for

from dataclasses import dataclass
from typing import Any, assert_never, assert_type

from ocpp_sansio import JsonObject, v16, v21, v201
from ocpp_sansio.asyncio import NetSession, serve
from ocpp_sansio.asyncio import Session as AsyncioSession
from ocpp_sansio.handlers import DEFERRED, Deferred, Handlers, IncomingCall
from ocpp_sansio.hooks import HookInfo, Hooks
from ocpp_sansio.net import Admission, Authenticate, ConnectionRequest
from ocpp_sansio.station import Deauthorized, Record, Registered, Station
from ocpp_sansio.trio import Session as TrioSession
from ocpp_sansio.v16 import lenient
from ocpp_sansio.v201 import lenient as lenient201

handlers = Handlers()
hooks = Hooks()

Request = v16.BootNotificationRequest
Response = v16.BootNotificationResponse


async def calls(session: AsyncioSession, other: TrioSession, boot: Request) -> None:
    assert_type(await session.call(boot), Response)
    assert_type((await session.call(boot)).interval, int)
    assert_type((await other.call(boot, timeout=3)).interval, int)
    assert_type(await session.call("BootNotification", {"a": 1}), JsonObject)
    assert_type((await session.send_call(boot)).ok, bool)
    await session.call(v16.BootNotificationResponse)  # REFUSED
    await session.call(boot, {"a": 1})  # REFUSED
    await session.send_unconfirmed(boot)  # REFUSED
    (await session.call(boot)).heartbeat_interval  # REFUSED


# --- every shape of handler that is right -------------------------------------------------------


@handlers.on(Request)
async def with_call(request: Request, call: IncomingCall) -> Response:
    assert_type(
        (await call.session.call(v16.ResetRequest(type=v16.ResetType.SOFT))).status, v16.ResetStatus
    )
    raise NotImplementedError


@handlers.on(Request)
async def without_call(request: Request) -> Response:
    raise NotImplementedError


@handlers.on(Request)
def plain(request: Request, call: IncomingCall) -> Response:
    raise NotImplementedError


@handlers.on(Request)
def json(request: Request) -> JsonObject:
    return {}


@handlers.on(Request)
async def either(request: Request, call: IncomingCall) -> Response | JsonObject | Deferred:
    return DEFERRED


@handlers.on(v21.NotifyPeriodicEventStream)
async def send(message: v21.NotifyPeriodicEventStream) -> None: ...


@handlers.on("VendorAction")
async def vendor(payload: JsonObject, call: IncomingCall) -> JsonObject:
    return payload


@handlers.on("*")
def fallback(payload: Any, call: IncomingCall) -> Deferred:
    return DEFERRED


@handlers.after(Request)
async def after(request: Request, call: IncomingCall) -> None: ...


@hooks.before("send_call")
async def before_hook(info: HookInfo) -> None: ...


@hooks.after("send_call")
def after_hook(info: HookInfo, result: object) -> None: ...


# --- what a station that loses nothing is told --------------------------------------------------

Start = v16.StartTransactionRequest
Started = v16.StartTransactionResponse


@handlers.delivered(Start)
async def delivered(request: Start, response: Started, record: Record) -> None:
    assert_type(record.transaction, str | None)


@handlers.delivered(Start)
def delivered_without_the_record(request: Start, response: Started) -> None: ...


@handlers.delivered("StartTransaction")
def delivered_by_name(request: JsonObject, response: Any) -> None: ...


@handlers.when(Deauthorized)
async def deauthorized(event: Deauthorized, session: NetSession) -> None: ...


async def acts(session: NetSession, station: Station, start: Start) -> None:
    assert_type(session.act(station.next_seq_no), int)
    assert_type(await session.post(start), Record)


# --- what the door has found out, in handlers ---------------------------------------------------


@dataclass
class Charger:
    tenant: str


chargers = Handlers[Charger]()


@chargers.on(Request)
async def of_a_charger(request: Request, call: IncomingCall[Charger]) -> Response:
    assert_type(call.context, Charger)
    assert_type(call.context.tenant, str)
    raise NotImplementedError


@chargers.on(Request)
def of_anything(request: Request, call: IncomingCall) -> Response:
    raise NotImplementedError


@chargers.on(v21.NotifyPeriodicEventStream)
async def send_of_a_charger(
    message: v21.NotifyPeriodicEventStream, call: IncomingCall[Charger]
) -> None: ...


@chargers.after(Request)
async def after_a_charger(request: Request, call: IncomingCall[Charger]) -> None: ...


@handlers.on(Request)
async def of_any_handlers(request: Request, call: IncomingCall[Charger]) -> Response:
    raise NotImplementedError


def admit(request: ConnectionRequest) -> int | Admission[Charger]:
    return Admission(context=Charger(request.headers["x-tenant"]))


async def admit_later(request: ConnectionRequest) -> bool | Admission[Charger]:
    return Admission(context=Charger("a"), version="ocpp1.6")


def admit_number(request: ConnectionRequest) -> Admission[int]:
    return Admission(context=1)


async def admit_without(request: ConnectionRequest) -> Admission:
    return Admission(check_username=False)


async def on_charger(session: NetSession[Charger]) -> None:
    assert_type(session.context, Charger)
    assert_type(session.request, ConnectionRequest | None)


async def on_any(session: NetSession) -> None:
    session.context.anything_goes  # nobody has said what it is


async def servers() -> None:
    async with serve(
        on_charger, None, 0, versions=["ocpp1.6"], handlers=chargers, authenticate=admit
    ) as server:
        assert_type(server.sessions["CP001"], NetSession[Charger])
        assert_type(server.sessions["CP001"].context.tenant, str)
        assert_type(
            (await server.sessions["CP001"].call(v16.HeartbeatRequest())), v16.HeartbeatResponse
        )
    async with serve(
        on_any, None, 0, versions=["ocpp1.6"], handlers=handlers, authenticate=admit_without
    ) as other:
        assert_type(other.sessions["CP001"], NetSession)
    async with serve(None, None, 0, versions=["ocpp1.6"], authenticate=lambda _: 404) as third:
        third.sessions["CP001"].context.anything_goes
    async with serve(None, None, 0, versions=["ocpp1.6"], authenticate=admit_later) as fourth:
        assert_type(fourth.sessions["CP001"].context, Charger)


door: Authenticate = admit
own_door: Authenticate[Charger] = admit_later


# --- and every one that is wrong ----------------------------------------------------------------


@handlers.on(Request)  # REFUSED
async def wrong_response(request: Request, call: IncomingCall) -> v16.HeartbeatResponse:
    raise NotImplementedError


@handlers.on(Request)  # REFUSED
def wrong_response_of_a_plain_one(request: Request) -> v16.HeartbeatResponse:
    raise NotImplementedError


@handlers.delivered(Start)  # REFUSED
def another_request(request: Request, response: Started) -> None: ...


@handlers.delivered(Start)  # REFUSED
def another_response(request: Start, response: Response) -> None: ...


@handlers.delivered(Start)  # REFUSED
def no_record(request: Start, response: Started, record: int) -> None: ...


@handlers.when(Deauthorized)  # REFUSED
def another_event(event: Registered) -> None: ...


@handlers.on(Request)  # REFUSED
async def another_version(request: Request) -> v21.BootNotificationResponse:
    raise NotImplementedError


@handlers.on(Request)  # REFUSED
async def wrong_request(request: v16.HeartbeatRequest, call: IncomingCall) -> Response:
    raise NotImplementedError


@handlers.on(Request)  # REFUSED
async def no_response(request: Request, call: IncomingCall) -> None: ...


@handlers.on(v21.NotifyPeriodicEventStream)  # REFUSED
async def answered_send(message: v21.NotifyPeriodicEventStream) -> JsonObject:
    return {}


@handlers.on("VendorAction")  # REFUSED
def named_nonsense(payload: JsonObject) -> int:
    return 1


@handlers.after(Request)  # REFUSED
async def after_another(request: v16.HeartbeatRequest, call: IncomingCall) -> None: ...


# --- handlers that take JSON objects, too -----------------------------------------------------


@handlers.on(Request, objects=True)
async def typed_or_not(request: Request | JsonObject, call: IncomingCall) -> Response:
    assert_type(call.raw, JsonObject)
    assert_type(call.data, bytes)
    if isinstance(request, dict):
        return Response(**request)
    assert_type(request.charge_point_model, str)
    raise NotImplementedError


@handlers.on(v21.NotifyPeriodicEventStream, objects=True)
def sent_or_not(message: v21.NotifyPeriodicEventStream | JsonObject) -> None: ...


@handlers.after(Request, objects=True)
def after_either(request: Request | JsonObject) -> None: ...


@handlers.on(Request, objects=True)  # REFUSED
async def takes_no_object(request: Request, call: IncomingCall) -> Response:
    raise NotImplementedError


@handlers.on(v21.NotifyPeriodicEventStream, objects=True)  # REFUSED
def takes_no_object_sent(message: v21.NotifyPeriodicEventStream) -> None: ...


@handlers.after(Request, objects=True)  # REFUSED
def takes_no_object_after(request: Request) -> None: ...


# --- where validation is lenient, a text may stand for a member of an enum ------------------------


def is_complete(status: v16.RegistrationStatus) -> bool:
    match status:
        case v16.RegistrationStatus.ACCEPTED:
            return True
        case v16.RegistrationStatus.PENDING | v16.RegistrationStatus.REJECTED:
            return False
        case _:
            assert_never(status)


async def in_strict(session: AsyncioSession, boot: Request) -> None:
    is_complete((await session.call(boot)).status)


async def in_lenient(session: AsyncioSession, boot: lenient.BootNotificationRequest) -> None:
    answer = await session.call(boot)
    assert_type(answer, lenient.BootNotificationResponse)
    assert_type(answer.status, v16.RegistrationStatus | str)
    match answer.status:
        case v16.RegistrationStatus.ACCEPTED:
            pass
        case v16.RegistrationStatus():
            pass
        case text:
            assert_type(text, str)
            text.casefold()
    is_complete(answer.status)  # REFUSED
    in_strict(session, boot)  # REFUSED


def forgets_the_text(status: lenient.StatusNotificationRequest) -> str:
    match status.error_code:
        case v16.ChargePointErrorCode():
            return "known"
        case other:
            assert_never(other)  # REFUSED


def in_a_list(values: lenient.MeterValuesRequest) -> None:
    unit = values.meter_value[0].sampled_value[0].unit
    assert_type(unit, v16.UnitOfMeasure | str | None)


def of_another_version(boot: lenient201.BootNotificationRequest) -> v201.BootReasonEnumType:
    if isinstance(boot.reason, v201.BootReasonEnumType):
        return boot.reason
    return boot.reason  # REFUSED


@handlers.on(lenient.AuthorizeRequest)
def our_answer_is_strict(request: lenient.AuthorizeRequest) -> v16.AuthorizeResponse:
    raise NotImplementedError


@handlers.on(lenient.AuthorizeRequest)
async def or_not(
    request: lenient.AuthorizeRequest, call: IncomingCall
) -> lenient.AuthorizeResponse:
    raise NotImplementedError


@handlers.on(lenient.StatusNotificationRequest, objects=True)
async def lenient_or_an_object(
    request: lenient.StatusNotificationRequest | JsonObject,
) -> v16.StatusNotificationResponse:
    raise NotImplementedError


@handlers.on(lenient.AuthorizeRequest, objects=True)
async def loose_or_an_object(
    request: lenient.AuthorizeRequest | JsonObject, call: IncomingCall
) -> v16.AuthorizeResponse:
    raise NotImplementedError


@handlers.after(lenient.StatusNotificationRequest)
def after_lenient(request: lenient.StatusNotificationRequest) -> None: ...


@handlers.on(lenient.AuthorizeRequest)  # REFUSED
def answers_another(request: lenient.AuthorizeRequest) -> v16.StatusNotificationResponse:
    raise NotImplementedError


@handlers.on(lenient.StatusNotificationRequest)  # REFUSED
def takes_the_strict_one(
    request: v16.StatusNotificationRequest,
) -> v16.StatusNotificationResponse:
    raise NotImplementedError


@chargers.on(Request)  # REFUSED
async def of_another_context(request: Request, call: IncomingCall[int]) -> Response:
    raise NotImplementedError


@chargers.on(Request)
async def misspelled(request: Request, call: IncomingCall[Charger]) -> Response:
    call.context.tennant  # REFUSED
    raise NotImplementedError


async def other_context_than_the_handlers() -> None:
    serve(None, None, 0, versions=[], handlers=chargers, authenticate=admit_number)  # REFUSED


wrong_door: Authenticate[int] = admit  # REFUSED
handlers.on(v16.BootNotificationResponse)  # REFUSED
hooks.before("sendCall")  # REFUSED


@hooks.after("send_call")  # REFUSED
def no_result(info: HookInfo) -> None: ...
