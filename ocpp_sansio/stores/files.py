"""What a store does to its file beside reading and writing: make it, and set it aside."""

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

__all__ = ["has_lost_its_database", "make_private", "may_be_written", "rename_aside"]

_BESIDE = ("", "-wal", "-journal", "-shm")
"""What follows the name of a database in those of the files that belong to it."""


def make_private(path: Path) -> None:
    """Make an empty file that its owner alone may read, unless there is one (D-15)."""
    try:
        made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return
    os.close(made)
    _flush_directory(path.parent)


def may_be_written(path: Path) -> bool:
    """Whether we may change a file and make others beside it, such as its log."""
    return os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK)


def has_lost_its_database(path: Path) -> bool:
    """Whether a log lies there without what it belongs to; SQLite would delete it."""
    log = _beside(path, "-wal")
    return _size(log) > 0 and _size(path) == 0


def rename_aside(path: Path) -> Path:
    """Rename a database and what belongs to it to the first free `….damaged-<n>`; return the new name (D-10).

    The database goes first: a log without one is recognised after a power cut in the middle.
    """
    kept_as = next(name for name in _names_aside(path) if not _is_taken(name))
    for suffix in _BESIDE:
        with suppress(FileNotFoundError):
            _beside(path, suffix).rename(_beside(kept_as, suffix))
    _flush_directory(path.parent)
    return kept_as


def _names_aside(path: Path) -> Iterator[Path]:
    return (path.with_name(f"{path.name}.damaged-{number}") for number in count(1))


def _is_taken(path: Path) -> bool:
    return any(_beside(path, suffix).exists() for suffix in _BESIDE)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _flush_directory(path: Path) -> None:
    """Wait until a new name is on the medium."""
    if os.name != "posix":
        return  # a directory cannot be opened there
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
