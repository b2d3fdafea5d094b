"""What makes a station lose nothing: what it keeps over a power cut, and what it asks of its store.

Pure, as `core` is: no I/O, clock, loop, logger or randomness. `ocpp_sansio.stores` does the writing.
"""

from ocpp_sansio.station.records import (
    Amend,
    Close,
    Damage,
    Droppable,
    Forget,
    Keep,
    Lane,
    OpenTransaction,
    Part,
    Persist,
    Record,
    Restored,
    StoreRequest,
)

__all__ = [
    "Amend",
    "Close",
    "Damage",
    "Droppable",
    "Forget",
    "Keep",
    "Lane",
    "OpenTransaction",
    "Part",
    "Persist",
    "Record",
    "Restored",
    "StoreRequest",
]
