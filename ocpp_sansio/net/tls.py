"""TLS contexts that keep to the security profiles of OCPP; `ocpp_sansio.tls` shows their use.

Python's own default contexts leave out the two suites with a static RSA key exchange, which OCPP makes
mandatory and some stations have alone (P-6). These contexts have them, last in preference since they lack
forward secrecy. That is not all it takes: two of the four suites need a certificate with an RSA key, the
other two one with an ECDSA key, so a CSMS that is to serve every station needs both; and an OpenSSL that has
them. `missing_suites` tells what a context can do in fact. It refuses besides, at OpenSSL's security level
2: RSA keys under 2048 bits, elliptic curves under 224, SHA-1 signatures, and TLS before 1.2, which the
security whitepaper of 1.6 would still allow for old stations.
"""

import ssl
from collections.abc import Iterable
from contextlib import suppress
from os import PathLike

from msgspec import Struct

from ocpp_sansio.core import quote

__all__ = ["MANDATORY_SUITES", "Chain", "csms_context", "missing_suites", "station_context"]

MANDATORY_SUITES = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
)
"""What a CSMS has to offer over TLS 1.2, in OpenSSL's names; a station has to have either pair (P-6)."""

_FORWARD_SECRET = (
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
)

_OF_ECDSA = "ECDHE-ECDSA-AES256-GCM-SHA384"
"""A suite that every OpenSSL has, and that takes an ECDSA key."""

File = str | PathLike[str]


class Chain(Struct, frozen=True):
    """A certificate and what belongs to it, where a CSMS has more than one."""

    certificate: File
    """A PEM file with the chain, the certificate of the CSMS first."""
    key: File | None = None
    """One with its key, unless that is in the same."""
    key_password: str | bytes | None = None

    def __repr__(self) -> str:
        return f"Chain({self.certificate!r}, {self.key!r})"  # without the password


def csms_context(
    certificate: File,
    key: File | None = None,
    *,
    key_password: str | bytes | None = None,
    more_certificates: Iterable[Chain] = (),
    station_authorities: File | None = None,
    require_station_certificate: bool = True,
) -> ssl.SSLContext:
    """Return a context for `serve`: profile 2, or 3 with `station_authorities`.

    `certificate` is a PEM file with the chain, its common name the fully qualified name of the host (P-7);
    `key` one with its key, unless that is in the same. All mandatory suites need two certificates, one with
    an ECDSA key and one with an RSA key (P-6): give the second in `more_certificates`, and each station is
    shown the one that it can use. `missing_suites` tells what is not offered without.

    `station_authorities` is a PEM file with the authorities that station certificates have to come from;
    without one, nobody gets in. With `require_station_certificate=False` a station may have none, for
    profiles 2 and 3 on one port: then `authenticate` decides, for whom `ConnectionRequest.peer_certificate`
    is None. A certificate of others than those authorities is refused all the same.

    Raises OSError for files that cannot be read, ssl.SSLError for what is in them, ValueError for two
    certificates with keys of one kind, of which OpenSSL would forget the first, and for a certificate that is
    optional where there are no authorities to ask for one.
    """
    if station_authorities is None and not require_station_certificate:
        raise ValueError(
            "require_station_certificate=False is for a context with station_authorities"
        )
    context = _strict(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    chains = [Chain(certificate, key, key_password), *more_certificates]
    if len(chains) > 1:
        _require_different_keys(chains)
    for chain in chains:
        context.load_cert_chain(chain.certificate, chain.key, chain.key_password)
    if station_authorities is not None:
        context.load_verify_locations(station_authorities)
        required = require_station_certificate
        context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
    return context


def station_context(
    authorities: File | None = None,
    certificate: File | None = None,
    key: File | None = None,
    *,
    key_password: str | bytes | None = None,
) -> ssl.SSLContext:
    """Return a context for `connect`: profile 2, or 3 with a `certificate`.

    `authorities` is a PEM file with those that the CSMS's certificate has to come from, by default the
    system's. The name in it has to be that of the address (P-7). `certificate` and `key` are the station's.

    Raises OSError for files that cannot be read, ssl.SSLError for what is in them.
    """
    context = _strict(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    if authorities is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(authorities)
    if certificate is not None:
        context.load_cert_chain(certificate, key, key_password)
    return context


def missing_suites(context: ssl.SSLContext) -> tuple[str, ...]:
    """Return the mandatory suites that a context does not offer.

    For a CSMS's it is found out by as many handshakes in memory, since its certificates decide, too: with an
    ECDSA key alone there are no suites of RSA, and the reverse. Load all of them before you ask. A station's
    offers what it lists, of which it has to have either pair.
    """
    if context.protocol is ssl.PROTOCOL_TLS_SERVER:
        return tuple(suite for suite in MANDATORY_SUITES if not _accepts(context, suite))
    offered = {suite["name"] for suite in context.get_ciphers()}
    return tuple(suite for suite in MANDATORY_SUITES if suite not in offered)


def _accepts(context: ssl.SSLContext, suite: str) -> bool:
    """Whether a server goes on with a client that has nothing but this suite of TLS 1.2."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        client.set_ciphers(suite)
        with suppress(ssl.SSLWantReadError):
            client.wrap_bio(to_client, to_server).do_handshake()
        context.wrap_bio(to_server, to_client, server_side=True).do_handshake()
    except ssl.SSLWantReadError:
        return True  # it has chosen, and shown its certificate
    except ssl.SSLError:
        return False  # OpenSSL has no such suite, or the server no use for it
    return False


def _require_different_keys(chains: Iterable[Chain]) -> None:
    """Raise ValueError for two chains whose keys are of one kind."""
    kinds: set[str] = set()
    for chain in chains:
        kind = "ECDSA" if _accepts(_context_of(chain), _OF_ECDSA) else "RSA"
        if kind in kinds:
            file = quote(str(chain.certificate))
            raise ValueError(f"two certificates have {kind} keys: {file} is one too many")
        kinds.add(kind)


def _context_of(chain: Chain) -> ssl.SSLContext:
    return csms_context(chain.certificate, chain.key, key_password=chain.key_password)


def _strict(context: ssl.SSLContext) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    suites = dict.fromkeys((*_FORWARD_SECRET, *MANDATORY_SUITES))
    context.set_ciphers(":".join(suites) + ":@SECLEVEL=2")  # the suites of TLS 1.3 are there anyway
    return context
