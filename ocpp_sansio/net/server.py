"""`ServerBase`: what `serve` gives on both loops. What is done behind it, the `Engine` of the loop does."""

from typing import Any, Generic, TypeVar

from ocpp_sansio.net.admission import EngineBase
from ocpp_sansio.net.session import NetSessionBase

__all__ = ["ServerBase"]

SessionT = TypeVar("SessionT", bound=NetSessionBase)


class ServerBase(Generic[SessionT]):
    """The sessions of the stations that are connected, and the addresses that are listened on."""

    def __init__(self, engine: EngineBase[Any, SessionT]) -> None:
        self.sessions = engine.sessions
        """The sessions that are connected, by identity: `await server.sessions["CP001"].call(...)`."""
        self.addresses = engine.addresses
        """Host and port of every socket that was listened on."""

    @property
    def port(self) -> int:
        """The port of the first of `addresses`."""
        return self.addresses[0][1]
