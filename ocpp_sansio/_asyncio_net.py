"""What `ocpp_sansio.asyncio` has beside `Session`, in one place."""

from ocpp_sansio._asyncio_connect import connect
from ocpp_sansio._asyncio_serve import Server, serve
from ocpp_sansio._asyncio_wire import NetSession

__all__ = ["NetSession", "Server", "connect", "serve"]
