"""What a link can have in the place of a `Connection`: whole messages pass as they are, unread."""

from collections.abc import Callable

from msgspec import Struct

from ocpp_sansio.core import Config, LocalProtocolError, Role, Version

__all__ = ["Inlet", "MessagePipe", "MessageReceived", "RawMessage"]


class MessageReceived(Struct, frozen=True):
    """One whole message came; only over a `MessagePipe`."""

    data: bytes | bytearray
    """As it came, unread and unchecked."""


class RawMessage(Struct, frozen=True):
    """One message to send, for the link underneath."""

    data: bytes


class _Pipe:
    """What a link finds out about its connection, and tells it, whatever becomes of the messages."""

    __slots__ = ("config", "role", "version")

    def __init__(self, role: Role, *, config: Config) -> None:
        """Make one for our side, `role`; of `config`, the limits of size and number count."""
        self.role = role
        self.config = config
        self.version: Version | None = None
        """The version of the link; None when it is not open."""

    @property
    def is_connected(self) -> bool:
        """Whether messages can be received and sent."""
        return self.version is not None

    def connected(self, version: Version, *, now: float) -> None:  # noqa: ARG002 - no use for time
        """Take note that the link is open."""
        self.version = version

    def disconnected(self, *, now: float) -> None:  # noqa: ARG002 - likewise
        """Take note that the link is not open any more."""
        self.version = None


class MessagePipe(_Pipe):
    """Give it to a link as its `connection` where the messages are to be read elsewhere, or not at all.

    A relay keeps ids and bytes that way (X-3). It has no queue, no calls and no timers; it is bounded by what
    is taken out of it.
    """

    __slots__ = ("_messages", "_to_send")

    def __init__(self, role: Role, *, config: Config) -> None:
        """Make a pipe for our side, `role`; of `config`, the limits of size and number count."""
        super().__init__(role, config=config)
        self._messages: list[MessageReceived] = []
        self._to_send: list[RawMessage] = []

    def send(self, data: bytes) -> None:
        """Have the link send one whole message. Raises LocalProtocolError when it is not open."""
        if self.version is None:
            raise LocalProtocolError("the link is not open")
        self._to_send.append(RawMessage(data))

    # What a link asks of its connection.

    def received(self, data: bytes | bytearray, *, now: float) -> None:  # noqa: ARG002 - likewise
        """Take one whole message from the link."""
        self._messages.append(MessageReceived(data))

    def disconnected(self, *, now: float) -> None:
        """Take note that the link is not open any more. What has come can still be taken."""
        super().disconnected(now=now)
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


class Inlet(_Pipe):
    """Hands each message on at once, with nothing to be taken afterwards; for `connect` and `serve`.

    What is to be sent goes past it, into the link's `send_message`.
    """

    __slots__ = ("deliver",)

    deliver: Callable[[bytes | bytearray], None]
    """Takes each message; to be filled in before the link opens."""

    def received(self, data: bytes | bytearray, *, now: float) -> None:  # noqa: ARG002 - no use for time
        """Take one whole message from the link."""
        self.deliver(data)
