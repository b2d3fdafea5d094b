"""One connection to a NATS server: nats-py's, for what it does well, and thrown away when it ends.

nats-py finds its way through addresses, TLS, credentials and the parsing of what arrives. It also mends its
connection, buffers, and hands messages to tasks, and there it breaks what a `Bus` promises:

- what is published while the connection is mended is sent later, also when nobody waits for it any more;
- a `flush` that was cancelled or timed out ends the loop that reads, for good, and `is_connected` stays True;
  so does any exception in that loop;
- each subscription has a queue and a task of its own (5 KiB), so that messages of two subscriptions overtake
  each other, and the answer to a PING says nothing of what was handed out before it;
- who waits for a reply when the connection goes waits for the whole of his timeout;
- a task that is cancelled while it connects goes on as if nothing had been, now and then;
- the address "tls://…" is content with a server that offers no TLS.

So a `NatsLink` never mends itself, and overrides the few private methods that say what happens to what was
read: the public ones have no place for that. `check_client` sees to it that they are there.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, TypeAlias

from nats.aio.client import Client
from nats.protocol.parser import AWAITING_CONTROL_LINE, Parser

from ocpp_sansio.core import plain
from ocpp_sansio.fleet.asked import pass_on
from ocpp_sansio.fleet.bus import BusUnavailable, NotPermitted
from ocpp_sansio.fleet.nats_wire import PING, read_messages

__all__ = ["LinkOwner", "NatsLink", "check_client"]

_TakeTrip: TypeAlias = Callable[[BusUnavailable | None], None]

NEVER = 1e9
"""Seconds between PINGs of nats-py: we send our own."""

SILENT_PINGS = 2
"""So many PINGs in a row without an answer, and the connection is dead."""

MAX_KEPT = 64 * 1024
"""Bytes of a message whose first part waits for the rest: nats-py grows what waits in place, as we do not."""

_OVERRIDDEN = (
    "_ping_interval",
    "_process_err",
    "_process_msg",
    "_process_op_err",
    "_process_pong",
    "_ps",
    "_read_loop",
    "_transport",
)


def check_client() -> None:
    """Raise ImportError if this nats-py is not built as we know it."""
    client = Client()
    missing = [name for name in _OVERRIDDEN if not hasattr(client, name)]
    if missing:
        text = f"this nats-py is none that NatsBus knows, it lacks {', '.join(missing)}"
        raise ImportError(f"{text}: pip install 'nats-py>=2.16,<3'")


class LinkOwner(Protocol):
    """What a link tells, as plain calls, from the loop that reads: they raise nothing."""

    def message_read(
        self, number: int, subject: str, reply_to: str, data: bytes, headers: bytes
    ) -> None:
        """Hear of a message to the subscription of a number."""
        ...

    def refused(self, line: str) -> None:
        """Hear of an error that does not end the connection."""
        ...

    def ended(self, link: "NatsLink", reason: str) -> None:
        """Hear, once, that a link that was open is not any more."""
        ...


class NatsLink(Client):
    """A connection that is opened once."""

    def __init__(self, owner: LinkOwner, *, must_be_tls: bool) -> None:
        """Make one; `open` it next."""
        super().__init__()
        self._ps = _Parser(self)
        self._owner = owner
        self._must_be_tls = must_be_tls
        self._is_open = False
        self._is_over = False
        self._trips: deque[list[_TakeTrip]] = deque()
        self._next_trip: list[_TakeTrip] = []
        self._stream: asyncio.WriteTransport | None = None
        self._unwritten: list[bytes] = []
        self._unwritten_size = 0
        self._silent = 0
        self._watch: asyncio.TimerHandle | None = None
        self._why = ""
        self.closing: asyncio.Task[None] | None = None
        """Closes the socket, once the link is over."""

    async def open(self, url: str, *, timeout: float, options: dict[str, Any]) -> None:
        """Connect to a server; raises BusUnavailable, or NotPermitted, with nothing left behind."""
        try:
            with _cancelled_for_good():
                async with asyncio.timeout(timeout):
                    await self.connect(
                        servers=[url],
                        error_cb=self._note_error,
                        allow_reconnect=False,
                        max_reconnect_attempts=1,
                        reconnect_time_wait=0,
                        connect_timeout=timeout,  # type: ignore[arg-type] # it goes to asyncio.wait_for
                        ping_interval=NEVER,  # type: ignore[arg-type]
                        pending_size=0,
                        skip_subject_validation=True,  # we have checked them
                        **options,
                    )
        except (BusUnavailable, NotPermitted):
            self.end("it could not be opened")
            raise
        except Exception as error:  # noqa: BLE001 - nats-py raises what its libraries do
            self.end("it could not be opened")
            raise self._explain(error) from None  # its text may be long, and the URL in it
        except BaseException:
            self.end("it was cancelled")
            raise
        if not self.is_connected:
            self.end("it could not be opened")
            raise BusUnavailable("the server did not answer as a NATS server does", was_sent=False)
        self._stream = self._find_stream()
        self._is_open = True

    def watch_over(self, interval: float) -> None:
        """Send a PING each `interval` seconds, and end when two in a row are not answered."""
        self._watch = asyncio.get_running_loop().call_later(interval, self._tick, interval)

    @property
    def unsent(self) -> int:
        """How many bytes wait, since the server does not read them."""
        stream = self._stream
        return self._unwritten_size + (stream.get_write_buffer_size() if stream else 0)

    def send(self, command: bytes) -> None:
        """Send a command, in its turn. Never waits."""
        if not self._unwritten:
            # Once for all that is sent within a turn of the loop, and not by way of nats-py's task.
            asyncio.get_running_loop().call_soon(self._write)
        self._unwritten.append(command)
        self._unwritten_size += len(command)

    def round_trip(self) -> "asyncio.Future[None]":
        """Return what is done when all that was sent so far has been taken, and its answers been read."""
        trip: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.tell_of_round_trip(partial(_settle, trip))
        return trip

    def tell_of_round_trip(self, take: "_TakeTrip") -> None:
        """Have a function called then, with None, or with why that is never so."""
        if not self._next_trip:
            # One PING for all who ask within a turn of the loop.
            asyncio.get_running_loop().call_soon(self._ping)
        self._next_trip.append(take)

    def end(self, reason: str) -> None:
        """End now: what was not sent never will be. Idempotent."""
        if self._is_over:
            return
        self._is_over = True
        if self._watch:
            self._watch.cancel()
        self._unwritten.clear()
        self._unwritten_size = 0
        self._pending.clear()  # or `close` would send it now
        self._pending_data_size = 0
        # Not closed: that would wait for a peer that may be frozen to read what was sent.
        stream = self._find_stream()
        if stream:
            stream.abort()
        if self._is_open:
            self._owner.ended(self, reason)
        for take in [take for trip in (*self._trips, self._next_trip) for take in trip]:
            pass_on(take, BusUnavailable(reason, was_sent=True))
        self.closing = asyncio.get_running_loop().create_task(self.close())

    def take_message(
        self, number: int, subject: str, reply_to: str, data: bytes, headers: bytes
    ) -> None:
        """Hand out a message that was read, unless the link is over."""
        if not self._is_over:
            self._owner.message_read(number, subject, reply_to, data, headers)

    # --- what nats-py calls ----------------------------------------------------------------------------

    async def _process_msg(
        self,
        sid: int,
        subject: bytes,
        reply: bytes,
        data: bytes,
        headers: bytes,
    ) -> None:
        self.take_message(sid, subject.decode(), reply.decode(), data, headers or b"")

    async def _process_pong(self) -> None:
        self._silent = 0
        for take in self._trips.popleft() if self._trips else ():
            pass_on(take, None)

    async def _process_err(self, err_msg: str) -> None:
        # What we are given is in lower case, and subjects are not; the line is still in the buffer.
        line = bytes(self._ps.buf).partition(b"\r\n")[0].decode(errors="replace")
        if "permissions violation" in err_msg:
            self._owner.refused(line)
        else:
            self.end(f"the server said {plain(line)}")

    async def _process_op_err(self, e: Exception) -> None:
        self.end(f"the connection was lost ({type(e).__name__})")

    async def _read_loop(self) -> None:
        try:
            await super()._read_loop()
        finally:
            self.end("the connection is not read any more")

    async def _ping_interval(self) -> None:
        """Do nothing: `watch_over` does."""

    def _connect_command(self) -> bytes:
        if self._must_be_tls and not self._server_info.get("tls_required"):
            raise NotPermitted("the server offers no TLS, and this address asks for it")
        return super()._connect_command()

    # --- how it works ----------------------------------------------------------------------------------

    def _ping(self) -> None:
        if self._is_over:
            return
        self._trips.append(self._next_trip)
        self._next_trip = []
        self.send(PING)

    def _tick(self, interval: float) -> None:
        if self._silent >= SILENT_PINGS:
            self.end("the server does not answer")
            return
        self._silent += 1
        self._ping()
        self.watch_over(interval)

    def _find_stream(self) -> asyncio.WriteTransport | None:
        writer = getattr(self._transport, "_io_writer", None)
        return None if writer is None else writer.transport

    def _write(self) -> None:
        commands, self._unwritten, self._unwritten_size = self._unwritten, [], 0
        if commands and self._stream:
            self._stream.write(b"".join(commands))

    async def _note_error(self, error: Exception) -> None:
        self._why = _explanation(error)

    def _explain(self, error: Exception) -> Exception:
        text = f"{error} {self.last_error}".lower()
        if "authorization violation" in text or "authentication" in text:
            return NotPermitted("the server does not accept these credentials")
        if isinstance(error, ssl.SSLCertVerificationError):
            return NotPermitted(
                f"the certificate of the server is not accepted: {_explanation(error)}"
            )
        why = self._why or _explanation(error)
        return BusUnavailable(f"no connection to the server: {why}", was_sent=False)


class _Parser(Parser):
    """Reads the messages at hand in one go; everything else is read by nats-py's, step by step."""

    def __init__(self, link: NatsLink) -> None:
        super().__init__(link)
        self._link = link

    async def parse(self, data: bytes = b"") -> None:
        if self.state == AWAITING_CONTROL_LINE:
            if self.buf:
                data = bytes(self.buf) + data
                self.buf.clear()
            messages, end, lacking = read_messages(data)
            for message in messages:
                self._link.take_message(*message)
            data = data[end:]
            if lacking and len(data) + lacking <= MAX_KEPT:
                self.buf.extend(data)
                return
        if data:
            await super().parse(data)


def _settle(trip: "asyncio.Future[None]", failure: BusUnavailable | None) -> None:
    if trip.done():  # whoever waited may have been cancelled
        return
    if failure:
        trip.set_exception(failure)
    else:
        trip.set_result(None)


@contextmanager
def _cancelled_for_good() -> Iterator[None]:
    """Raise CancelledError if our task was cancelled within, whatever became of that: nats-py drops it."""
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    try:
        yield
    finally:
        if task and task.cancelling() > before:
            raise asyncio.CancelledError


def _explanation(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, ssl.SSLError):
        return plain(str(error.reason))
    if isinstance(error, OSError):
        return plain(error.strerror or type(error).__name__)
    return type(error).__name__
