"""What `connect` and `serve` of both loops share: admission, limits, TLS, backoff, proxies. No loop is here.

Applications find here what they give to `connect` and `serve`, and in `ocpp_sansio.tls` and `.backoff` what
belongs to it. The rest is for the packages `asyncio` and `trio`.
"""

from ocpp_sansio.net.admission import ReceptionDesk
from ocpp_sansio.net.backoff import Backoff, Redials, ResetOn
from ocpp_sansio.net.limits import (
    Authenticate,
    ConnectionRequest,
    Duplicates,
    HandshakeFailed,
    Limits,
    Proxies,
    Verdict,
)
from ocpp_sansio.net.proxies import Address, ProxyHeader, read_proxy_header
from ocpp_sansio.net.wired import (
    ACCEPT_PAUSE,
    BACKLOG,
    BATCH,
    COMPRESSED_READ_SIZE,
    GRACE,
    READ_SIZE,
    SHARE,
    Dial,
    LinkSettings,
    WiredSession,
)

__all__ = [
    "ACCEPT_PAUSE",
    "BACKLOG",
    "BATCH",
    "COMPRESSED_READ_SIZE",
    "GRACE",
    "READ_SIZE",
    "SHARE",
    "Address",
    "Authenticate",
    "Backoff",
    "ConnectionRequest",
    "Dial",
    "Duplicates",
    "HandshakeFailed",
    "Limits",
    "LinkSettings",
    "Proxies",
    "ProxyHeader",
    "ReceptionDesk",
    "Redials",
    "ResetOn",
    "Verdict",
    "WiredSession",
    "read_proxy_header",
]
