"""TLS contexts that keep to the security profiles of OCPP; `ocpp_sansio.tls` shows their use.

Python's own default contexts leave out the two suites with a static RSA key exchange, which OCPP makes
mandatory and some stations have alone (P-6). These contexts have them, last in preference since they lack
forward secrecy. Whether OpenSSL has them is another matter: `missing_suites` tells. It refuses besides, at
its security level 2: RSA keys under 2048 bits, elliptic curves under 224, SHA-1 signatures, and TLS before
1.2, which the security whitepaper of 1.6 would still allow for old stations.
"""

import ssl
from os import PathLike

__all__ = ["MANDATORY_SUITES", "csms_context", "missing_suites", "station_context"]

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

File = str | PathLike[str]


def csms_context(
    certificate: File,
    key: File | None = None,
    *,
    key_password: str | bytes | None = None,
    station_authorities: File | None = None,
) -> ssl.SSLContext:
    """Return a context for `serve`: profile 2, or 3 with `station_authorities`.

    `certificate` is a PEM file with the chain, its common name the fully qualified name of the host (P-7);
    `key` one with its key, unless that is in the same. `station_authorities` is a PEM file with the
    authorities that station certificates have to come from; without one, nobody gets in.

    Raises OSError for files that cannot be read, ssl.SSLError for what is in them.
    """
    context = _strict(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    context.load_cert_chain(certificate, key, key_password)
    if station_authorities is not None:
        context.load_verify_locations(station_authorities)
        context.verify_mode = ssl.CERT_REQUIRED
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
    """Return the mandatory suites that a context does not offer, as when OpenSSL was built without."""
    offered = {suite["name"] for suite in context.get_ciphers()}
    return tuple(suite for suite in MANDATORY_SUITES if suite not in offered)


def _strict(context: ssl.SSLContext) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    suites = dict.fromkeys((*_FORWARD_SECRET, *MANDATORY_SUITES))
    context.set_ciphers(":".join(suites) + ":@SECLEVEL=2")  # the suites of TLS 1.3 are there anyway
    return context
