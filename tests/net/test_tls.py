"""The security profiles over real TLS on loopback, with certificates made here (P-1, P-2, P-6, P-7)."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
import trustme
from net_worlds import World, in_every_world

from ocpp_sansio.net import ConnectionRequest, HandshakeFailed, Limits
from ocpp_sansio.tls import (
    MANDATORY_SUITES,
    Chain,
    csms_context,
    missing_suites,
    station_context,
)
from ocpp_sansio.websocket import WebSocketConfig, passwords_match

NOW = {"currentTime": "2026-01-01T00:00:00Z"}
SECRET = b"0123456789abcdef"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@attrs.frozen
class Files:
    """PEM files of one authority, and of those whom it vouches for."""

    authority: Path
    csms: Path
    station: Path


def write(path: Path, certificate: trustme.LeafCert) -> Path:
    certificate.private_key_and_cert_chain_pem.write_to_path(path)
    return path


def make_files(folder: Path, key_type: trustme.KeyType = trustme.KeyType.ECDSA) -> Files:
    folder.mkdir()
    authority = trustme.CA(key_type=key_type)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    csms = authority.issue_cert("127.0.0.1", "localhost", key_type=key_type)
    station = authority.issue_cert("cp001", common_name="SN-0001", key_type=key_type)
    return Files(
        folder / "authority.pem",
        write(folder / "csms.pem", csms),
        write(folder / "station.pem", station),
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make_files(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make_files(tmp_path_factory.mktemp("tls") / "theirs")


@asynccontextmanager
async def serving(world: World, ssl: ssl.SSLContext | None, **options: Any) -> AsyncIterator[Any]:
    options.setdefault("authenticate", lambda request: passwords_match(request.password, SECRET))
    handlers = {"Heartbeat": lambda _: NOW}
    async with world.serve(
        None, "127.0.0.1", 0, versions=["ocpp1.6"], handlers=handlers, ssl=ssl, **options
    ) as server:
        yield server


def station(world: World, server: Any, scheme: str = "wss", **options: Any) -> Any:
    url = f"{scheme}://127.0.0.1:{server.port}/ocpp"
    return world.connect(url, identity="CP001", versions=["ocpp1.6"], **options)


async def gets_in(world: World, server: Any, **options: Any) -> bool:
    try:
        async with station(world, server, **options) as session:
            return bool(await session.call("Heartbeat", {}) == NOW)
    except (OSError, HandshakeFailed):
        return False


@in_every_world
def test_profile_1_is_a_password_without_tls(world: World) -> None:
    async def scenario(world: World) -> None:
        async with serving(world, None) as server:
            assert await gets_in(world, server, scheme="ws", password=SECRET)
            assert not await gets_in(world, server, scheme="ws", password=b"wrong")
            assert not await gets_in(world, server, scheme="ws")

    world.run(scenario)


@in_every_world
def test_profile_2_is_a_password_inside_tls(world: World, files: Files) -> None:
    async def scenario(world: World) -> None:
        trusting = station_context(files.authority)
        async with serving(world, csms_context(files.csms)) as server:
            assert await gets_in(world, server, ssl=trusting, password=SECRET)
            with pytest.raises(HandshakeFailed) as caught:
                async with station(world, server, ssl=trusting, password=b"wrong"):
                    raise AssertionError("it was let in")
            assert caught.value.status == 401

    world.run(scenario)


@in_every_world
@pytest.mark.parametrize("max_version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_profile_3_is_a_certificate_on_both_sides(
    world: World, files: Files, strangers: Files, max_version: ssl.TLSVersion
) -> None:
    async def scenario(world: World) -> None:
        requests: list[ConnectionRequest] = []

        def check(request: ConnectionRequest) -> bool:
            requests.append(request)
            return True

        mutual = csms_context(files.csms, station_authorities=files.authority)
        mutual.maximum_version = max_version
        async with serving(world, mutual, authenticate=check) as server:
            ours = station_context(files.authority, files.station)
            assert await gets_in(world, server, ssl=ours)
            [request] = requests
            assert request.peer_certificate
            subject = dict(pair for (pair,) in request.peer_certificate["subject"])
            assert subject["commonName"] == "SN-0001"
            assert request.password is None
            for context in (
                station_context(files.authority),
                station_context(files.authority, strangers.station),
            ):
                assert not await gets_in(world, server, ssl=context)
            assert len(requests) == 1
            assert await gets_in(world, server, ssl=ours)

    world.run(scenario)


@in_every_world
def test_a_csms_that_cannot_be_trusted_gets_no_password(
    world: World, files: Files, strangers: Files, tmp_path: Path
) -> None:
    async def scenario(world: World) -> None:
        seen: list[ConnectionRequest] = []

        def check(request: ConnectionRequest) -> bool:
            seen.append(request)
            return True

        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        expired = authority.issue_cert("127.0.0.1", not_before=LONG_AGO, not_after=LONG_AGO)
        misnamed = authority.issue_cert("csms.example")
        cases = [
            (strangers.csms, files.authority, "unable to get local issuer"),
            (write(tmp_path / "expired.pem", expired), tmp_path / "authority.pem", "expired"),
            (write(tmp_path / "misnamed.pem", misnamed), tmp_path / "authority.pem", "mismatch"),
        ]
        for certificate, authorities, reason in cases:
            context = station_context(authorities)
            async with serving(world, csms_context(certificate), authenticate=check) as server:
                with pytest.raises(ssl.SSLCertVerificationError, match=reason):
                    async with station(world, server, ssl=context, password=SECRET):
                        raise AssertionError("it connected")
        assert seen == []

    world.run(scenario)


@in_every_world
def test_the_systems_authorities_are_what_is_trusted_by_default(world: World, files: Files) -> None:
    async def scenario(world: World) -> None:
        async with serving(world, csms_context(files.csms)) as server:
            for context in (None, station_context()):
                with pytest.raises(ssl.SSLCertVerificationError):
                    async with station(world, server, ssl=context, password=SECRET):
                        raise AssertionError("it connected")

    world.run(scenario)


@in_every_world
def test_a_plain_client_on_a_tls_port_and_the_reverse_come_to_nothing(
    world: World, files: Files
) -> None:
    async def scenario(world: World) -> None:
        async with serving(world, csms_context(files.csms)) as server:
            assert not await gets_in(world, server, scheme="ws", password=SECRET)
            peer = await world.raw(server.port)
            await peer.send(b"GET /ocpp/CP001 HTTP/1.1\r\n\r\n")
            await peer.read_all()
            await peer.close()
            trusting = station_context(files.authority)
            assert await gets_in(world, server, ssl=trusting, password=SECRET)
        async with serving(world, None) as server:
            assert not await gets_in(world, server, ssl=trusting, password=SECRET)
            assert await gets_in(world, server, scheme="ws", password=SECRET)
        with pytest.raises(ValueError, match="wss"):
            async with station(world, server, scheme="ws", ssl=trusting):
                raise AssertionError("it connected")

    world.run(scenario)


@in_every_world
def test_a_tls_handshake_counts_makes_room_for_a_newcomer_and_ends_in_time(
    world: World, files: Files
) -> None:
    async def scenario(world: World) -> None:
        quick = WebSocketConfig(handshake_timeout=0.2)
        limits = Limits(max_handshakes=1, handshake_patience=0.05)
        trusting = station_context(files.authority)
        async with serving(
            world, csms_context(files.csms), websocket=quick, limits=limits
        ) as server:
            for newcomer_dials in (True, False):
                silent = await world.raw(server.port)
                await world.until(lambda: server._engine._handshakes)
                if newcomer_dials:
                    assert await gets_in(world, server, ssl=trusting, password=SECRET)
                await silent.read_all()
                await silent.close()
            await world.until(lambda: not server._engine._handshakes)
            assert await gets_in(world, server, ssl=trusting, password=SECRET)

    world.run(scenario)


@in_every_world
def test_leaving_does_not_wait_for_a_tls_handshake(world: World, files: Files) -> None:
    async def scenario(world: World) -> None:
        async with serving(world, csms_context(files.csms)) as server:
            silent = await world.raw(server.port)
            await world.until(lambda: server._engine._handshakes)
        await silent.read_all()
        await silent.close()

    world.run(scenario)


@attrs.frozen
class Kinds:
    """PEM files of a CSMS with each kind of key, and of the authorities of both."""

    ecdsa: Path
    rsa: Path
    both_authorities: Path


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Kinds:
    folder = tmp_path_factory.mktemp("kinds")
    ecdsa = make_files(folder / "ecdsa", trustme.KeyType.ECDSA)
    rsa = make_files(folder / "rsa", trustme.KeyType.RSA)
    both = folder / "both.pem"
    both.write_bytes(ecdsa.authority.read_bytes() + rsa.authority.read_bytes())
    return Kinds(ecdsa.csms, rsa.csms, both)


def built_in() -> list[str]:
    """The mandatory suites that this OpenSSL was built with."""
    missing = missing_suites(ssl_context_of_everything())
    return [suite for suite in MANDATORY_SUITES if suite not in missing]


@in_every_world
def test_p6_with_both_kinds_of_key_a_csms_serves_a_station_that_has_but_one_suite(
    world: World, kinds: Kinds
) -> None:
    async def scenario(world: World) -> None:
        context = csms_context(kinds.ecdsa, more_certificates=[Chain(kinds.rsa)])
        async with serving(world, context) as server:
            for suite in built_in():
                only = station_context(kinds.both_authorities)
                only.maximum_version = ssl.TLSVersion.TLSv1_2
                only.set_ciphers(suite)
                assert await gets_in(world, server, ssl=only, password=SECRET), suite

    world.run(scenario)


@pytest.mark.parametrize("is_mutual", [False, True])
def test_p6_what_a_context_does_not_offer_depends_on_its_certificates(
    kinds: Kinds, *, is_mutual: bool
) -> None:
    options: dict[str, Any] = {"station_authorities": kinds.both_authorities} if is_mutual else {}
    of_ecdsa = tuple(suite for suite in MANDATORY_SUITES if "ECDSA" in suite)
    of_rsa = tuple(suite for suite in MANDATORY_SUITES if "ECDSA" not in suite)
    more: dict[str, Any] = {"more_certificates": [Chain(kinds.ecdsa)]}
    for context, missing in [
        (csms_context(kinds.ecdsa, **options), of_rsa),
        (csms_context(kinds.rsa, **options), of_ecdsa),
        (csms_context(kinds.rsa, **more, **options), ()),
        (ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), MANDATORY_SUITES),
        (station_context(kinds.both_authorities), ()),
    ]:
        expected = [suite for suite in built_in() if suite in missing]
        assert [suite for suite in missing_suites(context) if suite in built_in()] == expected
    modern = csms_context(kinds.rsa, **more)
    modern.minimum_version = ssl.TLSVersion.TLSv1_3
    assert missing_suites(modern) == MANDATORY_SUITES


def test_p6_two_keys_of_a_kind_are_refused_and_no_password_is_shown(kinds: Kinds) -> None:
    with pytest.raises(ValueError, match=r"two certificates have RSA keys: '.*rsa.csms\.pem'"):
        csms_context(kinds.ecdsa, more_certificates=[Chain(kinds.rsa), Chain(kinds.rsa)])
    assert "topsecret" not in repr(Chain("a.pem", key_password="topsecret"))


@in_every_world
def test_profiles_2_and_3_share_a_port_and_authenticate_decides(
    world: World, files: Files, strangers: Files
) -> None:
    async def scenario(world: World) -> None:
        def check(request: ConnectionRequest) -> bool:
            if request.peer_certificate is None:
                return passwords_match(request.password, SECRET)
            return True

        context = csms_context(
            files.csms, station_authorities=files.authority, require_station_certificate=False
        )
        async with serving(world, context, authenticate=check) as server:
            without, with_one, with_another = (
                station_context(files.authority, certificate)
                for certificate in (None, files.station, strangers.station)
            )
            assert await gets_in(world, server, ssl=with_one)
            assert await gets_in(world, server, ssl=without, password=SECRET)
            assert not await gets_in(world, server, ssl=without)
            assert not await gets_in(world, server, ssl=with_another, password=SECRET)

    world.run(scenario)
    with pytest.raises(ValueError, match="station_authorities"):
        csms_context(files.csms, require_station_certificate=False)


def ssl_context_of_everything() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def test_p6_contexts_offer_nothing_before_tls_1_2(files: Files) -> None:
    for context in (csms_context(files.csms), station_context(files.authority)):
        assert context.minimum_version is ssl.TLSVersion.TLSv1_2
        assert context.options & ssl.OP_NO_COMPRESSION
    assert "AES128-GCM-SHA256" in missing_suites(ssl.create_default_context())  # the trap


def test_p6_an_rsa_key_of_1024_bits_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "csms.example")])
    certificate = x509.CertificateBuilder(
        name, name, key.public_key(), 1, LONG_AGO, datetime(2999, 1, 1, tzinfo=UTC)
    ).sign(key, hashes.SHA256())
    pem = tmp_path / "weak.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    with pytest.raises(ssl.SSLError, match=r"(?i)key.too.small"):
        csms_context(pem)
