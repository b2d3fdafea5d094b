"""The base classes of every payload, the scalar types their fields are made of, and the catalogue of actions.

The classes in `ocpp_sansio.v16`, `v201` and `v21` are generated; this is what they are generated against.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar, cast

from msgspec import Meta, Struct
from msgspec.inspect import IntType

from ocpp_sansio.core.versions import Version

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
    "member",
]


class Direction(StrEnum):
    """Who may send a request (A-4)."""

    STATION_TO_CSMS = "CS>CSMS"
    CSMS_TO_STATION = "CSMS>CS"
    BOTH = "both"


class Kind(StrEnum):
    """Whether an action is a CALL, which is answered, or a SEND, which never is (F-6)."""

    CALL = "CALL"
    SEND = "SEND"


class Payload(
    Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename="camel",
    gc=False,
):
    """The parent of every payload and data type: frozen, compared by value, absent members are None.

    Building one checks nothing; it is checked when it is sent.
    """

    # gc=False: the garbage collector does not look into them, nor into the frames and events that carry
    # them. They cannot form a cycle by themselves, and a message costs 5 % less.


class Response(Payload, frozen=True):
    """The payload of a CALLRESULT."""

    action: ClassVar[str]
    """The action that this answers, such as "Heartbeat"."""
    version: ClassVar[Version]
    """The version whose message this is."""


ResponseT_co = TypeVar("ResponseT_co", bound=Response, covariant=True)


class Request(Payload, Generic[ResponseT_co], frozen=True):
    """The payload of a CALL that is answered with a `ResponseT_co`."""

    action: ClassVar[str]
    """The action, such as "Heartbeat" (A-1)."""
    version: ClassVar[Version]
    """The version whose message this is."""
    direction: ClassVar[Direction]
    """Who may send it."""
    kind: ClassVar[Kind] = Kind.CALL
    """CALL."""
    response_type: ClassVar[type[Response]]
    """The class of its answer."""


OurResponseT_co = TypeVar("OurResponseT_co", bound=Response, covariant=True)


class LenientRequest(
    Request[ResponseT_co], Generic[ResponseT_co, OurResponseT_co], frozen=True, kw_only=True
):
    """A request as the module `lenient` of its version shows it to type checkers; at run time none is one.

    A peer's answer to it is a `ResponseT_co`, which may have a text where a member of an enum should be; ours
    may as well be an `OurResponseT_co`, which may not.
    """


class Unconfirmed(Payload, frozen=True):
    """The payload of a SEND, which has no answer (2.1 only, F-6)."""

    action: ClassVar[str]
    """The action, such as "NotifyPeriodicEventStream" (A-1)."""
    version: ClassVar[Version]
    """The version whose message this is."""
    direction: ClassVar[Direction]
    """Who may send it."""
    kind: ClassVar[Kind] = Kind.SEND
    """SEND."""


DateTime = Annotated[datetime, Meta(tz=True)]
"""An aware `datetime`; written in UTC with "Z" and at most 3 fractional digits (A-6, A-7)."""

_LOWEST_FAST, _HIGHEST_FAST = -(2**63), 2**63 - 1

Integer = Annotated[int, Meta(ge=_LOWEST_FAST, le=_HIGHEST_FAST)]
"""A JSON integer. One of more than 64 bits is read the slow way, which refuses those beyond a double."""

if TYPE_CHECKING:
    from typing import Optional as Omittable

    Number = Decimal
    Tenths = Decimal
    NonPositiveNumber = Decimal
    Percentage = Decimal
    CustomData = dict[str, Any]
    ErrorDetails = dict[str, Any]
    FreeJson = Any
else:

    class Omittable:
        """A member that may be absent (None), but never null on the wire (A-3).

        Type checkers see `T | None`; the decoder sees `T`, and so refuses null by itself.
        """

        def __class_getitem__(cls, item: Any) -> Any:
            return item

    class _Checked(type):
        # msgspec asks `isinstance(value, Number)` of what the decode hook has returned: a plain Decimal.
        # The hook has looked already, so any value passes.
        def __instancecheck__(cls, instance: object) -> bool:
            return True

    class Number(metaclass=_Checked):
        """A JSON number as an exact `Decimal` (A-9).

        A type of its own, since msgspec takes strings for a Decimal too.
        """

        minimum: ClassVar[Decimal | None] = None
        maximum: ClassVar[Decimal | None] = None
        decimals: ClassVar[int | None] = None

    class Tenths(Number):
        """A `Number` that is a multiple of 0.1, compared exactly (A-10)."""

        decimals = 1

    class NonPositiveNumber(Number):
        """A `Number` that is at most 0."""

        maximum = Decimal(0)

    class Percentage(Number):
        """A `Number` from 0 to 100."""

        minimum = Decimal(0)
        maximum = Decimal(100)

    class CustomData(metaclass=_Checked):
        """A JSON object with a `vendorId` of at most 255 characters, kept verbatim (A-13)."""

    class ErrorDetails(metaclass=_Checked):
        """The details of a CALLERROR: a JSON object, of free JSON (F-4)."""

    class FreeJson(metaclass=_Checked):
        """Any JSON value, kept verbatim, nested at most `Config.max_depth` deep (A-14)."""


def bounds_of(kind: IntType) -> tuple[int | None, int | None]:
    """Return the least and the greatest value that the schema allows, None where it does not say."""
    return (
        None if kind.ge == _LOWEST_FAST else kind.ge,
        None if kind.le == _HIGHEST_FAST else kind.le,
    )


class Action(Struct, frozen=True):
    """One row of a version's catalogue."""

    name: str
    kind: Kind
    direction: Direction
    request: type[Request[Response]] | type[Unconfirmed]
    """The class of the request, or of the SEND."""
    response: type[Response] | None
    """The class of the answer; None for a SEND."""


class Catalog(Mapping[str, Action]):
    """The actions of one version, by name; `v16.CATALOG["Reset"].response is v16.ResetResponse`."""

    def __init__(
        self, version: Version, requests: Iterable[type[Request[Any]] | type[Unconfirmed]]
    ) -> None:
        self.version = version
        """The version whose actions these are."""
        self._actions = MappingProxyType({request.action: _row(request) for request in requests})

    def __getitem__(self, name: str) -> Action:
        return self._actions[name]

    def __iter__(self) -> Any:
        return iter(self._actions)

    def __len__(self) -> int:
        return len(self._actions)

    def __repr__(self) -> str:
        return f"<Catalog of {self.version.value}: {len(self)} actions>"


def _row(request: type[Request[Any]] | type[Unconfirmed]) -> Action:
    response = request.response_type if issubclass(request, Request) else None
    return Action(request.action, request.kind, request.direction, request, response)


def catalog(version: Version) -> Catalog:
    """Return the catalogue of `version`; the first call for a version imports its package."""
    return cast("Catalog", import_module(version.package).CATALOG)


def member(payload: object, name: str) -> Any:
    """Return a member of a payload by its name on the wire, typed or a JSON object; None if it has none."""
    if isinstance(payload, dict):
        return payload.get(name)
    return getattr(payload, _CAPITAL.sub(r"_\g<0>", name).lower(), None)


_CAPITAL = re.compile("[A-Z]")
