"""What OCPP-J asks of the HTTP request that opens a WebSocket: address, identity, credentials, subprotocol.

Pure functions on text and bytes; `station.py` and `csms.py` decide what to do with their answers.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from urllib.parse import quote as percent_encode
from urllib.parse import unquote, unquote_to_bytes

from websockets.exceptions import InvalidHandshake, InvalidHeader, InvalidURI
from websockets.uri import WebSocketURI, parse_uri

from ocpp_sansio.core import Version, plain, quote
from ocpp_sansio.websocket.types import WebSocketConfig

__all__ = [
    "BEGINNING",
    "NO_HEADERS",
    "basic_authorization",
    "check_header",
    "common_versions",
    "credentials_of",
    "fault_of_identity",
    "flaw_of",
    "flaw_of_handshake",
    "identity_of",
    "is_readable",
    "is_token",
    "looks_like_http",
    "looks_like_tls",
    "parse_versions",
    "passwords_match",
    "plain_headers",
    "station_uri",
    "tokens_of",
]

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
"""No header beside those that have to be."""

IDENTITY_MAX_LENGTH = 48
"""Characters in the identity of a 2.x station (C-3)."""

_PERCENT_CODED = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})+")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile(r"[\t -~\x80-\xff]*")
_VISIBLE_ASCII = re.compile(r"[!-~]+")
_IDENTIFIER = re.compile(
    r"[A-Za-z0-9*\-_=+|@.]+"
)  # identifierString without the colon (C-3)
_SEPARATOR = re.compile(r"[/\\]")
_METHOD = re.compile(rb"[A-Z]{3,7} ")
BEGINNING = 8
"""Bytes at the beginning of a request that show whether it is one of HTTP: the longest method, a space."""
_RIGHT_HEADERS = {
    "Connection": "Upgrade; do proxies drop it?",
    "Upgrade": "websocket; do proxies drop it?",
    "Sec-WebSocket-Key": "16 bytes in base64",
    "Sec-WebSocket-Version": "13",
}
_RIGHT_LINES = {
    "HTTP version": "HTTP/1.1; do proxies change it?",
    "HTTP method": "GET",
}
"""What would be right, by what `websockets` calls the flaw."""
_TLS_ALERT, _TLS_HANDSHAKE = 0x15, 0x16


def station_uri(url: str, identity: str, *, append_identity: bool | None = None) -> WebSocketURI:
    """Return where a station connects: the endpoint, a slash, the identity as one path segment (C-2).

    A query stays behind the path. `append_identity` is that of `StationWebSocket`. Raises ValueError for an
    endpoint that is not one or ends in the identity already, for an identity that no URL can carry, and for a
    URL with a password in it, since URLs end up in logs. What such an error repeats of the URL is quoted, and
    without its query: it may come from a CSMS, and hold a secret.
    """
    if not is_readable(identity):
        raise ValueError(
            f"an identity is printable text without . or .. as a part, not {quote(identity)}"
        )
    try:
        uri = parse_uri(url)
    except (InvalidURI, ValueError) as error:
        raise ValueError(_fault_of_url(url, error)) from None
    if uri.username is not None:
        raise ValueError("give the password as password=, not in the URL")
    if append_identity is None and _ends_in(uri.path, identity):
        raise ValueError(
            f"{quote(url.partition('?')[0])} ends in the identity {quote(identity)} already: leave it "
            "out there, since it is appended, or say append_identity=False to dial the URL as it is "
            "(True: to append it all the same)"
        )
    if append_identity is not False:
        uri.path = f"{uri.path.removesuffix('/')}/{percent_encode(identity, safe='')}"
    if not _VISIBLE_ASCII.fullmatch(uri.resource_name):
        raise ValueError(f"percent-encode the path of the URL: {quote(url.partition('?')[0])}")
    return uri


def _ends_in(path: str, identity: str) -> bool:
    """Whether the last segment of a path is the identity, however it is spelled.

    An identity of 1.6 may have slashes, and stand there unencoded: it is then as many segments.
    """
    segments = [unquote(segment) for segment in path.rstrip("/").split("/")]
    as_long = segments[-1 - identity.count("/") :]
    return identity in {segments[-1], "/".join(as_long)}


def _fault_of_url(url: str, error: Exception) -> str:
    if "@" in url:
        return "this is no URL of a CSMS; it is not repeated, since it may hold a password"
    flaw = error.msg if isinstance(error, InvalidURI) else str(error)
    return f"{quote(url.partition('?')[0])} is no URL of a CSMS: {plain(flaw)}"


def identity_of(target: str) -> str | None:
    """Return the identity in a request target: its last path segment, decoded exactly once (C-2).

    The path is split before it is decoded, so an identity of 1.6 may contain "/"; slashes behind the segment
    are no part of it. None where there is no identity, and where what is there is malformed, not UTF-8, not
    printable, or would lead up a directory tree: ".", "..", and either between slashes or backslashes.
    """
    segment = target.partition("?")[0].rstrip("/").rpartition("/")[2]
    if not _PERCENT_CODED.fullmatch(segment):
        return None
    try:
        identity = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        return None
    return identity if is_readable(identity) else None


def is_readable(identity: str) -> bool:
    """Whether an identity can be one in any version: a line feed would forge log lines, ".." file names."""
    if not identity or not identity.isprintable():
        return False
    return {".", ".."}.isdisjoint(_SEPARATOR.split(identity))


def fault_of_identity(identity: str, version: Version, settings: WebSocketConfig) -> str | None:
    """Return what keeps an identity from being one in `version`; 1.6 has no rule but our cap (C-3)."""
    in_16 = version is Version.OCPP16
    longest = settings.max_identity_length if in_16 else IDENTITY_MAX_LENGTH
    if len(identity) > longest:
        return f"an identity has at most {longest} characters in {version.value}"
    if in_16:
        return None
    if ":" in identity:
        return f"an identity has no colon in {version.value}"
    # The example of the 2.0.1 text, "RDAM 123", has a space, which its own identifierString lacks.
    checked = identity.replace(" ", "_") if version is Version.OCPP201 else identity
    if settings.strict_identities and not _IDENTIFIER.fullmatch(checked):
        return f"an identity is made of A-Z a-z 0-9 * - _ = + | @ . in {version.value}"
    return None


def looks_like_tls(beginning: bytes | bytearray) -> bool:
    """Whether bytes that should begin a request or a response are those of TLS instead: a hello, an alert."""
    return beginning[0] in {_TLS_ALERT, _TLS_HANDSHAKE}


def looks_like_http(beginning: bytes) -> bool:
    """Whether the first `BEGINNING` bytes of a request come from somebody who can read an answer."""
    return _METHOD.match(beginning) is not None


def flaw_of(error: BaseException) -> str:
    """Return what is wrong with a request or a response, for people, on either end of the line.

    It repeats nothing that may hold a secret: no value of a header of whatever name, no query.
    """
    if isinstance(error, InvalidHandshake) and error.__cause__ is None:
        return plain(str(error))  # about one of the WebSocket's own headers
    while error.__cause__:
        error = error.__cause__
    flaw, _, said = str(error).partition(": ")
    if not said or flaw.startswith("invalid HTTP header"):
        return plain(flaw)
    return f"{plain(flaw)}: {quote(said.partition('?')[0])}"


def flaw_of_handshake(error: BaseException) -> str:
    """Return what keeps a request from being one for a WebSocket, and what would be right, for people."""
    if isinstance(error, InvalidHeader):
        flaw = plain(str(error))  # also where it was a decoder that found the flaw
        right = _RIGHT_HEADERS.get(error.name)
        return f"{flaw} (right: {right})" if right else flaw
    flaw = flaw_of(error)
    return next(
        (f"{flaw} (right: {right})" for part, right in _RIGHT_LINES.items() if part in flaw), flaw
    )


def basic_authorization(identity: str, password: bytes) -> str:
    """Return the Authorization header for a user and a password of any bytes (P-2, P-3).

    Raises ValueError for an identity with a colon, which ends the user name (C-3).
    """
    if ":" in identity:
        raise ValueError(f"an identity with a colon cannot have a password: {quote(identity)}")
    return "Basic " + base64.b64encode(identity.encode() + b":" + password).decode()


def credentials_of(headers: Sequence[str]) -> tuple[str, bytes] | tuple[None, None]:
    """Return user name and password of the Authorization header; (None, None) unless it is one of Basic.

    The password stays bytes: a 1.6 key need not be text (P-3). It may contain colons, the name may not.
    """
    scheme, _, parameter = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    if scheme.lower() != "basic":
        return None, None
    try:
        decoded = base64.b64decode(parameter.strip(" ").encode("ascii"), validate=True)
        username, colon, password = decoded.partition(b":")
        return (username.decode(), password) if colon else (None, None)
    except (binascii.Error, UnicodeError):
        return None, None


def passwords_match(given: bytes | None, expected: bytes | None) -> bool:
    """Whether a password is the right one, in a time that tells nothing about how wrong it is.

    False where either is missing.
    """
    if given is None or expected is None:
        return False
    return hmac.compare_digest(given, expected)


def is_token(text: str) -> bool:
    """Whether a text can stand in a header as the name of a subprotocol."""
    return _TOKEN.fullmatch(text) is not None


def check_header(name: str, value: str) -> None:
    """Raise ValueError for a header that cannot be sent as one."""
    if not _TOKEN.fullmatch(name) or not _FIELD_VALUE.fullmatch(value):
        raise ValueError(f"not a header: {quote(name)}")  # the value may be a secret


def plain_headers(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers as a dict: names in lower case, the values of a repeated one joined with ", "."""
    plain: dict[str, str] = {}
    for name, value in items:
        key = name.lower()
        plain[key] = f"{plain[key]}, {value}" if key in plain else value
    return plain


def tokens_of(headers: Iterable[str]) -> tuple[str, ...]:
    """Return what the Sec-WebSocket-Protocol headers offer, in order, well-formed or not."""
    tokens = (token.strip(" \t") for header in headers for token in header.split(","))
    return tuple(token for token in tokens if token)


def parse_versions(versions: Iterable[Version | str]) -> tuple[Version, ...]:
    """Return versions given as such or by name; raises TypeError or ValueError if they are not some."""
    if isinstance(versions, str):
        raise TypeError(f"versions is a list of versions, not the string {quote(versions)}")
    parsed = tuple(Version.parse(version) for version in versions)
    if not parsed:
        raise ValueError("at least one version is needed")
    return parsed


def common_versions(
    offered: Iterable[str], supported: Sequence[Version], aliases: Mapping[str, Version]
) -> dict[Version, str]:
    """Return the versions that both sides speak, in the station's order of preference (C-4).

    The value is the token to confirm: the one that the station sent. A token counts only as it is spelled,
    or as `aliases` spells it.
    """
    known = {**aliases, **{version.subprotocol: version for version in supported}}
    common: dict[Version, str] = {}
    for token in offered:
        version = known.get(token)
        if version and version in supported:
            common.setdefault(version, token)
    return common
