"""How the protocol objects of `websockets` are made: compression without a window, and no logger."""

from collections.abc import Iterable
from typing import Any, cast

from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI

from ocpp_sansio.core import Version
from ocpp_sansio.websocket.types import WebSocketConfig

__all__ = ["client_protocol", "server_protocol"]

# Without context takeover, so that an idle link holds no compression window (which alone would be ten
# times what all the rest of it takes), and so that a peer cannot make one grow.
_CLIENT_DEFLATE = (
    ClientPerMessageDeflateFactory(
        server_no_context_takeover=True, client_no_context_takeover=True
    ),
)
_SERVER_DEFLATE = (
    ServerPerMessageDeflateFactory(
        server_no_context_takeover=True, client_no_context_takeover=True
    ),
)


class _Silence:
    """A logger that drops everything: the protocol would write passwords at level DEBUG."""

    def isEnabledFor(self, _: int) -> bool:  # noqa: N802  # logging's name
        return False

    def debug(self, *_: object, **__: object) -> None: ...

    info = error = debug


_SILENCE = cast("Any", _Silence())


def client_protocol(
    uri: WebSocketURI, versions: Iterable[Version], settings: WebSocketConfig, *, max_size: int
) -> ClientProtocol:
    """Return the protocol for a station that offers these versions; `max_size` is that of a message."""
    return ClientProtocol(
        uri,
        subprotocols=[Subprotocol(version.subprotocol) for version in versions],
        extensions=_CLIENT_DEFLATE if settings.compression else None,  # C-9: optional here
        max_size=max_size,
        logger=_SILENCE,
    )


def server_protocol(*, max_size: int) -> ServerProtocol:
    """Return the protocol for a CSMS; `max_size` is that of a message.

    It agrees to compression (C-9: required); whether that stays so is decided with the handshake.
    """
    return ServerProtocol(extensions=_SERVER_DEFLATE, max_size=max_size, logger=_SILENCE)
