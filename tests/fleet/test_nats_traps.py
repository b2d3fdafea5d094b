"""What goes wrong with a broker, or with its client as it comes, and does not with `NatsBus`."""

import asyncio
import json
import logging
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import nats
import nats.errors
import pytest
import uvloop
from bus_worlds import PATIENCE, nats_server, until
from nats.aio.client import Client

from ocpp_sansio.fleet import (
    BusError,
    BusMessage,
    BusUnavailable,
    Conflict,
    DurableMessage,
    NatsBus,
    NobodyThere,
    NotPermitted,
)
from ocpp_sansio.testing import Broker

SOON = 5.0
"""Seconds in which something surely happens that takes a moment."""


def ignore(message: BusMessage) -> None:
    pass


def on_a_server(
    *,
    config: str = "",
    jetstream: bool = True,
    loop: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> Callable[[Callable[[Broker], Awaitable[None]]], Callable[[], None]]:
    """Make a test of what is done with a server of its own."""

    def make(scenario: Callable[[Broker], Awaitable[None]]) -> Callable[[], None]:
        async def run(server: Broker) -> None:
            async with asyncio.timeout(PATIENCE):
                await scenario(server)
                # What nats-py has cancelled takes a turn or two to end; what is forgotten never does.
                await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})

        def test() -> None:
            with (
                nats_server(config, jetstream=jetstream) as server,
                asyncio.Runner(loop_factory=loop) as runner,
            ):
                runner.run(run(server))

        test.__name__ = scenario.__name__
        return test

    return make


@asynccontextmanager
async def plain_client(server: Broker, **options: Any) -> AsyncIterator[Client]:
    """Connect by nats-py as it comes."""

    async def keep_quiet(error: Exception) -> None:
        pass

    client = await nats.connect(
        server.url, error_cb=keep_quiet, reconnect_time_wait=0.01, **{"name": "plain", **options}
    )
    try:
        yield client
    finally:
        await client.close()


# --- the client as it comes: why there is an adapter ---------------------------------------------------


@on_a_server()
async def test_nats_py_goes_deaf_when_a_flush_times_out(server: Broker) -> None:
    logging.getLogger("nats").setLevel(logging.CRITICAL)
    async with plain_client(server) as client:
        server.freeze()
        with pytest.raises(nats.errors.FlushTimeoutError):
            await client.flush(timeout=0.05)  # type: ignore[arg-type]
        server.thaw()
        with pytest.raises(nats.errors.TimeoutError):
            await client.request("nobody", timeout=0.3)
        assert client.is_connected


@on_a_server()
async def test_nats_py_sends_later_what_was_published_while_the_broker_was_away(
    server: Broker,
) -> None:
    async with plain_client(server) as client:
        subscription = await client.subscribe("call")
        server.kill()
        await until(lambda: not client.is_connected)
        await client.publish("call", b"reset")
        server.start()
        assert (await subscription.next_msg(timeout=SOON)).data == b"reset"


@on_a_server()
async def test_nats_py_lets_who_waits_wait_when_the_broker_goes(server: Broker) -> None:
    async with plain_client(server) as client:
        await client.subscribe("call")
        began = time.monotonic()
        waiting = asyncio.create_task(client.request("call", timeout=0.4))
        await client.flush()
        server.kill()
        with pytest.raises(nats.errors.TimeoutError):
            await waiting
        assert time.monotonic() - began >= 0.4


@on_a_server(config="authorization { user: a, password: b }")
async def test_nats_py_never_says_that_a_password_is_wrong_if_it_is_to_try_for_ever(
    server: Broker,
) -> None:
    async def keep_quiet(error: Exception) -> None:
        pass

    client = Client()
    options: dict[str, Any] = {
        "user": "a",
        "password": "wrong",
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": 0.01,
    }
    connecting = asyncio.create_task(client.connect(server.url, error_cb=keep_quiet, **options))
    done, _ = await asyncio.wait([connecting], timeout=0.3)
    assert not done
    while not connecting.done():  # now and then it swallows a cancellation
        connecting.cancel()
        await asyncio.wait([connecting], timeout=0.1)
    await client.close()


