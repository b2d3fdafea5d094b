"""What attackers, storms and honest stations do to a CSMS, with raw sockets and nothing of the library.

Shared by `tests/abuse` and `python -m benchmarks abuse`. As a program it plays one role in a process of its
own: `python attacks.py flood NAME --port N`, `honest`, `newcomer`, `storm` or `idle`. Each reports lines of
JSON: one once it is under way, one with what came of it (`storm`: only that). It ends when its time is up or
after a line on stdin, and at once when stdin is closed. All is bounded, in connections, bytes and seconds.
"""

import argparse
import json
import os
import resource
import select
import selectors
import socket
import ssl
import struct
import sys
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from statistics import median
from time import monotonic, sleep
from typing import Any

HOST = "127.0.0.1"
MEGABYTE = 1_000_000
HEARTBEAT_EVERY = 0.05
DIAL_EVERY = 0.25

CONTINUATION, TEXT, CLOSE, PING, PONG = 0x0, 0x1, 0x8, 0x9, 0xA

NO_CLOSE_FRAME = "no close frame"
RESET = "reset"

LAST_ID = b"the-last-of-the-burst"

# --- a client's WebSocket, as bytes -------------------------------------------------------------------


def request(identity: str, subprotocol: str = "ocpp1.6", *, is_compressed: bool = False) -> bytes:
    """Return a station's opening handshake."""
    extensions = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if is_compressed else ""
    return (
        f"GET /ocpp/{identity} HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: {subprotocol}\r\n{extensions}\r\n"
    ).encode()


def frame(
    opcode: int, payload: bytes, *, is_final: bool = True, is_compressed: bool = False
) -> bytes:
    """Return a masked frame; its masking key is zero, so that the payload stays as it is."""
    head = bytearray([is_final << 7 | is_compressed << 6 | opcode])
    if len(payload) < 126:
        head.append(0x80 | len(payload))
    elif len(payload) < 65536:
        head += struct.pack("!BH", 0x80 | 126, len(payload))
    else:
        head += struct.pack("!BQ", 0x80 | 127, len(payload))
    return bytes(head) + bytes(4) + payload


