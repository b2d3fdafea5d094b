"""A store that lasts as long as the object does."""

from collections.abc import Sequence

from msgspec.structs import replace

from ocpp_sansio.station import (
    Amend,
    Close,
    Forget,
    Keep,
    OpenTransaction,
    Persist,
    Record,
    Restored,
    StoreRequest,
)
from ocpp_sansio.stores.contents import last_token

__all__ = ["MemoryStore"]


class MemoryStore:
    """A `Store` in memory.

    For tests, where the object is the disk that outlives a station; and for a station that may forget.
    """

    blocks = False
    """Whether it is to work in a thread."""

    def __init__(self) -> None:
        self._records: dict[int, Record] = {}
        self._transactions: dict[str, OpenTransaction] = {}
        self._values: dict[str, str] = {}
        self._utc_floor: float | None = None

    def load(self) -> Restored:
        """Return what is stored."""
        return Restored(
            records=tuple(self._records[seq] for seq in sorted(self._records)),
            transactions=tuple(self._transactions[key] for key in sorted(self._transactions)),
            values=dict(self._values),
            utc_floor=self._utc_floor,
        )

    def apply(self, requests: Sequence[StoreRequest]) -> int:
        """Carry out the requests and return the last token; raises ValueError if there are none."""
        token = last_token(requests)
        for request in requests:
            self._carry_out(request)
        return token

    def close(self) -> None:
        """Do nothing: what is stored stays with the object."""

    def _carry_out(self, request: StoreRequest) -> None:
        match request:
            case Persist():
                self._records[request.record.seq] = request.record
                self._put(request.transaction)
                self._note_time(request.record.posted_at)
            case Amend():
                if record := self._records.get(request.seq):
                    self._records[request.seq] = replace(record, attempts=request.attempts)
            case Forget():
                self._records.pop(request.seq, None)
                self._put(request.transaction)
                if request.closed is not None:
                    self._transactions.pop(request.closed, None)
            case Close():
                self._transactions.pop(request.key, None)
            case Keep(value=None):
                self._values.pop(request.name, None)
            case Keep(value=str(value)):
                self._values[request.name] = value

    def _put(self, transaction: OpenTransaction | None) -> None:
        if transaction is not None:
            self._transactions[transaction.key] = transaction

    def _note_time(self, utc: float | None) -> None:
        if utc is not None:
            self._utc_floor = utc
