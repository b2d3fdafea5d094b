"""`Handlers`: which function serves which action, and what a handler gets and may return.

    handlers = Handlers()

    @handlers.on(v16.HeartbeatRequest)
    async def heartbeat(request: v16.HeartbeatRequest, call: IncomingCall) -> v16.HeartbeatResponse:
        return v16.HeartbeatResponse(current_time=datetime.now(UTC))

A handler is a function or a coroutine function of the payload, or of the payload and its `IncomingCall`; a
parameter with a default is its own, and keeps it. One
that is registered by class gets that class and nothing else, whatever the validation: where none can be made
of what came, the call is refused, unless the handler says that it takes JSON objects, too. One by name gets
a typed payload where the version has the action and one can be made, else a JSON object. A handler

- returns a typed response or a JSON object, which becomes the CALLRESULT,
- raises `CallRejected`, which becomes that CALLERROR,
- or returns `DEFERRED`, and `call.reply` or `call.reply_error` follow at any later time.

Any other exception, and any other or invalid return value, becomes the CALLERROR InternalError with no text
of yours; what was wrong is logged as "ocpp_sansio". A handler of a SEND (2.1) returns nothing.

A handler for stations of many kinds finds what it knows of this one in `call.context`; the decorators of
`Handlers[Charger]` take handlers whose second parameter is an `IncomingCall[Charger]`.

Handlers run as tasks of the session if they are coroutine functions, and at once if they are plain ones,
which must therefore not block. Both may call the peer. All of them are cancelled when the connection goes:
what must outlive it belongs into a task of your own.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Generic,
    Literal,
    Protocol,
    TypeAlias,
    TypeVar,
    get_args,
    overload,
)

from msgspec import Struct
from msgspec.structs import replace

from ocpp_sansio.core import (
    ACTIONS,
    Config,
    JsonObject,
    LenientRequest,
    Request,
    Response,
    Role,
    Unconfirmed,
    Validation,
    Version,
    alike,
    unknown,
)
from ocpp_sansio.session.context import ContextT
from ocpp_sansio.session.incoming_call import Answer, Deferred, IncomingCall, ResponseT
from ocpp_sansio.session.signatures import is_coroutine_function, positional_parameters

if TYPE_CHECKING:
    from ocpp_sansio.station import Record

__all__ = [
    "FALLBACK",
    "After",
    "AfterName",
    "DeliveryHandler",
    "Handler",
    "Handlers",
    "OnLenient",
    "OnName",
    "OnRequest",
    "OnSend",
    "When",
    "WhenDelivered",
    "serving",
]

FALLBACK: Final = "*"
"""The name that catches every action without a handler of its own."""


class Handler(Struct, frozen=True):
    """A registered function, with what was found out about it once, at registration."""

    function: Callable[..., Any]
    is_async: bool
    takes_call: bool
    takes_object: bool

    @classmethod
    def of(cls, function: Callable[..., Any], *, takes_object: bool = True) -> "Handler":
        """Look at a function; raises TypeError for one that cannot be called as a handler."""
        if not callable(function):
            raise TypeError(f"a handler is a function, not {function!r}")
        required, accepted = positional_parameters(function)
        if required > 2 or accepted < 1:  # noqa: PLR2004 - the payload and its call
            raise TypeError(
                f"a handler takes the payload, or the payload and an IncomingCall; {function!r} does not"
            )
        takes_call = accepted >= 2  # noqa: PLR2004
        return cls(function, is_coroutine_function(function), takes_call, takes_object)

    def run(self, call: IncomingCall[Any]) -> Any:
        """Call the function with what it takes."""
        if self.takes_call:
            return self.function(call.event.payload, call)
        return self.function(call.event.payload)


RequestT = TypeVar("RequestT", bound=Request[Any])
RequestT_co = TypeVar("RequestT_co", bound=Request[Any], covariant=True)
LenientT = TypeVar("LenientT", bound=LenientRequest[Any, Any])
SendT = TypeVar("SendT", bound=Unconfirmed)
ArgT = TypeVar("ArgT")
"""The payload as a handler takes it: of its class, or that or a JSON object."""
OurResponseT = TypeVar("OurResponseT", bound=Response)
NamedT = TypeVar("NamedT", bound=Callable[..., Awaitable[Answer] | Answer])
AfterT = TypeVar("AfterT", bound=Callable[..., object])

# What a decorator for a request takes, by its shape. The four are spelled out, since a union of them would
# make every refusal unreadable.
Slow: TypeAlias = Awaitable[ResponseT | JsonObject | Deferred]
Quick: TypeAlias = ResponseT | JsonObject | Deferred


class OnRequest(Generic[RequestT_co, ArgT, ContextT]):
    """The decorator that `Handlers.on` returns for a request; the response type follows from it."""

    def __init__(self, register: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        self._register = register

    @overload
    def __call__(
        self: "OnRequest[Request[ResponseT], ArgT, ContextT]",
        function: Callable[[ArgT, IncomingCall[ContextT]], Slow[ResponseT]],
        /,
    ) -> Callable[[ArgT, IncomingCall[ContextT]], Slow[ResponseT]]: ...

    @overload
    def __call__(
        self: "OnRequest[Request[ResponseT], ArgT, ContextT]",
        function: Callable[[ArgT, IncomingCall[ContextT]], Quick[ResponseT]],
        /,
    ) -> Callable[[ArgT, IncomingCall[ContextT]], Quick[ResponseT]]: ...

    @overload
    def __call__(
        self: "OnRequest[Request[ResponseT], ArgT, ContextT]",
        function: Callable[[ArgT], Slow[ResponseT]],
        /,
    ) -> Callable[[ArgT], Slow[ResponseT]]: ...

    @overload
    def __call__(
        self: "OnRequest[Request[ResponseT], ArgT, ContextT]",
        function: Callable[[ArgT], Quick[ResponseT]],
        /,
    ) -> Callable[[ArgT], Quick[ResponseT]]: ...

    def __call__(self, function: Callable[..., Any], /) -> Callable[..., Any]:
        """Register a function, and return it as it is."""
        return self._register(function)


class OnLenient(Protocol, Generic[RequestT_co, ArgT, ContextT]):
    """The same for a request as a version's `lenient` shows it: its answer may be of either kind."""

    @overload
    def __call__(
        self: "OnLenient[LenientRequest[ResponseT, OurResponseT], ArgT, ContextT]",
        function: Callable[[ArgT, IncomingCall[ContextT]], Slow[ResponseT | OurResponseT]],
        /,
    ) -> Callable[[ArgT, IncomingCall[ContextT]], Slow[ResponseT | OurResponseT]]: ...

    @overload
    def __call__(
        self: "OnLenient[LenientRequest[ResponseT, OurResponseT], ArgT, ContextT]",
        function: Callable[[ArgT, IncomingCall[ContextT]], Quick[ResponseT | OurResponseT]],
        /,
    ) -> Callable[[ArgT, IncomingCall[ContextT]], Quick[ResponseT | OurResponseT]]: ...

    @overload
    def __call__(
        self: "OnLenient[LenientRequest[ResponseT, OurResponseT], ArgT, ContextT]",
        function: Callable[[ArgT], Slow[ResponseT | OurResponseT]],
        /,
    ) -> Callable[[ArgT], Slow[ResponseT | OurResponseT]]: ...

    @overload
    def __call__(
        self: "OnLenient[LenientRequest[ResponseT, OurResponseT], ArgT, ContextT]",
        function: Callable[[ArgT], Quick[ResponseT | OurResponseT]],
        /,
    ) -> Callable[[ArgT], Quick[ResponseT | OurResponseT]]: ...


