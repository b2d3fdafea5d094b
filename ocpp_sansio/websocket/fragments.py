"""A message that comes in fragments, until the last of them has come: its parts, and what they cost."""

from websockets.protocol import Protocol

__all__ = ["PartialMessage"]

FRAGMENT_COST = 128
"""Bytes that each fragment counts for beside its own, so that empty ones cannot go on for ever."""

INFLATER_SIZE = 48 * 1024
"""Bytes that a compressed message takes to unpack while it is unfinished: a window of 32 KiB and tables."""

FRAGMENTED_SLACK = 65536
"""Bytes that a message in fragments may take on the wire beyond twice `Config.max_message_size`."""


class PartialMessage:
    """The fragments of one message that have come."""

    __slots__ = ("_cost", "_fragments")

    def __init__(self, first: bytes) -> None:
        self._fragments = [first]
        self._cost = 0

    def add(self, fragment: bytes) -> None:
        """Take the next fragment; their order, and the size of the whole, the protocol has checked."""
        self._fragments.append(fragment)
        self._cost += FRAGMENT_COST

    def join(self) -> bytes:
        """Return the message as far as it has come."""
        return b"".join(self._fragments)

    def charge(self, size: int, *, max_message_size: int) -> bool:
        """Count bytes that came while it was unfinished; return whether it has cost more than it may."""
        self._cost += size
        return self._cost > 2 * max_message_size + FRAGMENTED_SLACK

    def held(self, protocol: Protocol) -> int:
        """Return the bytes that it takes up: fragments, and the window of a compressed one."""
        # None where the protocol has seen the end of the message, and it is about to be handed on.
        size = (protocol.current_size or 0) + FRAGMENT_COST * len(self._fragments)
        if any(getattr(e, "decode_cont_data", False) for e in protocol.extensions):
            size += INFLATER_SIZE
        return size
