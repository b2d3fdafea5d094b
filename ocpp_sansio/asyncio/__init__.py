"""`Session`, `connect` and `serve` on asyncio. `ocpp_sansio.trio` has the same names, but for `corked`.

`Session` works over a transport of your own; `connect` and `serve` bring the WebSocket with them, and load it
when they are first asked for.
"""

from typing import TYPE_CHECKING

from ocpp_sansio.asyncio.session import Session
from ocpp_sansio.core import on_first_use

if TYPE_CHECKING:
    from ocpp_sansio.asyncio.client import connect
    from ocpp_sansio.asyncio.server import Server, serve
    from ocpp_sansio.asyncio.tasks import NetSession
    from ocpp_sansio.asyncio.turn import corked

__all__ = ["NetSession", "Server", "Session", "connect", "corked", "serve"]

# These load websockets; a session of your own transport does not.
__getattr__ = on_first_use(
    __name__,
    {
        "NetSession": "tasks",
        "Server": "server",
        "connect": "client",
        "corked": "turn",
        "serve": "server",
    },
)
