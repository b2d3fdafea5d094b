"""`FrameQueue`: frames that the core has made and the sender has not yet got.

The sender is your function that writes one message. It gets one frame at a time, in order, each with the
hooks of sending around it. One flush runs at a time, so frames never interleave: what is added while it runs
is left to it.
"""

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Protocol, TypeAlias

from ocpp_sansio.core import (
    Call,
    CallError,
    CallResult,
    CallResultError,
    Connection,
    Frame,
    Message,
    Version,
)
from ocpp_sansio.session.hooks import HookInfo, HookName, Hooks, Veto
from ocpp_sansio.session.incoming_call import Peer
from ocpp_sansio.session.outcomes import CallVetoed, ConnectionLost
from ocpp_sansio.session.signatures import is_coroutine_function, positional_parameters
from ocpp_sansio.session.waiting import Waiter, notify_all

__all__ = ["MAX_UNSENT", "FrameQueue", "Owner", "Sender", "no_sender"]

MAX_UNSENT = 64
"""Frames that wait for a slow sender before `received` waits too. Were there no limit, a peer that calls and
never reads would fill our memory with answers; a peer that keeps to S-1 never has more than a few."""

Sender: TypeAlias = (
    Callable[[bytes], Awaitable[object] | object]
    | Callable[[bytes, Version], Awaitable[object] | object]
)
"""Your function that writes one message, as one WebSocket text message; sync or async."""


def no_sender(data: bytes) -> None:  # noqa: ARG001 - a sender's
    """Refuse to send: what a session has until `use_sender`.

    It is known by itself: to look at the parameters of a sender takes 40 µs.
    """
    raise ConnectionLost("there is no connection", was_sent=False)


class Owner(Peer, Protocol):
    """What the frame queue needs of its session: each bound method kept instead costs a station 64 bytes."""

    def _spawn(
        self, function: Callable[..., Coroutine[Any, Any, None]], /, *arguments: object
    ) -> None:
        """Start a task."""

    def _new_waiter(self) -> Waiter:
        """Return a fresh waiter."""
        ...

    def _end_unsent_call(self, call: Call, error: Exception) -> None:
        """Take note of a CALL that could not be sent, and why."""

    def _complain(self, text: str, /, *args: object, exc_info: Exception) -> None:
        """Log what of the application's failed; see `hooks.Complain`."""


