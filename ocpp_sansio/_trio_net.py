"""What `ocpp_sansio.trio` has beside `Session`, in one place."""

from ocpp_sansio._trio_connect import connect
from ocpp_sansio._trio_serve import Server, serve
from ocpp_sansio._trio_wire import NetSession

__all__ = ["NetSession", "Server", "connect", "serve"]
