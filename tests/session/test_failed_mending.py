"""A `Config.mend` that fails harms no message, and the log has it."""

import logging

import pytest
from worlds import WORLDS, World

from ocpp_sansio import Config, Role


@pytest.mark.parametrize("world", WORLDS)
def test_the_log_tells_that_mending_failed_and_the_call_is_answered(
    world: str, caplog: pytest.LogCaptureFixture
) -> None:
    def mend(_: bytes) -> bytes:
        raise ZeroDivisionError

    sent: list[bytes] = []

    async def scenario(world: World) -> None:
        async with world.session(
            Role.CSMS,
            sender=sent.append,
            handlers={"Heartbeat": lambda _: {"currentTime": "2026-01-01T00:00:00Z"}},
            config=Config(mend=mend),
            identity="CP7",
        ) as session:
            await session.connected("ocpp1.6")
            await session.received('[2,"1","Heartbeat",{}]')

    WORLDS[world](scenario)
    assert sent[0].startswith(b"[3,")
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "Config.mend failed; the message counts as it came" in record.getMessage()
    assert "CP7" in record.getMessage()
