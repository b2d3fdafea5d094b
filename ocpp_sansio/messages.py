"""The base classes of every payload, the scalar types their fields are made of, and the catalogue of actions.

The classes in `ocpp_sansio.v16`, `v201` and `v21` are generated; this is what they are generated against.
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
