"""The transition tables: what they hold is legal, what they lack is refused. Walked through whole.

The one test file that looks at a private module: the tables are the law, and the law has no other door.
"""

from collections.abc import Mapping
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_sansio import Call, LocalProtocolError
from ocpp_sansio.core.calls import Pending
from ocpp_sansio.core.state import CALL, LINK, CallInput, CallState, LinkInput, LinkState, advance

LINK_ROWS = {
    (LinkState.CLOSED, LinkInput.CONNECTED): LinkState.OPEN,
    (LinkState.CLOSED, LinkInput.DISCONNECTED): LinkState.CLOSED,
    (LinkState.OPEN, LinkInput.MESSAGE): LinkState.OPEN,
    (LinkState.OPEN, LinkInput.ACTION): LinkState.OPEN,
    (LinkState.OPEN, LinkInput.DISCONNECTED): LinkState.CLOSED,
}
CALL_ROWS = {
    (CallState.QUEUED, CallInput.RELEASED): CallState.IN_FLIGHT,
    (CallState.QUEUED, CallInput.WITHDRAWN): CallState.DONE,
    (CallState.QUEUED, CallInput.LINK_LOST): CallState.DONE,
    (CallState.IN_FLIGHT, CallInput.RESPONSE): CallState.DONE,
    (CallState.IN_FLIGHT, CallInput.DEADLINE): CallState.LATE,
    (CallState.IN_FLIGHT, CallInput.SEND_FAILED): CallState.DONE,
    (CallState.IN_FLIGHT, CallInput.LINK_LOST): CallState.DONE,
    (CallState.LATE, CallInput.RESPONSE): CallState.DONE,
    (CallState.LATE, CallInput.LINK_LOST): CallState.DONE,
}


@given(st.sampled_from(LinkState), st.sampled_from(LinkInput))
def test_a_link_takes_the_rows_of_its_table_and_refuses_every_other(
    state: LinkState, what: LinkInput
) -> None:
    expected = LINK_ROWS.get((state, what))
    if expected is not None:
        assert advance(LINK, state, what) is expected
        return
    with pytest.raises(LocalProtocolError, match=str(state)):
        advance(LINK, state, what)


@given(st.sampled_from(CallState), st.sampled_from(CallInput))
def test_a_call_takes_the_rows_of_its_table_and_refuses_every_other(
    state: CallState, what: CallInput
) -> None:
    expected = CALL_ROWS.get((state, what))
    if expected is not None:
        assert advance(CALL, state, what) is expected
        return
    with pytest.raises(LocalProtocolError, match=str(state)):
        advance(CALL, state, what)


@given(st.sampled_from(CallState), st.sampled_from(CallInput))
def test_a_call_in_the_ledger_is_held_to_the_table(state: CallState, what: CallInput) -> None:
    pending = Pending(Call("7", "Heartbeat", {}), b"", 30.0, None, state)
    expected = CALL_ROWS.get((state, what))
    if expected is None:
        with pytest.raises(LocalProtocolError, match=str(state)):
            pending.advance(what)
    else:
        pending.advance(what)
    assert pending.state is (expected or state)


@given(st.lists(st.sampled_from(CallInput), max_size=12))
def test_a_call_is_over_once_and_holds_the_slot_at_most_once(inputs: list[CallInput]) -> None:
    state, flights, endings = CallState.QUEUED, 0, 0
    for what in inputs:
        try:
            state = advance(CALL, state, what)
        except LocalProtocolError:
            continue
        flights += state is CallState.IN_FLIGHT
        endings += state is CallState.DONE
    assert flights <= 1
    assert endings <= 1


@given(st.lists(st.sampled_from(LinkInput), max_size=12))
def test_messages_and_actions_pass_only_between_connected_and_disconnected(
    inputs: list[LinkInput],
) -> None:
    state, is_open = LinkState.CLOSED, False
    for what in inputs:
        try:
            state = advance(LINK, state, what)
        except LocalProtocolError:
            assert is_open is (what is LinkInput.CONNECTED)
            continue
        if what in {LinkInput.CONNECTED, LinkInput.DISCONNECTED}:
            is_open = what is LinkInput.CONNECTED
        assert (state is LinkState.OPEN) is is_open


@pytest.mark.parametrize(("table", "states"), [(LINK, LinkState), (CALL, CallState)])
def test_every_state_has_a_row_and_can_be_reached(
    table: Mapping[StrEnum, Mapping[StrEnum, StrEnum]], states: type[StrEnum]
) -> None:
    assert set(table) == set(states)
    start = next(iter(states))
    reached = {start} | {target for row in table.values() for target in row.values()}
    assert reached == set(states)
