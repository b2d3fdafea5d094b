"""`python -m benchmarks.campaign`: mutated frames and mutated byte streams, and whether anything raises.

Each frame goes to a `Connection` of its version, role and validation mode that has a call in flight. Each
stream, handshake included, goes to a `CsmsWebSocket` or to a `StationWebSocket`. Another seed gives other
inputs; the same gives the same, but for the keys of the handshakes, which websockets makes up.

Exit code: 0 if nothing raised, 1 if something did.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from random import Random
from time import perf_counter
from typing import Any

from ocpp_sansio import (
    CallReceived,
    Config,
    Connection,
    ErrorCode,
    LocalProtocolError,
    Role,
    Validation,
    Version,
)
from ocpp_sansio.messages import catalog
from ocpp_sansio.testing import HOSTILE, corners, every_bad_frame
from ocpp_sansio.testing.shapes import minimal, write_json
from ocpp_sansio.websocket import (
    CsmsWebSocket,
    HandshakeReceived,
    StationWebSocket,
    WebSocketConfig,
)

FRAMES, STREAMS = 1_000_000, 200_000

OWN_ID = "own"
"""The id of our call in flight, which mutated answers have."""

MAX_FAULTS = 20
"""Inputs that raised, after which a campaign ends: there is enough to mend."""

SHOWN = 200
"""Characters of such an input that are printed."""

LONGEST = 20_000
"""Bytes of a mutated message: what is long is slow, and no worse for it."""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    faults: list[str] = []
    for what, count, inputs in (
        ("frames", options.frames, mutated_frames),
        ("streams", options.streams, mutated_streams),
    ):
        started = perf_counter()
        played = play(inputs(Random(options.seed)), count, faults, _progress(what, count))
        seconds = perf_counter() - started
        print(
            f"{played} mutated {what} in {seconds:.0f} s, {played / max(seconds, 1e-9):.0f} a second"
        )
    print("\n".join(faults) if faults else "Nothing raised.")
    return 1 if faults else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.campaign",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--frames", type=int, default=FRAMES, metavar="N", help="default %(default)s"
    )
    parser.add_argument(
        "--streams", type=int, default=STREAMS, metavar="N", help="default %(default)s"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default 0")
    return parser


def _progress(what: str, count: int) -> Callable[[int], None]:
    def show(number: int) -> None:
        if number % 1000 == 0 and sys.stderr.isatty():
            sys.stderr.write(f"\r{number}/{count} {what} \x1b[K")

    return show


Trial = tuple[str, bytes, Callable[[bytes], None]]
"""What is played, for people, the input, and what takes it."""


def play(
    trials: Iterator[Trial], count: int, faults: list[str], progress: Callable[[int], None]
) -> int:
    """Play at most `count` trials; what raised goes into `faults`. Returns how many were played."""
    for number in range(count):
        if len(faults) >= MAX_FAULTS:
            return number
        what, data, take = next(trials)
        progress(number)
        try:
            take(data)
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            faults.append(f"{type(error).__name__} of {what}: {shown(data)}")
    return count


def shown(data: bytes) -> str:
    text = ascii(data)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(data)} bytes)"


# --- frames -------------------------------------------------------------------------------------------


def mutated_frames(chance: Random) -> Iterator[Trial]:
    takers = [
        (version, role, mode, _taker(version, role, mode))
        for version in Version
        for role in Role
        for mode in Validation
    ]
    pools = {(version, role): frames_to(version, role) for version in Version for role in Role}
    while True:
        for version, role, mode, take in takers:
            data = mutated(chance, pools[version, role])
            yield f"{version.value} {role} {mode}", data, take


def frames_to(version: Version, role: Role) -> list[bytes]:
    """Return whole messages that a role may get: good ones of every action, bad ones, hostile ones."""
    found = [bad.data for bad in every_bad_frame(version, role)]
    found += [data for data in HOSTILE.values() if len(data) <= LONGEST]
    for action in catalog(version).values():
        if action.direction in role.receives:
            kind = 2 if action.kind == "CALL" else 6
            samples = sorted((write_json(payload) for payload in corners(action.request)), key=len)[
                :6
            ]
            found += [b'[%d,"1","%b",%b]' % (kind, action.name.encode(), text) for text in samples]
        if action.direction in role.sends and action.response:
            samples = [write_json(payload) for payload in corners(action.response)][:3]
            found += [b'[3,"%b",%b]' % (OWN_ID.encode(), text) for text in samples]
    found += [
        b'[%d,"%b","InternalError","why",{"a":[1.5]}]' % (kind, OWN_ID.encode()) for kind in (4, 5)
    ]
    return [data for data in found if len(data) <= LONGEST]


def _taker(version: Version, role: Role, mode: Validation) -> Callable[[bytes], None]:
    config = Config(
        validation=mode,
        new_message_id=lambda: OWN_ID,
        allow_extra_elements=mode is Validation.LENIENT,
        vendor_actions=frozenset() if mode is Validation.STRICT else {"*"},
    )
    connection = Connection(role, config=config)
    connection.connected(version, now=0)
    requests = [
        action.request
        for action in catalog(version).values()
        if action.direction in role.sends and action.response
    ]
    turn = Random(0)

    def take(data: bytes) -> None:
        if connection.outstanding_call is None:
            connection.send_call(minimal(turn.choice(requests)), now=0)  # type: ignore[arg-type]
        connection.received(data, now=0)
        for event in connection.events():
            repr(event)
            if isinstance(event, CallReceived):
                _answer(connection, event)
        connection.frames_to_send()

    return take


def _answer(connection: Connection, call: CallReceived) -> None:
    try:  # what comes back is what came: nearly always wrong, and never more than that
        connection.send_call_result(call, call.payload, now=0)  # type: ignore[arg-type]
    except LocalProtocolError:
        connection.send_call_error(call, ErrorCode.NOT_SUPPORTED, now=0)


# --- how inputs are bent --------------------------------------------------------------------------------

_VALUE = re.compile(
    rb'(?<=[\[,:])(?:-?[0-9][-+.0-9eE]*+|"[^"\\]*+"|true|false|null|\{\}|\[\])(?=[\],}])'
)
_PIECES = (
    *(b"NaN", b"-Infinity", b"null", b"true", b"{}", b"[]", b'""', b'"\\ud800"', b"\xff", b"\x00"),
    *(b'"9999-12-31T23:59:59-01:00"', b'"0001-01-01T00:00:00+01:00"', b'"2016-12-31T23:59:60Z"'),
    *(b'"1e1000000000000000000"', b"[" * 100, b'{"a":' * 50, b'"-1"', b'"sNaN"'),
)


def wild_number(chance: Random) -> bytes:
    """Return a number with any exponent and any count of digits."""
    whole = chance.choice(
        ["0", "1", "9" * chance.choice([1, 19, 20, 309, 310, 400, 640, 4300, 4301])]
    )
    fraction = chance.choice(["", "", ".0", "." + "3" * chance.choice([1, 400, 5000])])
    exponent = chance.choice(
        ["", f"{chance.choice('eE')}{chance.choice(['', '+', '-'])}{_digits(chance)}"]
    )
    return f"{chance.choice(['', '-'])}{whole}{fraction}{exponent}".encode()


def _digits(chance: Random) -> int:
    return chance.choice(
        [0, 1, 307, 308, 309, 324, 325, chance.randrange(10 ** chance.randrange(1, 30))]
    )


def mutated(chance: Random, pool: list[bytes]) -> bytes:
    data = chance.choice(pool)
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        data = chance.choice(_WAYS)(chance, data, pool)[:LONGEST]
    return data


def _replace_value(chance: Random, data: bytes, _: list[bytes]) -> bytes:
    places = [found.span() for found in _VALUE.finditer(data)]
    piece = wild_number(chance) if chance.random() < 0.7 else chance.choice(_PIECES)
    if not places:
        return piece
    start, end = chance.choice(places)
    return data[:start] + piece + data[end:]


def _cut(chance: Random, data: bytes, _: list[bytes]) -> bytes:
    start, end = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    return data[:start] + data[end:]


def _turn_bytes(chance: Random, data: bytes, _: list[bytes]) -> bytes:
    bent = bytearray(data)
    for _try in range(chance.choice([1, 1, 3])):
        if bent:
            bent[chance.randrange(len(bent))] = chance.randrange(256)
    return bytes(bent)


def _insert(chance: Random, data: bytes, _: list[bytes]) -> bytes:
    at = chance.randint(0, len(data))
    return (
        data[:at] + chance.choice([*_PIECES, wild_number(chance), chance.randbytes(4)]) + data[at:]
    )


def _splice(chance: Random, data: bytes, pool: list[bytes]) -> bytes:
    other = chance.choice(pool)
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def _repeat(chance: Random, data: bytes, _: list[bytes]) -> bytes:
    start, end = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    return data[:end] + data[start:end] * chance.choice([1, 2, 10]) + data[end:]


_WAYS = (_replace_value, _replace_value, _cut, _turn_bytes, _insert, _splice, _repeat)


# --- streams --------------------------------------------------------------------------------------------


def mutated_streams(chance: Random) -> Iterator[Trial]:
    pools = {(version, role): frames_to(version, role) for version in Version for role in Role}
    while True:
        for version in Version:
            for role in Role:
                websocket = WebSocketConfig(compression=chance.random() < 0.5)
                pool = pools[version, role]
                messages = [
                    mutated(chance, pool) if chance.random() < 0.3 else chance.choice(pool)
                    for _ in range(chance.randint(0, 4))
                ]
                link, head = _handshake(version, role, websocket)
                body = b"".join(_websocket_frame(chance, data, role) for data in messages)
                if chance.random() < 0.5:
                    data = mutated(chance, [head + body])
                else:
                    data = head + mutated(chance, [body])
                yield f"{version.value} stream to a {role}", data, _stream_taker(link, chance)


def _handshake(version: Version, role: Role, websocket: WebSocketConfig) -> tuple[Any, bytes]:
    """Return a link of a role, and the head that the other side would send it."""
    station = StationWebSocket(
        "ws://h/o", identity="CP1", versions=[version], websocket=websocket, password=b"x" * 16
    )
    csms = CsmsWebSocket(versions=[version], websocket=websocket)
    station.start(now=0)
    csms.start(now=0)
    request = b"".join(station.data_to_send())
    if role is Role.CSMS:
        return csms, request
    csms.receive_data(request, now=0)
    csms.accept(now=0)
    return station, b"".join(csms.data_to_send())


def _websocket_frame(chance: Random, data: bytes, role: Role) -> bytes:
    """Return a frame, nearly always a text message; what goes to a CSMS is masked, with zeros."""
    opcode = chance.choice(
        [0x81] * 8 + [0x82, 0x89, 0x8A, 0x88, 0x01, 0x80, 0xC1, chance.randrange(256)]
    )
    mask, key = (0x80, bytes(4)) if role is Role.CSMS else (0, b"")
    if len(data) < 126:
        return bytes([opcode, mask | len(data)]) + key + data
    return bytes([opcode, mask | 126]) + len(data).to_bytes(2, "big") + key + data


def _stream_taker(link: Any, chance: Random) -> Callable[[bytes], None]:
    step = chance.choice([1 << 20, 1 << 20, 700, 7])

    def take(data: bytes) -> None:
        now = 1.0
        for start in range(0, len(data), step):
            link.receive_data(data[start : start + step], now=now)
            for event in link.events():
                repr(event)
                if isinstance(event, HandshakeReceived):
                    link.accept(now=now)
        link.receive_eof(now=now)
        link.events()
        link.data_to_send()

    return take


if __name__ == "__main__":
    sys.exit(main())
