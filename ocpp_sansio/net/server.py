"""`ServerBase`: what `serve` gives on both loops. All that is done behind it, its `Engine` does."""

from typing import Generic, TypeVar

from ocpp_sansio.net.admission import Engine
from ocpp_sansio.net.registry import Registry
from ocpp_sansio.net.session import NetSessionBase

__all__ = ["ServerBase"]

SessionT = TypeVar("SessionT", bound=NetSessionBase)


class ServerBase(Generic[SessionT]):
    """The sessions of the stations that are connected, and the addresses that are listened on."""

    def __init__(self, engine: Engine[SessionT]) -> None:
        self.sessions: Registry[SessionT] = Registry(engine.connected)
        """The sessions that are connected, by identity: `await server.sessions["CP001"].call(...)`."""
        self.addresses: tuple[tuple[str, int], ...] = engine.addresses
        """Host and port of every socket that was listened on."""
        self._engine = engine

    @property
    def port(self) -> int:
        """The port of the first of `addresses`."""
        return self.addresses[0][1]
