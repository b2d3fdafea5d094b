"""On asyncio all connections that are ready take their turn together, and yet none depends on another."""

import asyncio
import logging
import socket
import sys
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeGuard

import pytest
import trustme
from net_worlds import AsyncioWorld, World, on_asyncio
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from ocpp_sansio.asyncio import Server, corked, serve
from ocpp_sansio.outcomes import ConnectionLost
from ocpp_sansio.tls import csms_context, station_context
from ocpp_sansio.websocket import WebSocketConfig

until = AsyncioWorld().until
TRANSFER = '[2,"%s","DataTransfer",{"vendorId":"v","data":"%s"}]'
ACCEPTED = '[3,"%s",{"status":"Accepted"}]'


def client_protocol(port: int, identity: str, **options: Any) -> ClientProtocol:
    """Return the WebSocket of a station, its request written."""
    uri = parse_uri(f"ws://127.0.0.1:{port}/{identity}")
    protocol = ClientProtocol(uri, subprotocols=[Subprotocol("ocpp1.6")], **options)
    protocol.send_request(protocol.connect())
    return protocol


class Peer:
    """A station that writes at once, so that the server finds together what several of them say."""

    def __init__(self, port: int, identity: str, **options: Any) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setblocking(False)
        self._protocol = client_protocol(port, identity, **options)

    async def open(self) -> None:
        self.flush()
        while not list(self._protocol.events_received()):
            assert await self._receive()

    def say(self, *messages: str) -> None:
        """Write messages, all in one segment."""
        for message in messages:
            self.add(message)
        self.flush()

    def hang_up(self) -> None:
        """Write a close frame, in one segment with what was said and not yet flushed."""
        self._protocol.send_close(1000)
        self.flush()

    def add(self, message: str) -> None:
        """Have a message leave with the next one."""
        self._protocol.send_text(message.encode())

    def flush(self) -> None:
        data = b"".join(self._protocol.data_to_send())
        if data:
            assert self._socket.send(data) == len(data)

    def send_eof(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    async def heard(self, count: int) -> list[str]:
        """Return the next messages; fewer if the server hangs up before."""
        messages: list[str] = []
        while len(messages) < count and await self._receive():
            events = self._protocol.events_received()
            messages += [bytes(event.data).decode() for event in events if _is_message(event)]
        return messages

    async def _receive(self) -> bool:
        try:
            data = await asyncio.get_running_loop().sock_recv(self._socket, 65536)
        except ConnectionError:
            data = b""
        if data:
            self._protocol.receive_data(data)
            self.flush()  # the answer to a close frame
        return bool(data)

    def has_heard_nothing(self) -> bool:
        """Whether nothing has come: over loopback what was written has come."""
        try:
            return not self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True

    def close(self) -> None:
        self._socket.close()


def _is_message(event: object) -> TypeGuard[Frame]:
    return isinstance(event, Frame) and event.opcode is Opcode.TEXT


@asynccontextmanager
async def csms(handler: Any, on_station: Any = None, **options: Any) -> AsyncIterator[Server]:
    async with serve(
        on_station,
        "127.0.0.1",
        0,
        versions=["ocpp1.6"],
        handlers={"DataTransfer": handler},
        shutdown_timeout=0.0,
        **options,
    ) as server:
        yield server


@asynccontextmanager
async def peers(
    count: int, handler: Any, extensions: Any = None, **options: Any
) -> AsyncIterator[list[Peer]]:
    """Serve, and connect as many peers to it."""
    async with csms(handler, **options) as server:
        connected: list[Peer] = []
        try:
            for number in range(count):
                connected.append(Peer(server.port, f"CP{number}", extensions=extensions))
                await connected[-1].open()
            await until(lambda: len(server.sessions) == count)
            yield connected
        finally:
            for peer in connected:
                peer.close()


def accept(_: Any) -> dict[str, str]:
    return {"status": "Accepted"}


@on_asyncio
def test_each_of_many_that_speak_together_is_answered_in_order(world: World) -> None:
    ids = [str(number) for number in range(3)]

    async def scenario(_: Any) -> None:
        async with peers(150, accept) as everybody:
            for peer in everybody:
                peer.say(*(TRANSFER % (name, "x" * 900) for name in ids))  # 130 KiB of input in all
            for peer in everybody:
                assert await peer.heard(3) == [ACCEPTED % name for name in ids]

    world.run(scenario)


@on_asyncio
def test_a_handler_that_would_end_a_task_ends_its_own_connection_alone(
    world: World,
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard: list[str] = []

    def handler(request: Any) -> Any:
        heard.append(request.data)
        if request.data == "bad":
            raise asyncio.CancelledError  # as the result() of a cancelled future does
        return {"status": "Accepted"}

    async def scenario(_: Any) -> None:
        async with peers(3, handler) as (first, bad, last):
            bad.add(TRANSFER % ("1", "bad"))
            for peer in (first, bad, last):
                peer.say(TRANSFER % ("1" if peer is not bad else "2", "good"))
            assert await first.heard(1) == [ACCEPTED % "1"]
            assert await last.heard(1) == [ACCEPTED % "1"]
            assert await bad.heard(1) == []

    world.run(scenario)
    assert sorted(heard) == ["bad", "good", "good"]
    failures = [r for r in caplog.records if r.levelno == logging.ERROR]
    [failure] = failures
    assert failure.getMessage().startswith("'CP1' (127.0.0.1:")
    assert failure.getMessage().endswith(", ocpp1.6): a connection failed")
    assert failures[0].exc_info
    assert failures[0].exc_info[0] is asyncio.CancelledError


@on_asyncio
def test_a_handler_may_close_the_connection_of_another_that_speaks_at_the_same_time(
    world: World,
) -> None:
    sessions: list[Any] = []
    heard: list[str] = []

    def handler(request: Any, call: Any) -> Any:
        heard.append(request.data)
        for session in sessions:
            if session is not call.session:
                session.close()
        return {"status": "Accepted"}

    async def scenario(_: Any) -> None:
        async with peers(2, handler, on_station=sessions.append) as (one, other):
            one.say(TRANSFER % ("1", "one"))
            other.say(TRANSFER % ("1", "other"))
            answers = [await one.heard(1), await other.heard(1)]
            assert sorted(answers) == [[], [ACCEPTED % "1"]]

    world.run(scenario)
    assert len(heard) == 1


@on_asyncio
def test_what_was_answered_before_leaves_before_the_close(world: World) -> None:
    def handler(request: Any, call: Any) -> Any:
        if request.data == "last":
            call.session.close(1000, "enough")
        return {"status": "Accepted"}

    async def scenario(_: Any) -> None:
        async with peers(1, handler) as (peer,):
            peer.say(TRANSFER % ("1", "x"), TRANSFER % ("2", "last"), TRANSFER % ("3", "x"))
            assert await peer.heard(3) == [ACCEPTED % "1"]

    world.run(scenario)


@on_asyncio
def test_what_came_before_the_close_of_the_peer_counts(world: World) -> None:
    results: list[Any] = []

    async def on_station(session: Any) -> None:
        results.append(await session.call("GetLocalListVersion", {}))

    async def scenario(_: Any) -> None:
        async with peers(1, accept, on_station=on_station) as (peer,):
            (call,) = await peer.heard(1)
            peer.add(f'[3,{call.split(",")[1]},{{"listVersion":5}}]')
            peer.hang_up()
            await until(lambda: results)

    world.run(scenario)
    assert results == [{"listVersion": 5}]


@on_asyncio
def test_a_message_with_the_end_right_behind_it_is_answered(world: World) -> None:
    async def scenario(_: Any) -> None:
        async with peers(1, accept) as (peer,):
            peer.say(TRANSFER % ("1", "x" * 9000))
            peer.send_eof()
            assert await peer.heard(1) == [ACCEPTED % "1"]

    world.run(scenario)


@on_asyncio
def test_a_sign_of_life_counts_that_comes_with_the_end_of_patience(world: World) -> None:
    patience = 0.05

    async def scenario(_: Any) -> None:
        loop = asyncio.get_running_loop()

        def keep_busy(request: Any) -> Any:
            if request.data == "busy":
                over = loop.time() + 2 * patience
                while loop.time() < over:
                    pass
                # It is there when the timer rings, and not read yet.
                quiet.say(TRANSFER % ("2", "x"))
            return {"status": "Accepted"}

        websocket = WebSocketConfig(idle_timeout=patience)
        async with peers(2, keep_busy, websocket=websocket) as (busy, quiet):
            busy.say(TRANSFER % ("1", "busy"))
            assert await busy.heard(1) == [ACCEPTED % "1"]
            assert await quiet.heard(1) == [ACCEPTED % "2"]

    world.run(scenario)


@on_asyncio
def test_a_message_inside_tls_with_the_end_right_behind_it_is_heard(
    world: World, tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    certificate = authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem
    certificate.write_to_path(tmp_path / "csms.pem")
    heard: list[str] = []

    def handler(request: Any) -> Any:
        heard.append(request.data)
        return {"status": "Accepted"}

    async def scenario(_: Any) -> None:
        async with csms(handler, ssl=csms_context(tmp_path / "csms.pem")) as server:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", server.port, ssl=station_context(tmp_path / "authority.pem")
            )
            station = client_protocol(server.port, "CP001")
            writer.writelines(station.data_to_send())
            station.receive_data(await reader.read(65536))
            station.send_text((TRANSFER % ("1", "last words")).encode())
            writer.writelines(station.data_to_send())
            writer.close()
            await until(lambda: heard)
            await until(lambda: not server.sessions)

    world.run(scenario)
    assert heard == ["last words"]


@on_asyncio
def test_c9_what_many_have_compressed_is_not_all_held_at_once(world: World) -> None:
    count, each, size = 30, 3, 200_000
    served = 0

    def handler(request: Any) -> Any:
        nonlocal served
        served += len(request.data)
        return {"status": "Accepted"}

    async def scenario(_: Any) -> None:
        squeezing = ClientPerMessageDeflateFactory(client_no_context_takeover=True)
        async with peers(count, handler, extensions=[squeezing]) as everybody:
            tracemalloc.start()
            try:
                for peer in everybody:
                    peer.say(*[TRANSFER % ("1", "x" * size)] * each)  # one read
                tracemalloc.reset_peak()
                await until(lambda: served == count * each * size)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
            # One read of each may hold two of its messages, of which one has its turn at once.
            assert peak < (count + 2 * each) * size

    world.run(scenario)


@on_asyncio
def test_what_is_sent_corked_leaves_at_the_end_before_a_close_and_whatever_happens(
    world: World,
) -> None:
    sessions: list[Any] = []
    answers: list[Any] = []

    def send(session: Any, *actions: str) -> None:
        for action in actions:
            session.begin_forward(f'[2,"1","{action}",{{}}]'.encode(), answers.append)

    async def scenario(_: Any) -> None:
        async with peers(3, accept, on_station=sessions.append) as everybody:
            with suppress(ZeroDivisionError), corked():
                for session in sessions:
                    send(session, "ClearCache", "GetLocalListVersion")
                with corked():  # as what is called may do again
                    send(sessions[0], "GetDiagnostics")
                assert all(peer.has_heard_nothing() for peer in everybody)
                sessions[0].close()
                send(sessions[1], "GetConfiguration")
                raise ZeroDivisionError
            for peer in everybody:
                [call] = await peer.heard(1)
                assert "ClearCache" in call
            assert await everybody[0].heard(1) == []  # it was closed

    world.run(scenario)
    kinds = [type(answer) for answer in answers]
    assert kinds == [ConnectionLost] * 8


@on_asyncio
def test_what_a_handler_passes_on_to_a_station_that_is_silent_reaches_it(world: World) -> None:
    sessions: dict[str, Any] = {}

    def note(session: Any) -> None:
        sessions[session.identity] = session

    def handler(_: Any) -> Any:
        sessions["CP1"].begin_forward(b'[2,"1","ClearCache",{}]', lambda _: None)
        sessions["CP1"].begin_forward(b'[2,"1","Reset",{"type":"Hard"}]', lambda _: None)
        return {"status": "Accepted"}

    async def scenario(_: Any) -> None:
        async with peers(2, handler, on_station=note) as (speaker, silent):
            speaker.say(TRANSFER % ("1", "x"))
            assert await speaker.heard(1) == [ACCEPTED % "1"]
            [call] = await silent.heard(1)
            assert "ClearCache" in call
            # And later ones, when nobody speaks.
            silent.say(ACCEPTED % call.split('"')[1])
            [call] = await silent.heard(1)
            assert "Reset" in call

    world.run(scenario)


# Not on uvloop, whose create_task() and eager_task_factory do not agree on a signature.
@pytest.mark.skipif(sys.version_info < (3, 12), reason="tasks begin later on this Python")
def test_a_call_to_a_connection_whose_turn_is_not_over_leaves_at_once() -> None:
    sessions: dict[str, Any] = {}
    tasks: list[asyncio.Task[Any]] = []

    def authenticate(_: Any) -> bool:
        # It runs at the end of a turn that CP0 takes part in, too.
        calls = [session.call("GetLocalListVersion", {}) for session in sessions.values()]
        tasks.extend(asyncio.create_task(call) for call in calls)
        return True

    def note(session: Any) -> None:
        sessions[session.identity] = session

    async def scenario(_: Any) -> None:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined]
        async with csms(accept, note, authenticate=authenticate) as server:
            first = Peer(server.port, "CP0")
            await first.open()
            await until(lambda: sessions)
            second = Peer(server.port, "CP1")
            for _ in range(9):
                await asyncio.sleep(0)  # until the server has accepted it
            second.flush()
            first.say(TRANSFER % ("1", "x"))
            assert len(await first.heard(2)) == 2
            first.close()
            second.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    AsyncioWorld().run(scenario)
