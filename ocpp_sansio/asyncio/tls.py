"""TLS between a TCP transport and the wire inside it, on asyncio and uvloop alike.

asyncio's own keeps a buffer of 256 KiB for each connection, whether anything comes or not. This one reads
into the buffer that all connections of a loop share, and holds what OpenSSL needs and no more; what the
wire inside writes, pauses and closes goes straight through.
"""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, cast

__all__ = ["TlsBridge"]


class _Inside(Protocol):
    """What the bytes inside TLS belong to: the methods of `asyncio.BufferedProtocol`, and a transport."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None: ...
    def get_buffer(self, sizehint: int) -> memoryview: ...
    def buffer_updated(self, nbytes: int) -> None: ...
    def eof_received(self) -> bool: ...
    def connection_lost(self, exc: Exception | None) -> None: ...
    def pause_writing(self) -> None: ...
    def resume_writing(self) -> None: ...


class TlsBridge(asyncio.BufferedProtocol):
    """The protocol of a TCP transport, and the way to it for the wire inside."""

    def __init__(
        self,
        inside: _Inside,
        context: ssl.SSLContext,
        *,
        server_side: bool,
        handshake_timeout: float,
        on_end: Callable[[Exception | None], None],
        server_hostname: str | None = None,
    ) -> None:
        """Make one; raises ValueError for a host name that no certificate can have.

        `on_end` is told, exactly once, when the handshake has come to its end: with None once TLS is
        established (`inside.connection_made` follows), or with the error, which may take `handshake_timeout`
        seconds.
        """
        self._inside = inside
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.ssl = context.wrap_bio(
            self._incoming, self._outgoing, server_side=server_side, server_hostname=server_hostname
        )
        self.tcp: asyncio.Transport
        self._handshake_timeout = handshake_timeout
        self._on_end = on_end
        self._has_ended = False
        self._is_secured = False
        self._deadline: asyncio.TimerHandle | None = None

    # --- what TCP does -----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake."""
        self.tcp = cast("asyncio.Transport", transport)
        self._inside.transport = _SecuredTransport(self)
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._handshake_timeout, self._run_out)
        self._advance()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where the next bytes are to be put."""
        return self._inside.get_buffer(sizehint)

    def buffer_updated(self, nbytes: int) -> None:
        """Take encrypted bytes."""
        self._incoming.write(self._inside.get_buffer(nbytes)[:nbytes])
        self._advance()

    def eof_received(self) -> bool:
        """Take note that TCP brings no more."""
        if self._is_secured:
            return self._inside.eof_received()
        self._fail(ConnectionResetError("the peer hung up during the TLS handshake"))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that TCP is gone."""
        if self._is_secured:
            self._inside.connection_lost(exc)
        else:
            self._fail(exc or ConnectionAbortedError("closed during the TLS handshake"))

    def pause_writing(self) -> None:
        """Pass on that the peer takes nothing."""
        if self._is_secured:
            self._inside.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that it does again."""
        if self._is_secured:
            self._inside.resume_writing()

    # --- what becomes of it ------------------------------------------------------------------------------

    def _advance(self) -> None:
        try:
            if self._is_secured or self._shake_hands():
                self._read()
        except ssl.SSLError as error:
            self._break(error)
        self.flush()

    def _shake_hands(self) -> bool:
        """Go on with the handshake; return whether it is done."""
        try:
            self.ssl.do_handshake()
        except ssl.SSLWantReadError:
            return False
        self._is_secured = True
        self.flush()
        self._end(None)
        self._inside.connection_made(self._inside.transport)
        return True

    def _read(self) -> None:
        """Give the wire what has been decrypted: not more than TCP has brought at once."""
        while not self.tcp.is_closing():
            buffer = self._inside.get_buffer(-1)
            try:
                size = cast("int", self.ssl.read(len(buffer), buffer))
            except ssl.SSLWantReadError:
                return
            except ssl.SSLZeroReturnError:
                size = 0
            if not size:
                self._inside.eof_received()
                return
            self._inside.buffer_updated(size)

    def _break(self, error: ssl.SSLError) -> None:
        self.flush()  # the alert that says why
        if not self._is_secured:
            self._fail(error)
        elif not self.tcp.is_closing():
            self.tcp.abort()

    def _run_out(self) -> None:
        self._fail(TimeoutError("the TLS handshake took too long"))

    def _fail(self, error: Exception) -> None:
        # Close, not abort: the alert is to arrive. Nobody reads any more, so nothing is held.
        self.tcp.close()
        self._end(error)

    def _end(self, error: Exception | None) -> None:
        if self._deadline:
            self._deadline.cancel()
        if not self._has_ended:
            self._has_ended = True
            self._on_end(error)

    def flush(self) -> None:
        """Write what is encrypted."""
        if self._outgoing.pending and not self.tcp.is_closing():
            self.tcp.write(self._outgoing.read())


class _SecuredTransport(asyncio.Transport):
    """The transport of the wire inside."""

    def __init__(self, bridge: TlsBridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._is_closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt bytes, and write them."""
        if self.is_closing():
            return
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._bridge.ssl.write(rest) :]
        except ssl.SSLError:  # the peer has ended TLS
            self.abort()
            return
        self._bridge.flush()

    def can_write_eof(self) -> bool:
        """Return False: TLS knows no half-close."""
        return False

    def close(self) -> None:
        """Say that there will be no more, and close TCP once all is written."""
        if self._is_closing:
            return
        self._is_closing = True
        with suppress(ssl.SSLError):  # the peer's own word is not waited for
            self._bridge.ssl.unwrap()
        self._bridge.flush()
        self._bridge.tcp.close()

    def abort(self) -> None:
        """Drop TCP, and what was to be written with it."""
        self._is_closing = True
        self._bridge.tcp.abort()

    def is_closing(self) -> bool:
        """Whether there will be no more."""
        return self._is_closing or self._bridge.tcp.is_closing()

    def pause_reading(self) -> None:
        """Take no more from TCP."""
        self._bridge.tcp.pause_reading()

    def resume_reading(self) -> None:
        """Take more."""
        if not self._bridge.tcp.is_closing():
            self._bridge.tcp.resume_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set how many encrypted bytes may wait."""
        self._bridge.tcp.set_write_buffer_limits(high=high, low=low)

    def get_write_buffer_size(self) -> int:
        """Return how many encrypted bytes wait."""
        return self._bridge.tcp.get_write_buffer_size()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what is known of the connection, "peercert" and "ssl_object" included."""
        if name == "peercert":
            return self._bridge.ssl.getpeercert()
        if name == "ssl_object":
            return self._bridge.ssl
        return self._bridge.tcp.get_extra_info(name, default)
