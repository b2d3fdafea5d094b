"""What `connect` and `serve` can be told, and what they say: the same in both worlds."""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Any, TypeAlias

import attrs

from ocpp_sansio.errors import OcppError
from ocpp_sansio.websocket import HandshakeReceived, HandshakeRejected

__all__ = [
    "Authenticate",
    "ConnectionRequest",
    "Duplicates",
    "HandshakeFailed",
    "Limits",
    "Verdict",
]


class Duplicates(StrEnum):
    """What becomes of a station that connects while its identity is connected already (C-11)."""

    REPLACE = "replace"
    """The newer connection replaces the older, which is usually a dead one that nobody has noticed."""
    REFUSE = "refuse"
    """The newer one is answered 409: where stations have no password, nobody can push another out."""


def _whole(_: Any, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{attribute.name} must be 1 or more, not {value!r}")


def _positive(_: Any, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError(f"{attribute.name} must be above 0 seconds, not {value!r}")


@attrs.frozen(kw_only=True)
class Limits:
    """How much of us the peers can take up. Raises ValueError for a limit that cannot be."""

    max_connections: int = attrs.field(default=100_000, validator=_whole)
    """Connections in all, those in their handshake included; beyond it, new ones are hung up on."""
    max_handshakes: int = attrs.field(default=1_000, validator=_whole)
    """Connections in their TLS or WebSocket handshake; a whole fleet that comes back at once has to queue."""
    max_unsent: int = attrs.field(default=256 * 1024, validator=_whole)
    """Bytes for one peer that it does not take; then we stop reading from it, and senders wait."""
    write_timeout: float = attrs.field(default=30.0, validator=_positive)
    """Seconds that a peer may take nothing while `max_unsent` bytes wait for it; then it is cut off."""


@attrs.frozen
class ConnectionRequest:
    """Who wants to come in: what `authenticate` decides on."""

    identity: str
    """From the path, decoded (C-2)."""
    username: str | None
    """From Basic authentication; equal to `identity` if there is one (C-3)."""
    password: bytes | None = attrs.field(repr=False)
    """From Basic authentication, as bytes (P-3); compare with `ocpp_sansio.websocket.passwords_match`."""
    subprotocols: tuple[str, ...]
    """What the station offers, in its order (C-4)."""
    path: str
    """The request target as sent."""
    headers: Mapping[str, str] = attrs.field(repr=False)
    """All headers, names in lower case."""
    peer_certificate: Mapping[str, Any] | None
    """The station's verified TLS certificate, as `ssl.SSLSocket.getpeercertificate` gives it (profile 3)."""
    address: tuple[str, int] | None
    """Where the connection comes from: host and port."""

    @classmethod
    def of(
        cls,
        handshake: HandshakeReceived,
        certificate: Mapping[str, Any] | None,
        address: Any,
    ) -> "ConnectionRequest":
        """Return the request of a handshake, with what the transport knows."""
        return cls(
            handshake.identity,
            handshake.username,
            handshake.password,
            handshake.subprotocols,
            handshake.path,
            handshake.headers,
            certificate or None,
            tuple(address[:2]) if isinstance(address, tuple) else None,
        )


Verdict: TypeAlias = bool | int
"""What `authenticate` comes to: whether to let a station in, or the HTTP status to refuse it with."""

Authenticate: TypeAlias = Callable[[ConnectionRequest], Verdict | Awaitable[Verdict]]
"""Your function that lets a station in: True; False for 401; or the HTTP status to refuse it with, such as
404 for a station that you do not know (C-7). Sync or async; an exception is logged and becomes 500."""


class HandshakeFailed(OcppError):  # noqa: N818 - what happened
    """`connect` reached something, but there will be no OCPP with it."""

    def __init__(self, reason: str, status: int | None) -> None:
        super().__init__(reason if status is None else f"HTTP {status}: {reason}")
        self.reason = reason
        self.status = status
        """The HTTP status, such as 401 or 404 (C-7); None if the answer was not HTTP, or none came."""

    @classmethod
    def of(cls, rejection: HandshakeRejected | None) -> "HandshakeFailed":
        """Return the exception for what a link said; None if it said nothing because we closed it."""
        if rejection is None:
            return cls("closed before it was open", None)
        return cls(rejection.reason, rejection.status)
