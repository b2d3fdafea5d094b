"""What a peer says gets into the log cut and quoted: no line is as long as it likes, and none is two."""

import json
import logging

import pytest
from worlds import WORLDS, World

from ocpp_sansio import Role, Version
from ocpp_sansio.handlers import Handlers, IncomingCall
from ocpp_sansio.testing import HOSTILE, every_bad_frame

LONGEST = 300
"""Characters: room for our own words and a hundred of the peer's."""


def broken_handlers() -> Handlers:
    handlers = Handlers()

    @handlers.on("*")
    def fail(_: object) -> None:
        raise RuntimeError("as handlers do")

    @handlers.after("*")
    def fail_after(_: object, call: IncomingCall) -> None:
        raise RuntimeError(call.message_id)

    return handlers


def made_up_calls() -> list[bytes | str]:
    names = ["x" * 100_000, "one\nline, and another", "\x1b[2J", "\u202e", "Heartbeat"]
    return [json.dumps([2, f"id{n}", name, {}]) for n, name in enumerate(names)]


async def talk(world: World) -> None:
    for version in Version:
        async with world.session(
            Role.CSMS, sender=lambda _: None, handlers=broken_handlers()
        ) as session:
            await session.connected(version)
            frames = [bad.data for bad in every_bad_frame(version, Role.CSMS)]
            for message in [*made_up_calls(), *HOSTILE.values(), *frames]:
                await session.received(message)
            await world.settle()


@pytest.mark.parametrize("world", WORLDS)
def test_whatever_a_peer_says_the_log_has_it_on_one_line_and_not_whole(
    world: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "ocpp_sansio")

    WORLDS[world](talk)

    texts = [record.getMessage() for record in caplog.records]
    assert any(text.startswith("the handler of 'xxx") for text in texts)
    assert any(text == "the handler of 'Heartbeat' failed" for text in texts)
    assert any(text.startswith("what runs after 'xxx") for text in texts)
    assert any(text.startswith("the peer broke a rule: ") for text in texts)
    assert [text for text in texts if len(text) > LONGEST or not text.isprintable()] == []
