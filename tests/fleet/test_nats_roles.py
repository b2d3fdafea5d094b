"""The configuration of a server that the documentation ships: who may do what, inside TLS (FL-17)."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import trustme
from bus_worlds import PATIENCE, nats_server

from ocpp_sansio.fleet import (
    BusMessage,
    BusUnavailable,
    DurableMessage,
    NatsBus,
    NobodyThere,
    NotPermitted,
)
from ocpp_sansio.testing import Broker
from ocpp_sansio.tls import station_context

CONFIG = Path(__file__).parents[2] / "docs/how-to/nats-server.conf"
ROLES = ("gateway", "caller", "worker", "reader")
SOON = 5.0


def ignore(message: BusMessage) -> None:
    pass


async def take(message: DurableMessage) -> None:
    pass


def asks(subject: str) -> Callable[[NatsBus], Awaitable[object]]:
    return lambda bus: bus.request(subject, b"", timeout=SOON)


def hears(pattern: str, group: str = "") -> Callable[[NatsBus], Awaitable[object]]:
    return lambda bus: bus.subscribe(pattern, ignore, group=group)


DEEDS: dict[str, tuple[Callable[[NatsBus], Awaitable[object]], set[str]]] = {
    "claim a station": (lambda bus: bus.swap_claim("CP001", b"", revision=0), {"gateway"}),
    "read a claim": (lambda bus: bus.read_claim("CP001"), {"gateway", "caller", "reader"}),
    "call a station": (asks("call.CP001"), {"caller"}),
    "call a station at its gateway": (asks("at.G1.CP001"), {"caller"}),
    "answer for a station": (hears("call.CP001"), {"gateway"}),
    "answer for the stations of a gateway": (hears("at.G1.*"), {"gateway"}),
    "tell a gateway of a claim": (asks("gateway.G1"), {"gateway"}),
    "hear of a claim": (hears("gateway.G1"), {"gateway"}),
    "call the roll of gateways": (asks("gateways"), {"caller", "reader"}),
    "answer a roll call": (asks("here.x"), {"gateway"}),
    "hear who is there": (hears("here.x"), {"caller", "reader"}),
    "ask for a page of stations": (asks("pages.G1"), {"caller", "reader"}),
    "pass an event on": (asks("event.Heartbeat.CP001"), {"gateway"}),
    "take an event": (hears("event.Heartbeat.*", "billing"), {"worker"}),
    "store an event": (
        lambda bus: bus.publish_durable("durable.MeterValues.CP001", b"", message_id="1"),
        {"gateway"},
    ),
    "take what was stored": (
        lambda bus: bus.consume("durable.MeterValues.*", take, group="billing"),
        {"worker"},
    ),
}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    folder = tmp_path_factory.mktemp("nats")
    certificate = authority.issue_cert("localhost")
    certificate.cert_chain_pems[0].write_to_path(folder / "server.pem")
    certificate.private_key_pem.write_to_path(folder / "server.key")
    config = CONFIG.read_text()
    for place in ("/etc/nats", "/var/lib/nats"):
        assert place in config
        config = config.replace(place, str(folder))
    with pytest.MonkeyPatch.context() as patch:
        for role in ROLES:
            patch.setenv(f"{role.upper()}_PASSWORD", f"the-{role}s-own")
        with nats_server(config, jetstream=False) as running:  # its own lines say where
            yield running


@pytest.fixture(scope="module")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    with authority.cert_pem.tempfile() as path:
        return station_context(path)


def bus_of(role: str, server: Broker, tls: ssl.SSLContext) -> NatsBus:
    url = f"tls://localhost:{server.port}"
    return NatsBus(url, user=role, password=f"the-{role}s-own", inbox=f"_INBOX_{role}", tls=tls)


def test_a_role_may_do_what_is_its_own_and_nothing_else(
    server: Broker, trusting: ssl.SSLContext
) -> None:
    async def outcome(deed: Callable[[NatsBus], Awaitable[object]], bus: NatsBus) -> bool:
        try:
            await deed(bus)
        except NotPermitted:
            return False
        except NobodyThere:
            return True
        return True

    async def scenario() -> None:
        async with asyncio.timeout(PATIENCE), AsyncExitStack() as stack:
            buses = {role: bus_of(role, server, trusting) for role in ROLES}
            for bus in buses.values():
                await stack.enter_async_context(bus)
            for name, (deed, allowed) in DEEDS.items():
                done = {role for role, bus in buses.items() if await outcome(deed, bus)}
                assert done == allowed, name

    asyncio.run(scenario())


def test_callers_and_workers_get_their_answers(server: Broker, trusting: ssl.SSLContext) -> None:
    async def scenario() -> None:
        gateway, caller, worker = (
            bus_of(role, server, trusting) for role in ("gateway", "caller", "worker")
        )
        async with asyncio.timeout(PATIENCE), gateway, caller, worker:
            await gateway.subscribe("call.CP002", lambda message: gateway.reply(message, b"yes"))
            assert await caller.request("call.CP002", b"", timeout=SOON) == b"yes"
            await worker.subscribe(
                "event.*.*", lambda message: worker.reply(message, b"done"), group="g"
            )
            assert await gateway.request("event.A.CP002", b"", timeout=SOON) == b"done"
            # What is published to the inbox of another is refused: only answers get there.
            async with bus_of("reader", server, trusting) as reader:
                with pytest.raises(NotPermitted):
                    await reader.exchange("_INBOX_caller.x", timeout=SOON)
            url, secret = f"tls://localhost:{server.port}", "the-readers-own"
            thief = NatsBus(
                url, user="reader", password=secret, inbox="_INBOX_caller", tls=trusting
            )
            with pytest.raises(NotPermitted, match="_INBOX_caller"):
                async with thief:
                    pass

    asyncio.run(scenario())


def test_without_tls_or_to_another_authority_there_is_no_connection(
    server: Broker, trusting: ssl.SSLContext
) -> None:
    async def scenario() -> None:
        async with asyncio.timeout(PATIENCE):
            stranger = ssl.create_default_context()
            with pytest.raises(NotPermitted, match="certificate"):
                async with bus_of("gateway", server, stranger):
                    pass
            with nats_server() as plain:
                # Its password would go over the line as it is.
                with pytest.raises(NotPermitted, match="no TLS"):
                    async with bus_of("gateway", plain, trusting):
                        pass
                server.freeze()
                try:
                    with pytest.raises(BusUnavailable):
                        async with NatsBus(f"tls://localhost:{server.port}", connect_timeout=0.2):
                            pass
                finally:
                    server.thaw()

    asyncio.run(scenario())


def test_an_empty_list_allows_everything_hence_the_lists_that_deny() -> None:
    async def scenario(server: Broker) -> None:
        async with asyncio.timeout(PATIENCE), NatsBus(server.url, user="r", password="r") as bus:
            assert await bus.swap_claim("CP001", b"", revision=0) == 1

    user = "{ user: r, password: r, permissions: { publish: [] } }"
    with nats_server(f"authorization {{ users: [{user}] }}") as server:
        asyncio.run(scenario(server))
