"""What a CSMS answers on its port to HTTP that asks for no WebSocket: a health check, metrics."""

from collections.abc import Mapping
from http import HTTPStatus

from msgspec import Struct

from ocpp_sansio.core import quote
from ocpp_sansio.websocket.handshake import NO_HEADERS, check_header

__all__ = ["HttpResponse"]

_OURS = frozenset({"connection", "content-length", "content-type", "date", "transfer-encoding"})


class HttpResponse(Struct, frozen=True):
    """An answer to what asked for no WebSocket. Raises ValueError for a status or a header that cannot be."""

    body: bytes | str = b""
    """Text is sent as UTF-8. To HEAD, only its length is told."""
    status: int = 200
    """From 200 to 599, of those that have a name."""
    content_type: str = "text/plain; charset=utf-8"
    """The header Content-Type."""
    headers: Mapping[str, str] = NO_HEADERS
    """Further headers; length, date and the end of the connection are seen to."""

    def __post_init__(self) -> None:
        if HTTPStatus(self.status) < HTTPStatus.OK:
            raise ValueError(f"{self.status} is no answer: from 200 on")
        check_header("Content-Type", self.content_type)
        for name, value in self.headers.items():
            check_header(name, value)
            if name.lower() in _OURS:
                raise ValueError(f"the header {quote(name)} is none of headers=")
