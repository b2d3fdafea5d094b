"""A store whose medium fails when you say so: for a station of your own, and for ours."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from ocpp_sansio.station import Restored, StoreRequest
from ocpp_sansio.stores import MemoryStore, Store, StoreError, StoreProblem

__all__ = ["FaultyStore", "PowerCut", "StoreFault"]


class StoreFault(StrEnum):
    """What happens to the commit that has a certain request in it."""

    REFUSED = "refused"
    """Nothing of it is written, and the store says so: full, or an I/O error."""
    UNCONFIRMED = "unconfirmed"
    """All of it is written, and the store says that it failed."""
    TORN = "torn"
    """What stands before the request is written, then the power goes (D-3)."""
    SWAPPED = "swapped"
    """It is confirmed and not written; the next one is, then the power goes: a medium that lies."""


class PowerCut(Exception):  # noqa: N818 - it is no error of anyone's
    """The power has gone: throw the station away, call `power_on`, start another on what `load` returns."""


class FaultyStore:
    """A `Store` over another, a `MemoryStore` unless you bring one, with faults at chosen requests.

    Requests are counted from 1, over all of its life and its power cuts, those that are asked for again
    included; each fault happens once. `FaultyStore(faults={7: StoreFault.TORN})` cuts the power at the 7th.
    """

    def __init__(
        self, store: Store | None = None, faults: Mapping[int, StoreFault] | None = None
    ) -> None:
        self._store = MemoryStore() if store is None else store
        self._faults = dict(faults or {})
        self._withheld: Sequence[StoreRequest] | None = None
        self._is_on = True
        self.requests = 0
        """How many it was asked for."""
        self.commits = 0
        """How many times it has confirmed."""

    @property
    def blocks(self) -> bool:
        """Whether the store below is to work in a thread."""
        return bool(getattr(self._store, "blocks", True))

    def load(self) -> Restored:
        """Return what is stored; raises `PowerCut` until the power is back."""
        self._require_power()
        return self._store.load()

    def apply(self, requests: Sequence[StoreRequest]) -> int:
        """Carry out the requests, unless a fault is due; raises `StoreError` or `PowerCut` by its kind."""
        self._require_power()
        first = self.requests + 1
        self.requests += len(requests)
        for place in range(len(requests)):
            if fault := self._faults.pop(first + place, None):
                return self._fail(fault, requests, place)
        token = self._store.apply(requests)
        if self._withheld is not None:
            self._cut()
        self.commits += 1
        return token

    def close(self) -> None:
        """Close the store below."""
        self._store.close()

    def cut_power(self) -> None:
        """Let the power go between two commits; what is stored stays."""
        self._is_on = False
        self._withheld = None

    def power_on(self) -> None:
        """Bring the power back."""
        self._is_on = True

    def _fail(self, fault: StoreFault, requests: Sequence[StoreRequest], place: int) -> int:
        match fault:
            case StoreFault.REFUSED:
                raise StoreError(StoreProblem.FULL, "the medium is full, as the test wants it")
            case StoreFault.UNCONFIRMED:
                self._store.apply(requests)
                raise StoreError(StoreProblem.BROKEN, "the medium fails, as the test wants it")
            case StoreFault.TORN:
                if place:
                    self._store.apply(requests[:place])
                self._cut()
            case StoreFault.SWAPPED:
                self._withheld = requests
        self.commits += 1
        return requests[-1].token

    def _cut(self) -> None:
        self.cut_power()
        self._require_power()

    def _require_power(self) -> None:
        if not self._is_on:
            raise PowerCut("the power is off")
