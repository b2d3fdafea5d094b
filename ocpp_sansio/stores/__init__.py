"""Where a station's queue survives a power cut: `SqliteStore` on a file, `MemoryStore` for tests.

This is the one impure room beneath the loops: its methods read and write files, and block while they do.
`Store` is what to implement over any other medium; `ocpp_sansio.station` has the values that pass in and
out.
"""

from ocpp_sansio.stores.carrying_out import carry_out
from ocpp_sansio.stores.errors import StoreError, StoreProblem
from ocpp_sansio.stores.memory import MemoryStore
from ocpp_sansio.stores.sqlite import SqliteStore
from ocpp_sansio.stores.store import Store

__all__ = ["MemoryStore", "SqliteStore", "Store", "StoreError", "StoreProblem", "carry_out"]