class OnSend(Protocol, Generic[ArgT, ContextT]):
    """The decorator that `Handlers.on` returns for a SEND: its handler returns nothing."""

    @overload
    def __call__(
        self, function: Callable[[ArgT, IncomingCall[ContextT]], Awaitable[None] | None], /
    ) -> Callable[[ArgT, IncomingCall[ContextT]], Awaitable[None] | None]: ...

    @overload
    def __call__(
        self, function: Callable[[ArgT], Awaitable[None] | None], /
    ) -> Callable[[ArgT], Awaitable[None] | None]: ...


class OnName(Protocol):
    """The decorator that `Handlers.on` returns for a name."""

    def __call__(self, function: NamedT, /) -> NamedT:
        """Register a function, and return it as it is."""
        ...


class After(Protocol, Generic[ArgT, ContextT]):
    """The decorator that `Handlers.after` returns for a request."""

    @overload
    def __call__(
        self, function: Callable[[ArgT, IncomingCall[ContextT]], object], /
    ) -> Callable[[ArgT, IncomingCall[ContextT]], object]: ...

    @overload
    def __call__(self, function: Callable[[ArgT], object], /) -> Callable[[ArgT], object]: ...


class AfterName(Protocol):
    """The decorator that `Handlers.after` returns for a name."""

    def __call__(self, function: AfterT, /) -> AfterT:
        """Register a function, and return it as it is."""
        ...


