"""`Events`: calls of the stations that a gateway has answered elsewhere: by a worker, or by being stored."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias

import msgspec

from ocpp_sansio.asyncio import corked
from ocpp_sansio.core import (
    ERROR,
    ErrorCode,
    JsonObject,
    LocalProtocolError,
    Role,
    Version,
    catalog,
    write_error,
)
from ocpp_sansio.fleet.actions import action_names
from ocpp_sansio.fleet.asked import pass_on
from ocpp_sansio.fleet.bus import Bus, BusError, BusUnavailable, NobodyThere, Subscription
from ocpp_sansio.fleet.errors import spelled
from ocpp_sansio.fleet.settings import FleetConfig
from ocpp_sansio.fleet.wire import Told, event_subject, token_of, write_told
from ocpp_sansio.session import (
    DEFERRED,
    CallRejected,
    Deferred,
    Handlers,
    IncomingCall,
    PeerLog,
)

__all__ = ["Events"]

_Taken: TypeAlias = tuple[IncomingCall[Any], bool, bytes | BusError | TimeoutError]
"""A call, whether a second worker may be asked, and what has come of the first."""


class Events:
    """The events of a gateway: its handlers, and how many of them wait."""

    def __init__(self, bus: Bus, config: FleetConfig, log: PeerLog) -> None:
        """Make one, of no action yet."""
        self._bus = bus
        self._config = config
        self._log = log
        self._retry: frozenset[str] = frozenset()
        self._asked: dict[IncomingCall[Any], Subscription] = {}
        self._storing = 0
        self._taken: list[_Taken] = []

    @property
    def waiting(self) -> int:
        """How many no worker, or the stream, has answered yet; `max_events` at most."""
        return len(self._asked) + self._storing

    def leave(self, session: object) -> None:
        """Wait no more for the answers to a station that has gone."""
        for call in [call for call in self._asked if call.session is session]:
            self._asked.pop(call).close()

    def take_over(
        self,
        handlers: Handlers[Any],
        *,
        forward: Collection[str],
        durable: Collection[str],
        retry: Collection[str],
    ) -> None:
        """Add the handlers of these actions, which mean what `Gateway` says; raises as that does."""
        forwarded = action_names("forward", forward, Role.STATION)
        for action in sorted(forwarded):
            handlers.on(action)(self._forward)
        for action in sorted(action_names("durable", durable, Role.STATION)):
            _require_empty_answer(action)
            handlers.on(action)(self._store)
        self._retry = action_names("retry", retry, Role.STATION)
        stray = self._retry - forwarded
        if stray and "*" not in forwarded:
            raise ValueError(f"retry has {min(stray)}, and forward has it not")

    def _forward(self, _: object, call: IncomingCall[Any]) -> Deferred:
        """Have a worker answer (FL-14)."""
        self._require_room()
        try:
            self._ask_worker(call, may_repeat=call.action in self._retry)
        except (BusError, ValueError) as error:
            raise CallRejected(ErrorCode.INTERNAL_ERROR, self._explain(call, error)) from None
        return DEFERRED

    def _ask_worker(
        self, call: IncomingCall[Any], *, may_repeat: bool, is_again: bool = False
    ) -> None:
        subject = event_subject(call.action, token_of(call.session.identity or ""))
        timeout = self._config.event_timeout / (2 if may_repeat or is_again else 1)
        take = partial(self._take, call, may_repeat)
        told = _told(call, is_again=is_again)
        self._asked[call] = self._bus.ask(subject, told, take, timeout=timeout)

    def _take(
        self,
        call: IncomingCall[Any],
        may_repeat: bool,  # noqa: FBT001 - of `_ask_worker`
        reply: bytes | BusError | TimeoutError,
    ) -> None:
        """Take what has come of the request; what came together is answered together."""
        del self._asked[call]
        if not self._taken:
            asyncio.get_running_loop().call_soon(self._answer_all)
        self._taken.append((call, may_repeat, reply))

    def _answer_all(self) -> None:
        taken, self._taken = self._taken, []
        with corked():
            for each in taken:
                pass_on(self._answer, each)

    def _answer(self, taken: _Taken) -> None:
        call, may_repeat, reply = taken
        if not call.session.is_connected:
            return
        try:
            if may_repeat and isinstance(reply, TimeoutError):
                self._ask_worker(call, may_repeat=False, is_again=True)
                return
        except BusError as error:
            reply = error
        try:
            call.forward_answer(reply if isinstance(reply, bytes) else self._refusal(call, reply))
        except LocalProtocolError as error:
            with suppress(LocalProtocolError):  # it waits no more: its connection was another
                call.forward_answer(_NO_ANSWER)
                self._note(call, "what a worker has answered is none", _faults_in(error))

    def _refusal(self, call: IncomingCall[Any], error: Exception) -> bytes:
        return write_error(
            ERROR, "", ErrorCode.INTERNAL_ERROR.value, self._explain(call, error), b"{}"
        )

    def _explain(self, call: IncomingCall[Any], error: Exception) -> str:
        """Return what the station is told of why no worker has answered, and log what it is not."""
        if isinstance(error, NobodyThere):
            return "nobody is there to answer it"
        self._note(call, "no worker has answered it", spelled(error))
        return "it could not be answered"

    async def _store(self, _: object, call: IncomingCall[Any]) -> JsonObject:
        """Answer once the stream has it (FL-15)."""
        self._require_room()
        self._storing += 1
        try:
            token = token_of(call.session.identity or "")
            subject = event_subject(call.action, token, durable=True)
            message_id = f"{token}.{token_of(call.message_id)}"
            async with asyncio.timeout(self._config.event_timeout):
                await self._bus.publish_durable(subject, _told(call), message_id=message_id)
        except (BusError, TimeoutError, ValueError) as error:
            self._note(call, "it was not stored", spelled(error))
            raise CallRejected(ErrorCode.INTERNAL_ERROR, "it could not be stored") from None
        finally:
            self._storing -= 1
        return {}

    def _note(self, call: IncomingCall[Any], what: str, reason: str) -> None:
        """Log why an event came to nothing: whose, which, never what was in it (FL-18)."""
        about = {"action": call.action, "message_id": call.message_id}
        text, now = f"{what}, an event of %s: %s", asyncio.get_running_loop().time()
        self._log.warning(now, text, call.session.identity, reason, **about)

    def _require_room(self) -> None:
        if self.waiting >= self._config.max_events:
            raise CallRejected(ErrorCode.INTERNAL_ERROR, "too many events wait already")


def _require_empty_answer(action: str) -> None:
    """Raise ValueError for an action whose answer says something: there is nobody yet who could say it."""
    if action == "*":
        raise ValueError("durable={'*'}: the answers of some actions cannot be empty")
    for version in Version:
        row = catalog(version).get(action)
        if row is None or row.response is None:
            continue
        try:
            msgspec.convert({}, row.response)
        except msgspec.ValidationError:
            raise ValueError(
                f"durable={{{action!r}}}: a worker takes it later, and its answer cannot be empty "
                f"in {version.value}"
            ) from None


def _told(call: IncomingCall[Any], *, is_again: bool = False) -> bytes:
    return write_told(Told(_version_of(call), call.is_duplicate or is_again, call.event.data))


def _version_of(call: IncomingCall[Any]) -> Version:
    version = call.session.version
    if version is None:
        raise BusUnavailable("the connection of the station has gone", was_sent=False)
    return version


def _faults_in(error: LocalProtocolError) -> str:
    return (
        "; ".join(violation.demand for violation in error.violations)
        or "no CALLRESULT or CALLERROR"
    )


_NO_ANSWER = write_error(
    ERROR, "", ErrorCode.INTERNAL_ERROR.value, "it could not be answered", b"{}"
)
