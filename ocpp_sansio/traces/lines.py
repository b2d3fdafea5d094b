"""A file's bytes to lines, in bounded memory: of any size, with any line ends, in UTF-8 or UTF-16."""

import codecs
from collections.abc import Iterable, Iterator

__all__ = ["MAX_LINE", "lines_of"]

MAX_LINE = 16 * 1024 * 1024
"""Bytes of a line that are kept: no OCPP message is as long, and a file without line ends may be endless."""

_BOMS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BOM_LENGTH = 2


def lines_of(chunks: Iterable[bytes], *, longest: int = MAX_LINE) -> Iterator[bytes | None]:
    """Yield the lines of a file without their ends; None for one of more than `longest` bytes.

    `chunks` are its pieces in order, of any size. A file that begins as UTF-16 does is read as such. Never
    raises for what is in it.
    """
    rest = b""
    is_too_long = False
    for piece in _as_utf8(chunks):
        *lines, last = (rest + piece).split(b"\n")
        for line in lines:
            if is_too_long or len(line) > longest:
                yield None
            else:
                yield line.removesuffix(b"\r")
            is_too_long = False
        is_too_long = is_too_long or len(last) > longest
        rest = b"" if is_too_long else last
    if is_too_long:
        yield None
    elif rest:
        yield rest.removesuffix(b"\r")


def _as_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    pieces = iter(chunks)
    first = b""
    for piece in pieces:
        first += piece
        if len(first) >= _BOM_LENGTH:
            break
    encoding = next((name for bom, name in _BOMS if first.startswith(bom)), None)
    if encoding is None:
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(first[_BOM_LENGTH:]).encode("utf-8", "replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "replace")
