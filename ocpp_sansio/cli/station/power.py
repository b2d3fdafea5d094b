"""What a cut takes away: the network, and the mains, without which nothing is stored."""

import asyncio
import errno
from collections.abc import Sequence
from typing import Any

from ocpp_sansio.station import Restored, StoreRequest
from ocpp_sansio.stores import Store, StoreError, StoreProblem

__all__ = ["Mains", "Network", "NetworkLoop"]


class Network:
    """The cable to the CSMS. Who pulls it says no goodbye: connections are cut off, and none can be made."""

    def __init__(self) -> None:
        self.is_plugged = True
        self._has_power = True
        self._open: set[asyncio.Transport] = set()

    def pull(self) -> None:
        """Cut off what there is."""
        self.is_plugged = False
        self._cut_off()

    def cut(self) -> None:
        """Cut off what there is, because the power is gone."""
        self._has_power = False
        self._cut_off()

    def mend(self) -> None:
        """Have power again; a cable that is pulled stays so."""
        self._has_power = True

    def _cut_off(self) -> None:
        while self._open:
            self._open.pop().abort()

    def plug(self) -> None:
        """Let connections be made again."""
        self.is_plugged = True

    def require(self) -> None:
        """Raise OSError if there is no way."""
        if not (self.is_plugged and self._has_power):
            raise OSError(errno.ENETUNREACH, "the station is offline")

    def opened(self, transport: Any) -> None:
        """Note a connection, to be cut off later; forget those that are closed."""
        self._open = {each for each in self._open if not each.is_closing()}
        self._open.add(transport)


class NetworkLoop(asyncio.SelectorEventLoop):
    """A loop whose connections to others go over a `Network`."""

    def __init__(self) -> None:
        super().__init__()
        self.network = Network()

    async def create_connection(self, *arguments: Any, **options: Any) -> Any:
        """Connect, if the cable is plugged in, before and after."""
        self.network.require()
        transport, protocol = await super().create_connection(*arguments, **options)
        try:
            self.network.require()
        except OSError:
            transport.abort()
            raise
        self.network.opened(transport)
        return transport, protocol


class Mains:
    """A store that writes nothing once the power is off, as if the process had been killed there."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.blocks = getattr(store, "blocks", True)
        self.is_on = True

    def load(self) -> Restored:
        """Return what is stored."""
        return self._store.load()

    def apply(self, requests: Sequence[StoreRequest]) -> int:
        """Have it stored; raises StoreError once the power is off."""
        if not self.is_on:
            raise StoreError(StoreProblem.CLOSED, "the power is off")
        return self._store.apply(requests)

    def close(self) -> None:
        """Close the store."""
        self._store.close()
