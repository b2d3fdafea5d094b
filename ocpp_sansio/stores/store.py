"""What a store is: three methods."""

from collections.abc import Sequence
from typing import Protocol

from ocpp_sansio.station import Restored, StoreRequest

__all__ = ["Store"]


class Store(Protocol):
    """Where messages are until they are delivered. Implement it over any medium that keeps its word.

    The methods block until they are done. They are called one after the other, perhaps each from another
    thread.
    """

    def load(self) -> Restored:
        """Return what is stored, in the order of posting; raise `StoreError` if it cannot be read."""
        ...

    def apply(self, requests: Sequence[StoreRequest]) -> int:
        """Carry out the requests, in their order; return the last token once all are on the medium.

        After a power cut in the middle, either none of them or the first few have happened (D-3, D-4). Raises
        `StoreError` if not all of them are stored; they are asked for again then.
        """
        ...

    def close(self) -> None:
        """Let go of the medium. What is stored stays; closing twice is harmless."""
        ...
