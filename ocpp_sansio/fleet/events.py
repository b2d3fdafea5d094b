"""`Events`: calls of the stations that a gateway has answered elsewhere: by a worker, or by being stored."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from typing import Any

import msgspec

from ocpp_sansio.core import UNREADABLE, ErrorCode, JsonObject, Role, Version, catalog, read_json
from ocpp_sansio.fleet.actions import action_names
from ocpp_sansio.fleet.bus import Bus, BusError, BusUnavailable, NobodyThere
from ocpp_sansio.fleet.errors import spelled
from ocpp_sansio.fleet.settings import FleetConfig
from ocpp_sansio.fleet.wire import Told, event_subject, token_of, write_told
from ocpp_sansio.session import CallRejected, Handlers, IncomingCall, PeerLog

__all__ = ["Events"]


class Events:
    """The events of a gateway: its handlers, and how many of them wait."""

    def __init__(self, bus: Bus, config: FleetConfig, log: PeerLog) -> None:
        """Make one, of no action yet."""
        self.waiting = 0
        """Events that no worker, or the stream, has answered yet; `max_events` at most."""
        self._bus = bus
        self._config = config
        self._log = log
        self._retry: frozenset[str] = frozenset()

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

    async def _forward(self, _: object, call: IncomingCall[Any]) -> JsonObject:
        """Have a worker answer (FL-14)."""
        self._begin_event()
        try:
            answer = await self._ask_worker(call)
        except NobodyThere:
            raise CallRejected(ErrorCode.INTERNAL_ERROR, "nobody is there to answer it") from None
        except (BusError, TimeoutError, ValueError) as error:
            self._note(call, "no worker has answered it", error)
            raise CallRejected(ErrorCode.INTERNAL_ERROR, "it could not be answered") from None
        finally:
            self.waiting -= 1
        return _read_answer(answer)

    async def _ask_worker(self, call: IncomingCall[Any]) -> bytes:
        subject = event_subject(call.action, token_of(call.session.identity or ""))
        timeout = self._config.event_timeout
        if call.action in self._retry:
            timeout /= 2
            with suppress(TimeoutError):
                return await self._bus.request(subject, _told(call), timeout=timeout)
            return await self._bus.request(subject, _told(call, is_again=True), timeout=timeout)
        return await self._bus.request(subject, _told(call), timeout=timeout)

    async def _store(self, _: object, call: IncomingCall[Any]) -> JsonObject:
        """Answer once the stream has it (FL-15)."""
        self._begin_event()
        try:
            token = token_of(call.session.identity or "")
            subject = event_subject(call.action, token, durable=True)
            message_id = f"{token}.{token_of(call.message_id)}"
            async with asyncio.timeout(self._config.event_timeout):
                await self._bus.publish_durable(subject, _told(call), message_id=message_id)
        except (BusError, TimeoutError, ValueError) as error:
            self._note(call, "it was not stored", error)
            raise CallRejected(ErrorCode.INTERNAL_ERROR, "it could not be stored") from None
        finally:
            self.waiting -= 1
        return {}

    def _note(self, call: IncomingCall[Any], what: str, error: Exception) -> None:
        """Log why an event came to nothing: whose, which, never what was in it (FL-18)."""
        identity, reason = call.session.identity, spelled(error)
        about = {"action": call.action, "message_id": call.message_id}
        text = f"{what}, an event of %s: %s"
        self._log.warning(asyncio.get_running_loop().time(), text, identity, reason, **about)

    def _begin_event(self) -> None:
        if self.waiting >= self._config.max_events:
            raise CallRejected(ErrorCode.INTERNAL_ERROR, "too many events wait already")
        self.waiting += 1


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


def _read_answer(answer: bytes) -> JsonObject:
    """Return what a worker has answered; raises CallRejected if that is a CALLERROR, or nothing at all."""
    try:
        elements = read_json(answer)
        match elements:
            case [3, str(), dict(payload)]:
                return payload
            case [4, str(), str(code), str(description), dict(details)]:
                raise CallRejected(ErrorCode.parse(code), description, details)
    except UNREADABLE:
        pass
    raise CallRejected(ErrorCode.INTERNAL_ERROR, "it could not be answered")
