"""What a peer says gets into the log cut and escaped: no line is as long as it likes, and none is two."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote as percent_coded

import net_worlds
import pytest
from log_lines import LONGEST, NASTY, flaws_of
from net_worlds import in_every_world
from worlds import WORLDS, World, caught

from ocpp_sansio import Config, Role, Version
from ocpp_sansio.handlers import Handlers, IncomingCall
from ocpp_sansio.hooks import HookInfo, Hooks
from ocpp_sansio.net import ConnectionRequest, HandshakeFailed, Limits
from ocpp_sansio.outcomes import CallFailed, InvalidResult
from ocpp_sansio.testing import HOSTILE, every_bad_frame
from ocpp_sansio.websocket import WebSocketConfig

EVERYTHING = 1_000_000
"""Records a second: what would be folded is to be looked at, too."""

ALL_OF_IT = Config(max_message_size=64 * 1024 * 1024)


def quoting_handlers(*, is_async: bool) -> Handlers:
    """Return handlers that fail, and repeat what they could not use in every way an exception can."""
    handlers = Handlers()

    def blow_up(text: str) -> None:
        error = ValueError(text)
        error.add_note(text)
        try:
            raise KeyError(text)  # noqa: TRY301 - a cause is wanted
        except KeyError as cause:
            raise ExceptionGroup(text, [error, RuntimeError(text)]) from cause

    async def fail_later(payload: Any, call: IncomingCall) -> None:
        blow_up(f"{call.action}{call.message_id}{payload}")

    def fail(payload: Any, call: IncomingCall) -> None:
        blow_up(f"{call.action}{call.message_id}{payload.get('text') if payload else ''}")

    handlers.on("*")(fail_later if is_async else fail)
    handlers.after("*")(fail)
    return handlers


def failing_hooks() -> Hooks:
    hooks = Hooks()

    @hooks.before("message_received")
    def fail(info: HookInfo) -> None:
        raise RuntimeError(info.data)

    @hooks.after("execute_call_handler")
    def fail_too(info: HookInfo, _: object) -> None:
        raise RuntimeError(f"{info.action}{info.message_id}{info.payload}")

    return hooks


def messages_with(text: str) -> list[bytes | str]:
    return [
        text,
        json.dumps(text),
        *(json.dumps([number, text, text, text, {text: text}]) for number in range(1, 8)),
        *(json.dumps([number, text, {text: text}]) for number in (2, 3, 6)),
        json.dumps([2, text, text, {"text": text}]),
        json.dumps([2, "id", text, {"text": text}]),
        json.dumps([2, "id1", "Heartbeat", {text: text}]),
        json.dumps([2, "id2", "DataTransfer", {"vendorId": text, "data": text}]),
        json.dumps([4, "-1", text, text, {text: text}]),
        json.dumps([5, "id", text, text, {text: text}]),
        json.dumps([6, "id3", "NotifyPeriodicEventStream", {text: text}]),
    ]


async def talk(world: World, role: Role, version: Version, messages: list[bytes | str]) -> None:
    for is_async in (False, True):
        for hooks in (Hooks(), failing_hooks()):
            async with world.session(
                role,
                sender=lambda _: None,
                handlers=quoting_handlers(is_async=is_async),
                hooks=hooks,
                identity="x" * 4066,
                config=ALL_OF_IT,
                max_log_records=EVERYTHING,
            ) as session:
                await session.connected(version)
                for message in messages:
                    await session.received(message)
                    await world.settle()


@pytest.mark.parametrize("kind", NASTY)
@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("world", WORLDS)
def test_whatever_a_peer_says_the_log_has_it_on_one_line_and_not_whole(
    world: str, version: Version, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "ocpp_sansio")

    async def scenario(world: World) -> None:
        for role in Role:
            await talk(world, role, version, messages_with(NASTY[kind]))

    WORLDS[world](scenario)

    texts = [record.getMessage() for record in caplog.records]
    assert any("the handler of" in text for text in texts)
    assert any("what runs after" in text for text in texts)
    assert any("the peer broke a rule: " in text for text in texts)
    assert any("a hook before message_received failed" in text for text in texts)
    assert any("a hook after execute_call_handler failed" in text for text in texts)
    if version is Version.OCPP21:
        assert any("the peer cannot use our answer to" in text for text in texts)
    if version is not Version.OCPP16:
        assert any("the peer could not read a message of ours" in text for text in texts)
    assert any(record.exc_info for record in caplog.records)
    assert flaws_of(caplog.records) == []


@pytest.mark.parametrize("version", Version)
def test_no_bad_frame_makes_a_line_that_is_long_or_two(
    version: Version, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "ocpp_sansio")
    frames = [bad.data for bad in every_bad_frame(version, Role.CSMS)]

    async def scenario(world: World) -> None:
        await talk(world, Role.CSMS, version, [*HOSTILE.values(), *frames])

    WORLDS["asyncio"](scenario)
    assert len(caplog.records) > 100
    assert flaws_of(caplog.records) == []


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_a_refusal_and_a_bad_answer_make_exceptions_of_one_short_line(text: str) -> None:
    errors: list[BaseException] = []

    async def scenario(world: World) -> None:
        for answer in (
            [4, "1", text, text, {text: text}],
            [3, "1", {f"{text[:40]}{n}": 1 for n in range(20)}],
        ):
            async with world.session(
                Role.STATION, sender=lambda _: None, config=ALL_OF_IT
            ) as session:
                await session.connected("ocpp1.6")
                job = world.start(lambda: caught(session.call("Heartbeat")))
                await world.settle()
                [call] = [session.connection.outstanding_call]
                assert call
                answer[1] = call.message_id
                await session.received(json.dumps(answer))
                errors.append(await job.result())

    WORLDS["asyncio"](scenario)
    refused, invalid = errors
    assert isinstance(refused, CallFailed)
    assert refused.description == text  # whole, for who asks
    assert isinstance(invalid, InvalidResult)
    assert len(invalid.violations) > 2
    for error in errors:
        assert str(error).isprintable()
        assert len(str(error)) <= LONGEST


# --- the handshake, over real sockets ----------------------------------------------------------------


def requests_with(text: str) -> list[bytes]:
    raw = text[:8000].encode()
    coded = percent_coded(text[:800], safe="").encode()
    proper = (
        b"Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
    )
    return [
        raw + b"\r\n\r\n",
        b"GET /" + raw + b" x\r\n\r\n",
        b"GET /a HTTP/" + raw + b"\r\n\r\n",
        b"GET /ocpp/CP1 HTTP/1.1\r\n" + raw + b"\r\n\r\n",
        b"GET /ocpp/CP1 HTTP/1.1\r\n" + raw + b": " + raw + b"\r\n" + proper,
        b"GET /ocpp/CP1 HTTP/1.1\r\nX: " + raw + b"\r\n" + proper,
        b"GET /ocpp/" + coded + b" HTTP/1.1\r\n" + proper,
        b"GET /ocpp/refuse" + b"x" * 4000 + b" HTTP/1.1\r\n" + proper,
        b"GET /ocpp/fail" + coded + b" HTTP/1.1\r\n" + proper,
        b"GET /ocpp/fail" + b"x" * 400 + b"?" + coded + b" HTTP/1.1\r\n" + proper,
    ]


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
@in_every_world
def test_no_handshake_gets_into_the_log_of_a_server_as_it_came(
    world: net_worlds.World, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def authenticate(request: ConnectionRequest) -> Any:
        if "fail" in request.path:
            raise ValueError(request.path, request.identity, request.headers)
        return f"no{request.identity}" if "refuse" in request.path else 403

    async def scenario(world: net_worlds.World) -> None:
        limits = Limits(max_log_records=EVERYTHING)
        any_length = WebSocketConfig(max_identity_length=8000)
        async with world.serve(
            None,
            "127.0.0.1",
            0,
            versions=["ocpp1.6"],
            authenticate=authenticate,
            limits=limits,
            websocket=any_length,
        ) as server:
            for request in requests_with(text):
                peer = await world.raw(server.port)
                await peer.send(request)
                await world.within(0.2, peer.read_all)
                await peer.close()

    world.run(scenario)
    texts = [record.getMessage() for record in caplog.records]
    assert any("a handshake failed" in text for text in texts)
    assert any("authenticate failed" in text for text in texts)
    assert any("authenticate returned" in text for text in texts)
    assert flaws_of(caplog.records) == []


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """Be a CSMS that answers each request with the same bytes, and hangs up; yield its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                peer.recv(65536)
                peer.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
