"""The base classes and scalar types of all payloads, and `catalog`: the actions of a version.

The messages themselves are in `ocpp_sansio.v16`, `v201` and `v21`.
"""

from ocpp_sansio.core.messages import (
    Action,
    Catalog,
    CustomData,
    DateTime,
    Direction,
    ErrorDetails,
    FreeJson,
    Integer,
    Kind,
    LenientRequest,
    NonPositiveNumber,
    Number,
    Omittable,
    Payload,
    Percentage,
    Request,
    Response,
    ResponseT_co,
    Tenths,
    Unconfirmed,
    bounds_of,
    catalog,
)

__all__ = [
    "Action",
    "Catalog",
    "CustomData",
    "DateTime",
    "Direction",
    "ErrorDetails",
    "FreeJson",
    "Integer",
    "Kind",
    "LenientRequest",
    "NonPositiveNumber",
    "Number",
    "Omittable",
    "Payload",
    "Percentage",
    "Request",
    "Response",
    "ResponseT_co",
    "Tenths",
    "Unconfirmed",
    "bounds_of",
    "catalog",
]
