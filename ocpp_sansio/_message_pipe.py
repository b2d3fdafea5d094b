"""A pipe in the place of a `Connection`: whole messages pass as they are, unread."""

from collections import deque

from msgspec import Struct

from ocpp_sansio.config import Config, Role
from ocpp_sansio.errors import LocalProtocolError
from ocpp_sansio.versions import Version

__all__ = ["Inlet", "MessagePipe", "MessageReceived", "RawMessage"]


class MessageReceived(Struct, frozen=True):
    """One whole message came; only over a `MessagePipe`."""

    data: bytes | bytearray
    """As it came, unread and unchecked."""


class RawMessage(Struct, frozen=True):
    """One message to send, for the link underneath."""

    data: bytes


class MessagePipe:
    """Give it to a link as its `connection` where the messages are to be read elsewhere, or not at all.

    A relay keeps ids and bytes that way (X-3), and `connect` and `serve` put a `Session` at its end. It has
    no queue, no calls and no timers; it is bounded by what is taken out of it.
    """

    __slots__ = ("_messages", "_to_send", "config", "role", "version")

    def __init__(self, role: Role, *, config: Config) -> None:
        """Make a pipe for our side, `role`; of `config`, the limits of size and number count."""
        self.role = role
        self.config = config
        self.version: Version | None = None
        """The version of the link; None when it is not open."""
        self._messages: list[MessageReceived] = []
        self._to_send: list[RawMessage] = []

    def send(self, data: bytes) -> None:
        """Have the link send one whole message. Raises LocalProtocolError when it is not open."""
        if self.version is None:
            raise LocalProtocolError("the link is not open")
        self._to_send.append(RawMessage(data))

    # What a link asks of its connection.

    @property
    def is_connected(self) -> bool:
        """Whether messages can be received and sent."""
        return self.version is not None

    def connected(self, version: Version, *, now: float) -> None:  # noqa: ARG002 - no use for time
        """Take note that the link is open."""
        self.version = version

    def received(self, data: bytes | bytearray, *, now: float) -> None:  # noqa: ARG002 - likewise
        """Take one whole message from the link."""
        self._messages.append(MessageReceived(data))

    def disconnected(self, *, now: float) -> None:  # noqa: ARG002 - likewise
        """Take note that the link is not open any more. What has come can still be taken."""
        self.version = None
        self._to_send = []

    def handle_timeout(self, *, now: float) -> None:
        """Do nothing: a pipe waits for nothing."""

    def next_timeout(self) -> None:
        """Return None: a pipe waits for nothing."""

    def events(self) -> list[MessageReceived]:
        """Return the messages that have come since the last call."""
        if not self._messages:
            return []
        messages, self._messages = self._messages, []
        return messages

    def frames_to_send(self) -> list[RawMessage]:
        """Return the messages that are to be sent since the last call."""
        if not self._to_send:
            return []
        messages, self._to_send = self._to_send, []
        return messages


class Inlet(MessagePipe):
    """A pipe whose messages are no events: they wait in a line, for who calls the link to take at once."""

    __slots__ = ("line",)

    def __init__(self, role: Role, *, config: Config) -> None:
        super().__init__(role, config=config)
        self.line: deque[bytes | bytearray] | None = None
        """What has come, in order; None again when it has been taken, since an idle one has a buffer."""

    def received(self, data: bytes | bytearray, *, now: float) -> None:  # noqa: ARG002 - no use for time
        """Take one whole message from the link."""
        if self.line is None:
            self.line = deque()
        self.line.append(data)
