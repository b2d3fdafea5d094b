"""Error codes, broken rules, and the two families of error: yours (local) and the peer's (remote)."""

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
