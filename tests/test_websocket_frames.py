"""A CSMS's short way for usual frames: what it makes of any bytes is what `websockets` makes of them."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from ocpp_sansio import Config, Role
from ocpp_sansio.websocket import (
    Closed,
    CsmsWebSocket,
    MessagePipe,
    MessageReceived,
    StationWebSocket,
    WebSocketConfig,
)

RSV1 = 0x40
MAX_SIZE = 5_000
CONFIG = Config(max_message_size=MAX_SIZE)
SIZES = (0, 1, 125, 126, 127, 1_000, MAX_SIZE, MAX_SIZE + 1, 70_000)


def open_link(*, compression: bool = False) -> tuple[CsmsWebSocket, MessagePipe]:
    """Return a CSMS's link that has let a station in, and the pipe of its messages."""
    pipe = MessagePipe(Role.CSMS, config=CONFIG)
    link = CsmsWebSocket(
        versions=["ocpp1.6"], connection=pipe, websocket=WebSocketConfig(compression=compression)
    )
    asking = WebSocketConfig(compression=compression)
    station = StationWebSocket("ws://h", identity="1", versions=["ocpp1.6"], websocket=asking)
    station.start(now=0.0)
    link.receive_data(b"".join(station.data_to_send()), now=0.0)
    link.accept(now=0.0)
    link.events()
    link.data_to_send()
    return link, pipe


def what_websockets_makes_of(data: bytes) -> tuple[list[bytes], int | None, bytes]:
    """Return the whole messages, the code that the end was told with, and the bytes to answer."""
    protocol = Protocol(Side.SERVER, max_size=MAX_SIZE)
    protocol.receive_data(data)
    messages, fragments = [], []
    for frame in protocol.events_received():
        assert isinstance(frame, Frame)
        if frame.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
            fragments.append(bytes(frame.data))
            if frame.fin:
                messages.append(b"".join(fragments))
                fragments = []
    code = protocol.close_sent.code if protocol.close_sent else None
    return messages, code, b"".join(protocol.data_to_send())


def pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    """Cut bytes anywhere."""
    bounds = [0, *sorted({cut % len(data) for cut in cuts} - {0}), len(data)] if data else []
    for start, end in pairwise(bounds):
        yield data[start:end]


def frame(
    opcode: Opcode, size: int, *, fin: bool = True, rsv1: bool = False, mask: bool = True
) -> bytes:
    """Return the bytes of a frame, with text in it that tells where it was cut."""
    text = bytes(97 + place % 23 for place in range(size))
    data = bytes(Frame(opcode, text, fin=fin).serialize(mask=mask))
    return bytes((data[0] | RSV1,)) + data[1:] if rsv1 else data


usual = st.builds(frame, st.just(Opcode.TEXT), st.sampled_from(SIZES[:7]))
fragmented = st.lists(st.sampled_from(SIZES[:6]), min_size=2, max_size=4).map(
    lambda sizes: b"".join(
        frame(Opcode.CONT if place else Opcode.TEXT, size, fin=place == len(sizes) - 1)
        for place, size in enumerate(sizes)
    )
)
legal = usual | fragmented | st.builds(frame, st.just(Opcode.PING), st.integers(0, 125))
odd = (
    st.builds(frame, st.just(Opcode.TEXT), st.sampled_from(SIZES), fin=st.booleans())
    | st.builds(frame, st.sampled_from((Opcode.TEXT, Opcode.PING)), st.just(5), rsv1=st.booleans())
    | st.builds(frame, st.just(Opcode.TEXT), st.sampled_from(SIZES[:4]), mask=st.just(False))
    | st.builds(frame, st.just(Opcode.CONT), st.just(3))
    | st.binary(max_size=20)
)


@settings(deadline=None)
@given(
    st.lists(legal, max_size=6),
    st.lists(odd, max_size=2),
    st.lists(st.integers(0, 1 << 20), max_size=12),
)
def test_any_frames_in_any_pieces_are_what_websockets_makes_of_them(
    good: list[bytes], bad: list[bytes], cuts: list[int]
) -> None:
    data = b"".join([*good, *bad])
    link, _ = open_link()
    events = []
    for piece in pieces(data, cuts):
        link.receive_data(piece, now=1.0)
        events += link.events()

    messages, code, answer = what_websockets_makes_of(data)
    assert [event.data for event in events if isinstance(event, MessageReceived)] == messages
    assert b"".join(link.data_to_send()) == answer
    link.receive_eof(now=2.0)
    (end,) = [event for event in [*events, *link.events()] if isinstance(event, Closed)]
    assert end.code == (code or 1006)


def test_a_part_of_a_frame_that_looks_like_a_whole_one_is_a_part() -> None:
    inner = frame(Opcode.TEXT, 5)
    body = b"abc" + inner
    link, _ = open_link()
    for piece in (bytes((0x81, 0x80 | len(body))) + bytes(4) + b"abc", inner):
        link.receive_data(piece, now=1.0)
    assert link.events() == [MessageReceived(body)]


@pytest.mark.parametrize(("size", "code"), [(MAX_SIZE, 1006), (MAX_SIZE + 1, 1009)])
def test_a_whole_frame_has_the_size_limit_of_any_other(size: int, code: int) -> None:
    link, _ = open_link()
    link.receive_data(frame(Opcode.TEXT, size), now=1.0)
    link.receive_eof(now=1.0)
    end = link.events()[-1]
    assert isinstance(end, Closed)
    assert end.code == code


def test_a_whole_frame_between_fragments_ends_the_link() -> None:
    link, _ = open_link()
    for piece in (frame(Opcode.TEXT, 5, fin=False), frame(Opcode.TEXT, 6)):
        link.receive_data(piece, now=1.0)
    link.receive_eof(now=1.0)
    assert [event.code for event in link.events()] == [1002]  # type: ignore[union-attr]


@pytest.mark.parametrize("step", [1, 2, 3, 7])
def test_frames_that_come_byte_by_byte_are_read_like_any_other(step: int) -> None:
    sent = [frame(Opcode.TEXT, size) for size in (0, 5, 130)]
    data = b"".join([*sent, frame(Opcode.PING, 3), *sent])
    link, _ = open_link()
    for start in range(0, len(data), step):
        link.receive_data(data[start : start + step], now=1.0)
    assert [len(event.data) for event in link.events()] == [0, 5, 130] * 2  # type: ignore[union-attr]
    assert link.data_to_send() == [frame(Opcode.PONG, 3, mask=False)]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_what_is_sent_is_framed_as_websockets_would_frame_it(size: int) -> None:
    link, pipe = open_link()
    pipe.send(b"x" * size)
    assert link.data_to_send() == [Frame(Opcode.TEXT, b"x" * size).serialize(mask=False)]


def test_c9_where_compression_was_agreed_on_messages_leave_compressed() -> None:
    link, pipe = open_link(compression=True)
    pipe.send(b"x" * 1000)
    (data,) = link.data_to_send()
    assert len(data) < 100
    assert data[0] == 0xC1
