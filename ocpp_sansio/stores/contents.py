"""What every store of ours has to do with the requests that it is given."""

from collections.abc import Sequence

from ocpp_sansio.station import StoreRequest

__all__ = ["last_token"]


def last_token(requests: Sequence[StoreRequest]) -> int:
    """Return the token up to which all is stored once these requests are (D-4).

    Raises ValueError if there are none: a token that nobody has given out would have to be made up.
    """
    if not requests:
        raise ValueError("there is nothing to store: ask a store only if there are requests")
    return requests[-1].token
