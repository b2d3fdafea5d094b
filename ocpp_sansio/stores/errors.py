"""What a store raises, and no other exception."""

from enum import StrEnum

from ocpp_sansio.core import OcppError

__all__ = ["StoreError", "StoreProblem"]


class StoreProblem(StrEnum):
    """Why a store did not do what it was asked."""

    LOCKED = "locked"
    """Another process, or another store of this one, has the file open (D-11)."""
    FULL = "full"
    """No room: on the medium, or below the store's own limit (D-9)."""
    READ_ONLY = "read_only"
    """The file, its directory or its file system may not be written."""
    FOREIGN = "foreign"
    """There is a file under the name, and it is no store of ours: it was left as it is."""
    UNREACHABLE = "unreachable"
    """The file cannot be opened: there is no such directory, or no permission to look."""
    BROKEN = "broken"
    """The medium fails, or the file is damaged: then it is set aside at the next start (D-10)."""
    CLOSED = "closed"
    """The store was closed before."""


class StoreError(OcppError):
    """A store cannot be opened, or did not write what it was asked to: nothing of it, then.

    Its text says what to do. Raised by stores only, never by the protocol: a `Station` is told with
    `store_failed`.
    """

    def __init__(self, problem: StoreProblem, message: str) -> None:
        super().__init__(message)
        self.problem = problem
        """What it is about, for a program to decide by."""
