"""`MockCsms` and `MockStation`: against each other, and our own `connect` and `serve`, in both loops."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, Literal

import pytest
import trio

import ocpp_sansio.asyncio
import ocpp_sansio.trio
from ocpp_sansio import ErrorCode, LocalProtocolError, Version, v16, v201
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.handlers import CallRejected
from ocpp_sansio.testing import MockCsms, MockStation, Refusal, minimal, run_in_virtual_time

Story = Callable[[], Awaitable[None]]
LOOPS: tuple[Literal["asyncio", "trio"], ...] = ("asyncio", "trio")
in_both = pytest.mark.parametrize("loop", LOOPS)


async def sleep(seconds: float) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        await trio.sleep(seconds)
    else:
        await asyncio.sleep(seconds)


@in_both
@pytest.mark.parametrize("version", Version)
def test_a_station_boots_and_charges_and_each_side_sees_it(loop: Any, version: Version) -> None:
    csms, station = MockCsms(version), MockStation("CP007", version)

    async def story() -> None:
        async with csms.serve() as url, station.connect(url):
            answer = await station.boot()
            assert answer.status == "Accepted"
            charges = [await station.charge("5.5"), await station.charge(0)]
            assert charges[0].energy == Decimal("5.5")
            assert charges[0].transaction_id != charges[1].transaction_id
            if version is Version.OCPP16:
                stop = await csms.expect(v16.StopTransactionRequest, transaction_id=1)
                assert stop.meter_stop == 5500
                with pytest.raises(TypeError, match="has no member 'nonsense'"):
                    await csms.expect(v16.StopTransactionRequest, nonsense=1)

    run_in_virtual_time(story, loop=loop)
    assert csms.identity == "CP007"
    assert "BootNotification" in str(csms.history)
    assert not csms.is_connected


@in_both
def test_what_does_not_come_is_told_with_what_did(loop: Any) -> None:
    csms, station = MockCsms(), MockStation()

    async def story() -> None:
        async with csms.serve() as url, station.connect(url):
            await station.call(v16.AuthorizeRequest(id_tag="A"))
            with pytest.raises(AssertionError) as missing:
                await csms.expect(v16.AuthorizeRequest, id_tag="B", within=86_400)
            text = str(missing.value)
            assert text.startswith("no AuthorizeRequest(id_tag='B') came within 86400 s\n")
            assert "but AuthorizeRequest(id_tag='A')" in text
            assert '[2,"' in text, "the history"
            assert (await csms.expect(v16.AuthorizeRequest)).id_tag == "A", "it stays expected"

    run_in_virtual_time(story, loop=loop)


@in_both
def test_each_side_calls_and_is_answered_as_the_test_says(loop: Any) -> None:
    csms, station = MockCsms(), MockStation()
    csms.answer("Authorize", lambda request: {"idTagInfo": {"status": request.id_tag}})
    station.answer(v16.ResetRequest, Refusal(ErrorCode.NOT_SUPPORTED, "never"))

    async def story() -> None:
        async with csms.serve() as url, station.connect(url):
            info = (await station.call(v16.AuthorizeRequest(id_tag="Blocked"))).id_tag_info
            assert info.status == "Blocked"
            with pytest.raises(AssertionError, match="'Blocked' is 'Blocked'"):
                await station.charge(id_tag="Blocked")
            with pytest.raises(CallRejected, match="never"):
                await csms.call(minimal(v16.ResetRequest))
            answer = await csms.call(minimal(v16.ClearCacheRequest))
            assert answer.status == "Accepted"

    run_in_virtual_time(story, loop=loop)


@in_both
def test_faults_to_order(loop: Any) -> None:
    csms, station = MockCsms(), MockStation()

    async def story() -> None:
        async with csms.serve() as url, station.connect(url):
            csms.answer_twice("Heartbeat")
            await station.call(v16.HeartbeatRequest())
            csms.never_answer(v16.HeartbeatRequest)
            with pytest.raises(AssertionError, match="no answer to Heartbeat came within 60 s"):
                await station.call(v16.HeartbeatRequest(), within=60)
            csms.close_instead("Heartbeat")
            with pytest.raises(AssertionError, match="Heartbeat had no answer: CallAborted"):
                await station.call(v16.HeartbeatRequest())
            await station.connected(within=10)
            await station.call(v16.HeartbeatRequest())
            await csms.send_frame('[2,"1"')
            await csms.send_frame(b'[3,"nobody",{}]')
            await station.call(v16.HeartbeatRequest())

    run_in_virtual_time(story, loop=loop)
    seen = str(station.history)
    assert seen.count("LateResponseReceived") + seen.count("ProtocolViolated") >= 2, seen
    with pytest.raises(ValueError, match="has no action 'Heartbeats'"):
        csms.never_answer("Heartbeats")


@in_both
def test_a_day_without_a_line_takes_a_moment(loop: Any) -> None:
    csms, station = MockCsms(), MockStation()

    async def story() -> None:
        async with csms.serve() as url, station.connect(url):
            await csms.go_offline(86_400)
            assert not csms.is_connected
            await station.connected(within=700)
            await station.go_offline(3600)
            await station.call(v16.HeartbeatRequest())

    run_in_virtual_time(story, loop=loop)
    assert "the csms is offline for 86400 s" in str(csms.history)


@in_both
def test_our_own_client_meets_the_mock_csms(loop: Any) -> None:
    csms = MockCsms("ocpp2.0.1")
    module: Any = {"asyncio": ocpp_sansio.asyncio, "trio": ocpp_sansio.trio}[loop]

    async def story() -> None:
        async with csms.serve() as url:
            handlers = {"Reset": lambda _: {"status": "Scheduled"}}
            async with module.connect(
                url,
                identity="CP9",
                versions=["ocpp2.0.1"],
                handlers=handlers,
                reconnect=Backoff(),
            ) as station:
                await station.call(minimal(v201.BootNotificationRequest))
                await csms.expect(v201.BootNotificationRequest, within=30)
                assert (await csms.call(minimal(v201.ResetRequest))).status == "Scheduled"
                await csms.go_offline(86_400)
                await csms.connected(within=7200)

    run_in_virtual_time(story, loop=loop)
    assert csms.identity == "CP9"


@in_both
def test_our_own_server_meets_the_mock_station(loop: Any) -> None:
    module: Any = {"asyncio": ocpp_sansio.asyncio, "trio": ocpp_sansio.trio}[loop]
    seen: list[Any] = []

    def start(request: v16.StartTransactionRequest) -> dict[str, Any]:
        seen.append(request)
        return {"transactionId": 42, "idTagInfo": {"status": "Accepted"}}

    async def story() -> None:
        plain = {name: minimal(kind) for name, kind in RESPONSES.items()}
        handlers: dict[Any, Any] = {name: lambda _, it=it: it for name, it in plain.items()}
        handlers["StartTransaction"] = start
        async with (
            module.serve(None, "127.0.0.1", 0, versions=["ocpp1.6"], handlers=handlers) as server,
            MockStation().connect(f"ws://127.0.0.1:{server.port}") as station,
        ):
            charge = await station.charge(2)
            assert charge.transaction_id == 42

    run_in_virtual_time(story, loop=loop)
    assert [request.id_tag for request in seen] == ["CAFE01"]


RESPONSES: dict[str, Any] = {
    "Authorize": v16.AuthorizeResponse,
    "StatusNotification": v16.StatusNotificationResponse,
    "MeterValues": v16.MeterValuesResponse,
    "StopTransaction": v16.StopTransactionResponse,
}


def test_it_works_in_real_time_too() -> None:
    csms, station = MockCsms(), MockStation()

    async def story() -> None:
        async with csms.serve() as url, station.connect(url):
            await station.boot()
            await csms.expect(v16.BootNotificationRequest)

    asyncio.run(story())
    trio.run(story_of(MockCsms(), MockStation()))


def story_of(csms: MockCsms, station: MockStation) -> Story:
    async def story() -> None:
        async with csms.serve() as url, station.connect(url):
            await station.boot()

    return story


def test_who_is_not_connected_cannot_send() -> None:
    async def story() -> None:
        with pytest.raises(LocalProtocolError, match="no connection to send a frame on"):
            await MockCsms().send_frame(b"[]")
        with pytest.raises(LocalProtocolError):
            await MockStation().boot()
        with pytest.raises(AssertionError, match="no connection in 3 s"):
            async with MockStation().connect("ws://127.0.0.1:1", within=3):
                pass

    run_in_virtual_time(story)


def test_virtual_time_is_of_one_of_two_loops_and_never_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ocpp_sansio.testing.virtual.HANGS", 0.1)

    async def wait_for_ever() -> None:
        await asyncio.Event().wait()

    async def a_month() -> float:
        await asyncio.sleep(30 * 86_400)
        return asyncio.get_running_loop().time()

    with pytest.raises(ValueError, match='"asyncio" or "trio", not \'uvloop\''):
        run_in_virtual_time(a_month, loop="uvloop")  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="this would hang"):
        run_in_virtual_time(wait_for_ever)
    assert run_in_virtual_time(a_month) >= 30 * 86_400
