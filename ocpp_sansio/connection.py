"""`Connection`: the OCPP-J of one peer, without I/O. The run loop around it is in `ocpp_sansio` itself."""

from ocpp_sansio.core.connection import Connection

__all__ = ["Connection"]
