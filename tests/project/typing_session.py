"""What type checkers must accept and refuse of the session; read by mypy and pyright, never run.

Every line marked `REFUSED` must be an error, and no other line may be: test_typing.py sees to both.
"""

# ruff: noqa: ARG001, B018 - a signature is what these functions are here for

from typing import Any, assert_type

from ocpp_sansio import JsonObject, v16, v21
from ocpp_sansio.asyncio import Session as AsyncioSession
from ocpp_sansio.handlers import DEFERRED, Deferred, Handlers, IncomingCall
from ocpp_sansio.hooks import HookInfo, Hooks
from ocpp_sansio.trio import Session as TrioSession

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


# --- and every one that is wrong ----------------------------------------------------------------


@handlers.on(Request)  # REFUSED
async def wrong_response(request: Request, call: IncomingCall) -> v16.HeartbeatResponse:
    raise NotImplementedError


@handlers.on(Request)  # REFUSED
def wrong_response_of_a_plain_one(request: Request) -> v16.HeartbeatResponse:
    raise NotImplementedError


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


handlers.on(v16.BootNotificationResponse)  # REFUSED
hooks.before("sendCall")  # REFUSED


@hooks.after("send_call")  # REFUSED
def no_result(info: HookInfo) -> None: ...
