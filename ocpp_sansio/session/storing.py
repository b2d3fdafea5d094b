"""`Storing`: what a session needs of a store."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocpp_sansio.station import StoreRequest

__all__ = ["Storing"]


class Storing(Protocol):
    """What is needed of a store: `ocpp_sansio.stores.Store` without its reading."""

    def apply(self, requests: "Sequence[StoreRequest]") -> int:
        """See `ocpp_sansio.stores.Store.apply`."""
        ...
