"""What a link says and what it can be told: its phases, its events, its settings."""

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Literal, TypeAlias

from msgspec import Struct

from ocpp_sansio.core import Event, Role, Version, quote, require_seconds, require_whole
from ocpp_sansio.websocket.pipe import MessageReceived

__all__ = [
    "PING_INTERVALS",
    "Asked",
    "Closed",
    "EndedBy",
    "Ending",
    "Fault",
    "HandshakeReceived",
    "HandshakeRejected",
    "HttpRequestReceived",
    "NoCommonVersion",
    "Opened",
    "Phase",
    "WebSocketConfig",
    "WebSocketEvent",
]


class Phase(Enum):
    """Where a link stands; it only ever moves down this list."""

    NEW = "not started"
    HANDSHAKE = "shaking hands"
    DECISION = "waiting for accept() or reject()"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class NoCommonVersion(StrEnum):
    """What the CSMS does with a station that offers no version it speaks (C-5)."""

    REFUSE = "refuse"
    """Answer 400, as the certification tool wants it."""
    ACCEPT_AND_CLOSE = "accept and close"
    """Complete the handshake without a subprotocol, then close at once: the letter of the specification."""


class Opened(Struct, frozen=True):
    """The handshake is done: OCPP messages can travel."""

    version: Version
    """What was agreed on."""


class Closed(Struct, frozen=True):
    """The link is over; the last event. Every call without an outcome has got one before this."""

    code: int
    """The close code: the peer's, or ours if we ended it; 1006 if there was none, as after a lost line."""
    reason: str
    """For people; the peer's own words if the code is the peer's, escaped and cut to 100 characters."""


class EndedBy(StrEnum):
    """Who or what began the end of an open link."""

    US = "us"
    """We closed it, perhaps because the peer broke the WebSocket protocol."""
    PEER = "peer"
    """The peer closed it."""
    LINE = "line"
    """It was lost without a word: the peer crashed or was switched off, the network or a proxy dropped it."""
    TIMEOUT = "timeout"
    """The peer said nothing for too long: see `WebSocketConfig.pong_timeout` and `idle_timeout`."""


class Ending(Struct, frozen=True):
    """How the end of an open link began. How it went on says `Closed`, when it is over."""

    by: EndedBy
    """Who began."""
    code: int
    """The close code of who began; 1006 if the line was lost."""
    reason: str
    """For people; the peer's own words if it began, escaped and cut to 100 characters."""
    is_fault: bool = False
    """Whether we closed it because the peer broke the WebSocket protocol, or sent too much at once."""


class Fault(Struct, frozen=True):
    """What keeps a station out, unless you let it in in spite of that: see `CsmsWebSocket.accept`."""

    about: Literal["version", "identity", "username"]
    """What is missing or wrong: a version in common (C-5), the identity (C-2, C-3), the user name (C-3)."""
    status: int
    """The HTTP status that it is refused with."""
    reason: str
    """For people, in our own words; the body of that answer."""


class HandshakeReceived(Struct, frozen=True):
    """A station asks to be let in (CSMS only): answer with `accept` or `reject`, now or later.

    Each request comes that is a WebSocket handshake. If it has `faults`, `accept` refuses it because of the
    first of them, unless it is told what to put in the place of what is at fault.
    """

    identity: str
    """From the path, decoded; nothing vouches for it yet (C-2). Empty if there is none that can be read."""
    username: str | None
    """From Basic authentication; None without it, or with a malformed one (P-2)."""
    password: bytes | None
    """As sent: a 1.6 key need not be text (P-3). Compare with `passwords_match`."""
    subprotocols: tuple[str, ...]
    """What the station offers, in its order of preference, known to us or not (C-4)."""
    path: str
    """The request target as sent: path and query, still percent-encoded."""
    headers: Mapping[str, str]
    """All headers: names in lower case, the values of a repeated one joined with ", "."""
    versions: tuple[Version, ...] = ()
    """What both sides speak, in the station's order; `accept` takes the first unless told otherwise."""
    faults: tuple[Fault, ...] = ()
    """What it would be refused for, the first of them first; none if all is as OCPP-J has it."""

    def __repr__(self) -> str:
        # Password, headers and query stay out: events end up in logs, and each may hold a secret.
        versions = ", ".join(version.value for version in self.versions)
        faults = ", ".join(fault.about for fault in self.faults)
        return (
            f"HandshakeReceived(identity={quote(self.identity)}, username={quote(self.username)}, "
            f"has_password={self.password is not None}, path={quote(self.path.partition('?')[0])}, "
            f"versions=({versions}), faults=({faults}))"
        )


