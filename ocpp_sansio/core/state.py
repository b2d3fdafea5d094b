"""Every transition of the machine, as literal tables.

Two rules. Everything that changes a state is a row here; what is absent is illegal. And this file knows
neither which role we play nor what time it is, so both peers and every clock have the same rules.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from ocpp_sansio.core.errors import LocalProtocolError

__all__ = ["CALL", "LINK", "CallInput", "CallState", "LinkInput", "LinkState", "advance"]


class LinkState(StrEnum):
    """The connection as a whole."""

    CLOSED = "not connected"
    OPEN = "connected"


class LinkInput(StrEnum):
    """What happens to the connection."""

    CONNECTED = "connected()"
    DISCONNECTED = "disconnected()"
    MESSAGE = "received()"
    ACTION = "sending"


class CallState(StrEnum):
    """One CALL of ours."""

    QUEUED = "queued"
    IN_FLIGHT = "in flight"
    LATE = "timed out"
    DONE = "over"


class CallInput(StrEnum):
    """What happens to a CALL of ours."""

    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    RESPONSE = "response"
    DEADLINE = "deadline"
    SEND_FAILED = "send failed"
    LINK_LOST = "link lost"


LINK: Mapping[LinkState, Mapping[LinkInput, LinkState]] = {
    LinkState.CLOSED: {
        LinkInput.CONNECTED: LinkState.OPEN,
        LinkInput.DISCONNECTED: LinkState.CLOSED,  # idempotent
    },
    LinkState.OPEN: {
        LinkInput.MESSAGE: LinkState.OPEN,
        LinkInput.ACTION: LinkState.OPEN,
        LinkInput.DISCONNECTED: LinkState.CLOSED,
    },
}
"""What may happen to a connection in each state, and the state after it."""

CALL: Mapping[CallState, Mapping[CallInput, CallState]] = {
    CallState.QUEUED: {
        CallInput.RELEASED: CallState.IN_FLIGHT,  # S-1: the slot is free
        CallInput.WITHDRAWN: CallState.DONE,
        CallInput.LINK_LOST: CallState.DONE,
    },
    CallState.IN_FLIGHT: {
        CallInput.RESPONSE: CallState.DONE,  # S-3: a result or an error
        CallInput.DEADLINE: CallState.LATE,  # S-10: the slot is free again
        CallInput.SEND_FAILED: CallState.DONE,  # it never left
        CallInput.LINK_LOST: CallState.DONE,  # S-11
    },
    CallState.LATE: {
        CallInput.RESPONSE: CallState.DONE,  # S-7: reported, changes nothing else
        CallInput.LINK_LOST: CallState.DONE,
    },
    CallState.DONE: {},
}
"""What may happen to a CALL of ours in each state, and the state after it."""

StateT = TypeVar("StateT", bound=StrEnum)
InputT = TypeVar("InputT", bound=StrEnum)


def advance(table: Mapping[StateT, Mapping[InputT, StateT]], state: StateT, what: InputT) -> StateT:
    """Return the state after `what`; raises LocalProtocolError where the table has no row for it."""
    try:
        return table[state][what]
    except KeyError:
        raise LocalProtocolError(f"{what} is not possible: {state}") from None
