"""What a station keeps over a power cut, and what it asks a store to do about it (D-1 to D-14).

Plain values: the outbox makes them, a store (`ocpp_sansio.stores`, or your own) writes them and reads them
back. Neither looks further into the other.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from msgspec import Struct

from ocpp_sansio.core import Version

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


class Lane(StrEnum):
    """Which queue a message waits in; each is delivered in its own order (T-5, T-6)."""

    TRANSACTION = "transaction"
    """What is billed by: one lane for the whole station (T-1)."""
    SECURITY = "security"
    """Critical security events: no limit of attempts (T-3)."""
    REST = "rest"
    """All else that was to be queued (T-4)."""


class Part(StrEnum):
    """What a message is to its transaction."""

    NONE = "none"
    """It belongs to none."""
    START = "start"
    """StartTransaction, or a TransactionEvent Started: never dropped (T-31)."""
    MIDDLE = "middle"
    """MeterValues, or a TransactionEvent Updated."""
    END = "end"
    """StopTransaction, or a TransactionEvent Ended: never dropped (T-31)."""


class Droppable(StrEnum):
    """Whether a message may go when the queue is full, and how soon (T-31, T-32)."""

    NEVER = "never"
    FIRST = "first"
    """Among the first: readings that were taken because a timer said so."""
    LATER = "later"
    """Once there are no more of `FIRST`."""


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """One message that was posted, as it is stored (D-1).

    It holds all that delivering it after a restart takes. What is true of one boot alone is not in it:
    whether it was sent, when it is due (T-19), and whether its event happened offline, which is so for all
    that a restart brings back (T-27).
    """

    seq: int
    """Its place in the order of posting; no two in a store have the same."""
    version: Version
    """The version of OCPP whose message it is (D-14)."""
    action: str
    """The action, such as "StopTransaction"."""
    body: bytes
    """The payload, as JSON in UTF-8, as it was posted.

    What is known only when it leaves, such as a transaction's id in 1.6 (T-20), is put in then, and not here.
    """
    lane: Lane = Lane.TRANSACTION
    transaction: str | None = None
    """The key of its transaction: yours in 1.6 (T-20), the transactionId in 2.x (T-26)."""
    part: Part = Part.NONE
    droppable: Droppable = Droppable.NEVER
    attempts: int = 0
    """How many transmissions have failed (T-10)."""
    posted_at: float | None = None
    """When it was posted, in seconds of UTC since 1970; None: the clock was not set (K-6)."""


class OpenTransaction(Struct, frozen=True, kw_only=True, gc=False):
    """A transaction from its start to the removal of its end (D-7).

    It is written with the message that changes it, never alone: a restart knows what to end or to resume.
    """

    key: str
    """Yours in 1.6 (T-20), the transactionId in 2.x (T-26)."""
    version: Version
    connector: int | None = None
    """The connector in 1.6, the EVSE in 2.x; None where its messages did not say."""
    transaction_id: int | None = None
    """1.6: what the CSMS answered, or -1 once the start was given up (T-21); None: not known yet.

    2.x: None.
    """
    next_seq_no: int = 0
    """2.x: the seqNo of its next event (T-26)."""
    is_ended: bool = False
    """Whether its end is posted: nobody is to end it again."""
    last_seen: float | None = None
    """When its last message was posted, in seconds of UTC since 1970; None: the clock was not set."""


class Persist(Struct, frozen=True):
    """Write a message, and its transaction as it is now if it belongs to one."""

    token: int
    record: Record
    transaction: OpenTransaction | None = None


class Amend(Struct, frozen=True):
    """Write how many transmissions of a message have failed (T-19)."""

    token: int
    seq: int
    attempts: int


class Forget(Struct, frozen=True):
    """Remove a message that is over (D-2); with it goes what its answer changes, in the same commit (D-6).

    A removal that may ride with the next commit (D-8) is held back by who asks; a store need not think of it.
    """

    token: int
    seq: int
    transaction: OpenTransaction | None = None
    """Its transaction as it is from now on, the id that the CSMS answered included (T-22)."""
    closed: str | None = None
    """The key of the transaction whose record goes too, since this was its end (D-7)."""


class Close(Struct, frozen=True):
    """Remove the record of a transaction that no message will end."""

    token: int
    key: str


class Keep(Struct, frozen=True):
    """Write a value under a name, such as that of a configuration key; None removes it."""

    token: int
    name: str
    value: str | None


StoreRequest: TypeAlias = Persist | Amend | Forget | Close | Keep
"""What a store is asked to do. Tokens grow; "stored up to a token" covers all requests before it (D-4).

Each may be asked for again, after a failure of which nobody knows how far it got: doing it twice is doing it
once. A `Persist` replaces a message of the same `seq`; an `Amend`, `Forget` or `Close` of what is not there
does nothing.
"""


class Damage(Struct, frozen=True):
    """A store that could not be read was set aside, and a new one begun (D-10)."""

    kept_as: str
    """Where the old one is now: it was not changed."""
    reason: str
    """What was wrong with it, in one line."""


class Restored(Struct, frozen=True, kw_only=True):
    """What a store holds when a station starts."""

    records: tuple[Record, ...] = ()
    """The messages not yet delivered, in the order in which they were posted."""
    transactions: tuple[OpenTransaction, ...] = ()
    values: Mapping[str, str] = MappingProxyType({})
    """What was kept under a name (`Keep`)."""
    utc_floor: float | None = None
    """When something was last posted, or up to ten minutes before, in seconds of UTC since 1970.

    None: the clock was never set (K-6).
    """
    damage: Damage | None = None
    """Set if this is a new store in the place of a damaged one."""
