"""What no stream of bytes can do to a link: raise, hang, lose an outcome, or end twice."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websocket_pair import Pair, a_whole_charge, closings, csms, station

from ocpp_sansio import (
    CallAborted,
    CallErrorReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
)
from ocpp_sansio.websocket import (
    CsmsWebSocket,
    HandshakeReceived,
    Phase,
    StationWebSocket,
    WebSocketConfig,
)

OUTCOMES = (CallResultReceived, CallErrorReceived, CallResultRejected, CallTimedOut, CallAborted)
COMPRESSED = WebSocketConfig(compression=True)


def outcomes(pair: Pair) -> list[int]:
    """Return by identity the calls that have an outcome, once for each outcome."""
    events = [*pair.events["station"], *pair.events["csms"]]
    return sorted(id(event.call) for event in events if isinstance(event, OUTCOMES))


@cache
def length_of_a_charge(side: str) -> int:
    pair = Pair(station(password=b"0123456789abcdef"), csms())
    a_whole_charge(pair)
    return pair.sent[side]


@pytest.mark.parametrize("websocket", [WebSocketConfig(), COMPRESSED])
@pytest.mark.parametrize("chunk", [None, 1, 3])
def test_a_whole_charge_is_the_same_however_it_is_cut(
    chunk: int | None, websocket: WebSocketConfig
) -> None:
    pair = Pair(station(websocket=websocket), csms(websocket=websocket), chunk=chunk)
    calls = a_whole_charge(pair)
    assert len(calls) == 7
    assert outcomes(pair) == sorted(map(id, calls))
    assert sum(isinstance(event, CallResultReceived) for event in pair.events["station"]) == 5
    assert sum(isinstance(event, CallResultReceived) for event in pair.events["csms"]) == 2
    assert [closed.code for side in ("station", "csms") for closed in closings(pair, side)] == [
        1000,
        1000,
    ]


@pytest.mark.parametrize("side", ["station", "csms"])
def test_cut_at_every_byte_every_call_has_one_outcome_and_nothing_is_left(side: str) -> None:
    for offset in range(length_of_a_charge(side)):
        pair = Pair(station(password=b"0123456789abcdef"), csms(), limits={side: offset})
        calls = a_whole_charge(pair)
        assert pair.is_cut, offset
        assert outcomes(pair) == sorted(map(id, calls)), offset
        for name, link in (("station", pair.station), ("csms", pair.csms)):
            assert len(closings(pair, name)) == 1, offset
            assert link.phase is Phase.CLOSED
            assert link.next_timeout() is None
            assert not link.connection.is_connected
            assert link.connection.unanswered_calls == ()
            assert link.connection.outstanding_call is None


STAGES = ("request", "decision", "response", "open", "closing")


def link_at(stage: str, websocket: WebSocketConfig) -> StationWebSocket | CsmsWebSocket:
    """Return a link that is somewhere on its way."""
    pair = Pair(station(websocket=websocket), csms(websocket=websocket))
    request = b"".join(pair.station.data_to_send())
    if stage == "request":
        return pair.csms
    if stage == "response":
        return pair.station
    pair.csms.receive_data(request, now=pair.now)
    if stage == "decision":
        return pair.csms
    pair.csms.accept(now=pair.now)
    if stage == "closing":
        pair.csms.close(now=pair.now)
    return pair.csms


def pieces_of_protocol() -> st.SearchStrategy[bytes]:
    """Bytes that get further than noise does: heads, frames of every kind, messages, and their like."""
    heads = st.sampled_from(
        [
            b"GET /ocpp/CP001 HTTP/1.1\r\n",
            b"HTTP/1.1 101 Switching Protocols\r\n",
            b"Upgrade: websocket\r\n",
            b"Connection: Upgrade\r\n",
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n",
            b"Sec-WebSocket-Protocol: ocpp1.6\r\n",
            b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=9\r\n",
            b"Authorization: Basic Q1AwMDE6eA==\r\n",
            b"Content-Length: 7\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"\r\n",
        ]
    )
    frames = st.builds(
        lambda first, mask, data: bytes([first, mask | len(data)]) + bytes(mask // 32) + data,
        st.sampled_from([0x01, 0x81, 0xC1, 0x41, 0x02, 0x82, 0x00, 0x80, 0x88, 0x89, 0x8A, 0x83]),
        st.sampled_from([0, 0x80]),
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from([b'[2,"1","Heartbeat",{}]', b'[3,"1",{}]', b"[", b"\x03\xe8bye"]),
        ),
    )
    return st.one_of(st.binary(max_size=40), heads, frames)


class Input:
    """One thing that can happen to a link."""

    def __init__(self, kind: str, argument: Any) -> None:
        self.kind, self.argument = kind, argument

    def __repr__(self) -> str:
        return f"{self.kind}({self.argument!r})"

    def apply(self, link: StationWebSocket | CsmsWebSocket, now: float) -> None:
        if self.kind == "data":
            link.receive_data(self.argument, now=now)
        elif self.kind == "eof":
            link.receive_eof(now=now)
        elif self.kind == "close":
            link.close(now=now)
        elif link.phase is Phase.OPEN and self.kind == "call":
            link.connection.send_call("DataTransfer", {"vendorId": "v"}, now=now)
        elif link.phase is Phase.DECISION and isinstance(link, CsmsWebSocket):
            if self.kind == "accept":
                link.accept(now=now)
            elif self.kind == "reject":
                link.reject(404, now=now)


inputs = st.one_of(
    pieces_of_protocol().map(lambda data: Input("data", data)),
    pieces_of_protocol().map(lambda data: Input("data", data)),
    st.sampled_from(["eof", "close", "call", "accept", "reject", "time"]).map(
        lambda kind: Input(kind, None)
    ),
)


@settings(max_examples=400, deadline=None)
@given(
    stage=st.sampled_from(STAGES),
    websocket=st.sampled_from([WebSocketConfig(idle_timeout=40), COMPRESSED]),
    script=st.lists(st.tuples(inputs, st.floats(0, 50)), max_size=25),
)
def test_no_bytes_at_any_stage_raise_or_keep_a_link_from_its_one_end(
    stage: str, websocket: WebSocketConfig, script: list[tuple[Input, float]]
) -> None:
    link = link_at(stage, websocket)
    now = 100.0
    events = []
    for happening, wait in script:
        now += wait
        link.handle_timeout(now=now)
        happening.apply(link, now)
        events += link.events()
        assert b"" not in link.data_to_send()[:-1]
    link.close(now=now)
    link.handle_timeout(now=now + 100)
    events += link.events()
    assert link.phase is Phase.CLOSED
    assert link.next_timeout() is None
    assert [type(event).__name__ for event in events].count("Closed") == 1
    assert type(events[-1]).__name__ == "Closed"
    assert sum(isinstance(event, HandshakeReceived) for event in events) <= 1
