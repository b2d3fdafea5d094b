"""examples/mending.py: what six vendors send is read, and what is in order stays as it is."""

import json

import pytest
from example_programs import run

from examples.mending import mend


@pytest.mark.parametrize(
    ("message", "mended"),
    [
        (b'[2,"1","A",{"a":1,}]', b'[2,"1","A",{"a":1}]'),
        (b'{"a":[,{"b":1}]}', b'{"a":[{"b":1}]}'),
        (b'{"a":,"b":1}', b'{"b":1}'),
        (b'{"b":1,"a": , "c" : }', b'{"b":1 }'),
        (b'{"a":}', b"{}"),
        (b"[1,,2, ,]", b"[1,2]"),
        (b"[,,]", b"[]"),
        (b'\xef\xbb\xbf["x"]\x00\r\n', b'["x"]'),
    ],
)
def test_it_mends_commas_members_without_value_and_what_surrounds(
    message: bytes, mended: bytes
) -> None:
    assert json.loads(mend(message)) == json.loads(mended)


@pytest.mark.parametrize(
    "message",
    [
        b'[2,"1","A",{"a":"[,1,]","b":":,","c":"\\",}"}]',
        b'[1, {"a" : ","}, [",]"]]',
        b"[]",
        b"",
        b'"',
    ],
)
def test_it_leaves_alone_what_is_in_order_and_what_stands_in_strings(message: bytes) -> None:
    assert mend(message) == message


def test_the_program_shows_what_it_reads() -> None:
    lines = run("mending.py").splitlines()
    assert lines[0].startswith("StatusNotification StatusNotificationRequest(")
    assert "value='1,]'" in lines[1]
    assert len(lines) == 2
