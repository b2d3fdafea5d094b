"""Where a connection comes from when proxies stand between: the PROXY protocol, and the headers of HTTP.

Pure functions on bytes and text. Nothing is believed but what a trusted proxy says: whoever can reach the
port can write these headers. A server does three things:

1. `if wants_proxy_header(proxies, address):` keep the first bytes of a connection, before TLS, until
   `read_proxy_header(data)` returns something; hang up if it has a `flaw`, else drop `size` bytes and
   go on with `source or address`.
2. Read the HTTP request as ever.
3. `client_address(proxies, address, headers)` is who is asking.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Literal, TypeAlias

from msgspec import Struct

from ocpp_sansio.core import quote

__all__ = [
    "Address",
    "Proxies",
    "ProxyHeader",
    "client_address",
    "is_trusted",
    "read_proxy_header",
    "wants_proxy_header",
]

Address: TypeAlias = tuple[str, int]
"""An IP address as text, and a port."""

_IP: TypeAlias = IPv4Address | IPv6Address

MAX_HOPS = 32
"""Proxies in a row that a header is followed through."""

V1_MAX_SIZE = 107
"""Bytes of the longest header of version 1, as its text counts them."""
V2_MAX_SIZE = 536
"""Bytes of a header of version 2 that we take: what its text lets a sender count on."""

_V1_BEGINNING = b"PROXY "
_V2_BEGINNING = b"\r\n\r\n\0\r\nQUIT\n"
_V2_FIXED_SIZE = 16
_LOCAL, _PROXY = 0x20, 0x21
_TCP4, _TCP6 = 0x11, 0x21
_MAX_FAMILY = 3
_MAX_TRANSPORT = 2
_MAX_PORT = 65535
_PORT = re.compile(r"0|[1-9][0-9]{0,4}")
_V1_PARTS = 6

_HEADERS = ("X-Forwarded-For", "Forwarded")
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PAIR = rf"({_NAME})=({_NAME}|\"[^\"\\]*\")"
_PAIRS = re.compile(_PAIR)
_ELEMENT = re.compile(rf"{_PAIR}(?:[ \t]*;[ \t]*{_PAIR})*")
_WITH_PORT = re.compile(r"\[([^\]]*)\](?::([0-9]{1,5}))?|([0-9.]+):([0-9]{1,5})")


class Proxies(Struct, frozen=True, kw_only=True):
    """Which proxies stand before a server, and how they say whom they speak for.

    Without it, a connection's address is that of its socket, and what headers say of addresses is ignored.
    Raises ValueError for what cannot be.
    """

    trusted: tuple[str, ...]
    """Networks, such as "10.0.0.0/8" or "::1", whose hosts are believed. All others speak for themselves."""
    protocol: bool = False
    """Whether each connection from a trusted network begins with a PROXY header (version 1 or 2), TLS or not;
    one that does not is hung up on."""
    header: Literal["X-Forwarded-For", "Forwarded"] | None = None
    """The HTTP header to which each proxy adds, at its end, whom it speaks for; None reads none.

    It has to be the one that your proxies write: any other comes through from the client as it likes.
    """

    def __post_init__(self) -> None:
        trusted: object = self.trusted
        if not isinstance(trusted, tuple) or not trusted:
            raise ValueError(f"trusted must be a tuple of networks, not {quote(trusted)}")
        for network in self.trusted:
            try:
                ip_network(network)
            except ValueError:
                raise ValueError(f"trusted: {quote(network)} is no network") from None
        if self.header is not None and self.header not in _HEADERS:
            raise ValueError(f"header must be one of {_HEADERS} or None, not {quote(self.header)}")
        if not self.protocol and self.header is None:
            raise ValueError("proxies have to say whom they speak for: by protocol or by header")


class ProxyHeader(Struct, frozen=True):
    """What a PROXY header says."""

    size: int
    """Bytes that it takes up at the beginning of the connection."""
    source: Address | None = None
    """Whom the proxy speaks for; None if for itself (a health check) or for somebody unknown to it."""
    flaw: str | None = None
    """What is wrong with it, for people; it is to be hung up on then."""


def wants_proxy_header(proxies: Proxies | None, address: Address | None) -> bool:
    """Whether a connection from `address`, the socket's, has to begin with a PROXY header."""
    return proxies is not None and proxies.protocol and is_trusted(proxies, address)


def read_proxy_header(data: bytes | bytearray) -> ProxyHeader | None:
    """Return what the beginning of a connection says; None while that is not all of it.

    It never raises, and never asks for more than `V2_MAX_SIZE` bytes.
    """
    for beginning, read in ((_V1_BEGINNING, _read_v1), (_V2_BEGINNING, _read_v2)):
        if data.startswith(beginning):
            return read(bytes(data[: V2_MAX_SIZE + 1]))
        if beginning.startswith(data):
            return None
    return _flawed("no PROXY header", data)


