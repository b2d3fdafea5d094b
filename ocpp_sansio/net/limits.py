"""What `connect` and `serve` can be told, and what they say: the same on both loops."""

from msgspec import Struct

from ocpp_sansio.core import OcppError, plain, require_seconds, require_whole
from ocpp_sansio.net.proxies import Proxies
from ocpp_sansio.session import RECORDS_PER_SECOND
from ocpp_sansio.websocket import HandshakeRejected

__all__ = ["HandshakeFailed", "Limits", "Proxies"]


class Limits(Struct, frozen=True, kw_only=True):
    """How much of us the peers can take up. Raises ValueError for a limit that cannot be."""

    max_connections: int = 100_000
    """Connections in all, those in their handshake included; beyond it, new ones are hung up on."""
    max_handshakes: int = 2_000
    """Connections in their TLS or WebSocket handshake. Beyond it, the oldest that has been silent for
    `handshake_patience` is dropped for a new one; where none has, new ones wait to be accepted."""
    max_handshakes_per_address: int = 100
    """Connections from one host in their handshake that count as its share: where one has to be dropped for
    a new one, it is the oldest silent one of a host with more than that, if there is one."""
    handshake_patience: float = 0.8
    """Seconds that a handshake may take to say what it wants before it may have to make room."""
    max_unsent: int = 256 * 1024
    """Bytes for one peer that it does not take; then we stop reading from it, and senders wait."""
    max_buffered: int = 256 * 1024 * 1024
    """Bytes that are held for all peers together, read, inflated or unsent; beyond it, the connection that
    holds most is cut off. What one holds counts from 4 KiB on."""
    write_timeout: float = 30.0
    """Seconds that a peer may take nothing of what waits for it; then it is cut off. However slow its line
    is, it lives if it takes some 8 KiB in that time."""
    max_per_identity: int = 8
    """Connections of one identity where `Duplicates.KEEP` lets them be; beyond it, the oldest is closed."""
    max_log_records: int = RECORDS_PER_SECOND
    """Records in the log in a second about one peer, and about all that are not let in; more are counted."""

    def __post_init__(self) -> None:
        require_whole("max_connections", self.max_connections, 1)
        require_whole("max_handshakes", self.max_handshakes, 1)
        require_whole("max_handshakes_per_address", self.max_handshakes_per_address, 1)
        require_seconds("handshake_patience", self.handshake_patience)
        require_whole("max_unsent", self.max_unsent, 1)
        require_whole("max_buffered", self.max_buffered, 1)
        require_seconds("write_timeout", self.write_timeout, above_zero=True)
        require_whole("max_per_identity", self.max_per_identity, 1)
        require_whole("max_log_records", self.max_log_records, 1)


class HandshakeFailed(OcppError):  # noqa: N818 - what happened
    """`connect` reached something, but there will be no OCPP with it."""

    def __init__(self, reason: str, status: int | None) -> None:
        shown = plain(reason)
        super().__init__(shown if status is None else f"HTTP {status}: {shown}")
        self.reason = reason
        self.status = status
        """The HTTP status, such as 401 or 404 (C-7); None if the answer was not HTTP, or none came."""

    @classmethod
    def of(cls, rejection: HandshakeRejected | None) -> "HandshakeFailed":
        """Return the exception for what a link said; None if it said nothing because we closed it."""
        if rejection is None:
            return cls("closed before it was open", None)
        return cls(rejection.reason, rejection.status)
