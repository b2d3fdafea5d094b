"""The sessions of a server by the identity of their station."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, Generic, TypeAlias, TypeVar

from ocpp_sansio.net.session import NetSessionBase
from ocpp_sansio.registration import Registration

__all__ = ["ByIdentity", "Registry", "SharedRegistrations", "Watch"]

Watch: TypeAlias = Callable[[Any], object]
"""A plain function of a session."""

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

    def __init__(self) -> None:
        self._sessions = ByIdentity[SessionT]()
        self._connected: list[Watch] = []
        self._disconnected: list[Watch] = []

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

    def watch(self, *, connected: Watch | None = None, disconnected: Watch | None = None) -> None:
        """Have plain functions called with each session that comes, and each that goes, from now on.

        They are called at that moment, outside of the tasks of the connection: its end cancels nothing that
        they have started. An idle station costs nothing for it. What they raise is logged.
        """
        if connected:
            self._connected.append(connected)
        if disconnected:
            self._disconnected.append(disconnected)

    def _add(self, identity: str, session: SessionT) -> None:
        """Add a session, as the newest of its identity."""
        self._sessions.add(identity, session)
        _tell(self._connected, session)

    def _remove(self, identity: str, session: SessionT) -> None:
        """Remove a session, if it is there."""
        is_there = any(each is session for each in self._sessions.of(identity))
        self._sessions.remove(identity, session)
        if is_there:
            _tell(self._disconnected, session)


class SharedRegistrations:
    """Where the sessions of a server keep registrations: each tells the others of its station (B-40)."""

    def __init__(self, kept: MutableMapping[str, Registration], sessions: Registry[Any]) -> None:
        self._kept = kept
        self._sessions = sessions

    def get(self, identity: str, default: Registration) -> Registration:
        """Return what a station was answered."""
        return self._kept.get(identity, default)

    def __setitem__(self, identity: str, registration: Registration) -> None:
        for session in self._sessions.of(identity):
            session._follow_registration(registration)
        self._kept[identity] = registration


def _tell(watches: list[Watch], session: NetSessionBase) -> None:
    for watch in watches:
        try:
            watch(session)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the application's
            session._complain("what watches the sessions of the server failed", exc_info=error)
