"""The sessions of a server by the identity of their station."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from ocpp_sansio.net.session import NetSessionBase

__all__ = ["Registry"]

SessionT = TypeVar("SessionT", bound=NetSessionBase)


class Registry(Mapping[str, SessionT], Generic[SessionT]):
    """The sessions of a server by identity: those that are connected now. A live, read-only view."""

    def __init__(self) -> None:
        self._sessions: dict[str, SessionT] = {}

    def __getitem__(self, identity: str) -> SessionT:
        return self._sessions[identity]

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._sessions))  # it may change while somebody walks through it

    def __len__(self) -> int:
        return len(self._sessions)

    def add(self, identity: str, session: SessionT) -> None:
        """Add a session, in the place of any other of this identity."""
        self._sessions[identity] = session

    def remove(self, identity: str, session: SessionT) -> None:
        """Remove a session, unless a newer one has taken its place."""
        if self._sessions.get(identity) is session:
            del self._sessions[identity]