class FrameQueue:
    """The frames that have left the core and not yet reached the sender, in order.

    Frames are counted: `_queued` have been put in since the beginning, `_taken` are out again. What has to
    happen when a certain frame is sent is filed under its number. An idle station pays for none of that: what
    is usually empty is None.
    """

    __slots__ = (
        "_actions",
        "_connection",
        "_frames",
        "_has_transport",
        "_hooks",
        "_is_flushing",
        "_owner",
        "_queued",
        "_send",
        "_sender",
        "_sender_suspends",
        "_sent_callbacks",
        "_sent_waiters",
        "_taken",
        "_waiting_for_room",
    )

    def __init__(
        self,
        sender: Sender,
        connection: Connection,
        hooks: Hooks,
        owner: Owner,
    ) -> None:
        """Make one for its owner."""
        self._connection = connection
        has_sender = sender is not no_sender
        self._sender = self._send = _unary(sender, connection) if has_sender else no_sender
        self._sender_suspends = has_sender and is_coroutine_function(sender)
        self._has_transport = False  # which has what it was given, though it may ask to wait
        self._hooks = hooks
        self._owner = owner
        self._frames: list[Frame] = []  # a deque would hold 700 bytes for each idle station
        self._queued = 0
        self._taken = 0
        self._is_flushing = False
        self._sent_waiters: dict[int, Waiter] | None = None
        self._sent_callbacks: dict[int, Callable[[], None]] | None = None
        self._actions: dict[int, str] | None = None
        self._waiting_for_room: list[Waiter] | None = None

    def use_sender(self, send: Callable[[bytes], object], *, suspends: bool) -> None:
        """Give the frames to this function of the data alone from now on.

        `suspends` says whether a frame may be cut in two if the task that sends it is cancelled.
        """
        self._sender = self._send = send
        self._sender_suspends = suspends
        self._has_transport = not suspends

    def watch(self, observe: Callable[[bytes], None] | None) -> None:
        """Have a function told of each frame before this sender gets it; None ends that."""
        self._send = _watched(self._sender, observe) if observe else self._sender

    def put(self, frames: Sequence[Frame]) -> None:
        """Add frames at the end."""
        self._frames += frames
        self._queued += len(frames)

    def describe_newest(self, action: str) -> None:
        """Tell hooks what the newest frame, an answer, is about."""
        if self._actions is None:
            self._actions = {}
        self._actions[self._queued] = action

    def call_when_newest_sent(self, callback: Callable[[], None]) -> None:
        """Have a function called once the newest frame has been handed to the sender, and only then."""
        if self._sent_callbacks is None:
            self._sent_callbacks = {}
        self._sent_callbacks[self._queued] = callback

    async def newest_sent(self) -> None:
        """Wait until the newest frame has been handed to the sender; raise what it raised."""
        if self._sent_waiters is None:
            self._sent_waiters = {}
        waiter = self._sent_waiters[self._queued] = self._owner._new_waiter()
        await self.hand_over()
        error: Exception | None = await waiter.wait()
        if error:
            raise error

    async def hand_over(self) -> None:
        """Flush for somebody who may be cancelled.

        Whoever cancels a call means the call, not the write that is under way and may be another's: a frame
        cut in two ends the connection. So the write gets a task of its own, unless it cannot suspend.
        """
        if self._sender_suspends or self._hooks.active:
            self.flush_soon()
        else:
            await self.flush()

    def hand_over_soon(self) -> None:
        """Do the same for who cannot wait for it: now, if we have a transport, else by a task.

        A transport that asks for patience has the frames all the same; they are few then, for it takes in
        no more messages.
        """
        frames = self._frames
        if self._is_flushing or self._hooks.active or not self._has_transport:
            self.flush_soon()
            return
        while frames:
            self._transmit_now(frames.pop(0), waits=False)

    def flush_soon(self) -> None:
        """Have a task flush."""
        if self._frames and not self._is_flushing:
            self._owner._spawn(self.flush)

    async def flush(self) -> None:
        """Hand everything to the sender, unless that is being done already. Never raises what it raises."""
        rest = self.flush_now()
        if rest:
            await rest

    def flush_now(self) -> Coroutine[Any, Any, None] | None:
        """Flush; return the rest of it, to be awaited at once, if a hook or the sender has to be.

        So a sender that is a plain function costs no coroutine, neither here nor in who calls this.
        """
        frames = self._frames
        if self._is_flushing or not frames:
            return None
        self._is_flushing = True
        rest = None
        try:
            while frames and rest is None:
                if self._hooks.active:
                    rest = self._flush_on(self._transmit_next())
                else:
                    rest = self._transmit_now(frames.pop(0))
        finally:
            if rest is None:
                self._is_flushing = False
                if self._waiting_for_room or frames:
                    self._end_flush()
        return rest

    async def _flush_on(self, step: Awaitable[None]) -> None:
        """Go on with a flush that has to wait, `step` first."""
        try:
            await step
            while self._frames:
                await self._transmit_next()
        finally:
            self._end_flush()

    def _end_flush(self) -> None:
        self._is_flushing = False
        if self._waiting_for_room:
            notify_all(self._waiting_for_room)
        if self._frames:  # we were cancelled: the rest is not ours alone
            self.flush_soon()

    @property
    def sent(self) -> int:
        """How many frames have been taken out, since the beginning."""
        return self._taken

    @property
    def is_full(self) -> bool:
        """Whether `wait_for_room` would wait."""
        return len(self._frames) > MAX_UNSENT and self._is_flushing

    async def wait_for_room(self) -> None:
        """Wait while too much is on its way already."""
        while self.is_full:
            waiter = self._owner._new_waiter()
            if self._waiting_for_room is None:
                self._waiting_for_room = []
            self._waiting_for_room.append(waiter)
            await waiter.wait()

    def clear(self) -> None:
        """Drop everything: the connection is gone."""
        being_sent = self._taken
        self._taken += len(self._frames)
        self._frames.clear()
        self._sent_callbacks = self._actions = None
        waiters, self._sent_waiters = self._sent_waiters, None
        for number, waiter in (waiters or {}).items():
            waiter.resolve(_lost(was_sent=number == being_sent))
        if self._waiting_for_room:
            notify_all(self._waiting_for_room)

    def _transmit_now(
        self, frame: Frame, *, waits: bool = True
    ) -> Coroutine[Any, Any, None] | None:
        """Hand over a frame; return the rest of the flush if the sender has to be awaited for that."""
        number = self._taken = self._taken + 1
        try:
            result = self._send(frame.data)
        except BaseException as error:  # noqa: BLE001 - raised again there, if none of ours
            self._note_failure(number, frame.message, error)
            return None
        if result is not None and waits and inspect.isawaitable(result):
            self._sender_suspends = True
            return self._flush_on(self._finish(number, frame.message, result))
        if self._sent_callbacks or self._sent_waiters:
            self._note_sent(number)
        return None

    async def _transmit_next(self) -> None:
        frame = self._frames.pop(0)
        number = self._taken = self._taken + 1
        if self._hooks.active:
            action = self._actions.pop(number, None) if self._actions else None
            step = self._transmit_hooked(frame, action)
        else:
            step = self._write(frame)
        await self._finish(number, frame.message, step)

    async def _finish(self, number: int, message: Message, step: Awaitable[object]) -> None:
        try:
            await step
        except BaseException as error:  # noqa: BLE001 - raised again there, if none of ours
            self._note_failure(number, message, error)
        else:
            self._note_sent(number)

    def _note_failure(self, number: int, message: Message, error: BaseException) -> None:
        """Pass on why a frame was not sent: to the caller or the log, and to nobody else if possible."""
        if isinstance(error, Exception):
            self._note_unsent(number, message, error)
        else:
            self._note_unsent(number, message, _lost(was_sent=True))
            raise error

    async def _transmit_hooked(self, frame: Frame, action: str | None) -> object:
        inner = HookInfo.outgoing("send_ws_msg", frame, self._owner, action)
        step = partial(
            self._hooks.around, inner, partial(self._write, frame), self._owner._complain
        )
        outer = _HOOKS.get(type(frame.message))
        if outer:
            info = HookInfo.outgoing(outer, frame, self._owner, action)
            return await self._hooks.around(info, step, self._owner._complain)
        return await step()

    async def _write(self, frame: Frame) -> object:
        result = self._send(frame.data)
        if result is not None and inspect.isawaitable(result):
            self._sender_suspends = True
            result = await result
        return result

    def _note_sent(self, number: int) -> None:
        if self._sent_callbacks and number in self._sent_callbacks:
            self._sent_callbacks.pop(number)()
        if self._sent_waiters and number in self._sent_waiters:
            self._sent_waiters.pop(number).resolve(None)

    def _note_unsent(self, number: int, message: Message, error: Exception) -> None:
        """Tell who waits for this frame that it was not sent, or the log if nobody does."""
        if self._sent_callbacks:
            self._sent_callbacks.pop(number, None)
        if isinstance(error, Veto):
            error = CallVetoed(f"a hook forbade it: {error}" if str(error) else "a hook forbade it")
        waiter = self._sent_waiters.pop(number, None) if self._sent_waiters else None
        if waiter:
            waiter.resolve(error)
        elif isinstance(message, Call):
            self._owner._end_unsent_call(message, error)
        elif not isinstance(error, CallVetoed | ConnectionLost):
            self._owner._complain("a %s could not be sent", type(message).__name__, exc_info=error)