class Asked(Struct, frozen=True):
    """What a request that came to nothing was about, for the log."""

    path: str
    """The path, still percent-encoded; without its query, which may hold a secret."""
    subprotocols: tuple[str, ...]
    """What it offered, in its order."""
    forwarded: Mapping[str, str]
    """The headers in which proxies say whom they speak for, names in lower case."""


class HttpRequestReceived(Struct, frozen=True):
    """Somebody asks for something else than a WebSocket (CSMS only): answer with `CsmsWebSocket.answer`.

    It has no body: requests with one are refused without asking you.
    """

    method: str
    """Such as "GET"; as sent."""
    path: str
    """The request target as sent: path and query, still percent-encoded."""
    headers: Mapping[str, str]
    """All headers: names in lower case, the values of a repeated one joined with ", "."""

    def __repr__(self) -> str:
        # Headers and query stay out: events end up in logs, and each may hold a secret.
        return (
            f"HttpRequestReceived(method={quote(self.method)}, "
            f"path={quote(self.path.partition('?')[0])})"
        )


class HandshakeRejected(Struct, frozen=True):
    """There is to be no OCPP on this link; `Closed` follows when the peer has hung up, or soon after.

    On the station: the CSMS refused, or what came was no answer to our request. On the CSMS: the request
    was refused without asking you, or for a fault that your `accept` did not see to; for your own `reject`
    there is no event.
    """

    status: int | None
    """The HTTP status, 101 if a handshake was completed without agreeing on a version; None without one."""
    reason: str
    """For people: printable, and with at most 100 characters of what the peer said."""


WebSocketEvent: TypeAlias = (
    Event
    | HandshakeReceived
    | HttpRequestReceived
    | HandshakeRejected
    | Opened
    | Closed
    | MessageReceived
)
"""Every event of a link."""


PING_INTERVALS = {Role.CSMS: 20.0, Role.STATION: 60.0}
"""Seconds between pings where `WebSocketConfig.ping_interval` does not say."""

_SMALLEST_HANDSHAKE = 512
"""Bytes: less than this holds hardly any handshake."""


class WebSocketConfig(Struct, frozen=True, kw_only=True):
    """The settings of a link below the OCPP messages; frozen, so that many links can share one.

    Raises ValueError for a setting that cannot be. All times are in seconds.
    """

    ping_interval: float | None = None
    """Time between pings while open, as `WebSocketPingInterval` has it: 0 means none (C-10). None is 20 for a
    CSMS, since a common wallbox hangs up when it has heard nothing for 30 s, and 60 for a station."""
    pong_timeout: float = 30.0
    """How long nothing at all may come after a ping until the peer counts as gone; not in the texts (C-10).

    Any byte counts, not only a pong: some stations do not answer pings, yet are alive while they talk.
    """
    idle_timeout: float = 0.0
    """How long nothing at all may come while open, pings aside; 0 means forever."""
    handshake_timeout: float = 15.0
    """From `start` until open, the application's decision included: a slow request holds nothing for long."""
    close_timeout: float = 5.0
    """How long the peer may take to hang up once the link is closing."""
    max_handshake_size: int = 16 * 1024
    """Bytes that may come before the link is open. A request with every header in use has under 2,000."""
    max_identity_length: int = 255
    """Characters in the identity of a 1.6 station, for which 1.6 has no rule; 2.x has its own, 48 (C-3)."""
    strict_identities: bool = True
    """Whether identities of 2.x are made of the characters of identifierString: A-Z a-z 0-9 * - _ = + | @ .
    (A-11; no colon, C-3; a space in 2.0.1, as in the example of its text). False takes any printable ones."""
    compression: bool | None = None
    """permessage-deflate: None means offered by the CSMS, not asked for by the station (C-9).

    Without context takeover, so that an idle link holds no compression window.
    """

    def __post_init__(self) -> None:
        if self.ping_interval is not None:
            require_seconds("ping_interval", self.ping_interval)
        require_seconds("pong_timeout", self.pong_timeout, above_zero=True)
        require_seconds("idle_timeout", self.idle_timeout)
        require_seconds("handshake_timeout", self.handshake_timeout, above_zero=True)
        require_seconds("close_timeout", self.close_timeout, above_zero=True)
        require_whole("max_handshake_size", self.max_handshake_size, _SMALLEST_HANDSHAKE)
        require_whole("max_identity_length", self.max_identity_length, 1)
