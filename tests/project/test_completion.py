"""What completion offers on a server and on a session is the user's, and nothing else."""

from types import SimpleNamespace
from typing import Any

import pytest

import ocpp_sansio.asyncio
import ocpp_sansio.trio
from ocpp_sansio import Config, Role
from ocpp_sansio.net import Registry

LOOPS = [ocpp_sansio.asyncio, ocpp_sansio.trio]

CALLS = {
    "act",
    "begin_forward",
    "call",
    "delivered",
    "forward",
    "forward_answer",
    "post",
    "registered",
    "send_call",
    "send_call_error",
    "send_call_result",
    "send_call_result_error",
    "send_unconfirmed",
    "stored",
    "wait_free",
    "wait_idle",
}
WHO = {"address", "context", "identity", "registration", "request", "role", "version"}
STATE = {"close", "config", "configure", "is_connected", "last_heard", "latency", "websocket"}
PARTS = {"connection", "handlers", "hooks", "watch_wire"}
OWN_TRANSPORT = {"connected", "disconnected", "received"}
"""For a transport of one's own; a `NetSession` has them, since it is a `Session`."""
SESSION = CALLS | WHO | STATE | PARTS | OWN_TRANSPORT
NET_SESSION = SESSION | {"call_when_over", "release_calls", "url", "wait_closed"}
SERVER = {"addresses", "drain", "port", "sessions"}
REGISTRY = {"all", "get", "items", "keys", "of", "values", "watch"}


def offered(thing: object) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: str(loop.__name__))
def test_a_session_of_ones_own_transport_offers_what_is_the_users(loop: Any) -> None:
    session = loop.Session(Role.CSMS, sender=lambda data: None)  # noqa: ARG005 - a sender's
    assert offered(session) == SESSION


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: str(loop.__name__))
def test_a_session_of_connect_and_serve_offers_what_is_the_users(loop: Any) -> None:
    session = loop.NetSession(
        Role.CSMS, identity="CP001", handlers=None, hooks=None, config=Config()
    )
    assert offered(session) == NET_SESSION


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: str(loop.__name__))
def test_a_server_offers_its_sessions_and_its_addresses(loop: Any) -> None:
    server = loop.Server(SimpleNamespace(sessions=Registry(), addresses=(("127.0.0.1", 9000),)))
    assert offered(server) == SERVER
    assert offered(server.sessions) == REGISTRY
    assert server.port == 9000
