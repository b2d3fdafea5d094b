"""What a loop without helpers does for a `Station` at each turn: has the store do what is asked for."""

from ocpp_sansio.station import Station
from ocpp_sansio.stores.errors import StoreError
from ocpp_sansio.stores.store import Store

__all__ = ["carry_out"]


def carry_out(station: Station, store: Store, *, now: float) -> bool:
    """Have the store do what the station asks for, and tell the station; return whether all is stored.

    Call it after each turn of a loop of yours, before you send. A failure is no exception: the station says
    `StoreFailed`, and asks again (D-9).
    """
    while requests := station.store_requests():
        try:
            token = store.apply(requests)
        except StoreError as error:
            station.store_failed(requests[-1].token, error, now=now)
        else:
            station.stored(token, now=now)
    return station.stored_token == station.last_token