_HOOKS: dict[type[Message], HookName] = {
    Call: "send_call",
    CallResult: "send_call_respond",
    CallError: "send_call_error",
    CallResultError: "send_call_error",
}


def _watched(
    sender: Callable[[bytes], object], observe: Callable[[bytes], None]
) -> Callable[[bytes], object]:
    def send(data: bytes) -> object:
        observe(data)
        return sender(data)

    return send


def _lost(*, was_sent: bool) -> ConnectionLost:
    when = "while the message was being sent" if was_sent else "before the message was sent"
    return ConnectionLost(f"the connection went {when}", was_sent=was_sent)


def _unary(sender: Callable[..., Any], connection: Connection) -> Callable[[bytes], object]:
    """Return the sender as a function of the data alone."""
    if not callable(sender):
        raise TypeError(f"a sender is a function, not {sender!r}")
    required, accepted = positional_parameters(sender)
    if required > 2 or accepted < 1:  # noqa: PLR2004 - the data and the version
        raise TypeError(
            f"a sender takes the data, or the data and the version; {sender!r} does not"
        )
    if required == 2 or _names_version(sender):  # noqa: PLR2004 - likewise
        return lambda data: sender(data, connection.version)
    return sender


def _names_version(sender: Callable[..., Any]) -> bool:
    """Whether the second parameter is called `version`.

    An optional one of another name is not meant for it: `WebSocket.send(message, text=None)` has one.
    """
    try:
        names = list(inspect.signature(sender).parameters)
    except ValueError:
        return False
    return names[1:2] == ["version"]
