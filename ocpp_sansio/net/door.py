"""The door of a server: who asks to come in, and all that the application can decide about that.

`serve(authenticate=…)` is a function of a `ConnectionRequest`. It says yes or no, or gives an `Admission`: as
whom it lets the station in, with which settings, and with a value of its own that rides on the session.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Generic, TypeAlias, TypeVar, cast

from msgspec import Struct
from msgspec.structs import replace

from ocpp_sansio.core import Config, Version, plain, quote
from ocpp_sansio.session import ContextT, ContextT_co, Handlers, Hooks, NewConnection
from ocpp_sansio.websocket import Fault, HandshakeReceived, HttpResponse, WebSocketConfig

__all__ = [
    "Admission",
    "AnswerHttp",
    "Authenticate",
    "ConnectionRequest",
    "Duplicates",
    "DuplicatesOf",
    "HttpRequest",
    "Verdict",
    "admission_of",
]


_TupleT = TypeVar("_TupleT", bound=tuple[Any, ...])


class Duplicates(StrEnum):
    """What becomes of a station that connects while its identity is connected already (C-11)."""

    REPLACE = "replace"
    """The newer connection replaces the older, which is usually a dead one that nobody has noticed."""
    REFUSE = "refuse"
    """The newer one is answered 409: where stations have no password, nobody can push another out."""
    KEEP = "keep"
    """Both stay, each with a session of its own: a certification tool opens probes beside its station."""


class ConnectionRequest(Struct, frozen=True):
    """Who wants to come in: what `authenticate` decides on."""

    identity: str
    """From the path, decoded (C-2). Empty where there is none that can be read: then `faults` says so."""
    username: str | None
    """From Basic authentication; equal to `identity` if there is one (C-3), or `faults` says so."""
    password: bytes | None
    """From Basic authentication, as bytes (P-3); compare with `ocpp_sansio.websocket.passwords_match`."""
    subprotocols: tuple[str, ...]
    """What the station offers, in its order (C-4)."""
    path: str
    """The request target as sent."""
    headers: Mapping[str, str]
    """All headers, names in lower case."""
    peer_certificate: Mapping[str, Any] | None
    """The station's verified TLS certificate, as `ssl.SSLSocket.getpeercertificate` gives it (profile 3).

    Its common name is the serial number that BootNotification is to name (B-48): yours to compare.
    """
    address: tuple[str, int] | None
    """Where the connection comes from: host and port."""
    versions: tuple[Version, ...] = ()
    """What both sides speak, in the station's order; empty if it offers nothing that we speak."""
    faults: tuple[Fault, ...] = ()
    """What it is refused for, whatever you return, unless an `Admission` says what to put in its place."""

    def __repr__(self) -> str:
        # Password, headers and query stay out: requests end up in logs, and each may hold a secret.
        return (
            f"ConnectionRequest(identity={quote(self.identity)}, username={quote(self.username)}, "
            f"has_password={self.password is not None}, path={quote(self.path.partition('?')[0])}, "
            f"address={self.address!r})"
        )

    @classmethod
    def of(
        cls,
        handshake: HandshakeReceived,
        certificate: Mapping[str, Any] | None,
        address: Any,
    ) -> "ConnectionRequest":
        """Return the request of a handshake, with what the transport knows."""
        return cls(
            handshake.identity,
            handshake.username,
            handshake.password,
            handshake.subprotocols,
            handshake.path,
            handshake.headers,
            certificate or None,
            tuple(address[:2]) if isinstance(address, tuple) else None,
            handshake.versions,
            handshake.faults,
        )

    def without_secrets(self) -> "ConnectionRequest":
        """Return what a session keeps of it: no password, no query, and of the headers a few harmless ones.

        Whatever else you want to know later belongs into the context of your `Admission`.
        """
        headers = self.headers
        kept = tuple((name, headers[name]) for name in _KEPT_HEADERS if name in headers)
        return replace(
            self,
            password=None,
            path=self.path.partition("?")[0],
            headers=_shared_headers(kept),
            subprotocols=_shared(self.subprotocols),
            versions=_shared(self.versions),
            faults=_shared(self.faults),
        )


_KEPT_HEADERS = ("host", "origin", "user-agent")
"""Headers that hold no secret and are of use later."""


# Each station pays for what its session keeps, but those of a kind say the same in most things.


@lru_cache(maxsize=64)
def _shared(kept: _TupleT) -> _TupleT:
    return kept