EventT = TypeVar("EventT")


class WhenDelivered(Generic[RequestT_co, ArgT]):
    """The decorator that `Handlers.delivered` returns for a request class; the response type follows."""

    def __init__(self, register: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        self._register = register

    @overload
    def __call__(
        self: "WhenDelivered[Request[ResponseT], ArgT]",
        function: "Callable[[ArgT, ResponseT, Record], object]",
        /,
    ) -> "Callable[[ArgT, ResponseT, Record], object]": ...

    @overload
    def __call__(
        self: "WhenDelivered[Request[ResponseT], ArgT]",
        function: Callable[[ArgT, ResponseT], object],
        /,
    ) -> Callable[[ArgT, ResponseT], object]: ...

    def __call__(self, function: Callable[..., Any], /) -> Callable[..., Any]:
        """Register a function, and return it as it is."""
        return self._register(function)


class When(Protocol, Generic[EventT]):
    """The decorator that `Handlers.when` returns."""

    @overload
    def __call__(
        self, function: Callable[[EventT, Any], object], /
    ) -> Callable[[EventT, Any], object]: ...

    @overload
    def __call__(self, function: Callable[[EventT], object], /) -> Callable[[EventT], object]: ...


class DeliveryHandler(Struct, frozen=True):
    """A function that is told of delivered messages."""

    function: Callable[..., Any]
    kind: type[Request[Any]] | None
    """The class of the request; None: it was registered by name."""
    accepts: int
    """How many arguments it takes, out of request, response and record."""


Key: TypeAlias = tuple[Version | None, str]


class Handlers(Generic[ContextT]):
    """Which function serves which action. One can serve any number of sessions, of any versions.

    A handler for a request class serves that version's action; one for a name serves the action in every
    version, vendor actions included; "*" catches what neither does. Names have to be there when the
    session is made, since it tells the core which vendor actions are served.
    """

    def __init__(
        self,
        handlers: Mapping[Any, Callable[..., Any]] | None = None,
    ) -> None:
        """Make a registry of the handlers in a mapping from action name, "*" or request class."""
        self._on: dict[Key, Handler] = {}
        self._after: dict[Key, tuple[Handler, ...]] = {}
        self._delivered: dict[Key, tuple[DeliveryHandler, ...]] = {}
        self._when: dict[type, tuple[tuple[Callable[..., Any], bool], ...]] = {}
        self.has_afters = False
        """Whether `find_after` can find anything."""
        self._served: tuple[Config, Role, Config] | None = None
        """What `serving` was asked last, and its answer."""
        self._takes_object = (
            self.takes_object
        )  # once for all sessions: each of its own costs 64 bytes
        for action, function in (handlers or {}).items():
            self.on(action)(function)

    def copy(self) -> "Handlers[ContextT]":
        """Return another registry of the same functions; what is added to one is not in the other."""
        other: Handlers[ContextT] = Handlers()
        other._on, other._after = self._on.copy(), self._after.copy()
        other._delivered, other._when = self._delivered.copy(), self._when.copy()
        other.has_afters = self.has_afters
        return other

    @property
    def actions(self) -> frozenset[str]:
        """The actions that have a handler or something to run after it, by class or by name, "*" aside."""
        return frozenset(name for _, name in (*self._on, *self._after)) - {FALLBACK}

    @property
    def names(self) -> frozenset[str]:
        """The actions that have a handler by name, "*" included."""
        return frozenset(name for version, name in self._on if version is None)

    # A lenient request is a request, so these overlap; the first that fits is the right one.
    @overload
    def on(  # type: ignore[overload-overlap]
        self, action: type[LenientT], *, objects: Literal[False] = False
    ) -> OnLenient[LenientT, LenientT, ContextT]: ...

    @overload
    def on(  # type: ignore[overload-overlap]
        self, action: type[LenientT], *, objects: Literal[True]
    ) -> OnLenient[LenientT, LenientT | JsonObject, ContextT]: ...

    @overload
    def on(
        self, action: type[RequestT], *, objects: Literal[False] = False
    ) -> OnRequest[RequestT, RequestT, ContextT]: ...

    @overload
    def on(
        self, action: type[RequestT], *, objects: Literal[True]
    ) -> OnRequest[RequestT, RequestT | JsonObject, ContextT]: ...

    @overload
    def on(
        self, action: type[SendT], *, objects: Literal[False] = False
    ) -> OnSend[SendT, ContextT]: ...

    @overload
    def on(
        self, action: type[SendT], *, objects: Literal[True]
    ) -> OnSend[SendT | JsonObject, ContextT]: ...

    @overload
    def on(self, action: str) -> OnName: ...

    def on(self, action: Any, *, objects: bool = False) -> Any:
        """Return a decorator that makes a function the handler of an action, and leaves it as it is.

        `action` is a request class, the class of a SEND, an action's name, or "*". With `objects`, a handler
        of a class gets a JSON object where none of the class can be made: validation that is lenient or off
        lets one through. Without, such a call is refused as strict validation refuses it.

        Raises TypeError for something that is no action, and when the function is none that can be a
        handler; ValueError when the action has a handler already.
        """
        key = _key(action)

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            if key in self._on:
                raise ValueError(f"{_spell(key)} has a handler already: {self._on[key].function!r}")
            self._served = None
            self._on[key] = Handler.of(function, takes_object=objects or isinstance(action, str))
            return function

        return OnRequest(register)

    @overload
    def after(
        self, action: type[RequestT], *, objects: Literal[False] = False
    ) -> After[RequestT, ContextT]: ...

    @overload
    def after(
        self, action: type[RequestT], *, objects: Literal[True]
    ) -> After[RequestT | JsonObject, ContextT]: ...

    @overload
    def after(self, action: str) -> AfterName: ...

    def after(self, action: Any, *, objects: bool = False) -> Any:
        """Return a decorator for a function that runs once an answer has been handed to the sender.

        Whatever the answer was: `call.answer` tells. Several are run in the order of registration; what
        they return is ignored, what they raise is logged. `action` and `objects` are as with `on`, except
        that a SEND has no answer and so no "after"; "*" catches the actions that have none of their own.
        Where a call came as a JSON object, those of a class without `objects` do not run.
        """
        key = _key(action)
        if isinstance(action, type) and issubclass(action, Unconfirmed):
            raise TypeError(f"{action.__name__} is a SEND: it has no answer to run after")

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self.has_afters = True
            self._served = None
            handler = Handler.of(function, takes_object=objects or isinstance(action, str))
            self._after[key] = (*self._after.get(key, ()), handler)
            return function

        return register

    @overload
    def delivered(self, action: type[RequestT]) -> WhenDelivered[RequestT, RequestT]: ...

    @overload
    def delivered(self, action: str) -> AfterName: ...

    def delivered(self, action: Any) -> Any:
        """Return a decorator for a function that is told when a message that was posted has arrived.

        It gets the request and the response, and the `Record` if it takes a third: `record.transaction` is
        the key that the message was posted with. Sync or async; a coroutine function is told of one after
        the other, in order, and goes on when the connection is lost. By class it is told of valid answers
        only, by name the request is a JSON object.

        Messages of earlier boots are among them: the function has to know by itself what they are about.
        Raises TypeError for what is no action, or a function that cannot be called so.
        """
        key = _key(action)

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            kind = action if isinstance(action, type) else None
            handler = DeliveryHandler(function, kind, _arguments(function, 2, 3))
            self._delivered[key] = (*self._delivered.get(key, ()), handler)
            return function

        return WhenDelivered(register)

    def when(self, kind: type[EventT]) -> "When[EventT]":
        """Return a decorator for a function that is told what a `Station` notices, such as `StatusWanted`.

        `kind` is one of the classes of `ocpp_sansio.station.StationEvent`. The function gets the event, and
        the session if it takes a second. Sync or async, as with `delivered`.

        Raises TypeError for what is no such event, or a function that cannot be called so.
        """
        from ocpp_sansio.station import StationEvent  # noqa: PLC0415 - not for those without a station

        if kind not in get_args(StationEvent):
            raise TypeError(f"no event of a station, such as StatusWanted: {kind!r}")

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            entry = function, _arguments(function, 1, 2) > 1
            self._when[kind] = (*self._when.get(kind, ()), entry)
            return function

        return register

    def find_delivered(self, version: Version, action: str) -> "tuple[DeliveryHandler, ...]":
        """Return who is told that a message of an action has arrived."""
        told = self._delivered
        return told.get((version, action), ()) + told.get((None, action), ())

    def find_when(self, event: type) -> tuple[tuple[Callable[..., Any], bool], ...]:
        """Return who is told of an event of a station, and whether it takes the session."""
        return self._when.get(event, ())

    def find(self, version: Version | None, action: str) -> Handler | None:
        """Return the handler of an action: that of its class, of its name, or the "*" one."""
        on = self._on
        return on.get((version, action)) or on.get((None, action)) or on.get((None, FALLBACK))

    def takes_object(self, version: Version, action: str) -> bool:
        """Whether an action's handler, if there is one, takes a JSON object; for `Connection`."""
        handler = self.find(version, action)
        return handler is None or handler.takes_object

    def find_after(self, version: Version | None, action: str) -> tuple[Handler, ...]:
        """Return what runs after an action's answer."""
        after = self._after
        own = after.get((version, action), ()) + after.get((None, action), ())
        return own or after.get((None, FALLBACK), ())


def _require_callable(action: str, config: Config, role: Role) -> None:
    direction = ACTIONS.get(action)
    if direction is None:
        meant = alike(action, ACTIONS)
        if meant:
            text = unknown("no action", action, meant)
            raise ValueError(
                f"{text} (of a handler; Config.vendor_actions is for those of a vendor)"
            )
    elif direction not in role.receives and config.validation_of(action) is Validation.STRICT:
        raise ValueError(
            f"a handler of {action} would never be called: a {role} sends that and does not receive it"
        )


def _arguments(function: Any, least: int, most: int) -> int:
    """Return how many arguments to give a function; raises TypeError if it takes others."""
    if callable(function):
        required, accepted = positional_parameters(function)
        if required <= most and accepted >= least:
            return int(min(accepted, most))
    raise TypeError(f"it is called with {least} or {most} arguments, not so {function!r}")


def _key(action: object) -> Key:
    if isinstance(action, str) and action:
        return None, action
    if isinstance(action, type) and issubclass(action, Request | Unconfirmed):
        if hasattr(action, "action"):
            return action.version, action.action
        raise TypeError(f"{action.__name__} is the base of all messages, no action of its own")
    hint = "; decorate with @handlers.on(...)" if inspect.isroutine(action) else ""
    raise TypeError(
        'an action is a request class, its name or "*", such as v16.ResetRequest or "Reset", '
        f"not {action!r}{hint}"
    )


def _spell(key: Key) -> str:
    version, name = key
    return f"{name!r} of {version.value}" if version else repr(name)


def serving(handlers: Handlers, config: Config, role: Role) -> Config:
    """Return the config with the actions that have a handler by name added to its vendor actions.

    Raises ValueError for a handler that would never be called: its name is almost that of an action, or only
    this very side sends the action. `Config.vendor_actions` says that it is meant so.
    """
    known = handlers._served
    # As for all sessions of a server but the first.
    if known and known[0] is config and known[1] is role:
        return known[2]
    for action in sorted(handlers.actions.difference(config.vendor_actions)):
        _require_callable(action, config, role)
    served = config  # as it is, if it can be, so that the sessions of a server share one
    if not handlers.names.issubset(config.vendor_actions):
        served = replace(config, vendor_actions=handlers.names.union(config.vendor_actions))
    handlers._served = config, role, served
    return served
