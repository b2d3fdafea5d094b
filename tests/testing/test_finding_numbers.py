"""The library's own strategies and machine find a reader that raises for numbers which decimal cannot hold.

The reader is the one that this library had: `Decimal` for every fraction.
"""

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, find, settings
from hypothesis.stateful import run_state_machine_as_test

from ocpp_sansio import Config, Connection, Role
from ocpp_sansio.testing import HOSTILE, PeersMachine, raw_messages, wild_numbers

old_reader = msgspec.json.Decoder(float_hook=Decimal).decode


def stops_the_old_reader(message: bytes | str) -> bool:
    try:
        old_reader(message)
    except InvalidOperation:
        return True
    except (ValueError, RecursionError):
        return False
    return False


class OldConnection(Connection):
    """A connection that reads fractions as it once did."""

    def received(self, data: bytes | bytearray | memoryview | str, *, now: float) -> None:
        if stops_the_old_reader(data if isinstance(data, str) else bytes(data)):
            raise InvalidOperation
        super().received(data, now=now)


def test_the_hostile_messages_have_such_numbers() -> None:
    assert sum(map(stops_the_old_reader, HOSTILE.values())) >= 5


@pytest.mark.parametrize("strategy", [wild_numbers(), raw_messages()], ids=["numbers", "messages"])
def test_the_strategies_find_it_by_themselves(strategy: Any) -> None:
    found = find(
        strategy,
        lambda message: message not in HOSTILE.values() and stops_the_old_reader(message),
        settings=settings(max_examples=3000),
    )
    assert len(found) < 200  # and it is made small


def test_the_machine_finds_it() -> None:
    class OldPeers(PeersMachine):
        def make_connection(self, role: Role, config: Config) -> Connection:
            return OldConnection(role, config=config)

    quick = settings(max_examples=400, stateful_step_count=30, phases=[Phase.generate])
    with pytest.raises(InvalidOperation):
        run_state_machine_as_test(OldPeers, settings=quick)
