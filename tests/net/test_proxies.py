"""Where a connection comes from when proxies stand between: only what trusted ones say counts."""

import re
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_sansio.net import Proxies
from ocpp_sansio.net.proxies import (
    MAX_HOPS,
    V1_MAX_SIZE,
    V2_MAX_SIZE,
    ProxyHeader,
    client_address,
    read_proxy_header,
    wants_proxy_header,
)

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
PROXY = ("10.0.0.1", 40000)
STRANGER = ("203.0.113.7", 50000)
PROTOCOL = Proxies(trusted=("10.0.0.0/8",), protocol=True)
XFF = Proxies(trusted=("10.0.0.0/8", "fd00::/8"), header="X-Forwarded-For")
FORWARDED = Proxies(trusted=("10.0.0.0/8", "fd00::/8"), header="Forwarded")


def v2(rest: bytes, *, command: int = 0x21, family: int = 0x11) -> bytes:
    return SIGNATURE + bytes([command, family]) + len(rest).to_bytes(2, "big") + rest


def v2_addresses(source: str, destination: str, port: int) -> bytes:
    ips = ip_address(source).packed + ip_address(destination).packed
    return ips + port.to_bytes(2, "big") + (443).to_bytes(2, "big")


GOOD = {
    b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n": ("192.0.2.1", 56324),
    b"PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n": ("2001:db8::1", 1),
    b"PROXY TCP6 ::ffff:192.0.2.1 ::1 0 443\r\n": ("192.0.2.1", 0),
    b"PROXY UNKNOWN\r\n": None,
    b"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n": None,
    v2(v2_addresses("192.0.2.1", "198.51.100.1", 56324)): ("192.0.2.1", 56324),
    v2(v2_addresses("192.0.2.1", "198.51.100.1", 7) + b"\x04\0\x03abc"): ("192.0.2.1", 7),
    v2(v2_addresses("2001:db8::1", "::1", 8), family=0x21): ("2001:db8::1", 8),
    v2(v2_addresses("::ffff:192.0.2.1", "::1", 8), family=0x21): ("192.0.2.1", 8),
    v2(b"", command=0x20, family=0): None,
    v2(v2_addresses("192.0.2.1", "198.51.100.1", 7), command=0x20): None,
    v2(b"\0" * 12, family=0x12): None,
    v2(b"\0" * 216, family=0x31): None,
    v2(b"\0" * (V2_MAX_SIZE - 16), family=0): None,
}


@pytest.mark.parametrize(("header", "source"), GOOD.items())
def test_a_header_is_read_however_it_is_cut_and_what_follows_is_left(
    header: bytes, source: tuple[str, int] | None
) -> None:
    for size in range(len(header)):
        assert read_proxy_header(header[:size]) is None, size
    for rest in (b"", b"\x16\x03\x01", b"x" * 5000):
        assert read_proxy_header(bytearray(header + rest)) == ProxyHeader(len(header), source)


@pytest.mark.parametrize(
    "header",
    [
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01\x02",
        b"proxy TCP4 192.0.2.1 198.51.100.1 56324 443\r\n",
        b"PROXY \r\n",
        b"PROXY TCP4\r\n",
        b"PROXY TCP5 192.0.2.1 198.51.100.1 56324 443\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 \r\n",
        b"PROXY TCP4  192.0.2.1 198.51.100.1 56324 443\r\n",
        b"PROXY TCP4 192.0.2.01 198.51.100.1 56324 443\r\n",
        b"PROXY TCP4 192.0.2.1 x 56324 443\r\n",
        b"PROXY TCP4 ::1 ::1 56324 443\r\n",
        b"PROXY TCP6 192.0.2.1 ::1 56324 443\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.1 65536 443\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.1 +1 443\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.1 007 443\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.1 \u0667 443\r\n".encode(),
        b"PROXY TCP4 192.0.2.1 198.51.100.1 1 443\n" + b"x" * V1_MAX_SIZE,
        b"PROXY UNKNOWN " + b"x" * V1_MAX_SIZE + b"\r\n",
        b"PROXY \x1b[2J\x1b]0;owned\x07\r\n",
        v2(b"", command=0x11),
        v2(b"", command=0x22),
        v2(b"", family=0x41),
        v2(b"", family=0x13),
        v2(b"\0" * 11),
        v2(b"\0" * 12, family=0x21),
        v2(b"\0" * (V2_MAX_SIZE - 15)),
        v2(b"\0" * 65535, family=0),
    ],
)
def test_what_is_no_header_is_told_in_few_bytes_and_printable_words(header: bytes) -> None:
    read = read_proxy_header(header)
    assert read is not None
    assert read.flaw
    assert read.flaw.isprintable()
    assert len(read.flaw) < 160
    assert (read.size, read.source) == (0, None)


@given(
    st.sampled_from([b"", b"PROXY ", b"PROXY TCP4 ", SIGNATURE, SIGNATURE + b"\x21\x11"]),
    st.binary(),
)
def test_no_bytes_make_it_raise_or_ask_for_more_than_its_bound(begin: bytes, rest: bytes) -> None:
    read_proxy_header(begin + rest)
    assert read_proxy_header((begin + rest).ljust(V2_MAX_SIZE, b"x")) is not None


