"""Where the lines of a recording go: a file that makes room for the next when it is full, or a function."""

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Protocol

__all__ = ["BoundedFile", "FunctionOutlet", "Outlet"]

_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)


class Outlet(Protocol):
    """What takes whole lines."""

    name: str
    """For people."""

    def put(self, text: bytes) -> bool:
        """Take lines; return whether those that follow begin a new file. May raise anything."""
        ...

    def make_room(self) -> None:
        """Begin a new file if this one is half full: something begins that is best in one. May raise."""


class FunctionOutlet:
    """Gives each line to a function."""

    name = "the function"

    def __init__(self, function: Callable[[str], object]) -> None:
        self._function = function

    def put(self, text: bytes) -> bool:
        """See `Outlet.put`."""
        for line in text.decode().split("\n")[:-1]:
            self._function(f"{line}\n")
        return False

    def make_room(self) -> None:
        """See `Outlet.make_room`."""


class BoundedFile:
    """`name.jsonl`, and what was that before: `name.1.jsonl`, and so on, `keep` files in all."""

    def __init__(self, path: Path, *, max_bytes: int, keep: int) -> None:
        self.name = path.name
        self._path = path
        self._max_bytes = max_bytes
        self._keep = keep
        self._size: int | None = None  # not looked at yet

    def put(self, text: bytes) -> bool:
        """See `Outlet.put`."""
        try:
            self._append(text)
        except FileNotFoundError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._append(text)
        if self._size is None or self._size < self._max_bytes:
            return False
        self._roll()
        return True

    def _append(self, text: bytes) -> None:
        # Opened each time: ten thousand stations are more than there are descriptors. A file object, with a
        # buffer that this needs not, would cost half as much again.
        file = os.open(self._path, _APPEND, 0o600)  # as confidential as the session was
        try:
            rest = memoryview(text)
            while rest:
                rest = rest[os.write(file, rest) :]
            self._size = os.fstat(file).st_size
        finally:
            os.close(file)

    def make_room(self) -> None:
        """See `Outlet.make_room`."""
        if self._size is None:
            self._size = self._path.stat().st_size if self._path.exists() else 0
        if self._size > self._max_bytes // 2:
            self._roll()

    def _roll(self) -> None:
        """Give the file the number 1, each that has one the next, and drop the last."""
        numbered = (
            self._path.with_suffix(f".{i}{self._path.suffix}") for i in range(1, self._keep)
        )
        files = [self._path, *numbered]
        files[-1].unlink(missing_ok=True)
        for newer, older in reversed(tuple(pairwise(files))):
            if newer.exists():
                newer.rename(older)
        self._size = 0