@in_every_world
def test_no_answer_to_a_handshake_gets_out_of_connect_as_it_came(
    world: net_worlds.World, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    errors: list[Exception] = []
    raw = text[:8000].encode()

    async def scenario(world: net_worlds.World) -> None:
        for answer in (
            raw + b"\r\n\r\n",
            b"HTTP/1.1 401 " + raw + b"\r\n\r\n",
            b"HTTP/1.1 " + raw + b" No\r\n\r\n",
            b"HTTP/1.1 101 " + raw + b"\r\n" + raw + b": " + raw + b"\r\n\r\n",
            b"HTTP/1.1 404 No\r\nX: " + raw + b"\r\nContent-Length: 3\r\n\r\nabc",
        ):
            with answering(answer) as port:
                try:
                    url = f"ws://127.0.0.1:{port}/ocpp"
                    async with world.connect(url, identity="CP1", versions=["ocpp1.6"]):
                        raise AssertionError("nobody has agreed on a version")
                except (HandshakeFailed, OSError) as error:
                    errors.append(error)

    world.run(scenario)
    assert sum(isinstance(error, HandshakeFailed) for error in errors) >= 3
    for error in errors:
        assert str(error).isprintable()
        assert len(str(error)) <= LONGEST
    assert any("no connection to" in record.getMessage() for record in caplog.records)
    assert flaws_of(caplog.records) == []
