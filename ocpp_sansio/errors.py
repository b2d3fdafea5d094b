"""Error codes, the rules that can be broken, and the exceptions of the core.

`LocalProtocolError` is raised for what you did, before anything has changed. `RemoteProtocolError` is for
what the peer did: it is never raised, but comes in an event (`ProtocolViolated`), with the `Rule` broken.
"""

from ocpp_sansio.core.errors import (
    DEFAULT_ERROR_CODES,
    DESCRIPTION_MAX_LENGTH,
    ErrorCode,
    LocalProtocolError,
    OcppError,
    RemoteProtocolError,
    Rule,
    Violation,
)

__all__ = [
    "DEFAULT_ERROR_CODES",
    "DESCRIPTION_MAX_LENGTH",
    "ErrorCode",
    "LocalProtocolError",
    "OcppError",
    "RemoteProtocolError",
    "Rule",
    "Violation",
]
