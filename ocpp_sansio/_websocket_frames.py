"""The short way for the frames that nearly all traffic of a CSMS consists of.

A station's message comes as one text frame: whole, masked, not compressed. Reading and writing those here,
and leaving every other frame to `websockets`, spares a CSMS on loopback a fifth of its time for a message.
What is here looks at nothing but kinds and lengths: every frame that is in any way odd goes to the protocol
underneath, which judges it, and which is given whole frames or their beginnings and never notices the rest.
"""

from collections.abc import Iterator

from websockets.frames import apply_mask  # type: ignore[attr-defined]  # in C, where that was built

__all__ = ["FrameCutter", "text_frame", "text_of"]

_FIN_TEXT = 0x81  # the last fragment and the first, of text, without the bits of any extension
_MASKED = 0x80
_SHORT = 126  # from here on, the length is in the two bytes that follow
_LONG = 127  # ... or eight
_MASK_SIZE = 4
_LONGEST_HEAD = 2 + 8 + _MASK_SIZE
_SHORT_HEADS = tuple(bytes((_FIN_TEXT, size)) for size in range(_SHORT))


def text_of(frame: bytes | bytearray, max_size: int) -> bytes | None:
    """Return the text of a frame if that is all there is: one whole, masked, uncompressed text frame.

    None for any other bytes, and for a text of more than `max_size` or more than 65,535 bytes.
    """
    total = len(frame)
    if total < 2 + _MASK_SIZE or frame[0] != _FIN_TEXT:
        return None
    size, start = frame[1] - _MASKED, 2 + _MASK_SIZE
    if size == _SHORT:
        size, start = frame[2] << 8 | frame[3], 4 + _MASK_SIZE
    if total != start + size or size > max_size:
        return None
    return apply_mask(frame[start:], frame[start - _MASK_SIZE : start])


def text_frame(text: bytes) -> bytes:
    """Return a server's frame of a text: whole, not masked, not compressed."""
    size = len(text)
    if size < _SHORT:
        return _SHORT_HEADS[size] + text
    if size < 1 << 16:
        return b"%c%c%b%b" % (_FIN_TEXT, _SHORT, size.to_bytes(2), text)
    return b"%c%c%b%b" % (_FIN_TEXT, _LONG, size.to_bytes(8), text)


class FrameCutter:
    """Cuts what a station sends where frames end, in whatever pieces it comes; holds nothing back."""

    __slots__ = ("_head", "_missing")

    def __init__(self) -> None:
        self._head: bytes | bytearray = b""  # what has come of a frame whose size is not known yet
        self._missing = 0  # bytes of the frame that has begun to come

    @property
    def is_between(self) -> bool:
        """Whether the next byte is the first one of a frame."""
        return not (self._missing or self._head)

    def cut(self, data: bytes | bytearray) -> Iterator[tuple[bytes | bytearray, bool]]:
        """Yield all of `data` in pieces, and of each whether it is a whole frame or a part of one."""
        start = 0
        if self._head:
            size = _size_of_frame(self._head + data[:_LONGEST_HEAD], 0)
            if size is None:
                self._head += data
                yield data, False
                return
            self._missing, self._head = size - len(self._head), b""
        if self._missing:
            start = min(self._missing, len(data))
            self._missing -= start
            yield data[:start], False
        while start < len(data):
            size = _size_of_frame(data, start)
            if size is None:
                self._head = data[start:]
                yield self._head, False
                return
            self._missing = max(0, start + size - len(data))
            yield data[start : start + size], not self._missing
            start += size


def _size_of_frame(data: bytes | bytearray, start: int) -> int | None:
    """Return the size of the frame that begins at `start`, its head included; None if that cannot be told."""
    if len(data) < start + 2:
        return None
    size = data[start + 1] % _MASKED
    head = 2 + (_MASK_SIZE if data[start + 1] >= _MASKED else 0)
    if size < _SHORT:
        return head + size
    width = 2 if size == _SHORT else 8
    if len(data) < start + 2 + width:
        return None
    return head + width + int.from_bytes(data[start + 2 : start + 2 + width])
