"""A WebSocket to the peer under test, with blocking calls: anything can be sent over it, right or wrong."""

import ipaddress
import queue
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException
from websockets.sync.client import connect
from websockets.sync.connection import Connection as WebSocket
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from ocpp_sansio.core import Version, plain, quote

__all__ = [
    "AnyWire",
    "Dialer",
    "Gone",
    "Listener",
    "Opener",
    "Unreachable",
    "Wire",
    "host_of",
    "is_loopback",
]

PATIENCE: Final = 0.3
"""Seconds in which a peer that was told to do something is expected to begin."""

FEW_RECONNECTS: Final = 3
"""Times that a station is made to connect again by a story: it takes its time."""

MAX_MESSAGE_SIZE = 16 * 1024 * 1024
"""Bytes of an answer that are read; more than any answer of OCPP has."""

CLOSE_TIMEOUT = 2.0
"""Seconds that a peer gets for the closing handshake."""


class Unreachable(Exception):  # noqa: N818 - it is what the peer is
    """There is nobody to fuzz."""


class Gone(Exception):  # noqa: N818 - it is what the peer is
    """The peer has closed the connection, or dropped it."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__()
        self.code = code
        """The close code; None without a closing handshake."""
        self._reason = reason

    def __str__(self) -> str:
        if self.code is None:
            return "without a closing handshake"
        return f"with code {self.code}" + (f", {quote(self._reason)}" if self._reason else "")


def _gone(cause: ConnectionClosed) -> Gone:
    close = cause.rcvd
    return Gone(close.code, close.reason) if close else Gone(None)


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine, told without asking a name server."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class AnyWire(Protocol):
    """One connection, over whatever it goes."""

    version: Version
    patience: float
    """Seconds in which a peer that was told to do something is expected to begin."""

    def now(self) -> float:
        """Return the seconds of the connection's clock."""
        ...

    def send(self, data: bytes, /) -> None:
        """Send one text message; raises Gone."""

    def receive(self, seconds: float, /) -> bytes | None:
        """Return the next message, or None if none comes in time; raises Gone."""
        ...

    def close(self) -> None:
        """Close the connection; never raises."""


class Opener(Protocol):
    """What opens connections to one peer."""

    reconnects: int
    """How often a story may have the line go and come back."""

    @property
    def address(self) -> str:
        """Where the peer is."""
        ...

    def open(self, seconds: float, /) -> AnyWire:
        """Return a new connection; raises Unreachable."""
        ...


class Wire:
    """One connection over a WebSocket."""

    patience = PATIENCE

    def __init__(self, socket: WebSocket, version: Version, closing: ExitStack) -> None:
        """Take over an open WebSocket; `closing` is what closes it."""
        self.version = version
        """What was agreed on."""
        self._socket = socket
        self._closing = closing

    def now(self) -> float:
        """Return the seconds of the connection's clock."""
        return monotonic()

    def send(self, data: bytes) -> None:
        """Send one text message, UTF-8 or not; raises Gone."""
        try:
            self._socket.send(data, text=True)
        except ConnectionClosed as error:
            raise _gone(error) from None

    def receive(self, seconds: float) -> bytes | None:
        """Return the next message, or None if none comes in time; raises Gone."""
        try:
            return self._socket.recv(max(seconds, 0), decode=False)
        except TimeoutError:
            return None
        except ConnectionClosed as error:
            raise _gone(error) from None

    def close(self) -> None:
        """Close the connection; never raises."""
        self._closing.close()


class Dialer:
    """Plays the station: opens connections to a CSMS."""

    reconnects = sys.maxsize

    def __init__(self, url: str, versions: list[Version], headers: dict[str, str]) -> None:
        self._url = url
        self._versions = versions
        self._headers = headers

    @property
    def address(self) -> str:
        """Where the peer is."""
        return self._url

    def open(self, seconds: float) -> Wire:
        """Return a new connection; raises Unreachable."""
        closing = ExitStack()
        try:
            socket = closing.enter_context(
                connect(
                    self._url,
                    subprotocols=[Subprotocol(version.subprotocol) for version in self._versions],
                    additional_headers=self._headers,
                    compression=None,
                    open_timeout=seconds,
                    close_timeout=CLOSE_TIMEOUT,
                    ping_interval=None,
                    max_size=MAX_MESSAGE_SIZE,
                )
            )
        except (OSError, WebSocketException, ValueError) as error:
            what = "the handshake failed: " if isinstance(error, InvalidHandshake) else ""
            raise Unreachable(f"{self._url}: {what}{plain(str(error))}") from error
        return Wire(socket, _agreed(socket, self._versions), closing)


class Listener:
    """Plays the CSMS: waits for a station to connect, as often as it does."""

    reconnects = FEW_RECONNECTS

    def __init__(self, address: str, versions: list[Version]) -> None:
        self.address = address
        """Where we listen."""
        self._versions = versions
        self._arrived: queue.Queue[tuple[Wire, threading.Event]] = queue.Queue()
        self._current: threading.Event | None = None

    @contextmanager
    def listening(self, host: str, port: int) -> Iterator[int]:
        """Listen while the block runs; yields the port."""
        offered = [Subprotocol(version.subprotocol) for version in self._versions]
        with serve(
            self._serve,
            host,
            port,
            subprotocols=offered,
            compression=None,
            close_timeout=CLOSE_TIMEOUT,
            ping_interval=None,
            max_size=MAX_MESSAGE_SIZE,
        ) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield server.socket.getsockname()[1]
            finally:
                self._let_go()
                server.shutdown()
                thread.join()

    def open(self, seconds: float) -> Wire:
        """Return the next connection; raises Unreachable if no station comes in time."""
        self._let_go()
        try:
            wire, self._current = self._arrived.get(timeout=seconds)
        except queue.Empty:
            raise Unreachable(f"no station connected to {self.address} in {seconds:g} s") from None
        return wire

    def _serve(self, socket: ServerConnection) -> None:
        done = threading.Event()
        closing = ExitStack()
        closing.callback(socket.close)
        wire = Wire(socket, _agreed(socket, self._versions), closing)
        self._arrived.put((wire, done))
        done.wait()  # the connection lives as long as this function

    def _let_go(self) -> None:
        if self._current:
            self._current.set()
            self._current = None
        while not self._arrived.empty():
            _, done = self._arrived.get_nowait()
            done.set()


def _agreed(socket: Any, versions: list[Version]) -> Version:
    """Return the version of a connection; a peer that names none gets the only one that we offered."""
    return Version.parse(socket.subprotocol) if socket.subprotocol else versions[0]


def host_of(url: str) -> str:
    """Return the host of a ws:// or wss:// URL; raises ValueError for any other."""
    parts = urlsplit(url)
    if parts.scheme not in {"ws", "wss"} or not parts.hostname:
        raise ValueError(f"not a ws:// or wss:// URL: {url!r}")
    return parts.hostname
