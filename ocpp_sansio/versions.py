"""The protocol versions, one frozen row each: what differs on the wire between 1.6, 2.0.1 and 2.1.

Nothing else in the core compares versions. A rule that differs between them is a column of `VersionRules`.
"""

from ocpp_sansio.core.versions import (
    MESSAGE_ID_MAX_LENGTH,
    UnknownTypeReply,
    Version,
    VersionRules,
    __version__,
)

__all__ = ["MESSAGE_ID_MAX_LENGTH", "UnknownTypeReply", "Version", "VersionRules", "__version__"]