# --- and what ours does --------------------------------------------------------------------------------


@on_a_server()
async def test_a_bus_can_be_left_at_any_moment_of_its_dialling(server: Broker) -> None:
    server.kill()
    for turns in range(30):
        entering = asyncio.create_task(NatsBus(server.url, connect_timeout=60).__aenter__())
        for _ in range(turns):
            await asyncio.sleep(0)
        entering.cancel()
        async with asyncio.timeout(SOON):
            with pytest.raises(asyncio.CancelledError):
                await entering


@on_a_server()
async def test_who_waits_may_be_cancelled_or_time_out_at_any_moment(server: Broker) -> None:
    """FL-11."""
    async with NatsBus(server.url) as bus:
        await bus.subscribe("call", ignore)
        server.freeze()
        doing: list[Callable[[], Coroutine[Any, Any, object]]] = [
            lambda: bus.barrier(timeout=0.01),
            lambda: bus.request("call", b"", timeout=0.01),
            lambda: bus.barrier(timeout=SOON),
            lambda: bus.request("call", b"", timeout=SOON),
            lambda: bus.subscribe("other", ignore),
            lambda: bus.swap_claim("CP001", b"", revision=0),
            lambda: bus.publish_durable("a", b"", message_id="1"),
            lambda: bus.consume("a", nothing, group="g"),
        ]
        tasks = [asyncio.create_task(each()) for each in doing]
        await asyncio.wait(tasks[:2])  # whose time is up, and the others are on their way
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        server.thaw()
        await bus.barrier(timeout=SOON)
        with pytest.raises(NobodyThere):
            await bus.request("other", b"", timeout=SOON)
        assert bus.is_connected


async def nothing(message: DurableMessage) -> None:
    pass


