"""A file of credentials, with the JWT and the key of a user, as production has it."""

import asyncio
import time
from pathlib import Path

import pytest
from bus_worlds import PATIENCE, nats_server, until

from ocpp_sansio.fleet import NatsBus, NotPermitted

pytest.importorskip("nkeys")

from nats_accounts import Operator


def test_a_file_of_credentials_lets_in_who_is_vouched_for_and_nobody_else(tmp_path: Path) -> None:
    async def scenario() -> None:
        mine = operator.credentials(tmp_path / "mine.creds")
        async with asyncio.timeout(PATIENCE), NatsBus(server.url, credentials=mine) as bus:
            assert await bus.swap_claim("CP001", b"me", revision=0) == 1
            await bus.publish_durable("a", b"", message_id="1")
            server.kill()
            await until(lambda: not bus.is_connected)
            server.start()  # it signs in again
            await until(lambda: bus.is_connected)
            claim = await bus.read_claim("CP001")
            assert claim
            assert claim.value == b"me"
        wrongs = {
            "another operator's": Operator().credentials(tmp_path / "other.creds"),
            "expired": operator.credentials(tmp_path / "old.creds", seconds=-1),
            "none": None,
        }
        for name, path in wrongs.items():
            began = time.monotonic()
            with pytest.raises(NotPermitted, match="credentials") as refused:
                async with NatsBus(server.url, credentials=path):
                    pass
            assert time.monotonic() - began < 2.0, name
            assert "eyJ" not in str(refused.value)

    operator = Operator()
    with nats_server(operator.config()) as server:
        asyncio.run(scenario())


@pytest.mark.parametrize(
    "text",
    ["", "no credentials at all", "-----BEGIN NATS USER JWT-----\n", "\ud800", "x" * 100_000],
    ids=["nothing", "words", "half", "no UTF-8", "long"],
)
def test_a_file_that_holds_no_credentials_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.creds"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ValueError, match=r"wrong\.creds.* holds no credentials") as refused:
        NatsBus("nats://broker", credentials=path)
    assert len(str(refused.value)) < 300
