"""When to dial again, and where: the reconnect rules of OCPP 2.x as arithmetic (R-1 to R-6).

1.6 leaves the back-off to the implementation (R-1), so the same serves all versions. Nothing here sleeps or
rolls dice: `Redials` is given its randomness, and returns seconds.
"""

from ocpp_sansio.net.backoff import Backoff, EndpointRota, Redials, ResetOn

__all__ = ["Backoff", "EndpointRota", "Redials", "ResetOn"]