@pytest.mark.parametrize("loop", [None, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_broker_that_does_not_answer_is_given_up_and_had_again_when_it_does(
    loop: Callable[[], asyncio.AbstractEventLoop] | None,
) -> None:
    """FL-10, FL-11."""

    @on_a_server(loop=loop)
    async def scenario(server: Broker) -> None:
        async with NatsBus(server.url, ping_interval=0.05) as bus:
            told: list[bool] = []
            seen: list[BusMessage] = []
            bus.watch(told.append)
            bus.watch(fail)
            await bus.subscribe("call", seen.append)
            server.freeze()
            with pytest.raises(BusUnavailable, match="does not answer") as lost:
                await bus.request("call", b"1", timeout=SOON)
            assert (lost.value.was_sent, told, bus.is_connected) == (True, [False], False)
            server.thaw()
            await until(lambda: bus.is_connected)
            await bus.barrier(timeout=SOON)
            seen.clear()
            bus.publish("call", b"2")
            await bus.barrier(timeout=SOON)
            assert ([each.data for each in seen], told) == ([b"2"], [False, True])

    scenario()


def fail(value: object) -> None:
    raise RuntimeError(value)


@on_a_server()
async def test_a_loop_that_reads_no_more_is_noticed_and_replaced(server: Broker) -> None:
    """FL-11."""
    async with NatsBus(server.url) as bus:
        told: list[bool] = []
        bus.watch(told.append)
        reading = [each for each in asyncio.all_tasks() if "_read_loop" in repr(each.get_coro())]
        reading[0].cancel()
        await until(lambda: told == [False, True])
        await bus.barrier(timeout=SOON)


@on_a_server()
async def test_what_the_broker_does_not_read_is_not_piled_up(server: Broker) -> None:
    async with NatsBus(server.url, max_unsent=1024**2) as bus:

        async def flood() -> None:
            for _ in range(100):
                bus.publish("call", b"x" * 500_000)
                await asyncio.sleep(0)

        server.freeze()
        with pytest.raises(BusUnavailable, match="does not read") as refused:
            await flood()
        assert not refused.value.was_sent
        server.thaw()
        await bus.barrier(timeout=SOON)
        bus.publish("call", b"")


@on_a_server()
async def test_what_was_published_last_gets_out_before_the_bus_is_left(server: Broker) -> None:
    async with NatsBus(server.url) as far:
        seen: list[BusMessage] = []
        await far.subscribe("call", seen.append)
        async with NatsBus(server.url) as near:
            for _ in range(100):
                near.publish("call", b"x" * 10_000)
        await far.barrier(timeout=SOON)
        assert len(seen) == 100


@on_a_server()
async def test_fleets_of_two_names_do_not_meet(server: Broker) -> None:
    async with NatsBus(server.url) as one, NatsBus(server.url, name="other") as other:
        await one.subscribe("call", lambda message: one.reply(message, b"here"))
        with pytest.raises(NobodyThere):
            await other.request("call", b"", timeout=SOON)
        await one.swap_claim("CP001", b"one", revision=0)
        assert await other.read_claim("CP001") is None
        await one.publish_durable("a", b"", message_id="1")
        seen: list[DurableMessage] = []

        async def take(message: DurableMessage) -> None:
            seen.append(message)

        await other.consume("a", take, group="g")
        await other.publish_durable("a", b"mine", message_id="1")
        await until(lambda: seen)
        assert [each.data for each in seen] == [b"mine"]


@on_a_server()
async def test_a_bus_can_be_left_and_entered_again(server: Broker) -> None:
    bus = NatsBus(server.url)
    for _ in range(2):
        async with bus:
            with pytest.raises(RuntimeError, match="entered already"):
                await bus.__aenter__()
            await bus.barrier(timeout=SOON)
        with pytest.raises(BusUnavailable):
            bus.publish("call", b"")


# --- who may connect, and how --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [{}, {"user": "a", "password": "wrong"}, {"user": "b", "password": "b"}, {"token": "t"}],
    ids=["none", "wrong password", "unknown user", "token"],
)
def test_wrong_or_missing_credentials_are_told_at_once(given: dict[str, Any]) -> None:
    @on_a_server(config="authorization { user: a, password: secret }")
    async def scenario(server: Broker) -> None:
        began = time.monotonic()
        with pytest.raises(NotPermitted, match="credentials") as refused:
            async with NatsBus(server.url, **given):
                pass
        assert time.monotonic() - began < 2.0
        assert "wrong" not in str(refused.value)

    scenario()


@on_a_server(config="authorization { user: a, password: 's:/ecret' }")
async def test_credentials_may_stand_in_the_url(server: Broker) -> None:
    url = server.url.replace("nats://", "nats://a:s%3A%2Fecret@")
    async with NatsBus(url) as bus:
        server.kill()
        await until(lambda: not bus.is_connected)
        server.start()
        await until(lambda: bus.is_connected)


def test_a_server_that_is_not_there_or_says_nothing_is_an_error_after_a_while() -> None:
    async def scenario() -> None:
        talking: set[asyncio.StreamWriter] = set()

        async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            talking.add(writer)
            with suppress(ConnectionError):
                await reader.read()

        listener = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        async with listener:
            with pytest.raises(BusUnavailable, match="no "):
                async with NatsBus(f"nats://127.0.0.1:{port}", connect_timeout=0.2):
                    pass
            for each in talking:
                each.close()
        with pytest.raises(BusUnavailable, match="no connection"):
            async with NatsBus(f"nats://127.0.0.1:{port}", connect_timeout=0.2):
                pass
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left

    pytest.importorskip("nats")
    asyncio.run(scenario())


@on_a_server(
    config="""authorization { users: [
        {user: a, password: a, permissions: {
            publish: {deny: ["ocpp.1.call.CP001"]}, subscribe: {deny: ["ocpp.1.event.>"]}}}
        {user: deaf, password: a, permissions: {subscribe: {deny: ">"}}}
    ] }"""
)
async def test_what_is_not_permitted_is_told_to_whom_it_concerns(server: Broker) -> None:
    async with NatsBus(server.url, user="a", password="a") as bus:
        await bus.subscribe("call.*", lambda message: bus.reply(message, b"here"))
        asked = [bus.request(f"call.{name}", b"", timeout=SOON) for name in ("CP001", "cp001")]
        refused, answered = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(refused, NotPermitted)
        assert answered == b"here"
        with pytest.raises(NotPermitted):
            await bus.subscribe("event.a", ignore)
        with pytest.raises(NotPermitted):
            await bus.subscribe("event.a", ignore, group="g")
        bus.publish("call.CP001", b"nobody waits: it goes to the log")
        await bus.barrier(timeout=SOON)
        assert bus.is_connected
    with pytest.raises(NotPermitted, match="_INBOX"):
        async with NatsBus(server.url, user="deaf", password="a"):
            pass


def test_what_cannot_be_is_refused_before_anything_is_done() -> None:
    pytest.importorskip("nats")
    for wrong in ("", "broker:4222", "http://broker", "nats://", "nats://x:y@broker:port"):
        with pytest.raises(ValueError, match="a server is nats://host:port") as refused:
            NatsBus(wrong)
        assert "x:y" not in str(refused.value)
    wrongs: list[dict[str, Any]] = [
        {"servers": []},
        {"name": "a.b"},
        {"name": ""},
        {"inbox": "a b"},
        {"user": "a"},
        {"user": "a", "password": "b", "token": "c"},
        {"credentials": "/nowhere/to/be/found"},
        {"connect_timeout": 0},
        {"max_unsent": 0},
        {"shards": 0},
        {"shards": 257},
        {"shards": 1.0},
    ]
    for options in wrongs:
        with pytest.raises(ValueError, match=r"\w"):
            NatsBus(**{"servers": "nats://broker", **options})


@on_a_server()
async def test_what_would_be_read_as_a_command_is_no_subject(server: Broker) -> None:
    async with NatsBus(server.url) as bus:
        for wrong in ("", "a b", "a\r\nPING", "a..b", ".a", ">", "*", "é"):
            with pytest.raises(ValueError, match="a subject is"):
                bus.publish(wrong, b"")
            with pytest.raises(ValueError, match="a subject is"):
                await bus.swap_claim(wrong, b"", revision=0)
        with pytest.raises(ValueError, match="a pattern is"):
            await bus.subscribe("a.>", ignore)


def test_without_nats_py_an_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ocpp_sansio.fleet.nats_link", raising=False)
    for name in [each for each in sys.modules if each.partition(".")[0] == "nats"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nats", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'ocpp-sansio\[nats\]'"):
        NatsBus("nats://broker")


# --- what is durable -----------------------------------------------------------------------------------


@on_a_server()
async def test_a_message_id_may_be_any_text(server: Broker) -> None:
    async with NatsBus(server.url) as bus:
        ids = ["a", "a\r\nNats-Rollup: all", "😀", "a b", "a%20b", "ü" * 300]
        for message_id in ids * 2:
            await bus.publish_durable("a", message_id.encode(), message_id=message_id)
        seen: list[bytes] = []

        async def take(message: DurableMessage) -> None:
            seen.append(message.data)

        await bus.consume("*", take, group="g", max_in_flight=2)
        await until(lambda: len(seen) == len(ids))
        assert sorted(seen) == sorted(each.encode() for each in ids)


@on_a_server()
async def test_what_takes_long_is_not_given_to_another_and_what_was_left_is(server: Broker) -> None:
    async with (
        NatsBus(server.url, redeliver_after=0.3) as first,
        NatsBus(server.url, redeliver_after=0.3) as second,
    ):
        seen: list[tuple[str, bytes, bool]] = []
        go_on = asyncio.Event()

        async def take_first(message: DurableMessage) -> None:
            seen.append(("first", message.data, message.is_redelivered))
            await go_on.wait()

        async def take_second(message: DurableMessage) -> None:
            seen.append(("second", message.data, message.is_redelivered))

        await first.consume("a", take_first, group="g", max_in_flight=2)
        for number in (1, 2):
            await second.publish_durable("a", b"%d" % number, message_id=str(number))
        await until(lambda: len(seen) == 2)
        await second.consume("a", take_second, group="g")
        await asyncio.sleep(0.7)
        assert len(seen) == 2
        await first.__aexit__(None, None, None)
        await until(lambda: len(seen) == 4)
        assert sorted(seen[2:]) == [("second", b"1", True), ("second", b"2", True)]


@on_a_server()
async def test_consumers_go_on_when_the_broker_is_back_with_all_that_was_acknowledged(
    server: Broker,
) -> None:
    async with NatsBus(server.url) as bus:
        seen: list[bytes] = []

        async def take(message: DurableMessage) -> None:
            seen.append(message.data)

        consumer = await bus.consume("a", take, group="g")
        await bus.publish_durable("a", b"1", message_id="1")
        await until(lambda: seen == [b"1"])
        await bus.barrier(timeout=SOON)
        server.kill()
        await until(lambda: not bus.is_connected)
        server.start()
        await until(lambda: bus.is_connected)
        await bus.publish_durable("a", b"2", message_id="2")
        await until(lambda: seen[-1] == b"2")
        consumer.close()
        await bus.barrier(timeout=SOON)
        await bus.publish_durable("a", b"3", message_id="3")
        await bus.barrier(timeout=SOON)
        assert b"3" not in seen


@on_a_server(jetstream=False)
async def test_a_broker_that_stores_nothing_says_so(server: Broker) -> None:
    async with NatsBus(server.url) as bus:
        with pytest.raises(BusUnavailable, match="JetStream"):
            await bus.swap_claim("CP001", b"", revision=0)
        with pytest.raises(BusUnavailable, match="JetStream"):
            await bus.publish_durable("a", b"", message_id="1")


@on_a_server()
async def test_claims_are_in_as_many_shards_as_all_processes_say(server: Broker) -> None:
    keys = [f"CP{number}" for number in range(40)]
    async with NatsBus(server.url, shards=4) as first, NatsBus(server.url, shards=4) as second:
        assert await second.read_claim("CP0") is None
        assert [each async for each in second.claims()] == []
        revisions = [await first.swap_claim(key, key.encode(), revision=0) for key in keys]
        with pytest.raises(Conflict):
            await second.swap_claim("CP7", b"", revision=0)
        assert await second.swap_claim("CP7", b"7", revision=revisions[7]) > revisions[7]
        found = {each.key: each.value async for each in second.claims()}
        assert found == {key: key.encode() for key in keys} | {"CP7": b"7"}
        for number, key in enumerate(keys):
            claim = await second.read_claim(key)
            assert claim
            assert claim.revision == revisions[number] or number == 7

        # Each shard has its part, under a name that NATS' own tools show.
        sizes = []
        for name in ("KV_ocpp-1-claims", *(f"KV_ocpp-1-claims-{n}" for n in (1, 2, 3))):
            info = await second.exchange(f"$JS.API.STREAM.INFO.{name}", timeout=SOON)
            sizes.append(json.loads(info.data)["state"]["num_subjects"])
        assert sum(sizes) == len(keys)
        assert min(sizes) > 0

        # Who has another number in mind would see no owner where there is one.
        async with NatsBus(server.url) as single, NatsBus(server.url, shards=8) as more:
            for bus, number in ((single, 1), (more, 8)):
                with pytest.raises(BusError, match=f"in 4 shards, and not in {number}"):
                    await bus.read_claim("CP7")
                with pytest.raises(BusError, match="in 4 shards"):
                    await bus.swap_claim("CP99", b"", revision=0)
                with pytest.raises(BusError, match="in 4 shards"):
                    _ = [each async for each in bus.claims()]
                assert bus.is_connected
