"""The one spelling of what a peer said: cut, on one line, printable, in a time that does not depend on it."""

import time
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_sansio.core.texts import LIMIT, plain, quote

UGLY = {
    "escape": "\x1b[2J\x1b]0;owned\x07",
    "line feed": "x\n2026-11-26 04:30:00,000 CRITICAL root dropped",
    "carriage return": "GET /a\rINFO 'CP1' has connected",
    "right-to-left override": "\u202egpj.exe",
    "line separator": "a\u2028b\u2029c\x85d",
    "lone surrogate": "\ud800x\udfff",
    "tag characters": "\U000e0001" * 50,
    "C1 control": "No\x9b31m",
    "NUL": "\x00",
    "quotes": 'it\'s "quoted"',
    "a megabyte": "x" * 1_000_000,
    "a megabyte of escapes": "\x1b" * 1_000_000,
}


@pytest.mark.parametrize("text", UGLY.values(), ids=UGLY)
def test_no_text_gets_out_unprintable_or_long(text: str) -> None:
    for data in (text, text.encode(errors="surrogatepass")):
        for spelled in (quote(data), plain(data)):
            assert spelled.isprintable()
            assert len(spelled) <= LIMIT


@given(st.text() | st.binary(), st.integers(4, 200))
def test_the_limit_counts_escapes_quotes_and_the_mark_of_a_cut(
    text: str | bytes, limit: int
) -> None:
    for spelled in (quote(text, limit), plain(text, limit)):
        assert len(spelled) <= limit
        assert spelled.isprintable()


@given(st.text(max_size=40) | st.binary(max_size=20))
def test_what_is_short_enough_is_whole(text: str | bytes) -> None:
    assert quote(text, 1000) == repr(text)


@given(st.text(min_size=101))
def test_what_is_cut_says_so(text: str) -> None:
    assert quote(text).endswith(("'…", '"…'))
    assert plain(text).endswith("…")


def test_as_much_as_fits_is_kept() -> None:
    assert quote("x" * 98) == "'" + "x" * 98 + "'"
    assert quote("x" * 99) == "'" + "x" * 97 + "'…"
    assert plain("x" * 100) == "x" * 100
    assert plain("x" * 101) == "x" * 99 + "…"
    assert quote("\n" * 60, 20) == r"'" + r"\n" * 8 + "'…"


def test_a_text_without_quotes_keeps_what_can_be_printed() -> None:
    assert plain("Überlauf \\ 'x'\n") == "Überlauf \\ 'x'\\n"
    assert plain(b"a\xff\xc3\xa4") == r"a\xffä"
    assert plain("ä" * 300) == plain(("ä" * 300).encode())


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_other_bytes_look_like_bytes(kind: type) -> None:
    assert quote(kind(b"a\x00")) == r"b'a\x00'"
    assert quote(kind(b"x" * 1_000_000)) == "b'" + "x" * 96 + "'…"


class Broken:
    def __repr__(self) -> str:
        raise ValueError


class Loud:
    def __repr__(self) -> str:
        return "<\x1b[2J\n" + "x" * 1000


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        (None, "None"),
        (17, "17"),
        (True, "True"),
        (Decimal("1.5"), "Decimal('1.5')"),
        (["a\n"], r"['a\n']"),
        (1 << 100_000, "an integer of 100001 bits"),
        (Broken(), "<Broken>"),
        (Loud(), r"<\x1b[2J\n" + "x" * (99 - 10) + "…"),
    ],
    ids=["None", "int", "bool", "Decimal", "list", "huge int", "broken repr", "loud repr"],
)
def test_what_is_no_text_has_its_repr(value: object, spelled: str) -> None:
    assert quote(value) == spelled


@pytest.mark.parametrize("spell", [quote, plain])
def test_a_thousand_times_the_text_does_not_take_longer(spell: Callable[[str], str]) -> None:
    def fastest(text: str) -> float:
        times = []
        for _ in range(50):
            begin = time.perf_counter()
            spell(text)
            times.append(time.perf_counter() - begin)
        return min(times)

    assert fastest("\x1b" * 10_000_000) < 20 * fastest("\x1b" * 10_000)