def client_address(
    proxies: Proxies | None, address: Address | None, headers: Mapping[str, str]
) -> Address | None:
    """Return whom a request comes from: the right-most in the header that is no trusted proxy.

    `address` is the socket's, or the source in its PROXY header; `headers` have names in lower case. The port
    is 0 where the header names none. What cannot be read ends the search, at the last proxy before it.
    """
    if proxies is None or proxies.header is None:
        return address
    hops = headers.get(proxies.header.lower(), "").rsplit(",", MAX_HOPS)
    for hop in reversed(hops[-MAX_HOPS:]):
        if not is_trusted(proxies, address):
            break
        before = _hop_of(hop.strip(" \t"), proxies.header)
        if before is None:
            break
        address = before
    return address


# --- the PROXY protocol ----------------------------------------------------------------------------------


def _read_v1(data: bytes) -> ProxyHeader | None:
    end = data.find(b"\r\n", 0, V1_MAX_SIZE)
    if end < 0:
        return None if len(data) < V1_MAX_SIZE else _flawed("a PROXY header without end", data)
    size = end + 2
    parts = data[:end].decode("latin-1").split(" ")
    if parts[1] == "UNKNOWN":
        return ProxyHeader(size)
    if len(parts) != _V1_PARTS or parts[1] not in {"TCP4", "TCP6"}:
        return _flawed("no PROXY header of version 1", data[:end])
    kind = IPv4Address if parts[1] == "TCP4" else IPv6Address
    source, destination, *ports = parts[2:]
    if not all(_PORT.fullmatch(port) and int(port) <= _MAX_PORT for port in ports):
        return _flawed("a PROXY header with a port that is none", data[:end])
    try:
        kind(destination)
        ip = kind(source)
    except ValueError:
        return _flawed("a PROXY header with an address that is none", data[:end])
    return ProxyHeader(size, (str(_unmapped(ip)), int(ports[0])))


def _read_v2(data: bytes) -> ProxyHeader | None:
    if len(data) < _V2_FIXED_SIZE:
        return None
    command, family = data[12], data[13]
    size = _V2_FIXED_SIZE + int.from_bytes(data[14:16], "big")
    if command not in {_LOCAL, _PROXY}:
        return _flawed("a PROXY header of a version or command that is none", data)
    if family >> 4 > _MAX_FAMILY or family & 0x0F > _MAX_TRANSPORT:
        return _flawed("a PROXY header of an address family that is none", data)
    if size > V2_MAX_SIZE:
        return _flawed("a PROXY header that is too long", data)
    length = {_TCP4: 4, _TCP6: 16}.get(family, 0) if command == _PROXY else 0
    if size < _V2_FIXED_SIZE + (2 * length + 4 if length else 0):
        return _flawed("a PROXY header without its addresses", data)
    if len(data) < size:
        return None
    if not length:  # the proxy itself, or a kind of address that TCP does not have
        return ProxyHeader(size)
    ip = ip_address(data[_V2_FIXED_SIZE : _V2_FIXED_SIZE + length])
    port = int.from_bytes(data[_V2_FIXED_SIZE + 2 * length :][:2], "big")
    return ProxyHeader(size, (str(_unmapped(ip)), port))


def _flawed(flaw: str, data: bytes | bytearray) -> ProxyHeader:
    return ProxyHeader(0, flaw=f"{flaw}: {quote(data)}")


# --- headers ---------------------------------------------------------------------------------------------


def _hop_of(text: str, header: str) -> Address | None:
    """Return the address that one proxy has added to a header, or None."""
    if header == "Forwarded":
        # Split at every comma, also at quoted ones: a client's quotes then cannot hide what follows them.
        pairs = _PAIRS.findall(text) if _ELEMENT.fullmatch(text) else []
        found = [value for name, value in pairs if name.lower() == "for"]
        if len(found) != 1:
            return None
        text = found[0].strip('"')
    host, port = text, "0"
    if with_port := _WITH_PORT.fullmatch(text):
        host = with_port[1] or with_port[3] or ""
        port = with_port[2] or with_port[4] or "0"
    ip = None if "%" in host else _ip_of(host)
    return (str(ip), int(port)) if ip and int(port) <= _MAX_PORT else None


def is_trusted(proxies: Proxies | None, address: Address | None) -> bool:
    """Whether an address, the socket's, is that of a proxy which is believed."""
    if proxies is None:
        return False
    # The address of a link-local socket has its interface behind a "%".
    ip = _ip_of(address[0].partition("%")[0]) if address else None
    return ip is not None and any(ip in network for network in _networks(proxies.trusted))


def _ip_of(text: str) -> _IP | None:
    try:
        return _unmapped(ip_address(text))
    except ValueError:
        return None


def _unmapped(ip: _IP) -> _IP:
    """Return an IPv4 address as such where a socket of IPv6 has made ::ffff:1.2.3.4 of it."""
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


@lru_cache(maxsize=16)
def _networks(trusted: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(network) for network in trusted)