@lru_cache(maxsize=64)
def _shared_headers(kept: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return MappingProxyType(dict(kept))


class Admission(Struct, Generic[ContextT_co], frozen=True, kw_only=True):
    """What `authenticate` may return in the place of True: yes, and as whom, and how. All of it is optional.

    Settings that are objects, such as a `Config`, are best made once and shared by all stations of a kind:
    they cost no memory then. Raises TypeError for what is none of the kind.
    """

    identity: str | None = None
    """Who it is; None: the path says. Needed where the path does not, and then any printable text of yours
    without "." or ".." as a part will do, such as one with a tenant's name in it."""
    version: Version | str | None = None
    """What to speak; None: the first of `ConnectionRequest.versions`. Needed where those are none: then any
    of the server's `versions`, and the first of what the station has offered is confirmed, if anything."""
    check_username: bool | None = None
    """False lets it in although its user name is neither the path's identity nor yours (C-3)."""
    config: Config | None = None
    """Its settings for messages; None: the server's."""
    websocket: WebSocketConfig | None = None
    """Its settings for the WebSocket, from now on: pings, compression, which identities are ones."""
    handlers: Handlers[Any] | None = None
    """Who answers its calls; None: the server's."""
    hooks: Hooks | None = None
    """Hooks of its session; None: the server's."""
    duplicates: "DuplicatesOf | Duplicates | None" = None
    """What becomes of others of its identity; None: the server's."""
    new_connection: NewConnection | None = None
    """Makes its `Connection`: `partial(Recorder, write=file.write)` records the session."""
    context: ContextT_co = cast("ContextT_co", None)
    """A value of your own: `session.context`, and `call.context` of each of its calls."""

    def __post_init__(self) -> None:
        for name, kind in _KINDS.items():
            value = getattr(self, name)
            if value is not None and not isinstance(value, kind):
                raise TypeError(f"{name} must be a {kind.__name__}, not {plain(repr(value))}")
        for name in ("duplicates", "new_connection"):
            value = getattr(self, name)
            if not (value is None or isinstance(value, Duplicates) or callable(value)):
                raise TypeError(f"{name} must be something to call, not {plain(repr(value))}")


_KINDS: dict[str, type] = {
    "identity": str,
    "config": Config,
    "websocket": WebSocketConfig,
    "handlers": Handlers,
    "hooks": Hooks,
}

Verdict: TypeAlias = bool | int | Admission[ContextT]
"""What `authenticate` comes to: whether to let a station in, how, or the HTTP status to refuse it with."""

Authenticate: TypeAlias = Callable[
    [ConnectionRequest],
    bool | int | Admission[ContextT] | Awaitable[bool | int | Admission[ContextT]],
]
"""Your function that lets a station in: True, or an `Admission`; False for 401; or the HTTP status to refuse
it with, such as 404 for a station that you do not know (C-7). Sync or async; an exception is logged and
becomes 500. It is asked about every request that is a WebSocket handshake; what has `faults` is refused
because of them, whatever it returns, but for an `Admission` that says what to put in their place."""

DuplicatesOf: TypeAlias = Callable[[str, Sequence[Any], ConnectionRequest], Duplicates]
"""Your function that decides, for each duplicate, what becomes of it: of the identity, the sessions that are
connected under it, the newest first, and the request of who asks to come in now."""


class HttpRequest(Struct, frozen=True):
    """Who asks for something else than a WebSocket, and for what: what `serve(http=…)` answers."""

    method: str
    """Such as "GET"; as sent."""
    path: str
    """The request target as sent: path and query, still percent-encoded."""
    headers: Mapping[str, str]
    """All headers, names in lower case."""
    address: tuple[str, int] | None
    """Where the connection comes from: host and port."""

    def __repr__(self) -> str:
        # Headers and query stay out, as with `ConnectionRequest`.
        return (
            f"HttpRequest(method={quote(self.method)}, path={quote(self.path.partition('?')[0])}, "
            f"address={self.address!r})"
        )


AnswerHttp: TypeAlias = Callable[
    [HttpRequest], HttpResponse | Awaitable[HttpResponse | None] | None
]
"""Your function that answers what asks for no WebSocket, such as a health check; None refuses it as if there
were no function. Sync or async. Whoever reaches the port can ask it; it has the time of a handshake."""


def admission_of(verdict: object) -> Admission[Any] | int:
    """Return what a verdict of `authenticate` stands for: an admission, or the HTTP status to refuse with.

    Raises TypeError if it stands for neither.
    """
    if isinstance(verdict, Admission):
        return verdict
    if verdict is True:
        return _AS_ASKED
    if verdict is False:
        return HTTPStatus.UNAUTHORIZED
    if isinstance(verdict, int) and HTTPStatus.MULTIPLE_CHOICES <= verdict <= max(HTTPStatus):
        return HTTPStatus(verdict)
    what = "neither a bool, an Admission nor the status of an error"
    raise TypeError(f"{plain(repr(verdict))} is {what}")


_AS_ASKED: Admission[Any] = Admission()
