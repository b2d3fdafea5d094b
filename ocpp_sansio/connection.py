"""`Connection`: one peer's OCPP-J, as a machine without I/O, clock or randomness of its own.

Inputs tell it what the world did, actions what you want; events and frames are what it makes of both. An
input never raises for anything that the peer sent. An action raises LocalProtocolError before anything
has changed, and is then forgotten. Any other exception is a bug.
"""

from ocpp_sansio.core.connection import Connection

__all__ = ["Connection"]