def test_only_a_trusted_socket_begins_with_a_header() -> None:
    assert wants_proxy_header(PROTOCOL, PROXY)
    assert wants_proxy_header(PROTOCOL, ("::ffff:10.9.9.9", 1))
    assert wants_proxy_header(Proxies(trusted=("fe80::/10",), protocol=True), ("fe80::1%eth0", 1))
    assert not wants_proxy_header(PROTOCOL, STRANGER)
    assert not wants_proxy_header(PROTOCOL, None)
    assert not wants_proxy_header(PROTOCOL, ("/run/socket", 0))
    assert not wants_proxy_header(XFF, PROXY)
    assert not wants_proxy_header(None, PROXY)


@pytest.mark.parametrize(
    ("value", "client"),
    [
        ("203.0.113.9", ("203.0.113.9", 0)),
        ("6.6.6.6, 203.0.113.9", ("203.0.113.9", 0)),  # the left one is the client's own word
        ("6.6.6.6, 203.0.113.9, 10.1.1.1,10.2.2.2", ("203.0.113.9", 0)),
        ("10.1.1.1, 10.2.2.2", ("10.1.1.1", 0)),  # nobody but proxies
        ("203.0.113.9:4711", ("203.0.113.9", 4711)),
        ("2001:db8::1", ("2001:db8::1", 0)),
        ("[2001:db8::1]", ("2001:db8::1", 0)),
        ("[2001:db8::1]:4711", ("2001:db8::1", 4711)),
        ("::ffff:203.0.113.9", ("203.0.113.9", 0)),
        ("6.6.6.6, unknown, 10.1.1.1", ("10.1.1.1", 0)),
        ("6.6.6.6, , 10.1.1.1", ("10.1.1.1", 0)),
        ("203.0.113.9:65536", PROXY),
        ("fe80::1%eth0", PROXY),
        ("\x1b[2J", PROXY),
        ("", PROXY),
    ],
)
def test_the_client_is_the_right_most_that_is_no_trusted_proxy(
    value: str, client: tuple[str, int]
) -> None:
    assert client_address(XFF, PROXY, {"x-forwarded-for": value}) == client
    assert client_address(XFF, STRANGER, {"x-forwarded-for": value}) == STRANGER


@pytest.mark.parametrize(
    ("value", "client"),
    [
        ("for=203.0.113.9", ("203.0.113.9", 0)),
        ('For="203.0.113.9:4711";proto=https;by=10.0.0.1', ("203.0.113.9", 4711)),
        ('proto=https ; for="[2001:db8::1]:4711"', ("2001:db8::1", 4711)),
        ("for=6.6.6.6, for=203.0.113.9, for=10.1.1.1", ("203.0.113.9", 0)),
        ('for="6.6.6.6, for=203.0.113.9', ("203.0.113.9", 0)),  # a quote that hides nothing
        ('for=203.0.113.9;host="x;for=6.6.6.6"', ("203.0.113.9", 0)),
        ("for=203.0.113.9;for=6.6.6.6", PROXY),
        ('for=203.0.113.9;host="a,b"', PROXY),
        ("for=_hidden", PROXY),
        ("for=unknown", PROXY),
        ("proto=https", PROXY),
        ("203.0.113.9", PROXY),
        ("", PROXY),
    ],
)
def test_forwarded_is_read_element_by_element(value: str, client: tuple[str, int]) -> None:
    assert client_address(FORWARDED, PROXY, {"forwarded": value}) == client


def test_a_header_that_nobody_chose_says_nothing() -> None:
    headers = {"x-forwarded-for": "6.6.6.6", "forwarded": "for=6.6.6.6"}
    assert client_address(None, PROXY, headers) == PROXY
    assert client_address(PROTOCOL, PROXY, headers) == PROXY
    assert client_address(XFF, PROXY, {"forwarded": "for=6.6.6.6"}) == PROXY
    assert client_address(XFF, None, headers) is None


def test_a_header_is_followed_through_so_many_proxies_and_no_more() -> None:
    chain = ["203.0.113.9", *(f"10.0.1.{n}" for n in range(MAX_HOPS))]
    assert client_address(XFF, PROXY, {"x-forwarded-for": ",".join(chain)}) == ("10.0.1.0", 0)
    assert client_address(XFF, PROXY, {"x-forwarded-for": ",".join(chain[:-1])}) == (chain[0], 0)


@given(st.text(st.characters(max_codepoint=255)), st.sampled_from([XFF, FORWARDED]))
def test_no_header_makes_it_raise(value: str, proxies: Proxies) -> None:
    found = client_address(proxies, PROXY, {"x-forwarded-for": value, "forwarded": value})
    assert found is not None
    ip_address(found[0])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"trusted": (), "protocol": True}, "trusted"),
        ({"trusted": "10.0.0.0/8", "protocol": True}, "tuple"),
        ({"trusted": ["10.0.0.0/8"], "protocol": True}, "tuple"),
        ({"trusted": ("10.0.0.1/8",), "protocol": True}, "'10.0.0.1/8' is no network"),
        ({"trusted": ("proxy.example",), "protocol": True}, "'proxy.example' is no network"),
        ({"trusted": ("10.0.0.0/8",)}, "by protocol or by header"),
        ({"trusted": ("10.0.0.0/8",), "header": "X-Real-IP"}, "'X-Real-IP'"),
    ],
)
def test_settings_that_cannot_be_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        Proxies(**options)  # type: ignore[arg-type]
