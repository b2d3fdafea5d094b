"""The sessions of a server by the identity of their station."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from ocpp_sansio.net.session import NetSessionBase

__all__ = ["ByIdentity", "Registry"]

ItemT = TypeVar("ItemT")
SessionT = TypeVar("SessionT", bound=NetSessionBase)


class ByIdentity(Generic[ItemT]):
    """Things by identity, of which there is usually one each, in the order in which they came."""

    def __init__(self) -> None:
        self.newest: dict[str, ItemT] = {}
        """The last that came of each identity."""
        self._older: dict[str, tuple[ItemT, ...]] = {}  # the newest of them first

    def __iter__(self) -> Iterator[ItemT]:
        for identity in tuple(self.newest):  # it may change while somebody walks through it
            yield from self.of(identity)

    def of(self, identity: str) -> tuple[ItemT, ...]:
        """Return all of an identity, the newest first."""
        if identity not in self.newest:
            return ()
        return self.newest[identity], *self._older.get(identity, ())

    def add(self, identity: str, item: ItemT) -> None:
        """Add one, as the newest of its identity."""
        older = self.of(identity)
        if older:
            self._older[identity] = older
        self.newest[identity] = item

    def remove(self, identity: str, item: ItemT) -> None:
        """Remove one, if it is there."""
        left = [each for each in self.of(identity) if each is not item]
        self._older.pop(identity, None)
        self.newest.pop(identity, None)
        if left:
            self.newest[identity] = left[0]
        if left[1:]:
            self._older[identity] = tuple(left[1:])


class Registry(Mapping[str, SessionT], Generic[SessionT]):
    """The sessions of a server by identity: those that are connected now. A live, read-only view.

    As a mapping it has the newest of each identity. There can be others where `Duplicates.KEEP` lets them
    stay: `of` and `all` have those, too.
    """

    def __init__(self, sessions: ByIdentity[SessionT]) -> None:
        self._sessions = sessions

    def __getitem__(self, identity: str) -> SessionT:
        return self._sessions.newest[identity]

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._sessions.newest))  # it may change while somebody walks through it

    def __len__(self) -> int:
        return len(self._sessions.newest)

    def of(self, identity: str) -> tuple[SessionT, ...]:
        """Return all sessions of an identity, the newest first; none if it is not connected."""
        return self._sessions.of(identity)

    def all(self) -> tuple[SessionT, ...]:
        """Return every session there is."""
        return tuple(self._sessions)
