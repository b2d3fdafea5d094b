"""What OCPP-J asks of the HTTP request that opens a WebSocket: address, identity, credentials, subprotocol.

Pure functions on text and bytes; `websocket.py` decides what to do with their answers.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote, unquote_to_bytes

from websockets.exceptions import InvalidURI
from websockets.uri import WebSocketURI, parse_uri

from ocpp_sansio.versions import Version

__all__ = [
    "basic_authorization",
    "check_header",
    "common_versions",
    "credentials_of",
    "fault_of_identity",
    "identity_of",
    "passwords_match",
    "plain_headers",
    "station_uri",
    "tokens_of",
]

IDENTITY_MAX_LENGTH = 48
"""Characters in the identity of a 2.x station (C-3)."""

_PERCENT_CODED = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})+")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile(r"[\t -~\x80-\xff]*")
_VISIBLE_ASCII = re.compile(r"[!-~]+")


def station_uri(url: str, identity: str) -> WebSocketURI:
    """Return where a station connects: the endpoint, a slash, the identity as one path segment (C-2).

    A query stays behind the path. Raises ValueError for an endpoint that is not one, for an identity that
    no path segment can carry, and for a URL with a password in it, since URLs end up in logs.
    """
    if identity in {"", ".", ".."}:
        raise ValueError(f"{identity!r} cannot be the identity of a station: it is no path segment")
    if not identity.isprintable():
        raise ValueError(f"an identity is printable text, not {identity!r}")
    try:
        uri = parse_uri(url)
    except InvalidURI as error:
        raise ValueError(str(error)) from None
    if uri.username is not None:
        raise ValueError("give the password as password=, not in the URL")
    uri.path = f"{uri.path.removesuffix('/')}/{quote(identity, safe='')}"
    if not _VISIBLE_ASCII.fullmatch(uri.resource_name):
        raise ValueError(f"percent-encode the path of the URL: {url!r}")
    return uri


def identity_of(target: str) -> str | None:
    """Return the identity in a request target: its last path segment, decoded exactly once (C-2).

    The path is split before it is decoded, so an identity may contain "/". None where there is no
    identity, and where what is there is malformed, not UTF-8 or not printable.
    """
    segment = target.partition("?")[0].rpartition("/")[2]
    if not _PERCENT_CODED.fullmatch(segment):
        return None
    try:
        identity = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        return None
    return identity if identity.isprintable() else None  # a line feed would forge log lines


def fault_of_identity(identity: str, version: Version) -> str | None:
    """Return what keeps an identity from being one in `version`; 1.6 has no rule (C-3)."""
    if version is Version.OCPP16:
        return None
    if len(identity) > IDENTITY_MAX_LENGTH:
        return f"an identity has at most {IDENTITY_MAX_LENGTH} characters in {version.value}"
    if ":" in identity:
        return f"an identity has no colon in {version.value}"
    return None


def basic_authorization(identity: str, password: bytes) -> str:
    """Return the Authorization header for a user and a password of any bytes (P-2, P-3).

    Raises ValueError for an identity with a colon, which ends the user name.
    """
    if ":" in identity:
        raise ValueError(f"an identity with a colon cannot have a password: {identity!r} (C-3)")
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


def check_header(name: str, value: str) -> None:
    """Raise ValueError for a header that cannot be sent as one."""
    if not _TOKEN.fullmatch(name) or not _FIELD_VALUE.fullmatch(value):
        raise ValueError(f"not a header: {name!r}")  # the value may be a secret


def plain_headers(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers as a dict: names in lower case, the values of a repeated one joined with ", "."""
    plain: dict[str, str] = {}
    for name, value in items:
        key = name.lower()
        plain[key] = f"{plain[key]}, {value}" if key in plain else value
    return plain


def tokens_of(headers: Iterable[str]) -> tuple[str, ...]:
    """Return the subprotocols of the Sec-WebSocket-Protocol headers, in order; they are well-formed."""
    tokens = (token.strip(" \t") for header in headers for token in header.split(","))
    return tuple(token for token in tokens if token)


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
