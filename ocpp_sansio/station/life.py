"""The life of a posted message, as a literal table."""

from collections.abc import Mapping
from enum import StrEnum

__all__ = ["LIFE", "MessageInput", "MessageState", "advance"]


class MessageState(StrEnum):
    """Where a posted message stands. Whether it is stored yet is the store's book to tell (T-8)."""

    QUEUED = "queued"
    """Waits for its turn, or for the link."""
    IN_FLIGHT = "in flight"
    """Given to the connection, which sends it in turn."""
    WAITING = "waiting"
    """Has failed, and waits for its retry."""
    DELIVERED = "delivered"
    GIVEN_UP = "given up"


class MessageInput(StrEnum):
    """What happens to a posted message."""

    SENT = "sent"
    ANSWERED = "answered"
    FAILED = "failed"
    EXHAUSTED = "failed for the last time"
    ABORTED = "aborted"
    LATE_ANSWER = "late answer"
    DROPPED = "dropped"


LIFE: Mapping[MessageState, Mapping[MessageInput, MessageState]] = {
    MessageState.QUEUED: {
        MessageInput.SENT: MessageState.IN_FLIGHT,
        MessageInput.DROPPED: MessageState.GIVEN_UP,  # T-31, T-39
    },
    MessageState.IN_FLIGHT: {
        MessageInput.ANSWERED: MessageState.DELIVERED,
        MessageInput.FAILED: MessageState.WAITING,  # T-10
        MessageInput.EXHAUSTED: MessageState.GIVEN_UP,
        MessageInput.ABORTED: MessageState.QUEUED,  # T-11, T-12
    },
    MessageState.WAITING: {
        MessageInput.SENT: MessageState.IN_FLIGHT,
        MessageInput.LATE_ANSWER: MessageState.DELIVERED,  # T-16
        MessageInput.DROPPED: MessageState.GIVEN_UP,
    },
    MessageState.DELIVERED: {},
    MessageState.GIVEN_UP: {},
}
"""What may happen to a posted message in each state, and the state after it; what is absent is a bug."""


def advance(state: MessageState, what: MessageInput) -> MessageState:
    """Return the state after `what`."""
    return LIFE[state][what]
