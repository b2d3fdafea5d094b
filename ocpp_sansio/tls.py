"""TLS contexts for the security profiles of OCPP (P-1, P-6, P-7), for `connect`, `serve` or your own.

Profile 1, a password and no TLS; only for networks that you trust:

    serve(..., authenticate=check)
    connect("ws://csms.example/ocpp", ..., password=secret)

Profile 2, a password inside TLS:

    serve(..., authenticate=check, ssl=csms_context("csms.pem", "csms.key"))
    connect("wss://csms.example/ocpp", ..., password=secret, ssl=station_context("authority.pem"))

Profile 3, a certificate on both sides. `check` finds the station's in `request.peer_certificate`, and is the
place to compare its common name with the serial number that belongs to `request.identity` (P-7):

    serve(..., authenticate=check, ssl=csms_context("csms.pem", "csms.key", station_authorities="ca.pem"))
    connect("wss://csms.example/ocpp", ..., ssl=station_context("ca.pem", "station.pem", "station.key"))

Profiles 2 and 3 on one port: a station may show a certificate. `check` asks for a password where
`request.peer_certificate` is None:

    csms_context("csms.pem", "csms.key", station_authorities="ca.pem", require_station_certificate=False)

Every mandatory suite (P-6), which takes a certificate with an ECDSA key and one with an RSA key:

    context = csms_context("ecdsa.pem", "ecdsa.key", more_certificates=[Chain("rsa.pem", "rsa.key")])
    assert not missing_suites(context)
"""

from ocpp_sansio.net.tls import (
    MANDATORY_SUITES,
    Chain,
    csms_context,
    missing_suites,
    station_context,
)

__all__ = ["MANDATORY_SUITES", "Chain", "csms_context", "missing_suites", "station_context"]