def deflated(payload: bytes) -> bytes:
    """Return a compressed text frame."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH)
    return frame(TEXT, data[:-4], is_compressed=True)


def in_fragments(payload: bytes) -> bytes:
    """Return a text message in fragments of one byte each."""
    last = len(payload) - 1
    return b"".join(
        frame(CONTINUATION if index else TEXT, payload[index : index + 1], is_final=index == last)
        for index in range(len(payload))
    )


class Reader:
    """Takes a server's bytes apart: first its answer to the handshake, then its frames."""

    def __init__(self) -> None:
        self.status: int | None = None
        """Of the answer to the handshake; 101 lets us in."""
        self._unread = b""
        self._inflater = zlib.decompressobj(-15)

    def take(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Take bytes, return opcodes and payloads of the frames that are complete."""
        data = self._unread + data if self._unread else data
        if self.status is None:
            head, end, rest = data.partition(b"\r\n\r\n")
            if not end:
                self._unread = data
                return
            self.status = int(head[9:12])
            data = rest
        start = 0
        while len(data) - start >= 2:
            length, at = data[start + 1], start + 2
            if length == 126:
                length, at = int.from_bytes(data[at : at + 2], "big"), at + 2
            elif length == 127:
                length, at = int.from_bytes(data[at : at + 8], "big"), at + 8
            if len(data) < at + length:
                break
            payload = data[at : at + length]
            if data[start] & 0x40:
                payload = self._inflater.decompress(payload + b"\x00\x00\xff\xff")
            yield data[start] & 0x0F, payload
            start = at + length
        self._unread = data[start:]


# --- the messages -------------------------------------------------------------------------------------


def call(number: int, action: str = "Heartbeat", payload: str = "{}") -> bytes:
    """Return a CALL with an id of its own."""
    return f'[2,"{number:08}","{action}",{payload}]'.encode()


def last_call() -> bytes:
    """Return the frame that ends a burst: once it is answered, all before it has been served."""
    return frame(TEXT, b'[2,"%b","Heartbeat",{}]' % LAST_ID)


def frames_of(
    size: int, make: Callable[[int], bytes], wrap: Callable[[bytes], bytes] | None = None
) -> bytes:
    """Return as many text frames as come to about `size` bytes."""
    wrap = wrap or (lambda payload: frame(TEXT, payload))
    count = max(1, size // len(wrap(make(0))))
    return b"".join(wrap(make(number)) for number in range(count))


def bombs(size: int, message_size: int) -> bytes:
    """Return compressed messages, `size` bytes in all; each inflates to `message_size` bytes of `{},`."""
    bomb = deflated(b"[" + b"{}," * (message_size // 3 - 2) + b"{}]")
    return bomb * max(1, size // len(bomb))


def padded_call(size: int) -> bytes:
    """Return a valid Heartbeat of exactly so many bytes."""
    short = call(0)
    return short[:-2] + b" " * (size - len(short)) + short[-2:]


_STREAM_DATA = '{"id":1,"pending":0,"basetime":"2026-01-01T00:00:00Z","data":[{"t":0,"v":"1"}]}'


# --- the attacks --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attack:
    """What so many connections do, all the same."""

    connections: int
    frames: bytes = b""
    """Sent once the handshake is through."""
    is_repeated: bool = False
    """Over and over, until the time is up; else once, and then the connection is held."""
    reads: bool = True
    redial_seconds: float | None = None
    """After this long a connection that was closed is dialled again; None: never."""
    is_compressed: bool = False
    subprotocol: str = "ocpp1.6"
    opening: bytes | None = None
    """In the place of a handshake; nothing else is sent."""
    is_burst: bool = False
    """Over as soon as all its connections are closed or have had the answer to the last of their calls."""


def _burst(connections: int, frames: bytes, **options: Any) -> Attack:
    return Attack(connections, frames + last_call(), is_burst=True, **options)


def _flood(connections: int, frames: bytes, **options: Any) -> Attack:
    return Attack(connections, frames, is_repeated=True, redial_seconds=0.05, **options)


_SLICE = 64_000
"""Bytes that a flood repeats."""


def _calls(size: int) -> bytes:
    return frames_of(size, call)


@dataclass(frozen=True)
class Sizes:
    """What an attack is made for."""

    message: int
    """Bytes of the largest message that is to be sent."""
    part: float
    """Of a burst, how much is sent."""

    def part_of(self, size: int) -> int:
        return int(self.part * size)


ATTACKS: dict[str, Callable[["Sizes"], Attack]] = {
    # A2
    "6 MB at once": lambda sizes: _burst(1, _calls(sizes.part_of(6 * MEGABYTE))),
    "20 x 250 kB": lambda sizes: _burst(20, _calls(sizes.part_of(MEGABYTE // 4))),
    "20 x 250 kB of x": lambda sizes: _burst(
        20, frames_of(sizes.part_of(MEGABYTE // 4), lambda _: b"x")
    ),
    "bombs at once": lambda sizes: _burst(
        1, bombs(sizes.part_of(MEGABYTE // 4), sizes.message), is_compressed=True
    ),
    "bombs": lambda sizes: _flood(8, bombs(_SLICE, sizes.message), is_compressed=True),
    "never read": lambda _: _flood(50, _calls(_SLICE), reads=False),
    "calls": lambda _: _flood(8, _calls(_SLICE)),
    "unknown member": lambda _: _flood(
        8, frames_of(_SLICE, lambda number: call(number, payload='{"x":1}'))
    ),
    "raises": lambda _: _flood(
        8, frames_of(_SLICE, lambda number: call(number, "Authorize", '{"idTag":"x"}'))
    ),
    "fragments": lambda _: _flood(8, frames_of(_SLICE, call, in_fragments)),
    "pings": lambda _: _flood(8, frame(PING, b"x" * 125) * 500),
    "bad JSON": lambda _: _flood(8, frames_of(_SLICE, lambda _: b"[2,")),
    # A3
    "sends": lambda _: _flood(
        1,
        frames_of(
            _SLICE,
            lambda number: f'[6,"{number:08}","NotifyPeriodicEventStream",{_STREAM_DATA}]'.encode(),
        ),
        subprotocol="ocpp2.1",
    ),
    "one that calls": lambda _: _flood(1, _calls(_SLICE)),
    # A4
    # A few more than may be in their handshake by default.
    "silent": lambda _: Attack(1_100, opening=b""),
    "silent, redialled": lambda _: Attack(1_100, opening=b"", redial_seconds=0.1),
    # A5
    "answers to nothing": lambda _: _flood(
        8,
        frames_of(_SLICE, lambda _: b'[5,"' + b"x" * 10_000 + b'","FormatViolation","",{}]'),
        subprotocol="ocpp2.1",
    ),
    # A7
    "one never reads": lambda _: _flood(1, _calls(_SLICE), reads=False),
    "half-open TLS": lambda _: Attack(1_000, opening=half_a_client_hello()),
    "largest message": lambda sizes: Attack(
        500, frame(TEXT, padded_call(sizes.message)) + last_call()
    ),
    "unfinished message": lambda sizes: Attack(500, frame(TEXT, padded_call(sizes.message))[:-1]),
}
"""By name; each is made for the sizes that are wanted."""


def attack(
    name: str,
    *,
    message_size: int = MEGABYTE,
    part: float = 1.0,
    connections: int | None = None,
    is_once: bool = False,
) -> Attack:
    """Return an attack, with as many connections as are wanted in the place of its own number.

    `is_once` makes a burst of a flood: what it would repeat is sent once.
    """
    made = ATTACKS[name](Sizes(message_size, part))
    if is_once:
        made = _burst(
            made.connections,
            made.frames,
            is_compressed=made.is_compressed,
            subprotocol=made.subprotocol,
        )
    return replace(made, connections=connections) if connections else made


def half_a_client_hello() -> bytes:
    """Return the first half of what a TLS client says."""
    outgoing = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=HOST)
    with suppress(ssl.SSLWantReadError):
        client.do_handshake()
    hello = outgoing.read()
    return hello[: len(hello) // 2]


# --- the flood ----------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What came of a flood."""

    dialled: int = 0
    admitted: int = 0
    sent: int = 0
    """Bytes after the handshakes."""
    answers: int = 0
    """Text messages that came."""
    served: int = 0
    """Connections whose last call of a burst was answered."""
    held: int = 0
    """Connections that are open at the end."""
    ends: Counter[str] = field(default_factory=Counter)
    """How often a connection ended with which status or close code, by a reset, or without a close frame."""


class _Attacker:
    """One connection."""

    def __init__(self, attack: Attack, port: int, number: int) -> None:
        self._attack = attack
        self.number = number
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex((HOST, port))
        opening = attack.opening
        self._unsent = memoryview(
            request(f"A{number:05}", attack.subprotocol, is_compressed=attack.is_compressed)
            if opening is None
            else opening
        )
        self.reader = Reader()
        self.is_sending = False
        self.is_served = False
        self.close_code: int | None = None

    def wanted(self) -> int:
        """Return the selector's events that matter now."""
        events = selectors.EVENT_READ if self._attack.reads or not self.is_sending else 0
        if self._unsent or (self.is_sending and self._attack.is_repeated):
            events |= selectors.EVENT_WRITE
        return events

    def send(self, tally: Tally) -> None:
        if not self._unsent and self.is_sending and self._attack.is_repeated:
            self._unsent = memoryview(self._attack.frames)
        if not self._unsent:
            return
        count = self.socket.send(self._unsent)
        self._unsent = self._unsent[count:]
        if self.is_sending:
            tally.sent += count

    def receive(self, tally: Tally) -> bool:
        """Read once; return whether the connection lives."""
        data = self.socket.recv(262_144)
        for opcode, payload in self.reader.take(data):
            if opcode == TEXT:
                tally.answers += 1
                if LAST_ID in payload[:40] and not self.is_served:
                    self.is_served = True
                    tally.served += 1
            elif opcode == CLOSE:
                self.close_code = int.from_bytes(payload[:2], "big")
        if self.reader.status == 101 and not self.is_sending:
            self.is_sending = True
            self._unsent = memoryview(self._attack.frames)
            tally.admitted += 1
        return bool(data) and self.reader.status in (None, 101)

    def end(self) -> str:
        """Return how the server ended it."""
        if self.reader.status not in (None, 101):
            return str(self.reader.status)
        return NO_CLOSE_FRAME if self.close_code is None else str(self.close_code)


class Flood:
    """Plays an attack."""

    def __init__(self, attack: Attack, port: int, *, max_bytes: int = 2_000 * MEGABYTE) -> None:
        self._attack, self._port, self._max_bytes = attack, port, max_bytes
        self._selector = selectors.DefaultSelector()
        self._due: deque[tuple[float, int]] = deque()
        """When to dial again, and as whom."""
        self._alive: dict[int, _Attacker] = {}
        self.tally = Tally()

    def run(self, seconds: float, *, is_over: Callable[[], bool] = lambda: False) -> Tally:
        """Attack until the time is up, the bytes are spent, a burst is through or `is_over()`."""
        deadline = monotonic() + seconds
        try:
            self._dial_all()
            while monotonic() < deadline and not self._is_through() and not is_over():
                self._turn()
        finally:
            self.tally.held = len(self._alive)
            for attacker in list(self._alive.values()):
                self._drop(attacker)
            self._selector.close()
        return self.tally

    def _dial_all(self) -> None:
        for number in range(self._attack.connections):
            self._dial(number)
            if self._attack.opening is not None and number % 20 == 19:
                # A backlog that overflows would leave the server without some of those who say nothing.
                sleep(0.02)

    def _is_through(self) -> bool:
        if self.tally.sent >= self._max_bytes:
            return True
        is_all = all(attacker.is_served for attacker in self._alive.values())
        return self._attack.is_burst and is_all and not self._due and self._attack.reads

    def is_under_way(self) -> bool:
        """Whether all connections have been dialled and are through with their handshake, if any."""
        if self._attack.opening is not None:
            return self.tally.dialled >= self._attack.connections
        return self.tally.admitted + sum(self.tally.ends.values()) >= self._attack.connections

    def _turn(self, timeout: float = 0.05) -> None:
        now = monotonic()
        while self._due and self._due[0][0] <= now:
            self._dial(self._due.popleft()[1])
        for key, events in self._selector.select(timeout):
            self._serve(key.data, events)

    def _dial(self, number: int) -> None:
        attacker = _Attacker(self._attack, self._port, number)
        self.tally.dialled += 1
        self._alive[number] = attacker
        self._selector.register(
            attacker.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, attacker
        )

    def _serve(self, attacker: _Attacker, events: int) -> None:
        try:
            if events & selectors.EVENT_READ and not attacker.receive(self.tally):
                self._lose(attacker, attacker.end())
                return
            if events & selectors.EVENT_WRITE:
                attacker.send(self.tally)
        except BlockingIOError:
            pass
        except OSError:
            self._lose(attacker, attacker.end() if attacker.close_code else RESET)
            return
        wanted = attacker.wanted()
        if wanted:
            self._selector.modify(attacker.socket, wanted, attacker)
        else:  # neither reads nor writes: held until the end
            self._selector.unregister(attacker.socket)

    def _lose(self, attacker: _Attacker, end: str) -> None:
        self.tally.ends[end] += 1
        self._drop(attacker)
        if self._attack.redial_seconds is not None:
            self._due.append((monotonic() + self._attack.redial_seconds, attacker.number))

    def _drop(self, attacker: _Attacker) -> None:
        del self._alive[attacker.number]
        with suppress(KeyError):
            self._selector.unregister(attacker.socket)
        attacker.socket.close()


# --- those who mean well ------------------------------------------------------------------------------


class RefusedError(Exception):
    """The CSMS did not let a station in."""


class FrozenError(Exception):
    """Nothing came for as long as we would wait."""


class Station:
    """An honest station on a blocking socket. Raises RefusedError, FrozenError, or OSError."""

    def __init__(
        self, port: int, identity: str, *, is_tls: bool = False, patience: float = 20.0
    ) -> None:
        self._patience = patience
        self._reader = Reader()
        self._frames: deque[tuple[int, bytes]] = deque()
        self._socket: socket.socket = socket.create_connection((HOST, port), patience)
        try:
            if is_tls:
                self._socket = trusting_context().wrap_socket(self._socket, server_hostname=HOST)
            self._socket.sendall(request(identity))
            deadline = monotonic() + patience
            while self._reader.status is None:
                self._receive(deadline)
            if self._reader.status != 101:
                raise RefusedError(str(self._reader.status))  # noqa: TRY301 - it is to be closed as well
        except TimeoutError as error:
            self.close()
            raise FrozenError from error
        except BaseException:
            self.close()
            raise

    def heartbeat(self, number: int) -> None:
        """Call, and wait for the answer."""
        self._socket.sendall(frame(TEXT, call(number)))
        self._wait_for(f'[3,"{number:08}",'.encode())

    def _wait_for(self, start: bytes) -> None:
        deadline = monotonic() + self._patience
        while True:
            while self._frames:
                opcode, payload = self._frames.popleft()
                if opcode == PING:
                    self._socket.sendall(frame(PONG, payload))
                elif opcode == CLOSE:
                    raise ConnectionError(f"closed with {int.from_bytes(payload[:2], 'big')}")
                elif opcode == TEXT and payload.startswith(start):
                    return
            self._receive(deadline)

    def _receive(self, deadline: float) -> None:
        left = deadline - monotonic()
        if left <= 0:
            raise FrozenError
        self._socket.settimeout(left)
        try:
            data = self._socket.recv(65536)
        except TimeoutError as error:
            raise FrozenError from error
        if not data:
            raise (
                RefusedError("hung up")
                if self._reader.status is None
                else ConnectionError("hung up")
            )
        self._frames.extend(self._reader.take(data))

    def close(self) -> None:
        self._socket.close()


def trusting_context() -> ssl.SSLContext:
    """Return a client's context that takes any certificate: the server is our own."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@dataclass
class Waits:
    """How long those who mean well had to wait, in seconds."""

    waits: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    is_frozen: bool = False
    """The longest wait was not over when patience was."""

    def summary(self) -> dict[str, Any]:
        return {
            "longest": max(self.waits, default=0.0),
            "p50": median(self.waits) if self.waits else 0.0,
            "count": len(self.waits),
            "failures": dict(self.failures),
            "failed": sum(self.failures.values()),
            "frozen": self.is_frozen,
        }


def honest(
    port: int,
    *,
    is_tls: bool,
    seconds: float,
    patience: float,
    is_over: Callable[[float], bool],
    every: float = HEARTBEAT_EVERY,
    count: int | None = None,
) -> Waits:
    """Send a Heartbeat every 50 ms until `is_over(seconds to wait)`, or until so many are answered."""
    found = Waits()
    started = monotonic()
    deadline = started + seconds
    station = Station(port, "HONEST", is_tls=is_tls, patience=patience)
    try:
        station.heartbeat(0)
        say({"ready": True})
        while True:
            started = monotonic()
            station.heartbeat(len(found.waits) + 1)
            found.waits.append(monotonic() - started)
            if len(found.waits) == count or monotonic() > deadline:
                break
            if is_over(max(0.0, started + every - monotonic())):
                break
    except FrozenError:
        found.waits.append(monotonic() - started)
        found.is_frozen = True
    except (OSError, RefusedError) as error:
        found.failures[str(error)] += 1
    finally:
        station.close()
    return found


def newcomer(
    port: int,
    *,
    is_tls: bool,
    seconds: float,
    patience: float,
    is_over: Callable[[float], bool],
    every: float = DIAL_EVERY,
    count: int | None = None,
) -> Waits:
    """Dial every 250 ms, each time as somebody else, until `is_over(seconds to wait)`, or so many times."""
    found = Waits()
    deadline = monotonic() + seconds
    say({"ready": True})
    number = 0
    while True:
        started = monotonic()
        number += 1
        try:
            Station(port, f"N{number:05}", is_tls=is_tls, patience=patience).close()
        except FrozenError:
            found.waits.append(monotonic() - started)
            found.is_frozen = True
            return found
        except (OSError, RefusedError) as error:
            found.failures[str(error)] += 1
        else:
            found.waits.append(monotonic() - started)
        if number == count or monotonic() > deadline:
            return found
        if is_over(max(0.0, started + every - monotonic())):
            return found


def storm(port: int, count: int, *, seconds: float) -> dict[str, Any]:
    """Let many honest stations dial at once; each is content with one answered Heartbeat."""
    everybody = _burst(count, b"")
    started = monotonic()
    tally = Flood(everybody, port).run(seconds)
    return {
        "in": tally.served,
        "ends": dict(tally.ends),
        "reset": sum(tally.ends.values()),
        "seconds": monotonic() - started,
    }


def idle(port: int, count: int, *, is_tls: bool, first: int = 0) -> list[Station]:
    """Return stations that have had one answer each, and now say nothing."""
    stations = []
    for number in range(first, first + count):
        station = Station(port, f"I{number:05}", is_tls=is_tls)
        station.heartbeat(0)
        stations.append(station)
    return stations


# --- those who dial while a server leaves -------------------------------------------------------------


def dial(port: int, count: int) -> list[socket.socket]:
    """Return non-blocking sockets that have been dialled, and have sent their handshake."""
    sockets = []
    for number in range(count):
        dialled = socket.create_connection((HOST, port))
        dialled.setblocking(False)
        dialled.send(request(f"Z{number:05}"))
        sockets.append(dialled)
    return sockets


def call_on(sockets: list[socket.socket]) -> None:
    """Send a Heartbeat on each, if it still takes one."""
    for dialled in sockets:
        try:
            dialled.send(frame(TEXT, call(0)))
        except OSError:
            continue


@dataclass
class Left:
    """What is left of connections that should be none."""

    answered: int = 0
    """Whose Heartbeat was answered."""
    open: int = 0
    """Not closed by the server."""
    told: int = 0
    """Who were told 1001, that the server goes."""


def look_at(sockets: list[socket.socket]) -> Left:
    """Read all that has come on non-blocking sockets, and close them."""
    found = Left()
    for dialled in sockets:
        reader = Reader()
        while True:
            try:
                data = dialled.recv(65536)
            except BlockingIOError:
                found.open += 1
                break
            except OSError:
                break
            if not data:
                break
            for opcode, payload in reader.take(data):
                found.answered += opcode == TEXT
                found.told += opcode == CLOSE and payload[:2] == b"\x03\xe9"
        dialled.close()
    return found


# --- as a program -------------------------------------------------------------------------------------


def say(value: object) -> None:
    """Report to the parent."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def is_told_to_stop(seconds: float = 0.0) -> bool:
    """Wait so long for a line on stdin; leave at once if it was closed."""
    if not select.select([0], [], [], seconds)[0]:
        return False
    if not os.read(0, 1024):
        os._exit(0)
    return True


def _play_flood(arguments: argparse.Namespace) -> None:
    flood = Flood(
        attack(
            arguments.name,
            message_size=arguments.message_size,
            part=arguments.part,
            connections=arguments.count,
            is_once=arguments.once,
        ),
        arguments.port,
    )
    has_said = False

    def is_over() -> bool:
        nonlocal has_said
        if not has_said and flood.is_under_way():
            has_said = True
            say({"under way": True, "admitted": flood.tally.admitted})
        return is_told_to_stop()

    tally = flood.run(arguments.seconds, is_over=is_over)
    if not has_said:
        say({"under way": False, "admitted": tally.admitted})
    say(vars(tally))


def _play_idle(arguments: argparse.Namespace) -> None:
    stations = idle(
        arguments.port, arguments.count or 200, is_tls=arguments.tls, first=arguments.first
    )
    say({"ready": True})
    is_told_to_stop(arguments.seconds)
    for station in stations:
        station.close()
    say({"count": len(stations)})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=("flood", "honest", "newcomer", "storm", "idle"))
    parser.add_argument("name", nargs="?", choices=ATTACKS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--patience", type=float, default=25.0)
    parser.add_argument("--count", type=int)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--message-size", type=int, default=MEGABYTE)
    parser.add_argument("--part", type=float, default=1.0)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--every", type=float)
    parser.add_argument("--tls", action="store_true")
    arguments = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if arguments.role == "flood":
        _play_flood(arguments)
    elif arguments.role == "idle":
        _play_idle(arguments)
    elif arguments.role == "storm":
        say(storm(arguments.port, arguments.count or 2_000, seconds=arguments.seconds))
    else:
        is_honest = arguments.role == "honest"
        found = (honest if is_honest else newcomer)(
            arguments.port,
            is_tls=arguments.tls,
            seconds=arguments.seconds,
            patience=arguments.patience,
            is_over=is_told_to_stop,
            every=arguments.every or (HEARTBEAT_EVERY if is_honest else DIAL_EVERY),
            count=arguments.count,
        )
        say(found.summary())


if __name__ == "__main__":
    main()
