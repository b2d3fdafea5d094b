"""What travels between the processes of a fleet is read as it was written, and nothing else is."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_sansio.core import Version
from ocpp_sansio.fleet.wire import (
    MAX_TOKEN,
    Ask,
    identity_of,
    read_question,
    token_of,
    write_question,
)

identities = st.one_of(
    st.text("CP-_019az", min_size=1, max_size=48),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=63),
)


@given(identities, identities)
@settings(max_examples=200)
def test_a_token_stands_for_one_identity_and_has_one_spelling(one: str, other: str) -> None:
    """FL-3."""
    token = token_of(one)
    assert re.fullmatch("[A-Za-z0-9_=-]+", token)
    assert identity_of(token) == one
    assert (token_of(other) == token) is (other == one)


@pytest.mark.parametrize("token", ["", "=41", "=2e", "a.b", "a=", "=FF", "a" * 256, "a\n", "é"])
def test_what_is_no_token_is_refused(token: str) -> None:
    """FL-3."""
    with pytest.raises(ValueError, match=r"no token|1 to 255 bytes"):
        identity_of(token)


words = st.tuples(identities, st.floats(0, 1e9))


@given(words, words, st.sampled_from(Version), st.binary())
@settings(max_examples=200)
def test_a_call_is_read_as_it_was_written(
    one: tuple[str, float], other: tuple[str, float], version: Version, frame: bytes
) -> None:
    (call_id, timeout), (caller, made_at) = one, other
    times = round(timeout, 3), round(made_at, 3)
    ask = Ask(token_of(call_id), version, times[0], token_of(caller), times[1], frame)
    assert read_question(write_question(ask)) == ask


@pytest.mark.parametrize(
    "head",
    [
        b"call a ocpp1.6 1.000 b",
        b"call a ocpp1.6 1.000 b 2.000 c",
        b"call a ocpp1.6 1.0 b 2.000",
        b"call a ocpp1.6 -1.000 b 2.000",
        b"call a ocpp1.6 nan b 2.000",
        b"call a ocpp9 1.000 b 2.000",
        b"call a.b ocpp1.6 1.000 b 2.000",
        b"call a=2e ocpp1.6 1.000 b 2.000",
        b"call  ocpp1.6 1.000 b 2.000",
        b"call " + b"a" * (MAX_TOKEN + 1) + b" ocpp1.6 1.000 b 2.000",
        b"call a ocpp1.6 1.000 b " + b"9" * 16 + b".000",
        b"CALL a ocpp1.6 1.000 b 2.000",
        b"call \xff ocpp1.6 1.000 b 2.000",
        b"a" * 5000,
        b"",
    ],
)
def test_a_head_that_is_none_is_refused_with_words(head: bytes) -> None:
    """FL-20."""
    with pytest.raises(ValueError, match=r"begins with|UTF-8|at most|ocpp9"):
        read_question(head + b"\n[2]")
