"""Answers in HTTP on the port of a CSMS, behind which the connection ends: errors, health checks, metrics."""

from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus
from types import MappingProxyType

from msgspec import Struct
from websockets.datastructures import Headers
from websockets.http11 import Response

from ocpp_sansio.core import quote
from ocpp_sansio.websocket.handshake import NO_HEADERS, check_header

__all__ = ["HttpResponse", "response_of"]

_OURS = frozenset({"connection", "content-length", "content-type", "date", "transfer-encoding"})


class HttpResponse(Struct, frozen=True):
    """An answer to what asked for no WebSocket. Raises ValueError for a status or a header that cannot be."""

    body: bytes | str = b""
    """Text is sent as UTF-8. To HEAD, only its length is told."""
    status: int = 200
    """From 200 to 599, of those that have a name."""
    content_type: str = "text/plain; charset=utf-8"
    """The header Content-Type."""
    headers: Mapping[str, str] = MappingProxyType({})
    """Further headers; length, date and the end of the connection are seen to."""

    def __post_init__(self) -> None:
        if HTTPStatus(self.status) < HTTPStatus.OK:
            raise ValueError(f"{self.status} is no answer: from 200 on")
        check_header("Content-Type", self.content_type)
        for name, value in self.headers.items():
            check_header(name, value)
            if name.lower() in _OURS:
                raise ValueError(f"the header {quote(name)} is none of headers=")


def response_of(
    status: int,
    body: bytes | str,
    *,
    content_type: str = "text/plain; charset=utf-8",
    headers: Mapping[str, str] = NO_HEADERS,
    is_head: bool = False,
) -> Response:
    """Return an answer behind which the connection ends."""
    data = body.encode() if isinstance(body, str) else body
    sent = Headers(
        [
            ("Date", formatdate(usegmt=True)),
            ("Connection", "close"),
            ("Content-Length", str(len(data))),
            ("Content-Type", content_type),
        ]
    )
    for name, value in headers.items():
        sent[name] = value
    return Response(status, HTTPStatus(status).phrase, sent, b"" if is_head else data)
