"""`Version`: OCPP 1.6, 2.0.1 and 2.1, by their subprotocol names, and the rules in which they differ."""

from ocpp_sansio.core.versions import (
    MESSAGE_ID_MAX_LENGTH,
    UnknownTypeReply,
    Version,
    VersionRules,
    __version__,
)

__all__ = ["MESSAGE_ID_MAX_LENGTH", "UnknownTypeReply", "Version", "VersionRules", "__version__"]
