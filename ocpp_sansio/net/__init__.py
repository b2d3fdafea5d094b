"""What `connect` and `serve` of both loops share, without one: admission, limits, TLS, proxies.

Applications find here what they give to `connect` and `serve`, and in `ocpp_sansio.tls` what belongs to
it. The rest is for the packages `asyncio` and `trio`.
"""

from ocpp_sansio.net.admission import EngineBase
from ocpp_sansio.net.door import (
    Admission,
    AnswerHttp,
    Authenticate,
    ConnectionRequest,
    Duplicates,
    DuplicatesOf,
    HttpRequest,
    Verdict,
)
from ocpp_sansio.net.endpoints import Dialling, Endpoint, Url, endpoints_of
from ocpp_sansio.net.limits import HandshakeFailed, Limits, Proxies
from ocpp_sansio.net.logs import spelled
from ocpp_sansio.net.pacing import (
    ACCEPT_PAUSE,
    BACKLOG,
    BATCH,
    COMPRESSED_READ_SIZE,
    GRACE,
    READ_SIZE,
    SHARE,
)
from ocpp_sansio.net.proxies import Address, ProxyHeader, read_proxy_header
from ocpp_sansio.net.registry import Registry
from ocpp_sansio.net.server import ServerBase
from ocpp_sansio.net.session import NetSessionBase
from ocpp_sansio.net.settings import ClientSettings, ServerSettings

__all__ = [
    "ACCEPT_PAUSE",
    "BACKLOG",
    "BATCH",
    "COMPRESSED_READ_SIZE",
    "GRACE",
    "READ_SIZE",
    "SHARE",
    "Address",
    "Admission",
    "AnswerHttp",
    "Authenticate",
    "ClientSettings",
    "ConnectionRequest",
    "Dialling",
    "Duplicates",
    "DuplicatesOf",
    "Endpoint",
    "EngineBase",
    "HandshakeFailed",
    "HttpRequest",
    "Limits",
    "NetSessionBase",
    "Proxies",
    "ProxyHeader",
    "Registry",
    "ServerBase",
    "ServerSettings",
    "Url",
    "Verdict",
    "endpoints_of",
    "read_proxy_header",
    "spelled",
]
