"""The example servers say goodbye to their stations when they are told to end, in either way."""

from typing import Never

import pytest
from example_programs import authorization, serving
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

TIMEOUT = 10.0

SERVERS = ["csms_asyncio.py", "csms_websockets.py", "csms_starlette.py", "proxy.py"]


def listen(station: ClientConnection) -> Never:
    """Hear a server out; raise what its end comes as."""
    while True:
        station.recv(timeout=TIMEOUT)


@pytest.mark.parametrize("name", SERVERS)
def test_sigterm_closes_every_connection_with_1001(name: str) -> None:
    headers = authorization(b"CP001:secret")
    with serving("csms_websockets.py") as upstream:
        options = (
            ["--upstream", f"ws://127.0.0.1:{upstream.port}/ocpp"] if name == "proxy.py" else []
        )
        with (
            serving(name, *options) as server,
            connect(
                f"ws://127.0.0.1:{server.port}/ocpp/CP001",
                subprotocols=[Subprotocol("ocpp1.6")],
                additional_headers=headers,
                proxy=None,
            ) as station,
        ):
            server.terminate()
            with pytest.raises(ConnectionClosed) as ended:
                listen(station)
    assert ended.value.rcvd
    assert ended.value.rcvd.code in {1001, 1012}  # uvicorn says that it restarts
