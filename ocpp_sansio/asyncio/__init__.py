"""`Session`, `connect` and `serve` on asyncio. `ocpp_sansio.trio` has the same names.

`Session` works over a transport of your own; `connect` and `serve` bring the WebSocket with them, and load it
when they are first asked for.
"""

from typing import TYPE_CHECKING, Any

from ocpp_sansio.asyncio.session import Session

if TYPE_CHECKING:
    from ocpp_sansio.asyncio.client import connect
    from ocpp_sansio.asyncio.server import Server, serve
    from ocpp_sansio.asyncio.tasks import NetSession

__all__ = ["NetSession", "Server", "Session", "connect", "serve"]

_MODULES = {"NetSession": "tasks", "Server": "server", "connect": "client", "serve": "server"}


def __getattr__(name: str) -> Any:
    # These load websockets; a session of your own transport does not.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
