"""`Config.mend`: every message goes through it before it is read, and it can harm none."""

from typing import Any

import pytest
from core_pair import V16, hear, only, opened

from ocpp_sansio import CallReceived, Config, MendingFailed, ProtocolViolated, Rule

BEAT = b'[2,"1","Heartbeat",{}]'


def test_what_it_returns_is_what_came() -> None:
    seen: list[bytes] = []

    def mend(message: bytes) -> bytes:
        seen.append(message)
        return message.replace(b",}", b"}").replace(b"Hartbeat", b"Heartbeat")

    csms = opened(V16, mend=mend)
    event = only(hear(csms, '[2,"1","Hartbeat",{}]').events)
    assert isinstance(event, CallReceived)
    assert event.action == "Heartbeat"
    assert seen == [b'[2,"1","Hartbeat",{}]']
    report = only(hear(csms, b"[2,}").events)
    assert isinstance(report, ProtocolViolated)
    assert report.data == b"[2}"


def raising(_: bytes) -> bytes:
    raise ZeroDivisionError("oh")


def no_bytes(_: bytes) -> Any:
    return "text"


@pytest.mark.parametrize(("mend", "error"), [(raising, ZeroDivisionError), (no_bytes, TypeError)])
def test_a_message_that_it_fails_over_counts_as_it_came(mend: Any, error: type[Exception]) -> None:
    failed, event = hear(opened(V16, mend=mend), BEAT).events
    assert isinstance(failed, MendingFailed)
    assert isinstance(failed.error, error)
    assert failed.data == BEAT
    assert isinstance(event, CallReceived)


def test_it_gets_no_message_that_is_too_long_and_may_make_none() -> None:
    seen: list[bytes] = []

    def double(message: bytes) -> bytes:
        seen.append(message)
        return message + b" " * 90

    csms = opened(V16, mend=double, max_message_size=100)
    for message in (b" " * 101, BEAT):
        report = only(hear(csms, message).events)
        assert isinstance(report, ProtocolViolated)
        assert report.error.rule is Rule.MESSAGE_SIZE
    assert seen == [BEAT]


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^mend must be a function of bytes, not 'x'$"):
        Config(mend="x")  # type: ignore[arg-type]
