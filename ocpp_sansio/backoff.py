"""When `connect` tries again: `Backoff`, for its `reconnect=`, by the rules of OCPP 2.x (R-1 to R-6).

For a reconnect loop of your own, `Redials` is that policy at work, and `EndpointRota` the addresses that are
tried in turn; they return seconds and addresses, and wait for nothing.
"""

from ocpp_sansio.core.backoff import Backoff, EndpointRota, Redials, ResetOn

__all__ = ["Backoff", "EndpointRota", "Redials", "ResetOn"]
